/* tests/plugins/spaces.h - made-up spaces that agents and their parts are tested on. */
#ifndef TESTS_PLUGINS_SPACES_H
#define TESTS_PLUGINS_SPACES_H

#include <gym/space.h>

/* Finite, conditionals two deep. */
enum { SPACES_SMALL = 90 };
gym_space *spaces_small (void);

/* Every kind: categorical, ordinal, integers (plain, with a step, long, log), reals
 * (plain and log), a parameter with one value only, and conditional ones. */
gym_space *spaces_mixed (void);

/* 12 parameters, about 10^13 designs, no conditions. */
gym_space *spaces_wide (void);

/* One integer of 1 .. n, on a log scale if so asked. */
gym_space *spaces_line (double n, bool log);

#endif
