/* SPDX-License-Identifier: MIT */
/*
 * A memory controller and its DRAM, command by command.
 *
 * dram_sim_run() plays a trace of requests against a memory and says when every
 * request was answered, what it cost and which commands were issued.  The simulator
 * jumps from event to event; the text below describes it cycle by cycle, and a
 * simulator written from this text that looks at every cycle issues the same commands
 * in the same cycles.
 *
 * The rules are those of DRAMSys 4.0 (Steiner et al., "DRAMSys4.0: An Open-Source
 * Simulation Framework for In-Depth DRAM Analyses", IJPP 2022), whose policy names the
 * ArchGym memory-controller space uses.  Section 12 says where other simulators differ.
 *
 *
 * 1. TIME AND NUMBERS
 *
 * Time is counted in cycles 0, 1, 2, ... of the DRAM command clock (`part.tck_ps`).
 * Requests are numbered from 0 in trace order and stay in that order until they are in
 * the request buffer.  A bank is named by rank, bank group and bank within the group;
 * its number is
 *     rank * (bank_groups * banks) + bank_group * banks + bank.
 * Abbreviations: B = burst / 2, RL = AL + CL, WL = AL + CWL; RD* means RD or RDA, WR*
 * means WR or WRA, a "column command" is any of these four.
 *
 *
 * 2. THE ADDRESS
 *
 * `config.mapping` says which address bits make up row (r), rank (k), bank within the
 * group (b), bank group (g), column (c) and channel (h).  Two forms:
 *   letters    "rbgc": from the most to the least significant field, each letter at most
 *              once, r, b and c always.  Widths follow from part, ranks and channels (a
 *              field of one value has no bits).  A missing k stands before all others, a
 *              missing h before that, a missing g directly behind b (and its "^r").  With
 *              a C, c is only the lowest log2 (burst) column bits and C the others, so
 *              that "rkbCghc" puts neighbouring bursts into different groups.  "b^r" (or
 *              k, g, h): the field's bits are each the exclusive or of an address bit of
 *              their own and a row bit: the lowest row bit for the least significant such
 *              bit of the text, the next for the next, as long as there are row bits.
 *              The lowest log2 (width * devices / 8) address bits choose the byte of the
 *              bus and belong to no field.
 *   bit lists  "r=16-29,b=13-15,c=3-12": per field its address bits from the least
 *              significant one on; "3-5" is 3, 4, 5; parts of a list are joined by "+"
 *              ("b=13+15-16"); "13^17" is one bit, the exclusive or of address bits 13
 *              and 17.  A field without bits is left out; every other field needs exactly
 *              its width.  Bits may be shared between fields (for exclusive or).
 * NULL means "rkbgc".  Address bits that belong to no field are ignored, so addresses
 * beyond the memory wrap.  Two requests have "the same address" when they agree in all 64
 * address bits but the lowest log2 (burst bytes).
 *
 * Channels (config.channels) are independent controllers with `ranks` ranks each.  All
 * that follows is about one of them: the requests of a channel are a trace of their own,
 * in the order of the whole one, with an initiator, arbiter, door, buffer and responses
 * of their own (in_flight and max_active_transactions count per channel).  A channel
 * whose requests are all answered goes on without requests until the last channel is
 * done; section 10 holds for all of them together, with the latest answer as E.
 * Latencies, counts and energies are those of all channels.
 *
 *
 * 3. ONE CYCLE
 *
 * In every cycle t, in this order:
 *   a. responses (section 9): at most one request is answered;
 *   b. the initiator offers, the arbiter accepts, the door takes (section 4);
 *   c. admission: if a request stands at the door and the buffer has space (section 5),
 *      it is stored in the request buffer, gets the next admission number, and leaves the
 *      door empty;
 *   d. the direction of the channel is looked at (section 5), then the refresh managers
 *      are evaluated, rank 0 first (section 8), then the power managers (section 8a);
 *   e. at most one command is chosen and issued (section 7);
 *   f. if that was a column command, its request left the buffer: admission as in c.
 * At most one request is admitted in a cycle (b never refills the door in the cycle of an
 * admission).  The run ends in step a of the cycle that answers the last request.
 *
 *
 * 4. INITIATOR, ARBITER, DOOR
 *
 * The initiator has a clock with edges at j * player_ps picoseconds, j = 0, 1, 2, ...
 * (player_ps 0: the DRAM clock).  The cycle of edge j is ceil (j * player_ps / tck_ps).
 * It offers request k in the cycle of the first edge j for which
 *   - j >= cycle of the trace, with traffic OPEN and READS (CLOSED ignores the cycles);
 *   - j * player_ps > L * tck_ps, where L is the cycle in which request k - 1 left the
 *     initiator (no condition for k = 0);
 *   - j * player_ps > F * tck_ps, with traffic CLOSED and k >= in_flight = N, where F is
 *     the cycle in which the (k - N + 1)-th answer was given (counted from 1);
 *   - the same, with traffic READS and a read k with R >= N reads before it, where F is
 *     the cycle of the (R - N + 1)-th answer to a read (writes do not wait).
 * With player_ps = 0 and OPEN that is max (trace cycle, L + 1).
 *
 * The door holds at most one request, the next to be admitted.
 *   Arbiter SIMPLE: a request is offered straight to the door, which is empty then; it
 *      leaves the initiator in the cycle of its admission.  max_active_transactions is
 *      ignored.
 *   Arbiter FIFO and REORDER: "outstanding" is the number of requests accepted and not
 *      yet answered.  In step b: (1) if a request is held (see 2) and outstanding <
 *      max_active_transactions, it is accepted; (2) otherwise, if none is held and the
 *      initiator offers a request in this cycle, it is accepted if outstanding <
 *      max_active_transactions and held otherwise.  A request leaves the initiator in
 *      the cycle of its acceptance.  Accepted requests wait in a queue.  (3) If the door
 *      is empty and no request was admitted in this cycle yet, the head of the queue
 *      moves to the door.
 * The "acceptance" of a request is its admission with arbiter SIMPLE, its acceptance by
 * the arbiter otherwise.
 *
 *
 * 5. SPACE IN THE REQUEST BUFFER (n = request_buffer_size)
 *
 *   BANKWISE    space iff the bank of the request admitted LAST (bank number 0 before the
 *               first) holds fewer than n requests -- not the bank of the request at the
 *               door.  A bank can hold more than n by one.
 *   READWRITE   space iff fewer than n reads and fewer than n writes are buffered,
 *               whatever the request at the door is.
 *   SHARED      space iff fewer than n requests are buffered.
 *   SEPARATE    space iff fewer than n requests of the direction of the request at the
 *               door are buffered.
 * A request is removed from the buffer when its column command is issued.
 *
 * Write draining (drain_high > 0): the channel has a direction, at first READ.  In step d
 *   READ becomes WRITE if writes are buffered, and either at least drain_high of them or
 *   no read;
 *   WRITE becomes READ if reads are buffered and at most drain_low writes.
 * Only one of these happens in a cycle.  With draining, banks offer (section 7) as if
 * they held the requests of that direction alone; space and "busy" still count all.  A
 * read may then be served before an older write to its address, which a real write queue
 * answers.
 *
 *
 * 6. WHEN A COMMAND MAY BE ISSUED
 *
 * ACT, PRE, RD, RDA, WR, WRA and REFPB (refresh one bank) belong to one bank, PREA
 * (precharge all banks) and REF (refresh all banks) to one rank, PRESB and REFSB to the
 * banks of one number in all groups of a rank: a line of scope "same bank" or "same
 * group" holds for each of them.  REF* means REF, REFPB or REFSB.  tRFC* is tRFC, tRFC2,
 * tRFC4 (REF with policy ALLBANK, ALLBANK2X, ALLBANK4X), tRFCpb or tRFCsb.  A command may
 * be issued in the first cycle that is at least the given distance after every earlier
 * command of the table.
 *
 *   scope        first          then    distance
 *   same bank    ACT            ACT     tRC
 *                ACT            PRE     tRAS
 *                ACT            RD*     tRCD - AL
 *                ACT            WR*     tRCDWR - AL
 *                RD             PRE     AL + tRTP
 *                WR             PRE     WL + B + tWR
 *                WR             RDA     WL + B + tWR - tRTP - AL
 *                PRE PRESB      ACT     tRP
 *                RDA            ACT     AL + tRTP + tRP
 *                WRA            ACT     WL + B + tWR + tRP
 *                as for PRE: ACT RD WR  PRESB
 *                as for ACT: ACT PRE PRESB RDA WRA   REFPB REFSB
 *                REFPB REFSB    ACT REFPB REFSB      tRFC*
 *   same group   ACT            ACT REFPB REFSB      tRRD_L
 *   (and rank)   RD*            RD*     tCCD_L
 *                WR*            WR*     tCCD_L_WR
 *                WR*            RD*     CWL + B + tWTR_L
 *   same rank    ACT            ACT REFPB REFSB      tRRD_S
 *                4th last ACT   ACT REFPB REFSB      tFAW
 *                REFPB REFSB    ACT                  tRREFD
 *                REFPB REFSB    REFPB REFSB          max (tRREFD, tpbR2pbR)
 *                RD*            RD*     tCCD_S
 *                WR*            WR*     tCCD_S
 *                RD*            WR*     CL + B + tRTWgap - CWL
 *                WR*            RD*     CWL + B + tWTR_S
 *                ACT            PREA    tRAS
 *                RD*            PREA    AL + tRTP
 *                WR*            PREA    WL + B + tWR
 *                PREA           ACT REF tRPab (and REFPB, REFSB)
 *                ACT            REF     tRC
 *                PRE            REF     tRP
 *                RDA            REF     AL + tRTP + tRP
 *                WRA            REF     WL + B + tWR + tRP
 *                REF            ACT REF tRFC*
 *                RD*            PDE SRE max (RL + B + 1, AL + tRTP)
 *                WR*            PDE SRE WL + B + tWR
 *                as for REF: ACT PRE PREA RDA WRA    PDE SRE
 *                REF* PRESB     PDE SRE tRFC*, tRP
 *                PDE            PDX     tCKE
 *                SRE            SRX     tCKESR
 *                PDX            any     tXP
 *                PDX, slow exit RD*     tXPDLL
 *                SRX            any     tXS
 *   other rank   RD*            RD*     B + tRTRS
 *                WR*            WR*     B + tRTRS
 *                RD*            WR*     CL + B + tRTRS - CWL
 *                WR*            RD*     CWL + B + tRTRS - CL
 *   channel      any            any     1
 * A distance below 1 means 1.  Bank groups only matter through the _L rows; in a part
 * with one group all banks of a rank are in the same group.  The command bus is the only
 * limit across commands that the table does not list.
 *
 *
 * 7. WHAT IS ISSUED
 *
 * Each bank offers at most one command, a function of its state (closed, or open with a
 * row), of its requests in the buffer and of the last column command of the channel:
 *   - nothing if it has no request, or is blocked by its refresh manager, or its rank is
 *     not awake (section 8a);
 *   - closed: ACT of the row of the request p that the scheduler picks;
 *   - open: a column command for p, the scheduler's pick, if p's row is the open one, PRE
 *     if not (which with page policy CLOSED only happens when the channel turned).
 * The pick among the bank's requests, by age (admission number):
 *   FIFO        the oldest.
 *   FRFCFS      open bank: the oldest request to the open row ("hit"); the oldest if
 *               there is no hit or the bank is closed.
 *   FRFCFSGRP   open bank with hits: the oldest hit h that has the direction (read or
 *               write) of the last column command issued on the channel (read before the
 *               first) and for which no older hit has h's address; if there is no such h
 *               the oldest hit.  Otherwise the oldest request.
 * With row_hit_cap > 0, FRFCFS and FRFCFSGRP pick the oldest request as well once the
 * bank has had row_hit_cap column commands since its ACT: a row that is hit again and
 * again does not keep an older request waiting any longer.
 * A bank that was opened for a request thus serves that row at least once before it turns
 * to another, unless a refresh closes it or the channel turns by draining.
 * The column command is RD or WR by p's direction, with auto-precharge (RDA, WRA) if
 *   OPEN             never;
 *   CLOSED           always;
 *   OPENADAPTIVE     the bank holds at least two requests and there is no further hit;
 *   CLOSEDADAPTIVE   there is no further hit.
 * "Further hit" with scheduler FIFO: the second oldest request of the bank is to the open
 * row; with the others: at least two of the bank's requests are.
 * RDA and WRA close the bank for the purpose of these rules at once; PREA closes all
 * banks of its rank.
 *
 * Choice among the commands that may be issued in this cycle: first those of the power
 * managers, then those of the refresh managers, lowest rank first in both; then the bank
 * command whose request p has the lowest admission number.  If none may be issued, none
 * is.
 *
 *
 * 8. REFRESH
 *
 * NOREFRESH: no manager; refresh_max_* have no effect.  Otherwise one manager a rank.
 * Its units are sets of banks that one command refreshes, and N commands do the work of
 * one REF:
 *   ALLBANK     one unit, all banks; REF, closed by PREA; N = 1
 *   ALLBANK2X   the same in the fine-granularity modes of DDR4; N = 2, and with
 *   ALLBANK4X   N = 4
 *   PERBANK     each bank, in their order; REFPB, closed by PRE; N = banks of a rank
 *   SAMEBANK    the banks of one number in all groups; REFSB, closed by PRESB; N = twice
 *               the banks of a group, since DDR5 has REFSB in its fine-granularity mode
 * The manager has I = floor (tREFI / N), P = N refresh_max_postponed, Q = N
 * refresh_max_pulledin and
 *   due     the cycle of its next refresh, at first I - floor (rev (rank) * I / ranks),
 *           rev reversing the log2 (ranks) bits of the rank number;
 *   debt    a signed counter in [-Q, P], at first 0: refreshes postponed, negative:
 *           pulled in;
 *   mode    REGULAR (at first) or PULLING;
 *   round   the units that have not been refreshed since all had been; at first all.
 * A unit is "idle" if none of its banks has a request in the buffer.  Evaluation in cycle
 * t, a blocked bank stays blocked until the refresh of its unit:
 *   if t < due: nothing is offered.
 *   if banks are blocked: offer for their unit.
 *   if mode is PULLING and t >= due + I: due += I, mode = REGULAR.
 *   if mode is REGULAR, debt < P and t >= due + I: debt += 1, due += I (only where units
 *      were idle by turns, none of them for long enough).
 *   Let u be the lowest idle unit of the round.
 *   if mode is REGULAR and debt = P: if there is no u, u is the lowest unit of the round;
 *      the banks of u are blocked; offer for u.
 *   otherwise, if there is a u: offer for u.
 *   otherwise: debt += 1 if mode is REGULAR; then mode = REGULAR, due += I, and nothing
 *      is offered.
 *   "offer": the precharge if any bank of the unit is open, else the refresh.
 * When the refresh is issued: the banks of its unit are unblocked; the unit leaves the
 * round (which begins anew when it is empty); if mode is PULLING, debt -= 1, else mode =
 * PULLING; then, if debt = -Q, mode = REGULAR and due += I.
 *
 *
 * 8a. POWER-DOWN AND SELF-REFRESH
 *
 * power_down NEVER: all ranks are awake, power_down_idle and self_refresh_idle have no
 * effect.  Otherwise, with N = power_down_idle and M = self_refresh_idle, one manager a
 * rank, which is AWAKE (at first), DOWN or ASLEEP.  The rank is "busy" if any of its
 * banks has a request in the buffer; idle (t) is t less the last cycle up to t in whose
 * step d it was busy (cycle 0 if there is none).  "Deep" means: M > 0, the refresh policy
 * is not NOREFRESH, idle (t) >= M, debt <= 0, and a REF* of the rank was issued since its
 * last SRX, if there was one.  Evaluation in cycle t:
 *   AWAKE    nothing if the rank is busy or its refresh manager offers; otherwise, if
 *            deep, PREA if a bank is open, else SRE; otherwise PDE if idle (t) >= N.
 *   DOWN     PDX if the rank is busy, or its refresh manager offers, or deep.
 *   ASLEEP   SRX if the rank is busy.
 * Commands of banks and refresh managers are only issued to ranks that are awake.  PDE
 * makes the rank DOWN, SRE makes it ASLEEP, PDX and SRX make it AWAKE.  An exit is slow
 * with power_down SLOW and no bank open (DDR3, whose DLL is off then).  From SRE in t on,
 * due is beyond any cycle; SRX in t makes due = t + tXS + I, debt = 0, mode REGULAR, and
 * the round begin anew: the devices have refreshed themselves.
 *
 *
 * 9. RESPONSES
 *
 * A request is "finished" in the cycle after its last data beat: RD* at t finish at
 * t + RL + B, WR* at t + WL + B.  In step a of cycle t:
 *   RespQueue FIFO      of the requests with a column command, in the order of these, the
 *                       first not yet released is released if it finished at t or before.
 *   RespQueue REORDER   the request with the lowest admission number not yet released is
 *                       released if it finished at t or before.
 * At most one request is released in a cycle.  With arbiter SIMPLE and FIFO it is
 * answered at once.  With arbiter REORDER, still in step a, the lowest-numbered request
 * not yet answered is answered if it was released in this cycle or before, at most one a
 * cycle.
 *
 *
 * 10. THE END
 *
 * Let E be the cycle of the last answer.  A rank owes max (0, debt) refreshes, and one
 * more if its mode is REGULAR and E >= due (it is due and not issued; never in PULLING,
 * where the one that was due has been issued).  With
 * charge_owed_refresh these are counted, cost the energy of as many refreshes, and the
 * run lasts E + F * (the largest number any rank owes) cycles, where F is tRFC*, or with
 * PERBANK and SAMEBANK, whose refreshes overlap, max (tRREFD, tpbR2pbR, ceil (tRFC* /
 * units)); the extra cycles count as precharged standby.  No command is logged for them.
 * Without, the run lasts E cycles.
 *
 *
 * 11. MEASURES
 *
 * Times in ns are cycles * tck_ps / 1000.
 *   latency         of reads, answer - acceptance; an unloaded read of a closed row takes
 *                   tRCD + CL + B cycles, a hit RL + B.
 *   response        of reads, answer - D, where D is the cycle of the first edge that the
 *                   trace allows (OPEN, READS), or the cycle of the offer (CLOSED).
 *                   Waiting in front of a full controller counts here, not in `latency`.
 *   p99             the nearest rank: the smallest value such that at least 99 % of the
 *                   reads are not above it.  Exact below 4096 cycles; above, rounded up
 *                   by less than 1/1024 and never beyond the maximum.
 *   row_hit_rate    column commands that are not the first after their bank's ACT, over
 *                   all column commands.
 *   bandwidth       bytes of all requests (one burst each) per total time.
 * Energy per rank, V x mA x ns, D devices, n_X commands, T cycles in ns:
 *   ACT       n_ACT VDD (IDD0 - IDD3N) tRAS D      (DRAMPower's split; the usual
 *   PRE       n_PRE VDD (IDD0 - IDD2N) tRP D        "activate" energy is their sum;
 *             where IDD0, of one bank, is below IDD3N, of all, ACT is 0 and part of OPEN)
 *   RD, WR    n VDD (IDD4R - IDD3N) B D            (IDD4W for writes)
 *   REF       n_REF VDD (IDD5 - IDD3N) tRFC D
 *   OPEN      active cycles VDD IDD3N D            background with any bank open
 *   CLOSED    other cycles VDD IDD2N D             (both without those that follow)
 *   DOWN      cycles DOWN with a bank open VDD IDD3P D + others VDD IDD2P D (IDD2PS with
 *             power_down SLOW)
 *   SELF      cycles ASLEEP VDD IDD6 D
 *   VPP       VPP D (IPP3N all cycles + (IPP0 - IPP3N) tRC n_ACT + (IPP5 - IPP3N) tRFC
 *             n_REF), a negative difference of currents counting as 0
 * n_REF counts REF* by their share of the work, 1 / N each (section 8), and includes
 * charged refreshes.  n_PRE counts closed banks: PRE, RDA, WRA, and for
 * PREA every bank it closes.  A bank is open from the cycle of ACT until PRE or PREA,
 * after RDA until max (RDA + AL + tRTP, ACT + tRAS), after WRA until WRA + WL + B + tWR;
 * active cycles are those before E (section 10) in which at least one bank of the rank is
 * open.
 *
 *
 * 12. WHERE OTHERS DIFFER
 *
 * DRAMSys 4.0 looks at responses, waiting requests and ready commands before it hears of
 * a request that arrives in the same cycle, and rounds the first `due` up by one cycle at
 * some clock periods; both move a run by a few cycles in 100,000.  DRAMSys 5 hands a
 * request over one cycle later and never charges owed refreshes.  DRAMsim3 and Ramulator
 * 2 serve a request one cycle later (their unloaded latencies are one cycle longer) and
 * drain writes by watermarks.  Neither lets hits to a row keep an older request waiting
 * for good: DRAMsim3 closes a row after four column commands if the bank's oldest request
 * is to another one (row_hit_cap 4), Ramulator as soon as a precharge is legal before the
 * next hit is.  "Close page" precharges after every access in DRAMsim3 and as soon as it
 * is legal in Ramulator.  Where they disagree the rules above hold.
 */
