/* JSON for scripts, read by Jansson (strict: one value, no duplicate keys, UTF-8). The
 * writer is lua/gym/json.lua. */
#include "lua/binding.h"

#include <jansson.h>
#include <string.h>

static const char null_key = 0;
static const char array_key = 0;

static void
free_json (void *object)
{
  json_decref (object);
}

/* Pushes the one value that stands for null. */
static void
push_null (lua_State *L)
{
  lua_rawgetp (L, LUA_REGISTRYINDEX, &null_key);
}

static void push_value (lua_State *L, json_t *value);

static void
push_array (lua_State *L, json_t *value)
{
  size_t n = json_array_size (value);
  lua_createtable (L, (int)n, 0);
  lua_rawgetp (L, LUA_REGISTRYINDEX, &array_key); /* an empty one stays an array */
  lua_setmetatable (L, -2);
  for (size_t i = 0; i < n; i++) {
    push_value (L, json_array_get (value, i));
    lua_rawseti (L, -2, (lua_Integer)i + 1);
  }
}

static void
push_object (lua_State *L, json_t *value)
{
  lua_createtable (L, 0, (int)json_object_size (value));
  for (void *at = json_object_iter (value); at; at = json_object_iter_next (value, at)) {
    lua_pushstring (L, json_object_iter_key (at));
    push_value (L, json_object_iter_value (at));
    lua_rawset (L, -3);
  }
}

static void
push_value (lua_State *L, json_t *value)
{
  luaL_checkstack (L, 6, "the JSON text is nested too deeply");
  switch (json_typeof (value)) {
  case JSON_OBJECT:
    push_object (L, value);
    break;
  case JSON_ARRAY:
    push_array (L, value);
    break;
  case JSON_STRING:
    lua_pushlstring (L, json_string_value (value), json_string_length (value));
    break;
  case JSON_INTEGER:
    lua_pushinteger (L, json_integer_value (value));
    break;
  case JSON_REAL:
    lua_pushnumber (L, json_real_value (value));
    break;
  case JSON_NULL:
    push_null (L);
    break;
  default:
    lua_pushboolean (L, json_is_true (value));
  }
}

/* Where the digits at `p` end, when they are a whole number that is more than an integer
 * of 64 bits holds; NULL otherwise. */
static const char *
big_integer (const char *p, const char *end)
{
  const char *q = p;
  while (q < end && *q >= '0' && *q <= '9')
    q++;
  bool whole = q == end || !strchr (".eE", *q);
  return whole && q - p >= 19 ? q : NULL;
}

/* A copy of the text in which such numbers are real ones, as Lua itself reads them:
 * Jansson refuses them, and exports hold seeds of 64 bits without a sign. */
static const char *
soften (lua_State *L, const char *text, size_t *n)
{
  const char *end = text + *n, *stop;
  char *copy = bind_buffer (L, *n + *n / 8 + 16, 1), *to = copy;
  bool inside = false, digits = false;
  for (const char *p = text; p < end; p++) {
    if (!inside && !digits && (stop = big_integer (p, end))) {
      memcpy (to, p, (size_t)(stop - p));
      to += stop - p;
      *to++ = '.';
      *to++ = '0';
      p = stop - 1;
      continue;
    }
    if (inside && *p == '\\' && p + 1 < end)
      *to++ = *p++;
    else if (*p == '"')
      inside = !inside;
    digits = strchr ("0123456789.eE", *p) != NULL; /* the middle of a number */
    *to++ = *p;
  }
  *n = (size_t)(to - copy);
  return copy;
}

void
bind_push_json (lua_State *L, const char *text, size_t n)
{
  enum { flags = JSON_DECODE_ANY | JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL };
  json_error_t err;
  struct box *box = bind_handle (L, GUARD_CLASS, NULL);
  box->destroy = free_json;
  int top = lua_gettop (L);
  box->object = json_loadb (text, n, flags, &err);
  if (!box->object && json_error_code (&err) == json_error_numeric_overflow) {
    text = soften (L, text, &n);
    box->object = json_loadb (text, n, flags, &err);
  }
  if (!box->object)
    bind_raise (L, "json: line %d, column %d: %s", err.line, err.column, err.text);
  lua_settop (L, top);
  push_value (L, box->object);
  lua_remove (L, -2);
}

/* core.json_decode (text) */
static int
json_decode (lua_State *L)
{
  size_t n;
  if (lua_type (L, 1) != LUA_TSTRING)
    return bind_raise (L, "gym.json.decode(text): a text was expected, not %s",
                       bind_show (L, 1));
  const char *text = lua_tolstring (L, 1, &n);
  bind_push_json (L, text, n);
  return 1;
}

static int
null_text (lua_State *L)
{
  lua_pushliteral (L, "null");
  return 1;
}

void
bind_open_json (lua_State *L)
{
  static const luaL_Reg core[] = { { "json_decode", json_decode }, { NULL, NULL } };
  bind_functions (L, NULL, core);
  lua_newuserdatauv (L, 1, 0);
  lua_createtable (L, 0, 1);
  lua_pushcfunction (L, null_text);
  lua_setfield (L, -2, "__tostring");
  lua_setmetatable (L, -2);
  lua_pushvalue (L, -1);
  lua_rawsetp (L, LUA_REGISTRYINDEX, &null_key);
  lua_setfield (L, -3, "json_null");
  lua_createtable (L, 0, 1);
  lua_pushliteral (L, "JSON array");
  lua_setfield (L, -2, "__name");
  lua_pushvalue (L, -1);
  lua_rawsetp (L, LUA_REGISTRYINDEX, &array_key);
  lua_setfield (L, -3, "json_array");
}
