/* core/dataset_out.c - what the writers of text share: a buffer, numbers, prepared texts.
 */
#include <config.h>

#include "core/dataset_inside.h"

#include "core/text.h"

enum { BLOCK = 1 << 16 };

/* Twice what is needed: rows are of much the same length, so this grows once or twice. */
char *
gym_dataset_room (struct dataset_out *out, size_t n)
{
  if (out->n + n > out->room) {
    size_t room = 2 * (out->n + n) > 2 * BLOCK ? 2 * (out->n + n) : 2 * BLOCK;
    if (gym_resize (&out->bytes, room, 1) < 0)
      return NULL;
    out->room = room;
  }
  return out->bytes + out->n;
}

int
gym_dataset_flush (struct dataset_out *out, bool all, gym_error *err)
{
  if (out->n < BLOCK && !(all && out->n))
    return GYM_OK;
  int code = out->put (out->sink, out->bytes, out->n);
  out->n = 0;
  return code < 0 ? gym_fail (err, code, "the data set cannot be written") : GYM_OK;
}

/* By hand: integers are half of all cells, and printf takes ten times as long. */
static size_t
put_natural (uint64_t value, char *text)
{
  char digits[24];
  size_t n = 0, length = 0;
  do
    digits[n++] = (char)('0' + value % 10);
  while ((value /= 10) > 0);
  while (n > 0)
    text[length++] = digits[--n];
  return length;
}

size_t
gym_dataset_number (const struct dataset_column *column, const struct dataset_cell *cell,
                    char *text)
{
  if (column->type == TYPE_UNSIGNED)
    return put_natural (cell->as.natural, text);
  if (column->type == TYPE_REAL)
    return (size_t)gym_number_format (cell->as.real, text, DATASET_CELL);
  bool minus = cell->as.integer < 0;
  *text = '-';
  return put_natural (minus ? -(uint64_t)cell->as.integer : (uint64_t)cell->as.integer,
                      text + minus)
         + minus;
}

/* ---- prepared texts ---- */

void
gym_dataset_texts_clear (struct dataset_texts *texts)
{
  for (size_t i = 0; i < texts->n; i++) {
    for (size_t k = 0; texts->of[i] && k < texts->counts[i]; k++)
      gym_free (texts->of[i][k]);
    free (texts->of[i]);
  }
  free (texts->of);
  free (texts->counts);
  *texts = (struct dataset_texts){ .n = 0 };
}

int
gym_dataset_texts_new (struct dataset_texts *texts, size_t n)
{
  *texts = (struct dataset_texts){ .n = 0 };
  texts->of = calloc (n + 1, sizeof *texts->of);
  texts->counts = calloc (n + 1, sizeof *texts->counts);
  if (texts->of && texts->counts)
    texts->n = n;
  else
    gym_dataset_texts_clear (texts);
  return texts->of ? GYM_OK : GYM_ENOMEM;
}

/* Quoting and escaping are paid for once a text, not once a row. */
int
gym_dataset_texts_add (struct dataset_texts *texts, size_t i, const char *const *from,
                       size_t n, void (*write) (struct gym_text *, const char *))
{
  texts->of[i] = calloc (n + 1, sizeof *texts->of[i]);
  if (!texts->of[i])
    return GYM_ENOMEM;
  texts->counts[i] = n;
  for (size_t k = 0; k < n; k++) {
    struct gym_text text = { .bytes = NULL };
    write (&text, from[k]);
    texts->widest = text.length > texts->widest ? text.length : texts->widest;
    texts->of[i][k] = gym_text_take (&text, NULL);
    if (!texts->of[i][k])
      return GYM_ENOMEM;
  }
  return GYM_OK;
}

/* Columns of numbers have a list of no texts. */
int
gym_dataset_prepare (const struct dataset_columns *c, struct dataset_texts *texts,
                     void (*write) (struct gym_text *, const char *))
{
  int code = gym_dataset_texts_new (texts, c->n);
  for (size_t i = 0; code == GYM_OK && i < c->n; i++)
    code =
        gym_dataset_texts_add (texts, i, c->items[i].texts, c->items[i].n_texts, write);
  return code;
}

/* ---- lines ---- */

int
gym_dataset_lines (gym_dataset *d, const struct dataset_columns *c, dataset_line line,
                   const void *context, struct dataset_out *out, gym_error *err)
{
  struct dataset_cell *cells = calloc (c->n + 1, sizeof *cells);
  struct gym_dataset_row row = { .struct_size = sizeof row };
  int code = cells ? 1 : gym_fail (err, GYM_ENOMEM, "out of memory for the data set");
  gym_dataset_rewind (d);
  while (code == 1 && (code = gym_dataset_next (d, &row, err)) == 1) {
    gym_dataset_cells (c, &row, cells);
    if (line (context, c, cells, out) < 0)
      code = gym_fail (err, GYM_ENOMEM, "out of memory for the data set");
    else if (gym_dataset_flush (out, false, err) < 0)
      code = err->code;
  }
  free (cells);
  return code;
}
