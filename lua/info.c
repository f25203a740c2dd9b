/* What there is: gym.envs, gym.agents, gym.proxies, gym.info, gym.problems. */
#include "lua/binding.h"

static const char *const roles[] = { "env", "agent", "proxy", NULL };

static void
set_flag (lua_State *L, const char *key, bool value)
{
  lua_pushboolean (L, value);
  lua_setfield (L, -2, key);
}

/* What every class tells about itself. */
static void
push_entry (lua_State *L, const struct gym_entry *e)
{
  lua_createtable (L, 0, 16);
  bind_set_text (L, "id", e->id);
  bind_set_text (L, "role", roles[e->role - 1]);
  bind_set_text (L, "origin", e->origin);
  bind_set_text (L, "plugin", e->plugin->name);
  bind_set_text (L, "version", e->plugin->version);
  bind_set_text (L, "licence", e->plugin->licence);
  const char *summary = e->env     ? e->env->summary
                        : e->agent ? e->agent->summary
                                   : e->proxy->summary;
  bind_set_text (L, "summary", summary);
}

static int
push_list (lua_State *L, enum gym_role role)
{
  const gym_registry *registry = bind_registry (L);
  size_t n = gym_registry_count (registry, role);
  lua_createtable (L, (int)n, 0);
  for (size_t i = 0; i < n; i++) {
    push_entry (L, gym_registry_entry (registry, role, i));
    lua_rawseti (L, -2, (lua_Integer)i + 1);
  }
  return 1;
}

static int
list_envs (lua_State *L)
{
  return push_list (L, GYM_ROLE_ENV);
}

static int
list_agents (lua_State *L)
{
  return push_list (L, GYM_ROLE_AGENT);
}

static int
list_proxies (lua_State *L)
{
  return push_list (L, GYM_ROLE_PROXY);
}

/* gym.problems (): files that were refused, and why */
static int
list_problems (lua_State *L)
{
  const gym_registry *registry = bind_registry (L);
  lua_newtable (L);
  for (size_t i = 0; i < gym_registry_problem_count (registry); i++) {
    lua_pushstring (L, gym_registry_problem (registry, i));
    lua_rawseti (L, -2, (lua_Integer)i + 1);
  }
  return 1;
}

static void
free_env (void *object)
{
  gym_env *env = object;
  gym_env_destroy (&env);
}

static void
free_space (void *object)
{
  gym_space *space = object;
  gym_space_destroy (&space);
}

/* Space, metrics and fidelities of an env with its defaults; where it cannot be opened
 * with these, `note` says why. The info table is on top. */
static void
add_env (lua_State *L, const gym_registry *registry, const struct gym_entry *e)
{
  gym_error err = { 0 };
  bind_set_text (L, "doc", e->env->doc);
  bind_set_text (L, "source", e->env->source);
  set_flag (L, "noisy", (e->env->flags & GYM_ENV_NOISY) != 0);
  bind_push_options (L, &e->env->options);
  lua_setfield (L, -2, "options");
  int info = lua_gettop (L);
  struct box *box = bind_handle (L, ENV_CLASS, NULL);
  box->destroy = free_env;
  gym_env *env = box->object = gym_env_open (registry, e->id, NULL, &err);
  if (!env) {
    lua_settop (L, info);
    bind_set_text (L, "note", err.text);
    return;
  }
  const gym_space *space = gym_env_space (env);
  lua_createtable (L, (int)gym_space_size (space), 0);
  for (uint32_t i = 0; i < gym_space_size (space); i++) {
    bind_push_param (L, space, i);
    lua_rawseti (L, -2, (lua_Integer)i + 1);
  }
  lua_setfield (L, info, "params");
  bind_push_metric_list (L, gym_env_metrics (env));
  lua_setfield (L, info, "metrics");
  bind_push_fidelity_list (L, gym_env_fidelities (env));
  lua_setfield (L, info, "fidelities");
  lua_settop (L, info);
}

/* As a list, and as the space that a search for settings walks. The info table is on top.
 */
static void
add_options (lua_State *L, const struct gym_options *options)
{
  gym_error err = { 0 };
  bind_push_options (L, options);
  lua_setfield (L, -2, "options");
  struct box *box = bind_handle (L, SPACE_CLASS, NULL);
  box->destroy = free_space;
  box->object = gym_options_space (options, &err);
  if (!box->object)
    bind_raise_error (L, &err);
  lua_setfield (L, -2, "space");
}

static void
add_agent (lua_State *L, const struct gym_entry *e)
{
  bind_set_text (L, "doc", e->agent->doc);
  bind_set_text (L, "source", e->agent->source);
  set_flag (L, "warm_start", (e->agent->flags & GYM_AGENT_WARM_START) != 0);
  set_flag (L, "prior", (e->agent->flags & GYM_AGENT_PRIOR) != 0);
  set_flag (L, "distinct", (e->agent->flags & GYM_AGENT_DISTINCT) != 0);
  set_flag (L, "replayable", (e->agent->flags & GYM_AGENT_NOT_REPLAYABLE) == 0);
  lua_pushinteger (L, e->agent->max_objectives);
  lua_setfield (L, -2, "max_objectives");
  lua_pushinteger (L, e->agent->in_flight);
  lua_setfield (L, -2, "in_flight");
  add_options (L, &e->agent->options);
}

