/* plugins/common/kernel.h - a covariance function for designs of mixed kinds.
 *
 *   k(x, x') = 1 + sum_t z_t + v sum_{s<t} z_s z_t + s prod_i p_i
 *
 * z_t = w_t a_t(x, x') are one-parameter kernels, so the first sums are effects of single
 * parameters and of pairs (additive Gaussian processes: Duvenaud, Nickisch, Rasmussen,
 * NIPS 2011); the product over all parameters is the rest. Mixing a sum with a product
 * is how CoCaBO joins categorical and numeric parameters (Ru et al., ICML 2020).
 *
 * Numeric parameters (ordinal, integer, real; on their log scale where they have one)
 * use Matern 5/2, every one with its own length (ARD). Those with many values have two
 * terms in the sum, a long and a short one. Categorical parameters use the Hamming
 * kernel: 1 for equal levels, else 0 in the sum and exp (-1 / length) in the product.
 *
 * Conditional parameters: a term counts only where both designs have the parameter, and
 * the factor of the product is 1/2 where one has it, 1 where none has, else (1 + p) / 2:
 * block by block positive definite, like the parent's kernel, which sees the difference.
 *
 * A numeric parameter is placed on at most 4,096 cells. All kernels then are tables over
 * differences of cells: no exponential is taken for a pair of designs, and gradients are
 * sums of histograms over these differences.
 *
 * Hyperparameters are logarithms with normal priors. One owner, no globals. */
#ifndef PLUGINS_COMMON_KERNEL_H
#define PLUGINS_COMMON_KERNEL_H

#include <gym/plugin.h>

/* The place of an inactive parameter. */
#define KERNEL_OFF UINT16_MAX

struct kernel_cell {
  double sum, squares, product; /* of z_t, z_t^2 over the axis's terms; p */
};

struct kernel_axis {
  uint32_t parameter;
  bool categorical, conditional;
  uint32_t cells;
  uint32_t first, terms;    /* of the sum */
  uint32_t tables;          /* cells + 2; the last two: both off, one off */
  struct kernel_cell *cell; /* by difference */
  double *value[2];         /* z of each term */
  double *slope[2];         /* d z / d log length */
  double *log_slope;        /* d log p / d log length */
  double *histogram[3];     /* room for gradients */
};

struct kernel {
  const struct gym_host *host;
  const struct gym_space *space;
  uint32_t n_params, n_axes, n_terms, n_theta;
  struct kernel_axis *axes; /* of parameters that have more than one value */
  double *theta;            /* noise, product, pairs; weights, lengths; product lengths */
  double *centre, *width;   /* the priors: mean and standard deviation */
  double product, pairs;    /* s and v */
  double *memory, *unit;
};

enum { KERNEL_NOISE, KERNEL_PRODUCT, KERNEL_PAIRS, KERNEL_WEIGHTS };

/* Designs as the kernel sees them: place[axis * room + j]. */
struct kernel_points {
  uint32_t n_axes;
  size_t n, room;
  uint16_t *place;
};

int kernel_init (struct kernel *k, const struct gym_host *host,
                 const struct gym_space *space);
void kernel_free (struct kernel *k);

/* Takes over theta[n_theta] and makes the tables. */
void kernel_set (struct kernel *k, const double *theta);

/* Variance of the noise. */
double kernel_noise (const struct kernel *k);

/* The places of a canonical design, n_axes numbers. */
void kernel_place (const struct kernel *k, const double *row, uint16_t *place);

/* Covariances of one design with the first n points; with itself (without noise). */
void kernel_row (const struct kernel *k, const struct kernel_points *points, size_t n,
                 const uint16_t *place, double *out);
double kernel_self (const struct kernel *k, const uint16_t *place);

/* gradient[t] = sum over pairs i, j < n of weight[i][j] dk(i, j) / dtheta[t], weights
 * symmetric, rows of `stride`, of which the lower triangle is read. The noise is on the
 * diagonal. */
void kernel_gradient (struct kernel *k, const struct kernel_points *points, size_t n,
                      const double *weight, size_t stride, double *gradient);

/* Minus the logarithm of the prior density at theta, up to a constant; adds its gradient.
 */
double kernel_prior (const struct kernel *k, const double *theta, double *gradient);

/* A design and what it takes to know the covariances of designs that differ from it in
 * one parameter in O(n): for each axis what the others contribute. */
struct kernel_base {
  size_t room;
  uint16_t *place;
  double *sum, *squares; /* room numbers each */
  double *others;        /* n_axes rows of room: product of the other factors */
};

int kernel_base_reserve (const struct kernel *k, struct kernel_base *base, size_t n);
void kernel_base_free (struct kernel_base *base);
void kernel_base_at (const struct kernel *k, const struct kernel_points *points,
                     const uint16_t *place, struct kernel_base *base);
void kernel_moved (const struct kernel *k, const struct kernel_points *points,
                   const struct kernel_base *base, uint32_t axis, uint16_t to,
                   double *out);

int kernel_points_reserve (const struct kernel *k, struct kernel_points *points,
                           size_t n);
void kernel_points_free (struct kernel_points *points);
void kernel_points_put (struct kernel_points *points, size_t j, const uint16_t *place);
void kernel_points_get (const struct kernel_points *points, size_t j, uint16_t *place);

#endif
