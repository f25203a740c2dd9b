/* core/prior_bank.h - the inside of a task bank, shared by the files that make it:
 * prior_bank.c opens it and chooses, prior_anchors.c asks for the anchors' results. */
#ifndef CORE_PRIOR_BANK_H
#define CORE_PRIOR_BANK_H

#include "core/prior.h"

/* What became of the anchors on one workload. Rows as long as there are anchors. */
struct bank_answers {
  uint8_t *known;
  uint32_t *statuses;
  double *goals, *violations, *metrics; /* 1, c and n a row; NaN unless ok */
  double *ranks;                        /* 1: the best */
};

struct bank_task {
  struct gym_bank_task about;
  size_t env; /* index in the data set; SIZE_MAX: not in it */
  struct bank_answers answers;
};

struct gym_bank {
  struct gym_bank_options options; /* the texts are the caller's while it is opened */
  char *folder;                    /* where files of the tasks are looked for, or NULL */
  gym_dataset *data;
  const struct gym_dataset_table *table;
  gym_objective *objective;
  const gym_space *space; /* the data set's */
  uint32_t p, n, c;       /* parameters, metrics of the env, constraints */
  int *metric_at;         /* of each of these: in the data set, or -1 */
  uint8_t *compared;      /* which tell workloads apart: not measured, not sealed */
  double *goals;          /* of each row of the table; NaN: it does not count */
  double *anchors;
  uint64_t *hashes;
  size_t n_anchors, n_candidates; /* the first of them are the best of a task each */
  struct bank_task own;
  struct bank_task *tasks;
  size_t n_tasks;
  size_t task_evaluations;
};

/* ---- prior_bank.c ---- */

/* Whether `only` (n of them; 0: all) has the name of a workload, and whether all of them
 * are tasks: GYM_ENOTFOUND names one that is not. */
bool gym_bank_wants (const char *const *only, size_t n, const char *workload);
int gym_bank_check_names (const gym_bank *bank, const char *const *only, size_t n,
                          gym_error *err);

/* Negative when answer i is better than j, positive when it is worse. */
int gym_bank_order (const gym_bank *bank, const struct bank_answers *answers, size_t i,
                    size_t j);

/* Whether answer i is a result that counts: ok, and every constraint met. */
bool gym_bank_is_good (const gym_bank *bank, const struct bank_answers *answers,
                       size_t i);

/* ---- prior_portfolio.c ---- */

/* Designs that may become anchors, into anchors and hashes. */
int gym_bank_propose (gym_bank *bank, gym_env *env, gym_error *err);

/* Puts the anchors in order by what they are worth on the tasks, which all have ranks,
 * and drops those that are not wanted. */
int gym_bank_choose (gym_bank *bank, gym_error *err);

/* ---- prior_anchors.c ---- */

/* Whose trials anchors are in a store. */
#define GYM_BANK_AGENT "anchors"

/* Reads one row of the env's metrics into answer i. */
void gym_bank_answer (const gym_bank *bank, struct bank_answers *answers, size_t i,
                      uint32_t status, const double *metrics);

/* Evaluates the anchors of a task that are not known, on an env that is its own, and
 * keeps them where the options say. */
int gym_bank_evaluate (gym_bank *bank, struct bank_task *task, gym_env *env,
                       gym_error *err);

#endif
