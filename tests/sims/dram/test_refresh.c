/* Tests of sims/dram/refresh.c: dram.h, section 8. */
#include "sims/dram/refresh.h"

#include "tests/tap.h"

enum { I = 9360 }; /* tREFI of DDR4-2400 */

static uint64_t banks; /* of the last offer */

static struct dram_refresh_state
managers (uint32_t ranks, uint32_t postponed, uint32_t pulledin)
{
  struct dram_refresh_state r;
  struct dram_config c;
  dram_config_default (&c, NULL);
  c.ranks = ranks;
  c.refresh_max_postponed = postponed;
  c.refresh_max_pulledin = pulledin;
  dram_refresh_reset (&r, &c);
  return r;
}

static void
test_none (void)
{
  struct dram_refresh_state r;
  struct dram_config c;
  dram_config_default (&c, NULL);
  c.refresh_policy = DRAM_REFRESH_NOREFRESH;
  dram_refresh_reset (&r, &c);
  CU_ASSERT_EQUAL (r.ranks, 0);
  CU_ASSERT_EQUAL (r.first_due, UINT64_MAX);
  CU_ASSERT_EQUAL (dram_refresh_owed (&r, 0, UINT64_MAX), 0);
}

static void
test_first_due (void)
{
  struct dram_refresh_state r = managers (4, 8, 8);
  CU_ASSERT_EQUAL (r.due[0], I);
  CU_ASSERT_EQUAL (r.due[1], I - I / 2);
  CU_ASSERT_EQUAL (r.due[2], I - I / 4);
  CU_ASSERT_EQUAL (r.due[3], I - 3 * I / 4);
  CU_ASSERT_EQUAL (r.first_due, I - 3 * I / 4);
}

/* A busy rank postpones twice, is then forced; what it owes is repaid when idle. */
static void
test_postpone_and_repay (void)
{
  struct dram_refresh_state r = managers (1, 2, 1);
  CU_ASSERT_EQUAL (dram_refresh_evaluate (&r, 0, I - 1, 1, &banks), DRAM_REFRESH_NOTHING);
  CU_ASSERT_EQUAL (dram_refresh_evaluate (&r, 0, I, 1, &banks), DRAM_REFRESH_NOTHING);
  CU_ASSERT_EQUAL (dram_refresh_evaluate (&r, 0, 2 * I, 1, &banks), DRAM_REFRESH_NOTHING);
  CU_ASSERT_EQUAL (r.debt[0], 2);
  CU_ASSERT_EQUAL (dram_refresh_owed (&r, 0, 3 * I - 1), 2);
  CU_ASSERT_EQUAL (dram_refresh_owed (&r, 0, 3 * I), 3);
  CU_ASSERT_EQUAL (dram_refresh_evaluate (&r, 0, 3 * I, 1, &banks),
                   DRAM_REFRESH_OFFER_FORCED);
  dram_refresh_issued (&r, 0);
  CU_ASSERT_EQUAL (r.debt[0], 2);
  CU_ASSERT_EQUAL (dram_refresh_owed (&r, 0, 3 * I + 1), 2);
  for (int debt = 1; debt >= -1; debt--) {
    CU_ASSERT_EQUAL (dram_refresh_evaluate (&r, 0, 3 * I + 500, 0, &banks),
                     DRAM_REFRESH_OFFER);
    dram_refresh_issued (&r, 0);
    CU_ASSERT_EQUAL (r.debt[0], debt);
  }
  CU_ASSERT_EQUAL (r.due[0], 4 * I);
  CU_ASSERT_EQUAL (dram_refresh_evaluate (&r, 0, 4 * I - 1, 0, &banks),
                   DRAM_REFRESH_NOTHING);
  CU_ASSERT_EQUAL (dram_refresh_owed (&r, 0, 4 * I - 1), 0);
}

