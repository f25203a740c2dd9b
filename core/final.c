/* core/final.c - making a final report: see gym/final.h.
 *
 * Choosing, putting down, evaluating, keeping: in this order, under the lock of the
 * store, so that nothing is read that the store does not know of, and nothing is added to
 * the study between what was chosen and what was read. */
#include <config.h>

#include "core/fingerprint.h"
#include "core/memory.h"
#include "core/store.h"
#include "core/store_file.h"
#include "core/store_read.h"
#include "core/store_schema.h"
#include "core/store_seal.h"
#include "core/text.h"
#include "core/unsealed.h"

#include <gym/final.h>
#include <math.h>

struct gym_final {
  gym_env *env;
  gym_objective *objective;
  int64_t study, report;
  uint32_t p, n, m, c;
  struct gym_final_design *designs;
  int64_t *trials; /* row ids */
  size_t count, room, empty;
};

/* While it is made. */
struct making {
  gym_final *final;
  const struct gym_final_plan *plan;
  gym_store *store;
  gym_writer *writer;
  struct gym_layout *layout;
};

void
gym_final_destroy (gym_final **handle)
{
  gym_final *f = handle ? *handle : NULL;
  if (!f)
    return;
  for (size_t i = 0; i < f->count; i++) {
    free ((char *)f->designs[i].agent);
    free ((char *)f->designs[i].agent_id);
    free ((char *)f->designs[i].note);
    free ((double *)f->designs[i].design);
  }
  free (f->designs);
  free (f->trials);
  gym_objective_destroy (&f->objective);
  gym_env_destroy (&f->env);
  free (f);
  *handle = NULL;
}

static int
no_memory (gym_error *err)
{
  return gym_fail (err, GYM_ENOMEM, "out of memory for the final report");
}

/* ---- the study and its env ---- */

/* "dram" stands for any version of it here: which one it was the store says. */
static char *
study_query (const struct gym_final_plan *plan)
{
  const char *env = plan->env ? plan->env : "";
  return sqlite3_mprintf ("SELECT id, env, env_identity, fingerprint FROM studies WHERE"
                          " %lld IN (0, id) AND (%Q IN ('', env) OR (substr (env, 1,"
                          " length (%Q) + 2) = '%q-v' AND ltrim (substr (env, length (%Q)"
                          " + 3), '0123456789') = '')) ORDER BY id DESC LIMIT 1",
                          (long long)plan->study, env, env, env, env);
}

/* Says what was looked for. */
static int
no_study (const struct making *m, gym_error *err)
{
  const struct gym_final_plan *plan = m->plan;
  char which[32] = "study", where[160] = "";
  if (plan->study)
    snprintf (which, sizeof which, "study %lld", (long long)plan->study);
  if (plan->env)
    snprintf (where, sizeof where, " on env \"%.100s\"", plan->env);
  return gym_fail (err, GYM_ENOTFOUND, "store \"%s\": no %s%s", m->store->path, which,
                   where);
}

/* Other bits may come out elsewhere, which is no reason to refuse: it is said. */
static void
compare_fingerprint (const struct making *m, const char *then)
{
  char text[GYM_FINGERPRINT_NOTE];
  char *now = gym_fingerprint (gym_env_entry (m->final->env), NULL);
  if (now && m->plan->log && gym_fingerprint_differs (then, now, text))
    m->plan->log (m->plan->log_context, text);
  free (now);
}

/* Files that lay beside the store are the ones that moved with it. */
static int
open_env (struct making *m, const gym_registry *registry, const char *identity,
          gym_error *err)
{
  char *folder = strdup (m->store->path);
  if (!folder)
    return no_memory (err);
  *strrchr (folder, '/') = '\0';
  gym_final *f = m->final;
  f->env = gym_env_reopen (registry, identity, m->plan->settings, folder, err);
  free (folder);
  if (!f->env)
    return err->code;
  if (m->plan->log)
    gym_env_set_log (f->env, m->plan->log, m->plan->log_context);
  f->p = gym_space_size (gym_env_space (f->env));
  f->n = gym_env_metrics (f->env)->n;
  if (f->p != m->layout->n_params || f->n != m->layout->n_metrics)
    return gym_fail (err, GYM_EMISMATCH,
                     "env %s has other parameters or metrics than when study %lld ran",
                     gym_env_entry (f->env)->id, (long long)f->study);
  return GYM_OK;
}

