/* core/dispatch.h - where trials are evaluated.
 *
 * The study loop submits tasks and waits for finished ones; it neither knows nor cares
 * whether they run in this thread, in worker processes or on other machines. Results may
 * come in any order: the loop puts them back in order before agents hear of them. */
#ifndef CORE_DISPATCH_H
#define CORE_DISPATCH_H

#include <gym/workers.h>

/* Whose result it is and which, for the acknowledgement after its commit. */
struct gym_receipt {
  uint64_t key;
  uint32_t worker;
  uint32_t life; /* of that number; 0: nobody waits for an acknowledgement */
};

/* One evaluation. Made by the study, which keeps it in place until it is done. */
struct gym_task {
  uint64_t number; /* of the trial in its run */
  const double *design;
  uint64_t hash; /* of the design */
  uint32_t fidelity;
  uint64_t seed;
  uint32_t
      attempts; /* lives of the study or of workers that ended while it was at work */

  /* Written by the dispatcher. */
  double *metrics; /* room for all metrics, the study's */
  uint32_t status;
  char note[GYM_NOTE];
  struct gym_receipt receipt;

  struct gym_task *next; /* the dispatcher's own */
};

struct gym_dispatch {
  /* Takes over n tasks. They stay the caller's memory. */
  int (*submit) (struct gym_dispatch *, struct gym_task *const *tasks, size_t n,
                 gym_error *err);

  /* Blocks until at least one task is done and writes up to `room` of them into `done`;
   * returns how many, 0 when none are at work, or a negative code. */
  int (*wait) (struct gym_dispatch *, struct gym_task **done, size_t room,
               gym_error *err);

  /* Told before tasks with these numbers start and, with n = 0, when none are at work;
   * may be NULL. */
  void (*mark) (void *context, uint64_t first, uint64_t n);
  void *mark_context;

  /* How many more tasks could be at work at once; NULL: as many as are submitted. */
  size_t (*idle) (struct gym_dispatch *);

  /* The results behind these receipts are committed; may be NULL. */
  void (*acknowledge) (struct gym_dispatch *, const struct gym_receipt *, size_t n);

  /* Told when the worker that had a task was lost, with its new number of attempts; may
   * be NULL. A negative code is returned by `wait`. */
  int (*lost) (void *context, struct gym_task *task, gym_error *err);
  void *lost_context;

  void (*destroy) (struct gym_dispatch *);
};

/* Evaluates in the calling thread: all that was submitted in one batch, in order. Tasks
 * with attempts go alone, so that the one at fault is found. */
struct gym_dispatch *gym_dispatch_local_new (gym_env *env, gym_error *err);

/* Evaluates in one child process under limits (core/evaluator.h), in batches as above. */
struct gym_dispatch *gym_dispatch_child_new (gym_env *env,
                                             const struct gym_limits *limits,
                                             const atomic_bool *cancel, gym_error *err);

#endif
