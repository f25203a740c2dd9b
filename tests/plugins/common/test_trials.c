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

/* What is told is kept, no longer in flight, and not to be drawn again. */
static void
test_tell (void)
{
  static const struct gym_param param = {
    .name = "x", .doc = "Any.", .kind = GYM_INTEGER, .low = 0, .high = 2
  };
  const struct gym_params params = {
    .struct_size = sizeof params, .n = 1, .stride = sizeof param, .items = &param
  };
  struct gym_host host;
  struct gym_host_context context;
  struct trials t;
  struct pending pending;
  struct fresh fresh;
  gym_rng rng;
  gym_space *space = gym_space_new (&params, NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL (space);
  gym_host_init (&host, &context, NULL);
  gym_rng_init (&rng, 1);
  trials_init (&t, &host, 1, 0, 1, 0);
  pending_init (&pending, 1);
  fresh_init (&fresh, &host, space);
  const double rows[] = { 2, 0 }, objectives[] = { 5, 3 };
  const uint64_t tickets[] = { 8, 9 };
  const uint32_t statuses[] = { GYM_TRIAL_OK, GYM_TRIAL_OK };
  pending_add (&pending, 8, rows, 0);
  pending_add (&pending, 7, rows + 1, 0);
  const struct gym_tells tells = { .n = 2,
                                   .tickets = tickets,
                                   .designs = rows,
                                   .objectives = objectives,
                                   .statuses = statuses };
  CU_ASSERT_EQUAL (trials_tell (&t, &pending, &fresh, &tells, NULL), GYM_OK);
  CU_ASSERT_EQUAL (t.n, 2);
  CU_ASSERT_EQUAL (t.ranking[0], 1);
  CU_ASSERT_EQUAL (trials_row (&t, 0)[0], 2);
  CU_ASSERT_EQUAL (pending.count, 1);
  CU_ASSERT_EQUAL (pending.tickets[0].number, 7);
  double left;
  CU_ASSERT_EQUAL (fresh_draw (&fresh, &rng, &left), 1);
  CU_ASSERT_EQUAL (left, 1);
  CU_ASSERT_TRUE (fresh_exhausted (&fresh));
  fresh_free (&fresh);
  pending_free (&pending);
  trials_free (&t);
  gym_space_destroy (&space);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "as told", test_told },
                                           { "ranking", test_ranking },
                                           { "many", test_many },
                                           { "tell", test_tell },
                                           { 0 } };
  return tap_run ("trials", tests);
}
