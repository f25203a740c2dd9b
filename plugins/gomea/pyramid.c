/* The pyramid of populations: see pyramid.h. */
#include "plugins/gomea/pyramid.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Values of a parameter that linkage tells apart; one more stands for inactive. Long
 * ranges are cut: a few dozen designs say nothing about thousands of pairs of values. */
enum { bins = 8 };

void
pyramid_init (struct pyramid *p, const struct moves *moves)
{
  *p = (struct pyramid){ .moves = moves };
  seen_init (&p->members, moves->n, false);
}

void
pyramid_free (struct pyramid *p)
{
  for (uint32_t k = 0; k < p->n_levels; k++) {
    free (p->levels[k].rows);
    free (p->levels[k].bins);
    linkage_free (&p->levels[k].tree);
  }
  seen_free (&p->members);
  p->n_levels = 0;
}

/* Equal parts of a range; of categorical levels, which have no order, any other deal. */
static uint8_t
bin_of (const struct moves *m, uint32_t i, double value)
{
  const struct moves_axis *axis = &m->axes[i];
  if (isnan (value))
    return bins;
  if (axis->kind == GYM_REAL) {
    double at = ((axis->log ? log (value) : value) - axis->low) / axis->span;
    return (uint8_t)fmax (0, fmin (bins - 1, at * bins));
  }
  uint64_t index = m->host->param_index (m->space, i, value);
  if (axis->count <= bins)
    return (uint8_t)index;
  if (axis->kind == GYM_CATEGORICAL)
    return (uint8_t)(index % bins);
  return (uint8_t)((double)index / (double)axis->count * bins);
}

static int
make_room (struct pyramid *p, struct level *level)
{
  size_t room = level->room ? 2 * level->room : 8, n = p->moves->n;
  double *rows = realloc (level->rows, (room * n + 1) * sizeof *rows);
  level->rows = rows ? rows : level->rows;
  uint8_t *cells = realloc (level->bins, room * n + 1);
  level->bins = cells ? cells : level->bins;
  if (!rows || !cells)
    return GYM_ENOMEM;
  level->room = room;
  return GYM_OK;
}

/* The level counts as soon as it has anything to free. */
int
pyramid_add (struct pyramid *p, uint32_t k, uint64_t hash, const double *row)
{
  struct level *level = &p->levels[k];
  uint32_t n = p->moves->n;
  if (k == PYRAMID_LEVELS || seen_has (&p->members, hash, row))
    return 0;
  if (k == p->n_levels) {
    p->n_levels++;
    if (linkage_init (&level->tree, n, bins + p->moves->conditional) < 0)
      return GYM_ENOMEM;
  }
  if ((level->count == level->room && make_room (p, level) < 0)
      || seen_add (&p->members, hash, row) < 0)
    return GYM_ENOMEM;
  memcpy (level->rows + level->count * n, row, n * sizeof *row);
  for (uint32_t i = 0; i < n; i++)
    level->bins[level->count * n + i] = bin_of (p->moves, i, row[i]);
  level->count++;
  return 1;
}

/* A 16th more designs hardly move a statistic. The first few count for each other. */
int
pyramid_learn (struct pyramid *p, uint32_t k, gym_rng *rng)
{
  struct level *level = &p->levels[k];
  if (level->learnt > 0 && level->count < level->learnt + level->learnt / 16 + 1)
    return GYM_OK;
  level->learnt = level->count;
  return linkage_learn (&level->tree, rng, level->bins, level->count);
}
