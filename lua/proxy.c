/* Proxy models: trained from stores, scored, asked. Everything is libgym's
 * (gym/proxy_train.h); here are the tables. */
#include "lua/binding.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PROXY_CLASS "gym.proxy"
#define DATA_CLASS  "gym.proxy_data"

static void
free_proxy (void *object)
{
  gym_proxy *proxy = object;
  gym_proxy_destroy (&proxy);
}

static void
free_data (void *object)
{
  gym_proxy_data *data = object;
  gym_proxy_data_destroy (&data);
}

static gym_proxy *
proxy_at (lua_State *L, int at)
{
  return bind_object (L, at, PROXY_CLASS);
}

/* ---- words ---- */

/* Those of choosing rows come first, then those of training, then those of scoring. */
static const char *const keys[] = { "env",       "where",    "fidelity", "study",
                                    "metrics",   "pretrain", "model",    "options",
                                    "transform", "seed",     "folds",    "curve",
                                    "draws",     "designs" };

enum { ROW_KEYS = 4, TRAIN_KEYS = 10 };

/* Raises for a key that is neither a place in the list nor among the first n of ours. */
static void
check_keys (lua_State *L, int at, const char *what, unsigned n)
{
  char text[64];
  if (!lua_istable (L, at))
    bind_raise (L, "%s{...}: a table was expected, not %s", what, bind_show (L, at));
  snprintf (text, sizeof text, "%s: unknown key", what);
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
      bind_unknown (L, text, key, keys, n);
  }
}

/* The texts of the list at `at`; the array stays on the stack. */
static const char **
read_texts (lua_State *L, int at, const char *what, size_t *n)
{
  *n = (size_t)luaL_len (L, at);
  const char **texts = bind_buffer (L, *n + 1, sizeof *texts);
  for (size_t i = 0; i < *n; i++) {
    if (lua_rawgeti (L, at, (lua_Integer)i + 1) != LUA_TSTRING)
      bind_raise (L, "%s: texts were expected, not %s", what, bind_show (L, -1));
    texts[i] = lua_tostring (L, -1);
    lua_pop (L, 1); /* the table keeps it */
  }
  return texts;
}

/* A name, or a list of names; NULL and none where the key is absent. What they lie in
 * stays on the stack. */
static const char **
read_names (lua_State *L, int at, const char *key, const char *what, uint32_t *n)
{
  size_t count = 0;
  *n = 0;
  int type = lua_getfield (L, at, key);
  if (type == LUA_TNIL)
    return NULL;
  if (type == LUA_TSTRING) {
    lua_createtable (L, 1, 0);
    lua_rotate (L, -2, 1);
    lua_rawseti (L, -2, 1);
  }
  if (!lua_istable (L, -1))
    bind_raise (L, "%s: %s: names were expected, not %s", what, key, bind_show (L, -1));
  const char **names = read_texts (L, lua_gettop (L), what, &count);
  *n = (uint32_t)count;
  return names;
}

/* Pushes the rows that the table at `at` asks for, of `choice` where that says more. */
static gym_proxy_data *
open_data (lua_State *L, int at, const char *what, struct gym_proxy_choice choice)
{
  gym_error err = { 0 };
  size_t n;
  uint32_t named;
  const char **paths = read_texts (L, at, what, &n);
  choice.struct_size = sizeof choice;
  choice.env = bind_text (L, at, "env", what, NULL);
  choice.fidelity = bind_text (L, at, "fidelity", what, choice.fidelity);
  choice.study = bind_integer (L, at, "study", what, 0);
  lua_getfield (L, at, "where");
  choice.where = bind_settings (L, lua_gettop (L), what);
  const char **metrics = read_names (L, at, "metrics", what, &named);
  if (metrics) {
    choice.metrics = metrics;
    choice.n_metrics = named;
  }
  choice.hints = read_names (L, at, "pretrain", what, &choice.n_hints);
  struct box *box = bind_handle (L, DATA_CLASS, NULL);
  box->destroy = free_data;
  box->object = gym_proxy_data_open (paths, n, &choice, &err);
  if (!box->object)
    bind_raise_error (L, &err);
  return box->object;
}

