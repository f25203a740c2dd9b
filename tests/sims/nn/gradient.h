/* The pass back of any network against central differences of its pass forward. */
#ifndef TESTS_GRADIENT_H
#define TESTS_GRADIENT_H

#include "tests/tap.h"

#include "sims/nn/nn.h"
#include "sims/nn/random.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct gradient {
  nn_net *net;
  nn_tape *tape;
  uint32_t batch;
  size_t outputs;
  float *params, *slopes, *inputs, *input_slopes, *weights;
  const struct nn_mode *mode;
};

static inline float *
gradient_random (size_t n, uint64_t seed)
{
  float *at = malloc ((n + 1) * sizeof *at);
  struct nn_random random = { .state = seed };
  for (size_t i = 0; i < n; i++)
    at[i] = (float)nn_random_normal (&random);
  return at;
}

/* A loss of the results: their product with fixed weights, in double. */
static inline double
gradient_loss (const struct gradient *g)
{
  const float *y = nn_forward (g->tape, g->params, g->inputs, g->batch);
  double sum = 0;
  for (size_t i = 0; i < g->outputs; i++)
    sum += (double)g->weights[i] * y[i];
  return sum;
}

/* Relative error of n slopes, by moving the numbers at `at`. */
static inline double
gradient_error (const struct gradient *g, float *at, const float *slopes, size_t n)
{
  const float step = 1.0f / 256;
  double wrong = 0, length = 1e-9;
  for (size_t i = 0; i < n; i++) {
    float kept = at[i];
    at[i] = kept + step;
    double up = gradient_loss (g);
    at[i] = kept - step;
    double d = (up - gradient_loss (g)) / (2.0 * step);
    at[i] = kept;
    wrong += (d - slopes[i]) * (d - slopes[i]);
    length += d * d;
  }
  return sqrt (wrong / length);
}

/* Whether slopes by parameters, inputs and coefficients are right to `most`, relative to
 * their length; destroys the network. Gradients must be added to what is there. */
static inline void
gradient_check (nn_net *net, uint32_t batch, struct nn_mode mode, double most)
{
  CU_ASSERT_PTR_NOT_NULL_FATAL (net);
  size_t n = nn_net_params (net), in = nn_net_inputs (net) * batch;
  size_t out = nn_net_outputs (net) * batch, mixed = nn_net_coefficients (net);
  float *coefficients = gradient_random (mixed, 7), *mix_slopes = calloc (mixed + 1, 4);
  struct gradient g = { .net = net,
                        .tape = nn_tape_new (net, batch),
                        .batch = batch,
                        .outputs = out,
                        .params = calloc (n + 1, sizeof (float)),
                        .slopes = calloc (n + 1, sizeof (float)),
                        .inputs = gradient_random (in, 4),
                        .input_slopes = calloc (in, sizeof (float)),
                        .weights = gradient_random (out, 5) };
  float *result_slopes = malloc (out * sizeof *result_slopes);
  memcpy (result_slopes, g.weights, out * sizeof *result_slopes);
  CU_ASSERT_TRUE (nn_net_start (net, g.params, 3));
  for (size_t i = 0; i < n; i++) /* biases and shifts too */
    g.params[i] += 0.05f * sinf ((float)i);
  for (size_t i = 0; i < n; i++)
    g.slopes[i] = 1;
  mode.coefficients = coefficients;
  mode.coefficient_gradient = mix_slopes;
  nn_tape_mode (g.tape, &mode);
  gradient_loss (&g);
  nn_backward (g.tape, g.params, result_slopes, g.slopes, g.input_slopes);
  for (size_t i = 0; i < n; i++)
    g.slopes[i] -= 1;
  double by_params = n ? gradient_error (&g, g.params, g.slopes, n) : 0;
  double by_inputs = gradient_error (&g, g.inputs, g.input_slopes, in);
  double by_mix = mixed ? gradient_error (&g, coefficients, mix_slopes, mixed) : 0;
  tap_note ("relative errors: params %.2g, inputs %.2g, coefficients %.2g", by_params,
            by_inputs, by_mix);
  CU_ASSERT (by_params < most && by_inputs < most && by_mix < most);
  nn_tape_destroy (&g.tape);
  nn_net_destroy (&net);
  free (coefficients);
  free (mix_slopes);
  free (result_slopes);
  free (g.params);
  free (g.slopes);
  free (g.inputs);
  free (g.input_slopes);
  free (g.weights);
}

#endif
