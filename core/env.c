/* Open environments: checks everything that crosses the border to a plugin. */
#include <gym/env.h>

#include "core/host.h"
#include "core/memory.h"
#include "core/unsealed.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct gym_env {
  const struct gym_entry *entry;
  const gym_registry *registry;
  const struct gym_env_class *class;
  gym_settings *settings;
  void *self;
  bool opened; /* open was called: close is due */
  struct gym_host host;
  struct gym_host_context context;

  gym_space *space;
  struct gym_metrics metrics; /* copies with our stride; strings are the plugin's */
  struct gym_fidelities fidelities;
  struct gym_metric *metric_items;
  struct gym_fidelity *fidelity_items;
  char *identity;
  const struct gym_constraint_1 *rules;
  const struct gym_detail_1 *detail;
  struct gym_metrics columns; /* of details; as metrics */
  struct gym_metric *column_items;

  /* What a batch needs besides the caller's arrays. */
  size_t room;
  uint32_t *default_fidelities;
  uint64_t *default_seeds;
  char *notes;
  double *designs, *results; /* rows that pass the env's rules */
  uint64_t *seeds;
  uint32_t *levels, *statuses;
  size_t *places;
  uint32_t flags; /* of the batch at work: GYM_BATCH_... */
};

static const struct gym_fidelity full = { .name = "full", .cost = 1 };

/* Copies an array whose elements may be shorter or longer than ours. */
static void *
copy_items (const void *items, uint32_t n, uint32_t stride, size_t size)
{
  char *copy = calloc (n ? n : 1, size);
  size_t part = stride < size ? stride : size;
  for (uint32_t i = 0; copy && i < n; i++)
    memcpy (copy + i * size, (const char *)items + (size_t)i * stride, part);
  return copy;
}

static bool
name_is_good (const char *name)
{
  if (!name || !(isalpha ((unsigned char)name[0]) || name[0] == '_'))
    return false;
  for (const char *c = name; *c; c++)
    if (!isalnum ((unsigned char)*c) && *c != '_' && *c != '.')
      return false;
  return true;
}

/* Parameters and metrics become columns of one table, whose names do not tell capitals
 * from small letters. */
static int
check_metric (const gym_env *env, uint32_t i, gym_error *err)
{
  const struct gym_metric *m = &env->metric_items[i];
  if (!name_is_good (m->name))
    return gym_fail (err, GYM_EPLUGIN,
                     "metric %u: name \"%s\" is not of the form "
                     "[A-Za-z_][A-Za-z0-9_.]*",
                     i, m->name ? m->name : "(null)");
  if (m->sense > GYM_MAXIMISE)
    return gym_fail (err, GYM_EPLUGIN, "metric \"%s\": sense %u does not exist", m->name,
                     m->sense);
  for (uint32_t j = 0; j < i; j++)
    if (strcasecmp (m->name, env->metric_items[j].name) == 0)
      return gym_fail (err, GYM_EPLUGIN, "two metrics are named \"%s\"", m->name);
  for (uint32_t j = 0; j < gym_space_size (env->space); j++)
    if (strcasecmp (m->name, gym_space_param (env->space, j)->name) == 0)
      return gym_fail (err, GYM_EPLUGIN, "\"%s\" names a metric and a parameter",
                       m->name);
  return GYM_OK;
}

/* Copies are kept with our stride: the rest of the core indexes plain arrays. */
static int
read_metrics (gym_env *env, gym_error *err)
{
  struct gym_metrics m = { .struct_size = sizeof m };
  int rc = env->class->metrics (env->self, &m, err);
  if (rc < 0)
    return rc;
  if (m.n == 0 || !m.items)
    return gym_fail (err, GYM_EPLUGIN, "no metrics");
  env->metric_items = copy_items (m.items, m.n, m.stride, sizeof (struct gym_metric));
  if (!env->metric_items)
    return gym_fail (err, GYM_ENOMEM, "out of memory for the metrics");
  env->metrics = (struct gym_metrics){ .struct_size = sizeof m,
                                       .n = m.n,
                                       .stride = sizeof (struct gym_metric),
                                       .items = env->metric_items };
  for (uint32_t i = 0; i < m.n && rc == GYM_OK; i++)
    rc = check_metric (env, i, err);
  return rc;
}

