/* gym/proxy_train.h - models of metrics from logged trials: rows, training, scores.
 *
 *   gym_proxy_data *d = gym_proxy_data_open (paths, n, &choice, &err);
 *   struct gym_proxy_recipe recipe = { .struct_size = sizeof recipe, .model = "forest",
 *                                      .transform = GYM_TRANSFORM_AUTO };
 *   gym_proxy *p = gym_proxy_train (registry, d, &recipe, &err);
 *   gym_proxy_save (p, "dram.proxy", &err);
 *
 * Rows are the ok trials of one env (id, options and files alike) at one fidelity. A
 * design that was evaluated more than once with the same result is one row; with several
 * results (a noisy env) all are rows, and none of the methods below ever has some of them
 * in training and others in a test.
 *
 * Scores come one for each target, in its own unit, over all tested rows together.
 * Everything random follows from the seed it is given. Owner: whoever opened it; one
 * thread. */
#ifndef GYM_PROXY_TRAIN_H
#define GYM_PROXY_TRAIN_H

#include <gym/dataset.h>
#include <gym/proxy.h>
#include <gym/stats_scores.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Rows ---- */

typedef struct gym_proxy_data gym_proxy_data;

struct gym_proxy_choice {
  uint32_t struct_size;
  uint32_t n_metrics;
  const char *const *metrics; /* names; n_metrics 0: all that the fidelity has but hints
                                 and those that are measured (times of this machine) */
  const char *env;            /* as struct gym_dataset_options has these four */
  const gym_settings *where;
  const char *fidelity; /* NULL: the dearest there is */
  int64_t study;
  const char *identity;     /* the env must have this identity (JSON); NULL: any one */
  const char *const *hints; /* metrics to pretrain on (gym_proxy_pretrain), of any
                               fidelity or, as "energy@coarse", of one; n_hints 0: none */
  uint32_t n_hints;
  uint32_t reserved;
};

/* Reads rows from n stores. Hints that are all above 0 and spread over decades are taken
 * by their logarithm (GYM_TRANSFORM_AUTO decides). Every design's hints are known
 * whatever part of the rows a model below is trained on: they cost nothing, and are the
 * same at every fidelity that has them, or are those of a cheap one. So no hint may be a
 * target at the fidelity that is learnt. Hints come from one trial of a design: those of
 * two fidelities do not go together. Errors as
 * gym_dataset_open; GYM_EINVAL also for a hint that is one, and when the stores hold
 * several envs that differ in their options (two are named, with what tells them apart);
 * GYM_ENOTFOUND: no ok row, or a metric that is not there. */
GYM_API gym_proxy_data *gym_proxy_data_open (const char *const *paths, size_t n,
                                             const struct gym_proxy_choice *choice,
                                             gym_error *err);
GYM_API void gym_proxy_data_destroy (gym_proxy_data **data);

/* n rows, in order of stores, studies, runs and trials. `groups` numbers distinct
 * designs, `agents` labels of agents, both from 0. Borrowed until the data is destroyed.
 */
struct gym_proxy_table {
  uint32_t struct_size;
  uint32_t n_params, n_targets;
  uint32_t n_agents;
  size_t n, n_groups;
  const double *designs, *targets;
  const size_t *groups;
  const uint32_t *agents;
  /* Distinct designs of any fidelity that have all hints; n_hints may be 0. */
  size_t n_hinted;
  uint32_t n_hints;
  uint32_t reserved;
  const double *hinted, *hints; /* the designs; their hints, spread evenly: see below */
};
GYM_API const struct gym_proxy_table *gym_proxy_data_table (const gym_proxy_data *data);
GYM_API const gym_space *gym_proxy_data_space (const gym_proxy_data *data);
GYM_API const struct gym_metrics *gym_proxy_data_targets (const gym_proxy_data *data);
GYM_API const char *gym_proxy_data_env (const gym_proxy_data *data); /* identity */
GYM_API const char *gym_proxy_data_fidelity (const gym_proxy_data *data);
GYM_API const char *gym_proxy_data_agent (const gym_proxy_data *data, uint32_t i);

/* ---- Training ---- */

