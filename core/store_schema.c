/* core/store_schema.c - making the tables of a store.
 *
 * Names from plugins go into SQL as identifiers ("%w") or texts (%Q), never as they are.
 */
#include <config.h>

#include "core/store_schema.h"

#include "core/store_file.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* SQLite allows 2,000 columns in a table or view; the view has some of its own. */
enum { MAX_COLUMNS = 1900, MAX_CASE_LEVELS = 100 };

static const char fixed_tables[] =
    "CREATE TABLE spaces (id INTEGER PRIMARY KEY, space TEXT NOT NULL UNIQUE);\n"
    "CREATE TABLE tables (table_name TEXT PRIMARY KEY, env TEXT NOT NULL,"
    " signature TEXT NOT NULL) WITHOUT ROWID;\n"
    "CREATE TABLE columns (table_name TEXT NOT NULL, position INTEGER NOT NULL,"
    " column_name TEXT NOT NULL, name TEXT NOT NULL, role TEXT NOT NULL,"
    " kind TEXT, unit TEXT NOT NULL, doc TEXT NOT NULL, levels TEXT, sense INTEGER,"
    " measured INTEGER, sealed INTEGER, PRIMARY KEY (table_name, position))"
    " WITHOUT ROWID;\n"
    "CREATE TABLE studies (id INTEGER PRIMARY KEY, identity TEXT NOT NULL UNIQUE,"
    " env TEXT NOT NULL, env_identity TEXT NOT NULL, objective TEXT NOT NULL,"
    " budget REAL NOT NULL, seeds TEXT NOT NULL, table_name TEXT NOT NULL,"
    " space INTEGER NOT NULL REFERENCES spaces (id), version TEXT NOT NULL,"
    " fingerprint TEXT NOT NULL, host TEXT NOT NULL, begun INTEGER NOT NULL);\n"
    "CREATE TABLE fidelities (study INTEGER NOT NULL REFERENCES studies (id),"
    " fidelity INTEGER NOT NULL, name TEXT NOT NULL, cost REAL NOT NULL,"
    " PRIMARY KEY (study, fidelity)) WITHOUT ROWID;\n"
    "CREATE TABLE runs (id INTEGER PRIMARY KEY,"
    " study INTEGER NOT NULL REFERENCES studies (id), agent INTEGER NOT NULL,"
    " agent_id TEXT NOT NULL, label TEXT NOT NULL, options TEXT NOT NULL,"
    " seed INTEGER NOT NULL, state INTEGER NOT NULL, spent REAL NOT NULL,"
    " trials INTEGER NOT NULL, begun INTEGER NOT NULL, updated INTEGER NOT NULL,"
    " UNIQUE (study, agent, seed, agent_id, options));\n"
    "CREATE TABLE lives (id INTEGER PRIMARY KEY,"
    " study INTEGER NOT NULL REFERENCES studies (id), version TEXT NOT NULL,"
    " fingerprint TEXT NOT NULL, host TEXT NOT NULL, pid INTEGER NOT NULL,"
    " begun INTEGER NOT NULL);\n"
    "CREATE TABLE trials (id INTEGER PRIMARY KEY, run INTEGER NOT NULL,"
    " number INTEGER NOT NULL, status INTEGER NOT NULL, fidelity INTEGER NOT NULL,"
    " life INTEGER NOT NULL, attempts INTEGER NOT NULL, cached INTEGER NOT NULL,"
    " origin INTEGER, evaluation_seed INTEGER NOT NULL, time INTEGER NOT NULL,"
    " goal REAL, violation REAL, note TEXT);\n"
    "CREATE TABLE attempts (run INTEGER NOT NULL, number INTEGER NOT NULL,"
    " lives INTEGER NOT NULL, PRIMARY KEY (run, number)) WITHOUT ROWID;\n"
    "CREATE TABLE counted (life INTEGER PRIMARY KEY);\n";

/* Columns of the views and of the reader. */
static const char *const reserved[] = {
  "id",          "study",  "run",      "agent",  "agent_id",
  "agent_index", "seed",   "number",   "status", "fidelity",
  "origin",      "cached", "attempts", "time",   "evaluation_seed",
  "host",        "note",   "tainted",
};

