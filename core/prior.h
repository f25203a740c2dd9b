/* core/prior.h - what a prior looks like inside. Internal to prior*.c. */
#ifndef CORE_PRIOR_H
#define CORE_PRIOR_H

#include <gym/prior.h>

struct gym_prior {
  gym_space *space; /* a copy */
  double **weights; /* one block a parameter, or NULL */
  double *first;    /* n_first designs, or NULL */
  size_t n_first;
  char *json;
  struct gym_prior_task *tasks;
  size_t n_tasks;
  size_t evaluations, task_evaluations; /* anchors that had to be evaluated */
};

#endif
