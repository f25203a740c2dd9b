/* core/transform.h - targets of a model as it learns them: see gym/proxy.h.
 *
 * Box and Cox (1964) of x over the geometric mean g of what was seen, which only shifts
 * and scales: ((x / g)^power - 1) / power, and log (x / g) for power 0. */
#ifndef CORE_TRANSFORM_H
#define CORE_TRANSFORM_H

#include <gym/proxy.h>

struct gym_transformer {
  enum gym_transform wanted, kind; /* kind is never auto */
  double power, centre;
  double low, high; /* what may come back: the range seen and as much again either side */
  double deviation; /* of the transformed values */
};

/* Chooses kind, power and centre for n values, `stride` numbers apart. GYM_EINVAL when
 * one is not above 0 and `wanted` needs that: *row is its place. */
int gym_transformer_fit (struct gym_transformer *t, const double *values, size_t n,
                         size_t stride, size_t *row, gym_error *err);

double gym_transformer_apply (const struct gym_transformer *t, double x);

/* Mean and standard deviation of a transformed value, normally distributed, become those
 * of the value itself. */
void gym_transformer_invert (const struct gym_transformer *t, double *mean,
                             double *spread);

/* Profile log-likelihood of a power (Box and Cox, section 3) for n logarithms. */
double gym_transformer_likelihood (const double *logs, size_t n, double power);

#endif
