/* The environment classes of this plugin, one a file. */
#ifndef ENVS_CELL_ENVS_H
#define ENVS_CELL_ENVS_H

#include <gym/plugin.h>

extern const struct gym_env_class cell_env;

#endif
