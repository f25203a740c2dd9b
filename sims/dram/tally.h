/* SPDX-License-Identifier: MIT */
/* What a run adds up: latencies in a histogram, command counts and open times per rank,
 * and from these the energies and the result.  Definitions: dram.h, section 11. */
#ifndef SIMS_DRAM_TALLY_H
#define SIMS_DRAM_TALLY_H

#include <stdint.h>

#include "sims/dram/dram.h"

/* Latencies below DRAM_EXACT have a bin each; above, an octave has DRAM_OCTAVE bins. */
enum {
  DRAM_EXACT_BITS = 12,
  DRAM_EXACT = 1 << DRAM_EXACT_BITS,
  DRAM_OCTAVE_BITS = 10,
  DRAM_OCTAVE = 1 << DRAM_OCTAVE_BITS,
  DRAM_BINS = DRAM_EXACT + (64 - DRAM_EXACT_BITS) * DRAM_OCTAVE
};

struct dram_histogram {
  uint64_t count, sum, max;
  uint64_t bins[DRAM_BINS];
};

struct dram_rank_tally {
  uint64_t commands[DRAM_CMD_COUNT];
  uint64_t banks_closed;
  uint32_t open_banks;
  uint64_t open_since, open_until, open_cycles;          /* of the rank: any bank open */
  uint64_t down_active_cycles, down_cycles, self_cycles; /* by dram_power_issued */
};

struct dram_tally {
  uint64_t row_hits;
  struct dram_rank_tally rank[DRAM_ALL_RANKS_MAX]; /* as in dram_result */
  struct dram_histogram latency, response;
};

void dram_tally_reset (struct dram_tally *tally);

/* One value of a histogram. */
void dram_histogram_add (struct dram_histogram *histogram, uint64_t cycles);

/* Mean, p99 and maximum in units of `scale` a cycle; NaN when empty. */
struct dram_latency dram_histogram_read (const struct dram_histogram *histogram,
                                         double scale);

/* A bank of the rank is opened in cycle `now` / is closed from cycle `from` on, where
 * `from` may lie in the future. */
void dram_tally_open (struct dram_rank_tally *rank, uint64_t now);
void dram_tally_close (struct dram_rank_tally *rank, uint64_t from);

/* What the tally does not know of a run. */
struct dram_run_end {
  uint64_t last_answer; /* E of section 10 */
  uint64_t requests, reads;
  uint64_t owed[DRAM_ALL_RANKS_MAX];
};

/* Works out the whole result. */
void dram_tally_result (struct dram_tally *tally, const struct dram_config *config,
                        const struct dram_run_end *end, struct dram_result *result);

#endif
