/* Open environments: what crosses the border is checked both ways. */
#include "tests/core/help.h"

#include <math.h>

enum { rows = 64 };

static void
sample (gym_env *env, uint64_t seed, double *designs, bool repair)
{
  uint32_t p = gym_space_size (gym_env_space (env));
  gym_rng rng;
  gym_rng_init (&rng, seed);
  for (int i = 0; i < rows; i++) {
    gym_space_sample (gym_env_space (env), &rng, designs + (size_t)i * p);
    if (repair)
      gym_env_repair (env, designs + (size_t)i * p);
  }
}

static void
test_describe (void)
{
  gym_error err = { 0 };
  gym_registry *r = help_registry ();
  gym_env *env = help_env (r, "toy", NULL);
  CU_ASSERT_FATAL (env != NULL);
  CU_ASSERT_EQUAL (gym_space_size (gym_env_space (env)), 8);
  CU_ASSERT_EQUAL (gym_env_metrics (env)->n, 4);
  CU_ASSERT_EQUAL (gym_env_fidelities (env)->n, 3);
  CU_ASSERT_EQUAL (gym_env_find_metric (env, "energy", NULL), 1);
  CU_ASSERT_EQUAL (gym_env_find_metric (env, "enregy", &err), GYM_ENOTFOUND);
  CU_ASSERT (help_says (&err, "did you mean energy?"));
  CU_ASSERT (help_says (&err, "delay, energy, throughput, utilisation"));
  CU_ASSERT_EQUAL (gym_env_find_fidelity (env, "full", NULL), 2);
  CU_ASSERT_EQUAL (gym_env_find_fidelity (env, "fast", &err), GYM_ENOTFOUND);
  CU_ASSERT_PTR_NOT_NULL (strstr (gym_env_identity (env), "\"toy-v1\""));
  gym_env_destroy (&env);
  CU_ASSERT_PTR_NULL (env);
  env = help_env (r, "faulty", NULL);
  CU_ASSERT_EQUAL (gym_env_fidelities (env)->n, 1);
  CU_ASSERT_EQUAL (gym_env_fidelities (env)->items[0].cost, 1);
  gym_env_destroy (&env);
  gym_registry_destroy (&r);
}

static void
test_refusals (void)
{
  static const char *const unknown[] = { "surfce=rugged", NULL }, *const level[] = {
    "surface=rough", NULL
  };
  const struct {
    const char *id;
    const char *const *options;
    const char *word;
  } cases[] = { { "tyo", NULL, "did you mean" },
                { "toy", unknown, "surface" },
                { "toy", level, "rugged" },
                { "needy", NULL, "factor" } };
  gym_registry *r = help_registry ();
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    gym_error err = { 0 };
    gym_settings *s = help_settings (cases[i].options);
    CU_ASSERT_PTR_NULL (gym_env_open (r, cases[i].id, s, &err));
    CU_ASSERT (err.code < 0 && help_says (&err, cases[i].word));
    gym_settings_destroy (&s);
  }
  gym_registry_destroy (&r);
}

static void
test_batch_equals_singles (void)
{
  gym_registry *r = help_registry ();
  gym_env *env = help_env (r, "toy", NULL);
  double designs[rows * 8], all[rows * 4], one[4];
  uint32_t statuses[rows], status;
  sample (env, 3, designs, false);
  CU_ASSERT_EQUAL (
      gym_env_evaluate (env, rows, designs, NULL, NULL, all, statuses, NULL, NULL),
      GYM_OK);
  int infeasible = 0;
  for (int i = rows - 1; i >= 0; i--) {
    CU_ASSERT_EQUAL (
        gym_env_evaluate (env, 1, designs + i * 8, NULL, NULL, one, &status, NULL, NULL),
        GYM_OK);
    CU_ASSERT_EQUAL (status, statuses[i]);
    infeasible += status == GYM_TRIAL_INFEASIBLE;
    for (int j = 0; j < 4; j++) {
      CU_ASSERT (one[j] == all[i * 4 + j] || (isnan (one[j]) && isnan (all[i * 4 + j])));
      CU_ASSERT_EQUAL (isnan (one[j]), status != GYM_TRIAL_OK);
    }
  }
  CU_ASSERT (infeasible > 0 && infeasible < rows);
  sample (env, 3, designs, true);
  gym_env_evaluate (env, rows, designs, NULL, NULL, all, statuses, NULL, NULL);
  for (int i = 0; i < rows; i++)
    CU_ASSERT_EQUAL (statuses[i], GYM_TRIAL_OK);
  gym_env_destroy (&env);
  gym_registry_destroy (&r);
}

