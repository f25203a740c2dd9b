/* Data sets against what was written, found again slowly. */
#include <config.h>

#include "tests/core/datasets.h"

static struct ds_scene scene;

/* Walks over the data set; every row must be the next trial that `wanted` takes. */
static size_t
check_rows (gym_dataset *d, bool (*wanted) (size_t))
{
  gym_error err = { 0 };
  struct gym_dataset_row row = { .struct_size = sizeof row };
  size_t at = 0, n = 0, statuses[6] = { 0 };
  int code;
  while ((code = gym_dataset_next (d, &row, &err)) == 1) {
    while (at < scene.n && !wanted (at))
      at++;
    CU_ASSERT_FATAL (at < scene.n);
    const struct ds_trial *t = &scene.trials[at++];
    CU_ASSERT_TRUE (ds_is_row (t, &row));
    const struct gym_dataset_run *run = gym_dataset_run (d, row.run);
    CU_ASSERT_STRING_EQUAL (run->store, scene.paths[t->store]);
    CU_ASSERT (run->study == t->study && run->run == t->run);
    CU_ASSERT_STRING_EQUAL (gym_dataset_env (d, row.env)->identity,
                            ds_identities[t->env]);
    CU_ASSERT_STRING_EQUAL (gym_dataset_fidelity (d, row.fidelity)->name,
                            t->fidelity ? "full" : "rough");
    CU_ASSERT_STRING_EQUAL (row.note, t->status && !t->repeat ? "why, \"so\"" : row.note);
    statuses[row.status]++;
    n++;
  }
  if (code < 0)
    tap_note ("%s", err.text);
  while (at < scene.n && !wanted (at))
    at++;
  CU_ASSERT_EQUAL (at, scene.n);
  const struct gym_dataset_counts *c = gym_dataset_counts (d);
  CU_ASSERT_EQUAL (c->rows, n);
  CU_ASSERT_EQUAL (memcmp (c->statuses, statuses, sizeof statuses), 0);
  return n;
}

static bool
any (size_t i)
{
  return i < scene.n;
}

static bool
stands (size_t i)
{
  return ds_stands (&scene, i);
}

static bool
stands_and_ok (size_t i)
{
  return scene.trials[i].status == GYM_TRIAL_OK && ds_stands (&scene, i);
}

static bool
stands_in_full (size_t i)
{
  return scene.trials[i].fidelity == 1 && ds_stands (&scene, i);
}

static bool
of_slow (size_t i)
{
  return scene.trials[i].env == 1;
}

/* The lists' counts add up to those of the whole. */
static void
check_counts (const gym_dataset *d)
{
  const struct gym_dataset_counts *c = gym_dataset_counts (d);
  size_t rows[4] = { 0 }, trials[4] = { 0 };
  for (size_t i = 0; i < gym_dataset_envs (d); i++) {
    rows[0] += gym_dataset_env (d, i)->rows;
    trials[0] += gym_dataset_env (d, i)->trials;
  }
  for (size_t i = 0; i < gym_dataset_agents (d); i++) {
    rows[1] += gym_dataset_agent (d, i)->rows;
    trials[1] += gym_dataset_agent (d, i)->trials;
  }
  for (size_t i = 0; i < gym_dataset_fidelities (d); i++) {
    rows[2] += gym_dataset_fidelity (d, i)->rows;
    trials[2] += gym_dataset_fidelity (d, i)->trials;
  }
  for (size_t i = 0; i < gym_dataset_runs (d); i++) {
    rows[3] += gym_dataset_run (d, i)->rows;
    trials[3] += gym_dataset_run (d, i)->trials;
  }
  for (int i = 0; i < 4; i++)
    CU_ASSERT (rows[i] == c->rows && trials[i] == c->trials);
}

/* Conflicts, slowly: in the order of the walk, against the row that stood until then. */
static size_t
slow_conflicts (void)
{
  size_t n = 0;
  for (size_t i = 0; i < scene.n; i++) {
    const struct ds_trial *t = &scene.trials[i], *stood = NULL;
    for (size_t k = 0; k < i; k++)
      if (ds_same_key (t, &scene.trials[k]) && ds_firm (&scene.trials[k])) {
        stood = &scene.trials[k];
        break;
      }
    if (!stood || !ds_firm (t))
      continue;
    bool same = stood->status == t->status;
    for (uint32_t j = 0; j < ds_metrics; j++)
      same = same && (j == 1 || ds_same (stood->metrics[j], t->metrics[j]));
    n += !same;
  }
  return n;
}

