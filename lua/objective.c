/* Objectives by hand: gym.objective (objective, env). The table form is turned into text
 * by lua/gym/objective.lua; libgym's parser judges it. */
#include "lua/binding.h"

#include <math.h>
#include <stdlib.h>

static void
free_objective (void *object)
{
  struct objective *o = object;
  gym_objective_destroy (&o->objective);
  free (o);
}

/* The parent keeps the env and so the metrics' names alive. */
struct objective *
bind_objective (lua_State *L, int at, struct box *env)
{
  gym_error err = { 0 };
  if (lua_type (L, at) != LUA_TSTRING)
    bind_raise (L, "objective: a text or table was expected, not %s", bind_show (L, at));
  const char *text = lua_tostring (L, at);
  struct box *box = bind_handle (L, OBJECTIVE_CLASS, env);
  struct objective *o = calloc (1, sizeof *o);
  if (!o) {
    bind_raise (L, "out of memory");
    return NULL;
  }
  box->destroy = free_objective;
  box->object = o;
  o->metrics = *gym_env_metrics (env->object);
  o->objective = gym_objective_parse (text, &o->metrics, &err);
  if (!o->objective)
    bind_raise_error (L, &err);
  return o;
}

/* core.objective (text, env) */
static int
objective_new (lua_State *L)
{
  struct box *env = bind_env_box (L, 2);
  bind_objective (L, 1, env);
  return 1;
}

static const struct objective *
objective_at (lua_State *L)
{
  return bind_object (L, 1, OBJECTIVE_CLASS);
}

/* objective:evaluate (metrics): {goals, objectives, violations, violation} */
static int
objective_evaluate (lua_State *L)
{
  const struct objective *o = objective_at (L);
  uint32_t m = gym_objective_goals (o->objective);
  uint32_t c = gym_objective_constraints (o->objective);
  gym_error err = { 0 };
  double *metrics = bind_buffer (L, o->metrics.n, sizeof *metrics);
  double *goals = bind_buffer (L, m, sizeof *goals), sum = 0;
  double *violations = bind_buffer (L, c, sizeof *violations);
  bind_read_metrics (L, 2, &o->metrics, metrics);
  if (gym_objective_evaluate (o->objective, metrics, goals, violations, &err) < 0)
    return bind_raise_error (L, &err);
  lua_createtable (L, 0, 4);
  bind_push_numbers (L, goals, m);
  lua_setfield (L, -2, "objectives");
  bind_push_numbers (L, violations, c);
  lua_setfield (L, -2, "violations");
  for (uint32_t i = 0; i < c; i++)
    sum += violations[i];
  lua_pushnumber (L, sum);
  lua_setfield (L, -2, "violation");
  for (uint32_t i = 0; i < m; i++)
    goals[i] = gym_objective_report (o->objective, i, goals[i]);
  bind_push_numbers (L, goals, m);
  lua_setfield (L, -2, "goals");
  return 1;
}

static int
objective_text (lua_State *L)
{
  lua_pushstring (L, gym_objective_text (objective_at (L)->objective));
  return 1;
}

/* A list of {text, unit, sense}. */
static int
objective_goals (lua_State *L)
{
  const gym_objective *o = objective_at (L)->objective;
  lua_newtable (L);
  for (uint32_t i = 0; i < gym_objective_goals (o); i++) {
    bool maximise = gym_objective_goal_sense (o, i) == GYM_MAXIMISE;
    lua_createtable (L, 0, 3);
    bind_set_text (L, "text", gym_objective_goal_text (o, i));
    bind_set_text (L, "unit", gym_objective_goal_unit (o, i));
    bind_set_text (L, "sense", maximise ? "maximise" : "minimise");
    lua_rawseti (L, -2, (lua_Integer)i + 1);
  }
  return 1;
}

static int
objective_constraints (lua_State *L)
{
  const gym_objective *o = objective_at (L)->objective;
  lua_newtable (L);
  for (uint32_t i = 0; i < gym_objective_constraints (o); i++) {
    lua_pushstring (L, gym_objective_constraint_text (o, i));
    lua_rawseti (L, -2, (lua_Integer)i + 1);
  }
  return 1;
}

