/* Tests of sims/dram/banks.c. */
#include "sims/dram/banks.h"

#include <string.h>

#include "tests/tap.h"

/* A channel as small as the functions allow, built anew for each test process. */
static struct dram_config config;
static struct dram_timing_state timing;
static struct dram_buffer_state buffer;
static struct dram_banks banks;
static uint64_t number;

static void
start (enum dram_page_policy policy, enum dram_scheduler scheduler)
{
  dram_config_default (&config, NULL);
  config.page_policy = policy;
  config.scheduler = scheduler;
  dram_timing_reset (&timing, &config);
  CU_ASSERT_EQUAL_FATAL (dram_buffer_reset (&buffer, &config), 0);
  dram_banks_reset (&banks, &config, &timing);
  number = 0;
}

static uint64_t
available (uint64_t now)
{
  uint64_t next = DRAM_NEVER;
  uint64_t mask = dram_banks_available (&banks, &timing, now, &next);
  CU_ASSERT (mask != 0 || next > now);
  return mask;
}

static void
store (uint32_t bank, uint32_t row, bool write)
{
  struct dram_slot s = { .request = number, .block = number, .bank = bank, .row = row };
  s.write = write;
  number++;
  if (dram_banks_store (&banks, &buffer, &s))
    dram_banks_offer (&banks, &buffer, &timing, bank, 1000);
}

static void
open_row (uint32_t bank)
{
  dram_banks_opened (&banks, bank, &buffer.slots[banks.slot[bank]]);
  dram_banks_offer (&banks, &buffer, &timing, bank, 1000);
}

static enum dram_command_kind
serve (uint32_t bank)
{
  enum dram_command_kind kind = banks.kind[bank];
  dram_banks_served (&banks, &buffer, bank, kind == DRAM_CMD_RDA || kind == DRAM_CMD_WRA);
  dram_banks_offer (&banks, &buffer, &timing, bank, 1000);
  return kind;
}

/* What a bank issues for rows 1 1 2: opened for the first, then column, column. */
static void
expect_columns (enum dram_page_policy policy, enum dram_scheduler scheduler,
                enum dram_command_kind first, enum dram_command_kind second)
{
  start (policy, scheduler);
  store (0, 1, false);
  CU_ASSERT_EQUAL (banks.kind[0], DRAM_CMD_ACT);
  open_row (0);
  store (0, 1, false);
  store (0, 2, false);
  CU_ASSERT_EQUAL (serve (0), first);
  if ((banks.open & 1) == 0) {
    CU_ASSERT_EQUAL (banks.kind[0], DRAM_CMD_ACT);
    open_row (0);
  }
  CU_ASSERT_EQUAL (serve (0), second);
  if ((banks.open & 1) != 0)
    CU_ASSERT_EQUAL (banks.kind[0], DRAM_CMD_PRE);
}

static void
test_page_policies (void)
{
  expect_columns (DRAM_PAGE_OPEN, DRAM_SCHEDULER_FRFCFS, DRAM_CMD_RD, DRAM_CMD_RD);
  expect_columns (DRAM_PAGE_CLOSED, DRAM_SCHEDULER_FRFCFS, DRAM_CMD_RDA, DRAM_CMD_RDA);
  expect_columns (DRAM_PAGE_OPENADAPTIVE, DRAM_SCHEDULER_FRFCFS, DRAM_CMD_RD,
                  DRAM_CMD_RDA);
  expect_columns (DRAM_PAGE_CLOSEDADAPTIVE, DRAM_SCHEDULER_FRFCFS, DRAM_CMD_RD,
                  DRAM_CMD_RDA);
  expect_columns (DRAM_PAGE_OPENADAPTIVE, DRAM_SCHEDULER_FIFO, DRAM_CMD_RD, DRAM_CMD_RDA);
}

