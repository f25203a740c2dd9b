/* A space in numbers: grids, drawing, neighbours, encodings and the hash. What runs once
 * per trial neither allocates nor compares texts.
 *
 * A log integer takes the value v for positions in [v, v + step) on the log scale from
 * low to one step beyond the last value: every octave is equally likely, as the leading
 * digits of Benford (1938) are, and no bin reaches below zero. */
#include "core/space.h"

#include <endian.h>
#include <math.h>
#include <string.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

enum { hash_block = 64 }; /* numbers hashed at a time */

static void
init_integer (struct gym_axis *axis, const struct gym_param *p)
{
  axis->base = (int64_t)p->low;
  axis->step = (int64_t)p->step;
  axis->count = (uint64_t)(((int64_t)p->high - axis->base) / axis->step) + 1;
  if (!axis->log)
    return;
  axis->origin = log (p->low);
  axis->span = log (p->low + (double)axis->count * p->step) - axis->origin;
}

/* The widest range, from -DBL_MAX to DBL_MAX, is no double; half of it is. */
static void
init_real (struct gym_axis *axis, const struct gym_param *p)
{
  axis->count = p->low == p->high; /* one value is a grid, not a continuum */
  axis->shrink = isinf (p->high - p->low) ? 0.5 : 1;
  axis->origin = axis->log ? log (p->low) : p->low * axis->shrink;
  axis->span = (axis->log ? log (p->high) : p->high * axis->shrink) - axis->origin;
}

void
gym_axis_init (struct gym_axis *axis, const struct gym_param *p)
{
  axis->kind = p->kind;
  axis->log = p->flags & GYM_PARAM_LOG;
  axis->levels = p->kind == GYM_CATEGORICAL || p->kind == GYM_ORDINAL;
  axis->low = p->low;
  axis->high = p->high;
  axis->initial = p->initial;
  if (axis->levels) {
    axis->count = p->n_levels;
    axis->high = p->n_levels - 1.0;
  } else if (p->kind == GYM_INTEGER)
    init_integer (axis, p);
  else
    init_real (axis, p);
}

bool
gym_axis_wanted (const struct gym_axis *axis, double value)
{
  uint32_t low = 0, high = axis->n_when;
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    if (axis->when[middle] < value)
      low = middle + 1;
    else
      high = middle;
  }
  return low < axis->n_when && axis->when[low] == value;
}

double
gym_axis_value (const struct gym_axis *axis, uint64_t index)
{
  if (axis->count && index >= axis->count)
    index = axis->count - 1;
  if (axis->levels)
    return (double)index;
  /* In integers: near 2^53 the offset alone need not be a double. */
  if (axis->kind == GYM_INTEGER)
    return (double)(axis->base + (int64_t)index * axis->step);
  return axis->low;
}

uint64_t
gym_axis_index (const struct gym_axis *axis, double value)
{
  if (axis->kind == GYM_REAL || !(value > axis->low))
    return 0;
  if (value >= axis->high)
    value = axis->high;
  if (axis->levels)
    return (uint64_t)(value + 0.5);
  double whole = floor (value);
  uint64_t offset = (uint64_t)((int64_t)whole - axis->base);
  if (axis->step == 1)
    offset += value - whole >= 0.5;
  else {
    uint64_t step = (uint64_t)axis->step, rest = offset % step;
    offset = offset / step + ((double)rest + (value - whole) >= 0.5 * (double)step);
  }
  return offset < axis->count ? offset : axis->count - 1;
}

double
gym_axis_settle (const struct gym_axis *axis, double value)
{
  if (isnan (value))
    return axis->initial;
  if (axis->kind != GYM_REAL)
    return gym_axis_value (axis, gym_axis_index (axis, value));
  if (value < axis->low)
    return axis->low;
  return (value > axis->high ? axis->high : value) + 0.0; /* no negative zero */
}

bool
gym_axis_holds (const struct gym_axis *axis, double value)
{
  if (!(value >= axis->low && value <= axis->high) || (value == 0 && signbit (value)))
    return false;
  if (axis->kind == GYM_REAL)
    return true;
  return gym_axis_value (axis, gym_axis_index (axis, value)) == value;
}

