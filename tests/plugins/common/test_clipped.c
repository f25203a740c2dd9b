/* The clipped update moves probabilities the way advantages point, and no further than it
 * is allowed to. */
#include "plugins/common/clipped.h"
#include "tests/plugins/common/rl_scene.h"

#include <math.h>

enum { n = 4 };

struct stage {
  struct scene scene;
  struct policy policy;
  struct clipped clipped;
  struct episode *episodes;
  gym_rng rng;
};

static const struct clipped_options usual = {
  .epochs = 8, .rate = 0.01, .clip = 0.2, .norm = 5, .floor = 0.01
};

static void
open_stage (struct stage *s, const struct clipped_options *options, bool several)
{
  uint32_t learner[64];
  double row[64];
  scene_open (&s->scene, spaces_mixed (), 4);
  struct scorer_setup setup = scene_setup (&s->scene, learner, several, n);
  CU_ASSERT_EQUAL_FATAL (policy_init (&s->policy, &setup, options->floor), GYM_OK);
  CU_ASSERT_EQUAL_FATAL (
      clipped_init (&s->clipped, &s->policy, options, several ? s->scene.rl.n : 1, n),
      GYM_OK);
  gym_rng_init (&s->rng, 2);
  s->episodes = rl_episodes (&s->scene.rl, n);
  for (uint32_t b = 0; b < n; b++)
    policy_choose (&s->policy, &s->rng, 0, &s->episodes[b].choice, row);
}

static void
close_stage (struct stage *s)
{
  clipped_free (&s->clipped);
  free (s->episodes);
  policy_free (&s->policy);
  scene_close (&s->scene);
}

/* log (new / old) of parameter i, or of all with i = n_params, in episode b. */
static double
moved (struct stage *s, uint32_t b, uint32_t i)
{
  const struct choice *c = &s->episodes[b].choice;
  double sum = 0;
  policy_forward (&s->policy, c, 1);
  for (uint32_t k = 0; k < s->scene.rl.n; k++)
    if (c->active[k] && (i == s->scene.rl.n || i == k))
      sum += policy_log (&s->policy, 0, k, c->levels[k]) - c->logs[k];
  return sum;
}

static void
test_direction (void)
{
  static const float advantages[n] = { 2, -2, 0, 0 };
  struct stage s;
  open_stage (&s, &usual, false);
  clipped_update (&s.clipped, &s.rng, s.episodes, advantages, n);
  double up = moved (&s, 0, s.scene.rl.n), down = moved (&s, 1, s.scene.rl.n);
  tap_note ("log ratios %.3f and %.3f", up, down);
  CU_ASSERT (up > 0.05 && down < -0.05);
  close_stage (&s);
}

/* Many more epochs go hardly further: beyond the clip there is no slope. */
static void
test_clip (void)
{
  static const float advantages[n] = { 1, 0, 0, 0 };
  struct clipped_options narrow = usual;
  double far[2];
  for (int wide = 0; wide < 2; wide++) {
    struct stage s;
    narrow.clip = wide ? 10 : 0.1;
    narrow.epochs = 60;
    open_stage (&s, &narrow, false);
    clipped_update (&s.clipped, &s.rng, s.episodes, advantages, n);
    far[wide] = moved (&s, 0, s.scene.rl.n);
    close_stage (&s);
  }
  tap_note ("log ratios %.3f with a clip, %.3f without", far[0], far[1]);
  CU_ASSERT (far[0] > 0 && far[1] > 2 * far[0]);
}

static void
test_nothing_to_learn (void)
{
  static const float advantages[n] = { 0 };
  struct stage s;
  open_stage (&s, &usual, false);
  clipped_update (&s.clipped, &s.rng, s.episodes, advantages, n);
  for (uint32_t b = 0; b < n; b++)
    CU_ASSERT_DOUBLE_EQUAL (moved (&s, b, s.scene.rl.n), 0, 1e-5);
  close_stage (&s);
}

/* An advantage of one unit is no business of the others. */
static void
test_units (void)
{
  struct stage s;
  float advantages[n * 64] = { 0 };
  open_stage (&s, &usual, true);
  uint32_t params = s.scene.rl.n, chosen = 0;
  while (!s.episodes[0].choice.active[chosen] || s.scene.rl.heads.of[chosen].levels < 2)
    chosen++;
  advantages[chosen] = 2;
  clipped_update (&s.clipped, &s.rng, s.episodes, advantages, n);
  for (uint32_t i = 0; i < params; i++) {
    double far = moved (&s, 0, i);
    CU_ASSERT (i == chosen ? far > 0.02 : fabs (far) < 1e-5);
  }
  close_stage (&s);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "direction", test_direction },
                                           { "the clip", test_clip },
                                           { "nothing to learn", test_nothing_to_learn },
                                           { "units", test_units },
                                           { 0 } };
  return tap_run ("clipped", tests);
}
