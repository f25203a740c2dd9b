/* Pools. An average over windows is a depthwise convolution with ones, divided by how
 * many pixels of the image the window holds. */
#include "sims/nn/window.h"

#include <string.h>

/* ---- averages over windows ---- */

/* The window, and the scratch cut into parts. */
struct average {
  struct nn_window window;
  float *ones, *shares;
};

static bool
average_plan (struct nn_node *node)
{
  struct nn_window w;
  if (!nn_window_of (&node->layer, node->in, node->in.channels, &w))
    return false;
  node->out = w.out;
  node->scratch = w.kernel * w.kernel * node->in.channels
                  + (size_t)node->out.height * node->out.width;
  return true;
}

/* Positions of a window at `at` that lie inside a line of pixels. */
static size_t
inside (const struct nn_window *w, size_t at, size_t length)
{
  size_t first = at * w->stride, last = first + w->kernel;
  size_t low = first > w->before ? first : w->before;
  size_t high = last < w->before + length ? last : w->before + length;
  return high > low ? high - low : 1;
}

/* Ones and shares are made anew in every pass: they are small, and a tape need not keep
 * them. */
static struct average
average_at_work (const struct nn_node *node, const struct nn_pass *pass)
{
  struct average a = { .ones = pass->scratch };
  struct nn_window *w = &a.window;
  nn_window_of (&node->layer, node->in, node->in.channels, w);
  a.shares = a.ones + w->kernel * w->kernel * node->in.channels;
  for (float *one = a.ones; one < a.shares; one++)
    *one = 1;
  for (size_t y = 0; y < w->out.height; y++)
    for (size_t x = 0; x < w->out.width; x++)
      a.shares[y * w->out.width + x] =
          1 / (float)(inside (w, y, w->in.height) * inside (w, x, w->in.width));
  return a;
}

static void
scale_pixels (float *at, const float *shares, size_t pixels, size_t channels)
{
  for (size_t p = 0; p < pixels; p++)
    for (size_t c = 0; c < channels; c++)
      at[p * channels + c] *= shares[p];
}

static void
average_forward (const struct nn_node *node, const struct nn_pass *pass)
{
  struct average a = average_at_work (node, pass);
  struct nn_tap taps[NN_MOST_TAPS];
  size_t c = node->in.channels;
  struct nn_walk walk = nn_window_walk (&a.window, pass->batch, pass->x, pass->y, taps);
  nn_depthwise (&walk, c, a.ones, false);
  for (uint32_t b = 0; b < pass->batch; b++)
    scale_pixels (pass->y + b * node->n_out, a.shares, node->n_out / c, c);
}

/* Slopes are divided first: then what comes back through the window is a plain sum. */
static void
average_backward (const struct nn_node *node, const struct nn_pass *pass)
{
  if (!pass->dx)
    return;
  struct average a = average_at_work (node, pass);
  struct nn_tap taps[NN_MOST_TAPS];
  size_t positions[NN_MOST_TAPS], c = node->in.channels;
  for (uint32_t b = 0; b < pass->batch; b++)
    scale_pixels (pass->dy + b * node->n_out, a.shares, node->n_out / c, c);
  for (size_t class = 0; class < a.window.stride * a.window.stride; class ++) {
    struct nn_walk walk = nn_window_back (&a.window, class, pass->batch, pass->dy,
                                          pass->dx, taps, positions);
    nn_depthwise (&walk, c, a.ones, pass->add);
  }
}

const struct nn_op nn_average = { .plan = average_plan,
                                  .forward = average_forward,
                                  .backward = average_backward };

/* ---- maxima over windows ---- */

/* Pools keep the channels apart: as many come out as went in. */
static bool
maximum_plan (struct nn_node *node)
{
  struct nn_window w;
  if (!nn_window_of (&node->layer, node->in, node->in.channels, &w))
    return false;
  node->out = w.out;
  return true;
}

/* Calls for every number of a result with the place of the first largest one. */
static void
for_each_maximum (const struct nn_node *node, const float *x,
                  void (*found) (void *data, size_t result, size_t pixel), void *data)
{
  struct nn_window w;
  nn_window_of (&node->layer, node->in, node->in.channels, &w);
  size_t channels = node->in.channels;
  for (size_t i = 0; i < node->n_out; i++) {
    size_t p = i / channels, best = SIZE_MAX;
    for (size_t t = 0; t < w.kernel * w.kernel; t++) {
      size_t row = p / w.out.width * w.stride + t / w.kernel - w.before;
      size_t column = p % w.out.width * w.stride + t % w.kernel - w.before;
      size_t at = (row * w.in.width + column) * channels + i % channels;
      if (row < w.in.height && column < w.in.width
          && (best == SIZE_MAX || x[at] > x[best]))
        best = at;
    }
    found (data, i, best);
  }
}

struct images {
  const float *x;
  float *dx, *y;
};

static void
take (void *data, size_t result, size_t pixel)
{
  struct images *images = data;
  images->y[result] = images->x[pixel];
}

static void
give (void *data, size_t result, size_t pixel)
{
  struct images *images = data;
  images->dx[pixel] += images->y[result];
}

static void
maximum_forward (const struct nn_node *node, const struct nn_pass *pass)
{
  for (uint32_t b = 0; b < pass->batch; b++) {
    struct images images = { .x = pass->x + b * node->n_in,
                             .y = pass->y + b * node->n_out };
    for_each_maximum (node, images.x, take, &images);
  }
}

static void
maximum_backward (const struct nn_node *node, const struct nn_pass *pass)
{
  for (uint32_t b = 0; pass->dx && b < pass->batch; b++) {
    struct images images = { .x = pass->x + b * node->n_in,
                             .dx = pass->dx + b * node->n_in,
                             .y = pass->dy + b * node->n_out };
    if (!pass->add)
      memset (images.dx, 0, node->n_in * sizeof *images.dx);
    for_each_maximum (node, images.x, give, &images);
  }
}

const struct nn_op nn_maximum = { .plan = maximum_plan,
                                  .forward = maximum_forward,
                                  .backward = maximum_backward };

/* ---- average over the image ---- */

static bool
global_plan (struct nn_node *node)
{
  node->out = (struct nn_shape){ .channels = node->in.channels, .height = 1, .width = 1 };
  return true;
}

/* Pixel by pixel, all channels at once: numbers are read in the order they lie in. */
static void
global_forward (const struct nn_node *node, const struct nn_pass *pass)
{
  size_t channels = node->in.channels;
  float share = (float)channels / (float)node->n_in;
  for (uint32_t b = 0; b < pass->batch; b++) {
    const float *x = pass->x + b * node->n_in;
    float *y = pass->y + b * channels;
    memset (y, 0, channels * sizeof *y);
    for (size_t i = 0; i < node->n_in; i += channels)
      for (size_t c = 0; c < channels; c++)
        y[c] += x[i + c];
    for (size_t c = 0; c < channels; c++)
      y[c] *= share;
  }
}

static void
global_backward (const struct nn_node *node, const struct nn_pass *pass)
{
  size_t channels = node->in.channels;
  float share = (float)channels / (float)node->n_in;
  for (uint32_t b = 0; pass->dx && b < pass->batch; b++) {
    const float *dy = pass->dy + b * channels;
    float *dx = pass->dx + b * node->n_in;
    for (size_t i = 0; i < node->n_in; i += channels)
      for (size_t c = 0; c < channels; c++)
        dx[i + c] = (pass->add ? dx[i + c] : 0) + dy[c] * share;
  }
}

const struct nn_op nn_global = { .plan = global_plan,
                                 .forward = global_forward,
                                 .backward = global_backward };
