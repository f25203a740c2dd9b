/* gym table: what every agent of a store's studies came to.
 *
 * Median and quartiles, not mean and deviation: the best of a run has a skewed
 * distribution, and a run that found nothing feasible, the worst there is, no number. */
#include "core/cmd/analysis.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SORT = CLI_LONG, CELL = 72, COLUMNS = 12 };

/* An agent's line. */
struct row {
  char cells[COLUMNS][CELL];
  double median;
};

static const char *const titles[2][COLUMNS] = {
  { "", "", "best", "", "", "against", "reach", "expected", "evalu-", "", "infea-", "" },
  { "agent", "runs", "median", "quartile 1", "quartile 3", "random mean", "target",
    "evaluations", "ations", "failed", "sible", "state" }
};

/* Which columns a study has anything for. */
static bool
is_shown (const struct analysis *s, int column)
{
  if (column == 5)
    return s->study->m == 1 && !isnan (s->random_mean);
  if (column == 6 || column == 7)
    return s->study->m == 1 && !isnan (s->target);
  return true;
}

static void
put_number (char cell[CELL], double value)
{
  snprintf (cell, CELL, isfinite (value) ? "%.6g" : "-", value);
}

/* A run without anything is the worst there is. */
static void
put_scores (const struct analysis *s, size_t agent, double *scores, struct row *row)
{
  static const double shares[] = { 0.5, 0.25, 0.75 };
  size_t n = analysis_scores (s, agent, scores);
  row->median = analysis_quantile (scores, n, 0.5);
  for (int i = 0; i < 3; i++)
    put_number (row->cells[2 + i],
                analysis_report (s, analysis_quantile (scores, n, shares[i])));
  double better = analysis_improvement (s, row->median);
  snprintf (row->cells[5], CELL, isfinite (better) ? "%+.1f %%" : "-", -100 * better);
}

/* What it takes to get to the target, also for agents that often fail to. */
static int
put_times (const struct analysis *s, size_t agent, struct row *row, gym_error *err)
{
  size_t *hits = calloc (2 * s->n_runs + 2, sizeof *hits);
  if (!hits)
    return gym_fail (err, GYM_ENOMEM, "out of memory for the table");
  size_t *lengths = hits + s->n_runs + 1, n = analysis_hits (s, agent, hits, lengths);
  double time = gym_stats_expected_running_time (hits, lengths, n);
  snprintf (row->cells[6], CELL, "%.0f %%", 100 * gym_stats_success (hits, n));
  snprintf (row->cells[7], CELL, isfinite (time) ? "%.0f" : "never", time);
  free (hits);
  return GYM_OK;
}

/* "finished", or "finished 4, stalled 1" when the runs ended differently. */
static void
put_counts (const struct analysis *s, size_t agent, struct row *row)
{
  size_t states[GYM_RUN_STALLED + 1] = { 0 }, evaluated = 0, failed = 0, infeasible = 0;
  size_t runs = gym_results_agent (s->results, agent)->n_runs, used = 0;
  for (size_t i = 0; i < s->n_runs; i++) {
    const struct gym_result_run *run = gym_results_run (s->results, i);
    if (run->agent != agent)
      continue;
    states[run->state <= GYM_RUN_STALLED ? run->state : 0]++;
    evaluated += run->evaluated;
    infeasible += run->statuses[GYM_TRIAL_INFEASIBLE];
    for (int k = GYM_TRIAL_FAILED; k <= GYM_TRIAL_OOM; k++)
      failed += run->statuses[k];
  }
  snprintf (row->cells[8], CELL, "%zu", evaluated);
  snprintf (row->cells[9], CELL, "%zu", failed);
  snprintf (row->cells[10], CELL, "%zu", infeasible);
  for (int i = 0; i <= GYM_RUN_STALLED && used < CELL; i++)
    if (states[i] == runs)
      used = (size_t)snprintf (row->cells[11], CELL, "%s", gym_run_state_name (i));
    else if (states[i])
      used += (size_t)snprintf (row->cells[11] + used, CELL - used, "%s%s %zu",
                                used ? ", " : "", gym_run_state_name (i), states[i]);
  size_t tainted = analysis_tainted (s, agent);
  if (tainted && used < CELL)
    snprintf (row->cells[11] + used, CELL - used, ", tainted %zu", tainted);
}

/* A label can be as long as a user likes; 60 characters tell agents apart. */
static int
make_row (const struct analysis *s, size_t agent, double *scores, struct row *row,
          gym_error *err)
{
  const struct gym_result_agent *a = gym_results_agent (s->results, agent);
  snprintf (row->cells[0], CELL, "%.60s", a->label);
  snprintf (row->cells[1], CELL, "%zu", a->n_runs);
  put_scores (s, agent, scores, row);
  put_counts (s, agent, row);
  return put_times (s, agent, row, err);
}

