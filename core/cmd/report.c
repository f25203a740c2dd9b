/* gym report: everything a store tells, as one page that opens without a network.
 *
 * Figures are SVG inside the page, in the page's own ink, so that light and dark work
 * alike; there is no script, and nothing to load. */
#include "core/cmd/figures.h"
#include "core/cmd/importance.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { DESIGNS = 100000, MOST_ROWS = 60, BEST = 5 };

/* ---- writing HTML ---- */

/* Labels and notes come from users: nothing of them may become markup. */
static void
put_text (FILE *out, const char *text)
{
  for (; text && *text; text++)
    if (*text == '<')
      fputs ("&lt;", out);
    else if (*text == '>')
      fputs ("&gt;", out);
    else if (*text == '&')
      fputs ("&amp;", out);
    else if (*text == '"')
      fputs ("&quot;", out);
    else
      fputc (*text, out);
}

/* The end tag is the first two letters: th, td, li. */
static void
put_cell (FILE *out, const char *tag, const char *text)
{
  fprintf (out, "<%s>", tag);
  put_text (out, text);
  fprintf (out, "</%.2s>", tag);
}

/* A cell, with a dash for what is unknown. */
static void
put_number (FILE *out, double value, const char *form)
{
  char text[64];
  snprintf (text, sizeof text, isfinite (value) ? form : "–", value);
  put_cell (out, "td class=n", text);
}

/* Colours as variables, so that dark mode is one rule. */
static const char style[] =
    ":root{color-scheme:light dark;--ink:#1b1b1b;--paper:#fff;--soft:#666;--line:#ddd;"
    "--box:#f5f5f3;--loud:#a63b00}\n"
    "@media(prefers-color-scheme:dark){:root{--ink:#e6e6e6;--paper:#16181b;--soft:#"
    "a0a0a0;"
    "--line:#3a3d42;--box:#202327;--loud:#ff9d5c}}\n"
    "body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);"
    "max-width:62rem;margin:2rem auto;padding:0 1rem}\n"
    "h1{font-size:1.5rem}h2{margin-top:2.5rem;border-bottom:1px solid var(--line)}\n"
    ".verdict{background:var(--box);padding:.6rem 1rem;border-left:4px solid #0072B2}\n"
    ".loud{border-left-color:var(--loud);color:var(--loud);font-weight:600}\n"
    "figure{margin:1.5rem 0}figure svg{width:100%;height:auto;color:var(--ink)}\n"
    "figcaption,.soft{color:var(--soft);font-size:.9em}\n"
    ".scroll{overflow-x:auto}table{border-collapse:collapse;font-size:.88em}\n"
    "th,td{padding:.2rem .6rem;border-bottom:1px solid var(--line);text-align:left;"
    "white-space:nowrap}th{white-space:normal;vertical-align:bottom}td.n{text-align:"
    "right;font-variant-numeric:tabular-nums}\n"
    "svg .point:hover{stroke-width:3}details{margin:1rem 0}\n"
    "pre{white-space:pre-wrap;overflow-wrap:anywhere;font-size:.85em}\n";

/* ---- the verdict ---- */

/* All pairs of the agents that are drawn; the best first, so that its victories lead. */
static int
put_verdict (FILE *out, const struct analysis *a, gym_error *err)
{
  size_t agents[FIGURE_AGENTS], k = figure_agents (a, agents), n = 0;
  struct comparison list[FIGURE_AGENTS * FIGURE_AGENTS];
  char text[ANALYSIS_TEXT];
  int code = GYM_OK;
  for (size_t i = 0; code >= 0 && i < k; i++)
    for (size_t j = i + 1; code >= 0 && j < k; j++)
      code = analysis_compare (a, agents[i], agents[j], &list[n++], err);
  if (code >= 0)
    code = analysis_correct (list, n, err);
  if (code < 0)
    return code;
  if (n == 0)
    fputs ("<p class=verdict>One agent: nothing to compare.</p>\n", out);
  for (size_t i = 0; i < n; i++) {
    analysis_verdict (a, &list[i], n, text);
    if (i == 0)
      fputs ("<ul class=verdict>", out);
    put_cell (out, "li", text);
    fputs (i + 1 == n ? "</ul>\n" : "\n", out);
  }
  if (n > 0) {
    analysis_warning (&list[0], n, text);
    if (text[0]) {
      fputs ("<p class='verdict loud'>", out);
      put_text (out, text);
      fputs ("</p>\n", out);
    }
  }
  return GYM_OK;
}

