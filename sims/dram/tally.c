/* SPDX-License-Identifier: MIT */
/* Counts while a run goes on, arithmetic once it is over. */
#include "sims/dram/tally.h"

#include "sims/dram/refresh.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

/* Bins of one cycle, then of a constant relative width: p99 needs no list of latencies.
 */
static uint32_t
bin_of (uint64_t cycles)
{
  uint32_t octave;
  if (cycles < DRAM_EXACT)
    return (uint32_t)cycles;
  octave = 63 - (uint32_t)__builtin_clzll (cycles);
  return DRAM_EXACT + (octave - DRAM_EXACT_BITS) * DRAM_OCTAVE
         + ((uint32_t)(cycles >> (octave - DRAM_OCTAVE_BITS)) & (DRAM_OCTAVE - 1));
}

/* The largest value that falls into a bin. */
static uint64_t
top_of (uint32_t bin)
{
  uint32_t octave, step;
  if (bin < DRAM_EXACT)
    return bin;
  octave = DRAM_EXACT_BITS + (bin - DRAM_EXACT) / DRAM_OCTAVE;
  step = (bin - DRAM_EXACT) % DRAM_OCTAVE;
  return ((UINT64_C (1) << octave) - 1)
         + ((uint64_t)(step + 1) << (octave - DRAM_OCTAVE_BITS));
}

void
dram_tally_reset (struct dram_tally *tally)
{
  /* only the bins up to the largest value of the last run are not zero */
  uint64_t latency = bin_of (tally->latency.max), response = bin_of (tally->response.max);
  memset (tally->latency.bins, 0, (latency + 1) * sizeof (uint64_t));
  memset (tally->response.bins, 0, (response + 1) * sizeof (uint64_t));
  tally->latency.count = tally->latency.sum = tally->latency.max = 0;
  tally->response.count = tally->response.sum = tally->response.max = 0;
  tally->row_hits = 0;
  memset (tally->rank, 0, sizeof tally->rank);
}

void
dram_histogram_add (struct dram_histogram *h, uint64_t cycles)
{
  h->count++;
  h->sum += cycles;
  if (cycles > h->max)
    h->max = cycles;
  h->bins[bin_of (cycles)]++;
}

/* The smallest value that at least `percent` % of the values do not exceed. */
static uint64_t
nearest_rank (const struct dram_histogram *h, uint64_t percent)
{
  uint64_t wanted = h->count - h->count * (100 - percent) / 100;
  uint64_t seen = 0;
  uint32_t bin = 0;
  while ((seen += h->bins[bin]) < wanted)
    bin++;
  return top_of (bin) < h->max ? top_of (bin) : h->max;
}

struct dram_latency
dram_histogram_read (const struct dram_histogram *h, double scale)
{
  if (h->count == 0)
    return (struct dram_latency){ .mean = NAN, .p99 = NAN, .max = NAN };
  return (struct dram_latency){
    .mean = (double)h->sum / (double)h->count * scale,
    .p99 = (double)nearest_rank (h, 99) * scale,
    .max = (double)h->max * scale,
  };
}

/* A stretch of open time ends when all banks are closed and ended; the next ACT books it.
 */
void
dram_tally_open (struct dram_rank_tally *rank, uint64_t now)
{
  if (rank->open_banks++ > 0 || now <= rank->open_until)
    return;
  rank->open_cycles += rank->open_until - rank->open_since;
  rank->open_since = now;
}

void
dram_tally_close (struct dram_rank_tally *rank, uint64_t from)
{
  rank->open_banks--;
  rank->banks_closed++;
  if (from > rank->open_until)
    rank->open_until = from;
}

/* Cycles before `end` with a bank open; the last stretch may reach beyond. */
static uint64_t
open_cycles (const struct dram_rank_tally *rank, uint64_t end)
{
  uint64_t until = rank->open_until;
  if (rank->open_banks > 0 || until > end)
    until = end;
  return rank->open_cycles + (until - rank->open_since);
}

static double
positive (double value)
{
  return value > 0 ? value : 0;
}

/* Energies of a rank in nJ.  The split of activation into ACT and PRE is DRAMPower's
 * (Chandrasekar et al., "Improved Power Modeling of DDR SDRAMs", DSD 2011). */
