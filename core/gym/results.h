/* gym/results.h - the trials of a stored study as arrays, for statistics and figures.
 *
 *   gym_results *r = gym_results_load (store, 0, 100000, &err);
 *   ... gym_results_run (r, i)->curve ... gym_results_goals (r) ...
 *   gym_results_destroy (&r);
 *
 * Objectives are in inner terms (minimised); gym_objective_report turns one into the
 * user's. A trial counts as a result when it was ok, met every constraint and was made at
 * the fidelity that the study is about: results of other fidelities do not compare.
 * Loading takes a few microseconds and about 30 bytes a trial, beside the designs that
 * are kept.
 *
 * A gym_results owns all it hands out and is never changed; any thread may read it. The
 * store may be closed, and its study go on, in the meantime. */
#ifndef GYM_RESULTS_H
#define GYM_RESULTS_H

#include <gym/store.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct gym_results gym_results;

/* Loads a study (0: the newest) as it is now. Of its designs at most `designs` are kept,
 * evenly spread over the trials (0: none, SIZE_MAX: all). GYM_ENOTFOUND: no such study;
 * GYM_EIO: damaged; GYM_ENOMEM. */
GYM_API gym_results *gym_results_load (gym_store *store, int64_t study, size_t designs,
                                       gym_error *err);
GYM_API void gym_results_destroy (gym_results **results);

/* What was studied. */
struct gym_result_study {
  uint32_t struct_size;
  int64_t study;
  const char *env, *identity, *env_identity; /* full id; JSON */
  const char *version, *fingerprint, *host;  /* that began it */
  double budget;
  const gym_objective *objective;
  const gym_space *space;
  uint32_t m; /* goals */
};
GYM_API const struct gym_result_study *gym_results_study (const gym_results *results);

/* An agent with its settings; its runs are not necessarily next to each other. */
struct gym_result_agent {
  const char *label, *id, *options; /* options: JSON */
  size_t n_runs;
};
GYM_API size_t gym_results_agents (const gym_results *results);
GYM_API const struct gym_result_agent *gym_results_agent (const gym_results *results,
                                                          size_t i);

struct gym_result_run {
  int64_t run;  /* its id in the store */
  size_t agent; /* index above */
  uint64_t seed;
  enum gym_run_state state;
  double spent;         /* of the budget */
  size_t first, trials; /* of the trial arrays */
  size_t evaluated;     /* distinct ones, the length of the curve */
  size_t statuses[6];   /* trials by enum gym_status */
  const double *curve;  /* best goal 0 so far after each distinct evaluation; NaN */
  size_t best;          /* index of the trial with the best goal 0; SIZE_MAX: none */
  bool tainted;         /* it went on after sealed metrics were read: gym/final.h */
};
GYM_API size_t gym_results_runs (const gym_results *results);
GYM_API const struct gym_result_run *gym_results_run (const gym_results *results,
                                                      size_t i);

/* Trials of all runs, one run behind the other, in order of number: how many; rows of m
 * objectives, NaN where a trial is no result (see above); whether it repeats an earlier
 * trial of its run; its status; its number. */
GYM_API size_t gym_results_trials (const gym_results *results);
GYM_API const double *gym_results_goals (const gym_results *results);
GYM_API const bool *gym_results_repeats (const gym_results *results);
GYM_API const uint8_t *gym_results_statuses (const gym_results *results);
GYM_API const uint32_t *gym_results_numbers (const gym_results *results);

/* Designs that were kept, rows as long as the space, and the trial each belongs to; no
 * repeats among them. */
GYM_API size_t gym_results_designs (const gym_results *results);
GYM_API const double *gym_results_design (const gym_results *results, size_t i);
GYM_API size_t gym_results_design_trial (const gym_results *results, size_t i);

#ifdef __cplusplus
}
#endif
#endif
