/* SPDX-License-Identifier: MIT */
/* Maxima only grow, and commands come in the order of time: one number per scope and kind
 * stands for all earlier commands. */
#include "sims/dram/timing.h"

#include "sims/dram/refresh.h"

#include <string.h>

static void
raise (uint64_t *earliest, uint64_t cycle)
{
  if (*earliest < cycle)
    *earliest = cycle;
}

static uint64_t
lowest (const uint64_t *cycles, uint32_t n)
{
  uint64_t low = cycles[0];
  for (uint32_t i = 1; i < n; i++)
    low = cycles[i] < low ? cycles[i] : low;
  return low;
}

/* Two commands never share a cycle of the command bus. */
static uint32_t
at_least_one (int64_t distance)
{
  return distance < 1 ? 1 : (uint32_t)distance;
}

static void
bank_distances (struct dram_distances *d, const struct dram_timing *t, uint32_t beats)
{
  uint32_t write_back = t->al + t->cwl + beats + t->twr;
  d->act_act = t->trc;
  d->act_pre = t->tras;
  d->act_rd = at_least_one ((int64_t)t->trcd - t->al);
  d->act_wr = at_least_one ((int64_t)t->trcd_wr - t->al);
  d->rd_pre = t->al + t->trtp;
  d->wr_pre = write_back;
  d->wr_rda = at_least_one ((int64_t)write_back - t->trtp - t->al);
  d->pre_act = t->trp;
  d->rda_act = t->al + t->trtp + t->trp;
  d->wra_act = write_back + t->trp;
}

/* The turnarounds follow from the data bus: the second burst starts when the first has
 * ended, with a gap of tRTWgap from reads to writes, of tWTR from writes to reads, and
 * of tRTRS between ranks. */
static void
wide_distances (struct dram_distances *d, const struct dram_timing *t, uint32_t beats)
{
  int64_t cl = t->cl, cwl = t->cwl, b = beats;
  d->group_act = t->trrd_l;
  d->group_rd = t->tccd_l;
  d->group_wr = t->tccd_l_wr;
  d->group_wr_rd = t->cwl + beats + t->twtr_l;
  d->rank_act = t->trrd_s;
  d->rank_faw = t->tfaw;
  d->rank_col = t->tccd_s;
  d->rank_rd_wr = at_least_one (cl + b + t->rtw_gap - cwl);
  d->rank_wr_rd = t->cwl + beats + t->twtr_s;
  d->act_ref = t->trc;
  d->prea_act = t->trp_ab;
  d->act_gap = t->trrefd;
  d->unit_gap = t->trrefd > t->tpbr2pbr ? t->trrefd : t->tpbr2pbr;
  d->down_exit = t->txp;
  d->slow_exit = t->txpdll;
  d->self_exit = t->txs;
  d->other_same = beats + t->trtrs;
  d->other_rd_wr = at_least_one (cl + b + t->trtrs - cwl);
  d->other_wr_rd = at_least_one (cwl + b + t->trtrs - cl);
  d->read_end = t->al + t->cl + beats;
  d->write_end = t->al + t->cwl + beats;
}

void
dram_timing_reset (struct dram_timing_state *t, const struct dram_config *config)
{
  const struct dram_part *part = &config->part;
  uint32_t ranks = config->ranks;
  uint32_t banks = dram_part_banks (part);
  memset (t, 0, sizeof *t);
  bank_distances (&t->d, &part->timing, part->org.burst / 2);
  wide_distances (&t->d, &part->timing, part->org.burst / 2);
  t->d.refresh = dram_refresh_cycles (config);
  t->ranks = ranks;
  t->groups_per_rank = part->org.bank_groups;
  t->groups = ranks * t->groups_per_rank;
  for (uint32_t bank = 0; bank < ranks * banks; bank++) {
    t->rank_of[bank] = bank / banks;
    t->group_of[bank] = bank / part->org.banks;
  }
}

/* The ring holds the ends of the last four windows; behind the newest is the oldest,
 * which the fifth ACT has to wait for. */
