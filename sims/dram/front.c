/* SPDX-License-Identifier: MIT */
/* Offers, acceptances and answers as maxima over a few known cycles. */
#include "sims/dram/front.h"

#include "sims/dram/banks.h"

#include <stdlib.h>
#include <string.h>

/* Empties a ring that is looked into at most `span` back. */
static int
reset_ring (struct dram_ring *r, uint64_t span)
{
  uint64_t size = 16;
  while (size < 2 * span)
    size *= 2;
  if (size > r->capacity) {
    free (r->cycles);
    r->capacity = 0;
    r->cycles = malloc (size * sizeof *r->cycles);
    if (r->cycles == NULL)
      return -1;
    r->capacity = size;
  }
  r->mask = size - 1;
  r->known = 0;
  return 0;
}

static void
add_answer (struct dram_ring *r, uint64_t cycle)
{
  r->cycles[r->known++ & r->mask] = cycle;
}

/* The cycle in which fewer than `limit` of `before` requests are unanswered: 0 if there
 * never were more, DRAM_NEVER while it is not known. */
static uint64_t
room_cycle (const struct dram_ring *r, uint64_t before, uint64_t limit)
{
  if (before < limit)
    return 0;
  if (r->known <= before - limit)
    return DRAM_NEVER;
  return r->cycles[(before - limit) & r->mask];
}

static int
reserve_late (struct dram_front *f, uint64_t count)
{
  if (count > f->late_capacity) {
    free (f->late);
    f->late_capacity = 0;
    f->late =
        count > SIZE_MAX / sizeof *f->late ? NULL : malloc (count * sizeof *f->late);
    if (f->late == NULL)
      return -1;
    f->late_capacity = count;
  }
  for (uint64_t i = 0; i < count; i++)
    f->late[i].time = 0;
  return 0;
}

/* Cycle of edge j of the initiator's clock; wide, as trace cycles may be large. */
static uint64_t
edge_cycle (const struct dram_front *f, uint64_t edge)
{
  if (f->player_ps == f->tck_ps)
    return edge;
  return (uint64_t)(((unsigned __int128)edge * f->player_ps + f->tck_ps - 1) / f->tck_ps);
}

/* The first edge after the start of cycle `after` - 1; edge 0 for `after` 0. */
static uint64_t
edge_after (const struct dram_front *f, uint64_t after)
{
  if (f->player_ps == f->tck_ps || after == 0)
    return after;
  return (uint64_t)((unsigned __int128)(after - 1) * f->tck_ps / f->player_ps) + 1;
}

static uint64_t
later (uint64_t a, uint64_t b)
{
  return a > b ? a : b;
}

/* Whether the window counts a request, and holds it back. */
static bool
counts (const struct dram_front *f, bool write)
{
  return f->traffic == DRAM_TRAFFIC_CLOSED
         || (f->traffic == DRAM_TRAFFIC_READS && !write);
}

/* The cycle in which `next` is offered; DRAM_NEVER while an answer it needs is unknown.
 */
static uint64_t
offer_cycle (const struct dram_front *f)
{
  const struct dram_request *r = &f->requests[f->next];
  uint64_t after = f->earliest, edge;
  if (counts (f, r->write) && f->before >= f->window) {
    uint64_t room = room_cycle (&f->counted, f->before, f->window);
    if (room == DRAM_NEVER)
      return DRAM_NEVER;
    after = later (after, room + 1);
  }
  edge = edge_after (f, after);
  if (f->traffic != DRAM_TRAFFIC_CLOSED)
    edge = later (edge, r->cycle);
  return edge_cycle (f, edge);
}

/* Acceptance by an arbiter waits for the answer that brings the outstanding requests
 * below the limit; the door comes free one cycle after the admission before. */
