/* What tables, comparisons and reports make of a store's studies: see analysis.h. */
#include "core/cmd/analysis.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

void
analysis_clear (struct analysis *a)
{
  gym_results_destroy (&a->results);
  free (a->scores);
  free (a->reference);
  *a = (struct analysis){ 0 };
}

void
analysis_close (gym_store **store, struct analysis **list, size_t n)
{
  for (size_t i = 0; *list && i < n; i++)
    analysis_clear (&(*list)[i]);
  free (*list);
  *list = NULL;
  gym_store_destroy (store);
}

/* ---- loading ---- */

/* A value as a name may show it: a file by its base name, as the identity keeps it. */
static void
show_value (json_t *value, char *text, size_t size)
{
  char *other = json_is_object (value) || json_is_string (value)
                    ? NULL
                    : json_dumps (value, JSON_ENCODE_ANY);
  const char *word = json_string_value (
      json_is_object (value) ? json_object_get (value, "name") : value);
  snprintf (text, size, "%.60s", word ? word : other ? other : "");
  free (other);
}

/* Whether another study of the same env has another value there. */
static bool
differs (const json_t *const *options, size_t n, const struct analysis *list, size_t i,
         const char *key)
{
  for (size_t k = 0; k < n; k++)
    if (strcmp (list[k].study->env, list[i].study->env) == 0
        && !json_equal (json_object_get (options[k], key),
                        json_object_get (options[i], key)))
      return true;
  return false;
}

/* Names studies by their env, its files, and what tells it from the other studies: all
 * options, most of them at their defaults, would hide that. */
static int
name_envs (struct analysis *list, size_t n, gym_error *err)
{
  const json_t **options = calloc (n + 1, sizeof *options);
  json_t **identities = calloc (n + 1, sizeof *identities), *value;
  const char *key;
  char text[64];
  for (size_t i = 0; options && identities && i < n; i++) {
    identities[i] = json_loads (list[i].study->env_identity, 0, NULL);
    options[i] = json_object_get (identities[i], "options");
  }
  for (size_t i = 0; options && identities && i < n; i++) {
    struct analysis *a = &list[i];
    size_t used = (size_t)snprintf (a->env, sizeof a->env, "%.60s", a->study->env);
    json_object_foreach ((json_t *)options[i], key, value)
    {
      show_value (value, text, sizeof text);
      if (text[0] && used < sizeof a->env
          && (json_is_object (value) || differs (options, n, list, i, key)))
        used += (size_t)snprintf (a->env + used, sizeof a->env - used, " %.40s=%s", key,
                                  text);
    }
  }
  bool good = options && identities;
  for (size_t i = 0; good && i < n; i++)
    json_decref (identities[i]);
  free (options);
  free (identities);
  return good ? GYM_OK : gym_fail (err, GYM_ENOMEM, "out of memory for the studies");
}

/* With the space before it, so that nothing prints one behind a pure number. */
static void
name_unit (struct analysis *a)
{
  const char *unit = gym_objective_goal_unit (a->study->objective, 0);
  if (a->study->m > 1)
    snprintf (a->unit, sizeof a->unit, " %%");
  else if (unit[0] && strcmp (unit, "1") != 0)
    snprintf (a->unit, sizeof a->unit, " %.28s", unit);
}

/* Agent random is what everything is measured against; its trials are random designs. */
static void
find_random (struct analysis *a)
{
  double *goals, sum = 0;
  size_t n = 0;
  a->random_agent = SIZE_MAX;
  a->random_mean = NAN;
  for (size_t i = 0; i < a->n_agents; i++)
    if (strncmp (gym_results_agent (a->results, i)->id, "random-v", 8) == 0)
      a->random_agent = i;
  goals = (double *)gym_results_goals (a->results);
  for (size_t i = 0; i < a->n_runs; i++) {
    const struct gym_result_run *run = gym_results_run (a->results, i);
    for (size_t k = run->first;
         run->agent == a->random_agent && k < run->first + run->trials; k++)
      if (!isnan (goals[k * a->study->m])) {
        sum += goals[k * a->study->m];
        n++;
      }
  }
  if (n > 0)
    a->random_mean = sum / (double)n;
}

/* ---- scores ---- */

/* The non-dominated results of a run join those that are there. */
static int
fill_archive (const struct analysis *a, size_t run, gym_archive *archive, gym_error *err)
{
  const struct gym_result_run *r = gym_results_run (a->results, run);
  const double *goals = gym_results_goals (a->results);
  int code = GYM_OK;
  for (size_t k = r->first; code >= 0 && k < r->first + r->trials; k++)
    if (!isnan (goals[k * a->study->m]))
      code = gym_archive_add (archive, goals + k * a->study->m, k, err);
  return code;
}

