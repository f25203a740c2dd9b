/* A plugin whose class leaves out `evaluate`. */
#include <gym/plugin.h>

static int
open_it (void *self, const struct gym_host *host, gym_error *err)
{
  (void)self;
  (void)host;
  (void)err;
  return GYM_OK;
}

static void
close_it (void *self)
{
  (void)self;
}

static int
space (void *self, struct gym_params *out, gym_error *err)
{
  (void)self;
  (void)out;
  return gym_fail (err, GYM_EFAILED, "never called");
}

static int
metrics (void *self, struct gym_metrics *out, gym_error *err)
{
  (void)self;
  (void)out;
  return gym_fail (err, GYM_EFAILED, "never called");
}

static const struct gym_env_class half = { .struct_size = sizeof (struct gym_env_class),
                                           .id = "half-v1",
                                           .summary = "half an env",
                                           .instance_size = 1,
                                           .open = open_it,
                                           .close = close_it,
                                           .space = space,
                                           .metrics = metrics };
static const struct gym_env_class *const envs[] = { &half, NULL };
GYM_EXPORT const struct gym_plugin gym_plugin_entry = { GYM_PLUGIN_ABI, .name = "bad",
                                                        .version = "1", .licence = "MIT",
                                                        .envs = envs };
