/* core/store.c - opening, committing and closing a store, and adding trials to it.
 *
 * The order at opening matters: lock, look, change. Nothing is written to a file before
 * the lock is held and the file is known to be a store or empty. */
#include <config.h>

#include "core/clock.h"
#include "core/store_seal.h"
#include "core/store_writer.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Pages of 8 KiB waste less on rows of 100 to 2,000 bytes than the usual 4 KiB. The log
 * is folded into the file every 1,000 pages (8 MiB), the default number. */
#define SETTINGS                                                                         \
  "PRAGMA page_size = 8192; PRAGMA secure_delete = OFF; PRAGMA temp_store = MEMORY;"     \
  "PRAGMA foreign_keys = OFF; PRAGMA mmap_size = 0;"

enum { GROUP = 1000, GROUP_NS = 50000000, BUSY_MS = 2000 };

/* ---- opening ---- */

/* 1: the file is there, 0: it is not, < 0: it cannot be written. */
static int
look_at_file (const char *path, gym_error *err)
{
  struct stat info;
  if (stat (path, &info) != 0)
    return errno == ENOENT ? 0 : gym_store_fail_errno (errno, path, "it", err);
  if (!S_ISREG (info.st_mode))
    return gym_fail (err, GYM_EINVAL, "store \"%s\": not a file: name another", path);
  if (access (path, R_OK | W_OK) != 0)
    return gym_store_fail_errno (errno, path, "it", err);
  return 1;
}

static int
set_wal (gym_writer *writer, gym_error *err)
{
  sqlite3_stmt *mode =
      gym_store_prepare (writer->db, writer->path, "PRAGMA journal_mode = WAL", err);
  if (!mode)
    return gym_store_code (writer->db);
  int code = gym_store_step (mode, writer->path, err);
  const char *name = code == 1 ? (const char *)sqlite3_column_text (mode, 0) : NULL;
  bool set = name && sqlite3_stricmp (name, "wal") == 0;
  sqlite3_finalize (mode);
  if (code < 0 || set)
    return code < 0 ? code : GYM_OK;
  return gym_fail (err, GYM_EIO,
                   "store \"%s\": this file system has no shared memory for files (a "
                   "network drive?): keep the store on a local disk",
                   writer->path);
}

/* A kill in the middle leaves an empty database, which is completed next time. */
static int
make_schema (gym_writer *writer, gym_error *err)
{
  int code = gym_store_exec (writer->db, writer->path, "BEGIN IMMEDIATE", err);
  if (code == GYM_OK)
    code = gym_schema_create (writer->db, writer->path, err);
  if (code == GYM_OK)
    code = gym_store_exec (writer->db, writer->path, "COMMIT", err);
  return code;
}

static int
prepare_all (gym_writer *writer, gym_error *err)
{
  sqlite3 *db = writer->db;
  const char *path = writer->path;
  writer->begin = gym_store_prepare (db, path, "BEGIN IMMEDIATE", err);
  writer->commit = gym_store_prepare (db, path, "COMMIT", err);
  writer->trial = gym_store_prepare (
      db, path, "INSERT INTO trials VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)", err);
  writer->count = gym_store_prepare (
      db, path, "UPDATE runs SET trials = ?, updated = ? WHERE id = ?", err);
  bool all = writer->begin && writer->commit && writer->trial && writer->count;
  return all ? GYM_OK : gym_store_code (db);
}

static int
open_database (gym_writer *writer, enum gym_durability durability, gym_error *err)
{
  int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  if (sqlite3_open_v2 (writer->path, &writer->db, flags, NULL) != SQLITE_OK) {
    if (!writer->db)
      return gym_fail (err, GYM_ENOMEM, "store \"%s\": out of memory", writer->path);
    return gym_store_fail (writer->db, writer->path, err);
  }
  sqlite3_busy_timeout (writer->db, BUSY_MS);
  int code = gym_store_exec (writer->db, writer->path, SETTINGS, err);
  if (code < 0)
    return code;
  int known = gym_store_identify (writer->db, writer->path, err);
  if (known < 0)
    return known;
  code = set_wal (writer, err);
  if (code == GYM_OK)
    code =
        gym_store_exec (writer->db, writer->path,
                        durability == GYM_DURABLE_POWER ? "PRAGMA synchronous = FULL"
                                                        : "PRAGMA synchronous = NORMAL",
                        err);
  if (code == GYM_OK && known == 0)
    code = make_schema (writer, err);
  return code;
}

