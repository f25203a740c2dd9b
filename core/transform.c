/* core/transform.c - targets of a model as it learns them: see core/transform.h. */
#include "core/transform.h"

#include "core/text.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[] = { "none", "log", "boxcox", "auto" };

const char *
gym_transform_name (enum gym_transform kind)
{
  return names[kind];
}

int
gym_transform_parse (const char *name)
{
  for (int i = 0; i < 4; i++)
    if (strcmp (names[i], name) == 0)
      return i;
  return -1;
}

/* ---- there ---- */

/* Near 0 the quotient loses all its digits, and its limit is the logarithm. */
static double
power_of (double log_ratio, double power)
{
  return fabs (power) < 1e-8 ? log_ratio : expm1 (power * log_ratio) / power;
}

double
gym_transformer_apply (const struct gym_transformer *t, double x)
{
  return t->kind == GYM_TRANSFORM_NONE ? x : power_of (log (x / t->centre), t->power);
}

static double
mean_of (const double *values, size_t n)
{
  double mean = 0;
  for (size_t i = 0; i < n; i++)
    mean += (values[i] - mean) / (double)(i + 1);
  return mean;
}

double
gym_transformer_likelihood (const double *logs, size_t n, double power)
{
  double centre = mean_of (logs, n), mean = 0, squares = 0;
  for (size_t i = 0; i < n; i++) {
    double y = power_of (logs[i] - centre, power), step = y - mean;
    mean += step / (double)(i + 1);
    squares += step * (y - mean);
  }
  return -(double)n * (centre + 0.5 * log (squares / (double)n));
}

/* A coarse look first, as nobody promises a single peak; then golden sections. */
static double
find_power (const double *logs, size_t n)
{
  enum { STEPS = 25 };
  double best = -3, most = -INFINITY;
  for (int i = 0; i < STEPS; i++) {
    double power = -3 + 0.25 * i, l = gym_transformer_likelihood (logs, n, power);
    if (l > most) {
      most = l;
      best = power;
    }
  }
  const double ratio = 0.61803398874989485;
  double a = best - 0.25, b = best + 0.25;
  double c = b - ratio * (b - a), d = a + ratio * (b - a);
  double at_c = gym_transformer_likelihood (logs, n, c),
         at_d = gym_transformer_likelihood (logs, n, d);
  while (b - a > 1e-8)
    if (at_c > at_d) {
      b = d;
      d = c;
      at_d = at_c;
      c = b - ratio * (b - a);
      at_c = gym_transformer_likelihood (logs, n, c);
    } else {
      a = c;
      c = d;
      at_c = at_d;
      d = a + ratio * (b - a);
      at_d = gym_transformer_likelihood (logs, n, d);
    }
  return 0.5 * (a + b);
}

/* Logarithms of at most so many values, evenly taken: the power needs no more. */
enum { SAMPLE = 20000 };

static double *
take_logs (const double *values, size_t n, size_t stride, size_t *taken)
{
  size_t m = n < SAMPLE ? n : SAMPLE;
  double *logs = malloc (m * sizeof *logs);
  *taken = m;
  for (size_t i = 0; logs && i < m; i++)
    logs[i] = log (values[i * n / m * stride]);
  return logs;
}

/* Auto asks which of two is likelier, the values or their logarithms, to be normal. */
static int
choose (struct gym_transformer *t, const double *values, size_t n, size_t stride,
        gym_error *err)
{
  size_t m;
  double *logs = take_logs (values, n, stride, &m);
  if (!logs)
    return gym_fail_memory (err);
  bool constant = true;
  for (size_t i = 1; i < m; i++)
    constant = constant && logs[i] == logs[0];
  t->centre = exp (mean_of (logs, m));
  t->power = 0;
  t->kind = t->wanted;
  if (t->wanted == GYM_TRANSFORM_AUTO)
    t->kind = !constant
                      && gym_transformer_likelihood (logs, m, 0)
                             > gym_transformer_likelihood (logs, m, 1)
                  ? GYM_TRANSFORM_LOG
                  : GYM_TRANSFORM_NONE;
  else if (t->wanted == GYM_TRANSFORM_BOXCOX && !constant)
    t->power = find_power (logs, m);
  free (logs);
  return GYM_OK;
}

/* The range seen, and as much again: a model that extrapolates must not come back as
 * infinity, nor from beyond the pole of a power. */
