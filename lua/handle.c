/* Counted boxes around libgym's objects and the userdata that scripts see of them. */
#include "lua/binding.h"

#include <stdlib.h>
#include <string.h>

struct box *
bind_hold (struct box *box)
{
  box->refs++;
  return box;
}

void
bind_drop (struct box *box)
{
  while (box && --box->refs == 0) {
    struct box *parent = box->parent;
    if (box->object && box->destroy)
      box->destroy (box->object);
    free (box);
    box = parent;
  }
}

/* The userdata first, with its metatable: from there on the collector frees the box. */
struct box *
bind_handle (lua_State *L, const char *class, struct box *parent)
{
  struct handle *h = lua_newuserdatauv (L, sizeof *h, 1);
  h->box = NULL;
  luaL_setmetatable (L, class);
  struct box *box = calloc (1, sizeof *box);
  if (!box) {
    bind_raise (L, "out of memory");
    return NULL;
  }
  box->refs = 1;
  box->parent = parent ? bind_hold (parent) : NULL;
  h->box = box;
  return box;
}

/* Of the main thread whoever asks: it is the one that a signal handler knows. */
struct bind_watch
bind_watch (lua_State *L)
{
  lua_State *main = bind_state (L)->main;
  return (struct bind_watch){ .main = main, .hook = lua_gethook (main) };
}

bool
bind_interrupted (void *context)
{
  const struct bind_watch *watch = context;
  return lua_gethook (watch->main) != watch->hook;
}

/* A box may also have lost its object: what was lent for a while is taken away there. */
static struct box *
open_box (lua_State *L, const struct handle *h, const char *class)
{
  if (!h->box || !h->box->object)
    bind_raise (L, "this %s is closed", class);
  return h->box;
}

struct box *
bind_box (lua_State *L, int at, const char *class)
{
  struct handle *h = luaL_testudata (L, at, class);
  if (!h) {
    bind_raise (L, "a %s was expected, not %s (methods are called with a colon)", class,
                bind_show (L, at));
    return NULL;
  }
  return open_box (L, h, class);
}

void *
bind_object (lua_State *L, int at, const char *class)
{
  struct box *box = bind_box (L, at, class);
  return box->object;
}

void *
bind_test_object (lua_State *L, int at, const char *class)
{
  struct handle *h = luaL_testudata (L, at, class);
  return h ? open_box (L, h, class)->object : NULL;
}

/* Closing lets go of the box: whoever else holds it (a study its env) keeps it alive. */
static int
handle_close (lua_State *L)
{
  if (lua_type (L, 1) != LUA_TUSERDATA)
    return bind_raise (L, "close is called with a colon: handle:close()");
  struct handle *h = lua_touserdata (L, 1);
  struct box *box = h->box;
  h->box = NULL;
  bind_drop (box);
  return 0;
}

/* Must do for closed handles too: it is what error messages show. */
static int
handle_text (lua_State *L)
{
  const struct handle *h = lua_touserdata (L, 1);
  luaL_getmetafield (L, 1, "__name");
  lua_pushfstring (L, "%s: %s", lua_tostring (L, -1), h && h->box ? "open" : "closed");
  return 1;
}

/* Fields of a handle: a method, else a property, else an error with the nearest name. */
static int
handle_index (lua_State *L)
{
  lua_pushvalue (L, 2);
  if (lua_rawget (L, lua_upvalueindex (1)) != LUA_TNIL)
    return 1;
  lua_pushvalue (L, 2);
  if (lua_rawget (L, lua_upvalueindex (2)) == LUA_TFUNCTION) {
    lua_pushvalue (L, 1);
    lua_call (L, 1, 1);
    return 1;
  }
  const char *names[64], *word = luaL_tolstring (L, 2, NULL);
  unsigned n = 0;
  for (int up = 1; up <= 2; up++) {
    lua_pushnil (L);
    while (lua_next (L, lua_upvalueindex (up))) {
      if (n < 64 && lua_type (L, -2) == LUA_TSTRING)
        names[n++] = lua_tostring (L, -2);
      lua_pop (L, 1);
    }
  }
  const char *near = gym_nearest (word, names, n);
  luaL_getmetafield (L, 1, "__name");
  return bind_raise (L, "a %s has no field \"%s\"%s%s%s", lua_tostring (L, -1), word,
                     near ? "; did you mean \"" : "", near ? near : "",
                     near ? "\"?" : "");
}

void
bind_class (lua_State *L, const char *class, const luaL_Reg *methods,
            const luaL_Reg *properties)
{
  static const luaL_Reg common[] = { { "__gc", handle_close },
                                     { "__close", handle_close },
                                     { "__tostring", handle_text },
                                     { NULL, NULL } };
  luaL_newmetatable (L, class);
  luaL_setfuncs (L, common, 0);
  lua_newtable (L);
  lua_pushcfunction (L, handle_close);
  lua_setfield (L, -2, "close");
  if (methods)
    luaL_setfuncs (L, methods, 0);
  lua_pushvalue (L, -1);
  lua_setfield (L, -3, "methods"); /* where the Lua parts add theirs */
  lua_newtable (L);
  if (properties)
    luaL_setfuncs (L, properties, 0);
  lua_pushcclosure (L, handle_index, 2);
  lua_setfield (L, -2, "__index");
  /* A script that could change the metatable could pass one handle off as another. */
  lua_pushboolean (L, 0);
  lua_setfield (L, -2, "__metatable");
  lua_pop (L, 1);
}
