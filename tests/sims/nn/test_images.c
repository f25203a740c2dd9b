/* Batches, the order of epochs and changes to images, against plain loops. */
#include "sims/nn/images.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sims/nn/random.h"
#include "tests/tap.h"

enum { N = 40, HEIGHT = 5, WIDTH = 7, CHANNELS = 3, SIZE = HEIGHT * WIDTH * CHANNELS };

static uint8_t pixels[N * SIZE], labels[N];
static struct nn_images images = {
  .shape = { .channels = CHANNELS, .height = HEIGHT, .width = WIDTH },
  .n = N,
  .classes = 10,
  .most = 255,
  .mean = 0.3,
  .deviation = 0.4,
  .pixels = pixels,
  .labels = labels
};

/* No pixel is black: what came in from outside can be told. */
static void
fill (void)
{
  struct nn_random random = { .state = 3 };
  for (int i = 0; i < N * SIZE; i++)
    pixels[i] = (uint8_t)(1 + nn_random_below (&random, 255));
  for (int i = 0; i < N; i++)
    labels[i] = (uint8_t)nn_random_below (&random, 10);
}

static double
number (double pixel)
{
  return (pixel / 255 - 0.3) / 0.4;
}

static void
test_batch (void)
{
  static const uint32_t some[] = { 39, 0, 7, 7 };
  float out[4 * SIZE], first[4 * SIZE];
  uint8_t named[4];
  double worst = 0;
  fill ();
  nn_images_batch (&images, some, 4, NULL, out, named);
  for (int i = 0; i < 4; i++) {
    CU_ASSERT_EQUAL (named[i], labels[some[i]]);
    for (int k = 0; k < SIZE; k++)
      worst = fmax (
          worst, fabs (out[i * SIZE + k] - number (pixels[some[i] * SIZE + (size_t)k])));
  }
  CU_ASSERT (worst < 1e-6);
  /* without indices the first ones; either result may be left out */
  nn_images_batch (&images, NULL, 4, NULL, first, NULL);
  CU_ASSERT_EQUAL (memcmp (first + 0, out + SIZE, SIZE * sizeof *out), 0);
  CU_ASSERT_EQUAL (named[0], labels[39]);
  nn_images_batch (&images, NULL, 4, NULL, NULL, named);
  CU_ASSERT_EQUAL (memcmp (named, labels, 4), 0);
  CU_ASSERT_EQUAL (nn_images_size (&images), SIZE);
}

static void
test_order (void)
{
  uint32_t order[1000], again[1000];
  uint8_t seen[1000];
  for (uint32_t n = 0; n <= 1000; n += n < 5 ? 1 : 199) {
    size_t distinct = 0;
    nn_images_order (9, 4, n, order);
    nn_images_order (9, 4, n, again);
    CU_ASSERT_EQUAL (memcmp (order, again, n * sizeof *order), 0);
    memset (seen, 0, sizeof seen);
    for (uint32_t i = 0; i < n; i++) {
      CU_ASSERT_FATAL (order[i] < n);
      distinct += !seen[order[i]]++;
    }
    CU_ASSERT_EQUAL (distinct, n);
  }
  nn_images_order (9, 4, 1000, order);
  nn_images_order (9, 5, 1000, again);
  CU_ASSERT_NOT_EQUAL (memcmp (order, again, sizeof order), 0);
  nn_images_order (10, 4, 1000, again);
  CU_ASSERT_NOT_EQUAL (memcmp (order, again, sizeof order), 0);
}

/* As a program of another language found it from the papers. */
static void
test_order_exact (void)
{
  static const uint32_t known[12] = { 8, 3, 4, 1, 7, 6, 11, 2, 0, 10, 9, 5 };
  uint32_t order[12];
  nn_images_order (1, 2, 12, order);
  CU_ASSERT_EQUAL (memcmp (order, known, sizeof known), 0);
}

/* All 24 orders of four are alike: chi-squared of 23 degrees of freedom, 99.99 % below
 * 58.6. */
static void
test_order_is_uniform (void)
{
  enum { EPOCHS = 24000 };
  int count[256] = { 0 };
  double chi = 0;
  int kinds = 0;
  for (uint32_t epoch = 0; epoch < EPOCHS; epoch++) {
    uint32_t o[4];
    nn_images_order (1, epoch, 4, o);
    count[o[0] * 64 + o[1] * 16 + o[2] * 4 + o[3]]++;
  }
  for (int i = 0; i < 256; i++) {
    kinds += count[i] > 0;
    chi += count[i] > 0 ? pow (count[i] - EPOCHS / 24, 2) / (EPOCHS / 24) : 0;
  }
  CU_ASSERT_EQUAL (kinds, 24);
  CU_ASSERT (chi < 58.6);
}

