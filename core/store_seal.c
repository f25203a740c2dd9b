/* core/store_seal.c - reads of sealed metrics, as a store keeps them.
 *
 * Every trial names the life that added it, and lives are numbered in order, one for each
 * time that a process opened the store and added to a study. A read takes the store's
 * lock, so that no life lasts across it: the trials it could have influenced are exactly
 * those of later lives. */
#include <config.h>

#include "core/store_seal.h"

#include <gym/final.h>
#include <unistd.h>

static const char tables[] =
    "CREATE TABLE IF NOT EXISTS unsealed (id INTEGER PRIMARY KEY,"
    " env_identity TEXT NOT NULL, study INTEGER NOT NULL, how TEXT NOT NULL,"
    " lives INTEGER, version TEXT NOT NULL, host TEXT NOT NULL, time INTEGER NOT NULL);\n"
    "CREATE TABLE IF NOT EXISTS finals (report INTEGER NOT NULL"
    " REFERENCES unsealed (id), study INTEGER NOT NULL REFERENCES studies (id),"
    " run INTEGER NOT NULL REFERENCES runs (id), place INTEGER NOT NULL,"
    " trial INTEGER NOT NULL REFERENCES trials (id), time INTEGER NOT NULL,"
    " status INTEGER NOT NULL, tainted INTEGER NOT NULL, design TEXT NOT NULL,"
    " metrics TEXT NOT NULL, note TEXT, PRIMARY KEY (report, run, place)) WITHOUT ROWID";

/* The lives of a run's trials rise with their numbers: the last one tells for all. */
#define TAINTED                                                                          \
  "EXISTS (SELECT 1 FROM unsealed u JOIN studies us ON us.env_identity ="                \
  " u.env_identity WHERE us.id = r.study AND u.lives < (SELECT tt.life FROM trials tt"   \
  " WHERE tt.id BETWEEN (r.id << 32) AND (r.id << 32 | 4294967295) ORDER BY tt.id DESC"  \
  " LIMIT 1))"

_Static_assert(GYM_STORE_NUMBER_BITS == 32, "the ranges of ids above");

/* The first value of a query; `none` where it has no row or is NULL. */
static int64_t
number_of (sqlite3 *db, const char *path, char *sql, int64_t none, gym_error *err)
{
  sqlite3_stmt *query = gym_store_prepare_free (db, path, sql, err);
  if (!query)
    return gym_store_code (db);
  int code = gym_store_step (query, path, err);
  int64_t value = code < 0 ? code
                  : code == 1 && sqlite3_column_type (query, 0) != SQLITE_NULL
                      ? sqlite3_column_int64 (query, 0)
                      : none;
  sqlite3_finalize (query);
  return value;
}

static bool
has_reads (sqlite3 *db)
{
  return sqlite3_table_column_metadata (db, NULL, "unsealed", "lives", NULL, NULL, NULL,
                                        NULL, NULL)
         == SQLITE_OK;
}

const char *
gym_seal_tainted (sqlite3 *db)
{
  return has_reads (db) ? TAINTED : "0";
}

int
gym_seal_lives (gym_writer *writer, gym_error *err)
{
  writer->lives = number_of (writer->db, writer->path,
                             sqlite3_mprintf ("SELECT max (id) FROM lives"), 0, err);
  return writer->lives < 0 ? (int)writer->lives : GYM_OK;
}

const char *
gym_writer_path (const gym_writer *writer)
{
  return writer->path;
}

/* A life that this writer has begun counts as a later one: its process reads. */
int64_t
gym_writer_unseal (gym_writer *writer, const char *env_identity, int64_t study,
                   const char *how, bool sealed, gym_error *err)
{
  char host[256] = "";
  gethostname (host, sizeof host - 1);
  int code = gym_writer_begin (writer, err);
  if (code < 0)
    return code;
  code = gym_store_exec (writer->db, writer->path, tables, err);
  if (code == GYM_OK)
    code = gym_store_exec_free (
        writer->db, writer->path,
        sqlite3_mprintf ("INSERT INTO unsealed (env_identity, study, how, lives, version,"
                         " host, time) VALUES (%Q, %lld, %Q, nullif (%lld, -1), %Q, %Q,"
                         " %lld)",
                         env_identity, (long long)study, how,
                         (long long)(sealed ? writer->lives : -1), gym_version (), host,
                         (long long)gym_store_now ()),
        err);
  int64_t read = sqlite3_last_insert_rowid (writer->db);
  if (code < 0)
    return gym_writer_broken (writer, code, err);
  code = gym_writer_commit (writer, err);
  return code < 0 ? code : read;
}

int
gym_writer_unsealed (gym_writer *writer, const char *env_identity, gym_error *err)
{
  if (!has_reads (writer->db))
    return 0;
  return (int)number_of (writer->db, writer->path,
                         sqlite3_mprintf ("SELECT 1 FROM unsealed WHERE env_identity = %Q"
                                          " AND lives IS NOT NULL LIMIT 1",
                                          env_identity),
                         0, err);
}

int
gym_writer_tainted (gym_writer *writer, int64_t run, gym_error *err)
{
  return (int)number_of (writer->db, writer->path,
                         sqlite3_mprintf ("SELECT %s FROM runs r WHERE r.id = %lld",
                                          gym_seal_tainted (writer->db), (long long)run),
                         0, err);
}

int
gym_writer_final (gym_writer *writer, const struct gym_writer_final *f, gym_error *err)
{
  char note[512];
  int code = gym_writer_begin (writer, err);
  if (code < 0)
    return code;
  gym_store_utf8 (f->note ? f->note : "", note, sizeof note);
  code = gym_store_exec_free (
      writer->db, writer->path,
      sqlite3_mprintf ("INSERT INTO finals VALUES (%lld, %lld, %lld, %u, %lld, %lld, %u,"
                       " %d, %Q, %Q, nullif (%Q, ''))",
                       (long long)f->report, (long long)f->study, (long long)f->run,
                       f->place, (long long)f->trial, (long long)gym_store_now (),
                       f->status, (int)f->tainted, f->design, f->metrics, note),
      err);
  return code < 0 ? gym_writer_broken (writer, code, err) : GYM_OK;
}

/* Opened for reading first, as opening for writing would make a store that is not there.
 */
int
gym_store_unseal (const char *path, const gym_env *env, const char *how, gym_error *err)
{
  gym_error own = { 0 };
  err = err ? err : &own;
  gym_store *store = gym_store_open (path, err);
  if (!store)
    return err->code;
  gym_store_destroy (&store);
  gym_writer *writer = gym_writer_open (path, GYM_DURABLE_POWER, err);
  if (!writer)
    return err->code;
  int64_t read = gym_writer_unseal (writer, gym_env_identity (env), 0, how,
                                    gym_env_sealed (env) > 0, err);
  int closed = gym_writer_close (&writer, read < 0 ? NULL : err);
  return read < 0 ? (int)read : closed;
}