/* The watch is the caller's, and begins here. */
static struct gym_proxy_recipe
read_recipe (lua_State *L, int at, const char *what, struct bind_watch *watch)
{
  static const char *const transforms[] = { "none", "log", "boxcox", "auto", NULL };
  const char *transform = bind_text (L, at, "transform", what, "none");
  lua_getfield (L, at, "options");
  *watch = bind_watch (L);
  return (struct gym_proxy_recipe){
    .struct_size = sizeof (struct gym_proxy_recipe),
    .transform = (uint32_t)bind_choice (L, transform, "unknown transform", transforms),
    .model = bind_text (L, at, "model", what, "gbdt"),
    .settings = bind_settings (L, lua_gettop (L), what),
    .seed = (uint64_t)bind_integer (L, at, "seed", what, 0),
    .stop = bind_interrupted,
    .context = watch
  };
}

/* Classes stop without a word. The hook is still to come: a script that catches this
 * error does not get far. */
static int
raise_failure (lua_State *L, const char *what, const struct gym_proxy_recipe *recipe,
               const gym_error *err)
{
  if (recipe->stop (recipe->context))
    return bind_raise (L, "%s: interrupted", what);
  return bind_raise_error (L, err);
}

/* ---- scores as tables ---- */

/* What is not defined is absent, as metrics that are not there. */
static void
set_number (lua_State *L, const char *key, double value)
{
  if (isnan (value))
    return;
  lua_pushnumber (L, value);
  lua_setfield (L, -2, key);
}

static void
push_scores (lua_State *L, const struct gym_metrics *targets,
             const struct gym_scores *all)
{
  lua_createtable (L, 0, (int)targets->n);
  for (uint32_t i = 0; i < targets->n; i++) {
    const struct gym_scores *s = &all[i];
    lua_createtable (L, 0, 14);
    lua_pushinteger (L, (lua_Integer)s->n);
    lua_setfield (L, -2, "rows");
    set_number (L, "rmse", s->rmse);
    set_number (L, "relative_rmse", s->relative_rmse);
    set_number (L, "mape", s->mape);
    set_number (L, "r2", s->r2);
    set_number (L, "spearman", s->spearman);
    set_number (L, "kendall", s->kendall);
    set_number (L, "recall", s->recall);
    set_number (L, "coverage50", s->coverage50);
    set_number (L, "coverage80", s->coverage80);
    set_number (L, "coverage95", s->coverage95);
    set_number (L, "nll", s->nll);
    set_number (L, "sharpness", s->sharpness);
    lua_setfield (L, -2, targets->items[i].name);
  }
}

/* ---- models ---- */

/* Models copy what they need; only the registry, which is the state's, must outlive them.
 */
static struct box *
new_proxy (lua_State *L)
{
  struct box *box = bind_handle (L, PROXY_CLASS, NULL);
  box->destroy = free_proxy;
  return box;
}

/* gym.proxy (path) loads a model; gym.proxy{ store, ..., model, options, ... } trains one
 */
static int
proxy_new (lua_State *L)
{
  static const char what[] = "gym.proxy";
  gym_registry *registry = bind_registry (L);
  gym_error err = { 0 };
  lua_settop (L, 1);
  if (lua_type (L, 1) == LUA_TSTRING) {
    struct box *box = new_proxy (L);
    box->object = gym_proxy_load (registry, lua_tostring (L, 1), NULL, &err);
    return box->object ? 1 : bind_raise_error (L, &err);
  }
  check_keys (L, 1, what, TRAIN_KEYS);
  struct bind_watch watch;
  const struct gym_proxy_recipe recipe = read_recipe (L, 1, what, &watch);
  const gym_proxy_data *data =
      open_data (L, 1, what, (struct gym_proxy_choice){ .struct_size = 0 });
  struct box *box = new_proxy (L);
  box->object = gym_proxy_train (registry, data, &recipe, &err);
  return box->object ? 1 : raise_failure (L, what, &recipe, &err);
}

/* proxy:save (path) */
static int
proxy_save (lua_State *L)
{
  gym_error err = { 0 };
  if (lua_type (L, 2) != LUA_TSTRING)
    return bind_raise (L, "proxy:save(path): a path was expected, not %s",
                       bind_show (L, 2));
  if (gym_proxy_save (proxy_at (L, 1), lua_tostring (L, 2), &err) < 0)
    return bind_raise_error (L, &err);
  lua_settop (L, 1);
  return 1;
}

