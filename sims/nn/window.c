/* Windows that slide over images: see window.h. */
#include "sims/nn/window.h"

bool
nn_window_of (const struct nn_layer *layer, struct nn_shape in, uint32_t channels,
              struct nn_window *window)
{
  size_t kernel = layer->kernel ? layer->kernel : 1;
  size_t stride = layer->stride ? layer->stride : 1;
  if (kernel > NN_MOST_KERNEL || stride > NN_MOST_KERNEL)
    return false;
  *window = (struct nn_window){
    .in = in,
    .out = { .channels = channels,
             .height = (uint32_t)((in.height + stride - 1) / stride),
             .width = (uint32_t)((in.width + stride - 1) / stride) },
    .kernel = kernel,
    .stride = stride,
    .before = (kernel - 1) / 2,
  };
  return true;
}

/* A window of one pixel knows no rows: all pixels are one, or those of an image. */
static void
join (struct nn_walk *walk, struct nn_tap *taps)
{
  bool whole = walk->taps == 1 && taps->top == 0 && taps->bottom == walk->rows
               && taps->left == 0 && taps->right == walk->columns;
  if (!whole || walk->x_row != walk->columns * walk->x_step
      || walk->y_row != walk->columns * walk->y_step)
    return;
  walk->columns *= walk->rows;
  walk->rows = taps->bottom = 1;
  if (walk->x_image == walk->columns * walk->x_step
      && walk->y_image == walk->columns * walk->y_step) {
    walk->columns *= walk->images;
    walk->images = 1;
  }
  taps->right = walk->columns;
}

/* ---- from images to results ---- */

/* The results, of `count` in a line, whose position `at` lies on one of `length` pixels:
 * those from *first to *end - 1. */
static void
reach (const struct nn_window *w, size_t at, size_t length, size_t count, size_t *first,
       size_t *end)
{
  size_t s = w->stride, past = length + w->before;
  *first = at >= w->before ? 0 : (w->before - at + s - 1) / s;
  *end = past > at ? (past - at + s - 1) / s : 0;
  *end = *end < count ? *end : count;
  *first = *first < *end ? *first : *end;
}

struct nn_walk
nn_window_walk (const struct nn_window *w, size_t images, const float *x, float *y,
                struct nn_tap *taps)
{
  size_t c = w->in.channels, row = w->in.width * c;
  struct nn_walk walk = { .images = images,
                          .rows = w->out.height,
                          .columns = w->out.width,
                          .x = x,
                          .x_image = w->in.height * row,
                          .x_row = w->stride * row,
                          .x_step = w->stride * c,
                          .y = y,
                          .y_image =
                              (size_t)w->out.height * w->out.width * w->out.channels,
                          .y_row = (size_t)w->out.width * w->out.channels,
                          .y_step = w->out.channels,
                          .taps = w->kernel * w->kernel,
                          .tap = taps };
  for (size_t t = 0; t < walk.taps; t++) {
    size_t i = t / w->kernel, j = t % w->kernel;
    taps[t].at = ((ptrdiff_t)i - (ptrdiff_t)w->before) * (ptrdiff_t)row
                 + ((ptrdiff_t)j - (ptrdiff_t)w->before) * (ptrdiff_t)c;
    reach (w, i, w->in.height, walk.rows, &taps[t].top, &taps[t].bottom);
    reach (w, j, w->in.width, walk.columns, &taps[t].left, &taps[t].right);
  }
  join (&walk, taps);
  return walk;
}

/* ---- from results back to images ---- */

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

/* The pixels of the line for which result m - j is one of `results`. */
static void
reach_back (const struct line *l, size_t j, size_t results, size_t *first, size_t *end)
{
  *first = j > l->first ? j - l->first : 0;
  *end = results + j > l->first ? results + j - l->first : 0;
  *end = *end < l->count ? *end : l->count;
  *first = *first < *end ? *first : *end;
}

/* Result m - j met the pixel with position rest + stride j: as j grows, taps go back. */
struct nn_walk
nn_window_back (const struct nn_window *w, size_t class, size_t images,
                const float *slopes, float *image_slopes, struct nn_tap *taps,
                size_t *positions)
{
  size_t c = w->in.channels, o = w->out.channels, row = w->out.width * o;
  struct line y = line_of (w, class / w->stride, w->in.height);
  struct line x = line_of (w, class % w->stride, w->in.width);
  struct nn_walk walk = { .images = images,
                          .rows = y.count,
                          .columns = x.count,
                          .x = slopes + y.first * row + x.first * o,
                          .x_image = w->out.height * row,
                          .x_row = row,
                          .x_step = o,
                          .y = image_slopes + (y.start * w->in.width + x.start) * c,
                          .y_image = (size_t)w->in.height * w->in.width * c,
                          .y_row = w->stride * w->in.width * c,
                          .y_step = w->stride * c,
                          .taps = y.taps * x.taps,
                          .tap = taps };
  for (size_t t = 0; t < walk.taps; t++) {
    size_t j = t / x.taps, i = t % x.taps;
    taps[t].at = -(ptrdiff_t)(j * row + i * o);
    reach_back (&y, j, w->out.height, &taps[t].top, &taps[t].bottom);
    reach_back (&x, i, w->out.width, &taps[t].left, &taps[t].right);
    positions[t] = (y.rest + w->stride * j) * w->kernel + x.rest + w->stride * i;
  }
  join (&walk, taps);
  return walk;
}