/* The last request of a bank: only the closing policy closes behind it. */
static void
test_last_request (void)
{
  start (DRAM_PAGE_OPENADAPTIVE, DRAM_SCHEDULER_FRFCFS);
  store (0, 1, true);
  open_row (0);
  CU_ASSERT_EQUAL (serve (0), DRAM_CMD_WR);
  CU_ASSERT_EQUAL (banks.open, 1);
  CU_ASSERT_EQUAL (banks.pending, 0);
  start (DRAM_PAGE_CLOSEDADAPTIVE, DRAM_SCHEDULER_FRFCFS);
  store (0, 1, true);
  open_row (0);
  CU_ASSERT_EQUAL (serve (0), DRAM_CMD_WRA);
  CU_ASSERT_EQUAL (banks.open, 0);
}

/* A miss that arrives behind the only hit makes OPENADAPTIVE close, nobody else. */
static void
test_miss_arrives (void)
{
  start (DRAM_PAGE_OPENADAPTIVE, DRAM_SCHEDULER_FRFCFS);
  store (0, 1, false);
  open_row (0);
  CU_ASSERT_EQUAL (banks.kind[0], DRAM_CMD_RD);
  store (0, 2, false);
  CU_ASSERT_EQUAL (banks.kind[0], DRAM_CMD_RDA);
  start (DRAM_PAGE_OPEN, DRAM_SCHEDULER_FRFCFS);
  store (0, 1, false);
  open_row (0);
  store (0, 2, false);
  CU_ASSERT_EQUAL (banks.kind[0], DRAM_CMD_RD);
}

/* Rows 1 2 1 in one bank: FIFO closes the row for the second, the others serve the third;
 * and FIFO's "further hit" is the next request only. */
static void
test_schedulers (void)
{
  static const enum dram_scheduler hit_first[] = { DRAM_SCHEDULER_FRFCFS,
                                                   DRAM_SCHEDULER_FRFCFSGRP };
  start (DRAM_PAGE_OPENADAPTIVE, DRAM_SCHEDULER_FIFO);
  store (0, 1, false);
  open_row (0);
  store (0, 2, false);
  store (0, 1, false);
  CU_ASSERT_EQUAL (banks.kind[0], DRAM_CMD_RDA);
  for (int i = 0; i < 2; i++) {
    start (DRAM_PAGE_OPEN, hit_first[i]);
    store (0, 1, false);
    open_row (0);
    serve (0);
    store (0, 2, false);
    CU_ASSERT_EQUAL (banks.kind[0], DRAM_CMD_PRE);
    store (0, 1, false);
    CU_ASSERT_EQUAL (banks.kind[0], DRAM_CMD_RD);
    CU_ASSERT_EQUAL (banks.number[0], 2);
  }
}

/* Of three hits behind an older miss a row gets two, its first column command counted. */
static void
test_row_hit_cap (void)
{
  start (DRAM_PAGE_OPEN, DRAM_SCHEDULER_FRFCFS);
  config.row_hit_cap = 2;
  dram_banks_reset (&banks, &config, &timing);
  store (0, 1, false);
  open_row (0);
  store (0, 2, false);
  for (int i = 0; i < 3; i++)
    store (0, 1, false);
  CU_ASSERT_EQUAL (serve (0), DRAM_CMD_RD);
  CU_ASSERT_EQUAL (banks.number[0], 2);
  CU_ASSERT_EQUAL (serve (0), DRAM_CMD_RD);
  CU_ASSERT_EQUAL (banks.kind[0], DRAM_CMD_PRE);
  CU_ASSERT_EQUAL (banks.number[0], 1);
  dram_banks_closed (&banks, 0);
  dram_banks_offer (&banks, &buffer, &timing, 0, 1000);
  open_row (0);
  CU_ASSERT_EQUAL (serve (0), DRAM_CMD_RD); /* the miss is served, its row counts anew */
  CU_ASSERT_EQUAL (banks.number[0], 3);
}

