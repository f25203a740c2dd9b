/* core/clock.h - the clock that deadlines, leases and pauses are reckoned by. */
#ifndef CORE_CLOCK_H
#define CORE_CLOCK_H

#include <stdint.h>
#include <time.h>

enum { GYM_SECOND = 1000000000 }; /* ns */

/* Nanoseconds of a clock that nobody sets. */
static inline int64_t
gym_clock (void)
{
  struct timespec t;
  clock_gettime (CLOCK_MONOTONIC, &t);
  return t.tv_sec * (int64_t)GYM_SECOND + t.tv_nsec;
}

#endif
