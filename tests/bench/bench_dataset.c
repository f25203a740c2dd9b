/* What a million rows cost: opening the data set, each format, and memory. The shape is
 * that of the memory controllers: ten parameters of levels, sixteen metrics. */
#include <config.h>

#include "core/store.h"
#include "tests/bench/bench.h"

#include <gym/dataset.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum { N = 1000000, PARAMS = 10, METRICS = 16, RUNS = 10 };

static _Noreturn void
fail (const gym_error *err)
{
  fprintf (stderr, "bench_dataset: %s\n", err->text);
  exit (1);
}

static gym_space *
make_space (void)
{
  static const char *const numbers[] = { "1", "2", "4", "8", "16", "32", "64", "128" };
  static const char *const words[] = { "Open", "OpenAdaptive", "Closed",
                                       "ClosedAdaptive" };
  struct gym_param params[PARAMS];
  char names[PARAMS][16];
  gym_error err = { 0 };
  for (uint32_t i = 0; i < PARAMS; i++) {
    snprintf (names[i], sizeof names[i], "parameter%u", i);
    params[i] = (struct gym_param){
      .name = names[i], .kind = GYM_ORDINAL, .levels = numbers, .n_levels = 8
    };
    if (i % 2)
      params[i] = (struct gym_param){
        .name = names[i], .kind = GYM_CATEGORICAL, .levels = words, .n_levels = 4
      };
  }
  const struct gym_params list = {
    .struct_size = sizeof list, .n = PARAMS, .stride = sizeof params[0], .items = params
  };
  gym_space *space = gym_space_new (&list, &err);
  if (!space)
    fail (&err);
  return space;
}

static int64_t
open_study (gym_writer *writer, const gym_space *space, gym_error *err)
{
  struct gym_metric metrics[METRICS];
  char names[METRICS][16];
  for (uint32_t i = 0; i < METRICS; i++) {
    snprintf (names[i], sizeof names[i], "metric%u", i);
    metrics[i] =
        (struct gym_metric){ .name = names[i], .unit = "ns", .sense = GYM_MINIMISE };
  }
  const struct gym_metrics list = { .struct_size = sizeof list,
                                    .n = METRICS,
                                    .stride = sizeof metrics[0],
                                    .items = metrics };
  const struct gym_fidelity full = { .name = "1", .cost = 1 };
  const struct gym_fidelities fidelities = {
    .struct_size = sizeof fidelities, .n = 1, .stride = sizeof full, .items = &full
  };
  const struct gym_study_row row = {
    .identity = "{}",
    .env = "bench-v1",
    .env_identity = "{\"id\": \"bench-v1\", \"options\": {\"trace\": {\"name\": "
                    "\"lua-sort.trc\", \"sha256\": \"0123456789abcdef\"}}}",
    .objective = "metric0",
    .budget = N,
    .seeds = "1",
    .fingerprint = "{}",
    .space = space,
    .metrics = &list,
    .fidelities = &fidelities
  };
  return gym_writer_study (writer, &row, NULL, 0, err);
}

static void
fill (const char *path)
{
  gym_error err = { 0 };
  gym_rng rng;
  double design[PARAMS], metrics[METRICS];
  gym_space *space = make_space ();
  gym_writer *writer = gym_writer_open (path, GYM_DURABLE_PROCESS, &err);
  int64_t study = writer ? open_study (writer, space, &err) : -1;
  gym_rng_init (&rng, 1);
  for (uint64_t r = 0; study > 0 && r < RUNS; r++) {
    int64_t run =
        gym_writer_run (writer, study, 0, "random-v1", "random", "{}", r, NULL, &err);
    for (uint64_t i = 0; run > 0 && i < N / RUNS; i++) {
      gym_space_sample (space, &rng, design);
      for (uint32_t k = 0; k < METRICS; k++)
        metrics[k] = gym_rng_real (&rng) * 1e6;
      const struct gym_logged trial = { .run = run,
                                        .number = i,
                                        .status = i % 20 == 0 ? GYM_TRIAL_INFEASIBLE
                                                              : GYM_TRIAL_OK,
                                        .origin = -1,
                                        .seed = 0x9E3779B97F4A7C15u * (r * N + i + 1),
                                        .design = design,
                                        .metrics = metrics,
                                        .goal = metrics[0] };
      if (gym_writer_trial (writer, &trial, &err) < 0)
        fail (&err);
    }
  }
  if (study < 0 || gym_writer_close (&writer, &err) < 0)
    fail (&err);
  gym_space_destroy (&space);
}

/* The most memory this process ever had, in MB. */
static double
peak (void)
{
  struct rusage usage;
  getrusage (RUSAGE_SELF, &usage);
  return (double)usage.ru_maxrss / 1024;
}

static double
seconds (void)
{
  struct timespec now;
  clock_gettime (CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* Opening and writing, as `gym dataset` does it. */
static void
time_format (const char *store, const char *folder, const char *end)
{
  char path[96], name[64];
  struct stat about = { .st_size = 0 };
  gym_error err = { 0 };
  double from = seconds (), cpu = bench_cpu ();
  snprintf (path, sizeof path, "%s/data%s", folder, end);
  gym_dataset *d = gym_dataset_open (&store, 1, NULL, &err);
  if (!d || gym_dataset_write (d, path, NULL, &err) < 0)
    fail (&err);
  gym_dataset_destroy (&d);
  stat (path, &about);
  fprintf (stderr, "%s: %.1f MB, %.2f s (%.2f s CPU), peak %.0f MB\n", end,
           (double)about.st_size / 1e6, seconds () - from, bench_cpu () - cpu, peak ());
  snprintf (name, sizeof name, "data set, a million rows to %s", end);
  bench_at_most (name, bench_cpu () - cpu, 10, "s CPU");
  unlink (path);
  strncat (path, ".meta.json", sizeof path - strlen (path) - 1);
  unlink (path);
}

static void
time_open (const char *store)
{
  gym_error err = { 0 };
  double cpu = bench_cpu ();
  gym_dataset *d = gym_dataset_open (&store, 1, NULL, &err);
  if (!d)
    fail (&err);
  bench_at_most ("data set, open a million trials", bench_cpu () - cpu, 4, "s CPU");
  cpu = bench_cpu ();
  if (!gym_dataset_load (d, &err))
    fail (&err);
  bench_at_most ("data set, load a million rows", bench_cpu () - cpu, 4, "s CPU");
  gym_dataset_destroy (&d);
}

int
main (void)
{
  static const char *const ends[] = { ".csv", ".jsonl", ".npz", ".parquet" };
  char folder[] = "/tmp/gym-bench-XXXXXX", path[64];
  if (!mkdtemp (folder))
    return 1;
  snprintf (path, sizeof path, "%s/runs.db", folder);
  fill (path);
  double before = peak ();
  for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
    time_format (path, folder, ends[i]);
  bench_at_most ("data set, memory to write a million rows", peak () - before, 150, "MB");
  time_open (path);
  unlink (path);
  return rmdir (folder) != 0;
}
