/* Environments written in Lua: gym.environment{...}. */
#include "lua/class.h"

#include <math.h>
#include <string.h>

/* ---- opening, describing -------------------------------------------------------------
 */

/* Pushes what field `key` of self holds: a table, or what a method of that name returns.
 * Returns whether there is one. */
static bool
push_described (lua_State *L, const struct instance *self, const char *key)
{
  lua_rawgeti (L, LUA_REGISTRYINDEX, self->self);
  int type = lua_getfield (L, -1, key);
  if (type == LUA_TFUNCTION) {
    lua_pushvalue (L, -2);
    lua_call (L, 1, 1);
    type = lua_type (L, -1);
  }
  lua_remove (L, -2);
  if (type != LUA_TNIL)
    return true;
  lua_pop (L, 1);
  return false;
}

/* Reads space, metrics and fidelities; the arrays live in a table that self keeps. */
static void
describe (lua_State *L, struct instance *self)
{
  lua_rawgeti (L, LUA_REGISTRYINDEX, self->self);
  lua_newtable (L);
  int anchor = lua_gettop (L);
  lua_pushvalue (L, -1);
  lua_setfield (L, -3, "_arrays");
  if (!push_described (L, self, "space"))
    bind_raise (L, "space: nothing was returned");
  self->params = (struct gym_params){ .struct_size = sizeof (struct gym_params),
                                      .stride = sizeof (struct gym_param) };
  self->params.items = bind_read_params (L, lua_gettop (L), anchor, &self->params.n);
  if (!push_described (L, self, "metrics"))
    bind_raise (L, "metrics: nothing was returned");
  self->metrics = (struct gym_metrics){ .struct_size = sizeof (struct gym_metrics),
                                        .stride = sizeof (struct gym_metric) };
  self->metrics.items =
      bind_read_metric_list (L, lua_gettop (L), anchor, &self->metrics.n);
  if (push_described (L, self, "fidelities")) {
    self->fidelities =
        (struct gym_fidelities){ .struct_size = sizeof (struct gym_fidelities),
                                 .stride = sizeof (struct gym_fidelity) };
    self->fidelities.items = bind_read_fidelities (L, lua_gettop (L), anchor,
                                                   &self->metrics, &self->fidelities.n);
  }
}

static const char *
fidelity_name (const struct instance *self, uint32_t i)
{
  return i < self->fidelities.n ? self->fidelities.items[i].name : "full";
}

/* What evaluate gets beside the design; one table an instance, changed every time. */
static void
make_context (lua_State *L, struct instance *self)
{
  lua_createtable (L, 0, 4);
  self->rng = bind_rng (L, 0);
  lua_setfield (L, -2, "rng");
  self->fidelity = self->fidelities.n ? self->fidelities.n - 1 : 0;
  lua_pushstring (L, fidelity_name (self, self->fidelity));
  lua_setfield (L, -2, "fidelity");
  self->context = luaL_ref (L, LUA_REGISTRYINDEX);
}

static int
open_body (lua_State *L)
{
  struct instance *self = lua_touserdata (L, 1);
  gym_error err = { 0 };
  bind_make_self (L, self);
  bind_seed_random (L, 0);
  bind_call_method (L, self, "open", 0);
  describe (L, self);
  self->space = gym_space_new (&self->params, &err);
  if (!self->space)
    bind_raise_error (L, &err);
  make_context (L, self);
  return 0;
}

/* `close` follows also where this fails: whatever was made so far is freed there. */
static int
env_open (void *instance, const struct gym_host *host, gym_error *err)
{
  struct instance *self = instance;
  self->class = host->self_class;
  self->host = host;
  return bind_guarded (self->class, open_body, self, err);
}

static void
env_close (void *instance)
{
  struct instance *self = instance;
  bind_close_instance (self);
  gym_space_destroy (&self->space);
}

static int
env_space (void *instance, struct gym_params *out, gym_error *err)
{
  (void)err;
  *out = ((struct instance *)instance)->params;
  return GYM_OK;
}

static int
env_metrics (void *instance, struct gym_metrics *out, gym_error *err)
{
  (void)err;
  *out = ((struct instance *)instance)->metrics;
  return GYM_OK;
}

static int
env_fidelities (void *instance, struct gym_fidelities *out, gym_error *err)
{
  (void)err;
  if (((struct instance *)instance)->fidelities.n)
    *out = ((struct instance *)instance)->fidelities;
  return GYM_OK;
}

/* ---- evaluating ----------------------------------------------------------------------
 */

struct row {
  struct instance *self;
  const double *design;
  uint32_t fidelity;
  uint64_t seed;
  double *metrics;
  bool sealed; /* the sealed metrics are wanted */
  uint32_t status;
  char note[256];
};

