/* Tables that describe designs, metrics, fidelities and options, as the C arrays of a
 * class written in Lua.
 *
 * Memory: arrays are userdata and texts Lua strings, both kept by the anchor table, so
 * that an error halfway leaves nothing behind. */
#include "lua/binding.h"

#include <math.h>
#include <string.h>

/* Keeps the value on top of the stack in the anchor, and pops it. */
static void
keep (lua_State *L, int anchor)
{
  lua_rawseti (L, anchor, (lua_Integer)lua_rawlen (L, anchor) + 1);
}

const char *
bind_anchor_text (lua_State *L, int anchor, int at)
{
  lua_pushvalue (L, at);
  const char *text = lua_tostring (L, -1); /* a number becomes its text, in the copy */
  keep (L, anchor);
  return text;
}

static void *
anchor_array (lua_State *L, int anchor, size_t n, size_t size)
{
  void *p = bind_buffer (L, n, size);
  keep (L, anchor);
  return p;
}

/* A text field, kept; NULL when absent. */
static const char *
kept_text (lua_State *L, int at, const char *key, const char *what, int anchor)
{
  if (!bind_text (L, at, key, what, NULL))
    return NULL;
  lua_getfield (L, at, key);
  const char *text = bind_anchor_text (L, anchor, lua_gettop (L));
  lua_pop (L, 1);
  return text;
}

static const char *
required_text (lua_State *L, int at, const char *key, const char *what, int anchor)
{
  const char *text = kept_text (L, at, key, what, anchor);
  if (!text)
    bind_raise (L, "%s: \"%s\" is missing", what, key);
  return text;
}

/* Field `key` as a NULL-terminated list of texts (numbers and booleans as written);
 * NULL when absent. */
static const char *const *
kept_list (lua_State *L, int at, const char *key, const char *what, int anchor,
           uint32_t *n)
{
  *n = 0;
  if (lua_getfield (L, at, key) == LUA_TNIL) {
    lua_pop (L, 1);
    return NULL;
  }
  if (!lua_istable (L, -1)) { /* one value may stand for a list of one */
    lua_createtable (L, 1, 0);
    lua_insert (L, -2);
    lua_rawseti (L, -2, 1);
  }
  int list = lua_gettop (L);
  *n = (uint32_t)luaL_len (L, list);
  const char **texts = anchor_array (L, anchor, *n + 1, sizeof *texts);
  for (uint32_t i = 0; i < *n; i++) {
    int type = lua_geti (L, list, (lua_Integer)i + 1);
    if (type != LUA_TSTRING && type != LUA_TNUMBER && type != LUA_TBOOLEAN)
      bind_raise (L, "%s: %s: element %d is %s, not a text", what, key, (int)i + 1,
                  bind_show (L, -1));
    luaL_tolstring (L, -1, NULL);
    texts[i] = bind_anchor_text (L, anchor, lua_gettop (L));
    lua_pop (L, 2);
  }
  lua_pop (L, 1);
  return texts;
}

/* Element i of the list at `at`, pushed; a label for messages, pushed below it. */
static const char *
push_element (lua_State *L, int at, uint32_t i, const char *what)
{
  lua_geti (L, at, (lua_Integer)i + 1);
  const char *name =
      lua_istable (L, -1) ? bind_text (L, lua_gettop (L), "name", what, NULL) : NULL;
  const char *label = name ? lua_pushfstring (L, "%s \"%s\"", what, name)
                           : lua_pushfstring (L, "%s %d", what, (int)i + 1);
  lua_insert (L, -2);
  return label;
}

static uint32_t
list_length (lua_State *L, int at, const char *what)
{
  if (!lua_istable (L, at))
    bind_raise (L, "%s: a list was expected, not %s", what, bind_show (L, at));
  lua_Integer n = luaL_len (L, at);
  if (n > 100000)
    bind_raise (L, "%s: the list is too long", what);
  return (uint32_t)n;
}

