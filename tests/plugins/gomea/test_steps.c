/* Steps: all are neighbours in one parameter, all values of a grid can be reached, and
 * what does not exist is refused. */
#include "tests/plugins/gomea/bench.h"
#include "plugins/common/seen.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Five others of each categorical parameter, four lengths both ways of 16 values. */
static void
test_number (void)
{
  struct bench b;
  uint32_t near = 0;
  start (&b, spaces_wide ());
  CU_ASSERT_EQUAL (b.steps.n, 4 * 5 + 8 * 2 * 4);
  for (uint32_t k = 0; k < b.steps.n; k++)
    near += steps_near (&b.steps, k);
  CU_ASSERT_EQUAL (near, 4 * 5 + 8 * 2);
  stop (&b);
}

static void
test_neighbours (void)
{
  struct bench b;
  start (&b, spaces_mixed ());
  for (int t = 0; t < 300; t++) {
    double row[12], new[12];
    gym_space_sample (b.space, &b.rng, row);
    for (uint32_t k = 0; k < b.steps.n; k++) {
      uint32_t i = b.steps.items[k].parameter;
      memcpy (new, row, sizeof new);
      if (!steps_take (&b.steps, k, &b.rng, new)) {
        CU_ASSERT_TRUE (seen_same (new, row, 12));
        continue;
      }
      CU_ASSERT_EQUAL (gym_space_check (b.space, new, NULL), 0);
      CU_ASSERT (!isnan (row[i]) && new[i] != row[i]);
      for (uint32_t j = 0; j < 12; j++) /* children may come and go */
        CU_ASSERT (j == i || j >= 9 || new[j] == row[j]);
    }
  }
  stop (&b);
}

/* From 1 on a line of 40: to 2, 3, 5, 9, 17 and 33, and nowhere below. */
static void
test_lengths (void)
{
  struct bench b;
  bool met[41] = { false };
  static const int expected[] = { 2, 3, 5, 9, 17, 33 };
  int taken = 0;
  start (&b, spaces_line (40, false));
  for (uint32_t k = 0; k < b.steps.n; k++) {
    double row = 1;
    if (steps_take (&b.steps, k, &b.rng, &row)) {
      met[(int)row] = true;
      taken++;
      CU_ASSERT_EQUAL (steps_near (&b.steps, k), row == 2);
    }
  }
  CU_ASSERT_EQUAL (taken, 6);
  for (int k = 0; k < 6; k++)
    CU_ASSERT_TRUE (met[expected[k]]);
  stop (&b);
}

/* A short line is stepped along at all lengths: every other value is one step away. */
static void
test_short (void)
{
  struct bench b;
  start (&b, spaces_line (10, false));
  for (int from = 1; from <= 10; from++) {
    int taken = 0;
    unsigned met = 0;
    for (uint32_t k = 0; k < b.steps.n; k++) {
      double row = from;
      if (steps_take (&b.steps, k, &b.rng, &row)) {
        met |= 1u << (int)row;
        taken++;
        CU_ASSERT_EQUAL (steps_near (&b.steps, k), fabs (row - from) == 1);
      }
    }
    CU_ASSERT_EQUAL (taken, 9);
    CU_ASSERT_EQUAL (met, 0x7feu & ~(1u << from));
  }
  stop (&b);
}

static void
test_reals (void)
{
  struct bench b;
  double widest = 0, narrowest = 1;
  start (&b, spaces_mixed ());
  for (int t = 0; t < 200; t++)
    for (uint32_t k = 0; k < b.steps.n; k++) {
      double row[12];
      gym_space_default (b.space, row);
      row[7] = 1; /* the middle of -1 to 3 */
      if (b.steps.items[k].parameter != 7)
        continue;
      CU_ASSERT_TRUE (steps_take (&b.steps, k, &b.rng, row));
      double width = fabs (row[7] - 1) / 4;
      widest = fmax (widest, width);
      narrowest = fmin (narrowest, width);
      CU_ASSERT_EQUAL (steps_near (&b.steps, k), width <= 1.0 / 64);
    }
  CU_ASSERT (widest > 0.24 && widest <= 0.25);
  CU_ASSERT (narrowest < 0.0006 && narrowest >= 0.0004);
  stop (&b);
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { "number", test_number },   { "neighbours", test_neighbours },
    { "lengths", test_lengths }, { "short grids", test_short },
    { "reals", test_reals },     { 0 }
  };
  return tap_run ("steps", tests);
}
