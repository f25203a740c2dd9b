/* SPDX-License-Identifier: MIT */
/* The offers of the banks and the wheel they wait in.  Everything here is done several
 * times for each command, so masks of banks replace loops over them wherever a rule is
 * the same for all banks of a group. */
#include "sims/dram/banks.h"

#include <string.h>

static uint64_t
bit (uint32_t bank)
{
  return UINT64_C (1) << bank;
}

void
dram_banks_reset (struct dram_banks *k, const struct dram_config *config,
                  const struct dram_timing_state *timing)
{
  uint32_t banks = dram_part_banks (&config->part) * config->ranks;
  memset (k, 0, sizeof *k);
  k->scheduler = config->scheduler;
  k->policy = config->page_policy;
  k->row_hit_cap = config->row_hit_cap > 0 ? config->row_hit_cap : UINT32_MAX;
  k->drain_high = config->drain_high;
  k->drain_low = config->drain_low;
  k->which = config->drain_high > 0 ? DRAM_READS : DRAM_BOTH;
  for (uint32_t bank = 0; bank < DRAM_BANKS_MAX; bank++) {
    k->wake[bank] = DRAM_ASLEEP;
    k->open_group[bank] = DRAM_NONE;
  }
  for (uint32_t bank = 0; bank < banks; bank++) {
    k->of_group[timing->group_of[bank]] |= bit (bank);
    k->of_rank[timing->rank_of[bank]] |= bit (bank);
  }
}

/* Takes a bank's offer back from wherever it is: ready, in the wheel, or nowhere. */
static void
withdraw (struct dram_banks *k, uint32_t bank)
{
  uint32_t place = k->wake[bank];
  k->ready[k->class[bank]] &= ~bit (bank);
  if (place == DRAM_ASLEEP)
    return;
  k->wake[bank] = DRAM_ASLEEP;
  k->wheel[place] &= ~bit (bank);
  if (k->wheel[place] == 0)
    k->turning[place / 64] &= ~bit (place % 64);
}

/* Puts an offer where it belongs now.  One beyond the wheel's reach comes up a few turns
 * early and is scheduled again. */
static void
schedule (struct dram_banks *k, uint32_t bank, uint64_t now)
{
  uint32_t place = (uint32_t)k->local[bank] % DRAM_WHEEL;
  if (k->local[bank] <= now) {
    k->ready[k->class[bank]] |= bit (bank);
    return;
  }
  k->wake[bank] = (uint16_t)place;
  k->wheel[place] |= bit (bank);
  k->turning[place / 64] |= bit (place % 64);
}

/* The scheduler's pick, or DRAM_NONE.  open_group is DRAM_NONE when the bank is closed
 * and when the open row has no request, cases in which every scheduler takes the oldest;
 * so does a row that had its share. */
static uint32_t
pick (const struct dram_banks *k, const struct dram_buffer_state *buffer, uint32_t bank)
{
  uint32_t group = k->open_group[bank], slot = DRAM_NONE;
  if (k->scheduler == DRAM_SCHEDULER_FIFO || group == DRAM_NONE
      || k->streak[bank] >= k->row_hit_cap)
    return dram_buffer_oldest (buffer, bank, k->which);
  if (k->scheduler == DRAM_SCHEDULER_FRFCFSGRP && k->which == DRAM_BOTH)
    return dram_buffer_grouped_hit (buffer, group, k->last_write);
  slot = dram_buffer_oldest_hit (buffer, group, k->which);
  return slot != DRAM_NONE ? slot : dram_buffer_oldest (buffer, bank, k->which);
}

/* A bank open with p's row has p in its group, so two in the group mean a further hit. */
static bool
further_hit (const struct dram_banks *k, const struct dram_buffer_state *buffer,
             uint32_t bank)
{
  uint32_t second;
  if (k->scheduler != DRAM_SCHEDULER_FIFO)
    return dram_buffer_hits (buffer, k->open_group[bank], k->which) >= 2;
  second = dram_buffer_second (buffer, bank, k->which);
  return second != DRAM_NONE && buffer->slots[second].row == k->open_row[bank];
}

static bool
auto_precharge (const struct dram_banks *k, const struct dram_buffer_state *buffer,
                uint32_t bank)
{
  switch (k->policy) {
  case DRAM_PAGE_OPEN:
    return false;
  case DRAM_PAGE_CLOSED:
    return true;
  case DRAM_PAGE_OPENADAPTIVE:
    return dram_buffer_count (buffer, bank, k->which) >= 2
           && !further_hit (k, buffer, bank);
  default:
    return !further_hit (k, buffer, bank);
  }
}

/* Only RDA has a rule of its own: the precharge it starts must not cut off the write
 * recovery of an earlier WR.  For WRA its own recovery is the longer one. */
