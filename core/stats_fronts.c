/* core/stats_fronts.c - indicators of non-dominated sets, and how they grow. */
#include "core/stats_inside.h"

#include <gym/archive.h>
#include <gym/stats_fronts.h>
#include <stdbool.h>

static bool
is_whole (const double *row, uint32_t m)
{
  for (uint32_t k = 0; k < m; k++)
    if (isnan (row[k]))
      return false;
  return true;
}

void
gym_stats_extent (const double *points, size_t n, uint32_t m, double *low, double *high)
{
  for (uint32_t k = 0; k < m; k++)
    low[k] = high[k] = NAN;
  for (size_t i = 0; i < n; i++) {
    const double *row = points + i * m;
    for (uint32_t k = 0; is_whole (row, m) && k < m; k++) {
      low[k] = fmin (low[k], row[k]); /* of a number and NaN the number */
      high[k] = fmax (high[k], row[k]);
    }
  }
}

void
gym_stats_scale (const double *points, size_t n, uint32_t m, const double *low,
                 const double *high, double *out)
{
  for (size_t i = 0; i < n * m; i++) {
    double from = low[i % m], range = high[i % m] - from;
    out[i] = range > 0 ? (points[i] - from) / range : 0;
  }
}

/* ---- indicators ---- */

/* Being better than the target in an objective makes up for nothing in another. */
static double
distance_plus (const double *point, const double *target, uint32_t m)
{
  double sum = 0;
  for (uint32_t k = 0; k < m; k++) {
    double worse = fmax (point[k] - target[k], 0);
    sum += worse * worse;
  }
  return sqrt (sum);
}

static double
needed (const double *point, const double *target, uint32_t m)
{
  double most = -INFINITY;
  for (uint32_t k = 0; k < m; k++)
    most = fmax (most, point[k] - target[k]);
  return most;
}

/* The least of a measure over the set, for one point of the reference. */
static double
nearest (const double *points, size_t n, const double *target, uint32_t m,
         double (*measure) (const double *, const double *, uint32_t))
{
  double least = INFINITY;
  for (size_t i = 0; i < n; i++)
    least = fmin (least, measure (points + i * m, target, m));
  return least;
}

double
gym_stats_igd_plus (const double *points, size_t n, const double *reference,
                    size_t n_reference, uint32_t m)
{
  double sum = 0;
  for (size_t i = 0; i < n_reference; i++)
    sum += nearest (points, n, reference + i * m, m, distance_plus);
  return n_reference ? sum / (double)n_reference : NAN;
}

double
gym_stats_epsilon (const double *points, size_t n, const double *reference,
                   size_t n_reference, uint32_t m)
{
  double most = -INFINITY;
  for (size_t i = 0; i < n_reference; i++)
    most = fmax (most, nearest (points, n, reference + i * m, m, needed));
  return n_reference ? most : NAN;
}

/* ---- over time ---- */

static int
measure (const struct gym_front_trials *t, const gym_archive *archive, size_t i,
         double *volume, double *igd_plus, double *epsilon, gym_error *err)
{
  size_t n = gym_archive_count (archive);
  const double *points = n ? gym_archive_point (archive, 0) : NULL; /* rows in a piece */
  if (igd_plus)
    igd_plus[i] = gym_stats_igd_plus (points, n, t->set, t->n_set, t->m);
  if (epsilon)
    epsilon[i] = gym_stats_epsilon (points, n, t->set, t->n_set, t->m);
  return volume ? gym_archive_hypervolume (archive, t->reference, &volume[i], err)
                : GYM_OK;
}

/* One archive grows along the run, and is measured where it is asked for. */
int
gym_stats_front_curves (const struct gym_front_trials *t, const size_t *at, size_t n_at,
                        double *volume, double *igd_plus, double *epsilon, gym_error *err)
{
  gym_archive *archive = gym_archive_new (t->m, err);
  size_t next = 0;
  int code = archive ? GYM_OK : err && err->code ? err->code : GYM_ENOMEM;
  for (size_t i = 0; code >= 0 && i < n_at; i++) {
    for (; code >= 0 && next < t->n && next < at[i]; next++) {
      const double *row = t->points + next * t->m;
      if (is_whole (row, t->m))
        code = gym_archive_add (archive, row, next, err);
    }
    if (code >= 0)
      code = measure (t, archive, i, volume, igd_plus, epsilon, err);
  }
  gym_archive_destroy (&archive);
  return code < 0 ? code : GYM_OK;
}
