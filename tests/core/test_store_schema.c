/* Tables of an env: names of columns, sharing between studies, the view for people. */
#include <config.h>

#include "core/store_file.h"
#include "core/store_schema.h"
#include "tests/core/stores.h"

#include <stdlib.h>
#include <string.h>

/* A space of integers with these names. */
static gym_space *
named_space (const char *const *names, uint32_t n)
{
  struct gym_param *params = calloc (n, sizeof *params);
  gym_error err = { 0 };
  for (uint32_t i = 0; i < n; i++)
    params[i] = (struct gym_param){ .name = names[i], .kind = GYM_INTEGER, .high = 10 };
  const struct gym_params list = {
    .struct_size = sizeof list, .n = n, .stride = sizeof *params, .items = params
  };
  gym_space *space = gym_space_new (&list, &err);
  if (!space)
    tap_note ("%s", err.text);
  free (params);
  return space;
}

/* Every name that SQL or the view would confuse gets one of its own; others stay. */
static void
test_column_names (void)
{
  static const char *const names[] = { "x",      "X",     "x_2", "status", "Goal",
                                       "goal_1", "order", "a.b", "id",     "goal_2" };
  static const char *const want[] = { "x",        "X_2",        "x_2_2", "status_2",
                                      "own_Goal", "own_goal_1", "order", "a.b",
                                      "id_2",     "own_goal_2", "x_3" };
  struct kit kit;
  char text[64];
  int64_t run;
  kit_make (&kit, named_space (names, 10), 1);
  kit.metrics[0].name = "x";
  kit.row.objective = "min(x)";
  char **columns = gym_schema_columns (&kit.row, NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL (columns);
  for (int i = 0; i < 11; i++)
    CU_ASSERT_STRING_EQUAL (columns[i], want[i]);
  gym_schema_columns_free (columns, 11);
  /* And SQLite agrees that they differ. */
  gym_writer *writer = kit_writer (&kit, &run, 1);
  CU_ASSERT_PTR_NOT_NULL_FATAL (writer);
  CU_ASSERT_EQUAL (kit_write (&kit, writer, run, 1, 0, 5, NULL), GYM_OK);
  CU_ASSERT_EQUAL (gym_writer_close (&writer, NULL), GYM_OK);
  kit_query (kit.path, "SELECT count(*) FROM made_up_v1_trials WHERE \"a.b\" >= 0", text);
  CU_ASSERT_STRING_EQUAL (text, "5");
  kit_query (kit.path, "SELECT name FROM columns WHERE column_name = 'x_2_2'", text);
  CU_ASSERT_STRING_EQUAL (text, "x_2");
  kit_free (&kit);
}

/* The view shows the same as the tables, by name. */
static void
test_view (void)
{
  struct kit kit;
  struct kit_trial trial;
  int64_t run;
  char text[64], want[200], sql[256];
  kit_make (&kit, kit_space (5, true), 4);
  gym_writer *writer = kit_writer (&kit, &run, 1);
  CU_ASSERT_PTR_NOT_NULL_FATAL (writer);
  CU_ASSERT_EQUAL (kit_write (&kit, writer, run, 1, 0, 200, NULL), GYM_OK);
  CU_ASSERT_EQUAL (gym_writer_close (&writer, NULL), GYM_OK);
  kit_query (kit.path, "SELECT count(*) FROM made_up_v1_trials", text);
  CU_ASSERT_STRING_EQUAL (text, "200");
  for (uint64_t i = 0; i < 200; i++) {
    kit_trial (&kit, run, 1, i, &trial);
    snprintf (sql, sizeof sql,
              "SELECT p0 || '|' || p1 || '|' || p2 || '|' || status || '|' || fidelity ||"
              " '|' || agent || '|' || seed || '|' || coalesce (origin, -1) FROM"
              " made_up_v1_trials WHERE run = %d AND number = %d",
              (int)run, (int)i);
    char p0[32], p1[32], p2[32];
    gym_space_format (kit.space, 0, trial.design[0], p0, sizeof p0);
    gym_space_format (kit.space, 1, trial.design[1], p1, sizeof p1);
    gym_space_format (kit.space, 2, trial.design[2], p2, sizeof p2);
    snprintf (want, sizeof want, "%s|%s|%s|%s|%s|an agent|1|%d", p0, p1, p2,
              gym_status_name (trial.logged.status),
              trial.logged.fidelity ? "full" : "rough", (int)trial.logged.origin);
    CU_ASSERT_STRING_EQUAL (kit_query (kit.path, sql, text), want);
  }
  /* Inactive and sealed are NULL. */
  kit_query (kit.path, "SELECT count(hidden) FROM made_up_v1_trials", text);
  CU_ASSERT_STRING_EQUAL (text, "0");
  kit_query (kit.path,
             "SELECT count(*) FROM made_up_v1_trials WHERE (p4 IS NULL) <>"
             " (p0 = 'Closed, really')",
             text);
  CU_ASSERT_STRING_EQUAL (text, "0");
  kit_free (&kit);
}

/* More levels than fit a CASE: looked up in `columns`. */
static void
test_many_levels (void)
{
  enum { N = 1000 };
  static char names[N][24];
  static const char *levels[N];
  for (int i = 0; i < N; i++) {
    snprintf (names[i], sizeof names[i], "level'%d", i);
    levels[i] = names[i];
  }
  const struct gym_param param = {
    .name = "many", .kind = GYM_ORDINAL, .levels = levels, .n_levels = N
  };
  const struct gym_params list = {
    .struct_size = sizeof list, .n = 1, .stride = sizeof param, .items = &param
  };
  struct kit kit;
  struct kit_trial trial;
  int64_t run;
  char text[64];
  kit_make (&kit, gym_space_new (&list, NULL), 1);
  gym_writer *writer = kit_writer (&kit, &run, 1);
  CU_ASSERT_PTR_NOT_NULL_FATAL (writer);
  kit_trial (&kit, run, 1, 0, &trial);
  trial.design[0] = 987;
  CU_ASSERT_EQUAL (gym_writer_trial (writer, &trial.logged, NULL), GYM_OK);
  CU_ASSERT_EQUAL (gym_writer_close (&writer, NULL), GYM_OK);
  kit_query (kit.path, "SELECT many FROM made_up_v1_trials", text);
  CU_ASSERT_STRING_EQUAL (text, "level'987");
  kit_free (&kit);
}

static int
add_study (const struct kit *kit, const char *identity, const char *env,
           const struct gym_metrics *metrics, gym_error *err)
{
  struct gym_study_row row = kit->row;
  row.identity = identity;
  row.env = env;
  row.metrics = metrics;
  gym_writer *writer = gym_writer_open (kit->path, GYM_DURABLE_PROCESS, err);
  int64_t study = writer ? gym_writer_study (writer, &row, NULL, 0, err) : -1;
  gym_writer_close (&writer, NULL);
  return (int)study;
}

/* Equal columns share a table, other ones get another, other envs too. */
static void
test_sharing (void)
{
  struct kit kit;
  char text[64];
  gym_error err = { 0 };
  kit_make (&kit, kit_space (3, false), 4);
  struct gym_metrics fewer = kit.list;
  fewer.n = 3;
  CU_ASSERT (add_study (&kit, "a", "made-up-v1", &kit.list, &err) > 0);
  CU_ASSERT (add_study (&kit, "b", "made-up-v1", &kit.list, &err) > 0);
  CU_ASSERT (add_study (&kit, "c", "made-up-v1", &fewer, &err) > 0);
  kit.metrics[0].doc = "Other words.";
  CU_ASSERT (add_study (&kit, "d", "made-up-v1", &kit.list, &err) > 0);
  CU_ASSERT (add_study (&kit, "e", "made_up-v1", &kit.list, &err) > 0);
  CU_ASSERT (add_study (&kit, "f", "made-up-v1-asked", &kit.list, &err) > 0);
  kit.metrics[0].unit = "J";
  CU_ASSERT (add_study (&kit, "g", "made-up-v1", &kit.list, &err) > 0);
  kit_query (kit.path,
             "SELECT group_concat (substr (table_name, 8), ' ') FROM (SELECT * FROM"
             " studies ORDER BY identity)",
             text);
  CU_ASSERT_STRING_EQUAL (text, "_v1 _v1 _v1_2 _v1 _v1_3 _v1_asked_2 _v1_4");
  /* The identity says it is the same study, its columns say it is not. */
  int code = add_study (&kit, "a", "made-up-v1", &kit.list, &err);
  CU_ASSERT_EQUAL (code, GYM_EMISMATCH);
  CU_ASSERT_TRUE (kit_says (&err, "made-up-v1") && kit_says (&err, kit.path));
  kit_free (&kit);
}

static void
test_too_wide (void)
{
  enum { N = 1950 };
  static char texts[N][16];
  static const char *names[N];
  struct kit kit;
  gym_error err = { 0 };
  for (int i = 0; i < N; i++) {
    snprintf (texts[i], sizeof texts[i], "n%d", i);
    names[i] = texts[i];
  }
  kit_make (&kit, named_space (names, N), 2);
  CU_ASSERT_EQUAL (add_study (&kit, "a", "made-up-v1", &kit.list, &err), GYM_EINVAL);
  CU_ASSERT_TRUE (kit_says (&err, "1952") && kit_says (&err, "1900"));
  kit_free (&kit);
  kit_make (&kit, named_space (names, 1898), 2);
  CU_ASSERT (add_study (&kit, "a", "made-up-v1", &kit.list, &err) > 0);
  kit_free (&kit);
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { "names of columns", test_column_names },
    { "view for people", test_view },
    { "more levels than fit a CASE", test_many_levels },
    { "tables shared between studies", test_sharing },
    { "too many columns", test_too_wide },
    { 0 },
  };
  return tap_run ("store_schema", tests);
}
