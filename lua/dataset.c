/* Data sets: the trials of many stores as rows that are tables, and as files.
 *
 * A data set has one walk over its rows at a time. A loop whose walk was taken over by
 * another call raises, since it would begin anew without an end. */
#include "lua/binding.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DATASET_CLASS "gym.dataset"

struct set {
  gym_dataset *dataset;
  lua_Integer walk; /* number of the walk that has the rows */
};

static void
free_set (void *object)
{
  struct set *set = object;
  gym_dataset_destroy (&set->dataset);
  free (set);
}

static gym_dataset *
dataset_at (lua_State *L)
{
  struct set *set = bind_object (L, 1, DATASET_CLASS);
  return set->dataset;
}

/* ---- opening ---- */

/* Raises for the first key that is neither a place in the list nor one of ours. */
static void
check_keys (lua_State *L, int at, const char *const *keys, unsigned n)
{
  lua_pushnil (L);
  while (lua_next (L, at)) {
    lua_pop (L, 1);
    unsigned i = 0;
    if (lua_isinteger (L, -1))
      continue;
    const char *key = lua_type (L, -1) == LUA_TSTRING ? lua_tostring (L, -1) : "";
    while (i < n && strcmp (keys[i], key) != 0)
      i++;
    if (i == n)
      bind_unknown (L, "gym.dataset: unknown key", key, keys, n);
  }
}

/* The paths of the list; the array is left on the stack. */
static const char **
read_paths (lua_State *L, int at, size_t *n)
{
  *n = (size_t)luaL_len (L, at);
  const char **paths = bind_buffer (L, *n + 1, sizeof *paths);
  for (size_t i = 0; i < *n; i++) {
    if (lua_rawgeti (L, at, (lua_Integer)i + 1) != LUA_TSTRING)
      bind_raise (L, "gym.dataset: paths of stores were expected, not %s",
                  bind_show (L, -1));
    paths[i] = lua_tostring (L, -1);
    lua_pop (L, 1); /* the table keeps it */
  }
  return paths;
}

static uint32_t
status_bit (lua_State *L, int at)
{
  static const char *const names[] = { "ok",      "infeasible", "failed",
                                       "timeout", "crashed",    "oom" };
  if (lua_type (L, at) != LUA_TSTRING)
    bind_raise (L, "gym.dataset: status: a status was expected, not %s",
                bind_show (L, at));
  int status = gym_status_parse (lua_tostring (L, at));
  if (status < 0)
    bind_unknown (L, "gym.dataset: unknown status", lua_tostring (L, at), names, 6);
  return 1u << status;
}

static uint32_t
read_statuses (lua_State *L, int at)
{
  uint32_t bits = 0;
  int type = lua_getfield (L, at, "status");
  if (type == LUA_TTABLE)
    for (lua_Integer i = 1; i <= luaL_len (L, -1); i++) {
      lua_rawgeti (L, -1, i);
      bits |= status_bit (L, -1);
      lua_pop (L, 1);
    }
  else if (type != LUA_TNIL)
    bits = status_bit (L, -1);
  lua_pop (L, 1);
  return bits;
}

/* gym.dataset{ "a.db", ..., env, where, fidelity, status, study, duplicates } or
 * gym.dataset (path) */
static int
dataset_open (lua_State *L)
{
  static const char *const keys[] = { "env",    "where", "fidelity",
                                      "status", "study", "duplicates" };
  static const char what[] = "gym.dataset";
  gym_error err = { 0 };
  size_t n;
  lua_settop (L, 1);
  if (lua_type (L, 1) == LUA_TSTRING) {
    lua_createtable (L, 1, 0);
    lua_rotate (L, 1, 1);
    lua_rawseti (L, 1, 1);
  }
  if (!lua_istable (L, 1))
    bind_raise (L, "gym.dataset{...}: a path or a table was expected, not %s",
                bind_show (L, 1));
  check_keys (L, 1, keys, sizeof keys / sizeof keys[0]);
  const char **paths = read_paths (L, 1, &n);
  lua_getfield (L, 1, "where");
  struct gym_dataset_options o = {
    .struct_size = sizeof o,
    .env = bind_text (L, 1, "env", what, NULL),
    .where = bind_settings (L, lua_gettop (L), "gym.dataset: where"),
    .fidelity = bind_text (L, 1, "fidelity", what, NULL),
    .study = bind_integer (L, 1, "study", what, 0),
    .duplicates = bind_flag (L, 1, "duplicates", what, false),
  };
  o.statuses = read_statuses (L, 1);
  struct box *box = bind_handle (L, DATASET_CLASS, NULL);
  struct set *set = calloc (1, sizeof *set);
  if (!set)
    return bind_raise (L, "out of memory");
  box->destroy = free_set;
  box->object = set;
  set->dataset = gym_dataset_open (paths, n, &o, &err);
  if (set->dataset)
    return 1;
  free (set);
  box->object = NULL;
  return bind_raise_error (L, &err);
}

/* ---- rows ---- */

