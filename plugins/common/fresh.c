/* Uniform designs without replacement: see fresh.h. */
#include "plugins/common/fresh.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Above this many designs their hashes stand for them: at ten million trials a collision
 * hides one design in one run of 400,000. */
static const double exact_limit = 1048576;

/* A continuum is not given up for a few repeats of a finite corner of it. */
enum { patience = 4096 };

void
fresh_init (struct fresh *fresh, const struct gym_host *host,
            const struct gym_space *space)
{
  *fresh = (struct fresh){ .host = host,
                           .space = space,
                           .n = host->space_size (space),
                           .cardinality = host->space_cardinality (space) };
  seen_init (&fresh->seen, fresh->n, fresh->cardinality <= exact_limit);
}

void
fresh_free (struct fresh *fresh)
{
  seen_free (&fresh->seen);
  free (fresh->left);
  fresh->left = NULL;
  fresh->n_left = 0;
}

int
fresh_claim (struct fresh *fresh, const double *row)
{
  return seen_add (&fresh->seen, fresh->host->space_hash (fresh->space, row), row);
}

bool
fresh_exhausted (const struct fresh *fresh)
{
  return (double)fresh->seen.count >= fresh->cardinality;
}

/* ---- listing a finite space ---- */

/* The first design in the order of an odometer: every active parameter at its first
 * value. Inactive ones become NaN when the row is made canonical. */
static void
restart_from (const struct fresh *f, double *row, uint32_t i)
{
  for (; i < f->n; i++)
    row[i] = f->host->param_value (f->space, i, 0);
  f->host->space_repair (f->space, row);
}

/* The next design in that order; false after the last. Which parameters are active
 * depends on earlier ones only, so the part before the changed one stays valid. */
static bool
advance (const struct fresh *f, double *row)
{
  for (uint32_t i = f->n; i-- > 0;) {
    if (isnan (row[i]))
      continue;
    uint64_t index = f->host->param_index (f->space, i, row[i]) + 1;
    if (index >= f->host->param_count (f->space, i))
      continue;
    row[i] = f->host->param_value (f->space, i, index);
    restart_from (f, row, i + 1);
    return true;
  }
  return false;
}

static int
append_left (struct fresh *f, const double *row, size_t *room)
{
  if (f->n_left == *room) {
    size_t more = 2 * *room + 64;
    double *left = realloc (f->left, (more * f->n + 1) * sizeof *left);
    if (!left)
      return GYM_ENOMEM;
    f->left = left;
    *room = more;
  }
  memcpy (f->left + f->n_left++ * f->n, row, f->n * sizeof *row);
  return GYM_OK;
}

/* `row` is room to work in. */
static int
list_left (struct fresh *f, double *row)
{
  size_t room = 0;
  restart_from (f, row, 0);
  do
    if (!seen_has (&f->seen, f->host->space_hash (f->space, row), row)
        && append_left (f, row, &room) < 0)
      return GYM_ENOMEM;
  while (advance (f, row));
  f->listed = true;
  return GYM_OK;
}

static int
draw_left (struct fresh *f, gym_rng *rng, double *row)
{
  while (f->n_left > 0) {
    double *chosen = f->left + gym_rng_below (rng, f->n_left) * f->n;
    memcpy (row, chosen, f->n * sizeof *row);
    memcpy (chosen, f->left + --f->n_left * f->n, f->n * sizeof *row);
    int code = fresh_claim (f, row); /* 0: claimed since the list was made */
    if (code)
      return code;
  }
  return 0;
}

/* ---- drawing ---- */

int
fresh_draw (struct fresh *f, gym_rng *rng, double *row)
{
  if (fresh_exhausted (f))
    return 0;
  for (int tries = 0; !f->listed; tries++) {
    f->host->space_sample (f->space, rng, row);
    int code = fresh_claim (f, row);
    if (code)
      return code;
    if (++f->misses >= f->cardinality && list_left (f, row) < 0)
      return GYM_ENOMEM;
    if (tries == patience && isinf (f->cardinality))
      return 1;
  }
  return draw_left (f, rng, row);
}
