/* Forests learn steps, levels without order and missing values; they know how sure they
 * are, and are the same for the same seed. */
#include "tests/tap.h"

#include "plugins/common/forest.h"

#include <gym/rng.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 300, COLUMNS = 4 };

/* Two numbers, a column of 5 levels and one of 70. */
static const uint32_t levels[COLUMNS] = { 0, 0, 5, 70 };

struct data {
  double rows[ROWS * COLUMNS], targets[ROWS];
};

/* A step along column 0, a set of levels of column 2; column 1 is partly missing. */
static double
truth (const double *row)
{
  int level = (int)row[2];
  return (row[0] > 0.3 ? 4 : 0) + (level == 0 || level == 3 ? 10 : 0)
         + (isnan (row[1]) ? 3 : 0);
}

static void
draw (struct data *data, uint64_t seed)
{
  gym_rng rng;
  gym_rng_init (&rng, seed);
  for (int i = 0; i < ROWS; i++) {
    double *row = data->rows + i * COLUMNS;
    row[0] = gym_rng_real (&rng);
    row[1] = gym_rng_below (&rng, 4) == 0 ? NAN : gym_rng_real (&rng);
    row[2] = (double)gym_rng_below (&rng, 5);
    row[3] = (double)gym_rng_below (&rng, 70);
    data->targets[i] = truth (row);
  }
}

static void
start (struct forest *f)
{
  CU_ASSERT_EQUAL_FATAL (forest_init (f, COLUMNS, levels), 0);
}

static double
error_on (const struct forest *f, const struct data *data)
{
  double sum = 0, mean, variance;
  for (int i = 0; i < ROWS; i++) {
    forest_predict (f, data->rows + i * COLUMNS, &mean, &variance);
    CU_ASSERT_TRUE (variance >= 0);
    sum += pow (mean - data->targets[i], 2);
  }
  return sqrt (sum / ROWS);
}

static void
test_learns (void)
{
  struct forest f;
  struct data data, other;
  draw (&data, 1);
  draw (&other, 2);
  start (&f);
  f.bootstrap = false;
  CU_ASSERT_EQUAL_FATAL (forest_fit (&f, ROWS, data.rows, data.targets, 1), 0);
  CU_ASSERT (error_on (&f, &data) < 1e-9);
  CU_ASSERT (error_on (&f, &other) < 0.6);
  f.bootstrap = true;
  CU_ASSERT_EQUAL_FATAL (forest_fit (&f, ROWS, data.rows, data.targets, 1), 0);
  double error = error_on (&f, &other);
  tap_note ("error on other rows %.2f, spread of the targets 5.6", error);
  CU_ASSERT (error < 1);
  forest_free (&f);
}

/* Which level is which means nothing: one split parts 35 levels from the 35 between. */
static void
test_no_order (void)
{
  static double rows[140], targets[140];
  static const uint32_t column = 70;
  struct forest f;
  for (int i = 0; i < 140; i++) {
    rows[i] = i % 70;
    targets[i] = i % 2;
  }
  CU_ASSERT_EQUAL_FATAL (forest_init (&f, 1, &column), 0);
  f.bootstrap = false;
  f.trees = 3;
  CU_ASSERT_EQUAL_FATAL (forest_fit (&f, 140, rows, targets, 1), 0);
  CU_ASSERT_EQUAL (f.n_nodes, 9);
  for (int i = 0; i < 70; i++) {
    double row = i, mean;
    forest_predict (&f, &row, &mean, NULL);
    CU_ASSERT_DOUBLE_EQUAL (mean, i % 2, 1e-12);
  }
  forest_free (&f);
}

/* NaN is a level of its own, and so is below all numbers; a level that no row had goes
 * either way. */
static void
test_missing (void)
{
  static const double rows[] = { NAN, NAN, 0, NAN, 1, NAN, NAN, 5, 0, 5, 1, 5 };
  static const double targets[] = { 1, 2, 2, 5, 6, 6 };
  static const uint32_t columns[] = { 3, 0 };
  struct forest f;
  double mean, unknown[] = { 2, 5 };
  CU_ASSERT_EQUAL_FATAL (forest_init (&f, 2, columns), 0);
  f.bootstrap = false;
  CU_ASSERT_EQUAL_FATAL (forest_fit (&f, 6, rows, targets, 1), 0);
  for (int i = 0; i < 6; i++) {
    forest_predict (&f, rows + 2 * i, &mean, NULL);
    CU_ASSERT_DOUBLE_EQUAL (mean, targets[i], 1e-12);
  }
  forest_predict (&f, unknown, &mean, NULL);
  CU_ASSERT (mean > 5.01 && mean < 5.99);
  forest_free (&f);
}

/* Variance of the mixture of leaves, reckoned in another way. */
static void
test_variance (void)
{
  struct forest f;
  struct data data;
  draw (&data, 3);
  start (&f);
  f.min_leaf = 20;
  CU_ASSERT_EQUAL_FATAL (forest_fit (&f, ROWS, data.rows, data.targets, 9), 0);
  double mean, variance, each = 0, square = 0, one[2];
  const double *row = data.rows;
  forest_predict (&f, row, &mean, &variance);
  for (uint32_t t = 0; t < 10; t++) {
    struct forest tree = f;
    tree.n_trees = 1;
    tree.roots = f.roots + t;
    forest_predict (&tree, row, &one[0], &one[1]);
    each += one[0] / 10;
    square += (one[1] + one[0] * one[0]) / 10;
  }
  CU_ASSERT_DOUBLE_EQUAL (mean, each, 1e-9);
  CU_ASSERT_DOUBLE_EQUAL (variance, square - each * each, 1e-9);
  CU_ASSERT (variance > 0.01);
  forest_free (&f);
}

