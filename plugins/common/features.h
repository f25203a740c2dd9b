/* plugins/common/features.h - designs as numbers for models that multiply and add.
 *
 * A categorical parameter becomes a number for each of its levels, 1 for the one it has
 * and 0 for the others, so no order is read into them. An ordered parameter becomes its
 * place x on its scale, from -1 to 1, and x^2 - 1/3; one of few values has a number for
 * each value besides. A conditional parameter has one more, 1 where it is active; all its
 * others are 0 where it is not. Parameters with one value only have none.
 * One owner, no globals. */
#ifndef PLUGINS_COMMON_FEATURES_H
#define PLUGINS_COMMON_FEATURES_H

#include <gym/plugin.h>

struct features_column {
  uint32_t parameter;
  uint32_t levels, first; /* numbers by level, from here on */
  uint32_t place;         /* where x lies, x^2 - 1/3 behind it; of ordered ones */
  uint32_t active;        /* where the activity lies; of conditional ones */
  bool ordered, conditional;
};

struct features {
  const struct gym_host *host;
  const struct gym_space *space;
  uint32_t n_columns, n;
  struct features_column *columns;
  double *unit; /* room to work in */
};

/* Ordered parameters of at most `most` values have a number for each. GYM_ENOMEM;
 * GYM_EINVAL when there would be more than 65,535 numbers. features_free is safe after
 * that and on zeroed memory. */
int features_init (struct features *f, const struct gym_host *host,
                   const struct gym_space *space, uint32_t most, gym_error *err);
void features_free (struct features *f);

/* The n numbers of a canonical design. */
void features_of (const struct features *f, const double *design, double *out);

#endif
