/* The loop of one run: ask, repair, look up or evaluate, store, tell.
 *
 * Up to q trials are in flight in a ring, in the order they were asked. The one at the
 * head is told as soon as its result is known; only then is the next one asked for. */
#include "core/memory.h"
#include "core/study.h"

#include <math.h>

enum { stall_limit = 1000 };

struct slot {
  uint64_t ticket, number, hash;
  int64_t entry;  /* of the cache */
  int64_t origin; /* number of the trial of this run it repeats, or -1 */
  bool cached;    /* another run knew the result when it was asked for */
  bool waiting;   /* submitted and not done */
  struct gym_task task;
};

struct loop {
  gym_study *study;
  struct study_run *run;
  size_t index; /* of the run */
  gym_agent *agent;
  struct gym_dispatch *dispatch;
  struct study_log log;

  uint32_t q;
  struct slot *slots;
  double *asked, *designs, *results; /* q rows each */
  uint32_t head, count;
  uint64_t next;   /* number of the next ask */
  double promised; /* budget spent or in flight */
  uint32_t repeats_in_a_row;
  bool finished; /* the agent has no more to ask */

  /* Number + 1 of the trial of this run that first evaluated a cache entry. */
  uint64_t *first;
  size_t first_room;

  /* Slow trials are committed one by one: see mark. */
  struct timespec started;
  bool slow;
  int commit_rc;
  gym_error commit_error;

  /* Arrays for one ask. */
  uint64_t *tickets;
  double *proposals;
  uint32_t *fidelities;
  double *told_metrics, *told_inner, *told_violations;
};

static double *
row_of (const struct loop *l, double *rows, uint32_t slot)
{
  return rows + (size_t)slot * l->study->p;
}

static bool
may_share (uint32_t status)
{
  return status <= GYM_TRIAL_FAILED; /* crashes and time-outs belong to their run */
}

/* When this run has seen the entry: the number of the trial, else -1. */
static int64_t
seen (const struct loop *l, int64_t entry)
{
  return (size_t)entry < l->first_room ? (int64_t)l->first[entry] - 1 : -1;
}

static int
set_seen (struct loop *l, int64_t entry, uint64_t number, gym_error *err)
{
  size_t old = l->first_room;
  while ((size_t)entry >= l->first_room)
    if (gym_grow (&l->first, l->first_room, &l->first_room, sizeof *l->first) < 0)
      return gym_fail (err, GYM_ENOMEM, "out of memory for the trials of a run");
  if (l->first_room > old)
    memset (l->first + old, 0, (l->first_room - old) * sizeof *l->first);
  l->first[entry] = number + 1;
  return GYM_OK;
}

/* Finds out what a slot is: a repeat, known to another run, or work to do. */
static int
classify (struct loop *l, struct slot *s, gym_error *err)
{
  gym_study *st = l->study;
  bool fresh;
  s->entry = gym_cache_get (st->cache, s->hash, s->task.design, s->task.fidelity,
                            s->task.seed, &fresh, err);
  if (s->entry < 0)
    return (int)s->entry;
  s->origin = seen (l, s->entry);
  if (s->origin >= 0) {
    l->repeats_in_a_row++;
    return GYM_OK;
  }
  l->repeats_in_a_row = 0;
  l->promised += st->fidelities->items[s->task.fidelity].cost;
  s->cached = gym_cache_ready (st->cache, s->entry)
              && may_share (gym_cache_status (st->cache, s->entry));
  return set_seen (l, s->entry, s->number, err);
}

/* The result a slot has in the log, put where results are looked for. */
static int
recall (struct loop *l, struct slot *s, gym_error *err)
{
  const struct study_logged *t = &l->log.trials[s->number];
  s->cached = t->cached;
  return s->origin >= 0 ? GYM_OK
                        : gym_cache_put (l->study->cache, s->entry, t->status,
                                         study_log_metrics (l->study, &l->log, s->number),
                                         t->note, err);
}

static int
give_up_on (struct loop *l, struct slot *s, gym_error *err)
{
  char note[GYM_NOTE];
  snprintf (note, sizeof note, "ended the study %u times while being evaluated",
            s->task.attempts);
  s->cached = false;
  return gym_cache_put (l->study->cache, s->entry, GYM_TRIAL_CRASHED, NULL, note, err);
}

