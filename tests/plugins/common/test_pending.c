/* Designs in flight: a queue that results leave in any order. */
#include "tests/tap.h"

#include "plugins/common/pending.h"

static void
test_queue (void)
{
  struct pending p;
  pending_init (&p, 2);
  for (uint64_t t = 0; t < 40; t++) {
    double row[2] = { (double)t, -(double)t };
    CU_ASSERT_EQUAL (pending_add (&p, 100 + t, row, 0), 0);
  }
  CU_ASSERT_TRUE (pending_take (&p, 100, NULL));
  CU_ASSERT_TRUE (pending_take (&p, 120, NULL));
  CU_ASSERT_FALSE (pending_take (&p, 120, NULL));
  CU_ASSERT_FALSE (pending_take (&p, 7, NULL));
  CU_ASSERT_EQUAL_FATAL (p.count, 38);
  for (size_t i = 0; i < p.count; i++) {
    double expected = (double)i + 1 + (i >= 19);
    CU_ASSERT_EQUAL ((double)p.tickets[i].number - 100, expected);
    CU_ASSERT_EQUAL (pending_row (&p, i)[0], expected);
    CU_ASSERT_EQUAL (pending_row (&p, i)[1], -expected);
  }
  CU_ASSERT_TRUE (pending_take (&p, 139, NULL));
  CU_ASSERT_EQUAL (p.count, 37);
  pending_free (&p);
}

/* Places without designs: taken in any order, once each; zeroed memory is empty. */
static void
test_places (void)
{
  struct pending p = { 0 };
  size_t place = 7;
  for (uint64_t k = 0; k < 100; k++)
    CU_ASSERT_EQUAL (pending_add (&p, 5 * k, NULL, k), GYM_OK);
  CU_ASSERT_FALSE (pending_take (&p, 1, &place));
  CU_ASSERT_EQUAL (place, 7);
  for (uint64_t k = 0; k < 100; k++) {
    uint64_t which = k * 37 % 100;
    CU_ASSERT_TRUE (pending_take (&p, 5 * which, &place));
    CU_ASSERT_EQUAL (place, which);
    CU_ASSERT_FALSE (pending_take (&p, 5 * which, &place));
  }
  CU_ASSERT_EQUAL (p.count, 0);
  pending_free (&p);
}

/* Nothing is no error, before and after. */
static void
test_empty (void)
{
  struct pending p;
  pending_init (&p, 3);
  CU_ASSERT_FALSE (pending_take (&p, 0, NULL));
  pending_free (&p);
  CU_ASSERT_EQUAL (p.count, 0);
  pending_free (&p);
}

/* Rows 0, 1, 2 and then nothing, or a failure. */
static int
choose (void *self, double *row)
{
  int *left = self;
  row[0] = row[1] = *left;
  return *left < 0 ? GYM_ENOMEM : (*left)-- > 0;
}

static void
test_ask (void)
{
  struct pending p;
  double designs[10] = { 0 };
  uint64_t tickets[] = { 10, 11, 12, 13, 14 }, asked = 7;
  struct gym_asks asks = { .n = 5, .designs = designs, .tickets = tickets };
  gym_error err = { 0 };
  int left = 3;
  pending_init (&p, 2);
  CU_ASSERT_EQUAL (pending_ask (&p, &asks, choose, &left, &asked, &err), 3);
  CU_ASSERT_EQUAL (asked, 10);
  CU_ASSERT_EQUAL_FATAL (p.count, 3);
  for (size_t i = 0; i < 3; i++) {
    CU_ASSERT_EQUAL (p.tickets[i].number, tickets[i]);
    CU_ASSERT_EQUAL (pending_row (&p, i)[1], 3. - (double)i);
  }
  asks.n = 2; /* no more than was asked for */
  left = 9;
  CU_ASSERT_EQUAL (pending_ask (&p, &asks, choose, &left, &asked, &err), 2);
  CU_ASSERT_EQUAL (asked, 12);
  left = -1;
  CU_ASSERT_EQUAL (pending_ask (&p, &asks, choose, &left, &asked, &err), GYM_ENOMEM);
  CU_ASSERT_EQUAL (err.code, GYM_ENOMEM);
  pending_free (&p);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "a queue", test_queue },
                                           { "places", test_places },
                                           { "nothing", test_empty },
                                           { "ask", test_ask },
                                           { 0 } };
  return tap_run ("pending", tests);
}
