/* core/proxy_data.c - rows to learn from: see gym/proxy_train.h. */
#include "core/proxy_data.h"

#include "core/memory.h"
#include "core/text.h"
#include "core/transform.h"

#include <jansson.h>
#include <math.h>
#include <xxhash.h>

void
gym_proxy_data_destroy (gym_proxy_data **handle)
{
  gym_proxy_data *d = handle ? *handle : NULL;
  if (!d)
    return;
  free (d->target_items);
  free (d->columns);
  free (d->from);
  free (d->designs);
  free (d->values);
  free (d->hinted);
  free (d->hints);
  free (d->groups);
  free (d->agents);
  gym_dataset_destroy (&d->dataset);
  free (d);
  *handle = NULL;
}

/* ---- which env and fidelity ---- */

/* The first option in which two identities differ, "name=value" of each. */
static void
tell_apart (const char *a, const char *b, char *text, size_t size)
{
  json_t *x = json_loads (a, 0, NULL), *y = json_loads (b, 0, NULL);
  const char *key;
  const json_t *value;
  snprintf (text, size, "%.150s and %.150s", a, b);
  json_object_foreach (json_object_get (x, "options"), key, value)
  {
    const json_t *other = json_object_get (json_object_get (y, "options"), key);
    if (json_equal (value, other))
      continue;
    char *one = json_dumps (value, JSON_ENCODE_ANY);
    char *two = other ? json_dumps (other, JSON_ENCODE_ANY) : NULL;
    snprintf (text, size, "%.40s is %.120s in one and %.120s in another", key,
              one ? one : "?", two ? two : "absent");
    free (one);
    free (two);
    break;
  }
  json_decref (x);
  json_decref (y);
}

/* A model stands for one env: rows of two would teach it their mixture. */
static int
choose_env (gym_proxy_data *d, const struct gym_proxy_choice *choice, gym_error *err)
{
  size_t found = SIZE_MAX;
  for (size_t i = 0; i < gym_dataset_envs (d->dataset); i++) {
    const struct gym_dataset_env *env = gym_dataset_env (d->dataset, i);
    if (env->rows == 0
        || (choice->identity && strcmp (choice->identity, env->identity) != 0))
      continue;
    if (found != SIZE_MAX) {
      char text[400];
      tell_apart (gym_dataset_env (d->dataset, found)->identity, env->identity, text,
                  sizeof text);
      return gym_fail (err, GYM_EINVAL,
                       "the rows are of several envs, and a model is of one: %s; choose "
                       "by an option (where)",
                       text);
    }
    found = i;
  }
  if (found == SIZE_MAX)
    return gym_fail (err, GYM_ENOTFOUND, "%s",
                     choice->identity ? "no ok trial is of the env the model stands for"
                                      : "there is no ok trial to learn from");
  d->env = found;
  return GYM_OK;
}

/* The dearest that the env has rows of: other envs may have others. */
static int
choose_fidelity (gym_proxy_data *d, const struct gym_dataset_table *t, const char *name,
                 gym_error *err)
{
  size_t found = SIZE_MAX;
  for (size_t i = 0; i < t->n; i++)
    if (t->envs[i] == d->env
        && (!name
            || strcmp (gym_dataset_fidelity (d->dataset, t->fidelities[i])->name, name)
                   == 0)
        && (found == SIZE_MAX
            || gym_dataset_fidelity (d->dataset, t->fidelities[i])->cost
                   > gym_dataset_fidelity (d->dataset, found)->cost))
      found = t->fidelities[i];
  d->fidelity = found;
  return found == SIZE_MAX ? gym_fail (
             err, GYM_ENOTFOUND, "no ok trial is of fidelity \"%s\"", name ? name : "")
                           : GYM_OK;
}

/* ---- which metrics ---- */

static bool
is_row (const gym_proxy_data *d, const struct gym_dataset_table *t, size_t i)
{
  return t->envs[i] == d->env && t->fidelities[i] == d->fidelity;
}

/* Whether the fidelity yields it. All ok rows of one fidelity have the same metrics, as
 * the core sees to when they are evaluated: the first row tells. */
