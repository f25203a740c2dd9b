/* The slow model's power managers: when ranks go to rest and come back, by hand. */
#include "sims/dram/slow.h"
#include "tests/tap.h"

enum { KEPT = 32 };

struct kept {
  struct dram_command commands[KEPT];
  size_t count;
};

static void
keep (void *user, const struct dram_command *command)
{
  struct kept *k = user;
  if (k->count < KEPT)
    k->commands[k->count++] = *command;
}

struct expected {
  enum dram_command_kind kind;
  uint64_t cycle;
};

/* The commands of two reads of one row, `gap` cycles apart, on DDR3-1600: tRCD 10, CL 10,
 * B 4, tCKE 3, tXP 6, tXPDLL 20, tXS 96, tRTP 6, tRP 10. */
static void
expect (const struct dram_config *config, uint64_t gap, const struct expected *wanted,
        size_t n, struct dram_result *result)
{
  struct dram_request reads[2] = { { .cycle = 0 }, { .cycle = gap } };
  static struct kept k;
  k.count = 0;
  CU_ASSERT_EQUAL (dram_slow_run (config, reads, 2, keep, &k, result, NULL), DRAM_OK);
  CU_ASSERT_EQUAL_FATAL (k.count, n);
  for (size_t i = 0; i < n; i++) {
    if (k.commands[i].kind != wanted[i].kind || k.commands[i].cycle != wanted[i].cycle)
      tap_note ("command %zu is %s at %u", i, dram_command_name (k.commands[i].kind),
                (unsigned)k.commands[i].cycle);
    CU_ASSERT_EQUAL (k.commands[i].kind, wanted[i].kind);
    CU_ASSERT_EQUAL (k.commands[i].cycle, wanted[i].cycle);
  }
}

static void
resting (struct dram_config *config, enum dram_power_down kind)
{
  dram_config_default (config, dram_part_find ("DDR3-1600"));
  config->power_down = kind;
  config->power_down_idle = 30;
}

/* Idle from cycle 11 on, so down from 40 on, with the row open; the second read comes in
 * 200 and waits for tXP. */
static void
test_active_power_down (void)
{
  static const struct expected wanted[] = { { DRAM_CMD_ACT, 0 },
                                            { DRAM_CMD_RD, 10 },
                                            { DRAM_CMD_PDE, 40 },
                                            { DRAM_CMD_PDX, 200 },
                                            { DRAM_CMD_RD, 206 } };
  struct dram_config config;
  struct dram_result r;
  double scale = 1.5 * 8 * 1.25 / 1000;
  resting (&config, DRAM_POWER_DOWN_SLOW); /* slow with closed rows only */
  expect (&config, 200, wanted, 5, &r);
  CU_ASSERT_EQUAL (r.rank[0].down_active_cycles, 160);
  CU_ASSERT_EQUAL (r.rank[0].down_cycles, 0);
  CU_ASSERT_DOUBLE_EQUAL (r.energy[DRAM_ENERGY_DOWN], scale * 35 * 160, 1e-9);
  CU_ASSERT_DOUBLE_EQUAL (r.energy[DRAM_ENERGY_OPEN], scale * 45 * (220 - 160), 1e-9);
}

/* With the row closed: ACT after tXP, and a slow exit holds the read back. */
static void
test_slow_exit (void)
{
  static const struct expected wanted[] = {
    { DRAM_CMD_ACT, 0 },   { DRAM_CMD_RDA, 10 },  { DRAM_CMD_PDE, 40 },
    { DRAM_CMD_PDX, 200 }, { DRAM_CMD_ACT, 206 }, { DRAM_CMD_RDA, 220 }
  };
  struct dram_config config;
  struct dram_result slow, fast;
  struct expected quick[6];
  resting (&config, DRAM_POWER_DOWN_SLOW);
  config.page_policy = DRAM_PAGE_CLOSED;
  expect (&config, 200, wanted, 6, &slow);
  CU_ASSERT_EQUAL (slow.rank[0].down_cycles, 160);
  config.power_down = DRAM_POWER_DOWN_FAST;
  for (int i = 0; i < 6; i++)
    quick[i] = wanted[i];
  quick[5].cycle = 216;
  expect (&config, 200, quick, 6, &fast);
  CU_ASSERT_DOUBLE_EQUAL (slow.energy[DRAM_ENERGY_DOWN] / fast.energy[DRAM_ENERGY_DOWN],
                          12. / 30, 1e-9);
}

/* From power-down at 510 on: woken, closed, asleep; refreshed by itself beyond tREFI. */
static void
test_self_refresh (void)
{
  static const struct expected wanted[] = {
    { DRAM_CMD_ACT, 0 },     { DRAM_CMD_RD, 10 },     { DRAM_CMD_PDE, 40 },
    { DRAM_CMD_PDX, 510 },   { DRAM_CMD_PREA, 516 },  { DRAM_CMD_SRE, 526 },
    { DRAM_CMD_SRX, 20000 }, { DRAM_CMD_ACT, 20096 }, { DRAM_CMD_RD, 20106 },
  };
  struct dram_config config;
  struct dram_result r;
  resting (&config, DRAM_POWER_DOWN_FAST);
  config.self_refresh_idle = 500;
  expect (&config, 20000, wanted, 9, &r);
  CU_ASSERT_EQUAL (r.rank[0].self_refresh_cycles, 20000 - 526);
  CU_ASSERT_DOUBLE_EQUAL (r.energy[DRAM_ENERGY_SELF],
                          1.5 * 8 * 1.25 / 1000 * 8 * (20000 - 526), 1e-9);
  CU_ASSERT_EQUAL (r.refreshes_owed, 0);
}

/* A refresh that is due wakes the rank for its time. */
static void
test_refresh_wakes (void)
{
  static const struct expected wanted[] = {
    { DRAM_CMD_ACT, 0 },    { DRAM_CMD_RD, 10 },     { DRAM_CMD_PDE, 40 },
    { DRAM_CMD_PDX, 6240 }, { DRAM_CMD_PREA, 6246 }, { DRAM_CMD_REF, 6256 },
    { DRAM_CMD_PDE, 6344 }, { DRAM_CMD_PDX, 7000 },  { DRAM_CMD_ACT, 7006 },
    { DRAM_CMD_RD, 7016 },
  };
  struct dram_config config;
  struct dram_result r;
  resting (&config, DRAM_POWER_DOWN_FAST);
  config.refresh_max_pulledin = 0;
  expect (&config, 7000, wanted, 10, &r);
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { "active power-down", test_active_power_down },
    { "slow exit", test_slow_exit },
    { "self-refresh", test_self_refresh },
    { "refresh wakes", test_refresh_wakes },
    { 0 },
  };
  return tap_run ("dram-slow-power", tests);
}
