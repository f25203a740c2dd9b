/* The mapper: within its budget, the same for the same seed, optimal on small spaces. */
#include "sims/accel/mapper.h"

#include <math.h>
#include <string.h>

#include "sims/accel/energy.h"
#include "tests/sims/accel/random_case.h"
#include "tests/tap.h"

/* A spatial array with registers, a buffer and DRAM. */
static struct accel_arch
example (uint64_t entries)
{
  struct accel_arch a = { .level_count = 3 };
  a.mac.mesh_x = a.mac.mesh_y = 4;
  a.mac.word_bits = 16;
  a.level[0] = accel_level_unit ("Register");
  a.level[0].mesh_x = a.level[0].mesh_y = 4;
  a.level[0].entries = 24;
  a.level[1] = accel_level_unit ("Buffer");
  a.level[1].entries = entries;
  a.level[2] = accel_level_unit ("DRAM");
  a.level[2].read_bw = a.level[2].write_bw = 2;
  accel_arch_price (&a, NULL);
  return a;
}

static struct accel_layer
conv (uint32_t filter, uint32_t out, uint32_t channels, uint32_t maps)
{
  struct accel_layer l = accel_layer_unit (ACCEL_CONV);
  l.size[ACCEL_R] = l.size[ACCEL_S] = filter;
  l.size[ACCEL_P] = l.size[ACCEL_Q] = out;
  l.size[ACCEL_C] = channels;
  l.size[ACCEL_K] = maps;
  return l;
}

static struct accel_loopnest
prepare (const struct accel_arch *arch, const struct accel_layer *layer)
{
  struct accel_options strict = { .check_fanout = true };
  struct accel_loopnest model;
  CU_ASSERT_EQUAL (accel_loopnest_init (&model, arch, layer, &strict, NULL), ACCEL_OK);
  return model;
}

/* The report is what the model says of the mapping in it. */
static void
expect_report (const struct accel_loopnest *model, const struct accel_mapper_options *o,
               const struct accel_mapper_report *report)
{
  struct accel_result r;
  CU_ASSERT (report->found && report->evaluations <= o->budget);
  CU_ASSERT (report->valid > 0 && report->valid <= report->evaluations);
  accel_loopnest_evaluate (model, report->splits, &r);
  CU_ASSERT_EQUAL (r.verdict.code, ACCEL_VALID);
  CU_ASSERT_EQUAL (accel_goal_score (o->goal, model, &r), report->score);
  CU_ASSERT_EQUAL (r.cycles, report->result.cycles);
}

/* Field by field: what lies between the fields is nobody's. */
static bool
same_splits (const struct accel_split *a, const struct accel_split *b, size_t n)
{
  bool same = true;
  for (size_t i = 0; i < n; i++)
    same = same && memcmp (a[i].temporal, b[i].temporal, sizeof a[i].temporal) == 0
           && memcmp (a[i].x, b[i].x, sizeof a[i].x) == 0
           && memcmp (a[i].y, b[i].y, sizeof a[i].y) == 0
           && memcmp (a[i].order, b[i].order, sizeof a[i].order) == 0
           && a[i].keep == b[i].keep;
  return same;
}

static void
test_searches (void)
{
  struct accel_arch arch = example (4096);
  struct accel_layer layer = conv (3, 28, 64, 128);
  struct accel_loopnest model = prepare (&arch, &layer);
  struct accel_mapper_report climb, again, random;
  struct accel_mapper_options o = { .budget = 3000, .seed = 5, .free_bypass = true };
  accel_mapper_search (&model, &o, &climb);
  expect_report (&model, &o, &climb);
  CU_ASSERT_EQUAL (climb.evaluations, 3000);
  accel_mapper_search (&model, &o, &again);
  CU_ASSERT (again.score == climb.score);
  CU_ASSERT (same_splits (again.splits, climb.splits, 3));
  o.search = ACCEL_SEARCH_RANDOM;
  accel_mapper_search (&model, &o, &random);
  expect_report (&model, &o, &random);
  CU_ASSERT (climb.score < random.score);
  o.seed = 6;
  accel_mapper_search (&model, &o, &again);
  CU_ASSERT (again.score != random.score);
  tap_note ("EDP of 3,000 evaluations: climb %.4g, random %.4g", climb.score,
            random.score);
}

/* The same seed with a larger budget only goes on. */
static void
test_budget (void)
{
  struct accel_arch arch = example (2048);
  struct accel_layer layer = conv (3, 14, 32, 32);
  struct accel_loopnest model = prepare (&arch, &layer);
  double last = INFINITY;
  for (uint64_t budget = 1; budget <= 4096; budget *= 4) {
    struct accel_mapper_options o = { .budget = budget, .seed = 2 };
    struct accel_mapper_report r;
    accel_mapper_search (&model, &o, &r);
    CU_ASSERT (r.evaluations == budget && r.score <= last);
    last = r.score;
  }
}

static void
test_cancel (void)
{
  struct accel_arch arch = example (2048);
  struct accel_layer layer = conv (3, 14, 32, 32);
  struct accel_loopnest model = prepare (&arch, &layer);
  atomic_bool cancel = true;
  struct accel_mapper_options o = { .budget = 1000, .cancel = &cancel };
  struct accel_mapper_report r;
  accel_mapper_search (&model, &o, &r);
  CU_ASSERT (!r.found && r.evaluations == 0 && isinf (r.score));
}

