/* Moves that respect what a parameter is. */
#include "tests/tap.h"

#include "core/host.h"
#include "plugins/common/moves.h"
#include "plugins/common/seen.h"
#include "tests/plugins/spaces.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 16 };

struct bench {
  struct gym_host host;
  struct gym_host_context context;
  gym_space *space;
  struct moves moves;
  gym_rng rng;
};

static void
start (struct bench *b, gym_space *space)
{
  CU_ASSERT_PTR_NOT_NULL_FATAL (space);
  gym_host_init (&b->host, &b->context, NULL);
  b->space = space;
  CU_ASSERT_EQUAL_FATAL (moves_init (&b->moves, &b->host, space), GYM_OK);
  gym_rng_init (&b->rng, 1);
}

static void
stop (struct bench *b)
{
  moves_free (&b->moves);
  moves_free (&b->moves);
  gym_space_destroy (&b->space);
}

/* From anywhere, a move leads to another value of the parameter. */
static void
test_other_value (void)
{
  struct bench b;
  start (&b, spaces_mixed ());
  for (uint32_t i = 0; i < gym_space_size (b.space); i++)
    for (int k = 0; k < 2000; k++) {
      const struct gym_param *p = gym_space_param (b.space, i);
      double from = gym_space_draw (b.space, &b.rng, i);
      double to = moves_value (&b.moves, &b.rng, i, from);
      if (p->n_levels == 1) {
        CU_ASSERT_EQUAL (to, from);
        continue;
      }
      CU_ASSERT_NOT_EQUAL (to, from);
      CU_ASSERT (p->kind != GYM_REAL || (to >= p->low && to <= p->high));
      CU_ASSERT (p->kind == GYM_REAL
                 || gym_space_value (b.space, i, gym_space_index (b.space, i, to)) == to);
    }
  stop (&b);
}

/* Every other value of a grid can be reached in one move, with any share of near ones
 * but 1. */
static void
test_reach (void)
{
  struct bench b;
  start (&b, spaces_mixed ());
  for (uint32_t i = 0; i < gym_space_size (b.space); i++) {
    uint64_t n = gym_space_count (b.space, i), reached = 0;
    bool hit[1024] = { false };
    if (n < 2 || n > 16)
      continue;
    double from = gym_space_draw (b.space, &b.rng, i);
    for (int k = 0; k < 4000; k++)
      hit[gym_space_index (b.space, i, moves_value (&b.moves, &b.rng, i, from))] = true;
    for (uint64_t k = 0; k < n; k++)
      reached += hit[k];
    CU_ASSERT_EQUAL (reached, n - 1);
  }
  stop (&b);
}

/* How many of 10,000 moves of parameter `name` from `value` end within `reach`. */
static int
within (struct bench *b, const char *name, double value, double reach)
{
  int n = 0, i = gym_space_find (b->space, name, NULL);
  for (int k = 0; k < 10000; k++)
    n += fabs (moves_value (&b->moves, &b->rng, (uint32_t)i, value) - value) <= reach;
  return n;
}

static void
test_near (void)
{
  struct bench b;
  start (&b, spaces_mixed ());
  /* Of 9 other values the 4 nearest get half the moves and 4/9 of the rest. */
  int near = within (&b, "count", 5, 2);
  CU_ASSERT (abs (near - 7222) < 200);
  CU_ASSERT (abs (within (&b, "width", 64, 32) - (5000 + 5000 * 4 / 7)) < 200);
  b.moves.near = 1;
  CU_ASSERT_EQUAL (within (&b, "count", 5, 2), 10000);
  CU_ASSERT_EQUAL (within (&b, "count", 0, 2), 10000); /* the end turns steps back */
  CU_ASSERT_EQUAL (within (&b, "count", 9, 2), 10000);
  CU_ASSERT_EQUAL (within (&b, "size", 5, 2), 10000);
  CU_ASSERT_EQUAL (within (&b, "long", 0, 1001 / 32), 10000);
  int one = within (&b, "long", 0, 1), two = within (&b, "long", 0, 2);
  CU_ASSERT (one > 1000 && two - one > 500 && two < 5000); /* short as well as long */
  CU_ASSERT (within (&b, "share", 1, 0.04) > 3000);        /* 1/100 of the range */
  CU_ASSERT (within (&b, "share", 1, 0.8) > 9500);
  b.moves.near = 0;
  CU_ASSERT (abs (within (&b, "share", 1, 0.8) - 4000) < 200);
  CU_ASSERT (abs (within (&b, "count", 5, 2) - 4444) < 200);
  stop (&b);
}

/* A level without order has no neighbours: all others are equally likely. */
static void
test_categorical (void)
{
  struct bench b;
  int counts[4] = { 0 };
  start (&b, spaces_mixed ());
  b.moves.near = 1;
  for (int k = 0; k < 9000; k++)
    counts[(int)moves_value (&b.moves, &b.rng, 0, 1)]++;
  CU_ASSERT_EQUAL (counts[1], 0);
  for (int k = 0; k < 4; k++)
    CU_ASSERT (k == 1 || abs (counts[k] - 3000) < 200);
  stop (&b);
}

/* On a log scale a near move multiplies: from 8 and from 800 alike. */
static void
test_log (void)
{
  struct bench b;
  start (&b, spaces_mixed ());
  b.moves.near = 1;
  static const char *const names[] = { "depth", "rate" };
  static const double from[][2] = { { 8, 800 }, { 0.001, 0.1 } };
  for (int p = 0; p < 2; p++)
    for (int k = 0; k < 2; k++) {
      int doubled = within (&b, names[p], from[p][k], from[p][k]);
      CU_ASSERT (doubled > 8000 && doubled < 10000);
    }
  stop (&b);
}

