/* Agents by hand: ask for designs, tell how they did. */
#include "lua/binding.h"

#include <math.h>
#include <stdlib.h>

struct agent {
  gym_agent *agent;
  gym_env *env; /* both borrowed through the box's parents */
  struct objective *objective;
  struct gym_problem problem;
};

/* The agent goes before what it borrows: the box drops its parents afterwards. */
static void
free_agent (void *object)
{
  struct agent *a = object;
  gym_agent_destroy (&a->agent);
  free (a);
}

/* core.agent (id, env, objective text, options, {seed, budget, in_flight, fidelity}) */
static int
agent_new (lua_State *L)
{
  static const char what[] = "gym.agent";
  const char *id = bind_id (L, 1, "gym.agent(id, {...})");
  struct box *env = bind_env_box (L, 2);
  gym_error err = { 0 };
  gym_settings *settings = bind_settings (L, 4, id);
  struct objective *objective = bind_objective (L, 3, env);
  struct box *box = bind_handle (L, AGENT_CLASS, bind_box (L, -1, OBJECTIVE_CLASS));
  struct agent *a = calloc (1, sizeof *a);
  if (!a)
    return bind_raise (L, "out of memory");
  box->destroy = free_agent;
  box->object = a;
  a->env = env->object;
  a->objective = objective;
  double budget = bind_number (L, 5, "budget", what, INFINITY);
  lua_Integer in_flight = bind_integer (L, 5, "in_flight", what, 1);
  if (!(budget > 0) || in_flight < 1 || in_flight > 65536)
    return bind_raise (L, "%s: budget must be positive and in_flight 1 to 65536", what);
  gym_problem_init (&a->problem, a->env, objective->objective, budget,
                    (uint32_t)in_flight);
  lua_getfield (L, 5, "fidelity");
  a->problem.fidelity = bind_fidelity (L, -1, a->env);
  lua_pop (L, 1);
  a->agent = gym_agent_open (bind_registry (L), id, settings, &a->problem,
                             (uint64_t)bind_integer (L, 5, "seed", what, 1), &err);
  return a->agent ? 1 : bind_raise_error (L, &err);
}

static struct box *
agent_box (lua_State *L)
{
  return bind_box (L, 1, AGENT_CLASS);
}

/* An ask is a table of its own, so that a script can add status and metrics to it and
 * hand it back to tell. */
static void
push_ask (lua_State *L, const struct agent *a, uint64_t ticket, const double *design,
          uint32_t fidelity)
{
  lua_createtable (L, 0, 3);
  lua_pushinteger (L, (lua_Integer)ticket);
  lua_setfield (L, -2, "ticket");
  bind_push_design (L, a->problem.space, design);
  lua_setfield (L, -2, "design");
  bind_set_text (L, "fidelity", gym_env_fidelities (a->env)->items[fidelity].name);
}

/* agent:ask (k): a list of at most k {ticket, design, fidelity} */
static int
agent_ask (lua_State *L)
{
  struct box *box = agent_box (L);
  struct agent *a = box->object;
  gym_error err = { 0 };
  lua_Integer k = lua_isnoneornil (L, 2) ? 1 : lua_tointeger (L, 2);
  if (k < 1 || k > 1000000)
    return bind_raise (L, "agent:ask(k): a number from 1 to 1000000 was expected, not %s",
                       bind_show (L, 2));
  size_t n = (size_t)k, size = gym_space_size (a->problem.space);
  uint64_t *tickets = bind_buffer (L, n, sizeof *tickets);
  double *designs = bind_buffer (L, n * size, sizeof *designs);
  uint32_t *fidelities = bind_buffer (L, n, sizeof *fidelities);
  bind_hold (box);
  int made = gym_agent_ask (a->agent, n, tickets, designs, fidelities, &err);
  bind_drop (box);
  if (made < 0)
    return bind_raise_error (L, &err);
  agent_box (L);
  lua_createtable (L, made, 0);
  for (int i = 0; i < made; i++) {
    push_ask (L, a, tickets[i], designs + (size_t)i * size, fidelities[i]);
    lua_rawseti (L, -2, (lua_Integer)i + 1);
  }
  return 1;
}

/* Rows of one tell, in userdata. */
struct news {
  size_t n;
  uint64_t *tickets;
  double *objectives, *violations, *metrics;
  uint32_t *statuses;
};

/* Objective and violations of row i: as given, else from the metrics. */
static void
read_score (lua_State *L, int at, const struct agent *a, const struct news *news,
            size_t i)
{
  static const char what[] = "agent:tell";
  uint32_t m = a->problem.n_objectives, c = a->problem.n_constraints;
  double *objectives = news->objectives + i * m, *violations = news->violations + i * c;
  gym_error err = { 0 };
  bool given = lua_getfield (L, at, "objectives") == LUA_TTABLE;
  if (given && bind_read_numbers (L, lua_gettop (L), what, objectives, m) != m)
    bind_raise (L, "%s: result %d: %d objectives were expected", what, (int)i + 1,
                (int)m);
  if (!given && m == 1) {
    objectives[0] = bind_number (L, at, "objective", what, NAN);
    given = !isnan (objectives[0]);
  }
  if (!given) {
    if (gym_objective_evaluate (a->objective->objective,
                                news->metrics + i * a->problem.metrics.n, objectives,
                                violations, &err)
        < 0)
      bind_raise (L, "%s: result %d: %s", what, (int)i + 1, err.text);
  } else if (lua_getfield (L, at, "violations") == LUA_TTABLE) {
    if (bind_read_numbers (L, lua_gettop (L), what, violations, c) != c)
      bind_raise (L, "%s: result %d: %d violations were expected", what, (int)i + 1,
                  (int)c);
  }
}

