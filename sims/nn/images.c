/* images.c - batches of images: see images.h. */
#include "sims/nn/images.h"

#include <stdlib.h>
#include <string.h>

#include "sims/nn/random.h"

void
nn_images_free (struct nn_images *images)
{
  free (images->pixels);
  free (images->labels);
  *images = (struct nn_images){ 0 };
}

size_t
nn_images_size (const struct nn_images *images)
{
  return (size_t)images->shape.height * images->shape.width * images->shape.channels;
}

/* From the inside out: no pass before it that writes 0 .. n-1. */
void
nn_images_order (uint64_t seed, uint32_t epoch, uint32_t n, uint32_t *order)
{
  struct nn_random random = nn_random_at (seed, epoch, n);
  for (uint32_t i = 0; i < n; i++) {
    uint32_t j = nn_random_below (&random, i + 1);
    order[i] = i; /* for j = i, before it is read */
    order[i] = order[j];
    order[j] = i;
  }
}

/* One multiplication and one addition a pixel, in float: nothing that a vector unit could
 * round in another way. */
struct scale {
  float factor, black;
};

static struct scale
scale_of (const struct nn_images *images)
{
  return (struct scale){ .factor = (float)(1 / (images->most * images->deviation)),
                         .black = (float)(-images->mean / images->deviation) };
}

static void
copy_image (const uint8_t *image, size_t size, struct scale scale, float *out)
{
  for (size_t i = 0; i < size; i++)
    out[i] = (float)image[i] * scale.factor + scale.black;
}

/* Where an image goes: right and down by so much, after it was mirrored. */
struct move {
  int32_t right, down;
  bool mirrored;
};

/* Always the same three draws, so that one setting does not move another's numbers. */
static struct move
draw_move (const struct nn_augment *augment, uint32_t i)
{
  struct nn_random random =
      nn_random_at (augment->seed, augment->epoch, (uint64_t)augment->place + i);
  int32_t most = (int32_t)augment->shift;
  uint32_t both = 2 * augment->shift + 1;
  struct move move;
  move.right = (int32_t)nn_random_below (&random, both) - most;
  move.down = (int32_t)nn_random_below (&random, both) - most;
  move.mirrored = nn_random_below (&random, 2) == 1 && augment->flip;
  return move;
}

/* Black is what a pixel of 0 becomes, not the number 0, which is an average grey. */
static void
move_row (const uint8_t *row, struct nn_shape shape, struct move move, struct scale scale,
          float *out)
{
  int32_t width = (int32_t)shape.width;
  for (int32_t x = 0; x < width; x++, out += shape.channels) {
    int32_t from = x - move.right;
    bool inside = from >= 0 && from < width;
    from = move.mirrored ? width - 1 - from : from;
    for (uint32_t c = 0; c < shape.channels; c++)
      out[c] = inside ? (float)row[(uint32_t)from * shape.channels + c] * scale.factor
                            + scale.black
                      : scale.black;
  }
}

static void
move_image (const uint8_t *image, struct nn_shape shape, struct move move,
            struct scale scale, float *out)
{
  size_t line = (size_t)shape.width * shape.channels;
  for (int32_t y = 0; y < (int32_t)shape.height; y++, out += line) {
    int32_t from = y - move.down;
    if (from >= 0 && from < (int32_t)shape.height)
      move_row (image + (size_t)from * line, shape, move, scale, out);
    else
      for (size_t i = 0; i < line; i++)
        out[i] = scale.black;
  }
}

void
nn_images_batch (const struct nn_images *images, const uint32_t *indices, uint32_t n,
                 const struct nn_augment *augment, float *pixels, uint8_t *labels)
{
  size_t size = nn_images_size (images);
  struct scale scale = scale_of (images);
  for (uint32_t i = 0; i < n; i++) {
    size_t at = indices ? indices[i] : i;
    const uint8_t *image = images->pixels + at * size;
    if (labels)
      labels[i] = images->labels[at];
    if (pixels && augment)
      move_image (image, images->shape, draw_move (augment, i), scale, pixels + i * size);
    else if (pixels)
      copy_image (image, size, scale, pixels + i * size);
  }
}
