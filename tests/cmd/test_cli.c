/* The parser of command lines. */
#include "core/cmd/cli.h"
#include "tests/tap.h"

#include <stdlib.h>
#include <string.h>

enum { LONG_ONLY = CLI_LONG, FLAG, NUMBER, KIND };

static const struct cli_option options[] = {
  { .key = 'o',
    .name = "option",
    .argument = "K=V",
    .doc = "An option.",
    .repeat = true },
  { .key = LONG_ONLY, .name = "long-only", .argument = "X", .doc = "Long." },
  { .key = FLAG, .name = "flag", .doc = "A flag." },
  { .key = NUMBER, .name = "number", .argument = "N", .doc = "A number." },
  { .key = KIND, .name = "kind", .argument = "a|b", .doc = "A kind." },
  { 0 }
};

static const struct cli_command command = { .name = "try",
                                            .arguments = "WORD [MORE] [-o K=V ...]",
                                            .summary = "Try it",
                                            .doc = "One.\n\nTwo.",
                                            .options = options,
                                            .least = 1,
                                            .most = 2 };

static const struct cli_command script = {
  .name = "go", .arguments = "SCRIPT", .least = 1, .most = 1, .script = true
};

/* Parses words given as arguments, closed by NULL. */
static int
parse (const struct cli_command *c, struct cli *cli, gym_error *err, ...)
{
  static char *argv[16];
  int argc = 0;
  va_list words;
  va_start (words, err);
  while ((argv[argc] = va_arg (words, char *)))
    argc++;
  va_end (words);
  return cli_parse (c, argc, argv, 0, cli, err);
}

#define REFUSED(expected, ...)                                                           \
  do {                                                                                   \
    struct cli cli_;                                                                     \
    gym_error err_ = { 0 };                                                              \
    CU_ASSERT_EQUAL (parse (&command, &cli_, &err_, __VA_ARGS__, NULL), CLI_EUSAGE);     \
    CU_ASSERT_PTR_NOT_NULL (strstr (err_.text, expected));                               \
    if (!strstr (err_.text, expected))                                                   \
      tap_note ("seen \"%s\", expected \"%s\"", err_.text, expected);                    \
  } while (0)

static void
test_forms (void)
{
  struct cli cli;
  CU_ASSERT_EQUAL_FATAL (parse (&command, &cli, NULL, "word", "-o", "a=1", "-ob=2",
                                "--option", "c=3", "--option=d=4", "--flag",
                                "--long-only=", NULL),
                         0);
  static const char *const expected[] = { "a=1", "b=2", "c=3", "d=4" };
  size_t found = 0;
  for (size_t i = 0; i < cli.n; i++)
    if (cli.words[i].key == 'o') {
      CU_ASSERT_STRING_EQUAL (cli.words[i].value, expected[found]);
      found++;
    }
  CU_ASSERT_EQUAL (found, 4);
  CU_ASSERT_STRING_EQUAL (cli_value (&cli, 'o'), "a=1");
  CU_ASSERT_STRING_EQUAL (cli_value (&cli, FLAG), "");
  CU_ASSERT_STRING_EQUAL (cli_value (&cli, LONG_ONLY), "");
  CU_ASSERT_PTR_NULL (cli_value (&cli, NUMBER));
  CU_ASSERT_STRING_EQUAL (cli_plain (&cli, 0), "word");
  CU_ASSERT_PTR_NULL (cli_plain (&cli, 1));
  cli_clear (&cli);
}

/* Options and words in any order, which is kept; "--" ends options, "-" is a word. */
static void
test_order (void)
{
  struct cli cli;
  CU_ASSERT_EQUAL_FATAL (
      parse (&command, &cli, NULL, "-", "-o", "x", "--", "--flag", NULL), 0);
  CU_ASSERT_EQUAL (cli.n, 3);
  CU_ASSERT_EQUAL (cli.words[1].key, 'o');
  CU_ASSERT_STRING_EQUAL (cli_plain (&cli, 0), "-");
  CU_ASSERT_STRING_EQUAL (cli_plain (&cli, 1), "--flag");
  cli_clear (&cli);
}

static void
test_script (void)
{
  struct cli cli;
  CU_ASSERT_EQUAL_FATAL (parse (&script, &cli, NULL, "s.lua", "--help", "-x", "--", NULL),
                         0);
  CU_ASSERT_FALSE (cli.help);
  CU_ASSERT_EQUAL (cli_plain_count (&cli), 4);
  cli_clear (&cli);
}

static void
test_help (void)
{
  struct cli cli;
  CU_ASSERT_EQUAL_FATAL (parse (&command, &cli, NULL, "--help", NULL), 0);
  CU_ASSERT_TRUE (cli.help);
  cli_clear (&cli);
}

static void
test_errors (void)
{
  REFUSED ("unknown option \"--opion\"; valid ones are: --option, --long-only, --flag, "
           "--number, --kind, --help; did you mean --option?",
           "word", "--opion=3");
  REFUSED ("unknown option \"-x\"", "word", "-x");
  REFUSED ("option --option needs a value: --option K=V", "word", "-o");
  REFUSED ("option --flag takes no value", "word", "--flag=yes");
  REFUSED ("option --number is given twice", "word", "--number", "1", "--number=2");
  REFUSED ("WORD is missing; see gym try --help", "--flag");
  REFUSED ("\"three\" is one word too many", "one", "two", "three");
}

