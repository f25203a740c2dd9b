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

/* Statistics settle long before that. */
uint32_t
cell_shared_images (const struct cell_data *data)
{
  enum { MOST = 2048 };
  return data->set.train.n < MOST ? data->set.train.n : MOST;
}

int
cell_shared_take (const struct cell_shared *shared, struct cell_trial *trial,
                  const struct cell_data *data, uint32_t batch, gym_error *err)
{
  struct nn_model model = cell_trial_model (trial);
  nn_slice *slice = make_slice (&trial->net, &shared->net);
  const struct nn_stop stop = cell_data_stop (data);
  bool done = slice != NULL;
  if (done) {
    nn_slice_gather (slice, shared->params, trial->params);
    done = nn_recalibrate (&model, &data->set.train, NULL, cell_shared_images (data),
                           batch, &stop);
  }
  nn_slice_destroy (&slice);
  return done ? GYM_OK : cell_data_unfinished (data, "reading shared weights", err);
}

/* ---- Training -------------------------------------------------------------------- */

/* Networks are as many as cells, each for a step: what they work in stays. */
struct school {
  struct cell_shared *shared;
  const struct cell_plan *plan;
  const struct nn_recipe *recipe;
  nn_feed *feed;
  nn_optimiser *optimiser;
  float *gradient;         /* of the supernet */
  float *params, *learned; /* of a network, which has no more; its gradient */
  struct cell_net net;     /* the last one drawn, which the tape is for */
  nn_tape *tape;
  gym_rng rng;
};

static bool
school_open (struct school *s, const struct nn_images *images, size_t *total)
{
  const struct nn_recipe *r = s->recipe;
  struct nn_feed_settings settings = { .batch = r->batch,
                                       .shuffle = true,
                                       .shift = r->shift,
                                       .flip = r->flip,
                                       .seed = r->seed };
  size_t n = s->shared->n;
  s->feed = nn_feed_new (images, NULL, images->n, &settings);
  if (!s->feed)
    return false;
  *total = (size_t)r->epochs * nn_feed_batches (s->feed);
  s->optimiser = nn_optimiser_new (r, n, *total, 0);
  s->gradient = calloc (n, sizeof *s->gradient);
  s->params = calloc (n, sizeof *s->params);
  s->learned = calloc (n, sizeof *s->learned);
  return s->optimiser && s->gradient && s->params && s->learned;
}

static void
school_close (struct school *s)
{
  nn_feed_destroy (&s->feed);
  nn_optimiser_destroy (&s->optimiser);
  nn_tape_destroy (&s->tape);
  cell_net_free (&s->net);
  free (s->gradient);
  free (s->params);
  free (s->learned);
}

/* Draws a network. The tape leaves the one before only then. */
static bool
draw (struct school *s, uint32_t batch)
{
  enum cell_op ops[CELL_EDGES];
  struct cell_form form;
  struct cell_net net;
  cell_ops ((uint32_t)gym_rng_below (&s->rng, CELL_CELLS), ops);
  form = cell_form_of (ops);
  if (!cell_net_build (s->plan, &form, &net))
    return false;
  if (s->tape ? !nn_tape_turn (s->tape, net.net)
              : !(s->tape = nn_tape_new (net.net, batch))) {
    cell_net_free (&net);
    return false;
  }
  cell_net_free (&s->net);
  s->net = net;
  return true;
}

/* The pass of the network drawn, whose gradient is added to the supernet's. False: out of
 * memory. */
static bool
learn (struct school *s, const struct nn_batch *batch, double *loss)
{
  const struct nn_mode mode = { .training = true };
  nn_slice *slice = make_slice (&s->net, &s->shared->net);
  if (!slice)
    return false;
  nn_tape_mode (s->tape, &mode);
  nn_slice_gather (slice, s->shared->params, s->params);
  memset (s->learned, 0, nn_net_params (s->net.net) * sizeof *s->learned);
  *loss = nn_learn (s->tape, s->params, batch, s->recipe->smoothing, s->learned, NULL);
  nn_slice_scatter (slice, s->learned, s->gradient);
  nn_slice_destroy (&slice);
  return true;
}

static int
supernet_diverged (gym_error *err)
{
  return gym_fail (err, GYM_EFAILED,
                   "the training of the supernet diverged: a lower option \"rate\" may "
                   "help");
}

static int
step (struct school *s, uint32_t batch, gym_error *err)
{
  double loss;
  if (!draw (s, batch) || !learn (s, nn_feed_next (s->feed), &loss))
    return gym_fail (err, GYM_ENOMEM, "out of memory for a step of the supernet");
  if (!isfinite (loss))
    return supernet_diverged (err);
  nn_optimiser_step (s->optimiser, s->shared->params, s->gradient);
  return GYM_OK;
}

/* From the start, at most `steps` steps. Weights that no drawn cell used move by their
 * momentum alone, as everywhere else where one optimiser holds a whole supernet. */