/* The worst of any run's own front, so that none counts nothing, and a tenth of the range
 * beyond, so that the ends count too. */
static int
place_reference (struct analysis *a, gym_archive *const *fronts, gym_error *err)
{
  uint32_t m = a->study->m;
  double *low = calloc (4 * (size_t)m, sizeof *low);
  a->reference = calloc (m, sizeof *a->reference);
  if (!low || !a->reference) {
    free (low);
    return gym_fail (err, GYM_ENOMEM, "out of memory for the scores");
  }
  double *high = low + m, *least = high + m, *most = least + m;
  for (uint32_t k = 0; k < m; k++)
    low[k] = high[k] = NAN;
  for (size_t i = 0; i < a->n_runs; i++) {
    size_t n = gym_archive_count (fronts[i]);
    gym_stats_extent (n ? gym_archive_point (fronts[i], 0) : NULL, n, m, least, most);
    for (uint32_t k = 0; k < m; k++) {
      low[k] = fmin (low[k], least[k]);
      high[k] = fmax (high[k], most[k]);
    }
  }
  for (uint32_t k = 0; k < m && !isnan (high[k]); k++)
    a->reference[k] =
        high[k] + fmax (0.1 * (high[k] - low[k]), 1e-9 * fabs (high[k]) + 1e-12);
  free (low);
  return GYM_OK;
}

/* Volumes of all fronts below the one reference; a run without a front has no score. */
static int
measure_fronts (struct analysis *a, gym_archive *const *fronts, gym_archive *all,
                gym_error *err)
{
  int code = gym_archive_hypervolume (all, a->reference, &a->volume, err);
  for (size_t i = 0; code >= 0 && i < a->n_runs; i++) {
    double volume = 0;
    code = gym_archive_hypervolume (fronts[i], a->reference, &volume, err);
    a->scores[i] =
        gym_archive_count (fronts[i]) && a->volume > 0 ? 1 - volume / a->volume : NAN;
  }
  return code;
}

static int
score_fronts (struct analysis *a, gym_error *err)
{
  gym_archive **fronts = calloc (a->n_runs + 1, sizeof *fronts);
  int code = fronts ? GYM_OK : gym_fail (err, GYM_ENOMEM, "out of memory for the fronts");
  gym_archive *all = code >= 0 ? gym_archive_new (a->study->m, err) : NULL;
  code = all ? code : GYM_ENOMEM;
  for (size_t i = 0; code >= 0 && i < a->n_runs; i++) {
    fronts[i] = gym_archive_new (a->study->m, err);
    code = fronts[i] ? fill_archive (a, i, fronts[i], err) : GYM_ENOMEM;
    if (code >= 0)
      code = fill_archive (a, i, all, err);
  }
  if (code >= 0)
    code = place_reference (a, fronts, err);
  if (code >= 0)
    code = measure_fronts (a, fronts, all, err);
  for (size_t i = 0; fronts && i < a->n_runs; i++)
    gym_archive_destroy (&fronts[i]);
  gym_archive_destroy (&all);
  free (fronts);
  return code < 0 ? code : GYM_OK;
}

/* The last point of a curve is where a run ended. */
static int
score (struct analysis *a, gym_error *err)
{
  a->scores = calloc (a->n_runs + 1, sizeof *a->scores);
  if (!a->scores)
    return gym_fail (err, GYM_ENOMEM, "out of memory for the scores");
  if (a->study->m > 1)
    return score_fronts (a, err);
  for (size_t i = 0; i < a->n_runs; i++) {
    const struct gym_result_run *run = gym_results_run (a->results, i);
    a->scores[i] = run->evaluated ? run->curve[run->evaluated - 1] : NAN;
  }
  return GYM_OK;
}

/* What the user says, or what the best run shows to be possible. */
static int
set_target (struct analysis *a, const char *text, gym_error *err)
{
  const gym_objective *o = a->study->objective;
  double best = NAN;
  a->target = NAN;
  if (text) {
    int code = gym_quantity_parse (text, gym_objective_goal_unit (o, 0), &a->target, err);
    a->target = gym_objective_inner (o, 0, a->target);
    return code;
  }
  for (size_t i = 0; i < a->n_runs; i++) {
    const struct gym_result_run *run = gym_results_run (a->results, i);
    if (run->evaluated)
      best = fmin (best, run->curve[run->evaluated - 1]);
  }
  a->target = best + 0.01 * fabs (best);
  snprintf (a->target_note, sizeof a->target_note, "within 1 %% of the best found");
  return GYM_OK;
}

