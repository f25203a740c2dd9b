/* gym/study.h - agents x seeds on one env towards one objective under one budget.
 *
 * A run is one agent (with its options) under one run seed. The budget counts, for each
 * run, the distinct (design, fidelity, evaluation seed) it asked for, in units of the
 * highest fidelity's cost, as if no other run existed: a result that another run already
 * paid for is taken from the cache and counted all the same; a design the run itself
 * repeats is free, but 1,000 repeats in a row end the run as `stalled`.
 *
 * Determinism: with q results in flight, ask number i is made exactly when the result of
 * ask i - q has been told, and results are told in ask order; so trials depend on q and
 * on the seeds, never on timing or on the number of processes. Evaluation seeds come from
 * the study's evaluation seed and the design's hash alone; agent seeds from the study
 * seed, the agent's index and the run seed.
 *
 * Agents and seeds may be added to a study that is already in a store: what identifies it
 * there is the rest (env, objective, budget, fidelity, seeds of the study, in flight),
 * and each run is found by its agent's place, id, options and seed.
 *
 * With a store every trial is written before its agent hears of it, and the same study
 * run again after any interruption continues where it stopped: agents are replayed from
 * the log, and every replayed ask must equal the logged one (GYM_EMISMATCH otherwise,
 * naming trial, parameter and both values).
 *
 * Owner: whoever made it; one thread, callbacks included. The env and the registry are
 * borrowed and must outlive the study. */
#ifndef GYM_STUDY_H
#define GYM_STUDY_H

#include <gym/agent.h>
#include <gym/archive.h>
#include <gym/stats.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct gym_study gym_study;

/* A study on an open env towards `objective` (text form of gym/objective.h). */
GYM_API gym_study *gym_study_new (gym_env *env, const char *objective, gym_error *err);
GYM_API void gym_study_destroy (gym_study **study);

/* ---- What is part of its identity. All before the first gym_study_run. ---- */

/* Evaluations per run at the highest fidelity, > 0. Default 100. */
GYM_API int gym_study_set_budget (gym_study *study, double budget, gym_error *err);

/* Run seeds, distinct; default the single seed 1. Copied. */
GYM_API int gym_study_set_seeds (gym_study *study, const uint64_t *seeds, size_t n,
                                 gym_error *err);

/* Parses "1..5", "1,2,7" or both mixed ("1..3,10") and sets them. */
GYM_API int gym_study_set_seeds_text (gym_study *study, const char *text, gym_error *err);

/* Study seed (agents) and evaluation seed (env); defaults 0. */
GYM_API int gym_study_set_seed (gym_study *study, uint64_t study_seed,
                                uint64_t evaluation_seed, gym_error *err);

/* Results in flight, 1 .. 65536; 0 (default): what each agent's class says it can use. */
GYM_API int gym_study_set_in_flight (gym_study *study, uint32_t q, gym_error *err);

/* Fidelity by name for agents that do not choose; default the highest. */
GYM_API int gym_study_set_fidelity (gym_study *study, const char *name, gym_error *err);

/* Designs that break the env's rules: repaired before evaluation (default), or rejected
 * with status infeasible. */
GYM_API int gym_study_set_rejection (gym_study *study, bool reject, gym_error *err);

/* Trials of an earlier study that agents of class flag GYM_AGENT_WARM_START may start
 * from; the others do not hear of them, and the study costs nothing less for it. `n` rows
 * of designs (canonical), objectives (m, inner terms) and violations (c; NULL when c is
 * 0), copied. gym_study_run refuses (GYM_EINVAL) when no agent of the study uses them. */
GYM_API int gym_study_set_warm (gym_study *study, size_t n, const double *designs,
                                const double *objectives, const double *violations,
                                gym_error *err);

/* Adds an agent with its settings (copied; NULL: defaults), one run per seed. `label`
 * names it in tables (NULL: its id and what differs from the defaults); labels are
 * unique. */
GYM_API int gym_study_add (gym_study *study, const char *agent,
                           const gym_settings *settings, const char *label,
                           gym_error *err);

/* The same with a design prior (gym/prior.h; copied) that the agent begins from: another
 * prior is another run, and the store keeps it. `prior` NULL: none. A label that is made
 * says "+prior". GYM_EINVAL: an agent whose class has no flag GYM_AGENT_PRIOR;
 * GYM_EMISMATCH: a prior for another space. */
typedef struct gym_prior gym_prior;
GYM_API int gym_study_add_prior (gym_study *study, const char *agent,
                                 const gym_settings *settings, const gym_prior *prior,
                                 const char *label, gym_error *err);

/* ---- What is not. ---- */

/* The store file, made when absent; NULL (default): nothing is kept. */
GYM_API int gym_study_set_store (gym_study *study, const char *path, gym_error *err);

/* What a commit survives: a killed process (default), or a power cut as well. */
enum gym_durability { GYM_DURABLE_PROCESS = 0, GYM_DURABLE_POWER = 1 };
GYM_API int gym_study_set_durability (gym_study *study, enum gym_durability durability,
                                      gym_error *err);

/* How often a trial may take the study down with it before it is recorded as crashed
 * instead of being tried again; default 3. Needs a store. */
GYM_API int gym_study_set_max_attempts (gym_study *study, uint32_t attempts,
                                        gym_error *err);

/* Asks a running study to stop after the trials at hand (from a signal handler or
 * another thread): gym_study_run returns GYM_ECANCELLED and the store is resumable. */
