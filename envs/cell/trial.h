/* trial.h - a network with its numbers, from its start to its figures. */
#ifndef ENVS_CELL_TRIAL_H
#define ENVS_CELL_TRIAL_H

#include "envs/cell/data.h"
#include "envs/cell/network.h"
#include "sims/nn/zerocost.h"

/* How trainings go, as the options deliver it. */
struct cell_recipe {
  int64_t epochs, batch, shift;
  double rate, momentum, decay, smoothing;
  bool flip;
};

/* The network of a form and its numbers. */
struct cell_trial {
  struct cell_net net;
  float *params, *statistics;
};

/* Makes room for the numbers, which are left at 0. After an error, too, to be freed. */
int cell_trial_new (struct cell_trial *trial, const struct cell_plan *plan,
                    const struct cell_form *form, gym_error *err);
void cell_trial_free (struct cell_trial *trial);

struct nn_model cell_trial_model (const struct cell_trial *trial);

/* Streams that an evaluation's seed gives. */
enum { CELL_SEED_START, CELL_SEED_ORDER, CELL_SEED_SCORES };

/* The recipe as the engine wants it, which then hears the data's host. */
struct nn_recipe cell_recipe_make (const struct cell_recipe *recipe,
                                   const struct cell_data *data, uint32_t epochs,
                                   uint64_t seed);

/* Starts anew and trains. GYM_EFAILED with the reason: it diverged; GYM_ECANCELLED;
 * GYM_ENOMEM. `seconds` is the CPU time of the training. */
int cell_trial_train (struct cell_trial *trial, const struct cell_data *data,
                      const struct cell_recipe *recipe, uint32_t epochs, uint64_t seed,
                      double *seconds, gym_error *err);

/* What comes of it on images: all NaN when a logit is not finite. GYM_ECANCELLED,
 * GYM_ENOMEM. */
int cell_trial_judge (const struct cell_trial *trial, const struct cell_data *data,
                      const struct nn_images *images, struct nn_assessment *assessment,
                      gym_error *err);

/* Scores of the network as it starts, on `n` training images that the seed draws.
 * GYM_ECANCELLED, GYM_ENOMEM. */
int cell_trial_score (struct cell_trial *trial, const struct cell_data *data, uint32_t n,
                      uint64_t seed, struct nn_scores *scores, gym_error *err);

#endif
