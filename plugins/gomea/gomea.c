/* plugins/gomea/gomea.c - gene-pool optimal mixing in a pyramid of populations.
 *
 * Thierens and Bosman, "Optimal mixing evolutionary algorithms" (GECCO 2011): a design
 * takes over a set of parameters from another one of the population, and keeps them when
 * it is no worse for it. The sets are those of a linkage tree, learnt from the
 * population (linkage.h). Populations are those of Goldman and Punch, "Parameter-less
 * population pyramid" (GECCO 2014): every search begins with a climb from a random
 * design, and rises through the levels as long as they improve it (theirs goes through
 * all of them).
 *
 * Where no set of parameters means the same in two designs, as under a rotation, mixing
 * leads nowhere. Hence some searches stay below: they begin at the best design so far,
 * kicked, and only climb (iterated local search: Lourenco, Martin and Stuetzle 2003).
 * Whichever of the two kinds found the best design gets most of the evaluations. */
#include "plugins/common/ledger.h"
#include "plugins/gomea/pyramid.h"
#include "plugins/gomea/steps.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum phase { BEGIN, CLIMB, MIX };
enum kind { MIXING, LOCAL, KINDS };

/* One design on its way up. There are as many as trials in flight. */
struct climber {
  enum phase phase;
  enum kind kind;
  bool waiting;    /* for a result */
  uint32_t *order; /* of the steps, random */
  uint32_t at;     /* the next of them */
  uint32_t idle;   /* steps without progress; donors without use */
  uint32_t level, set;
  bool improved; /* on this level */
  size_t place;  /* in the ledger, of the design that waits */
};

struct gomea {
  double share, kick, near;

  const struct gym_host *host;
  const struct gym_space *space;
  uint32_t n, in_flight;
  gym_rng rng;
  struct moves moves;
  struct steps steps;
  struct ledger ledger;
  struct points points; /* climber k: 2k its design, 2k + 1 the changed one; `summit` */
  struct pyramid pyramid;
  struct climber *climbers;
  uint32_t *flight; /* climbers whose asks are in flight, a ring */
  uint64_t asked, told;
  size_t summit;         /* the slot of the best design at the end of a climb or level */
  bool begun;            /* there is one */
  enum kind leader;      /* the kind of search that found it */
  uint64_t spent[KINDS]; /* trials of each kind under this leader */
};

/* Donors looked at for one set: most of them agree with the design, or lead to what is
 * known. And kicks tried until one leads to a new design. */
enum { most_donors = 64, retries = 8 };

static int
open_climbers (struct gomea *g)
{
  g->climbers = calloc (g->in_flight, sizeof *g->climbers);
  g->flight = malloc (g->in_flight * sizeof *g->flight);
  if (!g->climbers || !g->flight)
    return GYM_ENOMEM;
  for (uint32_t k = 0; k < g->in_flight; k++) {
    uint32_t *order = malloc ((g->steps.n + 1) * sizeof *order);
    if (!order)
      return GYM_ENOMEM;
    for (uint32_t i = 0; i < g->steps.n; i++)
      order[i] = i;
    g->climbers[k].order = order;
  }
  return GYM_OK;
}

static int
gomea_open (void *self, const struct gym_host *host, const struct gym_problem *problem,
            uint64_t seed, gym_error *err)
{
  struct gomea *g = self;
  g->host = host;
  g->space = problem->space;
  g->n = host->space_size (problem->space);
  g->in_flight = problem->in_flight;
  g->summit = 2 * (size_t)g->in_flight;
  gym_rng_init (&g->rng, seed);
  ledger_init (&g->ledger, host, problem);
  pyramid_init (&g->pyramid, &g->moves);
  if (moves_init (&g->moves, host, problem->space) < 0
      || steps_init (&g->steps, &g->moves) < 0
      || points_init (&g->points, host, problem, g->summit + 1) < 0
      || open_climbers (g) < 0)
    return gym_fail (err, GYM_ENOMEM, "out of memory");
  g->moves.near = g->near;
  g->moves.prior = problem->prior;
  return GYM_OK;
}

