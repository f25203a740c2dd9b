/* core/prior_bank.c - tasks, what they have in common, and the prior that follows. See
 * gym/prior.h. */
#include "core/prior_bank.h"

#include "core/memory.h"
#include "core/text.h"

#include <math.h>

enum { ANCHORS = 8, MOST_ANCHORS = 4096 };

/* ---- closing ---- */

static void
free_task (struct bank_task *t)
{
  free ((char *)t->about.workload);
  free ((char *)t->about.identity);
  free ((char *)t->about.why);
  free (t->answers.known);
  free (t->answers.statuses);
  free (t->answers.goals); /* the block of all numbers */
}

void
gym_bank_destroy (gym_bank **bank)
{
  gym_bank *b = *bank;
  if (!b)
    return;
  for (size_t i = 0; i < b->n_tasks; i++)
    free_task (&b->tasks[i]);
  free_task (&b->own);
  gym_dataset_destroy (&b->data);
  gym_objective_destroy (&b->objective);
  free (b->folder);
  free (b->metric_at);
  free (b->compared);
  free (b->goals);
  free (b->anchors);
  free (b->hashes);
  free (b->tasks);
  free (b);
  *bank = NULL;
}

/* ---- results of designs ---- */

void
gym_bank_answer (const gym_bank *b, struct bank_answers *a, size_t i, uint32_t status,
                 const double *metrics)
{
  double *violations = a->violations + i * b->c;
  a->known[i] = 1;
  a->statuses[i] = status;
  for (uint32_t j = 0; j < b->n; j++)
    a->metrics[i * b->n + j] = status == GYM_TRIAL_OK ? metrics[j] : NAN;
  a->goals[i] = NAN;
  for (uint32_t j = 0; j < b->c; j++)
    violations[j] = NAN;
  if (status == GYM_TRIAL_OK
      && gym_objective_evaluate (b->objective, a->metrics + i * b->n, &a->goals[i],
                                 violations, NULL)
             < 0)
    a->statuses[i] = GYM_TRIAL_FAILED;
}

static int
make_answers (const gym_bank *b, struct bank_answers *a)
{
  size_t n = b->n_anchors;
  a->known = calloc (n, sizeof *a->known);
  a->statuses = calloc (n, sizeof *a->statuses);
  a->goals = malloc (n * (2u + b->c + b->n) * sizeof *a->goals);
  if (!a->known || !a->statuses || !a->goals)
    return GYM_ENOMEM;
  a->ranks = a->goals + n;
  a->violations = a->ranks + n;
  a->metrics = a->violations + n * b->c;
  return GYM_OK;
}

/* The env's metrics of a row of the data set, where the two lists differ by those that
 * are sealed. */
static void
gather_metrics (const gym_bank *b, size_t row, double *metrics)
{
  const double *from = b->table->metrics + row * b->table->n_metrics;
  for (uint32_t j = 0; j < b->n; j++)
    metrics[j] = b->metric_at[j] < 0 ? NAN : from[b->metric_at[j]];
}

/* The goal of a row, NaN unless it is ok and meets every constraint. */
static double
goal_of (const gym_bank *b, size_t row, double *metrics, double *violations)
{
  double goal, sum = 0;
  if (b->table->statuses[row] != GYM_TRIAL_OK)
    return NAN;
  gather_metrics (b, row, metrics);
  if (gym_objective_evaluate (b->objective, metrics, &goal, violations, NULL) < 0)
    return NAN;
  for (uint32_t j = 0; j < b->c; j++)
    sum += violations[j];
  return sum > 0 ? NAN : goal;
}

static bool
at_fidelity (const gym_bank *b, size_t row, const char *name)
{
  return strcmp (gym_dataset_fidelity (b->data, b->table->fidelities[row])->name, name)
         == 0;
}

/* What anchors found out is no search: a prior would change because it was asked for, and
 * a study that it is part of would not be found again. */
static bool
is_anchor (const gym_bank *b, size_t row)
{
  return strcmp (gym_dataset_agent (b->data, b->table->agents[row])->id, GYM_BANK_AGENT)
         == 0;
}

/* Results of cheaper fidelities do not compare: neither as best designs nor as
 * anchors. */
