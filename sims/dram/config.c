/* SPDX-License-Identifier: MIT */
/* Defaults and checks of a configuration, and the names of commands and components. */
#include "sims/dram/dram.h"
#include "sims/dram/map.h"
#include "sims/dram/refresh.h"

#include <inttypes.h>
#include <string.h>

/* The policies are those of the memory-controller space's usual baseline: open pages,
 * hits first, eight requests a bank. */
void
dram_config_default (struct dram_config *config, const struct dram_part *part)
{
  if (part == NULL)
    part = dram_part_find ("DDR4-2400");
  *config = (struct dram_config){
    .part = *part,
    .channels = 1,
    .ranks = 1,
    .page_policy = DRAM_PAGE_OPEN,
    .scheduler = DRAM_SCHEDULER_FRFCFS,
    .scheduler_buffer = DRAM_BUFFER_BANKWISE,
    .request_buffer_size = 8,
    .resp_queue = DRAM_RESP_FIFO,
    .refresh_policy = DRAM_REFRESH_ALLBANK,
    .refresh_max_postponed = 8,
    .refresh_max_pulledin = 8,
    .power_down = DRAM_POWER_DOWN_NEVER,
    .power_down_idle = 100,
    .arbiter = DRAM_ARBITER_SIMPLE,
    .max_active_transactions = 128,
    .traffic = DRAM_TRAFFIC_OPEN,
    .in_flight = 4,
    .charge_owed_refresh = true,
  };
}

static void
set_default (struct dram_config *config)
{
  dram_config_default (config, NULL);
}

/* 800 MHz is the clock that ArchGym's trace players run at; the mapping is that of its
 * am_ddr3_8x1Gbx8_dimm_p1KB_rbc.json. */
static void
set_archgym (struct dram_config *config)
{
  dram_config_default (config, dram_part_find ("DDR3-1600"));
  config->mapping = "rbc";
  config->player_ps = 1250;
  config->charge_owed_refresh = false;
}

/* What both comparisons share.  The queues are those simulators'; 26 and 6 are
 * Ramulator's watermarks of 80 % and 20 %, 4 is the cap in DRAMsim3's command queue. */
static void
set_anchor (struct dram_config *config, const char *part, const char *mapping)
{
  dram_config_default (config, dram_part_find (part));
  config->mapping = mapping;
  config->scheduler_buffer = DRAM_BUFFER_SEPARATE;
  config->request_buffer_size = 32;
  config->drain_high = 26;
  config->drain_low = 6;
  config->row_hit_cap = 4;
  config->refresh_max_postponed = config->refresh_max_pulledin = 0;
  config->traffic = DRAM_TRAFFIC_READS;
  config->in_flight = DRAM_ACTIVE_MAX;
  config->charge_owed_refresh = false;
}

/* Those runs' own refresh figures, two cycles from the part's. */
static void
set_anchor_ddr4 (struct dram_config *config)
{
  set_anchor (config, "DDR4-2400", "rbgc");
  config->part.timing.trfc = 421;
  config->part.timing.trefi = 9364;
}

static void
set_anchor_ddr3 (struct dram_config *config)
{
  set_anchor (config, "DDR3-1600-4Gb", "rbc");
}

int
dram_config_setup (struct dram_config *config, const char *setup, struct dram_error *err)
{
  static const struct {
    const char *name;
    void (*set) (struct dram_config *);
  } setups[] = {
    { .name = "default", .set = set_default },
    { .name = "archgym", .set = set_archgym },
    { .name = "anchor-ddr4", .set = set_anchor_ddr4 },
    { .name = "anchor-ddr3", .set = set_anchor_ddr3 },
  };
  for (size_t i = 0; i < sizeof setups / sizeof setups[0]; i++) {
    if (strcmp (setup, setups[i].name) == 0) {
      setups[i].set (config);
      return 0;
    }
  }
  return dram_fail (err,
                    "no set-up \"%.40s\"; there are default, archgym, anchor-ddr4, "
                    "anchor-ddr3",
                    setup);
}

