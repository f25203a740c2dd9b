/* Gaussian-process regression: see gp.h. */
#include "plugins/common/gp.h"
#include "plugins/common/lbfgs.h"

#include <cblas.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

int
gp_init (struct gp *gp, const struct gym_host *host, const struct gym_space *space)
{
  *gp = (struct gp){ 0 };
  numeric_one_thread ();
  cholesky_init (&gp->cholesky);
  if (kernel_init (&gp->kernel, host, space) < 0)
    return GYM_ENOMEM;
  gp->place = malloc ((gp->kernel.n_axes + 1u) * sizeof *gp->place);
  return gp->place ? GYM_OK : GYM_ENOMEM;
}

void
gp_free (struct gp *gp)
{
  kernel_free (&gp->kernel);
  kernel_points_free (&gp->points);
  cholesky_free (&gp->cholesky);
  free (gp->targets);
  free (gp->alpha);
  free (gp->row);
  free (gp->inverse);
  free (gp->place);
  *gp = (struct gp){ 0 };
}

/* The hyperparameters stay: the next fit starts where the last one ended. */
void
gp_clear (struct gp *gp)
{
  gp->points.n = 0;
  cholesky_truncate (&gp->cholesky, 0);
}

static int
grow (double **array, size_t n)
{
  double *new = realloc (*array, n * sizeof *new);
  if (!new)
    return GYM_ENOMEM;
  *array = new;
  return GYM_OK;
}

/* Room grows by half, so that adding rows one by one copies each of them a constant
 * number of times. */
static int
reserve (struct gp *gp, size_t n)
{
  if (kernel_points_reserve (&gp->kernel, &gp->points, n) < 0)
    return GYM_ENOMEM;
  if (n <= gp->room)
    return GYM_OK;
  size_t room = n + n / 2 + 64;
  if (grow (&gp->targets, room) < 0 || grow (&gp->alpha, room) < 0
      || grow (&gp->row, room) < 0)
    return GYM_ENOMEM;
  gp->room = room;
  return GYM_OK;
}

int
gp_put (struct gp *gp, const uint16_t *place, double target)
{
  if (reserve (gp, gp->points.n + 1) < 0)
    return GYM_ENOMEM;
  gp->targets[gp->points.n] = target;
  kernel_points_put (&gp->points, gp->points.n++, place);
  return GYM_OK;
}

/* Lower triangle of the covariance matrix into the factor's place. */
static void
fill (struct gp *gp)
{
  uint16_t *place = gp->place;
  for (size_t a = 0; a < gp->points.n; a++) {
    double *row = gp->cholesky.factor + a * gp->cholesky.room;
    kernel_points_get (&gp->points, a, place);
    kernel_row (&gp->kernel, &gp->points, a, place, row);
    row[a] = kernel_self (&gp->kernel, place) + kernel_noise (&gp->kernel);
  }
}

/* O(n^2), whatever changed: one solve after any number of appended rows. */
void
gp_solve (struct gp *gp)
{
  memcpy (gp->alpha, gp->targets, gp->points.n * sizeof *gp->alpha);
  cholesky_solve (&gp->cholesky, gp->alpha);
}

int
gp_factorise (struct gp *gp)
{
  cholesky_truncate (&gp->cholesky, 0);
  if (cholesky_reserve (&gp->cholesky, gp->points.n) < 0)
    return GYM_ENOMEM;
  fill (gp);
  int code = cholesky_factorise (&gp->cholesky, gp->points.n);
  if (code == 0)
    gp_solve (gp);
  return code;
}

/* Equation 5.8 and 5.9 of Rasmussen and Williams: the gradient of minus the log marginal
 * likelihood is 1/2 tr ((K^-1 - alpha alpha') dK). */
double
gp_objective (void *context, const double *theta, double *gradient)
{
  struct gp *gp = context;
  size_t n = gp->points.n;
  kernel_set (&gp->kernel, theta);
  if (gp_factorise (gp) < 0 || cholesky_inverse (&gp->cholesky, gp->inverse, n) < 0)
    return INFINITY;
  for (size_t a = 0; a < n; a++)
    for (size_t b = 0; b <= a; b++)
      gp->inverse[a * n + b] =
          0.5 * (gp->inverse[a * n + b] - gp->alpha[a] * gp->alpha[b]);
  kernel_gradient (&gp->kernel, &gp->points, n, gp->inverse, n, gradient);
  double fit = cblas_ddot ((int)n, gp->targets, 1, gp->alpha, 1);
  return 0.5 * (fit + cholesky_log_determinant (&gp->cholesky))
         + kernel_prior (&gp->kernel, theta, gradient);
}

/* The search works on a copy: the kernel's own numbers change with every evaluation, and
 * the best of them need not be the last. Steps are limited to 2 on the log scale, beyond
 * which a quadratic model of the likelihood means little. */
int
gp_fit (struct gp *gp, uint32_t most, double *objective)
{
  size_t n = gp->points.n;
  uint32_t n_theta = gp->kernel.n_theta;
  if (n > gp->fit_room || !gp->inverse) {
    if (grow (&gp->inverse, (n + 32) * (n + 32)) < 0)
      return GYM_ENOMEM;
    gp->fit_room = n + 32;
  }
  double *theta = malloc (n_theta * sizeof *theta);
  if (!theta)
    return GYM_ENOMEM;
  memcpy (theta, gp->kernel.theta, n_theta * sizeof *theta);
  struct lbfgs search = { .function = gp_objective,
                          .context = gp,
                          .n = n_theta,
                          .most = most,
                          .tolerance = 0.01,
                          .longest = 2 };
  int code = lbfgs_minimise (&search, theta, objective);
  kernel_set (&gp->kernel, theta);
  free (theta);
  return code < 0 ? code : gp_factorise (gp);
}

int
gp_append (struct gp *gp, const uint16_t *place, double target)
{
  if (reserve (gp, gp->points.n + 1) < 0)
    return GYM_ENOMEM;
  kernel_row (&gp->kernel, &gp->points, gp->points.n, place, gp->row);
  double noise = kernel_noise (&gp->kernel);
  int code = cholesky_append (&gp->cholesky, gp->row,
                              kernel_self (&gp->kernel, place) + noise, sqrt (noise));
  return code < 0 ? code : gp_put (gp, place, target);
}

void
gp_truncate (struct gp *gp, size_t n)
{
  cholesky_truncate (&gp->cholesky, n);
  gp->points.n = n < gp->points.n ? n : gp->points.n;
}

/* With v = L^-1 k the variance is k(x, x) - v'v: one triangular solve for the whole batch
 * is most of what an ask costs. Rounding may leave it below 0 at known points. */
void
gp_predict (const struct gp *gp, size_t m, double *rows, size_t stride,
            const double *self, double *mean, double *variance)
{
  int n = (int)gp->points.n;
  for (size_t i = 0; i < m; i++)
    mean[i] = cblas_ddot (n, rows + i * stride, 1, gp->alpha, 1);
  cholesky_half_solve (&gp->cholesky, rows, m, stride);
  for (size_t i = 0; i < m; i++) {
    double *v = rows + i * stride;
    variance[i] = fmax (1e-12, self[i] - cblas_ddot (n, v, 1, v, 1));
  }
}

double
gp_mean (const struct gp *gp, const uint16_t *place)
{
  double mean = 0;
  kernel_row (&gp->kernel, &gp->points, gp->points.n, place, gp->row);
  for (size_t j = 0; j < gp->points.n; j++)
    mean += gp->row[j] * gp->alpha[j];
  return mean;
}