static void
measure_range (struct gym_transformer *t, const double *values, size_t n, size_t stride)
{
  double low = INFINITY, high = -INFINITY, mean = 0, squares = 0;
  for (size_t i = 0; i < n; i++) {
    double y = gym_transformer_apply (t, values[i * stride]), step = y - mean;
    low = fmin (low, y);
    high = fmax (high, y);
    mean += step / (double)(i + 1);
    squares += step * (y - mean);
  }
  t->deviation = sqrt (squares / (double)n);
  double pole = -1 / t->power, range = high - low;
  t->low = low - range;
  t->high = high + range;
  if (t->power >= 1e-8)
    t->low = fmax (t->low, pole);
  if (t->power <= -1e-8)
    t->high = fmin (t->high, 0.5 * (high + pole));
}

int
gym_transformer_fit (struct gym_transformer *t, const double *values, size_t n,
                     size_t stride, size_t *row, gym_error *err)
{
  size_t i = 0;
  t->kind = GYM_TRANSFORM_NONE;
  t->power = t->centre = 1;
  if (t->wanted == GYM_TRANSFORM_NONE)
    return GYM_OK;
  while (i < n && values[i * stride] > 0)
    i++;
  *row = i;
  if (i < n && t->wanted == GYM_TRANSFORM_AUTO)
    return GYM_OK;
  if (i < n)
    return gym_fail (err, GYM_EINVAL,
                     "transform %s needs values above 0, not %g: choose none or auto",
                     names[t->wanted], values[i * stride]);
  int rc = choose (t, values, n, stride, err);
  if (rc == GYM_OK && t->kind != GYM_TRANSFORM_NONE)
    measure_range (t, values, n, stride);
  return rc;
}

/* ---- and back ---- */

static double
clip (const struct gym_transformer *t, double y)
{
  return fmax (t->low, fmin (t->high, y));
}

static double
inverse (const struct gym_transformer *t, double y)
{
  y = clip (t, y);
  return t->centre
         * (fabs (t->power) < 1e-8 ? exp (y) : exp (log1p (t->power * y) / t->power));
}

/* Moments of a log-normal value; of other powers by Gauss and Hermite's rule of seven
 * nodes (Abramowitz and Stegun 1964, table 25.10), weights over the root of pi. */
static void
log_moments (const struct gym_transformer *t, double y, double s, double *mean,
             double *spread)
{
  *mean = t->centre * exp (clip (t, y) + 0.5 * s * s);
  *spread = *mean * sqrt (expm1 (s * s));
}

static void
power_moments (const struct gym_transformer *t, double y, double s, double *mean,
               double *spread)
{
  static const double nodes[] = { 0, 0.816287882858965, 1.673551628767471,
                                  2.651961356835233 };
  static const double weights[] = { 0.457142857142857, 0.240123178605013,
                                    0.0307571239675865, 0.000548268855972217 };
  double x[7], sum = inverse (t, y) * weights[0], squares = 0;
  x[0] = inverse (t, y);
  for (int i = 1; i < 4; i++) {
    x[2 * i - 1] = inverse (t, y - M_SQRT2 * s * nodes[i]);
    x[2 * i] = inverse (t, y + M_SQRT2 * s * nodes[i]);
    sum += weights[i] * (x[2 * i - 1] + x[2 * i]);
  }
  for (int i = 0; i < 7; i++)
    squares += weights[(i + 1) / 2] * (x[i] - sum) * (x[i] - sum);
  *mean = sum;
  *spread = sqrt (squares);
}

/* A model that knows nothing of a design can be no less sure than one that knows the
 * spread of all targets alone; twice that keeps the exponential in bounds. */
void
gym_transformer_invert (const struct gym_transformer *t, double *mean, double *spread)
{
  if (t->kind == GYM_TRANSFORM_NONE)
    return;
  double s = fmin (*spread, 2 * t->deviation);
  if (s == 0) { /* the rule's weights have a sum of 1 but for rounding */
    *mean = inverse (t, *mean);
    *spread = 0;
  } else if (fabs (t->power) < 1e-8)
    log_moments (t, *mean, s, mean, spread);
  else
    power_moments (t, *mean, s, mean, spread);
  /* Of targets over twelve decades even that is beyond the largest double. */
  *mean = fmin (*mean, DBL_MAX);
  *spread = fmin (*spread, DBL_MAX);
}
