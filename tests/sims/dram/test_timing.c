/* Tests of sims/dram/timing.c: every row of the table in dram.h, section 6. */
#include "sims/dram/timing.h"

#include <string.h>

#include "tests/tap.h"

/* Distances that are all different, so that no two rows can be mixed up. */
static struct dram_part
odd_part (void)
{
  struct dram_part p = *dram_part_find ("DDR4-2400");
  p.timing = (struct dram_timing){
    .cl = 19,
    .cwl = 14,
    .al = 3,
    .trcd = 23,
    .trp = 17,
    .tras = 41,
    .trc = 61,
    .trrd_s = 5,
    .trrd_l = 7,
    .tfaw = 37,
    .tccd_s = 4,
    .tccd_l = 6,
    .twtr_s = 2,
    .twtr_l = 8,
    .twr = 21,
    .trtp = 11,
    .trtrs = 3,
    .trcd_wr = 21,
    .trp_ab = 25,
    .tccd_l_wr = 9,
    .rtw_gap = 5,
    .trfc = 211,
    .trefi = 5000,
  };
  return p;
}

enum { B = 4, T = 1000 };
enum { SAME = 0, NEIGHBOUR = 1, GROUP = 4, RANK = 16 }; /* banks seen from bank 0 */

static void
reset (struct dram_timing_state *t, const struct dram_part *part, uint32_t ranks)
{
  struct dram_config config;
  dram_config_default (&config, part);
  config.ranks = ranks;
  dram_timing_reset (t, &config);
}

static struct dram_timing_state
fresh (void)
{
  static struct dram_timing_state t;
  struct dram_part p = odd_part ();
  reset (&t, &p, 2);
  return t;
}

static uint64_t
group_of (const struct dram_timing_state *t, const uint64_t *of, uint32_t bank)
{
  uint64_t cycle = of[t->group_of[bank]];
  return cycle == 0 ? 0 : cycle - T;
}

static void
test_act (void)
{
  struct dram_timing_state t = fresh ();
  dram_timing_act (&t, 0, T);
  CU_ASSERT_EQUAL (t.bank_act[0], T + 61);
  CU_ASSERT_EQUAL (t.bank_pre[0], T + 41);
  CU_ASSERT_EQUAL (t.bank_rd[0], T + 23 - 3);
  CU_ASSERT_EQUAL (t.bank_wr[0], T + 21 - 3);
  CU_ASSERT_EQUAL (t.bank_act[1], 0);
  CU_ASSERT_EQUAL (group_of (&t, t.group_act, NEIGHBOUR), 7);
  CU_ASSERT_EQUAL (group_of (&t, t.group_act, GROUP), 5);
  CU_ASSERT_EQUAL (group_of (&t, t.group_act, RANK), 0);
  CU_ASSERT_EQUAL (t.rank_prea[0], T + 41);
  CU_ASSERT_EQUAL (t.rank_ref[0], T + 61);
  CU_ASSERT_EQUAL (t.rank_ref[1], 0);
}

/* The fifth ACT of a rank waits for the first. */
static void
test_four_activates (void)
{
  struct dram_timing_state t = fresh ();
  for (uint32_t i = 0; i < 4; i++) {
    CU_ASSERT_EQUAL (t.group_act[3], i == 0 ? 0 : T + 6 * i - 1);
    dram_timing_act (&t, 4 * (i % 3), T + 6 * i);
  }
  CU_ASSERT_EQUAL (t.group_act[3], T + 37);
  dram_timing_act (&t, 12, T + 50);
  CU_ASSERT_EQUAL (t.group_act[2], T + 55);
}