/* Position of a value in [0,1]. */
static double
position (const struct gym_axis *axis, double value)
{
  double at;
  if (axis->kind == GYM_INTEGER && axis->log) {
    double next = value + (double)axis->step;
    at = (0.5 * (log (value) + log (next)) - axis->origin) / axis->span;
  } else if (axis->count)
    return ((double)gym_axis_index (axis, value) + 0.5) / (double)axis->count;
  else if (axis->log)
    at = (log (value) - axis->origin) / axis->span;
  else
    at = (value * axis->shrink - axis->origin) / axis->span;
  return at < 0 ? 0 : at > 1 ? 1 : at;
}

static double
integer_below (const struct gym_axis *axis, double value)
{
  double steps = floor ((value - axis->low) / (double)axis->step);
  if (!(steps > 0))
    return axis->low;
  return gym_axis_value (axis, steps < 0x1p63 ? (uint64_t)steps : UINT64_MAX);
}

/* The value at a position; positions outside [0,1] are clipped, NaN is the default. */
static double
value_at (const struct gym_axis *axis, double at)
{
  if (isnan (at))
    return axis->initial;
  at = at < 0 ? 0 : at > 1 ? 1 : at;
  if (axis->kind == GYM_INTEGER && axis->log)
    return integer_below (axis, exp (axis->origin + at * axis->span));
  if (axis->count) {
    double index = floor (at * (double)axis->count);
    return gym_axis_value (axis, (uint64_t)index);
  }
  if (at == 1)
    return axis->high;
  double value = axis->origin + at * axis->span;
  return gym_axis_settle (axis, axis->log ? exp (value) : value / axis->shrink);
}

/* By index where there is a grid: no bias, and no value missed (Lemire, see gym/rng.h).
 */
static double
draw (const struct gym_axis *axis, gym_rng *rng)
{
  if (axis->count && !axis->log)
    return gym_axis_value (axis, gym_rng_below (rng, axis->count));
  return value_at (axis, gym_rng_real (rng));
}

uint64_t
gym_space_count (const gym_space *space, uint32_t i)
{
  return space->axes[i].count;
}

double
gym_space_value (const gym_space *space, uint32_t i, uint64_t index)
{
  return gym_axis_value (&space->axes[i], index);
}

uint64_t
gym_space_index (const gym_space *space, uint32_t i, double value)
{
  return gym_axis_index (&space->axes[i], value);
}

double
gym_space_draw (const gym_space *space, gym_rng *rng, uint32_t i)
{
  const struct gym_axis *axis = &space->axes[i];
  if (space->sums && space->sums[i])
    return gym_axis_value (axis,
                           gym_space_draw_leaning (space->sums[i], axis->count, rng));
  return draw (axis, rng);
}

void
gym_space_sample (const gym_space *space, gym_rng *rng, double *row)
{
  for (uint32_t i = 0; i < space->size; i++) {
    const struct gym_axis *axis = &space->axes[i];
    row[i] = gym_axis_active (axis, row) ? gym_space_draw (space, rng, i) : NAN;
  }
}

void
gym_space_settle (const gym_space *space, double *row, uint32_t first)
{
  for (uint32_t i = first; i < space->size; i++) {
    const struct gym_axis *axis = &space->axes[i];
    if (axis->parent < 0)
      continue;
    if (!gym_axis_active (axis, row))
      row[i] = NAN;
    else if (isnan (row[i]))
      row[i] = axis->initial;
  }
}

/* Where neighbours are written, and how many there were. */
struct moves {
  const gym_space *space;
  const double *row;
  double *out;
  size_t capacity, n;
};

static void
move_to (struct moves *m, uint32_t i, double value)
{
  size_t size = m->space->size;
  if (value == m->row[i])
    return;
  if (m->n < m->capacity) {
    double *to = m->out + m->n * size;
    memcpy (to, m->row, size * sizeof *to);
    to[i] = value;
    if (m->space->axes[i].children >= 0)
      gym_space_settle (m->space, to, i + 1);
  }
  m->n++;
}

