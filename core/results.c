/* core/results.c - a stored study as arrays: see gym/results.h.
 *
 * One pass over the trials in order of run and number. With one goal what the store keeps
 * beside each trial is enough; with several they are worked out from the metrics. */
#include <config.h>

#include "core/memory.h"
#include "core/store_file.h"
#include "core/store_read.h"
#include "core/store_schema.h"
#include "core/store_seal.h"

#include <gym/results.h>
#include <jansson.h>
#include <math.h>

struct gym_results {
  struct gym_result_study study;
  struct gym_layout *layout;
  gym_space *space;
  char *texts[5]; /* env, env_identity, version, fingerprint, host */
  struct gym_result_agent *agents;
  size_t n_agents, room_agents;
  struct gym_result_run *runs;
  size_t n_runs, room_runs;
  size_t n, room; /* trials */
  double *goals, *curves;
  bool *repeats;
  uint8_t *statuses;
  uint32_t *numbers;
  double *designs;
  size_t *design_trials;
  size_t n_designs, room_designs, every;
  double *metrics, *violations; /* of one trial */
};

void
gym_results_destroy (gym_results **handle)
{
  gym_results *r = handle ? *handle : NULL;
  if (!r)
    return;
  for (size_t i = 0; i < r->n_agents; i++) {
    free ((char *)r->agents[i].label);
    free ((char *)r->agents[i].id);
    free ((char *)r->agents[i].options);
  }
  for (size_t i = 0; i < 5; i++)
    free (r->texts[i]);
  free (r->agents);
  free (r->runs);
  free (r->goals);
  free (r->curves);
  free (r->repeats);
  free (r->statuses);
  free (r->numbers);
  free (r->designs);
  free (r->design_trials);
  free (r->metrics);
  free (r->violations);
  gym_layout_destroy (&r->layout);
  gym_space_destroy (&r->space);
  free (r);
  *handle = NULL;
}

static int
no_memory (gym_error *err)
{
  return gym_fail (err, GYM_ENOMEM, "out of memory for the trials of a study");
}

/* ---- the study, its agents and runs ---- */

static int
read_study (gym_results *r, gym_store *store, gym_error *err)
{
  struct gym_result_study *s = &r->study;
  sqlite3_stmt *row = gym_store_prepare_free (
      store->db, store->path,
      sqlite3_mprintf ("SELECT s.env, s.env_identity, s.version, s.fingerprint, s.host,"
                       " s.budget, p.space FROM studies s JOIN spaces p ON p.id = s.space"
                       " WHERE s.id = %lld",
                       r->layout->study),
      err);
  if (!row)
    return gym_store_code (store->db);
  int code = gym_store_step (row, store->path, err);
  if (code == 0)
    code = gym_fail (err, GYM_EIO,
                     "store \"%s\": study %lld has no space: the file is "
                     "damaged",
                     store->path, (long long)r->layout->study);
  for (int i = 0; code == 1 && i < 5; i++) {
    r->texts[i] = gym_store_copy (gym_store_column (row, i));
    if (!r->texts[i])
      code = no_memory (err);
  }
  if (code == 1) {
    s->budget = sqlite3_column_double (row, 5);
    r->space = gym_space_from_json (gym_store_column (row, 6), err);
    code = r->space ? GYM_OK : GYM_EIO;
  }
  sqlite3_finalize (row);
  if (code == GYM_OK && gym_space_size (r->space) != r->layout->n_params)
    code = gym_fail (err, GYM_EIO,
                     "store \"%s\": the space of study %lld and its table "
                     "differ: the file is damaged",
                     store->path, (long long)r->layout->study);
  s->struct_size = sizeof *s;
  s->study = r->layout->study;
  s->identity = r->layout->identity;
  s->env = r->texts[0];
  s->env_identity = r->texts[1];
  s->version = r->texts[2];
  s->fingerprint = r->texts[3];
  s->host = r->texts[4];
  s->objective = r->layout->objective;
  s->space = r->space;
  s->m = gym_objective_goals (s->objective);
  return code;
}

/* The agent of a run: another place, id or settings is another one. Runs are in order of
 * agents, so that the last is nearly always the one. */
