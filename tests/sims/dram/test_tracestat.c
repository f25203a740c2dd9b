/* Tests of sims/dram/tracestat.c on traces that can be counted by hand. */
#include "sims/dram/tracestat.h"

#include <math.h>
#include <string.h>

#include "tests/tap.h"

static struct dram_tracestat
stat_of_channels (const char *text, const char *mapping, uint32_t channels)
{
  struct dram_tracestat_options options = {
    .line_bytes = 64, .ranks = 1, .channels = channels, .mapping = mapping
  };
  struct dram_tracestat stat = { 0 };
  struct dram_trace trace;
  struct dram_error err = { "" };
  options.part = *dram_part_find ("DDR4-2400");
  CU_ASSERT_EQUAL_FATAL (dram_trace_parse (&trace, "text", text, strlen (text), 0, &err),
                         0);
  CU_ASSERT_EQUAL (dram_tracestat (&stat, &trace, &options, &err), 0);
  if (err.text[0] != '\0')
    tap_note ("%s", err.text);
  dram_trace_free (&trace);
  return stat;
}

static struct dram_tracestat
stat_of (const char *text, const char *mapping)
{
  return stat_of_channels (text, mapping, 1);
}

static void
test_counts (void)
{
  struct dram_tracestat s =
      stat_of ("10: read 0x1000\n10: write 0x1040\n13: read 0x1080\n"
               "29: read 0x1080\n29: read 0x9000\n",
               NULL);
  CU_ASSERT (s.requests == 5 && s.reads == 4 && s.writes == 1);
  CU_ASSERT (s.first_cycle == 10 && s.last_cycle == 29);
  CU_ASSERT_DOUBLE_EQUAL (s.mean_gap, 19. / 4, 1e-12);
  CU_ASSERT (s.lowest == 0x1000 && s.highest == 0x9000);
  CU_ASSERT (s.lines == 4 && s.pages == 2);
  CU_ASSERT (s.next_line == 2 && s.same_line == 1 && s.longest_run == 3);
  CU_ASSERT_EQUAL (s.same_stride, 1);
  CU_ASSERT (s.gaps[0] == 2 && s.gaps[2] == 1 && s.gaps[5] == 1);
}

/* Mapping "rbgc": a row of a bank is 8 KiB, the next 8 KiB are the next group's, and 16 x
 * 8 KiB on it is the next row of the first bank. */
static void
test_rows (void)
{
  struct dram_tracestat s =
      stat_of ("LD 0x0\nLD 0x40\nLD 0x2000\nLD 0x20000\nLD 0x2040\nLD 0x0\n", "rbgc");
  CU_ASSERT_EQUAL (s.row_first, 2);
  CU_ASSERT_EQUAL (s.row_hits, 2);
  CU_ASSERT_EQUAL (s.row_conflicts, 2);
  CU_ASSERT_EQUAL (s.rows, 3);
  CU_ASSERT (s.banks == 16 && s.banks_used == 2 && s.busiest_bank == 4);
}

/* Hashing the bank with the row parts rows that would meet in one bank. */
static void
test_mapping_matters (void)
{
  static const char text[] = "LD 0x0\nLD 0x20000\nLD 0x0\nLD 0x20000\n";
  CU_ASSERT_EQUAL (stat_of (text, "rbgc").row_conflicts, 3);
  CU_ASSERT_EQUAL (stat_of (text, "rb^rgc").row_conflicts, 0);
}

static void
test_runs (void)
{
  struct dram_tracestat s = stat_of ("LD 0x0\nLD 0x0\nLD 0x40\nLD 0x80\nLD 0x800\n"
                                     "LD 0x840\nLD 0x100\n",
                                     NULL);
  CU_ASSERT_EQUAL (s.longest_run, 3);
  CU_ASSERT_EQUAL (s.same_stride, 1);
}

/* Bit 6 chooses the channel: the same bank of two channels is two banks. */
static void
test_channels (void)
{
  struct dram_tracestat s =
      stat_of_channels ("LD 0x0\nLD 0x40\nLD 0x0\nLD 0x40\n", "rkbCghc", 2);
  CU_ASSERT_EQUAL (s.banks, 32);
  CU_ASSERT_EQUAL (s.banks_used, 2);
  CU_ASSERT_EQUAL (s.busiest_bank, 2);
}

static void
test_one_request (void)
{
  struct dram_tracestat s = stat_of ("7: write 0x40\n", NULL);
  CU_ASSERT (isnan (s.mean_gap));
  CU_ASSERT (s.requests == 1 && s.longest_run == 1 && s.lines == 1 && s.row_first == 1);
}

static void
test_bad_options (void)
{
  struct dram_tracestat_options options = { .line_bytes = 48, .ranks = 1, .channels = 1 };
  struct dram_request request = { 0 };
  struct dram_trace trace = { .requests = &request, .count = 1 };
  struct dram_tracestat stat;
  struct dram_error err;
  options.part = *dram_part_find ("DDR4-2400");
  CU_ASSERT_EQUAL (dram_tracestat (&stat, &trace, &options, &err), -1);
  CU_ASSERT_PTR_NOT_NULL (strstr (err.text, "48 bytes"));
  options.line_bytes = 64;
  options.mapping = "rbx";
  CU_ASSERT_EQUAL (dram_tracestat (&stat, &trace, &options, &err), -1);
  CU_ASSERT_PTR_NOT_NULL (strstr (err.text, "'x' is no field"));
  options.mapping = NULL;
  options.ranks = 3;
  CU_ASSERT_EQUAL (dram_tracestat (&stat, &trace, &options, &err), -1);
  CU_ASSERT_PTR_NOT_NULL (strstr (err.text, "ranks is 3"));
}

static void
test_bins (void)
{
  CU_ASSERT_EQUAL (dram_gap_low (0), 0);
  CU_ASSERT_EQUAL (dram_gap_low (1), 1);
  CU_ASSERT_EQUAL (dram_gap_low (4), 8);
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { .name = "counts", .run = test_counts },
    { .name = "rows", .run = test_rows },
    { .name = "the mapping matters", .run = test_mapping_matters },
    { .name = "runs", .run = test_runs },
    { .name = "channels", .run = test_channels },
    { .name = "one request", .run = test_one_request },
    { .name = "bad options", .run = test_bad_options },
    { .name = "bins", .run = test_bins },
    { 0 },
  };
  return tap_run ("dram trace statistics", tests);
}
