/* Agents written in Lua: gym.agent_class{...}. */
#include "lua/class.h"

#include <math.h>
#include <string.h>

/* ---- opening -------------------------------------------------------------------------
 */

/* Lists of earlier trials, for classes that asked for them. */
static void
push_warm (lua_State *L, const struct gym_problem *p)
{
  uint32_t size = gym_space_size (p->space);
  lua_createtable (L, (int)p->n_warm, 0);
  for (size_t i = 0; i < p->n_warm; i++) {
    lua_createtable (L, 0, 4);
    bind_push_design (L, p->space, p->warm_designs + i * size);
    lua_setfield (L, -2, "design");
    bind_push_numbers (L, p->warm_objectives + i * p->n_objectives, p->n_objectives);
    lua_setfield (L, -2, "objectives");
    bind_push_numbers (L, p->warm_violations + i * p->n_constraints, p->n_constraints);
    lua_setfield (L, -2, "violations");
    bind_set_text (L, "status", "ok");
    lua_rawseti (L, -2, (lua_Integer)i + 1);
  }
}

/* Pushes what `open` gets to know. */
static void
push_problem (lua_State *L, struct instance *self)
{
  const struct gym_problem *p = self->problem;
  const struct gym_fidelity *f =
      (const struct gym_fidelity *)((const char *)p->fidelities.items
                                    + (size_t)p->fidelity * p->fidelities.stride);
  lua_createtable (L, 0, 10);
  self->lent = bind_hold (bind_push_space (L, p->space, NULL));
  lua_setfield (L, -2, "space");
  lua_pushinteger (L, p->n_objectives);
  lua_setfield (L, -2, "objectives");
  lua_pushinteger (L, p->n_constraints);
  lua_setfield (L, -2, "constraints");
  lua_pushinteger (L, p->in_flight);
  lua_setfield (L, -2, "in_flight");
  lua_pushnumber (L, p->budget);
  lua_setfield (L, -2, "budget");
  bind_push_metric_list (L, &p->metrics);
  lua_setfield (L, -2, "metrics");
  bind_push_fidelity_list (L, &p->fidelities);
  lua_setfield (L, -2, "fidelities");
  bind_set_text (L, "fidelity", f->name);
  if (!p->n_warm)
    return;
  push_warm (L, p);
  lua_setfield (L, -2, "warm");
}

static int
open_body (lua_State *L)
{
  struct instance *self = lua_touserdata (L, 1);
  bind_make_self (L, self);
  self->rng = bind_rng (L, self->seed);
  lua_setfield (L, -2, "rng");
  push_problem (L, self);
  lua_pushvalue (L, -1);
  lua_setfield (L, -3, "problem");
  lua_getfield (L, -2, "rng");
  bind_seed_random (L, gym_rng_derive (self->seed, 0, 0));
  bind_call_method (L, self, "open", 2);
  return 0;
}

static int
agent_open (void *instance, const struct gym_host *host,
            const struct gym_problem *problem, uint64_t seed, gym_error *err)
{
  struct instance *self = instance;
  self->class = host->self_class;
  self->host = host;
  self->problem = problem;
  self->seed = seed;
  return bind_guarded (self->class, open_body, self, err);
}

static void
agent_close (void *instance)
{
  struct instance *self = instance;
  bind_close_instance (self);
  if (!self->lent)
    return;
  self->lent->object = NULL; /* the script may have kept the handle: it is closed now */
  bind_drop (self->lent);
  self->lent = NULL;
}

/* ---- asking --------------------------------------------------------------------------
 */

struct question {
  struct instance *self;
  struct gym_asks *asks;
  int made;
};

/* Index of a fidelity's name at `at`. */
static uint32_t
read_fidelity (lua_State *L, int at, const struct gym_problem *p)
{
  const char **names = bind_buffer (L, p->fidelities.n + 1, sizeof *names);
  for (uint32_t i = 0; i < p->fidelities.n; i++)
    names[i] = ((const struct gym_fidelity *)((const char *)p->fidelities.items
                                              + (size_t)i * p->fidelities.stride))
                   ->name;
  if (lua_type (L, at) != LUA_TSTRING)
    bind_raise (L, "ask: a fidelity is a name, not %s", bind_show (L, at));
  int i = bind_choice (L, lua_tostring (L, at), "ask: unknown fidelity", names);
  lua_pop (L, 1);
  return (uint32_t)i;
}

