/* SPDX-License-Identifier: MIT */
/* Section 8 of dram.h for the cycle-by-cycle simulator: see slow.h. */
#include "sims/dram/slow_model.h"

/* ---- The policies ---- */

int64_t
slow_refresh_parts (const struct slow *s)
{
  switch (s->config->refresh_policy) {
  case DRAM_REFRESH_PERBANK:
    return s->banks_per_rank;
  case DRAM_REFRESH_SAMEBANK:
    return 2 * (int64_t)s->config->part.org.banks;
  case DRAM_REFRESH_ALLBANK4X:
    return 4;
  case DRAM_REFRESH_ALLBANK2X:
    return 2;
  default:
    return 1;
  }
}

int64_t
slow_refresh_cycles (const struct dram_config *config)
{
  const struct dram_timing *t = &config->part.timing;
  switch (config->refresh_policy) {
  case DRAM_REFRESH_PERBANK:
    return t->trfcpb;
  case DRAM_REFRESH_SAMEBANK:
    return t->trfcsb;
  case DRAM_REFRESH_ALLBANK4X:
    return t->trfc4;
  case DRAM_REFRESH_ALLBANK2X:
    return t->trfc2;
  default:
    return t->trfc;
  }
}

static bool
all_banks_at_once (const struct slow *s)
{
  return s->config->refresh_policy != DRAM_REFRESH_PERBANK
         && s->config->refresh_policy != DRAM_REFRESH_SAMEBANK;
}

int64_t
slow_refresh_owed_cycles (const struct slow *s)
{
  int64_t cycles = slow_refresh_cycles (s->config), units = slow_refresh_units (s);
  int64_t share = cycles / units + (cycles % units != 0), gap = s->timing->trrefd;
  if (gap < s->timing->tpbr2pbr)
    gap = s->timing->tpbr2pbr;
  if (all_banks_at_once (s))
    return cycles;
  return share > gap ? share : gap;
}

int
slow_refresh_units (const struct slow *s)
{
  if (s->config->refresh_policy == DRAM_REFRESH_SAMEBANK)
    return (int)s->config->part.org.banks;
  return all_banks_at_once (s) ? 1 : (int)slow_refresh_parts (s);
}

/* With SAMEBANK a unit is the number of its banks within their groups. */
bool
slow_refresh_covers (const struct slow *s, int unit, uint32_t bank_of_rank)
{
  if (s->config->refresh_policy == DRAM_REFRESH_PERBANK)
    return (uint32_t)unit == bank_of_rank;
  if (s->config->refresh_policy == DRAM_REFRESH_SAMEBANK)
    return (uint32_t)unit == bank_of_rank % s->config->part.org.banks;
  return true;
}

/* ---- The managers ---- */

static int64_t
interval (const struct slow *s)
{
  return s->timing->trefi / slow_refresh_parts (s);
}

static int64_t
postponed_limit (const struct slow *s)
{
  return s->config->refresh_max_postponed * slow_refresh_parts (s);
}

static int64_t
pulledin_limit (const struct slow *s)
{
  return s->config->refresh_max_pulledin * slow_refresh_parts (s);
}

/* Of a number below `count`, a power of two: the lowest bit turns into the highest. */
static uint32_t
reverse_bits (uint32_t value, uint32_t count)
{
  uint32_t reversed = 0;
  for (uint32_t low = 1, high = count / 2; low < count; low *= 2, high /= 2) {
    if ((value & low) != 0)
      reversed += high;
  }
  return reversed;
}

static int64_t
first_due (const struct slow *s, uint32_t rank)
{
  int64_t ranks = s->config->ranks, i = interval (s);
  return i - (int64_t)reverse_bits (rank, s->config->ranks) * i / ranks;
}

/* Idle: no request without its column command; answers do not matter. */
static bool
unit_is_idle (const struct slow *s, uint32_t rank, int unit)
{
  for (size_t i = 0; i < s->buffered; i++) {
    const struct request *r = &s->request[s->buffer[i]];
    if (r->place.rank == rank
        && slow_refresh_covers (s, unit, r->bank_number - rank * s->banks_per_rank))
      return false;
  }
  return true;
}

/* By the rules: an automatic precharge has closed its bank already. */
static bool
unit_is_open (const struct slow *s, uint32_t rank, int unit)
{
  for (uint32_t i = 0; i < s->banks_per_rank; i++) {
    if (slow_refresh_covers (s, unit, i) && s->bank[rank * s->banks_per_rank + i].open)
      return true;
  }
  return false;
}

