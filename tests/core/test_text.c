/* core/text.c: growing a text, JSON strings, tables, lists of names. */
#include "core/text.h"
#include "tests/tap.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void
test_growth (void)
{
  struct gym_text text = { 0 };
  for (int i = 0; i < 5000; i++)
    gym_text_printf (&text, "%d,", i % 10);
  gym_text_puts (&text, "end");
  gym_text_number (&text, 0.1);
  CU_ASSERT_EQUAL (text.length, 10006);
  gym_error err = { 0 };
  char *taken = gym_text_take (&text, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL (taken);
  CU_ASSERT_PTR_NULL (text.bytes);
  CU_ASSERT_STRING_EQUAL (taken + 10000, "end0.1");
  CU_ASSERT_EQUAL (strncmp (taken, "0,1,2,", 6), 0);
  free (taken);
  taken = gym_text_take (&text, &err);
  CU_ASSERT_STRING_EQUAL (taken, "");
  free (taken);
}

/* What we write, Jansson reads back. */
static void
test_json (void)
{
  char all[256];
  for (int i = 1; i < 128; i++)
    all[i - 1] = (char)i;
  memcpy (all + 127, "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80", 10);
  struct gym_text text = { 0 };
  gym_text_json (&text, all);
  char *json = gym_text_take (&text, NULL);
  json_error_t e;
  json_t *read = json_loads (json, JSON_DECODE_ANY, &e);
  CU_ASSERT_PTR_NOT_NULL_FATAL (read);
  CU_ASSERT_STRING_EQUAL (json_string_value (read), all);
  json_decref (read);
  free (json);
  gym_text_json (&text, NULL);
  json = gym_text_take (&text, NULL);
  CU_ASSERT_STRING_EQUAL (json, "null");
  free (json);
}

static void
test_table (void)
{
  struct gym_text text = { 0 };
  gym_text_puts (&text, "a\tbb\tccc\nlong cell\t\xC3\xA9\tlast one\nalone\n");
  char *table = gym_text_take_table (&text, NULL);
  CU_ASSERT_STRING_EQUAL (table, "a          bb  ccc\n"
                                 "long cell  \xC3\xA9   last one\n"
                                 "alone\n");
  free (table);
  gym_text_puts (&text, "");
  table = gym_text_take_table (&text, NULL);
  CU_ASSERT_STRING_EQUAL (table, "");
  free (table);
  gym_text_puts (&text, "x\tone, two, three, four, five, six, seven, eight, nine, ten"
                        "\tsays\ny\t\tmore\n");
  table = gym_text_take_table (&text, NULL);
  CU_ASSERT_STRING_EQUAL (table, "x  one, two, three, four, five, six, seven,  says\n"
                                 "   eight, nine, ten\n"
                                 "y                                            more\n");
  free (table);
}

static void
test_utf8 (void)
{
  CU_ASSERT (gym_text_is_utf8 ("plain \xC2\xB5 \xE2\x82\xAC \xF4\x8F\xBF\xBF"));
  CU_ASSERT (gym_text_is_utf8 ("tab\tand\nline"));
  CU_ASSERT (!gym_text_is_clean ("tab\tand\nline"));
  CU_ASSERT (!gym_text_is_clean ("\x7F"));
  CU_ASSERT (gym_text_is_clean ("\xC3\xA9"));
  static const char *const wrong[] = { "\x80",
                                       "\xC0\x80",
                                       "\xC1\xBF",
                                       "\xC3",
                                       "\xE0\x9F\xBF",
                                       "\xED\xA0\x80",
                                       "\xF0\x8F\xBF\xBF",
                                       "\xF4\x90\x80\x80",
                                       "\xF5\x80\x80\x80",
                                       "\xE2\x82",
                                       "\xFF" };
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
    CU_ASSERT (!gym_text_is_utf8 (wrong[i]));
}

static void
test_name_list (void)
{
  static const char *const names[] = { "one", "two", "three", "four" };
  char list[64];
  CU_ASSERT_STRING_EQUAL (gym_name_list (list, sizeof list, names, 4),
                          "one, two, three, four");
  CU_ASSERT_STRING_EQUAL (gym_name_list (list, 16, names, 4), "one, two, ...");
  CU_ASSERT_STRING_EQUAL (gym_name_list (list, sizeof list, names, 0), "");
  CU_ASSERT_STRING_EQUAL (gym_name_list (list, 8, names + 2, 1), "...");
  for (size_t size = 6; size < sizeof list; size++) {
    char *exact = malloc (size); /* the sanitizer sees a byte too many */
    gym_name_list (exact, size, names, 4);
    CU_ASSERT (strlen (exact) < size);
    free (exact);
  }
}

static void
test_unknown (void)
{
  static const char *const names[] = { "Fifo", "FrFcfs" };
  gym_error err = { 0 };
  CU_ASSERT_EQUAL (gym_fail_unknown (&err, GYM_ENOTFOUND, "level", "fifo", names, 2),
                   GYM_ENOTFOUND);
  CU_ASSERT_STRING_EQUAL (
      err.text, "unknown level \"fifo\"; did you mean \"Fifo\"? Valid: Fifo, FrFcfs");
  gym_fail_unknown (&err, GYM_EINVAL, "level", "Random", names, 2);
  CU_ASSERT_STRING_EQUAL (err.text, "unknown level \"Random\"; valid: Fifo, FrFcfs");
  gym_fail_unknown (&err, GYM_EINVAL, "level", "Random", names, 0);
  CU_ASSERT_STRING_EQUAL (err.text, "unknown level \"Random\": there is none");
  CU_ASSERT_EQUAL (gym_fail_memory (&err), GYM_ENOMEM);
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { "growth", test_growth },
    { "json strings", test_json },
    { "table", test_table },
    { "utf-8", test_utf8 },
    { "name list", test_name_list },
    { "unknown", test_unknown },
    { 0 },
  };
  return tap_run ("text", tests);
}
