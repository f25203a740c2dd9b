/* Scores of predictions against scikit-learn's and SciPy's, and against definitions. */
#include "tests/core/scores_values.h"
#include "tests/core/stats_help.h"

#include <stdlib.h>

/* rmse, relative, mape, r2, spearman, kendall, coverages, nll, sharpness. */
static void
compare (const double *actual, const double *predicted, const double *spread, size_t n,
         const double *expected)
{
  struct gym_scores s = { .struct_size = sizeof s };
  gym_error err = { 0 };
  CU_ASSERT_EQUAL (
      gym_stats_scores (actual, predicted, spread, n, GYM_MINIMISE, &s, &err), GYM_OK);
  CU_ASSERT_EQUAL (s.n, n);
  const double seen[] = { s.rmse,       s.relative_rmse, s.mape,       s.r2,
                          s.spearman,   s.kendall,       s.coverage50, s.coverage80,
                          s.coverage95, s.nll,           s.sharpness };
  for (size_t i = 0; i < LENGTH (seen); i++) {
    if (fabs (seen[i] - expected[i]) > 1e-9 * fabs (expected[i]))
      tap_note ("score %zu", i);
    NEAR (seen[i], expected[i], 1e-9);
  }
}

#define COMPARE(name)                                                                    \
  compare (name##_actual, name##_predicted, name##_spread, LENGTH (name##_actual), name)

static void
test_scores (void)
{
  COMPARE (plain);
  COMPARE (tied);
  COMPARE (large);
  COMPARE (three);
}

static void
recalls (const double *actual, const double *predicted, size_t n, const double *expected)
{
  static const size_t ks[] = { 1, 4, 35, 200 };
  for (size_t i = 0; i < 8; i++) {
    double seen;
    CU_ASSERT_EQUAL (gym_stats_top_recall (actual, predicted, n, ks[i / 2],
                                           i % 2 ? GYM_MAXIMISE : GYM_MINIMISE, &seen,
                                           NULL),
                     GYM_OK);
    NEAR (seen, expected[i], 1e-12);
  }
}

static void
test_recall (void)
{
  recalls (plain_actual, plain_predicted, LENGTH (plain_actual), plain_recall);
  recalls (tied_actual, tied_predicted, LENGTH (tied_actual), tied_recall);
  /* A model that knows nothing finds as many as chance does, whatever the order. */
  static const double truth[] = { 5, 1, 2, 3, 4, 0, 9, 8 }, same[8] = { 0 };
  double seen;
  CU_ASSERT_EQUAL (gym_stats_top_recall (truth, same, 8, 2, GYM_NEUTRAL, &seen, NULL),
                   GYM_OK);
  NEAR (seen, 0.25, 1e-15);
  gym_error err = { 0 };
  CU_ASSERT_EQUAL (gym_stats_top_recall (truth, same, 8, 9, GYM_NEUTRAL, &seen, &err),
                   GYM_EINVAL);
  CU_ASSERT_STRING_EQUAL (err.text, "scores: the best 9 of 8 values");
}

/* By the definition, all pairs. */
static double
slow_kendall (const double *a, const double *b, size_t n)
{
  double agree = 0, pairs_a = 0, pairs_b = 0;
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < i; j++) {
      double x = (a[i] > a[j]) - (a[i] < a[j]), y = (b[i] > b[j]) - (b[i] < b[j]);
      agree += x * y;
      pairs_a += x * x;
      pairs_b += y * y;
    }
  return agree / sqrt (pairs_a * pairs_b);
}

static void
test_kendall (void)
{
  for (uint64_t seed = 0; seed < 300; seed++) {
    double a[60], b[60], tau;
    gym_rng rng;
    gym_rng_init (&rng, seed);
    size_t n = 2 + gym_rng_below (&rng, 59), levels = 2 + gym_rng_below (&rng, 40);
    for (size_t i = 0; i < n; i++) {
      a[i] = (double)gym_rng_below (&rng, levels);
      b[i] = (double)gym_rng_below (&rng, levels) - (seed % 2 ? a[i] : 0);
    }
    CU_ASSERT_EQUAL (gym_stats_kendall (a, b, n, &tau, NULL), GYM_OK);
    double expected = slow_kendall (a, b, n);
    CU_ASSERT (isnan (expected) ? isnan (tau) : fabs (tau - expected) < 1e-12);
  }
}

/* Orders do not care for monotone changes of one side, nor for the order of rows. */
static void
test_invariance (void)
{
  enum { N = LENGTH (tied_actual) };
  double turned[N], moved[N], one, two;
  for (size_t i = 0; i < N; i++) {
    turned[i] = exp (tied_predicted[N - 1 - i] / 10);
    moved[i] = tied_actual[N - 1 - i];
  }
  gym_stats_kendall (tied_actual, tied_predicted, N, &one, NULL);
  gym_stats_kendall (turned, moved, N, &two, NULL);
  NEAR (one, two, 1e-13);
  gym_stats_spearman (tied_actual, tied_predicted, N, &one, NULL);
  gym_stats_spearman (turned, moved, N, &two, NULL);
  NEAR (one, two, 1e-13);
}