static int
find_agent (gym_results *r, sqlite3_stmt *row, gym_error *err)
{
  const char *label = gym_store_column (row, 2), *id = gym_store_column (row, 3);
  const char *options = gym_store_column (row, 4);
  for (size_t i = r->n_agents; i-- > 0;)
    if (strcmp (r->agents[i].label, label) == 0 && strcmp (r->agents[i].id, id) == 0
        && strcmp (r->agents[i].options, options) == 0) {
      r->agents[i].n_runs++;
      return (int)i;
    }
  if (gym_grow (&r->agents, r->n_agents, &r->room_agents, sizeof *r->agents) < 0)
    return no_memory (err);
  struct gym_result_agent *a = &r->agents[r->n_agents++];
  *a = (struct gym_result_agent){ .label = gym_store_copy (label),
                                  .id = gym_store_copy (id),
                                  .options = gym_store_copy (options),
                                  .n_runs = 1 };
  return a->label && a->id && a->options ? (int)r->n_agents - 1 : no_memory (err);
}

/* A seed is 64 bits kept as a signed integer. */
static int
add_run (gym_results *r, sqlite3_stmt *row, gym_error *err)
{
  int agent = find_agent (r, row, err);
  if (agent < 0)
    return agent;
  if (gym_grow (&r->runs, r->n_runs, &r->room_runs, sizeof *r->runs) < 0)
    return no_memory (err);
  r->runs[r->n_runs++] = (struct gym_result_run){
    .run = sqlite3_column_int64 (row, 0),
    .agent = (size_t)agent,
    .seed = (uint64_t)sqlite3_column_int64 (row, 1),
    .state = (enum gym_run_state)sqlite3_column_int (row, 5),
    .spent = sqlite3_column_double (row, 6),
    .best = SIZE_MAX,
    .tainted = sqlite3_column_int (row, 8) != 0,
  };
  r->room += (size_t)sqlite3_column_int64 (row, 7);
  return GYM_OK;
}

static int
read_runs (gym_results *r, gym_store *store, gym_error *err)
{
  sqlite3_stmt *row = gym_store_prepare_free (
      store->db, store->path,
      sqlite3_mprintf ("SELECT id, seed, label, agent_id, options, state, spent, trials,"
                       " %s FROM runs r WHERE study = %lld ORDER BY agent, id",
                       gym_seal_tainted (store->db), r->layout->study),
      err);
  int code = row ? GYM_OK : gym_store_code (store->db);
  while (code >= 0 && (code = gym_store_step (row, store->path, err)) == 1)
    code = add_run (r, row, err);
  sqlite3_finalize (row);
  return code < 0 ? code : GYM_OK;
}

/* ---- trials ---- */

/* Statement columns: fixed ones, then the env's row with its id. */
enum {
  AT_NUMBER,
  AT_STATUS,
  AT_FIDELITY,
  AT_ORIGIN,
  AT_GOAL,
  AT_VIOLATION,
  AT_VALUES = 7
};

/* The room for trials follows what the runs say, and grows where a running study has
 * added some since. */
static int
make_room (gym_results *r, bool first)
{
  if (!first && r->n < r->room)
    return GYM_OK;
  r->room = first ? r->room + 1 : r->room * 2;
  size_t m = r->study.m;
  if (gym_resize (&r->goals, r->room, m * sizeof *r->goals) < 0
      || gym_resize (&r->curves, r->room, sizeof *r->curves) < 0
      || gym_resize (&r->repeats, r->room, sizeof *r->repeats) < 0
      || gym_resize (&r->statuses, r->room, sizeof *r->statuses) < 0
      || gym_resize (&r->numbers, r->room, sizeof *r->numbers) < 0)
    return GYM_ENOMEM;
  return GYM_OK;
}

/* NULL is NaN. */
static double
number_at (sqlite3_stmt *row, int at)
{
  return sqlite3_column_type (row, at) == SQLITE_NULL ? NAN
                                                      : sqlite3_column_double (row, at);
}

