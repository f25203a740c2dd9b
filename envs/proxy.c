/* envs/proxy.c - a model of metrics as an environment of its own.
 *
 * The model comes from a file that `gym proxy train` wrote; its designs and targets are
 * the env's. Where the env behind it refuses designs, or real evaluations are wanted,
 * that env is opened as well, through the host. */
#include <gym/plugin.h>

#include <stdlib.h>
#include <string.h>

struct proxy_env {
  const char *model, *files;
  double pessimism;
  bool real;

  const struct gym_host *host;
  struct gym_proxy *proxy;
  struct gym_env *env; /* NULL: not needed */
  uint32_t env_metrics;
  const struct gym_space *space;
  struct gym_params params;
  struct gym_param *items;
  struct gym_metrics targets; /* of the model */
  struct gym_metric *metrics; /* the targets, then their spreads */
  char **names;               /* of the spreads */
  uint32_t *columns;          /* of the targets in the env's metrics */
  uint8_t *yields;            /* of a real evaluation: no spreads */
  struct gym_fidelity fidelities[2];

  /* Scratch for a batch. */
  size_t room;
  double *designs, *mean, *spread, *results;
  uint64_t *seeds;
  uint32_t *statuses;
  size_t *places;
  double *row;
};

static int
no_memory (gym_error *err)
{
  return gym_fail (err, GYM_ENOMEM, "out of memory");
}

static const struct gym_metric *
target_at (const struct proxy_env *e, uint32_t i)
{
  return (const void *)((const char *)e->targets.items + (size_t)i * e->targets.stride);
}

/* ---- opening ---- */

static int
read_space (struct proxy_env *e, gym_error *err)
{
  uint32_t n = e->host->space_size (e->space);
  e->items = calloc (n + 1, sizeof *e->items);
  e->row = calloc (n + 1, sizeof *e->row);
  if (!e->items || !e->row)
    return no_memory (err);
  for (uint32_t i = 0; i < n; i++)
    e->items[i] = *e->host->space_param (e->space, i);
  e->params = (struct gym_params){
    .struct_size = sizeof e->params, .n = n, .stride = sizeof *e->items, .items = e->items
  };
  return GYM_OK;
}

/* A prediction is no measured time, whatever its target is; a real evaluation finds one
 * as ever. The spread is of neither
 * sense: searches that want to explore want much of it, others little. */
static int
make_metrics (struct proxy_env *e, gym_error *err)
{
  uint32_t n = e->targets.n;
  e->metrics = calloc (2 * n, sizeof *e->metrics);
  e->names = calloc (n, sizeof *e->names);
  e->columns = calloc (n, sizeof *e->columns);
  e->yields = calloc (2 * n, sizeof *e->yields);
  if (!e->metrics || !e->names || !e->columns || !e->yields)
    return no_memory (err);
  for (uint32_t i = 0; i < n; i++) {
    const struct gym_metric *target = target_at (e, i);
    size_t size = strlen (target->name) + sizeof "_spread";
    if (!(e->names[i] = malloc (size)))
      return no_memory (err);
    snprintf (e->names[i], size, "%s_spread", target->name);
    e->metrics[i] = *target;
    if (!e->real)
      e->metrics[i].flags &= ~(uint32_t)GYM_METRIC_MEASURED;
    e->metrics[n + i] = (struct gym_metric){
      .name = e->names[i],
      .unit = target->unit,
      .doc = "Standard deviation of what an evaluation may find for the metric."
    };
    e->yields[i] = 1;
  }
  return GYM_OK;
}

static int
open_env (struct proxy_env *e, gym_error *err)
{
  int rules = e->host->proxy_rules (e->proxy, err);
  if (rules < 0 || !(e->real || rules))
    return rules;
  gym_error why = { 0 };
  e->env = e->host->env_open (e->host, e->proxy, e->files, &e->env_metrics, &why);
  if (!e->env)
    return gym_fail (err, why.code,
                     "the env that the model stands for (option \"files\" names a "
                     "folder): %s",
                     why.text);
  for (uint32_t i = 0; i < e->targets.n; i++) {
    int column = e->host->env_metric (e->env, target_at (e, i)->name, err);
    if (column < 0)
      return column;
    e->columns[i] = (uint32_t)column;
  }
  return GYM_OK;
}

static int
proxy_open (void *self, const struct gym_host *host, gym_error *err)
{
  struct proxy_env *e = self;
  e->host = host;
  if (host->struct_size < sizeof *host || !host->proxy_open)
    return gym_fail (err, GYM_EPLUGIN, "this library is too old to open models in envs");
  e->proxy = host->proxy_open (host, e->model, &e->space, &e->targets, err);
  if (!e->proxy)
    return GYM_EINVAL;
  int rc = read_space (e, err);
  if (rc == GYM_OK)
    rc = make_metrics (e, err);
  return rc == GYM_OK ? open_env (e, err) : rc;
}