static void
test_edges (void)
{
  static const double a[] = { 2, 2, 2 }, b[] = { 1, 2, 4 }, zero[] = { 0, 0, 0 };
  struct gym_scores s = { .struct_size = sizeof s };
  CU_ASSERT_EQUAL (gym_stats_scores (a, b, NULL, 3, 0, &s, NULL), GYM_OK);
  CU_ASSERT (isnan (s.r2) && isnan (s.spearman) && isnan (s.kendall) && isnan (s.nll));
  NEAR (s.rmse, sqrt (5.0 / 3), 1e-15);
  CU_ASSERT_EQUAL (s.recall, 1); /* all are as good as the best */
  CU_ASSERT_EQUAL (gym_stats_scores (zero, b, zero, 3, 0, &s, NULL), GYM_OK);
  CU_ASSERT (isnan (s.relative_rmse) && isinf (s.mape) && s.nll == INFINITY);
  CU_ASSERT_EQUAL (s.coverage95, 0);
  CU_ASSERT_EQUAL (gym_stats_scores (b, b, zero, 3, 0, &s, NULL), GYM_OK);
  CU_ASSERT (s.nll == -INFINITY && s.coverage50 == 1 && s.r2 == 1 && s.kendall == 1);
  CU_ASSERT_EQUAL (gym_stats_scores (b, b, zero, 0, 0, &s, NULL), GYM_OK);
  CU_ASSERT (s.n == 0 && isnan (s.rmse) && isnan (s.recall));
  CU_ASSERT_EQUAL (gym_stats_scores (b, a, zero, 1, 0, &s, NULL), GYM_OK);
  CU_ASSERT (s.rmse == 1 && isnan (s.kendall));
}

/* What an older caller does not have room for is not written. */
static void
test_refused (void)
{
  static const double good[] = { 1, 2, 3 }, bad[] = { 1, NAN, 3 }, neg[] = { 1, 1, -1 };
  struct gym_scores s = { .struct_size = offsetof (struct gym_scores, mape), .mape = 7 };
  gym_error err = { 0 };
  CU_ASSERT_EQUAL (gym_stats_scores (bad, good, NULL, 3, 0, &s, &err), GYM_EINVAL);
  CU_ASSERT_STRING_EQUAL (err.text, "scores: actual value 1 is not a finite number");
  CU_ASSERT_EQUAL (gym_stats_scores (good, bad, NULL, 3, 0, &s, &err), GYM_EINVAL);
  CU_ASSERT_STRING_EQUAL (err.text, "scores: predicted value 1 is not a finite number");
  CU_ASSERT_EQUAL (gym_stats_scores (good, good, bad, 3, 0, &s, &err), GYM_EINVAL);
  CU_ASSERT_STRING_EQUAL (err.text, "scores: spread value 1 is not a finite number");
  CU_ASSERT_EQUAL (gym_stats_scores (good, good, neg, 3, 0, &s, &err), GYM_EINVAL);
  CU_ASSERT_STRING_EQUAL (err.text, "scores: spread value 2 is negative");
  CU_ASSERT_EQUAL (gym_stats_scores (good, good, NULL, 3, 0, &s, &err), GYM_OK);
  CU_ASSERT (s.mape == 7 && s.rmse == 0);
  double x = 0;
  CU_ASSERT_EQUAL (gym_stats_spearman (good, bad, 3, &x, &err), GYM_EINVAL);
  CU_ASSERT_STRING_EQUAL (err.text, "scores: second value 1 is not a finite number");
  CU_ASSERT (isnan (x));
  CU_ASSERT_EQUAL (gym_stats_kendall (bad, good, 3, &x, &err), GYM_EINVAL);
  CU_ASSERT_STRING_EQUAL (err.text, "scores: first value 1 is not a finite number");
  CU_ASSERT_EQUAL (gym_stats_top_recall (good, bad, 3, 1, 0, &x, &err), GYM_EINVAL);
  CU_ASSERT_STRING_EQUAL (err.text, "scores: predicted value 1 is not a finite number");
}

/* Equal values have no variance, whatever the mean is rounded to. */
static void
test_constants (void)
{
  enum { N = 200 };
  double a[N], b[N];
  struct gym_scores s = { .struct_size = sizeof s };
  for (size_t i = 0; i < N; i++) {
    a[i] = 0.1;
    b[i] = (double)i;
  }
  for (size_t n = 1; n <= N; n++) {
    CU_ASSERT_EQUAL (gym_stats_scores (a, b, NULL, n, 0, &s, NULL), GYM_OK);
    CU_ASSERT (isnan (s.r2) && isnan (s.spearman) && isnan (s.kendall));
  }
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { "errors, orders and spreads as scikit-learn and SciPy have them", test_scores },
    { "recall of the best", test_recall },
    { "Kendall's tau against all pairs", test_kendall },
    { "orders are orders", test_invariance },
    { "constants, zeros, few rows", test_edges },
    { "numbers that are none", test_refused },
    { "equal values", test_constants },
    { 0 }
  };
  return tap_run ("stats_scores", tests);
}
