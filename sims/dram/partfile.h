/* SPDX-License-Identifier: MIT */
/*
 * Part files: the figures of one DRAM part as text, each with its source.
 *
 *   # a comment, to the end of the line
 *   name   = DDR4-2400
 *   source = 8Gb x8 DDR4-2400 CL17 as in DRAMsim3 DDR4_8Gb_x8_2400.ini
 *   [jesd79-4] = JEDEC JESD79-4, speed bins and refresh parameters
 *
 *   banks = 4                       [jesd79-4]
 *   tRCD  = 17 nCK                  [jesd79-4]
 *   tRTP  = max(4 nCK, 7.5 ns)      [jesd79-4]
 *   tRFCpb = none                   [jesd79-4]  # no refresh of single banks
 *
 * A line is a key with its value, the definition of a source, or nothing; blanks around
 * the parts of a line do not matter.
 *   - Every key of the list below is needed, once.  A key that is not in the list, one
 *     that is missing, or twice there, is an error: nothing is silently ignored and
 *     nothing has a default.  Case matters.
 *   - Values are decimal numbers without sign or exponent, with a unit: `nCK` (clock
 *     cycles), `ns`, `us`, `ps` for times; `mA`, `V`, `bit`; no unit for counts.  The
 *     larger of two times is written max(TIME, TIME), as JEDEC's tables do.
 *   - `none` stands for a figure that the part does not have, where the list allows it.
 *   - Each value is followed by the name of its source in brackets, which some line of
 *     the file must define.
 *
 * Times become cycles by the rule of JESD79-4: the time over tCK, both in whole
 * picoseconds, rounded up unless it is at most 2.6 % of a cycle above a whole number of
 * them.  tREFI, a maximum, is rounded down.
 *
 * Keys.  Geometry: width (bit), devices, subchannels, bank_groups, banks, rows, columns,
 * burst.  Clock: tCK, in ps.  Times, as named in part.h: CL, CWL, AL,
 * tRCD, tRCDWR, tRP, tRPab, tRAS, tRC, tRRD_S, tRRD_L, tFAW, tCCD_S, tCCD_L, tCCD_L_WR,
 * tWTR_S, tWTR_L, tWR, tRTP, tRTRS, tRTWgap, tRFC, tREFI; with `none` allowed tDQSCK and
 * tDQSS (from CL to the read data and from CWL to the write data, where the strobe is not
 * aligned), tRFC2, tRFC4, tRFCpb, tRFCsb, tRREFD, tpbR2pbR, tCKE, tXP, tXPDLL, tXS,
 * tCKESR.  Voltages: VDD; with `none` allowed VPP, VDD1, VDDQ.  Currents in mA: IDD0,
 * IDD2N, IDD3N, IDD4R, IDD4W, IDD5; with `none` allowed IDD2P, IDD2PS, IDD3P, IDD6, IPP0,
 * IPP3N, IPP5.  A file with a VDD1 or VDDQ gives the ten IDD currents of that supply as
 * well, under the names IDD0.VDD1 and so on; one without does not.
 */
#ifndef SIMS_DRAM_PARTFILE_H
#define SIMS_DRAM_PARTFILE_H

#include <stddef.h>

#include "sims/dram/error.h"
#include "sims/dram/part.h"

/* Longest text of a part file, in bytes. */
#define DRAM_PARTFILE_MAX 65536

/* Reads `size` bytes of text into *part; `name` stands for the file in messages.  0; or
 * -1 with *part all zero, and err (nullable) says file and line, what was found and what
 * was expected, for a word that is no key the nearest one; for a file whose figures do
 * not go together (dram_part_fault) which.  Thread: any. */
int dram_part_parse (struct dram_part *part, const char *name, const char *text,
                     size_t size, struct dram_error *err);

/* The same for the file `path`, of at most DRAM_PARTFILE_MAX bytes. */
int dram_part_read (struct dram_part *part, const char *path, struct dram_error *err);

#endif
