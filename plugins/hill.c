/* plugins/hill.c - a hill climber that starts again.
 *
 * The oldest local search: try a change of one parameter, keep it when the design is no
 * worse, and begin elsewhere when nothing improves any more. Beginning elsewhere means a
 * few changes to the best summit so far (iterated local search: Lourenco, Martin and
 * Stuetzle, "Iterated Local Search", Handbook of Metaheuristics, 2003), or a random
 * design. */
#include "plugins/common/fresh.h"
#include "plugins/common/moves.h"
#include "plugins/common/points.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Slots: where the climb is, the summit the next climb starts from, what is told. */
enum { HERE, SUMMIT, NEW, SLOTS };

struct hill {
  int64_t patience;
  double near, kick, restart;

  uint32_t n, in_flight;
  gym_rng rng;
  struct moves moves;
  struct fresh fresh;
  struct points points;
  double limit;     /* proposals without progress after which a climb is over */
  double known;     /* known designs in a row after which it is, whatever the patience */
  double idle;      /* so many of them were there */
  uint64_t climb;   /* its number, from 1 */
  bool begun;       /* HERE belongs to this climb */
  bool summit;      /* SUMMIT is set */
  uint64_t *climbs; /* of the asks in flight, a ring */
  uint64_t asked, told;
};

enum { retries = 8 };

/* How many designs are one small step away: all other levels, two steps up and down. */
static double
neighbours (const struct moves *moves)
{
  double sum = 0;
  for (uint32_t k = 0; k < moves->n_free; k++) {
    const struct moves_axis *axis = &moves->axes[moves->free[k]];
    double others = axis->count ? (double)axis->count - 1 : 4;
    sum += axis->kind == GYM_CATEGORICAL || others < 4 ? others : 4;
  }
  return sum;
}

static int
hill_open (void *self, const struct gym_host *host, const struct gym_problem *problem,
           uint64_t seed, gym_error *err)
{
  struct hill *hill = self;
  hill->n = host->space_size (problem->space);
  hill->in_flight = problem->in_flight;
  hill->climb = 1;
  gym_rng_init (&hill->rng, seed);
  fresh_init (&hill->fresh, host, problem->space);
  hill->climbs = malloc (hill->in_flight * sizeof *hill->climbs);
  if (!hill->climbs || moves_init (&hill->moves, host, problem->space) < 0
      || points_init (&hill->points, host, problem, SLOTS) < 0)
    return gym_fail (err, GYM_ENOMEM, "out of memory");
  hill->moves.prior = problem->prior;
  double usual = 1.5 * neighbours (&hill->moves);
  hill->limit = hill->patience > 0 ? (double)hill->patience : usual;
  hill->known = fmax (1000, usual);
  return GYM_OK;
}

static void
hill_close (void *self)
{
  struct hill *hill = self;
  free (hill->climbs);
  moves_free (&hill->moves);
  fresh_free (&hill->fresh);
  points_free (&hill->points);
}

/* ---- asking ---- */

/* The climb is over: its summit counts when it is as high as that of the others. */
static void
give_up (struct hill *hill)
{
  if (!hill->summit || points_compare (&hill->points, HERE, SUMMIT) <= 0)
    points_copy (&hill->points, SUMMIT, HERE);
  hill->summit = true;
  hill->begun = false;
  hill->idle = 0;
  hill->climb++;
}

/* A design to begin a climb with. */
static int
begin (struct hill *hill, double *row)
{
  hill->moves.near = hill->near;
  bool anew = !hill->summit || gym_rng_real (&hill->rng) < hill->restart;
  for (int k = 0; !anew && k < retries; k++) {
    memcpy (row, points_row (&hill->points, SUMMIT), hill->n * sizeof *row);
    moves_mutate (&hill->moves, &hill->rng, hill->kick / (hill->moves.n_free + 1.), row);
    int code = fresh_claim (&hill->fresh, row);
    if (code)
      return code;
  }
  return fresh_draw (&hill->fresh, &hill->rng, row);
}

/* While changes to anywhere still find something better they gain more than small ones
 * do: those take over as the climb goes on in vain, by the middle of its patience wholly,
 * and as the search grows old. */
static double
settled (const struct hill *hill)
{
  double age = (double)hill->asked / (40 * (hill->moves.n_free + 1.));
  return fmin (1, fmax (age, 2 * hill->idle / hill->limit));
}

/* A change of one parameter that leads to a new design. One that does not is a neighbour
 * without progress as well: around a summit all of them are known in the end, and no
 * patience finds another. */
