/* plugins/hyperband/hyperband.c - many designs looked at cheaply, the best ones fully.
 *
 * Successive halving of Jamieson and Talwalkar (AISTATS 2016), Hyperband of Li, Jamieson,
 * DeSalvo, Rostamizadeh and Talwalkar (JMLR 18, 2018) and ASHA of Li and others (MLSys
 * 2020), over the fidelities of an env. Another agent proposes the designs; random ones
 * make the algorithms of the papers, a model-based agent makes BOHB (Falkner and others,
 * ICML 2018).
 *
 * What the agent inside is told: for each of its designs one result, that of the highest
 * fidelity the design was evaluated at when the agent was told. In brackets that is once
 * it is clear that the design goes no further. In ASHA nothing is ever clear: the agent
 * is told as soon as a design is not among the best of its rung, and of one that is
 * lifted later it does not hear again. The result of a lower fidelity is first brought to
 * the terms of the highest one (scale.h), rung by rung, and in a bracket is never better
 * than the best that was evaluated fully.
 */
#include "plugins/common/pending.h"
#include "plugins/common/points.h"
#include "plugins/hyperband/rung.h"
#include "plugins/hyperband/scale.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { HALVING, HYPERBAND, ASHA };
enum { RUNGS = 16 };

/* An evaluation of a design at a rung; its number is its slot in `points`. */
struct trial {
  uint64_t inner; /* the agent's ticket for the design */
  uint32_t rung;
  bool heard, promoted, spoken; /* has a result; goes on; the agent was told of it */
  size_t parent;                /* of a promoted design; itself at its first rung */
};

struct hyperband {
  const char *name;
  double eta;
  int32_t mode;

  const struct gym_host *host;
  struct gym_problem problem;
  struct gym_fidelity top_fidelity;
  struct gym_agent *agent;
  uint32_t n;
  uint32_t rungs;           /* used ones, the last is the user's fidelity */
  uint32_t fidelity[RUNGS]; /* of each */
  double cost[RUNGS];
  struct scale scales[RUNGS]; /* from each to the next */
  double budget, spent;

  size_t used, room; /* trials */
  struct trial *trials;
  bool *in_top;
  double *metrics;
  struct points points;
  struct pending pending; /* slots */

  /* bracket: trials [begin, begin + size) at `rung` */
  uint32_t bracket, rung, start;
  size_t begin, size, asked, told;

  struct rung ladder[RUNGS]; /* of ASHA */
  bool ready;                /* scales are known: results may be told */
  double best;               /* feasible and full so far; -infinity: none */
  bool last;                 /* the last full evaluation was asked for */
};

/* ---- opening ---- */

static const struct gym_fidelity *
fidelity_at (const struct gym_problem *problem, uint32_t f)
{
  return (const void *)((const char *)problem->fidelities.items
                        + (size_t)f * problem->fidelities.stride);
}

/* From the user's fidelity down, those that are cheaper by eta at least than the one
 * above: rungs nearer to each other cost much and tell little. */
static void
choose_rungs (struct hyperband *hb)
{
  uint32_t down[RUNGS], n = 0;
  double limit = INFINITY;
  for (uint32_t f = hb->problem.fidelity + 1; f-- > 0 && n < RUNGS;) {
    double cost = fidelity_at (&hb->problem, f)->cost;
    if (cost > limit * (1 + 1e-9))
      continue;
    down[n++] = f;
    limit = cost / hb->eta;
  }
  hb->rungs = n;
  for (uint32_t r = 0; r < n; r++) {
    hb->fidelity[r] = down[n - 1 - r];
    hb->cost[r] = fidelity_at (&hb->problem, hb->fidelity[r])->cost;
  }
}

static size_t
kept (const struct hyperband *hb, size_t size)
{
  size_t keep = (size_t)floor ((double)size / hb->eta + 1e-9);
  return keep > 0 ? keep : 1;
}

static double
bracket_cost (const struct hyperband *hb, uint32_t start, size_t size)
{
  double sum = 0;
  for (uint32_t r = start; r < hb->rungs; r++, size = kept (hb, size))
    sum += (double)size * hb->cost[r];
  return sum;
}

