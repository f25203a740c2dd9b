/* Fronts and crowding: see dominance.h. */
#include "plugins/common/dominance.h"

#include <gym/plugin.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

int
dominance_init (struct dominance *d, uint32_t most)
{
  size_t size = (size_t)most + 1;
  *d = (struct dominance){ 0 };
  d->spare = malloc (size * sizeof *d->spare);
  d->last = malloc (size * sizeof *d->last);
  d->before = malloc (size * sizeof *d->before);
  d->sorted = malloc (size * sizeof *d->sorted);
  return d->spare && d->last && d->before && d->sorted ? GYM_OK : GYM_ENOMEM;
}

void
dominance_free (struct dominance *d)
{
  free (d->spare);
  free (d->last);
  free (d->before);
  free (d->sorted);
  *d = (struct dominance){ 0 };
}

bool
dominance_of (uint32_t m, const double *a, const double *b)
{
  bool better = false;
  for (uint32_t j = 0; j < m; j++) {
    if (a[j] > b[j])
      return false;
    better |= a[j] < b[j];
  }
  return better;
}

/* ---- order ---- */

/* By objective `first`, then by the others from the first on. */
static bool
comes_after (uint32_t m, uint32_t first, const double *a, const double *b)
{
  if (a[first] != b[first])
    return a[first] > b[first];
  for (uint32_t j = 0; j < m; j++)
    if (a[j] != b[j])
      return a[j] > b[j];
  return false;
}

/* Merge sort, for qsort has no context and no fixed order of equals. Runs that are in
 * order already, as most are when one point has joined a sorted front, are left alone. */
static void
sort_by (struct dominance *d, uint32_t m, uint32_t first, const double *objectives,
         uint32_t *items, uint32_t n)
{
  if (n < 2)
    return;
  uint32_t half = n / 2, i = 0, j = half, k = 0;
  sort_by (d, m, first, objectives, items, half);
  sort_by (d, m, first, objectives, items + half, n - half);
  if (!comes_after (m, first, objectives + (size_t)items[half - 1] * m,
                    objectives + (size_t)items[half] * m))
    return;
  memcpy (d->spare, items, half * sizeof *items);
  while (i < half && j < n)
    items[k++] = comes_after (m, first, objectives + (size_t)d->spare[i] * m,
                              objectives + (size_t)items[j] * m)
                     ? items[j++]
                     : d->spare[i++];
  memcpy (items + k, d->spare + i, (half - i) * sizeof *items);
}

/* ---- fronts ---- */

enum { nobody = UINT32_MAX };

/* Whether a member of front k dominates point t of the order. With two objectives the
 * last one does if any does: its second is the smallest. */
static bool
front_dominates (const struct dominance *d, uint32_t m, const double *objectives,
                 const uint32_t *items, uint32_t k, uint32_t t)
{
  const double *point = objectives + (size_t)items[t] * m;
  for (uint32_t s = d->last[k]; s != nobody; s = d->before[s]) {
    if (dominance_of (m, objectives + (size_t)items[s] * m, point))
      return true;
    if (m <= 2)
      return false;
  }
  return false;
}

/* The best front that holds none better than t; n_fronts when it begins a new one. */
static uint32_t
front_of (const struct dominance *d, uint32_t m, const double *objectives,
          const uint32_t *items, uint32_t n_fronts, uint32_t t)
{
  uint32_t low = 0, high = n_fronts;
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    if (front_dominates (d, m, objectives, items, middle, t))
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

/* Fronts are chains from their last member back; they are written out from the end. */
uint32_t
dominance_sort (struct dominance *d, uint32_t m, const double *objectives,
                uint32_t *items, uint32_t n, uint32_t *ends)
{
  uint32_t n_fronts = 0, end = n;
  sort_by (d, m, 0, objectives, items, n);
  for (uint32_t t = 0; t < n; t++) {
    uint32_t k = front_of (d, m, objectives, items, n_fronts, t);
    d->before[t] = k < n_fronts ? d->last[k] : nobody;
    d->last[k] = t;
    n_fronts += k == n_fronts;
  }
  for (uint32_t k = n_fronts; k-- > 0;) {
    ends[k] = end;
    for (uint32_t s = d->last[k]; s != nobody; s = d->before[s])
      d->sorted[--end] = items[s];
  }
  memcpy (items, d->sorted, n * sizeof *items);
  return n_fronts;
}

/* ---- crowding ---- */

/* Halves: the difference of two large numbers may be none. */
static double
gap (double low, double high)
{
  return high / 2 - low / 2;
}

void
dominance_crowding (struct dominance *d, uint32_t m, const double *objectives,
                    const uint32_t *items, uint32_t n, double *distances)
{
  memcpy (d->sorted, items, n * sizeof *items);
  for (uint32_t k = 0; k < n; k++)
    distances[items[k]] = 0;
  for (uint32_t j = 0; j < m && n > 0; j++) {
    sort_by (d, m, j, objectives, d->sorted, n);
    uint32_t first = d->sorted[0], last = d->sorted[n - 1];
    double range =
        gap (objectives[(size_t)first * m + j], objectives[(size_t)last * m + j]);
    distances[first] = distances[last] = INFINITY;
    for (uint32_t k = 1; k + 1 < n && range > 0; k++)
      distances[d->sorted[k]] += gap (objectives[(size_t)d->sorted[k - 1] * m + j],
                                      objectives[(size_t)d->sorted[k + 1] * m + j])
                                 / range;
  }
}
