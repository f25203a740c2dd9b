/* gym compare: which of two agents is better, and how sure that is. */
#include "core/cmd/analysis.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* One line of the table: a heading, which if it is long has a line of its own, and what
 * both agents have. */
static void
print_line (const char *heading, const char *a, const char *b)
{
  if (strlen (heading) > 40) {
    printf ("  %s\n", heading);
    heading = "";
  }
  printf ("  %-40s  %16s  %16s\n", heading, a, b);
}

/* Six digits, "-" where there is none. */
static const char *
number (double value, char text[CMD_NUMBER])
{
  cmd_short_number (value, text);
  return text[0] ? text : strcpy (text, "-");
}

/* A share as such, "-" where it is unknown. */
static const char *
percent (double share, const char *form, char text[CMD_NUMBER])
{
  snprintf (text, CMD_NUMBER, isnan (share) ? "-" : form, 100 * share);
  return text;
}

/* What one of the two came to. */
struct side {
  double *scores;
  size_t *hits, *lengths, n;
  double median, q1, q3;
};

/* Scores and running times of an agent's runs. */
static int
fill_side (const struct analysis *s, size_t agent, struct side *side, gym_error *err)
{
  side->scores = calloc (s->n_runs + 1, sizeof *side->scores);
  side->hits = calloc (2 * s->n_runs + 2, sizeof *side->hits);
  if (!side->scores || !side->hits)
    return gym_fail (err, GYM_ENOMEM, "out of memory for the comparison");
  side->lengths = side->hits + s->n_runs + 1;
  side->n = analysis_scores (s, agent, side->scores);
  analysis_hits (s, agent, side->hits, side->lengths);
  side->median = analysis_quantile (side->scores, side->n, 0.5);
  side->q1 = analysis_quantile (side->scores, side->n, 0.25);
  side->q3 = analysis_quantile (side->scores, side->n, 0.75);
  return GYM_OK;
}

/* The best of the runs, and what it is worth beside random designs. */
static void
print_scores (const struct analysis *s, const struct side *a, const struct side *b)
{
  char heading[160], x[CMD_NUMBER], y[CMD_NUMBER];
  snprintf (heading, sizeof heading, "%.60s, median%s%.28s",
            s->study->m > 1 ? "share of the joint front"
                            : gym_objective_goal_text (s->study->objective, 0),
            s->unit[0] ? "," : "", s->unit);
  print_line (heading, number (analysis_report (s, a->median), x),
              number (analysis_report (s, b->median), y));
  print_line ("  quartile 1", number (analysis_report (s, a->q1), x),
              number (analysis_report (s, b->q1), y));
  print_line ("  quartile 3", number (analysis_report (s, a->q3), x),
              number (analysis_report (s, b->q3), y));
  if (s->study->m == 1 && s->random_agent != SIZE_MAX) {
    print_line ("better than the mean random design by",
                percent (analysis_improvement (s, a->median), "%.2f %%", x),
                percent (analysis_improvement (s, b->median), "%.2f %%", y));
    print_line ("random designs that are as good",
                percent (analysis_hit_rate (s, a->median), "%.3g %%", x),
                percent (analysis_hit_rate (s, b->median), "%.3g %%", y));
  }
}

/* How soon: the other half of what an agent is chosen for. */
static void
print_running_times (const struct analysis *s, const struct side *a, const struct side *b)
{
  char x[CMD_NUMBER], y[CMD_NUMBER], heading[96], target[CMD_NUMBER];
  if (s->study->m > 1 || isnan (s->target))
    return;
  number (gym_objective_report (s->study->objective, 0, s->target), target);
  snprintf (heading, sizeof heading, "runs that reach %.20s%.20s", target, s->unit);
  print_line (heading, percent (gym_stats_success (a->hits, a->n), "%.0f %%", x),
              percent (gym_stats_success (b->hits, b->n), "%.0f %%", y));
  double times[2] = { gym_stats_expected_running_time (a->hits, a->lengths, a->n),
                      gym_stats_expected_running_time (b->hits, b->lengths, b->n) };
  snprintf (x, sizeof x, isfinite (times[0]) ? "%.0f" : "never", times[0]);
  snprintf (y, sizeof y, isfinite (times[1]) ? "%.0f" : "never", times[1]);
  print_line ("  expected evaluations, with restarts", x, y);
}

