/* plugins/common/pending.h - what an agent has asked and not yet heard of: a queue in the
 * order of the asks, of designs, or of places that the agent knows them by, or of both.
 *
 * Results mostly come in the order of asking, so that a look at the front of the queue is
 * enough; others are found by walking. */
#ifndef PLUGINS_COMMON_PENDING_H
#define PLUGINS_COMMON_PENDING_H

#include <gym/plugin.h>

struct pending {
  uint32_t n; /* numbers in a design; 0: none are kept */
  size_t count, room;
  double *rows;
  struct ticket {
    uint64_t number;
    size_t place;
  } * tickets;
};

/* An empty queue of designs of n numbers. It allocates nothing; zeroed memory is an empty
 * queue without designs. */
void pending_init (struct pending *p, uint32_t n);
void pending_free (struct pending *p);

/* `row` may be NULL when none are kept. GYM_ENOMEM */
int pending_add (struct pending *p, uint64_t ticket, const double *row, size_t place);

/* Takes a ticket out and writes its place, if that is wanted; false when it is not there:
 * it belongs to a replayed or foreign trial. */
bool pending_take (struct pending *p, uint64_t ticket, size_t *place);

/* Answers an ask of an agent that remembers what is in flight: every design `choose`
 * finds is queued and counted in `*asked`. `choose` writes a row and returns 1, 0 when
 * there is no new design left, or GYM_ENOMEM; `self` is handed on to it. */
int pending_ask (struct pending *p, struct gym_asks *asks,
                 int (*choose) (void *self, double *row), void *self, uint64_t *asked,
                 gym_error *err);

static inline const double *
pending_row (const struct pending *p, size_t i)
{
  return p->rows + i * p->n;
}

#endif
