/* plugins/cmaes/cmaes.c - CMA-ES for all kinds of parameters, with restarts.
 *
 * A generation is drawn from a normal distribution over the ordered parameters (gauss.h),
 * with a margin for integers (margin.h), and from learnt probabilities over the
 * categorical ones (levels.h), and both learn from its ranking. A design that was drawn
 * before takes the result it had and costs nothing. Restarts: IPOP of Auger and Hansen,
 * "A Restart CMA Evolution Strategy With Increasing Population Size" (CEC 2005), and
 * BIPOP of Hansen, "Benchmarking a BI-Population CMA-ES on the BBOB-2009 Function
 * Testbed". */
#include "plugins/cmaes/gauss.h"
#include "plugins/cmaes/levels.h"
#include "plugins/cmaes/margin.h"
#include "plugins/common/lean.h"
#include "plugins/common/ledger.h"
#include "plugins/common/pending.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { IPOP, BIPOP };

/* Steps before one that leaves the box is ended at its border. */
enum { retries = 10 };

/* How many generations a run needs, about; and what no population exceeds. */
static const double generations = 40, most_population = 65536;

struct cmaes {
  int64_t population;
  double sigma, increase;
  int32_t rules;

  uint32_t n;      /* parameters */
  uint32_t *order; /* those of the normal distribution, then the categorical ones */
  size_t n_gauss, n_levels;
  double *unit;
  gym_rng rng;
  struct ledger ledger;
  struct gauss gauss;
  struct levels levels;
  struct margin *margins;
  double *widening; /* of each coordinate, for the margin */
  double budget;
  uint64_t in_flight;

  /* the generation */
  size_t lambda, first_lambda, members, room;
  double *steps;     /* lambda x n_gauss */
  bool *active;      /* lambda x n_gauss: which steps had an effect */
  uint32_t *choices; /* lambda x n_levels */
  size_t *places;
  size_t *ranking, *merged;
  const double **ranked_steps;
  const uint32_t **ranked_choices;

  /* the run since the last restart */
  double largest;          /* population so far */
  bool small;              /* of the small ones of BIPOP */
  uint64_t from, spent[2]; /* when it began; evaluations of large and small runs */
  bool started;            /* there is a best one */
  size_t best, last;       /* of the run, of the last generation */
  uint64_t runs, stale, flat, idle, barren;

  struct pending pending; /* places in `ledger` */
  uint64_t told;
};

/* ---- opening ---- */

static void
sort_parameters (struct cmaes *es, const struct gym_space *space, uint32_t *counts)
{
  const struct gym_host *host = es->ledger.fresh.host;
  for (uint32_t i = 0; i < es->n; i++)
    if (host->space_param (space, i)->kind != GYM_CATEGORICAL
        && host->param_count (space, i) != 1) {
      margin_init (&es->margins[es->n_gauss], host, space, i);
      es->order[es->n_gauss++] = i;
    }
  for (uint32_t i = 0; i < es->n; i++)
    if (host->space_param (space, i)->kind == GYM_CATEGORICAL
        && host->param_count (space, i) > 1) {
      counts[es->n_levels] = (uint32_t)host->param_count (space, i);
      es->order[es->n_gauss + es->n_levels++] = i;
    }
}

static void
free_generation (struct cmaes *es)
{
  free (es->steps);
  free (es->active);
  free (es->choices);
  free (es->places);
  free (es->ranking);
  free (es->merged);
  free (es->ranked_steps);
  free (es->ranked_choices);
}

/* Where a prior lies on a coordinate: its median, and the deviation of the normal
 * distribution whose mean distance from it is the same, bins being as wide as they are. A
 * few unlikely values far away do not blur a likely one. */
static void
lean_coordinate (struct cmaes *es, size_t i, const double *weights)
{
  static const double uniform = 0.288675; /* of nothing known, 1 / sqrt 12 */
  const struct fresh *f = &es->ledger.fresh;
  uint64_t count = f->host->param_count (f->space, es->order[i]);
  uint64_t middle = lean_quantile (weights, count, 0.5);
  double median = lean_place (f->host, f->space, es->order[i], middle), distance = 0;
  for (uint64_t k = 0; k < count; k++)
    distance +=
        weights[k] * fabs (lean_place (f->host, f->space, es->order[i], k) - median);
  es->gauss.mean[i] = median;
  es->widening[i] =
      fmin (1, hypot (sqrt (M_PI_2) * distance / uniform, 1 / (double)count));
}

