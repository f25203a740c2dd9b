/* Figures of runs: how they get on, how soon they reach what, and how agents rank. */
#include "core/cmd/figures.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TARGETS = 51 };

static const struct analysis *
at_hand (const struct figure_input *input)
{
  return &input->all[input->at];
}

static const char *
label_of (const struct analysis *a, size_t agent)
{
  return gym_results_agent (a->results, agent)->label;
}

/* Whether anything was found at all. */
static bool
has_scores (const struct analysis *a)
{
  for (size_t i = 0; i < a->n_runs; i++)
    if (!isnan (a->scores[i]))
      return true;
  return false;
}

/* ---- best so far ---- */

/* Curves of an agent's runs: of goal 0, or of the volume that is missed. */
struct bundle {
  const double **values;
  double *own; /* volumes, where they had to be worked out */
  size_t *lengths, n, longest;
};

/* Curves themselves belong to the results. */
static void
bundle_clear (struct bundle *b)
{
  free (b->values);
  free (b->own);
  free (b->lengths);
}

/* Curves stay where they are; only their addresses are collected. */
static int
bundle_up (const struct analysis *a, size_t agent, struct bundle *b, gym_error *err)
{
  *b = (struct bundle){ .values = calloc (a->n_runs + 1, sizeof *b->values),
                        .lengths = calloc (a->n_runs + 1, sizeof *b->lengths) };
  if (!b->values || !b->lengths)
    return gym_fail (err, GYM_ENOMEM, "out of memory for the curves");
  for (size_t i = 0; i < a->n_runs; i++) {
    const struct gym_result_run *run = gym_results_run (a->results, i);
    if (run->agent != agent)
      continue;
    b->values[b->n] = run->curve;
    b->lengths[b->n++] = run->evaluated;
    b->longest = run->evaluated > b->longest ? run->evaluated : b->longest;
  }
  return GYM_OK;
}

/* Whether values that are all above 0 spread over more than a decade: only a logarithmic
 * scale then shows how runs end. */
static bool
wants_logarithm (const struct analysis *a)
{
  double low = INFINITY, high = 0;
  for (size_t i = 0; i < a->n_runs; i++) {
    const struct gym_result_run *run = gym_results_run (a->results, i);
    for (size_t k = 0; k < run->evaluated; k = k * 2 + 1)
      if (!isnan (run->curve[k])) {
        double value = gym_objective_report (a->study->objective, 0, run->curve[k]);
        low = fmin (low, value);
        high = fmax (high, value);
      }
  }
  return low > 0 && high > 10 * low;
}

/* In the user's terms. */
static double
show_goal (const struct analysis *a, double value)
{
  return gym_objective_report (a->study->objective, 0, value);
}

static int
draw_curves (FILE *s, const struct figure_input *input, gym_error *err)
{
  const struct analysis *a = at_hand (input);
  size_t agents[FIGURE_AGENTS], n = figure_agents (a, agents), at[FIGURE_POINTS];
  double bands[3 * FIGURE_POINTS];
  size_t longest = 1;
  int code = GYM_OK;
  for (size_t i = 0; code >= 0 && i < n; i++) {
    struct bundle b;
    code = bundle_up (a, agents[i], &b, err);
    size_t points = gym_stats_grid (b.longest, FIGURE_POINTS, at);
    struct gym_curves curves = { .n = b.n, .values = b.values, .lengths = b.lengths };
    if (code >= 0)
      code = gym_stats_bands (&curves, at, points, bands, bands + FIGURE_POINTS,
                              bands + 2 * FIGURE_POINTS, err);
    if (code >= 0)
      figure_bands (s, i, at, points, bands, show_goal, a);
    longest = b.longest > longest ? b.longest : longest;
    bundle_clear (&b);
  }
  fprintf (s, "set logscale x\nset xlabel 'evaluations'\nset xrange [1:%zu]\n", longest);
  if (wants_logarithm (a))
    fputs ("set logscale y\n", s);
  figure_axis (s, "y", a->study->objective, 0);
  figure_lines (s, a, agents, n);
  return code;
}

/* A curve of one goal: of several there is none. */
static bool
useful_curves (const struct figure_input *input)
{
  return at_hand (input)->study->m == 1 && has_scores (at_hand (input));
}

const struct figure figure_curves = {
  .name = "curves",
  .title = "Best so far",
  .doc = "Median and quartiles over runs of the best found after so many evaluations. A "
         "line begins where half of the runs have found something feasible.",
  .width = 820,
  .height = 420,
  .useful = useful_curves,
  .draw = draw_curves,
};

