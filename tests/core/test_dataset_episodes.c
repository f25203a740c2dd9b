/* Episodes from the log against those of gym_episode, stepped through the env anew. */
#include <config.h>

#include "tests/core/episodes_help.h"

#include <jansson.h>

/* Without repair some designs are infeasible, and earn nothing. */
static const char *const strict[] = { "repair=no", NULL };

static const struct help_plan plan = { .env = "toy",
                                       .objective = "delay; energy<=6",
                                       .agents = { "random", "ga" },
                                       .seeds = "1..3",
                                       .budget = 60 };

/* Line by line, as a reader of JSON sees them. */
static json_t *
next_line (FILE *f)
{
  json_t *line = json_loadf (f, JSON_DISABLE_EOF_CHECK | JSON_REJECT_DUPLICATES, NULL);
  return line;
}

static bool
is_number (const json_t *value, double want)
{
  if (isnan (want))
    return json_is_null (value);
  return json_is_number (value) && json_number_value (value) == want;
}

static bool
are_numbers (const json_t *list, const double *want, size_t n)
{
  bool same = json_array_size (list) == n;
  for (size_t i = 0; i < n; i++)
    same = same && is_number (json_array_get (list, i), want[i]);
  return same;
}

/* One step against the env: what was seen, done and earned. */
static void
check_step (const json_t *step, gym_episode *episode, double *observation,
            const struct gym_dataset_row *row, bool first, uint32_t n_params)
{
  struct gym_step seen;
  gym_error err = { 0 };
  uint32_t m = gym_episode_observation_size (episode);
  CU_ASSERT_EQUAL (json_is_true (json_object_get (step, "is_first")), first);
  CU_ASSERT_TRUE (json_is_false (json_object_get (step, "is_last")));
  CU_ASSERT_TRUE (json_is_false (json_object_get (step, "is_terminal")));
  gym_episode_reset (episode, row->seed, observation, NULL);
  CU_ASSERT_TRUE (are_numbers (json_object_get (step, "observation"), observation, m));
  CU_ASSERT_TRUE (are_numbers (json_object_get (step, "action"), row->design, n_params));
  CU_ASSERT_EQUAL (gym_episode_step (episode, row->design, observation, &seen, &err),
                   GYM_OK);
  CU_ASSERT_TRUE (is_number (json_object_get (step, "reward"), seen.reward));
  CU_ASSERT_TRUE (is_number (json_object_get (step, "discount"), 1));
  const json_t *about = json_object_get (step, "metadata");
  CU_ASSERT_STRING_EQUAL (json_string_value (json_object_get (about, "status")),
                          gym_status_name (seen.status));
  CU_ASSERT_TRUE (is_number (json_object_get (about, "violation"), seen.violation));
  CU_ASSERT_TRUE (are_numbers (json_object_get (about, "metrics"), row->metrics, m));
  CU_ASSERT_EQUAL (json_is_true (json_object_get (about, "repeat")), row->repeat);
}

static void
check_last (const json_t *step, const double *observation, uint32_t m)
{
  CU_ASSERT_TRUE (json_is_true (json_object_get (step, "is_last")));
  CU_ASSERT_TRUE (json_is_false (json_object_get (step, "is_first")));
  CU_ASSERT_TRUE (json_is_false (json_object_get (step, "is_terminal")));
  CU_ASSERT_TRUE (are_numbers (json_object_get (step, "observation"), observation, m));
  CU_ASSERT_EQUAL (json_object_size (step), 8);
}

static void
against_env (const struct help_plan *what)
{
  struct help_scene scene;
  char path[300];
  gym_error err = { 0 };
  gym_dataset *d = episodes_open (&scene, *what), *all = episodes_trials ();
  const gym_objective *objective = gym_study_objective (scene.study);
  const struct gym_metrics *metrics = gym_env_metrics (scene.env);
  uint32_t p = gym_space_size (gym_dataset_space (d)), m = metrics->n;
  for (uint32_t i = 0; i < m; i++)
    CU_ASSERT_FALSE (metrics->items[i].flags & (GYM_METRIC_SEALED | GYM_METRIC_MEASURED));
  snprintf (path, sizeof path, "%s.jsonl", episodes_store);
  CU_ASSERT_EQUAL (gym_dataset_write_episodes (d, path, NULL, NULL, &err), GYM_OK);
  FILE *f = fopen (path, "r");
  double *observation = calloc (m, sizeof *observation);
  struct gym_dataset_row row = { .struct_size = sizeof row };
  for (size_t e = 0; e < 6; e++) {
    json_t *line = next_line (f);
    CU_ASSERT_PTR_NOT_NULL_FATAL (line);
    const json_t *steps = json_object_get (line, "steps");
    const struct gym_dataset_run *run = gym_dataset_run (d, e);
    CU_ASSERT_EQUAL (json_array_size (steps), run->trials + 1);
    CU_ASSERT_EQUAL (json_integer_value (json_object_get (line, "episode")), (int)e);
    CU_ASSERT_STRING_EQUAL (json_string_value (json_object_get (line, "agent")),
                            gym_dataset_agent (d, run->agent)->label);
    CU_ASSERT_STRING_EQUAL (json_string_value (json_object_get (line, "objective")),
                            run->objective);
    gym_episode *episode = gym_episode_new (scene.env, objective, &err);
    for (size_t i = 0; i < run->trials; i++) {
      CU_ASSERT_EQUAL_FATAL (gym_dataset_next (all, &row, NULL), 1);
      check_step (json_array_get (steps, i), episode, observation, &row, i == 0, p);
    }
    check_last (json_array_get (steps, run->trials), observation, m);
    gym_episode_destroy (&episode);
    json_decref (line);
  }
  CU_ASSERT_PTR_NULL (next_line (f));
  CU_ASSERT_EQUAL (gym_dataset_next (all, &row, NULL), 0);
  fclose (f);
  free (observation);
  gym_dataset_destroy (&all);
  episodes_close (&scene, &d);
}