static int
judge_rows (gym_bank *b, const gym_env *env, gym_error *err)
{
  const struct gym_fidelities *f = gym_env_fidelities (env);
  double *work = malloc (((size_t)b->n + b->c + 1) * sizeof *work);
  b->goals = malloc ((b->table->n + 1) * sizeof *b->goals);
  if (!work || !b->goals) {
    free (work);
    return gym_fail_memory (err);
  }
  for (size_t i = 0; i < b->table->n; i++)
    b->goals[i] = !is_anchor (b, i) && at_fidelity (b, i, f->items[f->n - 1].name)
                      ? goal_of (b, i, work, work + b->n)
                      : NAN;
  free (work);
  return GYM_OK;
}

/* ---- anchors ---- */

/* Anchors that were tried on a workload before. */
static int
look_up (gym_bank *b, const gym_env *env, gym_error *err)
{
  const struct gym_fidelities *f = gym_env_fidelities (env);
  const char *top = f->items[f->n - 1].name;
  double *metrics = malloc ((b->n + 1u) * sizeof *metrics);
  if (!metrics)
    return gym_fail_memory (err);
  for (size_t i = 0; i < b->table->n; i++) {
    uint64_t hash = gym_space_hash (b->space, b->table->designs + i * b->p);
    size_t a = 0, t = 0;
    while (a < b->n_anchors && b->hashes[a] != hash)
      a++;
    if (a == b->n_anchors || b->table->statuses[i] > GYM_TRIAL_INFEASIBLE
        || !at_fidelity (b, i, top))
      continue;
    while (t < b->n_tasks && b->tasks[t].env != b->table->envs[i])
      t++;
    struct bank_task *task = t < b->n_tasks                    ? &b->tasks[t]
                             : b->own.env == b->table->envs[i] ? &b->own
                                                               : NULL;
    gather_metrics (b, i, metrics);
    if (task && !task->answers.known[a])
      gym_bank_answer (b, &task->answers, a, b->table->statuses[i], metrics);
  }
  free (metrics);
  return GYM_OK;
}

/* ---- similarity ---- */

bool
gym_bank_is_good (const gym_bank *b, const struct bank_answers *a, size_t i)
{
  double sum = 0;
  for (uint32_t j = 0; j < b->c; j++)
    sum += a->violations[i * b->c + j];
  return a->statuses[i] == GYM_TRIAL_OK && !(sum > 0);
}

int
gym_bank_order (const gym_bank *b, const struct bank_answers *a, size_t i, size_t j)
{
  return gym_compare (1, b->c, a->statuses[i], a->goals + i, a->violations + i * b->c,
                      a->statuses[j], a->goals + j, a->violations + j * b->c);
}

/* Places in the order that everything uses, equal results sharing theirs: few enough
 * anchors to compare each with each. */
static void
rank (const gym_bank *b, struct bank_answers *a)
{
  for (size_t i = 0; i < b->n_anchors; i++) {
    double place = 0.5;
    for (size_t j = 0; j < b->n_anchors; j++) {
      int order = gym_bank_order (b, a, i, j);
      place += order > 0 ? 1 : order == 0 ? 0.5 : 0;
    }
    a->ranks[i] = place;
  }
}

/* Correlation of two columns where both have a number; 0 when one of them is constant,
 * NaN when both are, or there is nothing to compare. */
static double
correlation (const double *x, const double *y, size_t n, size_t stride)
{
  double count = 0, mx = 0, my = 0, xx = 0, yy = 0, xy = 0;
  for (size_t i = 0; i < n * stride; i += stride) {
    if (!isfinite (x[i]) || !isfinite (y[i]))
      continue;
    double dx = x[i] - mx, dy = y[i] - my; /* Welford (1962) */
    count++;
    mx += dx / count;
    my += dy / count;
    xx += dx * (x[i] - mx);
    yy += dy * (y[i] - my);
    xy += dx * (y[i] - my);
  }
  if (count < 2 || (xx <= 0 && yy <= 0))
    return NAN;
  return xx <= 0 || yy <= 0 ? 0 : fmax (-1, fmin (1, xy / sqrt (xx * yy)));
}

static double
correlate_metrics (const gym_bank *b, const struct bank_answers *x,
                   const struct bank_answers *y)
{
  double sum = 0, count = 0;
  for (uint32_t j = 0; j < b->n; j++) {
    double r = b->compared[j]
                   ? correlation (x->metrics + j, y->metrics + j, b->n_anchors, b->n)
                   : NAN;
    if (isnan (r))
      continue;
    sum += r;
    count++;
  }
  return count > 0 ? sum / count : 0;
}

