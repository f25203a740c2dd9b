/* Set-ups, and how explicit options change them. */
#include "envs/dram/setup.h"

#include <math.h>
#include <string.h>

struct setup {
  const char *part;
  const char *mapping;
  enum dram_traffic traffic;
  double trace_clock; /* MHz, 0: the part's command clock */
  bool charge_owed;
};

enum { DEFAULT, ARCHGYM, SETUPS };

const char *const dram_env_setups[] = {
  [DEFAULT] = "default", [ARCHGYM] = "archgym", [SETUPS] = NULL
};

static const struct setup setups[SETUPS] = {
  [DEFAULT] = { .part = "DDR4-2400",
                .mapping = "rkbgc",
                .traffic = DRAM_TRAFFIC_OPEN,
                .charge_owed = true },
  /* the DRAMSys configuration that comes with ArchGym's DRAM environment: a DIMM of eight
   * 1 Gb x8 devices, bank bits above the column, traces played at 800 MHz */
  [ARCHGYM] = { .part = "DDR3-1600",
                .mapping = "rbc",
                .traffic = DRAM_TRAFFIC_OPEN,
                .trace_clock = 800,
                .charge_owed = false },
};

const char *const dram_env_parts[] = { "setup",         "DDR3-1600",     "DDR4-2400",
                                       "DDR3-1600-4Gb", "DDR4-2400-4Gb", NULL };
const char *const dram_env_traffics[] = { "setup", "open", "closed", NULL };
const char *const dram_env_owed[] = { "setup", "true", "false", NULL };

/* From MHz to the simulator's picoseconds, to the nearest. */
static uint32_t
period_ps (double mhz)
{
  return mhz > 0 ? (uint32_t)lround (fmin (1e6 / mhz, UINT32_MAX)) : 0;
}

int
dram_env_set_up (const struct dram_env_choice *choice, struct dram_config *config,
                 gym_error *err)
{
  const struct setup *setup = &setups[choice->setup];
  const char *name = choice->part ? dram_env_parts[choice->part] : setup->part;
  const struct dram_part *part = dram_part_find (name);
  bool mapped = strcmp (choice->mapping, "setup") != 0;
  struct dram_error why;
  if (!part)
    return gym_fail (err, GYM_EFAILED, "option \"part\": no figures of %s", name);
  dram_config_default (config, part);
  config->mapping = mapped ? choice->mapping : setup->mapping;
  config->traffic =
      choice->traffic ? (enum dram_traffic) (choice->traffic - 1) : setup->traffic;
  config->in_flight = (uint32_t)choice->in_flight;
  config->player_ps =
      period_ps (choice->trace_clock > 0 ? choice->trace_clock : setup->trace_clock);
  if (config->player_ps > DRAM_PLAYER_PS_MAX)
    return gym_fail (err, GYM_EINVAL, "option \"trace_clock\": %g MHz; at least %g",
                     choice->trace_clock, 1e6 / DRAM_PLAYER_PS_MAX);
  config->charge_owed_refresh =
      choice->charge_owed ? choice->charge_owed == 1 : setup->charge_owed;
  if (dram_config_check (config, &why) != 0)
    return gym_fail (err, GYM_EINVAL, "option \"%s\": %s", mapped ? "mapping" : "setup",
                     why.text);
  return GYM_OK;
}
