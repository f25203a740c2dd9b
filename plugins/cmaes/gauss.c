/* The normal distribution of CMA-ES: see gauss.h. */
#include "plugins/cmaes/gauss.h"
#include "plugins/common/cholesky.h"

#include <gym/error.h>

#include <lapacke.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

int
gauss_init (struct gauss *g, size_t n)
{
  *g = (struct gauss){ .n = n };
  g->mean = calloc (n, sizeof *g->mean);
  g->covariance = calloc (n * n, sizeof *g->covariance);
  g->basis = calloc (n * n, sizeof *g->basis);
  g->axes = calloc (n, sizeof *g->axes);
  g->path_s = calloc (n, sizeof *g->path_s);
  g->path_c = calloc (n, sizeof *g->path_c);
  g->spare = calloc (4 * n, sizeof *g->spare);
  if (!g->mean || !g->covariance || !g->basis || !g->axes || !g->path_s || !g->path_c
      || !g->spare)
    return GYM_ENOMEM;
  numeric_one_thread ();
  return GYM_OK;
}

void
gauss_free (struct gauss *g)
{
  free (g->mean);
  free (g->covariance);
  free (g->basis);
  free (g->axes);
  free (g->path_s);
  free (g->path_c);
  free (g->spare);
  free (g->weights);
  *g = (struct gauss){ 0 };
}

/* ---- strategy parameters: table 1 of the tutorial ---- */

static void
set_rates (struct gauss *g)
{
  double n = (double)g->n, mu = g->mu_eff;
  g->c_s = (mu + 2) / (n + mu + 5);
  g->d_s = 1 + 2 * fmax (0, sqrt ((mu - 1) / (n + 1)) - 1) + g->c_s;
  g->c_c = (4 + mu / n) / (n + 4 + 2 * mu / n);
  g->c_1 = 2 / ((n + 1.3) * (n + 1.3) + mu);
  g->c_mu = fmin (1 - g->c_1, 2 * (0.25 + mu + 1 / mu - 2) / ((n + 2) * (n + 2) + mu));
  g->length = sqrt (n) * (1 - 1 / (4 * n) + 1 / (21 * n * n));
}

/* Sum and sum of squares of some raw weights. */
static double
effective (const double *weights, size_t from, size_t to, double *sum)
{
  double squares = 0;
  *sum = 0;
  for (size_t i = from; i < to; i++) {
    *sum += weights[i];
    squares += weights[i] * weights[i];
  }
  return squares > 0 ? *sum * *sum / squares : 0;
}

/* Positive weights sum to 1; negative ones to what keeps the covariance positive definite
 * (equations 50 to 53). */
static void
set_weights (struct gauss *g)
{
  size_t lambda = g->lambda;
  double positive, negative, n = (double)g->n;
  for (size_t i = 0; i < lambda; i++)
    g->weights[i] = log (((double)lambda + 1) / 2) - log ((double)i + 1);
  g->mu = lambda / 2;
  g->mu_eff = effective (g->weights, 0, g->mu, &positive);
  double mu_minus = effective (g->weights, g->mu, lambda, &negative);
  set_rates (g);
  double most = fmin (1 + g->c_1 / g->c_mu, 1 + 2 * mu_minus / (g->mu_eff + 2));
  most = fmin (most, (1 - g->c_1 - g->c_mu) / (n * g->c_mu));
  for (size_t i = 0; i < lambda; i++)
    g->weights[i] *= i < g->mu ? 1 / positive : negative < 0 ? most / -negative : 0;
}

int
gauss_restart (struct gauss *g, size_t lambda, double sigma)
{
  double *weights = realloc (g->weights, lambda * sizeof *weights);
  if (!weights)
    return GYM_ENOMEM;
  g->weights = weights;
  g->lambda = lambda;
  set_weights (g);
  g->sigma = sigma;
  memset (g->covariance, 0, g->n * g->n * sizeof *g->covariance);
  memset (g->basis, 0, g->n * g->n * sizeof *g->basis);
  memset (g->path_s, 0, g->n * sizeof *g->path_s);
  memset (g->path_c, 0, g->n * sizeof *g->path_c);
  for (size_t i = 0; i < g->n; i++)
    g->covariance[i * g->n + i] = g->basis[i * g->n + i] = g->axes[i] = 1;
  g->generation = g->fresh_at = 0;
  return GYM_OK;
}

/* ---- sampling ---- */

/* basis * (scale . z): eigenvectors lie one after the other. */
static void
combine (const struct gauss *g, const double *z, double *y)
{
  memset (y, 0, g->n * sizeof *y);
  for (size_t k = 0; k < g->n; k++)
    for (size_t i = 0; i < g->n; i++)
      y[i] += g->basis[k * g->n + i] * z[k];
}