static bool
has_metric (const gym_proxy_data *d, const struct gym_dataset_table *t, uint32_t column)
{
  for (size_t i = 0; i < t->n; i++)
    if (is_row (d, t, i))
      return !isnan (t->metrics[i * t->n_metrics + column]);
  return false;
}

/* Texts stay the data set's, which lives as long as its rows do here. */
static void
add_target (gym_proxy_data *d, uint32_t column)
{
  const struct gym_metrics *m = gym_dataset_metrics (d->dataset);
  const char *item = (const char *)m->items + (size_t)column * m->stride;
  d->target_items[d->targets.n] = *(const struct gym_metric *)(const void *)item;
  d->columns[d->targets.n++] = column;
}

/* In the order they were asked for: that is the order of columns from here on. */
static int
choose_named (gym_proxy_data *d, const struct gym_dataset_table *t,
              const struct gym_proxy_choice *choice, gym_error *err)
{
  for (uint32_t i = 0; i < choice->n_metrics; i++) {
    int column = gym_dataset_find_metric (d->dataset, choice->metrics[i], err);
    if (column < 0)
      return column;
    for (uint32_t j = 0; j < i; j++)
      if (d->columns[j] == (uint32_t)column)
        return gym_fail (err, GYM_EINVAL, "metric \"%s\" is given twice",
                         choice->metrics[i]);
    if (!has_metric (d, t, (uint32_t)column))
      return gym_fail (err, GYM_ENOTFOUND, "fidelity \"%s\" has no metric \"%s\"",
                       gym_proxy_data_fidelity (d), choice->metrics[i]);
    add_target (d, (uint32_t)column);
  }
  return GYM_OK;
}

/* "energy@coarse" is what that fidelity has for the metric, "energy" what any has. The
 * name of a metric may have an @ itself. */
static int
find_hint (const gym_proxy_data *d, const char *text, struct hint *hint, gym_error *err)
{
  const char *at = strrchr (text, '@');
  int column = gym_dataset_find_metric (d->dataset, text, at ? NULL : err);
  *hint = (struct hint){ .fidelity = SIZE_MAX };
  if (column < 0 && at) {
    char *name = strndup (text, (size_t)(at - text));
    if (!name)
      return gym_fail_memory (err);
    column = gym_dataset_find_metric (d->dataset, name, err);
    free (name);
    for (size_t i = 0; i < gym_dataset_fidelities (d->dataset); i++)
      if (strcmp (gym_dataset_fidelity (d->dataset, i)->name, at + 1) == 0)
        hint->fidelity = i;
    if (column >= 0 && hint->fidelity == SIZE_MAX)
      return gym_fail (err, GYM_ENOTFOUND, "hint \"%s\": no trial is of fidelity \"%s\"",
                       text, at + 1);
  }
  hint->column = (uint32_t)column;
  return column < 0 ? column : GYM_OK;
}

/* Hints are found first, as they are no targets. */
static int
find_hints (gym_proxy_data *d, const struct gym_proxy_choice *choice, gym_error *err)
{
  d->from = calloc (choice->n_hints + 1u, sizeof *d->from);
  if (!d->from)
    return gym_fail_memory (err);
  for (uint32_t i = 0; i < choice->n_hints; i++) {
    int rc = find_hint (d, choice->hints[i], &d->from[i], err);
    if (rc < 0)
      return rc;
    d->table.n_hints++;
  }
  return GYM_OK;
}

/* Whether a hint shows the metric as it is learnt. */
static bool
is_hint (const gym_proxy_data *d, uint32_t column)
{
  for (uint32_t i = 0; i < d->table.n_hints; i++)
    if (d->from[i].column == column
        && (d->from[i].fidelity == SIZE_MAX || d->from[i].fidelity == d->fidelity))
      return true;
  return false;
}

/* Every row's hints are shown to every model: a target among them would give away what
 * the model is tested on. */
static int
check_hints (const gym_proxy_data *d, gym_error *err)
{
  for (uint32_t i = 0; i < d->targets.n; i++)
    if (is_hint (d, d->columns[i]))
      return gym_fail (
          err, GYM_EINVAL,
          "metric \"%s\" is to be learnt: pretraining on it would show the "
          "model what it is tested on; another fidelity's, %s@FIDELITY, would "
          "not",
          d->target_items[i].name, d->target_items[i].name);
  return GYM_OK;
}