int
analysis_load (gym_store *store, int64_t study, size_t designs, const char *target,
               struct analysis *a, gym_error *err)
{
  *a = (struct analysis){ 0 };
  a->results = gym_results_load (store, study, designs, err);
  if (!a->results)
    return err->code;
  a->study = gym_results_study (a->results);
  a->n_agents = gym_results_agents (a->results);
  a->n_runs = gym_results_runs (a->results);
  snprintf (a->env, sizeof a->env, "%.60s", a->study->env);
  name_unit (a);
  find_random (a);
  int code = score (a, err);
  if (code >= 0)
    code = set_target (a, target, err);
  if (code < 0)
    analysis_clear (a);
  return code;
}

/* A store may hold hundreds of studies; each is read once, in order of its number. */
static int
load_all (gym_store *store, int64_t study, size_t designs, const char *target,
          struct analysis **list, size_t *n, gym_error *err)
{
  gym_cursor *cursor = gym_store_studies (store, err);
  int code = cursor ? GYM_OK : err->code;
  while (code >= 0 && (code = gym_cursor_next (cursor, err)) == 1) {
    int64_t id = (int64_t)gym_cursor_number (cursor, 0);
    if (study && id != study)
      continue;
    struct analysis *more = realloc (*list, (*n + 1) * sizeof *more);
    if (!more) {
      code = gym_fail (err, GYM_ENOMEM, "out of memory for the studies");
      break;
    }
    *list = more;
    code = analysis_load (store, id, designs, target, &more[*n], err);
    *n += code >= 0;
  }
  gym_cursor_destroy (&cursor);
  if (code >= 0 && *n == 0)
    code = study ? gym_fail (err, GYM_ENOTFOUND, "the store has no study %lld",
                             (long long)study)
                 : gym_fail (err, GYM_ENOTFOUND, "the store has no study yet");
  return code < 0 ? code : name_envs (*list, *n, err);
}

int
analysis_open (const struct cli *cli, size_t designs, gym_store **store,
               struct analysis **list, size_t *n, gym_error *err)
{
  uint64_t study = 0;
  *store = NULL;
  *list = NULL;
  *n = 0;
  int code = cli_integer (cli, ANALYSIS_STUDY, 1, INT64_MAX, &study, err);
  if (code < 0)
    return code;
  *store = gym_store_open (cli_plain (cli, 0), err);
  return *store ? load_all (*store, (int64_t)study, designs,
                            cli_value (cli, ANALYSIS_TARGET), list, n, err)
                : err->code;
}

/* ---- reading ---- */

double
analysis_report (const struct analysis *a, double score)
{
  return a->study->m > 1 ? 100 * (1 - score)
                         : gym_objective_report (a->study->objective, 0, score);
}

size_t
analysis_scores (const struct analysis *a, size_t agent, double *scores)
{
  size_t n = 0;
  for (size_t i = 0; i < a->n_runs; i++)
    if (gym_results_run (a->results, i)->agent == agent)
      scores[n++] = a->scores[i];
  return n;
}

double
analysis_quantile (const double *scores, size_t n, double p)
{
  double *worst = calloc (n + 1, sizeof *worst), q;
  if (!worst)
    return NAN;
  for (size_t i = 0; i < n; i++)
    worst[i] = isnan (scores[i]) ? INFINITY : scores[i];
  q = gym_stats_quantile (worst, n, p);
  free (worst);
  return isfinite (q) ? q : NAN;
}

size_t
analysis_hits (const struct analysis *a, size_t agent, size_t *hits, size_t *lengths)
{
  size_t n = 0;
  for (size_t i = 0; i < a->n_runs; i++) {
    const struct gym_result_run *run = gym_results_run (a->results, i);
    if (run->agent != agent)
      continue;
    hits[n] = gym_stats_hit (run->curve, run->evaluated, a->target);
    lengths[n++] = run->evaluated;
  }
  return n;
}

double
analysis_improvement (const struct analysis *a, double score)
{
  return a->study->m > 1 ? NAN : gym_stats_improvement (a->random_mean, score);
}

double
analysis_hit_rate (const struct analysis *a, double goal)
{
  const double *goals = gym_results_goals (a->results);
  double n = 0, hits = 0;
  for (size_t i = 0; i < a->n_runs; i++) {
    const struct gym_result_run *run = gym_results_run (a->results, i);
    if (run->agent != a->random_agent)
      continue;
    n += (double)run->trials;
    for (size_t k = run->first; k < run->first + run->trials; k++)
      hits += goals[k * a->study->m] <= goal;
  }
  return n > 0 ? hits / n : NAN;
}

