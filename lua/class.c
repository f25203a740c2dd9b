/* What environments and agents written in Lua have in common. */
#include "lua/class.h"

#include <string.h>

/* ---- instances -----------------------------------------------------------------------
 */

int
bind_guarded (const struct class *class, lua_CFunction body, void *argument,
              gym_error *err)
{
  lua_State *L = class->state->calls;
  const char *outer = class->state->place;
  if (!lua_checkstack (L, LUA_MINSTACK))
    return gym_fail (err, GYM_ENOMEM, "out of memory for a call of Lua");
  class->state->place = class->place;
  lua_pushcfunction (L, body);
  lua_pushlightuserdata (L, argument);
  int rc = lua_pcall (L, 1, 0, 0);
  class->state->place = outer;
  if (rc == LUA_OK)
    return GYM_OK;
  const char *text = lua_tostring (L, -1);
  gym_fail (err, rc == LUA_ERRMEM ? GYM_ENOMEM : GYM_EFAILED, "%s",
            text ? text : "an error that is no text");
  lua_pop (L, 1);
  return rc == LUA_ERRMEM ? GYM_ENOMEM : GYM_EFAILED;
}

static void
push_option_value (lua_State *L, const struct gym_option *o, const void *slot)
{
  switch (o->type) {
  case GYM_OPTION_BOOL:
    lua_pushboolean (L, *(const bool *)slot);
    break;
  case GYM_OPTION_INT:
    lua_pushinteger (L, *(const int64_t *)slot);
    break;
  case GYM_OPTION_REAL:
    lua_pushnumber (L, *(const double *)slot);
    break;
  case GYM_OPTION_ENUM:
    lua_pushstring (L, o->choices[*(const int32_t *)slot]);
    break;
  default:
    lua_pushstring (L, *(const char *const *)slot);
  }
}

void
bind_make_self (lua_State *L, struct instance *self)
{
  const struct class *class = self->class;
  lua_createtable (L, 0, 4);
  lua_createtable (L, 0, (int)class->n_options);
  for (uint32_t i = 0; i < class->n_options; i++) {
    const struct gym_option *o = &class->options[i];
    push_option_value (L, o, (const char *)self + o->offset);
    lua_setfield (L, -2, o->name);
  }
  lua_setfield (L, -2, "options");
  lua_createtable (L, 0, 1);
  lua_rawgeti (L, LUA_REGISTRYINDEX, class->table);
  lua_setfield (L, -2, "__index");
  lua_setmetatable (L, -2);
  lua_pushvalue (L, -1);
  self->self = luaL_ref (L, LUA_REGISTRYINDEX);
}

bool
bind_call_method (lua_State *L, const struct instance *self, const char *name, int n)
{
  lua_rawgeti (L, LUA_REGISTRYINDEX, self->self);
  if (lua_getfield (L, -1, name) == LUA_TNIL) {
    lua_pop (L, 2);
    return false;
  }
  lua_insert (L, -2 - n);
  lua_insert (L, -1 - n);
  lua_call (L, n + 1, 1);
  return true;
}

static int
close_body (lua_State *L)
{
  bind_call_method (L, lua_touserdata (L, 1), "close", 0);
  return 0;
}

void
bind_close_instance (struct instance *self)
{
  lua_State *L = self->class ? self->class->state->calls : NULL;
  if (!L)
    return;
  if (self->self) {
    gym_error err = { 0 };
    if (bind_guarded (self->class, close_body, self, &err) < 0)
      self->host->log (self->host, "close: %s", err.text);
  }
  /* luaL_unref only writes to a table where there was an entry: it cannot fail. */
  luaL_unref (L, LUA_REGISTRYINDEX, self->self ? self->self : LUA_NOREF);
  luaL_unref (L, LUA_REGISTRYINDEX, self->context ? self->context : LUA_NOREF);
  self->self = self->context = 0;
}

/* ---- classes -------------------------------------------------------------------------
 */

struct class *
bind_class_new (lua_State *L)
{
  struct class *class = bind_buffer (L, 1, sizeof *class);
  class->state = bind_state (L);
  lua_newtable (L);
  return class;
}

/* Keys of a class are known ones, or methods of the script's own. */
static void
check_keys (lua_State *L, const char *what, const char *const *keys)
{
  unsigned n = 0;
  while (keys[n])
    n++;
  if (!lua_istable (L, 1))
    bind_raise (L, "%s{...}: a table was expected, not %s", what, bind_show (L, 1));
  lua_pushnil (L);
  while (lua_next (L, 1)) {
    bool method = lua_isfunction (L, -1), known = false;
    lua_pop (L, 1);
    const char *key = lua_type (L, -1) == LUA_TSTRING ? lua_tostring (L, -1) : NULL;
    for (unsigned i = 0; i < n && key && !known; i++)
      known = strcmp (keys[i], key) == 0;
    if (known || (method && key))
      continue;
    const char *word = luaL_tolstring (L, -1, NULL);
    bind_unknown (L, lua_pushfstring (L, "%s: unknown key", what), word, keys, n);
  }
}

int
bind_class_function (lua_State *L, const char *what, const char *key)
{
  if (lua_getfield (L, 1, key) == LUA_TFUNCTION)
    return luaL_ref (L, LUA_REGISTRYINDEX);
  /* A misspelt one is among the methods. */
  const char *shown = bind_show (L, -1), *names[64];
  unsigned n = 0;
  lua_pushnil (L);
  while (lua_next (L, 1)) {
    if (lua_isfunction (L, -1) && lua_type (L, -2) == LUA_TSTRING && n < 64)
      names[n++] = lua_tostring (L, -2);
    lua_pop (L, 1);
  }
  const char *near = gym_nearest (key, names, n);
  return bind_raise (L, "%s: %s: a function was expected, not %s%s%s%s", what, key, shown,
                     near ? "; is it \"" : "", near ? near : "", near ? "\"?" : "");
}

