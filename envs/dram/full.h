/* The space of dram-full: the ten parameters of the ArchGym space and what the simulator
 * can do besides, conditional where one only matters under another. */
#ifndef ENVS_DRAM_FULL_H
#define ENVS_DRAM_FULL_H

#include <gym/plugin.h>

#include "sims/dram/dram.h"

enum { DRAM_FULL_PARAMS = 19, DRAM_FULL_LEVELS = 8 };

/* Parameters whose levels depend on the part: a part has no refresh of single banks, no
 * bank groups to interleave, or too many banks for four ranks. */
struct dram_full {
  struct gym_param params[DRAM_FULL_PARAMS];
  const char *refresh_names[DRAM_FULL_LEVELS];
  enum dram_refresh refreshes[DRAM_FULL_LEVELS];
};

/* Fills *full for the part and the other fixed things of *config. */
void dram_full_init (struct dram_full *full, const struct dram_config *config);

/* Sets the fields of *config that a canonical row of the space decides. */
void dram_full_configure (const struct dram_full *full, const double *row,
                          struct dram_config *config);

#endif
