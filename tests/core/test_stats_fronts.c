/* Indicators of fronts against NumPy, and over time against themselves. */
#include "tests/core/stats_help.h"
#include "tests/core/stats_values.h"

static void
test_indicators (void)
{
  NEAR (gym_stats_igd_plus (front_points, 4, front_target, 5, 3), front_igd[0], 1e-14);
  NEAR (gym_stats_epsilon (front_points, 4, front_target, 5, 3), front_epsilon[0], 1e-14);
  CU_ASSERT_EQUAL (gym_stats_igd_plus (front_target, 5, front_target, 5, 3), 0);
  CU_ASSERT_EQUAL (gym_stats_epsilon (front_target, 5, front_target, 5, 3), 0);
  CU_ASSERT_EQUAL (gym_stats_igd_plus (NULL, 0, front_target, 5, 3), INFINITY);
  CU_ASSERT (isnan (gym_stats_epsilon (front_points, 4, NULL, 0, 3)));
}

static void
test_scale (void)
{
  static const double points[] = { 1, 5, 3, 5, NAN, 9, 2, 5 };
  double low[2], high[2], out[8];
  gym_stats_extent (points, 4, 2, low, high);
  CU_ASSERT (low[0] == 1 && high[0] == 3 && low[1] == 5 && high[1] == 5);
  gym_stats_scale (points, 4, 2, low, high, out);
  CU_ASSERT (out[0] == 0 && out[2] == 1 && out[6] == 0.5 && out[1] == 0);
  gym_stats_extent (points, 0, 2, low, high);
  CU_ASSERT (isnan (low[0]) && isnan (high[1]));
}

/* At every number of evaluations: a fresh archive of the trials so far. */
static void
test_over_time (void)
{
  enum { N = 60 };
  double p[2 * N], reference[2] = { 1, 1 }, volume[N], igd[N], epsilon[N], set[2] = { 0 };
  size_t at[N];
  gym_rng rng;
  gym_rng_init (&rng, 2);
  for (int i = 0; i < N; i++) {
    p[2 * i] = i % 7 == 0 ? NAN : gym_rng_real (&rng);
    p[2 * i + 1] = gym_rng_real (&rng);
    at[i] = (size_t)i + 1;
  }
  struct gym_front_trials t = {
    .points = p, .n = N, .m = 2, .reference = reference, .set = set, .n_set = 1
  };
  CU_ASSERT_EQUAL (gym_stats_front_curves (&t, at, N, volume, igd, epsilon, NULL),
                   GYM_OK);
  CU_ASSERT_EQUAL (volume[0], 0);
  CU_ASSERT_EQUAL (igd[0], INFINITY);
  for (size_t n = 2; n <= N; n++) {
    gym_archive *a = gym_archive_new (2, NULL);
    double expected, *rows = p;
    for (size_t i = 0; i < n; i++)
      if (!isnan (rows[2 * i]))
        gym_archive_add (a, rows + 2 * i, i, NULL);
    gym_archive_hypervolume (a, reference, &expected, NULL);
    CU_ASSERT_EQUAL (volume[n - 1], expected);
    CU_ASSERT (volume[n - 1] >= volume[n - 2] && igd[n - 1] <= igd[n - 2]);
    NEAR (epsilon[n - 1],
          gym_stats_epsilon (gym_archive_point (a, 0), gym_archive_count (a), set, 1, 2),
          0);
    gym_archive_destroy (&a);
  }
  reference[0] = NAN;
  CU_ASSERT_EQUAL (gym_stats_front_curves (&t, at, 1, volume, NULL, NULL, NULL),
                   GYM_EINVAL);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "indicators", test_indicators },
                                           { "extent and scale", test_scale },
                                           { "over time", test_over_time },
                                           { 0 } };
  return tap_run ("stats_fronts", tests);
}