/* At the limit of pulling in, one refresh an interval. */
static void
test_pulled_in_limit (void)
{
  struct dram_refresh_state r = managers (1, 8, 1);
  CU_ASSERT_EQUAL (dram_refresh_evaluate (&r, 0, I, 0, &banks), DRAM_REFRESH_OFFER);
  dram_refresh_issued (&r, 0);
  CU_ASSERT_EQUAL (dram_refresh_evaluate (&r, 0, I + 420, 0, &banks), DRAM_REFRESH_OFFER);
  dram_refresh_issued (&r, 0);
  CU_ASSERT_EQUAL (r.debt[0], -1);
  CU_ASSERT_EQUAL (dram_refresh_evaluate (&r, 0, I + 840, 0, &banks),
                   DRAM_REFRESH_NOTHING);
  CU_ASSERT_EQUAL (dram_refresh_evaluate (&r, 0, 2 * I, 0, &banks), DRAM_REFRESH_OFFER);
  dram_refresh_issued (&r, 0);
  CU_ASSERT_EQUAL (r.debt[0], -1);
  CU_ASSERT_EQUAL (r.due[0], 3 * I);
}

/* A request ends pulling in, and what was pulled in allows as much postponing. */
static void
test_request_ends_pulling (void)
{
  struct dram_refresh_state r = managers (1, 1, 8);
  CU_ASSERT_EQUAL (dram_refresh_evaluate (&r, 0, I, 0, &banks), DRAM_REFRESH_OFFER);
  dram_refresh_issued (&r, 0);
  dram_refresh_evaluate (&r, 0, I + 420, 0, &banks);
  dram_refresh_issued (&r, 0);
  CU_ASSERT_EQUAL (dram_refresh_evaluate (&r, 0, I + 840, 1, &banks),
                   DRAM_REFRESH_NOTHING);
  CU_ASSERT_EQUAL (r.due[0], 2 * I);
  CU_ASSERT_EQUAL (r.debt[0], -1);
  CU_ASSERT_EQUAL (dram_refresh_evaluate (&r, 0, 2 * I, 1, &banks), DRAM_REFRESH_NOTHING);
  CU_ASSERT_EQUAL (dram_refresh_evaluate (&r, 0, 3 * I, 1, &banks), DRAM_REFRESH_NOTHING);
  CU_ASSERT_EQUAL (dram_refresh_evaluate (&r, 0, 4 * I, 1, &banks),
                   DRAM_REFRESH_OFFER_FORCED);
}

static void
test_pulling_for_an_interval (void)
{
  struct dram_refresh_state r = managers (1, 8, 100);
  dram_refresh_evaluate (&r, 0, I, 0, &banks);
  dram_refresh_issued (&r, 0);
  CU_ASSERT_EQUAL (dram_refresh_evaluate (&r, 0, 2 * I - 1, 0, &banks),
                   DRAM_REFRESH_OFFER);
  CU_ASSERT (r.pulling[0]);
  CU_ASSERT_EQUAL (dram_refresh_evaluate (&r, 0, 2 * I, 0, &banks), DRAM_REFRESH_OFFER);
  CU_ASSERT (!r.pulling[0]);
  CU_ASSERT_EQUAL (r.due[0], 2 * I);
}

/* Eight units share the work; what is idle is refreshed first, everything once a round,
 * and at the limit the lowest of the round that is left. */
static void
test_units (void)
{
  struct dram_refresh_state r;
  struct dram_config c;
  dram_config_default (&c, dram_part_find ("DDR3-1600"));
  c.refresh_policy = DRAM_REFRESH_PERBANK;
  c.part.timing.trfcpb = 50;
  c.refresh_max_postponed = 1;
  c.refresh_max_pulledin = 0;
  CU_ASSERT_PTR_NULL (dram_refresh_fault (&c));
  CU_ASSERT_EQUAL (dram_refresh_parts (&c), 8);
  CU_ASSERT_EQUAL (dram_refresh_owed_cycles (&c), 7);
  dram_refresh_reset (&r, &c);
  CU_ASSERT_EQUAL (r.due[0], 780);
  CU_ASSERT_EQUAL (dram_refresh_evaluate (&r, 0, 780, 3, &banks), DRAM_REFRESH_OFFER);
  CU_ASSERT_EQUAL (banks, 4);
  dram_refresh_issued (&r, 0);
  CU_ASSERT_EQUAL (r.due[0], 1560);
  for (uint64_t i = 2; i < 10; i++) /* only the refreshed one is idle */
    CU_ASSERT_EQUAL (dram_refresh_evaluate (&r, 0, 780 * i, 0xfb, &banks),
                     DRAM_REFRESH_NOTHING);
  CU_ASSERT_EQUAL (r.debt[0], 8);
  CU_ASSERT_EQUAL (dram_refresh_evaluate (&r, 0, 7800, 0xfb, &banks),
                   DRAM_REFRESH_OFFER_FORCED);
  CU_ASSERT_EQUAL (banks, 1);
  CU_ASSERT_EQUAL (dram_refresh_evaluate (&r, 0, 7810, 1, &banks),
                   DRAM_REFRESH_OFFER_FORCED);
  CU_ASSERT_EQUAL (banks, 1);
  dram_refresh_issued (&r, 0);
  CU_ASSERT_EQUAL (r.remaining[0], 0xfa);
}

