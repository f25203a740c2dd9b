/* Final reports: what is chosen, what is computed, what is kept, what is refused. */
#include <config.h>

#include "tests/core/study_help.h"

#include "core/store.h"

#include <math.h>
#include <sqlite3.h>

static const struct help_plan search = { .env = "noisy",
                                         .objective = "loss",
                                         .agents = { "random" },
                                         .seeds = "1..3",
                                         .budget = 30 };

static void
run_study (const struct help_plan *plan, const char *path)
{
  struct help_plan p = *plan;
  struct help_scene s;
  gym_error err = { 0 };
  p.store = path;
  CU_ASSERT_EQUAL (help_study (&s, &p), GYM_OK);
  if (gym_study_run (s.study, &err) < 0)
    tap_note ("%s", err.text);
  help_end (&s);
}

/* The first value of a query, as text. */
static void
query (const char *path, const char *sql, char text[512])
{
  sqlite3 *db;
  sqlite3_stmt *row;
  text[0] = '\0';
  CU_ASSERT_EQUAL_FATAL (sqlite3_open (path, &db), SQLITE_OK);
  if (sqlite3_prepare_v2 (db, sql, -1, &row, NULL) == SQLITE_OK
      && sqlite3_step (row) == SQLITE_ROW && sqlite3_column_text (row, 0))
    snprintf (text, 512, "%s", (const char *)sqlite3_column_text (row, 0));
  sqlite3_finalize (row);
  sqlite3_close (db);
}

static gym_final *
make (gym_registry *r, const char *path, const struct gym_final_plan *plan,
      gym_error *err)
{
  gym_final *f = gym_final_make (r, path, plan, err);
  if (!f)
    tap_note ("%s", err->text);
  return f;
}

/* What the env says of the design, worked out here. */
static double
held_out (const double *row)
{
  double rate = log10 (row[0]) + 2.5, momentum = row[1] - 0.9;
  return rate * rate / 4 + momentum * momentum + 0.1 * (2 - row[2]);
}

