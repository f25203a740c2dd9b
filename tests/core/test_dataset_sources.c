/* Which studies of which stores make a data set. */
#include <config.h>

#include "tests/core/datasets.h"

#include <unistd.h>

/* A study of one trial with a run of its own. */
static void
add_study (struct kit *kit, const char *identity, const char *env,
           const char *env_identity, const char *label, const char *options)
{
  gym_error err = { 0 };
  double design[ds_params], metrics[ds_metrics] = { 1, 2, 3, 4, 5, 6 };
  kit->row.identity = identity;
  kit->row.env = env;
  kit->row.env_identity = env_identity;
  gym_writer *writer = gym_writer_open (kit->path, GYM_DURABLE_PROCESS, &err);
  int64_t study = writer ? gym_writer_study (writer, &kit->row, NULL, 0, &err) : -1;
  int64_t run =
      study > 0 ? gym_writer_run (writer, study, 0, "x-v1", label, options, 1, NULL, &err)
                : -1;
  gym_space_default (kit->space, design);
  const struct gym_logged trial = {
    .run = run, .fidelity = 1, .origin = -1, .design = design, .metrics = metrics
  };
  if (run < 0 || gym_writer_trial (writer, &trial, &err) < 0
      || gym_writer_close (&writer, &err) < 0)
    tap_note ("%s", err.text);
}

static gym_dataset *
open_one (const struct kit *kit, const char *env, gym_error *err)
{
  const char *path = kit->path;
  const struct gym_dataset_options o = { .struct_size = sizeof o, .env = env };
  return gym_dataset_open (&path, 1, &o, err);
}

static void
refused (const struct kit *kit, const char *env, int code, const char *text)
{
  gym_error err = { 0 };
  gym_dataset *d = open_one (kit, env, &err);
  CU_ASSERT_PTR_NULL (d);
  CU_ASSERT_EQUAL (err.code, code);
  CU_ASSERT_TRUE (kit_says (&err, text));
  gym_dataset_destroy (&d);
}

static size_t
rows_of (const struct kit *kit, const char *env, const char *id, size_t older)
{
  gym_error err = { 0 };
  gym_dataset *d = open_one (kit, env, &err);
  if (!d)
    tap_note ("%s", err.text);
  CU_ASSERT_PTR_NOT_NULL_FATAL (d);
  CU_ASSERT_STRING_EQUAL (gym_dataset_env_id (d), id);
  CU_ASSERT_EQUAL (gym_dataset_counts (d)->older, older);
  size_t n = gym_dataset_counts (d)->rows;
  gym_dataset_destroy (&d);
  return n;
}

static void
test_versions (void)
{
  struct kit kit;
  kit_make (&kit, kit_space (ds_params, true), ds_metrics);
  add_study (&kit, "1", "dram-v9", "{\"id\": \"dram-v9\"}", "a", "{}");
  add_study (&kit, "2", "dram-v10", "{\"id\": \"dram-v10\"}", "a", "{}");
  add_study (&kit, "3", "dram-v10", "{\"id\": \"dram-v10\", \"options\": {}}", "a", "{}");
  CU_ASSERT_EQUAL (rows_of (&kit, NULL, "dram-v10", 1), 2);
  CU_ASSERT_EQUAL (rows_of (&kit, "dram", "dram-v10", 1), 2);
  CU_ASSERT_EQUAL (rows_of (&kit, "dram-v9", "dram-v9", 0), 1);
  CU_ASSERT_EQUAL (rows_of (&kit, "dram-v10", "dram-v10", 0), 2);
  refused (&kit, "dram-v1", GYM_ENOTFOUND, "unknown env \"dram-v1\"; did you mean");
  refused (&kit, "dra", GYM_ENOTFOUND, "unknown env \"dra\"");
  add_study (&kit, "4", "dram-full-v1", "{\"id\": \"dram-full-v1\"}", "a", "{}");
  refused (&kit, NULL, GYM_EINVAL,
           "there are several envs (dram-full-v1, dram-v10, dram-v9): choose one");
  CU_ASSERT_EQUAL (rows_of (&kit, "dram-full", "dram-full-v1", 0), 1);
  kit_free (&kit);
}

