/* core/memory.h - growing arrays, written once. */
#ifndef CORE_MEMORY_H
#define CORE_MEMORY_H

#include <gym/error.h>
#include <stdlib.h>
#include <string.h>

/* Makes the array behind `array` (the address of a pointer to elements of `size` bytes)
 * `n` elements long; on failure it is as before. */
static inline int
gym_resize (void *array, size_t n, size_t size)
{
  void *old, *bigger;
  memcpy (&old, array, sizeof old);
  bigger = realloc (old, (n ? n : 1) * size);
  if (!bigger)
    return GYM_ENOMEM;
  memcpy (array, &bigger, sizeof bigger);
  return GYM_OK;
}

/* Room for one more element than `n`, doubling `*room` when it is reached. */
static inline int
gym_grow (void *array, size_t n, size_t *room, size_t size)
{
  if (n < *room)
    return GYM_OK;
  size_t more = *room ? *room * 2 : 8;
  int rc = gym_resize (array, more, size);
  if (rc == GYM_OK)
    *room = more;
  return rc;
}

#endif
