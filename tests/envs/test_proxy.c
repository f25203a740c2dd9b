/* envs/proxy.c: predictions as metrics, pessimism, fidelities, batches. */
#include "tests/core/proxy_scene.h"

static char store[256], model[256];
static gym_registry *registry;
static gym_proxy *proxy;

static void
begin (void)
{
  gym_error err = { 0 };
  const char *const names[] = { "energy", "throughput", "utilisation" };
  const struct gym_proxy_choice choice = { .struct_size = sizeof choice,
                                           .n_metrics = 3,
                                           .metrics = names };
  registry = help_registry ();
  help_scratch (store, "proxy.db");
  help_scratch (model, "env.proxy");
  scene_store (store, "toy", NULL, "energy", "random", NULL, 150, "1", 0);
  gym_proxy_data *d = scene_data (store, &choice);
  const struct gym_proxy_recipe recipe = { .struct_size = sizeof recipe,
                                           .model = "forest",
                                           .transform = GYM_TRANSFORM_AUTO };
  proxy = gym_proxy_train (registry, d, &recipe, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL (proxy);
  CU_ASSERT_EQUAL (gym_proxy_save (proxy, model, &err), GYM_OK);
  gym_proxy_data_destroy (&d);
}

static void
finish (void)
{
  gym_proxy_destroy (&proxy);
  gym_registry_destroy (&registry);
  help_remove (store);
  help_remove (model);
}

static gym_env *
open_proxy (const char *one, const char *two)
{
  char text[300];
  gym_error err = { 0 };
  snprintf (text, sizeof text, "model=%s", model);
  gym_env *env =
      help_env (registry, "proxy", (const char *const[]){ text, one, two, NULL });
  CU_ASSERT_PTR_NOT_NULL_FATAL (env);
  (void)err;
  return env;
}

static void
test_metrics (void)
{
  begin ();
  gym_env *env = open_proxy (NULL, NULL);
  const struct gym_metrics *m = gym_env_metrics (env);
  CU_ASSERT_EQUAL_FATAL (m->n, 6);
  for (uint32_t i = 0; i < 3; i++) {
    const struct gym_metric *target = &gym_proxy_targets (proxy)->items[i];
    CU_ASSERT_STRING_EQUAL (m->items[i].name, target->name);
    CU_ASSERT_STRING_EQUAL (m->items[i].unit, target->unit);
    CU_ASSERT_EQUAL (m->items[i].sense, target->sense);
    CU_ASSERT_EQUAL (m->items[3 + i].sense, GYM_NEUTRAL);
    CU_ASSERT_STRING_EQUAL (m->items[3 + i].unit, target->unit);
  }
  CU_ASSERT_STRING_EQUAL (m->items[3].name, "energy_spread");
  CU_ASSERT_EQUAL (gym_env_fidelities (env)->n, 1);
  CU_ASSERT_EQUAL (gym_space_match (gym_env_space (env), gym_proxy_space (proxy), NULL),
                   GYM_OK);
  gym_env_destroy (&env);
  finish ();
}

/* A time that is predicted repeats itself; one that is measured does not. */
static void
test_measured (void)
{
  gym_error err = { 0 };
  const char *const names[] = { "loss", "elapsed" };
  const struct gym_proxy_choice choice = { .struct_size = sizeof choice,
                                           .n_metrics = 2,
                                           .metrics = names };
  const struct gym_proxy_recipe recipe = { .struct_size = sizeof recipe,
                                           .model = "ridge" };
  registry = help_registry ();
  help_scratch (store, "times.db");
  help_scratch (model, "times.proxy");
  scene_store (store, "noisy", NULL, "loss", "random", NULL, 30, "1", 0);
  gym_proxy_data *d = scene_data (store, &choice);
  proxy = gym_proxy_train (registry, d, &recipe, &err);
  CU_ASSERT_EQUAL_FATAL (gym_proxy_save (proxy, model, &err), GYM_OK);
  gym_proxy_data_destroy (&d);
  for (int real = 0; real < 2; real++) {
    gym_env *env = open_proxy (real ? "real=yes" : NULL, NULL);
    const struct gym_metric *m = gym_env_metrics (env)->items;
    CU_ASSERT_EQUAL (m[0].flags & GYM_METRIC_MEASURED, 0);
    CU_ASSERT_EQUAL ((m[1].flags & GYM_METRIC_MEASURED) != 0, real == 1);
    CU_ASSERT_EQUAL (m[3].flags & GYM_METRIC_MEASURED, 0);
    gym_env_destroy (&env);
  }
  finish ();
}

/* Pessimism goes up where small is better, down where large is, and nowhere else. */
static void
test_predictions (void)
{
  enum { N = 200, P = 16 };
  begin ();
  gym_error err = { 0 };
  static const double pessimism[] = { 0, 1.5, -0.5 };
  static const char *const texts[] = { "pessimism=0", "pessimism=1.5", "pessimism=-0.5" };
  static const double direction[] = { 1, -1, 0 };
  double *designs = calloc (N * P, sizeof *designs), mean[3 * N], spread[3 * N],
         metrics[6 * N];
  uint32_t statuses[N];
  for (int k = 0; k < 3; k++) {
    gym_env *env = open_proxy (texts[k], NULL);
    uint32_t p = gym_space_size (gym_env_space (env));
    gym_rng rng;
    gym_rng_init (&rng, 3);
    for (size_t i = 0; i < N; i++) {
      gym_space_sample (gym_env_space (env), &rng, designs + i * p);
      CU_ASSERT (gym_env_repair (env, designs + i * p));
    }
    CU_ASSERT_EQUAL (gym_proxy_predict (proxy, N, designs, mean, spread, &err), GYM_OK);
    CU_ASSERT_EQUAL (
        gym_env_evaluate (env, N, designs, NULL, NULL, metrics, statuses, NULL, &err),
        GYM_OK);
    for (size_t i = 0; i < N; i++)
      for (uint32_t j = 0; j < 3; j++) {
        CU_ASSERT_EQUAL (statuses[i], GYM_TRIAL_OK);
        CU_ASSERT_EQUAL (metrics[6 * i + 3 + j], spread[3 * i + j]);
        CU_ASSERT_EQUAL (metrics[6 * i + j],
                         mean[3 * i + j]
                             + pessimism[k] * direction[j] * spread[3 * i + j]);
      }
    gym_env_destroy (&env);
  }
  free (designs);
  finish ();
}

/* Both fidelities in one batch, in any order, are what each is alone. */
static void
test_batch (void)
{
  enum { N = 64 };
  begin ();
  gym_error err = { 0 };
  gym_env *env = open_proxy ("real=yes", NULL);
  const struct gym_fidelities *f = gym_env_fidelities (env);
  CU_ASSERT_EQUAL_FATAL (f->n, 2);
  CU_ASSERT_STRING_EQUAL (f->items[0].name, "proxy");
  CU_ASSERT (f->items[0].cost < 0.001 && f->items[1].cost == 1);
  double designs[N * 16], metrics[6 * N], alone[6];
  uint32_t p = gym_space_size (gym_env_space (env)), fidelities[N], statuses[N], one;
  gym_rng rng;
  gym_rng_init (&rng, 4);
  for (size_t i = 0; i < N; i++) {
    gym_space_sample (gym_env_space (env), &rng, designs + i * p);
    gym_env_repair (env, designs + i * p);
    fidelities[i] = (uint32_t)gym_rng_below (&rng, 2);
  }
  CU_ASSERT_EQUAL (
      gym_env_evaluate (env, N, designs, fidelities, NULL, metrics, statuses, NULL, &err),
      GYM_OK);
  for (size_t i = 0; i < N; i++) {
    gym_env_evaluate (env, 1, designs + i * p, &fidelities[i], NULL, alone, &one, NULL,
                      &err);
    CU_ASSERT_EQUAL (one, statuses[i]);
    for (int j = 0; j < 6; j++)
      CU_ASSERT (alone[j] == metrics[6 * i + (size_t)j]
                 || (isnan (alone[j]) && isnan (metrics[6 * i + (size_t)j])));
    CU_ASSERT_EQUAL (isnan (alone[3]), fidelities[i] == 1);
  }
  gym_env_destroy (&env);
  finish ();
}

int
main (void)
{
  static const struct tap_test tests[] = { { "metrics and space", test_metrics },
                                           { "predictions and pessimism",
                                             test_predictions },
                                           { "measured times", test_measured },
                                           { "two fidelities in a batch", test_batch },
                                           { 0 } };
  return tap_run ("proxy", tests);
}
