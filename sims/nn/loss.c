/* Heads and losses of policy gradients, Q-learning and classifiers: see nn.h. */
#include "sims/nn/nn.h"

#include <math.h>

/* log of the sum of exponentials. Shifted by the largest logit: no exponential overflows,
 * and the largest of them is 1. */
static float
log_sum (const float *logits, uint32_t n)
{
  float most = logits[0];
  double sum = 0;
  for (uint32_t i = 1; i < n; i++)
    most = fmaxf (most, logits[i]);
  for (uint32_t i = 0; i < n; i++)
    sum += expf (logits[i] - most);
  return most + (float)log (sum);
}

/* The same of logits times a factor, in double. */
static double
log_sum_at (const float *logits, uint32_t n, double factor)
{
  double most = -INFINITY, sum = 0;
  for (uint32_t i = 0; i < n; i++)
    most = fmax (most, logits[i] * factor);
  for (uint32_t i = 0; i < n; i++)
    sum += exp (logits[i] * factor - most);
  return most + log (sum);
}

void
nn_log_softmax (const float *logits, uint32_t n, float *logs)
{
  float shift = log_sum (logits, n);
  for (uint32_t i = 0; i < n; i++)
    logs[i] = logits[i] - shift;
}

uint32_t
nn_top (const float *logits, uint32_t n)
{
  uint32_t top = 0;
  for (uint32_t i = 1; i < n; i++)
    if (logits[i] > logits[top])
      top = i;
  return top;
}

/* A probability that has become 0 adds nothing: its logarithm is large but finite. */
float
nn_entropy (const float *logs, uint32_t n)
{
  double sum = 0;
  for (uint32_t i = 0; i < n; i++)
    sum -= expf (logs[i]) * logs[i];
  return (float)sum;
}

void
nn_log_slope (const float *logs, uint32_t n, uint32_t chosen, float weight, float *slopes)
{
  for (uint32_t i = 0; i < n; i++)
    slopes[i] -= weight * expf (logs[i]);
  slopes[chosen] += weight;
}

void
nn_entropy_slope (const float *logs, uint32_t n, float weight, float *slopes)
{
  float entropy = nn_entropy (logs, n);
  for (uint32_t i = 0; i < n; i++)
    slopes[i] -= weight * expf (logs[i]) * (logs[i] + entropy);
}

float
nn_clipped_surrogate (float log_new, float log_old, float advantage, float clip,
                      float *slope)
{
  /* Beyond 20 a float ratio would drown the batch, and it is clipped anyway. */
  float ratio = expf (fminf (log_new - log_old, 20));
  float kept = fminf (fmaxf (ratio, 1 - clip), 1 + clip);
  bool free = ratio * advantage <= kept * advantage;
  *slope = free ? -ratio * advantage : 0;
  return -(free ? ratio : kept) * advantage;
}

/* The slope stops growing at the knee, so that one bad target does not set the step. */
float
nn_huber (float difference, float knee, float *slope)
{
  float size = fabsf (difference);
  if (size <= knee) {
    *slope = difference;
    return difference * difference / 2;
  }
  *slope = copysignf (knee, difference);
  return knee * (size - knee / 2);
}

/* The target is 1 - smoothing + smoothing / n for the label, smoothing / n elsewhere. */
double
nn_cross_entropy (const float *logits, const uint8_t *labels, uint32_t batch, uint32_t n,
                  float smoothing, float *slopes)
{
  double loss = 0;
  float rest = smoothing / (float)n, share = 1 / (float)batch;
  for (uint32_t b = 0; b < batch; b++) {
    const float *row = logits + (size_t)b * n;
    double sum = 0, shift = log_sum_at (row, n, 1);
    for (uint32_t i = 0; i < n; i++) {
      float target = rest + (i == labels[b] ? 1 - smoothing : 0);
      sum += target * (shift - row[i]);
      if (slopes)
        slopes[(size_t)b * n + i] = (expf (row[i] - (float)shift) - target) * share;
    }
    loss += sum;
  }
  return loss / batch;
}

double
nn_distillation (const float *logits, const float *teacher, uint32_t batch, uint32_t n,
                 float temperature, float weight, float *slopes)
{
  double loss = 0, cool = 1 / (double)temperature;
  for (uint32_t b = 0; b < batch; b++) {
    const float *mine = logits + (size_t)b * n, *its = teacher + (size_t)b * n;
    double mine_shift = log_sum_at (mine, n, cool), its_shift = log_sum_at (its, n, cool);
    for (uint32_t i = 0; i < n; i++) {
      double mine_log = mine[i] * cool - mine_shift, its_log = its[i] * cool - its_shift;
      loss += exp (its_log) * (its_log - mine_log);
      slopes[(size_t)b * n + i] +=
          (float)(weight * temperature * (exp (mine_log) - exp (its_log)) / batch);
    }
  }
  return loss * temperature * temperature / batch;
}
