/* core/dataset_npz.c - a data set as NumPy arrays: designs and metrics as matrices of
 * doubles, and an array for each column of where rows come from. Texts are numbers, with
 * an array of names to look them up in. */
#include <config.h>

#include "core/dataset_inside.h"
#include "core/npz.h"
#include "core/text.h"

#include <errno.h>
#include <math.h>

/* Numbers of the arrays in the file. */
struct arrays {
  struct npz *npz;
  int designs, metrics, sources[16];
};

typedef const char *(*text_of) (const struct dataset_columns *, size_t first, size_t i);

static const char *
name_of (const struct dataset_columns *c, size_t first, size_t i)
{
  return c->items[first + i].name;
}

static const char *
unit_of (const struct dataset_columns *c, size_t first, size_t i)
{
  return c->items[first + i].unit;
}

static const char *
word_of (const struct dataset_columns *c, size_t first, size_t i)
{
  return c->items[first].texts[i];
}

/* An array of n texts, written at once. */
static int
add_texts (struct npz *npz, const char *name, const struct dataset_columns *c,
           text_of text, size_t first, size_t n)
{
  size_t width = 0;
  for (size_t i = 0; i < n; i++) {
    size_t one = gym_text_width (text (c, first, i));
    width = one > width ? one : width;
  }
  int code = gym_npz_array (npz, name, NPZ_TEXT, width, 1, n, 0), array = code;
  for (size_t i = 0; code >= 0 && i < n; i++)
    code = gym_npz_add_text (npz, array, text (c, first, i));
  return code < 0 ? code : GYM_OK;
}

/* Codes alone would be of no use to anyone who has only the file. */
int
gym_dataset_npz_names (struct npz *npz, const struct dataset_columns *c)
{
  int code = add_texts (npz, "design_names", c, name_of, 0, c->n_params);
  if (code >= 0)
    code = add_texts (npz, "metric_names", c, name_of, c->n_params, c->n_metrics);
  if (code >= 0)
    code = add_texts (npz, "metric_units", c, unit_of, c->n_params, c->n_metrics);
  for (size_t i = c->n_params + c->n_metrics; code >= 0 && i < c->n; i++) {
    char names[64];
    snprintf (names, sizeof names, "%s_names", c->items[i].name);
    if (c->items[i].type == TYPE_TEXT)
      code = add_texts (npz, names, c, word_of, i, c->items[i].n_texts);
  }
  return code;
}

static int
add_source (struct arrays *a, const struct dataset_columns *c, size_t i, size_t rows)
{
  size_t at = c->n_params + c->n_metrics + i;
  const struct dataset_column *column = &c->items[at];
  enum npz_type type = column->type == TYPE_TEXT       ? NPZ_I4
                       : column->type == TYPE_UNSIGNED ? NPZ_U8
                                                       : NPZ_I8;
  a->sources[i] = gym_npz_array (a->npz, column->name, type, 0, 1, rows, 0);
  return a->sources[i] < 0 ? a->sources[i] : GYM_OK;
}

/* Every array gets its place before the first row is written. */
static int
declare (struct arrays *a, const struct dataset_columns *c, const char *metadata)
{
  size_t rows = c->dataset->counts.rows, n = c->n - c->n_params - c->n_metrics;
  int code = a->designs =
      gym_npz_array (a->npz, "designs", NPZ_F8, 0, 2, rows, c->n_params);
  if (code >= 0)
    code = a->metrics =
        gym_npz_array (a->npz, "metrics", NPZ_F8, 0, 2, rows, c->n_metrics);
  if (code >= 0)
    code = gym_dataset_npz_names (a->npz, c);
  for (size_t i = 0; code >= 0 && i < n; i++)
    code = add_source (a, c, i, rows);
  if (code < 0)
    return code;
  code = gym_npz_array (a->npz, "metadata", NPZ_TEXT, gym_text_width (metadata), 0, 0, 0);
  return code < 0 ? code : gym_npz_add_text (a->npz, code, metadata);
}

/* NaN where a parameter is inactive or a metric unknown. */
static double
number (const struct dataset_column *column, const struct dataset_cell *cell)
{
  return cell->none                     ? NAN
         : column->type == TYPE_INTEGER ? (double)cell->as.integer
                                        : cell->as.real;
}

static int
add_row (struct arrays *a, const struct dataset_columns *c,
         const struct dataset_cell *cells)
{
  int code = GYM_OK;
  for (size_t i = 0; code == GYM_OK && i < c->n; i++) {
    if (c->items[i].role != ROLE_SOURCE) {
      double value = number (&c->items[i], &cells[i]);
      code = gym_npz_add (a->npz, i < c->n_params ? a->designs : a->metrics, &value,
                          sizeof value);
      continue;
    }
    int array = a->sources[i - c->n_params - c->n_metrics];
    int32_t word = (int32_t)cells[i].as.integer;
    code = c->items[i].type == TYPE_TEXT
               ? gym_npz_add (a->npz, array, &word, sizeof word)
               : gym_npz_add (a->npz, array, &cells[i].as.integer, sizeof (int64_t));
  }
  return code;
}

/* errno is that of the array's last write: nothing else runs between. */
static int
add_rows (gym_dataset *d, const struct dataset_columns *c, struct arrays *a,
          gym_error *err)
{
  struct dataset_cell *cells = calloc (c->n + 1, sizeof *cells);
  struct gym_dataset_row row = { .struct_size = sizeof row };
  int code = cells ? 1 : GYM_ENOMEM;
  gym_dataset_rewind (d);
  while (code == 1 && (code = gym_dataset_next (d, &row, err)) == 1) {
    gym_dataset_cells (c, &row, cells);
    if (add_row (a, c, cells) < 0)
      code = gym_fail (err, GYM_EIO, "%s", strerror (errno));
  }
  free (cells);
  return code;
}

int
gym_dataset_npz (gym_dataset *d, const struct dataset_columns *c, const char *metadata,
                 int file, gym_error *err)
{
  struct arrays a = { .npz = gym_npz_new (file) };
  int code = a.npz ? declare (&a, c, metadata) : GYM_ENOMEM;
  if (code >= 0)
    code = add_rows (d, c, &a, err);
  if (code == GYM_OK && (code = gym_npz_end (a.npz)) == GYM_EIO)
    gym_fail (err, code, "%s", strerror (errno));
  if (code == GYM_ENOMEM)
    gym_fail (err, code, "out of memory for the data set");
  gym_npz_destroy (&a.npz);
  return code < 0 ? code : GYM_OK;
}
