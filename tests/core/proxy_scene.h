/* tests/core/proxy_scene.h - stores of small studies to learn from, and a model class
 * that remembers what it was shown. */
#ifndef TESTS_CORE_PROXY_SCENE_H
#define TESTS_CORE_PROXY_SCENE_H

#include "tests/core/study_help.h"

#include <math.h>

#pragma GCC diagnostic ignored "-Wunused-function"

/* A study of these agents into a store in the scratch folder; fidelity NULL: the highest.
 */
static void
scene_store_at (const char *path, const char *env, const char *const *options,
                const char *objective, const char *agent, const char *other,
                double budget, const char *seeds, uint64_t evaluation_seed,
                const char *fidelity)
{
  struct help_scene s = { 0 };
  gym_error err = { 0 };
  const struct help_plan plan = { .env = env,
                                  .env_options = options,
                                  .objective = objective,
                                  .agents = { agent, other },
                                  .seeds = seeds,
                                  .budget = budget,
                                  .store = path };
  CU_ASSERT_EQUAL_FATAL (help_study (&s, &plan), GYM_OK);
  CU_ASSERT_EQUAL (gym_study_set_seed (s.study, 0, evaluation_seed, &err), GYM_OK);
  if (fidelity)
    CU_ASSERT_EQUAL (gym_study_set_fidelity (s.study, fidelity, &err), GYM_OK);
  CU_ASSERT_EQUAL (gym_study_run (s.study, &err), GYM_OK);
  help_end (&s);
}

static void
scene_store (const char *path, const char *env, const char *const *options,
             const char *objective, const char *agent, const char *other, double budget,
             const char *seeds, uint64_t evaluation_seed)
{
  scene_store_at (path, env, options, objective, agent, other, budget, seeds,
                  evaluation_seed, NULL);
}

static gym_proxy_data *
scene_data (const char *path, const struct gym_proxy_choice *choice)
{
  gym_error err = { 0 };
  gym_proxy_data *d = gym_proxy_data_open (&path, 1, choice, &err);
  if (!d)
    tap_note ("%s", err.text);
  CU_ASSERT_PTR_NOT_NULL_FATAL (d);
  return d;
}

/* ---- a spy ---- */

enum { SPY_MOST = 4096 };

/* What all spies of this process have seen. */
static struct spy_book {
  size_t fits, fitted[64]; /* rows of each fit */
  size_t asked, met;       /* predicted, and of these seen in training */
} spy_book;

struct spy {
  const struct gym_host *host;
  const struct gym_space *space;
  uint32_t m;
  size_t n;
  uint64_t seen[SPY_MOST];
};

static int
spy_open (void *self, const struct gym_host *host, const struct gym_space *space,
          uint32_t m, uint64_t seed, gym_error *err)
{
  struct spy *s = self;
  (void)seed;
  (void)err;
  s->host = host;
  s->space = space;
  s->m = m;
  return GYM_OK;
}

static void
spy_close (void *self)
{
  (void)self;
}

static int
spy_fit (void *self, const struct gym_rows *rows, gym_error *err)
{
  struct spy *s = self;
  uint32_t p = s->host->space_size (s->space);
  if (s->host->cancelled (s->host))
    return gym_fail (err, GYM_ECANCELLED, "cancelled");
  s->n = rows->n;
  for (size_t i = 0; i < rows->n; i++)
    s->seen[i] = s->host->space_hash (s->space, rows->designs + i * p);
  if (spy_book.fits < 64)
    spy_book.fitted[spy_book.fits] = rows->n;
  spy_book.fits++;
  return GYM_OK;
}

static int
spy_predict (void *self, size_t n, const double *designs, double *mean, double *spread,
             gym_error *err)
{
  struct spy *s = self;
  uint32_t p = s->host->space_size (s->space);
  (void)err;
  for (size_t i = 0; i < n; i++) {
    uint64_t hash = s->host->space_hash (s->space, designs + i * p);
    spy_book.asked++;
    for (size_t k = 0; k < s->n; k++)
      if (s->seen[k] == hash) {
        spy_book.met++;
        break;
      }
    for (uint32_t j = 0; j < s->m; j++) {
      mean[i * s->m + j] = 1;
      if (spread)
        spread[i * s->m + j] = 2;
    }
  }
  return GYM_OK;
}

static const struct gym_proxy_class spy_class = {
  .struct_size = sizeof (struct gym_proxy_class),
  .id = "spy-v1",
  .summary = "a spy",
  .doc = "Remembers what it was shown.",
  .source = "none",
  .instance_size = sizeof (struct spy),
  .open = spy_open,
  .close = spy_close,
  .fit = spy_fit,
  .predict = spy_predict,
};

static gym_registry *
spy_registry (void)
{
  static const struct gym_proxy_class *const proxies[] = { &spy_class, NULL };
  static const struct gym_plugin plugin = { GYM_PLUGIN_ABI, .name = "spy", .version = "1",
                                            .licence = "MIT", .proxies = proxies };
  gym_error err = { 0 };
  gym_registry *r = help_registry ();
  CU_ASSERT_EQUAL (gym_registry_add (r, &plugin, "test", &err), GYM_OK);
  return r;
}

#endif
