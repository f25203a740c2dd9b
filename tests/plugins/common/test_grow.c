/* Regression trees: the best split of all, against trying every one; limits; exact
 * arithmetic, so that neither the order of rows nor weights for copies matter. */
#include "tests/tap.h"

#include "core/host.h"
#include "plugins/common/grow.h"
#include "tests/plugins/spaces.h"

#include <math.h>

enum { ROWS = 300, WIDTH = 12, TARGETS = 2 };

struct scene {
  struct gym_host host;
  struct gym_host_context context;
  gym_space *space;
  struct bins bins;
  struct grow grow;
  gym_rng rng;
  size_t n;
  double rows[ROWS * WIDTH];
  uint16_t *cells;
  int64_t targets[ROWS * TARGETS];
};

static struct scene s;

/* n random designs of a space; targets of m numbers, of few values for ties. */
static void
start (gym_space *space, uint32_t m, size_t n, uint64_t seed)
{
  gym_error err = { 0 };
  gym_rng_init (&s.rng, seed);
  gym_host_init (&s.host, &s.context, NULL);
  s.space = space;
  s.n = n;
  for (size_t i = 0; i < n; i++)
    gym_space_sample (space, &s.rng, s.rows + i * gym_space_size (space));
  for (size_t i = 0; i < n * m; i++)
    s.targets[i] = (int64_t)((gym_rng_real (&s.rng) - 0.4) * GROW_ONE);
  CU_ASSERT_EQUAL_FATAL (bins_init (&s.bins, &s.host, space, &err), GYM_OK);
  CU_ASSERT_EQUAL_FATAL (bins_learn (&s.bins, n, s.rows), GYM_OK);
  CU_ASSERT_EQUAL_FATAL (grow_init (&s.grow, &s.bins, m), GYM_OK);
  CU_ASSERT_EQUAL_FATAL (grow_reserve (&s.grow, n), GYM_OK);
  s.cells = bins_table (&s.bins, n, s.rows);
  CU_ASSERT_PTR_NOT_NULL_FATAL (s.cells);
  s.grow.n = n;
  s.grow.cells = s.cells;
  s.grow.targets = s.targets;
}

static void
stop (void)
{
  free (s.cells);
  grow_free (&s.grow);
  grow_free (&s.grow);
  bins_free (&s.bins);
  gym_space_destroy (&s.space);
}

static void
grow_all (uint64_t seed)
{
  for (size_t i = 0; i < s.n; i++)
    s.grow.rows[i] = (uint32_t)i;
  CU_ASSERT_EQUAL_FATAL (grow_tree (&s.grow, (uint32_t)s.n, seed), GYM_OK);
}

static uint32_t
code_of (size_t row, uint32_t column)
{
  return s.cells[row * s.bins.n_columns + column] - s.bins.columns[column].first;
}

/* The sum over both sides of (sum of targets)^2 / rows, for codes in `left`. */
static double
explained (uint32_t column, uint64_t left)
{
  double sums[2][TARGETS] = { { 0 } }, count[2] = { 0 }, value = 0;
  for (size_t i = 0; i < s.n; i++) {
    bool is_left = left >> code_of (i, column) & 1;
    count[is_left]++;
    for (uint32_t t = 0; t < s.grow.m; t++)
      sums[is_left][t] += (double)s.targets[i * s.grow.m + t] / GROW_ONE;
  }
  for (int k = 0; k < 2 && count[0] > 0 && count[1] > 0; k++)
    for (uint32_t t = 0; t < s.grow.m; t++)
      value += sums[k][t] * sums[k][t] / count[k];
  return value;
}

/* All sets of codes of a categorical column, all thresholds of others. */
static double
best_by_trial (void)
{
  double best = 0;
  for (uint32_t c = 0; c < s.bins.n_columns; c++) {
    uint32_t codes = s.bins.columns[c].codes;
    if (codes > 16)
      continue;
    if (s.bins.columns[c].ordered)
      for (uint32_t k = 0; k + 1 < codes; k++)
        best = fmax (best, explained (c, (UINT64_C (2) << k) - 1));
    else
      for (uint64_t set = 1; set < UINT64_C (1) << codes; set++)
        best = fmax (best, explained (c, set));
  }
  return best;
}

