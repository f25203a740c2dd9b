/* The loop of one run: ask, repair, look up or evaluate, store, tell.
 *
 * Up to q trials are in flight, in the order they were asked. The first is told as soon
 * as its result is known; only then is the next one asked for. In async mode whichever
 * has its result is told, and numbered in that order. */
#include "core/clock.h"
#include "core/memory.h"
#include "core/study.h"
#include "core/study_prior.h"

#include <math.h>

enum { stall_limit = 1000 };
#define UNTOLD UINT64_MAX

struct slot {
  struct study_loop *loop;
  uint64_t ticket, number, hash; /* number: of the ask */
  int64_t entry;                 /* of the cache */
  bool repeat;                   /* this run asked for it before */
  bool cached;                   /* another run knew the result when it was asked for */
  bool waiting;                  /* submitted and not done */
  bool later;                    /* async: to be submitted once the log is told */
  struct gym_task task;
};

struct study_loop {
  gym_study *study;
  struct study_run *run;
  size_t index; /* of the run */
  gym_agent *agent;
  struct study_log log;

  uint32_t q;
  struct slot *slots;
  double *asked, *designs, *results; /* q rows each */
  uint32_t *order; /* a ring of the places in use, from the first asked */
  uint32_t head, count;
  uint32_t *free; /* the other places */
  uint64_t next;  /* number of the next ask */
  uint64_t told;
  double promised; /* budget spent or in flight */
  uint32_t repeats_in_a_row;
  bool finished; /* the agent has no more to ask */
  bool ended;    /* in an earlier life: it was read back */

  /* Number + 1 of the trial of this run that first evaluated a cache entry; UNTOLD while
   * it is in flight. */
  uint64_t *first;
  size_t first_room;

