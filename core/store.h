/* core/store.h - the writing side of a store, for the study loop alone.
 *
 * One process writes a store at a time: it holds a lock (flock) on FILE-lock, a small
 * file that also carries, in shared memory, the trials being evaluated right now. That
 * mark survives a killed process without a commit, which is how a trial that takes the
 * whole study down is found on the next start. Both vanish on a clean close. */
#ifndef CORE_STORE_H
#define CORE_STORE_H

#include <gym/study.h>

typedef struct gym_writer gym_writer;

/* Opens or makes the store and takes the lock: GYM_EBUSY (naming the file and the other
 * process) when it is still held after about two seconds. A file that is not a store, of
 * a newer version, read-only, or on a full disk: error, nothing changed. */
gym_writer *gym_writer_open (const char *path, enum gym_durability durability,
                             gym_error *err);

/* Commits, folds the WAL into the file, releases the lock. */
int gym_writer_close (gym_writer **writer, gym_error *err);

/* What is kept about a study; everything borrowed during the call. */
struct gym_study_row {
  const char *identity;     /* canonical JSON; equal identities are one study */
  const char *env;          /* full id */
  const char *env_identity; /* JSON of gym_env_identity */
  const char *objective;    /* canonical text */
  double budget;
  const char *seeds;       /* as text */
  const char *fingerprint; /* numeric fingerprint, JSON */
  const gym_space *space;
  const struct gym_metrics *metrics;
  const struct gym_fidelities *fidelities;
};

/* Finds the study of that identity or adds it, and makes sure that there is a table for
 * its env version (a second one, dram_v1_2, when columns differ). Returns its row id
 * (> 0) or a negative code. `previous` (may be NULL) receives the fingerprint the study
 * was begun under, "" for a new one. */
int64_t gym_writer_study (gym_writer *writer, const struct gym_study_row *row,
                          char *previous, size_t size, gym_error *err);

/* Finds or adds a run. Returns its row id; `state` receives enum gym_run_state as last
 * kept (pending for a new one). */
int64_t gym_writer_run (gym_writer *writer, int64_t study, size_t agent, const char *id,
                        const char *label, const char *options, uint64_t seed,
                        uint32_t *state, gym_error *err);

/* A told trial as the store keeps it. Arrays as long as space and metrics. */
struct gym_logged {
  int64_t run;
  uint64_t number;
  uint32_t status;
  uint32_t fidelity;
  uint32_t attempts;
  bool cached;         /* taken from another run */
  int64_t origin;      /* number of the earlier trial of this run it repeats, or -1;
                          repeats keep no row of numbers of their own */
  uint64_t seed;       /* evaluation seed */
  const double *asked; /* NULL: the same as design */
  const double *design;
  const double *metrics; /* NULL or ignored unless ok */
  double goal;           /* goal 0 in the user's terms, NaN unless ok */
  double violation;      /* sum, NaN unless ok */
  const char *note;      /* "" or NULL: none */
};

/* Adds a trial to the open transaction, committing when 50 ms or 1,000 trials have gone
 * by since the last commit. */
int gym_writer_trial (gym_writer *writer, const struct gym_logged *trial, gym_error *err);
int gym_writer_commit (gym_writer *writer, gym_error *err);

/* Commits when it is time to, as gym_writer_trial would. */
int gym_writer_commit_due (gym_writer *writer, gym_error *err);

/* Trials added since the last commit. */
unsigned gym_writer_pending (const gym_writer *writer);

/* Keeps the state of a run (enum gym_run_state) and what it has spent. */
int gym_writer_run_state (gym_writer *writer, int64_t run, uint32_t state, double spent,
                          gym_error *err);

/* Reads a run's committed trials back in order of number through `each`, which returns 0
 * or a code to stop with. The arrays are valid during the call; a repeat comes with the
 * numbers of its origin. The whole read sees one snapshot; `each` may not write. */
int gym_writer_replay (gym_writer *writer, int64_t study, int64_t run,
                       int (*each) (void *context, const struct gym_logged *,
                                    gym_error *),
                       void *context, gym_error *err);

/* The same for every distinct trial of *other studies* in this store with the same
 * env identity and numeric fingerprint, whose status is ok or infeasible: what fills the
 * design cache. */
int gym_writer_known (gym_writer *writer, int64_t study,
                      int (*each) (void *context, const struct gym_logged *, gym_error *),
                      void *context, gym_error *err);

/* Marks trials [first, first + n) of a run as being evaluated (n = 0: none are). Costs a
 * store to shared memory, no system call. */
void gym_writer_mark (gym_writer *writer, int64_t run, uint64_t first, uint64_t n);

/* How many earlier lives of the study ended while this trial was marked. */
uint32_t gym_writer_attempts (const gym_writer *writer, int64_t run, uint64_t number);

/* The absolute path of the file. Borrowed. */
const char *gym_writer_path (const gym_writer *writer);

/* Puts down, and commits, that sealed metrics of the env are read now: `study` 0 for a
 * read outside of a report, `how` a word about it. `sealed` false: the env has none, so
 * that nothing is tainted. Returns the row id of the read. */
int64_t gym_writer_unseal (gym_writer *writer, const char *env_identity, int64_t study,
                           const char *how, bool sealed, gym_error *err);

/* Whether a trial added now to a study on this env is tainted, and whether a run is: 1,
 * 0 or a code. */
int gym_writer_unsealed (gym_writer *writer, const char *env_identity, gym_error *err);
int gym_writer_tainted (gym_writer *writer, int64_t run, gym_error *err);

/* A design of a final report. */
struct gym_writer_final {
  int64_t report; /* as gym_writer_unseal gave it */
  int64_t study, run, trial;
  uint32_t place; /* from 1 */
  uint32_t status;
  bool tainted;
  const char *design;  /* as gym_design_format */
  const char *metrics; /* JSON */
  const char *note;
};

/* Adds it to the open transaction; gym_writer_commit ends that. */
int gym_writer_final (gym_writer *writer, const struct gym_writer_final *final,
                      gym_error *err);

/* Keeps that a trial has now been lost so many times, for later lives of the study. */
int gym_writer_attempt (gym_writer *writer, int64_t run, uint64_t number,
                        uint32_t attempts, gym_error *err);

#endif