/* ---- tables ---- */

/* A row of the table of agents. */
static void
put_agent (FILE *out, const struct analysis *a, size_t agent, double *scores,
           size_t *hits)
{
  const struct gym_result_agent *g = gym_results_agent (a->results, agent);
  size_t n = analysis_scores (a, agent, scores), *lengths = hits + a->n_runs + 1;
  double median = analysis_quantile (scores, n, 0.5);
  fputs ("<tr>", out);
  put_cell (out, "td", g->label);
  put_number (out, (double)n, "%.0f");
  put_number (out, analysis_report (a, median), "%.6g");
  put_number (out, analysis_report (a, analysis_quantile (scores, n, 0.25)), "%.6g");
  put_number (out, analysis_report (a, analysis_quantile (scores, n, 0.75)), "%.6g");
  put_number (out, -100 * analysis_improvement (a, median), "%+.2f");
  bool one = a->study->m == 1;
  put_number (out, one ? 100 * analysis_hit_rate (a, median) : NAN, "%.3g");
  analysis_hits (a, agent, hits, lengths);
  put_number (out, one ? 100 * gym_stats_success (hits, n) : NAN, "%.0f");
  put_number (out, one ? gym_stats_expected_running_time (hits, lengths, n) : NAN,
              "%.0f");
  fputs ("</tr>\n", out);
}

/* An agent and what it is sorted by. */
struct order {
  double median;
  size_t agent;
};

/* The smaller score is the better one. */
static int
by_median (const void *x, const void *y)
{
  const struct order *a = x, *b = y;
  return (a->median > b->median) - (a->median < b->median);
}

/* The best first; of hundreds of settings the best sixty. */
static int
put_agents (FILE *out, const struct analysis *a, gym_error *err)
{
  double *scores = calloc (a->n_runs + 1, sizeof *scores);
  size_t *hits = calloc (2 * a->n_runs + 2, sizeof *hits);
  struct order *order = calloc (a->n_agents + 1, sizeof *order);
  bool good = scores && hits && order;
  fprintf (out,
           "<div class=scroll><table><tr><th>agent<th>runs<th>median%s%s<th>quartile "
           "1<th>quartile 3<th>against random mean, %%<th>random designs as good, %%<th>"
           "runs that reach the target, %%<th>expected evaluations to it</tr>\n",
           a->unit[0] ? "," : "", a->unit);
  for (size_t i = 0; good && i < a->n_agents; i++) {
    double m = analysis_quantile (scores, analysis_scores (a, i, scores), 0.5);
    order[i] = (struct order){ .median = isnan (m) ? INFINITY : m, .agent = i };
  }
  if (good)
    qsort (order, a->n_agents, sizeof *order, by_median);
  for (size_t i = 0; good && i < a->n_agents && i < MOST_ROWS; i++)
    put_agent (out, a, order[i].agent, scores, hits);
  fputs ("</table></div>\n", out);
  if (a->n_agents > MOST_ROWS)
    fprintf (out, "<p class=soft>and %zu more; gym table shows all.</p>\n",
             a->n_agents - MOST_ROWS);
  free (scores);
  free (hits);
  free (order);
  return good ? GYM_OK : gym_fail (err, GYM_ENOMEM, "out of memory for the report");
}

/* Seeds in which the row's agent is better, as good, worse. */
static int
put_wins (FILE *out, const struct analysis *a, gym_error *err)
{
  size_t agents[FIGURE_AGENTS], k = figure_agents (a, agents);
  struct comparison c;
  int code = GYM_OK;
  if (k < 2)
    return GYM_OK;
  fputs ("<h3>Wins / ties / losses over seeds</h3><div class=scroll><table><tr><th>",
         out);
  for (size_t j = 0; j < k; j++)
    put_cell (out, "th", gym_results_agent (a->results, agents[j])->label);
  fputs ("</tr>\n", out);
  for (size_t i = 0; code >= 0 && i < k; i++) {
    fputs ("<tr>", out);
    put_cell (out, "th", gym_results_agent (a->results, agents[i])->label);
    for (size_t j = 0; code >= 0 && j < k; j++) {
      char text[64] = "";
      if (i != j && (code = analysis_compare (a, agents[i], agents[j], &c, err)) >= 0)
        snprintf (text, sizeof text, "%zu / %zu / %zu", c.wins.wins, c.wins.ties,
                  c.wins.losses);
      put_cell (out, "td class=n", text);
    }
    fputs ("</tr>\n", out);
  }
  fputs ("</table></div>\n", out);
  return code;
}