/* Row ids of studies and runs are given in order and never reused, as nothing is ever
 * deleted. WITHOUT ROWID where the key is all there is to find a row by. */
int
gym_schema_create (sqlite3 *db, const char *path, gym_error *err)
{
  return gym_store_exec_free (db, path,
                              sqlite3_mprintf ("PRAGMA application_id = %d;"
                                               "PRAGMA user_version = %d;%s",
                                               GYM_STORE_APPLICATION, GYM_STORE_VERSION,
                                               fixed_tables),
                              err);
}

const struct gym_metric *
gym_schema_metric (const struct gym_metrics *metrics, uint32_t i)
{
  return (const void *)((const char *)metrics->items + (size_t)i * metrics->stride);
}

/* "goal", "goal_1" and so on: names that a number behind them cannot free. */
static bool
is_numbered (const char *name)
{
  static const char *const words[] = { "goal", "violation" };
  for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
    size_t n = strlen (words[i]);
    if (sqlite3_strnicmp (name, words[i], (int)n) == 0
        && (name[n] == 0 || name[n] == '_'))
      return true;
  }
  return false;
}

static bool
name_taken (const char *name, char *const *columns, size_t n)
{
  for (size_t i = 0; i < sizeof reserved / sizeof reserved[0]; i++)
    if (sqlite3_stricmp (name, reserved[i]) == 0)
      return true;
  for (size_t i = 0; i < n; i++)
    if (sqlite3_stricmp (name, columns[i]) == 0)
      return true;
  return false;
}

static char *
free_name (const char *name, char *const *columns, size_t n)
{
  const char *prefix = is_numbered (name) ? "own_" : "";
  size_t size = strlen (name) + 32;
  char *text = malloc (size);
  if (!text)
    return NULL;
  snprintf (text, size, "%s%s", prefix, name);
  for (unsigned k = 2; name_taken (text, columns, n); k++)
    snprintf (text, size, "%s%s_%u", prefix, name, k);
  return text;
}

char **
gym_schema_columns (const struct gym_study_row *row, gym_error *err)
{
  uint32_t n_params = gym_space_size (row->space), n = n_params + row->metrics->n;
  char **columns = calloc (n ? n : 1, sizeof *columns);
  for (uint32_t i = 0; columns && i < n; i++) {
    const char *name = i < n_params
                           ? gym_space_param (row->space, i)->name
                           : gym_schema_metric (row->metrics, i - n_params)->name;
    columns[i] = free_name (name, columns, i);
    if (!columns[i]) {
      gym_schema_columns_free (columns, i);
      columns = NULL;
    }
  }
  if (!columns)
    gym_fail (err, GYM_ENOMEM, "out of memory");
  return columns;
}

void
gym_schema_columns_free (char **columns, size_t n)
{
  for (size_t i = 0; columns && i < n; i++)
    free (columns[i]);
  free (columns);
}

static const char *
or_empty (const char *text)
{
  return text ? text : "";
}

static json_t *
levels_json (const struct gym_param *param)
{
  json_t *levels = json_array ();
  for (uint32_t i = 0; i < param->n_levels; i++)
    if (json_array_append_new (levels, json_string (param->levels[i])) != 0) {
      json_decref (levels);
      return NULL;
    }
  return levels;
}

/* What must be equal for two studies to share a table: everything that gives a stored
 * number its meaning. Bounds and wording may differ. */
static char *
signature (const struct gym_study_row *row)
{
  json_t *list = json_array ();
  int bad = !list;
  for (uint32_t i = 0; !bad && i < gym_space_size (row->space); i++) {
    const struct gym_param *p = gym_space_param (row->space, i);
    bad = json_array_append_new (list, json_pack ("[s,i,s,o]", p->name, (int)p->kind,
                                                  or_empty (p->unit), levels_json (p)));
  }
  for (uint32_t i = 0; !bad && i < row->metrics->n; i++) {
    const struct gym_metric *m = gym_schema_metric (row->metrics, i);
    bad =
        json_array_append_new (list, json_pack ("[s,s,i,i]", m->name, or_empty (m->unit),
                                                (int)m->sense, (int)m->flags));
  }
  char *text = bad ? NULL : json_dumps (list, JSON_COMPACT);
  json_decref (list);
  return text;
}