static void
test_read (void)
{
  struct dram_timing_state t = fresh ();
  dram_timing_read (&t, 0, T, false);
  CU_ASSERT_EQUAL (t.bank_pre[0], T + 3 + 11);
  CU_ASSERT_EQUAL (t.bank_act[0], 0);
  CU_ASSERT_EQUAL (group_of (&t, t.group_rd, NEIGHBOUR), 6);
  CU_ASSERT_EQUAL (group_of (&t, t.group_rd, GROUP), 4);
  CU_ASSERT_EQUAL (group_of (&t, t.group_rd, RANK), B + 3);
  CU_ASSERT_EQUAL (group_of (&t, t.group_wr, NEIGHBOUR), 19 + B + 5 - 14);
  CU_ASSERT_EQUAL (group_of (&t, t.group_wr, GROUP), 19 + B + 5 - 14);
  CU_ASSERT_EQUAL (group_of (&t, t.group_wr, RANK), 19 + B + 3 - 14);
  CU_ASSERT_EQUAL (t.rank_prea[0], T + 3 + 11);
  CU_ASSERT_EQUAL (t.rank_ref[0], 0);
  t = fresh ();
  dram_timing_read (&t, 0, T, true);
  CU_ASSERT_EQUAL (t.bank_act[0], T + 3 + 11 + 17);
  CU_ASSERT_EQUAL (t.rank_ref[0], T + 3 + 11 + 17);
}

static void
test_write (void)
{
  struct dram_timing_state t = fresh ();
  const uint32_t back = 3 + 14 + B + 21;
  dram_timing_write (&t, 0, T, false);
  CU_ASSERT_EQUAL (t.bank_pre[0], T + back);
  CU_ASSERT_EQUAL (t.bank_rda[0], T + back - 11 - 3);
  CU_ASSERT_EQUAL (group_of (&t, t.group_wr, NEIGHBOUR), 9);
  CU_ASSERT_EQUAL (group_of (&t, t.group_wr, GROUP), 4);
  CU_ASSERT_EQUAL (group_of (&t, t.group_wr, RANK), B + 3);
  CU_ASSERT_EQUAL (group_of (&t, t.group_rd, NEIGHBOUR), 14 + B + 8);
  CU_ASSERT_EQUAL (group_of (&t, t.group_rd, GROUP), 14 + B + 2);
  CU_ASSERT_EQUAL (group_of (&t, t.group_rd, RANK), 14 + B + 3 - 19);
  CU_ASSERT_EQUAL (t.rank_prea[0], T + back);
  t = fresh ();
  dram_timing_write (&t, 0, T, true);
  CU_ASSERT_EQUAL (t.bank_act[0], T + back + 17);
  CU_ASSERT_EQUAL (t.rank_ref[0], T + back + 17);
}

static void
test_precharge_and_refresh (void)
{
  struct dram_timing_state t = fresh ();
  dram_timing_pre (&t, 0, T);
  CU_ASSERT_EQUAL (t.bank_act[0], T + 17);
  CU_ASSERT_EQUAL (t.rank_ref[0], T + 17);
  CU_ASSERT_EQUAL (t.group_act[0], 0);
  t = fresh ();
  dram_timing_prea (&t, 0, T);
  CU_ASSERT_EQUAL (group_of (&t, t.group_act, SAME), 25);
  CU_ASSERT_EQUAL (group_of (&t, t.group_act, GROUP), 25);
  CU_ASSERT_EQUAL (group_of (&t, t.group_act, RANK), 0);
  CU_ASSERT_EQUAL (t.rank_ref[0], T + 25);
  t = fresh ();
  dram_timing_ref (&t, 1, T);
  CU_ASSERT_EQUAL (group_of (&t, t.group_act, RANK), 211);
  CU_ASSERT_EQUAL (group_of (&t, t.group_act, SAME), 0);
  CU_ASSERT_EQUAL (t.rank_ref[1], T + 211);
}

static void
test_never_earlier (void)
{
  struct dram_timing_state t = fresh ();
  dram_timing_write (&t, 0, T, false);
  dram_timing_read (&t, 16, T + 1, false);
  CU_ASSERT_EQUAL (group_of (&t, t.group_rd, NEIGHBOUR), 14 + B + 8);
  dram_timing_act (&t, 1, T + 2);
  dram_timing_pre (&t, 1, T + 3);
  CU_ASSERT_EQUAL (t.bank_act[1], T + 2 + 61);
}