/* The objective is parsed with the env's own metrics, as the study's was. */
static int
open_study (struct making *m, const gym_registry *registry, gym_error *err)
{
  gym_store *store = m->store;
  gym_final *f = m->final;
  sqlite3_stmt *row =
      gym_store_prepare_free (store->db, store->path, study_query (m->plan), err);
  if (!row)
    return gym_store_code (store->db);
  int code = gym_store_step (row, store->path, err);
  if (code == 0)
    code = no_study (m, err);
  if (code == 1) {
    f->study = sqlite3_column_int64 (row, 0);
    m->layout = gym_layout_load (store->db, store->path, f->study, err);
    code = m->layout ? open_env (m, registry, gym_store_column (row, 2), err) : err->code;
  }
  if (code == GYM_OK) {
    compare_fingerprint (m, gym_store_column (row, 3));
    f->objective = gym_objective_parse (gym_objective_text (m->layout->objective),
                                        gym_env_metrics (f->env), err);
    code = f->objective ? GYM_OK : err->code;
  }
  sqlite3_finalize (row);
  if (code == GYM_OK) {
    f->m = gym_objective_goals (f->objective);
    f->c = gym_objective_constraints (f->objective);
  }
  return code;
}

/* ---- which designs ---- */

/* One block holds the numbers of a design. */
static struct gym_final_design *
add_design (gym_final *f, gym_error *err)
{
  size_t room = f->room, cells = (size_t)f->p + f->n + f->m + f->c;
  double *block = malloc ((cells + 1) * sizeof *block);
  if (!block || gym_grow (&f->designs, f->count, &room, sizeof *f->designs) < 0
      || gym_grow (&f->trials, f->count, &f->room, sizeof *f->trials) < 0) {
    free (block);
    return no_memory (err), NULL;
  }
  for (size_t i = 0; i < cells; i++)
    block[i] = NAN;
  struct gym_final_design *d = &f->designs[f->count++];
  *d = (struct gym_final_design){ .design = block,
                                  .metrics = block + f->p,
                                  .goals = block + f->p + f->n,
                                  .violations = block + f->p + f->n + f->m };
  return d;
}

/* The trial's numbers as they lie in the table: its metrics stay in those of the design
 * until it is evaluated again. */
static int
read_trial (struct making *m, int64_t id, struct gym_final_design *d, gym_error *err)
{
  gym_final *f = m->final;
  double *block = (double *)d->design;
  sqlite3_stmt *row = gym_store_prepare_free (
      m->store->db, m->store->path,
      sqlite3_mprintf ("SELECT t.number, t.evaluation_seed, t.fidelity, d.* FROM trials t"
                       " JOIN \"%w\" d ON d.id = t.id WHERE t.id = %lld",
                       m->layout->table, (long long)id),
      err);
  if (!row)
    return gym_store_code (m->store->db);
  int code = gym_store_step (row, m->store->path, err);
  if (code == 0)
    code = gym_fail (err, GYM_EIO,
                     "store \"%s\": trial %lld has no numbers: the file is "
                     "damaged",
                     m->store->path, (long long)id);
  if (code == 1) {
    d->number = (uint64_t)sqlite3_column_int64 (row, 0);
    d->evaluation_seed = (uint64_t)sqlite3_column_int64 (row, 1);
    d->fidelity = (uint32_t)sqlite3_column_int64 (row, 2);
    for (uint32_t i = 0; i < f->p + f->n; i++)
      block[i] = sqlite3_column_type (row, (int)i + 4) == SQLITE_NULL
                     ? NAN
                     : sqlite3_column_double (row, (int)i + 4);
    code = GYM_OK;
  }
  sqlite3_finalize (row);
  return code;
}

/* The run a row of `runs` is about, with what a design says of it. */
static int
add_run (struct making *m, sqlite3_stmt *run, gym_error *err)
{
  gym_final *f = m->final;
  int64_t id = sqlite3_column_int64 (run, 0);
  uint32_t top = m->plan->top ? m->plan->top : 1;
  gym_cursor *best = gym_store_best_of (m->store, f->study, id, top, err);
  int code = best ? GYM_OK : err->code;
  if (best && best->n_ranges == 0)
    f->empty++;
  for (size_t i = 0; code == GYM_OK && i < best->n_ranges; i++) {
    struct gym_final_design *d = add_design (f, err);
    if (!d) {
      code = GYM_ENOMEM;
      break;
    }
    f->trials[f->count - 1] = best->ranges[i].first;
    d->run = id;
    d->place = (uint32_t)i + 1;
    d->agent = gym_store_copy (gym_store_column (run, 1));
    d->agent_id = gym_store_copy (gym_store_column (run, 2));
    d->seed = (uint64_t)sqlite3_column_int64 (run, 3);
    d->tainted = sqlite3_column_int (run, 5) != 0;
    code = d->agent && d->agent_id ? read_trial (m, best->ranges[i].first, d, err)
                                   : no_memory (err);
  }
  gym_cursor_destroy (&best);
  return code;
}

