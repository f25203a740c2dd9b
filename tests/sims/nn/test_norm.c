/* Batch normalisation against its formulas in double. */
#include "tests/sims/nn/gradient.h"

/* More pixels than a block of the layer holds. */
enum { BATCH = 19, SIDE = 3 };

/* Mean and variance of channel c over the batch. */
static void
moments (const float *x, uint32_t channels, uint32_t c, double *mean, double *variance)
{
  enum { PIXELS = BATCH * SIDE * SIDE };
  double sum = 0, square = 0;
  for (uint32_t p = 0; p < PIXELS; p++)
    sum += x[p * channels + c];
  *mean = sum / PIXELS;
  for (uint32_t p = 0; p < PIXELS; p++)
    square += pow (x[p * channels + c] - *mean, 2);
  *variance = square / PIXELS;
}

static void
check_channels (uint32_t channels)
{
  struct nn_layer layer = { .kind = NN_NORM };
  nn_net *net = nn_net_new ((struct nn_shape){ channels, SIDE, SIDE }, &layer, 1);
  nn_tape *tape = nn_tape_new (net, BATCH);
  size_t n = BATCH * nn_net_inputs (net);
  float *x = gradient_random (n, 1), *w = gradient_random (nn_net_params (net), 2);
  float *statistics = calloc (nn_net_statistics (net), sizeof *statistics);
  for (size_t i = 0; i < n; i++)
    x[i] = 3 * x[i] + 100; /* far from 0: a difference of squares would show */
  nn_net_clear (net, statistics);
  struct nn_mode mode = { .training = true, .statistics = statistics, .momentum = 0.25f };
  nn_tape_mode (tape, &mode);
  const float *y = nn_forward (tape, w, x, BATCH);
  for (uint32_t c = 0; c < channels; c++) {
    double mean, variance, pixels = BATCH * SIDE * SIDE, worst = 0;
    moments (x, channels, c, &mean, &variance);
    for (size_t i = c; i < n; i += channels)
      worst = fmax (worst, fabs (y[i] - w[channels + c]
                                 - w[c] * (x[i] - mean) / sqrt (variance + 1e-5)));
    CU_ASSERT (worst < 1e-4);
    CU_ASSERT_DOUBLE_EQUAL (statistics[c], 0.25 * mean, 1e-4);
    CU_ASSERT_DOUBLE_EQUAL (statistics[channels + c],
                            0.75 + 0.25 * variance * pixels / (pixels - 1), 1e-4);
  }
  mode.training = false;
  nn_tape_mode (tape, &mode);
  y = nn_forward (tape, w, x, BATCH);
  for (size_t i = 0; i < n; i++) {
    size_t c = i % channels;
    double want = w[c] * (x[i] - statistics[c]) / sqrt (statistics[channels + c] + 1e-5)
                  + w[channels + c];
    CU_ASSERT (fabs (y[i] - want) < 1e-4 * (1 + fabs (want)));
  }
  nn_tape_destroy (&tape);
  nn_net_destroy (&net);
  free (x);
  free (w);
  free (statistics);
}

static void
test_formulas (void)
{
  for (uint32_t channels = 1; channels <= 20; channels++)
    check_channels (channels);
}

/* Followed by an activation: the slopes of a mean and a variance alone are 0. */
static void
check_backward (uint32_t channels, bool training)
{
  static const struct nn_layer layers[] = { { .kind = NN_NORM },
                                            { .kind = NN_TANH },
                                            { .kind = NN_DENSE, .units = 3 } };
  float statistics[64];
  nn_net *net = nn_net_new ((struct nn_shape){ channels, SIDE, SIDE }, layers, 3);
  for (uint32_t c = 0; c < 2 * channels; c++)
    statistics[c] = c < channels ? 0.3f : 1.7f;
  struct nn_mode mode = { .training = training, .statistics = statistics };
  gradient_check (net, 4, mode, 3e-3);
}

static void
test_backward (void)
{
  for (uint32_t channels = 1; channels <= 17; channels += 4) {
    check_backward (channels, true);
    check_backward (channels, false);
  }
}

/* Training without a place for statistics leaves none behind and is no crash. */
static void
test_no_statistics (void)
{
  struct nn_layer layer = { .kind = NN_NORM };
  nn_net *net = nn_net_new ((struct nn_shape){ 2, 1, 1 }, &layer, 1);
  nn_tape *tape = nn_tape_new (net, 2);
  const float x[4] = { 1, 5, 3, 5 }, w[4] = { 1, 1, 0, 2 };
  nn_tape_mode (tape, &(struct nn_mode){ .training = true, .momentum = 1 });
  const float *y = nn_forward (tape, w, x, 2);
  CU_ASSERT_DOUBLE_EQUAL (y[0], -1, 1e-5);
  CU_ASSERT_DOUBLE_EQUAL (y[2], 1, 1e-5);
  CU_ASSERT_EQUAL (y[1], 2);
  CU_ASSERT_EQUAL (y[3], 2);
  nn_tape_destroy (&tape);
  nn_net_destroy (&net);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "formulas", test_formulas },
                                           { "slopes", test_backward },
                                           { "no statistics", test_no_statistics },
                                           { 0 } };
  return tap_run ("norm", tests);
}
