/* SPDX-License-Identifier: MIT */
/* What the parts of the cycle-by-cycle simulator share: see slow.h.  slow.c has sections
 * 2 to 7 and 9 of dram.h, slow_refresh.c section 8, slow_measure.c sections 10 and 11. */
#ifndef SIMS_DRAM_SLOW_MODEL_H
#define SIMS_DRAM_SLOW_MODEL_H

#include "sims/dram/slow.h"
#include "sims/dram/slow_address.h"
#include "sims/dram/slow_timing.h"

#define NEVER UINT64_MAX
#define NONE  SIZE_MAX

/* The life of a request; a cycle that has not come is NEVER. */
struct request {
  uint64_t address, wanted; /* wanted: the trace's cycle, an edge of the initiator */
  uint64_t number;          /* in the whole trace */
  bool write;
  struct slow_place place;
  uint32_t bank_number;
  uint64_t offered, accepted, finished, released, answered;
};

struct bank {
  bool open, blocked;
  uint32_t columns; /* column commands since the ACT */
  uint32_t row;
  /* the row buffer in fact holds a row in cycles opened <= t < closing */
  uint64_t opened, closing;
};

enum mode { REGULAR, PULLING };

enum { NO_UNIT = -1 };

enum rest { AWAKE, DOWN, ASLEEP };

struct rank {
  int offered_unit; /* the manager's, or NO_UNIT */
  enum dram_command_kind offered;
  int blocked_unit;
  bool left_round[DRAM_BANKS_MAX]; /* by unit */
  int64_t due, debt;
  enum mode mode;

  enum rest rest; /* section 8a */
  bool rest_offers;
  enum dram_command_kind rest_command;
  bool open_at_entry, refreshed; /* refreshed: since the last SRX, if any */
  uint64_t last_busy;
};

/* A command that could be issued; request is NONE for the refresh managers. */
struct offer {
  enum dram_command_kind kind;
  uint32_t rank, bank_number;
  size_t request;
};

/* One channel. */
struct slow {
  const struct dram_config *config;
  uint32_t channel;
  const struct dram_timing *timing;
  int64_t burst_cycles, read_latency, write_latency; /* B, RL, WL */
  uint32_t banks_per_rank, banks;
  struct slow_map map;
  struct slow_timing_table table; /* section 6 */
  struct slow_history history;

  struct request *request; /* those of the channel, in trace order */
  size_t count;

  size_t offered;  /* requests the initiator has offered, the first ones */
  size_t held;     /* the one the arbiter holds, or NONE */
  size_t accepted; /* requests accepted, the first ones */
  size_t taken;    /* of these, left the arbiter's queue for the door */
  size_t door;     /* the one at the door, or NONE */
  uint64_t left;   /* cycle in which the latest request left the initiator */
  size_t *buffer;  /* the request buffer by age */
  size_t buffered;
  uint32_t last_admitted_bank;
  size_t *mine;         /* scratch: the requests of one bank by age */
  bool last_was_write;  /* direction of the channel's last column command */
  bool drains_writes;   /* direction of the channel, section 5; only with draining */
  size_t *column_order; /* requests in the order of their column commands */
  size_t columns, released;
  uint64_t *answer; /* cycles of the answers, in their order */
  size_t answered;
  uint64_t *read_answer; /* the same, of reads alone */
  size_t reads_answered;

  struct bank bank[DRAM_BANKS_MAX];
  struct rank rank[DRAM_RANKS_MAX];

  dram_log_fn *log;
  void *log_user;
  struct dram_result *result;
  struct dram_rank_result *rank_result; /* of the channel's first rank */
};

/* Section 8, step d: every refresh manager looks at cycle t; and what its refresh does.
 */
void slow_refresh_start (struct slow *s);
void slow_refresh_look (struct slow *s, uint64_t t);
void slow_refresh_issued (struct slow *s, uint32_t rank);

/* SRE and SRX: nothing is due; intervals count from cycle `from`. */
void slow_refresh_sleep (struct slow *s, uint32_t rank);
void slow_refresh_wake (struct slow *s, uint32_t rank, int64_t from);

/* Section 8a, step d: every power manager looks at cycle t; and what its command does. */
void slow_power_start (struct slow *s);
void slow_power_look (struct slow *s, uint64_t t);
void slow_power_issued (struct slow *s, uint32_t rank, enum dram_command_kind kind,
                        uint64_t t);

/* Whether the rank's exit from power-down is a slow one. */
bool slow_power_exit_is_slow (const struct slow *s, uint32_t rank);

/* N, the number of units, tRFC* and F of sections 8, 6 and 10. */
int64_t slow_refresh_parts (const struct slow *s);
int slow_refresh_units (const struct slow *s);
int64_t slow_refresh_cycles (const struct dram_config *config);
int64_t slow_refresh_owed_cycles (const struct slow *s);

/* Whether a bank, numbered within its rank, belongs to a unit. */
bool slow_refresh_covers (const struct slow *s, int unit, uint32_t bank_of_rank);

/* Sections 10 and 11: at the end of a cycle; and of the run, for all `channels` whose
 * results go to one place.  0, or -1 out of memory. */
void slow_measure_cycle (struct slow *s, uint64_t t);
int slow_measure (struct slow *s, uint32_t channels, uint64_t end);

#endif
