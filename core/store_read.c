/* core/store_read.c - opening a store for reading; its studies, runs and trials. */
#include <config.h>

#include "core/memory.h"
#include "core/store_file.h"
#include "core/store_read.h"
#include "core/store_seal.h"

#include <sys/stat.h>
#include <unistd.h>

enum { BUSY_MS = 2000 };

/* ---- opening ---- */

/* A damaged or hostile file must cost an error and nothing else: sizes of cells are
 * checked, and its views may not call functions with side effects. */
#define GUARDS                                                                           \
  "PRAGMA query_only = ON; PRAGMA cell_size_check = ON; PRAGMA trusted_schema = OFF;"    \
  "PRAGMA mmap_size = 0; PRAGMA temp_store = MEMORY;"

static int
open_with (gym_store *store, const char *name, int flags, gym_error *err)
{
  sqlite3_close (store->db);
  store->db = NULL;
  if (sqlite3_open_v2 (name, &store->db, flags | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
    return store->db ? gym_store_fail (store->db, store->path, err)
                     : gym_fail (err, GYM_ENOMEM, "out of memory");
  sqlite3_busy_timeout (store->db, BUSY_MS);
  sqlite3_db_config (store->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
  int code = gym_store_exec (store->db, store->path, GUARDS, err);
  if (code == GYM_OK)
    code = gym_store_identify (store->db, store->path, err);
  if (code == 0)
    return gym_fail (err, GYM_EINVAL,
                     "store \"%s\": an empty file, not a store: run a study into it "
                     "first",
                     store->path);
  return code < 0 ? code : GYM_OK;
}

/* file:PATH?immutable=1: the file as it lies there, without locks or a log. */
static int
open_immutable (gym_store *store, gym_error *err)
{
  sqlite3_str *uri = sqlite3_str_new (NULL);
  sqlite3_str_appendall (uri, "file:");
  for (const char *c = store->path; *c; c++)
    if (*c == '%' || *c == '?' || *c == '#')
      sqlite3_str_appendf (uri, "%%%02X", (unsigned)*c);
    else
      sqlite3_str_appendchar (uri, 1, *c);
  sqlite3_str_appendall (uri, "?immutable=1");
  char *name = sqlite3_str_finish (uri);
  if (!name)
    return gym_fail (err, GYM_ENOMEM, "out of memory");
  int code = open_with (store, name, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, err);
  sqlite3_free (name);
  return code;
}

/* Whether a writer left, or is writing, a log. */
static bool
has_log (const char *path)
{
  struct stat info;
  char *name = sqlite3_mprintf ("%s-wal", path);
  bool found = name && stat (name, &info) == 0 && info.st_size > 0;
  sqlite3_free (name);
  return found;
}

/* Opened for reading alone, SQLite leaves -wal and -shm files behind that it made to
 * look for a log; opened for writing (with query_only) it clears them up. So that is
 * tried first, and less is asked for where file or folder do not allow it. */
static int
open_somehow (gym_store *store, gym_error *err)
{
  int code = open_with (store, store->path, SQLITE_OPEN_READWRITE, err);
  if (code != GYM_EIO)
    return code;
  int broken = sqlite3_errcode (store->db) & 0xff;
  if (broken == SQLITE_CORRUPT)
    return code;
  code = open_with (store, store->path, SQLITE_OPEN_READONLY, err);
  if (code != GYM_EIO)
    return code;
  if (!has_log (store->path))
    return open_immutable (store, err);
  return gym_fail (err, GYM_EIO,
                   "store \"%s\": its last trials are still in \"%s-wal\", which needs a "
                   "folder that can be written: copy both files into one",
                   store->path, store->path);
}

gym_store *
gym_store_open (const char *path, gym_error *err)
{
  struct stat info;
  gym_store *store = calloc (1, sizeof *store);
  if (!store)
    return gym_fail (err, GYM_ENOMEM, "out of memory"), NULL;
  store->path = gym_store_path (path, err);
  int code = store->path ? GYM_OK : GYM_EIO;
  if (code == GYM_OK && stat (store->path, &info) != 0)
    code = gym_fail (err, GYM_ENOTFOUND, "store \"%s\": no such file", path);
  else if (code == GYM_OK && !S_ISREG (info.st_mode))
    code = gym_fail (err, GYM_EINVAL, "store \"%s\": not a file", path);
  else if (code == GYM_OK && access (store->path, R_OK) != 0)
    code = gym_fail (err, GYM_EIO, "store \"%s\": you may not read this file", path);
  if (code == GYM_OK)
    code = open_somehow (store, err);
  if (code < 0)
    gym_store_destroy (&store);
  return store;
}

void
gym_store_destroy (gym_store **store)
{
  if (!store || !*store)
    return;
  sqlite3_close ((*store)->db);
  free ((*store)->path);
  free (*store);
  *store = NULL;
}

/* ---- studies and runs ---- */

struct listed {
  const char *name, *unit;
  enum cursor_kind kind;
};

/* A cursor over a query whose columns are as listed. */
static gym_cursor *
list (gym_store *store, char *sql, const struct listed *columns, size_t n, gym_error *err)
{
  sqlite3_stmt *query = gym_store_prepare_free (store->db, store->path, sql, err);
  gym_cursor *cursor = query ? calloc (1, sizeof *cursor) : NULL;
  if (!cursor) {
    if (query)
      gym_fail (err, GYM_ENOMEM, "out of memory");
    sqlite3_finalize (query);
    return NULL;
  }
  cursor->store = store;
  cursor->query = query;
  cursor->columns = calloc (n, sizeof *cursor->columns);
  bool good = cursor->columns;
  for (size_t i = 0; good && i < n; i++) {
    struct cursor_column *column = &cursor->columns[cursor->n_columns++];
    column->kind = columns[i].kind;
    column->at = (int)i;
    column->name = gym_store_copy (columns[i].name);
    column->unit = gym_store_copy (columns[i].unit ? columns[i].unit : "");
    good = column->name && column->unit;
  }
  if (!good) {
    gym_fail (err, GYM_ENOMEM, "out of memory");
    gym_cursor_destroy (&cursor);
  }
  return cursor;
}

#define WHEN(column)                                                                     \
  "strftime ('%%Y-%%m-%%dT%%H:%%M:%%SZ', " column " / 1000, 'unixepoch')"

/* A study is as far as the run that is least far; over, it is called finished unless all
 * of its runs ended in the same other way. */
gym_cursor *
gym_store_studies (gym_store *store, gym_error *err)
{
  static const struct listed columns[] = {
    { .name = "study", .kind = CURSOR_INTEGER },
    { .name = "env", .kind = CURSOR_TEXT },
    { .name = "objective", .kind = CURSOR_TEXT },
    { .name = "budget", .kind = CURSOR_REAL },
    { .name = "seeds", .kind = CURSOR_TEXT },
    { .name = "state", .kind = CURSOR_STATE },
    { .name = "runs", .kind = CURSOR_INTEGER },
    { .name = "trials", .kind = CURSOR_INTEGER },
    { .name = "version", .kind = CURSOR_TEXT },
    { .name = "fingerprint", .kind = CURSOR_TEXT },
    { .name = "host", .kind = CURSOR_TEXT },
    { .name = "begun", .kind = CURSOR_TEXT },
    { .name = "updated", .kind = CURSOR_TEXT },
    { .name = "env_identity", .kind = CURSOR_TEXT },
    { .name = "identity", .kind = CURSOR_TEXT },
    { .name = "tainted", .kind = CURSOR_INTEGER },
  };
  return list (
      store,
      sqlite3_mprintf (
          "SELECT s.id, s.env, s.objective, s.budget, s.seeds,"
          " CASE WHEN max (r.state) = %d OR count (r.id) = 0 THEN %d"
          " WHEN min (r.state) <= %d THEN %d WHEN min (r.state) = max (r.state)"
          " THEN min (r.state) ELSE %d END,"
          " count (r.id), total (r.trials), s.version, s.fingerprint, s.host,"
          " " WHEN ("s.begun") ", " WHEN (
              "coalesce (max (r.updated), s.begun)") ","
                                                     " s.env_identity, s.identity,"
                                                     " total (r.id IS NOT NULL AND %s)"
                                                     " FROM studies s LEFT JOIN runs r"
                                                     " ON r.study = s.id GROUP BY s.id "
                                                     "ORDER BY s.id",
          GYM_RUN_PENDING, GYM_RUN_PENDING, GYM_RUN_RUNNING, GYM_RUN_RUNNING,
          GYM_RUN_FINISHED, gym_seal_tainted (store->db)),
      columns, sizeof columns / sizeof columns[0], err);
}

gym_cursor *
gym_store_runs (gym_store *store, int64_t study, gym_error *err)
{
  static const struct listed columns[] = {
    { .name = "study", .kind = CURSOR_INTEGER },
    { .name = "run", .kind = CURSOR_INTEGER },
    { .name = "agent", .kind = CURSOR_TEXT },
    { .name = "agent_id", .kind = CURSOR_TEXT },
    { .name = "agent_index", .kind = CURSOR_INTEGER },
    { .name = "options", .kind = CURSOR_TEXT },
    { .name = "seed", .kind = CURSOR_UNSIGNED },
    { .name = "state", .kind = CURSOR_STATE },
    { .name = "spent", .kind = CURSOR_REAL },
    { .name = "trials", .kind = CURSOR_INTEGER },
    { .name = "begun", .kind = CURSOR_TEXT },
    { .name = "updated", .kind = CURSOR_TEXT },
    { .name = "tainted", .kind = CURSOR_INTEGER },
  };
  return list (store,
               sqlite3_mprintf ("SELECT study, id, label, agent_id, agent, options, seed,"
                                " state, spent, trials, " WHEN ("begun") ", " WHEN (
                                    "updated") ", %s FROM runs r WHERE %lld IN (0, study)"
                                               " ORDER BY study, id",
                                gym_seal_tainted (store->db), study),
               columns, sizeof columns / sizeof columns[0], err);
}

gym_cursor *
gym_store_trials (gym_store *store, int64_t study, int64_t run, gym_error *err)
{
  struct gym_layout *layout = gym_layout_load (store->db, store->path, study, err);
  gym_cursor *cursor =
      layout ? gym_cursor_trials (store, layout, CURSOR_TRIALS, err) : NULL;
  if (cursor && gym_cursor_add_runs (cursor, run, "r.id", err) < 0)
    gym_cursor_destroy (&cursor);
  return cursor;
}
