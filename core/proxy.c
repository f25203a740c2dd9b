/* Open proxy models: checks on everything that crosses the border to a plugin.
 *
 * A model outlives what it was made for: it is trained while an env is open, saved, and
 * read where there is none. So it owns copies of its space, targets and settings. */
#include "core/proxy.h"
#include "core/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Every NULL stays one: a missing unit is not an empty one. */
static int
copy_text (const char **to, const char *text)
{
  *to = text ? strdup (text) : NULL;
  return text && !*to ? GYM_ENOMEM : GYM_OK;
}

/* Targets may come from an env that is closed before the model is. */
static int
copy_target (struct gym_metric *to, const struct gym_metric *from)
{
  *to = (struct gym_metric){ .sense = from->sense, .flags = from->flags };
  return copy_text (&to->name, from->name) < 0 || copy_text (&to->unit, from->unit) < 0
                 || copy_text (&to->doc, from->doc) < 0
             ? GYM_ENOMEM
             : GYM_OK;
}

/* By name, targets are looked up in files and become the metrics of an env. */
static int
check_targets (const struct gym_metric *items, uint32_t n, gym_error *err)
{
  for (uint32_t i = 0; i < n; i++) {
    if (!items[i].name || !*items[i].name)
      return gym_fail (err, GYM_EINVAL, "target %u has no name", i);
    for (uint32_t j = 0; j < i; j++)
      if (strcmp (items[i].name, items[j].name) == 0)
        return gym_fail (err, GYM_EINVAL, "two targets are named \"%s\"", items[i].name);
  }
  return GYM_OK;
}

static int
take_targets (gym_proxy *p, const struct gym_metrics *targets, gym_error *err)
{
  if (!targets || targets->n == 0)
    return gym_fail (err, GYM_EINVAL, "a model needs at least one target");
  p->target_items = calloc (targets->n, sizeof *p->target_items);
  p->transforms = calloc (targets->n, sizeof *p->transforms);
  if (!p->target_items || !p->transforms)
    return gym_fail_memory (err);
  p->targets = (struct gym_metrics){ .struct_size = sizeof p->targets,
                                     .n = targets->n,
                                     .stride = sizeof *p->target_items,
                                     .items = p->target_items };
  for (uint32_t i = 0; i < targets->n; i++) {
    const char *item = (const char *)targets->items + (size_t)i * targets->stride;
    if (copy_target (&p->target_items[i], (const void *)item) < 0)
      return gym_fail_memory (err);
  }
  return check_targets (p->target_items, targets->n, err);
}

/* A space has no copy but by its text, which holds all there is to it. */
static gym_space *
copy_space (const gym_space *space, gym_error *err)
{
  char *text = gym_space_to_json (space, err);
  gym_space *copy = text ? gym_space_from_json (text, err) : NULL;
  gym_free (text);
  return copy;
}

/* The error is kept apart first: whoever passes none still needs its code. */
static int
open_instance (gym_proxy *p, const char *owner, gym_error *err)
{
  const struct gym_proxy_class *c = p->class;
  gym_error own = { 0 };
  p->self = gym_instance_new (c->instance_size, &c->options, p->settings, owner, &own);
  if (p->self)
    p->identity = gym_instance_identity (c->id, &c->options, p->settings, owner, &own);
  if (!p->identity) {
    if (err)
      *err = own;
    return own.code;
  }
  p->opened = true;
  int rc = c->open (p->self, &p->host, p->space, p->targets.n, p->seed, err);
  if (rc < 0)
    gym_error_prefix (err, "%s", owner);
  return rc;
}

/* What is half filled in, gym_proxy_destroy can take apart. */
static int
fill (gym_proxy *p, const gym_settings *settings, const gym_space *space,
      const struct gym_metrics *targets, gym_error *err)
{
  char owner[160];
  snprintf (owner, sizeof owner, "proxy %s", p->class->id);
  gym_host_init (&p->host, &p->context, p->class);
  p->settings = gym_settings_copy (settings, err);
  p->space = p->settings ? copy_space (space, err) : NULL;
  if (!p->space)
    return GYM_ENOMEM;
  int rc = take_targets (p, targets, err);
  if (rc < 0)
    gym_error_prefix (err, "%s", owner);
  return rc < 0 ? rc : open_instance (p, owner, err);
}

