/* tests/core/study_help.h - studies for tests: one way to set them up, a canonical dump.
 */
#ifndef TESTS_CORE_STUDY_HELP_H
#define TESTS_CORE_STUDY_HELP_H

#include "tests/core/help.h"

#pragma GCC diagnostic ignored "-Wunused-function"

struct help_plan {
  const char *env;
  const char *const *env_options;
  const char *objective;
  const char *agents[4];
  const char *seeds;
  double budget;
  uint32_t in_flight;
  uint32_t max_attempts; /* 0: the default */
  const char *store;
};

struct help_scene {
  gym_registry *registry;
  gym_env *env;
  gym_study *study;
};

static int
help_study (struct help_scene *s, const struct help_plan *plan)
{
  gym_error err = { 0 };
  s->registry = help_registry ();
  s->env = help_env (s->registry, plan->env, plan->env_options);
  s->study = s->env ? gym_study_new (s->env, plan->objective, &err) : NULL;
  int rc = s->study ? GYM_OK : GYM_EINVAL;
  for (size_t i = 0; i < 4 && plan->agents[i] && rc == GYM_OK; i++)
    rc = gym_study_add (s->study, plan->agents[i], NULL, NULL, &err);
  if (rc == GYM_OK)
    rc = gym_study_set_budget (s->study, plan->budget, &err);
  if (rc == GYM_OK && plan->seeds)
    rc = gym_study_set_seeds_text (s->study, plan->seeds, &err);
  if (rc == GYM_OK)
    rc = gym_study_set_in_flight (s->study, plan->in_flight, &err);
  if (rc == GYM_OK && plan->max_attempts)
    rc = gym_study_set_max_attempts (s->study, plan->max_attempts, &err);
  if (rc == GYM_OK)
    rc = gym_study_set_store (s->study, plan->store, &err);
  if (rc < 0)
    tap_note ("%s", err.text);
  return rc;
}

static void
help_end (struct help_scene *s)
{
  gym_study_destroy (&s->study);
  gym_env_destroy (&s->env);
  gym_registry_destroy (&s->registry);
}

struct help_text {
  char *bytes;
  size_t n;
};

static int
help_put (void *sink, const char *text, size_t n)
{
  struct help_text *t = sink;
  char *bigger = realloc (t->bytes, t->n + n + 1);
  if (!bigger)
    return GYM_ENOMEM;
  memcpy (bigger + t->n, text, n);
  t->bytes = bigger;
  t->n += n;
  bigger[t->n] = '\0';
  return GYM_OK;
}

/* The canonical form of a store's content; the caller frees it. */
static char *
help_dump (const char *path)
{
  gym_error err = { 0 };
  struct help_text text = { 0 };
  gym_store *store = gym_store_open (path, &err);
  if (!store
      || gym_store_export (store, GYM_FORMAT_JSONL, true, help_put, &text, &err) < 0)
    tap_note ("%s", err.text);
  gym_store_destroy (&store);
  return text.bytes;
}

#endif
