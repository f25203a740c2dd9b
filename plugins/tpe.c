/* plugins/tpe.c - tree-structured Parzen estimators, multivariate.
 *
 * Bergstra, Bardenet, Bengio, Kegl, "Algorithms for hyper-parameter optimization" (NIPS
 * 2011): the best trials are the good set, all others the bad one; designs drawn from the
 * density l of the good are judged by l / g, which orders them as expected improvement
 * does. Watanabe, "Tree-structured Parzen estimator: understanding its algorithm
 * components and their roles for better empirical performance" (2023), says what matters:
 * kernels over all parameters jointly, narrow ones, a small good set, weights by quality.
 * parzen.h describes the kernels.
 *
 * Failed and infeasible trials are never good; designs in flight count as bad (the
 * constant liar of Ginsbourger, Le Riche, Carraro 2010), so a batch spreads out. The best
 * draw is then varied in one parameter at a time as long as the ratio is to be judged. */
#include "plugins/common/fresh.h"
#include "plugins/common/lean.h"
#include "plugins/common/pending.h"
#include "plugins/common/trials.h"
#include "plugins/common/parzen.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct tpe {
  int64_t initial, most_good, memory, candidates, variations;
  double gamma, prior, change, width, step, clip, favour;

  const struct gym_host *host;
  const struct gym_space *space;
  uint32_t n;
  gym_rng rng;
  struct fresh fresh;
  struct trials trials;
  struct pending pending;
  struct parzen_axes axes;
  struct parzen good, bad;
  const double *const *lean; /* the problem's prior, or NULL */
  uint64_t asked;
  size_t n_good; /* the first of the ranking */

  /* A set to fit, and the places of designs in flight. */
  size_t room;
  const uint16_t **places;
  uint16_t *in_flight;
  double *weights;
  uint8_t *held; /* by trial: is in a set */
  size_t held_room;

  /* The candidate, as cells, encoded, and as a design; the best new one. */
  uint16_t *place;
  double *unit, *row, *best;
  double best_score;
  bool found;
};

/* The power of the problem's prior in the score falls as belief / trials: what was seen
 * outweighs it at last (Hvarfner and others, "piBO: augmenting acquisition functions with
 * user beliefs", ICLR 2022). */
static const double belief = 10;

static int
reserve_rows (struct tpe *t)
{
  size_t n = t->n + 1u;
  t->place = malloc (n * sizeof *t->place);
  t->unit = malloc (n * sizeof *t->unit);
  t->row = malloc (n * sizeof *t->row);
  t->best = malloc (n * sizeof *t->best);
  return t->place && t->unit && t->row && t->best ? GYM_OK : GYM_ENOMEM;
}

/* The expected number of parameters that a draw changes is the same in small and in large
 * spaces. */
static void
shape (const struct tpe *t, struct parzen *p, double change)
{
  p->mutation = fmin (0.9, change / fmax (1, t->axes.n));
  p->width = t->width;
  p->step = t->step;
  p->clip = t->clip;
}

static int
tpe_open (void *self, const struct gym_host *host, const struct gym_problem *problem,
          uint64_t seed, gym_error *err)
{
  struct tpe *t = self;
  t->host = host;
  t->space = problem->space;
  t->lean = problem->prior;
  t->n = host->space_size (problem->space);
  gym_rng_init (&t->rng, seed);
  fresh_init (&t->fresh, host, problem->space);
  pending_init (&t->pending, t->n);
  if (reserve_rows (t) < 0 || parzen_axes_init (&t->axes, host, problem->space) < 0
      || parzen_init (&t->good, &t->axes) < 0 || parzen_init (&t->bad, &t->axes) < 0)
    return gym_fail (err, GYM_ENOMEM, "out of memory");
  trials_init (&t->trials, host, t->n, t->axes.n, 1, problem->n_constraints);
  shape (t, &t->good, t->change);
  shape (t, &t->bad, t->change / 2);
  return GYM_OK;
}

static void
tpe_close (void *self)
{
  struct tpe *t = self;
  fresh_free (&t->fresh);
  trials_free (&t->trials);
  pending_free (&t->pending);
  parzen_free (&t->good);
  parzen_free (&t->bad);
  parzen_axes_free (&t->axes);
  free (t->places);
  free (t->in_flight);
  free (t->weights);
  free (t->held);
  free (t->place);
  free (t->unit);
  free (t->row);
  free (t->best);
}

/* ---- the two sets ---- */