static void
test_fidelities (void)
{
  gym_registry *r = help_registry ();
  gym_env *env = help_env (r, "toy", NULL);
  double design[8], metrics[4];
  uint32_t status, level = 0;
  gym_space_default (gym_env_space (env), design);
  gym_env_evaluate (env, 1, design, &level, NULL, metrics, &status, NULL, NULL);
  CU_ASSERT_EQUAL (status, GYM_TRIAL_OK);
  CU_ASSERT (isfinite (metrics[0]) && isfinite (metrics[1]));
  CU_ASSERT (isnan (metrics[2]) && isnan (metrics[3]));
  gym_error err = { 0 };
  level = 3;
  CU_ASSERT_EQUAL (
      gym_env_evaluate (env, 1, design, &level, NULL, metrics, &status, NULL, &err),
      GYM_EINVAL);
  CU_ASSERT (help_says (&err, "fidelity 3"));
  gym_env_destroy (&env);
  gym_registry_destroy (&r);
}

static void
test_bad_designs (void)
{
  gym_registry *r = help_registry ();
  gym_env *env = help_env (r, "toy", NULL);
  static const double bad[] = { NAN, INFINITY, -INFINITY, -1, 17, 2.5 };
  double designs[2 * 8], metrics[8] = { 7 };
  uint32_t statuses[2] = { 99, 99 };
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    gym_error err = { 0 };
    gym_space_default (gym_env_space (env), designs);
    gym_space_default (gym_env_space (env), designs + 8);
    designs[8 + 2] = bad[i];
    CU_ASSERT_EQUAL (
        gym_env_evaluate (env, 2, designs, NULL, NULL, metrics, statuses, NULL, &err),
        GYM_EINVAL);
    CU_ASSERT (help_says (&err, "rows") && help_says (&err, "design 1"));
    CU_ASSERT (metrics[0] == 7 && statuses[0] == 99);
  }
  gym_env_destroy (&env);
  gym_registry_destroy (&r);
}

/* Faults of single rows do not reach their neighbours, whatever shares a batch. */
static void
test_faults (void)
{
  static const struct {
    const char *option;
    uint32_t status;
    const char *note;
  } cases[] = { { "fault=fail", GYM_TRIAL_FAILED, "struck on request" },
                { "fault=nan", GYM_TRIAL_FAILED, "weight is not a number" },
                { "fault=infinity", GYM_TRIAL_FAILED, "weight is infinite" },
                { "fault=infeasible", GYM_TRIAL_INFEASIBLE, "" },
                { "fault=error", GYM_TRIAL_FAILED, "struck on request" } };
  gym_registry *r = help_registry ();
  for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
    const char *const options[] = { cases[c].option, "at=3,5", NULL };
    gym_env *env = help_env (r, "faulty", options);
    double designs[16], metrics[16];
    uint32_t statuses[8];
    char notes[8 * GYM_NOTE];
    for (int i = 0; i < 8; i++) {
      designs[2 * i] = i;
      designs[2 * i + 1] = 0;
    }
    CU_ASSERT_EQUAL (
        gym_env_evaluate (env, 8, designs, NULL, NULL, metrics, statuses, notes, NULL),
        GYM_OK);
    for (int i = 0; i < 8; i++) {
      bool struck = i == 3 || i == 5;
      CU_ASSERT_EQUAL (statuses[i], struck ? cases[c].status : GYM_TRIAL_OK);
      CU_ASSERT_EQUAL (isnan (metrics[2 * i]), struck);
      if (struck)
        CU_ASSERT_PTR_NOT_NULL (strstr (notes + i * GYM_NOTE, cases[c].note));
    }
    gym_env_destroy (&env);
  }
  gym_registry_destroy (&r);
}

static void
test_cancel (void)
{
  static const char *const options[] = { "fault=sleep", "share=1", "seconds=1000", NULL };
  gym_registry *r = help_registry ();
  gym_env *env = help_env (r, "faulty", options);
  atomic_bool flag = true;
  double design[2] = { 1, 0 }, metrics[2];
  uint32_t status;
  gym_error err = { 0 };
  gym_env_set_cancel (env, &flag);
  CU_ASSERT_EQUAL (
      gym_env_evaluate (env, 1, design, NULL, NULL, metrics, &status, NULL, &err),
      GYM_ECANCELLED);
  gym_env_destroy (&env);
  gym_registry_destroy (&r);
}

static void
test_noise (void)
{
  gym_registry *r = help_registry ();
  gym_env *env = help_env (r, "noisy", NULL);
  uint32_t n = gym_env_metrics (env)->n, status;
  double *design = calloc (gym_space_size (gym_env_space (env)), sizeof (double));
  double *a = calloc (3 * n, sizeof (double));
  uint64_t seeds[] = { 1, 2, 1 };
  gym_space_default (gym_env_space (env), design);
  for (int i = 0; i < 3; i++)
    gym_env_evaluate (env, 1, design, NULL, &seeds[i], a + (size_t)i * n, &status, NULL,
                      NULL);
  CU_ASSERT (a[0] != a[n]);
  CU_ASSERT (a[0] == a[2 * n]);
  free (design);
  free (a);
  gym_env_destroy (&env);
  gym_registry_destroy (&r);
}

/* An env that writes its sealed metric whether it is asked to or not, and puts into the
 * other one whether it was asked; a negative x makes the sealed one NaN. */
struct eager {
  char unused;
};

