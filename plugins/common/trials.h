/* plugins/common/trials.h - what an agent was told, in order, and ranked. */
#ifndef PLUGINS_COMMON_TRIALS_H
#define PLUGINS_COMMON_TRIALS_H

#include "plugins/common/fresh.h"
#include "plugins/common/pending.h"

#include <gym/plugin.h>

struct trials {
  const struct gym_host *host;
  uint32_t n_params, n_axes, m, c;
  size_t n, room;
  double *rows, *objectives, *excess; /* excess: sum of the violations */
  uint16_t *places;                   /* n_axes numbers each, the owner's own */
  uint32_t *statuses;
  /* The best first, by status, violation, objective 0 or dominance; of equals the newest.
   */
  uint32_t *ranking;
  size_t n_ok, n_feasible;
};

/* For designs of n_params numbers that a model sees as n_axes places (0: it does not).
 * It allocates nothing; trials_free is safe on zeroed memory. */
void trials_init (struct trials *t, const struct gym_host *host, uint32_t n_params,
                  uint32_t n_axes, uint32_t m, uint32_t c);
void trials_free (struct trials *t);

/* Adds a result; its places are then to be written to trials_new_place. GYM_ENOMEM */
int trials_add (struct trials *t, const double *row, const double *objectives,
                const double *violations, uint32_t status);

/* Adds all that is told, takes it out of the queue of what is in flight, and marks the
 * designs as used: a repaired form of one is known now, too. */
int trials_tell (struct trials *t, struct pending *pending, struct fresh *fresh,
                 const struct gym_tells *tells, gym_error *err);

static inline uint16_t *
trials_new_place (const struct trials *t)
{
  return t->places + (t->n - 1) * t->n_axes;
}

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
