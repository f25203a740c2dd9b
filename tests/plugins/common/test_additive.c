/* Values that are sums of parts: against a plain sum, slopes against differences. */
#include "tests/tap.h"

#include "core/host.h"
#include "plugins/common/additive.h"
#include "tests/plugins/spaces.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct bench {
  struct gym_host host;
  struct gym_host_context context;
  gym_space *space;
  struct heads heads;
  struct scorer scorer;
  uint32_t levels[12];
  uint8_t active[12];
  struct choice choice;
};

static void
start (struct bench *b)
{
  gym_host_init (&b->host, &b->context, NULL);
  b->space = spaces_mixed ();
  CU_ASSERT_EQUAL_FATAL (heads_init (&b->heads, &b->host, b->space, 8), GYM_OK);
  struct scorer_setup setup = { .heads = &b->heads,
                                .n_observed = 1,
                                .learners = 1,
                                .activation = NN_TANH,
                                .valued = true,
                                .gain = 1,
                                .batch = 2,
                                .seed = 1 };
  CU_ASSERT_EQUAL_FATAL (scorer_init (&b->scorer, &setup), GYM_OK);
  for (uint32_t i = 0; i < 12; i++) {
    b->levels[i] = i % b->heads.of[i].levels;
    b->active[i] = i != 5 && i != 9;
  }
  b->choice = (struct choice){ .levels = b->levels, .active = b->active };
  for (uint32_t k = 0; k < 2 * b->heads.total; k++)
    b->scorer.scores[k] = sinf ((float)k);
  b->scorer.values[0] = 1;
  b->scorer.values[1] = 2;
}

static void
stop (struct bench *b)
{
  scorer_free (&b->scorer);
  heads_free (&b->heads);
  gym_space_destroy (&b->space);
}

static void
test_sum (void)
{
  struct bench b;
  float parts[16];
  start (&b);
  double sum = 2;
  for (uint32_t i = 0; i < 12; i++) {
    double mean = 0, total = 0;
    additive_parts (&b.scorer, 1, i, parts);
    for (uint32_t k = 0; k < b.heads.of[i].levels; k++) {
      mean += parts[k];
      total += fabsf (parts[k]);
      CU_ASSERT_EQUAL (parts[k], additive_part (&b.scorer, 1, i, k));
    }
    CU_ASSERT_DOUBLE_EQUAL (mean, 0, 1e-5);
    CU_ASSERT (total > 0.1 || b.heads.of[i].levels == 1);
    sum += b.active[i] ? parts[b.levels[i]] : 0;
  }
  CU_ASSERT_DOUBLE_EQUAL (additive_value (&b.scorer, 1, &b.choice), sum, 1e-5);
  stop (&b);
}

static void
test_slopes (void)
{
  struct bench b;
  start (&b);
  additive_slope (&b.scorer, 1, &b.choice, 3);
  CU_ASSERT_EQUAL (b.scorer.value_slopes[0], 0);
  CU_ASSERT_EQUAL (b.scorer.value_slopes[1], 3);
  for (uint32_t k = 0; k < 2 * b.heads.total; k++) {
    float kept = b.scorer.scores[k], before = additive_value (&b.scorer, 1, &b.choice);
    b.scorer.scores[k] += 1;
    float after = additive_value (&b.scorer, 1, &b.choice);
    b.scorer.scores[k] = kept;
    CU_ASSERT_DOUBLE_EQUAL (b.scorer.score_slopes[k], 3 * (after - before), 1e-4);
  }
  stop (&b);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "a sum of parts", test_sum },
                                           { "slopes", test_slopes },
                                           { 0 } };
  return tap_run ("additive", tests);
}
