/* Replay: what is kept and what is drawn. */
#include "tests/tap.h"

#include "core/host.h"
#include "plugins/common/replay.h"
#include "tests/plugins/spaces.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct bench {
  struct gym_host host;
  struct gym_host_context context;
  gym_space *space;
  struct rl rl;
  struct episode *episode;
};

static void
start (struct bench *b, double budget)
{
  static const struct scorer_options options = { .bins = 16 };
  memset (b, 0, sizeof *b);
  gym_host_init (&b->host, &b->context, NULL);
  b->space = spaces_line (40, false);
  struct gym_problem problem = { .struct_size = sizeof problem,
                                 .n_objectives = 1,
                                 .in_flight = 1,
                                 .space = b->space,
                                 .budget = budget,
                                 .metrics = { .stride = sizeof (struct gym_metric) } };
  CU_ASSERT_EQUAL_FATAL (rl_init (&b->rl, &b->host, &problem, 1, &options), GYM_OK);
  b->episode = rl_episodes (&b->rl, 1);
  CU_ASSERT_PTR_NOT_NULL_FATAL (b->episode);
}

static void
stop (struct bench *b)
{
  free (b->episode);
  rl_free (&b->rl);
  gym_space_destroy (&b->space);
}

static void
result (struct bench *b, double objective)
{
  b->episode->choice.levels[0] = (uint32_t)objective % 16;
  b->episode->result = reward_add (&b->rl.reward, GYM_TRIAL_OK, objective, NULL, 0);
}

/* The latest are kept, all of them are drawn, and rewards follow the statistics. */
static void
test_ring (void)
{
  struct bench b;
  struct replay replay;
  gym_rng rng;
  int met[16] = { 0 };
  gym_rng_init (&rng, 1);
  start (&b, INFINITY);
  CU_ASSERT_EQUAL_FATAL (replay_init (&replay, &b.rl, 5, 8), GYM_OK);
  for (int t = 0; t < 12; t++) {
    result (&b, t);
    b.episode->choice.observed[0] = (float)t;
    replay_add (&replay, b.episode);
    CU_ASSERT_EQUAL (replay.count, t < 5 ? (size_t)t + 1 : 5);
    replay_draw (&replay, &rng);
    for (int k = 0; k < 8 && t == 0; k++)
      CU_ASSERT_EQUAL (replay.sample[k]->choice.levels[0], 0);
  }
  for (int r = 0; r < 200; r++) {
    replay_draw (&replay, &rng);
    for (int k = 0; k < 8; k++) {
      const struct episode *e = replay.sample[k];
      met[e->choice.levels[0]]++;
      CU_ASSERT_EQUAL (replay.observed[k][0], (float)e->choice.levels[0]);
      CU_ASSERT_EQUAL (replay.rewards[k], (float)reward_of (&b.rl.reward, &e->result));
    }
  }
  for (int t = 0; t < 16; t++)
    CU_ASSERT (t >= 7 && t < 12 ? abs (met[t] - 320) < 80 : met[t] == 0);
  replay_free (&replay);
  replay_free (&replay);
  stop (&b);
}

/* No more room than the budget can fill. */
static void
test_room (void)
{
  struct bench b;
  struct replay replay;
  start (&b, 100);
  CU_ASSERT_EQUAL_FATAL (replay_init (&replay, &b.rl, 1000000, 8), GYM_OK);
  CU_ASSERT_EQUAL (replay.room, 100);
  replay_free (&replay);
  stop (&b);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "a ring", test_ring },
                                           { "its room", test_room },
                                           { 0 } };
  return tap_run ("replay", tests);
}