#ifndef SIMS_DRAM_DRAM_H
#define SIMS_DRAM_DRAM_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sims/dram/error.h"
#include "sims/dram/part.h"
#include "sims/dram/trace.h"

/* Limits of the configuration. */
enum {
  DRAM_CHANNELS_MAX = 16,    /* channels */
  DRAM_RANKS_MAX = 8,        /* ranks of a channel; and at most 64 banks in all of them */
  DRAM_ALL_RANKS_MAX = 32,   /* ranks of all channels */
  DRAM_BANKS_MAX = 64,       /* banks of the channel */
  DRAM_BUFFER_MAX = 1024,    /* request_buffer_size */
  DRAM_ACTIVE_MAX = 65536,   /* max_active_transactions, in_flight */
  DRAM_POSTPONED_MAX = 1024, /* refresh_max_postponed, refresh_max_pulledin */
  DRAM_IDLE_MAX = 1000000000, /* power_down_idle, self_refresh_idle */
  DRAM_PLAYER_PS_MAX = 1000000000,
};

/* Latest cycle of a trace: three days at 1 GHz. */
#define DRAM_CYCLE_MAX (UINT64_C (1) << 48)

/* The enumerators of each policy are in the order of the ArchGym space, from 0. */
enum dram_page_policy {
  DRAM_PAGE_OPEN,
  DRAM_PAGE_OPENADAPTIVE,
  DRAM_PAGE_CLOSED,
  DRAM_PAGE_CLOSEDADAPTIVE
};
enum dram_scheduler {
  DRAM_SCHEDULER_FIFO,
  DRAM_SCHEDULER_FRFCFS,
  DRAM_SCHEDULER_FRFCFSGRP
};
enum dram_buffer {
  DRAM_BUFFER_BANKWISE,
  DRAM_BUFFER_READWRITE,
  DRAM_BUFFER_SHARED,
  DRAM_BUFFER_SEPARATE /* not in that space */
};
enum dram_resp_queue { DRAM_RESP_FIFO, DRAM_RESP_REORDER };
enum dram_refresh {
  DRAM_REFRESH_NOREFRESH,
  DRAM_REFRESH_ALLBANK,
  /* not in that space */
  DRAM_REFRESH_ALLBANK2X,
  DRAM_REFRESH_ALLBANK4X,
  DRAM_REFRESH_PERBANK,
  DRAM_REFRESH_SAMEBANK
};
enum dram_power_down {
  DRAM_POWER_DOWN_NEVER,
  DRAM_POWER_DOWN_FAST,
  DRAM_POWER_DOWN_SLOW
};
enum dram_arbiter { DRAM_ARBITER_SIMPLE, DRAM_ARBITER_FIFO, DRAM_ARBITER_REORDER };
enum dram_traffic { DRAM_TRAFFIC_OPEN, DRAM_TRAFFIC_CLOSED, DRAM_TRAFFIC_READS };

