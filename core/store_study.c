/* core/store_study.c - the studies and runs a writer works on.
 *
 * A study is found by its identity, a run by its place, agent, options and seed; what
 * else a row says is for people. */
#include <config.h>

#include "core/store_writer.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *
or_empty (const char *text)
{
  return text ? text : "";
}

struct writer_study *
gym_writer_find_study (const gym_writer *writer, int64_t id)
{
  for (size_t i = 0; i < writer->n_studies; i++)
    if (writer->studies[i].id == id)
      return &writer->studies[i];
  return NULL;
}

/* ---- adding and finding studies ---- */

static int
add_fidelities (gym_writer *writer, int64_t study, const struct gym_fidelities *list,
                gym_error *err)
{
  int code = GYM_OK;
  for (uint32_t i = 0; list && code == GYM_OK && i < list->n; i++) {
    const struct gym_fidelity *f =
        (const void *)((const char *)list->items + (size_t)i * list->stride);
    sqlite3_stmt *add = gym_store_prepare (
        writer->db, writer->path, "INSERT INTO fidelities VALUES (?, ?, ?, ?)", err);
    if (!add)
      return gym_store_code (writer->db);
    sqlite3_bind_int64 (add, 1, study);
    sqlite3_bind_int64 (add, 2, i);
    sqlite3_bind_text (add, 3, or_empty (f->name), -1, SQLITE_TRANSIENT);
    sqlite3_bind_double (add, 4, f->cost);
    code = gym_store_step (add, writer->path, err);
    sqlite3_finalize (add);
  }
  return code;
}

/* Whole spaces, bounds and all, are kept once however many studies share them. */
static int
add_space (gym_writer *writer, const gym_space *space, gym_error *err)
{
  char *text = gym_space_to_json (space, err);
  if (!text)
    return GYM_ENOMEM;
  int code = gym_store_exec_free (
      writer->db, writer->path,
      sqlite3_mprintf ("INSERT OR IGNORE INTO spaces (space) VALUES (%Q);"
                       "UPDATE studies SET space = (SELECT id FROM spaces WHERE space ="
                       " %Q) WHERE id = %lld",
                       text, text, sqlite3_last_insert_rowid (writer->db)),
      err);
  gym_free (text);
  return code;
}

/* The space is 0 for a moment because its row may have to be made first, inside the same
 * transaction. */
static int64_t
add_study (gym_writer *writer, const struct gym_study_row *row, const char *table,
           gym_error *err)
{
  char host[256] = "";
  gethostname (host, sizeof host - 1);
  sqlite3_stmt *add =
      gym_store_prepare (writer->db, writer->path,
                         "INSERT INTO studies (identity, env, env_identity, objective,"
                         " budget, seeds, table_name, version, fingerprint, host, space,"
                         " begun) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?)",
                         err);
  if (!add)
    return gym_store_code (writer->db);
  const char *texts[] = {
    row->identity, row->env, row->env_identity, row->objective,   NULL,
    row->seeds,    table,    gym_version (),    row->fingerprint, host
  };
  for (int i = 0; i < 10; i++)
    if (texts[i])
      sqlite3_bind_text (add, i + 1, texts[i], -1, SQLITE_TRANSIENT);
  sqlite3_bind_double (add, 5, row->budget);
  sqlite3_bind_int64 (add, 11, gym_store_now ());
  int code = gym_store_step (add, writer->path, err);
  sqlite3_finalize (add);
  int64_t id = sqlite3_last_insert_rowid (writer->db);
  if (code == GYM_OK)
    code = add_space (writer, row->space, err);
  if (code == GYM_OK)
    code = add_fidelities (writer, id, row->fidelities, err);
  return code < 0 ? code : id;
}

/* The study of this identity: its id, 0 when there is none, or a code. */
static int64_t
find_study (gym_writer *writer, const struct gym_study_row *row, const char *table,
            char *previous, size_t size, gym_error *err)
{
  sqlite3_stmt *find = gym_store_prepare (
      writer->db, writer->path,
      "SELECT id, table_name, fingerprint FROM studies WHERE identity = ?", err);
  if (!find)
    return gym_store_code (writer->db);
  sqlite3_bind_text (find, 1, row->identity, -1, SQLITE_TRANSIENT);
  int64_t id = gym_store_step (find, writer->path, err);
  if (id == 1) {
    id = sqlite3_column_int64 (find, 0);
    if (strcmp (gym_store_column (find, 1), table) != 0)
      id = gym_fail (err, GYM_EMISMATCH,
                     "store \"%s\": parameters or metrics of env %s have changed since "
                     "study %lld was begun: name another store",
                     writer->path, row->env, (long long)id);
    else if (previous)
      snprintf (previous, size, "%s", gym_store_column (find, 2));
  }
  sqlite3_finalize (find);
  return id;
}

/* Seeds may be added to a study: the row says what was asked for last. */
static int
update_seeds (gym_writer *writer, int64_t study, const char *seeds, gym_error *err)
{
  return gym_store_exec_free (
      writer->db, writer->path,
      sqlite3_mprintf ("UPDATE studies SET seeds = %Q WHERE id = %lld AND seeds <> %Q",
                       or_empty (seeds), study, or_empty (seeds)),
      err);
}