/* ---- parameters ----------------------------------------------------------------------
 */

/* What kind a parameter is when it does not say so: one with levels is categorical, one
 * whose bounds are integers (as Lua tells 1 from 1.0) an integer, any other real. */
static uint32_t
guess_kind (lua_State *L, int at, bool levels)
{
  if (levels)
    return GYM_CATEGORICAL;
  lua_getfield (L, at, "low");
  lua_getfield (L, at, "high");
  bool whole = lua_isinteger (L, -1) && lua_isinteger (L, -2);
  lua_pop (L, 2);
  return whole ? GYM_INTEGER : GYM_REAL;
}

/* The default: a level's name, a number, or what comes first. */
static double
read_initial (lua_State *L, int at, const struct gym_param *p, const char *what)
{
  bool levels = p->kind == GYM_CATEGORICAL || p->kind == GYM_ORDINAL;
  if (!levels)
    return bind_number (L, at, "default", what, p->low);
  if (lua_getfield (L, at, "default") == LUA_TNIL) {
    lua_pop (L, 1);
    return 0;
  }
  const char *text = luaL_tolstring (L, -1, NULL);
  int i = bind_choice (L, text, lua_pushfstring (L, "%s: default: unknown level", what),
                       p->levels);
  lua_pop (L, 3);
  return i;
}

static void
read_param (lua_State *L, int at, int anchor, const char *what, struct gym_param *p)
{
  static const char *const keys[] = { "name", "kind",   "unit",  "doc",    "levels",
                                      "low",  "high",   "step",  "log",    "default",
                                      "when", "parent", "group", "lehmer", NULL };
  static const char *const kinds[] = { "categorical", "ordinal", "integer", "real",
                                       NULL };
  uint32_t n_when;
  bind_check_keys (L, at, what, keys);
  p->name = required_text (L, at, "name", what, anchor);
  p->unit = kept_text (L, at, "unit", what, anchor);
  p->doc = kept_text (L, at, "doc", what, anchor);
  p->parent = kept_text (L, at, "parent", what, anchor);
  p->group = kept_text (L, at, "group", what, anchor);
  p->levels = kept_list (L, at, "levels", what, anchor, &p->n_levels);
  p->when = kept_list (L, at, "when", what, anchor, &n_when);
  const char *kind = bind_text (L, at, "kind", what, NULL);
  p->kind = guess_kind (L, at, p->levels != NULL);
  if (kind) {
    lua_pushfstring (L, "%s: unknown kind", what);
    p->kind = (uint32_t)bind_choice (L, kind, lua_tostring (L, -1), kinds) + 1;
    lua_pop (L, 1);
  }
  if (bind_flag (L, at, "log", what, false))
    p->flags |= GYM_PARAM_LOG;
  if (bind_flag (L, at, "lehmer", what, false))
    p->flags |= GYM_PARAM_LEHMER;
  bool levels = p->kind == GYM_CATEGORICAL || p->kind == GYM_ORDINAL;
  if (levels && !p->levels)
    bind_raise (L, "%s: \"levels\" is missing", what);
  p->low = bind_number (L, at, "low", what, levels ? 0 : NAN);
  p->high = bind_number (L, at, "high", what, levels ? 0 : NAN);
  if (isnan (p->low) || isnan (p->high))
    bind_raise (L, "%s: \"levels\", or \"low\" and \"high\", must be given", what);
  p->step = bind_number (L, at, "step", what, 0);
  p->initial = read_initial (L, at, p, what);
}

struct gym_param *
bind_read_params (lua_State *L, int at, int anchor, uint32_t *n)
{
  *n = list_length (L, at, "space");
  struct gym_param *items = anchor_array (L, anchor, *n, sizeof *items);
  for (uint32_t i = 0; i < *n; i++) {
    const char *what = push_element (L, at, i, "parameter");
    read_param (L, lua_gettop (L), anchor, what, &items[i]);
    lua_pop (L, 2);
  }
  return items;
}

