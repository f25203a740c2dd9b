/* Studies: making, filling and running one. What scripts write is checked and put in
 * order by lua/gym/study.lua. */
#include "lua/study.h"
#include "lua/prior.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void
free_study (void *object)
{
  struct study *s = object;
  gym_study_destroy (&s->study);
  free (s->sums);
  free (s->members);
  free (s->values);
  free (s);
}

struct study *
bind_study (lua_State *L)
{
  return bind_object (L, 1, STUDY_CLASS);
}

/* Seeds as a list, a single integer, or a text such as "1..5". */
static int
set_seeds (lua_State *L, gym_study *study, int at, gym_error *err)
{
  if (lua_type (L, at) == LUA_TSTRING)
    return gym_study_set_seeds_text (study, lua_tostring (L, at), err);
  bool list = lua_istable (L, at);
  size_t n = list ? (size_t)luaL_len (L, at) : 1;
  uint64_t *seeds = bind_buffer (L, n, sizeof *seeds);
  for (size_t i = 0; i < n; i++) {
    int whole = 0;
    if (list)
      lua_geti (L, at, (lua_Integer)i + 1);
    else
      lua_pushvalue (L, at);
    seeds[i] = (uint64_t)lua_tointegerx (L, -1, &whole);
    if (!whole || lua_type (L, -1) != LUA_TNUMBER)
      bind_raise (
          L,
          "gym.study: seeds: integers {1, 2, 3} or a text \"1..5\" were expected, "
          "not %s",
          bind_show (L, -1));
    lua_pop (L, 1);
  }
  int rc = gym_study_set_seeds (study, seeds, n, err);
  lua_pop (L, 1);
  return rc;
}

/* The settings that make up the study's identity. */
static int
set_identity (lua_State *L, gym_study *study, int at, gym_error *err)
{
  static const char what[] = "gym.study";
  int rc = gym_study_set_budget (study, bind_number (L, at, "budget", what, 100), err);
  if (rc == GYM_OK && lua_getfield (L, at, "seeds") != LUA_TNIL)
    rc = set_seeds (L, study, lua_gettop (L), err);
  if (rc == GYM_OK)
    rc = gym_study_set_seed (study, (uint64_t)bind_integer (L, at, "seed", what, 0),
                             (uint64_t)bind_integer (L, at, "evaluation_seed", what, 0),
                             err);
  lua_Integer q = bind_integer (L, at, "in_flight", what, 0);
  if (q < 0 || q > 65536)
    return gym_fail (err, GYM_EINVAL, "gym.study: in_flight: %lld is not in 1 to 65536",
                     (long long)q);
  if (rc == GYM_OK && q > 0)
    rc = gym_study_set_in_flight (study, (uint32_t)q, err);
  const char *fidelity = bind_text (L, at, "fidelity", what, NULL);
  if (rc == GYM_OK && fidelity)
    rc = gym_study_set_fidelity (study, fidelity, err);
  if (rc == GYM_OK && bind_flag (L, at, "reject", what, false))
    rc = gym_study_set_rejection (study, true, err);
  return rc;
}

static int
set_keeping (lua_State *L, gym_study *study, int at, gym_error *err)
{
  static const char what[] = "gym.study";
  static const char *const durabilities[] = { "process", "power", NULL };
  const char *store = bind_text (L, at, "store", what, NULL);
  int rc = store ? gym_study_set_store (study, store, err) : GYM_OK;
  const char *durability = bind_text (L, at, "durability", what, "process");
  int index = bind_choice (L, durability, "gym.study: unknown durability", durabilities);
  if (rc == GYM_OK && index > 0)
    rc = gym_study_set_durability (study, GYM_DURABLE_POWER, err);
  lua_Integer attempts = bind_integer (L, at, "max_attempts", what, 0);
  if (attempts < 0 || attempts > 1000)
    return gym_fail (err, GYM_EINVAL, "gym.study: max_attempts: %lld is not in 1 to 1000",
                     (long long)attempts);
  if (rc == GYM_OK && attempts > 0)
    rc = gym_study_set_max_attempts (study, (uint32_t)attempts, err);
  return rc;
}