/* ---- running times ---- */

/* Targets of a study: from where random search, or any run, begins to the best found. */
static void
find_targets (const struct analysis *a, double targets[TARGETS])
{
  double start = -INFINITY, best = INFINITY;
  for (size_t i = 0; i < a->n_runs; i++) {
    const struct gym_result_run *run = gym_results_run (a->results, i);
    size_t k = 0;
    while (k < run->evaluated && isnan (run->curve[k]))
      k++;
    if (k == run->evaluated)
      continue;
    start = fmax (start, run->curve[k]);
    best = fmin (best, run->curve[run->evaluated - 1]);
  }
  gym_stats_targets (start, best, TARGETS, targets);
}

/* Adds the running times of an agent's runs to every target, as shares of the budget;
 * INFINITY for those never reached. */
static size_t
add_times (const struct analysis *a, const char *label, double *times)
{
  double targets[TARGETS];
  size_t n = 0;
  find_targets (a, targets);
  for (size_t i = 0; i < a->n_runs; i++) {
    const struct gym_result_run *run = gym_results_run (a->results, i);
    if (strcmp (label_of (a, run->agent), label) != 0)
      continue;
    for (size_t t = 0; t < TARGETS; t++) {
      size_t hit = gym_stats_hit (run->curve, run->evaluated, targets[t]);
      times[n++] = hit ? (double)hit / a->study->budget : INFINITY;
    }
  }
  return n;
}

/* Every run of every study, for every target. */
static size_t
room_for_times (const struct figure_input *input)
{
  size_t runs = 0;
  for (size_t i = 0; i < input->n; i++)
    runs += input->all[i].n_runs;
  return runs * TARGETS + 1;
}

/* A staircase thinned to a few hundred steps. */
static void
write_steps (FILE *s, size_t name, const double *sorted, size_t n, size_t finite)
{
  enum { STEPS = 300 };
  size_t every = finite / STEPS + 1;
  fprintf (s, "$d%zu << EOD\n", name);
  for (size_t i = 0; i < finite; i++)
    if (i % every == 0 || i + 1 == finite)
      fprintf (s, "%.6g %.6g\n", sorted[i], (double)(i + 1) / (double)n);
  if (finite)
    fprintf (s, "1 %.6g\n", (double)finite / (double)n);
  else
    fputs ("1 0\n", s);
  fputs ("EOD\n", s);
}

/* The plot command for the staircases of n agents. */
static void
plot_steps (FILE *s, const struct analysis *a, const size_t *agents, size_t n)
{
  fputs ("plot ", s);
  for (size_t i = 0; i < n; i++) {
    fprintf (s, "%s$d%zu using 1:2 with steps lw 2 dt %zu lc rgb '%s' title ",
             i ? ", " : "", i, i % 5 + 1, figure_colour (i));
    figure_text (s, label_of (a, agents[i]));
  }
  fputc ('\n', s);
}

/* The agents of the study at hand, by label, wherever else they take part. */
static int
draw_ecdf (FILE *s, const struct figure_input *input, gym_error *err)
{
  const struct analysis *a = at_hand (input);
  size_t agents[FIGURE_AGENTS], n = figure_agents (a, agents);
  double *times = calloc (room_for_times (input), sizeof *times);
  if (!times)
    return gym_fail (err, GYM_ENOMEM, "out of memory for running times");
  for (size_t i = 0; i < n; i++) {
    size_t count = 0;
    for (size_t k = 0; k < input->n; k++)
      if (input->all[k].study->m == 1 && has_scores (&input->all[k]))
        count += add_times (&input->all[k], label_of (a, agents[i]), times + count);
    write_steps (s, i, times, count, gym_stats_ecdf (times, count, times));
  }
  free (times);
  fprintf (s,
           "set logscale x\nset xlabel 'evaluations / budget'\nset yrange [0:1]\n"
           "set xrange [%g:1]\nset ylabel 'share of targets reached'\n",
           fmin (0.5, 1 / a->study->budget));
  plot_steps (s, a, agents, n);
  return GYM_OK;
}

static bool
useful_ecdf (const struct figure_input *input)
{
  return useful_curves (input);
}

const struct figure figure_ecdf = {
  .name = "ecdf",
  .title = "Running times",
  .doc =
      "Share of all targets, over studies and seeds, that an agent has reached after so "
      "many evaluations (COCO's empirical distribution): 51 targets a study from where "
      "runs begin to the best found, on a logarithmic scale.",
  .whole = true,
  .width = 820,
  .height = 420,
  .useful = useful_ecdf,
  .draw = draw_ecdf,
};