/* ---- the env's own tables ---- */

static bool
is_level (const struct gym_param *param)
{
  return param->kind == GYM_CATEGORICAL || param->kind == GYM_ORDINAL;
}

static void
add_columns (sqlite3_str *sql, const struct gym_study_row *row, char *const *columns,
             uint32_t n)
{
  uint32_t n_params = gym_space_size (row->space);
  for (uint32_t i = 0; i < n; i++) {
    bool real = i >= n_params || gym_space_param (row->space, i)->kind == GYM_REAL;
    sqlite3_str_appendf (sql, ", \"%w\" %s", columns[i], real ? "REAL" : "INTEGER");
  }
}

/* A level by name. Long lists are looked up in `columns`: a CASE of thousands of
 * branches would be parsed again by everyone who opens the store. */
static void
add_level (sqlite3_str *sql, const char *table, const struct gym_param *param,
           const char *column, uint32_t position)
{
  if (param->n_levels > MAX_CASE_LEVELS) {
    sqlite3_str_appendf (sql,
                         ",\n json_extract ((SELECT c.levels FROM columns c WHERE"
                         " c.table_name = %Q AND c.position = %u), '$[' || d.\"%w\" ||"
                         " ']') AS \"%w\"",
                         table, position, column, column);
    return;
  }
  sqlite3_str_appendf (sql, ",\n CASE d.\"%w\"", column);
  for (uint32_t k = 0; k < param->n_levels; k++)
    sqlite3_str_appendf (sql, " WHEN %u THEN %Q", k, param->levels[k]);
  sqlite3_str_appendf (sql, " END AS \"%w\"", column);
}

static void
add_status (sqlite3_str *sql)
{
  sqlite3_str_appendall (sql, " CASE t.status");
  for (uint32_t k = GYM_TRIAL_OK; k <= GYM_TRIAL_OOM; k++)
    sqlite3_str_appendf (sql, " WHEN %u THEN %Q", k, gym_status_name (k));
  sqlite3_str_appendall (sql, " ELSE t.status END AS status,\n");
}

/* CROSS JOIN fixes the order of the loops: studies, runs and then the id range of each
 * run, which gives rows in order without sorting. */
static char *
view_sql (const char *table, const struct gym_study_row *row, char *const *columns)
{
  uint32_t n_params = gym_space_size (row->space);
  sqlite3_str *sql = sqlite3_str_new (NULL);
  sqlite3_str_appendf (sql,
                       "CREATE VIEW \"%w_trials\" AS SELECT r.study AS study,"
                       " r.id AS run, r.label AS agent,\n CASE WHEN r.seed < 0 THEN"
                       " printf ('%%llu', r.seed) ELSE r.seed END AS seed,"
                       " t.number AS number,\n",
                       table);
  add_status (sql);
  sqlite3_str_appendall (sql, " coalesce (f.name, t.fidelity) AS fidelity,"
                              " t.origin AS origin");
  for (uint32_t i = 0; i < n_params + row->metrics->n; i++)
    if (i < n_params && is_level (gym_space_param (row->space, i)))
      add_level (sql, table, gym_space_param (row->space, i), columns[i], i);
    else
      sqlite3_str_appendf (sql, ",\n d.\"%w\" AS \"%w\"", columns[i], columns[i]);
  sqlite3_str_appendf (
      sql,
      ",\n t.goal AS goal, t.violation AS violation, t.cached AS cached,"
      " t.attempts AS attempts, t.evaluation_seed AS evaluation_seed,"
      " t.time / 1000.0 AS time, t.note AS note\n"
      "FROM studies s CROSS JOIN runs r ON r.study = s.id\n"
      "CROSS JOIN trials t ON t.id BETWEEN (r.id << %d) AND (r.id << %d | 4294967295)\n"
      "LEFT JOIN \"%w\" d ON d.id = t.id - t.number + coalesce (t.origin, t.number)\n"
      "LEFT JOIN fidelities f ON f.study = s.id AND f.fidelity = t.fidelity\n"
      "WHERE s.table_name = %Q",
      GYM_STORE_NUMBER_BITS, GYM_STORE_NUMBER_BITS, table, table);
  return sqlite3_str_finish (sql);
}

