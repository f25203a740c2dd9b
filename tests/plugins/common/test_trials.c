/* Told trials: kept as told, ranked by status, violation and objective. */
#include "tests/tap.h"

#include "core/host.h"
#include "plugins/common/trials.h"

#include <math.h>

static const double nan2[] = { NAN, NAN }, met[] = { 0, 0 }, broken[] = { 0.5, 0.25 },
                    nearly[] = { 0, 0.1 };

/* Five results: good, better but against two constraints, against one a little, failed,
 * and the best. */
static void
fill (struct trials *t)
{
  static const double *const violations[] = { met, broken, nearly, nan2, met };
  static const double objectives[] = { 5, 1, 9, NAN, 2 };
  for (size_t i = 0; i < 5; i++) {
    double row[3] = { (double)i, 10, NAN };
    uint32_t status = i == 3 ? GYM_TRIAL_FAILED : GYM_TRIAL_OK;
    CU_ASSERT_EQUAL_FATAL (trials_add (t, row, objectives + i, violations[i], status), 0);
    trials_new_place (t)[0] = (uint16_t)i;
    trials_new_place (t)[1] = (uint16_t)(100 + i);
  }
}

static void
test_told (void)
{
  struct gym_host host;
  struct gym_host_context context;
  struct trials t;
  gym_host_init (&host, &context, NULL);
  trials_init (&t, &host, 3, 2, 1, 2);
  fill (&t);
  CU_ASSERT_EQUAL (t.n, 5);
  CU_ASSERT_EQUAL (t.n_ok, 4);
  CU_ASSERT_EQUAL (t.n_feasible, 2);
  CU_ASSERT_EQUAL (trials_row (&t, 4)[0], 4);
  CU_ASSERT_EQUAL (trials_place (&t, 2)[1], 102);
  CU_ASSERT_EQUAL (t.excess[1], 0.75);
  CU_ASSERT_EQUAL (t.excess[3], 0);
  CU_ASSERT_TRUE (trials_ok (&t, 1) && !trials_feasible (&t, 1));
  CU_ASSERT_FALSE (trials_ok (&t, 3));
  trials_free (&t);
}

static void
test_ranking (void)
{
  static const uint32_t order[] = { 4, 0, 2, 1, 3 };
  struct gym_host host;
  struct gym_host_context context;
  struct trials t;
  gym_host_init (&host, &context, NULL);
  trials_init (&t, &host, 3, 2, 1, 2);
  fill (&t);
  for (int i = 0; i < 5; i++)
    CU_ASSERT_EQUAL (t.ranking[i], order[i]);
  trials_free (&t);
}

/* More than there is room for at first; of equal ones the newest first. */
static void
test_many (void)
{
  struct gym_host host;
  struct gym_host_context context;
  struct trials t;
  gym_host_init (&host, &context, NULL);
  trials_init (&t, &host, 1, 0, 1, 0);
  for (int i = 0; i < 1000; i++) {
    double row = i, objective = i * 7 % 100;
    CU_ASSERT_EQUAL_FATAL (trials_add (&t, &row, &objective, NULL, GYM_TRIAL_OK), 0);
  }
  for (int i = 1; i < 1000; i++) {
    double a = t.objectives[t.ranking[i - 1]], b = t.objectives[t.ranking[i]];
    CU_ASSERT_TRUE (a < b || (a == b && t.ranking[i - 1] > t.ranking[i]));
  }
  trials_free (&t);
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { "as told", test_told }, { "ranking", test_ranking }, { "many", test_many }, { 0 }
  };
  return tap_run ("trials", tests);
}
