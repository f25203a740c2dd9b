/* The table of distances in the slow model, pair by pair. */
#include "sims/dram/slow_timing.h"
#include "tests/tap.h"

#define ACT   DRAM_CMD_ACT
#define PRE   DRAM_CMD_PRE
#define PREA  DRAM_CMD_PREA
#define RD    DRAM_CMD_RD
#define RDA   DRAM_CMD_RDA
#define WR    DRAM_CMD_WR
#define WRA   DRAM_CMD_WRA
#define REF   DRAM_CMD_REF
#define REFPB DRAM_CMD_REFPB
#define REFSB DRAM_CMD_REFSB
#define PRESB DRAM_CMD_PRESB
#define PDE   DRAM_CMD_PDE
#define PDX   DRAM_CMD_PDX
#define SRE   DRAM_CMD_SRE
#define SRX   DRAM_CMD_SRX

/* Places seen from bank 0: the same bank, another of its group, of another group, and of
 * another rank; DDR4-2400 has four banks in a group, four groups. */
enum { SAME = 0, GROUP = 1, OTHER_GROUP = 4, OTHER_RANK = 16 };

static const struct pair {
  unsigned first, then; /* kinds */
  uint32_t bank;
  uint64_t distance;
} pairs[] = { { ACT, ACT, SAME, 56 },
              { ACT, ACT, GROUP, 6 },
              { ACT, ACT, OTHER_GROUP, 4 },
              { ACT, ACT, OTHER_RANK, 0 },
              { ACT, PRE, SAME, 39 },
              { ACT, PRE, GROUP, 0 },
              { ACT, RD, SAME, 17 - 3 },
              { ACT, WRA, SAME, 15 - 3 },
              { ACT, RD, GROUP, 0 },
              { ACT, PREA, GROUP, 39 },
              { ACT, REF, OTHER_GROUP, 56 },
              { ACT, REF, OTHER_RANK, 0 },
              { PRE, ACT, SAME, 17 },
              { PRE, ACT, GROUP, 0 },
              { PRE, REF, OTHER_GROUP, 17 },
              { PREA, ACT, OTHER_GROUP, 18 },
              { PREA, REF, SAME, 18 },
              { PREA, ACT, OTHER_RANK, 0 },
              { RD, PRE, SAME, 3 + 9 },
              { RD, PRE, GROUP, 0 },
              { RD, PREA, OTHER_GROUP, 12 },
              { RDA, PREA, OTHER_GROUP, 12 },
              { RDA, ACT, SAME, 3 + 9 + 17 },
              { RDA, REF, OTHER_GROUP, 3 + 9 + 17 },
              { RD, RD, SAME, 6 },
              { RD, RDA, GROUP, 6 },
              { RDA, RD, OTHER_GROUP, 4 },
              { RD, RD, OTHER_RANK, 4 + 2 },
              { RD, WR, SAME, 13 },
              { RDA, WRA, OTHER_GROUP, 17 + 4 + 4 - 12 },
              { RD, WR, OTHER_RANK, 11 },
              { WR, PRE, SAME, 3 + 12 + 4 + 18 },
              { WR, PREA, GROUP, 37 },
              { WRA, PREA, OTHER_GROUP, 37 },
              { WRA, ACT, SAME, 37 + 17 },
              { WRA, REF, OTHER_GROUP, 37 + 17 },
              { WR, WR, GROUP, 7 },
              { WRA, WR, OTHER_GROUP, 4 },
              { WR, WRA, OTHER_RANK, 4 + 2 },
              { WR, RD, GROUP, 12 + 4 + 9 },
              { WR, RDA, SAME, 25 },
              { WRA, RD, OTHER_GROUP, 12 + 4 + 3 },
              { WR, RD, OTHER_RANK, 1 },
              { REF, ACT, OTHER_GROUP, 420 },
              { REF, REF, SAME, 420 },
              { REF, ACT, OTHER_RANK, 0 },
              { ACT, REFPB, SAME, 56 },
              { ACT, REFPB, GROUP, 6 },
              { ACT, REFSB, GROUP, 6 },
              { ACT, REFSB, OTHER_GROUP, 56 },
              { ACT, PRESB, OTHER_GROUP, 39 },
              { RDA, PRESB, SAME, 12 },
              { WR, PRESB, OTHER_GROUP, 37 },
              { PRE, REFPB, SAME, 17 },
              { PRESB, ACT, OTHER_GROUP, 17 },
              { PRESB, ACT, GROUP, 0 },
              { PRESB, REFSB, SAME, 17 },
              { RDA, REFPB, SAME, 3 + 9 + 17 },
              { WRA, REFSB, OTHER_GROUP, 37 + 17 },
              { REFPB, ACT, SAME, 420 },
              { REFPB, ACT, OTHER_GROUP, 8 },
              { REFPB, REFPB, GROUP, 10 },
              { REFSB, ACT, OTHER_GROUP, 420 },
              { REFSB, ACT, GROUP, 8 },
              { REFSB, ACT, OTHER_RANK, 0 },
              { RD, PDE, OTHER_GROUP, 3 + 17 + 4 + 1 },
              { WR, SRE, OTHER_GROUP, 37 },
              { RDA, PDE, SAME, 3 + 9 + 17 },
              { ACT, SRE, GROUP, 56 },
              { PRESB, PDE, SAME, 17 },
              { REFPB, PDE, GROUP, 420 },
              { PDE, PDX, SAME, 6 },
              { SRE, SRX, SAME, 9 },
              { PDX, RD, OTHER_GROUP, 8 },
              { PDX, SRE, SAME, 8 },
              { SLOW_PDX_SLOW, RDA, GROUP, 24 },
              { SLOW_PDX_SLOW, ACT, GROUP, 0 },
              { SRX, REF, SAME, 432 },
              { PDX, ACT, OTHER_RANK, 0 } };