/* Limits are set as soon as one of them is given: who names a time-out wants it kept. */
static int
set_limits (lua_State *L, gym_study *study, int at, gym_error *err)
{
  static const char what[] = "gym.study";
  struct gym_limits limits;
  gym_limits_init (&limits);
  const char *isolate = bind_text (L, at, "isolate", what, NULL);
  double seconds = bind_number (L, at, "timeout", what, NAN),
         memory = bind_number (L, at, "memory", what, NAN);
  if (!isolate && isnan (seconds) && isnan (memory))
    return GYM_OK;
  if (seconds < 0 || memory < 0)
    return gym_fail (
        err, GYM_EINVAL,
        "gym.study: timeout (s) and memory (bytes) are not negative; 0: any");
  if (isolate)
    limits.isolation = (uint32_t)bind_choice (L, isolate, "gym.study: unknown isolation",
                                              gym_isolation_names ());
  if (seconds >= 0)
    limits.seconds = limits.cpu_seconds = seconds;
  if (memory >= 0 && memory < 0x1p63)
    limits.memory = (uint64_t)memory;
  return gym_study_set_limits (study, &limits, err);
}

/* `workers` is a table { bind, keys, lease, batch, mixed }. */
static int
set_workers (lua_State *L, gym_study *study, int at, gym_error *err)
{
  static const char what[] = "gym.study: workers";
  if (lua_getfield (L, at, "workers") == LUA_TNIL)
    return GYM_OK;
  int top = lua_gettop (L);
  lua_Integer batch = bind_integer (L, top, "batch", what, 0);
  if (batch < 0 || batch > 1024)
    return gym_fail (err, GYM_EINVAL, "%s: batch: %lld is not in 1 to 1024", what,
                     (long long)batch);
  const struct gym_workers workers = { .struct_size = sizeof workers,
                                       .bind = bind_text (L, top, "bind", what, NULL),
                                       .keys = bind_text (L, top, "keys", what, NULL),
                                       .lease = bind_number (L, top, "lease", what, 0),
                                       .max_batch = (uint32_t)batch,
                                       .mixed =
                                           bind_flag (L, top, "mixed", what, false) };
  return gym_study_set_workers (study, &workers, err);
}

/* Where trials are evaluated; nothing of it shows in them but async. */
static int
set_place (lua_State *L, gym_study *study, int at, gym_error *err)
{
  static const char what[] = "gym.study";
  lua_Integer jobs = bind_integer (L, at, "jobs", what, 0);
  if (jobs < 0 || jobs > 1024)
    return gym_fail (err, GYM_EINVAL, "gym.study: jobs: %lld is not in 0 to 1024",
                     (long long)jobs);
  int rc = gym_study_set_jobs (study, (uint32_t)jobs, err);
  if (rc == GYM_OK)
    rc = set_limits (L, study, at, err);
  if (rc == GYM_OK)
    rc = set_workers (L, study, at, err);
  if (rc == GYM_OK && bind_flag (L, at, "async", what, false))
    rc = gym_study_set_async (study, true, err);
  return rc;
}

/* core.study (env, objective text, settings, data): `data` is the Lua parts' own table,
 * which core.data gives back */
static int
study_new (lua_State *L)
{
  struct box *env = bind_env_box (L, 1);
  gym_error err = { 0 };
  if (lua_type (L, 2) != LUA_TSTRING)
    return bind_raise (L, "gym.study: objective: a text or table was expected, not %s",
                       bind_show (L, 2));
  struct box *box = bind_handle (L, STUDY_CLASS, env);
  struct study *s = calloc (1, sizeof *s);
  if (!s)
    return bind_raise (L, "out of memory");
  box->destroy = free_study;
  box->object = s;
  s->env = env->object;
  s->study = gym_study_new (s->env, lua_tostring (L, 2), &err);
  if (!s->study)
    return bind_raise_error (L, &err);
  s->n_params = gym_space_size (gym_env_space (s->env));
  s->n_metrics = gym_env_metrics (s->env)->n;
  s->n_goals = gym_objective_goals (gym_study_objective (s->study));
  s->seconds = bind_number (L, 3, "seconds", "gym.study", INFINITY);
  if (set_identity (L, s->study, 3, &err) < 0 || set_keeping (L, s->study, 3, &err) < 0
      || set_place (L, s->study, 3, &err) < 0)
    return bind_raise_error (L, &err);
  lua_pushvalue (L, 5); /* the handle */
  lua_pushvalue (L, 4);
  lua_setiuservalue (L, -2, 1);
  return 1;
}

/* core.data (study) */
static int
study_data (lua_State *L)
{
  bind_box (L, 1, STUDY_CLASS);
  lua_getiuservalue (L, 1, 1);
  return 1;
}

