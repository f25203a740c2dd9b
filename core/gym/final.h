/* gym/final.h - final reports: the one way to the sealed metrics of a study's results.
 *
 * Metrics with the flag GYM_METRIC_SEALED (the accuracy on a test split) are there to
 * judge what a search found, and worth nothing once the search, or the person behind it,
 * has looked at them. So they are computed only by a call that asks for them, and such a
 * read is put down in the store before it happens. The rule:
 *
 *   A run is tainted when it has a trial that was added after sealed metrics of its env
 *   had been read.
 *
 *   "Its env" is the env with the same identity: id, options and content of files. "Read"
 *   is a final report in this store, for whatever study of it; gym_store_unseal (which
 *   `gym eval --sealed --store` calls); and gym_env_evaluate_sealed (Lua:
 *   env:evaluate{sealed = true}) in a process that has run, or runs later, a study in
 * this store, on an env opened from the same registry. "After" goes by the lives of the
 * store (gym/store.h): a read holds the store's lock, so each process that adds trials
 * comes wholly before or wholly after it; one that reads while its own study runs counts
 * as after, with all that it added.
 *
 * That is all a store can prove: reads in other stores, or by `gym eval --sealed` without
 * a store, leave no mark here, and a run that is not tainted says no more than that none
 * of its trials followed a read that this store knows of. A run that goes on is tainted
 * however little it adds; one that is over stays clean, whatever is read later. Taint
 * follows from the tables and cannot be taken back: gym_store_runs, gym_results_run and
 * gym_study_run_info tell, and every table shows it.
 *
 * A report is a snapshot: values and designs stay in the table `finals` of the store, the
 * read in `unsealed` (core columns: report, study, run, place, trial, time, status,
 * tainted, design as text, metrics as JSON). The columns of trials never hold a sealed
 * value. */
#ifndef GYM_FINAL_H
#define GYM_FINAL_H

#include <gym/store.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What is to be reported. Everything borrowed during gym_final_make. */
struct gym_final_plan {
  uint32_t struct_size;
  uint32_t top;        /* best designs of each run; 0: one */
  int64_t study;       /* 0: the newest, on env `env` where that is not NULL */
  const char *env;     /* full or bare id the study must be about; NULL: any */
  const int64_t *runs; /* row ids of the runs to report on, n_runs; NULL: all */
  size_t n_runs;
  const gym_settings *settings; /* where files of the env lie now; NULL: by name */
  bool unfinished; /* report on a study with runs that are not over, tainting what they
                      add: refused (GYM_ESTATE) otherwise */
  void (*log) (void *context, const char *line); /* of the env, and notes; may be NULL */
  void *log_context;
};

/* A design of a report. Metrics n (sealed ones too), goals m in the user's terms,
 * violations c; NaN unless `status` is ok. */
struct gym_final_design {
  int64_t run;                  /* row id */
  const char *agent, *agent_id; /* label; full id */
  uint64_t seed;                /* of the run */
  uint32_t place;               /* among the run's best, from 1 */
  uint32_t status;              /* enum gym_status */
  uint64_t number;              /* of its trial */
  uint64_t evaluation_seed;
  uint32_t fidelity;
  bool tainted; /* the run */
  bool equal;   /* metrics that are neither sealed nor measured are those of the trial */
  const double *design, *metrics, *goals, *violations;
  const char *note;
};

/* A finished report, with its env. Owned by the caller, one thread. */
typedef struct gym_final gym_final;

/* Makes a final report of a study in the store `path`: takes the best designs of each run
 * by the study's objective at the highest fidelity the run has (gym_store_best_of),
 * reopens the env (gym_env_reopen), puts the report down in the store, evaluates each
 * design at the fidelity and with the evaluation seed of its trial, sealed metrics
 * included, in this process, and keeps the values. The registry must outlive the report.
 *
 * GYM_EBUSY while a study writes to the store; GYM_ESTATE when runs are not over, or no
 * run has a design to report; GYM_ENOTFOUND, GYM_EMISMATCH as the calls it makes. Before
 * the report is put down nothing sealed has been computed, and after an error from there
 * on it stays put down. */
GYM_API gym_final *gym_final_make (const gym_registry *registry, const char *path,
                                   const struct gym_final_plan *plan, gym_error *err);
GYM_API void gym_final_destroy (gym_final **final);

/* Borrowed, as long as the report: its env and objective; the number the report has in
 * the store, and that of its study; the designs, in order of agents, seeds and places. */
GYM_API const gym_env *gym_final_env (const gym_final *final);
GYM_API const gym_objective *gym_final_objective (const gym_final *final);
GYM_API int64_t gym_final_report (const gym_final *final);
GYM_API int64_t gym_final_study (const gym_final *final);
GYM_API size_t gym_final_count (const gym_final *final);
GYM_API const struct gym_final_design *gym_final_design (const gym_final *final,
                                                         size_t i);

/* Runs of the study that have no trial to report on. */
GYM_API size_t gym_final_empty (const gym_final *final);

/* Puts down in the store `path` that sealed metrics of this env are read now, by a way
 * that `how` names in a word: to be called before gym_env_evaluate_sealed by who knows
 * which store that concerns. Nothing is tainted by an env that has none. GYM_ENOTFOUND:
 * no such store; GYM_EBUSY: a study writes to it. */
GYM_API int gym_store_unseal (const char *path, const gym_env *env, const char *how,
                              gym_error *err);

#ifdef __cplusplus
}
#endif
#endif