/* A measured time says more of the machine than of the design: who wants to learn one
 * asks for it by name. */
static int
choose_targets (gym_proxy_data *d, const struct gym_dataset_table *t,
                const struct gym_proxy_choice *choice, gym_error *err)
{
  const struct gym_metrics *m = gym_dataset_metrics (d->dataset);
  size_t room = m->n + choice->n_metrics;
  d->target_items = calloc (room + 1, sizeof *d->target_items);
  d->columns = calloc (room + 1, sizeof *d->columns);
  d->targets = (struct gym_metrics){ .struct_size = sizeof d->targets,
                                     .stride = sizeof *d->target_items,
                                     .items = d->target_items };
  if (!d->target_items || !d->columns)
    return gym_fail_memory (err);
  if (choice->n_metrics > 0)
    return choose_named (d, t, choice, err);
  for (uint32_t i = 0; i < m->n; i++) {
    const char *item = (const char *)m->items + (size_t)i * m->stride;
    uint32_t flags = ((const struct gym_metric *)(const void *)item)->flags;
    if (!(flags & GYM_METRIC_MEASURED) && !is_hint (d, i) && has_metric (d, t, i))
      add_target (d, i);
  }
  return d->targets.n ? GYM_OK
                      : gym_fail (err, GYM_ENOTFOUND, "there is no metric to learn");
}

/* ---- rows ---- */

/* A row on its way to its group: equal designs come to lie next to each other, and among
 * them equal targets. */
struct place {
  uint64_t design, targets; /* hashes */
  size_t row;
};

static int
by_hash (const void *a, const void *b)
{
  const struct place *x = a, *y = b;
  if (x->design != y->design)
    return x->design < y->design ? -1 : 1;
  if (x->targets != y->targets)
    return x->targets < y->targets ? -1 : 1;
  return x->row < y->row ? -1 : x->row > y->row;
}

/* Only what is learnt counts: rows that differ elsewhere would weigh twice. */
static bool
same_targets (const gym_proxy_data *d, const struct gym_dataset_table *t, size_t a,
              size_t b)
{
  for (uint32_t j = 0; j < d->targets.n; j++)
    if (t->metrics[a * t->n_metrics + d->columns[j]]
        != t->metrics[b * t->n_metrics + d->columns[j]])
      return false;
  return true;
}

/* Equal where same_targets holds: 0 has two signs. */
static uint64_t
hash_targets (const gym_proxy_data *d, const struct gym_dataset_table *t, size_t row)
{
  uint64_t hash = 0;
  for (uint32_t j = 0; j < d->targets.n; j++) {
    double value = t->metrics[row * t->n_metrics + d->columns[j]] + 0.0;
    hash = XXH3_64bits_withSeed (&value, sizeof value, hash);
  }
  return hash;
}

/* Takes the leader (first row) of each row's group, and SIZE_MAX for rows that say
 * nothing new of their design: their targets are those of a row before. */
static void
find_leaders (const gym_proxy_data *d, const struct gym_dataset_table *t,
              const struct place *places, size_t n, size_t *leaders)
{
  for (size_t first = 0, last; first < n; first = last) {
    size_t leader = SIZE_MAX;
    for (last = first; last < n && places[last].design == places[first].design; last++)
      leader = places[last].row < leader ? places[last].row : leader;
    for (size_t i = first, seen = first; i < last; i++) {
      if (places[i].targets != places[seen].targets)
        seen = i;
      bool again = i > seen && same_targets (d, t, places[seen].row, places[i].row);
      leaders[places[i].row] = again ? SIZE_MAX : leader;
    }
  }
}