static void
gomea_close (void *self)
{
  struct gomea *g = self;
  pyramid_free (&g->pyramid);
  for (uint32_t k = 0; g->climbers && k < g->in_flight; k++)
    free (g->climbers[k].order);
  free (g->climbers);
  free (g->flight);
  moves_free (&g->moves);
  steps_free (&g->steps);
  ledger_free (&g->ledger);
  points_free (&g->points);
}

/* ---- where a climber is and what it tries ---- */

static double *
row_of (const struct gomea *g, size_t slot)
{
  return g->points.rows + slot * g->n;
}

/* The next step that exists, into slot 2k + 1; false when all led nowhere. Near the best
 * design only near ones are worth their price: far ones were of no use to it. */
static bool
try_step (struct gomea *g, uint32_t k)
{
  struct climber *climber = &g->climbers[k];
  double *row = row_of (g, 2 * k + 1);
  while (climber->idle < g->steps.n) {
    uint32_t step = climber->order[climber->at];
    climber->at = (climber->at + 1) % g->steps.n;
    climber->idle++;
    if (climber->kind == LOCAL && !steps_near (&g->steps, step))
      continue;
    memcpy (row, row_of (g, 2 * k), g->n * sizeof *row);
    if (steps_take (&g->steps, step, &g->rng, row))
      return true;
  }
  return false;
}

/* Takes the parameters of a set over from a donor; false when that changes nothing. */
static bool
mix_in (struct gomea *g, const struct level *level, struct linkage_set set, double *row)
{
  const double *donor = level->rows + gym_rng_below (&g->rng, level->count) * g->n;
  bool changed = false;
  for (uint32_t j = set.from; j < set.from + set.size; j++) {
    uint32_t i = level->tree.leaves[j];
    if (donor[i] == row[i] || (isnan (donor[i]) && isnan (row[i])))
      continue;
    row[i] = donor[i];
    changed = true;
  }
  if (changed && g->moves.conditional)
    moves_settle (&g->moves, &g->rng, row);
  return changed;
}

/* The next set that a donor has something new for, into slot 2k + 1; false when there is
 * none left on this level. */
static bool
try_set (struct gomea *g, uint32_t k)
{
  struct climber *climber = &g->climbers[k];
  const struct level *level = &g->pyramid.levels[climber->level];
  double *row = row_of (g, 2 * k + 1);
  size_t donors = 4 * level->count < most_donors ? 4 * level->count : most_donors;
  for (; climber->set < level->tree.n_sets; climber->set++, climber->idle = 0)
    while (climber->idle++ < donors) {
      memcpy (row, row_of (g, 2 * k), g->n * sizeof *row);
      if (mix_in (g, level, level->tree.sets[climber->set], row))
        return true;
    }
  return false;
}

/* ---- from phase to phase ---- */

static uint64_t
hash_of (const struct gomea *g, size_t slot)
{
  return g->host->space_hash (g->space, row_of (g, slot));
}

static int
enter_level (struct gomea *g, uint32_t k, uint32_t level)
{
  struct climber *climber = &g->climbers[k];
  if (level >= g->pyramid.n_levels) {
    climber->phase = BEGIN;
    return GYM_OK;
  }
  climber->phase = MIX;
  climber->level = level;
  climber->set = climber->idle = 0;
  climber->improved = false;
  return pyramid_learn (&g->pyramid, level, &g->rng);
}

/* A search that has found the best design makes its kind the leader. Local ones also
 * leave it for one that is as good. */
static void
compare_with_summit (struct gomea *g, uint32_t k)
{
  enum kind kind = g->climbers[k].kind;
  int order = g->begun ? points_compare (&g->points, 2 * k, g->summit) : -1;
  if (order < 0 || (order == 0 && kind == LOCAL))
    points_copy (&g->points, g->summit, 2 * k);
  if (order < 0 && g->begun && g->leader != kind) {
    g->leader = kind;
    g->spent[MIXING] = g->spent[LOCAL] = 0;
  }
  g->begun = true;
}

