/* plugins/common/gp.h - Gaussian-process regression on designs (Rasmussen and Williams,
 * "Gaussian Processes for Machine Learning", 2006, chapters 2 and 5).
 *
 * Targets are expected at about zero mean and unit variance; the kernel has a constant
 * part, so an offset does no harm. Rows can be added one by one and dropped from the end
 * (see cholesky.h). */
#ifndef PLUGINS_COMMON_GP_H
#define PLUGINS_COMMON_GP_H

#include "plugins/common/cholesky.h"
#include "plugins/common/kernel.h"

struct gp {
  struct kernel kernel;
  struct kernel_points points;
  struct cholesky cholesky;
  size_t room;
  double *targets, *alpha; /* K^-1 targets */
  double *row;             /* room to work in, as `place` */
  uint16_t *place;
  double *inverse; /* for fits: fit_room^2 */
  size_t fit_room;
};

int gp_init (struct gp *gp, const struct gym_host *host, const struct gym_space *space);
void gp_free (struct gp *gp);

/* Forgets the points (not the hyperparameters). */
void gp_clear (struct gp *gp);

/* Puts a point behind the others without looking at the matrix: call gp_factorise or
 * gp_fit when all are there. */
int gp_put (struct gp *gp, const uint16_t *place, double target);

/* Maximum a posteriori hyperparameters for the points put, by at most `most` evaluations
 * of the marginal likelihood from where they are now, then gp_factorise. Returns through
 * *objective (may be NULL) minus the log posterior. */
int gp_fit (struct gp *gp, uint32_t most, double *objective);

/* Minus the log marginal likelihood with the log prior at theta, and its gradient. */
double gp_objective (void *gp, const double *theta, double *gradient);

/* Factorises the matrix of the points put. GYM_ENOMEM; GYM_EINVAL. */
int gp_factorise (struct gp *gp);

/* Adds a point to a factorised process, or drops all but the first n; gp_solve must
 * follow before predictions. */
int gp_append (struct gp *gp, const uint16_t *place, double target);
void gp_truncate (struct gp *gp, size_t n);
void gp_solve (struct gp *gp);

/* Mean and variance (without noise) of m designs, given their covariances with the
 * points (m rows of `stride` >= n; destroyed) and with themselves. */
void gp_predict (const struct gp *gp, size_t m, double *rows, size_t stride,
                 const double *self, double *mean, double *variance);

/* Mean at one design. */
double gp_mean (const struct gp *gp, const uint16_t *place);

#endif
