/* The best design to evaluate next: see search.h. */
#include "plugins/bo/search.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { STARTS = 4, BATCH = 256, LEVELS = 8, FAR = 2, PARENTS = 5 };

/* All surfaces share the axes; that of the chance is always there. */
static const struct kernel *
kernel_of (const struct search *s)
{
  return &s->model->chance.gp.kernel;
}

/* Only the children of a parameter depend on its value; a move of any other parameter
 * leaves the rest of the design as it is, and its covariances come the short way. */
static int
find_parents (struct search *s)
{
  const struct kernel *kernel = kernel_of (s);
  s->parent = calloc (kernel->n_axes + 1u, sizeof *s->parent);
  if (!s->parent)
    return GYM_ENOMEM;
  for (uint32_t i = 0; i < kernel->n_axes; i++) {
    const char *name =
        kernel->host->space_param (kernel->space, kernel->axes[i].parameter)->name;
    for (uint32_t p = 0; p < kernel->n_params; p++) {
      const char *of = kernel->host->space_param (kernel->space, p)->parent;
      s->parent[i] |= of && strcmp (of, name) == 0;
    }
  }
  return GYM_OK;
}

int
search_init (struct search *s, const struct model *model, struct fresh *fresh,
             gym_rng *rng)
{
  size_t n = fresh->n + 1u;
  *s = (struct search){ .model = model, .fresh = fresh, .rng = rng };
  s->score = malloc (BATCH * sizeof *s->score);
  s->row = malloc (n * sizeof *s->row);
  s->at = malloc (n * sizeof *s->at);
  s->best = malloc (n * sizeof *s->best);
  s->place = malloc (n * sizeof *s->place);
  s->starts = malloc (STARTS * n * sizeof *s->starts);
  s->start_scores = malloc (STARTS * sizeof *s->start_scores);
  if (!s->score || !s->row || !s->at || !s->best || !s->place || !s->starts
      || !s->start_scores || find_parents (s) < 0
      || moves_init (&s->moves, fresh->host, fresh->space) < 0)
    return GYM_ENOMEM;
  return batch_reserve (&s->batch, kernel_of (s), BATCH);
}

void
search_free (struct search *s)
{
  moves_free (&s->moves);
  batch_free (&s->batch);
  forecast_free (&s->forecast);
  free (s->parent);
  free (s->score);
  free (s->row);
  free (s->at);
  free (s->best);
  free (s->place);
  free (s->starts);
  free (s->start_scores);
}

/* ---- judging ---- */

/* A design joins the batch; axis: where it differs from the base, or -1. */
static void
propose (struct search *s, const double *row, int32_t axis)
{
  struct batch *b = &s->batch;
  uint16_t *place = b->places + b->n * b->n_axes;
  if (b->n == b->room)
    return;
  kernel_place (kernel_of (s), row, place);
  if (!region_holds (s->region, s->centre, place))
    return;
  memcpy (b->rows + b->n * b->n_params, row, b->n_params * sizeof *row);
  b->axes[b->n++] = axis;
}

/* Looked up only for designs better than the best so far: a handful in an ask. */
static bool
is_new (const struct search *s, const double *row)
{
  const struct fresh *f = s->fresh;
  return !seen_has (&f->seen, f->host->space_hash (f->space, row), row);
}

/* Remembers the best design of the judged batch that is new. */
static void
note_best (struct search *s)
{
  const struct batch *b = &s->batch;
  for (size_t i = 0; i < b->n; i++) {
    const double *row = b->rows + i * b->n_params;
    if ((!s->found || s->score[i] > s->best_score) && is_new (s, row)) {
      s->found = true;
      s->best_score = s->score[i];
      memcpy (s->best, row, b->n_params * sizeof *row);
    }
  }
}

static void
judge (struct search *s)
{
  forecast_batch (&s->forecast, s->model, &s->batch);
  acquisition_score (s->acquisition, s->model, &s->forecast, s->batch.n, s->score);
  s->spent += s->batch.n;
  note_best (s);
}

/* ---- the pool ---- */

/* One of the best few trials. */
static const double *
good_trial (const struct search *s)
{
  const struct trials *t = &s->model->trials;
  size_t n = t->n < PARENTS ? t->n : PARENTS;
  return trials_row (t, t->ranking[gym_rng_below (s->rng, n)]);
}

/* Half of it anywhere, a quarter near one of the best trials, a quarter between two. */
static void
fill_pool (struct search *s)
{
  const struct fresh *f = s->fresh;
  for (size_t i = 0; i < s->batch.room; i++) {
    if (i % 2 == 0) {
      f->host->space_sample (f->space, s->rng, s->row);
    } else if (i % 4 == 1) {
      memcpy (s->row, good_trial (s), f->n * sizeof *s->row);
      moves_mutate (&s->moves, s->rng, 2.0 / fmax (2, s->moves.n_free), s->row);
    } else {
      moves_cross_uniform (&s->moves, s->rng, good_trial (s), good_trial (s), s->row);
      moves_mutate (&s->moves, s->rng, 1.0 / fmax (1, s->moves.n_free), s->row);
    }
    propose (s, s->row, -1);
  }
}

