/* The stratified order: a permutation, fair to every class at each length, by seed. */
#include "sims/nn/split.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sims/nn/random.h"
#include "tests/tap.h"

enum { MOST = 3000 };

static uint8_t labels[MOST], parts[MOST];
static uint32_t order[MOST], count;

/* Classes of about one size, in any order, and some images that are taken. */
static void
fill (uint64_t seed, uint32_t n, uint32_t classes)
{
  struct nn_random random = { .state = seed };
  for (uint32_t i = 0; i < n; i++) {
    labels[i] = (uint8_t)((i * 7 + (i % 23 == 0)) % classes);
    parts[i] = nn_random_below (&random, 5) == 0 ? NN_TEST : NN_UNUSED;
  }
}

static bool
is_permutation (uint32_t n)
{
  static uint8_t seen[MOST];
  uint32_t unused = 0;
  memset (seen, 0, sizeof seen);
  for (uint32_t i = 0; i < n; i++)
    unused += parts[i] == NN_UNUSED;
  for (uint32_t i = 0; i < count; i++)
    if (order[i] >= n || parts[order[i]] != NN_UNUSED || seen[order[i]]++)
      return false;
  return unused == count;
}

/* How far a class is from its share in any stretch that `first` begins. */
static double
unfairness (uint32_t classes, uint32_t first)
{
  uint32_t all[256] = { 0 }, taken[256] = { 0 };
  double worst = 0;
  for (uint32_t i = 0; i < count; i++)
    all[labels[order[i]]]++;
  for (uint32_t i = first; i < count; i++) {
    taken[labels[order[i]]]++;
    for (uint32_t c = 0; c < classes; c++) {
      double share = (double)(i + 1 - first) * all[c] / count;
      worst = fmax (worst, fabs (taken[c] - share));
    }
  }
  return worst;
}

static void
test_properties (void)
{
  for (uint64_t seed = 0; seed < 60; seed++) {
    uint32_t classes = 2 + (uint32_t)seed % 9, n = 500 + 40 * (uint32_t)seed;
    fill (seed, n, classes);
    CU_ASSERT_FATAL (nn_stratify (labels, parts, n, classes, seed, order, &count));
    CU_ASSERT (is_permutation (n));
    CU_ASSERT (unfairness (classes, 0) < 1.5);
    CU_ASSERT (unfairness (classes, count / 3) <= 2);
  }
}

static void
test_seeds (void)
{
  static uint32_t again[MOST], other[MOST];
  uint32_t same = 0;
  fill (1, MOST, 10);
  nn_stratify (labels, parts, MOST, 10, 5, order, &count);
  nn_stratify (labels, parts, MOST, 10, 5, again, &count);
  nn_stratify (labels, parts, MOST, 10, 6, other, &count);
  CU_ASSERT_EQUAL (memcmp (order, again, count * sizeof *order), 0);
  for (uint32_t i = 0; i < count; i++)
    same += order[i] == other[i];
  CU_ASSERT (same < 40); /* one in 240 by chance */
}

/* Each image is as often among the first as any other. */
static void
test_uniform (void)
{
  enum { N = 60, FIRST = 15, SEEDS = 4000 };
  int seen[N] = { 0 };
  for (uint32_t i = 0; i < N; i++) {
    labels[i] = (uint8_t)(i % 4);
    parts[i] = NN_UNUSED;
  }
  for (uint64_t seed = 0; seed < SEEDS; seed++) {
    nn_stratify (labels, parts, N, 4, seed, order, &count);
    for (int i = 0; i < FIRST; i++)
      seen[order[i]]++;
  }
  for (int i = 0; i < N; i++) /* 1000 expected, deviation 27 */
    CU_ASSERT (seen[i] > 870 && seen[i] < 1130);
}

/* Classes without an image, a single image, none. */
static void
test_edges (void)
{
  memset (parts, NN_UNUSED, sizeof parts);
  memset (labels, 9, sizeof labels);
  CU_ASSERT (nn_stratify (labels, parts, 5, 10, 1, order, &count));
  CU_ASSERT (count == 5 && is_permutation (5));
  CU_ASSERT (nn_stratify (labels, parts, 1, 10, 1, order, &count));
  CU_ASSERT (count == 1 && order[0] == 0);
  CU_ASSERT (nn_stratify (labels, parts, 0, 10, 1, order, &count));
  CU_ASSERT_EQUAL (count, 0);
  labels[0] = 255;
  CU_ASSERT (nn_stratify (labels, parts, 4, 256, 1, order, &count));
  CU_ASSERT (count == 4 && is_permutation (4));
}

int
main (void)
{
  static const struct tap_test tests[] = { { "properties", test_properties },
                                           { "seeds", test_seeds },
                                           { "uniform", test_uniform },
                                           { "edges", test_edges },
                                           { 0 } };
  return tap_run ("nn split", tests);
}
