/* SPDX-License-Identifier: MIT */
/* See slow.h.  "Section" always means a section of the text at the head of dram.h. */
#include "sims/dram/slow.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sims/dram/slow_address.h"
#include "sims/dram/slow_timing.h"

#define NEVER UINT64_MAX
#define NONE  SIZE_MAX

/* The life of a request; a cycle that has not come is NEVER. */
struct request {
  uint64_t address, wanted; /* wanted: the trace's cycle, an edge of the initiator */
  bool write;
  struct slow_place place;
  uint32_t bank_number;
  uint64_t offered, accepted, finished, released, answered;
};

struct bank {
  bool open;
  uint32_t columns; /* column commands since the ACT */
  uint32_t row;
  /* the row buffer in fact holds a row in cycles opened <= t < closing */
  uint64_t opened, closing;
};

enum mode { REGULAR, PULLING };

struct rank {
  bool manager_offers, blocked;
  enum dram_command_kind manager_command;
  int64_t due, debt;
  enum mode mode;
};

/* A command that could be issued; request is NONE for the refresh managers. */
struct offer {
  enum dram_command_kind kind;
  uint32_t rank, bank_number;
  size_t request;
};

struct slow {
  const struct dram_config *config;
  const struct dram_timing *timing;
  int64_t burst_cycles, read_latency, write_latency; /* B, RL, WL */
  uint32_t banks_per_rank, banks;
  struct slow_map map;
  struct slow_timing_table table; /* section 6 */
  struct slow_history history;

  struct request *request; /* in trace order */
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
};

/* ---- Section 2: the address; the fields themselves are in slow_address.c ---- */

static void
place_request (const struct slow *s, struct request *r)
{
  const struct dram_org *org = &s->config->part.org;
  slow_map_place (&s->map, r->address, &r->place);
  r->bank_number =
      r->place.rank * s->banks_per_rank + r->place.group * org->banks + r->place.bank;
}

static bool
same_address (const struct slow *s, const struct request *a, const struct request *b)
{
  uint64_t bytes = dram_part_burst_bytes (&s->config->part);
  return a->address / bytes == b->address / bytes;
}

/* ---- Section 4: initiator, arbiter, door ---- */

static uint64_t
player_period (const struct slow *s)
{
  return s->config->player_ps != 0 ? s->config->player_ps : s->config->part.tck_ps;
}

/* The first DRAM cycle that is not before edge j of the initiator's clock. */
static uint64_t
cycle_of_edge (const struct slow *s, uint64_t j)
{
  uint64_t tck = s->config->part.tck_ps;
  return (j * player_period (s) + tck - 1) / tck;
}

/* The first edge that is later than the start of a DRAM cycle. */
static uint64_t
edge_after_cycle (const struct slow *s, uint64_t cycle)
{
  return cycle * s->config->part.tck_ps / player_period (s) + 1;
}

static uint64_t
later_of (uint64_t a, uint64_t b)
{
  return a > b ? a : b;
}

static size_t
reads_before (const struct slow *s, size_t k)
{
  size_t n = 0;
  for (size_t i = 0; i < k; i++)
    n += !s->request[i].write;
  return n;
}

/* The first edge that the answer before the last in_flight ones allows, of `answered`
 * answers when `before` requests went ahead; NEVER if that answer has not come. */
static uint64_t
edge_after_answer (const struct slow *s, const uint64_t *answer, size_t answered,
                   size_t before)
{
  size_t n = s->config->in_flight;
  if (before < n)
    return 0;
  return answered < before - n + 1 ? NEVER : edge_after_cycle (s, answer[before - n]);
}

