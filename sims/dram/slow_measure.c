/* SPDX-License-Identifier: MIT */
/* Sections 10 and 11 of dram.h for the cycle-by-cycle simulator: see slow.h. */
#include "sims/dram/slow_model.h"

#include <math.h>
#include <stdlib.h>

/* ---- Section 10: the end ---- */

static uint64_t
owed_of_rank (const struct rank *rank, uint64_t end)
{
  uint64_t owed = rank->debt > 0 ? (uint64_t)rank->debt : 0;
  return owed + (rank->mode == REGULAR && (int64_t)end >= rank->due);
}

/* Of one channel; the most that one of its ranks owes. */
static uint64_t
charge_owed_refreshes (struct slow *s, uint64_t end)
{
  uint64_t most = 0;
  if (s->config->refresh_policy == DRAM_REFRESH_NOREFRESH
      || !s->config->charge_owed_refresh)
    return 0;
  for (uint32_t k = 0; k < s->config->ranks; k++) {
    uint64_t owed = owed_of_rank (&s->rank[k], end);
    s->rank_result[k].refreshes_owed = owed;
    s->result->refreshes_owed += owed;
    most = owed > most ? owed : most;
  }
  return most;
}

/* ---- Section 11: measures ---- */

/* By what the row buffers really hold: an automatic precharge takes its time. */
void
slow_measure_cycle (struct slow *s, uint64_t t)
{
  for (uint32_t k = 0; k < s->config->ranks; k++) {
    bool active = false;
    for (uint32_t i = 0; i < s->banks_per_rank; i++) {
      const struct bank *bank = &s->bank[k * s->banks_per_rank + i];
      if (bank->opened <= t && t < bank->closing)
        active = true;
    }
    s->rank_result[k].active_cycles += active;
    s->rank_result[k].down_active_cycles += s->rank[k].rest == DOWN && active;
    s->rank_result[k].down_cycles += s->rank[k].rest == DOWN && !active;
    s->rank_result[k].self_refresh_cycles += s->rank[k].rest == ASLEEP;
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

/* The cycle from which `response` counts: with closed traffic that of the offer, else the
 * first one that is not before the trace's edge of the initiator's clock. */
static uint64_t
asked (const struct slow *s, const struct request *r)
{
  uint64_t tck = s->config->part.tck_ps;
  uint64_t period = s->config->player_ps != 0 ? s->config->player_ps : tck;
  if (s->config->traffic == DRAM_TRAFFIC_CLOSED)
    return r->offered;
  return (r->wanted * period + tck - 1) / tck;
}

/* Mean, p99 and maximum over the reads of all channels. */
static struct dram_latency
measure_latency (const struct slow *s, uint32_t channels, uint64_t *cycles, bool response)
{
  size_t n = 0;
  for (uint32_t h = 0; h < channels; h++) {
    for (size_t k = 0; k < s[h].count; k++) {
      const struct request *r = &s[h].request[k];
      if (!r->write)
        cycles[n++] = r->answered - (response ? asked (&s[h], r) : r->accepted);
    }
  }
  s->result->reads = n;
  return summarise (s, cycles, n);
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
  double refs = (double)(r->commands[DRAM_CMD_REF] + r->commands[DRAM_CMD_REFPB]
                         + r->commands[DRAM_CMD_REFSB] + r->refreshes_owed)
                / (double)slow_refresh_parts (s);
  double active = (double)r->active_cycles, all = (double)s->result->cycles;
  double down_active = (double)r->down_active_cycles, down = (double)r->down_cycles;
  double asleep = (double)r->self_refresh_cycles;
  bool slow = s->config->power_down == DRAM_POWER_DOWN_SLOW;
  double burst = (double)s->burst_cycles;
  double *e = r->energy;
  e[DRAM_ENERGY_ACT] =
      i->idd0 > i->idd3n ? acts * scale * (i->idd0 - i->idd3n) * ns (s, t->tras) : 0;
  e[DRAM_ENERGY_PRE] =
      (double)r->banks_closed * scale * (i->idd0 - i->idd2n) * ns (s, t->trp);
  e[DRAM_ENERGY_RD] = reads * scale * (i->idd4r - i->idd3n) * ns (s, burst);
  e[DRAM_ENERGY_WR] = writes * scale * (i->idd4w - i->idd3n) * ns (s, burst);
  e[DRAM_ENERGY_REF] = refs * scale * (i->idd5 - i->idd3n) * ns (s, t->trfc);
  e[DRAM_ENERGY_OPEN] = scale * i->idd3n * ns (s, active - down_active);
  e[DRAM_ENERGY_CLOSED] = scale * i->idd2n * ns (s, all - active - down - asleep);
  e[DRAM_ENERGY_DOWN] =
      scale
      * (i->idd3p * ns (s, down_active) + (slow ? i->idd2ps : i->idd2p) * ns (s, down));
  e[DRAM_ENERGY_SELF] = scale * i->idd6 * ns (s, asleep);
  e[DRAM_ENERGY_VPP] = vpp_scale
                       * (i->ipp3n * ns (s, all)
                          + not_negative (i->ipp0 - i->ipp3n) * ns (s, t->trc) * acts
                          + not_negative (i->ipp5 - i->ipp3n) * ns (s, t->trfc) * refs);
}

/* Of all channels: their ranks stand one after the other in the result. */
static void
add_up_ranks (struct slow *s)
{
  struct dram_result *result = s->result;
  for (uint32_t k = 0; k < result->ranks; k++) {
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

int
slow_measure (struct slow *s, uint32_t channels, uint64_t end)
{
  struct dram_result *result = s->result;
  uint64_t most = 0, *cycles;
  for (uint32_t h = 0; h < channels; h++) {
    uint64_t owed = charge_owed_refreshes (&s[h], end);
    most = owed > most ? owed : most;
    result->requests += s[h].count;
  }
  cycles = calloc (result->requests, sizeof *cycles);
  if (cycles == NULL)
    return -1;
  result->cycles = end + most * (uint64_t)slow_refresh_owed_cycles (s);
  result->total_time = ns (s, (double)result->cycles);
  result->ranks = channels * s->config->ranks;
  result->row_hit_rate = (double)result->row_hits / (double)result->requests;
  result->latency = measure_latency (s, channels, cycles, false);
  result->response = measure_latency (s, channels, cycles, true);
  result->writes = result->requests - result->reads;
  free (cycles);
  add_up_ranks (s);
  result->bandwidth = (double)result->requests * dram_part_burst_bytes (&s->config->part)
                      / result->total_time * 1000;
  result->power = result->energy_total / result->total_time * 1000;
  return 0;
}
