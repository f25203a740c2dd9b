/* SPDX-License-Identifier: MIT */
/* See check.h.  Rules are from JESD79-3F (DDR3) and JESD79-4B (DDR4), in the reading of
 * dram.h; they are written as data-sheet pairs and, for the data bus, as intervals of
 * bursts, so that an error in the simulator's table of distances is not repeated here. */
#include "sims/dram/check.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { FAW_DEPTH = 4 };

/* The latest command of each kind at one place; absent ones have `seen` false.  Earlier
 * ones of the kind need no memory: they are farther away and bound by the same distance.
 */
struct history {
  struct dram_command last[DRAM_CMD_COUNT];
  bool seen[DRAM_CMD_COUNT];
};

struct bank_state {
  struct history history;
  struct dram_command opener; /* the ACT, or what closed the bank */
  bool open, touched;
};

struct rank_state {
  struct history history;
  struct dram_command acts[FAW_DEPTH]; /* a ring, act_count % FAW_DEPTH is the oldest */
  uint64_t act_count, ref_count;
  int64_t first_due;
  uint64_t round;           /* bit per unit refreshed in it */
  struct dram_command rest; /* the PDE or SRE, if the rank is not awake */
  bool resting, slow;       /* slow: the last PDX ended a power-down without open banks */
  bool slept;               /* was in self-refresh once */
};

/* What a policy adds to the figures of the part. */
struct refresh_rules {
  enum dram_command_kind kind; /* DRAM_CMD_COUNT: none */
  const char *rule;            /* name of the distance after it */
  int64_t cycles, interval;
  uint32_t units; /* of a rank */
  uint32_t parts; /* of them do the work of a REF */
};

struct dram_check {
  struct dram_timing t;
  struct dram_org org;
  struct refresh_rules refresh;
  bool rests, slow_exits;
  uint32_t ranks;
  int64_t burst, rl, wl; /* cycles */
  int64_t postponed, pulledin, slack;
  struct bank_state bank[DRAM_BANKS_MAX];
  struct history group[DRAM_BANKS_MAX];
  struct rank_state rank[DRAM_RANKS_MAX];
  struct dram_command previous;
  bool started, failed;
  struct dram_violation violation;
};

static uint32_t
group_index (const struct dram_check *c, const struct dram_command *x)
{
  return x->rank * c->org.bank_groups + x->bank_group;
}

static struct bank_state *
bank_of (struct dram_check *c, const struct dram_command *x)
{
  return &c->bank[group_index (c, x) * c->org.banks + x->bank];
}

static bool
is_read (enum dram_command_kind kind)
{
  return kind == DRAM_CMD_RD || kind == DRAM_CMD_RDA;
}

/* Keeps the first violation: what follows it in a log is most often its consequence. */
static void
violate (struct dram_check *c, const char *rule, const struct dram_command *earlier,
         const struct dram_command *later, int64_t required, int64_t actual)
{
  if (c->failed)
    return;
  c->failed = true;
  c->violation = (struct dram_violation){ .rule = rule,
                                          .earlier = *earlier,
                                          .later = *later,
                                          .required = required,
                                          .actual = actual };
}

static void
apart (struct dram_check *c, const char *rule, const struct dram_command *earlier,
       const struct dram_command *later, int64_t required)
{
  int64_t actual = (int64_t)(later->cycle - earlier->cycle);
  if (actual < required)
    violate (c, rule, earlier, later, required, actual);
}

static void
after (struct dram_check *c, const char *rule, const struct history *h,
       enum dram_command_kind first, const struct dram_command *later, int64_t required)
{
  if (h->seen[first])
    apart (c, rule, &h->last[first], later, required);
}

/* The same for both variants, with and without auto-precharge. */
static void
after_reads (struct dram_check *c, const char *rule, const struct history *h,
             const struct dram_command *later, int64_t required)
{
  after (c, rule, h, DRAM_CMD_RD, later, required);
  after (c, rule, h, DRAM_CMD_RDA, later, required);
}