/* The first run begins at the problem's prior. It is not believed again after a restart:
 * what it led to was not good enough. */
static void
lean (struct cmaes *es, const struct gym_problem *problem)
{
  for (size_t i = 0; i < es->n_gauss; i++) {
    const double *weights = lean_weights (problem, es->order[i]);
    if (weights)
      lean_coordinate (es, i, weights);
  }
  for (size_t i = 0; i < es->n_levels; i++) {
    const double *weights = lean_weights (problem, es->order[es->n_gauss + i]);
    if (weights)
      levels_lean (&es->levels, i, weights);
  }
}

/* Room for a generation. On failure what is there stays valid. */
static int
reserve (struct cmaes *es, size_t lambda)
{
  if (lambda <= es->room)
    return GYM_OK;
  free_generation (es);
  es->room = 0;
  es->steps = malloc ((lambda * es->n_gauss + 1) * sizeof *es->steps);
  es->active = malloc ((lambda * es->n_gauss + 1) * sizeof *es->active);
  es->choices = malloc ((lambda * es->n_levels + 1) * sizeof *es->choices);
  es->places = malloc (lambda * sizeof *es->places);
  es->ranking = malloc (lambda * sizeof *es->ranking);
  es->merged = malloc (lambda * sizeof *es->merged);
  es->ranked_steps = malloc (lambda * sizeof *es->ranked_steps);
  es->ranked_choices = malloc (lambda * sizeof *es->ranked_choices);
  if (!es->steps || !es->active || !es->choices || !es->places || !es->ranking
      || !es->merged || !es->ranked_steps || !es->ranked_choices)
    return GYM_ENOMEM;
  es->room = lambda;
  return GYM_OK;
}

/* A distribution that knows nothing: around the middle the first time, around a random
 * place later. */
static int
restart (struct cmaes *es, size_t lambda, double sigma)
{
  es->lambda = lambda;
  es->members = 0;
  es->started = false;
  es->stale = es->flat = es->idle = 0;
  for (size_t i = 0; i < es->n_gauss; i++) {
    double at = gym_rng_real (&es->rng) - 0.5;
    es->gauss.mean[i] = 0.5 + (es->runs ? 0.5 * at : 0);
    es->widening[i] = 1;
  }
  es->runs++;
  if (es->n_levels)
    levels_restart (&es->levels);
  if (reserve (es, lambda) < 0)
    return GYM_ENOMEM;
  return es->n_gauss ? gauss_restart (&es->gauss, lambda, sigma) : GYM_OK;
}

/* 4 + 3 ln n, as usual; with more designs in flight at a time a larger generation costs
 * no more time. */
static size_t
usual_population (const struct cmaes *es)
{
  double n = (double)(es->n_gauss + es->n_levels);
  double usual = 4 + floor (3 * log (n > 1 ? n : 1));
  if (es->population > 0)
    return (size_t)es->population;
  return (size_t)fmax (usual, fmin ((double)es->in_flight, 4096));
}

static int
cmaes_open (void *self, const struct gym_host *host, const struct gym_problem *problem,
            uint64_t seed, gym_error *err)
{
  struct cmaes *es = self;
  es->n = host->space_size (problem->space);
  es->budget = problem->budget;
  es->in_flight = problem->in_flight;
  gym_rng_init (&es->rng, seed);
  ledger_init (&es->ledger, host, problem);
  es->order = calloc (es->n + 1u, sizeof *es->order);
  es->unit = calloc (es->n + 1u, sizeof *es->unit);
  es->margins = calloc (es->n + 1u, sizeof *es->margins);
  es->widening = calloc (es->n + 1u, sizeof *es->widening);
  uint32_t *counts = calloc (es->n + 1u, sizeof *counts);
  int code = es->order && es->unit && es->margins && es->widening && counts ? GYM_OK
                                                                            : GYM_ENOMEM;
  if (code == GYM_OK)
    sort_parameters (es, problem->space, counts);
  if (code == GYM_OK && es->n_gauss)
    code = gauss_init (&es->gauss, es->n_gauss);
  if (code == GYM_OK && es->n_levels)
    code = levels_init (&es->levels, counts, es->n_levels);
  free (counts);
  if (code == GYM_OK) {
    es->first_lambda = usual_population (es);
    es->largest = (double)es->first_lambda;
    code = restart (es, es->first_lambda, es->sigma);
  }
  if (code == GYM_OK)
    lean (es, problem);
  return code < 0 ? gym_fail (err, code, "out of memory") : GYM_OK;
}