static void
set_integer (lua_State *L, const char *key, lua_Integer value)
{
  lua_pushinteger (L, value);
  lua_setfield (L, -2, key);
}

/* A seed is 64 bits: as a text, since half of them are no integers of Lua's. */
static void
set_seed (lua_State *L, const char *key, uint64_t seed)
{
  char text[24];
  snprintf (text, sizeof text, "%llu", (unsigned long long)seed);
  bind_set_text (L, key, text);
}

static void
push_row (lua_State *L, const gym_dataset *d, const struct gym_dataset_row *row)
{
  const struct gym_dataset_run *run = gym_dataset_run (d, row->run);
  lua_createtable (L, 0, 16);
  bind_push_design (L, gym_dataset_space (d), row->design);
  lua_setfield (L, -2, "design");
  bind_push_metrics (L, gym_dataset_metrics (d), row->metrics);
  lua_setfield (L, -2, "metrics");
  bind_set_text (L, "status", gym_status_name (row->status));
  bind_set_text (L, "fidelity", gym_dataset_fidelity (d, row->fidelity)->name);
  bind_set_text (L, "workload", gym_dataset_env (d, row->env)->workload);
  bind_set_text (L, "agent", gym_dataset_agent (d, row->agent)->label);
  bind_set_text (L, "store", run->store);
  if (*row->note)
    bind_set_text (L, "note", row->note);
  set_seed (L, "seed", run->seed);
  set_seed (L, "evaluation_seed", row->seed);
  set_integer (L, "env", (lua_Integer)row->env + 1);
  set_integer (L, "study", run->study);
  set_integer (L, "run", run->run);
  set_integer (L, "number", (lua_Integer)row->number);
  lua_pushboolean (L, run->tainted);
  lua_setfield (L, -2, "tainted");
}

/* Upvalues: the handle, the number of this walk. */
static int
next_row (lua_State *L)
{
  struct set *set = bind_object (L, lua_upvalueindex (1), DATASET_CLASS);
  struct gym_dataset_row row = { .struct_size = sizeof row };
  gym_error err = { 0 };
  if (set->walk != lua_tointeger (L, lua_upvalueindex (2)))
    return bind_raise (L, "dataset:rows(): another walk over this data set has begun "
                          "meanwhile; open a second one for that");
  int code = gym_dataset_next (set->dataset, &row, &err);
  if (code < 0)
    return bind_raise_error (L, &err);
  if (code > 0)
    push_row (L, set->dataset, &row);
  return code;
}

/* for row in dataset:rows () do ... end */
static int
dataset_rows (lua_State *L)
{
  struct set *set = bind_object (L, 1, DATASET_CLASS);
  gym_dataset_rewind (set->dataset);
  lua_pushvalue (L, 1);
  lua_pushinteger (L, ++set->walk);
  lua_pushcclosure (L, next_row, 2);
  return 1;
}

/* ---- files ---- */

static struct gym_dataset_output
read_output (lua_State *L, const char *what, const char *const *keys)
{
  static const char *const formats[] = { "csv", "jsonl", "npz", "parquet", NULL };
  static const char *const encodings[] = { "decoded", "ordinal", "onehot", NULL };
  struct gym_dataset_output o = { .struct_size = sizeof o };
  if (lua_type (L, 2) != LUA_TSTRING)
    bind_raise (L, "%s: a path was expected, not %s", what, bind_show (L, 2));
  if (lua_isnoneornil (L, 3))
    return o;
  bind_check_keys (L, 3, what, keys);
  const char *format = bind_text (L, 3, "format", what, NULL);
  const char *encode = bind_text (L, 3, "encode", what, NULL);
  if (format)
    o.format = (uint32_t)bind_choice (L, format, "unknown format", formats) + 1;
  if (encode)
    o.encoding = (uint32_t)bind_choice (L, encode, "unknown encoding", encodings) + 1;
  return o;
}

/* dataset:write (path, {format, encode}) */
static int
dataset_write (lua_State *L)
{
  static const char *const keys[] = { "format", "encode", NULL };
  struct set *set = bind_object (L, 1, DATASET_CLASS);
  gym_error err = { 0 };
  lua_settop (L, 3);
  const struct gym_dataset_output o =
      read_output (L, "dataset:write(path, options)", keys);
  set->walk++;
  if (gym_dataset_write (set->dataset, lua_tostring (L, 2), &o, &err) < 0)
    return bind_raise_error (L, &err);
  return 0;
}

/* dataset:episodes (path, {format, encode, objective}) */
static int
dataset_episodes (lua_State *L)
{
  static const char *const keys[] = { "format", "encode", "objective", NULL };
  static const char what[] = "dataset:episodes(path, options)";
  struct set *set = bind_object (L, 1, DATASET_CLASS);
  gym_error err = { 0 };
  lua_settop (L, 3);
  const struct gym_dataset_output o = read_output (L, what, keys);
  const char *objective =
      lua_isnil (L, 3) ? NULL : bind_text (L, 3, "objective", what, NULL);
  set->walk++;
  if (gym_dataset_write_episodes (set->dataset, lua_tostring (L, 2), &o, objective, &err)
      < 0)
    return bind_raise_error (L, &err);
  return 0;
}

