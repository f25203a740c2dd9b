/* plugins/cmaes/gauss.h - the multivariate normal distribution of CMA-ES.
 *
 * Hansen, "The CMA Evolution Strategy: A Tutorial" (2016): weighted recombination, the
 * step size from the length of a path, the covariance from a path (rank one) and from the
 * steps of a generation (rank mu), bad steps with negative weights. A step is y = (x - m)
 * / sigma. The eigenvectors are renewed only as often as the covariance can have changed
 * noticeably. */
#ifndef PLUGINS_CMAES_GAUSS_H
#define PLUGINS_CMAES_GAUSS_H

#include <gym/rng.h>
#include <stdbool.h>
#include <stddef.h>

struct gauss {
  size_t n;
  double sigma;
  double *mean;            /* n */
  double *covariance;      /* n x n, symmetric */
  double *basis, *axes;    /* eigenvectors in columns (LAPACK), root eigenvalues */
  double *path_s, *path_c; /* n: evolution paths of step size and covariance */
  double *spare;           /* 4 n */
  double *weights;         /* of the ranks of a generation; some negative */
  size_t lambda, mu;       /* designs of a generation, and with positive weight */
  double mu_eff, c_s, d_s, c_c, c_1, c_mu, length;
  size_t generation, fresh_at; /* generations done; when the basis was renewed */
};

/* Room for n > 0 coordinates. GYM_ENOMEM; gauss_free is safe after that and on zeroed
 * memory. */
int gauss_init (struct gauss *g, size_t n);
void gauss_free (struct gauss *g);

/* Weights for generations of lambda >= 2, the sphere of radius sigma around g->mean, and
 * no memory of steps. GYM_ENOMEM. */
int gauss_restart (struct gauss *g, size_t lambda, double sigma);

/* Draws a step. */
void gauss_step (struct gauss *g, gym_rng *rng, double *y);

/* Learns from a generation: steps[i] is the step of the i-th best, each of n numbers.
 * False when the matrix went bad (a condition beyond 1e14, a number that is none): time
 * for a restart. */
bool gauss_learn (struct gauss *g, const double *const *steps);

/* The widest standard deviation in any direction. */
double gauss_width (const struct gauss *g);

#endif
