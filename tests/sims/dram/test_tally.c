/* Tests of sims/dram/tally.c. */
#include "sims/dram/tally.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/tap.h"

static struct dram_tally tally;

static int
by_value (const void *a, const void *b)
{
  uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return x < y ? -1 : x > y;
}

/* Mean, p99 and maximum of `n` values below 2^bits against sorting them. */
static void
check_histogram (size_t n, unsigned bits)
{
  uint64_t *values = calloc (n, sizeof *values), state = n + bits;
  double sum = 0, exact;
  struct dram_latency l;
  CU_ASSERT_PTR_NOT_NULL_FATAL (values);
  dram_tally_reset (&tally);
  for (size_t i = 0; i < n; i++) {
    state = state * UINT64_C (6364136223846793005) + 1442695040888963407;
    values[i] = state >> (64 - bits);
    sum += (double)values[i];
    dram_histogram_add (&tally.latency, values[i]);
  }
  qsort (values, n, sizeof *values, by_value);
  exact = (double)values[(n * 99 + 99) / 100 - 1];
  l = dram_histogram_read (&tally.latency, 2.0);
  CU_ASSERT_DOUBLE_EQUAL (l.mean, 2 * sum / (double)n, l.mean * 1e-12);
  CU_ASSERT_EQUAL (l.max, 2 * (double)values[n - 1]);
  CU_ASSERT (l.p99 >= 2 * exact
             && l.p99 <= 2 * exact * (bits <= 12 ? 1 : 1 + 1.0 / 1024));
  CU_ASSERT (l.p99 <= l.max);
  free (values);
}

static void
test_histogram (void)
{
  static const size_t counts[] = { 1, 2, 99, 100, 101, 1000, 5000 };
  static const unsigned bits[] = { 1, 5, 12, 13, 20, 40 };
  for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
    for (size_t j = 0; j < sizeof bits / sizeof bits[0]; j++)
      check_histogram (counts[i], bits[j]);
  }
}

static void
test_empty_histogram (void)
{
  struct dram_latency l;
  dram_tally_reset (&tally);
  l = dram_histogram_read (&tally.response, 1);
  CU_ASSERT (isnan (l.mean) && isnan (l.p99) && isnan (l.max));
}

static void
test_reset_clears (void)
{
  dram_histogram_add (&tally.latency, 5);
  dram_histogram_add (&tally.latency, 1000000);
  dram_tally_reset (&tally);
  for (size_t i = 0; i < DRAM_BINS; i++)
    CU_ASSERT_EQUAL_FATAL (tally.latency.bins[i], 0);
}

/* A result with nothing in it but rank 0, to read its active cycles and energies. */
static struct dram_result
finish (uint64_t end, uint64_t owed, const char *part)
{
  struct dram_result result;
  struct dram_config config;
  struct dram_run_end e = { .last_answer = end, .requests = 5, .reads = 3 };
  e.owed[0] = owed;
  dram_config_default (&config, dram_part_find (part));
  dram_tally_result (&tally, &config, &e, &result);
  return result;
}

static void
test_active_cycles (void)
{
  struct dram_rank_tally *r = &tally.rank[0];
  dram_tally_reset (&tally);
  CU_ASSERT_EQUAL (finish (100, 0, "DDR4-2400").rank[0].active_cycles, 0);
  dram_tally_open (r, 10);
  CU_ASSERT_EQUAL (finish (100, 0, "DDR4-2400").rank[0].active_cycles, 90);
  dram_tally_open (r, 20);
  dram_tally_close (r, 30);
  dram_tally_close (r, 25);
  CU_ASSERT_EQUAL (finish (100, 0, "DDR4-2400").rank[0].active_cycles, 20);
  CU_ASSERT_EQUAL (finish (28, 0, "DDR4-2400").rank[0].active_cycles, 18);
  dram_tally_open (r, 29);
  dram_tally_close (r, 32);
  dram_tally_open (r, 50);
  dram_tally_close (r, 60);
  CU_ASSERT_EQUAL (finish (100, 0, "DDR4-2400").rank[0].active_cycles, 32);
  CU_ASSERT_EQUAL (finish (100, 3, "DDR4-2400").rank[0].active_cycles, 32);
  CU_ASSERT_EQUAL (finish (100, 3, "DDR4-2400").cycles, 100 + 3 * 420);
}

/* Every component by hand: DDR3-1600, 8 devices, 1.5 V, 1.25 ns. */
static void
test_energy (void)
{
  const double unit = 8 * 1.5 * 1.25 * 1e-3;
  struct dram_rank_tally *r = &tally.rank[0];
  struct dram_result x;
  double sum = 0;
  dram_tally_reset (&tally);
  dram_tally_open (r, 0);
  dram_tally_close (r, 400);
  r->commands[DRAM_CMD_ACT] = 2;
  r->commands[DRAM_CMD_RD] = 2;
  r->commands[DRAM_CMD_RDA] = 1;
  r->commands[DRAM_CMD_WRA] = 2;
  r->commands[DRAM_CMD_REF] = 1;
  x = finish (1000, 2, "DDR3-1600");
  CU_ASSERT_DOUBLE_EQUAL (x.energy[DRAM_ENERGY_ACT], 2 * unit * (70 - 45) * 28, 1e-9);
  CU_ASSERT_DOUBLE_EQUAL (x.energy[DRAM_ENERGY_PRE], unit * (70 - 45) * 10, 1e-9);
  CU_ASSERT_DOUBLE_EQUAL (x.energy[DRAM_ENERGY_RD], 3 * unit * (140 - 45) * 4, 1e-9);
  CU_ASSERT_DOUBLE_EQUAL (x.energy[DRAM_ENERGY_WR], 2 * unit * (145 - 45) * 4, 1e-9);
  CU_ASSERT_DOUBLE_EQUAL (x.energy[DRAM_ENERGY_REF], 3 * unit * (170 - 45) * 88, 1e-9);
  CU_ASSERT_DOUBLE_EQUAL (x.energy[DRAM_ENERGY_OPEN], unit * 45 * 400, 1e-9);
  CU_ASSERT_DOUBLE_EQUAL (x.energy[DRAM_ENERGY_CLOSED], unit * 45 * (600 + 2 * 88), 1e-9);
  CU_ASSERT_EQUAL (x.energy[DRAM_ENERGY_VPP], 0);
  for (int i = 0; i < DRAM_ENERGY_COUNT; i++)
    sum += x.energy[i];
  CU_ASSERT_DOUBLE_EQUAL (x.energy_total, sum, sum * 1e-12);
  CU_ASSERT_DOUBLE_EQUAL (x.power, sum / (1176 * 1.25) * 1e3, 1e-9);
  CU_ASSERT_DOUBLE_EQUAL (x.bandwidth, 5 * 64 / (1176 * 1.25) * 1e3, 1e-9);
}

