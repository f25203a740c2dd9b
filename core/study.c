/* Setting a study up, and its results: see gym/study.h. */
#include "core/study.h"
#include "core/clock.h"
#include "core/keys.h"
#include "core/memory.h"
#include "core/study_prior.h"

#include <ctype.h>
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <xxhash.h>

/* Sealed metrics are refused here, before anybody can look at one. */
gym_study *
gym_study_new (gym_env *env, const char *objective, gym_error *err)
{
  const struct gym_metrics *metrics = gym_env_metrics (env);
  gym_objective *goal = gym_objective_parse (objective, metrics, err);
  if (!goal)
    return NULL;
  for (uint32_t i = 0; i < metrics->n; i++)
    if (gym_objective_uses (goal, i) && (metrics->items[i].flags & GYM_METRIC_SEALED)) {
      gym_fail (
          err, GYM_EINVAL,
          "objective \"%s\": metric \"%s\" is sealed for the final report: no search "
          "may use it",
          objective, metrics->items[i].name);
      gym_objective_destroy (&goal);
      return NULL;
    }
  gym_study *s = calloc (1, sizeof *s);
  uint64_t *seeds = malloc (sizeof *seeds);
  if (!s || !seeds) {
    free (s);
    free (seeds);
    gym_objective_destroy (&goal);
    gym_fail (err, GYM_ENOMEM, "out of memory for the study");
    return NULL;
  }
  *s = (gym_study){ .env = env,
                    .objective = goal,
                    .space = gym_env_space (env),
                    .metrics = metrics,
                    .fidelities = gym_env_fidelities (env),
                    .p = gym_space_size (gym_env_space (env)),
                    .n = metrics->n,
                    .m = gym_objective_goals (goal),
                    .c = gym_objective_constraints (goal),
                    .budget = 100,
                    .seeds = seeds,
                    .n_seeds = 1,
                    .fidelity = gym_env_fidelities (env)->n - 1,
                    .max_attempts = 3 };
  seeds[0] = 1;
  return s;
}

/* The best arrays share one block, kept under the first of them. */
static void
free_run (struct study_run *r)
{
  free (r->best_design); /* the block of all best_... arrays */
  free (r->curve);
  gym_archive_destroy (&r->archive);
}

static void
free_agent (struct study_agent *a)
{
  gym_settings_destroy (&a->settings);
  free (a->label);
  gym_free (a->options);
  gym_prior_destroy (&a->prior);
}

void
gym_study_destroy (gym_study **study)
{
  gym_study *s = *study;
  if (!s)
    return;
  for (size_t i = 0; i < s->n_runs; i++)
    free_run (&s->runs[i]);
  for (size_t i = 0; i < s->n_agents; i++)
    free_agent (&s->agents[i]);
  gym_objective_destroy (&s->objective);
  gym_cache_destroy (&s->cache);
  free (s->warm);
  free (s->agents);
  free (s->runs);
  free (s->seeds);
  free (s->store);
  free (s->bind);
  free (s->keys);
  free (s->receipts);
  free (s->identity);
  free (s);
  *study = NULL;
}

/* An identity that changed under a running study would file its trials under a name that
 * is not theirs. */
static int
settle (const gym_study *s, gym_error *err)
{
  if (s->runs)
    return gym_fail (err, GYM_ESTATE, "the study has begun: it can no longer be changed");
  return GYM_OK;
}

/* In evaluations of the highest fidelity, fractions allowed. */
int
gym_study_set_budget (gym_study *s, double budget, gym_error *err)
{
  if (!(budget > 0) || !isfinite (budget))
    return gym_fail (err, GYM_EINVAL,
                     "budget %g: a positive number of evaluations is needed", budget);
  int rc = settle (s, err);
  if (rc == GYM_OK)
    s->budget = budget;
  return rc;
}

