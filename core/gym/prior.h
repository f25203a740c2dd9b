/* gym/prior.h - design priors, and learning one from studies of other workloads.
 *
 * A prior says of each parameter which of its values are likely to be good. An agent of
 * class flag GYM_AGENT_PRIOR begins there:
 *
 *   struct gym_bank_options o = { .struct_size = sizeof o, .objective = "energy" };
 *   gym_bank *bank = gym_bank_open (stores, n_stores, env, &o, &err);
 *   gym_prior *prior = gym_bank_prior (bank, NULL, &err);
 *   gym_study_add_prior (study, "ga", settings, prior, NULL, &err);
 *
 * The bank holds what was studied on other workloads (tasks): studies of the same env id
 * with other options or files, see gym/dataset.h. How much a task has in common with the
 * workload at hand is found out on a few anchor designs, the same for all, whose results
 * are compared. Anchors are best designs of tasks, so that they are worth trying as well,
 * and are what a search begins with: nothing is evaluated for similarity alone. The prior
 * is made of the best designs of the tasks that are most alike (after AutoTransfer: Cao,
 * You, Liu, Leskovec, "AutoTransfer: AutoML with knowledge transfer", ICLR 2023, which
 * embeds tasks by rankings of anchor models and mixes the design distributions of the
 * nearest ones; portfolios of designs chosen greedily over tasks: Wistuba, Schilling,
 * Schmidt-Thieme, "Sequential model-free hyperparameter tuning", ICDM 2015; Feurer,
 * Eggensperger, Falkner, Lindauer, Hutter, "Auto-sklearn 2.0", JMLR 23, 2022).
 *
 * Owner: whoever made the object; one thread. */
#ifndef GYM_PRIOR_H
#define GYM_PRIOR_H

#include <gym/dataset.h>
#include <gym/study.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- A prior (gym_prior: see gym/study.h). It owns all it holds, the names of tasks
 * too, and outlives env and bank. ---- */

/* A prior of given weights: weights[i] holds gym_space_count numbers for parameter i, all
 * above 0 and with sum 1, or is NULL (nothing is known; always so where there is no
 * finite count). Copied. NULL with GYM_EINVAL: the error names parameter and value. */
GYM_API gym_prior *gym_prior_new (const gym_space *space, const double *const *weights,
                                  gym_error *err);
GYM_API void gym_prior_destroy (gym_prior **prior);

/* Designs that a search is to begin with, n rows, in this order (copied; those given
 * before are forgotten). They take the place of what an agent of class flag
 * GYM_AGENT_FIRST asks for first, and are trials of its run like all others. */
GYM_API int gym_prior_begin (gym_prior *prior, size_t n, const double *designs,
                             gym_error *err);

/* Their number, and the rows. Borrowed. */
GYM_API const double *gym_prior_first (const gym_prior *prior, size_t *n);

/* The weights, as in struct gym_problem. Borrowed until the prior is destroyed. */
GYM_API const double *const *gym_prior_weights (const gym_prior *prior);

/* The space it was made for (its own copy). Borrowed. */
GYM_API const gym_space *gym_prior_space (const gym_prior *prior);

/* The weights as JSON, {"PagePolicy": {"Open": 0.9, ...}, ...}, with all digits; parts of
 * it that are NULL are absent. It is what a store keeps (table `priors`). Borrowed. */
GYM_API const char *gym_prior_json (const gym_prior *prior);

/* The same back: strict, as gym_design_from_json. Every value of a parameter must be
 * there. */
GYM_API gym_prior *gym_prior_from_json (const gym_space *space, const char *json,
                                        gym_error *err);

/* A table for people: the tasks it comes from, then one line a parameter with its values
 * from likely to unlikely. The caller frees it with gym_free. */
GYM_API char *gym_prior_describe (const gym_prior *prior, gym_error *err);

/* ---- The bank ---- */

typedef struct gym_bank gym_bank;

struct gym_bank_options {
  uint32_t struct_size;
  uint32_t anchors;      /* best designs of tasks, at most, 1 .. 4096; 0: 8 */
  uint32_t contrast;     /* random designs behind them, at most 4096 */
  uint64_t seed;         /* that these are drawn with */
  const char *objective; /* text with one goal: what is good */
  const char *store;     /* where anchors are kept that had to be evaluated (agent
                            "anchors" of a study of their own); NULL: nowhere. May be one
                            of the bank's */
  const char *folder;    /* files of the tasks' envs are looked for here as well; NULL:
                            where the first file of `env` lies */
  const gym_settings *settings; /* where they lie, as for gym_env_reopen; NULL */
  const char *const
      *only; /* names of workloads that are to be tasks, n_only; NULL: all */
  size_t n_only;
};

