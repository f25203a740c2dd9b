/* Sums and mixtures, and networks whose layers read one another in every way. */
#include "tests/sims/nn/gradient.h"

/* x, tanh x and their mixture by hand. */
static void
test_by_hand (void)
{
  static const uint32_t both[] = { NN_INPUT, 1 };
  struct nn_layer layers[] = {
    { .kind = NN_TANH }, { .kind = NN_MIX, .n_inputs = 2, .inputs = both, .first = 1 }
  };
  nn_net *net = nn_net_new ((struct nn_shape){ 1, 1, 1 }, layers, 2);
  nn_tape *tape = nn_tape_new (net, 1);
  const float x = 0.5f, coefficients[3] = { 99, 2, -3 };
  float slopes[3] = { 0 }, dy = 10, dx, none = 0;
  CU_ASSERT_EQUAL (nn_net_coefficients (net), 3);
  nn_tape_mode (tape, &(struct nn_mode){ .coefficients = coefficients,
                                         .coefficient_gradient = slopes });
  CU_ASSERT_DOUBLE_EQUAL (*nn_forward (tape, &none, &x, 1), 1 - 3 * tanh (0.5), 1e-6);
  nn_backward (tape, &none, &dy, &none, &dx);
  CU_ASSERT_EQUAL (slopes[0], 0);
  CU_ASSERT_DOUBLE_EQUAL (slopes[1], 5, 1e-6);
  CU_ASSERT_DOUBLE_EQUAL (slopes[2], 10 * tanh (0.5), 1e-5);
  CU_ASSERT_DOUBLE_EQUAL (dx, 10 * (2 - 3 * (1 - pow (tanh (0.5), 2))), 1e-4);
  nn_tape_destroy (&tape);
  nn_net_destroy (&net);
}

/* A result read twice by one sum, and by others; a layer that nobody reads; the input
 * read from the middle. */
static void
test_tangle (void)
{
  static const uint32_t twice[] = { 1, 1, NN_INPUT }, last[] = { 3, 5, 0, 1 };
  static const uint32_t few[] = { 2, 4, 4 };
  struct nn_layer layers[] = {
    { .kind = NN_TANH, .from = NN_INPUT },
    { .kind = NN_CONV, .units = 8, .kernel = 3, .start = NN_HE, .from = NN_INPUT },
    { .kind = NN_SUM, .n_inputs = 3, .inputs = twice },
    { .kind = NN_CONV, .units = 8, .kernel = 1, .bias = true, .from = 1 },
    { .kind = NN_MIX, .n_inputs = 3, .inputs = few },
    { .kind = NN_DENSE, .units = 4, .from = 2 },
    { .kind = NN_NORM, .from = 5 },
    { .kind = NN_MIX, .n_inputs = 4, .inputs = last, .first = 2 },
    { .kind = NN_AVERAGE, .kernel = 3, .from = 8 },
    { .kind = NN_GLOBAL },
    { .kind = NN_DENSE, .units = 3 },
  };
  nn_net *net = nn_net_new ((struct nn_shape){ 8, 4, 4 }, layers, 11);
  CU_ASSERT_PTR_NOT_NULL_FATAL (net);
  CU_ASSERT_EQUAL (nn_net_coefficients (net), 6);
  gradient_check (net, 3, (struct nn_mode){ .training = true }, 5e-3);
}

/* Two layers of every kind read one result, and so does a sum: each must add its slopes
 * to what the others left. */
static void
test_shared (void)
{
  static const struct nn_layer kinds[] = {
    { .kind = NN_TANH },
    { .kind = NN_RELU },
    { .kind = NN_CONV, .units = 4, .kernel = 3, .start = NN_HE },
    { .kind = NN_CONV, .units = 4, .kernel = 3, .start = NN_HE, .relu = true },
    { .kind = NN_CONV, .units = 4, .kernel = 3, .groups = 4, .start = NN_HE },
    { .kind = NN_CONV, .units = 4, .kernel = 2, .stride = 2, .start = NN_HE },
    { .kind = NN_NORM },
    { .kind = NN_AVERAGE, .kernel = 3, .stride = 2 },
    { .kind = NN_MAXIMUM, .kernel = 3 },
    { .kind = NN_GLOBAL },
    { .kind = NN_DENSE, .units = 5 },
  };
  static const uint32_t ends[] = { 4, 5, 6 };
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
    struct nn_layer layers[] = {
      { .kind = NN_TANH },
      kinds[i],
      kinds[i],
      { .kind = NN_DENSE, .units = 2, .from = 1 },
      { .kind = NN_DENSE, .units = 2, .from = 2 },
      { .kind = NN_DENSE, .units = 2, .from = 3 },
      { .kind = NN_SUM, .n_inputs = 3, .inputs = ends },
    };
    layers[1].from = layers[2].from = 1;
    bool kinked =
        kinds[i].kind == NN_MAXIMUM || kinds[i].kind == NN_RELU || kinds[i].relu;
    gradient_check (nn_net_new ((struct nn_shape){ 4, 3, 3 }, layers, 7), 2,
                    (struct nn_mode){ .training = true }, kinked ? 5e-2 : 5e-3);
  }
}

