/* core/dataset_csv.c - a data set as comma-separated values (RFC 4180, lines end in LF).
 */
#include <config.h>

#include "core/dataset_inside.h"

#include "core/text.h"

/* A field as it is written: quoted where it holds a separator, a quote or a line end.
 * An empty text is quoted, to tell it from no value. */
static void
add_field (struct gym_text *out, const char *value)
{
  if (*value && !value[strcspn (value, ",\"\r\n")]) {
    gym_text_puts (out, value);
    return;
  }
  gym_text_add (out, "\"", 1);
  for (const char *c = value; *c; c++)
    gym_text_add (out, *c == '"' ? "\"\"" : c, *c == '"' ? 2 : 1);
  gym_text_add (out, "\"", 1);
}

static int
add_header (const struct dataset_columns *c, struct dataset_out *out)
{
  struct gym_text line = { .bytes = NULL };
  for (size_t i = 0; i < c->n; i++) {
    gym_text_add (&line, ",", i > 0);
    add_field (&line, c->items[i].name);
  }
  gym_text_add (&line, "\n", 1);
  char *to = line.failed ? NULL : gym_dataset_room (out, line.length);
  if (to) {
    memcpy (to, line.bytes, line.length);
    out->n += line.length;
  }
  gym_free (line.bytes);
  return to ? GYM_OK : GYM_ENOMEM;
}

static int
add_row (const void *context, const struct dataset_columns *c,
         const struct dataset_cell *cells, struct dataset_out *out)
{
  const struct dataset_texts *texts = context;
  size_t cell = texts->widest > DATASET_CELL ? texts->widest : DATASET_CELL;
  char *to = gym_dataset_room (out, c->n * (cell + 1) + 1), *from = to;
  if (!to)
    return GYM_ENOMEM;
  for (size_t i = 0; i < c->n; i++) {
    if (i > 0)
      *to++ = ',';
    if (cells[i].none)
      continue;
    if (c->items[i].type == TYPE_TEXT)
      to = stpcpy (to, texts->of[i][cells[i].as.integer]);
    else
      to += gym_dataset_number (&c->items[i], &cells[i], to);
  }
  *to++ = '\n';
  out->n += (size_t)(to - from);
  return GYM_OK;
}

int
gym_dataset_csv (gym_dataset *d, const struct dataset_columns *c, struct dataset_out *out,
                 gym_error *err)
{
  struct dataset_texts texts = { .n = 0 };
  int code = gym_dataset_prepare (c, &texts, add_field);
  if (code == GYM_OK)
    code = add_header (c, out);
  if (code == GYM_ENOMEM)
    gym_fail (err, code, "out of memory for the data set");
  if (code == GYM_OK)
    code = gym_dataset_lines (d, c, add_row, &texts, out, err);
  gym_dataset_texts_clear (&texts);
  return code == GYM_OK ? gym_dataset_flush (out, true, err) : code;
}
