/* plugins/common/geometry.h - the shape of a front, and who is where on it.
 *
 * Panichella, "An adaptive evolutionary algorithm based on non-Euclidean geometry for
 * many-objective optimization" (GECCO 2019): moved to its ideal point and scaled by where
 * it meets the axes, a front is near the unit sphere of some norm L_p: p < 1 where it is
 * convex, 1 where it is flat, 2 where it is a round one. Nearness to the ideal point is
 * measured by that norm. p solves sum f^p = 1 for the point nearest to
 * the diagonal, and distances between designs are those along the sphere, as in the
 * algorithm's second version (Panichella, GECCO 2022). */
#ifndef PLUGINS_COMMON_GEOMETRY_H
#define PLUGINS_COMMON_GEOMETRY_H

#include <stdint.h>

struct geometry {
  uint32_t m;
  double p;
  double *ideal, *scale;            /* of each objective */
  uint32_t *extremes;               /* the item nearest to each axis */
  double *points;                   /* m normalised numbers of each item */
  double *norms, *nearest, *second; /* by the place of an item in a front */
  double *system;                   /* room for m equations and their solution */
};

/* Room for fronts of up to `most` items. GYM_ENOMEM; geometry_free is safe after that and
 * on zeroed memory. */
int geometry_init (struct geometry *geometry, uint32_t m, uint32_t most);
void geometry_free (struct geometry *geometry);

/* Takes the measure of a first front: rows of m finite objectives, n >= 1 items. */
void geometry_fit (struct geometry *geometry, const double *objectives,
                   const uint32_t *items, uint32_t n);

/* Distance of a row of objectives from the ideal point: at least a little above 0. */
double geometry_proximity (const struct geometry *geometry, const double *objective);

/* Chooses `keep` of the n items last fitted to and puts them first: the extremes, then
 * again and again the one whose distances to the two nearest of those chosen, over its
 * distance from the ideal point, are largest. That number, INFINITY for the extremes, is
 * scores[item]; of those that are left, what it would have been. O(n keep m). */
void geometry_choose (struct geometry *geometry, uint32_t *items, uint32_t n,
                      uint32_t keep, double *scores);

#endif
