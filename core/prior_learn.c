/* core/prior_learn.c - the prior that a task bank gives. See gym/prior.h. */
#include "core/memory.h"
#include "core/prior_bank.h"
#include "core/text.h"

#include <math.h>

enum { TASKS = 3, LEAST = 20, MOST_VALUES = 4096 };
static const double best_share = 0.01, uniform_share = 0.2;

/* A task that was chosen. */
struct chosen {
  const struct bank_task *task;
  double similarity, weight; /* w_k s_k */
  const double *designs;     /* all of them, by row */
  size_t *best;              /* rows */
  size_t n_best;
};

static double
similarity_of (const struct gym_bank_task *t, uint32_t which)
{
  switch (which) {
  case GYM_SIMILAR_METRICS:
    return t->by_metrics;
  case GYM_SIMILAR_BOTH:
    return 0.5 * (t->by_rank + t->by_metrics);
  default:
    return t->by_rank;
  }
}

/* ---- choosing tasks ---- */

static int
more_similar (const void *a, const void *b)
{
  const struct chosen *x = a, *y = b;
  if (x->similarity != y->similarity)
    return x->similarity > y->similarity ? -1 : 1;
  return x->task < y->task ? -1 : x->task > y->task; /* as they came */
}

/* w_k s_k, w_k = s_k / sum s: s_k^2 / sum s. */
static void
weigh (struct chosen *list, size_t n)
{
  double sum = 0;
  for (size_t i = 0; i < n; i++)
    sum += fmax (0, list[i].similarity);
  for (size_t i = 0; i < n; i++) {
    double s = fmax (0, list[i].similarity);
    list[i].weight = sum > 0 ? s * s / sum : 0;
  }
}

/* Two designs are in order or not, whatever the tasks: their ranks say nothing. */
static double
believe (const gym_bank *b, double similarity)
{
  return b->n_anchors > 2 ? similarity : 0;
}

/* A quarter of the anchors are the best designs of the workload at hand. */
static size_t
count_own (const gym_bank *b)
{
  size_t n = 0;
  for (size_t i = 0; i < b->n_anchors; i++)
    n += gym_bank_is_good (b, &b->own.answers, i);
  return n < b->n_anchors / 4 ? n : b->n_anchors / 4;
}

/* How many were chosen, the most similar first: nothing is more like the workload at hand
 * than itself. 0 when there is no other. */
static size_t
choose (const gym_bank *b, const struct gym_prior_options *o, struct chosen *list)
{
  size_t n = 0;
  for (size_t i = 0; i < b->n_tasks; i++) {
    const struct gym_bank_task *t = &b->tasks[i].about;
    if (isnan (t->by_rank) || !gym_bank_wants (o->only, o->n_only, t->workload))
      continue;
    list[n++] =
        (struct chosen){ .task = &b->tasks[i],
                         .designs = b->table->designs,
                         .similarity = believe (b, similarity_of (t, o->similarity)) };
  }
  if (n > 1)
    qsort (list, n, sizeof *list, more_similar);
  if (n > 0 && count_own (b) > 0) {
    memmove (list + 1, list, n++ * sizeof *list);
    list[0] = (struct chosen){ .task = &b->own, .designs = b->anchors, .similarity = 1 };
  }
  n = n < o->tasks ? n : o->tasks;
  weigh (list, n);
  return n;
}

/* ---- their best designs ---- */

struct place {
  double goal;
  size_t row;
};

static int
better (const void *a, const void *b)
{
  const struct place *x = a, *y = b;
  if (x->goal != y->goal)
    return x->goal < y->goal ? -1 : 1;
  return x->row < y->row ? -1 : x->row > y->row;
}

/* Those that are as good as the last one belong to the best too: which of them came first
 * says nothing. */
static size_t
cut (const struct gym_prior_options *o, const struct place *places, size_t n)
{
  size_t keep = (size_t)ceil (o->share * (double)n);
  keep = keep < o->least ? o->least : keep;
  keep = keep < n ? keep : n;
  while (keep < n && places[keep].goal == places[keep - 1].goal)
    keep++;
  return keep;
}