/* The k best of each run by sorting its trials by hand. */
static void
test_report (void)
{
  enum { TOP = 3 };
  char path[256], text[512];
  gym_error err = { 0 };
  gym_registry *r = help_registry ();
  run_study (&search, help_scratch (path, "runs.db"));
  char *dump = help_dump (path);
  gym_final *f = make (r, path, &(struct gym_final_plan){ .top = TOP }, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL (f);
  CU_ASSERT_EQUAL (gym_final_count (f), 3 * TOP);
  CU_ASSERT_EQUAL (gym_final_study (f), 1);
  CU_ASSERT_EQUAL (gym_final_report (f), 1);
  CU_ASSERT_EQUAL (gym_final_empty (f), 0);
  CU_ASSERT_PTR_NULL (gym_final_design (f, 3 * TOP));
  for (size_t i = 0; i < 3 * TOP; i++) {
    const struct gym_final_design *d = gym_final_design (f, i);
    char sql[400];
    CU_ASSERT_EQUAL (d->seed, i / TOP + 1);
    CU_ASSERT_EQUAL (d->place, i % TOP + 1);
    CU_ASSERT_EQUAL (d->status, GYM_TRIAL_OK);
    CU_ASSERT (d->equal && !d->tainted);
    CU_ASSERT_EQUAL (d->metrics[2], held_out (d->design));
    CU_ASSERT_EQUAL (d->goals[0], d->metrics[0]);
    snprintf (sql, sizeof sql,
              "SELECT number FROM trials WHERE run = %lld AND origin IS NULL ORDER BY "
              "goal LIMIT 1 OFFSET %zu",
              (long long)d->run, i % TOP);
    query (path, sql, text);
    CU_ASSERT_EQUAL (strtoull (text, NULL, 10), d->number);
    snprintf (
        sql, sizeof sql,
        "SELECT count(*) FROM finals f JOIN trials t ON t.id = f.trial JOIN noisy_v1"
        " d ON d.id = t.id WHERE f.report = 1 AND f.run = %lld AND f.place = %u AND"
        " t.number = %llu AND d.loss = json_extract (f.metrics, '$.loss') AND"
        " abs (json_extract (f.metrics, '$.held_out') - %.17g) < 1e-15",
        (long long)d->run, d->place, (unsigned long long)d->number, d->metrics[2]);
    query (path, sql, text);
    CU_ASSERT_STRING_EQUAL (text, "1");
  }
  gym_final_destroy (&f);
  /* The trials are what they were, and none of them has the value. */
  char *after = help_dump (path);
  CU_ASSERT_STRING_EQUAL (dump, after);
  CU_ASSERT_PTR_NULL (strstr (after, "held_out"));
  query (path, "SELECT count(held_out) FROM noisy_v1", text);
  CU_ASSERT_STRING_EQUAL (text, "0");
  free (dump);
  free (after);
  gym_registry_destroy (&r);
  help_remove (path);
}

static int
count_tainted (const char *path)
{
  gym_error err = { 0 };
  gym_store *store = gym_store_open (path, &err);
  gym_results *r = gym_results_load (store, 0, 0, &err);
  int n = 0;
  for (size_t i = 0; i < gym_results_runs (r); i++)
    n += gym_results_run (r, i)->tainted;
  gym_results_destroy (&r);
  gym_store_destroy (&store);
  return n;
}

/* Nothing that is over is tainted by reports, however many; what is added is, also in
 * another study on the same env, and not in one on another env. */
static void
test_taint (void)
{
  char path[256];
  gym_error err = { 0 };
  gym_registry *r = help_registry ();
  struct help_plan more = search, other = search;
  run_study (&search, help_scratch (path, "runs.db"));
  for (int i = 0; i < 2; i++) {
    gym_final *f = make (r, path, &(struct gym_final_plan){ .top = 1 }, &err);
    CU_ASSERT (f && gym_final_report (f) == i + 1);
    gym_final_destroy (&f);
    run_study (&search, path);
    CU_ASSERT_EQUAL (count_tainted (path), 0);
  }
  more.seeds = "1..4";
  run_study (&more, path);
  CU_ASSERT_EQUAL (count_tainted (path), 1);
  gym_final *f = make (r, path, &(struct gym_final_plan){ .top = 1 }, &err);
  CU_ASSERT_EQUAL (gym_final_count (f), 4);
  for (size_t i = 0; i < 4; i++)
    CU_ASSERT_EQUAL (gym_final_design (f, i)->tainted, i == 3);
  gym_final_destroy (&f);
  other.budget = 10;
  run_study (&other, path);
  CU_ASSERT_EQUAL (count_tainted (path), 3);
  other.env_options = (const char *const[]){ "noise=0.5", NULL };
  run_study (&other, path);
  CU_ASSERT_EQUAL (count_tainted (path), 0);
  gym_registry_destroy (&r);
  help_remove (path);
}

/* A run stopped at its third trial by the callback. */
static int
stop (void *context, const struct gym_trial *t, gym_error *err)
{
  (void)context;
  return t->number == 2 ? gym_fail (err, GYM_ECANCELLED, "enough") : GYM_OK;
}

static void
run_part (const char *path)
{
  struct help_plan p = search;
  struct help_scene s;
  p.store = path;
  p.seeds = "1";
  CU_ASSERT_EQUAL (help_study (&s, &p), GYM_OK);
  gym_study_on_trial (s.study, stop, NULL);
  CU_ASSERT_EQUAL (gym_study_run (s.study, NULL), GYM_ECANCELLED);
  help_end (&s);
}

static void
test_unfinished (void)
{
  char path[256], text[512];
  gym_error err = { 0 };
  gym_registry *r = help_registry ();
  struct help_plan p = search;
  p.seeds = "1";
  run_part (help_scratch (path, "runs.db"));
  CU_ASSERT_PTR_NULL (
      gym_final_make (r, path, &(struct gym_final_plan){ .top = 1 }, &err));
  CU_ASSERT_EQUAL (err.code, GYM_ESTATE);
  CU_ASSERT (help_says (&err, "study 1: 1 run is not over"));
  query (path, "SELECT count(*) FROM sqlite_schema WHERE name = 'unsealed'", text);
  CU_ASSERT_STRING_EQUAL (text, "0"); /* refused before the seal was touched */
  gym_final *f = make (r, path, &(struct gym_final_plan){ .unfinished = true }, &err);
  CU_ASSERT_EQUAL (gym_final_count (f), 1);
  CU_ASSERT (gym_final_design (f, 0)->number < 3);
  gym_final_destroy (&f);
  CU_ASSERT_EQUAL (count_tainted (path), 0);
  run_study (&p, path);
  CU_ASSERT_EQUAL (count_tainted (path), 1);
  gym_registry_destroy (&r);
  help_remove (path);
}

/* An env without a seal: the same report, and nothing to taint. */
static void
test_unsealed_env (void)
{
  static const struct help_plan toy = {
    .env = "toy", .objective = "energy, delay", .agents = { "random" }, .budget = 30
  };
  struct help_plan more = toy;
  char path[256];
  gym_error err = { 0 };
  gym_registry *r = help_registry ();
  run_study (&toy, help_scratch (path, "runs.db"));
  gym_final *f = make (r, path, &(struct gym_final_plan){ .top = 50 }, &err);
  CU_ASSERT (f && gym_final_count (f) >= 1);
  for (size_t i = 0; f && i < gym_final_count (f); i++) {
    const struct gym_final_design *d = gym_final_design (f, i);
    CU_ASSERT (d->equal);
    for (size_t k = 0; k < i; k++) {
      const double *a = d->goals, *b = gym_final_design (f, k)->goals;
      CU_ASSERT (!(a[0] <= b[0] && a[1] <= b[1]) && !(b[0] <= a[0] && b[1] <= a[1]));
    }
  }
  gym_final_destroy (&f);
  more.seeds = "1..2";
  run_study (&more, path);
  CU_ASSERT_EQUAL (count_tainted (path), 0);
  gym_registry_destroy (&r);
  help_remove (path);
}

static void
test_refused (void)
{
  char path[256], none[300];
  gym_error err = { 0 };
  gym_registry *r = help_registry ();
  const int64_t nobody = 99;
  run_study (&search, help_scratch (path, "runs.db"));
  const struct {
    struct gym_final_plan plan;
    int code;
    const char *says;
  } bad[] = {
    { { .study = 7 }, GYM_ENOTFOUND, "no study 7" },
    { { .env = "toy" }, GYM_ENOTFOUND, "no study on env \"toy\"" },
    { { .env = "nois" }, GYM_ENOTFOUND, "no study on env" },
    { { .env = "noisy-v2" }, GYM_ENOTFOUND, "no study on env" },
    { { .runs = &nobody, .n_runs = 1 }, GYM_ESTATE, "no run has a design" },
  };
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    CU_ASSERT_PTR_NULL (gym_final_make (r, path, &bad[i].plan, &err));
    CU_ASSERT_EQUAL (err.code, bad[i].code);
    CU_ASSERT (help_says (&err, bad[i].says));
  }
  snprintf (none, sizeof none, "%s.none", path);
  CU_ASSERT_PTR_NULL (gym_final_make (r, none, &bad[0].plan, &err));
  CU_ASSERT_EQUAL (err.code, GYM_ENOTFOUND);
  CU_ASSERT (access (none, F_OK) != 0);
  gym_writer *writer = gym_writer_open (path, GYM_DURABLE_PROCESS, NULL);
  CU_ASSERT_PTR_NULL (gym_final_make (r, path, &(struct gym_final_plan){ 0 }, &err));
  CU_ASSERT_EQUAL (err.code, GYM_EBUSY);
  CU_ASSERT_EQUAL (gym_writer_close (&writer, NULL), GYM_OK);
  for (int full = 0; full < 2; full++) {
    const struct gym_final_plan good = { .env = full ? "noisy-v1" : "noisy", .study = 1 };
    gym_final *f = make (r, path, &good, &err);
    CU_ASSERT_PTR_NOT_NULL (f);
    gym_final_destroy (&f);
  }
  gym_registry_destroy (&r);
  help_remove (path);
}

