/* What a report of a million trials costs, and how soon a store of a thousand runs is
 * open. CPU time, gnuplot's included; memory of the largest process. */
#include "tests/bench/bench.h"
#include <gym/gym.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static void
fail (const char *text)
{
  fprintf (stderr, "bench_report: %s\n", text);
  exit (1);
}

/* 4 agents x 250 seeds x 1,000 evaluations. */
static void
make_store (const char *path)
{
  static const char *const agents[] = { "random", "ga", "hill", "aco" };
  gym_error err = { 0 };
  gym_registry *r = gym_registry_new (&err);
  if (!r || gym_registry_scan (r, &err) < 0)
    fail (err.text);
  gym_env *env = gym_env_open (r, "toy", NULL, &err);
  gym_study *s = env ? gym_study_new (env, "energy", &err) : NULL;
  if (!s || gym_study_set_budget (s, 1000, &err) < 0
      || gym_study_set_seeds_text (s, "1..250", &err) < 0
      || gym_study_set_store (s, path, &err) < 0)
    fail (err.text);
  for (size_t i = 0; i < 4; i++)
    if (gym_study_add (s, agents[i], NULL, NULL, &err) < 0)
      fail (err.text);
  if (gym_study_run (s, &err) < 0)
    fail (err.text);
  gym_study_destroy (&s);
  gym_env_destroy (&env);
  gym_registry_destroy (&r);
}

/* Milliseconds to open the store and list its studies and runs; the best of five. */
static double
open_store (const char *path)
{
  double best = 1e9;
  for (int i = 0; i < 5; i++) {
    double from = bench_cpu ();
    size_t n = 0;
    gym_store *store = gym_store_open (path, NULL);
    gym_cursor *runs = store ? gym_store_runs (store, 0, NULL) : NULL;
    while (runs && gym_cursor_next (runs, NULL) == 1)
      n++;
    gym_cursor_destroy (&runs);
    gym_store_destroy (&store);
    double ms = (bench_cpu () - from) * 1e3;
    best = ms < best ? ms : best;
    if (n != 1000)
      fail ("there are not 1,000 runs");
  }
  return best;
}

static struct rusage
run_gym (const char *command, const char *store, const char *page)
{
  const char *build = getenv ("GYM_BUILD_TOP");
  char gym[512];
  struct rusage use = { 0 };
  int status = 0;
  snprintf (gym, sizeof gym, "%s/core/cmd/gym", build ? build : ".");
  pid_t pid = fork ();
  if (pid == 0) {
    dup2 (open ("/dev/null", O_WRONLY), STDOUT_FILENO);
    execl (gym, gym, command, store, page ? "-o" : (char *)NULL, page, (char *)NULL);
    _exit (127);
  }
  if (pid < 0 || wait4 (pid, &status, 0, &use) < 0 || status != 0)
    fail ("gym report failed (is gnuplot installed?)");
  return use;
}

static double
seconds (const struct rusage *use)
{
  return (double)(use->ru_utime.tv_sec + use->ru_stime.tv_sec)
         + 1e-6 * (double)(use->ru_utime.tv_usec + use->ru_stime.tv_usec);
}

int
main (void)
{
  char folder[] = "/tmp/gym-bench-XXXXXX", store[64], page[64];
  if (!mkdtemp (folder))
    fail ("no folder can be made");
  snprintf (store, sizeof store, "%s/runs.db", folder);
  snprintf (page, sizeof page, "%s/report.html", folder);
  make_store (store);
  bench_at_most ("store, opening and listing 1,000 runs", open_store (store), 100,
                 "ms CPU");
  struct rusage table = run_gym ("table", store, NULL);
  bench_at_most ("table of 1,000,000 trials", seconds (&table), 20, "s CPU");
  struct rusage report = run_gym ("report", store, page);
  bench_at_most ("report of 1,000,000 trials", seconds (&report), 20, "s CPU");
  bench_at_most ("report of 1,000,000 trials, memory", (double)report.ru_maxrss / 1024,
                 500, "MB");
  unlink (store);
  unlink (page);
  rmdir (folder);
  return 0;
}