static int
reserve_sets (struct tpe *t)
{
  size_t n = (size_t)(t->most_good + t->memory) + t->pending.count;
  if (n <= t->room)
    return GYM_OK;
  t->room = 0;
  n += n / 2;
  free (t->places);
  free (t->weights);
  free (t->in_flight);
  t->places = malloc (n * sizeof *t->places);
  t->weights = malloc (n * sizeof *t->weights);
  t->in_flight = malloc ((n * t->axes.n + 1) * sizeof *t->in_flight);
  if (!t->places || !t->weights || !t->in_flight)
    return GYM_ENOMEM;
  t->room = n;
  return GYM_OK;
}

static int
reserve_marks (struct tpe *t)
{
  if (t->trials.n <= t->held_room)
    return GYM_OK;
  size_t room = t->trials.n + t->trials.n / 2;
  uint8_t *held = realloc (t->held, room);
  if (!held)
    return GYM_ENOMEM;
  memset (held + t->held_room, 0, room - t->held_room);
  t->held = held;
  t->held_room = room;
  return GYM_OK;
}

/* Weights fall from the best to the worst of the set, by a power of the rank. */
static int
fit_good (struct tpe *t)
{
  const struct trials *all = &t->trials;
  double n = ceil (fmin (t->gamma * (double)all->n, (double)t->most_good)), sum = 0;
  t->n_good = (size_t)fmin (fmax (1, n), (double)all->n_ok);
  for (size_t k = 0; k < t->n_good; k++) {
    t->places[k] = trials_place (all, all->ranking[k]);
    t->weights[k] = pow (1 - ((double)k + 0.5) / (double)t->n_good, t->favour);
    sum += t->weights[k];
  }
  double prior = t->prior * sum / (double)t->n_good;
  return parzen_fit (&t->good, t->n_good, t->places, t->weights, prior);
}

/* Of the others the next best, which lie closest to the border between the sets, and the
 * newest, half each. The rest has its say in the prior. */
static size_t
select_bad (struct tpe *t)
{
  const struct trials *all = &t->trials;
  size_t n = 0, most = (size_t)t->memory, end = t->n_good + most / 2;
  if (all->n - t->n_good <= most)
    end = all->n;
  for (size_t k = t->n_good; k < end; k++)
    t->places[n++] = trials_place (all, all->ranking[k]);
  for (size_t k = 0; k < end; k++)
    t->held[all->ranking[k]] = 1;
  for (size_t i = all->n; i-- > 0 && n < most;)
    if (!t->held[i])
      t->places[n++] = trials_place (all, i);
  for (size_t k = 0; k < end; k++)
    t->held[all->ranking[k]] = 0;
  return n;
}

static int
fit_bad (struct tpe *t)
{
  size_t n = select_bad (t);
  for (size_t i = 0; i < t->pending.count; i++, n++) {
    uint16_t *place = t->in_flight + i * t->axes.n;
    parzen_place (&t->axes, pending_row (&t->pending, i), place);
    t->places[n] = place;
  }
  for (size_t k = 0; k < n; k++)
    t->weights[k] = 1;
  return parzen_fit (&t->bad, n, t->places, t->weights, t->prior);
}

static int
fit (struct tpe *t)
{
  if (reserve_sets (t) < 0 || reserve_marks (t) < 0 || fit_good (t) < 0
      || fit_bad (t) < 0)
    return GYM_ENOMEM;
  return GYM_OK;
}

/* ---- candidates ---- */

static void
start_from (struct tpe *t, const double *row)
{
  parzen_place (&t->axes, row, t->place);
  memcpy (t->unit, t->axes.unit, t->n * sizeof *t->unit);
}

/* Another cell, anywhere in it; within a cell steps of all sizes, so that there is no end
 * to precision. */
static void
put (struct tpe *t, uint32_t d, uint16_t to)
{
  const struct parzen_axis *axis = &t->axes.axes[d];
  double *unit = &t->unit[axis->parameter];
  if (to != t->place[d])
    *unit = (to + (axis->real ? gym_rng_real (&t->rng) : 0.5)) / axis->cells;
  else if (axis->real)
    *unit += exp2 (-12 * gym_rng_real (&t->rng)) * gym_rng_normal (&t->rng) / axis->cells;
  *unit = fmin (1, fmax (0, *unit));
  t->place[d] = to;
}

