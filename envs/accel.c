/* accel.c - environments of DNN accelerators over sims/accel; each is a file in accel/.
 */
#include "envs/accel/envs.h"

static const struct gym_env_class *const classes[] = { &systolic_env, &design_env,
                                                       &mapping_env, NULL };

GYM_EXPORT const struct gym_plugin gym_plugin_entry = {
  GYM_PLUGIN_ABI,
  .name = "accel",
  .version = "0.1.0",
  .licence = "MIT",
  .doc = "accelerators of neural networks",
  .envs = classes,
};
