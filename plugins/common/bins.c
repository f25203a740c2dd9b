/* Designs as codes: see bins.h. */
#include "plugins/common/bins.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- columns ---- */

/* A continuum or a long grid gets all the intervals there may be: how many the rows fill
 * is not known yet, and a cell that nobody uses costs next to nothing. */
static void
look_at (struct bins *b, const struct gym_host *host, const struct gym_space *space,
         uint32_t parameter, uint64_t count)
{
  const struct gym_param *p = host->space_param (space, parameter);
  struct bins_column *c = &b->columns[b->n_columns++];
  bool levels = p->kind == GYM_CATEGORICAL || p->kind == GYM_ORDINAL;
  *c = (struct bins_column){ .parameter = parameter,
                             .ordered = p->kind != GYM_CATEGORICAL,
                             .conditional = p->parent != NULL,
                             .low = levels ? 0 : p->low,
                             .step = levels ? 1 : p->step,
                             .first = b->n_cells };
  bool every = levels || (count > 0 && count <= BINS_MOST);
  c->codes = every ? (uint32_t)count + 1 : BINS_MOST + 1;
  if (!every)
    c->step = 0;
  b->n_cells += c->codes;
}

int
bins_init (struct bins *b, const struct gym_host *host, const struct gym_space *space,
           gym_error *err)
{
  *b = (struct bins){ .n_params = host->space_size (space) };
  b->columns = calloc (b->n_params + 1u, sizeof *b->columns);
  if (!b->columns)
    return gym_fail (err, GYM_ENOMEM, "out of memory for the columns");
  for (uint32_t i = 0; i < b->n_params; i++) {
    uint64_t count = host->param_count (space, i);
    if (count > BINS_CELLS && host->space_param (space, i)->kind == GYM_CATEGORICAL)
      count = BINS_CELLS;
    if (count != 1)
      look_at (b, host, space, i, count);
    if (b->n_cells > BINS_CELLS)
      return gym_fail (err, GYM_EINVAL,
                       "the levels of all parameters are more than %d: too many for "
                       "trees",
                       BINS_CELLS);
  }
  return GYM_OK;
}

void
bins_free (struct bins *b)
{
  for (uint32_t i = 0; b->columns && i < b->n_columns; i++)
    free (b->columns[i].cuts);
  free (b->columns);
  *b = (struct bins){ 0 };
}

/* ---- intervals ---- */

static int
ascending (const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Half way between two values, without overflow, and never the upper one. */
static double
between (double low, double high)
{
  double at = low + (high / 2 - low / 2);
  return at >= low && at < high ? at : low;
}

/* Quantiles of the values themselves: the more rows somewhere, the finer the intervals
 * there. Equal values are never parted. */
static void
cut (struct bins_column *c, const double *sorted, size_t n)
{
  c->n_cuts = 0;
  for (uint32_t k = 1; k < BINS_MOST && n > 0; k++) {
    size_t i = (size_t)((double)k * (double)n / BINS_MOST);
    i += i == 0;
    while (i < n && !(sorted[i - 1] < sorted[i]))
      i++;
    double at = i < n ? between (sorted[i - 1], sorted[i]) : INFINITY;
    if (i < n && (c->n_cuts == 0 || at > c->cuts[c->n_cuts - 1]))
      c->cuts[c->n_cuts++] = at;
  }
}

int
bins_learn (struct bins *b, size_t n, const double *designs)
{
  double *values = malloc ((n + 1) * sizeof *values);
  if (!values)
    return GYM_ENOMEM;
  for (uint32_t i = 0; i < b->n_columns; i++) {
    struct bins_column *c = &b->columns[i];
    size_t m = 0;
    if (c->step > 0)
      continue;
    double *cuts = realloc (c->cuts, BINS_MOST * sizeof *cuts);
    if (!cuts) {
      free (values);
      return GYM_ENOMEM;
    }
    c->cuts = cuts;
    for (size_t r = 0; r < n; r++)
      if (!isnan (designs[r * b->n_params + c->parameter]))
        values[m++] = designs[r * b->n_params + c->parameter];
    qsort (values, m, sizeof *values, ascending);
    cut (c, values, m);
  }
  free (values);
  return GYM_OK;
}

/* ---- codes ---- */

static uint32_t
interval (const struct bins_column *c, double value)
{
  uint32_t low = 0, high = c->n_cuts;
  while (low < high) {
    uint32_t middle = (low + high) / 2;
    if (value > c->cuts[middle])
      low = middle + 1;
    else
      high = middle;
  }
  return low + 1;
}

static inline uint32_t
code_of (const struct bins_column *c, double value)
{
  if (isnan (value))
    return 0;
  if (!(c->step > 0))
    return interval (c, value);
  double at = (value - c->low) / c->step + 1.5;
  return at < 1 ? 1 : at >= c->codes ? c->codes - 1 : (uint32_t)at;
}

void
bins_cells (const struct bins *b, const double *design, uint16_t *cells)
{
  for (uint32_t i = 0; i < b->n_columns; i++) {
    const struct bins_column *c = &b->columns[i];
    cells[i] = (uint16_t)(c->first + code_of (c, design[c->parameter]));
  }
}

void
bins_codes (const struct bins *b, const double *design, uint16_t *codes)
{
  for (uint32_t i = 0; i < b->n_columns; i++)
    codes[i] = (uint16_t)code_of (&b->columns[i], design[b->columns[i].parameter]);
}

/* Row by row, not column by column: a tree looks at all columns of the rows of a node. */
uint16_t *
bins_table (const struct bins *b, size_t n, const double *designs)
{
  uint16_t *cells = malloc ((n * b->n_columns + 1) * sizeof *cells);
  for (size_t r = 0; cells && r < n; r++)
    bins_cells (b, designs + r * b->n_params, cells + r * b->n_columns);
  return cells;
}

/* ---- saving ---- */

void
bins_save (const struct bins *b, struct pack *out)
{
  for (uint32_t i = 0; i < b->n_columns; i++) {
    const struct bins_column *c = &b->columns[i];
    if (c->step > 0)
      continue;
    pack_u64 (out, c->n_cuts);
    pack_bytes (out, c->cuts, c->n_cuts * sizeof *c->cuts);
  }
}

int
bins_load (struct bins *b, struct unpack *in)
{
  for (uint32_t i = 0; i < b->n_columns; i++) {
    struct bins_column *c = &b->columns[i];
    if (c->step > 0)
      continue;
    uint32_t n = (uint32_t)unpack_count (in, BINS_MOST - 1);
    double *cuts = unpack_array (in, n, sizeof *cuts);
    if (!cuts)
      return in->bad ? GYM_EINVAL : GYM_ENOMEM;
    free (c->cuts);
    c->cuts = cuts;
    c->n_cuts = n;
  }
  return GYM_OK;
}
