/* Figures of how fronts grow: hypervolume, IGD+ and additive epsilon over trials. */
#include "core/cmd/figures.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum kind { VOLUME, DISTANCE, EPSILON };

/* What the fronts of a study are measured against. */
struct measure {
  const struct analysis *a;
  enum kind kind;
  double *set; /* points of the front of all runs, scaled to [0,1] */
  size_t n_set;
  double *points; /* all trials on the same scale */
};

static void
measure_clear (struct measure *m)
{
  free (m->set);
  free (m->points);
}

/* The front of all runs together. */
static int
fill_joint (const struct analysis *a, gym_archive *joint, gym_error *err)
{
  const double *goals = gym_results_goals (a->results);
  int code = GYM_OK;
  for (size_t i = 0; code >= 0 && i < gym_results_trials (a->results); i++)
    if (!isnan (goals[i * a->study->m]))
      code = gym_archive_add (joint, goals + i * a->study->m, i, err);
  return code;
}

/* Distances between objectives of different units only mean something on one scale: from
 * the best of the joint front, which may be a point or two, to the worst of any run's. Of
 * a large front evenly chosen points stand for all. */
static int
scale_all (struct measure *m, const gym_archive *joint, gym_error *err)
{
  enum { MOST = 300 };
  uint32_t width = m->a->study->m;
  size_t n = gym_archive_count (joint), every = n / MOST + 1;
  size_t trials = gym_results_trials (m->a->results);
  double *low = calloc (2 * (size_t)width, sizeof *low), *high = low + width;
  m->set = calloc ((n / every + 1) * width, sizeof *m->set);
  m->points = calloc (trials * width + 1, sizeof *m->points);
  bool good = low && m->set && m->points;
  for (size_t i = 0; good && i < n; i += every)
    memcpy (m->set + m->n_set++ * width, gym_archive_point (joint, i),
            width * sizeof *m->set);
  if (good) {
    gym_stats_extent (n ? gym_archive_point (joint, 0) : NULL, n, width, low, high);
    memcpy (high, m->a->reference, width * sizeof *high);
    gym_stats_scale (m->set, m->n_set, width, low, high, m->set);
    gym_stats_scale (gym_results_goals (m->a->results), trials, width, low, high,
                     m->points);
  }
  free (low);
  return good ? GYM_OK : gym_fail (err, GYM_ENOMEM, "out of memory for the fronts");
}

/* A scaled objective that does not vary along the front is 0 for all, also where a trial
 * has no result: those are told by the objectives themselves. */
static void
mark_missing (struct measure *m)
{
  const double *goals = gym_results_goals (m->a->results);
  uint32_t width = m->a->study->m;
  for (size_t i = 0; i < gym_results_trials (m->a->results) * width; i++)
    if (isnan (goals[i]))
      m->points[i] = NAN;
}

/* Volumes need no more than the reference that scores have as well. */
static int
prepare (struct measure *m, gym_error *err)
{
  if (m->kind == VOLUME)
    return GYM_OK;
  gym_archive *joint = gym_archive_new (m->a->study->m, err);
  int code = joint ? fill_joint (m->a, joint, err) : GYM_ENOMEM;
  if (code >= 0)
    code = scale_all (m, joint, err);
  if (code >= 0)
    mark_missing (m);
  gym_archive_destroy (&joint);
  return code;
}

/* A run's curve; infinite while it has nothing. */
static int
measure_run (const struct measure *m, size_t run, const size_t *at, size_t n,
             double *values, gym_error *err)
{
  const struct gym_result_run *r = gym_results_run (m->a->results, run);
  uint32_t width = m->a->study->m;
  const double *points =
      m->kind == VOLUME ? gym_results_goals (m->a->results) : m->points;
  const struct gym_front_trials trials = { .points = points + r->first * width,
                                           .n = r->trials,
                                           .m = width,
                                           .reference = m->a->reference,
                                           .set = m->set,
                                           .n_set = m->n_set };
  int code = gym_stats_front_curves (&trials, at, n, m->kind == VOLUME ? values : NULL,
                                     m->kind == DISTANCE ? values : NULL,
                                     m->kind == EPSILON ? values : NULL, err);
  for (size_t i = 0; m->kind == VOLUME && code >= 0 && i < n; i++)
    values[i] *= 100 / m->a->volume;
  return code;
}

