/* SPDX-License-Identifier: MIT */
/* The power managers, one a rank: dram.h, section 8a. */
#ifndef SIMS_DRAM_POWER_H
#define SIMS_DRAM_POWER_H

#include <stdbool.h>
#include <stdint.h>

#include "sims/dram/dram.h"
#include "sims/dram/tally.h"

enum dram_power_mode { DRAM_RANK_AWAKE, DRAM_RANK_DOWN, DRAM_RANK_ASLEEP };

struct dram_power_state {
  bool on, slow;
  uint64_t down_idle, self_idle;    /* N, M; UINT64_MAX: never */
  uint64_t busy_at[DRAM_RANKS_MAX]; /* last cycle seen busy */
  uint64_t since[DRAM_RANKS_MAX];   /* of PDE or SRE */
  enum dram_power_mode mode[DRAM_RANKS_MAX];
  bool open[DRAM_RANKS_MAX];      /* a bank was, at PDE */
  bool refreshed[DRAM_RANKS_MAX]; /* since SRX */
};

/* What a manager is told about its rank in a cycle. */
struct dram_power_view {
  bool busy, offers; /* a request in the buffer; the refresh manager offers */
  bool owes, open;   /* debt > 0; a bank is open */
};

void dram_power_reset (struct dram_power_state *power, const struct dram_config *config);

/* Evaluates a manager in cycle `now`: PREA, PDE, PDX, SRE, SRX, or DRAM_CMD_COUNT for
 * nothing.  *next is lowered to a later cycle in which it may want something else by
 * itself.  Must be called in every cycle in which a busy rank has a column command. */
enum dram_command_kind dram_power_evaluate (struct dram_power_state *power, uint32_t rank,
                                            uint64_t now,
                                            const struct dram_power_view *view,
                                            uint64_t *next);

/* Notes that PDE, PDX, SRE or SRX was issued; times end up in *tally. */
void dram_power_issued (struct dram_power_state *power, uint32_t rank,
                        enum dram_command_kind kind, bool open, uint64_t now,
                        struct dram_rank_tally *tally);

/* Books the time of a rank that is not awake in cycle `end`, the run's last. */
void dram_power_end (const struct dram_power_state *power, uint32_t rank, uint64_t end,
                     struct dram_rank_tally *tally);

#endif
