/* Tests of sims/dram/partfile.c. */
#include "sims/dram/partfile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sims/dram/parts.h"
#include "tests/tap.h"

static struct dram_error err;

/* The text of a built-in part with one line replaced; "" leaves it out.  Each call gives
 * its own block, which the caller frees. */
static char *
edited (const char *file, const char *line, const char *instead)
{
  const struct dram_part_text *t = dram_part_texts;
  size_t room, n;
  const char *at;
  char *text;
  while (strcmp (t->name, file) != 0)
    t++;
  at = strstr (t->text, line);
  CU_ASSERT_PTR_NOT_NULL_FATAL (at);
  room = strlen (t->text) + strlen (instead) + 1;
  text = malloc (room);
  CU_ASSERT_PTR_NOT_NULL_FATAL (text);
  n = (size_t)(at - t->text);
  at += strcspn (at, "\n");
  snprintf (text, room, "%.*s%s%s", (int)n, t->text, instead, at);
  return text;
}

static int
read_text (struct dram_part *part, const char *text)
{
  err.text[0] = '\0';
  return dram_part_parse (part, "x.part", text, strlen (text), &err);
}

/* The file with that change is refused, with this in the message. */
static void
refuses (const char *file, const char *line, const char *instead, const char *message)
{
  char *text = edited (file, line, instead);
  struct dram_part part, zero;
  memset (&zero, 0, sizeof zero);
  CU_ASSERT_EQUAL (read_text (&part, text), -1);
  CU_ASSERT (memcmp (&part, &zero, sizeof part) == 0);
  CU_ASSERT_PTR_NOT_NULL (strstr (err.text, message));
  if (strstr (err.text, message) == NULL)
    tap_note ("\"%s\": %s", instead, err.text);
  free (text);
}

static const char ddr4[] = "DDR4-3200.part";

static void
test_keys (void)
{
  refuses (ddr4, "tRCD ", "tRDC = 22 nCK [jesd79-4]",
           "unknown key \"tRDC\"; the nearest one is tRC");
  refuses (ddr4, "tREFI ", "REFI = 12480 nCK [jesd79-4]", "the nearest one is tREFI");
  refuses (ddr4, "tRCD ", "", "key tRCD is missing, expected a time in nCK");
  refuses (ddr4, "tRFC2 ", "",
           "key tRFC2 is missing, expected a time in nCK, ns, us or "
           "ps or none");
  refuses (ddr4, "tRCD ", "tRCD = 22 nCK [jesd79-4]\ntRCD = 22 nCK [jesd79-4]",
           "x.part:28: tRCD is given again, it was in line 27 already");
  refuses (ddr4, "tRCD ", "TRCD = 22 nCK [jesd79-4]", "the nearest one is tRCD");
  refuses (ddr4, "tRCD ", "= 22 nCK [jesd79-4]", "expected a key, a source or a comment");
  refuses (ddr4, "tRCD ", "tRCD 22 nCK [jesd79-4]", "expected = and a value");
  refuses (ddr4, "VDD1 ", "VDD1 = none [jesd79-4]\nIDD0.VDD1 = 1 mA [jesd79-4]",
           "IDD0.VDD1 in a part whose VDD1 is none");
  refuses ("LPDDR4-3200.part", "IDD4R.VDDQ ", "", "key IDD4R.VDDQ is missing");
}

static void
test_values (void)
{
  refuses (ddr4, "tRCD ", "tRCD = 22 mA [jesd79-4]",
           "tRCD has the unit \"mA\", expected a time in nCK, ns, us or ps");
  refuses (ddr4, "tRCD ", "tRCD = 22 [jesd79-4]", "the unit \"\"");
  refuses (ddr4, "tRCD ", "tRCD = 22 nck [jesd79-4]", "the unit \"nck\"");
  refuses (ddr4, "banks ", "banks = 4 nCK [jesd79-4]", "expected a whole number");
  refuses (ddr4, "banks ", "banks = 4.5 [jesd79-4]", "expected a whole number");
  refuses (ddr4, "banks ", "banks = 0 [jesd79-4]", "banks is 0, expected 1 to");
  refuses (ddr4, "tRCD ", "tRCD = -2 nCK [jesd79-4]", "tRCD is \"-2\", expected a time");
  refuses (ddr4, "tRCD ", "tRCD = 2e1 nCK [jesd79-4]", "the unit \"e1\"");
  refuses (ddr4, "tRCD ", "tRCD = 2.5 nCK [jesd79-4]", "2.5, expected a whole number");
  refuses (ddr4, "tRCD ", "tRCD = 1. nCK [jesd79-4]", "expected a number");
  refuses (ddr4, "tRCD ", "tRCD = 1234567890123456 ns [jesd79-4]", "at most 15 digits");
  refuses (ddr4, "tRCD ", "tRCD = 99999 us [jesd79-4]", "tRCD is 159998400, expected");
  refuses (ddr4, "tRCD ", "tRCD = none [jesd79-4]", "tRCD is \"none\", expected a time");
  refuses (ddr4, "tRCD ", "tRCD = [jesd79-4]", "expected a time in nCK, ns, us or ps");
  refuses (ddr4, "tRCD ", "tRCD = max(1 nCK) [jesd79-4]", "expected a comma and another");
  refuses (ddr4, "tRCD ", "tRCD = max(1 nCK, 2 mA) [jesd79-4]", "the unit \"mA\"");
  refuses (ddr4, "VDD ", "VDD = max(1 V, 2 V) [jesd79-4]", "VDD is a max ()");
  refuses (ddr4, "tCK ", "tCK = 1 nCK [jesd79-4]", "expected a time in ps");
  refuses (ddr4, "name ", "name = two words", "name is \"two words\"");
  refuses (ddr4, "name ", "name =", "name has 0 bytes of text, expected 1 to 31");
}

