/* gym/dataset.h - the trials of many studies and stores as one data set.
 *
 *   const char *paths[] = { "a.db", "b.db" };
 *   struct gym_dataset_options o = { .struct_size = sizeof o, .env = "dram" };
 *   gym_dataset *d = gym_dataset_open (paths, 2, &o, &err);
 *   const struct gym_dataset_table *t = gym_dataset_load (d, &err);
 *   ... t->designs, t->metrics, t->statuses ...
 *   gym_dataset_destroy (&d);
 *
 * A data set is of one env version, over as many of its options, files and workloads as
 * its studies used. A row is a trial: its design, metrics, status and where it came from.
 * Trials that were infeasible, failed, timed out or crashed are rows too, marked by their
 * status, without metrics. Sealed metrics are not part of any data set.
 *
 * Duplicates: trials of equal env identity (id and all options, files by content),
 * design, fidelity and evaluation seed are one row, whichever run, study or store they
 * are from; the first that is ok or infeasible stands for all. Equality goes by 128 bits
 * of XXH3.
 *
 * Every store is read as one snapshot, also while a study goes on writing it. Opening
 * passes once over all trials, to find duplicates (up to 75 bytes a trial while it
 * lasts), and every walk over the rows once more; rows are not held in memory unless
 * loaded.
 *
 * Owner: whoever opened it; one thread. What it hands out is borrowed until it is
 * destroyed, rows until the next call. */
#ifndef GYM_DATASET_H
#define GYM_DATASET_H

#include <gym/store.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct gym_dataset gym_dataset;

struct gym_dataset_options {
  uint32_t struct_size;
  uint32_t statuses;         /* bit set of 1 << enum gym_status; 0: all */
  const char *env;           /* full id, or bare: the newest version in the stores;
                                NULL: whatever env there is one of */
  const gym_settings *where; /* options the env must have been opened with, as texts; a
                                file by its base name or SHA-256. NULL: any */
  const char *fidelity;      /* NULL: all */
  int64_t study;             /* of every store; 0: all */
  bool duplicates;           /* keep them */
};

/* Opens the stores and finds out what is in them. GYM_ENOTFOUND: no such file, no study
 * that fits (the error lists what there is); GYM_EINVAL: a file that is no store, several
 * envs to choose from, or studies whose spaces or metrics differ: the error names two and
 * where they differ. GYM_EIO, GYM_ENOMEM. Paths are copied; options may be NULL. */
GYM_API gym_dataset *gym_dataset_open (const char *const *paths, size_t n,
                                       const struct gym_dataset_options *options,
                                       gym_error *err);
GYM_API void gym_dataset_destroy (gym_dataset **dataset);

/* Full id of the env, its space, and its metrics without the sealed ones. */
GYM_API const char *gym_dataset_env_id (const gym_dataset *dataset);
GYM_API const gym_space *gym_dataset_space (const gym_dataset *dataset);
GYM_API const struct gym_metrics *gym_dataset_metrics (const gym_dataset *dataset);

/* Index of a metric by name; GYM_ENOTFOUND names the nearest. */
GYM_API int gym_dataset_find_metric (const gym_dataset *dataset, const char *name,
                                     gym_error *err);

/* What there is in all: trials that were looked at; of these, repeats within a run and
 * duplicates of other runs, both left out unless asked for; and rows, which are what the
 * walk below gives. `conflicts`: duplicates whose status or metrics (measured ones apart)
 * differ from those of the row that stands for them: another machine, or an env that does
 * not keep its word. `older`: trials of older versions of the env, left out. */
struct gym_dataset_counts {
  uint32_t struct_size;
  size_t trials, repeats, duplicates, conflicts, older;
  size_t rows, statuses[6]; /* rows by enum gym_status */
  size_t tainted;           /* rows of tainted runs: gym/final.h */
};
GYM_API const struct gym_dataset_counts *gym_dataset_counts (const gym_dataset *dataset);

/* Where rows come from. Lists are in order of first appearance; `trials` and `rows` say
 * how many of them are each entry's. */