static void
test_best_split (void)
{
  for (uint64_t seed = 1; seed <= 20; seed++) {
    start (spaces_small (), 1, 20 + 10 * seed, seed);
    s.grow.leaves = 2;
    grow_all (seed);
    CU_ASSERT_EQUAL (s.grow.n_nodes, 3);
    double found = explained ((uint32_t)s.grow.nodes[0].column, s.grow.sets[0]);
    CU_ASSERT_DOUBLE_EQUAL (found, best_by_trial (), 1e-9 * found);
    stop ();
  }
}

/* With several targets the sets of levels are those that are best for one of them: the
 * split explains no more than the best of all, and as a rule nearly as much. */
static void
test_best_split_of_two (void)
{
  double share = 0;
  for (uint64_t seed = 1; seed <= 20; seed++) {
    start (spaces_small (), 2, 200, seed);
    s.grow.leaves = 2;
    grow_all (seed);
    double found = explained ((uint32_t)s.grow.nodes[0].column, s.grow.sets[0]);
    double best = best_by_trial (), none = explained (0, 0);
    CU_ASSERT (found <= best * (1 + 1e-9) && none == 0);
    share += found / best / 20;
    stop ();
  }
  CU_ASSERT (share > 0.95);
}

/* Every row lies in one leaf, the one that grow_leaf finds, and sums add up. */
static void
check_tree (void)
{
  const struct grow *g = &s.grow;
  uint32_t rows = 0;
  for (size_t k = 0; k < g->n_nodes; k++) {
    const struct grow_node *node = &g->nodes[k];
    int64_t sums[TARGETS], expected[TARGETS] = { 0 };
    CU_ASSERT (node->from < node->to);
    for (uint32_t i = node->from; i < node->to; i++) {
      uint32_t row = g->rows[i];
      for (uint32_t t = 0; t < g->m; t++)
        expected[t] += s.targets[row * g->m + t];
      if (node->column < 0)
        CU_ASSERT_EQUAL (grow_leaf (g, s.cells + row * s.bins.n_columns), k);
    }
    CU_ASSERT_EQUAL (grow_sums (g, node, sums), node->to - node->from);
    CU_ASSERT_EQUAL (memcmp (sums, expected, g->m * sizeof *sums), 0);
    rows += node->column < 0 ? node->to - node->from : 0;
  }
  CU_ASSERT_EQUAL (rows, s.n);
}

static void
test_to_the_end (void)
{
  start (spaces_mixed (), 2, ROWS, 7);
  grow_all (1);
  check_tree ();
  CU_ASSERT_EQUAL (s.grow.n_nodes, 2 * ROWS - 1); /* all designs differ */
  s.grow.tries = 2.5;
  grow_all (1);
  check_tree ();
  CU_ASSERT_EQUAL (s.grow.n_nodes, 2 * ROWS - 1);
  for (size_t i = 0; i < s.n * 2; i++)
    s.targets[i] = 12345;
  grow_all (1);
  CU_ASSERT_EQUAL (s.grow.n_nodes, 1);
  stop ();
}

static void
test_limits (void)
{
  start (spaces_mixed (), 1, ROWS, 8);
  s.grow.least = 7;
  grow_all (1);
  check_tree ();
  for (size_t k = 0; k < s.grow.n_nodes; k++)
    CU_ASSERT (s.grow.nodes[k].to - s.grow.nodes[k].from >= 7);
  CU_ASSERT (s.grow.n_nodes > 2 * ROWS / 7 / 2);
  s.grow.least = 1;
  s.grow.depth = 3;
  grow_all (1);
  check_tree ();
  CU_ASSERT (s.grow.n_nodes > 9 && s.grow.n_nodes <= 15);
  for (size_t k = 0; k < s.grow.n_nodes; k++)
    CU_ASSERT (s.grow.nodes[k].depth < 3
               || (s.grow.nodes[k].depth == 3 && s.grow.nodes[k].column < 0));
  s.grow.depth = 0;
  s.grow.leaves = 9;
  grow_all (1);
  check_tree ();
  CU_ASSERT_EQUAL (s.grow.n_nodes, 17);
  stop ();
}