/* Stores keep seeds as signed 64-bit integers. */
static int
check_seeds (const uint64_t *seeds, size_t n, gym_error *err)
{
  if (n == 0)
    return gym_fail (err, GYM_EINVAL, "at least one seed is needed");
  for (size_t i = 0; i < n; i++) {
    if (seeds[i] > INT64_MAX)
      return gym_fail (err, GYM_EINVAL, "seed %llu is above 2^63 - 1",
                       (unsigned long long)seeds[i]);
    for (size_t j = 0; j < i; j++)
      if (seeds[i] == seeds[j])
        return gym_fail (err, GYM_EINVAL, "seed %llu is given twice",
                         (unsigned long long)seeds[i]);
  }
  return GYM_OK;
}

int
gym_study_set_seeds (gym_study *s, const uint64_t *seeds, size_t n, gym_error *err)
{
  int rc = settle (s, err);
  if (rc == GYM_OK)
    rc = check_seeds (seeds, n, err);
  if (rc < 0)
    return rc;
  uint64_t *copy = malloc (n * sizeof *copy);
  if (!copy)
    return gym_fail (err, GYM_ENOMEM, "out of memory for %zu seeds", n);
  memcpy (copy, seeds, n * sizeof *copy);
  free (s->seeds);
  s->seeds = copy;
  s->n_seeds = n;
  return GYM_OK;
}

/* Reads one "a" or "a..b"; returns the end of what it read, NULL when it is neither. By
 * hand rather than by scanf, which would take "-1" for a large number. */
static const char *
parse_range (const char *text, uint64_t *from, uint64_t *to)
{
  char *end;
  if (!isdigit ((unsigned char)*text))
    return NULL;
  errno = 0;
  *from = *to = strtoull (text, &end, 10);
  if (strncmp (end, "..", 2) == 0) {
    if (!isdigit ((unsigned char)end[2]))
      return NULL;
    *to = strtoull (end + 2, &end, 10);
  }
  return errno || *to < *from ? NULL : end;
}

/* A list is bounded: 1..4000000000 is a slip, not a plan. */
int
gym_study_set_seeds_text (gym_study *s, const char *text, gym_error *err)
{
  enum { most = 100000 };
  uint64_t *seeds = NULL, from, to;
  size_t n = 0, room = 0;
  const char *at = text;
  bool good = true;
  while (good && (at = parse_range (at, &from, &to)) && to - from < most && n < most) {
    for (uint64_t x = from; x <= to && good; x++) {
      good = gym_grow (&seeds, n, &room, sizeof *seeds) == GYM_OK;
      if (good)
        seeds[n++] = x;
    }
    if (*at != ',')
      break;
    at++;
  }
  int rc;
  if (!good)
    rc = gym_fail (err, GYM_ENOMEM, "out of memory for the seeds");
  else if (!at || *at)
    rc = gym_fail (err, GYM_EINVAL,
                   "seeds \"%s\": expected numbers and ranges such as 1..5 or 1,2,7",
                   text);
  else
    rc = gym_study_set_seeds (s, seeds, n, err);
  free (seeds);
  return rc;
}

int
gym_study_set_seed (gym_study *s, uint64_t study_seed, uint64_t evaluation_seed,
                    gym_error *err)
{
  int rc = settle (s, err);
  if (rc == GYM_OK) {
    s->study_seed = study_seed;
    s->evaluation_seed = evaluation_seed;
  }
  return rc;
}

/* The limit keeps a slip of the keyboard from allocating the machine. */
int
gym_study_set_in_flight (gym_study *s, uint32_t q, gym_error *err)
{
  if (q > 65536)
    return gym_fail (err, GYM_EINVAL, "in_flight %u: at most 65536", q);
  int rc = settle (s, err);
  if (rc == GYM_OK)
    s->in_flight = q;
  return rc;
}