static void
push_context (lua_State *L, struct instance *self, const struct row *row)
{
  lua_rawgeti (L, LUA_REGISTRYINDEX, self->context);
  if (row->fidelity != self->fidelity) {
    lua_pushstring (L, fidelity_name (self, row->fidelity));
    lua_setfield (L, -2, "fidelity");
    self->fidelity = row->fidelity;
  }
  lua_pushinteger (L, (lua_Integer)row->seed);
  lua_setfield (L, -2, "seed");
  lua_pushboolean (L, row->sealed);
  lua_setfield (L, -2, "sealed");
  gym_rng_init (self->rng, row->seed);
}

/* evaluate gave no metrics but (nil, status, note) or (nil, note). */
static void
read_refusal (lua_State *L, struct row *row)
{
  const char *word = lua_tostring (L, -2), *note = lua_tostring (L, -1);
  int status = word ? gym_status_parse (word) : -1;
  if (lua_toboolean (L, -3))
    bind_raise (L, "evaluate returned %s instead of a table of metrics",
                bind_show (L, -3));
  if (status == GYM_TRIAL_OK)
    bind_raise (L, "evaluate returned the status ok without metrics");
  row->status = status < 0 ? GYM_TRIAL_FAILED : (uint32_t)status;
  if (status < 0)
    note = word ? word : "evaluate returned nothing";
  snprintf (row->note, sizeof row->note, "%s", note ? note : "");
}

/* A metric that the fidelity yields and evaluate left out. */
static void
check_complete (lua_State *L, const struct instance *self, const struct row *row)
{
  const uint8_t *yields =
      self->fidelities.n ? self->fidelities.items[row->fidelity].yields : NULL;
  for (uint32_t j = 0; j < self->metrics.n; j++) {
    bool sealed = (self->metrics.items[j].flags & GYM_METRIC_SEALED) && !row->sealed;
    if ((yields && !yields[j]) || sealed || !isnan (row->metrics[j]))
      continue;
    if (lua_getfield (L, -3, self->metrics.items[j].name) == LUA_TNIL)
      bind_raise (L, "evaluate returned no metric \"%s\"", self->metrics.items[j].name);
    lua_pop (L, 1);
  }
}

static int
row_body (lua_State *L)
{
  struct row *row = lua_touserdata (L, 1);
  struct instance *self = row->self;
  bind_seed_random (L, row->seed);
  lua_rawgeti (L, LUA_REGISTRYINDEX, self->class->evaluate);
  lua_rawgeti (L, LUA_REGISTRYINDEX, self->self);
  bind_push_design (L, self->space, row->design);
  push_context (L, self, row);
  lua_call (L, 3, 3);
  if (!lua_istable (L, -3)) {
    read_refusal (L, row);
    return 0;
  }
  bind_read_metrics (L, -3, &self->metrics, row->metrics);
  check_complete (L, self, row);
  return 0;
}

/* An error of the script fails the row it happened in, with the message as note. */
static int
env_evaluate (void *instance, struct gym_batch *batch, gym_error *err)
{
  struct instance *self = instance;
  for (size_t i = 0; i < batch->n; i++) {
    struct row row = { .self = self,
                       .design = batch->designs + i * batch->n_params,
                       .fidelity = batch->fidelities[i],
                       .seed = batch->seeds[i],
                       .sealed = gym_batch_sealed (batch),
                       .metrics = batch->metrics + i * batch->n_metrics };
    gym_error why = { 0 };
    int rc = bind_guarded (self->class, row_body, &row, &why);
    if (rc == GYM_ENOMEM)
      return gym_fail (err, rc, "%s", why.text);
    batch->statuses[i] = rc < 0 ? GYM_TRIAL_FAILED : row.status;
    if (batch->statuses[i] != GYM_TRIAL_OK)
      snprintf (batch->notes + i * batch->note_size, batch->note_size, "%s",
                rc < 0 ? why.text : row.note);
  }
  return GYM_OK;
}

/* ---- rules (extension constraint/1)
 * ---------------------------------------------------- */

struct rule {
  struct instance *self;
  const double *design;
  double *repaired;
  bool valid;
};

static int
valid_body (lua_State *L)
{
  struct rule *rule = lua_touserdata (L, 1);
  bind_push_design (L, rule->self->space, rule->design);
  bind_call_method (L, rule->self, "valid", 1);
  rule->valid = lua_toboolean (L, -1);
  return 0;
}

/* A rule that raises has no way to fail the call: the design counts as invalid, which
 * costs one trial at most, and the log says why. */
static bool
rule_valid (void *instance, const double *design)
{
  struct instance *self = instance;
  struct rule rule = { .self = self, .design = design };
  gym_error err = { 0 };
  if (bind_guarded (self->class, valid_body, &rule, &err) < 0)
    self->host->log (self->host, "valid: %s", err.text);
  return rule.valid;
}

