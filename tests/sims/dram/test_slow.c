/* The event-driven simulator and the cycle-by-cycle one issue the same commands in the
 * same cycles and come to the same figures.  GYM_LONG=1 or --long: 10,000 triples. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sims/dram/dram.h"
#include "sims/dram/slow.h"
#include "tests/sims/dram/random_case.h"
#include "tests/tap.h"

enum { CASES_SHORT = 250, CASES_LONG = 2500, BATCHES = 4 };

/* Both simulators' view of one case, and the first thing in which they differ. */
struct comparison {
  struct dram_sim *sim;
  struct command_log fast_log, slow_log;
  struct dram_result fast, slow;
  char text[640];
};

static bool
same_command (const struct dram_command *a, const struct dram_command *b)
{
  return a->cycle == b->cycle && a->request == b->request && a->kind == b->kind
         && a->channel == b->channel && a->rank == b->rank
         && a->bank_group == b->bank_group && a->bank == b->bank && a->row == b->row
         && a->column == b->column;
}

static void
command_text (const struct command_log *log, size_t i, char *text, size_t size)
{
  const struct dram_command *c = &log->commands[i];
  if (i < log->count)
    snprintf (text, size, "%" PRIu64 " %s h%u k%u g%u b%u r%u c%u #%" PRIu64, c->cycle,
              dram_command_name (c->kind), c->channel, c->rank, c->bank_group, c->bank,
              c->row, c->column, c->request);
  else
    snprintf (text, size, "nothing");
}

/* By cycle, then channel: a channel issues one command a cycle at most. */
static int
by_time (const void *a, const void *b)
{
  const struct dram_command *x = a, *y = b;
  if (x->cycle != y->cycle)
    return x->cycle < y->cycle ? -1 : 1;
  return (x->channel > y->channel) - (x->channel < y->channel);
}

static bool
logs_differ (struct comparison *k)
{
  char fast[128], slow[128];
  size_t i = 0;
  if (k->fast_log.count > 0) /* the fast one plays a channel after the other */
    qsort (k->fast_log.commands, k->fast_log.count, sizeof k->fast_log.commands[0],
           by_time);
  while (i < k->fast_log.count && i < k->slow_log.count
         && same_command (&k->fast_log.commands[i], &k->slow_log.commands[i]))
    i++;
  if (i == k->fast_log.count && i == k->slow_log.count)
    return false;
  command_text (&k->fast_log, i, fast, sizeof fast);
  command_text (&k->slow_log, i, slow, sizeof slow);
  snprintf (k->text, sizeof k->text, "command %zu: fast %s, slow %s", i, fast, slow);
  return true;
}

static bool
counts_differ (struct comparison *k, const char *name, uint64_t fast, uint64_t slow)
{
  if (fast != slow)
    snprintf (k->text, sizeof k->text, "%s: fast %" PRIu64 ", slow %" PRIu64, name, fast,
              slow);
  return fast != slow;
}

/* Sums may be taken in another order. */
static bool
numbers_differ (struct comparison *k, const char *name, double fast, double slow)
{
  bool same = (isnan (fast) && isnan (slow))
              || fabs (fast - slow) <= 1e-12 * fmax (fabs (fast), fabs (slow));
  if (!same)
    snprintf (k->text, sizeof k->text, "%s: fast %.17g, slow %.17g", name, fast, slow);
  return !same;
}

/* From 4096 cycles on the fast p99 may be rounded up, by less than 1/1024. */
static bool
p99_differs (struct comparison *k, const char *name, const struct dram_latency *fast,
             const struct dram_latency *slow, double tck)
{
  if (slow->p99 / tck < 4095.5 || !(fast->p99 > slow->p99))
    return numbers_differ (k, name, fast->p99, slow->p99);
  return numbers_differ (k, name, fmin (fast->p99, slow->max), fast->p99)
         || (fast->p99 - slow->p99 >= slow->p99 / 1024
             && numbers_differ (k, name, fast->p99, slow->p99));
}

static bool
latencies_differ (struct comparison *k, const char *name, const struct dram_latency *fast,
                  const struct dram_latency *slow, double tck)
{
  return numbers_differ (k, name, fast->mean, slow->mean)
         || numbers_differ (k, name, fast->max, slow->max)
         || p99_differs (k, name, fast, slow, tck);
}

