/* The environment classes of this plugin, one a file. */
#ifndef ENVS_ACCEL_ENVS_H
#define ENVS_ACCEL_ENVS_H

#include <gym/plugin.h>

extern const struct gym_env_class systolic_env, design_env, mapping_env;

#endif
