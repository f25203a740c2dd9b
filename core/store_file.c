/* core/store_file.c - paths, errors and small helpers over SQLite.
 *
 * Codes: GYM_EINVAL for a file that is no store, GYM_EIO for one that cannot be used now,
 * GYM_EBUSY for one that somebody else uses. */
#include <config.h>

#include "core/store_file.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

char *
gym_store_copy (const char *text)
{
  size_t n = strlen (text) + 1;
  char *copy = malloc (n);
  if (copy)
    memcpy (copy, text, n);
  return copy;
}

/* Every message has the form: store "FILE": what is wrong: what to do about it.
 *
 * Length of the well-formed character at `s` (RFC 3629), or 0. */
static size_t
utf8_length (const unsigned char *s)
{
  size_t n = s[0] < 0x80   ? 1
             : s[0] < 0xC2 ? 0
             : s[0] < 0xE0 ? 2
             : s[0] < 0xF0 ? 3
             : s[0] < 0xF5 ? 4
                           : 0;
  for (size_t i = 1; i < n; i++)
    if ((s[i] & 0xC0) != 0x80)
      return 0;
  bool overlong = (s[0] == 0xE0 && s[1] < 0xA0) || (s[0] == 0xF0 && s[1] < 0x90);
  bool beyond = (s[0] == 0xED && s[1] > 0x9F) || (s[0] == 0xF4 && s[1] > 0x8F);
  return overlong || beyond ? 0 : n;
}

void
gym_store_utf8 (const char *text, char *out, size_t size)
{
  size_t used = 0;
  while (*text && used + 1 < size) {
    size_t n = utf8_length ((const unsigned char *)text);
    if (used + (n ? n : 1) >= size)
      break;
    if (n)
      memcpy (out + used, text, n);
    else
      out[used] = '?';
    used += n ? n : 1;
    text += n ? n : 1;
  }
  out[used] = 0;
}

/* A file that does not exist yet: its folder must, and the name is kept. */
static char *
path_of_new (const char *path, gym_error *err)
{
  const char *slash = strrchr (path, '/'), *base = slash ? slash + 1 : path;
  char *folder = slash ? gym_store_copy (path) : gym_store_copy (".");
  if (!folder)
    return gym_fail (err, GYM_ENOMEM, "out of memory"), NULL;
  if (slash)
    folder[slash == path ? 1 : slash - path] = 0;
  char *real = realpath (folder, NULL);
  free (folder);
  if (!real)
    return gym_store_fail_errno (errno, path, "its folder", err), NULL;
  size_t size = strlen (real) + strlen (base) + 2;
  char *text = malloc (size);
  if (text)
    snprintf (text, size, "%s/%s", strcmp (real, "/") == 0 ? "" : real, base);
  else
    gym_fail (err, GYM_ENOMEM, "out of memory");
  free (real);
  return text;
}

char *
gym_store_path (const char *path, gym_error *err)
{
  size_t n = path ? strlen (path) : 0;
  if (n == 0 || path[n - 1] == '/')
    return gym_fail (err, GYM_EINVAL, "store \"%s\": a file name is needed",
                     path ? path : ""),
           NULL;
  char *real = realpath (path, NULL);
  if (real)
    return real;
  if (errno != ENOENT)
    return gym_store_fail_errno (errno, path, "it", err), NULL;
  return path_of_new (path, err);
}

static int
fail_full (const char *path, gym_error *err)
{
  return gym_fail (
      err, GYM_EIO,
      "store \"%s\": no space left to write; the trials committed before are "
      "intact: free some space (disk, quota or file size limit) and run the "
      "same command again",
      path);
}

static int
fail_read_only (const char *path, gym_error *err)
{
  return gym_fail (err, GYM_EIO,
                   "store \"%s\": read-only: make the file and its folder writable, or "
                   "name another store",
                   path);
}

int
gym_store_fail_errno (int number, const char *path, const char *file, gym_error *err)
{
  switch (number) {
  case ENOSPC:
  case EDQUOT:
  case EFBIG:
    return fail_full (path, err);
  case EACCES:
  case EPERM:
  case EROFS:
    return fail_read_only (path, err);
  case ENOMEM:
    return gym_fail (err, GYM_ENOMEM, "store \"%s\": out of memory", path);
  case ENOENT:
    return gym_fail (err, GYM_ENOTFOUND, "store \"%s\": %s does not exist", path, file);
  default:
    return gym_fail (err, GYM_EIO, "store \"%s\": %s cannot be used: %s", path, file,
                     strerror (number));
  }
}

static int
fail_corrupt (sqlite3 *db, const char *path, gym_error *err)
{
  return gym_fail (err, GYM_EIO,
                   "store \"%s\": the file is damaged (%s): go back to a copy of it, or "
                   "save what can be read with: sqlite3 FILE .recover",
                   path, sqlite3_errmsg (db));
}

/* What the operating system said of the file or its log. The errno that SQLite keeps for
 * the whole connection may be of a later call, so the files are asked first. */
