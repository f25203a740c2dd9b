/* How good and how well calibrated a classifier is, and its running statistics anew: see
 * train.h. */
#include "sims/nn/train.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- judging logits ---- */

/* The samples whose largest probability lies in one bin. */
struct bin {
  double confidence, hits;
};

struct sums {
  double hits, loss, brier;
  struct bin bins[NN_ECE_BINS];
};

/* The logarithm of the sum of exponentials, in double: a probability near the edge of a
 * bin should fall on the side that the logits say. */
static double
log_sum (const float *logits, uint32_t classes)
{
  double most = logits[nn_top (logits, classes)], sum = 0;
  for (uint32_t c = 0; c < classes; c++)
    sum += exp (logits[c] - most);
  return most + log (sum);
}

static double
brier_of (const float *logits, double shift, uint32_t label, uint32_t classes)
{
  double sum = 0;
  for (uint32_t c = 0; c < classes; c++) {
    double miss = exp (logits[c] - shift) - (c == label);
    sum += miss * miss;
  }
  return sum;
}

/* Bins are open at the low end: a probability of exactly 0.2 belongs to (0.133, 0.2]. */
static struct bin *
bin_of (struct sums *sums, double confidence)
{
  double place = ceil (confidence * NN_ECE_BINS) - 1;
  return sums->bins + (int)fmin (fmax (place, 0), NN_ECE_BINS - 1);
}

static void
count (struct sums *sums, const float *logits, uint32_t label, uint32_t classes)
{
  uint32_t top = nn_top (logits, classes);
  double shift = log_sum (logits, classes), confidence = exp (logits[top] - shift);
  struct bin *bin = bin_of (sums, confidence);
  bin->confidence += confidence;
  bin->hits += top == label;
  sums->hits += top == label;
  sums->loss += shift - logits[label];
  sums->brier += brier_of (logits, shift, label, classes);
}

/* A bin's weight is its size and its means are sums over its size: sizes cancel out. */
static double
gaps (const struct sums *sums)
{
  double gap = 0;
  for (int i = 0; i < NN_ECE_BINS; i++)
    gap += fabs (sums->bins[i].hits - sums->bins[i].confidence);
  return gap;
}

void
nn_judge (const float *logits, const uint8_t *labels, uint32_t n, uint32_t classes,
          struct nn_assessment *assessment)
{
  struct sums sums = { 0 };
  for (uint32_t i = 0; i < n; i++)
    count (&sums, logits + (size_t)i * classes, labels[i], classes);
  bool sound = n > 0 && nn_finite (logits, (size_t)n * classes);
  double share = sound ? 1 / (double)n : NAN;
  *assessment = (struct nn_assessment){ .n = n,
                                        .accuracy = sums.hits * share,
                                        .loss = sums.loss * share,
                                        .brier = sums.brier * share,
                                        .ece = gaps (&sums) * share };
}

/* ---- over samples ---- */

/* A model, its samples in batches, and a tape for them. */
struct reading {
  const struct nn_model *model;
  nn_feed *feed;
  nn_tape *tape;
};

static void
close_reading (struct reading *reading)
{
  nn_feed_destroy (&reading->feed);
  nn_tape_destroy (&reading->tape);
}

static bool
open_reading (struct reading *reading, const struct nn_images *images,
              const uint32_t *indices, uint32_t n,
              const struct nn_feed_settings *settings)
{
  const nn_net *net = reading->model->net;
  if (nn_net_inputs (net) != nn_images_size (images)
      || nn_net_outputs (net) != images->classes)
    return false;
  reading->feed = nn_feed_new (images, indices, n, settings);
  if (reading->feed)
    reading->tape = nn_tape_new (net, settings->batch < n ? settings->batch : n);
  if (!reading->tape)
    close_reading (reading);
  return reading->tape != NULL;
}

/* All logits are kept: judging asks for all of them at once. */
static bool
read_logits (struct reading *reading, const struct nn_stop *stop, float *logits,
             uint8_t *labels)
{
  const struct nn_model *model = reading->model;
  nn_tape_mode (reading->tape, &(struct nn_mode){ .statistics = model->statistics,
                                                  .coefficients = model->coefficients });
  for (uint32_t i = 0; i < nn_feed_batches (reading->feed); i++) {
    if (nn_stopped (stop))
      return false;
    const struct nn_batch *batch = nn_feed_next (reading->feed);
    size_t row = (size_t)batch->n * batch->classes;
    memcpy (logits, nn_forward (reading->tape, model->params, batch->pixels, batch->n),
            row * sizeof *logits);
    memcpy (labels, batch->labels, batch->n);
    logits += row;
    labels += batch->n;
  }
  return true;
}

bool
nn_assess (const struct nn_model *model, const struct nn_images *images,
           const uint32_t *indices, uint32_t n, uint32_t batch,
           const struct nn_stop *stop, struct nn_assessment *assessment)
{
  struct reading reading = { .model = model };
  const struct nn_feed_settings settings = { .batch = batch };
  if (!open_reading (&reading, images, indices, n, &settings))
    return false;
  float *logits = calloc ((size_t)n * images->classes, sizeof *logits);
  uint8_t *labels = calloc (n, 1);
  bool done = logits && labels && read_logits (&reading, stop, logits, labels);
  if (done)
    nn_judge (logits, labels, n, images->classes, assessment);
  free (logits);
  free (labels);
  close_reading (&reading);
  return done;
}

/* With the momentum that is the batch's share of all samples so far, the moving average
 * is the mean. */
bool
nn_recalibrate (const struct nn_model *model, const struct nn_images *images,
                const uint32_t *indices, uint32_t n, uint32_t batch,
                const struct nn_stop *stop)
{
  struct reading reading = { .model = model };
  const struct nn_feed_settings settings = { .batch = batch, .shuffle = true };
  if (nn_net_statistics (model->net) == 0)
    return true;
  if (!open_reading (&reading, images, indices, n, &settings))
    return false;
  uint32_t seen = 0, batches = nn_feed_batches (reading.feed), i = 0;
  nn_net_clear (model->net, model->statistics);
  for (; i < batches && !nn_stopped (stop); i++) {
    const struct nn_batch *next = nn_feed_next (reading.feed);
    seen += next->n;
    nn_tape_mode (reading.tape,
                  &(struct nn_mode){ .training = true,
                                     .statistics = model->statistics,
                                     .momentum = (float)next->n / (float)seen,
                                     .coefficients = model->coefficients });
    nn_forward (reading.tape, model->params, next->pixels, next->n);
  }
  close_reading (&reading);
  return i == batches;
}
