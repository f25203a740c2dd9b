/* SPDX-License-Identifier: MIT */
/* See slow.h.  "Section" always means a section of the text at the head of dram.h. */
#include "sims/dram/slow_model.h"

#include <stdlib.h>
#include <string.h>

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

/* For p, one of the n requests that the bank has. */
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
  if (n == 0 || bank->blocked || s->rank[x->rank].rest != AWAKE)
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

/* Managers come before banks, those of power before those of refresh, and in both the
 * lowest rank's first.  A unit is named by its lowest bank. */
static bool
choose_manager_command (const struct slow *s, uint64_t t, struct offer *chosen)
{
  for (uint32_t k = 0; k < 2 * s->config->ranks; k++) {
    bool power = k < s->config->ranks;
    uint32_t number = k % s->config->ranks;
    const struct rank *rank = &s->rank[number];
    int unit = power ? 0 : rank->offered_unit;
    if (power ? !rank->rest_offers : unit == NO_UNIT || rank->rest != AWAKE)
      continue;
    *chosen = (struct offer){ .kind = power ? rank->rest_command : rank->offered,
                              .rank = number,
                              .bank_number = number * s->banks_per_rank + (uint32_t)unit,
                              .request = NONE };
    if (may_be_issued (s, chosen, t))
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
  struct dram_command line = { .cycle = t,
                               .kind = x->kind,
                               .channel = s->channel,
                               .rank = x->rank,
                               .request = DRAM_NO_REQUEST };
  if (s->log == NULL)
    return;
  if (x->request != NONE) {
    const struct request *p = &s->request[x->request];
    bool pre = x->kind == DRAM_CMD_PRE;
    line.request = p->number;
    line.bank_group = p->place.group;
    line.bank = p->place.bank;
    line.row = pre ? s->bank[x->bank_number].row : p->place.row;
    line.column = pre ? 0 : p->place.column;
  }
  if (x->request == NONE) {
    const struct dram_org *org = &s->config->part.org;
    line.bank_group = x->bank_number % s->banks_per_rank / org->banks;
    line.bank = x->bank_number % org->banks;
    line.row = x->kind == DRAM_CMD_PRE ? s->bank[x->bank_number].row : 0;
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
  s->rank_result[bank_number / s->banks_per_rank].banks_closed++;
}

/* Those that are open and belong to what the command is for. */
static void
close_unit (struct slow *s, const struct offer *x, uint64_t t)
{
  uint32_t first = x->rank * s->banks_per_rank;
  for (uint32_t i = 0; i < s->banks_per_rank; i++) {
    bool mine = x->kind == DRAM_CMD_PREA
                || slow_refresh_covers (s, s->rank[x->rank].offered_unit, i);
    if (mine && s->bank[first + i].open)
      close_bank (s, first + i, t);
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

static void
issue (struct slow *s, const struct offer *x, uint64_t t)
{
  write_log (s, x, t);
  slow_history_add (&s->table, &s->history, x->kind, x->bank_number, t);
  if (x->kind == DRAM_CMD_PDX && slow_power_exit_is_slow (s, x->rank))
    slow_history_add (&s->table, &s->history, SLOW_PDX_SLOW, x->bank_number, t);
  s->rank_result[x->rank].commands[x->kind]++;
  switch (x->kind) {
  case DRAM_CMD_ACT:
    open_bank (s, x, t);
    break;
  case DRAM_CMD_PRE:
    close_bank (s, x->bank_number, t);
    break;
  case DRAM_CMD_PREA:
  case DRAM_CMD_PRESB:
    close_unit (s, x, t);
    break;
  case DRAM_CMD_REF:
  case DRAM_CMD_REFPB:
  case DRAM_CMD_REFSB:
    slow_refresh_issued (s, x->rank);
    break;
  case DRAM_CMD_PDE:
  case DRAM_CMD_PDX:
  case DRAM_CMD_SRE:
  case DRAM_CMD_SRX:
    slow_power_issued (s, x->rank, x->kind, t);
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

/* ---- Section 3: one cycle ---- */

/* Channels share nothing but the cycle and the end of the run. */
static uint64_t
play (struct slow *s, uint32_t channels)
{
  for (uint64_t t = 0;; t++) {
    bool done = true;
    for (uint32_t h = 0; h < channels; h++) {
      step_a (&s[h], t);
      done = done && s[h].answered == s[h].count;
    }
    if (done)
      return t;
    for (uint32_t h = 0; h < channels; h++) {
      step_b (&s[h], t);
      admit (&s[h], t); /* step c */
      look_at_direction (&s[h]);
      slow_refresh_look (&s[h], t); /* step d */
      slow_power_look (&s[h], t);
      steps_e_f (&s[h], t);
      slow_measure_cycle (&s[h], t);
    }
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
  slow_refresh_start (s);
  slow_power_start (s);
  slow_timing_table_make (&s->table, s->config, slow_refresh_cycles (s->config));
  slow_history_start (&s->history);
}

/* The requests of the channel out of the n of the trace. */
static int
set_up_requests (struct slow *s, const struct dram_request *requests, size_t n)
{
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
    struct request *r = &s->request[s->count];
    *r = (struct request){ .address = requests[k].address,
                           .wanted = requests[k].cycle,
                           .number = k,
                           .write = requests[k].write,
                           .offered = NEVER,
                           .accepted = NEVER,
                           .finished = NEVER,
                           .released = NEVER,
                           .answered = NEVER };
    place_request (s, r);
    s->count += r->place.channel == s->channel;
  }
  s->held = s->door = NONE;
  s->left = NEVER;
  return 0;
}

static int
run (struct slow *s, const struct dram_request *requests, size_t count,
     struct dram_error *err)
{
  uint32_t channels = s->config->channels;
  for (uint32_t h = 0; h < channels; h++) {
    if (slow_map_read (&s[h].map, s->config) != 0)
      return dram_fail (err, "the mapping \"%s\" cannot be read", s->config->mapping);
    set_up_devices (&s[h]);
    if (set_up_requests (&s[h], requests, count) != 0)
      return dram_fail (err, "out of memory for %zu requests", count);
  }
  if (slow_measure (s, channels, play (s, channels)) != 0)
    return dram_fail (err, "out of memory for %zu latencies", count);
  return DRAM_OK;
}

/* Whatever set_up_requests got hold of. */
static void
free_channel (struct slow *s)
{
  free (s->request);
  free (s->buffer);
  free (s->mine);
  free (s->column_order);
  free (s->answer);
  free (s->read_answer);
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
  struct slow *s = calloc (config->channels, sizeof *s);
  if (s == NULL)
    return dram_fail (err, "out of memory for a simulator");
  for (uint32_t h = 0; h < config->channels; h++) {
    s[h].config = config;
    s[h].channel = h;
    s[h].log = log;
    s[h].log_user = log_user;
    s[h].result = result;
    s[h].rank_result = &result->rank[h * config->ranks];
  }
  int status = run (s, requests, count, err);
  for (uint32_t h = 0; h < config->channels; h++)
    free_channel (&s[h]);
  free (s);
  return status;
}
