/* The file is parsed in place: quoted fields shrink, so that every field can be closed by
 * a NUL where its separator was, and a cell is a pointer into the one buffer. */
#include "core/cmd/csv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct csv {
  char *name;
  char *text;    /* the whole file and a NUL */
  char **cells;  /* header first, then the records */
  size_t *lines; /* where each record begins, the header's too */
  size_t n_cells, room_cells;
  size_t n_records, room_lines;
  size_t columns;
};

void
csv_destroy (struct csv **pointer)
{
  struct csv *csv = *pointer;
  if (!csv)
    return;
  free (csv->name);
  free (csv->text);
  free (csv->cells);
  free (csv->lines);
  free (csv);
  *pointer = NULL;
}

/* Doubles the room of an array when it is full: reading stays linear in the file. */
static int
grow (void *array, size_t n, size_t *room, size_t size)
{
  void **p = array;
  if (n < *room)
    return GYM_OK;
  size_t more = *room ? *room * 2 : 64;
  void *bigger = realloc (*p, more * size);
  if (!bigger)
    return GYM_ENOMEM;
  *p = bigger;
  *room = more;
  return GYM_OK;
}

static int
add_cell (struct csv *csv, char *cell, gym_error *err)
{
  if (grow (&csv->cells, csv->n_cells, &csv->room_cells, sizeof *csv->cells) < 0)
    return gym_fail (err, GYM_ENOMEM, "%s: out of memory", csv->name);
  csv->cells[csv->n_cells++] = cell;
  return GYM_OK;
}

static int
add_record (struct csv *csv, size_t line, gym_error *err)
{
  if (grow (&csv->lines, csv->n_records, &csv->room_lines, sizeof *csv->lines) < 0)
    return gym_fail (err, GYM_ENOMEM, "%s: out of memory", csv->name);
  csv->lines[csv->n_records++] = line;
  return GYM_OK;
}

/* Where the parser stands; `line` counts the line feeds, those in quotes too. */
struct reader {
  struct csv *csv;
  char *at, *end;
  size_t line;
};

/* A field in quotes (RFC 4180, section 2, rules 5 to 7): takes the quotes off and halves
 * the doubled ones. Leaves `at` behind the closing quote and gives the end of the shrunk
 * text. */
static int
quoted_field (struct reader *r, char **cell, char **close, gym_error *err)
{
  char *to = ++r->at;
  size_t first = r->line;
  *cell = to;
  for (; r->at < r->end; r->at++) {
    if (*r->at == '"' && r->at + 1 < r->end && r->at[1] == '"')
      r->at++;
    else if (*r->at == '"')
      break;
    r->line += *r->at == '\n';
    *to++ = *r->at;
  }
  if (r->at >= r->end)
    return gym_fail (err, GYM_EINVAL, "%s:%zu: a quoted field is not closed by a \"",
                     r->csv->name, first);
  r->at++;
  *close = to;
  if (r->at < r->end && !strchr (",\r\n", *r->at))
    return gym_fail (
        err, GYM_EINVAL,
        "%s:%zu: found \"%c\" after a closing quote; expected a comma or the "
        "end of the line",
        r->csv->name, r->line, *r->at);
  return GYM_OK;
}

/* A field without quotes, which may hold anything but what separates. */
static int
bare_field (struct reader *r, char **cell, char **close, gym_error *err)
{
  *cell = r->at;
  while (r->at < r->end && !strchr (",\r\n\"", *r->at))
    r->at++;
  *close = r->at;
  if (r->at < r->end && *r->at == '"')
    return gym_fail (err, GYM_EINVAL,
                     "%s:%zu: found a \" inside a field that does not begin with one",
                     r->csv->name, r->line);
  return GYM_OK;
}

/* Passes a separator: 1 when the record goes on, 0 at its end. */
static int
pass_separator (struct reader *r, gym_error *err)
{
  if (r->at >= r->end)
    return 0;
  char found = *r->at++;
  if (found == ',')
    return 1;
  if (found == '\r' && (r->at >= r->end || *r->at++ != '\n'))
    return gym_fail (
        err, GYM_EINVAL,
        "%s:%zu: found a carriage return that is not followed by a line feed",
        r->csv->name, r->line);
  r->line++;
  return 0;
}

static int
read_record (struct reader *r, gym_error *err)
{
  struct csv *csv = r->csv;
  size_t before = csv->n_cells, line = r->line, fields;
  int more = 1;
  while (more > 0) {
    char *cell, *close = NULL;
    int code = r->at < r->end && *r->at == '"' ? quoted_field (r, &cell, &close, err)
                                               : bare_field (r, &cell, &close, err);
    if (code < 0 || (code = add_cell (csv, cell, err)) < 0)
      return code;
    more = pass_separator (r, err);
    *close = '\0'; /* the separator has been read: its place is free */
  }
  if (more < 0)
    return more;
  fields = csv->n_cells - before;
  if (csv->n_records == 0)
    csv->columns = fields;
  else if (fields != csv->columns)
    return gym_fail (err, GYM_EINVAL, "%s:%zu: found %zu field%s; the header has %zu",
                     csv->name, line, fields, fields == 1 ? "" : "s", csv->columns);
  return add_record (csv, line, err);
}

