/* The checker of command logs: every rule by a log made by hand, at its limit and one
 * cycle short of it; logs of the simulator, which it must accept; and logs of a simulator
 * whose part has one timing a cycle too short, which it must not. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sims/dram/check.h"
#include "sims/dram/refresh.h"
#include "tests/sims/dram/random_case.h"
#include "tests/tap.h"

/* ---- Logs made by hand ---- */

enum { STEPS_MAX = 8, ROW = 5 };

/* A log is written as "CYCLE:KINDrgb ... KINDrgb", rgb being the digits of rank, group
 * and bank; all rows are ROW.  The last command may come `distance` cycles after command
 * number `from`, but no earlier. */
struct example {
  const char *rule;
  size_t from;
  uint64_t distance;
  const char *log;
};

/* DDR4-2400 (CL 17, CWL 12, tRCD and tRP 17, tRAS 39) with another AL, tRC, tCCD_S, tWR
 * and tRTRS, so that each distance below is the one that decides. */
static void
example_config (struct dram_config *config)
{
  struct dram_part part = *dram_part_find ("DDR4-2400");
  part.timing.trc = 58;
  part.timing.tccd_s = 5;
  part.timing.al = 2;
  part.timing.twr = 20;
  part.timing.trtrs = 4;
  part.timing.trp_ab = 19;
  part.timing.trcd_wr = 13;
  part.timing.tccd_l_wr = 8;
  part.timing.rtw_gap = 3;
  dram_config_default (config, &part);
  config->ranks = 2;
}

static const struct example examples[] = {
  { "command bus", 0, 1, "9:ACT000 ACT100" },
  { "tRC", 0, 58, "0:ACT000 39:PRE000 ACT000" },
  { "tRP", 1, 17, "0:ACT000 80:PRE000 ACT000" },
  { "tRPab", 1, 19, "0:ACT000 80:PREA000 ACT033" },
  { "tRAS", 0, 39, "0:ACT000 PRE000" },
  { "tRAS", 1, 39, "0:ACT000 9:ACT010 PREA000" },
  { "tRCD", 0, 15, "0:ACT000 RD000" },
  { "tRCDWR", 0, 11, "0:ACT000 WRA000" },
  { "tRRD_L", 0, 6, "0:ACT000 ACT001" },
  { "tRRD_S", 0, 4, "0:ACT000 ACT010" },
  { "tFAW", 0, 26, "3:ACT000 9:ACT010 14:ACT020 20:ACT030 ACT001" },
  { "tCCD_L", 2, 6, "0:ACT000 6:ACT001 40:RD000 RDA001" },
  { "tCCD_S", 2, 5, "0:ACT000 6:ACT010 40:RDA000 RD010" },
  { "tCCD_L_WR", 1, 8, "0:ACT000 40:WR000 WR000" },
  { "tCCD_S", 2, 5, "0:ACT000 6:ACT010 40:WR000 WRA010" },
  { "tWTR_L", 2, 12 + 4 + 9, "0:ACT000 6:ACT001 40:WR000 RD001" },
  { "tWTR_S", 2, 12 + 4 + 3, "0:ACT000 6:ACT010 40:WRA000 RDA010" },
  { "turnaround", 1, 17 + 4 + 3 - 12, "0:ACT000 40:RD000 WR000" },
  { "tRTRS", 2, 4 + 4, "0:ACT000 6:ACT100 40:RD000 RD100" },
  { "tRTRS", 2, 4 + 4, "0:ACT000 6:ACT100 40:WR000 WRA100" },
  { "tRTRS", 2, 4 + 4, "0:ACT000 6:ACT100 40:RDA000 RDA100" },
  { "tRTRS", 2, 4 + 4, "0:ACT000 6:ACT100 40:WRA000 WR100" },
  { "tRTRS", 2, 17 + 4 + 4 - 12, "0:ACT000 6:ACT100 40:RD000 WR100" },
  { "tRTRS", 2, 12 + 4 + 4 - 17, "0:ACT000 6:ACT100 40:WR000 RD100" },
  { "tRTP", 1, 2 + 9, "0:ACT000 40:RD000 PRE000" },
  { "tRTP", 2, 2 + 9, "0:ACT000 9:ACT010 60:RDA000 PREA000" },
  { "tRTP", 1, 2 + 9 + 17, "0:ACT000 60:RDA000 ACT000" },
  { "tWR", 1, 2 + 12 + 4 + 20, "0:ACT000 40:WR000 PRE000" },
  { "tWR", 2, 2 + 12 + 4 + 20, "0:ACT000 9:ACT010 60:WRA000 PREA000" },
  { "tWR", 1, 2 + 12 + 4 + 20 + 17, "0:ACT000 40:WRA000 ACT000" },
  { "tWR", 1, 12 + 4 + 20 - 9, "0:ACT000 40:WR000 RDA000" },
};

static enum dram_command_kind
kind_of (const char *name)
{
  int kind = 0;
  while (kind < DRAM_CMD_COUNT
         && strcmp (dram_command_name ((enum dram_command_kind)kind), name) != 0)
    kind++;
  return (enum dram_command_kind)kind;
}