static bool
ranks_differ (struct comparison *k)
{
  for (uint32_t r = 0; r < k->slow.ranks; r++) {
    const struct dram_rank_result *fast = &k->fast.rank[r], *slow = &k->slow.rank[r];
    for (int i = 0; i < DRAM_CMD_COUNT; i++) {
      if (counts_differ (k, dram_command_name ((enum dram_command_kind)i),
                         fast->commands[i], slow->commands[i]))
        return true;
    }
    for (int i = 0; i < DRAM_ENERGY_COUNT; i++) {
      if (numbers_differ (k, dram_energy_name ((enum dram_energy)i), fast->energy[i],
                          slow->energy[i]))
        return true;
    }
    if (counts_differ (k, "banks_closed", fast->banks_closed, slow->banks_closed)
        || counts_differ (k, "owed of rank", fast->refreshes_owed, slow->refreshes_owed)
        || counts_differ (k, "active_cycles", fast->active_cycles, slow->active_cycles)
        || counts_differ (k, "down, open", fast->down_active_cycles,
                          slow->down_active_cycles)
        || counts_differ (k, "down", fast->down_cycles, slow->down_cycles)
        || counts_differ (k, "asleep", fast->self_refresh_cycles,
                          slow->self_refresh_cycles))
      return true;
  }
  return false;
}

static bool
totals_differ (struct comparison *k)
{
  const struct dram_result *fast = &k->fast, *slow = &k->slow;
  for (int i = 0; i < DRAM_CMD_COUNT; i++) {
    if (counts_differ (k, "commands in total", fast->commands[i], slow->commands[i]))
      return true;
  }
  for (int i = 0; i < DRAM_ENERGY_COUNT; i++) {
    if (numbers_differ (k, "energy in total", fast->energy[i], slow->energy[i]))
      return true;
  }
  return numbers_differ (k, "total_time", fast->total_time, slow->total_time)
         || numbers_differ (k, "row_hit_rate", fast->row_hit_rate, slow->row_hit_rate)
         || numbers_differ (k, "bandwidth", fast->bandwidth, slow->bandwidth)
         || numbers_differ (k, "power", fast->power, slow->power)
         || numbers_differ (k, "energy_total", fast->energy_total, slow->energy_total);
}

static bool
results_differ (struct comparison *k, const struct random_case *c)
{
  const struct dram_result *fast = &k->fast, *slow = &k->slow;
  double tck = c->config.part.tck_ps / 1000.0;
  return counts_differ (k, "cycles", fast->cycles, slow->cycles)
         || counts_differ (k, "requests", fast->requests, slow->requests)
         || counts_differ (k, "reads", fast->reads, slow->reads)
         || counts_differ (k, "writes", fast->writes, slow->writes)
         || counts_differ (k, "row_hits", fast->row_hits, slow->row_hits)
         || counts_differ (k, "owed", fast->refreshes_owed, slow->refreshes_owed)
         || counts_differ (k, "ranks", fast->ranks, slow->ranks)
         || latencies_differ (k, "latency", &fast->latency, &slow->latency, tck)
         || latencies_differ (k, "response", &fast->response, &slow->response, tck)
         || ranks_differ (k) || totals_differ (k);
}

/* Runs both; true, and the reason in k->text, if they do not agree. */
static bool
case_differs (struct comparison *k, const struct random_case *c)
{
  struct dram_error fast_error = { "" }, slow_error = { "" };
  struct dram_run_options options = { .log = command_log_append,
                                      .log_user = &k->fast_log };
  k->fast_log.count = k->slow_log.count = 0;
  int fast = dram_sim_run (k->sim, &c->config, c->requests, c->count, &options, &k->fast,
                           &fast_error);
  int slow = dram_slow_run (&c->config, c->requests, c->count, command_log_append,
                            &k->slow_log, &k->slow, &slow_error);
  if (fast != DRAM_OK && slow != DRAM_OK)
    return false; /* shrinking can make a design that neither takes */
  if (fast != DRAM_OK || slow != DRAM_OK) {
    snprintf (k->text, sizeof k->text, "status %d %s, slow %d %s", fast, fast_error.text,
              slow, slow_error.text);
    return true;
  }
  return logs_differ (k) || results_differ (k, c);
}

