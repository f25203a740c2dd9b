/* Tests of sims/dram/error.c. */
#include "tests/tap.h"

#include <errno.h>
#include <string.h>

#include "sims/dram/error.h"

static void test_text_and_status (void)
{
  struct dram_error err = { "" };

  errno = ENOENT;
  CU_ASSERT_EQUAL (dram_fail (&err, "%s:%d: no", "part", 7), -1);
  CU_ASSERT_STRING_EQUAL (err.text, "part:7: no");
  CU_ASSERT_EQUAL (errno, ENOENT);
}

static void test_long_text_is_cut (void)
{
  struct dram_error err;
  char longer[2 * sizeof err.text];

  memset (longer, 'x', sizeof longer - 1);
  longer[sizeof longer - 1] = '\0';
  memset (&err, 'y', sizeof err);
  CU_ASSERT_EQUAL (dram_fail (&err, "%s", longer), -1);
  CU_ASSERT_EQUAL (strlen (err.text), sizeof err.text - 1);
}

static void test_no_struct (void)
{
  CU_ASSERT_EQUAL (dram_fail (NULL, "nobody reads this %d", 1), -1);
}

int main (void)
{
  static const struct tap_test tests[] = {
    { .name = "text and status", .run = test_text_and_status },
    { .name = "long text is cut", .run = test_long_text_is_cut },
    { .name = "no struct", .run = test_no_struct },
    { 0 }
  };

  return tap_run ("dram error", tests);
}
