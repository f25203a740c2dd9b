/* Batches of images in an order of their own: see train.h. */
#include "sims/nn/train.h"

#include <stdlib.h>
#include <string.h>

struct nn_feed {
  const struct nn_images *images;
  struct nn_feed_settings settings;
  struct nn_batch batch;
  uint32_t n, batches;                /* images, batches of an epoch */
  uint32_t next, epoch;               /* the next of them, in which epoch */
  uint32_t *indices, *order, *chosen; /* chosen: indices in this epoch's order */
  float *pixels;
  uint8_t *labels;
};

/* Everything that batches need is taken once; an epoch allocates nothing. */
static bool
feed_room (nn_feed *feed, const uint32_t *indices)
{
  size_t batch = feed->settings.batch;
  feed->indices = malloc (feed->n * sizeof *feed->indices);
  feed->order = malloc (feed->n * sizeof *feed->order);
  feed->chosen = malloc (feed->n * sizeof *feed->chosen);
  feed->pixels = calloc (batch * nn_images_size (feed->images), sizeof *feed->pixels);
  feed->labels = calloc (batch, 1);
  feed->batch.slopes = calloc (batch * feed->images->classes, sizeof (float));
  if (!feed->indices || !feed->order || !feed->chosen || !feed->pixels || !feed->labels
      || !feed->batch.slopes)
    return false;
  for (uint32_t i = 0; i < feed->n; i++)
    feed->indices[i] = feed->chosen[i] = indices ? indices[i] : i;
  return true;
}

/* A batch that is larger than the whole is the whole. */
nn_feed *
nn_feed_new (const struct nn_images *images, const uint32_t *indices, uint32_t n,
             const struct nn_feed_settings *settings)
{
  nn_feed *feed = NULL;
  if (n > 0 && settings->batch > 0 && nn_images_size (images) > 0 && images->classes > 0
      && (indices || n <= images->n) && settings->shift <= NN_IMAGES_SIDE_MAX)
    feed = calloc (1, sizeof *feed);
  if (!feed)
    return NULL;
  feed->images = images;
  feed->settings = *settings;
  feed->n = n;
  if (feed->settings.batch > n)
    feed->settings.batch = n;
  feed->batches = 1 + (n - 1) / feed->settings.batch;
  feed->batch.classes = images->classes;
  if (!feed_room (feed, indices))
    nn_feed_destroy (&feed);
  return feed;
}

void
nn_feed_destroy (nn_feed **feed)
{
  if (!*feed)
    return;
  free ((*feed)->indices);
  free ((*feed)->order);
  free ((*feed)->chosen);
  free ((*feed)->pixels);
  free ((*feed)->labels);
  free ((*feed)->batch.slopes);
  free (*feed);
  *feed = NULL;
}

uint32_t
nn_feed_batches (const nn_feed *feed)
{
  return feed->batches;
}

static void
shuffle (nn_feed *feed)
{
  nn_images_order (feed->settings.seed, feed->epoch, feed->n, feed->order);
  for (uint32_t i = 0; i < feed->n; i++)
    feed->chosen[i] = feed->indices[feed->order[i]];
}

const struct nn_batch *
nn_feed_next (nn_feed *feed)
{
  const struct nn_feed_settings *settings = &feed->settings;
  if (feed->next == 0 && settings->shuffle)
    shuffle (feed);
  uint64_t first = (uint64_t)feed->n * feed->next / feed->batches;
  uint64_t end = (uint64_t)feed->n * (feed->next + 1) / feed->batches;
  const struct nn_augment augment = { .shift = settings->shift,
                                      .flip = settings->flip,
                                      .seed = settings->seed,
                                      .epoch = feed->epoch,
                                      .place = (uint32_t)first };
  bool moves = settings->shift > 0 || settings->flip;
  feed->batch.n = (uint32_t)(end - first);
  feed->batch.pixels = feed->pixels;
  feed->batch.labels = feed->labels;
  nn_images_batch (feed->images, feed->chosen + first, feed->batch.n,
                   moves ? &augment : NULL, feed->pixels, feed->labels);
  feed->next = (feed->next + 1) % feed->batches;
  feed->epoch += feed->next == 0;
  return &feed->batch;
}
