/* The loop-nest model beside recorded cases of Timeloop: every figure equal. */
#include <string.h>

#include "tests/sims/accel/cases.h"
#include "tests/tap.h"

static void
note (const char *sentence)
{
  tap_note ("%s", sentence);
}

static void
expect_equal (const char *file, size_t least)
{
  char path[1024], error[512] = "";
  struct cases_tally tally = { 0 };
  if (tap_reference (file, path, sizeof path) == NULL) {
    tap_skip ("the reference data is not beside the checkout");
    return;
  }
  CU_ASSERT_EQUAL (cases_run (path, note, &tally, error, sizeof error), 0);
  if (*error)
    tap_note ("%s", error);
  CU_ASSERT (tally.equal >= least);
  CU_ASSERT_EQUAL (tally.unequal, 0);
  tap_note ("%zu cases, %zu figures equal, %zu unequal", tally.rows, tally.equal,
            tally.unequal);
}

static void
test_accepted (void)
{
  expect_equal ("accel/loopnest_cases.jsonl", 7000);
}

static void
test_rejected (void)
{
  expect_equal ("accel/loopnest_invalid.jsonl", 20);
}

static void
test_errors (void)
{
  char error[512] = "";
  struct cases_tally tally = { 0 };
  CU_ASSERT_EQUAL (cases_run ("no such file", NULL, &tally, error, sizeof error), -1);
  CU_ASSERT (strstr (error, "no such file") != NULL);
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { .name = "accepted", .run = test_accepted },
    { .name = "rejected", .run = test_rejected },
    { .name = "errors", .run = test_errors },
    { 0 },
  };
  return tap_run ("accel cases", tests);
}
