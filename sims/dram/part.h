/* SPDX-License-Identifier: MIT */
/*
 * DRAM parts: organisation, timings and currents of one rank of equal devices.
 *
 * A part is plain constant data.  The functions here may be called from any thread.
 *
 * Units.  Timings are clock cycles of the command clock (half the data rate);
 * `tck_ps` is that clock's period in picoseconds.  Currents are milliamperes of ONE
 * device, voltages volts; V x mA x ns = pJ.  A rank is `devices` devices that act in
 * lockstep on a bus of `devices * width` bits.
 *
 * Names.  A part's name is the standard and the speed grade ("DDR4-2400"), followed by
 * the density where there are several.  The figures and the source of each of them are
 * in text files, sims/dram/parts/NAME.part, whose form is in partfile.h; the built-in
 * parts are these files, read when the first of them is asked for.  `source` says where
 * most of the figures are from.  A figure that a part does not have is 0 and switches
 * its term or its mechanism off (no VPP figures: no VPP energy; no tRFCpb: no refresh
 * of single banks).
 */
#ifndef SIMS_DRAM_PART_H
#define SIMS_DRAM_PART_H

#include <stddef.h>
#include <stdint.h>

enum {
  DRAM_PART_NAME = 32,    /* bytes of a part's name, terminator included */
  DRAM_PART_SOURCE = 160, /* bytes of its source note, terminator included */
};

/* Geometry of one rank.  Everything but `devices` and `width` is per device, and every
 * count is a power of two.  A bank has `rows` rows of `columns` columns of `width` bits;
 * a burst moves `burst` columns in burst / 2 cycles (double data rate).  With one bank
 * group (DDR3, LPDDR4) the _S and _L timings are equal.
 *
 * What standards call a sub-channel (DDR5), a pseudo channel (HBM2) or a channel of a
 * two-channel die (LPDDR4) is a channel here: the part describes one of them, and
 * `subchannels` says how many a DIMM, stack channel or die has.  That two pseudo channels
 * share a command bus is not modelled. */
struct dram_org {
  uint32_t width;       /* data bits of a device */
  uint32_t devices;     /* devices of a rank */
  uint32_t subchannels; /* see above; no timing or energy depends on it */
  uint32_t bank_groups; /* of a rank */
  uint32_t banks;       /* of a bank group */
  uint32_t rows;        /* of a bank */
  uint32_t columns;     /* of a row */
  uint32_t burst;       /* columns of a burst (BL) */
};

/* Minimum distances in cycles.  Which pair of commands each of them separates is the
 * table in dram.h, section 6.  Latencies are those of the data: a strobe that comes later
 * (LPDDR4's tDQSCK, tDQSS) is part of cl and cwl. */
struct dram_timing {
  uint32_t cl, cwl, al;    /* read latency, write latency, additive latency */
  uint32_t trcd, trp;      /* ACT to column command, PRE to ACT */
  uint32_t tras, trc;      /* ACT to PRE, ACT to ACT, of one bank */
  uint32_t trrd_s, trrd_l; /* ACT to ACT: other group, same group */
  uint32_t tfaw;           /* window of at most four ACT in a rank */
  uint32_t tccd_s, tccd_l; /* column to column: other group, same group */
  uint32_t twtr_s, twtr_l; /* end of write data to read: other group, same group */
  uint32_t twr, trtp;      /* end of write data to PRE, read to PRE */
  uint32_t trtrs;          /* gap on the data bus between two ranks */
  uint32_t trfc, trefi;    /* refresh cycle, mean refresh interval, all banks */
  uint32_t trfc2, trfc4;   /* refresh cycle in the 2x and 4x modes; 0: no such mode */
  uint32_t trfcpb, trfcsb; /* of one bank, of one bank in all groups; 0: no such thing */
  uint32_t trrefd;         /* from these to ACT or another of them, other banks */
  uint32_t tcke, txp;      /* least time in power-down, and out of it; txp 0: none */
  uint32_t txpdll;         /* from its slow exit to a read; 0: no slow exit */
  uint32_t txs;            /* out of self-refresh; 0: none */
  uint32_t tckesr;          /* least time in self-refresh */
  uint32_t trcd_wr, trp_ab; /* ACT to write, PREA to ACT; at least trp */
  uint32_t tccd_l_wr;       /* write to write of a group; at least tccd_l */
  uint32_t rtw_gap;         /* data bus empty between a read and a write of a rank */
  uint32_t tpbr2pbr;        /* from a refresh of some banks to one of others */
};

/* Average currents of a device in the loops JEDEC defines, and its supplies.  `vpp` is
 * the activation supply of DDR4 and DDR5; ipp0 and ipp5 are its currents in the IDD0 and
 * IDD5 loops, ipp3n its standby current.  Where a part has further supplies (LPDDR4's
 * VDD1 and VDDQ beside VDD2), their currents are referred to vdd: idd0 is then the sum of
 * V x I of all of them over vdd, and so on. */
struct dram_current {
  double vdd;                  /* V */
  double idd0, idd2n, idd3n;   /* mA: one bank active-precharge, standby closed, open */
  double idd4r, idd4w, idd5;   /* mA: burst read, burst write, burst refresh */
  double idd2p, idd2ps, idd3p; /* mA: power-down closed, the same with slow exit, open */
  double idd6;                 /* mA: self-refresh */
  double vpp;                  /* V, 0 without the supply */
  double ipp0, ipp3n, ipp5;    /* mA */
};

struct dram_part {
  char name[DRAM_PART_NAME];
  char source[DRAM_PART_SOURCE];
  uint32_t tck_ps;
  struct dram_org org;
  struct dram_timing timing;
  struct dram_current current;
};

/* The built-in part number `index`, in the order of the table, or NULL past its end.
 * The part is constant and lives as long as the program. */
const struct dram_part *dram_part_at (size_t index);

/* The built-in part called `name` (exact, case matters), or NULL. */
const struct dram_part *dram_part_find (const char *name);

/* NULL when `part` can be simulated, else a constant sentence saying which figure is out
 * of range (a count that is no power of two, a zero timing, tRC below tRAS + tRP, more
 * than 64 banks in a rank, ...).  tREFI must be at least tRFC + tRC + tRCD + tRP + tFAW +
 * tWR + 2 (WL + B) + RL + tWTR_L + 32, so that forced refreshes leave time to work. */
const char *dram_part_fault (const struct dram_part *part);

/* Bytes that one burst moves over the rank's bus (64 for a DIMM with burst 8). */
uint32_t dram_part_burst_bytes (const struct dram_part *part);

/* Bank groups x banks of a rank. */
uint32_t dram_part_banks (const struct dram_part *part);

#endif
