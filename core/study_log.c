/* What ties a study to its store: finding it, reading a run back, comparing replayed asks
 * with the log, adding trials. */
#include "core/text.h"
#include "core/fingerprint.h"
#include "core/memory.h"
#include "core/study.h"
#include "core/study_prior.h"
#include "core/unsealed.h"

#include <math.h>

static void
log_line (const gym_study *s, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  gym_log_line (s->on_log, s->log_context, format, args);
  va_end (args);
}

/* For people who look into the file: each run has its seed in its own row. */
static int
seeds_text (const gym_study *s, char **text)
{
  size_t size = s->n_seeds * 24 + 1, used = 0;
  char *t = malloc (size);
  if (!t)
    return GYM_ENOMEM;
  t[0] = '\0';
  for (size_t i = 0; i < s->n_seeds; i++)
    used += (size_t)snprintf (t + used, size - used, "%s%llu", i ? "," : "",
                              (unsigned long long)s->seeds[i]);
  *text = t;
  return GYM_OK;
}

/* Another fingerprint is no obstacle (the user may have moved to a new machine), but from
 * here on equality of bits is no longer promised: that is said. */
static int
find_study (gym_study *s, const char *fingerprint, const char *seeds, gym_error *err)
{
  char previous[1024] = "", text[GYM_FINGERPRINT_NOTE];
  const struct gym_study_row row = { .identity = s->identity,
                                     .env = gym_env_entry (s->env)->id,
                                     .env_identity = gym_env_identity (s->env),
                                     .objective = gym_objective_text (s->objective),
                                     .budget = s->budget,
                                     .seeds = seeds,
                                     .fingerprint = fingerprint,
                                     .space = s->space,
                                     .metrics = s->metrics,
                                     .fidelities = s->fidelities };
  s->study_row = gym_writer_study (s->writer, &row, previous, sizeof previous, err);
  if (s->study_row < 0)
    return (int)s->study_row;
  if (previous[0] && gym_fingerprint_differs (previous, fingerprint, text))
    log_line (s, "%s", text);
  return GYM_OK;
}

/* Results of other studies on the same env: they save time, never budget. */
static int
know (void *context, const struct gym_logged *t, gym_error *err)
{
  gym_study *s = context;
  bool fresh;
  int64_t entry = gym_cache_get (s->cache, gym_space_hash (s->space, t->design),
                                 t->design, t->fidelity, t->seed, &fresh, err);
  if (entry < 0)
    return (int)entry;
  return fresh ? gym_cache_put (s->cache, entry, t->status, t->metrics, t->note, err)
               : GYM_OK;
}

/* Trials of any machine are those of no machine: other studies must not take them for
 * results of this one. */
static int
mark_mixed (char **fingerprint)
{
  size_t n = strlen (*fingerprint);
  if (gym_resize (fingerprint, n + 32, 1) < 0)
    return GYM_ENOMEM;
  snprintf (*fingerprint + n - 1, 32, ", \"mixed\": true}");
  return GYM_OK;
}

/* Only what this process read is news: other reads were put down by who made them. */
int
study_log_unseal (gym_study *s, gym_error *err)
{
  struct gym_unsealed *reads = gym_registry_unsealed (gym_env_registry (s->env));
  const char *identity = gym_env_identity (s->env);
  if (s->told_unsealed || gym_unsealed_count (reads, identity) == 0)
    return GYM_OK;
  if (s->writer) {
    int64_t read = gym_writer_unseal (s->writer, identity, 0, "script", true, err);
    if (read < 0)
      return (int)read;
  }
  s->told_unsealed = s->unsealed = true;
  return GYM_OK;
}

/* What has been read before this life of the study began. */
static int
find_reads (gym_study *s, gym_error *err)
{
  const char *identity = gym_env_identity (s->env);
  s->told_unsealed = s->unsealed = false;
  if (s->writer) {
    int rc = gym_unsealed_watch (gym_registry_unsealed (gym_env_registry (s->env)),
                                 identity, gym_writer_path (s->writer), err);
    int known = rc < 0 ? rc : gym_writer_unsealed (s->writer, identity, err);
    if (known < 0)
      return known;
    s->unsealed = known > 0;
  }
  return study_log_unseal (s, err);
}

