/* plugins/rfbo.c - Bayesian optimisation with random forests.
 *
 * Hutter, Hoos, Leyton-Brown, "Sequential model-based optimization for general algorithm
 * configuration" (SMAC, LION 2011): a forest (plugins/common/forest.h) learns from all
 * results so far, and the next design is the one that promises most by its mean and
 * variance, found by local search from the best trials and from the best of many random
 * designs; now and then one is drawn at random instead.
 *
 * The forest learns ranks, not values: the result of rank k of n becomes the quantile
 * (k - 1/2) / n of the normal distribution (Salinas, Shen, Perrone, "A quantile-based
 * approach for hyperparameter transfer learning", ICML 2020), whatever the unit, however
 * bad the worst. Failed and infeasible trials and broken constraints need no value then:
 * their rank is the host's. Designs in flight count with what the forest before expected
 * of them (kriging believer: Ginsbourger, Le Riche, Carraro, 2010). */
#include "plugins/common/forest.h"
#include "plugins/common/fresh.h"
#include "plugins/common/improvement.h"
#include "plugins/common/moves.h"
#include "plugins/common/pending.h"
#include "plugins/common/trials.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Local searches from the best trials and from the best of the pool; trials that are
 * parents of the pool; a parameter's values that are all neighbours, or else how many. */
enum { FROM_TRIALS = 3, STARTS = 8, PARENTS = 8, LEVELS = 8, STEPS = 4 };

enum { LOGEI, LCB };

struct rfbo {
  int64_t initial, trees, memory, candidates;
  double explore, share, min_leaf, beta;
  int32_t acquisition;
  bool bootstrap;

  const struct gym_host *host;
  const struct gym_space *space;
  uint32_t n;
  gym_rng rng;
  struct fresh fresh;
  struct moves moves;
  struct trials trials;
  struct pending pending;
  struct forest forest;
  uint64_t asked;

  /* What the forest learns from: told trials, then designs in flight. */
  size_t room, trials_room;
  double *rows, *targets;
  double *quantiles; /* by trial */
  double target;     /* the best of them */

  /* Search. */
  int64_t spent;
  double *row, *base, *at; /* a neighbour, whose, and the best of them so far */
  double *best, best_score;
  bool found;
  double *starts, start_scores[STARTS];
  size_t n_starts;
};

static int
reserve_rows (struct rfbo *b)
{
  size_t n = b->n + 1u;
  b->row = malloc (n * sizeof *b->row);
  b->at = malloc (n * sizeof *b->at);
  b->base = malloc (n * sizeof *b->base);
  b->best = malloc (n * sizeof *b->best);
  b->starts = malloc (STARTS * n * sizeof *b->starts);
  return b->row && b->at && b->base && b->best && b->starts ? GYM_OK : GYM_ENOMEM;
}

static int
init_forest (struct rfbo *b)
{
  uint32_t *levels = calloc (b->n + 1u, sizeof *levels);
  if (!levels)
    return GYM_ENOMEM;
  for (uint32_t i = 0; i < b->n; i++) {
    const struct gym_param *param = b->host->space_param (b->space, i);
    levels[i] = param->kind == GYM_CATEGORICAL ? param->n_levels : 0;
  }
  int code = forest_init (&b->forest, b->n, levels);
  free (levels);
  b->forest.trees = (uint32_t)b->trees;
  b->forest.share = b->share;
  b->forest.min_leaf = b->min_leaf;
  b->forest.bootstrap = b->bootstrap;
  return code;
}

static int
rfbo_open (void *self, const struct gym_host *host, const struct gym_problem *problem,
           uint64_t seed, gym_error *err)
{
  struct rfbo *b = self;
  b->host = host;
  b->space = problem->space;
  b->n = host->space_size (problem->space);
  gym_rng_init (&b->rng, seed);
  fresh_init (&b->fresh, host, problem->space);
  pending_init (&b->pending, b->n);
  trials_init (&b->trials, host, b->n, 0, 1, problem->n_constraints);
  if (reserve_rows (b) < 0 || init_forest (b) < 0
      || moves_init (&b->moves, host, problem->space) < 0)
    return gym_fail (err, GYM_ENOMEM, "out of memory");
  b->moves.prior = problem->prior;
  return GYM_OK;
}

static void
rfbo_close (void *self)
{
  struct rfbo *b = self;
  fresh_free (&b->fresh);
  moves_free (&b->moves);
  trials_free (&b->trials);
  pending_free (&b->pending);
  forest_free (&b->forest);
  free (b->rows);
  free (b->targets);
  free (b->quantiles);
  free (b->row);
  free (b->at);
  free (b->base);
  free (b->best);
  free (b->starts);
}

/* ---- learning ---- */