void
dram_timing_act (struct dram_timing_state *t, uint32_t bank, uint64_t now)
{
  uint32_t rank = t->rank_of[bank], first = rank * t->groups_per_rank;
  uint64_t *oldest = &t->faw[rank][t->faw_at[rank]];
  uint64_t others;
  *oldest = now + t->d.rank_faw;
  t->faw_at[rank] = (t->faw_at[rank] + 1) % 4;
  others = t->faw[rank][t->faw_at[rank]];
  raise (&others, now + t->d.rank_act);
  for (uint32_t g = first; g < first + t->groups_per_rank; g++)
    raise (&t->group_act[g], others);
  raise (&t->group_act[t->group_of[bank]], now + t->d.group_act);
  t->first_act = lowest (t->group_act, t->groups);
  t->bank_act[bank] = now + t->d.act_act;
  t->bank_pre[bank] = now + t->d.act_pre;
  t->bank_rd[bank] = now + t->d.act_rd;
  t->bank_rda[bank] = now + t->d.act_rd;
  t->bank_wr[bank] = now + t->d.act_wr;
  raise (&t->rank_prea[rank], now + t->d.act_pre);
  raise (&t->rank_ref[rank], now + t->d.act_ref);
}

void
dram_timing_pre (struct dram_timing_state *t, uint32_t bank, uint64_t now)
{
  raise (&t->bank_act[bank], now + t->d.pre_act);
  raise (&t->rank_ref[t->rank_of[bank]], now + t->d.pre_act);
}

/* The next column commands of every group, seen from one in `bank`: `same` runs over the
 * groups' maxima of its own direction, `turn` over those of the other. */
static void
column (struct dram_timing_state *t, uint32_t bank, uint64_t now, uint64_t *same,
        uint64_t *turn, uint32_t same_group, uint32_t rank_turn, uint32_t other_turn)
{
  uint32_t first = t->rank_of[bank] * t->groups_per_rank;
  uint32_t end = first + t->groups_per_rank;
  for (uint32_t g = first; g < end; g++) {
    raise (&same[g], now + t->d.rank_col);
    raise (&turn[g], now + rank_turn);
  }
  raise (&same[t->group_of[bank]], now + same_group);
  for (uint32_t g = 0; g < t->groups && t->ranks > 1; g++) {
    if (g >= first && g < end)
      continue;
    raise (&same[g], now + t->d.other_same);
    raise (&turn[g], now + other_turn);
  }
  t->first_rd = lowest (t->group_rd, t->groups);
  t->first_wr = lowest (t->group_wr, t->groups);
}

void
dram_timing_read (struct dram_timing_state *t, uint32_t bank, uint64_t now, bool close)
{
  uint32_t rank = t->rank_of[bank];
  column (t, bank, now, t->group_rd, t->group_wr, t->d.group_rd, t->d.rank_rd_wr,
          t->d.other_rd_wr);
  raise (&t->bank_pre[bank], now + t->d.rd_pre);
  raise (&t->rank_prea[rank], now + t->d.rd_pre);
  t->rank_read[rank] = now + t->d.read_end + 1;
  if (close) {
    raise (&t->bank_act[bank], now + t->d.rda_act);
    raise (&t->rank_ref[rank], now + t->d.rda_act);
  }
}

void
dram_timing_write (struct dram_timing_state *t, uint32_t bank, uint64_t now, bool close)
{
  uint32_t rank = t->rank_of[bank];
  raise (&t->group_rd[t->group_of[bank]], now + t->d.group_wr_rd);
  column (t, bank, now, t->group_wr, t->group_rd, t->d.group_wr, t->d.rank_wr_rd,
          t->d.other_wr_rd);
  raise (&t->bank_pre[bank], now + t->d.wr_pre);
  raise (&t->bank_rda[bank], now + t->d.wr_rda);
  raise (&t->rank_prea[rank], now + t->d.wr_pre);
  if (close) {
    raise (&t->bank_act[bank], now + t->d.wra_act);
    raise (&t->rank_ref[rank], now + t->d.wra_act);
  }
}

