/* Proxy models: what learning and predicting costs, and how good they are on the memory
 * controller with ArchGym's traces, beside scikit-learn's forest on the same rows where
 * that is installed (it knows no levels without order, and is given a column a level).
 * Traces: dram/archgym_traces in the reference data, which lie beside the checkout or in
 * $GYM_REFERENCE; without them only time is measured. */
#include "tests/bench/bench.h"
#include "tests/plugins/play.h"
#include "tests/plugins/spaces.h"

#include <gym/gym.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TARGETS = 3, LEARN = 10000, JUDGE = 2000, FEW = 1600, DRAWS = 5 };

static const struct gym_metric items[TARGETS] = { { .name = "total_time", .unit = "ns" },
                                                  { .name = "power", .unit = "mW" },
                                                  { .name = "energy", .unit = "nJ" } };

struct rows {
  const gym_space *space;
  uint32_t width;
  size_t n;
  double *designs, *targets, *mean, *spread;
};

static void
check (int code, const gym_error *err)
{
  if (code >= 0)
    return;
  fprintf (stderr, "bench_proxy: %s\n", err->text);
  exit (1);
}

static struct rows
rows_new (const gym_space *space, size_t n)
{
  struct rows r = { .space = space, .width = gym_space_size (space), .n = n };
  r.designs = calloc (n * r.width, sizeof *r.designs);
  r.targets = calloc (n * TARGETS, sizeof *r.targets);
  r.mean = calloc (n * TARGETS, sizeof *r.mean);
  r.spread = calloc (n * TARGETS, sizeof *r.spread);
  if (!r.designs || !r.targets || !r.mean || !r.spread)
    exit (1);
  return r;
}

static void
rows_free (struct rows *r)
{
  free (r->designs);
  free (r->targets);
  free (r->mean);
  free (r->spread);
}

/* Repeats would make what a model knows look like what it can tell. */
static void
draw_designs (struct rows *r, gym_rng *rng)
{
  enum { SLOTS = 1 << 16 };
  uint64_t *seen = calloc (SLOTS, sizeof *seen);
  if (!seen)
    exit (1);
  for (size_t i = 0; i < r->n;) {
    gym_space_sample (r->space, rng, r->designs + i * r->width);
    uint64_t hash = gym_space_hash (r->space, r->designs + i * r->width) | 1;
    size_t at = hash % SLOTS;
    while (seen[at] != 0 && seen[at] != hash)
      at = (at + 1) % SLOTS;
    i += seen[at] == 0;
    seen[at] = hash;
  }
  free (seen);
}

/* ---- models ---- */

static gym_proxy *
learn (const gym_registry *registry, const char *id, const struct rows *r, uint32_t m,
       size_t from, size_t n, const double *targets)
{
  const struct gym_metrics list = {
    .struct_size = sizeof list, .n = m, .stride = sizeof items[0], .items = items
  };
  gym_error err = { 0 };
  gym_proxy *p = gym_proxy_open (registry, id, NULL, r->space, &list, 1, &err);
  check (p ? 0 : -1, &err);
  check (gym_proxy_fit (p, n, r->designs + from * r->width, targets + from * m, &err),
         &err);
  return p;
}

/* The best of a few: noise only ever adds. Microseconds a design. */
static double
batched (gym_proxy *p, const struct rows *r, double *spread)
{
  double best = 1e9;
  gym_error err = { 0 };
  for (int k = 0; k < 20; k++) {
    double from = bench_cpu ();
    check (gym_proxy_predict (p, JUDGE, r->designs, r->mean, spread, &err), &err);
    best = fmin (best, (bench_cpu () - from) / JUDGE * 1e6);
  }
  return best;
}

static double
single (gym_proxy *p, const struct rows *r)
{
  double best = 1e9;
  gym_error err = { 0 };
  for (int k = 0; k < 20; k++) {
    double from = bench_cpu ();
    for (size_t i = 0; i < JUDGE; i++)
      check (gym_proxy_predict (p, 1, r->designs + i * r->width, r->mean, NULL, &err),
             &err);
    best = fmin (best, (bench_cpu () - from) / JUDGE * 1e6);
  }
  return best;
}