GYM_API void gym_study_cancel (gym_study *study);

/* A told trial, as callbacks see it. Everything borrowed until the callback returns. */
struct gym_trial {
  uint32_t struct_size;
  uint32_t status;      /* enum gym_status */
  size_t run;           /* index of the run */
  uint64_t number;      /* of the trial within its run, from 0 */
  const double *asked;  /* the design as asked */
  const double *design; /* as evaluated, after repair */
  uint32_t fidelity;
  bool repeat;              /* this run had evaluated it before */
  bool cached;              /* another run had */
  bool replayed;            /* read back from the store */
  bool improved;            /* the best of its run so far (m > 1: new in its archive) */
  uint64_t seed;            /* evaluation seed */
  const double *metrics;    /* n metrics; sealed ones NaN */
  const double *goals;      /* m goals in the user's terms */
  const double *objectives; /* m goals, minimised */
  const double *violations; /* c violations */
  double spent;             /* of the run's budget, after this trial */
  const char *note;         /* why it is not ok; may be "" */
};

/* Called after every told trial; a negative return value stops the study with that code
 * (fill `err`). */
typedef int (*gym_trial_fn) (void *context, const struct gym_trial *trial,
                             gym_error *err);
GYM_API void gym_study_on_trial (gym_study *study, gym_trial_fn call, void *context);

/* Where a study stands, for a progress bar; called a few times a second at most. */
struct gym_progress {
  uint32_t struct_size;
  uint32_t workers;  /* that are connected; 0 also when trials need none */
  size_t run, runs;  /* run at work and how many there are */
  const char *label; /* its agent */
  uint64_t run_seed;
  double spent, budget; /* over all runs */
  uint64_t trials;      /* told in this process */
  uint64_t failures;    /* trials told in this process that were not ok */
  double seconds;       /* since gym_study_run began */
  double rate;          /* trials a second, recent */
  double best;          /* best value of goal 0 in the run, user's terms; NaN */
  bool finished;        /* the last call */
};
typedef void (*gym_progress_fn) (void *context, const struct gym_progress *progress);
GYM_API void gym_study_on_progress (gym_study *study, gym_progress_fn call,
                                    void *context);

/* The progress as a line of text: a bar of `width` columns when > 0 ("[####....] 41 %
 * ..."), plain words when 0. Returns the length needed. */
GYM_API int gym_progress_format (const struct gym_progress *progress, uint32_t width,
                                 char *text, size_t size);

/* Log lines of env and agents; default: dropped. */
GYM_API void gym_study_on_log (gym_study *study,
                               void (*log) (void *context, const char *line),
                               void *context);

/* ---- Running ---- */

/* Runs everything that is not finished yet, in order of agents then seeds. With a store:
 * refuses (GYM_EBUSY) while another process writes to it; GYM_EIO leaves the trials
 * committed so far intact. Calling it again on a finished study does nothing. */
GYM_API int gym_study_run (gym_study *study, gym_error *err);

/* ---- Results: of what this process ran or read back ---- */

enum gym_run_state {
  GYM_RUN_PENDING = 0,
  GYM_RUN_RUNNING = 1,   /* interrupted: there is more to do */
  GYM_RUN_FINISHED = 2,  /* its budget is spent */
  GYM_RUN_EXHAUSTED = 3, /* the agent had no more to ask */
  GYM_RUN_STALLED = 4    /* 1,000 repeats in a row */
};

/* "pending", ... Static. */
GYM_API const char *gym_run_state_name (enum gym_run_state state);

struct gym_run {
  uint32_t struct_size;
  enum gym_run_state state;
  size_t agent;   /* index of the agent in the study */
  const char *id; /* full id of the agent */
  const char *label;
  uint64_t seed;      /* run seed */
  uint64_t trials;    /* told, repeats included */
  uint64_t evaluated; /* distinct, what the budget counts (at any fidelity) */
  uint64_t cached;    /* of those, taken from another run */
  uint64_t repeats;
  uint64_t failures; /* status neither ok nor infeasible */
  uint64_t infeasible;
  double spent; /* of the budget */
  /* The best trial at the study's fidelity (m = 1: the comparator's best; m > 1: the
   * first of the archive); number -1 when none was ok. Borrowed. */
  int64_t best;
  bool best_feasible;
  const double *best_design;
  const double *best_metrics;
  const double *best_goals; /* user's terms */
  bool tainted; /* it has trials from after a read of sealed metrics: gym/final.h */
};

GYM_API size_t gym_study_runs (const gym_study *study);
GYM_API int gym_study_run_info (const gym_study *study, size_t run, struct gym_run *info,
                                gym_error *err);

/* Best-so-far of goal 0 after each distinct evaluation of a run, in the user's terms: NaN
 * until the first feasible one. Returns its length; writes at most `capacity`. */
GYM_API size_t gym_study_curve (const gym_study *study, size_t run, double *values,
                                size_t capacity);

/* The run's non-dominated set (inner terms, tags are trial numbers; m >= 1). */
GYM_API const gym_archive *gym_study_archive (const gym_study *study, size_t run);

GYM_API gym_env *gym_study_env (const gym_study *study);
GYM_API const gym_objective *gym_study_objective (const gym_study *study);
GYM_API double gym_study_budget (const gym_study *study);

/* The study's identity as canonical JSON: what must be equal for a resume. Borrowed. */
GYM_API const char *gym_study_identity (gym_study *study, gym_error *err);

#ifdef __cplusplus
}
#endif
#endif