/* A column a trial: with a dozen parameters and metrics a row would not fit. */
static int
put_best (FILE *out, gym_store *store, const struct analysis *a, gym_error *err)
{
  gym_cursor *row = gym_store_best (store, a->study->study, BEST, err);
  int code = row ? GYM_OK : err->code;
  char *cells[BEST] = { 0 };
  uint32_t n = row ? gym_cursor_columns (row) : 0;
  size_t trials = 0;
  FILE *texts[BEST] = { 0 };
  size_t sizes[BEST];
  while (code >= 0 && trials < BEST && (code = gym_cursor_next (row, err)) == 1) {
    FILE *t = texts[trials] = open_memstream (&cells[trials], &sizes[trials]);
    if (!t) {
      code = gym_fail (err, GYM_ENOMEM, "out of memory for the report");
      break;
    }
    trials++;
    for (uint32_t i = 0; i < n; i++) {
      const char *text = gym_cursor_text (row, i);
      char digits[CMD_NUMBER];
      if (text && strchr (text, '.') && gym_cursor_is_number (row, i))
        text = cmd_short_number (gym_cursor_number (row, i), digits);
      put_text (t, text ? text : "");
      fputc ('\0', t);
    }
    fclose (t);
  }
  fputs ("<h3>Best designs</h3><div class=scroll><table>\n", out);
  const char *at[BEST];
  for (size_t k = 0; k < trials; k++)
    at[k] = cells[k];
  for (uint32_t i = 0; code >= 0 && i < n; i++) {
    fputs ("<tr>", out);
    put_cell (out, "th", gym_cursor_name (row, i));
    put_cell (out, "td", gym_cursor_unit (row, i));
    for (size_t k = 0; k < trials; k++) {
      fprintf (out, "<td class=n>%s</td>", at[k]);
      at[k] += strlen (at[k]) + 1;
    }
    fputs ("</tr>\n", out);
  }
  fputs (trials ? "</table></div>\n" : "</table></div><p>No trial was ok.</p>\n", out);
  for (size_t k = 0; k < BEST; k++)
    free (cells[k]);
  gym_cursor_destroy (&row);
  return code < 0 ? code : GYM_OK;
}

/* What failed, by agent and status; nothing where nothing did. */
static void
put_failures (FILE *out, const struct analysis *a)
{
  bool any = false;
  for (size_t i = 0; i < a->n_agents; i++) {
    size_t counts[6] = { 0 }, bad = 0;
    for (size_t r = 0; r < a->n_runs; r++)
      for (int k = 0; gym_results_run (a->results, r)->agent == i && k < 6; k++)
        counts[k] += gym_results_run (a->results, r)->statuses[k];
    for (int k = 1; k < 6; k++)
      bad += counts[k];
    if (!bad)
      continue;
    if (!any)
      fputs (
          "<h3>Trials without a result</h3><div class=scroll><table><tr><th>agent<th>ok"
          "<th>infeasible<th>failed<th>timeout<th>crashed<th>out of memory</tr>\n",
          out);
    any = true;
    fputs ("<tr>", out);
    put_cell (out, "td", gym_results_agent (a->results, i)->label);
    for (int k = 0; k < 6; k++)
      put_number (out, (double)counts[k], "%.0f");
    fputs ("</tr>\n", out);
  }
  fputs (any ? "</table></div>\n" : "<p class=soft>Every trial was ok.</p>\n", out);
}

/* ---- figures and the parts around them ---- */

/* A figure that has nothing to show is not there. */
static int
put_figure (FILE *out, const struct figure *f, const struct figure_input *input,
            gym_error *err)
{
  if (!f->useful (input))
    return GYM_OK;
  fprintf (out, "<h3>%s</h3><figure id='%s-%zu'>\n", f->title, f->name, input->at);
  int code = figure_write (f, input, FIGURE_SVG, out, err);
  fprintf (out, "<figcaption>%s</figcaption></figure>\n", f->doc);
  return code;
}

