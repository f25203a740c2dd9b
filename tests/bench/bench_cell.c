/* What the env `cell` costs with its defaults: loading images, a training, and the
 * memory of both. Fashion-MNIST's lines are left out where it is not installed. */
#include "tests/bench/bench.h"
#include <gym/gym.h>
#include <gym/rng.h>

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { EDGES = 6, OPERATORS = 5, CONV3 = 3, METRICS = 64, RANDOM = 16 };

static void
fail (const char *text)
{
  fprintf (stderr, "bench_cell: %s\n", text);
  exit (1);
}

static gym_registry *
plugins (void)
{
  gym_error err = { 0 };
  gym_registry *r = gym_registry_new (&err);
  if (!r || gym_registry_scan (r, &err) < 0)
    fail (err.text);
  return r;
}

/* NULL: the images are not there. */
static gym_env *
open_cell (const gym_registry *r, const char *data)
{
  gym_error err = { 0 };
  gym_settings *s = gym_settings_new (&err);
  if (!s || gym_settings_set (s, "data", data, &err) < 0)
    fail (err.text);
  gym_env *env = gym_env_open (r, "cell", s, &err);
  gym_settings_destroy (&s);
  if (!env && err.code != GYM_ENOTFOUND)
    fail (err.text);
  return env;
}

/* CPU seconds of an evaluation, the least of `tries`: noise only ever adds. Each has a
 * seed of its own, as the env remembers what it has evaluated. */
static double
train (gym_env *env, const double *cell, int tries)
{
  double best = 1e9, metrics[METRICS];
  for (int i = 0; i < tries; i++) {
    uint64_t seed = (uint64_t)i;
    uint32_t status;
    gym_error err = { 0 };
    double from = bench_cpu ();
    if (gym_env_evaluate (env, 1, cell, NULL, &seed, metrics, &status, NULL, &err) < 0)
      fail (err.text);
    double seconds = bench_cpu () - from;
    if (status != GYM_TRIAL_OK)
      fail (gym_status_name (status));
    best = seconds < best ? seconds : best;
  }
  return best;
}

/* Most arithmetic: nothing but 3x3 convolutions. */
static double
train_costliest (gym_env *env, int tries)
{
  const double cell[EDGES] = { CONV3, CONV3, CONV3, CONV3, CONV3, CONV3 };
  return train (env, cell, tries);
}

static double
train_random (gym_env *env, int tries)
{
  gym_rng rng;
  double sum = 0, cell[EDGES];
  gym_rng_init (&rng, 1);
  for (int i = 0; i < RANDOM; i++) {
    for (int e = 0; e < EDGES; e++)
      cell[e] = (double)gym_rng_below (&rng, OPERATORS);
    sum += train (env, cell, tries);
  }
  return sum / RANDOM;
}

static double
load (const gym_registry *r, const char *data, int tries)
{
  double best = 1e9;
  for (int i = 0; i < tries; i++) {
    double from = bench_cpu ();
    gym_env *env = open_cell (r, data);
    double seconds = bench_cpu () - from;
    best = seconds < best ? seconds : best;
    gym_env_destroy (&env);
  }
  return best;
}

/* Most memory of a process that opens the env and trains once, in MB. */
static double
memory (const char *data)
{
  struct rusage usage;
  int status;
  pid_t child = fork ();
  if (child == 0) {
    gym_registry *r = plugins ();
    gym_env *env = open_cell (r, data);
    if (env)
      train_costliest (env, 1);
    gym_env_destroy (&env);
    gym_registry_destroy (&r);
    _exit (0);
  }
  if (child < 0 || wait4 (child, &status, 0, &usage) != child || status != 0)
    fail ("the process whose memory is measured failed");
  return (double)usage.ru_maxrss * 1024 / 1e6;
}

static void
bench_digits (const gym_registry *r)
{
  gym_env *env = open_cell (r, "digits");
  if (!env)
    fail ("no digits");
  bench_at_most ("cell, digits: loading", load (r, "digits", 5), 0.02, "CPU-s");
  bench_at_most ("cell, digits: a training, mean of random cells", train_random (env, 2),
                 0.25, "CPU-s");
  bench_at_most ("cell, digits: a training, costliest cell", train_costliest (env, 5),
                 0.25, "CPU-s");
  gym_env_destroy (&env);
}

/* Of its time nothing is asked but that it be no more than it was; the 10,000 images that
 * validate are part of it. */
static void
bench_fashion (const gym_registry *r, double megabytes)
{
  const char *data = "fashion-mnist";
  gym_env *env = open_cell (r, data);
  if (!env)
    return;
  bench_at_most ("cell, Fashion-MNIST: loading", load (r, data, 2), 1, "CPU-s");
  bench_at_most ("cell, Fashion-MNIST: a training, costliest cell",
                 train_costliest (env, 2), 7, "CPU-s");
  bench_at_most ("cell, Fashion-MNIST: memory of a training", megabytes, 200, "MB");
  gym_env_destroy (&env);
}

/* Memory first: a child begins with what its parent has. */
int
main (void)
{
  double megabytes = memory ("fashion-mnist");
  gym_registry *r = plugins ();
  bench_digits (r);
  bench_fashion (r, megabytes);
  gym_registry_destroy (&r);
  return 0;
}