static void
proxy_close (void *self)
{
  struct proxy_env *e = self;
  for (uint32_t i = 0; e->names && i < e->targets.n; i++)
    free (e->names[i]);
  free (e->names);
  free (e->items);
  free (e->metrics);
  free (e->columns);
  free (e->yields);
  free (e->designs);
  free (e->mean);
  free (e->spread);
  free (e->results);
  free (e->seeds);
  free (e->statuses);
  free (e->places);
  free (e->row);
}

static int
proxy_space (void *self, struct gym_params *out, gym_error *err)
{
  struct proxy_env *e = self;
  (void)err;
  *out = e->params;
  return GYM_OK;
}

static int
proxy_metrics (void *self, struct gym_metrics *out, gym_error *err)
{
  struct proxy_env *e = self;
  (void)err;
  *out = (struct gym_metrics){ .struct_size = sizeof *out,
                               .n = 2 * e->targets.n,
                               .stride = sizeof *e->metrics,
                               .items = e->metrics };
  return GYM_OK;
}

static int
proxy_fidelities (void *self, struct gym_fidelities *out, gym_error *err)
{
  struct proxy_env *e = self;
  (void)err;
  e->fidelities[0] = (struct gym_fidelity){ .name = "proxy",
                                            .doc = "The model's prediction.",
                                            .cost = e->real ? 1e-4 : 1 };
  e->fidelities[1] = (struct gym_fidelity){ .name = "real",
                                            .doc = "An evaluation by the model's env.",
                                            .cost = 1,
                                            .yields = e->yields };
  *out = (struct gym_fidelities){ .struct_size = sizeof *out,
                                  .n = e->real ? 2 : 1,
                                  .stride = sizeof e->fidelities[0],
                                  .items = e->fidelities };
  return GYM_OK;
}

/* ---- evaluating ---- */

static int
grow (void *array, size_t n, size_t size)
{
  void *old, *more;
  memcpy (&old, array, sizeof old);
  if (!(more = realloc (old, n * size)))
    return GYM_ENOMEM;
  memcpy (array, &more, sizeof more);
  return GYM_OK;
}

static int
reserve (struct proxy_env *e, const struct gym_batch *b, gym_error *err)
{
  size_t n = b->n, m = e->targets.n;
  if (n <= e->room)
    return GYM_OK;
  if (grow (&e->designs, n * b->n_params + 1, sizeof (double)) < 0
      || grow (&e->mean, n * m, sizeof (double)) < 0
      || grow (&e->spread, n * m, sizeof (double)) < 0
      || grow (&e->results, n * e->env_metrics + 1, sizeof (double)) < 0
      || grow (&e->seeds, n, sizeof (uint64_t)) < 0
      || grow (&e->statuses, n, sizeof (uint32_t)) < 0
      || grow (&e->places, n, sizeof (size_t)) < 0)
    return no_memory (err);
  e->room = n;
  return GYM_OK;
}

/* Gathers the rows of one fidelity; returns how many there are. */
static size_t
gather (struct proxy_env *e, const struct gym_batch *b, uint32_t fidelity)
{
  size_t n = 0;
  for (size_t i = 0; i < b->n; i++)
    if (b->fidelities[i] == fidelity) {
      memcpy (e->designs + n * b->n_params, b->designs + i * b->n_params,
              b->n_params * sizeof (double));
      e->seeds[n] = b->seeds[i];
      e->places[n++] = i;
    }
  return n;
}

/* The bad direction of a metric: up where it is to be small. */
static double
bad_direction (const struct gym_metric *m)
{
  return m->sense == GYM_MINIMISE ? 1 : m->sense == GYM_MAXIMISE ? -1 : 0;
}

static int
predict (struct proxy_env *e, struct gym_batch *b, gym_error *err)
{
  uint32_t m = e->targets.n;
  size_t n = gather (e, b, 0);
  int rc = e->host->proxy_predict (e->proxy, n, e->designs, e->mean, e->spread, err);
  for (size_t i = 0; rc == GYM_OK && i < n; i++)
    for (uint32_t j = 0; j < m; j++) {
      double *metrics = b->metrics + e->places[i] * b->n_metrics;
      double worse = e->pessimism * bad_direction (&e->metrics[j]);
      metrics[j] = e->mean[i * m + j] + worse * e->spread[i * m + j];
      metrics[m + j] = e->spread[i * m + j];
    }
  return rc;
}

