/* The tasks of a broker: entries in a pool, found by key, queued in a ring. */
#include "core/broker_inside.h"
#include "core/memory.h"

int
tasks_init (struct broker_tasks *t)
{
  *t = (struct broker_tasks){ .free = NOBODY, .slots = 64, .queue_room = 64 };
  t->table = calloc (t->slots, sizeof *t->table);
  t->queue = malloc (t->queue_room * sizeof *t->queue);
  return t->table && t->queue ? GYM_OK : GYM_ENOMEM;
}

void
tasks_free (struct broker_tasks *t)
{
  free (t->entries);
  free (t->table);
  free (t->queue);
}

/* Keys are hashes already: their low bits are the place. */
static size_t
home (const struct broker_tasks *t, uint64_t key)
{
  return (size_t)key & (t->slots - 1);
}

/* Linear probing (Knuth, vol. 3, 6.4, algorithm L): the place of a key, or the free one
 * where it would go. */
static size_t
find_slot (const struct broker_tasks *t, uint64_t key)
{
  size_t at = home (t, key);
  while (t->table[at] && t->entries[t->table[at] - 1].key != key)
    at = (at + 1) & (t->slots - 1);
  return at;
}

struct entry *
tasks_find (const struct broker_tasks *t, uint64_t key)
{
  uint32_t found = t->table[find_slot (t, key)];
  return found ? &t->entries[found - 1] : NULL;
}

/* At most half full, so that a search is short. */
static int
make_room (struct broker_tasks *t)
{
  if (2 * (t->used + 1) <= t->slots)
    return GYM_OK;
  uint32_t *old = t->table, *bigger = calloc (2 * t->slots, sizeof *bigger);
  size_t n = t->slots;
  if (!bigger)
    return GYM_ENOMEM;
  t->table = bigger;
  t->slots *= 2;
  for (size_t i = 0; i < n; i++)
    if (old[i])
      t->table[find_slot (t, t->entries[old[i] - 1].key)] = old[i];
  free (old);
  return GYM_OK;
}

/* Indices rather than pointers everywhere else: the pool may move when it grows. */
static struct entry *
take_entry (struct broker_tasks *t)
{
  if (t->free != NOBODY) {
    struct entry *e = &t->entries[t->free];
    t->free = e->next;
    return e;
  }
  if (gym_grow (&t->entries, t->n, &t->room, sizeof *t->entries) < 0)
    return NULL;
  return &t->entries[t->n++];
}

struct entry *
tasks_add (struct broker_tasks *t, uint64_t key, bool *fresh)
{
  struct entry *e = tasks_find (t, key);
  *fresh = !e;
  if (e && !e->tasks)
    e->attempts = 0; /* what was held against its earlier life is over */
  if (e)
    return e;
  if (make_room (t) < 0 || !(e = take_entry (t)))
    return NULL;
  *e = (struct entry){ .key = key, .peer = NOBODY, .next = NOBODY };
  t->table[find_slot (t, key)] = (uint32_t)(e - t->entries) + 1;
  t->used++;
  return e;
}

/* Closes the gap that a removal would leave in a chain (Knuth, vol. 3, 6.4, algorithm
 * R): marks for "was here once" would fill the table over a long study. */
void
tasks_remove (struct broker_tasks *t, struct entry *e)
{
  e->tasks = NULL;
  if (e->queued)
    return;
  size_t gap = find_slot (t, e->key), mask = t->slots - 1;
  for (size_t at = (gap + 1) & mask; t->table[at]; at = (at + 1) & mask) {
    size_t h = home (t, t->entries[t->table[at] - 1].key);
    if (((at - h) & mask) >= ((at - gap) & mask)) {
      t->table[gap] = t->table[at];
      gap = at;
    }
  }
  t->table[gap] = 0;
  e->next = t->free;
  t->free = (uint32_t)(e - t->entries);
  t->used--;
}

/* Straightened out on the way, so that the ring begins at 0 again. */
static int
grow_queue (struct broker_tasks *t)
{
  uint32_t *bigger = malloc (2 * t->queue_room * sizeof *bigger);
  if (!bigger)
    return GYM_ENOMEM;
  for (size_t i = 0; i < t->queued; i++)
    bigger[i] = t->queue[(t->head + i) & (t->queue_room - 1)];
  free (t->queue);
  t->queue = bigger;
  t->queue_room *= 2;
  t->head = 0;
  return GYM_OK;
}

int
tasks_push (struct broker_tasks *t, struct entry *e, bool first)
{
  if (e->queued)
    return GYM_OK;
  if (t->queued == t->queue_room && grow_queue (t) < 0)
    return GYM_ENOMEM;
  size_t mask = t->queue_room - 1;
  if (first)
    t->head = (t->head - 1) & mask;
  t->queue[first ? t->head : (t->head + t->queued) & mask] = (uint32_t)(e - t->entries);
  t->queued++;
  e->queued = true;
  return GYM_OK;
}

/* One that was finished while it waited, by a late result of a lost worker, has no tasks.
 */
struct entry *
tasks_pop (struct broker_tasks *t)
{
  if (t->queued == 0)
    return NULL;
  struct entry *e = &t->entries[t->queue[t->head]];
  t->head = (t->head + 1) & (t->queue_room - 1);
  t->queued--;
  e->queued = false;
  return e;
}
