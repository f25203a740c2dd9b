/* Scores against closed forms, double arithmetic with differences, and loops over
 * per-sample gradients. */
#include "sims/nn/zerocost.h"
#include "tests/sims/nn/samples.h"
#include "tests/sims/nn/values.h"
#include "tests/tap.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- correlations ---- */

static double
term (double eigenvalue)
{
  return log (eigenvalue + 1e-5) + 1 / (eigenvalue + 1e-5);
}

/* Two rows with correlation r have eigenvalues 1 + r and 1 - r. */
static void
test_two_rows (void)
{
  for (int k = -9; k <= 9; k++) {
    double r = k / 10.0, s = sqrt (1 - r * r);
    const float rows[] = { 1, -1, 0, 0, (float)r, (float)-r, (float)s, (float)-s };
    float moved[8];
    double want = -term (1 + r) - term (1 - r);
    CU_ASSERT_DOUBLE_EQUAL (nn_correlation_score (rows, 2, 4), want, 1e-4);
    for (int i = 0; i < 8; i++)
      moved[i] = rows[i] * (i < 4 ? 3 : 0.125f) + (i < 4 ? -2 : 7);
    CU_ASSERT_DOUBLE_EQUAL (nn_correlation_score (moved, 2, 4), want, 1e-3);
  }
  static const float opposite[] = { 1, 2, 3, 6, 5, 4 };
  CU_ASSERT_DOUBLE_EQUAL (nn_correlation_score (opposite, 2, 3), -term (2) - term (0),
                          1e-4);
}

/* Three rows that share a part: any two have correlation b^2 / (1 + b^2). */
static void
test_three_rows (void)
{
  for (int k = 0; k < 10; k++) {
    float b = 0.3f * (float)k, rows[24] = { 0 };
    for (int i = 0; i < 3; i++) {
      rows[i * 8 + 2 * i] = 1;
      rows[i * 8 + 2 * i + 1] = -1;
      rows[i * 8 + 6] = b;
      rows[i * 8 + 7] = -b;
    }
    double r = (double)b * b / (1 + (double)b * b);
    CU_ASSERT_DOUBLE_EQUAL (nn_correlation_score (rows, 3, 8),
                            -term (1 + 2 * r) - 2 * term (1 - r), 1e-6);
  }
}

/* Rows without variance, however large they are and however their mean is rounded, count
 * as equal to one another. */
static void
test_dead_rows (void)
{
  enum { LONG = 49 };
  float rows[3 * LONG];
  for (int i = 0; i < 3 * LONG; i++)
    rows[i] = i < LONG ? 0 : i < 2 * LONG ? 0.1f : 12345.678f;
  CU_ASSERT_DOUBLE_EQUAL (nn_correlation_score (rows, 3, LONG), -term (3) - 2 * term (0),
                          1e-6);
  rows[2] = 1;
  CU_ASSERT_DOUBLE_EQUAL (nn_correlation_score (rows, 3, LONG),
                          -term (1) - term (2) - term (0), 1e-6);
  CU_ASSERT_DOUBLE_EQUAL (nn_correlation_score (rows, 1, LONG), -term (1), 1e-12);
  /* One unit in the last place is a difference. */
  rows[LONG + 5] = nextafterf (0.1f, 1);
  double alive = nn_correlation_score (rows, 3, LONG);
  CU_ASSERT (alive > -3.1 && alive < -2.9);
  rows[7] = NAN;
  CU_ASSERT (isnan (nn_correlation_score (rows, 3, LONG)));
  rows[7] = INFINITY;
  CU_ASSERT (isnan (nn_correlation_score (rows, 3, LONG)));
}

static void
compare_value (double mixing, double want)
{
  enum { ROWS = 12, COLUMNS = 40 };
  float rows[ROWS * COLUMNS];
  for (int i = 0; i < ROWS; i++)
    for (int k = 0; k < COLUMNS; k++)
      rows[i * COLUMNS + k] =
          (float)(sin (0.9 * (i + 1) * k + i) + mixing * cos (0.3 * k));
  CU_ASSERT_DOUBLE_EQUAL (nn_correlation_score (rows, ROWS, COLUMNS), want,
                          1e-5 * fabs (want));
}

static void
test_values (void)
{
  compare_value (0, *apart);
  compare_value (1, *mixed);
  compare_value (30, *alike);
}

/* ---- a perceptron in double ---- */

enum { DEPTH = 3, WIDEST = 6, IMAGES = 5, ROOM = 200 };
static const uint32_t widths[DEPTH + 1] = { 4, 6, 5, 3 };

