/* Covariances of designs of mixed kinds: see kernel.h. */
#include "plugins/common/kernel.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CELLS = 4096, TWO_TERMS_FROM = 8 };

/* Of two designs only one of which has a conditional parameter. */
static const double shared = 0.5;

/* Factors stay away from 0: products of the others are found by division-free prefixes,
 * and a product of dozens must not underflow. */
static const double least_factor = 1e-8;

/* ---- axes ---- */

static void
look_at (struct kernel *k, uint32_t parameter, uint64_t count)
{
  const struct gym_param *param = k->host->space_param (k->space, parameter);
  struct kernel_axis *axis = &k->axes[k->n_axes++];
  axis->parameter = parameter;
  axis->categorical = param->kind == GYM_CATEGORICAL;
  axis->conditional = param->parent != NULL;
  bool every = count > 0 && count <= CELLS;
  axis->cells = every ? (uint32_t)count : CELLS;
  axis->tables = axis->categorical ? 4 : axis->cells + 2;
  axis->first = k->n_terms;
  axis->terms = !axis->categorical && axis->cells > TWO_TERMS_FROM ? 2 : 1;
  k->n_terms += axis->terms;
}

/* One block of memory for all tables, cut here. */
static void
cut_tables (struct kernel *k)
{
  double *at = k->memory;
  for (uint32_t i = 0; i < k->n_axes; i++) {
    struct kernel_axis *axis = &k->axes[i];
    axis->cell = (struct kernel_cell *)at;
    at += 3 * (size_t)axis->tables;
    double **tables[] = { &axis->value[0],     &axis->slope[0],    &axis->value[1],
                          &axis->slope[1],     &axis->log_slope,   &axis->histogram[0],
                          &axis->histogram[1], &axis->histogram[2] };
    for (int t = 0; t < 8; t++, at += axis->tables)
      *tables[t] = at;
  }
}

/* The priors are weak but proper: about unit variance in all, spread over the terms;
 * lengths of half the range for single parameters (a tenth for the short terms), longer
 * in products, the more so the more parameters there are (Hvarfner et al., "Vanilla
 * Bayesian optimization performs great in high dimensions", ICML 2024). */
static void
set_priors (struct kernel *k)
{
  double *centre = k->centre, *width = k->width, n = fmax (1, k->n_axes);
  for (uint32_t t = 0; t < k->n_theta; t++)
    width[t] = 1;
  centre[KERNEL_NOISE] = log (1e-3);
  width[KERNEL_NOISE] = 2;
  centre[KERNEL_PRODUCT] = log (0.5);
  centre[KERNEL_PAIRS] = log (0.2);
  double *weights = centre + KERNEL_WEIGHTS, *lengths = weights + k->n_terms;
  for (uint32_t i = 0; i < k->n_axes; i++) {
    const struct kernel_axis *axis = &k->axes[i];
    for (uint32_t t = 0; t < axis->terms; t++) {
      weights[axis->first + t] = log (0.5 / n);
      lengths[axis->first + t] = log (t == 0 ? 0.5 : 0.08);
    }
    lengths[k->n_terms + i] = axis->categorical ? log (0.5 * n) : log (0.5 * sqrt (n));
  }
}

int
kernel_init (struct kernel *k, const struct gym_host *host, const struct gym_space *space)
{
  uint32_t n = host->space_size (space);
  *k = (struct kernel){ .host = host, .space = space, .n_params = n };
  k->axes = calloc (n + 1u, sizeof *k->axes);
  k->unit = malloc ((n + 1u) * sizeof *k->unit);
  if (!k->axes || !k->unit)
    return GYM_ENOMEM;
  for (uint32_t i = 0; i < n; i++) {
    uint64_t count = host->param_count (space, i);
    if (count != 1)
      look_at (k, i, count);
  }
  size_t size = 0;
  for (uint32_t i = 0; i < k->n_axes; i++)
    size += 11 * (size_t)k->axes[i].tables;
  k->n_theta = KERNEL_WEIGHTS + 2 * k->n_terms + k->n_axes;
  k->memory = calloc (size + 1, sizeof *k->memory);
  k->theta = calloc (k->n_theta, sizeof *k->theta);
  k->centre = calloc (k->n_theta, sizeof *k->centre);
  k->width = calloc (k->n_theta, sizeof *k->width);
  if (!k->memory || !k->theta || !k->centre || !k->width)
    return GYM_ENOMEM;
  cut_tables (k);
  set_priors (k);
  kernel_set (k, k->centre);
  return GYM_OK;
}