/* The lock is taken before anything is read: what is found stays true until the end. */
int
study_log_begin (gym_study *s, gym_error *err)
{
  if (!s->store)
    return find_reads (s, err);
  char *seeds = NULL, *fingerprint = gym_fingerprint (gym_env_entry (s->env), err);
  if (!fingerprint)
    return GYM_ENOMEM;
  int rc = seeds_text (s, &seeds);
  if (rc == GYM_OK && s->bind && s->workers.mixed)
    rc = mark_mixed (&fingerprint);
  if (rc < 0)
    gym_fail (err, rc, "out of memory for the study");
  if (rc == GYM_OK && !(s->writer = gym_writer_open (s->store, s->durability, err)))
    rc = err && err->code ? err->code : GYM_EIO;
  if (rc == GYM_OK)
    rc = find_study (s, fingerprint, seeds, err);
  if (rc == GYM_OK)
    rc = find_reads (s, err);
  if (rc == GYM_OK)
    rc = gym_writer_known (s->writer, s->study_row, know, s, err);
  free (seeds);
  free (fingerprint);
  return rc;
}

/* A read while the study ran concerns all that it added: nobody can tell any more which
 * trials came first. One that comes now has to wait until the store is closed. */
int
study_log_end (gym_study *s, gym_error *err)
{
  struct gym_unsealed *reads = gym_registry_unsealed (gym_env_registry (s->env));
  if (s->writer)
    gym_unsealed_rest (reads, gym_env_identity (s->env), gym_writer_path (s->writer));
  int rc = study_log_unseal (s, err);
  for (size_t i = 0; i < s->n_runs; i++)
    s->runs[i].tainted |= s->runs[i].added && s->unsealed;
  if (!s->writer)
    return rc;
  int closed = gym_writer_close (&s->writer, rc < 0 ? NULL : err);
  return rc < 0 ? rc : closed;
}

/* Asked design, evaluated design and metrics lie side by side in the log's one array. */
static size_t
row_length (const gym_study *s)
{
  return 2 * (size_t)s->p + s->n;
}

double *
study_log_asked (const gym_study *s, const struct study_log *log, size_t i)
{
  return log->rows + i * row_length (s);
}

double *
study_log_design (const gym_study *s, const struct study_log *log, size_t i)
{
  return study_log_asked (s, log, i) + s->p;
}

double *
study_log_metrics (const gym_study *s, const struct study_log *log, size_t i)
{
  return study_log_design (s, log, i) + s->p;
}

struct reading {
  gym_study *study;
  struct study_log *log;
};

/* Numbers are counted on: trials are committed in order, so a gap means that the file was
 * changed by somebody else. */
static int
read_trial (void *context, const struct gym_logged *t, gym_error *err)
{
  const struct reading *r = context;
  const gym_study *s = r->study;
  struct study_log *log = r->log;
  if (t->number != log->n)
    return gym_fail (err, GYM_EIO, "%s: trial %llu of run %lld is missing", s->store,
                     (unsigned long long)log->n, (long long)log->row);
  size_t room = log->room;
  if (gym_grow (&log->trials, log->n, &room, sizeof *log->trials) < 0
      || (room != log->room
          && gym_resize (&log->rows, room * row_length (s), sizeof (double)) < 0))
    return gym_fail (err, GYM_ENOMEM, "out of memory for the log of a run");
  log->room = room;
  char *note = t->note && *t->note ? strdup (t->note) : NULL;
  if (t->note && *t->note && !note)
    return gym_fail (err, GYM_ENOMEM, "out of memory for the log of a run");
  log->trials[log->n] = (struct study_logged){ .fidelity = t->fidelity,
                                               .status = t->status,
                                               .attempts = t->attempts,
                                               .origin = t->origin,
                                               .seed = t->seed,
                                               .cached = t->cached,
                                               .note = note };
  size_t i = log->n++;
  memcpy (study_log_asked (s, log, i), t->asked ? t->asked : t->design,
          s->p * sizeof (double));
  memcpy (study_log_design (s, log, i), t->design, s->p * sizeof (double));
  for (uint32_t j = 0; j < s->n; j++)
    study_log_metrics (s, log, i)[j] =
        t->metrics && t->status == GYM_TRIAL_OK ? t->metrics[j] : NAN;
  return GYM_OK;
}

/* The whole log of a run is read at once: replaying it means comparing every ask. */
int
study_log_read (gym_study *s, size_t k, struct study_log *log, gym_error *err)
{
  const struct study_run *run = &s->runs[k];
  const struct study_agent *a = &s->agents[run->agent];
  *log = (struct study_log){ .row = -1 };
  if (!s->writer)
    return GYM_OK;
  int kept = study_prior_keep (s, a, err);
  if (kept < 0)
    return kept;
  log->row = gym_writer_run (s->writer, s->study_row, run->agent, a->entry->id, a->label,
                             a->options, run->seed, &log->state, err);
  if (log->row < 0)
    return (int)log->row;
  int tainted = gym_writer_tainted (s->writer, log->row, err);
  if (tainted < 0)
    return tainted;
  s->runs[k].tainted = tainted > 0;
  struct reading r = { .study = s, .log = log };
  return gym_writer_replay (s->writer, s->study_row, log->row, read_trial, &r, err);
}

