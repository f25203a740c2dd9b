/* gym/stats_fronts.h - the quality of non-dominated sets.
 *
 * Sets are row-major, n rows of m objectives, all minimised. Objectives of different
 * units should be brought to one scale before distances are taken between them
 * (gym_stats_scale). Arrays belong to the caller and are not changed unless they are for
 * output. Any thread. The hypervolume of one set is that of its archive (gym/archive.h):
 * gym_archive_hypervolume, exact in any number of objectives up to 16. Functions that
 * return int give 0, or GYM_ENOMEM, or GYM_EINVAL where stated. */
#ifndef GYM_STATS_FRONTS_H
#define GYM_STATS_FRONTS_H

#include <gym/error.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Least and largest of each objective over rows without NaN; NaN where there is none. */
GYM_API void gym_stats_extent (const double *points, size_t n, uint32_t m, double *low,
                               double *high);

/* Brings rows to [0,1] by a linear map of low .. high (an objective that does not vary
 * becomes 0). `out` may be `points`. */
GYM_API void gym_stats_scale (const double *points, size_t n, uint32_t m,
                              const double *low, const double *high, double *out);

/* IGD+ (Ishibuchi et al. 2015): the mean, over the reference set, of the distance to the
 * nearest point, of which only what is worse counts. Weakly Pareto compliant; 0 is best.
 * INFINITY for an empty set, NaN for an empty reference. O(n n_reference m). */
GYM_API double gym_stats_igd_plus (const double *points, size_t n,
                                   const double *reference, size_t n_reference,
                                   uint32_t m);

/* Additive epsilon (Zitzler et al. 2003): the least amount by which every point would
 * have to improve for the set to cover the reference; 0 or less when it does. As above.
 */
GYM_API double gym_stats_epsilon (const double *points, size_t n, const double *reference,
                                  size_t n_reference, uint32_t m);

/* A run's trials in order, row i after i + 1 evaluations; a row with a NaN is a trial
 * without a result. At each of n_at numbers of evaluations (rising): the hypervolume
 * below `reference` (m numbers), IGD+ and epsilon against a reference set of the non-
 * dominated points so far. Outputs may be NULL, and the reference set empty. GYM_EINVAL:
 * a reference that is not finite. O(n log n) and the cost of n_at indicators for m <= 2.
 */
struct gym_front_trials {
  const double *points;
  size_t n;
  uint32_t m;
  const double *reference; /* point */
  const double *set;       /* reference set */
  size_t n_set;
};
GYM_API int gym_stats_front_curves (const struct gym_front_trials *trials,
                                    const size_t *at, size_t n_at, double *volume,
                                    double *igd_plus, double *epsilon, gym_error *err);

#ifdef __cplusplus
}
#endif
#endif