/* What a tree tells of each row, whatever its nodes are called. */
static void
tell (int64_t *sums)
{
  for (size_t i = 0; i < s.n; i++) {
    uint32_t leaf = grow_leaf (&s.grow, s.cells + i * s.bins.n_columns);
    grow_sums (&s.grow, &s.grow.nodes[leaf], sums + i);
  }
}

static void
test_order (void)
{
  int64_t first[ROWS], second[ROWS];
  start (spaces_wide (), 1, ROWS, 9);
  s.grow.leaves = 30;
  grow_all (5);
  tell (first);
  for (size_t i = 0; i < s.n; i++)
    s.grow.rows[i] = (uint32_t)(s.n - 1 - i);
  CU_ASSERT_EQUAL (grow_tree (&s.grow, (uint32_t)s.n, 5), GYM_OK);
  tell (second);
  CU_ASSERT_EQUAL (memcmp (first, second, sizeof first), 0);
  stop ();
}

/* A row of weight 2 is the row twice. */
static void
test_weights (void)
{
  enum { HALF = ROWS / 2 };
  static uint32_t weights[ROWS];
  int64_t sums[TARGETS];
  start (spaces_wide (), 1, HALF, 10);
  for (int i = 0; i < HALF; i++)
    weights[i] = 1 + i % 2;
  s.grow.weights = weights;
  s.grow.leaves = 20;
  s.grow.least = 3;
  grow_all (3);
  double weighted = 0, twice = 0;
  for (size_t k = 0; k < s.grow.n_nodes; k++)
    if (s.grow.nodes[k].column < 0) {
      double n = (double)grow_sums (&s.grow, &s.grow.nodes[k], sums);
      CU_ASSERT (n >= 3);
      weighted += (double)sums[0] * (double)sums[0] / n;
    }
  uint32_t n = 0;
  s.grow.weights = NULL;
  CU_ASSERT_EQUAL (grow_reserve (&s.grow, ROWS), GYM_OK);
  for (uint32_t i = 0; i < HALF; i++)
    for (uint32_t k = 0; k < weights[i]; k++)
      s.grow.rows[n++] = i;
  CU_ASSERT_EQUAL (grow_tree (&s.grow, n, 3), GYM_OK);
  for (size_t k = 0; k < s.grow.n_nodes; k++)
    if (s.grow.nodes[k].column < 0) {
      double count = (double)grow_sums (&s.grow, &s.grow.nodes[k], sums);
      twice += (double)sums[0] * (double)sums[0] / count;
    }
  CU_ASSERT_EQUAL (weighted, twice);
  stop ();
}

/* Codes that no row of a node has go to one of its sides: nearer in value where there is
 * an order. */
static void
test_unmet (void)
{
  gym_error err = { 0 };
  double rows[] = { 1, 2, 9, 10 };
  start (spaces_line (10, false), 1, 4, 1);
  memcpy (s.rows, rows, sizeof rows);
  free (s.cells);
  s.cells = bins_table (&s.bins, 4, s.rows);
  s.grow.cells = s.cells;
  for (int i = 0; i < 4; i++)
    s.targets[i] = i < 2 ? 0 : (int64_t)GROW_ONE;
  grow_all (1);
  CU_ASSERT_EQUAL (s.grow.n_nodes, 3);
  for (int value = 1; value <= 10; value++) {
    double design = value;
    uint16_t cell;
    bins_cells (&s.bins, &design, &cell);
    CU_ASSERT_EQUAL (grow_leaf (&s.grow, &cell), value <= 5 ? 1u : 2u);
  }
  CU_ASSERT_EQUAL (err.code, 0);
  stop ();
}