/* The numbers behind the verdict. */
static void
print_test (const struct analysis *s, const struct comparison *c, size_t tests)
{
  char x[CMD_NUMBER], y[CMD_NUMBER];
  snprintf (x, sizeof x, "%zu", c->wins.wins);
  snprintf (y, sizeof y, "%zu", c->wins.losses);
  print_line ("wins", x, y);
  if (c->wins.ties)
    printf ("  %-40s  %16zu\n", "  ties", c->wins.ties);
  snprintf (x, sizeof x, "%.2f", c->effect);
  snprintf (y, sizeof y, "%.2f", 1 - c->effect);
  print_line ("chance to be better (A)", x, y);
  printf ("  effect size %s; Wilcoxon signed-rank test of %zu pairs, %s: p = %.3g",
          analysis_size (c->effect), c->pairs, c->test.exact ? "exact" : "approximate",
          c->test.p);
  if (tests > 1)
    printf (", %.3g after Holm's correction for %zu tests", c->p, tests);
  putchar ('\n');
  if (isnan (c->difference.low))
    return;
  double sign = s->study->m > 1                                                     ? 100
                : gym_objective_goal_sense (s->study->objective, 0) == GYM_MAXIMISE ? -1
                                                                                    : 1;
  double ends[2] = { sign * c->difference.low, sign * c->difference.high };
  printf ("  median difference %s%s, 95 %% interval [%s, %s] (bootstrap, BCa)\n",
          number (sign * c->difference.estimate, x), s->unit,
          cmd_short_number (fmin (ends[0], ends[1]), (char[CMD_NUMBER]){ 0 }),
          cmd_short_number (fmax (ends[0], ends[1]), y));
}

/* What the numbers below are about. */
static void
print_heading (const struct analysis *s, const char *a, const char *b)
{
  char budget[CMD_NUMBER], mean[CMD_NUMBER];
  printf ("study %lld: %s, %s, %s evaluations a run\n", (long long)s->study->study,
          s->env, gym_objective_text (s->study->objective),
          analysis_count (s->study->budget, budget));
  if (s->study->m == 1 && !isnan (s->random_mean))
    printf ("mean random design: %s%s\n",
            number (gym_objective_report (s->study->objective, 0, s->random_mean), mean),
            s->unit);
  else if (s->random_agent == SIZE_MAX)
    printf ("no agent \"random\" in this study: nothing to measure scores against\n");
  putchar ('\n');
  char x[CMD_NUMBER], y[CMD_NUMBER];
  snprintf (x, sizeof x, "%.16s", a);
  snprintf (y, sizeof y, "%.16s", b);
  print_line ("", x, y);
}

/* As loud as too few seeds. */
static void
print_taint (const struct analysis *s)
{
  char text[CMD_TAINT];
  if (analysis_taint (s, text)[0]) {
    printf ("!! ");
    cli_fill (stdout, text, 3, 3);
  }
}

/* Everything about one pair; what people look for comes first. */
static int
print_pair (const struct analysis *s, const struct comparison *c, size_t tests,
            gym_error *err)
{
  struct side a = { 0 }, b = { 0 };
  char text[ANALYSIS_TEXT];
  int code = fill_side (s, c->a, &a, err);
  if (code >= 0)
    code = fill_side (s, c->b, &b, err);
  if (code >= 0) {
    analysis_verdict (s, c, tests, text);
    printf ("=> %s\n", text);
    analysis_warning (c, tests, text);
    if (text[0]) {
      printf ("!! ");
      cli_fill (stdout, text, 3, 3);
    }
    print_taint (s);
    print_heading (s, gym_results_agent (s->results, c->a)->label,
                   gym_results_agent (s->results, c->b)->label);
    print_scores (s, &a, &b);
    print_running_times (s, &a, &b);
    print_test (s, c, tests);
  }
  free (a.scores);
  free (a.hits);
  free (b.scores);
  free (b.hits);
  return code;
}

/* Without names: all pairs, a line each. */
static void
print_short (const struct analysis *s, const struct comparison *list, size_t n)
{
  char text[ANALYSIS_TEXT];
  for (size_t i = 0; i < n; i++) {
    analysis_verdict (s, &list[i], n, text);
    printf ("=> %s\n", text);
  }
  if (n > 0) { /* all pairs have the same seeds, or nearly so */
    analysis_warning (&list[0], n, text);
    if (text[0]) {
      printf ("!! ");
      cli_fill (stdout, text, 3, 3);
    }
  }
}

/* Mean ranks over seeds, and how far apart two must be. */
static int
print_ranks (const struct analysis *s, gym_error *err)
{
  size_t k = s->n_agents, n = 0;
  double *values = malloc ((s->n_runs + 1) * sizeof *values), *ranks;
  ranks = malloc ((k + 1) * sizeof *ranks);
  if (!values || !ranks) {
    free (values);
    free (ranks);
    return gym_fail (err, GYM_ENOMEM, "out of memory for the ranks");
  }
  /* Runs come in order of agents, then seeds: blocks are seeds that all agents have; a
   * seed that one of them lacks says nothing about ranks. */
  for (size_t i = 0; i < s->n_runs && gym_results_run (s->results, i)->agent == 0; i++) {
    uint64_t seed = gym_results_run (s->results, i)->seed;
    size_t found = 0;
    for (size_t r = 0; r < s->n_runs; r++)
      if (gym_results_run (s->results, r)->seed == seed && found < k
          && n * k + found < s->n_runs)
        values[n * k + found++] = s->scores[r];
    n += found == k;
  }
  struct gym_test test;
  int code = gym_stats_friedman (values, n, k, ranks, &test, err);
  if (code >= 0 && !isnan (test.p)) {
    double distance = gym_stats_critical_difference (n, k, 0.05);
    printf ("\nFriedman's test over %zu seeds: p = %.3g. Mean ranks (1 is best; two that "
            "are %.2f\napart differ, Nemenyi at 0.05):\n",
            n, test.p, distance);
    for (size_t i = 0; i < k; i++)
      printf ("  %5.2f  %s\n", ranks[i], gym_results_agent (s->results, i)->label);
  }
  free (values);
  free (ranks);
  return code;
}