/* Does the initiator offer its next request in cycle t?  If so it becomes `offered`. */
static bool
initiator_offers (struct slow *s, uint64_t t)
{
  bool closed = s->config->traffic == DRAM_TRAFFIC_CLOSED;
  size_t k = s->offered;
  uint64_t edge = 0, room = 0;
  if (k == s->count || (k > 0 && s->left == NEVER))
    return false;
  if (!closed)
    edge = s->request[k].wanted;
  if (k > 0)
    edge = later_of (edge, edge_after_cycle (s, s->left));
  if (closed)
    room = edge_after_answer (s, s->answer, s->answered, k);
  else if (s->config->traffic == DRAM_TRAFFIC_READS && !s->request[k].write)
    room = edge_after_answer (s, s->read_answer, s->reads_answered, reads_before (s, k));
  if (room == NEVER)
    return false;
  edge = later_of (edge, room);
  if (cycle_of_edge (s, edge) > t)
    return false;
  s->request[k].offered = t;
  s->offered = k + 1;
  s->left = NEVER;
  return true;
}

static void
leave_initiator (struct slow *s, size_t k, uint64_t t)
{
  s->request[k].accepted = t;
  s->left = t;
}

static void
arbiter_accepts_or_holds (struct slow *s, size_t k, uint64_t t)
{
  size_t outstanding = s->accepted - s->answered;
  if (outstanding < s->config->max_active_transactions) {
    leave_initiator (s, k, t);
    s->accepted = k + 1;
    s->held = NONE;
  } else {
    s->held = k;
  }
}

/* With SIMPLE the door is empty whenever a request is offered: the one before has left.
 */
static void
step_b (struct slow *s, uint64_t t)
{
  if (s->config->arbiter == DRAM_ARBITER_SIMPLE) {
    if (initiator_offers (s, t))
      s->door = s->offered - 1;
    return;
  }
  if (s->held != NONE)
    arbiter_accepts_or_holds (s, s->held, t);
  else if (initiator_offers (s, t))
    arbiter_accepts_or_holds (s, s->offered - 1, t);
  if (s->door == NONE && s->taken < s->accepted)
    s->door = s->taken++;
}

/* ---- Section 5 and steps c and f: space and admission ---- */

static size_t
buffered_of_bank (const struct slow *s, uint32_t bank_number)
{
  size_t n = 0;
  for (size_t i = 0; i < s->buffered; i++)
    n += s->request[s->buffer[i]].bank_number == bank_number;
  return n;
}

static size_t
buffered_of_direction (const struct slow *s, bool write)
{
  size_t n = 0;
  for (size_t i = 0; i < s->buffered; i++)
    n += s->request[s->buffer[i]].write == write;
  return n;
}

static bool
has_space (const struct slow *s)
{
  size_t n = s->config->request_buffer_size;
  switch (s->config->scheduler_buffer) {
  case DRAM_BUFFER_BANKWISE:
    return buffered_of_bank (s, s->last_admitted_bank) < n;
  case DRAM_BUFFER_READWRITE:
    return buffered_of_direction (s, false) < n && buffered_of_direction (s, true) < n;
  case DRAM_BUFFER_SHARED:
    return s->buffered < n;
  default: /* SEPARATE */
    return buffered_of_direction (s, s->request[s->door].write) < n;
  }
}

/* The first part of step d: which requests banks may offer from now on. */
static void
look_at_direction (struct slow *s)
{
  size_t reads = buffered_of_direction (s, false);
  size_t writes = buffered_of_direction (s, true);
  if (s->config->drain_high == 0)
    return;
  if (s->drains_writes)
    s->drains_writes = !(reads > 0 && writes <= s->config->drain_low);
  else
    s->drains_writes = writes > 0 && (writes >= s->config->drain_high || reads == 0);
}

static void
admit (struct slow *s, uint64_t t)
{
  if (s->door == NONE || !has_space (s))
    return;
  size_t k = s->door;
  s->door = NONE;
  if (s->config->arbiter == DRAM_ARBITER_SIMPLE)
    leave_initiator (s, k, t);
  s->buffer[s->buffered++] = k;
  s->last_admitted_bank = s->request[k].bank_number;
}

