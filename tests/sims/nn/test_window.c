/* Windows: every number that a walk reads or writes is the one that the definition names.
 */
#include "tests/tap.h"

#include "sims/nn/window.h"

#include <stdlib.h>

enum { MOST = 4096, TAPS = NN_MOST_KERNEL * NN_MOST_KERNEL };

static struct nn_window
window_of (uint32_t kernel, uint32_t stride, uint32_t height, uint32_t width)
{
  struct nn_window w;
  struct nn_layer layer = { .kind = NN_CONV, .kernel = kernel, .stride = stride };
  CU_ASSERT_TRUE_FATAL (
      nn_window_of (&layer, (struct nn_shape){ 1, height, width }, 1, &w));
  CU_ASSERT_EQUAL (w.out.height, (height + stride - 1) / stride);
  CU_ASSERT_FATAL (nn_window_padded (&w) <= MOST && nn_window_padded_slopes (&w) <= MOST);
  return w;
}

/* The pixel of the image (counted from 1; 0 outside) that position t of the window of a
 * result reads. */
static float
pixel_of (const struct nn_window *w, size_t result, size_t t)
{
  size_t y = result / w->out.width * w->stride + t / w->kernel - w->before;
  size_t x = result % w->out.width * w->stride + t % w->kernel - w->before;
  return y < w->in.height && x < w->in.width ? (float)(y * w->in.width + x + 1) : 0;
}

static const float *
at (const struct nn_walk *walk, size_t p, size_t t)
{
  return walk->x + p / walk->columns * walk->x_row + p % walk->columns * walk->x_step
         + walk->tap[t];
}

static void
check_walk (const struct nn_window *w)
{
  static float image[MOST], padded[MOST], result[MOST];
  ptrdiff_t taps[TAPS];
  for (size_t i = 0; i < MOST; i++)
    image[i] = (float)(i + 1);
  nn_window_pad (w, image, false, padded);
  struct nn_walk walk = nn_window_walk (w, padded, result, taps);
  CU_ASSERT_EQUAL (walk.rows * walk.columns, (size_t)w->out.height * w->out.width);
  size_t wrong = 0;
  for (size_t p = 0; p < walk.rows * walk.columns; p++)
    for (size_t t = 0; t < walk.taps; t++) {
      const float *x = at (&walk, p, t);
      wrong +=
          x < padded || x >= padded + nn_window_padded (w) || *x != pixel_of (w, p, t);
    }
  CU_ASSERT_EQUAL (wrong, 0);
}

/* What comes back to each pixel, position by position, is what went forward from it. */
static void
check_back (const struct nn_window *w)
{
  static float slopes[MOST], padded[MOST], pixels[MOST];
  size_t n = (size_t)w->in.height * w->in.width, wrong = 0, met = 0, forward = 0;
  for (size_t i = 0; i < MOST; i++)
    slopes[i] = (float)i;
  nn_window_pad_slopes (w, slopes, padded);
  for (size_t class = 0; class < w->stride * w->stride; class ++) {
    ptrdiff_t taps[TAPS];
    size_t positions[TAPS];
    struct nn_walk walk = nn_window_back (w, class, padded, pixels, taps, positions);
    for (size_t p = 0; p < walk.rows * walk.columns; p++)
      for (size_t t = 0; t < walk.taps; t++) {
        const float *x = at (&walk, p, t);
        float *y =
            walk.y + p / walk.columns * walk.y_row + p % walk.columns * walk.y_step;
        wrong += x < padded || x >= padded + nn_window_padded_slopes (w) || y < pixels
                 || y >= pixels + n;
        if (*x > 0) { /* result 0 cannot be told from the zeros around */
          wrong += pixel_of (w, (size_t)*x, positions[t]) != (float)(y - pixels + 1);
          met++;
        }
      }
  }
  for (size_t r = 1; r < (size_t)w->out.height * w->out.width; r++)
    for (size_t t = 0; t < w->kernel * w->kernel; t++)
      forward += pixel_of (w, r, t) > 0;
  CU_ASSERT_EQUAL (wrong, 0);
  CU_ASSERT_EQUAL (met, forward);
}

static void
for_each (void (*check) (const struct nn_window *w))
{
  for (uint32_t kernel = 1; kernel <= 7; kernel++)
    for (uint32_t stride = 1; stride <= 4; stride++)
      for (uint32_t height = 1; height <= 9; height++)
        for (uint32_t width = 1; width <= 9; width += 3) {
          struct nn_window w = window_of (kernel, stride, height, width);
          check (&w);
        }
}

static void
test_walk (void)
{
  for_each (check_walk);
}

static void
test_back (void)
{
  for_each (check_back);
}

static void
test_relu (void)
{
  struct nn_window w = window_of (3, 1, 1, 2);
  const float image[2] = { -4, 5 };
  float padded[12];
  nn_window_pad (&w, image, true, padded);
  for (int i = 0; i < 12; i++)
    CU_ASSERT_EQUAL (padded[i], i == 6 ? 5 : 0);
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { "forward", test_walk }, { "back", test_back }, { "max (x, 0)", test_relu }, { 0 }
  };
  return tap_run ("window", tests);
}
