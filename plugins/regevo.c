/* plugins/regevo.c - regularised (ageing) evolution.
 *
 * Real, Aggarwal, Huang and Le, "Regularized Evolution for Image Classifier Architecture
 * Search" (AAAI 2019), algorithm 1: the population is a queue; the best of a random
 * sample of it is mutated in one place, the child joins at the right, and the oldest
 * leaves at the left, however good it was. What lasts must be found again and again. */
#include "plugins/common/fresh.h"
#include "plugins/common/moves.h"
#include "plugins/common/points.h"

#include <string.h>

struct regevo {
  int64_t population, sample;
  double mutation, near;

  uint32_t n;
  uint64_t size; /* of the population */
  gym_rng rng;
  struct moves moves;
  struct fresh fresh;
  struct points queue; /* a ring: result number t is in slot t % size */
  uint64_t asked, told;
};

/* How often a child that was evaluated before is mutated again before a random design
 * takes its place. */
enum { retries = 16 };

static int
regevo_open (void *self, const struct gym_host *host, const struct gym_problem *problem,
             uint64_t seed, gym_error *err)
{
  struct regevo *evo = self;
  evo->n = host->space_size (problem->space);
  evo->size = (uint64_t)evo->population;
  gym_rng_init (&evo->rng, seed);
  fresh_init (&evo->fresh, host, problem->space);
  if (moves_init (&evo->moves, host, problem->space) < 0
      || points_init (&evo->queue, host, problem, evo->size) < 0)
    return gym_fail (err, GYM_ENOMEM, "out of memory for %llu designs",
                     (unsigned long long)evo->size);
  evo->moves.near = evo->near;
  evo->moves.prior = problem->prior;
  return GYM_OK;
}

static void
regevo_close (void *self)
{
  struct regevo *evo = self;
  moves_free (&evo->moves);
  fresh_free (&evo->fresh);
  points_free (&evo->queue);
}

/* ---- asking ---- */

/* The best of `sample` drawn with replacement from those alive. */
static const double *
select_parent (struct regevo *evo)
{
  uint64_t alive = evo->told < evo->size ? evo->told : evo->size;
  uint64_t best = gym_rng_below (&evo->rng, alive);
  for (int64_t k = 1; k < evo->sample; k++) {
    uint64_t rival = gym_rng_below (&evo->rng, alive);
    if (points_compare (&evo->queue, rival, best) < 0)
      best = rival;
  }
  return points_row (&evo->queue, best);
}

static int
breed (struct regevo *evo, double *child)
{
  double rate = (evo->mutation - 1) / (evo->moves.n_free + 1.); /* 0: exactly one */
  memcpy (child, select_parent (evo), evo->n * sizeof *child);
  for (int k = 0; k < retries; k++) {
    moves_mutate (&evo->moves, &evo->rng, rate, child);
    int code = fresh_claim (&evo->fresh, child);
    if (code)
      return code;
  }
  return fresh_draw (&evo->fresh, &evo->rng, child);
}

static int
regevo_ask (void *self, struct gym_asks *asks, gym_error *err)
{
  struct regevo *evo = self;
  size_t n = 0;
  for (; n < asks->n; n++, evo->asked++) {
    double *row = asks->designs + n * evo->n;
    bool young = evo->asked < evo->size || evo->told == 0;
    int code = young ? fresh_draw (&evo->fresh, &evo->rng, row) : breed (evo, row);
    if (code < 0)
      return gym_fail (err, code, "out of memory");
    if (code == 0)
      break;
  }
  return (int)n;
}

/* The newest takes the place of the oldest. */
static int
regevo_tell (void *self, const struct gym_tells *tells, gym_error *err)
{
  struct regevo *evo = self;
  for (size_t i = 0; i < tells->n; i++) {
    if (fresh_claim (&evo->fresh, tells->designs + i * evo->n) < 0)
      return gym_fail (err, GYM_ENOMEM, "out of memory");
    points_take (&evo->queue, evo->told++ % evo->size, tells, i);
  }
  return GYM_OK;
}

static const struct gym_option options[] = {
  { .name = "population",
    .doc = "designs alive; the search starts with as many random ones (P)",
    .type = GYM_OPTION_INT,
    .flags = GYM_OPTION_LOG,
    .offset = offsetof (struct regevo, population),
    .low = 2,
    .high = 65536,
    .initial = "30" },
  { .name = "sample",
    .doc = "designs drawn from the population, of which the best becomes a parent (S)",
    .type = GYM_OPTION_INT,
    .flags = GYM_OPTION_LOG,
    .offset = offsetof (struct regevo, sample),
    .low = 1,
    .high = 65536,
    .initial = "30" },
  { .name = "mutation",
    .doc = "parameters of a child that change, about, one at least; 1: exactly one",
    .type = GYM_OPTION_REAL,
    .offset = offsetof (struct regevo, mutation),
    .low = 1,
    .high = 1000,
    .initial = "1" },
  { .name = "near",
    .doc = "share of the moves of ordered parameters that stay near: one or two steps of "
           "a grid, a Gaussian step of a real parameter; the others go anywhere",
    .type = GYM_OPTION_REAL,
    .offset = offsetof (struct regevo, near),
    .low = 0,
    .high = 1,
    .initial = "0.5" },
};

static const struct gym_agent_class regevo_class = {
  .struct_size = sizeof (struct gym_agent_class),
  .flags = GYM_AGENT_DISTINCT | GYM_AGENT_PRIOR | GYM_AGENT_FIRST,
  .id = "regevo-v1",
  .summary = "regularised evolution: the oldest dies, not the worst",
  .doc =
      "A queue of `population` designs, random at first. Each child is a copy of the "
      "best "
      "of `sample` of them with one parameter changed, and takes the place of the "
      "oldest. "
      "Lines survive by being found again, not by one lucky result, which also keeps the "
      "population moving where many designs are alike. No design is evaluated twice. "
      "Infeasible and failed trials rank below all others and age as well. Good on "
      "rugged "
      "and categorical spaces (architectures of networks) from some hundred evaluations "
      "on.",
  .source = "E. Real, A. Aggarwal, Y. Huang, Q. Le: Regularized Evolution for Image "
            "Classifier Architecture Search (AAAI 2019)",
  .options = GYM_ARRAY (gym_options, options),
  .place = { .strategy = "evolution: regularised by age" },
  .instance_size = sizeof (struct regevo),
  .max_objectives = 1,
  .in_flight = 4,
  .open = regevo_open,
  .close = regevo_close,
  .ask = regevo_ask,
  .tell = regevo_tell,
};

static const struct gym_agent_class *const classes[] = { &regevo_class, NULL };

GYM_EXPORT const struct gym_plugin gym_plugin_entry = {
  GYM_PLUGIN_ABI,
  .name = "regevo",
  .version = "0.1.0",
  .licence = "MIT",
  .doc = "regularised evolution",
  .agents = classes,
};