gym_proxy *
gym_proxy_open (const gym_registry *registry, const char *id,
                const gym_settings *settings, const gym_space *space,
                const struct gym_metrics *targets, uint64_t seed, gym_error *err)
{
  const struct gym_entry *entry = gym_registry_find (registry, GYM_ROLE_PROXY, id, err);
  if (!entry)
    return NULL;
  gym_proxy *p = calloc (1, sizeof *p);
  if (!p) {
    gym_fail_memory (err);
    return NULL;
  }
  p->entry = entry;
  p->class = entry->proxy;
  p->seed = seed;
  if (fill (p, settings, space, targets, err) < 0)
    gym_proxy_destroy (&p);
  return p;
}

static void
free_target (struct gym_metric *target)
{
  free ((void *)(uintptr_t)target->name);
  free ((void *)(uintptr_t)target->unit);
  free ((void *)(uintptr_t)target->doc);
}

void
gym_proxy_destroy (gym_proxy **pointer)
{
  gym_proxy *p = *pointer;
  if (!p)
    return;
  if (p->opened)
    p->class->close (p->self);
  free (p->self);
  for (uint32_t i = 0; i < p->targets.n; i++)
    free_target (&p->target_items[i]);
  free (p->target_items);
  free (p->transforms);
  gym_space_destroy (&p->space);
  gym_settings_destroy (&p->settings);
  free (p->identity);
  free (p->note);
  free (p);
  *pointer = NULL;
}

const struct gym_entry *
gym_proxy_entry (const gym_proxy *proxy)
{
  return proxy->entry;
}

const gym_space *
gym_proxy_space (const gym_proxy *proxy)
{
  return proxy->space;
}

const struct gym_metrics *
gym_proxy_targets (const gym_proxy *proxy)
{
  return &proxy->targets;
}

const gym_settings *
gym_proxy_settings (const gym_proxy *proxy)
{
  return proxy->settings;
}

const char *
gym_proxy_identity (const gym_proxy *proxy)
{
  return proxy->identity;
}

uint64_t
gym_proxy_seed (const gym_proxy *proxy)
{
  return proxy->seed;
}

size_t
gym_proxy_rows (const gym_proxy *proxy)
{
  return proxy->rows;
}

/* A change makes the model unfitted: what it has learnt is in other terms. */
int
gym_proxy_set_transform (gym_proxy *p, uint32_t target, enum gym_transform transform,
                         gym_error *err)
{
  if (target >= p->targets.n)
    return gym_fail (err, GYM_EINVAL, "target %u; there are %u", target, p->targets.n);
  if ((uint32_t)transform > GYM_TRANSFORM_AUTO)
    return gym_fail (err, GYM_EINVAL, "transform %u does not exist", (unsigned)transform);
  p->transforms[target] = (struct gym_transformer){ .wanted = transform };
  p->rows = 0;
  return GYM_OK;
}

enum gym_transform
gym_proxy_transform (const gym_proxy *p, uint32_t target, double *power)
{
  const struct gym_transformer *t = &p->transforms[target];
  if (power)
    *power = t->kind == GYM_TRANSFORM_NONE ? 1 : t->power;
  return t->kind;
}

void
gym_proxy_set_log (gym_proxy *proxy, void (*log) (void *, const char *), void *context)
{
  proxy->context.log = log;
  proxy->context.log_context = context;
}

void
gym_proxy_set_cancel (gym_proxy *proxy, const atomic_bool *flag)
{
  proxy->context.cancel = flag;
}

void
gym_proxy_set_stop (gym_proxy *proxy, bool (*stop) (void *), void *context)
{
  proxy->context.stop = stop;
  proxy->context.stop_context = context;
}