static void
offer_column (struct dram_banks *k, const struct dram_buffer_state *buffer,
              const struct dram_timing_state *t, uint32_t bank, bool write)
{
  bool close = auto_precharge (k, buffer, bank);
  k->class[bank] = write ? DRAM_OFFER_WRITE : DRAM_OFFER_READ;
  k->kind[bank] = write ? DRAM_CMD_WR : DRAM_CMD_RD;
  k->local[bank] = write ? t->bank_wr[bank] : t->bank_rd[bank];
  if (!close)
    return;
  k->kind[bank]++; /* RDA follows RD and WRA follows WR */
  if (!write && t->bank_rda[bank] > k->local[bank])
    k->local[bank] = t->bank_rda[bank];
}

static void
offer_row (struct dram_banks *k, const struct dram_timing_state *t, uint32_t bank)
{
  bool close = (k->open & bit (bank)) != 0;
  k->class[bank] = close ? DRAM_OFFER_PRE : DRAM_OFFER_ACT;
  k->kind[bank] = close ? DRAM_CMD_PRE : DRAM_CMD_ACT;
  k->local[bank] = close ? t->bank_pre[bank] : t->bank_act[bank];
}

/* With page policy CLOSED an open bank has a request to its row, the one it was opened
 * for, unless the channel turned to the other direction: comparing rows serves all. */
void
dram_banks_offer (struct dram_banks *k, const struct dram_buffer_state *buffer,
                  const struct dram_timing_state *t, uint32_t bank, uint64_t now)
{
  const struct dram_slot *p;
  withdraw (k, bank);
  if ((k->pending & ~k->held & bit (bank)) == 0)
    return;
  k->slot[bank] = pick (k, buffer, bank);
  if (k->slot[bank] == DRAM_NONE)
    return;
  p = &buffer->slots[k->slot[bank]];
  k->number[bank] = p->request;
  if ((k->open & bit (bank)) != 0 && p->row == k->open_row[bank])
    offer_column (k, buffer, t, bank, p->write);
  else
    offer_row (k, t, bank);
  schedule (k, bank, now);
}

bool
dram_banks_store (struct dram_banks *k, struct dram_buffer_state *buffer,
                  const struct dram_slot *request)
{
  uint32_t bank = request->bank;
  uint32_t slot = dram_buffer_store (buffer, request);
  bool alone = (k->pending & bit (bank)) == 0 || k->which != DRAM_BOTH;
  k->pending |= bit (bank);
  if ((k->open & bit (bank)) == 0)
    return alone;
  if (k->open_row[bank] == request->row) {
    k->open_group[bank] = buffer->slots[slot].group;
    return true;
  }
  /* a younger miss only matters to the policy that closes when others wait */
  return alone || k->policy == DRAM_PAGE_OPENADAPTIVE;
}

void
dram_banks_opened (struct dram_banks *k, uint32_t bank, const struct dram_slot *request)
{
  k->open |= bit (bank);
  k->open_row[bank] = request->row;
  k->streak[bank] = 0;
  k->open_group[bank] = request->group;
}

void
dram_banks_closed (struct dram_banks *k, uint32_t bank)
{
  k->open &= ~bit (bank);
  k->open_group[bank] = DRAM_NONE;
}

bool
dram_banks_served (struct dram_banks *k, struct dram_buffer_state *buffer, uint32_t bank,
                   bool close)
{
  bool hit = k->streak[bank]++ > 0;
  k->open_group[bank] = dram_buffer_remove (buffer, k->slot[bank]);
  if (dram_buffer_count (buffer, bank, DRAM_BOTH) == 0)
    k->pending &= ~bit (bank);
  if (close)
    dram_banks_closed (k, bank);
  return hit;
}

void
dram_banks_block (struct dram_banks *k, uint64_t mask)
{
  for (uint64_t left = mask & ~k->blocked; left != 0; left &= left - 1)
    withdraw (k, (uint32_t)__builtin_ctzll (left));
  k->blocked |= mask;
  k->held |= mask;
}

void
dram_banks_unblock (struct dram_banks *k, uint64_t mask)
{
  k->blocked &= ~mask;
  k->held = k->blocked | k->asleep;
}

/* They have no requests, and so no offers that would have to be taken back. */
void
dram_banks_rest (struct dram_banks *k, uint64_t mask)
{
  k->asleep |= mask;
  k->held |= mask;
}

void
dram_banks_rise (struct dram_banks *k, uint64_t mask)
{
  k->asleep &= ~mask;
  k->held = k->blocked | k->asleep;
}

