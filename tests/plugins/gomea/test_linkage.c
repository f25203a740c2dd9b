/* Linkage trees: parameters that vary together are found, sets are nested, small ones
 * come first, and the order is that of average similarity. */
#include "tests/tap.h"

#include "plugins/gomea/linkage.h"

#include <gym/plugin.h>
#include <math.h>
#include <string.h>

enum { MOST = 24, ROWS = 400 };

static uint64_t
mask_of (const struct linkage *l, uint32_t k)
{
  uint64_t mask = 0;
  for (uint32_t j = 0; j < l->sets[k].size; j++)
    mask |= (uint64_t)1 << l->leaves[l->sets[k].from + j];
  return mask;
}

static bool
has_set (const struct linkage *l, uint64_t mask)
{
  for (uint32_t k = 0; k < l->n_sets; k++)
    if (mask_of (l, k) == mask)
      return true;
  return false;
}

/* Leaves are a permutation, sets rise in size, and any two are nested or apart. */
static void
check_tree (const struct linkage *l)
{
  uint64_t all = 0;
  for (uint32_t i = 0; i < l->n; i++)
    all |= (uint64_t)1 << l->leaves[i];
  CU_ASSERT_EQUAL (all, ((uint64_t)1 << l->n) - 1);
  for (uint32_t a = 0; a < l->n_sets; a++) {
    CU_ASSERT (l->sets[a].size < l->n);
    CU_ASSERT (a == 0 || l->sets[a].size >= l->sets[a - 1].size);
    for (uint32_t b = 0; b < a; b++) {
      uint64_t x = mask_of (l, a), y = mask_of (l, b);
      CU_ASSERT ((x & y) == 0 || (x & y) == y);
    }
  }
}

/* Parameter i copies that of its group, i % groups, nine times in ten. */
static void
fill (uint8_t *rows, uint32_t n, uint32_t groups, gym_rng *rng)
{
  for (int k = 0; k < ROWS; k++)
    for (uint32_t i = 0; i < n; i++) {
      bool own = i < groups || gym_rng_real (rng) < 0.1;
      rows[k * (int)n + (int)i] =
          own ? (uint8_t)gym_rng_below (rng, 3) : rows[k * (int)n + (int)(i % groups)];
    }
}

static void
test_groups (void)
{
  static uint8_t rows[ROWS * MOST];
  struct linkage l;
  gym_rng rng;
  gym_rng_init (&rng, 1);
  for (uint32_t groups = 2; groups <= 6; groups += 2) {
    CU_ASSERT_EQUAL_FATAL (linkage_init (&l, MOST, 3), GYM_OK);
    fill (rows, MOST, groups, &rng);
    for (int again = 0; again < 3; again++) {
      CU_ASSERT_EQUAL (linkage_learn (&l, &rng, rows, ROWS), GYM_OK);
      check_tree (&l);
      CU_ASSERT_EQUAL (l.n_sets, 2 * MOST - 2);
      for (uint32_t g = 0; g < groups; g++) {
        uint64_t mask = 0;
        for (uint32_t i = g; i < MOST; i += groups)
          mask |= (uint64_t)1 << i;
        CU_ASSERT_TRUE (has_set (&l, mask));
      }
    }
    linkage_free (&l);
  }
}

/* What always goes together is one set; what never varies belongs to nobody. */
static void
test_copies_and_constants (void)
{
  static uint8_t rows[ROWS * 5];
  struct linkage l;
  gym_rng rng;
  gym_rng_init (&rng, 2);
  for (int k = 0; k < ROWS; k++) {
    uint8_t *row = rows + 5 * k;
    row[0] = (uint8_t)gym_rng_below (&rng, 4);
    row[3] = (uint8_t)(3 - row[0]); /* another name for the same */
    row[1] = row[4] = 2;
    row[2] = (uint8_t)gym_rng_below (&rng, 4);
  }
  CU_ASSERT_EQUAL_FATAL (linkage_init (&l, 5, 4), GYM_OK);
  CU_ASSERT_EQUAL (linkage_learn (&l, &rng, rows, ROWS), GYM_OK);
  check_tree (&l);
  CU_ASSERT_TRUE (has_set (&l, 1 << 0 | 1 << 3));
  CU_ASSERT_FALSE (has_set (&l, 1 << 0));
  CU_ASSERT_FALSE (has_set (&l, 1 << 3));
  CU_ASSERT_TRUE (has_set (&l, 1 << 1));
  CU_ASSERT_TRUE (has_set (&l, 1 << 2));
  linkage_free (&l);
}

