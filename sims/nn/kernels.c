/* The inner loops of convolutions: see kernels.h.
 *
 * A tile of neighbouring pixels by neighbouring outputs stays in registers while the
 * window is summed: of a row of one image or, where registers are many, of two. Rows here
 * are short, and sums that wait for one another need company. Vectors hold eight outputs;
 * sixteen gain a tenth on processors that have them, but networks here often have just
 * eight channels. */
#include "sims/nn/kernels.h"

#include <math.h>
#include <string.h>

enum { LANES = 8, PIXELS = 8, INNER = 8, NEAR = 1 << 13 };
typedef float lanes __attribute__ ((vector_size (LANES * sizeof (float))));

#define INLINE static inline __attribute__ ((always_inline))

INLINE lanes
load (const float *from)
{
  lanes v;
  memcpy (&v, from, sizeof v);
  return v;
}

INLINE void
store (float *to, lanes v)
{
  memcpy (to, &v, sizeof v);
}

/* sum + a b in one rounding. Said number by number: the compiler makes one instruction of
 * the eight where there is one, and without optimisation, or on processors without it,
 * the bits are the same. */
INLINE lanes
fused (lanes sum, float a, lanes b)
{
  return (lanes){ fmaf (a, b[0], sum[0]), fmaf (a, b[1], sum[1]), fmaf (a, b[2], sum[2]),
                  fmaf (a, b[3], sum[3]), fmaf (a, b[4], sum[4]), fmaf (a, b[5], sum[5]),
                  fmaf (a, b[6], sum[6]), fmaf (a, b[7], sum[7]) };
}

INLINE lanes
fused_each (lanes sum, lanes a, lanes b)
{
  return (lanes){ fmaf (a[0], b[0], sum[0]), fmaf (a[1], b[1], sum[1]),
                  fmaf (a[2], b[2], sum[2]), fmaf (a[3], b[3], sum[3]),
                  fmaf (a[4], b[4], sum[4]), fmaf (a[5], b[5], sum[5]),
                  fmaf (a[6], b[6], sum[6]), fmaf (a[7], b[7], sum[7]) };
}

struct product {
  const struct nn_walk *walk;
  size_t inner, outer;
  const float *w; /* of the first output at work */
  float *dw;
  bool add;
};

/* ---- y = x w ---- */

/* The pixels at work: of row `row`, from column `column` on, and in each image what is
 * read and written at the first of them. */
struct place {
  size_t row, column;
  const float *x;
  float *y;
};

typedef lanes sums[2 * PIXELS][2];

/* All of a tap's inputs for the tile's pixels `first` to `last` - 1. The places of four
 * pixels have one base, so that registers suffice for those of all. */
INLINE void
add_tap (const struct product *p, const float *x, const float *w, int images, int pixels,
         int vectors, int first, int last, sums sum)
{
  const float *base[2][PIXELS / 4];
  size_t step = p->walk->x_step, three = 3 * step;
#pragma GCC unroll 4
  for (int e = 0; e < images * PIXELS / 4; e++)
    base[e % images][e / images] =
        x + e % images * p->walk->x_image + e / images * 4 * step;
  for (size_t i = 0; i < p->inner; i++, w += p->outer) {
    lanes b[2];
#pragma GCC unroll 2
    for (int v = 0; v < vectors; v++)
      b[v] = load (w + v * LANES);
#pragma GCC unroll 2
    for (int m = 0; m < images; m++)
#pragma GCC unroll 8
      for (int q = first; q < last; q++) {
        float a = base[m][q / 4][q % 4 == 3 ? three : q % 4 * step];
#pragma GCC unroll 2
        for (int v = 0; v < vectors; v++)
          sum[m * pixels + q][v] = fused (sum[m * pixels + q][v], a, b[v]);
      }
#pragma GCC unroll 4
    for (int e = 0; e < images * PIXELS / 4; e++)
      base[e % images][e / images]++;
  }
}

