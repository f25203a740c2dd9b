/* Results of studies: runs, curves, best designs, fronts, and a few statistics for the
 * tables that lua/gym/results.lua makes of them. */
#include "lua/study.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- what the trials of a run leave behind ----------------------------------------- */

static int
grow (struct study *s, size_t size)
{
  if (s->n_members < s->room)
    return GYM_OK;
  size_t room = s->room ? 2 * s->room : 64;
  struct member *members = realloc (s->members, room * sizeof *members);
  if (members)
    s->members = members;
  double *values = members ? realloc (s->values, room * size * sizeof *values) : NULL;
  if (!values)
    return GYM_ENOMEM;
  s->values = values;
  s->room = room;
  return GYM_OK;
}

bool
bind_study_prepare (struct study *s)
{
  size_t runs = gym_study_runs (s->study), kept = 0;
  size_t size = s->n_params + s->n_metrics;
  if (!s->sums)
    s->sums = calloc (runs ? runs : 1, sizeof *s->sums);
  if (!s->sums)
    return false;
  for (size_t i = 0; i < s->n_members; i++) {
    struct gym_run run = { .struct_size = sizeof run };
    gym_study_run_info (s->study, s->members[i].run, &run, NULL);
    if (run.state < GYM_RUN_FINISHED)
      continue;
    s->members[kept] = s->members[i];
    memmove (s->values + kept++ * size, s->values + i * size, size * sizeof *s->values);
  }
  s->n_members = kept;
  for (size_t i = 0; i < runs; i++) {
    struct gym_run run = { .struct_size = sizeof run };
    if (gym_study_run_info (s->study, i, &run, NULL) == GYM_OK
        && run.state < GYM_RUN_FINISHED)
      s->sums[i] = (struct sums){ .n = 0 };
  }
  return true;
}

int
bind_study_record (struct study *s, const struct gym_trial *t, gym_error *err)
{
  uint32_t c = gym_objective_constraints (gym_study_objective (s->study));
  bool good = t->status == GYM_TRIAL_OK && !t->repeat;
  for (uint32_t i = 0; i < c && good; i++)
    good = t->violations[i] <= 0;
  if (good) {
    s->sums[t->run].total += t->goals[0];
    s->sums[t->run].n++;
  }
  if (s->n_goals < 2 || !t->improved)
    return GYM_OK;
  size_t size = s->n_params + s->n_metrics;
  if (grow (s, size) < 0)
    return gym_fail (err, GYM_ENOMEM, "out of memory for the front");
  double *row = s->values + s->n_members * size;
  memcpy (row, t->design, s->n_params * sizeof *row);
  memcpy (row + s->n_params, t->metrics, s->n_metrics * sizeof *row);
  s->members[s->n_members++] = (struct member){ .run = t->run, .number = t->number };
  return GYM_OK;
}

/* ---- pushing ----------------------------------------------------------------------- */

static void
set_integer (lua_State *L, const char *key, uint64_t value)
{
  lua_pushinteger (L, (lua_Integer)value);
  lua_setfield (L, -2, key);
}

/* Argument `at` as the index of a run. */
static size_t
run_at (lua_State *L, const struct study *s, int at, const char *what)
{
  int whole = 0;
  lua_Integer i = lua_tointegerx (L, at, &whole);
  size_t n = gym_study_runs (s->study);
  if (!whole || i < 1 || (size_t)i > n)
    bind_raise (L, "%s: a run from 1 to %d was expected, not %s", what, (int)n,
                bind_show (L, at));
  return (size_t)i - 1;
}

static struct gym_run
run_info (lua_State *L, const struct study *s, size_t i)
{
  struct gym_run run = { .struct_size = sizeof run };
  gym_error err = { 0 };
  if (gym_study_run_info (s->study, i, &run, &err) < 0)
    bind_raise_error (L, &err);
  return run;
}

