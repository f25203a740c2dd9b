/* See trial.h. */
#include "envs/cell/trial.h"

#include <stdlib.h>

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
cell_recipe_make (const struct cell_recipe *recipe, const struct cell_data *data,
                  uint32_t epochs, uint64_t seed)
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
                             .seed = gym_rng_derive (seed, CELL_SEED_ORDER, 0),
                             .stop = cell_data_stop (data) };
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

/* Only divergence is the design's own fault: the options were checked before. */
int
cell_trial_train (struct cell_trial *trial, const struct cell_data *data,
                  const struct cell_recipe *recipe, uint32_t epochs, uint64_t seed,
                  double *seconds, gym_error *err)
{
  const struct nn_images *images = &data->set.train;
  struct nn_recipe how = cell_recipe_make (recipe, data, epochs, seed);
  struct nn_model model = cell_trial_model (trial);
  struct nn_report report = { 0 };
  struct nn_error why;
  int rc = start (trial, seed, err);
  if (rc != GYM_OK)
    return rc;
  if (!nn_train (&model, images, NULL, images->n, &how, &report, &why))
    rc = report.diverged ? gym_fail (err, GYM_EFAILED, "the training %s", why.text)
                         : cell_data_unfinished (data, "a training", err);
  *seconds = report.cpu_seconds;
  return rc;
}

/* The size of a batch does not show in what comes out. */
int
cell_trial_judge (const struct cell_trial *trial, const struct cell_data *data,
                  const struct nn_images *images, struct nn_assessment *assessment,
                  gym_error *err)
{
  enum { BATCH = 64 };
  struct nn_model model = cell_trial_model (trial);
  const struct nn_stop stop = cell_data_stop (data);
  if (nn_assess (&model, images, NULL, images->n, BATCH, &stop, assessment))
    return GYM_OK;
  return cell_data_unfinished (data, "judging a network", err);
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
    const struct nn_stop stop = cell_data_stop (data);
    if (!nn_zero_cost (trial->net.net, trial->params, NULL, &batch, &stop, scores))
      rc = cell_data_unfinished (data, "scores", err);
  }
  sample_free (&s);
  return rc;
}