/* Designs of the bracket that begins at a rung (Li and others 2018, algorithm 1). */
static size_t
bracket_size (const struct hyperband *hb, uint32_t start)
{
  double s = (double)(hb->rungs - 1 - start);
  return (size_t)ceil ((double)hb->rungs / (s + 1) * pow (hb->eta, s) - 1e-9);
}

/* Designs that a unit of the budget pays for: what the agent inside can expect. */
static double
designs_per_cost (const struct hyperband *hb)
{
  double designs = 0, cost = 0;
  if (hb->mode == ASHA)
    for (uint32_t r = 0; r < hb->rungs; r++)
      cost += hb->cost[r] / pow (hb->eta, r);
  else
    for (uint32_t r = 0; r < (hb->mode == HYPERBAND ? hb->rungs : 1); r++) {
      designs += (double)bracket_size (hb, r);
      cost += bracket_cost (hb, r, bracket_size (hb, r));
    }
  return hb->mode == ASHA ? 1 / cost : designs / cost;
}

/* The agent inside sees one fidelity, and as many designs in flight as a bracket has. */
static int
open_inner (struct hyperband *hb, uint64_t seed, gym_error *err)
{
  struct gym_problem inner = hb->problem;
  hb->top_fidelity = *fidelity_at (&hb->problem, hb->problem.fidelity);
  hb->top_fidelity.cost = 1;
  inner.fidelities = (struct gym_fidelities){ .struct_size = sizeof inner.fidelities,
                                              .n = 1,
                                              .stride = sizeof hb->top_fidelity,
                                              .items = &hb->top_fidelity };
  inner.fidelity = 0;
  if (hb->rungs > 1) {
    size_t size = hb->mode == ASHA ? (size_t)hb->eta : bracket_size (hb, 0);
    inner.in_flight += (uint32_t)size;
    inner.budget = ceil (inner.budget * designs_per_cost (hb));
  }
  hb->agent = hb->host->agent_open (hb->host, "inner", &inner, seed, err);
  return hb->agent ? GYM_OK : GYM_EINVAL;
}

static void plan (struct hyperband *hb);

static int
hyperband_open (void *self, const struct gym_host *host,
                const struct gym_problem *problem, uint64_t seed, gym_error *err)
{
  struct hyperband *hb = self;
  hb->host = host;
  hb->problem = *problem;
  hb->n = host->space_size (problem->space);
  hb->budget = problem->budget;
  hb->best = -INFINITY;
  choose_rungs (hb);
  if (points_init (&hb->points, host, problem, 0) < 0)
    return gym_fail (err, GYM_ENOMEM, "out of memory");
  plan (hb);
  return open_inner (hb, seed, err);
}

static void
hyperband_close (void *self)
{
  struct hyperband *hb = self;
  for (uint32_t r = 0; r < RUNGS; r++)
    rung_free (&hb->ladder[r]);
  points_free (&hb->points);
  pending_free (&hb->pending);
  free (hb->trials);
  free (hb->in_top);
  free (hb->metrics);
}

/* ---- trials ---- */

static int
widen (struct hyperband *hb)
{
  size_t room = 2 * hb->room + 32, m = hb->problem.metrics.n;
  struct trial *trials = realloc (hb->trials, room * sizeof *trials);
  hb->trials = trials ? trials : hb->trials;
  bool *in_top = realloc (hb->in_top, room * sizeof *in_top);
  hb->in_top = in_top ? in_top : hb->in_top;
  double *metrics = realloc (hb->metrics, (room * m + 1) * sizeof *metrics);
  hb->metrics = metrics ? metrics : hb->metrics;
  if (!trials || !in_top || !metrics || points_reserve (&hb->points, room) < 0)
    return GYM_ENOMEM;
  hb->room = room;
  return GYM_OK;
}

/* The next slot. With one fidelity nothing is kept of a trial that has a result, and its
 * slot is used again: there are as many as trials in flight. */
static size_t
free_slot (const struct hyperband *hb)
{
  size_t k = hb->rungs > 1 ? hb->used : 0;
  while (k < hb->used && !hb->trials[k].heard)
    k++;
  return k;
}