static void
test_sources (void)
{
  refuses (ddr4, "tRCD ", "tRCD = 22 nCK",
           "found the end, expected a unit at most, and "
           "the source");
  refuses (ddr4, "tRCD ", "tRCD = 22 nCK [hearsay]",
           "source [hearsay] of tRCD is not defined above");
  refuses (ddr4, "tRCD ", "tRCD = 22 nCK [jesd79-4] 5", "expected the end of the line");
  refuses (ddr4, "tRCD ", "tRCD = 22 nCK [jesd79-4", "expected ] behind");
  refuses (ddr4, "tRCD ", "[jesd79-4] = again", "source [jesd79-4] is defined twice");
  refuses (ddr4, "tRCD ", "[other] =", "other has 0 bytes of text");
}

/* Figures that do not go together, each alone in range. */
static void
test_between_keys (void)
{
  refuses (ddr4, "tRC ", "tRC = 73 nCK [jesd79-4]",
           "x.part: tRC must be at least tRAS + tRP");
  refuses (ddr4, "rows ", "rows = 65535 [jesd79-4]", "rows and columns must be powers");
  refuses (ddr4, "IDD4R ", "IDD4R = 51 mA [jesd79-4]", "IDD4R, IDD4W and IDD5 at least");
}

static uint32_t
cycles (const char *value)
{
  char line[96], *text;
  struct dram_part part;
  snprintf (line, sizeof line, "tXS = %s [jesd79-4]", value);
  text = edited (ddr4, "tXS ", line);
  CU_ASSERT_EQUAL (read_text (&part, text), 0);
  free (text);
  return part.timing.txs;
}

/* A clock of 625 ps: 2.6 % of it are 16.25 ps. */
static void
test_rounding (void)
{
  CU_ASSERT_EQUAL (cycles ("10 nCK"), 10);
  CU_ASSERT_EQUAL (cycles ("6.25 ns"), 10);
  CU_ASSERT_EQUAL (cycles ("6.266 ns"), 10);
  CU_ASSERT_EQUAL (cycles ("6.267 ns"), 11);
  CU_ASSERT_EQUAL (cycles ("6251 ps"), 10);
  CU_ASSERT_EQUAL (cycles ("6.875 ns"), 11);
  CU_ASSERT_EQUAL (cycles ("1 us"), 1600);
  CU_ASSERT_EQUAL (cycles ("max(12 nCK, 6.25 ns)"), 12);
  CU_ASSERT_EQUAL (cycles ("max ( 3 nCK , 6.25 ns )"), 10);
  CU_ASSERT_EQUAL (cycles ("none"), 0);
}

/* An interval is the longest allowed: never rounded up, however near. */
static void
test_interval (void)
{
  char *text = edited (ddr4, "tREFI ", "tREFI = 7.8012 us [jesd79-4]");
  struct dram_part part;
  CU_ASSERT_EQUAL (read_text (&part, text), 0);
  CU_ASSERT_EQUAL (part.timing.trefi, 12481);
  free (text);
}

static void
test_files (void)
{
  char path[] = "/tmp/partXXXXXX", *text = edited (ddr4, "name ", "name = mine\r");
  int fd = mkstemp (path);
  FILE *file = fdopen (fd, "w");
  struct dram_part part;
  CU_ASSERT_PTR_NOT_NULL_FATAL (file);
  fputs (text, file);
  fclose (file);
  CU_ASSERT_EQUAL (dram_part_read (&part, path, &err), 0);
  CU_ASSERT_STRING_EQUAL (part.name, "mine");
  CU_ASSERT_EQUAL (truncate (path, DRAM_PARTFILE_MAX + 1), 0);
  CU_ASSERT_EQUAL (dram_part_read (&part, path, &err), -1);
  CU_ASSERT_PTR_NOT_NULL (strstr (err.text, "more than 65536 bytes"));
  unlink (path);
  CU_ASSERT_EQUAL (dram_part_read (&part, path, &err), -1);
  CU_ASSERT_PTR_NOT_NULL (strstr (err.text, "cannot be opened: No such file"));
  CU_ASSERT_EQUAL (dram_part_read (&part, "/tmp", &err), -1);
  CU_ASSERT_PTR_NOT_NULL (strstr (err.text, "cannot be read: Is a directory"));
  free (text);
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { .name = "keys", .run = test_keys },
    { .name = "values", .run = test_values },
    { .name = "sources", .run = test_sources },
    { .name = "figures that do not go together", .run = test_between_keys },
    { .name = "rounding", .run = test_rounding },
    { .name = "interval", .run = test_interval },
    { .name = "files", .run = test_files },
    { 0 },
  };
  return tap_run ("dram part files", tests);
}