/* The younger ones move up, so that the buffer stays in order of age. */
static void
remove_from_buffer (struct slow *s, size_t k)
{
  size_t i = 0;
  while (s->buffer[i] != k)
    i++;
  s->buffered--;
  for (; i < s->buffered; i++)
    s->buffer[i] = s->buffer[i + 1];
}

/* ---- Section 7: what is issued ---- */

/* The requests of a bank that count, into `mine`; their number. */
static size_t
list_requests_of_bank (struct slow *s, uint32_t bank_number)
{
  size_t n = 0;
  for (size_t i = 0; i < s->buffered; i++) {
    const struct request *r = &s->request[s->buffer[i]];
    if (r->bank_number == bank_number
        && (s->config->drain_high == 0 || r->write == s->drains_writes))
      s->mine[n++] = s->buffer[i];
  }
  return n;
}

static bool
is_hit (const struct slow *s, size_t k)
{
  const struct request *r = &s->request[k];
  const struct bank *bank = &s->bank[r->bank_number];
  return bank->open && bank->row == r->place.row;
}

static size_t
oldest_hit (const struct slow *s, size_t n)
{
  for (size_t i = 0; i < n; i++) {
    if (is_hit (s, s->mine[i]))
      return s->mine[i];
  }
  return NONE;
}

static bool
older_hit_has_its_address (const struct slow *s, size_t i)
{
  const struct request *r = &s->request[s->mine[i]];
  for (size_t older = 0; older < i; older++) {
    if (is_hit (s, s->mine[older]) && same_address (s, &s->request[s->mine[older]], r))
      return true;
  }
  return false;
}

static size_t
oldest_hit_of_the_last_direction (const struct slow *s, size_t n)
{
  for (size_t i = 0; i < n; i++) {
    if (is_hit (s, s->mine[i]) && s->request[s->mine[i]].write == s->last_was_write
        && !older_hit_has_its_address (s, i))
      return s->mine[i];
  }
  return NONE;
}

/* Has the bank's row had its share of column commands? */
static bool
row_is_used_up (const struct slow *s, uint32_t bank_number)
{
  uint32_t cap = s->config->row_hit_cap;
  return cap > 0 && s->bank[bank_number].columns >= cap;
}

/* The scheduler's choice among the n > 0 requests of a bank listed in `mine`. */
static size_t
pick (const struct slow *s, size_t n)
{
  size_t p = NONE;
  if (row_is_used_up (s, s->request[s->mine[0]].bank_number))
    return s->mine[0];
  if (s->config->scheduler == DRAM_SCHEDULER_FRFCFSGRP)
    p = oldest_hit_of_the_last_direction (s, n);
  if (p == NONE && s->config->scheduler != DRAM_SCHEDULER_FIFO)
    p = oldest_hit (s, n);
  return p != NONE ? p : s->mine[0];
}

/* Hits are counted in all of the bank's requests, p among them. */
static bool
has_further_hit (const struct slow *s, size_t n)
{
  size_t hits = 0;
  if (s->config->scheduler == DRAM_SCHEDULER_FIFO)
    return n >= 2 && is_hit (s, s->mine[1]);
  for (size_t i = 0; i < n; i++)
    hits += is_hit (s, s->mine[i]);
  return hits >= 2;
}

static bool
closes_the_row (const struct slow *s, size_t n)
{
  switch (s->config->page_policy) {
  case DRAM_PAGE_OPEN:
    return false;
  case DRAM_PAGE_CLOSED:
    return true;
  case DRAM_PAGE_OPENADAPTIVE:
    return n >= 2 && !has_further_hit (s, n);
  default:
    return !has_further_hit (s, n);
  }
}

static enum dram_command_kind
column_command (const struct slow *s, const struct request *p, size_t n)
{
  if (closes_the_row (s, n))
    return p->write ? DRAM_CMD_WRA : DRAM_CMD_RDA;
  return p->write ? DRAM_CMD_WR : DRAM_CMD_RD;
}

