/* gym final: the final report of a study, with the sealed metrics.
 *
 * What makes a run tainted is in gym/final.h; here it is shown. Choosing, putting down
 * and evaluating are one call of the library, so that no command can get at sealed values
 * of a store in another order. */
#include "core/cmd/analysis.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ENV = CLI_LONG, STUDY, TOP, BEST_SETTINGS, UNFINISHED, FORMAT };
enum { TEXT, CSV, JSON };

/* A report being shown. */
struct view {
  gym_final *final;
  const gym_env *env;
  const gym_objective *objective;
  const struct gym_metrics *metrics;
  uint32_t m, c, p;
  uint32_t *shown; /* metrics that tables have beside the goals, n_shown */
  size_t n_shown;
};

/* ---- which runs ---- */

/* The label with the best median of each agent: with hundreds of settings the others are
 * the lottery, and not what an agent is reported for. */
static bool
is_best_setting (const struct analysis *a, const double *medians, size_t agent)
{
  const char *id = gym_results_agent (a->results, agent)->id;
  for (size_t i = 0; i < a->n_agents; i++) {
    double other = isnan (medians[i]) ? INFINITY : medians[i];
    double own = isnan (medians[agent]) ? INFINITY : medians[agent];
    if (strcmp (gym_results_agent (a->results, i)->id, id) == 0
        && (other < own || (other == own && i < agent)))
      return false;
  }
  return true;
}

/* The runs of those settings, which the caller frees, and the study they are of: the
 * newest may be another one when the report is made. */
static int
best_settings (const char *path, int64_t *study, int64_t **runs, size_t *n,
               gym_error *err)
{
  struct analysis a;
  gym_store *store = gym_store_open (path, err);
  int code = store ? analysis_load (store, *study, 0, NULL, &a, err) : err->code;
  gym_store_destroy (&store);
  if (code < 0)
    return code;
  *study = a.study->study;
  double *scores = calloc (a.n_runs + 1, sizeof *scores);
  double *medians = calloc (a.n_agents + 1, sizeof *medians);
  *runs = calloc (a.n_runs + 1, sizeof **runs);
  if (!scores || !medians || !*runs)
    code = gym_fail (err, GYM_ENOMEM, "out of memory for the runs");
  for (size_t i = 0; code >= 0 && i < a.n_agents; i++)
    medians[i] = analysis_quantile (scores, analysis_scores (&a, i, scores), 0.5);
  for (size_t i = 0; code >= 0 && i < a.n_runs; i++)
    if (is_best_setting (&a, medians, gym_results_run (a.results, i)->agent))
      (*runs)[(*n)++] = gym_results_run (a.results, i)->run;
  free (scores);
  free (medians);
  analysis_clear (&a);
  return code;
}

/* ---- rows for programs ---- */

/* As the columns of a store are named: "goal", or "goal_1" and so on. */
static const char *
goal_name (const char *word, uint32_t n, uint32_t i, char text[32])
{
  snprintf (text, 32, n == 1 ? "%s" : "%s_%u", word, i + 1);
  return text;
}

/* Levels by name, whole numbers and seeds in full, what is not there left out. */
static void
put_row (struct cmd_rows *out, const struct view *v, const struct gym_final_design *d)
{
  const gym_space *space = gym_env_space (v->env);
  char text[CMD_NUMBER], name[32], value[96];
  const struct {
    const char *name;
    double value;
  } numbers[] = { { "report", (double)gym_final_report (v->final) },
                  { "study", (double)gym_final_study (v->final) },
                  { "run", (double)d->run },
                  { "place", d->place },
                  { "trial", (double)d->number } };
  for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
    cmd_rows_field (out, numbers[i].name, cmd_number (numbers[i].value, text), true);
  cmd_rows_field (out, "agent", d->agent, false);
  snprintf (value, sizeof value, "%llu", (unsigned long long)d->seed);
  cmd_rows_field (out, "seed", value, true);
  cmd_rows_field (out, "status", gym_status_name (d->status), false);
  cmd_rows_field (out, "fidelity", gym_env_fidelities (v->env)->items[d->fidelity].name,
                  false);
  for (uint32_t i = 0; i < v->p; i++) {
    const struct gym_param *param = gym_space_param (space, i);
    bool level = param->kind == GYM_CATEGORICAL || param->kind == GYM_ORDINAL;
    value[0] = '\0';
    if (!isnan (d->design[i]) && !level)
      gym_space_format (space, i, d->design[i], value, sizeof value);
    cmd_rows_field (out, param->name,
                    level && !isnan (d->design[i]) ? param->levels[(size_t)d->design[i]]
                                                   : value,
                    !level);
  }
  for (uint32_t i = 0; i < v->metrics->n; i++)
    cmd_rows_field (out, v->metrics->items[i].name, cmd_number (d->metrics[i], text),
                    true);
  for (uint32_t i = 0; i < v->m; i++)
    cmd_rows_field (out, goal_name ("goal", v->m, i, name),
                    cmd_number (d->goals[i], text), true);
  for (uint32_t i = 0; i < v->c; i++)
    cmd_rows_field (out, goal_name ("violation", v->c, i, name),
                    cmd_number (d->violations[i], text), true);
  cmd_rows_field (out, "equal", d->equal ? "1" : "0", true);
  cmd_rows_field (out, "tainted", d->tainted ? "1" : "0", true);
  cmd_rows_field (out, "note", d->note, false);
  cmd_rows_next (out);
}