static void
writer_free (gym_writer *writer)
{
  for (size_t i = 0; i < writer->n_studies; i++) {
    struct writer_study *study = &writer->studies[i];
    sqlite3_finalize (study->values);
    sqlite3_finalize (study->asked);
    free (study->table);
    free (study->fingerprint);
    free (study->real);
    free (study->sealed);
  }
  sqlite3_finalize (writer->begin);
  sqlite3_finalize (writer->commit);
  sqlite3_finalize (writer->trial);
  sqlite3_finalize (writer->count);
  sqlite3_close (writer->db);
  gym_lock_release (&writer->lock);
  free (writer->studies);
  free (writer->runs);
  free (writer->attempts);
  free (writer->path);
  free (writer);
}

static void
remove_files (const char *path)
{
  static const char *const ends[] = { "", "-wal", "-shm" };
  size_t size = strlen (path) + 8;
  char *name = malloc (size);
  for (int i = 0; name && i < 3; i++) {
    snprintf (name, size, "%s%s", path, ends[i]);
    unlink (name);
  }
  free (name);
}

/* What failed before a store was there leaves nothing behind. */
static void
abandon (gym_writer *writer, bool fresh)
{
  if (fresh) {
    sqlite3_close (writer->db);
    writer->db = NULL;
    remove_files (writer->path);
  }
  writer_free (writer);
}

gym_writer *
gym_writer_open (const char *path, enum gym_durability durability, gym_error *err)
{
  gym_writer *writer = calloc (1, sizeof *writer);
  if (!writer)
    return gym_fail (err, GYM_ENOMEM, "out of memory"), NULL;
  writer->owner = getpid ();
  writer->path = gym_store_path (path, err);
  if (!writer->path || look_at_file (writer->path, err) < 0
      || !(writer->lock = gym_lock_take (writer->path, err))) {
    writer_free (writer);
    return NULL;
  }
  /* Looked at again: the file may have come or gone while we waited for the lock. */
  int there = look_at_file (writer->path, err);
  if (there < 0 || open_database (writer, durability, err) < 0) {
    abandon (writer, there == 0);
    return NULL;
  }
  if (prepare_all (writer, err) < 0 || gym_writer_count_attempts (writer, err) < 0) {
    writer_free (writer);
    return NULL;
  }
  if (gym_seal_lives (writer, err) < 0) {
    writer_free (writer);
    return NULL;
  }
  gym_lock_begin (writer->lock);
  writer->committed = gym_clock_coarse ();
  return writer;
}

/* ---- transactions ---- */

static int
step_once (gym_writer *writer, sqlite3_stmt *statement, gym_error *err)
{
  int code = gym_store_step (statement, writer->path, err);
  sqlite3_reset (statement);
  return code < 0 ? code : GYM_OK;
}

int
gym_writer_broken (gym_writer *writer, int code, gym_error *err)
{
  if (!sqlite3_get_autocommit (writer->db))
    sqlite3_exec (writer->db, "ROLLBACK", NULL, NULL, NULL);
  writer->begun = false;
  writer->pending = 0;
  writer->failure.code = code;
  if (err)
    writer->failure = *err;
  else
    snprintf (writer->failure.text, sizeof writer->failure.text,
              "store \"%s\": writing failed before", writer->path);
  return code;
}

int
gym_writer_begin (gym_writer *writer, gym_error *err)
{
  if (writer->failure.code)
    return gym_fail (err, writer->failure.code, "%s", writer->failure.text);
  if (writer->begun)
    return GYM_OK;
  int code = step_once (writer, writer->begin, err);
  if (code < 0)
    return gym_writer_broken (writer, code, err);
  writer->begun = true;
  return GYM_OK;
}

/* The number of trials of a run is kept with the trials themselves, so that listing
 * runs never has to count them. */
static int
write_counts (gym_writer *writer, gym_error *err)
{
  int code = GYM_OK;
  for (size_t i = 0; code == GYM_OK && i < writer->n_runs; i++) {
    struct writer_run *run = &writer->runs[i];
    if (!run->dirty)
      continue;
    sqlite3_bind_int64 (writer->count, 1, run->trials);
    sqlite3_bind_int64 (writer->count, 2, gym_store_now ());
    sqlite3_bind_int64 (writer->count, 3, run->id);
    code = step_once (writer, writer->count, err);
    run->dirty = false;
  }
  return code;
}

