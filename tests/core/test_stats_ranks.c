/* Ranks and distributions against SciPy's. */
#include "tests/core/stats_values.h"
#include "tests/core/stats_help.h"

static void
test_ranks (void)
{
  static const double x[] = { 3, NAN, 1, 3, -2, INFINITY, 3 };
  static const double expected[] = { 4, 6.5, 2, 4, 1, 6.5, 4 };
  double ranks[7], ties;
  CU_ASSERT_EQUAL (gym_stats_ranks (x, 7, ranks, &ties, NULL), GYM_OK);
  for (int i = 0; i < 7; i++)
    CU_ASSERT_EQUAL (ranks[i], expected[i]);
  CU_ASSERT_EQUAL (ties, 24 + 6);
  CU_ASSERT_EQUAL (gym_stats_ranks (x, 0, ranks, &ties, NULL), GYM_OK);
  CU_ASSERT_EQUAL (ties, 0);
}

static void
test_normal (void)
{
  for (size_t i = 0; i < LENGTH (normal_x); i++)
    NEAR (gym_stats_normal (normal_x[i]), normal[i], 1e-13);
  for (size_t i = 0; i < LENGTH (quantile_p); i++)
    NEAR (gym_stats_normal_quantile (quantile_p[i]), quantile[i], 1e-9);
  CU_ASSERT_EQUAL (gym_stats_normal_quantile (0), -INFINITY);
  CU_ASSERT_EQUAL (gym_stats_normal_quantile (1), INFINITY);
  CU_ASSERT (isnan (gym_stats_normal_quantile (1.1)));
}

static void
test_chi_square (void)
{
  for (size_t i = 0; i < LENGTH (chi); i++)
    NEAR (gym_stats_chi_square (chi_x[i], chi_degrees[i]), chi[i], 1e-12);
  CU_ASSERT_EQUAL (gym_stats_chi_square (0, 3), 1);
  CU_ASSERT_EQUAL (gym_stats_chi_square (INFINITY, 3), 0);
  CU_ASSERT (isnan (gym_stats_chi_square (1, 0)));
}

int
main (void)
{
  static const struct tap_test tests[] = { { "ranks with ties and NaN", test_ranks },
                                           { "normal distribution", test_normal },
                                           { "chi-square", test_chi_square },
                                           { 0 } };
  return tap_run ("stats_ranks", tests);
}