/* Reads one command at *text and steps over it. */
static struct dram_command
read_step (const char **text)
{
  struct dram_command c = { 0 };
  char name[8] = "", *end;
  unsigned long cycle = strtoul (*text, &end, 10);
  const char *at = end > *text ? end + 1 : *text;
  int used = 0;
  CU_ASSERT_EQUAL_FATAL (
      sscanf (at, "%5[A-Z]%1u%1u%1u %n", name, &c.rank, &c.bank_group, &c.bank, &used),
      4);
  *text = at + used;
  c.cycle = cycle;
  c.kind = kind_of (name);
  c.row = c.kind == DRAM_CMD_PREA || c.kind >= DRAM_CMD_REF ? 0 : ROW;
  return c;
}

static size_t
read_log (const struct example *e, struct dram_command *log)
{
  const char *text = e->log;
  size_t n = 0;
  while (*text != '\0' && n < STEPS_MAX)
    log[n++] = read_step (&text);
  log[n - 1].cycle = log[e->from].cycle + e->distance;
  return n;
}

static bool
as_expected (const struct example *e, const struct dram_violation *v, bool short_of)
{
  if (!short_of)
    return v == NULL;
  return v != NULL && strcmp (v->rule, e->rule) == 0
         && v->required == (int64_t)e->distance && v->actual == v->required - 1;
}

static void
play_example (const struct dram_config *config, const struct example *e, bool short_of)
{
  struct dram_check *check = dram_check_new (config, NULL);
  struct dram_command log[STEPS_MAX];
  char text[512] = "accepted";
  size_t n = read_log (e, log);
  CU_ASSERT_PTR_NOT_NULL_FATAL (check);
  log[n - 1].cycle -= short_of;
  for (size_t i = 0; i < n; i++)
    (void)dram_check_command (check, &log[i]);
  const struct dram_violation *v = dram_check_violation (check);
  if (v != NULL)
    dram_violation_text (v, text, sizeof text);
  if (!as_expected (e, v, short_of))
    tap_note ("%s at %s: %s", e->rule, short_of ? "one cycle less" : "its limit", text);
  CU_ASSERT (as_expected (e, v, short_of));
  dram_check_destroy (&check);
}

static void
test_distances (void)
{
  struct dram_config config;
  example_config (&config);
  for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++) {
    play_example (&config, &examples[i], false);
    play_example (&config, &examples[i], true);
  }
}

/* Refresh distances need a refresh that is due: times from tREFI = 9360 on. */
static const struct example refresh_examples[] = {
  { "tRFC", 0, 420, "9360:REF000 ACT000" },
  { "tRFC", 0, 420, "9360:REF000 REF000" },
  { "tRP", 1, 17, "9300:ACT000 9380:PRE000 REF000" },
  { "tRPab", 1, 19, "9300:ACT000 9380:PREA000 REF000" },
  { "tRC", 0, 58, "9400:ACT000 9439:PRE000 REF000" },
  { "tRTP", 1, 2 + 9 + 17, "9300:ACT000 9380:RDA000 REF000" },
  { "tWR", 1, 2 + 12 + 4 + 20 + 17, "9300:ACT000 9380:WRA000 REF000" },
};

/* The same with refreshes of one bank (every 585 cycles) and of the banks of one number
 * (every 2340): tRFCpb 90, tRFCsb 120, tRREFD 30. */
static const struct example per_bank_examples[] = {
  { "tRFCpb", 0, 90, "600:REFPB000 ACT000" },
  { "tRREFD", 0, 30, "600:REFPB000 ACT001" },
  { "tpbR2pbR", 0, 44, "1800:REFPB000 REFPB013" },
  { "tRC", 0, 58, "600:ACT000 639:PRE000 REFPB000" },
  { "tRRD_L", 0, 6, "600:ACT000 REFPB001" },
  { "tRRD_S", 0, 4, "600:ACT000 REFPB011" },
  { "tRP", 1, 17, "600:ACT000 700:PRE000 REFPB000" },
};
static const struct example same_bank_examples[] = {
  { "tRFCsb", 0, 120, "2400:REFSB000 ACT030" },
  { "tRREFD", 0, 30, "2400:REFSB000 ACT031" },
  { "tRAS", 0, 39, "2400:ACT020 PRESB000" },
  { "tRTP", 1, 11, "2400:ACT020 2460:RD020 PRESB000" },
  { "tRP", 1, 17, "2400:ACT020 2500:PRESB000 REFSB000" },
  { "tRP", 1, 17, "2400:ACT020 2500:PRESB000 ACT010" },
};

static void
play_unit_examples (enum dram_refresh policy, const struct example *list, size_t n)
{
  struct dram_config config;
  example_config (&config);
  config.refresh_policy = policy;
  config.part.timing.trfcpb = 90;
  config.part.timing.trfcsb = 120;
  config.part.timing.trrefd = 30;
  config.part.timing.tpbr2pbr = 44;
  for (size_t i = 0; i < n; i++) {
    play_example (&config, &list[i], false);
    play_example (&config, &list[i], true);
  }
}

