/* plugins/common/fresh.h - uniform designs without replacement.
 *
 * Drawing is by rejection while most of the space is new. Once the rejected draws add up
 * to the size of the space, listing what is left costs no more than was already spent;
 * from then on the list is drawn from. So any number of designs, up to the last one of
 * the space, costs a constant each on average. */
#ifndef PLUGINS_COMMON_FRESH_H
#define PLUGINS_COMMON_FRESH_H

#include "plugins/common/seen.h"

#include <gym/plugin.h>

struct fresh {
  const struct gym_host *host;
  const struct gym_space *space;
  struct seen seen;
  uint32_t n;
  double cardinality; /* INFINITY: a continuum */
  double misses;      /* draws rejected so far */
  bool listed;
  double *left; /* n_left designs that were new when the list was made */
  size_t n_left;
};

void fresh_init (struct fresh *fresh, const struct gym_host *host,
                 const struct gym_space *space);
void fresh_free (struct fresh *fresh);

/* Marks a canonical design as used: 1 when it was new, 0 when not, negative GYM_ENOMEM.
 */
int fresh_claim (struct fresh *fresh, const double *row);

/* Writes a design that is new, uniform among those, and marks it: 1, or 0 when the space
 * is exhausted, or negative GYM_ENOMEM. In a continuum, where only its finite corners can
 * be used up, a used design may come back after very many draws. */
int fresh_draw (struct fresh *fresh, gym_rng *rng, double *row);

/* True when every design of a finite space was marked. */
bool fresh_exhausted (const struct fresh *fresh);

#endif
