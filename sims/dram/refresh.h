/* SPDX-License-Identifier: MIT */
/* The refresh managers, one a rank: dram.h, section 8. */
#ifndef SIMS_DRAM_REFRESH_H
#define SIMS_DRAM_REFRESH_H

#include <stdbool.h>
#include <stdint.h>

#include "sims/dram/dram.h"

/* A unit is what one command refreshes: a set of banks. */
struct dram_refresh_state {
  uint32_t ranks, units, banks; /* of a rank */
  int32_t postponed, pulledin;  /* limits of the debt */
  uint64_t interval;
  uint64_t first_due; /* lowest of `due`: before it nothing has to be evaluated */
  uint64_t due[DRAM_RANKS_MAX];
  int32_t debt[DRAM_RANKS_MAX];
  bool pulling[DRAM_RANKS_MAX];
  bool forced[DRAM_RANKS_MAX];         /* `chosen` stays until its REF */
  uint32_t chosen[DRAM_RANKS_MAX];     /* unit of the last offer */
  uint64_t remaining[DRAM_RANKS_MAX];  /* bit per unit: not refreshed in this round */
  uint64_t unit_banks[DRAM_BANKS_MAX]; /* bit per bank of rank 0 */
};

enum dram_refresh_wish {
  DRAM_REFRESH_NOTHING,
  DRAM_REFRESH_OFFER,       /* a precharge or a refresh, the unit is idle */
  DRAM_REFRESH_OFFER_FORCED /* the same, and the unit's banks are blocked */
};

void dram_refresh_reset (struct dram_refresh_state *refresh,
                         const struct dram_config *config);

/* Evaluates one manager in cycle `now`; `pending` has a bit for every bank of the channel
 * with a buffered request.  With an offer, *banks are those of its unit. */
enum dram_refresh_wish dram_refresh_evaluate (struct dram_refresh_state *refresh,
                                              uint32_t rank, uint64_t now,
                                              uint64_t pending, uint64_t *banks);

/* Notes that the refresh of the last offer was issued. */
void dram_refresh_issued (struct dram_refresh_state *refresh, uint32_t rank);

/* SRE in whatever cycle: nothing is due; SRX, after which the first refresh is due in
 * cycle `due`. */
void dram_refresh_sleep (struct dram_refresh_state *refresh, uint32_t rank);
void dram_refresh_wake (struct dram_refresh_state *refresh, uint32_t rank, uint64_t due);

/* Refreshes that the rank owes when the run ends in cycle `end`: section 10. */
uint64_t dram_refresh_owed (const struct dram_refresh_state *refresh, uint32_t rank,
                            uint64_t end);

/* What follows from a policy: the commands that share the work of one REF, the cycles of
 * one of them, and what an owed one costs. */
uint32_t dram_refresh_parts (const struct dram_config *config);
uint32_t dram_refresh_cycles (const struct dram_config *config);
uint32_t dram_refresh_owed_cycles (const struct dram_config *config);

/* NULL when the part has the policy's commands and time for them, else a sentence. */
const char *dram_refresh_fault (const struct dram_config *config);

#endif
