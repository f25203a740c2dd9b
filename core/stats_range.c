/* core/stats_range.c - the studentized range, and Nemenyi's critical difference. */
#include <gym/stats_compare.h>

#include <math.h>

/* P(range of k standard normal variables <= q)
 *   = k * integral of phi(z) (Phi(z) - Phi(z - q))^(k-1) dz,  z the largest of them.
 * The integrand is smooth and vanishes beyond both ends, so that the trapezoidal rule
 * converges faster than any power of the step. */
double
gym_stats_range (double q, size_t k)
{
  enum { STEPS = 400 };
  if (isnan (q) || k < 2)
    return NAN;
  if (q <= 0 || isinf (q))
    return q > 0;
  double low = -9, step = 18.0 / STEPS, sum = 0;
  for (int i = 0; i <= STEPS; i++) {
    double z = low + i * step, inside = gym_stats_normal (z) - gym_stats_normal (z - q);
    sum += exp (-0.5 * z * z) * pow (inside, (double)(k - 1));
  }
  return fmin (1, (double)k * sum * step * 0.39894228040143267794);
}

double
gym_stats_range_quantile (double p, size_t k)
{
  double low = 0, high = 1;
  if (!(p > 0 && p < 1) || k < 2)
    return NAN;
  while (gym_stats_range (high, k) < p && high < 64)
    high *= 2;
  for (int i = 0; i < 60; i++) {
    double middle = 0.5 * (low + high);
    if (gym_stats_range (middle, k) < p)
      low = middle;
    else
      high = middle;
  }
  return 0.5 * (low + high);
}

double
gym_stats_critical_difference (size_t n, size_t k, double alpha)
{
  if (n < 1)
    return NAN;
  double m = (double)k;
  return gym_stats_range_quantile (1 - alpha, k) * sqrt (m * (m + 1) / (12 * (double)n));
}
