/* Tests of sims/dram/sim.c: whole runs. */
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "sims/dram/dram.h"
#include "tests/tap.h"

enum { N = 3000 };

static struct dram_config config;
static struct dram_request requests[N];

static uint64_t
draw (uint64_t *state)
{
  *state = *state * UINT64_C (6364136223846793005) + 1442695040888963407;
  return *state >> 33;
}

/* Requests to a few rows of every bank, `writes` percent of them writes. */
static void
random_trace (uint64_t gap, uint64_t writes)
{
  uint64_t state = 42;
  for (uint64_t i = 0; i < N; i++) {
    uint64_t row = draw (&state) % 4, place = draw (&state) % 2048;
    requests[i] = (struct dram_request){ .cycle = i * gap,
                                         .address = row << 20 | place << 6,
                                         .write = draw (&state) % 100 < writes };
  }
}

static struct dram_result
run (size_t count)
{
  struct dram_result result;
  struct dram_error err = { "" };
  struct dram_sim *sim = dram_sim_new (&err);
  CU_ASSERT_PTR_NOT_NULL_FATAL (sim);
  CU_ASSERT_EQUAL_FATAL (
      dram_sim_run (sim, &config, requests, count, NULL, &result, &err), DRAM_OK);
  dram_sim_destroy (&sim);
  CU_ASSERT_PTR_NULL (sim);
  return result;
}

static bool
same (const struct dram_result *a, const struct dram_result *b)
{
  return memcmp (a, b, sizeof *a) == 0;
}

/* The cycles that the second of two requests takes by itself, long after the first. */
static double
second_alone (uint64_t address)
{
  struct dram_result one, two;
  requests[0] = (struct dram_request){ .cycle = 0, .address = 0 };
  requests[1] = (struct dram_request){ .cycle = 1000, .address = address };
  one = run (1);
  two = run (2);
  return (two.latency.mean * 2 - one.latency.mean) / (config.part.tck_ps / 1000.0);
}

/* The first burst of another bank, and of another row of the first bank: mapping rkbgc.
 */
static uint64_t
other_bank (const struct dram_part *part)
{
  return (uint64_t)part->org.width * part->org.devices / 8 * part->org.columns;
}

static uint64_t
other_row (const struct dram_part *part)
{
  return other_bank (part) * dram_part_banks (part);
}