/* Judges the candidate. */
static void
judge (struct tpe *t)
{
  t->host->space_decode (t->space, t->unit, t->row);
  for (uint32_t d = 0; d < t->axes.n; d++)
    if (isnan (t->row[t->axes.axes[d].parameter]))
      t->place[d] = PARZEN_OFF;
  double score = parzen_log (&t->good, t->place) - parzen_log (&t->bad, t->place);
  if (t->lean)
    score += belief / (double)(t->trials.n + 1)
             * lean_log (t->host, t->space, t->lean, t->row);
  if ((t->found && score <= t->best_score)
      || seen_has (&t->fresh.seen, t->host->space_hash (t->space, t->row), t->row))
    return;
  t->best_score = score;
  t->found = true;
  memcpy (t->best, t->row, t->n * sizeof *t->row);
}

/* Every parameter gets a value; those that turn out to be inactive lose it again. The
 * uniform part of the density is drawn from by the problem's prior where there is one. */
static void
draw (struct tpe *t)
{
  size_t k = parzen_choose (&t->good, &t->rng);
  if (k == t->n_good && t->lean) {
    t->host->space_sample (t->space, &t->rng, t->row);
    start_from (t, t->row);
    judge (t);
    return;
  }
  start_from (t, trials_row (&t->trials, t->trials.ranking[k < t->n_good ? k : 0]));
  for (uint32_t d = 0; d < t->axes.n; d++)
    put (t, d, parzen_draw (&t->good, &t->rng, k, d));
  judge (t);
}

/* The best candidate with one parameter as another kernel has it, and those it wakes. */
static void
vary (struct tpe *t)
{
  size_t k = parzen_choose (&t->good, &t->rng);
  uint32_t changed = (uint32_t)gym_rng_below (&t->rng, t->axes.n);
  start_from (t, t->best);
  for (uint32_t d = 0; d < t->axes.n; d++)
    if (d == changed || t->place[d] == PARZEN_OFF)
      put (t, d, parzen_draw (&t->good, &t->rng, k, d));
  judge (t);
}

/* Four times as many draws when none of them is new. */
static void
search (struct tpe *t)
{
  t->found = false;
  for (int64_t i = 0; i < t->candidates; i++)
    draw (t);
  for (int64_t i = 0; i < 3 * t->candidates && !t->found; i++)
    draw (t);
  for (int64_t i = 0; i < t->variations && t->found && t->axes.n > 0; i++)
    vary (t);
}

/* A new design: 1, 0 when the space is exhausted, GYM_ENOMEM. */
static int
choose (void *self, double *row)
{
  struct tpe *t = self;
  if (fresh_exhausted (&t->fresh))
    return 0;
  if (t->asked < (uint64_t)t->initial || t->trials.n_ok == 0)
    return fresh_draw (&t->fresh, &t->rng, row);
  if (fit (t) < 0)
    return GYM_ENOMEM;
  search (t);
  if (!t->found)
    return fresh_draw (&t->fresh, &t->rng, row);
  memcpy (row, t->best, t->n * sizeof *row);
  return fresh_claim (&t->fresh, row);
}

static int
tpe_ask (void *self, struct gym_asks *asks, gym_error *err)
{
  struct tpe *t = self;
  return pending_ask (&t->pending, asks, choose, t, &t->asked, err);
}

static int
tpe_tell (void *self, const struct gym_tells *tells, gym_error *err)
{
  struct tpe *t = self;
  struct trials *trials = &t->trials;
  size_t i = trials->n;
  int rc = trials_tell (trials, &t->pending, &t->fresh, tells, err);
  for (; i < trials->n; i++)
    parzen_place (&t->axes, trials_row (trials, i), trials->places + i * trials->n_axes);
  return rc;
}