/* Rising costs that end in 1 make "the last is the default" and a budget in units of the
 * highest mean the same to everybody. */
static int
check_fidelity (const struct gym_fidelity *items, uint32_t i, uint32_t n, gym_error *err)
{
  const struct gym_fidelity *f = &items[i];
  if (!name_is_good (f->name) && !(f->name && isdigit ((unsigned char)f->name[0])))
    return gym_fail (err, GYM_EPLUGIN, "fidelity %u has no good name", i);
  for (uint32_t j = 0; j < i; j++)
    if (strcmp (f->name, items[j].name) == 0)
      return gym_fail (err, GYM_EPLUGIN, "two fidelities are named \"%s\"", f->name);
  if (!(f->cost > 0 && f->cost <= 1) || (i > 0 && f->cost < items[i - 1].cost))
    return gym_fail (err, GYM_EPLUGIN,
                     "fidelity \"%s\": cost %g; costs rise and lie in (0, 1]", f->name,
                     f->cost);
  if (i == n - 1 && f->cost < 1)
    return gym_fail (err, GYM_EPLUGIN,
                     "fidelity \"%s\" is the highest: its cost must be 1", f->name);
  return GYM_OK;
}

static int
read_fidelities (gym_env *env, gym_error *err)
{
  struct gym_fidelities f = { .struct_size = sizeof f };
  int rc = env->class->fidelities ? env->class->fidelities (env->self, &f, err) : GYM_OK;
  if (rc < 0)
    return rc;
  if (f.n == 0)
    f = (struct gym_fidelities){ .n = 1, .stride = sizeof full, .items = &full };
  env->fidelity_items = copy_items (f.items, f.n, f.stride, sizeof (struct gym_fidelity));
  if (!env->fidelity_items)
    return gym_fail (err, GYM_ENOMEM, "out of memory for the fidelities");
  env->fidelities = (struct gym_fidelities){ .struct_size = sizeof f,
                                             .n = f.n,
                                             .stride = sizeof (struct gym_fidelity),
                                             .items = env->fidelity_items };
  for (uint32_t i = 0; i < f.n && rc == GYM_OK; i++)
    rc = check_fidelity (env->fidelity_items, i, f.n, err);
  return rc;
}

static int
read_columns (gym_env *env, gym_error *err)
{
  struct gym_metrics m = { .struct_size = sizeof m };
  int rc = env->detail->columns (env->self, &m, err);
  if (rc < 0)
    return rc;
  env->column_items = copy_items (m.items, m.n, m.stride, sizeof (struct gym_metric));
  if (!env->column_items)
    return gym_fail (err, GYM_ENOMEM, "out of memory for the columns of details");
  env->columns = (struct gym_metrics){ .struct_size = sizeof m,
                                       .n = m.n,
                                       .stride = sizeof (struct gym_metric),
                                       .items = env->column_items };
  for (uint32_t i = 0; i < m.n; i++)
    if (!name_is_good (env->column_items[i].name))
      return gym_fail (err, GYM_EPLUGIN, "column %u of details has no good name", i);
  return GYM_OK;
}

/* Every answer of the class, each error saying whose it is. */
static int
read_class (gym_env *env, gym_error *err)
{
  struct gym_params p = { .struct_size = sizeof p };
  int rc = env->class->space (env->self, &p, err);
  if (rc < 0)
    return rc;
  env->space = gym_space_new (&p, err);
  if (!env->space)
    return GYM_EPLUGIN;
  if ((rc = read_metrics (env, err)) < 0 || (rc = read_fidelities (env, err)) < 0)
    return rc;
  if (env->class->struct_size > offsetof (struct gym_env_class, extension)
      && env->class->extension) {
    env->rules = env->class->extension ("constraint/1");
    env->detail = env->class->extension ("detail/1");
  }
  return env->detail ? read_columns (env, err) : GYM_OK;
}

/* The identity is made before the plugin runs: it depends on the options alone. */
static int
open_instance (gym_env *env, const char *owner, gym_error *err)
{
  const struct gym_env_class *c = env->class;
  env->self = gym_instance_new (c->instance_size, &c->options, env->settings, owner, err);
  if (!env->self)
    return err ? err->code : GYM_EINVAL;
  env->identity = gym_instance_identity (c->id, &c->options, env->settings, owner, err);
  if (!env->identity)
    return GYM_EINVAL;
  env->opened = true;
  return c->open (env->self, &env->host, err);
}