/* By rank, as anchors are few. */
static int
find_own (const gym_bank *b, struct chosen *c, gym_error *err)
{
  size_t wanted = count_own (b);
  c->best = malloc ((wanted + 1) * sizeof *c->best);
  if (!c->best)
    return gym_fail_memory (err);
  while (c->n_best < wanted) {
    size_t best = SIZE_MAX;
    for (size_t i = 0; i < b->n_anchors; i++) {
      bool taken = false;
      for (size_t k = 0; k < c->n_best; k++)
        taken |= c->best[k] == i;
      if (!taken
          && (best == SIZE_MAX || gym_bank_order (b, &b->own.answers, i, best) < 0))
        best = i;
    }
    c->best[c->n_best++] = best;
  }
  return GYM_OK;
}

static int
find_best (const gym_bank *b, const struct gym_prior_options *o, struct chosen *c,
           gym_error *err)
{
  size_t n = 0;
  if (c->task == &b->own)
    return find_own (b, c, err);
  struct place *places = malloc ((c->task->about.rows + 1) * sizeof *places);
  if (!places)
    return gym_fail_memory (err);
  for (size_t i = 0; i < b->table->n; i++)
    if (b->table->envs[i] == c->task->env && !isnan (b->goals[i]))
      places[n++] = (struct place){ .goal = b->goals[i], .row = i };
  qsort (places, n, sizeof *places, better);
  c->n_best = cut (o, places, n);
  c->best = malloc ((c->n_best + 1) * sizeof *c->best);
  for (size_t i = 0; c->best && i < c->n_best; i++)
    c->best[i] = places[i].row;
  free (places);
  return c->best ? GYM_OK : gym_fail_memory (err);
}

/* ---- weights ---- */

/* Adds `weight` around value `index` of parameter i. Where values have an order, what is
 * good on one workload is good nearby on the next: half of it goes to the neighbours, as
 * a triangle that reaches a 16th of a long range. */
static void
spread (const gym_bank *b, uint32_t i, uint64_t index, double weight, double *weights)
{
  bool ordered = gym_space_param (b->space, i)->kind != GYM_CATEGORICAL;
  uint64_t count = gym_space_count (b->space, i);
  uint64_t reach = !ordered ? 0 : count / 16 > 1 ? count / 16 : 1;
  uint64_t low = index > reach ? index - reach : 0;
  uint64_t high = index + reach < count ? index + reach : count - 1;
  double area = 0;
  for (uint64_t k = low; k <= high; k++)
    area += (double)(reach + 1 - (k > index ? k - index : index - k));
  for (uint64_t k = low; k <= high; k++)
    weights[k] +=
        weight * (double)(reach + 1 - (k > index ? k - index : index - k)) / area;
}

/* Adds `weight` times the shares of the values of parameter i; what no design has to say
 * is spread over all values. */
static void
add_shares (const gym_bank *b, const struct chosen *c, uint32_t i, double weight,
            double *weights)
{
  uint64_t count = gym_space_count (b->space, i);
  double active = 0;
  for (size_t k = 0; k < c->n_best; k++)
    active += !isnan (c->designs[c->best[k] * b->p + i]);
  for (size_t k = 0; k < c->n_best; k++) {
    double value = c->designs[c->best[k] * b->p + i];
    if (!isnan (value))
      spread (b, i, gym_space_index (b->space, i, value), weight / active, weights);
  }
  for (uint64_t k = 0; active == 0 && k < count; k++)
    weights[k] += weight / (double)count;
}

static double *
make_row (const gym_bank *b, const struct gym_prior_options *o, const struct chosen *list,
          size_t n, uint32_t i)
{
  uint64_t count = gym_space_count (b->space, i);
  double *weights = calloc (count, sizeof *weights), left = 1, sum = 0;
  for (size_t k = 0; weights && k < n; k++) {
    double weight = (1 - o->uniform) * list[k].weight;
    add_shares (b, &list[k], i, weight, weights);
    left -= weight;
  }
  for (uint64_t k = 0; weights && k < count; k++)
    sum += weights[k] += left / (double)count;
  for (uint64_t k = 0; weights && k < count; k++)
    weights[k] /= sum;
  return weights;
}

