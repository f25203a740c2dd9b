/* The shape of fronts: see geometry.h. */
#include "plugins/common/geometry.h"

#include <gym/plugin.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Least distance from the ideal point, and least range of an objective, on its scale. */
static const double tiny = 1e-9;

int
geometry_init (struct geometry *g, uint32_t m, uint32_t most)
{
  size_t size = (size_t)most + 1, width = m;
  *g = (struct geometry){ .m = m, .p = 1 };
  g->ideal = calloc (width, sizeof *g->ideal);
  g->scale = calloc (width, sizeof *g->scale);
  g->extremes = calloc (width, sizeof *g->extremes);
  g->points = malloc (size * width * sizeof *g->points);
  g->norms = malloc (size * sizeof *g->norms);
  g->nearest = malloc (size * sizeof *g->nearest);
  g->second = malloc (size * sizeof *g->second);
  g->system = malloc (width * (width + 2) * sizeof *g->system);
  bool ok = g->ideal && g->scale && g->extremes && g->points && g->norms && g->nearest
            && g->second && g->system;
  return ok ? GYM_OK : GYM_ENOMEM;
}

void
geometry_free (struct geometry *g)
{
  free (g->ideal);
  free (g->scale);
  free (g->extremes);
  free (g->points);
  free (g->norms);
  free (g->nearest);
  free (g->second);
  free (g->system);
  *g = (struct geometry){ 0 };
}

/* ---- the frame ---- */

/* Halves: the difference of two large numbers may be none. */
static double
above_ideal (const struct geometry *g, uint32_t j, double objective)
{
  return objective / 2 - g->ideal[j] / 2;
}

static void
find_ideal (struct geometry *g, const double *objectives, const uint32_t *items,
            uint32_t n)
{
  for (uint32_t j = 0; j < g->m; j++) {
    double least = INFINITY, most = -INFINITY;
    for (uint32_t k = 0; k < n; k++) {
      least = fmin (least, objectives[(size_t)items[k] * g->m + j]);
      most = fmax (most, objectives[(size_t)items[k] * g->m + j]);
    }
    g->ideal[j] = least;
    g->scale[j] = most / 2 - least / 2;
    if (!(g->scale[j] > 0))
      g->scale[j] = 1;
  }
}

/* The place of the point with the least distance from a line through the ideal point:
 * axis j, or the diagonal for j = m. `taken` places are passed over. */
static uint32_t
nearest_to_line (const struct geometry *g, uint32_t n, uint32_t j, uint32_t n_taken,
                 const uint32_t *taken)
{
  uint32_t best = n;
  double least = INFINITY;
  for (uint32_t k = 0; k < n; k++) {
    const double *x = g->points + (size_t)k * g->m;
    double square = 0, along = 0;
    bool free = true;
    for (uint32_t i = 0; i < n_taken; i++)
      free &= taken[i] != k;
    for (uint32_t i = 0; i < g->m; i++) {
      square += x[i] * x[i];
      along += j < g->m ? (i == j ? x[i] : 0) : x[i] / sqrt (g->m);
    }
    if (free && square - along * along < least) {
      least = square - along * along;
      best = k;
    }
  }
  return best;
}

/* Gaussian elimination with pivots on m rows of m + 1 numbers; false when singular. */
static bool
solve (double *rows, uint32_t m, double *x)
{
  size_t width = (size_t)m + 1;
  for (uint32_t c = 0; c < m; c++) {
    uint32_t pivot = c;
    for (uint32_t r = c + 1; r < m; r++)
      if (fabs (rows[r * width + c]) > fabs (rows[pivot * width + c]))
        pivot = r;
    if (fabs (rows[pivot * width + c]) < tiny)
      return false;
    for (uint32_t k = c; k <= m; k++) {
      double kept = rows[c * width + k];
      rows[c * width + k] = rows[pivot * width + k];
      rows[pivot * width + k] = kept;
    }
    for (uint32_t r = c + 1; r < m; r++)
      for (uint32_t k = m + 1; k-- > c;)
        rows[r * width + k] -=
            rows[c * width + k] * (rows[r * width + c] / rows[c * width + c]);
  }
  for (uint32_t r = m; r-- > 0;) {
    x[r] = rows[r * width + m];
    for (uint32_t k = r + 1; k < m; k++)
      x[r] -= rows[r * width + k] * x[k];
    x[r] /= rows[r * width + r];
  }
  return true;
}

/* Where the plane through the extremes meets the axes is 1 from now on. Where it does not
 * meet them all the range of the front stays the scale. */
static void
find_intercepts (struct geometry *g)
{
  uint32_t m = g->m;
  double *rows = g->system, *inverse = rows + (size_t)m * (m + 1);
  for (uint32_t r = 0; r < m; r++) {
    memcpy (rows + r * ((size_t)m + 1), g->points + (size_t)g->extremes[r] * m,
            m * sizeof *rows);
    rows[r * ((size_t)m + 1) + m] = 1;
  }
  if (!solve (rows, m, inverse))
    return;
  for (uint32_t j = 0; j < m; j++)
    if (!(inverse[j] > 1e-3 && inverse[j] < 1e6))
      return;
  for (uint32_t j = 0; j < m; j++)
    g->scale[j] /= inverse[j];
}

static void
normalise (struct geometry *g, const double *objectives, const uint32_t *items,
           uint32_t n)
{
  for (uint32_t k = 0; k < n; k++)
    for (uint32_t j = 0; j < g->m; j++)
      g->points[(size_t)k * g->m + j] =
          above_ideal (g, j, objectives[(size_t)items[k] * g->m + j]) / g->scale[j];
}