static int
differences (const double *a, const double *b, uint32_t n)
{
  int count = 0;
  for (uint32_t i = 0; i < n; i++)
    count += !seen_same (a + i, b + i, 1);
  return count;
}

static void
test_mutate (void)
{
  struct bench b;
  double from[MOST], to[MOST];
  long changed = 0;
  start (&b, spaces_mixed ());
  for (int k = 0; k < 20000; k++) {
    double rate = k % 2 ? 0 : 0.3;
    gym_space_sample (b.space, &b.rng, from);
    memcpy (to, from, sizeof to);
    moves_mutate (&b.moves, &b.rng, rate, to);
    CU_ASSERT_EQUAL_FATAL (gym_space_check (b.space, to, NULL), 0);
    int n = differences (from, to, 12);
    CU_ASSERT (n >= 1);
    CU_ASSERT (rate > 0 || n <= 3); /* one, and its children that come or go */
    changed += rate > 0 ? n : 0;
  }
  CU_ASSERT (changed > 20000 && changed < 40000); /* 0.3 of about 9, and children */
  stop (&b);
}

static void
test_nothing_to_move (void)
{
  struct bench b;
  double row = 1;
  start (&b, spaces_line (1, false));
  moves_mutate (&b.moves, &b.rng, 0.5, &row);
  CU_ASSERT_EQUAL (row, 1);
  stop (&b);
}

/* A child has nothing that neither parent has, but parameters that only it activates. */
static void
test_cross (void)
{
  struct bench b;
  double p[2][MOST], child[MOST];
  long from_a = 0, taken = 0;
  start (&b, spaces_mixed ());
  for (int k = 0; k < 20000; k++) {
    gym_space_sample (b.space, &b.rng, p[0]);
    gym_space_sample (b.space, &b.rng, p[1]);
    (k % 2 ? moves_cross_uniform : moves_cross_two_point) (&b.moves, &b.rng, p[0], p[1],
                                                           child);
    CU_ASSERT_EQUAL_FATAL (gym_space_check (b.space, child, NULL), 0);
    for (uint32_t i = 0; i < 12; i++) {
      bool in_both = !isnan (p[0][i]) && !isnan (p[1][i]);
      bool in_none = isnan (p[0][i]) && isnan (p[1][i]);
      if (isnan (child[i]) || in_none)
        continue;
      CU_ASSERT (child[i] == p[0][i] || child[i] == p[1][i]);
      taken += in_both && p[0][i] != p[1][i];
      from_a += in_both && p[0][i] != p[1][i] && child[i] == p[0][i];
    }
  }
  CU_ASSERT (labs (2 * from_a - taken) < taken / 100);
  stop (&b);
}

/* Two points cut a ring: seen around it, the origin changes twice. */
static void
test_two_point (void)
{
  struct bench b;
  double a[MOST], c[MOST], child[MOST];
  bool begins[12] = { false };
  start (&b, spaces_wide ());
  for (int i = 0; i < 12; i++) {
    a[i] = 0;
    c[i] = 1;
  }
  for (int k = 0; k < 5000; k++) {
    moves_cross_two_point (&b.moves, &b.rng, a, c, child);
    int changes = 0;
    for (int i = 0; i < 12; i++)
      changes += child[i] != child[(i + 1) % 12];
    CU_ASSERT_EQUAL_FATAL (changes, 2);
    for (int i = 0; i < 12; i++)
      begins[i] |= child[i] == 0 && child[(i + 1) % 12] == 1;
  }
  for (int i = 0; i < 12; i++)
    CU_ASSERT_TRUE (begins[i]);
  stop (&b);
}

/* outer = b wakes inner, and inner = a or d wakes leaf. What the row has is kept, what it
 * lacks is drawn and not merely set to its default. */
static void
test_settle (void)
{
  struct bench b;
  bool inner[4] = { false }, leaf[9] = { false };
  start (&b, spaces_small ());
  for (int k = 0; k < 500; k++) {
    double row[MOST] = { 1, 2, NAN, NAN, 0 };
    moves_settle (&b.moves, &b.rng, row);
    CU_ASSERT_EQUAL_FATAL (gym_space_check (b.space, row, NULL), 0);
    CU_ASSERT (row[0] == 1 && row[1] == 2 && row[4] == 0);
    inner[(int)row[2]] = true;
    if (!isnan (row[3]))
      leaf[(int)row[3]] = true;
    double kept[MOST] = { 1, 2, 3, 8, 0 }, dropped[MOST] = { 0, 2, 3, 8, 0 };
    moves_settle (&b.moves, &b.rng, kept);
    moves_settle (&b.moves, &b.rng, dropped);
    CU_ASSERT (kept[2] == 3 && kept[3] == 8);
    CU_ASSERT (isnan (dropped[2]) && isnan (dropped[3]));
  }
  CU_ASSERT (inner[0] && inner[1] && inner[2] && inner[3]);
  CU_ASSERT (leaf[4] && leaf[6] && leaf[8]);
  stop (&b);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "another value, always", test_other_value },
                                           { "every value in reach", test_reach },
                                           { "near moves", test_near },
                                           { "levels without order", test_categorical },
                                           { "log scales", test_log },
                                           { "mutation", test_mutate },
                                           { "nothing to move", test_nothing_to_move },
                                           { "crossover", test_cross },
                                           { "two-point crossover", test_two_point },
                                           { "conditional parameters", test_settle },
                                           { 0 } };
  return tap_run ("moves", tests);
}
