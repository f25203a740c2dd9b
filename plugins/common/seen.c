/* The set of designs an agent has asked for: see seen.h. */
#include "plugins/common/seen.h"

#include <gym/plugin.h>
#include <stdlib.h>
#include <string.h>

/* A small beginning: a study may hold hundreds of agents at a time. */
enum { first_slots = 64 };

void
seen_init (struct seen *seen, uint32_t n, bool exact)
{
  *seen = (struct seen){ .n = n, .exact = exact };
}

void
seen_free (struct seen *seen)
{
  free (seen->hashes);
  free (seen->places);
  free (seen->rows);
  *seen = (struct seen){ .n = seen->n, .exact = seen->exact, .placed = seen->placed };
}

bool
seen_same (const double *a, const double *b, uint32_t n)
{
  for (uint32_t i = 0; i < n; i++)
    if (a[i] != b[i] && (a[i] == a[i] || b[i] == b[i]))
      return false;
  return true;
}

/* 0 marks a free slot, so the design that hashes to it moves over by one. */
static uint64_t
mark_of (uint64_t hash)
{
  return hash ? hash : 1;
}

/* Where a design is, or the free slot where it would go. */
static size_t
slot_of (const struct seen *seen, uint64_t mark, const double *row)
{
  size_t slot = mark & (seen->slots - 1);
  for (; seen->hashes[slot]; slot = (slot + 1) & (seen->slots - 1))
    if (seen->hashes[slot] == mark
        && (!seen->exact
            || seen_same (seen->rows + seen->places[slot] * seen->n, row, seen->n)))
      break;
  return slot;
}

/* Moves everything into twice as many slots. Designs are all different, so that the next
 * free slot is right without another look at them. */
static int
widen (struct seen *seen)
{
  size_t slots = seen->slots ? 2 * seen->slots : first_slots;
  uint64_t *hashes = calloc (slots, sizeof *hashes);
  bool placed = seen->exact || seen->placed;
  size_t *places = placed ? malloc (slots * sizeof *places) : NULL;
  if (!hashes || (placed && !places)) {
    free (hashes);
    free (places);
    return GYM_ENOMEM;
  }
  for (size_t from = 0; from < seen->slots; from++) {
    if (!seen->hashes[from])
      continue;
    size_t to = seen->hashes[from] & (slots - 1);
    while (hashes[to])
      to = (to + 1) & (slots - 1);
    hashes[to] = seen->hashes[from];
    if (places)
      places[to] = seen->places[from];
  }
  free (seen->hashes);
  free (seen->places);
  seen->hashes = hashes;
  seen->places = places;
  seen->slots = slots;
  return GYM_OK;
}

/* Rows are kept in the order they came and never move, only the slots do. */
static int
keep_row (struct seen *seen, const double *row)
{
  if (seen->count == seen->room) {
    size_t room = seen->room ? 2 * seen->room : first_slots;
    double *rows = realloc (seen->rows, (room * seen->n + 1) * sizeof *rows);
    if (!rows)
      return GYM_ENOMEM;
    seen->rows = rows;
    seen->room = room;
  }
  memcpy (seen->rows + seen->count * seen->n, row, seen->n * sizeof *row);
  return GYM_OK;
}

int
seen_add (struct seen *seen, uint64_t hash, const double *row)
{
  uint64_t mark = mark_of (hash);
  if (2 * seen->count >= seen->slots && widen (seen) < 0)
    return GYM_ENOMEM;
  size_t slot = slot_of (seen, mark, row);
  if (seen->hashes[slot])
    return 0;
  if (seen->exact && keep_row (seen, row) < 0)
    return GYM_ENOMEM;
  if (seen->places)
    seen->places[slot] = seen->count;
  seen->hashes[slot] = mark;
  seen->count++;
  return 1;
}

bool
seen_has (const struct seen *seen, uint64_t hash, const double *row)
{
  return seen->slots && seen->hashes[slot_of (seen, mark_of (hash), row)];
}

size_t
seen_place (const struct seen *seen, uint64_t hash, const double *row)
{
  return seen->places[slot_of (seen, mark_of (hash), row)];
}