/* {agent, seed, run, number, feasible, design, metrics, goals} of a run's best trial. */
static void
push_best (lua_State *L, const struct study *s, size_t i, const struct gym_run *run)
{
  lua_createtable (L, 0, 8);
  bind_set_text (L, "agent", run->label);
  set_integer (L, "seed", run->seed);
  set_integer (L, "run", i + 1);
  set_integer (L, "number", (uint64_t)run->best);
  lua_pushboolean (L, run->best_feasible);
  lua_setfield (L, -2, "feasible");
  bind_push_design (L, gym_env_space (s->env), run->best_design);
  lua_setfield (L, -2, "design");
  bind_push_metrics (L, gym_env_metrics (s->env), run->best_metrics);
  lua_setfield (L, -2, "metrics");
  bind_push_numbers (L, run->best_goals, s->n_goals);
  lua_setfield (L, -2, "goals");
}

static void
push_run (lua_State *L, const struct study *s, size_t i)
{
  struct gym_run run = run_info (L, s, i);
  lua_createtable (L, 0, 14);
  set_integer (L, "run", i + 1);
  bind_set_text (L, "agent", run.label);
  bind_set_text (L, "id", run.id);
  bind_set_text (L, "state", gym_run_state_name (run.state));
  set_integer (L, "seed", run.seed);
  set_integer (L, "trials", run.trials);
  set_integer (L, "evaluated", run.evaluated);
  set_integer (L, "cached", run.cached);
  set_integer (L, "repeats", run.repeats);
  set_integer (L, "failures", run.failures);
  set_integer (L, "infeasible", run.infeasible);
  lua_pushboolean (L, run.tainted);
  lua_setfield (L, -2, "tainted");
  lua_pushnumber (L, run.spent);
  lua_setfield (L, -2, "spent");
  if (s->sums && s->sums[i].n > 0) {
    lua_pushnumber (L, s->sums[i].total / (double)s->sums[i].n);
    lua_setfield (L, -2, "mean");
  }
  if (run.best < 0)
    return;
  push_best (L, s, i, &run);
  lua_setfield (L, -2, "best");
}

/* study:runs () */
static int
study_runs (lua_State *L)
{
  const struct study *s = bind_study (L);
  size_t n = gym_study_runs (s->study);
  lua_createtable (L, (int)n, 0);
  for (size_t i = 0; i < n; i++) {
    push_run (L, s, i);
    lua_rawseti (L, -2, (lua_Integer)i + 1);
  }
  return 1;
}

/* Pushes a run's curve as an array of doubles. */
static double *
curve_of (lua_State *L, const struct study *s, size_t run, size_t *n)
{
  *n = gym_study_curve (s->study, run, NULL, 0);
  double *values = bind_buffer (L, *n, sizeof *values);
  gym_study_curve (s->study, run, values, *n);
  return values;
}

/* study:curve (run): best of goal 1 so far after each evaluation; NaN before any */
static int
study_curve (lua_State *L)
{
  const struct study *s = bind_study (L);
  size_t n, run = run_at (L, s, 2, "study:curve(run)");
  const double *values = curve_of (L, s, run, &n);
  bind_push_numbers (L, values, n);
  return 1;
}

/* study:hit (run, target): evaluations until goal 1 was at least as good as target (a
 * number in the user's terms); nil when it never was */
static int
study_hit (lua_State *L)
{
  const struct study *s = bind_study (L);
  const gym_objective *o = gym_study_objective (s->study);
  size_t n, run = run_at (L, s, 2, "study:hit(run, target)");
  if (lua_type (L, 3) != LUA_TNUMBER)
    return bind_raise (L, "study:hit(run, target): a number was expected, not %s",
                       bind_show (L, 3));
  double target = gym_objective_inner (o, 0, lua_tonumber (L, 3));
  double *values = curve_of (L, s, run, &n);
  for (size_t i = 0; i < n; i++)
    values[i] = isnan (values[i]) ? INFINITY : gym_objective_inner (o, 0, values[i]);
  size_t hit = gym_stats_hit (values, n, target);
  if (hit == 0)
    return 0;
  lua_pushinteger (L, (lua_Integer)hit);
  return 1;
}