static void
after_writes (struct dram_check *c, const char *rule, const struct history *h,
              const struct dram_command *later, int64_t required)
{
  after (c, rule, h, DRAM_CMD_WR, later, required);
  after (c, rule, h, DRAM_CMD_WRA, later, required);
}

/* From the command to the earliest precharge of its bank.  The precharge of RDA also
 * waits for tRAS after ACT (JESD79-3F, auto precharge); tRC >= tRAS + tRP makes that a
 * matter of tRC. */
static int64_t
read_to_precharge (const struct dram_check *c)
{
  return (int64_t)c->t.al + c->t.trtp;
}

static int64_t
write_to_precharge (const struct dram_check *c)
{
  return c->wl + c->burst + c->t.twr;
}

/* What has to lie behind an ACT, or a refresh of a few banks, at one bank. */
static void
check_row_start (struct dram_check *c, const struct dram_command *x)
{
  const struct bank_state *b = bank_of (c, x);
  const struct rank_state *r = &c->rank[x->rank];
  int64_t trp = c->t.trp;
  if (b->open)
    violate (c, "closed bank", &b->opener, x, 0, 0);
  after (c, "tRC", &b->history, DRAM_CMD_ACT, x, c->t.trc);
  after (c, "tRP", &b->history, DRAM_CMD_PRE, x, trp);
  after (c, "tRP", &b->history, DRAM_CMD_PRESB, x, trp);
  after (c, "tRPab", &r->history, DRAM_CMD_PREA, x, c->t.trp_ab);
  after (c, "tRTP", &b->history, DRAM_CMD_RDA, x, read_to_precharge (c) + trp);
  after (c, "tWR", &b->history, DRAM_CMD_WRA, x, write_to_precharge (c) + trp);
  after (c, "tRRD_L", &c->group[group_index (c, x)], DRAM_CMD_ACT, x, c->t.trrd_l);
  after (c, "tRRD_S", &r->history, DRAM_CMD_ACT, x, c->t.trrd_s);
  after (c, c->refresh.rule, &b->history, DRAM_CMD_REFPB, x, c->refresh.cycles);
  after (c, c->refresh.rule, &b->history, DRAM_CMD_REFSB, x, c->refresh.cycles);
  after (c, "tRREFD", &r->history, DRAM_CMD_REFPB, x, c->t.trrefd);
  after (c, "tRREFD", &r->history, DRAM_CMD_REFSB, x, c->t.trrefd);
  if (x->kind != DRAM_CMD_ACT)
    after (c, "tpbR2pbR", &r->history, x->kind, x, c->t.tpbr2pbr);
  if (r->act_count >= FAW_DEPTH)
    apart (c, "tFAW", &r->acts[r->act_count % FAW_DEPTH], x, c->t.tfaw);
}

static void
check_act (struct dram_check *c, const struct dram_command *x)
{
  const struct rank_state *r = &c->rank[x->rank];
  check_row_start (c, x);
  after (c, c->refresh.rule, &r->history, DRAM_CMD_REF, x, c->refresh.cycles);
}

/* A PRE without an open row would do nothing to a DRAM; from a controller that knows its
 * banks it is an error all the same. */
static void
check_pre (struct dram_check *c, const struct dram_command *x)
{
  struct bank_state *b = bank_of (c, x);
  if (!b->open || b->opener.row != x->row)
    violate (c, "open row", b->touched ? &b->opener : x, x, 0, 0);
  after (c, "tRAS", &b->history, DRAM_CMD_ACT, x, c->t.tras);
  after (c, "tRTP", &b->history, DRAM_CMD_RD, x, read_to_precharge (c));
  after (c, "tWR", &b->history, DRAM_CMD_WR, x, write_to_precharge (c));
}

static const struct bank_state *
open_bank_of_rank (const struct dram_check *c, uint32_t rank)
{
  uint32_t banks = c->org.bank_groups * c->org.banks;
  for (uint32_t b = rank * banks; b < (rank + 1) * banks; b++) {
    if (c->bank[b].open)
      return &c->bank[b];
  }
  return NULL;
}