void
study_log_free (struct study_log *log)
{
  for (size_t i = 0; i < log->n; i++)
    free (log->trials[i].note);
  free (log->trials);
  free (log->rows);
  *log = (struct study_log){ .row = -1 };
}

/* Told early, a replay that goes another way costs nothing; found late, it would have
 * mixed the results of two agents in one run. */
int
study_log_compare (const gym_study *s, const struct study_log *log, size_t i,
                   const double *asked, uint32_t fidelity, gym_error *err)
{
  const double *logged = study_log_asked (s, log, i);
  if (fidelity != log->trials[i].fidelity)
    return gym_fail (err, GYM_EMISMATCH,
                     "%s: replaying trial %zu, the agent asked for fidelity %s where the "
                     "log has %s: it is not the agent that wrote this log",
                     s->store, i, s->fidelities->items[fidelity].name,
                     s->fidelities->items[log->trials[i].fidelity].name);
  for (uint32_t j = 0; j < s->p; j++) {
    char now[64], then[64];
    if (asked[j] == logged[j] || (isnan (asked[j]) && isnan (logged[j])))
      continue;
    gym_space_format (s->space, j, asked[j], now, sizeof now);
    gym_space_format (s->space, j, logged[j], then, sizeof then);
    return gym_fail (
        err, GYM_EMISMATCH,
        "%s: replaying trial %zu, the agent asked for %s=%s where the log has "
        "%s: it is not the agent that wrote this log",
        s->store, i, gym_space_param (s->space, j)->name, now, then);
  }
  return GYM_OK;
}

/* Whatever was written before the last commit is safe: whoever sent it may forget it. */
static void
acknowledge (gym_study *s)
{
  if (s->n_receipts == 0 || (s->writer && gym_writer_pending (s->writer) > 0))
    return;
  s->dispatch->acknowledge (s->dispatch, s->receipts, s->n_receipts);
  s->n_receipts = 0;
}

static int
keep_receipt (gym_study *s, const struct gym_receipt *receipt, gym_error *err)
{
  if (receipt->life == 0 || !s->dispatch->acknowledge)
    return GYM_OK;
  if (gym_grow (&s->receipts, s->n_receipts, &s->room_receipts, sizeof *s->receipts) < 0)
    return gym_fail (err, GYM_ENOMEM, "out of memory for the trials in flight");
  s->receipts[s->n_receipts++] = *receipt;
  return GYM_OK;
}

int
study_log_settle (gym_study *s, bool now, gym_error *err)
{
  int rc = !s->writer ? GYM_OK
           : now      ? gym_writer_commit (s->writer, err)
                      : gym_writer_commit_due (s->writer, err);
  if (rc == GYM_OK)
    acknowledge (s);
  return rc;
}

/* Designs are compared as bytes: canonical rows have one form of NaN. In async mode the
 * order of results cannot be had again, so the commit comes before the agent hears. */
int
study_log_write (gym_study *s, int64_t row, const struct study_told *t, gym_error *err)
{
  int rc = keep_receipt (s, &t->receipt, err);
  if (rc < 0 || !s->writer) {
    acknowledge (s);
    return rc;
  }
  bool ok = t->status == GYM_TRIAL_OK;
  double violation = ok ? 0 : NAN;
  for (uint32_t i = 0; ok && i < s->c; i++)
    violation += t->violations[i];
  bool moved = memcmp (t->asked, t->design, s->p * sizeof (double)) != 0;
  const struct gym_logged logged = {
    .run = row,
    .number = t->number,
    .status = t->status,
    .fidelity = t->fidelity,
    .attempts = t->attempts,
    .cached = t->cached,
    .origin = t->origin,
    .seed = t->seed,
    .asked = moved ? t->asked : NULL,
    .design = t->design,
    .metrics = t->metrics,
    .goal = ok ? gym_objective_report (s->objective, 0, t->inner[0]) : NAN,
    .violation = violation,
    .note = t->note
  };
  rc = gym_writer_trial (s->writer, &logged, err);
  if (rc == GYM_OK && s->async)
    rc = gym_writer_commit (s->writer, err);
  if (rc == GYM_OK)
    acknowledge (s);
  return rc;
}
