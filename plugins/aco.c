/* plugins/aco.c - ant colony optimisation over (parameter, level) trails.
 *
 * An ant walks through the parameters and chooses a level of each with a probability
 * proportional to its pheromone. Stuetzle and Hoos, "MAX-MIN Ant System" (2000), whose
 * limits keep every level reachable; Bullnheimer, Hartl and Strauss, "A new rank based
 * version of the Ant System" (1999), whose deposits are scaled by rank and not by the
 * objective; Blum and Dorigo, "The hyper-cube framework for ant colony optimization"
 * (2004), in which trails are shares. The trail of a conditional parameter depends on the
 * level its parent took. Deposits on ordered parameters spread over neighbours, as wide
 * as the best designs still differ (after Socha and Dorigo, "Ant colony optimization for
 * continuous domains", 2008); reals and long integers are cut into bins.
 *
 * Option rules=acs: Dorigo and Gambardella, "Ant Colony System" (1997). */
#include "plugins/common/fresh.h"
#include "plugins/common/lean.h"
#include "plugins/common/moves.h"
#include "plugins/common/points.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MMAS, ACS };

/* Levels a trail tells apart; a parameter with more values is cut into so many bins. */
enum { BINS = 64 };

struct axis {
  uint32_t bins;
  bool exact; /* a bin is a value */
  bool ordered;
  uint32_t parent; /* its own index: none */
  size_t trails;   /* where its first trail begins: one for each bin of the parent */
  double least;    /* share that every level keeps (MAX-MIN) */
};

struct aco {
  int32_t rules;
  int64_t ants, ranks;
  double evaporation, greediness, decay, spread, best;

  uint32_t n;
  gym_rng rng;
  struct moves moves;
  struct fresh fresh;
  struct axis *axes;
  double *trails, *first; /* now, and as they began */
  uint32_t *bins;         /* of the ant at work */
  double *unit;           /* of the same */
  struct points
      elite; /* slots 0 .. ranks; `order` has the best first, the last is free */
  uint32_t *order, *levels; /* levels: bins of each elite design, row by row */
  uint32_t n_elite;
  uint64_t told;
};

/* Known designs that are built before one is changed, and changes before one is drawn. */
enum { rebuilds = 4, retries = 16 };

/* ---- trails ---- */

static uint32_t
parent_of (const struct aco *aco, uint32_t i)
{
  const char *name = aco->moves.host->space_param (aco->moves.space, i)->parent;
  for (uint32_t k = 0; name && k < i; k++)
    if (strcmp (aco->moves.host->space_param (aco->moves.space, k)->name, name) == 0)
      return k;
  return i;
}

/* How far the limits let a level fall: so that an ant takes the best level of every
 * parameter with probability `best` once the trails have converged (Stuetzle and Hoos).
 */
static double
least_share (const struct aco *aco, uint32_t bins)
{
  double others = 1 - pow (aco->best, 1.0 / fmax (1, aco->moves.n_free));
  return bins > 1 ? others / (bins - 1) : 0;
}

static size_t
set_axes (struct aco *aco)
{
  size_t size = 0;
  for (uint32_t i = 0; i < aco->n; i++) {
    struct axis *axis = &aco->axes[i];
    uint64_t count = aco->moves.axes[i].count;
    axis->exact = count > 0 && count <= BINS;
    axis->bins = axis->exact ? (uint32_t)count : BINS;
    axis->ordered = aco->moves.axes[i].kind != GYM_CATEGORICAL;
    axis->parent = parent_of (aco, i);
    axis->least = fmin (least_share (aco, axis->bins), 1.0 / axis->bins);
    axis->trails = size;
    size += (size_t)axis->bins * (axis->parent == i ? 1 : aco->axes[axis->parent].bins);
  }
  return size;
}

/* A prior is pheromone that is there already; bins of a log scale are not pieces of the
 * grid, and begin alike. */