/* Rows of slopes serve wide and narrow results in turn. */
static void
test_widths (void)
{
  static const uint32_t widths[] = { 30, 2, 17, 3, 40, 1, 9, 3 };
  enum { N = sizeof widths / sizeof *widths };
  struct nn_layer layers[2 * N] = { { .kind = NN_DENSE } };
  for (uint32_t i = 0; i < N; i++) {
    layers[2 * i] = (struct nn_layer){ .kind = NN_DENSE, .units = widths[i], .gain = 1 };
    layers[2 * i + 1] = (struct nn_layer){ .kind = NN_TANH };
  }
  gradient_check (nn_net_new ((struct nn_shape){ 5, 1, 1 }, layers, 2 * N), 16,
                  (struct nn_mode){ 0 }, 1e-2);
}

/* A chain of any depth needs few rows of slopes, used again and again. */
static void
test_deep (void)
{
  enum { DEEP = 60 };
  static struct nn_layer layers[DEEP];
  static uint32_t pairs[DEEP][2];
  for (uint32_t i = 0; i < DEEP; i++) {
    pairs[i][0] = i;
    pairs[i][1] = i > 1 ? i - 1 : NN_INPUT;
    layers[i] =
        i % 2 ? (struct nn_layer){ .kind = NN_SUM, .n_inputs = 2, .inputs = pairs[i] }
              : (struct nn_layer){ .kind = NN_TANH };
  }
  gradient_check (nn_net_new ((struct nn_shape){ 3, 2, 1 }, layers, DEEP), 2,
                  (struct nn_mode){ 0 }, 5e-3);
}

/* Norms write to the sum that alone reads them: with whatever else it sums, in any order,
 * one within another, and where it is the last layer. Mixtures, which are never written
 * to, say what must come out. */
static void
test_norms (void)
{
  static const uint32_t first[] = { 4, NN_INPUT, 2, 4 }, second[] = { 6, 2, 7, 5 };
  static const uint32_t last[] = { 10, 8, 9 };
  struct nn_layer conv = { .kind = NN_CONV, .units = 3, .kernel = 3, .start = NN_HE };
  struct nn_layer layers[] = {
    conv,
    { .kind = NN_NORM },
    conv,
    { .kind = NN_NORM },
    { .kind = NN_SUM, .n_inputs = 4, .inputs = first },
    { .kind = NN_NORM, .from = 3 },
    { .kind = NN_NORM, .from = 5 },
    { .kind = NN_SUM, .n_inputs = 4, .inputs = second },
    { .kind = NN_NORM },
    { .kind = NN_NORM, .from = 8 },
    { .kind = NN_SUM, .n_inputs = 3, .inputs = last },
  };
  enum { N = sizeof layers / sizeof *layers, BATCH = 3 };
  const float ones[4] = { 1, 1, 1, 1 };
  struct nn_mode mode = { .training = true, .coefficients = ones };
  struct nn_shape in = { 3, 3, 3 };
  nn_net *sums = nn_net_new (in, layers, N);
  for (int i = 0; i < N; i++)
    if (layers[i].kind == NN_SUM)
      layers[i].kind = NN_MIX;
  nn_net *mixtures = nn_net_new (in, layers, N);
  size_t n = nn_net_params (sums), size = BATCH * nn_net_inputs (sums);
  float *w = gradient_random (n, 1), *x = gradient_random (size, 2), *g[2], *dx[2];
  const float *y[2];
  nn_tape *tapes[2] = { nn_tape_new (sums, BATCH), nn_tape_new (mixtures, BATCH) };
  for (int i = 0; i < 2; i++) {
    float *dy = gradient_random (size, 3);
    g[i] = calloc (n, sizeof *g[i]);
    dx[i] = calloc (size, sizeof *dx[i]);
    nn_tape_mode (tapes[i], &mode);
    y[i] = nn_forward (tapes[i], w, x, BATCH);
    nn_backward (tapes[i], w, dy, g[i], dx[i]);
    free (dy);
  }
  for (size_t i = 0; i < size; i++) {
    CU_ASSERT_DOUBLE_EQUAL (y[0][i], y[1][i], 1e-4);
    CU_ASSERT_DOUBLE_EQUAL (dx[0][i], dx[1][i], 1e-3);
  }
  for (size_t i = 0; i < n; i++)
    CU_ASSERT_DOUBLE_EQUAL (g[0][i], g[1][i], 1e-3 * (1 + fabsf (g[1][i])));
  for (int i = 0; i < 2; i++) {
    nn_tape_destroy (tapes + i);
    free (g[i]);
    free (dx[i]);
  }
  nn_net_destroy (&mixtures);
  free (w);
  free (x);
  gradient_check (sums, BATCH, (struct nn_mode){ .training = true }, 5e-3);
}