/* At the end of a climb, or through with the sets of a level. What a level did not
 * improve ends there: the designs above come from below, so that their parts are known to
 * it, and a level that had nothing for it is seldom outdone by them. */
static int
go_on (struct gomea *g, uint32_t k)
{
  struct climber *climber = &g->climbers[k];
  uint32_t level = climber->phase == CLIMB ? 0 : climber->level + 1;
  bool rises = climber->phase == CLIMB || climber->improved;
  compare_with_summit (g, k);
  if (climber->kind == LOCAL || !rises) {
    climber->phase = BEGIN;
    return GYM_OK;
  }
  if (pyramid_add (&g->pyramid, level, hash_of (g, 2 * k), row_of (g, 2 * k)) < 0)
    return GYM_ENOMEM;
  return enter_level (g, k, level);
}

/* A design to begin with, into slot 2k + 1: a random one, or the best one kicked. */
static int
begin (struct gomea *g, uint32_t k)
{
  struct climber *climber = &g->climbers[k];
  double *row = row_of (g, 2 * k + 1);
  double share = g->leader == LOCAL ? g->share : 1 - g->share;
  bool local =
      g->begun
      && (double)g->spent[LOCAL] * (1 - share) < (double)g->spent[MIXING] * share;
  climber->kind = local ? LOCAL : MIXING;
  for (int tries = 0; local && tries < retries; tries++) {
    memcpy (row, row_of (g, g->summit), g->n * sizeof *row);
    moves_mutate (&g->moves, &g->rng, g->kick / (g->moves.n_free + 1.), row);
    int code = ledger_claim (&g->ledger, row, &climber->place);
    if (code)
      return code;
  }
  return ledger_draw (&g->ledger, &g->rng, row, &climber->place);
}

/* What the result in slot 2k + 1 means to climber k. */
static void
judge (struct gomea *g, uint32_t k)
{
  struct climber *climber = &g->climbers[k];
  if (climber->phase == BEGIN) {
    points_copy (&g->points, 2 * k, 2 * k + 1);
    climber->phase = CLIMB;
    climber->idle = climber->at = 0;
    gym_rng_shuffle (&g->rng, climber->order, g->steps.n);
    return;
  }
  int order = points_compare (&g->points, 2 * k + 1, 2 * k);
  if (order < 0 || (order == 0 && climber->phase == MIX))
    points_copy (&g->points, 2 * k, 2 * k + 1);
  if (order < 0 && climber->phase == CLIMB)
    climber->idle = 0;
  climber->improved |= order < 0;
}

/* Lets climber k go on until it needs a result: 1 with the design in slot 2k + 1. 0: none
 * is left; negative GYM_ENOMEM. */
static int
climb_on (struct gomea *g, uint32_t k)
{
  struct climber *climber = &g->climbers[k];
  for (;;) {
    if (climber->phase == BEGIN)
      return begin (g, k);
    if (!(climber->phase == CLIMB ? try_step (g, k) : try_set (g, k))) {
      if (go_on (g, k) < 0)
        return GYM_ENOMEM;
      continue;
    }
    int code = ledger_claim (&g->ledger, row_of (g, 2 * k + 1), &climber->place);
    if (code)
      return code;
    if (!ledger_told (&g->ledger, climber->place))
      continue;
    ledger_recall (&g->ledger, climber->place, &g->points, 2 * k + 1);
    judge (g, k);
  }
}

static uint32_t
next_climber (const struct gomea *g)
{
  uint32_t k = 0;
  while (k < g->in_flight && g->climbers[k].waiting)
    k++;
  return k;
}

static int
gomea_ask (void *self, struct gym_asks *asks, gym_error *err)
{
  struct gomea *g = self;
  size_t n = 0;
  for (; n < asks->n; n++) {
    uint32_t k = next_climber (g);
    int code = k < g->in_flight ? climb_on (g, k) : 0;
    if (code < 0)
      return gym_fail (err, code, "out of memory");
    if (code == 0)
      break;
    memcpy (asks->designs + n * g->n, row_of (g, 2 * k + 1), g->n * sizeof (double));
    g->flight[g->asked++ % g->in_flight] = k;
    g->climbers[k].waiting = true;
  }
  return (int)n;
}

