/* core/store_layout.h - what the columns of a study mean, read back from its store. */
#ifndef CORE_STORE_LAYOUT_H
#define CORE_STORE_LAYOUT_H

#include <gym/objective.h>
#include <sqlite3.h>

enum layout_kind { LAYOUT_LEVEL, LAYOUT_INTEGER, LAYOUT_REAL, LAYOUT_METRIC };

/* A column of the env's table. */
struct layout_column {
  enum layout_kind kind;
  char *column; /* its name in the table */
  char *name;   /* of the parameter or metric */
  char *unit;
  char *doc;
  char **levels;
  size_t n_levels;
  uint32_t sense;
  bool measured, sealed;
};

struct gym_layout {
  int64_t study;
  char *table;
  char *identity;
  uint32_t n_params, n_metrics;
  struct layout_column *columns; /* parameters, then metrics */
  char **fidelities;
  size_t n_fidelities;
  gym_objective *objective;
  bool measured; /* a goal or a constraint depends on a measured metric */
};

/* Loads the layout of a study (0: the newest). NULL with GYM_ENOTFOUND when there is no
 * such study. */
struct gym_layout *gym_layout_load (sqlite3 *db, const char *path, int64_t study,
                                    gym_error *err);
void gym_layout_destroy (struct gym_layout **layout);

/* Whether a metric is sealed. */
bool gym_layout_seals (const struct gym_layout *layout);

/* The level at `index`, or NULL when there is none. */
const char *gym_layout_level (const struct layout_column *column, int64_t index);

#endif
