/* importance.h - which parameters of a study matter, for figures and the report. */
#ifndef CMD_IMPORTANCE_H
#define CMD_IMPORTANCE_H

#include "core/cmd/analysis.h"

/* Of ranks of goal 0 over the kept designs. */
struct importance {
  size_t n_params, n_trials;
  bool random; /* only trials of agent random took part: they cover the space */
  double *ped; /* PED-ANOVA of the best tenth; sums to 1 */
  struct gym_effect *effects;
  double *pairs, *pair_p; /* n_params squared, upper triangle; NaN unknown */
  bool *never;            /* mattered */
};

/* At least 50 trials are needed: fewer give n_trials 0 and nothing else. */
int importance_find (const struct analysis *analysis, struct importance *importance,
                     gym_error *err);
void importance_clear (struct importance *importance);

#endif
