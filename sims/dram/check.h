/* SPDX-License-Identifier: MIT */
/*
 * An independent checker of command logs.
 *
 * It is handed the commands of one channel in the order of issue (the log of
 * dram_sim_run, say), knows nothing of how they were chosen, and says which one is the
 * first that the DRAM would not have tolerated.  Every pair of commands that a constraint
 * separates is covered: where several earlier commands could be the nearest offender only
 * the latest of its kind and place is kept, because it implies the others.
 *
 * What is checked, by the name a violation carries:
 *   command bus      one command a cycle, cycles ascend
 *   place            rank, bank group, bank, row, column exist
 *   closed bank      ACT finds its bank closed; a refresh those that it refreshes
 *   open row         column commands find their row open, PRE finds its bank open with
 *                    the row it names, PREA and PRESB at least one open bank
 *   tRC tRAS tRCD tRCDWR tRP tRPab tRRD_S tRRD_L tFAW tCCD_S tCCD_L tCCD_L_WR tWTR_S
 *   tWTR_L tRFC tRFC2 tRFC4
 *                    as in a data sheet; tRCD less AL, tWTR from the end of write data
 *   tRFCpb tRFCsb    REFPB, REFSB to what follows in the banks they refresh
 *   tRREFD           the same to ACT, REFPB and REFSB of other banks of the rank; before
 *                    them, REFPB and REFSB keep what ACT has to keep
 *   tRTP             RD* to PRE and PREA; with tRP added, RDA to ACT and REF
 *   tWR              WR* to PRE and PREA from the end of write data; with tRP added, WRA
 *                    to ACT and REF; WR to an RDA whose own precharge comes too early
 *   data bus         bursts (B cycles from RL or WL after the command) do not overlap
 *   turnaround       tRTWgap between read data and write data of one rank
 *   tRTRS            idle data bus between bursts of two ranks
 *   tREFI early      no REF before the first due time, and the i-th REF of a rank no
 *                    earlier than refresh_max_pulledin intervals before its own due time
 *   tREFI late       the i-th REF no later than refresh_max_postponed intervals after its
 *                    due time, and the time that closing the rank can take
 *   tRDPDEN          RD* to PDE and SRE: the end of read data and a cycle, or tRTP
 *   tCKE tCKESR      PDE to PDX, SRE to SRX
 *   tXP tXPDLL tXS   PDX to anything, slow PDX to RD*, SRX to anything
 *                    Before PDE and SRE the rank keeps tRC, tRP, tRTP, tWR and tRFC* as
 *                    before a refresh of all banks.
 *   power state      PDX ends a power-down, SRX a self-refresh, and no other command goes
 *                    to a rank that is in one; SRE finds all banks closed
 *   self-refresh     a refresh between SRX and the next SRE; nothing is due in between,
 *                    and after SRX the counting begins anew, tXS later
 *   tpbR2pbR         REFPB or REFSB to the next of other banks of the rank
 *   refresh round    no bank is refreshed twice before all others have been once
 *   unasked refresh  a refresh that the policy does not know
 * "REF" above stands for any refresh, tREFI for its interval, and the bounds for the
 * numbers of such refreshes (I, P, Q of dram.h, section 8).
 * The i-th REF (from 1) of a rank is due at first + (i - 1) tREFI, where first is tREFI
 * less the rank's share of the bit-reversed stagger (dram.h, section 8).
 *
 * Where one command breaks several rules only one of them is reported.
 *
 * Memory and time per command do not depend on the length of the log.
 */
#ifndef SIMS_DRAM_CHECK_H
#define SIMS_DRAM_CHECK_H

#include <stddef.h>
#include <stdint.h>

#include "sims/dram/dram.h"

/* The first thing that was wrong.  `rule` is a name of the list above (constant text).
 * Distances are cycles from `earlier` to `later`.  A state rule has required and actual
 * 0; there, and in both tREFI rules, `earlier` is the command that made the state (the
 * last REF of the rank), or equal to `later` if there was none.  For the tREFI rules
 * required and actual are the cycle that bounds the REF and the cycle it came in; a late
 * REF is the one missing in the cycle of the next command, or of the end. */
struct dram_violation {
  const char *rule;
  struct dram_command earlier, later;
  int64_t required, actual;
};

/* One checker, one log, one thread at a time. */
struct dram_check;

/* A checker for logs made with these `part`, `ranks`, `refresh_policy`,
 * `refresh_max_postponed`, `refresh_max_pulledin` and `power_down`; the rest of *config
 * is not looked at and nothing of it is kept.  NULL, with a sentence in err (nullable),
 * when out of memory or if the configuration has no such ranks or part. */
struct dram_check *dram_check_new (const struct dram_config *config,
                                   struct dram_error *err);

/* Releases the checker and sets *check to NULL; harmless on NULL. */
void dram_check_destroy (struct dram_check **check);

/* The next command of the log.  0, or -1 if it or one before it violates a rule. */
int dram_check_command (struct dram_check *check, const struct dram_command *command);

/* A dram_log_fn: `check` is the struct dram_check. */
void dram_check_log (void *check, const struct dram_command *command);

/* The log is complete and the run lasted until `cycle`: refreshes that have not come may
 * be late by now.  0, or -1 if anything was wrong. */
int dram_check_end (struct dram_check *check, uint64_t cycle);

/* The first violation, or NULL; belongs to the checker. */
const struct dram_violation *dram_check_violation (const struct dram_check *check);

/* One sentence for people, at most `size` bytes with its NUL; returns `text`. */
const char *dram_violation_text (const struct dram_violation *violation, char *text,
                                 size_t size);

#endif