/* ---- metrics, fidelities -------------------------------------------------------------
 */

static void
read_metric (lua_State *L, int at, int anchor, const char *what, struct gym_metric *m)
{
  static const char *const keys[] = { "name",     "unit",   "doc", "sense",
                                      "measured", "sealed", NULL };
  static const char *const senses[] = { "neutral",  "minimise", "maximise",
                                        "minimize", "maximize", NULL };
  static const uint32_t codes[] = { GYM_NEUTRAL, GYM_MINIMISE, GYM_MAXIMISE, GYM_MINIMISE,
                                    GYM_MAXIMISE };
  if (lua_type (L, at) == LUA_TSTRING) { /* a name alone will do */
    m->name = bind_anchor_text (L, anchor, at);
    return;
  }
  bind_check_keys (L, at, what, keys);
  m->name = required_text (L, at, "name", what, anchor);
  m->unit = kept_text (L, at, "unit", what, anchor);
  m->doc = kept_text (L, at, "doc", what, anchor);
  const char *sense = bind_text (L, at, "sense", what, "neutral");
  lua_pushfstring (L, "%s: unknown sense", what);
  m->sense = codes[bind_choice (L, sense, lua_tostring (L, -1), senses)];
  lua_pop (L, 1);
  if (bind_flag (L, at, "measured", what, false))
    m->flags |= GYM_METRIC_MEASURED;
  if (bind_flag (L, at, "sealed", what, false))
    m->flags |= GYM_METRIC_SEALED;
}

struct gym_metric *
bind_read_metric_list (lua_State *L, int at, int anchor, uint32_t *n)
{
  *n = list_length (L, at, "metrics");
  struct gym_metric *items = anchor_array (L, anchor, *n, sizeof *items);
  for (uint32_t i = 0; i < *n; i++) {
    const char *what = push_element (L, at, i, "metric");
    read_metric (L, lua_gettop (L), anchor, what, &items[i]);
    lua_pop (L, 2);
  }
  return items;
}

/* The names in field "metrics" as one byte per metric; absent: all of them. */
static const uint8_t *
read_yields (lua_State *L, int at, int anchor, const char *what,
             const struct gym_metrics *metrics)
{
  uint32_t n;
  const char *const *names = kept_list (L, at, "metrics", what, anchor, &n);
  if (!names)
    return NULL;
  uint8_t *yields = anchor_array (L, anchor, metrics->n, 1);
  const char **all = bind_buffer (L, metrics->n + 1, sizeof *all);
  for (uint32_t j = 0; j < metrics->n; j++)
    all[j] = metrics->items[j].name;
  lua_pushfstring (L, "%s: unknown metric", what);
  for (uint32_t i = 0; i < n; i++)
    yields[bind_choice (L, names[i], lua_tostring (L, -1), all)] = 1;
  lua_pop (L, 2);
  return yields;
}

struct gym_fidelity *
bind_read_fidelities (lua_State *L, int at, int anchor, const struct gym_metrics *metrics,
                      uint32_t *n)
{
  static const char *const keys[] = { "name", "doc", "cost", "metrics", NULL };
  *n = list_length (L, at, "fidelities");
  struct gym_fidelity *items = anchor_array (L, anchor, *n, sizeof *items);
  for (uint32_t i = 0; i < *n; i++) {
    const char *what = push_element (L, at, i, "fidelity");
    int element = lua_gettop (L);
    bind_check_keys (L, element, what, keys);
    items[i].name = required_text (L, element, "name", what, anchor);
    items[i].doc = kept_text (L, element, "doc", what, anchor);
    items[i].cost = bind_number (L, element, "cost", what, 1);
    items[i].yields = read_yields (L, element, anchor, what, metrics);
    lua_pop (L, 2);
  }
  return items;
}

/* ---- options -------------------------------------------------------------------------
 */

static const char *const option_types[] = { "bool", "int",  "real", "enum",
                                            "text", "file", NULL };

