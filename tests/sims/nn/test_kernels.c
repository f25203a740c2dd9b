/* Kernels against loops of fmaf in the order that kernels.h states: bit for bit, which is
 * what makes results the same on every processor. */
#include "tests/sims/nn/gradient.h"

#include "sims/nn/kernels.h"

enum { IMAGES = 6, ROWS = 3, TAPS = 5, SPACE = 16384 };

struct kernel_case {
  size_t columns, inner, outer;
  struct nn_tap taps[TAPS];
  float *x, *y, *w, *want;
  struct nn_walk walk;
};

/* Taps that meet all pixels, all but the first or last columns, rows at the edges alone,
 * a single column, and none. */
static struct nn_tap
tap_of (size_t t, size_t columns)
{
  struct nn_tap tap = { .at = (ptrdiff_t)(t * 37) - 40,
                        .bottom = ROWS,
                        .right = columns };
  if (t == 1) {
    tap.left = 1;
    tap.top = 1;
  } else if (t == 2)
    tap.right = columns - 1;
  else if (t == 3) {
    tap.left = columns / 2;
    tap.right = columns / 2 + (columns > 3);
    tap.bottom = 2;
  } else if (t == 4)
    tap.left = columns > 2 ? 2 : 0;
  return tap;
}

static void
open_case (struct kernel_case *k, size_t columns, size_t inner, size_t outer)
{
  *k = (struct kernel_case){ .columns = columns, .inner = inner, .outer = outer };
  k->x = gradient_random (SPACE, 1);
  k->y = gradient_random (SPACE, 2);
  k->w = gradient_random (SPACE, 3);
  k->want = malloc (SPACE * sizeof *k->want);
  for (size_t t = 0; t < TAPS; t++)
    k->taps[t] = tap_of (t, columns);
  k->walk = (struct nn_walk){ .images = columns % IMAGES + 1,
                              .rows = ROWS,
                              .columns = columns,
                              .x = k->x + 200,
                              .x_image = ROWS * (columns * inner * 2 + 5) + 1,
                              .x_row = columns * inner * 2 + 5,
                              .x_step = inner + 3,
                              .y = k->y,
                              .y_image = ROWS * (columns * (outer + 1) + 2) + 3,
                              .y_row = columns * (outer + 1) + 2,
                              .y_step = outer + 1,
                              .taps = TAPS,
                              .tap = k->taps };
}

static void
close_case (struct kernel_case *k)
{
  free (k->x);
  free (k->y);
  free (k->w);
  free (k->want);
}

static size_t
pixels_of (const struct kernel_case *k)
{
  return k->walk.images * ROWS * k->columns;
}

/* Whether a tap meets pixel p, counted image by image and row by row. */
static bool
meets (const struct kernel_case *k, size_t p, size_t t)
{
  size_t row = p / k->columns % ROWS, column = p % k->columns;
  const struct nn_tap *tap = k->taps + t;
  return row >= tap->top && row < tap->bottom && column >= tap->left
         && column < tap->right;
}

/* What tap t reads from pixel p. */
static float
x_at (const struct kernel_case *k, size_t p, size_t t, size_t i)
{
  const struct nn_walk *w = &k->walk;
  const float *x = w->x + p / k->columns / ROWS * w->x_image
                   + p / k->columns % ROWS * w->x_row + p % k->columns * w->x_step;
  return x[k->taps[t].at + (ptrdiff_t)i];
}

static size_t
y_at (const struct kernel_case *k, size_t p, size_t o)
{
  return p / k->columns / ROWS * k->walk.y_image + p / k->columns % ROWS * k->walk.y_row
         + p % k->columns * k->walk.y_step + o;
}

static void
check_gather (size_t columns, size_t inner, size_t outer, bool add)
{
  struct kernel_case k;
  open_case (&k, columns, inner, outer);
  memcpy (k.want, k.y, SPACE * sizeof *k.want);
  for (size_t p = 0; p < pixels_of (&k); p++)
    for (size_t o = 0; o < outer; o++) {
      float sum = add ? k.want[y_at (&k, p, o)] : 0;
      for (size_t e = 0; e < TAPS * inner; e++)
        if (meets (&k, p, e / inner))
          sum = fmaf (x_at (&k, p, e / inner, e % inner), k.w[e * outer + o], sum);
      k.want[y_at (&k, p, o)] = sum;
    }
  nn_gather (&k.walk, inner, outer, k.w, add);
  CU_ASSERT_EQUAL (memcmp (k.want, k.y, SPACE * sizeof *k.want), 0);
  close_case (&k);
}

