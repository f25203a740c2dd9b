/* Batches of episodes: what is kept, and normalised. */
#include "plugins/common/batch.h"
#include "tests/plugins/common/rl_scene.h"

#include <math.h>

static void
test_add (void)
{
  struct scene s;
  struct batch batch;
  scene_open (&s, spaces_mixed (), 4);
  CU_ASSERT_EQUAL_FATAL (batch_init (&batch, &s.rl, 2), GYM_OK);
  struct episode *e = rl_episodes (&s.rl, 1);
  e->choice.levels[0] = 1;
  e->drawn = true;
  CU_ASSERT_FALSE (batch_add (&batch, e));
  CU_ASSERT_EQUAL (batch.count, 0); /* no choice of the policy: not learnt from */
  e->drawn = false;
  CU_ASSERT_FALSE (batch_add (&batch, e));
  e->choice.levels[0] = 2;
  CU_ASSERT_TRUE (batch_add (&batch, e));
  CU_ASSERT_EQUAL (batch.episodes[0].choice.levels[0], 1); /* a copy, not a view */
  CU_ASSERT_EQUAL (batch.episodes[1].choice.levels[0], 2);
  free (e);
  batch_free (&batch);
  batch_free (&batch);
  scene_close (&s);
}

static void
test_rewards (void)
{
  static const double objectives[] = { 1, 3, 2 };
  struct scene s;
  struct batch batch;
  scene_open (&s, spaces_mixed (), 4);
  CU_ASSERT_EQUAL_FATAL (batch_init (&batch, &s.rl, 3), GYM_OK);
  struct episode *e = rl_episodes (&s.rl, 1);
  for (int i = 0; i < 3; i++) {
    e->result = reward_add (&s.rl.reward, GYM_TRIAL_OK, objectives[i], NULL, 0);
    batch_add (&batch, e);
  }
  batch_rewards (&batch);
  CU_ASSERT (batch.rewards[0] > batch.rewards[2] && batch.rewards[2] > batch.rewards[1]);
  CU_ASSERT_DOUBLE_EQUAL (batch.rewards[2], 0, 1e-6);
  free (e);
  batch_free (&batch);
  scene_close (&s);
}

static void
test_size (void)
{
  struct rl rl = { .budget = 400 };
  CU_ASSERT_EQUAL (batch_size (&rl, 0, 0.5), 10);
  CU_ASSERT_EQUAL (batch_size (&rl, 33, 0.5), 33);
  rl.budget = 4;
  CU_ASSERT_EQUAL (batch_size (&rl, 0, 0.5), 8);
  rl.budget = 1e9;
  CU_ASSERT_EQUAL (batch_size (&rl, 0, 0.5), 64);
  rl.budget = INFINITY;
  CU_ASSERT_EQUAL (batch_size (&rl, 0, 0.5), 32);
}

static void
test_normalise (void)
{
  float values[] = { 1, 100, 3, 100, 5, 100 }, equal[] = { 4, 4, 4 };
  batch_normalise (values, 3, 2);
  CU_ASSERT_DOUBLE_EQUAL (values[0], -sqrt (1.5), 1e-6);
  CU_ASSERT_DOUBLE_EQUAL (values[2], 0, 1e-6);
  CU_ASSERT_DOUBLE_EQUAL (values[4], sqrt (1.5), 1e-6);
  CU_ASSERT_EQUAL (values[1], 100);
  batch_normalise (equal, 3, 1);
  CU_ASSERT (equal[0] == 0 && equal[2] == 0);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "what is kept", test_add },
                                           { "rewards", test_rewards },
                                           { "sizes", test_size },
                                           { "normalising", test_normalise },
                                           { 0 } };
  return tap_run ("batch", tests);
}