/* Copies the rows that stay, groups in order of their first row. */
static void
copy_rows (gym_proxy_data *d, const struct gym_dataset_table *t, const size_t *leaders,
           size_t *numbers)
{
  struct gym_proxy_table *out = &d->table;
  for (size_t i = 0; i < t->n; i++) {
    if (leaders[i] == SIZE_MAX)
      continue;
    if (leaders[i] == i)
      numbers[i] = out->n_groups++;
    memcpy (d->designs + out->n * t->n_params, t->designs + i * t->n_params,
            t->n_params * sizeof (double));
    for (uint32_t j = 0; j < d->targets.n; j++)
      d->values[out->n * d->targets.n + j] = t->metrics[i * t->n_metrics + d->columns[j]];
    d->groups[out->n] = numbers[leaders[i]];
    d->agents[out->n++] = t->agents[i];
  }
}

/* 64 bits of hash stand for a design here: two that share them would end up in one group,
 * which costs a fold some evenness and no honesty. */
static int
take_rows (gym_proxy_data *d, const struct gym_dataset_table *t, gym_error *err)
{
  struct place *places = malloc ((t->n + 1) * sizeof *places);
  size_t *leaders = malloc ((2 * t->n + 1) * sizeof *leaders), n = 0;
  d->designs = malloc ((t->n * t->n_params + 1) * sizeof (double));
  d->values = malloc ((t->n * d->targets.n + 1) * sizeof (double));
  d->groups = malloc ((t->n + 1) * sizeof *d->groups);
  d->agents = malloc ((t->n + 1) * sizeof *d->agents);
  bool good = places && leaders && d->designs && d->values && d->groups && d->agents;
  for (size_t i = 0; good && i < t->n; i++) {
    leaders[i] = SIZE_MAX;
    if (is_row (d, t, i))
      places[n++] =
          (struct place){ .design = gym_space_hash (gym_proxy_data_space (d),
                                                    t->designs + i * t->n_params),
                          .targets = hash_targets (d, t, i),
                          .row = i };
  }
  if (good) {
    qsort (places, n, sizeof *places, by_hash);
    find_leaders (d, t, places, n, leaders);
    copy_rows (d, t, leaders, leaders + t->n);
  }
  free (places);
  free (leaders);
  return good ? GYM_OK : gym_fail_memory (err);
}

/* ---- hints ---- */

static bool
is_hinted (const gym_proxy_data *d, const struct gym_dataset_table *t, size_t row)
{
  bool all = t->envs[row] == d->env;
  for (uint32_t i = 0; all && i < d->table.n_hints; i++)
    all =
        isfinite (t->metrics[row * t->n_metrics + d->from[i].column])
        && (d->from[i].fidelity == SIZE_MAX || d->from[i].fidelity == t->fidelities[row]);
  return all;
}

/* One row of each design, in order of rows. */
static void
copy_hints (gym_proxy_data *d, const struct gym_dataset_table *t, struct place *places,
            size_t n, bool *first)
{
  struct gym_proxy_table *out = &d->table;
  qsort (places, n, sizeof *places, by_hash);
  for (size_t i = 0; i < n; i++)
    first[places[i].row] = i == 0 || places[i].design != places[i - 1].design;
  for (size_t i = 0; i < t->n; i++) {
    if (!first[i])
      continue;
    memcpy (d->hinted + out->n_hinted * t->n_params, t->designs + i * t->n_params,
            t->n_params * sizeof (double));
    for (uint32_t j = 0; j < out->n_hints; j++)
      d->hints[out->n_hinted * out->n_hints + j] =
          t->metrics[i * t->n_metrics + d->from[j].column];
    out->n_hinted++;
  }
}

/* Counts and scores go over decades, which a network is not at home in. */
static int
spread_hints (gym_proxy_data *d, gym_error *err)
{
  uint32_t m = d->table.n_hints;
  int rc = GYM_OK;
  for (uint32_t j = 0; rc == GYM_OK && j < m; j++) {
    struct gym_transformer of = { .wanted = GYM_TRANSFORM_AUTO };
    size_t row;
    rc = gym_transformer_fit (&of, d->hints + j, d->table.n_hinted, m, &row, err);
    for (size_t i = 0; rc == GYM_OK && i < d->table.n_hinted; i++)
      d->hints[i * m + j] = gym_transformer_apply (&of, d->hints[i * m + j]);
  }
  return rc;
}