/* Reads the studies of `env`'s class. The best design of each task (of equals the one
 * whose values most of them have; of 2 * anchors tasks at most) is evaluated on each
 * task. Those that become anchors are chosen one by one: the next is the one that brings
 * the tasks, on average over their ranks, nearest to their best, until each has it or
 * there are enough. They and `contrast` random designs are evaluated on `env`. All that
 * happens in this process, at the highest fidelity; what a store holds already is taken
 * from there. `env` is borrowed during the call. A task whose env cannot be opened again
 * (a file is gone) and whose anchors are not all known is left out, which gym_bank_task
 * says. GYM_ENOTFOUND: no study of another workload; GYM_EINVAL: an objective with
 * several goals, or out of range; the codes of gym_dataset_open, of evaluating, of the
 * store. */
GYM_API gym_bank *gym_bank_open (const char *const *stores, size_t n, gym_env *env,
                                 const struct gym_bank_options *options, gym_error *err);
GYM_API void gym_bank_destroy (gym_bank **bank);

/* Designs that were evaluated: on the workload at hand, and on the tasks. Those that came
 * from a store cost nothing; those here are in every run that uses the prior again, as
 * its first trials. */
GYM_API size_t gym_bank_evaluations (const gym_bank *bank);
GYM_API size_t gym_bank_task_evaluations (const gym_bank *bank);

/* A task. Similarities lie in [-1, 1], 1: the anchors came out alike; NaN where it was
 * left out, and `why` says why. */
struct gym_bank_task {
  uint32_t struct_size;
  const char
      *workload; /* as in gym/dataset.h; "#2", ... behind one that is there twice */
  const char *identity; /* of its env */
  size_t rows;          /* distinct designs that have a result that counts */
  size_t evaluated;     /* designs evaluated on it in this call */
  double by_rank;       /* Spearman's rank correlation of the objective */
  double by_metrics; /* 1 - d^2 / 2, d: root mean square distance of the metrics, each of
                        mean 0 and deviation 1 over the anchors: their mean correlation */
  const char *why;   /* "" */
};
GYM_API size_t gym_bank_tasks (const gym_bank *bank);
GYM_API const struct gym_bank_task *gym_bank_task (const gym_bank *bank, size_t i);

/* ---- Learning ---- */

enum gym_similarity {
  GYM_SIMILAR_RANK = 0,    /* by_rank */
  GYM_SIMILAR_METRICS = 1, /* by_metrics */
  GYM_SIMILAR_BOTH = 2     /* their mean */
};

/* Fields of 0 mean the default. */
struct gym_prior_options {
  uint32_t struct_size;
  uint32_t similarity;     /* enum gym_similarity */
  uint32_t tasks;          /* of the most similar ones, how many; 3, with one's own */
  uint32_t least;          /* designs of a task, at least; 20 */
  double share;            /* of a task's designs that are its best; 0.01 */
  double uniform;          /* weight of all values being alike, in (0, 1]; 0.2 */
  const char *const *only; /* names of workloads to choose from, n_only; NULL: all */
  size_t n_only;
};

/* The prior of parameter i is
 *
 *   u / L + (1 - u) (sum_k w_k s_k f_k + (1 - sum_k w_k s_k) / L),  w_k = s_k / sum s
 *
 * over the chosen tasks k: f_k the shares of i's L values among the best designs of the
 * task in which i is active, s_k its similarity, 0 when negative or found with less than
 * three anchors. With four anchors or more the workload at hand is the first of the tasks
 * itself: of similarity 1, its best designs the better quarter of the anchors. So a prior
 * is believed as far as its tasks are alike, and no value is ever out of reach. Designs
 * as good as the last of the best are among them. Parameters of more than 4,096 values
 * have no weights. Searches begin with the anchors (gym_prior_first). GYM_ENOTFOUND names
 * a workload that is not there; GYM_EINVAL a wrong option.
 */
GYM_API gym_prior *gym_bank_prior (const gym_bank *bank,
                                   const struct gym_prior_options *options,
                                   gym_error *err);

/* The tasks of a prior from a bank, most similar first. Borrowed. */
struct gym_prior_task {
  const char *workload;
  double similarity;
  double weight;  /* w_k s_k */
  size_t designs; /* best ones */
};
GYM_API size_t gym_prior_tasks (const gym_prior *prior);
GYM_API const struct gym_prior_task *gym_prior_task (const gym_prior *prior, size_t i);

#ifdef __cplusplus
}
#endif
#endif
