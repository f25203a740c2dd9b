/* plugins/common/lbfgs.h - minimises a smooth function of some dozens of numbers.
 *
 * Limited-memory BFGS (Nocedal, "Updating quasi-Newton matrices with limited storage",
 * Mathematics of Computation 35, 1980) with a backtracking line search (Armijo): the
 * functions here cost a matrix factorisation each, so a step that is good enough is
 * taken. Updates without positive curvature are left out. No randomness. */
#ifndef PLUGINS_COMMON_LBFGS_H
#define PLUGINS_COMMON_LBFGS_H

#include <stdint.h>

/* Value at x[n] and its gradient; NaN or infinity where the function is not defined. */
typedef double (*lbfgs_function) (void *context, const double *x, double *gradient);

struct lbfgs {
  lbfgs_function function;
  void *context;
  uint32_t n;
  uint32_t most;    /* calls of the function */
  double tolerance; /* stop when a step gains less than this */
  double longest;   /* no component moves further in one step; 0: any length */
};

/* Minimises from x[n] and leaves there the best point met; its value goes to *value (may
 * be NULL). Returns how often the function was called, or negative GYM_ENOMEM. When the
 * start itself is not finite, x is left alone and the value is that of the start. */
int lbfgs_minimise (const struct lbfgs *search, double *x, double *value);

#endif