static int
gomea_tell (void *self, const struct gym_tells *tells, gym_error *err)
{
  struct gomea *g = self;
  size_t place;
  for (size_t i = 0; i < tells->n; i++) {
    uint32_t k = g->flight[g->told++ % g->in_flight];
    points_take (&g->points, 2 * k + 1, tells, i);
    if (ledger_claim (&g->ledger, row_of (g, 2 * k + 1), &place) < 0)
      return gym_fail (err, GYM_ENOMEM, "out of memory");
    ledger_tell (&g->ledger, place, tells, i);
    ledger_tell (&g->ledger, g->climbers[k].place, tells, i);
    g->climbers[k].waiting = false;
    g->spent[g->climbers[k].kind]++;
    if (g->climbers[k].phase == MIX)
      g->climbers[k].set++, g->climbers[k].idle = 0;
    judge (g, k);
  }
  return GYM_OK;
}

static const struct gym_option options[] = {
  { .name = "share",
    .doc = "share of the trials for whichever found the best design so far, mixing or "
           "climbing near the best; the rest goes to the other",
    .type = GYM_OPTION_REAL,
    .offset = offsetof (struct gomea, share),
    .low = 0,
    .high = 1,
    .initial = "0.85" },
  { .name = "kick",
    .doc = "parameters that change, on average, from the best design to the start of a "
           "climb near it",
    .type = GYM_OPTION_REAL,
    .offset = offsetof (struct gomea, kick),
    .low = 0,
    .high = 1000,
    .initial = "4" },
  { .name = "near",
    .doc = "share of those changes that stay near, where there is an order: one or two "
           "steps of a grid, a Gaussian step of a real parameter; the others go anywhere",
    .type = GYM_OPTION_REAL,
    .offset = offsetof (struct gomea, near),
    .low = 0,
    .high = 1,
    .initial = "0.8" },
};

static const struct gym_agent_class gomea_class = {
  .struct_size = sizeof (struct gym_agent_class),
  .flags = GYM_AGENT_DISTINCT | GYM_AGENT_PRIOR,
  .id = "gomea-v1",
  .summary = "optimal mixing over learnt linkage, in a pyramid of populations",
  .doc =
      "Climbs from a random design, one parameter at a time, then takes over sets of "
      "parameters from the members of a population, keeping each that makes it no worse; "
      "which parameters form a set is learnt from the population (a linkage tree). What "
      "a population improved joins a further population above it; there is no size to "
      "choose. Between these, some searches start at the best design with some `kick` "
      "parameters changed and climb by small steps; whichever of the two found the best "
      "design gets a `share` of the trials. No design is evaluated twice: known results "
      "are looked up. With several trials in flight so many designs climb at a time. "
      "Finds what others miss where groups of parameters must change together, deceptive "
      "or not, and is strong from some hundred trials to tens of thousands; with less "
      "than a hundred it has hardly climbed once.",
  .source =
      "D. Thierens, P. Bosman: Optimal Mixing Evolutionary Algorithms (GECCO 2011); "
      "B. Goldman, W. Punch: Parameter-less Population Pyramid (GECCO 2014); "
      "H. Lourenco, O. Martin, T. Stuetzle: Iterated Local Search (2003)",
  .options = GYM_ARRAY (gym_options, options),
  .place = { .strategy = "evolution: mixing of learnt linkage" },
  .instance_size = sizeof (struct gomea),
  .max_objectives = 1,
  .in_flight = 4,
  .open = gomea_open,
  .close = gomea_close,
  .ask = gomea_ask,
  .tell = gomea_tell,
};

static const struct gym_agent_class *const classes[] = { &gomea_class, NULL };

GYM_EXPORT const struct gym_plugin gym_plugin_entry = {
  GYM_PLUGIN_ABI,
  .name = "gomea",
  .version = "0.1.0",
  .licence = "MIT",
  .doc = "gene-pool optimal mixing",
  .agents = classes,
};