/* Takes a proposal into the ring and starts whatever it needs. */
static int
admit (struct loop *l, size_t i, gym_error *err)
{
  gym_study *st = l->study;
  uint32_t at = (l->head + l->count) % l->q;
  struct slot *s = &l->slots[at];
  double *asked = row_of (l, l->asked, at), *design = row_of (l, l->designs, at);
  memcpy (asked, l->proposals + i * st->p, st->p * sizeof *asked);
  memcpy (design, asked, st->p * sizeof *asked);
  if (!st->reject)
    gym_env_repair (st->env, design);
  *s = (struct slot){ .ticket = l->tickets[i],
                      .number = l->next++,
                      .hash = gym_space_hash (st->space, design),
                      .task = { .design = design,
                                .fidelity = l->fidelities[i],
                                .metrics = l->results + (size_t)at * st->n } };
  s->task.number = s->number;
  s->task.seed = gym_rng_derive (st->evaluation_seed, s->hash, 0);
  l->count++;
  bool logged = s->number < l->log.n;
  int rc = logged
               ? study_log_compare (st, &l->log, s->number, asked, s->task.fidelity, err)
               : GYM_OK;
  if (rc == GYM_OK)
    rc = classify (l, s, err);
  if (rc < 0 || s->origin >= 0)
    return rc;
  if (logged)
    return recall (l, s, err);
  if (s->cached)
    return GYM_OK;
  if (st->writer)
    s->task.attempts = gym_writer_attempts (st->writer, l->log.row, s->number);
  if (s->task.attempts >= st->max_attempts)
    return give_up_on (l, s, err);
  s->waiting = true;
  struct gym_task *task = &s->task;
  return l->dispatch->submit (l->dispatch, &task, 1, err);
}

/* How many proposals may be asked for now: no more than fit, nor than the budget has room
 * for if each costs a full evaluation (cheaper ones leave room, and are asked for next).
 */
static uint32_t
room_to_ask (const struct loop *l)
{
  double left = l->study->budget - l->promised;
  if (l->finished || l->repeats_in_a_row >= stall_limit || left <= 1e-9)
    return 0;
  uint32_t free_slots = l->q - l->count;
  double whole = ceil (left - 1e-9);
  return whole < free_slots ? (uint32_t)whole : free_slots;
}

static int
ask (struct loop *l, gym_error *err)
{
  uint32_t k;
  while ((k = room_to_ask (l)) > 0) {
    int n = gym_agent_ask (l->agent, k, l->tickets, l->proposals, l->fidelities, err);
    if (n < 0)
      return n;
    if (n == 0) {
      l->finished = l->count == 0;
      return GYM_OK;
    }
    for (int i = 0; i < n; i++) {
      int rc = admit (l, (size_t)i, err);
      if (rc < 0)
        return rc;
    }
  }
  return GYM_OK;
}

/* Sealed metrics are for the final report alone: nobody hears of them here. */
static void
hide_sealed (const gym_study *st, double *metrics)
{
  for (uint32_t j = 0; j < st->n; j++)
    if (st->metrics->items[j].flags & GYM_METRIC_SEALED)
      metrics[j] = NAN;
}

/* Waits until the slot at the head has its result. */
static int
finish_head (struct loop *l, gym_error *err)
{
  struct slot *head = &l->slots[l->head];
  while (head->waiting) {
    struct gym_task *done[64];
    int n = l->dispatch->wait (l->dispatch, done, 64, err);
    if (n <= 0)
      return n < 0 ? n : gym_fail (err, GYM_ESTATE, "a trial in flight was lost");
    if (l->commit_rc < 0)
      return gym_fail (err, l->commit_rc, "%s", l->commit_error.text);
    for (int i = 0; i < n; i++) {
      struct slot *s =
          (struct slot *)(void *)((char *)done[i] - offsetof (struct slot, task));
      s->waiting = false;
      hide_sealed (l->study, s->task.metrics);
      int rc = gym_cache_put (l->study->cache, s->entry, s->task.status, s->task.metrics,
                              s->task.note, err);
      if (rc < 0)
        return rc;
    }
  }
  return GYM_OK;
}

