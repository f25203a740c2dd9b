/* gym/env.h - environments as the host sees them, and episodes over them. */
#ifndef GYM_ENV_H
#define GYM_ENV_H

#include <gym/objective.h>
#include <gym/registry.h>
#include <stdatomic.h>

#ifdef __cplusplus
extern "C" {
#endif

/* An open environment. Owned by its maker, one thread at a time; several may be open at
 * once, of one class too. The registry must outlive it. */
typedef struct gym_env gym_env;

/* Opens env `id` (full or bare) with the user's settings (copied; NULL: all defaults).
 * Checks the class's answers: space, metrics and fidelities well formed. */
GYM_API gym_env *gym_env_open (const gym_registry *registry, const char *id,
                               const gym_settings *settings, gym_error *err);
GYM_API void gym_env_destroy (gym_env **env);

/* What was opened. All borrowed, constant until the env is destroyed. */
GYM_API const struct gym_entry *gym_env_entry (const gym_env *env);
GYM_API const gym_registry *gym_env_registry (const gym_env *env);
GYM_API const gym_settings *gym_env_settings (const gym_env *env);
GYM_API const gym_space *gym_env_space (const gym_env *env);
GYM_API const struct gym_metrics *gym_env_metrics (const gym_env *env);

/* At least one fidelity; the last is the default. */
GYM_API const struct gym_fidelities *gym_env_fidelities (const gym_env *env);

/* Index of a metric or fidelity by name; GYM_ENOTFOUND names the nearest. */
GYM_API int gym_env_find_metric (const gym_env *env, const char *name, gym_error *err);
GYM_API int gym_env_find_fidelity (const gym_env *env, const char *name, gym_error *err);

/* Id and all options in force as canonical JSON, {"id": "dram-v1", "options": {...}}:
 * envs with equal identities give equal results. Borrowed. */
GYM_API const char *gym_env_identity (const gym_env *env);

/* Where the env's log lines go (default: nowhere), and the flag that asks long
 * evaluations to stop (default: none). Both may be changed between calls. */
GYM_API void gym_env_set_log (gym_env *env, void (*log) (void *context, const char *line),
                              void *context);
GYM_API void gym_env_set_cancel (gym_env *env, const atomic_bool *flag);

/* Makes `row` canonical and, where the env has extension constraint/1 with a repair,
 * valid. True when the row (afterwards) satisfies the env's rules. */
GYM_API bool gym_env_repair (gym_env *env, double *row);

/* Evaluates n designs (rows of gym_space_size). `fidelities` NULL: the highest; `seeds`
 * NULL: 0. Writes n rows of metrics and n statuses, and where `notes` is not NULL n
 * texts of GYM_NOTE bytes. Every row is checked first: one that is not a canonical design
 * is an error of the whole call and nothing is evaluated. Rows that break the env's
 * rules become infeasible without being evaluated; rows with a NaN or infinite metric
 * that the fidelity yields become failed. Metrics of rows that are not ok are NaN. */
enum { GYM_NOTE = 160 };
GYM_API int gym_env_evaluate (gym_env *env, size_t n, const double *designs,
                              const uint32_t *fidelities, const uint64_t *seeds,
                              double *metrics, uint32_t *statuses, char *notes,
                              gym_error *err);

/* The same with the sealed metrics, which the function above leaves NaN whatever the env
 * writes into them. For reports, never for a search: the read is known from then on to
 * every study on an env of this identity and registry (gym/final.h has the rule), and is
 * put down in the stores of those that have run already before anything is evaluated:
 * GYM_EBUSY, GYM_EIO when one of them cannot be written, and nothing is evaluated. An env
 * without sealed metrics has nothing to put down. */
GYM_API int gym_env_evaluate_sealed (gym_env *env, size_t n, const double *designs,
                                     const uint32_t *fidelities, const uint64_t *seeds,
                                     double *metrics, uint32_t *statuses, char *notes,
                                     gym_error *err);

/* How many metrics of the env are sealed. */
GYM_API uint32_t gym_env_sealed (const gym_env *env);

/* Opens the env of a stored identity (the text of gym_env_identity) again. Options come
 * from the identity, then from `settings` (NULL: none), which say where files lie that
 * are not found by name in the working folder or in `folder` (NULL: none). GYM_EMISMATCH
 * names the first option that differs, or the file whose content does; GYM_ENOTFOUND a
 * file that is not there; GYM_EINVAL an identity that makes no sense. */
GYM_API gym_env *gym_env_reopen (const gym_registry *registry, const char *identity,
                                 const gym_settings *settings, const char *folder,
                                 gym_error *err);

/* What lies behind one evaluation, as extension detail/1 has it: a row a layer, a bank,
 * a task. The columns, borrowed until the env is destroyed; NULL: the env has none. */
GYM_API const struct gym_metrics *gym_env_detail_columns (const gym_env *env);

/* Evaluates one canonical design for its details: `emit` gets a label and one number per
 * column for each row, both valid during that call only. GYM_ENOTFOUND: the env has no
 * details; GYM_EFAILED: this design has none, and why. */
GYM_API int gym_env_detail (gym_env *env, const double *design, uint32_t fidelity,
                            uint64_t seed,
                            void (*emit) (void *sink, const char *label,
                                          const double *values),
                            void *sink, gym_error *err);

/* Name of a status: "ok", "infeasible", ... Static. And back; -1 when unknown. */
GYM_API const char *gym_status_name (uint32_t status);
GYM_API int gym_status_parse (const char *name);

/* ------------------------------------------------------------------------------------
 * Episodes (Gymnasium's vocabulary)
 *
 * Any env is a one-step episode: the action is a design, the observation the previous
 * trial's metrics, each scaled to zero mean and unit spread of those seen so far (0
 * before the first trial or after one that was not ok). */

typedef struct gym_episode gym_episode;

/* Owned by its maker; env and objective must outlive it. The objective must have one
 * goal. */
GYM_API gym_episode *gym_episode_new (gym_env *env, const gym_objective *objective,
                                      gym_error *err);
GYM_API void gym_episode_destroy (gym_episode **episode);

/* Length of an observation. */
GYM_API uint32_t gym_episode_observation_size (const gym_episode *episode);

struct gym_step {
  double reward;    /* the goal's inner value negated: larger is better; NaN unless ok */
  bool terminated;  /* the episode is over: always true for a one-step env */
  bool truncated;   /* cut short from outside (cancelled) */
  uint32_t status;  /* enum gym_status */
  double violation; /* sum of the constraints' violations; NaN unless ok */
  const double *metrics; /* n metrics; valid until the next call */
  const double *design;  /* the design that was evaluated, after repair; as metrics */
};

/* Starts an episode; `seed` becomes the evaluation seed. Writes the observation. */
GYM_API int gym_episode_reset (gym_episode *episode, uint64_t seed, double *observation,
                               gym_error *err);

/* Takes a design (repaired first), writes the next observation and what happened.
 * GYM_ESTATE when the episode is over and was not reset. */
GYM_API int gym_episode_step (gym_episode *episode, const double *design,
                              double *observation, struct gym_step *step, gym_error *err);

#ifdef __cplusplus
}
#endif
#endif
