/* The arrays of episodes against the lines of JSON, which are checked against the env. */
#include <config.h>

#include "tests/core/episodes_help.h"
#include "tests/core/npz_help.h"

#include <jansson.h>

static const struct help_plan plan = { .env = "toy",
                                       .objective = "delay; energy<=6",
                                       .agents = { "random", "ga" },
                                       .seeds = "1..2",
                                       .budget = 50 };

static bool
same_number (const struct npz_array *a, size_t i, const json_t *value)
{
  double seen = npz_real (a, i);
  return isnan (seen) ? json_is_null (value) : seen == json_number_value (value);
}

static bool
same_list (const struct npz_array *a, size_t i, const json_t *list)
{
  bool same = json_array_size (list) == a->columns;
  for (size_t k = 0; k < a->columns; k++)
    same = same && same_number (a, i * a->columns + k, json_array_get (list, k));
  return same;
}

static bool
same_truth (const struct npz_file *f, const char *name, size_t i, const json_t *step)
{
  return npz_find (f, name, "<b1")->data[i]
         == json_is_true (json_object_get (step, name));
}

static void
check_step (const struct npz_file *f, size_t i, const json_t *step)
{
  const json_t *about = json_object_get (step, "metadata");
  bool last = json_is_true (json_object_get (step, "is_last"));
  CU_ASSERT_TRUE (same_truth (f, "is_first", i, step));
  CU_ASSERT_TRUE (same_truth (f, "is_last", i, step));
  CU_ASSERT_TRUE (same_truth (f, "is_terminal", i, step));
  CU_ASSERT_TRUE (same_truth (f, "repeat", i, about));
  CU_ASSERT_TRUE (same_list (npz_find (f, "observation", "<f8"), i,
                             json_object_get (step, "observation")));
  CU_ASSERT_TRUE (
      same_list (npz_find (f, "action", "<f8"), i, json_object_get (step, "action")));
  CU_ASSERT_TRUE (
      same_list (npz_find (f, "metrics", "<f8"), i, json_object_get (about, "metrics")));
  CU_ASSERT_TRUE (
      same_number (npz_find (f, "reward", "<f8"), i, json_object_get (step, "reward")));
  CU_ASSERT_TRUE (same_number (npz_find (f, "discount", "<f8"), i,
                               json_object_get (step, "discount")));
  CU_ASSERT_TRUE (same_number (npz_find (f, "violation", "<f8"), i,
                               json_object_get (about, "violation")));
  int64_t status = npz_whole (npz_find (f, "status", "<i4"), i);
  CU_ASSERT_EQUAL (status < 0, last);
  if (!last)
    CU_ASSERT_STRING_EQUAL (json_string_value (json_object_get (about, "status")),
                            gym_status_name ((uint32_t)status));
}

static void
test_against_lines (void)
{
  struct help_scene scene;
  struct npz_file f;
  char lines[300], arrays[300];
  gym_error err = { 0 };
  gym_dataset *d = episodes_open (&scene, plan);
  snprintf (lines, sizeof lines, "%s.jsonl", episodes_store);
  snprintf (arrays, sizeof arrays, "%s.npz", episodes_store);
  CU_ASSERT_EQUAL (gym_dataset_write_episodes (d, lines, NULL, NULL, &err), GYM_OK);
  CU_ASSERT_EQUAL (gym_dataset_write_episodes (d, arrays, NULL, NULL, &err), GYM_OK);
  npz_read (&f, arrays);
  FILE *file = fopen (lines, "r");
  size_t at = 0;
  for (size_t e = 0; e < 4; e++) {
    json_t *line = json_loadf (file, JSON_DISABLE_EOF_CHECK, NULL);
    const json_t *steps = json_object_get (line, "steps");
    CU_ASSERT_EQUAL (npz_whole (npz_find (&f, "episode_start", "<i8"), e), (int64_t)at);
    CU_ASSERT_EQUAL (npz_whole (npz_find (&f, "episode_length", "<i8"), e),
                     (int64_t)json_array_size (steps));
    CU_ASSERT_EQUAL (npz_whole (npz_find (&f, "episode_run", "<i8"), e), (int64_t)e);
    for (size_t i = 0; i < json_array_size (steps); i++)
      check_step (&f, at++, json_array_get (steps, i));
    json_decref (line);
  }
  CU_ASSERT_EQUAL (npz_find (&f, "reward", NULL)->rows, at);
  CU_ASSERT_EQUAL (at, gym_dataset_counts (d)->trials + 4);
  fclose (file);
  npz_free (&f);
  episodes_close (&scene, &d);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "against lines", test_against_lines },
                                           { 0 } };
  return tap_run ("dataset_episodes_npz", tests);
}