/* No list means all. */
static bool
is_wanted (const struct gym_final_plan *plan, int64_t run)
{
  for (size_t i = 0; plan->runs && i < plan->n_runs; i++)
    if (plan->runs[i] == run)
      return true;
  return !plan->runs;
}

/* Reading the seal is the end of a study: what goes on afterwards is tainted, so that
 * nobody should come to it by accident. */
static int
add_runs (struct making *m, gym_error *err)
{
  gym_store *store = m->store;
  gym_final *f = m->final;
  size_t open = 0;
  sqlite3_stmt *run = gym_store_prepare_free (
      store->db, store->path,
      sqlite3_mprintf ("SELECT id, label, agent_id, seed, state, %s FROM runs r WHERE"
                       " study = %lld ORDER BY agent, seed < 0, seed, id",
                       gym_seal_tainted (store->db), (long long)f->study),
      err);
  int code = run ? GYM_OK : gym_store_code (store->db);
  while (code >= 0 && (code = gym_store_step (run, store->path, err)) == 1) {
    open += sqlite3_column_int (run, 4) < GYM_RUN_FINISHED;
    if (is_wanted (m->plan, sqlite3_column_int64 (run, 0)))
      code = add_run (m, run, err);
  }
  sqlite3_finalize (run);
  if (code < 0)
    return code;
  if (open > 0 && !m->plan->unfinished)
    return gym_fail (err, GYM_ESTATE,
                     "study %lld: %zu run%s not over, and what is added after a final "
                     "report is tainted: let them end first, or report on them as they "
                     "are (gym final --unfinished)",
                     (long long)f->study, open, open == 1 ? " is" : "s are");
  return f->count
             ? GYM_OK
             : gym_fail (err, GYM_ESTATE, "study %lld: no run has a design to report",
                         (long long)f->study);
}

/* ---- evaluating ---- */

/* Whether what was measured then came out again: all but sealed and measured metrics. */
static bool
is_equal (const gym_final *f, const double *then, const double *now)
{
  const struct gym_metrics *metrics = gym_env_metrics (f->env);
  bool equal = true;
  for (uint32_t i = 0; i < f->n; i++)
    if (!(metrics->items[i].flags & (GYM_METRIC_SEALED | GYM_METRIC_MEASURED)))
      equal &= then[i] == now[i] || (isnan (then[i]) && isnan (now[i]));
  return equal;
}

/* As its trial was, fidelity and seed alike, so that all but the seal is known already.
 */
static int
evaluate (struct making *m, struct gym_final_design *d, gym_error *err)
{
  gym_final *f = m->final;
  double *metrics = (double *)d->metrics, *goals = (double *)d->goals;
  double *then = malloc ((f->n + (size_t)1) * sizeof *then);
  char text[GYM_NOTE] = "";
  if (!then)
    return no_memory (err);
  memcpy (then, metrics, f->n * sizeof *then);
  int code = gym_env_evaluate_final (f->env, gym_writer_path (m->writer), 1, d->design,
                                     &d->fidelity, &d->evaluation_seed, metrics,
                                     &d->status, text, err);
  d->equal = code == GYM_OK && is_equal (f, then, metrics);
  free (then);
  if (code < 0)
    return code;
  if (d->status == GYM_TRIAL_OK
      && gym_objective_evaluate (f->objective, metrics, goals, (double *)d->violations,
                                 NULL)
             == GYM_OK)
    for (uint32_t i = 0; i < f->m; i++)
      goals[i] = gym_objective_report (f->objective, i, goals[i]);
  d->note = gym_store_copy (text);
  return d->note ? GYM_OK : no_memory (err);
}

