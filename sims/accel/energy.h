/* energy.h - what accesses, operations and silicon cost, with the source of every number.
 *
 * Two kinds of tables:
 *   - Timeloop's built-in one ("PAT"), in units of one 16-bit MAC, called pJ there;
 *   - technologies, in pJ and um2, from published figures at single points, between and
 *     above which power laws through neighbouring points are drawn; a memory smaller than
 *     the smallest point takes its energy times the square root of the sizes' ratio.
 *
 * Sources, by short name:
 *   Horowitz 2014   M. Horowitz, "Computing's energy problem (and what we can do about
 *                   it)", ISSCC 2014: energies in 45 nm at 0.9 V of adders, multipliers,
 *                   caches (one 64-bit access) and DRAM; areas with them
 *   Jouppi 2021     N. Jouppi et al., "Ten lessons from three generations shaped Google's
 *                   TPUv4i", ISCA 2021, table 2: the same energies in 7 nm
 *   Keckler 2011    S. Keckler et al., "GPUs and the future of parallel computing", IEEE
 *                   Micro 31(5), table 1: 256 bits over 10 mm take 310 pJ in 40 nm, 200
 * pJ in 10 nm Mistry 2007     K. Mistry et al., IEDM 2007: an SRAM cell of 0.346 um2 in
 * 45 nm Wu 2016         S.-Y. Wu et al., IEDM 2016: an SRAM cell of 0.027 um2 in 7 nm
 *   assumption      no source; said so where it stands
 * No published leakage that goes with these figures is known to us: leakage stays what
 * the user sets. */
#ifndef SIMS_ACCEL_ENERGY_H
#define SIMS_ACCEL_ENERGY_H

#include "sims/accel/arch.h"

enum { ACCEL_SRAM_POINTS = 3 };

struct accel_technology {
  const char *name;
  double nanometres;
  double add8, add32, multiply8, multiply32;          /* pJ, integers */
  double add32_area, multiply8_area, multiply32_area; /* um2 */
  double sram_kb[ACCEL_SRAM_POINTS];                  /* sizes of the points below */
  double sram64[ACCEL_SRAM_POINTS];                   /* pJ per 64-bit access */
  double sram_cell;                                   /* um2 per bit */
  double sram_share; /* of a macro's area that is cells */
  double dram64;     /* pJ per 64-bit access, interface and array */
  double wire;       /* pJ per bit and mm */
};

extern const struct accel_technology accel_45nm, accel_7nm;

/* The technology of that name, or NULL; `names` lists them for messages. */
const struct accel_technology *accel_technology_find (const char *name);
extern const char *const accel_technology_names;

/* pJ of one multiply-accumulate: a product of two numbers of `bits`, added to a sum of
 * twice that width. bits >= 1. */
double accel_mac_energy (const struct accel_technology *tech, uint32_t bits);
double accel_mac_area (const struct accel_technology *tech, uint32_t bits);

/* pJ of moving `bits` in or out of an SRAM or register file of `entries` words of
 * `word_bits`; 0 entries are DRAM. */
double accel_access_energy (const struct accel_technology *tech, uint64_t entries,
                            uint32_t word_bits, uint32_t bits);

/* um2 of an SRAM; DRAM (0 entries) lies elsewhere and counts 0. */
double accel_memory_area (const struct accel_technology *tech, uint64_t entries,
                          uint32_t word_bits);

/* Timeloop's table: per access of a block, in units of a 16-bit MAC. SRAM is linear in
 * its size: 1 at half a kilobyte, 6 at 100; `entries` 0 costs nothing. */
double accel_pat_sram (uint64_t entries, uint32_t word_bits, uint32_t block);
double accel_pat_dram (uint32_t word_bits, uint32_t block);
double accel_pat_mac (uint32_t word_bits);

/* Fills in energies, areas and hop energies (from one child's middle to the next one's)
 * of MACs and levels from their sizes; leakage is left alone. tech NULL: Timeloop's
 * table, without areas and hops. */
void accel_arch_price (struct accel_arch *arch, const struct accel_technology *tech);

#endif
