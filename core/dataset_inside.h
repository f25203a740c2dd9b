/* core/dataset_inside.h - the inside of a data set, shared by the files that make it. */
#ifndef CORE_DATASET_INSIDE_H
#define CORE_DATASET_INSIDE_H

#include "core/memory.h"
#include "core/store_read.h"

#include <gym/dataset.h>

struct dataset_store {
  gym_store *store;
  char *path;
};

/* A study that takes part. */
struct dataset_study {
  size_t store; /* index */
  int64_t id;
  struct gym_layout *layout;
  size_t env;         /* index in the data set */
  size_t *fidelities; /* indices in the data set of the study's own */
  size_t n_fidelities;
  int *metric_at; /* place of each of the data set's metrics among the study's */
};

struct dataset_run {
  struct gym_dataset_run about;
  size_t study;         /* index */
  size_t first, walked; /* ordinals of its trials */
};

/* One slot of the table that finds duplicates: which trial stands for those of a key. */
struct dataset_slot {
  uint64_t key[2];
  uint64_t about; /* 0: free. Ordinal + 1, status, and 21 bits that tell metrics apart */
};

struct dataset_keys {
  struct dataset_slot *slots;
  size_t n, room; /* room is a power of two, or 0 */
};

/* Where a walk over the trials is. */
struct dataset_walk {
  size_t run, ordinal;
  bool inside; /* the statement is bound to the run and has rows left */
  sqlite3_stmt *query;
  size_t study; /* that the statement is of */
};

struct gym_dataset {
  struct gym_dataset_options options; /* texts in it are not kept */
  struct dataset_store *stores;
  struct dataset_study *studies;
  struct dataset_run *runs;
  struct gym_dataset_env *envs;
  struct gym_dataset_agent *agents;
  struct gym_dataset_fidelity *fidelities;
  size_t n_stores, n_studies, n_runs, n_envs, n_agents, n_fidelities;
  size_t room_studies, room_runs, room_envs, room_agents, room_fidelities;
  char *env_id;
  gym_space *space;
  struct gym_metrics metrics;
  struct gym_metric *items; /* the metrics, texts owned */
  bool seals;               /* an env of it has sealed metrics */
  size_t only_fidelity;     /* SIZE_MAX: all */
  struct gym_dataset_counts counts;
  uint8_t *kept; /* a bit for each trial in order of the walk; NULL: all are rows */
  struct dataset_walk walk;
  double *design, *numbers; /* of the current row */
  struct gym_dataset_table *table;
};

/* ---- dataset_sources.c: studies, and whether they go together ---- */

/* Opens the stores, chooses the studies and describes envs, agents, fidelities and runs.
 */
int gym_dataset_find (gym_dataset *dataset, const char *const *paths, size_t n,
                      const struct gym_dataset_options *options, gym_error *err);
void gym_dataset_forget (gym_dataset *dataset);

/* Index in the data set of fidelity `own` of a study; added when it is news. */
int gym_dataset_fidelity_of (gym_dataset *dataset, struct dataset_study *study,
                             int64_t own, size_t *index, gym_error *err);

/* ---- dataset_match.c: what an identity says, and whether spaces are alike ---- */

/* The workload of an identity as gym/dataset.h has it, with 8 digits of each file's
 * digest when `digest` is set. To be freed; NULL: out of memory. */
char *gym_dataset_workload (const char *identity, bool digest);

/* Whether an identity has the options of `where`: 1, 0, or GYM_EINVAL for an option that
 * its env does not have. */
int gym_dataset_fits (const char *identity, const gym_settings *where, gym_error *err);

/* GYM_OK when designs of one space are designs of the other and mean the same; else
 * GYM_EINVAL with the first difference. The same for the metrics that are not sealed. */
int gym_dataset_same_space (const gym_space *a, const gym_space *b, gym_error *err);
int gym_dataset_same_metrics (const struct gym_metrics *metrics,
                              const struct gym_layout *layout, gym_error *err);

/* ---- dataset_keys.c: duplicates ---- */

struct dataset_key {
  uint64_t half[2];
};

/* The key of a trial. `design` is canonical; `buffer` has room for it and three more. */
struct dataset_key gym_dataset_key (size_t env, size_t fidelity, uint64_t seed,
                                    const double *design, uint32_t n, double *buffer);

/* Finds the slot of a key, or a free one for it. NULL: out of memory. */
struct dataset_slot *gym_dataset_slot (struct dataset_keys *keys,
                                       const struct dataset_key *key);

/* What a slot's `about` holds. */
uint64_t gym_dataset_about (size_t ordinal, uint32_t status, uint64_t check);
size_t gym_dataset_about_ordinal (uint64_t about);
uint32_t gym_dataset_about_status (uint64_t about);
uint64_t gym_dataset_about_check (uint64_t about);

/* ---- dataset_walk.c: over all trials ---- */

/* The next trial of the fidelity asked for, whether it is a row or not: 1, 0 or a code.
 */
int gym_dataset_step (gym_dataset *dataset, struct gym_dataset_row *row, gym_error *err);

/* ---- dataset_columns.c: what a file has of each row ---- */

enum dataset_role { ROLE_PARAMETER, ROLE_METRIC, ROLE_SOURCE };

