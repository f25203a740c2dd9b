/* core/stats_ranks.c - ranks, and the normal and chi-square distributions behind the
 * tests of ranks. */
#include "core/stats_inside.h"

#include <gym/stats_compare.h>

struct place {
  double value;
  size_t at;
};

static int
by_value (const void *a, const void *b)
{
  const struct place *x = a, *y = b;
  if (x->value != y->value)
    return x->value < y->value ? -1 : 1;
  return x->at < y->at ? -1 : x->at > y->at;
}

/* Gives equal values the mean of their places, and returns the sum of t^3 - t. */
static double
share_ranks (const struct place *places, size_t n, double *ranks)
{
  double ties = 0;
  for (size_t first = 0, last; first < n; first = last) {
    for (last = first + 1; last < n && places[last].value == places[first].value; last++)
      continue;
    double t = (double)(last - first);
    for (size_t i = first; i < last; i++)
      ranks[places[i].at] = 0.5 * ((double)first + (double)last + 1);
    ties += t * t * t - t;
  }
  return ties;
}

int
gym_stats_ranks (const double *values, size_t n, double *ranks, double *ties,
                 gym_error *err)
{
  struct place *places = malloc ((n + 1) * sizeof *places);
  if (!places)
    return gym_stats_no_memory (err);
  for (size_t i = 0; i < n; i++)
    places[i] = (struct place){ .value = gym_stats_worst (values[i]), .at = i };
  if (n > 1)
    qsort (places, n, sizeof *places, by_value);
  double sum = share_ranks (places, n, ranks);
  if (ties)
    *ties = sum;
  free (places);
  return GYM_OK;
}

double
gym_stats_normal (double x)
{
  return 0.5 * erfc (-x * 0.70710678118654752440);
}

/* By Newton's method from the tail's asymptote; the tail is the one that has no
 * cancellation. */
double
gym_stats_normal_quantile (double p)
{
  if (!(p >= 0 && p <= 1))
    return NAN;
  if (p == 0 || p == 1)
    return p == 0 ? -INFINITY : INFINITY;
  double tail = p < 0.5 ? p : 1 - p, x = tail < 0.2 ? sqrt (-2 * log (tail)) : 0.5;
  for (int i = 0; i < 100; i++) {
    double density = exp (-0.5 * x * x) * 0.39894228040143267794;
    double step = (gym_stats_normal (-x) - tail) / density;
    x += step;
    if (fabs (step) <= 1e-15 * fabs (x) || fabs (step) < 1e-300)
      break;
  }
  return p < 0.5 ? -x : x;
}

/* The regularised incomplete gamma functions (Press et al., Numerical Recipes, 6.2; DLMF
 * 8.11.4 and 8.9.2): a series for small x, a continued fraction by Lentz for large. */
static double
lower_gamma (double a, double x)
{
  double term = 1 / a, sum = term;
  for (double k = a + 1; fabs (term) > fabs (sum) * 1e-17; k++) {
    term *= x / k;
    sum += term;
  }
  return sum * exp (a * log (x) - x - lgamma (a));
}

static double
upper_gamma (double a, double x)
{
  double b = x + 1 - a, c = 1e300, d = 1 / b, h = d;
  for (int i = 1; i < 10000; i++) {
    double an = -i * (i - a);
    b += 2;
    d = 1 / (an * d + b);
    c = b + an / c;
    h *= d * c;
    if (fabs (d * c - 1) < 1e-16)
      break;
  }
  return h * exp (a * log (x) - x - lgamma (a));
}

double
gym_stats_chi_square (double x, double degrees)
{
  if (!(degrees > 0) || isnan (x))
    return NAN;
  if (x <= 0 || isinf (x))
    return x <= 0 ? 1 : 0;
  double a = degrees / 2;
  return x / 2 < a + 1 ? 1 - lower_gamma (a, x / 2) : upper_gamma (a, x / 2);
}