static void
test_unit_distances (void)
{
  play_unit_examples (DRAM_REFRESH_PERBANK, per_bank_examples,
                      sizeof per_bank_examples / sizeof per_bank_examples[0]);
  play_unit_examples (DRAM_REFRESH_SAMEBANK, same_bank_examples,
                      sizeof same_bank_examples / sizeof same_bank_examples[0]);
}

/* One bank twice in a round, one that is open, and a command of another policy. */
static void
test_unit_states (void)
{
  static const struct {
    const char *rule;
    struct dram_command log[2];
  } cases[] = {
    { "refresh round",
      { { .cycle = 6000, .kind = DRAM_CMD_REFPB, .bank = 2 },
        { .cycle = 6100, .kind = DRAM_CMD_REFPB, .bank = 2 } } },
    { "closed bank",
      { { .cycle = 6000, .kind = DRAM_CMD_ACT },
        { .cycle = 6100, .kind = DRAM_CMD_REFPB } } },
    { "unasked refresh",
      { { .cycle = 6000, .kind = DRAM_CMD_ACT },
        { .cycle = 6100, .kind = DRAM_CMD_REFSB, .bank = 1 } } },
  };
  struct dram_config config;
  example_config (&config);
  config.refresh_policy = DRAM_REFRESH_PERBANK;
  config.part.timing.trfcpb = 90;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct dram_check *check = dram_check_new (&config, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL (check);
    CU_ASSERT_EQUAL (dram_check_command (check, &cases[i].log[0]), 0);
    CU_ASSERT_EQUAL (dram_check_command (check, &cases[i].log[1]), -1);
    CU_ASSERT_STRING_EQUAL (dram_check_violation (check)->rule, cases[i].rule);
    dram_check_destroy (&check);
  }
}

/* tCKE 5, tXP 7, tXPDLL 24, tXS 430; refresh of all banks every 9360 cycles. */
static const struct example rest_examples[] = {
  { "tRC", 0, 58, "0:ACT000 PDE000" },
  { "tRP", 1, 17, "0:ACT000 80:PRE000 PDE000" },
  { "tRPab", 1, 19, "0:ACT000 80:PREA000 SRE000" },
  { "tRDPDEN", 1, 2 + 17 + 4 + 1, "0:ACT000 80:RD000 PDE000" },
  { "tRTP", 1, 2 + 9 + 17, "0:ACT000 80:RDA000 PDE000" },
  { "tWR", 1, 2 + 12 + 4 + 20, "0:ACT000 80:WR000 PDE000" },
  { "tWR", 1, 2 + 12 + 4 + 20 + 17, "0:ACT000 80:WRA000 SRE000" },
  { "tRFC", 0, 420, "9360:REF000 PDE000" },
  { "tCKE", 0, 5, "0:PDE000 PDX000" },
  { "tCKESR", 0, 9, "0:SRE000 SRX000" },
  { "tXP", 1, 7, "0:PDE000 8:PDX000 ACT000" },
  { "tXP", 1, 7, "0:PDE000 8:PDX000 SRE000" },
  { "tXPDLL", 1, 24, "100:PDE000 110:PDX000 117:ACT000 RD000" },
  { "tXS", 1, 430, "0:SRE000 9:SRX000 ACT000" },
};

static void
rest_config (struct dram_config *config)
{
  example_config (config);
  config->power_down = DRAM_POWER_DOWN_SLOW;
  config->part.timing.tcke = 5;
  config->part.timing.tckesr = 9;
  config->part.timing.txp = 7;
  config->part.timing.txpdll = 24;
  config->part.timing.txs = 430;
}

static void
test_rest_distances (void)
{
  struct dram_config config;
  rest_config (&config);
  for (size_t i = 0; i < sizeof rest_examples / sizeof rest_examples[0]; i++) {
    play_example (&config, &rest_examples[i], false);
    play_example (&config, &rest_examples[i], true);
  }
}

static void
test_rest_states (void)
{
  static const struct {
    const char *rule;
    size_t count;
    struct dram_command log[4];
  } cases[] = {
    { "power state", 1, { { .kind = DRAM_CMD_PDX } } },
    { "power state",
      2,
      { { .kind = DRAM_CMD_PDE }, { .cycle = 50, .kind = DRAM_CMD_ACT } } },
    { "power state",
      2,
      { { .kind = DRAM_CMD_PDE }, { .cycle = 50, .kind = DRAM_CMD_SRX } } },
    { "power state",
      2,
      { { .kind = DRAM_CMD_SRE }, { .cycle = 50, .kind = DRAM_CMD_PDE } } },
    { "power state",
      2,
      { { .kind = DRAM_CMD_ACT }, { .cycle = 90, .kind = DRAM_CMD_SRE } } },
    { "self-refresh",
      3,
      { { .kind = DRAM_CMD_SRE },
        { .cycle = 50, .kind = DRAM_CMD_SRX },
        { .cycle = 600, .kind = DRAM_CMD_SRE } } },
    { "tREFI early",
      3,
      { { .kind = DRAM_CMD_SRE },
        { .cycle = 20000, .kind = DRAM_CMD_SRX },
        { .cycle = 20000 + 430 + 9359, .kind = DRAM_CMD_REF } } },
  };
  struct dram_config config;
  rest_config (&config);
  config.ranks = 1;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct dram_check *check = dram_check_new (&config, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL (check);
    for (size_t k = 0; k < cases[i].count; k++)
      CU_ASSERT_EQUAL (dram_check_command (check, &cases[i].log[k]),
                       k + 1 == cases[i].count ? -1 : 0);
    CU_ASSERT_PTR_NOT_NULL_FATAL (dram_check_violation (check));
    CU_ASSERT_STRING_EQUAL (dram_check_violation (check)->rule, cases[i].rule);
    dram_check_destroy (&check);
  }
}