void
gauss_step (struct gauss *g, gym_rng *rng, double *y)
{
  for (size_t k = 0; k < g->n; k++)
    g->spare[k] = g->axes[k] * gym_rng_normal (rng);
  combine (g, g->spare, y);
}

/* ---- learning ---- */

/* basis^T y, each coordinate over its axis: the step as it was before C formed it. */
static void
whiten (const struct gauss *g, const double *y, double *z)
{
  for (size_t k = 0; k < g->n; k++) {
    z[k] = 0;
    for (size_t i = 0; i < g->n; i++)
      z[k] += g->basis[k * g->n + i] * y[i];
    z[k] /= g->axes[k];
  }
}

static double
norm2 (const double *x, size_t n)
{
  double sum = 0;
  for (size_t i = 0; i < n; i++)
    sum += x[i] * x[i];
  return sum;
}

/* Both paths, by the mean step of the better half; returns whether the rank-one path may
 * grow (h_sigma of the tutorial), which a far too long path of the step size forbids. */
static bool
follow (struct gauss *g, const double *mean_step)
{
  double *white = g->spare + g->n, *turned = g->spare + 2 * g->n, n = (double)g->n;
  whiten (g, mean_step, white);
  combine (g, white, turned);
  double keep = 1 - g->c_s, add = sqrt (g->c_s * (2 - g->c_s) * g->mu_eff);
  for (size_t i = 0; i < g->n; i++)
    g->path_s[i] = keep * g->path_s[i] + add * turned[i];
  double all = 1 - pow (keep, 2.0 * (double)(g->generation + 1));
  double length = sqrt (norm2 (g->path_s, g->n));
  bool grows = length / sqrt (all) < (1.4 + 2 / (n + 1)) * g->length;
  add = grows ? sqrt (g->c_c * (2 - g->c_c) * g->mu_eff) : 0;
  for (size_t i = 0; i < g->n; i++)
    g->path_c[i] = (1 - g->c_c) * g->path_c[i] + add * mean_step[i];
  g->sigma *= exp (fmin (1, g->c_s / g->d_s * (length / g->length - 1)));
  return grows;
}

static void
add_outer (struct gauss *g, double weight, const double *y)
{
  for (size_t i = 0; i < g->n; i++)
    for (size_t j = 0; j < g->n; j++)
      g->covariance[i * g->n + j] += weight * y[i] * y[j];
}

static void
reshape (struct gauss *g, const double *const *steps, bool grows)
{
  double sum = 0, lost = grows ? 0 : g->c_1 * g->c_c * (2 - g->c_c);
  double *white = g->spare + g->n;
  for (size_t i = 0; i < g->lambda; i++)
    sum += g->weights[i];
  double keep = 1 + lost - g->c_1 - g->c_mu * sum;
  for (size_t i = 0; i < g->n * g->n; i++)
    g->covariance[i] *= keep;
  add_outer (g, g->c_1, g->path_c);
  for (size_t i = 0; i < g->lambda; i++) {
    double weight = g->weights[i];
    if (weight < 0) { /* equation 46: long bad steps count no more than short ones */
      whiten (g, steps[i], white);
      weight *= (double)g->n / (norm2 (white, g->n) + 1e-30);
    }
    add_outer (g, g->c_mu * weight, steps[i]);
  }
}

/* `axes` become the square roots of the eigenvalues, which are checked. */
static bool
decompose (struct gauss *g)
{
  size_t n = g->n;
  lapack_int size = (lapack_int)n;
  memcpy (g->basis, g->covariance, n * n * sizeof *g->basis);
  if (LAPACKE_dsyev (LAPACK_COL_MAJOR, 'V', 'U', size, g->basis, size, g->axes) != 0)
    return false;
  if (!(g->axes[0] > 0 && g->axes[n - 1] < 1e14 * g->axes[0]))
    return false;
  for (size_t k = 0; k < n; k++)
    g->axes[k] = sqrt (g->axes[k]);
  g->fresh_at = g->generation;
  return true;
}

bool
gauss_learn (struct gauss *g, const double *const *steps)
{
  double *mean_step = g->spare + 3 * g->n;
  memset (mean_step, 0, g->n * sizeof *mean_step);
  for (size_t r = 0; r < g->mu; r++)
    for (size_t i = 0; i < g->n; i++)
      mean_step[i] += g->weights[r] * steps[r][i];
  for (size_t i = 0; i < g->n; i++)
    g->mean[i] += g->sigma * mean_step[i];
  reshape (g, steps, follow (g, mean_step));
  g->generation++;
  double often = 1 / (10 * (double)g->n * (g->c_1 + g->c_mu));
  if ((double)(g->generation - g->fresh_at) >= often)
    return decompose (g);
  return isfinite (g->sigma);
}

double
gauss_width (const struct gauss *g)
{
  double most = 0;
  for (size_t i = 0; i < g->n; i++)
    most = fmax (most, g->axes[i]);
  return g->sigma * most;
}
