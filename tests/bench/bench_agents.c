/* What an agent costs: CPU time a trial on 12 parameters, one trial in flight, with next
 * to no work to judge a design; and whether that grows with the number of past trials. */
#include "tests/bench/bench.h"
#include "tests/plugins/play.h"
#include "tests/plugins/spaces.h"

#include <stdlib.h>

static uint32_t
sum (void *context, const double *row, double *objectives, double *violations)
{
  (void)context, (void)violations;
  objectives[0] = 0;
  for (int i = 0; i < 12; i++)
    objectives[0] += row[i];
  return GYM_TRIAL_OK;
}

/* Microseconds a trial, the best of five: noise only ever adds. */
static double
per_trial (const gym_registry *registry, const gym_space *space, const char *agent,
           size_t trials)
{
  double best = 1e9;
  for (uint64_t seed = 1; seed <= 5; seed++) {
    struct play p = { .registry = registry,
                      .agent = agent,
                      .space = space,
                      .seed = seed,
                      .budget = trials,
                      .judge = sum };
    double from = bench_cpu ();
    if (play (&p, NULL, NULL) != (long)trials)
      exit (1);
    double us = (bench_cpu () - from) / (double)trials * 1e6;
    best = us < best ? us : best;
  }
  return best;
}

/* Bowls along a diagonal: with several objectives most designs dominate few others. */
struct bowls {
  uint32_t m;
};

static uint32_t
bowls (void *context, const double *row, double *objectives, double *violations)
{
  const struct bowls *bowls = context;
  (void)violations;
  for (uint32_t k = 0; k < bowls->m; k++) {
    objectives[k] = 0;
    for (int i = 0; i < 12; i++)
      objectives[k] += (row[i] - 2.0 * k) * (row[i] - 2.0 * k);
  }
  return GYM_TRIAL_OK;
}

/* Agents for several objectives, with two, three and five of them. */
static void
fronts (const gym_registry *registry, const gym_space *space, const char *agent,
        double most)
{
  static const uint32_t goals[] = { 2, 3, 5 };
  for (int g = 0; g < 3; g++) {
    char name[64];
    struct bowls context = { .m = goals[g] };
    struct play p = { .registry = registry,
                      .agent = agent,
                      .space = space,
                      .objectives = goals[g],
                      .seed = 1,
                      .budget = 10000,
                      .judge = bowls,
                      .context = &context };
    double from = bench_cpu ();
    if (play (&p, NULL, NULL) != (long)p.budget)
      exit (1);
    double us = (bench_cpu () - from) / (double)p.budget * 1e6;
    snprintf (name, sizeof name, "agent %s, %u objectives", agent, goals[g]);
    bench_at_most (name, us, most, "us CPU/trial");
  }
}

/* Learners: what a trial costs in a short run and in a long one. */
static void
learners (const gym_registry *registry, const gym_space *space, const char *agent,
          double most)
{
  char name[64];
  for (size_t trials = 2000; trials <= 10000; trials *= 5) {
    snprintf (name, sizeof name, "agent %s, %zu trials", agent, trials);
    bench_at_most (name, per_trial (registry, space, agent, trials), most,
                   "us CPU/trial");
  }
}

/* ---- models: what an ask costs at a number of trials ---- */

enum { MOST_TRIALS = 2100, SPAN = 100 };

struct clock {
  double at[MOST_TRIALS];
  size_t n;
};

static uint32_t
timed_sum (void *context, const double *row, double *objectives, double *violations)
{
  struct clock *clock = context;
  clock->at[clock->n++] = bench_cpu ();
  return sum (NULL, row, objectives, violations);
}

/* Milliseconds an ask and its tell, over the last 100 trials before `trials`: fits of the
 * model, which are not made for every ask, are shared among them. */
static void
models (const gym_registry *registry, const gym_space *space, const char *agent,
        size_t trials, double most)
{
  static struct clock clock;
  char name[64];
  struct play p = { .registry = registry,
                    .agent = agent,
                    .space = space,
                    .seed = 1,
                    .budget = trials,
                    .judge = timed_sum,
                    .context = &clock };
  clock.n = 0;
  if (play (&p, NULL, NULL) != (long)trials)
    exit (1);
  double ms = (clock.at[trials - 1] - clock.at[trials - 1 - SPAN]) / SPAN * 1e3;
  snprintf (name, sizeof name, "agent %s, ask at %zu trials", agent, trials);
  bench_at_most (name, ms, most, "ms CPU/ask");
}

int
main (void)
{
  static const struct {
    const char *agent;
    double most;
  } rows[] = {
    { "random", 1 }, { "ga", 5 },         { "hill", 5 },   { "sa", 5 },
    { "regevo", 5 }, { "aco", 5 },        { "sobol", 5 },  { "gomea", 30 },
    { "nsga2", 30 }, { "age-moea", 100 }, { "cmaes", 30 }, { "hyperband", 5 }
  };
  gym_registry *registry = play_registry ();
  gym_space *space = spaces_wide ();
  if (!registry || !space)
    return 1;
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    char name[64];
    double early = per_trial (registry, space, rows[i].agent, 10000),
           late = per_trial (registry, space, rows[i].agent, 200000);
    snprintf (name, sizeof name, "agent %s, 10,000 trials", rows[i].agent);
    bench_at_most (name, early, rows[i].most, "us CPU/trial");
    snprintf (name, sizeof name, "agent %s, 200,000 trials", rows[i].agent);
    bench_at_most (name, late, rows[i].most, "us CPU/trial");
  }
  fronts (registry, space, "nsga2", 30);
  fronts (registry, space, "age-moea", 100);
  learners (registry, space, "reinforce", 200);
  learners (registry, space, "ppo", 200);
  learners (registry, space, "marl", 200);
  models (registry, space, "tpe", 500, 0.1);
  models (registry, space, "tpe", 1000, 0.1);
  models (registry, space, "tpe", 2000, 0.2);
  models (registry, space, "rfbo", 500, 10);
  models (registry, space, "rfbo", 2000, 20);
  models (registry, space, "bo", 500, 20);
  models (registry, space, "bo", 2000, 100);
  gym_space_destroy (&space);
  gym_registry_destroy (&registry);
  return 0;
}