static void
check_prea (struct dram_check *c, const struct dram_command *x)
{
  const struct rank_state *r = &c->rank[x->rank];
  if (open_bank_of_rank (c, x->rank) == NULL)
    violate (c, "open row", x, x, 0, 0);
  after (c, "tRAS", &r->history, DRAM_CMD_ACT, x, c->t.tras);
  after_reads (c, "tRTP", &r->history, x, read_to_precharge (c));
  after_writes (c, "tWR", &r->history, x, write_to_precharge (c));
}

/* The banks of the unit that a refresh or precharge of a few banks is for, one after the
 * other: the command as if it were for bank number i of its rank, if that is one of them.
 */
static bool
at_bank (const struct dram_check *c, const struct dram_command *x, uint32_t i,
         struct dram_command *at)
{
  uint32_t named = x->bank_group * c->org.banks + x->bank;
  bool single = x->kind != DRAM_CMD_REFSB && x->kind != DRAM_CMD_PRESB;
  *at = *x;
  at->bank_group = i / c->org.banks;
  at->bank = i % c->org.banks;
  return single ? i == named : at->bank == x->bank;
}

static void
check_presb (struct dram_check *c, const struct dram_command *x)
{
  struct dram_command at;
  bool open = false;
  for (uint32_t i = 0; i < c->org.bank_groups * c->org.banks; i++) {
    if (!at_bank (c, x, i, &at))
      continue;
    const struct bank_state *b = bank_of (c, &at);
    open |= b->open;
    after (c, "tRAS", &b->history, DRAM_CMD_ACT, x, c->t.tras);
    after_reads (c, "tRTP", &b->history, x, read_to_precharge (c));
    after_writes (c, "tWR", &b->history, x, write_to_precharge (c));
  }
  if (!open)
    violate (c, "open row", x, x, 0, 0);
}

static int64_t
due_of (const struct dram_check *c, const struct rank_state *r, int64_t number)
{
  return r->first_due + number * c->refresh.interval;
}

/* A missing REF is found at the first command, of whatever rank, after its last moment;
 * the violation names the REF that had not come by then. */
static void
check_overdue (struct dram_check *c, uint64_t now)
{
  enum dram_command_kind kind = c->refresh.kind;
  for (uint32_t k = 0; kind != DRAM_CMD_COUNT && k < c->ranks; k++) {
    const struct rank_state *r = &c->rank[k];
    const struct dram_command *ref = &r->history.last[kind];
    struct dram_command missing = {
      .cycle = now, .request = DRAM_NO_REQUEST, .kind = kind, .rank = k
    };
    int64_t latest = due_of (c, r, (int64_t)r->ref_count + c->postponed) + c->slack;
    if ((int64_t)now > latest && !(r->resting && r->rest.kind == DRAM_CMD_SRE))
      violate (c, "tREFI late", r->history.seen[kind] ? ref : &missing, &missing, latest,
               (int64_t)now);
  }
}

/* JEDEC lets a controller postpone or pull in eight refreshes; here the configuration
 * says how many.  Neither bound depends on why the controller chose its moment. */
static void
check_debt (struct dram_check *c, const struct dram_command *x)
{
  const struct rank_state *r = &c->rank[x->rank];
  const struct dram_command *ref = &r->history.last[x->kind];
  int64_t ahead = (int64_t)r->ref_count - c->pulledin;
  int64_t earliest = due_of (c, r, ahead > 0 ? ahead : 0);
  if (x->kind != c->refresh.kind)
    violate (c, "unasked refresh", x, x, 0, 0);
  else if ((int64_t)x->cycle < earliest)
    violate (c, "tREFI early", r->history.seen[x->kind] ? ref : x, x, earliest,
             (int64_t)x->cycle);
}

