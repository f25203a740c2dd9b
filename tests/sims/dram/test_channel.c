/* Tests of sims/dram/channel.c: one channel by itself. */
#include "sims/dram/channel.h"

#include <string.h>

#include "tests/tap.h"

static struct dram_channel channel;
static struct dram_config config;
static struct dram_map map;
static struct dram_tally tally;

static void
start (const struct dram_request *requests, const uint64_t *numbers, uint64_t count,
       const struct dram_run_options *options)
{
  struct dram_channel_run run = { .config = &config,
                                  .map = &map,
                                  .options = options,
                                  .tally = &tally,
                                  .number = 1,
                                  .requests = requests,
                                  .numbers = numbers,
                                  .count = count };
  config.channels = 2;
  CU_ASSERT_EQUAL_FATAL (dram_map_compile (&map, "rkbgChc", &config.part, 1, 2, NULL), 0);
  dram_tally_reset (&tally);
  CU_ASSERT_EQUAL_FATAL (dram_channel_start (&channel, &run), 0);
}

static void
keep_last (void *user, const struct dram_command *command)
{
  *(struct dram_command *)user = *command;
}

/* A read of a closed row, in the names of the whole trace. */
static void
test_one_read (void)
{
  struct dram_command last;
  struct dram_run_options options = { .log = keep_last, .log_user = &last };
  struct dram_request read = { .cycle = 5, .address = 64 };
  uint64_t number = 77;
  dram_config_default (&config, NULL);
  start (&read, &number, 1, &options);
  CU_ASSERT_EQUAL (dram_channel_play (&channel, 0), DRAM_OK);
  CU_ASSERT_EQUAL (dram_channel_end (&channel), 5 + 38);
  CU_ASSERT_EQUAL (last.kind, DRAM_CMD_RD);
  CU_ASSERT_EQUAL (last.cycle, 5 + 17);
  CU_ASSERT_EQUAL (last.channel, 1);
  CU_ASSERT_EQUAL (last.request, 77);
  CU_ASSERT_EQUAL (tally.rank[1].commands[DRAM_CMD_ACT], 1);
  CU_ASSERT_EQUAL (tally.rank[0].commands[DRAM_CMD_ACT], 0);
  dram_channel_free (&channel);
}

/* With nothing to do, and after its last answer, a channel is refreshed on time. */
static void
test_going_on (void)
{
  static const struct dram_run_options none;
  struct dram_request read = { .cycle = 0, .address = 64 };
  dram_config_default (&config, NULL);
  config.refresh_max_postponed = config.refresh_max_pulledin = 0;
  for (uint64_t count = 0; count < 2; count++) {
    const uint64_t *refreshes = &tally.rank[1].commands[DRAM_CMD_REF];
    start (&read, NULL, count, &none);
    CU_ASSERT_EQUAL (dram_channel_play (&channel, 0), DRAM_OK);
    CU_ASSERT_EQUAL (dram_channel_end (&channel), count * 38);
    CU_ASSERT_EQUAL (*refreshes, 0);
    CU_ASSERT_EQUAL (dram_channel_play (&channel, 9360), DRAM_OK);
    CU_ASSERT_EQUAL (*refreshes, 0);
    CU_ASSERT_EQUAL (dram_channel_play (&channel, 3 * 9360 + 200), DRAM_OK);
    CU_ASSERT_EQUAL (*refreshes, 3);
    CU_ASSERT_EQUAL (dram_channel_end (&channel), count * 38);
  }
  dram_channel_free (&channel);
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { .name = "one read", .run = test_one_read },
    { .name = "going on", .run = test_going_on },
    { 0 },
  };
  return tap_run ("dram channel", tests);
}
