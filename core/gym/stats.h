/* gym/stats.h - small statistics over runs.
 *
 * Arrays belong to the caller and are not changed. NaN entries are left out; infinities
 * count. Results have the unit of the values. Nothing is allocated, nothing fails. Any
 * thread. */
#ifndef GYM_STATS_H
#define GYM_STATS_H

#include <gym/error.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Quantile p in [0,1] by linear interpolation between order statistics (Hyndman and Fan
 * 1996, type 7: the default of R and NumPy). NaN when nothing is left or p is not in
 * [0,1]. */
GYM_API double gym_stats_quantile (const double *values, size_t n, double p);

/* Arithmetic mean by compensated summation; NaN when nothing is left. */
GYM_API double gym_stats_mean (const double *values, size_t n);

/* Sample standard deviation (n - 1); NaN below two values. */
GYM_API double gym_stats_deviation (const double *values, size_t n);

/* Number of evaluations until a best-so-far curve (falling) first is at most `target`:
 * 1 .. n, or 0 when it never is. NaN may stand at the beginning, before the first
 * feasible trial. O(log n). */
GYM_API size_t gym_stats_hit (const double *curve, size_t n, double target);

/* Expected running time to a target (COCO: Hansen et al. 2016): all evaluations spent
 * over the number of successes. hits[i] is 0 for a failed run, lengths[i] its length.
 * INFINITY without a success. */
GYM_API double gym_stats_expected_running_time (const size_t *hits, const size_t *lengths,
                                                size_t n);

#ifdef __cplusplus
}
#endif
#endif
