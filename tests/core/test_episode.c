/* The episode view against the env itself. */
#include "tests/core/help.h"

#include <math.h>

static void
test_steps (void)
{
  gym_registry *r = help_registry ();
  gym_env *env = help_env (r, "toy", NULL);
  gym_objective *o =
      gym_objective_parse ("delay; energy<=4", gym_env_metrics (env), NULL);
  gym_episode *e = gym_episode_new (env, o, NULL);
  CU_ASSERT_FATAL (e != NULL);
  CU_ASSERT_EQUAL (gym_episode_observation_size (e), 4);
  double design[8], observation[4], metrics[4];
  struct gym_step step;
  gym_error err = { 0 };
  uint32_t status;
  gym_space_default (gym_env_space (env), design);
  CU_ASSERT_EQUAL (gym_episode_step (e, design, observation, &step, &err), GYM_ESTATE);
  gym_rng rng;
  gym_rng_init (&rng, 1);
  double sum = 0;
  for (int i = 0; i < 50; i++) {
    gym_space_sample (gym_env_space (env), &rng, design);
    CU_ASSERT_EQUAL (gym_episode_reset (e, 1, observation, NULL), GYM_OK);
    if (i == 0)
      CU_ASSERT (observation[0] == 0 && observation[3] == 0);
    CU_ASSERT_EQUAL (gym_episode_step (e, design, observation, &step, NULL), GYM_OK);
    CU_ASSERT (step.terminated && !step.truncated);
    gym_env_evaluate (env, 1, step.design, NULL, NULL, metrics, &status, NULL, NULL);
    CU_ASSERT_EQUAL (step.reward, -metrics[0]);
    CU_ASSERT_EQUAL (step.violation, fmax (0, metrics[1] / 4 - 1));
    sum += observation[0];
  }
  CU_ASSERT (fabs (sum / 50) < 1); /* scaled, so near its mean */
  gym_episode_destroy (&e);
  gym_episode_destroy (&e);
  gym_objective_destroy (&o);
  gym_env_destroy (&env);
  gym_registry_destroy (&r);
}

static void
test_not_ok (void)
{
  static const char *const strict[] = { "repair=false", "limit=4", NULL };
  gym_registry *r = help_registry ();
  gym_env *env = help_env (r, "toy", strict);
  gym_objective *o = gym_objective_parse ("delay", gym_env_metrics (env), NULL);
  gym_objective *two = gym_objective_parse ("delay,energy", gym_env_metrics (env), NULL);
  gym_error err = { 0 };
  CU_ASSERT_PTR_NULL (gym_episode_new (env, two, &err));
  CU_ASSERT (help_says (&err, "one goal"));
  gym_episode *e = gym_episode_new (env, o, NULL);
  double design[8], observation[4];
  struct gym_step step;
  gym_space_default (gym_env_space (env), design);
  gym_episode_reset (e, 1, observation, NULL);
  CU_ASSERT_EQUAL (gym_episode_step (e, design, observation, &step, NULL), GYM_OK);
  CU_ASSERT_EQUAL (step.status, GYM_TRIAL_INFEASIBLE);
  CU_ASSERT (isnan (step.reward) && isnan (step.violation) && isnan (step.metrics[0]));
  CU_ASSERT (observation[0] == 0);
  gym_episode_destroy (&e);
  gym_objective_destroy (&o);
  gym_objective_destroy (&two);
  gym_env_destroy (&env);
  gym_registry_destroy (&r);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "steps", test_steps },
                                           { "trials that are not ok", test_not_ok },
                                           { 0 } };
  return tap_run ("episode", tests);
}
