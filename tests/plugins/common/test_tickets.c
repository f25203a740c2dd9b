/* Tickets: taken in order and out of order, once each. */
#include "tests/tap.h"

#include "plugins/common/tickets.h"

#include <gym/error.h>

static void
test_in_order (void)
{
  struct tickets t = { 0 };
  size_t place;
  uint64_t next = 0;
  for (uint64_t k = 0; k < 1000; k++) {
    CU_ASSERT_EQUAL (tickets_add (&t, 10 + k, k), GYM_OK);
    if (k % 3 == 0)
      continue; /* two of three are heard of at once, the rest piles up */
    CU_ASSERT_TRUE (tickets_take (&t, 10 + next, &place));
    CU_ASSERT_EQUAL (place, next++);
  }
  for (; next < 1000; next++) {
    CU_ASSERT_TRUE (tickets_take (&t, 10 + next, &place));
    CU_ASSERT_EQUAL (place, next);
  }
  tickets_free (&t);
}

static void
test_any_order (void)
{
  struct tickets t = { 0 };
  size_t place;
  for (uint64_t k = 0; k < 100; k++)
    CU_ASSERT_EQUAL (tickets_add (&t, 5 * k, k), GYM_OK);
  for (uint64_t k = 0; k < 100; k++) {
    uint64_t which = k * 37 % 100;
    CU_ASSERT_TRUE (tickets_take (&t, 5 * which, &place));
    CU_ASSERT_EQUAL (place, which);
    CU_ASSERT_FALSE (tickets_take (&t, 5 * which, &place));
  }
  CU_ASSERT_EQUAL (t.n, 0);
  tickets_free (&t);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "in order", test_in_order },
                                           { "in any order", test_any_order },
                                           { 0 } };
  return tap_run ("tickets", tests);
}