/* Checked here rather than when it is saved, which may be hours later. */
int
gym_proxy_set_note (gym_proxy *proxy, const char *note, gym_error *err)
{
  if (note && !gym_text_is_utf8 (note))
    return gym_fail (err, GYM_EINVAL, "the note of a model must be UTF-8");
  char *copy = note ? strdup (note) : NULL;
  if (note && !copy)
    return gym_fail_memory (err);
  free (proxy->note);
  proxy->note = copy;
  return GYM_OK;
}

const char *
gym_proxy_note (const gym_proxy *proxy)
{
  return proxy->note;
}

/* Classes index tables by levels: a row from elsewhere must not get to them. The text
 * names the row and the parameter, or the user would be left to count columns. */
static int
check_designs (const gym_proxy *p, size_t n, const double *designs, gym_error *err)
{
  size_t width = gym_space_size (p->space);
  for (size_t i = 0; i < n; i++) {
    int rc = gym_space_check (p->space, designs + i * width, err);
    if (rc < 0) {
      gym_error_prefix (err, "row %zu", i);
      return rc;
    }
  }
  return GYM_OK;
}

/* A model of NaN is one of nothing: rows that failed are the caller's to leave out. */
static int
check_values (const gym_proxy *p, size_t n, const double *values, gym_error *err)
{
  uint32_t m = p->targets.n;
  for (size_t i = 0; i < n * m; i++)
    if (!isfinite (values[i]))
      return gym_fail (err, GYM_EINVAL, "row %zu: target \"%s\" is not a finite number",
                       i / m, p->target_items[i % m].name);
  return GYM_OK;
}

/* Most models have none, and pay nothing for it. */
static bool
is_transformed (const gym_proxy *p)
{
  for (uint32_t i = 0; i < p->targets.n; i++)
    if (p->transforms[i].wanted != GYM_TRANSFORM_NONE)
      return true;
  return false;
}

/* A copy of the targets as they are learnt. */
static double *
transform_targets (gym_proxy *p, size_t n, const double *targets, gym_error *err)
{
  uint32_t m = p->targets.n;
  size_t row = 0;
  double *copy = malloc (n * m * sizeof *copy);
  if (!copy)
    gym_fail_memory (err);
  for (uint32_t j = 0; copy && j < m; j++) {
    if (gym_transformer_fit (&p->transforms[j], targets + j, n, m, &row, err) < 0) {
      gym_error_prefix (err, "row %zu: target \"%s\"", row, p->target_items[j].name);
      free (copy);
      return NULL;
    }
    for (size_t i = 0; i < n; i++)
      copy[i * m + j] = gym_transformer_apply (&p->transforms[j], targets[i * m + j]);
  }
  return copy;
}

/* The rows as the class is to see them. */
static int
fit_class (gym_proxy *p, struct gym_rows *rows, gym_error *err)
{
  double *copy = NULL;
  gym_error own = { 0 };
  if (is_transformed (p)) {
    copy = transform_targets (p, rows->n, rows->targets, &own);
    if (!copy) {
      if (err)
        *err = own;
      return own.code;
    }
    rows->targets = copy;
  }
  int rc = p->class->fit (p->self, rows, err);
  free (copy);
  return rc;
}

/* Marked as not fitted before anything else: half a fit must never predict. */
int
gym_proxy_fit (gym_proxy *p, size_t n, const double *designs, const double *targets,
               gym_error *err)
{
  struct gym_rows rows = { .struct_size = sizeof rows,
                           .n_targets = p->targets.n,
                           .n = n,
                           .designs = designs,
                           .targets = targets };
  p->rows = 0;
  if (n == 0)
    return gym_fail (err, GYM_EINVAL, "proxy %s: there are no rows to learn from",
                     p->class->id);
  int rc = check_designs (p, n, designs, err);
  if (rc == GYM_OK)
    rc = check_values (p, n, targets, err);
  if (rc == GYM_OK)
    rc = fit_class (p, &rows, err);
  if (rc < 0) {
    gym_error_prefix (err, "proxy %s", p->class->id);
    return rc;
  }
  p->rows = n;
  return GYM_OK;
}

