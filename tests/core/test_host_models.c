/* core/host_models.c: models and envs inside an env, through env `proxy`. */
#include "tests/core/proxy_scene.h"

static char store[256], model[256];
static gym_registry *registry;

/* A model of toy, whose rules and fidelities are the env's to know. */
static void
begin (const char *const *options)
{
  gym_error err = { 0 };
  registry = help_registry ();
  help_scratch (store, "models.db");
  help_scratch (model, "toy.proxy");
  scene_store (store, "toy", options, "energy", "random", NULL, 120, "1", 0);
  gym_proxy_data *d = scene_data (store, NULL);
  const struct gym_proxy_recipe recipe = { .struct_size = sizeof recipe,
                                           .model = "ridge" };
  gym_proxy *p = gym_proxy_train (registry, d, &recipe, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL (p);
  CU_ASSERT_EQUAL (gym_proxy_save (p, model, &err), GYM_OK);
  gym_proxy_destroy (&p);
  gym_proxy_data_destroy (&d);
}

static void
finish (void)
{
  gym_registry_destroy (&registry);
  help_remove (store);
  help_remove (model);
}

static gym_env *
open_proxy (const char *more, gym_error *err)
{
  char text[300];
  snprintf (text, sizeof text, "model=%s", model);
  gym_settings *s = help_settings ((const char *const[]){ text, more, NULL });
  gym_env *env = gym_env_open (registry, "proxy", s, err);
  gym_settings_destroy (&s);
  return env;
}

/* Real evaluations are the env's own, bit for bit, and so are its rules. */
static void
real_is_real (const char *const *options)
{
  gym_error err = { 0 };
  begin (options);
  gym_env *proxy = open_proxy ("real=yes", &err),
          *toy = help_env (registry, "toy", options);
  CU_ASSERT_STRING_EQUAL (err.text, "");
  CU_ASSERT_PTR_NOT_NULL_FATAL (proxy);
  uint32_t n = gym_space_size (gym_env_space (toy)), real = 1, refusals = 0;
  gym_rng rng;
  gym_rng_init (&rng, 9);
  for (uint64_t i = 0; i < 300; i++) {
    double a[16], b[16], x[8], y[8];
    uint32_t one, two;
    gym_space_sample (gym_env_space (toy), &rng, a);
    memcpy (b, a, sizeof a);
    CU_ASSERT_EQUAL (gym_env_repair (proxy, a), gym_env_repair (toy, b));
    CU_ASSERT_EQUAL (memcmp (a, b, n * sizeof *a), 0);
    gym_env_evaluate (proxy, 1, a, &real, &i, x, &one, NULL, &err);
    gym_env_evaluate (toy, 1, b, NULL, &i, y, &two, NULL, &err);
    refusals += one == GYM_TRIAL_INFEASIBLE;
    CU_ASSERT_EQUAL (one, two);
    for (uint32_t j = 0; j < 4; j++) {
      CU_ASSERT (x[j] == y[j] || (isnan (x[j]) && isnan (y[j])));
      CU_ASSERT (isnan (x[4 + j])); /* a measurement has no spread */
    }
  }
  CU_ASSERT (options ? refusals > 0 : refusals == 0);
  gym_env_destroy (&toy);
  gym_env_destroy (&proxy);
  finish ();
}

static void
test_real (void)
{
  static const char *const strict[] = { "repair=no", "limit=16", NULL };
  real_is_real (NULL);
  real_is_real (strict);
}

static void
test_refused (void)
{
  gym_error err = { 0 };
  begin (NULL);
  /* A model of env `proxy` itself would open it without end. */
  gym_proxy *p = gym_proxy_load (registry, model, NULL, &err);
  CU_ASSERT_EQUAL (gym_proxy_set_note (p,
                                       "{\"env\": \"{\\\"id\\\": \\\"proxy-v1\\\"}\", "
                                       "\"fidelity\": \"full\", \"stores\": []}",
                                       &err),
                   GYM_OK);
  gym_proxy_save (p, model, &err);
  CU_ASSERT_PTR_NULL (open_proxy ("real=yes", &err));
  CU_ASSERT (help_says (&err, "env proxy-v1 cannot be opened inside itself"));
  /* Without a note there is nothing real behind it, but it may be searched. */
  gym_proxy_set_note (p, NULL, &err);
  gym_proxy_save (p, model, &err);
  CU_ASSERT_PTR_NULL (open_proxy ("real=yes", &err));
  CU_ASSERT (help_says (&err, "does not say which env it stands for"));
  gym_env *env = open_proxy (NULL, &err);
  CU_ASSERT_PTR_NOT_NULL (env);
  gym_env_destroy (&env);
  gym_proxy_destroy (&p);
  FILE *f = fopen (model, "wb");
  fputs ("no model", f);
  fclose (f);
  CU_ASSERT_PTR_NULL (open_proxy (NULL, &err));
  CU_ASSERT (help_says (&err, "is not a model file"));
  finish ();
}

int
main (void)
{
  static const struct tap_test tests[] = { { "real evaluations and rules are the env's",
                                             test_real },
                                           { "what cannot be opened", test_refused },
                                           { 0 } };
  return tap_run ("host_models", tests);
}