/* The same of a tap that meets whichever of the pixels: wide windows at an edge. */
INLINE void
add_some (const struct product *p, const float *x, const float *w, int images, int pixels,
          int vectors, size_t first, size_t last, sums sum)
{
  for (size_t i = 0; i < p->inner; i++, w += p->outer)
#pragma GCC unroll 16
    for (int e = 0; e < images * pixels; e++)
      if ((size_t)(e % pixels) >= first && (size_t)(e % pixels) < last) {
        float a = x[(e / pixels) * p->walk->x_image + (e % pixels) * p->walk->x_step + i];
#pragma GCC unroll 2
        for (int v = 0; v < vectors; v++)
          sum[e][v] = fused (sum[e][v], a, load (w + v * LANES));
      }
}

/* `images` x `pixels` x `vectors` of the result; all are constants where this is inlined.
 * Most taps meet all pixels, or all but the first or the last. */
INLINE void
tile (const struct product *p, const struct place *at, int images, int pixels,
      int vectors)
{
  const struct nn_walk *walk = p->walk;
  const float *w = p->w;
  sums sum;
#pragma GCC unroll 32
  for (int e = 0; e < images * pixels * vectors; e++)
    sum[e / vectors][e % vectors] =
        p->add ? load (at->y + e / vectors / pixels * walk->y_image
                       + e / vectors % pixels * walk->y_step + e % vectors * LANES)
               : (lanes){ 0 };
  for (size_t t = 0; t < walk->taps; t++, w += p->inner * p->outer) {
    const struct nn_tap *tap = walk->tap + t;
    const float *x = at->x + tap->at;
    size_t first = tap->left > at->column ? tap->left - at->column : 0;
    size_t last = tap->right > at->column ? tap->right - at->column : 0;
    if (at->row < tap->top || at->row >= tap->bottom)
      continue;
    if (first == 0 && last >= (size_t)pixels)
      add_tap (p, x, w, images, pixels, vectors, 0, pixels, sum);
    else if (first == 1 && last >= (size_t)pixels)
      add_tap (p, x, w, images, pixels, vectors, 1, pixels, sum);
    else if (first == 0 && last == (size_t)pixels - 1)
      add_tap (p, x, w, images, pixels, vectors, 0, pixels - 1, sum);
    else
      add_some (p, x, w, images, pixels, vectors, first, last, sum);
  }
#pragma GCC unroll 32
  for (int e = 0; e < images * pixels * vectors; e++)
    store (at->y + e / vectors / pixels * walk->y_image
               + e / vectors % pixels * walk->y_step + e % vectors * LANES,
           sum[e / vectors][e % vectors]);
}

/* A row in tiles of about equal size: what is left of a row is never a single pixel. */
INLINE void
row_of_tiles (const struct product *p, struct place at, int images, int vectors)
{
  size_t left = p->walk->columns, tiles = (left + PIXELS - 1) / PIXELS;
  for (; tiles > 0; tiles--) {
    size_t now = (left + tiles - 1) / tiles;
    switch (now) {
#define CASE(n)                                                                          \
  case n:                                                                                \
    tile (p, &at, images, n, vectors);                                                   \
    break;
      CASE (8)
      CASE (7)
      CASE (6)
      CASE (5)
      CASE (4)
      CASE (3)
      CASE (2)
      CASE (1)
#undef CASE
    }
    at.column += now;
    at.x += now * p->walk->x_step;
    at.y += now * p->walk->y_step;
    left -= now;
  }
}

INLINE bool
meets (const struct nn_tap *tap, size_t row, size_t column)
{
  return row >= tap->top && row < tap->bottom && column >= tap->left
         && column < tap->right;
}

