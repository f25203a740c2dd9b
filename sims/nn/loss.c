/* Heads and losses of policy gradients and Q-learning: see nn.h. */
#include "sims/nn/nn.h"

#include <math.h>

/* Shifted by the largest logit: no exponential overflows, and the largest of them is 1.
 */
void
nn_log_softmax (const float *logits, uint32_t n, float *logs)
{
  float most = logits[0];
  double sum = 0;
  for (uint32_t i = 1; i < n; i++)
    most = fmaxf (most, logits[i]);
  for (uint32_t i = 0; i < n; i++)
    sum += expf (logits[i] - most);
  float shift = most + (float)log (sum);
  for (uint32_t i = 0; i < n; i++)
    logs[i] = logits[i] - shift;
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
