/* The archive against brute force, and hypervolumes against a decomposition into the
 * cells of the grid that the points span. */
#include "tests/tap.h"

#include <gym/archive.h>
#include <gym/rng.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 60 };

struct point {
  double x[4];
};

static bool
covers (const double *a, const double *b, uint32_t m)
{
  for (uint32_t i = 0; i < m; i++)
    if (a[i] > b[i])
      return false;
  return true;
}

/* Point i stays unless another dominates it or an earlier one equals it. */
static bool
survives (const struct point *p, size_t n, size_t i, uint32_t m)
{
  for (size_t k = 0; k < n; k++)
    if (k != i && covers (p[k].x, p[i].x, m) && (k < i || !covers (p[i].x, p[k].x, m)))
      return false;
  return true;
}

static void
draw (gym_rng *rng, struct point *p, size_t n, uint32_t m, uint64_t grid)
{
  for (size_t i = 0; i < n; i++)
    for (uint32_t k = 0; k < m; k++)
      p[i].x[k] = grid ? (double)gym_rng_below (rng, grid) : gym_rng_real (rng);
}

static void
check_archive (const gym_archive *a, const struct point *p, size_t n, uint32_t m)
{
  size_t kept = 0;
  for (size_t i = 0; i < n; i++)
    kept += survives (p, n, i, m);
  CU_ASSERT_EQUAL (gym_archive_count (a), kept);
  for (size_t i = 0; i < gym_archive_count (a); i++) {
    const double *x = gym_archive_point (a, i);
    uint64_t tag = gym_archive_tag (a, i);
    CU_ASSERT_FATAL (tag < n);
    CU_ASSERT (survives (p, n, tag, m));
    CU_ASSERT_EQUAL (memcmp (x, p[tag].x, m * sizeof *x), 0);
    for (uint32_t k = 0; i > 0 && k < m; k++) {
      const double *before = gym_archive_point (a, i - 1);
      CU_ASSERT (before[k] <= x[k] || k > 0);
      if (before[k] != x[k])
        break;
    }
  }
}

