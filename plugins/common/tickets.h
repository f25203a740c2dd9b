/* plugins/common/tickets.h - what an agent has asked and not yet heard of.
 *
 * Results mostly come in the order of asking, so that a look at the front of the queue is
 * enough; others are found by walking. */
#ifndef PLUGINS_COMMON_TICKETS_H
#define PLUGINS_COMMON_TICKETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ticket {
  uint64_t number;
  size_t place; /* the agent's own */
};

/* Zeroed memory is an empty queue. */
struct tickets {
  size_t first, n, room; /* a ring */
  struct ticket *items;
};

void tickets_free (struct tickets *tickets);

/* GYM_ENOMEM. */
int tickets_add (struct tickets *tickets, uint64_t number, size_t place);

/* Takes a ticket out; false when it is not there. */
bool tickets_take (struct tickets *tickets, uint64_t number, size_t *place);

#endif