/* ---- env proxy ---- */

/* Microseconds of an evaluation in batches of JUDGE: predictions of mean and spread, and
 * what the way there costs. */
static double
evaluated (gym_env *env, const struct rows *r)
{
  double best = 1e9, *metrics = calloc (JUDGE * 2, sizeof *metrics);
  uint32_t *statuses = calloc (JUDGE, sizeof *statuses);
  gym_error err = { 0 };
  if (!metrics || !statuses || gym_env_metrics (env)->n != 2)
    exit (1);
  for (int k = 0; k < 20; k++) {
    double from = bench_cpu ();
    check (gym_env_evaluate (env, JUDGE, r->designs, NULL, NULL, metrics, statuses, NULL,
                             &err),
           &err);
    best = fmin (best, (bench_cpu () - from) / JUDGE * 1e6);
  }
  free (metrics);
  free (statuses);
  return best;
}

/* Of one target, whose model takes the name of an env that it does not need. */
static void
bench_env (const gym_registry *registry, gym_proxy *p, const struct rows *r)
{
  char path[] = "/tmp/gym-bench-XXXXXX";
  int file = mkstemp (path);
  gym_error err = { 0 };
  gym_settings *settings = gym_settings_new (&err);
  check (file < 0 || !settings ? -1 : 0, &err);
  close (file);
  check (gym_proxy_set_note (p,
                             "{\"env\": \"none\", \"fidelity\": \"full\","
                             " \"stores\": [], \"rules\": false}",
                             &err),
         &err);
  check (gym_proxy_save (p, path, &err), &err);
  check (gym_settings_set (settings, "model", path, &err), &err);
  gym_env *env = gym_env_open (registry, "proxy", settings, &err);
  check (env ? 0 : -1, &err);
  bench_at_most ("env proxy, an evaluation over the prediction it is",
                 evaluated (env, r) / batched (p, r, r->spread), 1.5, "times");
  gym_env_destroy (&env);
  gym_settings_destroy (&settings);
  unlink (path);
}

/* ---- learning ---- */

/* 12 parameters with interactions, as many rows as a study of an afternoon has. */
static void
bench_learning (const gym_registry *registry)
{
  static const char *const ids[] = { "forest", "gbdt" };
  gym_space *space = spaces_wide ();
  struct rows r = rows_new (space, LEARN);
  gym_rng rng;
  gym_rng_init (&rng, 1);
  draw_designs (&r, &rng);
  for (size_t i = 0; i < r.n; i++) {
    const double *x = r.designs + i * r.width;
    r.targets[i] = 100 + 3 * sin (x[0] + x[1]) + (x[2] > 2 && x[4] > 7 ? 20 : 0)
                   + x[5] * x[6] / 10 + sqrt (x[7] + x[8]);
  }
  for (int k = 0; k < 2; k++) {
    char line[100];
    double best = 1e9;
    gym_proxy *p = NULL;
    for (int i = 0; i < 3; i++) {
      double from = bench_cpu ();
      gym_proxy_destroy (&p);
      p = learn (registry, ids[k], &r, 1, 0, LEARN, r.targets);
      best = fmin (best, bench_cpu () - from);
    }
    snprintf (line, sizeof line, "%s, learning 10,000 rows of 12 parameters", ids[k]);
    bench_at_most (line, best, 0.7, "CPU-s");
    if (k == 1) {
      bench_at_most ("gbdt, a prediction of 12 parameters", single (p, &r), 2, "CPU-us");
      bench_at_most ("gbdt, the same in a batch", batched (p, &r, NULL), 0.5, "CPU-us");
      bench_env (registry, p, &r);
    }
    gym_proxy_destroy (&p);
  }
  rows_free (&r);
  gym_space_destroy (&space);
}

/* ---- the memory controller ---- */