static void
test_refresh_distances (void)
{
  struct dram_config config;
  example_config (&config);
  for (size_t i = 0; i < sizeof refresh_examples / sizeof refresh_examples[0]; i++) {
    play_example (&config, &refresh_examples[i], false);
    play_example (&config, &refresh_examples[i], true);
  }
}

/* An overlap is told from a gap that is too small. */
static void
test_data_bus (void)
{
  static const struct example overlap = { "data bus", 2, 4,
                                          "0:ACT000 6:ACT100 40:RD000 RD100" };
  static const struct example same_rank = { "data bus", 2, 4,
                                            "0:ACT000 6:ACT010 40:WR000 WR010" };
  static const struct example to_write = { "data bus", 1, 17 + 4 - 12,
                                           "0:ACT000 40:RD000 WR000" };
  struct dram_config config;
  example_config (&config);
  play_example (&config, &overlap, true);
  play_example (&config, &same_rank, true);
  play_example (&config, &to_write, true);
  config.part.timing.trtrs = 0;
  play_example (&config, &overlap, true);
  play_example (&config, &overlap, false);
}

/* ---- State ---- */

#define A  DRAM_CMD_ACT
#define P  DRAM_CMD_PRE
#define PA DRAM_CMD_PREA
#define R  DRAM_CMD_RD
#define RA DRAM_CMD_RDA
#define W  DRAM_CMD_WR
#define WA DRAM_CMD_WRA

struct state_example {
  const char *rule;
  size_t count;
  struct dram_command steps[4];
};

static const struct state_example state_examples[] = {
  { "closed bank", 2, { { .kind = A, .row = 5 }, { .cycle = 90, .kind = A, .row = 5 } } },
  { "closed bank",
    2,
    { { .kind = A, .cycle = 9300 }, { .cycle = 9500, .kind = DRAM_CMD_REF } } },
  { "open row", 1, { { .kind = R } } },
  { "open row", 2, { { .kind = A, .row = 5 }, { .cycle = 90, .kind = R, .row = 6 } } },
  { "open row",
    3,
    { { .kind = A }, { .cycle = 90, .kind = RA }, { .cycle = 200, .kind = R } } },
  { "open row",
    3,
    { { .kind = A }, { .cycle = 90, .kind = PA }, { .cycle = 200, .kind = WA } } },
  { "open row", 2, { { .kind = A, .row = 5 }, { .cycle = 90, .kind = P, .row = 6 } } },
  { "open row", 1, { { .kind = P } } },
  { "open row", 1, { { .kind = PA } } },
  { "place", 1, { { .kind = A, .rank = 2 } } },
  { "place", 1, { { .kind = A, .bank_group = 4 } } },
  { "place", 1, { { .kind = A, .bank = 4 } } },
  { "place", 1, { { .kind = A, .row = 65536 } } },
  { "place", 1, { { .kind = R, .column = 1024 } } },
  { "place", 1, { { .kind = DRAM_CMD_COUNT } } },
  { NULL, 3, { { .kind = A }, { .cycle = 90, .kind = P }, { .cycle = 200, .kind = A } } },
};