static bool
bank_offers (struct slow *s, uint32_t bank_number, struct offer *x)
{
  const struct bank *bank = &s->bank[bank_number];
  size_t n = list_requests_of_bank (s, bank_number);
  x->bank_number = bank_number;
  x->rank = bank_number / s->banks_per_rank;
  if (n == 0 || s->rank[x->rank].blocked)
    return false;
  x->request = pick (s, n);
  if (!bank->open)
    x->kind = DRAM_CMD_ACT;
  else if (is_hit (s, x->request))
    x->kind = column_command (s, &s->request[x->request], n);
  else
    x->kind = DRAM_CMD_PRE;
  return true;
}

static bool
may_be_issued (const struct slow *s, const struct offer *x, uint64_t t)
{
  return slow_may_be_issued (&s->table, &s->history, x->kind, x->bank_number, t);
}

static bool
choose_manager_command (const struct slow *s, uint64_t t, struct offer *chosen)
{
  for (uint32_t k = 0; k < s->config->ranks; k++) {
    *chosen = (struct offer){ .kind = s->rank[k].manager_command,
                              .rank = k,
                              .bank_number = k * s->banks_per_rank,
                              .request = NONE };
    if (s->rank[k].manager_offers && may_be_issued (s, chosen, t))
      return true;
  }
  return false;
}

/* Admission numbers ascend with the numbers of the requests, so these are compared. */
static bool
choose_bank_command (struct slow *s, uint64_t t, struct offer *chosen)
{
  chosen->request = NONE;
  for (uint32_t bank = 0; bank < s->banks; bank++) {
    struct offer x;
    if (bank_offers (s, bank, &x) && x.request < chosen->request
        && may_be_issued (s, &x, t))
      *chosen = x;
  }
  return chosen->request != NONE;
}

static void
write_log (const struct slow *s, const struct offer *x, uint64_t t)
{
  struct dram_command line = {
    .cycle = t, .kind = x->kind, .rank = x->rank, .request = DRAM_NO_REQUEST
  };
  if (s->log == NULL)
    return;
  if (x->request != NONE) {
    const struct request *p = &s->request[x->request];
    bool pre = x->kind == DRAM_CMD_PRE;
    line.request = x->request;
    line.bank_group = p->place.group;
    line.bank = p->place.bank;
    line.row = pre ? s->bank[x->bank_number].row : p->place.row;
    line.column = pre ? 0 : p->place.column;
  }
  s->log (s->log_user, &line);
}

static void
open_bank (struct slow *s, const struct offer *x, uint64_t t)
{
  struct bank *bank = &s->bank[x->bank_number];
  bank->open = true;
  bank->columns = 0;
  bank->row = s->request[x->request].place.row;
  bank->opened = t;
  bank->closing = NEVER;
}

static void
close_bank (struct slow *s, uint32_t bank_number, uint64_t closing)
{
  struct bank *bank = &s->bank[bank_number];
  bank->open = false;
  bank->closing = closing;
  s->result->rank[bank_number / s->banks_per_rank].banks_closed++;
}

static void
close_all_banks (struct slow *s, uint32_t rank, uint64_t t)
{
  for (uint32_t i = 0; i < s->banks_per_rank; i++) {
    if (s->bank[rank * s->banks_per_rank + i].open)
      close_bank (s, rank * s->banks_per_rank + i, t);
  }
}

/* The request has its column command: it leaves the buffer, its data will follow. */
static void
serve_request (struct slow *s, const struct offer *x, uint64_t t)
{
  const struct dram_timing *timing = s->timing;
  struct request *r = &s->request[x->request];
  struct bank *bank = &s->bank[x->bank_number];
  int64_t latency = r->write ? s->write_latency : s->read_latency;
  r->finished = t + (uint64_t)(latency + s->burst_cycles);
  s->result->row_hits += bank->columns > 0;
  bank->columns++;
  s->last_was_write = r->write;
  s->column_order[s->columns++] = x->request;
  remove_from_buffer (s, x->request);
  if (x->kind == DRAM_CMD_RDA)
    close_bank (s, x->bank_number,
                later_of (t + timing->al + timing->trtp, bank->opened + timing->tras));
  if (x->kind == DRAM_CMD_WRA)
    close_bank (s, x->bank_number, r->finished + timing->twr);
}

