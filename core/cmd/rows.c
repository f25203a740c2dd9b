/* Rows of named fields: see common.h. */
#include "core/cmd/common.h"
#include "core/cmd/csv.h"

/* RFC 8259, section 7: only quotes, backslashes and control characters need escapes;
 * the rest is UTF-8 as it came. */
static void
json_string (FILE *out, const char *text)
{
  fputc ('"', out);
  for (; *text; text++) {
    unsigned char c = (unsigned char)*text;
    if (c == '"' || c == '\\')
      fprintf (out, "\\%c", c);
    else if (c < 0x20)
      fprintf (out, "\\u%04x", c);
    else
      fputc (c, out);
  }
  fputc ('"', out);
}

void
cmd_rows_begin (struct cmd_rows *rows, const char *const *names, size_t n)
{
  rows->rows = 0;
  rows->fields = 0;
  if (rows->format == CMD_JSON) {
    fputc ('[', rows->file);
    return;
  }
  for (size_t i = 0; i < n; i++) {
    if (i > 0)
      fputc (',', rows->file);
    csv_write (rows->file, names[i]);
  }
  fputc ('\n', rows->file);
}

void
cmd_rows_field (struct cmd_rows *rows, const char *name, const char *text, bool number)
{
  bool empty = !text || !text[0];
  if (rows->format == CMD_CSV) {
    if (rows->fields++ > 0)
      fputc (',', rows->file);
    csv_write (rows->file, empty ? "" : text);
    return;
  }
  if (empty)
    return;
  fputs (rows->fields++ > 0 ? ", " : rows->rows > 0 ? ",\n{" : "\n{", rows->file);
  json_string (rows->file, name);
  fputs (": ", rows->file);
  if (number)
    fputs (text, rows->file);
  else
    json_string (rows->file, text);
}

/* A row without any field is an empty object. */
void
cmd_rows_next (struct cmd_rows *rows)
{
  if (rows->format == CMD_CSV)
    fputc ('\n', rows->file);
  else
    fputs (rows->fields > 0 ? "}" : rows->rows > 0 ? ",\n{}" : "\n{}", rows->file);
  rows->rows++;
  rows->fields = 0;
}

void
cmd_rows_end (struct cmd_rows *rows)
{
  if (rows->format == CMD_JSON)
    fputs ("\n]\n", rows->file);
}