/* What a target comes to on average at a code, of the first n rows; NaN: at none. */
static double
usual (uint32_t column, uint32_t code, uint32_t target, size_t n)
{
  double sum = 0, count = 0;
  for (size_t i = 0; i < n; i++)
    if (code_of (i, column) == code) {
      sum += (double)s.targets[i * s.grow.m + target];
      count++;
    }
  return sum / count;
}

/* How much nearer to a node's left codes than to its right ones a code is, by definition;
 * NaN where the survey of n rows has not seen one of them. */
static double
nearer_left (const struct grow_node *node, const uint64_t *set, uint32_t code, size_t n)
{
  uint32_t column = (uint32_t)node->column;
  double nearer = 0;
  for (uint32_t t = 0; t < s.grow.m; t++) {
    double middle[2] = { 0 }, count[2] = { 0 }, x = usual (column, code, t, n);
    bool met[64] = { false };
    for (uint32_t i = node->from; i < node->to; i++)
      met[code_of (s.grow.rows[i], column)] = true;
    for (uint32_t k = 0; k < s.bins.columns[column].codes; k++)
      if (met[k]) {
        middle[set[0] >> k & 1] += usual (column, k, t, n);
        count[set[0] >> k & 1]++;
      }
    for (int k = 0; k < 2; k++)
      middle[k] /= count[k];
    nearer += pow ((x - middle[0]) / GROW_ONE, 2) - pow ((x - middle[1]) / GROW_ONE, 2);
  }
  return nearer;
}

static bool
has_met (const struct grow_node *node, uint32_t code)
{
  for (uint32_t i = node->from; i < node->to; i++)
    if (code_of (s.grow.rows[i], (uint32_t)node->column) == code)
      return true;
  return false;
}

/* Returns how many codes without rows there were; `likes` counts those on the nearer
 * side, and those that cannot be compared. */
static int
count_unmet (size_t n, int *likes)
{
  int unmet = 0;
  for (size_t k = 0; k < s.grow.n_nodes; k++) {
    const struct grow_node *node = &s.grow.nodes[k];
    if (node->column < 0 || s.bins.columns[node->column].ordered)
      continue;
    for (uint32_t code = 1; code < s.bins.columns[node->column].codes; code++) {
      if (has_met (node, code))
        continue;
      const uint64_t *set = s.grow.sets + k * s.grow.words;
      double nearer = nearer_left (node, set, code, n);
      unmet++;
      *likes +=
          isnan (nearer) || fabs (nearer) < 1e-9 || (nearer > 0) == (*set >> code & 1);
    }
  }
  return unmet;
}

/* Levels that a node has not met go to the side whose levels they are like, by a survey
 * of all rows or of some. */
static void
test_survey (void)
{
  for (uint32_t m = 1; m <= 2; m++)
    for (uint64_t seed = 1; seed <= 10; seed++) {
      int likes = 0, chance = 0;
      start (spaces_wide (), m, ROWS, seed);
      grow_all (seed);
      int unmet = count_unmet (s.n, &chance);
      CU_ASSERT (unmet > 100 && chance < unmet * 8 / 10);
      for (size_t n = s.n; n > 0; n -= s.n / 2) {
        for (size_t i = 0; i < n; i++)
          s.grow.rows[i] = (uint32_t)i;
        CU_ASSERT_EQUAL (grow_survey (&s.grow, (uint32_t)n), GYM_OK);
        grow_all (seed);
        likes = 0;
        unmet = count_unmet (n, &likes);
        CU_ASSERT (unmet > 100);
        CU_ASSERT_EQUAL (likes, unmet);
        check_tree ();
      }
      stop ();
    }
}

/* The squared error of the rows from `from` on, by the mean of the root or of the leaves:
 * by definition, from the rows of the nodes. */