/* A fidelity that leaves the objective without its metrics would fail every trial. */
int
gym_study_set_fidelity (gym_study *s, const char *name, gym_error *err)
{
  int i = gym_env_find_fidelity (s->env, name, err), rc = settle (s, err);
  if (i < 0 || rc < 0)
    return i < 0 ? i : rc;
  const uint8_t *yields = s->fidelities->items[i].yields;
  for (uint32_t j = 0; yields && j < s->n; j++)
    if (!yields[j] && gym_objective_uses (s->objective, j))
      return gym_fail (err, GYM_EINVAL,
                       "fidelity \"%s\" does not yield \"%s\", which the "
                       "objective needs",
                       name, s->metrics->items[j].name);
  s->fidelity = (uint32_t)i;
  return GYM_OK;
}

/* Repairing is the default since an agent that knows nothing of the rules of an env would
 * otherwise spend its budget on learning them. */
int
gym_study_set_rejection (gym_study *s, bool reject, gym_error *err)
{
  int rc = settle (s, err);
  if (rc == GYM_OK)
    s->reject = reject;
  return rc;
}

/* Designs are checked here: an agent is only ever handed canonical rows. */
int
gym_study_set_warm (gym_study *s, size_t n, const double *designs,
                    const double *objectives, const double *violations, gym_error *err)
{
  int rc = settle (s, err);
  for (size_t i = 0; rc == GYM_OK && i < n; i++) {
    rc = gym_space_check (s->space, designs + i * s->p, err);
    if (rc < 0)
      gym_error_prefix (err, "warm trial %zu", i);
  }
  double *block =
      rc == GYM_OK ? malloc ((n * (s->p + s->m + s->c) + 1) * sizeof *block) : NULL;
  if (rc == GYM_OK && !block)
    rc = gym_fail (err, GYM_ENOMEM, "out of memory for %zu warm trials", n);
  if (rc < 0)
    return rc;
  memcpy (block, designs, n * s->p * sizeof *block);
  memcpy (block + n * s->p, objectives, n * s->m * sizeof *block);
  if (s->c)
    memcpy (block + n * (s->p + s->m), violations, n * s->c * sizeof *block);
  free (s->warm);
  free (s->identity);
  s->identity = NULL;
  s->warm = block;
  s->n_warm = n;
  return GYM_OK;
}

int
gym_study_set_store (gym_study *s, const char *path, gym_error *err)
{
  int rc = settle (s, err);
  char *copy = path && rc == GYM_OK ? strdup (path) : NULL;
  if (path && rc == GYM_OK && !copy)
    return gym_fail (err, GYM_ENOMEM, "out of memory for the study");
  if (rc == GYM_OK) {
    free (s->store);
    s->store = copy;
  }
  return rc;
}

int
gym_study_set_durability (gym_study *s, enum gym_durability durability, gym_error *err)
{
  int rc = settle (s, err);
  if (rc == GYM_OK)
    s->durability = durability;
  return rc;
}

int
gym_study_set_max_attempts (gym_study *s, uint32_t attempts, gym_error *err)
{
  if (attempts == 0)
    return gym_fail (err, GYM_EINVAL, "max_attempts must be at least 1");
  int rc = settle (s, err);
  if (rc == GYM_OK)
    s->max_attempts = attempts;
  return rc;
}

/* Part of the identity: its trials are others every time. */
int
gym_study_set_async (gym_study *s, bool async, gym_error *err)
{
  int rc = settle (s, err);
  if (rc == GYM_OK)
    s->async = async;
  return rc;
}

/* NULL is what a library should do by default: no child that nobody asked for. */
int
gym_study_set_limits (gym_study *s, const struct gym_limits *limits, gym_error *err)
{
  static const struct gym_limits none = { .struct_size = sizeof none };
  const struct gym_limits *l = limits ? limits : &none;
  if (l->isolation > GYM_ISOLATE_STRICT)
    return gym_fail (err, GYM_EINVAL, "isolation %u does not exist", l->isolation);
  if (!(l->seconds >= 0) || !(l->cpu_seconds >= 0) || l->seconds > 1e9)
    return gym_fail (err, GYM_EINVAL, "limits: times are in seconds, 0 for none");
  int rc = settle (s, err);
  if (rc == GYM_OK)
    s->limits = *l;
  return rc;
}

