/* Metrics, fidelities and lists of numbers as tables. */
#include "lua/binding.h"

#include <math.h>

/* By stride: an array may come from a maker whose structs are longer than ours. */
static const struct gym_metric *
metric (const struct gym_metrics *metrics, uint32_t i)
{
  return (const struct gym_metric *)((const char *)metrics->items
                                     + (size_t)i * metrics->stride);
}

/* Absent rather than NaN: `if metrics.x` is how scripts ask. */
void
bind_push_metrics (lua_State *L, const struct gym_metrics *metrics, const double *row)
{
  luaL_checkstack (L, 4, NULL);
  lua_createtable (L, 0, (int)metrics->n);
  for (uint32_t i = 0; i < metrics->n; i++) {
    if (isnan (row[i]))
      continue;
    lua_pushnumber (L, row[i]);
    lua_setfield (L, -2, metric (metrics, i)->name);
  }
}

/* Raises for the first key that is no metric. */
static void
find_stranger (lua_State *L, int at, const struct gym_metrics *metrics)
{
  const char **names = bind_buffer (L, metrics->n + 1, sizeof *names);
  for (uint32_t i = 0; i < metrics->n; i++)
    names[i] = metric (metrics, i)->name;
  bind_check_keys (L, at, "metrics", names);
}

/* As for designs: counting the known keys is cheaper than looking up every key. */
void
bind_read_metrics (lua_State *L, int at, const struct gym_metrics *metrics, double *row)
{
  uint32_t given = 0;
  at = lua_absindex (L, at);
  luaL_checkstack (L, 8, NULL);
  if (!lua_istable (L, at))
    bind_raise (L, "metrics are a table {name = number, ...}, not %s", bind_show (L, at));
  for (uint32_t i = 0; i < metrics->n; i++) {
    const char *name = metric (metrics, i)->name;
    int type = lua_getfield (L, at, name);
    if (type != LUA_TNUMBER && type != LUA_TNIL)
      bind_raise (L, "metric \"%s\": a number was expected, not %s", name,
                  bind_show (L, -1));
    row[i] = type == LUA_TNUMBER ? lua_tonumber (L, -1) : NAN;
    given += type == LUA_TNUMBER;
    lua_pop (L, 1);
  }
  lua_pushnil (L);
  while (lua_next (L, at)) {
    lua_pop (L, 1);
    if (given-- == 0)
      find_stranger (L, at, metrics);
  }
}

void
bind_push_metric_list (lua_State *L, const struct gym_metrics *metrics)
{
  static const char *const senses[] = { "neutral", "minimise", "maximise" };
  lua_createtable (L, (int)metrics->n, 0);
  for (uint32_t i = 0; i < metrics->n; i++) {
    const struct gym_metric *m = metric (metrics, i);
    lua_createtable (L, 0, 6);
    bind_set_text (L, "name", m->name);
    bind_set_text (L, "unit", m->unit);
    bind_set_text (L, "doc", m->doc);
    bind_set_text (L, "sense", senses[m->sense <= GYM_MAXIMISE ? m->sense : 0]);
    lua_pushboolean (L, (m->flags & GYM_METRIC_MEASURED) != 0);
    lua_setfield (L, -2, "measured");
    lua_pushboolean (L, (m->flags & GYM_METRIC_SEALED) != 0);
    lua_setfield (L, -2, "sealed");
    lua_rawseti (L, -2, (lua_Integer)i + 1);
  }
}

void
bind_push_fidelity_list (lua_State *L, const struct gym_fidelities *fidelities)
{
  lua_createtable (L, (int)fidelities->n, 0);
  for (uint32_t i = 0; i < fidelities->n; i++) {
    const struct gym_fidelity *f =
        (const struct gym_fidelity *)((const char *)fidelities->items
                                      + (size_t)i * fidelities->stride);
    lua_createtable (L, 0, 3);
    bind_set_text (L, "name", f->name);
    bind_set_text (L, "doc", f->doc);
    lua_pushnumber (L, f->cost);
    lua_setfield (L, -2, "cost");
    lua_rawseti (L, -2, (lua_Integer)i + 1);
  }
}

/* NaN stays in: a hole would end the list for Lua. */
void
bind_push_numbers (lua_State *L, const double *values, size_t n)
{
  luaL_checkstack (L, 4, NULL);
  lua_createtable (L, (int)n, 0);
  for (size_t i = 0; i < n; i++) {
    lua_pushnumber (L, values[i]);
    lua_rawseti (L, -2, (lua_Integer)i + 1);
  }
}

/* The true length is returned, so that a caller can say that there are too many. */
size_t
bind_read_numbers (lua_State *L, int at, const char *what, double *values, size_t n)
{
  if (!lua_istable (L, at))
    bind_raise (L, "%s: a list of numbers was expected, not %s", what, bind_show (L, at));
  size_t length = (size_t)luaL_len (L, at);
  for (size_t i = 0; i < length && i < n; i++) {
    if (lua_geti (L, at, (lua_Integer)i + 1) != LUA_TNUMBER)
      bind_raise (L, "%s: element %d is %s, not a number", what, (int)i + 1,
                  bind_show (L, -1));
    values[i] = lua_tonumber (L, -1);
    lua_pop (L, 1);
  }
  return length;
}
