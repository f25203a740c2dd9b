/* slow.c - an environment that takes time, for tests and figures of trials elsewhere.
 *
 *   slow-v1   value = a mix of its two parameters' bits; a trial takes `ms` milliseconds
 *             (a share of it where `uneven`), asleep or, with `spin`, at work */
#define _POSIX_C_SOURCE 200809L
#include <gym/plugin.h>

#include <time.h>

struct slow {
  double ms;
  bool spin, uneven;
};

static const struct gym_option options[] = {
  { .name = "ms",
    .unit = "ms",
    .doc = "Time a trial takes.",
    .type = GYM_OPTION_REAL,
    .flags = GYM_OPTION_FIXED,
    .offset = offsetof (struct slow, ms),
    .high = 1e6,
    .initial = "10" },
  { .name = "spin",
    .doc = "Keep a core busy meanwhile.",
    .type = GYM_OPTION_BOOL,
    .flags = GYM_OPTION_FIXED,
    .offset = offsetof (struct slow, spin),
    .initial = "false" },
  { .name = "uneven",
    .doc = "Take between nothing and twice the time, by the design.",
    .type = GYM_OPTION_BOOL,
    .flags = GYM_OPTION_FIXED,
    .offset = offsetof (struct slow, uneven),
    .initial = "false" },
};

static const struct gym_param params[] = {
  { .name = "x", .doc = "Any.", .kind = GYM_INTEGER, .low = 0, .high = 999999 },
  { .name = "y", .doc = "Any.", .kind = GYM_INTEGER, .low = 0, .high = 999999 },
};

static const struct gym_metric metrics[] = {
  { .name = "value", .unit = "1", .doc = "A number.", .sense = GYM_MINIMISE },
};

static int
slow_open (void *self, const struct gym_host *host, gym_error *err)
{
  (void)self, (void)host, (void)err;
  return GYM_OK;
}

static void
slow_close (void *self)
{
  (void)self;
}

static int
slow_space (void *self, struct gym_params *out, gym_error *err)
{
  (void)self, (void)err;
  *out = (struct gym_params)GYM_ARRAY (gym_params, params);
  return GYM_OK;
}

static int
slow_metrics (void *self, struct gym_metrics *out, gym_error *err)
{
  (void)self, (void)err;
  *out = (struct gym_metrics)GYM_ARRAY (gym_metrics, metrics);
  return GYM_OK;
}

static double
now (void)
{
  struct timespec t;
  clock_gettime (CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void
spend (const struct slow *s, double seconds)
{
  if (seconds <= 0)
    return;
  double until = now () + seconds;
  if (s->spin) {
    while (now () < until)
      ;
    return;
  }
  struct timespec t = { .tv_sec = (time_t)seconds,
                        .tv_nsec = (long)((seconds - (double)(time_t)seconds) * 1e9) };
  nanosleep (&t, NULL);
}

static int
slow_evaluate (void *self, struct gym_batch *batch, gym_error *err)
{
  const struct slow *s = self;
  (void)err;
  for (size_t i = 0; i < batch->n; i++) {
    const double *d = batch->designs + i * batch->n_params;
    uint32_t out[4];
    gym_philox (17, (uint64_t)d[0], (uint64_t)d[1], out);
    batch->metrics[i * batch->n_metrics] = out[0] * 0x1p-32;
    spend (s, s->ms * 1e-3 * (s->uneven ? 2 * (out[1] * 0x1p-32) : 1));
  }
  return GYM_OK;
}

static const struct gym_env_class slow_class = {
  .struct_size = sizeof (struct gym_env_class),
  .instance_size = sizeof (struct slow),
  .id = "slow-v1",
  .summary = "Takes time, for tests",
  .doc = "A number made of two others, after a while.",
  .source = "made up for tests",
  .options = GYM_ARRAY (gym_options, options),
  .open = slow_open,
  .close = slow_close,
  .space = slow_space,
  .metrics = slow_metrics,
  .evaluate = slow_evaluate,
};

static const struct gym_env_class *const envs[] = { &slow_class, NULL };

GYM_EXPORT const struct gym_plugin gym_plugin_entry = {
  GYM_PLUGIN_ABI,
  .name = "slow",
  .version = "0.1.0",
  .licence = "MIT",
  .doc = "An environment that takes time.",
  .envs = envs,
};