/* ---- the norm ---- */

/* The p for which sum x^p is 1. The sum falls with p where all x are below 1, and then
 * the root is between the ends or beyond one of them. */
static double
exponent_of (const double *x, uint32_t m)
{
  double low = 0.1, high = 20;
  for (uint32_t j = 0; j < m; j++)
    if (!(x[j] > tiny && x[j] < 1 - tiny))
      return 1;
  for (int k = 0; k < 40; k++) {
    double middle = sqrt (low * high), sum = 0;
    for (uint32_t j = 0; j < m; j++)
      sum += pow (x[j], middle);
    if (sum > 1)
      low = middle;
    else
      high = middle;
  }
  return sqrt (low * high);
}

static double
norm_of (const struct geometry *g, const double *x)
{
  double sum = 0;
  for (uint32_t j = 0; j < g->m; j++)
    sum += pow (fabs (x[j]), g->p);
  return fmin (1e150, fmax (tiny, pow (sum, 1 / g->p)));
}

void
geometry_fit (struct geometry *g, const double *objectives, const uint32_t *items,
              uint32_t n)
{
  find_ideal (g, objectives, items, n);
  normalise (g, objectives, items, n);
  for (uint32_t j = 0; j < g->m; j++) {
    uint32_t k = nearest_to_line (g, n, j, j, g->extremes);
    g->extremes[j] = k < n ? k : 0;
  }
  g->p = 1;
  if (n <= g->m || g->m == 1)
    return;
  find_intercepts (g);
  normalise (g, objectives, items, n);
  uint32_t central = nearest_to_line (g, n, g->m, g->m, g->extremes);
  g->p = exponent_of (g->points + (size_t)central * g->m, g->m);
}

double
geometry_proximity (const struct geometry *g, const double *objective)
{
  double sum = 0;
  for (uint32_t j = 0; j < g->m; j++)
    sum += pow (fmax (0, above_ideal (g, j, objective[j]) / g->scale[j]), g->p);
  return fmin (1e150, fmax (tiny, pow (sum, 1 / g->p)));
}

/* ---- choosing ---- */

static void
swap_places (struct geometry *g, uint32_t *items, uint32_t a, uint32_t b)
{
  double *const columns[] = { g->norms, g->nearest, g->second };
  uint32_t item = items[a];
  items[a] = items[b];
  items[b] = item;
  for (int c = 0; c < 3; c++) {
    double kept = columns[c][a];
    columns[c][a] = columns[c][b];
    columns[c][b] = kept;
  }
  for (uint32_t j = 0; j < g->m && a != b; j++) {
    double *x = g->points + (size_t)a * g->m + j, *y = g->points + (size_t)b * g->m + j;
    double kept = *x;
    *x = *y;
    *y = kept;
  }
}

/* How far it is from x to y along the front: both are moved onto the unit sphere of the
 * norm, and the way leads by the point of it that lies between them. */
static double
way_between (const struct geometry *g, const double *x, double norm_x, const double *y,
             double norm_y)
{
  double *middle = g->system, to = 0, fro = 0;
  for (uint32_t j = 0; j < g->m; j++)
    middle[j] = x[j] / norm_x / 2 + y[j] / norm_y / 2;
  double norm = norm_of (g, middle);
  for (uint32_t j = 0; j < g->m; j++) {
    double u = x[j] / norm_x - middle[j] / norm, v = y[j] / norm_y - middle[j] / norm;
    to += u * u;
    fro += v * v;
  }
  return sqrt (to) + sqrt (fro);
}

/* The place `chosen` counts as a neighbour of all after it. */
static void
add_neighbour (struct geometry *g, uint32_t chosen, uint32_t n)
{
  const double *y = g->points + (size_t)chosen * g->m;
  for (uint32_t k = chosen + 1; k < n; k++) {
    const double *x = g->points + (size_t)k * g->m;
    double way = way_between (g, x, g->norms[k], y, g->norms[chosen]) / g->norms[k];
    g->second[k] = fmin (g->second[k], fmax (g->nearest[k], way));
    g->nearest[k] = fmin (g->nearest[k], way);
  }
}

/* Before two are chosen the second distance is infinite and says nothing. */
static double
value_at (const struct geometry *g, uint32_t k)
{
  return g->nearest[k] + (isfinite (g->second[k]) ? g->second[k] : 0);
}

void
geometry_choose (struct geometry *g, uint32_t *items, uint32_t n, uint32_t keep,
                 double *scores)
{
  uint32_t chosen = 0;
  for (uint32_t k = 0; k < n; k++) {
    g->norms[k] = norm_of (g, g->points + (size_t)k * g->m);
    g->nearest[k] = g->second[k] = INFINITY;
  }
  for (; chosen < keep; chosen++) {
    uint32_t best = chosen;
    if (chosen < g->m && g->extremes[chosen] >= chosen)
      best = g->extremes[chosen];
    for (uint32_t k = chosen; k < n && chosen >= g->m; k++)
      if (value_at (g, k) > value_at (g, best))
        best = k;
    for (uint32_t j = chosen + 1; j < g->m; j++) /* an extreme that has to make room */
      if (g->extremes[j] == chosen)
        g->extremes[j] = best;
    scores[items[best]] = chosen < g->m ? INFINITY : value_at (g, best);
    swap_places (g, items, chosen, best);
    add_neighbour (g, chosen, n);
  }
  for (uint32_t k = keep; k < n; k++)
    scores[items[k]] = value_at (g, k);
}