static void
compare_task (gym_bank *b, struct bank_task *t)
{
  rank (b, &t->answers);
  double r = correlation (b->own.answers.ranks, t->answers.ranks, b->n_anchors, 1);
  t->about.by_rank = isnan (r) ? 0 : r;
  t->about.by_metrics = correlate_metrics (b, &b->own.answers, &t->answers);
}

/* ---- opening ---- */

static char *
copy_text (const char *text, gym_error *err)
{
  char *copy = strdup (text);
  if (!copy)
    gym_fail_memory (err);
  return copy;
}

/* A trace that was studied with two parts is two tasks. */
static char *
name_task (const gym_bank *b, const char *workload, gym_error *err)
{
  struct gym_text text = { 0 };
  unsigned before = 0;
  for (size_t i = 0; i < b->n_tasks; i++) {
    const char *other = gym_dataset_env (b->data, b->tasks[i].env)->workload;
    before += strcmp (other, workload) == 0;
  }
  gym_text_puts (&text, workload);
  if (before > 0)
    gym_text_printf (&text, "#%u", before + 1);
  return gym_text_take (&text, err);
}

static int
make_task (gym_bank *b, struct bank_task *t, size_t env, gym_error *err)
{
  const struct gym_dataset_env *e = gym_dataset_env (b->data, env);
  *t = (struct bank_task){
    .about = { .struct_size = sizeof t->about, .by_rank = NAN, .by_metrics = NAN },
    .env = env
  };
  t->about.workload = name_task (b, e->workload, err);
  t->about.identity = copy_text (e->identity, err);
  t->about.why = copy_text ("", err);
  if (!t->about.workload || !t->about.identity || !t->about.why)
    return gym_fail_memory (err);
  for (size_t i = 0; i < b->table->n; i++)
    t->about.rows += b->table->envs[i] == env && !isnan (b->goals[i]);
  return GYM_OK;
}

/* No file has such a name. */
static const char own_name[] = "(the workload at hand)";

/* Every workload of the data set but the one at hand. */
static int
make_tasks (gym_bank *b, const gym_env *env, gym_error *err)
{
  size_t n = gym_dataset_envs (b->data);
  int code = GYM_OK;
  b->own.env = SIZE_MAX;
  b->own.about.workload = copy_text (own_name, err);
  b->tasks = calloc (n + 1, sizeof *b->tasks);
  if (!b->tasks || !b->own.about.workload)
    return gym_fail_memory (err);
  for (size_t i = 0; code == GYM_OK && i < n; i++) {
    const char *identity = gym_dataset_env (b->data, i)->identity;
    if (strcmp (identity, gym_env_identity (env)) == 0) {
      b->own.env = i;
      continue;
    }
    code = make_task (b, &b->tasks[b->n_tasks], i, err);
    b->n_tasks++; /* also a half-made one: it is to be freed */
  }
  if (code == GYM_OK && b->n_tasks == 0)
    code = gym_fail (err, GYM_ENOTFOUND,
                     "prior: the stores hold no study of %s on another workload than "
                     "this one",
                     gym_env_entry (env)->id);
  return code;
}

/* Names are known once all tasks have theirs. */
int
gym_bank_check_names (const gym_bank *b, const char *const *only, size_t n,
                      gym_error *err)
{
  for (size_t i = 0; i < n; i++) {
    size_t t = 0;
    while (t < b->n_tasks && strcmp (b->tasks[t].about.workload, only[i]) != 0)
      t++;
    if (t < b->n_tasks)
      continue;
    const char **names = malloc ((b->n_tasks + 1) * sizeof *names);
    if (!names)
      return gym_fail_memory (err);
    for (t = 0; t < b->n_tasks; t++)
      names[t] = b->tasks[t].about.workload;
    int code = gym_fail_unknown (err, GYM_ENOTFOUND, "workload", only[i], names,
                                 (unsigned)b->n_tasks);
    free (names);
    return code;
  }
  return GYM_OK;
}

bool
gym_bank_wants (const char *const *only, size_t n, const char *workload)
{
  for (size_t i = 0; i < n; i++)
    if (strcmp (only[i], workload) == 0)
      return true;
  return n == 0;
}

