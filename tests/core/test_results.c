/* A stored study as arrays, against what the study itself reports in the process that ran
 * it. */
#include "tests/core/study_help.h"

#include <gym/results.h>
#include <math.h>
#include <stdlib.h>
#include <unistd.h>

static char path[64];

static gym_results *
run_and_load (struct help_scene *scene, struct help_plan plan, size_t designs)
{
  gym_error err = { 0 };
  snprintf (path, sizeof path, "results-%d.db", (int)getpid ());
  unlink (path);
  plan.store = path;
  CU_ASSERT_EQUAL_FATAL (help_study (scene, &plan), GYM_OK);
  CU_ASSERT_EQUAL_FATAL (gym_study_run (scene->study, &err), GYM_OK);
  gym_store *store = gym_store_open (path, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL (store);
  gym_results *r = gym_results_load (store, 0, designs, &err);
  if (!r)
    tap_note ("%s", err.text);
  CU_ASSERT_PTR_NOT_NULL_FATAL (r);
  gym_store_destroy (&store);
  unlink (path);
  return r;
}

/* The curve and the best of a run, in the user's terms, are those of the study. */
static void
check_run (const struct help_scene *scene, const gym_results *r, size_t i)
{
  const struct gym_result_run *run = gym_results_run (r, i);
  const gym_objective *o = gym_results_study (r)->objective;
  struct gym_run info;
  gym_study_run_info (scene->study, i, &info, NULL);
  CU_ASSERT_EQUAL (run->trials, info.trials);
  CU_ASSERT_EQUAL (run->evaluated, info.evaluated);
  CU_ASSERT_EQUAL (run->seed, info.seed);
  CU_ASSERT_EQUAL (run->state, info.state);
  CU_ASSERT_EQUAL (run->spent, info.spent);
  CU_ASSERT_EQUAL (run->statuses[GYM_TRIAL_INFEASIBLE], info.infeasible);
  CU_ASSERT_STRING_EQUAL (gym_results_agent (r, run->agent)->label, info.label);
  double *curve = malloc ((run->evaluated + 1) * sizeof *curve);
  CU_ASSERT_EQUAL (gym_study_curve (scene->study, i, curve, run->evaluated),
                   run->evaluated);
  for (size_t k = 0; k < run->evaluated; k++) {
    double seen = run->curve[k];
    CU_ASSERT (isnan (curve[k]) ? isnan (seen)
                                : gym_objective_report (o, 0, seen) == curve[k]);
  }
  if (info.best_feasible && gym_results_study (r)->m == 1)
    CU_ASSERT_EQUAL (gym_results_numbers (r)[run->best], (uint32_t)info.best);
  free (curve);
}

static void
test_one_goal (void)
{
  static const struct help_plan plan = { .env = "toy",
                                         .objective = "delay; energy<=6",
                                         .agents = { "random", "ga" },
                                         .seeds = "1..3",
                                         .budget = 60 };
  struct help_scene scene;
  gym_results *r = run_and_load (&scene, plan, SIZE_MAX);
  CU_ASSERT_EQUAL (gym_results_runs (r), 6);
  CU_ASSERT_EQUAL (gym_results_agents (r), 2);
  CU_ASSERT_EQUAL (gym_results_agent (r, 1)->n_runs, 3);
  CU_ASSERT_PTR_NULL (gym_results_agent (r, 2));
  size_t trials = 0, distinct = 0;
  for (size_t i = 0; i < 6; i++) {
    check_run (&scene, r, i);
    CU_ASSERT_EQUAL (gym_results_run (r, i)->first, trials);
    trials += gym_results_run (r, i)->trials;
    distinct += gym_results_run (r, i)->evaluated;
  }
  CU_ASSERT_EQUAL (gym_results_trials (r), trials);
  CU_ASSERT_EQUAL (gym_results_designs (r), distinct);
  const struct gym_result_study *s = gym_results_study (r);
  CU_ASSERT_STRING_EQUAL (s->env, "toy-v1");
  CU_ASSERT_STRING_EQUAL (s->identity, gym_study_identity (scene.study, NULL));
  CU_ASSERT_EQUAL (s->budget, 60);
  /* Designs are canonical and score what the trial says. */
  for (size_t i = 0; i < gym_results_designs (r); i += 7) {
    size_t t = gym_results_design_trial (r, i);
    CU_ASSERT_EQUAL (gym_space_check (s->space, gym_results_design (r, i), NULL), GYM_OK);
    CU_ASSERT (!gym_results_repeats (r)[t]);
  }
  gym_results_destroy (&r);
  help_end (&scene);
}

static void
test_several_goals (void)
{
  static const struct help_plan plan = { .env = "toy",
                                         .objective = "energy,delay",
                                         .agents = { "random" },
                                         .seeds = "1..2",
                                         .budget = 80 };
  struct help_scene scene;
  gym_results *r = run_and_load (&scene, plan, 0);
  CU_ASSERT_EQUAL (gym_results_designs (r), 0);
  CU_ASSERT_EQUAL (gym_results_study (r)->m, 2);
  for (size_t i = 0; i < 2; i++) {
    const struct gym_result_run *run = gym_results_run (r, i);
    const gym_archive *front = gym_study_archive (scene.study, i);
    gym_archive *mine = gym_archive_new (2, NULL);
    for (size_t k = run->first; k < run->first + run->trials; k++)
      if (!isnan (gym_results_goals (r)[2 * k]))
        gym_archive_add (mine, gym_results_goals (r) + 2 * k, k, NULL);
    CU_ASSERT_EQUAL (gym_archive_count (mine), gym_archive_count (front));
    for (size_t k = 0; k < gym_archive_count (mine); k++)
      CU_ASSERT_EQUAL (memcmp (gym_archive_point (mine, k), gym_archive_point (front, k),
                               2 * sizeof (double)),
                       0);
    gym_archive_destroy (&mine);
  }
  gym_results_destroy (&r);
  help_end (&scene);
}

/* A share of the designs, spread over all runs. */
static void
test_few_designs (void)
{
  static const struct help_plan plan = { .env = "toy",
                                         .objective = "energy",
                                         .agents = { "random", "ga" },
                                         .seeds = "1..4",
                                         .budget = 50 };
  struct help_scene scene;
  gym_results *r = run_and_load (&scene, plan, 40);
  size_t n = gym_results_designs (r), seen = 0;
  CU_ASSERT (n <= 40 && n >= 20);
  for (size_t i = 0; i < gym_results_runs (r); i++) {
    const struct gym_result_run *run = gym_results_run (r, i);
    bool any = false;
    for (size_t k = 0; k < n; k++) {
      size_t t = gym_results_design_trial (r, k);
      any |= t >= run->first && t < run->first + run->trials;
    }
    seen += any;
  }
  CU_ASSERT_EQUAL (seen, 8);
  gym_results_destroy (&r);
  CU_ASSERT_PTR_NULL (r);
  help_end (&scene);
}

static void
test_refusals (void)
{
  static const struct help_plan plan = {
    .env = "toy", .objective = "energy", .agents = { "random" }, .budget = 5
  };
  struct help_scene scene;
  gym_error err = { 0 };
  gym_results *r = run_and_load (&scene, plan, 0);
  gym_results_destroy (&r);
  help_end (&scene);
  struct help_plan kept = plan;
  kept.store = path;
  help_study (&scene, &kept);
  gym_study_run (scene.study, NULL);
  gym_store *store = gym_store_open (path, NULL);
  CU_ASSERT_PTR_NULL (gym_results_load (store, 7, 0, &err));
  CU_ASSERT_EQUAL (err.code, GYM_ENOTFOUND);
  gym_store_destroy (&store);
  unlink (path);
  help_end (&scene);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "one goal", test_one_goal },
                                           { "several goals", test_several_goals },
                                           { "few designs", test_few_designs },
                                           { "refusals", test_refusals },
                                           { 0 } };
  return tap_run ("results", tests);
}
