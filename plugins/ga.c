/* plugins/ga.c - a genetic algorithm over designs as they are, no bit strings.
 *
 * Holland, "Adaptation in Natural and Artificial Systems" (1975); Goldberg, "Genetic
 * Algorithms in Search, Optimization and Machine Learning" (1989), whose plan this file
 * follows: a population of random designs; two parents by tournament; crossover;
 * mutation; the child takes its place. By default it does so at once, displacing the
 * worst (steady state: Whitley, "The GENITOR algorithm", 1989), optionally in
 * generations of which the elite survives. No design is evaluated twice. */
#include "plugins/common/fresh.h"
#include "plugins/common/moves.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { UNIFORM, TWO_POINT };
enum { STEADY, GENERATIONAL };

/* Told designs, the best first. Slots stay where they are, `order` is what is sorted. */
struct pool {
  uint32_t count;
  uint32_t *order;
  double *rows, *objectives, *violations;
  uint32_t *statuses;
};

struct ga {
  int64_t population, generations, tournament, elites;
  double mutation, crossover, near;
  int32_t recombination, replacement;

  const struct gym_host *host;
  uint32_t n, constraints, size; /* of designs, violations and the population */
  double rate;                   /* mutation probability of a parameter */
  gym_rng rng;
  struct moves moves;
  struct fresh fresh;
  struct pool pool;
  struct pool next; /* the generation in the making; generational only */
  uint64_t asked;
  uint64_t told;
};

/* How often a child that was evaluated before is mutated again before a random design
 * takes its place. */
enum { retries = 16 };

/* ---- the population ---- */

static int
pool_init (struct pool *pool, const struct ga *ga)
{
  size_t size = ga->size;
  pool->order = malloc (size * sizeof *pool->order);
  pool->rows = malloc ((size * ga->n + 1) * sizeof *pool->rows);
  pool->objectives = malloc (size * sizeof *pool->objectives);
  pool->violations = malloc ((size * ga->constraints + 1) * sizeof *pool->violations);
  pool->statuses = malloc (size * sizeof *pool->statuses);
  bool ok =
      pool->order && pool->rows && pool->objectives && pool->violations && pool->statuses;
  return ok ? GYM_OK : GYM_ENOMEM;
}

static void
pool_free (struct pool *pool)
{
  free (pool->order);
  free (pool->rows);
  free (pool->objectives);
  free (pool->violations);
  free (pool->statuses);
}

struct result {
  const double *row, *objective, *violation;
  uint32_t status;
};

static struct result
pool_result (const struct ga *ga, const struct pool *pool, uint32_t slot)
{
  return (struct result){ .row = pool->rows + (size_t)slot * ga->n,
                          .objective = pool->objectives + slot,
                          .violation = pool->violations + (size_t)slot * ga->constraints,
                          .status = pool->statuses[slot] };
}

/* First rank whose holder is not better: among equals the newest comes first, so that a
 * search drifts over plateaus. */
