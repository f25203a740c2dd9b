/* gym/store.h - reading a store: the file where studies keep their trials.
 *
 * A store is one SQLite file (WAL), readable with any SQLite tool, also while a study
 * writes it:
 *
 *   studies   a row a study: identity (JSON), env, objective, budget, seeds, version,
 *             numeric fingerprint, host, times
 *   runs      a row a run: study, agent, its options, run seed, state, spent
 *   trials    a row a told trial: run, number, status, fidelity, evaluation seed, time,
 *             attempts; `origin` is the trial of the same run that a repeat repeats
 *   dram_v1   one table per env version, a row a trial: a column per parameter (level
 *             index or value; NULL when inactive), then one per metric (NULL unless ok)
 *   asked     the design as asked, where repair changed it
 *   columns   name, unit, doc and levels of every column of those tables
 *   dram_v1_trials   a view that joins it all, levels by name, for pandas, R and proxies
 *
 * Everything here opens the file read-only. */
#ifndef GYM_STORE_H
#define GYM_STORE_H

#include <gym/study.h>

#ifdef __cplusplus
extern "C" {
#endif

/* An open store. One thread at a time. */
typedef struct gym_store gym_store;

/* Opens for reading. GYM_ENOTFOUND: no such file; GYM_EINVAL: not a store of ours, or of
 * a newer version (both are named). */
GYM_API gym_store *gym_store_open (const char *path, gym_error *err);
GYM_API void gym_store_destroy (gym_store **store);

/* A cursor over rows with named columns. Owned by the caller; the store must outlive it.
 *   while (gym_cursor_next (r, &err) == 1) ... gym_cursor_text (r, 0) ...
 * Columns: count, name, unit ("" when none). Values of the current row as text (NULL for
 * SQL NULL), number (NaN for NULL), whether it is a number. Borrowed until the next row.
 */
typedef struct gym_cursor gym_cursor;
GYM_API void gym_cursor_destroy (gym_cursor **cursor);
GYM_API int gym_cursor_next (gym_cursor *cursor, gym_error *err); /* 1 row, 0 end, < 0 */
GYM_API uint32_t gym_cursor_columns (const gym_cursor *cursor);
GYM_API const char *gym_cursor_name (const gym_cursor *cursor, uint32_t column);
GYM_API const char *gym_cursor_unit (const gym_cursor *cursor, uint32_t column);
GYM_API bool gym_cursor_is_number (const gym_cursor *cursor, uint32_t column);
GYM_API const char *gym_cursor_text (gym_cursor *cursor, uint32_t column);
GYM_API double gym_cursor_number (gym_cursor *cursor, uint32_t column);

/* Studies (study, env, objective, budget, state, trials, ...) and runs of a study
 * (0: of all). */
GYM_API gym_cursor *gym_store_studies (gym_store *store, gym_error *err);
GYM_API gym_cursor *gym_store_runs (gym_store *store, int64_t study, gym_error *err);

/* Trials of a study in order of run and number: study, run, agent, seed, number, status,
 * fidelity, then parameters (level names), metrics, goals and violations. `run` 0: all.
 */
GYM_API gym_cursor *gym_store_trials (gym_store *store, int64_t study, int64_t run,
                                      gym_error *err);

/* The best `limit` trials of a study (0: the newest study) by the study's own order,
 * distinct designs, best first, at the highest fidelity present; for several goals the
 * non-dominated ones. Columns as gym_store_trials. */
GYM_API gym_cursor *gym_store_best (gym_store *store, int64_t study, uint32_t limit,
                                    gym_error *err);

enum gym_format { GYM_FORMAT_CSV = 1, GYM_FORMAT_JSONL = 2 };

/* Writes all trials through `put`, which returns 0 or a negative code to stop. CSV has a
 * header line of column names for each study and RFC 4180 quoting; JSON lines have one
 * object a trial, absent where NULL. `canonical`: the form in which equal studies are
 * equal byte for byte: in order of study identity, agent, seed and number; without row
 * ids, measured metrics, times, hosts, cache flags and attempts. */
GYM_API int gym_store_export (gym_store *store, enum gym_format format, bool canonical,
                              int (*put) (void *sink, const char *text, size_t n),
                              void *sink, gym_error *err);

#ifdef __cplusplus
}
#endif
#endif
