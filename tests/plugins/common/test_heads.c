/* Spaces as rows of choices: every value has its level, every level its values. */
#include "tests/tap.h"

#include "core/host.h"
#include "plugins/common/heads.h"
#include "tests/plugins/spaces.h"

#include <math.h>
#include <string.h>

enum { MOST = 16, CODE = 64 };

struct bench {
  struct gym_host host;
  struct gym_host_context context;
  gym_space *space;
  struct heads heads;
  gym_rng rng;
};

static void
start (struct bench *b, gym_space *space, uint32_t bins)
{
  CU_ASSERT_PTR_NOT_NULL_FATAL (space);
  gym_host_init (&b->host, &b->context, NULL);
  b->space = space;
  CU_ASSERT_EQUAL_FATAL (heads_init (&b->heads, &b->host, space, bins), GYM_OK);
  gym_rng_init (&b->rng, 1);
}

static void
stop (struct bench *b)
{
  heads_free (&b->heads);
  heads_free (&b->heads);
  gym_space_destroy (&b->space);
}

static void
test_counts (void)
{
  static const uint32_t levels[12] = { 4, 1, 6, 10, 8, 16, 16, 16, 16, 3, 16, 4 };
  struct bench b;
  uint32_t total = 0;
  start (&b, spaces_mixed (), 16);
  for (uint32_t i = 0; i < 12; i++) {
    CU_ASSERT_EQUAL (b.heads.of[i].levels, levels[i]);
    CU_ASSERT_EQUAL (b.heads.of[i].at, total);
    total += levels[i];
  }
  CU_ASSERT_EQUAL (b.heads.total, total);
  CU_ASSERT_EQUAL (b.heads.most, 16);
  CU_ASSERT_EQUAL (b.heads.n_code, 4 + 1 + 3 + 9); /* categorical ones, and one each */
  stop (&b);
}

/* What is drawn for a level belongs to it, and any uniform value to a level in range. */
static void
test_round_trip (void)
{
  struct bench b;
  for (uint32_t bins = 2; bins <= 128; bins *= 4) {
    start (&b, spaces_mixed (), bins);
    for (uint32_t i = 0; i < 12; i++)
      for (uint32_t k = 0; k < 20 * b.heads.of[i].levels; k++) {
        uint32_t level = k % b.heads.of[i].levels;
        double value = heads_value (&b.heads, &b.rng, i, level);
        CU_ASSERT_EQUAL (heads_level (&b.heads, i, value), level);
        value = gym_space_draw (b.space, &b.rng, i);
        CU_ASSERT (heads_level (&b.heads, i, value) < b.heads.of[i].levels);
      }
    stop (&b);
  }
}

/* Bins of a long integer hold about as many values each, those of a log one about the
 * same share of the scale; none is empty, and every value can be drawn. */
static void
test_bins (void)
{
  struct bench b;
  start (&b, spaces_line (1000, false), 8);
  const uint64_t *edges = b.heads.of[0].edges;
  for (int k = 0; k < 8; k++)
    CU_ASSERT_EQUAL (edges[k + 1] - edges[k], 125);
  stop (&b);
  start (&b, spaces_line (4096, true), 64);
  edges = b.heads.of[0].edges;
  CU_ASSERT (edges[0] == 0 && edges[64] == 4096);
  for (int k = 0; k < 64; k++)
    CU_ASSERT (edges[k] < edges[k + 1]);
  CU_ASSERT (edges[40] < 400);
  bool met[4096] = { false };
  for (int k = 0; k < 2000000; k++)
    met[(int)heads_value (&b.heads, &b.rng, 0, (uint32_t)k % 64) - 1] = true;
  CU_ASSERT_PTR_NULL (memchr (met, false, sizeof met));
  stop (&b);
}

/* Ends of a real range belong to its first and last bin, even the widest range. */
static void
test_real_ends (void)
{
  static const struct gym_param wide[] = {
    { .name = "x", .kind = GYM_REAL, .low = -1.7e308, .high = 1.7e308 },
    { .name = "y",
      .kind = GYM_REAL,
      .flags = GYM_PARAM_LOG,
      .low = 1e-300,
      .high = 1e300,
      .initial = 1 },
  };
  struct gym_params list = GYM_ARRAY (gym_params, wide);
  struct bench b;
  start (&b, gym_space_new (&list, NULL), 10);
  for (uint32_t i = 0; i < 2; i++) {
    CU_ASSERT_EQUAL (heads_level (&b.heads, i, wide[i].low), 0);
    CU_ASSERT_EQUAL (heads_level (&b.heads, i, wide[i].high), 9);
    for (uint32_t k = 0; k < 1000; k++)
      CU_ASSERT_EQUAL (
          heads_level (&b.heads, i, heads_value (&b.heads, &b.rng, i, k % 10)), k % 10);
  }
  stop (&b);
}

static void
test_rows (void)
{
  struct bench b;
  uint32_t levels[MOST], back[MOST];
  uint8_t active[MOST], again[MOST];
  double row[MOST];
  int inactive = 0;
  start (&b, spaces_mixed (), 64);
  for (int k = 0; k < 2000; k++) {
    for (uint32_t i = 0; i < 12; i++)
      levels[i] = (uint32_t)gym_rng_below (&b.rng, b.heads.of[i].levels);
    heads_row (&b.heads, &b.rng, levels, row, active);
    CU_ASSERT_EQUAL (gym_space_check (b.space, row, NULL), 0);
    heads_levels (&b.heads, row, back, again);
    for (uint32_t i = 0; i < 12; i++) {
      CU_ASSERT_EQUAL (active[i], !isnan (row[i]));
      CU_ASSERT_EQUAL (again[i], active[i]);
      CU_ASSERT_EQUAL (back[i], active[i] ? levels[i] : 0);
      inactive += !active[i];
    }
  }
  CU_ASSERT (inactive > 1000);
  stop (&b);
}

static void
test_code (void)
{
  struct bench b;
  float code[CODE];
  start (&b, spaces_mixed (), 64);
  memset (code, 7, sizeof code);
  heads_code (&b.heads, 0, 2, true, code); /* categorical, 4 levels */
  heads_code (&b.heads, 2, 5, true, code); /* ordinal, 6 levels */
  heads_code (&b.heads, 3, 1, false, code);
  CU_ASSERT (code[0] == 0 && code[1] == 0 && code[2] == 1 && code[3] == 0);
  CU_ASSERT_DOUBLE_EQUAL (code[b.heads.of[2].code], 5. / 6, 1e-6);
  CU_ASSERT_EQUAL (code[b.heads.of[3].code], 0);
  stop (&b);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "counts", test_counts },
                                           { "there and back", test_round_trip },
                                           { "bins", test_bins },
                                           { "ends of reals", test_real_ends },
                                           { "rows and masks", test_rows },
                                           { "codes", test_code },
                                           { 0 } };
  return tap_run ("heads", tests);
}
