/* Steps and the loop of training over them: see train.h. */
#define _POSIX_C_SOURCE 200809L
#include "sims/nn/train.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

bool
nn_stopped (const struct nn_stop *stop)
{
  return stop && stop->wanted && stop->wanted (stop->of);
}

/* ---- the optimiser ---- */

struct nn_optimiser {
  struct nn_recipe recipe;
  size_t n, step, total, warm;
  nn_adam *adam;   /* of the two methods, the one's moments */
  float *velocity; /* or the other's */
};

nn_optimiser *
nn_optimiser_new (const struct nn_recipe *recipe, size_t n, size_t total, size_t warm)
{
  nn_optimiser *optimiser = calloc (1, sizeof *optimiser);
  if (!optimiser)
    return NULL;
  *optimiser = (nn_optimiser){ .recipe = *recipe, .n = n, .total = total, .warm = warm };
  if (recipe->method == NN_ADAM)
    optimiser->adam = nn_adam_new (n);
  else
    optimiser->velocity = calloc (n + 1, sizeof (float));
  if (!optimiser->adam && !optimiser->velocity)
    nn_optimiser_destroy (&optimiser);
  return optimiser;
}

void
nn_optimiser_destroy (nn_optimiser **optimiser)
{
  if (!*optimiser)
    return;
  nn_adam_destroy (&(*optimiser)->adam);
  free ((*optimiser)->velocity);
  free (*optimiser);
  *optimiser = NULL;
}

/* A constant rate is the warm part alone. */
static float
rate_of (const nn_optimiser *optimiser)
{
  bool varies = optimiser->recipe.cosine || optimiser->step < optimiser->warm;
  double share =
      varies ? nn_cosine (optimiser->step, optimiser->total, optimiser->warm) : 1;
  return (float)(optimiser->recipe.rate * share);
}

/* Clears the gradient behind itself: passes back add to it, and a caller that forgot to
 * would train on the sum of all batches. */
void
nn_optimiser_step (nn_optimiser *optimiser, float *params, float *gradient)
{
  const struct nn_recipe *recipe = &optimiser->recipe;
  float rate = rate_of (optimiser);
  optimiser->step++;
  if (recipe->clip > 0)
    nn_clip_norm (gradient, optimiser->n, recipe->clip);
  if (optimiser->adam)
    nn_adam_step (optimiser->adam,
                  &(struct nn_adam_settings){ .rate = rate,
                                              .beta1 = recipe->momentum,
                                              .beta2 = 0.999f,
                                              .epsilon = 1e-8f,
                                              .decay = recipe->decay },
                  params, gradient);
  else
    nn_sgd_step (&(struct nn_sgd_settings){ .rate = rate,
                                            .momentum = recipe->momentum,
                                            .decay = recipe->decay,
                                            .nesterov = recipe->nesterov },
                 optimiser->n, params, gradient, optimiser->velocity);
  memset (gradient, 0, optimiser->n * sizeof *gradient);
}

/* ---- one pass ---- */

bool
nn_finite (const float *at, size_t n)
{
  for (size_t i = 0; i < n; i++)
    if (!isfinite (at[i]))
      return false;
  return true;
}

/* What the training part scores comes with its passes: another one would cost a third. */
static uint32_t
count_hits (const float *logits, const struct nn_batch *batch)
{
  uint32_t hits = 0;
  for (uint32_t i = 0; i < batch->n; i++)
    hits +=
        nn_top (logits + (size_t)i * batch->classes, batch->classes) == batch->labels[i];
  return hits;
}

double
nn_learn (nn_tape *tape, const float *params, const struct nn_batch *batch,
          float smoothing, float *gradient, uint32_t *hits)
{
  const float *logits = nn_forward (tape, params, batch->pixels, batch->n);
  double loss = nn_cross_entropy (logits, batch->labels, batch->n, batch->classes,
                                  smoothing, batch->slopes);
  if (hits)
    *hits = count_hits (logits, batch);
  nn_backward (tape, params, batch->slopes, gradient, NULL);
  return loss;
}

/* Statistics stand still, so that a sample's slopes depend on no other sample. */
bool
nn_sample_gradients (const nn_net *net, const float *params, float *statistics,
                     const float *coefficients, const struct nn_batch *batch,
                     float *gradients)
{
  nn_tape *tape = nn_tape_new (net, 1);
  if (!tape)
    return false;
  size_t n = nn_net_params (net), size = nn_net_inputs (net);
  nn_tape_mode (
      tape, &(struct nn_mode){ .statistics = statistics, .coefficients = coefficients });
  memset (gradients, 0, n * batch->n * sizeof *gradients);
  for (uint32_t i = 0; i < batch->n; i++) {
    struct nn_batch one = *batch;
    one.n = 1;
    one.pixels = batch->pixels + i * size;
    one.labels = batch->labels + i;
    nn_learn (tape, params, &one, 0, gradients + i * n, NULL);
  }
  nn_tape_destroy (&tape);
  return true;
}

/* ---- the loop ---- */

struct session {
  const struct nn_model *model;
  const struct nn_recipe *recipe;
  struct nn_report *report;
  struct nn_error *err;
  nn_feed *feed;
  nn_tape *tape;
  nn_optimiser *optimiser;
  float *gradient;
};

