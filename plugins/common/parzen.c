/* The density of a set of designs: see parzen.h. */
#include "plugins/common/parzen.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_CELLS = 256 };

/* ---- cells ---- */

static void
look_at (struct parzen_axes *a, uint32_t i)
{
  const struct gym_param *param = a->host->space_param (a->space, i);
  uint64_t count = a->host->param_count (a->space, i);
  struct parzen_axis *axis = &a->axes[a->n];
  if (count == 1)
    return;
  *axis = (struct parzen_axis){ .parameter = i,
                                .categorical = param->kind == GYM_CATEGORICAL,
                                .conditional = param->parent != NULL };
  axis->real = count == 0 || (count > MOST_CELLS && !axis->categorical)
               || param->flags & GYM_PARAM_LOG;
  axis->cells = axis->real ? MOST_CELLS : (uint32_t)count;
  if (axis->cells > a->most_cells)
    a->most_cells = axis->cells;
  a->n++;
}

int
parzen_axes_init (struct parzen_axes *a, const struct gym_host *host,
                  const struct gym_space *space)
{
  uint32_t n = host->space_size (space);
  *a = (struct parzen_axes){ .host = host, .space = space, .n_params = n };
  a->axes = calloc (n + 1u, sizeof *a->axes);
  a->unit = malloc ((n + 1u) * sizeof *a->unit);
  if (!a->axes || !a->unit)
    return GYM_ENOMEM;
  for (uint32_t i = 0; i < n; i++)
    look_at (a, i);
  return GYM_OK;
}

void
parzen_axes_free (struct parzen_axes *a)
{
  free (a->axes);
  free (a->unit);
  a->axes = NULL;
  a->unit = NULL;
}

/* Grids are encoded at the middle of equal bins. */
void
parzen_place (const struct parzen_axes *a, const double *row, uint16_t *place)
{
  a->host->space_encode (a->space, row, a->unit);
  for (uint32_t d = 0; d < a->n; d++) {
    const struct parzen_axis *axis = &a->axes[d];
    double at = a->unit[axis->parameter] * axis->cells;
    place[d] = isnan (row[axis->parameter]) ? PARZEN_OFF
                                            : (uint16_t)fmin (at, axis->cells - 1.0);
  }
}

/* ---- fitting ---- */

int
parzen_init (struct parzen *p, const struct parzen_axes *axes)
{
  size_t cells = (size_t)axes->n * axes->most_cells + 1;
  *p = (struct parzen){ .axes = axes };
  p->near = malloc (cells * sizeof *p->near);
  p->far = malloc (cells * sizeof *p->far);
  p->sigma = calloc (axes->n + 1u, sizeof *p->sigma);
  p->unit = malloc ((axes->n + 1u) * sizeof *p->unit);
  p->bell = malloc ((axes->most_cells + 1u) * sizeof *p->bell);
  p->sums = malloc ((axes->most_cells + 1u) * sizeof *p->sums);
  p->mass = malloc ((axes->most_cells + 1u) * sizeof *p->mass);
  if (!p->near || !p->far || !p->sigma || !p->unit || !p->bell || !p->sums || !p->mass)
    return GYM_ENOMEM;
  for (uint32_t d = 0; d < axes->n; d++)
    p->unit[d] = 1 / sqrt (axes->axes[d].cells);
  return GYM_OK;
}

void
parzen_free (struct parzen *p)
{
  free (p->weight);
  free (p->place);
  free (p->scale);
  free (p->near);
  free (p->far);
  free (p->sigma);
  free (p->product);
  free (p->unit);
  free (p->bell);
  free (p->sums);
  free (p->mass);
  *p = (struct parzen){ 0 };
}

/* What is in them is written anew by every fit. */
static int
reserve (struct parzen *p, size_t n)
{
  size_t room = n + n / 2 + 16, all = room * p->axes->n + 1;
  if (n <= p->room && p->room > 0)
    return GYM_OK;
  free (p->weight);
  free (p->product);
  free (p->place);
  free (p->scale);
  p->weight = malloc (room * sizeof *p->weight);
  p->product = malloc (room * sizeof *p->product);
  p->place = malloc (all * sizeof *p->place);
  p->scale = malloc (all * sizeof *p->scale);
  bool got = p->weight && p->product && p->place && p->scale;
  p->room = got ? room : 0;
  return got ? GYM_OK : GYM_ENOMEM;
}

