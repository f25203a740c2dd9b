/* Messages: where the script went wrong, what was given and what would be right. */
#include "lua/binding.h"

#include <string.h>

/* Pushes "file:line: " of the innermost Lua function that is not a part of this module
 * (those have the chunk names "=gym.*"). */
static void
push_place (lua_State *L)
{
  lua_Debug ar;
  for (int level = 0; lua_getstack (L, level, &ar); level++) {
    lua_getinfo (L, "Sl", &ar);
    if (ar.currentline > 0 && strncmp (ar.source, "=gym.", 5) != 0) {
      lua_pushfstring (L, "%s:%d: ", ar.short_src, ar.currentline);
      return;
    }
  }
  const char *place = bind_state (L)->place; /* no script is running, but one was asked */
  lua_pushfstring (L, place ? "%s: " : "", place);
}

/* The text is put together in C, as Lua's own formatting knows few conversions. */
int
bind_raise (lua_State *L, const char *format, ...)
{
  char text[2 * GYM_ERROR_TEXT];
  va_list args;
  va_start (args, format);
  vsnprintf (text, sizeof text, format, args);
  va_end (args);
  luaL_checkstack (L, 4, "no room for a message");
  push_place (L);
  lua_pushstring (L, text);
  lua_concat (L, 2);
  return lua_error (L);
}

int
bind_raise_error (lua_State *L, const gym_error *err)
{
  return bind_raise (L, "%s", err->text[0] ? err->text : gym_error_name (err->code));
}

/* A long list is cut: the nearest name is what most people need. */
int
bind_unknown (lua_State *L, const char *what, const char *word, const char *const *names,
              unsigned n)
{
  char known[GYM_ERROR_TEXT / 2] = "";
  size_t used = 0;
  for (unsigned i = 0; i < n && used < sizeof known; i++)
    used += (size_t)snprintf (known + used, sizeof known - used, "%s%s", i ? ", " : "",
                              names[i]);
  const char *near = gym_nearest (word, names, n);
  return bind_raise (L, "%s \"%s\"; valid ones are: %s%s%s%s", what, word, known,
                     near ? "; did you mean \"" : "", near ? near : "",
                     near ? "\"?" : "");
}

const char *
bind_show (lua_State *L, int at)
{
  switch (lua_type (L, at)) {
  case LUA_TSTRING:
    return lua_pushfstring (L, "\"%s\"", lua_tostring (L, at));
  case LUA_TNUMBER:
  case LUA_TBOOLEAN:
    return luaL_tolstring (L, at, NULL);
  case LUA_TNIL:
  case LUA_TNONE:
    return lua_pushliteral (L, "nothing");
  default:
    if (luaL_getmetafield (L, at, "__name") == LUA_TSTRING)
      return lua_pushfstring (L, "a %s", lua_tostring (L, -1));
    return lua_pushfstring (L, "a %s", luaL_typename (L, at));
  }
}

static unsigned
count_names (const char *const *names)
{
  unsigned n = 0;
  while (names[n])
    n++;
  return n;
}

/* An unknown key is most often a misspelt one, which Lua would silently ignore. */
void
bind_check_keys (lua_State *L, int at, const char *what, const char *const *names)
{
  at = lua_absindex (L, at);
  if (!lua_istable (L, at))
    bind_raise (L, "%s: a table was expected, not %s", what, bind_show (L, at));
  lua_pushnil (L);
  while (lua_next (L, at)) {
    lua_pop (L, 1);
    const char *const *name = names;
    const char *key = lua_type (L, -1) == LUA_TSTRING ? lua_tostring (L, -1) : NULL;
    while (key && *name && strcmp (*name, key) != 0)
      name++;
    if (key && *name)
      continue;
    const char *word = luaL_tolstring (L, -1, NULL);
    bind_unknown (L, lua_pushfstring (L, "%s: unknown key", what), word, names,
                  count_names (names));
  }
}

/* Pushes a field; false (and nothing pushed) when it is absent. */
static bool
field (lua_State *L, int at, const char *key)
{
  if (lua_getfield (L, at, key) != LUA_TNIL)
    return true;
  lua_pop (L, 1);
  return false;
}

/* The value is on top of the stack. */
static int
wrong_type (lua_State *L, const char *key, const char *what, const char *expected)
{
  return bind_raise (L, "%s: %s: %s was expected, not %s", what, key, expected,
                     bind_show (L, -1));
}

/* Numbers do not pass for texts here: "store = 3" is a mistake. */
const char *
bind_text (lua_State *L, int at, const char *key, const char *what, const char *fallback)
{
  if (!field (L, at, key))
    return fallback;
  if (lua_type (L, -1) != LUA_TSTRING)
    wrong_type (L, key, what, "a text");
  const char *text = lua_tostring (L, -1);
  lua_pop (L, 1);
  return text;
}

double
bind_number (lua_State *L, int at, const char *key, const char *what, double fallback)
{
  if (!field (L, at, key))
    return fallback;
  if (lua_type (L, -1) != LUA_TNUMBER)
    wrong_type (L, key, what, "a number");
  double value = lua_tonumber (L, -1);
  lua_pop (L, 1);
  return value;
}

lua_Integer
bind_integer (lua_State *L, int at, const char *key, const char *what,
              lua_Integer fallback)
{
  if (!field (L, at, key))
    return fallback;
  int whole = 0;
  lua_Integer value = lua_tointegerx (L, -1, &whole);
  if (lua_type (L, -1) != LUA_TNUMBER || !whole)
    wrong_type (L, key, what, "an integer");
  lua_pop (L, 1);
  return value;
}

bool
bind_flag (lua_State *L, int at, const char *key, const char *what, bool fallback)
{
  if (!field (L, at, key))
    return fallback;
  if (lua_type (L, -1) != LUA_TBOOLEAN)
    wrong_type (L, key, what, "true or false");
  bool value = lua_toboolean (L, -1);
  lua_pop (L, 1);
  return value;
}

int
bind_choice (lua_State *L, const char *text, const char *what, const char *const *names)
{
  int i = 0;
  while (names[i] && strcmp (names[i], text) != 0)
    i++;
  if (!names[i])
    bind_unknown (L, what, text, names, count_names (names));
  return i;
}

/* Never of length 0: the address must be valid. */
void *
bind_buffer (lua_State *L, size_t n, size_t size)
{
  size_t bytes = (n ? n : 1) * size;
  void *p = lua_newuserdatauv (L, bytes, 0);
  memset (p, 0, bytes);
  return p;
}

void
bind_set_text (lua_State *L, const char *key, const char *text)
{
  if (!text)
    return;
  lua_pushstring (L, text);
  lua_setfield (L, -2, key);
}

void
bind_functions (lua_State *L, const luaL_Reg *module, const luaL_Reg *core)
{
  if (module)
    luaL_setfuncs (L, module, 0);
  if (!core)
    return;
  lua_pushvalue (L, -2);
  luaL_setfuncs (L, core, 0);
  lua_pop (L, 1);
}