static void refresh_was_issued (struct slow *s, struct rank *rank);

static void
issue (struct slow *s, const struct offer *x, uint64_t t)
{
  write_log (s, x, t);
  slow_history_add (&s->history, x->kind, x->bank_number, t);
  s->result->rank[x->rank].commands[x->kind]++;
  switch (x->kind) {
  case DRAM_CMD_ACT:
    open_bank (s, x, t);
    break;
  case DRAM_CMD_PRE:
    close_bank (s, x->bank_number, t);
    break;
  case DRAM_CMD_PREA:
    close_all_banks (s, x->rank, t);
    break;
  case DRAM_CMD_REF:
    refresh_was_issued (s, &s->rank[x->rank]);
    break;
  default:
    serve_request (s, x, t);
  }
}

static bool
is_column_command (enum dram_command_kind kind)
{
  return kind == DRAM_CMD_RD || kind == DRAM_CMD_RDA || kind == DRAM_CMD_WR
         || kind == DRAM_CMD_WRA;
}

/* Steps e and f. */
static void
steps_e_f (struct slow *s, uint64_t t)
{
  struct offer chosen;
  if (!choose_manager_command (s, t, &chosen) && !choose_bank_command (s, t, &chosen))
    return;
  issue (s, &chosen, t);
  if (is_column_command (chosen.kind))
    admit (s, t);
}

/* ---- Section 8 and step d: refresh ---- */

/* Of a number below `count`, a power of two: the lowest bit turns into the highest. */
static uint32_t
reverse_bits (uint32_t value, uint32_t count)
{
  uint32_t reversed = 0;
  for (uint32_t low = 1, high = count / 2; low < count; low *= 2, high /= 2) {
    if ((value & low) != 0)
      reversed += high;
  }
  return reversed;
}

static int64_t
first_due (const struct slow *s, uint32_t rank)
{
  int64_t ranks = s->config->ranks, trefi = s->timing->trefi;
  return trefi - (int64_t)reverse_bits (rank, s->config->ranks) * trefi / ranks;
}

static bool
rank_is_busy (const struct slow *s, uint32_t rank)
{
  for (size_t i = 0; i < s->buffered; i++) {
    if (s->request[s->buffer[i]].place.rank == rank)
      return true;
  }
  return false;
}

static bool
rank_is_open (const struct slow *s, uint32_t rank)
{
  for (uint32_t i = 0; i < s->banks_per_rank; i++) {
    if (s->bank[rank * s->banks_per_rank + i].open)
      return true;
  }
  return false;
}

static void
refresh_was_issued (struct slow *s, struct rank *rank)
{
  rank->blocked = false;
  if (rank->mode == PULLING)
    rank->debt--;
  else
    rank->mode = PULLING;
  if (rank->debt == -(int64_t)s->config->refresh_max_pulledin) {
    rank->mode = REGULAR;
    rank->due += s->timing->trefi;
  }
}

/* Whether the manager wants a refresh now, after what it does to due, debt and mode. */
static bool
wants_refresh (struct slow *s, uint32_t number, int64_t t)
{
  struct rank *rank = &s->rank[number];
  int64_t trefi = s->timing->trefi;
  if (t < rank->due)
    return false;
  if (rank->mode == PULLING && t >= rank->due + trefi) {
    rank->due += trefi;
    rank->mode = REGULAR;
  }
  if (rank->mode == REGULAR && rank->debt == s->config->refresh_max_postponed) {
    rank->blocked = true;
    return true;
  }
  if (!rank_is_busy (s, number))
    return true;
  if (rank->mode == REGULAR)
    rank->debt++;
  rank->mode = REGULAR;
  rank->due += trefi;
  return false;
}

