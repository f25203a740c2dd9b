/* Runs side by side, and where their trials are evaluated. */
#include "core/broker.h"
#include "core/clock.h"
#include "core/memory.h"
#include "core/study.h"

struct turns {
  gym_study *study;
  struct study_loop **loops; /* active */
  size_t n, room;
  size_t next; /* the run to take up next */
};

/* ---- the dispatcher ---- */

/* What the state of a running study says about the study itself. */
static json_t *
describe (void *context)
{
  const gym_study *s = context;
  double spent = 0;
  size_t ended = 0;
  for (size_t i = 0; i < s->n_runs; i++) {
    spent += s->runs[i].spent;
    ended += s->runs[i].state >= GYM_RUN_FINISHED;
  }
  return json_pack ("{s:s, s:s, s:s, s:f, s:f, s:I, s:I, s:I, s:b}", "env",
                    gym_env_entry (s->env)->id, "objective",
                    gym_objective_text (s->objective), "store", s->store ? s->store : "",
                    "spent", spent, "budget", s->budget * (double)s->n_runs, "runs",
                    (json_int_t)s->n_runs, "runs_ended", (json_int_t)ended, "trials",
                    (json_int_t)s->told, "async", (int)s->async);
}

static struct gym_dispatch *
new_broker (gym_study *s, gym_error *err)
{
  struct gym_broker_plan plan = { .env = s->env,
                                  .workers = s->workers,
                                  .limits = s->limits,
                                  .jobs = s->jobs,
                                  .max_attempts = s->max_attempts,
                                  .cancel = &s->cancel,
                                  .log = s->on_log,
                                  .log_context = s->log_context,
                                  .describe = describe,
                                  .describe_context = s };
  plan.workers.bind = s->bind;
  plan.workers.keys = s->keys;
  struct gym_dispatch *dispatch = gym_broker_new (&plan, err);
  if (dispatch)
    dispatch->lost = study_loop_lost;
  return dispatch;
}

static int
open_dispatch (gym_study *s, gym_error *err)
{
  s->remote = s->jobs > 0 || s->bind;
  s->dispatch = s->remote ? new_broker (s, err)
                : s->limits.isolation != GYM_ISOLATE_NONE
                    ? gym_dispatch_child_new (s->env, &s->limits, &s->cancel, err)
                    : gym_dispatch_local_new (s->env, err);
  return s->dispatch ? GYM_OK : err && err->code ? err->code : GYM_EFAILED;
}

const char *
gym_study_endpoint (const gym_study *s)
{
  return s->bind && s->dispatch ? gym_broker_endpoint (s->dispatch) : NULL;
}

int
study_tend (gym_study *s, gym_error *err)
{
  int64_t now = gym_clock ();
  if (now - s->tended < GYM_SECOND / 5)
    return GYM_OK;
  s->tended = now;
  return gym_broker_tend (s->dispatch, err);
}

/* ---- turns ---- */

/* An interrupted run begins anew: with a store it is replayed, without it there is
 * nothing to continue from but the cache. */
static int
take_up (struct turns *t, gym_error *err)
{
  gym_study *s = t->study;
  size_t index = t->next++;
  int rc = study_restart (s, index, err);
  if (rc < 0)
    return rc;
  if (gym_grow (&t->loops, t->n, &t->room, sizeof (struct study_loop *)) < 0)
    return gym_fail (err, GYM_ENOMEM, "out of memory for the runs at work");
  t->loops[t->n] = study_loop_open (s, index, err);
  if (!t->loops[t->n])
    return err && err->code ? err->code : GYM_EFAILED;
  t->n++;
  /* In this process a kill takes the trial at work with it: the store marks which. */
  if (!s->remote && s->writer && s->limits.isolation == GYM_ISOLATE_NONE) {
    s->dispatch->mark = study_loop_mark;
    s->dispatch->mark_context = t->loops[0];
  }
  return GYM_OK;
}

/* One run at a time unless workers have nothing to do: then as many as they can take. */
static bool
wants_more (const struct turns *t)
{
  gym_study *s = t->study;
  if (t->next >= s->n_runs)
    return false;
  return t->n == 0 || (s->dispatch->idle && s->dispatch->idle (s->dispatch) > 0);
}

/* Lets every active run go as far as it can; those that end are closed. */
static int
step_all (struct turns *t, gym_error *err)
{
  for (size_t i = 0; i < t->n;) {
    int rc = study_loop_step (t->loops[i], err);
    if (rc < 0)
      return rc;
    if (rc == 0) {
      i++;
      continue;
    }
    rc = study_loop_close (&t->loops[i], GYM_OK, err);
    t->n--;
    for (size_t k = i; k < t->n; k++)
      t->loops[k] = t->loops[k + 1];
    if (rc < 0)
      return rc;
  }
  return GYM_OK;
}

static int
take_results (struct turns *t, gym_error *err)
{
  gym_study *s = t->study;
  struct gym_task *done[64];
  int rc = s->remote ? study_log_settle (s, false, err) : GYM_OK;
  int n = rc < 0 ? rc : s->dispatch->wait (s->dispatch, done, 64, err);
  if (n <= 0)
    return n < 0 ? n : gym_fail (err, GYM_ESTATE, "a trial in flight was lost");
  for (int i = 0; i < n && rc == GYM_OK; i++)
    rc = study_loop_take (study_loop_of (done[i]), done[i], err);
  return rc;
}

static int
work (struct turns *t, gym_error *err)
{
  gym_study *s = t->study;
  for (;;) {
    int rc = step_all (t, err);
    while (rc == GYM_OK && wants_more (t)) {
      if (s->runs[t->next].state >= GYM_RUN_FINISHED) {
        t->next++;
        continue;
      }
      if ((rc = take_up (t, err)) == GYM_OK)
        rc = step_all (t, err);
    }
    if (rc < 0 || t->n == 0)
      return rc;
    if ((rc = take_results (t, err)) < 0)
      return rc;
  }
}

int
study_run_all (gym_study *s, gym_error *err)
{
  struct turns t = { .study = s };
  int rc = open_dispatch (s, err);
  if (rc == GYM_OK)
    rc = work (&t, err);
  for (size_t i = 0; i < t.n; i++)
    study_loop_close (&t.loops[i], rc, err);
  if (s->dispatch)
    s->dispatch->destroy (s->dispatch);
  s->dispatch = NULL;
  s->remote = false;
  free (t.loops);
  return rc;
}
