/* Values by hash: see memory.h. */
#include "plugins/common/memory.h"

#include <gym/plugin.h>
#include <stdlib.h>

enum { first_slots = 64 };

void
memory_free (struct memory *m)
{
  free (m->hashes);
  free (m->values);
  *m = (struct memory){ 0 };
}

/* Where a hash is, or the free slot where it would go. Hash 0, which marks free slots,
 * shares its place with 1. */
static size_t
slot_of (const struct memory *m, uint64_t hash)
{
  uint64_t mark = hash ? hash : 1;
  size_t slot = mark & (m->slots - 1);
  while (m->hashes[slot] && m->hashes[slot] != mark)
    slot = (slot + 1) & (m->slots - 1);
  return slot;
}

/* Into twice as many slots, so that at most half of them are taken. */
static int
widen (struct memory *m)
{
  struct memory wide = { .slots = m->slots ? 2 * m->slots : first_slots };
  wide.hashes = calloc (wide.slots, sizeof *wide.hashes);
  wide.values = malloc (wide.slots * sizeof *wide.values);
  if (!wide.hashes || !wide.values) {
    memory_free (&wide);
    return GYM_ENOMEM;
  }
  for (size_t from = 0; from < m->slots; from++)
    if (m->hashes[from])
      memory_put (&wide, m->hashes[from], m->values[from]);
  memory_free (m);
  *m = wide;
  return GYM_OK;
}

int
memory_put (struct memory *m, uint64_t hash, double value)
{
  if (2 * m->count >= m->slots && widen (m) < 0)
    return GYM_ENOMEM;
  size_t slot = slot_of (m, hash);
  m->count += m->hashes[slot] == 0;
  m->hashes[slot] = hash ? hash : 1;
  m->values[slot] = value;
  return GYM_OK;
}

const double *
memory_get (const struct memory *m, uint64_t hash)
{
  if (m->slots == 0)
    return NULL;
  size_t slot = slot_of (m, hash);
  return m->hashes[slot] ? m->values + slot : NULL;
}
