/* The module itself: what a state keeps, and how the parts come together. */
#include "lua/binding.h"

#include <lualib.h>
#include <string.h>

#include "lua/plugins.h"

static const char state_key = 0;

/* The registry goes with the state, after every env and agent: libgym's objects are
 * finalised in the reverse order of their making, and this one is the first. */
static int
state_gc (lua_State *L)
{
  struct binding *b = lua_touserdata (L, 1);
  if (b->owned)
    gym_registry_destroy (&b->registry);
  return 0;
}

struct binding *
bind_state (lua_State *L)
{
  lua_rawgetp (L, LUA_REGISTRYINDEX, &state_key);
  struct binding *b = lua_touserdata (L, -1); /* the registry keeps it */
  lua_pop (L, 1);
  return b;
}

gym_registry *
bind_registry (lua_State *L)
{
  struct binding *b = bind_state (L);
  gym_error err = { 0 };
  if (b->loading)
    bind_raise (L,
                "%s is being loaded as a plugin: it can define classes and return one, "
                "not use them",
                b->loading);
  if (b->scanned)
    return b->registry;
  if (!b->registry)
    b->registry = gym_registry_new (&err);
  b->owned = true;
  if (!b->registry || gym_registry_scan (b->registry, &err) < 0)
    bind_raise_error (L, &err);
  b->scanned = true;
  bind_load_plugins (L);
  return b->registry;
}

static int
make_state (lua_State *L)
{
  struct binding *b = bind_buffer (L, 1, sizeof *b);
  lua_createtable (L, 0, 1);
  lua_pushcfunction (L, state_gc);
  lua_setfield (L, -2, "__gc");
  lua_setmetatable (L, -2);
  lua_rawsetp (L, LUA_REGISTRYINDEX, &state_key);
  lua_rawgeti (L, LUA_REGISTRYINDEX, LUA_RIDX_MAINTHREAD);
  b->main = lua_tothread (L, -1);
  lua_pop (L, 1);
  b->calls = lua_newthread (L);
  lua_setfield (L, LUA_REGISTRYINDEX, "gym.calls");
  lua_getglobal (L, "math");
  if (!lua_istable (L, -1) || lua_getfield (L, -1, "randomseed") != LUA_TFUNCTION)
    return luaL_error (L, "gym needs Lua's math library");
  b->randomseed = luaL_ref (L, LUA_REGISTRYINDEX);
  lua_pop (L, 1);
  return 0;
}

/* Runs a part written in Lua with the module and the functions for parts only. */
static void
run_part (lua_State *L, const struct bind_part *part)
{
  lua_pushfstring (L, "=gym.%s", part->name);
  if (luaL_loadbufferx (L, part->text, strlen (part->text), lua_tostring (L, -1), "t"))
    lua_error (L);
  lua_remove (L, -2);
  lua_pushvalue (L, -2);
  lua_pushvalue (L, -4);
  lua_call (L, 2, 0);
}

int
luaopen_gym (lua_State *L)
{
  luaL_checkversion (L);
  luaL_checkstack (L, 20, NULL);
  if (!bind_state (L))
    make_state (L);
  lua_newtable (L); /* for the parts only */
  lua_newtable (L); /* the module */
  bind_class (L, GUARD_CLASS, NULL, NULL);
  bind_open_info (L);
  bind_open_rng (L);
  bind_open_design (L);
  bind_open_env (L);
  bind_open_objective (L);
  bind_open_agent (L);
  bind_open_study (L);
  bind_open_store (L);
  bind_open_dataset (L);
  bind_open_proxy (L);
  bind_open_prior (L);
  bind_open_stats (L);
  bind_open_json (L);
  bind_open_class (L);
  lua_pushstring (L, gym_version ());
  lua_setfield (L, -2, "version");
  for (const struct bind_part *part = bind_parts; part->name; part++)
    run_part (L, part);
  lua_remove (L, -2);
  return 1;
}

/* ---- Lua plugins for a registry that is not Lua's own ---------------------------------
 */

static int
register_body (lua_State *L)
{
  gym_registry *registry = lua_touserdata (L, 1);
  luaL_openlibs (L);
  make_state (L);
  struct binding *b = bind_state (L);
  b->registry = registry;
  b->scanned = true;
  luaL_requiref (L, "gym", luaopen_gym, 0);
  bind_load_plugins (L);
  return 0;
}

static void
close_state (void *L)
{
  lua_close (L);
}

int
gym_lua_register (gym_registry *registry, gym_error *err)
{
  if (!bind_any_plugins ())
    return GYM_OK;
  lua_State *L = luaL_newstate ();
  if (!L)
    return gym_fail (err, GYM_ENOMEM, "out of memory for Lua");
  /* First: classes that are registered need the state, whatever happens afterwards. */
  int rc = gym_registry_own (registry, L, close_state, err);
  if (rc < 0) {
    lua_close (L);
    return rc;
  }
  lua_pushcfunction (L, register_body);
  lua_pushlightuserdata (L, registry);
  if (lua_pcall (L, 1, 0, 0) == LUA_OK)
    return GYM_OK;
  const char *why = lua_tostring (L, -1);
  rc = gym_fail (err, GYM_ENOMEM, "Lua plugins: %s", why ? why : "out of memory");
  lua_pop (L, 1);
  return rc;
}
