/* plugins/common/reward.h - rewards from results, and running normalisation.
 *
 * The reward of a feasible trial is its objective, which is minimised, turned round and
 * measured in running standard deviations from the running mean, within +-5 (running
 * normalisation as in Andrychowicz et al., "What matters in on-policy reinforcement
 * learning", 2021), of its symmetric logarithm if so wished, for objectives that span
 * orders of magnitude (Hafner et al., "Mastering diverse domains through world models",
 * 2023). A trial that breaks a constraint gets the worst reward a feasible one
 * would have had, minus the violation v / (1 + v): less violation is better, as in the
 * host's order. One that is infeasible or failed gets the worst minus 1. */
#ifndef PLUGINS_COMMON_REWARD_H
#define PLUGINS_COMMON_REWARD_H

#include <stdbool.h>
#include <stdint.h>

/* Mean and deviation of a growing number of values (Welford 1962). */
struct running {
  double count, mean, squares;
};

void running_add (struct running *running, double value);

/* (value - mean) / deviation, within +-limit; 0 while there is no deviation. */
double running_normal (const struct running *running, double value, double limit);

struct reward {
  bool symlog; /* measure sign (x) log (1 + |x|) of an objective x */
  struct running objectives;
  double worst; /* objective of a feasible trial; -INFINITY before the first */
};

/* What is kept of a result: enough to know its reward under later statistics. */
struct result_kept {
  bool ok;
  double objective, violation; /* violations summed */
};

void reward_init (struct reward *reward, bool symlog);

/* Takes a result into the statistics. c violations. */
struct result_kept reward_add (struct reward *reward, uint32_t status, double objective,
                               const double *violations, uint32_t c);

/* Its reward as things stand. */
double reward_of (const struct reward *reward, const struct result_kept *result);

#endif
