/* core/store_replay.c - what a writer reads back before it goes on.
 *
 * Through the writer's own connection, which therefore sees its open group too; each
 * read ends that group first, so that it shows what a kill would leave. */
#include <config.h>

#include "core/memory.h"
#include "core/store_writer.h"

#include <math.h>

typedef int (*each_trial) (void *context, const struct gym_logged *, gym_error *);

/* The columns of every query here: these twelve, then the row of the env's table (id,
 * parameters, metrics), then the row of its asked designs (id, parameters). */
#define TRIAL_COLUMNS                                                                    \
  "t.run, t.number, t.status, t.fidelity, t.attempts, t.cached, t.origin,"               \
  " t.evaluation_seed, t.goal, t.violation, t.note, t.id, d.*, a.*"
enum { FIRST_VALUE = 13 };

/* A repeat shares the numbers of the trial it repeats. */
#define TRIAL_TABLES                                                                     \
  "trials t LEFT JOIN \"%w\" d ON d.id = t.id - t.number + coalesce (t.origin,"          \
  " t.number) LEFT JOIN \"%w_asked\" a ON a.id = t.id"

static double
column_real (sqlite3_stmt *row, int at)
{
  return sqlite3_column_type (row, at) == SQLITE_NULL ? NAN
                                                      : sqlite3_column_double (row, at);
}

static void
read_reals (sqlite3_stmt *row, int first, uint32_t n, double *values)
{
  for (uint32_t i = 0; i < n; i++)
    values[i] = column_real (row, first + (int)i);
}

struct buffers {
  double *design, *metrics, *asked;
};

static void
read_trial (sqlite3_stmt *row, const struct writer_study *study, struct buffers *buffers,
            struct gym_logged *trial)
{
  int first = FIRST_VALUE;
  *trial = (struct gym_logged){
    .run = sqlite3_column_int64 (row, 0),
    .number = (uint64_t)sqlite3_column_int64 (row, 1),
    .status = (uint32_t)sqlite3_column_int64 (row, 2),
    .fidelity = (uint32_t)sqlite3_column_int64 (row, 3),
    .attempts = (uint32_t)sqlite3_column_int64 (row, 4),
    .cached = sqlite3_column_int (row, 5) != 0,
    .origin =
        sqlite3_column_type (row, 6) == SQLITE_NULL ? -1 : sqlite3_column_int64 (row, 6),
    .seed = (uint64_t)sqlite3_column_int64 (row, 7),
    .goal = column_real (row, 8),
    .violation = column_real (row, 9),
    .note = (const char *)sqlite3_column_text (row, 10),
    .design = buffers->design,
    .metrics = buffers->metrics,
  };
  read_reals (row, first, study->n_params, buffers->design);
  first += (int)study->n_params;
  read_reals (row, first, study->n_metrics, buffers->metrics);
  first += (int)study->n_metrics;
  if (sqlite3_column_type (row, first) != SQLITE_NULL) {
    read_reals (row, first + 1, study->n_params, buffers->asked);
    trial->asked = buffers->asked;
  }
}

/* A trial whose numbers are gone can only come from a damaged file. */
static int
check_row (sqlite3_stmt *row, const char *path, const struct gym_logged *trial,
           gym_error *err)
{
  if (sqlite3_column_type (row, FIRST_VALUE - 1) != SQLITE_NULL)
    return GYM_OK;
  return gym_fail (err, GYM_EIO,
                   "store \"%s\": the file is damaged: trial %llu of run %lld has lost "
                   "its design: go back to a copy of it",
                   path, (unsigned long long)trial->number, (long long)trial->run);
}