/* ---- what is kept in memory about an open study ---- */

static int
describe_columns (struct writer_study *study, const struct gym_study_row *row)
{
  study->real = calloc (study->n_params + 1, 1);
  study->sealed = calloc (study->n_metrics + 1, 1);
  study->fingerprint = gym_store_copy (or_empty (row->fingerprint));
  if (!study->real || !study->sealed || !study->fingerprint)
    return GYM_ENOMEM;
  for (uint32_t i = 0; i < study->n_params; i++)
    study->real[i] = gym_space_param (row->space, i)->kind == GYM_REAL;
  for (uint32_t i = 0; i < study->n_metrics; i++)
    study->sealed[i] =
        (gym_schema_metric (row->metrics, i)->flags & GYM_METRIC_SEALED) != 0;
  return GYM_OK;
}

/* One statement for each table, kept as long as the writer: preparing takes longer than
 * many of the steps it is made for. */
static sqlite3_stmt *
prepare_insert (gym_writer *writer, const char *table, const char *end, uint32_t n,
                gym_error *err)
{
  sqlite3_str *sql = sqlite3_str_new (writer->db);
  sqlite3_str_appendf (sql, "INSERT INTO \"%w%s\" VALUES (?", table, end);
  for (uint32_t i = 0; i < n; i++)
    sqlite3_str_appendall (sql, ",?");
  sqlite3_str_appendall (sql, ")");
  return gym_store_prepare_free (writer->db, writer->path, sqlite3_str_finish (sql), err);
}

static void
forget_study (struct writer_study *study)
{
  sqlite3_finalize (study->values);
  sqlite3_finalize (study->asked);
  free (study->fingerprint);
  free (study->real);
  free (study->sealed);
  free (study->table);
}

/* Takes over `table`. */
static int
keep_study (gym_writer *writer, int64_t id, const struct gym_study_row *row, char *table,
            gym_error *err)
{
  struct writer_study study = { .id = id,
                                .table = table,
                                .n_params = gym_space_size (row->space),
                                .n_metrics = row->metrics->n };
  void *grown =
      realloc (writer->studies, (writer->n_studies + 1) * sizeof *writer->studies);
  if (grown)
    writer->studies = grown;
  int code = grown ? describe_columns (&study, row) : GYM_ENOMEM;
  if (code < 0)
    gym_fail (err, GYM_ENOMEM, "store \"%s\": out of memory", writer->path);
  if (code == GYM_OK) {
    study.values =
        prepare_insert (writer, table, "", study.n_params + study.n_metrics, err);
    study.asked = study.values
                      ? prepare_insert (writer, table, "_asked", study.n_params, err)
                      : NULL;
    code = study.asked ? GYM_OK : gym_store_code (writer->db);
  }
  if (code == GYM_OK)
    writer->studies[writer->n_studies++] = study;
  else
    forget_study (&study);
  return code;
}

/* Ends the transaction of a study or run that was being added. */
static int
finish (gym_writer *writer, int code, gym_error *err)
{
  if (code == GYM_OK)
    return gym_writer_commit (writer, err);
  if (!sqlite3_get_autocommit (writer->db))
    sqlite3_exec (writer->db, "ROLLBACK", NULL, NULL, NULL);
  writer->begun = false;
  return code;
}

/* Committed at once, so that a study that dies in its first trial is known. */
int64_t
gym_writer_study (gym_writer *writer, const struct gym_study_row *row, char *previous,
                  size_t size, gym_error *err)
{
  if (previous && size)
    previous[0] = 0;
  int code = gym_writer_commit (writer, err);
  if (code == GYM_OK)
    code = gym_writer_begin (writer, err);
  if (code < 0)
    return code;
  char *table = NULL;
  int64_t id = gym_schema_table (writer->db, writer->path, row, &table, err);
  if (id == 0)
    id = find_study (writer, row, table, previous, size, err);
  if (id == 0)
    id = add_study (writer, row, table, err);
  else if (id > 0 && (code = update_seeds (writer, id, row->seeds, err)) < 0)
    id = code;
  code = finish (writer, id < 0 ? (int)id : GYM_OK, err);
  if (code < 0 || gym_writer_find_study (writer, id)) {
    free (table);
    return code < 0 ? code : id;
  }
  code = keep_study (writer, id, row, table, err);
  return code < 0 ? code : id;
}

/* ---- runs ---- */

/* What tells a run from others of its study. */
struct run_key {
  int64_t study;
  size_t agent;
  const char *id, *options;
  uint64_t seed;
};

struct run_found {
  int64_t id; /* 0: there is none */
  int64_t trials;
  uint32_t state;
};

