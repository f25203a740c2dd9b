/* The metadata of a data set, as JSON. */
#include <config.h>

#include "tests/core/datasets.h"

#include <jansson.h>

static struct ds_scene scene;

static const json_t *
item (const json_t *whole, const char *list, size_t i)
{
  return json_array_get (json_object_get (whole, list), i);
}

static bool
has (const json_t *object, const char *name, const char *want)
{
  return ds_is (json_string_value (json_object_get (object, name)), want);
}

static size_t
count (const json_t *object, const char *name)
{
  return (size_t)json_integer_value (json_object_get (object, name));
}

static json_t *
load (const gym_dataset *d, enum gym_encoding encoding)
{
  gym_error err = { 0 };
  const struct gym_dataset_output o = { .struct_size = sizeof o, .encoding = encoding };
  char *text = gym_dataset_metadata (d, encoding ? &o : NULL, &err);
  json_t *whole = json_loads (text ? text : "", JSON_REJECT_DUPLICATES, NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL (whole);
  gym_free (text);
  return whole;
}

static void
test_whole (void)
{
  ds_make (&scene, 2, 30, 6);
  gym_dataset *d = ds_open (&scene, NULL);
  json_t *whole = load (d, 0);
  const struct gym_dataset_counts *c = gym_dataset_counts (d);
  CU_ASSERT_TRUE (has (whole, "format", "archgym-dataset-1"));
  CU_ASSERT_TRUE (has (whole, "env", "made-up-v1"));
  CU_ASSERT_TRUE (has (whole, "encoding", "decoded"));
  const json_t *counts = json_object_get (whole, "counts");
  CU_ASSERT_EQUAL (count (counts, "rows"), c->rows);
  CU_ASSERT_EQUAL (count (counts, "trials"), 180);
  CU_ASSERT_EQUAL (count (counts, "duplicates"), c->duplicates);
  CU_ASSERT_EQUAL (count (json_object_get (counts, "statuses"), "infeasible"),
                   c->statuses[GYM_TRIAL_INFEASIBLE]);
  CU_ASSERT_EQUAL (json_array_size (json_object_get (whole, "columns")), 22);
  CU_ASSERT_TRUE (has (item (whole, "columns", 2), "unit", "KiB"));
  CU_ASSERT_TRUE (has (item (whole, "columns", 5), "role", "metric"));
  CU_ASSERT_TRUE (has (item (whole, "columns", 5), "unit", "nJ"));
  CU_ASSERT_EQUAL (json_array_size (json_object_get (whole, "metrics")), ds_shown);
  CU_ASSERT_TRUE (
      json_is_true (json_object_get (item (whole, "metrics", 1), "measured")));
  CU_ASSERT_TRUE (has (item (whole, "envs", 1), "workload", "b.trc"));
  CU_ASSERT_TRUE (
      has (json_object_get (item (whole, "envs", 1), "identity"), "id", "made-up-v1"));
  CU_ASSERT_TRUE (has (item (whole, "agents", 1), "label", "ga, tuned"));
  CU_ASSERT_EQUAL (
      count (json_object_get (item (whole, "agents", 1), "options"), "population"), 8);
  CU_ASSERT_TRUE (has (item (whole, "fidelities", 0), "name", "rough"));
  CU_ASSERT_EQUAL (json_array_size (json_object_get (whole, "runs")), 6);
  CU_ASSERT_TRUE (has (item (whole, "runs", 3), "objective", "m5"));
  CU_ASSERT_TRUE (has (item (whole, "runs", 5), "seed", "8"));
  /* The sealed metric is nowhere. */
  char *text = json_dumps (whole, 0);
  CU_ASSERT_PTR_NULL (strstr (text, "hidden"));
  free (text);
  json_decref (whole);
  gym_dataset_destroy (&d);
  ds_free (&scene);
}

static void
test_encodings (void)
{
  ds_make (&scene, 1, 5, 6);
  gym_dataset *d = ds_open (&scene, NULL);
  json_t *whole = load (d, GYM_ENCODE_ONEHOT);
  CU_ASSERT_TRUE (has (whole, "encoding", "onehot"));
  CU_ASSERT_TRUE (has (item (whole, "columns", 0), "name", "p0=Open"));
  /* The space comes along, to encode others alike. */
  char *text = json_dumps (json_object_get (whole, "space"), 0);
  gym_space *space = gym_space_from_json (text, NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL (space);
  CU_ASSERT_EQUAL (gym_space_onehot_size (space),
                   gym_space_onehot_size (gym_dataset_space (d)));
  free (text);
  gym_space_destroy (&space);
  json_decref (whole);
  gym_dataset_destroy (&d);
  ds_free (&scene);
}

/* What the library chooses for a format is what the metadata says, also of a file that a
 * caller with an older header asked for. */
static void
test_chosen (void)
{
  struct gym_dataset_output o = { .struct_size = sizeof o, .format = GYM_DATASET_NPZ };
  char path[160], line[200] = "";
  ds_make (&scene, 1, 5, 6);
  gym_dataset *d = ds_open (&scene, NULL);
  char *text = gym_dataset_metadata (d, &o, NULL);
  CU_ASSERT_PTR_NOT_NULL (strstr (text, "\"encoding\": \"ordinal\""));
  gym_free (text);
  o = (struct gym_dataset_output){ .struct_size =
                                       offsetof (struct gym_dataset_output, encoding),
                                   .format = GYM_DATASET_JSONL };
  CU_ASSERT_EQUAL (
      gym_dataset_write_episodes (d, ds_file (&scene, "e", path), &o, NULL, NULL),
      GYM_OK);
  FILE *f = fopen (ds_file (&scene, "e.meta.json", path), "r");
  CU_ASSERT_PTR_NOT_NULL_FATAL (f);
  while (fgets (line, sizeof line, f) && !strstr (line, "\"encoding\""))
    continue;
  CU_ASSERT_PTR_NOT_NULL (strstr (line, "\"ordinal\""));
  fclose (f);
  gym_dataset_destroy (&d);
  ds_free (&scene);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "the whole", test_whole },
                                           { "encodings", test_encodings },
                                           { "chosen", test_chosen },
                                           { 0 } };
  return tap_run ("dataset_meta", tests);
}
