/* Option tables of scripts as libgym's settings, and descriptions of options back. */
#include "lua/binding.h"

#include <stdlib.h>
#include <string.h>

static void
free_settings (void *object)
{
  gym_settings *s = object;
  gym_settings_destroy (&s);
}

/* By bytes: the order must not depend on the locale. */
static int
by_text (const void *a, const void *b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

/* The keys of the table in order, so that the same table always gives the same text. */
static const char **
sorted_keys (lua_State *L, int at, const char *what, size_t *n)
{
  *n = 0;
  lua_pushnil (L);
  while (lua_next (L, at)) {
    lua_pop (L, 1);
    if (lua_type (L, -1) != LUA_TSTRING)
      bind_raise (L, "%s: options are {name = value, ...}; %s is no name", what,
                  bind_show (L, -1));
    ++*n;
  }
  const char **keys = bind_buffer (L, *n, sizeof *keys);
  size_t i = 0;
  lua_pushnil (L);
  while (lua_next (L, at)) {
    lua_pop (L, 1);
    keys[i++] = lua_tostring (L, -1);
  }
  qsort (keys, *n, sizeof *keys, by_text);
  return keys;
}

/* The option on top of the stack as a person would write it. */
static const char *
option_text (lua_State *L, const char *key, const char *what, char *number, size_t size)
{
  switch (lua_type (L, -1)) {
  case LUA_TBOOLEAN:
    return lua_toboolean (L, -1) ? "true" : "false";
  case LUA_TNUMBER:
    if (lua_isinteger (L, -1))
      snprintf (number, size, "%lld", (long long)lua_tointeger (L, -1));
    else
      gym_number_format (lua_tonumber (L, -1), number, size);
    return number;
  case LUA_TSTRING:
    return lua_tostring (L, -1);
  default:
    bind_raise (L, "%s: option \"%s\": a text, number or boolean was expected, not %s",
                what, key, bind_show (L, -1));
    return NULL;
  }
}

/* The guard stays on the stack below what the caller does next; it is what frees the
 * settings when that raises. */
gym_settings *
bind_settings (lua_State *L, int at, const char *what)
{
  if (lua_isnoneornil (L, at)) {
    lua_pushnil (L);
    return NULL;
  }
  at = lua_absindex (L, at);
  if (!lua_istable (L, at))
    bind_raise (L, "%s: options are a table, not %s", what, bind_show (L, at));
  gym_error err = { 0 };
  struct box *box = bind_handle (L, GUARD_CLASS, NULL);
  int top = lua_gettop (L);
  box->destroy = free_settings;
  box->object = gym_settings_new (&err);
  if (!box->object)
    bind_raise_error (L, &err);
  size_t n;
  const char **keys = sorted_keys (L, at, what, &n);
  for (size_t i = 0; i < n; i++) {
    char number[40];
    lua_getfield (L, at, keys[i]);
    const char *text = option_text (L, keys[i], what, number, sizeof number);
    if (gym_settings_set (box->object, keys[i], text, &err) < 0)
      bind_raise_error (L, &err);
    lua_pop (L, 1);
  }
  lua_settop (L, top);
  return box->object;
}

void
bind_push_settings (lua_State *L, const gym_settings *settings)
{
  lua_newtable (L);
  for (size_t i = 0; i < gym_settings_count (settings); i++) {
    lua_pushstring (L, gym_settings_value (settings, i));
    lua_setfield (L, -2, gym_settings_key (settings, i));
  }
}

static void
set_flag (lua_State *L, const char *key, bool value)
{
  lua_pushboolean (L, value);
  lua_setfield (L, -2, key);
}

/* Both bounds 0 means none, as in the C table. */
static void
push_option (lua_State *L, const struct gym_option *o)
{
  static const char *const types[] = { "?",    "bool", "int",  "real",
                                       "enum", "text", "file", "agent" };
  lua_createtable (L, 0, 10);
  bind_set_text (L, "name", o->name);
  bind_set_text (L, "unit", o->unit);
  bind_set_text (L, "doc", o->doc);
  bind_set_text (L, "type", types[o->type <= GYM_OPTION_AGENT ? o->type : 0]);
  bind_set_text (L, "default", o->initial);
  set_flag (L, "log", (o->flags & GYM_OPTION_LOG) != 0);
  set_flag (L, "fixed", (o->flags & GYM_OPTION_FIXED) != 0);
  set_flag (L, "required", (o->flags & GYM_OPTION_REQUIRED) != 0);
  if (o->low != 0 || o->high != 0) {
    lua_pushnumber (L, o->low);
    lua_setfield (L, -2, "low");
    lua_pushnumber (L, o->high);
    lua_setfield (L, -2, "high");
  }
  if (!o->choices)
    return;
  lua_newtable (L);
  for (lua_Integer i = 0; o->choices[i]; i++) {
    lua_pushstring (L, o->choices[i]);
    lua_rawseti (L, -2, i + 1);
  }
  lua_setfield (L, -2, "choices");
}

/* What the plugin has of each: it may be older than this. */
void
bind_push_options (lua_State *L, const struct gym_options *options)
{
  lua_createtable (L, (int)options->n, 0);
  for (uint32_t i = 0; i < options->n; i++) {
    const struct gym_option o = gym_option_at (options, i);
    push_option (L, &o);
    lua_rawseti (L, -2, (lua_Integer)i + 1);
  }
}
