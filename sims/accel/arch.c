/* arch.c - accelerators as data: see arch.h. */
#include "sims/accel/arch.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>

struct accel_level
accel_level_unit (const char *name)
{
  struct accel_level level = { .multiple_buffering = 1,
                               .word_bits = 16,
                               .block = 1,
                               .mesh_x = 1,
                               .mesh_y = 1,
                               .may_keep = ACCEL_KEEP_ALL };
  snprintf (level.name, sizeof level.name, "%s", name);
  return level;
}

/* Not negative, and a number. */
static bool
amount (double x)
{
  return x >= 0 && isfinite (x);
}

/* Spatial factors are 16 bits wide, so no mesh needs more. */
static bool
side (uint32_t n)
{
  return n >= 1 && n <= ACCEL_MESH_MAX;
}

/* What a level says of itself. Zero is fine wherever it means "none" or "for free". */
static int
check_level (const struct accel_level *l, struct accel_error *err)
{
  if (!(l->multiple_buffering >= 1) || !isfinite (l->multiple_buffering))
    return accel_fail (err, "level \"%s\": multiple_buffering is %g; at least 1 expected",
                       l->name, l->multiple_buffering);
  if (l->word_bits == 0 || l->block == 0 || l->entries > UINT64_C (1) << 56)
    return accel_fail (err,
                       "level \"%s\": %u-bit words, blocks of %u, %llu entries; the "
                       "first two are at least 1, entries at most 2^56",
                       l->name, l->word_bits, l->block, (unsigned long long)l->entries);
  if (!amount (l->read_bw) || !amount (l->write_bw) || !amount (l->shared_bw))
    return accel_fail (err, "level \"%s\": a bandwidth is negative", l->name);
  if (!amount (l->read_energy) || !amount (l->write_energy) || !amount (l->leakage)
      || !amount (l->hop_energy) || !amount (l->area))
    return accel_fail (err, "level \"%s\": an energy or the area is negative", l->name);
  return ACCEL_OK;
}

/* The mesh of level `i` against the one inside it. */
static int
check_mesh (const struct accel_arch *a, uint32_t i, struct accel_error *err)
{
  const struct accel_level *l = &a->level[i];
  uint32_t x = i ? l[-1].mesh_x : a->mac.mesh_x, y = i ? l[-1].mesh_y : a->mac.mesh_y;
  if (!side (l->mesh_x) || !side (l->mesh_y))
    return accel_fail (err, "level \"%s\": a mesh of %u x %u; sides of 1 to %d expected",
                       l->name, l->mesh_x, l->mesh_y, ACCEL_MESH_MAX);
  if (x % l->mesh_x == 0 && y % l->mesh_y == 0)
    return ACCEL_OK;
  return accel_fail (err,
                     "level \"%s\": its mesh of %u x %u does not divide the %u x %u "
                     "inside it",
                     l->name, l->mesh_x, l->mesh_y, x, y);
}

int
accel_arch_check (const struct accel_arch *arch, struct accel_error *err)
{
  if (arch->level_count < 1 || arch->level_count > ACCEL_LEVELS_MAX)
    return accel_fail (err, "an accelerator of %u storage levels; 1 to %d expected",
                       arch->level_count, ACCEL_LEVELS_MAX);
  if (!side (arch->mac.mesh_x) || !side (arch->mac.mesh_y) || arch->mac.word_bits == 0)
    return accel_fail (err, "MACs: a mesh of %u x %u of %u bits", arch->mac.mesh_x,
                       arch->mac.mesh_y, arch->mac.word_bits);
  if (!amount (arch->mac.energy) || !amount (arch->mac.leakage)
      || !amount (arch->mac.area))
    return accel_fail (err, "MACs: an energy or the area is negative");
  for (uint32_t i = 0; i < arch->level_count; i++) {
    if (check_level (&arch->level[i], err) != ACCEL_OK
        || check_mesh (arch, i, err) != ACCEL_OK)
      return ACCEL_INVALID;
  }
  return ACCEL_OK;
}

/* Each copy of the buffered tiles takes its part, rounded down as Timeloop does. */
uint64_t
accel_level_capacity (const struct accel_level *level)
{
  if (level->entries == 0)
    return UINT64_MAX;
  return (uint64_t)floor ((double)level->entries / level->multiple_buffering);
}

double
accel_arch_area (const struct accel_arch *arch)
{
  double area = arch->mac.area * arch->mac.mesh_x * arch->mac.mesh_y;
  for (uint32_t i = 0; i < arch->level_count; i++) {
    const struct accel_level *l = &arch->level[i];
    area += l->area * l->mesh_x * l->mesh_y;
  }
  return area;
}