enum dataset_type {
  TYPE_TEXT, /* one of a list of texts */
  TYPE_INTEGER,
  TYPE_UNSIGNED, /* 64 bits */
  TYPE_REAL
};

struct dataset_column {
  enum dataset_role role;
  enum dataset_type type;
  char *name;
  const char *unit, *doc; /* "" when none */
  bool optional;          /* there may be no value */
  uint32_t at;            /* of the design, the one-hot row, the metrics, or what */
  const char **texts;     /* of TYPE_TEXT */
  double *values;         /* of levels that are numbers */
  size_t n_texts;
};

struct dataset_cell {
  bool none;
  union {
    double real;
    int64_t integer; /* and the index of a text */
    uint64_t natural;
  } as;
};

struct dataset_columns {
  const gym_dataset *dataset;
  enum gym_encoding encoding;
  struct dataset_column *items;
  size_t n, n_params, n_metrics; /* parameters come first, then metrics */
  double *onehot;
};

int gym_dataset_columns (const gym_dataset *dataset, enum gym_encoding encoding,
                         struct dataset_columns *columns, gym_error *err);
void gym_dataset_columns_clear (struct dataset_columns *columns);

/* Fills in a cell for each column. */
void gym_dataset_cells (const struct dataset_columns *columns,
                        const struct gym_dataset_row *row, struct dataset_cell *cells);

/* ---- dataset_out.c: what the writers of text share ---- */

/* Where bytes go on their way: handed on in blocks. */
struct dataset_out {
  int (*put) (void *sink, const char *bytes, size_t n);
  void *sink;
  char *bytes;
  size_t n, room;
};

/* Room for n more bytes, or NULL. What was written to them is added by moving out->n. */
char *gym_dataset_room (struct dataset_out *out, size_t n);

/* Hands on what there is when it is a block or more (all: in any case). */
int gym_dataset_flush (struct dataset_out *out, bool all, gym_error *err);

/* Writes a number as text and returns its length; at most DATASET_CELL. */
enum { DATASET_CELL = 40 };
size_t gym_dataset_number (const struct dataset_column *column,
                           const struct dataset_cell *cell, char *text);

/* Texts as a format writes them: of[i][k] is text k of list i. */
struct dataset_texts {
  char ***of;
  size_t *counts, n, widest; /* widest: bytes of the longest */
};
struct gym_text;
int gym_dataset_texts_new (struct dataset_texts *texts, size_t n);
int gym_dataset_texts_add (struct dataset_texts *texts, size_t i, const char *const *from,
                           size_t n, void (*write) (struct gym_text *, const char *));
void gym_dataset_texts_clear (struct dataset_texts *texts);

/* A list for each column of text. */
int gym_dataset_prepare (const struct dataset_columns *columns,
                         struct dataset_texts *texts,
                         void (*write) (struct gym_text *, const char *));

/* Walks over the rows; `line` writes one. */
typedef int (*dataset_line) (const void *context, const struct dataset_columns *,
                             const struct dataset_cell *cells, struct dataset_out *);
int gym_dataset_lines (gym_dataset *dataset, const struct dataset_columns *columns,
                       dataset_line line, const void *context, struct dataset_out *out,
                       gym_error *err);

/* ---- the formats, a file each ---- */

int gym_dataset_csv (gym_dataset *dataset, const struct dataset_columns *columns,
                     struct dataset_out *out, gym_error *err);
int gym_dataset_jsonl (gym_dataset *dataset, const struct dataset_columns *columns,
                       struct dataset_out *out, gym_error *err);
int gym_dataset_parquet (gym_dataset *dataset, const struct dataset_columns *columns,
                         const char *metadata, struct dataset_out *out, gym_error *err);
int gym_dataset_npz (gym_dataset *dataset, const struct dataset_columns *columns,
                     const char *metadata, int file, gym_error *err);

struct npz;
/* The arrays of names and units: of designs, metrics and every column of text. */
int gym_dataset_npz_names (struct npz *npz, const struct dataset_columns *columns);

/* ---- dataset_episodes.c ---- */

/* What a walk over episodes shows of a step. */
struct dataset_episode {
  gym_dataset *dataset;
  gym_objective *objective; /* NULL: the studies' own */
  double *observation;      /* before the trial, as long as the metrics */
  double reward, violation; /* of the trial */
  double count, *mean, *square, *all, *violations;
};

int gym_dataset_episode_open (struct dataset_episode *episode, gym_dataset *dataset,
                              const char *objective, gym_error *err);
void gym_dataset_episode_close (struct dataset_episode *episode);

/* Calls `step` for every trial of every run, and once more with a NULL row behind the
 * last of each. */
typedef int (*dataset_step) (void *context, const struct dataset_episode *, size_t run,
                             const struct gym_dataset_row *row, bool first, gym_error *);
int gym_dataset_episodes (struct dataset_episode *episode, dataset_step step,
                          void *context, gym_error *err);

int gym_dataset_episodes_jsonl (struct dataset_episode *episode,
                                const struct dataset_columns *columns,
                                struct dataset_out *out, gym_error *err);
int gym_dataset_episodes_npz (struct dataset_episode *episode,
                              const struct dataset_columns *columns, const char *metadata,
                              int file, gym_error *err);

#endif