/* objective:inner (value, goal): a reported value as agents see it, to be minimised */
static int
objective_inner (lua_State *L)
{
  const gym_objective *o = objective_at (L)->objective;
  lua_Integer goal = luaL_optinteger (L, 3, 1);
  if (goal < 1 || goal > gym_objective_goals (o))
    return bind_raise (L, "objective:inner: there is no goal %d", (int)goal);
  double inner = gym_objective_inner (o, (uint32_t)goal - 1, luaL_checknumber (L, 2));
  lua_pushnumber (L, inner);
  return 1;
}

/* gym.quantity (text, unit): "0.1ms" in "ns" is 100000; a bare number is itself */
static int
quantity (lua_State *L)
{
  gym_error err = { 0 };
  double value = 0;
  int type = lua_type (L, 1);
  bool unit = lua_type (L, 2) == LUA_TSTRING || lua_isnoneornil (L, 2);
  if ((type != LUA_TSTRING && type != LUA_TNUMBER) || !unit)
    return bind_raise (L, "gym.quantity(text, unit): two texts were expected");
  if (type == LUA_TNUMBER)
    value = lua_tonumber (L, 1);
  else if (gym_quantity_parse (lua_tostring (L, 1), luaL_optstring (L, 2, "1"), &value,
                               &err)
           < 0)
    return bind_raise_error (L, &err);
  lua_pushnumber (L, value);
  return 1;
}

/* One side of a comparison, from a table with status, objectives, violations. */
struct side {
  uint32_t status;
  size_t m, c;
  double objectives[16], violations[64];
};

/* Only the length says what a result of another study is: the rest are plain numbers. */
static void
read_side (lua_State *L, int at, struct side *side)
{
  static const char what[] = "gym.better(a, b)";
  if (!lua_istable (L, at))
    bind_raise (L, "%s: two results were expected, not %s", what, bind_show (L, at));
  int status = gym_status_parse (bind_text (L, at, "status", what, "ok"));
  if (status < 0)
    bind_raise (L, "%s: there is no status \"%s\"", what,
                bind_text (L, at, "status", what, "ok"));
  side->status = (uint32_t)status;
  side->m = side->c = 0;
  if (lua_getfield (L, at, "objectives") == LUA_TTABLE)
    side->m = bind_read_numbers (L, lua_gettop (L), what, side->objectives, 16);
  else
    side->objectives[side->m++] = bind_number (L, at, "objective", what, NAN);
  if (lua_getfield (L, at, "violations") == LUA_TTABLE)
    side->c = bind_read_numbers (L, lua_gettop (L), what, side->violations, 64);
  if (side->m > 16 || side->c > 64)
    bind_raise (L, "%s: at most 16 objectives and 64 constraints", what);
  lua_pop (L, 2);
}

/* gym.better (a, b): whether result a is better than b by the order everything uses */
static int
better (lua_State *L)
{
  struct side a, b;
  read_side (L, 1, &a);
  read_side (L, 2, &b);
  if (a.status == GYM_TRIAL_OK && b.status == GYM_TRIAL_OK && (a.m != b.m || a.c != b.c))
    return bind_raise (L, "gym.better(a, b): results of different objectives");
  lua_pushboolean (L, gym_compare ((uint32_t)a.m, (uint32_t)a.c, a.status, a.objectives,
                                   a.violations, b.status, b.objectives, b.violations)
                          < 0);
  return 1;
}

void
bind_open_objective (lua_State *L)
{
  static const luaL_Reg methods[] = { { "evaluate", objective_evaluate },
                                      { "inner", objective_inner },
                                      { NULL, NULL } };
  static const luaL_Reg properties[] = { { "text", objective_text },
                                         { "goals", objective_goals },
                                         { "constraints", objective_constraints },
                                         { NULL, NULL } };
  static const luaL_Reg module[] = { { "quantity", quantity },
                                     { "better", better },
                                     { NULL, NULL } };
  static const luaL_Reg core[] = { { "objective", objective_new }, { NULL, NULL } };
  bind_class (L, OBJECTIVE_CLASS, methods, properties);
  bind_functions (L, module, core);
}