static void
test_against_env (void)
{
  struct help_plan other = plan;
  against_env (&plan);
  other.env_options = strict;
  against_env (&other);
}

/* Designs by name, and every step with the same fields. */
static void
test_decoded (void)
{
  struct help_scene scene;
  char path[300];
  const struct gym_dataset_output o = { .struct_size = sizeof o,
                                        .encoding = GYM_ENCODE_DECODED };
  gym_dataset *d = episodes_open (&scene, plan);
  const gym_space *space = gym_dataset_space (d);
  snprintf (path, sizeof path, "%s.jsonl", episodes_store);
  CU_ASSERT_EQUAL (gym_dataset_write_episodes (d, path, &o, "energy", NULL), GYM_OK);
  FILE *f = fopen (path, "r");
  json_t *line = next_line (f);
  CU_ASSERT_PTR_NOT_NULL_FATAL (line);
  const json_t *steps = json_object_get (line, "steps");
  CU_ASSERT_STRING_EQUAL (json_string_value (json_object_get (line, "objective")),
                          "energy");
  for (size_t i = 0; i < json_array_size (steps); i++) {
    const json_t *step = json_array_get (steps, i);
    const json_t *action = json_object_get (step, "action");
    CU_ASSERT_EQUAL (json_object_size (step), 8);
    CU_ASSERT_EQUAL (json_object_size (action), gym_space_size (space));
    for (uint32_t k = 0; k < gym_space_size (space); k++)
      CU_ASSERT_PTR_NOT_NULL (json_object_get (action, gym_space_param (space, k)->name));
    const json_t *about = json_object_get (step, "metadata");
    CU_ASSERT_EQUAL (json_object_size (about), 6);
    if (i + 1 < json_array_size (steps)) {
      double energy = json_number_value (
          json_array_get (json_object_get (about, "metrics"),
                          (size_t)gym_dataset_find_metric (d, "energy", NULL)));
      CU_ASSERT_TRUE (is_number (json_object_get (step, "reward"), -energy));
    }
  }
  json_decref (line);
  fclose (f);
  episodes_close (&scene, &d);
}

static void
refused (gym_dataset *d, const char *objective, const char *text)
{
  gym_error err = { 0 };
  char path[300];
  snprintf (path, sizeof path, "%s.jsonl", episodes_store);
  CU_ASSERT_EQUAL (gym_dataset_write_episodes (d, path, NULL, objective, &err),
                   GYM_EINVAL);
  CU_ASSERT_TRUE (help_says (&err, text));
}

static void
test_refusals (void)
{
  struct help_scene scene;
  struct help_plan two = plan;
  two.objective = "energy,delay";
  two.agents[1] = NULL;
  gym_dataset *d = episodes_open (&scene, two);
  refused (d, NULL,
           "runs.db\" has 2 goals (energy, delay): a reward is one number, name "
           "an objective of one goal");
  refused (d, "delay,energy", "the objective has 2 goals (delay, energy)");
  char path[300];
  snprintf (path, sizeof path, "%s.jsonl", episodes_store);
  CU_ASSERT_EQUAL (gym_dataset_write_episodes (d, path, NULL, "delay", NULL), GYM_OK);
  gym_dataset_destroy (&d);
  const char *store = episodes_store;
  const struct gym_dataset_options ok = { .struct_size = sizeof ok, .statuses = 1 };
  d = gym_dataset_open (&store, 1, &ok, NULL);
  refused (d, "delay",
           "episodes are of all trials: those of some statuses or of one "
           "fidelity have gaps");
  episodes_close (&scene, &d);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "against the env", test_against_env },
                                           { "decoded", test_decoded },
                                           { "refusals", test_refusals },
                                           { 0 } };
  return tap_run ("dataset_episodes", tests);
}
