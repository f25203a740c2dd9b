/* What is believed about the objectives and about failure: see model.h. */
#include "plugins/bo/model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int
model_init (struct model *model, const struct gym_host *host,
            const struct gym_space *space, uint32_t m, uint32_t c)
{
  *model = (struct model){ .host = host, .space = space, .m = m };
  model->surfaces = calloc (m, sizeof *model->surfaces);
  if (!model->surfaces)
    return GYM_ENOMEM;
  for (uint32_t s = 0; s < m; s++)
    if (surface_init (&model->surfaces[s], host, space) < 0)
      return GYM_ENOMEM;
  if (surface_init (&model->chance, host, space) < 0)
    return GYM_ENOMEM;
  const struct kernel *kernel = &model->chance.gp.kernel;
  trials_init (&model->trials, host, kernel->n_params, kernel->n_axes, m, c);
  return GYM_OK;
}

void
model_free (struct model *model)
{
  for (uint32_t s = 0; model->surfaces && s < model->m; s++)
    surface_free (&model->surfaces[s]);
  free (model->surfaces);
  surface_free (&model->chance);
  trials_free (&model->trials);
  free (model->held);
  free (model->places);
  free (model->values);
  *model = (struct model){ 0 };
}

int
model_tell (struct model *model, const double *row, const double *objectives,
            const double *violations, uint32_t status)
{
  if (trials_add (&model->trials, row, objectives, violations, status) < 0)
    return GYM_ENOMEM;
  kernel_place (&model->chance.gp.kernel, row, trials_new_place (&model->trials));
  return GYM_OK;
}

/* Which output is asked for depends on whether anything is feasible yet: without that,
 * the way to the feasible designs is the only thing to learn. */
double
model_value (const struct model *model, size_t trial, uint32_t s)
{
  const struct trials *t = &model->trials;
  return model->violations ? t->excess[trial] : t->objectives[trial * t->m + s];
}

bool
model_success (const struct model *model, size_t trial)
{
  return model->violations ? trials_ok (&model->trials, trial)
                           : trials_feasible (&model->trials, trial);
}

/* ---- the selection ---- */

static int
reserve (struct model *model)
{
  size_t n = model->trials.n;
  if (n <= model->room)
    return GYM_OK;
  size_t room = 2 * n + 64;
  free (model->held);
  free (model->places);
  free (model->values);
  model->room = room;
  model->held = malloc (room * sizeof *model->held);
  model->places = malloc (room * sizeof *model->places);
  model->values = malloc (room * sizeof *model->values);
  if (model->held && model->places && model->values)
    return GYM_OK;
  model->room = 0;
  return GYM_ENOMEM;
}

/* Marks the best and the newest of the trials, all when there is room for all. `ok`: only
 * those that have a value. */
static size_t
select_trials (struct model *model, bool ok)
{
  const struct trials *t = &model->trials;
  size_t all = ok ? t->n_ok : t->n, most = all < model->memory ? all : model->memory;
  size_t best = most == all ? all : most / 2, count = 0;
  memset (model->held, 0, t->n * sizeof *model->held);
  for (size_t k = 0; k < t->n && count < best; k++)
    if (!ok || trials_ok (t, t->ranking[k])) {
      model->held[t->ranking[k]] = true;
      count++;
    }
  for (size_t i = t->n; i-- > 0 && count < most;)
    if (!model->held[i] && (!ok || trials_ok (t, i))) {
      model->held[i] = true;
      count++;
    }
  return count;
}

/* In the order of the trials, not of their ranks: the factor then grows at its end. */
static size_t
gather (struct model *model, uint32_t s, bool labels)
{
  size_t n = 0;
  for (size_t i = 0; i < model->trials.n; i++)
    if (model->held[i]) {
      model->places[n] = trials_place (&model->trials, i);
      model->values[n++] =
          labels ? (model_success (model, i) ? 1 : -1) : model_value (model, i, s);
    }
  return n;
}

/* ---- fitting ---- */

/* Everything anew: which outputs there are, which trials they hold, hyperparameters. A
 * fit that fails for numbers, not for memory, leaves the model unready: designs are drawn
 * at random until more trials make it possible. */
static int
fit (struct model *model)
{
  const struct trials *t = &model->trials;
  int code = reserve (model);
  model->violations = t->n_feasible == 0;
  model->outputs = model->violations ? 1 : model->m;
  size_t successes = model->violations ? t->n_ok : t->n_feasible;
  model->chances = successes < t->n;
  if (code == 0)
    select_trials (model, true);
  for (uint32_t s = 0; code == 0 && s < model->outputs; s++) {
    size_t n = gather (model, s, false);
    code = surface_fit (&model->surfaces[s], model->places, model->values, n,
                        model->calls, false);
  }
  if (code == 0 && model->chances) {
    select_trials (model, false);
    size_t n = gather (model, 0, true);
    code =
        surface_fit (&model->chance, model->places, model->values, n, model->calls, true);
  }
  model->known = t->n;
  model->next_fit = t->n + 1 + (size_t)(model->refit * (double)t->n);
  model->ready = code == 0;
  return code == GYM_ENOMEM ? code : GYM_OK;
}

/* A failed trial says nothing about the objectives, only about the chance of success. */
static int
add (struct model *model, size_t i)
{
  const uint16_t *place = trials_place (&model->trials, i);
  int code = 0;
  for (uint32_t s = 0; s < model->outputs && trials_ok (&model->trials, i); s++)
    if (code == 0)
      code = surface_add (&model->surfaces[s], place, model_value (model, i, s));
  if (code == 0 && model->chances)
    code = surface_add (&model->chance, place, model_success (model, i) ? 1 : -1);
  return code;
}