static void
push_prediction (lua_State *L, const gym_proxy *p, const double *mean,
                 const double *spread)
{
  lua_createtable (L, 0, 2);
  bind_push_metrics (L, gym_proxy_targets (p), mean);
  lua_setfield (L, -2, "metrics");
  bind_push_metrics (L, gym_proxy_targets (p), spread);
  lua_setfield (L, -2, "spread");
}

/* proxy:predict (design or list of designs): {metrics, spread}, or a list of these */
static int
proxy_predict (lua_State *L)
{
  gym_proxy *p = proxy_at (L, 1);
  const gym_space *space = gym_proxy_space (p);
  gym_error err = { 0 };
  lua_settop (L, 2);
  if (!lua_istable (L, 2))
    return bind_raise (L,
                       "proxy:predict(design): a design, or a list of designs, was "
                       "expected, not %s",
                       bind_show (L, 2));
  bool list = lua_rawgeti (L, 2, 1) == LUA_TTABLE;
  size_t n = list ? (size_t)luaL_len (L, 2) : 1, width = gym_space_size (space);
  size_t m = gym_proxy_targets (p)->n;
  double *designs = bind_buffer (L, n * width + 1, sizeof *designs);
  double *answers = bind_buffer (L, 2 * n * m + 1, sizeof *answers);
  for (size_t i = 0; i < n; i++) {
    if (list)
      lua_rawgeti (L, 2, (lua_Integer)i + 1);
    else
      lua_pushvalue (L, 2);
    bind_read_design (L, lua_gettop (L), space, false, designs + i * width);
    lua_pop (L, 1);
  }
  if (gym_proxy_predict (p, n, designs, answers, answers + n * m, &err) < 0)
    return bind_raise_error (L, &err);
  lua_createtable (L, (int)n, 0);
  for (size_t i = 0; i < n; i++) {
    push_prediction (L, p, answers + i * m, answers + (n + i) * m);
    if (!list)
      return 1;
    lua_rawseti (L, -2, (lua_Integer)i + 1);
  }
  return 1;
}

/* proxy:eval{ store, ... }: scores on rows of other stores */
static int
proxy_eval (lua_State *L)
{
  static const char what[] = "proxy:eval";
  gym_proxy *p = proxy_at (L, 1);
  struct gym_proxy_origin origin = { .struct_size = sizeof origin };
  gym_error err = { 0 };
  lua_settop (L, 2);
  check_keys (L, 2, what, ROW_KEYS);
  uint32_t m = gym_proxy_targets (p)->n;
  const char **names = bind_buffer (L, m, sizeof *names);
  for (uint32_t i = 0; i < m; i++)
    names[i] = gym_proxy_targets (p)->items[i].name;
  if (gym_proxy_origin_read (p, &origin, &err) < 0)
    return bind_raise_error (L, &err);
  /* Texts that Lua keeps: what follows may raise. */
  lua_pushstring (L, origin.env);
  lua_pushstring (L, origin.fidelity);
  gym_proxy_origin_clear (&origin);
  const gym_proxy_data *data =
      open_data (L, 2, what,
                 (struct gym_proxy_choice){ .n_metrics = m,
                                            .metrics = names,
                                            .identity = lua_tostring (L, -2),
                                            .fidelity = lua_tostring (L, -1) });
  struct gym_scores *scores = bind_buffer (L, m, sizeof *scores);
  if (gym_proxy_score (p, data, scores, &err) < 0)
    return bind_raise_error (L, &err);
  push_scores (L, gym_proxy_targets (p), scores);
  return 1;
}

/* proxy:speed ([env [, seed]]): CPU seconds {single, batched, evaluation} */
static int
proxy_speed (lua_State *L)
{
  gym_proxy *p = proxy_at (L, 1);
  gym_error err = { 0 };
  struct gym_proxy_speed speed = { .struct_size = sizeof speed };
  gym_env *env = lua_isnoneornil (L, 2) ? NULL : bind_env (L, 2);
  if (gym_proxy_measure (p, env, (uint64_t)luaL_optinteger (L, 3, 0), &speed, &err) < 0)
    return bind_raise_error (L, &err);
  lua_createtable (L, 0, 3);
  set_number (L, "single", speed.single);
  set_number (L, "batched", speed.batched);
  set_number (L, "evaluation", speed.evaluation);
  return 1;
}

/* proxy:origin (): {env, fidelity, rows, designs, rules, stores} of what it was trained
 * on
 */
