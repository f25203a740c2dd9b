/* Random spaces for the property tests: every kind, conditionals two levels deep, steps
 * that do not divide the range, single values, integers near 2^53, tiny and huge reals.
 */
#ifndef TESTS_CORE_SPACES_H
#define TESTS_CORE_SPACES_H

#include <gym/gym.h>

enum { max_params = 200 };

/* A table and the texts it points to. */
struct table {
  struct gym_params head;
  struct gym_param params[max_params];
  char names[max_params][16];
  char texts[max_params][4][40];
  const char *when[max_params][5];
};

/* n parameters drawn with `rng`; `small`: few values each, no reals, so that all designs
 * can be listed. */
void make_table (struct table *table, gym_rng *rng, uint32_t n, bool small);

/* The space of a random table; prints and aborts the test when it is refused. */
gym_space *make_space (gym_rng *rng, uint32_t n, bool small);

/* Numbers equal in all bits but for the kind of NaN. */
bool same_row (const double *a, const double *b, uint32_t n);

#endif
