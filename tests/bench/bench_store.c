/* What a trial costs in the store: CPU time to add, bytes to keep, and the time to open a
 * store again and find its best. */
#include <config.h>

#include "core/store.h"
#include "tests/bench/bench.h"

#include <gym/store.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { N = 10000, MAX_PARAMS = 12, MAX_METRICS = 16 };

struct shape {
  uint32_t n_params, n_metrics;
  bool reals; /* half of the parameters are real numbers */
};

static _Noreturn void
fail (const gym_error *err)
{
  fprintf (stderr, "bench_store: %s\n", err->text);
  exit (1);
}

static gym_space *
make_space (const struct shape *shape)
{
  static const char *const levels[] = { "1", "2", "4", "8", "16", "32", "64", "128" };
  struct gym_param params[MAX_PARAMS];
  char names[MAX_PARAMS][16];
  gym_error err = { 0 };
  for (uint32_t i = 0; i < shape->n_params; i++) {
    snprintf (names[i], sizeof names[i], "parameter%u", i);
    params[i] = (struct gym_param){
      .name = names[i], .kind = GYM_ORDINAL, .levels = levels, .n_levels = 8
    };
    if (shape->reals && i % 2)
      params[i] = (struct gym_param){ .name = names[i], .kind = GYM_REAL, .high = 1 };
  }
  const struct gym_params list = { .struct_size = sizeof list,
                                   .n = shape->n_params,
                                   .stride = sizeof params[0],
                                   .items = params };
  gym_space *space = gym_space_new (&list, &err);
  if (!space)
    fail (&err);
  return space;
}

/* A study in a new store. */
static gym_writer *
open_study (const char *path, const struct shape *shape, const gym_space *space,
            int64_t *study)
{
  struct gym_metric metrics[MAX_METRICS];
  char names[MAX_METRICS][16];
  gym_error err = { 0 };
  for (uint32_t i = 0; i < shape->n_metrics; i++) {
    snprintf (names[i], sizeof names[i], "metric%u", i);
    metrics[i] = (struct gym_metric){ .name = names[i], .sense = GYM_MINIMISE };
  }
  const struct gym_metrics list = { .struct_size = sizeof list,
                                    .n = shape->n_metrics,
                                    .stride = sizeof metrics[0],
                                    .items = metrics };
  const struct gym_study_row row = { .identity = "{}",
                                     .env = "bench-v1",
                                     .env_identity = "{}",
                                     .objective = "metric0",
                                     .budget = N,
                                     .seeds = "1",
                                     .fingerprint = "{}",
                                     .space = space,
                                     .metrics = &list };
  gym_writer *writer = gym_writer_open (path, GYM_DURABLE_PROCESS, &err);
  *study = writer ? gym_writer_study (writer, &row, NULL, 0, &err) : -1;
  if (*study < 0)
    fail (&err);
  return writer;
}

static int64_t
open_run (gym_writer *writer, int64_t study, uint64_t seed)
{
  gym_error err = { 0 };
  int64_t run =
      gym_writer_run (writer, study, 0, "bench-v1", "bench", "{}", seed, NULL, &err);
  if (run < 0)
    fail (&err);
  return run;
}

/* Adds N trials, made beforehand; returns the CPU seconds of adding and closing. */
static double
fill (const char *path, const struct shape *shape)
{
  gym_error err = { 0 };
  gym_rng rng;
  int64_t study;
  gym_space *space = make_space (shape);
  gym_writer *writer = open_study (path, shape, space, &study);
  int64_t run = open_run (writer, study, 1);
  double *designs = malloc ((size_t)N * shape->n_params * sizeof *designs);
  double *metrics = malloc ((size_t)N * shape->n_metrics * sizeof *metrics);
  if (!designs || !metrics)
    exit (1);
  gym_rng_init (&rng, 1);
  for (size_t i = 0; i < N; i++)
    gym_space_sample (space, &rng, designs + i * shape->n_params);
  for (size_t i = 0; i < (size_t)N * shape->n_metrics; i++)
    metrics[i] = gym_rng_normal (&rng) * 1e6;
  double from = bench_cpu ();
  for (size_t i = 0; i < N; i++) {
    const struct gym_logged trial = { .run = run,
                                      .number = i,
                                      .fidelity = 2,
                                      .origin = -1,
                                      .seed = 0x9E3779B97F4A7C15u * (i + 1),
                                      .design = designs + i * shape->n_params,
                                      .metrics = metrics + i * shape->n_metrics,
                                      .goal = metrics[i * shape->n_metrics] };
    if (gym_writer_trial (writer, &trial, &err) < 0)
      fail (&err);
  }
  if (gym_writer_close (&writer, &err) < 0)
    fail (&err);
  double spent = bench_cpu () - from;
  free (designs);
  free (metrics);
  gym_space_destroy (&space);
  return spent;
}

