/* Stores: what studies kept, as rows that are tables. */
#include "lua/binding.h"

#include <errno.h>
#include <math.h>
#include <string.h>

static void
free_store (void *object)
{
  gym_store *store = object;
  gym_store_destroy (&store);
}

static void
free_cursor (void *object)
{
  gym_cursor *cursor = object;
  gym_cursor_destroy (&cursor);
}

/* gym.store (path) */
static int
store_open (lua_State *L)
{
  gym_error err = { 0 };
  if (lua_type (L, 1) != LUA_TSTRING)
    return bind_raise (L, "gym.store(path): a path was expected, not %s",
                       bind_show (L, 1));
  const char *path = lua_tostring (L, 1);
  struct box *box = bind_handle (L, STORE_CLASS, NULL);
  box->destroy = free_store;
  box->object = gym_store_open (path, &err);
  return box->object ? 1 : bind_raise_error (L, &err);
}

static struct box *
store_box (lua_State *L)
{
  return bind_box (L, 1, STORE_CLASS);
}

/* Pushes one row: NULL is absent, numbers that are whole are integers. */
static void
push_row (lua_State *L, gym_cursor *cursor)
{
  uint32_t n = gym_cursor_columns (cursor);
  lua_createtable (L, 0, (int)n);
  for (uint32_t i = 0; i < n; i++) {
    const char *text = gym_cursor_text (cursor, i);
    if (!text)
      continue;
    double value = gym_cursor_is_number (cursor, i) ? gym_cursor_number (cursor, i) : NAN;
    if (isnan (value))
      lua_pushstring (L, text);
    else if (value == floor (value) && fabs (value) < 0x1p53)
      lua_pushinteger (L, (lua_Integer)value);
    else
      lua_pushnumber (L, value);
    lua_setfield (L, -2, gym_cursor_name (cursor, i));
  }
}

/* The iterator of rows: pushes the next row, or nothing at the end, where it closes the
 * cursor. */
static int
next_row (lua_State *L)
{
  int at = lua_upvalueindex (1);
  gym_error err = { 0 };
  struct box *box = bind_box (L, at, CURSOR_CLASS);
  int rc = gym_cursor_next (box->object, &err);
  if (rc < 0)
    return bind_raise_error (L, &err);
  if (rc > 0) {
    push_row (L, box->object);
    return 1;
  }
  struct handle *h = lua_touserdata (L, at);
  h->box = NULL;
  bind_drop (box);
  return 0;
}

/* Pushes a handle that owns the cursor (raises when it is NULL, with the error). */
static struct box *
push_cursor (lua_State *L, gym_cursor *cursor, struct box *empty, const gym_error *err)
{
  if (!cursor)
    bind_raise_error (L, err);
  empty->destroy = free_cursor;
  empty->object = cursor;
  return empty;
}

/* All rows of the cursor on top of the stack, as a list. */
static int
push_all (lua_State *L, struct box *box)
{
  gym_error err = { 0 };
  int rc;
  lua_newtable (L);
  for (lua_Integer i = 1; (rc = gym_cursor_next (box->object, &err)) > 0; i++) {
    push_row (L, box->object);
    lua_rawseti (L, -2, i);
  }
  return rc < 0 ? bind_raise_error (L, &err) : 1;
}

static lua_Integer
number_at (lua_State *L, int at, const char *what, lua_Integer fallback)
{
  int whole = 1;
  lua_Integer value = lua_isnoneornil (L, at) ? fallback : lua_tointegerx (L, at, &whole);
  if (!whole || value < 0)
    bind_raise (L, "%s: a number of a study or run was expected, not %s", what,
                bind_show (L, at));
  return value;
}

/* store:studies () */
static int
store_studies (lua_State *L)
{
  struct box *store = store_box (L), *box = bind_handle (L, CURSOR_CLASS, store);
  gym_error err = { 0 };
  return push_all (L,
                   push_cursor (L, gym_store_studies (store->object, &err), box, &err));
}

/* store:runs (study): of all studies without one */
static int
store_runs (lua_State *L)
{
  lua_Integer study = number_at (L, 2, "store:runs(study)", 0);
  struct box *store = store_box (L), *box = bind_handle (L, CURSOR_CLASS, store);
  gym_error err = { 0 };
  return push_all (
      L, push_cursor (L, gym_store_runs (store->object, study, &err), box, &err));
}

/* The newest study of a store. */
static lua_Integer
newest (lua_State *L, struct box *store)
{
  gym_error err = { 0 };
  struct box *box = bind_handle (L, CURSOR_CLASS, store);
  push_cursor (L, gym_store_studies (store->object, &err), box, &err);
  push_all (L, box);
  lua_Integer study = 0, n = luaL_len (L, -1);
  for (lua_Integer i = 1; i <= n; i++) {
    lua_rawgeti (L, -1, i);
    lua_Integer id = bind_integer (L, -1, "study", "studies", 0);
    study = id > study ? id : study;
    lua_pop (L, 1);
  }
  lua_pop (L, 2);
  return study;
}

/* for row in store:trials (study, run) do ... end: the newest study without one */
static int
store_trials (lua_State *L)
{
  lua_Integer study = number_at (L, 2, "store:trials(study, run)", 0);
  lua_Integer run = number_at (L, 3, "store:trials(study, run)", 0);
  struct box *store = store_box (L);
  gym_error err = { 0 };
  if (study == 0)
    study = newest (L, store);
  struct box *box = bind_handle (L, CURSOR_CLASS, store);
  push_cursor (L, gym_store_trials (store->object, study, run, &err), box, &err);
  lua_pushvalue (L, -1);
  lua_pushcclosure (L, next_row, 1);
  lua_pushnil (L);
  lua_pushnil (L);
  lua_rotate (L, -4, 3); /* the handle is the to-be-closed value of the loop */
  return 4;
}