/* Opening is all or nothing: a class whose answers are malformed is never seen open. */
gym_env *
gym_env_open (const gym_registry *registry, const char *id, const gym_settings *settings,
              gym_error *err)
{
  const struct gym_entry *entry = gym_registry_find (registry, GYM_ROLE_ENV, id, err);
  if (!entry)
    return NULL;
  gym_env *env = calloc (1, sizeof *env);
  if (!env) {
    gym_fail (err, GYM_ENOMEM, "out of memory for env %s", entry->id);
    return NULL;
  }
  char owner[160];
  snprintf (owner, sizeof owner, "env %s", entry->id);
  env->entry = entry;
  env->registry = registry;
  env->class = entry->env;
  gym_host_init (&env->host, &env->context, entry->env);
  gym_host_add_models (&env->host, &env->context, registry);
  env->settings = gym_settings_copy (settings, err);
  int rc = env->settings ? open_instance (env, owner, err) : GYM_ENOMEM;
  if (rc == GYM_OK && (rc = read_class (env, err)) < 0)
    gym_error_prefix (err, "%s", owner);
  if (rc < 0)
    gym_env_destroy (&env);
  return env;
}

void
gym_env_destroy (gym_env **pointer)
{
  gym_env *env = *pointer;
  if (!env)
    return;
  if (env->opened)
    env->class->close (env->self);
  gym_host_drop_models (&env->context);
  free (env->self);
  gym_space_destroy (&env->space);
  gym_settings_destroy (&env->settings);
  free (env->metric_items);
  free (env->fidelity_items);
  free (env->column_items);
  free (env->identity);
  free (env->default_fidelities);
  free (env->default_seeds);
  free (env->notes);
  free (env->designs);
  free (env->results);
  free (env->seeds);
  free (env->levels);
  free (env->statuses);
  free (env->places);
  free (env);
  *pointer = NULL;
}

const struct gym_entry *
gym_env_entry (const gym_env *env)
{
  return env->entry;
}

const gym_registry *
gym_env_registry (const gym_env *env)
{
  return env->registry;
}

const gym_settings *
gym_env_settings (const gym_env *env)
{
  return env->settings;
}

const gym_space *
gym_env_space (const gym_env *env)
{
  return env->space;
}

const struct gym_metrics *
gym_env_metrics (const gym_env *env)
{
  return &env->metrics;
}

const struct gym_fidelities *
gym_env_fidelities (const gym_env *env)
{
  return &env->fidelities;
}

const char *
gym_env_identity (const gym_env *env)
{
  return env->identity;
}