static void
step_d (struct slow *s, uint64_t t)
{
  look_at_direction (s);
  if (s->config->refresh_policy == DRAM_REFRESH_NOREFRESH)
    return;
  for (uint32_t k = 0; k < s->config->ranks; k++) {
    struct rank *rank = &s->rank[k];
    rank->manager_offers = wants_refresh (s, k, (int64_t)t);
    rank->manager_command = rank_is_open (s, k) ? DRAM_CMD_PREA : DRAM_CMD_REF;
  }
}

/* ---- Section 9 and step a: responses ---- */

static void
answer (struct slow *s, size_t k, uint64_t t)
{
  s->request[k].answered = t;
  s->answer[s->answered++] = t;
  if (!s->request[k].write)
    s->read_answer[s->reads_answered++] = t;
}

static void
step_a (struct slow *s, uint64_t t)
{
  bool in_order = s->config->arbiter == DRAM_ARBITER_REORDER;
  size_t k = s->released;
  if (s->config->resp_queue == DRAM_RESP_FIFO)
    k = s->released < s->columns ? s->column_order[s->released] : s->count;
  if (k < s->count && s->request[k].finished <= t) {
    s->request[k].released = t;
    s->released++;
    if (!in_order)
      answer (s, k, t);
  }
  if (in_order && s->answered < s->count && s->request[s->answered].released <= t)
    answer (s, s->answered, t);
}

/* ---- Section 10: the end ---- */

static void
charge_owed_refreshes (struct slow *s, uint64_t end)
{
  struct dram_result *result = s->result;
  uint64_t most = 0;
  if (s->config->refresh_policy == DRAM_REFRESH_NOREFRESH
      || !s->config->charge_owed_refresh)
    return;
  for (uint32_t k = 0; k < s->config->ranks; k++) {
    const struct rank *rank = &s->rank[k];
    uint64_t owed = rank->debt > 0 ? (uint64_t)rank->debt : 0;
    if (rank->mode == REGULAR && (int64_t)end >= rank->due)
      owed++;
    result->rank[k].refreshes_owed = owed;
    result->refreshes_owed += owed;
    most = later_of (most, owed);
  }
  result->cycles += most * s->timing->trfc;
}

/* ---- Section 11: measures ---- */

static void
count_active_cycle (struct slow *s, uint64_t t)
{
  for (uint32_t k = 0; k < s->config->ranks; k++) {
    bool active = false;
    for (uint32_t i = 0; i < s->banks_per_rank; i++) {
      const struct bank *bank = &s->bank[k * s->banks_per_rank + i];
      if (bank->opened <= t && t < bank->closing)
        active = true;
    }
    s->result->rank[k].active_cycles += active;
  }
}

static double
ns (const struct slow *s, double cycles)
{
  return cycles * s->config->part.tck_ps / 1000;
}

static int
compare_cycles (const void *a, const void *b)
{
  uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return (x > y) - (x < y);
}

/* Sorts the n values. */
static struct dram_latency
summarise (const struct slow *s, uint64_t *cycles, size_t n)
{
  struct dram_latency latency = { .mean = NAN, .p99 = NAN, .max = NAN };
  uint64_t sum = 0;
  if (n == 0)
    return latency;
  qsort (cycles, n, sizeof cycles[0], compare_cycles);
  for (size_t i = 0; i < n; i++)
    sum += cycles[i];
  latency.mean = ns (s, (double)sum / (double)n);
  latency.p99 = ns (s, (double)cycles[(99 * n + 99) / 100 - 1]);
  latency.max = ns (s, (double)cycles[n - 1]);
  return latency;
}