/* Said in words, as a missing bar is easily overlooked. */
static int
put_never (FILE *out, const struct analysis *a, gym_error *err)
{
  struct importance m;
  int code = importance_find (a, &m, err);
  const char *between = "";
  if (code < 0)
    return code;
  fputs ("<p>", out);
  if (m.n_trials == 0)
    fputs ("Fewer than 50 results: too few to tell which parameters matter.", out);
  else
    fputs ("Parameters that never mattered: ", out);
  for (size_t k = 0; m.n_trials && k < m.n_params; k++)
    if (m.never[k]) {
      fputs (between, out);
      put_text (out, gym_space_param (a->study->space, (uint32_t)k)->name);
      between = ", ";
    }
  if (m.n_trials && !between[0])
    fputs ("none", out);
  if (m.n_trials)
    fprintf (out, " <span class=soft>(from %zu trials%s)</span>", m.n_trials,
             m.random ? " of random search"
                      : " of all agents, which crowd where they search");
  fputs ("</p>\n", out);
  importance_clear (&m);
  return GYM_OK;
}

/* What must be known to repeat it. */
static void
put_provenance (FILE *out, const struct analysis *a)
{
  const struct gym_result_study *s = a->study;
  fputs ("<details><summary>Provenance</summary>\n<pre>", out);
  fprintf (out, "study        %lld\narchgym      ", (long long)s->study);
  put_text (out, s->version);
  fputs ("\nhost         ", out);
  put_text (out, s->host);
  fputs ("\nnumerics     ", out);
  put_text (out, s->fingerprint);
  fputs ("\nidentity     ", out);
  put_text (out, s->identity);
  fputs ("\nseeds        ", out);
  for (size_t i = 0; i < a->n_runs && gym_results_run (a->results, i)->agent == 0; i++)
    fprintf (out, "%s%llu", i ? ", " : "",
             (unsigned long long)gym_results_run (a->results, i)->seed);
  for (size_t i = 0; i < a->n_agents && i < MOST_ROWS; i++) {
    const struct gym_result_agent *g = gym_results_agent (a->results, i);
    fputs ("\nagent        ", out);
    put_text (out, g->label);
    fputs (": ", out);
    put_text (out, g->id);
    fputc (' ', out);
    put_text (out, g->options);
  }
  fputs ("</pre></details>\n", out);
}

/* Which runs, so that a reader can leave them out. */
static void
put_taint (FILE *out, const struct analysis *a)
{
  char text[CMD_TAINT];
  const char *between = " ";
  if (!analysis_taint (a, text)[0])
    return;
  fputs ("<p class='verdict loud'>", out);
  put_text (out, text);
  for (size_t i = 0; i < a->n_runs; i++) {
    const struct gym_result_run *run = gym_results_run (a->results, i);
    if (!run->tainted)
      continue;
    fputs (between, out);
    put_text (out, gym_results_agent (a->results, run->agent)->label);
    fprintf (out, " seed %llu", (unsigned long long)run->seed);
    between = ", ";
  }
  fputs ("</p>\n", out);
}

/* What was done, in a line. */
static void
put_study_heading (FILE *out, const struct analysis *a)
{
  char text[CMD_NUMBER];
  fprintf (out, "<h2 id=study-%lld>", (long long)a->study->study);
  put_text (out, a->env);
  fputs ("</h2>\n<p>", out);
  put_text (out, gym_objective_text (a->study->objective));
  fprintf (out, "; %s evaluations a run, %zu runs of %zu agents and settings, %zu trials",
           analysis_count (a->study->budget, text), a->n_runs, a->n_agents,
           gym_results_trials (a->results));
  if (a->study->m == 1 && !isnan (a->random_mean))
    fprintf (out, "; mean random design %s%s",
             cmd_short_number (
                 gym_objective_report (a->study->objective, 0, a->random_mean), text),
             a->unit);
  if (a->study->m == 1 && !isnan (a->target))
    fprintf (
        out, "; target %s%s",
        cmd_short_number (gym_objective_report (a->study->objective, 0, a->target), text),
        a->unit);
  fputs ("</p>\n", out);
  put_taint (out, a);
}

