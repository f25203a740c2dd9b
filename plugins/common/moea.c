/* Evolving a front: see moea.h. */
#include "plugins/common/moea.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* How often a child that was evaluated before is mutated again before a random design
 * takes its place. */
enum { retries = 16 };

static int
make_room (struct moea *e)
{
  size_t room = e->room;
  e->items = malloc (room * sizeof *e->items);
  e->ends = malloc (room * sizeof *e->ends);
  e->rows = malloc ((room * e->n + 1) * sizeof *e->rows);
  e->objectives = malloc (room * e->m * sizeof *e->objectives);
  e->violations = malloc ((room * e->c + 1) * sizeof *e->violations);
  e->statuses = malloc (room * sizeof *e->statuses);
  e->ranks = malloc (room * sizeof *e->ranks);
  e->hashes = malloc (room * sizeof *e->hashes);
  e->scores = malloc (room * sizeof *e->scores);
  bool ok = e->items && e->ends && e->rows && e->objectives && e->violations
            && e->statuses && e->ranks && e->hashes && e->scores;
  return ok ? GYM_OK : GYM_ENOMEM;
}

int
moea_init (struct moea *e, const struct gym_host *host, const struct gym_problem *problem,
           const struct moea_options *options, uint64_t seed, moea_survival survive,
           void *owner)
{
  *e = (struct moea){ .host = host,
                      .n = host->space_size (problem->space),
                      .m = problem->n_objectives,
                      .c = problem->n_constraints,
                      .size = (uint32_t)options->population,
                      .crossover = options->crossover,
                      .survive = survive,
                      .owner = owner };
  int64_t offspring = options->offspring ? options->offspring : options->population;
  e->room = e->size + (uint32_t)offspring;
  gym_rng_init (&e->rng, seed);
  fresh_init (&e->fresh, host, problem->space);
  if (moves_init (&e->moves, host, problem->space) < 0 || make_room (e) < 0
      || dominance_init (&e->dominance, e->room) < 0)
    return GYM_ENOMEM;
  for (uint32_t k = 0; k < e->room; k++)
    e->items[k] = k;
  e->moves.near = options->near;
  e->moves.prior = problem->prior;
  e->rate = options->mutation > 0 ? options->mutation : 1.0 / fmax (1, e->moves.n_free);
  return GYM_OK;
}

void
moea_free (struct moea *e)
{
  moves_free (&e->moves);
  fresh_free (&e->fresh);
  dominance_free (&e->dominance);
  free (e->items);
  free (e->ends);
  free (e->rows);
  free (e->objectives);
  free (e->violations);
  free (e->statuses);
  free (e->ranks);
  free (e->hashes);
  free (e->scores);
}

/* ---- survival ---- */

/* By status and violations alone: a comparison of no objectives. */
static int
compare_classes (const struct moea *e, uint32_t a, uint32_t b)
{
  return e->host->compare (0, e->c, e->statuses[a], NULL,
                           e->violations + (size_t)a * e->c, e->statuses[b], NULL,
                           e->violations + (size_t)b * e->c);
}

/* By insertion: all but the newest are in order, and most are alike. */
static void
sort_classes (struct moea *e)
{
  for (uint32_t k = 1; k < e->count; k++) {
    uint32_t item = e->items[k], at = k;
    for (; at > 0 && compare_classes (e, item, e->items[at - 1]) < 0; at--)
      e->items[at] = e->items[at - 1];
    e->items[at] = item;
  }
}

/* Ranks and scores a front; of the one that crosses the border the best come first. */
static void
rank_front (struct moea *e, uint32_t rank, uint32_t from, uint32_t to)
{
  uint32_t room = from < e->size ? e->size - from : 0;
  uint32_t n = to - from, keep = n < room ? n : room;
  for (uint32_t k = from; k < to; k++) {
    e->ranks[e->items[k]] = rank;
    e->scores[e->items[k]] = 0;
  }
  if (keep > 0 && e->statuses[e->items[from]] == GYM_TRIAL_OK)
    e->survive (e->owner, e, rank, e->items + from, n, keep);
}

/* Members of one class: fronts by dominance, where there are objectives. */
static uint32_t
rank_class (struct moea *e, uint32_t rank, uint32_t from, uint32_t to)
{
  uint32_t start = from, n_fronts = 1;
  e->ends[0] = to - from;
  if (e->statuses[e->items[from]] == GYM_TRIAL_OK)
    n_fronts = dominance_sort (&e->dominance, e->m, e->objectives, e->items + from,
                               to - from, e->ends);
  for (uint32_t k = 0; k < n_fronts; k++) {
    uint32_t end = from + e->ends[k];
    rank_front (e, rank + k, start, end);
    start = end;
  }
  return n_fronts;
}