static int
system_reason (sqlite3 *db)
{
  sqlite3_file *log = NULL;
  int number = 0;
  sqlite3_file_control (db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
  if (log && log->pMethods)
    log->pMethods->xFileControl (log, SQLITE_FCNTL_LAST_ERRNO, &number);
  if (number == 0)
    sqlite3_file_control (db, "main", SQLITE_FCNTL_LAST_ERRNO, &number);
  return number ? number : sqlite3_system_errno (db);
}

/* Failures of the operating system below SQLite. */
static int
fail_io (sqlite3 *db, const char *path, gym_error *err)
{
  /* Shared memory of the log that could not be made longer. */
  if (sqlite3_extended_errcode (db) == SQLITE_IOERR_SHMSIZE)
    return fail_full (path, err);
  int number = system_reason (db);
  if (number == ENOENT || number == 0)
    return gym_fail (err, GYM_EIO, "store \"%s\": reading or writing failed: %s", path,
                     sqlite3_errmsg (db));
  return gym_store_fail_errno (number, path, "the file", err);
}

int
gym_store_fail (sqlite3 *db, const char *path, gym_error *err)
{
  switch (sqlite3_errcode (db) & 0xff) {
  case SQLITE_FULL:
    return fail_full (path, err);
  case SQLITE_READONLY:
    return fail_read_only (path, err);
  case SQLITE_NOMEM:
    return gym_fail (err, GYM_ENOMEM, "store \"%s\": out of memory", path);
  case SQLITE_CORRUPT:
    return fail_corrupt (db, path, err);
  case SQLITE_NOTADB:
    return gym_fail (err, GYM_EINVAL,
                     "store \"%s\": not a store: the file is no SQLite database: name "
                     "another file",
                     path);
  case SQLITE_BUSY:
  case SQLITE_LOCKED:
    return gym_fail (err, GYM_EBUSY,
                     "store \"%s\": locked by another program: let it finish and try "
                     "again",
                     path);
  case SQLITE_IOERR:
  case SQLITE_CANTOPEN:
    return fail_io (db, path, err);
  default:
    return gym_fail (err, GYM_EIO, "store \"%s\": %s", path, sqlite3_errmsg (db));
  }
}

/* A statement can also be missing because its text could not be built, without SQLite
 * noticing anything: that is memory. */
int
gym_store_code (sqlite3 *db)
{
  gym_error found = { .code = GYM_ENOMEM };
  if (sqlite3_errcode (db) != SQLITE_OK)
    gym_store_fail (db, "", &found);
  return found.code;
}

int64_t
gym_store_now (void)
{
  struct timespec now;
  clock_gettime (CLOCK_REALTIME_COARSE, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int
gym_store_exec (sqlite3 *db, const char *path, const char *sql, gym_error *err)
{
  if (sqlite3_exec (db, sql, NULL, NULL, NULL) != SQLITE_OK)
    return gym_store_fail (db, path, err);
  return GYM_OK;
}

int
gym_store_exec_free (sqlite3 *db, const char *path, char *sql, gym_error *err)
{
  if (!sql)
    return gym_fail (err, GYM_ENOMEM, "store \"%s\": out of memory", path);
  int code = gym_store_exec (db, path, sql, err);
  sqlite3_free (sql);
  return code;
}

/* Errors of SQLite are read before anything else is done with the connection, which
 * would overwrite them. PERSISTENT keeps statements out of the small shared pool. */
sqlite3_stmt *
gym_store_prepare (sqlite3 *db, const char *path, const char *sql, gym_error *err)
{
  sqlite3_stmt *statement = NULL;
  if (sqlite3_prepare_v3 (db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL)
      != SQLITE_OK)
    gym_store_fail (db, path, err);
  return statement;
}

sqlite3_stmt *
gym_store_prepare_free (sqlite3 *db, const char *path, char *sql, gym_error *err)
{
  if (!sql)
    return gym_fail (err, GYM_ENOMEM, "store \"%s\": out of memory", path), NULL;
  sqlite3_stmt *statement = gym_store_prepare (db, path, sql, err);
  sqlite3_free (sql);
  return statement;
}

int
gym_store_step (sqlite3_stmt *statement, const char *path, gym_error *err)
{
  switch (sqlite3_step (statement)) {
  case SQLITE_ROW:
    return 1;
  case SQLITE_DONE:
    return 0;
  default:
    return gym_store_fail (sqlite3_db_handle (statement), path, err);
  }
}

const char *
gym_store_column (sqlite3_stmt *row, int at)
{
  const char *text = (const char *)sqlite3_column_text (row, at);
  return text ? text : "";
}

static int
read_number (sqlite3 *db, const char *path, const char *sql, int64_t *value,
             gym_error *err)
{
  sqlite3_stmt *statement = gym_store_prepare (db, path, sql, err);
  if (!statement)
    return gym_store_code (db);
  int code = gym_store_step (statement, path, err);
  if (code == 1)
    *value = sqlite3_column_int64 (statement, 0);
  sqlite3_finalize (statement);
  return code < 0 ? code : GYM_OK;
}

int
gym_store_identify (sqlite3 *db, const char *path, gym_error *err)
{
  int64_t tables = 0, application = 0, version = 0;
  int code = read_number (db, path, "SELECT count(*) FROM sqlite_schema", &tables, err);
  if (code == GYM_OK)
    code = read_number (db, path, "PRAGMA application_id", &application, err);
  if (code == GYM_OK)
    code = read_number (db, path, "PRAGMA user_version", &version, err);
  if (code != GYM_OK)
    return code;
  /* A store in the making that was killed is still empty: schema and numbers are one
   * transaction. */
  if (tables == 0 && application == 0 && version == 0)
    return 0;
  if (application != GYM_STORE_APPLICATION)
    return gym_fail (err, GYM_EINVAL,
                     "store \"%s\": a database of another program: name another file",
                     path);
  if (version < 1 || version > GYM_STORE_VERSION)
    return gym_fail (err, GYM_EINVAL,
                     "store \"%s\": written by a newer archgym (store version %lld, this "
                     "one knows up to %d): update archgym to use it",
                     path, (long long)version, GYM_STORE_VERSION);
  return 1;
}
