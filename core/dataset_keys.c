/* core/dataset_keys.c - which trial stands for those with the same key.
 *
 * A table of 24-byte slots with open addressing. Keys are 128-bit hashes and are taken at
 * their word: among 1e9 trials two different keys collide with a chance of about 1e-21.
 */
#include <config.h>

#include "core/dataset_inside.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

enum { CHECK_BITS = 21, STATUS_BITS = 3, FIRST = 1024 };

struct dataset_key
gym_dataset_key (size_t env, size_t fidelity, uint64_t seed, const double *design,
                 uint32_t n, double *buffer)
{
  uint64_t head[3] = { env, fidelity, seed };
  memcpy (buffer, head, sizeof head);
  memcpy (buffer + 3, design, n * sizeof *design);
  XXH128_hash_t hash = XXH3_128bits (buffer, (n + 3) * sizeof *buffer);
  return (struct dataset_key){ .half = { hash.low64, hash.high64 } };
}

uint64_t
gym_dataset_about (size_t ordinal, uint32_t status, uint64_t check)
{
  return ((uint64_t)ordinal + 1) << (CHECK_BITS + STATUS_BITS)
         | (uint64_t)status << CHECK_BITS | (check & ((1u << CHECK_BITS) - 1));
}

size_t
gym_dataset_about_ordinal (uint64_t about)
{
  return (size_t)(about >> (CHECK_BITS + STATUS_BITS)) - 1;
}

uint32_t
gym_dataset_about_status (uint64_t about)
{
  return about >> CHECK_BITS & ((1u << STATUS_BITS) - 1);
}

uint64_t
gym_dataset_about_check (uint64_t about)
{
  return about & ((1u << CHECK_BITS) - 1);
}

static struct dataset_slot *
look (const struct dataset_keys *keys, const struct dataset_key *key)
{
  size_t mask = keys->room - 1, at = key->half[0] & mask;
  while (keys->slots[at].about
         && (keys->slots[at].key[0] != key->half[0]
             || keys->slots[at].key[1] != key->half[1]))
    at = (at + 1) & mask;
  return &keys->slots[at];
}

/* At most two thirds full. */
static int
grow (struct dataset_keys *keys)
{
  struct dataset_keys more = { .room = keys->room ? 2 * keys->room : FIRST,
                               .n = keys->n };
  more.slots = calloc (more.room, sizeof *more.slots);
  if (!more.slots)
    return GYM_ENOMEM;
  for (size_t i = 0; i < keys->room; i++) {
    const struct dataset_slot *slot = &keys->slots[i];
    const struct dataset_key key = { .half = { slot->key[0], slot->key[1] } };
    if (slot->about)
      *look (&more, &key) = *slot;
  }
  free (keys->slots);
  *keys = more;
  return GYM_OK;
}

struct dataset_slot *
gym_dataset_slot (struct dataset_keys *keys, const struct dataset_key *key)
{
  if (3 * (keys->n + 1) > 2 * keys->room && grow (keys) < 0)
    return NULL;
  struct dataset_slot *slot = look (keys, key);
  if (!slot->about) {
    memcpy (slot->key, key->half, sizeof slot->key);
    keys->n++;
  }
  return slot;
}
