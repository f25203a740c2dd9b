/* plugins/bo/trials.h - what the agent was told, in order. */
#ifndef PLUGINS_BO_TRIALS_H
#define PLUGINS_BO_TRIALS_H

#include "plugins/common/kernel.h"

struct trials {
  const struct gym_host *host;
  uint32_t n_params, n_axes, m, c;
  size_t n, room;
  double *rows, *objectives, *excess; /* excess: sum of the violations */
  uint16_t *places;
  uint32_t *statuses;
  uint32_t *ranking; /* the best first, by status, violation, objective 0 or dominance */
  size_t n_ok, n_feasible;
};

void trials_init (struct trials *t, const struct kernel *kernel, uint32_t m, uint32_t c);
void trials_free (struct trials *t);

/* GYM_ENOMEM */
int trials_add (struct trials *t, const struct kernel *kernel, const double *row,
                const double *objectives, const double *violations, uint32_t status);

static inline bool
trials_ok (const struct trials *t, size_t i)
{
  return t->statuses[i] == GYM_TRIAL_OK;
}

static inline bool
trials_feasible (const struct trials *t, size_t i)
{
  return trials_ok (t, i) && t->excess[i] == 0;
}

static inline const double *
trials_row (const struct trials *t, size_t i)
{
  return t->rows + i * t->n_params;
}

static inline const uint16_t *
trials_place (const struct trials *t, size_t i)
{
  return t->places + i * t->n_axes;
}

#endif
