/* A network that is fitted to numbers: see critic.h. */
#include "plugins/common/critic.h"

#include <gym/error.h>
#include <stdlib.h>
#include <string.h>

int
critic_init (struct critic *critic, uint32_t inputs, uint32_t layers, uint32_t width,
             uint32_t batch, uint64_t seed)
{
  *critic = (struct critic){ .inputs = inputs, .batch = batch };
  critic->net = nn_mlp_new (inputs, layers, width, NN_TANH, 1, 1);
  size_t n = critic->net ? nn_net_params (critic->net) : 0;
  critic->tape = critic->net ? nn_tape_new (critic->net, batch) : NULL;
  critic->adam = nn_adam_new (n);
  critic->params = calloc (n + 1, sizeof *critic->params);
  critic->gradient = calloc (n + 1, sizeof *critic->gradient);
  critic->slopes = calloc (batch, sizeof *critic->slopes);
  bool ok = critic->tape && critic->adam && critic->params && critic->gradient
            && critic->slopes && nn_net_start (critic->net, critic->params, seed);
  return ok ? GYM_OK : GYM_ENOMEM;
}

void
critic_free (struct critic *critic)
{
  nn_adam_destroy (&critic->adam);
  nn_tape_destroy (&critic->tape);
  nn_net_destroy (&critic->net);
  free (critic->params);
  free (critic->gradient);
  free (critic->slopes);
  *critic = (struct critic){ 0 };
}

const float *
critic_values (struct critic *critic, const float *rows, uint32_t n)
{
  return nn_forward (critic->tape, critic->params, rows, n);
}

void
critic_fit (struct critic *critic, const struct nn_adam_settings *adam, double clip,
            const float *rows, const float *targets, uint32_t n)
{
  size_t params = nn_net_params (critic->net);
  const float *values = critic_values (critic, rows, n);
  for (uint32_t b = 0; b < n; b++) {
    nn_huber (values[b] - targets[b], 1, critic->slopes + b);
    critic->slopes[b] /= (float)n;
  }
  memset (critic->gradient, 0, params * sizeof (float));
  nn_backward (critic->tape, critic->params, critic->slopes, critic->gradient, NULL);
  nn_clip_norm (critic->gradient, params, clip);
  nn_adam_step (critic->adam, adam, critic->params, critic->gradient);
}
