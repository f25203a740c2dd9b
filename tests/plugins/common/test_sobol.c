/* Sobol points: the points are nets after scrambling, and uniform over seeds. */
#include "tests/tap.h"

#include "plugins/common/sobol.h"

#include <math.h>
#include <stdlib.h>

enum { MOST = 1024 };

/* n points of dimension d into list[n][d]. */
static double *
points (uint32_t dimensions, uint64_t seed, int n)
{
  static struct sobol sobol;
  double *list = malloc ((size_t)n * dimensions * sizeof *list);
  CU_ASSERT_PTR_NOT_NULL_FATAL (list);
  sobol_init (&sobol, dimensions, seed);
  for (int i = 0; i < n; i++)
    sobol_next (&sobol, list + (size_t)i * dimensions);
  return list;
}

/* Every one of 2^m equal intervals holds one of the first, and of the next, 2^m points,
 * in each dimension. */
static void
test_each_dimension (void)
{
  double *list = points (SOBOL_DIMENSIONS, 3, 2 * MOST);
  for (uint32_t d = 0; d < SOBOL_DIMENSIONS; d++)
    for (int n = 1; n <= MOST; n *= 2)
      for (int from = 0; from < 2 * MOST; from += n) {
        static int hits[MOST];
        for (int k = 0; k < n; k++)
          hits[k] = 0;
        for (int i = from; i < from + n; i++)
          hits[(int)(list[(size_t)i * SOBOL_DIMENSIONS + d] * n)]++;
        for (int k = 0; k < n; k++)
          if (hits[k] != 1)
            CU_FAIL_FATAL ("an interval without a point");
      }
  free (list);
}

/* The first two dimensions are a (0,2)-sequence: every box of area 2^-m holds one of 2^m
 * points, whatever its shape. */
static void
test_pairs (void)
{
  double *list = points (2, 9, MOST);
  for (int a = 0; a <= 10; a++) {
    static int hits[MOST];
    int across = 1 << a, up = MOST >> a;
    for (int k = 0; k < MOST; k++)
      hits[k] = 0;
    for (int i = 0; i < MOST; i++)
      hits[(int)(list[2 * i] * across) * up + (int)(list[2 * i + 1] * up)]++;
    for (int k = 0; k < MOST; k++)
      CU_ASSERT_EQUAL_FATAL (hits[k], 1);
  }
  free (list);
}

/* No two dimensions are the same or nearly so: over 1,024 points their correlation is
 * small. */
static void
test_all_pairs (void)
{
  double *list = points (SOBOL_DIMENSIONS, 1, MOST);
  for (uint32_t d = 0; d < SOBOL_DIMENSIONS; d++)
    for (uint32_t e = 0; e < d; e++) {
      double sum = 0;
      for (int i = 0; i < MOST; i++)
        sum += (list[(size_t)i * SOBOL_DIMENSIONS + d] - 0.5)
               * (list[(size_t)i * SOBOL_DIMENSIONS + e] - 0.5);
      CU_ASSERT (fabs (12 * sum / MOST) < 0.1);
    }
  free (list);
}

/* Over seeds a point is uniform, and two points of one sequence are not alike. */
static void
test_uniform (void)
{
  int hits[16] = { 0 };
  for (uint64_t seed = 1; seed <= 1600; seed++) {
    double *list = points (3, seed, 6);
    hits[(int)(list[3 * 5 + 2] * 16)]++;
    free (list);
  }
  double chi2 = 0;
  for (int k = 0; k < 16; k++)
    chi2 += (hits[k] - 100.) * (hits[k] - 100.) / 100;
  CU_ASSERT (chi2 < 38); /* 15 degrees of freedom, 0.1 % */
}

/* A smooth integral: the error of scrambled points is far below that of random ones
 * (n^-3/2 against n^-1/2, Owen 1997). */
static void
test_integral (void)
{
  double square = 0;
  for (uint64_t seed = 1; seed <= 50; seed++) {
    double *list = points (5, seed, MOST), sum = 0;
    for (int i = 0; i < MOST; i++) {
      double value = 1;
      for (int d = 0; d < 5; d++)
        value *= 0.5 + list[5 * i + d];
      sum += value;
    }
    square += pow (sum / MOST - 1, 2);
    free (list);
  }
  double error = sqrt (square / 50), random = sqrt ((pow (13. / 12, 5) - 1) / MOST);
  tap_note ("error %.2g, of random points %.2g", error, random);
  CU_ASSERT (error < random / 10);
}

/* More dimensions than the table has. */
static void
test_many_dimensions (void)
{
  enum { N = 70 };
  double *list = points (N, 1, MOST), mean = 0, product = 0;
  for (int i = 0; i < MOST; i++) {
    mean += list[(size_t)i * N + 66];
    product += (list[(size_t)i * N + 66] - 0.5) * (list[(size_t)i * N + 67] - 0.5);
    CU_ASSERT (list[(size_t)i * N + 69] > 0 && list[(size_t)i * N + 69] < 1);
  }
  CU_ASSERT (fabs (mean / MOST - 0.5) < 0.04 && fabs (12 * product / MOST) < 0.12);
  free (list);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "each dimension", test_each_dimension },
                                           { "the first pair", test_pairs },
                                           { "all pairs", test_all_pairs },
                                           { "uniform", test_uniform },
                                           { "integral", test_integral },
                                           { "many dimensions", test_many_dimensions },
                                           { 0 } };
  return tap_run ("sobol-points", tests);
}