static void
measure_latencies (struct slow *s)
{
  struct dram_result *result = s->result;
  bool closed = s->config->traffic == DRAM_TRAFFIC_CLOSED;
  uint64_t *cycles = s->answer; /* no longer needed */
  size_t n = 0;
  for (size_t k = 0; k < s->count; k++) {
    if (!s->request[k].write)
      cycles[n++] = s->request[k].answered - s->request[k].accepted;
  }
  result->latency = summarise (s, cycles, n);
  n = 0;
  for (size_t k = 0; k < s->count; k++) {
    const struct request *r = &s->request[k];
    uint64_t asked = closed ? r->offered : cycle_of_edge (s, r->wanted);
    if (!r->write)
      cycles[n++] = r->answered - asked;
  }
  result->response = summarise (s, cycles, n);
  result->reads = n;
  result->writes = s->count - n;
}

static double
not_negative (double x)
{
  return x > 0 ? x : 0;
}

/* V x mA x ns is pJ; the result is in nJ. */
static void
measure_energy (const struct slow *s, struct dram_rank_result *r)
{
  const struct dram_current *i = &s->config->part.current;
  const struct dram_timing *t = s->timing;
  double scale = i->vdd * s->config->part.org.devices / 1000;
  double vpp_scale = i->vpp * s->config->part.org.devices / 1000;
  double acts = (double)r->commands[DRAM_CMD_ACT];
  double reads = (double)(r->commands[DRAM_CMD_RD] + r->commands[DRAM_CMD_RDA]);
  double writes = (double)(r->commands[DRAM_CMD_WR] + r->commands[DRAM_CMD_WRA]);
  double refs = (double)(r->commands[DRAM_CMD_REF] + r->refreshes_owed);
  double active = (double)r->active_cycles, all = (double)s->result->cycles;
  double burst = (double)s->burst_cycles;
  double *e = r->energy;
  e[DRAM_ENERGY_ACT] = acts * scale * (i->idd0 - i->idd3n) * ns (s, t->tras);
  e[DRAM_ENERGY_PRE] =
      (double)r->banks_closed * scale * (i->idd0 - i->idd2n) * ns (s, t->trp);
  e[DRAM_ENERGY_RD] = reads * scale * (i->idd4r - i->idd3n) * ns (s, burst);
  e[DRAM_ENERGY_WR] = writes * scale * (i->idd4w - i->idd3n) * ns (s, burst);
  e[DRAM_ENERGY_REF] = refs * scale * (i->idd5 - i->idd3n) * ns (s, t->trfc);
  e[DRAM_ENERGY_OPEN] = scale * i->idd3n * ns (s, active);
  e[DRAM_ENERGY_CLOSED] = scale * i->idd2n * ns (s, all - active);
  e[DRAM_ENERGY_VPP] = vpp_scale
                       * (i->ipp3n * ns (s, all)
                          + not_negative (i->ipp0 - i->ipp3n) * ns (s, t->trc) * acts
                          + not_negative (i->ipp5 - i->ipp3n) * ns (s, t->trfc) * refs);
}

static void
add_up_ranks (struct slow *s)
{
  struct dram_result *result = s->result;
  for (uint32_t k = 0; k < s->config->ranks; k++) {
    struct dram_rank_result *rank = &result->rank[k];
    measure_energy (s, rank);
    for (int i = 0; i < DRAM_CMD_COUNT; i++)
      result->commands[i] += rank->commands[i];
    for (int i = 0; i < DRAM_ENERGY_COUNT; i++) {
      result->energy[i] += rank->energy[i];
      result->energy_total += rank->energy[i];
    }
  }
}

static void
measure (struct slow *s, uint64_t end)
{
  struct dram_result *result = s->result;
  double requests = (double)s->count;
  result->cycles = end;
  charge_owed_refreshes (s, end);
  result->total_time = ns (s, (double)result->cycles);
  result->requests = s->count;
  result->ranks = s->config->ranks;
  result->row_hit_rate = (double)result->row_hits / requests;
  measure_latencies (s);
  add_up_ranks (s);
  result->bandwidth =
      requests * dram_part_burst_bytes (&s->config->part) / result->total_time * 1000;
  result->power = result->energy_total / result->total_time * 1000;
}