/* A design and what it is run with.  Plain data; `mapping` belongs to the caller and must
 * last as long as calls use the struct.  Fill it with dram_config_default() and change
 * fields, so that later fields have their defaults. */
struct dram_config {
  struct dram_part part;
  uint32_t channels;   /* a power of two */
  uint32_t ranks;      /* of a channel, a power of two */
  const char *mapping; /* section 2; NULL: "rkbgc" */

  enum dram_page_policy page_policy;
  enum dram_scheduler scheduler;
  enum dram_buffer scheduler_buffer;
  uint32_t request_buffer_size;   /* 1 to DRAM_BUFFER_MAX */
  uint32_t drain_high, drain_low; /* writes; 0, 0: none, else low < high */
  uint32_t row_hit_cap;           /* column commands; 0: none */
  enum dram_resp_queue resp_queue;
  enum dram_refresh refresh_policy;
  uint32_t refresh_max_postponed; /* REFs, 0 to DRAM_POSTPONED_MAX */
  uint32_t refresh_max_pulledin;
  enum dram_power_down power_down;
  uint32_t power_down_idle;   /* N of section 8a, cycles from 1 */
  uint32_t self_refresh_idle; /* M, cycles; 0: never */
  enum dram_arbiter arbiter;
  uint32_t max_active_transactions; /* 1 to DRAM_ACTIVE_MAX */

