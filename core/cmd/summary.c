/* The table at the end of a search.
 *
 * Median and quartiles, not mean and deviation: the best of a run has a skewed
 * distribution, and a run that found nothing feasible has no number at all. */
#include "core/cmd/summary.h"

#include "core/cmd/common.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CELL = 64, N_COLUMNS = 11 };

/* What the runs of one agent came to. */
struct group {
  const char *label;
  size_t runs, feasible;
  double *best;  /* of each run, NaN where there is no feasible one */
  double *front; /* size of each run's archive */
  uint64_t evaluated, cached, failures, infeasible;
  size_t states[GYM_RUN_STALLED + 1], tainted;
};

struct summary {
  const gym_study *study;
  struct gym_run *runs;
  size_t n_runs, n_groups;
  struct group *groups;
};

static void
clear (struct summary *s)
{
  for (size_t i = 0; i < s->n_groups; i++) {
    free (s->groups[i].best);
    free (s->groups[i].front);
  }
  free (s->groups);
  free (s->runs);
}

/* Runs come in the order of agents then seeds, but nothing here relies on it. */
static int
add_run (struct summary *s, size_t run, gym_error *err)
{
  const struct gym_run *info = &s->runs[run];
  struct group *g = &s->groups[info->agent];
  if (!g->best) {
    g->best = malloc (s->n_runs * sizeof *g->best);
    g->front = malloc (s->n_runs * sizeof *g->front);
    s->n_groups = info->agent + 1 > s->n_groups ? info->agent + 1 : s->n_groups;
    if (!g->best || !g->front)
      return gym_fail (err, GYM_ENOMEM, "out of memory for the table");
  }
  bool feasible = info->best >= 0 && info->best_feasible;
  g->label = info->label;
  g->best[g->runs] = feasible ? info->best_goals[0] : NAN;
  g->front[g->runs++] = (double)gym_archive_count (gym_study_archive (s->study, run));
  g->feasible += feasible;
  g->evaluated += info->evaluated;
  g->cached += info->cached;
  g->failures += info->failures;
  g->infeasible += info->infeasible;
  g->states[info->state]++;
  g->tainted += info->tainted;
  return GYM_OK;
}

static int
collect (struct summary *s, gym_error *err)
{
  int code = GYM_OK;
  s->n_runs = gym_study_runs (s->study);
  s->runs = calloc (s->n_runs + 1, sizeof *s->runs);
  s->groups = calloc (s->n_runs + 1, sizeof *s->groups);
  if (!s->runs || !s->groups)
    return gym_fail (err, GYM_ENOMEM, "out of memory for the table");
  for (size_t i = 0; i < s->n_runs && code >= 0; i++) {
    s->runs[i].struct_size = sizeof s->runs[i];
    code = gym_study_run_info (s->study, i, &s->runs[i], err);
    if (code >= 0)
      code = add_run (s, i, err);
  }
  return code;
}

/* "finished", or "finished 4, stalled 1" when the runs ended differently. */
static void
format_states (const struct group *g, char text[CELL])
{
  size_t used = 0;
  text[0] = '\0';
  for (int i = 0; i <= GYM_RUN_STALLED && used < CELL; i++) {
    if (g->states[i] == 0)
      continue;
    const char *name = gym_run_state_name ((enum gym_run_state)i);
    if (g->states[i] == g->runs)
      used += (size_t)snprintf (text + used, CELL - used, "%s", name);
    else
      used += (size_t)snprintf (text + used, CELL - used, "%s%s %zu", used ? ", " : "",
                                name, g->states[i]);
  }
  if (g->tainted && used < CELL)
    snprintf (text + used, CELL - used, ", tainted %zu", g->tainted);
}

/* Six digits are what a table is read for. */
static void
format_number (double value, char text[CELL])
{
  snprintf (text, CELL, isnan (value) ? "-" : "%.6g", value);
}

static void
format_group (const struct group *g, char cells[N_COLUMNS][CELL])
{
  snprintf (cells[0], CELL, "%.40s", g->label);
  snprintf (cells[1], CELL, "%zu", g->runs);
  format_number (gym_stats_quantile (g->best, g->runs, 0.5), cells[2]);
  format_number (gym_stats_quantile (g->best, g->runs, 0.25), cells[3]);
  format_number (gym_stats_quantile (g->best, g->runs, 0.75), cells[4]);
  snprintf (cells[5], CELL, "%llu", (unsigned long long)g->evaluated);
  snprintf (cells[6], CELL, "%llu", (unsigned long long)g->cached);
  snprintf (cells[7], CELL, "%llu", (unsigned long long)g->failures);
  snprintf (cells[8], CELL, "%llu", (unsigned long long)g->infeasible);
  format_number (gym_stats_quantile (g->front, g->runs, 0.5), cells[9]);
  format_states (g, cells[10]);
}

/* The column of front sizes only makes sense with several goals. */
static void
print_cells (FILE *out, char cells[N_COLUMNS][CELL], const int *widths, bool front)
{
  for (int i = 0; i < N_COLUMNS; i++) {
    if (i == 9 && !front)
      continue;
    bool left = i == 0 || i == N_COLUMNS - 1;
    fprintf (out, "%s%*s", i ? "  " : "", left ? -widths[i] * (i == 0) : widths[i],
             cells[i]);
  }
  fputc ('\n', out);
}