/* ---- taint ---- */

size_t
analysis_tainted (const struct analysis *a, size_t agent)
{
  size_t n = 0;
  for (size_t i = 0; i < a->n_runs; i++) {
    const struct gym_result_run *run = gym_results_run (a->results, i);
    n += run->tainted && (agent == SIZE_MAX || run->agent == agent);
  }
  return n;
}

const char *
analysis_taint (const struct analysis *a, char text[CMD_TAINT])
{
  return cmd_taint (analysis_tainted (a, SIZE_MAX), a->n_runs, text);
}

/* ---- finding agents ---- */

bool
analysis_is_id (const char *id, const char *word)
{
  const char *dash = strrchr (id, '-');
  size_t n = dash ? (size_t)(dash - id) : strlen (id);
  return strcmp (id, word) == 0 || (strlen (word) == n && strncmp (id, word, n) == 0);
}

/* Nobody of this name, or several. */
static int
fail_find (const struct analysis *a, const char *word, size_t matches, gym_error *err)
{
  enum { MOST = 64 };
  const char *labels[MOST];
  unsigned n = 0;
  for (size_t i = 0; i < a->n_agents && n < MOST; i++) {
    const struct gym_result_agent *agent = gym_results_agent (a->results, i);
    if (matches == 0 || analysis_is_id (agent->id, word))
      labels[n++] = agent->label;
  }
  if (matches == 0)
    return cli_unknown (err, GYM_ENOTFOUND, "agent", word, labels, n);
  char text[600] = "";
  for (size_t i = 0, used = 0; i < n && used + 60 < sizeof text; i++)
    used += (size_t)snprintf (text + used, sizeof text - used, "%s\"%.48s\"",
                              i ? ", " : "", labels[i]);
  return gym_fail (err, GYM_EINVAL,
                   "agent \"%s\" takes part with %zu settings: name one "
                   "by its label: %s",
                   word, matches, text);
}

int
analysis_find (const struct analysis *a, const char *word, size_t *agent, gym_error *err)
{
  size_t matches = 0;
  for (size_t i = 0; i < a->n_agents; i++)
    if (strcmp (gym_results_agent (a->results, i)->label, word) == 0) {
      *agent = i;
      return GYM_OK;
    }
  for (size_t i = 0; i < a->n_agents; i++)
    if (analysis_is_id (gym_results_agent (a->results, i)->id, word)) {
      *agent = i;
      matches++;
    }
  return matches == 1 ? GYM_OK : fail_find (a, word, matches, err);
}

/* ---- comparing ---- */

/* Scores of both agents for each seed that both have. */
static size_t
pair_up (const struct analysis *s, size_t a, size_t b, double *x, double *y)
{
  size_t n = 0;
  for (size_t i = 0; i < s->n_runs; i++) {
    const struct gym_result_run *one = gym_results_run (s->results, i);
    for (size_t k = 0; one->agent == a && k < s->n_runs; k++) {
      const struct gym_result_run *two = gym_results_run (s->results, k);
      if (two->agent != b || two->seed != one->seed)
        continue;
      x[n] = s->scores[i];
      y[n++] = s->scores[k];
      break;
    }
  }
  return n;
}

/* The interval of the median difference; only over pairs in which both found something.
 */
static int
find_difference (const double *x, const double *y, size_t n, struct comparison *c,
                 gym_error *err)
{
  enum { RESAMPLES = 10000 };
  double *d = malloc ((n + 1) * sizeof *d);
  size_t kept = 0;
  c->difference = (struct gym_interval){ NAN, NAN, NAN };
  if (!d)
    return gym_fail (err, GYM_ENOMEM, "out of memory for the pairs");
  for (size_t i = 0; i < n; i++)
    if (isfinite (y[i] - x[i]))
      d[kept++] = y[i] - x[i];
  int code = kept
                 ? gym_stats_bootstrap (d, kept, gym_stats_boot_median, GYM_BOOTSTRAP_BCA,
                                        0.95, RESAMPLES, 1, &c->difference, err)
                 : GYM_OK;
  free (d);
  return code;
}

