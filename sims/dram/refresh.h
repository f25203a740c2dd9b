/* SPDX-License-Identifier: MIT */
/* The refresh managers, one a rank: dram.h, section 8. */
#ifndef SIMS_DRAM_REFRESH_H
#define SIMS_DRAM_REFRESH_H

#include <stdbool.h>
#include <stdint.h>

#include "sims/dram/dram.h"

struct dram_refresh_state {
  uint32_t ranks;
  int32_t postponed, pulledin; /* limits of the debt */
  uint64_t interval;
  uint64_t first_due; /* lowest of `due`: before it nothing has to be evaluated */
  uint64_t due[DRAM_RANKS_MAX];
  int32_t debt[DRAM_RANKS_MAX];
  bool pulling[DRAM_RANKS_MAX];
};

enum dram_refresh_wish {
  DRAM_REFRESH_NOTHING,
  DRAM_REFRESH_OFFER,       /* PREA or REF, the rank is idle */
  DRAM_REFRESH_OFFER_FORCED /* the same, and the rank's banks are blocked */
};

void dram_refresh_reset (struct dram_refresh_state *refresh,
                         const struct dram_config *config);

/* Evaluates one manager in cycle `now`; `busy` as in the header. */
enum dram_refresh_wish dram_refresh_evaluate (struct dram_refresh_state *refresh,
                                              uint32_t rank, uint64_t now, bool busy);

/* Notes that REF was issued. */
void dram_refresh_issued (struct dram_refresh_state *refresh, uint32_t rank);

/* Refreshes that the rank owes when the run ends in cycle `end`: section 10. */
uint64_t dram_refresh_owed (const struct dram_refresh_state *refresh, uint32_t rank,
                            uint64_t end);

#endif
