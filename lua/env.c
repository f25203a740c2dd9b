/* Open environments: gym.env (id, options), evaluate, what they are made of. */
#include "lua/binding.h"

#include <math.h>
#include <string.h>

static void
free_env (void *object)
{
  gym_env *env = object;
  gym_env_destroy (&env);
}

struct box *
bind_env_box (lua_State *L, int at)
{
  return bind_box (L, at, ENV_CLASS);
}

gym_env *
bind_env (lua_State *L, int at)
{
  return bind_object (L, at, ENV_CLASS);
}

const char *
bind_id (lua_State *L, int at, const char *role)
{
  if (lua_type (L, at) == LUA_TSTRING)
    return lua_tostring (L, at);
  if (lua_istable (L, at) && lua_getfield (L, at, "id") == LUA_TSTRING) {
    const char *id = lua_tostring (L, -1); /* the table keeps it */
    lua_pop (L, 1);
    return id;
  }
  bind_raise (L, "%s: an id, or a class written in Lua, was expected, not %s", role,
              bind_show (L, at));
  return NULL;
}

/* gym.env (id or class, options) */
static int
env_open (lua_State *L)
{
  gym_registry *registry = bind_registry (L);
  const char *id = bind_id (L, 1, "gym.env(id, options)");
  gym_error err = { 0 };
  lua_settop (L, 2);
  gym_settings *settings = bind_settings (L, 2, id);
  struct box *box = bind_handle (L, ENV_CLASS, NULL);
  box->destroy = free_env;
  box->object = gym_env_open (registry, id, settings, &err);
  return box->object ? 1 : bind_raise_error (L, &err);
}

/* core.reopen (identity, {option = path} or nil, folder or nil): the env of an identity
 */
static int
env_reopen (lua_State *L)
{
  gym_registry *registry = bind_registry (L);
  const char *identity = luaL_checkstring (L, 1);
  gym_error err = { 0 };
  lua_settop (L, 3);
  gym_settings *settings = bind_settings (L, 2, "files");
  struct box *box = bind_handle (L, ENV_CLASS, NULL);
  box->destroy = free_env;
  box->object = gym_env_reopen (registry, identity, settings, lua_tostring (L, 3), &err);
  return box->object ? 1 : bind_raise_error (L, &err);
}

/* core.setting (env, option): an option as it was given, or nil */
static int
env_setting (lua_State *L)
{
  const char *value =
      gym_settings_get (gym_env_settings (bind_env (L, 1)), luaL_checkstring (L, 2));
  lua_pushstring (L, value); /* nil for NULL */
  return 1;
}

uint32_t
bind_fidelity (lua_State *L, int at, const gym_env *env)
{
  gym_error err = { 0 };
  uint32_t n = gym_env_fidelities (env)->n;
  if (lua_isnoneornil (L, at))
    return n - 1;
  int found = -1;
  if (lua_type (L, at) == LUA_TSTRING)
    found = gym_env_find_fidelity (env, lua_tostring (L, at), &err);
  else
    gym_fail (&err, GYM_EINVAL, "a fidelity is a name, not %s", bind_show (L, at));
  if (found < 0)
    bind_raise_error (L, &err);
  return (uint32_t)found;
}

/* ---- evaluate --------------------------------------------------------------------- */

/* Everything of one call, in userdata that the stack keeps. */
struct job {
  gym_env *env;
  size_t n;
  bool list;   /* designs came as a list, outcomes go as one */
  bool sealed; /* compute sealed metrics too */
  double *designs, *metrics;
  uint32_t *fidelities, *statuses;
  uint64_t *seeds;
  char *notes;
};