/* Rows that share the leaf of a row in the first tree, which has a mean of its own. */
static int
companions (const struct forest *f, const struct data *data, int i)
{
  struct forest tree = *f;
  double mean, other;
  int n = 0;
  tree.n_trees = 1;
  forest_predict (&tree, data->rows + i * COLUMNS, &mean, NULL);
  for (int j = 0; j < ROWS; j++) {
    forest_predict (&tree, data->rows + j * COLUMNS, &other, NULL);
    n += other == mean;
  }
  return n;
}

/* Leaves of 20 rows at least are few; trees that see all rows alike differ by chance. */
static void
test_settings (void)
{
  struct forest f;
  struct data data;
  draw (&data, 4);
  start (&f);
  f.bootstrap = false;
  f.min_leaf = 20;
  CU_ASSERT_EQUAL_FATAL (forest_fit (&f, ROWS, data.rows, data.targets, 1), 0);
  CU_ASSERT (f.n_nodes <= 10 * (2 * ROWS / 20 - 1));
  CU_ASSERT (f.n_nodes > 50);
  for (int i = 0; i < ROWS; i++)
    CU_ASSERT (companions (&f, &data, i) >= 20);
  f.trees = 31;
  f.min_leaf = 1;
  f.share = 0.25;
  CU_ASSERT_EQUAL_FATAL (forest_fit (&f, ROWS, data.rows, data.targets, 1), 0);
  CU_ASSERT_EQUAL (f.n_trees, 31);
  int roots[COLUMNS] = { 0 };
  for (uint32_t t = 0; t < 31; t++)
    roots[f.nodes[f.roots[t]].column]++;
  for (int c = 0; c < COLUMNS; c++)
    CU_ASSERT (roots[c] > 0);
  forest_free (&f);
}

static bool
same (const struct forest *a, const struct forest *b)
{
  return a->n_nodes == b->n_nodes && a->n_words == b->n_words
         && memcmp (a->nodes, b->nodes, a->n_nodes * sizeof *a->nodes) == 0
         && memcmp (a->masks, b->masks, a->n_words * sizeof *a->masks) == 0;
}

/* The same seed, the same bits; the arrays can be carried elsewhere. */
static void
test_flat (void)
{
  struct forest f, again;
  struct data data;
  static double mean[2][ROWS], variance[2][ROWS];
  draw (&data, 5);
  start (&f);
  start (&again);
  CU_ASSERT_EQUAL_FATAL (forest_fit (&f, ROWS, data.rows, data.targets, 7), 0);
  CU_ASSERT_EQUAL_FATAL (forest_fit (&again, 50, data.rows, data.targets, 1), 0);
  CU_ASSERT_EQUAL_FATAL (forest_fit (&again, ROWS, data.rows, data.targets, 7), 0);
  CU_ASSERT_TRUE (same (&f, &again));
  struct forest copy = {
    .n_columns = COLUMNS, .levels = f.levels, .n_trees = f.n_trees, .roots = f.roots
  };
  copy.nodes = malloc (f.n_nodes * sizeof *f.nodes);
  copy.masks = malloc (f.n_words * sizeof *f.masks);
  CU_ASSERT_FATAL (copy.nodes && copy.masks);
  memcpy (copy.nodes, f.nodes, f.n_nodes * sizeof *f.nodes);
  memcpy (copy.masks, f.masks, f.n_words * sizeof *f.masks);
  forest_predict_batch (&f, ROWS, data.rows, mean[0], variance[0]);
  for (int i = 0; i < ROWS; i++)
    forest_predict (&copy, data.rows + i * COLUMNS, &mean[1][i], &variance[1][i]);
  CU_ASSERT_EQUAL (memcmp (mean[0], mean[1], sizeof mean[0]), 0);
  CU_ASSERT_EQUAL (memcmp (variance[0], variance[1], sizeof variance[0]), 0);
  free (copy.nodes);
  free (copy.masks);
  CU_ASSERT_EQUAL_FATAL (forest_fit (&again, ROWS, data.rows, data.targets, 8), 0);
  CU_ASSERT_FALSE (same (&f, &again));
  forest_free (&f);
  forest_free (&again);
}

/* Small differences of large targets are not lost; one row, or equal ones, are a leaf. */
static void
test_numbers (void)
{
  struct forest f;
  struct data data;
  double mean, variance;
  draw (&data, 6);
  for (int i = 0; i < ROWS; i++)
    data.targets[i] = 1e9 + 1e-3 * data.targets[i];
  start (&f);
  f.bootstrap = false;
  CU_ASSERT_EQUAL_FATAL (forest_fit (&f, ROWS, data.rows, data.targets, 1), 0);
  CU_ASSERT (error_on (&f, &data) < 1e-5);
  CU_ASSERT_EQUAL_FATAL (forest_fit (&f, 1, data.rows, data.targets, 1), 0);
  CU_ASSERT_EQUAL (f.n_nodes, 10);
  forest_predict (&f, data.rows + COLUMNS, &mean, &variance);
  CU_ASSERT_DOUBLE_EQUAL (mean, data.targets[0], 1e-5);
  CU_ASSERT_EQUAL (variance, 0);
  forest_free (&f);
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { "learns", test_learns },          { "levels without order", test_no_order },
    { "missing values", test_missing }, { "total variance", test_variance },
    { "settings", test_settings },      { "flat", test_flat },
    { "numbers", test_numbers },        { 0 }
  };
  return tap_run ("forest", tests);
}