/* The outputs of a row from `o` on that do not fill a vector. */
INLINE void
gather_edge (const struct product *p, const struct place *at, size_t o)
{
  const struct nn_walk *walk = p->walk;
  for (size_t q = 0; q < walk->columns; q++)
    for (size_t j = o; j < p->outer; j++) {
      float *to = at->y + q * walk->y_step + j, sum = p->add ? *to : 0;
      for (size_t t = 0; t < walk->taps; t++) {
        const float *x = at->x + q * walk->x_step + walk->tap[t].at;
        const float *w = p->w + t * p->inner * p->outer + j;
        for (size_t i = 0; i < p->inner && meets (walk->tap + t, at->row, q); i++)
          sum = fmaf (x[i], w[i * p->outer], sum);
      }
      *to = sum;
    }
}

/* A row of `images` images. Without registers for a tile nothing is gained by one. */
INLINE void
gather_row (const struct product *p, const struct place *at, int images, bool tiles)
{
  struct product part = *p;
  struct place place = *at;
  size_t o = 0;
  for (; tiles && o + 2 * LANES <= p->outer; o += 2 * LANES, part.w += 2 * LANES) {
    place.y = at->y + o;
    row_of_tiles (&part, place, images, 2);
  }
  for (; tiles && o + LANES <= p->outer; o += LANES, part.w += LANES) {
    place.y = at->y + o;
    row_of_tiles (&part, place, images, 1);
  }
  place.y = at->y;
  for (int m = 0; m < images && o < p->outer; m++) {
    gather_edge (p, &place, o);
    place.x += p->walk->x_image;
    place.y += p->walk->y_image;
  }
}

INLINE void
gather (const struct product *p, int registers)
{
  const struct nn_walk *walk = p->walk;
  size_t images = registers >= 32 ? 2 : 1;
  for (size_t m = 0; m < walk->images; m += images)
    for (size_t r = 0; r < walk->rows; r++) {
      struct place at = { .row = r,
                          .x = walk->x + m * walk->x_image + r * walk->x_row,
                          .y = walk->y + m * walk->y_image + r * walk->y_row };
      if (images == 2 && m + 1 < walk->images)
        gather_row (p, &at, 2, true);
      else
        gather_row (p, &at, 1, registers > 0);
    }
}

/* ---- dw = x y ---- */

/* A tap, and what is read for the first of its inputs and outputs that are at work. */
struct meeting {
  const struct nn_tap *tap;
  const float *x, *y;
  float *dw;
};

/* `n` x `vectors` of the weights of one tap, over all pixels that it meets. */
INLINE void
slopes_tile (const struct product *p, const struct meeting *at, int n, int vectors)
{
  const struct nn_walk *walk = p->walk;
  const struct nn_tap *tap = at->tap;
  lanes sum[INNER][2], b[2];
#pragma GCC unroll 16
  for (int e = 0; e < n * vectors; e++)
    sum[e / vectors][e % vectors] =
        load (at->dw + e / vectors * p->outer + e % vectors * LANES);
  for (size_t m = 0; m < walk->images; m++)
    for (size_t r = tap->top; r < tap->bottom; r++) {
      const float *x =
          at->x + m * walk->x_image + r * walk->x_row + tap->left * walk->x_step;
      const float *y =
          at->y + m * walk->y_image + r * walk->y_row + tap->left * walk->y_step;
      for (size_t q = tap->left; q < tap->right; q++) {
#pragma GCC unroll 2
        for (int v = 0; v < vectors; v++)
          b[v] = load (y + v * LANES);
#pragma GCC unroll 8
        for (int i = 0; i < n; i++)
#pragma GCC unroll 2
          for (int v = 0; v < vectors; v++)
            sum[i][v] = fused (sum[i][v], x[i], b[v]);
        x += walk->x_step;
        y += walk->y_step;
      }
    }
#pragma GCC unroll 16
  for (int e = 0; e < n * vectors; e++)
    store (at->dw + e / vectors * p->outer + e % vectors * LANES,
           sum[e / vectors][e % vectors]);
}

