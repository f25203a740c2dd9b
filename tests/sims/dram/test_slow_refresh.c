/* The slow model's refresh managers: when an idle rank is refreshed. */
#include "sims/dram/slow.h"
#include "tests/tap.h"

enum { KEPT = 64 };

struct kept {
  struct dram_command commands[KEPT];
  size_t count;
};

static void
keep (void *user, const struct dram_command *command)
{
  struct kept *k = user;
  if (command->kind == DRAM_CMD_REF && k->count < KEPT)
    k->commands[k->count++] = *command;
}

/* A read at each end of some thousand idle cycles. */
static void
run_idle (const struct dram_config *config, uint64_t until, struct kept *kept)
{
  struct dram_request reads[2] = { { .cycle = 0 }, { .cycle = until } };
  struct dram_result result;
  kept->count = 0;
  CU_ASSERT_EQUAL (dram_slow_run (config, reads, 2, keep, kept, &result, NULL), DRAM_OK);
}

/* Pulled in as far as allowed at the first due time (the row is closed first), then once
 * an interval. */
static void
test_idle_rank (void)
{
  struct dram_config config;
  struct kept k;
  dram_config_default (&config, NULL);
  config.refresh_max_pulledin = 2;
  run_idle (&config, 9360 * 3 - 1, &k);
  CU_ASSERT_EQUAL_FATAL (k.count, 4);
  CU_ASSERT_EQUAL (k.commands[0].cycle, 9360 + 17);
  CU_ASSERT_EQUAL (k.commands[1].cycle, 9360 + 17 + 420);
  CU_ASSERT_EQUAL (k.commands[2].cycle, 9360 + 17 + 2 * 420);
  CU_ASSERT_EQUAL (k.commands[3].cycle, 2 * 9360);
}

/* Two ranks take turns, half an interval apart. */
static void
test_stagger (void)
{
  struct dram_config config;
  struct kept k;
  dram_config_default (&config, NULL);
  config.ranks = 2;
  config.refresh_max_postponed = config.refresh_max_pulledin = 0;
  run_idle (&config, 9360 + 100, &k);
  CU_ASSERT_EQUAL_FATAL (k.count, 2);
  CU_ASSERT_EQUAL (k.commands[0].rank, 1);
  CU_ASSERT_EQUAL (k.commands[0].cycle, 4680);
  CU_ASSERT_EQUAL (k.commands[1].rank, 0);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "idle rank", test_idle_rank },
                                           { "stagger", test_stagger },
                                           { 0 } };
  return tap_run ("dram-slow-refresh", tests);
}