static gym_archive *
fill (const struct point *p, size_t n, uint32_t m)
{
  gym_archive *a = gym_archive_new (m, NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL (a);
  for (size_t i = 0; i < n; i++) {
    bool kept = survives (p, i + 1, i, m);
    CU_ASSERT_EQUAL (gym_archive_add (a, p[i].x, i, NULL), kept);
  }
  return a;
}

static void
test_brute_force (void)
{
  gym_rng rng;
  struct point p[MOST];
  gym_rng_init (&rng, 1);
  for (int round = 0; round < 300; round++)
    for (uint32_t m = 1; m <= 4; m++) {
      size_t n = 1 + gym_rng_below (&rng, MOST);
      draw (&rng, p, n, m, round % 2 ? 2 + (uint64_t)round % 9 : 0);
      gym_archive *a = fill (p, n, m);
      check_archive (a, p, n, m);
      gym_archive_destroy (&a);
      CU_ASSERT_PTR_NULL (a);
    }
}

static int
rising (const void *a, const void *b)
{
  const double *x = a, *y = b;
  return (*x > *y) - (*x < *y);
}

/* Volume below `reference` dominated by n points: every cell of the grid of all their
 * coordinates is dominated wholly or not at all. Dimensions above m count as one cell. */
static double
grid_volume (const struct point *p, size_t n, uint32_t m, const double *reference)
{
  double cut[3][MOST + 1], volume = 0, corner[3];
  size_t cells[3] = { 1, 1, 1 }, at[3];
  for (uint32_t k = 0; k < m; k++) {
    for (size_t i = 0; i < n; i++)
      cut[k][i] = fmin (p[i].x[k], reference[k]);
    cut[k][n] = reference[k];
    qsort (cut[k], n + 1, sizeof cut[k][0], rising);
    cells[k] = n;
  }
  for (at[0] = 0; at[0] < cells[0]; at[0]++)
    for (at[1] = 0; at[1] < cells[1]; at[1]++)
      for (at[2] = 0; at[2] < cells[2]; at[2]++) {
        double cell = 1;
        bool dominated = false;
        for (uint32_t k = 0; k < m; k++) {
          corner[k] = cut[k][at[k]];
          cell *= cut[k][at[k] + 1] - corner[k];
        }
        for (size_t i = 0; i < n && cell > 0 && !dominated; i++)
          dominated = covers (p[i].x, corner, m);
        volume += dominated ? cell : 0;
      }
  return volume;
}

static void
check_volume (const struct point *p, size_t n, uint32_t m, const double *reference)
{
  double volume = NAN, expected = grid_volume (p, n, m, reference);
  gym_archive *a = fill (p, n, m);
  CU_ASSERT_EQUAL (gym_archive_hypervolume (a, reference, &volume, NULL), GYM_OK);
  if (!(fabs (volume - expected) <= 1e-12 * (1 + expected))) {
    tap_note ("%zu points, m = %u: %.17g, not %.17g", n, m, volume, expected);
    CU_FAIL ("hypervolume");
  }
  gym_archive_destroy (&a);
}

static void
test_volume (void)
{
  gym_rng rng;
  struct point p[MOST];
  gym_rng_init (&rng, 3);
  for (int round = 0; round < 400; round++)
    for (uint32_t m = 1; m <= 3; m++) {
      size_t n = 1 + gym_rng_below (&rng, 24);
      uint64_t grid = round % 2 ? 2 + (uint64_t)round % 11 : 0;
      double far[3] = { 20, 13, 14 }, near[3] = { 0.6, 0.7, 0.5 }, level[3] = { 4, 3, 5 };
      draw (&rng, p, n, m, grid);
      check_volume (p, n, m, far);
      check_volume (p, n, m, grid ? level : near); /* points outside and on the border */
    }
}

/* A front of points none of which dominates another, more than one level of ranks. */
static void
test_large_front (void)
{
  enum { SIDE = 75 };
  gym_archive *a = gym_archive_new (3, NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL (a);
  for (int x = 0; x < SIDE; x++)
    for (int y = 0; x + y < SIDE; y++) {
      double point[3] = { x, y, SIDE - 1 - x - y };
      CU_ASSERT_EQUAL (gym_archive_add (a, point, 0, NULL), 1);
    }
  double reference[3] = { SIDE, SIDE, SIDE }, volume;
  CU_ASSERT_EQUAL (gym_archive_hypervolume (a, reference, &volume, NULL), GYM_OK);
  /* Unit cells are dominated where x + y + z >= SIDE - 1: all but a tetrahedron of
   * SIDE-1 choose 3 extended cells, (n-1) n (n+1) / 6 with n = SIDE - 1. */
  double n = SIDE - 1;
  CU_ASSERT_EQUAL (volume, (double)SIDE * SIDE * SIDE - n * (n + 1) * (n + 2) / 6);
  gym_archive_destroy (&a);
}

/* Inclusion and exclusion over all subsets of n points: the volume of the box that the
 * worst of each subset dominates, with rising and falling sign. */
static double
slow_volume (const gym_archive *a, uint32_t m, const double *reference)
{
  size_t n = gym_archive_count (a);
  double volume = 0;
  for (size_t subset = 1; subset < (size_t)1 << n; subset++) {
    double box = 1;
    for (uint32_t k = 0; k < m; k++) {
      double worst = -INFINITY;
      for (size_t i = 0; i < n; i++)
        if (subset >> i & 1)
          worst = fmax (worst, gym_archive_point (a, i)[k]);
      box *= fmax (reference[k] - worst, 0);
    }
    volume += __builtin_popcountll (subset) % 2 ? box : -box;
  }
  return volume;
}

static void
test_many_objectives (void)
{
  gym_rng rng;
  double point[6], reference[6] = { 1, 0.9, 1.2, 0.8, 1, 1.1 }, volume;
  gym_rng_init (&rng, 11);
  for (int round = 0; round < 300; round++)
    for (uint32_t m = 3; m <= 6; m++) {
      gym_archive *a = gym_archive_new (m, NULL);
      for (size_t n = 1 + gym_rng_below (&rng, 10); n > 0; n--) {
        for (uint32_t k = 0; k < m; k++)
          point[k] =
              round % 2 ? (double)gym_rng_below (&rng, 4) / 4 : gym_rng_real (&rng);
        CU_ASSERT (gym_archive_add (a, point, n, NULL) >= 0);
      }
      double expected = slow_volume (a, m, reference);
      CU_ASSERT_EQUAL (gym_archive_hypervolume (a, reference, &volume, NULL), GYM_OK);
      CU_ASSERT_DOUBLE_EQUAL (volume, expected, 1e-11);
      gym_archive_destroy (&a);
    }
}

static void
test_refusals (void)
{
  gym_error err = { 0 };
  double volume, point[4] = { 1, NAN, 1, 1 }, reference[4] = { 2, 2, 2, 2 };
  CU_ASSERT_PTR_NULL (gym_archive_new (0, &err));
  CU_ASSERT_EQUAL (err.code, GYM_EINVAL);
  gym_archive *a = gym_archive_new (4, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL (a);
  CU_ASSERT_EQUAL (gym_archive_add (a, point, 0, &err), GYM_EINVAL);
  point[1] = -INFINITY;
  CU_ASSERT_EQUAL (gym_archive_add (a, point, 0, &err), GYM_EINVAL);
  CU_ASSERT_PTR_NOT_NULL (strstr (err.text, "objective 1"));
  point[1] = 1;
  CU_ASSERT_EQUAL (gym_archive_add (a, point, 7, &err), 1);
  CU_ASSERT_EQUAL (gym_archive_hypervolume (a, reference, &volume, &err), GYM_OK);
  CU_ASSERT_EQUAL (volume, 1);
  gym_archive_destroy (&a);
  a = gym_archive_new (17, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL (a);
  double many[17] = { 0 };
  CU_ASSERT_EQUAL (gym_archive_hypervolume (a, many, &volume, &err), GYM_EINVAL);
  CU_ASSERT_PTR_NOT_NULL (strstr (err.text, "17 objectives"));
  gym_archive_destroy (&a);
  a = gym_archive_new (2, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL (a);
  CU_ASSERT_EQUAL (gym_archive_hypervolume (a, reference, &volume, &err), GYM_OK);
  CU_ASSERT_EQUAL (volume, 0);
  reference[1] = NAN;
  CU_ASSERT_EQUAL (gym_archive_hypervolume (a, reference, &volume, &err), GYM_EINVAL);
  gym_archive_destroy (&a);
  gym_archive_destroy (&a);
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { "as brute force", test_brute_force }, { "hypervolume by cells", test_volume },
    { "a large front", test_large_front },  { "many objectives", test_many_objectives },
    { "refusals", test_refusals },          { 0 }
  };
  return tap_run ("archive", tests);
}