/* One weight, of input i and output o. */
INLINE float
slope_of (const struct product *p, const struct meeting *at, size_t i, size_t o)
{
  const struct nn_walk *walk = p->walk;
  float sum = at->dw[i * p->outer + o];
  for (size_t m = 0; m < walk->images; m++)
    for (size_t r = at->tap->top; r < at->tap->bottom; r++)
      for (size_t q = at->tap->left; q < at->tap->right; q++)
        sum =
            fmaf (at->x[m * walk->x_image + r * walk->x_row + q * walk->x_step + i],
                  at->y[m * walk->y_image + r * walk->y_row + q * walk->y_step + o], sum);
  return sum;
}

/* All outputs of `n` inputs of one tap. */
INLINE void
slopes_block (const struct product *p, const struct meeting *first, int n)
{
  struct meeting at = *first;
  size_t o = 0;
  for (; o + 2 * LANES <= p->outer; o += 2 * LANES) {
    slopes_tile (p, &at, n, 2);
    at.y += 2 * LANES;
    at.dw += 2 * LANES;
  }
  for (; o + LANES <= p->outer; o += LANES) {
    slopes_tile (p, &at, n, 1);
    at.y += LANES;
    at.dw += LANES;
  }
  for (; o < p->outer; o++)
    for (int i = 0; i < n; i++)
      first->dw[(size_t)i * p->outer + o] = slope_of (p, first, (size_t)i, o);
}

INLINE void
gather_slopes (const struct product *p, int registers)
{
  (void)registers;
  for (size_t t = 0; t < p->walk->taps; t++) {
    struct meeting at = { .tap = p->walk->tap + t,
                          .x = p->walk->x + p->walk->tap[t].at,
                          .y = p->walk->y,
                          .dw = p->dw + t * p->inner * p->outer };
    for (size_t i = 0, n; i < p->inner; i += n) {
      n = i + INNER <= p->inner ? INNER : 1;
      if (n == INNER)
        slopes_block (p, &at, INNER);
      else
        slopes_block (p, &at, 1);
      at.x += n;
      at.dw += n * p->outer;
    }
  }
}

/* ---- depthwise ---- */

/* One pixel, through the n taps that meet it. */
INLINE void
depthwise_pixel (const struct product *p, const float *x, float *y, const size_t *met,
                 size_t n)
{
  size_t channels = p->outer, c = 0;
  for (; c + LANES <= channels; c += LANES) {
    lanes sum = p->add ? load (y + c) : (lanes){ 0 };
    for (size_t j = 0; j < n; j++)
      sum = fused_each (sum, load (x + p->walk->tap[met[j]].at + c),
                        load (p->w + met[j] * channels + c));
    store (y + c, sum);
  }
  for (; c < channels; c++) {
    float sum = p->add ? y[c] : 0;
    for (size_t j = 0; j < n; j++)
      sum = fmaf (x[p->walk->tap[met[j]].at + (ptrdiff_t)c], p->w[met[j] * channels + c],
                  sum);
    y[c] = sum;
  }
}

/* Neighbours in an image share what they read, images share which taps meet a pixel. */
INLINE void
depthwise (const struct product *p, int registers)
{
  enum { FEW = 4 };
  const struct nn_walk *walk = p->walk;
  size_t met[NN_MOST_TAPS];
  (void)registers;
  for (size_t m = 0; m < walk->images; m += FEW)
    for (size_t r = 0; r < walk->rows; r++)
      for (size_t q = 0; q < walk->columns; q++) {
        size_t end = m + FEW < walk->images ? m + FEW : walk->images, n = 0;
        for (size_t t = 0; t < walk->taps; t++)
          if (meets (walk->tap + t, r, q))
            met[n++] = t;
        for (size_t i = m; i < end; i++)
          depthwise_pixel (
              p, walk->x + i * walk->x_image + r * walk->x_row + q * walk->x_step,
              walk->y + i * walk->y_image + r * walk->y_row + q * walk->y_step, met, n);
      }
}

