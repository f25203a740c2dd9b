/* plugins/sa.c - simulated annealing with a schedule made for the budget.
 *
 * Kirkpatrick, Gelatt and Vecchi, "Optimization by Simulated Annealing" (Science 220,
 * 1983): change one parameter; go there when that is no worse, and with probability
 * exp (-loss / T) when it is worse (Metropolis et al. 1953). T falls over the evaluations
 * of the budget, by a power law from `hot` to `cold` times the objective's own scale, the
 * median change that the first moves made (after White, "Concepts of scale in simulated
 * annealing", 1984). A power law stays longer than a geometric one where landscapes with
 * large steps freeze, and cools as far in the end.
 *
 * Evaluations are what costs: steps to designs whose results are known are taken, or not,
 * by the same rule and without one, so that the walk is Metropolis's own, repeats
 * included, and gets further within the budget. */
#include "plugins/common/ledger.h"
#include "plugins/common/moves.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Slots: where the walk is, the best so far, what is told. */
enum { HERE, BEST, NEW, SLOTS };

/* Changes that the scale is the median of. */
enum { SAMPLE = 24 };

struct sa {
  double hot, cold, cooling, near;
  int64_t reheats;

  uint32_t n;
  gym_rng rng;
  struct moves moves;
  struct ledger ledger;
  struct points points;
  double length; /* evaluations of one schedule */
  double linger; /* how much longer it stays hot, 0 to 1 */
  uint64_t from; /* the trial it began with */
  uint64_t told;
  uint64_t first; /* designs that the walk has no say in: the best of them is its start */
  double changes[SAMPLE]; /* sorted */
  uint32_t n_changes;
};

/* Schedules last this long when the budget is unknown; the next one twice as long. */
static const double unknown = 1000;

/* Steps over known designs in search of a new one; where there is none, changes that are
 * added up before the walk's place is left anew, and tries in all before a random design
 * is taken. */
enum { patience = 4, retries = 64, strides = 24 };

/* Where levels have no order there are no small steps to refine a design with in the
 * cold; what pays is to stay longer near the scale of a move, at which a walk gets over
 * what is between two basins, if the schedule has the time for that. 0: as set; 1: a
 * quarter of the exponent, and a tenth hotter. */
static double
lingering (const struct sa *sa)
{
  const struct moves *m = &sa->moves;
  double unordered = 0, n = m->n_free;
  for (uint32_t k = 0; k < m->n_free; k++)
    unordered += m->axes[m->free[k]].kind == GYM_CATEGORICAL;
  return n > 0 ? unordered * unordered / (n * n) * fmin (1, sa->length / (16 * n)) : 0;
}

static int
sa_open (void *self, const struct gym_host *host, const struct gym_problem *problem,
         uint64_t seed, gym_error *err)
{
  struct sa *sa = self;
  sa->n = host->space_size (problem->space);
  sa->length = isfinite (problem->budget) && problem->budget >= 1
                   ? problem->budget / (double)(sa->reheats + 1)
                   : unknown;
  sa->first = problem->n_first > 0 ? problem->n_first : 1;
  gym_rng_init (&sa->rng, seed);
  ledger_init (&sa->ledger, host, problem);
  if (moves_init (&sa->moves, host, problem->space) < 0
      || points_init (&sa->points, host, problem, SLOTS) < 0)
    return gym_fail (err, GYM_ENOMEM, "out of memory");
  sa->moves.near = sa->near;
  sa->moves.prior = problem->prior;
  sa->linger = lingering (sa);
  return GYM_OK;
}

static void
sa_close (void *self)
{
  struct sa *sa = self;
  moves_free (&sa->moves);
  ledger_free (&sa->ledger);
  points_free (&sa->points);
}

/* ---- the temperature ---- */

/* Keeps the first changes in order. No change tells nothing about the scale. */
static void
note_change (struct sa *sa, double change)
{
  if (sa->n_changes == SAMPLE || !(change > 0))
    return;
  uint32_t i = sa->n_changes++;
  for (; i > 0 && sa->changes[i - 1] > change; i--)
    sa->changes[i] = sa->changes[i - 1];
  sa->changes[i] = change;
}