/* Weights that sum to 1 with that of the prior. */
static void
take (struct parzen *p, const uint16_t *const *places, const double *weights,
      double prior)
{
  double sum = prior;
  for (size_t k = 0; k < p->n; k++)
    sum += weights[k];
  p->prior = prior / sum;
  for (size_t k = 0; k < p->n; k++) {
    p->weight[k] = weights[k] / sum;
    for (uint32_t d = 0; d < p->axes->n; d++)
      p->place[d * p->room + k] = places[k][d];
  }
}

/* A Gaussian by difference of cells. sums[d] is that of the differences below d. */
static void
make_bell (double *bell, double *sums, uint32_t cells, double sigma)
{
  sums[0] = 0;
  for (uint32_t d = 0; d < cells; d++) {
    bell[d] = exp (-0.5 * (d / sigma) * (d / sigma));
    sums[d + 1] = sums[d] + bell[d];
  }
}

/* What of a bell around a cell lies within the bounds. */
static double
within (const double *sums, uint32_t cells, uint32_t at)
{
  return sums[at + 1] + sums[cells - at] - sums[1];
}

/* Standard deviation of the places on an axis, in cells; how many there are. */
static double
deviation (const struct parzen *p, uint32_t d, size_t *count)
{
  const uint16_t *place = p->place + d * p->room;
  double sum = 0, squares = 0, weight = 0;
  *count = 0;
  for (size_t k = 0; k < p->n; k++)
    if (place[k] != PARZEN_OFF) {
      sum += p->weight[k] * place[k];
      squares += p->weight[k] * place[k] * place[k];
      weight += p->weight[k];
      ++*count;
    }
  if (*count == 0)
    return 0;
  double mean = sum / weight;
  return sqrt (fmax (0, squares / weight - mean * mean));
}

/* Weight by cell, relative to uniform; returns that of the prior and of the kernels that
 * lack the parameter, which is spread over all cells. */
static double
weigh_cells (struct parzen *p, uint32_t d)
{
  uint32_t cells = p->axes->axes[d].cells;
  const uint16_t *place = p->place + d * p->room;
  double lost = p->prior;
  memset (p->mass, 0, cells * sizeof *p->mass);
  for (size_t k = 0; k < p->n; k++)
    if (place[k] == PARZEN_OFF)
      lost += p->weight[k];
    else
      p->mass[place[k]] += p->weight[k] * cells;
  return lost;
}

/* f_i: a bell on every cell with its weight, as far as four widths. */
static void
spread (struct parzen *p, uint32_t d, double sigma, double *far)
{
  uint32_t cells = p->axes->axes[d].cells;
  uint32_t reach = (uint32_t)fmin (cells, 4 * sigma + 2);
  double lost = weigh_cells (p, d);
  make_bell (p->bell, p->sums, cells, sigma);
  for (uint32_t c = 0; c < cells; c++)
    far[c] = lost;
  for (uint32_t at = 0; at < cells; at++) {
    double share = p->mass[at];
    if (share == 0)
      continue;
    share /= within (p->sums, cells, at);
    for (uint32_t r = 0; r < reach && r <= at; r++)
      far[at - r] += share * p->bell[r];
    for (uint32_t r = 1; r < reach && at + r < cells; r++)
      far[at + r] += share * p->bell[r];
  }
}

/* f_i is the share of the levels in the set. */
static void
fit_categorical (struct parzen *p, uint32_t d, double *near, double *far)
{
  uint32_t cells = p->axes->axes[d].cells;
  double lost = weigh_cells (p, d);
  for (uint32_t c = 0; c < cells; c++) {
    near[c] = c == 0;
    far[c] = lost + p->mass[c];
  }
  for (size_t k = 0; k < p->n; k++)
    p->scale[d * p->room + k] = (1 - p->mutation) * cells;
}

/* The width of f_i is the normal reference rule's (Silverman 1986), but not below the
 * clip, which keeps few trials from being believed too much ("magic clipping" in the TPE
 * of Bergstra 2011). A step is seldom longer than a cell when it is narrower than 0.3. */
static void
fit_ordered (struct parzen *p, uint32_t d, double *near, double *far)
{
  static const double narrowest = 0.3;
  uint32_t cells = p->axes->axes[d].cells;
  const uint16_t *place = p->place + d * p->room;
  size_t count;
  double sigma = deviation (p, d, &count);
  sigma *= 1.06 * p->width * pow ((double)count + 1, -0.2);
  sigma = fmax (sigma, cells / (p->clip * ((double)count + 1)));
  spread (p, d, fmax (narrowest, sigma), far);
  p->sigma[d] = fmax (narrowest, p->step * sigma);
  make_bell (near, p->sums, cells, p->sigma[d]);
  for (size_t k = 0; k < p->n; k++)
    if (place[k] != PARZEN_OFF)
      p->scale[d * p->room + k] =
          (1 - p->mutation) * cells / within (p->sums, cells, place[k]);
}

