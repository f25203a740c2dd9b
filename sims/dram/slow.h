/* SPDX-License-Identifier: MIT */
/*
 * The model of dram.h, cycle by cycle.
 *
 * dram_slow_run() does what dram_sim_run() does, in the plainest way: it looks at every
 * cycle, at every bank and at every buffered request, keeps no candidate from one cycle
 * to the next and computes nothing ahead.  It was written from the text of dram.h alone
 * and shares only the part table, the structs and the command names with the event-driven
 * simulator; tests compare the two command by command.  slow.c is meant to be read beside
 * dram.h: its functions come in the order of the sections there.
 *
 * It costs about a microsecond per cycle, bank and buffered request: use it on traces of
 * some hundred requests.
 */
#ifndef SIMS_DRAM_SLOW_H
#define SIMS_DRAM_SLOW_H

#include <stddef.h>

#include "sims/dram/dram.h"

/* Arguments, results and errors of dram_sim_run(), but for the following: there is no
 * simulator to keep and no cancelling; memory is allocated and released within the call;
 * latency.p99 and response.p99 are exact at any height; requests must be so early that
 * cycle * player_ps stays below 2^63.  `log` may be NULL.  Returns DRAM_OK or
 * DRAM_FAILED.  Thread: any. */
int dram_slow_run (const struct dram_config *config, const struct dram_request *requests,
                   size_t count, dram_log_fn *log, void *log_user,
                   struct dram_result *result, struct dram_error *err);

#endif
