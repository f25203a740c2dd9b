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
  ANCHOR_RD,
  ANCHOR_WR,
  ANCHOR_REF,
  ANCHOR_ACTIVE, /* cycles with a bank open */
  ANCHOR_IDLE,   /* and the others */
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
  double bus_use;           /* of the anchor: share of the cycles that move data */
  double ours[ANCHOR_METRICS], theirs[ANCHOR_METRICS];
};

extern const char *const anchor_metrics[ANCHOR_METRICS];

/* Runs every row of the folder, at most `room` of them.  Their number, or 0 and a
 * sentence in error. */
size_t anchors_run (const char *folder, struct anchor_row *rows, size_t room, char *error,
                    size_t error_size);

/* ours / theirs. */
double anchor_ratio (const struct anchor_row *row, int metric);

/* Which traffic a row is: closed loops apart, the others by how busy the anchor's bus is,
 * SATURATED also when requests wait in front of its controller. */
enum anchor_load { ANCHOR_LIGHT, ANCHOR_MIDDLE, ANCHOR_SATURATED, ANCHOR_CLOSED_LOOP };
enum anchor_load anchor_load (const struct anchor_row *row);

/* How far row `index` is from anchor row `other`: |ratio - 1|, or the difference of hit
 * rates.  NaN where the anchor has no figure. */
double anchor_off (const struct anchor_row *rows, size_t index, size_t other, int metric);

/* The same to the nearer of the open-page anchors that ran the same trace, memory and
 * limit as row `index`; NaN for rows of other page policies or buffer sizes. */
double anchor_distance (const struct anchor_row *rows, size_t count, size_t index,
                        int metric);

/* What agreement was asked for, and the worst row; energies are those of a command or of
 * a cycle, so that counts do not matter. */
struct anchor_goal {
  const char *text;
  double limit, worst;
  size_t rows; /* that count for it */
};
enum { ANCHOR_GOALS = 6 };
void anchor_goals (const struct anchor_row *rows, size_t count,
                   struct anchor_goal goals[ANCHOR_GOALS]);

#endif