/* {"loss": 0.25, ...}: what is NaN is absent. */
static char *
metrics_json (const gym_final *f, const struct gym_final_design *d, gym_error *err)
{
  const struct gym_metrics *metrics = gym_env_metrics (f->env);
  struct gym_text out = { .bytes = NULL };
  const char *between = "";
  gym_text_puts (&out, "{");
  for (uint32_t i = 0; i < f->n; i++) {
    if (isnan (d->metrics[i]))
      continue;
    gym_text_puts (&out, between);
    gym_text_json (&out, metrics->items[i].name);
    gym_text_puts (&out, ": ");
    gym_text_number (&out, d->metrics[i]);
    between = ", ";
  }
  gym_text_puts (&out, "}");
  return gym_text_take (&out, err);
}

/* As text, for people and for the day when the env's table has other columns. */
static int
keep (struct making *m, size_t i, gym_error *err)
{
  gym_final *f = m->final;
  const struct gym_final_design *d = &f->designs[i];
  const gym_space *space = gym_env_space (f->env);
  int length = gym_design_format (space, d->design, NULL, 0);
  char *text = length < 0 ? NULL : malloc ((size_t)length + 1);
  char *metrics = text ? metrics_json (f, d, err) : NULL;
  int code = metrics ? GYM_OK : no_memory (err);
  if (code == GYM_OK) {
    gym_design_format (space, d->design, text, (size_t)length + 1);
    const struct gym_writer_final row = { .report = f->report,
                                          .study = f->study,
                                          .run = d->run,
                                          .trial = f->trials[i],
                                          .place = d->place,
                                          .status = d->status,
                                          .tainted = d->tainted,
                                          .design = text,
                                          .metrics = metrics,
                                          .note = d->note };
    code = gym_writer_final (m->writer, &row, err);
  }
  free (text);
  gym_free (metrics);
  return code;
}

/* Kept one by one: a report that is interrupted says how far it came. */
static int
report (struct making *m, gym_error *err)
{
  gym_final *f = m->final;
  f->report = gym_writer_unseal (m->writer, gym_env_identity (f->env), f->study, "final",
                                 gym_env_sealed (f->env) > 0, err);
  int code = f->report < 0 ? (int)f->report : GYM_OK;
  for (size_t i = 0; code == GYM_OK && i < f->count; i++) {
    code = evaluate (m, &f->designs[i], err);
    if (code == GYM_OK)
      code = keep (m, i, err);
    if (code == GYM_OK)
      code = gym_writer_commit (m->writer, err);
  }
  return code;
}

/* Opened for reading first: opening for writing would make a store that is not there.
 * The env outlives the log that the plan has lent. */
gym_final *
gym_final_make (const gym_registry *registry, const char *path,
                const struct gym_final_plan *plan, gym_error *err)
{
  gym_error own = { 0 };
  err = err ? err : &own;
  struct making m = { .final = calloc (1, sizeof *m.final), .plan = plan };
  int code = m.final ? GYM_OK : no_memory (err);
  if (code == GYM_OK && !(m.store = gym_store_open (path, err)))
    code = err->code;
  if (code == GYM_OK && !(m.writer = gym_writer_open (path, GYM_DURABLE_POWER, err)))
    code = err->code;
  if (code == GYM_OK)
    code = open_study (&m, registry, err);
  if (code == GYM_OK)
    code = add_runs (&m, err);
  if (code == GYM_OK)
    code = report (&m, err);
  if (m.final && m.final->env)
    gym_env_set_log (m.final->env, NULL, NULL);
  gym_layout_destroy (&m.layout);
  gym_store_destroy (&m.store);
  int closed = gym_writer_close (&m.writer, code < 0 ? NULL : err);
  if (code < 0 || closed < 0)
    gym_final_destroy (&m.final);
  return m.final;
}

/* ---- reading ---- */

const gym_env *
gym_final_env (const gym_final *f)
{
  return f->env;
}

const gym_objective *
gym_final_objective (const gym_final *f)
{
  return f->objective;
}

int64_t
gym_final_report (const gym_final *f)
{
  return f->report;
}

int64_t
gym_final_study (const gym_final *f)
{
  return f->study;
}

size_t
gym_final_count (const gym_final *f)
{
  return f->count;
}

const struct gym_final_design *
gym_final_design (const gym_final *f, size_t i)
{
  return i < f->count ? &f->designs[i] : NULL;
}

size_t
gym_final_empty (const gym_final *f)
{
  return f->empty;
}
