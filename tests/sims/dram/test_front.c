/* Tests of sims/dram/front.c: dram.h, sections 4 and 9. */
#include "sims/dram/front.h"

#include <string.h>

#include "sims/dram/banks.h"
#include "tests/tap.h"

static struct dram_config config;
static struct dram_front front;
static struct dram_tally tally;
static struct dram_request requests[16];

static void
start (const uint64_t *cycles, uint64_t count)
{
  for (uint64_t i = 0; i < count; i++)
    requests[i] = (struct dram_request){ .cycle = cycles[i] };
  dram_tally_reset (&tally);
  CU_ASSERT_EQUAL_FATAL (dram_front_reset (&front, &config, requests, count), 0);
}

static void
finish (uint64_t request, uint64_t cycle)
{
  struct dram_slot s = { .request = request, .write = requests[request].write };
  dram_front_finished (&front, &tally, &s, cycle);
}

static void
test_simple (void)
{
  static const uint64_t cycles[] = { 3, 3, 20 };
  dram_config_default (&config, NULL);
  start (cycles, 3);
  CU_ASSERT_EQUAL (front.door, 3);
  dram_front_admitted (&front, 9);
  CU_ASSERT_EQUAL (front.door, 10);
  CU_ASSERT_EQUAL (front.asked, 3);
  dram_front_admitted (&front, 10);
  CU_ASSERT_EQUAL (front.door, 20);
  dram_front_admitted (&front, 20);
  CU_ASSERT_EQUAL (front.door, DRAM_NEVER);
}

/* An initiator at 1.5 times the period: edges in cycles 0, 2, 3, 5, 6, ... */
static void
test_slow_player (void)
{
  static const uint64_t cycles[] = { 0, 0, 0, 9 };
  dram_config_default (&config, dram_part_find ("DDR3-1600"));
  config.player_ps = 1875;
  start (cycles, 4);
  CU_ASSERT_EQUAL (front.door, 0);
  dram_front_admitted (&front, 0);
  CU_ASSERT_EQUAL (front.door, 2);
  dram_front_admitted (&front, 3);
  CU_ASSERT_EQUAL (front.door, 5); /* edge 2 is at the start of cycle 3, not after it */
  dram_front_admitted (&front, 6);
  CU_ASSERT_EQUAL (front.door, 14);
  CU_ASSERT_EQUAL (front.asked, 14);
}

/* A faster initiator: half the period, still one request a cycle. */
static void
test_fast_player (void)
{
  static const uint64_t cycles[] = { 1, 2, 100 };
  dram_config_default (&config, dram_part_find ("DDR3-1600"));
  config.player_ps = 625;
  start (cycles, 3);
  CU_ASSERT_EQUAL (front.door, 1);
  dram_front_admitted (&front, 1);
  CU_ASSERT_EQUAL (front.door, 2); /* edge 3, after the start of cycle 1 */
  dram_front_admitted (&front, 2);
  CU_ASSERT_EQUAL (front.door, 50);
}

static void
test_fifo_arbiter (void)
{
  static const uint64_t cycles[] = { 0, 0, 0, 0, 0 };
  dram_config_default (&config, NULL);
  config.arbiter = DRAM_ARBITER_FIFO;
  config.max_active_transactions = 3;
  start (cycles, 5);
  CU_ASSERT_EQUAL (front.door, 0);
  dram_front_admitted (&front, 30); /* 1 and 2 were accepted in cycles 1 and 2 */
  CU_ASSERT_EQUAL (front.door, 31);
  CU_ASSERT_EQUAL (front.accepted, 1);
  dram_front_admitted (&front, 31);
  CU_ASSERT_EQUAL (front.accepted, 2);
  dram_front_admitted (&front, 32);
  CU_ASSERT_EQUAL (front.door, DRAM_NEVER); /* the fourth waits for the first answer */
  finish (0, 70);
  CU_ASSERT_EQUAL (front.accepted, 70);
  CU_ASSERT_EQUAL (front.door, 70);
  dram_front_admitted (&front, 70);
  finish (1, 71);
  CU_ASSERT_EQUAL (front.accepted, 71);
  CU_ASSERT_EQUAL (front.asked, 0);
}

