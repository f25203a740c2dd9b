/* What a study costs beside the env: CPU time a trial, with a trivial env of 12
 * parameters and 4 metrics, with and without a store. */
#include "tests/bench/bench.h"
#include <gym/gym.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct measured {
  double seconds;
  uint64_t trials;
};

static void
fail (const gym_error *err)
{
  fprintf (stderr, "bench_study: %s\n", err->text);
  exit (1);
}

static struct measured
run (const char *agent, double budget, const char *store)
{
  gym_error err = { 0 };
  gym_registry *r = gym_registry_new (&err);
  if (!r || gym_registry_scan (r, &err) < 0)
    fail (&err);
  gym_env *env = gym_env_open (r, "trivial", NULL, &err);
  gym_study *s = env ? gym_study_new (env, "distance", &err) : NULL;
  if (!s || gym_study_add (s, agent, NULL, NULL, &err) < 0
      || gym_study_set_budget (s, budget, &err) < 0
      || gym_study_set_in_flight (s, 1, &err) < 0
      || gym_study_set_store (s, store, &err) < 0)
    fail (&err);
  double from = bench_cpu ();
  if (gym_study_run (s, &err) < 0)
    fail (&err);
  struct measured m = { .seconds = bench_cpu () - from };
  struct gym_run info;
  gym_study_run_info (s, 0, &info, NULL);
  m.trials = info.trials;
  gym_study_destroy (&s);
  gym_env_destroy (&env);
  gym_registry_destroy (&r);
  return m;
}

/* The best of three: noise only ever adds. */
static double
per_trial (const char *agent, double budget, bool stored)
{
  double best = 1e9;
  for (int i = 0; i < 3; i++) {
    char folder[] = "/tmp/gym-bench-XXXXXX", path[64];
    if (!mkdtemp (folder))
      exit (1);
    snprintf (path, sizeof path, "%s/runs.db", folder);
    struct measured m = run (agent, budget, stored ? path : NULL);
    double us = m.seconds / (double)m.trials * 1e6;
    best = us < best ? us : best;
    unlink (path);
    rmdir (folder);
  }
  return best;
}

int
main (void)
{
  double bare = per_trial ("random", 200000, false),
         kept = per_trial ("random", 100000, true);
  bench_at_most ("study, random, no store", bare, 1, "us CPU/trial");
  bench_at_most ("study, random, store", kept, 10, "us CPU/trial");
  bench_at_least ("study, random, store, rate", 1e6 / kept, 50000, "trials/CPU-s");
  bench_at_most ("study, ga, no store", per_trial ("ga", 20000, false), 10,
                 "us CPU/trial");
  return 0;
}