/* A trial that has still to be filled in, with room for its result. */
static int
add_trial (struct hyperband *hb, struct trial trial, size_t *slot)
{
  *slot = free_slot (hb);
  if (*slot == hb->room && widen (hb) < 0)
    return GYM_ENOMEM;
  hb->used += *slot == hb->used;
  hb->trials[*slot] = trial;
  hb->in_top[*slot] = false;
  return GYM_OK;
}

/* A design of the agent inside at a rung: 1, or 0 when it has none now. */
static int
new_design (struct hyperband *hb, uint32_t rung, size_t *slot, gym_error *err)
{
  uint64_t ticket;
  uint32_t fidelity;
  if (add_trial (hb, (struct trial){ .rung = rung }, slot) < 0)
    return gym_fail (err, GYM_ENOMEM, "out of memory");
  hb->trials[*slot].parent = *slot;
  int made = hb->host->agent_ask (hb->agent, 1, &ticket, hb->points.rows + *slot * hb->n,
                                  &fidelity, err);
  if (made > 0)
    hb->trials[*slot].inner = ticket;
  else if (*slot + 1 == hb->used)
    hb->used--;
  else
    hb->trials[*slot].heard = true;
  return made;
}

/* The design of a trial once more, at the next rung or at the last one. */
static int
promote (struct hyperband *hb, size_t from, uint32_t rung, size_t *slot)
{
  struct trial next = { .inner = hb->trials[from].inner,
                        .rung = rung,
                        .spoken = hb->trials[from].spoken,
                        .parent = from };
  if (add_trial (hb, next, slot) < 0)
    return GYM_ENOMEM;
  hb->trials[from].promoted = true;
  memcpy (hb->points.rows + *slot * hb->n, points_row (&hb->points, from),
          hb->n * sizeof (double));
  return GYM_OK;
}

/* ---- what the agent inside is told ---- */

/* The result in the terms of the last rung; not better than `limit`. */
static double
estimate (const struct hyperband *hb, size_t slot, double limit)
{
  double value = hb->points.objectives[slot];
  for (uint32_t r = hb->trials[slot].rung; r + 1 < hb->rungs; r++)
    value = scale_map (&hb->scales[r], value);
  return hb->trials[slot].rung + 1 < hb->rungs ? fmax (value, limit) : value;
}

static int
speak (struct hyperband *hb, size_t slot, double limit, gym_error *err)
{
  const struct points *p = &hb->points;
  struct trial *trial = &hb->trials[slot];
  double value = estimate (hb, slot, limit);
  if (trial->spoken)
    return GYM_OK;
  trial->spoken = true;
  return hb->host->agent_tell (hb->agent, 1, &trial->inner, points_row (p, slot), &value,
                               p->violations + slot * p->c,
                               hb->metrics + slot * hb->problem.metrics.n,
                               p->statuses + slot, err);
}

/* ---- brackets ---- */

/* As large as is left to pay for; at the end single full evaluations. */
static void
plan (struct hyperband *hb)
{
  double left = hb->budget - hb->spent + 1e-9;
  hb->start = hb->mode == HYPERBAND ? hb->bracket % hb->rungs : 0;
  hb->bracket++;
  hb->size = bracket_size (hb, hb->start);
  while (hb->size > 1 && bracket_cost (hb, hb->start, hb->size) > left)
    hb->size--;
  if (bracket_cost (hb, hb->start, hb->size) > left)
    hb->start = hb->rungs - 1;
  hb->rung = hb->start;
  hb->used = hb->begin = hb->asked = hb->told = 0;
}

/* The best feasible objective at the last rung; -infinity: there is none. */
static double
best_full (const struct hyperband *hb)
{
  double best = INFINITY;
  for (size_t k = 0; k < hb->used; k++)
    if (hb->trials[k].rung + 1 == hb->rungs && points_feasible (&hb->points, k))
      best = fmin (best, hb->points.objectives[k]);
  return isinf (best) ? -INFINITY : best;
}

static int
end_bracket (struct hyperband *hb, gym_error *err)
{
  double limit = best_full (hb);
  for (size_t k = 0; k < hb->used; k++)
    if (!hb->trials[k].promoted) {
      int code = speak (hb, k, limit, err);
      if (code < 0)
        return code;
    }
  plan (hb);
  return GYM_OK;
}

