/* SPDX-License-Identifier: MIT */
/* Section 8a of dram.h for the cycle-by-cycle simulator: see slow.h. */
#include "sims/dram/slow_model.h"

/* With requests that have not had their column command. */
static bool
rank_is_busy (const struct slow *s, uint32_t rank)
{
  for (size_t i = 0; i < s->buffered; i++) {
    if (s->request[s->buffer[i]].place.rank == rank)
      return true;
  }
  return false;
}

static bool
rank_is_open (const struct slow *s, uint32_t rank)
{
  for (uint32_t i = 0; i < s->banks_per_rank; i++) {
    if (s->bank[rank * s->banks_per_rank + i].open)
      return true;
  }
  return false;
}

/* Long idle, nothing owed, and the refresh done that a self-refresh has to be followed by
 * before the next one. */
static bool
is_deep (const struct slow *s, uint32_t number, uint64_t idle)
{
  const struct rank *rank = &s->rank[number];
  uint64_t wanted = s->config->self_refresh_idle;
  return wanted > 0 && s->config->refresh_policy != DRAM_REFRESH_NOREFRESH
         && idle >= wanted && rank->debt <= 0 && rank->refreshed;
}

static void
offer (struct rank *rank, enum dram_command_kind kind)
{
  rank->rest_offers = true;
  rank->rest_command = kind;
}

/* One manager in one cycle: the table of the section, line by line. */
static void
look_at_rank (struct slow *s, uint32_t number, uint64_t t)
{
  struct rank *rank = &s->rank[number];
  bool busy = rank_is_busy (s, number), refreshes = rank->offered_unit != NO_UNIT;
  if (busy)
    rank->last_busy = t;
  uint64_t idle = t - rank->last_busy;
  bool deep = is_deep (s, number, idle);
  rank->rest_offers = false;
  if (rank->rest == DOWN && (busy || refreshes || deep))
    offer (rank, DRAM_CMD_PDX);
  else if (rank->rest == ASLEEP && busy)
    offer (rank, DRAM_CMD_SRX);
  else if (rank->rest == AWAKE && !busy && !refreshes && deep)
    offer (rank, rank_is_open (s, number) ? DRAM_CMD_PREA : DRAM_CMD_SRE);
  else if (rank->rest == AWAKE && !busy && !refreshes
           && idle >= s->config->power_down_idle)
    offer (rank, DRAM_CMD_PDE);
}

void
slow_power_start (struct slow *s)
{
  for (uint32_t k = 0; k < s->config->ranks; k++)
    s->rank[k].refreshed = true;
}

void
slow_power_look (struct slow *s, uint64_t t)
{
  for (uint32_t k = 0; k < s->config->ranks; k++) {
    if (s->config->power_down != DRAM_POWER_DOWN_NEVER)
      look_at_rank (s, k, t);
  }
}

bool
slow_power_exit_is_slow (const struct slow *s, uint32_t rank)
{
  return s->config->power_down == DRAM_POWER_DOWN_SLOW && !s->rank[rank].open_at_entry;
}

void
slow_power_issued (struct slow *s, uint32_t number, enum dram_command_kind kind,
                   uint64_t t)
{
  struct rank *rank = &s->rank[number];
  if (kind == DRAM_CMD_PDE) {
    rank->rest = DOWN;
    rank->open_at_entry = rank_is_open (s, number);
  } else if (kind == DRAM_CMD_SRE) {
    rank->rest = ASLEEP;
    slow_refresh_sleep (s, number);
  } else {
    rank->rest = AWAKE;
  }
  if (kind == DRAM_CMD_SRX) {
    rank->refreshed = false;
    slow_refresh_wake (s, number, (int64_t)t + s->timing->txs);
  }
}
