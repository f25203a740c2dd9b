/* plugins/common/additive.h - the value of a design as a sum: a shared value, and for
 * every active parameter what its level adds to the mean over its levels (value
 * decomposition: Sunehag et al., "Value-decomposition networks for cooperative
 * multi-agent learning", 2018; the parts dueling as in Wang et al. 2016). */
#ifndef PLUGINS_COMMON_ADDITIVE_H
#define PLUGINS_COMMON_ADDITIVE_H

#include "plugins/common/policy.h"

/* Value of a choice in row b of the last pass of a valued scorer with one learner. */
float additive_value (const struct scorer *scorer, uint32_t b,
                      const struct choice *choice);

/* Adds slope times its derivatives to the slopes. */
void additive_slope (struct scorer *scorer, uint32_t b, const struct choice *choice,
                     float slope);

/* What level `level` of parameter i adds in row b. */
float additive_part (const struct scorer *scorer, uint32_t b, uint32_t i, uint32_t level);

/* And what each of them adds: numbers for all its levels. */
void additive_parts (const struct scorer *scorer, uint32_t b, uint32_t i, float *parts);

/* Adds slope times the derivatives of one part. */
void additive_part_slope (struct scorer *scorer, uint32_t b, uint32_t i, uint32_t level,
                          float slope);

#endif