static const char *
basic_text (lua_State *L, const char *key, const char *what, int anchor)
{
  if (!bind_text (L, 1, key, what, NULL))
    return NULL;
  lua_getfield (L, 1, key);
  const char *text = bind_anchor_text (L, anchor, lua_gettop (L));
  lua_pop (L, 1);
  return text;
}

/* axes = { space = ..., strategy = ..., acceleration = ..., cost = ... } */
struct gym_place
bind_class_axes (lua_State *L, int anchor, const char *what)
{
  static const char *const keys[] = { "space", "strategy", "acceleration", "cost", NULL };
  const char *texts[4] = { NULL };
  if (lua_getfield (L, 1, "axes") != LUA_TNIL) {
    int at = lua_gettop (L);
    bind_check_keys (L, at, what, keys);
    for (int i = 0; i < 4; i++)
      if (bind_text (L, at, keys[i], what, NULL)) {
        lua_getfield (L, at, keys[i]);
        texts[i] = bind_anchor_text (L, anchor, lua_gettop (L));
        lua_pop (L, 1);
      }
  }
  lua_pop (L, 1);
  return (struct gym_place){
    .space = texts[0], .strategy = texts[1], .acceleration = texts[2], .cost = texts[3]
  };
}

/* The first sentence of the doc, for a class that has no summary. */
static const char *
make_summary (lua_State *L, const char *doc, const char *id, int anchor)
{
  size_t n = doc ? strcspn (doc, ".\n") : 0;
  lua_pushlstring (L, n ? doc : id, n ? n : strlen (id));
  const char *text = bind_anchor_text (L, anchor, lua_gettop (L));
  lua_pop (L, 1);
  return text;
}

/* Where the class is defined: the plugin file being loaded, else the line of the script
 * that called. */
static const char *
find_place (lua_State *L, int anchor)
{
  lua_Debug ar;
  if (lua_getstack (L, 1, &ar) && lua_getinfo (L, "Sl", &ar) && ar.currentline > 0)
    lua_pushfstring (L, "%s:%d", ar.short_src, ar.currentline);
  else
    lua_pushliteral (L, "Lua");
  const char *text = bind_anchor_text (L, anchor, lua_gettop (L));
  lua_pop (L, 1);
  return text;
}

void
bind_class_basics (lua_State *L, struct class *class, int anchor, const char *what,
                   const char *const *keys)
{
  check_keys (L, what, keys);
  const char *id = basic_text (L, "id", what, anchor);
  if (!id)
    bind_raise (L, "%s: \"id\" is missing (a name and a version, such as \"toy-v1\")",
                what);
  const char *doc = basic_text (L, "doc", what, anchor);
  const char *summary = basic_text (L, "summary", what, anchor);
  const char *licence = basic_text (L, "licence", what, anchor);
  const char *version = basic_text (L, "version", what, anchor);
  class->place = find_place (L, anchor);
  class->plugin =
      (struct gym_plugin){ GYM_PLUGIN_ABI, .name = id, .version = version ? version : "0",
                           .licence = licence ? licence : "unspecified", .doc = doc };
  /* Both kinds of class begin alike; the caller fills in the rest. */
  class->as.env.id = id;
  class->as.env.doc = doc;
  class->as.env.summary = summary ? summary : make_summary (L, doc, id, anchor);
  class->as.env.source = basic_text (L, "source", what, anchor);
  if (lua_getfield (L, 1, "options") != LUA_TNIL) {
    class->options = bind_read_options (L, lua_gettop (L), anchor,
                                        sizeof (struct instance), &class->n_options);
    class->as.env.options =
        (struct gym_options){ .struct_size = sizeof (struct gym_options),
                              .n = class->n_options,
                              .stride = sizeof (struct gym_option),
                              .items = class->options };
  }
  lua_pop (L, 1);
  class->as.env.instance_size = sizeof (struct instance) + 8 * class->n_options;
  lua_pushvalue (L, 1);
  class->table = luaL_ref (L, LUA_REGISTRYINDEX);
}

/* The class is kept for as long as the state lives, in a table from the script's table to
 * it: that is also how a plugin file's answer is known for a class. */
void
bind_class_register (lua_State *L, struct class *class, int anchor)
{
  gym_error err = { 0 };
  struct binding *b = class->state;
  gym_registry *registry = b->registry;
  if (!b->loading)
    registry = bind_registry (L);
  lua_getfield (L, LUA_REGISTRYINDEX, "gym.classes");
  lua_pushvalue (L, 1);
  lua_pushvalue (L, anchor);
  lua_pushvalue (L, anchor - 1); /* the class: see bind_class_new */
  lua_setfield (L, -2, "class");
  lua_rawset (L, -3);
  lua_pop (L, 1);
  const char *origin = b->loading ? b->loading : class->place;
  if (gym_registry_add (registry, &class->plugin, origin, &err) < 0)
    bind_raise_error (L, &err);
}

void
bind_open_class (lua_State *L)
{
  static const luaL_Reg module[] = { { "environment", bind_environment },
                                     { "agent_class", bind_agent_class },
                                     { NULL, NULL } };
  lua_newtable (L);
  lua_setfield (L, LUA_REGISTRYINDEX, "gym.classes");
  bind_functions (L, module, NULL);
}