  enum dram_traffic traffic;
  uint32_t in_flight;       /* with traffic CLOSED and READS, 1 to DRAM_ACTIVE_MAX */
  uint32_t player_ps;       /* period of the initiator's clock, 0: the DRAM clock */
  bool charge_owed_refresh; /* section 10 */
};

/* Commands, as counted and logged. */
enum dram_command_kind {
  DRAM_CMD_ACT,
  DRAM_CMD_PRE,
  DRAM_CMD_PREA,
  DRAM_CMD_RD,
  DRAM_CMD_RDA,
  DRAM_CMD_WR,
  DRAM_CMD_WRA,
  DRAM_CMD_REF,
  DRAM_CMD_REFPB,
  DRAM_CMD_REFSB,
  DRAM_CMD_PRESB,
  DRAM_CMD_PDE,
  DRAM_CMD_PDX,
  DRAM_CMD_SRE,
  DRAM_CMD_SRX,
  DRAM_CMD_COUNT
};

#define DRAM_NO_REQUEST UINT64_MAX

/* One issued command.  What the managers of a rank issue has request
 * DRAM_NO_REQUEST and column 0: PREA, REF, PDE, PDX, SRE and SRX have bank_group, bank
 * and row 0; REFPB has row 0, PRE the row it closes; REFSB and PRESB have bank_group and
 * row 0.  The others carry the place of the request p they are offered for (section 7),
 * with its whole column field, and its number in the trace; but a PRE carries the row it
 * closes, and column 0. */
