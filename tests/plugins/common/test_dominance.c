/* Fronts and crowding distances equal those found the slow way, with any number of
 * objectives, with ties and doubles, and near the end of the range. */
#include "tests/tap.h"

#include "plugins/common/dominance.h"

#include <gym/rng.h>
#include <math.h>
#include <string.h>

enum { MOST = 120, WIDE = 16 };

struct scene {
  uint32_t m, n, ends[MOST], items[MOST];
  double objectives[2 * MOST * WIDE]; /* every other row is nobody's */
  struct dominance dominance;
};

/* On a coarse grid many points tie in one objective or in all. */
static void
fill (struct scene *s, gym_rng *rng, uint32_t m, uint32_t n, uint32_t grid)
{
  s->m = m;
  s->n = n;
  for (uint32_t k = 0; k < 2 * n * m; k++)
    s->objectives[k] = grid ? (double)gym_rng_below (rng, grid) : gym_rng_normal (rng);
  for (uint32_t k = 0; k < n; k++)
    s->items[k] = 2 * k;
  gym_rng_shuffle (rng, s->items, n);
}

static const double *
point (const struct scene *s, uint32_t item)
{
  return s->objectives + (size_t)item * s->m;
}

/* By the definition: front k is what nobody outside the fronts before dominates. */
static void
slow_ranks (const struct scene *s, int *ranks)
{
  uint32_t left = s->n;
  for (uint32_t k = 0; k < s->n; k++)
    ranks[s->items[k]] = -1;
  for (int rank = 0; left > 0; rank++) {
    int next[2 * MOST];
    for (uint32_t a = 0; a < s->n; a++) {
      bool dominated = false;
      for (uint32_t b = 0; b < s->n; b++) {
        bool worse = false, better = false;
        for (uint32_t j = 0; j < s->m; j++) {
          worse |= point (s, s->items[b])[j] > point (s, s->items[a])[j];
          better |= point (s, s->items[b])[j] < point (s, s->items[a])[j];
        }
        dominated |= ranks[s->items[b]] < 0 && better && !worse;
      }
      next[s->items[a]] = dominated ? -1 : rank;
    }
    for (uint32_t a = 0; a < s->n; a++)
      if (ranks[s->items[a]] < 0 && next[s->items[a]] == rank) {
        ranks[s->items[a]] = rank;
        left--;
      }
  }
}

static void
check_sort (struct scene *s)
{
  int ranks[2 * MOST];
  uint32_t k = 0, sum = 0, wanted = 0;
  slow_ranks (s, ranks);
  for (uint32_t i = 0; i < s->n; i++)
    wanted += s->items[i];
  uint32_t n_fronts =
      dominance_sort (&s->dominance, s->m, s->objectives, s->items, s->n, s->ends);
  for (uint32_t front = 0; front < n_fronts; front++)
    for (; k < s->ends[front]; k++) {
      CU_ASSERT_EQUAL (ranks[s->items[k]], (int)front);
      sum += s->items[k];
    }
  CU_ASSERT_EQUAL (k, s->n);
  CU_ASSERT_EQUAL (sum, wanted);
}

static void
test_fronts (void)
{
  static struct scene s;
  gym_rng rng;
  gym_rng_init (&rng, 1);
  CU_ASSERT_EQUAL_FATAL (dominance_init (&s.dominance, MOST), 0);
  for (uint32_t m = 1; m <= WIDE; m++)
    for (uint32_t grid = 0; grid <= 9; grid += 3)
      for (uint32_t n = 1; n <= MOST; n += n < 4 ? 1 : 29) {
        fill (&s, &rng, m, n, grid);
        check_sort (&s);
      }
  CU_ASSERT_EQUAL (dominance_sort (&s.dominance, 2, s.objectives, s.items, 0, s.ends), 0);
  dominance_free (&s.dominance);
}

/* The neighbours of a point in one objective, among those that differ from it there. */
static double
slow_gap (const struct scene *s, uint32_t item, uint32_t j)
{
  double below = -INFINITY, above = INFINITY, low = INFINITY, high = -INFINITY;
  double x = point (s, item)[j];
  for (uint32_t k = 0; k < s->n; k++) {
    double y = point (s, s->items[k])[j];
    below = y < x ? fmax (below, y) : below;
    above = y > x ? fmin (above, y) : above;
    low = fmin (low, y);
    high = fmax (high, y);
  }
  return (above - below) / (high - low);
}

static void
test_crowding (void)
{
  static struct scene s;
  double distances[2 * MOST];
  gym_rng rng;
  gym_rng_init (&rng, 2);
  CU_ASSERT_EQUAL_FATAL (dominance_init (&s.dominance, MOST), 0);
  for (uint32_t m = 1; m <= WIDE; m += 3)
    for (uint32_t n = 1; n <= MOST; n += 17) {
      fill (&s, &rng, m, n, 0);
      dominance_crowding (&s.dominance, m, s.objectives, s.items, n, distances);
      for (uint32_t k = 0; k < n; k++) {
        double sum = 0;
        for (uint32_t j = 0; j < m; j++)
          sum += slow_gap (&s, s.items[k], j);
        bool end = isinf (sum) || n == 1;
        CU_ASSERT_EQUAL (isinf (distances[s.items[k]]) != 0, end);
        CU_ASSERT (end || fabs (distances[s.items[k]] - sum) < 1e-9);
      }
    }
  dominance_free (&s.dominance);
}

/* Equal points crowd each other out; no distance is a NaN. */
static void
test_extremes (void)
{
  static struct scene s = { .m = 2,
                            .n = 5,
                            .items = { 0, 1, 2, 3, 4 },
                            .objectives = { -1.7e308, 1.7e308, 0, 0, 0, 0, 0, 0, 1.7e308,
                                            -1.7e308 } };
  double d[5];
  CU_ASSERT_EQUAL_FATAL (dominance_init (&s.dominance, MOST), 0);
  dominance_crowding (&s.dominance, 2, s.objectives, s.items, 5, d);
  CU_ASSERT_EQUAL (d[0], INFINITY);
  CU_ASSERT_EQUAL (d[4], INFINITY);
  CU_ASSERT_DOUBLE_EQUAL (d[1] + d[2] + d[3], 2, 1e-12);
  memset (s.objectives, 0, sizeof s.objectives);
  dominance_crowding (&s.dominance, 2, s.objectives, s.items, 5, d);
  for (int k = 0; k < 5; k++)
    CU_ASSERT_FALSE (isnan (d[k]));
  CU_ASSERT_EQUAL (dominance_sort (&s.dominance, 2, s.objectives, s.items, 5, s.ends), 1);
  dominance_free (&s.dominance);
}

static void
test_pairs (void)
{
  static const double a[] = { 1, 2, 3 }, b[] = { 1, 2, 4 }, c[] = { 0, 3, 3 };
  CU_ASSERT_TRUE (dominance_of (3, a, b));
  CU_ASSERT_FALSE (dominance_of (3, b, a));
  CU_ASSERT_FALSE (dominance_of (3, a, a));
  CU_ASSERT_FALSE (dominance_of (3, a, c) || dominance_of (3, c, a));
}

int
main (void)
{
  static const struct tap_test tests[] = { { "pairs", test_pairs },
                                           { "fronts", test_fronts },
                                           { "crowding", test_crowding },
                                           { "extremes", test_extremes },
                                           { 0 } };
  return tap_run ("dominance", tests);
}