/* The type of an option that does not say so, from its default. */
static uint32_t
guess_type (lua_State *L, int at, const char *what, const struct gym_option *o)
{
  const char *type = bind_text (L, at, "type", what, NULL);
  uint32_t guess = o->choices ? GYM_OPTION_ENUM : GYM_OPTION_TEXT;
  if (type) {
    lua_pushfstring (L, "%s: unknown type", what);
    guess = (uint32_t)bind_choice (L, type, lua_tostring (L, -1), option_types) + 1;
  } else {
    lua_getfield (L, at, "default");
    if (lua_isboolean (L, -1))
      guess = GYM_OPTION_BOOL;
    else if (lua_isinteger (L, -1))
      guess = GYM_OPTION_INT;
    else if (lua_type (L, -1) == LUA_TNUMBER)
      guess = GYM_OPTION_REAL;
  }
  lua_pop (L, 1);
  return guess;
}

/* The default as a person would write it. */
static const char *
option_default (lua_State *L, int at, int anchor, const char *what)
{
  char number[40];
  int type = lua_getfield (L, at, "default");
  if (type == LUA_TNUMBER && !lua_isinteger (L, -1)) {
    gym_number_format (lua_tonumber (L, -1), number, sizeof number);
    lua_pushstring (L, number);
  } else if (type == LUA_TNUMBER || type == LUA_TSTRING || type == LUA_TBOOLEAN)
    luaL_tolstring (L, -1, NULL);
  else if (type != LUA_TNIL)
    bind_raise (L, "%s: default: a text, number or boolean was expected, not %s", what,
                bind_show (L, -1));
  const char *text =
      type == LUA_TNIL ? NULL : bind_anchor_text (L, anchor, lua_gettop (L));
  lua_pop (L, type == LUA_TNIL ? 1 : 2);
  return text;
}

static void
read_option (lua_State *L, int at, int anchor, const char *what, struct gym_option *o)
{
  static const char *const keys[] = { "name",    "unit",  "doc",      "type",
                                      "default", "low",   "high",     "choices",
                                      "log",     "fixed", "required", NULL };
  uint32_t n_choices;
  bind_check_keys (L, at, what, keys);
  o->name = required_text (L, at, "name", what, anchor);
  o->unit = kept_text (L, at, "unit", what, anchor);
  o->doc = kept_text (L, at, "doc", what, anchor);
  o->choices = kept_list (L, at, "choices", what, anchor, &n_choices);
  o->type = guess_type (L, at, what, o);
  o->initial = option_default (L, at, anchor, what);
  o->low = bind_number (L, at, "low", what, 0);
  o->high = bind_number (L, at, "high", what, 0);
  if (bind_flag (L, at, "log", what, false))
    o->flags |= GYM_OPTION_LOG;
  if (bind_flag (L, at, "fixed", what, false))
    o->flags |= GYM_OPTION_FIXED;
  if (bind_flag (L, at, "required", what, false))
    o->flags |= GYM_OPTION_REQUIRED;
  if (o->type == GYM_OPTION_ENUM && n_choices == 0)
    bind_raise (L, "%s: \"choices\" is missing", what);
  bool needs = o->type != GYM_OPTION_TEXT && o->type != GYM_OPTION_FILE;
  if (needs && !o->initial && !(o->flags & GYM_OPTION_REQUIRED))
    bind_raise (L, "%s: \"default\" (or required = true) is missing", what);
}

struct gym_option *
bind_read_options (lua_State *L, int at, int anchor, size_t base, uint32_t *n)
{
  *n = list_length (L, at, "options");
  struct gym_option *items = anchor_array (L, anchor, *n, sizeof *items);
  for (uint32_t i = 0; i < *n; i++) {
    const char *what = push_element (L, at, i, "option");
    read_option (L, lua_gettop (L), anchor, what, &items[i]);
    items[i].offset = base + 8 * (size_t)i;
    lua_pop (L, 2);
  }
  return items;
}
