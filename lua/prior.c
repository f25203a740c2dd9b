/* Design priors: learnt from a task bank or given by hand. What scripts write is checked
 * and put in order by lua/gym/prior.lua. */
#include "lua/prior.h"

#include <stdlib.h>
#include <string.h>

/* The bank stays open, so that other priors can be made from its anchors; one that was
 * given by hand has none. */
struct prior {
  gym_bank *bank; /* or NULL; its owner's where `lent` */
  bool lent;
  gym_prior *prior;
};

static void
free_prior (void *object)
{
  struct prior *p = object;
  gym_prior_destroy (&p->prior);
  if (!p->lent)
    gym_bank_destroy (&p->bank);
  free (p);
}

static struct prior *
new_prior (lua_State *L, struct box *parent)
{
  struct box *box = bind_handle (L, PRIOR_CLASS, parent);
  struct prior *p = calloc (1, sizeof *p);
  if (!p)
    bind_raise (L, "out of memory");
  box->destroy = free_prior;
  box->object = p;
  return p;
}

const gym_prior *
bind_test_prior (lua_State *L, int at)
{
  const struct prior *p = bind_test_object (L, at, PRIOR_CLASS);
  return p ? p->prior : NULL;
}

/* ---- making ---- */

/* A list of texts, which the table keeps; the array is left on the stack. */
static const char **
read_texts (lua_State *L, int at, const char *what, size_t *n)
{
  *n = (size_t)luaL_len (L, at);
  const char **texts = bind_buffer (L, *n + 1, sizeof *texts);
  for (size_t i = 0; i < *n; i++) {
    if (lua_rawgeti (L, at, (lua_Integer)i + 1) != LUA_TSTRING)
      bind_raise (L, "gym.prior: %s: a list of texts was expected, not of %s", what,
                  bind_show (L, -1));
    texts[i] = lua_tostring (L, -1);
    lua_pop (L, 1);
  }
  return texts;
}

static uint32_t
count_field (lua_State *L, int at, const char *key)
{
  lua_Integer n = bind_integer (L, at, key, "gym.prior", 0);
  if (n < 0 || n > 1000000)
    bind_raise (L, "gym.prior: %s: %lld is not in 0 to 1000000", key, (long long)n);
  return (uint32_t)n;
}

/* The prior of p's bank by the options in the table at `at`. */
static void
learn (lua_State *L, struct prior *p, int at)
{
  static const char *const similarities[] = { "rank", "metrics", "both", NULL };
  const char *similarity = bind_text (L, at, "similarity", "gym.prior", "rank");
  gym_error err = { 0 };
  struct gym_prior_options o = {
    .struct_size = sizeof o,
    .similarity = (uint32_t)bind_choice (L, similarity, "gym.prior: unknown similarity",
                                         similarities),
    .tasks = count_field (L, at, "tasks"),
    .least = count_field (L, at, "least"),
    .share = bind_number (L, at, "share", "gym.prior", 0),
    .uniform = bind_number (L, at, "uniform", "gym.prior", 0),
  };
  if (lua_getfield (L, at, "only") != LUA_TNIL)
    o.only = read_texts (L, lua_gettop (L), "only", &o.n_only);
  p->prior = gym_bank_prior (p->bank, &o, &err);
  if (!p->prior)
    bind_raise_error (L, &err);
}

/* core.prior (env, stores, objective, options) */
static int
prior_open (lua_State *L)
{
  struct box *env = bind_env_box (L, 1);
  gym_error err = { 0 };
  size_t n;
  lua_settop (L, 4);
  const char **stores = read_texts (L, 2, "stores", &n);
  lua_Integer seed = bind_integer (L, 4, "seed", "gym.prior", 0);
  if (seed < 0)
    return bind_raise (L, "gym.prior: seed: %lld is negative", (long long)seed);
  size_t n_only = 0;
  const char **only = lua_getfield (L, 4, "only") == LUA_TNIL
                          ? NULL
                          : read_texts (L, lua_gettop (L), "only", &n_only);
  lua_getfield (L, 4, "where");
  const struct gym_bank_options o = {
    .struct_size = sizeof o,
    .anchors = count_field (L, 4, "anchors"),
    .contrast = count_field (L, 4, "contrast"),
    .seed = (uint64_t)seed,
    .objective = lua_tostring (L, 3),
    .store = bind_text (L, 4, "store", "gym.prior", NULL),
    .folder = bind_text (L, 4, "folder", "gym.prior", NULL),
    .settings = bind_settings (L, lua_gettop (L), "gym.prior: where"),
    .only = only,
    .n_only = n_only,
  };
  struct prior *p = new_prior (L, NULL);
  int handle = lua_gettop (L);
  p->bank = gym_bank_open (stores, n, env->object, &o, &err);
  if (!p->bank)
    return bind_raise_error (L, &err);
  learn (L, p, 4);
  lua_pushvalue (L, handle);
  return 1;
}

/* core.prior_with (prior, options): another prior from the same bank */
static int
prior_with (lua_State *L)
{
  struct box *box = bind_box (L, 1, PRIOR_CLASS);
  const struct prior *from = box->object;
  lua_settop (L, 2);
  if (!from->bank)
    return bind_raise (L, "prior:with{...}: this prior was given by hand: it has no bank "
                          "to make another from");
  struct prior *p = new_prior (L, box);
  p->bank = from->bank;
  p->lent = true;
  learn (L, p, 2);
  lua_pushvalue (L, 3);
  return 1;
}