static void
listen (void *context, const char *line)
{
  snprintf (context, 512, "%s", line);
}

/* Begun elsewhere is no reason to refuse, but it is said, in words; so it is by a study
 * that goes on. */
static void
test_elsewhere (void)
{
  char path[256], said[512] = "", text[512];
  gym_error err = { 0 };
  gym_registry *r = help_registry ();
  const struct gym_final_plan plan = { .log = listen, .log_context = said };
  run_study (&search, help_scratch (path, "runs.db"));
  gym_final *f = make (r, path, &plan, &err);
  CU_ASSERT_STRING_EQUAL (said, "");
  gym_final_destroy (&f);
  query (path,
         "UPDATE studies SET fingerprint = json_set (fingerprint, '$.cpu', 'abacus')",
         text);
  f = make (r, path, &plan, &err);
  CU_ASSERT (strstr (said, "another numeric fingerprint")
             && strstr (said, ": cpu was abacus, is ") && !strchr (said, '{')
             && !strstr (said, "plugin"));
  CU_ASSERT (f && gym_final_count (f) == 3);
  gym_final_destroy (&f);
  gym_registry_destroy (&r);
  help_remove (path);
}

/* gym_store_unseal: the store as it is, a store that is not there. */
static void
test_unseal (void)
{
  char path[256], none[300], text[512];
  gym_error err = { 0 };
  gym_registry *r = help_registry ();
  gym_env *env = help_env (r, "noisy", NULL);
  struct help_plan more = search;
  run_study (&search, help_scratch (path, "runs.db"));
  snprintf (none, sizeof none, "%s.none", path);
  CU_ASSERT_EQUAL (gym_store_unseal (none, env, "eval", &err), GYM_ENOTFOUND);
  CU_ASSERT (access (none, F_OK) != 0);
  CU_ASSERT_EQUAL (gym_store_unseal (path, env, "eval", &err), GYM_OK);
  query (path, "SELECT how || study || lives FROM unsealed", text);
  CU_ASSERT_STRING_EQUAL (text, "eval01");
  more.seeds = "1..4";
  run_study (&more, path);
  CU_ASSERT_EQUAL (count_tainted (path), 1);
  gym_env_destroy (&env);
  gym_registry_destroy (&r);
  help_remove (path);
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { "the best, with the sealed metric", test_report },
    { "what a report taints", test_taint },
    { "runs that are not over", test_unfinished },
    { "an env without a sealed metric", test_unsealed_env },
    { "what is refused", test_refused },
    { "another machine", test_elsewhere },
    { "a read by another way", test_unseal },
    { 0 },
  };
  return tap_run ("final", tests);
}
