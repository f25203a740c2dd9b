/* designs.h - the designs that `gym eval` is asked for, from a file, a text or chance. */
#ifndef CMD_DESIGNS_H
#define CMD_DESIGNS_H

#include "core/cmd/csv.h"

#include <gym/gym.h>

/* Canonical designs, and the columns of their file that are no parameters but are to
 * appear beside the results. */
struct designs {
  size_t n, room;
  double *rows; /* n rows of gym_space_size */

  struct csv *csv; /* NULL unless they come from a file */
  size_t *records; /* row of the file that design i comes from */
  size_t n_carried;
  size_t *carried; /* their columns in the file */
  char **names;    /* and in the output: with prefixes where names would clash */
};

/* A row of the file counts when its field in `column` is `value`. */
struct designs_where {
  const char *column;
  const char *value;
};

/* All start from a zeroed struct, add to it, and leave it to designs_clear even when
 * they fail. */
void designs_clear (struct designs *designs);

/* "name=value,...": parameters not mentioned take their defaults; returns how many. */
int designs_add_text (struct designs *designs, const gym_env *env, const char *text,
                      gym_error *err);

/* n uniform designs from the random stream of `seed`. */
int designs_add_random (struct designs *designs, const gym_env *env, size_t n,
                        uint64_t seed, gym_error *err);

/* The rows of a CSV file for which all of n_where conditions hold. Columns named like
 * parameters are read; parameters without a column take their defaults, with one note;
 * other columns are carried through. GYM_EINVAL: a value that makes no sense (with file
 * and line), a carried column within two edits of a parameter or metric, no row left. */
int designs_add_file (struct designs *designs, const gym_env *env, const char *path,
                      const struct designs_where *where, size_t n_where, gym_error *err);

#endif
