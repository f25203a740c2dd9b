/* Setting studies up, and what they report. */
#include "tests/core/study_help.h"

#include <math.h>

static const struct help_plan plain = { .env = "toy",
                                        .objective = "delay; energy<=6",
                                        .agents = { "random", "ga" },
                                        .seeds = "1..3",
                                        .budget = 60 };

static void
test_results (void)
{
  struct help_scene s;
  CU_ASSERT_EQUAL_FATAL (help_study (&s, &plain), GYM_OK);
  CU_ASSERT_EQUAL (gym_study_runs (s.study), 6);
  CU_ASSERT_EQUAL (gym_study_run (s.study, NULL), GYM_OK);
  for (size_t i = 0; i < 6; i++) {
    struct gym_run run;
    double curve[60], metrics[4];
    uint32_t status;
    CU_ASSERT_EQUAL (gym_study_run_info (s.study, i, &run, NULL), GYM_OK);
    CU_ASSERT_EQUAL (run.state, GYM_RUN_FINISHED);
    CU_ASSERT_EQUAL (run.agent, i / 3);
    CU_ASSERT_EQUAL (run.seed, i % 3 + 1);
    CU_ASSERT_STRING_EQUAL (run.label, i < 3 ? "random" : "ga");
    CU_ASSERT_EQUAL (run.evaluated, 60);
    CU_ASSERT_EQUAL (run.spent, 60);
    CU_ASSERT_EQUAL (run.trials, run.evaluated + run.repeats);
    CU_ASSERT_EQUAL (gym_study_curve (s.study, i, curve, 60), 60);
    for (size_t k = 1; k < 60; k++)
      CU_ASSERT (isnan (curve[k - 1]) || curve[k] <= curve[k - 1]);
    CU_ASSERT_FATAL (run.best >= 0 && run.best_feasible);
    CU_ASSERT_EQUAL (curve[59], run.best_goals[0]);
    gym_env_evaluate (s.env, 1, run.best_design, NULL, NULL, metrics, &status, NULL,
                      NULL);
    CU_ASSERT_EQUAL (memcmp (metrics, run.best_metrics, sizeof metrics), 0);
    CU_ASSERT_EQUAL (metrics[0], run.best_goals[0]);
    CU_ASSERT (metrics[1] <= 6);
  }
  struct gym_run run;
  gym_error err = { 0 };
  CU_ASSERT_EQUAL (gym_study_run_info (s.study, 6, &run, &err), GYM_ENOTFOUND);
  CU_ASSERT_EQUAL (gym_study_set_budget (s.study, 5, &err), GYM_ESTATE);
  CU_ASSERT (help_says (&err, "has begun"));
  help_end (&s);
}

/* The budget of one run never depends on what other runs have paid for. */
static void
test_shared_cache (void)
{
  struct help_plan plan = plain;
  plan.agents[1] = NULL;
  struct help_scene s;
  gym_settings *none = gym_settings_new (NULL);
  CU_ASSERT_EQUAL_FATAL (help_study (&s, &plan), GYM_OK);
  gym_error err = { 0 };
  CU_ASSERT_EQUAL (gym_study_add (s.study, "random-v1", none, NULL, &err), GYM_EINVAL);
  CU_ASSERT (help_says (&err, "another label"));
  CU_ASSERT_EQUAL (gym_study_run (s.study, NULL), GYM_OK);
  struct gym_run alone[3], run;
  for (size_t i = 0; i < 3; i++)
    gym_study_run_info (s.study, i, &alone[i], NULL);
  CU_ASSERT_EQUAL (alone[0].cached, 0);
  /* The same agent first in another study: runs are the same, bit for bit. */
  struct help_scene other;
  CU_ASSERT_EQUAL_FATAL (help_study (&other, &plain), GYM_OK);
  CU_ASSERT_EQUAL (gym_study_run (other.study, NULL), GYM_OK);
  for (size_t i = 0; i < 3; i++) {
    gym_study_run_info (other.study, i, &run, NULL);
    CU_ASSERT_EQUAL (run.best, alone[i].best);
    CU_ASSERT_EQUAL (run.best_goals[0], alone[i].best_goals[0]);
  }
  help_end (&other);
  help_end (&s);
  gym_settings_destroy (&none);
}

