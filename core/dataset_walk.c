/* core/dataset_walk.c - from trial to trial through the stores of a data set.
 *
 * One statement a study, bound to one run after the other: a run's trials are the ids
 * between two ends. */
#include <config.h>

#include "core/dataset_inside.h"

#include "core/store_file.h"
#include "core/store_schema.h"

#include <math.h>

/* Columns of the statement: fixed ones, then the env's row with its id. */
enum { AT_NUMBER, AT_STATUS, AT_FIDELITY, AT_ORIGIN, AT_SEED, AT_NOTE, AT_ID, AT_VALUES };

static int
prepare (gym_dataset *d, size_t study, gym_error *err)
{
  struct dataset_walk *walk = &d->walk;
  const struct dataset_study *s = &d->studies[study];
  gym_store *store = d->stores[s->store].store;
  if (walk->query && walk->study == study)
    return GYM_OK;
  sqlite3_finalize (walk->query);
  walk->study = study;
  walk->query = gym_store_prepare_free (
      store->db, store->path,
      sqlite3_mprintf ("SELECT t.number, t.status, t.fidelity, t.origin,"
                       " t.evaluation_seed, t.note, d.* FROM trials t LEFT JOIN \"%w\" d"
                       " ON d.id = t.id - t.number + coalesce (t.origin, t.number)"
                       " WHERE t.id BETWEEN ?1 AND ?2 ORDER BY t.id",
                       s->layout->table),
      err);
  return walk->query ? GYM_OK : gym_store_code (store->db);
}

static int
enter_run (gym_dataset *d, gym_error *err)
{
  struct dataset_run *run = &d->runs[d->walk.run];
  int code = prepare (d, run->study, err);
  if (code < 0)
    return code;
  int64_t first = run->about.run << GYM_STORE_NUMBER_BITS;
  sqlite3_bind_int64 (d->walk.query, 1, first);
  sqlite3_bind_int64 (d->walk.query, 2, first | UINT32_MAX);
  run->first = d->walk.ordinal;
  d->walk.inside = true;
  return GYM_OK;
}

/* NULL is NaN. There is no negative zero: SQLite keeps whole numbers as integers. */
static double
number_at (sqlite3_stmt *row, int at)
{
  return sqlite3_column_type (row, at) == SQLITE_NULL ? NAN
                                                      : sqlite3_column_double (row, at);
}

static int
damaged (const gym_dataset *d, const struct dataset_run *run, const gym_error *why,
         gym_error *err)
{
  return gym_fail (
      err, GYM_EIO,
      "store \"%s\": the file is damaged: trial %lld of run %lld %s: go back "
      "to a copy of it",
      run->about.store, (long long)sqlite3_column_int64 (d->walk.query, 0),
      (long long)run->about.run, why->text);
}

/* A design that is none of the space would lead every encoding astray. */
static int
read_design (gym_dataset *d, const struct dataset_run *run, gym_error *err)
{
  gym_error why = { 0 };
  uint32_t n = gym_space_size (d->space);
  if (sqlite3_column_type (d->walk.query, AT_ID) == SQLITE_NULL) {
    gym_fail (&why, GYM_EIO, "has lost its design");
    return damaged (d, run, &why, err);
  }
  for (uint32_t i = 0; i < n; i++)
    d->design[i] = number_at (d->walk.query, AT_VALUES + (int)i);
  if (gym_space_check (d->space, d->design, &why) == GYM_OK)
    return GYM_OK;
  gym_error_prefix (&why, "has no design of its space");
  return damaged (d, run, &why, err);
}

/* Metrics of what is not ok are no measurements, whatever a file holds. */
static void
read_metrics (gym_dataset *d, const struct dataset_study *study, bool ok)
{
  int first = AT_VALUES + (int)gym_space_size (d->space);
  for (uint32_t i = 0; i < d->metrics.n; i++)
    d->numbers[i] = ok ? number_at (d->walk.query, first + study->metric_at[i]) : NAN;
}

/* What a newer library may have written counts as a failure of some kind. */
static uint32_t
read_status (sqlite3_stmt *query)
{
  int64_t status = sqlite3_column_int64 (query, AT_STATUS);
  return status >= 0 && status <= GYM_TRIAL_OOM ? (uint32_t)status : GYM_TRIAL_FAILED;
}

static int
read_row (gym_dataset *d, struct gym_dataset_row *row, gym_error *err)
{
  const struct dataset_run *run = &d->runs[d->walk.run];
  struct dataset_study *study = &d->studies[run->study];
  sqlite3_stmt *query = d->walk.query;
  size_t fidelity;
  int code = gym_dataset_fidelity_of (d, study, sqlite3_column_int64 (query, AT_FIDELITY),
                                      &fidelity, err);
  if (code < 0 || (d->only_fidelity != SIZE_MAX && fidelity != d->only_fidelity))
    return code;
  if ((code = read_design (d, run, err)) < 0)
    return code;
  const char *note = gym_store_column (query, AT_NOTE);
  *row = (struct gym_dataset_row){
    .struct_size = row->struct_size,
    .status = read_status (query),
    .design = d->design,
    .metrics = d->numbers,
    .env = run->about.env,
    .agent = run->about.agent,
    .fidelity = fidelity,
    .run = d->walk.run,
    .number = (uint64_t)sqlite3_column_int64 (query, AT_NUMBER),
    .seed = (uint64_t)sqlite3_column_int64 (query, AT_SEED),
    .repeat = sqlite3_column_type (query, AT_ORIGIN) != SQLITE_NULL,
    .note = note,
  };
  read_metrics (d, study, row->status == GYM_TRIAL_OK);
  return 1;
}

/* Trials of other fidelities are passed over but counted: a trial's place in the walk
 * must not depend on what is looked for. */
int
gym_dataset_step (gym_dataset *d, struct gym_dataset_row *row, gym_error *err)
{
  struct dataset_walk *walk = &d->walk;
  while (walk->run < d->n_runs) {
    int code = walk->inside ? GYM_OK : enter_run (d, err);
    if (code < 0)
      return code;
    const char *path = d->runs[walk->run].about.store;
    code = gym_store_step (walk->query, path, err);
    if (code == 1) {
      walk->ordinal++;
      if ((code = read_row (d, row, err)) != 0)
        return code;
      continue;
    }
    sqlite3_reset (walk->query);
    walk->inside = false;
    if (code < 0)
      return code;
    d->runs[walk->run].walked = walk->ordinal - d->runs[walk->run].first;
    walk->run++;
  }
  return 0;
}

void
gym_dataset_rewind (gym_dataset *d)
{
  if (d->walk.query)
    sqlite3_reset (d->walk.query);
  d->walk.inside = false;
  d->walk.run = 0;
  d->walk.ordinal = 0;
}
