/* core/host_models.c - models and envs opened inside an env: see gym/plugin.h.
 *
 * The core owns the handles, so that a plugin cannot forget one, and closes them after
 * the instance, which may look at them until its end. */
#include "core/host.h"
#include "core/text.h"

#include <gym/proxy_train.h>
#include <stdlib.h>
#include <string.h>

/* One of the two is set. */
struct gym_held {
  struct gym_held *next;
  gym_proxy *proxy;
  char *path;
  gym_env *env;
  uint32_t fidelity;
};

/* In the list before anything can fail: whatever was opened is closed with it. */
static struct gym_held *
hold (const struct gym_host *host, gym_error *err)
{
  struct gym_host_context *c = host->context;
  struct gym_held *h = calloc (1, sizeof *h);
  if (!h) {
    gym_fail_memory (err);
    return NULL;
  }
  h->next = c->held;
  c->held = h;
  return h;
}

static struct gym_proxy *
host_proxy_open (const struct gym_host *host, const char *path,
                 const struct gym_space **space, struct gym_metrics *targets,
                 gym_error *err)
{
  const struct gym_host_context *c = host->context;
  struct gym_held *h = hold (host, err);
  if (!h)
    return NULL;
  h->path = strdup (path);
  if (!h->path) {
    gym_fail_memory (err);
    return NULL;
  }
  h->proxy = gym_proxy_load (c->registry, path, NULL, err);
  if (!h->proxy)
    return NULL;
  *space = gym_proxy_space (h->proxy);
  *targets = *gym_proxy_targets (h->proxy);
  return h->proxy;
}

/* A model without a note, made by hand, knows of no env and so of no rules. */
static int
host_proxy_rules (const struct gym_proxy *proxy, gym_error *err)
{
  struct gym_proxy_origin origin = { .struct_size = sizeof origin };
  int rc = gym_proxy_origin_read (proxy, &origin, NULL);
  bool rules = rc == GYM_OK && origin.rules;
  gym_proxy_origin_clear (&origin);
  return rc == GYM_ENOMEM ? gym_fail_memory (err) : rules;
}

/* The folder of the model's file: a model that moves takes its env's files along. */
static char *
folder_of (const struct gym_host_context *c, const struct gym_proxy *proxy)
{
  for (const struct gym_held *h = c->held; h; h = h->next)
    if (h->proxy == proxy) {
      const char *slash = strrchr (h->path, '/');
      return slash ? strndup (h->path, (size_t)(slash - h->path) + 1) : strdup (".");
    }
  return NULL;
}

/* An env that contained its own class would open itself without end. */
static int
open_held (const struct gym_host *host, struct gym_held *h,
           const struct gym_proxy_origin *origin, const char *folder, gym_error *err)
{
  const struct gym_host_context *c = host->context;
  const struct gym_env_class *self = host->self_class;
  size_t n = strlen (self->id);
  if (strncmp (origin->env, "{\"id\": \"", 8) == 0
      && strncmp (origin->env + 8, self->id, n) == 0 && origin->env[8 + n] == '"')
    return gym_fail (err, GYM_EINVAL, "env %s cannot be opened inside itself", self->id);
  h->env = gym_env_reopen (c->registry, origin->env, NULL, folder, err);
  if (!h->env)
    return GYM_EINVAL;
  int fidelity = gym_env_find_fidelity (h->env, origin->fidelity, err);
  if (fidelity < 0)
    return fidelity;
  h->fidelity = (uint32_t)fidelity;
  return GYM_OK;
}

static struct gym_env *
host_env_open (const struct gym_host *host, const struct gym_proxy *proxy,
               const char *folder, uint32_t *n_metrics, gym_error *err)
{
  struct gym_proxy_origin origin = { .struct_size = sizeof origin };
  if (gym_proxy_origin_read (proxy, &origin, err) < 0)
    return NULL;
  char *own = folder ? NULL : folder_of (host->context, proxy);
  struct gym_held *h = hold (host, err);
  gym_env *env = NULL;
  if (h && open_held (host, h, &origin, folder ? folder : own, err) == GYM_OK
      && gym_space_match (gym_proxy_space (proxy), gym_env_space (h->env), err) == GYM_OK)
    env = h->env;
  if (env)
    *n_metrics = gym_env_metrics (env)->n;
  free (own);
  gym_proxy_origin_clear (&origin);
  return env;
}

/* Where lines go and what stops the work may have changed since the last call. */
static int
host_env_evaluate (const struct gym_host *host, struct gym_env *env, size_t n,
                   const double *designs, const uint64_t *seeds, double *metrics,
                   uint32_t *statuses, char *notes, gym_error *err)
{
  const struct gym_host_context *c = host->context;
  const struct gym_held *h = c->held;
  while (h && h->env != env)
    h = h->next;
  uint32_t *fidelities = h ? malloc ((n + 1) * sizeof *fidelities) : NULL;
  if (!fidelities)
    return gym_fail_memory (err);
  for (size_t i = 0; i < n; i++)
    fidelities[i] = h->fidelity;
  gym_env_set_log (env, c->log, c->log_context);
  gym_env_set_cancel (env, c->cancel);
  int rc = gym_env_evaluate (env, n, designs, fidelities, seeds, metrics, statuses, notes,
                             err);
  free (fidelities);
  return rc;
}

void
gym_host_add_models (struct gym_host *host, struct gym_host_context *context,
                     const gym_registry *registry)
{
  context->registry = registry;
  context->held = NULL;
  host->proxy_open = host_proxy_open;
  host->proxy_predict = gym_proxy_predict;
  host->proxy_rules = host_proxy_rules;
  host->env_open = host_env_open;
  host->env_metric = gym_env_find_metric;
  host->env_repair = gym_env_repair;
  host->env_evaluate = host_env_evaluate;
}

void
gym_host_drop_models (struct gym_host_context *context)
{
  while (context->held) {
    struct gym_held *h = context->held;
    context->held = h->next;
    gym_env_destroy (&h->env);
    gym_proxy_destroy (&h->proxy);
    free (h->path);
    free (h);
  }
}
