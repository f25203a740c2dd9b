/* core/compare.c - the one order of results that agents, studies and reports share. */
#include <gym/objective.h>

#include <math.h>

/* A NaN where there should be a number counts as the worst there is, so that the order
 * stays transitive whatever a caller hands in. */
static double
worst_if_nan (double x)
{
  return isnan (x) ? INFINITY : x;
}

static int
order (double a, double b)
{
  return (a > b) - (a < b);
}

static double
total_violation (uint32_t c, const double *violation)
{
  double sum = 0;
  for (uint32_t i = 0; i < c; i++)
    sum += worst_if_nan (violation[i]);
  return sum;
}

/* Pareto dominance; with one objective the plain order. */
static int
dominance (uint32_t m, const double *a, const double *b)
{
  bool a_ahead = false, b_ahead = false;
  for (uint32_t i = 0; i < m; i++) {
    int sign = order (worst_if_nan (a[i]), worst_if_nan (b[i]));
    a_ahead |= sign < 0;
    b_ahead |= sign > 0;
  }
  return (int)b_ahead - (int)a_ahead;
}

/* Results that are not ok are all alike: a crash says no more about a design than an
 * infeasible one. Constraints come before objectives as in Deb, "An efficient constraint
 * handling method for genetic algorithms" (2000). */
int
gym_compare (uint32_t m, uint32_t c, uint32_t status_a, const double *objective_a,
             const double *violation_a, uint32_t status_b, const double *objective_b,
             const double *violation_b)
{
  bool ok_a = status_a == GYM_TRIAL_OK, ok_b = status_b == GYM_TRIAL_OK;
  if (!ok_a || !ok_b)
    return (int)ok_b - (int)ok_a;
  int sign = order (total_violation (c, violation_a), total_violation (c, violation_b));
  return sign ? sign : dominance (m, objective_a, objective_b);
}
