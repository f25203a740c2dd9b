/* core/proxy_data.h - rows to learn from, as proxy_data.c, proxy_train.c and proxy_eval.c
 * share them. */
#ifndef CORE_PROXY_DATA_H
#define CORE_PROXY_DATA_H

#include <gym/proxy_train.h>

/* A metric that is shown beforehand; fidelity SIZE_MAX: of any. */
struct hint {
  uint32_t column;
  size_t fidelity;
};

struct gym_proxy_data {
  gym_dataset *dataset; /* whose space and texts are borrowed */
  size_t env, fidelity; /* indices of its lists */
  struct gym_metrics targets;
  struct gym_metric *target_items;
  uint32_t *columns; /* of the targets among its metrics */
  double *designs, *values;
  struct hint *from; /* of the hints */
  double *hinted, *hints;
  size_t *groups;
  uint32_t *agents;
  struct gym_proxy_table table;
};

/* An unfitted model as the recipe has it, for the data's space and targets. */
gym_proxy *gym_proxy_prepare (const gym_registry *registry, const gym_proxy_data *data,
                              const struct gym_proxy_recipe *recipe, gym_error *err);

/* The same, fitted to some rows of the data. */
gym_proxy *gym_proxy_fit_rows (const gym_registry *registry, const gym_proxy_data *data,
                               const struct gym_proxy_recipe *recipe, const size_t *rows,
                               size_t n, gym_error *err);

#endif
