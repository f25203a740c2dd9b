/* plugins/gbdt/joint.h - several short columns of codes as one.
 *
 * What a model is asked by is a table row for every column. Columns of few codes are put
 * together, as long as all combinations of their codes are few as well: then three or
 * four rows of a table are looked up where ten were.
 * One owner, no globals. */
#ifndef PLUGINS_GBDT_JOINT_H
#define PLUGINS_GBDT_JOINT_H

#include "plugins/common/bins.h"

enum { JOINT_MOST = 64 }; /* combinations of several columns */

struct joint_column {
  uint32_t group, stride;
  uint32_t size; /* codes that designs have */
  uint32_t skip; /* the first of them: 1 where a parameter is never inactive */
};

struct joint_group {
  uint32_t first, size; /* its cells among those of all groups */
};

struct joint {
  const struct bins *bins;
  uint32_t n, n_cells;
  struct joint_column *columns; /* of bins */
  struct joint_group *groups;
};

/* GYM_ENOMEM; joint_free is safe after that and on zeroed memory. */
int joint_init (struct joint *joint, const struct bins *bins);
void joint_free (struct joint *joint);

/* The cells of all n groups from those of the columns (bins_cells). */
void joint_cells (const struct joint *joint, const uint16_t *cells, uint32_t *out);

/* The code of a column in cell k of its group, counted from 0. */
uint32_t joint_code (const struct joint_column *column, uint32_t k);

#endif
