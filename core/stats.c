/* core/stats.c - quantiles, means and running times over runs. */
#include <gym/stats.h>

#include <math.h>
#include <string.h>

/* Maps doubles to integers in the same order (sign and magnitude to two's complement). */
static uint64_t
ordered_bits (double x)
{
  uint64_t bits;
  memcpy (&bits, &x, sizeof bits);
  return bits >> 63 ? ~bits : bits | (uint64_t)1 << 63;
}

static double
from_ordered_bits (uint64_t bits)
{
  double x;
  bits = bits >> 63 ? bits & ~((uint64_t)1 << 63) : ~bits;
  memcpy (&x, &bits, sizeof x);
  return x;
}

static size_t
count_up_to (const double *values, size_t n, uint64_t bits)
{
  size_t count = 0;
  for (size_t i = 0; i < n; i++)
    count += !isnan (values[i]) && ordered_bits (values[i]) <= bits;
  return count;
}

/* The k-th smallest (from 0), found by halving the range of bit patterns: needs no copy
 * of the caller's array and so cannot fail. */
static double
order_statistic (const double *values, size_t n, size_t k)
{
  uint64_t low = 0, high = UINT64_MAX;
  while (low < high) {
    uint64_t middle = low + (high - low) / 2;
    if (count_up_to (values, n, middle) > k)
      high = middle;
    else
      low = middle + 1;
  }
  return from_ordered_bits (low);
}

static size_t
count_numbers (const double *values, size_t n)
{
  size_t count = 0;
  for (size_t i = 0; i < n; i++)
    count += !isnan (values[i]);
  return count;
}

double
gym_stats_quantile (const double *values, size_t n, double p)
{
  size_t count = count_numbers (values, n);
  if (count == 0 || !(p >= 0 && p <= 1))
    return NAN;
  double place = p * (double)(count - 1);
  size_t k = (size_t)place;
  double share = place - (double)k, low = order_statistic (values, n, k);
  if (share == 0)
    return low;
  double high = order_statistic (values, n, k + 1);
  return low == high ? low : low + share * (high - low);
}

/* Sum of f(x) = (x - centre)^power by Neumaier's variant (1974) of Kahan's summation,
 * which also holds when a term is larger than the sum so far. */
static double
compensated_sum (const double *values, size_t n, double centre, int power)
{
  double sum = 0, lost = 0;
  for (size_t i = 0; i < n; i++) {
    if (isnan (values[i]))
      continue;
    double x = values[i] - centre, term = power == 2 ? x * x : x, next = sum + term;
    lost += fabs (sum) >= fabs (term) ? sum - next + term : term - next + sum;
    sum = next;
  }
  return isfinite (sum) ? sum + lost : sum;
}

double
gym_stats_mean (const double *values, size_t n)
{
  size_t count = count_numbers (values, n);
  return count ? compensated_sum (values, n, 0, 1) / (double)count : NAN;
}

double
gym_stats_deviation (const double *values, size_t n)
{
  size_t count = count_numbers (values, n);
  if (count < 2)
    return NAN;
  double centre = gym_stats_mean (values, n);
  return sqrt (compensated_sum (values, n, centre, 2) / (double)(count - 1));
}

/* The curve falls, so the first place that reaches the target is found by halving; NaN
 * (nothing feasible yet) only stands at its beginning and counts as not reached. */
size_t
gym_stats_hit (const double *curve, size_t n, double target)
{
  size_t low = 0, high = n;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (curve[middle] <= target)
      high = middle;
    else
      low = middle + 1;
  }
  return low < n ? low + 1 : 0;
}

double
gym_stats_expected_running_time (const size_t *hits, const size_t *lengths, size_t n)
{
  double spent = 0, successes = 0;
  for (size_t i = 0; i < n; i++) {
    spent += (double)(hits[i] ? hits[i] : lengths[i]);
    successes += hits[i] != 0;
  }
  return successes > 0 ? spent / successes : INFINITY;
}
