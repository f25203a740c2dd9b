/* plugins/common/scorer.h - networks that score every level of every parameter: logits of
 * a policy, or values of choices.
 *
 * Parameters are dealt to learners; each learner is a multilayer perceptron from the
 * observation to the heads of its parameters. One learner with all parameters is the
 * factored network of single-agent methods; one a parameter are the agents of multi-agent
 * ones. Where it is autoregressive a learner also sees the code (heads.h) of what the
 * learners before it chose.
 *
 * Outputs become scores by the order of the levels. Free: each level has its own output.
 * Ordinal: a score sums up steps between neighbours, so that what is learnt of one level
 * is mostly believed of the next (Tang and Agrawal, "Discretizing continuous action space
 * for on-policy optimization", AAAI 2020, sum log sigmoids of the steps; here the steps
 * themselves). Normal: a parabola, whose softmax is a discretised Gaussian with a mean
 * and a deviation of its own. Categorical heads are always free. */
#ifndef PLUGINS_COMMON_SCORER_H
#define PLUGINS_COMMON_SCORER_H

#include "plugins/common/heads.h"
#include "sims/nn/nn.h"

enum scorer_shape { SCORER_FREE, SCORER_ORDINAL, SCORER_NORMAL };

struct scorer_setup {
  const struct heads *heads;
  uint32_t n_observed;     /* numbers in an observation */
  uint32_t learners;       /* >= 1 */
  const uint32_t *learner; /* of each parameter; NULL: one has them all; copied */
  bool autoregressive;     /* learner g sees the choices of learners before g */
  uint32_t layers, width;  /* hidden ones of each learner */
  uint32_t activation;     /* enum nn_kind */
  uint32_t shape;          /* enum scorer_shape, of ordered heads */
  bool valued;             /* each learner has one more output, a value */
  float gain;              /* of the last layers' starting weights */
  uint32_t batch;          /* samples at a time, at most */
  uint64_t seed;
};

struct scorer_learner;

struct scorer {
  struct scorer_setup setup;
  struct scorer_learner *of;
  uint32_t *learner;
  size_t n_params;
  float *params, *gradient;
  /* Of the last pass: a row a sample, heads.total scores and `learners` values; and the
   * slopes of a loss by them. */
  float *scores, *score_slopes;
  float *values, *value_slopes;
  nn_adam *adam;
};

/* GYM_ENOMEM; scorer_free is safe after that and on zeroed memory. */
int scorer_init (struct scorer *scorer, const struct scorer_setup *setup);
void scorer_free (struct scorer *scorer);

/* Whether learner g has parameter i. */
bool scorer_has (const struct scorer *scorer, uint32_t g, uint32_t i);

/* One learner's pass over n samples given by their observations and codes (may be NULL
 * unless autoregressive), with `params` in the place of the scorer's own; the rows of its
 * parameters in scores and values. */
void scorer_forward_one (struct scorer *scorer, const float *params, uint32_t g,
                         const float *const *observed, const float *const *codes,
                         uint32_t n);

/* All learners'; clears the slopes. */
void scorer_forward (struct scorer *scorer, const float *params,
                     const float *const *observed, const float *const *codes, uint32_t n);

/* The pass back of the slopes after scorer_forward with the scorer's own parameters, into
 * the gradient, which is cleared before. */
void scorer_backward (struct scorer *scorer, uint32_t n);

/* That, then a step of Adam down the gradient, which is cut to the norm `most`. */
void scorer_step (struct scorer *scorer, const struct nn_adam_settings *adam, double most,
                  uint32_t n);

/* Scores of a head from its outputs, and slopes of the outputs from those of the scores.
 */
uint32_t scorer_outputs (const struct head *head, uint32_t shape);
void scorer_expand (const struct head *head, uint32_t shape, const float *outputs,
                    float *scores);
void scorer_contract (const struct head *head, uint32_t shape, const float *outputs,
                      const float *score_slopes, float *slopes);

#endif