/* Objectives of the row, all NaN unless it is a result. */
static void
read_goals (gym_results *r, sqlite3_stmt *row, int64_t fidelity, double *goals)
{
  const struct gym_layout *layout = r->layout;
  double violation = number_at (row, AT_VIOLATION);
  bool good = sqlite3_column_int (row, AT_STATUS) == GYM_TRIAL_OK && !(violation > 0)
              && sqlite3_column_int64 (row, AT_FIDELITY) == fidelity;
  for (uint32_t i = 0; i < r->study.m; i++)
    goals[i] = NAN;
  if (!good)
    return;
  if (r->study.m == 1) {
    double goal = number_at (row, AT_GOAL);
    goals[0] = isnan (goal) ? NAN : gym_objective_inner (layout->objective, 0, goal);
    return;
  }
  for (uint32_t i = 0; i < layout->n_metrics; i++)
    r->metrics[i] = number_at (row, AT_VALUES + (int)(layout->n_params + i));
  if (gym_objective_evaluate (layout->objective, r->metrics, goals, r->violations, NULL)
      < 0)
    for (uint32_t i = 0; i < r->study.m; i++)
      goals[i] = NAN;
}

/* Inactive parameters are NULL in the table and NaN here. */
static int
keep_design (gym_results *r, sqlite3_stmt *row, gym_error *err)
{
  uint32_t p = r->layout->n_params;
  size_t room = r->room_designs;
  if (gym_grow (&r->design_trials, r->n_designs, &room, sizeof *r->design_trials) < 0
      || gym_grow (&r->designs, r->n_designs, &r->room_designs,
                   (p + 1) * sizeof *r->designs)
             < 0)
    return no_memory (err);
  r->design_trials[r->n_designs] = r->n;
  for (uint32_t i = 0; i < p; i++)
    r->designs[r->n_designs * p + i] = number_at (row, AT_VALUES + (int)i);
  r->n_designs++;
  return GYM_OK;
}

/* A distinct trial moves the curve on by one, wherever it leads. */
static void
extend_curve (gym_results *r, struct gym_result_run *run, double goal)
{
  double *curve = r->curves + run->first;
  double best = run->evaluated ? curve[run->evaluated - 1] : NAN;
  if (goal < best || (isnan (best) && !isnan (goal))) {
    best = goal;
    run->best = r->n;
  }
  curve[run->evaluated++] = best;
}

static int
add_trial (gym_results *r, struct gym_result_run *run, sqlite3_stmt *row,
           int64_t fidelity, gym_error *err)
{
  int status = sqlite3_column_int (row, AT_STATUS);
  if (make_room (r, false) < 0)
    return no_memory (err);
  double *goals = r->goals + r->n * r->study.m;
  read_goals (r, row, fidelity, goals);
  r->statuses[r->n] = (uint8_t)status;
  r->numbers[r->n] = (uint32_t)sqlite3_column_int64 (row, AT_NUMBER);
  r->repeats[r->n] = sqlite3_column_type (row, AT_ORIGIN) != SQLITE_NULL;
  if (status >= 0 && status < 6)
    run->statuses[status]++;
  int code = GYM_OK;
  if (!r->repeats[r->n]) {
    extend_curve (r, run, goals[0]);
    if (r->every && r->n % r->every == 0)
      code = keep_design (r, row, err);
  }
  r->n++;
  run->trials++;
  return code;
}

/* The trials of a run are the ids between two ends. */
static int
read_run (gym_results *r, gym_store *store, size_t index, sqlite3_stmt *query,
          int64_t fidelity, gym_error *err)
{
  struct gym_result_run *run = &r->runs[index];
  int code;
  run->first = r->n;
  sqlite3_bind_int64 (query, 1, run->run << GYM_STORE_NUMBER_BITS);
  sqlite3_bind_int64 (query, 2, run->run << GYM_STORE_NUMBER_BITS | UINT32_MAX);
  while ((code = gym_store_step (query, store->path, err)) == 1)
    if ((code = add_trial (r, run, query, fidelity, err)) < 0)
      break;
  sqlite3_reset (query);
  return code < 0 ? code : GYM_OK;
}

