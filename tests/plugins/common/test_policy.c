/* Policies: probabilities, their slopes by differences, and the designs they choose. */
#include "tests/plugins/common/rl_scene.h"

#include <math.h>

static const double floor_share = 0.1;

struct stage {
  struct scene scene;
  struct policy policy;
  struct episode *episodes;
  gym_rng rng;
};

static void
open_stage (struct stage *s, bool several)
{
  uint32_t learner[64];
  scene_open (&s->scene, spaces_mixed (), 4);
  struct scorer_setup setup = scene_setup (&s->scene, learner, several, 4);
  setup.autoregressive = several;
  CU_ASSERT_EQUAL_FATAL (policy_init (&s->policy, &setup, floor_share), GYM_OK);
  s->episodes = rl_episodes (&s->scene.rl, 4);
  gym_rng_init (&s->rng, 11);
}

static void
close_stage (struct stage *s)
{
  free (s->episodes);
  policy_free (&s->policy);
  policy_free (&s->policy);
  scene_close (&s->scene);
}

static void
choose (struct stage *s, uint32_t e, double extra, double *row)
{
  policy_choose (&s->policy, &s->rng, extra, &s->episodes[e].choice, row);
}

static void
test_probabilities (void)
{
  struct stage s;
  double row[64];
  open_stage (&s, false);
  choose (&s, 0, 0, row);
  policy_forward (&s.policy, &s.episodes[0].choice, 1);
  for (uint32_t i = 0; i < s.scene.rl.n; i++) {
    uint32_t levels = s.scene.rl.heads.of[i].levels;
    double sum = 0;
    for (uint32_t k = 0; k < levels; k++) {
      double p = exp (policy_log (&s.policy, 0, i, k));
      CU_ASSERT (p >= floor_share / levels - 1e-6);
      sum += p;
    }
    CU_ASSERT_DOUBLE_EQUAL (sum, 1, 1e-5);
    float entropy = policy_entropy (&s.policy, 0, i);
    CU_ASSERT (entropy >= -1e-6 && entropy <= log (levels) + 1e-5);
  }
  close_stage (&s);
}

/* log ((1-f) softmax (scores)[level] + f/L), straight from its definition. */
static double
log_of (const float *scores, uint32_t levels, uint32_t level)
{
  double sum = 0;
  for (uint32_t k = 0; k < levels; k++)
    sum += exp (scores[k]);
  return log ((1 - floor_share) * exp (scores[level]) / sum + floor_share / levels);
}

static void
test_slopes (void)
{
  struct stage s;
  double row[64];
  open_stage (&s, false);
  choose (&s, 0, 0, row);
  policy_forward (&s.policy, &s.episodes[0].choice, 1);
  for (uint32_t i = 0; i < s.scene.rl.n; i++) {
    const struct head *head = s.scene.rl.heads.of + i;
    uint32_t level = s.episodes[0].choice.levels[i];
    float scores[64];
    for (uint32_t k = 0; k < head->levels; k++)
      scores[k] = s.policy.scorer.scores[head->at + k];
    policy_log_slope (&s.policy, 0, i, level, 2);
    for (uint32_t k = 0; k < head->levels; k++) {
      float kept = scores[k];
      scores[k] = kept + 1.0f / 256;
      double above = log_of (scores, head->levels, level);
      scores[k] = kept - 1.0f / 256;
      double below = log_of (scores, head->levels, level);
      scores[k] = kept;
      CU_ASSERT_DOUBLE_EQUAL (s.policy.scorer.score_slopes[head->at + k],
                              2 * (above - below) * 128, 1e-3);
    }
  }
  close_stage (&s);
}

/* Designs are canonical; what was noted of a choice is what a later pass finds. */
static void
test_choices (void)
{
  for (int several = 0; several < 2; several++) {
    struct stage s;
    double row[64];
    open_stage (&s, several);
    for (int t = 0; t < 200; t++) {
      struct choice *c = &s.episodes[t % 4].choice;
      choose (&s, (uint32_t)t % 4, 0, row);
      CU_ASSERT_EQUAL (gym_space_check (s.scene.space, row, NULL), GYM_OK);
      policy_forward (&s.policy, c, 1);
      for (uint32_t i = 0; i < s.scene.rl.n; i++) {
        CU_ASSERT_EQUAL (c->active[i], !isnan (row[i]));
        if (!c->active[i])
          continue;
        CU_ASSERT_EQUAL (heads_level (&s.scene.rl.heads, i, row[i]), c->levels[i]);
        CU_ASSERT_DOUBLE_EQUAL (policy_log (&s.policy, 0, i, c->levels[i]), c->logs[i],
                                1e-4);
      }
    }
    close_stage (&s);
  }
}

/* With all of it left to chance every level is as likely as the next. */
static void
test_extra (void)
{
  struct stage s;
  double row[64];
  int counts[64] = { 0 }, draws = 4000;
  open_stage (&s, false);
  uint32_t levels = s.scene.rl.heads.of[0].levels;
  for (int t = 0; t < draws; t++) {
    choose (&s, 0, 1, row);
    counts[s.episodes[0].choice.levels[0]]++;
  }
  for (uint32_t k = 0; k < levels; k++)
    CU_ASSERT (fabs (counts[k] - (double)draws / levels) < 6 * sqrt (draws));
  close_stage (&s);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "probabilities", test_probabilities },
                                           { "slopes", test_slopes },
                                           { "choices", test_choices },
                                           { "left to chance", test_extra },
                                           { 0 } };
  return tap_run ("policy", tests);
}