static int
keep_wanted (gym_bank *b, gym_error *err)
{
  const struct gym_bank_options *o = &b->options;
  int code = gym_bank_check_names (b, o->only, o->n_only, err);
  size_t kept = 0;
  for (size_t i = 0; code == GYM_OK && i < b->n_tasks; i++)
    if (gym_bank_wants (o->only, o->n_only, b->tasks[i].about.workload))
      b->tasks[kept++] = b->tasks[i];
    else
      free_task (&b->tasks[i]);
  b->n_tasks = code == GYM_OK ? kept : b->n_tasks;
  return code;
}

static int
leave_out (struct bank_task *t, const char *why, gym_error *err)
{
  char *copy = copy_text (why, err);
  if (!copy)
    return GYM_ENOMEM;
  free ((char *)t->about.why);
  t->about.why = copy;
  return GYM_OK;
}

/* What a task lacks is evaluated if it can be. Only what no other task would do better,
 * memory, ends the whole. */
static int
complete_task (gym_bank *b, struct bank_task *t, const gym_registry *registry,
               gym_error *err)
{
  gym_error why = { 0 };
  bool known = true;
  if (t->about.rows == 0)
    return leave_out (t, "none of its trials is a result that counts", err);
  for (size_t i = 0; i < b->n_anchors; i++)
    known &= t->answers.known[i];
  gym_env *env = known ? NULL
                       : gym_env_reopen (registry, t->about.identity, b->options.settings,
                                         b->folder, &why);
  if (!known && !env && why.code == GYM_ENOMEM)
    return gym_fail (err, why.code, "%s", why.text);
  if (!known && !env)
    return leave_out (t, why.text, err);
  int code = known ? GYM_OK : gym_bank_evaluate (b, t, env, err);
  gym_env_destroy (&env);
  if (code < 0)
    return code;
  b->task_evaluations += t->about.evaluated;
  rank (b, &t->answers);
  return GYM_OK;
}

static int
look_at_metrics (gym_bank *b, const gym_env *env, gym_error *err)
{
  const struct gym_metrics *m = gym_env_metrics (env),
                           *known = gym_dataset_metrics (b->data);
  b->metric_at = malloc ((m->n + 1u) * sizeof *b->metric_at);
  b->compared = calloc (m->n + 1u, sizeof *b->compared);
  if (!b->metric_at || !b->compared)
    return gym_fail_memory (err);
  b->n = m->n;
  for (uint32_t j = 0; j < m->n; j++) {
    b->metric_at[j] = -1;
    b->compared[j] = !(m->items[j].flags & (GYM_METRIC_MEASURED | GYM_METRIC_SEALED));
    for (uint32_t k = 0; k < known->n; k++)
      if (strcmp (known->items[k].name, m->items[j].name) == 0)
        b->metric_at[j] = (int)k;
  }
  return GYM_OK;
}

/* Workloads mostly lie side by side: the folder of the first file of the env at hand. */
static const char *
guess_folder (const gym_env *env)
{
  const struct gym_options *o = &gym_env_entry (env)->env->options;
  for (uint32_t i = 0; i < o->n; i++) {
    const struct gym_option *item =
        (const void *)((const char *)o->items + (size_t)i * o->stride);
    const char *path = item->type == GYM_OPTION_FILE
                           ? gym_settings_get (gym_env_settings (env), item->name)
                           : NULL;
    if (path && strrchr (path, '/'))
      return path;
  }
  return NULL;
}

static int
set_folder (gym_bank *b, const gym_env *env, gym_error *err)
{
  const char *given = b->options.folder, *file = given ? NULL : guess_folder (env);
  if (given)
    b->folder = strdup (given);
  else if (file)
    b->folder = strndup (file, (size_t)(strrchr (file, '/') - file) + 1);
  return (given || file) && !b->folder ? gym_fail_memory (err) : GYM_OK;
}