static bool
try_without (struct comparison *k, struct random_case *c, size_t from, size_t n)
{
  static struct random_case smaller;
  if (n >= c->count || from + n > c->count)
    return false;
  random_case_copy (&smaller, c);
  memmove (smaller.requests + from, smaller.requests + from + n,
           (smaller.count - from - n) * sizeof smaller.requests[0]);
  smaller.count -= n;
  if (!case_differs (k, &smaller))
    return false;
  random_case_copy (c, &smaller);
  return true;
}

/* Keeps the change that `change` makes if the simulators then still differ. */
static void
try_config (struct comparison *k, struct random_case *c,
            void (*change) (struct dram_config *, const struct dram_config *))
{
  static struct random_case simpler;
  struct dram_config plain;
  random_case_copy (&simpler, c);
  dram_config_default (&plain, NULL);
  change (&simpler.config, &plain);
  if (case_differs (k, &simpler))
    random_case_copy (c, &simpler);
}

#define CHANGE(field)                                                                    \
  static void change_##field (struct dram_config *c, const struct dram_config *plain)    \
  {                                                                                      \
    c->field = plain->field;                                                             \
  }
CHANGE (part)
CHANGE (mapping)
CHANGE (channels)
CHANGE (ranks)
CHANGE (page_policy)
CHANGE (scheduler)
CHANGE (scheduler_buffer)
CHANGE (request_buffer_size)
CHANGE (resp_queue)
CHANGE (refresh_max_postponed)
CHANGE (refresh_max_pulledin)
CHANGE (arbiter)
CHANGE (row_hit_cap)
CHANGE (power_down)
CHANGE (self_refresh_idle)
CHANGE (traffic)
CHANGE (player_ps)
CHANGE (charge_owed_refresh)

static void
change_drain (struct dram_config *c, const struct dram_config *plain)
{
  c->drain_high = plain->drain_high;
  c->drain_low = plain->drain_low;
}

static void
change_refresh (struct dram_config *c, const struct dram_config *plain)
{
  (void)plain;
  c->refresh_policy = DRAM_REFRESH_NOREFRESH;
}

typedef void change_fn (struct dram_config *, const struct dram_config *);

/* Removes what the difference does not need, until nothing more can go. */
static void
shrink (struct comparison *k, struct random_case *c)
{
  static change_fn *const changes[] = {
    change_refresh,
    change_part,
    change_mapping,
    change_channels,
    change_ranks,
    change_page_policy,
    change_scheduler,
    change_scheduler_buffer,
    change_request_buffer_size,
    change_resp_queue,
    change_refresh_max_postponed,
    change_refresh_max_pulledin,
    change_arbiter,
    change_row_hit_cap,
    change_power_down,
    change_self_refresh_idle,
    change_traffic,
    change_player_ps,
    change_charge_owed_refresh,
    change_drain,
  };
  size_t before;
  do {
    before = c->count;
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++)
      try_config (k, c, changes[i]);
    for (size_t n = c->count / 2; n > 0; n /= 2) {
      for (size_t from = 0; from + n <= c->count;)
        from += try_without (k, c, from, n) ? 0 : n;
    }
  } while (c->count < before);
  (void)case_differs (k, c);
}

static bool
compare_seed (struct comparison *k, uint64_t seed)
{
  static struct random_case c;
  random_case_make (&c, seed);
  CU_ASSERT_EQUAL_FATAL (dram_config_check (&c.config, NULL), 0);
  if (!case_differs (k, &c))
    return true;
  tap_note ("seed %" PRIu64 ": %s", seed, k->text);
  shrink (k, &c);
  tap_note ("after shrinking: %s", k->text);
  random_case_print (&c);
  return false;
}

static bool long_wanted; /* --long */

static bool
long_run (void)
{
  const char *wish = getenv ("GYM_LONG");
  return long_wanted || (wish != NULL && strcmp (wish, "0") != 0);
}

