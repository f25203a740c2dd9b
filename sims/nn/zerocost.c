/* Scores of untrained networks: see zerocost.h. */
#include "sims/nn/zerocost.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- correlations ---- */

/* To mean 0 and length 1; a row that varies by nothing but rounding becomes 0. */
static void
standardise (const float *row, size_t d, double *to)
{
  double mean = 0, square = 0, all = 0;
  for (size_t i = 0; i < d; i++)
    mean += row[i] / (double)d;
  for (size_t i = 0; i < d; i++) {
    to[i] = row[i] - mean;
    square += to[i] * to[i];
    all += (double)row[i] * row[i];
  }
  double scale = square > 1e-24 * all ? 1 / sqrt (square) : 0;
  for (size_t i = 0; i < d; i++)
    to[i] *= scale;
}

static double
dot (const double *a, const double *b, size_t d)
{
  double sum = 0;
  for (size_t i = 0; i < d; i++)
    sum += a[i] * b[i];
  return sum;
}

/* Two rows of zeros count as equal. */
static void
correlate (const double *rows, uint32_t n, size_t d, double *matrix)
{
  for (uint32_t i = 0; i < n; i++) {
    bool dead = dot (rows + i * d, rows + i * d, d) == 0;
    for (uint32_t k = 0; k <= i; k++) {
      bool both = dead && dot (rows + k * d, rows + k * d, d) == 0;
      double r = both || i == k ? 1 : dot (rows + i * d, rows + k * d, d);
      matrix[i * (size_t)n + k] = matrix[k * (size_t)n + i] = r;
    }
  }
}

/* The rotation of rows and columns p and q that makes their common element 0 (Golub and
 * Van Loan, Matrix Computations, section 8.5). */
static void
rotate (double *a, uint32_t n, uint32_t p, uint32_t q)
{
  size_t N = n;
  double off = a[p * N + q];
  if (off == 0)
    return;
  double tau = (a[q * N + q] - a[p * N + p]) / (2 * off);
  double t = copysign (1 / (fabs (tau) + sqrt (1 + tau * tau)), tau);
  double c = 1 / sqrt (1 + t * t), s = t * c;
  for (uint32_t i = 0; i < n; i++) {
    double x = a[i * N + p], y = a[i * N + q];
    a[i * N + p] = c * x - s * y;
    a[i * N + q] = s * x + c * y;
  }
  for (uint32_t i = 0; i < n; i++) {
    double x = a[p * N + i], y = a[q * N + i];
    a[p * N + i] = c * x - s * y;
    a[q * N + i] = s * x + c * y;
  }
}

/* Jacobi's method: batches are small, and it is exact to the last digits. Leaves the
 * eigenvalues of a symmetric matrix on its diagonal. */
static void
diagonalise (double *a, uint32_t n)
{
  double off = INFINITY;
  for (int sweep = 0; sweep < 50 && off > 1e-26 * n; sweep++) {
    off = 0;
    for (uint32_t p = 0; p < n; p++)
      for (uint32_t q = p + 1; q < n; q++) {
        off += a[p * (size_t)n + q] * a[p * (size_t)n + q];
        rotate (a, n, p, q);
      }
  }
}

static double
score_of (double *matrix, uint32_t n)
{
  double sum = 0;
  diagonalise (matrix, n);
  for (uint32_t i = 0; i < n; i++) {
    double v = matrix[i * (size_t)n + i];
    v = (v < 0 ? 0 : v) + 1e-5; /* none is below 0 but by rounding */
    sum += log (v) + 1 / v;
  }
  return -sum;
}

/* False: out of memory, which a NAN among the rows must not be taken for. */
static bool
correlation_score (const float *rows, uint32_t n, size_t d, double *score)
{
  double *standard = calloc (n * d + 1, sizeof *standard);
  double *matrix = calloc ((size_t)n * n + 1, sizeof *matrix);
  bool room = standard && matrix;
  if (room) {
    for (uint32_t i = 0; i < n; i++)
      standardise (rows + i * d, d, standard + i * d);
    correlate (standard, n, d, matrix);
    *score = score_of (matrix, n);
  }
  free (standard);
  free (matrix);
  return room;
}

double
nn_correlation_score (const float *rows, uint32_t n, size_t d)
{
  double score;
  return correlation_score (rows, n, d, &score) ? score : NAN;
}

