/* What the tests of the statistics share. */
#ifndef TESTS_STATS_HELP_H
#define TESTS_STATS_HELP_H

#include "tests/tap.h"

#include <gym/gym.h>
#include <math.h>

#define LENGTH(array) (sizeof (array) / sizeof (array)[0])

/* Relative, and absolute where the expected value is 0. */
static inline void
near (double seen, double expected, double tolerance, const char *what, int line)
{
  double scale = expected == 0 ? 1 : fabs (expected);
  if (fabs (seen - expected) <= tolerance * scale)
    return;
  tap_note ("line %d: %s is %.17g, not %.17g", line, what, seen, expected);
  CU_FAIL ("a number");
}

#define NEAR(seen, expected, tolerance) near (seen, expected, tolerance, #seen, __LINE__)

#endif
