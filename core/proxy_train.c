/* core/proxy_train.c - training a model, and the note that says what it stands for: see
 * gym/proxy_train.h. */
#include "core/memory.h"
#include "core/proxy_data.h"
#include "core/text.h"

#include <jansson.h>

gym_proxy *
gym_proxy_prepare (const gym_registry *registry, const gym_proxy_data *data,
                   const struct gym_proxy_recipe *recipe, gym_error *err)
{
  gym_proxy *p =
      gym_proxy_open (registry, recipe->model, recipe->settings,
                      gym_proxy_data_space (data), &data->targets, recipe->seed, err);
  const struct gym_proxy_table *t = &data->table;
  int rc = p ? GYM_OK : GYM_EINVAL;
  for (uint32_t i = 0; rc == GYM_OK && i < data->targets.n; i++)
    rc = gym_proxy_set_transform (p, i, (enum gym_transform)recipe->transform, err);
  if (rc == GYM_OK) {
    gym_proxy_set_log (p, recipe->log, recipe->context);
    gym_proxy_set_cancel (p, recipe->cancel);
    if (recipe->struct_size > offsetof (struct gym_proxy_recipe, stop))
      gym_proxy_set_stop (p, recipe->stop, recipe->context);
  }
  if (rc == GYM_OK && t->n_hints)
    rc = gym_proxy_pretrain (p, t->n_hinted, t->hinted, t->n_hints, t->hints, err);
  if (rc < 0)
    gym_proxy_destroy (&p);
  return p;
}

/* ---- the note ---- */

/* Whether the env refuses designs, by its class; one that is not known here is taken to
 * refuse none. */
static bool
has_rules (const gym_registry *registry, const char *env_id)
{
  const struct gym_entry *e = gym_registry_find (registry, GYM_ROLE_ENV, env_id, NULL);
  const struct gym_env_class *c = e ? e->env : NULL;
  return c && c->struct_size > offsetof (struct gym_env_class, extension) && c->extension
         && c->extension ("constraint/1");
}

/* Every study that a row may be of, once. */
static void
put_stores (struct gym_text *out, const gym_dataset *d)
{
  bool first = true;
  for (size_t i = 0; i < gym_dataset_runs (d); i++) {
    const struct gym_dataset_run *run = gym_dataset_run (d, i);
    const struct gym_dataset_run *before = i ? gym_dataset_run (d, i - 1) : NULL;
    if (run->rows == 0
        || (before && before->rows && run->study == before->study
            && strcmp (run->store, before->store) == 0))
      continue;
    gym_text_puts (out, first ? "" : ", ");
    gym_text_puts (out, "{\"path\": ");
    gym_text_json (out, run->store);
    gym_text_printf (out, ", \"study\": %lld}", (long long)run->study);
    first = false;
  }
}

/* Names of the hints, as they were given. */
static void
put_hints (struct gym_text *out, const gym_proxy_data *data)
{
  const struct gym_metrics *m = gym_dataset_metrics (data->dataset);
  for (uint32_t i = 0; i < data->table.n_hints; i++) {
    const struct hint *hint = &data->from[i];
    const void *item = (const char *)m->items + (size_t)hint->column * m->stride;
    struct gym_text name = { .bytes = NULL };
    gym_text_puts (&name, ((const struct gym_metric *)item)->name);
    if (hint->fidelity != SIZE_MAX)
      gym_text_printf (&name, "@%s",
                       gym_dataset_fidelity (data->dataset, hint->fidelity)->name);
    gym_text_puts (out, i ? ", " : "");
    gym_text_json (out, name.bytes ? name.bytes : "");
    out->failed |= name.failed;
    gym_free (name.bytes);
  }
}

static char *
make_note (const gym_registry *registry, const gym_proxy_data *data, gym_error *err)
{
  struct gym_text out = { 0 };
  gym_text_puts (&out, "{\"env\": ");
  gym_text_json (&out, gym_proxy_data_env (data));
  gym_text_puts (&out, ", \"fidelity\": ");
  gym_text_json (&out, gym_proxy_data_fidelity (data));
  gym_text_printf (&out, ", \"rules\": %s, \"rows\": %zu, \"designs\": %zu",
                   has_rules (registry, gym_dataset_env_id (data->dataset)) ? "true"
                                                                            : "false",
                   data->table.n, data->table.n_groups);
  gym_text_puts (&out, ", \"stores\": [");
  put_stores (&out, data->dataset);
  gym_text_puts (&out, "], \"hints\": [");
  put_hints (&out, data);
  gym_text_puts (&out, "]}");
  return gym_text_take (&out, err);
}

