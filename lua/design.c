/* Designs as tables, and handles on spaces. */
#include "lua/binding.h"

#include <math.h>
#include <string.h>

/* Levels are texts in every place where designs are written down, so here too. */
static void
push_value (lua_State *L, const struct gym_param *p, double value)
{
  if (p->kind == GYM_CATEGORICAL || p->kind == GYM_ORDINAL)
    lua_pushstring (L, p->levels[(uint32_t)value]);
  else if (p->kind == GYM_INTEGER)
    lua_pushinteger (L, (lua_Integer)value);
  else
    lua_pushnumber (L, value);
}

void
bind_push_design (lua_State *L, const gym_space *space, const double *row)
{
  uint32_t n = gym_space_size (space);
  luaL_checkstack (L, 4, NULL);
  lua_createtable (L, 0, (int)n);
  for (uint32_t i = 0; i < n; i++) {
    if (isnan (row[i]))
      continue;
    const struct gym_param *p = gym_space_param (space, i);
    push_value (L, p, row[i]);
    lua_setfield (L, -2, p->name);
  }
}

/* Whether a number is a value of a parameter without levels: the common case, for which
 * no text needs to be made. */
static bool
on_grid (const struct gym_param *p, double value)
{
  if (!(value >= p->low && value <= p->high))
    return false;
  if (p->kind == GYM_REAL)
    return true;
  double steps = (value - p->low) / (p->step > 0 ? p->step : 1);
  return steps == floor (steps);
}

/* Index of a level, or -1. */
static double
level_index (const struct gym_param *p, const char *text)
{
  for (uint32_t j = 0; j < p->n_levels; j++)
    if (strcmp (p->levels[j], text) == 0)
      return j;
  return -1;
}

/* The value on top of the stack as a number of parameter i, which libgym judges in its
 * text form unless it is plainly right. */
static double
read_value (lua_State *L, const gym_space *space, uint32_t i, bool lenient)
{
  const struct gym_param *p = gym_space_param (space, i);
  bool levels = p->kind == GYM_CATEGORICAL || p->kind == GYM_ORDINAL;
  int type = lua_type (L, -1);
  double value;
  if (!levels && type == LUA_TNUMBER) {
    value = lua_tonumber (L, -1);
    if (on_grid (p, value) || (lenient && isfinite (value)))
      return value;
  } else if (levels && type == LUA_TSTRING) {
    value = level_index (p, lua_tostring (L, -1));
    if (value >= 0)
      return value;
  } else if (type != LUA_TNUMBER && type != LUA_TSTRING && type != LUA_TBOOLEAN)
    bind_raise (L, "parameter \"%s\": a %s was expected, not %s", p->name,
                levels ? "level" : "number", bind_show (L, -1));
  char number[32];
  const char *text = number;
  if (type == LUA_TNUMBER)
    gym_number_format (lua_tonumber (L, -1), number, sizeof number);
  else
    text = luaL_tolstring (L, -1, NULL);
  gym_error err = { 0 };
  if (gym_space_parse (space, i, text, &value, &err) < 0)
    bind_raise_error (L, &err);
  lua_pop (L, text == number ? 0 : 1);
  return value;
}

/* Raises for the first key that is no parameter. */
static void
find_stranger (lua_State *L, int at, const gym_space *space)
{
  gym_error err = { 0 };
  lua_pushnil (L);
  while (lua_next (L, at)) {
    lua_pop (L, 1);
    if (lua_type (L, -1) != LUA_TSTRING)
      bind_raise (L, "a design's keys are parameter names, not %s", bind_show (L, -1));
    if (gym_space_find (space, lua_tostring (L, -1), &err) < 0)
      bind_raise_error (L, &err);
  }
}

/* Defaults where nothing was given. */
static void
complete (lua_State *L, const gym_space *space, bool lenient, double *row)
{
  for (uint32_t i = 0; i < gym_space_size (space); i++) {
    const struct gym_param *p = gym_space_param (space, i);
    bool active = gym_space_active (space, row, i);
    if (active && isnan (row[i]))
      row[i] = p->initial;
    else if (!active && !isnan (row[i]) && !lenient)
      bind_raise (L,
                  "parameter \"%s\" is inactive here: it takes part only where \"%s\" "
                  "has certain values",
                  p->name, p->parent);
  }
}

void
bind_read_design (lua_State *L, int at, const gym_space *space, bool lenient, double *row)
{
  uint32_t n = gym_space_size (space), given = 0;
  at = lua_absindex (L, at);
  luaL_checkstack (L, 8, NULL);
  if (!lua_istable (L, at))
    bind_raise (L, "a design is a table {Parameter = value, ...}, not %s",
                bind_show (L, at));
  for (uint32_t i = 0; i < n; i++) {
    row[i] = NAN;
    if (lua_getfield (L, at, gym_space_param (space, i)->name) != LUA_TNIL) {
      row[i] = read_value (L, space, i, lenient);
      given++;
    }
    lua_pop (L, 1);
  }
  lua_pushnil (L);
  while (lua_next (L, at)) {
    lua_pop (L, 1);
    if (given-- == 0)
      find_stranger (L, at, space);
  }
  complete (L, space, lenient, row);
  if (lenient)
    gym_space_repair (space, row);
  gym_error err = { 0 };
  if (gym_space_check (space, row, &err) < 0)
    bind_raise_error (L, &err);
}

