/* Studies and runs of a writer: found again, added to, told apart. */
#include <config.h>

#include "tests/core/stores.h"

#include <stdlib.h>
#include <string.h>

static void
test_study (void)
{
  struct kit kit;
  char previous[64] = "x", text[64];
  gym_error err = { 0 };
  kit_make (&kit, kit_space (3, false), 2);
  gym_writer *writer = gym_writer_open (kit.path, GYM_DURABLE_PROCESS, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL (writer);
  int64_t one = gym_writer_study (writer, &kit.row, previous, sizeof previous, &err);
  CU_ASSERT (one > 0);
  CU_ASSERT_STRING_EQUAL (previous, "");
  struct gym_study_row other = kit.row;
  other.identity = "{\"another\":1}";
  int64_t two = gym_writer_study (writer, &other, NULL, 0, &err);
  CU_ASSERT (two > 0 && two != one);
  CU_ASSERT_EQUAL (gym_writer_close (&writer, &err), GYM_OK);
  /* Found again, in another process as it were; the first fingerprint is told. */
  writer = gym_writer_open (kit.path, GYM_DURABLE_POWER, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL (writer);
  other = kit.row;
  other.fingerprint = "{\"cpu\":\"elsewhere\"}";
  other.seeds = "1..7";
  CU_ASSERT_EQUAL (gym_writer_study (writer, &other, previous, sizeof previous, &err),
                   one);
  CU_ASSERT_STRING_EQUAL (previous, kit.row.fingerprint);
  CU_ASSERT_EQUAL (gym_writer_study (writer, &other, NULL, 0, &err), one);
  CU_ASSERT_EQUAL (gym_writer_close (&writer, &err), GYM_OK);
  kit_query (kit.path, "SELECT seeds || fingerprint FROM studies WHERE id = 1", text);
  CU_ASSERT_STRING_EQUAL (text, "1..7{\"cpu\":\"here\"}");
  kit_query (kit.path, "SELECT group_concat (name || cost) FROM fidelities", text);
  CU_ASSERT_STRING_EQUAL (text, "rough0.25,full1.0,rough0.25,full1.0");
  kit_query (kit.path, "SELECT count(*) FROM spaces", text);
  CU_ASSERT_STRING_EQUAL (text, "1");
  kit_free (&kit);
}

/* The whole space can be made again from its row. */
static void
test_space_kept (void)
{
  struct kit kit;
  gym_error err = { 0 };
  kit_make (&kit, kit_space (2, false), 1);
  gym_writer *writer = kit_writer (&kit, NULL, 0);
  CU_ASSERT_EQUAL (gym_writer_close (&writer, &err), GYM_OK);
  char text[64], *json = gym_space_to_json (kit.space, &err);
  char *sql = malloc (strlen (json) * 2 + 128), *end = sql;
  end += sprintf (end, "SELECT p.space = '");
  for (const char *c = json; *c; c++) {
    if (*c == '\'')
      *end++ = '\'';
    *end++ = *c;
  }
  sprintf (end, "' FROM studies s JOIN spaces p ON p.id = s.space");
  /* Compared inside the database: the text is longer than kit_query gives back. */
  CU_ASSERT_STRING_EQUAL (kit_query (kit.path, sql, text), "1");
  free (sql);
  gym_free (json);
  kit_free (&kit);
}

static void
test_runs (void)
{
  struct kit kit;
  gym_error err = { 0 };
  uint32_t state = 99;
  int64_t runs[6];
  kit_make (&kit, kit_space (2, false), 1);
  gym_writer *writer = gym_writer_open (kit.path, GYM_DURABLE_PROCESS, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL (writer);
  int64_t study = gym_writer_study (writer, &kit.row, NULL, 0, &err);
  CU_ASSERT_EQUAL (
      gym_writer_run (writer, study + 1, 0, "a-v1", "a", "{}", 1, &state, &err),
      GYM_EINVAL);
  /* Told apart by place, id, options and seed; the label does not matter. */
  runs[0] = gym_writer_run (writer, study, 0, "a-v1", "a", "{}", 1, &state, &err);
  CU_ASSERT_EQUAL (state, GYM_RUN_PENDING);
  runs[1] = gym_writer_run (writer, study, 1, "a-v1", "a", "{}", 1, NULL, &err);
  runs[2] = gym_writer_run (writer, study, 0, "b-v1", "a", "{}", 1, NULL, &err);
  runs[3] = gym_writer_run (writer, study, 0, "a-v1", "a", "{x}", 1, NULL, &err);
  runs[4] = gym_writer_run (writer, study, 0, "a-v1", "a", "{}", 2, NULL, &err);
  runs[5] = gym_writer_run (writer, study, 0, "a-v1", "a", "{}", UINT64_MAX, NULL, &err);
  for (int i = 0; i < 6; i++)
    for (int j = 0; j < i; j++)
      CU_ASSERT (runs[i] > 0 && runs[i] != runs[j]);
  CU_ASSERT_EQUAL (gym_writer_run_state (writer, runs[5], GYM_RUN_STALLED, 12.25, &err),
                   GYM_OK);
  CU_ASSERT_EQUAL (gym_writer_close (&writer, &err), GYM_OK);
  writer = gym_writer_open (kit.path, GYM_DURABLE_PROCESS, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL (writer);
  study = gym_writer_study (writer, &kit.row, NULL, 0, &err);
  CU_ASSERT_EQUAL (
      gym_writer_run (writer, study, 0, "a-v1", "new", "{}", UINT64_MAX, &state, &err),
      runs[5]);
  CU_ASSERT_EQUAL (state, GYM_RUN_STALLED);
  CU_ASSERT_EQUAL (gym_writer_close (&writer, &err), GYM_OK);
  char text[64];
  kit_query (kit.path, "SELECT label || spent || seed FROM runs WHERE state = 4", text);
  CU_ASSERT_STRING_EQUAL (text, "new12.25-1");
  kit_free (&kit);
}

/* A life for each process that added trials, and only for those. */
static void
test_lives (void)
{
  struct kit kit;
  char text[64];
  int64_t run;
  kit_make (&kit, kit_space (2, false), 1);
  for (uint64_t i = 0; i < 3; i++) {
    gym_writer *writer = kit_writer (&kit, &run, 1);
    CU_ASSERT_PTR_NOT_NULL_FATAL (writer);
    if (i != 1)
      CU_ASSERT_EQUAL (kit_write (&kit, writer, run, 1, i, i + 1, NULL), GYM_OK);
    CU_ASSERT_EQUAL (gym_writer_close (&writer, NULL), GYM_OK);
  }
  kit_query (kit.path,
             "SELECT count(*) || ' ' || count(DISTINCT t.life) || ' ' || min (version) ||"
             " min (fingerprint) FROM trials t JOIN lives l ON l.id = t.life",
             text);
  char want[64];
  snprintf (want, sizeof want, "2 2 %s%s", gym_version (), kit.row.fingerprint);
  CU_ASSERT_STRING_EQUAL (text, want);
  kit_query (kit.path, "SELECT count(*) FROM lives", text);
  CU_ASSERT_STRING_EQUAL (text, "2");
  kit_free (&kit);
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { "studies are found again", test_study },
    { "whole spaces are kept", test_space_kept },
    { "runs are told apart", test_runs },
    { "lives", test_lives },
    { 0 },
  };
  return tap_run ("store_study", tests);
}
