/* plugins/common/critic.h - a network that is fitted to numbers: values of observations,
 * of joint choices. */
#ifndef PLUGINS_COMMON_CRITIC_H
#define PLUGINS_COMMON_CRITIC_H

#include "sims/nn/nn.h"

struct critic {
  nn_net *net;
  nn_tape *tape;
  nn_adam *adam;
  uint32_t inputs, batch;
  float *params, *gradient, *slopes;
};

/* A multilayer perceptron with one output, for up to `batch` rows at a time. GYM_ENOMEM;
 * critic_free is safe after that and on zeroed memory. */
int critic_init (struct critic *critic, uint32_t inputs, uint32_t layers, uint32_t width,
                 uint32_t batch, uint64_t seed);
void critic_free (struct critic *critic);

/* Values of n rows, until the next call. */
const float *critic_values (struct critic *critic, const float *rows, uint32_t n);

/* One step towards targets: Huber's loss with a knee at 1. Gradients beyond `clip` are
 * cut.
 */
void critic_fit (struct critic *critic, const struct nn_adam_settings *adam, double clip,
                 const float *rows, const float *targets, uint32_t n);

#endif