/* The second result of ask: nothing, one name for all, or a list of names. */
static void
read_fidelities (lua_State *L, int at, const struct question *q)
{
  for (int i = 0; i < q->made && !lua_isnil (L, at); i++) {
    if (lua_istable (L, at))
      lua_geti (L, at, i + 1);
    else
      lua_pushvalue (L, at);
    if (!lua_isnil (L, -1))
      q->asks->fidelities[i] = read_fidelity (L, lua_gettop (L), q->self->problem);
    lua_pop (L, 1);
  }
}

/* The first result: nothing, a design, or a list of designs. */
static void
read_designs (lua_State *L, int at, struct question *q)
{
  const gym_space *space = q->self->problem->space;
  size_t n = 1, size = gym_space_size (space);
  if (!lua_toboolean (L, at))
    return;
  if (!lua_istable (L, at))
    bind_raise (L, "ask returned %s instead of a list of designs", bind_show (L, at));
  bool list = lua_geti (L, at, 1) != LUA_TNIL;
  lua_pop (L, 1);
  lua_pushnil (L);
  if (!list && !lua_next (L, at)) /* {}: nothing to ask */
    return;
  lua_settop (L, at + 1); /* fidelities stay */
  if (list)
    n = (size_t)luaL_len (L, at);
  if (n > q->asks->n)
    bind_raise (L, "ask returned %d designs where at most %d were asked for", (int)n,
                (int)q->asks->n);
  for (size_t i = 0; i < n; i++) {
    if (list)
      lua_geti (L, at, (lua_Integer)i + 1);
    bind_read_design (L, list ? -1 : at, space, true, q->asks->designs + i * size);
    if (list)
      lua_pop (L, 1);
  }
  q->made = (int)n;
}

static int
ask_body (lua_State *L)
{
  struct question *q = lua_touserdata (L, 1);
  const struct instance *self = q->self;
  bind_seed_random (L, gym_rng_derive (self->seed, 1, q->asks->tickets[0]));
  lua_rawgeti (L, LUA_REGISTRYINDEX, self->class->ask);
  lua_rawgeti (L, LUA_REGISTRYINDEX, self->self);
  lua_pushinteger (L, (lua_Integer)q->asks->n);
  lua_call (L, 2, 2);
  read_designs (L, 2, q);
  read_fidelities (L, 3, q);
  return 0;
}

static int
agent_ask (void *instance, struct gym_asks *asks, gym_error *err)
{
  struct instance *self = instance;
  struct question q = { .self = self, .asks = asks };
  int rc = asks->n ? bind_guarded (self->class, ask_body, &q, err) : GYM_OK;
  return rc < 0 ? rc : q.made;
}

/* ---- telling -------------------------------------------------------------------------
 */

struct news {
  struct instance *self;
  const struct gym_tells *tells;
};

static void
push_score (lua_State *L, const struct gym_problem *p, const struct gym_tells *t,
            size_t i)
{
  const double *objectives = t->objectives + i * p->n_objectives;
  const double *violations = t->violations + i * p->n_constraints;
  double sum = 0;
  bind_push_numbers (L, objectives, p->n_objectives);
  lua_setfield (L, -2, "objectives");
  if (p->n_objectives == 1) {
    lua_pushnumber (L, objectives[0]);
    lua_setfield (L, -2, "objective");
  }
  bind_push_numbers (L, violations, p->n_constraints);
  lua_setfield (L, -2, "violations");
  for (uint32_t j = 0; j < p->n_constraints; j++)
    sum += violations[j];
  lua_pushnumber (L, sum);
  lua_setfield (L, -2, "violation");
}

