/* Heads and losses: values by hand, slopes against differences. */
#include "tests/tap.h"

#include "sims/nn/nn.h"

#include <math.h>
#include <string.h>

enum { N = 5 };
static const float some[N] = { 0.3f, -1.2f, 2.0f, 0.1f, -0.4f };

static void
test_softmax (void)
{
  float logs[N], shifted[N], sum = 0;
  nn_log_softmax (some, N, logs);
  for (int i = 0; i < N; i++) {
    sum += expf (logs[i]);
    shifted[i] = some[i] + 1000;
    CU_ASSERT_DOUBLE_EQUAL (logs[i] - logs[0], some[i] - some[0], 1e-6);
  }
  CU_ASSERT_DOUBLE_EQUAL (sum, 1, 1e-6);
  nn_log_softmax (shifted, N, shifted); /* nothing overflows */
  for (int i = 0; i < N; i++)
    CU_ASSERT_DOUBLE_EQUAL (shifted[i], logs[i], 1e-4);
}

static void
test_entropy (void)
{
  float logs[4] = { 0, 0, 0, 0 };
  nn_log_softmax (logs, 4, logs);
  CU_ASSERT_DOUBLE_EQUAL (nn_entropy (logs, 4), log (4), 1e-6);
  float sure[2] = { 0, -1000 };
  nn_log_softmax (sure, 2, sure);
  CU_ASSERT_DOUBLE_EQUAL (nn_entropy (sure, 2), 0, 1e-6);
}

static double
log_of (const float *logits)
{
  float logs[N];
  nn_log_softmax (logits, N, logs);
  return logs[3];
}

static double
entropy_of (const float *logits)
{
  float logs[N];
  nn_log_softmax (logits, N, logs);
  return nn_entropy (logs, N);
}

static void
check_slopes (double (*value) (const float *), const float *slopes, double weight)
{
  for (int i = 0; i < N; i++) {
    float up[N], down[N];
    for (int k = 0; k < N; k++)
      up[k] = down[k] = some[k];
    up[i] += 1.0f / 64;
    down[i] -= 1.0f / 64;
    CU_ASSERT_DOUBLE_EQUAL (slopes[i], weight * (value (up) - value (down)) * 32, 1e-3);
  }
}

static void
test_slopes (void)
{
  float logs[N], slopes[N] = { 0 };
  nn_log_softmax (some, N, logs);
  nn_log_slope (logs, N, 3, 2, slopes);
  check_slopes (log_of, slopes, 2);
  for (int i = 0; i < N; i++)
    slopes[i] = 0;
  nn_entropy_slope (logs, N, 3, slopes);
  check_slopes (entropy_of, slopes, 3);
}

/* Within the range the policy gradient, beyond it no slope where the step would gain. */
static void
test_surrogate (void)
{
  float slope;
  float far = logf (1.5f), near = logf (1.1f), low = logf (0.5f);
  CU_ASSERT_DOUBLE_EQUAL (nn_clipped_surrogate (near, 0, 2, 0.2f, &slope), -2.2, 1e-5);
  CU_ASSERT_DOUBLE_EQUAL (slope, -2.2, 1e-5);
  CU_ASSERT_DOUBLE_EQUAL (nn_clipped_surrogate (far, 0, 2, 0.2f, &slope), -2.4, 1e-5);
  CU_ASSERT_EQUAL (slope, 0);
  CU_ASSERT_DOUBLE_EQUAL (nn_clipped_surrogate (far, 0, -2, 0.2f, &slope), 3, 1e-5);
  CU_ASSERT_DOUBLE_EQUAL (slope, 3, 1e-5);
  CU_ASSERT_DOUBLE_EQUAL (nn_clipped_surrogate (low, 0, -2, 0.2f, &slope), 1.6, 1e-5);
  CU_ASSERT_EQUAL (slope, 0);
  CU_ASSERT_DOUBLE_EQUAL (nn_clipped_surrogate (low, 0, 2, 0.2f, &slope), -1, 1e-5);
  CU_ASSERT_DOUBLE_EQUAL (slope, -1, 1e-5);
  CU_ASSERT_TRUE (isfinite (nn_clipped_surrogate (0, -500, -2, 0.2f, &slope)));
}

static void
test_huber (void)
{
  float slope;
  CU_ASSERT_DOUBLE_EQUAL (nn_huber (0.5f, 1, &slope), 0.125, 1e-6);
  CU_ASSERT_DOUBLE_EQUAL (slope, 0.5, 1e-6);
  CU_ASSERT_DOUBLE_EQUAL (nn_huber (-3, 1, &slope), 2.5, 1e-6);
  CU_ASSERT_DOUBLE_EQUAL (slope, -1, 1e-6);
  CU_ASSERT_DOUBLE_EQUAL (nn_huber (-3, INFINITY, &slope), 4.5, 1e-6);
  CU_ASSERT_DOUBLE_EQUAL (slope, -3, 1e-6);
}

