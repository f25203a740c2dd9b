/* SPDX-License-Identifier: MIT */
/* The bank machines: what each bank offers and when its own timings allow it.
 *
 * A bank's offer changes only when a command or a request touches the bank (and, with
 * FRFCFSGRP, when the channel turns from reads to writes or back), so it is worked out
 * then and kept.  An offer whose bank-scope timings are met sits in the `ready` mask of
 * its class; the others wait in a wheel of 256 cycles.  Whether a ready offer may be
 * issued only depends on its group's maxima, one comparison for all banks of a group. */
#ifndef SIMS_DRAM_BANKS_H
#define SIMS_DRAM_BANKS_H

#include <stdbool.h>
#include <stdint.h>

#include "sims/dram/buffer.h"
#include "sims/dram/dram.h"
#include "sims/dram/timing.h"

#define DRAM_NEVER UINT64_MAX

enum { DRAM_WHEEL = 256, DRAM_ASLEEP = 0xffff };

enum dram_offer_class {
  DRAM_OFFER_ACT,
  DRAM_OFFER_PRE,
  DRAM_OFFER_READ,
  DRAM_OFFER_WRITE,
  DRAM_OFFERS
};

struct dram_banks {
  enum dram_scheduler scheduler;
  enum dram_page_policy policy;
  uint32_t drain_high, drain_low;
  uint32_t row_hit_cap;  /* UINT32_MAX without one */
  bool last_write;       /* direction of the channel's last column command */
  enum dram_which which; /* requests that count for offers */
  uint64_t open;         /* bit per bank, as in all masks */
  uint64_t pending;      /* has a request in the buffer */
  uint64_t blocked;      /* by its refresh manager */
  uint64_t asleep;       /* its rank is not awake */
  uint64_t held;         /* either */
  uint64_t ready[DRAM_OFFERS];
  uint64_t wheel[DRAM_WHEEL], turning[DRAM_WHEEL / 64];
  uint64_t of_group[DRAM_BANKS_MAX], of_rank[DRAM_RANKS_MAX];
  uint32_t open_row[DRAM_BANKS_MAX], open_group[DRAM_BANKS_MAX];
  uint32_t slot[DRAM_BANKS_MAX];   /* request of the offer */
  uint64_t number[DRAM_BANKS_MAX]; /* and its admission number */
  uint64_t local[DRAM_BANKS_MAX];  /* cycle from which the bank allows it */
  uint8_t kind[DRAM_BANKS_MAX];    /* enum dram_command_kind */
  uint8_t class[DRAM_BANKS_MAX];   /* enum dram_offer_class */
  uint16_t wake[DRAM_BANKS_MAX];   /* place in the wheel or DRAM_ASLEEP */
  uint32_t streak[DRAM_BANKS_MAX]; /* column commands since the bank's ACT */
};

/* All banks closed and without requests. */
void dram_banks_reset (struct dram_banks *banks, const struct dram_config *config,
                       const struct dram_timing_state *timing);

/* Works out the offer of `bank` anew, in cycle `now`. */
void dram_banks_offer (struct dram_banks *banks, const struct dram_buffer_state *buffer,
                       const struct dram_timing_state *timing, uint32_t bank,
                       uint64_t now);

/* Stores a request for its bank.  True if the bank's offer has to be asked for again. */
bool dram_banks_store (struct dram_banks *banks, struct dram_buffer_state *buffer,
                       const struct dram_slot *request);

/* The state of a bank after ACT for *request, and after PRE or PREA. */
void dram_banks_opened (struct dram_banks *banks, uint32_t bank,
                        const struct dram_slot *request);
void dram_banks_closed (struct dram_banks *banks, uint32_t bank);

/* After a column command: the offered request leaves the buffer, the bank closes if
 * `close`.  True if the command was not the first after the bank's ACT. */
bool dram_banks_served (struct dram_banks *banks, struct dram_buffer_state *buffer,
                        uint32_t bank, bool close);

/* Takes back the offers of `mask` and keeps those banks from offering / allows it again
 * (the caller then asks for offers of the pending ones). */
void dram_banks_block (struct dram_banks *banks, uint64_t mask);
void dram_banks_unblock (struct dram_banks *banks, uint64_t mask);

/* Keeps the banks of a rank that goes to rest from offering / allows it again. */
void dram_banks_rest (struct dram_banks *banks, uint64_t mask);
void dram_banks_rise (struct dram_banks *banks, uint64_t mask);

/* Notes the direction of a column command; true if every open bank with requests has to
 * be asked for its offer again. */
bool dram_banks_turn (struct dram_banks *banks, bool write);

/* Whether a channel that drains writes has to change its direction (section 5 of dram.h),
 * and the change, after which the caller asks for the offers of all pending banks. */
bool dram_banks_must_turn (const struct dram_banks *banks,
                           const struct dram_buffer_state *buffer);

static inline bool
dram_banks_wants_turn (const struct dram_banks *k, const struct dram_buffer_state *buffer)
{
  return k->which != DRAM_BOTH && dram_banks_must_turn (k, buffer);
}

void dram_banks_drain (struct dram_banks *banks);

/* Moves offers whose bank allows them from `now` on into the ready masks.  Must be called
 * for every cycle that dram_banks_next names; in most there is nothing to do. */
void dram_banks_rouse (struct dram_banks *banks, uint64_t now);

static inline void
dram_banks_wake (struct dram_banks *k, uint64_t now)
{
  if (k->wheel[now % DRAM_WHEEL] != 0)
    dram_banks_rouse (k, now);
}

/* The banks whose offer may be issued in cycle `now`; if there is none, *next is lowered
 * to a cycle before which none can be. */
uint64_t dram_banks_available (const struct dram_banks *banks,
                               const struct dram_timing_state *timing, uint64_t now,
                               uint64_t *next);

/* The bank of `mask` (not 0) whose offer has the lowest admission number. */
uint32_t dram_banks_first (const struct dram_banks *banks, uint64_t mask);

/* A cycle after `now` before which no offer can be issued, DRAM_NEVER without offers. */
uint64_t dram_banks_next (const struct dram_banks *banks,
                          const struct dram_timing_state *timing, uint64_t now);

#endif