static void
make_table (struct slow_timing_table *table, uint32_t twr)
{
  struct dram_config config;
  dram_config_default (&config, dram_part_find ("DDR4-2400"));
  config.ranks = 2;
  config.part.timing.al = 3;
  config.part.timing.twr = twr;
  config.part.timing.trrefd = 8;
  config.part.timing.tpbr2pbr = 10;
  config.part.timing.trcd_wr = 15;
  config.part.timing.trp_ab = 18;
  config.part.timing.tccd_l_wr = 7;
  config.part.timing.rtw_gap = 4;
  config.part.timing.tckesr = 9;
  config.part.timing.txpdll = 24;
  slow_timing_table_make (table, &config, 420);
}

static uint64_t
first_allowed (const struct slow_timing_table *table, const struct slow_history *history,
               enum dram_command_kind kind, uint32_t bank, uint64_t from)
{
  uint64_t t = from;
  while (t < from + 1000 && !slow_may_be_issued (table, history, kind, bank, t))
    t++;
  return t - from;
}

static void
test_pairs (void)
{
  struct slow_timing_table table;
  make_table (&table, 18);
  for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
    struct slow_history history;
    slow_history_start (&history);
    slow_history_add (&table, &history, pairs[i].first, 0, 100);
    uint64_t found = first_allowed (
        &table, &history, (enum dram_command_kind)pairs[i].then, pairs[i].bank, 100);
    if (found != pairs[i].distance)
      tap_note ("%s then %s at bank %u: %u",
                dram_command_name ((enum dram_command_kind)pairs[i].first),
                dram_command_name ((enum dram_command_kind)pairs[i].then), pairs[i].bank,
                (unsigned)found);
    CU_ASSERT_EQUAL (found, pairs[i].distance);
  }
}

/* Only with a long write recovery does the precharge of RDA decide, not tWTR_L. */
static void
test_write_then_read_with_precharge (void)
{
  struct slow_timing_table table;
  struct slow_history history;
  make_table (&table, 30);
  slow_history_start (&history);
  slow_history_add (&table, &history, WR, 0, 100);
  CU_ASSERT_EQUAL (first_allowed (&table, &history, RDA, 0, 100), 12 + 4 + 30 - 9);
  CU_ASSERT_EQUAL (first_allowed (&table, &history, RD, 0, 100), 25);
}

static void
test_four_activates (void)
{
  struct slow_timing_table table;
  struct slow_history history;
  make_table (&table, 18);
  slow_history_start (&history);
  for (uint32_t i = 0; i < 4; i++)
    slow_history_add (&table, &history, ACT, 4 * i, 100 + 5 * i);
  CU_ASSERT_EQUAL (first_allowed (&table, &history, ACT, 1, 121), 5);
  CU_ASSERT_EQUAL (first_allowed (&table, &history, ACT, 16, 115), 0);
  slow_history_add (&table, &history, ACT, 1, 126);
  CU_ASSERT_EQUAL (first_allowed (&table, &history, ACT, 5, 130), 1);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "every pair of commands", test_pairs },
                                           { "write, then read with precharge",
                                             test_write_then_read_with_precharge },
                                           { "four activates", test_four_activates },
                                           { 0 } };
  return tap_run ("dram-slow-timing", tests);
}
