/* energy.c - tables and what is drawn between their points: see energy.h. */
#include "sims/accel/energy.h"

#include <math.h>
#include <string.h>

const struct accel_technology accel_45nm = {
  .name = "45nm",
  .nanometres = 45,
  /* Horowitz 2014 */
  .add8 = 0.03,
  .add32 = 0.1,
  .multiply8 = 0.2,
  .multiply32 = 3.1,
  .add32_area = 137,
  .multiply8_area = 282,
  .multiply32_area = 3495,
  .sram_kb = { 8, 32, 1024 },
  .sram64 = { 10, 20, 100 },
  .sram_cell = 0.346, /* Mistry 2007 */
  .sram_share = 0.7,  /* assumption */
  .dram64 = 1300, /* Horowitz 2014: 1.3 to 2.6 nJ; the low end, as interfaces improved */
  .wire = 310.0 / 256 / 10, /* Keckler 2011, 40 nm */
};

const struct accel_technology accel_7nm = {
  .name = "7nm",
  .nanometres = 7,
  /* Jouppi 2021 */
  .add8 = 0.007,
  .add32 = 0.03,
  .multiply8 = 0.07,
  .multiply32 = 1.48,
  /* assumption: logic shrinks as the SRAM cell did, 0.027 / 0.346 */
  .add32_area = 137 * 0.027 / 0.346,
  .multiply8_area = 282 * 0.027 / 0.346,
  .multiply32_area = 3495 * 0.027 / 0.346,
  .sram_kb = { 8, 32, 1024 },
  .sram64 = { 7.5, 8.5, 14 },
  .sram_cell = 0.027,       /* Wu 2016 */
  .sram_share = 0.7,        /* assumption */
  .dram64 = 350,            /* Jouppi 2021: HBM2 250 to 450, the middle */
  .wire = 200.0 / 256 / 10, /* Keckler 2011, 10 nm */
};

const char *const accel_technology_names = "45nm, 7nm";

const struct accel_technology *
accel_technology_find (const char *name)
{
  static const struct accel_technology *const all[] = { &accel_45nm, &accel_7nm };
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    if (strcmp (name, all[i]->name) == 0)
      return all[i];
  }
  return NULL;
}

/* The power law through (x0, y0) and (x1, y1). */
static double
power_law (double x, double x0, double y0, double x1, double y1)
{
  return y0 * pow (x / x0, log (y1 / y0) / log (x1 / x0));
}

/* Multipliers grow with about the square of the width, adders with the width. */
double
accel_mac_energy (const struct accel_technology *tech, uint32_t bits)
{
  return power_law (bits, 8, tech->multiply8, 32, tech->multiply32)
         + power_law (2.0 * bits, 8, tech->add8, 32, tech->add32);
}

double
accel_mac_area (const struct accel_technology *tech, uint32_t bits)
{
  return power_law (bits, 8, tech->multiply8_area, 32, tech->multiply32_area)
         + tech->add32_area * 2 * bits / 32;
}

double
accel_access_energy (const struct accel_technology *tech, uint64_t entries,
                     uint32_t word_bits, uint32_t bits)
{
  const double *kb = tech->sram_kb, *pj = tech->sram64;
  double size = (double)entries * word_bits / 8192;
  int from = size > kb[1];
  /* Below the first point, a square root as between the first two in 45 nm: bit and word
   * lines are as long as the sides of the array. */
  if (entries == 0)
    return tech->dram64 * bits / 64;
  if (size < kb[0])
    return pj[0] * sqrt (size / kb[0]) * bits / 64;
  return power_law (size, kb[from], pj[from], kb[from + 1], pj[from + 1]) * bits / 64;
}

double
accel_memory_area (const struct accel_technology *tech, uint64_t entries,
                   uint32_t word_bits)
{
  return (double)entries * word_bits * tech->sram_cell / tech->sram_share;
}

double
accel_pat_sram (uint64_t entries, uint32_t word_bits, uint32_t block)
{
  double width = (double)word_bits * block;
  double kb = width * (double)((entries + block - 1) / block) / 8192;
  return entries == 0 ? 0 : (1 + 5 / 99.5 * (kb - 0.5)) * width / 16;
}

double
accel_pat_dram (uint32_t word_bits, uint32_t block)
{
  return 200.0 * word_bits * block / 16;
}

double
accel_pat_mac (uint32_t word_bits)
{
  return word_bits / 16.0 * (word_bits / 16.0);
}

/* Side in mm of what one child takes: a share of everything below the level. */
static double
pitch (const struct accel_arch *a, uint32_t level)
{
  double children = a->mac.mesh_x * (double)a->mac.mesh_y, area = a->mac.area * children;
  for (uint32_t i = 0; i < level; i++) {
    children = a->level[i].mesh_x * (double)a->level[i].mesh_y;
    area += a->level[i].area * children;
  }
  return sqrt (area / children) / 1000;
}

static void
price_by_pat (struct accel_arch *a)
{
  a->mac.energy = accel_pat_mac (a->mac.word_bits);
  a->mac.area = 0;
  for (uint32_t i = 0; i < a->level_count; i++) {
    struct accel_level *l = &a->level[i];
    l->read_energy = l->entries ? accel_pat_sram (l->entries, l->word_bits, l->block)
                                : accel_pat_dram (l->word_bits, l->block);
    l->write_energy = l->read_energy;
    l->area = l->hop_energy = 0;
  }
}

void
accel_arch_price (struct accel_arch *a, const struct accel_technology *tech)
{
  if (tech == NULL) {
    price_by_pat (a);
    return;
  }
  a->mac.energy = accel_mac_energy (tech, a->mac.word_bits);
  a->mac.area = accel_mac_area (tech, a->mac.word_bits);
  for (uint32_t i = 0; i < a->level_count; i++) {
    struct accel_level *l = &a->level[i];
    l->read_energy =
        accel_access_energy (tech, l->entries, l->word_bits, l->word_bits * l->block);
    l->write_energy = l->read_energy;
    l->area = accel_memory_area (tech, l->entries, l->word_bits);
    l->hop_energy = tech->wire * l->word_bits * pitch (a, i);
  }
}
