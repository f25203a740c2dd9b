/* core/dataset_columns.c - the columns of a data set's files.
 *
 * Every text of a row is one of a short list (a level, a status, an agent), so a cell of
 * text is an index: writers prepare each text once. */
#include <config.h>

#include "core/dataset_inside.h"

#include "core/text.h"
#include "core/units.h"

#include <gym/env.h>
#include <math.h>
#include <strings.h>

enum source {
  SOURCE_STATUS,
  SOURCE_FIDELITY,
  SOURCE_WORKLOAD,
  SOURCE_AGENT,
  SOURCE_SEED,
  SOURCE_EVALUATION_SEED,
  SOURCE_ENV,
  SOURCE_STORE,
  SOURCE_STUDY,
  SOURCE_RUN,
  SOURCE_NUMBER,
  SOURCE_TAINTED, /* the last: only where something is sealed */
  SOURCES
};

static const struct {
  const char *name, *doc;
  enum dataset_type type;
} sources[SOURCES] = {
  [SOURCE_STATUS] = { "status", "What became of the evaluation.", TYPE_TEXT },
  [SOURCE_FIDELITY] = { "fidelity", "At which it was evaluated.", TYPE_TEXT },
  [SOURCE_WORKLOAD] = { "workload", "What the env ran.", TYPE_TEXT },
  [SOURCE_AGENT] = { "agent", "Label of the agent that asked for it.", TYPE_TEXT },
  [SOURCE_SEED] = { "seed", "Run seed of that agent.", TYPE_UNSIGNED },
  [SOURCE_EVALUATION_SEED] = { "evaluation_seed", "Seed of the evaluation.",
                               TYPE_UNSIGNED },
  [SOURCE_ENV] = { "env", "Index of the env with its options in the metadata.",
                   TYPE_INTEGER },
  [SOURCE_STORE] = { "store", "File it is from.", TYPE_TEXT },
  [SOURCE_STUDY] = { "study", "Study of that store.", TYPE_INTEGER },
  [SOURCE_RUN] = { "run", "Run of that store.", TYPE_INTEGER },
  [SOURCE_NUMBER] = { "number", "Of the trial within its run.", TYPE_INTEGER },
  [SOURCE_TAINTED] = { "tainted", "Whether its run saw sealed metrics.", TYPE_INTEGER },
};

/* ---- names ---- */

/* A metric is called the same in every encoding, also where there is no column of the
 * parameter whose name it bears. */
static bool
is_param (const gym_space *space, const char *name)
{
  for (uint32_t i = 0; i < gym_space_size (space); i++)
    if (strcasecmp (gym_space_param (space, i)->name, name) == 0)
      return true;
  return false;
}

static bool
is_taken (const struct dataset_columns *c, enum dataset_role role, const char *name)
{
  for (size_t i = 0; i < SOURCES; i++)
    if (strcasecmp (sources[i].name, name) == 0)
      return true;
  for (size_t i = 0; i < c->n; i++)
    if (c->items[i].role != ROLE_SOURCE && strcasecmp (c->items[i].name, name) == 0)
      return true;
  return role == ROLE_METRIC && is_param (c->dataset->space, name);
}

/* Case tells no columns apart: it does not in SQL, which reads these files too. */
static char *
free_name (const struct dataset_columns *c, enum dataset_role role, const char *name)
{
  struct gym_text text = { .bytes = NULL };
  gym_text_puts (&text, name);
  for (unsigned k = 2; !text.failed && is_taken (c, role, text.bytes); k++) {
    text.length = 0;
    gym_text_printf (&text, "%s_%u", name, k);
  }
  return gym_text_take (&text, NULL);
}

/* ---- adding columns ---- */

static const char *
or_empty (const char *text)
{
  return text ? text : "";
}

/* There is room for all of them: see gym_dataset_columns. NULL: out of memory. */
static struct dataset_column *
add (struct dataset_columns *c, enum dataset_role role, enum dataset_type type,
     const char *name, uint32_t at)
{
  struct dataset_column *column = &c->items[c->n];
  *column = (struct dataset_column){
    .role = role, .type = type, .unit = "", .doc = "", .at = at
  };
  struct gym_text text = { .bytes = NULL };
  if (role == ROLE_SOURCE)
    gym_text_puts (&text, name);
  column->name =
      role == ROLE_SOURCE ? gym_text_take (&text, NULL) : free_name (c, role, name);
  c->n += column->name != NULL;
  return column->name ? column : NULL;
}

/* Levels such as 1, 2, 4 are numbers, unless two of them are the same one. Whether they
 * are, and whether all are whole. */
