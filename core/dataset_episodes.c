/* core/dataset_episodes.c - runs as episodes, in the terms of RLDS.
 *
 * What a step shows is made again from the log as gym_episode makes it during a search:
 * running moments of the metrics (Welford 1962), and the objective's inner value. */
#include <config.h>

#include "core/dataset_inside.h"

#include "core/text.h"

#include <gym/env.h>
#include <math.h>

/* ---- what is seen ---- */

static void
start (struct dataset_episode *e)
{
  uint32_t m = e->dataset->metrics.n;
  e->count = 0;
  memset (e->mean, 0, m * sizeof *e->mean);
  memset (e->square, 0, m * sizeof *e->square);
  memset (e->observation, 0, m * sizeof *e->observation);
}

/* Metrics that are not known are observed as 0. */
static void
observe (struct dataset_episode *e, const double *metrics, bool ok)
{
  e->count += ok;
  for (uint32_t i = 0; i < e->dataset->metrics.n; i++) {
    e->observation[i] = 0;
    if (!ok || isnan (metrics[i]))
      continue;
    double off = metrics[i] - e->mean[i];
    e->mean[i] += off / e->count;
    e->square[i] += off * (metrics[i] - e->mean[i]);
    double spread = sqrt (e->square[i] / e->count);
    e->observation[i] = spread > 0 ? (metrics[i] - e->mean[i]) / spread : 0;
  }
}

/* An objective of the user's is over the metrics shown, a study's own over its own. */
static bool
evaluate (struct dataset_episode *e, const struct gym_dataset_row *row)
{
  const gym_dataset *d = e->dataset;
  const struct dataset_study *study = &d->studies[d->runs[row->run].study];
  const double *metrics = row->metrics;
  e->reward = e->violation = NAN;
  if (row->status != GYM_TRIAL_OK)
    return false;
  if (!e->objective) {
    for (uint32_t i = 0; i < study->layout->n_metrics; i++)
      e->all[i] = NAN;
    for (uint32_t i = 0; i < d->metrics.n; i++)
      e->all[study->metric_at[i]] = row->metrics[i];
    metrics = e->all;
  }
  const gym_objective *o = e->objective ? e->objective : study->layout->objective;
  double goal;
  if (gym_objective_evaluate (o, metrics, &goal, e->violations, NULL) < 0)
    return false;
  e->reward = -goal;
  e->violation = 0;
  for (uint32_t i = 0; i < gym_objective_constraints (o); i++)
    e->violation += e->violations[i];
  return true;
}

/* ---- the walk ---- */

/* A front cannot be earned step by step. */
static int
check_goals (const gym_objective *o, const char *whose, gym_error *err)
{
  if (gym_objective_goals (o) == 1)
    return GYM_OK;
  return gym_fail (err, GYM_EINVAL,
                   "%s has %u goals (%s): a reward is one number, name an objective of "
                   "one goal",
                   whose, gym_objective_goals (o), gym_objective_text (o));
}

static int
check_objectives (const struct dataset_episode *e, gym_error *err)
{
  const gym_dataset *d = e->dataset;
  int code = e->objective ? check_goals (e->objective, "the objective", err) : GYM_OK;
  for (size_t i = 0; !e->objective && code == GYM_OK && i < d->n_studies; i++) {
    char whose[300];
    snprintf (whose, sizeof whose, "study %lld of \"%.200s\"",
              (long long)d->studies[i].id, d->stores[d->studies[i].store].path);
    code = check_goals (d->studies[i].layout->objective, whose, err);
  }
  return code;
}

/* One block, as long as the longest of all studies needs it. */
static int
make_room (struct dataset_episode *e)
{
  const gym_dataset *d = e->dataset;
  size_t m = d->metrics.n, all = 0, c = 0;
  for (size_t i = 0; i < d->n_studies; i++) {
    const struct gym_layout *layout = d->studies[i].layout;
    size_t own = gym_objective_constraints (layout->objective);
    all = layout->n_metrics > all ? layout->n_metrics : all;
    c = own > c ? own : c;
  }
  size_t given = e->objective ? gym_objective_constraints (e->objective) : 0;
  c = given > c ? given : c;
  e->mean = calloc (3 * m + all + c + 1, sizeof *e->mean);
  if (!e->mean)
    return GYM_ENOMEM;
  e->square = e->mean + m;
  e->observation = e->square + m;
  e->all = e->observation + m;
  e->violations = e->all + all;
  return GYM_OK;
}

