/* SPDX-License-Identifier: MIT */
/* The built-in parts.  Figures were carried over by hand from the files each `source`
 * names; where two public files disagree the difference is said beside it. */
#include "sims/dram/part.h"

#include <stdbool.h>
#include <string.h>

/* One line a group of figures, to be read beside the source. */
/* clang-format off */
static const struct dram_part parts[] = {
  {
    .name = "DDR3-1600",
    .source = "Micron 1Gb x8 DDR3-1600 -G as in DRAMSys MICRON_1Gb_DDR3-1600_8bit_G.json",
    .tck_ps = 1250,
    .org = { .width = 8, .devices = 8, .bank_groups = 1, .banks = 8, .rows = 16384,
             .columns = 1024, .burst = 8 },
    .timing = { .cl = 10, .cwl = 8, .al = 0, .trcd = 10, .trp = 10, .tras = 28,
                .trc = 38, .trrd_s = 5, .trrd_l = 5, .tfaw = 24, .tccd_s = 4,
                .tccd_l = 4, .twtr_s = 6, .twtr_l = 6, .twr = 12, .trtp = 6, .trtrs = 1,
                .trfc = 88, .trefi = 6240, .tcke = 3, .txp = 6, .txpdll = 20,
                .txs = 96 },
    .current = { .vdd = 1.5, .idd0 = 70, .idd2n = 45, .idd3n = 45, .idd4r = 140,
                 .idd4w = 145, .idd5 = 170, .idd2p = 30, .idd2ps = 12, .idd3p = 35,
                 .idd6 = 8 },
  },
  {
    /* 350 ns of tRFC are JEDEC's for 8 Gb; other tables give 360 */
    .name = "DDR4-2400",
    .source = "8Gb x8 DDR4-2400 CL17 as in DRAMsim3 DDR4_8Gb_x8_2400.ini",
    .tck_ps = 833,
    .org = { .width = 8, .devices = 8, .bank_groups = 4, .banks = 4, .rows = 65536,
             .columns = 1024, .burst = 8 },
    .timing = { .cl = 17, .cwl = 12, .al = 0, .trcd = 17, .trp = 17, .tras = 39,
                .trc = 56, .trrd_s = 4, .trrd_l = 6, .tfaw = 26, .tccd_s = 4,
                .tccd_l = 6, .twtr_s = 3, .twtr_l = 9, .twr = 18, .trtp = 9, .trtrs = 2,
                .trfc = 420, .trefi = 9360, .trfc2 = 313, .trfc4 = 193,
                .tcke = 6, .txp = 8, .txs = 432 },
    .current = { .vdd = 1.2, .idd0 = 48, .idd2n = 34, .idd3n = 43, .idd4r = 135,
                 .idd4w = 123, .idd5 = 250, .idd2p = 25, .idd3p = 37, .idd6 = 30 },
  },
  {
    /* tREFI is JEDEC's 7.8 us; another public file of this device halves it */
    .name = "DDR4-2400-4Gb",
    .source = "4Gb x8 DDR4-2400 CL16 as in DRAMSys JEDEC_4Gb_DDR4-2400_8bit_A.json",
    .tck_ps = 833,
    .org = { .width = 8, .devices = 8, .bank_groups = 4, .banks = 4, .rows = 32768,
             .columns = 1024, .burst = 8 },
    .timing = { .cl = 16, .cwl = 16, .al = 0, .trcd = 16, .trp = 16, .tras = 39,
                .trc = 55, .trrd_s = 4, .trrd_l = 6, .tfaw = 26, .tccd_s = 4,
                .tccd_l = 6, .twtr_s = 3, .twtr_l = 9, .twr = 18, .trtp = 12,
                .trtrs = 1, .trfc = 312, .trefi = 9360, .trfc2 = 192,
                .trfc4 = 132, .tcke = 6, .txp = 8, .txs = 324 },
    .current = { .vdd = 1.2, .idd0 = 60.75, .idd2n = 38.25, .idd3n = 44, .idd4r = 184.5,
                 .idd4w = 168.75, .idd5 = 118, .idd2p = 17, .idd3p = 22.5,
                 .idd6 = 20.25, .vpp = 2.5, .ipp0 = 4.05 },
  },
  {
    /* the file's own tREFI is misspelt there, and its readers use 7800 cycles instead
     */
    .name = "DDR3-1600-4Gb",
    .source = "4Gb x8 DDR3-1600K CL11 as in DRAMsim3 DDR3_4Gb_x8_1600.ini, tREFI 7.8 us",
    .tck_ps = 1250,
    .org = { .width = 8, .devices = 8, .bank_groups = 1, .banks = 8, .rows = 65536,
             .columns = 1024, .burst = 8 },
    .timing = { .cl = 11, .cwl = 8, .al = 0, .trcd = 11, .trp = 11, .tras = 28,
                .trc = 39, .trrd_s = 5, .trrd_l = 5, .tfaw = 24, .tccd_s = 4,
                .tccd_l = 4, .twtr_s = 6, .twtr_l = 6, .twr = 12, .trtp = 6, .trtrs = 2,
                .trfc = 208, .trefi = 6240, .tcke = 4, .txp = 5, .txs = 216 },
    .current = { .vdd = 1.35, .idd0 = 55, .idd2n = 32, .idd3n = 38, .idd4r = 157,
                 .idd4w = 125, .idd5 = 235, .idd2p = 18, .idd3p = 38, .idd6 = 20 },
  },
};
/* clang-format on */

const struct dram_part *
dram_part_at (size_t index)
{
  return index < sizeof parts / sizeof parts[0] ? &parts[index] : NULL;
}

const struct dram_part *
dram_part_find (const char *name)
{
  const struct dram_part *part;
  for (size_t i = 0; (part = dram_part_at (i)) != NULL; i++) {
    if (strcmp (part->name, name) == 0)
      return part;
  }
  return NULL;
}

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
  return NULL;
}

/* Between two forced refreshes there must be time to open a row and to move a burst after
 * whatever came before, or a run could make no progress; 32 cycles are for a command bus
 * that other ranks use. */
static const char *
refresh_fault (const struct dram_timing *t, uint32_t beats)
{
  uint64_t turn = 2 * ((uint64_t)t->al + t->cwl + beats) + t->al + t->cl + t->twtr_l;
  uint64_t row = (uint64_t)t->trc + t->trcd + t->trp + t->tfaw + t->twr;
  if (t->trfc < t->trp)
    return "tRFC must be at least tRP";
  if (t->trefi < t->trfc + turn + row + 32)
    return "tREFI must leave time for an access after tRFC";
  return NULL;
}

/* Every energy is a difference of currents: a negative one is a mistake in the data. */
static const char *
current_fault (const struct dram_current *c)
{
  if (!(c->vdd > 0) || !(c->idd2n >= 0) || !(c->idd3n >= c->idd2n))
    return "VDD must be positive and IDD3N at least IDD2N";
  if (!(c->idd0 >= c->idd3n) || !(c->idd4r >= c->idd3n) || !(c->idd4w >= c->idd3n)
      || !(c->idd5 >= c->idd3n))
    return "IDD0, IDD4R, IDD4W and IDD5 must be at least IDD3N";
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
