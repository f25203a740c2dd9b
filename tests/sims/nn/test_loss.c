/* Heads and losses: values by hand, slopes against differences. */
#include "tests/tap.h"

#include "sims/nn/nn.h"

#include <math.h>

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

int
main (void)
{
  static const struct tap_test tests[] = {
    { "log softmax", test_softmax }, { "entropy", test_entropy },
    { "slopes", test_slopes },       { "clipped surrogate", test_surrogate },
    { "Huber", test_huber },         { 0 }
  };
  return tap_run ("nn loss", tests);
}