static double
cpu_seconds (void)
{
  struct timespec now;
  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Shapes are compared before anything is made: a network for other images would read
 * past the end of a batch. */
static bool
check (const struct nn_model *model, const struct nn_images *images,
       const uint32_t *indices, uint32_t n, const struct nn_recipe *recipe,
       struct nn_error *err)
{
  size_t inputs = nn_net_inputs (model->net), outputs = nn_net_outputs (model->net);
  size_t size = nn_images_size (images);
  int status = NN_OK;
  if (inputs != size)
    status = nn_fail (err, NN_INVALID, "the network takes %zu numbers, an image has %zu",
                      inputs, size);
  else if (outputs != images->classes)
    status =
        nn_fail (err, NN_INVALID,
                 "the network gives %zu results, the images have %" PRIu32 " classes",
                 outputs, images->classes);
  else if (n == 0 || recipe->epochs == 0 || recipe->batch == 0)
    status = nn_fail (err, NN_INVALID, "images, epochs and batch must be at least 1");
  else if (!indices && n > images->n)
    status = nn_fail (err, NN_INVALID, "%" PRIu32 " images of %" PRIu32, n, images->n);
  else if (recipe->shift > NN_IMAGES_SIDE_MAX)
    status = nn_fail (err, NN_INVALID, "a shift is at most %d pixels, not %" PRIu32,
                      NN_IMAGES_SIDE_MAX, recipe->shift);
  return status == NN_OK;
}

/* Batches are no larger than the images are many, or the tape would be room for nothing.
 */
static bool
open_session (struct session *session, const struct nn_images *images,
              const uint32_t *indices, uint32_t n)
{
  const struct nn_recipe *recipe = session->recipe;
  const nn_net *net = session->model->net;
  const struct nn_feed_settings settings = { .batch = recipe->batch,
                                             .shuffle = true,
                                             .shift = recipe->shift,
                                             .flip = recipe->flip,
                                             .seed = recipe->seed };
  session->feed = nn_feed_new (images, indices, n, &settings);
  session->tape = nn_tape_new (net, recipe->batch < n ? recipe->batch : n);
  session->gradient = calloc (nn_net_params (net) + 1, sizeof (float));
  if (session->feed) {
    size_t batches = nn_feed_batches (session->feed);
    session->optimiser =
        nn_optimiser_new (recipe, nn_net_params (net), recipe->epochs * batches,
                          (size_t)lrintf (recipe->warm * (float)batches));
  }
  return session->feed && session->tape && session->gradient && session->optimiser;
}

static void
close_session (struct session *session)
{
  nn_feed_destroy (&session->feed);
  nn_tape_destroy (&session->tape);
  nn_optimiser_destroy (&session->optimiser);
  free (session->gradient);
}

/* Says why training ends in the epoch after the completed ones. */
static bool
end (struct session *session, const char *why)
{
  nn_fail (session->err, NN_INVALID, "%s in epoch %" PRIu32 " of %" PRIu32, why,
           session->report->epochs + 1, session->recipe->epochs);
  return false;
}

static bool
diverged (struct session *session, const char *why)
{
  session->report->diverged = true;
  return end (session, why);
}

static bool
run_epoch (struct session *session)
{
  const struct nn_model *model = session->model;
  struct nn_report *report = session->report;
  uint32_t batches = nn_feed_batches (session->feed), samples = 0, right = 0;
  double sum = 0;
  for (uint32_t i = 0; i < batches; i++) {
    uint32_t hits;
    if (nn_stopped (&session->recipe->stop))
      return end (session, "stopped");
    const struct nn_batch *batch = nn_feed_next (session->feed);
    double loss = nn_learn (session->tape, model->params, batch,
                            session->recipe->smoothing, session->gradient, &hits);
    if (!isfinite (loss))
      return diverged (session, "diverged: the loss is not finite");
    nn_optimiser_step (session->optimiser, model->params, session->gradient);
    sum += loss * batch->n;
    samples += batch->n;
    right += hits;
  }
  /* a loss can stay finite when weights do not: max (NAN, 0) is 0 */
  if (!nn_finite (model->params, nn_net_params (model->net)))
    return diverged (session, "diverged: a parameter is not finite");
  report->loss = sum / samples;
  report->accuracy = (double)right / samples;
  if (report->losses)
    report->losses[report->epochs] = report->loss;
  report->epochs++;
  return true;
}

static void
set_mode (const struct session *session)
{
  const struct nn_model *model = session->model;
  float momentum = session->recipe->norm_momentum;
  nn_tape_mode (session->tape,
                &(struct nn_mode){ .training = true,
                                   .statistics = model->statistics,
                                   .momentum = momentum > 0 ? momentum : 0.1f,
                                   .coefficients = model->coefficients });
}

bool
nn_train (const struct nn_model *model, const struct nn_images *images,
          const uint32_t *indices, uint32_t n, const struct nn_recipe *recipe,
          struct nn_report *report, struct nn_error *err)
{
  struct session session = {
    .model = model, .recipe = recipe, .report = report, .err = err
  };
  double began = cpu_seconds ();
  *report = (struct nn_report){ .losses = report->losses };
  if (!check (model, images, indices, n, recipe, err))
    return false;
  bool going = open_session (&session, images, indices, n);
  if (going)
    set_mode (&session);
  else
    nn_no_memory (err);
  while (going && report->epochs < recipe->epochs)
    going = run_epoch (&session);
  close_session (&session);
  report->cpu_seconds = cpu_seconds () - began;
  return going;
}