static void
make_room (lua_State *L, struct job *job)
{
  size_t size = gym_space_size (gym_env_space (job->env));
  luaL_checkstack (L, 10, NULL);
  job->designs = bind_buffer (L, job->n * size, sizeof (double));
  job->metrics = bind_buffer (L, job->n * gym_env_metrics (job->env)->n, sizeof (double));
  job->fidelities = bind_buffer (L, job->n, sizeof (uint32_t));
  job->statuses = bind_buffer (L, job->n, sizeof (uint32_t));
  job->seeds = bind_buffer (L, job->n, sizeof (uint64_t));
  job->notes = bind_buffer (L, job->n, GYM_NOTE);
}

/* Options of a call: fidelity, seed, sealed; returns repair. */
static bool
read_options (lua_State *L, int at, struct job *job)
{
  static const char *const keys[] = { "fidelity", "seed", "repair", "sealed", NULL };
  static const char what[] = "env:evaluate";
  uint32_t fidelity = gym_env_fidelities (job->env)->n - 1;
  uint64_t seed = 0;
  bool repair = false;
  if (!lua_isnoneornil (L, at)) {
    bind_check_keys (L, at, what, keys);
    lua_getfield (L, at, "fidelity");
    fidelity = bind_fidelity (L, -1, job->env);
    lua_pop (L, 1);
    seed = (uint64_t)bind_integer (L, at, "seed", what, 0);
    repair = bind_flag (L, at, "repair", what, false);
    job->sealed = bind_flag (L, at, "sealed", what, false);
  }
  for (size_t i = 0; i < job->n; i++) {
    job->fidelities[i] = fidelity;
    job->seeds[i] = seed;
  }
  return repair;
}

static void
read_designs (lua_State *L, int at, struct job *job, bool repair)
{
  const gym_space *space = gym_env_space (job->env);
  size_t size = gym_space_size (space);
  for (size_t i = 0; i < job->n; i++) {
    if (job->list)
      lua_geti (L, at, (lua_Integer)i + 1);
    bind_read_design (L, job->list ? -1 : at, space, repair, job->designs + i * size);
    if (job->list)
      lua_pop (L, 1);
    if (repair)
      gym_env_repair (job->env, job->designs + i * size);
  }
}

/* Pushes outcome i: {status, metrics, note, design}. */
static void
push_outcome (lua_State *L, const struct job *job, size_t i)
{
  const struct gym_metrics *metrics = gym_env_metrics (job->env);
  const gym_space *space = gym_env_space (job->env);
  lua_createtable (L, 0, 4);
  lua_pushstring (L, gym_status_name (job->statuses[i]));
  lua_setfield (L, -2, "status");
  bind_push_metrics (L, metrics, job->metrics + i * metrics->n);
  lua_setfield (L, -2, "metrics");
  bind_push_design (L, space, job->designs + i * gym_space_size (space));
  lua_setfield (L, -2, "design");
  if (job->notes[i * GYM_NOTE])
    bind_set_text (L, "note", job->notes + i * GYM_NOTE);
}

/* env:evaluate (design or list of designs, {fidelity, seed, repair, sealed}) */
static int
env_evaluate (lua_State *L)
{
  struct box *box = bind_env_box (L, 1);
  struct job job = { .env = box->object, .n = 1 };
  gym_error err = { 0 };
  lua_settop (L, 3);
  if (lua_isnil (L, 2)) {
    lua_newtable (L);
    lua_replace (L, 2);
  }
  if (lua_istable (L, 2) && lua_geti (L, 2, 1) != LUA_TNIL) {
    job.list = true;
    job.n = (size_t)luaL_len (L, 2);
  }
  lua_settop (L, 3);
  make_room (L, &job);
  bool repair = read_options (L, 3, &job);
  read_designs (L, 2, &job, repair);
  bind_hold (box);
  int rc = (job.sealed ? gym_env_evaluate_sealed : gym_env_evaluate) (
      job.env, job.n, job.designs, job.fidelities, job.seeds, job.metrics, job.statuses,
      job.notes, &err);
  if (rc < 0) {
    bind_drop (box);
    return bind_raise_error (L, &err);
  }
  /* What follows can only raise for lack of memory; the handle holds the box again. */
  bind_drop (box);
  bind_env (L, 1);
  if (!job.list) {
    push_outcome (L, &job, 0);
    return 1;
  }
  lua_createtable (L, (int)job.n, 0);
  for (size_t i = 0; i < job.n; i++) {
    push_outcome (L, &job, i);
    lua_rawseti (L, -2, (lua_Integer)i + 1);
  }
  return 1;
}

