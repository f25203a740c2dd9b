/* SPDX-License-Identifier: MIT */
/* Time-outs, as controllers have them (Hur and Lin, "A Comprehensive Approach to DRAM
 * Power Management", HPCA 2008), with a second one for self-refresh. */
#include "sims/dram/power.h"

#include <string.h>

void
dram_power_reset (struct dram_power_state *p, const struct dram_config *config)
{
  bool refreshing = config->refresh_policy != DRAM_REFRESH_NOREFRESH;
  memset (p, 0, sizeof *p);
  p->on = config->power_down != DRAM_POWER_DOWN_NEVER;
  p->slow = config->power_down == DRAM_POWER_DOWN_SLOW;
  p->down_idle = config->power_down_idle;
  p->self_idle = UINT64_MAX;
  if (config->self_refresh_idle > 0 && refreshing)
    p->self_idle = config->self_refresh_idle;
  for (uint32_t rank = 0; rank < DRAM_RANKS_MAX; rank++)
    p->refreshed[rank] = true;
}

/* Lowers *next to the cycle in which a rank that stays idle has been so for `idle`. */
static void
expect (uint64_t busy_at, uint64_t idle, uint64_t now, uint64_t *next)
{
  if (idle != UINT64_MAX && busy_at + idle > now && busy_at + idle < *next)
    *next = busy_at + idle;
}

/* An idle rank that is awake and has nothing to refresh. */
static enum dram_command_kind
go_to_rest (const struct dram_power_state *p, uint64_t idle, bool deep, bool open)
{
  if (deep)
    return open ? DRAM_CMD_PREA : DRAM_CMD_SRE;
  return idle >= p->down_idle ? DRAM_CMD_PDE : DRAM_CMD_COUNT;
}

enum dram_command_kind
dram_power_evaluate (struct dram_power_state *p, uint32_t rank, uint64_t now,
                     const struct dram_power_view *view, uint64_t *next)
{
  uint64_t idle;
  bool deep;
  if (view->busy)
    p->busy_at[rank] = now;
  idle = now - p->busy_at[rank];
  deep = idle >= p->self_idle && !view->owes && p->refreshed[rank];
  if (!view->busy) {
    expect (p->busy_at[rank], p->down_idle, now, next);
    expect (p->busy_at[rank], p->self_idle, now, next);
  }
  switch (p->mode[rank]) {
  case DRAM_RANK_DOWN:
    return view->busy || view->offers || deep ? DRAM_CMD_PDX : DRAM_CMD_COUNT;
  case DRAM_RANK_ASLEEP:
    return view->busy ? DRAM_CMD_SRX : DRAM_CMD_COUNT;
  default:
    if (view->busy || view->offers)
      return DRAM_CMD_COUNT;
    return go_to_rest (p, idle, deep, view->open);
  }
}

/* Cycles from entry (inclusive) to exit (exclusive) are the rest's. */
static void
book (const struct dram_power_state *p, uint32_t rank, uint64_t now,
      struct dram_rank_tally *tally)
{
  uint64_t cycles = now - p->since[rank];
  if (p->mode[rank] == DRAM_RANK_ASLEEP)
    tally->self_cycles += cycles;
  else if (p->open[rank])
    tally->down_active_cycles += cycles;
  else
    tally->down_cycles += cycles;
}

void
dram_power_issued (struct dram_power_state *p, uint32_t rank, enum dram_command_kind kind,
                   bool open, uint64_t now, struct dram_rank_tally *tally)
{
  if (kind == DRAM_CMD_PDX || kind == DRAM_CMD_SRX) {
    book (p, rank, now, tally);
    p->refreshed[rank] &= kind == DRAM_CMD_PDX;
    p->mode[rank] = DRAM_RANK_AWAKE;
    return;
  }
  p->since[rank] = now;
  p->open[rank] = open;
  p->mode[rank] = kind == DRAM_CMD_PDE ? DRAM_RANK_DOWN : DRAM_RANK_ASLEEP;
}

void
dram_power_end (const struct dram_power_state *p, uint32_t rank, uint64_t end,
                struct dram_rank_tally *tally)
{
  if (p->mode[rank] != DRAM_RANK_AWAKE)
    book (p, rank, end, tally);
}