/* Any number: where trials run never shows in them. */
int
gym_study_set_jobs (gym_study *s, uint32_t n, gym_error *err)
{
  if (n > 1024)
    return gym_fail (err, GYM_EINVAL, "jobs %u: at most 1024", n);
  int rc = settle (s, err);
  if (rc == GYM_OK)
    s->jobs = n;
  return rc;
}

/* A class that was added in this process has no file that a worker could have too. */
static int
check_remote (const gym_study *s, gym_error *err)
{
  const struct gym_entry *entry = gym_env_entry (s->env);
  FILE *file = fopen (entry->origin, "re");
  if (file) {
    fclose (file);
    return GYM_OK;
  }
  return gym_fail (err, GYM_EINVAL,
                   "env %s lives in this process alone (%s), so no worker can have it: "
                   "put it into a plugin file on GYM_PLUGIN_PATH (NAME.so, or NAME.lua "
                   "returning the table), or use jobs on this machine",
                   entry->id, entry->origin);
}

int
gym_study_set_workers (gym_study *s, const struct gym_workers *w, gym_error *err)
{
  int rc = settle (s, err);
  if (rc == GYM_OK && w && w->bind)
    rc = check_remote (s, err);
  if (rc == GYM_OK && w && w->bind)
    rc = gym_keys_check_bind (w->bind, w->keys, err);
  if (rc == GYM_OK && w && !(w->lease >= 0 && w->lease <= 1e6))
    rc = gym_fail (err, GYM_EINVAL,
                   "lease %g: a number of seconds up to 1000000; 0 for the default",
                   w->lease);
  if (rc < 0)
    return rc;
  char *bind = w && w->bind ? strdup (w->bind) : NULL,
       *keys = w && w->keys ? strdup (w->keys) : NULL;
  if (w && ((w->bind && !bind) || (w->keys && !keys))) {
    free (bind);
    free (keys);
    return gym_fail (err, GYM_ENOMEM, "out of memory for the study");
  }
  free (s->bind);
  free (s->keys);
  s->bind = bind;
  s->keys = keys;
  s->workers = w ? *w : (struct gym_workers){ 0 };
  return GYM_OK;
}

/* The bare name and what the user set: "ga population=16". */
static char *
make_label (const char *id, const gym_settings *settings, const gym_prior *prior)
{
  char text[256];
  size_t bare = (size_t)(strrchr (id, '-') - id);
  int used = snprintf (text, sizeof text, "%.*s", (int)bare, id);
  for (size_t i = 0; i < gym_settings_count (settings) && used < (int)sizeof text; i++)
    used += snprintf (text + used, sizeof text - (size_t)used, " %s=%s",
                      gym_settings_key (settings, i), gym_settings_value (settings, i));
  if (prior && used < (int)sizeof text)
    snprintf (text + used, sizeof text - (size_t)used, " +prior");
  return strdup (text);
}

static int
check_label (const gym_study *s, const char *label, gym_error *err)
{
  for (size_t i = 0; label && i < s->n_agents; i++)
    if (strcmp (s->agents[i].label, label) == 0)
      return gym_fail (
          err, GYM_EINVAL,
          "the study has an agent \"%s\" already: give this one another label", label);
  return GYM_OK;
}

