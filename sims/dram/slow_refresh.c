/* SPDX-License-Identifier: MIT */
/* Section 8 of dram.h for the cycle-by-cycle simulator: see slow.h. */
#include "sims/dram/slow_model.h"

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
  int64_t ranks = s->config->ranks, trefi = s->timing->trefi;
  return trefi - (int64_t)reverse_bits (rank, s->config->ranks) * trefi / ranks;
}

/* Busy with requests that have not had their column command; answers do not matter. */
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

void
slow_refresh_issued (struct slow *s, uint32_t number)
{
  struct rank *rank = &s->rank[number];
  rank->blocked = false;
  if (rank->mode == PULLING)
    rank->debt--;
  else
    rank->mode = PULLING;
  if (rank->debt == -(int64_t)s->config->refresh_max_pulledin) {
    rank->mode = REGULAR;
    rank->due += s->timing->trefi;
  }
}

/* Whether a rank's manager wants a refresh now, after what it does to due, debt and mode.
 */
static bool
wants_refresh (struct slow *s, uint32_t number, int64_t t)
{
  struct rank *rank = &s->rank[number];
  int64_t trefi = s->timing->trefi;
  if (t < rank->due)
    return false;
  if (rank->mode == PULLING && t >= rank->due + trefi) {
    rank->due += trefi;
    rank->mode = REGULAR;
  }
  if (rank->mode == REGULAR && rank->debt == s->config->refresh_max_postponed) {
    rank->blocked = true;
    return true;
  }
  if (!rank_is_busy (s, number))
    return true;
  if (rank->mode == REGULAR)
    rank->debt++;
  rank->mode = REGULAR;
  rank->due += trefi;
  return false;
}

void
slow_refresh_start (struct slow *s)
{
  for (uint32_t k = 0; k < s->config->ranks; k++)
    s->rank[k].due = first_due (s, k);
}

void
slow_refresh_look (struct slow *s, uint64_t t)
{
  if (s->config->refresh_policy == DRAM_REFRESH_NOREFRESH)
    return;
  for (uint32_t k = 0; k < s->config->ranks; k++) {
    struct rank *rank = &s->rank[k];
    rank->manager_offers = wants_refresh (s, k, (int64_t)t);
    rank->manager_command = rank_is_open (s, k) ? DRAM_CMD_PREA : DRAM_CMD_REF;
  }
}
