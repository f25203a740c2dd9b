/* SPDX-License-Identifier: MIT */
/* Whether the figures of a part go together, and what follows from them. */
#include "sims/dram/part.h"

#include <stdbool.h>

static bool
power_of_two (uint32_t n)
{
  return n != 0 && (n & (n - 1)) == 0;
}

/* Powers of two make address fields of whole bits; masks of banks hold 64. */
static const char *
org_fault (const struct dram_org *o)
{
  if (!power_of_two (o->width) || !power_of_two (o->devices) || o->width * o->devices < 8)
    return "width and devices must be powers of two with a bus of at least 8 bits";
  if (!power_of_two (o->subchannels))
    return "subchannels must be a power of two";
  if (!power_of_two (o->bank_groups) || !power_of_two (o->banks) || o->bank_groups > 64
      || o->banks > 64 || o->bank_groups * o->banks > 64)
    return "bank groups and banks must be powers of two, at most 64 banks in a rank";
  if (!power_of_two (o->rows) || !power_of_two (o->columns))
    return "rows and columns must be powers of two";
  if (!power_of_two (o->burst) || o->burst < 2 || o->burst > o->columns || o->burst > 32)
    return "burst must be a power of two between 2 and 32 and fit in a row";
  return NULL;
}

/* Latencies stay below 128 cycles, far from where sums of them could overflow. */
static const char *
core_fault (const struct dram_timing *t)
{
  if (t->cl < 1 || t->cwl < 1 || t->cl > 127 || t->cwl > 127 || t->al > 127)
    return "CL and CWL must be 1 to 127 cycles, AL 0 to 127";
  if (t->trcd < 1 || t->trp < 1 || t->tras < 1 || t->trtp < 1 || t->trcd <= t->al)
    return "tRCD, tRP, tRAS and tRTP must be at least one cycle, tRCD above AL";
  if (t->trcd_wr <= t->al || t->trcd_wr > t->tras || t->trp_ab < t->trp)
    return "tRCDWR must be above AL and at most tRAS, tRPab at least tRP";
  if (t->trc < t->tras + t->trp || t->tras < t->trcd)
    return "tRC must be at least tRAS + tRP, tRAS at least tRCD";
  return NULL;
}

/* A rule within a group is never looser than the one across groups. */
static const char *
spacing_fault (const struct dram_timing *t)
{
  if (t->trrd_s < 1 || t->trrd_l < t->trrd_s || t->tfaw < t->trrd_s)
    return "tRRD_S must be at least one cycle, tRRD_L and tFAW at least tRRD_S";
  if (t->tccd_l < t->tccd_s || t->twtr_l < t->twtr_s)
    return "tCCD_S and tWTR_S must not be above tCCD_L and tWTR_L";
  if (t->tccd_l_wr < t->tccd_l || t->rtw_gap > 127)
    return "tCCD_L_WR must be at least tCCD_L, the gap before writes at most 127 cycles";
  return NULL;
}

/* Between two forced refreshes there must be time to open a row and to move a burst after
 * whatever came before, or a run could make no progress; 32 cycles are for a command bus
 * that other ranks use. */
static const char *
refresh_fault (const struct dram_timing *t, uint32_t beats)
{
  uint64_t turn =
      2 * ((uint64_t)t->al + t->cwl + beats) + t->al + t->cl + t->twtr_l + t->rtw_gap;
  uint64_t row = (uint64_t)t->trc + t->trcd + t->trp_ab + t->tfaw + t->twr;
  if (t->trfc < t->trp_ab)
    return "tRFC must be at least tRPab";
  if (t->trefi < t->trfc + turn + row + 32)
    return "tREFI must leave time for an access after tRFC";
  return NULL;
}

/* Every energy is a difference of currents: a negative one is a mistake in the data, but
 * for IDD0, one bank at work, and IDD3N, all banks open, in parts of many banks. */
static const char *
current_fault (const struct dram_current *c)
{
  if (!(c->vdd > 0) || !(c->idd2n >= 0) || !(c->idd3n >= c->idd2n))
    return "VDD must be positive and IDD3N at least IDD2N";
  if (!(c->idd0 >= c->idd2n) || !(c->idd4r >= c->idd3n) || !(c->idd4w >= c->idd3n)
      || !(c->idd5 >= c->idd3n))
    return "IDD0 must be at least IDD2N, IDD4R, IDD4W and IDD5 at least IDD3N";
  if (!(c->idd2p >= 0) || !(c->idd2ps >= 0) || !(c->idd3p >= 0) || !(c->idd6 >= 0))
    return "IDD2P, IDD2PS, IDD3P and IDD6 must not be negative";
  if (!(c->vpp >= 0) || !(c->ipp0 >= 0) || !(c->ipp3n >= 0) || !(c->ipp5 >= 0))
    return "VPP and its currents must not be negative";
  return NULL;
}

const char *
dram_part_fault (const struct dram_part *part)
{
  const char *fault = org_fault (&part->org);
  if (fault == NULL)
    fault = core_fault (&part->timing);
  if (fault == NULL)
    fault = spacing_fault (&part->timing);
  if (fault == NULL)
    fault = refresh_fault (&part->timing, part->org.burst / 2);
  if (fault == NULL)
    fault = current_fault (&part->current);
  if (fault == NULL && part->timing.tccd_s < part->org.burst / 2)
    fault = "tCCD_S must be at least burst / 2, or bursts would overlap";
  if (fault == NULL && (part->tck_ps < 1 || part->tck_ps > 1000000))
    fault = "tCK must be 1 to 1000000 ps";
  return fault;
}

uint32_t
dram_part_burst_bytes (const struct dram_part *part)
{
  return part->org.width * part->org.devices / 8 * part->org.burst;
}

uint32_t
dram_part_banks (const struct dram_part *part)
{
  return part->org.bank_groups * part->org.banks;
}