/* Options are judged now: a typing error must not surface after an hour of other runs. */
static int
fill_agent (const gym_study *s, struct study_agent *a, const gym_settings *settings,
            const gym_prior *prior, const char *label, gym_error *err)
{
  char owner[160];
  snprintf (owner, sizeof owner, "agent %s", a->entry->id);
  uint32_t most = a->entry->agent->max_objectives;
  if (most && s->m > most)
    return gym_fail (err, GYM_EINVAL, "%s handles %u objective%s; this study has %u",
                     owner, most, most > 1 ? "s" : "", s->m);
  a->options = gym_options_to_json (&a->entry->agent->options, settings, owner, err);
  if (!a->options)
    return err && err->code ? err->code : GYM_EINVAL;
  int rc = prior ? study_prior_take (s, a, prior, err) : GYM_OK;
  if (rc < 0)
    return rc;
  a->settings = gym_settings_copy (settings, err);
  a->label =
      label && *label ? strdup (label) : make_label (a->entry->id, settings, prior);
  rc = check_label (s, a->label, err);
  if (rc == GYM_OK && (!a->settings || !a->label))
    rc = gym_fail (err, GYM_ENOMEM, "out of memory for %s", owner);
  return rc;
}

int
gym_study_add_prior (gym_study *s, const char *id, const gym_settings *settings,
                     const gym_prior *prior, const char *label, gym_error *err)
{
  int rc = settle (s, err);
  if (rc < 0)
    return rc;
  struct study_agent a = { .entry = gym_registry_find (gym_env_registry (s->env),
                                                       GYM_ROLE_AGENT, id, err) };
  if (!a.entry)
    return GYM_ENOTFOUND;
  rc = fill_agent (s, &a, settings, prior, label, err);
  if (rc == GYM_OK && gym_grow (&s->agents, s->n_agents, &s->room_agents, sizeof a) < 0)
    rc = gym_fail (err, GYM_ENOMEM, "out of memory for agent %s", a.entry->id);
  if (rc < 0)
    free_agent (&a);
  else
    s->agents[s->n_agents++] = a;
  return rc;
}

int
gym_study_add (gym_study *s, const char *id, const gym_settings *settings,
               const char *label, gym_error *err)
{
  return gym_study_add_prior (s, id, settings, NULL, label, err);
}

/* A store to an atomic flag and nothing else: signal handlers come this way. */
void
gym_study_cancel (gym_study *s)
{
  atomic_store (&s->cancel, true);
}

void
gym_study_on_trial (gym_study *s, gym_trial_fn call, void *context)
{
  s->on_trial = call;
  s->trial_context = context;
}

void
gym_study_on_progress (gym_study *s, gym_progress_fn call, void *context)
{
  s->on_progress = call;
  s->progress_context = context;
}

void
gym_study_on_log (gym_study *s, void (*log) (void *, const char *), void *context)
{
  s->on_log = log;
  s->log_context = context;
}

/* Sorted keys: equal studies must give equal texts. */
const char *
gym_study_identity (gym_study *s, gym_error *err)
{
  if (s->identity)
    return s->identity;
  json_t *env = json_loads (gym_env_identity (s->env), 0, NULL);
  json_t *j = json_pack (
      "{s:o, s:s, s:f, s:I, s:I, s:i, s:s, s:b}", "env", env, "objective",
      gym_objective_text (s->objective), "budget", s->budget, "study_seed",
      (json_int_t)s->study_seed, "evaluation_seed", (json_int_t)s->evaluation_seed,
      "in_flight", (int)s->in_flight, "fidelity", s->fidelities->items[s->fidelity].name,
      "reject", (int)s->reject);
  if (j && s->async)
    json_object_set_new (j, "async", json_true ());
  if (j && s->n_warm) {
    char hash[17];
    size_t size = s->n_warm * (s->p + s->m + s->c) * sizeof *s->warm;
    snprintf (hash, sizeof hash, "%016llx",
              (unsigned long long)XXH3_64bits (s->warm, size));
    json_object_set_new (j, "warm", json_string (hash));
  }
  s->identity = j ? json_dumps (j, JSON_SORT_KEYS) : NULL;
  json_decref (j);
  if (!s->identity)
    gym_fail (err, GYM_ENOMEM, "out of memory for the study's identity");
  return s->identity;
}

