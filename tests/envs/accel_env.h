/* What the tests of the accelerator environments share. */
#ifndef TESTS_ENVS_ACCEL_ENV_H
#define TESTS_ENVS_ACCEL_ENV_H

#include "tests/core/help.h"

#include "envs/accel/network.h"

#include <math.h>

enum { ACCEL_ENV_METRICS = 32, ACCEL_ENV_PARAMS = 128 };

/* An env under test with the last row it gave. */
struct accel_env {
  gym_registry *r;
  gym_env *env;
  double metrics[ACCEL_ENV_METRICS];
  uint32_t status;
  char note[GYM_NOTE];
};

static struct accel_env
accel_env_open (const char *id, const char *const *settings)
{
  struct accel_env e = { .r = help_registry () };
  e.env = help_env (e.r, id, settings);
  CU_ASSERT_FATAL (e.env != NULL);
  CU_ASSERT_FATAL (gym_env_metrics (e.env)->n <= ACCEL_ENV_METRICS);
  return e;
}

static void
accel_env_close (struct accel_env *e)
{
  gym_env_destroy (&e->env);
  gym_registry_destroy (&e->r);
}

/* Evaluates "name=value,..." (the rest default) at a fidelity. */
static void
accel_env_run (struct accel_env *e, const char *design, uint32_t fidelity)
{
  double row[ACCEL_ENV_PARAMS];
  gym_error err = { 0 };
  CU_ASSERT_FATAL (gym_space_size (gym_env_space (e->env)) <= ACCEL_ENV_PARAMS);
  if (gym_design_parse (gym_env_space (e->env), design, row, &err) < 0
      || gym_env_evaluate (e->env, 1, row, &fidelity, NULL, e->metrics, &e->status,
                           e->note, &err)
             < 0) {
    tap_note ("%s", err.text);
    CU_FAIL_FATAL ("a design cannot be evaluated");
  }
}

static double
accel_env_value (const struct accel_env *e, const char *metric)
{
  int i = gym_env_find_metric (e->env, metric, NULL);
  CU_ASSERT_FATAL (i >= 0);
  return e->metrics[i];
}

/* Runs "name=value,..." for its details, and as accel_env_run. */
static void
accel_env_detail (struct accel_env *e, const char *design,
                  void (*emit) (void *sink, const char *label, const double *values),
                  void *sink)
{
  double row[ACCEL_ENV_PARAMS];
  CU_ASSERT_FATAL (gym_design_parse (gym_env_space (e->env), design, row, NULL) >= 0);
  CU_ASSERT_EQUAL (gym_env_detail (e->env, row, 0, 0, emit, sink, NULL), GYM_OK);
  accel_env_run (e, design, 0);
}

/* Sums over the rows of layers, whose first columns envs/accel/network.h has. */
struct accel_env_sums {
  double cycles, energy;
  size_t rows;
};

static void
accel_env_add_row (void *sink, const char *label, const double *values)
{
  struct accel_env_sums *s = sink;
  CU_ASSERT (*label != '\0');
  s->cycles += values[LAYER_TIMES] * values[LAYER_CYCLES];
  s->energy += values[LAYER_TIMES] * values[LAYER_ENERGY];
  s->rows++;
}

/* The rows add up to the metrics. */
static void
accel_env_check_layers (const char *id, const char *design, size_t rows,
                        uint32_t n_columns)
{
  struct accel_env e = accel_env_open (id, NULL);
  struct accel_env_sums s = { .rows = 0 };
  CU_ASSERT_EQUAL (gym_env_detail_columns (e.env)->n, n_columns);
  accel_env_detail (&e, design, accel_env_add_row, &s);
  CU_ASSERT_EQUAL (s.rows, rows);
  CU_ASSERT_EQUAL (s.cycles, accel_env_value (&e, "cycles"));
  CU_ASSERT_DOUBLE_EQUAL (s.energy, accel_env_value (&e, "energy"), 1e-6);
  accel_env_close (&e);
}

/* Opening with these settings fails and says `word`. */
static void
accel_env_refuses (const char *id, const char *const *texts, const char *word)
{
  gym_error err = { 0 };
  gym_registry *r = help_registry ();
  gym_settings *s = help_settings (texts);
  gym_env *env = gym_env_open (r, id, s, &err);
  CU_ASSERT_PTR_NULL (env);
  CU_ASSERT (help_says (&err, word));
  gym_env_destroy (&env);
  gym_settings_destroy (&s);
  gym_registry_destroy (&r);
}

/* A file with this text, in a folder of its own. */
static const char *
accel_env_file (char path[256], const char *name, const char *text)
{
  FILE *file;
  CU_ASSERT_FATAL (help_scratch (path, name) != NULL);
  file = fopen (path, "w");
  CU_ASSERT_FATAL (file != NULL);
  CU_ASSERT (fputs (text, file) >= 0);
  CU_ASSERT_EQUAL (fclose (file), 0);
  return path;
}

#endif