/* Relative RMSE in % of each target on the last JUDGE rows. */
static void
judge (gym_proxy *p, struct rows *r, double *errors)
{
  gym_error err = { 0 };
  size_t first = r->n - JUDGE;
  check (gym_proxy_predict (p, JUDGE, r->designs + first * r->width, r->mean, r->spread,
                            &err),
         &err);
  for (uint32_t t = 0; t < TARGETS; t++) {
    double squares = 0, sum = 0;
    for (size_t i = 0; i < JUDGE; i++) {
      double y = r->targets[(first + i) * TARGETS + t];
      squares += pow (r->mean[i * TARGETS + t] - y, 2);
      sum += y;
    }
    errors[t] = 100 * sqrt (squares / JUDGE) / (sum / JUDGE);
  }
}

/* The same of scikit-learn's forest; false where there is none. */
static bool
ask_scikit (const struct rows *r, size_t from, size_t n, double *errors)
{
  const char *top = getenv ("GYM_SOURCE_TOP");
  char path[] = "/tmp/gym-bench-XXXXXX", command[1024];
  int file = mkstemp (path);
  FILE *out = file >= 0 ? fdopen (file, "w") : NULL;
  if (!out)
    exit (1);
  fprintf (out, "%zu %d", n, TARGETS);
  for (uint32_t j = 0; j < r->width; j++)
    if (gym_space_param (r->space, j)->kind == GYM_CATEGORICAL)
      fprintf (out, " %u", j);
  fprintf (out, "\n");
  for (size_t k = 0; k < n + JUDGE; k++) {
    size_t i = k < n ? from + k : r->n - JUDGE + k - n;
    for (uint32_t j = 0; j < r->width; j++)
      fprintf (out, "%.17g ", r->designs[i * r->width + j]);
    for (uint32_t t = 0; t < TARGETS; t++)
      fprintf (out, "%.17g%s", r->targets[i * TARGETS + t], t + 1 < TARGETS ? " " : "\n");
  }
  fclose (out);
  snprintf (command, sizeof command,
            "/usr/bin/python3 '%s/tests/plugins/scikit_forest.py' '%s' 2>/dev/null",
            top ? top : ".", path);
  FILE *pipe = popen (command, "r");
  uint32_t t = 0;
  while (pipe && t < TARGETS && fscanf (pipe, "%lf", &errors[t]) == 1)
    errors[t++] *= 100;
  if (pipe)
    pclose (pipe);
  unlink (path);
  return t == TARGETS;
}

static void
add_draws (const gym_registry *registry, struct rows *r, const char *id, double *errors)
{
  memset (errors, 0, TARGETS * sizeof *errors);
  for (size_t d = 0; d < DRAWS; d++) {
    double one[TARGETS];
    gym_proxy *p = learn (registry, id, r, TARGETS, d * FEW, FEW, r->targets);
    judge (p, r, one);
    for (uint32_t t = 0; t < TARGETS; t++)
      errors[t] += one[t] / DRAWS;
    gym_proxy_destroy (&p);
  }
}

static void
bench_few (const gym_registry *registry, struct rows *r, const char *trace)
{
  static const double asked[TARGETS] = { 2.5, 1.1, 0.9 };
  double ours[TARGETS], forest[TARGETS], scikit[TARGETS] = { 0 }, one[TARGETS];
  char line[100];
  bool there = true;
  add_draws (registry, r, "gbdt", ours);
  add_draws (registry, r, "forest", forest);
  for (size_t d = 0; d < DRAWS && there; d++) {
    there = ask_scikit (r, d * FEW, FEW, one);
    for (uint32_t t = 0; t < TARGETS && there; t++)
      scikit[t] += one[t] / DRAWS;
  }
  for (uint32_t t = 0; t < TARGETS; t++) {
    snprintf (line, sizeof line, "gbdt, %s, 1,600 rows, %s", trace, items[t].name);
    bench_at_most (line, ours[t], asked[t], "% RMSE");
    if (!there)
      continue;
    snprintf (line, sizeof line, "forest, %s, 1,600 rows, %s, 1.1 scikit-learn's", trace,
              items[t].name);
    bench_at_most (line, forest[t], 1.1 * scikit[t], "% RMSE");
  }
}