/* Of the normal distribution, to three digits: Winitzki's inverse of the error function
 * (2008). */
static double
quantile (double share)
{
  double x = 2 * share - 1, l = log1p (-x * x), a = 0.147;
  double t = 2 / (M_PI * a) + l / 2;
  return copysign (sqrt (sqrt (t * t - l / a) - t), x) * M_SQRT2;
}

static bool
equal (const struct trials *t, uint32_t a, uint32_t b)
{
  if (t->statuses[a] != t->statuses[b] || t->statuses[a] != GYM_TRIAL_OK)
    return t->statuses[a] == t->statuses[b];
  return t->excess[a] == t->excess[b] && t->objectives[a] == t->objectives[b];
}

/* Equal results share the middle of their ranks. */
static void
rank (struct rfbo *b)
{
  const struct trials *t = &b->trials;
  for (size_t k = 0, end; k < t->n; k = end) {
    for (end = k + 1; end < t->n && equal (t, t->ranking[k], t->ranking[end]);)
      end++;
    double target = quantile ((double)(k + end) / 2 / (double)t->n);
    for (size_t i = k; i < end; i++)
      b->quantiles[t->ranking[i]] = target;
  }
  b->target = b->quantiles[t->ranking[0]];
}

static int
reserve_training (struct rfbo *b)
{
  size_t n = b->trials.n, all = (size_t)b->memory + b->pending.count;
  if (n > b->trials_room) {
    free (b->quantiles);
    b->trials_room = n + n / 2 + 64;
    b->quantiles = malloc (b->trials_room * sizeof *b->quantiles);
  }
  if (all > b->room) {
    free (b->rows);
    free (b->targets);
    b->room = all + all / 2;
    b->rows = malloc (b->room * (b->n + 1u) * sizeof *b->rows);
    b->targets = malloc (b->room * sizeof *b->targets);
  }
  if (b->quantiles && b->rows && b->targets)
    return GYM_OK;
  b->trials_room = b->room = 0;
  return GYM_ENOMEM;
}

static void
learn_from (struct rfbo *b, size_t n, const double *row, double target)
{
  memcpy (b->rows + n * b->n, row, b->n * sizeof *row);
  b->targets[n] = target;
}

/* All trials; or half as many as the memory holds, the best, and as many of the newest.
 */
static size_t
select_trials (struct rfbo *b)
{
  const struct trials *t = &b->trials;
  size_t n = 0, half = (size_t)b->memory / 2, from = t->n - half;
  if (t->n <= (size_t)b->memory)
    half = from = 0;
  for (size_t k = 0; k < half; k++)
    if (t->ranking[k] < from)
      learn_from (b, n++, trials_row (t, t->ranking[k]), b->quantiles[t->ranking[k]]);
  for (size_t i = from; i < t->n; i++)
    learn_from (b, n++, trials_row (t, i), b->quantiles[i]);
  return n;
}

static int
fit (struct rfbo *b)
{
  if (reserve_training (b) < 0)
    return GYM_ENOMEM;
  rank (b);
  size_t n = select_trials (b);
  for (size_t i = 0; i < b->pending.count; i++) {
    double mean;
    forest_predict (&b->forest, pending_row (&b->pending, i), &mean, NULL);
    learn_from (b, n++, pending_row (&b->pending, i), mean);
  }
  return forest_fit (&b->forest, n, b->rows, b->targets, gym_rng_u64 (&b->rng));
}

/* ---- judging ---- */

/* Leaves of one row have no variance, and trees may agree by chance: nothing is quite
 * certain. */
static const double doubt = 0.01;

static double
judge (struct rfbo *b, const double *row)
{
  double mean, variance;
  forest_predict (&b->forest, row, &mean, &variance);
  double sigma = sqrt (variance) + doubt;
  double score = b->acquisition == LCB
                     ? b->beta * sigma - mean
                     : log_expected_improvement (b->target, mean, sigma);
  b->spent++;
  if ((b->found && score <= b->best_score)
      || seen_has (&b->fresh.seen, b->host->space_hash (b->space, row), row))
    return score;
  b->found = true;
  b->best_score = score;
  memcpy (b->best, row, b->n * sizeof *row);
  return score;
}

/* ---- the pool ---- */

/* The best of the pool, in order. */
static void
note_start (struct rfbo *b, const double *row, double score)
{
  if (b->n_starts < STARTS)
    b->n_starts++;
  else if (score <= b->start_scores[STARTS - 1])
    return;
  size_t i = b->n_starts - 1;
  for (; i > 0 && b->start_scores[i - 1] < score; i--) {
    b->start_scores[i] = b->start_scores[i - 1];
    memcpy (b->starts + i * b->n, b->starts + (i - 1) * b->n, b->n * sizeof *row);
  }
  b->start_scores[i] = score;
  memcpy (b->starts + i * b->n, row, b->n * sizeof *row);
}