/* Keys that asks and outcomes carry besides are let pass: scripts merge the two. */
static void
read_result (lua_State *L, int at, const struct agent *a, const struct news *news,
             size_t i)
{
  static const char *const keys[] = { "ticket",   "status",    "metrics",    "objectives",
                                      "note",     "objective", "violations", "design",
                                      "fidelity", "violation", "goals",      NULL };
  static const char what[] = "agent:tell";
  int top = lua_gettop (L);
  bind_check_keys (L, at, what, keys);
  lua_Integer ticket = bind_integer (L, at, "ticket", what, -1);
  if (ticket < 0)
    bind_raise (L, "%s: result %d has no ticket (as agent:ask gave it)", what,
                (int)i + 1);
  news->tickets[i] = (uint64_t)ticket;
  const char *status = bind_text (L, at, "status", what, "ok");
  int code = gym_status_parse (status);
  if (code < 0)
    bind_raise (L, "%s: result %d: there is no status \"%s\"", what, (int)i + 1, status);
  news->statuses[i] = (uint32_t)code;
  double *metrics = news->metrics + i * a->problem.metrics.n;
  for (uint32_t j = 0; j < a->problem.metrics.n; j++)
    metrics[j] = NAN;
  if (lua_getfield (L, at, "metrics") != LUA_TNIL)
    bind_read_metrics (L, -1, &a->problem.metrics, metrics);
  if (code == GYM_TRIAL_OK)
    read_score (L, at, a, news, i);
  lua_settop (L, top);
}

/* agent:tell (result, or a list of them): each {ticket, status, metrics}, or objectives
 * and violations said outright */
static int
agent_tell (lua_State *L)
{
  struct box *box = agent_box (L);
  struct agent *a = box->object;
  gym_error err = { 0 };
  lua_settop (L, 2);
  if (!lua_istable (L, 2))
    return bind_raise (L, "agent:tell(results): a list was expected, not %s",
                       bind_show (L, 2));
  if (lua_getfield (L, 2, "ticket") != LUA_TNIL) { /* a single result */
    lua_createtable (L, 1, 0);
    lua_pushvalue (L, 2);
    lua_rawseti (L, -2, 1);
    lua_replace (L, 2);
  }
  lua_settop (L, 2);
  struct news news = { .n = (size_t)luaL_len (L, 2) };
  news.tickets = bind_buffer (L, news.n, sizeof (uint64_t));
  news.objectives = bind_buffer (L, news.n * a->problem.n_objectives, sizeof (double));
  news.violations = bind_buffer (L, news.n * a->problem.n_constraints, sizeof (double));
  news.metrics = bind_buffer (L, news.n * a->problem.metrics.n, sizeof (double));
  news.statuses = bind_buffer (L, news.n, sizeof (uint32_t));
  for (size_t i = 0; i < news.n; i++) {
    lua_geti (L, 2, (lua_Integer)i + 1);
    read_result (L, lua_gettop (L), a, &news, i);
    lua_pop (L, 1);
  }
  bind_hold (box);
  int rc = gym_agent_tell (a->agent, news.n, news.tickets, NULL, news.objectives,
                           news.violations, news.metrics, news.statuses, &err);
  bind_drop (box);
  return rc < 0 ? bind_raise_error (L, &err) : 0;
}

static int
agent_outstanding (lua_State *L)
{
  const struct agent *a = agent_box (L)->object;
  lua_pushinteger (L, (lua_Integer)gym_agent_outstanding (a->agent));
  return 1;
}

static int
agent_id (lua_State *L)
{
  const struct agent *a = agent_box (L)->object;
  lua_pushstring (L, gym_agent_entry (a->agent)->id);
  return 1;
}

static int
agent_identity (lua_State *L)
{
  const struct agent *a = agent_box (L)->object;
  lua_pushstring (L, gym_agent_identity (a->agent));
  return 1;
}

void
bind_open_agent (lua_State *L)
{
  static const luaL_Reg methods[] = { { "ask", agent_ask },
                                      { "tell", agent_tell },
                                      { NULL, NULL } };
  static const luaL_Reg properties[] = { { "outstanding", agent_outstanding },
                                         { "id", agent_id },
                                         { "identity", agent_identity },
                                         { NULL, NULL } };
  static const luaL_Reg core[] = { { "agent", agent_new }, { NULL, NULL } };
  bind_class (L, AGENT_CLASS, methods, properties);
  bind_functions (L, NULL, core);
}
