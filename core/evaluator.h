/* core/evaluator.h - trials in a child process that may be limited and may die.
 *
 * The child is forked from the process that has the env open, so it starts with the env
 * as it is: nothing is opened twice, and a new child after a death costs a fork. Rows go
 * through shared memory, a byte each way through a socket. With isolation none the same
 * loop runs in a thread, which leaves the owner free to keep up its heartbeat.
 *
 * Rows go to the child in pieces that take a moment. One whose child dies, or that is
 * not done within the limit of a single trial, is evaluated again one trial at a time:
 * the one at fault gets the status, the others their results. */
#ifndef CORE_EVALUATOR_H
#define CORE_EVALUATOR_H

#include <gym/workers.h>

typedef struct gym_evaluator gym_evaluator;

enum { EVALUATOR_MOST = 1024 }; /* trials at a time */

/* Starts a child (or thread) for an open env, which the caller leaves alone until the
 * evaluator is destroyed. One thread, in which poll also hands on what the env says to
 * the log that it has now. */
gym_evaluator *gym_evaluator_new (gym_env *env, const struct gym_limits *limits,
                                  gym_error *err);
void gym_evaluator_destroy (gym_evaluator **evaluator);

/* Where to put the next batch, and where the results of the last one are. */
struct evaluator_rows {
  double *designs; /* EVALUATOR_MOST rows each */
  uint32_t *fidelities;
  uint64_t *seeds;
  double *metrics;
  uint32_t *statuses;
  char *notes; /* GYM_NOTE bytes each */
};
const struct evaluator_rows *gym_evaluator_rows (const gym_evaluator *evaluator);

/* Starts the first n rows. */
int gym_evaluator_start (gym_evaluator *evaluator, size_t n, gym_error *err);

/* Waits at most `milliseconds` (-1: for ever): 1 when all rows have their status, 0 when
 * not yet, negative when no child can be started. */
int gym_evaluator_poll (gym_evaluator *evaluator, int milliseconds, gym_error *err);

/* Readable when there is something for poll to do; it may change after a poll. */
int gym_evaluator_fd (const gym_evaluator *evaluator);

/* Milliseconds until poll has a deadline to look at, -1: none. */
int gym_evaluator_due (const gym_evaluator *evaluator);

/* For a forked child that is to live on its own: drops all descriptors but `keep` (and
 * standard error), ends it with its parent, ignores what the terminal sends. */
int gym_child_begin (int keep, int parent);

#endif
