/* Windows that slide over images: see window.h. */
#include "sims/nn/window.h"

#include <string.h>

static size_t
larger (size_t a, size_t b)
{
  return a > b ? a : b;
}

/* The zeros below and right are as many as the last window reaches over; slopes get those
 * that the pixels at the edges look for beyond the results. */
bool
nn_window_of (const struct nn_layer *layer, struct nn_shape in, uint32_t channels,
              struct nn_window *window)
{
  size_t kernel = layer->kernel ? layer->kernel : 1;
  size_t stride = layer->stride ? layer->stride : 1;
  if (kernel > NN_MOST_KERNEL || stride > NN_MOST_KERNEL)
    return false;
  struct nn_window w = { .in = in, .kernel = kernel, .stride = stride };
  w.out = (struct nn_shape){ .channels = channels,
                             .height = (uint32_t)((in.height + stride - 1) / stride),
                             .width = (uint32_t)((in.width + stride - 1) / stride) };
  w.before = (kernel - 1) / 2;
  w.height = larger ((w.out.height - 1) * stride + kernel, w.before + in.height);
  w.width = larger ((w.out.width - 1) * stride + kernel, w.before + in.width);
  w.slopes_before = (kernel - 1) / stride;
  w.slopes_height =
      w.slopes_before + larger (w.out.height, (in.height - 1 + w.before) / stride + 1);
  w.slopes_width =
      w.slopes_before + larger (w.out.width, (in.width - 1 + w.before) / stride + 1);
  *window = w;
  return true;
}

size_t
nn_window_padded (const struct nn_window *w)
{
  return w->height * w->width * w->in.channels;
}

size_t
nn_window_padded_slopes (const struct nn_window *w)
{
  return w->slopes_height * w->slopes_width * w->out.channels;
}

/* Max (x, 0) on the way costs nothing: the numbers are in registers. */
static void
copy_row (const float *from, size_t n, bool relu, float *to)
{
  if (!relu)
    memcpy (to, from, n * sizeof *to);
  else
    for (size_t i = 0; i < n; i++)
      to[i] = from[i] > 0 ? from[i] : 0;
}

/* Rows of n numbers into the middle of rows of `width`, zeros around. */
static void
pad (const float *from, size_t rows, size_t n, bool relu, size_t above, size_t left,
     size_t height, size_t width, float *to)
{
  memset (to, 0, above * width * sizeof *to);
  to += above * width;
  for (size_t r = 0; r < rows; r++, from += n, to += width) {
    memset (to, 0, left * sizeof *to);
    copy_row (from, n, relu, to + left);
    memset (to + left + n, 0, (width - left - n) * sizeof *to);
  }
  memset (to, 0, (height - above - rows) * width * sizeof *to);
}

void
nn_window_pad (const struct nn_window *w, const float *image, bool relu, float *padded)
{
  size_t c = w->in.channels;
  pad (image, w->in.height, w->in.width * c, relu, w->before, w->before * c, w->height,
       w->width * c, padded);
}

void
nn_window_pad_slopes (const struct nn_window *w, const float *slopes, float *padded)
{
  size_t c = w->out.channels;
  pad (slopes, w->out.height, w->out.width * c, false, w->slopes_before,
       w->slopes_before * c, w->slopes_height, w->slopes_width * c, padded);
}

/* A window of one pixel knows no rows: all pixels are one. */
static void
join_rows (struct nn_walk *walk)
{
  if (walk->x_row == walk->columns * walk->x_step
      && walk->y_row == walk->columns * walk->y_step) {
    walk->columns *= walk->rows;
    walk->rows = 1;
  }
}

struct nn_walk
nn_window_walk (const struct nn_window *w, const float *padded, float *result,
                ptrdiff_t *taps)
{
  size_t c = w->in.channels;
  struct nn_walk walk = { .rows = w->out.height,
                          .columns = w->out.width,
                          .x = padded,
                          .x_row = w->stride * w->width * c,
                          .x_step = w->stride * c,
                          .y = result,
                          .y_row = (size_t)w->out.width * w->out.channels,
                          .y_step = w->out.channels,
                          .taps = w->kernel * w->kernel,
                          .tap = taps };
  for (size_t t = 0; t < walk.taps; t++)
    taps[t] = (ptrdiff_t)((t / w->kernel * w->width + t % w->kernel) * c);
  join_rows (&walk);
  return walk;
}

/* One direction of a class: pixel stride * m + rest - before, for m from `first` on, is
 * met by positions rest + stride * j, of results m - j. */
struct line {
  size_t rest, first, count, taps, start;
};

static struct line
line_of (const struct nn_window *w, size_t rest, size_t length)
{
  struct line l = { .rest = rest };
  l.first = rest >= w->before ? 0 : (w->before - rest + w->stride - 1) / w->stride;
  l.start = w->stride * l.first + rest - w->before;
  l.count = l.start < length ? (length - l.start + w->stride - 1) / w->stride : 0;
  l.taps = rest < w->kernel ? (w->kernel - rest + w->stride - 1) / w->stride : 0;
  return l;
}

/* Result m - j met the pixel with position rest + stride j: as j grows, taps go back. */
struct nn_walk
nn_window_back (const struct nn_window *w, size_t class, const float *padded_slopes,
                float *image_slopes, ptrdiff_t *taps, size_t *positions)
{
  size_t c = w->in.channels, o = w->out.channels, row = w->slopes_width * o;
  struct line y = line_of (w, class / w->stride, w->in.height);
  struct line x = line_of (w, class % w->stride, w->in.width);
  struct nn_walk walk = { .rows = y.count,
                          .columns = x.count,
                          .x = padded_slopes + (y.first + w->slopes_before) * row
                               + (x.first + w->slopes_before) * o,
                          .x_row = row,
                          .x_step = o,
                          .y = image_slopes + (y.start * w->in.width + x.start) * c,
                          .y_row = w->stride * w->in.width * c,
                          .y_step = w->stride * c,
                          .taps = y.taps * x.taps,
                          .tap = taps };
  for (size_t t = 0; t < walk.taps; t++) {
    size_t j = t / x.taps, i = t % x.taps;
    taps[t] = -(ptrdiff_t)(j * row + i * o);
    positions[t] = (y.rest + w->stride * j) * w->kernel + x.rest + w->stride * i;
  }
  join_rows (&walk);
  return walk;
}