static const uint8_t labels[IMAGES] = { 2, 0, 1, 1, 2 };
static float pixels[IMAGES * 4], params[ROOM], slopes[IMAGES * 3];
static const struct nn_batch batch = {
  .n = IMAGES, .classes = 3, .pixels = pixels, .labels = labels, .slopes = slopes
};

static void
fill (uint64_t seed)
{
  struct nn_random random = { .state = seed };
  for (int i = 0; i < IMAGES * 4; i++)
    pixels[i] = (float)nn_random_normal (&random);
  for (int i = 0; i < ROOM; i++)
    params[i] = (float)nn_random_normal (&random) / 2;
}

/* Layers 0, 2, 4 are dense, with activations in between. */
static nn_net *
chain (enum nn_kind between)
{
  struct nn_layer layers[2 * DEPTH - 1];
  for (int i = 0; i < DEPTH; i++) {
    layers[2 * i] = (struct nn_layer){ .kind = NN_DENSE, .units = widths[i + 1] };
    if (i + 1 < DEPTH)
      layers[2 * i + 1] = (struct nn_layer){ .kind = between };
  }
  nn_net *net = nn_net_new ((struct nn_shape){ widths[0], 1, 1 }, layers, 2 * DEPTH - 1);
  CU_ASSERT_FATAL (net && nn_net_params (net) < ROOM);
  return net;
}

/* Results for one input; `between` as above, NN_SUM: none. */
static void
slow_forward (const double *w, const double *input, enum nn_kind between, double *to)
{
  double x[WIDEST], y[WIDEST];
  memcpy (x, input, widths[0] * sizeof *x);
  for (int i = 0; i < DEPTH; i++) {
    uint32_t in = widths[i], out = widths[i + 1];
    for (uint32_t o = 0; o < out; o++) {
      y[o] = w[in * out + o];
      for (uint32_t k = 0; k < in; k++)
        y[o] += x[k] * w[k * out + o];
      if (i + 1 < DEPTH && between == NN_TANH)
        y[o] = tanh (y[o]);
      if (i + 1 < DEPTH && between == NN_RELU)
        y[o] = y[o] > 0 ? y[o] : 0;
    }
    memcpy (x, y, sizeof x);
    w += in * out + out;
  }
  memcpy (to, x, widths[DEPTH] * sizeof *to);
}

static double
slow_loss (const double *w, int image, enum nn_kind between)
{
  double x[WIDEST], y[WIDEST], sum = 0;
  for (uint32_t k = 0; k < widths[0]; k++)
    x[k] = pixels[image * 4 + (int)k];
  slow_forward (w, x, between, y);
  for (uint32_t c = 0; c < 3; c++)
    sum += exp (y[c]);
  return log (sum) - y[labels[image]];
}

static double
slow_slope (double *w, int i, int image, enum nn_kind between)
{
  const double step = 1e-6;
  double kept = w[i];
  w[i] = kept + step;
  double up = slow_loss (w, image, between);
  w[i] = kept - step;
  double slope = (up - slow_loss (w, image, between)) / (2 * step);
  w[i] = kept;
  return slope;
}

/* The layer that parameter i is a weight of, or -1 for a bias. */
static int
layer_of_weight (int i)
{
  for (int k = 0; k < DEPTH; k++) {
    int weights = (int)(widths[k] * widths[k + 1]);
    if (i < weights)
      return k;
    i -= weights + (int)widths[k + 1];
    if (i < 0)
      return -1;
  }
  return -1;
}

static void
slow_scores (int n, enum nn_kind between, struct nn_scores *scores)
{
  double w[ROOM], squares[DEPTH] = { 0 };
  *scores = (struct nn_scores){ 0 };
  for (int i = 0; i < n; i++)
    w[i] = params[i];
  for (int i = 0; i < n; i++) {
    double mean = 0;
    int signs = 0, layer = layer_of_weight (i);
    if (layer < 0)
      continue;
    for (int image = 0; image < IMAGES; image++) {
      double slope = slow_slope (w, i, image, between);
      mean += slope / IMAGES;
      signs += (slope > 1e-9) - (slope < -1e-9);
    }
    squares[layer] += mean * mean;
    scores->snip += fabs (w[i] * mean);
    scores->grad_sign += abs (signs);
  }
  for (int k = 0; k < DEPTH; k++)
    scores->grad_norm += sqrt (squares[k]);
}