static bool
are_numbers (const struct gym_param *p, double *values, bool *whole)
{
  *whole = true;
  for (uint32_t k = 0; k < p->n_levels; k++) {
    if (gym_number_parse (p->levels[k], &values[k], NULL) < 0)
      return false;
    *whole = *whole && values[k] == floor (values[k]) && fabs (values[k]) < 0x1p53;
    for (uint32_t i = 0; i < k; i++)
      if (values[i] == values[k])
        return false;
  }
  return true;
}

/* Numbers are kept beside the texts, to be looked up by level. */
static int
decode_levels (struct dataset_column *column, const struct gym_param *p)
{
  bool whole;
  column->values = calloc (p->n_levels + 1, sizeof *column->values);
  column->texts = calloc (p->n_levels + 1, sizeof *column->texts);
  if (!column->values || !column->texts)
    return GYM_ENOMEM;
  column->n_texts = p->n_levels;
  for (uint32_t k = 0; k < p->n_levels; k++)
    column->texts[k] = p->levels[k];
  column->type = TYPE_TEXT;
  if (are_numbers (p, column->values, &whole))
    column->type = whole ? TYPE_INTEGER : TYPE_REAL;
  return GYM_OK;
}

/* Integers are exact in an int64: the space keeps them below 2^53. */
static int
add_params (struct dataset_columns *c, const gym_space *space)
{
  for (uint32_t i = 0; i < gym_space_size (space); i++) {
    const struct gym_param *p = gym_space_param (space, i);
    bool level = p->kind == GYM_CATEGORICAL || p->kind == GYM_ORDINAL;
    struct dataset_column *column = add (
        c, ROLE_PARAMETER, p->kind == GYM_REAL ? TYPE_REAL : TYPE_INTEGER, p->name, i);
    if (!column)
      return GYM_ENOMEM;
    column->unit = or_empty (p->unit);
    column->doc = or_empty (p->doc);
    column->optional = gym_space_parent (space, i) >= 0;
    if (level && c->encoding == GYM_ENCODE_DECODED && decode_levels (column, p) < 0)
      return GYM_ENOMEM;
  }
  return GYM_OK;
}

/* The library names its own columns; they have no unit, being shares of a range. */
static int
add_onehot (struct dataset_columns *c, const gym_space *space)
{
  uint32_t n = gym_space_onehot_size (space);
  c->onehot = calloc (n + 1, sizeof *c->onehot);
  for (uint32_t i = 0; c->onehot && i < n; i++) {
    int length = gym_space_onehot_name (space, i, NULL, 0);
    char *name = malloc ((size_t)length + 1);
    if (!name)
      return GYM_ENOMEM;
    gym_space_onehot_name (space, i, name, (size_t)length + 1);
    const struct dataset_column *column = add (c, ROLE_PARAMETER, TYPE_REAL, name, i);
    free (name);
    if (!column)
      return GYM_ENOMEM;
  }
  return c->onehot ? GYM_OK : GYM_ENOMEM;
}

static int
add_metrics (struct dataset_columns *c, const struct gym_metrics *metrics)
{
  for (uint32_t i = 0; i < metrics->n; i++) {
    struct dataset_column *column =
        add (c, ROLE_METRIC, TYPE_REAL, metrics->items[i].name, i);
    if (!column)
      return GYM_ENOMEM;
    column->unit = or_empty (metrics->items[i].unit);
    column->doc = or_empty (metrics->items[i].doc);
    column->optional = true;
  }
  return GYM_OK;
}

/* Text k of a column about where rows come from, NULL behind the last. */
static const char *
source_text (const gym_dataset *d, uint32_t source, size_t k)
{
  switch (source) {
  case SOURCE_STATUS:
    return k <= GYM_TRIAL_OOM ? gym_status_name ((uint32_t)k) : NULL;
  case SOURCE_FIDELITY:
    return k < d->n_fidelities ? d->fidelities[k].name : NULL;
  case SOURCE_WORKLOAD:
    return k < d->n_envs ? d->envs[k].workload : NULL;
  case SOURCE_AGENT:
    return k < d->n_agents ? d->agents[k].label : NULL;
  case SOURCE_STORE:
    return k < d->n_stores ? d->stores[k].path : NULL;
  default:
    return NULL;
  }
}