static void
check_slopes (size_t columns, size_t inner, size_t outer)
{
  struct kernel_case k;
  open_case (&k, columns, inner, outer);
  memcpy (k.want, k.w, SPACE * sizeof *k.want);
  for (size_t e = 0; e < TAPS * inner; e++)
    for (size_t o = 0; o < outer; o++)
      for (size_t p = 0; p < pixels_of (&k); p++)
        if (meets (&k, p, e / inner))
          k.want[e * outer + o] = fmaf (x_at (&k, p, e / inner, e % inner),
                                        k.y[y_at (&k, p, o)], k.want[e * outer + o]);
  nn_gather_slopes (&k.walk, inner, outer, k.w);
  CU_ASSERT_EQUAL (memcmp (k.want, k.w, SPACE * sizeof *k.want), 0);
  close_case (&k);
}

/* Every rest of a tile. */
static void
test_gather (void)
{
  for (size_t columns = 1; columns <= 17; columns++)
    for (size_t outer = 1; outer <= 33; outer += columns % 3 + 1)
      check_gather (columns, columns % 5 + 1, outer, outer % 2);
}

static void
test_slopes (void)
{
  for (size_t inner = 1; inner <= 17; inner++)
    for (size_t outer = 1; outer <= 33; outer += inner % 3 + 1)
      check_slopes (inner % 4 + 1, inner, outer);
}

/* So many and so large images that the slopes take them a few at a time. */
static void
test_many (void)
{
  enum { PIXELS = 40 * 40, MANY = 9, CHANNELS = 8 };
  float *x = gradient_random ((size_t)MANY * PIXELS * CHANNELS, 1);
  float *y = gradient_random ((size_t)MANY * PIXELS * CHANNELS, 2);
  float dw[CHANNELS * CHANNELS] = { 0 }, want[CHANNELS * CHANNELS] = { 0 };
  struct nn_tap tap = { .bottom = 1, .right = PIXELS };
  struct nn_walk walk = { .images = MANY,
                          .rows = 1,
                          .columns = PIXELS,
                          .x = x,
                          .x_image = PIXELS * CHANNELS,
                          .x_step = CHANNELS,
                          .y = y,
                          .y_image = PIXELS * CHANNELS,
                          .y_step = CHANNELS,
                          .taps = 1,
                          .tap = &tap };
  nn_gather_slopes (&walk, CHANNELS, CHANNELS, dw);
  for (size_t p = 0; p < (size_t)MANY * PIXELS; p++)
    for (size_t e = 0; e < CHANNELS * CHANNELS; e++)
      want[e] =
          fmaf (x[p * CHANNELS + e / CHANNELS], y[p * CHANNELS + e % CHANNELS], want[e]);
  CU_ASSERT_EQUAL (memcmp (want, dw, sizeof want), 0);
  free (x);
  free (y);
}

static void
test_depthwise (void)
{
  for (size_t channels = 1; channels <= 20; channels++) {
    struct kernel_case k;
    bool add = channels % 2;
    open_case (&k, 5, channels, channels);
    memcpy (k.want, k.y, SPACE * sizeof *k.want);
    for (size_t p = 0; p < pixels_of (&k); p++)
      for (size_t c = 0; c < channels; c++) {
        float sum = add ? k.want[y_at (&k, p, c)] : 0;
        for (size_t t = 0; t < TAPS; t++)
          if (meets (&k, p, t))
            sum = fmaf (x_at (&k, p, t, c), k.w[t * channels + c], sum);
        k.want[y_at (&k, p, c)] = sum;
      }
    nn_depthwise (&k.walk, channels, k.w, add);
    CU_ASSERT_EQUAL (memcmp (k.want, k.y, SPACE * sizeof *k.want), 0);
    close_case (&k);
  }
}

static void
test_depthwise_slopes (void)
{
  for (size_t channels = 1; channels <= 20; channels++) {
    struct kernel_case k;
    open_case (&k, 5, channels, channels);
    memcpy (k.want, k.w, SPACE * sizeof *k.want);
    for (size_t t = 0; t < TAPS; t++)
      for (size_t p = 0; p < pixels_of (&k); p++)
        for (size_t c = 0; c < channels; c++)
          if (meets (&k, p, t))
            k.want[t * channels + c] =
                fmaf (x_at (&k, p, t, c), k.y[y_at (&k, p, c)], k.want[t * channels + c]);
    nn_depthwise_slopes (&k.walk, channels, k.w);
    CU_ASSERT_EQUAL (memcmp (k.want, k.w, SPACE * sizeof *k.want), 0);
    close_case (&k);
  }
}

int
main (void)
{
  static const struct tap_test tests[] = { { "gather", test_gather },
                                           { "its slopes", test_slopes },
                                           { "its slopes over many images", test_many },
                                           { "depthwise", test_depthwise },
                                           { "its slopes too", test_depthwise_slopes },
                                           { 0 } };
  return tap_run ("kernels", tests);
}