static void
rank_energy (struct dram_rank_result *r, const struct dram_config *config,
             uint64_t cycles)
{
  const struct dram_part *part = &config->part;
  const struct dram_current *i = &part->current;
  const struct dram_timing *t = &part->timing;
  const uint64_t *n = r->commands;
  double beats = part->org.burst / 2;
  double unit = part->org.devices * (double)part->tck_ps * 1e-6; /* mA V cycle to nJ */
  double core = i->vdd * unit, pump = i->vpp * unit;
  double act = (double)n[DRAM_CMD_ACT];
  double ref = (double)(n[DRAM_CMD_REF] + n[DRAM_CMD_REFPB] + n[DRAM_CMD_REFSB]
                        + r->refreshes_owed)
               / dram_refresh_parts (config);
  double open = (double)(r->active_cycles - r->down_active_cycles);
  double closed =
      (double)(cycles - r->active_cycles - r->down_cycles - r->self_refresh_cycles);
  bool slow = config->power_down == DRAM_POWER_DOWN_SLOW;
  double *e = r->energy;
  e[DRAM_ENERGY_ACT] = act * core * positive (i->idd0 - i->idd3n) * t->tras;
  e[DRAM_ENERGY_PRE] = (double)r->banks_closed * core * (i->idd0 - i->idd2n) * t->trp;
  e[DRAM_ENERGY_RD] =
      (double)(n[DRAM_CMD_RD] + n[DRAM_CMD_RDA]) * core * (i->idd4r - i->idd3n) * beats;
  e[DRAM_ENERGY_WR] =
      (double)(n[DRAM_CMD_WR] + n[DRAM_CMD_WRA]) * core * (i->idd4w - i->idd3n) * beats;
  e[DRAM_ENERGY_REF] = ref * core * (i->idd5 - i->idd3n) * t->trfc;
  e[DRAM_ENERGY_OPEN] = open * core * i->idd3n;
  e[DRAM_ENERGY_CLOSED] = closed * core * i->idd2n;
  e[DRAM_ENERGY_DOWN] = core
                        * ((double)r->down_active_cycles * i->idd3p
                           + (double)r->down_cycles * (slow ? i->idd2ps : i->idd2p));
  e[DRAM_ENERGY_SELF] = (double)r->self_refresh_cycles * core * i->idd6;
  e[DRAM_ENERGY_VPP] =
      pump
      * (i->ipp3n * (double)cycles + positive (i->ipp0 - i->ipp3n) * t->trc * act
         + positive (i->ipp5 - i->ipp3n) * t->trfc * ref);
}

static void
add_rank (struct dram_result *result, const struct dram_rank_result *r)
{
  for (int c = 0; c < DRAM_CMD_COUNT; c++)
    result->commands[c] += r->commands[c];
  for (int c = 0; c < DRAM_ENERGY_COUNT; c++)
    result->energy[c] += r->energy[c];
  result->refreshes_owed += r->refreshes_owed;
}

static void
take_rank (const struct dram_rank_tally *tally, const struct dram_config *config,
           const struct dram_run_end *end, uint32_t rank, struct dram_result *result)
{
  struct dram_rank_result *r = &result->rank[rank];
  memcpy (r->commands, tally->commands, sizeof r->commands);
  r->banks_closed = tally->banks_closed;
  r->refreshes_owed = end->owed[rank];
  r->down_active_cycles = tally->down_active_cycles;
  r->down_cycles = tally->down_cycles;
  r->self_refresh_cycles = tally->self_cycles;
  r->active_cycles = open_cycles (tally, end->last_answer);
  rank_energy (r, config, result->cycles);
  add_rank (result, r);
}

static void
rates (struct dram_result *r, const struct dram_config *config)
{
  double columns = (double)(r->commands[DRAM_CMD_RD] + r->commands[DRAM_CMD_RDA]
                            + r->commands[DRAM_CMD_WR] + r->commands[DRAM_CMD_WRA]);
  double bytes = (double)r->requests * dram_part_burst_bytes (&config->part);
  for (int c = 0; c < DRAM_ENERGY_COUNT; c++)
    r->energy_total += r->energy[c];
  r->row_hit_rate = (double)r->row_hits / columns;
  r->bandwidth = bytes / r->total_time * 1e3;
  r->power = r->energy_total / r->total_time * 1e3;
}

void
dram_tally_result (struct dram_tally *tally, const struct dram_config *config,
                   const struct dram_run_end *end, struct dram_result *result)
{
  double ns = config->part.tck_ps / 1000.0;
  uint64_t most_owed = 0;
  memset (result, 0, sizeof *result);
  result->ranks = config->channels * config->ranks;
  for (uint32_t rank = 0; rank < result->ranks; rank++) {
    if (end->owed[rank] > most_owed)
      most_owed = end->owed[rank];
  }
  result->cycles = end->last_answer + most_owed * dram_refresh_owed_cycles (config);
  result->total_time = (double)result->cycles * ns;
  result->requests = end->requests;
  result->reads = end->reads;
  result->writes = end->requests - end->reads;
  result->row_hits = tally->row_hits;
  result->latency = dram_histogram_read (&tally->latency, ns);
  result->response = dram_histogram_read (&tally->response, ns);
  for (uint32_t rank = 0; rank < result->ranks; rank++)
    take_rank (&tally->rank[rank], config, end, rank, result);
  rates (result, config);
}
