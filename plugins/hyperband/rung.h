/* plugins/hyperband/rung.h - one rung of ASHA: which of its results are to go on.
 *
 * Of n results the best n / eta may be promoted. Two heaps, that of the best with its
 * worst on top and that of the others with its best on top, keep them apart at a cost of
 * O(log n) a result. An agent that learns makes most of
 * its later designs better than most of its first ones; therefore a rung forgets now and
 * then, and what is new is compared with what is about as new. */
#ifndef PLUGINS_HYPERBAND_RUNG_H
#define PLUGINS_HYPERBAND_RUNG_H

#include "plugins/common/points.h"

/* Zeroed memory is an empty rung. */
struct rung {
  size_t n, n_top, n_rest, n_fresh, room;
  size_t *top, *rest; /* heaps of slots of `points` */
  size_t *fresh;      /* slots that came to the top, not yet looked at; some twice */
};

void rung_free (struct rung *rung);

/* A result in a slot of `points`, compared with those since the last multiple of `epoch`;
 * in_top[slot] says from now on whether it is among the
 * best. GYM_ENOMEM; the rung then is as before. */
int rung_add (struct rung *rung, const struct points *points, double eta, size_t epoch,
              size_t slot, bool *in_top);

/* Takes one that came to the top out of the list, the newest first; false: there is none.
 * It may have been pushed out again in the meantime. */
bool rung_fresh (struct rung *rung, size_t *slot);

#endif
