/* Importance of parameters against NumPy's least squares and SciPy's tests. */
#include "tests/core/stats_help.h"
#include "tests/core/stats_values.h"

enum { N = LENGTH (cell_values) };

static uint8_t cell[3][N];
static struct gym_factor factors[3] = { { .n_cells = 5 },
                                        { .n_cells = 12, .ordered = true },
                                        { .n_cells = 4 } };

static void
prepare (void)
{
  for (size_t i = 0; i < 3 * N; i++)
    cell[i / N][i % N] = (uint8_t)cells[i];
  for (size_t k = 0; k < 3; k++)
    factors[k].cells = cell[k];
}

static void
test_ped_anova (void)
{
  double importance[3];
  prepare ();
  CU_ASSERT_EQUAL (
      gym_stats_ped_anova (factors, 3, cell_values, N, 0.1, 1, importance, NULL), GYM_OK);
  for (int k = 0; k < 3; k++)
    NEAR (importance[k], ped_all[k], 1e-10);
  gym_stats_ped_anova (factors, 3, cell_values, N, 0.1, 0.6, importance, NULL);
  for (int k = 0; k < 3; k++)
    NEAR (importance[k], ped_within[k], 1e-10);
  CU_ASSERT_EQUAL (
      gym_stats_ped_anova (factors, 3, cell_values, N, 0.6, 0.6, importance, NULL),
      GYM_EINVAL);
}

static void
test_main_effects (void)
{
  struct gym_effect e;
  prepare ();
  for (int k = 0; k < 3; k++) {
    CU_ASSERT_EQUAL (gym_stats_main_effect (&factors[k], cell_values, N, &e, NULL),
                     GYM_OK);
    CU_ASSERT_DOUBLE_EQUAL (e.share, main_share[k], 1e-12);
    NEAR (e.p, main_p[k], 1e-9);
  }
}

static void
test_interactions (void)
{
  static const int pair[][2] = { { 0, 1 }, { 0, 2 }, { 1, 2 } };
  double share, p;
  prepare ();
  for (int i = 0; i < 3; i++)
    for (int turn = 0; turn < 2; turn++) {
      const struct gym_factor *x = &factors[pair[i][turn]], *y = &factors[pair[i][!turn]];
      CU_ASSERT_EQUAL (gym_stats_interaction (x, y, cell_values, N, 64, &share, &p, NULL),
                       GYM_OK);
      CU_ASSERT_DOUBLE_EQUAL (share, pairs[2 * i], 1e-8);
      CU_ASSERT_DOUBLE_EQUAL (p, pairs[2 * i + 1], 1e-7);
    }
}

/* What cannot be told apart, and what is told without noise. */
static void
test_plain_tables (void)
{
  static const uint8_t x[] = { 0, 0, 1, 1, 0, 0, 1, 1 }, y[] = { 0, 1, 0, 1, 0, 1, 0, 1 };
  static const double add[] = { 0, 1, 2, 3, 0, 1, 2, 3 };
  static const double both[] = { 0, 1, 1, 0, 0, 1, 1, 0 };
  struct gym_factor f = { .cells = x, .n_cells = 2 }, g = { .cells = y, .n_cells = 2 };
  double share, p;
  gym_stats_interaction (&f, &g, add, 8, 8, &share, &p, NULL);
  CU_ASSERT_DOUBLE_EQUAL (share, 0, 1e-12);
  CU_ASSERT_EQUAL (p, 1);
  gym_stats_interaction (&f, &g, both, 8, 8, &share, &p, NULL);
  CU_ASSERT_DOUBLE_EQUAL (share, 1, 1e-12);
  CU_ASSERT_EQUAL (p, 0);
  gym_stats_interaction (&f, &g, both, 4, 8, &share, &p, NULL);
  CU_ASSERT (isnan (share) && isnan (p)); /* one trial a cell: noise is unknown */
  struct gym_effect e;
  gym_stats_main_effect (&f, both, 8, &e, NULL);
  CU_ASSERT_EQUAL (e.share, 0);
  gym_stats_main_effect (&f, both, 0, &e, NULL);
  CU_ASSERT (e.share == 0 && e.p == 1);
}

static void
test_cells (void)
{
  static const double levels[] = { 2, 0, NAN, 1 }, unit[] = { 0, 0.49, 1, 0.999 };
  uint8_t c[4];
  struct gym_factor f = { .ordered = true };
  gym_stats_cells (levels, 4, 3, 0, c, &f);
  CU_ASSERT (c[0] == 2 && c[1] == 0 && c[2] == 3 && c[3] == 1);
  CU_ASSERT (f.n_cells == 4 && f.inactive && f.ordered);
  gym_stats_cells (unit, 4, 0, 10, c, &f);
  CU_ASSERT (c[0] == 0 && c[1] == 4 && c[2] == 9 && c[3] == 9);
  CU_ASSERT (f.n_cells == 10 && !f.inactive);
}

static void
test_f_tail (void)
{
  for (size_t i = 0; i < LENGTH (f_tail); i++)
    NEAR (gym_stats_f_tail (f_arguments[3 * i], f_arguments[3 * i + 1],
                            f_arguments[3 * i + 2]),
          f_tail[i], 1e-9);
  CU_ASSERT_EQUAL (gym_stats_f_tail (0, 2, 3), 1);
  CU_ASSERT (isnan (gym_stats_f_tail (1, 0, 3)));
}

static void
test_never_mattered (void)
{
  static const struct gym_effect effects[] = { { .share = 0.4, .p = 1e-9 },
                                               { .share = 0, .p = 0.5 },
                                               { .share = 0.0001, .p = 1e-8 },
                                               { .share = 0.02, .p = 0.04 },
                                               { .share = 0, .p = 0.9 } };
  double shares[25] = { 0 }, p[25];
  bool never[5];
  for (int i = 0; i < 25; i++)
    p[i] = 1;
  shares[1 * 5 + 4] = 0.1;
  p[1 * 5 + 4] = 1e-6;
  CU_ASSERT_EQUAL (
      gym_stats_never_mattered (effects, shares, p, 5, 0.05, 0.001, never, NULL), GYM_OK);
  CU_ASSERT (!never[0] && !never[1] && never[2] && never[3] && !never[4]);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "PED-ANOVA", test_ped_anova },
                                           { "main effects", test_main_effects },
                                           { "interactions", test_interactions },
                                           { "plain tables", test_plain_tables },
                                           { "cells", test_cells },
                                           { "tail of F", test_f_tail },
                                           { "what never mattered", test_never_mattered },
                                           { 0 } };
  return tap_run ("stats_importance", tests);
}