static void
cmaes_close (void *self)
{
  struct cmaes *es = self;
  ledger_free (&es->ledger);
  gauss_free (&es->gauss);
  levels_free (&es->levels);
  free (es->order);
  free (es->unit);
  free (es->margins);
  free (es->widening);
  free_generation (es);
  pending_free (&es->pending);
}

/* ---- learning from a generation ---- */

/* The places of es->ranking[from .. to) in order, best first; equal ones stay as drawn.
 */
static void
rank (struct cmaes *es, size_t from, size_t to)
{
  if (to - from < 2)
    return;
  size_t middle = from + (to - from) / 2, a = from, b = middle;
  rank (es, from, middle);
  rank (es, middle, to);
  for (size_t k = from; k < to; k++) {
    bool left = b == to
                || (a < middle
                    && ledger_compare (&es->ledger, es->places[es->ranking[a]],
                                       es->places[es->ranking[b]])
                           <= 0);
    es->merged[k] = es->ranking[left ? a++ : b++];
  }
  memcpy (es->ranking + from, es->merged + from, (to - from) * sizeof *es->ranking);
}

/* The mean stays in the box: outside of it all designs would be those of the border. */
static void
correct (struct cmaes *es)
{
  struct gauss *g = &es->gauss;
  double alpha = 1 / (double)((es->n_gauss + es->n_levels) * es->lambda);
  for (size_t i = 0; i < es->n_gauss; i++) {
    g->mean[i] = fmin (1, fmax (0, g->mean[i]));
    double deviation = g->sigma * sqrt (g->covariance[i * g->n + i]) * es->widening[i];
    margin_keep (&es->margins[i], deviation, alpha, &g->mean[i], &es->widening[i]);
  }
}

/* A conditional parameter that was inactive in all of the better half taught nothing, but
 * the step size shrinks for it as well: it stays as wide as at the start. */
static void
keep_inactive_wide (struct cmaes *es, size_t i)
{
  const struct gauss *g = &es->gauss;
  for (size_t r = 0; r < g->mu; r++)
    if (es->active[es->ranking[r] * es->n_gauss + i])
      return;
  double deviation = g->sigma * sqrt (g->covariance[i * g->n + i]);
  es->widening[i] = fmax (es->widening[i], es->sigma / deviation);
}

/* Whether the best of the generation gives hope for the run: not while it has long been
 * the same, or has not beaten the best of the run for very long. */
static bool
progress (struct cmaes *es, size_t first)
{
  double n = (double)(es->n_gauss + es->n_levels), lambda = (double)es->lambda;
  bool better = !es->started || ledger_compare (&es->ledger, first, es->best) < 0;
  bool equal = es->started && ledger_compare (&es->ledger, first, es->last) == 0;
  es->flat = equal ? es->flat + 1 : 0;
  es->stale = better ? 0 : es->stale + 1;
  es->best = better ? first : es->best;
  es->last = first;
  es->started = true;
  return (double)es->flat < 10 + 30 * n / lambda
         && (double)es->stale < 100 + 100 * pow (n, 1.5) / lambda;
}

/* Whether the run goes on. */
static bool
learn (struct cmaes *es)
{
  size_t lambda = es->lambda;
  for (size_t k = 0; k < lambda; k++)
    es->ranking[k] = k;
  rank (es, 0, lambda);
  size_t first = es->places[es->ranking[0]], last = es->places[es->ranking[lambda - 1]];
  bool goes_on = progress (es, first);
  es->members = 0;
  if (!goes_on)
    return false;
  if (ledger_compare (&es->ledger, first, last) == 0)
    return true; /* nothing to learn where all are alike */
  for (size_t k = 0; k < lambda; k++) {
    es->ranked_steps[k] = es->steps + es->ranking[k] * es->n_gauss;
    es->ranked_choices[k] = es->choices + es->ranking[k] * es->n_levels;
  }
  if (es->n_levels)
    levels_learn (&es->levels, es->ranked_choices, lambda);
  if (es->n_gauss == 0)
    return true;
  if (!gauss_learn (&es->gauss, es->ranked_steps) || gauss_width (&es->gauss) < 1e-12)
    return false;
  es->gauss.sigma = fmin (es->gauss.sigma, 10);
  for (size_t i = 0; i < es->n_gauss; i++)
    keep_inactive_wide (es, i);
  correct (es);
  return true;
}

/* ---- drawing ---- */