static void
set_trails (struct aco *aco, const struct gym_problem *problem, size_t size)
{
  for (uint32_t i = 0; i < aco->n; i++) {
    const struct axis *axis = &aco->axes[i];
    const double *weights = lean_weights (problem, i);
    bool even = axis->exact || !aco->moves.axes[i].log;
    size_t end = i + 1 < aco->n ? aco->axes[i + 1].trails : size;
    for (size_t k = axis->trails; k < end; k += axis->bins)
      lean_pieces (even ? weights : NULL, aco->moves.axes[i].count, aco->trails + k,
                   axis->bins);
  }
  memcpy (aco->first, aco->trails, size * sizeof *aco->first);
}

/* The trail of parameter i behind the levels its parents took. */
static double *
trail_of (const struct aco *aco, uint32_t i, const uint32_t *bins)
{
  const struct axis *axis = &aco->axes[i];
  size_t which = axis->parent == i ? 0 : bins[axis->parent];
  return aco->trails + axis->trails + which * axis->bins;
}

static int
aco_open (void *self, const struct gym_host *host, const struct gym_problem *problem,
          uint64_t seed, gym_error *err)
{
  struct aco *aco = self;
  size_t n = aco->n = host->space_size (problem->space);
  size_t ranks = aco->rules == ACS ? 1 : (size_t)aco->ranks;
  aco->ranks = (int64_t)ranks;
  gym_rng_init (&aco->rng, seed);
  fresh_init (&aco->fresh, host, problem->space);
  aco->axes = calloc (n + 1, sizeof *aco->axes);
  aco->bins = calloc (n + 1, sizeof *aco->bins);
  aco->unit = calloc (n + 1, sizeof *aco->unit);
  aco->order = calloc (ranks + 1, sizeof *aco->order);
  aco->levels = calloc ((ranks + 1) * n + 1, sizeof *aco->levels);
  if (!aco->axes || !aco->bins || !aco->unit || !aco->order || !aco->levels
      || moves_init (&aco->moves, host, problem->space) < 0
      || points_init (&aco->elite, host, problem, ranks + 1) < 0)
    return gym_fail (err, GYM_ENOMEM, "out of memory");
  size_t size = set_axes (aco);
  aco->trails = malloc ((2 * size + 1) * sizeof *aco->trails);
  if (!aco->trails)
    return gym_fail (err, GYM_ENOMEM, "out of memory for %zu trails", size);
  aco->first = aco->trails + size;
  set_trails (aco, problem, size);
  aco->moves.prior = problem->prior;
  for (size_t k = 0; k <= ranks; k++)
    aco->order[k] = (uint32_t)k;
  return GYM_OK;
}

static void
aco_close (void *self)
{
  struct aco *aco = self;
  free (aco->axes);
  free (aco->trails);
  free (aco->bins);
  free (aco->unit);
  free (aco->order);
  free (aco->levels);
  moves_free (&aco->moves);
  fresh_free (&aco->fresh);
  points_free (&aco->elite);
}

/* ---- ants ---- */

/* Looked for from a random level on, as at first all are alike. */
static uint32_t
strongest (gym_rng *rng, const double *trail, uint32_t bins)
{
  uint32_t first = (uint32_t)gym_rng_below (rng, bins), best = first;
  for (uint32_t k = 1; k < bins; k++) {
    uint32_t b = first + k < bins ? first + k : first + k - bins;
    if (trail[b] > trail[best])
      best = b;
  }
  return best;
}

/* In proportion to the trail; its sum is not always 1 under the rules of ACS. */
static uint32_t
spin (gym_rng *rng, const double *trail, uint32_t bins)
{
  double sum = 0, at;
  for (uint32_t b = 0; b < bins; b++)
    sum += trail[b];
  at = gym_rng_real (rng) * sum;
  for (uint32_t b = 0; b + 1 < bins; b++)
    if ((at -= trail[b]) < 0)
      return b;
  return bins - 1;
}

/* ACS: greedy with a set probability; the level taken then loses some of its pheromone to
 * what it had at first, so that the ants of one round differ. */
static uint32_t
choose (struct aco *aco, uint32_t i)
{
  double *trail = trail_of (aco, i, aco->bins);
  uint32_t bins = aco->axes[i].bins;
  if (aco->rules == MMAS)
    return spin (&aco->rng, trail, bins);
  bool greedy = gym_rng_real (&aco->rng) < aco->greediness;
  uint32_t b =
      greedy ? strongest (&aco->rng, trail, bins) : spin (&aco->rng, trail, bins);
  trail[b] += aco->decay * (aco->first[trail - aco->trails + b] - trail[b]);
  return b;
}