static double
error_of_stump (const struct grow_node *nodes, bool split, uint32_t from)
{
  double error = 0;
  for (uint32_t i = from; i < s.n; i++) {
    const uint16_t *cells = s.cells + (size_t)i * s.bins.n_columns;
    const struct grow_node *node = &nodes[split ? grow_leaf (&s.grow, cells) : 0];
    for (uint32_t t = 0; t < s.grow.m; t++) {
      double mean = 0, y = (double)s.targets[i * s.grow.m + t] / GROW_ONE;
      for (uint32_t k = node->from; k < node->to; k++)
        mean += (double)s.targets[s.grow.rows[k] * s.grow.m + t] / GROW_ONE;
      mean /= node->to - node->from;
      error += (y - mean) * (y - mean);
    }
  }
  return error;
}

/* One split is credited with what it does to the error on rows of the second half. */
static void
test_credit (void)
{
  uint32_t unseen[ROWS];
  for (uint32_t m = 1; m <= 2; m++)
    for (uint64_t seed = 1; seed <= 10; seed++) {
      start (spaces_small (), m, ROWS, seed);
      s.grow.leaves = 2;
      for (uint32_t i = 0; i < ROWS / 2; i++) {
        s.grow.rows[i] = i;
        unseen[i] = ROWS / 2 + i;
      }
      CU_ASSERT_EQUAL (grow_tree (&s.grow, ROWS / 2, seed), GYM_OK);
      CU_ASSERT_EQUAL (s.grow.n_nodes, 3);
      CU_ASSERT_EQUAL (grow_credit (&s.grow, ROWS / 2, unseen), GYM_OK);
      for (uint32_t c = 0; c < s.bins.n_columns; c++) {
        double gain = error_of_stump (s.grow.nodes, false, ROWS / 2)
                      - error_of_stump (s.grow.nodes, true, ROWS / 2);
        CU_ASSERT_DOUBLE_EQUAL (s.grow.gains[c],
                                s.grow.nodes[0].column == (int32_t)c ? gain : 0, 1e-9);
      }
      stop ();
    }
}

/* On the rows that it was grown on, all gains of a tree that grew to its end come to the
 * whole variance; targets that are chance gain nothing on others, on the whole. */
static void
test_credit_of_chance (void)
{
  double seen = 0, unseen = 0;
  uint32_t list[ROWS];
  for (uint64_t seed = 1; seed <= 10; seed++) {
    double sum = 0, squares = 0, all = 0;
    start (spaces_wide (), 1, ROWS, seed);
    for (uint32_t i = 0; i < ROWS; i++)
      list[i] = s.grow.rows[i] = i;
    CU_ASSERT_EQUAL (grow_tree (&s.grow, ROWS / 2, seed), GYM_OK);
    CU_ASSERT_EQUAL (grow_credit (&s.grow, ROWS / 2, list), GYM_OK);
    for (uint32_t c = 0; c < s.bins.n_columns; c++)
      all += s.grow.gains[c];
    for (int i = 0; i < ROWS / 2; i++) {
      double y = (double)s.targets[i] / GROW_ONE;
      sum += y;
      squares += y * y;
    }
    CU_ASSERT_DOUBLE_EQUAL (all, squares - sum * sum / (ROWS / 2), 1e-6);
    seen += all;
    memset (s.grow.gains, 0, s.bins.n_columns * sizeof *s.grow.gains);
    CU_ASSERT_EQUAL (grow_credit (&s.grow, ROWS / 2, list + ROWS / 2), GYM_OK);
    for (uint32_t c = 0; c < s.bins.n_columns; c++)
      unseen += s.grow.gains[c];
    stop ();
  }
  CU_ASSERT (seen > 0 && unseen < 0);
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { "the best split of all", test_best_split },
    { "two targets", test_best_split_of_two },
    { "grown to the end", test_to_the_end },
    { "limits", test_limits },
    { "the order of rows does not matter", test_order },
    { "weights are copies", test_weights },
    { "codes that were not met", test_unmet },
    { "levels go where they are alike", test_survey },
    { 0 }
  };
  return tap_run ("grow", tests);
}
