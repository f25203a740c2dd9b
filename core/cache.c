/* Open addressing over parallel arrays: a trial costs one probe and one row copy. */
#include "core/cache.h"
#include "core/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct key {
  uint64_t hash;
  uint64_t seed;
  uint32_t fidelity;
  uint8_t status;
  bool ready;
};

struct gym_cache {
  uint32_t p, m;
  size_t count, room;
  struct key *keys;
  double *designs, *metrics;
  char **notes;
  size_t slots;    /* a power of two, at least twice the count */
  uint32_t *table; /* entry + 1, or 0 */
};

enum { first_slots = 1024 };

gym_cache *
gym_cache_new (uint32_t p, uint32_t m, gym_error *err)
{
  gym_cache *c = calloc (1, sizeof *c);
  uint32_t *table = c ? calloc (first_slots, sizeof *table) : NULL;
  if (!table) {
    free (c);
    gym_fail (err, GYM_ENOMEM, "out of memory for the design cache");
    return NULL;
  }
  *c = (gym_cache){ .p = p, .m = m, .slots = first_slots, .table = table };
  return c;
}

void
gym_cache_destroy (gym_cache **cache)
{
  gym_cache *c = *cache;
  if (!c)
    return;
  for (size_t i = 0; i < c->count; i++)
    free (c->notes[i]);
  free (c->keys);
  free (c->designs);
  free (c->metrics);
  free (c->notes);
  free (c->table);
  free (c);
  *cache = NULL;
}

/* The design's hash says nothing of fidelity and seed: fold them in. */
static uint64_t
fold (uint64_t hash, uint32_t fidelity, uint64_t seed)
{
  uint64_t h = hash ^ (seed + 0x9E3779B97F4A7C15u * (fidelity + 1u));
  h ^= h >> 32;
  h *= 0xD6E8FEB86659FD93u;
  return h ^ (h >> 32);
}

/* Rows double: an insertion costs a constant, and entries are numbers rather than
 * pointers because the rows move. */
static int
grow_rows (gym_cache *c)
{
  if (c->count < c->room)
    return GYM_OK;
  size_t room = c->room ? c->room * 2 : 256;
  if (room >= UINT32_MAX || gym_resize (&c->keys, room, sizeof *c->keys) < 0
      || gym_resize (&c->designs, room * c->p, sizeof (double)) < 0
      || gym_resize (&c->metrics, room * c->m, sizeof (double)) < 0
      || gym_resize (&c->notes, room, sizeof (char *)) < 0)
    return GYM_ENOMEM;
  c->room = room;
  return GYM_OK;
}

/* Linear probing stays short while the table is at most half full. */
static int
grow_table (gym_cache *c)
{
  if ((c->count + 1) * 2 <= c->slots)
    return GYM_OK;
  size_t slots = c->slots * 2;
  uint32_t *table = calloc (slots, sizeof *table);
  if (!table)
    return GYM_ENOMEM;
  for (size_t i = 0; i < c->count; i++) {
    const struct key *k = &c->keys[i];
    size_t s = fold (k->hash, k->fidelity, k->seed) & (slots - 1);
    while (table[s])
      s = (s + 1) & (slots - 1);
    table[s] = (uint32_t)i + 1;
  }
  free (c->table);
  c->table = table;
  c->slots = slots;
  return GYM_OK;
}

static bool
same (const gym_cache *c, size_t entry, uint64_t hash, const double *design,
      uint32_t fidelity, uint64_t seed)
{
  const struct key *k = &c->keys[entry];
  /* Canonical rows hold one form of NaN and no negative zero: bytes decide. */
  return k->hash == hash && k->seed == seed && k->fidelity == fidelity
         && memcmp (c->designs + entry * c->p, design, c->p * sizeof *design) == 0;
}

/* Growing comes after the search, since most look-ups in a settled run find something;
 * a table that grew has another free slot for the key. */
int64_t
gym_cache_get (gym_cache *c, uint64_t hash, const double *design, uint32_t fidelity,
               uint64_t seed, bool *fresh, gym_error *err)
{
  size_t s = fold (hash, fidelity, seed) & (c->slots - 1);
  *fresh = false;
  for (; c->table[s]; s = (s + 1) & (c->slots - 1))
    if (same (c, c->table[s] - 1, hash, design, fidelity, seed))
      return c->table[s] - 1;
  size_t slots = c->slots;
  if (grow_rows (c) < 0 || grow_table (c) < 0)
    return gym_fail (err, GYM_ENOMEM, "out of memory for %zu cached designs",
                     c->count + 1);
  if (slots != c->slots)
    for (s = fold (hash, fidelity, seed) & (c->slots - 1); c->table[s];)
      s = (s + 1) & (c->slots - 1);
  size_t entry = c->count++;
  c->table[s] = (uint32_t)entry + 1;
  c->keys[entry] = (struct key){ .hash = hash, .seed = seed, .fidelity = fidelity };
  c->notes[entry] = NULL;
  memcpy (c->designs + entry * c->p, design, c->p * sizeof *design);
  *fresh = true;
  return (int64_t)entry;
}

/* Notes are rare (they say why a trial failed), so they live apart from the rows. */
int
gym_cache_put (gym_cache *c, int64_t entry, uint32_t status, const double *metrics,
               const char *note, gym_error *err)
{
  c->keys[entry].status = (uint8_t)status;
  c->keys[entry].ready = true;
  for (uint32_t j = 0; j < c->m; j++)
    c->metrics[(size_t)entry * c->m + j] = metrics ? metrics[j] : NAN;
  free (c->notes[entry]);
  c->notes[entry] = note && *note ? strdup (note) : NULL;
  if (note && *note && !c->notes[entry])
    return gym_fail (err, GYM_ENOMEM, "out of memory for a note");
  return GYM_OK;
}

bool
gym_cache_ready (const gym_cache *c, int64_t entry)
{
  return c->keys[entry].ready;
}

uint32_t
gym_cache_status (const gym_cache *c, int64_t entry)
{
  return c->keys[entry].status;
}

const double *
gym_cache_design (const gym_cache *c, int64_t entry)
{
  return c->designs + (size_t)entry * c->p;
}

double *
gym_cache_metrics (const gym_cache *c, int64_t entry)
{
  return c->metrics + (size_t)entry * c->m;
}

const char *
gym_cache_note (const gym_cache *c, int64_t entry)
{
  return c->notes[entry] ? c->notes[entry] : "";
}

size_t
gym_cache_count (const gym_cache *c)
{
  return c->count;
}