/* Two rows of three logits, and what a teacher says of them. */
enum { ROWS = 2, CLASSES = 3 };
static const float rows[ROWS * CLASSES] = { 1, -2, 0.5f, 3, 3, -1 };
static const float taught[ROWS * CLASSES] = { 0.2f, 1, -1, 2, -1, 0 };
static const uint8_t labels[ROWS] = { 2, 0 };

static double
probability (const float *logits, double temperature, int i)
{
  double sum = 0;
  for (int j = 0; j < CLASSES; j++)
    sum += exp (logits[j] / temperature);
  return exp (logits[i] / temperature) / sum;
}

/* By the definition, in double. */
static double
smoothed (const float *logits, double smoothing)
{
  double loss = 0;
  for (int e = 0; e < ROWS * CLASSES; e++) {
    double target = smoothing / CLASSES;
    target += e % CLASSES == labels[e / CLASSES] ? 1 - smoothing : 0;
    loss -= target * log (probability (logits + e / CLASSES * CLASSES, 1, e % CLASSES));
  }
  return loss / ROWS;
}

static double
divergence (const float *logits, double t)
{
  double loss = 0;
  for (int e = 0; e < ROWS * CLASSES; e++) {
    int row = e / CLASSES * CLASSES;
    double p = probability (taught + row, t, e % CLASSES);
    loss += p * log (p / probability (logits + row, t, e % CLASSES));
  }
  return t * t * loss / ROWS;
}

/* Slopes against central differences of a definition. */
static void
check_against (double (*loss) (const float *logits, double setting), double setting,
               const float *slopes, double weight)
{
  for (int e = 0; e < ROWS * CLASSES; e++) {
    float moved[ROWS * CLASSES];
    memcpy (moved, rows, sizeof moved);
    moved[e] += 0x1p-10f;
    double up = loss (moved, setting);
    moved[e] -= 0x1p-9f;
    double slope = (up - loss (moved, setting)) / 0x1p-9;
    CU_ASSERT_DOUBLE_EQUAL (slopes[e], weight * slope, 1e-5);
  }
}

static void
test_cross_entropy (void)
{
  for (float smoothing = 0; smoothing < 1; smoothing += 0.3f) {
    float slopes[ROWS * CLASSES];
    double loss = nn_cross_entropy (rows, labels, ROWS, CLASSES, smoothing, slopes);
    CU_ASSERT_DOUBLE_EQUAL (loss, smoothed (rows, smoothing), 1e-6);
    CU_ASSERT_EQUAL (nn_cross_entropy (rows, labels, ROWS, CLASSES, smoothing, NULL),
                     loss);
    check_against (smoothed, smoothing, slopes, 1);
  }
  const float far[3] = { 1000, -1000, 0 }; /* nothing overflows */
  CU_ASSERT_DOUBLE_EQUAL (nn_cross_entropy (far, labels, 1, 3, 0, NULL), 1000, 1e-9);
}

/* Slopes are added to what is there; a pupil that agrees has nothing to learn. */
static void
test_distillation (void)
{
  for (float t = 0.5f; t < 5; t *= 2) {
    float slopes[ROWS * CLASSES] = { 1, 1, 1, 1, 1, 1 };
    CU_ASSERT_DOUBLE_EQUAL (
        nn_distillation (rows, taught, ROWS, CLASSES, t, 0.7f, slopes),
        divergence (rows, t), 1e-6);
    for (int e = 0; e < ROWS * CLASSES; e++)
      slopes[e] -= 1;
    check_against (divergence, t, slopes, 0.7);
  }
  float none[ROWS * CLASSES] = { 0 };
  CU_ASSERT_DOUBLE_EQUAL (nn_distillation (rows, rows, ROWS, CLASSES, 2, 1, none), 0,
                          1e-12);
  for (int e = 0; e < ROWS * CLASSES; e++)
    CU_ASSERT_EQUAL (none[e], 0);
}

static void
test_top (void)
{
  static const float logits[] = { 1, 3, 3, -4, 3 };
  CU_ASSERT_EQUAL (nn_top (logits, 5), 1);
  CU_ASSERT_EQUAL (nn_top (logits, 1), 0);
  CU_ASSERT_EQUAL (nn_top (logits + 3, 2), 1);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "log softmax", test_softmax },
                                           { "the largest logit", test_top },
                                           { "entropy", test_entropy },
                                           { "slopes", test_slopes },
                                           { "clipped surrogate", test_surrogate },
                                           { "Huber", test_huber },
                                           { "cross-entropy", test_cross_entropy },
                                           { "distillation", test_distillation },
                                           { 0 } };
  return tap_run ("nn loss", tests);
}