struct dram_command {
  uint64_t cycle;
  uint64_t request;
  enum dram_command_kind kind;
  uint32_t channel, rank;    /* rank within its channel */
  uint32_t bank_group, bank; /* bank within its group */
  uint32_t row, column;
};

/* Called once per issued command, from within the run and on its thread; must not call
 * back into the same simulator.  The commands of a channel come in order; those of other
 * channels before, between or after them. */
typedef void dram_log_fn (void *user, const struct dram_command *command);

/* Components of the energy, section 11. */
enum dram_energy {
  DRAM_ENERGY_ACT,
  DRAM_ENERGY_PRE,
  DRAM_ENERGY_RD,
  DRAM_ENERGY_WR,
  DRAM_ENERGY_REF,
  DRAM_ENERGY_OPEN,
  DRAM_ENERGY_CLOSED,
  DRAM_ENERGY_DOWN,
  DRAM_ENERGY_SELF,
  DRAM_ENERGY_VPP,
  DRAM_ENERGY_COUNT
};

/* ns; NaN when the trace has no read. */
struct dram_latency {
  double mean, p99, max;
};

struct dram_rank_result {
  uint64_t commands[DRAM_CMD_COUNT]; /* without owed refreshes */
  uint64_t banks_closed;             /* n_PRE of section 11 */
  uint64_t refreshes_owed;           /* 0 unless charged */
  uint64_t active_cycles;
  uint64_t down_active_cycles, down_cycles; /* in power-down with a bank open, without */
  uint64_t self_refresh_cycles;
  double energy[DRAM_ENERGY_COUNT]; /* nJ */
};