/* A bin of many values stands for any of them. All parameters get a level, also those
 * that turn out inactive: their parents come first. */
static void
build (struct aco *aco, double *row)
{
  const struct gym_host *host = aco->moves.host;
  for (uint32_t i = 0; i < aco->n; i++) {
    const struct axis *axis = &aco->axes[i];
    aco->bins[i] = choose (aco, i);
    double within = axis->exact ? 0.5 : gym_rng_real (&aco->rng);
    aco->unit[i] = (aco->bins[i] + within) / axis->bins;
  }
  host->space_decode (aco->moves.space, aco->unit, row);
  for (uint32_t i = 0; i < aco->n; i++)
    if (aco->axes[i].exact)
      row[i] = host->param_value (aco->moves.space, i, aco->bins[i]);
  moves_settle (&aco->moves, &aco->rng, row);
}

/* An ant that ends at a known design is sent again, then its design is changed. */
static int
walk (struct aco *aco, double *row)
{
  for (int k = 0; k < rebuilds + retries; k++) {
    if (k < rebuilds)
      build (aco, row);
    else
      moves_mutate (&aco->moves, &aco->rng, 0, row);
    int code = fresh_claim (&aco->fresh, row);
    if (code)
      return code;
  }
  return fresh_draw (&aco->fresh, &aco->rng, row);
}

static int
aco_ask (void *self, struct gym_asks *asks, gym_error *err)
{
  struct aco *aco = self;
  size_t n = 0;
  for (; n < asks->n; n++) {
    int code = walk (aco, asks->designs + n * aco->n);
    if (code < 0)
      return gym_fail (err, code, "out of memory");
    if (code == 0)
      break;
  }
  return (int)n;
}

/* ---- pheromone ---- */

/* Bins of a design; of an inactive parameter none. */
static void
read_levels (struct aco *aco, const double *row, uint32_t *levels)
{
  const struct gym_host *host = aco->moves.host;
  host->space_encode (aco->moves.space, row, aco->unit);
  for (uint32_t i = 0; i < aco->n; i++) {
    uint32_t bin = (uint32_t)(aco->unit[i] * aco->axes[i].bins);
    if (aco->axes[i].exact && !isnan (row[i]))
      bin = (uint32_t)host->param_index (aco->moves.space, i, row[i]);
    levels[i] = isnan (row[i])            ? BINS
                : bin < aco->axes[i].bins ? bin
                                          : aco->axes[i].bins - 1;
  }
}

/* How far a deposit on an ordered parameter reaches to each side: `spread` times the mean
 * distance of the elite designs from the best one, or a set one where it is alone. */
static double
reach_of (const struct aco *aco, uint32_t i)
{
  const uint32_t *best = aco->levels + (size_t)aco->order[0] * aco->n;
  double sum = 0;
  uint32_t active = 0;
  if (!aco->axes[i].ordered)
    return 0;
  for (uint32_t r = 1; r < aco->n_elite; r++) {
    uint32_t level = aco->levels[(size_t)aco->order[r] * aco->n + i];
    if (level == BINS || best[i] == BINS)
      continue;
    sum += fabs ((double)level - best[i]);
    active++;
  }
  double apart = aco->ranks > 1 ? aco->axes[i].bins / 8.0 : 1;
  return aco->spread * (active ? sum / active : apart) + 0.5;
}

/* Adds `weight` to a deposit around a level, as a triangle of that area. */
static void
drop (double *deposit, uint32_t bins, uint32_t level, double reach, double weight)
{
  int radius = (int)reach, low = (int)level - radius, high = (int)level + radius;
  double area = 0;
  low = low < 0 ? 0 : low;
  high = high >= (int)bins ? (int)bins - 1 : high;
  for (int b = low; b <= high; b++)
    area += reach + 1 - abs (b - (int)level);
  for (int b = low; b <= high; b++)
    deposit[b] += weight * (reach + 1 - abs (b - (int)level)) / area;
}

/* What the elite drops on one trail of parameter i, and its weight in all: rank r of k
 * counts k - r. */
