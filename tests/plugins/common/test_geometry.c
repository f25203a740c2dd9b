/* The shape of fronts: the exponent and the scale of made-up ones are found, and what is
 * chosen of them is spread out; degenerate fronts are borne. */
#include "tests/tap.h"

#include "plugins/common/geometry.h"

#include <gym/rng.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

enum { MOST = 200, WIDE = 16 };

struct scene {
  struct geometry geometry;
  uint32_t m, n, items[MOST];
  double objectives[MOST * WIDE], scores[MOST];
};

/* n random points with sum f^p = 1, the ends of the axes among them, each objective then
 * stretched and moved. */
static void
fill (struct scene *s, uint32_t m, uint32_t n, double p)
{
  gym_rng rng;
  gym_rng_init (&rng, m);
  s->m = m;
  s->n = n;
  for (uint32_t k = 0; k < n; k++) {
    double sum = 0, *x = s->objectives + (size_t)k * m;
    for (uint32_t j = 0; j < m; j++) {
      x[j] = k < m ? k == j : -log (1 - gym_rng_real (&rng));
      if (k == m)
        x[j] = 1; /* on the diagonal */
      sum += pow (x[j], p);
    }
    for (uint32_t j = 0; j < m; j++)
      x[j] = 5 - (double)j + 100 * (j + 1) * x[j] / pow (sum, 1 / p);
    s->items[k] = k;
  }
  CU_ASSERT_EQUAL_FATAL (geometry_init (&s->geometry, m, MOST), 0);
  gym_rng_shuffle (&rng, s->items, n);
  geometry_fit (&s->geometry, s->objectives, s->items, n);
}

static void
test_shapes (void)
{
  static struct scene s;
  static const double exponents[] = { 0.5, 1, 2, 3 };
  for (uint32_t m = 2; m <= WIDE; m += m < 5 ? 1 : 11)
    for (int e = 0; e < 4; e++) {
      fill (&s, m, 100, exponents[e]);
      CU_ASSERT_DOUBLE_EQUAL (s.geometry.p, exponents[e], 1e-6);
      for (uint32_t j = 0; j < m; j++) {
        CU_ASSERT_DOUBLE_EQUAL (s.geometry.ideal[j], 5 - (double)j, 1e-9);
        CU_ASSERT_DOUBLE_EQUAL (s.geometry.scale[j], 50. * (j + 1), 1e-6); /* halves */
      }
      for (uint32_t k = 0; k < s.n; k++)
        CU_ASSERT_DOUBLE_EQUAL (
            geometry_proximity (&s.geometry, s.objectives + (size_t)k * m), 1, 1e-6);
      geometry_free (&s.geometry);
    }
}

/* The ends come first, then what is far from all chosen before; the items stay a
 * permutation, scores fall in the order of choice. */
static void
test_choice (void)
{
  static struct scene s;
  bool met[MOST] = { false };
  fill (&s, 3, 100, 2);
  geometry_choose (&s.geometry, s.items, s.n, 20, s.scores);
  for (uint32_t k = 0; k < s.n; k++) {
    CU_ASSERT_FALSE (met[s.items[k]]);
    met[s.items[k]] = true;
    CU_ASSERT_EQUAL (isinf (s.scores[s.items[k]]) != 0, k < 3);
    CU_ASSERT_EQUAL (s.items[k] < 3, k < 3);
    if (k > 3 && k < 20)
      CU_ASSERT (s.scores[s.items[k]] <= s.scores[s.items[k - 1]] + 1e-12);
    if (k >= 20)
      CU_ASSERT (s.scores[s.items[k]] <= s.scores[s.items[19]] + 1e-12);
  }
  geometry_free (&s.geometry);
}

/* On a line from one end to the other with a crowd at a quarter only a few of the crowd
 * are chosen. (The first after the ends is any: the ways to both add up to the same.) */
static void
test_spread (void)
{
  static struct scene s;
  s.m = 2;
  s.n = 60;
  for (uint32_t k = 0; k < 60; k++) {
    double at = k < 11 ? k / 10. : 0.25 + k * 1e-4;
    s.objectives[2 * k] = at;
    s.objectives[2 * k + 1] = 1 - at;
    s.items[k] = k;
  }
  CU_ASSERT_EQUAL_FATAL (geometry_init (&s.geometry, 2, MOST), 0);
  geometry_fit (&s.geometry, s.objectives, s.items, s.n);
  geometry_choose (&s.geometry, s.items, s.n, 11, s.scores);
  int crowd = 0;
  for (int k = 0; k < 11; k++)
    crowd += s.items[k] >= 11;
  CU_ASSERT (crowd >= 1 && crowd <= 2);
  geometry_free (&s.geometry);
}

/* A point nearer to the ideal one is worth more than its like farther out. */
static void
test_nearness (void)
{
  static struct scene s;
  static const double objectives[] = { 0, 1, 1, 0, 0.7, 0.25, 0.25, 0.6 };
  memcpy (s.objectives, objectives, sizeof objectives);
  for (uint32_t k = 0; k < 4; k++)
    s.items[k] = k;
  CU_ASSERT_EQUAL_FATAL (geometry_init (&s.geometry, 2, MOST), 0);
  geometry_fit (&s.geometry, s.objectives, s.items, 4);
  geometry_choose (&s.geometry, s.items, 4, 3, s.scores);
  CU_ASSERT_EQUAL (s.items[2], 3);
  geometry_free (&s.geometry);
}

/* One point, equal points, fewer than objectives, numbers near overflow. */
static void
test_degenerate (void)
{
  static struct scene s;
  for (uint32_t m = 1; m <= WIDE; m += 3)
    for (uint32_t n = 1; n <= 20; n += 6)
      for (int way = 0; way < 3; way++) {
        for (uint32_t k = 0; k < n * m; k++)
          s.objectives[k] = way == 0 ? 3 : (k * 7 % 5) * (way == 1 ? 1. : 4e307);
        for (uint32_t k = 0; k < n; k++)
          s.items[k] = k;
        CU_ASSERT_EQUAL_FATAL (geometry_init (&s.geometry, m, MOST), 0);
        geometry_fit (&s.geometry, s.objectives, s.items, n);
        geometry_choose (&s.geometry, s.items, n, n / 2 + 1, s.scores);
        uint32_t sum = 0;
        for (uint32_t k = 0; k < n; k++) {
          double near = geometry_proximity (&s.geometry, s.objectives + (size_t)k * m);
          CU_ASSERT_FALSE (isnan (s.scores[k]));
          CU_ASSERT (near > 0 && isfinite (near));
          sum += s.items[k];
        }
        CU_ASSERT_EQUAL (sum, n * (n - 1) / 2);
        geometry_free (&s.geometry);
      }
}

int
main (void)
{
  static const struct tap_test tests[] = { { "shapes", test_shapes },
                                           { "choice", test_choice },
                                           { "spread", test_spread },
                                           { "nearness", test_nearness },
                                           { "degenerate fronts", test_degenerate },
                                           { 0 } };
  return tap_run ("geometry", tests);
}
