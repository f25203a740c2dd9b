/* gym/rng.h: Philox against its published vectors, and moments of the distributions. */
#include "tests/tap.h"

#include <gym/rng.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

static bool
gives (uint64_t key, uint64_t low, uint64_t high, const uint32_t want[4])
{
  uint32_t out[4];
  gym_philox (key, low, high, out);
  return memcmp (out, want, sizeof out) == 0;
}

/* The vectors of Random123 (kat_vectors, philox4x32 10). */
static void
test_known_answers (void)
{
  static const uint32_t zero[] = { 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8 };
  static const uint32_t ones[] = { 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd };
  static const uint32_t pi[] = { 0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1 };
  CU_ASSERT (gives (0, 0, 0, zero));
  CU_ASSERT (gives (UINT64_MAX, UINT64_MAX, UINT64_MAX, ones));
  CU_ASSERT (gives (UINT64_C (0x299f31d0a4093822), UINT64_C (0x85a308d3243f6a88),
                    UINT64_C (0x0370734413198a2e), pi));
}

/* A stream is its blocks in order, and a copy goes its own way. */
static void
test_stream (void)
{
  gym_rng rng, copy;
  uint32_t block[4], seen[8];
  gym_rng_init (&rng, 42);
  for (int i = 0; i < 8; i++)
    seen[i] = gym_rng_u32 (&rng);
  for (uint64_t b = 0; b < 2; b++) {
    gym_philox (42, b, 0, block);
    for (int i = 0; i < 4; i++)
      CU_ASSERT_EQUAL (seen[4 * b + (uint64_t)i], block[3 - i]);
  }
  copy = rng;
  uint64_t first = gym_rng_u64 (&rng);
  CU_ASSERT_EQUAL (gym_rng_u64 (&copy), first);
  gym_rng_init (&copy, 43);
  CU_ASSERT_NOT_EQUAL (gym_rng_u32 (&copy), seen[0]);
}

static void
test_derive (void)
{
  uint64_t keys[64];
  for (uint64_t i = 0; i < 64; i++) {
    keys[i] = gym_rng_derive (7, i / 8, i % 8);
    CU_ASSERT_EQUAL (keys[i], gym_rng_derive (7, i / 8, i % 8));
    for (uint64_t j = 0; j < i; j++)
      CU_ASSERT_NOT_EQUAL (keys[i], keys[j]);
  }
  CU_ASSERT_NOT_EQUAL (gym_rng_derive (8, 0, 0), keys[0]);
}

enum { draws = 400000 };

/* Mean and central moments 2 to 4 of `draws` numbers. */
static void
moments (double (*draw) (gym_rng *), uint64_t key, double moment[5])
{
  static double kept[draws];
  gym_rng rng;
  gym_rng_init (&rng, key);
  memset (moment, 0, 5 * sizeof *moment);
  for (int i = 0; i < draws; i++) {
    kept[i] = draw (&rng);
    moment[1] += kept[i] / draws;
  }
  for (int i = 0; i < draws; i++)
    for (int p = 2; p <= 4; p++)
      moment[p] += pow (kept[i] - moment[1], p) / draws;
}

static void
test_real (void)
{
  double m[5];
  moments (gym_rng_real, 1, m);
  CU_ASSERT_DOUBLE_EQUAL (m[1], 0.5, 0.002);
  CU_ASSERT_DOUBLE_EQUAL (m[2], 1 / 12.0, 0.001);
  CU_ASSERT_DOUBLE_EQUAL (m[3], 0, 0.0005);
  CU_ASSERT_DOUBLE_EQUAL (m[4], 1 / 80.0, 0.0003);
  gym_rng rng;
  gym_rng_init (&rng, 2);
  for (int i = 0; i < 100000; i++) {
    double v = gym_rng_real (&rng);
    CU_ASSERT_FATAL (v >= 0 && v < 1);
  }
}

static void
test_normal (void)
{
  double m[5];
  moments (gym_rng_normal, 3, m);
  CU_ASSERT_DOUBLE_EQUAL (m[1], 0, 0.008);
  CU_ASSERT_DOUBLE_EQUAL (m[2], 1, 0.012);
  CU_ASSERT_DOUBLE_EQUAL (m[3], 0, 0.03);
  CU_ASSERT_DOUBLE_EQUAL (m[4], 3, 0.08);
}

/* Chi-square of `below` for sizes around powers of two and one above 2^32. */
static void
test_below (void)
{
  static const uint64_t sizes[] = { 1, 2, 3, 7, 10, 16, 17 };
  gym_rng rng;
  gym_rng_init (&rng, 4);
  for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
    double seen[17] = { 0 }, sum = 0, want = 100000.0 / (double)sizes[s];
    for (int i = 0; i < 100000; i++) {
      uint64_t v = gym_rng_below (&rng, sizes[s]);
      CU_ASSERT_FATAL (v < sizes[s]);
      seen[v]++;
    }
    for (uint64_t v = 0; v < sizes[s]; v++)
      sum += (seen[v] - want) * (seen[v] - want) / want;
    double df = (double)sizes[s] - 1;
    CU_ASSERT (sum <= df + 5 * sqrt (2 * df));
  }
  uint64_t huge = UINT64_C (3) << 62, high = 0; /* a quarter of draws are rejected */
  for (int i = 0; i < 30000; i++) {
    uint64_t v = gym_rng_below (&rng, huge);
    CU_ASSERT_FATAL (v < huge);
    high += v >= UINT64_C (1) << 63;
  }
  CU_ASSERT (high > 9500 && high < 10500);
}

/* Every order of four is equally likely. */
static void
test_shuffle (void)
{
  double seen[256] = { 0 }, sum = 0;
  gym_rng rng;
  gym_rng_init (&rng, 5);
  for (int k = 0; k < 48000; k++) {
    uint32_t items[] = { 0, 1, 2, 3 };
    gym_rng_shuffle (&rng, items, 4);
    seen[items[0] << 6 | items[1] << 4 | items[2] << 2 | items[3]]++;
  }
  int orders = 0;
  for (int k = 0; k < 256; k++)
    if (seen[k] > 0) {
      orders++;
      sum += (seen[k] - 2000) * (seen[k] - 2000) / 2000;
    }
  CU_ASSERT_EQUAL (orders, 24);
  CU_ASSERT (sum < 23 + 5 * sqrt (46));
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { "known answers", test_known_answers },
    { "stream", test_stream },
    { "derived keys", test_derive },
    { "real", test_real },
    { "normal", test_normal },
    { "below", test_below },
    { "shuffle", test_shuffle },
    { 0 },
  };
  return tap_run ("rng", tests);
}
