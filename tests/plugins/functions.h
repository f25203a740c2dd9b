/* tests/plugins/functions.h - families of test functions for agents, from seeds.
 *
 *   misphere  4 categorical parameters x 6 levels with permuted costs 0,1,4,9,16,25 plus
 *             8 integers x 64 with 25 ((x - optimum) / 16)^2; minimum 0
 *   rastgrid  separable Rastrigin on 10 integers x 41, (x - shift) / 4; minimum 0
 *   rastrot   the same under a random rotation
 *   nk16      an NK landscape (Kauffman 1993): 16 loci of 3 letters, 4 neighbours each
 *   trap30    six deceptive traps of 5 bits under a hidden permutation (Deb and Goldberg
 *             1993); minimum 0
 *   tab6      a rugged table: 3 ordinal and 3 categorical parameters, 23,040 designs,
 *             3 of 10 infeasible; minimum 1
 *   motab5    two goals of 5 integers x 7, listed, each from 0 to 1
 *
 * Instances in files of the reference format are read too; there the value of penalty
 * points means infeasible. All are minimised. The formulas are those of env `function`.
 */
#ifndef TESTS_PLUGINS_FUNCTIONS_H
#define TESTS_PLUGINS_FUNCTIONS_H

#include "envs/function/formula.h"

#include <gym/space.h>

enum { FUNCTION_FAMILIES = 6 };

/* The six families of one goal. */
extern const char *const function_families[FUNCTION_FAMILIES];

struct function {
  struct formula *formula;
  gym_space *space;
};

/* A family's instance, "motab5" included; NULL when memory runs out or the family is
 * unknown. */
struct function *function_new (const char *family, uint64_t seed);

/* An instance from a file. NULL: not there or not of the format. */
struct function *function_load (const char *path);

void function_free (struct function *function);

/* Writes an instance as a file in the reference format; false when that fails. */
bool function_save (const struct function *function, const char *path);

/* Value of a design, the first where there are two; NaN where it is infeasible. */
double function_value (const struct function *function, const double *row);

#endif