/* Tasks are named in the prior, which may outlive the bank. */
static int
name_tasks (gym_prior *p, const struct chosen *list, size_t n, gym_error *err)
{
  p->tasks = calloc (n + 1, sizeof *p->tasks);
  if (!p->tasks)
    return gym_fail_memory (err);
  for (size_t i = 0; i < n; i++) {
    p->tasks[i] =
        (struct gym_prior_task){ .workload = strdup (list[i].task->about.workload),
                                 .similarity = list[i].similarity,
                                 .weight = list[i].weight,
                                 .designs = list[i].n_best };
    p->n_tasks++;
    if (!p->tasks[i].workload)
      return gym_fail_memory (err);
  }
  return GYM_OK;
}

static gym_prior *
make_prior (const gym_bank *b, const struct gym_prior_options *o,
            const struct chosen *list, size_t n, gym_error *err)
{
  double **rows = calloc ((size_t)b->p + 1, sizeof *rows);
  bool good = rows;
  for (uint32_t i = 0; good && i < b->p; i++) {
    uint64_t count = gym_space_count (b->space, i);
    if (count < 2 || count > MOST_VALUES)
      continue;
    rows[i] = make_row (b, o, list, n, i);
    good = rows[i];
  }
  gym_prior *p = NULL;
  if (good)
    p = gym_prior_new (b->space, (const double *const *)rows, err);
  else
    gym_fail_memory (err);
  for (uint32_t i = 0; rows && i < b->p; i++)
    free (rows[i]);
  free (rows);
  if (p
      && (name_tasks (p, list, n, err) < 0
          || gym_prior_begin (p, b->n_anchors, b->anchors, err) < 0))
    gym_prior_destroy (&p);
  if (p) {
    p->evaluations = gym_bank_evaluations (b);
    p->task_evaluations = gym_bank_task_evaluations (b);
  }
  return p;
}

/* ---- options ---- */

static int
set_options (struct gym_prior_options *o, const struct gym_prior_options *given,
             gym_error *err)
{
  *o = given ? *given : (struct gym_prior_options){ 0 };
  if (o->similarity > GYM_SIMILAR_BOTH)
    return gym_fail (err, GYM_EINVAL, "prior: similarity %u does not exist",
                     o->similarity);
  if (!(o->share >= 0 && o->share <= 1))
    return gym_fail (err, GYM_EINVAL, "prior: share %g: 0 to 1 is possible", o->share);
  if (!(o->uniform >= 0 && o->uniform <= 1))
    return gym_fail (err, GYM_EINVAL,
                     "prior: uniform %g: above 0 and up to 1 is possible", o->uniform);
  o->tasks = o->tasks ? o->tasks : TASKS;
  o->least = o->least ? o->least : LEAST;
  o->share = o->share > 0 ? o->share : best_share;
  o->uniform = o->uniform > 0 ? o->uniform : uniform_share;
  return GYM_OK;
}

gym_prior *
gym_bank_prior (const gym_bank *b, const struct gym_prior_options *options,
                gym_error *err)
{
  struct gym_prior_options o = { 0 };
  struct chosen *list = calloc (b->n_tasks + 2, sizeof *list);
  int code = list ? set_options (&o, options, err) : gym_fail_memory (err);
  size_t n = 0;
  if (code == GYM_OK)
    code = gym_bank_check_names (b, o.only, o.n_only, err);
  if (code == GYM_OK)
    n = choose (b, &o, list);
  if (code == GYM_OK && n == 0)
    code = gym_fail (err, GYM_ENOTFOUND, "prior: every task was left out; of \"%s\": %s",
                     b->tasks[0].about.workload, b->tasks[0].about.why);
  for (size_t i = 0; code == GYM_OK && i < n; i++)
    code = find_best (b, &o, &list[i], err);
  gym_prior *p = code == GYM_OK ? make_prior (b, &o, list, n, err) : NULL;
  for (size_t i = 0; i < n; i++)
    free (list[i].best);
  free (list);
  return p;
}