static double
gather (const struct aco *aco, uint32_t i, const double *trail, double reach,
        double deposit[BINS])
{
  double mass = 0, k = aco->n_elite, all = k * (k + 1) / 2;
  memset (deposit, 0, BINS * sizeof *deposit);
  for (uint32_t r = 0; r < aco->n_elite; r++) {
    const uint32_t *levels = aco->levels + (size_t)aco->order[r] * aco->n;
    if (levels[i] == BINS || trail_of (aco, i, levels) != trail)
      continue;
    drop (deposit, aco->axes[i].bins, levels[i], reach, (k - r) / all);
    mass += (k - r) / all;
  }
  return mass;
}

/* Evaporation and deposit at once: the trail stays a share. Then no level is below its
 * least, at the expense of those above. Under the rules of ACS pheromone evaporates only
 * where the best design went along, and needs no limits. */
static void
renew (const struct aco *aco, uint32_t i, double *trail, double reach)
{
  const struct axis *axis = &aco->axes[i];
  double deposit[BINS], mass = gather (aco, i, trail, reach, deposit), spare = 0,
                        lack = 0;
  for (uint32_t b = 0; b < axis->bins; b++) {
    if (aco->rules == MMAS || deposit[b] > 0)
      trail[b] += aco->evaporation * (deposit[b] - mass * trail[b]);
    spare += fmax (0, trail[b] - axis->least);
    lack += fmax (0, axis->least - trail[b]);
  }
  if (aco->rules == ACS || lack == 0)
    return;
  for (uint32_t b = 0; b < axis->bins; b++)
    trail[b] = trail[b] < axis->least
                   ? axis->least
                   : trail[b] - lack / spare * (trail[b] - axis->least);
}

/* Each trail that an elite design went along, once. */
static void
renew_all (struct aco *aco)
{
  for (uint32_t i = 0; i < aco->n; i++) {
    double reach = reach_of (aco, i);
    for (uint32_t r = 0; r < aco->n_elite; r++) {
      const uint32_t *levels = aco->levels + (size_t)aco->order[r] * aco->n;
      bool first = levels[i] != BINS;
      double *trail = first ? trail_of (aco, i, levels) : NULL;
      for (uint32_t s = 0; first && s < r; s++) {
        const uint32_t *other = aco->levels + (size_t)aco->order[s] * aco->n;
        first = other[i] == BINS || trail_of (aco, i, other) != trail;
      }
      if (first)
        renew (aco, i, trail, reach);
    }
  }
}

/* ---- hearing ---- */

/* Takes the result in the free slot among the elite; among equals the newest is first. */
static void
enter (struct aco *aco)
{
  uint32_t slot = aco->order[aco->n_elite], rank = aco->n_elite;
  while (rank > 0 && points_compare (&aco->elite, slot, aco->order[rank - 1]) <= 0)
    rank--;
  if (rank == (uint32_t)aco->ranks)
    return;
  read_levels (aco, points_row (&aco->elite, slot), aco->levels + (size_t)slot * aco->n);
  memmove (aco->order + rank + 1, aco->order + rank,
           (aco->n_elite - rank) * sizeof *aco->order);
  aco->order[rank] = slot;
  aco->n_elite += aco->n_elite < (uint32_t)aco->ranks;
}

static int
aco_tell (void *self, const struct gym_tells *tells, gym_error *err)
{
  struct aco *aco = self;
  for (size_t i = 0; i < tells->n; i++) {
    if (fresh_claim (&aco->fresh, tells->designs + i * aco->n) < 0)
      return gym_fail (err, GYM_ENOMEM, "out of memory");
    points_take (&aco->elite, aco->order[aco->n_elite], tells, i);
    if (tells->statuses[i] == GYM_TRIAL_OK)
      enter (aco);
    if (++aco->told % (uint64_t)aco->ants == 0 && aco->n_elite > 0)
      renew_all (aco);
  }
  return GYM_OK;
}

static const char *const rule_names[] = { "mmas", "acs", NULL };