/* Takes over `query`. One statement is one snapshot. */
static int
read_each (gym_writer *writer, const struct writer_study *study, sqlite3_stmt *query,
           each_trial each, void *context, gym_error *err)
{
  size_t n = (size_t)study->n_params * 2 + study->n_metrics;
  double *numbers = malloc ((n + 1) * sizeof *numbers);
  struct buffers buffers = { .design = numbers,
                             .asked = numbers + study->n_params,
                             .metrics = numbers + 2 * (size_t)study->n_params };
  int code =
      numbers ? 1
              : gym_fail (err, GYM_ENOMEM, "store \"%s\": out of memory", writer->path);
  while (code == 1) {
    struct gym_logged trial;
    code = gym_store_step (query, writer->path, err);
    if (code != 1)
      break;
    read_trial (query, study, &buffers, &trial);
    code = check_row (query, writer->path, &trial, err);
    if (code == GYM_OK)
      code = each (context, &trial, err);
    if (code == GYM_OK)
      code = 1;
  }
  sqlite3_finalize (query);
  free (numbers);
  return code;
}

int
gym_writer_replay (gym_writer *writer, int64_t study, int64_t run,
                   int (*each) (void *context, const struct gym_logged *, gym_error *),
                   void *context, gym_error *err)
{
  const struct writer_study *open = gym_writer_find_study (writer, study);
  if (!open)
    return gym_fail (err, GYM_EINVAL, "study %lld is not open in this store",
                     (long long)study);
  int code = gym_writer_commit (writer, err);
  if (code < 0)
    return code;
  sqlite3_stmt *query = gym_store_prepare_free (
      writer->db, writer->path,
      sqlite3_mprintf ("SELECT " TRIAL_COLUMNS " FROM " TRIAL_TABLES
                       " WHERE t.id BETWEEN %lld AND %lld ORDER BY t.id",
                       open->table, open->table, run << GYM_STORE_NUMBER_BITS,
                       (run << GYM_STORE_NUMBER_BITS) + UINT32_MAX),
      err);
  return query ? read_each (writer, open, query, each, context, err)
               : gym_store_code (writer->db);
}

int
gym_writer_known (gym_writer *writer, int64_t study,
                  int (*each) (void *context, const struct gym_logged *, gym_error *),
                  void *context, gym_error *err)
{
  const struct writer_study *open = gym_writer_find_study (writer, study);
  if (!open)
    return gym_fail (err, GYM_EINVAL, "study %lld is not open in this store",
                     (long long)study);
  int code = gym_writer_commit (writer, err);
  if (code < 0)
    return code;
  /* What was taken from a cache lies in the store a second time under its own run. */
  sqlite3_stmt *query = gym_store_prepare_free (
      writer->db, writer->path,
      sqlite3_mprintf (
          "SELECT " TRIAL_COLUMNS
          " FROM studies me CROSS JOIN studies s ON s.env_identity"
          " = me.env_identity AND s.table_name = me.table_name AND s.id <> me.id CROSS"
          " JOIN runs r ON r.study = s.id CROSS JOIN " TRIAL_TABLES
          " JOIN lives l ON l.id = t.life WHERE me.id = %lld AND t.id BETWEEN (r.id << "
          "%d)"
          " AND (r.id << %d | 4294967295) AND t.origin IS NULL AND t.cached = 0"
          " AND t.status IN (%d, %d) AND l.fingerprint = %Q",
          open->table, open->table, study, GYM_STORE_NUMBER_BITS, GYM_STORE_NUMBER_BITS,
          GYM_TRIAL_OK, GYM_TRIAL_INFEASIBLE, open->fingerprint),
      err);
  return query ? read_each (writer, open, query, each, context, err)
               : gym_store_code (writer->db);
}

/* ---- attempts ---- */

/* Counts a life once, however often counting it is interrupted: the mark is forgotten
 * only after this is committed. Trials that were recorded after all do not count. */
