/* plugins/common/parzen.h - the density of a set of designs, one kernel a design.
 *
 *   p (x) = w_0 + sum_k w_k prod_i ((1 - m) n_i (x_i, x_ki) + m f_i (x_i))
 *
 * relative to the uniform density, so that the prior is the constant w_0. A kernel holds
 * all parameters of its design together (multivariate Parzen estimators: Falkner, Klein,
 * Hutter, BOHB, ICML 2018). Each parameter stays near the design's value, n_i, or with
 * probability m comes from anywhere in the set, f_i, the parameter's own Parzen estimator
 * with the usual bandwidth (as in the TPE of Bergstra, Bardenet, Bengio, Kegl, NIPS
 * 2011). For categorical parameters n_i is 1 at the level and 0 elsewhere, so that m is
 * the weight that Aitchison and Aitken (Biometrika 1976) give to other levels; for
 * ordered ones it is a Gaussian cut off at the bounds, on the cells of a grid.
 *
 * Conditional parameters: a factor counts where the design has the parameter; a kernel
 * that lacks it knows only f_i. Parents are factors too, so that a design is weighed
 * mostly by designs in which the same parameters are active. */
#ifndef PLUGINS_COMMON_PARZEN_H
#define PLUGINS_COMMON_PARZEN_H

#include <gym/plugin.h>

/* The place of an inactive parameter. */
#define PARZEN_OFF UINT16_MAX

struct parzen_axis {
  uint32_t parameter, cells;
  bool categorical, conditional;
  bool real; /* not every value has a cell of its own */
};

struct parzen_axes {
  const struct gym_host *host;
  const struct gym_space *space;
  uint32_t n_params, n; /* axes are the parameters with more than one value */
  uint32_t most_cells;
  struct parzen_axis *axes;
  double *unit; /* the row encoded last by parzen_place */
};

int parzen_axes_init (struct parzen_axes *axes, const struct gym_host *host,
                      const struct gym_space *space);
void parzen_axes_free (struct parzen_axes *axes);

/* The cells of a canonical design. */
void parzen_place (const struct parzen_axes *axes, const double *row, uint16_t *place);

struct parzen {
  const struct parzen_axes *axes;
  double mutation; /* m */
  double width;    /* of f_i, a multiple of the normal reference rule */
  double step;     /* width of n_i as a share of that of f_i */
  double clip;     /* no width of f_i is below the range / (clip (n + 1)) */
  size_t n, room;
  double prior;    /* w_0 */
  double *weight;  /* w_k */
  uint16_t *place; /* by axis and kernel */
  double *scale;   /* by axis and kernel: normalises n_i within the bounds */
  double *near;    /* by axis and difference of cells */
  double *far;     /* by axis and cell: f_i */
  double *sigma;   /* by axis: of n_i, in cells */
  double *unit;    /* by axis: 1 / sqrt (cells), see parzen_log */
  double *product, *bell, *sums, *mass; /* room to work in */
};

int parzen_init (struct parzen *p, const struct parzen_axes *axes);
void parzen_free (struct parzen *p);

/* Kernels at n designs (places: one number an axis each) with weights that need no scale,
 * beside that of the prior. GYM_ENOMEM */
int parzen_fit (struct parzen *p, size_t n, const uint16_t *const *places,
                const double *weights, double prior);

/* Logarithm of p at the cells of a design, up to a constant that depends only on which
 * parameters are active. */
double parzen_log (const struct parzen *p, const uint16_t *place);

/* Draws a kernel by its weight; n: the prior. */
size_t parzen_choose (const struct parzen *p, gym_rng *rng);

/* Draws the cell of an axis from kernel k, or from the prior (k = n). */
uint16_t parzen_draw (const struct parzen *p, gym_rng *rng, size_t k, uint32_t axis);

#endif