struct gym_dataset_env {
  const char *identity; /* JSON of gym_env_identity */
  const char *workload; /* the value of its option `workload` or `trace`, else its files;
                           a file by its base name, with #digest where names collide */
  size_t trials, rows;
};
struct gym_dataset_agent {
  const char *id, *label, *options; /* options: JSON. The label is that of its study; with
                                       #2, ... where other settings have it already */
  size_t trials, rows;
};
struct gym_dataset_fidelity {
  const char *name;
  double cost;
  size_t trials, rows;
};
struct gym_dataset_run {
  const char *store; /* path as it was given */
  int64_t study, run;
  size_t env, agent; /* indices of the lists above */
  uint64_t seed;     /* run seed */
  const char *objective;
  enum gym_run_state state;
  size_t trials, rows;
  bool tainted; /* it went on after sealed metrics were read: gym/final.h */
};
GYM_API size_t gym_dataset_envs (const gym_dataset *dataset);
GYM_API const struct gym_dataset_env *gym_dataset_env (const gym_dataset *dataset,
                                                       size_t i);
GYM_API size_t gym_dataset_agents (const gym_dataset *dataset);
GYM_API const struct gym_dataset_agent *gym_dataset_agent (const gym_dataset *dataset,
                                                           size_t i);
GYM_API size_t gym_dataset_fidelities (const gym_dataset *dataset);
GYM_API const struct gym_dataset_fidelity *
gym_dataset_fidelity (const gym_dataset *dataset, size_t i);
GYM_API size_t gym_dataset_runs (const gym_dataset *dataset);
GYM_API const struct gym_dataset_run *gym_dataset_run (const gym_dataset *dataset,
                                                       size_t i);

/* ---- Row by row ---- */

struct gym_dataset_row {
  uint32_t struct_size;
  uint32_t status;                  /* enum gym_status */
  const double *design;             /* as long as the space; canonical */
  const double *metrics;            /* NaN unless ok, and where the fidelity has none */
  size_t env, agent, fidelity, run; /* indices of the lists above */
  uint64_t number;                  /* of the trial within its run */
  uint64_t seed;                    /* evaluation seed */
  bool repeat;                      /* of an earlier trial of its run */
  const char *note;                 /* why it is not ok; may be "" */
};

/* The next row, in order of stores, studies, runs and numbers: 1, or 0 at the end. After
 * the end, or after gym_dataset_rewind, it starts anew. `row->struct_size` is the
 * caller's to set. */
GYM_API int gym_dataset_next (gym_dataset *dataset, struct gym_dataset_row *row,
                              gym_error *err);
GYM_API void gym_dataset_rewind (gym_dataset *dataset);

/* ---- All at once ---- */

/* n rows in the order above; matrices are row-major. A row takes 8 bytes for each
 * parameter and metric and 33 more. */
struct gym_dataset_table {
  uint32_t struct_size;
  uint32_t n_params, n_metrics;
  size_t n;
  const double *designs, *metrics;
  const uint8_t *statuses;
  const uint32_t *envs, *agents, *fidelities, *runs;
  const uint64_t *numbers, *seeds;
};

/* Loads the rows, once: later calls return the same table, owned by the data set. NULL
 * with GYM_ENOMEM or GYM_EIO. Ends a walk that is under way. */
GYM_API const struct gym_dataset_table *gym_dataset_load (gym_dataset *dataset,
                                                          gym_error *err);

/* ---- Files ----
 *
 * A file has a column for each parameter, then for each metric, then where the row comes
 * from: status, fidelity, workload, agent, seed, evaluation_seed, env, store, study, run,
 * number, and where the env has sealed metrics tainted (0 or 1: gym/final.h). A parameter
 * or metric that bears the name of another column gets "_2" behind it. `env` counts the
 * envs of the metadata from 0. */