static uint32_t
rank_of (const struct ga *ga, const struct pool *pool, const struct result *new)
{
  uint32_t low = 0, high = pool->count;
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    struct result old = pool_result (ga, pool, pool->order[middle]);
    if (ga->host->compare (1, ga->constraints, old.status, old.objective, old.violation,
                           new->status, new->objective, new->violation)
        < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

static bool
pool_holds (const struct ga *ga, const struct pool *pool, const double *row)
{
  for (uint32_t slot = 0; slot < pool->count; slot++)
    if (seen_same (pool->rows + (size_t)slot * ga->n, row, ga->n))
      return true;
  return false;
}

/* Takes a result in; a full pool loses its worst for it, unless the new one is that. */
static void
pool_add (const struct ga *ga, struct pool *pool, const struct result *new)
{
  uint32_t rank = rank_of (ga, pool, new);
  bool full = pool->count == ga->size;
  if (rank == ga->size || pool_holds (ga, pool, new->row))
    return;
  uint32_t slot = full ? pool->order[ga->size - 1] : pool->count++;
  uint32_t behind = (full ? ga->size : pool->count) - 1 - rank;
  memmove (pool->order + rank + 1, pool->order + rank, behind * sizeof *pool->order);
  pool->order[rank] = slot;
  memcpy (pool->rows + (size_t)slot * ga->n, new->row, ga->n * sizeof *new->row);
  pool->objectives[slot] = *new->objective;
  memcpy (pool->violations + (size_t)slot * ga->constraints, new->violation,
          ga->constraints * sizeof *new->violation);
  pool->statuses[slot] = new->status;
}

/* ---- breeding ---- */

/* The best of `tournament` drawn with replacement: the lowest rank. */
static const double *
select_parent (struct ga *ga)
{
  uint32_t best = (uint32_t)gym_rng_below (&ga->rng, ga->pool.count);
  for (int64_t k = 1; k < ga->tournament; k++) {
    uint32_t rank = (uint32_t)gym_rng_below (&ga->rng, ga->pool.count);
    best = rank < best ? rank : best;
  }
  return ga->pool.rows + (size_t)ga->pool.order[best] * ga->n;
}

static void
cross (struct ga *ga, double *child)
{
  const double *a = select_parent (ga);
  if (gym_rng_real (&ga->rng) >= ga->crossover)
    memcpy (child, a, ga->n * sizeof *child);
  else if (ga->recombination == UNIFORM)
    moves_cross_uniform (&ga->moves, &ga->rng, a, select_parent (ga), child);
  else
    moves_cross_two_point (&ga->moves, &ga->rng, a, select_parent (ga), child);
}

/* Writes a child that was never evaluated: 1, or 0 when there is none left. */
static int
breed (struct ga *ga, double *child)
{
  cross (ga, child);
  for (int k = 0; k < retries; k++) {
    moves_mutate (&ga->moves, &ga->rng, ga->rate, child);
    int code = fresh_claim (&ga->fresh, child);
    if (code)
      return code;
  }
  return fresh_draw (&ga->fresh, &ga->rng, child);
}

/* ---- the agent ---- */

static int
ga_open (void *self, const struct gym_host *host, const struct gym_problem *problem,
         uint64_t seed, gym_error *err)
{
  struct ga *ga = self;
  ga->host = host;
  ga->n = host->space_size (problem->space);
  ga->constraints = problem->n_constraints;
  ga->size = (uint32_t)ga->population;
  gym_rng_init (&ga->rng, seed);
  fresh_init (&ga->fresh, host, problem->space);
  if (moves_init (&ga->moves, host, problem->space) < 0 || pool_init (&ga->pool, ga) < 0
      || (ga->replacement == GENERATIONAL && pool_init (&ga->next, ga) < 0))
    return gym_fail (err, GYM_ENOMEM, "out of memory for %u designs", ga->size);
  ga->moves.near = ga->near;
  ga->moves.prior = problem->prior;
  ga->rate = ga->mutation > 0 ? ga->mutation : 1.0 / fmax (1, ga->moves.n_free);
  return GYM_OK;
}

static void
ga_close (void *self)
{
  struct ga *ga = self;
  moves_free (&ga->moves);
  fresh_free (&ga->fresh);
  pool_free (&ga->pool);
  pool_free (&ga->next);
}

/* Generations end the search when their number is limited, and make it wait for the last
 * results of one before the next begins. */
static bool
may_ask (const struct ga *ga)
{
  uint64_t generation = ga->asked / ga->size;
  if (ga->generations > 0 && generation > (uint64_t)ga->generations)
    return false;
  return ga->replacement == STEADY || ga->told >= generation * ga->size;
}

static int
ga_ask (void *self, struct gym_asks *asks, gym_error *err)
{
  struct ga *ga = self;
  size_t n = 0;
  for (; n < asks->n && may_ask (ga); n++, ga->asked++) {
    double *row = asks->designs + n * ga->n;
    bool found = ga->asked < ga->size || ga->pool.count < 2;
    int code = found ? fresh_draw (&ga->fresh, &ga->rng, row) : breed (ga, row);
    if (code < 0)
      return gym_fail (err, code, "out of memory");
    if (code == 0)
      break;
  }
  return (int)n;
}

/* The elite of the old generation competes for places in the new one. */
static void
turn_generation (struct ga *ga)
{
  for (int64_t rank = 0; rank < ga->elites && rank < ga->pool.count; rank++) {
    struct result elite = pool_result (ga, &ga->pool, ga->pool.order[rank]);
    pool_add (ga, &ga->next, &elite);
  }
  struct pool old = ga->pool;
  ga->pool = ga->next;
  ga->next = old;
  ga->next.count = 0;
}

static int
ga_tell (void *self, const struct gym_tells *tells, gym_error *err)
{
  struct ga *ga = self;
  struct pool *pool = ga->replacement == STEADY ? &ga->pool : &ga->next;
  for (size_t i = 0; i < tells->n; i++) {
    struct result new = { .row = tells->designs + i * ga->n,
                          .objective = tells->objectives + i,
                          .violation = tells->violations + i * ga->constraints,
                          .status = tells->statuses[i] };
    if (fresh_claim (&ga->fresh, new.row) < 0) /* a repaired form is known now, too */
      return gym_fail (err, GYM_ENOMEM, "out of memory");
    pool_add (ga, pool, &new);
    if (++ga->told % ga->size == 0 && ga->replacement == GENERATIONAL)
      turn_generation (ga);
  }
  return GYM_OK;
}

static const char *const recombinations[] = { "uniform", "two-point", NULL };
static const char *const replacements[] = { "steady", "generational", NULL };

static const struct gym_option options[] = {
  { .name = "population",
    .doc = "designs kept; the search starts with as many random ones",
    .type = GYM_OPTION_INT,
    .flags = GYM_OPTION_LOG,
    .offset = offsetof (struct ga, population),
    .low = 2,
    .high = 4096,
    .initial = "16" },
  { .name = "mutation",
    .doc = "probability that a parameter of a child moves (one at least always does); 0: "
           "one over the number of parameters",
    .type = GYM_OPTION_REAL,
    .offset = offsetof (struct ga, mutation),
    .low = 0,
    .high = 1,
    .initial = "0" },
  { .name = "crossover",
    .doc = "probability that a child has two parents rather than one",
    .type = GYM_OPTION_REAL,
    .offset = offsetof (struct ga, crossover),
    .low = 0,
    .high = 1,
    .initial = "0.9" },
  { .name = "generations",
    .doc = "generations of `population` children after which the search ends; 0: until "
           "the budget is over",
    .type = GYM_OPTION_INT,
    .flags = GYM_OPTION_FIXED,
    .offset = offsetof (struct ga, generations),
    .low = 0,
    .high = 1e9,
    .initial = "0" },
  { .name = "tournament",
    .doc = "designs that compete to become a parent; 1: no selection",
    .type = GYM_OPTION_INT,
    .offset = offsetof (struct ga, tournament),
    .low = 1,
    .high = 64,
    .initial = "3" },
  { .name = "recombination",
    .doc = "each parameter from either parent, or a piece between two points",
    .type = GYM_OPTION_ENUM,
    .offset = offsetof (struct ga, recombination),
    .choices = recombinations,
    .initial = "uniform" },
  { .name = "replacement",
    .doc = "a child displaces the worst at once, or whole generations take turns",
    .type = GYM_OPTION_ENUM,
    .offset = offsetof (struct ga, replacement),
    .choices = replacements,
    .initial = "steady" },
  { .name = "elites",
    .doc = "best designs of a generation that may survive it; generational only",
    .type = GYM_OPTION_INT,
    .offset = offsetof (struct ga, elites),
    .low = 0,
    .high = 4096,
    .initial = "1" },
  { .name = "near",
    .doc = "share of the moves of ordered parameters that stay near: one or two steps of "
           "a grid, a Gaussian step of a real parameter; the others go anywhere",
    .type = GYM_OPTION_REAL,
    .offset = offsetof (struct ga, near),
    .low = 0,
    .high = 1,
    .initial = "0.5" },
};

static const struct gym_agent_class ga_class = {
  .struct_size = sizeof (struct gym_agent_class),
  .flags = GYM_AGENT_DISTINCT | GYM_AGENT_PRIOR | GYM_AGENT_FIRST,
  .id = "ga-v1",
  .summary = "genetic algorithm: tournament, crossover, mutation, no repeats",
  .doc =
      "Starts with `population` random designs. Each child then has two parents, each "
      "the best of `tournament` drawn from the population, takes every parameter from "
      "one of them, is mutated, and displaces the worst of the population if it is no "
      "worse (steady state). Moves know the parameters: a step for integers and "
      "ordinals, any level for categoricals, a Gaussian share of the range for reals; "
      "a conditional parameter that becomes active is inherited if a parent has it, "
      "else drawn. No design is evaluated twice. Infeasible and failed trials rank "
      "below all others. Good on separable and weakly coupled spaces from some hundred "
      "evaluations on; the defaults suit budgets of 200 to 5,000, a larger population "
      "pays with larger ones.",
  .source =
      "J. Holland: Adaptation in Natural and Artificial Systems (1975); D. Goldberg: "
      "Genetic Algorithms in Search, Optimization and Machine Learning (1989)",
  .options = GYM_ARRAY (gym_options, options),
  .place = { .strategy = "evolution: genetic algorithm" },
  .instance_size = sizeof (struct ga),
  .max_objectives = 1,
  .in_flight = 4,
  .open = ga_open,
  .close = ga_close,
  .ask = ga_ask,
  .tell = ga_tell,
};

static const struct gym_agent_class *const classes[] = { &ga_class, NULL };

GYM_EXPORT const struct gym_plugin gym_plugin_entry = {
  GYM_PLUGIN_ABI,
  .name = "ga",
  .version = "0.1.0",
  .licence = "MIT",
  .doc = "genetic algorithm",
  .agents = classes,
};