static void
add_proxy (lua_State *L, const struct gym_entry *e)
{
  bind_set_text (L, "doc", e->proxy->doc);
  bind_set_text (L, "source", e->proxy->source);
  set_flag (L, "saved", e->proxy->save && e->proxy->load);
  add_options (L, &e->proxy->options);
}

/* Its place on the four axes, those it has a word for. */
static void
add_axes (lua_State *L, const struct gym_entry *e)
{
  struct gym_place place = gym_entry_place (e);
  const char *const keys[] = { "space", "strategy", "acceleration", "cost" };
  const char *const texts[] = { place.space, place.strategy, place.acceleration,
                                place.cost };
  lua_createtable (L, 0, 4);
  for (int i = 0; i < 4; i++)
    if (texts[i][0])
      bind_set_text (L, keys[i], texts[i]);
  lua_setfield (L, -2, "axes");
}

/* The nearest of all roles, not of envs alone. */
static int
unknown_id (lua_State *L, const char *id)
{
  const gym_registry *registry = bind_registry (L);
  enum { FIRST = GYM_ROLE_ENV, LAST = GYM_ROLE_PROXY };
  size_t n = 0, room = 0;
  for (int r = FIRST; r <= LAST; r++)
    room += gym_registry_count (registry, (enum gym_role)r);
  const char **names = bind_buffer (L, room, sizeof *names);
  for (int r = FIRST; r <= LAST; r++)
    for (size_t i = 0; i < gym_registry_count (registry, (enum gym_role)r); i++)
      names[n++] = gym_registry_entry (registry, (enum gym_role)r, i)->id;
  return bind_unknown (L, "unknown env, agent or proxy", id, names, (unsigned)n);
}

/* gym.info (id, role): envs are looked at first, then agents */
static int
info (lua_State *L)
{
  const gym_registry *registry = bind_registry (L);
  const char *id = bind_id (L, 1, "gym.info(id, role)");
  gym_error err = { 0 };
  int role = -1;
  if (!lua_isnoneornil (L, 2))
    role = bind_choice (L, luaL_tolstring (L, 2, NULL), "gym.info: unknown role", roles);
  const struct gym_entry *e = NULL;
  if (role < 0 || role == 0)
    e = gym_registry_find (registry, GYM_ROLE_ENV, id, &err);
  if (!e && (role < 0 || role == 1))
    e = gym_registry_find (registry, GYM_ROLE_AGENT, id, &err);
  if (!e && (role < 0 || role == 2))
    e = gym_registry_find (registry, GYM_ROLE_PROXY, id, &err);
  if (!e && role < 0)
    return unknown_id (L, id);
  if (!e)
    return bind_raise_error (L, &err);
  push_entry (L, e);
  add_axes (L, e);
  if (e->env)
    add_env (L, registry, e);
  else if (e->agent)
    add_agent (L, e);
  else
    add_proxy (L, e);
  return 1;
}

/* core.nearest (word, names) */
static int
nearest (lua_State *L)
{
  const char *word = luaL_checkstring (L, 1);
  size_t n = (size_t)luaL_len (L, 2);
  const char **names = bind_buffer (L, n, sizeof *names);
  for (size_t i = 0; i < n; i++) {
    lua_geti (L, 2, (lua_Integer)i + 1);
    names[i] = luaL_checkstring (L, -1); /* the table keeps it */
    lua_pop (L, 1);
  }
  lua_pushstring (L, gym_nearest (word, names, (unsigned)n));
  return 1;
}

/* core.raise (text): with the place in the script */
static int
raise_text (lua_State *L)
{
  return bind_raise (L, "%s", luaL_checkstring (L, 1));
}

/* core.number (value): the shortest text that reads back to the same number */
static int
number_text (lua_State *L)
{
  char text[40];
  if (lua_isinteger (L, 1))
    snprintf (text, sizeof text, "%lld", (long long)lua_tointeger (L, 1));
  else
    gym_number_format (luaL_checknumber (L, 1), text, sizeof text);
  lua_pushstring (L, text);
  return 1;
}

/* core.methods (class): the table of methods of a class of handles */
static int
class_methods (lua_State *L)
{
  luaL_getmetatable (L, luaL_checkstring (L, 1));
  lua_getfield (L, -1, "methods");
  return 1;
}

/* core.kind (value): the class of a handle, or nil */
static int
class_kind (lua_State *L)
{
  static const char *const classes[] = { ENV_CLASS,   AGENT_CLASS, STUDY_CLASS,
                                         STORE_CLASS, SPACE_CLASS, OBJECTIVE_CLASS,
                                         PRIOR_CLASS, RNG_CLASS,   NULL };
  for (int i = 0; classes[i]; i++)
    if (luaL_testudata (L, 1, classes[i])) {
      lua_pushstring (L, classes[i]);
      return 1;
    }
  return 0;
}

void
bind_open_info (lua_State *L)
{
  static const luaL_Reg module[] = {
    { "envs", list_envs },         { "agents", list_agents }, { "proxies", list_proxies },
    { "problems", list_problems }, { "info", info },          { NULL, NULL }
  };
  static const luaL_Reg core[] = {
    { "nearest", nearest },       { "raise", raise_text }, { "number", number_text },
    { "methods", class_methods }, { "kind", class_kind },  { NULL, NULL }
  };
  bind_functions (L, module, core);
}
