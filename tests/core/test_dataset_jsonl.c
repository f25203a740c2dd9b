/* JSON lines read back by another library. */
#include <config.h>

#include "tests/core/datasets.h"

#include <gym/env.h>
#include <jansson.h>

static struct ds_scene scene;

static bool
has_number (const json_t *line, const char *name, double want)
{
  const json_t *value = json_object_get (line, name);
  if (isnan (want))
    return !value;
  return json_is_number (value) && json_number_value (value) == want;
}

static bool
has_text (const json_t *line, const char *name, const char *want)
{
  return ds_is (json_string_value (json_object_get (line, name)), want);
}

static void
check_row (const json_t *line, const struct ds_trial *t, const gym_space *space)
{
  static const char *const metrics[] = { "energy", "elapsed", "p0_2", "m4", "m5" };
  char text[64];
  size_t members = 12;
  for (uint32_t i = 0; i < ds_params; i++) {
    const struct gym_param *p = gym_space_param (space, i);
    members += !isnan (t->design[i]);
    if (p->n_levels) {
      CU_ASSERT_TRUE (has_text (line, p->name, p->levels[(size_t)t->design[i]]));
    } else
      CU_ASSERT_TRUE (has_number (line, p->name, t->design[i]));
  }
  for (uint32_t i = 0; i < ds_shown; i++) {
    members += !isnan (t->metrics[ds_column[i]]);
    CU_ASSERT_TRUE (has_number (line, metrics[i], t->metrics[ds_column[i]]));
  }
  snprintf (text, sizeof text, "%llu", (unsigned long long)t->seed);
  CU_ASSERT_TRUE (has_text (line, "evaluation_seed", text));
  CU_ASSERT_TRUE (has_text (line, "status", gym_status_name (t->status)));
  CU_ASSERT_TRUE (has_text (line, "agent", ds_labels[(t->run - 1) % 2]));
  CU_ASSERT_TRUE (has_text (line, "workload", ds_traces[t->env]));
  CU_ASSERT_TRUE (has_text (line, "store", scene.paths[t->store]));
  CU_ASSERT_TRUE (has_number (line, "seed", t->run % 2 ? 7 : 8));
  CU_ASSERT_TRUE (has_number (line, "number", (double)t->number));
  CU_ASSERT_TRUE (has_number (line, "tainted", 0));
  CU_ASSERT_EQUAL (json_object_size (line), members);
}

static void
test_rows (void)
{
  char path[160];
  size_t size;
  ds_make (&scene, 3, 50, 21);
  gym_dataset *d = ds_open (&scene, NULL);
  char *all = ds_written (d, ds_file (&scene, "x.jsonl", path), 0, &size), *at = all;
  for (size_t i = 0; i < scene.n; i++) {
    if (!ds_stands (&scene, i))
      continue;
    char *end = strchr (at, '\n');
    CU_ASSERT_PTR_NOT_NULL_FATAL (end);
    json_t *line = json_loadb (at, (size_t)(end - at),
                               JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL (line);
    check_row (line, &scene.trials[i], scene.kits[0].space);
    json_decref (line);
    at = end + 1;
  }
  CU_ASSERT_EQUAL ((size_t)(at - all), size);
  free (all);
  gym_dataset_destroy (&d);
  ds_free (&scene);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "rows", test_rows }, { 0 } };
  return tap_run ("dataset_jsonl", tests);
}