/* Results of run i, empty. */
/* One block holds every array of a run's best trial. */
static int
new_run (gym_study *s, size_t i)
{
  struct study_run *r = &s->runs[i];
  size_t cells = (size_t)s->p + s->n + 2 * (size_t)s->m + s->c;
  double *block = malloc ((cells ? cells : 1) * sizeof *block);
  *r = (struct study_run){ .agent = i / s->n_seeds,
                           .seed = s->seeds[i % s->n_seeds],
                           .best = -1,
                           .best_design = block,
                           .archive = gym_archive_new (s->m, NULL) };
  if (!block || !r->archive)
    return GYM_ENOMEM;
  for (size_t k = 0; k < cells; k++)
    block[k] = NAN;
  r->best_metrics = block + s->p;
  r->best_inner = r->best_metrics + s->n;
  r->best_goals = r->best_inner + s->m;
  r->best_violations = r->best_goals + s->m;
  return GYM_OK;
}

/* The first call fixes agents and seeds; later ones find everything in place. */
static int
prepare (gym_study *s, gym_error *err)
{
  if (s->n_agents == 0)
    return gym_fail (err, GYM_EINVAL, "the study has no agent: add one");
  bool used = s->n_warm == 0;
  for (size_t i = 0; i < s->n_agents; i++)
    used |= (s->agents[i].entry->agent->flags & GYM_AGENT_WARM_START) != 0;
  if (!used)
    return gym_fail (err, GYM_EINVAL,
                     "the study has trials to start from, and no agent that uses them "
                     "(gym info AGENT tells: \"Warm start: yes\")");
  if (!gym_study_identity (s, err))
    return GYM_ENOMEM;
  if (!s->cache && !(s->cache = gym_cache_new (s->p, s->n, err)))
    return GYM_ENOMEM;
  if (s->runs)
    return GYM_OK;
  size_t n = s->n_agents * s->n_seeds;
  s->runs = calloc (n, sizeof *s->runs);
  if (!s->runs)
    return gym_fail (err, GYM_ENOMEM, "out of memory for %zu runs", n);
  for (; s->n_runs < n; s->n_runs++)
    if (new_run (s, s->n_runs) < 0) {
      s->n_runs++;
      return gym_fail (err, GYM_ENOMEM, "out of memory for %zu runs", n);
    }
  return GYM_OK;
}

/* With a store an interrupted run is replayed, without it there is nothing to continue
 * from but the cache. */
int
study_restart (gym_study *s, size_t i, gym_error *err)
{
  if (s->runs[i].trials == 0)
    return GYM_OK;
  free_run (&s->runs[i]);
  return new_run (s, i) < 0 ? gym_fail (err, GYM_ENOMEM, "out of memory for a run")
                            : GYM_OK;
}

/* The store is closed even after an error, to leave the file whole and the lock free; the
 * first error is the one reported. */
int
gym_study_run (gym_study *s, gym_error *err)
{
  int rc = prepare (s, err);
  if (rc < 0)
    return rc;
  atomic_store (&s->cancel, false);
  s->told = s->told_shown = s->told_failures = 0;
  s->began = s->shown = gym_clock ();
  gym_env_set_cancel (s->env, &s->cancel);
  if (s->on_log)
    gym_env_set_log (s->env, s->on_log, s->log_context);
  for (size_t i = 0; i < s->n_runs; i++)
    s->runs[i].added = false;
  rc = study_log_begin (s, err);
  if (rc == GYM_OK)
    rc = study_run_all (s, err);
  s->n_receipts = 0;
  int closed = study_log_end (s, rc < 0 ? NULL : err);
  gym_env_set_cancel (s->env, NULL);
  if (s->on_log)
    gym_env_set_log (s->env, NULL, NULL);
  study_progress (s, s->n_runs - 1, true);
  return rc < 0 ? rc : closed;
}

/* ---- results ---- */

/* Violations are not negative: 0 in all is 0 in each. */
static double
sum (const double *values, uint32_t n)
{
  double total = 0;
  for (uint32_t i = 0; i < n; i++)
    total += values[i];
  return total;
}

