/* plugins/gomea/pyramid.h - populations upon populations, each with its linkage tree.
 *
 * The parameter-less population pyramid of Goldman and Punch (GECCO 2014): a design that
 * a level's population has improved goes one level up. A design is in the pyramid once.
 */
#ifndef PLUGINS_GOMEA_PYRAMID_H
#define PLUGINS_GOMEA_PYRAMID_H

#include "plugins/gomea/linkage.h"
#include "plugins/common/moves.h"
#include "plugins/common/seen.h"

enum { PYRAMID_LEVELS = 64 }; /* never met: what falls off the top is dropped */

struct level {
  size_t count, room;
  double *rows;
  uint8_t *bins; /* of the rows, coarse: what linkage is learnt from */
  size_t learnt; /* rows there were when the tree was learnt */
  struct linkage tree;
};

struct pyramid {
  const struct moves *moves;
  struct seen members;
  uint32_t n_levels;
  struct level levels[PYRAMID_LEVELS];
};

void pyramid_init (struct pyramid *pyramid, const struct moves *moves);
void pyramid_free (struct pyramid *pyramid);

/* Adds a canonical design to a level, at most one above the highest: 1, 0 when the
 * pyramid has it already, or GYM_ENOMEM. */
int pyramid_add (struct pyramid *pyramid, uint32_t level, uint64_t hash,
                 const double *row);

/* Learns the level's tree again when its population has grown by a good part since. Asked
 * for before every use, that costs a trial no more in the end than in the beginning.
 * GYM_ENOMEM. */
int pyramid_learn (struct pyramid *pyramid, uint32_t level, gym_rng *rng);

#endif
