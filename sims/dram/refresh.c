/* SPDX-License-Identifier: MIT */
/* The counter that postponing raises and pulling in lowers is DRAMSys's flexibility
 * counter; JEDEC allows eight either way. */
#include "sims/dram/refresh.h"

#include <string.h>

/* Ranks take turns in bit-reversed order so that their refreshes spread over tREFI. */
static uint32_t
reversed (uint32_t rank, uint32_t ranks)
{
  uint32_t result = 0;
  for (uint32_t bit = 1; bit < ranks; bit *= 2) {
    if ((rank & bit) != 0)
      result |= ranks / 2 / bit;
  }
  return result;
}

/* The event loop asks only for this one cycle, most of the time. */
static void
find_first (struct dram_refresh_state *r)
{
  r->first_due = UINT64_MAX;
  for (uint32_t rank = 0; rank < r->ranks; rank++) {
    if (r->due[rank] < r->first_due)
      r->first_due = r->due[rank];
  }
}

uint32_t
dram_refresh_parts (const struct dram_config *c)
{
  switch (c->refresh_policy) {
  case DRAM_REFRESH_ALLBANK2X:
    return 2;
  case DRAM_REFRESH_ALLBANK4X:
    return 4;
  case DRAM_REFRESH_PERBANK:
    return dram_part_banks (&c->part);
  case DRAM_REFRESH_SAMEBANK:
    return 2 * c->part.org.banks;
  default:
    return 1;
  }
}

uint32_t
dram_refresh_cycles (const struct dram_config *c)
{
  switch (c->refresh_policy) {
  case DRAM_REFRESH_ALLBANK2X:
    return c->part.timing.trfc2;
  case DRAM_REFRESH_ALLBANK4X:
    return c->part.timing.trfc4;
  case DRAM_REFRESH_PERBANK:
    return c->part.timing.trfcpb;
  case DRAM_REFRESH_SAMEBANK:
    return c->part.timing.trfcsb;
  default:
    return c->part.timing.trfc;
  }
}

static bool
by_units (const struct dram_config *c)
{
  return c->refresh_policy == DRAM_REFRESH_PERBANK
         || c->refresh_policy == DRAM_REFRESH_SAMEBANK;
}

/* Sets of banks that commands refresh in turn. */
static uint32_t
unit_count (const struct dram_config *c)
{
  if (c->refresh_policy == DRAM_REFRESH_SAMEBANK)
    return c->part.org.banks;
  return by_units (c) ? dram_refresh_parts (c) : 1;
}

/* From a refresh of some banks to one of others. */
static uint32_t
gap_cycles (const struct dram_config *c)
{
  const struct dram_timing *t = &c->part.timing;
  return t->trrefd > t->tpbr2pbr ? t->trrefd : t->tpbr2pbr;
}

/* Refreshes of different banks overlap; those of one bank do not. */
uint32_t
dram_refresh_owed_cycles (const struct dram_config *c)
{
  uint32_t units = unit_count (c);
  uint32_t share = (dram_refresh_cycles (c) + units - 1) / units;
  if (!by_units (c))
    return dram_refresh_cycles (c);
  return share > gap_cycles (c) ? share : gap_cycles (c);
}

/* Between two forced refreshes of the same banks there must be time to open a row and to
 * move a burst; between those of different ones, to close a row. */
const char *
dram_refresh_fault (const struct dram_config *c)
{
  const struct dram_timing *t = &c->part.timing;
  uint64_t write = (uint64_t)t->al + t->cwl + c->part.org.burst / 2;
  uint64_t needed = t->trc + write + t->twr + t->trp_ab + t->trtp + t->al + 32;
  uint32_t parts = dram_refresh_parts (c), cycles = dram_refresh_cycles (c);
  if (cycles == 0)
    return "the part has no such refreshes";
  if (unit_count (c) == 1)
    needed += cycles + write + t->al + t->cl + t->twtr_l + t->rtw_gap + t->trcd + t->tfaw;
  else
    needed += gap_cycles (c);
  if (cycles < t->trp_ab || (by_units (c) && gap_cycles (c) > cycles))
    return "a refresh must take at least tRPab, tRREFD and tpbR2pbR";
  if (t->trefi / parts < needed)
    return "its share of tREFI leaves no time for an access";
  return NULL;
}

/* Which banks one command refreshes: all, one, or one of each group. */
static void
find_units (struct dram_refresh_state *r, const struct dram_config *c)
{
  r->units = unit_count (c);
  for (uint32_t bank = 0; bank < r->banks; bank++)
    r->unit_banks[bank % r->units] |= UINT64_C (1) << bank;
  for (uint32_t rank = 0; rank < r->ranks; rank++)
    r->remaining[rank] = ~UINT64_C (0) >> (64 - r->units);
}

