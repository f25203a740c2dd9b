/* plugins/gomea/steps.h - the neighbours of a design, numbered, for a climb over all.
 *
 * A categorical parameter has its other levels; an ordered one steps of 1, 2, 4, ... up
 * and down its grid (of all lengths where the grid is short), a real one steps of 1/4,
 * 1/16, ... of its (log) range, each a little shorter by chance: a pattern search at all
 * lengths (Hooke and Jeeves 1961). */
#ifndef PLUGINS_GOMEA_STEPS_H
#define PLUGINS_GOMEA_STEPS_H

#include "plugins/common/moves.h"

struct step {
  uint32_t parameter;
  int64_t length; /* places up or down; a real one: 4^-|length| of the range */
};

struct steps {
  const struct moves *moves;
  uint32_t n;
  struct step *items;
};

/* Lists them for a space. GYM_ENOMEM; steps_free is safe after that and on zeroed memory.
 */
int steps_init (struct steps *steps, const struct moves *moves);
void steps_free (struct steps *steps);

/* Takes step k from `row`; false, with the row as it was, where it does not exist: the
 * parameter is inactive or at the end of its range. */
bool steps_take (const struct steps *steps, uint32_t k, gym_rng *rng, double *row);

/* Whether step k is one of the shortest: another level, the next value of a grid, at most
 * 1/64 of a real range. */
bool steps_near (const struct steps *steps, uint32_t k);

#endif
