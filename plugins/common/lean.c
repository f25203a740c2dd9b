/* Priors beside the host's own draws: see lean.h. */
#include "plugins/common/lean.h"

#include <math.h>

/* What rounding leaves over at the end falls to the last value that is another one. */
uint64_t
lean_other (gym_rng *rng, const double *weights, uint64_t count, uint64_t index)
{
  double at = gym_rng_real (rng) * (1 - weights[index]);
  uint64_t last = index == count - 1 ? count - 2 : count - 1, k = 0;
  for (; k < last; k++)
    if (k != index && (at -= weights[k]) < 0)
      break;
  return k;
}

/* Few values: a loop is faster than a table of sums would be to keep. */
uint64_t
lean_quantile (const double *weights, uint64_t count, double share)
{
  uint64_t k = 0;
  while (k + 1 < count && (share -= weights[k]) >= 0)
    k++;
  return k;
}

/* By the middle of each value, so that a piece that is a value gets its weight alone. */
void
lean_pieces (const double *weights, uint64_t count, double *shares, uint32_t pieces)
{
  for (uint32_t j = 0; j < pieces; j++)
    shares[j] = weights ? 0 : 1.0 / pieces;
  for (uint64_t k = 0; weights && k < count; k++) {
    double at = ((double)k + 0.5) / (double)count * pieces;
    shares[(uint32_t)at] += weights[k];
  }
}

/* A log integer v stands for [v, v + step) on its scale, and here for the middle. */
double
lean_place (const struct gym_host *host, const struct gym_space *space, uint32_t i,
            uint64_t index)
{
  const struct gym_param *param = host->space_param (space, i);
  double count = (double)host->param_count (space, i);
  if (!(param->flags & GYM_PARAM_LOG) || count < 2)
    return ((double)index + 0.5) / count;
  double step = param->step > 0 ? param->step : 1;
  double value = host->param_value (space, i, index);
  return log ((value + step / 2) / param->low) / log (1 + count * step / param->low);
}

/* Inactive parameters have no part in a design, nor in its density. */
double
lean_log (const struct gym_host *host, const struct gym_space *space,
          const double *const *prior, const double *row)
{
  double sum = 0;
  for (uint32_t i = 0; i < host->space_size (space); i++)
    if (prior[i] && !isnan (row[i]))
      sum += log (prior[i][host->param_index (space, i, row[i])]
                  * (double)host->param_count (space, i));
  return sum;
}
