/* Convolutions against the sum that defines them, and their pass back against
 * differences, over every shape of window. */
#include "tests/sims/nn/gradient.h"

enum { BATCH = 3 };

/* One number of the result by the definition: zeros outside. */
static double
by_definition (const struct nn_part *part, const float *w, const float *x, size_t at)
{
  uint32_t units = part->out.channels, groups = part->layer.groups;
  uint32_t kernel = part->layer.kernel, stride = part->layer.stride;
  uint32_t inner = part->in.channels / groups, outer = units / groups;
  uint32_t o = (uint32_t)(at % units), g = o / outer;
  int row = (int)(at / units / part->out.width),
      column = (int)(at / units % part->out.width);
  double sum = part->layer.bias ? w[part->params - units + o] : 0;
  for (uint32_t t = 0; t < kernel * kernel; t++) {
    int y = row * (int)stride + (int)(t / kernel) - (int)(kernel - 1) / 2;
    int z = column * (int)stride + (int)(t % kernel) - (int)(kernel - 1) / 2;
    if (y < 0 || z < 0 || y >= (int)part->in.height || z >= (int)part->in.width)
      continue;
    for (uint32_t i = 0; i < inner; i++) {
      float value = x[((uint32_t)y * part->in.width + (uint32_t)z) * part->in.channels
                      + g * inner + i];
      if (part->layer.relu && value < 0)
        value = 0;
      sum +=
          (double)value * w[((g * kernel * kernel + t) * inner + i) * outer + o % outer];
    }
  }
  return sum;
}

static void
check_forward (struct nn_shape in, struct nn_layer layer)
{
  nn_net *net = nn_net_new (in, &layer, 1);
  CU_ASSERT_PTR_NOT_NULL_FATAL (net);
  struct nn_part part = nn_net_part (net, 0);
  size_t n_in = nn_net_inputs (net), n_out = nn_net_outputs (net);
  float *w = gradient_random (part.params, 1), *x = gradient_random (n_in * BATCH, 2);
  nn_tape *tape = nn_tape_new (net, BATCH);
  const float *y = nn_forward (tape, w, x, BATCH);
  double most = 0;
  for (size_t i = 0; i < n_out * BATCH; i++) {
    double want = by_definition (&part, w, x + i / n_out * n_in, i % n_out);
    most = fmax (most, fabs (y[i] - want) / (1 + fabs (want)));
  }
  CU_ASSERT (most < 2e-5);
  CU_ASSERT_EQUAL (part.macs, (double)layer.kernel * layer.kernel * in.channels
                                  / layer.groups * n_out);
  nn_tape_destroy (&tape);
  nn_net_destroy (&net);
  free (w);
  free (x);
}

static struct nn_layer
conv (uint32_t units, uint32_t kernel, uint32_t stride, uint32_t groups, bool relu,
      bool bias)
{
  return (struct nn_layer){ .kind = NN_CONV,
                            .units = units,
                            .start = NN_HE,
                            .kernel = kernel,
                            .stride = stride,
                            .groups = groups,
                            .relu = relu,
                            .bias = bias };
}

/* Every kernel, stride and side up to beyond what is used, odd numbers of channels. */
static void
test_forward (void)
{
  for (uint32_t kernel = 1; kernel <= 5; kernel++)
    for (uint32_t stride = 1; stride <= 3; stride++)
      for (uint32_t side = 1; side <= 9; side += 2) {
        check_forward ((struct nn_shape){ 3, side, side + 1 },
                       conv (10, kernel, stride, 1, side % 2, kernel % 2));
        check_forward ((struct nn_shape){ 6, side + 1, side },
                       conv (12, kernel, stride, 3, false, true));
        check_forward ((struct nn_shape){ 11, side, side },
                       conv (11, kernel, stride, 11, true, false));
      }
  check_forward ((struct nn_shape){ 16, 28, 28 }, conv (32, 3, 2, 1, true, false));
  check_forward ((struct nn_shape){ 17, 13, 13 }, conv (41, 3, 1, 1, false, false));
}