bool
dram_banks_turn (struct dram_banks *k, bool write)
{
  bool turned = k->last_write != write;
  k->last_write = write;
  return turned && k->scheduler == DRAM_SCHEDULER_FRFCFSGRP;
}

/* Reads wait in WRITE until few writes are left, and writes in READ until many have come
 * or nothing else is to do. */
bool
dram_banks_must_turn (const struct dram_banks *k, const struct dram_buffer_state *buffer)
{
  uint32_t reads = buffer->stored[0], writes = buffer->stored[1];
  if (k->which == DRAM_READS)
    return writes > 0 && (writes >= k->drain_high || reads == 0);
  return reads > 0 && writes <= k->drain_low;
}

void
dram_banks_drain (struct dram_banks *k)
{
  k->which = k->which == DRAM_READS ? DRAM_WRITES : DRAM_READS;
}

void
dram_banks_rouse (struct dram_banks *k, uint64_t now)
{
  uint32_t place = (uint32_t)now % DRAM_WHEEL;
  uint64_t due = k->wheel[place];
  k->wheel[place] = 0;
  k->turning[place / 64] &= ~bit (place % 64);
  for (; due != 0; due &= due - 1) {
    uint32_t bank = (uint32_t)__builtin_ctzll (due);
    k->wake[bank] = DRAM_ASLEEP;
    schedule (k, bank, now);
  }
}

/* Ready offers of a class whose group allows them by `now`; *next is lowered to the first
 * later cycle in which a group allows more.  `first` is the lowest of the groups. */
static uint64_t
allowed (const struct dram_banks *k, uint64_t ready, const uint64_t *group,
         uint64_t first, uint32_t groups, uint64_t now, uint64_t *next)
{
  uint64_t mask = 0;
  if (ready == 0)
    return 0;
  if (now < first) {
    *next = first < *next ? first : *next;
    return 0;
  }
  for (uint32_t g = 0; g < groups; g++) {
    uint64_t mine = ready & k->of_group[g];
    if (mine == 0)
      continue;
    if (group[g] <= now)
      mask |= mine;
    else if (group[g] < *next)
      *next = group[g];
  }
  return mask;
}

static uint64_t
scan (const struct dram_banks *k, const struct dram_timing_state *t, uint64_t now,
      uint64_t *next)
{
  const uint64_t *ready = k->ready;
  uint32_t n = t->groups;
  return ready[DRAM_OFFER_PRE]
         | allowed (k, ready[DRAM_OFFER_ACT], t->group_act, t->first_act, n, now, next)
         | allowed (k, ready[DRAM_OFFER_READ], t->group_rd, t->first_rd, n, now, next)
         | allowed (k, ready[DRAM_OFFER_WRITE], t->group_wr, t->first_wr, n, now, next);
}

/* The first place of the wheel after `now` that is in use. */
static uint64_t
next_wake (const struct dram_banks *k, uint64_t now)
{
  uint32_t start = (uint32_t)(now + 1) % DRAM_WHEEL;
  uint32_t word = start / 64;
  uint64_t used = k->turning[word] & (~UINT64_C (0) << start % 64);
  for (uint32_t i = 0; i <= DRAM_WHEEL / 64; i++) {
    if (used != 0) {
      uint32_t place = word * 64 + (uint32_t)__builtin_ctzll (used);
      return now + 1 + (place - start) % DRAM_WHEEL;
    }
    word = (word + 1) % (DRAM_WHEEL / 64);
    used = k->turning[word];
  }
  return DRAM_NEVER;
}

uint64_t
dram_banks_available (const struct dram_banks *k, const struct dram_timing_state *t,
                      uint64_t now, uint64_t *next)
{
  uint64_t wake, mask = scan (k, t, now, next);
  if (mask == 0) {
    wake = next_wake (k, now);
    *next = wake < *next ? wake : *next;
  }
  return mask;
}

/* Masks hold a few banks here: those that may go this very cycle. */
uint32_t
dram_banks_first (const struct dram_banks *k, uint64_t mask)
{
  uint32_t first = (uint32_t)__builtin_ctzll (mask);
  for (mask &= mask - 1; mask != 0; mask &= mask - 1) {
    uint32_t bank = (uint32_t)__builtin_ctzll (mask);
    if (k->number[bank] < k->number[first])
      first = bank;
  }
  return first;
}

/* A precharge that is left over can go in the next cycle whatever was issued in this one:
 * nothing but its own bank delays it. */
uint64_t
dram_banks_next (const struct dram_banks *k, const struct dram_timing_state *t,
                 uint64_t now)
{
  uint64_t next;
  if (k->ready[DRAM_OFFER_PRE] != 0)
    return now + 1;
  next = next_wake (k, now);
  return scan (k, t, now + 1, &next) != 0 ? now + 1 : next;
}