int
gym_dataset_episode_open (struct dataset_episode *e, gym_dataset *d,
                          const char *objective, gym_error *err)
{
  *e = (struct dataset_episode){ .dataset = d };
  if (d->options.statuses || d->only_fidelity != SIZE_MAX)
    return gym_fail (err, GYM_EINVAL,
                     "episodes are of all trials: those of some statuses or of one "
                     "fidelity have gaps");
  if (objective && !(e->objective = gym_objective_parse (objective, &d->metrics, err)))
    return err->code;
  int code = check_objectives (e, err);
  if (code == GYM_OK && (code = make_room (e)) < 0)
    gym_fail (err, code, "out of memory for the episodes");
  if (code < 0)
    gym_dataset_episode_close (e);
  return code;
}

void
gym_dataset_episode_close (struct dataset_episode *e)
{
  gym_objective_destroy (&e->objective);
  free (e->mean);
  e->mean = NULL;
}

int
gym_dataset_episodes (struct dataset_episode *e, dataset_step step, void *context,
                      gym_error *err)
{
  gym_dataset *d = e->dataset;
  struct gym_dataset_row row = { .struct_size = sizeof row };
  size_t run = SIZE_MAX;
  int code;
  gym_dataset_rewind (d);
  while ((code = gym_dataset_step (d, &row, err)) == 1) {
    if (row.run != run) {
      if (run != SIZE_MAX && (code = step (context, e, run, NULL, false, err)) < 0)
        return code;
      start (e);
    }
    bool first = row.run != run;
    run = row.run;
    bool ok = evaluate (e, &row);
    /* What was seen before the trial is shown with it. */
    if ((code = step (context, e, run, &row, first, err)) < 0)
      return code;
    observe (e, row.metrics, ok);
  }
  return code == 0 && run != SIZE_MAX ? step (context, e, run, NULL, false, err) : code;
}

/* ---- JSON lines ---- */

struct lines {
  const struct dataset_columns *columns;
  struct dataset_cell *cells;
  struct dataset_out *out;
  size_t episode;
};

/* JSON has no NaN. */
static void
add_number (struct gym_text *text, double value)
{
  if (isfinite (value))
    gym_text_number (text, value);
  else
    gym_text_puts (text, "null");
}

static void
add_numbers (struct gym_text *text, const char *name, const double *values, size_t n)
{
  gym_text_printf (text, ",\"%s\":[", name);
  for (size_t i = 0; i < n; i++) {
    gym_text_add (text, ",", i > 0);
    add_number (text, values[i]);
  }
  gym_text_add (text, "]", 1);
}

/* Of a decoded design, by name; else as a list. The last step has none: zeros, or null.
 */
static void
add_action (struct gym_text *text, const struct lines *l, bool last)
{
  const struct dataset_columns *c = l->columns;
  bool named = c->encoding == GYM_ENCODE_DECODED;
  char digits[DATASET_CELL + 1];
  gym_text_puts (text, named ? ",\"action\":{" : ",\"action\":[");
  for (size_t i = 0; i < c->n_params; i++) {
    const struct dataset_cell *cell = &l->cells[i];
    gym_text_add (text, ",", i > 0);
    if (named) {
      gym_text_json (text, c->items[i].name);
      gym_text_add (text, ":", 1);
    }
    if (last)
      gym_text_puts (text, named ? "null" : "0");
    else if (cell->none)
      gym_text_puts (text, "null");
    else if (c->items[i].type == TYPE_TEXT)
      gym_text_json (text, c->items[i].texts[cell->as.integer]);
    else
      gym_text_add (text, digits, gym_dataset_number (&c->items[i], cell, digits));
  }
  gym_text_puts (text, named ? "}" : "]");
}