/* Nothing to sum: zeros in the shape of what is named, and no slopes. */
static void
test_nothing (void)
{
  struct nn_layer layers[] = { { .kind = NN_SUM }, { .kind = NN_DENSE, .units = 1 } };
  nn_net *net = nn_net_new ((struct nn_shape){ 2, 1, 1 }, layers, 2);
  nn_tape *tape = nn_tape_new (net, 1);
  const float x[2] = { 3, 4 }, w[3] = { 5, 6, 7 };
  float dy = 1, dw[3] = { 0 }, dx[2] = { 9, 9 };
  CU_ASSERT_EQUAL (*nn_forward (tape, w, x, 1), 7);
  nn_backward (tape, w, &dy, dw, dx);
  CU_ASSERT (dw[0] == 0 && dw[1] == 0 && dw[2] == 1 && dx[0] == 0 && dx[1] == 0);
  nn_tape_destroy (&tape);
  nn_net_destroy (&net);
}

static void
test_refused (void)
{
  static const uint32_t later[] = { NN_INPUT, 2 }, shapes[] = { NN_INPUT, 1 };
  struct nn_layer early[] = { { .kind = NN_TANH, .from = 2 }, { .kind = NN_TANH } };
  struct nn_layer itself[] = { { .kind = NN_TANH },
                               { .kind = NN_SUM, .n_inputs = 2, .inputs = later } };
  struct nn_layer other[] = { { .kind = NN_DENSE, .units = 3 },
                              { .kind = NN_SUM, .n_inputs = 2, .inputs = shapes } };
  struct nn_shape in = { 2, 1, 1 };
  CU_ASSERT_PTR_NULL (nn_net_new (in, early, 2));
  CU_ASSERT_PTR_NULL (nn_net_new (in, itself, 2));
  CU_ASSERT_PTR_NULL (nn_net_new (in, other, 2));
}

/* One tape serves several networks in turn, with the bits of a tape of its own. */
static void
test_turns (void)
{
  nn_net *nets[] = { nn_mlp_new (4, 1, 8, NN_TANH, 2, 1),
                     nn_mlp_new (4, 3, 64, NN_RELU, 5, 1) };
  float *x = gradient_random (12, 1), *w = gradient_random (nn_net_params (nets[1]), 2);
  nn_tape *tape = nn_tape_new (nets[0], 3);
  for (int turn = 0; turn < 4; turn++) {
    const nn_net *net = nets[turn % 2];
    nn_tape *own = nn_tape_new (net, 3);
    CU_ASSERT_TRUE (nn_tape_turn (tape, net));
    const float *a = nn_forward (tape, w, x, 3), *b = nn_forward (own, w, x, 3);
    CU_ASSERT_EQUAL (memcmp (a, b, 3 * nn_net_outputs (net) * sizeof *a), 0);
    nn_tape_destroy (&own);
  }
  nn_tape_destroy (&tape);
  nn_net_destroy (nets);
  nn_net_destroy (nets + 1);
  free (x);
  free (w);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "a mixture by hand", test_by_hand },
                                           { "a tangle", test_tangle },
                                           { "one result, many readers", test_shared },
                                           { "wide and narrow", test_widths },
                                           { "a deep chain", test_deep },
                                           { "sums of norms", test_norms },
                                           { "nothing to sum", test_nothing },
                                           { "what makes no sense", test_refused },
                                           { "a tape in turns", test_turns },
                                           { 0 } };
  return tap_run ("sum", tests);
}