/* core.prior_weights (env, json) */
static int
prior_weights (lua_State *L)
{
  struct box *env = bind_env_box (L, 1);
  gym_error err = { 0 };
  struct prior *p = new_prior (L, NULL);
  p->prior = gym_prior_from_json (gym_env_space (env->object), lua_tostring (L, 2), &err);
  return p->prior ? 1 : bind_raise_error (L, &err);
}

/* ---- what it holds ---- */

static struct prior *
prior_at (lua_State *L)
{
  return bind_object (L, 1, PRIOR_CLASS);
}

static int
push_text (lua_State *L)
{
  lua_pushstring (L, lua_touserdata (L, 1));
  return 1;
}

/* The text is freed also when pushing it raises. */
static int
prior_describe (lua_State *L)
{
  gym_error err = { 0 };
  char *text = gym_prior_describe (prior_at (L)->prior, &err);
  if (!text)
    return bind_raise_error (L, &err);
  lua_pushcfunction (L, push_text);
  lua_pushlightuserdata (L, text);
  int code = lua_pcall (L, 1, 1, 0);
  gym_free (text);
  return code == LUA_OK ? 1 : lua_error (L);
}

/* print (prior): what it holds, or that it is closed. */
static int
prior_text (lua_State *L)
{
  const struct handle *h = lua_touserdata (L, 1);
  if (h && h->box)
    return prior_describe (L);
  lua_pushliteral (L, PRIOR_CLASS ": closed");
  return 1;
}

static int
get_weights (lua_State *L)
{
  const char *json = gym_prior_json (prior_at (L)->prior);
  bind_push_json (L, json, strlen (json));
  lua_pushnil (L);
  lua_setfield (L, -2, "@first");
  return 1;
}

/* The designs that searches begin with. */
static int
get_first (lua_State *L)
{
  const char *json = gym_prior_json (prior_at (L)->prior);
  bind_push_json (L, json, strlen (json));
  if (lua_getfield (L, -1, "@first") == LUA_TNIL)
    lua_newtable (L);
  return 1;
}

static int
get_tasks (lua_State *L)
{
  const gym_prior *p = prior_at (L)->prior;
  lua_newtable (L);
  for (size_t i = 0; i < gym_prior_tasks (p); i++) {
    const struct gym_prior_task *t = gym_prior_task (p, i);
    lua_createtable (L, 0, 4);
    bind_set_text (L, "workload", t->workload);
    lua_pushnumber (L, t->similarity);
    lua_setfield (L, -2, "similarity");
    lua_pushnumber (L, t->weight);
    lua_setfield (L, -2, "weight");
    lua_pushinteger (L, (lua_Integer)t->designs);
    lua_setfield (L, -2, "designs");
    lua_rawseti (L, -2, (lua_Integer)i + 1);
  }
  return 1;
}

static void
push_bank_task (lua_State *L, const struct gym_bank_task *t)
{
  lua_createtable (L, 0, 7);
  bind_set_text (L, "workload", t->workload);
  bind_set_text (L, "identity", t->identity);
  lua_pushinteger (L, (lua_Integer)t->rows);
  lua_setfield (L, -2, "rows");
  lua_pushinteger (L, (lua_Integer)t->evaluated);
  lua_setfield (L, -2, "evaluated");
  if (*t->why) {
    bind_set_text (L, "why", t->why);
    return;
  }
  lua_pushnumber (L, t->by_rank);
  lua_setfield (L, -2, "by_rank");
  lua_pushnumber (L, t->by_metrics);
  lua_setfield (L, -2, "by_metrics");
}

/* All tasks of the bank; none when there is no bank. */
static int
get_bank (lua_State *L)
{
  const gym_bank *bank = prior_at (L)->bank;
  lua_newtable (L);
  for (size_t i = 0; bank && i < gym_bank_tasks (bank); i++) {
    push_bank_task (L, gym_bank_task (bank, i));
    lua_rawseti (L, -2, (lua_Integer)i + 1);
  }
  return 1;
}

static int
get_evaluations (lua_State *L)
{
  const gym_bank *bank = prior_at (L)->bank;
  lua_pushinteger (L, bank ? (lua_Integer)gym_bank_evaluations (bank) : 0);
  return 1;
}

static int
get_task_evaluations (lua_State *L)
{
  const gym_bank *bank = prior_at (L)->bank;
  lua_pushinteger (L, bank ? (lua_Integer)gym_bank_task_evaluations (bank) : 0);
  return 1;
}

void
bind_open_prior (lua_State *L)
{
  static const luaL_Reg methods[] = { { "describe", prior_describe }, { NULL, NULL } };
  static const luaL_Reg properties[] = { { "weights", get_weights },
                                         { "first", get_first },
                                         { "tasks", get_tasks },
                                         { "bank", get_bank },
                                         { "evaluations", get_evaluations },
                                         { "task_evaluations", get_task_evaluations },
                                         { NULL, NULL } };
  static const luaL_Reg core[] = { { "prior", prior_open },
                                   { "prior_with", prior_with },
                                   { "prior_weights", prior_weights },
                                   { NULL, NULL } };
  bind_class (L, PRIOR_CLASS, methods, properties);
  luaL_getmetatable (L, PRIOR_CLASS);
  lua_pushcfunction (L, prior_text);
  lua_setfield (L, -2, "__tostring");
  lua_pop (L, 1);
  bind_functions (L, NULL, core);
}
