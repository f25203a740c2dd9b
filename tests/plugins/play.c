/* Running agents on functions: see play.h. */
#include "tests/plugins/play.h"
#include "tests/plugins/functions.h"
#include "tests/tap.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_GOALS = 16 };

gym_registry *
play_registry (void)
{
  gym_error err = { 0 };
  gym_registry *registry = gym_registry_new (&err);
  if (!registry || gym_registry_scan (registry, &err) < 0)
    tap_note ("%s", err.text);
  return registry;
}

static gym_settings *
read_settings (const char *text)
{
  char copy[512], *rest = copy;
  gym_error err = { 0 };
  gym_settings *settings = gym_settings_new (NULL);
  snprintf (copy, sizeof copy, "%s", text ? text : "");
  for (char *word; settings && (word = strtok_r (rest, " ", &rest));)
    if (gym_settings_parse (settings, word, &err) < 0)
      tap_note ("%s", err.text);
  return settings;
}

static gym_agent *
open_agent (const struct play *p)
{
  static const struct gym_fidelity full = { .name = "full", .cost = 1 };
  gym_error err = { 0 };
  struct gym_problem problem = { .struct_size = sizeof problem,
                                 .n_objectives = p->objectives ? p->objectives : 1,
                                 .n_constraints = p->constraints,
                                 .in_flight = p->in_flight ? p->in_flight : 1,
                                 .space = p->space,
                                 .budget = (double)p->budget,
                                 .metrics = { .struct_size = sizeof (struct gym_metrics),
                                              .stride = sizeof (struct gym_metric) },
                                 .fidelities = { .struct_size =
                                                     sizeof (struct gym_fidelities),
                                                 .n = 1,
                                                 .stride = sizeof full,
                                                 .items = &full } };
  if (p->judge_at) {
    problem.budget = p->cost;
    problem.fidelities = p->fidelities;
    problem.fidelity = p->fidelities.n - 1;
  }
  gym_settings *settings = read_settings (p->settings);
  gym_agent *agent =
      gym_agent_open (p->registry, p->agent, settings, &problem, p->seed, &err);
  if (!agent)
    tap_note ("%s", err.text);
  gym_settings_destroy (&settings);
  return agent;
}

/* Tickets in flight, a ring: asked fills it, told empties it; `told_row` is room for a
 * repaired design. */
struct flight {
  size_t q, asked, told;
  double spent;
  uint64_t *tickets;
  uint32_t *fidelities;
  double *rows, *told_row;
};

/* As a study does: as long as something is left of the budget. */
static bool
may_ask (const struct play *p, const struct flight *f)
{
  return f->asked < p->budget && f->asked - f->told < f->q
         && (!p->judge_at || p->cost - f->spent > 1e-9);
}

static int
ask_one (gym_agent *agent, const struct play *p, struct flight *f)
{
  gym_error err = { 0 };
  uint32_t n = gym_space_size (p->space);
  size_t at = f->asked % f->q;
  int made = gym_agent_ask (agent, 1, f->tickets + at, f->rows + at * n,
                            f->fidelities + at, &err);
  if (made < 0)
    tap_note ("%s", err.text);
  if (made > 0)
    f->asked++;
  if (made > 0 && p->judge_at)
    f->spent += p->fidelities.items[f->fidelities[at]].cost;
  return made;
}

static int
tell_one (gym_agent *agent, const struct play *p, struct flight *f, double *row,
          double *value)
{
  gym_error err = { 0 };
  double objectives[MOST_GOALS], violations[MOST_GOALS] = { 0 };
  uint32_t n = gym_space_size (p->space);
  const double *asked = f->rows + f->told % f->q * n;
  double *told = f->told_row;
  memcpy (told, asked, n * sizeof *told);
  if (p->repair)
    p->repair (told);
  uint32_t fidelity = f->fidelities[f->told % f->q];
  uint32_t status = p->judge_at
                        ? p->judge_at (p->context, told, fidelity, objectives, violations)
                        : p->judge (p->context, told, objectives, violations);
  bool feasible = status == GYM_TRIAL_OK;
  for (uint32_t i = 0; i < p->constraints; i++)
    feasible &= violations[i] == 0;
  if (row)
    memcpy (row, asked, n * sizeof *row);
  if (p->levels)
    p->levels[f->told] = fidelity;
  if (value)
    *value = feasible ? objectives[0] : NAN;
  int code = gym_agent_tell (agent, 1, f->tickets + f->told % f->q, told, objectives,
                             violations, NULL, &status, &err);
  if (code < 0)
    tap_note ("%s", err.text);
  f->told++;
  return code;
}

static long
play_open (gym_agent *agent, const struct play *p, struct flight *f, double *rows,
           double *values)
{
  uint32_t n = gym_space_size (p->space);
  for (;;) {
    int made = 1;
    while (may_ask (p, f) && made > 0)
      made = ask_one (agent, p, f);
    if (made < 0)
      return made;
    if (f->asked == f->told)
      return (long)f->told;
    int code = tell_one (agent, p, f, rows ? rows + f->told * n : NULL,
                         values ? values + f->told : NULL);
    if (code < 0)
      return code;
  }
}

long
play (const struct play *p, double *rows, double *values)
{
  struct flight f = { .q = p->in_flight ? p->in_flight : 1 };
  long trials = GYM_ENOMEM;
  gym_agent *agent = open_agent (p);
  f.tickets = malloc (f.q * sizeof *f.tickets);
  f.fidelities = malloc (f.q * sizeof *f.fidelities);
  f.rows = malloc (f.q * gym_space_size (p->space) * sizeof *f.rows);
  f.told_row = malloc (gym_space_size (p->space) * sizeof *f.told_row);
  if (agent && f.tickets && f.fidelities && f.rows && f.told_row)
    trials = play_open (agent, p, &f, rows, values);
  gym_agent_destroy (&agent);
  free (f.tickets);
  free (f.fidelities);
  free (f.rows);
  free (f.told_row);
  return trials;
}

double
play_best (const double *values, size_t n)
{
  double best = NAN;
  for (size_t i = 0; i < n; i++)
    best = fmin (best, values[i]);
  return best;
}

uint32_t
play_function (void *context, const double *row, double *objectives, double *violations)
{
  const struct function *f = context;
  (void)violations;
  return formula_value (f->formula, row, objectives) ? GYM_TRIAL_OK
                                                     : GYM_TRIAL_INFEASIBLE;
}
