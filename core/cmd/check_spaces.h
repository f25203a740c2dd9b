/* check_spaces.h - the made-up spaces in which agents and proxy models are checked. */
#ifndef CMD_CHECK_SPACES_H
#define CMD_CHECK_SPACES_H

#include <gym/gym.h>

enum {
  CHECK_SPACE_SINGLE,      /* one design */
  CHECK_SPACE_TINY,        /* six */
  CHECK_SPACE_CONDITIONAL, /* two levels deep, 23 designs */
  CHECK_SPACE_MIXED,       /* every kind of parameter */
  CHECK_SPACE_REAL,        /* a continuum */
  CHECK_SPACE_WIDE,        /* twelve ordinals */
  CHECK_SPACE_PERMUTATION, /* the Lehmer digits of five items */
  CHECK_SPACES
};

/* Makes one; the caller destroys it. */
gym_space *check_space_new (int space, gym_error *err);

/* All of them, by their number; the second destroys what there is of them. */
int check_spaces_open (gym_space *all[CHECK_SPACES], gym_error *err);
void check_spaces_close (gym_space *all[CHECK_SPACES]);

/* "tiny", "mixed", ... */
const char *check_space_name (int space);

#endif
