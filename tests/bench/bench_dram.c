/* What a request costs in the DRAM simulator: by traffic, by queue depth, and with the
 * length of the trace. */
#include "sims/dram/dram.h"
#include "tests/bench/bench.h"

#include <stdlib.h>

enum { REQUESTS = 300000 };

static uint64_t
draw (uint64_t *state)
{
  *state ^= *state << 13;
  *state ^= *state >> 7;
  *state ^= *state << 17;
  return *state >> 16;
}

/* Requests to random lines of the whole memory, one every `gap` cycles. */
static struct dram_request *
random_requests (size_t count, uint64_t gap, uint64_t writes)
{
  struct dram_request *r = malloc (count * sizeof *r);
  uint64_t state = 88172645463325252u;
  if (r == NULL)
    exit (1);
  for (size_t i = 0; i < count; i++)
    r[i] = (struct dram_request){ .cycle = i * gap,
                                  .address = draw (&state) << 6,
                                  .write = draw (&state) % 100 < writes };
  return r;
}

/* Requests per CPU-second, the best of five: noise only ever takes away. */
static double
rate (const struct dram_config *config, const struct dram_request *requests, size_t count)
{
  struct dram_sim *sim = dram_sim_new (NULL);
  struct dram_result result;
  double best = 0;
  for (int i = 0; i < 5; i++) {
    double from = bench_cpu (), per_second;
    if (sim == NULL
        || dram_sim_run (sim, config, requests, count, NULL, &result, NULL) != DRAM_OK)
      exit (1);
    per_second = (double)count / (bench_cpu () - from);
    best = per_second > best ? per_second : best;
  }
  dram_sim_destroy (&sim);
  return best;
}

/* DDR4-2400 in the default design with a buffer of `depth` requests per bank. */
static struct dram_config
design (uint32_t depth)
{
  struct dram_config config;
  dram_config_default (&config, NULL);
  config.request_buffer_size = depth;
  return config;
}

/* Random reads in the default design, and with 8 to 128 entries in a shared queue that
 * never runs empty. */
static void
bench_depth (const struct dram_request *reads)
{
  struct dram_config config = design (8);
  double shallow = 0, deep;
  bench_at_least ("dram, random reads, default design", rate (&config, reads, REQUESTS),
                  2e6, "requests/CPU-s");
  for (uint32_t depth = 8; depth <= 128; depth *= 4) {
    char name[64];
    config = design (depth);
    config.scheduler_buffer = DRAM_BUFFER_SHARED;
    snprintf (name, sizeof name, "dram, random reads, %u-entry queue", depth);
    deep = rate (&config, reads, REQUESTS);
    shallow = depth == 8 ? deep : shallow;
    bench_at_least (name, deep, depth == 32 ? 4e6 : 2e6, "requests/CPU-s");
    if (depth == 128)
      bench_at_most ("dram, cost of 128 entries over 8", shallow / deep, 2, "ratio");
  }
}

static void
bench_mixed (const struct dram_request *mixed)
{
  struct dram_config config = design (32);
  config.scheduler_buffer = DRAM_BUFFER_SHARED;
  config.traffic = DRAM_TRAFFIC_CLOSED;
  config.in_flight = 4;
  bench_at_least ("dram, mixed, 4 in flight, 32-entry queue",
                  rate (&config, mixed, REQUESTS), 4e6, "requests/CPU-s");
}

/* Random reads and the 32-entry queue with one mechanism in use; off, it costs nothing.
 */
