/* gym/stats_compare.h - which of several agents is better, and how sure that is.
 *
 * Everywhere here smaller values are better (inner terms of an objective). NaN, a run
 * that found nothing feasible, counts as +INFINITY: worse than any number and tied with
 * its like. Arrays belong to the caller and are not changed unless they are for output;
 * results have the unit of the values. Costs O(n log n) unless it says otherwise. Any
 * thread. Functions that return int give 0, or GYM_ENOMEM, or GYM_EINVAL where stated. */
#ifndef GYM_STATS_COMPARE_H
#define GYM_STATS_COMPARE_H

#include <gym/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Ranks from 1, equal values sharing the mean of their places. `ties` (may be NULL)
 * receives the sum of t^3 - t over groups of t equal values. */
GYM_API int gym_stats_ranks (const double *values, size_t n, double *ranks, double *ties,
                             gym_error *err);

/* What a test came to. */
struct gym_test {
  double statistic; /* W+, U of the first sample, or the chi-square statistic */
  double p;         /* two-sided (of the chi-square tests: upper tail); NaN: no data */
  double smallest;  /* the smallest p that so few values can give; NaN when unknown */
  size_t n;         /* pairs, or values, or blocks that took part */
  size_t dropped;   /* pairs without a difference */
  bool exact;       /* p from the exact distribution */
};

/* Wilcoxon's signed-rank test (1945) of n pairs. Pairs without a difference are dropped,
 * as Wilcoxon did and R and SciPy do by default. Exact up to 50 pairs when no two
 * differences are equal in size; else the normal approximation with correction for ties
 * and for continuity (wilcox.test of R with its defaults). `smallest` is 2^(1-n), n the
 * pairs given: five seeds cannot give less than 0.0625. The statistic is the sum of ranks
 * where `a` is larger, thus worse. */
GYM_API int gym_stats_signed_rank (const double *a, const double *b, size_t n,
                                   struct gym_test *test, gym_error *err);

/* Wilcoxon's rank-sum test, of Mann and Whitney (1947), of two independent samples. Exact
 * when both have at most 50 values and none is twice there, else as above. The statistic
 * is U of the first sample: how many of the n_a n_b pairs have a larger `a`. */
GYM_API int gym_stats_rank_sum (const double *a, size_t n_a, const double *b, size_t n_b,
                                struct gym_test *test, gym_error *err);

/* Holm's correction (1979) for n tests together: adjusted[i] is p[i] times the number of
 * p values that are not smaller, made monotone and at most 1. NaN stays and does not
 * count. The two arrays may be the same. */
GYM_API int gym_stats_holm (const double *p, size_t n, double *adjusted, gym_error *err);

/* Friedman's test (1937) of k treatments in n blocks, values[block * k + treatment], with
 * the correction for ties; mean_ranks[k] are filled in, 1 the best. Chi-square with k - 1
 * degrees of freedom (statistics with n >= 2, k >= 2, else p is NaN). */
GYM_API int gym_stats_friedman (const double *values, size_t n, size_t k,
                                double *mean_ranks, struct gym_test *test,
                                gym_error *err);

/* Kruskal and Wallis's test (1952) of whether the values of n_groups groups differ;
 * group[i] < n_groups is where value i belongs. Corrected for ties; groups without a
 * value do not count. */
GYM_API int gym_stats_kruskal (const double *values, const uint32_t *group, size_t n,
                               uint32_t n_groups, struct gym_test *test, gym_error *err);

/* Distributions: the normal one and its quantile; the upper tail of chi-square; the
 * studentized range of k >= 2 normal variables with known variance, by quadrature, and
 * its quantile (1 - alpha) by bisection. Relative error below 1e-9, NaN out of range. */
GYM_API double gym_stats_normal (double x);
GYM_API double gym_stats_normal_quantile (double p);
GYM_API double gym_stats_chi_square (double x, double degrees);
GYM_API double gym_stats_range (double q, size_t k);
GYM_API double gym_stats_range_quantile (double p, size_t k);

/* Nemenyi's critical difference (1963; Demsar 2006) of mean ranks: two of k treatments in
 * n blocks differ at level `alpha` when their mean ranks are at least that far apart. NaN
 * when k < 2 or n < 1. */
GYM_API double gym_stats_critical_difference (size_t n, size_t k, double alpha);

/* Vargha and Delaney's A (2000): the chance that a value of `a` is better (smaller) than
 * one of `b`, ties half. 0.5 is no effect; 0.56, 0.64 and 0.71 (or 0.44, 0.36, 0.29) are
 * called small, medium and large. NaN when a sample is empty. */
GYM_API int gym_stats_effect (const double *a, size_t n_a, const double *b, size_t n_b,
                              double *effect, gym_error *err);

/* Pairs in which `a` is better, as good, worse. */
struct gym_wins {
  size_t wins, ties, losses;
};
GYM_API struct gym_wins gym_stats_wins (const double *a, const double *b, size_t n);

/* Bootstrap confidence interval of `statistic` (Efron 1979), which gets n values drawn
 * with replacement in a buffer it may reorder. `level` 0.95 is usual; at least 1,000
 * resamples make sense. Resample i is drawn from the stream (seed, i): the same seed
 * gives the same interval. BCa (Efron 1987) corrects for bias and skew; where it is not
 * defined (all values equal) it is the percentile interval. GYM_EINVAL: no value, level
 * not in (0,1), no resample. O(resamples (n + cost of the statistic)). */
enum gym_bootstrap { GYM_BOOTSTRAP_PERCENTILE = 0, GYM_BOOTSTRAP_BCA = 1 };
struct gym_interval {
  double estimate, low, high;
};
GYM_API int gym_stats_bootstrap (const double *values, size_t n,
                                 double (*statistic) (double *values, size_t n),
                                 enum gym_bootstrap kind, double level, size_t resamples,
                                 uint64_t seed, struct gym_interval *interval,
                                 gym_error *err);

/* Mean and median (quantile type 7) as statistics for it. */
GYM_API double gym_stats_boot_mean (double *values, size_t n);
GYM_API double gym_stats_boot_median (double *values, size_t n);

/* The hyperparameter lottery (Krishnan et al., ISCA 2023): score[i] is what setting i of
 * agent agent[i] < n_agents came to. */
struct gym_lottery {
  size_t settings;        /* of all agents with a finite score */
  double widest, typical; /* spread (worst - best) over an agent's settings: largest, and
                             median over agents with two settings or more */
  double between;         /* spread between the agents' best settings */
};
struct gym_lottery_band {
  size_t settings, failed; /* with a score, and without */
  double best, q1, median, q3, worst;
};
GYM_API int gym_stats_lottery (const double *score, const uint32_t *agent, size_t n,
                               uint32_t n_agents, struct gym_lottery_band *bands,
                               struct gym_lottery *lottery, gym_error *err);

#ifdef __cplusplus
}
#endif
#endif
