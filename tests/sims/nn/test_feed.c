/* Batches: every image once an epoch, orders by seed, and images moved as images.h says,
 * whatever the batches are. */
#include "sims/nn/train.h"
#include "tests/tap.h"

#include <string.h>

enum { MOST = 70 };

/* Image i is two pixels of value i and 2 i, and its label is i. */
static uint8_t numbers[2 * MOST], labels[MOST];
static uint32_t reversed[MOST];

static struct nn_images
count (void)
{
  for (uint32_t i = 0; i < MOST; i++) {
    numbers[2 * i] = labels[i] = (uint8_t)i;
    numbers[2 * i + 1] = (uint8_t)(2 * i);
    reversed[i] = MOST - 1 - i;
  }
  return (struct nn_images){ .shape = { 1, 1, 2 },
                             .n = MOST,
                             .classes = MOST,
                             .most = 1,
                             .deviation = 1,
                             .pixels = numbers,
                             .labels = labels };
}

/* Runs an epoch of images below n; their order goes to `order`. */
static void
run_epoch (nn_feed *feed, uint32_t n, uint32_t most, int *order)
{
  uint32_t seen[MOST] = { 0 }, least = MOST, largest = 0, at = 0;
  for (uint32_t i = 0; i < nn_feed_batches (feed); i++) {
    const struct nn_batch *batch = nn_feed_next (feed);
    least = batch->n < least ? batch->n : least;
    largest = batch->n > largest ? batch->n : largest;
    CU_ASSERT (batch->classes == MOST && batch->slopes != NULL);
    for (uint32_t k = 0; k < batch->n && at < n; k++) {
      CU_ASSERT_EQUAL (batch->pixels[2 * k], batch->labels[k]);
      CU_ASSERT_EQUAL (batch->pixels[2 * k + 1], 2 * batch->labels[k]);
      order[at++] = batch->labels[k];
      seen[batch->labels[k]]++;
    }
  }
  CU_ASSERT_EQUAL (at, n);
  CU_ASSERT (least > 0 && largest <= most && largest - least <= 1);
  for (uint32_t i = 0; i < n; i++)
    CU_ASSERT_EQUAL (seen[i], 1);
}

static void
test_epochs (void)
{
  struct nn_images images = count ();
  for (uint32_t n = 1; n <= MOST; n++)
    for (uint32_t batch = 1; batch <= n + 3; batch += 1 + n / 9) {
      int order[MOST];
      struct nn_feed_settings settings = { .batch = batch, .shuffle = true, .seed = n };
      nn_feed *feed = nn_feed_new (&images, NULL, n, &settings);
      CU_ASSERT_PTR_NOT_NULL_FATAL (feed);
      CU_ASSERT_EQUAL (nn_feed_batches (feed), (n + batch - 1) / batch);
      for (int epoch = 0; epoch < 3; epoch++)
        run_epoch (feed, n, batch, order);
      nn_feed_destroy (&feed);
      CU_ASSERT_PTR_NULL (feed);
    }
}

static void
epochs_of (const struct nn_feed_settings *settings, int *first, int *second)
{
  struct nn_images images = count ();
  nn_feed *feed = nn_feed_new (&images, reversed, MOST, settings);
  CU_ASSERT_PTR_NOT_NULL_FATAL (feed);
  run_epoch (feed, MOST, settings->batch, first);
  run_epoch (feed, MOST, settings->batch, second);
  nn_feed_destroy (&feed);
}

/* As given without shuffling; with it by seed, and another one every epoch: those of
 * nn_images_order, whatever the size of a batch. */
static void
test_orders (void)
{
  int first[MOST], second[MOST];
  uint32_t want[2][MOST];
  struct nn_feed_settings settings = { .batch = 16 };
  epochs_of (&settings, first, second);
  for (int i = 0; i < MOST; i++)
    CU_ASSERT (first[i] == MOST - 1 - i && second[i] == MOST - 1 - i);
  for (uint32_t batch = 5; batch < 90; batch += 40) {
    settings = (struct nn_feed_settings){ .batch = batch, .shuffle = true, .seed = 7 };
    epochs_of (&settings, first, second);
    nn_images_order (7, 0, MOST, want[0]);
    nn_images_order (7, 1, MOST, want[1]);
    for (int i = 0; i < MOST; i++) {
      CU_ASSERT_EQUAL (first[i], (int)reversed[want[0][i]]);
      CU_ASSERT_EQUAL (second[i], (int)reversed[want[1][i]]);
    }
    CU_ASSERT_NOT_EQUAL (memcmp (first, second, sizeof first), 0);
  }
}

/* The same changed images in batches of any size, and others in the next epoch. */
static void
test_moves (void)
{
  enum { SIZE = 2 * MOST };
  struct nn_images images = count ();
  float one[2 * SIZE], many[2 * SIZE];
  images.mean = 100; /* black is not 0 */
  for (uint32_t batch = 1; batch < 40; batch += 12) {
    struct nn_feed_settings settings = {
      .batch = batch, .shift = 1, .flip = true, .seed = 5
    };
    float *to = batch == 1 ? one : many;
    nn_feed *feed = nn_feed_new (&images, NULL, MOST, &settings);
    for (uint32_t i = 0; i < 2 * nn_feed_batches (feed); i++) {
      const struct nn_batch *next = nn_feed_next (feed);
      memcpy (to, next->pixels, next->n * 2 * sizeof *to);
      to += 2 * next->n;
    }
    CU_ASSERT (to == (batch == 1 ? one : many) + 2 * SIZE);
    CU_ASSERT (batch == 1 || memcmp (one, many, sizeof one) == 0);
    nn_feed_destroy (&feed);
  }
  CU_ASSERT_NOT_EQUAL (memcmp (one, one + SIZE, SIZE * sizeof *one), 0);
  float first[SIZE];
  nn_images_batch (&images, NULL, MOST,
                   &(struct nn_augment){ .shift = 1, .flip = true, .seed = 5 }, first,
                   NULL);
  CU_ASSERT_EQUAL (memcmp (one, first, sizeof first), 0);
}

static void
test_no_sense (void)
{
  struct nn_images images = count ();
  struct nn_feed_settings none = { 0 }, one = { .batch = 1 };
  struct nn_feed_settings far = { .batch = 1, .shift = NN_IMAGES_SIDE_MAX + 1 };
  CU_ASSERT_PTR_NULL (nn_feed_new (&images, NULL, 5, &none));
  CU_ASSERT_PTR_NULL (nn_feed_new (&images, NULL, 5, &far));
  CU_ASSERT_PTR_NULL (nn_feed_new (&images, NULL, 0, &one));
  CU_ASSERT_PTR_NULL (nn_feed_new (&images, NULL, MOST + 1, &one));
  images.shape.width = 0;
  CU_ASSERT_PTR_NULL (nn_feed_new (&images, NULL, 5, &one));
  images = count ();
  images.classes = 0;
  CU_ASSERT_PTR_NULL (nn_feed_new (&images, NULL, 5, &one));
}

int
main (void)
{
  static const struct tap_test tests[] = { { "every image once an epoch", test_epochs },
                                           { "orders by seed", test_orders },
                                           { "moved and mirrored images", test_moves },
                                           { "arguments without sense", test_no_sense },
                                           { 0 } };
  return tap_run ("nn feed", tests);
}