static int
eager_open (void *self, const struct gym_host *host, gym_error *err)
{
  (void)self, (void)host, (void)err;
  return GYM_OK;
}

static void
eager_close (void *self)
{
  (void)self;
}

static int
eager_space (void *self, struct gym_params *out, gym_error *err)
{
  static const struct gym_param params[] = {
    { .name = "x", .doc = "A number.", .kind = GYM_REAL, .low = -1, .high = 1 }
  };
  (void)self, (void)err;
  *out = (struct gym_params)GYM_ARRAY (gym_params, params);
  return GYM_OK;
}

static int
eager_metrics (void *self, struct gym_metrics *out, gym_error *err)
{
  static const struct gym_metric metrics[] = {
    { .name = "asked", .doc = "Whether.", .sense = GYM_NEUTRAL },
    { .name = "secret", .doc = "Sealed.", .flags = GYM_METRIC_SEALED },
  };
  (void)self, (void)err;
  *out = (struct gym_metrics)GYM_ARRAY (gym_metrics, metrics);
  return GYM_OK;
}

static int
eager_evaluate (void *self, struct gym_batch *batch, gym_error *err)
{
  (void)self, (void)err;
  for (size_t i = 0; i < batch->n; i++) {
    batch->metrics[2 * i] = gym_batch_sealed (batch);
    batch->metrics[2 * i + 1] = batch->designs[i] < 0 ? NAN : 7;
  }
  return GYM_OK;
}

static const struct gym_env_class eager_class = {
  .struct_size = sizeof (struct gym_env_class),
  .id = "eager-v1",
  .summary = "Tells what it should not",
  .doc = "For tests.",
  .source = "made up",
  .instance_size = sizeof (struct eager),
  .open = eager_open,
  .close = eager_close,
  .space = eager_space,
  .metrics = eager_metrics,
  .evaluate = eager_evaluate,
};

static const struct gym_env_class *const eager_classes[] = { &eager_class, NULL };
static const struct gym_plugin eager_plugin = {
  GYM_PLUGIN_ABI,   .name = "eager",     .version = "1",
  .licence = "MIT", .doc = "For tests.", .envs = eager_classes
};

static void
test_sealed (void)
{
  gym_registry *r = gym_registry_new (NULL);
  gym_error err = { 0 };
  const double designs[] = { 0.5, -0.5 };
  double m[4];
  uint32_t status[2];
  CU_ASSERT_EQUAL (gym_registry_add (r, &eager_plugin, "this test", &err), GYM_OK);
  gym_env *env = help_env (r, "eager", NULL);
  CU_ASSERT_EQUAL (gym_env_sealed (env), 1);
  for (int i = 0; i < 2; i++) { /* before and after somebody read */
    gym_env_evaluate (env, 2, designs, NULL, NULL, m, status, NULL, NULL);
    CU_ASSERT (m[0] == 0 && isnan (m[1]) && m[2] == 0 && isnan (m[3]));
    CU_ASSERT (status[0] == GYM_TRIAL_OK && status[1] == GYM_TRIAL_OK);
    gym_env_evaluate_sealed (env, 2, designs, NULL, NULL, m, status, NULL, NULL);
    CU_ASSERT (m[0] == 1 && m[1] == 7 && isnan (m[2]) && isnan (m[3]));
    CU_ASSERT (status[0] == GYM_TRIAL_OK && status[1] == GYM_TRIAL_FAILED);
  }
  gym_env_destroy (&env);
  gym_registry_destroy (&r);
}

/* A plugin under a host that is older than the flag. */
static void
test_older_host (void)
{
  struct gym_batch batch = { .struct_size = offsetof (struct gym_batch, flags),
                             .flags = GYM_BATCH_SEALED };
  CU_ASSERT (!gym_batch_sealed (&batch));
  batch.struct_size = sizeof batch;
  CU_ASSERT (gym_batch_sealed (&batch));
  batch.flags = 0;
  CU_ASSERT (!gym_batch_sealed (&batch));
}

static void
test_status_names (void)
{
  for (uint32_t s = 0; s <= GYM_TRIAL_OOM; s++)
    CU_ASSERT_EQUAL (gym_status_parse (gym_status_name (s)), (int)s);
  CU_ASSERT_EQUAL (gym_status_parse ("fine"), -1);
  CU_ASSERT_STRING_EQUAL (gym_status_name (77), "unknown");
}

int
main (void)
{
  static const struct tap_test tests[] = { { "descriptions", test_describe },
                                           { "refused to open", test_refusals },
                                           { "a batch equals its rows",
                                             test_batch_equals_singles },
                                           { "fidelities", test_fidelities },
                                           { "bad designs", test_bad_designs },
                                           { "faulty rows", test_faults },
                                           { "cancellation", test_cancel },
                                           { "evaluation seeds", test_noise },
                                           { "sealed metrics", test_sealed },
                                           { "an older host", test_older_host },
                                           { "names of statuses", test_status_names },
                                           { 0 } };
  return tap_run ("env", tests);
}