static void
test_gradients (void)
{
  for (uint64_t seed = 1; seed <= 6; seed++)
    for (int kind = 0; kind < 2; kind++) {
      enum nn_kind between = kind == 0 ? NN_TANH : NN_RELU;
      nn_net *net = chain (between);
      struct nn_scores want, found;
      fill (seed);
      slow_scores ((int)nn_net_params (net), between, &want);
      CU_ASSERT_FATAL (nn_zero_cost (net, params, NULL, &batch, NULL, &found));
      CU_ASSERT_DOUBLE_EQUAL (found.grad_norm, want.grad_norm, 1e-4 * want.grad_norm);
      CU_ASSERT_DOUBLE_EQUAL (found.snip, want.snip, 1e-4 * want.snip);
      CU_ASSERT_EQUAL (found.grad_sign, want.grad_sign);
      CU_ASSERT_EQUAL (found.parameters, 4 * 6 + 6 + 6 * 5 + 5 + 5 * 3 + 3);
      CU_ASSERT_EQUAL (found.macs, 4 * 6 + 6 * 5 + 5 * 3);
      nn_net_destroy (&net);
    }
}

/* A linear network has one Jacobian: all rows alike. Else differences give them. */
static void
test_jacobian (void)
{
  struct nn_scores found;
  float rows[IMAGES * 4];
  double w[ROOM];
  fill (3);
  const struct nn_layer linear = { .kind = NN_DENSE, .units = 3 };
  nn_net *net = nn_net_new ((struct nn_shape){ 4, 1, 1 }, &linear, 1);
  CU_ASSERT_FATAL (nn_zero_cost (net, params, NULL, &batch, NULL, &found));
  double want = -term (IMAGES) - (IMAGES - 1) * term (0);
  CU_ASSERT_DOUBLE_EQUAL (found.jacob_cov, want, 1e-6 * fabs (want));
  nn_net_destroy (&net);
  net = chain (NN_TANH);
  for (int i = 0; i < ROOM; i++)
    w[i] = params[i];
  for (int i = 0; i < IMAGES * 4; i++) {
    double x[4], up[3], down[3];
    for (int k = 0; k < 4; k++)
      x[k] = pixels[i / 4 * 4 + k];
    x[i % 4] += 1e-5;
    slow_forward (w, x, NN_TANH, up);
    x[i % 4] -= 2e-5;
    slow_forward (w, x, NN_TANH, down);
    rows[i] = (float)((up[0] + up[1] + up[2] - down[0] - down[1] - down[2]) / 2e-5);
  }
  want = nn_correlation_score (rows, IMAGES, 4);
  CU_ASSERT_FATAL (nn_zero_cost (net, params, NULL, &batch, NULL, &found));
  CU_ASSERT_DOUBLE_EQUAL (found.jacob_cov, want, 0.01 * fabs (want));
  nn_net_destroy (&net);
}

/* ---- SynFlow ---- */

/* Products of |w| along every path from an input to a result, the biases being 0: each
 * layer's share of the sum is all of it. */
static double
sum_of_paths (void)
{
  const float *first = params, *second = first + 4 * 6 + 6, *third = second + 6 * 5 + 5;
  double sum = 0;
  for (int i = 0; i < 4; i++)
    for (int j = 0; j < 6; j++)
      for (int k = 0; k < 5; k++)
        for (int l = 0; l < 3; l++)
          sum += fabs ((double)first[i * 6 + j] * second[j * 5 + k] * third[k * 3 + l]);
  return sum;
}

static void
test_paths (void)
{
  struct nn_scores found;
  for (uint64_t seed = 1; seed <= 5; seed++) {
    nn_net *net = chain (NN_RELU);
    fill (seed);
    for (int i = 0; i < (int)nn_net_params (net); i++)
      params[i] = layer_of_weight (i) < 0 ? 0 : params[i];
    CU_ASSERT_FATAL (nn_zero_cost (net, params, NULL, &batch, NULL, &found));
    CU_ASSERT_DOUBLE_EQUAL (found.synflow, log1p (DEPTH * sum_of_paths ()), 1e-5);
    nn_net_destroy (&net);
  }
}

/* With biases a weight's share is its value times its slope, found by differences; what
 * is linear in a weight has them exactly. */
