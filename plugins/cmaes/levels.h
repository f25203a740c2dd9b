/* plugins/cmaes/levels.h - the learnt distribution of categorical parameters.
 *
 * Hamano, Saito, Nomura, Uchida and Shirakawa, "CatCMA: Stochastic Optimization for
 * Mixed-Category Problems" (GECCO 2024): independent probabilities of the levels, moved
 * along the natural gradient, a step of a length that adapts to how far the gradients of
 * the last generations agree (ASNG; Akimoto and others, ICML 2019), and a margin below
 * which no probability falls. */
#ifndef PLUGINS_CMAES_LEVELS_H
#define PLUGINS_CMAES_LEVELS_H

#include <gym/rng.h>
#include <stddef.h>

struct levels {
  size_t n;                         /* parameters */
  size_t size;                      /* levels of all of them */
  size_t *from;                     /* n + 1: where the levels of each begin */
  double *chance;                   /* size */
  double *gradient, *path, *scaled; /* size */
  double delta, big_delta, gamma;
};

/* counts[n] are the numbers of levels, 2 at least. GYM_ENOMEM; levels_free is safe after
 * that and on zeroed memory. */
int levels_init (struct levels *l, const uint32_t *counts, size_t n);
void levels_free (struct levels *l);

/* Every level equally likely again. */
void levels_restart (struct levels *l);

/* After a restart: parameter i has these probabilities, all above 0. */
void levels_lean (struct levels *l, size_t i, const double *weights);

void levels_draw (const struct levels *l, gym_rng *rng, uint32_t *choice);

/* Learns from a generation of lambda: choices[i][n] of the i-th best. A choice of
 * UINT32_MAX was of no effect. */
void levels_learn (struct levels *l, const uint32_t *const *choices, size_t lambda);

#endif
