/* A plugin that needs a function nobody has. */
#include <gym/plugin.h>

int nobody_has_this_function (void);

static int
open_it (void *self, const struct gym_host *host, gym_error *err)
{
  (void)self;
  (void)host;
  (void)err;
  return nobody_has_this_function ();
}

static const struct gym_env_class needy = { .struct_size = sizeof (struct gym_env_class),
                                            .id = "needy-v9",
                                            .summary = "cannot be linked",
                                            .instance_size = 1,
                                            .open = open_it };
static const struct gym_env_class *const envs[] = { &needy, NULL };
GYM_EXPORT const struct gym_plugin gym_plugin_entry = { GYM_PLUGIN_ABI, .name = "bad",
                                                        .version = "1", .licence = "MIT",
                                                        .envs = envs };