/* study:best (run): of that run, or of all; nil when there is none */
static int
study_best (lua_State *L)
{
  const struct study *s = bind_study (L);
  const gym_objective *o = gym_study_objective (s->study);
  size_t n = gym_study_runs (s->study), first = 0, found = SIZE_MAX;
  bool feasible = false;
  double least = INFINITY;
  if (!lua_isnoneornil (L, 2)) {
    first = run_at (L, s, 2, "study:best(run)");
    n = first + 1;
  }
  for (size_t i = first; i < n; i++) {
    struct gym_run run = run_info (L, s, i);
    if (run.best < 0 || (feasible && !run.best_feasible))
      continue;
    double inner = gym_objective_inner (o, 0, run.best_goals[0]);
    if (found != SIZE_MAX && feasible == run.best_feasible && !(inner < least))
      continue;
    found = i;
    feasible = run.best_feasible;
    least = inner;
  }
  if (found == SIZE_MAX)
    return 0;
  struct gym_run run = run_info (L, s, found);
  push_best (L, s, found, &run);
  return 1;
}

/* ---- fronts ------------------------------------------------------------------------ */

static void
free_archive (void *object)
{
  gym_archive *archive = object;
  gym_archive_destroy (&archive);
}

/* Pushes a guard that owns the non-dominated set of runs first .. end-1; tags are
 * run << 40 | number. */
static gym_archive *
merge (lua_State *L, const struct study *s, size_t first, size_t end)
{
  gym_error err = { 0 };
  struct box *box = bind_handle (L, GUARD_CLASS, NULL);
  box->destroy = free_archive;
  gym_archive *all = box->object = gym_archive_new (s->n_goals, &err);
  if (!all)
    bind_raise_error (L, &err);
  for (size_t run = first; run < end; run++) {
    const gym_archive *one = gym_study_archive (s->study, run);
    for (size_t i = 0; one && i < gym_archive_count (one); i++) {
      uint64_t tag = (uint64_t)run << 40 | gym_archive_tag (one, i);
      if (gym_archive_add (all, gym_archive_point (one, i), tag, &err) < 0)
        bind_raise_error (L, &err);
    }
  }
  return all;
}

static const double *
find_member (const struct study *s, size_t run, uint64_t number)
{
  for (size_t i = s->n_members; i-- > 0;)
    if (s->members[i].run == run && s->members[i].number == number)
      return s->values + i * (s->n_params + s->n_metrics);
  return NULL;
}

static void
push_member (lua_State *L, const struct study *s, const double *point, uint64_t tag)
{
  const gym_objective *o = gym_study_objective (s->study);
  size_t run = (size_t)(tag >> 40);
  uint64_t number = tag & ((UINT64_C (1) << 40) - 1);
  struct gym_run info = run_info (L, s, run);
  const double *row = find_member (s, run, number),
               *metrics = row ? row + s->n_params : 0;
  if (!row && (uint64_t)info.best == number && info.best >= 0) {
    row = info.best_design;
    metrics = info.best_metrics;
  }
  lua_createtable (L, 0, 8);
  bind_set_text (L, "agent", info.label);
  set_integer (L, "seed", info.seed);
  set_integer (L, "run", run + 1);
  set_integer (L, "number", number);
  bind_push_numbers (L, point, s->n_goals);
  lua_setfield (L, -2, "objectives");
  lua_createtable (L, (int)s->n_goals, 0);
  for (uint32_t j = 0; j < s->n_goals; j++) {
    lua_pushnumber (L, gym_objective_report (o, j, point[j]));
    lua_rawseti (L, -2, (lua_Integer)j + 1);
  }
  lua_setfield (L, -2, "goals");
  if (!row)
    return;
  bind_push_design (L, gym_env_space (s->env), row);
  lua_setfield (L, -2, "design");
  bind_push_metrics (L, gym_env_metrics (s->env), metrics);
  lua_setfield (L, -2, "metrics");
}

