/* mapping.h - how a layer's loops are cut and spread over an accelerator's levels.
 *
 * A mapping is an array of `level_count` struct accel_split, innermost level first; a
 * batch of mappings is one array of them, mapping by mapping. The whole nest, from the
 * inside out, is
 *   spatial x[0], spatial y[0], temporal[0], spatial x[1], spatial y[1], temporal[1], ...
 * Spatial factors of a level spread over its children (the instances of the next inner
 * level, or the MACs), inside the level's temporal loops. The factors of a dimension
 * multiply to its size. */
#ifndef SIMS_ACCEL_MAPPING_H
#define SIMS_ACCEL_MAPPING_H

#include <stddef.h>
#include <stdint.h>

#include "sims/accel/arch.h"

struct accel_split {
  uint32_t temporal[ACCEL_DIMS]; /* iterations per dimension, 1 for none */
  uint16_t x[ACCEL_DIMS];        /* spatial factors along X */
  uint16_t y[ACCEL_DIMS];        /* and along Y */
  uint8_t order[ACCEL_DIMS];     /* temporal loops, innermost first: a permutation */
  uint8_t keep;                  /* bit t: tensor t is stored here; others bypass */
};

/* All factors 1, order R S P Q C K N G, every tensor kept. */
struct accel_split accel_split_unit (void);

/* The mapping as text for people, a line per level, outermost first:
 *   "DRAM  [Weights Inputs Outputs]  for K 4, Q 8" with " across x C 4, y K 2" behind it
 * where there are spatial loops; loops outermost first. At most `size` bytes with the
 * NUL are written; returns the length the whole text has, as snprintf does. */
size_t accel_mapping_text (char *text, size_t size, const struct accel_split *splits,
                           const struct accel_arch *arch);

#endif