int
gym_writer_commit (gym_writer *writer, gym_error *err)
{
  if (writer->failure.code)
    return gym_fail (err, writer->failure.code, "%s", writer->failure.text);
  if (!writer->begun)
    return GYM_OK;
  int code = write_counts (writer, err);
  if (code == GYM_OK)
    code = step_once (writer, writer->commit, err);
  if (code < 0)
    return gym_writer_broken (writer, code, err);
  writer->begun = false;
  writer->pending = 0;
  writer->committed = gym_clock_coarse ();
  return GYM_OK;
}

static int
commit_when_due (gym_writer *writer, gym_error *err)
{
  if (++writer->pending < GROUP && gym_clock_coarse () - writer->committed < GROUP_NS)
    return GYM_OK;
  return gym_writer_commit (writer, err);
}

int
gym_writer_commit_due (gym_writer *writer, gym_error *err)
{
  return writer->pending > 0 && gym_clock_coarse () - writer->committed >= GROUP_NS
             ? gym_writer_commit (writer, err)
             : GYM_OK;
}

unsigned
gym_writer_pending (const gym_writer *writer)
{
  return writer->pending;
}

int
gym_writer_close (gym_writer **handle, gym_error *err)
{
  gym_writer *writer = handle ? *handle : NULL;
  if (!writer)
    return GYM_OK;
  *handle = NULL;
  if (writer->owner != getpid ())
    return GYM_OK; /* a forked child: the parent's locks and log are not ours to end */
  int code = gym_writer_commit (writer, err);
  /* A reader in the middle of the log keeps it from being folded; nothing is lost. */
  sqlite3_busy_timeout (writer->db, 0);
  int folded = sqlite3_wal_checkpoint_v2 (writer->db, NULL, SQLITE_CHECKPOINT_TRUNCATE,
                                          NULL, NULL);
  if (code == GYM_OK && folded != SQLITE_OK && (folded & 0xff) != SQLITE_BUSY)
    code = gym_store_fail (writer->db, writer->path, err);
  writer_free (writer);
  return code;
}

/* ---- trials ---- */

/* Trials of one run come in a row: where the last one was found is looked at first. */
static struct writer_run *
find_run (gym_writer *writer, int64_t id)
{
  if (writer->last < writer->n_runs && writer->runs[writer->last].id == id)
    return &writer->runs[writer->last];
  for (size_t i = 0; i < writer->n_runs; i++)
    if (writer->runs[i].id == id) {
      writer->last = i;
      return &writer->runs[i];
    }
  return NULL;
}

static void
bind_real (sqlite3_stmt *statement, int at, double value)
{
  if (isnan (value))
    sqlite3_bind_null (statement, at);
  else
    sqlite3_bind_double (statement, at, value);
}

/* Levels and integers are stored as integers, in one to three bytes instead of eight. */
static void
bind_design (sqlite3_stmt *statement, const struct writer_study *study,
             const double *design)
{
  for (uint32_t i = 0; i < study->n_params; i++) {
    int at = (int)i + 2;
    if (study->real[i] || !(fabs (design[i]) < 0x1p63))
      bind_real (statement, at, design[i]);
    else
      sqlite3_bind_int64 (statement, at, (sqlite3_int64)design[i]);
  }
}

/* Sealed metrics are for the final report alone; a store that held them would tell. */
static int
write_values (gym_writer *writer, const struct writer_study *study, int64_t id,
              const struct gym_logged *trial, gym_error *err)
{
  sqlite3_stmt *values = study->values;
  bool measured = trial->status == GYM_TRIAL_OK && trial->metrics;
  sqlite3_bind_int64 (values, 1, id);
  bind_design (values, study, trial->design);
  for (uint32_t i = 0; i < study->n_metrics; i++)
    bind_real (values, (int)(study->n_params + i) + 2,
               measured && !study->sealed[i] ? trial->metrics[i] : NAN);
  return step_once (writer, values, err);
}

static bool
same_design (const double *a, const double *b, uint32_t n)
{
  for (uint32_t i = 0; i < n; i++)
    if (a[i] != b[i] && !(isnan (a[i]) && isnan (b[i])))
      return false;
  return true;
}

static int
write_asked (gym_writer *writer, const struct writer_study *study, int64_t id,
             const struct gym_logged *trial, gym_error *err)
{
  if (!trial->asked || same_design (trial->asked, trial->design, study->n_params))
    return GYM_OK;
  sqlite3_bind_int64 (study->asked, 1, id);
  bind_design (study->asked, study, trial->asked);
  return step_once (writer, study->asked, err);
}