static void
check_ref (struct dram_check *c, const struct dram_command *x)
{
  const struct rank_state *r = &c->rank[x->rank];
  const struct bank_state *open = open_bank_of_rank (c, x->rank);
  int64_t trp = c->t.trp;
  if (open != NULL)
    violate (c, "closed bank", &open->opener, x, 0, 0);
  after (c, "tRC", &r->history, DRAM_CMD_ACT, x, c->t.trc);
  after (c, "tRP", &r->history, DRAM_CMD_PRE, x, trp);
  after (c, "tRPab", &r->history, DRAM_CMD_PREA, x, c->t.trp_ab);
  after (c, "tRTP", &r->history, DRAM_CMD_RDA, x, read_to_precharge (c) + trp);
  after (c, "tWR", &r->history, DRAM_CMD_WRA, x, write_to_precharge (c) + trp);
  after (c, c->refresh.rule, &r->history, DRAM_CMD_REF, x, c->refresh.cycles);
  check_debt (c, x);
}

/* A refresh of a few banks; each of them keeps what an ACT would have to keep. */
static void
check_unit_refresh (struct dram_check *c, const struct dram_command *x)
{
  struct rank_state *r = &c->rank[x->rank];
  uint32_t unit = (x->bank_group * c->org.banks + x->bank) % c->refresh.units;
  struct dram_command at;
  check_debt (c, x);
  for (uint32_t i = 0; i < c->org.bank_groups * c->org.banks && !c->failed; i++) {
    if (at_bank (c, x, i, &at))
      check_row_start (c, &at);
  }
  if ((r->round >> unit & 1) != 0)
    violate (c, "refresh round", &r->history.last[x->kind], x, 0, 0);
  r->round |= UINT64_C (1) << unit;
  if (r->round == ~UINT64_C (0) >> (64 - c->refresh.units))
    r->round = 0;
}

static int64_t
data_start (const struct dram_check *c, const struct dram_command *x)
{
  return (int64_t)x->cycle + (is_read (x->kind) ? c->rl : c->wl);
}

/* One earlier burst against the new one: they must not overlap, and leave a gap when the
 * bus changes its driver.  In distances of commands, so that the message can be compared
 * with the log. */
static void
check_burst (struct dram_check *c, const struct dram_command *earlier,
             const struct dram_command *x)
{
  int64_t earlier_latency = data_start (c, earlier) - (int64_t)earlier->cycle;
  int64_t latency = data_start (c, x) - (int64_t)x->cycle;
  int64_t adjoining = earlier_latency + c->burst - latency;
  apart (c, "data bus", earlier, x, adjoining);
  if (earlier->rank != x->rank)
    apart (c, "tRTRS", earlier, x, adjoining + c->t.trtrs);
  else if (is_read (earlier->kind) && !is_read (x->kind))
    apart (c, "turnaround", earlier, x, adjoining + c->t.rtw_gap);
}

static void
check_data_bus (struct dram_check *c, const struct dram_command *x)
{
  for (uint32_t k = 0; k < c->ranks; k++) {
    const struct history *h = &c->rank[k].history;
    for (enum dram_command_kind kind = DRAM_CMD_RD; kind <= DRAM_CMD_WRA; kind++) {
      if (h->seen[kind])
        check_burst (c, &h->last[kind], x);
    }
  }
}

/* The state first, then what the bank, the bus, the group and the rank ask for. */
static void
check_column (struct dram_check *c, const struct dram_command *x)
{
  struct bank_state *b = bank_of (c, x);
  const struct history *group = &c->group[group_index (c, x)];
  const struct history *rank = &c->rank[x->rank].history;
  int64_t write_end = (int64_t)c->t.cwl + c->burst; /* AL delays both and drops out */
  if (!b->open || b->opener.row != x->row)
    violate (c, "open row", b->touched ? &b->opener : x, x, 0, 0);
  check_data_bus (c, x);
  if (is_read (x->kind)) {
    after (c, "tRCD", &b->history, DRAM_CMD_ACT, x, (int64_t)c->t.trcd - c->t.al);
    after_reads (c, "tCCD_L", group, x, c->t.tccd_l);
    after_reads (c, "tCCD_S", rank, x, c->t.tccd_s);
    after_writes (c, "tWTR_L", group, x, write_end + c->t.twtr_l);
    after_writes (c, "tWTR_S", rank, x, write_end + c->t.twtr_s);
  } else {
    after (c, "tRCDWR", &b->history, DRAM_CMD_ACT, x, (int64_t)c->t.trcd_wr - c->t.al);
    after_writes (c, "tCCD_L_WR", group, x, c->t.tccd_l_wr);
    after_writes (c, "tCCD_S", rank, x, c->t.tccd_s);
  }
  if (x->kind == DRAM_CMD_RDA)
    after (c, "tWR", &b->history, DRAM_CMD_WR, x,
           write_to_precharge (c) - read_to_precharge (c));
}

