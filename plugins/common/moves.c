/* Small changes of designs: see moves.h. */
#include "plugins/common/moves.h"
#include "plugins/common/lean.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void
look_at (struct moves *m, uint32_t i)
{
  const struct gym_param *param = m->host->space_param (m->space, i);
  struct moves_axis *axis = &m->axes[i];
  axis->kind = param->kind;
  axis->log = param->flags & GYM_PARAM_LOG;
  axis->count = m->host->param_count (m->space, i);
  if (param->kind == GYM_REAL) {
    axis->low = axis->log ? log (param->low) : param->low;
    axis->span = (axis->log ? log (param->high) : param->high) - axis->low;
  }
  m->conditional |= param->parent != NULL;
  if (axis->count != 1)
    m->free[m->n_free++] = i;
}

int
moves_init (struct moves *m, const struct gym_host *host, const struct gym_space *space)
{
  uint32_t n = host->space_size (space);
  *m = (struct moves){ .host = host, .space = space, .n = n, .near = 0.5 };
  m->free = malloc ((n + 1u) * sizeof *m->free);
  m->axes = calloc (n + 1u, sizeof *m->axes);
  m->spare = malloc ((n + 1u) * sizeof *m->spare);
  if (!m->free || !m->axes || !m->spare)
    return GYM_ENOMEM;
  for (uint32_t i = 0; i < n; i++)
    look_at (m, i);
  return GYM_OK;
}

void
moves_free (struct moves *m)
{
  free (m->free);
  free (m->axes);
  free (m->spare);
  *m = (struct moves){ 0 };
}

/* ---- one parameter ---- */

static uint64_t
any_other (const struct moves *m, gym_rng *rng, uint32_t i, uint64_t index)
{
  uint64_t count = m->axes[i].count;
  if (m->prior && m->prior[i])
    return lean_other (rng, m->prior[i], count, index);
  uint64_t other = gym_rng_below (rng, count - 1);
  return other + (other >= index);
}

/* One or two steps up or down; on long grids up to a 32nd of the length, short steps
 * being as likely as long ones on a log scale. The end of the grid turns a step back. */
static uint64_t
few_steps (gym_rng *rng, uint64_t count, uint64_t index)
{
  uint64_t longest = count / 32 > 2 ? count / 32 : 2, step;
  if (longest == 2)
    step = 1 + gym_rng_below (rng, 2);
  else
    step = (uint64_t)exp (gym_rng_real (rng) * log ((double)longest + 1));
  bool up = gym_rng_below (rng, 2);
  if (up ? step > count - 1 - index : step > index)
    up = !up;
  if (up)
    return step > count - 1 - index ? count - 1 : index + step;
  return step > index ? 0 : index - step;
}

/* Gaussian with a width from 1/5 to 1/1000 of the range: wide ones find the region,
 * narrow ones the place in it. A step over the border goes the other way. */
static double
real_step (const struct moves_axis *axis, gym_rng *rng, double value)
{
  double at = axis->log ? log (value) : value;
  double width = 0.2 * axis->span * exp (-5.3 * gym_rng_real (rng));
  double step = width * gym_rng_normal (rng), high = axis->low + axis->span;
  if (at + step < axis->low || at + step > high)
    step = -step;
  at = fmin (high, fmax (axis->low, at + step));
  return axis->log ? exp (at) : at;
}

/* A log integer has no use for equal steps: it moves as a real one does, or to the next
 * value when that leads nowhere. */
static double
log_integer (const struct moves *m, gym_rng *rng, uint32_t i, double value, bool stay)
{
  const struct gym_param *param = m->host->space_param (m->space, i);
  struct moves_axis real = { .log = true,
                             .low = log (param->low),
                             .span = log (param->high) - log (param->low) };
  double moved =
      stay ? real_step (&real, rng, value) : m->host->space_draw (m->space, rng, i);
  uint64_t index = m->host->param_index (m->space, i, moved);
  uint64_t old = m->host->param_index (m->space, i, value);
  if (index == old)
    index = old + 1 < m->axes[i].count ? old + 1 : old - 1;
  return m->host->param_value (m->space, i, index);
}

