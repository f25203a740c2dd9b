/* core/prior_anchors.c: what anchors cost, and that nobody pays for them twice. */
#include "tests/core/prior_help.h"

#include <gym/results.h>

/* Every anchor has to be paid for here, and on a task all but its own best design and
 * what it has met by chance. */
static size_t
count_first (const gym_bank *bank)
{
  gym_error err = { 0 };
  gym_prior *p = gym_bank_prior (bank, NULL, &err);
  size_t n = 0;
  CU_ASSERT_PTR_NOT_NULL_FATAL (p);
  gym_prior_first (p, &n);
  gym_prior_destroy (&p);
  return n;
}

static void
check_cost (const gym_bank *bank, bool paid)
{
  size_t n = count_first (bank), there = gym_bank_task_evaluations (bank);
  CU_ASSERT (n > BANK_CONTRAST && n <= BANK_CONTRAST + 3);
  CU_ASSERT_EQUAL (gym_bank_evaluations (bank), paid ? n : 0);
  CU_ASSERT (paid ? there >= 3 * BANK_CONTRAST - 3 && there <= 3 * (BANK_CONTRAST + 2)
                  : there == 0);
}

static char *
prior_of (const gym_bank *bank)
{
  gym_error err = { 0 };
  gym_prior *p = gym_bank_prior (bank, NULL, &err);
  char *text = p ? strdup (gym_prior_json (p)) : NULL;
  gym_prior_destroy (&p);
  CU_ASSERT_PTR_NOT_NULL_FATAL (text);
  return text;
}

/* Without a store everything is evaluated each time; with one, once; also where it is one
 * of the bank's. The prior is the same in all cases: anchors are no search. */
static void
test_costs (void)
{
  char path[256], other[256];
  gym_registry *r = help_registry ();
  gym_error err = { 0 };
  bank_fill (help_scratch (path, "bank.db"), "energy", 40);
  help_scratch (other, "anchors.db");
  gym_env *env = help_env (r, "toy", NULL);
  const char *stores[] = { NULL, NULL, other, other, path, path };
  static const bool paid[] = { true, true, true, false, true, false };
  char *first = NULL;
  for (size_t i = 0; i < 6; i++) {
    gym_bank *bank = bank_open (env, path, stores[i], "energy", &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL (bank);
    check_cost (bank, paid[i]);
    char *json = prior_of (bank);
    CU_ASSERT (!first || strcmp (first, json) == 0);
    if (!first)
      first = json;
    else
      free (json);
    gym_bank_destroy (&bank);
  }
  free (first);
  gym_env_destroy (&env);
  gym_registry_destroy (&r);
  help_remove (path);
  help_remove (other);
}

/* The trials are there for everybody: a run of an agent "anchors" on each workload, with
 * the results of evaluating these designs again. */
static void
test_trials (void)
{
  char path[256], other[256];
  gym_registry *r = help_registry ();
  gym_error err = { 0 };
  bank_fill (help_scratch (path, "bank.db"), "energy; delay<=60ns", 20);
  help_scratch (other, "anchors.db");
  gym_env *env = help_env (r, "toy", NULL);
  gym_bank *bank = bank_open (env, path, other, "energy; delay<=60ns", &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL (bank);
  size_t evaluated = gym_bank_evaluations (bank) + gym_bank_task_evaluations (bank);
  gym_bank_destroy (&bank);
  const char *paths[] = { other };
  gym_dataset *d = gym_dataset_open (paths, 1, NULL, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL (d);
  CU_ASSERT_EQUAL (gym_dataset_counts (d)->rows, evaluated);
  CU_ASSERT_EQUAL (gym_dataset_envs (d), 4);
  CU_ASSERT_EQUAL (gym_dataset_runs (d), 4);
  struct gym_dataset_row row = { .struct_size = sizeof row };
  double metrics[4];
  while (gym_dataset_next (d, &row, &err) == 1) {
    uint32_t status;
    CU_ASSERT_STRING_EQUAL (gym_dataset_agent (d, row.agent)->id, "anchors");
    gym_env *again =
        gym_env_reopen (r, gym_dataset_env (d, row.env)->identity, NULL, NULL, &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL (again);
    CU_ASSERT_EQUAL (gym_env_evaluate (again, 1, row.design, NULL, &row.seed, metrics,
                                       &status, NULL, &err),
                     GYM_OK);
    CU_ASSERT_EQUAL (status, row.status);
    for (int j = 0; j < 4 && status == GYM_TRIAL_OK; j++)
      CU_ASSERT_EQUAL (metrics[j], row.metrics[j]);
    gym_env_destroy (&again);
  }
  gym_dataset_destroy (&d);
  /* Tables of results read them like any other run. */
  gym_store *store = gym_store_open (other, &err);
  gym_results *results = gym_results_load (store, 0, 0, &err);
  CU_ASSERT (results && gym_results_runs (results) == 1);
  CU_ASSERT (results && gym_results_run (results, 0)->state == GYM_RUN_FINISHED);
  gym_results_destroy (&results);
  gym_store_destroy (&store);
  gym_env_destroy (&env);
  gym_registry_destroy (&r);
  help_remove (path);
  help_remove (other);
}

/* Another seed and another number are other random designs, kept beside the first; the
 * best of the tasks are the same. */
static void
test_other_anchors (void)
{
  char path[256];
  gym_registry *r = help_registry ();
  gym_error err = { 0 };
  bank_fill (help_scratch (path, "bank.db"), "energy", 10);
  gym_env *env = help_env (r, "toy", NULL);
  const char *paths[] = { path };
  struct gym_bank_options o = { .struct_size = sizeof o,
                                .objective = "energy",
                                .contrast = 5,
                                .seed = 7,
                                .store = path };
  size_t n = 0;
  for (int i = 0; i < 3; i++) {
    gym_bank *bank = gym_bank_open (paths, 1, env, &o, &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL (bank);
    n = i == 0 ? count_first (bank) : n;
    /* The first five of nine are known from the call with five. */
    CU_ASSERT_EQUAL (gym_bank_evaluations (bank), i == 0 ? n : i == 1 ? 5 : 4);
    CU_ASSERT (gym_bank_task_evaluations (bank) <= (i == 0 ? 3 * n : i == 1 ? 15 : 12));
    gym_bank_destroy (&bank);
    o.seed = 8;
    o.contrast = i == 0 ? 5 : 9;
  }
  gym_env_destroy (&env);
  gym_registry_destroy (&r);
  help_remove (path);
}

/* A store that somebody writes to cannot take them. */
static void
test_busy (void)
{
  char path[256];
  gym_registry *r = help_registry ();
  gym_error err = { 0 };
  bank_fill (help_scratch (path, "bank.db"), "energy", 5);
  gym_env *env = help_env (r, "toy", NULL);
  CU_ASSERT_PTR_NULL (bank_open (env, path, "/nowhere/at/all.db", "energy", &err));
  CU_ASSERT (err.code < 0);
  CU_ASSERT (help_says (&err, "/nowhere/at"));
  gym_env_destroy (&env);
  gym_registry_destroy (&r);
  help_remove (path);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "what they cost", test_costs },
                                           { "their trials", test_trials },
                                           { "other anchors", test_other_anchors },
                                           { "a store that cannot be", test_busy },
                                           { NULL, NULL } };
  return tap_run ("prior_anchors", tests);
}