static void
test_closed_traffic (void)
{
  static const uint64_t cycles[] = { 500, 500, 500, 500 };
  dram_config_default (&config, NULL);
  config.traffic = DRAM_TRAFFIC_CLOSED;
  config.in_flight = 2;
  start (cycles, 4);
  CU_ASSERT_EQUAL (front.door, 0);
  dram_front_admitted (&front, 0);
  CU_ASSERT_EQUAL (front.door, 1);
  dram_front_admitted (&front, 1);
  CU_ASSERT_EQUAL (front.door, DRAM_NEVER);
  finish (0, 38);
  CU_ASSERT_EQUAL (front.door, 39);
  CU_ASSERT_EQUAL (front.asked, 39);
  dram_front_admitted (&front, 39);
  CU_ASSERT_EQUAL (front.door, DRAM_NEVER);
}

/* Only reads wait, and only for reads. */
static void
test_limited_reads (void)
{
  static const uint64_t cycles[] = { 0, 0, 0, 0, 60 };
  dram_config_default (&config, NULL);
  config.traffic = DRAM_TRAFFIC_READS;
  config.in_flight = 1;
  start (cycles, 5);
  requests[1].write = requests[3].write = 1;
  CU_ASSERT_EQUAL (front.door, 0);
  dram_front_admitted (&front, 0);
  CU_ASSERT_EQUAL (front.door, 1);
  dram_front_admitted (&front, 1);
  CU_ASSERT_EQUAL (front.door, DRAM_NEVER);
  finish (1, 30);
  CU_ASSERT_EQUAL (front.door, DRAM_NEVER);
  finish (0, 38);
  CU_ASSERT_EQUAL (front.door, 39);
  CU_ASSERT_EQUAL (front.asked, 0);
  dram_front_admitted (&front, 39);
  CU_ASSERT_EQUAL (front.door, 40);
  dram_front_admitted (&front, 40);
  finish (2, 45);
  CU_ASSERT_EQUAL (front.door, 60);
}

/* Answers leave one a cycle, in the order of commands. */
static void
test_fifo_responses (void)
{
  static const uint64_t cycles[] = { 0, 0, 0 };
  dram_config_default (&config, NULL);
  start (cycles, 3);
  finish (1, 50);
  CU_ASSERT_EQUAL (front.next_answer, 51);
  finish (0, 40);
  CU_ASSERT_EQUAL (front.next_answer, 52);
  finish (2, 90);
  CU_ASSERT_EQUAL (front.next_answer, 91);
  CU_ASSERT_EQUAL (tally.latency.count, 3);
  CU_ASSERT_EQUAL (tally.latency.sum, 50 + 51 + 90);
}

static void
check_in_order (enum dram_resp_queue queue, enum dram_arbiter arbiter)
{
  static const uint64_t cycles[] = { 0, 0, 0, 0 };
  dram_config_default (&config, NULL);
  config.resp_queue = queue;
  config.arbiter = arbiter;
  start (cycles, 4);
  finish (2, 50);
  finish (1, 54);
  CU_ASSERT_EQUAL (front.answered, 0);
  CU_ASSERT_EQUAL (tally.latency.count, 0);
  finish (0, 58);
  CU_ASSERT_EQUAL (front.answered, 3);
  CU_ASSERT_EQUAL (tally.latency.sum, 58 + 59 + 60);
  finish (3, 99);
  CU_ASSERT_EQUAL (tally.latency.sum, 58 + 59 + 60 + 99);
}

static void
test_ordered_responses (void)
{
  check_in_order (DRAM_RESP_REORDER, DRAM_ARBITER_SIMPLE);
  check_in_order (DRAM_RESP_FIFO, DRAM_ARBITER_REORDER);
  check_in_order (DRAM_RESP_REORDER, DRAM_ARBITER_REORDER);
}

static void
test_writes_have_no_latency (void)
{
  static const uint64_t cycles[] = { 0, 0 };
  dram_config_default (&config, NULL);
  start (cycles, 2);
  requests[0].write = 1;
  finish (0, 10);
  finish (1, 25);
  CU_ASSERT_EQUAL (tally.latency.count, 1);
  CU_ASSERT_EQUAL (tally.response.max, 25);
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { .name = "simple", .run = test_simple },
    { .name = "slow player", .run = test_slow_player },
    { .name = "fast player", .run = test_fast_player },
    { .name = "fifo arbiter", .run = test_fifo_arbiter },
    { .name = "closed traffic", .run = test_closed_traffic },
    { .name = "limited reads", .run = test_limited_reads },
    { .name = "fifo responses", .run = test_fifo_responses },
    { .name = "ordered responses", .run = test_ordered_responses },
    { .name = "writes have no latency", .run = test_writes_have_no_latency },
    { 0 },
  };
  return tap_run ("dram front", tests);
}