static void
prepare_told (struct loop *l, const struct slot *s, struct study_told *told)
{
  gym_study *st = l->study;
  *told = (struct study_told){ .number = s->number,
                               .origin = s->origin,
                               .cached = s->cached,
                               .replayed = s->number < l->log.n,
                               .fidelity = s->task.fidelity,
                               .status = gym_cache_status (st->cache, s->entry),
                               .attempts = s->task.attempts,
                               .seed = s->task.seed,
                               .asked = row_of (l, l->asked, l->head),
                               .design = s->task.design,
                               .metrics = l->told_metrics,
                               .inner = l->told_inner,
                               .violations = l->told_violations };
  memcpy (told->metrics, gym_cache_metrics (st->cache, s->entry),
          st->n * sizeof (double));
  const char *note = gym_cache_note (st->cache, s->entry);
  if (*note)
    snprintf (told->note, sizeof told->note, "%s", note);
}

/* Stores the trial at the head, tells it to the agent, then to whoever listens. */
static int
tell_head (struct loop *l, gym_error *err)
{
  gym_study *st = l->study;
  const struct slot *s = &l->slots[l->head];
  struct study_told told;
  bool improved;
  prepare_told (l, s, &told);
  int rc = study_absorb (st, l->run, &told, &improved, err);
  if (rc == GYM_OK && st->writer && !told.replayed)
    rc = study_log_write (st, l->log.row, &told, err);
  if (rc == GYM_OK)
    rc = gym_agent_tell (l->agent, 1, &s->ticket, told.design, told.inner,
                         told.violations, told.metrics, &told.status, err);
  l->head = (l->head + 1) % l->q;
  l->count--;
  if (rc == GYM_OK)
    rc = study_notify (st, l->index, &told, improved, err);
  study_progress (st, l->index, false);
  return rc;
}

static enum gym_run_state
end_state (const struct loop *l)
{
  if (l->study->budget - l->promised <= 1e-9)
    return GYM_RUN_FINISHED;
  return l->repeats_in_a_row >= stall_limit ? GYM_RUN_STALLED : GYM_RUN_EXHAUSTED;
}

static int
work (struct loop *l, gym_error *err)
{
  for (;;) {
    if (atomic_load_explicit (&l->study->cancel, memory_order_relaxed))
      return gym_fail (err, GYM_ECANCELLED, "stopped on request");
    int rc = ask (l, err);
    if (rc < 0)
      return rc;
    if (l->count == 0) {
      l->run->state = end_state (l);
      return GYM_OK;
    }
    if ((rc = finish_head (l, err)) < 0 || (rc = tell_head (l, err)) < 0)
      return rc;
  }
}

/* Commits before a slow evaluation begins, and marks it as at work. What is told already
 * then survives a kill in the middle of it, so that a study whose lives are short goes on
 * all the same, and no innocent trial is blamed for three of them. */
static void
mark (void *context, uint64_t first, uint64_t n)
{
  struct loop *l = context;
  struct timespec now;
  if (n > 0 && l->slow && l->commit_rc == GYM_OK)
    l->commit_rc = gym_writer_commit (l->study->writer, &l->commit_error);
  gym_writer_mark (l->study->writer, l->log.row, first, n);
  clock_gettime (CLOCK_MONOTONIC, &now);
  if (n > 0)
    l->started = now;
  else
    l->slow =
        (now.tv_sec - l->started.tv_sec) * 1000000000 + now.tv_nsec - l->started.tv_nsec
        >= 1000000;
}

static int
allocate (struct loop *l, gym_error *err)
{
  const gym_study *s = l->study;
  size_t q = l->q, cells = q * (3 * (size_t)s->p + s->n) + s->n + s->m + s->c;
  l->slots = calloc (q, sizeof *l->slots);
  l->tickets = calloc (q, sizeof *l->tickets);
  l->fidelities = calloc (q, sizeof *l->fidelities);
  l->asked = calloc (cells, sizeof (double));
  if (!l->slots || !l->tickets || !l->fidelities || !l->asked)
    return gym_fail (err, GYM_ENOMEM, "out of memory for %u trials in flight", l->q);
  l->designs = l->asked + q * s->p;
  l->proposals = l->designs + q * s->p;
  l->results = l->proposals + q * s->p;
  l->told_metrics = l->results + q * s->n;
  l->told_inner = l->told_metrics + s->n;
  l->told_violations = l->told_inner + s->m;
  return GYM_OK;
}