void
dram_refresh_reset (struct dram_refresh_state *r, const struct dram_config *config)
{
  uint32_t parts = dram_refresh_parts (config);
  memset (r, 0, sizeof *r);
  r->postponed = (int32_t)(config->refresh_max_postponed * parts);
  r->pulledin = (int32_t)(config->refresh_max_pulledin * parts);
  r->interval = config->part.timing.trefi / parts;
  r->banks = dram_part_banks (&config->part);
  r->ranks = config->refresh_policy != DRAM_REFRESH_NOREFRESH ? config->ranks : 0;
  find_units (r, config);
  for (uint32_t rank = 0; rank < r->ranks; rank++)
    r->due[rank] = r->interval - reversed (rank, r->ranks) * r->interval / r->ranks;
  find_first (r);
}

/* The refresh that was due is dealt with (issued or postponed): on to the next one. */
static void
advance (struct dram_refresh_state *r, uint32_t rank)
{
  r->due[rank] += r->interval;
  r->pulling[rank] = false;
  find_first (r);
}

/* The lowest remaining unit without requests, or, if `any` and there is none, the lowest
 * remaining.  False if there is none. */
static bool
choose (struct dram_refresh_state *r, uint32_t rank, uint64_t pending, bool any)
{
  uint64_t mine = pending >> (rank * r->banks);
  for (uint64_t left = r->remaining[rank]; left != 0; left &= left - 1) {
    r->chosen[rank] = (uint32_t)__builtin_ctzll (left);
    if ((r->unit_banks[r->chosen[rank]] & mine) == 0)
      return true;
  }
  if (any)
    r->chosen[rank] = (uint32_t)__builtin_ctzll (r->remaining[rank]);
  return any;
}

/* The next refresh is due already: the one before was issued, or, if units were idle by
 * turns and none for long enough, is postponed. */
static void
overtake (struct dram_refresh_state *r, uint32_t rank)
{
  if (r->forced[rank] || (!r->pulling[rank] && r->debt[rank] == r->postponed))
    return;
  if (!r->pulling[rank])
    r->debt[rank]++;
  advance (r, rank);
}

/* Evaluating twice in a cycle changes nothing the second time, and between two events
 * nothing changes what it would do: it may be called in visited cycles only. */
enum dram_refresh_wish
dram_refresh_evaluate (struct dram_refresh_state *r, uint32_t rank, uint64_t now,
                       uint64_t pending, uint64_t *banks)
{
  bool offer;
  if (now < r->due[rank])
    return DRAM_REFRESH_NOTHING;
  if (now >= r->due[rank] + r->interval)
    overtake (r, rank);
  offer = r->forced[rank];
  if (!offer) {
    r->forced[rank] = !r->pulling[rank] && r->debt[rank] == r->postponed;
    offer = choose (r, rank, pending, r->forced[rank]);
  }
  *banks = r->unit_banks[r->chosen[rank]] << (rank * r->banks);
  if (offer)
    return r->forced[rank] ? DRAM_REFRESH_OFFER_FORCED : DRAM_REFRESH_OFFER;
  if (!r->pulling[rank])
    r->debt[rank]++;
  advance (r, rank);
  return DRAM_REFRESH_NOTHING;
}

/* A round is over when every unit had its refresh. */
void
dram_refresh_issued (struct dram_refresh_state *r, uint32_t rank)
{
  r->forced[rank] = false;
  r->remaining[rank] &= ~(UINT64_C (1) << r->chosen[rank]);
  if (r->remaining[rank] == 0)
    r->remaining[rank] = ~UINT64_C (0) >> (64 - r->units);
  if (r->pulling[rank])
    r->debt[rank]--;
  r->pulling[rank] = true;
  if (r->debt[rank] == -r->pulledin)
    advance (r, rank);
}

void
dram_refresh_sleep (struct dram_refresh_state *r, uint32_t rank)
{
  r->due[rank] = UINT64_MAX;
  find_first (r);
}

/* Whatever was pulled in before is forgotten: the devices count for themselves. */
void
dram_refresh_wake (struct dram_refresh_state *r, uint32_t rank, uint64_t due)
{
  r->due[rank] = due;
  r->debt[rank] = 0;
  r->pulling[rank] = r->forced[rank] = false;
  r->remaining[rank] = ~UINT64_C (0) >> (64 - r->units);
  find_first (r);
}

uint64_t
dram_refresh_owed (const struct dram_refresh_state *r, uint32_t rank, uint64_t end)
{
  uint64_t owed;
  if (rank >= r->ranks)
    return 0;
  owed = r->debt[rank] > 0 ? (uint64_t)r->debt[rank] : 0;
  return owed + (!r->pulling[rank] && end >= r->due[rank]);
}
