/* Named set-ups: everything of a run that is not part of the design. */
#ifndef ENVS_DRAM_SETUP_H
#define ENVS_DRAM_SETUP_H

#include <gym/plugin.h>

#include "sims/dram/dram.h"

/* Names for the option tables, NULL-terminated. The first of all lists but that of the
 * set-ups is "setup": the user leaves it to the set-up. */
extern const char *const dram_env_setups[];
extern const char *const dram_env_parts[];
extern const char *const dram_env_traffics[];
extern const char *const dram_env_owed[];

/* What the user chose, as the options deliver it: numbers are indices into the lists. */
struct dram_env_choice {
  int32_t setup, traffic, charge_owed;
  const char *part;    /* one of dram_env_parts, or the path of a part file */
  const char *mapping; /* "setup": the set-up's */
  double trace_clock;  /* MHz; 0: the set-up's */
  int64_t in_flight;   /* 0: the set-up's */
};

/* Fills *config from the set-up and what the user gave besides, which wins. An error
 * names the option. `choice->mapping` must live as long as the configuration. */
int dram_env_set_up (const struct dram_env_choice *choice, struct dram_config *config,
                     gym_error *err);

#endif