/* The best of the rung that does not go on yet; an infeasible design never does. */
static bool
find_best (const struct hyperband *hb, size_t *best)
{
  bool found = false;
  for (size_t k = hb->begin; k < hb->begin + hb->size; k++)
    if (!hb->trials[k].promoted && hb->points.statuses[k] != GYM_TRIAL_INFEASIBLE
        && (!found || points_compare (&hb->points, k, *best) < 0)) {
      *best = k;
      found = true;
    }
  return found;
}

/* All of the rung are told: on to the next, or to the next bracket. */
static int
climb (struct hyperband *hb, gym_error *err)
{
  size_t keep = hb->rung + 1 < hb->rungs ? kept (hb, hb->size) : 0, n = 0, best = 0, slot;
  size_t begin = hb->used;
  for (; n < keep && find_best (hb, &best); n++)
    if (promote (hb, best, hb->rung + 1, &slot) < 0)
      return gym_fail (err, GYM_ENOMEM, "out of memory");
  if (n == 0)
    return end_bracket (hb, err);
  hb->rung++;
  hb->begin = begin;
  hb->size = n;
  hb->asked = hb->told = 0;
  return GYM_OK;
}

/* The next trial of a bracket: 1, 0 to wait or at the end. A first rung is as large as
 * the agent inside lets it be. */
static int
next_in_bracket (struct hyperband *hb, size_t *slot, gym_error *err)
{
  for (int code;;) {
    if (hb->asked < hb->size && hb->rung > hb->start) {
      *slot = hb->begin + hb->asked++;
      return 1;
    }
    if (hb->asked < hb->size) {
      code = new_design (hb, hb->rung, slot, err);
      if (code != 0) {
        hb->asked += code > 0;
        return code;
      }
      if (hb->asked == 0)
        return 0;
      hb->size = hb->asked;
    }
    if (hb->told < hb->size)
      return 0;
    if ((code = climb (hb, err)) < 0)
      return code;
  }
}

/* ---- ASHA ---- */

/* Until a design has climbed all rungs, low results have no meaning in full terms: a
 * share of an energy would look like the best design ever. They are kept back. */
static int
speak_later (struct hyperband *hb, size_t slot, gym_error *err)
{
  return hb->ready ? speak (hb, slot, hb->best, err) : GYM_OK;
}

static int
get_ready (struct hyperband *hb, gym_error *err)
{
  hb->ready = true;
  for (size_t k = 0; k < hb->used; k++) {
    const struct trial *t = &hb->trials[k];
    if (!t->heard || t->promoted || hb->in_top[k])
      continue;
    int code = speak (hb, k, hb->best, err);
    if (code < 0)
      return code;
  }
  return GYM_OK;
}

/* One at the top of the rung that has not gone on; one that was pushed out is told. */
static int
take_fresh (struct hyperband *hb, uint32_t rung, size_t *slot, gym_error *err)
{
  while (rung_fresh (&hb->ladder[rung], slot)) {
    if (hb->trials[*slot].promoted)
      continue;
    if (hb->in_top[*slot])
      return 1;
    int code = speak_later (hb, *slot, err);
    if (code < 0)
      return code;
  }
  return 0;
}

/* The best design that has not gone on, from the highest rung where there is one. */
static bool
best_waiting (struct hyperband *hb, size_t *best)
{
  bool found = false;
  for (size_t k = 0; k < hb->used; k++) {
    const struct trial *t = &hb->trials[k];
    if (t->promoted || t->rung + 1 == hb->rungs || !t->heard
        || hb->points.statuses[k] != GYM_TRIAL_OK)
      continue;
    if (!found || t->rung > hb->trials[*best].rung
        || (t->rung == hb->trials[*best].rung
            && points_compare (&hb->points, k, *best) < 0))
      *best = k;
    found = true;
  }
  return found;
}

/* A design from a rung goes on to the next one: 1, 0, or an error. */
static int
climb_ladder (struct hyperband *hb, size_t *slot, gym_error *err)
{
  for (uint32_t r = hb->rungs - 1; r-- > 0;) {
    size_t from;
    int code = take_fresh (hb, r, &from, err);
    if (code > 0 && promote (hb, from, r + 1, slot) < 0)
      return gym_fail (err, GYM_ENOMEM, "out of memory");
    if (code != 0)
      return code;
  }
  return 0;
}