static void
test_biases (void)
{
  double w[ROOM], ones[] = { 1, 1, 1, 1 }, up[3], down[3], sum = 0;
  struct nn_scores found;
  nn_net *net = chain (NN_RELU);
  fill (9);
  for (int i = 0; i < ROOM; i++)
    w[i] = fabs ((double)params[i]);
  for (int i = 0; i < (int)nn_net_params (net); i++) {
    double kept = w[i];
    w[i] = 2 * kept;
    slow_forward (w, ones, NN_SUM, up);
    w[i] = 0;
    slow_forward (w, ones, NN_SUM, down);
    w[i] = kept;
    for (int c = 0; c < 3 && layer_of_weight (i) >= 0; c++)
      sum += (up[c] - down[c]) / 2;
  }
  CU_ASSERT_FATAL (nn_zero_cost (net, params, NULL, &batch, NULL, &found));
  CU_ASSERT_DOUBLE_EQUAL (found.synflow, log1p (sum), 1e-5);
  nn_net_destroy (&net);
}

/* n layers of 4 units with all weights w and biases b: every unit of layer k is
 * h_k = 4 w h_(k-1) + b, and layer k's share is R less what biases after it add. */
static double
tower (uint32_t n, float w, float b)
{
  struct nn_layer *layers = calloc (n, sizeof *layers);
  float *at = calloc (n, 20 * sizeof *at);
  struct nn_scores found = { 0 };
  static float some[8], room[8];
  const struct nn_batch two = {
    .n = 2, .classes = 4, .pixels = some, .labels = labels + 1, .slopes = room
  };
  for (uint32_t i = 0; i < n; i++) {
    layers[i] = (struct nn_layer){ .kind = NN_DENSE, .units = 4 };
    for (uint32_t k = 0; k < 20; k++)
      at[i * 20 + k] = k < 16 ? (k % 2 ? w : -w) : b;
  }
  nn_net *net = nn_net_new ((struct nn_shape){ 4, 1, 1 }, layers, n);
  CU_ASSERT_FATAL (net && nn_zero_cost (net, at, NULL, &two, NULL, &found));
  nn_net_destroy (&net);
  free (layers);
  free (at);
  return found.synflow;
}

static double
slow_tower (uint32_t n, double w, double b)
{
  double h = 1, sum = 0;
  for (uint32_t k = 1; k <= n; k++) {
    double after = pow (4 * w, n - k); /* results grow so much with layer k */
    h *= 4 * w;
    sum += 4 * h * after;
    h += b;
  }
  return log1p (sum);
}

static void
test_range (void)
{
  static const uint32_t depths[] = { 1, 5, 20, 30, 35, 45, 55, 60 };
  for (size_t i = 0; i < sizeof depths / sizeof *depths; i++)
    for (float b = 0; b < 9; b += 8) {
      double want = slow_tower (depths[i], 4, b);
      CU_ASSERT_DOUBLE_EQUAL (tower (depths[i], 4, b), want, 1e-5 * want);
    }
  tap_note ("deepest: 10^%.1f", tower (60, 4, 0) / log (10));
  CU_ASSERT_EQUAL (tower (80, 4, 0), INFINITY);
  /* Far below the range there is nothing either. */
  CU_ASSERT_DOUBLE_EQUAL (tower (90, 1e-3f, 0), 0, 1e-12);
}

/* ---- a network of images ---- */

static struct corners corners;

/* Offsets of corners_net: convolution 2 to 6 of 3 x 3, norm, convolution 6 to 6 with
 * biases, norm, dense 54 to 4. */
enum { CONV1 = 0, NORM1 = 108, CONV2 = 120, NORM2 = 450, DENSE = 462, ALL = 682 };

static const struct {
  int from, n;
} weights[] = { { CONV1, 108 }, { CONV2, 324 }, { DENSE, 216 } };

static void
loop_scores (const nn_net *net, const struct nn_batch *of, const float *at,
             struct nn_scores *scores)
{
  static float gradient[ALL], rows[CORNERS_N * ALL];
  float statistics[CORNERS_STATISTICS];
  nn_tape *tape = nn_tape_new (net, of->n);
  memset (gradient, 0, sizeof gradient);
  nn_tape_mode (tape, &(struct nn_mode){
                          .training = true, .statistics = statistics, .momentum = 1 });
  memset (statistics, 0, sizeof statistics);
  nn_learn (tape, at, of, 0, gradient, NULL);
  nn_sample_gradients (net, at, statistics, NULL, of, rows);
  *scores = (struct nn_scores){ 0 };
  for (int k = 0; k < 3; k++) {
    double square = 0;
    for (int i = weights[k].from; i < weights[k].from + weights[k].n; i++) {
      int signs = 0;
      square += (double)gradient[i] * gradient[i];
      scores->snip += fabs ((double)at[i] * gradient[i]);
      for (uint32_t b = 0; b < of->n; b++)
        signs += (rows[b * ALL + i] > 0) - (rows[b * ALL + i] < 0);
      scores->grad_sign += abs (signs);
    }
    scores->grad_norm += sqrt (square);
  }
  nn_tape_destroy (&tape);
}

