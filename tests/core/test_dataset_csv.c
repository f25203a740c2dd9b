/* CSV read back by RFC 4180, field by field. */
#include <config.h>

#include "tests/core/datasets.h"

enum { MOST = 40 };

static struct ds_scene scene;

struct csv {
  char *at, *fields[MOST];
  int n;
};

/* One field in place; what ends it is returned. */
static char
read_field (struct csv *csv)
{
  char *to = csv->at, *from = csv->at;
  csv->fields[csv->n++] = to;
  if (*from == '"') {
    for (from++; *from && (from[0] != '"' || from[1] == '"'); from++)
      from += from[0] == '"', *to++ = *from;
    from++;
  } else
    while (*from && *from != ',' && *from != '\n')
      *to++ = *from++;
  char end = *from;
  csv->at = from + (end != 0);
  *to = 0;
  return end;
}

static bool
read_line (struct csv *csv)
{
  csv->n = 0;
  if (!*csv->at)
    return false;
  while (csv->n < MOST && read_field (csv) == ',')
    continue;
  return true;
}

static void
check_row (const struct csv *csv, const struct ds_trial *t, const gym_space *space)
{
  char text[64];
  CU_ASSERT_EQUAL_FATAL (csv->n, ds_params + ds_shown + 12);
  for (uint32_t i = 0; i < ds_params; i++) {
    gym_space_format (space, i, t->design[i], text, sizeof text);
    CU_ASSERT_TRUE (ds_is (csv->fields[i], text));
  }
  for (uint32_t i = 0; i < ds_shown; i++)
    CU_ASSERT_TRUE (
        ds_is (csv->fields[5 + i], ds_number (t->metrics[ds_column[i]], text)));
  CU_ASSERT_TRUE (ds_is (csv->fields[10], gym_status_name (t->status)));
  CU_ASSERT_TRUE (ds_is (csv->fields[11], t->fidelity ? "full" : "rough"));
  CU_ASSERT_TRUE (ds_is (csv->fields[12], ds_traces[t->env]));
  CU_ASSERT_TRUE (ds_is (csv->fields[13], ds_labels[(t->run - 1) % 2]));
  CU_ASSERT_TRUE (ds_is (csv->fields[14], t->run % 2 ? "7" : "8"));
  snprintf (text, sizeof text, "%llu", (unsigned long long)t->seed);
  CU_ASSERT_TRUE (ds_is (csv->fields[15], text));
  CU_ASSERT_TRUE (ds_is (csv->fields[17], scene.paths[t->store]));
  snprintf (text, sizeof text, "%lld", (long long)t->study);
  CU_ASSERT_TRUE (ds_is (csv->fields[18], text));
  snprintf (text, sizeof text, "%llu", (unsigned long long)t->number);
  CU_ASSERT_TRUE (ds_is (csv->fields[20], text));
}

static void
test_rows (void)
{
  char path[160];
  size_t size;
  ds_make (&scene, 2, 60, 4);
  gym_dataset *d = ds_open (&scene, NULL);
  char *all = ds_written (d, ds_file (&scene, "x.csv", path), 0, &size);
  struct csv csv = { .at = all };
  CU_ASSERT_TRUE (read_line (&csv));
  static const char *const header[] = { "p0",      "p1",   "p2", "p3", "p4",    "energy",
                                        "elapsed", "p0_2", "m4", "m5", "status" };
  for (int i = 0; i < 11; i++)
    CU_ASSERT_TRUE (ds_is (csv.fields[i], header[i]));
  for (size_t i = 0; i < scene.n; i++)
    if (ds_stands (&scene, i)) {
      CU_ASSERT_TRUE_FATAL (read_line (&csv));
      check_row (&csv, &scene.trials[i], scene.kits[0].space);
    }
  CU_ASSERT_FALSE (read_line (&csv));
  CU_ASSERT_EQUAL ((size_t)(csv.at - all), size);
  free (all);
  gym_dataset_destroy (&d);
  ds_free (&scene);
}

/* Ordinal and one-hot differ in the first columns alone. */
static void
test_encodings (void)
{
  char path[160], text[64];
  size_t size;
  struct gym_dataset_row row = { .struct_size = sizeof row };
  ds_make (&scene, 1, 30, 5);
  gym_dataset *d = ds_open (&scene, NULL);
  const gym_space *space = gym_dataset_space (d);
  uint32_t n = gym_space_onehot_size (space);
  double *onehot = calloc (n, sizeof *onehot);
  char *ordinal =
      ds_written (d, ds_file (&scene, "o.csv", path), GYM_ENCODE_ORDINAL, &size);
  char *hot = ds_written (d, ds_file (&scene, "h.csv", path), GYM_ENCODE_ONEHOT, &size);
  struct csv a = { .at = ordinal }, b = { .at = hot };
  read_line (&a);
  read_line (&b);
  CU_ASSERT_EQUAL ((uint32_t)b.n, n + ds_shown + 12);
  while (gym_dataset_next (d, &row, NULL) == 1) {
    CU_ASSERT_TRUE_FATAL (read_line (&a) && read_line (&b));
    gym_space_onehot (space, row.design, onehot);
    for (uint32_t i = 0; i < ds_params; i++)
      CU_ASSERT_TRUE (ds_is (a.fields[i], ds_number (row.design[i], text)));
    for (uint32_t i = 0; i < n; i++)
      CU_ASSERT_TRUE (ds_is (b.fields[i], ds_number (onehot[i], text)));
    for (uint32_t i = 0; i < ds_shown + 12; i++)
      CU_ASSERT_TRUE (ds_is (a.fields[ds_params + i], b.fields[n + i]));
  }
  CU_ASSERT_FALSE (read_line (&a) || read_line (&b));
  free (onehot);
  free (ordinal);
  free (hot);
  gym_dataset_destroy (&d);
  ds_free (&scene);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "rows", test_rows },
                                           { "encodings", test_encodings },
                                           { 0 } };
  return tap_run ("dataset_csv", tests);
}