static void
check_backward (struct nn_shape in, struct nn_layer layer)
{
  struct nn_mode mode = { 0 };
  gradient_check (nn_net_new (in, &layer, 1), 2, mode, layer.relu ? 2e-2 : 2e-3);
}

static void
test_backward (void)
{
  for (uint32_t kernel = 1; kernel <= 5; kernel++)
    for (uint32_t stride = 1; stride <= 3; stride++) {
      check_backward ((struct nn_shape){ 3, 5, 6 },
                      conv (9, kernel, stride, 1, false, true));
      check_backward ((struct nn_shape){ 4, 6, 5 },
                      conv (6, kernel, stride, 2, false, false));
      check_backward ((struct nn_shape){ 9, 4, 5 },
                      conv (9, kernel, stride, 9, false, true));
    }
  check_backward ((struct nn_shape){ 8, 5, 5 }, conv (16, 3, 1, 1, true, false));
  check_backward ((struct nn_shape){ 8, 5, 5 }, conv (8, 3, 2, 8, true, false));
}

/* The slopes of a batch are the sums of those of its samples: the same bits, since sums
 * run over samples in order. */
static void
test_samples (void)
{
  struct nn_layer layer = conv (8, 3, 1, 1, true, true);
  nn_net *net = nn_net_new ((struct nn_shape){ 8, 4, 4 }, &layer, 1);
  size_t n = nn_net_params (net), in = nn_net_inputs (net);
  float *w = gradient_random (n, 1), *x = gradient_random (BATCH * in, 2);
  float *dy = gradient_random (BATCH * in, 3), *one = calloc (n, sizeof *one);
  float *all = calloc (n, sizeof *all), *copy = malloc (BATCH * in * sizeof *copy);
  nn_tape *tape = nn_tape_new (net, BATCH);
  memcpy (copy, dy, BATCH * in * sizeof *copy);
  nn_forward (tape, w, x, BATCH);
  nn_backward (tape, w, copy, all, NULL);
  for (uint32_t b = 0; b < BATCH; b++) {
    nn_forward (tape, w, x + b * in, 1);
    nn_backward (tape, w, dy + b * in, one, NULL);
  }
  CU_ASSERT_EQUAL (memcmp (one, all, n * sizeof *all), 0);
  nn_tape_destroy (&tape);
  nn_net_destroy (&net);
  free (w);
  free (x);
  free (dy);
  free (one);
  free (all);
  free (copy);
}

static void
test_start (void)
{
  struct nn_layer layer = conv (64, 3, 1, 1, false, true);
  nn_net *net = nn_net_new ((struct nn_shape){ 16, 4, 4 }, &layer, 1);
  size_t n = nn_net_params (net);
  float *w = malloc (n * sizeof *w);
  double square = 0;
  nn_net_start (net, w, 1);
  for (size_t i = 0; i < n - 64; i++)
    square += (double)w[i] * w[i];
  CU_ASSERT_DOUBLE_EQUAL (square / (double)(n - 64), 2 / (9 * 16.0), 4e-4);
  for (size_t i = n - 64; i < n; i++)
    CU_ASSERT_EQUAL (w[i], 0);
  nn_net_destroy (&net);
  free (w);
}

static void
test_refused (void)
{
  struct nn_layer wrong[] = { conv (0, 3, 1, 1, false, false),
                              conv (8, 12, 1, 1, false, false),
                              conv (8, 3, 12, 1, false, false),
                              conv (8, 3, 1, 3, false, false),
                              conv (9, 3, 1, 2, false, false) };
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
    CU_ASSERT_PTR_NULL (nn_net_new ((struct nn_shape){ 8, 4, 4 }, wrong + i, 1));
}

int
main (void)
{
  static const struct tap_test tests[] = { { "the sum of the definition", test_forward },
                                           { "slopes against differences",
                                             test_backward },
                                           { "a batch is its samples", test_samples },
                                           { "He's start", test_start },
                                           { "no such convolution", test_refused },
                                           { 0 } };
  return tap_run ("conv", tests);
}