static void
bench_many (const gym_registry *registry, struct rows *r, const char *trace,
            double simulator)
{
  double errors[TARGETS];
  char line[100];
  double from = bench_cpu ();
  gym_proxy *p = learn (registry, "gbdt", r, TARGETS, 0, LEARN, r->targets);
  snprintf (line, sizeof line, "gbdt, %s, learning 10,000 rows, 3 targets", trace);
  bench_at_most (line, bench_cpu () - from, 3 * 0.7, "CPU-s");
  judge (p, r, errors);
  for (uint32_t t = 1; t < TARGETS; t++) {
    snprintf (line, sizeof line, "gbdt, %s, 10,000 rows, %s", trace, items[t].name);
    bench_at_most (line, errors[t], 0.61, "% RMSE");
  }
  snprintf (line, sizeof line, "gbdt, %s, a prediction of 3 targets", trace);
  bench_at_most (line, single (p, r), 3 * 2, "CPU-us");
  double us = batched (p, r, NULL), spread = batched (p, r, r->spread);
  snprintf (line, sizeof line, "gbdt, %s, 3 targets in a batch", trace);
  bench_at_most (line, us, 3 * 0.5, "CPU-us");
  snprintf (line, sizeof line, "gbdt, %s, 3 targets and spreads", trace);
  bench_at_most (line, spread, 6 * 0.5, "CPU-us");
  snprintf (line, sizeof line, "gbdt, %s, simulations in a prediction", trace);
  bench_at_least (line, simulator / us, 20, "times");
  snprintf (line, sizeof line, "gbdt, %s, DRAMSys's 0.12 s in a prediction", trace);
  bench_at_least (line, 0.12e6 / us, 2000, "times");
  gym_proxy_destroy (&p);
}

/* Evaluates all rows; returns the CPU time of one in microseconds. */
static double
simulate (gym_env *env, struct rows *r)
{
  const struct gym_metrics *metrics = gym_env_metrics (env);
  double *values = calloc (metrics->n, sizeof *values), from = bench_cpu ();
  gym_error err = { 0 };
  uint32_t status;
  if (!values)
    exit (1);
  for (size_t i = 0; i < r->n; i++) {
    check (gym_env_evaluate (env, 1, r->designs + i * r->width, NULL, NULL, values,
                             &status, NULL, &err),
           &err);
    for (uint32_t k = 0; k < metrics->n; k++)
      for (uint32_t t = 0; t < TARGETS; t++)
        if (strcmp (metrics->items[k].name, items[t].name) == 0)
          r->targets[i * TARGETS + t] = values[k];
  }
  free (values);
  return (bench_cpu () - from) / (double)r->n * 1e6;
}

static void
bench_trace (const gym_registry *registry, const char *folder, const char *trace)
{
  char path[600];
  gym_error err = { 0 };
  gym_settings *settings = gym_settings_new (&err);
  gym_rng rng;
  snprintf (path, sizeof path, "%s/%s.stl", folder, trace);
  check (gym_settings_set (settings, "trace", path, &err), &err);
  check (gym_settings_set (settings, "setup", "archgym", &err), &err);
  gym_env *env = gym_env_open (registry, "dram", settings, &err);
  check (env ? 0 : -1, &err);
  struct rows r = rows_new (gym_env_space (env), LEARN + JUDGE);
  gym_rng_init (&rng, 1);
  draw_designs (&r, &rng);
  double simulator = simulate (env, &r);
  bench_few (registry, &r, trace);
  bench_many (registry, &r, trace, simulator);
  rows_free (&r);
  gym_env_destroy (&env);
  gym_settings_destroy (&settings);
}

int
main (void)
{
  static const char *const traces[] = { "random", "cloud-1", "stream" };
  const char *top = getenv ("GYM_SOURCE_TOP"), *reference = getenv ("GYM_REFERENCE");
  char folder[512];
  gym_registry *registry = play_registry ();
  bench_learning (registry);
  if (reference)
    snprintf (folder, sizeof folder, "%s/dram/archgym_traces", reference);
  else
    snprintf (folder, sizeof folder, "%s/../shared/reference/dram/archgym_traces",
              top ? top : ".");
  for (size_t k = 0; k < 3 && access (folder, R_OK) == 0; k++)
    bench_trace (registry, folder, traces[k]);
  gym_registry_destroy (&registry);
  return 0;
}