/* One tap at one pixel. */
INLINE void
depthwise_slope (const float *x, const float *y, size_t channels, float *dw)
{
  size_t c = 0;
  for (; c + LANES <= channels; c += LANES)
    store (dw + c, fused_each (load (dw + c), load (x + c), load (y + c)));
  for (; c < channels; c++)
    dw[c] = fmaf (x[c], y[c], dw[c]);
}

INLINE void
depthwise_slopes (const struct product *p, int registers)
{
  const struct nn_walk *walk = p->walk;
  (void)registers;
  for (size_t t = 0; t < walk->taps; t++)
    for (size_t m = 0; m < walk->images; m++)
      for (size_t r = walk->tap[t].top; r < walk->tap[t].bottom; r++)
        for (size_t q = walk->tap[t].left; q < walk->tap[t].right; q++)
          depthwise_slope (walk->x + m * walk->x_image + r * walk->x_row
                               + q * walk->x_step + walk->tap[t].at,
                           walk->y + m * walk->y_image + r * walk->y_row
                               + q * walk->y_step,
                           p->outer, p->dw + t * p->outer);
}

/* ---- the same code for processors that fuse, by how many registers they have ---- */

#if defined(__x86_64__) && defined(__GNUC__)
#define HAS2() (__builtin_cpu_supports ("avx2") && __builtin_cpu_supports ("fma"))
#define HAS3() (HAS2 () && __builtin_cpu_supports ("avx512vl"))

#define FORMS(name)                                                                      \
  static void name##_plain (const struct product *p)                                     \
  {                                                                                      \
    name (p, 0);                                                                         \
  }                                                                                      \
  __attribute__ ((target ("avx2,fma"))) static void name##_wide2 (                       \
      const struct product *p)                                                           \
  {                                                                                      \
    name (p, 16);                                                                        \
  }                                                                                      \
  __attribute__ ((target ("avx2,fma,avx512f,avx512vl"))) static void name##_wide3 (      \
      const struct product *p)                                                           \
  {                                                                                      \
    name (p, 32);                                                                        \
  }                                                                                      \
  static void name##_best (const struct product *p)                                      \
  {                                                                                      \
    if (HAS3 ())                                                                         \
      name##_wide3 (p);                                                                  \
    else if (HAS2 ())                                                                    \
      name##_wide2 (p);                                                                  \
    else                                                                                 \
      name##_plain (p);                                                                  \
  }
#else
#define FORMS(name)                                                                      \
  static void name##_best (const struct product *p)                                      \
  {                                                                                      \
    name (p, 32);                                                                        \
  }
#endif

FORMS (gather)
FORMS (gather_slopes)
FORMS (depthwise)
FORMS (depthwise_slopes)

void
nn_gather (const struct nn_walk *walk, size_t inner, size_t outer, const float *w,
           bool add)
{
  gather_best (&(struct product){
      .walk = walk, .inner = inner, .outer = outer, .w = w, .add = add });
}

/* Tap after tap, input after input all images are read again: only as many at once as are
 * still near then. */
void
nn_gather_slopes (const struct nn_walk *walk, size_t inner, size_t outer, float *dw)
{
  struct nn_walk part = *walk;
  size_t few = NEAR / (walk->x_image + walk->y_image + 1) + 1;
  for (size_t left = walk->images; left > 0; left -= part.images) {
    part.images = left < few ? left : few;
    gather_slopes_best (
        &(struct product){ .walk = &part, .inner = inner, .outer = outer, .dw = dw });
    part.x += part.images * walk->x_image;
    part.y += part.images * walk->y_image;
  }
}

void
nn_depthwise (const struct nn_walk *walk, size_t channels, const float *w, bool add)
{
  depthwise_best (
      &(struct product){ .walk = walk, .outer = channels, .w = w, .add = add });
}

void
nn_depthwise_slopes (const struct nn_walk *walk, size_t channels, float *dw)
{
  depthwise_slopes_best (&(struct product){ .walk = walk, .outer = channels, .dw = dw });
}