/* However many envs there are, the last of them is found. */
static void
test_many_envs (void)
{
  struct kit kit;
  char id[40], identity[60];
  kit_make (&kit, kit_space (ds_params, true), ds_metrics);
  for (int i = 0; i < 70; i++) {
    snprintf (id, sizeof id, "x%02d-v1", i);
    snprintf (identity, sizeof identity, "{\"id\": \"%s\"}", id);
    add_study (&kit, id, id, identity, "a", "{}");
  }
  CU_ASSERT_EQUAL (rows_of (&kit, "x69", "x69-v1", 0), 1);
  CU_ASSERT_EQUAL (rows_of (&kit, "x69-v1", "x69-v1", 0), 1);
  refused (&kit, "x70", GYM_ENOTFOUND, "unknown env \"x70\"");
  kit_free (&kit);
}

static void
test_other_space (void)
{
  struct kit kit;
  kit_make (&kit, kit_space (ds_params, true), ds_metrics);
  refused (&kit, NULL, GYM_ENOTFOUND, "no such file");
  add_study (&kit, "1", "x-v1", "{\"id\": \"x-v1\"}", "a", "{}");
  gym_space *old = kit.space, *fewer = kit_space (4, true);
  kit.row.space = kit.space = fewer;
  add_study (&kit, "2", "x-v1", "{\"id\": \"x-v1\"}", "a", "{}");
  refused (&kit, NULL, GYM_EINVAL, "study 1 of \"");
  refused (&kit, NULL, GYM_EINVAL, "are no one data set: 5 parameters and 4");
  kit.row.space = kit.space = old;
  gym_space_destroy (&fewer);
  kit_free (&kit);
}

static void
test_other_metrics (void)
{
  struct kit kit;
  kit_make (&kit, kit_space (ds_params, true), ds_metrics);
  add_study (&kit, "1", "x-v1", "{\"id\": \"x-v1\"}", "a", "{}");
  kit.metrics[4].unit = "ns";
  add_study (&kit, "2", "x-v1", "{\"id\": \"x-v1\"}", "a", "{}");
  refused (&kit, NULL, GYM_EINVAL,
           "are no one data set: unit, sense or flags of metric \"m4\" differ");
  /* Other sealed metrics do not matter: they are not shown. */
  kit.metrics[4].unit = NULL;
  kit.metrics[2].unit = "ns";
  kit.row.env = "y-v1";
  add_study (&kit, "3", "y-v1", "{\"id\": \"y-v1\"}", "a", "{}");
  kit.metrics[2].flags = 0;
  kit.metrics[2].name = "m9";
  add_study (&kit, "4", "y-v1", "{\"id\": \"y-v1\"}", "a", "{}");
  refused (&kit, "y", GYM_EINVAL, "metric 3 is \"p0\" and \"m9\"");
  kit.metrics[2].flags = GYM_METRIC_SEALED;
  add_study (&kit, "5", "z-v1", "{\"id\": \"z-v1\"}", "a", "{}");
  kit.metrics[2].name = "m10";
  add_study (&kit, "6", "z-v1", "{\"id\": \"z-v1\"}", "a", "{}");
  CU_ASSERT_EQUAL (rows_of (&kit, "z", "z-v1", 0), 1);
  kit_free (&kit);
}

