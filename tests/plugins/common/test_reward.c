/* Running statistics against two passes; the order of rewards is that of results. */
#include "tests/tap.h"

#include "plugins/common/reward.h"

#include <gym/plugin.h>
#include <math.h>

static void
test_running (void)
{
  struct running r = { 0 };
  gym_rng rng;
  double values[500], sum = 0, square = 0;
  gym_rng_init (&rng, 1);
  CU_ASSERT_EQUAL (running_normal (&r, 3, 5), 0);
  for (int i = 0; i < 500; i++) {
    values[i] = 1e6 + gym_rng_normal (&rng);
    sum += values[i];
    running_add (&r, values[i]);
  }
  for (int i = 0; i < 500; i++)
    square += (values[i] - sum / 500) * (values[i] - sum / 500);
  double deviation = sqrt (square / 500);
  CU_ASSERT_DOUBLE_EQUAL (running_normal (&r, 1e6 + 1, 5),
                          (1e6 + 1 - sum / 500) / deviation, 1e-6);
  CU_ASSERT_EQUAL (running_normal (&r, 1e9, 5), 5);
  CU_ASSERT_EQUAL (running_normal (&r, -1e9, 5), -5);
}

static void
test_equal_values (void)
{
  struct running r = { 0 };
  for (int i = 0; i < 10; i++)
    running_add (&r, 4);
  CU_ASSERT_EQUAL (running_normal (&r, 4, 5), 0);
}

static double
after (struct reward *reward, uint32_t status, double objective, double violation)
{
  struct result_kept kept = reward_add (reward, status, objective, &violation, 1);
  return reward_of (reward, &kept);
}

/* Feasible ones by objective, then less violation, then what failed: never the other way
 * round, also before anything feasible is known. */
static void
test_order (void)
{
  struct reward reward;
  reward_init (&reward, false);
  for (int known = 0; known < 2; known++) {
    double small = after (&reward, GYM_TRIAL_OK, -100, 0.1);
    double large = after (&reward, GYM_TRIAL_OK, -100, 10);
    double endless = after (&reward, GYM_TRIAL_OK, -100, INFINITY);
    double failed = after (&reward, GYM_TRIAL_FAILED, NAN, NAN);
    double infeasible = after (&reward, GYM_TRIAL_INFEASIBLE, NAN, NAN);
    CU_ASSERT (small > large && large > endless && endless >= failed);
    CU_ASSERT_EQUAL (failed, infeasible);
    double worst = INFINITY;
    for (int i = 0; i < 20; i++)
      worst = fmin (worst, after (&reward, GYM_TRIAL_OK, i % 7, 0));
    CU_ASSERT (after (&reward, GYM_TRIAL_OK, 6, 0)
               > after (&reward, GYM_TRIAL_OK, 0, 0.01));
    CU_ASSERT (after (&reward, GYM_TRIAL_OK, 1, 0) > after (&reward, GYM_TRIAL_OK, 2, 0));
  }
}

/* The penalty follows the worst seen: a result is kept, its reward is not. */
static void
test_later_statistics (void)
{
  struct reward reward;
  reward_init (&reward, false);
  struct result_kept bad = reward_add (&reward, GYM_TRIAL_FAILED, NAN, NULL, 0);
  CU_ASSERT_EQUAL (reward_of (&reward, &bad), -1);
  for (int i = 0; i < 100; i++)
    reward_add (&reward, GYM_TRIAL_OK, i % 2, NULL, 0);
  CU_ASSERT_DOUBLE_EQUAL (reward_of (&reward, &bad), -2, 0.01);
}

/* Symmetric logarithms keep the order, and give a small difference its weight beside an
 * objective that is far away. */
static void
test_symlog (void)
{
  struct reward plain, symlog;
  reward_init (&plain, false);
  reward_init (&symlog, true);
  static const double objectives[] = { -1e6, -5, -4, 0.5, 3 };
  double before = INFINITY;
  for (int k = 0; k < 5; k++) {
    reward_add (&plain, GYM_TRIAL_OK, objectives[k], NULL, 0);
    reward_add (&symlog, GYM_TRIAL_OK, objectives[k], NULL, 0);
  }
  struct result_kept p[2], s[2];
  for (int k = 0; k < 5; k++) {
    s[0] = (struct result_kept){
      .ok = true, .objective = copysign (log1p (fabs (objectives[k])), objectives[k])
    };
    CU_ASSERT (reward_of (&symlog, &s[0]) < before);
    before = reward_of (&symlog, &s[0]);
  }
  for (int k = 0; k < 2; k++) {
    p[k] = reward_add (&plain, GYM_TRIAL_OK, k - 5, NULL, 0);
    s[k] = reward_add (&symlog, GYM_TRIAL_OK, k - 5, NULL, 0);
  }
  CU_ASSERT (reward_of (&plain, &p[0]) - reward_of (&plain, &p[1]) < 1e-4);
  CU_ASSERT (reward_of (&symlog, &s[0]) - reward_of (&symlog, &s[1]) > 0.01);
}

static void
test_huge (void)
{
  struct reward reward;
  reward_init (&reward, false);
  for (int i = 0; i < 20; i++) {
    double r = after (&reward, GYM_TRIAL_OK, i % 2 ? 1.7e308 : -1.7e308, 0);
    CU_ASSERT (isfinite (r) && fabs (r) <= 5);
  }
}

int
main (void)
{
  static const struct tap_test tests[] = { { "running statistics", test_running },
                                           { "equal values", test_equal_values },
                                           { "order of results", test_order },
                                           { "later statistics", test_later_statistics },
                                           { "symmetric logarithms", test_symlog },
                                           { "huge objectives", test_huge },
                                           { 0 } };
  return tap_run ("reward", tests);
}
