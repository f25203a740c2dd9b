/* core/study_prior.c: priors as part of what a study is. */
#include "tests/core/prior_help.h"

#include <sqlite3.h>

/* Weight `w` on the first topology. */
static gym_prior *
lean (const gym_space *space, double w)
{
  const double topology[] = { w, (1 - w) / 2, (1 - w) / 2 };
  const double *rows[16] = { topology };
  gym_error err = { 0 };
  gym_prior *p = gym_prior_new (space, rows, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL (p);
  return p;
}

static int64_t
number (const char *path, const char *sql)
{
  sqlite3 *db;
  sqlite3_stmt *s;
  CU_ASSERT_EQUAL_FATAL (sqlite3_open (path, &db), SQLITE_OK);
  CU_ASSERT_EQUAL_FATAL (sqlite3_prepare_v2 (db, sql, -1, &s, NULL), SQLITE_OK);
  int64_t n = sqlite3_step (s) == SQLITE_ROW ? sqlite3_column_int64 (s, 0) : -1;
  sqlite3_finalize (s);
  sqlite3_close (db);
  return n;
}

static int
run_some (gym_study *s, double budget, const char *path, gym_error *err)
{
  int rc = gym_study_set_budget (s, budget, err);
  if (rc == GYM_OK)
    rc = gym_study_set_store (s, path, err);
  return rc == GYM_OK ? gym_study_run (s, err) : rc;
}

/* Cancels after so many trials. */
static int
stop_after (void *context, const struct gym_trial *trial, gym_error *err)
{
  (void)err;
  if (trial->number >= 12)
    gym_study_cancel (context);
  return GYM_OK;
}

/* Each prior is a run of its own, with and without are told apart, and the same study
 * again finds all of them: interrupted or not, the same trials. */
static void
test_identity (void)
{
  char path[2][256];
  gym_registry *r = help_registry ();
  gym_error err = { 0 };
  gym_env *env = help_env (r, "toy", NULL);
  gym_prior *some = lean (gym_env_space (env), 0.5),
            *much = lean (gym_env_space (env), 0.9);
  char *dumps[2] = { NULL };
  for (int interrupted = 0; interrupted < 2; interrupted++) {
    help_scratch (path[interrupted], "runs.db");
    for (int life = 0; life < 3; life++) {
      gym_study *s = gym_study_new (env, "energy", &err);
      CU_ASSERT_EQUAL (gym_study_add (s, "ga", NULL, NULL, &err), GYM_OK);
      CU_ASSERT_EQUAL (gym_study_add_prior (s, "ga", NULL, some, NULL, &err), GYM_OK);
      CU_ASSERT_EQUAL (gym_study_add_prior (s, "ga", NULL, much, "much", &err), GYM_OK);
      if (interrupted && life < 2)
        gym_study_on_trial (s, stop_after, s);
      int rc = run_some (s, 60, path[interrupted], &err);
      CU_ASSERT_EQUAL (rc, interrupted && life < 2 ? GYM_ECANCELLED : GYM_OK);
      struct gym_run info = { .struct_size = sizeof info };
      gym_study_run_info (s, 1, &info, &err);
      CU_ASSERT_STRING_EQUAL (info.label, "ga +prior");
      gym_study_destroy (&s);
    }
    CU_ASSERT_EQUAL (number (path[interrupted], "SELECT count(*) FROM runs"), 3);
    CU_ASSERT_EQUAL (number (path[interrupted], "SELECT count(*) FROM priors"), 2);
    CU_ASSERT_EQUAL (number (path[interrupted],
                             "SELECT count(*) FROM runs r JOIN priors p ON p.digest ="
                             " json_extract (r.options, '$.@prior')"),
                     2);
    dumps[interrupted] = help_dump (path[interrupted]);
  }
  CU_ASSERT_STRING_EQUAL (dumps[0], dumps[1]);
  for (int i = 0; i < 2; i++) {
    free (dumps[i]);
    help_remove (path[i]);
  }
  gym_prior_destroy (&some);
  gym_prior_destroy (&much);
  gym_env_destroy (&env);
  gym_registry_destroy (&r);
}

/* What is kept reads back as the same prior. */
static void
test_kept (void)
{
  char path[256];
  gym_registry *r = help_registry ();
  gym_error err = { 0 };
  gym_env *env = help_env (r, "toy", NULL);
  gym_prior *p = lean (gym_env_space (env), 0.7);
  gym_study *s = gym_study_new (env, "energy", &err);
  CU_ASSERT_EQUAL (gym_study_add_prior (s, "random", NULL, p, NULL, &err), GYM_OK);
  CU_ASSERT_EQUAL (run_some (s, 5, help_scratch (path, "runs.db"), &err), GYM_OK);
  gym_study_destroy (&s);
  sqlite3 *db;
  sqlite3_stmt *q;
  sqlite3_open (path, &db);
  sqlite3_prepare_v2 (db, "SELECT prior FROM priors", -1, &q, NULL);
  CU_ASSERT_EQUAL_FATAL (sqlite3_step (q), SQLITE_ROW);
  const char *text = (const char *)sqlite3_column_text (q, 0);
  CU_ASSERT_STRING_EQUAL (text, gym_prior_json (p));
  gym_prior *again = gym_prior_from_json (gym_env_space (env), text, &err);
  CU_ASSERT (again && strcmp (gym_prior_json (again), gym_prior_json (p)) == 0);
  gym_prior_destroy (&again);
  sqlite3_finalize (q);
  sqlite3_close (db);
  gym_prior_destroy (&p);
  gym_env_destroy (&env);
  gym_registry_destroy (&r);
  help_remove (path);
}

static int
nothing_open (void *self, const struct gym_host *host, const struct gym_problem *problem,
              uint64_t seed, gym_error *err)
{
  (void)self;
  (void)host;
  (void)seed;
  (void)err;
  CU_ASSERT_PTR_NULL (problem->prior);
  return GYM_OK;
}

static void
nothing_close (void *self)
{
  (void)self;
}

static int
nothing_ask (void *self, struct gym_asks *asks, gym_error *err)
{
  (void)self;
  (void)asks;
  (void)err;
  return 0;
}

static int
nothing_tell (void *self, const struct gym_tells *tells, gym_error *err)
{
  (void)self;
  (void)tells;
  (void)err;
  return 0;
}

static const struct gym_agent_class plain = { .struct_size = sizeof plain,
                                              .id = "plain-v1",
                                              .summary = "asks nothing",
                                              .instance_size = 8,
                                              .in_flight = 1,
                                              .open = nothing_open,
                                              .close = nothing_close,
                                              .ask = nothing_ask,
                                              .tell = nothing_tell };
static const struct gym_agent_class *const plain_classes[] = { &plain, NULL };
static const struct gym_plugin plain_plugin = { GYM_PLUGIN_ABI, .name = "plain",
                                                .version = "1", .licence = "MIT",
                                                .agents = plain_classes };

static void
test_refused (void)
{
  gym_registry *r = help_registry ();
  gym_error err = { 0 };
  CU_ASSERT_EQUAL (gym_registry_add (r, &plain_plugin, "the test", &err), GYM_OK);
  gym_env *env = help_env (r, "toy", NULL), *other = help_env (r, "noisy", NULL);
  gym_prior *p = lean (gym_env_space (env), 0.9);
  gym_study *s = gym_study_new (env, "energy", &err);
  CU_ASSERT_EQUAL (gym_study_add_prior (s, "plain", NULL, p, NULL, &err), GYM_EINVAL);
  CU_ASSERT_STRING_EQUAL (err.text, "agent plain-v1 does not use a prior (gym info AGENT "
                                    "tells: \"Prior: yes\")");
  CU_ASSERT_EQUAL (gym_study_add_prior (s, "plain", NULL, NULL, NULL, &err), GYM_OK);
  CU_ASSERT_EQUAL (gym_study_run (s, &err), GYM_OK);
  gym_study_destroy (&s);
  s = gym_study_new (other, "loss", &err);
  CU_ASSERT_EQUAL (gym_study_add_prior (s, "ga", NULL, p, NULL, &err), GYM_EMISMATCH);
  CU_ASSERT (help_says (&err, "the prior is for another space"));
  gym_study_destroy (&s);
  /* An agent without the flag that is opened by hand hears nothing of a prior either. */
  gym_objective *o = gym_objective_parse ("energy", gym_env_metrics (env), &err);
  struct gym_problem problem;
  gym_problem_init (&problem, env, o, 10, 1);
  problem.prior = gym_prior_weights (p);
  gym_agent *a = gym_agent_open (r, "plain", NULL, &problem, 1, &err);
  CU_ASSERT_PTR_NOT_NULL (a);
  gym_agent_destroy (&a);
  gym_objective_destroy (&o);
  gym_prior_destroy (&p);
  gym_env_destroy (&env);
  gym_env_destroy (&other);
  gym_registry_destroy (&r);
}

/* An agent inside another begins from the prior too. */
static void
test_inside (void)
{
  static const char *const inner[] = { "inner=random", NULL };
  gym_registry *r = help_registry ();
  gym_error err = { 0 };
  gym_env *env = help_env (r, "toy", NULL);
  gym_prior *p = lean (gym_env_space (env), 0.98);
  gym_objective *o = gym_objective_parse ("energy", gym_env_metrics (env), &err);
  struct gym_problem problem;
  gym_problem_init (&problem, env, o, 100, 8);
  problem.prior = gym_prior_weights (p);
  gym_settings *settings = help_settings (inner);
  size_t first = 0, all = 0;
  for (uint64_t seed = 1; seed <= 10; seed++) {
    gym_agent *a = gym_agent_open (r, "hyperband", settings, &problem, seed, &err);
    uint64_t tickets[8];
    double rows[8 * 8];
    uint32_t fidelities[8];
    CU_ASSERT_PTR_NOT_NULL_FATAL (a);
    int n = gym_agent_ask (a, 8, tickets, rows, fidelities, &err);
    CU_ASSERT (n > 0);
    for (int i = 0; i < n; i++, all++)
      first += rows[8 * i] == 0;
    gym_agent_destroy (&a);
  }
  CU_ASSERT ((double)first > 0.9 * (double)all);
  gym_settings_destroy (&settings);
  gym_objective_destroy (&o);
  gym_prior_destroy (&p);
  gym_env_destroy (&env);
  gym_registry_destroy (&r);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "part of a run's identity", test_identity },
                                           { "kept in the store", test_kept },
                                           { "what is refused", test_refused },
                                           { "agents inside agents", test_inside },
                                           { NULL, NULL } };
  return tap_run ("study_prior", tests);
}