/* The rank's next ACT and REF wait for cycle `until`. */
static void
hold_rank (struct dram_timing_state *t, uint32_t rank, uint64_t until)
{
  uint32_t first = rank * t->groups_per_rank;
  for (uint32_t g = first; g < first + t->groups_per_rank; g++)
    raise (&t->group_act[g], until);
  t->first_act = lowest (t->group_act, t->groups);
  raise (&t->rank_ref[rank], until);
}

void
dram_timing_prea (struct dram_timing_state *t, uint32_t rank, uint64_t now)
{
  hold_rank (t, rank, now + t->d.prea_act);
}

void
dram_timing_ref (struct dram_timing_state *t, uint32_t rank, uint64_t now)
{
  hold_rank (t, rank, now + t->d.refresh);
}

void
dram_timing_pre_unit (struct dram_timing_state *t, uint32_t rank, uint64_t banks,
                      uint64_t now)
{
  for (; banks != 0; banks &= banks - 1)
    raise (&t->bank_act[__builtin_ctzll (banks)], now + t->d.pre_act);
  raise (&t->rank_ref[rank], now + t->d.pre_act);
}

/* Other banks of the rank only keep the gap. */
void
dram_timing_ref_unit (struct dram_timing_state *t, uint32_t rank, uint64_t banks,
                      uint64_t now)
{
  uint32_t first = rank * t->groups_per_rank;
  for (; banks != 0; banks &= banks - 1)
    raise (&t->bank_act[__builtin_ctzll (banks)], now + t->d.refresh);
  for (uint32_t g = first; g < first + t->groups_per_rank; g++)
    raise (&t->group_act[g], now + t->d.act_gap);
  raise (&t->rank_unit[rank], now + t->d.unit_gap);
  t->first_act = lowest (t->group_act, t->groups);
  raise (&t->rank_ref[rank], now + t->d.refresh);
}

uint64_t
dram_timing_unit_pre (const struct dram_timing_state *t, uint64_t banks)
{
  uint64_t at = 0;
  for (; banks != 0; banks &= banks - 1)
    raise (&at, t->bank_pre[__builtin_ctzll (banks)]);
  return at;
}

/* A refresh of some banks begins like an ACT of each of them. */
uint64_t
dram_timing_unit_ref (const struct dram_timing_state *t, uint64_t banks)
{
  uint64_t at = t->rank_unit[t->rank_of[__builtin_ctzll (banks)]];
  for (; banks != 0; banks &= banks - 1) {
    uint32_t bank = (uint32_t)__builtin_ctzll (banks);
    raise (&at, t->bank_act[bank]);
    raise (&at, t->group_act[t->group_of[bank]]);
  }
  return at;
}

/* What a refresh of all banks would wait for, their precharge, and the data bus. */
uint64_t
dram_timing_rest (const struct dram_timing_state *t, uint32_t rank)
{
  uint64_t at = t->rank_read[rank];
  raise (&at, t->rank_prea[rank]);
  raise (&at, t->rank_ref[rank]);
  return at;
}

void
dram_timing_wake (struct dram_timing_state *t, uint32_t rank, uint64_t until,
                  uint64_t reads)
{
  uint32_t first = rank * t->groups_per_rank;
  for (uint32_t g = first; g < first + t->groups_per_rank; g++) {
    raise (&t->group_rd[g], until > reads ? until : reads);
    raise (&t->group_wr[g], until);
  }
  for (uint32_t bank = 0; bank < DRAM_BANKS_MAX; bank++) {
    if (t->rank_of[bank] == rank)
      raise (&t->bank_pre[bank], until);
  }
  t->first_rd = lowest (t->group_rd, t->groups);
  t->first_wr = lowest (t->group_wr, t->groups);
  raise (&t->rank_prea[rank], until);
  hold_rank (t, rank, until);
}