/* Index of `name` in an array of structs that begin with their name. */
static int
find_name (const void *items, uint32_t n, size_t size, const char *name, const char *what,
           const char *id, gym_error *err)
{
  const char *names[256] = { NULL };
  for (uint32_t i = 0; i < n; i++) {
    const char *item = *(const char *const *)((const char *)items + i * size);
    if (strcmp (item, name) == 0)
      return (int)i;
    if (i < 256)
      names[i] = item;
  }
  unsigned shown = n < 256 ? n : 256;
  const char *near = gym_nearest (name, names, shown);
  char known[512] = "";
  size_t used = 0;
  for (unsigned i = 0; i < shown && used < sizeof known; i++)
    used += (size_t)snprintf (known + used, sizeof known - used, "%s%s", i ? ", " : "",
                              names[i]);
  return gym_fail (
      err, GYM_ENOTFOUND, "env %s has no %s \"%s\"; valid ones are: %s%s%s%s", id, what,
      name, known, near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
}

int
gym_env_find_metric (const gym_env *env, const char *name, gym_error *err)
{
  return find_name (env->metric_items, env->metrics.n, sizeof (struct gym_metric), name,
                    "metric", env->entry->id, err);
}

int
gym_env_find_fidelity (const gym_env *env, const char *name, gym_error *err)
{
  return find_name (env->fidelity_items, env->fidelities.n, sizeof (struct gym_fidelity),
                    name, "fidelity", env->entry->id, err);
}

void
gym_env_set_log (gym_env *env, void (*log) (void *, const char *), void *context)
{
  env->context.log = log;
  env->context.log_context = context;
}

void
gym_env_get_log (const gym_env *env, void (**log) (void *, const char *), void **context)
{
  *log = env->context.log;
  *context = env->context.log_context;
}

void
gym_env_set_cancel (gym_env *env, const atomic_bool *flag)
{
  env->context.cancel = flag;
}

/* A repair may move a parameter off its grid or leave a child of the moved one behind:
 * the row is made canonical again before it is judged. */
bool
gym_env_repair (gym_env *env, double *row)
{
  gym_space_repair (env->space, row);
  if (!env->rules || env->rules->valid (env->self, row))
    return true;
  if (!env->rules->repair)
    return false;
  env->rules->repair (env->self, row);
  gym_space_repair (env->space, row);
  return env->rules->valid (env->self, row);
}

/* Room for batches of n rows in the arrays of the handle. */
static int
reserve (gym_env *env, size_t n, gym_error *err)
{
  if (n <= env->room)
    return GYM_OK;
  size_t p = gym_space_size (env->space), m = env->metrics.n;
  if (gym_resize (&env->default_fidelities, n, sizeof (uint32_t)) < 0
      || gym_resize (&env->default_seeds, n, sizeof (uint64_t)) < 0
      || gym_resize (&env->notes, n, GYM_NOTE) < 0
      || gym_resize (&env->seeds, n, sizeof (uint64_t)) < 0
      || gym_resize (&env->levels, n, sizeof (uint32_t)) < 0
      || gym_resize (&env->statuses, n, sizeof (uint32_t)) < 0
      || gym_resize (&env->places, n, sizeof (size_t)) < 0
      || gym_resize (&env->designs, n * (p ? p : 1), sizeof (double)) < 0
      || gym_resize (&env->results, n * m, sizeof (double)) < 0)
    return gym_fail (err, GYM_ENOMEM, "out of memory for %zu designs", n);
  for (size_t i = env->room; i < n; i++) {
    env->default_fidelities[i] = env->fidelities.n - 1;
    env->default_seeds[i] = 0;
  }
  env->room = n;
  return GYM_OK;
}

/* Presets what a plugin fills in and calls it. */
static int
call_once (gym_env *env, struct gym_batch *batch, gym_error *why)
{
  size_t cells = batch->n * batch->n_metrics;
  for (size_t i = 0; i < cells; i++)
    batch->metrics[i] = NAN;
  for (size_t i = 0; i < batch->n; i++) {
    batch->statuses[i] = GYM_TRIAL_OK;
    batch->notes[i * batch->note_size] = '\0';
  }
  return env->class->evaluate (env->self, batch, why);
}

/* Row i of a batch as a batch of one. */
static struct gym_batch
single (const struct gym_batch *all, size_t i)
{
  struct gym_batch one = *all;
  one.n = 1;
  one.designs += i * all->n_params;
  one.fidelities += i;
  one.seeds += i;
  one.metrics += i * all->n_metrics;
  one.statuses += i;
  one.notes += i * all->note_size;
  return one;
}

/* An error of the whole call must not let one row spoil the others, or results would
 * depend on who shares a batch: the rows are then tried one by one. */
static int
call_plugin (gym_env *env, struct gym_batch *batch, gym_error *err)
{
  gym_error why = { 0 };
  int rc = call_once (env, batch, &why);
  for (size_t i = 0; rc < 0 && batch->n > 1 && i < batch->n; i++) {
    struct gym_batch one = single (batch, i);
    if (rc == GYM_ECANCELLED || rc == GYM_ENOMEM)
      break;
    int alone = call_plugin (env, &one, err);
    if (alone < 0)
      return alone;
  }
  if (rc == GYM_ECANCELLED || rc == GYM_ENOMEM)
    return gym_fail (err, rc, "env %s: %s", env->entry->id, why.text);
  if (rc < 0 && batch->n == 1) {
    batch->statuses[0] = GYM_TRIAL_FAILED;
    snprintf (batch->notes, batch->note_size, "%.*s", GYM_NOTE - 1, why.text);
  }
  return GYM_OK;
}

/* What a search could see of a sealed metric is lost here, whatever the env wrote. */
static bool
is_hidden (const gym_env *env, uint32_t j)
{
  return (env->metric_items[j].flags & GYM_METRIC_SEALED)
         && !(env->flags & GYM_BATCH_SEALED);
}

/* An ok row must have a finite number wherever its fidelity yields one. */
static void
judge_row (const gym_env *env, uint32_t fidelity, double *metrics, uint32_t *status,
           char *note)
{
  const uint8_t *yields = env->fidelity_items[fidelity].yields;
  if (*status > GYM_TRIAL_OOM) {
    snprintf (note, GYM_NOTE, "the env returned status %u, which does not exist",
              *status);
    *status = GYM_TRIAL_FAILED;
  }
  for (uint32_t j = 0; j < env->metrics.n && *status == GYM_TRIAL_OK; j++) {
    metrics[j] += 0.0; /* no negative zero: stores do not keep its sign */
    if ((yields && !yields[j]) || is_hidden (env, j))
      metrics[j] = NAN;
    else if (!isfinite (metrics[j])) {
      snprintf (note, GYM_NOTE, "metric %.60s is %s", env->metric_items[j].name,
                isnan (metrics[j]) ? "not a number" : "infinite");
      *status = GYM_TRIAL_FAILED;
    }
  }
  for (uint32_t j = 0; j < env->metrics.n && *status != GYM_TRIAL_OK; j++)
    metrics[j] = NAN;
}

/* All rows are judged before any is evaluated: a wrong one is the caller's mistake, and
 * half a batch done would hide it. */
static int
check_rows (const gym_env *env, size_t n, const double *designs,
            const uint32_t *fidelities, gym_error *err)
{
  uint32_t p = gym_space_size (env->space);
  for (size_t i = 0; i < n; i++) {
    int rc = gym_space_check (env->space, designs + i * p, err);
    if (rc < 0) {
      if (n > 1)
        gym_error_prefix (err, "design %zu", i);
      return rc;
    }
    if (fidelities[i] >= env->fidelities.n)
      return gym_fail (err, GYM_EINVAL, "design %zu: fidelity %u; env %s has %u", i,
                       fidelities[i], env->entry->id, env->fidelities.n);
  }
  return GYM_OK;
}

/* Leaves out the rows that break the env's rules: the plugin sees the others only. */
static int
evaluate_valid (gym_env *env, struct gym_batch *all, gym_error *err)
{
  struct gym_batch part = *all;
  part.n = 0;
  part.designs = env->designs;
  part.fidelities = env->levels;
  part.seeds = env->seeds;
  part.metrics = env->results;
  part.statuses = env->statuses;
  char *notes = env->notes; /* may be all->notes as well: see the copying below */
  part.notes = notes;
  for (size_t i = 0; i < all->n; i++) {
    const double *row = all->designs + i * all->n_params;
    all->statuses[i] = GYM_TRIAL_INFEASIBLE;
    if (!env->rules->valid (env->self, row))
      continue;
    memcpy (env->designs + part.n * all->n_params, row, all->n_params * sizeof *row);
    env->levels[part.n] = all->fidelities[i];
    env->seeds[part.n] = all->seeds[i];
    env->places[part.n++] = i;
  }
  int rc = part.n ? call_plugin (env, &part, err) : GYM_OK;
  for (size_t k = part.n; rc == GYM_OK && k-- > 0;) { /* the last first: places rise */
    size_t i = env->places[k];
    all->statuses[i] = part.statuses[k];
    memcpy (all->metrics + i * all->n_metrics, part.metrics + k * all->n_metrics,
            all->n_metrics * sizeof *all->metrics);
    memmove (all->notes + i * GYM_NOTE, part.notes + k * GYM_NOTE, GYM_NOTE);
  }
  for (size_t i = 0, k = 0; rc == GYM_OK && i < all->n; i++)
    if (k < part.n && env->places[k] == i)
      k++;
    else
      snprintf (all->notes + i * GYM_NOTE, GYM_NOTE, "breaks a rule of the env");
  return rc;
}

static int
evaluate (gym_env *env, size_t n, const double *designs, const uint32_t *fidelities,
          const uint64_t *seeds, double *metrics, uint32_t *statuses, char *notes,
          gym_error *err)
{
  int rc = reserve (env, n, err);
  if (rc < 0 || n == 0)
    return rc;
  if (!fidelities)
    fidelities = env->default_fidelities;
  if ((rc = check_rows (env, n, designs, fidelities, err)) < 0)
    return rc;
  struct gym_batch batch = { .struct_size = sizeof batch,
                             .n_params = gym_space_size (env->space),
                             .n_metrics = env->metrics.n,
                             .note_size = GYM_NOTE,
                             .n = n,
                             .designs = designs,
                             .fidelities = fidelities,
                             .seeds = seeds ? seeds : env->default_seeds,
                             .metrics = metrics,
                             .statuses = statuses,
                             .notes = notes ? notes : env->notes,
                             .flags = env->flags };
  rc = env->rules ? evaluate_valid (env, &batch, err) : call_plugin (env, &batch, err);
  for (size_t i = 0; rc == GYM_OK && i < n; i++)
    judge_row (env, fidelities[i], metrics + i * env->metrics.n, &statuses[i],
               batch.notes + i * GYM_NOTE);
  return rc;
}

int
gym_env_evaluate (gym_env *env, size_t n, const double *designs,
                  const uint32_t *fidelities, const uint64_t *seeds, double *metrics,
                  uint32_t *statuses, char *notes, gym_error *err)
{
  env->flags = 0;
  return evaluate (env, n, designs, fidelities, seeds, metrics, statuses, notes, err);
}

uint32_t
gym_env_sealed (const gym_env *env)
{
  uint32_t n = 0;
  for (uint32_t i = 0; i < env->metrics.n; i++)
    n += (env->metric_items[i].flags & GYM_METRIC_SEALED) != 0;
  return n;
}

/* Put down before it happens: a process that is killed in between has read nothing, and
 * one that is killed later is known to have read. */
int
gym_env_evaluate_final (gym_env *env, const char *known, size_t n, const double *designs,
                        const uint32_t *fidelities, const uint64_t *seeds,
                        double *metrics, uint32_t *statuses, char *notes, gym_error *err)
{
  struct gym_unsealed *reads = gym_registry_unsealed (env->registry);
  int rc = gym_env_sealed (env) > 0 ? gym_unsealed_read (reads, env->identity, known, err)
                                    : GYM_OK;
  if (rc < 0)
    return rc;
  env->flags = GYM_BATCH_SEALED;
  rc = evaluate (env, n, designs, fidelities, seeds, metrics, statuses, notes, err);
  env->flags = 0;
  return rc;
}

int
gym_env_evaluate_sealed (gym_env *env, size_t n, const double *designs,
                         const uint32_t *fidelities, const uint64_t *seeds,
                         double *metrics, uint32_t *statuses, char *notes, gym_error *err)
{
  return gym_env_evaluate_final (env, NULL, n, designs, fidelities, seeds, metrics,
                                 statuses, notes, err);
}

static const char *const status_names[] = { "ok",      "infeasible", "failed",
                                            "timeout", "crashed",    "oom" };

const char *
gym_status_name (uint32_t status)
{
  return status <= GYM_TRIAL_OOM ? status_names[status] : "unknown";
}

int
gym_status_parse (const char *name)
{
  for (int i = 0; i <= GYM_TRIAL_OOM; i++)
    if (strcmp (status_names[i], name) == 0)
      return i;
  return -1;
}

/* ---- details ---- */

const struct gym_metrics *
gym_env_detail_columns (const gym_env *env)
{
  return env->detail ? &env->columns : NULL;
}

int
gym_env_detail (gym_env *env, const double *design, uint32_t fidelity, uint64_t seed,
                void (*emit) (void *, const char *, const double *), void *sink,
                gym_error *err)
{
  const char *id = env->entry->id;
  if (!env->detail)
    return gym_fail (err, GYM_ENOTFOUND,
                     "env %s has no details (extension detail/1) to show", id);
  int rc = check_rows (env, 1, design, &fidelity, err);
  if (rc < 0)
    return rc;
  if (env->rules && !env->rules->valid (env->self, design))
    return gym_fail (err, GYM_EFAILED, "the design breaks a rule of the env");
  rc = env->detail->rows (env->self, design, fidelity, seed, emit, sink, err);
  return rc == GYM_OK || rc == GYM_ENOMEM || rc == GYM_ECANCELLED ? rc : GYM_EFAILED;
}