/* A quarter of the interval, four times the counters; and what a part must have. */
static void
test_fine_granularity (void)
{
  struct dram_refresh_state r;
  struct dram_config c;
  dram_config_default (&c, NULL);
  c.refresh_policy = DRAM_REFRESH_ALLBANK4X;
  dram_refresh_reset (&r, &c);
  CU_ASSERT_EQUAL (r.due[0], I / 4);
  CU_ASSERT_EQUAL (r.postponed, 32);
  CU_ASSERT_EQUAL (r.units, 1);
  CU_ASSERT_EQUAL (dram_refresh_cycles (&c), 193);
  CU_ASSERT_PTR_NULL (dram_refresh_fault (&c));
  c.part.timing.trefi = 4 * 400;
  CU_ASSERT_PTR_NOT_NULL (dram_refresh_fault (&c));
  dram_config_default (&c, dram_part_find ("DDR3-1600"));
  c.refresh_policy = DRAM_REFRESH_ALLBANK2X;
  CU_ASSERT_STRING_EQUAL (dram_refresh_fault (&c), "the part has no such refreshes");
}

/* In self-refresh nothing is due; after it all begins anew. */
static void
test_sleep (void)
{
  struct dram_refresh_state r = managers (2, 8, 8);
  r.debt[0] = -3;
  dram_refresh_sleep (&r, 0);
  CU_ASSERT_EQUAL (r.first_due, r.due[1]);
  CU_ASSERT_EQUAL (dram_refresh_evaluate (&r, 0, 100 * I, 0, &banks),
                   DRAM_REFRESH_NOTHING);
  dram_refresh_wake (&r, 0, 777);
  CU_ASSERT_EQUAL (r.first_due, 777);
  CU_ASSERT_EQUAL (r.debt[0], 0);
}

/* How many refreshes of each policy do the work of one of all banks.  DDR5 allows REFSB
 * in the mode alone in which a refresh of all banks does half the work. */
static void
test_parts (void)
{
  static const struct {
    const char *part;
    enum dram_refresh policy;
    uint32_t parts;
  } rows[] = {
    { "DDR5-4800", DRAM_REFRESH_SAMEBANK, 8 },
    { "DDR5-4800", DRAM_REFRESH_ALLBANK, 1 },
    { "DDR5-4800", DRAM_REFRESH_ALLBANK2X, 2 },
    { "DDR4-2400", DRAM_REFRESH_ALLBANK4X, 4 },
    { "LPDDR4-3200", DRAM_REFRESH_PERBANK, 8 },
    { "HBM2", DRAM_REFRESH_PERBANK, 16 },
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    struct dram_config config;
    dram_config_default (&config, dram_part_find (rows[i].part));
    config.refresh_policy = rows[i].policy;
    CU_ASSERT_EQUAL (dram_refresh_parts (&config), rows[i].parts);
    CU_ASSERT_EQUAL (dram_config_check (&config, NULL), 0);
  }
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { .name = "none", .run = test_none },
    { .name = "first due", .run = test_first_due },
    { .name = "postpone and repay", .run = test_postpone_and_repay },
    { .name = "pulled-in limit", .run = test_pulled_in_limit },
    { .name = "a request ends pulling", .run = test_request_ends_pulling },
    { .name = "pulling for an interval", .run = test_pulling_for_an_interval },
    { .name = "units", .run = test_units },
    { .name = "sleep", .run = test_sleep },
    { .name = "fine granularity", .run = test_fine_granularity },
    { .name = "parts of a refresh", .run = test_parts },
    { 0 },
  };
  return tap_run ("dram refresh", tests);
}