static void
test_state (void)
{
  struct dram_config config;
  example_config (&config);
  for (size_t i = 0; i < sizeof state_examples / sizeof state_examples[0]; i++) {
    const struct state_example *e = &state_examples[i];
    struct dram_check *check = dram_check_new (&config, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL (check);
    for (size_t k = 0; k < e->count; k++)
      CU_ASSERT_EQUAL (dram_check_command (check, &e->steps[k]),
                       e->rule != NULL && k + 1 == e->count ? -1 : 0);
    const struct dram_violation *v = dram_check_violation (check);
    CU_ASSERT_EQUAL (v != NULL, e->rule != NULL);
    if (v != NULL && e->rule != NULL)
      CU_ASSERT_STRING_EQUAL (v->rule, e->rule);
    dram_check_destroy (&check);
  }
}

/* ---- The refresh bounds ---- */

static const char *
rule_of_refreshes (const struct dram_config *config, const uint64_t *cycles, size_t n,
                   uint32_t rank, uint64_t end)
{
  struct dram_check *check = dram_check_new (config, NULL);
  const char *rule = NULL;
  CU_ASSERT_PTR_NOT_NULL_FATAL (check);
  for (size_t i = 0; i < n; i++) {
    struct dram_command ref = { .cycle = cycles[i], .kind = DRAM_CMD_REF, .rank = rank };
    (void)dram_check_command (check, &ref);
  }
  (void)dram_check_end (check, end);
  if (dram_check_violation (check) != NULL)
    rule = dram_check_violation (check)->rule;
  dram_check_destroy (&check);
  return rule;
}

static bool
is_rule (const char *rule, const char *expected)
{
  return rule != NULL && strcmp (rule, expected) == 0;
}

static void
test_refresh_debt (void)
{
  struct dram_config config;
  static const uint64_t pulled[] = { 1000, 1420, 1840, 2260, 3000 };
  static const uint64_t early[] = { 999 }, too_many[] = { 1000, 1420, 1840, 2260, 2999 };
  example_config (&config);
  config.ranks = 1;
  config.part.timing.trefi = 1000;
  config.refresh_max_pulledin = 2;
  config.refresh_max_postponed = 3;
  CU_ASSERT (is_rule (rule_of_refreshes (&config, early, 1, 0, 1000), "tREFI early"));
  CU_ASSERT_PTR_NULL (rule_of_refreshes (&config, pulled, 5, 0, 3500));
  CU_ASSERT (is_rule (rule_of_refreshes (&config, too_many, 5, 0, 3500), "tREFI early"));
  /* the first, once three are owed, is forced at 4000; it can take tRC (58, or else the
   * longest way to a precharge and tRPab), and two cycles a rank for the command bus */
  uint64_t slack = 58 + 2;
  CU_ASSERT_PTR_NULL (rule_of_refreshes (&config, NULL, 0, 0, 4000 + slack));
  CU_ASSERT (
      is_rule (rule_of_refreshes (&config, NULL, 0, 0, 4000 + slack + 1), "tREFI late"));
  CU_ASSERT_PTR_NULL (rule_of_refreshes (&config, pulled, 1, 0, 5000 + slack));
  CU_ASSERT (is_rule (rule_of_refreshes (&config, pulled, 1, 0, 5000 + slack + 1),
                      "tREFI late"));
  config.refresh_policy = DRAM_REFRESH_NOREFRESH;
  CU_ASSERT_PTR_NULL (rule_of_refreshes (&config, NULL, 0, 0, 1000000));
  CU_ASSERT (
      is_rule (rule_of_refreshes (&config, pulled, 1, 0, 1000), "unasked refresh"));
}

/* Four ranks take turns: rank 1 is second in the bit-reversed order of 0 2 1 3, counted
 * from the end of the interval. */
static void
test_refresh_stagger (void)
{
  struct dram_config config;
  static const uint64_t at[] = { 500 }, before[] = { 499 };
  example_config (&config);
  config.ranks = 4;
  config.part.timing.trefi = 1000;
  CU_ASSERT_PTR_NULL (rule_of_refreshes (&config, at, 1, 1, 600));
  CU_ASSERT (is_rule (rule_of_refreshes (&config, before, 1, 1, 600), "tREFI early"));
}

/* ---- Logs of the simulator ---- */

/* A checker for each channel of a log. */
struct checkers {
  struct dram_check *channel[DRAM_CHANNELS_MAX];
};

static void
check_channel (void *user, const struct dram_command *command)
{
  struct checkers *checkers = user;
  dram_check_log (checkers->channel[command->channel], command);
}

/* The rule that a channel's log breaks; the checker is destroyed. */
static const char *
conclude_channel (struct dram_check **check, uint64_t end, bool talk)
{
  const char *rule = NULL;
  char text[512];
  (void)dram_check_end (*check, end);
  const struct dram_violation *v = dram_check_violation (*check);
  if (v != NULL) {
    rule = v->rule;
    if (talk)
      tap_note ("%s", dram_violation_text (v, text, sizeof text));
  }
  dram_check_destroy (check);
  return rule;
}

/* The charged time behind the last answer has no commands. */
static uint64_t
last_answer (const struct dram_result *result, const struct dram_config *config)
{
  uint64_t owed = 0;
  for (uint32_t k = 0; k < result->ranks; k++) {
    if (result->rank[k].refreshes_owed > owed)
      owed = result->rank[k].refreshes_owed;
  }
  return result->cycles - owed * dram_refresh_owed_cycles (config);
}

/* The rule that the simulator's log of `c` breaks when the checker goes by `truth`. */
static const char *
rule_broken (struct dram_sim *sim, const struct random_case *c,
             const struct dram_config *truth, bool talk)
{
  struct checkers checkers;
  struct dram_run_options options = { .log = check_channel, .log_user = &checkers };
  struct dram_result result;
  struct dram_error error = { "" };
  const char *rule = NULL;
  for (uint32_t h = 0; h < truth->channels; h++) {
    checkers.channel[h] = dram_check_new (truth, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL (checkers.channel[h]);
  }
  int status =
      dram_sim_run (sim, &c->config, c->requests, c->count, &options, &result, &error);
  CU_ASSERT_EQUAL (status, DRAM_OK);
  if (status != DRAM_OK)
    tap_note ("%s", error.text);
  for (uint32_t h = 0; h < truth->channels; h++) {
    const char *broken =
        conclude_channel (&checkers.channel[h], last_answer (&result, &c->config), talk);
    rule = rule != NULL ? rule : broken;
  }
  return rule;
}

static void
test_accepts (void)
{
  static struct random_case c;
  struct dram_sim *sim = dram_sim_new (NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL (sim);
  for (uint64_t seed = 0; seed < 10000; seed++) {
    random_case_make (&c, seed);
    const char *rule = rule_broken (sim, &c, &c.config, true);
    CU_ASSERT_PTR_NULL (rule);
    if (rule != NULL) {
      tap_note ("seed %" PRIu64, seed);
      random_case_print (&c);
      break;
    }
  }
  dram_sim_destroy (&sim);
}

#define TIMING(field, rule)                                                              \
  {                                                                                      \
#field, rule, offsetof(struct dram_timing, field)                                    \
  }
static const struct timing_name {
  const char *name, *rule; /* rule: one of those that have to notice */
  size_t offset;
} timings[] = { TIMING (cl, "turnaround"),
                TIMING (cwl, "tWTR_L"),
                TIMING (al, "tRTP"),
                TIMING (trcd, "tRCD"),
                TIMING (trp, "tRP"),
                TIMING (tras, "tRAS"),
                TIMING (trc, "tRC"),
                TIMING (trrd_s, "tRRD_S"),
                TIMING (trrd_l, "tRRD_L"),
                TIMING (tfaw, "tFAW"),
                TIMING (tccd_s, "tCCD_S"),
                TIMING (tccd_l, "tCCD_L"),
                TIMING (twtr_s, "tWTR_S"),
                TIMING (twtr_l, "tWTR_L"),
                TIMING (twr, "tWR"),
                TIMING (trtp, "tRTP"),
                TIMING (trtrs, "tRTRS"),
                TIMING (trfc, "tRFC"),
                TIMING (trefi, "tREFI early"),
                TIMING (trfc2, "tRFC2"),
                TIMING (trfc4, "tRFC4"),
                TIMING (trfcpb, "tRFCpb"),
                TIMING (trfcsb, "tRFCsb"),
                TIMING (trrefd, "tRREFD"),
                TIMING (tcke, "tCKE"),
                TIMING (txp, "tXP"),
                TIMING (txpdll, "tXPDLL"),
                TIMING (txs, "tXS"),
                TIMING (trcd_wr, "tRCDWR"),
                TIMING (trp_ab, "tRPab"),
                TIMING (tccd_l_wr, "tCCD_L_WR"),
                TIMING (rtw_gap, "turnaround"),
                TIMING (tpbr2pbr, "tpbR2pbR"),
                TIMING (tckesr, "tCKESR") };

static uint32_t *
timing_field (struct dram_config *config, const struct timing_name *t)
{
  return (uint32_t *)(void *)((char *)&config->part.timing + t->offset);
}

/* A timing of a refresh policy, or of rests, is tried where it matters. */
static void
use_policy_of (struct dram_config *config, const struct timing_name *t)
{
  static const struct {
    const char *name;
    enum dram_refresh policy;
  } policies[] = {
    { "trfc", DRAM_REFRESH_ALLBANK },    { "trfc2", DRAM_REFRESH_ALLBANK2X },
    { "trfc4", DRAM_REFRESH_ALLBANK4X }, { "trfcpb", DRAM_REFRESH_PERBANK },
    { "trrefd", DRAM_REFRESH_PERBANK },  { "tpbr2pbr", DRAM_REFRESH_PERBANK },
    { "trfcsb", DRAM_REFRESH_SAMEBANK }
  };
  for (size_t i = 0; i < sizeof policies / sizeof policies[0]; i++) {
    if (strcmp (policies[i].name, t->name) == 0)
      config->refresh_policy = policies[i].policy;
  }
  if (dram_refresh_fault (config) != NULL)
    config->part.timing.trefi = 64 * 1000;
  if (strncmp (t->name, "tcke", 4) == 0 || strncmp (t->name, "tx", 2) == 0) {
    config->power_down = DRAM_POWER_DOWN_SLOW;
    config->power_down_idle = 10;
    config->self_refresh_idle =
        strcmp (t->name, "txs") == 0 || strcmp (t->name, "tckesr") == 0 ? 30 : 0;
    config->part.timing.txpdll += 20;
  }
}

/* The part with the timing one cycle longer, and the others moved as far as needed for
 * one cycle less to be a legal part again: the simulator then runs with that. */
static void
lengthen (struct dram_config *config, const struct timing_name *t)
{
  struct dram_timing *timing = &config->part.timing;
  ++*timing_field (config, t);
  if (timing->tras < timing->trcd)
    timing->tras = timing->trcd;
  if (timing->trc < timing->tras + timing->trp)
    timing->trc = timing->tras + timing->trp;
  if (timing->trrd_l < timing->trrd_s)
    timing->trrd_l = timing->trrd_s;
  if (timing->tccd_l < timing->tccd_s)
    timing->tccd_l = timing->tccd_s;
  if (timing->twtr_l < timing->twtr_s)
    timing->twtr_l = timing->twtr_s;
  if (timing->trp_ab < timing->trp)
    timing->trp_ab = timing->trp;
  if (timing->tccd_l_wr < timing->tccd_l)
    timing->tccd_l_wr = timing->tccd_l;
  if (timing->trcd_wr <= timing->al)
    timing->al = timing->trcd_wr - 1;
  if (timing->tras < timing->trcd_wr)
    timing->tras = timing->trcd_wr;
  if (timing->trcd <= timing->al)
    timing->al = timing->trcd - 1;
  timing->trefi += 100;
}

struct catches {
  unsigned logs, caught;
  const char *rules[32]; /* the different ones */
  size_t kinds;
};

static size_t
place_of_rule (const struct catches *k, const char *rule)
{
  size_t i = 0;
  while (i < k->kinds && strcmp (k->rules[i], rule) != 0)
    i++;
  return i;
}

static void
note_rule (struct catches *k, const char *rule)
{
  size_t i = place_of_rule (k, rule);
  k->caught++;
  if (i == k->kinds && i < sizeof k->rules / sizeof k->rules[0])
    k->rules[k->kinds++] = rule;
}

static void
mutate_and_check (struct dram_sim *sim, const struct timing_name *t, uint64_t seed,
                  struct catches *k)
{
  static struct random_case c;
  struct dram_config truth;
  random_case_make (&c, seed);
  use_policy_of (&c.config, t);
  lengthen (&c.config, t);
  truth = c.config;
  --*timing_field (&c.config, t);
  if (dram_config_check (&truth, NULL) != 0 || dram_config_check (&c.config, NULL) != 0)
    return;
  const char *rule = rule_broken (sim, &c, &truth, false);
  k->logs++;
  if (rule != NULL)
    note_rule (k, rule);
}

static void
report (const char *name, const struct catches *k)
{
  char rules[400] = "";
  size_t n = 0;
  for (size_t i = 0; i < k->kinds && n < sizeof rules; i++)
    n += (size_t)snprintf (rules + n, sizeof rules - n, "%s%s", i > 0 ? ", " : "",
                           k->rules[i]);
  tap_note ("%-6s one cycle short: %u of %u logs caught, by %s", name, k->caught, k->logs,
            rules);
}

static void
test_mutations (void)
{
  struct dram_sim *sim = dram_sim_new (NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL (sim);
  for (size_t i = 0; i < sizeof timings / sizeof timings[0]; i++) {
    struct catches k = { 0 };
    for (uint64_t seed = 0; seed < 400; seed++)
      mutate_and_check (sim, &timings[i], seed, &k);
    report (timings[i].name, &k);
    CU_ASSERT (k.logs > 300);
    CU_ASSERT (place_of_rule (&k, timings[i].rule) < k.kinds);
  }
  dram_sim_destroy (&sim);
}

/* Also a simulator that postpones or pulls in one refresh too many. */
static void
test_refresh_mutations (void)
{
  static struct random_case c;
  struct dram_sim *sim = dram_sim_new (NULL);
  unsigned late = 0, early = 0;
  CU_ASSERT_PTR_NOT_NULL_FATAL (sim);
  for (uint64_t seed = 0; seed < 200; seed++) {
    random_case_make (&c, seed);
    struct dram_config truth = c.config;
    c.config.refresh_max_postponed++;
    late += is_rule (rule_broken (sim, &c, &truth, false), "tREFI late");
    c.config.refresh_max_postponed--;
    c.config.refresh_max_pulledin++;
    early += is_rule (rule_broken (sim, &c, &truth, false), "tREFI early");
  }
  tap_note ("one too many: postponed caught in %u logs, pulled in %u", late, early);
  CU_ASSERT (late > 0);
  CU_ASSERT (early > 0);
  dram_sim_destroy (&sim);
}

/* A log with one command left out is no log of a working controller. */
static void
test_missing_command (void)
{
  static struct random_case c;
  struct dram_sim *sim = dram_sim_new (NULL);
  struct command_log log = { 0 };
  struct dram_run_options options = { .log = command_log_append, .log_user = &log };
  struct dram_result result;
  unsigned caught = 0, left_out = 0;
  CU_ASSERT_PTR_NOT_NULL_FATAL (sim);
  for (uint64_t seed = 0; seed < 20; seed++) {
    random_case_make (&c, seed);
    log.count = 0;
    CU_ASSERT_EQUAL (
        dram_sim_run (sim, &c.config, c.requests, c.count, &options, &result, NULL),
        DRAM_OK);
    for (size_t skip = 0; skip < log.count; skip += 7) {
      struct dram_check *check = dram_check_new (&c.config, NULL);
      CU_ASSERT_PTR_NOT_NULL_FATAL (check);
      for (size_t i = 0; i < log.count; i++) {
        if (i != skip && log.commands[i].channel == log.commands[skip].channel)
          (void)dram_check_command (check, &log.commands[i]);
      }
      bool opens = log.commands[skip].kind == DRAM_CMD_ACT;
      caught += opens && dram_check_violation (check) != NULL;
      left_out += opens;
      dram_check_destroy (&check);
    }
  }
  tap_note ("%u of %u missing ACT caught", caught, left_out);
  CU_ASSERT (left_out > 100);
  CU_ASSERT (caught * 10 > left_out * 9); /* the rest was closed by a PREA */
  command_log_free (&log);
  dram_sim_destroy (&sim);
}

/* ---- The rest of the interface ---- */

static void
test_text (void)
{
  struct dram_config config;
  struct dram_command act = { .cycle = 7, .kind = A, .rank = 1, .row = 5 };
  struct dram_command rd = { .cycle = 21, .kind = R, .rank = 1, .row = 5, .column = 8 };
  char text[512];
  example_config (&config);
  struct dram_check *check = dram_check_new (&config, NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL (check);
  CU_ASSERT_EQUAL (dram_check_command (check, &act), 0);
  CU_ASSERT_PTR_NULL (dram_check_violation (check));
  CU_ASSERT_EQUAL (dram_check_command (check, &rd), -1);
  rd.cycle = 900; /* the first violation stays */
  CU_ASSERT_EQUAL (dram_check_command (check, &rd), -1);
  CU_ASSERT_EQUAL (dram_check_end (check, 950), -1);
  CU_ASSERT_STRING_EQUAL (
      dram_violation_text (dram_check_violation (check), text, sizeof text),
      "tRCD: RD of rank 1 group 0 bank 0 row 5 column 8 at cycle 21; after ACT of rank 1 "
      "group 0 bank 0 row 5 column 0 at cycle 7; required 15, actual 14");
  dram_check_destroy (&check);
  CU_ASSERT_PTR_NULL (check);
  dram_check_destroy (&check);
}

/* A state rule names what made the state: here what closed the bank. */
static void
test_text_of_state (void)
{
  static const struct dram_command log[] = {
    { .cycle = 9000, .kind = A, .row = 5 },
    { .cycle = 9060, .kind = PA },
    { .cycle = 9400, .kind = DRAM_CMD_REF },
    { .cycle = 9900, .kind = P, .row = 5 },
  };
  struct dram_config config;
  char text[512];
  example_config (&config);
  for (size_t first = 0; first < 3; first += 2) {
    struct dram_check *check = dram_check_new (&config, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL (check);
    for (size_t i = first; i < 4; i++)
      (void)dram_check_command (check, &log[i]);
    CU_ASSERT_PTR_NOT_NULL_FATAL (dram_check_violation (check));
    dram_violation_text (dram_check_violation (check), text, sizeof text);
    CU_ASSERT_PTR_NOT_NULL (
        strstr (text, "open row: PRE of rank 0 group 0 bank 0 row 5"));
    CU_ASSERT_PTR_NOT_NULL (strstr (text, first == 0
                                              ? "after PREA of rank 0 at cycle 9060;"
                                              : "after PRE of rank 0"));
    dram_check_destroy (&check);
  }
}

static void
test_refuses_configurations (void)
{
  struct dram_config config;
  struct dram_error error = { "" };
  example_config (&config);
  config.ranks = 3;
  CU_ASSERT_PTR_NULL (dram_check_new (&config, &error));
  CU_ASSERT_PTR_NOT_NULL (strstr (error.text, "ranks"));
  for (uint32_t ranks = 0; ranks <= 16; ranks += 8) {
    config.ranks = ranks;
    CU_ASSERT_PTR_NULL (dram_check_new (&config, &error));
  }
  config.ranks = 2;
  config.part.timing.trc = 1;
  CU_ASSERT_PTR_NULL (dram_check_new (&config, &error));
  CU_ASSERT_PTR_NOT_NULL (strstr (error.text, "tRC"));
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { "every distance at its limit and below", test_distances },
    { "every distance of refresh", test_refresh_distances },
    { "every distance of finer refresh", test_unit_distances },
    { "states of finer refresh", test_unit_states },
    { "every distance of rests", test_rest_distances },
    { "states of rests", test_rest_states },
    { "overlapping bursts", test_data_bus },
    { "states and places", test_state },
    { "refresh debt", test_refresh_debt },
    { "refresh stagger of ranks", test_refresh_stagger },
    { "text of a violation", test_text },
    { "text of a state", test_text_of_state },
    { "refused configurations", test_refuses_configurations },
    { "accepts the simulator's logs", test_accepts },
    { "catches every timing one cycle short", test_mutations },
    { "catches one refresh too many", test_refresh_mutations },
    { "catches a missing ACT", test_missing_command },
    { 0 }
  };
  return tap_run ("dram-check", tests);
}