/* env:repair (design): the nearest design that the env takes, and whether there is one */
static int
env_repair (lua_State *L)
{
  struct box *box = bind_env_box (L, 1);
  gym_env *env = box->object;
  const gym_space *space = gym_env_space (env);
  double *row = bind_buffer (L, gym_space_size (space), sizeof *row);
  bind_read_design (L, 2, space, true, row);
  bind_hold (box);
  bool valid = gym_env_repair (env, row);
  bind_drop (box);
  bind_env (L, 1);
  bind_push_design (L, space, row);
  lua_pushboolean (L, valid);
  return 2;
}

/* ---- properties ------------------------------------------------------------------- */

static void
free_space (void *object)
{
  gym_space *space = object;
  gym_space_destroy (&space);
}

/* A space of its own, so that it outlives the env, and closing the env really ends it.
 * The same handle each time: kept as the env handle's user value. */
static int
env_space (lua_State *L)
{
  struct box *box = bind_env_box (L, 1);
  if (lua_getiuservalue (L, 1, 1) == LUA_TUSERDATA)
    return 1;
  const gym_space *space = gym_env_space (box->object);
  uint32_t n = gym_space_size (space);
  struct gym_param *items = bind_buffer (L, n, sizeof *items);
  for (uint32_t i = 0; i < n; i++)
    items[i] = *gym_space_param (space, i);
  const struct gym_params params = {
    .struct_size = sizeof params, .n = n, .stride = sizeof *items, .items = items
  };
  gym_error err = { 0 };
  struct box *own = bind_handle (L, SPACE_CLASS, NULL);
  own->destroy = free_space;
  own->object = gym_space_new (&params, &err);
  if (!own->object)
    return bind_raise_error (L, &err);
  lua_pushvalue (L, -1);
  lua_setiuservalue (L, 1, 1);
  return 1;
}

static int
env_metrics (lua_State *L)
{
  bind_push_metric_list (L, gym_env_metrics (bind_env (L, 1)));
  return 1;
}

static int
env_fidelities (lua_State *L)
{
  bind_push_fidelity_list (L, gym_env_fidelities (bind_env (L, 1)));
  return 1;
}

static int
env_id (lua_State *L)
{
  lua_pushstring (L, gym_env_entry (bind_env (L, 1))->id);
  return 1;
}

static int
env_identity (lua_State *L)
{
  lua_pushstring (L, gym_env_identity (bind_env (L, 1)));
  return 1;
}

/* Options in force, as read back from the identity. */
static int
env_options (lua_State *L)
{
  const char *text = gym_env_identity (bind_env (L, 1));
  bind_push_json (L, text, strlen (text));
  lua_getfield (L, -1, "options");
  return 1;
}

void
bind_open_env (lua_State *L)
{
  static const luaL_Reg methods[] = { { "evaluate", env_evaluate },
                                      { "repair", env_repair },
                                      { NULL, NULL } };
  static const luaL_Reg properties[] = { { "space", env_space },
                                         { "metrics", env_metrics },
                                         { "fidelities", env_fidelities },
                                         { "id", env_id },
                                         { "identity", env_identity },
                                         { "options", env_options },
                                         { NULL, NULL } };
  bind_class (L, ENV_CLASS, methods, properties);
  static const luaL_Reg module[] = { { "env", env_open }, { NULL, NULL } };
  static const luaL_Reg core[] = { { "reopen", env_reopen },
                                   { "setting", env_setting },
                                   { NULL, NULL } };
  bind_functions (L, module, core);
}