struct box *
bind_push_space (lua_State *L, const gym_space *space, struct box *parent)
{
  struct box *box = bind_handle (L, SPACE_CLASS, parent);
  box->object = (void *)(uintptr_t)space; /* read only: the parent owns it */
  return box;
}

static void
push_levels (lua_State *L, const struct gym_param *p)
{
  lua_createtable (L, (int)p->n_levels, 0);
  for (uint32_t j = 0; j < p->n_levels; j++) {
    lua_pushstring (L, p->levels[j]);
    lua_rawseti (L, -2, (lua_Integer)j + 1);
  }
}

void
bind_push_param (lua_State *L, const gym_space *space, uint32_t i)
{
  static const char *const kinds[] = { "",        "categorical", "ordinal",
                                       "integer", "real",        "unknown" };
  const struct gym_param *p = gym_space_param (space, i);
  lua_createtable (L, 0, 10);
  bind_set_text (L, "name", p->name);
  bind_set_text (L, "kind", kinds[p->kind <= GYM_REAL ? p->kind : 5]);
  bind_set_text (L, "unit", p->unit);
  bind_set_text (L, "doc", p->doc);
  bind_set_text (L, "group", p->group);
  bind_set_text (L, "parent", p->parent);
  push_value (L, p, p->initial);
  lua_setfield (L, -2, "default");
  if (p->kind == GYM_CATEGORICAL || p->kind == GYM_ORDINAL) {
    push_levels (L, p);
    lua_setfield (L, -2, "levels");
  } else {
    push_value (L, p, p->low);
    lua_setfield (L, -2, "low");
    push_value (L, p, p->high);
    lua_setfield (L, -2, "high");
    lua_pushboolean (L, (p->flags & GYM_PARAM_LOG) != 0);
    lua_setfield (L, -2, "log");
  }
  if (p->kind == GYM_INTEGER) {
    push_value (L, p, p->step);
    lua_setfield (L, -2, "step");
  }
  lua_newtable (L);
  lua_Integer n = 0;
  for (const char *const *w = p->parent ? p->when : NULL; w && *w; w++) {
    lua_pushstring (L, *w);
    lua_rawseti (L, -2, ++n);
  }
  lua_setfield (L, -2, "when");
}

/* ---- methods of spaces ---------------------------------------------------------- */

static const gym_space *
space_at (lua_State *L)
{
  return bind_object (L, 1, SPACE_CLASS);
}

/* Pushes a row of the space's length. */
static double *
row_of (lua_State *L, const gym_space *space)
{
  return bind_buffer (L, gym_space_size (space), sizeof (double));
}

/* Rows are userdata, not C arrays: an error in a later call must not leak them. */
static double *
design_at (lua_State *L, const gym_space *space, int at)
{
  double *row = row_of (L, space);
  bind_read_design (L, at, space, false, row);
  return row;
}

static int
space_params (lua_State *L)
{
  const gym_space *space = space_at (L);
  uint32_t n = gym_space_size (space);
  lua_createtable (L, (int)n, 0);
  for (uint32_t i = 0; i < n; i++) {
    bind_push_param (L, space, i);
    lua_rawseti (L, -2, (lua_Integer)i + 1);
  }
  return 1;
}

/* space:param(name) */
static int
space_param (lua_State *L)
{
  const gym_space *space = space_at (L);
  gym_error err = { 0 };
  if (lua_type (L, 2) != LUA_TSTRING)
    return bind_raise (L, "space:param(name): a name was expected, not %s",
                       bind_show (L, 2));
  int i = gym_space_find (space, lua_tostring (L, 2), &err);
  if (i < 0)
    return bind_raise_error (L, &err);
  bind_push_param (L, space, (uint32_t)i);
  return 1;
}

/* space:sample(seed or rng) */
static int
space_sample (lua_State *L)
{
  const gym_space *space = space_at (L);
  double *row = row_of (L, space);
  int whole = 0;
  lua_Integer seed = lua_tointegerx (L, 2, &whole);
  gym_rng fresh, *rng = luaL_testudata (L, 2, RNG_CLASS);
  if (!rng && !whole)
    return bind_raise (L, "space:sample(seed or rng): neither was given but %s",
                       bind_show (L, 2));
  if (!rng) {
    gym_rng_init (&fresh, (uint64_t)seed);
    rng = &fresh;
  }
  gym_space_sample (space, rng, row);
  bind_push_design (L, space, row);
  return 1;
}

