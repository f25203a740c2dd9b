/* shared.h - one-shot evaluation: weights out of a supernet instead of a training.
 *
 * The supernet is trained once: each step draws a cell, uniformly over the operators of
 * every edge, and moves the weights that its network uses (Guo et al., "Single path
 * one-shot neural architecture search with uniform sampling", ECCV 2020; the
 * NAS-Bench-201 paper calls it random search with parameter sharing, after Li and
 * Talwalkar, UAI 2019). A cell is then judged with the weights as they are, after its
 * normalisations have seen the training images.
 *
 * PREPARATION. What comes out depends on the options and a seed of its own, not on the
 * evaluation, so it is kept in a file of the cache folder, made under a lock by whoever
 * comes first. The file begins with all that it depends on, as text, the outcome of the
 * training's first steps included, and ends with a checksum: one that does not fit, or
 * that another version of the program made, is made anew. Where the folder cannot be
 * written, the supernet lives in memory. */
#ifndef ENVS_CELL_SHARED_H
#define ENVS_CELL_SHARED_H

#include "envs/cell/trial.h"

struct cell_shared {
  struct cell_net net;
  float *params; /* NULL until it is prepared */
  size_t n;
  bool diverged; /* as it would again: nobody needs to train it once more */
};

struct cell_shared_choice {
  uint32_t epochs;
  uint64_t seed;
};

/* Reads the supernet from the cache or trains it, unless it has been. GYM_ECANCELLED,
 * GYM_ENOMEM: it can be tried again; GYM_EFAILED: it diverged. */
int cell_shared_prepare (struct cell_shared *shared, const struct cell_plan *plan,
                         const struct cell_data *data, const struct cell_recipe *recipe,
                         const struct cell_shared_choice *choice, gym_error *err);
void cell_shared_free (struct cell_shared *shared);

/* Training images that the statistics of shared weights come from: the first ones. */
uint32_t cell_shared_images (const struct cell_data *data);

/* Gives a trial the supernet's weights, and statistics of its own from those images.
 * GYM_ECANCELLED, GYM_ENOMEM. */
int cell_shared_take (const struct cell_shared *shared, struct cell_trial *trial,
                      const struct cell_data *data, uint32_t batch, gym_error *err);

#endif