static void
test_grouped_direction (void)
{
  start (DRAM_PAGE_OPEN, DRAM_SCHEDULER_FRFCFSGRP);
  store (0, 1, true);
  open_row (0);
  store (0, 1, false);
  CU_ASSERT_EQUAL (banks.kind[0], DRAM_CMD_RD); /* reads came last, at the start too */
  CU_ASSERT (dram_banks_turn (&banks, true));
  CU_ASSERT (!dram_banks_turn (&banks, true));
  dram_banks_offer (&banks, &buffer, &timing, 0, 1000);
  CU_ASSERT_EQUAL (banks.kind[0], DRAM_CMD_WR);
  start (DRAM_PAGE_OPEN, DRAM_SCHEDULER_FRFCFS);
  CU_ASSERT (!dram_banks_turn (&banks, true));
}

static void
test_row_hits (void)
{
  start (DRAM_PAGE_OPEN, DRAM_SCHEDULER_FRFCFS);
  store (0, 1, false);
  store (0, 1, false);
  open_row (0);
  CU_ASSERT (!dram_banks_served (&banks, &buffer, 0, false));
  dram_banks_offer (&banks, &buffer, &timing, 0, 1000);
  CU_ASSERT (dram_banks_served (&banks, &buffer, 0, false));
}

/* A draining channel offers reads until the writes are many or alone, then writes. */
static void
test_draining (void)
{
  start (DRAM_PAGE_OPEN, DRAM_SCHEDULER_FRFCFS);
  config.drain_high = 2;
  config.drain_low = 1;
  dram_banks_reset (&banks, &config, &timing);
  store (0, 1, true);
  CU_ASSERT_EQUAL (available (1000), 0);
  CU_ASSERT (dram_banks_wants_turn (&banks, &buffer)); /* no reads */
  store (0, 2, false);
  CU_ASSERT_EQUAL (banks.number[0], 1);
  CU_ASSERT (!dram_banks_wants_turn (&banks, &buffer));
  store (1, 1, true);
  CU_ASSERT (dram_banks_wants_turn (&banks, &buffer)); /* two writes */
  dram_banks_drain (&banks);
  dram_banks_offer (&banks, &buffer, &timing, 0, 1000);
  CU_ASSERT_EQUAL (banks.number[0], 0);
  open_row (0);
  CU_ASSERT_EQUAL (banks.kind[0], DRAM_CMD_WR);
  CU_ASSERT (!dram_banks_wants_turn (&banks, &buffer));
  CU_ASSERT_EQUAL (serve (0), DRAM_CMD_WR);
  CU_ASSERT_EQUAL (available (1000), 0); /* bank 0 has a read, bank 1 was not asked */
  CU_ASSERT (dram_banks_wants_turn (&banks, &buffer));
  dram_banks_drain (&banks);
  dram_banks_offer (&banks, &buffer, &timing, 0, 1000);
  CU_ASSERT_EQUAL (banks.kind[0], DRAM_CMD_PRE);
}

static void
test_blocking (void)
{
  start (DRAM_PAGE_OPEN, DRAM_SCHEDULER_FRFCFS);
  store (3, 1, false);
  CU_ASSERT_EQUAL (available (1000), 8);
  dram_banks_block (&banks, 0xffff);
  CU_ASSERT_EQUAL (available (1000), 0);
  store (4, 1, false);
  CU_ASSERT_EQUAL (available (1000), 0);
  CU_ASSERT_EQUAL (dram_banks_next (&banks, &timing, 1000), DRAM_NEVER);
  dram_banks_unblock (&banks, 0xffff);
  dram_banks_offer (&banks, &buffer, &timing, 3, 1000);
  CU_ASSERT_EQUAL (available (1000), 8);
}