int
analysis_compare (const struct analysis *s, size_t a, size_t b, struct comparison *c,
                  gym_error *err)
{
  double *x = calloc (2 * s->n_runs + 2, sizeof *x), *y = x + s->n_runs + 1;
  if (!x)
    return gym_fail (err, GYM_ENOMEM, "out of memory for the pairs");
  *c = (struct comparison){ .a = a, .b = b, .pairs = pair_up (s, a, b, x, y) };
  int code = gym_stats_signed_rank (x, y, c->pairs, &c->test, err);
  c->p = c->test.p;
  if (code >= 0)
    code = gym_stats_effect (x, c->pairs, y, c->pairs, &c->effect, err);
  if (code >= 0)
    code = find_difference (x, y, c->pairs, c, err);
  c->wins = gym_stats_wins (x, y, c->pairs);
  c->median_a = analysis_quantile (x, c->pairs, 0.5);
  c->median_b = analysis_quantile (y, c->pairs, 0.5);
  free (x);
  return code;
}

/* What was corrected before is corrected anew: from the tests' own p. */
int
analysis_correct (struct comparison *list, size_t n, gym_error *err)
{
  double *p = calloc (n + 1, sizeof *p);
  if (!p)
    return gym_fail (err, GYM_ENOMEM, "out of memory for the tests");
  for (size_t i = 0; i < n; i++)
    p[i] = list[i].test.p;
  int code = gym_stats_holm (p, n, p, err);
  for (size_t i = 0; i < n; i++)
    list[i].p = p[i];
  free (p);
  return code;
}

/* ---- words ---- */

/* Their thresholds of 0.56, 0.64 and 0.71, on either side. */
const char *
analysis_size (double effect)
{
  double away = fabs (effect - 0.5);
  return away < 0.06   ? "negligible"
         : away < 0.14 ? "small"
         : away < 0.21 ? "medium"
                       : "large";
}

/* Thousands are marked: budgets have many zeros. */
const char *
analysis_count (double count, char text[CMD_NUMBER])
{
  char plain[CMD_NUMBER];
  snprintf (plain, sizeof plain, count == floor (count) ? "%.0f" : "%g", count);
  size_t digits = strspn (plain, "0123456789"), n = strlen (plain), at = 0;
  for (size_t i = 0; i < n && at + 2 < CMD_NUMBER; i++) {
    if (i > 0 && i < digits && (digits - i) % 3 == 0)
      text[at++] = ',';
    text[at++] = plain[i];
  }
  text[at] = '\0';
  return text;
}

/* Which of the two is better is told by wins, and by the rank sum where they are even. */
void
analysis_verdict (const struct analysis *s, const struct comparison *c, size_t tests,
                  char text[ANALYSIS_TEXT])
{
  const char *a = gym_results_agent (s->results, c->a)->label;
  const char *b = gym_results_agent (s->results, c->b)->label;
  const char *corrected = tests > 1 ? ", Holm-corrected" : "";
  char budget[CMD_NUMBER];
  analysis_count (s->study->budget, budget);
  double all = (double)c->test.n * ((double)c->test.n + 1) / 2;
  bool first = c->test.statistic < all / 2;
  if (isnan (c->p))
    snprintf (text, ANALYSIS_TEXT, "%.80s and %.80s have no seed in common", a, b);
  else if (c->p < 0.05)
    snprintf (text, ANALYSIS_TEXT,
              "%.80s is better than %.80s at %s evaluations (p = %.2g%s; effect size "
              "A = %.2f, %s)",
              first ? a : b, first ? b : a, budget, c->p, corrected,
              first ? c->effect : 1 - c->effect, analysis_size (c->effect));
  else
    snprintf (text, ANALYSIS_TEXT,
              "no significant difference between %.80s and %.80s at %s evaluations "
              "(p = %.2g%s)",
              a, b, budget, c->p, corrected);
}

/* n pairs of one sign give 2^(1-n), and the smallest of several tests is multiplied by
 * their number. */
void
analysis_warning (const struct comparison *c, size_t tests, char text[ANALYSIS_TEXT])
{
  double smallest = c->test.smallest * (double)tests;
  size_t needed = 2;
  char many[64] = "";
  text[0] = '\0';
  if (!(smallest >= 0.05))
    return;
  while (ldexp ((double)tests, 1 - (int)needed) >= 0.05)
    needed++;
  if (tests > 1)
    snprintf (many, sizeof many, " and %zu tests", tests);
  snprintf (text, ANALYSIS_TEXT,
            "TOO FEW SEEDS: with %zu pair%s%s the smallest p there can be is %.3g, so "
            "that no difference, however large, could be significant at 0.05. Give at "
            "least %zu seeds, better %zu.",
            c->pairs, c->pairs == 1 ? "" : "s", many, fmin (1, smallest), needed,
            needed + 4);
}
