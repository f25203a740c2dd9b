/* cache.c - a complete environment plugin in one file, to copy and change.
 *
 * The env answers: how large, how associative and with what line size should a cache be?
 * Its model is an analytic one, small enough to read in a minute:
 *
 *   miss rate    falls with the square root of the capacity ("power law of cache misses",
 *                Hartstein, Srinivasan, Puzak and Emma, Computing Frontiers 2006), a
 *                little with associativity, and with line size as far as neighbours are
 *                used (option `locality`)
 *   access time  grows with the logarithm of the capacity and with the ways compared
 *   area         grows with the capacity and the comparators
 *
 * Build and try it (see Makefile):
 *   make && GYM_PLUGIN_PATH=. gym info cache && GYM_PLUGIN_PATH=. gym check cache */
#include <gym/plugin.h>

#include <math.h>

/* 1. Options. Each entry names the field that receives the parsed value before `open`. */
struct cache {
  double working_set;
  double locality;
};

static const struct gym_option options[] = {
  { .name = "working_set",
    .unit = "KiB",
    .doc = "Data the program keeps coming back to.",
    .type = GYM_OPTION_REAL,
    .flags = GYM_OPTION_LOG,
    .offset = offsetof (struct cache, working_set),
    .low = 1,
    .high = 1e6,
    .initial = "256" },
  { .name = "locality",
    .doc = "Share of a fetched line that is used.",
    .type = GYM_OPTION_REAL,
    .offset = offsetof (struct cache, locality),
    .low = 0,
    .high = 1,
    .initial = "0.4" },
};

/* 2. Designs and metrics. A design arrives as one double per parameter, in this order:
 * the index of the level, or the value. */
enum { CAPACITY, WAYS, LINE, PREFETCH, DEGREE, N_PARAMS };

static const char *const way_levels[] = { "1", "2", "4", "8", "16" };
static const char *const line_levels[] = { "32", "64", "128", "256" };
static const char *const prefetch_levels[] = { "none", "next_line" };
static const char *const when_prefetching[] = { "next_line", NULL };

static const struct gym_param params[N_PARAMS] = {
  [CAPACITY] = { .name = "capacity",
                 .unit = "KiB",
                 .doc = "Data held.",
                 .kind = GYM_INTEGER,
                 .flags = GYM_PARAM_LOG,
                 .low = 4,
                 .high = 4096,
                 .step = 4,
                 .initial = 32 },
  [WAYS] = { .name = "ways",
             .doc = "Lines an address may live in.",
             .kind = GYM_ORDINAL,
             .levels = way_levels,
             .n_levels = 5,
             .initial = 2 },
  [LINE] = { .name = "line",
             .unit = "B",
             .doc = "Bytes fetched at a time.",
             .kind = GYM_ORDINAL,
             .levels = line_levels,
             .n_levels = 4,
             .initial = 1 },
  [PREFETCH] = { .name = "prefetch",
                 .doc = "What is fetched before it is asked for.",
                 .kind = GYM_CATEGORICAL,
                 .levels = prefetch_levels,
                 .n_levels = 2 },
  /* A conditional parameter: it exists only under prefetch=next_line, and is NaN in every
   * design without. */
  [DEGREE] = { .name = "degree",
               .doc = "Lines fetched ahead.",
               .kind = GYM_INTEGER,
               .low = 1,
               .high = 8,
               .initial = 1,
               .parent = "prefetch",
               .when = when_prefetching },
};

enum { MISS_RATE, ACCESS_TIME, AREA, MEAN_TIME, N_METRICS };

static const struct gym_metric metrics[N_METRICS] = {
  [MISS_RATE] = { .name = "miss_rate",
                  .unit = "1",
                  .doc = "Share of accesses that miss.",
                  .sense = GYM_MINIMISE },
  [ACCESS_TIME] = { .name = "access_time",
                    .unit = "ns",
                    .doc = "Time of a hit.",
                    .sense = GYM_MINIMISE },
  [AREA] = { .name = "area",
             .unit = "mm2",
             .doc = "Silicon of arrays and comparators.",
             .sense = GYM_MINIMISE },
  [MEAN_TIME] = { .name = "mean_time",
                  .unit = "ns",
                  .doc = "Mean time of an access, a miss costing 60 ns.",
                  .sense = GYM_MINIMISE },
};

static int
open_cache (void *self, const struct gym_host *host, gym_error *err)
{
  (void)self;
  (void)host;
  (void)err;
  return GYM_OK;
}

static void
close_cache (void *self)
{
  (void)self;
}

static int
describe_space (void *self, struct gym_params *out, gym_error *err)
{
  (void)self;
  (void)err;
  *out = (struct gym_params)GYM_ARRAY (gym_params, params);
  return GYM_OK;
}

static int
describe_metrics (void *self, struct gym_metrics *out, gym_error *err)
{
  (void)self;
  (void)err;
  *out = (struct gym_metrics)GYM_ARRAY (gym_metrics, metrics);
  return GYM_OK;
}

/* 3. The model. */
static void
evaluate_one (const struct cache *c, const double *design, double *out)
{
  double capacity = design[CAPACITY], ways = exp2 (design[WAYS]);
  double line = 32 * exp2 (design[LINE]);
  double degree = isnan (design[DEGREE]) ? 0 : design[DEGREE];
  double used = 1 + c->locality * (line / 32 - 1); /* of a line, in units of 32 B */
  double wasted = line / 32 / used;
  double covered = 1 - exp (-0.4 * degree * c->locality);
  double miss = 0.3 * sqrt (c->working_set / (capacity + c->working_set)) / used;
  miss *= (1 + 0.25 / ways) * (1 + 0.02 * wasted * line / capacity) * (1 - 0.6 * covered);
  out[MISS_RATE] = fmin (miss + 0.002 * degree * degree / capacity, 1);
  out[ACCESS_TIME] = 0.3 + 0.12 * log2 (capacity) + 0.03 * ways;
  out[AREA] = 0.002 * capacity + 0.004 * ways * (1 + 64 / line) + 0.01 * degree;
  out[MEAN_TIME] = out[ACCESS_TIME] + 60 * out[MISS_RATE] * (1 + 0.1 * (line / 64 - 1));
}

static int
evaluate (void *self, struct gym_batch *batch, gym_error *err)
{
  (void)err;
  for (size_t i = 0; i < batch->n; i++)
    evaluate_one (self, batch->designs + i * batch->n_params,
                  batch->metrics + i * batch->n_metrics);
  return GYM_OK;
}

/* 4. The class, and the one constant that a plugin exports. */
static const struct gym_env_class cache_class = {
  .struct_size = sizeof (struct gym_env_class),
  .id = "cache-v1",
  .summary = "Size, ways and lines of a cache, by an analytic model",
  .doc =
      "Trades miss rate against access time and area for a program with a given working "
      "set. An example of a plugin, not a substitute for a simulator.",
  .source = "power law of cache misses: Hartstein et al., Computing Frontiers 2006",
  .options = GYM_ARRAY (gym_options, options),
  .instance_size = sizeof (struct cache),
  .open = open_cache,
  .close = close_cache,
  .space = describe_space,
  .metrics = describe_metrics,
  .evaluate = evaluate,
};

static const struct gym_env_class *const envs[] = { &cache_class, NULL };

GYM_EXPORT const struct gym_plugin gym_plugin_entry = { GYM_PLUGIN_ABI,
                                                        .name = "cache",
                                                        .version = "1.0",
                                                        .licence = "MIT",
                                                        .doc =
                                                            "Example plugin of archgym.",
                                                        .envs = envs };
