/* Activations against their definitions, and their slopes against differences. */
#include "sims/nn/layer.h"
#include "tests/tap.h"

#include <math.h>

enum { n = 6 };

static const float inputs[n] = { -3, -0.5f, -0.01f, 0.01f, 0.7f, 4 };

/* Runs one layer on the inputs in both directions; every result's slope is 2. */
static void
run (enum nn_kind kind, float *y, float *dx)
{
  const struct nn_layer layer = { .kind = kind };
  nn_net *net = nn_net_new ((struct nn_shape){ n, 1, 1 }, &layer, 1);
  nn_tape *tape = nn_tape_new (net, 1);
  float slopes[n], none = 0;
  CU_ASSERT_FATAL (net && tape);
  CU_ASSERT_EQUAL (nn_net_params (net), 0);
  const float *out = nn_forward (tape, &none, inputs, 1);
  for (int i = 0; i < n; i++) {
    y[i] = out[i];
    slopes[i] = 2;
  }
  nn_backward (tape, &none, slopes, &none, dx);
  nn_tape_destroy (&tape);
  nn_net_destroy (&net);
}

static void
test_tanh (void)
{
  float y[n], dx[n];
  run (NN_TANH, y, dx);
  for (int i = 0; i < n; i++) {
    double h = 1e-4, x = inputs[i];
    double slope = (tanh (x + h) - tanh (x - h)) / (2 * h);
    CU_ASSERT_DOUBLE_EQUAL (y[i], tanh (x), 1e-6);
    CU_ASSERT_DOUBLE_EQUAL (dx[i], 2 * slope, 1e-5);
  }
}

static void
test_relu (void)
{
  float y[n], dx[n];
  run (NN_RELU, y, dx);
  for (int i = 0; i < n; i++) {
    CU_ASSERT_EQUAL (y[i], inputs[i] > 0 ? inputs[i] : 0);
    CU_ASSERT_EQUAL (dx[i], inputs[i] > 0 ? 2 : 0);
  }
}

int
main (void)
{
  static const struct tap_test tests[] = { { "tanh", test_tanh },
                                           { "relu", test_relu },
                                           { 0 } };
  return tap_run ("activation", tests);
}