/* Names in the order of put_row; those of goals need room of their own. */
static int
print_rows (const struct view *v, enum cmd_format format, gym_error *err)
{
  static const char *const first[] = { "report", "study", "run",    "place",   "trial",
                                       "agent",  "seed",  "status", "fidelity" };
  static const char *const last[] = { "equal", "tainted", "note" };
  struct cmd_rows out = { .file = stdout, .format = format };
  size_t n = 0, many = v->p + v->metrics->n + v->m + v->c + 16;
  const char **names = calloc (many, sizeof *names);
  char (*texts)[32] = calloc (v->m + v->c + 1, sizeof *texts);
  bool good = names && texts;
  for (size_t i = 0; good && i < sizeof first / sizeof first[0]; i++)
    names[n++] = first[i];
  for (uint32_t i = 0; good && i < v->p; i++)
    names[n++] = gym_space_param (gym_env_space (v->env), i)->name;
  for (uint32_t i = 0; good && i < v->metrics->n; i++)
    names[n++] = v->metrics->items[i].name;
  for (uint32_t i = 0; good && i < v->m; i++)
    names[n++] = goal_name ("goal", v->m, i, texts[i]);
  for (uint32_t i = 0; good && i < v->c; i++)
    names[n++] = goal_name ("violation", v->c, i, texts[v->m + i]);
  for (size_t i = 0; good && i < sizeof last / sizeof last[0]; i++)
    names[n++] = last[i];
  if (good) {
    cmd_rows_begin (&out, names, n);
    for (size_t i = 0; i < gym_final_count (v->final); i++)
      put_row (&out, v, gym_final_design (v->final, i));
    cmd_rows_end (&out);
  }
  free (names);
  free (texts);
  return good ? GYM_OK : gym_fail (err, GYM_ENOMEM, "out of memory for the columns");
}

/* ---- tables for people ---- */

/* A table of texts, its first row the titles; the first column is to the left. */
struct sheet {
  char (*cells)[80];
  size_t rows, columns, at;
};

static int
no_table (gym_error *err)
{
  return gym_fail (err, GYM_ENOMEM, "out of memory for the table");
}

static int
sheet_make (struct sheet *s, size_t rows, size_t columns, gym_error *err)
{
  *s = (struct sheet){ .rows = rows, .columns = columns };
  s->cells = calloc (rows * columns + 1, sizeof *s->cells);
  return s->cells ? GYM_OK : no_table (err);
}

/* Cells are added row by row; a long label is cut, which 60 characters tell apart. */
static void
add (struct sheet *s, const char *text)
{
  if (s->at < s->rows * s->columns)
    snprintf (s->cells[s->at++], sizeof *s->cells, "%.60s", text);
}

static void
add_number (struct sheet *s, double value)
{
  char text[CMD_NUMBER];
  add (s, isnan (value) ? "-" : cmd_short_number (value, text));
}

/* A column is as wide as its widest cell. */
static int
sheet_print (struct sheet *s, gym_error *err)
{
  size_t n = s->columns;
  int *widths = calloc (n + 1, sizeof *widths);
  for (size_t i = 0; widths && i < s->rows * n; i++) {
    int length = (int)strlen (s->cells[i]);
    widths[i % n] = length > widths[i % n] ? length : widths[i % n];
  }
  for (size_t i = 0; widths && i < s->rows * n; i++) {
    size_t c = i % n;
    printf ("%s%*s%s", c ? "  " : "", c ? widths[c] : -widths[c], s->cells[i],
            c + 1 == n ? "\n" : "");
  }
  int code = widths ? GYM_OK : no_table (err);
  free (widths);
  free (s->cells);
  return code;
}