static const struct nn_batch *
corners_batch (nn_feed **feed, uint32_t n)
{
  const struct nn_feed_settings settings = { .batch = n, .shuffle = true, .seed = 1 };
  corners_make (&corners, 5);
  *feed = nn_feed_new (&corners.images, NULL, CORNERS_N, &settings);
  CU_ASSERT_PTR_NOT_NULL_FATAL (*feed);
  return nn_feed_next (*feed);
}

static void
test_images (void)
{
  float at[ALL], kept[ALL];
  struct nn_scores want, found, again;
  nn_feed *feed;
  const struct nn_batch *of = corners_batch (&feed, 40);
  nn_net *net = corners_net ();
  CU_ASSERT_EQUAL_FATAL (nn_net_params (net), ALL);
  nn_net_start (net, at, 3);
  memcpy (kept, at, sizeof at);
  CU_ASSERT (nn_zero_cost (net, at, NULL, of, NULL, &found));
  CU_ASSERT (nn_zero_cost (net, at, NULL, of, NULL, &again));
  CU_ASSERT_EQUAL (memcmp (&found, &again, sizeof found), 0);
  CU_ASSERT_EQUAL (memcmp (at, kept, sizeof at), 0);
  loop_scores (net, of, at, &want);
  CU_ASSERT_DOUBLE_EQUAL (found.grad_norm, want.grad_norm, 1e-9);
  CU_ASSERT_DOUBLE_EQUAL (found.snip, want.snip, 1e-9);
  CU_ASSERT_EQUAL (found.grad_sign, want.grad_sign);
  CU_ASSERT_EQUAL (found.parameters, ALL);
  CU_ASSERT_EQUAL (found.macs, 36 * 18 * 6 + 36 * 54 * 6 + 54 * 4);
  CU_ASSERT (isfinite (found.jacob_cov) && found.jacob_cov < -40);
  nn_feed_destroy (&feed);
  nn_net_destroy (&net);
}

/* The flow passes normalisations as if they were not there, whatever their numbers. */
static void
test_norms_left_out (void)
{
  static const struct nn_layer with[] = { { .kind = NN_CONV, .units = 6, .kernel = 3 },
                                          { .kind = NN_NORM },
                                          { .kind = NN_GLOBAL },
                                          { .kind = NN_DENSE, .units = 4 } };
  const struct nn_layer without[] = { with[0], with[2], with[3] };
  struct nn_shape shape = { 2, CORNERS_SIDE, CORNERS_SIDE };
  struct nn_scores one, two;
  float at[108 + 12 + 28], bare[108 + 28];
  nn_feed *feed;
  const struct nn_batch *of = corners_batch (&feed, 20);
  nn_net *net = nn_net_new (shape, with, 4), *plain = nn_net_new (shape, without, 3);
  nn_net_start (net, at, 3);
  for (int i = 108; i < 120; i++)
    at[i] = (float)(i - 113);
  memcpy (bare, at, 108 * sizeof *at);
  memcpy (bare + 108, at + 120, 28 * sizeof *at);
  CU_ASSERT (nn_zero_cost (net, at, NULL, of, NULL, &one));
  CU_ASSERT (nn_zero_cost (plain, bare, NULL, of, NULL, &two));
  CU_ASSERT_DOUBLE_EQUAL (one.synflow, two.synflow, 1e-6);
  CU_ASSERT (fabs (one.snip - two.snip) > 1e-3);
  nn_feed_destroy (&feed);
  nn_net_destroy (&net);
  nn_net_destroy (&plain);
}

/* ---- mixtures and dead ends ---- */