/* ---- profiles ---- */

/* Costs of agents on problems (study and seed): evaluations to the target. */
static size_t
find_costs (const struct figure_input *input, const size_t *agents, size_t n,
            double *cost)
{
  const struct analysis *first = at_hand (input);
  size_t problems = 0;
  for (size_t k = 0; k < input->n; k++) {
    const struct analysis *a = &input->all[k];
    for (size_t i = 0; a->study->m == 1 && i < a->n_runs; i++) {
      const struct gym_result_run *run = gym_results_run (a->results, i);
      if (run->agent != 0)
        continue;
      for (size_t j = 0; j < n; j++) {
        cost[problems * n + j] = INFINITY;
        for (size_t r = 0; r < a->n_runs; r++) {
          const struct gym_result_run *other = gym_results_run (a->results, r);
          size_t hit = gym_stats_hit (other->curve, other->evaluated, a->target);
          if (other->seed == run->seed && hit
              && strcmp (label_of (a, other->agent), label_of (first, agents[j])) == 0)
            cost[problems * n + j] = (double)hit;
        }
      }
      problems++;
    }
  }
  return problems;
}

/* Up to the slowest that still gets there: beyond it nothing changes. */
static int
draw_profile (FILE *s, const struct figure_input *input, gym_error *err)
{
  const struct analysis *a = at_hand (input);
  size_t agents[FIGURE_AGENTS], n = figure_agents (a, agents), room = 0;
  for (size_t k = 0; k < input->n; k++)
    room += input->all[k].n_runs;
  double *cost = calloc (2 * room * n + 2, sizeof *cost), *ratios = cost + room * n + 1;
  if (!cost)
    return gym_fail (err, GYM_ENOMEM, "out of memory for profiles");
  size_t problems = find_costs (input, agents, n, cost);
  int code = gym_stats_profile (cost, problems, n, ratios, err);
  for (size_t i = 0; code >= 0 && i < n; i++) {
    fprintf (s, "$d%zu << EOD\n1 0\n", i);
    for (size_t k = 0; k < problems && isfinite (ratios[i * problems + k]); k++)
      fprintf (s, "%.6g %.6g\n", ratios[i * problems + k],
               (double)(k + 1) / (double)problems);
    fputs ("EOD\n", s);
  }
  free (cost);
  fputs ("set logscale x\nset xlabel 'evaluations to the target / those of the fastest "
         "agent'\nset ylabel 'share of studies and seeds'\nset yrange [0:1]\n",
         s);
  plot_steps (s, a, agents, n);
  return code;
}

/* One agent is always the fastest. */
static bool
useful_profile (const struct figure_input *input)
{
  return useful_curves (input) && at_hand (input)->n_agents > 1;
}

const struct figure figure_profile = {
  .name = "profile",
  .title = "Performance profile",
  .doc =
      "Share of studies and seeds in which an agent reaches the target with at most so "
      "many times the evaluations of the fastest agent there (Dolan and More 2002). At "
      "the left: how often it is the fastest; at the right: how often it gets there.",
  .whole = true,
  .width = 820,
  .height = 420,
  .useful = useful_profile,
  .draw = draw_profile,
};

/* ---- critical differences ---- */

/* Scores of the drawn agents in every study and seed that all of them have. */
static size_t
find_blocks (const struct figure_input *input, const size_t *agents, size_t n,
             double *values)
{
  const struct analysis *first = at_hand (input);
  size_t blocks = 0;
  for (size_t k = 0; k < input->n; k++) {
    const struct analysis *a = &input->all[k];
    for (size_t i = 0; i < a->n_runs; i++) {
      const struct gym_result_run *run = gym_results_run (a->results, i);
      size_t found = 0;
      if (strcmp (label_of (a, run->agent), label_of (first, agents[0])) != 0)
        continue;
      for (size_t j = 0; j < n; j++)
        for (size_t r = 0; r < a->n_runs; r++) {
          const struct gym_result_run *other = gym_results_run (a->results, r);
          if (other->seed != run->seed
              || strcmp (label_of (a, other->agent), label_of (first, agents[j])) != 0)
            continue;
          values[blocks * n + j] = a->scores[r];
          found++;
          break;
        }
      blocks += found == n;
    }
  }
  return blocks;
}

struct ranked {
  double rank;
  size_t agent;
};

/* The best first. */
static int
by_rank (const void *a, const void *b)
{
  const struct ranked *x = a, *y = b;
  return (x->rank > y->rank) - (x->rank < y->rank);
}