/* The best of the batch become starts. Returns how many. */
static size_t
choose_starts (struct search *s)
{
  struct batch *b = &s->batch;
  size_t n = 0;
  for (; n < STARTS; n++) {
    size_t best = 0;
    for (size_t i = 1; i < b->n; i++)
      if (s->score[i] > s->score[best])
        best = i;
    if (b->n == 0 || s->score[best] == -INFINITY)
      break;
    memcpy (s->starts + n * b->n_params, b->rows + best * b->n_params,
            b->n_params * sizeof *s->starts);
    s->start_scores[n] = s->score[best];
    s->score[best] = -INFINITY;
  }
  return n;
}

/* ---- climbing ---- */

/* s->at with parameter i changed. */
static void
neighbour (struct search *s, uint32_t axis, double value)
{
  const struct fresh *f = s->fresh;
  uint32_t i = kernel_of (s)->axes[axis].parameter;
  if (value == s->at[i])
    return;
  memcpy (s->row, s->at, f->n * sizeof *s->row);
  s->row[i] = value;
  if (s->parent[axis])
    moves_settle (&s->moves, s->rng, s->row);
  propose (s, s->row, s->parent[axis] ? -1 : (int32_t)axis);
}

/* All levels, or some of very many in a row from a random one on. */
static void
levels_of (struct search *s, uint32_t axis, uint32_t i, uint64_t count)
{
  const struct fresh *f = s->fresh;
  uint64_t from = count > LEVELS ? gym_rng_below (s->rng, count) : 0;
  for (uint64_t k = 0; k < count && k < LEVELS; k++)
    neighbour (s, axis, f->host->param_value (f->space, i, (from + k) % count));
}

/* Both next values of a grid, and some steps near and far. */
static void
steps_of (struct search *s, uint32_t axis, uint32_t i, uint64_t count)
{
  const struct fresh *f = s->fresh;
  if (count > 0) {
    uint64_t index = f->host->param_index (f->space, i, s->at[i]);
    if (index > 0)
      neighbour (s, axis, f->host->param_value (f->space, i, index - 1));
    if (index + 1 < count)
      neighbour (s, axis, f->host->param_value (f->space, i, index + 1));
  }
  for (int k = 0; k < FAR + 2 * (count == 0); k++)
    neighbour (s, axis, moves_value (&s->moves, s->rng, i, s->at[i]));
}

static void
neighbours (struct search *s)
{
  const struct kernel *kernel = kernel_of (s);
  for (uint32_t axis = 0; axis < kernel->n_axes; axis++) {
    uint32_t i = kernel->axes[axis].parameter;
    uint64_t count = s->fresh->host->param_count (s->fresh->space, i);
    if (isnan (s->at[i]))
      continue;
    if (kernel->axes[axis].categorical || (count > 0 && count <= LEVELS))
      levels_of (s, axis, i, count);
    else
      steps_of (s, axis, i, count);
  }
}

/* Steepest ascent; neighbours drawn at random differ from step to step, so the end is a
 * local optimum of the steps of one only. */
static int
climb (struct search *s, double score)
{
  while (s->spent < s->most) {
    kernel_place (kernel_of (s), s->at, s->place);
    if (forecast_base (&s->forecast, s->model, s->place) < 0)
      return GYM_ENOMEM;
    s->batch.n = 0;
    neighbours (s);
    if (s->batch.n == 0)
      return GYM_OK;
    judge (s);
    size_t best = 0;
    for (size_t i = 1; i < s->batch.n; i++)
      if (s->score[i] > s->score[best])
        best = i;
    if (!(s->score[best] > score + 1e-9))
      return GYM_OK;
    score = s->score[best];
    memcpy (s->at, s->batch.rows + best * s->fresh->n, s->fresh->n * sizeof *s->at);
  }
  return GYM_OK;
}

/* A sample of the posterior is known at the designs of the pool alone: no climbing. */
static int
sample_pool (struct search *s)
{
  int code = acquisition_sample (s->acquisition, s->model, &s->batch, s->rng, s->score);
  if (code == 0)
    note_best (s);
  return code == GYM_ENOMEM ? code : GYM_OK;
}

static int
climb_all (struct search *s)
{
  uint32_t n = s->fresh->n;
  judge (s);
  size_t starts = choose_starts (s);
  memcpy (s->at, trials_row (&s->model->trials, s->model->trials.ranking[0]),
          n * sizeof *s->at);
  int code = climb (s, -INFINITY);
  for (size_t k = 0; k < starts && code == 0; k++) {
    memcpy (s->at, s->starts + k * n, n * sizeof *s->at);
    code = climb (s, s->start_scores[k]);
  }
  return code;
}

int
search_run (struct search *s, double *row)
{
  if (forecast_reserve (&s->forecast, s->model, BATCH) < 0)
    return GYM_ENOMEM;
  s->spent = 0;
  s->found = false;
  s->batch.n = 0;
  s->centre = trials_place (&s->model->trials, s->model->trials.ranking[0]);
  fill_pool (s);
  int code =
      s->acquisition->kind == ACQUISITION_THOMPSON ? sample_pool (s) : climb_all (s);
  if (s->found)
    memcpy (row, s->best, s->fresh->n * sizeof *row);
  return code < 0 ? code : s->found;
}