/* The first failure ends a batch, because the others are most often the same. */
static void
compare_batch (uint64_t batch)
{
  struct comparison k = { .sim = dram_sim_new (NULL) };
  uint64_t cases = long_run () ? CASES_LONG : CASES_SHORT;
  uint64_t commands = 0, refreshes = 0, rests = 0, sleeps = 0;
  bool same = true;
  CU_ASSERT_PTR_NOT_NULL_FATAL (k.sim);
  if (long_run ())
    alarm (0);
  for (uint64_t i = 0; same && i < cases; i++) {
    same = compare_seed (&k, batch * CASES_LONG + i);
    commands += k.slow_log.count;
    refreshes += k.slow.commands[DRAM_CMD_REF] + k.slow.commands[DRAM_CMD_REFPB]
                 + k.slow.commands[DRAM_CMD_REFSB];
    rests += k.slow.commands[DRAM_CMD_PDE];
    sleeps += k.slow.commands[DRAM_CMD_SRE];
  }
  tap_note ("%" PRIu64 " commands, of them %" PRIu64 " refreshes, %" PRIu64
            " power-downs, %" PRIu64 " self-refreshes",
            commands, refreshes, rests, sleeps);
  CU_ASSERT (same);
  CU_ASSERT (commands > 100 * cases && refreshes > cases && rests > cases && sleeps > 0);
  command_log_free (&k.fast_log);
  command_log_free (&k.slow_log);
  dram_sim_destroy (&k.sim);
}

static void
test_batch_0 (void)
{
  compare_batch (0);
}

static void
test_batch_1 (void)
{
  compare_batch (1);
}

static void
test_batch_2 (void)
{
  compare_batch (2);
}

static void
test_batch_3 (void)
{
  compare_batch (3);
}

/* The figures every textbook gives, from the model itself: a closed row costs tRCD + CL +
 * B, a conflict tRP more, a hit CL + B. */
static void
test_unloaded_latencies (void)
{
  struct dram_config config;
  struct dram_result result;
  struct dram_request requests[] = {
    { .address = 0, .cycle = 0 },
    { .address = 64, .cycle = 1000 },                 /* same row */
    { .address = UINT64_C (1) << 20, .cycle = 2000 }, /* another row of the bank */
  };
  static const double expected[] = { 38, (38 + 21) / 2.0, (38 + 21 + 55) / 3.0 };
  dram_config_default (&config, dram_part_find ("DDR4-2400"));
  config.refresh_policy = DRAM_REFRESH_NOREFRESH;
  config.mapping = "rkbgc";
  for (size_t n = 1; n <= 3; n++) {
    int status = dram_slow_run (&config, requests, n, NULL, NULL, &result, NULL);
    CU_ASSERT_EQUAL (status, DRAM_OK);
    CU_ASSERT_DOUBLE_EQUAL (result.latency.mean, expected[n - 1] * 0.833, 1e-9);
  }
  CU_ASSERT_EQUAL (result.row_hits, 1);
  CU_ASSERT_EQUAL (result.cycles, 2055);
}

static void
test_bad_arguments (void)
{
  struct dram_config config;
  struct dram_result result;
  struct dram_request request = { 0 };
  struct dram_error error = { "" };
  dram_config_default (&config, NULL);
  CU_ASSERT_EQUAL (dram_slow_run (&config, &request, 0, NULL, NULL, &result, &error),
                   DRAM_FAILED);
  CU_ASSERT_STRING_EQUAL (error.text, "the trace has no request");
  config.ranks = 3;
  CU_ASSERT_EQUAL (dram_slow_run (&config, &request, 1, NULL, NULL, &result, &error),
                   DRAM_FAILED);
  CU_ASSERT_PTR_NOT_NULL (strstr (error.text, "ranks"));
  CU_ASSERT_EQUAL (result.cycles, 0);
}

int
main (int argc, char **argv)
{
  static const struct tap_test tests[] = { { "unloaded latencies",
                                             test_unloaded_latencies },
                                           { "bad arguments", test_bad_arguments },
                                           { "random triples, batch 0", test_batch_0 },
                                           { "random triples, batch 1", test_batch_1 },
                                           { "random triples, batch 2", test_batch_2 },
                                           { "random triples, batch 3", test_batch_3 },
                                           { 0 } };
  long_wanted = argc > 1 && strcmp (argv[1], "--long") == 0;
  return tap_run ("dram-slow", tests);
}
