/* core/study.h - what the parts of the study loop share: study.c keeps the set-up and the
 * results, study_run.c the loop of one run, study_turns.c runs side by side and where
 * they are evaluated, study_log.c what ties a run to its store. */
#ifndef CORE_STUDY_H
#define CORE_STUDY_H

#include <gym/workers.h>
#include <stdatomic.h>

#include "core/cache.h"
#include "core/dispatch.h"
#include "core/store.h"

struct study_agent {
  const struct gym_entry *entry;
  gym_settings *settings;
  char *label;
  char *options;    /* canonical JSON, with the digest of the prior if there is one */
  gym_prior *prior; /* or NULL */
};

/* A run and its results so far. */
struct study_run {
  size_t agent;
  uint64_t seed;
  enum gym_run_state state;
  uint64_t trials, evaluated, cached, repeats, failures, infeasible;
  double spent;
  bool added;   /* a trial, in this call of gym_study_run */
  bool tainted; /* as the store has it, or known sooner */

  int64_t best; /* number, or -1 */
  uint32_t best_status;
  double *best_design, *best_metrics; /* p, n */
  double *best_inner, *best_goals;    /* m each */
  double *best_violations;            /* c */
  gym_archive *archive;
  double *curve;
  size_t curve_length, curve_room;
};

struct gym_study {
  gym_env *env;
  gym_objective *objective;
  const gym_space *space;
  const struct gym_metrics *metrics;
  const struct gym_fidelities *fidelities;
  uint32_t p, n, m, c; /* parameters, metrics, goals, constraints */

  double budget;
  uint64_t *seeds;
  size_t n_seeds;
  uint64_t study_seed, evaluation_seed;
  uint32_t in_flight, fidelity;
  bool reject, async;
  struct study_agent *agents;
  size_t n_agents, room_agents;
  size_t n_warm;
  double *warm; /* one block: designs, objectives, violations */

  struct gym_limits limits; /* isolation none: in this process */
  uint32_t jobs;
  struct gym_workers workers; /* bind NULL: nobody may join */
  char *bind, *keys;

  char *store;
  enum gym_durability durability;
  uint32_t max_attempts;
  atomic_bool cancel;

  gym_trial_fn on_trial;
  void *trial_context;
  gym_progress_fn on_progress;
  void *progress_context;
  void (*on_log) (void *context, const char *line);
  void *log_context;

  char *identity;
  gym_cache *cache;
  struct study_run *runs; /* agents x seeds, seeds fastest */
  size_t n_runs;

  /* While running. */
  gym_writer *writer;
  int64_t study_row;
  bool unsealed; /* sealed metrics of the env have been read: what is told now is tainted
                  */
  bool told_unsealed; /* the store knows of what this process has read */
  struct gym_dispatch *dispatch;
  bool remote;                  /* it is a broker: runs advance side by side */
  int64_t tended;               /* when the workers were looked after, ns */
  struct gym_receipt *receipts; /* of results that are written and not yet committed */
  size_t n_receipts, room_receipts;
  int64_t began, shown; /* of gym_clock */
  uint64_t told, told_shown, told_failures;
};

/* Parts of the block of warm trials. */
static inline const double *
study_warm_objectives (const gym_study *s)
{
  return s->warm + s->n_warm * s->p;
}

static inline const double *
study_warm_violations (const gym_study *s)
{
  return s->warm + s->n_warm * (s->p + s->m);
}

/* The trial being told, before and after it is known what became of it. */
struct study_told {
  uint64_t number;
  int64_t origin; /* number of the trial it repeats, or -1 */
  bool cached, replayed;
  uint32_t fidelity, status, attempts;
  uint64_t seed;
  struct gym_receipt receipt;
  const double *asked, *design;
  double *metrics;    /* n */
  double *inner;      /* m */
  double *violations; /* c */
  char note[GYM_NOTE];
};

/* Works out goals and violations of a told trial (whose status may become failed) and
 * adds it to the run's results; `*improved` tells whether it is the best so far. */
int study_absorb (gym_study *study, struct study_run *run, struct study_told *told,
                  bool *improved, gym_error *err);

/* Tells the callback, when there is one. */
int study_notify (gym_study *study, size_t run, const struct study_told *told,
                  bool improved, gym_error *err);

/* Empties the results of a run that was interrupted, so that it can begin anew. */
int study_restart (gym_study *study, size_t run, gym_error *err);

/* Reports progress when it is time to, or when `last`. */
void study_progress (gym_study *study, size_t run, bool last);

/* ---- study_run.c ---- */

struct study_loop;

/* Takes a run up where its log ends. Its trials go to study->dispatch. */
struct study_loop *study_loop_open (gym_study *study, size_t run, gym_error *err);

/* Asks and tells as far as results are there: 1 when the run has ended, 0 when it waits
 * for a result of the dispatcher's, or a code. */
int study_loop_step (struct study_loop *loop, gym_error *err);

/* Takes a finished task of the loop's, and says whose it is. */
struct study_loop *study_loop_of (const struct gym_task *task);
int study_loop_take (struct study_loop *loop, struct gym_task *task, gym_error *err);

/* Keeps what state the run is in, whatever `rc` it ended with; returns rc, or the code of
 * what went wrong here. */
int study_loop_close (struct study_loop **loop, int rc, gym_error *err);

/* Told by the dispatcher, see core/dispatch.h; context: a loop, and none. */
void study_loop_mark (void *context, uint64_t first, uint64_t n);
int study_loop_lost (void *context, struct gym_task *task, gym_error *err);

/* ---- study_turns.c ---- */

/* Looks after the workers, a few times a second at most: a long replay, or agents that
 * think, must not let them believe that the study is gone. */
int study_tend (gym_study *study, gym_error *err);

/* Runs everything that is not finished, on the dispatcher that the study asks for. */
int study_run_all (gym_study *study, gym_error *err);

/* ---- study_log.c ---- */

/* The committed trials of a run. */
struct study_log {
  int64_t row; /* of the run in the store */
  uint32_t state;
  size_t n, room;
  struct study_logged {
    uint32_t fidelity, status, attempts;
    int64_t origin;
    uint64_t seed;
    bool cached;
    char *note; /* or NULL */
  } * trials;
  double *rows; /* n rows of asked, design, metrics */
};

/* Opens the store, finds the study in it and fills the cache from other studies. Nothing
 * without a store. */
int study_log_begin (gym_study *study, gym_error *err);

/* Closes the store. */
int study_log_end (gym_study *study, gym_error *err);

/* Before a trial is kept: whether this process has read sealed metrics of the env, which
 * the store must know first. */
int study_log_unseal (gym_study *study, gym_error *err);

/* Reads what is kept of a run. */
int study_log_read (gym_study *study, size_t run, struct study_log *log, gym_error *err);
void study_log_free (struct study_log *log);

/* Parts of row i. */
double *study_log_asked (const gym_study *study, const struct study_log *log, size_t i);
double *study_log_design (const gym_study *study, const struct study_log *log, size_t i);
double *study_log_metrics (const gym_study *study, const struct study_log *log, size_t i);

/* GYM_EMISMATCH, with trial, parameter and both values, unless the ask equals the log. */
int study_log_compare (const gym_study *study, const struct study_log *log, size_t i,
                       const double *asked, uint32_t fidelity, gym_error *err);

/* Adds a told trial to the store, and acknowledges results once they are committed. */
int study_log_write (gym_study *study, int64_t row, const struct study_told *told,
                     gym_error *err);

/* Commits what is due (or all, `now`), and acknowledges. */
int study_log_settle (gym_study *study, bool now, gym_error *err);

#endif
