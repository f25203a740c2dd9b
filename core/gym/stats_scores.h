/* gym/stats_scores.h - how well a model predicts numbers, and how well it knows that.
 *
 * `actual` and `predicted` are n finite numbers in one unit, owned by the caller and not
 * changed; spreads are standard deviations in that unit, not negative. A score that is
 * not defined (a correlation with a constant, an error relative to a mean of 0) is NaN.
 * Any thread; functions that return int give 0, GYM_ENOMEM or GYM_EINVAL, which names the
 * first number that is not finite. Costs O(n log n). */
#ifndef GYM_STATS_SCORES_H
#define GYM_STATS_SCORES_H

#include <gym/error.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Pearson's correlation of ranks, equal values sharing the mean of their places. */
GYM_API int gym_stats_spearman (const double *a, const double *b, size_t n,
                                double *correlation, gym_error *err);

/* Kendall's tau-b (1945), which corrects for ties, by sorting (Knight 1966). */
GYM_API int gym_stats_kendall (const double *a, const double *b, size_t n, double *tau,
                               gym_error *err);

/* Of the k best predicted, the share that is among the k best in truth. `sense` as enum
 * gym_sense: GYM_MAXIMISE makes large values the best, all else small ones. Of values
 * that are equal at the border of the k predicted ones each counts in part, as if chance
 * chose among them; in truth, all that are as good as the k-th are among the best. */
GYM_API int gym_stats_top_recall (const double *actual, const double *predicted, size_t n,
                                  size_t k, uint32_t sense, double *recall,
                                  gym_error *err);

struct gym_scores {
  uint32_t struct_size;
  uint32_t reserved;
  size_t n;
  double rmse;          /* root of the mean squared error, in the values' unit */
  double relative_rmse; /* over the size of the mean of `actual` */
  double mape;          /* mean of |error| / |actual|; a value of 0 makes it infinite */
  double r2;            /* 1 - squared error over that of the mean; at most 1 */
  double spearman, kendall;
  double recall; /* gym_stats_top_recall of the best 1 %, at least one row */

  /* Of the spread, taken as that of normal distributions; NaN without one. */
  double coverage50, coverage80, coverage95; /* shares within the central intervals */
  double nll; /* mean negative log-likelihood, in nats; infinite where a spread of 0 is
                 wrong */
  double sharpness; /* mean spread, in the values' unit */
};

/* All of them; `spread` may be NULL. `scores->struct_size` is the caller's to set. */
GYM_API int gym_stats_scores (const double *actual, const double *predicted,
                              const double *spread, size_t n, uint32_t sense,
                              struct gym_scores *scores, gym_error *err);

#ifdef __cplusplus
}
#endif
#endif