/* Fantasies sit behind the told trials of every surface; they are made again for each
 * ask, as what is expected of them changes with what was told meanwhile. */
static void
forget (struct model *model)
{
  for (uint32_t s = 0; s < model->outputs; s++) {
    gp_truncate (&model->surfaces[s].gp, model->surfaces[s].told);
    gp_solve (&model->surfaces[s].gp);
  }
  if (model->chances) {
    gp_truncate (&model->chance.gp, model->chance.told);
    gp_solve (&model->chance.gp);
  }
}

/* What the surfaces are of changes with the first success and the first failure. */
static bool
must_fit (const struct model *model)
{
  const struct trials *t = &model->trials;
  size_t successes = model->violations ? t->n_ok : t->n_feasible;
  return !model->ready || t->n >= model->next_fit
         || model->violations != (t->n_feasible == 0)
         || model->chances != (successes < t->n);
}

int
model_update (struct model *model)
{
  const struct trials *t = &model->trials;
  if (t->n_ok == 0)
    return 0;
  if (must_fit (model)) {
    int code = fit (model);
    return code < 0 ? code : model->ready;
  }
  forget (model);
  for (; model->known < t->n; model->known++)
    if (add (model, model->known) < 0)
      return GYM_ENOMEM;
  return 1;
}

int
model_pretend (struct model *model, const uint16_t *place)
{
  int code = 0;
  for (uint32_t s = 0; s < model->outputs && code == 0; s++)
    code = surface_pretend (&model->surfaces[s], place);
  if (code == 0 && model->chances)
    code = surface_pretend (&model->chance, place);
  return code;
}

/* ---- batches and forecasts ---- */

void
batch_free (struct batch *batch)
{
  free (batch->rows);
  free (batch->places);
  free (batch->axes);
  *batch = (struct batch){ 0 };
}

int
batch_reserve (struct batch *b, const struct kernel *kernel, size_t room)
{
  batch_free (b);
  b->n_params = kernel->n_params;
  b->n_axes = kernel->n_axes;
  b->rows = malloc ((room * b->n_params + 1) * sizeof *b->rows);
  b->places = malloc ((room * b->n_axes + 1) * sizeof *b->places);
  b->axes = malloc ((room + 1) * sizeof *b->axes);
  b->room = room;
  return b->rows && b->places && b->axes ? GYM_OK : GYM_ENOMEM;
}

/* The chance comes last among the surfaces in use. */
static const struct surface *
surface_of (const struct model *model, uint32_t s)
{
  return s < model->outputs ? &model->surfaces[s] : &model->chance;
}

static uint32_t
surfaces_in_use (const struct model *model)
{
  return model->outputs + model->chances;
}

void
forecast_free (struct forecast *f)
{
  for (uint32_t s = 0; f->bases && s < f->surfaces; s++)
    kernel_base_free (&f->bases[s]);
  free (f->bases);
  free (f->rows);
  free (f->self);
  free (f->mean);
  free (f->variance);
  *f = (struct forecast){ 0 };
}

static size_t
most_points (const struct model *model)
{
  size_t most = 0;
  for (uint32_t s = 0; s < surfaces_in_use (model); s++) {
    size_t n = surface_of (model, s)->gp.points.n;
    most = n > most ? n : most;
  }
  return most;
}

/* The surfaces grow with the trials, the widest decides. */
int
forecast_reserve (struct forecast *f, const struct model *model, size_t room)
{
  size_t points = most_points (model);
  if (f->rows && f->room >= room && f->width >= points)
    return GYM_OK;
  forecast_free (f);
  f->room = room;
  f->width = points + points / 2 + 64;
  f->surfaces = model->m + 1;
  f->rows = malloc (f->room * f->width * sizeof *f->rows);
  f->self = malloc (f->room * sizeof *f->self);
  f->mean = malloc (f->surfaces * f->room * sizeof *f->mean);
  f->variance = malloc (f->surfaces * f->room * sizeof *f->variance);
  f->bases = calloc (f->surfaces, sizeof *f->bases);
  return f->rows && f->self && f->mean && f->variance && f->bases ? GYM_OK : GYM_ENOMEM;
}

int
forecast_base (struct forecast *f, const struct model *model, const uint16_t *place)
{
  for (uint32_t s = 0; s < surfaces_in_use (model); s++) {
    const struct gp *gp = &surface_of (model, s)->gp;
    if (kernel_base_reserve (&gp->kernel, &f->bases[s], gp->points.n) < 0)
      return GYM_ENOMEM;
    kernel_base_at (&gp->kernel, &gp->points, place, &f->bases[s]);
  }
  return GYM_OK;
}

void
forecast_batch (struct forecast *f, const struct model *model, const struct batch *b)
{
  for (uint32_t s = 0; s < surfaces_in_use (model); s++) {
    const struct gp *gp = &surface_of (model, s)->gp;
    for (size_t i = 0; i < b->n; i++) {
      const uint16_t *place = b->places + i * b->n_axes;
      double *row = f->rows + i * f->width;
      if (b->axes[i] < 0)
        kernel_row (&gp->kernel, &gp->points, gp->points.n, place, row);
      else
        kernel_moved (&gp->kernel, &gp->points, &f->bases[s], (uint32_t)b->axes[i],
                      place[b->axes[i]], row);
      f->self[i] = kernel_self (&gp->kernel, place);
    }
    gp_predict (gp, b->n, f->rows, f->width, f->self, f->mean + s * f->room,
                f->variance + s * f->room);
  }
}
