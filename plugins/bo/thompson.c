/* A sample of the posterior: see thompson.h. */
#include "plugins/bo/thompson.h"

#include <cblas.h>
#include <math.h>
#include <stdlib.h>

/* Added to variances so that designs close to each other can be factorised. */
static const double jitter = 1e-6;

/* Rows L^-1 k (X, design) and the means. */
static void
project (const struct gp *gp, const struct batch *b, double *rows, double *mean)
{
  size_t n = gp->points.n;
  for (size_t i = 0; i < b->n; i++) {
    double *row = rows + i * n;
    kernel_row (&gp->kernel, &gp->points, n, b->places + i * b->n_axes, row);
    mean[i] = cblas_ddot ((int)n, row, 1, gp->alpha, 1);
  }
  cholesky_half_solve (&gp->cholesky, rows, b->n, n);
}

/* Posterior covariances into the factor's place: k (x, x') - v . v' */
static void
covariances (const struct gp *gp, const struct batch *b,
             const struct kernel_points *points, const double *rows,
             struct cholesky *factor)
{
  size_t n = gp->points.n;
  for (size_t i = 0; i < b->n; i++) {
    const uint16_t *place = b->places + i * b->n_axes;
    double *row = factor->factor + i * factor->room;
    kernel_row (&gp->kernel, points, i, place, row);
    row[i] = kernel_self (&gp->kernel, place) + jitter;
    for (size_t j = 0; j <= i; j++)
      row[j] -= cblas_ddot ((int)n, rows + i * n, 1, rows + j * n, 1);
  }
}

static int
draw (const struct gp *gp, const struct batch *b, struct kernel_points *points,
      double *rows, struct cholesky *factor, gym_rng *rng, double *sample)
{
  project (gp, b, rows, sample);
  for (size_t i = 0; i < b->n; i++)
    kernel_points_put (points, i, b->places + i * b->n_axes);
  covariances (gp, b, points, rows, factor);
  if (cholesky_factorise (factor, b->n) < 0)
    return GYM_EINVAL;
  for (size_t j = 0; j < b->n; j++) {
    double normal = gym_rng_normal (rng);
    for (size_t i = j; i < b->n; i++)
      sample[i] += normal * factor->factor[i * factor->room + j];
  }
  return GYM_OK;
}

int
thompson_draw (const struct gp *gp, const struct batch *b, gym_rng *rng, double *sample)
{
  struct kernel_points points = { 0 };
  struct cholesky factor = { 0 };
  double *rows = malloc ((b->n * gp->points.n + 1) * sizeof *rows);
  int code = GYM_ENOMEM;
  if (rows && kernel_points_reserve (&gp->kernel, &points, b->n + 1) == 0
      && cholesky_reserve (&factor, b->n + 1) == 0)
    code = draw (gp, b, &points, rows, &factor, rng, sample);
  free (rows);
  kernel_points_free (&points);
  cholesky_free (&factor);
  return code;
}
