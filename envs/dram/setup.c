/* Set-ups, and how explicit options change them. */
#include "envs/dram/setup.h"

#include <math.h>
#include <string.h>

#include "sims/dram/partfile.h"

/* The simulator knows what each of them is (sims/dram/dram.h, dram_config_setup). */
const char *const dram_env_setups[] = { "default", "archgym", "anchor-ddr4",
                                        "anchor-ddr3", NULL };

const char *const dram_env_parts[] = {
  "setup",     "DDR3-1600",   "DDR4-2400", "DDR3-1600-4Gb", "DDR4-2400-4Gb",
  "DDR4-3200", "LPDDR4-3200", "HBM2",      "DDR5-4800",     NULL
};
const char *const dram_env_traffics[] = { "setup", "open", "closed", NULL };
const char *const dram_env_owed[] = { "setup", "true", "false", NULL };

/* From MHz to the simulator's picoseconds, to the nearest. */
static uint32_t
period_ps (double mhz)
{
  return mhz > 0 ? (uint32_t)lround (fmin (1e6 / mhz, UINT32_MAX)) : 0;
}

/* A part by its name, or else by its file. */
static int
set_part (const char *given, struct dram_config *config, gym_error *err)
{
  const struct dram_part *part = dram_part_find (given);
  struct dram_error why;
  if (part)
    config->part = *part;
  else if (dram_part_read (&config->part, given, &why) != 0)
    return gym_fail (err, GYM_EINVAL, "option \"part\": %s", why.text);
  return GYM_OK;
}

/* What the user gave wins over the set-up. */
static int
override (const struct dram_env_choice *choice, struct dram_config *config,
          gym_error *err)
{
  if (strcmp (choice->part, "setup") != 0) {
    int rc = set_part (choice->part, config, err);
    if (rc < 0)
      return rc;
  }
  if (strcmp (choice->mapping, "setup") != 0)
    config->mapping = choice->mapping;
  if (choice->traffic)
    config->traffic = (enum dram_traffic) (choice->traffic - 1);
  if (choice->in_flight > 0)
    config->in_flight = (uint32_t)choice->in_flight;
  if (choice->trace_clock > 0)
    config->player_ps = period_ps (choice->trace_clock);
  if (choice->charge_owed)
    config->charge_owed_refresh = choice->charge_owed == 1;
  return GYM_OK;
}

int
dram_env_set_up (const struct dram_env_choice *choice, struct dram_config *config,
                 gym_error *err)
{
  struct dram_error why;
  if (dram_config_setup (config, dram_env_setups[choice->setup], &why) != 0)
    return gym_fail (err, GYM_EFAILED, "option \"setup\": %s", why.text);
  int rc = override (choice, config, err);
  if (rc < 0)
    return rc;
  if (config->player_ps > DRAM_PLAYER_PS_MAX)
    return gym_fail (err, GYM_EINVAL, "option \"trace_clock\": %g MHz; at least %g",
                     choice->trace_clock, 1e6 / DRAM_PLAYER_PS_MAX);
  bool mapped = strcmp (choice->mapping, "setup") != 0;
  if (dram_config_check (config, &why) != 0)
    return gym_fail (err, GYM_EINVAL, "option \"%s\": %s", mapped ? "mapping" : "setup",
                     why.text);
  return GYM_OK;
}