static void
test_integers (void)
{
  static const char *const wrong[] = {
    "", "-1", "+1", " 1", "1 ", "1.5", "0x10", "11", "99999999999999999999999", "one"
  };
  struct cli cli;
  gym_error err = { 0 };
  uint64_t value = 7;
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    CU_ASSERT_EQUAL (parse (&command, &cli, NULL, "w", "--number", wrong[i], NULL), 0);
    CU_ASSERT_EQUAL (cli_integer (&cli, NUMBER, 0, 10, &value, &err), CLI_EUSAGE);
    CU_ASSERT_PTR_NOT_NULL (strstr (err.text, "--number"));
    cli_clear (&cli);
  }
  CU_ASSERT_EQUAL (value, 7);
  CU_ASSERT_EQUAL (
      parse (&command, &cli, NULL, "w", "--number", "18446744073709551615", NULL), 0);
  CU_ASSERT_EQUAL (cli_integer (&cli, NUMBER, 0, UINT64_MAX, &value, &err), 0);
  CU_ASSERT_EQUAL (value, UINT64_MAX);
  CU_ASSERT_EQUAL (cli_integer (&cli, LONG_ONLY, 0, 1, &value, &err), 0);
  CU_ASSERT_EQUAL (value, UINT64_MAX);
  cli_clear (&cli);
}

static void
test_choices (void)
{
  static const char *const names[] = { "apple", "pear", NULL };
  struct cli cli;
  gym_error err = { 0 };
  int value = 5;
  CU_ASSERT_EQUAL (parse (&command, &cli, NULL, "w", "--kind", "pear", NULL), 0);
  CU_ASSERT_EQUAL (cli_choice (&cli, KIND, names, &value, &err), 0);
  CU_ASSERT_EQUAL (value, 1);
  cli_clear (&cli);
  CU_ASSERT_EQUAL (parse (&command, &cli, NULL, "w", "--kind", "peer", NULL), 0);
  CU_ASSERT_EQUAL (cli_choice (&cli, KIND, names, &value, &err), CLI_EUSAGE);
  CU_ASSERT_STRING_EQUAL (err.text, "unknown kind \"peer\"; valid ones are: apple, pear; "
                                    "did you mean pear?");
  cli_clear (&cli);
}

/* Names that are not listed may still be meant. */
static void
test_unknown (void)
{
  static const char *const names[] = { "first-v1", "second-v1", "first", "second" };
  gym_error err = { 0 };
  CU_ASSERT_EQUAL (cli_unknown_hidden (&err, GYM_ENOTFOUND, "id", "frist", names, 2, 2),
                   GYM_ENOTFOUND);
  CU_ASSERT_STRING_EQUAL (err.text, "unknown id \"frist\"; valid ones are: first-v1, "
                                    "second-v1; did you mean first?");
  cli_unknown (&err, GYM_ENOTFOUND, "id", "x", names, 0);
  CU_ASSERT_STRING_EQUAL (err.text, "unknown id \"x\"; valid ones are: none");
}

static void
test_exit_codes (void)
{
  CU_ASSERT_EQUAL (cli_exit_code (0), CLI_OK);
  CU_ASSERT_EQUAL (cli_exit_code (CLI_EUSAGE), CLI_USAGE);
  CU_ASSERT_EQUAL (cli_exit_code (GYM_EINVAL), CLI_INPUT);
  CU_ASSERT_EQUAL (cli_exit_code (GYM_ENOTFOUND), CLI_INPUT);
  CU_ASSERT_EQUAL (cli_exit_code (GYM_EBUSY), CLI_BUSY);
  CU_ASSERT_EQUAL (cli_exit_code (GYM_ECANCELLED), CLI_INTERRUPTED);
  CU_ASSERT_EQUAL (cli_exit_code (GYM_EIO), CLI_FAILED);
}

/* No line of filled text is longer than 78 columns, none is indented less than asked. */
static void
test_fill (void)
{
  char *text = NULL, line[256];
  size_t size = 0, words = 0;
  FILE *out = open_memstream (&text, &size);
  CU_ASSERT_PTR_NOT_NULL_FATAL (out);
  fputs ("  -x", out);
  for (int i = 0; i < 100; i++)
    words += (size_t)snprintf (line, sizeof line, "%s", "word and ") > 0;
  char *many = calloc (100, 10);
  CU_ASSERT_PTR_NOT_NULL_FATAL (many);
  for (size_t i = 0; i < words; i++)
    memcpy (many + i * 9, line, 9);
  cli_fill (out, many, 20, 4);
  fclose (out);
  size_t lines = 0, wrong = 0;
  for (char *p = text; *p; p += strcspn (p, "\n") + 1, lines++) {
    size_t length = strcspn (p, "\n");
    wrong += length > 78 || length <= 20 || p[20] == ' ' || (lines > 0 && p[19] != ' ');
  }
  CU_ASSERT_EQUAL (wrong, 0);
  CU_ASSERT (lines > 10);
  free (many);
  free (text);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "forms of options", test_forms },
                                           { "order and --", test_order },
                                           { "scripts keep their words", test_script },
                                           { "--help", test_help },
                                           { "errors", test_errors },
                                           { "whole numbers", test_integers },
                                           { "choices", test_choices },
                                           { "unknown names", test_unknown },
                                           { "exit codes", test_exit_codes },
                                           { "filled text", test_fill },
                                           { 0 } };
  return tap_run ("cli", tests);
}
