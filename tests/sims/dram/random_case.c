/* See random_case.h. */
#include "tests/sims/dram/random_case.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sims/dram/refresh.h"
#include "tests/tap.h"

/* SplitMix64 (Steele, Lea, Flood, OOPSLA 2014). */
uint64_t
random_bits (uint64_t *state)
{
  uint64_t z = (*state += UINT64_C (0x9e3779b97f4a7c15));
  z = (z ^ (z >> 30)) * UINT64_C (0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C (0x94d049bb133111eb);
  return z ^ (z >> 31);
}

uint32_t
random_below (uint64_t *state, uint32_t limit)
{
  return (uint32_t)((random_bits (state) >> 32) * limit >> 32);
}

static bool
one_in (uint64_t *state, uint32_t n)
{
  return random_below (state, n) == 0;
}

static uint32_t
between (uint64_t *state, uint32_t low, uint32_t high)
{
  return low + random_below (state, high - low + 1);
}

static uint32_t
power_of_two (uint64_t *state, uint32_t highest_exponent)
{
  return UINT32_C (1) << random_below (state, highest_exponent + 1);
}

/* Short timings of any mixture the part table allows, so that each of them decides
 * something now and then; those of real parts are dominated by a few. */
static void
make_timing (uint64_t *r, struct dram_timing *t, uint32_t burst)
{
  t->cl = between (r, 2, 20);
  t->cwl = between (r, 2, 20);
  t->trcd = between (r, 2, 20);
  t->al = one_in (r, 2) ? 0 : random_below (r, t->trcd);
  t->trp = between (r, 2, 20);
  t->tras = t->trcd + random_below (r, 30);
  t->trc = t->tras + t->trp + random_below (r, 6);
  t->trrd_s = between (r, 1, 6);
  t->trrd_l = t->trrd_s + random_below (r, 4);
  t->tfaw = t->trrd_s * 3 + random_below (r, 25);
  t->tccd_s = burst / 2 + random_below (r, 3);
  t->tccd_l = t->tccd_s + random_below (r, 4);
  t->twtr_s = random_below (r, 6);
  t->twtr_l = t->twtr_s + random_below (r, 6);
  t->twr = random_below (r, 20);
  t->trtp = between (r, 1, 12);
  t->trtrs = random_below (r, 4);
  t->trcd_wr = t->al + 1 + random_below (r, t->trcd - t->al);
  t->trp_ab = t->trp + random_below (r, 4);
  t->tccd_l_wr = t->tccd_l + random_below (r, 9);
  t->rtw_gap = random_below (r, 7);
  t->trfc = t->trp_ab + random_below (r, 80);
}

/* A part far slower than any on the market: distances beyond what a calendar of events
 * may be made for. */
static void
stretch_timing (struct dram_timing *t)
{
  t->trcd *= 8;
  t->trcd_wr *= 8;
  t->trp *= 8;
  t->trp_ab *= 8;
  t->tras *= 8;
  t->trc *= 8;
  t->tfaw *= 8;
  t->twr *= 8;
  t->trtp *= 8;
  t->trfc *= 8;
}

/* Refreshes must leave time for a row to be opened and served, or a forced one would
 * close it each time (see dram_part_fault). */
static uint32_t
serving_time (const struct dram_part *part)
{
  const struct dram_timing *t = &part->timing;
  uint32_t write = t->al + t->cwl + part->org.burst / 2;
  return t->trc + t->trcd + t->trp_ab + t->tfaw + 2 * write + t->al + t->cl + t->twr
         + t->twtr_l + t->rtw_gap + 32;
}

static void
make_part (uint64_t *r, struct dram_part *part)
{
  size_t parts = 0;
  while (dram_part_at (parts) != NULL)
    parts++;
  *part = *dram_part_at (random_below (r, (uint32_t)parts));
  if (one_in (r, 2))
    make_timing (r, &part->timing, part->org.burst);
  if (one_in (r, 10))
    stretch_timing (&part->timing);
  if (one_in (r, 4)) {
    part->org.bank_groups = power_of_two (r, 2);
    part->org.banks = power_of_two (r, 2);
  }
  if (one_in (r, 4))
    part->timing.trfc = part->timing.trp_ab + random_below (r, 60);
  if (one_in (r, 2)) {
    part->timing.tcke = between (r, 1, 8);
    part->timing.tckesr = between (r, 1, 20);
    part->timing.txp = between (r, 1, 12);
    part->timing.txpdll = one_in (r, 2) ? 0 : part->timing.txp + random_below (r, 20);
    part->timing.txs = part->timing.trfc + random_below (r, 12);
  }
  part->timing.trfc2 = part->timing.trp_ab + random_below (r, 60);
  part->timing.trfc4 = part->timing.trp_ab + random_below (r, 60);
  part->timing.trfcpb = part->timing.trp_ab + random_below (r, 60);
  part->timing.trfcsb = part->timing.trp_ab + random_below (r, 60);
  part->timing.trrefd = random_below (r, part->timing.trp);
  part->timing.tpbr2pbr = one_in (r, 2) ? 0 : random_below (r, part->timing.trp);
  if (one_in (r, 2))
    part->current.ipp3n = 3, part->current.ipp5 = 5, part->current.vpp = 2.5;
  part->timing.trefi =
      part->timing.trfc + serving_time (part)
      + random_below (r, one_in (r, 3) ? 40 : (one_in (r, 8) ? 9000 : 700));
}

static uint32_t
log2_of (uint32_t n)
{
  uint32_t bits = 0;
  for (; n > 1; n /= 2)
    bits++;
  return bits;
}

static void
shuffle (uint64_t *r, char *text)
{
  for (size_t n = strlen (text); n > 1; n--) {
    size_t k = random_below (r, (uint32_t)n);
    char swap = text[n - 1];
    text[n - 1] = text[k];
    text[k] = swap;
  }
}

static void
make_letters (uint64_t *r, struct random_case *c)
{
  static const char *const choices[] = { "rbc",   "rbgc",   "rkbc",  "rkbgc",
                                         "rbgch", "rkbgCc", "rbChc", "rkbgChc" };
  char order[16];
  size_t n = 0;
  bool hash = one_in (r, 3);
  snprintf (order, sizeof order, "%s", choices[random_below (r, 8)]);
  shuffle (r, order);
  for (const char *at = order; *at != '\0'; at++)
    n += (size_t)snprintf (c->mapping + n, sizeof c->mapping - n, "%c%s", *at,
                           hash && strchr ("kbgh", *at) != NULL && one_in (r, 2) ? "^r"
                                                                                 : "");
}

static uint32_t
field_width (const struct random_case *c, char letter)
{
  const struct dram_org *org = &c->config.part.org;
  switch (letter) {
  case 'r':
    return log2_of (org->rows);
  case 'k':
    return log2_of (c->config.ranks);
  case 'h':
    return log2_of (c->config.channels);
  case 'g':
    return log2_of (org->bank_groups);
  case 'b':
    return log2_of (org->banks);
  default:
    return log2_of (org->columns);
  }
}

/* Bits one by one or as a range, some of them hashed with another one. */
static size_t
write_list (uint64_t *r, char *text, size_t room, uint32_t low, uint32_t width, bool hash)
{
  size_t n = 0;
  if (!hash && width > 2)
    return (size_t)snprintf (text, room, "%u-%u", low, low + width - 1);
  for (uint32_t bit = low; bit < low + width; bit++) {
    n += (size_t)snprintf (text + n, room - n, "%s%u", bit > low ? "+" : "", bit);
    if (hash && one_in (r, 2))
      n += (size_t)snprintf (text + n, room - n, "^%u", between (r, 10, 32));
  }
  return n;
}

static void
make_bit_lists (uint64_t *r, struct random_case *c)
{
  char order[] = "rkgbch";
  uint32_t low = 3;
  size_t n = 0;
  shuffle (r, order);
  for (int i = 5; i >= 0; i--) {
    uint32_t width = field_width (c, order[i]);
    bool hash = order[i] != 'c' && order[i] != 'r' && one_in (r, 2);
    if (width == 0)
      continue;
    n += (size_t)snprintf (c->mapping + n, sizeof c->mapping - n,
                           "%s%c=", n > 0 ? "," : "", order[i]);
    n += write_list (r, c->mapping + n, sizeof c->mapping - n, low, width, hash);
    low += width;
  }
}

static void
make_mapping (uint64_t *r, struct random_case *c)
{
  c->config.mapping = c->mapping;
  switch (random_below (r, 4)) {
  case 0:
    c->config.mapping = NULL;
    break;
  case 1:
    make_bit_lists (r, c);
    break;
  default:
    make_letters (r, c);
  }
}

static void
make_design (uint64_t *r, struct dram_config *config)
{
  config->page_policy = (enum dram_page_policy)random_below (r, 4);
  config->scheduler = (enum dram_scheduler)random_below (r, 3);
  config->scheduler_buffer = (enum dram_buffer)random_below (r, 4);
  config->request_buffer_size = one_in (r, 3) ? between (r, 1, 12) : power_of_two (r, 7);
  config->resp_queue = (enum dram_resp_queue)random_below (r, 2);
  config->refresh_policy = (enum dram_refresh)random_below (r, 6);
  config->refresh_max_postponed = one_in (r, 5) ? 0 : power_of_two (r, 3);
  config->refresh_max_pulledin = one_in (r, 5) ? 0 : power_of_two (r, 3);
  config->arbiter = (enum dram_arbiter)random_below (r, 3);
  config->max_active_transactions =
      one_in (r, 3) ? between (r, 1, 12) : power_of_two (r, 7);
  config->traffic = one_in (r, 2)   ? DRAM_TRAFFIC_OPEN
                    : one_in (r, 2) ? DRAM_TRAFFIC_CLOSED
                                    : DRAM_TRAFFIC_READS;
  config->drain_high = one_in (r, 2) ? 0 : between (r, 1, 20);
  config->drain_low = random_below (r, config->drain_high + (config->drain_high == 0));
  config->row_hit_cap = one_in (r, 2) ? 0 : between (r, 1, 6);
  config->in_flight = one_in (r, 3) ? 1 : between (r, 2, 40);
  config->player_ps = one_in (r, 2) ? 0 : between (r, 200, 6000);
  config->charge_owed_refresh = !one_in (r, 3);
}

/* The finer refreshes come more often: of parts that leave them no time, some get a
 * longer interval and the others are refreshed all banks at once. */
static void
make_refresh (uint64_t *r, struct dram_config *config)
{
  if (dram_refresh_fault (config) != NULL && one_in (r, 2))
    config->part.timing.trefi *= dram_refresh_parts (config);
  if (config->refresh_policy > DRAM_REFRESH_ALLBANK
      && dram_refresh_fault (config) != NULL)
    config->refresh_policy = DRAM_REFRESH_ALLBANK;
}

/* From ranks that rest whenever they can to such that hardly ever do. */
static void
make_power (uint64_t *r, struct dram_config *config)
{
  config->power_down = (enum dram_power_down) (one_in (r, 2) ? 0 : random_below (r, 3));
  if (config->power_down == DRAM_POWER_DOWN_SLOW && config->part.timing.txpdll == 0)
    config->power_down = DRAM_POWER_DOWN_FAST;
  config->power_down_idle = one_in (r, 3) ? between (r, 1, 6) : between (r, 1, 400);
  config->self_refresh_idle = one_in (r, 2) ? 0 : between (r, 1, 800);
}

/* Addresses differ in a few bits only, wherever the mapping may have its fields, or run
 * through memory in steps of a burst. */
struct address_source {
  uint64_t varying, base, next;
  uint32_t stream_in, write_in;
};

static void
make_source (uint64_t *r, struct address_source *s)
{
  uint32_t bits = one_in (r, 3) ? between (r, 20, 40) : between (r, 1, 14);
  *s = (struct address_source){ .base = random_bits (r) };
  for (uint32_t i = 0; i < bits; i++)
    s->varying |= UINT64_C (1) << between (r, one_in (r, 8) ? 0 : 6, 34);
  s->stream_in = power_of_two (r, 4);
  s->write_in = between (r, 1, 5);
  if (one_in (r, 4))
    s->base = 0;
}

static uint64_t
next_address (uint64_t *r, struct address_source *s)
{
  if (one_in (r, s->stream_in))
    s->next = s->base ^ (random_bits (r) & s->varying);
  else
    s->next += 64;
  return s->next;
}

static void
make_trace (uint64_t *r, struct random_case *c)
{
  static const uint32_t widest_gap[] = { 1, 3, 20, 100, 0 };
  struct address_source source;
  uint64_t cycle = one_in (r, 4) ? random_below (r, 3000) : 0;
  uint32_t gap = widest_gap[random_below (r, 5)], often = power_of_two (r, 5);
  c->count = between (r, 1, RANDOM_CASE_REQUESTS - 1) / power_of_two (r, 3) + 1;
  if (gap == 0) {
    gap = 3 * (c->config.part.timing.trefi < 1000 ? c->config.part.timing.trefi : 1000);
    often *= 4;
  }
  make_source (r, &source);
  for (size_t i = 0; i < c->count; i++) {
    c->requests[i] = (struct dram_request){ .address = next_address (r, &source),
                                            .cycle = cycle,
                                            .write = one_in (r, source.write_in)
                                                     && source.write_in > 1 };
    if (one_in (r, often))
      cycle += random_below (r, gap + 1);
  }
}

void
random_case_make (struct random_case *c, uint64_t seed)
{
  uint64_t state = seed;
  struct dram_part part;
  make_part (&state, &part);
  dram_config_default (&c->config, &part);
  c->config.ranks = one_in (&state, 2) ? 1 : power_of_two (&state, 3);
  while (c->config.ranks * dram_part_banks (&part) > DRAM_BANKS_MAX)
    c->config.ranks /= 2;
  c->config.channels = one_in (&state, 3) ? power_of_two (&state, 2) : 1;
  make_design (&state, &c->config);
  make_refresh (&state, &c->config);
  make_power (&state, &c->config);
  make_mapping (&state, c);
  make_trace (&state, c);
}

void
random_case_copy (struct random_case *to, const struct random_case *from)
{
  *to = *from;
  if (from->config.mapping == from->mapping)
    to->config.mapping = to->mapping;
}

void
command_log_append (void *user, const struct dram_command *command)
{
  struct command_log *log = user;
  if (log->count == log->room) {
    log->room = log->room * 2 + 256;
    log->commands = realloc (log->commands, log->room * sizeof log->commands[0]);
    if (log->commands == NULL)
      abort ();
  }
  log->commands[log->count++] = *command;
}

void
command_log_free (struct command_log *log)
{
  free (log->commands);
  *log = (struct command_log){ 0 };
}

static void
print_part (const struct dram_part *part)
{
  const struct dram_timing *t = &part->timing;
  tap_note ("part %s: groups %u banks %u rows %u columns %u", part->name,
            part->org.bank_groups, part->org.banks, part->org.rows, part->org.columns);
  tap_note ("cl %u cwl %u al %u trcd %u trp %u tras %u trc %u trrd %u %u tfaw %u", t->cl,
            t->cwl, t->al, t->trcd, t->trp, t->tras, t->trc, t->trrd_s, t->trrd_l,
            t->tfaw);
  tap_note ("trfc2 %u trfc4 %u trfcpb %u trfcsb %u trrefd %u", t->trfc2, t->trfc4,
            t->trfcpb, t->trfcsb, t->trrefd);
  tap_note ("tpbr2pbr %u trcd_wr %u trp_ab %u tccd_l_wr %u rtw_gap %u tckesr %u",
            t->tpbr2pbr, t->trcd_wr, t->trp_ab, t->tccd_l_wr, t->rtw_gap, t->tckesr);
  tap_note ("tccd %u %u twtr %u %u twr %u trtp %u trtrs %u trfc %u trefi %u", t->tccd_s,
            t->tccd_l, t->twtr_s, t->twtr_l, t->twr, t->trtp, t->trtrs, t->trfc,
            t->trefi);
}

static void
print_design (const struct dram_config *c)
{
  static const char *const page[] = { "Open", "OpenAdaptive", "Closed",
                                      "ClosedAdaptive" };
  static const char *const scheduler[] = { "Fifo", "FrFcfs", "FrFcfsGrp" };
  static const char *const buffer[] = { "Bankwise", "ReadWrite", "Shared", "Separate" };
  static const char *const queue[] = { "Fifo", "Reorder" };
  static const char *const refresh[] = { "NoRefresh", "AllBank", "AllBank2x",
                                         "AllBank4x", "PerBank", "SameBank" };
  static const char *const arbiter[] = { "Simple", "Fifo", "Reorder" };
  static const char *const traffic[] = { "open", "closed", "reads" };
  tap_note ("channels %u ranks %u mapping %s", c->channels, c->ranks,
            c->mapping != NULL ? c->mapping : "NULL");
  tap_note ("%s %s %s %u %s %s postponed %u pulledin %u", page[c->page_policy],
            scheduler[c->scheduler], buffer[c->scheduler_buffer], c->request_buffer_size,
            queue[c->resp_queue], refresh[c->refresh_policy], c->refresh_max_postponed,
            c->refresh_max_pulledin);
  tap_note ("power-down %u after %u, self-refresh after %u; tcke %u txp %u %u txs %u",
            c->power_down, c->power_down_idle, c->self_refresh_idle, c->part.timing.tcke,
            c->part.timing.txp, c->part.timing.txpdll, c->part.timing.txs);
  tap_note ("arbiter %s %u, traffic %s %u, player %u ps, owed %s, drain %u %u, cap %u",
            arbiter[c->arbiter], c->max_active_transactions, traffic[c->traffic],
            c->in_flight, c->player_ps, c->charge_owed_refresh ? "charged" : "free",
            c->drain_high, c->drain_low, c->row_hit_cap);
}

void
random_case_print (const struct random_case *c)
{
  print_part (&c->config.part);
  print_design (&c->config);
  for (size_t i = 0; i < c->count; i++)
    tap_note ("%" PRIu64 ": %s 0x%" PRIx64, (uint64_t)c->requests[i].cycle,
              c->requests[i].write ? "write" : "read", c->requests[i].address);
}
