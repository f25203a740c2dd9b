/* Effect sizes, wins, bootstrap intervals, lottery bands. */
#include "tests/core/stats_help.h"
#include "tests/core/stats_values.h"

static void
test_effect (void)
{
  double seen;
  CU_ASSERT_EQUAL (gym_stats_effect (tied, 12, other, 9, &seen, NULL), GYM_OK);
  NEAR (seen, effect[0], 1e-14);
  static const double low[] = { 1, 2 }, high[] = { 3, NAN };
  gym_stats_effect (low, 2, high, 2, &seen, NULL);
  CU_ASSERT_EQUAL (seen, 1);
  gym_stats_effect (high, 2, low, 2, &seen, NULL);
  CU_ASSERT_EQUAL (seen, 0);
  gym_stats_effect (low, 2, low, 0, &seen, NULL);
  CU_ASSERT (isnan (seen));
}

static void
test_wins (void)
{
  static const double x[] = { 1, 5, NAN, 3, NAN }, y[] = { 2, 4, 9, 3, NAN };
  struct gym_wins w = gym_stats_wins (x, y, 5);
  CU_ASSERT_EQUAL (w.wins, 1);
  CU_ASSERT_EQUAL (w.ties, 2);
  CU_ASSERT_EQUAL (w.losses, 2);
}

static void
check_interval (enum gym_bootstrap kind, const double *expected)
{
  struct gym_interval i, again;
  CU_ASSERT_EQUAL (gym_stats_bootstrap (boot, LENGTH (boot), gym_stats_boot_mean, kind,
                                        0.9, 100000, 3, &i, NULL),
                   GYM_OK);
  NEAR (i.low, expected[0], 0.01);
  NEAR (i.high, expected[1], 0.01);
  NEAR (i.estimate, gym_stats_mean (boot, LENGTH (boot)), 1e-14);
  gym_stats_bootstrap (boot, LENGTH (boot), gym_stats_boot_mean, kind, 0.9, 100000, 3,
                       &again, NULL);
  CU_ASSERT (again.low == i.low && again.high == i.high);
}

static void
test_bootstrap (void)
{
  check_interval (GYM_BOOTSTRAP_PERCENTILE, boot_percentile);
  check_interval (GYM_BOOTSTRAP_BCA, boot_bca);
  static const double same[] = { 4, 4, 4 };
  struct gym_interval i;
  gym_stats_bootstrap (same, 3, gym_stats_boot_median, GYM_BOOTSTRAP_BCA, 0.95, 100, 1,
                       &i, NULL);
  CU_ASSERT (i.low == 4 && i.estimate == 4 && i.high == 4);
  CU_ASSERT_EQUAL (
      gym_stats_bootstrap (same, 0, gym_stats_boot_mean, 0, 0.95, 100, 1, &i, NULL),
      GYM_EINVAL);
  CU_ASSERT_EQUAL (
      gym_stats_bootstrap (same, 3, gym_stats_boot_mean, 0, 1, 100, 1, &i, NULL),
      GYM_EINVAL);
}

static void
test_lottery (void)
{
  static const double score[] = { 10, 1, 14, 3, 12, NAN, 2, 7 };
  static const uint32_t agent[] = { 0, 1, 0, 1, 0, 1, 1, 3 };
  struct gym_lottery_band bands[4];
  struct gym_lottery l;
  CU_ASSERT_EQUAL (gym_stats_lottery (score, agent, 8, 4, bands, &l, NULL), GYM_OK);
  CU_ASSERT_EQUAL (bands[0].best, 10);
  CU_ASSERT_EQUAL (bands[0].q1, 11);
  CU_ASSERT_EQUAL (bands[0].median, 12);
  CU_ASSERT_EQUAL (bands[0].q3, 13);
  CU_ASSERT_EQUAL (bands[0].worst, 14);
  CU_ASSERT_EQUAL (bands[1].settings, 3);
  CU_ASSERT_EQUAL (bands[1].failed, 1);
  CU_ASSERT (isnan (bands[2].best));
  CU_ASSERT_EQUAL (l.settings, 7);
  CU_ASSERT_EQUAL (l.between, 9);
  CU_ASSERT_EQUAL (l.widest, 4);
  CU_ASSERT_EQUAL (l.typical, 3);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "effect size", test_effect },
                                           { "wins", test_wins },
                                           { "bootstrap", test_bootstrap },
                                           { "lottery", test_lottery },
                                           { 0 } };
  return tap_run ("stats_effect", tests);
}