void
kernel_free (struct kernel *k)
{
  free (k->axes);
  free (k->unit);
  free (k->memory);
  free (k->theta);
  free (k->centre);
  free (k->width);
  *k = (struct kernel){ 0 };
}

/* Grids short enough are their own cells; log scales, long grids and the real numbers are
 * rounded on the encoded scale. */
void
kernel_place (const struct kernel *k, const double *row, uint16_t *place)
{
  k->host->space_encode (k->space, row, k->unit);
  for (uint32_t i = 0; i < k->n_axes; i++) {
    const struct kernel_axis *axis = &k->axes[i];
    double value = row[axis->parameter];
    uint64_t count = k->host->param_count (k->space, axis->parameter);
    bool log = k->host->space_param (k->space, axis->parameter)->flags & GYM_PARAM_LOG;
    if (isnan (value))
      place[i] = KERNEL_OFF;
    else if (count == axis->cells && !log)
      place[i] = (uint16_t)k->host->param_index (k->space, axis->parameter, value);
    else
      place[i] = (uint16_t)lrint (k->unit[axis->parameter] * (axis->cells - 1));
  }
}

/* ---- tables ---- */

/* Matern 5/2 at distance / length and its derivative by the logarithm of the length. */
static double
matern (double r, double *slope)
{
  double s = sqrt (5) * r, e = exp (-s);
  *slope = 5.0 / 3 * r * r * (1 + s) * e;
  return (1 + s + s * s / 3) * e;
}

static double
base_kernel (const struct kernel_axis *axis, uint32_t difference, double length,
             double *slope)
{
  if (axis->categorical) {
    *slope = 0;
    return difference == 0;
  }
  return matern (difference / (axis->cells - 1.0) / length, slope);
}

static void
fill_term (struct kernel_axis *axis, uint32_t t, double weight, double length)
{
  for (uint32_t d = 0; d + 2 < axis->tables; d++) {
    double slope, value = weight * base_kernel (axis, d, length, &slope);
    axis->value[t][d] = value;
    axis->slope[t][d] = weight * slope;
    axis->cell[d].sum += value;
    axis->cell[d].squares += value * value;
  }
}

static void
fill_product (struct kernel_axis *axis, double length)
{
  for (uint32_t d = 0; d + 2 < axis->tables; d++) {
    double slope, p = base_kernel (axis, d, length, &slope);
    if (axis->categorical && d > 0) {
      p = exp (-1 / length);
      slope = p / length;
    }
    if (p < least_factor)
      slope = 0;
    p = fmax (p, least_factor);
    if (axis->conditional) {
      p = shared + (1 - shared) * p;
      slope *= 1 - shared;
    }
    axis->cell[d].product = p;
    axis->log_slope[d] = slope / p;
  }
  axis->cell[axis->tables - 2].product = 1;
  axis->cell[axis->tables - 1].product = shared;
}

void
kernel_set (struct kernel *k, const double *theta)
{
  const double *weights = theta + KERNEL_WEIGHTS, *lengths = weights + k->n_terms;
  if (theta != k->theta)
    memcpy (k->theta, theta, k->n_theta * sizeof *theta);
  k->product = exp (theta[KERNEL_PRODUCT]);
  k->pairs = exp (theta[KERNEL_PAIRS]);
  for (uint32_t i = 0; i < k->n_axes; i++) {
    struct kernel_axis *axis = &k->axes[i];
    memset (axis->cell, 0, axis->tables * sizeof *axis->cell);
    for (uint32_t t = 0; t < axis->terms; t++)
      fill_term (axis, t, exp (weights[axis->first + t]), exp (lengths[axis->first + t]));
    fill_product (axis, exp (lengths[k->n_terms + i]));
  }
}

/* The floor keeps factors positive definite where the fit sees no noise at all. */
double
kernel_noise (const struct kernel *k)
{
  return exp (k->theta[KERNEL_NOISE]) + 1e-8;
}

/* ---- covariances ---- */

static inline uint32_t
difference (const struct kernel_axis *axis, uint16_t a, uint16_t b)
{
  if (axis->conditional && (a == KERNEL_OFF || b == KERNEL_OFF))
    return axis->tables - 1 - (a == b);
  return axis->categorical ? a != b : (uint32_t)abs (a - b);
}

/* The sum over pairs is half of what the square of the sum has beside the squares. */
static inline double
combine (const struct kernel *k, double sum, double squares, double product)
{
  return 1 + sum + 0.5 * k->pairs * (sum * sum - squares) + k->product * product;
}