static int
set_options (gym_bank *b, const struct gym_bank_options *given, const gym_env *env,
             gym_error *err)
{
  b->options = *given;
  if (b->options.anchors == 0)
    b->options.anchors = ANCHORS;
  if (b->options.anchors > MOST_ANCHORS)
    return gym_fail (err, GYM_EINVAL, "prior: %u anchors: 1 to %d are possible",
                     b->options.anchors, MOST_ANCHORS);
  if (b->options.contrast > MOST_ANCHORS)
    return gym_fail (err, GYM_EINVAL, "prior: %u contrast: 0 to %d are possible",
                     b->options.contrast, MOST_ANCHORS);
  if (b->options.seed > INT64_MAX)
    return gym_fail (err, GYM_EINVAL, "prior: seed %llu is above 2^63 - 1",
                     (unsigned long long)b->options.seed);
  if (!b->options.objective)
    return gym_fail (err, GYM_EINVAL, "prior: an objective is needed");
  b->objective = gym_objective_parse (b->options.objective, gym_env_metrics (env), err);
  if (!b->objective)
    return GYM_EINVAL;
  b->c = gym_objective_constraints (b->objective);
  if (gym_objective_goals (b->objective) > 1)
    return gym_fail (err, GYM_EINVAL,
                     "prior: \"%s\" has %u goals: one is needed to tell the best "
                     "designs, such as a product(...)",
                     gym_objective_text (b->objective),
                     gym_objective_goals (b->objective));
  return GYM_OK;
}

/* A table of another space would make its numbers mean something else. */
static int
open_data (gym_bank *b, const char *const *stores, size_t n, const gym_env *env,
           gym_error *err)
{
  const struct gym_dataset_options o = { .struct_size = sizeof o,
                                         .env = gym_env_entry (env)->id };
  b->data = gym_dataset_open (stores, n, &o, err);
  b->table = b->data ? gym_dataset_load (b->data, err) : NULL;
  if (!b->table)
    return err && err->code ? err->code : GYM_EINVAL;
  b->space = gym_dataset_space (b->data);
  b->p = gym_space_size (b->space);
  int code = gym_space_match (gym_env_space (env), b->space, err);
  if (code < 0)
    gym_error_prefix (err, "prior: the stores' studies are of another space");
  return code;
}

static int
answer (gym_bank *b, const gym_env *env, gym_error *err)
{
  int code = make_answers (b, &b->own.answers);
  for (size_t i = 0; code == GYM_OK && i < b->n_tasks; i++)
    code = make_answers (b, &b->tasks[i].answers);
  return code == GYM_OK ? look_up (b, env, err) : gym_fail_memory (err);
}

/* Tasks come first: what they say of each other's best designs is what anchors are chosen
 * by, and the workload at hand is to be asked as little as possible. */
static int
fill (gym_bank *b, gym_env *env, gym_error *err)
{
  int code = look_at_metrics (b, env, err);
  if (code == GYM_OK)
    code = judge_rows (b, env, err);
  if (code == GYM_OK)
    code = make_tasks (b, env, err);
  if (code == GYM_OK)
    code = keep_wanted (b, err);
  if (code == GYM_OK)
    code = gym_bank_propose (b, env, err);
  if (code == GYM_OK)
    code = answer (b, env, err);
  for (size_t i = 0; code == GYM_OK && i < b->n_tasks; i++)
    code = complete_task (b, &b->tasks[i], gym_env_registry (env), err);
  if (code == GYM_OK)
    code = gym_bank_choose (b, err);
  if (code == GYM_OK)
    code = gym_bank_evaluate (b, &b->own, env, err);
  if (code == GYM_OK)
    rank (b, &b->own.answers);
  for (size_t i = 0; code == GYM_OK && i < b->n_tasks; i++)
    if (*b->tasks[i].about.why == 0)
      compare_task (b, &b->tasks[i]);
  return code;
}

gym_bank *
gym_bank_open (const char *const *stores, size_t n, gym_env *env,
               const struct gym_bank_options *options, gym_error *err)
{
  static const struct gym_bank_options none = { .struct_size = sizeof none };
  gym_bank *b = calloc (1, sizeof *b);
  if (!b) {
    gym_fail_memory (err);
    return NULL;
  }
  int code = set_options (b, options ? options : &none, env, err);
  if (code == GYM_OK)
    code = set_folder (b, env, err);
  if (code == GYM_OK)
    code = open_data (b, stores, n, env, err);
  if (code == GYM_OK)
    code = fill (b, env, err);
  if (code < 0)
    gym_bank_destroy (&b);
  return b;
}

size_t
gym_bank_evaluations (const gym_bank *bank)
{
  return bank->own.about.evaluated;
}

size_t
gym_bank_task_evaluations (const gym_bank *bank)
{
  return bank->task_evaluations;
}

size_t
gym_bank_tasks (const gym_bank *bank)
{
  return bank->n_tasks;
}

const struct gym_bank_task *
gym_bank_task (const gym_bank *bank, size_t i)
{
  return &bank->tasks[i].about;
}
