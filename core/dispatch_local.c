/* Trials in the calling thread, or in one child process that it waits for. */
#include "core/dispatch.h"
#include "core/evaluator.h"
#include "core/memory.h"

#include <stdlib.h>
#include <string.h>

struct local {
  struct gym_dispatch base;
  gym_env *env;
  gym_evaluator *evaluator;  /* NULL: the calling thread */
  const atomic_bool *cancel; /* while waiting for the child */
  uint32_t p, m;
  size_t n, room; /* tasks waiting, in order of submission */
  struct gym_task **tasks;
  double *designs, *metrics;
  uint32_t *fidelities, *statuses;
  uint64_t *seeds;
  char *notes;
};

/* Rows are copied together since an env wants a batch as one block. */
static int
reserve (struct local *l, size_t n, gym_error *err)
{
  if (n <= l->room)
    return GYM_OK;
  size_t room = l->room ? l->room : 16;
  while (room < n)
    room *= 2;
  if (gym_resize (&l->tasks, room, sizeof *l->tasks) < 0
      || gym_resize (&l->designs, room * l->p, sizeof (double)) < 0
      || gym_resize (&l->metrics, room * l->m, sizeof (double)) < 0
      || gym_resize (&l->fidelities, room, sizeof (uint32_t)) < 0
      || gym_resize (&l->statuses, room, sizeof (uint32_t)) < 0
      || gym_resize (&l->seeds, room, sizeof (uint64_t)) < 0
      || gym_resize (&l->notes, room, GYM_NOTE) < 0)
    return gym_fail (err, GYM_ENOMEM, "out of memory for %zu trials in flight", n);
  l->room = room;
  return GYM_OK;
}

/* Nothing runs before somebody waits: tasks that come one by one still form a batch. */
static int
submit (struct gym_dispatch *base, struct gym_task *const *tasks, size_t n,
        gym_error *err)
{
  struct local *l = (struct local *)base;
  int rc = reserve (l, l->n + n, err);
  for (size_t i = 0; rc == GYM_OK && i < n; i++)
    l->tasks[l->n++] = tasks[i];
  return rc;
}

/* How many of the waiting tasks go together. */
static size_t
batch_length (const struct local *l, size_t room)
{
  size_t n = 0;
  while (n < l->n && n < room && n < EVALUATOR_MOST && l->tasks[n]->attempts == 0)
    n++;
  return n ? n : 1;
}

static int
evaluate_in_child (struct local *l, size_t n, gym_error *err)
{
  const struct evaluator_rows *r = gym_evaluator_rows (l->evaluator);
  memcpy (r->designs, l->designs, n * l->p * sizeof (double));
  memcpy (r->fidelities, l->fidelities, n * sizeof (uint32_t));
  memcpy (r->seeds, l->seeds, n * sizeof (uint64_t));
  int rc = gym_evaluator_start (l->evaluator, n, err);
  while (rc == 0) {
    if (l->cancel && atomic_load_explicit (l->cancel, memory_order_relaxed))
      return gym_fail (err, GYM_ECANCELLED, "stopped on request");
    rc = gym_evaluator_poll (l->evaluator, 100, err);
  }
  if (rc < 0)
    return rc;
  memcpy (l->metrics, r->metrics, n * l->m * sizeof (double));
  memcpy (l->statuses, r->statuses, n * sizeof (uint32_t));
  memcpy (l->notes, r->notes, n * GYM_NOTE);
  return GYM_OK;
}

static int
evaluate (struct local *l, size_t n, gym_error *err)
{
  return l->evaluator ? evaluate_in_child (l, n, err)
                      : gym_env_evaluate (l->env, n, l->designs, l->fidelities, l->seeds,
                                          l->metrics, l->statuses, l->notes, err);
}

/* The mark is lifted as soon as the env has come back, whatever it said. */
static int
wait_local (struct gym_dispatch *base, struct gym_task **done, size_t room,
            gym_error *err)
{
  struct local *l = (struct local *)base;
  if (l->n == 0 || room == 0)
    return 0;
  size_t n = batch_length (l, room);
  for (size_t i = 0; i < n; i++) {
    memcpy (l->designs + i * l->p, l->tasks[i]->design, l->p * sizeof (double));
    l->fidelities[i] = l->tasks[i]->fidelity;
    l->seeds[i] = l->tasks[i]->seed;
  }
  uint64_t first = l->tasks[0]->number;
  if (base->mark)
    base->mark (base->mark_context, first, l->tasks[n - 1]->number - first + 1);
  int rc = evaluate (l, n, err);
  if (base->mark)
    base->mark (base->mark_context, 0, 0);
  if (rc < 0)
    return rc;
  for (size_t i = 0; i < n; i++) {
    struct gym_task *t = done[i] = l->tasks[i];
    t->status = l->statuses[i];
    memcpy (t->metrics, l->metrics + i * l->m, l->m * sizeof (double));
    memcpy (t->note, l->notes + i * GYM_NOTE, l->notes[i * GYM_NOTE] ? GYM_NOTE : 1);
  }
  l->n -= n;
  memmove (l->tasks, l->tasks + n, l->n * sizeof *l->tasks);
  return (int)n;
}

/* Tasks still waiting are the caller's memory: they are simply forgotten. */
static void
destroy (struct gym_dispatch *base)
{
  struct local *l = (struct local *)base;
  gym_evaluator_destroy (&l->evaluator);
  free (l->tasks);
  free (l->designs);
  free (l->metrics);
  free (l->fidelities);
  free (l->statuses);
  free (l->seeds);
  free (l->notes);
  free (l);
}

struct gym_dispatch *
gym_dispatch_local_new (gym_env *env, gym_error *err)
{
  struct local *l = calloc (1, sizeof *l);
  if (!l) {
    gym_fail (err, GYM_ENOMEM, "out of memory for the dispatcher");
    return NULL;
  }
  *l = (struct local){
    .base = { .submit = submit, .wait = wait_local, .destroy = destroy },
    .env = env,
    .p = gym_space_size (gym_env_space (env)),
    .m = gym_env_metrics (env)->n
  };
  return &l->base;
}

struct gym_dispatch *
gym_dispatch_child_new (gym_env *env, const struct gym_limits *limits,
                        const atomic_bool *cancel, gym_error *err)
{
  struct gym_dispatch *base = gym_dispatch_local_new (env, err);
  if (!base)
    return NULL;
  struct local *l = (struct local *)base;
  l->cancel = cancel;
  l->evaluator = gym_evaluator_new (env, limits, err);
  if (!l->evaluator) {
    destroy (base);
    return NULL;
  }
  return base;
}