/* A step and the place it leads to; whether that is in the box. */
static bool
step_inside (struct cmaes *es, double *step)
{
  const struct gauss *g = &es->gauss;
  bool inside = true;
  gauss_step (&es->gauss, &es->rng, step);
  for (size_t i = 0; i < es->n_gauss; i++) {
    double at = g->mean[i] + g->sigma * es->widening[i] * step[i];
    es->unit[es->order[i]] = fmin (1, fmax (0, at));
    inside &= at >= 0 && at <= 1;
  }
  return inside;
}

/* One member of the generation, as a canonical design. Steps that leave the box are taken
 * again: were all of them ended at its border, ever longer ones would do as well, and the
 * step size would grow without end. What is inactive in a design cannot have helped: its
 * level is left out of the learning. */
static void
draw (struct cmaes *es, size_t member, double *row)
{
  double *step = es->steps + member * es->n_gauss;
  uint32_t *choice = es->choices + member * es->n_levels;
  for (int k = 0; k < retries && es->n_gauss; k++)
    if (step_inside (es, step))
      break;
  levels_draw (&es->levels, &es->rng, choice);
  for (size_t i = 0; i < es->n_levels; i++) {
    size_t count = es->levels.from[i + 1] - es->levels.from[i];
    es->unit[es->order[es->n_gauss + i]] = (choice[i] + 0.5) / (double)count;
  }
  es->ledger.fresh.host->space_decode (es->ledger.fresh.space, es->unit, row);
  for (size_t i = 0; i < es->n_gauss; i++)
    es->active[member * es->n_gauss + i] = !isnan (row[es->order[i]]);
  for (size_t i = 0; i < es->n_levels; i++)
    if (isnan (row[es->order[es->n_gauss + i]]))
      choice[i] = UINT32_MAX;
}

static bool
complete (const struct cmaes *es)
{
  for (size_t k = 0; k < es->members; k++)
    if (!ledger_told (&es->ledger, es->places[k]))
      return false;
  return true;
}

/* BIPOP: evaluations go in equal parts to runs with ever larger populations and to runs
 * with small ones, between the first and half of the largest, that begin narrow. A
 * population is not so large that the budget ends before it has converged. */
static int
start_again (struct cmaes *es)
{
  double left = es->budget - (double)es->told, first = (double)es->first_lambda;
  es->spent[es->small] += es->told - es->from;
  es->from = es->told;
  es->small = es->rules == BIPOP && es->runs > 1 && es->spent[1] < es->spent[0];
  if (es->small) {
    double u = gym_rng_real (&es->rng), share = fmax (1, 0.5 * es->largest / first);
    double narrow = pow (10, -2 * gym_rng_real (&es->rng));
    return restart (es, (size_t)(first * pow (share, u * u)), es->sigma * narrow);
  }
  es->largest = fmin (most_population, es->largest * es->increase);
  es->largest = fmax (first, fmin (es->largest, left / generations));
  return restart (es, (size_t)es->largest, es->sigma);
}

/* A generation drawn to the end and told is learnt from. 0: to be waited for. */
static int
turn (struct cmaes *es)
{
  if (es->members < es->lambda)
    return 1;
  if (!complete (es))
    return 0;
  if (learn (es) && es->idle < 20 * es->lambda)
    return 1;
  es->barren++;
  int code = start_again (es);
  return code < 0 ? code : 1;
}

/* The next design to evaluate: 1, 0 to wait or when none is left, or GYM_ENOMEM. Runs
 * that find nothing new any more are helped out by a random new design. */
static int
propose (struct cmaes *es, double *row, size_t *place)
{
  for (int code; !fresh_exhausted (&es->ledger.fresh);) {
    if (es->barren > 2) {
      es->barren = 0;
      return ledger_draw (&es->ledger, &es->rng, row, place);
    }
    if ((code = turn (es)) <= 0)
      return code;
    draw (es, es->members, row);
    code = ledger_claim (&es->ledger, row, place);
    if (code < 0)
      return code;
    es->places[es->members++] = *place;
    es->idle = code ? 0 : es->idle + 1;
    if (code) {
      es->barren = 0;
      return 1;
    }
  }
  return 0;
}

static int
cmaes_ask (void *self, struct gym_asks *asks, gym_error *err)
{
  struct cmaes *es = self;
  size_t n = 0;
  for (; n < asks->n; n++) {
    size_t place;
    int code = propose (es, asks->designs + n * es->n, &place);
    if (code == 0)
      break;
    if (code < 0 || pending_add (&es->pending, asks->tickets[n], NULL, place) < 0)
      return gym_fail (err, GYM_ENOMEM, "out of memory");
  }
  return (int)n;
}

