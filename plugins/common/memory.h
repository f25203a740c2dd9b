/* plugins/common/memory.h - what designs were worth, by their 64-bit hash.
 *
 * For searches that walk over known designs, which costs no evaluation. Two designs of
 * one hash are taken for the same, as in large sets of seen.h. */
#ifndef PLUGINS_COMMON_MEMORY_H
#define PLUGINS_COMMON_MEMORY_H

#include <stddef.h>
#include <stdint.h>

struct memory {
  size_t count, slots; /* slots: a power of two, or 0 */
  uint64_t *hashes;    /* 0: the slot is free */
  double *values;
};

/* Zeroed memory is an empty one; it allocates nothing. */
void memory_free (struct memory *memory);

/* Keeps a value, in place of an older one. 0, or negative GYM_ENOMEM. */
int memory_put (struct memory *memory, uint64_t hash, double value);

/* The value, or NULL; valid until the next memory_put. */
const double *memory_get (const struct memory *memory, uint64_t hash);

#endif
