/* Runs of DRAMsim3 and Ramulator 2 repeated with our simulator: every row of a folder
 * laid out like the reference's dram/anchors (results.csv, traces/NAME.trace). */
#ifndef TESTS_SIMS_DRAM_ANCHORS_H
#define TESTS_SIMS_DRAM_ANCHORS_H

#include <stddef.h>

enum {
  ANCHOR_CYCLES,
  ANCHOR_LATENCY,
  ANCHOR_P99,
  ANCHOR_MAX,
  ANCHOR_RESPONSE,
  ANCHOR_HIT_RATE,
  ANCHOR_ACT,
  ANCHOR_REF,
  ANCHOR_ENERGY_ACT,
  ANCHOR_ENERGY_READ,
  ANCHOR_ENERGY_WRITE,
  ANCHOR_ENERGY_REF,
  ANCHOR_ENERGY_OPEN,
  ANCHOR_ENERGY_CLOSED,
  ANCHOR_METRICS
};

/* Latencies in cycles, energies in pJ; `theirs` is NaN where the anchor has no figure. */
struct anchor_row {
  char mem[8], trace[48], config[64];
  unsigned reads_in_flight; /* 0: not limited */
  double ours[ANCHOR_METRICS], theirs[ANCHOR_METRICS];
};

extern const char *const anchor_metrics[ANCHOR_METRICS];

/* Runs every row of the folder, at most `room` of them.  Their number, or 0 and a
 * sentence in error. */
size_t anchors_run (const char *folder, struct anchor_row *rows, size_t room, char *error,
                    size_t error_size);

/* ours / theirs. */
double anchor_ratio (const struct anchor_row *row, int metric);

/* |ratio - 1| to the nearer of the open-page anchors that ran the same trace, memory and
 * limit as row `index`; NaN for rows of other page policies or buffer sizes. */
double anchor_distance (const struct anchor_row *rows, size_t count, size_t index,
                        int metric);

#endif