/* Demsar's diagram (2006): an axis of ranks, a leg down from it for each agent, half of
 * them to each side, and bars that join what does not differ. */
static void
write_diagram (FILE *s, const struct analysis *a, const struct ranked *order, size_t n,
               double distance)
{
  double k = (double)n, level = 0.32;
  size_t bars = 0;
  fprintf (s,
           "unset border\nunset grid\nunset ytics\nunset xtics\n"
           "set xrange [%g:%g]\nset yrange [%g:1.1]\n"
           "set arrow from 1,0 to %zu,0 nohead lw 1.5 lc rgb '#010203'\n",
           1 - 0.6 * k, k + 0.6 * k, -1.1 - 0.55 * (k / 2), n);
  for (size_t i = 1; i <= n; i++)
    fprintf (s,
             "set arrow from %zu,0 to %zu,0.1 nohead lc rgb '#010203'\n"
             "set label '%zu' at %zu,0.27 center textcolor rgb '#010203'\n",
             i, i, i, i);
  fprintf (s,
           "set arrow from 1,0.62 to %g,0.62 heads size screen 0.006,90 lw 2 lc rgb "
           "'#010203'\nset label 'critical difference %.2f' at 1,0.88 textcolor rgb "
           "'#010203'\n",
           1 + distance, distance);
  for (size_t i = 0; i < n; i++) {
    bool left = i < (n + 1) / 2;
    size_t row = left ? i : n - 1 - i;
    double y = -0.7 - 0.55 * (double)row, x = left ? 0.8 : k + 0.2;
    fprintf (s, "set arrow from %g,0 to %g,%g nohead lc rgb '%s'\n", order[i].rank,
             order[i].rank, y, figure_colour (i));
    fprintf (s, "set arrow from %g,%g to %g,%g nohead lc rgb '%s'\nset label ",
             order[i].rank, y, x, y, figure_colour (i));
    char text[96];
    snprintf (text, sizeof text, "%.48s  %.2f", label_of (a, order[i].agent),
              order[i].rank);
    figure_text (s, text);
    fprintf (s, " at %g,%g %s textcolor rgb '#010203'\n", left ? x - 0.05 : x + 0.05, y,
             left ? "right" : "left");
  }
  for (size_t i = 0, reached = 0; i < n; i++) {
    size_t j = i;
    while (j + 1 < n && order[j + 1].rank - order[i].rank < distance)
      j++;
    if (j == i || j <= reached)
      continue;
    reached = j;
    level = -0.16 - 0.13 * (double)bars++;
    fprintf (s, "set arrow from %g,%g to %g,%g nohead lw 5 lc rgb '#888888'\n",
             order[i].rank - 0.03, level, order[j].rank + 0.03, level);
  }
  fputs ("plot NaN\n", s);
}

/* Ranks need blocks in which every drawn agent took part. */
static int
draw_ranks (FILE *s, const struct figure_input *input, gym_error *err)
{
  const struct analysis *a = at_hand (input);
  size_t agents[FIGURE_AGENTS], n = figure_agents (a, agents), room = 0;
  double ranks[FIGURE_AGENTS];
  struct ranked order[FIGURE_AGENTS];
  struct gym_test test;
  for (size_t k = 0; k < input->n; k++)
    room += input->all[k].n_runs;
  double *values = calloc (room * n + 1, sizeof *values);
  if (!values)
    return gym_fail (err, GYM_ENOMEM, "out of memory for the ranks");
  size_t blocks = find_blocks (input, agents, n, values);
  int code = gym_stats_friedman (values, blocks, n, ranks, &test, err);
  free (values);
  for (size_t i = 0; i < n; i++)
    order[i] = (struct ranked){ .rank = blocks ? ranks[i] : 1, .agent = agents[i] };
  qsort (order, n, sizeof *order, by_rank);
  write_diagram (s, a, order, n,
                 gym_stats_critical_difference (blocks ? blocks : 1, n, 0.05));
  return code;
}

static bool
useful_ranks (const struct figure_input *input)
{
  return at_hand (input)->n_agents > 1 && has_scores (at_hand (input));
}

const struct figure figure_ranks = {
  .name = "ranks",
  .title = "Critical differences",
  .doc =
      "Mean ranks of the agents over studies and seeds, 1 the best. Agents joined by a "
      "bar do not differ significantly (Nemenyi's test at 0.05).",
  .whole = true,
  .width = 820,
  .height = 260,
  .useful = useful_ranks,
  .draw = draw_ranks,
};

