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
  CU_ASSERT (accel_next_word (&line, ' ', &w) && accel_word_like (w, "THREE"));
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
    { .name = "messages", .run = test_messages },
    { 0 },
  };
  return tap_run ("accel reader", tests);
}
