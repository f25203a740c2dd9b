/* plugins/common/bins.h - designs as small whole numbers, for models of trees.
 *
 * A parameter with more than one value is a column. Its values are the codes 1, 2, ...: a
 * level, a place of the grid, or, where there are more than BINS_MOST, one of about as
 * many intervals between quantiles of the rows learnt from. Code 0 is the inactive
 * parameter. A split of a column is a set of codes, whatever its kind: tables over codes
 * stand for comparisons of numbers.
 *
 * A cell is a code counted over all columns: the codes of column c begin at cell `first`.
 * One owner, no globals. */
#ifndef PLUGINS_COMMON_BINS_H
#define PLUGINS_COMMON_BINS_H

#include "plugins/common/pack.h"

#include <gym/plugin.h>

enum { BINS_MOST = 254, BINS_CELLS = 65535 };

struct bins_column {
  uint32_t parameter;
  uint32_t codes; /* 0 included */
  uint32_t first;
  bool ordered;     /* no categorical parameter */
  bool conditional; /* code 0 occurs */
  double low, step; /* of the grid, where there are no cuts */
  uint32_t n_cuts; /* codes - 2; code 1 + i lies at or below cut i and above the others */
  double *cuts;
};

struct bins {
  uint32_t n_params, n_columns, n_cells;
  struct bins_column *columns;
};

/* The columns of a space. GYM_EINVAL when it has too many levels; GYM_ENOMEM. bins_free
 * is safe after a failure and on zeroed memory. */
int bins_init (struct bins *bins, const struct gym_host *host,
               const struct gym_space *space, gym_error *err);
void bins_free (struct bins *bins);

/* Takes the intervals of long columns from n designs. GYM_ENOMEM. */
int bins_learn (struct bins *bins, size_t n, const double *designs);

/* The cells of a canonical design, n_columns numbers. Any other number is clipped. */
void bins_cells (const struct bins *bins, const double *design, uint16_t *cells);

/* Its codes instead, each counted from 0. */
void bins_codes (const struct bins *bins, const double *design, uint16_t *codes);

/* The same of n designs, row by row; the caller frees it. NULL: out of memory. */
uint16_t *bins_table (const struct bins *bins, size_t n, const double *designs);

/* The intervals alone: the rest comes from the space. */
void bins_save (const struct bins *bins, struct pack *out);
int bins_load (struct bins *bins, struct unpack *in);

#endif