static double
temperature (const struct sa *sa)
{
  double share = fmin (1, (double)(sa->told - sa->from) / sa->length);
  double scale = sa->n_changes ? sa->changes[sa->n_changes / 2] : 0;
  double linger = sa->linger, hot = sa->hot * (1 + linger / 10);
  return scale * (hot * pow (1 - share, sa->cooling * (1 - 0.75 * linger)) + sa->cold);
}

/* Objectives measure a loss only between feasible designs; among others the order of
 * results decides. */
static bool
accepted (struct sa *sa, bool told)
{
  const struct points *p = &sa->points;
  if (!points_feasible (p, NEW) || !points_feasible (p, HERE))
    return points_compare (p, NEW, HERE) <= 0;
  double loss = fmin (DBL_MAX, p->objectives[NEW] - p->objectives[HERE]);
  if (told)
    note_change (sa, fabs (loss));
  return loss <= 0 || gym_rng_real (&sa->rng) < exp (-loss / temperature (sa));
}

/* ---- asking ---- */

/* Changes of one parameter until one leads to a new design. The results of others are
 * known: the walk goes over them as ever, at no cost. 1, 0 when there was none, or
 * negative. */
static int
walk (struct sa *sa, double *row)
{
  struct points *p = &sa->points;
  size_t place, size = sa->n * sizeof *row;
  for (int k = 0; k < strides; k++) {
    memcpy (row, points_row (p, HERE), size);
    moves_mutate (&sa->moves, &sa->rng, 0, row);
    int code = ledger_claim (&sa->ledger, row, &place);
    if (code)
      return code;
    if (!ledger_told (&sa->ledger, place))
      continue;
    memcpy (p->rows + NEW * sa->n, row, size);
    ledger_recall (&sa->ledger, place, p, NEW);
    if (accepted (sa, false))
      points_copy (p, HERE, NEW);
  }
  return 0;
}

/* Where a walk is shut in by known designs: several changes at once, or a leap. */
static int
jump (struct sa *sa, double *row)
{
  size_t place;
  for (int k = 0; k < retries; k++) {
    if (k % patience == 0)
      memcpy (row, points_row (&sa->points, HERE), sa->n * sizeof *row);
    moves_mutate (&sa->moves, &sa->rng, 0, row);
    int code = ledger_claim (&sa->ledger, row, &place);
    if (code)
      return code;
  }
  return ledger_draw (&sa->ledger, &sa->rng, row, &place);
}

static int
step (struct sa *sa, double *row)
{
  size_t place;
  if (sa->told < sa->first)
    return ledger_draw (&sa->ledger, &sa->rng, row, &place);
  int code = walk (sa, row);
  return code ? code : jump (sa, row);
}

static int
sa_ask (void *self, struct gym_asks *asks, gym_error *err)
{
  struct sa *sa = self;
  size_t n = 0;
  for (; n < asks->n; n++) {
    double *row = asks->designs + n * sa->n;
    int code = step (sa, row);
    if (code < 0)
      return gym_fail (err, code, "out of memory");
    if (code == 0)
      break;
  }
  return (int)n;
}

/* ---- hearing ---- */

/* Hot again, from the best design: the budget was said to be smaller than it is, or
 * reheats were asked for. */
static void
reheat (struct sa *sa)
{
  points_copy (&sa->points, HERE, BEST);
  sa->from = sa->told;
  if (sa->told >= sa->length * (double)(sa->reheats + 1))
    sa->length *= 2;
  sa->linger = lingering (sa);
}

static bool
improves (const struct sa *sa)
{
  return sa->told == 0 || points_compare (&sa->points, NEW, HERE) < 0;
}

