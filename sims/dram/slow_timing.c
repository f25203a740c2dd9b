/* SPDX-License-Identifier: MIT */
/* See slow_timing.h.  The lines below are those of the table in section 6 of dram.h, in
 * its order, and have its names. */
#include "sims/dram/slow_timing.h"

enum {
  ACT = 1 << DRAM_CMD_ACT,
  PRE = 1 << DRAM_CMD_PRE,
  PREA = 1 << DRAM_CMD_PREA,
  RD = 1 << DRAM_CMD_RD,
  RDA = 1 << DRAM_CMD_RDA,
  WR = 1 << DRAM_CMD_WR,
  WRA = 1 << DRAM_CMD_WRA,
  REF = 1 << DRAM_CMD_REF,
  REFPB = 1 << DRAM_CMD_REFPB,
  REFSB = 1 << DRAM_CMD_REFSB,
  PRESB = 1 << DRAM_CMD_PRESB,
  REFUNIT = REFPB | REFSB,
  PDE = 1 << DRAM_CMD_PDE,
  PDX = 1 << DRAM_CMD_PDX,
  SRE = 1 << DRAM_CMD_SRE,
  SRX = 1 << DRAM_CMD_SRX,
  PDX_SLOW = 1 << SLOW_PDX_SLOW,
  REST = PDE | SRE,
  ANY = (1 << DRAM_CMD_COUNT) - 1,
  READS = RD | RDA,
  WRITES = WR | WRA
};

/* The terms of the distances. */
struct terms {
  const struct dram_timing *t;
  int64_t b, al, cl, cwl;
  int64_t write_recovery; /* WL + B + tWR */
  int64_t refresh;        /* tRFC* */
};

static void
line (struct slow_timing_table *table, enum slow_scope scope, unsigned first,
      unsigned then, int64_t distance)
{
  table->rule[table->rules++] = (struct slow_rule){
    .scope = scope, .first = first, .then = then, .distance = distance
  };
}

static void
bank_lines (struct slow_timing_table *table, const struct terms *x)
{
  const struct dram_timing *t = x->t;
  line (table, SLOW_SAME_BANK, ACT, ACT | REFUNIT, t->trc);
  line (table, SLOW_SAME_BANK, ACT, PRE | PRESB, t->tras);
  line (table, SLOW_SAME_BANK, ACT, READS, t->trcd - x->al);
  line (table, SLOW_SAME_BANK, ACT, WRITES, t->trcd_wr - x->al);
  line (table, SLOW_SAME_BANK, RD, PRE, x->al + t->trtp);
  line (table, SLOW_SAME_BANK, WR, PRE, x->write_recovery);
  line (table, SLOW_SAME_BANK, WR, RDA, x->write_recovery - t->trtp - x->al);
  line (table, SLOW_SAME_BANK, READS, PRESB, x->al + t->trtp);
  line (table, SLOW_SAME_BANK, WRITES, PRESB, x->write_recovery);
  line (table, SLOW_SAME_BANK, PRE | PRESB, ACT | REFUNIT, t->trp);
  line (table, SLOW_SAME_BANK, RDA, ACT | REFUNIT, x->al + t->trtp + t->trp);
  line (table, SLOW_SAME_BANK, WRA, ACT | REFUNIT, x->write_recovery + t->trp);
  line (table, SLOW_SAME_BANK, REFUNIT, ACT | REFUNIT, x->refresh);
}

static void
group_lines (struct slow_timing_table *table, const struct terms *x)
{
  const struct dram_timing *t = x->t;
  line (table, SLOW_SAME_GROUP, ACT, ACT | REFUNIT, t->trrd_l);
  line (table, SLOW_SAME_GROUP, READS, READS, t->tccd_l);
  line (table, SLOW_SAME_GROUP, WRITES, WRITES, t->tccd_l_wr);
  line (table, SLOW_SAME_GROUP, WRITES, READS, x->cwl + x->b + t->twtr_l);
}