/* core.add (study, agent, options, label, prior) */
static int
study_add (lua_State *L)
{
  const struct study *s = bind_study (L);
  gym_error err = { 0 };
  lua_settop (L, 5);
  const char *id = bind_id (L, 2, "study:add(agent, options, label)");
  if (!lua_isnil (L, 4) && lua_type (L, 4) != LUA_TSTRING)
    return bind_raise (L, "study:add: label: a text was expected, not %s",
                       bind_show (L, 4));
  const gym_prior *prior = lua_isnil (L, 5) ? NULL : bind_test_prior (L, 5);
  gym_settings *settings = bind_settings (L, 3, id);
  if (gym_study_add_prior (s->study, id, settings, prior, lua_tostring (L, 4), &err) < 0)
    return bind_raise_error (L, &err);
  return 0;
}

/* core.warm (study, designs, objectives, violations): trials to start from */
static int
study_warm (lua_State *L)
{
  static const char what[] = "gym.study: warm";
  const struct study *s = bind_study (L);
  size_t n = (size_t)luaL_len (L, 2);
  uint32_t m = s->n_goals, c = gym_objective_constraints (gym_study_objective (s->study));
  double *designs = bind_buffer (L, n * s->n_params, sizeof *designs);
  double *objectives = bind_buffer (L, n * m, sizeof *objectives);
  double *violations = bind_buffer (L, n * c, sizeof *violations);
  gym_error err = { 0 };
  for (size_t i = 0; i < n; i++) {
    lua_geti (L, 2, (lua_Integer)i + 1);
    bind_read_design (L, lua_gettop (L), gym_env_space (s->env), true,
                      designs + i * s->n_params);
    lua_pop (L, 1);
  }
  bind_read_numbers (L, 3, what, objectives, n * m);
  bind_read_numbers (L, 4, what, violations, n * c);
  if (gym_study_set_warm (s->study, n, designs, objectives, violations, &err) < 0)
    return bind_raise_error (L, &err);
  return 0;
}

/* ---- running: callbacks ----------------------------------------------------------- */

static void
set_numbers (lua_State *L, const char *key, const double *values, size_t n)
{
  bind_push_numbers (L, values, n);
  lua_setfield (L, -2, key);
}

static void
set_flag (lua_State *L, const char *key, bool value)
{
  lua_pushboolean (L, value);
  lua_setfield (L, -2, key);
}

static void
set_integer (lua_State *L, const char *key, uint64_t value)
{
  lua_pushinteger (L, (lua_Integer)value);
  lua_setfield (L, -2, key);
}

static void
push_trial (lua_State *L, const struct study *s, const struct gym_trial *t)
{
  const gym_space *space = gym_env_space (s->env);
  const gym_objective *o = gym_study_objective (s->study);
  struct gym_run run = { .struct_size = sizeof run };
  gym_study_run_info (s->study, t->run, &run, NULL);
  lua_createtable (L, 0, 20);
  set_integer (L, "run", t->run + 1);
  bind_set_text (L, "agent", run.label);
  set_integer (L, "run_seed", run.seed);
  set_integer (L, "number", t->number);
  bind_set_text (L, "status", gym_status_name (t->status));
  if (t->note && t->note[0])
    bind_set_text (L, "note", t->note);
  bind_push_design (L, space, t->design);
  lua_setfield (L, -2, "design");
  bind_push_design (L, space, t->asked);
  lua_setfield (L, -2, "asked");
  bind_push_metrics (L, gym_env_metrics (s->env), t->metrics);
  lua_setfield (L, -2, "metrics");
  if (t->status == GYM_TRIAL_OK) {
    set_numbers (L, "goals", t->goals, gym_objective_goals (o));
    set_numbers (L, "objectives", t->objectives, gym_objective_goals (o));
    set_numbers (L, "violations", t->violations, gym_objective_constraints (o));
  }
  bind_set_text (L, "fidelity", gym_env_fidelities (s->env)->items[t->fidelity].name);
  set_flag (L, "repeated", t->repeat);
  set_flag (L, "cached", t->cached);
  set_flag (L, "replayed", t->replayed);
  set_flag (L, "improved", t->improved);
  set_integer (L, "seed", t->seed);
  lua_pushnumber (L, t->spent);
  lua_setfield (L, -2, "spent");
}

struct call {
  struct study *s;
  const struct gym_trial *trial;
  const struct gym_progress *progress;
};

/* Runs inside the protected call: makes the table, calls the script's function (1) and
 * returns its answer. */
static int
call_back (lua_State *L)
{
  const struct call *call = lua_touserdata (L, 2);
  lua_settop (L, 1);
  if (call->trial)
    push_trial (L, call->s, call->trial);
  else
    bind_push_progress (L, call->progress);
  lua_call (L, 1, 1);
  return 1;
}

/* Calls the function at `function` of the stack of study:run; GYM_ECANCELLED when it
 * raised or said false. */