static int
climb_on (struct hill *hill, double *row)
{
  for (double known = 0; hill->begun; known++) {
    hill->moves.near = hill->near * settled (hill);
    memcpy (row, points_row (&hill->points, HERE), hill->n * sizeof *row);
    moves_mutate (&hill->moves, &hill->rng, 0, row);
    int code = fresh_claim (&hill->fresh, row);
    if (code)
      return code;
    if (++hill->idle >= hill->limit || known >= hill->known)
      give_up (hill);
  }
  return begin (hill, row);
}

static int
hill_ask (void *self, struct gym_asks *asks, gym_error *err)
{
  struct hill *hill = self;
  size_t n = 0;
  for (; n < asks->n; n++) {
    int code = climb_on (hill, asks->designs + n * hill->n);
    if (code < 0)
      return gym_fail (err, code, "out of memory");
    if (code == 0)
      break;
    hill->climbs[hill->asked++ % hill->in_flight] = hill->climb;
  }
  return (int)n;
}

/* ---- hearing ---- */

/* Results of an earlier climb that come late may still be better than this one. */
static void
consider (struct hill *hill, uint64_t climb)
{
  bool late = climb != hill->climb;
  int order = hill->begun ? points_compare (&hill->points, NEW, HERE) : late ? 1 : -1;
  if (order < 0 || (order == 0 && !late))
    points_copy (&hill->points, HERE, NEW);
  if (order < 0)
    hill->begun = true;
  hill->idle = order < 0 ? 0 : hill->idle + !late;
  if (hill->begun && hill->idle >= hill->limit)
    give_up (hill);
}

static int
hill_tell (void *self, const struct gym_tells *tells, gym_error *err)
{
  struct hill *hill = self;
  for (size_t i = 0; i < tells->n; i++) {
    if (fresh_claim (&hill->fresh, tells->designs + i * hill->n) < 0)
      return gym_fail (err, GYM_ENOMEM, "out of memory");
    points_take (&hill->points, NEW, tells, i);
    consider (hill, hill->climbs[hill->told++ % hill->in_flight]);
  }
  return GYM_OK;
}

static const struct gym_option options[] = {
  { .name = "patience",
    .doc = "neighbours without progress after which a climb is over; 0: one and a half "
           "times as many as there are small changes of one parameter",
    .type = GYM_OPTION_INT,
    .offset = offsetof (struct hill, patience),
    .low = 0,
    .high = 1e9,
    .initial = "0" },
  { .name = "kick",
    .doc = "parameters that change, on average, from the best summit to the start of a "
           "climb",
    .type = GYM_OPTION_REAL,
    .offset = offsetof (struct hill, kick),
    .low = 0,
    .high = 1000,
    .initial = "2" },
  { .name = "restart",
    .doc = "share of the climbs that start at a random design rather than near the best "
           "summit so far",
    .type = GYM_OPTION_REAL,
    .offset = offsetof (struct hill, restart),
    .low = 0,
    .high = 1,
    .initial = "0.15" },
  { .name = "near",
    .doc = "share of the moves of ordered parameters that stay near: one or two steps of "
           "a grid, a Gaussian step of a real parameter; the others go anywhere; fewer "
           "at first",
    .type = GYM_OPTION_REAL,
    .offset = offsetof (struct hill, near),
    .low = 0,
    .high = 1,
    .initial = "0.6" },
};

static const struct gym_agent_class hill_class = {
  .struct_size = sizeof (struct gym_agent_class),
  .flags = GYM_AGENT_DISTINCT | GYM_AGENT_PRIOR | GYM_AGENT_FIRST,
  .id = "hill-v1",
  .summary = "hill climber: one parameter at a time, and anew from near the best summit",
  .doc =
      "Changes one parameter of the design it is at and goes there when that is no "
      "worse; "
      "half of the moves of ordered parameters are a step or two, the others go "
      "anywhere. "
      "After `patience` neighbours without progress it starts anew, from the best summit "
      "with some `kick` parameters changed or, now and then, from a random design. No "
      "design is evaluated twice. With several trials in flight they are neighbours of "
      "one design. Hard to beat where parameters hardly interact and budgets are some "
      "hundred; rotated and deceptive landscapes hold it in their local optima.",
  .source = "H. Lourenco, O. Martin, T. Stuetzle: Iterated Local Search, in: Handbook of "
            "Metaheuristics (2003)",
  .options = GYM_ARRAY (gym_options, options),
  .place = { .strategy = "local search: hill climbing" },
  .instance_size = sizeof (struct hill),
  .max_objectives = 1,
  .in_flight = 1,
  .open = hill_open,
  .close = hill_close,
  .ask = hill_ask,
  .tell = hill_tell,
};

static const struct gym_agent_class *const classes[] = { &hill_class, NULL };

GYM_EXPORT const struct gym_plugin gym_plugin_entry = {
  GYM_PLUGIN_ABI,   .name = "hill",        .version = "0.1.0",
  .licence = "MIT", .doc = "hill climber", .agents = classes,
};