static void
cut_back (struct moea *e)
{
  uint32_t rank = 0;
  sort_classes (e);
  for (uint32_t from = 0, to; from < e->count; from = to) {
    for (to = from + 1;
         to < e->count && compare_classes (e, e->items[to], e->items[from]) == 0;)
      to++;
    rank += rank_class (e, rank, from, to);
  }
  e->count = e->count < e->size ? e->count : e->size;
  e->ranked = e->count;
}

void
moea_best (const struct moea *e, uint32_t *items, uint32_t n, uint32_t keep)
{
  for (uint32_t k = 0; k < keep; k++) {
    uint32_t best = k;
    for (uint32_t i = k + 1; i < n; i++)
      if (e->scores[items[i]] > e->scores[items[best]])
        best = i;
    uint32_t item = items[best];
    items[best] = items[k];
    items[k] = item;
  }
}

/* ---- breeding ---- */

static uint32_t
tournament (struct moea *e)
{
  uint32_t a = e->items[gym_rng_below (&e->rng, e->ranked)];
  uint32_t b = e->items[gym_rng_below (&e->rng, e->ranked)];
  if (e->ranks[a] != e->ranks[b])
    return e->ranks[a] < e->ranks[b] ? a : b;
  return e->scores[a] >= e->scores[b] ? a : b;
}

/* Writes a child that was never evaluated: 1, or 0 when there is none left. */
static int
breed (struct moea *e, double *child)
{
  const double *a = e->rows + (size_t)tournament (e) * e->n;
  if (gym_rng_real (&e->rng) < e->crossover)
    moves_cross_uniform (&e->moves, &e->rng, a, e->rows + (size_t)tournament (e) * e->n,
                         child);
  else
    memcpy (child, a, e->n * sizeof *child);
  for (int k = 0; k < retries; k++) {
    moves_mutate (&e->moves, &e->rng, e->rate, child);
    int code = fresh_claim (&e->fresh, child);
    if (code)
      return code;
  }
  return fresh_draw (&e->fresh, &e->rng, child);
}

int
moea_ask (struct moea *e, struct gym_asks *asks, gym_error *err)
{
  size_t n = 0;
  for (; n < asks->n; n++, e->asked++) {
    double *row = asks->designs + n * e->n;
    bool early = e->asked < e->size || e->ranked < 2;
    int code = early ? fresh_draw (&e->fresh, &e->rng, row) : breed (e, row);
    if (code < 0)
      return gym_fail (err, code, "out of memory");
    if (code == 0)
      break;
  }
  return (int)n;
}

/* ---- hearing ---- */

/* Infinite ones are as bad as numbers get, for differences have to be numbers. */
static double
bounded (double objective)
{
  return isnan (objective) ? DBL_MAX : fmax (-DBL_MAX, fmin (DBL_MAX, objective));
}

static bool
holds (const struct moea *e, uint64_t hash)
{
  for (uint32_t k = 0; k < e->count; k++)
    if (e->hashes[e->items[k]] == hash)
      return true;
  return false;
}

static void
add (struct moea *e, const struct gym_tells *tells, size_t i)
{
  const double *row = tells->designs + i * e->n;
  uint64_t hash = e->host->space_hash (e->fresh.space, row);
  if (holds (e, hash))
    return;
  uint32_t slot = e->items[e->count++];
  memcpy (e->rows + (size_t)slot * e->n, row, e->n * sizeof *row);
  for (uint32_t j = 0; j < e->m; j++)
    e->objectives[(size_t)slot * e->m + j] = bounded (tells->objectives[i * e->m + j]);
  if (e->c > 0)
    memcpy (e->violations + (size_t)slot * e->c, tells->violations + i * e->c,
            e->c * sizeof *e->violations);
  e->statuses[slot] = tells->statuses[i];
  e->hashes[slot] = hash;
}

/* While the population is growing it is ranked as a whole when it has doubled, so that
 * there are parents before it is full: repaired designs may keep it from ever being. */
int
moea_tell (struct moea *e, const struct gym_tells *tells, gym_error *err)
{
  for (size_t i = 0; i < tells->n; i++) {
    if (fresh_claim (&e->fresh, tells->designs + i * e->n) < 0)
      return gym_fail (err, GYM_ENOMEM, "out of memory");
    add (e, tells, i);
    if (e->count == e->room || (e->count <= e->size && e->count >= 2 * e->ranked))
      cut_back (e);
  }
  return GYM_OK;
}
