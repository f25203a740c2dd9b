/* Results in slots: copied whole, compared by the host's order, feasible or not. */
#include "tests/tap.h"

#include "core/host.h"
#include "plugins/common/points.h"
#include "tests/plugins/spaces.h"

#include <math.h>

struct bench {
  struct gym_host host;
  struct gym_host_context context;
  gym_space *space;
  struct points points;
};

static void
start (struct bench *b, size_t size)
{
  b->space = spaces_line (10, false);
  CU_ASSERT_PTR_NOT_NULL_FATAL (b->space);
  gym_host_init (&b->host, &b->context, NULL);
  struct gym_problem problem = { .struct_size = sizeof problem,
                                 .n_objectives = 1,
                                 .n_constraints = 2,
                                 .space = b->space };
  CU_ASSERT_EQUAL_FATAL (points_init (&b->points, &b->host, &problem, size), GYM_OK);
}

static void
stop (struct bench *b)
{
  points_free (&b->points);
  gym_space_destroy (&b->space);
}

/* Four results: good, better but against a constraint, against it less, and failed. */
static void
fill (struct bench *b)
{
  static const double designs[] = { 1, 2, 3, 4 };
  static const double objectives[] = { 5, 1, 9, NAN };
  static const double violations[] = { 0, 0, 0, 0.5, 0.1, 0, NAN, NAN };
  static const uint32_t statuses[] = { GYM_TRIAL_OK, GYM_TRIAL_OK, GYM_TRIAL_OK,
                                       GYM_TRIAL_FAILED };
  struct gym_tells tells = { .struct_size = sizeof tells,
                             .n = 4,
                             .designs = designs,
                             .objectives = objectives,
                             .violations = violations,
                             .statuses = statuses };
  for (size_t i = 0; i < 4; i++)
    points_take (&b->points, i, &tells, i);
}

static void
test_order (void)
{
  struct bench b;
  start (&b, 5);
  fill (&b);
  CU_ASSERT (points_compare (&b.points, 0, 1) < 0);
  CU_ASSERT (points_compare (&b.points, 1, 2) > 0);
  CU_ASSERT (points_compare (&b.points, 2, 3) < 0);
  CU_ASSERT (points_compare (&b.points, 3, 0) > 0);
  CU_ASSERT_EQUAL (points_compare (&b.points, 2, 2), 0);
  CU_ASSERT_TRUE (points_feasible (&b.points, 0));
  CU_ASSERT_FALSE (points_feasible (&b.points, 1));
  CU_ASSERT_FALSE (points_feasible (&b.points, 2));
  CU_ASSERT_FALSE (points_feasible (&b.points, 3));
  stop (&b);
}

static void
test_copies (void)
{
  struct bench b;
  start (&b, 5);
  fill (&b);
  points_copy (&b.points, 4, 2);
  points_copy (&b.points, 2, 0);
  CU_ASSERT_EQUAL (*points_row (&b.points, 4), 3);
  CU_ASSERT_EQUAL (b.points.objectives[4], 9);
  CU_ASSERT_EQUAL (b.points.violations[8], 0.1);
  CU_ASSERT_EQUAL (b.points.violations[9], 0);
  CU_ASSERT_EQUAL (*points_row (&b.points, 2), 1);
  CU_ASSERT (points_compare (&b.points, 2, 4) < 0);
  points_copy (&b.points, 4, 3);
  CU_ASSERT_EQUAL (b.points.statuses[4], GYM_TRIAL_FAILED);
  stop (&b);
}

/* What is in the slots stays there when more are made. */
static void
test_growth (void)
{
  struct bench b;
  start (&b, 4);
  fill (&b);
  CU_ASSERT_EQUAL (points_reserve (&b.points, 4000), GYM_OK);
  points_copy (&b.points, 3999, 1);
  CU_ASSERT_EQUAL (*points_row (&b.points, 3999), 2);
  CU_ASSERT_EQUAL (points_compare (&b.points, 3999, 1), 0);
  CU_ASSERT (points_compare (&b.points, 0, 3999) < 0);
  stop (&b);
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { "order", test_order }, { "copies", test_copies }, { "growth", test_growth }, { 0 }
  };
  return tap_run ("points", tests);
}