/* study:front (run): the non-dominated designs of that run, or of all */
static int
study_front (lua_State *L)
{
  const struct study *s = bind_study (L);
  size_t first = 0, end = gym_study_runs (s->study);
  if (!lua_isnoneornil (L, 2)) {
    first = run_at (L, s, 2, "study:front(run)");
    end = first + 1;
  }
  const gym_archive *all = merge (L, s, first, end);
  size_t n = gym_archive_count (all);
  lua_createtable (L, (int)n, 0);
  for (size_t i = 0; i < n; i++) {
    push_member (L, s, gym_archive_point (all, i), gym_archive_tag (all, i));
    lua_rawseti (L, -2, (lua_Integer)i + 1);
  }
  return 1;
}

/* study:hypervolume (run, reference): dominated by the run's front (nil: that of all
 * runs) inside the box below the reference (goals in the user's terms), two or three
 * goals */
static int
study_hypervolume (lua_State *L)
{
  const struct study *s = bind_study (L);
  const gym_objective *o = gym_study_objective (s->study);
  static const char what[] = "study:hypervolume(run, reference)";
  bool all = lua_isnoneornil (L, 2);
  size_t run = all ? 0 : run_at (L, s, 2, what);
  double *reference = bind_buffer (L, s->n_goals, sizeof *reference), volume;
  gym_error err = { 0 };
  if (bind_read_numbers (L, 3, what, reference, s->n_goals) != s->n_goals)
    return bind_raise (L, "%s: %d numbers were expected", what, (int)s->n_goals);
  for (uint32_t j = 0; j < s->n_goals; j++)
    reference[j] = gym_objective_inner (o, j, reference[j]);
  const gym_archive *front = all ? merge (L, s, 0, gym_study_runs (s->study))
                                 : gym_study_archive (s->study, run);
  if (!front || gym_archive_hypervolume (front, reference, &volume, &err) < 0)
    return bind_raise_error (L, &err);
  lua_pushnumber (L, volume);
  return 1;
}

/* ---- the study itself ---------------------------------------------------------------
 */

/* study:describe (): env, options in force and given, objective, budget, goals with unit
 * and sense, constraints */
static int
study_describe (lua_State *L)
{
  const struct study *s = bind_study (L);
  const gym_objective *o = gym_study_objective (s->study);
  const char *identity = gym_env_identity (s->env);
  lua_createtable (L, 0, 8);
  bind_set_text (L, "env", gym_env_entry (s->env)->id);
  bind_push_settings (L, gym_env_settings (s->env));
  lua_setfield (L, -2, "given");
  bind_push_json (L, identity, strlen (identity));
  lua_getfield (L, -1, "options");
  lua_remove (L, -2);
  lua_setfield (L, -2, "options");
  bind_set_text (L, "objective", gym_objective_text (o));
  lua_pushnumber (L, gym_study_budget (s->study));
  lua_setfield (L, -2, "budget");
  lua_newtable (L);
  for (uint32_t i = 0; i < s->n_goals; i++) {
    bool maximise = gym_objective_goal_sense (o, i) == GYM_MAXIMISE;
    lua_createtable (L, 0, 3);
    bind_set_text (L, "text", gym_objective_goal_text (o, i));
    bind_set_text (L, "unit", gym_objective_goal_unit (o, i));
    bind_set_text (L, "sense", maximise ? "maximise" : "minimise");
    lua_rawseti (L, -2, (lua_Integer)i + 1);
  }
  lua_setfield (L, -2, "goals");
  lua_newtable (L);
  for (uint32_t i = 0; i < gym_objective_constraints (o); i++) {
    lua_pushstring (L, gym_objective_constraint_text (o, i));
    lua_rawseti (L, -2, (lua_Integer)i + 1);
  }
  lua_setfield (L, -2, "constraints");
  return 1;
}

