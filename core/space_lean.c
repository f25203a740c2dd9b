/* core/space_lean.c - a space that is drawn from by weights.
 *
 * A prior acts where designs are drawn, and every agent draws through the space it was
 * given (gym/plugin.h: space_sample, space_draw). So an agent with a prior is given this
 * view of the space, and needs to know nothing of it. */
#include "core/space.h"
#include "core/text.h"

#include <stdlib.h>

/* By binary search: integers may have thousands of values. */
uint64_t
gym_space_draw_leaning (const double *sums, uint64_t count, gym_rng *rng)
{
  double at = gym_rng_real (rng) * sums[count - 1];
  uint64_t low = 0, high = count - 1;
  while (low < high) {
    uint64_t middle = low + (high - low) / 2;
    if (sums[middle] <= at)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

static int
add_sums (gym_space *space, const double **sums, uint32_t i, const double *weights)
{
  uint64_t count = space->axes[i].count;
  double *row = gym_space_take (space, count, sizeof *row), sum = 0;
  if (!row)
    return GYM_ENOMEM;
  for (uint64_t k = 0; k < count; k++)
    row[k] = sum += weights[k];
  sums[i] = row;
  return GYM_OK;
}

/* Chunks of its own alone hang on the view: destroying it leaves the space whole. */
gym_space *
gym_space_lean (const gym_space *space, const double *const *weights, gym_error *err)
{
  gym_space *view = malloc (sizeof *view);
  if (!view) {
    gym_fail_memory (err);
    return NULL;
  }
  *view = *space;
  view->chunks = NULL;
  const double **sums = gym_space_take (view, (size_t)space->size + 1, sizeof *sums);
  int code = sums ? GYM_OK : GYM_ENOMEM;
  for (uint32_t i = 0; code == GYM_OK && i < space->size; i++)
    if (weights[i])
      code = add_sums (view, sums, i, weights[i]);
  view->sums = sums;
  if (code < 0) {
    gym_fail_memory (err);
    gym_space_destroy (&view);
  }
  return view;
}