/* What is the same for a whole episode; the steps follow. */
static void
add_head (struct gym_text *text, const struct lines *l, const struct dataset_episode *e,
          size_t run)
{
  const gym_dataset *d = e->dataset;
  const struct gym_dataset_run *about = &d->runs[run].about;
  const struct gym_dataset_agent *agent = &d->agents[about->agent];
  const char *objective =
      e->objective ? gym_objective_text (e->objective) : about->objective;
  const char *const texts[][2] = {
    { "env", d->env_id },       { "workload", d->envs[about->env].workload },
    { "agent", agent->label },  { "agent_id", agent->id },
    { "objective", objective }, { "state", gym_run_state_name (about->state) },
    { "store", about->store }
  };
  gym_text_printf (text, "{\"episode\":%zu", l->episode);
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
    gym_text_printf (text, ",\"%s\":", texts[i][0]);
    gym_text_json (text, texts[i][1]);
  }
  gym_text_printf (text,
                   ",\"options\":%s,\"study\":%lld,\"run\":%lld,\"seed\":%llu,"
                   "\"tainted\":%s,\"steps\":[",
                   agent->options, (long long)about->study, (long long)about->run,
                   (unsigned long long)about->seed, about->tainted ? "true" : "false");
}

static void
add_about (struct gym_text *text, const struct dataset_episode *e,
           const struct gym_dataset_row *row)
{
  const gym_dataset *d = e->dataset;
  gym_text_printf (text, ",\"metadata\":{\"status\":\"%s\",\"fidelity\":",
                   gym_status_name (row->status));
  gym_text_json (text, d->fidelities[row->fidelity].name);
  gym_text_printf (text, ",\"evaluation_seed\":\"%llu\",\"repeat\":%s,\"violation\":",
                   (unsigned long long)row->seed, row->repeat ? "true" : "false");
  add_number (text, e->violation);
  add_numbers (text, "metrics", row->metrics, d->metrics.n);
  gym_text_add (text, "}", 1);
}

/* Every step has the same fields, as RLDS asks for. */
static void
add_last_about (struct gym_text *text, const struct dataset_episode *e)
{
  gym_text_puts (text, ",\"metadata\":{\"status\":\"\",\"fidelity\":\"\","
                       "\"evaluation_seed\":\"0\",\"repeat\":false,\"violation\":null,"
                       "\"metrics\":[");
  for (uint32_t i = 0; i < e->dataset->metrics.n; i++)
    gym_text_puts (text, i ? ",null" : "null");
  gym_text_puts (text, "]}");
}

/* An episode is one line, but it is written step by step: it may be a million long. */
static int
add_line (void *context, const struct dataset_episode *e, size_t run,
          const struct gym_dataset_row *row, bool first, gym_error *err)
{
  struct lines *l = context;
  struct gym_text text = { .bytes = NULL };
  if (first)
    add_head (&text, l, e, run);
  if (row)
    gym_dataset_cells (l->columns, row, l->cells);
  gym_text_printf (&text, "%s{\"is_first\":%s,\"is_last\":%s,\"is_terminal\":false",
                   first ? "" : ",", first ? "true" : "false", row ? "false" : "true");
  add_numbers (&text, "observation", e->observation, e->dataset->metrics.n);
  add_action (&text, l, !row);
  gym_text_puts (&text, ",\"reward\":");
  add_number (&text, row ? e->reward : 0);
  gym_text_puts (&text, row ? ",\"discount\":1" : ",\"discount\":0");
  if (row)
    add_about (&text, e, row);
  else
    add_last_about (&text, e);
  gym_text_puts (&text, row ? "}" : "}]}\n");
  l->episode += !row;
  char *to = text.failed ? NULL : gym_dataset_room (l->out, text.length);
  if (to) {
    memcpy (to, text.bytes, text.length);
    l->out->n += text.length;
  }
  gym_free (text.bytes);
  return to ? gym_dataset_flush (l->out, false, err)
            : gym_fail (err, GYM_ENOMEM, "out of memory for the episodes");
}

int
gym_dataset_episodes_jsonl (struct dataset_episode *e,
                            const struct dataset_columns *columns,
                            struct dataset_out *out, gym_error *err)
{
  struct lines l = { .columns = columns, .out = out };
  l.cells = calloc (columns->n + 1, sizeof *l.cells);
  int code = l.cells ? gym_dataset_episodes (e, add_line, &l, err)
                     : gym_fail (err, GYM_ENOMEM, "out of memory for the episodes");
  free (l.cells);
  return code == GYM_OK ? gym_dataset_flush (out, true, err) : code;
}
