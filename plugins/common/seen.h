/* plugins/common/seen.h - the set of designs an agent has asked for.
 *
 * Open addressing over the host's 64-bit hashes, at most half full, so that a look-up
 * costs the same after ten designs and after ten million. An exact set also keeps the
 * designs and tells apart those whose hashes collide; the other kind takes two designs
 * of one hash for the same, which a search meets once in 2^64 / trials^2 runs. */
#ifndef PLUGINS_COMMON_SEEN_H
#define PLUGINS_COMMON_SEEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct seen {
  uint32_t n; /* numbers in a design */
  bool exact;
  bool placed; /* set before the first design: `seen_place` is wanted */
  size_t count;
  size_t slots;     /* a power of two; 0 before the first design */
  uint64_t *hashes; /* 0: the slot is free */
  size_t *places;   /* of the design of each slot in the order they came;
                       only when exact or placed */
  double *rows;
  size_t room; /* of rows */
};

/* An empty set of designs of n numbers. It allocates nothing. */
void seen_init (struct seen *seen, uint32_t n, bool exact);
void seen_free (struct seen *seen);

/* Adds a canonical design with its hash: 1 when it is new, 0 when it was there, negative
 * GYM_ENOMEM. */
int seen_add (struct seen *seen, uint64_t hash, const double *row);

bool seen_has (const struct seen *seen, uint64_t hash, const double *row);

/* How many designs were added before this one, which is there; the set is exact or
 * placed. */
size_t seen_place (const struct seen *seen, uint64_t hash, const double *row);

/* Whether two canonical designs are the same: equal numbers, or NaN in both. */
bool seen_same (const double *a, const double *b, uint32_t n);

#endif