/* Quantiles over the runs of an agent, at each number of trials. */
static int
measure_agent (const struct measure *m, size_t agent, const size_t *at, size_t n,
               double *bands, gym_error *err)
{
  static const double shares[] = { 0.5, 0.25, 0.75 };
  size_t all = m->a->n_runs, runs = 0;
  double *values = calloc ((all + 1) * (n + 1), sizeof *values);
  int code = values ? GYM_OK : gym_fail (err, GYM_ENOMEM, "out of memory for a figure");
  for (size_t i = 0; code >= 0 && i < all; i++)
    if (gym_results_run (m->a->results, i)->agent == agent)
      code = measure_run (m, i, at, n, values + runs++ * n, err);
  for (size_t i = 0; code >= 0 && i < n; i++) {
    double *column = values + all * n;
    for (size_t r = 0; r < runs; r++)
      column[r] = values[r * n + i];
    for (int k = 0; k < 3; k++)
      bands[k * FIGURE_POINTS + i] = gym_stats_quantile (column, runs, shares[k]);
  }
  free (values);
  return code;
}

static double
show_as_is (const struct analysis *a, double value)
{
  (void)a;
  return value;
}

/* Trials rather than distinct evaluations: repeats change no front anyway. */
static int
draw (FILE *s, const struct figure_input *input, enum kind kind, const char *label,
      gym_error *err)
{
  const struct analysis *a = &input->all[input->at];
  struct measure m = { .a = a, .kind = kind };
  size_t agents[FIGURE_AGENTS], n = figure_agents (a, agents), at[FIGURE_POINTS];
  size_t longest = 2;
  double bands[3 * FIGURE_POINTS];
  int code = prepare (&m, err);
  for (size_t i = 0; i < a->n_runs; i++) {
    size_t trials = gym_results_run (a->results, i)->trials;
    longest = trials > longest ? trials : longest;
  }
  size_t points = gym_stats_grid (longest, FIGURE_POINTS, at);
  for (size_t i = 0; code >= 0 && i < n; i++) {
    code = measure_agent (&m, agents[i], at, points, bands, err);
    if (code >= 0)
      figure_bands (s, i, at, points, bands, show_as_is, a);
  }
  fprintf (s,
           "set logscale x\nset xlabel 'trials'\nset xrange [1:%zu]\nset yrange "
           "[0:*%s]\nset ylabel '%s'\n",
           longest, kind == VOLUME ? "" : "<2", label);
  figure_lines (s, a, agents, n);
  measure_clear (&m);
  return code;
}

/* Several goals, of which something was found. */
static bool
is_useful (const struct figure_input *input)
{
  return input->all[input->at].study->m > 1 && input->all[input->at].volume > 0;
}

static int
draw_volume (FILE *s, const struct figure_input *input, gym_error *err)
{
  return draw (s, input, VOLUME, "volume of the front [% of that of all runs]", err);
}

static int
draw_distance (FILE *s, const struct figure_input *input, gym_error *err)
{
  return draw (s, input, DISTANCE, "IGD+ [ranges of all fronts]", err);
}

static int
draw_epsilon (FILE *s, const struct figure_input *input, gym_error *err)
{
  return draw (s, input, EPSILON, "additive epsilon [ranges of all fronts]", err);
}

const struct figure figure_volume = {
  .name = "volume",
  .title = "Volume of the front",
  .doc =
      "Median and quartiles over runs of the hypervolume that a run's front dominates, "
      "as a share of that of the front of all runs together.",
  .width = 820,
  .height = 420,
  .useful = is_useful,
  .draw = draw_volume,
};

const struct figure figure_distance = {
  .name = "distance",
  .title = "Distance to the front",
  .doc =
      "Median and quartiles over runs of IGD+: how far, on average, the front of all "
      "runs is from what a run has found, each goal scaled to the range of all fronts. "
      "0 is best.",
  .width = 820,
  .height = 420,
  .useful = is_useful,
  .draw = draw_distance,
};

const struct figure figure_epsilon = {
  .name = "epsilon",
  .title = "Additive epsilon",
  .doc =
      "Median and quartiles over runs of the least amount by which all points of a run "
      "would have to improve to cover the front of all runs, each goal scaled to the "
      "range of all fronts: the distance at the worst place. 0 is best.",
  .width = 820,
  .height = 420,
  .useful = is_useful,
  .draw = draw_epsilon,
};
