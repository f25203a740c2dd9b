/* What was asked and not yet heard of: see tickets.h. */
#include "plugins/common/tickets.h"

#include <gym/error.h>

#include <stdlib.h>

void
tickets_free (struct tickets *t)
{
  free (t->items);
  *t = (struct tickets){ 0 };
}

static struct ticket *
item (const struct tickets *t, size_t k)
{
  return &t->items[(t->first + k) % t->room];
}

/* In a new ring the first is at the beginning. */
static int
widen (struct tickets *t)
{
  size_t room = 2 * t->room + 16;
  struct ticket *items = malloc (room * sizeof *items);
  if (!items)
    return GYM_ENOMEM;
  for (size_t k = 0; k < t->n; k++)
    items[k] = *item (t, k);
  free (t->items);
  *t = (struct tickets){ .n = t->n, .room = room, .items = items };
  return GYM_OK;
}

int
tickets_add (struct tickets *t, uint64_t number, size_t place)
{
  if (t->n == t->room && widen (t) < 0)
    return GYM_ENOMEM;
  *item (t, t->n++) = (struct ticket){ .number = number, .place = place };
  return GYM_OK;
}

/* Those in front of it move up by one. */
bool
tickets_take (struct tickets *t, uint64_t number, size_t *place)
{
  size_t k = 0;
  while (k < t->n && item (t, k)->number != number)
    k++;
  if (k == t->n)
    return false;
  *place = item (t, k)->place;
  for (; k > 0; k--)
    *item (t, k) = *item (t, k - 1);
  t->first = (t->first + 1) % t->room;
  t->n--;
  return true;
}
