/* Pools against their definitions. */
#include "tests/sims/nn/gradient.h"

enum { BATCH = 2 };

struct pool {
  double sum, most;
  uint32_t count;
};

static struct pool
by_definition (const struct nn_part *part, const float *x, size_t at)
{
  struct pool p = { .most = -INFINITY };
  uint32_t channels = part->in.channels, kernel = part->layer.kernel;
  uint32_t pixel = (uint32_t)(at / channels);
  int before = (int)(kernel - 1) / 2, stride = (int)part->layer.stride;
  int row = (int)(pixel / part->out.width) * stride - before;
  int column = (int)(pixel % part->out.width) * stride - before;
  for (uint32_t t = 0; t < kernel * kernel; t++) {
    int y = row + (int)(t / kernel), z = column + (int)(t % kernel);
    if (y < 0 || z < 0 || y >= (int)part->in.height || z >= (int)part->in.width)
      continue;
    double value =
        x[((uint32_t)y * part->in.width + (uint32_t)z) * channels + at % channels];
    p.sum += value;
    p.most = fmax (p.most, value);
    p.count++;
  }
  return p;
}

static void
check (struct nn_shape in, struct nn_layer layer)
{
  nn_net *net = nn_net_new (in, &layer, 1);
  struct nn_part part = nn_net_part (net, 0);
  size_t n_in = nn_net_inputs (net), n_out = nn_net_outputs (net);
  float *x = gradient_random (n_in * BATCH, 2);
  nn_tape *tape = nn_tape_new (net, BATCH);
  const float *y = nn_forward (tape, NULL, x, BATCH);
  double worst = 0;
  for (size_t i = 0; i < n_out * BATCH; i++) {
    struct pool p = by_definition (&part, x + i / n_out * n_in, i % n_out);
    double want = layer.kind == NN_MAXIMUM ? p.most : p.sum / p.count;
    worst = fmax (worst, fabs (y[i] - want));
  }
  CU_ASSERT (worst < 1e-6);
  nn_tape_destroy (&tape);
  nn_net_destroy (&net);
  free (x);
}

/* Calls with every window over images of both parities. */
static void
for_each (enum nn_kind kind, void (*call) (struct nn_shape in, struct nn_layer layer))
{
  for (uint32_t kernel = 1; kernel <= 5; kernel++)
    for (uint32_t stride = 1; stride <= kernel && stride <= 3; stride++)
      for (uint32_t side = 3; side <= 6; side++)
        call ((struct nn_shape){ 9, side, side + 1 },
              (struct nn_layer){ .kind = kind, .kernel = kernel, .stride = stride });
}

static void
test_forward (void)
{
  for_each (NN_AVERAGE, check);
  for_each (NN_MAXIMUM, check);
}

static void
check_back (struct nn_shape in, struct nn_layer layer)
{
  gradient_check (nn_net_new (in, &layer, 1), 2, (struct nn_mode){ 0 },
                  layer.kind == NN_MAXIMUM ? 0.12 : 2e-3);
}

/* Where two numbers of a window nearly tie a difference steps over the kink. */
static void
test_backward (void)
{
  for_each (NN_AVERAGE, check_back);
  for_each (NN_MAXIMUM, check_back);
  check_back ((struct nn_shape){ 5, 4, 3 }, (struct nn_layer){ .kind = NN_GLOBAL });
}

/* The slope of a maximum goes to the first of equals, whole. */
static void
test_ties (void)
{
  struct nn_layer layer = { .kind = NN_MAXIMUM, .kernel = 2, .stride = 2 };
  nn_net *net = nn_net_new ((struct nn_shape){ 1, 2, 2 }, &layer, 1);
  nn_tape *tape = nn_tape_new (net, 1);
  const float x[4] = { 1, 2, 2, 2 };
  float dy = 3, dx[4], none = 0;
  CU_ASSERT_EQUAL (*nn_forward (tape, &none, x, 1), 2);
  nn_backward (tape, &none, &dy, &none, dx);
  CU_ASSERT (dx[0] == 0 && dx[1] == 3 && dx[2] == 0 && dx[3] == 0);
  nn_tape_destroy (&tape);
  nn_net_destroy (&net);
}

static void
test_global (void)
{
  struct nn_layer layer = { .kind = NN_GLOBAL };
  nn_net *net = nn_net_new ((struct nn_shape){ 2, 1, 3 }, &layer, 1);
  nn_tape *tape = nn_tape_new (net, 1);
  const float x[6] = { 1, 10, 2, 20, 6, 60 };
  const float *y = nn_forward (tape, NULL, x, 1);
  CU_ASSERT_DOUBLE_EQUAL (y[0], 3, 1e-6);
  CU_ASSERT_DOUBLE_EQUAL (y[1], 30, 1e-5);
  nn_tape_destroy (&tape);
  nn_net_destroy (&net);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "definitions", test_forward },
                                           { "slopes", test_backward },
                                           { "ties", test_ties },
                                           { "over the image", test_global },
                                           { 0 } };
  return tap_run ("pool", tests);
}