/* For all banks of a unit, so that they take no new commands. */
static void
set_blocked (struct slow *s, uint32_t rank, int unit, bool blocked)
{
  for (uint32_t i = 0; i < s->banks_per_rank; i++) {
    if (slow_refresh_covers (s, unit, i))
      s->bank[rank * s->banks_per_rank + i].blocked = blocked;
  }
  s->rank[rank].blocked_unit = blocked ? unit : NO_UNIT;
}

/* Every unit has its turn before one has another. */
static void
leave_round (struct slow *s, struct rank *rank, int unit)
{
  int units = slow_refresh_units (s), left = 0;
  rank->left_round[unit] = true;
  for (int u = 0; u < units; u++)
    left += !rank->left_round[u];
  for (int u = 0; u < units && left == 0; u++)
    rank->left_round[u] = false;
}

void
slow_refresh_issued (struct slow *s, uint32_t number)
{
  struct rank *rank = &s->rank[number];
  set_blocked (s, number, rank->offered_unit, false);
  leave_round (s, rank, rank->offered_unit);
  rank->refreshed = true;
  if (rank->mode == PULLING)
    rank->debt--;
  else
    rank->mode = PULLING;
  if (rank->debt == -pulledin_limit (s)) {
    rank->mode = REGULAR;
    rank->due += interval (s);
  }
}

/* The lowest unit of the round that is idle, or simply the lowest. */
static int
lowest_of_round (const struct slow *s, uint32_t rank, bool idle)
{
  for (int unit = 0; unit < slow_refresh_units (s); unit++) {
    if (!s->rank[rank].left_round[unit] && (!idle || unit_is_idle (s, rank, unit)))
      return unit;
  }
  return NO_UNIT;
}

/* The unit a rank's manager wants to refresh now, after what it does to due, debt, mode
 * and the banks. */
static int
wanted_unit (struct slow *s, uint32_t number, int64_t t)
{
  struct rank *rank = &s->rank[number];
  int unit;
  if (t < rank->due)
    return NO_UNIT;
  if (rank->blocked_unit != NO_UNIT)
    return rank->blocked_unit;
  if (t >= rank->due + interval (s)
      && (rank->mode == PULLING || rank->debt < postponed_limit (s))) {
    rank->debt += rank->mode == REGULAR;
    rank->due += interval (s);
    rank->mode = REGULAR;
  }
  unit = lowest_of_round (s, number, true);
  if (rank->mode == REGULAR && rank->debt == postponed_limit (s)) {
    unit = unit != NO_UNIT ? unit : lowest_of_round (s, number, false);
    set_blocked (s, number, unit, true);
  }
  if (unit != NO_UNIT)
    return unit;
  if (rank->mode == REGULAR)
    rank->debt++;
  rank->mode = REGULAR;
  rank->due += interval (s);
  return NO_UNIT;
}

/* What is offered for a unit: nothing can be refreshed that is open. */
static enum dram_command_kind
command_for (const struct slow *s, bool open)
{
  switch (s->config->refresh_policy) {
  case DRAM_REFRESH_PERBANK:
    return open ? DRAM_CMD_PRE : DRAM_CMD_REFPB;
  case DRAM_REFRESH_SAMEBANK:
    return open ? DRAM_CMD_PRESB : DRAM_CMD_REFSB;
  default:
    return open ? DRAM_CMD_PREA : DRAM_CMD_REF;
  }
}

void
slow_refresh_start (struct slow *s)
{
  for (uint32_t k = 0; k < s->config->ranks; k++) {
    s->rank[k].due = first_due (s, k);
    s->rank[k].offered_unit = s->rank[k].blocked_unit = NO_UNIT;
  }
}

void
slow_refresh_sleep (struct slow *s, uint32_t rank)
{
  s->rank[rank].due = INT64_MAX;
}

void
slow_refresh_wake (struct slow *s, uint32_t number, int64_t from)
{
  struct rank *rank = &s->rank[number];
  rank->due = from + interval (s);
  rank->debt = 0;
  rank->mode = REGULAR;
  for (int unit = 0; unit < slow_refresh_units (s); unit++)
    rank->left_round[unit] = false;
}

void
slow_refresh_look (struct slow *s, uint64_t t)
{
  if (s->config->refresh_policy == DRAM_REFRESH_NOREFRESH)
    return;
  for (uint32_t k = 0; k < s->config->ranks; k++) {
    struct rank *rank = &s->rank[k];
    rank->offered_unit = wanted_unit (s, k, (int64_t)t);
    if (rank->offered_unit != NO_UNIT)
      rank->offered = command_for (s, unit_is_open (s, k, rank->offered_unit));
  }
}