static int
space_default (lua_State *L)
{
  const gym_space *space = space_at (L);
  double *row = row_of (L, space);
  gym_space_default (space, row);
  bind_push_design (L, space, row);
  return 1;
}

/* space:parse("A=x,B=2") */
static int
space_parse (lua_State *L)
{
  const gym_space *space = space_at (L);
  double *row = row_of (L, space);
  gym_error err = { 0 };
  if (lua_type (L, 2) != LUA_TSTRING)
    return bind_raise (L, "space:parse(text): a text was expected, not %s",
                       bind_show (L, 2));
  if (gym_design_parse (space, lua_tostring (L, 2), row, &err) < 0)
    return bind_raise_error (L, &err);
  bind_push_design (L, space, row);
  return 1;
}

/* space:format(design) */
static int
space_format (lua_State *L)
{
  const gym_space *space = space_at (L);
  const double *row = design_at (L, space, 2);
  int n = gym_design_format (space, row, NULL, 0);
  char *text = bind_buffer (L, (size_t)n + 1, 1);
  gym_design_format (space, row, text, (size_t)n + 1);
  lua_pushlstring (L, text, (size_t)n);
  return 1;
}

static int
space_neighbours (lua_State *L)
{
  const gym_space *space = space_at (L);
  const double *row = design_at (L, space, 2);
  size_t n = gym_space_neighbours (space, row, NULL, 0), size = gym_space_size (space);
  double *rows = bind_buffer (L, n * size, sizeof *rows);
  gym_space_neighbours (space, row, rows, n);
  lua_createtable (L, (int)n, 0);
  for (size_t i = 0; i < n; i++) {
    bind_push_design (L, space, rows + i * size);
    lua_rawseti (L, -2, (lua_Integer)i + 1);
  }
  return 1;
}

/* space:hash(design): 16 hexadecimal digits, as an unsigned 64-bit number has no place
 * in a Lua integer. */
static int
space_hash (lua_State *L)
{
  const gym_space *space = space_at (L);
  char text[17];
  snprintf (text, sizeof text, "%016llx",
            (unsigned long long)gym_space_hash (space, design_at (L, space, 2)));
  lua_pushstring (L, text);
  return 1;
}

static int
space_cardinality (lua_State *L)
{
  double n = gym_space_cardinality (space_at (L));
  if (n < 0x1p53)
    lua_pushinteger (L, (lua_Integer)n);
  else
    lua_pushnumber (L, n);
  return 1;
}

/* space:complete(design): defaults filled in, checked. */
static int
space_complete (lua_State *L)
{
  const gym_space *space = space_at (L);
  bind_push_design (L, space, design_at (L, space, 2));
  return 1;
}

/* space:repair(design): numbers moved to the nearest valid ones as well. */
static int
space_repair (lua_State *L)
{
  const gym_space *space = space_at (L);
  double *row = row_of (L, space);
  bind_read_design (L, 2, space, true, row);
  bind_push_design (L, space, row);
  return 1;
}

/* space:encode(design): a list of numbers in [0,1]. */
static int
space_encode (lua_State *L)
{
  const gym_space *space = space_at (L);
  const double *row = design_at (L, space, 2);
  double *unit = row_of (L, space);
  gym_space_encode (space, row, unit);
  bind_push_numbers (L, unit, gym_space_size (space));
  return 1;
}

static int
space_decode (lua_State *L)
{
  const gym_space *space = space_at (L);
  uint32_t size = gym_space_size (space);
  double *unit = row_of (L, space), *row = row_of (L, space);
  size_t n = bind_read_numbers (L, 2, "space:decode(list)", unit, size);
  if (n != size)
    return bind_raise (L, "space:decode(list): %d numbers were expected, not %d",
                       (int)size, (int)n);
  gym_space_decode (space, unit, row);
  bind_push_design (L, space, row);
  return 1;
}

/* A number of parameter's value as text, for tables. */
static int
space_describe (lua_State *L)
{
  gym_error err = { 0 };
  char *text = gym_space_describe (space_at (L), &err);
  if (!text)
    return bind_raise_error (L, &err);
  lua_pushstring (L, text);
  gym_free (text);
  return 1;
}

static int
space_size (lua_State *L)
{
  lua_pushinteger (L, gym_space_size (space_at (L)));
  return 1;
}

void
bind_open_design (lua_State *L)
{
  static const luaL_Reg methods[] = {
    { "param", space_param },       { "sample", space_sample },
    { "default", space_default },   { "parse", space_parse },
    { "format", space_format },     { "neighbours", space_neighbours },
    { "hash", space_hash },         { "cardinality", space_cardinality },
    { "complete", space_complete }, { "repair", space_repair },
    { "encode", space_encode },     { "decode", space_decode },
    { "describe", space_describe }, { NULL, NULL }
  };
  static const luaL_Reg properties[] = { { "params", space_params },
                                         { "size", space_size },
                                         { NULL, NULL } };
  bind_class (L, SPACE_CLASS, methods, properties);
}
