/* Measuring what a search found: the work is done by gym.verify_search of the Lua module
 * (lua/gym/verify.lua), which scripts use too. */
#include "core/cmd/verify.h"

#include "lua/gymlua.h"

#include <lauxlib.h>
#include <lualib.h>
#include <stdio.h>

static void
set_text (lua_State *L, const char *key, const char *value)
{
  lua_pushstring (L, value); /* nil for NULL */
  lua_setfield (L, -2, key);
}

static void
set_settings (lua_State *L, const char *key, const gym_settings *settings)
{
  lua_newtable (L);
  for (size_t i = 0; i < gym_settings_count (settings); i++)
    set_text (L, gym_settings_key (settings, i), gym_settings_value (settings, i));
  lua_setfield (L, -2, key);
}

/* Leaves the text. Runs in protected mode. */
static int
call (lua_State *L)
{
  const struct verify *v = lua_touserdata (L, 1);
  luaL_openlibs (L);
  luaL_requiref (L, "gym", luaopen_gym, 0);
  lua_getfield (L, -1, "verify_search");
  lua_newtable (L);
  set_text (L, "store", v->store);
  set_text (L, "objective", v->objective);
  set_text (L, "env", v->env);
  set_text (L, "on", v->on);
  set_settings (L, "options", v->options);
  set_settings (L, "files", v->files);
  lua_pushinteger (L, (lua_Integer)v->n);
  lua_setfield (L, -2, "n");
  lua_call (L, 1, 1);
  return 1;
}

int
verify_print (const struct verify *verify, gym_error *err)
{
  lua_State *L = luaL_newstate ();
  if (!L)
    return gym_fail (err, GYM_ENOMEM, "out of memory for Lua");
  int code = GYM_OK;
  lua_pushcfunction (L, call);
  lua_pushlightuserdata (L, (void *)(uintptr_t)verify);
  bool good = lua_pcall (L, 1, 1, 0) == LUA_OK;
  const char *text = lua_tostring (L, -1);
  if (good)
    printf ("\n%s", text);
  else
    code = gym_fail (err, GYM_EINVAL, "%s", text ? text : "verify: out of memory");
  lua_close (L);
  return code;
}
