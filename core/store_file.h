/* core/store_file.h - what both sides of a store share: the file and its errors.
 *
 * A store is recognised by SQLite's application id and by the version of its tables
 * in user_version. Every failure becomes one line that names the file and says what to
 * do about it. */
#ifndef CORE_STORE_FILE_H
#define CORE_STORE_FILE_H

#include <gym/error.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

/* "gym1" in ASCII, in the header of every store. */
enum { GYM_STORE_APPLICATION = 0x67796d31, GYM_STORE_VERSION = 1 };

/* The absolute path with symbolic links followed, so that two names of one file share a
 * lock and no name means something to SQLite. Free with gym_free. */
char *gym_store_path (const char *path, gym_error *err);

/* Turns the last failure of `db` into an error about the store. Returns the code. */
int gym_store_fail (sqlite3 *db, const char *path, gym_error *err);

/* The code of that failure alone. */
int gym_store_code (sqlite3 *db);

/* The same for a failed system call (`number` is its errno) on `file`. */
int gym_store_fail_errno (int number, const char *path, const char *file, gym_error *err);

/* Runs statements that give no rows. */
int gym_store_exec (sqlite3 *db, const char *path, const char *sql, gym_error *err);

/* Runs a text made by sqlite3_mprintf or sqlite3_str_finish and frees it (NULL: out of
 * memory). */
int gym_store_exec_free (sqlite3 *db, const char *path, char *sql, gym_error *err);

/* Prepares a statement that will be used often. */
sqlite3_stmt *gym_store_prepare (sqlite3 *db, const char *path, const char *sql,
                                 gym_error *err);
sqlite3_stmt *gym_store_prepare_free (sqlite3 *db, const char *path, char *sql,
                                      gym_error *err);

/* Steps a statement: 1 a row, 0 the end, or a negative code. */
int gym_store_step (sqlite3_stmt *statement, const char *path, gym_error *err);

/* A column of the current row as text, "" where there is none: NOT NULL holds in a sound
 * file, and a damaged one must not end in a crash. */
const char *gym_store_column (sqlite3_stmt *row, int at);

/* Whether the file is a store of ours that this version can read: 1, 0 when it is an
 * empty database, or an error. */
int gym_store_identify (sqlite3 *db, const char *path, gym_error *err);

/* Milliseconds since 1970, from the coarse clock: a read of shared memory. */
int64_t gym_store_now (void);

/* A copy of `text` to be freed with free; NULL when out of memory. */
char *gym_store_copy (const char *text);

/* Copies what fits of `text` as valid UTF-8: what is not becomes "?", and no character
 * is cut in two. */
void gym_store_utf8 (const char *text, char *out, size_t size);

#endif
