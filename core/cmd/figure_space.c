/* Figures of designs: fronts, importance, interactions, parallel coordinates. */
#include "core/cmd/figures.h"
#include "core/cmd/importance.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct analysis *
at_hand (const struct figure_input *input)
{
  return &input->all[input->at];
}

/* ---- fronts ---- */

enum { MOST_POINTS = 400, HOVER = 900 };

/* Columns of goals are "goal", or "goal_1" and on. */
static bool
is_goal (const char *name)
{
  return strncmp (name, "goal", 4) == 0;
}

/* "agent, seed 1, trial 7; Parameter=level ...": up to the metrics, with the goals. */
static void
describe (gym_cursor *row, const gym_space *space, char text[HOVER])
{
  size_t used = 0;
  text[0] = '\0';
  for (uint32_t i = 0; i < gym_cursor_columns (row) && used < HOVER; i++) {
    const char *name = gym_cursor_name (row, i), *value = gym_cursor_text (row, i);
    bool wanted = strcmp (name, "agent") == 0 || strcmp (name, "seed") == 0
                  || strcmp (name, "number") == 0 || is_goal (name)
                  || gym_space_find (space, name, NULL) >= 0;
    if (!value || !value[0] || !wanted)
      continue;
    used += (size_t)snprintf (text + used, HOVER - used, "%s%s=%s", used ? "; " : "",
                              name, value);
  }
}

/* Goal number `goal` of the row. */
static double
goal_of (gym_cursor *row, uint32_t goal)
{
  for (uint32_t i = 0; i < gym_cursor_columns (row); i++)
    if (is_goal (gym_cursor_name (row, i)) && goal-- == 0)
      return gym_cursor_number (row, i);
  return NAN;
}

/* The joint front, a point a design, which hovering shows. */
static int
write_joint_front (FILE *s, const struct figure_input *input, gym_error *err)
{
  const struct analysis *a = at_hand (input);
  gym_cursor *row = gym_store_best (input->store, a->study->study, MOST_POINTS, err);
  char text[HOVER];
  int code = row ? GYM_OK : err->code;
  fputs ("$front << EOD\n", s);
  while (code >= 0 && (code = gym_cursor_next (row, err)) == 1) {
    figure_number (s, goal_of (row, 0));
    fputc (' ', s);
    figure_number (s, goal_of (row, 1));
    fputc (' ', s);
    describe (row, a->study->space, text);
    figure_text (s, text);
    fputc ('\n', s);
  }
  fputs ("EOD\n", s);
  gym_cursor_destroy (&row);
  return code;
}

/* The front of all runs of an agent, without designs. */
static int
write_front (FILE *s, const struct analysis *a, size_t name, size_t agent, gym_error *err)
{
  gym_archive *front = gym_archive_new (a->study->m, err);
  const double *goals = gym_results_goals (a->results);
  int code = front ? GYM_OK : GYM_ENOMEM;
  for (size_t i = 0; code >= 0 && i < a->n_runs; i++) {
    const struct gym_result_run *run = gym_results_run (a->results, i);
    for (size_t k = run->first;
         code >= 0 && run->agent == agent && k < run->first + run->trials; k++)
      if (!isnan (goals[k * a->study->m]))
        code = gym_archive_add (front, goals + k * a->study->m, k, err);
  }
  size_t n = code >= 0 ? gym_archive_count (front) : 0, every = n / MOST_POINTS + 1;
  fprintf (s, "$d%zu << EOD\n", name);
  for (size_t i = 0; i < n; i += every) {
    for (uint32_t k = 0; k < 2; k++) {
      fputs (k ? " " : "", s);
      figure_number (s, gym_objective_report (a->study->objective, k,
                                              gym_archive_point (front, i)[k]));
    }
    fputc ('\n', s);
  }
  fputs (n ? "EOD\n" : "? ?\nEOD\n", s);
  gym_archive_destroy (&front);
  return code < 0 ? code : GYM_OK;
}

/* Rings for the joint front, so that the agents' own points show inside. */
static int
draw_front (FILE *s, const struct figure_input *input, gym_error *err)
{
  const struct analysis *a = at_hand (input);
  size_t agents[FIGURE_AGENTS], n = figure_agents (a, agents);
  int code = write_joint_front (s, input, err);
  for (size_t i = 0; code >= 0 && i < n; i++)
    code = write_front (s, a, i, agents[i], err);
  figure_axis (s, "x", a->study->objective, 0);
  figure_axis (s, "y", a->study->objective, 1);
  fputs ("plot $front using 1:2:3 with labels hypertext point pt 6 ps 1.2 lw 1.5 lc rgb "
         "'#010203' title 'all runs'",
         s);
  for (size_t i = 0; i < n; i++) {
    fprintf (s, ", $d%zu using 1:2 with points pt %zu ps 0.6 lc rgb '%s' title ", i,
             i % 7 * 2 + 5, figure_colour (i));
    figure_text (s, gym_results_agent (a->results, agents[i])->label);
  }
  fputc ('\n', s);
  return code;
}