/* Banks 1, 5, 9, 13 of rank 0 at once: they are held by the refresh, others by the gap.
 */
static void
test_units (void)
{
  struct dram_timing_state t;
  struct dram_config config;
  uint64_t unit = 1 << 1 | 1 << 5 | 1 << 9 | 1 << 13;
  dram_config_default (&config, NULL);
  config.ranks = 2;
  config.part.timing.trfcsb = 300;
  config.part.timing.trrefd = 25;
  config.refresh_policy = DRAM_REFRESH_SAMEBANK;
  dram_timing_reset (&t, &config);
  dram_timing_act (&t, 5, T);
  CU_ASSERT_EQUAL (dram_timing_unit_pre (&t, unit), T + 39);
  CU_ASSERT_EQUAL (dram_timing_unit_pre (&t, 1 << 4), 0);
  dram_timing_pre_unit (&t, 0, unit, T + 50);
  CU_ASSERT_EQUAL (dram_timing_unit_ref (&t, unit), T + 50 + 17);
  CU_ASSERT_EQUAL (dram_timing_unit_ref (&t, 1 << 4), T + 6); /* tRRD_L */
  dram_timing_ref_unit (&t, 0, unit, T + 70);
  CU_ASSERT_EQUAL (dram_timing_unit_ref (&t, unit), T + 70 + 300);
  CU_ASSERT_EQUAL (dram_timing_unit_ref (&t, 1 << 4), T + 70 + 25);
  CU_ASSERT_EQUAL (t.bank_act[4], 0);
  CU_ASSERT_EQUAL (t.group_act[4], 0);
}

/* Nothing before it is awake, reads when the DLL is; rest only when data is through. */
static void
test_rest_and_wake (void)
{
  struct dram_timing_state t = fresh ();
  dram_timing_act (&t, 0, T);
  dram_timing_read (&t, 0, T + 100, false);
  CU_ASSERT_EQUAL (dram_timing_rest (&t, 0), T + 100 + 3 + 19 + B + 1);
  CU_ASSERT_EQUAL (dram_timing_rest (&t, 1), 0);
  dram_timing_wake (&t, 0, T + 500, T + 520);
  CU_ASSERT_EQUAL (t.group_rd[0], T + 520);
  CU_ASSERT_EQUAL (t.group_wr[3], T + 500);
  CU_ASSERT_EQUAL (t.group_act[1], T + 500);
  CU_ASSERT_EQUAL (t.bank_pre[7], T + 500);
  CU_ASSERT_EQUAL (t.bank_pre[RANK], 0);
  CU_ASSERT_EQUAL (t.group_rd[4], 0 + t.group_rd[5]);
  CU_ASSERT (t.group_rd[4] < T + 500);
  CU_ASSERT_EQUAL (t.rank_prea[0], T + 500);
  CU_ASSERT_EQUAL (t.rank_ref[0], T + 500);
}

static void
test_distances (void)
{
  struct dram_part p = odd_part ();
  struct dram_timing_state t;
  p.timing.cwl = 60;
  reset (&t, &p, 1);
  CU_ASSERT_EQUAL (t.d.rank_rd_wr, 1);
  CU_ASSERT_EQUAL (t.d.other_rd_wr, 1);
  CU_ASSERT_EQUAL (t.d.read_end, 3 + 19 + B);
  CU_ASSERT_EQUAL (t.d.write_end, 3 + 60 + B);
  CU_ASSERT_EQUAL (t.groups, 4);
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { .name = "ACT", .run = test_act },
    { .name = "four activates", .run = test_four_activates },
    { .name = "read", .run = test_read },
    { .name = "write", .run = test_write },
    { .name = "precharge and refresh", .run = test_precharge_and_refresh },
    { .name = "never earlier", .run = test_never_earlier },
    { .name = "units", .run = test_units },
    { .name = "rest and wake", .run = test_rest_and_wake },
    { .name = "distances", .run = test_distances },
    { 0 },
  };
  return tap_run ("dram timing", tests);
}