double
moves_value (const struct moves *m, gym_rng *rng, uint32_t i, double value)
{
  const struct moves_axis *axis = &m->axes[i];
  bool stay = axis->kind != GYM_CATEGORICAL && gym_rng_real (rng) < m->near;
  if (axis->count == 1)
    return value;
  if (axis->kind == GYM_REAL)
    return stay ? real_step (axis, rng, value) : m->host->space_draw (m->space, rng, i);
  if (axis->kind == GYM_INTEGER && axis->log)
    return log_integer (m, rng, i, value, stay);
  uint64_t index = m->host->param_index (m->space, i, value);
  index = stay ? few_steps (rng, axis->count, index) : any_other (m, rng, i, index);
  return m->host->param_value (m->space, i, index);
}

/* ---- whole designs ---- */

/* Drawing one parent may wake up children of its own, hence the rounds. */
void
moves_settle (const struct moves *m, gym_rng *rng, double *row)
{
  bool missing = true;
  while (missing) {
    missing = false;
    memcpy (m->spare, row, m->n * sizeof *row);
    m->host->space_repair (m->space, m->spare);
    for (uint32_t i = 0; i < m->n; i++)
      if (isnan (row[i]) && !isnan (m->spare[i])) {
        row[i] = m->host->space_draw (m->space, rng, i);
        missing = true;
      }
  }
  memcpy (row, m->spare, m->n * sizeof *row);
}

static void
move_one (const struct moves *m, gym_rng *rng, double *row)
{
  uint32_t active = 0, k = 0;
  for (uint32_t j = 0; j < m->n_free; j++)
    active += !isnan (row[m->free[j]]);
  if (active == 0)
    return;
  for (uint64_t left = gym_rng_below (rng, active) + 1; left > 0; k++)
    left -= !isnan (row[m->free[k]]);
  uint32_t i = m->free[k - 1];
  row[i] = moves_value (m, rng, i, row[i]);
}

void
moves_mutate (const struct moves *m, gym_rng *rng, double rate, double *row)
{
  bool moved = false;
  double threshold = rate * 0x1p32; /* one word a parameter is fine enough */
  for (uint32_t k = 0; k < m->n_free; k++) {
    uint32_t i = m->free[k];
    if (isnan (row[i]) || gym_rng_u32 (rng) >= threshold)
      continue;
    row[i] = moves_value (m, rng, i, row[i]);
    moved = true;
  }
  if (!moved)
    move_one (m, rng, row);
  if (m->conditional)
    moves_settle (m, rng, row);
}

/* What the chosen parent lacks the other may have. */
static double
gene (double chosen, double other)
{
  return isnan (chosen) ? other : chosen;
}

void
moves_cross_uniform (const struct moves *m, gym_rng *rng, const double *a,
                     const double *b, double *child)
{
  uint32_t coins = 0;
  for (uint32_t i = 0; i < m->n; i++, coins >>= 1) {
    if (i % 32 == 0)
      coins = gym_rng_u32 (rng);
    child[i] = coins & 1 ? gene (a[i], b[i]) : gene (b[i], a[i]);
  }
  if (m->conditional)
    moves_settle (m, rng, child);
}

void
moves_cross_two_point (const struct moves *m, gym_rng *rng, const double *a,
                       const double *b, double *child)
{
  uint32_t n = m->n, from = (uint32_t)gym_rng_below (rng, n);
  uint32_t length =
      (uint32_t)(n > 1 ? 1 + gym_rng_below (rng, n - 1) : gym_rng_below (rng, 2));
  for (uint32_t i = 0; i < n; i++) {
    bool piece = (i + n - from) % n < length;
    child[i] = piece ? gene (b[i], a[i]) : gene (a[i], b[i]);
  }
  if (m->conditional)
    moves_settle (m, rng, child);
}