/* Lists of texts are taken as they are: the data set does not change any more. */
static int
add_sources (struct dataset_columns *c)
{
  uint32_t shown = c->dataset->seals ? SOURCES : SOURCE_TAINTED;
  for (uint32_t i = 0; i < shown; i++) {
    struct dataset_column *column =
        add (c, ROLE_SOURCE, sources[i].type, sources[i].name, i);
    size_t n = 0;
    if (!column)
      return GYM_ENOMEM;
    column->doc = sources[i].doc;
    while (source_text (c->dataset, i, n))
      n++;
    column->texts = n ? calloc (n, sizeof *column->texts) : NULL;
    if (n && !column->texts)
      return GYM_ENOMEM;
    column->n_texts = n;
    for (size_t k = 0; k < n; k++)
      column->texts[k] = source_text (c->dataset, i, k);
  }
  return GYM_OK;
}

int
gym_dataset_columns (const gym_dataset *d, enum gym_encoding encoding,
                     struct dataset_columns *c, gym_error *err)
{
  bool onehot = encoding == GYM_ENCODE_ONEHOT;
  size_t params = onehot ? gym_space_onehot_size (d->space) : gym_space_size (d->space);
  *c = (struct dataset_columns){ .dataset = d, .encoding = encoding };
  c->items = calloc (params + d->metrics.n + SOURCES, sizeof *c->items);
  int code = c->items ? GYM_OK : GYM_ENOMEM;
  if (code == GYM_OK)
    code = onehot ? add_onehot (c, d->space) : add_params (c, d->space);
  c->n_params = params;
  c->n_metrics = d->metrics.n;
  if (code == GYM_OK)
    code = add_metrics (c, &d->metrics);
  if (code == GYM_OK)
    code = add_sources (c);
  if (code == GYM_OK)
    return GYM_OK;
  gym_dataset_columns_clear (c);
  return gym_fail (err, GYM_ENOMEM, "out of memory for the data set's columns");
}

void
gym_dataset_columns_clear (struct dataset_columns *c)
{
  for (size_t i = 0; i < c->n; i++) {
    gym_free (c->items[i].name);
    free (c->items[i].texts);
    free (c->items[i].values);
  }
  free (c->items);
  free (c->onehot);
  *c = (struct dataset_columns){ .n = 0 };
}

/* ---- cells ---- */

/* A value of the design in the column's type. Inactive is none. */
static void
fill_param (const struct dataset_column *column, double value, struct dataset_cell *cell)
{
  cell->none = isnan (value);
  if (cell->none)
    return;
  double shown =
      column->values && column->type != TYPE_TEXT ? column->values[(size_t)value] : value;
  if (column->type == TYPE_REAL)
    cell->as.real = shown;
  else
    cell->as.integer = (int64_t)shown;
}

static void
fill_sources (const struct dataset_columns *c, const struct gym_dataset_row *row,
              struct dataset_cell *cells)
{
  const gym_dataset *d = c->dataset;
  const struct dataset_run *run = &d->runs[row->run];
  cells[SOURCE_STATUS].as.integer = row->status;
  cells[SOURCE_FIDELITY].as.integer = (int64_t)row->fidelity;
  cells[SOURCE_WORKLOAD].as.integer = (int64_t)row->env;
  cells[SOURCE_AGENT].as.integer = (int64_t)row->agent;
  cells[SOURCE_SEED].as.natural = run->about.seed;
  cells[SOURCE_EVALUATION_SEED].as.natural = row->seed;
  cells[SOURCE_ENV].as.integer = (int64_t)row->env;
  cells[SOURCE_STORE].as.integer = (int64_t)d->studies[run->study].store;
  cells[SOURCE_STUDY].as.integer = run->about.study;
  cells[SOURCE_RUN].as.integer = run->about.run;
  cells[SOURCE_NUMBER].as.integer = (int64_t)row->number;
  if (d->seals)
    cells[SOURCE_TAINTED].as.integer = run->about.tainted;
  for (size_t i = 0; i < (d->seals ? SOURCES : SOURCE_TAINTED); i++)
    cells[i].none = false;
}

void
gym_dataset_cells (const struct dataset_columns *c, const struct gym_dataset_row *row,
                   struct dataset_cell *cells)
{
  const double *design = row->design;
  if (c->encoding == GYM_ENCODE_ONEHOT) {
    gym_space_onehot (c->dataset->space, row->design, c->onehot);
    design = c->onehot;
  }
  for (size_t i = 0; i < c->n_params; i++)
    fill_param (&c->items[i], design[i], &cells[i]);
  for (size_t i = 0; i < c->n_metrics; i++) {
    cells[c->n_params + i].none = isnan (row->metrics[i]);
    cells[c->n_params + i].as.real = row->metrics[i];
  }
  fill_sources (c, row, cells + c->n_params + c->n_metrics);
}