/* Settings of one label, and one settings of two labels, tell themselves apart. */
static void
test_labels (void)
{
  static const char *const plan[][3] = { { "ga", "{}", "ga" },
                                         { "ga", "{\"n\": 2}", "ga#3" },
                                         { "ga", "{\"n\": 3}", "ga#4" },
                                         { "ga#2", "{}", "ga#2" },
                                         { "ga", "{}", NULL } };
  struct kit kit;
  gym_error err = { 0 };
  kit_make (&kit, kit_space (ds_params, true), ds_metrics);
  for (int i = 0; i < 5; i++) {
    char identity[16];
    snprintf (identity, sizeof identity, "%d", i);
    add_study (&kit, identity, "x-v1", "{\"id\": \"x-v1\"}", plan[i][0], plan[i][1]);
  }
  gym_dataset *d = open_one (&kit, NULL, &err);
  CU_ASSERT_EQUAL_FATAL (gym_dataset_agents (d), 4);
  for (size_t i = 0; i < 4; i++) {
    CU_ASSERT_TRUE (ds_is (gym_dataset_agent (d, i)->label, plan[i][2]));
    CU_ASSERT_STRING_EQUAL (gym_dataset_agent (d, i)->options, plan[i][1]);
  }
  CU_ASSERT_EQUAL (gym_dataset_agent (d, 0)->trials, 2);
  gym_dataset_destroy (&d);
  kit_free (&kit);
}

static void
test_workloads (void)
{
  static const char *const identities[] = {
    "{\"options\": {\"trace\": {\"name\": \"t\", \"sha256\": \"11111111aa\"}}}",
    "{\"options\": {\"trace\": {\"name\": \"t\", \"sha256\": \"22222222aa\"}}}",
    "{\"options\": {\"fast\": true, \"trace\": {\"name\": \"t\", \"sha256\": "
    "\"22222222aa\"}}}",
    "{\"options\": {\"trace\": {\"name\": \"u\", \"sha256\": \"33333333aa\"}}}",
  };
  static const char *const want[] = { "t#11111111", "t#22222222", "t#22222222", "u" };
  struct kit kit;
  gym_error err = { 0 };
  kit_make (&kit, kit_space (ds_params, true), ds_metrics);
  for (int i = 0; i < 4; i++)
    add_study (&kit, identities[i], "x-v1", identities[i], "a", "{}");
  gym_dataset *d = open_one (&kit, NULL, &err);
  CU_ASSERT_EQUAL_FATAL (gym_dataset_envs (d), 4);
  for (size_t i = 0; i < 4; i++)
    CU_ASSERT_TRUE (ds_is (gym_dataset_env (d, i)->workload, want[i]));
  CU_ASSERT_EQUAL (gym_dataset_counts (d)->rows, 4);
  gym_dataset_destroy (&d);
  kit_free (&kit);
}

/* File names need not be text; what is shown of them is. */
static void
test_odd_path (void)
{
  struct kit kit;
  gym_error err = { 0 };
  char odd[128];
  kit_make (&kit, kit_space (ds_params, true), ds_metrics);
  add_study (&kit, "1", "x-v1", "{}", "a", "{}");
  snprintf (odd, sizeof odd, "%s/r\xff.db", kit.folder);
  CU_ASSERT_EQUAL (rename (kit.path, odd), 0);
  const char *path = odd;
  gym_dataset *d = gym_dataset_open (&path, 1, NULL, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL (d);
  CU_ASSERT_PTR_NOT_NULL (strstr (gym_dataset_run (d, 0)->store, "/r?.db"));
  char *metadata = gym_dataset_metadata (d, NULL, &err);
  CU_ASSERT_PTR_NOT_NULL (metadata);
  gym_free (metadata);
  gym_dataset_destroy (&d);
  kit_free (&kit);
}

static void
test_empty (void)
{
  struct kit kit;
  int64_t run;
  kit_make (&kit, kit_space (ds_params, true), ds_metrics);
  gym_writer *writer = kit_writer (&kit, &run, 1);
  gym_writer_close (&writer, NULL);
  CU_ASSERT_EQUAL (rows_of (&kit, NULL, "made-up-v1", 0), 0);
  kit_free (&kit);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "versions", test_versions },
                                           { "many envs", test_many_envs },
                                           { "another space", test_other_space },
                                           { "other metrics", test_other_metrics },
                                           { "labels", test_labels },
                                           { "workloads", test_workloads },
                                           { "an odd path", test_odd_path },
                                           { "no trials", test_empty },
                                           { 0 } };
  return tap_run ("dataset_sources", tests);
}
