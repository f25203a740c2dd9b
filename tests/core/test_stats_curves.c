/* Bands, running times, distributions, performance profiles. */
#include "tests/core/stats_help.h"
#include "tests/core/stats_values.h"

static void
test_grid (void)
{
  size_t at[100];
  for (size_t last = 0; last < 300; last++)
    for (size_t most = 2; most < 60; most += 7) {
      size_t n = gym_stats_grid (last, most, at);
      CU_ASSERT (n <= most && (n > 0) == (last > 0));
      CU_ASSERT (n == 0 || (at[0] == 1 && at[n - 1] == last));
      for (size_t i = 1; i < n; i++)
        CU_ASSERT (at[i] > at[i - 1]);
      CU_ASSERT (last > most / 2 || n == last); /* few evaluations: all of them */
    }
  CU_ASSERT_EQUAL (gym_stats_grid (1000, 4, at), 4);
  CU_ASSERT (at[1] == 10 && at[2] == 100);
}

static void
test_bands (void)
{
  const double *values[7];
  size_t lengths[7], at[40];
  double median[40], q1[40], q3[40];
  for (size_t i = 0; i < 7; i++) {
    values[i] = curve_runs + 40 * i;
    lengths[i] = 40;
  }
  for (size_t i = 0; i < 40; i++)
    at[i] = i + 1;
  struct gym_curves curves = { .n = 7, .values = values, .lengths = lengths };
  CU_ASSERT_EQUAL (gym_stats_bands (&curves, at, 40, median, q1, q3, NULL), GYM_OK);
  for (size_t i = 0; i < 40; i++) {
    NEAR (median[i], curve_bands[i], 1e-13);
    NEAR (q1[i], curve_bands[40 + i], 1e-13);
    NEAR (q3[i], curve_bands[80 + i], 1e-13);
  }
}

/* Three runs: one that begins infeasible, a short one, one without a trial. */
static void
test_uneven_bands (void)
{
  static const double x[] = { NAN, NAN, 4, 2 }, y[] = { 3, 1 };
  const double *values[] = { x, y, NULL };
  static const size_t lengths[] = { 4, 2, 0 }, at[] = { 1, 2, 3, 4, 9 };
  double median[5], q1[5];
  struct gym_curves curves = { .n = 3, .values = values, .lengths = lengths };
  gym_stats_bands (&curves, at, 5, median, q1, NULL, NULL);
  CU_ASSERT (isnan (median[0]) && isnan (median[1]));
  CU_ASSERT (median[2] == 4 && median[3] == 2 && median[4] == 2);
  CU_ASSERT (isnan (q1[0]));
  CU_ASSERT_EQUAL (q1[2], 2.5);
}

static void
test_restarts (void)
{
  enum { N = 200000 };
  static const size_t hits[] = { 20, 0, 30, 0 }, lengths[] = { 100, 100, 100, 50 };
  static double times[N];
  gym_stats_restarts (hits, lengths, 4, 5, N, times);
  NEAR (gym_stats_mean (times, N), gym_stats_expected_running_time (hits, lengths, 4),
        0.01);
  double first = times[7], share = 0;
  for (size_t i = 0; i < N; i++) {
    CU_ASSERT (times[i] >= 20);
    share += times[i] == 20;
  }
  NEAR (share / N, 0.25, 0.02);
  gym_stats_restarts (hits, lengths, 4, 5, 8, times);
  CU_ASSERT_EQUAL (times[7], first);
  gym_stats_restarts (hits + 1, lengths, 1, 5, 1, times);
  CU_ASSERT_EQUAL (times[0], INFINITY);
  CU_ASSERT_EQUAL (gym_stats_success (hits, 4), 0.5);
  CU_ASSERT (isnan (gym_stats_success (hits, 0)));
}

static void
test_ecdf (void)
{
  static const double values[] = { 5, NAN, 2, INFINITY, 2, 9 };
  double sorted[6];
  CU_ASSERT_EQUAL (gym_stats_ecdf (values, 6, sorted), 4);
  CU_ASSERT (sorted[0] == 2 && sorted[1] == 2 && sorted[2] == 5 && sorted[3] == 9);
  CU_ASSERT_EQUAL (gym_stats_share (sorted, 6, 1.9), 0);
  CU_ASSERT_EQUAL (gym_stats_share (sorted, 6, 2), 2.0 / 6);
  CU_ASSERT_EQUAL (gym_stats_share (sorted, 6, 1e9), 4.0 / 6);
  CU_ASSERT (isnan (gym_stats_share (sorted, 0, 1)));
}

static void
test_profile (void)
{
  static const double cost[] = { 10, 20, NAN, 6, 3, 9, INFINITY, NAN, INFINITY, 8, 8, 4 };
  double r[12];
  CU_ASSERT_EQUAL (gym_stats_profile (cost, 4, 3, r, NULL), GYM_OK);
  static const double expected[] = { 1, 2, 2, 0, 1, 2, 2, 0, 1, 3, 0, 0 };
  for (int i = 0; i < 12; i++)
    CU_ASSERT_EQUAL (r[i], expected[i] == 0 ? INFINITY : expected[i]);
  CU_ASSERT_EQUAL (gym_stats_share (r, 4, 1), 0.25);
  CU_ASSERT_EQUAL (gym_stats_share (r, 4, 2), 0.75);
  static const double zero[] = { 0, 1 };
  CU_ASSERT_EQUAL (gym_stats_profile (zero, 1, 2, r, NULL), GYM_EINVAL);
}

static void
test_small_ones (void)
{
  double t[5];
  static const double random[] = { 5, NAN, 3, 8 };
  gym_stats_targets (110, 10, 5, t);
  NEAR (t[0], 110, 1e-14);
  NEAR (t[1], 20, 1e-14);
  NEAR (t[3], 10.1, 1e-14);
  CU_ASSERT_EQUAL (t[4], 10);
  CU_ASSERT_EQUAL (gym_stats_improvement (-10, -15), 0.5);
  CU_ASSERT_EQUAL (gym_stats_improvement (10, 12), -0.2);
  CU_ASSERT (isnan (gym_stats_improvement (0, 12)));
  CU_ASSERT_EQUAL (gym_stats_hit_rate (random, 4, 5), 0.5);
  CU_ASSERT (isnan (gym_stats_hit_rate (random, 0, 5)));
}

int
main (void)
{
  static const struct tap_test tests[] = { { "grids of evaluations", test_grid },
                                           { "bands", test_bands },
                                           { "bands of uneven runs", test_uneven_bands },
                                           { "simulated restarts", test_restarts },
                                           { "distributions", test_ecdf },
                                           { "performance profiles", test_profile },
                                           { "targets, improvement, hit rate",
                                             test_small_ones },
                                           { 0 } };
  return tap_run ("stats_curves", tests);
}
