/* gym/store.h - reading a store: the file where studies keep their trials.
 *
 * A store is one SQLite file (WAL), readable with any SQLite tool, also while a study
 * writes it:
 *
 *   studies   a row a study: identity (JSON), env, objective, budget, seeds, version,
 *             numeric fingerprint, host, times
 *   runs      a row a run: study, agent, its options, run seed, state, spent, trials
 *   lives     a row a process that added trials to a study: host, pid, fingerprint
 *   trials    a row a told trial: run, number, status, fidelity, evaluation seed, time,
 *             attempts; `origin` is the trial of the same run that a repeat repeats.
 *             Its id is run << 32 | number
 *   dram_v1   one table per env version, a row a trial but for repeats, by the same id:
 *             a column per parameter (level index or value; NULL when inactive), then
 *             one per metric (NULL unless ok, and where sealed)
 *   dram_v1_asked    the design as asked, where repair changed it
 *   columns   name, unit, doc and levels of every column of those tables; spaces, the
 *             whole spaces as JSON; fidelities, their names and costs
 *   unsealed, finals    once sealed metrics were read: gym/final.h
 *   dram_v1_trials   a view that joins it all, levels by name, for pandas, R and proxies
 *
 * Times are milliseconds since 1970; seeds are 64-bit numbers kept as signed integers. A
 * parameter or metric that bears the name of another column gets "_2" behind it.
 *
 * Nothing here changes a row. After a killed study, though, opening the store may fold
 * the -wal file into it, as every SQLite tool does. */
#ifndef GYM_STORE_H
#define GYM_STORE_H

#include <gym/study.h>

#ifdef __cplusplus
extern "C" {
#endif

/* An open store. One thread at a time. */
typedef struct gym_store gym_store;

/* Opens for reading, also while a study writes, and in a folder that cannot be written.
 * GYM_ENOTFOUND: no such file; GYM_EINVAL: not a store of ours, or of a newer version
 * (both are named); GYM_EIO: damaged or unreadable. */
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

/* Studies (study, env, objective, budget, seeds, state, runs, trials, version,
 * fingerprint, host, begun, updated, env_identity, identity, tainted: how many runs) and
 * runs of a study (0: of all): study, run, agent (its label), agent_id, agent_index,
 * options, seed, state, spent, trials, begun, updated, tainted (0 or 1, gym/final.h).
 * Times as ISO 8601 text in UTC. */
GYM_API gym_cursor *gym_store_studies (gym_store *store, gym_error *err);
GYM_API gym_cursor *gym_store_runs (gym_store *store, int64_t study, gym_error *err);

/* Trials of a study (0: the newest) in order of run and number: study, run, agent, seed,
 * number, status, fidelity, then parameters (level names), metrics, goals ("goal" when
 * there is one, else "goal_1", ...; in the user's terms), violations (named alike), then
 * origin and note, and where the env has sealed metrics tainted: 0, or 1 for all trials
 * of a tainted run (gym/final.h). `run` 0: all. GYM_ENOTFOUND: no such study or run. */
GYM_API gym_cursor *gym_store_trials (gym_store *store, int64_t study, int64_t run,
                                      gym_error *err);

/* The best `limit` trials (0: no limit) of a study (0: the newest study) by the study's
 * own order, distinct designs, best first, at the highest fidelity present; for several
 * goals the non-dominated ones, in order of the first. Only trials that were ok. Columns
 * as gym_store_trials, without origin and note. */
GYM_API gym_cursor *gym_store_best (gym_store *store, int64_t study, uint32_t limit,
                                    gym_error *err);

/* The same of one run alone (0: of all): at the highest fidelity that the run has. */
GYM_API gym_cursor *gym_store_best_of (gym_store *store, int64_t study, int64_t run,
                                       uint32_t limit, gym_error *err);

enum gym_format { GYM_FORMAT_CSV = 1, GYM_FORMAT_JSONL = 2 };

/* Writes all trials, as one snapshot, through `put`, which returns 0 or a negative code
 * to stop with. CSV has a header line of column names, again for a study whose columns
 * differ from those above it, quotes as in RFC 4180 and lines that end in LF; JSON lines
 * have one object a trial, absent where NULL. Columns as gym_store_trials, with cached,
 * attempts, evaluation_seed, time and host before tainted.
 *
 * `canonical`: the form in which equal studies are equal byte for byte: in order of study
 * identity, agent, seed and number; without row ids, labels, measured metrics (and goals
 * made from them), notes, times, hosts, cache flags, attempts and taint. A study goes by
 * a hash of its identity, an agent by its place and id. */
GYM_API int gym_store_export (gym_store *store, enum gym_format format, bool canonical,
                              int (*put) (void *sink, const char *text, size_t n),
                              void *sink, gym_error *err);

#ifdef __cplusplus
}
#endif
#endif
