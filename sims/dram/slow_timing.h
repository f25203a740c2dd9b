/* SPDX-License-Identifier: MIT */
/*
 * When a command may be issued: section 6 of dram.h as a table that is read line by line.
 *
 * The cycle-by-cycle simulator keeps the latest command of every kind and bank in a
 * history and asks, in every cycle and for every command it could issue, each line of the
 * table.  Plain data without pointers; for one thread at a time.
 *
 * A command is given by its kind and a bank number (dram.h, section 1); for PREA and REF,
 * which belong to a rank, that of any bank of the rank; for PRESB and REFSB that of any
 * of their banks.
 */
#ifndef SIMS_DRAM_SLOW_TIMING_H
#define SIMS_DRAM_SLOW_TIMING_H

#include <stdbool.h>
#include <stdint.h>

#include "sims/dram/dram.h"

enum { SLOW_RULES_MAX = 80, SLOW_FAW_COMMANDS = 4 };

/* A kind of its own for the history: added beside a PDX that is a slow exit. */
enum { SLOW_PDX_SLOW = DRAM_CMD_COUNT, SLOW_KINDS };

/* Where the later command has to be, as seen from the earlier one. */
enum slow_scope { SLOW_SAME_BANK, SLOW_SAME_GROUP, SLOW_SAME_RANK, SLOW_OTHER_RANK };

/* A line of the table: any command of the set `first`, then any of the set `then`.  Bit i
 * of a set stands for kind i. */
struct slow_rule {
  enum slow_scope scope;
  unsigned first, then;
  int64_t distance; /* cycles */
};

struct slow_timing_table {
  struct slow_rule rule[SLOW_RULES_MAX];
  uint32_t rules;
  int64_t tfaw;
  uint32_t banks_per_group, banks_per_rank, banks;
};

/* Cycles of the latest commands, UINT64_MAX for none. */
struct slow_history {
  uint64_t last[DRAM_BANKS_MAX][SLOW_KINDS];
  uint64_t acts[DRAM_BANKS_MAX][SLOW_FAW_COMMANDS]; /* of the bank, oldest first */
};

/* `refresh` is tRFC* of the configuration's policy. */
void slow_timing_table_make (struct slow_timing_table *table,
                             const struct dram_config *config, int64_t refresh);

void slow_history_start (struct slow_history *history);

/* A command was issued in cycle t. */
void slow_history_add (const struct slow_timing_table *table,
                       struct slow_history *history, unsigned kind, uint32_t bank,
                       uint64_t t);

/* Whether every earlier command is far enough from cycle t.  The command bus is not
 * looked at: the caller issues at most one command in a cycle. */
bool slow_may_be_issued (const struct slow_timing_table *table,
                         const struct slow_history *history, enum dram_command_kind kind,
                         uint32_t bank, uint64_t t);

#endif
