/* SPDX-License-Identifier: MIT */
/* Earliest cycles of commands: the table of dram.h, section 6, as running maxima.
 *
 * A distance of bank scope is kept per bank, one of group or rank scope per bank group
 * (every rank-wide rule is folded into the groups of the rank), those of PREA and REF per
 * rank.  A command may be issued once all of its maxima are reached; the command bus is
 * the caller's business. */
#ifndef SIMS_DRAM_TIMING_H
#define SIMS_DRAM_TIMING_H

#include <stdint.h>

#include "sims/dram/dram.h"

struct dram_distances {
  uint32_t act_act, act_pre, act_rd, act_wr, rd_pre, wr_pre, wr_rda, pre_act, rda_act,
      wra_act;
  uint32_t group_act, group_rd, group_wr, group_wr_rd;
  uint32_t rank_act, rank_faw, rank_col, rank_rd_wr, rank_wr_rd;
  uint32_t act_ref, prea_act, refresh, act_gap, unit_gap, down_exit, slow_exit, self_exit;
  uint32_t other_same, other_rd_wr, other_wr_rd;
  uint32_t read_end, write_end; /* column command to finished */
};

struct dram_timing_state {
  struct dram_distances d;
  uint32_t groups, groups_per_rank, ranks;
  uint32_t group_of[DRAM_BANKS_MAX], rank_of[DRAM_BANKS_MAX];
  uint64_t bank_act[DRAM_BANKS_MAX], bank_pre[DRAM_BANKS_MAX];
  uint64_t bank_rd[DRAM_BANKS_MAX], bank_rda[DRAM_BANKS_MAX], bank_wr[DRAM_BANKS_MAX];
  uint64_t group_act[DRAM_BANKS_MAX], group_rd[DRAM_BANKS_MAX], group_wr[DRAM_BANKS_MAX];
  uint64_t first_act, first_rd, first_wr; /* the lowest of each: nothing goes before */
  uint64_t rank_prea[DRAM_RANKS_MAX], rank_ref[DRAM_RANKS_MAX];
  uint64_t rank_unit[DRAM_RANKS_MAX]; /* next refresh of some banks */
  uint64_t rank_read[DRAM_RANKS_MAX]; /* read data is over: for PDE and SRE */
  uint64_t faw[DRAM_RANKS_MAX][4];    /* end of the windows of the last four ACT */
  uint32_t faw_at[DRAM_RANKS_MAX];
};

/* Distances of the part and of the refresh policy, and a channel on which nothing was
 * issued yet. */
void dram_timing_reset (struct dram_timing_state *t, const struct dram_config *config);

/* Notes that a command was issued in cycle `now`.  Bank numbers are channel-wide. */
void dram_timing_act (struct dram_timing_state *t, uint32_t bank, uint64_t now);
void dram_timing_pre (struct dram_timing_state *t, uint32_t bank, uint64_t now);
void dram_timing_read (struct dram_timing_state *t, uint32_t bank, uint64_t now,
                       bool close);
void dram_timing_write (struct dram_timing_state *t, uint32_t bank, uint64_t now,
                        bool close);
void dram_timing_prea (struct dram_timing_state *t, uint32_t rank, uint64_t now);
void dram_timing_ref (struct dram_timing_state *t, uint32_t rank, uint64_t now);

/* Precharge and refresh of some banks of a rank at once (PRESB, REFPB, REFSB), and the
 * first cycles in which they may be issued. */
void dram_timing_pre_unit (struct dram_timing_state *t, uint32_t rank, uint64_t banks,
                           uint64_t now);
void dram_timing_ref_unit (struct dram_timing_state *t, uint32_t rank, uint64_t banks,
                           uint64_t now);
uint64_t dram_timing_unit_pre (const struct dram_timing_state *t, uint64_t banks);
uint64_t dram_timing_unit_ref (const struct dram_timing_state *t, uint64_t banks);

/* The first cycle in which the rank may go to rest (PDE, SRE). */
uint64_t dram_timing_rest (const struct dram_timing_state *t, uint32_t rank);

/* Notes that the rank was woken (PDX, SRX): nothing may be issued before cycle `until`,
 * no read before `reads`. */
void dram_timing_wake (struct dram_timing_state *t, uint32_t rank, uint64_t until,
                       uint64_t reads);

#endif