static int
in_range (const char *name, uint32_t value, uint32_t low, uint32_t high,
          struct dram_error *err)
{
  if (value >= low && value <= high)
    return 0;
  return dram_fail (err, "%s is %" PRIu32 " and must be %" PRIu32 " to %" PRIu32, name,
                    value, low, high);
}

/* Policies come from callers' tables of levels: a value that is no enumerator is a
 * mistake there and must not select anything here. */
static int
check_levels (const struct dram_config *c, struct dram_error *err)
{
  const struct {
    const char *name;
    unsigned value, last;
  } level[] = {
    { "page_policy", c->page_policy, DRAM_PAGE_CLOSEDADAPTIVE },
    { "scheduler", c->scheduler, DRAM_SCHEDULER_FRFCFSGRP },
    { "scheduler_buffer", c->scheduler_buffer, DRAM_BUFFER_SEPARATE },
    { "resp_queue", c->resp_queue, DRAM_RESP_REORDER },
    { "refresh_policy", c->refresh_policy, DRAM_REFRESH_SAMEBANK },
    { "power_down", c->power_down, DRAM_POWER_DOWN_SLOW },
    { "arbiter", c->arbiter, DRAM_ARBITER_REORDER },
    { "traffic", c->traffic, DRAM_TRAFFIC_READS },
  };
  for (size_t i = 0; i < sizeof level / sizeof level[0]; i++) {
    if (in_range (level[i].name, level[i].value, 0, level[i].last, err) != 0)
      return -1;
  }
  return 0;
}

/* Sizes are bounded by what memory and 32-bit slot numbers can hold. */
static int
check_sizes (const struct dram_config *c, struct dram_error *err)
{
  if (in_range ("request_buffer_size", c->request_buffer_size, 1, DRAM_BUFFER_MAX, err)
      || in_range ("refresh_max_postponed", c->refresh_max_postponed, 0,
                   DRAM_POSTPONED_MAX, err)
      || in_range ("refresh_max_pulledin", c->refresh_max_pulledin, 0, DRAM_POSTPONED_MAX,
                   err)
      || in_range ("max_active_transactions", c->max_active_transactions, 1,
                   DRAM_ACTIVE_MAX, err)
      || in_range ("in_flight", c->in_flight, 1, DRAM_ACTIVE_MAX, err)
      || in_range ("power_down_idle", c->power_down_idle, 1, DRAM_IDLE_MAX, err)
      || in_range ("self_refresh_idle", c->self_refresh_idle, 0, DRAM_IDLE_MAX, err)
      || in_range ("player_ps", c->player_ps, 0, DRAM_PLAYER_PS_MAX, err))
    return -1;
  if (c->drain_high > DRAM_BUFFER_MAX * DRAM_BANKS_MAX
      || (c->drain_low >= c->drain_high && c->drain_low + c->drain_high > 0))
    return dram_fail (err,
                      "drain_high %" PRIu32 ", drain_low %" PRIu32
                      " must be 0, 0 or low < high <= %d",
                      c->drain_high, c->drain_low, DRAM_BUFFER_MAX * DRAM_BANKS_MAX);
  return 0;
}

static const char *const refresh_names[] = {
  [DRAM_REFRESH_NOREFRESH] = "NOREFRESH", [DRAM_REFRESH_ALLBANK] = "ALLBANK",
  [DRAM_REFRESH_ALLBANK2X] = "ALLBANK2X", [DRAM_REFRESH_ALLBANK4X] = "ALLBANK4X",
  [DRAM_REFRESH_PERBANK] = "PERBANK",     [DRAM_REFRESH_SAMEBANK] = "SAMEBANK",
};

/* A part without the figures cannot be put to rest. */
static int
check_power (const struct dram_config *c, struct dram_error *err)
{
  const struct dram_timing *t = &c->part.timing;
  const char *lacks = NULL;
  if (c->power_down != DRAM_POWER_DOWN_NEVER && (t->txp == 0 || t->tcke == 0))
    lacks = "power_down: the part has no tXP and tCKE";
  else if (c->power_down == DRAM_POWER_DOWN_SLOW && t->txpdll == 0)
    lacks = "power_down SLOW: the part has no tXPDLL";
  else if (c->power_down != DRAM_POWER_DOWN_NEVER && c->self_refresh_idle > 0
           && t->txs == 0)
    lacks = "self_refresh_idle: the part has no tXS";
  return lacks == NULL ? 0 : dram_fail (err, "part %.32s: %s", c->part.name, lacks);
}