static int
repair_body (lua_State *L)
{
  struct rule *rule = lua_touserdata (L, 1);
  bind_push_design (L, rule->self->space, rule->repaired);
  bind_call_method (L, rule->self, "repair", 1);
  double *row = bind_buffer (L, gym_space_size (rule->self->space), sizeof *row);
  bind_read_design (L, -2, rule->self->space, true, row);
  memcpy (rule->repaired, row, gym_space_size (rule->self->space) * sizeof *row);
  return 0;
}

static void
rule_repair (void *instance, double *design)
{
  struct instance *self = instance;
  struct rule rule = { .self = self, .repaired = design };
  gym_error err = { 0 };
  if (bind_guarded (self->class, repair_body, &rule, &err) < 0)
    self->host->log (self->host, "repair: %s", err.text);
}

/* An extension is asked for by name alone, so each combination is a function. */
static const void *
extension_valid (const char *name)
{
  static const struct gym_constraint_1 rules = { .struct_size = sizeof rules,
                                                 .valid = rule_valid };
  return strcmp (name, "constraint/1") == 0 ? &rules : NULL;
}

static const void *
extension_repair (const char *name)
{
  static const struct gym_constraint_1 rules = { .struct_size = sizeof rules,
                                                 .valid = rule_valid,
                                                 .repair = rule_repair };
  return strcmp (name, "constraint/1") == 0 ? &rules : NULL;
}

/* ---- defining -------------------------------------------------------------------------
 */

/* Field `key` of the table at 1, when it is a table (pushed) and not a method. */
static bool
push_static (lua_State *L, const char *what, const char *key, bool required)
{
  int type = lua_getfield (L, 1, key);
  if (type == LUA_TTABLE)
    return true;
  if (type != LUA_TFUNCTION && (required || type != LUA_TNIL))
    bind_raise (L, "%s: %s: a list, or a function that returns one, was expected, not %s",
                what, key, bind_show (L, -1));
  lua_pop (L, 1);
  return false;
}

static void
free_space (void *object)
{
  gym_space *space = object;
  gym_space_destroy (&space);
}

/* Checks lists that need no instance now, where the script can be blamed by its line. */
static void
check_lists (lua_State *L, const char *what, int anchor)
{
  gym_error err = { 0 };
  struct gym_metrics metrics = { .stride = sizeof (struct gym_metric) };
  uint32_t n;
  if (push_static (L, what, "space", true)) {
    struct gym_params params = { .struct_size = sizeof params,
                                 .stride = sizeof (struct gym_param) };
    params.items = bind_read_params (L, lua_gettop (L), anchor, &params.n);
    struct box *box = bind_handle (L, GUARD_CLASS, NULL);
    box->destroy = free_space;
    box->object = gym_space_new (&params, &err);
    if (!box->object)
      bind_raise (L, "%s: %s", what, err.text);
    lua_pop (L, 2);
  }
  if (!push_static (L, what, "metrics", true))
    return;
  metrics.items = bind_read_metric_list (L, lua_gettop (L), anchor, &metrics.n);
  lua_pop (L, 1);
  if (push_static (L, what, "fidelities", false)) {
    bind_read_fidelities (L, lua_gettop (L), anchor, &metrics, &n);
    lua_pop (L, 1);
  }
}

int
bind_environment (lua_State *L)
{
  static const char *const keys[] = { "id",      "summary",    "doc",     "source",
                                      "licence", "version",    "options", "space",
                                      "metrics", "fidelities", "noisy",   "open",
                                      "close",   "evaluate",   "valid",   "repair",
                                      "axes",    NULL };
  static const char what[] = "gym.environment";
  lua_settop (L, 1);
  struct class *class = bind_class_new (L);
  int anchor = lua_gettop (L);
  bind_class_basics (L, class, anchor, what, keys);
  class->evaluate = bind_class_function (L, what, "evaluate");
  check_lists (L, what, anchor);
  struct gym_env_class *env = &class->as.env;
  env->struct_size = sizeof *env;
  env->place = bind_class_axes (L, anchor, "gym.environment: axes");
  env->flags = bind_flag (L, 1, "noisy", what, false) ? GYM_ENV_NOISY : 0;
  env->open = env_open;
  env->close = env_close;
  env->space = env_space;
  env->metrics = env_metrics;
  env->fidelities = env_fidelities;
  env->evaluate = env_evaluate;
  bool valid = lua_getfield (L, 1, "valid") == LUA_TFUNCTION;
  bool repair = lua_getfield (L, 1, "repair") == LUA_TFUNCTION;
  lua_pop (L, 2);
  if (repair && !valid)
    return bind_raise (L, "%s: repair needs valid as well", what);
  env->extension = repair ? extension_repair : valid ? extension_valid : NULL;
  class->envs[0] = env;
  class->plugin.envs = class->envs;
  bind_class_register (L, class, anchor);
  lua_settop (L, 1);
  return 1;
}