static void
move_real (struct moves *m, uint32_t i)
{
  const struct gym_axis *axis = &m->space->axes[i];
  double value = m->row[i], step = axis->span / 100;
  double down = axis->log ? value * exp (-step) : value - step / axis->shrink;
  double up = axis->log ? value * exp (step) : value + step / axis->shrink;
  move_to (m, i, gym_axis_settle (axis, down));
  move_to (m, i, gym_axis_settle (axis, up));
}

static void
move_grid (struct moves *m, uint32_t i)
{
  const struct gym_axis *axis = &m->space->axes[i];
  uint64_t index = gym_axis_index (axis, m->row[i]);
  if (index > 0)
    move_to (m, i, gym_axis_value (axis, index - 1));
  if (index + 1 < axis->count)
    move_to (m, i, gym_axis_value (axis, index + 1));
}

size_t
gym_space_neighbours (const gym_space *space, const double *row, double *out,
                      size_t capacity)
{
  struct moves m = { .space = space, .row = row, .out = out, .capacity = capacity };
  for (uint32_t i = 0; i < space->size; i++) {
    const struct gym_axis *axis = &space->axes[i];
    if (isnan (row[i]))
      continue;
    if (axis->kind == GYM_CATEGORICAL)
      for (uint64_t k = 0; k < axis->count; k++)
        move_to (&m, i, (double)k);
    else if (axis->count)
      move_grid (&m, i);
    else
      move_real (&m, i);
  }
  return m.n;
}

/* The bits of a number as every machine shall hash them: one NaN, no negative zero,
 * little-endian. */
static uint64_t
plain_bits (double value)
{
  uint64_t bits;
  if (isnan (value))
    return htole64 (UINT64_C (0x7FF8000000000000));
  value += 0.0;
  memcpy (&bits, &value, sizeof bits);
  return htole64 (bits);
}

/* Rows too long for one block: XXH3's stream gives the hash of the whole. */
static uint64_t
hash_long (const double *row, uint32_t n)
{
  uint64_t block[hash_block];
  XXH3_state_t state;
  XXH3_INITSTATE (&state);
  XXH3_64bits_reset (&state);
  for (uint32_t i = 0; i < n; i += hash_block) {
    uint32_t part = n - i < hash_block ? n - i : hash_block;
    for (uint32_t k = 0; k < part; k++)
      block[k] = plain_bits (row[i + k]);
    XXH3_64bits_update (&state, block, part * sizeof block[0]);
  }
  return XXH3_64bits_digest (&state);
}

uint64_t
gym_space_hash (const gym_space *space, const double *row)
{
  uint64_t block[hash_block];
  if (space->size > hash_block)
    return hash_long (row, space->size);
  for (uint32_t i = 0; i < space->size; i++)
    block[i] = plain_bits (row[i]);
  return XXH3_64bits (block, space->size * sizeof block[0]);
}

void
gym_space_encode (const gym_space *space, const double *row, double *unit)
{
  for (uint32_t i = 0; i < space->size; i++)
    unit[i] = isnan (row[i]) ? 0.5 : position (&space->axes[i], row[i]);
}

void
gym_space_decode (const gym_space *space, const double *unit, double *row)
{
  for (uint32_t i = 0; i < space->size; i++) {
    const struct gym_axis *axis = &space->axes[i];
    double at = unit[i]; /* read first: unit and row may be the same array */
    row[i] = gym_axis_active (axis, row) ? value_at (axis, at) : NAN;
  }
}

uint32_t
gym_space_onehot_size (const gym_space *space)
{
  return space->onehot_size;
}

void
gym_space_onehot (const gym_space *space, const double *row, double *out)
{
  for (uint32_t i = 0; i < space->size; i++) {
    const struct gym_axis *axis = &space->axes[i];
    bool active = !isnan (row[i]);
    if (axis->kind == GYM_CATEGORICAL) {
      for (uint64_t k = 0; k < axis->count; k++)
        *out++ = active && row[i] == (double)k;
      continue;
    }
    *out++ = active ? position (axis, row[i]) : 0.5;
    if (axis->parent >= 0)
      *out++ = active;
  }
}