static int
take_hints (gym_proxy_data *d, const struct gym_dataset_table *t, gym_error *err)
{
  struct place *places = malloc ((t->n + 1) * sizeof *places);
  bool *first = calloc (t->n + 1, sizeof *first);
  size_t n = 0;
  d->hinted = malloc ((t->n * t->n_params + 1) * sizeof (double));
  d->hints = malloc ((t->n * d->table.n_hints + 1) * sizeof (double));
  int rc = places && first && d->hinted && d->hints ? GYM_OK : gym_fail_memory (err);
  for (size_t i = 0; rc == GYM_OK && i < t->n; i++)
    if (is_hinted (d, t, i))
      places[n++] =
          (struct place){ .design = gym_space_hash (gym_proxy_data_space (d),
                                                    t->designs + i * t->n_params),
                          .row = i };
  if (rc == GYM_OK && n == 0)
    rc = gym_fail (err, GYM_ENOTFOUND, "no ok trial has all metrics to pretrain on");
  if (rc == GYM_OK)
    copy_hints (d, t, places, n, first);
  free (places);
  free (first);
  return rc == GYM_OK ? spread_hints (d, err) : rc;
}

static int
fill (gym_proxy_data *d, const char *const *paths, size_t n,
      const struct gym_proxy_choice *choice, gym_error *err)
{
  struct gym_dataset_options o = { .struct_size = sizeof o,
                                   .statuses = 1u << GYM_TRIAL_OK,
                                   .env = choice->env,
                                   .where = choice->where,
                                   .fidelity = choice->n_hints ? NULL : choice->fidelity,
                                   .study = choice->study };
  d->dataset = gym_dataset_open (paths, n, &o, err);
  int rc = d->dataset ? choose_env (d, choice, err) : GYM_EINVAL;
  if (rc < 0)
    return rc;
  const struct gym_dataset_table *t = gym_dataset_load (d->dataset, err);
  rc = t ? choose_fidelity (d, t, choice->fidelity, err) : GYM_ENOMEM;
  if (rc == GYM_OK)
    rc = find_hints (d, choice, err);
  if (rc == GYM_OK)
    rc = choose_targets (d, t, choice, err);
  if (rc == GYM_OK)
    rc = check_hints (d, err);
  if (rc == GYM_OK)
    rc = take_rows (d, t, err);
  if (rc == GYM_OK && d->table.n_hints)
    rc = take_hints (d, t, err);
  d->table.struct_size = sizeof d->table;
  d->table.n_params = gym_space_size (gym_proxy_data_space (d));
  d->table.n_targets = d->targets.n;
  d->table.n_agents = (uint32_t)gym_dataset_agents (d->dataset);
  d->table.designs = d->designs;
  d->table.targets = d->values;
  d->table.groups = d->groups;
  d->table.agents = d->agents;
  d->table.hinted = d->hinted;
  d->table.hints = d->hints;
  return rc;
}

gym_proxy_data *
gym_proxy_data_open (const char *const *paths, size_t n,
                     const struct gym_proxy_choice *choice, gym_error *err)
{
  struct gym_proxy_choice all = { .struct_size = sizeof all };
  gym_proxy_data *d = calloc (1, sizeof *d);
  if (!d) {
    gym_fail_memory (err);
    return NULL;
  }
  if (fill (d, paths, n, choice ? choice : &all, err) < 0)
    gym_proxy_data_destroy (&d);
  return d;
}

const struct gym_proxy_table *
gym_proxy_data_table (const gym_proxy_data *data)
{
  return &data->table;
}

const gym_space *
gym_proxy_data_space (const gym_proxy_data *data)
{
  return gym_dataset_space (data->dataset);
}

const struct gym_metrics *
gym_proxy_data_targets (const gym_proxy_data *data)
{
  return &data->targets;
}

const char *
gym_proxy_data_env (const gym_proxy_data *data)
{
  return gym_dataset_env (data->dataset, data->env)->identity;
}

const char *
gym_proxy_data_fidelity (const gym_proxy_data *data)
{
  return gym_dataset_fidelity (data->dataset, data->fidelity)->name;
}

const char *
gym_proxy_data_agent (const gym_proxy_data *data, uint32_t i)
{
  return gym_dataset_agent (data->dataset, i)->label;
}
