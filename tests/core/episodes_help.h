/* tests/core/episodes_help.h - a real study in a store, and its episodes made anew by
 * stepping through the env. */
#ifndef TESTS_CORE_EPISODES_HELP_H
#define TESTS_CORE_EPISODES_HELP_H

#include "tests/core/study_help.h"

#include <math.h>

#pragma GCC diagnostic ignored "-Wunused-function"

static char episodes_store[256];

/* Runs the plan into a fresh store and opens it as a data set. */
static gym_dataset *
episodes_open (struct help_scene *scene, struct help_plan plan)
{
  gym_error err = { 0 };
  plan.store = help_scratch (episodes_store, "runs.db");
  CU_ASSERT_EQUAL_FATAL (help_study (scene, &plan), GYM_OK);
  CU_ASSERT_EQUAL_FATAL (gym_study_run (scene->study, &err), GYM_OK);
  const char *path = episodes_store;
  gym_dataset *d = gym_dataset_open (&path, 1, NULL, &err);
  if (!d)
    tap_note ("%s", err.text);
  CU_ASSERT_PTR_NOT_NULL_FATAL (d);
  return d;
}

static void
episodes_close (struct help_scene *scene, gym_dataset **d)
{
  gym_dataset_destroy (d);
  help_end (scene);
  help_remove (episodes_store);
}

/* All trials of a store in order, repeats too. */
static gym_dataset *
episodes_trials (void)
{
  const char *path = episodes_store;
  const struct gym_dataset_options all = { .struct_size = sizeof all,
                                           .duplicates = true };
  return gym_dataset_open (&path, 1, &all, NULL);
}

#endif
