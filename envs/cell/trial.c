/* See trial.h. */
#include "envs/cell/trial.h"

#include <math.h>
#include <stdlib.h>
#include <time.h>

/* One number more than there are: a network may be without statistics or parameters, and
 * an allocation of nothing may be NULL. */
int
cell_trial_new (struct cell_trial *trial, const struct cell_plan *plan,
                const struct cell_form *form, gym_error *err)
{
  *trial = (struct cell_trial){ .params = NULL };
  if (cell_net_build (plan, form, &trial->net)) {
    trial->params = calloc (nn_net_params (trial->net.net) + 1, sizeof (float));
    trial->statistics = calloc (nn_net_statistics (trial->net.net) + 1, sizeof (float));
  }
  if (trial->params && trial->statistics)
    return GYM_OK;
  return gym_fail (err, GYM_ENOMEM, "out of memory for a network");
}

void
cell_trial_free (struct cell_trial *trial)
{
  cell_net_free (&trial->net);
  free (trial->params);
  free (trial->statistics);
  *trial = (struct cell_trial){ .params = NULL };
}

struct nn_model
cell_trial_model (const struct cell_trial *trial)
{
  return (struct nn_model){ .net = trial->net.net,
                            .params = trial->params,
                            .statistics = trial->statistics };
}

/* ---- Training -------------------------------------------------------------------- */

/* The order's stream is another than the start's: equal seeds would couple them. */
struct nn_recipe
cell_recipe_make (const struct cell_recipe *recipe, uint32_t epochs, uint64_t seed)
{
  return (struct nn_recipe){ .epochs = epochs,
                             .batch = (uint32_t)recipe->batch,
                             .method = NN_SGD,
                             .rate = (float)recipe->rate,
                             .momentum = (float)recipe->momentum,
                             .decay = (float)recipe->decay,
                             .nesterov = recipe->momentum > 0,
                             .cosine = true,
                             .smoothing = (float)recipe->smoothing,
                             .shift = (uint32_t)recipe->shift,
                             .flip = recipe->flip,
                             .seed = gym_rng_derive (seed, CELL_SEED_ORDER, 0) };
}

/* Statistics have to start anew as well: the trial may have been trained before. */
static int
start (struct cell_trial *trial, uint64_t seed, gym_error *err)
{
  nn_net_clear (trial->net.net, trial->statistics);
  if (nn_net_start (trial->net.net, trial->params,
                    gym_rng_derive (seed, CELL_SEED_START, 0)))
    return GYM_OK;
  return gym_fail (err, GYM_ENOMEM, "out of memory for starting weights");
}

bool
cell_course_new (struct cell_course *course, const struct nn_images *images,
                 const struct nn_recipe *recipe, size_t n)
{
  struct nn_feed_settings settings = { .batch = recipe->batch,
                                       .shuffle = true,
                                       .shift = recipe->shift,
                                       .flip = recipe->flip,
                                       .seed = recipe->seed };
  *course =
      (struct cell_course){ .feed = nn_feed_new (images, NULL, images->n, &settings) };
  if (!course->feed)
    return false;
  course->total = (size_t)recipe->epochs * nn_feed_batches (course->feed);
  course->optimiser = nn_optimiser_new (recipe, n, course->total, 0);
  course->gradient = calloc (n, sizeof *course->gradient);
  return course->optimiser && course->gradient;
}

void
cell_course_free (struct cell_course *course)
{
  nn_feed_destroy (&course->feed);
  nn_optimiser_destroy (&course->optimiser);
  free (course->gradient);
}

/* Of this thread alone: other instances may train beside it. */
static double
thread_seconds (void)
{
  struct timespec t;
  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* As nn_train, but that the host is asked before every step: it has no flag to look at.
 */
static int
take_steps (struct cell_trial *trial, const struct cell_data *data,
            const struct cell_course *course, nn_tape *tape, float smoothing,
            gym_error *err)
{
  struct nn_mode mode = { .training = true,
                          .statistics = trial->statistics,
                          .momentum = 0.1f };
  nn_tape_mode (tape, &mode);
  for (size_t i = 0; i < course->total; i++) {
    double loss;
    if (cell_data_stopped (data))
      return gym_fail (err, GYM_ECANCELLED, "stopped before step %zu of %zu", i + 1,
                       course->total);
    loss = nn_learn (tape, trial->params, nn_feed_next (course->feed), smoothing,
                     course->gradient, NULL);
    if (!isfinite (loss))
      return gym_fail (err, GYM_EFAILED,
                       "the training diverged: the loss of step %zu of %zu is not finite",
                       i + 1, course->total);
    nn_optimiser_step (course->optimiser, trial->params, course->gradient);
  }
  return GYM_OK;
}

int
cell_trial_train (struct cell_trial *trial, const struct cell_data *data,
                  const struct cell_recipe *recipe, uint32_t epochs, uint64_t seed,
                  double *seconds, gym_error *err)
{
  struct nn_recipe how = cell_recipe_make (recipe, epochs, seed);
  const nn_net *net = trial->net.net;
  double began = thread_seconds ();
  nn_tape *tape = nn_tape_new (net, how.batch);
  struct cell_course course;
  int rc = GYM_OK;
  if (!cell_course_new (&course, &data->set.train, &how, nn_net_params (net)) || !tape)
    rc = gym_fail (err, GYM_ENOMEM, "out of memory for a training");
  if (rc == GYM_OK)
    rc = start (trial, seed, err);
  if (rc == GYM_OK)
    rc = take_steps (trial, data, &course, tape, how.smoothing, err);
  nn_tape_destroy (&tape);
  cell_course_free (&course);
  *seconds = thread_seconds () - began;
  return rc;
}

/* ---- Scores ---------------------------------------------------------------------- */

/* A batch of its own, drawn by the seed. */
struct sample {
  uint32_t *order;
  float *pixels, *slopes;
  uint8_t *labels;
};

static void
sample_free (struct sample *s)
{
  free (s->order);
  free (s->pixels);
  free (s->slopes);
  free (s->labels);
}

static bool
sample_new (struct sample *s, const struct nn_images *images, uint32_t n, uint64_t seed)
{
  s->order = calloc (images->n, sizeof *s->order);
  s->pixels = calloc (n * nn_images_size (images), sizeof *s->pixels);
  s->slopes = calloc ((size_t)n * images->classes, sizeof *s->slopes);
  s->labels = calloc (n, 1);
  if (!s->order || !s->pixels || !s->slopes || !s->labels)
    return false;
  nn_images_order (seed, 0, images->n, s->order);
  nn_images_batch (images, s->order, n, NULL, s->pixels, s->labels);
  return true;
}

int
cell_trial_score (struct cell_trial *trial, const struct cell_data *data, uint32_t n,
                  uint64_t seed, struct nn_scores *scores, gym_error *err)
{
  struct sample s = { .order = NULL };
  int rc = start (trial, seed, err);
  if (n > data->set.train.n)
    n = data->set.train.n;
  if (rc == GYM_OK
      && !sample_new (&s, &data->set.train, n,
                      gym_rng_derive (seed, CELL_SEED_SCORES, 0)))
    rc = gym_fail (err, GYM_ENOMEM, "out of memory for a batch");
  if (rc == GYM_OK) {
    struct nn_batch batch = { .n = n,
                              .classes = data->set.train.classes,
                              .pixels = s.pixels,
                              .labels = s.labels,
                              .slopes = s.slopes };
    if (!nn_zero_cost (trial->net.net, trial->params, NULL, &batch, scores))
      rc = gym_fail (err, GYM_ENOMEM, "out of memory for scores");
  }
  sample_free (&s);
  return rc;
}
