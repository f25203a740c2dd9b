/* A dense layer worked out by hand, in both directions. */
#include "sims/nn/layer.h"
#include "tests/tap.h"

static void
test_by_hand (void)
{
  /* y = x W + b with W a row per input: two inputs, three outputs, two samples. */
  static const float params[] = { 1, 2, 3, 4, 5, 6, 10, 20, 30 };
  static const float x[] = { 1, 2, -1, 0.5f };
  static const float y[] = { 19, 32, 45, 11, 20.5f, 30 };
  static const float dx[] = { 4, 10, 2, 5 };
  float slopes[] = { 1, 0, 1, 0, 1, 0 }, got[9] = { 0 }, got_dx[4];
  const struct nn_layer layer = { .kind = NN_DENSE, .units = 3 };
  nn_net *net = nn_net_new ((struct nn_shape){ 2, 1, 1 }, &layer, 1);
  nn_tape *tape = nn_tape_new (net, 2);
  CU_ASSERT_FATAL (net && tape);
  CU_ASSERT_EQUAL_FATAL (nn_net_params (net), 9);
  CU_ASSERT_EQUAL (nn_net_outputs (net), 3);
  const float *out = nn_forward (tape, params, x, 2);
  for (int i = 0; i < 6; i++)
    CU_ASSERT_DOUBLE_EQUAL (out[i], y[i], 1e-6);
  nn_backward (tape, params, slopes, got, got_dx);
  for (int i = 0; i < 4; i++)
    CU_ASSERT_DOUBLE_EQUAL (got_dx[i], dx[i], 1e-6);
  /* Sum over samples of x_i dy_j, then of dy_j. */
  for (int i = 0; i < 2; i++)
    for (int j = 0; j < 3; j++) {
      static const float dy[2][3] = { { 1, 0, 1 }, { 0, 1, 0 } };
      CU_ASSERT_DOUBLE_EQUAL (got[i * 3 + j], x[i] * dy[0][j] + x[2 + i] * dy[1][j],
                              1e-6);
    }
  for (int j = 0; j < 3; j++)
    CU_ASSERT_DOUBLE_EQUAL (got[6 + j], 1, 1e-6);
  nn_tape_destroy (&tape);
  nn_net_destroy (&net);
}

static void
test_no_outputs (void)
{
  const struct nn_layer layer = { .kind = NN_DENSE };
  CU_ASSERT_PTR_NULL (nn_net_new ((struct nn_shape){ 2, 1, 1 }, &layer, 1));
}

int
main (void)
{
  static const struct tap_test tests[] = { { "by hand", test_by_hand },
                                           { "no outputs", test_no_outputs },
                                           { 0 } };
  return tap_run ("dense", tests);
}