static const double *
good_trial (struct rfbo *b)
{
  size_t n = b->trials.n < PARENTS ? b->trials.n : PARENTS;
  return trials_row (&b->trials, b->trials.ranking[gym_rng_below (&b->rng, n)]);
}

/* Half of it anywhere, a quarter near one of the best trials, a quarter between two. */
static void
fill_pool (struct rfbo *b)
{
  double rate = 1.0 / fmax (1, b->moves.n_free);
  b->n_starts = 0;
  for (int64_t i = 0; i < (b->candidates + 3) / 4; i++) {
    if (i % 2 == 0) {
      b->host->space_sample (b->space, &b->rng, b->row);
    } else if (i % 4 == 1) {
      memcpy (b->row, good_trial (b), b->n * sizeof *b->row);
      moves_mutate (&b->moves, &b->rng, fmin (1, 2 * rate), b->row);
    } else {
      moves_cross_uniform (&b->moves, &b->rng, good_trial (b), good_trial (b), b->row);
      moves_mutate (&b->moves, &b->rng, rate, b->row);
    }
    note_start (b, b->row, judge (b, b->row));
  }
}

/* ---- climbing ---- */

/* The base with parameter i changed; the best of these is kept. */
static void
try_value (struct rfbo *b, uint32_t i, double value, double *score)
{
  if (value == b->base[i])
    return;
  memcpy (b->row, b->base, b->n * sizeof *b->row);
  b->row[i] = value;
  if (b->moves.conditional)
    moves_settle (&b->moves, &b->rng, b->row);
  double found = judge (b, b->row);
  if (found > *score) {
    *score = found;
    memcpy (b->at, b->row, b->n * sizeof *b->row);
  }
}

static void
try_neighbours (struct rfbo *b, uint32_t i, double *score)
{
  uint64_t count = b->moves.axes[i].count;
  if (isnan (b->base[i]))
    return;
  if (count > 0 && count <= LEVELS)
    for (uint64_t k = 0; k < count; k++)
      try_value (b, i, b->host->param_value (b->space, i, k), score);
  else
    for (int k = 0; k < STEPS; k++)
      try_value (b, i, moves_value (&b->moves, &b->rng, i, b->base[i]), score);
}

/* To the best neighbour, as long as that is better. From a trial the first step is taken
 * in any case: known designs promise nothing themselves. */
static void
climb (struct rfbo *b, const double *from, double score)
{
  double before = NAN;
  memcpy (b->at, from, b->n * sizeof *from);
  while (score != before && b->spent < b->candidates) {
    before = score;
    memcpy (b->base, b->at, b->n * sizeof *b->at);
    for (uint32_t k = 0; k < b->moves.n_free; k++)
      try_neighbours (b, b->moves.free[k], &score);
  }
}

static void
search (struct rfbo *b)
{
  b->spent = 0;
  b->found = false;
  fill_pool (b);
  for (size_t k = 0; k < FROM_TRIALS && k < b->trials.n; k++)
    climb (b, trials_row (&b->trials, b->trials.ranking[k]), -INFINITY);
  for (size_t k = 0; k < b->n_starts; k++)
    climb (b, b->starts + k * b->n, b->start_scores[k]);
}

/* ---- the agent ---- */

/* A new design: 1, 0 when the space is exhausted, GYM_ENOMEM. */
static int
choose (void *self, double *row)
{
  struct rfbo *b = self;
  if (fresh_exhausted (&b->fresh))
    return 0;
  if (b->asked < (uint64_t)b->initial || b->trials.n_ok == 0
      || gym_rng_real (&b->rng) < b->explore)
    return fresh_draw (&b->fresh, &b->rng, row);
  if (fit (b) < 0)
    return GYM_ENOMEM;
  search (b);
  if (!b->found)
    return fresh_draw (&b->fresh, &b->rng, row);
  memcpy (row, b->best, b->n * sizeof *row);
  return fresh_claim (&b->fresh, row);
}

static int
rfbo_ask (void *self, struct gym_asks *asks, gym_error *err)
{
  struct rfbo *b = self;
  return pending_ask (&b->pending, asks, choose, b, &b->asked, err);
}

static int
rfbo_tell (void *self, const struct gym_tells *tells, gym_error *err)
{
  struct rfbo *b = self;
  return trials_tell (&b->trials, &b->pending, &b->fresh, tells, err);
}

static const char *const acquisitions[] = { "logei", "lcb", NULL };