struct dram_result {
  uint64_t cycles;   /* of the whole run, owed refreshes included */
  double total_time; /* ns */
  uint64_t requests, reads, writes;
  uint64_t row_hits;
  double row_hit_rate;              /* 0 to 1 */
  struct dram_latency latency;      /* reads, from acceptance */
  struct dram_latency response;     /* reads, from the cycle the trace asked for */
  double bandwidth;                 /* MB/s, 10^6 bytes */
  double power;                     /* mW, energy_total / total_time */
  double energy_total;              /* nJ, the sum of `energy` */
  double energy[DRAM_ENERGY_COUNT]; /* nJ, all ranks */
  uint64_t commands[DRAM_CMD_COUNT];
  uint64_t refreshes_owed;
  uint32_t ranks; /* used entries of `rank`: channel 0's, channel 1's, ... */
  struct dram_rank_result rank[DRAM_ALL_RANKS_MAX];
};

/* What a run may be given besides the trace; a NULL pointer stands for all zero. */
struct dram_run_options {
  const atomic_bool *cancel; /* looked at now and then; true ends the run; may be NULL */
  dram_log_fn *log;          /* may be NULL */
  void *log_user;
};

/* Fills *config with the defaults: part `part` (NULL: DDR4-2400), one channel of one
 * rank, mapping NULL, page policy OPEN, scheduler FRFCFS, buffer BANKWISE of 8, RespQueue
 * FIFO, refresh ALLBANK with postponed 8 and pulledin 8, arbiter SIMPLE,
 * max_active_transactions 128, power_down NEVER, traffic OPEN, in_flight 4, player_ps 0,
 * no draining, no row-hit cap, owed refreshes charged.  Thread: any. */