static bool
useful_front (const struct figure_input *input)
{
  return at_hand (input)->study->m > 1 && at_hand (input)->volume > 0;
}

const struct figure figure_front = {
  .name = "front",
  .title = "Pareto fronts",
  .doc =
      "The front of all runs (rings; hover to see the design) and those of each agent. "
      "With more than two goals the first two are drawn.",
  .width = 820,
  .height = 520,
  .useful = useful_front,
  .draw = draw_front,
};

/* ---- importance ---- */

struct bar {
  size_t param;
  double value;
};

static int
by_value (const void *a, const void *b)
{
  const struct bar *x = a, *y = b;
  return (x->value > y->value) - (x->value < y->value);
}

/* Parameters in rising order of importance: the most important ends up on top. */
static struct bar *
sort_params (const struct importance *m)
{
  struct bar *bars = calloc (m->n_params + 1, sizeof *bars);
  for (size_t i = 0; bars && i < m->n_params; i++)
    bars[i] = (struct bar){ .param = i, .value = m->ped[i] };
  if (bars)
    qsort (bars, m->n_params, sizeof *bars, by_value);
  return bars;
}

/* Both measures side by side, in percent. */
static void
write_bars (FILE *s, const struct analysis *a, const struct importance *m,
            const struct bar *bars, size_t first)
{
  fputs ("$d << EOD\n", s);
  for (size_t i = first; i < m->n_params; i++) {
    size_t k = bars[i].param;
    char text[96];
    snprintf (text, sizeof text, "%.60s%s",
              gym_space_param (a->study->space, (uint32_t)k)->name,
              m->never[k] ? " (never)" : "");
    fprintf (s, "%zu %.6g %.6g ", i - first + 1, 100 * m->ped[k],
             100 * m->effects[k].share);
    figure_text (s, text);
    fputc ('\n', s);
  }
  fputs ("EOD\n", s);
}

/* Of dozens of parameters the most important. */
static int
draw_importance (FILE *s, const struct figure_input *input, gym_error *err)
{
  enum { MOST = 24 };
  const struct analysis *a = at_hand (input);
  struct importance m;
  int code = importance_find (a, &m, err);
  struct bar *bars = code >= 0 && m.n_trials ? sort_params (&m) : NULL;
  if (code >= 0 && !bars)
    code = gym_fail (err, GYM_ENOTFOUND, "too few results to tell what matters");
  if (code >= 0) {
    size_t first = m.n_params > MOST ? m.n_params - MOST : 0, n = m.n_params - first;
    write_bars (s, a, &m, bars, first);
    fprintf (
        s,
        "set yrange [0.4:%zu.6]\nset xrange [0:*]\nset ytics scale 0\n"
        "set key inside right bottom vertical\nset xlabel 'share [%%]'\nset style fill "
        "solid 0.85 noborder\n"
        "plot $d using ($2/2):($1+0.19):($2/2):(0.18):ytic(4) with boxxyerror lc rgb "
        "'#0072B2' title 'being among the best tenth', $d using "
        "($3/2):($1-0.19):($3/2):(0.18) with boxxyerror lc rgb '#E69F00' title "
        "'variance of ranks'\n",
        n);
  }
  free (bars);
  importance_clear (&m);
  return code;
}

/* Below 50 designs there is nothing to estimate. */
static bool
useful_importance (const struct figure_input *input)
{
  const struct analysis *a = at_hand (input);
  return gym_results_designs (a->results) >= 50 && isfinite (a->scores[0]);
}

const struct figure figure_importance = {
  .name = "importance",
  .title = "Importance of parameters",
  .doc =
      "What a parameter has to do with being among the best tenth of designs (PED-ANOVA, "
      "blue), and how much of the variance of ranks it explains by itself (orange), over "
      "the trials of agent random where there are 200, else over all. \"never\": neither "
      "the parameter nor a pair with it has a significant effect, and being among the "
      "best has little to do with it.",
  .width = 820,
  .height = 460,
  .useful = useful_importance,
  .draw = draw_importance,
};

/* ---- interactions ---- */

/* The upper triangle mirrored: people look for a pair on either side. */
static int
draw_interactions (FILE *s, const struct figure_input *input, gym_error *err)
{
  const struct analysis *a = at_hand (input);
  struct importance m;
  int code = importance_find (a, &m, err);
  if (code >= 0 && !m.n_trials)
    code = gym_fail (err, GYM_ENOTFOUND, "too few results to tell what matters");
  size_t p = code >= 0 ? m.n_params : 0;
  fputs ("$d << EOD\n", s);
  for (size_t i = 0; i < p; i++)
    for (size_t k = 0; k < p; k++) {
      double share = i == k ? m.effects[i].share : m.pairs[i < k ? i * p + k : k * p + i];
      fprintf (s, "%zu %zu ", k, i);
      figure_number (s, 100 * share);
      fputc ('\n', s);
    }
  fputs ("EOD\nset xtics rotate by 45 right scale 0 (", s);
  for (int axis = 0; axis < 2; axis++) {
    for (size_t i = 0; i < p; i++) {
      fputs (i ? ", " : "", s);
      figure_text (s, gym_space_param (a->study->space, (uint32_t)i)->name);
      fprintf (s, " %zu", i);
    }
    fputs (axis ? ")\n" : ")\nset ytics scale 0 (", s);
  }
  fprintf (s,
           "unset grid\nset bmargin 9\nset style fill solid 1\nset xrange [-0.5:%zu.5]\n"
           "set yrange [%zu.5:-0.5]\nset cbrange [0:*]\nset cblabel "
           "'share of the variance of ranks [%%]'\nset colorbox noborder\n"
           "plot $d using 1:2:3 with image pixels\n",
           p ? p - 1 : 0, p ? p - 1 : 0);
  importance_clear (&m);
  return code;
}