static int
print_table (FILE *out, const struct summary *s, gym_error *err)
{
  static const char *const titles[N_COLUMNS] = {
    "agent",  "runs",     "median",     "quartile 1", "quartile 3", "evaluations",
    "cached", "failures", "infeasible", "front",      "state"
  };
  const gym_objective *objective = gym_study_objective (s->study);
  char (*cells)[N_COLUMNS][CELL] = calloc (s->n_groups + 1, sizeof *cells);
  int widths[N_COLUMNS] = { 0 };
  if (!cells)
    return gym_fail (err, GYM_ENOMEM, "out of memory for the table");
  for (int i = 0; i < N_COLUMNS; i++)
    snprintf (cells[0][i], CELL, "%s", titles[i]);
  for (size_t g = 0; g < s->n_groups; g++)
    format_group (&s->groups[g], cells[g + 1]);
  for (size_t g = 0; g <= s->n_groups; g++)
    for (int i = 0; i < N_COLUMNS; i++) {
      int length = (int)strlen (cells[g][i]);
      widths[i] = length > widths[i] ? length : widths[i];
    }
  for (size_t g = 0; g <= s->n_groups; g++)
    print_cells (out, cells[g], widths, gym_objective_goals (objective) > 1);
  free (cells);
  return GYM_OK;
}

/* Whether run a ended with a better trial than run b. Feasible ones come first; of those
 * the first goal decides. */
static bool
is_better (const gym_objective *objective, const struct gym_run *a,
           const struct gym_run *b)
{
  if (a->best < 0 || !b || a->best_feasible != b->best_feasible)
    return a->best >= 0 && (!b || a->best_feasible);
  return gym_objective_inner (objective, 0, a->best_goals[0])
         < gym_objective_inner (objective, 0, b->best_goals[0]);
}

static void
print_goals (FILE *out, const gym_objective *objective, const double *goals)
{
  char text[CMD_NUMBER];
  for (uint32_t i = 0; i < gym_objective_goals (objective); i++) {
    const char *unit = gym_objective_goal_unit (objective, i);
    bool plain = !unit[0] || strcmp (unit, "1") == 0;
    fprintf (out, "%s%s = %s%s%s", i ? ", " : "", gym_objective_goal_text (objective, i),
             cmd_short_number (goals[i], text), plain ? "" : " ", plain ? "" : unit);
  }
}

static void
print_metrics (FILE *out, const struct gym_metrics *metrics, const double *values)
{
  char text[CMD_NUMBER];
  const char *between = "  ";
  for (uint32_t i = 0; i < metrics->n; i++) {
    const char *unit = metrics->items[i].unit;
    if (isnan (values[i]))
      continue;
    bool plain = !unit || !unit[0] || strcmp (unit, "1") == 0;
    fprintf (out, "%s%s=%s%s", between, metrics->items[i].name,
             cmd_short_number (values[i], text), plain ? "" : unit);
    between = " ";
  }
  fputc ('\n', out);
}

static int
print_design (FILE *out, const gym_space *space, const double *row, gym_error *err)
{
  int length = gym_design_format (space, row, NULL, 0);
  char *text = length < 0 ? NULL : malloc ((size_t)length + 1);
  if (!text)
    return gym_fail (err, GYM_ENOMEM, "out of memory for the design");
  gym_design_format (space, row, text, (size_t)length + 1);
  fprintf (out, "  %s\n", text);
  free (text);
  return GYM_OK;
}

/* Numbers are printed in full here: they can be fed back to `gym eval`. */
static int
print_best (FILE *out, const struct summary *s, gym_error *err)
{
  const gym_objective *objective = gym_study_objective (s->study);
  const gym_env *env = gym_study_env (s->study);
  const struct gym_run *best = NULL;
  for (size_t i = 0; i < s->n_runs; i++)
    if (is_better (objective, &s->runs[i], best))
      best = &s->runs[i];
  if (!best) {
    fprintf (out, "\nno trial was ok\n");
    return GYM_OK;
  }
  fprintf (out, "\n%s",
           gym_objective_goals (objective) > 1 ? "first of the best: " : "best: ");
  print_goals (out, objective, best->best_goals);
  fprintf (out, " (%s, seed %llu, trial %lld)%s\n", best->label,
           (unsigned long long)best->seed, (long long)best->best,
           best->best_feasible ? "" : ", which breaks a constraint");
  int code = print_design (out, gym_env_space (env), best->best_design, err);
  if (code >= 0)
    print_metrics (out, gym_env_metrics (env), best->best_metrics);
  return code;
}

/* What the numbers below are, and which are the better ones. */
static void
print_heading (FILE *out, const gym_objective *objective)
{
  const char *unit = gym_objective_goal_unit (objective, 0);
  bool plain = !unit[0] || strcmp (unit, "1") == 0;
  bool more = gym_objective_goal_sense (objective, 0) == GYM_MAXIMISE;
  fprintf (out, "objective: %s\n", gym_objective_text (objective));
  fprintf (out, "best %s of each run%s%s, %s is better:\n\n",
           gym_objective_goal_text (objective, 0), plain ? "" : " in ", plain ? "" : unit,
           more ? "more" : "less");
}

/* Before the numbers: whoever goes on after a final report is to see it here. */
static void
print_taint (FILE *out, const struct summary *s)
{
  char text[CMD_TAINT];
  size_t tainted = 0;
  for (size_t g = 0; g < s->n_groups; g++)
    tainted += s->groups[g].tainted;
  if (cmd_taint (tainted, s->n_runs, text)[0])
    fprintf (out, "!! %s\n\n", text);
}

int
summary_print (FILE *out, const gym_study *study, gym_error *err)
{
  struct summary s = { .study = study };
  int code = collect (&s, err);
  if (code >= 0) {
    print_heading (out, gym_study_objective (study));
    print_taint (out, &s);
    code = print_table (out, &s, err);
  }
  if (code >= 0)
    code = print_best (out, &s, err);
  clear (&s);
  return code;
}
