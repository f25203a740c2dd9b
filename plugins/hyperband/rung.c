/* One rung of ASHA: see rung.h. */
#include "plugins/hyperband/rung.h"

#include <stdlib.h>

void
rung_free (struct rung *r)
{
  free (r->top);
  free (r->rest);
  free (r->fresh);
  *r = (struct rung){ 0 };
}

/* Twice the room, for the list of fresh ones, to which a result adds two at most. One
 * array after the other: those that have grown stay so when another cannot. */
static int
widen (struct rung *r)
{
  size_t room = 2 * r->room + 64, **arrays[] = { &r->top, &r->rest, &r->fresh };
  for (int k = 0; k < 3; k++) {
    size_t *array = realloc (*arrays[k], 2 * room * sizeof *array);
    if (!array)
      return GYM_ENOMEM;
    *arrays[k] = array;
  }
  r->room = room;
  return GYM_OK;
}

/* ---- heaps: sign 1 has the best on top, -1 the worst; of equal ones the older is better
 */

static bool
before (const struct points *p, int sign, size_t a, size_t b)
{
  int order = points_compare (p, a, b);
  return (order ? order * sign : a < b ? -sign : sign) < 0;
}

static void
push (const struct points *p, int sign, size_t *heap, size_t *n, size_t slot)
{
  size_t k = (*n)++;
  for (; k > 0 && before (p, sign, slot, heap[(k - 1) / 2]); k = (k - 1) / 2)
    heap[k] = heap[(k - 1) / 2];
  heap[k] = slot;
}

static size_t
pop (const struct points *p, int sign, size_t *heap, size_t *n)
{
  size_t out = heap[0], last = heap[--*n], k = 0;
  for (size_t child; (child = 2 * k + 1) < *n; k = child) {
    if (child + 1 < *n && before (p, sign, heap[child + 1], heap[child]))
      child++;
    if (!before (p, sign, heap[child], last))
      break;
    heap[k] = heap[child];
  }
  heap[k] = last;
  return out;
}

/* ---- results ---- */

static void
lift (struct rung *r, const struct points *p, size_t slot, bool *in_top)
{
  push (p, -1, r->top, &r->n_top, slot);
  r->fresh[r->n_fresh++] = slot;
  in_top[slot] = true;
}

/* A result better than the worst at the top takes its place. */
static void
insert (struct rung *r, const struct points *p, size_t slot, bool *in_top)
{
  in_top[slot] = false;
  if (r->n_top > 0 && before (p, 1, slot, r->top[0])) {
    size_t out = pop (p, -1, r->top, &r->n_top);
    in_top[out] = false;
    push (p, 1, r->rest, &r->n_rest, out);
    lift (r, p, slot, in_top);
  } else
    push (p, 1, r->rest, &r->n_rest, slot);
}

int
rung_add (struct rung *r, const struct points *p, double eta, size_t epoch, size_t slot,
          bool *in_top)
{
  if (r->n_fresh + 2 > 2 * r->room || r->n + 1 > r->room)
    if (widen (r) < 0)
      return GYM_ENOMEM;
  if (r->n >= epoch)
    r->n = r->n_top = r->n_rest = 0;
  r->n++;
  insert (r, p, slot, in_top);
  if ((double)(r->n_top + 1) <= (double)r->n / eta && r->n_rest > 0)
    lift (r, p, pop (p, 1, r->rest, &r->n_rest), in_top);
  return GYM_OK;
}

bool
rung_fresh (struct rung *r, size_t *slot)
{
  if (r->n_fresh == 0)
    return false;
  *slot = r->fresh[--r->n_fresh];
  return true;
}