/* An idle rank goes to rest: the same care as before a refresh of all banks, and no data
 * on the bus. */
static void
check_rest (struct dram_check *c, const struct dram_command *x)
{
  const struct rank_state *r = &c->rank[x->rank];
  const struct history *h = &r->history;
  const struct bank_state *open = open_bank_of_rank (c, x->rank);
  int64_t trp = c->t.trp, data = c->rl + c->burst + 1;
  if (x->kind == DRAM_CMD_SRE && open != NULL)
    violate (c, "power state", &open->opener, x, 0, 0);
  if (x->kind == DRAM_CMD_SRE && r->slept && r->ref_count == 0)
    violate (c, "self-refresh", &h->last[DRAM_CMD_SRX], x, 0, 0);
  after (c, "tRC", h, DRAM_CMD_ACT, x, c->t.trc);
  after (c, "tRP", h, DRAM_CMD_PRE, x, trp);
  after (c, "tRPab", h, DRAM_CMD_PREA, x, c->t.trp_ab);
  after (c, "tRP", h, DRAM_CMD_PRESB, x, trp);
  after_reads (c, "tRDPDEN", h, x,
               data > read_to_precharge (c) ? data : read_to_precharge (c));
  after (c, "tRTP", h, DRAM_CMD_RDA, x, read_to_precharge (c) + trp);
  after (c, "tWR", h, DRAM_CMD_WR, x, write_to_precharge (c));
  after (c, "tWR", h, DRAM_CMD_WRA, x, write_to_precharge (c) + trp);
  if (c->refresh.kind != DRAM_CMD_COUNT)
    after (c, c->refresh.rule, h, c->refresh.kind, x, c->refresh.cycles);
}

/* What a rank that rested, or still does, asks of any command. */
static void
check_power (struct dram_check *c, const struct dram_command *x)
{
  const struct rank_state *r = &c->rank[x->rank];
  bool exit = x->kind == DRAM_CMD_PDX || x->kind == DRAM_CMD_SRX;
  bool down = r->resting && r->rest.kind == DRAM_CMD_PDE;
  int64_t tcke = c->t.tcke;
  if (r->resting != exit || (exit && down != (x->kind == DRAM_CMD_PDX)))
    violate (c, "power state", r->resting ? &r->rest : x, x, 0, 0);
  else if (exit)
    apart (c, down ? "tCKE" : "tCKESR", &r->rest, x, down ? tcke : (int64_t)c->t.tckesr);
  after (c, "tXP", &r->history, DRAM_CMD_PDX, x, c->t.txp);
  after (c, "tXS", &r->history, DRAM_CMD_SRX, x, c->t.txs);
  if (r->slow && is_read (x->kind))
    after (c, "tXPDLL", &r->history, DRAM_CMD_PDX, x, c->t.txpdll);
}

static bool
place_exists (const struct dram_check *c, const struct dram_command *x)
{
  return (unsigned)x->kind < DRAM_CMD_COUNT && x->rank < c->ranks
         && x->bank_group < c->org.bank_groups && x->bank < c->org.banks
         && x->row < c->org.rows && x->column < c->org.columns;
}

