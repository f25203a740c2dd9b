/* plugins/common/pending.h - designs without a result: a queue in the order of the asks.
 */
#ifndef PLUGINS_COMMON_PENDING_H
#define PLUGINS_COMMON_PENDING_H

#include <gym/plugin.h>

struct pending {
  uint32_t n; /* numbers in a design */
  size_t count, room;
  double *rows;
  uint64_t *tickets;
};

/* An empty queue of designs of n numbers. It allocates nothing. */
void pending_init (struct pending *p, uint32_t n);
void pending_free (struct pending *p);

/* GYM_ENOMEM */
int pending_add (struct pending *p, uint64_t ticket, const double *row);

/* Takes a ticket out; false when it is not there: it belongs to a replayed or foreign
 * trial. */
bool pending_drop (struct pending *p, uint64_t ticket);

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