/* Whether the trial is better than the best so far; at the study's fidelity only, since
 * results of different fidelities do not compare. */
static int
compete (gym_study *s, struct study_run *r, const struct study_told *t, bool *improved,
         gym_error *err)
{
  *improved = r->best < 0
              || gym_compare (s->m, s->c, t->status, t->inner, t->violations,
                              r->best_status, r->best_inner, r->best_violations)
                     < 0;
  if (s->m > 1 && sum (t->violations, s->c) == 0) {
    int added = gym_archive_add (r->archive, t->inner, t->number, err);
    if (added < 0)
      return added;
    *improved = added > 0;
  } else if (s->m == 1 && *improved && sum (t->violations, s->c) == 0) {
    int added = gym_archive_add (r->archive, t->inner, t->number, err);
    if (added < 0)
      return added;
  }
  /* Several goals: the first of the archive, by its first goal, stands for the run; while
   * nothing is feasible and the archive is empty, the smallest violation does. */
  bool first = gym_archive_count (r->archive) == 0
               || gym_archive_tag (r->archive, 0) == t->number;
  bool keep = s->m == 1 ? *improved : r->best < 0 || (*improved && first);
  if (!keep)
    return GYM_OK;
  r->best = (int64_t)t->number;
  r->best_status = t->status;
  memcpy (r->best_design, t->design, s->p * sizeof (double));
  memcpy (r->best_metrics, t->metrics, s->n * sizeof (double));
  memcpy (r->best_inner, t->inner, s->m * sizeof (double));
  memcpy (r->best_violations, t->violations, s->c * sizeof (double));
  for (uint32_t i = 0; i < s->m; i++)
    r->best_goals[i] = gym_objective_report (s->objective, i, t->inner[i]);
  return GYM_OK;
}

/* A point for every distinct evaluation, at whatever fidelity, so that the position in
 * the curve is what the budget counts. */
static int
extend_curve (gym_study *s, struct study_run *r, gym_error *err)
{
  if (gym_grow (&r->curve, r->curve_length, &r->curve_room, sizeof *r->curve) < 0)
    return gym_fail (err, GYM_ENOMEM, "out of memory for the curve of a run");
  bool feasible = r->best >= 0 && sum (r->best_violations, s->c) == 0;
  r->curve[r->curve_length++] = feasible ? r->best_goals[0] : NAN;
  return GYM_OK;
}

/* Goals and violations, NaN unless the trial is ok and can be judged. */
static void
judge (gym_study *s, struct study_told *t)
{
  gym_error why = { 0 };
  if (t->status == GYM_TRIAL_OK
      && gym_objective_evaluate (s->objective, t->metrics, t->inner, t->violations, &why)
             < 0) {
    t->status = GYM_TRIAL_FAILED;
    snprintf (t->note, sizeof t->note, "%.*s", GYM_NOTE - 1, why.text);
  }
  if (t->status == GYM_TRIAL_OK)
    return;
  for (uint32_t i = 0; i < s->m; i++)
    t->inner[i] = NAN;
  for (uint32_t i = 0; i < s->c; i++)
    t->violations[i] = NAN;
}

/* Repeats are counted and told, but neither paid for nor drawn into the curve. */
int
study_absorb (gym_study *s, struct study_run *r, struct study_told *t, bool *improved,
              gym_error *err)
{
  *improved = false;
  judge (s, t);
  r->trials++;
  s->told++;
  if (t->status == GYM_TRIAL_INFEASIBLE)
    r->infeasible++;
  else if (t->status != GYM_TRIAL_OK)
    r->failures++;
  s->told_failures += t->status != GYM_TRIAL_OK;
  if (t->origin >= 0) {
    r->repeats++;
    return GYM_OK;
  }
  r->evaluated++;
  r->cached += t->cached;
  r->spent += s->fidelities->items[t->fidelity].cost;
  int rc = t->status == GYM_TRIAL_OK && t->fidelity == s->fidelity
               ? compete (s, r, t, improved, err)
               : GYM_OK;
  return rc < 0 ? rc : extend_curve (s, r, err);
}