static int
find_run (gym_writer *writer, const struct run_key *key, struct run_found *found,
          gym_error *err)
{
  sqlite3_stmt *find = gym_store_prepare (
      writer->db, writer->path,
      "SELECT id, trials, state FROM runs WHERE study = ? AND agent = ? AND seed = ?"
      " AND agent_id = ? AND options = ?",
      err);
  if (!find)
    return gym_store_code (writer->db);
  sqlite3_bind_int64 (find, 1, key->study);
  sqlite3_bind_int64 (find, 2, (sqlite3_int64)key->agent);
  sqlite3_bind_int64 (find, 3, (sqlite3_int64)key->seed);
  sqlite3_bind_text (find, 4, key->id, -1, SQLITE_TRANSIENT);
  sqlite3_bind_text (find, 5, key->options, -1, SQLITE_TRANSIENT);
  int code = gym_store_step (find, writer->path, err);
  if (code == 1) {
    found->id = sqlite3_column_int64 (find, 0);
    found->trials = sqlite3_column_int64 (find, 1);
    found->state = (uint32_t)sqlite3_column_int64 (find, 2);
    code = GYM_OK;
  }
  sqlite3_finalize (find);
  return code;
}

static int
add_run (gym_writer *writer, const struct run_key *key, const char *label,
         struct run_found *found, gym_error *err)
{
  int64_t now = gym_store_now ();
  int code = gym_store_exec_free (
      writer->db, writer->path,
      sqlite3_mprintf ("INSERT INTO runs (study, agent, agent_id, label, options, seed,"
                       " state, spent, trials, begun, updated) VALUES (%lld, %lld, %Q,"
                       " %Q, %Q, %lld, %d, 0, 0, %lld, %lld)",
                       key->study, (long long)key->agent, key->id, label, key->options,
                       (long long)key->seed, GYM_RUN_PENDING, now, now),
      err);
  found->id = sqlite3_last_insert_rowid (writer->db);
  return code;
}

/* The label is for people and may change from one call to the next. */
static int
find_or_add_run (gym_writer *writer, const struct run_key *key, const char *label,
                 struct run_found *found, gym_error *err)
{
  int code = find_run (writer, key, found, err);
  if (code == GYM_OK && found->id == 0)
    return add_run (writer, key, label, found, err);
  if (code == GYM_OK)
    code = gym_store_exec_free (
        writer->db, writer->path,
        sqlite3_mprintf ("UPDATE runs SET label = %Q WHERE id = %lld AND label <> %Q",
                         label, found->id, label),
        err);
  return code;
}

static int
keep_run (gym_writer *writer, int64_t id, int64_t study, int64_t trials, gym_error *err)
{
  for (size_t i = 0; i < writer->n_runs; i++)
    if (writer->runs[i].id == id)
      return GYM_OK;
  void *grown = realloc (writer->runs, (writer->n_runs + 1) * sizeof *writer->runs);
  if (!grown)
    return gym_fail (err, GYM_ENOMEM, "store \"%s\": out of memory", writer->path);
  writer->runs = grown;
  writer->runs[writer->n_runs++] = (struct writer_run){
    .id = id,
    .study = (size_t)(gym_writer_find_study (writer, study) - writer->studies),
    .trials = trials
  };
  return GYM_OK;
}

int64_t
gym_writer_run (gym_writer *writer, int64_t study, size_t agent, const char *id,
                const char *label, const char *options, uint64_t seed, uint32_t *state,
                gym_error *err)
{
  if (!gym_writer_find_study (writer, study))
    return gym_fail (err, GYM_EINVAL, "study %lld is not open in this store",
                     (long long)study);
  const struct run_key key = { .study = study,
                               .agent = agent,
                               .id = or_empty (id),
                               .options = or_empty (options),
                               .seed = seed };
  struct run_found found = { .id = 0, .state = GYM_RUN_PENDING };
  int code = gym_writer_begin (writer, err);
  if (code < 0)
    return code;
  code = find_or_add_run (writer, &key, or_empty (label), &found, err);
  if (code < 0)
    return gym_writer_broken (writer, code, err);
  code = gym_writer_commit (writer, err);
  if (code == GYM_OK)
    code = keep_run (writer, found.id, study, found.trials, err);
  if (code == GYM_OK && state)
    *state = found.state;
  return code < 0 ? code : found.id;
}

/* Together with the trials that led to the state, and at once: it is rare, and somebody
 * may be watching. */
int
gym_writer_run_state (gym_writer *writer, int64_t run, uint32_t state, double spent,
                      gym_error *err)
{
  int code = gym_writer_begin (writer, err);
  sqlite3_stmt *set = NULL;
  if (code == GYM_OK) {
    set = gym_store_prepare (writer->db, writer->path,
                             "UPDATE runs SET state = ?, spent = ? WHERE id = ?", err);
    code = set ? GYM_OK : gym_store_code (writer->db);
  }
  if (code < 0)
    return code;
  sqlite3_bind_int64 (set, 1, state);
  sqlite3_bind_double (set, 2, spent);
  sqlite3_bind_int64 (set, 3, run);
  code = gym_store_step (set, writer->path, err);
  sqlite3_finalize (set);
  return code < 0 ? gym_writer_broken (writer, code, err)
                  : gym_writer_commit (writer, err);
}
