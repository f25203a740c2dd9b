/* tests/plugins/functions.h - families of test functions for agents, from seeds.
 *
 *   misphere  4 categorical parameters x 6 levels with permuted costs 0,1,4,9,16,25 plus
 *             8 integers x 64 with 25 ((x - optimum) / 16)^2; minimum 0
 *   rastgrid  separable Rastrigin on 10 integers x 41, (x - shift) / 4; minimum 0
 *   rastrot   the same under a random rotation
 *   nk16      an NK landscape (Kauffman 1993): 16 loci of 3 letters, 4 neighbours each
 *   trap30    six deceptive traps of 5 bits under a hidden permutation (Deb and Goldberg
 *             1993); minimum 0
 *   tab6      a rugged table: 3 ordinal and 3 categorical parameters, 23,040 designs, 30
 * % of them infeasible; minimum 1
 *
 * Instances in files of the reference format are read too; there the value of penalty
 * points means infeasible. All are minimised. */
#ifndef TESTS_PLUGINS_FUNCTIONS_H
#define TESTS_PLUGINS_FUNCTIONS_H

#include <gym/space.h>

enum function_kind {
  FUNCTION_MISPHERE,
  FUNCTION_RASTRIGIN,
  FUNCTION_NK,
  FUNCTION_TRAP,
  FUNCTION_TABLE
};

enum { FUNCTION_PARAMS = 32, FUNCTION_FAMILIES = 6 };

extern const char *const function_families[FUNCTION_FAMILIES];

struct function {
  enum function_kind kind;
  uint32_t n;
  uint32_t levels[FUNCTION_PARAMS];
  bool ordered[FUNCTION_PARAMS];
  uint32_t n_costs;                 /* misphere: categorical parameters */
  double costs[FUNCTION_PARAMS][8]; /* misphere */
  double at[FUNCTION_PARAMS];       /* optimum, shift, or the trap's target bits */
  double scale;
  bool rotated;
  double rotation[FUNCTION_PARAMS][FUNCTION_PARAMS];
  uint32_t q, block;
  uint32_t links[FUNCTION_PARAMS][8]; /* nk: neighbours; trap: links[k][0] permutes */
  uint32_t n_links;
  double *table; /* nk: n tables of q^n_links; table: one of the whole space */
  double penalty;
  gym_space *space;
};

/* A family's instance; NULL when memory runs out or the family is unknown. */
struct function *function_new (const char *family, uint64_t seed);

/* An instance from a file. NULL: not there or not of the format. */
struct function *function_load (const char *path);

void function_free (struct function *function);

/* Value of a design; NaN where it is infeasible. */
double function_value (const struct function *function, const double *row);

#endif
