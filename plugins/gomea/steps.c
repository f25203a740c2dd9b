/* Neighbours of designs: see steps.h. */
#include "plugins/gomea/steps.h"

#include <math.h>
#include <stdlib.h>

/* More levels than this are sampled, that a climb may end; and the lengths of a real
 * step. */
enum { most_levels = 16, real_lengths = 5 };

/* As many powers of two as lead from one end of the grid to a place on it. */
static uint32_t
powers_of (const struct moves_axis *axis)
{
  uint32_t n = 0;
  if (axis->kind == GYM_REAL)
    return real_lengths;
  for (uint64_t left = axis->count - 1; left > 0; left /= 2)
    n++;
  return n;
}

/* On a short grid all lengths cost about what the powers of two do, and miss nothing. */
static bool
is_short (const struct moves_axis *axis)
{
  return axis->count > 0 && axis->count - 1 <= 2 * powers_of (axis) + 1;
}

static uint32_t
steps_of (const struct moves_axis *axis)
{
  if (axis->kind == GYM_CATEGORICAL)
    return axis->count - 1 < most_levels ? (uint32_t)axis->count - 1 : most_levels;
  return 2 * (is_short (axis) ? (uint32_t)axis->count - 1 : powers_of (axis));
}

/* Up and down in turn; the caller draws the order anyway. */
static void
list (struct steps *steps, uint32_t i)
{
  const struct moves_axis *axis = &steps->moves->axes[i];
  uint32_t n = steps_of (axis);
  for (uint32_t k = 0; k < n; k++) {
    int64_t length = k / 2 + 1;
    if (axis->kind == GYM_CATEGORICAL)
      length = k + 1;
    else if (axis->kind != GYM_REAL && !is_short (axis))
      length = (int64_t)1 << (k / 2);
    if (axis->kind != GYM_CATEGORICAL && k % 2)
      length = -length;
    steps->items[steps->n++] = (struct step){ .parameter = i, .length = length };
  }
}

int
steps_init (struct steps *steps, const struct moves *moves)
{
  size_t n = 0;
  *steps = (struct steps){ .moves = moves };
  for (uint32_t k = 0; k < moves->n_free; k++)
    n += steps_of (&moves->axes[moves->free[k]]);
  steps->items = malloc ((n + 1) * sizeof *steps->items);
  if (!steps->items)
    return GYM_ENOMEM;
  for (uint32_t k = 0; k < moves->n_free; k++)
    list (steps, moves->free[k]);
  return GYM_OK;
}

void
steps_free (struct steps *steps)
{
  free (steps->items);
  *steps = (struct steps){ 0 };
}

/* The chance keeps a climb from treading the same few points of a range. */
static bool
real_step (const struct moves_axis *axis, gym_rng *rng, int64_t length, double *value)
{
  double width =
      axis->span * exp2 (-2.0 * (double)llabs (length)) * (1 - gym_rng_real (rng) / 2);
  double at = (axis->log ? log (*value) : *value) + copysign (width, (double)length);
  if (at < axis->low || at > axis->low + axis->span)
    return false;
  *value = axis->log ? exp (at) : at;
  return true;
}

/* A step over the end is none: the shorter ones are on the list, too. */
static bool
grid_step (uint64_t count, int64_t length, uint64_t *index)
{
  uint64_t step = (uint64_t)llabs (length);
  if (length > 0 ? step > count - 1 - *index : step > *index)
    return false;
  *index += length > 0 ? step : -step;
  return true;
}

bool
steps_take (const struct steps *steps, uint32_t k, gym_rng *rng, double *row)
{
  const struct moves *m = steps->moves;
  struct step step = steps->items[k];
  uint32_t i = step.parameter;
  const struct moves_axis *axis = &m->axes[i];
  if (isnan (row[i]))
    return false;
  if (axis->kind == GYM_REAL) {
    if (!real_step (axis, rng, step.length, &row[i]))
      return false;
  } else {
    uint64_t index = m->host->param_index (m->space, i, row[i]);
    if (axis->kind != GYM_CATEGORICAL) {
      if (!grid_step (axis->count, step.length, &index))
        return false;
    } else if (axis->count - 1 > most_levels)
      index = (index + 1 + gym_rng_below (rng, axis->count - 1)) % axis->count;
    else
      index = (index + (uint64_t)step.length) % axis->count;
    row[i] = m->host->param_value (m->space, i, index);
  }
  if (m->conditional)
    moves_settle (m, rng, row);
  return true;
}

bool
steps_near (const struct steps *steps, uint32_t k)
{
  struct step step = steps->items[k];
  uint32_t kind = steps->moves->axes[step.parameter].kind;
  return kind == GYM_CATEGORICAL
         || (kind == GYM_REAL ? llabs (step.length) >= 3 : llabs (step.length) == 1);
}