static double
bytes_a_trial (const char *path)
{
  struct stat info;
  return stat (path, &info) == 0 ? (double)info.st_size / N : -1;
}

static double
milliseconds (void)
{
  struct timespec now;
  clock_gettime (CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1e3 + (double)now.tv_nsec * 1e-6;
}

static uint32_t
read_all (gym_cursor *cursor)
{
  gym_error err = { 0 };
  uint32_t n = 0;
  int code = 0;
  while (cursor && (code = gym_cursor_next (cursor, &err)) == 1)
    n++;
  if (!cursor || code < 0)
    fail (&err);
  gym_cursor_destroy (&cursor);
  return n;
}

/* Opens the store and asks for its ten best, as `gym best` does. */
static double
find_best (const char *path)
{
  gym_error err = { 0 };
  double from = milliseconds ();
  gym_store *store = gym_store_open (path, &err);
  if (!store)
    fail (&err);
  if (read_all (gym_store_best (store, 0, 10, &err)) != 10)
    exit (1);
  gym_store_destroy (&store);
  return milliseconds () - from;
}

static double
list_runs (const char *path, uint32_t runs)
{
  gym_error err = { 0 };
  double from = milliseconds ();
  gym_store *store = gym_store_open (path, &err);
  if (!store)
    fail (&err);
  if (read_all (gym_store_studies (store, &err)) != 1
      || read_all (gym_store_runs (store, 0, &err)) != runs)
    exit (1);
  gym_store_destroy (&store);
  return milliseconds () - from;
}

/* A store of many runs with ten trials each. */
static void
fill_runs (const char *path, const struct shape *shape, uint32_t runs)
{
  gym_error err = { 0 };
  int64_t study;
  gym_space *space = make_space (shape);
  gym_writer *writer = open_study (path, shape, space, &study);
  double design[MAX_PARAMS], metrics[MAX_METRICS] = { 0 };
  gym_space_default (space, design);
  for (uint64_t seed = 1; seed <= runs; seed++) {
    struct gym_logged trial = { .run = open_run (writer, study, seed),
                                .origin = -1,
                                .design = design,
                                .metrics = metrics };
    for (trial.number = 0; trial.number < 10; trial.number++)
      if (gym_writer_trial (writer, &trial, &err) < 0)
        fail (&err);
  }
  if (gym_writer_close (&writer, &err) < 0)
    fail (&err);
  gym_space_destroy (&space);
}

static double
least (double a, double b)
{
  return a < b ? a : b;
}

int
main (void)
{
  static const struct shape mixed = { .n_params = 12, .n_metrics = 4, .reals = true };
  static const struct shape wide = { .n_params = 10, .n_metrics = 16 };
  char folder[] = "/tmp/gym-bench-XXXXXX", path[64];
  if (!mkdtemp (folder))
    return 1;
  snprintf (path, sizeof path, "%s/runs.db", folder);
  double added = 1e9, best = 1e9, listed = 1e9;
  for (int i = 0; i < 3; i++) { /* the least of three: noise only ever adds */
    unlink (path);
    added = least (added, fill (path, &mixed) / N * 1e6);
    best = least (best, find_best (path));
  }
  bench_at_most ("store, add a trial (12 + 4)", added, 4, "us CPU");
  bench_at_most ("store, trial of 12 + 4", bytes_a_trial (path), 300, "bytes");
  bench_at_most ("store, open and best of 10,000", best, 50, "ms");
  unlink (path);
  fill (path, &wide);
  bench_at_most ("store, trial of 10 + 16", bytes_a_trial (path), 450, "bytes");
  unlink (path);
  fill_runs (path, &mixed, 1000);
  for (int i = 0; i < 3; i++)
    listed = least (listed, list_runs (path, 1000));
  bench_at_most ("store, open and list 1,000 runs", listed, 100, "ms");
  unlink (path);
  return rmdir (folder) != 0;
}
