/* core/space_lean.c: spaces that are drawn from by weights. */
#include "core/space.h"
#include "tests/core/help.h"
#include "tests/core/spaces.h"

#include <math.h>

enum { DRAWS = 40000 };

/* Random weights for every other parameter of finite count; the caller frees the rows. */
static double **
random_weights (const gym_space *space, gym_rng *rng)
{
  uint32_t n = gym_space_size (space);
  double **rows = calloc (n + 1u, sizeof *rows);
  for (uint32_t i = 0; i < n; i++) {
    uint64_t count = gym_space_count (space, i);
    double sum = 0;
    if (count == 0 || count > 64 || i % 2)
      continue;
    rows[i] = malloc (count * sizeof **rows);
    for (uint64_t k = 0; k < count; k++)
      sum += rows[i][k] = 0.01 + gym_rng_real (rng);
    for (uint64_t k = 0; k < count; k++)
      rows[i][k] /= sum;
  }
  return rows;
}

static void
free_weights (double **rows, uint32_t n)
{
  for (uint32_t i = 0; i < n; i++)
    free (rows[i]);
  free (rows);
}

/* A chi-square of the shares against what is expected: its mean is the degrees of freedom
 * and its deviation sqrt (2 df), so 6 deviations are no chance. */
static void
check_shares (const size_t *seen, const double *weights, uint64_t count)
{
  double chi = 0, df = (double)count - 1, all = 0;
  for (uint64_t k = 0; k < count; k++)
    all += (double)seen[k];
  for (uint64_t k = 0; k < count; k++) {
    double expected = all * (weights ? weights[k] : 1.0 / (double)count);
    chi += ((double)seen[k] - expected) * ((double)seen[k] - expected) / expected;
  }
  CU_ASSERT (chi < df + 6 * sqrt (2 * df) + 12);
}

static void
test_shares (void)
{
  for (uint64_t seed = 1; seed <= 6; seed++) {
    gym_rng rng;
    gym_rng_init (&rng, seed);
    gym_space *space = make_space (&rng, 7, true);
    double **rows = random_weights (space, &rng);
    gym_space *lean = gym_space_lean (space, (const double *const *)rows, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL (lean);
    for (uint32_t i = 0; i < gym_space_size (space); i++) {
      uint64_t count = gym_space_count (space, i);
      bool log = gym_space_param (space, i)->flags & GYM_PARAM_LOG;
      size_t seen[64] = { 0 };
      if (count == 0 || count > 64 || (log && !rows[i]))
        continue;
      for (int d = 0; d < DRAWS; d++)
        seen[gym_space_index (space, i, gym_space_draw (lean, &rng, i))]++;
      check_shares (seen, rows[i], count);
    }
    gym_space_destroy (&lean);
    free_weights (rows, gym_space_size (space));
    gym_space_destroy (&space);
  }
}

/* In whole designs too, each parameter where it is active, and every design is one. */
static void
test_designs (void)
{
  gym_rng rng;
  gym_rng_init (&rng, 42);
  for (int round = 0; round < 20; round++) {
    gym_space *space = make_space (&rng, 9, round % 2);
    uint32_t n = gym_space_size (space);
    double **rows = random_weights (space, &rng), *row = calloc (n + 1, sizeof *row);
    gym_space *lean = gym_space_lean (space, (const double *const *)rows, NULL);
    for (int d = 0; d < 500; d++) {
      gym_space_sample (lean, &rng, row);
      CU_ASSERT_EQUAL (gym_space_check (space, row, NULL), 0);
      CU_ASSERT_EQUAL (gym_space_hash (space, row), gym_space_hash (lean, row));
    }
    CU_ASSERT_EQUAL (gym_space_cardinality (space), gym_space_cardinality (lean));
    gym_space_destroy (&lean);
    /* The space itself is whole, and draws as ever. */
    gym_space_sample (space, &rng, row);
    CU_ASSERT_EQUAL (gym_space_check (space, row, NULL), 0);
    free (row);
    free_weights (rows, n);
    gym_space_destroy (&space);
  }
}

/* Without any weights the numbers that are drawn are those of the space itself. */
static void
test_nothing_known (void)
{
  gym_rng rng, a, b;
  gym_rng_init (&rng, 3);
  gym_space *space = make_space (&rng, 12, false);
  uint32_t n = gym_space_size (space);
  const double **rows = calloc (n + 1u, sizeof *rows);
  double *x = calloc (n, sizeof *x), *y = calloc (n, sizeof *y);
  gym_space *lean = gym_space_lean (space, rows, NULL);
  gym_rng_init (&a, 9);
  gym_rng_init (&b, 9);
  for (int d = 0; d < 200; d++) {
    gym_space_sample (space, &a, x);
    gym_space_sample (lean, &b, y);
    CU_ASSERT (same_row (x, y, n));
  }
  gym_space_destroy (&lean);
  gym_space_destroy (&space);
  free (rows);
  free (x);
  free (y);
}

/* Weights of almost nothing, sums a little off 1: no index beyond the last. */
static void
test_edges (void)
{
  static const double cases[][4] = { { 1e-300, 1, 1, 1 },
                                     { 0.25, 0.5, 0.75, 0.99999999 },
                                     { 1, 1 + 1e-16, 1, 1 + 1e-9 } };
  gym_rng rng;
  gym_rng_init (&rng, 5);
  for (int c = 0; c < 3; c++)
    for (int d = 0; d < DRAWS; d++)
      CU_ASSERT (gym_space_draw_leaning (cases[c], 4, &rng) < 4);
  for (int d = 0; d < 100; d++)
    CU_ASSERT_EQUAL (gym_space_draw_leaning ((const double[]){ 1 }, 1, &rng), 0);
  size_t first = 0;
  for (int d = 0; d < DRAWS; d++)
    first += gym_space_draw_leaning (cases[0], 4, &rng) == 0;
  CU_ASSERT_EQUAL (first, 0);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "shares of values", test_shares },
                                           { "whole designs", test_designs },
                                           { "nothing known", test_nothing_known },
                                           { "edges", test_edges },
                                           { NULL, NULL } };
  return tap_run ("space_lean", tests);
}