/* ---- sums over weights ---- */

/* How many of a layer's parameters are weights: the first ones, before any bias. */
static size_t
weights_of (const struct nn_part *part)
{
  switch (part->layer.kind) {
  case NN_DENSE:
    return part->params - part->layer.units;
  case NN_CONV:
    return part->params - (part->layer.bias ? part->layer.units : 0);
  default:
    return 0;
  }
}

static double
norm_of (const float *at, size_t n)
{
  double square = 0;
  for (size_t i = 0; i < n; i++)
    square += (double)at[i] * at[i];
  return sqrt (square);
}

static double
products (const float *a, const float *b, size_t n)
{
  double sum = 0;
  for (size_t i = 0; i < n; i++)
    sum += fabs ((double)a[i] * b[i]);
  return sum;
}

static double
sum_of_products (const nn_net *net, const float *params, const float *gradient)
{
  double sum = 0;
  for (uint32_t i = 0; i < nn_net_layers (net); i++) {
    struct nn_part part = nn_net_part (net, i);
    sum += products (params + part.offset, gradient + part.offset, weights_of (&part));
  }
  return sum;
}

static double
sum_of_norms (const nn_net *net, const float *gradient)
{
  double sum = 0;
  for (uint32_t i = 0; i < nn_net_layers (net); i++) {
    struct nn_part part = nn_net_part (net, i);
    sum += norm_of (gradient + part.offset, weights_of (&part));
  }
  return sum;
}

/* ---- the scores ---- */

/* What all scores work in. */
struct bench {
  const nn_net *net;
  const float *params, *coefficients;
  const struct nn_batch *batch;
  nn_tape *tape;
  float *gradient, *statistics, *positive; /* positive: changed parameters */
  float *input_slopes;                     /* of the batch, also the input of ones */
  int32_t *signs;
};

static bool
open_bench (struct bench *b)
{
  size_t params = nn_net_params (b->net), inputs = nn_net_inputs (b->net);
  b->tape = nn_tape_new (b->net, b->batch->n);
  b->gradient = calloc (params + 1, sizeof *b->gradient);
  b->positive = calloc (params + 1, sizeof *b->positive);
  b->statistics = calloc (nn_net_statistics (b->net) + 1, sizeof *b->statistics);
  b->input_slopes = calloc (inputs * b->batch->n, sizeof *b->input_slopes);
  b->signs = calloc (params + 1, sizeof *b->signs);
  return b->tape && b->gradient && b->positive && b->statistics && b->input_slopes
         && b->signs;
}

static void
close_bench (struct bench *b)
{
  nn_tape_destroy (&b->tape);
  free (b->gradient);
  free (b->positive);
  free (b->statistics);
  free (b->input_slopes);
  free (b->signs);
}

static void
zero_gradient (struct bench *b)
{
  memset (b->gradient, 0, nn_net_params (b->net) * sizeof *b->gradient);
}

/* With momentum 1 the running statistics become the batch's, for the samples' gradients.
 */
static void
score_gradient (struct bench *b, struct nn_scores *scores)
{
  nn_net_clear (b->net, b->statistics);
  nn_tape_mode (b->tape, &(struct nn_mode){ .training = true,
                                            .statistics = b->statistics,
                                            .momentum = 1,
                                            .coefficients = b->coefficients });
  zero_gradient (b);
  nn_learn (b->tape, b->params, b->batch, 0, b->gradient, NULL);
  scores->grad_norm = sum_of_norms (b->net, b->gradient);
  scores->snip = sum_of_products (b->net, b->params, b->gradient);
}

/* In the mode of score_gradient. */
static bool
jacob_cov (struct bench *b, double *score)
{
  const struct nn_batch *batch = b->batch;
  nn_forward (b->tape, b->params, batch->pixels, batch->n);
  for (size_t i = 0; i < (size_t)batch->n * batch->classes; i++)
    batch->slopes[i] = 1;
  nn_backward (b->tape, b->params, batch->slopes, b->gradient, b->input_slopes);
  return correlation_score (b->input_slopes, batch->n, nn_net_inputs (b->net), score);
}

