/* A data set in NumPy's arrays, read back by the book. */
#include <config.h>

#include "tests/core/datasets.h"
#include "tests/core/npz_help.h"

static struct ds_scene scene;

static void
text_is (const struct npz_file *f, const char *name, size_t i, const char *want)
{
  char text[128];
  CU_ASSERT_TRUE (ds_is (npz_text (npz_find (f, name, NULL), i, text), want));
}

static void
check_rows (const struct npz_file *f, gym_dataset *d, enum gym_encoding encoding)
{
  struct gym_dataset_row row = { .struct_size = sizeof row };
  const struct npz_array *designs = npz_find (f, "designs", "<f8");
  const struct npz_array *metrics = npz_find (f, "metrics", "<f8");
  double hot[64];
  size_t n = gym_dataset_counts (d)->rows;
  CU_ASSERT (designs->dims == 2 && designs->rows == n);
  CU_ASSERT (metrics->rows == n && metrics->columns == ds_shown);
  for (size_t i = 0; gym_dataset_next (d, &row, NULL) == 1; i++) {
    const double *want = row.design;
    if (encoding == GYM_ENCODE_ONEHOT) {
      gym_space_onehot (gym_dataset_space (d), row.design, hot);
      want = hot;
    }
    for (size_t k = 0; k < designs->columns; k++)
      CU_ASSERT_TRUE (ds_same (npz_real (designs, i * designs->columns + k), want[k]));
    for (size_t k = 0; k < ds_shown; k++)
      CU_ASSERT_TRUE (ds_same (npz_real (metrics, i * ds_shown + k), row.metrics[k]));
    CU_ASSERT_EQUAL (npz_whole (npz_find (f, "status", "<i4"), i), row.status);
    CU_ASSERT_EQUAL (npz_whole (npz_find (f, "fidelity", "<i4"), i),
                     (int64_t)row.fidelity);
    CU_ASSERT_EQUAL (npz_whole (npz_find (f, "agent", "<i4"), i), (int64_t)row.agent);
    CU_ASSERT_EQUAL ((uint64_t)npz_whole (npz_find (f, "evaluation_seed", "<u8"), i),
                     row.seed);
    CU_ASSERT_EQUAL (npz_whole (npz_find (f, "number", "<i8"), i), (int64_t)row.number);
    CU_ASSERT_EQUAL (npz_whole (npz_find (f, "env", "<i8"), i), (int64_t)row.env);
  }
}

static void
test_encoding (enum gym_encoding encoding, const char *first)
{
  char path[160];
  size_t size;
  struct npz_file f;
  ds_make (&scene, 2, 40, 8);
  gym_dataset *d = ds_open (&scene, NULL);
  free (ds_written (d, ds_file (&scene, "x.npz", path), encoding, &size));
  npz_read (&f, path);
  check_rows (&f, d, encoding);
  text_is (&f, "design_names", 0, first);
  text_is (&f, "metric_names", 2, "p0_2");
  text_is (&f, "metric_units", 0, "nJ");
  text_is (&f, "metric_units", 4, "");
  text_is (&f, "status_names", 5, "oom");
  text_is (&f, "agent_names", 1, "ga, tuned");
  text_is (&f, "workload_names", 1, "b.trc");
  text_is (&f, "store_names", 0, scene.paths[0]);
  CU_ASSERT_EQUAL (npz_find (&f, "metadata", NULL)->dims, 0);
  npz_free (&f);
  gym_dataset_destroy (&d);
  ds_free (&scene);
}

static void
test_ordinal (void)
{
  test_encoding (0, "p0");
  test_encoding (GYM_ENCODE_ORDINAL, "p0");
}

static void
test_onehot (void)
{
  test_encoding (GYM_ENCODE_ONEHOT, "p0=Open");
}

/* No rows are rows too. */
static void
test_empty (void)
{
  char path[160];
  size_t size;
  struct npz_file f;
  const struct gym_dataset_options none = { .struct_size = sizeof none,
                                            .statuses = 1u << 31 };
  ds_make (&scene, 1, 5, 8);
  gym_dataset *d = ds_open (&scene, &none);
  CU_ASSERT_EQUAL (gym_dataset_counts (d)->rows, 0);
  free (ds_written (d, ds_file (&scene, "x.npz", path), 0, &size));
  npz_read (&f, path);
  check_rows (&f, d, 0);
  CU_ASSERT_EQUAL (npz_find (&f, "status", "<i4")->dims, 1);
  npz_free (&f);
  gym_dataset_destroy (&d);
  ds_free (&scene);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "ordinal", test_ordinal },
                                           { "one-hot", test_onehot },
                                           { "no rows", test_empty },
                                           { 0 } };
  return tap_run ("dataset_npz", tests);
}