static bool
useful_interactions (const struct figure_input *input)
{
  return useful_importance (input) && gym_space_size (at_hand (input)->study->space) > 1;
}

const struct figure figure_interactions = {
  .name = "interactions",
  .title = "Interactions of parameters",
  .doc =
      "Share of the variance of ranks that two parameters explain together beyond what "
      "each explains alone, less chance; by themselves on the diagonal.",
  .width = 820,
  .height = 560,
  .useful = useful_interactions,
  .draw = draw_interactions,
};

/* ---- parallel coordinates ---- */

struct line {
  size_t design;
  double goal;
};

/* The worst first, so that the best is drawn over it. */
static int
worst_first (const void *a, const void *b)
{
  const struct line *x = a, *y = b;
  return (x->goal < y->goal) - (x->goal > y->goal);
}

/* The best 60 designs, and evenly as many again of the others. */
static void
write_designs (FILE *s, const struct analysis *a, const struct line *lines, size_t n,
               double *unit)
{
  enum { BEST = 60 };
  uint32_t p = gym_space_size (a->study->space);
  size_t others = n > BEST ? n - BEST : 0, every = others / BEST + 1;
  fputs ("$d << EOD\n", s);
  for (size_t i = 0; i < n; i++) {
    if (i < others && i % every != 0)
      continue;
    const double *row = gym_results_design (a->results, lines[i].design);
    gym_space_encode (a->study->space, row, unit);
    for (uint32_t k = 0; k < p; k++) {
      fprintf (s, "%u ", k);
      /* A little aside, so that designs that share a level can be told apart. */
      figure_number (
          s, isnan (row[k]) ? NAN : unit[k] + 0.012 * ((double)(i * 13 % 11) / 5 - 1));
      fprintf (s, " %.4f\n", n > 1 ? 1 - (double)i / (double)(n - 1) : 0);
    }
    fputs ("\n\n", s);
  }
  fputs ("EOD\n", s);
}

/* Colour goes by rank: values would leave all but the worst alike. */
static int
draw_parallel (FILE *s, const struct figure_input *input, gym_error *err)
{
  const struct analysis *a = at_hand (input);
  const double *goals = gym_results_goals (a->results);
  uint32_t p = gym_space_size (a->study->space);
  struct line *lines = calloc (gym_results_designs (a->results) + 1, sizeof *lines);
  double *unit = calloc (p + 1, sizeof *unit);
  size_t n = 0;
  for (size_t i = 0; lines && i < gym_results_designs (a->results); i++) {
    double goal = goals[gym_results_design_trial (a->results, i) * a->study->m];
    if (!isnan (goal))
      lines[n++] = (struct line){ .design = i, .goal = goal };
  }
  if (lines && unit) {
    qsort (lines, n, sizeof *lines, worst_first);
    write_designs (s, a, lines, n, unit);
  }
  fputs ("set xtics rotate by 35 right scale 0 (", s);
  for (uint32_t k = 0; k < p; k++) {
    fputs (k ? ", " : "", s);
    figure_text (s, gym_space_param (a->study->space, k)->name);
    fprintf (s, " %u", k);
  }
  fprintf (s,
           ")\nset ytics scale 0 ('lowest, first level' 0, 'highest, last level' 1)\n"
           "set xrange [-0.3:%u.3]\nset yrange [-0.05:1.05]\nset cbrange [0:1]\n"
           "set cbtics ('best' 0, 'worst' 1)\nset colorbox noborder\n"
           "set bmargin 8\nset lmargin 24\nset style fill solid 1\nset palette "
           "negative\nplot $d using 1:2:3 with lines "
           "lw 1.2 lc palette\n",
           p - 1);
  bool good = lines && unit;
  free (lines);
  free (unit);
  return good ? GYM_OK : gym_fail (err, GYM_ENOMEM, "out of memory for the designs");
}

static bool
useful_parallel (const struct figure_input *input)
{
  return gym_results_designs (at_hand (input)->results) > 1
         && gym_space_size (at_hand (input)->study->space) > 1;
}

const struct figure figure_parallel = {
  .name = "parallel",
  .title = "Parallel coordinates",
  .doc =
      "Designs as lines over the parameters, each on its scale from lowest to highest: "
      "the best 60 (bright) and as many of the others.",
  .width = 900,
  .height = 460,
  .useful = useful_parallel,
  .draw = draw_parallel,
};
