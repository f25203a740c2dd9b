/* Quantiles, means and running times against values known elsewhere. */
#include "tests/tap.h"

#include <gym/rng.h>
#include <gym/stats.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

/* R 4.2, quantile (c (2, 5, 8, 10, 12, 18, 20, 21, 33), type = 7) and the like. */
static void
test_quantiles (void)
{
  static const double nine[] = { 12, 33, 2, 10, 5, 21, 8, 18, 20 };
  CU_ASSERT_EQUAL (gym_stats_quantile (nine, 9, 0), 2);
  CU_ASSERT_EQUAL (gym_stats_quantile (nine, 9, 0.25), 8);
  CU_ASSERT_EQUAL (gym_stats_quantile (nine, 9, 0.5), 12);
  CU_ASSERT_EQUAL (gym_stats_quantile (nine, 9, 0.75), 20);
  CU_ASSERT_EQUAL (gym_stats_quantile (nine, 9, 1), 33);
  CU_ASSERT_DOUBLE_EQUAL (gym_stats_quantile (nine, 9, 0.1), 4.4, 1e-12);
  CU_ASSERT_DOUBLE_EQUAL (gym_stats_quantile (nine, 9, 0.9), 23.4, 1e-12);
  static const double four[] = { 4, 1, 3, 2 }; /* Wikipedia's and NumPy's example */
  CU_ASSERT_DOUBLE_EQUAL (gym_stats_quantile (four, 4, 0.25), 1.75, 1e-15);
  CU_ASSERT_DOUBLE_EQUAL (gym_stats_quantile (four, 4, 0.5), 2.5, 1e-15);
  CU_ASSERT_DOUBLE_EQUAL (gym_stats_quantile (four, 4, 0.75), 3.25, 1e-15);
}

static void
test_quantile_edges (void)
{
  static const double mixed[] = { NAN, 3, NAN, -1, INFINITY, -0.0 };
  CU_ASSERT (isnan (gym_stats_quantile (mixed, 1, 0.5)));
  CU_ASSERT (isnan (gym_stats_quantile (mixed, 0, 0.5)));
  CU_ASSERT (isnan (gym_stats_quantile (mixed, 6, 1.5)));
  CU_ASSERT (isnan (gym_stats_quantile (mixed, 6, NAN)));
  CU_ASSERT_EQUAL (gym_stats_quantile (mixed, 2, 0.7), 3);
  CU_ASSERT_EQUAL (gym_stats_quantile (mixed, 6, 0), -1);
  CU_ASSERT_EQUAL (gym_stats_quantile (mixed, 6, 0.5), 1.5);
  CU_ASSERT_EQUAL (gym_stats_quantile (mixed, 6, 1), INFINITY);
  CU_ASSERT_EQUAL (gym_stats_quantile (mixed, 6, 0.9), INFINITY);
  static const double both[] = { INFINITY, INFINITY, INFINITY };
  CU_ASSERT_EQUAL (gym_stats_quantile (both, 3, 0.3), INFINITY);
}

static int
rising (const void *a, const void *b)
{
  const double *x = a, *y = b;
  return (*x > *y) - (*x < *y);
}

static void
test_quantile_by_sorting (void)
{
  gym_rng rng;
  double values[40], sorted[40];
  gym_rng_init (&rng, 5);
  for (int round = 0; round < 200; round++) {
    size_t n = 1 + gym_rng_below (&rng, 40);
    for (size_t i = 0; i < n; i++)
      sorted[i] = values[i] = round % 2 ? gym_rng_normal (&rng) * exp (round)
                                        : (double)gym_rng_below (&rng, 5) - 2;
    qsort (sorted, n, sizeof *sorted, rising);
    for (size_t k = 0; k < n; k++) {
      double p = n > 1 ? (double)k / (double)(n - 1) : 0.5;
      double q = gym_stats_quantile (values, n, p);
      CU_ASSERT (fabs (q - sorted[k]) <= 1e-9 * fabs (sorted[k]));
    }
  }
}

static void
test_moments (void)
{
  static const double values[] = { 2, NAN, 4, 4, 4, 5, 5, 7, 9 };
  CU_ASSERT_EQUAL (gym_stats_mean (values, 9), 5);
  CU_ASSERT_DOUBLE_EQUAL (gym_stats_deviation (values, 9), 2.138089935299395, 1e-15);
  CU_ASSERT (isnan (gym_stats_mean (values + 1, 1)));
  CU_ASSERT (isnan (gym_stats_deviation (values, 2)));
  static const double hard[] = { 1, 1e100, 1, -1e100 }; /* plain summation gives 0 */
  CU_ASSERT_EQUAL (gym_stats_mean (hard, 4), 0.5);
  static const double infinite[] = { 1, INFINITY };
  CU_ASSERT_EQUAL (gym_stats_mean (infinite, 2), INFINITY);
  /* NIST StRD, NumAcc4: mean 10000000.2, deviation 0.1. */
  static double numacc4[1001];
  numacc4[0] = 10000000.2;
  for (int i = 1; i < 1001; i++)
    numacc4[i] = i % 2 ? 10000000.1 : 10000000.3;
  CU_ASSERT_DOUBLE_EQUAL (gym_stats_mean (numacc4, 1001), 10000000.2, 2e-9);
  CU_ASSERT_DOUBLE_EQUAL (gym_stats_deviation (numacc4, 1001), 0.1, 1e-8);
}

static void
test_hits (void)
{
  static const double curve[] = { NAN, NAN, 9, 7, 7, 3, 3, 3 };
  CU_ASSERT_EQUAL (gym_stats_hit (curve, 8, 10), 3);
  CU_ASSERT_EQUAL (gym_stats_hit (curve, 8, 7), 4);
  CU_ASSERT_EQUAL (gym_stats_hit (curve, 8, 6.9), 6);
  CU_ASSERT_EQUAL (gym_stats_hit (curve, 8, 3), 6);
  CU_ASSERT_EQUAL (gym_stats_hit (curve, 8, 2), 0);
  CU_ASSERT_EQUAL (gym_stats_hit (curve, 2, 2), 0);
  CU_ASSERT_EQUAL (gym_stats_hit (curve, 0, 2), 0);
  CU_ASSERT_EQUAL (gym_stats_hit (curve + 2, 1, 9), 1);
}

static void
test_running_time (void)
{
  static const size_t hits[] = { 20, 0, 30, 0 }, lengths[] = { 100, 100, 100, 50 };
  CU_ASSERT_EQUAL (gym_stats_expected_running_time (hits, lengths, 4), 100);
  CU_ASSERT_EQUAL (gym_stats_expected_running_time (hits, lengths, 1), 20);
  CU_ASSERT_EQUAL (gym_stats_expected_running_time (hits + 1, lengths, 1), INFINITY);
  CU_ASSERT_EQUAL (gym_stats_expected_running_time (hits, lengths, 0), INFINITY);
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { "published quantiles", test_quantiles },
    { "quantiles at the edges", test_quantile_edges },
    { "quantiles by sorting", test_quantile_by_sorting },
    { "means and deviations", test_moments },
    { "evaluations to a target", test_hits },
    { "expected running time", test_running_time },
    { 0 }
  };
  return tap_run ("stats", tests);
}
