/* The set of seen designs. */
#include "tests/tap.h"

#include "plugins/common/seen.h"

#include <gym/rng.h>
#include <math.h>

static void
test_exact (void)
{
  struct seen seen;
  double a[] = { 1, NAN }, b[] = { 1, 2 }, c[] = { NAN, NAN };
  seen_init (&seen, 2, true);
  CU_ASSERT_FALSE (seen_has (&seen, 7, a));
  CU_ASSERT_EQUAL (seen_add (&seen, 7, a), 1);
  CU_ASSERT_EQUAL (seen_add (&seen, 7, a), 0);
  CU_ASSERT_TRUE (seen_has (&seen, 7, a));
  CU_ASSERT_FALSE (seen_has (&seen, 8, a));
  CU_ASSERT_FALSE (seen_has (&seen, 7, b)); /* its hash collides */
  CU_ASSERT_EQUAL (seen_add (&seen, 7, b), 1);
  CU_ASSERT_EQUAL (seen_add (&seen, 7, c), 1);
  CU_ASSERT_EQUAL (seen_add (&seen, 7, b), 0);
  CU_ASSERT_EQUAL (seen.count, 3);
  seen_free (&seen);
  CU_ASSERT_FALSE (seen_has (&seen, 7, a));
  CU_ASSERT_EQUAL (seen_add (&seen, 7, a), 1); /* usable again */
  seen_free (&seen);
}

static void
test_hashes_only (void)
{
  struct seen seen;
  double a[] = { 1 }, b[] = { 2 };
  seen_init (&seen, 1, false);
  CU_ASSERT_EQUAL (seen_add (&seen, 7, a), 1);
  CU_ASSERT_EQUAL (seen_add (&seen, 7, b), 0);
  CU_ASSERT_EQUAL (seen_add (&seen, 9, b), 1);
  CU_ASSERT_EQUAL (seen_add (&seen, 0, b), 1); /* 0 is a hash like any other */
  CU_ASSERT_EQUAL (seen_add (&seen, 0, a), 0);
  CU_ASSERT_PTR_NULL (seen.rows);
  seen_free (&seen);
}

/* Few distinct hashes and many designs: long chains through every widening. */
static void
grow (bool exact, uint64_t hashes)
{
  enum { MANY = 3000 };
  struct seen seen;
  seen_init (&seen, 1, exact);
  for (int round = 0; round < 2; round++)
    for (int i = 0; i < MANY; i++) {
      double row = i;
      uint64_t hash = gym_rng_derive (1, (uint64_t)i % hashes, 0);
      CU_ASSERT_EQUAL (seen_add (&seen, hash, &row), round == 0);
    }
  CU_ASSERT_EQUAL (seen.count, MANY);
  CU_ASSERT (seen.slots >= 2 * seen.count);
  for (int i = 0; i < MANY; i++) {
    double row = i;
    CU_ASSERT (seen_has (&seen, gym_rng_derive (1, (uint64_t)i % hashes, 0), &row));
  }
  seen_free (&seen);
}

static void
test_growth (void)
{
  grow (true, 3000);
  grow (true, 100);
  grow (false, 3000);
}

static void
test_no_parameters (void)
{
  struct seen seen;
  seen_init (&seen, 0, true);
  double row[1] = { 0 };
  CU_ASSERT_EQUAL (seen_add (&seen, 5, row), 1);
  CU_ASSERT_EQUAL (seen_add (&seen, 5, row), 0);
  seen_free (&seen);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "exact", test_exact },
                                           { "hashes only", test_hashes_only },
                                           { "growth", test_growth },
                                           { "designs of no parameters",
                                             test_no_parameters },
                                           { 0 } };
  return tap_run ("seen", tests);
}
