/* The CSV reader against RFC 4180, rule by rule. */
#include "core/cmd/csv.h"
#include "tests/tap.h"

#include <stdlib.h>
#include <string.h>

static struct csv *
parse (const char *text, gym_error *err)
{
  return csv_parse (text, strlen (text), "file", err);
}

/* Parses a text that is wrong; its error must hold `expected`. */
static void
refuse (const char *text, const char *expected)
{
  gym_error err = { 0 };
  struct csv *csv = parse (text, &err);
  CU_ASSERT_PTR_NULL (csv);
  CU_ASSERT_EQUAL (err.code, GYM_EINVAL);
  CU_ASSERT_PTR_NOT_NULL (strstr (err.text, expected));
  if (!strstr (err.text, expected))
    tap_note ("seen \"%s\", expected \"%s\"", err.text, expected);
  csv_destroy (&csv);
}

static void
test_plain (void)
{
  static const char *const ends[] = { "a,b\n1,2\n3,4\n", "a,b\n1,2\n3,4",
                                      "a,b\r\n1,2\r\n3,4\r\n",
                                      "\xEF\xBB\xBF"
                                      "a,b\n1,2\n3,4\n" };
  for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
    struct csv *csv = parse (ends[i], NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL (csv);
    CU_ASSERT_EQUAL (csv_columns (csv), 2);
    CU_ASSERT_EQUAL (csv_rows (csv), 2);
    CU_ASSERT_STRING_EQUAL (csv_name (csv, 0), "a");
    CU_ASSERT_STRING_EQUAL (csv_cell (csv, 0, 1), "2");
    CU_ASSERT_STRING_EQUAL (csv_cell (csv, 1, 0), "3");
    CU_ASSERT_STRING_EQUAL (csv_cell (csv, 1, 1), "4");
    CU_ASSERT_EQUAL (csv_find (csv, "b"), 1);
    CU_ASSERT_EQUAL (csv_find (csv, "c"), -1);
    csv_destroy (&csv);
    CU_ASSERT_PTR_NULL (csv);
  }
}

static void
test_quotes (void)
{
  struct csv *csv = parse ("\"a,1\",b\n\"x \"\"y\"\"\",\"two\nlines\"\n,\"\"\n", NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL (csv);
  CU_ASSERT_STRING_EQUAL (csv_name (csv, 0), "a,1");
  CU_ASSERT_STRING_EQUAL (csv_cell (csv, 0, 0), "x \"y\"");
  CU_ASSERT_STRING_EQUAL (csv_cell (csv, 0, 1), "two\nlines");
  CU_ASSERT_STRING_EQUAL (csv_cell (csv, 1, 0), "");
  CU_ASSERT_STRING_EQUAL (csv_cell (csv, 1, 1), "");
  CU_ASSERT_EQUAL (csv_line (csv, 0), 2);
  CU_ASSERT_EQUAL (csv_line (csv, 1), 4);
  csv_destroy (&csv);
}

/* Spaces belong to a field. */
static void
test_spaces (void)
{
  struct csv *csv = parse ("a,b\n 1 , \n", NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL (csv);
  CU_ASSERT_STRING_EQUAL (csv_cell (csv, 0, 0), " 1 ");
  CU_ASSERT_STRING_EQUAL (csv_cell (csv, 0, 1), " ");
  csv_destroy (&csv);
}

static void
test_errors (void)
{
  refuse ("", "file: empty");
  refuse ("\xEF\xBB\xBF", "file: empty");
  refuse ("a,b\n1\n", "file:2: found 1 field; the header has 2");
  refuse ("a,b\n1,2\n1,2,3\n", "file:3: found 3 fields; the header has 2");
  refuse ("a,b\n1,2\n\n", "file:3: found 1 field");
  refuse ("a,b\n1,\"2\n", "file:2: a quoted field is not closed");
  refuse ("a,b\n1,\"2\"x\n", "file:2: found \"x\" after a closing quote");
  refuse ("a,b\n1,2\"\n", "file:2: found a \" inside");
  refuse ("a,b\r1,2\n", "file:1: found a carriage return");
  refuse ("a,b\n\"1\n2\",3\r4\n", "file:3: found a carriage return");
  refuse ("a,\n1,2\n", "file:1: column 2 has no name");
  refuse ("a,b,a\n1,2,3\n", "file:1: two columns are named \"a\"");
}

static void
test_nul (void)
{
  gym_error err = { 0 };
  struct csv *csv = csv_parse ("a\n\0\n", 4, "file", &err);
  CU_ASSERT_PTR_NULL (csv);
  CU_ASSERT_PTR_NOT_NULL (strstr (err.text, "file: found a NUL byte at offset 2"));
}

static void
test_missing_file (void)
{
  gym_error err = { 0 };
  CU_ASSERT_PTR_NULL (csv_read ("/nowhere/at/all.csv", &err));
  CU_ASSERT_EQUAL (err.code, GYM_ENOTFOUND);
  CU_ASSERT_PTR_NULL (csv_read ("/", &err));
  CU_ASSERT_EQUAL (err.code, GYM_EIO);
}

/* What csv_write writes, csv_read reads; far more rows than any buffer holds. */
static void
test_round_trip (void)
{
  static const char *const texts[] = { "plain",    "a,b", "\"",      "two\nlines",
                                       "cr\r\nlf", "",    " space ", "\"\"quoted\"\"" };
  enum { n_texts = sizeof texts / sizeof texts[0], rows = 20000 };
  char path[] = "/tmp/test_csv_XXXXXX";
  int fd = mkstemp (path);
  FILE *file = fd >= 0 ? fdopen (fd, "w") : NULL;
  CU_ASSERT_PTR_NOT_NULL_FATAL (file);
  fputs ("one,two\n", file);
  for (size_t i = 0; i < rows; i++) {
    csv_write (file, texts[i % n_texts]);
    fputc (',', file);
    csv_write (file, texts[i / n_texts % n_texts]);
    fputc ('\n', file);
  }
  CU_ASSERT_EQUAL (fclose (file), 0);
  struct csv *csv = csv_read (path, NULL);
  remove (path);
  CU_ASSERT_PTR_NOT_NULL_FATAL (csv);
  CU_ASSERT_EQUAL (csv_rows (csv), rows);
  size_t wrong = 0;
  for (size_t i = 0; i < csv_rows (csv); i++)
    wrong += strcmp (csv_cell (csv, i, 0), texts[i % n_texts]) != 0
             || strcmp (csv_cell (csv, i, 1), texts[i / n_texts % n_texts]) != 0;
  CU_ASSERT_EQUAL (wrong, 0);
  csv_destroy (&csv);
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { "plain fields and line ends", test_plain },
    { "quoted fields", test_quotes },
    { "spaces are kept", test_spaces },
    { "errors name file, line and reason", test_errors },
    { "a NUL byte is no text", test_nul },
    { "files that cannot be read", test_missing_file },
    { "what is written reads back", test_round_trip },
    { 0 }
  };
  return tap_run ("csv", tests);
}
