/* core/clock.h - the clock that deadlines, leases and pauses are reckoned by. */
#ifndef CORE_CLOCK_H
#define CORE_CLOCK_H

#include <stdint.h>
#include <time.h>

enum { GYM_SECOND = 1000000000 }; /* ns */

static inline int64_t
gym_clock_of (clockid_t id)
{
  struct timespec t;
  clock_gettime (id, &t);
  return t.tv_sec * (int64_t)GYM_SECOND + t.tv_nsec;
}

/* Nanoseconds of a clock that nobody sets. */
static inline int64_t
gym_clock (void)
{
  return gym_clock_of (CLOCK_MONOTONIC);
}

/* The same in steps of a few milliseconds: a read of shared memory, for what is looked at
 * after every trial. */
static inline int64_t
gym_clock_coarse (void)
{
  return gym_clock_of (CLOCK_MONOTONIC_COARSE);
}

#endif
