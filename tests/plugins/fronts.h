/* tests/plugins/fronts.h - functions of several objectives whose fronts are known, and
 * how near a run comes to them. After Deb, Thiele, Laumanns and Zitzler, "Scalable test
 * problems for evolutionary multiobjective optimization" (2005), on integers. */
#ifndef TESTS_PLUGINS_FRONTS_H
#define TESTS_PLUGINS_FRONTS_H

#include "tests/plugins/play.h"

enum front_shape {
  FRONT_FLAT,  /* DTLZ1 without its ripples: the objectives add up to 1 */
  FRONT_ROUND, /* DTLZ2: their squares do */
  FRONT_CONVEX /* the squares of those of FRONT_ROUND: their roots do */
};

struct front {
  enum front_shape shape;
  uint32_t m; /* objectives, 2 to 8; there are m + 7 parameters of 41 values */
  gym_space *space;
};

/* False when memory has run out. */
bool front_init (struct front *front, enum front_shape shape, uint32_t m);
void front_free (struct front *front);

/* A judge with the front as context. */
uint32_t front_judge (void *context, const double *row, double *objectives,
                      double *violations);

/* Mean distance from points spread over the true front to the nearest design of a run,
 * where only what is worse counts (IGD+, Ishibuchi et al. 2015): 0 at best. */
double front_distance (const struct front *front, const double *rows, size_t trials);

/* The median of `front_distance` over 11 seeds. */
double front_median (const gym_registry *registry, const char *agent,
                     const char *settings, enum front_shape shape, uint32_t m,
                     size_t budget);

#endif