void dram_config_default (struct dram_config *config, const struct dram_part *part);

/* Fills *config for a named comparison with other simulators (section 12), with the
 * defaults for what the set-up does not fix:
 *   "default"   dram_config_default() of DDR4-2400;
 *   "archgym"   the DRAMSys runs of ArchGym: DDR3-1600, mapping "rbc", an initiator at
 *               800 MHz, owed refreshes not charged;
 *   "anchor-ddr4", "anchor-ddr3"   comparisons with DRAMsim3 and Ramulator 2: DDR4-2400
 *               with tRFC 421 and tREFI 9364, mapping "rbgc", or DDR3-1600-4Gb, "rbc"; a
 *               SEPARATE buffer of 32, writes drained from 26 down to 6, a
 *               row-hit cap of 4, refreshes on time and not charged, traffic READS with
 * in_flight at its limit. 0, or -1 and err (nullable) lists the names.  Thread: any. */
int dram_config_setup (struct dram_config *config, const char *setup,
                       struct dram_error *err);

/* 0 if the configuration can be run, else -1 and err (nullable) names the field, its
 * value and what it may be.  Thread: any. */
int dram_config_check (const struct dram_config *config, struct dram_error *err);

/* A simulator: memory that runs use again and again, nothing else.  Results never depend
 * on what it ran before.  One thread at a time per simulator; different simulators share
 * nothing.  NULL when out of memory (err, nullable, says so). */
