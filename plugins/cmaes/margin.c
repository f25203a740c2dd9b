/* Integers under a normal distribution: see margin.h. */
#include "plugins/cmaes/margin.h"

#include <math.h>

void
margin_init (struct margin *m, const struct gym_host *host, const struct gym_space *space,
             uint32_t parameter)
{
  const struct gym_param *param = host->space_param (space, parameter);
  *m = (struct margin){ .host = host,
                        .space = space,
                        .parameter = parameter,
                        .count = host->param_count (space, parameter) };
  if (param->kind != GYM_INTEGER || !(param->flags & GYM_PARAM_LOG))
    return;
  double step = param->step > 0 ? param->step : 1;
  m->log = true;
  m->origin = log (param->low);
  m->span = log (param->low + (double)m->count * step) - m->origin;
}

/* Where the bin of a value begins. */
static double
bin_start (const struct margin *m, uint64_t index)
{
  if (!m->log)
    return (double)index / (double)m->count;
  return (log (m->host->param_value (m->space, m->parameter, index)) - m->origin)
         / m->span;
}

static uint64_t
bin_of (const struct margin *m, double at)
{
  if (!m->log)
    return (uint64_t)fmin ((double)m->count - 1, fmax (0, at * (double)m->count));
  double value = exp (m->origin + fmin (1, fmax (0, at)) * m->span);
  uint64_t index = m->host->param_index (m->space, m->parameter, value);
  if (index > 0 && m->host->param_value (m->space, m->parameter, index) > value)
    index--; /* the nearest value, but bins begin at theirs */
  return index;
}

/* Abramowitz and Stegun, 26.2.23. */
double
margin_quantile (double p)
{
  double t = sqrt (-2 * log (p));
  double up = 2.515517 + t * (0.802853 + t * 0.010328);
  return fmax (0, t - up / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308))));
}

static double
tail (double z)
{
  return 0.5 * erfc (z * M_SQRT1_2);
}

/* At an end of the grid only one value is beside the mean's: the mean comes near enough
 * to it (equation 12). */
static void
keep_end (double border, double side, double deviation, double alpha, double *mean)
{
  if (tail (fabs (border - *mean) / deviation) < alpha)
    *mean = border + side * deviation * margin_quantile (alpha);
}

/* Between two borders both outer probabilities are lifted to alpha / 2 at least; what is
 * missing comes from the larger shares (equations 14 to 19). */
static void
keep_middle (double low, double high, double deviation, double alpha, double *mean,
             double *widening)
{
  double below = tail ((*mean - low) / deviation);
  double above = tail ((high - *mean) / deviation), least = alpha / 2;
  if (below >= least && above >= least)
    return;
  double middle = 1 - below - above;
  double b = fmax (least, below), a = fmax (least, above), sum = a + b + middle;
  double share = (1 - sum) / (sum - 1.5 * alpha);
  double zb = margin_quantile (fmin (0.5, b + share * (b - least)));
  double za = margin_quantile (fmin (0.5, a + share * (a - least)));
  *widening *= (high - low) / (deviation * (zb + za));
  *mean = (low * za + high * zb) / (zb + za);
}

void
margin_keep (const struct margin *m, double deviation, double alpha, double *mean,
             double *widening)
{
  if (m->count < 2)
    return;
  uint64_t bin = bin_of (m, *mean);
  if (bin == 0)
    keep_end (bin_start (m, 1), -1, deviation, alpha, mean);
  else if (bin + 1 == m->count)
    keep_end (bin_start (m, bin), 1, deviation, alpha, mean);
  else
    keep_middle (bin_start (m, bin), bin_start (m, bin + 1), deviation, alpha, mean,
                 widening);
}