/* By hand: 4 = 2 * 2 over two levels of temporal loops: 3 ways; with a fan-out of 2 under
 * the inner one two more with a 2 across. */
static void
test_space (void)
{
  struct accel_arch arch = { .level_count = 2 };
  struct accel_layer layer = accel_layer_gemm (4, 1, 1);
  struct accel_loopnest model;
  arch.mac.mesh_x = arch.mac.mesh_y = arch.mac.word_bits = 1;
  arch.level[0] = accel_level_unit ("Buffer");
  arch.level[1] = accel_level_unit ("DRAM");
  model = prepare (&arch, &layer);
  CU_ASSERT_EQUAL (accel_mapper_space (&model, false, 1000), 3);
  CU_ASSERT_EQUAL (accel_mapper_space (&model, true, 1000), 3 * 8);
  CU_ASSERT_EQUAL (accel_mapper_space (&model, true, 10), 11);
  arch.mac.mesh_x = 2;
  model = prepare (&arch, &layer);
  CU_ASSERT_EQUAL (accel_mapper_space (&model, false, 1000), 5);
  /* two dimensions: where both have loops outside, in two orders */
  layer = accel_layer_gemm (3, 5, 1);
  arch.mac.mesh_x = 1;
  model = prepare (&arch, &layer);
  CU_ASSERT_EQUAL (accel_mapper_space (&model, false, 1000), 4 + 1);
}

/* The optimum of a small space; the climb finds it or comes close. */
static void
test_exhaustive (void)
{
  struct accel_arch arch = example (40);
  struct accel_layer layer = conv (3, 4, 2, 2);
  struct accel_loopnest model = prepare (&arch, &layer);
  struct accel_mapper_report all, climb, random;
  struct accel_mapper_options o = { .search = ACCEL_SEARCH_EXHAUSTIVE,
                                    .budget = 3000000 };
  accel_mapper_search (&model, &o, &all);
  expect_report (&model, &o, &all);
  CU_ASSERT (all.exhausted);
  o.budget = 5000;
  o.search = ACCEL_SEARCH_CLIMB;
  accel_mapper_search (&model, &o, &climb);
  o.search = ACCEL_SEARCH_RANDOM;
  accel_mapper_search (&model, &o, &random);
  CU_ASSERT (climb.score >= all.score && random.score >= all.score);
  CU_ASSERT (climb.score <= 1.1 * all.score && !climb.exhausted);
  tap_note ("%llu mappings, optimum %.6g, climb %.6g, random %.6g",
            (unsigned long long)all.evaluations, all.score, climb.score, random.score);
  o.search = ACCEL_SEARCH_EXHAUSTIVE; /* too large for this budget: a climb */
  accel_mapper_search (&model, &o, &random);
  CU_ASSERT (!random.exhausted && random.score == climb.score);
}

/* Under the best mapping a larger buffer never has more DRAM traffic. */
static void
test_larger_buffer (void)
{
  struct accel_layer layer = conv (3, 4, 2, 2);
  double last = INFINITY;
  for (uint64_t entries = 20; entries <= 160; entries *= 2) {
    struct accel_arch arch = example (entries);
    struct accel_loopnest model = prepare (&arch, &layer);
    struct accel_mapper_options o = { .search = ACCEL_SEARCH_EXHAUSTIVE,
                                      .goal = ACCEL_GOAL_TRAFFIC,
                                      .budget = 3000000 };
    struct accel_mapper_report r;
    accel_mapper_search (&model, &o, &r);
    CU_ASSERT (r.exhausted && r.found && r.score <= last);
    tap_note ("%llu entries: %g words", (unsigned long long)entries, r.score);
    last = r.score;
  }
  /* each word once: 6 x 6 x 2 inputs, 36 weights, 32 outputs */
  CU_ASSERT_EQUAL (last, 72 + 36 + 32);
}

/* Drawn mappings break no rule but capacity. */
static void
test_random (void)
{
  enum { COUNT = 200 };
  static struct accel_split splits[COUNT * ACCEL_LEVELS_MAX];
  for (uint64_t seed = 0; seed < 100; seed++) {
    struct random_case c;
    struct accel_loopnest model;
    uint8_t verdict[COUNT];
    struct accel_scores scores = { .verdict = verdict };
    random_case_make (&c, seed);
    c.arch.level[0].entries = 20;
    model = prepare (&c.arch, &c.layer);
    accel_mapper_random (&model, seed % 2, seed, splits, COUNT);
    accel_loopnest_batch (&model, splits, COUNT, &scores);
    for (int k = 0; k < COUNT; k++)
      CU_ASSERT (verdict[k] == ACCEL_VALID || verdict[k] == ACCEL_CAPACITY);
  }
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { .name = "searches", .run = test_searches },
    { .name = "budget", .run = test_budget },
    { .name = "cancel", .run = test_cancel },
    { .name = "space", .run = test_space },
    { .name = "exhaustive", .run = test_exhaustive },
    { .name = "larger buffer", .run = test_larger_buffer },
    { .name = "random", .run = test_random },
    { 0 },
  };
  return tap_run ("accel mapper", tests);
}