struct dram_sim;
struct dram_sim *dram_sim_new (struct dram_error *err);

/* Releases the simulator and sets *sim to NULL; harmless on NULL. */
void dram_sim_destroy (struct dram_sim **sim);

/* What dram_sim_run returns. */
enum {
  DRAM_OK = 0,
  DRAM_FAILED = -1,   /* bad configuration or trace, or out of memory: see err */
  DRAM_CANCELLED = -2 /* *cancel became true */
};

/* Runs requests[0 .. count) under `config` and fills *result.  count is at least 1 and
 * the cycles never decrease.  Deterministic: equal arguments, equal bits.  Memory is
 * only allocated before the first cycle, and only if this run needs more than earlier
 * ones did.  On an error *result is all zero and err (nullable) says what was wrong.
 * A configuration under which the run can stop making progress does not exist. */
int dram_sim_run (struct dram_sim *sim, const struct dram_config *config,
                  const struct dram_request *requests, size_t count,
                  const struct dram_run_options *options, struct dram_result *result,
                  struct dram_error *err);

/* "ACT", "PREA", ...; "?" for a number that is no command.  Static text. */
const char *dram_command_name (enum dram_command_kind kind);

/* "act", "pre", "rd", "wr", "ref", "open", "closed", "down", "self", "vpp"; "?"
 * otherwise.  Static. */
const char *dram_energy_name (enum dram_energy component);

#endif
