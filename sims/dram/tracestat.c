/* SPDX-License-Identifier: MIT */
/* One pass for what follows from neighbours, a sort for what is distinct. */
#include "sims/dram/tracestat.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "sims/dram/dram.h"
#include "sims/dram/map.h"

enum { PAGE_SHIFT = 12 };

#define NO_ROW UINT64_MAX

/* Banks by number, those of all channels side by side. */
struct bank {
  uint64_t row, requests;
};

struct counting {
  struct dram_tracestat *stat;
  const struct dram_trace *trace;
  struct dram_map map;
  uint32_t channel_banks, line_shift;
  uint64_t *keys; /* one a request, for sorting */
  struct bank *banks;
};

uint64_t
dram_gap_low (unsigned bin)
{
  return bin == 0 ? 0 : UINT64_C (1) << (bin - 1);
}

static unsigned
bin_of (uint64_t gap)
{
  unsigned bin = gap == 0 ? 0 : 64 - (unsigned)__builtin_clzll (gap);
  return bin < DRAM_GAP_BINS ? bin : DRAM_GAP_BINS - 1;
}

/* For qsort (): differences would overflow. */
static int
by_value (const void *a, const void *b)
{
  uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return x < y ? -1 : x > y;
}

/* How many different keys there are; they end up sorted. */
static uint64_t
distinct (uint64_t *keys, size_t n)
{
  uint64_t count = n > 0;
  qsort (keys, n, sizeof keys[0], by_value);
  for (size_t i = 1; i < n; i++)
    count += keys[i] != keys[i - 1];
  return count;
}

/* What needs no other request to be seen. */
static void
count_directions (struct counting *c)
{
  struct dram_tracestat *s = c->stat;
  const struct dram_request *r = c->trace->requests;
  s->requests = c->trace->count;
  s->first_cycle = r[0].cycle;
  s->last_cycle = r[c->trace->count - 1].cycle;
  s->lowest = s->highest = r[0].address;
  for (size_t i = 0; i < c->trace->count; i++) {
    s->writes += r[i].write;
    s->lowest = r[i].address < s->lowest ? r[i].address : s->lowest;
    s->highest = r[i].address > s->highest ? r[i].address : s->highest;
  }
  s->reads = s->requests - s->writes;
  s->mean_gap = s->requests > 1
                    ? (double)(s->last_cycle - s->first_cycle) / (double)(s->requests - 1)
                    : NAN;
}

/* What each request has to do with the one before. */
static void
count_neighbours (struct counting *c)
{
  struct dram_tracestat *s = c->stat;
  const struct dram_request *r = c->trace->requests;
  uint64_t stride = 0, run = 1;
  s->longest_run = 1;
  for (size_t i = 1; i < c->trace->count; i++) {
    uint64_t step = (r[i].address >> c->line_shift) - (r[i - 1].address >> c->line_shift);
    s->gaps[bin_of (r[i].cycle - r[i - 1].cycle)]++;
    s->same_line += step == 0;
    s->next_line += step == 1;
    s->same_stride += i > 1 && step == stride;
    run = step == 1 ? run + 1 : 1;
    s->longest_run = run > s->longest_run ? run : s->longest_run;
    stride = step;
  }
}

/* Lines first, and then pages over the same keys: half the memory of a set. */
static void
count_footprint (struct counting *c)
{
  const struct dram_request *r = c->trace->requests;
  size_t n = c->trace->count;
  for (size_t i = 0; i < n; i++)
    c->keys[i] = r[i].address >> c->line_shift;
  c->stat->lines = distinct (c->keys, n);
  for (size_t i = 0; i < n; i++)
    c->keys[i] = r[i].address >> PAGE_SHIFT;
  c->stat->pages = distinct (c->keys, n);
}

/* An access as an open-page controller without a queue would meet it. */
static void
visit_row (struct dram_tracestat *s, struct bank *bank, uint64_t row)
{
  s->row_hits += bank->row == row;
  s->row_first += bank->row == NO_ROW;
  s->row_conflicts += bank->row != row && bank->row != NO_ROW;
  s->banks_used += bank->row == NO_ROW;
  bank->row = row;
  bank->requests++;
  s->busiest_bank = bank->requests > s->busiest_bank ? bank->requests : s->busiest_bank;
}

/* A row and its bank in one key: rows have 32 bits, banks fewer. */
static void
count_rows (struct counting *c)
{
  for (size_t i = 0; i < c->trace->count; i++) {
    uint64_t address = c->trace->requests[i].address;
    uint64_t row = dram_map_field (&c->map.field[DRAM_MAP_ROW], address);
    uint32_t bank =
        dram_map_field (&c->map.field[DRAM_MAP_CHANNEL], address) * c->channel_banks
        + dram_map_bank (&c->map, address);
    visit_row (c->stat, &c->banks[bank], row);
    c->keys[i] = row << 32 | bank;
  }
  c->stat->rows = distinct (c->keys, c->trace->count);
}

/* The simulator's own check of a configuration covers part, mapping, ranks, channels. */
static int
prepare (struct counting *c, const struct dram_tracestat_options *o,
         struct dram_error *err)
{
  struct dram_config config;
  dram_config_default (&config, &o->part);
  config.mapping = o->mapping;
  config.ranks = o->ranks;
  config.channels = o->channels;
  if (o->line_bytes == 0 || o->line_bytes > 4096
      || (o->line_bytes & (o->line_bytes - 1)) != 0)
    return dram_fail (err,
                      "a line of %" PRIu32 " bytes, expected a power of two up to 4096",
                      o->line_bytes);
  if (dram_config_check (&config, err) != 0
      || dram_map_compile (&c->map, o->mapping, &o->part, o->ranks, o->channels, err)
             != 0)
    return -1;
  c->line_shift = (uint32_t)__builtin_ctz (o->line_bytes);
  c->channel_banks = o->ranks * dram_part_banks (&o->part);
  c->stat->banks = o->channels * c->channel_banks;
  return 0;
}

int
dram_tracestat (struct dram_tracestat *stat, const struct dram_trace *trace,
                const struct dram_tracestat_options *options, struct dram_error *err)
{
  struct counting c = { .stat = stat, .trace = trace };
  memset (stat, 0, sizeof *stat);
  if (prepare (&c, options, err) != 0)
    return -1;
  c.keys = malloc (trace->count * sizeof c.keys[0]);
  c.banks = malloc (stat->banks * sizeof c.banks[0]);
  bool there = c.keys != NULL && c.banks != NULL;
  if (there) {
    for (uint32_t i = 0; i < stat->banks; i++)
      c.banks[i] = (struct bank){ .row = NO_ROW };
    count_directions (&c);
    count_neighbours (&c);
    count_footprint (&c);
    count_rows (&c);
  }
  free (c.keys);
  free (c.banks);
  return there ? 0
               : dram_fail (err, "no memory for the statistics of %zu requests",
                            trace->count);
}
