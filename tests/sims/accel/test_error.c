/* Messages of the accelerator library. */
#include "sims/accel/error.h"

#include <string.h>

#include "tests/tap.h"

static void
test_messages (void)
{
  struct accel_error err;
  CU_ASSERT_EQUAL (accel_fail (&err, "%s:%d", "file", 7), ACCEL_INVALID);
  CU_ASSERT_STRING_EQUAL (err.text, "file:7");
  CU_ASSERT_EQUAL (accel_fail (NULL, "nobody listens"), ACCEL_INVALID);
  CU_ASSERT_EQUAL (accel_no_memory (&err), ACCEL_NOMEM);
  CU_ASSERT_STRING_EQUAL (err.text, "out of memory");
  CU_ASSERT_EQUAL (accel_fail (&err, "%0300d", 1), ACCEL_INVALID);
  CU_ASSERT_EQUAL (strlen (err.text), sizeof err.text - 1);
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { .name = "messages", .run = test_messages },
    { 0 },
  };
  return tap_run ("accel error", tests);
}
