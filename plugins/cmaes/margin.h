/* plugins/cmaes/margin.h - integers under a normal distribution.
 *
 * Hamano, Saito, Nomura and Shirakawa, "CMA-ES with Margin: Lower-Bounding Marginal
 * Probability for Mixed-Integer Black-Box Optimization" (GECCO 2022): where the
 * distribution has become so narrow that only one value of an integer is ever drawn, its
 * mean is moved and the coordinate is widened until the values beside it keep a
 * probability of alpha. Coordinates are those of gym_host.space_encode, in [0, 1]. */
#ifndef PLUGINS_CMAES_MARGIN_H
#define PLUGINS_CMAES_MARGIN_H

#include <gym/plugin.h>

struct margin {
  const struct gym_host *host;
  const struct gym_space *space;
  uint32_t parameter;
  uint64_t count; /* of values; 0: a continuum, which needs no margin */
  bool log;
  double origin, span; /* of a log integer: log of the lowest value, and up to the end */
};

void margin_init (struct margin *margin, const struct gym_host *host,
                  const struct gym_space *space, uint32_t parameter);

/* Moves *mean and multiplies *widening for a coordinate with this mean and standard
 * deviation (widening included) if need be. */
void margin_keep (const struct margin *margin, double deviation, double alpha,
                  double *mean, double *widening);

/* The z that a standard normal number exceeds with probability p, 0 < p <= 0.5; absolute
 * error below 5e-4. */
double margin_quantile (double p);

#endif