/* Pushes a text of the library's and frees it, also when pushing raises. */
static int
push_text (lua_State *L)
{
  lua_pushstring (L, lua_touserdata (L, 1));
  return 1;
}

static int
take_text (lua_State *L, char *text, const gym_error *err)
{
  if (!text)
    return bind_raise_error (L, err);
  lua_pushcfunction (L, push_text);
  lua_pushlightuserdata (L, text);
  int code = lua_pcall (L, 1, 1, 0);
  gym_free (text);
  return code == LUA_OK ? 1 : lua_error (L);
}

/* dataset:describe () */
static int
dataset_describe (lua_State *L)
{
  struct set *set = bind_object (L, 1, DATASET_CLASS);
  gym_error err = { 0 };
  set->walk++;
  return take_text (L, gym_dataset_describe (set->dataset, &err), &err);
}

/* dataset:metadata (): as a table */
static int
dataset_metadata (lua_State *L)
{
  gym_error err = { 0 };
  take_text (L, gym_dataset_metadata (dataset_at (L), NULL, &err), &err);
  size_t n;
  const char *text = lua_tolstring (L, -1, &n);
  bind_push_json (L, text, n);
  return 1;
}

/* ---- properties ---- */

static int
get_id (lua_State *L)
{
  lua_pushstring (L, gym_dataset_env_id (dataset_at (L)));
  return 1;
}

static int
get_space (lua_State *L)
{
  struct box *box = bind_box (L, 1, DATASET_CLASS);
  struct set *set = box->object;
  bind_push_space (L, gym_dataset_space (set->dataset), box);
  return 1;
}

static int
get_metrics (lua_State *L)
{
  bind_push_metric_list (L, gym_dataset_metrics (dataset_at (L)));
  return 1;
}

static int
get_counts (lua_State *L)
{
  const struct gym_dataset_counts *c = gym_dataset_counts (dataset_at (L));
  lua_createtable (L, 0, 7);
  set_integer (L, "rows", (lua_Integer)c->rows);
  set_integer (L, "trials", (lua_Integer)c->trials);
  set_integer (L, "repeats", (lua_Integer)c->repeats);
  set_integer (L, "duplicates", (lua_Integer)c->duplicates);
  set_integer (L, "conflicts", (lua_Integer)c->conflicts);
  set_integer (L, "older", (lua_Integer)c->older);
  set_integer (L, "tainted", (lua_Integer)c->tainted);
  lua_createtable (L, 0, 6);
  for (uint32_t i = 0; i <= GYM_TRIAL_OOM; i++)
    if (c->statuses[i])
      set_integer (L, gym_status_name (i), (lua_Integer)c->statuses[i]);
  lua_setfield (L, -2, "statuses");
  return 1;
}

static int
get_agents (lua_State *L)
{
  const gym_dataset *d = dataset_at (L);
  lua_newtable (L);
  for (size_t i = 0; i < gym_dataset_agents (d); i++) {
    const struct gym_dataset_agent *a = gym_dataset_agent (d, i);
    lua_createtable (L, 0, 5);
    bind_set_text (L, "id", a->id);
    bind_set_text (L, "label", a->label);
    bind_push_json (L, a->options, strlen (a->options));
    lua_setfield (L, -2, "options");
    set_integer (L, "trials", (lua_Integer)a->trials);
    set_integer (L, "rows", (lua_Integer)a->rows);
    lua_rawseti (L, -2, (lua_Integer)i + 1);
  }
  return 1;
}

static int
get_envs (lua_State *L)
{
  const gym_dataset *d = dataset_at (L);
  lua_newtable (L);
  for (size_t i = 0; i < gym_dataset_envs (d); i++) {
    const struct gym_dataset_env *e = gym_dataset_env (d, i);
    lua_createtable (L, 0, 4);
    bind_set_text (L, "identity", e->identity);
    bind_set_text (L, "workload", e->workload);
    set_integer (L, "trials", (lua_Integer)e->trials);
    set_integer (L, "rows", (lua_Integer)e->rows);
    lua_rawseti (L, -2, (lua_Integer)i + 1);
  }
  return 1;
}

void
bind_open_dataset (lua_State *L)
{
  static const luaL_Reg methods[] = {
    { "rows", dataset_rows },         { "write", dataset_write },
    { "episodes", dataset_episodes }, { "describe", dataset_describe },
    { "metadata", dataset_metadata }, { NULL, NULL }
  };
  static const luaL_Reg properties[] = { { "id", get_id },
                                         { "space", get_space },
                                         { "metrics", get_metrics },
                                         { "counts", get_counts },
                                         { "agents", get_agents },
                                         { "envs", get_envs },
                                         { NULL, NULL } };
  static const luaL_Reg module[] = { { "dataset", dataset_open }, { NULL, NULL } };
  bind_class (L, DATASET_CLASS, methods, properties);
  bind_functions (L, module, NULL);
}
