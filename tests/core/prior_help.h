/* tests/core/prior_help.h - a bank of workloads of the toy env for tests of priors. */
#ifndef TESTS_CORE_PRIOR_HELP_H
#define TESTS_CORE_PRIOR_HELP_H

#include "tests/core/study_help.h"

#include <gym/prior.h>
#include <math.h>

#pragma GCC diagnostic ignored "-Wunused-function"

/* Three workloads: one like the default but for the unit of its energy, a rugged one, and
 * one that allows small designs only. */
static const char *const bank_tags[] = { "tag=alike", "tag=rugged", "tag=small" };
static const char *const bank_options[] = { "scale=3", "surface=rugged", "limit=40" };

static void
bank_fill (const char *path, const char *objective, double budget)
{
  for (size_t i = 0; i < 3; i++) {
    const char *const options[] = { bank_tags[i], bank_options[i], NULL };
    struct help_scene s = { 0 };
    const struct help_plan plan = { .env = "toy",
                                    .env_options = options,
                                    .objective = objective,
                                    .agents = { "random", "ga" },
                                    .seeds = "1..2",
                                    .budget = budget,
                                    .store = path };
    gym_error err = { 0 };
    CU_ASSERT_EQUAL (help_study (&s, &plan), GYM_OK);
    CU_ASSERT_EQUAL (gym_study_run (s.study, &err), GYM_OK);
    help_end (&s);
  }
}

/* Three tasks alone would be few anchors to compare by. */
enum { BANK_CONTRAST = 12 };

static gym_bank *
bank_open (gym_env *env, const char *path, const char *store, const char *objective,
           gym_error *err)
{
  const struct gym_bank_options o = { .struct_size = sizeof o,
                                      .objective = objective,
                                      .contrast = BANK_CONTRAST,
                                      .store = store };
  return gym_bank_open (&path, 1, env, &o, err);
}

/* The task whose identity has the word. */
static size_t
bank_find (const gym_bank *bank, const char *word)
{
  size_t i = 0;
  while (i < gym_bank_tasks (bank) && !strstr (gym_bank_task (bank, i)->identity, word))
    i++;
  CU_ASSERT_FATAL (i < gym_bank_tasks (bank));
  return i;
}

#endif
