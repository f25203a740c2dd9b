/* The studentized range against SciPy's, critical differences against Demsar's table. */
#include "tests/core/stats_help.h"
#include "tests/core/stats_values.h"

static void
test_range (void)
{
  for (size_t i = 0; i < LENGTH (range_k); i++) {
    size_t k = (size_t)range_k[i];
    NEAR (gym_stats_range (3, k), range_at_3[i], 1e-8);
    NEAR (gym_stats_range_quantile (0.95, k), range_95[i], 1e-8);
    NEAR (gym_stats_range_quantile (0.90, k), range_90[i], 1e-8);
    NEAR (gym_stats_range (gym_stats_range_quantile (0.3, k), k), 0.3, 1e-12);
  }
  /* Two variables: a normal one with variance 2. */
  NEAR (gym_stats_range (1.7, 2), 2 * gym_stats_normal (1.7 / sqrt (2)) - 1, 1e-12);
  CU_ASSERT_EQUAL (gym_stats_range (0, 4), 0);
  CU_ASSERT_EQUAL (gym_stats_range (INFINITY, 4), 1);
  CU_ASSERT (isnan (gym_stats_range (1, 1)));
  CU_ASSERT (isnan (gym_stats_range_quantile (1, 3)));
}

/* Demsar (2006), section 3.2.2: 4 classifiers, 14 data sets. */
static void
test_critical_difference (void)
{
  CU_ASSERT_DOUBLE_EQUAL (gym_stats_critical_difference (14, 4, 0.05), 1.25, 0.005);
  CU_ASSERT_DOUBLE_EQUAL (gym_stats_critical_difference (14, 4, 0.10), 1.12, 0.005);
  CU_ASSERT (isnan (gym_stats_critical_difference (0, 4, 0.05)));
  CU_ASSERT (isnan (gym_stats_critical_difference (9, 1, 0.05)));
}

int
main (void)
{
  static const struct tap_test tests[] = { { "studentized range", test_range },
                                           { "critical differences",
                                             test_critical_difference },
                                           { 0 } };
  return tap_run ("stats_range", tests);
}