static int
train (struct cell_shared *shared, const struct cell_plan *plan,
       const struct cell_data *data, const struct nn_recipe *recipe, uint64_t seed,
       size_t steps, gym_error *err)
{
  const struct nn_images *images = &data->set.train;
  struct school s = { .shared = shared, .plan = plan, .recipe = recipe };
  uint32_t batch = recipe->batch < images->n ? recipe->batch : images->n;
  size_t total = 0;
  int rc = GYM_OK;
  gym_rng_init (&s.rng, gym_rng_derive (seed, 1, 0));
  if (!school_open (&s, images, &total)
      || !nn_net_start (shared->net.net, shared->params, gym_rng_derive (seed, 0, 0)))
    rc = gym_fail (err, GYM_ENOMEM, "out of memory for the supernet");
  for (size_t i = 0; i < total && i < steps && rc == GYM_OK; i++)
    rc = nn_stopped (&recipe->stop) ? gym_fail (
             err, GYM_ECANCELLED, "stopped before step %zu of %zu", i + 1, total)
                                    : step (&s, batch, err);
  school_close (&s);
  return rc;
}

/* ---- Preparation ----------------------------------------------------------------- */

enum { TITLE_SIZE = 512, BEGINNING = 8 };

/* All that the weights depend on: what was asked for, and how this program goes about it,
 * as the first steps of the training itself show, so that a file of another version of
 * the engine, of cells or of the training is never taken for this one's. The number
 * behind "supernet" is for changes that only show later. */
static void
write_title (const struct cell_plan *p, const struct cell_data *data,
             const struct nn_recipe *r, const struct cell_shared_choice *choice,
             uint64_t beginning, char title[TITLE_SIZE])
{
  snprintf (title, TITLE_SIZE,
            "cell supernet 1: %ux%ux%u data %016llx classes %u channels %u cells %u "
            "stages %u epochs %u batch %u rate %.9g momentum %.9g decay %.9g smoothing "
            "%.9g shift %u flip %d seed %llu begins %016llx\n",
            p->input.channels, p->input.height, p->input.width,
            (unsigned long long)cell_data_digest (data), p->classes, p->channels,
            p->cells, p->stages, r->epochs, r->batch, (double)r->rate,
            (double)r->momentum, (double)r->decay, (double)r->smoothing, r->shift,
            r->flip, (unsigned long long)choice->seed, (unsigned long long)beginning);
}

/* Reads the weights or trains them. The lock is held meanwhile, so that of many processes
 * one does the work. */
static int
prepare_file (struct cell_shared *shared, const struct cell_plan *plan,
              const struct cell_data *data, const struct nn_recipe *recipe,
              const struct cell_shared_choice *choice, const char *title, gym_error *err)
{
  struct cell_cache cache;
  int rc = cell_cache_open (&cache, data->host, title, err);
  if (rc == GYM_OK && !cell_cache_read (&cache, shared->params, shared->n)) {
    rc = train (shared, plan, data, recipe, choice->seed, SIZE_MAX, err);
    if (rc == GYM_OK)
      cell_cache_write (&cache, shared->params, shared->n);
  }
  cell_cache_close (&cache);
  return rc;
}

static int
prepare (struct cell_shared *shared, const struct cell_plan *plan,
         const struct cell_data *data, const struct cell_recipe *recipe,
         const struct cell_shared_choice *choice, gym_error *err)
{
  struct nn_recipe r = cell_recipe_make (recipe, data, choice->epochs, choice->seed);
  char title[TITLE_SIZE];
  uint64_t beginning;
  int rc;
  if (!cell_supernet_build (plan, &shared->net))
    return gym_fail (err, GYM_ENOMEM, "out of memory for the supernet");
  shared->n = nn_net_params (shared->net.net);
  shared->params = calloc (shared->n, sizeof *shared->params);
  if (!shared->params)
    return gym_fail (err, GYM_ENOMEM, "out of memory for the supernet");
  rc = train (shared, plan, data, &r, choice->seed, BEGINNING, err);
  if (rc != GYM_OK)
    return rc;
  beginning = cell_hash (CELL_HASH, shared->params, shared->n * sizeof *shared->params);
  write_title (plan, data, &r, choice, beginning, title);
  return prepare_file (shared, plan, data, &r, choice, title, err);
}

/* Divergence is the options' fault: no cell of the study need find it out anew. */
int
cell_shared_prepare (struct cell_shared *shared, const struct cell_plan *plan,
                     const struct cell_data *data, const struct cell_recipe *recipe,
                     const struct cell_shared_choice *choice, gym_error *err)
{
  int rc = GYM_OK;
  if (shared->diverged)
    return supernet_diverged (err);
  if (!shared->params)
    rc = prepare (shared, plan, data, recipe, choice, err);
  if (rc != GYM_OK)
    cell_shared_free (shared);
  shared->diverged = rc == GYM_EFAILED;
  return rc;
}

void
cell_shared_free (struct cell_shared *shared)
{
  cell_net_free (&shared->net);
  free (shared->params);
  *shared = (struct cell_shared){ .params = NULL };
}