/* A text as it is, a list as JSON; NULL where the note has neither. */
static int
take_member (const json_t *note, const char *key, char **to)
{
  const json_t *value = json_object_get (note, key);
  const char *text = json_string_value (value);
  if (text)
    *to = strdup (text);
  else if (json_is_array (value))
    *to = json_dumps (value, 0);
  return *to || !(text || json_is_array (value)) ? GYM_OK : GYM_ENOMEM;
}

/* What cannot be read for want of memory is no model without an env. */
static int
read_note (const char *text, struct gym_proxy_origin *origin)
{
  json_error_t why;
  json_t *note = text ? json_loads (text, 0, &why) : NULL;
  if (text && !note)
    return json_error_code (&why) == json_error_out_of_memory ? GYM_ENOMEM : GYM_OK;
  origin->rules = json_is_true (json_object_get (note, "rules"));
  origin->rows = (size_t)json_integer_value (json_object_get (note, "rows"));
  origin->designs = (size_t)json_integer_value (json_object_get (note, "designs"));
  int rc = take_member (note, "env", &origin->env);
  if (rc == GYM_OK)
    rc = take_member (note, "fidelity", &origin->fidelity);
  if (rc == GYM_OK)
    rc = take_member (note, "stores", &origin->stores);
  if (rc == GYM_OK)
    rc = take_member (note, "hints", &origin->hints);
  json_decref (note);
  return rc;
}

int
gym_proxy_origin_read (const gym_proxy *proxy, struct gym_proxy_origin *origin,
                       gym_error *err)
{
  *origin = (struct gym_proxy_origin){ .struct_size = origin->struct_size };
  int rc = read_note (gym_proxy_note (proxy), origin);
  if (rc == GYM_OK && origin->env && origin->fidelity && origin->stores)
    return GYM_OK;
  gym_proxy_origin_clear (origin);
  return rc < 0 ? gym_fail_memory (err)
                : gym_fail (err, GYM_EINVAL,
                            "the model does not say which env it stands for: train it "
                            "with gym proxy train");
}

void
gym_proxy_origin_clear (struct gym_proxy_origin *origin)
{
  free (origin->env);
  free (origin->fidelity);
  free (origin->stores);
  free (origin->hints);
  origin->env = origin->fidelity = origin->stores = origin->hints = NULL;
}

/* ---- training ---- */

/* Gathered into arrays of their own: a class sees one matrix without gaps. */
static int
fit_some (gym_proxy *p, const gym_proxy_data *data, const size_t *rows, size_t n,
          gym_error *err)
{
  const struct gym_proxy_table *t = &data->table;
  double *designs = malloc ((n * t->n_params + 1) * sizeof *designs);
  double *targets = malloc ((n * t->n_targets + 1) * sizeof *targets);
  int rc = designs && targets ? GYM_OK : gym_fail_memory (err);
  for (size_t i = 0; rc == GYM_OK && i < n; i++) {
    memcpy (designs + i * t->n_params, t->designs + rows[i] * t->n_params,
            t->n_params * sizeof *designs);
    memcpy (targets + i * t->n_targets, t->targets + rows[i] * t->n_targets,
            t->n_targets * sizeof *targets);
  }
  if (rc == GYM_OK)
    rc = gym_proxy_fit (p, n, designs, targets, err);
  free (designs);
  free (targets);
  return rc;
}

gym_proxy *
gym_proxy_fit_rows (const gym_registry *registry, const gym_proxy_data *data,
                    const struct gym_proxy_recipe *recipe, const size_t *rows, size_t n,
                    gym_error *err)
{
  gym_proxy *p = gym_proxy_prepare (registry, data, recipe, err);
  if (p && fit_some (p, data, rows, n, err) < 0)
    gym_proxy_destroy (&p);
  return p;
}

gym_proxy *
gym_proxy_train (const gym_registry *registry, const gym_proxy_data *data,
                 const struct gym_proxy_recipe *recipe, gym_error *err)
{
  const struct gym_proxy_table *t = &data->table;
  gym_proxy *p = gym_proxy_prepare (registry, data, recipe, err);
  char *note = p ? make_note (registry, data, err) : NULL;
  if (!note || gym_proxy_fit (p, t->n, t->designs, t->targets, err) < 0
      || gym_proxy_set_note (p, note, err) < 0)
    gym_proxy_destroy (&p);
  if (p && recipe->progress)
    recipe->progress (recipe->context, 1, 1);
  gym_free (note);
  /* Flag and listeners are the recipe's, which need not live on. */
  if (p) {
    gym_proxy_set_log (p, NULL, NULL);
    gym_proxy_set_cancel (p, NULL);
    gym_proxy_set_stop (p, NULL, NULL);
  }
  return p;
}
