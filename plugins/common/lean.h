/* plugins/common/lean.h - the problem's prior (gym/plugin.h), for what agents draw by
 * other ways than the host's.
 *
 * Everywhere `weights` are those of one parameter, or NULL where nothing is known, and
 * the answer is then the uniform one. */
#ifndef PLUGINS_COMMON_LEAN_H
#define PLUGINS_COMMON_LEAN_H

#include <gym/plugin.h>

/* The weights of parameter i, or NULL. */
static inline const double *
lean_weights (const struct gym_problem *problem, uint32_t i)
{
  return problem->prior ? problem->prior[i] : NULL;
}

/* An index other than `index`, by weight. count >= 2. */
uint64_t lean_other (gym_rng *rng, const double *weights, uint64_t count, uint64_t index);

/* The index at which the running sum of the weights passes `share` in [0, 1). */
uint64_t lean_quantile (const double *weights, uint64_t count, double share);

/* Weights of equal pieces of the index range: shares[pieces], which sum to 1. */
void lean_pieces (const double *weights, uint64_t count, double *shares, uint32_t pieces);

/* The place of value `index` of parameter i on [0, 1], where decoding finds it again. */
double lean_place (const struct gym_host *host, const struct gym_space *space, uint32_t i,
                   uint64_t index);

/* Logarithm of the prior density of a canonical row, relative to the uniform one;
 * `prior` as in the problem, not NULL. */
double lean_log (const struct gym_host *host, const struct gym_space *space,
                 const double *const *prior, const double *row);

#endif