static void
set_bank (struct bank_state *b, const struct dram_command *x, bool open)
{
  b->open = open;
  b->opener = *x;
  b->touched = true;
}

static void
remember (struct history *h, const struct dram_command *x)
{
  h->last[x->kind] = *x;
  h->seen[x->kind] = true;
}

/* After PREA and REF: all banks of the rank are closed. */
static void
record_rank_command (struct dram_check *c, const struct dram_command *x)
{
  struct rank_state *r = &c->rank[x->rank];
  uint32_t banks = c->org.bank_groups * c->org.banks;
  remember (&r->history, x);
  if (x->kind == DRAM_CMD_REF) {
    r->ref_count++;
    return;
  }
  for (uint32_t b = x->rank * banks; b < (x->rank + 1) * banks; b++) {
    if (c->bank[b].open)
      set_bank (&c->bank[b], x, false);
  }
}

static void
record_bank_command (struct dram_check *c, const struct dram_command *x)
{
  struct rank_state *r = &c->rank[x->rank];
  struct bank_state *b = bank_of (c, x);
  remember (&b->history, x);
  remember (&c->group[group_index (c, x)], x);
  remember (&r->history, x);
  if (x->kind == DRAM_CMD_ACT) {
    r->acts[r->act_count++ % FAW_DEPTH] = *x;
    set_bank (b, x, true);
  } else if (x->kind != DRAM_CMD_RD && x->kind != DRAM_CMD_WR) {
    set_bank (b, x, false);
  }
}

/* REFPB, REFSB and PRESB, in the history of each of their banks and once in the rank's.
 */
static void
record_unit_command (struct dram_check *c, const struct dram_command *x)
{
  struct rank_state *r = &c->rank[x->rank];
  struct dram_command at;
  remember (&r->history, x);
  r->ref_count += x->kind != DRAM_CMD_PRESB;
  for (uint32_t i = 0; i < c->org.bank_groups * c->org.banks; i++) {
    if (!at_bank (c, x, i, &at))
      continue;
    struct bank_state *b = bank_of (c, &at);
    remember (&b->history, x);
    if (x->kind == DRAM_CMD_PRESB && b->open)
      set_bank (b, x, false);
  }
}

/* With SRX, refreshes are counted from the beginning, and the round is a new one. */
static void
record_power (struct dram_check *c, const struct dram_command *x)
{
  struct rank_state *r = &c->rank[x->rank];
  remember (&r->history, x);
  if (x->kind == DRAM_CMD_PDX)
    r->slow = c->slow_exits && open_bank_of_rank (c, x->rank) == NULL;
  if (x->kind == DRAM_CMD_SRX) {
    r->first_due = (int64_t)x->cycle + c->t.txs + c->refresh.interval;
    r->ref_count = r->round = 0;
    r->slept = true;
  }
  r->resting = x->kind == DRAM_CMD_PDE || x->kind == DRAM_CMD_SRE;
  r->rest = *x;
}

static void
record (struct dram_check *c, const struct dram_command *x)
{
  switch (x->kind) {
  case DRAM_CMD_PREA:
  case DRAM_CMD_REF:
    record_rank_command (c, x);
    break;
  case DRAM_CMD_PRESB:
  case DRAM_CMD_REFPB:
  case DRAM_CMD_REFSB:
    record_unit_command (c, x);
    break;
  case DRAM_CMD_PDE:
  case DRAM_CMD_PDX:
  case DRAM_CMD_SRE:
  case DRAM_CMD_SRX:
    record_power (c, x);
    break;
  default:
    record_bank_command (c, x);
  }
}

static void
check_kind (struct dram_check *c, const struct dram_command *x)
{
  switch (x->kind) {
  case DRAM_CMD_ACT:
    check_act (c, x);
    break;
  case DRAM_CMD_PRE:
    check_pre (c, x);
    break;
  case DRAM_CMD_PREA:
    check_prea (c, x);
    break;
  case DRAM_CMD_REF:
    check_ref (c, x);
    break;
  case DRAM_CMD_PRESB:
    check_presb (c, x);
    break;
  case DRAM_CMD_REFPB:
  case DRAM_CMD_REFSB:
    check_unit_refresh (c, x);
    break;
  case DRAM_CMD_PDE:
  case DRAM_CMD_SRE:
    check_rest (c, x);
    break;
  case DRAM_CMD_PDX:
  case DRAM_CMD_SRX:
    break; /* see check_power */
  default:
    check_column (c, x);
  }
}