static void
test_unloaded_latencies (void)
{
  const struct dram_part *part;
  for (size_t i = 0; (part = dram_part_at (i)) != NULL; i++) {
    const struct dram_timing *t = &part->timing;
    double hit = t->cl + part->org.burst / 2, closed = t->trcd + hit;
    uint64_t next = dram_part_burst_bytes (part);
    dram_config_default (&config, part);
    CU_ASSERT_DOUBLE_EQUAL (second_alone (next), hit, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL (second_alone (other_row (part)), closed + t->trp, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL (second_alone (other_bank (part)), closed, 1e-9);
    config.page_policy = DRAM_PAGE_CLOSEDADAPTIVE;
    CU_ASSERT_DOUBLE_EQUAL (second_alone (next), closed, 1e-9);
  }
  dram_config_default (&config, NULL);
  CU_ASSERT_EQUAL (run (1).cycles, 17 + 17 + 4);
}

/* Out of power-down, after 200 idle cycles or 800: tXP more, and with the DLL off what it
 * takes to lock if that is longer. */
static void
test_woken_latencies (void)
{
  const struct dram_part *part;
  for (size_t i = 0; (part = dram_part_at (i)) != NULL; i++) {
    const struct dram_timing *t = &part->timing;
    double hit = t->cl + part->org.burst / 2, closed = t->trcd + hit, slow;
    dram_config_default (&config, part);
    config.power_down = DRAM_POWER_DOWN_FAST;
    config.power_down_idle = 200;
    CU_ASSERT_DOUBLE_EQUAL (second_alone (dram_part_burst_bytes (part)), t->txp + hit,
                            1e-9);
    config.page_policy = DRAM_PAGE_CLOSED;
    CU_ASSERT_DOUBLE_EQUAL (second_alone (0), t->txp + closed, 1e-9);
    config.self_refresh_idle = 800;
    CU_ASSERT_DOUBLE_EQUAL (second_alone (0), t->txs + closed, 1e-9);
    if (t->txpdll == 0)
      continue;
    config.power_down = DRAM_POWER_DOWN_SLOW;
    config.self_refresh_idle = 0;
    slow = t->txpdll > t->txp + t->trcd ? t->txpdll + hit : t->txp + closed;
    CU_ASSERT_DOUBLE_EQUAL (second_alone (0), slow, 1e-9);
  }
}

/* One read, one write to the same row: every count and energy by hand. */
static void
test_small_case (void)
{
  const double unit = 8 * 1.2 * 0.833e-3; /* nJ a mA and cycle */
  struct dram_result r;
  dram_config_default (&config, NULL);
  requests[0] = (struct dram_request){ .cycle = 0, .address = 0 };
  requests[1] = (struct dram_request){ .cycle = 0, .address = 64, .write = 1 };
  r = run (2);
  CU_ASSERT_EQUAL (r.cycles, 17 + (17 + 4 + 2 - 12) + 12 + 4);
  CU_ASSERT_EQUAL (r.reads, 1);
  CU_ASSERT_EQUAL (r.commands[DRAM_CMD_ACT], 1);
  CU_ASSERT_EQUAL (r.commands[DRAM_CMD_RD], 1);
  CU_ASSERT_EQUAL (r.commands[DRAM_CMD_WR], 1);
  CU_ASSERT_EQUAL (r.row_hits, 1);
  CU_ASSERT_DOUBLE_EQUAL (r.row_hit_rate, 0.5, 0);
  CU_ASSERT_DOUBLE_EQUAL (r.energy[DRAM_ENERGY_ACT], unit * (48 - 43) * 39, 1e-9);
  CU_ASSERT_DOUBLE_EQUAL (r.energy[DRAM_ENERGY_RD], unit * (135 - 43) * 4, 1e-9);
  CU_ASSERT_DOUBLE_EQUAL (r.energy[DRAM_ENERGY_WR], unit * (123 - 43) * 4, 1e-9);
  CU_ASSERT_DOUBLE_EQUAL (r.energy[DRAM_ENERGY_OPEN], unit * 43 * (double)r.cycles, 1e-9);
  CU_ASSERT_DOUBLE_EQUAL (r.energy[DRAM_ENERGY_PRE], 0, 0);
  CU_ASSERT_DOUBLE_EQUAL (r.energy[DRAM_ENERGY_CLOSED], 0, 0);
}

static void
test_energy_adds_up (void)
{
  struct dram_result r;
  dram_config_default (&config, NULL);
  config.ranks = 2;
  config.mapping = "rbgkc";
  config.power_down = DRAM_POWER_DOWN_FAST;
  config.power_down_idle = 8;
  config.self_refresh_idle = 150;
  random_trace (20, 30);
  r = run (N);
  CU_ASSERT (r.energy[DRAM_ENERGY_DOWN] > 0 && r.energy[DRAM_ENERGY_SELF] > 0);
  for (int c = 0; c < DRAM_ENERGY_COUNT; c++) {
    double ranks = r.rank[0].energy[c] + r.rank[1].energy[c];
    CU_ASSERT_DOUBLE_EQUAL (r.energy[c], ranks, ranks * 1e-12);
    r.energy_total -= r.energy[c];
  }
  CU_ASSERT_DOUBLE_EQUAL (r.energy_total, 0, 1e-6);
  CU_ASSERT_EQUAL (r.commands[DRAM_CMD_RD] + r.commands[DRAM_CMD_WR], N);
  CU_ASSERT (r.commands[DRAM_CMD_REF] > 0 && r.rank[1].commands[DRAM_CMD_ACT] > 0);
}

/* A simulator gives the same bits whatever it ran before. */
static void
test_determinism (void)
{
  struct dram_sim *sim = dram_sim_new (NULL);
  struct dram_result fresh, used;
  CU_ASSERT_PTR_NOT_NULL_FATAL (sim);
  random_trace (5, 30);
  for (uint32_t i = 0; i < 24; i++) {
    dram_config_default (&config, NULL);
    config.request_buffer_size = 1u << (i * 5 % 8);
    config.scheduler = i % 3;
    config.scheduler_buffer = i / 3 % 3;
    config.resp_queue = i % 2;
    config.arbiter = i / 2 % 3;
    fresh = run (N);
    CU_ASSERT_EQUAL (dram_sim_run (sim, &config, requests, N, NULL, &used, NULL),
                     DRAM_OK);
    CU_ASSERT (same (&fresh, &used));
  }
  dram_sim_destroy (&sim);
}

static void
test_active_limit_needs_an_arbiter (void)
{
  struct dram_result a, b;
  random_trace (1, 0);
  for (enum dram_arbiter arbiter = 0; arbiter <= DRAM_ARBITER_REORDER; arbiter++) {
    dram_config_default (&config, NULL);
    config.arbiter = arbiter;
    config.max_active_transactions = 1;
    a = run (N);
    config.max_active_transactions = 128;
    b = run (N);
    if (arbiter == DRAM_ARBITER_SIMPLE)
      CU_ASSERT (same (&a, &b));
    if (arbiter != DRAM_ARBITER_SIMPLE)
      CU_ASSERT (a.cycles > 2 * b.cycles);
  }
}

static void
test_refresh_limits_need_refresh (void)
{
  struct dram_result a, b;
  random_trace (60, 0);
  for (enum dram_refresh policy = 0; policy <= DRAM_REFRESH_ALLBANK; policy++) {
    dram_config_default (&config, NULL);
    config.refresh_policy = policy;
    a = run (N);
    config.refresh_max_postponed = config.refresh_max_pulledin = 1;
    b = run (N);
    CU_ASSERT (same (&a, &b) == (policy == DRAM_REFRESH_NOREFRESH));
  }
}

/* With one request in the buffer there is nothing to choose from. */
static void
test_scheduler_needs_a_choice (void)
{
  struct dram_result first = { 0 }, r;
  random_trace (1, 0);
  for (enum dram_scheduler s = 0; s <= DRAM_SCHEDULER_FRFCFSGRP; s++) {
    dram_config_default (&config, NULL);
    config.scheduler = s;
    config.scheduler_buffer = DRAM_BUFFER_SHARED;
    config.request_buffer_size = 1;
    r = run (N);
    if (s == 0)
      first = r;
    CU_ASSERT (same (&first, &r));
    config.request_buffer_size = 64;
    r = run (N);
    CU_ASSERT_EQUAL (r.row_hit_rate > first.row_hit_rate * 1.1, s != DRAM_SCHEDULER_FIFO);
  }
}

static void
test_monotone (void)
{
  struct dram_result small, large;
  random_trace (1, 30);
  for (enum dram_buffer b = 0; b <= DRAM_BUFFER_SHARED; b++) {
    dram_config_default (&config, NULL);
    config.scheduler_buffer = b;
    config.request_buffer_size = 1;
    small = run (N);
    config.request_buffer_size = 64;
    large = run (N);
    CU_ASSERT (large.cycles < small.cycles);
    CU_ASSERT (large.power > small.power);
    CU_ASSERT (large.response.mean < small.response.mean);
  }
}

/* One request at a time, each of its timings shows. */
static void
test_slower_parts (void)
{
  struct dram_timing kept;
  uint32_t *const longer[] = { &config.part.timing.cl,  &config.part.timing.trcd,
                               &config.part.timing.trp, &config.part.timing.tras,
                               &config.part.timing.twr, &config.part.timing.trfc };
  uint64_t cycles;
  random_trace (0, 30);
  dram_config_default (&config, NULL);
  config.traffic = DRAM_TRAFFIC_CLOSED;
  config.in_flight = 1;
  kept = config.part.timing;
  cycles = run (N).cycles;
  for (size_t i = 0; i < sizeof longer / sizeof longer[0]; i++) {
    *longer[i] += 7;
    config.part.timing.trp_ab = config.part.timing.trp;
    config.part.timing.trc = config.part.timing.tras + config.part.timing.trp;
    CU_ASSERT (run (N).cycles > cycles);
    config.part.timing = kept;
  }
}

static void
test_owed_refreshes (void)
{
  struct dram_result charged, free_of_charge;
  dram_config_default (&config, NULL);
  random_trace (9, 0);
  charged = run (N);
  config.charge_owed_refresh = false;
  free_of_charge = run (N);
  CU_ASSERT (charged.refreshes_owed >= 2);
  CU_ASSERT_EQUAL (charged.cycles, free_of_charge.cycles + charged.refreshes_owed * 420);
  CU_ASSERT (charged.energy[DRAM_ENERGY_REF] > free_of_charge.energy[DRAM_ENERGY_REF]);
  CU_ASSERT_EQUAL (free_of_charge.refreshes_owed, 0);
}

/* Idle time costs refreshes and standby, nothing else. */
static void
test_idle_time (void)
{
  struct dram_result r;
  dram_config_default (&config, NULL);
  requests[0] = (struct dram_request){ .cycle = 0 };
  requests[1] = (struct dram_request){ .cycle = UINT64_C (936000000) };
  r = run (2);
  CU_ASSERT_EQUAL (r.commands[DRAM_CMD_ACT], 2);
  CU_ASSERT (r.commands[DRAM_CMD_REF] >= 100000 && r.commands[DRAM_CMD_REF] < 100020);
  config.refresh_policy = DRAM_REFRESH_NOREFRESH;
  requests[1].cycle = DRAM_CYCLE_MAX;
  r = run (2);
  CU_ASSERT_EQUAL (r.cycles, DRAM_CYCLE_MAX + 21);
}

struct counter {
  uint64_t commands[DRAM_CMD_COUNT], last;
  bool ordered;
};

static void
count (void *user, const struct dram_command *command)
{
  struct counter *c = user;
  c->commands[command->kind]++;
  c->ordered &= command->cycle > c->last || c->last == UINT64_MAX;
  c->last = command->cycle;
}

static void
test_log (void)
{
  struct counter c = { .last = UINT64_MAX, .ordered = true };
  struct dram_run_options options = { .log = count, .log_user = &c };
  struct dram_sim *sim = dram_sim_new (NULL);
  struct dram_result r;
  dram_config_default (&config, NULL);
  config.refresh_max_postponed = 1;
  random_trace (30, 30);
  CU_ASSERT_EQUAL (dram_sim_run (sim, &config, requests, N, &options, &r, NULL), DRAM_OK);
  CU_ASSERT_EQUAL (memcmp (c.commands, r.commands, sizeof c.commands), 0);
  CU_ASSERT (c.ordered && c.commands[DRAM_CMD_PREA] > 0);
  dram_sim_destroy (&sim);
}

struct columns {
  uint64_t request[4];
  size_t count;
};

static void
note_columns (void *user, const struct dram_command *command)
{
  struct columns *c = user;
  if (command->kind == DRAM_CMD_RD || command->kind == DRAM_CMD_WR)
    c->request[c->count++] = command->request;
}

/* A write in one bank makes another bank serve its own write before an older read. */
static void
test_grouping_across_banks (void)
{
  struct columns c = { .count = 0 };
  struct dram_run_options options = { .log = note_columns, .log_user = &c };
  struct dram_sim *sim = dram_sim_new (NULL);
  struct dram_result r;
  dram_config_default (&config, NULL);
  config.scheduler = DRAM_SCHEDULER_FRFCFSGRP;
  requests[0] = (struct dram_request){ .address = 0, .write = 1 };
  requests[1] = (struct dram_request){ .address = 1 << 15 };
  requests[2] = (struct dram_request){ .address = 1 << 15 | 64, .write = 1 };
  CU_ASSERT_EQUAL (dram_sim_run (sim, &config, requests, 3, &options, &r, NULL), DRAM_OK);
  CU_ASSERT_EQUAL (c.request[0], 0);
  CU_ASSERT_EQUAL (c.request[1], 2);
  CU_ASSERT_EQUAL (c.request[2], 1);
  dram_sim_destroy (&sim);
}

/* A bank that closes by itself is open until its precharge starts. */
static void
test_automatic_precharge (void)
{
  dram_config_default (&config, NULL);
  config.page_policy = DRAM_PAGE_CLOSED;
  requests[0] = (struct dram_request){ .cycle = 0 };
  requests[1] = (struct dram_request){ .cycle = 1000 };
  CU_ASSERT_EQUAL (run (2).rank[0].active_cycles, 39 + 38);
  requests[0].write = 1;
  CU_ASSERT_EQUAL (run (2).rank[0].active_cycles, 17 + 12 + 4 + 18 + 38);
}

static void
test_cancel (void)
{
  atomic_bool cancel = true;
  struct dram_run_options options = { .cancel = &cancel };
  struct dram_sim *sim = dram_sim_new (NULL);
  struct dram_result before, after, r;
  struct dram_error err = { "" };
  dram_config_default (&config, NULL);
  random_trace (1, 30);
  before = run (N);
  CU_ASSERT_EQUAL (dram_sim_run (sim, &config, requests, N, &options, &r, &err),
                   DRAM_CANCELLED);
  CU_ASSERT_PTR_NOT_NULL (strstr (err.text, "cancelled"));
  CU_ASSERT_EQUAL (r.cycles, 0);
  cancel = false;
  CU_ASSERT_EQUAL (dram_sim_run (sim, &config, requests, N, &options, &after, &err),
                   DRAM_OK);
  CU_ASSERT (same (&before, &after));
  dram_sim_destroy (&sim);
}

static void
test_bad_arguments (void)
{
  struct dram_sim *sim = dram_sim_new (NULL);
  struct dram_result r;
  struct dram_error err;
  dram_config_default (&config, NULL);
  random_trace (1, 0);
  CU_ASSERT_EQUAL (dram_sim_run (sim, &config, requests, 0, NULL, &r, &err), DRAM_FAILED);
  CU_ASSERT_PTR_NOT_NULL (strstr (err.text, "at least one request"));
  requests[7].cycle = 3;
  CU_ASSERT_EQUAL (dram_sim_run (sim, &config, requests, N, NULL, &r, &err), DRAM_FAILED);
  CU_ASSERT_PTR_NOT_NULL (strstr (err.text, "request 7 is for cycle 3"));
  random_trace (1, 0);
  requests[N - 1].cycle = DRAM_CYCLE_MAX + 1;
  CU_ASSERT_EQUAL (dram_sim_run (sim, &config, requests, N, NULL, &r, &err), DRAM_FAILED);
  CU_ASSERT_PTR_NOT_NULL (strstr (err.text, "at most"));
  random_trace (1, 0);
  config.ranks = 0;
  CU_ASSERT_EQUAL (dram_sim_run (sim, &config, requests, N, NULL, &r, &err), DRAM_FAILED);
  CU_ASSERT_PTR_NOT_NULL (strstr (err.text, "ranks is 0"));
  CU_ASSERT_EQUAL (dram_sim_run (sim, &config, requests, N, NULL, &r, NULL), DRAM_FAILED);
  dram_sim_destroy (&sim);
  dram_sim_destroy (&sim);
}

/* What single runs of the channels' shares say, each with a request that is late enough
 * for both to last as long. */
static void
test_channels (void)
{
  struct dram_result both, alone[2];
  static struct dram_request all[N];
  size_t count[2] = { 0, 0 };
  dram_config_default (&config, NULL);
  random_trace (3, 30);
  for (size_t i = N - 2; i < N; i++)
    requests[i] = (struct dram_request){ .cycle = 30000, .address = i << 6 };
  memcpy (all, requests, sizeof all);
  config.mapping = "rkbgChc";
  config.channels = 2;
  both = run (N);
  config.channels = 1;
  for (uint64_t h = 0; h < 2; h++) {
    for (size_t i = 0; i < N; i++) {
      uint64_t a = all[i].address;
      requests[count[h]] = all[i];
      requests[count[h]].address = (a >> 7 << 6) | (a & 63);
      count[h] += (a >> 6 & 1) == h;
    }
    alone[h] = run (count[h]);
    CU_ASSERT_EQUAL (memcmp (&both.rank[h].commands, &alone[h].rank[0].commands,
                             sizeof alone[h].rank[0].commands),
                     0);
  }
  CU_ASSERT_EQUAL (both.cycles, alone[0].cycles);
  CU_ASSERT_EQUAL (both.ranks, 2);
  CU_ASSERT_EQUAL (both.row_hits, alone[0].row_hits + alone[1].row_hits);
  CU_ASSERT_EQUAL (both.reads, alone[0].reads + alone[1].reads);
  CU_ASSERT_DOUBLE_EQUAL (both.energy_total,
                          alone[0].energy_total + alone[1].energy_total, 1e-6);
  CU_ASSERT_DOUBLE_EQUAL (both.latency.mean * (double)both.reads,
                          alone[0].latency.mean * (double)alone[0].reads
                              + alone[1].latency.mean * (double)alone[1].reads,
                          1e-3);
}

static void *
run_many (void *result)
{
  for (int i = 0; i < 20; i++)
    ((struct dram_result *)result)[i] = run (N);
  return NULL;
}

/* Simulators of different threads do not meet. */
static void
test_threads (void)
{
  static struct dram_result here[20], there[20];
  pthread_t thread;
  dram_config_default (&config, NULL);
  random_trace (1, 30);
  CU_ASSERT_EQUAL_FATAL (pthread_create (&thread, NULL, run_many, there), 0);
  run_many (here);
  pthread_join (thread, NULL);
  CU_ASSERT_EQUAL (memcmp (here, there, sizeof here), 0);
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { .name = "unloaded latencies", .run = test_unloaded_latencies },
    { .name = "woken latencies", .run = test_woken_latencies },
    { .name = "small case", .run = test_small_case },
    { .name = "energy adds up", .run = test_energy_adds_up },
    { .name = "determinism", .run = test_determinism },
    { .name = "active limit needs an arbiter",
      .run = test_active_limit_needs_an_arbiter },
    { .name = "refresh limits need refresh", .run = test_refresh_limits_need_refresh },
    { .name = "scheduler needs a choice", .run = test_scheduler_needs_a_choice },
    { .name = "monotone", .run = test_monotone },
    { .name = "slower parts", .run = test_slower_parts },
    { .name = "owed refreshes", .run = test_owed_refreshes },
    { .name = "idle time", .run = test_idle_time },
    { .name = "log", .run = test_log },
    { .name = "grouping across banks", .run = test_grouping_across_banks },
    { .name = "automatic precharge", .run = test_automatic_precharge },
    { .name = "cancel", .run = test_cancel },
    { .name = "channels", .run = test_channels },
    { .name = "bad arguments", .run = test_bad_arguments },
    { .name = "threads", .run = test_threads },
    { 0 },
  };
  return tap_run ("dram sim", tests);
}