/* "energy [nJ]", "sealed accuracy [%]": what is sealed is what the report is for. */
static void
title (struct sheet *s, const char *name, const char *unit, bool sealed)
{
  char text[80];
  bool plain = !unit || !unit[0] || strcmp (unit, "1") == 0;
  snprintf (text, sizeof text, "%s%.30s%s%.12s%s", sealed ? "sealed " : "", name,
            plain ? "" : " [", plain ? "" : unit, plain ? "" : "]");
  add (s, text);
}

/* Goals that are metrics under their own name are shown once. */
static bool
is_goal (const struct view *v, uint32_t metric)
{
  for (uint32_t i = 0; i < v->m; i++)
    if (strcmp (gym_objective_goal_text (v->objective, i), v->metrics->items[metric].name)
        == 0)
      return true;
  return false;
}

static bool
is_sealed (const struct view *v, uint32_t metric)
{
  return v->metrics->items[metric].flags & GYM_METRIC_SEALED;
}

/* A fidelity may not yield a metric, and then it has no column; that a sealed one is
 * missing is worth one. */
static bool
has_values (const struct view *v, uint32_t metric)
{
  for (size_t k = 0; k < gym_final_count (v->final); k++)
    if (!isnan (gym_final_design (v->final, k)->metrics[metric]))
      return true;
  return is_sealed (v, metric);
}

/* Sealed ones first, before a long line is broken: the report is made for them. */
static int
choose_metrics (struct view *v, gym_error *err)
{
  v->shown = calloc (v->metrics->n + (size_t)1, sizeof *v->shown);
  if (!v->shown)
    return no_table (err);
  for (int sealed = 1; sealed >= 0; sealed--)
    for (uint32_t i = 0; i < v->metrics->n; i++)
      if (is_sealed (v, i) == sealed && !is_goal (v, i) && has_values (v, i))
        v->shown[v->n_shown++] = i;
  return GYM_OK;
}

/* Goals first, by which the designs were chosen, then what there is beside them. */
static void
add_titles (struct sheet *s, const struct view *v)
{
  for (uint32_t i = 0; i < v->m; i++)
    title (s, gym_objective_goal_text (v->objective, i),
           gym_objective_goal_unit (v->objective, i), false);
  for (size_t i = 0; i < v->n_shown; i++) {
    const struct gym_metric *metric = &v->metrics->items[v->shown[i]];
    title (s, metric->name, metric->unit, is_sealed (v, v->shown[i]));
  }
}

/* A line a design. */
static int
print_designs (const struct view *v, gym_error *err)
{
  static const char *const first[] = { "agent", "seed", "place", "trial", "status" };
  struct sheet s;
  size_t n = gym_final_count (v->final);
  int code = sheet_make (&s, n + 1, 5 + v->m + v->n_shown + 1, err);
  if (code < 0)
    return code;
  for (size_t i = 0; i < 5; i++)
    add (&s, first[i]);
  add_titles (&s, v);
  add (&s, "run");
  for (size_t k = 0; k < n; k++) {
    const struct gym_final_design *d = gym_final_design (v->final, k);
    char text[CMD_NUMBER];
    add (&s, d->agent);
    snprintf (text, sizeof text, "%llu", (unsigned long long)d->seed);
    add (&s, text);
    add_number (&s, d->place);
    add_number (&s, (double)d->number);
    add (&s, gym_status_name (d->status));
    for (uint32_t i = 0; i < v->m; i++)
      add_number (&s, d->goals[i]);
    for (size_t i = 0; i < v->n_shown; i++)
      add_number (&s, d->metrics[v->shown[i]]);
    add (&s, d->tainted ? "tainted" : "clean");
  }
  return sheet_print (&s, err);
}

/* "0.25 (0.01)": mean and standard deviation over the runs of an agent. */
static void
add_spread (struct sheet *s, const double *values, size_t n)
{
  char text[80], mean[CMD_NUMBER], spread[CMD_NUMBER] = "-";
  if (n > 1)
    cmd_short_number (gym_stats_deviation (values, n), spread);
  if (n > 0)
    cmd_short_number (gym_stats_mean (values, n), mean);
  snprintf (text, sizeof text, n > 0 ? "%s (%s)" : "-", mean, spread);
  add (s, text);
}

/* One value of each run's first design: goal i, or metric i - m. */
static size_t
collect (const struct view *v, const char *agent, uint32_t i, double *values)
{
  size_t n = 0;
  for (size_t k = 0; k < gym_final_count (v->final); k++) {
    const struct gym_final_design *d = gym_final_design (v->final, k);
    double value = i < v->m ? d->goals[i] : d->metrics[i - v->m];
    if (d->place == 1 && strcmp (d->agent, agent) == 0 && !isnan (value))
      values[n++] = value;
  }
  return n;
}

