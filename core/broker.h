/* core/broker.h - trials on workers: the study's end of core/wire.h.
 *
 * A ROUTER socket that is looked after whenever the study waits for a result, in its own
 * thread: nothing is shared, so nothing is locked. A task waits in a queue, is leased to
 * a worker, and is done when the first result comes. A worker that has not been heard of
 * for the length of a lease, or whose connection broke a third of one ago and that is not
 * back on another, is lost: its tasks go back to the head of the queue with one
 * more attempt, from then on alone in their message, so that the one at fault is found;
 * after max_attempts a task is failed. Two tasks of one key are evaluated once. */
#ifndef CORE_BROKER_H
#define CORE_BROKER_H

#include "core/dispatch.h"

#include <jansson.h>

struct gym_broker_plan {
  gym_env *env;
  struct gym_workers workers; /* bind may be NULL when there are jobs alone */
  struct gym_limits limits;
  uint32_t jobs;
  uint32_t max_attempts;
  const atomic_bool *cancel;
  void (*log) (void *context, const char *line); /* may be NULL, as its context */
  void *log_context;
  /* The study's part of the state that `gym status` shows; a new object. */
  json_t *(*describe) (void *context);
  void *describe_context;
};

/* Binds, and forks the jobs. Everything in the plan is borrowed but the strings. */
struct gym_dispatch *gym_broker_new (const struct gym_broker_plan *plan, gym_error *err);

/* The endpoint that was bound, "*" resolved; "" when there are jobs alone. */
const char *gym_broker_endpoint (const struct gym_dispatch *dispatch);

/* Workers that take tasks now. */
uint32_t gym_broker_ready (const struct gym_dispatch *dispatch);

/* Tasks that have their results and were not handed over by `wait` yet. */
size_t gym_broker_done (const struct gym_dispatch *dispatch);

/* Looks after the socket without waiting, for pauses between two waits. */
int gym_broker_tend (struct gym_dispatch *dispatch, gym_error *err);

#endif