enum gym_dataset_format {
  GYM_DATASET_CSV = 1,   /* a header, RFC 4180 with LF; nothing where there is no value */
  GYM_DATASET_JSONL = 2, /* an object a row; no value: no member. evaluation_seed is text,
                            as few readers of JSON keep 64 bits */
  GYM_DATASET_NPZ = 3, /* NumPy arrays: designs [rows, columns], metrics [rows, metrics],
                          both float64, and one for each column of where rows come from;
                          X_names name what X counts from 0; metadata is a text */
  GYM_DATASET_PARQUET = 4 /* Apache Parquet, not compressed */
};

/* How parameters become columns. */
enum gym_encoding {
  GYM_ENCODE_DECODED = 1, /* as people write them: levels by name, as numbers where all
                             levels of a parameter are; inactive: no value */
  GYM_ENCODE_ORDINAL = 2, /* the design as it is: level indices, values */
  GYM_ENCODE_ONEHOT = 3   /* gym_space_onehot: numbers in [0, 1], inactive is 0 or 0.5 */
};

struct gym_dataset_output {
  uint32_t struct_size;
  uint32_t format;   /* enum gym_dataset_format; 0: what the name ends in */
  uint32_t encoding; /* enum gym_encoding; 0: decoded, in NPZ ordinal */
};

/* Writes the rows to `path`, which appears under its name when it is complete (what is no
 * regular file is written to directly), in one walk and with memory that does not depend
 * on how many there are. For CSV and JSON lines the metadata goes to PATH.meta.json.
 * GYM_EINVAL: a name without a known end, or a file that is one of the stores; GYM_EIO.
 */
GYM_API int gym_dataset_write (gym_dataset *dataset, const char *path,
                               const struct gym_dataset_output *output, gym_error *err);

/* The same through `put`, which returns 0 or a negative code to stop with, and without
 * metadata. Not for NPZ, which is written in several places at a time. */
GYM_API int gym_dataset_put (gym_dataset *dataset,
                             const struct gym_dataset_output *output,
                             int (*put) (void *sink, const char *bytes, size_t n),
                             void *sink, gym_error *err);

/* Writes every run as an episode of reinforcement learning, in the terms of RLDS (Ramos
 * et al., "RLDS: an ecosystem to generate, share and use datasets in reinforcement
 * learning", 2021): step i holds the observation before a trial, its design as action,
 * and the reward and discount that came of it; one more step with is_last holds the last
 * observation, and its action, reward and discount mean nothing. A search has no terminal
 * state: is_terminal is false throughout, the episode is cut where the run ended, and
 * the discount is 1.
 *
 * Observation and reward are those of gym_episode, without the sealed metrics: the
 * metrics of the trial before, each scaled by mean and spread of those so far, and the
 * objective's inner value negated, NaN (in JSON null) unless the trial was ok.
 * `objective` (text; NULL: that of each study) must have one goal. All trials of the runs
 * are steps, repeats too. Actions are encoded ordinal unless said otherwise.
 *
 * JSONL: an episode a line, {..., "steps": [{...}, ...]}. NPZ: arrays over all steps, one
 * episode behind the other, and where each begins (episode_start) and how many steps it
 * has. GYM_EINVAL: another format, an objective of several goals, or a data set of some
 * statuses or one fidelity alone, whose episodes would have gaps. */
GYM_API int gym_dataset_write_episodes (gym_dataset *dataset, const char *path,
                                        const struct gym_dataset_output *output,
                                        const char *objective, gym_error *err);

/* A text for people, at most 80 columns wide: counts, agents' shares, how often each
 * level was tried, spread of each metric (quartiles of at most 20,000 rows, evenly
 * taken). The caller frees it with gym_free. */
GYM_API char *gym_dataset_describe (gym_dataset *dataset, gym_error *err);

/* The metadata as JSON: columns with role, unit and doc, the space, metrics, envs,
 * agents, fidelities, runs and counts. The caller frees it with gym_free. */
GYM_API char *gym_dataset_metadata (const gym_dataset *dataset,
                                    const struct gym_dataset_output *output,
                                    gym_error *err);

#ifdef __cplusplus
}
#endif
#endif