static int
proxy_origin (lua_State *L)
{
  struct gym_proxy_origin origin = { .struct_size = sizeof origin };
  gym_error err = { 0 };
  if (gym_proxy_origin_read (proxy_at (L, 1), &origin, &err) < 0)
    return bind_raise_error (L, &err);
  bool rules = origin.rules;
  size_t rows = origin.rows, designs = origin.designs;
  gym_proxy_origin_clear (&origin);
  const char *note = gym_proxy_note (proxy_at (L, 1));
  bind_push_json (L, note, strlen (note));
  lua_pushinteger (L, (lua_Integer)rows);
  lua_setfield (L, -2, "rows");
  lua_pushinteger (L, (lua_Integer)designs);
  lua_setfield (L, -2, "designs");
  lua_pushboolean (L, rules);
  lua_setfield (L, -2, "rules");
  return 1;
}

/* ---- properties ---- */

static int
get_id (lua_State *L)
{
  lua_pushstring (L, gym_proxy_entry (proxy_at (L, 1))->id);
  return 1;
}

static int
get_space (lua_State *L)
{
  struct box *box = bind_box (L, 1, PROXY_CLASS);
  bind_push_space (L, gym_proxy_space (box->object), box);
  return 1;
}

static int
get_targets (lua_State *L)
{
  const gym_proxy *p = proxy_at (L, 1);
  bind_push_metric_list (L, gym_proxy_targets (p));
  for (uint32_t i = 0; i < gym_proxy_targets (p)->n; i++) {
    double power;
    enum gym_transform kind = gym_proxy_transform (p, i, &power);
    lua_rawgeti (L, -1, (lua_Integer)i + 1);
    bind_set_text (L, "transform", gym_transform_name (kind));
    set_number (L, "power", power);
    lua_pop (L, 1);
  }
  return 1;
}

static int
get_identity (lua_State *L)
{
  lua_pushstring (L, gym_proxy_identity (proxy_at (L, 1)));
  return 1;
}

/* ---- gym.proxy_eval ---- */

static const char eval_name[] = "gym.proxy_eval";

static void
eval_curve (lua_State *L, const gym_proxy_data *data,
            const struct gym_proxy_recipe *recipe, int sizes_at)
{
  static const char what[] = "gym.proxy_eval: curve";
  const struct gym_metrics *targets = gym_proxy_data_targets (data);
  gym_error err = { 0 };
  if (!lua_istable (L, sizes_at))
    bind_raise (L, "%s: a list of numbers was expected, not %s", what,
                bind_show (L, sizes_at));
  size_t n = (size_t)luaL_len (L, sizes_at);
  size_t *sizes = bind_buffer (L, n + 1, sizeof *sizes);
  double *numbers = bind_buffer (L, n + 1, sizeof *numbers);
  struct gym_scores *scores = bind_buffer (L, n * targets->n + 1, sizeof *scores);
  bind_read_numbers (L, sizes_at, what, numbers, n);
  for (size_t i = 0; i < n; i++)
    sizes[i] = numbers[i] >= 1 && numbers[i] < 0x1p53 ? (size_t)numbers[i] : 0;
  if (gym_proxy_curve (bind_registry (L), data, recipe, sizes, n, scores, &err) < 0)
    raise_failure (L, eval_name, recipe, &err);
  lua_createtable (L, (int)n, 0);
  for (size_t i = 0; i < n; i++) {
    lua_createtable (L, 0, 2);
    lua_pushinteger (L, (lua_Integer)sizes[i]);
    lua_setfield (L, -2, "designs");
    push_scores (L, targets, scores + i * targets->n);
    lua_setfield (L, -2, "scores");
    lua_rawseti (L, -2, (lua_Integer)i + 1);
  }
}

