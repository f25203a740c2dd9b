/* Random (layer, accelerator, mapping) triples: small, legal, and made so that sliding
 * windows, bypasses, multicast and partial sums all occur. */
#ifndef TESTS_SIMS_ACCEL_RANDOM_CASE_H
#define TESTS_SIMS_ACCEL_RANDOM_CASE_H

#include <stdint.h>

#include "sims/accel/loopnest.h"

struct random_case {
  struct accel_layer layer;
  struct accel_arch arch;
  struct accel_split splits[ACCEL_LEVELS_MAX];
};

/* Numbers that depend on *state alone, which they advance. */
uint64_t random_bits (uint64_t *state);
uint32_t random_below (uint64_t *state, uint32_t limit);

/* The case of a seed, always the same. Its mapping is accepted by all checks. */
void random_case_make (struct random_case *c, uint64_t seed);

/* Another mapping of the same case; its spatial factors may not fit. */
void random_case_remap (struct random_case *c, uint64_t seed);

/* The case as TAP diagnostics. */
void random_case_print (const struct random_case *c);

#endif
