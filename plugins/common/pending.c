/* Designs without a result: see pending.h. */
#include "plugins/common/pending.h"

#include <stdlib.h>
#include <string.h>

void
pending_init (struct pending *p, uint32_t n)
{
  *p = (struct pending){ .n = n };
}

void
pending_free (struct pending *p)
{
  free (p->rows);
  free (p->tickets);
  *p = (struct pending){ .n = p->n };
}

/* Tickets and rows grow together; what one of them got before the other failed is kept
 * and used next time. */
static int
grow (struct pending *p)
{
  size_t room = 2 * p->room + 16;
  double *rows = realloc (p->rows, (room * p->n + 1) * sizeof *rows);
  if (!rows)
    return GYM_ENOMEM;
  p->rows = rows;
  struct ticket *tickets = realloc (p->tickets, room * sizeof *tickets);
  if (!tickets)
    return GYM_ENOMEM;
  p->tickets = tickets;
  p->room = room;
  return GYM_OK;
}

int
pending_add (struct pending *p, uint64_t ticket, const double *row, size_t place)
{
  if (p->count == p->room && grow (p) < 0)
    return GYM_ENOMEM;
  if (p->n > 0)
    memcpy (p->rows + p->count * p->n, row, p->n * sizeof *row);
  p->tickets[p->count++] = (struct ticket){ .number = ticket, .place = place };
  return GYM_OK;
}

/* Results come in the order of the asks, so the search ends at the first as a rule. */
bool
pending_take (struct pending *p, uint64_t ticket, size_t *place)
{
  size_t i = 0;
  while (i < p->count && p->tickets[i].number != ticket)
    i++;
  if (i == p->count)
    return false;
  if (place)
    *place = p->tickets[i].place;
  size_t behind = --p->count - i;
  memmove (p->tickets + i, p->tickets + i + 1, behind * sizeof *p->tickets);
  memmove (p->rows + i * p->n, p->rows + (i + 1) * p->n, behind * p->n * sizeof *p->rows);
  return true;
}

/* Queued before the next is chosen: the agent may look at what is in flight. */
int
pending_ask (struct pending *p, struct gym_asks *asks,
             int (*choose) (void *self, double *row), void *self, uint64_t *asked,
             gym_error *err)
{
  size_t n = 0;
  for (; n < asks->n; n++, ++*asked) {
    double *row = asks->designs + n * p->n;
    int code = choose (self, row);
    if (code > 0 && pending_add (p, asks->tickets[n], row, 0) < 0)
      code = GYM_ENOMEM;
    if (code < 0)
      return gym_fail (err, code, "out of memory");
    if (code == 0)
      break;
  }
  return (int)n;
}