static int
evaluate_real (struct proxy_env *e, struct gym_batch *b, gym_error *err)
{
  enum { NOTE = 160 }; /* what env_evaluate writes */
  size_t n = gather (e, b, 1);
  if (n == 0)
    return GYM_OK;
  char *notes = calloc (n, NOTE);
  int rc = notes ? e->host->env_evaluate (e->host, e->env, n, e->designs, e->seeds,
                                          e->results, e->statuses, notes, err)
                 : no_memory (err);
  for (size_t i = 0; rc == GYM_OK && i < n; i++) {
    size_t at = e->places[i];
    b->statuses[at] = e->statuses[i];
    if (b->note_size > 0)
      snprintf (b->notes + at * b->note_size, b->note_size, "%s", notes + i * NOTE);
    for (uint32_t j = 0; j < e->targets.n; j++)
      b->metrics[at * b->n_metrics + j] = e->results[i * e->env_metrics + e->columns[j]];
  }
  free (notes);
  return rc;
}

static int
proxy_evaluate (void *self, struct gym_batch *batch, gym_error *err)
{
  struct proxy_env *e = self;
  int rc = reserve (e, batch, err);
  if (rc == GYM_OK)
    rc = predict (e, batch, err);
  return rc == GYM_OK ? evaluate_real (e, batch, err) : rc;
}

/* ---- the rules of the env behind (extension constraint/1) ---- */

static bool
is_valid (void *self, const double *row)
{
  struct proxy_env *e = self;
  if (!e->env)
    return true;
  memcpy (e->row, row, e->params.n * sizeof *row);
  return e->host->env_repair (e->env, e->row)
         && memcmp (e->row, row, e->params.n * sizeof *row) == 0;
}

static void
repair (void *self, double *row)
{
  struct proxy_env *e = self;
  if (e->env)
    e->host->env_repair (e->env, row);
}

static const struct gym_constraint_1 constraint = { .struct_size = sizeof constraint,
                                                    .valid = is_valid,
                                                    .repair = repair };

static const void *
proxy_extension (const char *name)
{
  return strcmp (name, "constraint/1") == 0 ? &constraint : NULL;
}

/* ---- the class ---- */

static const struct gym_option options[] = {
  { .name = "model",
    .doc = "The model file that gym proxy train wrote.",
    .type = GYM_OPTION_FILE,
    .flags = GYM_OPTION_REQUIRED | GYM_OPTION_FIXED,
    .offset = offsetof (struct proxy_env, model) },
  { .name = "pessimism",
    .doc =
        "Spreads that are added to a prediction in the direction in which it is worse: "
        "above 0 a search keeps to where the model is sure, below 0 it explores.",
    .type = GYM_OPTION_REAL,
    .offset = offsetof (struct proxy_env, pessimism),
    .low = -10,
    .high = 10,
    .initial = "0" },
  { .name = "real",
    .doc = "Offer real evaluations too: a fidelity of cost 1, by the env that the model "
           "stands for, beside predictions of cost 0.0001.",
    .type = GYM_OPTION_BOOL,
    .flags = GYM_OPTION_FIXED,
    .offset = offsetof (struct proxy_env, real),
    .initial = "no" },
  { .name = "files",
    .doc =
        "Folder with the files that the model's env reads, where it is needed (that of "
        "the model; the working folder comes first).",
    .type = GYM_OPTION_TEXT,
    .flags = GYM_OPTION_FIXED,
    .offset = offsetof (struct proxy_env, files) },
};

static const struct gym_env_class proxy_class = {
  .struct_size = sizeof (struct gym_env_class),
  .id = "proxy-v1",
  .summary = "a model of metrics, trained from logged trials",
  .doc =
      "The designs are those of the env that the model was trained on, the metrics its "
      "targets as the model predicts them, in their units and senses, and for each its "
      "spread, the standard deviation of what an evaluation may find. Designs that the "
      "env refuses are refused here too. What a search finds has to be measured: the "
      "best "
      "of many predictions is better than the truth (gym search --verify).",
  .source =
      "Wu et al., \"ArchGym: an open-source gymnasium for machine learning assisted "
      "architecture design\" (ISCA 2023), section on proxy cost models; the bias of "
      "the best: Smith and Winkler, \"The optimizer's curse\" (Management Science "
      "52, 2006)",
  .options = GYM_ARRAY (gym_options, options),
  .instance_size = sizeof (struct proxy_env),
  .open = proxy_open,
  .close = proxy_close,
  .space = proxy_space,
  .metrics = proxy_metrics,
  .fidelities = proxy_fidelities,
  .evaluate = proxy_evaluate,
  .extension = proxy_extension,
  .place = { .space = "that of the model",
             .acceleration = "surrogate: trained from logged trials",
             .cost = "prediction: a model of metrics" },
};

static const struct gym_env_class *const classes[] = { &proxy_class, NULL };

GYM_EXPORT const struct gym_plugin gym_plugin_entry = {
  GYM_PLUGIN_ABI,
  .name = "proxy",
  .version = "0.1.0",
  .licence = "MIT",
  .doc = "a model as an environment",
  .envs = classes,
};
