/* tests/plugins/play.h - running agents on functions, as a study would but without one:
 * results are told in the order they were asked, and ask number i is made when the
 * result of i - in_flight is known. */
#ifndef TESTS_PLUGINS_PLAY_H
#define TESTS_PLUGINS_PLAY_H

#include <gym/agent.h>

/* Judges a design: writes m objectives and c violations, returns the status. */
typedef uint32_t (*play_judge) (void *context, const double *row, double *objectives,
                                double *violations);

/* The same where there are several fidelities. */
typedef uint32_t (*play_judge_at) (void *context, const double *row, uint32_t fidelity,
                                   double *objectives, double *violations);

/* Turns a design into the one that is evaluated and told. */
typedef void (*play_repair) (double *row);

struct play {
  const gym_registry *registry;
  const char *agent;    /* id */
  const char *settings; /* "population=8 mutation=0.2"; NULL: defaults */
  const gym_space *space;
  uint32_t objectives, constraints; /* 0 objectives: 1 */
  uint32_t in_flight;               /* 0: 1 */
  uint64_t seed;
  size_t budget; /* trials */
  play_judge judge;
  void *context;
  play_repair repair; /* NULL: designs are evaluated as asked */

  /* Several fidelities: what they are, who judges, and what may be spent in all (the
   * budget then only is the room for trials); the fidelity of each trial, if wanted. */
  struct gym_fidelities fidelities;
  play_judge_at judge_at;
  double cost;
  uint32_t *levels;
};

/* A registry with everything on GYM_PLUGIN_PATH. */
gym_registry *play_registry (void);

/* Plays and returns the number of trials, fewer than the budget when the agent finished;
 * negative on an error, which is noted. `rows` (budget designs, as asked) and `values`
 * (budget first objectives, NaN unless ok and feasible) may be NULL. */
long play (const struct play *play, double *rows, double *values);

/* Best value so far among the first n; NaN when there is none. */
double play_best (const double *values, size_t n);

/* A judge for struct function (functions.h) as context. */
uint32_t play_function (void *context, const double *row, double *objectives,
                        double *violations);

#endif
