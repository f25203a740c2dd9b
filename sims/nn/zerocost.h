/* sims/nn/zerocost.h - scores of untrained networks from one batch, the cheapest guess at
 * how well they will do (survey and formulas: Abdelfattah et al., "Zero-cost proxies for
 * lightweight NAS", 2021). Never believe one without the parameter count beside it: it is
 * the baseline that many of them do not beat.
 *
 * A "weight" is one of a dense layer's or convolution's matrix, not a bias, a scale or a
 * shift, as in that paper's code. Higher should be better in all of them. */
#ifndef SIMS_NN_ZEROCOST_H
#define SIMS_NN_ZEROCOST_H

#include "sims/nn/train.h"

struct nn_scores {
  double parameters; /* all of them */
  double macs;       /* multiplications of a sample */
  /* Of the batch's mean cross-entropy, normalising with the batch's own statistics: sum
   * over layers of the Euclidean norm of the weights' gradient; sum over weights of
   * |w dL/dw| (SNIP: Lee et al. 2019). */
  double grad_norm, snip;
  /* log (1 + sum over weights of |w| dR/d|w|), where R is the sum of results for an input
   * of ones, of the network with the absolute values of its parameters and without its
   * normalisations (Tanaka et al. 2020). The sum itself grows by a factor a layer; its
   * order is the same. Right beyond the range of float, up to about 1e74, where the
   * network is positively homogeneous (no tanh); INFINITY after that. 0 where no input
   * reaches a result. */
  double synflow;
  /* nn_correlation_score of the derivatives of the sum of results by a sample's input,
   * normalising with the batch's own statistics (Mellor et al. 2021, first version). */
  double jacob_cov;
  /* Sum over weights of |sum over samples of sign (dl_i/dw)|, with l_i the loss of one
   * sample (Zhang and Jia 2022). Normalisations are frozen at the batch's statistics, so
   * that one sample's gradient is its own. */
  double grad_sign;
};

/* All scores of a network with starting parameters. `coefficients` are its mixes', NULL
 * where there are none. The batch should hold what will be trained on, 2 samples or more;
 * the network has batch->classes results. Time: that of about 3 + n passes both ways of
 * n samples, one by one. False: out of memory, or stopped. */
bool nn_zero_cost (const nn_net *net, const float *params, const float *coefficients,
                   const struct nn_batch *batch, const struct nn_stop *stop,
                   struct nn_scores *scores);

/* Minus the sum over eigenvalues v of log (v + k) + 1 / (v + k), k = 1e-5, of the matrix
 * of correlations between n rows of d numbers. The most there is, about -n, is for rows
 * without any correlation. Rows without variance correlate fully with one another and not
 * with the others, so that a dead network gets the least there is (NumPy would say NAN).
 * NAN: out of memory, or a number is not finite. */
double nn_correlation_score (const float *rows, uint32_t n, size_t d);

#endif