static const struct gym_option options[] = {
  { .name = "initial",
    .doc = "random designs before the densities are used",
    .type = GYM_OPTION_INT,
    .offset = offsetof (struct tpe, initial),
    .low = 1,
    .high = 4096,
    .initial = "8" },
  { .name = "gamma",
    .doc = "share of the trials that are good",
    .type = GYM_OPTION_REAL,
    .offset = offsetof (struct tpe, gamma),
    .low = 0.001,
    .high = 1,
    .initial = "0.07" },
  { .name = "most_good",
    .doc = "good trials at most",
    .type = GYM_OPTION_INT,
    .flags = GYM_OPTION_LOG,
    .offset = offsetof (struct tpe, most_good),
    .low = 1,
    .high = 4096,
    .initial = "25" },
  { .name = "memory",
    .doc = "bad trials at most: those next to the good ones in rank, and the newest",
    .type = GYM_OPTION_INT,
    .flags = GYM_OPTION_LOG,
    .offset = offsetof (struct tpe, memory),
    .low = 2,
    .high = 65536,
    .initial = "100" },
  { .name = "favour",
    .doc = "exponent of the weights of good trials by rank; 0: all weigh the same",
    .type = GYM_OPTION_REAL,
    .offset = offsetof (struct tpe, favour),
    .low = 0,
    .high = 10,
    .initial = "1" },
  { .name = "prior",
    .doc = "weight of the uniform prior, in trials",
    .type = GYM_OPTION_REAL,
    .offset = offsetof (struct tpe, prior),
    .low = 0.001,
    .high = 1000,
    .initial = "1" },
  { .name = "candidates",
    .doc = "designs drawn from the good density for one ask",
    .type = GYM_OPTION_INT,
    .flags = GYM_OPTION_LOG,
    .offset = offsetof (struct tpe, candidates),
    .low = 1,
    .high = 65536,
    .initial = "16" },
  { .name = "variations",
    .doc = "changes of one parameter that the best of them is tried with",
    .type = GYM_OPTION_INT,
    .offset = offsetof (struct tpe, variations),
    .low = 0,
    .high = 65536,
    .initial = "16" },
  { .name = "change",
    .doc =
        "parameters in which a draw leaves the design it starts from, on average: they "
        "come from the good set as a whole",
    .type = GYM_OPTION_REAL,
    .offset = offsetof (struct tpe, change),
    .low = 0.01,
    .high = 100,
    .initial = "4" },
  { .name = "width",
    .doc = "bandwidth of ordered parameters, in units of the normal reference rule's",
    .type = GYM_OPTION_REAL,
    .flags = GYM_OPTION_LOG,
    .offset = offsetof (struct tpe, width),
    .low = 0.01,
    .high = 100,
    .initial = "0.5" },
  { .name = "step",
    .doc = "how far the other ordered parameters stray, as a share of the bandwidth",
    .type = GYM_OPTION_REAL,
    .offset = offsetof (struct tpe, step),
    .low = 0,
    .high = 10,
    .initial = "0.3" },
  { .name = "clip",
    .doc = "no bandwidth is below the range / (clip * good trials)",
    .type = GYM_OPTION_REAL,
    .flags = GYM_OPTION_LOG,
    .offset = offsetof (struct tpe, clip),
    .low = 0.1,
    .high = 1e6,
    .initial = "8" },
};

static const struct gym_agent_class tpe_class = {
  .struct_size = sizeof (struct gym_agent_class),
  .flags = GYM_AGENT_DISTINCT | GYM_AGENT_PRIOR | GYM_AGENT_FIRST,
  .id = "tpe-v1",
  .summary = "tree-structured Parzen estimators, multivariate, over mixed designs",
  .doc =
      "Estimates the density of good trials and that of bad ones and evaluates where "
      "their "
      "ratio is highest. A kernel describes a trial with all its parameters, so that "
      "what "
      "goes well together stays together, and lets some of them come from the good set "
      "as "
      "a whole. Categorical parameters have no order, numeric ones have kernels on their "
      "own scale, conditional ones count where they are active. Failed and infeasible "
      "trials are bad; where constraints are broken the least violation is best. Designs "
      "in flight count as bad, so batches spread out. No design is evaluated twice. "
      "Cheap: some ten microseconds a trial, whatever their number. Use it for 50 to "
      "2,000 evaluations of anything; bo needs fewer where the objective is smooth.",
  .source =
      "J. Bergstra, R. Bardenet, Y. Bengio, B. Kegl: Algorithms for hyper-parameter "
      "optimization (NIPS 2011); S. Watanabe: Tree-structured Parzen estimator: "
      "understanding its algorithm components and their roles for better empirical "
      "performance (2023); S. Falkner, A. Klein, F. Hutter: BOHB (ICML 2018)",
  .options = GYM_ARRAY (gym_options, options),
  .place = { .strategy = "Bayesian: Parzen estimators",
             .acceleration = "surrogate model" },
  .instance_size = sizeof (struct tpe),
  .max_objectives = 1,
  .in_flight = 4,
  .open = tpe_open,
  .close = tpe_close,
  .ask = tpe_ask,
  .tell = tpe_tell,
};

static const struct gym_agent_class *const classes[] = { &tpe_class, NULL };

GYM_EXPORT const struct gym_plugin gym_plugin_entry = {
  GYM_PLUGIN_ABI,
  .name = "tpe",
  .version = "0.1.0",
  .licence = "MIT",
  .doc = "tree-structured Parzen estimators",
  .agents = classes,
};