static void
push_result (lua_State *L, const struct gym_problem *p, const struct gym_tells *t,
             size_t i)
{
  const struct gym_fidelity *f =
      (const struct gym_fidelity *)((const char *)p->fidelities.items
                                    + (size_t)t->fidelities[i] * p->fidelities.stride);
  lua_createtable (L, 0, 10);
  lua_pushinteger (L, (lua_Integer)t->tickets[i]);
  lua_setfield (L, -2, "ticket");
  bind_push_design (L, p->space, t->designs + i * gym_space_size (p->space));
  lua_setfield (L, -2, "design");
  bind_set_text (L, "fidelity", f->name);
  bind_set_text (L, "status", gym_status_name (t->statuses[i]));
  bind_push_metrics (L, &p->metrics, t->metrics + i * p->metrics.n);
  lua_setfield (L, -2, "metrics");
  if (t->statuses[i] == GYM_TRIAL_OK)
    push_score (L, p, t, i);
}

static int
tell_body (lua_State *L)
{
  const struct news *news = lua_touserdata (L, 1);
  const struct instance *self = news->self;
  const struct gym_tells *t = news->tells;
  bind_seed_random (L, gym_rng_derive (self->seed, 2, t->tickets[0]));
  lua_rawgeti (L, LUA_REGISTRYINDEX, self->class->tell);
  lua_rawgeti (L, LUA_REGISTRYINDEX, self->self);
  lua_createtable (L, (int)t->n, 0);
  for (size_t i = 0; i < t->n; i++) {
    push_result (L, self->problem, t, i);
    lua_rawseti (L, -2, (lua_Integer)i + 1);
  }
  lua_call (L, 2, 0);
  return 0;
}

static int
agent_tell (void *instance, const struct gym_tells *tells, gym_error *err)
{
  struct instance *self = instance;
  struct news news = { .self = self, .tells = tells };
  return tells->n ? bind_guarded (self->class, tell_body, &news, err) : GYM_OK;
}

/* ---- defining -------------------------------------------------------------------------
 */

int
bind_agent_class (lua_State *L)
{
  static const char *const keys[] = {
    "id",         "summary",        "doc",       "source",   "licence", "version",
    "options",    "open",           "close",     "ask",      "tell",    "replayable",
    "warm_start", "max_objectives", "in_flight", "distinct", "axes",    "prior",
    NULL
  };
  static const char what[] = "gym.agent_class";
  lua_settop (L, 1);
  struct class *class = bind_class_new (L);
  int anchor = lua_gettop (L);
  bind_class_basics (L, class, anchor, what, keys);
  class->ask = bind_class_function (L, what, "ask");
  class->tell = bind_class_function (L, what, "tell");
  struct gym_agent_class *agent = &class->as.agent;
  agent->struct_size = sizeof *agent;
  agent->place = bind_class_axes (L, anchor, "gym.agent_class: axes");
  agent->flags =
      (bind_flag (L, 1, "replayable", what, true) ? 0u : GYM_AGENT_NOT_REPLAYABLE)
      | (bind_flag (L, 1, "warm_start", what, false) ? GYM_AGENT_WARM_START : 0u)
      | (bind_flag (L, 1, "prior", what, false) ? GYM_AGENT_PRIOR : 0u)
      | (bind_flag (L, 1, "distinct", what, false) ? GYM_AGENT_DISTINCT : 0u);
  lua_Integer objectives = bind_integer (L, 1, "max_objectives", what, 1);
  lua_Integer in_flight = bind_integer (L, 1, "in_flight", what, 1);
  if (objectives < 0 || objectives > 1000 || in_flight < 1 || in_flight > 65536)
    return bind_raise (L, "%s: max_objectives is 0 (any) to 1000, in_flight 1 to 65536",
                       what);
  agent->max_objectives = (uint32_t)objectives;
  agent->in_flight = (uint32_t)in_flight;
  agent->open = agent_open;
  agent->close = agent_close;
  agent->ask = agent_ask;
  agent->tell = agent_tell;
  class->agents[0] = agent;
  class->plugin.agents = class->agents;
  bind_class_register (L, class, anchor);
  lua_settop (L, 1);
  return 1;
}