/* Resting and blocked are two reasons not to offer; both have to end. */
static void
test_resting (void)
{
  start (DRAM_PAGE_OPEN, DRAM_SCHEDULER_FRFCFS);
  dram_banks_rest (&banks, 0xffff);
  store (3, 1, false);
  CU_ASSERT_EQUAL (available (1000), 0);
  dram_banks_block (&banks, 8);
  dram_banks_rise (&banks, 0xffff);
  dram_banks_offer (&banks, &buffer, &timing, 3, 1000);
  CU_ASSERT_EQUAL (available (1000), 0);
  dram_banks_unblock (&banks, 8);
  dram_banks_offer (&banks, &buffer, &timing, 3, 1000);
  CU_ASSERT_EQUAL (available (1000), 8);
}

/* Offers wait for their bank, however long, and then for their group. */
static void
test_waiting (void)
{
  start (DRAM_PAGE_OPEN, DRAM_SCHEDULER_FRFCFS);
  timing.bank_act[2] = 1010;
  timing.bank_act[9] = 1700;
  store (2, 1, false);
  store (9, 1, false);
  CU_ASSERT_EQUAL (dram_banks_next (&banks, &timing, 1000), 1010);
  dram_banks_wake (&banks, 1010);
  timing.group_act[0] = 1012;
  CU_ASSERT_EQUAL (available (1010), 0);
  CU_ASSERT_EQUAL (dram_banks_next (&banks, &timing, 1010), 1012);
  CU_ASSERT_EQUAL (available (1012), 4);
  banks.pending &= ~UINT64_C (4);
  dram_banks_offer (&banks, &buffer, &timing, 2, 1012);
  for (uint64_t now = 1012; now < 1700; now = dram_banks_next (&banks, &timing, now)) {
    dram_banks_wake (&banks, now);
    CU_ASSERT_EQUAL_FATAL (available (now), 0);
  }
  dram_banks_wake (&banks, 1700);
  CU_ASSERT_EQUAL (available (1700), 1 << 9);
}

/* A read that closes the row must leave time for the write before it. */
static void
test_write_recovery (void)
{
  start (DRAM_PAGE_CLOSED, DRAM_SCHEDULER_FRFCFS);
  timing.bank_rda[0] = 1009;
  store (0, 1, false);
  open_row (0);
  CU_ASSERT_EQUAL (available (1000), 0);
  CU_ASSERT_EQUAL (dram_banks_next (&banks, &timing, 1000), 1009);
  start (DRAM_PAGE_OPEN, DRAM_SCHEDULER_FRFCFS);
  timing.bank_rda[0] = 1009;
  store (0, 1, false);
  open_row (0);
  CU_ASSERT_EQUAL (available (1000), 1);
}

static void
test_oldest_first (void)
{
  start (DRAM_PAGE_OPEN, DRAM_SCHEDULER_FRFCFS);
  store (7, 1, false);
  store (2, 1, false);
  store (15, 1, false);
  CU_ASSERT_EQUAL (dram_banks_first (&banks, 1 << 7 | 1 << 2 | 1 << 15), 7);
  CU_ASSERT_EQUAL (dram_banks_first (&banks, 1 << 2 | 1 << 15), 2);
  CU_ASSERT_EQUAL (dram_banks_first (&banks, 1 << 15), 15);
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { .name = "page policies", .run = test_page_policies },
    { .name = "last request", .run = test_last_request },
    { .name = "miss arrives", .run = test_miss_arrives },
    { .name = "schedulers", .run = test_schedulers },
    { .name = "row-hit cap", .run = test_row_hit_cap },
    { .name = "grouped direction", .run = test_grouped_direction },
    { .name = "row hits", .run = test_row_hits },
    { .name = "draining", .run = test_draining },
    { .name = "blocking", .run = test_blocking },
    { .name = "resting", .run = test_resting },
    { .name = "waiting", .run = test_waiting },
    { .name = "write recovery", .run = test_write_recovery },
    { .name = "oldest first", .run = test_oldest_first },
    { 0 },
  };
  return tap_run ("dram banks", tests);
}