/* Affinities keep rows small: a REAL that is a whole number, like any INTEGER, takes as
 * few bytes as it needs (SQLite file format, section 2.1). */
static int
make_tables (sqlite3 *db, const char *path, const char *table,
             const struct gym_study_row *row, char *const *columns, gym_error *err)
{
  uint32_t n_params = gym_space_size (row->space);
  sqlite3_str *sql = sqlite3_str_new (db);
  sqlite3_str_appendf (sql, "CREATE TABLE \"%w\" (id INTEGER PRIMARY KEY", table);
  add_columns (sql, row, columns, n_params + row->metrics->n);
  sqlite3_str_appendf (sql, "); CREATE TABLE \"%w_asked\" (id INTEGER PRIMARY KEY",
                       table);
  add_columns (sql, row, columns, n_params);
  sqlite3_str_appendall (sql, ");");
  int code = gym_store_exec_free (db, path, sqlite3_str_finish (sql), err);
  if (code == GYM_OK)
    code = gym_store_exec_free (db, path, view_sql (table, row, columns), err);
  return code;
}

/* ---- what `columns` says about them ---- */

static const char *
kind_name (uint32_t kind)
{
  switch (kind) {
  case GYM_CATEGORICAL:
    return "categorical";
  case GYM_ORDINAL:
    return "ordinal";
  case GYM_INTEGER:
    return "integer";
  default:
    return "real";
  }
}

/* Both describe one column for people and for the reader: %Q quotes a text and turns NULL
 * into the word NULL. */
static int
describe_param (sqlite3 *db, const char *path, const char *table, uint32_t position,
                const struct gym_param *param, const char *column, gym_error *err)
{
  char *levels = NULL;
  if (is_level (param)) {
    json_t *list = levels_json (param);
    levels = list ? json_dumps (list, JSON_COMPACT) : NULL;
    json_decref (list);
    if (!levels)
      return gym_fail (err, GYM_ENOMEM, "out of memory");
  }
  int code = gym_store_exec_free (
      db, path,
      sqlite3_mprintf ("INSERT INTO columns VALUES (%Q, %u, %Q, %Q, 'parameter', %Q, %Q,"
                       " %Q, %Q, NULL, NULL, NULL)",
                       table, position, column, param->name, kind_name (param->kind),
                       or_empty (param->unit), or_empty (param->doc), levels),
      err);
  free (levels);
  return code;
}

static int
describe_metric (sqlite3 *db, const char *path, const char *table, uint32_t position,
                 const struct gym_metric *metric, const char *column, gym_error *err)
{
  return gym_store_exec_free (
      db, path,
      sqlite3_mprintf ("INSERT INTO columns VALUES (%Q, %u, %Q, %Q, 'metric', NULL, %Q,"
                       " %Q, NULL, %u, %d, %d)",
                       table, position, column, metric->name, or_empty (metric->unit),
                       or_empty (metric->doc), metric->sense,
                       (metric->flags & GYM_METRIC_MEASURED) != 0,
                       (metric->flags & GYM_METRIC_SEALED) != 0),
      err);
}

static int
describe_table (sqlite3 *db, const char *path, const char *table,
                const struct gym_study_row *row, char *const *columns, gym_error *err)
{
  uint32_t n_params = gym_space_size (row->space);
  int code = GYM_OK;
  for (uint32_t i = 0; code == GYM_OK && i < n_params; i++)
    code = describe_param (db, path, table, i, gym_space_param (row->space, i),
                           columns[i], err);
  for (uint32_t i = 0; code == GYM_OK && i < row->metrics->n; i++)
    code =
        describe_metric (db, path, table, n_params + i,
                         gym_schema_metric (row->metrics, i), columns[n_params + i], err);
  return code;
}