int
parzen_fit (struct parzen *p, size_t n, const uint16_t *const *places,
            const double *weights, double prior)
{
  if (reserve (p, n) < 0)
    return GYM_ENOMEM;
  p->n = n;
  take (p, places, weights, prior);
  for (uint32_t d = 0; d < p->axes->n; d++) {
    double *near = p->near + (size_t)d * p->axes->most_cells;
    double *far = p->far + (size_t)d * p->axes->most_cells;
    if (p->axes->axes[d].categorical)
      fit_categorical (p, d, near, far);
    else
      fit_ordered (p, d, near, far);
  }
  return GYM_OK;
}

/* ---- use ---- */

static void
multiply (const struct parzen *p, uint32_t d, uint16_t at)
{
  const uint16_t *place = p->place + d * p->room;
  const double *scale = p->scale + d * p->room;
  const double *near = p->near + (size_t)d * p->axes->most_cells;
  double any = p->far[(size_t)d * p->axes->most_cells + at], far = p->mutation * any;
  double unit = p->unit[d];
  if (!p->axes->axes[d].conditional)
    for (size_t k = 0; k < p->n; k++)
      p->product[k] *= unit * (scale[k] * near[abs (place[k] - at)] + far);
  else
    for (size_t k = 0; k < p->n; k++)
      p->product[k] *=
          unit
          * (place[k] == PARZEN_OFF ? any : scale[k] * near[abs (place[k] - at)] + far);
}

/* A factor lies between 0 and the number of cells; divided by the square root of that,
 * the products stay in the range of a double for some hundred parameters. Beyond, what is
 * too small to be told from nothing is the least number there is. */
double
parzen_log (const struct parzen *p, const uint16_t *place)
{
  double sum = p->prior;
  memcpy (p->product, p->weight, p->n * sizeof *p->product);
  for (uint32_t d = 0; d < p->axes->n; d++)
    if (place[d] != PARZEN_OFF) {
      multiply (p, d, place[d]);
      sum *= p->unit[d];
    }
  for (size_t k = 0; k < p->n; k++)
    sum += p->product[k];
  return log (fmin (DBL_MAX, fmax (DBL_MIN, sum)));
}

size_t
parzen_choose (const struct parzen *p, gym_rng *rng)
{
  double left = gym_rng_real (rng) - p->prior;
  size_t k = 0;
  if (left < 0 || p->n == 0)
    return p->n;
  for (; k + 1 < p->n && left >= p->weight[k]; k++)
    left -= p->weight[k];
  return k;
}

/* By the cumulative sum of f_i, which is 1 a cell on average. */
static uint16_t
draw_far (const struct parzen *p, gym_rng *rng, uint32_t d)
{
  uint32_t cells = p->axes->axes[d].cells, c = 0;
  const double *far = p->far + (size_t)d * p->axes->most_cells;
  double left = gym_rng_real (rng) * cells;
  for (; c + 1 < cells && left >= far[c]; c++)
    left -= far[c];
  return (uint16_t)c;
}

/* By the cumulative sum of n_i, from its middle outwards: seldom many steps. */
static uint16_t
draw_near (const struct parzen *p, gym_rng *rng, size_t k, uint32_t d)
{
  uint32_t cells = p->axes->axes[d].cells, at = p->place[d * p->room + k];
  const double *near = p->near + (size_t)d * p->axes->most_cells;
  double whole = (1 - p->mutation) * cells / p->scale[d * p->room + k];
  double left = gym_rng_real (rng) * whole - near[0];
  for (uint32_t r = 1; left >= 0 && r < cells; r++) {
    if (at + r < cells && (left -= near[r]) < 0)
      return (uint16_t)(at + r);
    if (r <= at && (left -= near[r]) < 0)
      return (uint16_t)(at - r);
  }
  return (uint16_t)at;
}

uint16_t
parzen_draw (const struct parzen *p, gym_rng *rng, size_t k, uint32_t d)
{
  uint16_t at = k < p->n ? p->place[d * p->room + k] : PARZEN_OFF;
  if (k == p->n)
    return (uint16_t)gym_rng_below (rng, p->axes->axes[d].cells);
  if (at == PARZEN_OFF || gym_rng_real (rng) < p->mutation)
    return draw_far (p, rng, d);
  return draw_near (p, rng, k, d);
}