/* What to train, and who listens. Borrowed during a call. */
struct gym_proxy_recipe {
  uint32_t struct_size;
  uint32_t transform;           /* enum gym_transform of every target */
  const char *model;            /* id of the proxy model */
  const gym_settings *settings; /* its options; NULL: defaults */
  uint64_t seed;                /* of the model, and of what a method below draws */
  const atomic_bool *cancel;    /* NULL: none. GYM_ECANCELLED when it is raised */
  void (*log) (void *context, const char *line); /* of the model; may be NULL */
  void (*progress) (void *context, size_t done, size_t all); /* models; may be NULL */
  void *context;                                             /* of all three */
  bool (*stop) (void *context); /* as cancel, where nobody can raise a flag: asked now and
                                   then; true ends it. May be NULL */
};

/* Fits a model to all rows, pretrained if there are hints (GYM_EINVAL: its class cannot
 * be). Its note says what it stands for: see gym_proxy_origin. The registry must outlive
 * it. */
GYM_API gym_proxy *gym_proxy_train (const gym_registry *registry,
                                    const gym_proxy_data *data,
                                    const struct gym_proxy_recipe *recipe,
                                    gym_error *err);

/* What a model was trained on, read from its note. Texts belong to the struct, which the
 * caller clears. GYM_EINVAL: the model has no such note. */
struct gym_proxy_origin {
  uint32_t struct_size;
  bool rules; /* the env refuses designs that its space allows (constraint/1) */
  char *env;  /* identity, for gym_env_reopen */
  char *fidelity;
  char *stores; /* JSON: [{"path": ..., "study": ...}, ...] of its rows */
  char *hints;  /* JSON: list of the metrics it was pretrained on; NULL: not known */
  size_t rows, designs;
};
GYM_API int gym_proxy_origin_read (const gym_proxy *proxy,
                                   struct gym_proxy_origin *origin, gym_error *err);
GYM_API void gym_proxy_origin_clear (struct gym_proxy_origin *origin);

/* ---- Scores ---- */

/* Scores a fitted model on all rows: as many entries as targets. Designs and names of the
 * targets must be those of the data (GYM_EMISMATCH). Rows it was fitted to flatter it. */
GYM_API int gym_proxy_score (gym_proxy *proxy, const gym_proxy_data *data,
                             struct gym_scores *scores, gym_error *err);

/* Cross-validation: designs are dealt into `folds` >= 2 parts; each is predicted by a
 * model of the others. GYM_EINVAL: fewer designs than folds. */
GYM_API int gym_proxy_folds (const gym_registry *registry, const gym_proxy_data *data,
                             const struct gym_proxy_recipe *recipe, uint32_t folds,
                             struct gym_scores *scores, gym_error *err);

/* Learning curve: a fifth of the designs is set aside for the test; models of the first
 * sizes[i] of the other designs, in a drawn order, are scored on it. Row i of `scores`
 * (one entry a target) is that of sizes[i]. GYM_EINVAL: a size that is 0 or too large. */
GYM_API int gym_proxy_curve (const gym_registry *registry, const gym_proxy_data *data,
                             const struct gym_proxy_recipe *recipe, const size_t *sizes,
                             size_t n_sizes, struct gym_scores *scores, gym_error *err);

/* What it is worth to learn from several agents: in each of `draws` draws the same number
 * of designs is taken from one agent's log and evenly from those of all agents, and both
 * models are scored on a common test set, to which each agent gives as many designs, and
 * which neither has seen. The lone agent is another one from draw to draw. `designs` 0:
 * as many as the shortest log can give. */
struct gym_proxy_draw {
  uint32_t agent;                  /* the lone one */
  size_t designs, tests;           /* learnt from; tested on */
  struct gym_scores *lone, *mixed; /* the caller's, one entry a target */
};
GYM_API int gym_proxy_diversity (const gym_registry *registry, const gym_proxy_data *data,
                                 const struct gym_proxy_recipe *recipe, size_t designs,
                                 struct gym_proxy_draw *draws, size_t n_draws,
                                 gym_error *err);

/* CPU seconds of this thread for one design: predicted alone, predicted in batches of
 * 1,000, and evaluated by `env` (NaN where that is NULL), over drawn designs, all in this
 * call. The env's designs must be the model's (GYM_EMISMATCH). Each is measured for a
 * tenth of a second at least, `env` with one design at least. */
struct gym_proxy_speed {
  uint32_t struct_size;
  uint32_t reserved;
  double single, batched, evaluation;
};
GYM_API int gym_proxy_measure (gym_proxy *proxy, gym_env *env, uint64_t seed,
                               struct gym_proxy_speed *speed, gym_error *err);

#ifdef __cplusplus
}
#endif
#endif
