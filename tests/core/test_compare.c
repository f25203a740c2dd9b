/* The order of results: the explained cases, and the laws any sorting relies on. */
#include "tests/tap.h"

#include <gym/objective.h>
#include <math.h>

enum { OK = GYM_TRIAL_OK, BAD = GYM_TRIAL_INFEASIBLE, CRASH = GYM_TRIAL_CRASHED };

struct result {
  uint32_t status;
  double objective[3], violation[2];
};

static int
compare (uint32_t m, uint32_t c, const struct result *a, const struct result *b)
{
  int sign = gym_compare (m, c, a->status, a->objective, a->violation, b->status,
                          b->objective, b->violation);
  return (sign > 0) - (sign < 0);
}

static void
test_cases (void)
{
  static const struct {
    uint32_t m, c;
    int sign;
    struct result a, b;
  } cases[] = {
    { 1, 0, -1, { OK, { 1 }, { 0 } }, { OK, { 2 }, { 0 } } },
    { 1, 0, 0, { OK, { 2 }, { 0 } }, { OK, { 2 }, { 0 } } },
    { 1, 0, -1, { OK, { 9 }, { 0 } }, { BAD, { NAN }, { 0 } } },
    { 1, 2, -1, { OK, { 9 }, { 5, 5 } }, { BAD, { NAN }, { NAN, NAN } } },
    { 1, 2, 0, { CRASH, { NAN }, { NAN, NAN } }, { BAD, { NAN }, { NAN, NAN } } },
    { 1, 2, -1, { OK, { 9 }, { 0, 0 } }, { OK, { 1 }, { 0, 0.1 } } }, /* feasible first */
    { 1, 2, -1, { OK, { 9 }, { 1, 1 } }, { OK, { 1 }, { 3, 0 } } },   /* smaller sum */
    { 1, 2, -1, { OK, { 1 }, { 1, 2 } }, { OK, { 9 }, { 2, 1 } } },   /* equal sum */
    { 1, 0, -1, { OK, { 9 }, { 7, 7 } }, { OK, { 10 }, { 0, 0 } } },  /* none asked for */
    { 2, 0, -1, { OK, { 1, 1 }, { 0 } }, { OK, { 1, 2 }, { 0 } } },
    { 2, 0, 0, { OK, { 1, 2 }, { 0 } }, { OK, { 2, 1 }, { 0 } } },
    { 2, 0, 0, { OK, { 1, 2 }, { 0 } }, { OK, { 1, 2 }, { 0 } } },
    { 2, 1, -1, { OK, { 5, 5 }, { 0 } }, { OK, { 1, 1 }, { 1 } } },
    { 3, 0, -1, { OK, { 1, 2, 3 }, { 0 } }, { OK, { 1, 2, 4 }, { 0 } } },
    { 3, 0, 0, { OK, { 1, 2, 3 }, { 0 } }, { OK, { 1, 1, 4 }, { 0 } } },
    { 1, 0, -1, { OK, { INFINITY }, { 0 } }, { BAD, { 0 }, { 0 } } },
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    CU_ASSERT_EQUAL (compare (cases[i].m, cases[i].c, &cases[i].a, &cases[i].b),
                     cases[i].sign);
    CU_ASSERT_EQUAL (compare (cases[i].m, cases[i].c, &cases[i].b, &cases[i].a),
                     -cases[i].sign);
  }
  /* Without constraints the violations may be absent. */
  double one = 1, two = 2;
  CU_ASSERT (gym_compare (1, 0, OK, &one, NULL, OK, &two, NULL) < 0);
}

/* Few distinct values, so that ties of every sort are frequent. */
static void
draw (gym_rng *rng, struct result *r)
{
  static const double values[] = { 0, 1, 2, INFINITY, NAN };
  static const double excess[] = { 0, 0, 0.5, 1, NAN };
  static const uint32_t statuses[] = { OK, OK, OK, OK, BAD, CRASH };
  r->status = statuses[gym_rng_below (rng, 6)];
  for (int i = 0; i < 3; i++)
    r->objective[i] = values[gym_rng_below (rng, 5)];
  for (int i = 0; i < 2; i++)
    r->violation[i] = excess[gym_rng_below (rng, 5)];
}

static void
check_triple (uint32_t m, const struct result r[3])
{
  int ab = compare (m, 2, &r[0], &r[1]), bc = compare (m, 2, &r[1], &r[2]);
  int ac = compare (m, 2, &r[0], &r[2]);
  CU_ASSERT_EQUAL (compare (m, 2, &r[0], &r[0]), 0);
  CU_ASSERT_EQUAL (compare (m, 2, &r[1], &r[0]), -ab);
  if (ab < 0 && bc < 0)
    CU_ASSERT (ac < 0);
  if (m == 1 && ab == 0 && bc == 0) /* a weak order: neither is transitive, too */
    CU_ASSERT_EQUAL (ac, 0);
}

static void
test_laws (void)
{
  gym_rng rng;
  struct result r[3];
  gym_rng_init (&rng, 1);
  for (int i = 0; i < 20000; i++) {
    for (int k = 0; k < 3; k++)
      draw (&rng, &r[k]);
    for (uint32_t m = 1; m <= 3; m++)
      check_triple (m, r);
  }
}

int
main (void)
{
  static const struct tap_test tests[] = { { "explained cases", test_cases },
                                           { "laws of an order", test_laws },
                                           { 0 } };
  return tap_run ("compare", tests);
}