/* The best one waiting, at a rung that is given or the next one (rung 0). */
static int
lift_best (struct hyperband *hb, uint32_t rung, size_t *slot, gym_error *err)
{
  size_t best = 0;
  if (!best_waiting (hb, &best))
    return 0;
  if (promote (hb, best, rung ? rung : hb->trials[best].rung + 1, slot) < 0)
    return gym_fail (err, GYM_ENOMEM, "out of memory");
  return 1;
}

/* Promotions first, then new designs (Li and others 2020, algorithm 2); what is left of
 * the budget at the end goes to a full evaluation. When the agent inside has no more
 * without hearing what was kept back, it hears that; when it has no more at all, the
 * designs that wait go on in the order of their results. */
static int
next_in_ladder (struct hyperband *hb, size_t *slot, gym_error *err)
{
  double left = hb->budget - hb->spent;
  int code = 0;
  if (!hb->last && left < hb->cost[hb->rungs - 1] + hb->cost[0]) {
    code = lift_best (hb, hb->rungs - 1, slot, err);
    hb->last = code > 0;
  }
  if (code == 0)
    code = climb_ladder (hb, slot, err);
  if (code == 0)
    code = new_design (hb, 0, slot, err);
  if (code != 0 || hb->pending.count > 0)
    return code;
  if (hb->ready)
    return lift_best (hb, 0, slot, err);
  code = get_ready (hb, err);
  return code < 0 ? code : next_in_ladder (hb, slot, err);
}

/* ---- asking and hearing ---- */

/* With one fidelity everything is handed on. */
static int
next_trial (struct hyperband *hb, size_t *slot, gym_error *err)
{
  if (hb->rungs > 1)
    return hb->mode == ASHA ? next_in_ladder (hb, slot, err)
                            : next_in_bracket (hb, slot, err);
  return new_design (hb, 0, slot, err);
}

static int
hyperband_ask (void *self, struct gym_asks *asks, gym_error *err)
{
  struct hyperband *hb = self;
  size_t n = 0;
  for (; n < asks->n; n++) {
    size_t slot;
    int code = next_trial (hb, &slot, err);
    if (code == 0)
      break;
    if (code < 0)
      return code;
    if (pending_add (&hb->pending, asks->tickets[n], NULL, slot) < 0)
      return gym_fail (err, GYM_ENOMEM, "out of memory");
    uint32_t rung = hb->trials[slot].rung;
    memcpy (asks->designs + n * hb->n, points_row (&hb->points, slot),
            hb->n * sizeof (double));
    asks->fidelities[n] = hb->fidelity[rung];
    hb->spent += hb->cost[rung];
  }
  return (int)n;
}

/* A design that was evaluated on the rung below as well is a pair for the scale. */
static void
compare_rungs (struct hyperband *hb, size_t slot)
{
  const struct trial *trial = &hb->trials[slot];
  size_t parent = trial->parent;
  if (parent != slot && hb->trials[parent].rung + 1 == trial->rung
      && hb->points.statuses[slot] == GYM_TRIAL_OK
      && hb->points.statuses[parent] == GYM_TRIAL_OK)
    scale_add (&hb->scales[trial->rung - 1], hb->points.objectives[parent],
               hb->points.objectives[slot]);
}

static bool
scales_known (const struct hyperband *hb)
{
  for (uint32_t r = 0; r + 1 < hb->rungs; r++)
    if (hb->scales[r].n == 0)
      return false;
  return true;
}

static int
enter_ladder (struct hyperband *hb, size_t slot, gym_error *err)
{
  struct rung *rung = &hb->ladder[hb->trials[slot].rung];
  if (rung_add (rung, &hb->points, hb->eta, (size_t)ceil (hb->eta * hb->eta), slot,
                hb->in_top)
      < 0)
    return gym_fail (err, GYM_ENOMEM, "out of memory");
  return hb->in_top[slot] ? GYM_OK : speak_later (hb, slot, err);
}