/* Agents that found nothing come last. */
static int
by_median (const void *a, const void *b)
{
  const struct row *x = a, *y = b;
  double p = isnan (x->median) ? INFINITY : x->median;
  double q = isnan (y->median) ? INFINITY : y->median;
  return (p > q) - (p < q);
}

/* The last column is not padded. */
static void
print_row (const struct analysis *s, const char *const cells[COLUMNS], const int *widths)
{
  const char *between = "";
  for (int i = 0; i < COLUMNS; i++) {
    if (!is_shown (s, i))
      continue;
    bool left = i == 0 || i == COLUMNS - 1;
    int width = i == COLUMNS - 1 ? 0 : left ? -widths[i] : widths[i];
    printf ("%s%*s", between, width, cells[i]);
    between = "  ";
  }
  putchar ('\n');
}

static void
print_rows (const struct analysis *s, const struct row *rows, size_t n)
{
  int widths[COLUMNS];
  for (int i = 0; i < COLUMNS; i++) {
    size_t width = strlen (titles[1][i]);
    width = strlen (titles[0][i]) > width ? strlen (titles[0][i]) : width;
    for (size_t r = 0; r < n; r++)
      width = strlen (rows[r].cells[i]) > width ? strlen (rows[r].cells[i]) : width;
    widths[i] = (int)width;
  }
  print_row (s, titles[0], widths);
  print_row (s, titles[1], widths);
  for (size_t r = 0; r < n; r++) {
    const char *cells[COLUMNS];
    for (int i = 0; i < COLUMNS; i++)
      cells[i] = rows[r].cells[i];
    print_row (s, cells, widths);
  }
}

/* What the numbers are, and what there is to measure them against. */
static void
print_heading (const struct analysis *s)
{
  char text[CMD_NUMBER], taint[CMD_TAINT];
  const gym_objective *o = s->study->objective;
  printf ("study %lld: %s\nobjective: %s\n", (long long)s->study->study, s->env,
          gym_objective_text (o));
  printf ("%s evaluations a run; ", analysis_count (s->study->budget, text));
  if (s->study->m > 1)
    printf ("best: share of the volume of all fronts together, in %%, more is better\n");
  else
    printf ("best %.80s of each run%s%s, %s is better\n", gym_objective_goal_text (o, 0),
            s->unit[0] ? " in" : "", s->unit,
            gym_objective_goal_sense (o, 0) == GYM_MAXIMISE ? "more" : "less");
  if (analysis_taint (s, taint)[0])
    printf ("!! %s\n", taint);
  if (s->study->m == 1 && !isnan (s->random_mean))
    printf ("mean random design: %s%s\n",
            cmd_short_number (gym_objective_report (o, 0, s->random_mean), text),
            s->unit);
  if (s->study->m == 1 && !isnan (s->target)) {
    printf ("target: %s%s%s%s%s",
            cmd_short_number (gym_objective_report (o, 0, s->target), text), s->unit,
            s->target_note[0] ? " (" : "", s->target_note, s->target_note[0] ? ")" : "");
    double rate = analysis_hit_rate (s, s->target);
    if (!isnan (rate))
      printf (", reached by %.3g %% of random designs", 100 * rate);
    putchar ('\n');
  }
  putchar ('\n');
}

/* ---- the hyperparameter lottery ---- */

/* Agents by id, their settings' medians as scores. */
static int
find_bands (const struct analysis *s, const struct row *rows, const char **ids,
            struct gym_lottery_band *bands, struct gym_lottery *lottery, uint32_t *n,
            gym_error *err)
{
  uint32_t *of = calloc (s->n_agents + 1, sizeof *of);
  double *scores = calloc (s->n_agents + 1, sizeof *scores);
  int code = of && scores ? GYM_OK : gym_fail (err, GYM_ENOMEM, "out of memory");
  *n = 0;
  for (size_t i = 0; code >= 0 && i < s->n_agents; i++) {
    const char *id = gym_results_agent (s->results, i)->id;
    uint32_t k = 0;
    while (k < *n && strcmp (ids[k], id) != 0)
      k++;
    if (k == *n)
      ids[(*n)++] = id;
    of[i] = k;
    scores[i] = rows[i].median;
  }
  if (code >= 0)
    code = gym_stats_lottery (scores, of, s->n_agents, *n, bands, lottery, err);
  free (of);
  free (scores);
  return code;
}