/* ---- hints ---- */

/* Classes that were built before there was such a method end in front of it. */
bool
gym_proxy_pretrains (const gym_proxy *p)
{
  return p->class->struct_size > offsetof (struct gym_proxy_class, pretrain)
         && p->class->pretrain;
}

/* Hints have no names here: their place has to do. */
static int
check_hints (size_t n, uint32_t m, const double *hints, gym_error *err)
{
  for (size_t i = 0; i < n * m; i++)
    if (!isfinite (hints[i]))
      return gym_fail (err, GYM_EINVAL, "row %zu: hint %zu is not a finite number", i / m,
                       i % m);
  return GYM_OK;
}

int
gym_proxy_pretrain (gym_proxy *p, size_t n, const double *designs, uint32_t m,
                    const double *hints, gym_error *err)
{
  struct gym_rows rows = { .struct_size = sizeof rows,
                           .n_targets = m,
                           .n = n,
                           .designs = designs,
                           .targets = hints };
  /* What was fitted started from elsewhere. */
  p->rows = 0;
  if (!gym_proxy_pretrains (p))
    return gym_fail (err, GYM_EINVAL, "proxy %s cannot be pretrained", p->class->id);
  if (n == 0 || m == 0)
    return gym_fail (err, GYM_EINVAL, "proxy %s: there is nothing to be pretrained on",
                     p->class->id);
  int rc = check_designs (p, n, designs, err);
  if (rc == GYM_OK)
    rc = check_hints (n, m, hints, err);
  if (rc == GYM_OK)
    rc = p->class->pretrain (p->self, &rows, err);
  if (rc < 0)
    gym_error_prefix (err, "proxy %s", p->class->id);
  return rc;
}

/* What comes back is checked as well: a NaN must not travel on as if it were a metric. */
static int
check_answer (const gym_proxy *p, size_t n, const double *mean, const double *spread,
              gym_error *err)
{
  uint32_t m = p->targets.n;
  for (size_t i = 0; i < n * m; i++)
    if (!isfinite (mean[i]) || (spread && !(spread[i] >= 0 && isfinite (spread[i]))))
      return gym_fail (err, GYM_EPLUGIN,
                       "proxy %s predicts %g with spread %g for target \"%s\" of row %zu",
                       p->class->id, mean[i], spread ? spread[i] : 0,
                       p->target_items[i % m].name, i / m);
  return GYM_OK;
}

/* Without a spread there is no mean of a transformed target either. */
static int
predict_class (gym_proxy *p, size_t n, const double *designs, double *mean,
               double *spread, gym_error *err)
{
  uint32_t m = p->targets.n;
  bool transformed = is_transformed (p);
  double *own = transformed && !spread ? malloc (n * m * sizeof *own) : NULL;
  if (transformed && !spread && !own)
    return gym_fail_memory (err);
  double *s = own ? own : spread;
  int rc = p->class->predict (p->self, n, designs, mean, s, err);
  for (size_t i = 0; rc >= 0 && transformed && i < n * m; i++)
    gym_transformer_invert (&p->transforms[i % m], &mean[i], &s[i]);
  free (own);
  return rc;
}

/* An empty batch is no error, and no call either. */
int
gym_proxy_predict (gym_proxy *p, size_t n, const double *designs, double *mean,
                   double *spread, gym_error *err)
{
  if (p->rows == 0)
    return gym_fail (err, GYM_ESTATE, "proxy %s is not fitted", p->class->id);
  int rc = check_designs (p, n, designs, err);
  if (rc == GYM_OK && n > 0)
    rc = predict_class (p, n, designs, mean, spread, err);
  if (rc < 0) {
    gym_error_prefix (err, "proxy %s", p->class->id);
    return rc;
  }
  return check_answer (p, n, mean, spread, err);
}