/* Full results are told at once. */
static int
hear (struct hyperband *hb, size_t slot, gym_error *err)
{
  bool full = hb->trials[slot].rung + 1 == hb->rungs;
  double objective = hb->points.objectives[slot];
  hb->trials[slot].heard = true;
  hb->told++;
  compare_rungs (hb, slot);
  if (hb->mode == ASHA && !hb->ready && scales_known (hb)) {
    int code = get_ready (hb, err);
    if (code < 0)
      return code;
  }
  if (full && points_feasible (&hb->points, slot))
    hb->best = isinf (hb->best) ? objective : fmin (hb->best, objective);
  if (full)
    return speak (hb, slot, -INFINITY, err);
  return hb->mode == ASHA ? enter_ladder (hb, slot, err) : GYM_OK;
}

static int
hyperband_tell (void *self, const struct gym_tells *tells, gym_error *err)
{
  struct hyperband *hb = self;
  size_t m = hb->problem.metrics.n;
  for (size_t i = 0; i < tells->n; i++) {
    size_t slot;
    if (!pending_take (&hb->pending, tells->tickets[i], &slot))
      continue;
    points_take (&hb->points, slot, tells, i);
    if (m > 0)
      memcpy (hb->metrics + slot * m, tells->metrics + i * m, m * sizeof (double));
    int code = hear (hb, slot, err);
    if (code < 0)
      return code;
  }
  return GYM_OK;
}

static const char *const modes[] = { "halving", "hyperband", "asha", NULL };

static const struct gym_option options[] = {
  { .name = "inner",
    .doc = "the agent that proposes designs; its options are given as inner.NAME",
    .type = GYM_OPTION_AGENT,
    .offset = offsetof (struct hyperband, name),
    .initial = "random" },
  { .name = "eta",
    .doc = "one of so many designs goes on to the next fidelity; fidelities nearer in "
           "cost than that are passed over",
    .type = GYM_OPTION_REAL,
    .offset = offsetof (struct hyperband, eta),
    .low = 1.5,
    .high = 64,
    .initial = "3" },
  { .name = "mode",
    .doc = "halving: brackets that all begin at the lowest fidelity; hyperband: by turns "
           "at each fidelity; asha: no brackets, a design goes on as soon as it is among "
           "the best of up to eta^2 last ones at its fidelity",
    .type = GYM_OPTION_ENUM,
    .offset = offsetof (struct hyperband, mode),
    .choices = modes,
    .initial = "hyperband" },
};

static const struct gym_agent_class hyperband_class = {
  .struct_size = sizeof (struct gym_agent_class),
  .flags = GYM_AGENT_PRIOR,
  .id = "hyperband-v1",
  .summary = "Hyperband, halving and ASHA over fidelities, around any agent",
  .doc =
      "Evaluates many designs of the agent `inner` at the cheapest fidelity, the best of "
      "them at the next one, and so on up to the study's. The last bracket is cut to "
      "what the budget still pays for. The agent inside is told one result a design, "
      "that of its highest fidelity, when it goes no further: full results at once, "
      "others at the end of the bracket (asha: as soon as they are not among the best, "
      "and "
      "then of a later promotion no more), "
      "brought to the terms of the study's fidelity by lines through the designs that "
      "were evaluated at two. With inner=random these are the algorithms of the papers, "
      "with inner=bo it is BOHB. On an env with one fidelity it is the agent inside. "
      "Pays where cheap results rank designs about as full ones do; mode=asha keeps "
      "many workers busy, brackets wait for their last result.",
  .source = "L. Li, K. Jamieson, G. DeSalvo, A. Rostamizadeh, A. Talwalkar: Hyperband "
            "(JMLR 18, 2018); L. Li and others: A System for Massively Parallel "
            "Hyperparameter Tuning (MLSys 2020)",
  .options = GYM_ARRAY (gym_options, options),
  .place = { .strategy = "bandit: successive halving",
             .acceleration = "low fidelities first" },
  .instance_size = sizeof (struct hyperband),
  .max_objectives = 1,
  .in_flight = 4,
  .open = hyperband_open,
  .close = hyperband_close,
  .ask = hyperband_ask,
  .tell = hyperband_tell,
};

static const struct gym_agent_class *const classes[] = { &hyperband_class, NULL };

GYM_EXPORT const struct gym_plugin gym_plugin_entry = {
  GYM_PLUGIN_ABI,
  .name = "hyperband",
  .version = "0.1.0",
  .licence = "MIT",
  .doc = "many designs cheaply, the best ones fully",
  .agents = classes,
};
