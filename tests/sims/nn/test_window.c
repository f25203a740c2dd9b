/* Windows: every number that a walk reads or writes is the one that the definition names.
 */
#include "tests/tap.h"

#include "sims/nn/window.h"

enum { MOST = 4096, IMAGES = 3 };

static struct nn_window
window_of (uint32_t kernel, uint32_t stride, uint32_t height, uint32_t width)
{
  struct nn_window w;
  struct nn_layer layer = { .kind = NN_CONV, .kernel = kernel, .stride = stride };
  CU_ASSERT_TRUE_FATAL (
      nn_window_of (&layer, (struct nn_shape){ 1, height, width }, 1, &w));
  CU_ASSERT_EQUAL (w.out.height, (height + stride - 1) / stride);
  CU_ASSERT_FATAL (IMAGES * height * width <= MOST);
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

/* Pixel p of a walk, counted image by image and row by row. */
struct pixel {
  size_t image, row, column;
};

static struct pixel
pixel_at (const struct nn_walk *walk, size_t p)
{
  return (struct pixel){ .image = p / walk->columns / walk->rows,
                         .row = p / walk->columns % walk->rows,
                         .column = p % walk->columns };
}

static bool
meets (const struct nn_tap *tap, struct pixel p)
{
  return p.row >= tap->top && p.row < tap->bottom && p.column >= tap->left
         && p.column < tap->right;
}

/* What tap t reads from it, counted from the first image's first number. */
static size_t
x_at (const struct nn_walk *walk, const float *images, struct pixel p, size_t t)
{
  return (size_t)(walk->x - images + (ptrdiff_t)(p.image * walk->x_image)
                  + (ptrdiff_t)(p.row * walk->x_row)
                  + (ptrdiff_t)(p.column * walk->x_step) + walk->tap[t].at);
}

static size_t
y_at (const struct nn_walk *walk, const float *images, struct pixel p)
{
  return (size_t)(walk->y - images) + p.image * walk->y_image + p.row * walk->y_row
         + p.column * walk->y_step;
}

static size_t
pixels_of (const struct nn_walk *walk)
{
  return walk->images * walk->rows * walk->columns;
}

/* A tap meets a result exactly when the definition names a pixel, and reads that one. */
static void
check_walk (const struct nn_window *w)
{
  static float x[MOST], y[MOST];
  struct nn_tap taps[NN_MOST_TAPS];
  size_t pixels = (size_t)w->in.height * w->in.width, wrong = 0;
  size_t results = (size_t)w->out.height * w->out.width;
  struct nn_walk walk = nn_window_walk (w, IMAGES, x, y, taps);
  CU_ASSERT_EQUAL (pixels_of (&walk), IMAGES * results);
  for (size_t p = 0; p < IMAGES * results; p++)
    for (size_t t = 0; t < walk.taps; t++) {
      struct pixel at = pixel_at (&walk, p);
      size_t want = (size_t)pixel_of (w, p % results, t), got = 0;
      if (meets (taps + t, at))
        got = x_at (&walk, x, at, t) - p / results * pixels + 1;
      wrong += got != want || y_at (&walk, y, at) != p;
    }
  CU_ASSERT_EQUAL (wrong, 0);
}

/* What comes back to each pixel, position by position, is what went forward from it. */
static void
check_back (const struct nn_window *w)
{
  static float slopes[MOST], images[MOST];
  size_t pixels = (size_t)w->in.height * w->in.width, wrong = 0, met = 0, forward = 0;
  size_t results = (size_t)w->out.height * w->out.width;
  for (size_t class = 0; class < w->stride * w->stride; class ++) {
    struct nn_tap taps[NN_MOST_TAPS];
    size_t positions[NN_MOST_TAPS];
    struct nn_walk walk =
        nn_window_back (w, class, IMAGES, slopes, images, taps, positions);
    for (size_t p = 0; p < pixels_of (&walk); p++)
      for (size_t t = 0; t < walk.taps; t++) {
        struct pixel at = pixel_at (&walk, p);
        size_t y = y_at (&walk, images, at), x = x_at (&walk, slopes, at, t);
        wrong += y >= IMAGES * pixels;
        if (!meets (taps + t, at))
          continue;
        wrong += x / results != y / pixels
                 || (size_t)pixel_of (w, x % results, positions[t]) != y % pixels + 1;
        met++;
      }
  }
  for (size_t r = 0; r < results; r++)
    for (size_t t = 0; t < w->kernel * w->kernel; t++)
      forward += pixel_of (w, r, t) > 0;
  CU_ASSERT_EQUAL (wrong, 0);
  CU_ASSERT_EQUAL (met, IMAGES * forward);
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

int
main (void)
{
  static const struct tap_test tests[] = { { "forward", test_walk },
                                           { "back", test_back },
                                           { 0 } };
  return tap_run ("window", tests);
}