static void
test_small_space (void)
{
  /* Every agent must come to an end by itself, each design paid once. */
  static const struct help_plan plan = { .env = "faulty",
                                         .objective = "height",
                                         .agents = { "random", "ga" },
                                         .seeds = "1,2",
                                         .budget = 100000 };
  struct help_scene s;
  CU_ASSERT_EQUAL_FATAL (help_study (&s, &plan), GYM_OK);
  double designs = gym_space_cardinality (gym_env_space (s.env));
  CU_ASSERT_EQUAL (designs, 2000);
  CU_ASSERT_EQUAL (gym_study_run (s.study, NULL), GYM_OK);
  for (size_t i = 0; i < 4; i++) {
    struct gym_run run;
    gym_study_run_info (s.study, i, &run, NULL);
    CU_ASSERT_EQUAL ((double)run.evaluated, designs);
    CU_ASSERT (run.state == GYM_RUN_EXHAUSTED || run.state == GYM_RUN_STALLED);
    if (i > 0)
      CU_ASSERT_EQUAL (run.cached, run.evaluated);
  }
  help_end (&s);
}

static void
test_settings (void)
{
  struct help_scene s;
  gym_error err = { 0 };
  CU_ASSERT_EQUAL_FATAL (help_study (&s, &plain), GYM_OK);
  static const double budgets[] = { 0, -1, NAN, INFINITY };
  for (size_t i = 0; i < 4; i++)
    CU_ASSERT_EQUAL (gym_study_set_budget (s.study, budgets[i], &err), GYM_EINVAL);
  static const char *const seeds[] = { "",
                                       "1..",
                                       "..3",
                                       "3..1",
                                       "1,,2",
                                       "1;2",
                                       "x",
                                       "1,1",
                                       "-1",
                                       "1..3,2",
                                       "99999999999999999999" };
  for (size_t i = 0; i < sizeof seeds / sizeof *seeds; i++)
    CU_ASSERT_EQUAL (gym_study_set_seeds_text (s.study, seeds[i], &err), GYM_EINVAL);
  CU_ASSERT_EQUAL (gym_study_set_seeds_text (s.study, "1..3,10,7..8", &err), GYM_OK);
  CU_ASSERT_EQUAL (gym_study_runs (s.study), 12);
  CU_ASSERT_EQUAL (gym_study_set_in_flight (s.study, 70000, &err), GYM_EINVAL);
  CU_ASSERT_EQUAL (gym_study_set_max_attempts (s.study, 0, &err), GYM_EINVAL);
  CU_ASSERT_EQUAL (gym_study_set_fidelity (s.study, "fulll", &err), GYM_ENOTFOUND);
  CU_ASSERT (help_says (&err, "did you mean full?"));
  CU_ASSERT_EQUAL (gym_study_set_fidelity (s.study, "coarse", &err), GYM_OK);
  CU_ASSERT_EQUAL (gym_study_add (s.study, "gaa", NULL, NULL, &err), GYM_ENOTFOUND);
  static const char *const wrong[] = { "popluation=4", NULL };
  gym_settings *w = help_settings (wrong);
  CU_ASSERT (gym_study_add (s.study, "ga", w, "other", &err) < 0);
  CU_ASSERT (help_says (&err, "population"));
  gym_settings_destroy (&w);
  help_end (&s);
  CU_ASSERT_PTR_NULL (s.study);
}

static void
test_refused_objectives (void)
{
  gym_registry *r = help_registry ();
  gym_env *env = help_env (r, "noisy", NULL);
  gym_error err = { 0 };
  const char *sealed = NULL;
  for (uint32_t i = 0; i < gym_env_metrics (env)->n; i++)
    if (gym_env_metrics (env)->items[i].flags & GYM_METRIC_SEALED)
      sealed = gym_env_metrics (env)->items[i].name;
  CU_ASSERT_FATAL (sealed != NULL);
  char objective[64];
  snprintf (objective, sizeof objective, "min(%s)", sealed);
  CU_ASSERT_PTR_NULL (gym_study_new (env, objective, &err));
  CU_ASSERT (help_says (&err, "sealed"));
  CU_ASSERT_PTR_NULL (gym_study_new (env, "lss", &err));
  gym_study *s = gym_study_new (env, "loss", NULL);
  CU_ASSERT_EQUAL (gym_study_run (s, &err), GYM_EINVAL);
  CU_ASSERT (help_says (&err, "no agent"));
  gym_study_destroy (&s);
  gym_env_destroy (&env);
  env = help_env (r, "toy", NULL);
  s = gym_study_new (env, "max(utilisation)", NULL);
  CU_ASSERT_EQUAL (gym_study_set_fidelity (s, "coarse", &err), GYM_EINVAL);
  CU_ASSERT (help_says (&err, "utilisation"));
  gym_study_destroy (&s);
  gym_env_destroy (&env);
  gym_registry_destroy (&r);
}

