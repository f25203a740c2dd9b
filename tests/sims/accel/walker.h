/* A slow, independent reference for the loop-nest model: it walks the loops. */
#ifndef TESTS_SIMS_ACCEL_WALKER_H
#define TESTS_SIMS_ACCEL_WALKER_H

#include <stdint.h>

#include "sims/accel/loopnest.h"

/* Counts of a mapping that fits, by walking: per level and tensor tile, partition, reads,
 * fills and updates, and the instances; MACs, their cycles and instances. Nothing else of
 * *result is touched. */
void walk (const struct accel_layer *layer, const struct accel_split *splits,
           uint32_t level_count, enum accel_reuse reuse, struct accel_result *result);

/* Whether the nest visits every point of the layer's iteration space exactly once. */
bool walk_covers (const struct accel_layer *layer, const struct accel_split *splits,
                  uint32_t level_count);

#endif