static int
sa_tell (void *self, const struct gym_tells *tells, gym_error *err)
{
  struct sa *sa = self;
  size_t place;
  for (size_t i = 0; i < tells->n; i++) {
    if (ledger_claim (&sa->ledger, tells->designs + i * sa->n, &place) < 0)
      return gym_fail (err, GYM_ENOMEM, "out of memory");
    ledger_tell (&sa->ledger, place, tells, i);
    points_take (&sa->points, NEW, tells, i);
    if (sa->told < sa->first ? improves (sa) : accepted (sa, true))
      points_copy (&sa->points, HERE, NEW);
    if (sa->told == 0 || points_compare (&sa->points, NEW, BEST) < 0)
      points_copy (&sa->points, BEST, NEW);
    sa->told++;
    if ((double)(sa->told - sa->from) >= sa->length)
      reheat (sa);
  }
  return GYM_OK;
}

static const struct gym_option options[] = {
  { .name = "hot",
    .doc = "first temperature, in units of the median change that one move makes",
    .type = GYM_OPTION_REAL,
    .flags = GYM_OPTION_LOG,
    .offset = offsetof (struct sa, hot),
    .low = 1e-6,
    .high = 1e6,
    .initial = "1.5" },
  { .name = "cold",
    .doc = "last temperature, in the same units",
    .type = GYM_OPTION_REAL,
    .flags = GYM_OPTION_LOG,
    .offset = offsetof (struct sa, cold),
    .low = 1e-9,
    .high = 1e6,
    .initial = "0.003" },
  { .name = "reheats",
    .doc = "how often in the budget the walk goes back to its best design and begins to "
           "cool again",
    .type = GYM_OPTION_INT,
    .offset = offsetof (struct sa, reheats),
    .low = 0,
    .high = 1000,
    .initial = "1" },
  { .name = "cooling",
    .doc =
        "exponent k of the schedule hot (1 - share)^k + cold, where share is that of the "
        "budget; 1: linear; down to a quarter of it where no parameter has an order",
    .type = GYM_OPTION_REAL,
    .offset = offsetof (struct sa, cooling),
    .low = 0.1,
    .high = 20,
    .initial = "4" },
  { .name = "near",
    .doc = "share of the moves of ordered parameters that stay near: one or two steps of "
           "a grid, a Gaussian step of a real parameter; the others go anywhere",
    .type = GYM_OPTION_REAL,
    .offset = offsetof (struct sa, near),
    .low = 0,
    .high = 1,
    .initial = "0.5" },
};

static const struct gym_agent_class sa_class = {
  .struct_size = sizeof (struct gym_agent_class),
  .flags = GYM_AGENT_DISTINCT | GYM_AGENT_PRIOR | GYM_AGENT_FIRST,
  .id = "sa-v1",
  .summary = "simulated annealing, cooled over the whole budget",
  .doc =
      "A walk that changes one parameter at a time and also accepts losses, the fewer "
      "the "
      "colder it is. The temperature falls over the evaluations of the budget, by "
      "default "
      "twice, from `hot` to `cold` times the median change of the first moves: neither "
      "the objective's unit nor the budget needs tuning. No design is evaluated twice: "
      "the walk goes over known ones by the results they had, and costs nothing there. "
      "Infeasible designs are left "
      "only for results that rank no lower. Good on rugged landscapes with a known "
      "budget "
      "of some hundred evaluations or more; it finds its best late.",
  .source = "S. Kirkpatrick, C. Gelatt, M. Vecchi: Optimization by Simulated Annealing, "
            "Science 220 (1983)",
  .options = GYM_ARRAY (gym_options, options),
  .place = { .strategy = "local search: simulated annealing" },
  .instance_size = sizeof (struct sa),
  .max_objectives = 1,
  .in_flight = 1,
  .open = sa_open,
  .close = sa_close,
  .ask = sa_ask,
  .tell = sa_tell,
};

static const struct gym_agent_class *const classes[] = { &sa_class, NULL };

GYM_EXPORT const struct gym_plugin gym_plugin_entry = {
  GYM_PLUGIN_ABI,
  .name = "sa",
  .version = "0.1.0",
  .licence = "MIT",
  .doc = "simulated annealing",
  .agents = classes,
};
