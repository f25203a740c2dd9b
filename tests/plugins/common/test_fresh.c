/* Drawing without replacement. */
#include "tests/tap.h"

#include "core/host.h"
#include "plugins/common/fresh.h"
#include "tests/plugins/spaces.h"

#include <math.h>

enum { MOST = 16 };

struct bench {
  struct gym_host host;
  struct gym_host_context context;
  gym_space *space;
  struct fresh fresh;
  gym_rng rng;
};

static void
start (struct bench *b, gym_space *space, uint64_t seed)
{
  CU_ASSERT_PTR_NOT_NULL_FATAL (space);
  gym_host_init (&b->host, &b->context, NULL);
  b->space = space;
  fresh_init (&b->fresh, &b->host, space);
  gym_rng_init (&b->rng, seed);
}

static void
stop (struct bench *b)
{
  fresh_free (&b->fresh);
  gym_space_destroy (&b->space);
}

/* Draws everything; each design is canonical and counted in a set of its own. */
static size_t
draw_all (struct bench *b)
{
  struct seen seen;
  double row[MOST];
  size_t n = 0;
  seen_init (&seen, gym_space_size (b->space), true);
  for (int code; (code = fresh_draw (&b->fresh, &b->rng, row)) != 0; n++) {
    CU_ASSERT_EQUAL_FATAL (code, 1);
    CU_ASSERT_EQUAL_FATAL (gym_space_check (b->space, row, NULL), 0);
    CU_ASSERT_EQUAL_FATAL (seen_add (&seen, gym_space_hash (b->space, row), row), 1);
  }
  CU_ASSERT_EQUAL (fresh_draw (&b->fresh, &b->rng, row), 0);
  CU_ASSERT_TRUE (fresh_exhausted (&b->fresh));
  seen_free (&seen);
  return n;
}

static void
test_exhaustion (void)
{
  struct bench b;
  for (uint64_t seed = 1; seed <= 20; seed++) {
    start (&b, spaces_small (), seed);
    CU_ASSERT_EQUAL (gym_space_cardinality (b.space), SPACES_SMALL);
    CU_ASSERT_EQUAL (draw_all (&b), SPACES_SMALL);
    stop (&b);
  }
}

/* Rejected draws are bounded by the size of the space, also where some values are far
 * rarer than others: exhausting it costs a constant a design. */
static void
test_cost (void)
{
  struct bench b;
  for (int log = 0; log < 2; log++) {
    start (&b, spaces_line (5000, log), 1);
    CU_ASSERT_EQUAL (draw_all (&b), 5000);
    CU_ASSERT (b.fresh.misses <= 5000);
    stop (&b);
  }
}

static void
test_claims (void)
{
  struct bench b;
  double row[MOST];
  for (int late = 0; late < 2; late++) {
    start (&b, spaces_small (), 3);
    for (int i = 0; i < (late ? 85 : 0); i++) /* far enough for the list to exist */
      CU_ASSERT_EQUAL (fresh_draw (&b.fresh, &b.rng, row), 1);
    CU_ASSERT_EQUAL (b.fresh.listed, late);
    size_t claimed = 0;
    for (int i = 0; i < 400 && claimed < 3; i++) {
      gym_space_sample (b.space, &b.rng, row);
      claimed += fresh_claim (&b.fresh, row) == 1;
      CU_ASSERT_EQUAL (fresh_claim (&b.fresh, row), 0);
    }
    CU_ASSERT_EQUAL (claimed, 3);
    CU_ASSERT_EQUAL (draw_all (&b), SPACES_SMALL - claimed - (late ? 85 : 0));
    stop (&b);
  }
}

/* The order is uniform: on a line of 4, each of the 24 orders turns up as often as the
 * others, within four standard deviations. */
static void
test_uniform (void)
{
  enum { SEEDS = 12000 };
  struct bench b;
  int counts[256] = { 0 };
  for (uint64_t seed = 0; seed < SEEDS; seed++) {
    unsigned order = 0;
    double x;
    start (&b, spaces_line (4, false), seed);
    while (fresh_draw (&b.fresh, &b.rng, &x) == 1)
      order = order << 2 | (unsigned)(x - 1);
    counts[order & 255]++;
    stop (&b);
  }
  int orders = 0;
  for (int i = 0; i < 256; i++)
    if (counts[i]) {
      orders++;
      CU_ASSERT (fabs (counts[i] - SEEDS / 24.0) < 4 * sqrt (SEEDS / 24.0));
    }
  CU_ASSERT_EQUAL (orders, 24);
}

/* A continuum is never exhausted, though a corner of it may be. */
static void
test_continuum (void)
{
  static const char *const levels[] = { "off", "on" }, *const on[] = { "on", NULL };
  const struct gym_param params[] = {
    { .name = "a", .kind = GYM_CATEGORICAL, .levels = levels, .n_levels = 2 },
    { .name = "x", .kind = GYM_REAL, .high = 1, .parent = "a", .when = on }
  };
  struct gym_params list = GYM_ARRAY (gym_params, params);
  struct bench b;
  double row[MOST];
  start (&b, gym_space_new (&list, NULL), 1);
  int off = 0;
  for (int i = 0; i < 1000; i++) {
    CU_ASSERT_EQUAL (fresh_draw (&b.fresh, &b.rng, row), 1);
    off += row[0] == 0;
  }
  CU_ASSERT_EQUAL (off, 1);
  CU_ASSERT_FALSE (fresh_exhausted (&b.fresh));
  stop (&b);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "every design exactly once",
                                             test_exhaustion },
                                           { "bounded rejection", test_cost },
                                           { "claimed designs stay away", test_claims },
                                           { "uniform order", test_uniform },
                                           { "a continuum", test_continuum },
                                           { 0 } };
  return tap_run ("fresh", tests);
}