/* ---- hearing ---- */

/* A repaired design is known as well, with the same result. */
static int
cmaes_tell (void *self, const struct gym_tells *tells, gym_error *err)
{
  struct cmaes *es = self;
  for (size_t i = 0; i < tells->n; i++) {
    size_t place;
    if (ledger_claim (&es->ledger, tells->designs + i * es->n, &place) < 0)
      return gym_fail (err, GYM_ENOMEM, "out of memory");
    ledger_tell (&es->ledger, place, tells, i);
    if (!pending_take (&es->pending, tells->tickets[i], &place))
      continue;
    ledger_tell (&es->ledger, place, tells, i);
    es->told++;
  }
  return GYM_OK;
}

static const char *const rule_names[] = { "ipop", "bipop", NULL };

static const struct gym_option options[] = {
  { .name = "population",
    .doc = "designs of a generation (lambda) before the first restart; 0: 4 + 3 ln n for "
           "n parameters, or as many as are in flight if that is more",
    .type = GYM_OPTION_INT,
    .offset = offsetof (struct cmaes, population),
    .low = 0,
    .high = 65536,
    .initial = "0" },
  { .name = "sigma",
    .doc = "first standard deviation, as a share of the range of a parameter",
    .type = GYM_OPTION_REAL,
    .flags = GYM_OPTION_LOG,
    .offset = offsetof (struct cmaes, sigma),
    .low = 1e-4,
    .high = 10,
    .initial = "0.2" },
  { .name = "increase",
    .doc = "factor of the population from one large run to the next",
    .type = GYM_OPTION_REAL,
    .offset = offsetof (struct cmaes, increase),
    .low = 1,
    .high = 100,
    .initial = "3" },
  { .name = "restarts",
    .doc = "ipop: populations grow from run to run; bipop: in between, for as many "
           "evaluations, small ones that begin narrow",
    .type = GYM_OPTION_ENUM,
    .offset = offsetof (struct cmaes, rules),
    .choices = rule_names,
    .initial = "bipop" },
};

static const struct gym_agent_class cmaes_class = {
  .struct_size = sizeof (struct gym_agent_class),
  .flags = GYM_AGENT_DISTINCT | GYM_AGENT_PRIOR,
  .id = "cmaes-v1",
  .summary = "CMA-ES with margin for integers and levels, restarts",
  .doc =
      "Generations of designs are drawn from a normal distribution over the ordered "
      "parameters, on their (log) scales, and from learnt probabilities of the levels of "
      "categorical ones; both move to where the better half lies, and the normal one "
      "also learns its step and which parameters go together. Integers keep a margin of "
      "probability beside the mean, levels one each. Only the order of results counts, "
      "infeasible and failed ones last, so that no scale matters. A design drawn again "
      "takes the result it had: none is evaluated twice, and a converging run costs "
      "little. Then it restarts, by turns with a larger population and with a small one; "
      "a known budget limits the size. Inactive levels are left out of the learning. "
      "A generation is told wholly before the next is drawn. Good on ordered parameters "
      "that go together, from 200 evaluations on, and on multimodal ones with "
      "thousands; it cannot see that categorical levels only work together.",
  .source =
      "N. Hansen: The CMA Evolution Strategy: A Tutorial (2016); R. Hamano, S. Saito, "
      "M. Nomura, S. Shirakawa: CMA-ES with Margin (GECCO 2022); R. Hamano and "
      "others: CatCMA (GECCO 2024); N. Hansen: Benchmarking a BI-Population "
      "CMA-ES on the BBOB-2009 Function Testbed (GECCO 2009)",
  .options = GYM_ARRAY (gym_options, options),
  .place = { .strategy = "evolution: covariance adaptation" },
  .instance_size = sizeof (struct cmaes),
  .max_objectives = 1,
  .in_flight = 4,
  .open = cmaes_open,
  .close = cmaes_close,
  .ask = cmaes_ask,
  .tell = cmaes_tell,
};

static const struct gym_agent_class *const classes[] = { &cmaes_class, NULL };

GYM_EXPORT const struct gym_plugin gym_plugin_entry = {
  GYM_PLUGIN_ABI,
  .name = "cmaes",
  .version = "0.1.0",
  .licence = "MIT",
  .doc = "covariance matrix adaptation",
  .agents = classes,
};
