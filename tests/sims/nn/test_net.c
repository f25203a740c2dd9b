/* Passes through networks: against formulas, and the pass back against differences. */
#include "tests/tap.h"

#include "sims/nn/nn.h"
#include "sims/nn/random.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH = 5, INPUTS = 6, OUTPUTS = 3, MOST = 4096 };

static float params[MOST], gradient[MOST], inputs[BATCH * INPUTS];
static float weights[BATCH * OUTPUTS], input_slopes[BATCH * INPUTS];

static void
fill (float *at, size_t n, uint64_t seed)
{
  struct nn_random random = { .state = seed };
  for (size_t i = 0; i < n; i++)
    at[i] = (float)nn_random_normal (&random);
}

/* One dense layer of two inputs and one output, by hand. */
static void
test_dense (void)
{
  static const struct nn_layer layer = { .kind = NN_DENSE, .units = 1 };
  static const float w[3] = { 2, -3, 0.5f }, x[4] = { 1, 1, 4, 2 };
  float slopes[2] = { 1, 10 }, g[3] = { 0 }, dx[4];
  nn_net *net = nn_net_new ((struct nn_shape){ 2, 1, 1 }, &layer, 1);
  nn_tape *tape = nn_tape_new (net, 2);
  CU_ASSERT_EQUAL (nn_net_params (net), 3);
  const float *y = nn_forward (tape, w, x, 2);
  CU_ASSERT_EQUAL (y[0], -0.5f);
  CU_ASSERT_EQUAL (y[1], 2.5f);
  nn_backward (tape, w, slopes, g, dx);
  CU_ASSERT (g[0] == 41 && g[1] == 21 && g[2] == 11);
  CU_ASSERT (dx[0] == 2 && dx[1] == -3 && dx[2] == 20 && dx[3] == -30);
  nn_tape_destroy (&tape);
  nn_net_destroy (&net);
}

/* A loss of the results: their product with fixed weights, in double. */
static double
loss (nn_tape *tape, const float *at)
{
  const float *y = nn_forward (tape, at, inputs, BATCH);
  double sum = 0;
  for (int i = 0; i < BATCH * OUTPUTS; i++)
    sum += (double)weights[i] * y[i];
  return sum;
}

/* Central difference of the loss when *at moves. Floats leave about 1e-4 of noise. */
static double
difference (nn_tape *tape, float *at)
{
  const float step = 1.0f / 128;
  float kept = *at;
  *at = kept + step;
  double up = loss (tape, params);
  *at = kept - step;
  double down = loss (tape, params);
  *at = kept;
  return (up - down) / (2.0 * step);
}

static void
check_all (nn_tape *tape, float *at, const float *slopes, size_t n)
{
  double wrong = 0, length = 0;
  for (size_t i = 0; i < n; i++) {
    double d = difference (tape, at + i);
    wrong += (d - slopes[i]) * (d - slopes[i]);
    length += d * d;
  }
  tap_note ("%zu slopes, relative error %.2g", n, sqrt (wrong / length));
  CU_ASSERT (length > 0.1);
  CU_ASSERT (sqrt (wrong / length) < 2e-3);
}

static void
check_gradient (nn_net *net)
{
  float slopes[BATCH * OUTPUTS];
  nn_tape *tape = nn_tape_new (net, BATCH);
  size_t n = nn_net_params (net);
  CU_ASSERT_FATAL (n <= MOST && nn_net_outputs (net) == OUTPUTS);
  CU_ASSERT_TRUE (nn_net_start (net, params, 3));
  for (size_t i = 0; i < n; i++) /* biases too */
    params[i] += 0.05f * sinf ((float)i);
  fill (inputs, BATCH * INPUTS, 4);
  fill (weights, BATCH * OUTPUTS, 5);
  memcpy (slopes, weights, sizeof slopes);
  memset (gradient, 0, sizeof gradient);
  loss (tape, params);
  nn_backward (tape, params, slopes, gradient, input_slopes);
  check_all (tape, params, gradient, n);
  check_all (tape, inputs, input_slopes, BATCH * INPUTS);
  nn_tape_destroy (&tape);
  nn_net_destroy (&net);
}

static void
test_gradient (void)
{
  check_gradient (nn_mlp_new (INPUTS, 2, 20, NN_TANH, OUTPUTS, 1));
  check_gradient (nn_mlp_new (INPUTS, 3, 9, NN_TANH, OUTPUTS, 0.5f));
  check_gradient (nn_mlp_new (INPUTS, 0, 0, NN_TANH, OUTPUTS, 1));
}

/* ReLU has a kink, which a difference may step over: here no unit is near it. */
static void
test_gradient_relu (void)
{
  static const struct nn_layer layers[] = { { .kind = NN_DENSE, .units = 7, .gain = 9 },
                                            { .kind = NN_RELU },
                                            { .kind = NN_DENSE, .units = OUTPUTS } };
  check_gradient (nn_net_new ((struct nn_shape){ INPUTS, 1, 1 }, layers, 3));
}

/* Gradients add up, and a batch is the sum of its samples. */
static void
test_batches (void)
{
  static float other[MOST];
  float slopes[BATCH * OUTPUTS];
  nn_net *net = nn_mlp_new (INPUTS, 2, 8, NN_TANH, OUTPUTS, 1);
  nn_tape *tape = nn_tape_new (net, BATCH);
  nn_net_start (net, params, 3);
  fill (inputs, BATCH * INPUTS, 4);
  fill (weights, BATCH * OUTPUTS, 5);
  memset (gradient, 0, sizeof gradient);
  memcpy (slopes, weights, sizeof slopes);
  nn_forward (tape, params, inputs, BATCH);
  nn_backward (tape, params, slopes, gradient, NULL);
  for (int i = 0; i < BATCH; i++) {
    memcpy (slopes, weights + i * OUTPUTS, OUTPUTS * sizeof *slopes);
    nn_forward (tape, params, inputs + i * INPUTS, 1);
    nn_backward (tape, params, slopes, other, NULL);
  }
  for (size_t i = 0; i < nn_net_params (net); i++)
    CU_ASSERT_DOUBLE_EQUAL (gradient[i], other[i], 1e-5);
  nn_tape_destroy (&tape);
  nn_net_destroy (&net);
}

static void
test_nonsense (void)
{
  static const struct nn_layer none = { .kind = NN_DENSE };
  static const struct nn_layer tanh_only = { .kind = NN_TANH };
  struct nn_shape vector = { 4, 1, 1 };
  CU_ASSERT_PTR_NULL (nn_net_new (vector, &none, 1));
  CU_ASSERT_PTR_NULL (nn_net_new (vector, &none, 0));
  CU_ASSERT_PTR_NULL (nn_net_new ((struct nn_shape){ 0, 1, 1 }, &tanh_only, 1));
  nn_net *net = nn_net_new (vector, &tanh_only, 1);
  CU_ASSERT_EQUAL (nn_net_params (net), 0);
  CU_ASSERT_EQUAL (nn_net_outputs (net), 4);
  CU_ASSERT_PTR_NULL (nn_tape_new (net, 0));
  nn_net_destroy (&net);
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { "a dense layer by hand", test_dense },
    { "gradients against differences", test_gradient },
    { "gradients through ReLU", test_gradient_relu },
    { "batches are sums", test_batches },
    { "what makes no sense", test_nonsense },
    { 0 }
  };
  return tap_run ("nn net", tests);
}
