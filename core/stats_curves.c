/* core/stats_curves.c - bands of curves, running times, distributions, profiles. */
#include "core/stats_inside.h"

#include <gym/rng.h>
#include <gym/stats.h>
#include <gym/stats_curves.h>
#include <stdbool.h>

size_t
gym_stats_grid (size_t last, size_t most, size_t *at)
{
  size_t n = 0;
  for (size_t i = 0; last > 0 && i < most; i++) {
    double share = most > 1 ? (double)i / (double)(most - 1) : 1;
    size_t next = (size_t)llround (pow ((double)last, share));
    next = next < last && i + 1 < most ? next : last;
    /* Where the steps are smaller than one evaluation every one is taken once. */
    if (n > 0 && next <= at[n - 1])
      next = at[n - 1] + 1;
    if (next > last)
      break;
    at[n++] = next;
  }
  return n;
}

/* After its last evaluation a run stays where it is: an exhausted agent has what it has.
 */
static double
value_at (const struct gym_curves *curves, size_t run, size_t evaluations)
{
  size_t length = curves->lengths[run];
  if (length == 0 || evaluations == 0)
    return INFINITY;
  return gym_stats_worst (
      curves->values[run][(evaluations < length ? evaluations : length) - 1]);
}

/* An infinite quantile lies among runs that have nothing: figures have a gap there. */
static void
put_quantile (double *out, size_t i, const double *sorted, size_t n, double p)
{
  if (!out)
    return;
  double q = n ? gym_stats_sorted_quantile (sorted, n, p) : NAN;
  out[i] = isfinite (q) ? q : NAN;
}

int
gym_stats_bands (const struct gym_curves *curves, const size_t *at, size_t n_at,
                 double *median, double *q1, double *q3, gym_error *err)
{
  double *column = malloc ((curves->n + 1) * sizeof *column);
  if (!column)
    return gym_stats_no_memory (err);
  for (size_t i = 0; i < n_at; i++) {
    for (size_t r = 0; r < curves->n; r++)
      column[r] = value_at (curves, r, at[i]);
    gym_stats_sort (column, curves->n);
    put_quantile (median, i, column, curves->n, 0.5);
    put_quantile (q1, i, column, curves->n, 0.25);
    put_quantile (q3, i, column, curves->n, 0.75);
  }
  free (column);
  return GYM_OK;
}

/* ---- running times ---- */

/* Without a success the sum would never end; with one it does with probability 1. */
void
gym_stats_restarts (const size_t *hits, const size_t *lengths, size_t n, uint64_t seed,
                    size_t samples, double *times)
{
  size_t successes = 0;
  for (size_t i = 0; i < n; i++)
    successes += hits[i] != 0;
  for (size_t k = 0; k < samples; k++) {
    gym_rng rng;
    gym_rng_init (&rng, gym_rng_derive (seed, k, 1));
    times[k] = successes ? 0 : INFINITY;
    for (bool done = successes == 0; !done;) {
      size_t i = (size_t)gym_rng_below (&rng, n);
      done = hits[i] != 0;
      times[k] += (double)(done ? hits[i] : lengths[i]);
    }
  }
}

double
gym_stats_success (const size_t *hits, size_t n)
{
  double successes = 0;
  for (size_t i = 0; i < n; i++)
    successes += hits[i] != 0;
  return n ? successes / (double)n : NAN;
}

size_t
gym_stats_ecdf (const double *values, size_t n, double *sorted)
{
  size_t finite = 0;
  for (size_t i = 0; i < n; i++)
    sorted[i] = isfinite (values[i]) ? values[i] : INFINITY;
  gym_stats_sort (sorted, n);
  while (finite < n && isfinite (sorted[finite]))
    finite++;
  return finite;
}

double
gym_stats_share (const double *sorted, size_t n, double x)
{
  size_t low = 0, high = n;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (sorted[middle] <= x)
      low = middle + 1;
    else
      high = middle;
  }
  return n ? (double)low / (double)n : NAN;
}

/* ---- profiles ---- */

/* The best solver of a problem, failures aside. */
static double
least_cost (const double *cost, size_t n)
{
  double least = INFINITY;
  for (size_t i = 0; i < n; i++)
    least = fmin (least, gym_stats_worst (cost[i]));
  return least;
}

int
gym_stats_profile (const double *cost, size_t n_problems, size_t n_solvers,
                   double *ratios, gym_error *err)
{
  for (size_t i = 0; i < n_problems * n_solvers; i++)
    if (cost[i] <= 0)
      return gym_fail (err, GYM_EINVAL,
                       "performance profile: cost %zu is %g; ratios need costs above 0",
                       i, cost[i]);
  for (size_t p = 0; p < n_problems; p++) {
    double least = least_cost (cost + p * n_solvers, n_solvers);
    for (size_t s = 0; s < n_solvers; s++) {
      double c = gym_stats_worst (cost[p * n_solvers + s]);
      ratios[s * n_problems + p] = isfinite (c) ? c / least : INFINITY;
    }
  }
  for (size_t s = 0; s < n_solvers; s++)
    gym_stats_sort (ratios + s * n_problems, n_problems);
  return GYM_OK;
}

/* From the start, three decades towards the best, and then the best itself. */
void
gym_stats_targets (double start, double best, size_t n_targets, double *targets)
{
  for (size_t i = 0; i < n_targets; i++) {
    double share = n_targets > 2 ? (double)i / (double)(n_targets - 2) : 0;
    double away = i + 1 == n_targets ? 0 : pow (10, -3 * share);
    targets[i] = best + (start - best) * away;
  }
}

double
gym_stats_improvement (double baseline, double value)
{
  return baseline == 0 ? NAN : (baseline - value) / fabs (baseline);
}

double
gym_stats_hit_rate (const double *values, size_t n, double target)
{
  double hits = 0;
  for (size_t i = 0; i < n; i++)
    hits += values[i] <= target;
  return n ? hits / (double)n : NAN;
}