static void
rank_lines (struct slow_timing_table *table, const struct terms *x)
{
  const struct dram_timing *t = x->t;
  line (table, SLOW_SAME_RANK, ACT, ACT | REFUNIT, t->trrd_s);
  line (table, SLOW_SAME_RANK, REFUNIT, ACT | REFUNIT, t->trrefd);
  line (table, SLOW_SAME_RANK, REFUNIT, REFUNIT, t->tpbr2pbr);
  line (table, SLOW_SAME_RANK, READS, READS, t->tccd_s);
  line (table, SLOW_SAME_RANK, WRITES, WRITES, t->tccd_s);
  line (table, SLOW_SAME_RANK, READS, WRITES, x->cl + x->b + t->rtw_gap - x->cwl);
  line (table, SLOW_SAME_RANK, WRITES, READS, x->cwl + x->b + t->twtr_s);
  line (table, SLOW_SAME_RANK, ACT, PREA, t->tras);
  line (table, SLOW_SAME_RANK, READS, PREA, x->al + t->trtp);
  line (table, SLOW_SAME_RANK, WRITES, PREA, x->write_recovery);
  line (table, SLOW_SAME_RANK, PREA, ACT | REF | REFUNIT | REST, t->trp_ab);
  line (table, SLOW_SAME_RANK, ACT, REF, t->trc);
  line (table, SLOW_SAME_RANK, PRE, REF, t->trp);
  line (table, SLOW_SAME_RANK, RDA, REF, x->al + t->trtp + t->trp);
  line (table, SLOW_SAME_RANK, WRA, REF, x->write_recovery + t->trp);
  line (table, SLOW_SAME_RANK, REF, ACT | REF, x->refresh);
}

static int64_t
larger (int64_t a, int64_t b)
{
  return a > b ? a : b;
}

static void
rest_lines (struct slow_timing_table *table, const struct terms *x)
{
  const struct dram_timing *t = x->t;
  int64_t read = larger (x->al + x->cl + x->b + 1, x->al + t->trtp);
  line (table, SLOW_SAME_RANK, READS, REST, read);
  line (table, SLOW_SAME_RANK, WRITES, REST, x->write_recovery);
  line (table, SLOW_SAME_RANK, ACT, REST, t->trc);
  line (table, SLOW_SAME_RANK, PRE | PRESB, REST, t->trp);
  line (table, SLOW_SAME_RANK, RDA, REST, x->al + t->trtp + t->trp);
  line (table, SLOW_SAME_RANK, WRA, REST, x->write_recovery + t->trp);
  line (table, SLOW_SAME_RANK, REF | REFUNIT, REST, x->refresh);
  line (table, SLOW_SAME_RANK, PDE, PDX, t->tcke);
  line (table, SLOW_SAME_RANK, SRE, SRX, t->tckesr);
  line (table, SLOW_SAME_RANK, PDX, ANY, t->txp);
  line (table, SLOW_SAME_RANK, PDX_SLOW, READS, t->txpdll);
  line (table, SLOW_SAME_RANK, SRX, ANY, t->txs);
}

/* Ranks share the data bus alone. */
static void
other_rank_lines (struct slow_timing_table *table, const struct terms *x)
{
  int64_t gap = x->b + x->t->trtrs;
  line (table, SLOW_OTHER_RANK, READS, READS, gap);
  line (table, SLOW_OTHER_RANK, WRITES, WRITES, gap);
  line (table, SLOW_OTHER_RANK, READS, WRITES, x->cl + gap - x->cwl);
  line (table, SLOW_OTHER_RANK, WRITES, READS, x->cwl + gap - x->cl);
}

void
slow_timing_table_make (struct slow_timing_table *table, const struct dram_config *config,
                        int64_t refresh)
{
  const struct dram_part *part = &config->part;
  const struct dram_timing *t = &part->timing;
  struct terms x = {
    .t = t, .b = part->org.burst / 2, .al = t->al, .cl = t->cl, .cwl = t->cwl
  };
  x.write_recovery = x.al + x.cwl + x.b + t->twr;
  x.refresh = refresh;
  *table = (struct slow_timing_table){ .tfaw = t->tfaw,
                                       .banks_per_group = part->org.banks,
                                       .banks_per_rank = dram_part_banks (part),
                                       .banks = dram_part_banks (part) * config->ranks };
  bank_lines (table, &x);
  group_lines (table, &x);
  rank_lines (table, &x);
  rest_lines (table, &x);
  other_rank_lines (table, &x);
}

void
slow_history_start (struct slow_history *history)
{
  for (uint32_t bank = 0; bank < DRAM_BANKS_MAX; bank++) {
    for (int i = 0; i < SLOW_KINDS; i++)
      history->last[bank][i] = UINT64_MAX;
    for (int i = 0; i < SLOW_FAW_COMMANDS; i++)
      history->acts[bank][i] = UINT64_MAX;
  }
}

