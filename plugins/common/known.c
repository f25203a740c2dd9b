/* Results by design: see known.h. */
#include "plugins/common/known.h"

#include <stdlib.h>
#include <string.h>

enum { first_slots = 64 };

void
known_init (struct known *known, uint32_t n_constraints)
{
  *known = (struct known){ .c = n_constraints };
}

void
known_free (struct known *known)
{
  free (known->places);
  free (known->hashes);
  free (known->objectives);
  free (known->violations);
  free (known->statuses);
  known_init (known, known->c);
}

/* Places count from 1, so that 0 marks a free slot. */
static size_t
slot_of (const struct known *known, const size_t *places, size_t slots, uint64_t hash)
{
  size_t slot = hash & (slots - 1);
  while (places[slot] && known->hashes[places[slot] - 1] != hash)
    slot = (slot + 1) & (slots - 1);
  return slot;
}

/* Half full at most: chains of taken slots stay short however the hashes fall. */
static int
widen (struct known *known)
{
  size_t slots = known->slots ? 2 * known->slots : first_slots;
  size_t *places = calloc (slots, sizeof *places);
  if (!places)
    return GYM_ENOMEM;
  for (size_t k = 0; k < known->count; k++)
    places[slot_of (known, places, slots, known->hashes[k])] = k + 1;
  free (known->places);
  known->places = places;
  known->slots = slots;
  return GYM_OK;
}

/* The array, longer; as it was, and not ok, when memory has run out. */
static void *
lengthen (void *array, size_t room, size_t size, bool *ok)
{
  void *longer = realloc (array, room * size + 1);
  *ok &= longer != NULL;
  return longer ? longer : array;
}

static int
make_room (struct known *known)
{
  size_t room = known->room ? 2 * known->room : first_slots;
  bool ok = true;
  known->hashes = lengthen (known->hashes, room, sizeof *known->hashes, &ok);
  known->objectives = lengthen (known->objectives, room, sizeof *known->objectives, &ok);
  known->violations =
      lengthen (known->violations, room * known->c, sizeof *known->violations, &ok);
  known->statuses = lengthen (known->statuses, room, sizeof *known->statuses, &ok);
  if (!ok)
    return GYM_ENOMEM;
  known->room = room;
  return GYM_OK;
}

/* The place is counted only when there is room for it: a failed call changes nothing. */
int
known_put (struct known *known, uint64_t hash, const struct points *points, size_t slot)
{
  if (2 * known->count >= known->slots && widen (known) < 0)
    return GYM_ENOMEM;
  if (known->count == known->room && make_room (known) < 0)
    return GYM_ENOMEM;
  size_t free_slot = slot_of (known, known->places, known->slots, hash);
  size_t place = known->places[free_slot] ? known->places[free_slot] - 1 : known->count++;
  known->places[free_slot] = place + 1;
  known->hashes[place] = hash;
  known->objectives[place] = points->objectives[slot];
  if (known->c > 0)
    memcpy (known->violations + place * known->c, points->violations + slot * known->c,
            known->c * sizeof *known->violations);
  known->statuses[place] = points->statuses[slot];
  return GYM_OK;
}

/* The row stays: whoever asks has put it there. */
bool
known_get (const struct known *known, uint64_t hash, struct points *points, size_t slot)
{
  if (known->slots == 0)
    return false;
  size_t place = known->places[slot_of (known, known->places, known->slots, hash)];
  if (place-- == 0)
    return false;
  points->objectives[slot] = known->objectives[place];
  if (known->c > 0)
    memcpy (points->violations + slot * known->c, known->violations + place * known->c,
            known->c * sizeof *known->violations);
  points->statuses[slot] = known->statuses[place];
  return true;
}