/* Blocks of points stay in the first-level cache while the axes pass over them. */
void
kernel_row (const struct kernel *k, const struct kernel_points *points, size_t n,
            const uint16_t *place, double *out)
{
  enum { BLOCK = 64 };
  double sum[BLOCK], squares[BLOCK], product[BLOCK];
  for (size_t from = 0; from < n; from += BLOCK) {
    size_t size = n - from < BLOCK ? n - from : BLOCK;
    for (size_t j = 0; j < size; j++) {
      sum[j] = squares[j] = 0;
      product[j] = 1;
    }
    for (uint32_t i = 0; i < k->n_axes; i++) {
      const struct kernel_axis *axis = &k->axes[i];
      const uint16_t *other = points->place + i * points->room + from;
      for (size_t j = 0; j < size; j++) {
        const struct kernel_cell *cell =
            &axis->cell[difference (axis, place[i], other[j])];
        sum[j] += cell->sum;
        squares[j] += cell->squares;
        product[j] *= cell->product;
      }
    }
    for (size_t j = 0; j < size; j++)
      out[from + j] = combine (k, sum[j], squares[j], product[j]);
  }
}

double
kernel_self (const struct kernel *k, const uint16_t *place)
{
  double sum = 0, squares = 0;
  for (uint32_t i = 0; i < k->n_axes; i++)
    if (place[i] != KERNEL_OFF) {
      sum += k->axes[i].cell[0].sum;
      squares += k->axes[i].cell[0].squares;
    }
  return combine (k, sum, squares, 1);
}

/* ---- gradients ---- */

/* What pairs of points add to the histograms, and to the gradients of s and v. */
struct tally {
  double product, pairs;
};

static void
tally_pair (struct kernel *k, const struct kernel_points *points, size_t a, size_t b,
            double weight, struct tally *tally)
{
  enum { MOST = 256 };
  uint32_t differences[MOST];
  double sum = 0, squares = 0, product = 1;
  for (uint32_t i = 0; i < k->n_axes; i++) {
    const struct kernel_axis *axis = &k->axes[i];
    const uint16_t *place = points->place + i * points->room;
    uint32_t d = difference (axis, place[a], place[b]);
    if (i < MOST)
      differences[i] = d;
    sum += axis->cell[d].sum;
    squares += axis->cell[d].squares;
    product *= axis->cell[d].product;
  }
  double single = weight * (1 + k->pairs * sum), whole = weight * product;
  for (uint32_t i = 0; i < k->n_axes; i++) {
    const struct kernel_axis *axis = &k->axes[i];
    const uint16_t *place = points->place + i * points->room;
    uint32_t d = i < MOST ? differences[i] : difference (axis, place[a], place[b]);
    axis->histogram[0][d] += single;
    axis->histogram[1][d] += weight;
    axis->histogram[2][d] += whole;
  }
  tally->product += whole;
  tally->pairs += weight * 0.5 * (sum * sum - squares);
}

/* d k / d z_t = 1 + v (sum - z_t); the histograms hold the sums of the weights and of
 * weights times (1 + v sum) over pairs of one difference. */
static void
axis_gradient (const struct kernel *k, uint32_t i, double *gradient)
{
  const struct kernel_axis *axis = &k->axes[i];
  double *weights = gradient + KERNEL_WEIGHTS, *lengths = weights + k->n_terms;
  for (uint32_t d = 0; d < axis->tables; d++) {
    for (uint32_t t = 0; t < axis->terms; t++) {
      double z = axis->value[t][d];
      double by_z = axis->histogram[0][d] - k->pairs * z * axis->histogram[1][d];
      weights[axis->first + t] += by_z * z;
      lengths[axis->first + t] += by_z * axis->slope[t][d];
    }
    lengths[k->n_terms + i] += k->product * axis->histogram[2][d] * axis->log_slope[d];
  }
}

void
kernel_gradient (struct kernel *k, const struct kernel_points *points, size_t n,
                 const double *weight, size_t stride, double *gradient)
{
  struct tally tally = { 0 };
  double trace = 0;
  memset (gradient, 0, k->n_theta * sizeof *gradient);
  for (uint32_t i = 0; i < k->n_axes; i++)
    memset (k->axes[i].histogram[0], 0,
            3 * k->axes[i].tables * sizeof *k->axes[i].histogram[0]);
  for (size_t a = 0; a < n; a++) {
    for (size_t b = 0; b < a; b++)
      tally_pair (k, points, a, b, 2 * weight[a * stride + b], &tally);
    tally_pair (k, points, a, a, weight[a * stride + a], &tally);
    trace += weight[a * stride + a];
  }
  for (uint32_t i = 0; i < k->n_axes; i++)
    axis_gradient (k, i, gradient);
  gradient[KERNEL_NOISE] = trace * exp (k->theta[KERNEL_NOISE]);
  gradient[KERNEL_PRODUCT] = k->product * tally.product;
  gradient[KERNEL_PAIRS] = k->pairs * tally.pairs;
}