/* Values in the user's terms are worked out only when somebody listens. */
int
study_notify (gym_study *s, size_t run, const struct study_told *t, bool improved,
              gym_error *err)
{
  if (!s->on_trial)
    return GYM_OK;
  double goals[64];
  for (uint32_t i = 0; i < s->m && i < 64; i++)
    goals[i] = gym_objective_report (s->objective, i, t->inner[i]);
  const struct gym_trial trial = { .struct_size = sizeof trial,
                                   .status = t->status,
                                   .run = run,
                                   .number = t->number,
                                   .asked = t->asked,
                                   .design = t->design,
                                   .fidelity = t->fidelity,
                                   .repeat = t->origin >= 0,
                                   .cached = t->cached,
                                   .replayed = t->replayed,
                                   .improved = improved,
                                   .seed = t->seed,
                                   .metrics = t->metrics,
                                   .goals = goals,
                                   .objectives = t->inner,
                                   .violations = t->violations,
                                   .spent = s->runs[run].spent,
                                   .note = t->note };
  return s->on_trial (s->trial_context, &trial, err);
}

/* Before the first run the plan is what there is to tell. */
size_t
gym_study_runs (const gym_study *s)
{
  return s->n_runs ? s->n_runs : s->n_agents * s->n_seeds;
}

int
gym_study_run_info (const gym_study *s, size_t i, struct gym_run *info, gym_error *err)
{
  if (i >= gym_study_runs (s))
    return gym_fail (err, GYM_ENOTFOUND, "run %zu: the study has %zu", i,
                     gym_study_runs (s));
  static const struct study_run none = { .best = -1 };
  const struct study_run *r = s->runs ? &s->runs[i] : &none;
  const struct study_agent *a = &s->agents[i / s->n_seeds];
  *info = (struct gym_run){ .struct_size = sizeof *info,
                            .state = r->state,
                            .agent = i / s->n_seeds,
                            .id = a->entry->id,
                            .label = a->label,
                            .seed = s->seeds[i % s->n_seeds],
                            .trials = r->trials,
                            .evaluated = r->evaluated,
                            .cached = r->cached,
                            .repeats = r->repeats,
                            .failures = r->failures,
                            .infeasible = r->infeasible,
                            .spent = r->spent,
                            .best = r->best,
                            .best_feasible =
                                r->best >= 0 && sum (r->best_violations, s->c) == 0,
                            .best_design = r->best_design,
                            .best_metrics = r->best_metrics,
                            .best_goals = r->best_goals,
                            .tainted = r->tainted };
  return GYM_OK;
}

size_t
gym_study_curve (const gym_study *s, size_t i, double *values, size_t capacity)
{
  if (i >= s->n_runs)
    return 0;
  const struct study_run *r = &s->runs[i];
  size_t n = r->curve_length < capacity ? r->curve_length : capacity;
  if (n > 0)
    memcpy (values, r->curve, n * sizeof *values);
  return r->curve_length;
}

/* Empty until something feasible was found. */
const gym_archive *
gym_study_archive (const gym_study *s, size_t i)
{
  return i < s->n_runs ? s->runs[i].archive : NULL;
}

gym_env *
gym_study_env (const gym_study *s)
{
  return s->env;
}

const gym_objective *
gym_study_objective (const gym_study *s)
{
  return s->objective;
}

double
gym_study_budget (const gym_study *s)
{
  return s->budget;
}

const char *
gym_run_state_name (enum gym_run_state state)
{
  static const char *const names[] = { "pending", "running", "finished", "exhausted",
                                       "stalled" };
  return state <= GYM_RUN_STALLED ? names[state] : "unknown";
}
