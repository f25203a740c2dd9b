/* What became of every design: see ledger.h. */
#include "plugins/common/ledger.h"

#include <string.h>

static const uint32_t waiting = UINT32_MAX; /* no status of a trial */

void
ledger_init (struct ledger *l, const struct gym_host *host,
             const struct gym_problem *problem)
{
  *l = (struct ledger){ .results = { .host = host, .c = problem->n_constraints } };
  fresh_init (&l->fresh, host, problem->space);
  l->fresh.seen.placed = true;
}

void
ledger_free (struct ledger *l)
{
  fresh_free (&l->fresh);
  points_free (&l->results);
  *l = (struct ledger){ 0 };
}

/* Room first: a design in the set always has a place for its result. */
static int
prepare (struct ledger *l)
{
  size_t room = l->room ? 2 * l->room : 64;
  if (l->fresh.seen.count < l->room)
    return GYM_OK;
  if (points_reserve (&l->results, room) < 0)
    return GYM_ENOMEM;
  l->room = room;
  return GYM_OK;
}

/* A design that is new stands last in the set. */
static int
begin (struct ledger *l, int code, size_t *place)
{
  if (code == 1) {
    *place = l->fresh.seen.count - 1;
    l->results.statuses[*place] = waiting;
  }
  return code;
}

int
ledger_claim (struct ledger *l, const double *row, size_t *place)
{
  uint64_t hash = l->fresh.host->space_hash (l->fresh.space, row);
  if (prepare (l) < 0)
    return GYM_ENOMEM;
  int code = seen_add (&l->fresh.seen, hash, row);
  if (code == 0)
    *place = seen_place (&l->fresh.seen, hash, row);
  return begin (l, code, place);
}

int
ledger_draw (struct ledger *l, gym_rng *rng, double *row, size_t *place)
{
  if (prepare (l) < 0)
    return GYM_ENOMEM;
  size_t before = l->fresh.seen.count; /* a continuum may give an old one: fresh.h */
  int code = fresh_draw (&l->fresh, rng, row);
  if (code == 1 && l->fresh.seen.count == before)
    return ledger_claim (l, row, place) < 0 ? GYM_ENOMEM : 1;
  return begin (l, code, place);
}

void
ledger_tell (struct ledger *l, size_t place, const struct gym_tells *tells, size_t i)
{
  points_take (&l->results, place, tells, i);
}

bool
ledger_told (const struct ledger *l, size_t place)
{
  return l->results.statuses[place] != waiting;
}

void
ledger_recall (const struct ledger *l, size_t place, struct points *points, size_t slot)
{
  uint32_t c = l->results.c;
  points->objectives[slot] = l->results.objectives[place];
  if (c > 0)
    memcpy (points->violations + slot * c, l->results.violations + place * c,
            c * sizeof *points->violations);
  points->statuses[slot] = l->results.statuses[place];
}

int
ledger_compare (const struct ledger *l, size_t a, size_t b)
{
  return points_compare (&l->results, a, b);
}