/* Image `at` moved and mirrored, pixel by pixel, is it `out`? */
static bool
is_moved (const float *out, uint32_t at, int right, int down, bool mirrored)
{
  for (int y = 0; y < HEIGHT; y++)
    for (int x = 0; x < WIDTH; x++)
      for (int c = 0; c < CHANNELS; c++) {
        int from_y = y - down, from_x = x - right;
        bool inside = from_y >= 0 && from_y < HEIGHT && from_x >= 0 && from_x < WIDTH;
        int column = mirrored ? WIDTH - 1 - from_x : from_x;
        double pixel =
            inside
                ? pixels[at * SIZE + (uint32_t)((from_y * WIDTH + column) * CHANNELS + c)]
                : 0;
        if (fabs (out[(y * WIDTH + x) * CHANNELS + c] - number (pixel)) > 1e-6)
          return false;
      }
  return true;
}

/* Finds the one change that made an image; -1 when there is none. Counts it in `seen`. */
static int
find_move (const float *out, uint32_t at, int shift, int *seen)
{
  int side = 2 * shift + 1;
  for (int right = -shift; right <= shift; right++)
    for (int down = -shift; down <= shift; down++)
      for (int flip = 0; flip < 2; flip++)
        if (is_moved (out, at, right, down, flip))
          return seen[((right + shift) * side + down + shift) * 2 + flip]++;
  return -1;
}

/* Every image is a moved one, and all moves happen, about equally often. */
static void
test_augment (void)
{
  enum { SHIFT = 1, KINDS = 18, EPOCHS = 90 };
  int seen[KINDS] = { 0 }, none = 0;
  float out[N * SIZE];
  fill ();
  for (uint32_t epoch = 0; epoch < EPOCHS; epoch++) {
    struct nn_augment augment = {
      .shift = SHIFT, .flip = true, .seed = 5, .epoch = epoch
    };
    nn_images_batch (&images, NULL, N, &augment, out, NULL);
    for (uint32_t i = 0; i < N; i++)
      none += find_move (out + i * SIZE, i, SHIFT, seen) < 0;
  }
  CU_ASSERT_EQUAL (none, 0);
  for (int k = 0; k < KINDS; k++) /* 200 expected, deviation 13.7 */
    CU_ASSERT (seen[k] > 140 && seen[k] < 260);
}

/* A batch of one at its place is what it was in a batch of all; without shift and flip an
 * image stays what it is. */
static void
test_augment_places (void)
{
  float all[N * SIZE], one[SIZE], plain[N * SIZE];
  uint32_t order[N];
  struct nn_augment augment = { .shift = 2, .flip = true, .seed = 8, .epoch = 3 };
  fill ();
  nn_images_order (8, 3, N, order);
  nn_images_batch (&images, order, N, &augment, all, NULL);
  for (uint32_t i = 0; i < N; i++) {
    augment.place = i;
    nn_images_batch (&images, order + i, 1, &augment, one, NULL);
    CU_ASSERT_EQUAL (memcmp (one, all + i * SIZE, sizeof one), 0);
  }
  augment = (struct nn_augment){ .seed = 8 };
  nn_images_batch (&images, NULL, N, &augment, all, NULL);
  nn_images_batch (&images, NULL, N, NULL, plain, NULL);
  CU_ASSERT_EQUAL (memcmp (all, plain, sizeof all), 0);
}

/* Farther than the image is wide: black, and nothing beside it is read. */
static void
test_augment_far (void)
{
  float out[N * SIZE];
  int black = 0;
  struct nn_augment augment = { .shift = NN_IMAGES_SIDE_MAX, .seed = 1 };
  fill ();
  nn_images_batch (&images, NULL, N, &augment, out, NULL);
  for (int i = 0; i < N * SIZE; i++)
    black += fabs (out[i] - number (0)) < 1e-6;
  CU_ASSERT (black > N * SIZE * 9 / 10);
}

static void
test_free (void)
{
  struct nn_images some = { .n = 3, .pixels = malloc (9), .labels = malloc (3) };
  nn_images_free (&some);
  CU_ASSERT (some.n == 0 && !some.pixels && !some.labels);
  nn_images_free (&some);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "batch", test_batch },
                                           { "order", test_order },
                                           { "order exactly", test_order_exact },
    { "order is uniform", test_order_is_uniform },
                                           { "augment", test_augment },
                                           { "augment by places", test_augment_places },
                                           { "augment far", test_augment_far },
                                           { "free", test_free },
                                           { 0 } };
  return tap_run ("nn images", tests);
}
