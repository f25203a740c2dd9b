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

void
dram_refresh_reset (struct dram_refresh_state *r, const struct dram_config *config)
{
  memset (r, 0, sizeof *r);
  r->postponed = (int32_t)config->refresh_max_postponed;
  r->pulledin = (int32_t)config->refresh_max_pulledin;
  r->interval = config->part.timing.trefi;
  r->ranks = config->refresh_policy == DRAM_REFRESH_ALLBANK ? config->ranks : 0;
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

/* Evaluating twice in a cycle changes nothing the second time, and between two events
 * nothing changes what it would do: it may be called in visited cycles only. */
enum dram_refresh_wish
dram_refresh_evaluate (struct dram_refresh_state *r, uint32_t rank, uint64_t now,
                       bool busy)
{
  if (now < r->due[rank])
    return DRAM_REFRESH_NOTHING;
  if (r->pulling[rank] && now >= r->due[rank] + r->interval)
    advance (r, rank);
  if (!r->pulling[rank] && r->debt[rank] == r->postponed)
    return DRAM_REFRESH_OFFER_FORCED;
  if (!busy)
    return DRAM_REFRESH_OFFER;
  if (!r->pulling[rank])
    r->debt[rank]++;
  advance (r, rank);
  return DRAM_REFRESH_NOTHING;
}

void
dram_refresh_issued (struct dram_refresh_state *r, uint32_t rank)
{
  if (r->pulling[rank])
    r->debt[rank]--;
  r->pulling[rank] = true;
  if (r->debt[rank] == -r->pulledin)
    advance (r, rank);
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