  /* Slow trials are committed one by one: see mark. */
  int64_t started; /* ns */
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
row_of (const struct study_loop *l, double *rows, uint32_t slot)
{
  return rows + (size_t)slot * l->study->p;
}

/* Crashes and time-outs belong to their run. So does a failure that may be the end of a
 * worker, which says nothing of the design. */
static bool
may_share (const gym_study *s, uint32_t status)
{
  return status < GYM_TRIAL_FAILED || (status == GYM_TRIAL_FAILED && !s->remote);
}

/* 0, number + 1 of the trial of this run that evaluated the entry, or UNTOLD. */
static uint64_t
seen (const struct study_loop *l, int64_t entry)
{
  return (size_t)entry < l->first_room ? l->first[entry] : 0;
}

static int
set_seen (struct study_loop *l, int64_t entry, gym_error *err)
{
  size_t old = l->first_room;
  while ((size_t)entry >= l->first_room)
    if (gym_grow (&l->first, l->first_room, &l->first_room, sizeof *l->first) < 0)
      return gym_fail (err, GYM_ENOMEM, "out of memory for the trials of a run");
  if (l->first_room > old)
    memset (l->first + old, 0, (l->first_room - old) * sizeof *l->first);
  l->first[entry] = UNTOLD;
  return GYM_OK;
}

/* Finds out what a slot is: a repeat, known to another run, or work to do. */
static int
classify (struct study_loop *l, struct slot *s, gym_error *err)
{
  gym_study *st = l->study;
  bool fresh;
  s->entry = gym_cache_get (st->cache, s->hash, s->task.design, s->task.fidelity,
                            s->task.seed, &fresh, err);
  if (s->entry < 0)
    return (int)s->entry;
  s->repeat = seen (l, s->entry) != 0;
  if (s->repeat) {
    l->repeats_in_a_row++;
    return GYM_OK;
  }
  l->repeats_in_a_row = 0;
  l->promised += st->fidelities->items[s->task.fidelity].cost;
  s->cached = gym_cache_ready (st->cache, s->entry)
              && may_share (st, gym_cache_status (st->cache, s->entry));
  return set_seen (l, s->entry, err);
}

/* The result a slot has in row i of the log, put where results are looked for. */
static int
recall (struct study_loop *l, struct slot *s, size_t i, gym_error *err)
{
  const struct study_logged *t = &l->log.trials[i];
  s->cached = t->cached;
  s->later = false;
  return s->repeat
             ? GYM_OK
             : gym_cache_put (l->study->cache, s->entry, t->status,
                              study_log_metrics (l->study, &l->log, i), t->note, err);
}

static int
give_up_on (struct study_loop *l, struct slot *s, gym_error *err)
{
  char note[GYM_NOTE];
  uint32_t status = l->study->remote ? GYM_TRIAL_FAILED : GYM_TRIAL_CRASHED;
  snprintf (note, sizeof note,
            status == GYM_TRIAL_FAILED ? "lost with its worker %u times"
                                       : "ended the study %u times while being evaluated",
            s->task.attempts);
  s->cached = false;
  return gym_cache_put (l->study->cache, s->entry, status, NULL, note, err);
}

/* Hands a slot to the dispatcher, unless it has ended too many lives. */
static int
start (struct study_loop *l, struct slot *s, gym_error *err)
{
  gym_study *st = l->study;
  struct gym_task *task = &s->task;
  s->later = false;
  if (st->writer)
    task->attempts = gym_writer_attempts (st->writer, l->log.row, s->number);
  if (task->attempts >= st->max_attempts)
    return give_up_on (l, s, err);
  s->waiting = true;
  return st->dispatch->submit (st->dispatch, &task, 1, err);
}

/* A free place, filled with proposal i; it becomes the last in order. */
static struct slot *
place_proposal (struct study_loop *l, size_t i)
{
  gym_study *st = l->study;
  uint32_t at = l->free[l->q - l->count - 1];
  struct slot *s = &l->slots[at];
  double *asked = row_of (l, l->asked, at), *design = row_of (l, l->designs, at);
  memcpy (asked, l->proposals + i * st->p, st->p * sizeof *asked);
  memcpy (design, asked, st->p * sizeof *asked);
  if (!st->reject)
    gym_env_repair (st->env, design);
  *s = (struct slot){ .loop = l,
                      .ticket = l->tickets[i],
                      .number = l->next++,
                      .hash = gym_space_hash (st->space, design),
                      .task = { .design = design,
                                .fidelity = l->fidelities[i],
                                .metrics = l->results + (size_t)at * st->n } };
  s->task.number = s->number;
  s->task.hash = s->hash;
  s->task.seed = gym_rng_derive (st->evaluation_seed, s->hash, 0);
  l->order[(l->head + l->count) % l->q] = at;
  l->count++;
  return s;
}

/* Takes a proposal in and starts whatever it needs. In async mode the log tells which of
 * those in flight came next, so what it holds is found when it is told. */
static int
admit (struct study_loop *l, size_t i, gym_error *err)
{
  gym_study *st = l->study;
  struct slot *s = place_proposal (l, i);
  uint32_t at = (uint32_t)(s - l->slots);
  bool logged = !st->async && s->number < l->log.n;
  int rc = logged ? study_log_compare (st, &l->log, s->number, row_of (l, l->asked, at),
                                       s->task.fidelity, err)
                  : GYM_OK;
  if (rc == GYM_OK)
    rc = classify (l, s, err);
  if (rc < 0 || s->repeat)
    return rc;
  if (logged)
    return recall (l, s, s->number, err);
  s->later = st->async && l->told < l->log.n;
  return s->cached || s->later ? GYM_OK : start (l, s, err);
}

/* How many proposals may be asked for now: no more than fit, nor than the budget has room
 * for if each costs a full evaluation (cheaper ones leave room, and are asked for next).
 */
static uint32_t
room_to_ask (const struct study_loop *l)
{
  double left = l->study->budget - l->promised;
  if (l->finished || l->repeats_in_a_row >= stall_limit || left <= 1e-9)
    return 0;
  uint32_t free_slots = l->q - l->count;
  double whole = ceil (left - 1e-9);
  return whole < free_slots ? (uint32_t)whole : free_slots;
}

static int
ask (struct study_loop *l, gym_error *err)
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

struct study_loop *
study_loop_of (const struct gym_task *task)
{
  return ((const struct slot *)(const void *)((const char *)task
                                              - offsetof (struct slot, task)))
      ->loop;
}

int
study_loop_take (struct study_loop *l, struct gym_task *task, gym_error *err)
{
  struct slot *s = (struct slot *)(void *)((char *)task - offsetof (struct slot, task));
  if (l->commit_rc < 0)
    return gym_fail (err, l->commit_rc, "%s", l->commit_error.text);
  s->waiting = false;
  hide_sealed (l->study, task->metrics);
  return gym_cache_put (l->study->cache, s->entry, task->status, task->metrics,
                        task->note, err);
}

static void
prepare_told (struct study_loop *l, const struct slot *s, struct study_told *told)
{
  gym_study *st = l->study;
  uint64_t origin = seen (l, s->entry);
  *told = (struct study_told){ .number = l->told,
                               .origin = s->repeat ? (int64_t)origin - 1 : -1,
                               .cached = s->cached,
                               .replayed = l->told < l->log.n,
                               .fidelity = s->task.fidelity,
                               .status = gym_cache_status (st->cache, s->entry),
                               .attempts = s->task.attempts,
                               .seed = s->task.seed,
                               .receipt = s->task.receipt,
                               .asked = row_of (l, l->asked, (uint32_t)(s - l->slots)),
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

/* Gives the i-th place in order back; those before it move up. */
static void
leave (struct study_loop *l, uint32_t i)
{
  uint32_t at = l->order[(l->head + i) % l->q];
  for (; i > 0; i--)
    l->order[(l->head + i) % l->q] = l->order[(l->head + i - 1) % l->q];
  l->free[l->q - l->count] = at;
  l->head = (l->head + 1) % l->q;
  l->count--;
}

/* Stores the i-th trial in flight, tells it to the agent, then to whoever listens. */
static int
tell (struct study_loop *l, uint32_t i, gym_error *err)
{
  gym_study *st = l->study;
  const struct slot *s = &l->slots[l->order[(l->head + i) % l->q]];
  struct study_told told;
  bool improved;
  prepare_told (l, s, &told);
  int rc = study_absorb (st, l->run, &told, &improved, err);
  if (rc == GYM_OK && !told.replayed)
    rc = study_log_unseal (st, err);
  if (rc == GYM_OK && !told.replayed) {
    l->run->added = true;
    l->run->tainted |= st->unsealed;
    rc = study_log_write (st, l->log.row, &told, err);
  }
  if (rc == GYM_OK)
    rc = gym_agent_tell (l->agent, 1, &s->ticket, told.design, told.inner,
                         told.violations, told.metrics, &told.status, err);
  if (!s->repeat)
    l->first[s->entry] = l->told + 1;
  l->told++;
  leave (l, i);
  if (rc == GYM_OK)
    rc = study_notify (st, l->index, &told, improved, err);
  study_progress (st, l->index, false);
  return rc;
}

/* ---- which is told next ---- */

static bool
has_result (const struct study_loop *l, const struct slot *s)
{
  return !s->waiting && !s->later && (!s->repeat || seen (l, s->entry) != UNTOLD);
}

/* In async mode the log is a list of what was told: the next of it is looked for among
 * those in flight. */
static int
find_logged (struct study_loop *l, gym_error *err)
{
  const gym_study *st = l->study;
  const struct study_logged *t = &l->log.trials[l->told];
  for (uint32_t i = 0; i < l->count; i++) {
    uint32_t at = l->order[(l->head + i) % l->q];
    struct slot *s = &l->slots[at];
    if (s->repeat != (t->origin >= 0) || (s->repeat && seen (l, s->entry) == UNTOLD)
        || study_log_compare (st, &l->log, l->told, row_of (l, l->asked, at),
                              s->task.fidelity, NULL)
               < 0)
      continue;
    int rc = recall (l, s, l->told, err);
    return rc < 0 ? rc : (int)i;
  }
  uint32_t first = l->order[l->head];
  int rc = study_log_compare (st, &l->log, l->told, row_of (l, l->asked, first),
                              l->slots[first].task.fidelity, err);
  return rc < 0 ? rc
                : gym_fail (err, GYM_EMISMATCH,
                            "%s: trial %llu of the log was never "
                            "asked for",
                            st->store, (unsigned long long)l->told);
}

/* Once the log is told, those in flight that it does not hold are evaluated after all. */
static int
start_later (struct study_loop *l, gym_error *err)
{
  for (uint32_t i = 0; i < l->count; i++) {
    struct slot *s = &l->slots[l->order[(l->head + i) % l->q]];
    int rc = s->later && !s->cached ? start (l, s, err) : GYM_OK;
    if (rc < 0)
      return rc;
    s->later = false;
  }
  return GYM_OK;
}

/* The place in order of the trial to tell next; `count` when none has its result. */
static int
find_next (struct study_loop *l, gym_error *err)
{
  if (!l->study->async)
    return has_result (l, &l->slots[l->order[l->head]]) ? 0 : (int)l->count;
  if (l->told < l->log.n)
    return find_logged (l, err);
  int rc = start_later (l, err);
  uint32_t i = 0;
  while (rc == GYM_OK && i < l->count
         && !has_result (l, &l->slots[l->order[(l->head + i) % l->q]]))
    i++;
  return rc < 0 ? rc : (int)i;
}

static enum gym_run_state
end_state (const struct study_loop *l)
{
  if (l->study->budget - l->promised <= 1e-9)
    return GYM_RUN_FINISHED;
  return l->repeats_in_a_row >= stall_limit ? GYM_RUN_STALLED : GYM_RUN_EXHAUSTED;
}

int
study_loop_step (struct study_loop *l, gym_error *err)
{
  if (l->ended)
    return 1;
  for (;;) {
    if (atomic_load_explicit (&l->study->cancel, memory_order_relaxed))
      return gym_fail (err, GYM_ECANCELLED, "stopped on request");
    int rc = l->study->remote ? study_tend (l->study, err) : GYM_OK;
    if (rc == GYM_OK)
      rc = ask (l, err);
    if (rc < 0)
      return rc;
    if (l->count == 0) {
      l->run->state = end_state (l);
      return 1;
    }
    rc = find_next (l, err);
    if (rc < 0 || rc == (int)l->count)
      return rc < 0 ? rc : 0;
    if ((rc = tell (l, (uint32_t)rc, err)) < 0)
      return rc;
  }
}

/* Commits before a slow evaluation begins, and marks it as at work. What is told already
 * then survives a kill in the middle of it, so that a study whose lives are short goes on
 * all the same, and no innocent trial is blamed for three of them. */
void
study_loop_mark (void *context, uint64_t first, uint64_t n)
{
  struct study_loop *l = context;
  if (n > 0 && l->slow && l->commit_rc == GYM_OK)
    l->commit_rc = gym_writer_commit (l->study->writer, &l->commit_error);
  gym_writer_mark (l->study->writer, l->log.row, first, n);
  if (n > 0)
    l->started = gym_clock ();
  else
    l->slow = gym_clock () - l->started >= GYM_SECOND / 1000;
}

/* A trial that has now lost so many workers is known as such to later lives too. */
int
study_loop_lost (void *context, struct gym_task *task, gym_error *err)
{
  const struct study_loop *l = study_loop_of (task);
  (void)context;
  return l->study->writer ? gym_writer_attempt (l->study->writer, l->log.row,
                                                task->number, task->attempts, err)
                          : GYM_OK;
}

static int
allocate (struct study_loop *l, gym_error *err)
{
  const gym_study *s = l->study;
  size_t q = l->q, cells = q * (3 * (size_t)s->p + s->n) + s->n + s->m + s->c;
  l->slots = calloc (q, sizeof *l->slots);
  l->tickets = calloc (q, sizeof *l->tickets);
  l->fidelities = calloc (q, sizeof *l->fidelities);
  l->asked = calloc (cells, sizeof (double));
  l->order = calloc (2 * q, sizeof *l->order);
  if (!l->slots || !l->tickets || !l->fidelities || !l->asked || !l->order)
    return gym_fail (err, GYM_ENOMEM, "out of memory for %u trials in flight", l->q);
  l->free = l->order + q;
  for (uint32_t i = 0; i < l->q; i++)
    l->free[i] = l->q - 1 - i;
  l->designs = l->asked + q * s->p;
  l->proposals = l->designs + q * s->p;
  l->results = l->proposals + q * s->p;
  l->told_metrics = l->results + q * s->n;
  l->told_inner = l->told_metrics + s->n;
  l->told_violations = l->told_inner + s->m;
  return GYM_OK;
}

static int
open_agent (struct study_loop *l, gym_error *err)
{
  gym_study *s = l->study;
  const struct study_agent *a = &s->agents[l->run->agent];
  struct gym_problem problem;
  gym_problem_init (&problem, s->env, s->objective, s->budget, l->q);
  problem.fidelity = s->fidelity;
  if (a->prior) {
    problem.prior = gym_prior_weights (a->prior);
    problem.first = gym_prior_first (a->prior, &problem.n_first);
  }
  if (s->n_warm && (a->entry->agent->flags & GYM_AGENT_WARM_START)) {
    problem.n_warm = s->n_warm;
    problem.warm_designs = s->warm;
    problem.warm_objectives = study_warm_objectives (s);
    problem.warm_violations = study_warm_violations (s);
  }
  uint64_t seed =
      gym_rng_derive (gym_rng_derive (s->study_seed, 1, l->run->agent), 2, l->run->seed);
  l->agent = gym_agent_open (gym_env_registry (s->env), a->entry->id, a->settings,
                             &problem, seed, err);
  return l->agent ? GYM_OK : err && err->code ? err->code : GYM_EFAILED;
}

static void
release (struct study_loop *l)
{
  gym_agent_destroy (&l->agent);
  study_log_free (&l->log);
  free (l->slots);
  free (l->tickets);
  free (l->fidelities);
  free (l->asked);
  free (l->first);
  free (l->order);
  free (l);
}

/* A run that ended in an earlier life needs no agent: its trials are read back. */
static int
read_back (struct study_loop *l, gym_error *err)
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

/* Everything but the agent's first ask. */
static int
take_up (struct study_loop *l, gym_error *err)
{
  int rc = study_log_read (l->study, l->index, &l->log, err);
  if (rc == GYM_OK)
    rc = allocate (l, err);
  if (rc < 0)
    return rc;
  l->ended = l->log.state >= GYM_RUN_FINISHED;
  if (l->ended)
    return read_back (l, err);
  rc = open_agent (l, err);
  if (rc == GYM_OK)
    l->run->state = GYM_RUN_RUNNING;
  return rc;
}

struct study_loop *
study_loop_open (gym_study *study, size_t index, gym_error *err)
{
  struct study_run *run = &study->runs[index];
  uint32_t natural = study->agents[run->agent].entry->agent->in_flight;
  struct study_loop *l = calloc (1, sizeof *l);
  if (!l) {
    gym_fail (err, GYM_ENOMEM, "out of memory for a run");
    return NULL;
  }
  *l = (struct study_loop){ .study = study,
                            .run = run,
                            .index = index,
                            .log = { .row = -1 },
                            .q = study->in_flight ? study->in_flight
                                 : natural        ? natural
                                                  : 1 };
  int rc = take_up (l, err);
  if (rc < 0)
    study_loop_close (&l, rc, err);
  return l;
}

int
study_loop_close (struct study_loop **loop, int rc, gym_error *err)
{
  struct study_loop *l = *loop;
  gym_study *s = l->study;
  if (s->writer && !l->ended && l->log.row > 0 && rc != GYM_EIO) {
    int kept = gym_writer_run_state (s->writer, l->log.row, l->run->state, l->run->spent,
                                     rc < 0 ? NULL : err);
    if (kept == GYM_OK)
      kept = study_log_settle (s, true, rc < 0 ? NULL : err);
    rc = rc < 0 ? rc : kept;
  }
  release (l);
  *loop = NULL;
  return rc;
}
