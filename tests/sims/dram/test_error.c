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

static void expect_quote (const char *bytes, size_t size, const char *quoted)
{
  char text[DRAM_QUOTE_MAX];

  dram_quote (text, bytes, bytes + size);
  CU_ASSERT_STRING_EQUAL (text, quoted);
}

static void test_quotes (void)
{
  expect_quote ("word next", 9, "\"word\"");
  expect_quote ("word", 2, "\"wo\"");
  expect_quote ("", 0, "the end");
  expect_quote ("\tx", 2, "a blank");
  expect_quote ("\0\xff", 2, "\"\\x00\\xFF\"");
  expect_quote ("abcdefghijklmnopqrstuvwxyz", 26, "\"abcdefghijklmnopqrstuvw\"");
  expect_quote ("abcdefghijklmnopqrstuv\1z", 24, "\"abcdefghijklmnopqrstuv\\x01\"");
}

static void test_names (void)
{
  char longer[100];

  memset (longer, 'x', sizeof longer - 1);
  longer[sizeof longer - 1] = '\0';
  CU_ASSERT_STRING_EQUAL (dram_shown_name ("a/b"), "a/b");
  CU_ASSERT_EQUAL (strlen (dram_shown_name (longer)), 72);
}

int main (void)
{
  static const struct tap_test tests[] = {
    { .name = "text and status", .run = test_text_and_status },
    { .name = "long text is cut", .run = test_long_text_is_cut },
    { .name = "no struct", .run = test_no_struct },
    { .name = "quotes", .run = test_quotes },
    { .name = "names", .run = test_names },
    { 0 }
  };

  return tap_run ("dram error", tests);
}
