/* The walk over trials: order, places, and what a file may hold. */
#include <config.h>

#include "core/dataset_inside.h"
#include "tests/core/datasets.h"

static struct ds_scene scene;

/* All trials, with their places, whatever is a row. */
static void
test_places (void)
{
  ds_make (&scene, 3, 30, 12);
  gym_dataset *d = ds_open (&scene, NULL);
  struct gym_dataset_row row = { .struct_size = sizeof row };
  for (int pass = 0; pass < 2; pass++) {
    for (size_t i = 0; i < scene.n; i++) {
      CU_ASSERT_EQUAL_FATAL (gym_dataset_step (d, &row, NULL), 1);
      CU_ASSERT_EQUAL (d->walk.ordinal, i + 1);
      CU_ASSERT_TRUE (ds_is_row (&scene.trials[i], &row));
    }
    CU_ASSERT_EQUAL (gym_dataset_step (d, &row, NULL), 0);
    gym_dataset_rewind (d);
  }
  for (size_t i = 0; i < d->n_runs; i++)
    CU_ASSERT (d->runs[i].first == 30 * i && d->runs[i].walked == 30);
  gym_dataset_destroy (&d);
  ds_free (&scene);
}

/* A walk that is left in the middle starts anew. */
static void
test_rewind (void)
{
  ds_make (&scene, 2, 30, 13);
  gym_dataset *d = ds_open (&scene, NULL);
  struct gym_dataset_row row = { .struct_size = sizeof row };
  uint64_t first = 0;
  for (size_t n = 1; n < 100; n += 7) {
    for (size_t i = 0; i < n && gym_dataset_next (d, &row, NULL) == 1; i++)
      if (i == 0 && n == 1)
        first = row.seed;
    gym_dataset_rewind (d);
    CU_ASSERT_EQUAL (gym_dataset_next (d, &row, NULL), 1);
    CU_ASSERT (row.seed == first && row.number == scene.trials[0].number);
    gym_dataset_rewind (d);
  }
  gym_dataset_destroy (&d);
  ds_free (&scene);
}

/* Of what only a newer or another library writes, as much is kept as can be understood.
 */
static void
test_strange_rows (void)
{
  char text[64];
  struct gym_dataset_row row = { .struct_size = sizeof row };
  ds_make (&scene, 1, 5, 14);
  kit_query (scene.paths[0], "UPDATE trials SET status = 9 WHERE id = 1 << 32", text);
  kit_query (scene.paths[0],
             "UPDATE trials SET fidelity = 7, origin = NULL WHERE id = (1 << 32) + 1",
             text);
  kit_query (scene.paths[0], "UPDATE made_up_v1 SET energy = 12.5 WHERE id = 1 << 32",
             text);
  const struct gym_dataset_options all = { .struct_size = sizeof all,
                                           .duplicates = true };
  gym_dataset *d = ds_open (&scene, &all);
  CU_ASSERT_EQUAL (gym_dataset_next (d, &row, NULL), 1);
  CU_ASSERT_EQUAL (row.status, GYM_TRIAL_FAILED);
  CU_ASSERT (isnan (row.metrics[0])); /* not ok: no measurement */
  CU_ASSERT_EQUAL (gym_dataset_next (d, &row, NULL), 1);
  CU_ASSERT_STRING_EQUAL (gym_dataset_fidelity (d, row.fidelity)->name, "7");
  CU_ASSERT (isnan (gym_dataset_fidelity (d, row.fidelity)->cost));
  gym_dataset_destroy (&d);
  ds_free (&scene);
}

/* A negative zero is the same design as zero. */
static void
test_zero (void)
{
  char text[64];
  struct gym_dataset_row row = { .struct_size = sizeof row };
  ds_make (&scene, 1, 3, 15);
  kit_query (scene.paths[0], "UPDATE made_up_v1 SET p3 = -0.0 + p3 * 0 + 1, p2 = -0.0",
             text);
  gym_dataset *d = ds_open (&scene, NULL);
  while (gym_dataset_next (d, &row, NULL) == 1)
    CU_ASSERT (row.design[2] == 0 && !signbit (row.design[2]));
  gym_dataset_destroy (&d);
  ds_free (&scene);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "places", test_places },
                                           { "rewind", test_rewind },
                                           { "strange rows", test_strange_rows },
                                           { "zero", test_zero },
                                           { 0 } };
  return tap_run ("dataset_walk", tests);
}
