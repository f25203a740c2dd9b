/* The optimiser against its formulas, clipping, mixing, and a network that learns. */
#include "tests/tap.h"

#include "sims/nn/nn.h"
#include "sims/nn/random.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { N = 3 };

/* Algorithm 1 of Kingma and Ba in double, with the decay of Loshchilov and Hutter. */
static void
test_formulas (void)
{
  static const struct nn_adam_settings settings = {
    .rate = 0.1f, .beta1 = 0.9f, .beta2 = 0.99f, .epsilon = 1e-3f, .decay = 0.02f
  };
  double m[N] = { 0 }, v[N] = { 0 }, want[N] = { 1, -2, 0.5 };
  float at[N] = { 1, -2, 0.5f };
  nn_adam *adam = nn_adam_new (N);
  for (int t = 1; t <= 50; t++) {
    float g[N];
    for (int i = 0; i < N; i++) {
      g[i] = sinf ((float)(t * (i + 1))) + (float)i;
      m[i] = 0.9 * m[i] + 0.1 * g[i];
      v[i] = 0.99 * v[i] + 0.01 * g[i] * g[i];
      double first = m[i] / (1 - pow (0.9, t)), second = v[i] / (1 - pow (0.99, t));
      want[i] -= 0.1 * (first / (sqrt (second) + 1e-3) + 0.02 * want[i]);
    }
    nn_adam_step (adam, &settings, at, g);
    for (int i = 0; i < N; i++)
      CU_ASSERT_DOUBLE_EQUAL (at[i], want[i], 1e-4);
  }
  nn_adam_destroy (&adam);
}

static void
test_clip (void)
{
  float g[4] = { 3, 0, 4, 0 };
  CU_ASSERT_DOUBLE_EQUAL (nn_clip_norm (g, 4, 10), 5, 1e-6);
  CU_ASSERT (g[0] == 3 && g[2] == 4);
  CU_ASSERT_DOUBLE_EQUAL (nn_clip_norm (g, 4, 1), 5, 1e-6);
  CU_ASSERT_DOUBLE_EQUAL (g[0], 0.6, 1e-6);
  CU_ASSERT_DOUBLE_EQUAL (g[2], 0.8, 1e-6);
  g[1] = NAN;
  nn_clip_norm (g, 4, 1);
  for (int i = 0; i < 4; i++)
    CU_ASSERT_EQUAL (g[i], 0);
}

static void
test_mix (void)
{
  float a[2] = { 0, 4 };
  static const float b[2] = { 8, 8 };
  nn_mix (a, b, 2, 0.25f);
  CU_ASSERT (a[0] == 2 && a[1] == 5);
  nn_mix (a, b, 2, 1);
  CU_ASSERT (a[0] == 8 && a[1] == 8);
}

/* A network fits y = x1 x2 on the square; a linear one cannot. */
static double
fit (uint32_t hidden)
{
  enum { BATCH = 32 };
  static float params[5000], gradient[5000];
  static const struct nn_adam_settings settings = {
    .rate = 0.01f, .beta1 = 0.9f, .beta2 = 0.999f, .epsilon = 1e-8f
  };
  struct nn_random random = { .state = 1 };
  nn_net *net = nn_mlp_new (2, hidden, 16, NN_TANH, 1, 1);
  nn_tape *tape = nn_tape_new (net, BATCH);
  nn_adam *adam = nn_adam_new (nn_net_params (net));
  double recent = 0;
  nn_net_start (net, params, 1);
  for (int t = 0; t < 800; t++) {
    float x[BATCH * 2], slopes[BATCH], total = 0;
    for (int i = 0; i < BATCH * 2; i++)
      x[i] = (float)(2 * nn_random_real (&random) - 1);
    const float *y = nn_forward (tape, params, x, BATCH);
    for (int i = 0; i < BATCH; i++)
      total += nn_huber (y[i] - x[2 * i] * x[2 * i + 1], INFINITY, slopes + i) / BATCH;
    recent = t == 0 ? total : 0.98 * recent + 0.02 * total;
    memset (gradient, 0, sizeof gradient);
    nn_backward (tape, params, slopes, gradient, NULL);
    nn_clip_norm (gradient, nn_net_params (net), 1);
    nn_adam_step (adam, &settings, params, gradient);
  }
  nn_adam_destroy (&adam);
  nn_tape_destroy (&tape);
  nn_net_destroy (&net);
  return recent;
}

static void
test_learns (void)
{
  double deep = fit (2), flat = fit (0);
  tap_note ("half squared errors: two hidden layers %.4g, none %.4g", deep, flat);
  CU_ASSERT (deep < 0.002);
  CU_ASSERT (flat > 0.03);
}

/* Two steps of one parameter by hand; all numbers are exact. */
static void
test_sgd (void)
{
  struct nn_sgd_settings s = { .rate = 0.25f, .momentum = 0.5f, .decay = 0.125f };
  float x[2] = { 8, -8 }, v[2] = { 0 };
  const float slope[2] = { 1, 3 };
  nn_sgd_step (&s, 2, x, slope, v); /* slopes with decay: 2 and 2 */
  CU_ASSERT (v[0] == 2 && v[1] == 2 && x[0] == 7.5f && x[1] == -8.5f);
  nn_sgd_step (&s, 1, x, slope, v); /* 1 + 7.5 / 8 = 1.9375 */
  CU_ASSERT (v[0] == 2.9375f && x[0] == 6.765625f && x[1] == -8.5f);
  s.nesterov = true;
  s.decay = 0;
  nn_sgd_step (&s, 1, x, slope, v); /* v = 2.46875; the step looks ahead of it */
  CU_ASSERT (v[0] == 2.46875f && x[0] == 6.765625f - 0.25f * (1 + 0.5f * 2.46875f));
}

static void
test_cosine (void)
{
  CU_ASSERT_EQUAL (nn_cosine (0, 8, 0), 1);
  CU_ASSERT_DOUBLE_EQUAL (nn_cosine (2, 8, 0), (1 + sqrt (0.5)) / 2, 1e-15);
  CU_ASSERT_DOUBLE_EQUAL (nn_cosine (4, 8, 0), 0.5, 1e-15);
  CU_ASSERT_EQUAL (nn_cosine (8, 8, 0), 0);
  CU_ASSERT_EQUAL (nn_cosine (9, 8, 0), 0);
  CU_ASSERT_EQUAL (nn_cosine (0, 11, 3), 0.25); /* up a line, from there as above */
  CU_ASSERT_EQUAL (nn_cosine (2, 11, 3), 0.75);
  CU_ASSERT_EQUAL (nn_cosine (3, 11, 3), 1);
  CU_ASSERT_DOUBLE_EQUAL (nn_cosine (7, 11, 3), 0.5, 1e-15);
  CU_ASSERT_EQUAL (nn_cosine (5, 2, 5), 0); /* all warm, then over */
}

int
main (void)
{
  static const struct tap_test tests[] = { { "the formulas", test_formulas },
                                           { "clipping", test_clip },
                                           { "mixing", test_mix },
                                           { "SGD by hand", test_sgd },
                                           { "half a cosine", test_cosine },
                                           { "a network learns", test_learns },
                                           { 0 } };
  return tap_run ("nn adam", tests);
}