static int
open_agent (struct loop *l, gym_error *err)
{
  gym_study *s = l->study;
  const struct study_agent *a = &s->agents[l->run->agent];
  struct gym_problem problem;
  gym_problem_init (&problem, s->env, s->objective, s->budget, l->q);
  problem.fidelity = s->fidelity;
  uint64_t seed =
      gym_rng_derive (gym_rng_derive (s->study_seed, 1, l->run->agent), 2, l->run->seed);
  l->agent = gym_agent_open (gym_env_registry (s->env), a->entry->id, a->settings,
                             &problem, seed, err);
  if (!l->agent)
    return err && err->code ? err->code : GYM_EFAILED;
  l->dispatch = gym_dispatch_local_new (s->env, err);
  if (!l->dispatch)
    return GYM_ENOMEM;
  if (s->writer) {
    l->dispatch->mark = mark;
    l->dispatch->mark_context = l;
  }
  return GYM_OK;
}

static void
release (struct loop *l)
{
  gym_agent_destroy (&l->agent);
  if (l->dispatch)
    l->dispatch->destroy (l->dispatch);
  study_log_free (&l->log);
  free (l->slots);
  free (l->tickets);
  free (l->fidelities);
  free (l->asked);
  free (l->first);
}

/* A run that ended in an earlier life needs no agent: its trials are read back. */
static int
read_back (struct loop *l, gym_error *err)
{
  gym_study *s = l->study;
  for (size_t i = 0; i < l->log.n; i++) {
    const struct study_logged *t = &l->log.trials[i];
    const double *design = study_log_design (s, &l->log, i);
    struct study_told told = { .number = i,
                               .origin = t->origin,
                               .cached = t->cached,
                               .replayed = true,
                               .fidelity = t->fidelity,
                               .status = t->status,
                               .attempts = t->attempts,
                               .seed = t->seed,
                               .asked = study_log_asked (s, &l->log, i),
                               .design = design,
                               .metrics = study_log_metrics (s, &l->log, i),
                               .inner = l->told_inner,
                               .violations = l->told_violations };
    bool fresh, improved;
    snprintf (told.note, sizeof told.note, "%s", t->note ? t->note : "");
    int64_t entry = gym_cache_get (s->cache, gym_space_hash (s->space, design), design,
                                   t->fidelity, t->seed, &fresh, err);
    int rc = entry < 0
                 ? (int)entry
                 : gym_cache_put (s->cache, entry, t->status, told.metrics, t->note, err);
    if (rc == GYM_OK)
      rc = study_absorb (s, l->run, &told, &improved, err);
    if (rc == GYM_OK)
      rc = study_notify (s, l->index, &told, improved, err);
    if (rc < 0)
      return rc;
  }
  l->run->state = l->log.state;
  return GYM_OK;
}

int
study_run_one (gym_study *study, size_t index, gym_error *err)
{
  struct study_run *run = &study->runs[index];
  const struct study_agent *a = &study->agents[run->agent];
  uint32_t natural = a->entry->agent->in_flight;
  struct loop l = { .study = study,
                    .run = run,
                    .index = index,
                    .q = study->in_flight ? study->in_flight
                         : natural        ? natural
                                          : 1 };
  int rc = study_log_read (study, index, &l.log, err);
  if (rc == GYM_OK)
    rc = allocate (&l, err);
  bool ended = rc == GYM_OK && l.log.state >= GYM_RUN_FINISHED;
  if (ended)
    rc = read_back (&l, err);
  else if (rc == GYM_OK && (rc = open_agent (&l, err)) == GYM_OK) {
    run->state = GYM_RUN_RUNNING;
    rc = work (&l, err);
  }
  if (study->writer && !ended && l.log.row > 0 && rc != GYM_EIO) {
    int kept = gym_writer_run_state (study->writer, l.log.row, run->state, run->spent,
                                     rc < 0 ? NULL : err);
    if (kept == GYM_OK)
      kept = gym_writer_commit (study->writer, rc < 0 ? NULL : err);
    rc = rc < 0 ? rc : kept;
  }
  release (&l);
  return rc;
}
