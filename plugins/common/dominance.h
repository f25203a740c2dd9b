/* plugins/common/dominance.h - sorting points into non-dominated fronts.
 *
 * Fronts as in Deb, Pratap, Agarwal and Meyarivan, "A fast and elitist multiobjective
 * genetic algorithm: NSGA-II" (IEEE TEC 2002), found by efficient non-dominated sort with
 * binary search (Zhang, Tian, Cheng and Jin, IEEE TEC 2015): in lexicographic order a
 * point can only be dominated by those before it, and when any of a front dominates it,
 * so does one of every better front. O(n log n) for two objectives, at worst O(m n^2)
 * and mostly far less above.
 *
 * Points are rows of m finite numbers in `objectives`, all to be made small; `items` are
 * n row numbers, in any order. */
#ifndef PLUGINS_COMMON_DOMINANCE_H
#define PLUGINS_COMMON_DOMINANCE_H

#include <stdbool.h>
#include <stdint.h>

struct dominance {
  uint32_t *spare, *last, *before, *sorted; /* room to work in */
};

/* Room for up to `most` points. GYM_ENOMEM; dominance_free is safe after that and on
 * zeroed memory. */
int dominance_init (struct dominance *dominance, uint32_t most);
void dominance_free (struct dominance *dominance);

/* Whether a is nowhere worse than b and somewhere better. */
bool dominance_of (uint32_t m, const double *a, const double *b);

/* Puts the items in order of their fronts, lexicographically within each; ends[k] is
 * where front k ends. Returns the number of fronts. */
uint32_t dominance_sort (struct dominance *dominance, uint32_t m,
                         const double *objectives, uint32_t *items, uint32_t n,
                         uint32_t *ends);

/* Crowding distances of the items of one front, into distances[item]: the sum over
 * objectives of the gap between both neighbours as a share of the range, INFINITY at the
 * ends. */
void dominance_crowding (struct dominance *dominance, uint32_t m,
                         const double *objectives, const uint32_t *items, uint32_t n,
                         double *distances);

#endif