/* Whether design k is the first of its agent. */
static bool
begins_agent (const struct view *v, size_t k)
{
  for (size_t i = 0; i < k; i++)
    if (strcmp (gym_final_design (v->final, i)->agent,
                gym_final_design (v->final, k)->agent)
        == 0)
      return false;
  return true;
}

/* Labels, so that each setting of an agent is a line of its own. */
static size_t
count_agents (const struct view *v)
{
  size_t n = 0;
  for (size_t k = 0; k < gym_final_count (v->final); k++)
    n += begins_agent (v, k);
  return n;
}

static void
add_agent (struct sheet *s, const struct view *v, const char *agent, double *values)
{
  char text[CMD_NUMBER];
  size_t runs = 0, tainted = 0;
  for (size_t k = 0; k < gym_final_count (v->final); k++) {
    const struct gym_final_design *d = gym_final_design (v->final, k);
    bool own = d->place == 1 && strcmp (d->agent, agent) == 0;
    runs += own;
    tainted += own && d->tainted;
  }
  add (s, agent);
  add_number (s, (double)runs);
  for (uint32_t i = 0; i < v->m; i++)
    add_spread (s, values, collect (v, agent, i, values));
  for (size_t i = 0; i < v->n_shown; i++)
    add_spread (s, values, collect (v, agent, v->m + v->shown[i], values));
  snprintf (text, sizeof text, "%zu", tainted);
  add (s, text);
}

/* Mean and deviation here, where other tables have quartiles: test scores are no bests of
 * a run, and this is the form in which they are quoted. */
static int
print_agents (const struct view *v, gym_error *err)
{
  struct sheet s;
  double *values = calloc (gym_final_count (v->final) + 1, sizeof *values);
  int code = values ? sheet_make (&s, count_agents (v) + 1, 3 + v->m + v->n_shown, err)
                    : no_table (err);
  if (code >= 0) {
    printf ("\nbest of each run, mean over seeds (standard deviation):\n\n");
    add (&s, "agent");
    add (&s, "runs");
    add_titles (&s, v);
    add (&s, "tainted");
    for (size_t k = 0; k < gym_final_count (v->final); k++)
      if (begins_agent (v, k))
        add_agent (&s, v, gym_final_design (v->final, k)->agent, values);
    code = sheet_print (&s, err);
  }
  free (values);
  return code;
}

/* The consequence is said where it can no longer be avoided, and again in every table. */
static void
print_heading (const struct view *v)
{
  uint32_t sealed = gym_env_sealed (v->env);
  printf ("final report %lld of study %lld: %s\nobjective: %s, by which the designs were "
          "chosen\n",
          (long long)gym_final_report (v->final), (long long)gym_final_study (v->final),
          gym_env_entry (v->env)->id, gym_objective_text (v->objective));
  if (sealed)
    printf ("what is added to studies of this env here from now on is tainted\n\n");
  else
    printf ("the env has no sealed metric: there was no seal to break\n\n");
}

/* Said behind the rows, of whatever form, as it changes what they mean. */
static void
print_notes (const struct view *v)
{
  size_t tainted = 0, changed = 0;
  for (size_t k = 0; k < gym_final_count (v->final); k++) {
    tainted += gym_final_design (v->final, k)->tainted;
    changed += !gym_final_design (v->final, k)->equal;
  }
  fflush (stdout);
  if (tainted)
    cmd_note ("TAINTED: %zu of %zu designs are of runs that went on after sealed metrics "
              "of this env had been read",
              tainted, gym_final_count (v->final));
  if (changed)
    cmd_note ("%zu of %zu designs did not give the metrics again that the study has of "
              "them",
              changed, gym_final_count (v->final));
  if (gym_final_empty (v->final))
    cmd_note ("%zu run%s no design to report", gym_final_empty (v->final),
              gym_final_empty (v->final) == 1 ? " has" : "s have");
}

static int
print (gym_final *final, int format, gym_error *err)
{
  const gym_env *env = gym_final_env (final);
  struct view v = { .final = final,
                    .env = env,
                    .objective = gym_final_objective (final),
                    .metrics = gym_env_metrics (env),
                    .p = gym_space_size (gym_env_space (env)),
                    .m = gym_objective_goals (gym_final_objective (final)),
                    .c = gym_objective_constraints (gym_final_objective (final)) };
  int code;
  if (format == TEXT) {
    print_heading (&v);
    code = choose_metrics (&v, err);
    if (code >= 0)
      code = print_designs (&v, err);
    if (code >= 0)
      code = print_agents (&v, err);
  } else
    code = print_rows (&v, format == CSV ? CMD_CSV : CMD_JSON, err);
  print_notes (&v);
  free (v.shown);
  return code;
}