int
dram_check_command (struct dram_check *c, const struct dram_command *x)
{
  if (c->failed)
    return -1;
  if (!place_exists (c, x))
    violate (c, "place", x, x, 0, 0);
  else if (c->started)
    apart (c, "command bus", &c->previous, x, 1);
  if (!c->failed) {
    check_overdue (c, x->cycle);
    check_power (c, x);
    check_kind (c, x);
  }
  if (c->failed)
    return -1;
  record (c, x);
  c->previous = *x;
  c->started = true;
  return 0;
}

void
dram_check_log (void *check, const struct dram_command *command)
{
  (void)dram_check_command (check, command);
}

int
dram_check_end (struct dram_check *c, uint64_t cycle)
{
  if (!c->failed)
    check_overdue (c, cycle);
  return c->failed ? -1 : 0;
}

const struct dram_violation *
dram_check_violation (const struct dram_check *c)
{
  return c->failed ? &c->violation : NULL;
}

static int64_t
larger (int64_t a, int64_t b)
{
  return a > b ? a : b;
}

/* How long after its last moment a forced REF can come: a bank may have been opened or
 * written in the cycle before, and managers of other ranks may take the command bus.  One
 * of a few banks also waits for the ones before, if need be of the same banks; a rank in
 * power-down is woken first. */
static int64_t
closing_time (const struct dram_check *c)
{
  int64_t precharge =
      larger (c->t.tras, larger (read_to_precharge (c), write_to_precharge (c)));
  int64_t closing = larger (c->t.trc, precharge + c->t.trp_ab) + 2 * (int64_t)c->ranks;
  if (c->rests)
    closing += (int64_t)c->t.tcke + c->t.txp + 2 * (int64_t)c->ranks;
  if (c->refresh.kind == DRAM_CMD_REF)
    return closing;
  return closing + c->refresh.cycles + larger (c->t.trrefd, c->t.tpbr2pbr) + c->t.tfaw
         + c->t.trrd_l;
}

/* Ranks take turns in bit-reversed order, so that their refreshes spread over tREFI. */
static uint32_t
bit_reverse (uint32_t value, uint32_t count)
{
  uint32_t reversed = 0;
  for (uint32_t bit = 1; bit < count; bit *= 2)
    reversed = reversed * 2 + ((value & bit) != 0);
  return reversed;
}

/* From the standards' view: JESD79-4B (fine granularity), JESD209-4 and JESD235 (per
 * bank), JESD79-5 (same bank). */
static struct refresh_rules
rules_of (const struct dram_config *config)
{
  const struct dram_timing *t = &config->part.timing;
  const struct dram_org *o = &config->part.org;
  struct refresh_rules r = {
    .kind = DRAM_CMD_REF, .rule = "tRFC", .cycles = t->trfc, .units = 1, .parts = 1
  };
  switch (config->refresh_policy) {
  case DRAM_REFRESH_NOREFRESH:
    r.kind = DRAM_CMD_COUNT;
    break;
  case DRAM_REFRESH_ALLBANK:
    break;
  case DRAM_REFRESH_ALLBANK2X:
    r.rule = "tRFC2", r.cycles = t->trfc2, r.parts = 2;
    break;
  case DRAM_REFRESH_ALLBANK4X:
    r.rule = "tRFC4", r.cycles = t->trfc4, r.parts = 4;
    break;
  case DRAM_REFRESH_PERBANK:
    r.kind = DRAM_CMD_REFPB, r.rule = "tRFCpb", r.cycles = t->trfcpb;
    r.units = r.parts = o->bank_groups * o->banks;
    break;
  case DRAM_REFRESH_SAMEBANK:
    r.kind = DRAM_CMD_REFSB, r.rule = "tRFCsb", r.cycles = t->trfcsb;
    r.units = o->banks;
    r.parts = 2 * o->banks;
    break;
  }
  r.interval = t->trefi / r.parts;
  return r;
}

