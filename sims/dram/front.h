/* SPDX-License-Identifier: MIT */
/* What stands in front of the request buffer: initiator, arbiter, door, and the responses
 * on their way back (dram.h, sections 4 and 9).
 *
 * Requests are admitted in trace order and answers come in known order, so nothing has to
 * be simulated here: the cycle in which the next request reaches the door is a maximum of
 * a few cycles known when the one before it was admitted, or as soon as an answer it
 * waits for is on its way; an answer's cycle is known when its column command is issued
 * (out of order: when the last one before it is). */
#ifndef SIMS_DRAM_FRONT_H
#define SIMS_DRAM_FRONT_H

#include <stdbool.h>
#include <stdint.h>

#include "sims/dram/buffer.h"
#include "sims/dram/dram.h"
#include "sims/dram/tally.h"

/* A request whose answer waits for older ones; time 0 while its command is not issued. */
struct dram_late {
  uint64_t time, accepted, asked;
};

/* The cycles of the latest answers, by number. */
struct dram_ring {
  uint64_t *cycles;
  uint64_t mask, capacity; /* size in use less one, size allocated */
  uint64_t known;          /* answers so far */
};

struct dram_front {
  const struct dram_request *requests;
  uint64_t count;
  uint64_t player_ps, tck_ps;
  enum dram_traffic traffic;
  bool simple, in_order, release_in_order;
  uint64_t limit, window; /* max_active_transactions, in_flight */

  uint64_t next; /* request to be admitted next */
  uint64_t door; /* cycle it reaches the door; DRAM_NEVER: not known yet, or no more */
  uint64_t accepted; /* of `next` */
  uint64_t asked;
  uint64_t earliest; /* first cycle after request next - 1 left the initiator */
  uint64_t admitted; /* first cycle after the last admission */
  uint64_t before;   /* requests before `next` that the window counts */

  uint64_t answered;                  /* answers whose cycle is known */
  uint64_t next_release, next_answer; /* earliest cycles of the next ones */
  struct dram_ring answers;           /* all of them */
  struct dram_ring counted;           /* those that the window counts */
  struct dram_late *late;             /* by request, only with in_order */
  uint64_t late_capacity;
};

/* Prepares for a trace.  0, or -1 out of memory.  A zeroed struct is a valid start. */
int dram_front_reset (struct dram_front *front, const struct dram_config *config,
                      const struct dram_request *requests, uint64_t count);

/* Releases what reset allocated. */
void dram_front_free (struct dram_front *front);

/* Notes that `next` was admitted in cycle `now` and finds its successor's door cycle. */
void dram_front_admitted (struct dram_front *front, uint64_t now);

/* Notes that the request in *slot is finished in cycle `finish`, later than now. */
void dram_front_finished (struct dram_front *front, struct dram_tally *tally,
                          const struct dram_slot *slot, uint64_t finish);

#endif