/* ---- all of it ---- */

/* The registry lives as long as the report, whose env came from it. */
static int
make (const struct cli *cli, const struct gym_final_plan *plan, int format,
      gym_error *err)
{
  gym_registry *registry = NULL;
  int code = cmd_registry (&registry, err);
  gym_final *final =
      code >= 0 ? gym_final_make (registry, cli_plain (cli, 0), plan, err) : NULL;
  code = final ? print (final, format, err) : err->code;
  gym_final_destroy (&final);
  gym_registry_destroy (&registry);
  return code;
}

/* The command line is checked before the seal is touched. */
static int
run (const struct cli *cli, gym_error *err)
{
  static const char *const formats[] = { "text", "csv", "json", NULL };
  uint64_t number = 0, top = 1;
  int format = TEXT, code;
  gym_settings *settings = NULL;
  int64_t *runs = NULL;
  size_t n_runs = 0;
  if ((code = cli_integer (cli, STUDY, 1, INT64_MAX, &number, err)) < 0
      || (code = cli_integer (cli, TOP, 1, 10000, &top, err)) < 0
      || (code = cli_choice (cli, FORMAT, formats, &format, err)) < 0
      || (code = cmd_settings (cli, 'o', &settings, err)) < 0)
    return code;
  int64_t study = (int64_t)number;
  if (cli_value (cli, BEST_SETTINGS) && cli_value (cli, ENV) && !study)
    code =
        gym_fail (err, CLI_EUSAGE, "option --best-settings: name the study with --study");
  if (code >= 0 && cli_value (cli, BEST_SETTINGS))
    code = best_settings (cli_plain (cli, 0), &study, &runs, &n_runs, err);
  const struct gym_final_plan plan = { .struct_size = sizeof plan,
                                       .top = (uint32_t)top,
                                       .study = study,
                                       .env = cli_value (cli, ENV),
                                       .runs = runs,
                                       .n_runs = n_runs,
                                       .settings = settings,
                                       .unfinished = cli_value (cli, UNFINISHED) != NULL,
                                       .log = cmd_log };
  if (code >= 0)
    code = make (cli, &plan, format, err);
  free (runs);
  gym_settings_destroy (&settings);
  return code < 0 ? code : CLI_OK;
}

static const struct cli_option options[] = {
  { .key = ENV,
    .name = "env",
    .argument = "ENV",
    .doc = "The newest study on this env (of all)." },
  { .key = STUDY,
    .name = "study",
    .argument = "ID",
    .doc = "The study, by the number it has in the store (the newest)." },
  { .key = TOP, .name = "top", .argument = "N", .doc = "Best designs of each run (1)." },
  { .key = BEST_SETTINGS,
    .name = "best-settings",
    .doc = "Of the settings an agent takes part with only those with the best median." },
  { .key = 'o',
    .name = "option",
    .argument = "KEY=PATH",
    .doc = "Where a file of the env lies now; its content must be the study's.",
    .repeat = true },
  { .key = UNFINISHED,
    .name = "unfinished",
    .doc = "Report although runs are not over; what they add later is tainted." },
  { .key = FORMAT,
    .name = "format",
    .argument = "text|csv|json",
    .doc = "Tables (the default), CSV, or a JSON array with an object a design." },
  { 0 }
};

const struct cli_command cmd_final = {
  .name = "final",
  .arguments = "FILE [--env ENV] [--study ID] [--top N] [--best-settings]\n"
               "[-o KEY=PATH ...] [--unfinished] [--format text|csv|json]",
  .summary = "Make the final report of a study, sealed metrics and all",
  .doc =
      "Takes the best designs of each run by the study's objective at the highest "
      "fidelity, evaluates them again with the evaluation seeds of their trials, and "
      "prints goals, metrics and the sealed metrics, which nothing else has computed, "
      "with mean and standard deviation over the seeds of each agent. The env is opened "
      "as the study had it; files are found by name beside the store or here, and "
      "checked "
      "by content.\n\n"
      "The store keeps that the report was made, before it is made. A run is tainted "
      "when it has a trial that was added after sealed metrics of its env had been read, "
      "by this command, by gym eval --sealed --store, or by a script that runs its "
      "study; "
      "every table says so.",
  .options = options,
  .least = 1,
  .most = 1,
  .run = run,
};