static void
find_door (struct dram_front *f)
{
  uint64_t offered, room = 0;
  f->door = DRAM_NEVER;
  if (f->next == f->count || (offered = offer_cycle (f)) == DRAM_NEVER)
    return;
  f->asked = f->traffic == DRAM_TRAFFIC_CLOSED
                 ? offered
                 : edge_cycle (f, f->requests[f->next].cycle);
  if (f->simple) {
    f->door = offered;
    return;
  }
  room = room_cycle (&f->answers, f->next, f->limit);
  if (room == DRAM_NEVER)
    return;
  f->accepted = later (offered, room);
  f->earliest = f->accepted + 1;
  f->door = later (f->accepted, f->admitted);
}

int
dram_front_reset (struct dram_front *f, const struct dram_config *config,
                  const struct dram_request *requests, uint64_t count)
{
  f->requests = requests;
  f->count = count;
  f->tck_ps = config->part.tck_ps;
  f->player_ps = config->player_ps == 0 ? f->tck_ps : config->player_ps;
  f->simple = config->arbiter == DRAM_ARBITER_SIMPLE;
  f->traffic = config->traffic;
  f->release_in_order = config->resp_queue == DRAM_RESP_REORDER;
  f->in_order = f->release_in_order || config->arbiter == DRAM_ARBITER_REORDER;
  f->limit = f->simple ? 0 : config->max_active_transactions;
  f->window = f->traffic == DRAM_TRAFFIC_OPEN ? 0 : config->in_flight;
  f->next = f->accepted = f->asked = f->earliest = f->admitted = f->before = 0;
  f->answered = f->next_release = f->next_answer = 0;
  if (reset_ring (&f->answers, f->limit) != 0 || reset_ring (&f->counted, f->window) != 0
      || (f->in_order && reserve_late (f, count) != 0))
    return -1;
  find_door (f);
  return 0;
}

void
dram_front_free (struct dram_front *f)
{
  free (f->answers.cycles);
  free (f->counted.cycles);
  free (f->late);
  memset (f, 0, sizeof *f);
}

void
dram_front_admitted (struct dram_front *f, uint64_t now)
{
  f->before += counts (f, f->requests[f->next].write);
  f->next++;
  f->admitted = now + 1;
  if (f->simple)
    f->earliest = now + 1;
  find_door (f);
}

/* All answers pass through here, in the order of their cycles. */
static void
answer (struct dram_front *f, struct dram_tally *tally, bool write, uint64_t cycle,
        uint64_t accepted, uint64_t asked)
{
  f->answered++;
  f->next_answer = cycle + 1;
  if (!f->simple)
    add_answer (&f->answers, cycle);
  if (counts (f, write))
    add_answer (&f->counted, cycle);
  if (write)
    return;
  dram_histogram_add (&tally->latency, cycle - accepted);
  dram_histogram_add (&tally->response, cycle - asked);
}

/* Answers everything that is next in order and has its time. */
static void
answer_in_order (struct dram_front *f, struct dram_tally *tally)
{
  while (f->answered < f->count && f->late[f->answered].time != 0) {
    const struct dram_late *l = &f->late[f->answered];
    answer (f, tally, f->requests[f->answered].write, later (l->time, f->next_answer),
            l->accepted, l->asked);
  }
}

/* A response queue in order releases a request no later than an arbiter in order answers
 * it, so one list in order serves both; a FIFO queue limits releases to one a cycle. */
void
dram_front_finished (struct dram_front *f, struct dram_tally *tally,
                     const struct dram_slot *slot, uint64_t finish)
{
  uint64_t time = finish;
  if (!f->release_in_order) {
    time = later (finish, f->next_release);
    f->next_release = time + 1;
  }
  if (f->in_order) {
    f->late[slot->request] = (struct dram_late){ .time = time,
                                                 .accepted = slot->accepted,
                                                 .asked = slot->asked };
    answer_in_order (f, tally);
  } else {
    answer (f, tally, slot->write, time, slot->accepted, slot->asked);
  }
  if (f->door == DRAM_NEVER)
    find_door (f);
}
