/* The pyramid: designs once, levels on demand, trees learnt again as populations grow. */
#include "tests/plugins/gomea/bench.h"
#include <string.h>

static int
add (struct bench *b, uint32_t level, const double *row)
{
  return pyramid_add (&b->pyramid, level, gym_space_hash (b->space, row), row);
}

static void
test_levels (void)
{
  struct bench b;
  double x[12], y[12];
  start (&b, spaces_wide ());
  gym_space_sample (b.space, &b.rng, x);
  gym_space_sample (b.space, &b.rng, y);
  CU_ASSERT_EQUAL (add (&b, 0, x), 1);
  CU_ASSERT_EQUAL (add (&b, 0, x), 0);
  CU_ASSERT_EQUAL (add (&b, 1, x), 0);
  CU_ASSERT_EQUAL (b.pyramid.n_levels, 1);
  CU_ASSERT_EQUAL (add (&b, 1, y), 1);
  CU_ASSERT_EQUAL (b.pyramid.n_levels, 2);
  CU_ASSERT_EQUAL (b.pyramid.levels[0].count, 1);
  CU_ASSERT_EQUAL (memcmp (b.pyramid.levels[1].rows, y, sizeof y), 0);
  stop (&b);
}

static void
test_top (void)
{
  struct bench b;
  double row[12];
  start (&b, spaces_wide ());
  for (uint32_t k = 0; k < PYRAMID_LEVELS; k++) {
    gym_space_sample (b.space, &b.rng, row);
    CU_ASSERT_EQUAL (add (&b, k, row), 1);
  }
  gym_space_sample (b.space, &b.rng, row);
  CU_ASSERT_EQUAL (add (&b, PYRAMID_LEVELS, row), 0);
  CU_ASSERT_EQUAL (b.pyramid.n_levels, PYRAMID_LEVELS);
  stop (&b);
}

/* Learnt at most some 16 times for every doubling, however often it is asked for. */
static void
test_learning (void)
{
  struct bench b;
  int learnt = 0;
  start (&b, spaces_mixed ());
  for (int k = 0; k < 2000; k++) {
    double row[12];
    size_t before = b.pyramid.levels[0].learnt;
    gym_space_sample (b.space, &b.rng, row);
    CU_ASSERT_EQUAL (add (&b, 0, row), 1);
    CU_ASSERT_EQUAL (pyramid_learn (&b.pyramid, 0, &b.rng), GYM_OK);
    learnt += b.pyramid.levels[0].learnt != before;
    CU_ASSERT (b.pyramid.levels[0].learnt >= b.pyramid.levels[0].count * 15 / 16);
  }
  CU_ASSERT (learnt < 130);
  CU_ASSERT (b.pyramid.levels[0].tree.n_sets > 12);
  stop (&b);
}

/* Every value falls into a bin, inactive ones into their own. */
static void
test_bins (void)
{
  struct bench b;
  unsigned met[12] = { 0 };
  start (&b, spaces_mixed ());
  for (int k = 0; k < 2000; k++) {
    double row[12];
    gym_space_sample (b.space, &b.rng, row);
    add (&b, 0, row);
    for (int i = 0; i < 12; i++) {
      uint8_t bin = b.pyramid.levels[0].bins[12 * k + i];
      CU_ASSERT_EQUAL (bin == 8, row[i] != row[i]);
      met[i] |= 1u << bin;
    }
  }
  CU_ASSERT_EQUAL (met[0], 0xf);   /* four levels */
  CU_ASSERT_EQUAL (met[2], 0x3f);  /* six */
  CU_ASSERT_EQUAL (met[5], 0xff);  /* a thousand integers */
  CU_ASSERT_EQUAL (met[7], 0xff);  /* a range */
  CU_ASSERT_EQUAL (met[8], 0xff);  /* on a log scale */
  CU_ASSERT_EQUAL (met[9], 0x107); /* three levels, or none */
  stop (&b);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "levels", test_levels },
                                           { "the top", test_top },
                                           { "learning", test_learning },
                                           { "bins", test_bins },
                                           { 0 } };
  return tap_run ("pyramid", tests);
}