static void
test_rows (void)
{
  ds_make (&scene, 1, 60, 1);
  const struct gym_dataset_options all = { .struct_size = sizeof all,
                                           .duplicates = true };
  gym_dataset *d = ds_open (&scene, &all);
  CU_ASSERT_EQUAL (check_rows (d, any), 240);
  CU_ASSERT_EQUAL (check_rows (d, any), 240); /* again from the start */
  CU_ASSERT_STRING_EQUAL (gym_dataset_env_id (d), "made-up-v1");
  CU_ASSERT_EQUAL (gym_space_size (gym_dataset_space (d)), ds_params);
  CU_ASSERT_EQUAL (gym_dataset_metrics (d)->n, ds_shown);
  CU_ASSERT_STRING_EQUAL (gym_dataset_metrics (d)->items[0].unit, "nJ");
  CU_ASSERT_EQUAL (gym_dataset_metrics (d)->items[1].flags, GYM_METRIC_MEASURED);
  CU_ASSERT_EQUAL (gym_dataset_find_metric (d, "m4", NULL), 3);
  CU_ASSERT_EQUAL (gym_dataset_find_metric (d, "hidden", NULL), GYM_ENOTFOUND);
  check_counts (d);
  gym_dataset_destroy (&d);
  CU_ASSERT_PTR_NULL (d);
  ds_free (&scene);
}

static void
test_duplicates (void)
{
  for (uint64_t seed = 1; seed <= 8; seed++) {
    ds_make (&scene, 1 + seed % 3, 50, 100 * seed);
    gym_dataset *d = ds_open (&scene, NULL);
    size_t n = check_rows (d, stands);
    const struct gym_dataset_counts *c = gym_dataset_counts (d);
    CU_ASSERT_EQUAL (c->trials, scene.n);
    CU_ASSERT_EQUAL (c->repeats + c->duplicates + n, scene.n);
    CU_ASSERT_EQUAL (c->conflicts, slow_conflicts ());
    check_counts (d);
    gym_dataset_destroy (&d);
    ds_free (&scene);
  }
}

static void
test_choices (void)
{
  ds_make (&scene, 2, 50, 5);
  const struct gym_dataset_options ok = { .struct_size = sizeof ok,
                                          .statuses = 1u << GYM_TRIAL_OK };
  gym_dataset *d = ds_open (&scene, &ok);
  CU_ASSERT (check_rows (d, stands_and_ok) > 0);
  check_counts (d);
  gym_dataset_destroy (&d);
  const struct gym_dataset_options full = { .struct_size = sizeof full,
                                            .fidelity = "full" };
  d = ds_open (&scene, &full);
  CU_ASSERT (check_rows (d, stands_in_full) > 0);
  check_counts (d);
  gym_dataset_destroy (&d);
  gym_settings *where = gym_settings_new (NULL);
  gym_settings_set (where, "trace", "b.trc", NULL);
  const struct gym_dataset_options slow = {
    .struct_size = sizeof slow, .env = "made-up", .where = where, .duplicates = true
  };
  d = ds_open (&scene, &slow);
  gym_settings_destroy (&where);
  CU_ASSERT_EQUAL (check_rows (d, of_slow), 200);
  CU_ASSERT_EQUAL (gym_dataset_envs (d), 1);
  CU_ASSERT_STRING_EQUAL (gym_dataset_env (d, 0)->workload, "b.trc");
  gym_dataset_destroy (&d);
  ds_free (&scene);
}

