/* See shared.h. */
#include "envs/cell/shared.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "envs/cell/cache.h"
#include "sims/nn/slice.h"

/* ---- Slices ---------------------------------------------------------------------- */

/* Both networks are of one plan, so it fits unless memory runs out. */
static nn_slice *
make_slice (const struct cell_net *sub, const struct cell_net *super)
{
  uint32_t *layer_of = calloc (sub->n, sizeof *layer_of);
  nn_slice *slice = NULL;
  if (layer_of) {
    cell_net_layers (sub, super, layer_of);
    slice = nn_slice_new (sub->net, super->net, layer_of);
  }
  free (layer_of);
  return slice;
}

/* Statistics settle long before that, and the host is not heard meanwhile. */
enum { RECALIBRATE_MOST = 2048 };

int
cell_shared_take (const struct cell_shared *shared, struct cell_trial *trial,
                  const struct cell_data *data, uint32_t batch, gym_error *err)
{
  struct nn_model model = cell_trial_model (trial);
  nn_slice *slice = make_slice (&trial->net, &shared->net);
  uint32_t n = data->set.train.n;
  bool done = slice != NULL;
  if (done) {
    nn_slice_gather (slice, shared->params, trial->params);
    nn_net_clear (trial->net.net, trial->statistics);
    done = nn_recalibrate (&model, &data->set.train, NULL,
                           n < RECALIBRATE_MOST ? n : RECALIBRATE_MOST, batch);
  }
  nn_slice_destroy (&slice);
  if (done)
    return GYM_OK;
  return gym_fail (err, GYM_ENOMEM, "out of memory for shared weights");
}

/* ---- Training -------------------------------------------------------------------- */

/* What lives through all steps; networks, one a step, do not. */
struct school {
  struct cell_shared *shared;
  const struct cell_plan *plan;
  const struct nn_recipe *recipe;
  struct cell_course course;
  gym_rng rng;
};

/* The pass of one network, whose gradient is added to the supernet's. */
static double
learn (struct school *s, const nn_net *net, const nn_slice *slice,
       const struct nn_batch *batch)
{
  size_t n = nn_net_params (net);
  float *params = calloc (2 * n, sizeof *params);
  nn_tape *tape = nn_tape_new (net, batch->n);
  struct nn_mode mode = { .training = true };
  double loss = -1;
  if (params && tape) {
    nn_tape_mode (tape, &mode);
    nn_slice_gather (slice, s->shared->params, params);
    loss = nn_learn (tape, params, batch, s->recipe->smoothing, params + n, NULL);
    nn_slice_scatter (slice, params + n, s->course.gradient);
  }
  nn_tape_destroy (&tape);
  free (params);
  return loss;
}

/* Networks are as many as cells: each lives for its step. Building one is cheap beside a
 * pass of a batch. */
static int
step (struct school *s, gym_error *err)
{
  enum cell_op ops[CELL_EDGES];
  struct cell_form form;
  struct cell_net sub;
  nn_slice *slice;
  double loss = -1;
  cell_ops ((uint32_t)gym_rng_below (&s->rng, CELL_CELLS), ops);
  form = cell_form_of (ops);
  if (!cell_net_build (s->plan, &form, &sub))
    return gym_fail (err, GYM_ENOMEM, "out of memory for a network");
  slice = make_slice (&sub, &s->shared->net);
  if (slice)
    loss = learn (s, sub.net, slice, nn_feed_next (s->course.feed));
  nn_slice_destroy (&slice);
  cell_net_free (&sub);
  if (loss < 0)
    return gym_fail (err, GYM_ENOMEM, "out of memory for a step of the supernet");
  if (!isfinite (loss))
    return gym_fail (err, GYM_EFAILED, "the training of the supernet diverged");
  nn_optimiser_step (s->course.optimiser, s->shared->params, s->course.gradient);
  return GYM_OK;
}

/* Weights that no drawn cell used move by their momentum alone, as everywhere else where
 * one optimiser holds a whole supernet. */
static int
train (struct cell_shared *shared, const struct cell_plan *plan,
       const struct cell_data *data, const struct nn_recipe *recipe, uint64_t seed,
       gym_error *err)
{
  struct school s = { .shared = shared, .plan = plan, .recipe = recipe };
  int rc = GYM_OK;
  gym_rng_init (&s.rng, gym_rng_derive (seed, 1, 0));
  if (!cell_course_new (&s.course, &data->set.train, recipe, shared->n)
      || !nn_net_start (shared->net.net, shared->params, gym_rng_derive (seed, 0, 0)))
    rc = gym_fail (err, GYM_ENOMEM, "out of memory for the supernet");
  for (size_t i = 0; i < s.course.total && rc == GYM_OK; i++)
    rc = cell_data_stopped (data) ? gym_fail (
             err, GYM_ECANCELLED, "stopped before step %zu of %zu", i + 1, s.course.total)
                                  : step (&s, err);
  cell_course_free (&s.course);
  return rc;
}

/* ---- Preparation ----------------------------------------------------------------- */

enum { TITLE_SIZE = 512 };

/* All that the weights depend on. A change of what is trained below changes the number
 * behind "supernet". */
static void
write_title (const struct cell_plan *p, const struct cell_data *data,
             const struct nn_recipe *r, const struct cell_shared_choice *choice,
             char title[TITLE_SIZE])
{
  snprintf (title, TITLE_SIZE,
            "cell supernet 1: %ux%ux%u data %016llx classes %u channels %u cells %u "
            "stages %u epochs %u batch %u rate %.9g momentum %.9g decay %.9g smoothing "
            "%.9g shift %u flip %d seed %llu\n",
            p->input.channels, p->input.height, p->input.width,
            (unsigned long long)cell_data_digest (data), p->classes, p->channels,
            p->cells, p->stages, r->epochs, r->batch, (double)r->rate,
            (double)r->momentum, (double)r->decay, (double)r->smoothing, r->shift,
            r->flip, (unsigned long long)choice->seed);
}

/* The lock is held while it trains, so that of many processes one does the work. */
int
cell_shared_prepare (struct cell_shared *shared, const struct cell_plan *plan,
                     const struct cell_data *data, const struct cell_recipe *recipe,
                     const struct cell_shared_choice *choice, gym_error *err)
{
  struct nn_recipe r = cell_recipe_make (recipe, choice->epochs, choice->seed);
  struct cell_cache cache;
  char title[TITLE_SIZE];
  int rc;
  if (!cell_supernet_build (plan, &shared->net))
    return gym_fail (err, GYM_ENOMEM, "out of memory for the supernet");
  shared->n = nn_net_params (shared->net.net);
  shared->params = calloc (shared->n, sizeof *shared->params);
  if (!shared->params)
    return gym_fail (err, GYM_ENOMEM, "out of memory for the supernet");
  write_title (plan, data, &r, choice, title);
  rc = cell_cache_open (&cache, data->host, title, err);
  if (rc == GYM_OK && !cell_cache_read (&cache, shared->params, shared->n)) {
    rc = train (shared, plan, data, &r, choice->seed, err);
    if (rc == GYM_OK)
      cell_cache_write (&cache, shared->params, shared->n);
  }
  cell_cache_close (&cache);
  return rc;
}

void
cell_shared_free (struct cell_shared *shared)
{
  cell_net_free (&shared->net);
  free (shared->params);
  *shared = (struct cell_shared){ .params = NULL };
}
