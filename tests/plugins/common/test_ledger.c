/* The ledger: places in the order of asking, results looked up, exhaustion. */
#include "tests/tap.h"

#include "core/host.h"
#include "plugins/common/ledger.h"
#include "tests/plugins/spaces.h"

#include <math.h>

struct bench {
  struct gym_host host;
  struct gym_host_context context;
  gym_space *space;
  struct ledger ledger;
};

static void
start (struct bench *b, double n, uint32_t constraints)
{
  b->space = spaces_line (n, false);
  CU_ASSERT_PTR_NOT_NULL_FATAL (b->space);
  gym_host_init (&b->host, &b->context, NULL);
  struct gym_problem problem = { .struct_size = sizeof problem,
                                 .n_objectives = 1,
                                 .n_constraints = constraints,
                                 .space = b->space };
  ledger_init (&b->ledger, &b->host, &problem);
}

static void
stop (struct bench *b)
{
  ledger_free (&b->ledger);
  gym_space_destroy (&b->space);
}

static void
tell (struct bench *b, size_t place, uint32_t status, double objective, double violation)
{
  struct gym_tells tells = { .struct_size = sizeof tells,
                             .n = 1,
                             .designs = &objective, /* without numbers */
                             .objectives = &objective,
                             .violations = &violation,
                             .statuses = &status };
  ledger_tell (&b->ledger, place, &tells, 0);
}

/* Hashes alone (a large space) and designs as well. */
static void
test_places (void)
{
  for (double n = 1000; n <= 1e7; n *= 1e4) {
    struct bench b;
    size_t place = 99;
    start (&b, n, 0);
    for (int k = 0; k < 300; k++) {
      double row = 1 + 3 * k;
      CU_ASSERT_EQUAL (ledger_claim (&b.ledger, &row, &place), 1);
      CU_ASSERT_EQUAL (place, (size_t)k);
      CU_ASSERT_FALSE (ledger_told (&b.ledger, place));
      tell (&b, place, GYM_TRIAL_OK, k % 7, 0);
    }
    for (int k = 299; k >= 0; k--) {
      double row = 1 + 3 * k;
      CU_ASSERT_EQUAL (ledger_claim (&b.ledger, &row, &place), 0);
      CU_ASSERT_EQUAL (place, (size_t)k);
      CU_ASSERT_TRUE (ledger_told (&b.ledger, place));
      CU_ASSERT_EQUAL (b.ledger.results.objectives[place], k % 7);
    }
    stop (&b);
  }
}

static void
test_order (void)
{
  struct bench b;
  size_t place;
  start (&b, 10, 1);
  for (double row = 1; row <= 4; row++)
    CU_ASSERT_EQUAL (ledger_claim (&b.ledger, &row, &place), 1);
  tell (&b, 0, GYM_TRIAL_OK, 5, 0);
  tell (&b, 1, GYM_TRIAL_OK, 1, 0.5);
  tell (&b, 2, GYM_TRIAL_OK, 9, 0.1);
  tell (&b, 3, GYM_TRIAL_FAILED, NAN, NAN);
  CU_ASSERT (ledger_compare (&b.ledger, 0, 1) < 0);
  CU_ASSERT (ledger_compare (&b.ledger, 1, 2) > 0);
  CU_ASSERT (ledger_compare (&b.ledger, 2, 3) < 0);
  CU_ASSERT_EQUAL (ledger_compare (&b.ledger, 1, 1), 0);
  stop (&b);
}

static void
test_recall (void)
{
  struct bench b;
  size_t place;
  double row = 3, there[] = { 7, 7 }, objectives[] = { 8, 8 }, violations[] = { 9, 9 };
  uint32_t statuses[] = { 6, 6 };
  struct points points = { .rows = there,
                           .objectives = objectives,
                           .violations = violations,
                           .statuses = statuses,
                           .n = 1,
                           .c = 1 };
  start (&b, 10, 1);
  CU_ASSERT_EQUAL (ledger_claim (&b.ledger, &row, &place), 1);
  tell (&b, place, GYM_TRIAL_OK, 5, 0.5);
  ledger_recall (&b.ledger, place, &points, 1);
  CU_ASSERT (objectives[1] == 5 && violations[1] == 0.5 && statuses[1] == GYM_TRIAL_OK);
  CU_ASSERT (there[1] == 7 && objectives[0] == 8 && violations[0] == 9);
  stop (&b);
}

static void
test_draws (void)
{
  struct bench b;
  gym_rng rng;
  double row = 4;
  size_t place;
  start (&b, 10, 0);
  gym_rng_init (&rng, 1);
  CU_ASSERT_EQUAL (ledger_claim (&b.ledger, &row, &place), 1);
  for (size_t k = 1; k < 10; k++) {
    CU_ASSERT_EQUAL (ledger_draw (&b.ledger, &rng, &row, &place), 1);
    CU_ASSERT_EQUAL (place, k);
    CU_ASSERT_NOT_EQUAL (row, 4);
  }
  CU_ASSERT_EQUAL (ledger_draw (&b.ledger, &rng, &row, &place), 0);
  stop (&b);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "places", test_places },
                                           { "order", test_order },
                                           { "recall", test_recall },
                                           { "draws", test_draws },
                                           { 0 } };
  return tap_run ("ledger", tests);
}