/* The fidelity the study is about, by the name in its identity; else the highest. */
static int64_t
main_fidelity (const gym_results *r)
{
  const struct gym_layout *layout = r->layout;
  json_t *identity = json_loads (layout->identity, 0, NULL);
  const char *name = json_string_value (json_object_get (identity, "fidelity"));
  int64_t found = layout->n_fidelities ? (int64_t)layout->n_fidelities - 1 : 0;
  for (size_t i = 0; name && i < layout->n_fidelities; i++)
    if (strcmp (layout->fidelities[i], name) == 0)
      found = (int64_t)i;
  json_decref (identity);
  return found;
}

static int
read_trials (gym_results *r, gym_store *store, gym_error *err)
{
  sqlite3_stmt *query = gym_store_prepare_free (
      store->db, store->path,
      sqlite3_mprintf (
          "SELECT t.number, t.status, t.fidelity, t.origin, t.goal, t.violation, d.*"
          " FROM trials t LEFT JOIN \"%w\" d ON d.id = t.id - t.number +"
          " coalesce (t.origin, t.number) WHERE t.id BETWEEN ?1 AND ?2 ORDER BY t.id",
          r->layout->table),
      err);
  int code = query ? GYM_OK : gym_store_code (store->db);
  r->metrics = calloc (r->layout->n_metrics + 1, sizeof *r->metrics);
  r->violations =
      calloc (gym_objective_constraints (r->study.objective) + 1, sizeof *r->violations);
  if (code == GYM_OK && (!r->metrics || !r->violations || make_room (r, true) < 0))
    code = no_memory (err);
  for (size_t i = 0; code == GYM_OK && i < r->n_runs; i++)
    code = read_run (r, store, i, query, main_fidelity (r), err);
  sqlite3_finalize (query);
  /* Only now do the arrays stay where they are. */
  for (size_t i = 0; code == GYM_OK && i < r->n_runs; i++)
    r->runs[i].curve = r->curves + r->runs[i].first;
  return code;
}

gym_results *
gym_results_load (gym_store *store, int64_t study, size_t designs, gym_error *err)
{
  gym_error own = { 0 };
  err = err ? err : &own;
  gym_results *r = calloc (1, sizeof *r);
  if (!r)
    return no_memory (err), NULL;
  /* One snapshot for all of it, while a study may go on writing. */
  int code = gym_store_exec (store->db, store->path, "BEGIN", err);
  bool begun = code == GYM_OK;
  if (code == GYM_OK
      && !(r->layout = gym_layout_load (store->db, store->path, study, err)))
    code = err->code;
  if (code == GYM_OK)
    code = read_study (r, store, err);
  if (code == GYM_OK)
    code = read_runs (r, store, err);
  r->every = designs == 0 ? 0 : designs > r->room ? 1 : (r->room + designs - 1) / designs;
  if (code == GYM_OK)
    code = read_trials (r, store, err);
  if (begun)
    gym_store_exec (store->db, store->path, "COMMIT", NULL);
  if (code < 0)
    gym_results_destroy (&r);
  return r;
}

/* ---- reading ---- */

const struct gym_result_study *
gym_results_study (const gym_results *r)
{
  return &r->study;
}

size_t
gym_results_agents (const gym_results *r)
{
  return r->n_agents;
}

const struct gym_result_agent *
gym_results_agent (const gym_results *r, size_t i)
{
  return i < r->n_agents ? &r->agents[i] : NULL;
}

size_t
gym_results_runs (const gym_results *r)
{
  return r->n_runs;
}

const struct gym_result_run *
gym_results_run (const gym_results *r, size_t i)
{
  return i < r->n_runs ? &r->runs[i] : NULL;
}

size_t
gym_results_trials (const gym_results *r)
{
  return r->n;
}

const double *
gym_results_goals (const gym_results *r)
{
  return r->goals;
}

const bool *
gym_results_repeats (const gym_results *r)
{
  return r->repeats;
}

const uint8_t *
gym_results_statuses (const gym_results *r)
{
  return r->statuses;
}

const uint32_t *
gym_results_numbers (const gym_results *r)
{
  return r->numbers;
}

size_t
gym_results_designs (const gym_results *r)
{
  return r->n_designs;
}

const double *
gym_results_design (const gym_results *r, size_t i)
{
  return r->designs + i * r->layout->n_params;
}

size_t
gym_results_design_trial (const gym_results *r, size_t i)
{
  return r->design_trials[i];
}