/* PRESB and REFSB are commands of a bank in each group. */
static bool
is_for (const struct slow_timing_table *table, enum dram_command_kind kind,
        uint32_t named, uint32_t bank)
{
  if (kind != DRAM_CMD_PRESB && kind != DRAM_CMD_REFSB)
    return bank == named;
  return bank / table->banks_per_rank == named / table->banks_per_rank
         && bank % table->banks_per_group == named % table->banks_per_group;
}

void
slow_history_add (const struct slow_timing_table *table, struct slow_history *history,
                  unsigned kind, uint32_t bank, uint64_t t)
{
  uint64_t *acts = history->acts[bank];
  for (uint32_t b = 0; b < table->banks; b++) {
    if (is_for (table, kind, bank, b))
      history->last[b][kind] = t;
  }
  if (kind != DRAM_CMD_ACT)
    return;
  for (int i = 0; i + 1 < SLOW_FAW_COMMANDS; i++)
    acts[i] = acts[i + 1];
  acts[SLOW_FAW_COMMANDS - 1] = t;
}

static bool
too_soon (uint64_t earlier, uint64_t t, int64_t distance)
{
  return earlier != UINT64_MAX && (int64_t)(t - earlier) < distance;
}

/* Scopes are not exclusive: two commands of one bank are in one group and one rank too,
 * and every line that fits them counts. */
static bool
in_scope (const struct slow_timing_table *table, enum slow_scope scope, uint32_t earlier,
          uint32_t later)
{
  switch (scope) {
  case SLOW_SAME_BANK:
    return earlier == later;
  case SLOW_SAME_GROUP:
    return earlier / table->banks_per_group == later / table->banks_per_group;
  case SLOW_SAME_RANK:
    return earlier / table->banks_per_rank == later / table->banks_per_rank;
  default:
    return earlier / table->banks_per_rank != later / table->banks_per_rank;
  }
}

/* Is a command of the set `first` at one bank less than the line's distance ago? */
static bool
forbids (const struct slow_rule *rule, const uint64_t last[SLOW_KINDS], uint64_t t)
{
  for (int kind = 0; kind < SLOW_KINDS; kind++) {
    if ((rule->first >> kind & 1) != 0 && too_soon (last[kind], t, rule->distance))
      return true;
  }
  return false;
}

/* Four ACTs of a rank less than tFAW ago: each bank remembers its latest four, which are
 * enough to count those of the rank. */
static bool
window_is_full (const struct slow_timing_table *table, const struct slow_history *history,
                uint32_t later, uint64_t t)
{
  int acts = 0;
  for (uint32_t bank = 0; bank < table->banks; bank++) {
    for (int i = 0; i < SLOW_FAW_COMMANDS; i++)
      acts += in_scope (table, SLOW_SAME_RANK, bank, later)
              && too_soon (history->acts[bank][i], t, table->tfaw);
  }
  return acts >= SLOW_FAW_COMMANDS;
}

static bool
starts_a_row (enum dram_command_kind kind)
{
  return kind == DRAM_CMD_ACT || kind == DRAM_CMD_REFPB || kind == DRAM_CMD_REFSB;
}

/* The command as one of a single bank. */
static bool
bank_allows (const struct slow_timing_table *table, const struct slow_history *history,
             enum dram_command_kind kind, uint32_t bank, uint64_t t)
{
  for (uint32_t i = 0; i < table->rules; i++) {
    const struct slow_rule *rule = &table->rule[i];
    if ((rule->then >> kind & 1) == 0)
      continue;
    for (uint32_t earlier = 0; earlier < table->banks; earlier++) {
      if (in_scope (table, rule->scope, earlier, bank)
          && forbids (rule, history->last[earlier], t))
        return false;
    }
  }
  return !starts_a_row (kind) || !window_is_full (table, history, bank, t);
}

bool
slow_may_be_issued (const struct slow_timing_table *table,
                    const struct slow_history *history, enum dram_command_kind kind,
                    uint32_t bank, uint64_t t)
{
  for (uint32_t b = 0; b < table->banks; b++) {
    if (is_for (table, kind, bank, b) && !bank_allows (table, history, kind, b, t))
      return false;
  }
  return true;
}