/* Where open and closed standby differ, precharging is counted from the closed one. */
static void
test_precharge_energy (void)
{
  const double unit = 8 * 1.2 * 0.833 * 1e-3;
  dram_tally_reset (&tally);
  dram_tally_open (&tally.rank[0], 0);
  dram_tally_close (&tally.rank[0], 50);
  CU_ASSERT_DOUBLE_EQUAL (finish (100, 0, "DDR4-2400").energy[DRAM_ENERGY_PRE],
                          unit * (48 - 34) * 17, 1e-9);
}

static void
test_activation_supply (void)
{
  struct dram_result x;
  dram_tally_reset (&tally);
  tally.rank[0].commands[DRAM_CMD_ACT] = 10;
  x = finish (1000, 0, "DDR4-2400-4Gb");
  CU_ASSERT_DOUBLE_EQUAL (x.energy[DRAM_ENERGY_VPP], 8 * 2.5 * 4.05 * 55 * 10 * 0.833e-3,
                          1e-9);
}

/* DDR3-1600: 100 cycles down with a row open, 300 without, 200 in self-refresh; what is
 * left is standby, 400 cycles open and 1000 in all. */
static void
test_rests (void)
{
  const double unit = 8 * 1.5 * 1.25 * 1e-3;
  struct dram_rank_tally *r = &tally.rank[0];
  struct dram_result x;
  dram_tally_reset (&tally);
  dram_tally_open (r, 0);
  dram_tally_close (r, 400);
  r->down_active_cycles = 100;
  r->down_cycles = 300;
  r->self_cycles = 200;
  x = finish (1000, 0, "DDR3-1600");
  CU_ASSERT_DOUBLE_EQUAL (x.energy[DRAM_ENERGY_OPEN], unit * 45 * 300, 1e-9);
  CU_ASSERT_DOUBLE_EQUAL (x.energy[DRAM_ENERGY_CLOSED], unit * 45 * 100, 1e-9);
  CU_ASSERT_DOUBLE_EQUAL (x.energy[DRAM_ENERGY_DOWN], unit * (35 * 100 + 30 * 300), 1e-9);
  CU_ASSERT_DOUBLE_EQUAL (x.energy[DRAM_ENERGY_SELF], unit * 8 * 200, 1e-9);
  CU_ASSERT_EQUAL (x.rank[0].self_refresh_cycles, 200);
}

/* Sixteen refreshes of a bank each, four in a quarter, or eight of the banks of a number
 * (each half the work of four banks) are worth one of all banks. */
static void
test_shares_of_refresh (void)
{
  static const struct {
    enum dram_refresh policy;
    enum dram_command_kind kind;
    uint64_t count;
  } shares[] = { { DRAM_REFRESH_ALLBANK, DRAM_CMD_REF, 1 },
                 { DRAM_REFRESH_ALLBANK4X, DRAM_CMD_REF, 4 },
                 { DRAM_REFRESH_PERBANK, DRAM_CMD_REFPB, 16 },
                 { DRAM_REFRESH_SAMEBANK, DRAM_CMD_REFSB, 8 } };
  for (size_t i = 0; i < sizeof shares / sizeof shares[0]; i++) {
    struct dram_config config;
    struct dram_run_end end = { .last_answer = 1000, .requests = 1 };
    struct dram_result x;
    dram_config_default (&config, NULL);
    config.refresh_policy = shares[i].policy;
    dram_tally_reset (&tally);
    tally.rank[0].commands[shares[i].kind] = shares[i].count;
    dram_tally_result (&tally, &config, &end, &x);
    CU_ASSERT_DOUBLE_EQUAL (x.energy[DRAM_ENERGY_REF],
                            8 * 1.2 * (250 - 43) * 420 * 0.833e-3, 1e-9);
  }
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { .name = "histogram", .run = test_histogram },
    { .name = "empty histogram", .run = test_empty_histogram },
    { .name = "reset clears", .run = test_reset_clears },
    { .name = "active cycles", .run = test_active_cycles },
    { .name = "energy", .run = test_energy },
    { .name = "precharge energy", .run = test_precharge_energy },
    { .name = "activation supply", .run = test_activation_supply },
    { .name = "rests", .run = test_rests },
    { .name = "shares of refresh", .run = test_shares_of_refresh },
    { 0 },
  };
  return tap_run ("dram tally", tests);
}
