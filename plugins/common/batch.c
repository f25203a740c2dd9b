/* Episodes between two updates: see batch.h. */
#include "plugins/common/batch.h"

#include <math.h>
#include <stdlib.h>

int
batch_init (struct batch *batch, const struct rl *rl, uint32_t size)
{
  *batch = (struct batch){ .rl = rl, .size = size };
  batch->episodes = rl_episodes (rl, size);
  batch->rewards = calloc (size, sizeof *batch->rewards);
  return batch->episodes && batch->rewards ? GYM_OK : GYM_ENOMEM;
}

void
batch_free (struct batch *batch)
{
  free (batch->episodes);
  free (batch->rewards);
  *batch = (struct batch){ 0 };
}

/* Copies, since the caller's ring is about to be used again. */
bool
batch_add (struct batch *batch, const struct episode *episode)
{
  if (!episode->drawn)
    rl_copy (batch->rl, batch->episodes + batch->count++, episode);
  return batch->count == batch->size;
}

/* Only now: the statistics that rewards are measured by have grown since the episodes. */
void
batch_rewards (struct batch *batch)
{
  for (uint32_t b = 0; b < batch->count; b++)
    batch->rewards[b] = (float)reward_of (&batch->rl->reward, &batch->episodes[b].result);
}

uint32_t
batch_size (const struct rl *rl, int64_t wanted, double roots)
{
  if (wanted > 0)
    return (uint32_t)wanted;
  double size = roots * (isfinite (rl->budget) ? sqrt (rl->budget) : 64);
  return (uint32_t)fmin (fmax (size, 8), 64);
}

/* Two passes: a one-pass variance loses small differences between large rewards. */
void
batch_normalise (float *values, uint32_t n, uint32_t stride)
{
  double sum = 0, square = 0;
  for (uint32_t b = 0; b < n; b++)
    sum += values[(size_t)b * stride];
  for (uint32_t b = 0; b < n; b++) {
    double d = values[(size_t)b * stride] - sum / n;
    square += d * d;
  }
  double deviation = sqrt (square / n);
  for (uint32_t b = 0; b < n; b++) {
    double d = values[(size_t)b * stride] - sum / n;
    values[(size_t)b * stride] = deviation > 1e-6 ? (float)(d / deviation) : 0;
  }
}