static const struct gym_option options[] = {
  { .name = "initial",
    .doc = "random designs before the forest is used",
    .type = GYM_OPTION_INT,
    .offset = offsetof (struct rfbo, initial),
    .low = 1,
    .high = 4096,
    .initial = "8" },
  { .name = "acquisition",
    .doc = "logarithm of the expected improvement, or lower confidence bound",
    .type = GYM_OPTION_ENUM,
    .offset = offsetof (struct rfbo, acquisition),
    .choices = acquisitions,
    .initial = "logei" },
  { .name = "beta",
    .doc = "lcb only: standard deviations below the mean",
    .type = GYM_OPTION_REAL,
    .offset = offsetof (struct rfbo, beta),
    .low = 0,
    .high = 10,
    .initial = "1" },
  { .name = "explore",
    .doc = "share of designs drawn at random for ever, so that no region is out of reach",
    .type = GYM_OPTION_REAL,
    .offset = offsetof (struct rfbo, explore),
    .low = 0,
    .high = 1,
    .initial = "0.02" },
  { .name = "trees",
    .doc = "trees of the forest",
    .type = GYM_OPTION_INT,
    .flags = GYM_OPTION_LOG,
    .offset = offsetof (struct rfbo, trees),
    .low = 2,
    .high = 1000,
    .initial = "10" },
  { .name = "share",
    .doc = "share of the parameters that a split is chosen from",
    .type = GYM_OPTION_REAL,
    .offset = offsetof (struct rfbo, share),
    .low = 0.01,
    .high = 1,
    .initial = "0.5" },
  { .name = "min_leaf",
    .doc = "trials in a leaf at least",
    .type = GYM_OPTION_REAL,
    .offset = offsetof (struct rfbo, min_leaf),
    .low = 1,
    .high = 100,
    .initial = "1" },
  { .name = "bootstrap",
    .doc = "each tree learns from a sample with replacement, not from all trials",
    .type = GYM_OPTION_BOOL,
    .offset = offsetof (struct rfbo, bootstrap),
    .initial = "false" },
  { .name = "memory",
    .doc = "trials that the forest learns from: the best and the newest",
    .type = GYM_OPTION_INT,
    .flags = GYM_OPTION_LOG,
    .offset = offsetof (struct rfbo, memory),
    .low = 16,
    .high = 65536,
    .initial = "1000" },
  { .name = "candidates",
    .doc = "designs judged by the forest for one ask",
    .type = GYM_OPTION_INT,
    .flags = GYM_OPTION_LOG,
    .offset = offsetof (struct rfbo, candidates),
    .low = 16,
    .high = 65536,
    .initial = "1200" },
};

static const struct gym_agent_class rfbo_class = {
  .struct_size = sizeof (struct gym_agent_class),
  .flags = GYM_AGENT_DISTINCT | GYM_AGENT_PRIOR | GYM_AGENT_FIRST,
  .id = "rfbo-v1",
  .summary = "Bayesian optimisation with random forests, as in SMAC",
  .doc =
      "Learns the ranks of the trials with a forest of regression trees and evaluates "
      "where "
      "its mean and variance promise most. Trees split the levels of categorical "
      "parameters into sets, in no order, and take inactive parameters as they are; they "
      "need no smoothness, no scale and no fit of hyperparameters. Failed and infeasible "
      "trials and broken constraints rank below all others. Any number in flight. No "
      "design "
      "is evaluated twice. Use it when an evaluation costs more than some milliseconds "
      "and "
      "the space has many categorical or conditional parameters, steps or cliffs; where "
      "the objective is smooth, bo needs fewer trials. An ask costs some milliseconds "
      "and no more than that of `memory` trials.",
  .source =
      "F. Hutter, H. Hoos, K. Leyton-Brown: Sequential model-based optimization for "
      "general algorithm configuration (LION 2011); M. Lindauer et al.: SMAC3 (JMLR "
      "23, 2022); L. Breiman: Random forests (Machine Learning 45, 2001); D. "
      "Salinas, H. Shen, V. Perrone: A quantile-based approach for hyperparameter "
      "transfer learning (ICML 2020)",
  .options = GYM_ARRAY (gym_options, options),
  .place = { .strategy = "Bayesian: random forest", .acceleration = "surrogate model" },
  .instance_size = sizeof (struct rfbo),
  .max_objectives = 1,
  .in_flight = 4,
  .open = rfbo_open,
  .close = rfbo_close,
  .ask = rfbo_ask,
  .tell = rfbo_tell,
};

static const struct gym_agent_class *const classes[] = { &rfbo_class, NULL };

GYM_EXPORT const struct gym_plugin gym_plugin_entry = {
  GYM_PLUGIN_ABI,
  .name = "rfbo",
  .version = "0.1.0",
  .licence = "MIT",
  .doc = "Bayesian optimisation with random forests",
  .agents = classes,
};