static void
set_up (struct dram_check *c, const struct dram_config *config)
{
  c->t = config->part.timing;
  c->org = config->part.org;
  c->ranks = config->ranks;
  c->burst = c->org.burst / 2;
  c->rl = (int64_t)c->t.al + c->t.cl;
  c->wl = (int64_t)c->t.al + c->t.cwl;
  c->refresh = rules_of (config);
  c->rests = config->power_down != DRAM_POWER_DOWN_NEVER;
  c->slow_exits = config->power_down == DRAM_POWER_DOWN_SLOW;
  /* bounds of the debt in refreshes of the policy's size, of which tREFI holds several */
  int64_t parts = c->refresh.parts;
  c->postponed = config->refresh_max_postponed * parts;
  c->pulledin = config->refresh_max_pulledin * parts;
  c->slack = closing_time (c);
  for (uint32_t k = 0; k < c->ranks; k++) {
    int64_t stagger = bit_reverse (k, c->ranks) * c->refresh.interval / c->ranks;
    c->rank[k].first_due = c->refresh.interval - stagger;
  }
}

struct dram_check *
dram_check_new (const struct dram_config *config, struct dram_error *err)
{
  const char *fault = dram_part_fault (&config->part);
  uint32_t ranks = config->ranks;
  if (fault == NULL
      && (ranks < 1 || ranks > DRAM_RANKS_MAX || (ranks & (ranks - 1)) != 0
          || ranks * dram_part_banks (&config->part) > DRAM_BANKS_MAX))
    fault = "ranks must be 1, 2, 4 or 8, with at most 64 banks in all";
  if (fault != NULL) {
    dram_fail (err, "no command log can be checked for this part: %s", fault);
    return NULL;
  }
  struct dram_check *c = calloc (1, sizeof *c);
  if (c == NULL) {
    dram_fail (err, "out of memory for a checker of command logs");
    return NULL;
  }
  set_up (c, config);
  return c;
}

void
dram_check_destroy (struct dram_check **check)
{
  if (check == NULL)
    return;
  free (*check);
  *check = NULL;
}

static int
place_text (const struct dram_command *x, char *text, size_t size)
{
  if (x->kind == DRAM_CMD_REFPB || x->kind == DRAM_CMD_REFSB || x->kind == DRAM_CMD_PRESB)
    return snprintf (
        text, size,
        "%s of rank %" PRIu32 " group %" PRIu32 " bank %" PRIu32 " at cycle %" PRIu64,
        dram_command_name (x->kind), x->rank, x->bank_group, x->bank, x->cycle);
  if (x->kind == DRAM_CMD_PREA || x->kind == DRAM_CMD_REF || x->kind >= DRAM_CMD_PDE)
    return snprintf (text, size, "%s of rank %" PRIu32 " at cycle %" PRIu64,
                     dram_command_name (x->kind), x->rank, x->cycle);
  return snprintf (text, size,
                   "%s of rank %" PRIu32 " group %" PRIu32 " bank %" PRIu32
                   " row %" PRIu32 " column %" PRIu32 " at cycle %" PRIu64,
                   dram_command_name (x->kind), x->rank, x->bank_group, x->bank, x->row,
                   x->column, x->cycle);
}

const char *
dram_violation_text (const struct dram_violation *v, char *text, size_t size)
{
  char earlier[160], later[160];
  place_text (&v->earlier, earlier, sizeof earlier);
  place_text (&v->later, later, sizeof later);
  snprintf (text, size, "%s: %s; after %s; required %" PRId64 ", actual %" PRId64,
            v->rule, later, earlier, v->required, v->actual);
  return text;
}
