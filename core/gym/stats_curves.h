/* gym/stats_curves.h - how fast runs get where, over time and over targets.
 *
 * Curves are best-so-far values, one a distinct evaluation, in inner terms: they fall and
 * smaller is better. NaN may stand at the beginning, before the first feasible trial, and
 * counts as +INFINITY. A run that ended early keeps its last value. Arrays belong to the
 * caller; evaluations are counted from 1. Any thread. Functions that return int give 0,
 * or GYM_ENOMEM, or GYM_EINVAL where stated. */
#ifndef GYM_STATS_CURVES_H
#define GYM_STATS_CURVES_H

#include <gym/error.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* At most `most` (>= 2) numbers of evaluations between 1 and `last`, rising, evenly
 * spread over a logarithmic scale with the first and the last among them: what a figure
 * of any number of trials needs. Writes them into `at` and returns how many there are. */
GYM_API size_t gym_stats_grid (size_t last, size_t most, size_t *at);

/* Median and quartiles of n_runs curves at each of n_at evaluations; NaN where the
 * quantile is a run that has nothing feasible yet. Any output may be NULL.
 * O(n_at n_runs log n_runs). */
struct gym_curves {
  size_t n;                    /* runs */
  const double *const *values; /* of each run */
  const size_t *lengths;       /* a run without trials has length 0 */
};
GYM_API int gym_stats_bands (const struct gym_curves *curves, const size_t *at,
                             size_t n_at, double *median, double *q1, double *q3,
                             gym_error *err);

/* Running times with simulated restarts (Hansen et al., COCO, 2016): run after run drawn
 * with replacement until one reaches the target, all evaluations added up. hits[i] is 0
 * for a failed run, lengths[i] what it spent. Fills `times` with `samples` of them,
 * sample k drawn from the stream (seed, k); INFINITY when no run succeeds. Their mean
 * tends to gym_stats_expected_running_time. */
GYM_API void gym_stats_restarts (const size_t *hits, const size_t *lengths, size_t n,
                                 uint64_t seed, size_t samples, double *times);

/* Share of runs that hit; NaN without a run. */
GYM_API double gym_stats_success (const size_t *hits, size_t n);

/* The empirical distribution of n values: sorted[k] is reached by the share (k + 1) / n.
 * NaN and infinities come last: they count in n and are never reached. Returns how many
 * are finite. `sorted` may be `values`. Over running times divided by dimension or
 * budget, pooled over targets, envs and seeds, this is COCO's ECDF. */
GYM_API size_t gym_stats_ecdf (const double *values, size_t n, double *sorted);

/* The share of n sorted values that are at most x: the height of an ECDF, and of a
 * performance profile. O(log n). */
GYM_API double gym_stats_share (const double *sorted, size_t n, double x);

/* Performance profiles (Dolan and More 2002). cost[problem * n_solvers + solver] > 0, not
 * finite for a failure. ratios[solver * n_problems + k], each solver's part sorted, are
 * its costs over the least of their problem; solver s solves the share
 * gym_stats_share (ratios + s * n_problems, n_problems, tau) within a factor tau of the
 * best. A problem that nobody solves has ratios INFINITY. GYM_EINVAL: a cost <= 0. */
GYM_API int gym_stats_profile (const double *cost, size_t n_problems, size_t n_solvers,
                               double *ratios, gym_error *err);

/* Targets for running times on a problem: n_targets values, falling, evenly spread (on a
 * logarithmic scale of the distance to `best`) from `start` to `best` itself, the last.
 * The nearest but one is 1e-3 of the range away. */
GYM_API void gym_stats_targets (double start, double best, size_t n_targets,
                                double *targets);

/* How much better `value` is than `baseline` (the mean random design), as a share of the
 * baseline's size: positive is better. NaN when the baseline is 0 or either is NaN. */
GYM_API double gym_stats_improvement (double baseline, double value);

/* Share of n values that are at most `target`: random search's own hit rate, which says
 * how hard a target is. NaN values (infeasible designs) count as misses. */
GYM_API double gym_stats_hit_rate (const double *values, size_t n, double target);

#ifdef __cplusplus
}
#endif
#endif