static void
bench_mechanisms (const struct dram_request *reads)
{
  static const char *const names[] = { "row-hit cap 4", "hashed mapping", "4 channels",
                                       "4x refresh", "power-down" };
  for (int i = 0; i < 5; i++) {
    struct dram_config config = design (32);
    char name[64];
    config.scheduler_buffer = DRAM_BUFFER_SHARED;
    config.row_hit_cap = i == 0 ? 4 : 0;
    config.mapping = i == 1 ? "rkb^rg^rChc" : "rkbgChc";
    config.channels = i == 2 ? 4 : 1;
    config.refresh_policy = i == 3 ? DRAM_REFRESH_ALLBANK4X : DRAM_REFRESH_ALLBANK;
    config.power_down = i == 4 ? DRAM_POWER_DOWN_FAST : DRAM_POWER_DOWN_NEVER;
    snprintf (name, sizeof name, "dram, random reads, %s", names[i]);
    bench_at_least (name, rate (&config, reads, REQUESTS), 3e6, "requests/CPU-s");
  }
}

/* Parts that refresh some banks while the others work. */
static void
bench_units (const struct dram_request *reads)
{
  static const struct {
    const char *part;
    enum dram_refresh policy;
  } units[] = { { "LPDDR4-3200", DRAM_REFRESH_PERBANK },
                { "HBM2", DRAM_REFRESH_PERBANK },
                { "DDR5-4800", DRAM_REFRESH_SAMEBANK } };
  for (int i = 0; i < 3; i++) {
    struct dram_config config;
    char name[64];
    dram_config_default (&config, dram_part_find (units[i].part));
    config.scheduler_buffer = DRAM_BUFFER_SHARED;
    config.request_buffer_size = 32;
    config.refresh_policy = units[i].policy;
    snprintf (name, sizeof name, "dram, random reads, %s, some banks a refresh",
              units[i].part);
    bench_at_least (name, rate (&config, reads, REQUESTS), 3e6, "requests/CPU-s");
  }
}

/* Saturated with 30 % writes: every turn of the bus is an event of its own. */
static void
bench_draining (const struct dram_request *mixed)
{
  struct dram_config config = design (32);
  config.scheduler_buffer = DRAM_BUFFER_SEPARATE;
  config.drain_high = 24;
  config.drain_low = 6;
  bench_at_least ("dram, mixed, writes drained from 24 down to 6",
                  rate (&config, mixed, REQUESTS), 3e6, "requests/CPU-s");
}

/* A request every 500 cycles, the rank down in between: two commands more for each. */
static void
bench_rests (void)
{
  struct dram_request *sparse = random_requests (REQUESTS, 500, 0);
  struct dram_config never = design (8), fast = design (8);
  fast.power_down = DRAM_POWER_DOWN_FAST;
  bench_at_most ("dram, cost of power-down between requests over never",
                 rate (&never, sparse, REQUESTS) / rate (&fast, sparse, REQUESTS), 3,
                 "ratio");
  free (sparse);
}

static void
bench_length (void)
{
  struct dram_request *many = random_requests (3000000, 1, 0);
  struct dram_config config = design (8);
  double few = rate (&config, many, 10000);
  bench_at_most ("dram, cost of 3,000,000 requests over 10,000",
                 few / rate (&config, many, 3000000), 1.25, "ratio");
  free (many);
}

static void
bench_idle (void)
{
  struct dram_request *dense = random_requests (REQUESTS, 10, 0);
  struct dram_request *sparse = random_requests (REQUESTS, 100000, 0);
  struct dram_config config = design (8);
  config.refresh_policy = DRAM_REFRESH_NOREFRESH;
  bench_at_most ("dram, cost at a request every 100,000 cycles over 10",
                 rate (&config, dense, REQUESTS) / rate (&config, sparse, REQUESTS), 1.25,
                 "ratio");
  free (dense);
  free (sparse);
}

int
main (void)
{
  struct dram_request *reads = random_requests (REQUESTS, 1, 0);
  struct dram_request *mixed = random_requests (REQUESTS, 1, 30);
  bench_depth (reads);
  bench_mixed (mixed);
  bench_mechanisms (reads);
  bench_units (reads);
  bench_draining (mixed);
  bench_rests ();
  bench_length ();
  bench_idle ();
  free (reads);
  free (mixed);
  return 0;
}
