/* The designs and the metrics of the memory-controller environments: tables, and the two
 * places where a row of numbers becomes a configuration and a result becomes a row. */
#ifndef ENVS_DRAM_SPACE_H
#define ENVS_DRAM_SPACE_H

#include <gym/plugin.h>

#include "sims/dram/dram.h"

enum dram_env_metric {
  DRAM_ENV_TOTAL_TIME,
  DRAM_ENV_LATENCY_MEAN,
  DRAM_ENV_LATENCY_P99,
  DRAM_ENV_RESPONSE_MEAN,
  DRAM_ENV_RESPONSE_P99,
  DRAM_ENV_BANDWIDTH,
  DRAM_ENV_ENERGY,
  DRAM_ENV_ENERGY_ACTIVATE,
  DRAM_ENV_ENERGY_READ,
  DRAM_ENV_ENERGY_WRITE,
  DRAM_ENV_ENERGY_REFRESH,
  DRAM_ENV_ENERGY_BACKGROUND,
  DRAM_ENV_ENERGY_PUMP,
  DRAM_ENV_POWER,
  DRAM_ENV_ROW_HIT_RATE,
  DRAM_ENV_METRICS
};

/* The ten parameters of the ArchGym space, and all metrics. Constant. */
struct gym_params dram_env_params (void);
struct gym_metrics dram_env_metrics (void);

/* Names of levels of which number i stands for 2^i, and what it stands for. */
enum { DRAM_ENV_POWERS = 8 };
extern const char *const dram_env_powers[DRAM_ENV_POWERS];
uint32_t dram_env_power (double level);

/* Sets the fields of *config that a canonical row of the space decides. */
void dram_env_configure (const double *row, struct dram_config *config);

/* Writes a result in the units of the metric table. Latencies are NaN when the trace has
 * no read: such a fidelity does not yield them. */
void dram_env_report (const struct dram_result *result, double *metrics);

/* Whether a metric is a figure of reads alone. */
bool dram_env_needs_reads (enum dram_env_metric metric);

#endif
