/* SPDX-License-Identifier: MIT */
/* One channel: a controller and its ranks, visiting only cycles in which something can
 * happen (dram.h, sections 3 to 9). */
#ifndef SIMS_DRAM_CHANNEL_H
#define SIMS_DRAM_CHANNEL_H

#include <stdbool.h>
#include <stdint.h>

#include "sims/dram/banks.h"
#include "sims/dram/buffer.h"
#include "sims/dram/dram.h"
#include "sims/dram/front.h"
#include "sims/dram/map.h"
#include "sims/dram/power.h"
#include "sims/dram/refresh.h"
#include "sims/dram/tally.h"
#include "sims/dram/timing.h"

/* The commands of the refresh policy, and whether they are for all banks of a rank. */
struct dram_refresh_kinds {
  enum dram_command_kind refresh, close;
  bool all;
};

struct dram_channel {
  const struct dram_config *config;
  const struct dram_map *map;
  const struct dram_run_options *options;
  struct dram_tally *tally;     /* of the whole run: latencies and hits */
  struct dram_rank_tally *rank; /* of this channel's ranks */
  const uint64_t *numbers;      /* of its requests in the whole trace; NULL: the same */
  uint32_t number;
  struct dram_refresh_kinds kinds;
  struct dram_timing_state timing;
  struct dram_buffer_state buffer;
  struct dram_banks banks;
  struct dram_refresh_state refresh;
  struct dram_power_state power;
  struct dram_front front;
  uint64_t now;
  uint64_t issued; /* column commands */
  bool full;       /* the request at the door has found no space since the last of them */
};

/* What a channel runs; everything has to outlast the run. */
struct dram_channel_run {
  const struct dram_config *config;
  const struct dram_map *map;
  const struct dram_run_options *options;
  struct dram_tally *tally;
  uint32_t number; /* of the channel */
  const struct dram_request *requests;
  const uint64_t *numbers;
  uint64_t count; /* may be 0 */
};

/* Puts the channel before its first cycle.  0, or -1 out of memory.  A zeroed struct is a
 * valid start; memory of earlier runs is used again. */
int dram_channel_start (struct dram_channel *channel, const struct dram_channel_run *run);

/* Plays until the last answer, and on to cycle `until` (exclusive) if that is later.  May
 * be called again with a later cycle.  DRAM_OK or DRAM_CANCELLED. */
int dram_channel_play (struct dram_channel *channel, uint64_t until);

/* The cycle of the last answer, once played; 0 without requests. */
uint64_t dram_channel_end (const struct dram_channel *channel);

/* Books what lasts until cycle `end`, the end of the whole run: call it once, at last. */
void dram_channel_finish (struct dram_channel *channel, uint64_t end);

/* Releases what start allocated. */
void dram_channel_free (struct dram_channel *channel);

#endif