/* A line an agent, and the comparison that the lottery is about. */
static void
print_bands (const struct analysis *s, const char *const *ids,
             const struct gym_lottery_band *bands, uint32_t n,
             const struct gym_lottery *lottery)
{
  char text[5][CMD_NUMBER];
  printf ("\nsettings of each agent (median over seeds of the best):\n");
  printf ("%-20s  %8s  %10s  %10s  %10s  %10s  %10s\n", "agent", "settings", "best",
          "quartile 1", "median", "quartile 3", "worst");
  for (uint32_t i = 0; i < n; i++) {
    const struct gym_lottery_band *b = &bands[i];
    const double values[] = { b->best, b->q1, b->median, b->q3, b->worst };
    for (int k = 0; k < 5; k++)
      cmd_short_number (analysis_report (s, values[k]), text[k]);
    printf ("%-20s  %8zu  %10s  %10s  %10s  %10s  %10s\n", ids[i],
            b->settings + b->failed, text[0], text[1], text[2], text[3], text[4]);
  }
  double scale = s->study->m > 1 ? 100 : 1;
  printf ("spread over an agent's settings: %s%s at most, %s%s typically; between the "
          "agents' best settings: %s%s\n",
          cmd_short_number (scale * lottery->widest, text[0]), s->unit,
          cmd_short_number (scale * lottery->typical, text[1]), s->unit,
          cmd_short_number (scale * lottery->between, text[2]), s->unit);
}

/* Only where an agent takes part with several settings. */
static int
print_lottery (const struct analysis *s, const struct row *rows, gym_error *err)
{
  const char **ids = calloc (s->n_agents + 1, sizeof *ids);
  struct gym_lottery_band *bands = calloc (s->n_agents + 1, sizeof *bands);
  struct gym_lottery lottery;
  uint32_t n = 0;
  int code = ids && bands ? GYM_OK : gym_fail (err, GYM_ENOMEM, "out of memory");
  if (code >= 0)
    code = find_bands (s, rows, ids, bands, &lottery, &n, err);
  if (code >= 0 && n < s->n_agents)
    print_bands (s, ids, bands, n, &lottery);
  free (ids);
  free (bands);
  return code;
}

/* The lottery is told in the order of adding, whatever the table's order is. */
static int
print_study (const struct analysis *s, bool sort, gym_error *err)
{
  struct row *rows = calloc (s->n_agents + 1, sizeof *rows);
  double *scores = calloc (s->n_runs + 1, sizeof *scores);
  int code = rows && scores ? GYM_OK : gym_fail (err, GYM_ENOMEM, "out of memory");
  print_heading (s);
  for (size_t i = 0; code >= 0 && i < s->n_agents; i++)
    code = make_row (s, i, scores, &rows[i], err);
  struct row *shown = code >= 0 ? calloc (s->n_agents + 1, sizeof *shown) : NULL;
  if (code >= 0 && !shown)
    code = gym_fail (err, GYM_ENOMEM, "out of memory for the table");
  if (code >= 0) {
    memcpy (shown, rows, s->n_agents * sizeof *rows);
    if (sort)
      qsort (shown, s->n_agents, sizeof *shown, by_median);
    print_rows (s, shown, s->n_agents);
    code = print_lottery (s, rows, err);
  }
  free (shown);
  free (rows);
  free (scores);
  return code;
}

static int
run (const struct cli *cli, gym_error *err)
{
  gym_store *store;
  struct analysis *all;
  size_t n;
  int code = analysis_open (cli, 0, &store, &all, &n, err);
  for (size_t i = 0; code >= 0 && i < n; i++) {
    if (i > 0)
      putchar ('\n');
    code = print_study (&all[i], cli_value (cli, SORT) != NULL, err);
  }
  analysis_close (&store, &all, n);
  return code < 0 ? code : CLI_OK;
}

static const struct cli_option options[] = {
  ANALYSIS_OPTIONS (ANALYSIS_ALL),
  { .key = SORT, .name = "sort", .doc = "The best agent first (in order of adding)." },
  { 0 }
};

const struct cli_command cmd_table = {
  .name = "table",
  .arguments = "FILE [--study ID] [--target VALUE] [--sort]",
  .summary = "Show what every agent of a store came to",
  .doc =
      "Prints a table of each study: the best of each run as median and quartiles over "
      "seeds, against the mean random design, how many runs reach a target and after "
      "how many evaluations (expected, with restarts), what failed. Where an agent "
      "takes part with several settings, also how much they differ, and how much the "
      "agents' best settings do.",
  .options = options,
  .least = 1,
  .most = 1,
  .run = run,
};
