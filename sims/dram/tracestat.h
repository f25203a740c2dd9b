/* SPDX-License-Identifier: MIT */
/*
 * What can be said of a trace without simulating it.
 *
 * A "line" is an aligned block of `line_bytes` bytes, what a cache would ask for; a
 * "page" one of 4096 bytes.  All shares are 0 to 1.
 */
#ifndef SIMS_DRAM_TRACESTAT_H
#define SIMS_DRAM_TRACESTAT_H

#include <stdint.h>

#include "sims/dram/error.h"
#include "sims/dram/part.h"
#include "sims/dram/trace.h"

/* Bins of the histogram of inter-arrival times: 0, 1, 2-3, 4-7, ... cycles; the last one
 * holds all that is longer. */
enum { DRAM_GAP_BINS = 34 };

/* What the locality of rows is asked for. */
struct dram_tracestat_options {
  uint32_t line_bytes;   /* a power of two, 1 to 4096 */
  struct dram_part part; /* its geometry */
  const char *mapping;   /* dram.h, section 2; NULL: "rkbgc" */
  uint32_t ranks, channels;
};

struct dram_tracestat {
  uint64_t requests, reads, writes;
  uint64_t first_cycle, last_cycle;
  double mean_gap; /* cycles from a request to the next; NaN for a single request */
  uint64_t gaps[DRAM_GAP_BINS];

  uint64_t lines, pages;         /* distinct ones */
  uint64_t lowest, highest;      /* address */
  uint64_t same_line, next_line; /* as the request before: the same, the one behind */
  uint64_t same_stride;          /* as far from the request before as that was */
  uint64_t longest_run;          /* requests to one line behind the other */

  /* In the order of the trace, every bank keeping the row of its last request open. */
  uint64_t row_hits, row_conflicts, row_first; /* the same row, another, none before */
  uint64_t rows;                               /* distinct ones, of all banks */
  uint32_t banks, banks_used;                  /* of all channels and ranks */
  uint64_t busiest_bank;                       /* requests to it */
};

/* Fills *stat from a trace of at least one request.  0, or -1 and err (nullable) says
 * what was wrong with the options, or that memory ran out.  Takes 8 bytes of memory a
 * request for a while.  Thread: any. */
int dram_tracestat (struct dram_tracestat *stat, const struct dram_trace *trace,
                    const struct dram_tracestat_options *options, struct dram_error *err);

/* The lowest gap of a bin. */
uint64_t dram_gap_low (unsigned bin);

#endif