/* ---- Section 3: one cycle ---- */

static void
play (struct slow *s)
{
  for (uint64_t t = 0;; t++) {
    step_a (s, t);
    if (s->answered == s->count) {
      measure (s, t);
      return;
    }
    step_b (s, t);
    admit (s, t); /* step c */
    step_d (s, t);
    steps_e_f (s, t);
    count_active_cycle (s, t);
  }
}

/* ---- Before the first cycle ---- */

static void
set_up_devices (struct slow *s)
{
  const struct dram_part *part = &s->config->part;
  s->timing = &part->timing;
  s->burst_cycles = part->org.burst / 2;
  s->read_latency = (int64_t)s->timing->al + s->timing->cl;
  s->write_latency = (int64_t)s->timing->al + s->timing->cwl;
  s->banks_per_rank = dram_part_banks (part);
  s->banks = s->banks_per_rank * s->config->ranks;
  for (uint32_t i = 0; i < s->banks; i++)
    s->bank[i].opened = s->bank[i].closing = NEVER;
  for (uint32_t k = 0; k < s->config->ranks; k++)
    s->rank[k].due = first_due (s, k);
  slow_timing_table_make (&s->table, part, s->config->ranks);
  slow_history_start (&s->history);
}

static int
set_up_requests (struct slow *s, const struct dram_request *requests)
{
  size_t n = s->count;
  s->request = calloc (n, sizeof *s->request);
  s->buffer = calloc (n, sizeof *s->buffer);
  s->mine = calloc (n, sizeof *s->mine);
  s->column_order = calloc (n, sizeof *s->column_order);
  s->answer = calloc (n, sizeof *s->answer);
  s->read_answer = calloc (n, sizeof *s->read_answer);
  if (s->request == NULL || s->buffer == NULL || s->mine == NULL
      || s->column_order == NULL || s->answer == NULL || s->read_answer == NULL)
    return -1;
  for (size_t k = 0; k < n; k++) {
    s->request[k] = (struct request){ .address = requests[k].address,
                                      .wanted = requests[k].cycle,
                                      .write = requests[k].write,
                                      .offered = NEVER,
                                      .accepted = NEVER,
                                      .finished = NEVER,
                                      .released = NEVER,
                                      .answered = NEVER };
    place_request (s, &s->request[k]);
  }
  s->held = s->door = NONE;
  s->left = NEVER;
  return 0;
}

static int
run (struct slow *s, const struct dram_request *requests, struct dram_error *err)
{
  if (slow_map_read (&s->map, s->config) != 0)
    return dram_fail (err, "the mapping \"%s\" cannot be read", s->config->mapping);
  set_up_devices (s);
  if (set_up_requests (s, requests) != 0)
    return dram_fail (err, "out of memory for %zu requests", s->count);
  play (s);
  return DRAM_OK;
}

int
dram_slow_run (const struct dram_config *config, const struct dram_request *requests,
               size_t count, dram_log_fn *log, void *log_user, struct dram_result *result,
               struct dram_error *err)
{
  memset (result, 0, sizeof *result);
  if (dram_config_check (config, err) != 0)
    return DRAM_FAILED;
  if (count == 0)
    return dram_fail (err, "the trace has no request");
  struct slow *s = calloc (1, sizeof *s);
  if (s == NULL)
    return dram_fail (err, "out of memory for a simulator");
  s->config = config;
  s->count = count;
  s->log = log;
  s->log_user = log_user;
  s->result = result;
  int status = run (s, requests, err);
  free (s->request);
  free (s->buffer);
  free (s->mine);
  free (s->column_order);
  free (s->answer);
  free (s->read_answer);
  free (s);
  return status;
}
