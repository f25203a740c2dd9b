/* Tests of sims/dram/power.c: dram.h, section 8a. */
#include "sims/dram/power.h"

#include "tests/tap.h"

static struct dram_power_state power;
static struct dram_rank_tally tally;
static uint64_t next;

/* Power-down after 10 idle cycles, self-refresh after 100. */
static void
start (enum dram_refresh refresh)
{
  struct dram_config c;
  dram_config_default (&c, dram_part_find ("DDR3-1600"));
  c.power_down = DRAM_POWER_DOWN_FAST;
  c.power_down_idle = 10;
  c.self_refresh_idle = 100;
  c.refresh_policy = refresh;
  dram_power_reset (&power, &c);
  tally = (struct dram_rank_tally){ 0 };
}

static enum dram_command_kind
look (uint64_t now, struct dram_power_view view)
{
  next = UINT64_MAX;
  return dram_power_evaluate (&power, 0, now, &view, &next);
}

static void
issue (enum dram_command_kind kind, bool open, uint64_t now)
{
  dram_power_issued (&power, 0, kind, open, now, &tally);
}

#define IDLE   ((struct dram_power_view){ 0 })
#define OPEN   ((struct dram_power_view){ .open = true })
#define BUSY   ((struct dram_power_view){ .busy = true })
#define OWES   ((struct dram_power_view){ .owes = true })
#define OFFERS ((struct dram_power_view){ .offers = true })

static void
test_never (void)
{
  struct dram_config c;
  dram_config_default (&c, NULL);
  dram_power_reset (&power, &c);
  CU_ASSERT (!power.on);
}

static void
test_power_down (void)
{
  start (DRAM_REFRESH_ALLBANK);
  CU_ASSERT (power.on);
  CU_ASSERT_EQUAL (look (20, BUSY), DRAM_CMD_COUNT);
  CU_ASSERT_EQUAL (look (29, IDLE), DRAM_CMD_COUNT);
  CU_ASSERT_EQUAL (next, 30);
  CU_ASSERT_EQUAL (look (30, OFFERS), DRAM_CMD_COUNT);
  CU_ASSERT_EQUAL (look (30, IDLE), DRAM_CMD_PDE);
  issue (DRAM_CMD_PDE, true, 30);
  CU_ASSERT_EQUAL (look (31, OPEN), DRAM_CMD_COUNT);
  CU_ASSERT_EQUAL (next, 120);
  CU_ASSERT_EQUAL (look (40, OFFERS), DRAM_CMD_PDX);
  CU_ASSERT_EQUAL (look (40, BUSY), DRAM_CMD_PDX);
  issue (DRAM_CMD_PDX, false, 45);
  CU_ASSERT_EQUAL (tally.down_active_cycles, 15);
  CU_ASSERT_EQUAL (look (46, BUSY), DRAM_CMD_COUNT);
  issue (DRAM_CMD_PDE, false, 60);
  dram_power_end (&power, 0, 67, &tally);
  CU_ASSERT_EQUAL (tally.down_cycles, 7);
}

/* Through power-down, with the rows closed first, and not again before a refresh. */
static void
test_self_refresh (void)
{
  start (DRAM_REFRESH_ALLBANK);
  issue (DRAM_CMD_PDE, true, 10);
  CU_ASSERT_EQUAL (look (99, OPEN), DRAM_CMD_COUNT);
  CU_ASSERT_EQUAL (look (100, OWES), DRAM_CMD_COUNT);
  CU_ASSERT_EQUAL (look (100, OPEN), DRAM_CMD_PDX);
  issue (DRAM_CMD_PDX, true, 100);
  CU_ASSERT_EQUAL (look (106, OPEN), DRAM_CMD_PREA);
  CU_ASSERT_EQUAL (look (120, IDLE), DRAM_CMD_SRE);
  issue (DRAM_CMD_SRE, false, 120);
  CU_ASSERT_EQUAL (look (5000, IDLE), DRAM_CMD_COUNT);
  CU_ASSERT_EQUAL (look (5000, OFFERS), DRAM_CMD_COUNT);
  CU_ASSERT_EQUAL (look (5000, BUSY), DRAM_CMD_SRX);
  issue (DRAM_CMD_SRX, false, 5000);
  CU_ASSERT_EQUAL (tally.self_cycles, 4880);
  CU_ASSERT_EQUAL (look (6000, IDLE), DRAM_CMD_PDE); /* no refresh since */
  power.refreshed[0] = true;
  CU_ASSERT_EQUAL (look (6000, IDLE), DRAM_CMD_SRE);
  start (DRAM_REFRESH_NOREFRESH);
  CU_ASSERT_EQUAL (look (6000, IDLE), DRAM_CMD_PDE);
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { .name = "never", .run = test_never },
    { .name = "power-down", .run = test_power_down },
    { .name = "self-refresh", .run = test_self_refresh },
    { 0 },
  };
  return tap_run ("dram power", tests);
}