/* Two columns of one name cannot be told apart by --where or in the output. */
static int
check_header (const struct csv *csv, gym_error *err)
{
  for (size_t i = 0; i < csv->columns; i++) {
    if (csv->cells[i][0] == '\0')
      return gym_fail (err, GYM_EINVAL, "%s:1: column %zu has no name", csv->name, i + 1);
    for (size_t j = 0; j < i; j++)
      if (strcmp (csv->cells[i], csv->cells[j]) == 0)
        return gym_fail (err, GYM_EINVAL, "%s:1: two columns are named \"%s\"", csv->name,
                         csv->cells[i]);
  }
  return GYM_OK;
}

static int
read_records (struct csv *csv, size_t n, gym_error *err)
{
  struct reader reader = { .csv = csv, .at = csv->text, .end = csv->text + n, .line = 1 };
  const char *nul = memchr (csv->text, '\0', n);
  if (nul)
    return gym_fail (err, GYM_EINVAL, "%s: found a NUL byte at offset %zu: not a text",
                     csv->name, (size_t)(nul - csv->text));
  if (n >= 3 && memcmp (csv->text, "\xEF\xBB\xBF", 3) == 0)
    reader.at += 3;
  if (reader.at == reader.end)
    return gym_fail (err, GYM_EINVAL, "%s: empty; expected a header line", csv->name);
  while (reader.at < reader.end) {
    int code = read_record (&reader, err);
    if (code == GYM_OK && csv->n_records == 1)
      code = check_header (csv, err);
    if (code < 0)
      return code;
  }
  return GYM_OK;
}

/* Makes a table from `text`, which it takes over even when it fails. */
static struct csv *
take_text (char *text, size_t n, const char *name, gym_error *err)
{
  struct csv *csv = calloc (1, sizeof *csv);
  if (csv) {
    csv->text = text;
    csv->name = strdup (name);
  } else {
    free (text);
  }
  if (!csv || !csv->name || !text)
    gym_fail (err, GYM_ENOMEM, "%s: out of memory", name);
  else if (read_records (csv, n, err) == GYM_OK)
    return csv;
  csv_destroy (&csv);
  return NULL;
}

struct csv *
csv_parse (const char *text, size_t n, const char *name, gym_error *err)
{
  char *copy = malloc (n + 1);
  if (copy) {
    memcpy (copy, text, n);
    copy[n] = '\0';
  }
  return take_text (copy, n, name, err);
}

/* Everything a stream holds, with a NUL behind it; its length does not count that. */
static char *
slurp (FILE *file, size_t *length)
{
  char *text = malloc (65536);
  size_t room = 65536, n = 0, got;
  while (text && (got = fread (text + n, 1, room - n - 1, file)) > 0) {
    n += got;
    if (room - n > 1)
      continue;
    char *bigger = realloc (text, room *= 2);
    if (!bigger)
      free (text);
    text = bigger;
  }
  if (text)
    text[n] = '\0';
  *length = n;
  return text;
}

struct csv *
csv_read (const char *path, gym_error *err)
{
  bool standard = strcmp (path, "-") == 0;
  FILE *file = standard ? stdin : fopen (path, "rb");
  size_t n;
  if (!file) {
    gym_fail (err, errno == ENOENT ? GYM_ENOTFOUND : GYM_EIO, "%s: %s", path,
              strerror (errno));
    return NULL;
  }
  errno = 0;
  char *text = slurp (file, &n);
  int failed = ferror (file), reason = errno;
  if (!standard)
    fclose (file);
  if (!failed)
    return take_text (text, n, standard ? "standard input" : path, err);
  gym_fail (err, GYM_EIO, "%s: %s", path, strerror (reason));
  free (text);
  return NULL;
}

size_t
csv_columns (const struct csv *csv)
{
  return csv->columns;
}

size_t
csv_rows (const struct csv *csv)
{
  return csv->n_records - 1;
}

const char *
csv_name (const struct csv *csv, size_t column)
{
  return csv->cells[column];
}

const char *
csv_cell (const struct csv *csv, size_t row, size_t column)
{
  return csv->cells[(row + 1) * csv->columns + column];
}

const char *
csv_file (const struct csv *csv)
{
  return csv->name;
}

size_t
csv_line (const struct csv *csv, size_t row)
{
  return csv->lines[row + 1];
}

int
csv_find (const struct csv *csv, const char *name)
{
  for (size_t i = 0; i < csv->columns; i++)
    if (strcmp (csv->cells[i], name) == 0)
      return (int)i;
  return -1;
}

/* RFC 4180, section 2, rules 5 to 7: quotes only where they are needed. */
void
csv_write (FILE *out, const char *text)
{
  if (!strpbrk (text, ",\"\r\n")) {
    fputs (text, out);
    return;
  }
  fputc ('"', out);
  for (; *text; text++) {
    if (*text == '"')
      fputc ('"', out);
    fputc (*text, out);
  }
  fputc ('"', out);
}
