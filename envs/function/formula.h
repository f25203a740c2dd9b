/* envs/function/formula.h - the benchmark functions of env `function`, as data.
 *
 *   misphere   a table of costs per categorical parameter plus a sphere over integers
 *   rastrigin  Rastrigin's function on a grid, separable or under a rotation
 *   nk         an NK landscape (Kauffman, "The Origins of Order", 1993)
 *   trap       deceptive traps over hidden blocks (Deb and Goldberg, "Analyzing
 *              deception in trap functions", FOGA 1993)
 *   table      every value listed; motable: two goals listed
 *
 * All are minimised. An instance comes from a file (formula_read) or is filled in by
 * whoever makes one up; one thread at a time, evaluation included. */
#ifndef ENVS_FUNCTION_FORMULA_H
#define ENVS_FUNCTION_FORMULA_H

#include <gym/plugin.h>

enum formula_kind {
  FORMULA_MISPHERE,
  FORMULA_RASTRIGIN,
  FORMULA_NK,
  FORMULA_TRAP,
  FORMULA_TABLE,
  FORMULA_MOTABLE,
  FORMULA_KINDS
};

extern const char *const formula_kinds[FORMULA_KINDS];

enum { FORMULA_PARAMS = 256, FORMULA_LEVELS = 256, FORMULA_GOALS = 2 };

struct formula {
  enum formula_kind kind;
  uint32_t n;
  struct gym_param params[FORMULA_PARAMS];
  uint32_t counts[FORMULA_PARAMS]; /* of values of each parameter */
  char names[FORMULA_PARAMS][32];
  char level_names[FORMULA_LEVELS][4];
  const char *levels[FORMULA_LEVELS];
  double x[FORMULA_PARAMS]; /* the design at hand, as indices */

  uint32_t n_costs;          /* misphere: categorical parameters, which come first */
  double *costs;             /* misphere: FORMULA_LEVELS numbers for each of them */
  double at[FORMULA_PARAMS]; /* optimum, shift, or the trap's target */
  double scale;              /* rastrigin */
  double *rotation;          /* rastrigin: n x n, or NULL */
  uint32_t q, n_links;       /* nk: letters, and loci that one value depends on */
  uint32_t block;            /* trap: loci of a block */
  uint32_t *links;           /* nk: n x n_links; trap: n, the hidden permutation */
  size_t size;               /* of one table */
  double *tables;            /* nk: n tables; table: one; motable: two */
  bool penalised;            /* table: `penalty` marks infeasible designs */
  double penalty;
};

/* An empty one with the names of levels, or NULL without memory. */
struct formula *formula_new (void);
void formula_free (struct formula *formula);

/* Adds a parameter of `count` values, categorical or (ordered) an integer low, low +
 * step, ... False: there are too many. */
bool formula_add (struct formula *formula, const char *name, bool ordered, uint32_t count,
                  double low, double step);

/* Reads an instance (reference format: a JSON object with name, params, kind and the
 * kind's own fields; others are left alone). GYM_EINVAL says which field is wrong. */
struct formula *formula_read (const char *path, gym_error *err);

uint32_t formula_goals (const struct formula *formula);

/* Values of a canonical design into goals[formula_goals]; false where it is infeasible.
 */
bool formula_value (struct formula *formula, const double *row, double *goals);

#endif