/* Buffers are the collector's, so that an error of the library frees them as well. */
static void
eval_draws (lua_State *L, const gym_proxy_data *data,
            const struct gym_proxy_recipe *recipe, size_t n, size_t designs)
{
  const struct gym_metrics *targets = gym_proxy_data_targets (data);
  gym_error err = { 0 };
  struct gym_proxy_draw *draws = bind_buffer (L, n, sizeof *draws);
  struct gym_scores *scores = bind_buffer (L, 2 * n * targets->n, sizeof *scores);
  for (size_t i = 0; i < n; i++) {
    draws[i].lone = scores + 2 * i * targets->n;
    draws[i].mixed = scores + (2 * i + 1) * targets->n;
  }
  if (gym_proxy_diversity (bind_registry (L), data, recipe, designs, draws, n, &err) < 0)
    raise_failure (L, eval_name, recipe, &err);
  lua_createtable (L, (int)n, 0);
  for (size_t i = 0; i < n; i++) {
    lua_createtable (L, 0, 5);
    bind_set_text (L, "agent", gym_proxy_data_agent (data, draws[i].agent));
    lua_pushinteger (L, (lua_Integer)draws[i].designs);
    lua_setfield (L, -2, "designs");
    lua_pushinteger (L, (lua_Integer)draws[i].tests);
    lua_setfield (L, -2, "tests");
    push_scores (L, targets, draws[i].lone);
    lua_setfield (L, -2, "lone");
    push_scores (L, targets, draws[i].mixed);
    lua_setfield (L, -2, "mixed");
    lua_rawseti (L, -2, (lua_Integer)i + 1);
  }
}

static void
eval_folds (lua_State *L, const gym_proxy_data *data,
            const struct gym_proxy_recipe *recipe, lua_Integer folds)
{
  const struct gym_metrics *targets = gym_proxy_data_targets (data);
  gym_error err = { 0 };
  struct gym_scores *scores = bind_buffer (L, targets->n, sizeof *scores);
  if (folds < 0 || folds > 1000000)
    folds = 0; /* refused below, with the number of designs */
  if (gym_proxy_folds (bind_registry (L), data, recipe, (uint32_t)folds, scores, &err)
      < 0)
    raise_failure (L, eval_name, recipe, &err);
  push_scores (L, targets, scores);
}

/* As the command has it: of two ways to score, none is left out in silence. */
static void
check_ways (lua_State *L, const char *what)
{
  static const char *const ways[] = { "folds", "curve", "draws" };
  int n = 0;
  for (int i = 0; i < 3; i++) {
    n += lua_getfield (L, 1, ways[i]) != LUA_TNIL;
    lua_pop (L, 1);
  }
  if (n > 1)
    bind_raise (L, "%s: give one of folds, curve and draws", what);
  if (lua_getfield (L, 1, "designs") != LUA_TNIL
      && lua_getfield (L, 1, "draws") == LUA_TNIL)
    bind_raise (L, "%s: designs goes with draws", what);
  lua_settop (L, 1);
}

/* gym.proxy_eval{ store, ..., model, options, ..., folds = k | curve = {n, ...} |
 * draws = n [, designs = n] } */
static int
module_eval (lua_State *L)
{
  static const char *const what = eval_name;
  lua_settop (L, 1);
  check_keys (L, 1, what, sizeof keys / sizeof keys[0]);
  check_ways (L, what);
  struct bind_watch watch;
  const struct gym_proxy_recipe recipe = read_recipe (L, 1, what, &watch);
  lua_Integer folds = bind_integer (L, 1, "folds", what, 5);
  lua_Integer draws = bind_integer (L, 1, "draws", what, 0);
  lua_Integer designs = bind_integer (L, 1, "designs", what, 0);
  const gym_proxy_data *data =
      open_data (L, 1, what, (struct gym_proxy_choice){ .struct_size = 0 });
  if (draws < 0 || designs < 0 || draws > 1000000)
    return bind_raise (L, "%s: draws and designs are not negative", what);
  if (lua_getfield (L, 1, "curve") != LUA_TNIL)
    eval_curve (L, data, &recipe, lua_gettop (L));
  else if (draws > 0)
    eval_draws (L, data, &recipe, (size_t)draws, (size_t)designs);
  else
    eval_folds (L, data, &recipe, folds);
  return 1;
}

void
bind_open_proxy (lua_State *L)
{
  static const luaL_Reg methods[] = {
    { "save", proxy_save },   { "predict", proxy_predict }, { "eval", proxy_eval },
    { "speed", proxy_speed }, { "origin", proxy_origin },   { NULL, NULL }
  };
  static const luaL_Reg properties[] = { { "id", get_id },
                                         { "space", get_space },
                                         { "targets", get_targets },
                                         { "identity", get_identity },
                                         { NULL, NULL } };
  static const luaL_Reg module[] = { { "proxy", proxy_new },
                                     { "proxy_eval", module_eval },
                                     { NULL, NULL } };
  bind_class (L, PROXY_CLASS, methods, properties);
  bind_class (L, DATA_CLASS, NULL, NULL);
  bind_functions (L, module, NULL);
}
