/* plugins/common/batch.h - the episodes between two updates of an on-policy learner. */
#ifndef PLUGINS_COMMON_BATCH_H
#define PLUGINS_COMMON_BATCH_H

#include "plugins/common/rl.h"

struct batch {
  const struct rl *rl;
  uint32_t size, count;
  struct episode *episodes;
  float *rewards; /* after batch_rewards */
};

/* GYM_ENOMEM; batch_free is safe after that and on zeroed memory. */
int batch_init (struct batch *batch, const struct rl *rl, uint32_t size);
void batch_free (struct batch *batch);

/* Keeps a copy of an episode, unless it was drawn: that one is not the policy's. True
 * when the batch is full; the caller empties it by count = 0. */
bool batch_add (struct batch *batch, const struct episode *episode);

/* Computes the rewards of all, under the statistics of now. */
void batch_rewards (struct batch *batch);

/* The size of a batch when the user leaves it open (0): `roots` square roots of the
 * budget, within 8 and 64. Larger budgets afford less noise. */
uint32_t batch_size (const struct rl *rl, int64_t wanted, double roots);

/* Makes n numbers, `stride` apart, of mean 0 and deviation 1; zeros where all are equal.
 */
void batch_normalise (float *values, uint32_t n, uint32_t stride);

#endif