static const struct gym_option options[] = {
  { .name = "rules",
    .doc = "mmas: MAX-MIN ant system with ranked deposits; acs: ant colony system, with "
           "greediness and decay, where only the best design so far deposits",
    .type = GYM_OPTION_ENUM,
    .offset = offsetof (struct aco, rules),
    .choices = rule_names,
    .initial = "mmas" },
  { .name = "ants",
    .doc = "designs between two updates of the trails",
    .type = GYM_OPTION_INT,
    .flags = GYM_OPTION_LOG,
    .offset = offsetof (struct aco, ants),
    .low = 1,
    .high = 4096,
    .initial = "2" },
  { .name = "evaporation",
    .doc = "share of the pheromone that is replaced at an update",
    .type = GYM_OPTION_REAL,
    .flags = GYM_OPTION_LOG,
    .offset = offsetof (struct aco, evaporation),
    .low = 1e-4,
    .high = 1,
    .initial = "0.2" },
  { .name = "ranks",
    .doc = "best designs so far that deposit, the better the more; mmas only",
    .type = GYM_OPTION_INT,
    .flags = GYM_OPTION_LOG,
    .offset = offsetof (struct aco, ranks),
    .low = 1,
    .high = 1024,
    .initial = "6" },
  { .name = "best",
    .doc =
        "probability that an ant takes the strongest level of every parameter once the "
        "trails have converged, which sets their lower limit; mmas only",
    .type = GYM_OPTION_REAL,
    .offset = offsetof (struct aco, best),
    .low = 1e-6,
    .high = 1,
    .initial = "0.5" },
  { .name = "greediness",
    .doc = "probability that an ant takes the strongest level (q0); acs only",
    .type = GYM_OPTION_REAL,
    .offset = offsetof (struct aco, greediness),
    .low = 0,
    .high = 1,
    .initial = "0.8" },
  { .name = "decay",
    .doc = "share of its gain that a level loses when an ant takes it; acs only",
    .type = GYM_OPTION_REAL,
    .offset = offsetof (struct aco, decay),
    .low = 0,
    .high = 1,
    .initial = "0.1" },
  { .name = "spread",
    .doc = "reach of a deposit on ordered parameters, in units of the mean distance of "
           "the other elite designs from the best; 0: to one level only",
    .type = GYM_OPTION_REAL,
    .offset = offsetof (struct aco, spread),
    .low = 0,
    .high = 10,
    .initial = "0.3" },
};

static const struct gym_agent_class aco_class = {
  .struct_size = sizeof (struct gym_agent_class),
  .flags = GYM_AGENT_DISTINCT | GYM_AGENT_PRIOR | GYM_AGENT_FIRST,
  .id = "aco-v1",
  .summary = "ant colony: pheromone on the levels of each parameter",
  .doc =
      "Ants choose a level of every parameter in proportion to pheromone that good "
      "designs left. The `ranks` best designs so far deposit, scaled by rank, so that "
      "the "
      "objective's scale does not matter; limits keep every level reachable. The trail "
      "of "
      "a conditional parameter depends on its parent's level. Deposits on ordered "
      "parameters also reach neighbours, as far as the best designs differ; reals and "
      "long integers are cut into 64 bins. No design is evaluated twice. rules=acs are "
      "those of the ant colony system that ArchGym used, with its hyperparameters ants, "
      "greediness, evaporation and decay. Good where levels are good or bad by "
      "themselves, for some hundred evaluations and more; it cannot see that two levels "
      "only work together.",
  .source = "T. Stuetzle, H. Hoos: MAX-MIN Ant System (2000); M. Dorigo, L. Gambardella: "
            "Ant Colony System (1997); S. Krishnan and others: ArchGym (ISCA 2023)",
  .options = GYM_ARRAY (gym_options, options),
  .place = { .strategy = "swarm: ant colony" },
  .instance_size = sizeof (struct aco),
  .max_objectives = 1,
  .in_flight = 4,
  .open = aco_open,
  .close = aco_close,
  .ask = aco_ask,
  .tell = aco_tell,
};

static const struct gym_agent_class *const classes[] = { &aco_class, NULL };

GYM_EXPORT const struct gym_plugin gym_plugin_entry = {
  GYM_PLUGIN_ABI,
  .name = "aco",
  .version = "0.1.0",
  .licence = "MIT",
  .doc = "ant colony optimisation",
  .agents = classes,
};