static void
test_front (void)
{
  struct help_plan plan = {
    .env = "toy", .objective = "delay,energy", .agents = { "random" }, .budget = 300
  };
  struct help_scene s;
  CU_ASSERT_EQUAL_FATAL (help_study (&s, &plan), GYM_OK);
  CU_ASSERT_EQUAL (gym_study_run (s.study, NULL), GYM_OK);
  const gym_archive *a = gym_study_archive (s.study, 0);
  size_t n = gym_archive_count (a);
  CU_ASSERT_FATAL (n > 2);
  for (size_t i = 1; i < n; i++) {
    CU_ASSERT (gym_archive_point (a, i - 1)[0] < gym_archive_point (a, i)[0]);
    CU_ASSERT (gym_archive_point (a, i - 1)[1] > gym_archive_point (a, i)[1]);
  }
  struct gym_run run;
  gym_study_run_info (s.study, 0, &run, NULL);
  CU_ASSERT_EQUAL ((uint64_t)run.best, gym_archive_tag (a, 0));
  CU_ASSERT_EQUAL (run.best_goals[0], gym_archive_point (a, 0)[0]);
  help_end (&s);
}

/* The agents here use no warm start, which the study must say before it runs; a design
 * that is none is refused, and what identifies the study changes. */
static void
test_warm (void)
{
  struct help_scene scene = { 0 };
  struct help_plan plan = {
    .env = "toy", .objective = "energy", .agents = { "random" }, .budget = 5
  };
  gym_error err = { 0 };
  CU_ASSERT_EQUAL_FATAL (help_study (&scene, &plan), GYM_OK);
  double row[64], energy = 3;
  gym_space_default (gym_env_space (scene.env), row);
  CU_ASSERT_EQUAL (gym_study_set_warm (scene.study, 1, row, &energy, NULL, &err), GYM_OK);
  CU_ASSERT_PTR_NOT_NULL (strstr (gym_study_identity (scene.study, NULL), "\"warm\""));
  row[0] = 1e9;
  CU_ASSERT_EQUAL (gym_study_set_warm (scene.study, 1, row, &energy, NULL, &err),
                   GYM_EINVAL);
  CU_ASSERT_PTR_NOT_NULL (strstr (err.text, "warm trial 0"));
  CU_ASSERT_EQUAL (gym_study_run (scene.study, &err), GYM_EINVAL);
  CU_ASSERT_PTR_NOT_NULL (strstr (err.text, "no agent that uses them"));
  help_end (&scene);
}

/* Several goals and nothing feasible, forever or for a while: the smallest violation
 * stands for the run until there is a front. */
static void
test_front_of_the_infeasible (void)
{
  static const struct {
    const char *objective;
    double budget;
    int feasible;
  } cases[] = { { "delay,energy; energy<=0.001", 100, 0 },
                { "delay,energy; energy<=2", 300, 1 } };
  for (size_t k = 0; k < 2; k++) {
    struct help_plan plan = { .env = "toy",
                              .objective = cases[k].objective,
                              .agents = { "random" },
                              .seeds = "1..5",
                              .budget = cases[k].budget };
    struct help_scene s;
    struct gym_run run;
    CU_ASSERT_EQUAL_FATAL (help_study (&s, &plan), GYM_OK);
    CU_ASSERT_EQUAL (gym_study_run (s.study, NULL), GYM_OK);
    for (size_t i = 0; i < 5; i++) {
      const gym_archive *a = gym_study_archive (s.study, i);
      gym_study_run_info (s.study, i, &run, NULL);
      CU_ASSERT_FATAL (run.best >= 0);
      CU_ASSERT_EQUAL (run.best_feasible, gym_archive_count (a) > 0);
      CU_ASSERT_EQUAL (gym_archive_count (a) > 0, cases[k].feasible);
      if (gym_archive_count (a) > 0)
        CU_ASSERT_EQUAL ((uint64_t)run.best, gym_archive_tag (a, 0));
    }
    help_end (&s);
  }
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { "results", test_results },
    { "runs do not pay for each other", test_shared_cache },
    { "exhausted spaces", test_small_space },
    { "settings", test_settings },
    { "refused objectives", test_refused_objectives },
    { "several goals", test_front },
    { "trials to start from", test_warm },
    { "several goals, none feasible", test_front_of_the_infeasible },
    { 0 }
  };
  return tap_run ("study", tests);
}