/* ---- the lottery ---- */

struct setting {
  const char *id;
  double score;
};

/* By id, and within one the best first. */
static int
by_id (const void *a, const void *b)
{
  const struct setting *x = a, *y = b;
  int order = strcmp (x->id, y->id);
  return order ? order : (x->score > y->score) - (x->score < y->score);
}

/* Boxes and every setting as a dot, one place a id. */
static void
write_boxes (FILE *s, const struct analysis *a, const struct setting *list, size_t n)
{
  fputs ("$box << EOD\n", s);
  size_t place = 0;
  for (size_t first = 0, last; first < n; first = last) {
    double values[5], *scores = calloc (n + 1, sizeof *scores);
    for (last = first; last < n && strcmp (list[last].id, list[first].id) == 0; last++)
      if (scores)
        scores[last - first] = list[last].score;
    for (int q = 0; q < 5; q++)
      values[q] =
          scores
              ? analysis_report (a, gym_stats_quantile (scores, last - first, 0.25 * q))
              : NAN;
    free (scores);
    fprintf (s, "%zu", ++place);
    for (int q = 0; q < 5; q++) {
      fputc (' ', s);
      figure_number (s, values[q]);
    }
    fputc (' ', s);
    char text[96];
    snprintf (text, sizeof text, "%.40s (%zu)", list[first].id, last - first);
    figure_text (s, text);
    fputc ('\n', s);
  }
  fputs ("EOD\n$dots << EOD\n", s);
  place = 0;
  for (size_t i = 0; i < n; i++) {
    place += i == 0 || strcmp (list[i].id, list[i - 1].id) != 0;
    fprintf (s, "%.4f ", (double)place + 0.28 + 0.012 * (double)(i * 7 % 10));
    figure_number (s, analysis_report (a, list[i].score));
    fputc ('\n', s);
  }
  fprintf (s, "EOD\nset xrange [0.4:%g]\n", (double)place + 0.7);
}

/* Settings that found nothing have no dot. */
static int
draw_lottery (FILE *s, const struct figure_input *input, gym_error *err)
{
  const struct analysis *a = at_hand (input);
  struct setting *list = calloc (a->n_agents + 1, sizeof *list);
  double *scores = calloc (a->n_runs + 1, sizeof *scores);
  size_t n = 0;
  int code = list && scores ? GYM_OK : gym_fail (err, GYM_ENOMEM, "out of memory");
  for (size_t i = 0; code >= 0 && i < a->n_agents; i++) {
    double m = analysis_quantile (scores, analysis_scores (a, i, scores), 0.5);
    if (!isnan (m))
      list[n++] =
          (struct setting){ .id = gym_results_agent (a->results, i)->id, .score = m };
  }
  if (code >= 0) {
    qsort (list, n, sizeof *list, by_id);
    write_boxes (s, a, list, n);
    if (a->study->m == 1)
      figure_axis (s, "y", a->study->objective, 0);
    else
      fputs ("set ylabel 'volume of the front [% of that of all runs]'\n", s);
    fputs ("unset key\nset boxwidth 0.35\nset xtics scale 0\n"
           "plot $box using 1:3:2:6:5:xtic(7) with candlesticks whiskerbars 0.5 lc rgb "
           "'#0072B2' fs solid 0.25 border lc rgb '#0072B2', $box using 1:4:4:4:4 with "
           "candlesticks lw 2 lc rgb '#D55E00', $dots using 1:2 with points pt 7 ps 0.35 "
           "lc rgb '#888888'\n",
           s);
  }
  free (list);
  free (scores);
  return code;
}

/* Two agents of one id. */
static bool
useful_lottery (const struct figure_input *input)
{
  const struct analysis *a = at_hand (input);
  for (size_t i = 0; i < a->n_agents; i++)
    for (size_t k = i + 1; k < a->n_agents; k++)
      if (strcmp (gym_results_agent (a->results, i)->id,
                  gym_results_agent (a->results, k)->id)
          == 0)
        return has_scores (a);
  return false;
}

const struct figure figure_lottery = {
  .name = "lottery",
  .title = "The hyperparameter lottery",
  .doc =
      "Every dot is a setting of an agent, by the median over seeds of its best; boxes "
      "are quartiles over settings, with their number in brackets. Where boxes are "
      "taller than the distance between their better ends, settings matter more than "
      "the choice of agent.",
  .width = 820,
  .height = 420,
  .useful = useful_lottery,
  .draw = draw_lottery,
};