/* study:identity (): what must be equal for a resume, as JSON */
static int
study_identity (lua_State *L)
{
  const struct study *s = bind_study (L);
  gym_error err = { 0 };
  const char *text = gym_study_identity (s->study, &err);
  if (!text)
    return bind_raise_error (L, &err);
  lua_pushstring (L, text);
  return 1;
}

/* ---- statistics ----------------------------------------------------------------------
 */

static double *
numbers_at (lua_State *L, const char *what, size_t *n)
{
  if (!lua_istable (L, 1))
    bind_raise (L, "%s: a list of numbers was expected, not %s", what, bind_show (L, 1));
  *n = (size_t)luaL_len (L, 1);
  double *values = bind_buffer (L, *n, sizeof *values);
  bind_read_numbers (L, 1, what, values, *n);
  return values;
}

static int
push_or_nil (lua_State *L, double value)
{
  if (isnan (value))
    return 0;
  lua_pushnumber (L, value);
  return 1;
}

/* gym.quantile (list, p) */
static int
quantile (lua_State *L)
{
  size_t n;
  const double *values = numbers_at (L, "gym.quantile(list, p)", &n);
  double p = lua_type (L, 2) == LUA_TNUMBER ? lua_tonumber (L, 2) : -1;
  if (!(p >= 0 && p <= 1))
    return bind_raise (L, "gym.quantile(list, p): p lies in [0,1], not %s",
                       bind_show (L, 2));
  return push_or_nil (L, gym_stats_quantile (values, n, p));
}

/* gym.mean (list) */
static int
mean (lua_State *L)
{
  size_t n;
  const double *values = numbers_at (L, "gym.mean(list)", &n);
  return push_or_nil (L, gym_stats_mean (values, n));
}

/* gym.running_time (hits, lengths): expected running time to a target; hits[i] is 0 for a
 * run that failed */
static int
running_time (lua_State *L)
{
  static const char what[] = "gym.running_time(hits, lengths)";
  size_t n;
  double *values = numbers_at (L, what, &n);
  double *ends = bind_buffer (L, n, sizeof *ends);
  size_t *hits = bind_buffer (L, n, sizeof *hits);
  size_t *lengths = bind_buffer (L, n, sizeof *lengths);
  if (bind_read_numbers (L, 2, what, ends, n) != n)
    return bind_raise (L, "%s: the lists differ in length", what);
  for (size_t i = 0; i < n; i++) {
    if (!(values[i] >= 0 && ends[i] >= 0 && values[i] < 0x1p53 && ends[i] < 0x1p53))
      return bind_raise (L, "%s: counts were expected", what);
    hits[i] = (size_t)values[i];
    lengths[i] = (size_t)ends[i];
  }
  lua_pushnumber (L, gym_stats_expected_running_time (hits, lengths, n));
  return 1;
}

void
bind_study_results (lua_State *L)
{
  static const luaL_Reg methods[] = { { "runs", study_runs },
                                      { "curve", study_curve },
                                      { "hit", study_hit },
                                      { "best", study_best },
                                      { "front", study_front },
                                      { "hypervolume", study_hypervolume },
                                      { "describe", study_describe },
                                      { "identity", study_identity },
                                      { NULL, NULL } };
  static const luaL_Reg module[] = { { "quantile", quantile },
                                     { "mean", mean },
                                     { "running_time", running_time },
                                     { NULL, NULL } };
  luaL_getmetatable (L, STUDY_CLASS);
  lua_getfield (L, -1, "methods");
  luaL_setfuncs (L, methods, 0);
  lua_pop (L, 2);
  bind_functions (L, module, NULL);
}
