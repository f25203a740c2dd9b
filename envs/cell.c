/* cell.c - networks that are trained here as designs; each environment is a file in
 * cell/.
 */
#include "envs/cell/envs.h"

static const struct gym_env_class *const classes[] = { &cell_env, NULL };

GYM_EXPORT const struct gym_plugin gym_plugin_entry = {
  GYM_PLUGIN_ABI,
  .name = "cell",
  .version = "0.1.0",
  .licence = "MIT",
  .doc = "neural networks, trained on images and priced on accelerators",
  .envs = classes,
};