/* A mixture whose second operator counts nothing is its first operator. */
static void
test_mixture (void)
{
  static const uint32_t inputs[] = { 1, 2 };
  static const float coefficients[] = { 1, 0 };
  static const struct nn_layer mixture[] = {
    { .kind = NN_CONV, .units = 3, .kernel = 3 },
    { .kind = NN_CONV, .units = 3, .from = NN_INPUT },
    { .kind = NN_MIX, .n_inputs = 2, .inputs = inputs },
    { .kind = NN_DENSE, .units = 4 },
  };
  const struct nn_layer single[] = { mixture[0], mixture[3] };
  struct nn_shape shape = { 2, CORNERS_SIDE, CORNERS_SIDE };
  static float both[1000], one[1000];
  struct nn_scores mixed_scores, single_scores;
  nn_feed *feed;
  const struct nn_batch *of = corners_batch (&feed, 20);
  nn_net *net = nn_net_new (shape, mixture, 4), *plain = nn_net_new (shape, single, 2);
  CU_ASSERT_FATAL (net && plain && nn_net_params (net) < 1000);
  nn_net_start (net, both, 3);
  memcpy (one, both, 54 * sizeof *one);
  memcpy (one + 54, both + 60, (nn_net_params (plain) - 54) * sizeof *one);
  CU_ASSERT (nn_zero_cost (net, both, coefficients, of, NULL, &mixed_scores));
  CU_ASSERT (nn_zero_cost (plain, one, NULL, of, NULL, &single_scores));
  CU_ASSERT_DOUBLE_EQUAL (mixed_scores.snip, single_scores.snip, 1e-9);
  CU_ASSERT_DOUBLE_EQUAL (mixed_scores.grad_norm, single_scores.grad_norm, 1e-9);
  CU_ASSERT_DOUBLE_EQUAL (mixed_scores.synflow, single_scores.synflow, 1e-9);
  CU_ASSERT_DOUBLE_EQUAL (mixed_scores.jacob_cov, single_scores.jacob_cov, 1e-6);
  CU_ASSERT_EQUAL (mixed_scores.grad_sign, single_scores.grad_sign);
  nn_feed_destroy (&feed);
  nn_net_destroy (&net);
  nn_net_destroy (&plain);
}

/* Nothing reaches the results: no score is NAN. Each of the dense biases has a slope, but
 * they are no weights; the inputs of the dense layer are all 0. */
static void
test_disconnected (void)
{
  static const struct nn_layer layers[] = {
    { .kind = NN_CONV, .units = 3, .kernel = 3 },
    { .kind = NN_SUM }, /* of nothing */
    { .kind = NN_DENSE, .units = 4 },
  };
  struct nn_scores found;
  static float at[1000];
  nn_feed *feed;
  const struct nn_batch *of = corners_batch (&feed, 20);
  nn_net *net =
      nn_net_new ((struct nn_shape){ 2, CORNERS_SIDE, CORNERS_SIDE }, layers, 3);
  CU_ASSERT_PTR_NOT_NULL_FATAL (net);
  nn_net_start (net, at, 3);
  CU_ASSERT (nn_zero_cost (net, at, NULL, of, NULL, &found));
  CU_ASSERT (found.grad_norm == 0 && found.snip == 0 && found.grad_sign == 0);
  CU_ASSERT_EQUAL (found.synflow, 0);
  CU_ASSERT_DOUBLE_EQUAL (found.jacob_cov, -term (20) - 19 * term (0), 1e-3);
  CU_ASSERT (found.parameters > 0 && found.macs > 0);
  nn_feed_destroy (&feed);
  nn_net_destroy (&net);
}

/* Between samples, which are where the time goes. */
static const nn_net *asked_net;
static const struct nn_batch *asked_batch;

static bool
score_once (const struct nn_stop *stop)
{
  static float at[ALL];
  struct nn_scores found;
  nn_net_start (asked_net, at, 3);
  return nn_zero_cost (asked_net, at, NULL, asked_batch, stop, &found);
}

static void
test_stopped (void)
{
  nn_feed *feed;
  nn_net *net = corners_net ();
  asked_net = net;
  asked_batch = corners_batch (&feed, 20);
  patience_check (score_once, (int)asked_batch->n);
  nn_feed_destroy (&feed);
  nn_net_destroy (&net);
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { "two rows by hand", test_two_rows },
    { "three rows by hand", test_three_rows },
    { "rows without variance", test_dead_rows },
    { "NumPy's values", test_values },
    { "gradients by differences", test_gradients },
    { "Jacobians", test_jacobian },
    { "sum over paths", test_paths },
    { "flow with biases", test_biases },
    { "flow beyond the range of float", test_range },
    { "a network of images", test_images },
    { "normalisations left out", test_norms_left_out },
    { "a mixture", test_mixture },
    { "nothing reaches the results", test_disconnected },
    { "stopped", test_stopped },
    { 0 }
  };
  return tap_run ("nn zerocost", tests);
}