static void
bind_note (sqlite3_stmt *statement, int at, const char *note)
{
  char text[GYM_NOTE];
  sqlite3_bind_null (statement, at);
  if (!note || !note[0])
    return;
  gym_store_utf8 (note, text, sizeof text);
  sqlite3_bind_text (statement, at, text, -1, SQLITE_TRANSIENT);
}

static int
write_trial (gym_writer *writer, const struct writer_study *study, int64_t id,
             const struct gym_logged *trial, gym_error *err)
{
  sqlite3_stmt *row = writer->trial;
  bool ok = trial->status == GYM_TRIAL_OK;
  sqlite3_bind_int64 (row, 1, id);
  sqlite3_bind_int64 (row, 2, trial->run);
  sqlite3_bind_int64 (row, 3, (sqlite3_int64)trial->number);
  sqlite3_bind_int64 (row, 4, trial->status);
  sqlite3_bind_int64 (row, 5, trial->fidelity);
  sqlite3_bind_int64 (row, 6, study->life);
  sqlite3_bind_int64 (row, 7, trial->attempts);
  sqlite3_bind_int64 (row, 8, trial->cached);
  if (trial->origin < 0)
    sqlite3_bind_null (row, 9);
  else
    sqlite3_bind_int64 (row, 9, trial->origin);
  sqlite3_bind_int64 (row, 10, (sqlite3_int64)trial->seed);
  sqlite3_bind_int64 (row, 11, gym_store_now ());
  bind_real (row, 12, ok ? trial->goal : NAN);
  bind_real (row, 13, ok ? trial->violation : NAN);
  bind_note (row, 14, trial->note);
  return step_once (writer, row, err);
}

/* A life is a process that added trials to a study: it says on which machine and with
 * which fingerprint each was evaluated. */
static int
begin_life (gym_writer *writer, struct writer_study *study, gym_error *err)
{
  char host[256] = "";
  gethostname (host, sizeof host - 1);
  int code = gym_store_exec_free (
      writer->db, writer->path,
      sqlite3_mprintf ("INSERT INTO lives (study, version, fingerprint, host, pid, begun)"
                       " VALUES (%lld, %Q, %Q, %Q, %d, %lld)",
                       study->id, gym_version (), study->fingerprint, host,
                       (int)getpid (), gym_store_now ()),
      err);
  study->life = sqlite3_last_insert_rowid (writer->db);
  return code;
}

static int
check_trial (const struct writer_run *run, const struct gym_logged *trial, gym_error *err)
{
  if (!run)
    return gym_fail (err, GYM_EINVAL, "run %lld is not open in this store",
                     (long long)trial->run);
  if (trial->number >> GYM_STORE_NUMBER_BITS)
    return gym_fail (err, GYM_EINVAL, "a store keeps at most 2^%d trials of a run",
                     GYM_STORE_NUMBER_BITS);
  if (trial->origin >= 0 && (uint64_t)trial->origin >= trial->number)
    return gym_fail (err, GYM_EINVAL, "trial %llu cannot repeat trial %lld",
                     (unsigned long long)trial->number, (long long)trial->origin);
  return GYM_OK;
}

/* Everything of one trial goes into one transaction, so that it is there whole or not
 * at all. The unique id makes a second row for the same trial an error. */
int
gym_writer_trial (gym_writer *writer, const struct gym_logged *trial, gym_error *err)
{
  struct writer_run *run = find_run (writer, trial->run);
  int code = check_trial (run, trial, err);
  if (code == GYM_OK)
    code = gym_writer_begin (writer, err);
  if (code < 0)
    return code;
  struct writer_study *study = &writer->studies[run->study];
  int64_t id = trial->run << GYM_STORE_NUMBER_BITS | (int64_t)trial->number;
  if (study->life == 0)
    code = begin_life (writer, study, err);
  if (code == GYM_OK)
    code = write_trial (writer, study, id, trial, err);
  if (code == GYM_OK && trial->origin < 0)
    code = write_values (writer, study, id, trial, err);
  if (code == GYM_OK)
    code = write_asked (writer, study, id, trial, err);
  if (code < 0)
    return gym_writer_broken (writer, code, err);
  run->trials++;
  run->dirty = true;
  return commit_when_due (writer, err);
}

/* ---- marks ---- */

void
gym_writer_mark (gym_writer *writer, int64_t run, uint64_t first, uint64_t n)
{
  const struct gym_mark mark = { .run = run, .first = first, .n = n };
  gym_lock_mark (writer->lock, &mark);
}
