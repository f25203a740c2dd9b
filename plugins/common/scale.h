/* plugins/common/scale.h - targets of any size as numbers of zero mean and unit variance.
 *
 * Shares of the largest magnitude come first, so that neither sums nor squares of huge
 * targets overflow. A constant target comes back exactly: it is all mean. */
#ifndef PLUGINS_COMMON_SCALE_H
#define PLUGINS_COMMON_SCALE_H

#include "plugins/common/pack.h"

#include <float.h>
#include <math.h>

struct scale {
  double unit;       /* the largest magnitude; 1 when that is 0 */
  double mean, size; /* of target / unit; the standard deviation, 1 when that is 0 */
};

/* Of n >= 1 finite numbers, `stride` apart. */
static inline struct scale
scale_of (const double *values, size_t n, size_t stride)
{
  struct scale s = { .unit = 0, .mean = 0, .size = 0 };
  for (size_t i = 0; i < n; i++)
    s.unit = fmax (s.unit, fabs (values[i * stride]));
  s.unit = s.unit > 0 ? s.unit : 1;
  for (size_t i = 0; i < n; i++)
    s.mean += values[i * stride] / s.unit;
  s.mean /= (double)n;
  for (size_t i = 0; i < n; i++) {
    double d = values[i * stride] / s.unit - s.mean;
    s.size += d * d;
  }
  s.size = sqrt (s.size / (double)n);
  /* What is left of equal numbers after the division is rounding. */
  s.size = s.size > 1e-15 ? s.size : 1;
  return s;
}

static inline double
scale_in (const struct scale *s, double value)
{
  return (value / s->unit - s->mean) / s->size;
}

/* Back; predictions beyond the largest double end there. */
static inline double
scale_out (const struct scale *s, double z)
{
  return fmax (-DBL_MAX, fmin (DBL_MAX, (s->mean + z * s->size) * s->unit));
}

static inline double
scale_spread (const struct scale *s, double z)
{
  return fmin (DBL_MAX, z * s->size * s->unit);
}

static inline void
scale_save (const struct scale *s, struct pack *out)
{
  pack_real (out, s->unit);
  pack_real (out, s->mean);
  pack_real (out, s->size);
}

static inline struct scale
scale_load (struct unpack *in)
{
  struct scale s = { .unit = unpack_real (in) };
  s.mean = unpack_real (in);
  s.size = unpack_real (in);
  return s;
}

#endif
