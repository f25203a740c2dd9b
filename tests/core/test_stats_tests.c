/* Tests of ranks against SciPy's (and R's) p values, and against all permutations. */
#include "tests/core/stats_help.h"
#include "tests/core/stats_values.h"

static void
check_signed (const double *x, const double *y, size_t n, const double *expected,
              bool exact)
{
  struct gym_test t;
  CU_ASSERT_EQUAL (gym_stats_signed_rank (x, y, n, &t, NULL), GYM_OK);
  NEAR (t.statistic, expected[0], 1e-12);
  NEAR (t.p, expected[1], 1e-9);
  CU_ASSERT_EQUAL (t.exact, exact);
  CU_ASSERT_EQUAL (t.smallest, ldexp (1, 1 - (int)n));
}

static void
test_signed_rank (void)
{
  check_signed (pair_a, pair_b, LENGTH (pair_a), signed_exact, true);
  check_signed (tied, other, LENGTH (tied), signed_tied, false);
  check_signed (long_a, long_b, LENGTH (long_a), signed_long, false);
}

/* All 2^n signs of the ranks 1 .. n, for every statistic there is. */
static void
test_signed_by_enumeration (void)
{
  enum { N = 7 };
  for (unsigned signs = 0; signs < 1u << N; signs++) {
    double x[N], y[N] = { 0 }, w = 0, below = 0, above = 0;
    for (int i = 0; i < N; i++) {
      x[i] = signs >> i & 1 ? i + 1 : -(i + 1);
      w += signs >> i & 1 ? i + 1 : 0;
    }
    for (unsigned s = 0; s < 1u << N; s++) {
      double sum = 0;
      for (int i = 0; i < N; i++)
        sum += s >> i & 1 ? i + 1 : 0;
      below += sum <= w;
      above += sum >= w;
    }
    struct gym_test t;
    gym_stats_signed_rank (x, y, N, &t, NULL);
    NEAR (t.p, fmin (1, 2 * fmin (below, above) / (1u << N)), 1e-14);
    CU_ASSERT (t.p >= t.smallest);
  }
}

static void
test_signed_edges (void)
{
  static const double x[] = { 1, 2, NAN, NAN, 5, 6 }, y[] = { 1, 3, NAN, 4, 7, 9 };
  struct gym_test t;
  gym_stats_signed_rank (x, y, 6, &t, NULL);
  CU_ASSERT_EQUAL (t.n, 4);
  CU_ASSERT_EQUAL (t.dropped, 2);
  CU_ASSERT (t.exact);
  CU_ASSERT_EQUAL (t.statistic, 4); /* NaN against 4: the largest difference */
  CU_ASSERT_EQUAL (t.p, 2 * 7.0 / 16);
  gym_stats_signed_rank (x, x, 6, &t, NULL);
  CU_ASSERT_EQUAL (t.n, 0);
  CU_ASSERT_EQUAL (t.p, 1);
  gym_stats_signed_rank (x, y, 0, &t, NULL);
  CU_ASSERT (isnan (t.p));
}

static void
check_sum (const double *x, size_t n, const double *y, size_t m, const double *expected,
           bool exact)
{
  struct gym_test t;
  CU_ASSERT_EQUAL (gym_stats_rank_sum (x, n, y, m, &t, NULL), GYM_OK);
  NEAR (t.statistic, expected[0], 1e-12);
  NEAR (t.p, expected[1], 1e-9);
  CU_ASSERT_EQUAL (t.exact, exact);
}

static void
test_rank_sum (void)
{
  check_sum (long_a, 12, long_b, 9, sum_exact, true);
  check_sum (tied, 12, other, 12, sum_tied, false);
  check_sum (long_a, 70, long_b, 60, sum_long, false);
  static const double low[] = { 1, 2, 3, 4, 5 }, high[] = { 6, 7, 8, 9, 10 };
  struct gym_test t;
  gym_stats_rank_sum (low, 5, high, 5, &t, NULL);
  CU_ASSERT_EQUAL (t.statistic, 0);
  NEAR (t.p, 2.0 / 252, 1e-14);
  NEAR (t.smallest, 2.0 / 252, 1e-14);
  gym_stats_rank_sum (low, 5, high, 0, &t, NULL);
  CU_ASSERT (isnan (t.p));
}

static void
test_holm (void)
{
  double adjusted[8];
  CU_ASSERT_EQUAL (gym_stats_holm (holm_p, 6, adjusted, NULL), GYM_OK);
  for (int i = 0; i < 6; i++)
    NEAR (adjusted[i], holm[i], 1e-14);
  double with_gap[] = { NAN, 0.02, 0.02, NAN };
  gym_stats_holm (with_gap, 4, with_gap, NULL);
  CU_ASSERT (isnan (with_gap[0]) && isnan (with_gap[3]));
  CU_ASSERT_EQUAL (with_gap[1], 0.04);
  CU_ASSERT_EQUAL (with_gap[2], 0.04);
}

static void
test_friedman (void)
{
  double ranks[4];
  struct gym_test t;
  CU_ASSERT_EQUAL (gym_stats_friedman (blocks, 6, 4, ranks, &t, NULL), GYM_OK);
  NEAR (t.statistic, friedman[0], 1e-12);
  NEAR (t.p, friedman[1], 1e-11);
  for (int i = 0; i < 4; i++)
    NEAR (ranks[i], friedman_ranks[i], 1e-14);
  static const double same[] = { 1, 1, 2, 2 };
  gym_stats_friedman (same, 2, 2, ranks, &t, NULL);
  CU_ASSERT_EQUAL (t.p, 1);
  gym_stats_friedman (same, 1, 2, ranks, &t, NULL);
  CU_ASSERT (isnan (t.p));
}

static void
test_kruskal (void)
{
  static const uint32_t group[] = { 0, 0, 0, 0, 0, 2, 2, 2, 2, 3, 3, 3, 3, 3 };
  struct gym_test t;
  CU_ASSERT_EQUAL (gym_stats_kruskal (groups, group, 14, 4, &t, NULL), GYM_OK);
  NEAR (t.statistic, kruskal[0], 1e-12);
  NEAR (t.p, kruskal[1], 1e-11);
  gym_stats_kruskal (groups, group, 5, 4, &t, NULL);
  CU_ASSERT (isnan (t.p));
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { "signed ranks", test_signed_rank },
    { "signed ranks by enumeration", test_signed_by_enumeration },
    { "signed ranks at the edges", test_signed_edges },
    { "rank sums", test_rank_sum },
    { "Holm", test_holm },
    { "Friedman", test_friedman },
    { "Kruskal and Wallis", test_kruskal },
    { 0 }
  };
  return tap_run ("stats_tests", tests);
}