static void
test_table (void)
{
  ds_make (&scene, 3, 40, 9);
  gym_dataset *d = ds_open (&scene, NULL);
  const struct gym_dataset_table *t = gym_dataset_load (d, NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL (t);
  CU_ASSERT_EQUAL (t->n, gym_dataset_counts (d)->rows);
  CU_ASSERT (t->n_params == ds_params && t->n_metrics == ds_shown);
  CU_ASSERT_PTR_EQUAL (gym_dataset_load (d, NULL), t);
  struct gym_dataset_row row = { .struct_size = sizeof row };
  for (size_t i = 0; gym_dataset_next (d, &row, NULL) == 1; i++) {
    CU_ASSERT_EQUAL (
        memcmp (row.design, t->designs + i * ds_params, ds_params * sizeof *row.design),
        0);
    for (uint32_t j = 0; j < ds_shown; j++)
      CU_ASSERT (ds_same (row.metrics[j], t->metrics[i * ds_shown + j]));
    CU_ASSERT (row.status == t->statuses[i] && row.env == t->envs[i]
               && row.agent == t->agents[i] && row.fidelity == t->fidelities[i]
               && row.run == t->runs[i] && row.number == t->numbers[i]
               && row.seed == t->seeds[i]);
  }
  gym_dataset_destroy (&d);
  ds_free (&scene);
}

/* One more trial of a run that was walked over. */
static void
add_to_first_run (void)
{
  struct kit *kit = &scene.kits[0];
  kit->row.identity = "study 3";
  kit->row.env_identity = ds_identities[0];
  kit->row.objective = "energy";
  gym_writer *writer = gym_writer_open (kit->path, GYM_DURABLE_PROCESS, NULL);
  int64_t study = gym_writer_study (writer, &kit->row, NULL, 0, NULL);
  int64_t run =
      gym_writer_run (writer, study, 0, "random-v1", "random", "{}", 7, NULL, NULL);
  CU_ASSERT_EQUAL (run, 1);
  const struct gym_logged more = { .run = run,
                                   .number = 30,
                                   .origin = -1,
                                   .seed = 5,
                                   .design = scene.trials[0].design,
                                   .metrics = scene.trials[0].metrics };
  CU_ASSERT_EQUAL (gym_writer_trial (writer, &more, NULL), GYM_OK);
  CU_ASSERT_EQUAL (gym_writer_close (&writer, NULL), GYM_OK);
}

/* What a study adds later is not seen, whichever pass comes when. */
static void
test_snapshot (void)
{
  ds_make (&scene, 1, 30, 3);
  gym_dataset *d = ds_open (&scene, NULL);
  size_t before = scene.n;
  ds_study (&scene, 0, 0, "energy", 30, 999);
  scene.n = before;
  add_to_first_run ();
  check_rows (d, stands);
  check_rows (d, stands);
  gym_dataset_destroy (&d);
  ds_free (&scene);
}

static void
expect (const char *const *paths, size_t n, const struct gym_dataset_options *options,
        int code, const char *text)
{
  gym_error err = { 0 };
  gym_dataset *d = gym_dataset_open (paths, n, options, &err);
  CU_ASSERT_PTR_NULL (d);
  CU_ASSERT_EQUAL (err.code, code);
  CU_ASSERT_TRUE (kit_says (&err, text));
  gym_dataset_destroy (&d);
}

static void
test_refusals (void)
{
  ds_make (&scene, 2, 5, 3);
  const char *twice[] = { scene.paths[0], scene.paths[0] };
  const char *none[] = { "/nowhere/runs.db" };
  struct gym_dataset_options o = { .struct_size = sizeof o };
  expect (NULL, 0, NULL, GYM_EINVAL, "needs a store");
  expect (none, 1, NULL, GYM_ENOTFOUND, "/nowhere/runs.db\": its folder does not exist");
  expect (twice, 2, NULL, GYM_EINVAL, "is given twice");
  o.env = "made-upp";
  expect (scene.paths, 2, &o, GYM_ENOTFOUND,
          "unknown env \"made-upp\"; valid: made-up-v1");
  o = (struct gym_dataset_options){ .struct_size = sizeof o, .fidelity = "ful" };
  expect (scene.paths, 2, &o, GYM_ENOTFOUND,
          "unknown fidelity \"ful\"; did you mean \"full\"? Valid: rough, full");
  o = (struct gym_dataset_options){ .struct_size = sizeof o, .study = 9 };
  expect (scene.paths, 2, &o, GYM_ENOTFOUND, "no study 9 of env made-up-v1");
  gym_settings *where = gym_settings_new (NULL);
  gym_settings_set (where, "trase", "x", NULL);
  o = (struct gym_dataset_options){ .struct_size = sizeof o, .where = where };
  expect (scene.paths, 2, &o, GYM_EINVAL,
          "env made-up-v1: unknown option \"trase\"; did you mean \"trace\"?");
  gym_settings_destroy (&where);
  where = gym_settings_new (NULL);
  gym_settings_set (where, "trace", "c.trc", NULL);
  o.where = where;
  expect (scene.paths, 2, &o, GYM_ENOTFOUND,
          "no study of env made-up-v1 has these options");
  gym_settings_destroy (&where);
  ds_free (&scene);
}

/* A design outside of its space, and one that is gone. */
static void
test_damage (void)
{
  char text[64];
  static const char *const harm[] = { "UPDATE made_up_v1 SET p0 = 17 WHERE id = (1 << "
                                      "32)",
                                      "DELETE FROM made_up_v1 WHERE id = (1 << 32)" };
  static const char *const says[] = { "has no design of its space: parameter \"p0\": 17",
                                      "trial 0 of run 1 has lost its design" };
  for (int i = 0; i < 2; i++) {
    ds_make (&scene, 1, 5, 3);
    kit_query (scene.paths[0], harm[i], text);
    expect (scene.paths, 1, NULL, GYM_EIO, says[i]);
    ds_free (&scene);
  }
}

/* Runs that go on after a read of sealed metrics are tainted, with all their trials. */
static void
test_taint (void)
{
  char text[64];
  gym_error err = { 0 };
  struct gym_dataset_row row = { .struct_size = sizeof row };
  ds_make (&scene, 2, 20, 3);
  kit_query (
      scene.paths[0],
      "CREATE TABLE unsealed (id INTEGER PRIMARY KEY, env_identity TEXT NOT NULL,"
      " study INTEGER NOT NULL, how TEXT NOT NULL, lives INTEGER, version TEXT NOT "
      "NULL, host TEXT NOT NULL, time INTEGER NOT NULL)",
      text);
  /* Before the second study's life, of that study's env. */
  kit_query (scene.paths[0],
             "INSERT INTO unsealed SELECT 1, env_identity, 0, 'test', 1, '', '', 0 FROM "
             "studies WHERE id = 2",
             text);
  gym_dataset *d = ds_open (&scene, NULL);
  size_t tainted = 0;
  while (gym_dataset_next (d, &row, &err) == 1) {
    const struct gym_dataset_run *run = gym_dataset_run (d, row.run);
    CU_ASSERT_EQUAL (run->tainted,
                     run->study == 2 && strcmp (run->store, scene.paths[0]) == 0);
    tainted += run->tainted;
  }
  CU_ASSERT (tainted > 0 && tainted < gym_dataset_counts (d)->rows);
  CU_ASSERT_EQUAL (gym_dataset_counts (d)->tainted, tainted);
  char *shown = gym_dataset_describe (d, &err);
  CU_ASSERT_PTR_NOT_NULL (strstr (shown, " rows are of tainted runs"));
  gym_free (shown);
  gym_dataset_destroy (&d);
  ds_free (&scene);
}

/* Sealed numbers stay where they are, even in a file where somebody put some. */
static void
test_sealed (void)
{
  static const char *const names[] = { "x.csv", "x.jsonl", "x.npz", "x.parquet" };
  static const char *const episodes[] = { "e.jsonl", "e.npz" };
  char path[160], text[64], bytes[8];
  const double secret = 4711.25;
  memcpy (bytes, &secret, sizeof bytes);
  ds_make (&scene, 1, 10, 3);
  kit_query (scene.paths[0], "UPDATE made_up_v1 SET hidden = 4711.25", text);
  gym_dataset *d = ds_open (&scene, NULL);
  for (int i = 0; i < 2; i++)
    CU_ASSERT_EQUAL (gym_dataset_write_episodes (d, ds_file (&scene, episodes[i], path),
                                                 NULL, "energy", NULL),
                     GYM_OK);
  for (int i = 0; i < 6; i++) {
    size_t size;
    FILE *f = i < 4 ? NULL : fopen (ds_file (&scene, episodes[i - 4], path), "rb");
    char *all = f ? calloc (1 << 20, 1)
                  : ds_written (d, ds_file (&scene, names[i], path), 0, &size);
    if (f) {
      size = fread (all, 1, 1 << 20, f);
      fclose (f);
    }
    CU_ASSERT_PTR_NULL (memmem (all, size, "4711.25", 7));
    CU_ASSERT_PTR_NULL (memmem (all, size, bytes, sizeof bytes));
    CU_ASSERT_PTR_NULL (memmem (all, size, "hidden", 6));
    free (all);
  }
  gym_dataset_destroy (&d);
  ds_free (&scene);
}

/* A caller compiled against shorter structs gets what fits. */
static void
test_short_structs (void)
{
  ds_make (&scene, 1, 20, 3);
  struct gym_dataset_options o = { .struct_size = 8, .fidelity = "none", .study = 99 };
  gym_dataset *d = ds_open (&scene, &o);
  struct gym_dataset_row row = { .struct_size = 8, .number = 4711 };
  CU_ASSERT_EQUAL (gym_dataset_next (d, &row, NULL), 1);
  CU_ASSERT (row.struct_size == 8 && row.number == 4711);
  gym_dataset_destroy (&d);
  ds_free (&scene);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "rows", test_rows },
                                           { "duplicates", test_duplicates },
                                           { "choices", test_choices },
                                           { "table", test_table },
                                           { "snapshot", test_snapshot },
                                           { "refusals", test_refusals },
                                           { "sealed metrics", test_sealed },
                                           { "taint", test_taint },
                                           { "damage", test_damage },
                                           { "short structs", test_short_structs },
                                           { 0 } };
  return tap_run ("dataset", tests);
}