static void
count_signs (struct bench *b)
{
  for (size_t i = 0; i < nn_net_params (b->net); i++)
    b->signs[i] += (b->gradient[i] > 0) - (b->gradient[i] < 0);
}

/* One sample after another instead of nn_sample_gradients: a row of gradients each would
 * be the most memory of all. */
static bool
grad_sign (struct bench *b, const struct nn_stop *stop, double *sum)
{
  size_t size = nn_net_inputs (b->net);
  nn_tape_mode (b->tape, &(struct nn_mode){ .statistics = b->statistics,
                                            .coefficients = b->coefficients });
  for (uint32_t i = 0; i < b->batch->n; i++) {
    struct nn_batch one = *b->batch;
    if (nn_stopped (stop))
      return false;
    one.n = 1;
    one.pixels += i * size;
    one.labels += i;
    zero_gradient (b);
    nn_learn (b->tape, b->params, &one, 0, b->gradient, NULL);
    count_signs (b);
  }
  for (uint32_t i = 0; i < nn_net_layers (b->net); i++) {
    struct nn_part part = nn_net_part (b->net, i);
    for (size_t k = 0; k < weights_of (&part); k++)
      *sum += abs (b->signs[part.offset + k]);
  }
  return true;
}

/* Absolute values with biases times `scale`; normalisations as the identity: scale 1,
 * shift 0, and statistics that make up for epsilon. */
static void
make_positive (struct bench *b, float scale)
{
  for (uint32_t i = 0; i < nn_net_layers (b->net); i++) {
    struct nn_part part = nn_net_part (b->net, i);
    float *to = b->positive + part.offset, *rest = b->statistics + part.statistics_offset;
    bool norm = part.layer.kind == NN_NORM;
    size_t weights = norm ? part.params / 2 : weights_of (&part);
    for (size_t k = 0; k < part.params; k++) {
      float size = norm ? k < weights : fabsf (b->params[part.offset + k]);
      to[k] = size * (k < weights ? 1 : scale);
    }
    for (size_t k = 0; k < part.statistics; k++)
      rest[k] = k < part.statistics / 2 ? 0 : 1 - 1e-5f;
  }
}

/* The sum with input, biases and slopes times `scale`, which is scale^2 times the true
 * one: a positively homogeneous network. */
static double
scaled_flow (struct bench *b, float scale)
{
  make_positive (b, scale);
  for (size_t i = 0; i < nn_net_inputs (b->net); i++)
    b->input_slopes[i] = scale;
  nn_forward (b->tape, b->positive, b->input_slopes, 1);
  for (uint32_t i = 0; i < b->batch->classes; i++)
    b->batch->slopes[i] = scale;
  zero_gradient (b);
  nn_backward (b->tape, b->positive, b->batch->slopes, b->gradient, NULL);
  return sum_of_products (b->net, b->positive, b->gradient);
}

/* Products of many layers leave the range of float: a smaller scale is tried then, which
 * as a power of 2 changes nothing else. */
static double
synflow (struct bench *b)
{
  nn_tape_mode (b->tape, &(struct nn_mode){ .statistics = b->statistics,
                                            .coefficients = b->coefficients });
  for (int power = 0; power <= 120; power += 40) {
    double sum = scaled_flow (b, ldexpf (1, -power));
    if (isfinite (sum))
      return log1p (ldexp (sum, 2 * power));
  }
  return INFINITY;
}

static double
macs_of (const nn_net *net)
{
  double macs = 0;
  for (uint32_t i = 0; i < nn_net_layers (net); i++)
    macs += nn_net_part (net, i).macs;
  return macs;
}

bool
nn_zero_cost (const nn_net *net, const float *params, const float *coefficients,
              const struct nn_batch *batch, const struct nn_stop *stop,
              struct nn_scores *scores)
{
  struct bench b = {
    .net = net, .params = params, .coefficients = coefficients, .batch = batch
  };
  bool done = open_bench (&b);
  if (done) {
    *scores = (struct nn_scores){ .parameters = (double)nn_net_params (net),
                                  .macs = macs_of (net) };
    score_gradient (&b, scores);
    done = jacob_cov (&b, &scores->jacob_cov) && grad_sign (&b, stop, &scores->grad_sign);
  }
  if (done)
    scores->synflow = synflow (&b); /* last: it overwrites the statistics */
  close_bench (&b);
  return done;
}