/* What people look for first: who is better, by how much, and then why. */
static int
put_study (FILE *out, struct figure_input *input, gym_error *err)
{
  const struct analysis *a = &input->all[input->at];
  put_study_heading (out, a);
  int code = put_verdict (out, a, err);
  if (code >= 0)
    code = put_agents (out, a, err);
  if (code >= 0)
    code = put_wins (out, a, err);
  for (int i = 0; code >= 0 && figures[i]; i++)
    if (!figures[i]->whole)
      code = put_figure (out, figures[i], input, err);
  if (code >= 0)
    code = put_never (out, a, err);
  if (code >= 0)
    code = put_best (out, input->store, a, err);
  if (code >= 0)
    put_failures (out, a);
  put_provenance (out, a);
  return code;
}

/* Links to the studies where there are several. */
static void
put_head (FILE *out, const struct figure_input *input, const char *path)
{
  const char *slash = strrchr (path, '/');
  fputs ("<!DOCTYPE html>\n<html lang=en><head><meta charset=utf-8>\n"
         "<meta name=viewport content='width=device-width,initial-scale=1'>\n<title>",
         out);
  put_text (out, slash ? slash + 1 : path);
  fprintf (out, " – archgym</title>\n<style>\n%s</style></head><body>\n<h1>", style);
  put_text (out, slash ? slash + 1 : path);
  fprintf (out, "</h1>\n<p class=soft>%zu stud%s; archgym %s</p>\n", input->n,
           input->n == 1 ? "y" : "ies", gym_version ());
  if (input->n < 2)
    return;
  fputs ("<ul>\n", out);
  for (size_t i = 0; i < input->n; i++) {
    const struct analysis *a = &input->all[i];
    fprintf (out, "<li><a href='#study-%lld'>", (long long)a->study->study);
    put_text (out, a->env);
    fputs (": ", out);
    put_text (out, gym_objective_text (a->study->objective));
    fputs ("</a></li>\n", out);
  }
  fputs ("</ul>\n", out);
}

/* Each study by itself, then what takes them together. */
static int
put_page (FILE *out, struct figure_input *input, const char *path, gym_error *err)
{
  int code = GYM_OK;
  put_head (out, input, path);
  for (input->at = 0; code >= 0 && input->at < input->n; input->at++)
    code = put_study (out, input, err);
  input->at = input->n - 1;
  fputs ("<h2>Over all studies</h2>\n", out);
  for (int i = 0; code >= 0 && figures[i]; i++)
    if (figures[i]->whole)
      code = put_figure (out, figures[i], input, err);
  fputs ("</body></html>\n", out);
  return code;
}

/* The page appears when it is whole. */
static int
write_page (struct figure_input *input, const char *store, const char *path,
            gym_error *err)
{
  FILE *out = fopen (path, "w");
  if (!out)
    return gym_fail (err, GYM_EIO, "%s cannot be written: %s", path, strerror (errno));
  int code = put_page (out, input, store, err);
  if ((ferror (out) || fclose (out) != 0) && code >= 0)
    code = gym_fail (err, GYM_EIO, "%s cannot be written: %s", path, strerror (errno));
  if (code < 0)
    unlink (path);
  return code;
}

/* A page takes a moment: what can be wrong is found before. */
static int
run (const struct cli *cli, gym_error *err)
{
  struct figure_input input = { 0 };
  const char *path = cli_value (cli, 'o');
  if (!path)
    return gym_fail (err, CLI_EUSAGE,
                     "option --output is missing; see gym report --help");
  int code = figure_check (NULL, 0, err);
  if (code < 0)
    return code;
  code = analysis_open (cli, DESIGNS, &input.store, &input.all, &input.n, err);
  if (code >= 0)
    code = write_page (&input, cli_plain (cli, 0), path, err);
  analysis_close (&input.store, &input.all, input.n);
  return code < 0 ? code : CLI_OK;
}

static const struct cli_option options[] = {
  { .key = 'o', .name = "output", .argument = "FILE", .doc = "The page to write." },
  ANALYSIS_OPTIONS (ANALYSIS_ALL),
  { 0 }
};

const struct cli_command cmd_report = {
  .name = "report",
  .arguments = "FILE -o PAGE.html [--study ID] [--target VALUE]",
  .summary = "Write a report of a store as a web page",
  .doc = "Writes one self-contained page that opens without a network: verdicts, curves, "
         "running times, critical differences, the hyperparameter lottery, Pareto fronts "
         "(hover shows the design), importance and interactions of parameters, parallel "
         "coordinates, the best designs with all metrics, what failed, and provenance. "
         "Figures are drawn by gnuplot; gym plot makes files of them.",
  .options = options,
  .least = 1,
  .most = 1,
  .run = run,
};
