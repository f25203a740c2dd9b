/* sims/nn/train.h - training and judging classifiers.
 *
 * The pieces are separate: in what batches and order images come (a feed), one pass for
 * the gradient (nn_learn), one step downhill (an optimiser). nn_train is these three in a
 * loop; the training of a supernet is another loop over the same ones, with a slice
 * (slice.h) or coefficients in between.
 *
 * Same arguments, same bits; but for the CPU seconds. One thread; nothing here prints.
 * Functions that make something return NULL when memory runs out or the arguments make no
 * sense. */
#ifndef SIMS_NN_TRAIN_H
#define SIMS_NN_TRAIN_H

#include "sims/nn/images.h"

/* Whether the caller wants its time back: asked before every batch of whatever may take
 * long, which then ends and fails. NULL, or NULL for `wanted`: nobody is asked. */
struct nn_stop {
  bool (*wanted) (const void *of);
  const void *of;
};
bool nn_stopped (const struct nn_stop *stop);

/* ---- Batches --------------------------------------------------------------------- */

struct nn_batch {
  uint32_t n, classes;
  const float *pixels;
  const uint8_t *labels; /* below `classes` */
  float *slopes;         /* room for n x classes, for nn_learn */
};

struct nn_feed_settings {
  uint32_t batch; /* at most so many images in one */
  bool shuffle;   /* another order every epoch: nn_images_order */
  uint32_t shift; /* these two as in struct nn_augment */
  bool flip;
  uint64_t seed;
};

typedef struct nn_feed nn_feed;

/* Batches of the images `indices`, which are copied (NULL: the first n), one epoch after
 * another. `images` is borrowed. An epoch is ceil (n / batch) batches, whose sizes differ
 * by at most one: no tiny last batch, which batch normalisation could not bear, and every
 * image once. */
nn_feed *nn_feed_new (const struct nn_images *images, const uint32_t *indices, uint32_t n,
                      const struct nn_feed_settings *settings);
void nn_feed_destroy (nn_feed **feed);

/* Batches of an epoch. */
uint32_t nn_feed_batches (const nn_feed *feed);

/* The next batch, valid until the next call. */
const struct nn_batch *nn_feed_next (nn_feed *feed);

/* ---- Steps ----------------------------------------------------------------------- */

enum nn_method { NN_SGD, NN_ADAM };

struct nn_recipe {
  uint32_t epochs, batch;
  enum nn_method method;
  float rate;
  float momentum; /* Adam: beta1 (its beta2 is 0.999, epsilon 1e-8) */
  float decay;    /* SGD: of the gradient; Adam: apart from it */
  bool nesterov;
  bool cosine;     /* else a constant rate, after `warm` */
  float warm;      /* epochs in which the rate rises from 0 */
  float clip;      /* longest gradient; 0: any */
  float smoothing; /* of labels */
  uint32_t shift;  /* these two: struct nn_feed_settings */
  bool flip;
  float norm_momentum; /* of running statistics; 0 means 0.1 */
  uint64_t seed;       /* of order and augmentation; not of starting weights */
  struct nn_stop stop; /* asked before each step */
};

typedef struct nn_optimiser nn_optimiser;

/* For n parameters, `total` steps long, of which the first `warm` warm up; of the recipe
 * it reads method, rate, momentum, decay, nesterov, cosine and clip. */
nn_optimiser *nn_optimiser_new (const struct nn_recipe *recipe, size_t n, size_t total,
                                size_t warm);
void nn_optimiser_destroy (nn_optimiser **optimiser);

/* One step downhill; the gradient is clipped, and 0 afterwards, ready to be added to. */
void nn_optimiser_step (nn_optimiser *optimiser, float *params, float *gradient);

/* Passes of a batch both ways, in the tape's mode: the mean cross-entropy, whose
 * derivatives are added to `gradient`. `hits` (may be NULL) receives the samples of which
 * the label's logit is the largest. A batch of one gives a per-sample gradient. The
 * network has batch->classes results. */
double nn_learn (nn_tape *tape, const float *params, const struct nn_batch *batch,
                 float smoothing, float *gradient, uint32_t *hits);

/* Whether all of n numbers are finite. */
bool nn_finite (const float *at, size_t n);

/* The gradient of every sample of a batch on its own, one row of nn_net_params each, with
 * every normalisation frozen at `statistics`: so a row does not depend on its neighbours,
 * and the rows' mean is the gradient of the batch under the same statistics. False: out
 * of memory. */
bool nn_sample_gradients (const nn_net *net, const float *params, float *statistics,
                          const float *coefficients, const struct nn_batch *batch,
                          float *gradients);

/* ---- Training -------------------------------------------------------------------- */

/* A network and its numbers, all of the caller's. */
struct nn_model {
  const nn_net *net;
  float *params;
  float *statistics;         /* NULL without normalisations */
  const float *coefficients; /* NULL without mixes */
};

struct nn_report {
  double *losses;  /* set by the caller: NULL, or room for a mean loss an epoch */
  uint32_t epochs; /* completed */
  double loss;     /* of the last one: the mean over its batches as they were trained */
  double accuracy; /* likewise */
  double cpu_seconds; /* of this thread */
  bool diverged;      /* a loss or a parameter was no longer finite */
};

/* Trains from the parameters and statistics as they are (nn_net_start, nn_net_clear);
 * images as for nn_feed_new. False with a sentence in `err` (may be NULL): it diverged,
 * was stopped, ran out of memory, or network, images and recipe do not fit each other.
 * The parameters are then where they were left, and the report says how far it came. */
bool nn_train (const struct nn_model *model, const struct nn_images *images,
               const uint32_t *indices, uint32_t n, const struct nn_recipe *recipe,
               struct nn_report *report, struct nn_error *err);

/* ---- Judging --------------------------------------------------------------------- */

/* Bins of nn_assessment.ece. */
#define NN_ECE_BINS 15

struct nn_assessment {
  uint32_t n;
  double accuracy; /* share of samples whose largest logit, the first of equals, is the
                    * label's */
  double loss;     /* mean negative log-likelihood, nats */
  double brier;    /* mean over samples of the sum over classes of (p - [label])^2, 0 to
                    * 2 (Brier 1950) */
  double ece;      /* expected calibration error (Guo et al. 2017, eq. 3): samples in
                    * NN_ECE_BINS bins of equal width (low, high] by their largest
                    * probability; mean of |accuracy - confidence| of the bins by size */
};

/* Of logits, a row of `classes` a sample. All NAN but n when a logit is not finite. */
void nn_judge (const float *logits, const uint8_t *labels, uint32_t n, uint32_t classes,
               struct nn_assessment *assessment);

/* Of a model with its running statistics, `batch` samples a pass (results do not depend
 * on it). False: out of memory, stopped, or the model does not fit the images. */
bool nn_assess (const struct nn_model *model, const struct nn_images *images,
                const uint32_t *indices, uint32_t n, uint32_t batch,
                const struct nn_stop *stop, struct nn_assessment *assessment);

/* Running statistics anew: the mean over batches of their means and variances, weighted
 * by their sizes, with the images in a shuffled order that is always the same. Needed
 * wherever parameters came from a supernet (Yu and Huang 2019; Guo et al. 2020). Without
 * normalisations nothing happens. False: as nn_assess. */
bool nn_recalibrate (const struct nn_model *model, const struct nn_images *images,
                     const uint32_t *indices, uint32_t n, uint32_t batch,
                     const struct nn_stop *stop);

#endif