double
kernel_prior (const struct kernel *k, const double *theta, double *gradient)
{
  double sum = 0;
  for (uint32_t t = 0; t < k->n_theta; t++) {
    double z = (theta[t] - k->centre[t]) / k->width[t];
    sum += 0.5 * z * z;
    gradient[t] += z / k->width[t];
  }
  return sum;
}

/* ---- neighbours ---- */

int
kernel_base_reserve (const struct kernel *k, struct kernel_base *base, size_t n)
{
  if (base->place && n <= base->room)
    return GYM_OK;
  size_t room = n + n / 4 + 16;
  kernel_base_free (base);
  base->room = room;
  base->place = malloc ((k->n_axes + 1u) * sizeof *base->place);
  base->sum = malloc (room * sizeof *base->sum);
  base->squares = malloc (room * sizeof *base->squares);
  base->others = malloc ((k->n_axes + 1u) * room * sizeof *base->others);
  bool ok = base->place && base->sum && base->squares && base->others;
  return ok ? GYM_OK : GYM_ENOMEM;
}

void
kernel_base_free (struct kernel_base *base)
{
  free (base->place);
  free (base->sum);
  free (base->squares);
  free (base->others);
  *base = (struct kernel_base){ 0 };
}

/* Products of the factors before and behind each one, forth and back. */
void
kernel_base_at (const struct kernel *k, const struct kernel_points *points,
                const uint16_t *place, struct kernel_base *base)
{
  memcpy (base->place, place, k->n_axes * sizeof *place);
  for (size_t j = 0; j < points->n; j++) {
    double sum = 0, squares = 0, product = 1;
    for (uint32_t i = 0; i < k->n_axes; i++) {
      const struct kernel_axis *axis = &k->axes[i];
      uint16_t other = points->place[i * points->room + j];
      const struct kernel_cell *cell = &axis->cell[difference (axis, place[i], other)];
      base->others[i * base->room + j] = product;
      sum += cell->sum;
      squares += cell->squares;
      product *= cell->product;
    }
    base->sum[j] = sum;
    base->squares[j] = squares;
    product = 1;
    for (uint32_t i = k->n_axes; i-- > 0;) {
      const struct kernel_axis *axis = &k->axes[i];
      uint16_t other = points->place[i * points->room + j];
      base->others[i * base->room + j] *= product;
      product *= axis->cell[difference (axis, place[i], other)].product;
    }
  }
}

void
kernel_moved (const struct kernel *k, const struct kernel_points *points,
              const struct kernel_base *base, uint32_t i, uint16_t to, double *out)
{
  const struct kernel_axis *axis = &k->axes[i];
  const uint16_t *other = points->place + i * points->room;
  const double *others = base->others + i * base->room;
  for (size_t j = 0; j < points->n; j++) {
    const struct kernel_cell *old =
        &axis->cell[difference (axis, base->place[i], other[j])];
    const struct kernel_cell *new = &axis->cell[difference (axis, to, other[j])];
    out[j] = combine (k, base->sum[j] + new->sum - old->sum,
                      base->squares[j] + new->squares - old->squares,
                      others[j] * new->product);
  }
}

/* ---- points ---- */

int
kernel_points_reserve (const struct kernel *k, struct kernel_points *points, size_t n)
{
  if (points->place && n <= points->room)
    return GYM_OK;
  size_t room = n + n / 2 + 64;
  uint16_t *place = malloc ((k->n_axes + 1u) * room * sizeof *place);
  if (!place)
    return GYM_ENOMEM;
  for (uint32_t i = 0; points->place && i < k->n_axes; i++)
    memcpy (place + i * room, points->place + i * points->room,
            points->n * sizeof *place);
  free (points->place);
  points->place = place;
  points->room = room;
  points->n_axes = k->n_axes;
  return GYM_OK;
}

void
kernel_points_free (struct kernel_points *points)
{
  free (points->place);
  *points = (struct kernel_points){ 0 };
}

void
kernel_points_put (struct kernel_points *points, size_t j, const uint16_t *place)
{
  for (uint32_t i = 0; i < points->n_axes; i++)
    points->place[i * points->room + j] = place[i];
}

void
kernel_points_get (const struct kernel_points *points, size_t j, uint16_t *place)
{
  for (uint32_t i = 0; i < points->n_axes; i++)
    place[i] = points->place[i * points->room + j];
}