/* ---- against UPGMA by the book ---- */

static double
entropy (const uint8_t *rows, uint32_t n, uint32_t a, uint32_t b)
{
  double counts[64] = { 0 }, sum = 0;
  for (int k = 0; k < ROWS; k++)
    counts[rows[k * (int)n + (int)a] * 8 + rows[k * (int)n + (int)b]]++;
  for (int k = 0; k < 64; k++)
    if (counts[k] > 0)
      sum -= counts[k] / ROWS * log (counts[k] / ROWS);
  return sum;
}

static double
between (const uint8_t *rows, uint32_t n, uint64_t x, uint64_t y)
{
  double sum = 0, pairs = 0;
  for (uint32_t a = 0; a < n; a++)
    for (uint32_t b = 0; b < n; b++)
      if (x >> a & 1 && y >> b & 1) {
        double both = entropy (rows, n, a, b);
        sum += (entropy (rows, n, a, a) + entropy (rows, n, b, b) - both) / both;
        pairs++;
      }
  return sum / pairs;
}

static void
test_reference (void)
{
  static uint8_t rows[ROWS * 9];
  gym_rng rng;
  for (uint64_t seed = 1; seed <= 8; seed++) {
    struct linkage l;
    uint64_t sets[9];
    gym_rng_init (&rng, seed);
    fill (rows, 9, 3, &rng);
    CU_ASSERT_EQUAL_FATAL (linkage_init (&l, 9, 3), GYM_OK);
    CU_ASSERT_EQUAL (linkage_learn (&l, &rng, rows, ROWS), GYM_OK);
    for (uint32_t i = 0; i < 9; i++)
      sets[i] = (uint64_t)1 << i;
    for (uint32_t left = 9; left > 2; left--) {
      uint32_t best_a = 0, best_b = 0;
      double most = -1;
      for (uint32_t a = 0; a < left; a++)
        for (uint32_t b = 0; b < a; b++)
          if (between (rows, 9, sets[a], sets[b]) > most) {
            most = between (rows, 9, sets[a], sets[b]);
            best_a = a, best_b = b;
          }
      sets[best_b] |= sets[best_a];
      CU_ASSERT_TRUE (has_set (&l, sets[best_b]));
      sets[best_a] = sets[left - 1];
    }
    linkage_free (&l);
  }
}

static void
test_small (void)
{
  static const uint8_t rows[] = { 0, 1, 1, 0 };
  struct linkage l;
  gym_rng rng;
  gym_rng_init (&rng, 3);
  CU_ASSERT_EQUAL_FATAL (linkage_init (&l, 1, 2), GYM_OK);
  CU_ASSERT_EQUAL (linkage_learn (&l, &rng, rows, 1), GYM_OK);
  CU_ASSERT_EQUAL (l.n_sets, 0);
  linkage_free (&l);
  CU_ASSERT_EQUAL_FATAL (linkage_init (&l, 4, 2), GYM_OK);
  CU_ASSERT_EQUAL (linkage_learn (&l, &rng, rows, 1), GYM_OK);
  CU_ASSERT_EQUAL (l.n_sets, 6);
  check_tree (&l);
  linkage_free (&l);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "groups are found", test_groups },
                                           { "copies and constants",
                                             test_copies_and_constants },
                                           { "the tree of UPGMA", test_reference },
                                           { "one parameter, one design", test_small },
                                           { 0 } };
  return tap_run ("linkage", tests);
}