/* store:best (limit, study) */
static int
store_best (lua_State *L)
{
  lua_Integer limit = number_at (L, 2, "store:best(limit, study)", 1);
  lua_Integer study = number_at (L, 3, "store:best(limit, study)", 0);
  struct box *store = store_box (L), *box = bind_handle (L, CURSOR_CLASS, store);
  gym_error err = { 0 };
  if (limit > UINT32_MAX)
    limit = UINT32_MAX;
  gym_cursor *cursor = gym_store_best (store->object, study, (uint32_t)limit, &err);
  return push_all (L, push_cursor (L, cursor, box, &err));
}

/* Where an export goes: the Lua function at `function`, or the stream. The error of a
 * function that fails is kept at `error` of the same stack. */
struct sink {
  lua_State *L;
  int function, error;
  FILE *stream;
};

static int
put (void *context, const char *text, size_t n)
{
  struct sink *sink = context;
  if (sink->stream)
    return fwrite (text, 1, n, sink->stream) == n ? 0 : GYM_EIO;
  lua_pushvalue (sink->L, sink->function);
  lua_pushlightuserdata (sink->L, (void *)(uintptr_t)text);
  lua_pushinteger (sink->L, (lua_Integer)n);
  if (lua_pcall (sink->L, 2, 0, 0) == LUA_OK)
    return 0;
  lua_replace (sink->L, sink->error);
  return GYM_ECANCELLED;
}

/* Turns the bytes into a Lua text, inside the protected call, and hands it on. */
static int
put_text (lua_State *L)
{
  lua_pushvalue (L, lua_upvalueindex (1));
  lua_pushlstring (L, lua_touserdata (L, 1), (size_t)lua_tointeger (L, 2));
  lua_call (L, 1, 0);
  return 0;
}

static int
write_export (lua_State *L, struct box *store, struct sink *sink, enum gym_format format,
              bool canonical)
{
  gym_error err = { 0 };
  bind_hold (store);
  int rc = gym_store_export (store->object, format, canonical, put, sink, &err);
  bind_drop (store);
  if (rc < 0 && !lua_isnil (L, sink->error)) {
    lua_pushvalue (L, sink->error);
    return lua_error (L);
  }
  return rc < 0 ? bind_raise_error (L, &err) : 0;
}

static int
close_stream (lua_State *L)
{
  luaL_Stream *stream = lua_touserdata (L, 1);
  int failed = fclose (stream->f);
  stream->closef = NULL;
  return luaL_fileresult (L, failed == 0, NULL);
}

/* A file of Lua's io library, so that an error closes it. */
static luaL_Stream *
open_stream (lua_State *L, const char *path)
{
  luaL_Stream *stream = lua_newuserdatauv (L, sizeof *stream, 0);
  stream->closef = NULL;
  luaL_setmetatable (L, LUA_FILEHANDLE);
  stream->f = fopen (path, "w");
  if (!stream->f)
    bind_raise (L, "store:export: %s cannot be written: %s", path, strerror (errno));
  stream->closef = close_stream;
  return stream;
}

/* store:export ({format = "csv" or "jsonl", canonical = false, to = path or function}) */
static int
store_export (lua_State *L)
{
  static const char *const keys[] = { "format", "canonical", "to", NULL };
  static const char *const formats[] = { "csv", "jsonl", NULL };
  static const char what[] = "store:export";
  struct box *store = store_box (L);
  lua_settop (L, 2);
  bind_check_keys (L, 2, what, keys);
  const char *format = bind_text (L, 2, "format", what, "csv");
  bool canonical = bind_flag (L, 2, "canonical", what, false);
  int index = bind_choice (L, format, "store:export: unknown format", formats);
  lua_pushnil (L); /* 3: the error of a function */
  struct sink sink = { .L = L, .function = 4, .error = 3 };
  int type = lua_getfield (L, 2, "to");
  luaL_Stream *stream = NULL;
  if (type == LUA_TFUNCTION)
    lua_pushcclosure (L, put_text, 1);
  else if (type == LUA_TSTRING) {
    stream = open_stream (L, lua_tostring (L, 4));
    sink.stream = stream->f;
  } else
    return bind_raise (L, "%s: to: a path or a function was expected, not %s", what,
                       bind_show (L, 4));
  write_export (L, store, &sink, (enum gym_format) (index + 1), canonical);
  if (stream) {
    FILE *f = stream->f;
    stream->closef = NULL;
    if (fclose (f) != 0)
      return bind_raise (L, "%s: the file cannot be written: %s", what, strerror (errno));
  }
  return 0;
}

void
bind_open_store (lua_State *L)
{
  static const luaL_Reg methods[] = {
    { "studies", store_studies },  { "runs", store_runs },
    { "trials", store_trials },    { "best", store_best },
    { "export_to", store_export }, { NULL, NULL }
  };
  static const luaL_Reg module[] = { { "store", store_open }, { NULL, NULL } };
  bind_class (L, CURSOR_CLASS, NULL, NULL);
  bind_class (L, STORE_CLASS, methods, NULL);
  bind_functions (L, module, NULL);
}
