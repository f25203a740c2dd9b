/* core/stats_inside.h - what the files of the statistics share. */
#ifndef CORE_STATS_INSIDE_H
#define CORE_STATS_INSIDE_H

#include <gym/error.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* NaN, a run without a result, is worse than any number. */
static inline double
gym_stats_worst (double x)
{
  return isnan (x) ? INFINITY : x;
}

static inline int
gym_stats_rising (const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Sorts numbers, none of them NaN. */
static inline void
gym_stats_sort (double *values, size_t n)
{
  if (n > 1)
    qsort (values, n, sizeof *values, gym_stats_rising);
}

/* Quantile of type 7 of sorted numbers, n > 0; of two infinities it is infinite. */
static inline double
gym_stats_sorted_quantile (const double *sorted, size_t n, double p)
{
  double place = p * (double)(n - 1);
  size_t k = (size_t)place;
  double share = place - (double)k;
  if (share == 0 || k + 1 >= n || sorted[k] == sorted[k + 1])
    return sorted[k];
  return sorted[k] + share * (sorted[k + 1] - sorted[k]);
}

static inline int
gym_stats_no_memory (gym_error *err)
{
  return gym_fail (err, GYM_ENOMEM, "statistics: out of memory");
}

#endif
