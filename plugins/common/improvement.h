/* plugins/common/improvement.h - what an evaluation promises, as a logarithm.
 *
 * Jones, Schonlau, Welch, "Efficient global optimization of expensive black-box
 * functions" (Journal of Global Optimization 13, 1998). Ament, Daulton, Eriksson,
 * Balandat, Bakshy, "Unexpected improvements to expected improvement for Bayesian
 * optimization" (NeurIPS 2023): the logarithm orders designs where expected improvement
 * itself is 0 in floating point. */
#ifndef PLUGINS_COMMON_IMPROVEMENT_H
#define PLUGINS_COMMON_IMPROVEMENT_H

/* log E max (0, best - y), y normal with this mean and deviation sigma > 0. */
double log_expected_improvement (double best, double mean, double sigma);

#endif