static int
count_left (gym_writer *writer, uint64_t life, const struct gym_mark *mark,
            gym_error *err)
{
  int code = gym_writer_begin (writer, err);
  if (code == GYM_OK)
    code = gym_store_exec_free (
        writer->db, writer->path,
        sqlite3_mprintf (
            "WITH RECURSIVE marked (number) AS (SELECT %lld UNION ALL SELECT number + 1"
            " FROM marked WHERE number + 1 < %lld)"
            " INSERT INTO attempts SELECT %lld, number, 1 FROM marked WHERE NOT EXISTS"
            " (SELECT 1 FROM counted WHERE life = %lld) AND NOT EXISTS (SELECT 1 FROM"
            " trials WHERE id = (%lld << %d) + marked.number) ON CONFLICT (run, number)"
            " DO UPDATE SET lives = lives + 1;"
            " DELETE FROM counted; INSERT INTO counted VALUES (%lld);",
            (long long)mark->first, (long long)(mark->first + mark->n),
            (long long)mark->run, (long long)life, (long long)mark->run,
            GYM_STORE_NUMBER_BITS, (long long)life),
        err);
  return code == GYM_OK ? gym_writer_commit (writer, err) : code;
}

/* In the order that gym_writer_attempts searches. */
static int
read_attempts (gym_writer *writer, gym_error *err)
{
  sqlite3_stmt *query = gym_store_prepare (
      writer->db, writer->path,
      "SELECT run, number, lives FROM attempts ORDER BY run, number", err);
  if (!query)
    return gym_store_code (writer->db);
  size_t room = 0;
  int code;
  while ((code = gym_store_step (query, writer->path, err)) == 1) {
    if (gym_grow (&writer->attempts, writer->n_attempts, &room, sizeof *writer->attempts)
        < 0) {
      code = gym_fail (err, GYM_ENOMEM, "store \"%s\": out of memory", writer->path);
      break;
    }
    writer->attempts[writer->n_attempts++] = (struct writer_attempt){
      .run = sqlite3_column_int64 (query, 0),
      .number = (uint64_t)sqlite3_column_int64 (query, 1),
      .lives = (uint32_t)sqlite3_column_int64 (query, 2),
    };
  }
  sqlite3_finalize (query);
  return code;
}

int
gym_writer_count_attempts (gym_writer *writer, gym_error *err)
{
  uint64_t life;
  struct gym_mark mark;
  /* More trials than can be in flight at once: not a mark of ours. */
  const uint64_t most = 65536;
  if (gym_lock_left (writer->lock, &life, &mark) && mark.n <= most) {
    int code = count_left (writer, life, &mark, err);
    if (code < 0)
      return code;
  }
  return read_attempts (writer, err);
}

static int
compare_attempts (const void *a, const void *b)
{
  const struct writer_attempt *one = a, *two = b;
  if (one->run != two->run)
    return one->run < two->run ? -1 : 1;
  return one->number < two->number ? -1 : one->number > two->number;
}

uint32_t
gym_writer_attempts (const gym_writer *writer, int64_t run, uint64_t number)
{
  const struct writer_attempt key = { .run = run, .number = number };
  if (writer->n_attempts == 0)
    return 0;
  const struct writer_attempt *found =
      bsearch (&key, writer->attempts, writer->n_attempts, sizeof key, compare_attempts);
  return found ? found->lives : 0;
}

/* Committed at once: it is rare, and is kept for the very case that nothing follows. */
int
gym_writer_attempt (gym_writer *writer, int64_t run, uint64_t number, uint32_t attempts,
                    gym_error *err)
{
  int code = gym_writer_begin (writer, err);
  if (code == GYM_OK)
    code = gym_store_exec_free (
        writer->db, writer->path,
        sqlite3_mprintf ("INSERT INTO attempts VALUES (%lld, %lld, %u) ON CONFLICT (run,"
                         " number) DO UPDATE SET lives = excluded.lives",
                         (long long)run, (long long)number, attempts),
        err);
  return code < 0 ? gym_writer_broken (writer, code, err)
                  : gym_writer_commit (writer, err);
}
