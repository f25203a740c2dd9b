/* plugins/common/known.h - the results an agent has heard, by design.
 *
 * An agent that comes upon a design again looks its result up instead of asking for it.
 * Designs are told apart by the host's 64-bit hashes alone (see seen.h for the odds), so
 * that a result takes a few dozen bytes and a look-up the same time after ten million. */
#ifndef PLUGINS_COMMON_KNOWN_H
#define PLUGINS_COMMON_KNOWN_H

#include "plugins/common/points.h"

struct known {
  uint32_t c; /* constraints */
  size_t count, room;
  size_t slots; /* a power of two, at most half full; 0 before the first result */
  size_t *places;
  uint64_t *hashes; /* of each result, in the order they came */
  double *objectives, *violations;
  uint32_t *statuses;
};

/* No results yet. It allocates nothing. */
void known_init (struct known *known, uint32_t n_constraints);
void known_free (struct known *known);

/* Keeps the result in a slot of points under a hash; a later one takes the place of an
 * earlier. GYM_ENOMEM. */
int known_put (struct known *known, uint64_t hash, const struct points *points,
               size_t slot);

/* Fills a slot with a result, all but its row; false when there is none. */
bool known_get (const struct known *known, uint64_t hash, struct points *points,
                size_t slot);

#endif