/* All pairs of a study, as long as a person can read them. */
static int
compare_all (const struct analysis *s, gym_error *err)
{
  enum { MOST = 16 };
  size_t n = 0, k = s->n_agents;
  if (k < 2)
    return gym_fail (err, GYM_EINVAL,
                     "study %lld has one agent: there is nothing to "
                     "compare",
                     (long long)s->study->study);
  if (k > MOST)
    return gym_fail (err, GYM_EINVAL,
                     "study %lld has %zu agents and settings: name the two "
                     "to compare (gym table lists them)",
                     (long long)s->study->study, k);
  struct comparison *list = calloc (k * k, sizeof *list);
  int code = list ? GYM_OK : gym_fail (err, GYM_ENOMEM, "out of memory for the pairs");
  for (size_t a = 0; code >= 0 && a < k; a++)
    for (size_t b = a + 1; code >= 0 && b < k; b++)
      code = analysis_compare (s, a, b, &list[n++], err);
  if (code >= 0)
    code = analysis_correct (list, n, err);
  /* Two agents are all there is to say: at length. */
  if (code >= 0 && n == 1)
    code = print_pair (s, &list[0], 1, err);
  else if (code >= 0) {
    char budget[CMD_NUMBER];
    printf ("study %lld: %s, %s, %s evaluations a run\n", (long long)s->study->study,
            s->env, gym_objective_text (s->study->objective),
            analysis_count (s->study->budget, budget));
    print_taint (s);
    print_short (s, list, n);
    code = print_ranks (s, err);
  }
  free (list);
  return code;
}

/* The two agents in every study that is looked at; all tests corrected together. */
static int
compare_two (struct analysis *all, size_t n, const char *a, const char *b, gym_error *err)
{
  struct comparison *list = calloc (n, sizeof *list);
  int code = list ? GYM_OK : gym_fail (err, GYM_ENOMEM, "out of memory for the pairs");
  for (size_t i = 0; code >= 0 && i < n; i++) {
    size_t x, y;
    code = analysis_find (&all[i], a, &x, err);
    if (code >= 0)
      code = analysis_find (&all[i], b, &y, err);
    if (code >= 0 && x == y)
      code = gym_fail (err, GYM_EINVAL, "\"%s\" and \"%s\" are the same agent", a, b);
    if (code >= 0)
      code = analysis_compare (&all[i], x, y, &list[i], err);
    if (code < 0 && n > 1)
      gym_error_prefix (err, "study %lld", (long long)all[i].study->study);
  }
  if (code >= 0)
    code = analysis_correct (list, n, err);
  for (size_t i = 0; code >= 0 && i < n; i++) {
    if (i > 0)
      putchar ('\n');
    code = print_pair (&all[i], &list[i], n, err);
  }
  free (list);
  return code;
}

/* Two words or none: one agent has nothing to be compared with. */
static int
run (const struct cli *cli, gym_error *err)
{
  size_t words = cli_plain_count (cli), n;
  gym_store *store;
  struct analysis *all;
  if (words == 2)
    return gym_fail (err, CLI_EUSAGE,
                     "give two agents to compare, or none for all pairs");
  int code = analysis_open (cli, 0, &store, &all, &n, err);
  if (code >= 0 && words == 3)
    code = compare_two (all, n, cli_plain (cli, 1), cli_plain (cli, 2), err);
  else
    for (size_t i = 0; code >= 0 && i < n; i++) {
      if (i > 0)
        putchar ('\n');
      code = compare_all (&all[i], err);
    }
  analysis_close (&store, &all, n);
  return code < 0 ? code : CLI_OK;
}

static const struct cli_option options[] = { ANALYSIS_OPTIONS (ANALYSIS_ALL), { 0 } };

const struct cli_command cmd_compare = {
  .name = "compare",
  .arguments = "FILE [AGENT AGENT] [--study ID] [--target VALUE]",
  .summary = "Compare agents, and tell how sure the difference is",
  .doc =
      "Compares the best of each run of two agents, seed by seed: a verdict in a "
      "sentence, medians and quartiles, what they are worth against the mean random "
      "design and how many random designs are as good, running times to a target, "
      "wins, effect size, and Wilcoxon's signed-rank test, corrected after Holm when "
      "the store has several studies. Agents go by label, or by id where that is one "
      "alone; without names all pairs are compared, with Friedman's test and Nemenyi's "
      "critical difference.\n\n"
      "Several goals are compared by the volume that a run's front dominates.",
  .options = options,
  .least = 1,
  .most = 3,
  .run = run,
};
