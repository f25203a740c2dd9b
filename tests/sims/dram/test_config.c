/* Tests of sims/dram/config.c. */
#include <string.h>

#include "sims/dram/dram.h"
#include "tests/tap.h"

static void
test_defaults (void)
{
  struct dram_config c;
  struct dram_error err = { "" };
  dram_config_default (&c, NULL);
  CU_ASSERT_STRING_EQUAL (c.part.name, "DDR4-2400");
  CU_ASSERT_EQUAL (dram_config_check (&c, &err), 0);
  CU_ASSERT_STRING_EQUAL (err.text, "");
  CU_ASSERT_EQUAL (c.request_buffer_size, 8);
  CU_ASSERT_EQUAL (c.scheduler, DRAM_SCHEDULER_FRFCFS);
  CU_ASSERT (c.charge_owed_refresh);
  for (size_t i = 0; dram_part_at (i) != NULL; i++) {
    dram_config_default (&c, dram_part_at (i));
    CU_ASSERT_EQUAL (dram_config_check (&c, NULL), 0);
  }
}

static void
test_setups (void)
{
  struct dram_config c;
  struct dram_error err = { "" };
  CU_ASSERT_EQUAL (dram_config_setup (&c, "default", &err), 0);
  CU_ASSERT_STRING_EQUAL (c.part.name, "DDR4-2400");
  CU_ASSERT_EQUAL (dram_config_setup (&c, "archgym", &err), 0);
  CU_ASSERT_STRING_EQUAL (c.part.name, "DDR3-1600");
  CU_ASSERT (!c.charge_owed_refresh);
  CU_ASSERT_EQUAL (dram_config_check (&c, &err), 0);
  CU_ASSERT_EQUAL (dram_config_setup (&c, "anchor-ddr4", &err), 0);
  CU_ASSERT_EQUAL (dram_config_check (&c, &err), 0);
  CU_ASSERT_EQUAL (c.part.timing.trefi, 9364);
  CU_ASSERT_EQUAL (c.row_hit_cap, 4);
  CU_ASSERT_EQUAL (dram_config_setup (&c, "anchor-ddr3", &err), 0);
  CU_ASSERT_EQUAL (dram_config_check (&c, &err), 0);
  CU_ASSERT_EQUAL (c.part.timing.trfc, 208);
  CU_ASSERT_EQUAL (dram_config_setup (&c, "archgim", &err), -1);
  CU_ASSERT_PTR_NOT_NULL (strstr (err.text, "archgim"));
  CU_ASSERT_PTR_NOT_NULL (strstr (err.text, "default, archgym"));
}

static void
expect (const struct dram_config *c, const char *says)
{
  struct dram_error err = { "" };
  CU_ASSERT_EQUAL (dram_config_check (c, &err), -1);
  CU_ASSERT_PTR_NOT_NULL (strstr (err.text, says));
  if (strstr (err.text, says) == NULL)
    tap_note ("%s, not %s", err.text, says);
  CU_ASSERT_EQUAL (dram_config_check (c, NULL), -1);
}

/* Every policy and size just outside its range, named in the message. */
static void
test_ranges (void)
{
  struct dram_config c;
  struct {
    const char *name;
    void *field;
    uint32_t bad;
  } cases[] = {
    { "page_policy", &c.page_policy, 4 },
    { "scheduler", &c.scheduler, 3 },
    { "scheduler_buffer", &c.scheduler_buffer, 4 },
    { "resp_queue", &c.resp_queue, 2 },
    { "refresh_policy", &c.refresh_policy, 6 },
    { "refresh_policy SAMEBANK", &c.refresh_policy, DRAM_REFRESH_SAMEBANK },
    { "arbiter", &c.arbiter, 3 },
    { "power_down", &c.power_down, 3 },
    { "no tXPDLL", &c.power_down, DRAM_POWER_DOWN_SLOW },
    { "power_down_idle", &c.power_down_idle, 0 },
    { "self_refresh_idle", &c.self_refresh_idle, DRAM_IDLE_MAX + 1 },
    { "traffic", &c.traffic, 3 },
    { "drain_low", &c.drain_low, 1 },
    { "drain_high", &c.drain_high, DRAM_BUFFER_MAX * DRAM_BANKS_MAX + 1 },
    { "request_buffer_size", &c.request_buffer_size, 0 },
    { "request_buffer_size", &c.request_buffer_size, DRAM_BUFFER_MAX + 1 },
    { "refresh_max_postponed", &c.refresh_max_postponed, DRAM_POSTPONED_MAX + 1 },
    { "refresh_max_pulledin", &c.refresh_max_pulledin, DRAM_POSTPONED_MAX + 1 },
    { "max_active_transactions", &c.max_active_transactions, 0 },
    { "in_flight", &c.in_flight, 0 },
    { "player_ps", &c.player_ps, DRAM_PLAYER_PS_MAX + 1 },
    { "ranks", &c.ranks, 3 },
    { "ranks", &c.ranks, 16 },
    { "banks", &c.ranks, 8 },
    { "channels", &c.channels, 0 },
    { "channels", &c.channels, 3 },
    { "channels", &c.channels, 32 },
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    dram_config_default (&c, NULL);
    memcpy (cases[i].field, &cases[i].bad, sizeof cases[i].bad);
    expect (&c, cases[i].name);
  }
}

static void
test_part_and_mapping (void)
{
  struct dram_config c;
  dram_config_default (&c, NULL);
  c.mapping = "rb";
  expect (&c, "mapping \"rb\"");
  c.mapping = NULL;
  c.part.timing.trefi = 1;
  expect (&c, "part DDR4-2400: tREFI");
}

static void
test_names (void)
{
  CU_ASSERT_STRING_EQUAL (dram_command_name (DRAM_CMD_ACT), "ACT");
  CU_ASSERT_STRING_EQUAL (dram_command_name (DRAM_CMD_REF), "REF");
  CU_ASSERT_STRING_EQUAL (dram_command_name (DRAM_CMD_PRESB), "PRESB");
  CU_ASSERT_STRING_EQUAL (dram_command_name (DRAM_CMD_SRX), "SRX");
  CU_ASSERT_STRING_EQUAL (dram_command_name (DRAM_CMD_COUNT), "?");
  CU_ASSERT_STRING_EQUAL (dram_energy_name (DRAM_ENERGY_SELF), "self");
  CU_ASSERT_STRING_EQUAL (dram_energy_name (DRAM_ENERGY_OPEN), "open");
  CU_ASSERT_STRING_EQUAL (dram_energy_name (DRAM_ENERGY_COUNT), "?");
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { .name = "defaults", .run = test_defaults },
    { .name = "set-ups", .run = test_setups },
    { .name = "ranges", .run = test_ranges },
    { .name = "part and mapping", .run = test_part_and_mapping },
    { .name = "names", .run = test_names },
    { 0 },
  };
  return tap_run ("dram config", tests);
}