/* ---- finding or making ---- */

/* The first value of a query as a copy; *text stays NULL when there is no row. */
static int
look_up (sqlite3 *db, const char *path, char *sql, char **text, gym_error *err)
{
  sqlite3_stmt *statement = gym_store_prepare_free (db, path, sql, err);
  if (!statement)
    return gym_store_code (db);
  int code = gym_store_step (statement, path, err);
  if (code == 1) {
    *text = gym_store_copy (gym_store_column (statement, 0));
    code = *text ? GYM_OK : gym_fail (err, GYM_ENOMEM, "out of memory");
  }
  sqlite3_finalize (statement);
  return code;
}

static void
plain_name (const char *env, unsigned k, char *name, size_t size)
{
  int n =
      k == 1 ? snprintf (name, size, "%s", env) : snprintf (name, size, "%s_%u", env, k);
  for (int i = 0; i < n; i++)
    if (!((name[i] >= 'a' && name[i] <= 'z') || (name[i] >= 'A' && name[i] <= 'Z')
          || (name[i] >= '0' && name[i] <= '9')))
      name[i] = '_';
}

/* "dram-v1" becomes dram_v1; taken: dram_v1_2, ... */
static int
table_name (sqlite3 *db, const char *path, const char *env, char **out, gym_error *err)
{
  size_t size = strlen (env) + 16;
  char *name = malloc (size), *taken = NULL;
  int code = name ? GYM_OK : gym_fail (err, GYM_ENOMEM, "out of memory");
  for (unsigned k = 1; code == GYM_OK; k++) {
    plain_name (env, k, name, size);
    code = look_up (db, path,
                    sqlite3_mprintf ("SELECT name FROM sqlite_schema WHERE lower (name)"
                                     " IN (lower (%Q), lower ('%q_asked'),"
                                     " lower ('%q_trials'))",
                                     name, name, name),
                    &taken, err);
    if (code == GYM_OK && !taken)
      break;
    free (taken);
    taken = NULL;
  }
  if (code < 0)
    free (name);
  else
    *out = name;
  return code;
}

/* All inside the transaction that adds the study: a kill leaves a table with its view and
 * description, or nothing. */
static int
new_table (sqlite3 *db, const char *path, const struct gym_study_row *row,
           const char *text, char **name, gym_error *err)
{
  uint32_t n = gym_space_size (row->space) + row->metrics->n;
  if (n > MAX_COLUMNS)
    return gym_fail (err, GYM_EINVAL,
                     "env %s has %u parameters and metrics: a store can keep %d",
                     row->env, n, MAX_COLUMNS);
  char **columns = gym_schema_columns (row, err);
  int code = columns ? table_name (db, path, row->env, name, err) : GYM_ENOMEM;
  if (code == GYM_OK)
    code = make_tables (db, path, *name, row, columns, err);
  if (code == GYM_OK)
    code = describe_table (db, path, *name, row, columns, err);
  if (code == GYM_OK)
    code = gym_store_exec_free (
        db, path,
        sqlite3_mprintf ("INSERT INTO tables VALUES (%Q, %Q, %Q)", *name, row->env, text),
        err);
  gym_schema_columns_free (columns, n);
  return code;
}

int
gym_schema_table (sqlite3 *db, const char *path, const struct gym_study_row *row,
                  char **name, gym_error *err)
{
  char *text = signature (row);
  *name = NULL;
  if (!text)
    return gym_fail (err, GYM_EINVAL, "env %s: its names and levels are no valid text",
                     row->env);
  int code = look_up (db, path,
                      sqlite3_mprintf ("SELECT table_name FROM tables WHERE env = %Q AND"
                                       " signature = %Q",
                                       row->env, text),
                      name, err);
  if (code == GYM_OK && !*name)
    code = new_table (db, path, row, text, name, err);
  free (text);
  if (code < 0) {
    free (*name);
    *name = NULL;
  }
  return code;
}
