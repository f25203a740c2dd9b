/* plugins/common/policy.h - stochastic policies over designs: a scorer whose scores are
 * logits.
 *
 * The probability of a level is (1 - floor) softmax + floor / levels: every level stays
 * within reach, whatever was learnt. Parameters that turn out to be inactive are masked:
 * they have no part in the probability of a design. */
#ifndef PLUGINS_COMMON_POLICY_H
#define PLUGINS_COMMON_POLICY_H

#include "plugins/common/scorer.h"

/* One choice of a design: everything that learning from it takes. */
struct choice {
  float *observed; /* n_observed numbers */
  float *code;     /* heads.n_code: what was chosen */
  uint32_t *levels;
  uint8_t *active;
  float *logs; /* of each parameter's level, under the policy at that time */
};

struct policy {
  struct scorer scorer;
  const struct heads *heads;
  double floor;
  float *logs;              /* batch x heads.total: log softmax of the last pass */
  double *spare;            /* a row to work in */
  const float **in, **code; /* a batch's rows */
};

/* GYM_ENOMEM; policy_free is safe after that and on zeroed memory. */
int policy_init (struct policy *policy, const struct scorer_setup *setup, double floor);
void policy_free (struct policy *policy);

/* Chooses after choice->observed, of each parameter a share `extra` more than the floor
 * uniformly, and fills in the rest of `choice` and the canonical design. */
void policy_choose (struct policy *policy, gym_rng *rng, double extra,
                    struct choice *choice, double *row);

/* The forward pass for n choices; clears the slopes. */
void policy_forward (struct policy *policy, const struct choice *choices, uint32_t n);

/* Log probability of a level of parameter i in row b of the last pass. */
float policy_log (const struct policy *policy, uint32_t b, uint32_t i, uint32_t level);

/* Adds to the slopes: weight times the derivative of that, or of the softmax's entropy.
 */
void policy_log_slope (struct policy *policy, uint32_t b, uint32_t i, uint32_t level,
                       float weight);
void policy_entropy_slope (struct policy *policy, uint32_t b, uint32_t i, float weight);

/* Entropy in row b of parameter i, 0 .. log levels. */
float policy_entropy (const struct policy *policy, uint32_t b, uint32_t i);

#endif
