/* core/dataset_meta.c - what a data set's files say about themselves, as JSON. */
#include <config.h>

#include "core/dataset_inside.h"

#include "core/text.h"

#include <jansson.h>
#include <math.h>

/* A JSON text of the store as a part of ours; what does not parse stays a text. */
static json_t *
part (const char *text)
{
  json_t *value = json_loads (text, JSON_DECODE_ANY, NULL);
  return value ? value : json_string (text);
}

static const char *
sense_name (uint32_t sense)
{
  return sense == GYM_MINIMISE ? "minimise" : sense == GYM_MAXIMISE ? "maximise" : "none";
}

/* In the order of the file, so that a reader may go by place or by name. */
static json_t *
columns_json (const struct dataset_columns *c)
{
  static const char *const roles[] = { "parameter", "metric", "source" };
  json_t *list = json_array ();
  for (size_t i = 0; i < c->n; i++) {
    const struct dataset_column *column = &c->items[i];
    json_t *item =
        json_pack ("{s:s, s:s}", "name", column->name, "role", roles[column->role]);
    if (*column->unit)
      json_object_set_new (item, "unit", json_string (column->unit));
    if (*column->doc)
      json_object_set_new (item, "doc", json_string (column->doc));
    json_array_append_new (list, item);
  }
  return list;
}

static json_t *
metrics_json (const struct gym_metrics *metrics)
{
  json_t *list = json_array ();
  for (uint32_t i = 0; i < metrics->n; i++) {
    const struct gym_metric *m = &metrics->items[i];
    json_array_append_new (list, json_pack ("{s:s, s:s, s:s, s:s, s:b}", "name", m->name,
                                            "unit", m->unit, "doc", m->doc, "sense",
                                            sense_name (m->sense), "measured",
                                            (m->flags & GYM_METRIC_MEASURED) != 0));
  }
  return list;
}

/* By index: that is what column env counts. */
static json_t *
envs_json (const gym_dataset *d)
{
  json_t *list = json_array ();
  for (size_t i = 0; i < d->n_envs; i++)
    json_array_append_new (list, json_pack ("{s:o, s:s, s:I, s:I}", "identity",
                                            part (d->envs[i].identity), "workload",
                                            d->envs[i].workload, "trials",
                                            (json_int_t)d->envs[i].trials, "rows",
                                            (json_int_t)d->envs[i].rows));
  return list;
}

static json_t *
agents_json (const gym_dataset *d)
{
  json_t *list = json_array ();
  for (size_t i = 0; i < d->n_agents; i++)
    json_array_append_new (list, json_pack ("{s:s, s:s, s:o, s:I, s:I}", "label",
                                            d->agents[i].label, "id", d->agents[i].id,
                                            "options", part (d->agents[i].options),
                                            "trials", (json_int_t)d->agents[i].trials,
                                            "rows", (json_int_t)d->agents[i].rows));
  return list;
}

/* The cost of a fidelity that no study describes is not known. */
static json_t *
fidelities_json (const gym_dataset *d)
{
  json_t *list = json_array ();
  for (size_t i = 0; i < d->n_fidelities; i++) {
    const struct gym_dataset_fidelity *f = &d->fidelities[i];
    json_array_append_new (
        list, json_pack ("{s:s, s:o, s:I, s:I}", "name", f->name, "cost",
                         isfinite (f->cost) ? json_real (f->cost) : json_null (),
                         "trials", (json_int_t)f->trials, "rows", (json_int_t)f->rows));
  }
  return list;
}

/* A seed may need all of its 64 bits, which is more than JSON's integers promise. */
static json_t *
runs_json (const gym_dataset *d)
{
  json_t *list = json_array ();
  for (size_t i = 0; i < d->n_runs; i++) {
    const struct gym_dataset_run *r = &d->runs[i].about;
    char seed[24];
    snprintf (seed, sizeof seed, "%llu", (unsigned long long)r->seed);
    json_array_append_new (
        list,
        json_pack ("{s:s, s:I, s:I, s:I, s:s, s:s, s:s, s:s, s:I, s:I, s:b}", "store",
                   r->store, "study", (json_int_t)r->study, "run", (json_int_t)r->run,
                   "env", (json_int_t)r->env, "agent", d->agents[r->agent].label, "seed",
                   seed, "objective", r->objective, "state",
                   gym_run_state_name (r->state), "trials", (json_int_t)r->trials, "rows",
                   (json_int_t)r->rows, "tainted", r->tainted));
  }
  return list;
}

/* Only statuses that occur: the list may grow with later versions. */
static json_t *
counts_json (const struct gym_dataset_counts *c)
{
  json_t *statuses = json_object ();
  for (uint32_t i = 0; i <= GYM_TRIAL_OOM; i++)
    if (c->statuses[i])
      json_object_set_new (statuses, gym_status_name (i),
                           json_integer ((json_int_t)c->statuses[i]));
  return json_pack ("{s:I, s:I, s:I, s:I, s:I, s:I, s:o}", "rows", (json_int_t)c->rows,
                    "trials", (json_int_t)c->trials, "repeats", (json_int_t)c->repeats,
                    "duplicates", (json_int_t)c->duplicates, "conflicts",
                    (json_int_t)c->conflicts, "tainted", (json_int_t)c->tainted,
                    "statuses", statuses);
}

/* NULL where any part could not be made: json_pack refuses a NULL value. */
static json_t *
whole (const gym_dataset *d, const struct dataset_columns *c, const char *encoding,
       const char *space)
{
  return json_pack ("{s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
                    "format", "archgym-dataset-1", "version", gym_version (), "env",
                    d->env_id, "encoding", encoding, "counts", counts_json (&d->counts),
                    "columns", columns_json (c), "space", part (space), "metrics",
                    metrics_json (&d->metrics), "envs", envs_json (d), "agents",
                    agents_json (d), "fidelities", fidelities_json (d), "runs",
                    runs_json (d));
}

/* The columns depend on the encoding, whatever the format. */
char *
gym_dataset_metadata (const gym_dataset *d, const struct gym_dataset_output *output,
                      gym_error *err)
{
  static const char *const encodings[] = { "", "decoded", "ordinal", "onehot" };
  struct dataset_columns c;
  uint32_t encoding =
      output && output->struct_size >= sizeof *output ? output->encoding : 0;
  if (!encoding || encoding > GYM_ENCODE_ONEHOT)
    encoding = output && output->format == GYM_DATASET_NPZ ? GYM_ENCODE_ORDINAL
                                                           : GYM_ENCODE_DECODED;
  if (gym_dataset_columns (d, encoding, &c, err) < 0)
    return NULL;
  char *space = gym_space_to_json (d->space, err);
  json_t *json = space ? whole (d, &c, encodings[encoding], space) : NULL;
  char *text = json ? json_dumps (json, JSON_INDENT (1)) : NULL;
  struct gym_text out = { .bytes = NULL };
  gym_text_puts (&out, text ? text : "");
  gym_text_puts (&out, "\n");
  out.failed |= !text;
  json_decref (json);
  free (text);
  gym_free (space);
  gym_dataset_columns_clear (&c);
  return gym_text_take (&out, err);
}