int
dram_config_check (const struct dram_config *c, struct dram_error *err)
{
  struct dram_map map;
  const char *fault = dram_part_fault (&c->part);
  if (fault != NULL)
    return dram_fail (err, "part %.32s: %s", c->part.name, fault);
  if (in_range ("ranks", c->ranks, 1, DRAM_RANKS_MAX, err) != 0)
    return -1;
  if ((c->ranks & (c->ranks - 1)) != 0)
    return dram_fail (err, "ranks is %" PRIu32 " and must be a power of two", c->ranks);
  if (c->ranks * dram_part_banks (&c->part) > DRAM_BANKS_MAX)
    return dram_fail (err,
                      "%" PRIu32 " ranks of %" PRIu32 " banks are more than %d banks",
                      c->ranks, dram_part_banks (&c->part), DRAM_BANKS_MAX);
  if (in_range ("channels", c->channels, 1, DRAM_CHANNELS_MAX, err) != 0)
    return -1;
  if ((c->channels & (c->channels - 1)) != 0
      || c->channels * c->ranks > DRAM_ALL_RANKS_MAX)
    return dram_fail (err,
                      "channels is %" PRIu32 " and must be a power of two, with at most "
                      "%d ranks in all channels",
                      c->channels, DRAM_ALL_RANKS_MAX);
  if (check_levels (c, err) != 0 || check_sizes (c, err) != 0
      || check_power (c, err) != 0)
    return -1;
  fault = c->refresh_policy > DRAM_REFRESH_ALLBANK ? dram_refresh_fault (c) : NULL;
  if (fault != NULL)
    return dram_fail (err, "refresh_policy %s of part %.32s: %s",
                      refresh_names[c->refresh_policy], c->part.name, fault);
  return dram_map_compile (&map, c->mapping, &c->part, c->ranks, c->channels, err);
}

const char *
dram_command_name (enum dram_command_kind kind)
{
  static const char *const names[DRAM_CMD_COUNT] = {
    [DRAM_CMD_ACT] = "ACT",     [DRAM_CMD_PRE] = "PRE",     [DRAM_CMD_PREA] = "PREA",
    [DRAM_CMD_RD] = "RD",       [DRAM_CMD_RDA] = "RDA",     [DRAM_CMD_WR] = "WR",
    [DRAM_CMD_WRA] = "WRA",     [DRAM_CMD_REF] = "REF",     [DRAM_CMD_REFPB] = "REFPB",
    [DRAM_CMD_REFSB] = "REFSB", [DRAM_CMD_PRESB] = "PRESB", [DRAM_CMD_PDE] = "PDE",
    [DRAM_CMD_PDX] = "PDX",     [DRAM_CMD_SRE] = "SRE",     [DRAM_CMD_SRX] = "SRX",
  };
  return (unsigned)kind < DRAM_CMD_COUNT ? names[kind] : "?";
}

const char *
dram_energy_name (enum dram_energy component)
{
  static const char *const names[DRAM_ENERGY_COUNT] = {
    [DRAM_ENERGY_ACT] = "act",       [DRAM_ENERGY_PRE] = "pre",
    [DRAM_ENERGY_RD] = "rd",         [DRAM_ENERGY_WR] = "wr",
    [DRAM_ENERGY_REF] = "ref",       [DRAM_ENERGY_OPEN] = "open",
    [DRAM_ENERGY_CLOSED] = "closed", [DRAM_ENERGY_DOWN] = "down",
    [DRAM_ENERGY_SELF] = "self",     [DRAM_ENERGY_VPP] = "vpp",
  };
  return (unsigned)component < DRAM_ENERGY_COUNT ? names[component] : "?";
}
