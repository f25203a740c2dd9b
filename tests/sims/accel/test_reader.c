/* Lines, words and numbers. */
#include "sims/accel/reader.h"

#include <string.h>

#include "tests/tap.h"

static struct accel_word
word (const char *text)
{
  return (struct accel_word){ .at = text, .length = strlen (text) };
}

static void
test_lines (void)
{
  const char text[] = "one\r\n\n \t two three \nlast";
  struct accel_reader r = { .name = "x", .at = text, .end = text + strlen (text) };
  struct accel_word line, w;
  CU_ASSERT (accel_next_line (&r, &line) && accel_word_is (line, "one"));
  CU_ASSERT (accel_next_line (&r, &line) && line.length == 0);
  CU_ASSERT (accel_next_line (&r, &line) && accel_word_is (line, "two three"));
  CU_ASSERT (accel_next_word (&line, ' ', &w) && accel_word_is (w, "two"));
  CU_ASSERT (accel_next_word (&line, ' ', &w) && accel_word_is (w, "three"));
  CU_ASSERT (!accel_next_word (&line, ' ', &w));
  CU_ASSERT (accel_next_line (&r, &line) && accel_word_is (line, "last") && r.line == 4);
  CU_ASSERT (!accel_next_line (&r, &line));
  line = word ("a, ,b,");
  CU_ASSERT (accel_next_word (&line, ',', &w) && accel_word_is (w, "a"));
  CU_ASSERT (accel_next_word (&line, ',', &w) && w.length == 0);
  CU_ASSERT (accel_next_word (&line, ',', &w) && accel_word_is (w, "b"));
  CU_ASSERT (!accel_next_word (&line, ',', &w));
}

static void
test_numbers (void)
{
  uint32_t n = 7;
  char name[ACCEL_NAME_MAX];
  CU_ASSERT (accel_word_number (word ("2147483647"), false, &n) && n == 2147483647);
  CU_ASSERT (!accel_word_number (word ("2147483648"), false, &n));
  CU_ASSERT (!accel_word_number (word ("99999999999999999999999"), false, &n));
  CU_ASSERT (!accel_word_number (word (""), true, &n));
  CU_ASSERT (!accel_word_number (word ("-1"), true, &n));
  CU_ASSERT (!accel_word_number (word ("1.5"), true, &n));
  CU_ASSERT (!accel_word_number (word ("0"), false, &n));
  CU_ASSERT (accel_word_number (word ("0"), true, &n) && n == 0);
  accel_word_copy (word ("0123456789012345678901234567890123456789012345678901"), name);
  CU_ASSERT_EQUAL (strlen (name), ACCEL_NAME_MAX - 1);
  accel_word_copy (word ("Embedding Layer #1\303"), name);
  CU_ASSERT_STRING_EQUAL (name, "Embedding_Layer__1_");
  accel_word_copy (word (""), name);
  CU_ASSERT_STRING_EQUAL (name, "_");
}

static void
test_ranges (void)
{
  struct accel_error err = { .text = "" };
  struct accel_reader r = { .name = "t", .line = 7, .err = &err };
  uint64_t n = 0;
  CU_ASSERT_EQUAL (accel_reader_number (&r, word ("127"), "stride", 6, 127, &n), 0);
  CU_ASSERT_EQUAL (n, 127);
  CU_ASSERT_EQUAL (accel_reader_number (&r, word ("5"), "stride", 6, 127, &n),
                   ACCEL_INVALID);
  CU_ASSERT_EQUAL (
      accel_reader_number (&r, word ("18446744073709551616"), "x", 0, UINT64_MAX, &n),
      ACCEL_INVALID);
  CU_ASSERT_EQUAL (accel_reader_number (&r, word ("7"), "stride", 0, 3, &n),
                   ACCEL_INVALID);
  CU_ASSERT_STRING_EQUAL (
      err.text, "t:7: stride: found \"7\", expected a whole number from 0 to 3");
}

static void
test_shown (void)
{
  char shown[ACCEL_SHOWN_MAX];
  struct accel_word nasty = { .at = "a\001\377b", .length = 4 };
  CU_ASSERT_STRING_EQUAL (accel_shown (nasty, shown), "\"a\\x01\\xFFb\"");
  CU_ASSERT_STRING_EQUAL (accel_shown (word (""), shown), "nothing");
  for (size_t pad = 0; pad < 4; pad++) {
    char text[] = "\377\377\377\377\377\377\377\377\377\377\377\377\377\377";
    memset (text, 'a', pad);
    CU_ASSERT (strlen (accel_shown (word (text), shown)) < ACCEL_SHOWN_MAX);
  }
}

static void
test_nearest (void)
{
  static const char *const names[] = { "stride", "filter", "c", "k", NULL };
  CU_ASSERT_STRING_EQUAL (accel_nearest (word ("strid"), names), "stride");
  CU_ASSERT_STRING_EQUAL (accel_nearest (word ("Filter"), names), "filter");
  CU_ASSERT_STRING_EQUAL (accel_nearest (word ("K"), names), "k");
  CU_ASSERT_PTR_NULL (accel_nearest (word ("wholly_else"), names));
  CU_ASSERT_PTR_NULL (accel_nearest (word ("z"), names));
  CU_ASSERT_PTR_NULL (
      accel_nearest (word ("stridestridestridestridestridestride"), names));
}

/* The end of a long path tells more than its start. */
static void
test_long_path (void)
{
  char path[301];
  struct accel_error err = { .text = "" };
  struct accel_reader r = { .name = path, .line = 2, .err = &err };
  memset (path, '/', sizeof path - 1);
  memcpy (path + 296, "last", 5);
  CU_ASSERT_EQUAL (accel_reader_fail (&r, "no %d", 5), ACCEL_INVALID);
  CU_ASSERT_PTR_NOT_NULL (strstr (err.text, "/last:2: no 5"));
  CU_ASSERT (strlen (err.text) < 100);
}

static void
test_messages (void)
{
  struct accel_workload w = { .layers = NULL };
  struct accel_error err;
  struct accel_reader r = { .name = "net", .line = 3, .workload = &w, .err = &err };
  struct accel_layer l = accel_layer_unit (ACCEL_CONV);
  for (int i = 0; i < 100; i++)
    CU_ASSERT_EQUAL (accel_reader_append (&r, &l), ACCEL_OK);
  CU_ASSERT_EQUAL (w.count, 100);
  l.size[ACCEL_C] = 0;
  CU_ASSERT_EQUAL (accel_reader_append (&r, &l), ACCEL_INVALID);
  CU_ASSERT_STRING_EQUAL (err.text,
                          "net:3: layer \"\": size C is 0; at least 1 was expected");
  accel_workload_free (&w);
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { .name = "lines", .run = test_lines },
    { .name = "numbers", .run = test_numbers },
    { .name = "ranges", .run = test_ranges },
    { .name = "quotations", .run = test_shown },
    { .name = "nearest words", .run = test_nearest },
    { .name = "long paths", .run = test_long_path },
    { .name = "messages", .run = test_messages },
    { 0 },
  };
  return tap_run ("accel reader", tests);
}