static int
call_script (struct study *s, int function, const struct call *call, gym_error *err)
{
  lua_State *L = s->L;
  lua_pushcfunction (L, call_back);
  lua_pushvalue (L, function);
  lua_pushlightuserdata (L, (void *)(uintptr_t)call);
  if (lua_pcall (L, 2, 1, 0) != LUA_OK) {
    lua_replace (L, RUN_ERROR);
    s->failed = true;
    return gym_fail (err, GYM_ECANCELLED, "a callback raised an error");
  }
  bool stop = lua_isboolean (L, -1) && !lua_toboolean (L, -1);
  lua_pop (L, 1);
  if (!stop)
    return GYM_OK;
  s->stopped = true;
  return gym_fail (err, GYM_ECANCELLED, "stopped by a callback");
}

/* Kept once it was seen: whoever takes the hook away has not taken back the wish. */
static bool
interrupted (struct study *s)
{
  if (bind_interrupted (&s->watch))
    s->interrupt = true;
  return s->interrupt;
}

static int
on_trial (void *context, const struct gym_trial *trial, gym_error *err)
{
  struct study *s = context;
  if (bind_study_record (s, trial, err) < 0)
    return GYM_ENOMEM;
  if (interrupted (s))
    return gym_fail (err, GYM_ECANCELLED, "interrupted");
  if (!lua_isfunction (s->L, RUN_TRIAL))
    return GYM_OK;
  struct call call = { .s = s, .trial = trial };
  return call_script (s, RUN_TRIAL, &call, err);
}

static void
on_progress (void *context, const struct gym_progress *progress)
{
  struct study *s = context;
  if (s->failed || s->stopped)
    return;
  if (interrupted (s) || (progress->seconds > s->seconds && !progress->finished)) {
    s->late = !s->interrupt;
    s->stopped = true;
    gym_study_cancel (s->study);
  }
  if (lua_isfunction (s->L, RUN_PROGRESS)) {
    struct call call = { .s = s, .progress = progress };
    if (call_script (s, RUN_PROGRESS, &call, NULL) < 0)
      gym_study_cancel (s->study);
  } else if (lua_toboolean (s->L, RUN_PROGRESS))
    bind_progress_show (s, progress);
}

/* ---- running ---------------------------------------------------------------------- */

/* A second run of the same study goes on: nothing of how the first ended may be left. */
static void
begin (lua_State *L, struct study *s)
{
  if (!bind_study_prepare (s))
    bind_raise (L, "out of memory");
  s->failed = s->stopped = s->interrupt = s->shown = s->late = false;
  s->next = 0;
  s->L = L;
  s->watch = bind_watch (L);
  gym_study_on_trial (s->study, on_trial, s);
  gym_study_on_progress (s->study, on_progress, s);
}

/* core.run (study, on_trial, progress): true, or false and why when it was stopped */
static int
study_run (lua_State *L)
{
  struct box *box = bind_box (L, RUN_SELF, STUDY_CLASS);
  struct study *s = box->object;
  gym_error err = { 0 };
  lua_settop (L, RUN_PROGRESS);
  lua_pushnil (L); /* RUN_ERROR */
  if (s->L)
    return bind_raise (L, "study:run: this study is running already");
  begin (L, s);
  bind_hold (box);
  int rc = gym_study_run (s->study, &err);
  s->L = NULL;
  bool failed = s->failed, stopped = s->stopped || s->interrupt;
  if (s->late && rc == GYM_ECANCELLED)
    gym_fail (&err, rc, "the limit of %g s was reached", s->seconds);
  bind_drop (box);
  if (failed) {
    lua_pushvalue (L, RUN_ERROR);
    return lua_error (L);
  }
  if (rc < 0 && !(stopped && rc == GYM_ECANCELLED))
    return bind_raise_error (L, &err);
  lua_pushboolean (L, rc >= 0);
  if (rc >= 0)
    return 1;
  lua_pushstring (L, err.text);
  return 2;
}

/* study:cancel (): for callbacks */
static int
study_cancel (lua_State *L)
{
  struct study *s = bind_study (L);
  s->stopped = s->L != NULL;
  gym_study_cancel (s->study);
  return 0;
}

void
bind_open_study (lua_State *L)
{
  static const luaL_Reg methods[] = { { "cancel", study_cancel }, { NULL, NULL } };
  static const luaL_Reg core[] = { { "study", study_new }, { "data", study_data },
                                   { "add", study_add },   { "warm", study_warm },
                                   { "run", study_run },   { NULL, NULL } };
  bind_class (L, STUDY_CLASS, methods, NULL);
  bind_functions (L, NULL, core);
  bind_study_results (L);
}
