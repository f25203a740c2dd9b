/* The inner loops of convolutions: see kernels.h.
 *
 * A tile of neighbouring pixels by neighbouring outputs stays in registers while the
 * window is summed. Vectors hold eight outputs; sixteen gain a tenth on processors that
 * have them, but networks here often have just eight channels. */
#include "sims/nn/kernels.h"

#include <math.h>
#include <string.h>

enum { LANES = 8, PIXELS = 8, INNER = 8 };
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

/* `pixels` x `vectors` of the result; both are constants where this is inlined. */
INLINE void
tile (const struct product *p, const float *x, float *y, int pixels, int vectors)
{
  lanes sum[PIXELS][2], b[2];
  size_t step = p->walk->x_step;
  const float *w = p->w;
#pragma GCC unroll 16
  for (int e = 0; e < pixels * vectors; e++)
    sum[e / vectors][e % vectors] =
        p->add ? load (y + e / vectors * p->walk->y_step + e % vectors * LANES)
               : (lanes){ 0 };
  for (size_t t = 0; t < p->walk->taps; t++) {
    const float *at = x + p->walk->tap[t];
    for (size_t i = 0; i < p->inner; i++, w += p->outer) {
#pragma GCC unroll 2
      for (int v = 0; v < vectors; v++)
        b[v] = load (w + v * LANES);
#pragma GCC unroll 8
      for (int q = 0; q < pixels; q++)
#pragma GCC unroll 2
        for (int v = 0; v < vectors; v++)
          sum[q][v] = fused (sum[q][v], at[q * step + i], b[v]);
    }
  }
#pragma GCC unroll 16
  for (int e = 0; e < pixels * vectors; e++)
    store (y + e / vectors * p->walk->y_step + e % vectors * LANES,
           sum[e / vectors][e % vectors]);
}

/* A row in tiles of about equal size: what is left of a row is never a single pixel. */
INLINE void
row_of_tiles (const struct product *p, const float *x, float *y, int vectors)
{
  size_t left = p->walk->columns, tiles = (left + PIXELS - 1) / PIXELS;
  for (; tiles > 0; tiles--) {
    size_t now = (left + tiles - 1) / tiles;
    switch (now) {
#define CASE(n)                                                                          \
  case n:                                                                                \
    tile (p, x, y, n, vectors);                                                          \
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
    x += now * p->walk->x_step;
    y += now * p->walk->y_step;
    left -= now;
  }
}

/* The outputs from `o` on that do not fill a vector. */
static void
gather_edge (const struct product *p, const float *x, float *y, size_t o)
{
  for (size_t q = 0; q < p->walk->columns; q++)
    for (size_t j = o; j < p->outer; j++) {
      float *to = y + q * p->walk->y_step + j, sum = p->add ? *to : 0;
      const float *w = p->w + j;
      for (size_t t = 0; t < p->walk->taps; t++)
        for (size_t i = 0; i < p->inner; i++, w += p->outer)
          sum = fmaf (x[q * p->walk->x_step + i + p->walk->tap[t]], *w, sum);
      *to = sum;
    }
}

INLINE void
gather (const struct product *p)
{
  for (size_t r = 0; r < p->walk->rows; r++) {
    const float *x = p->walk->x + r * p->walk->x_row;
    float *y = p->walk->y + r * p->walk->y_row;
    struct product part = *p;
    size_t o = 0;
    for (; o + 2 * LANES <= p->outer; o += 2 * LANES, part.w += 2 * LANES)
      row_of_tiles (&part, x, y + o, 2);
    for (; o + LANES <= p->outer; o += LANES, part.w += LANES)
      row_of_tiles (&part, x, y + o, 1);
    if (o < p->outer)
      gather_edge (p, x, y, o);
  }
}

/* ---- dw = x y ---- */

/* `n` x `vectors` of the weights of one tap, over all pixels. */
INLINE void
slopes_tile (const struct product *p, const float *x, const float *y, float *dw, int n,
             int vectors)
{
  lanes sum[INNER][2], b[2];
#pragma GCC unroll 16
  for (int e = 0; e < n * vectors; e++)
    sum[e / vectors][e % vectors] =
        load (dw + e / vectors * p->outer + e % vectors * LANES);
  for (size_t r = 0; r < p->walk->rows; r++) {
    const float *at = x + r * p->walk->x_row, *slopes = y + r * p->walk->y_row;
    for (size_t q = 0; q < p->walk->columns; q++) {
#pragma GCC unroll 2
      for (int v = 0; v < vectors; v++)
        b[v] = load (slopes + v * LANES);
#pragma GCC unroll 8
      for (int i = 0; i < n; i++)
#pragma GCC unroll 2
        for (int v = 0; v < vectors; v++)
          sum[i][v] = fused (sum[i][v], at[i], b[v]);
      at += p->walk->x_step;
      slopes += p->walk->y_step;
    }
  }
#pragma GCC unroll 16
  for (int e = 0; e < n * vectors; e++)
    store (dw + e / vectors * p->outer + e % vectors * LANES,
           sum[e / vectors][e % vectors]);
}

static void
slopes_edge (const struct product *p, const float *x, float *dw, size_t n, size_t o)
{
  for (size_t i = 0; i < n; i++)
    for (size_t j = o; j < p->outer; j++) {
      float sum = dw[i * p->outer + j];
      for (size_t r = 0; r < p->walk->rows; r++)
        for (size_t q = 0; q < p->walk->columns; q++)
          sum = fmaf (x[r * p->walk->x_row + q * p->walk->x_step + i],
                      p->walk->y[r * p->walk->y_row + q * p->walk->y_step + j], sum);
      dw[i * p->outer + j] = sum;
    }
}

/* All outputs of `n` inputs of one tap. */
INLINE void
slopes_block (const struct product *p, const float *x, float *dw, int n)
{
  size_t o = 0;
  for (; o + 2 * LANES <= p->outer; o += 2 * LANES)
    slopes_tile (p, x, p->walk->y + o, dw + o, n, 2);
  for (; o + LANES <= p->outer; o += LANES)
    slopes_tile (p, x, p->walk->y + o, dw + o, n, 1);
  if (o < p->outer)
    slopes_edge (p, x, dw, (size_t)n, o);
}

INLINE void
gather_slopes (const struct product *p)
{
  for (size_t t = 0; t < p->walk->taps; t++) {
    const float *x = p->walk->x + p->walk->tap[t];
    float *dw = p->dw + t * p->inner * p->outer;
    size_t i = 0;
    for (; i + INNER <= p->inner; i += INNER)
      slopes_block (p, x + i, dw + i * p->outer, INNER);
    for (; i < p->inner; i++)
      slopes_block (p, x + i, dw + i * p->outer, 1);
  }
}

/* ---- depthwise ---- */

INLINE void
depthwise (const struct product *p)
{
  const struct nn_walk *walk = p->walk;
  size_t channels = p->outer, c;
  for (size_t r = 0; r < walk->rows; r++)
    for (size_t q = 0; q < walk->columns; q++) {
      const float *x = walk->x + r * walk->x_row + q * walk->x_step;
      float *y = walk->y + r * walk->y_row + q * walk->y_step;
      for (c = 0; c + LANES <= channels; c += LANES) {
        lanes sum = p->add ? load (y + c) : (lanes){ 0 };
        for (size_t t = 0; t < walk->taps; t++)
          sum = fused_each (sum, load (x + walk->tap[t] + c),
                            load (p->w + t * channels + c));
        store (y + c, sum);
      }
      for (; c < channels; c++) {
        float sum = p->add ? y[c] : 0;
        for (size_t t = 0; t < walk->taps; t++)
          sum = fmaf (x[walk->tap[t] + (ptrdiff_t)c], p->w[t * channels + c], sum);
        y[c] = sum;
      }
    }
}

/* The slopes of one tap in one vector, or in one channel, of weights. */
INLINE void
depthwise_slopes (const struct product *p)
{
  const struct nn_walk *walk = p->walk;
  for (size_t t = 0; t < walk->taps; t++)
    for (size_t r = 0; r < walk->rows; r++)
      for (size_t q = 0; q < walk->columns; q++) {
        const float *x = walk->x + r * walk->x_row + q * walk->x_step + walk->tap[t];
        const float *y = walk->y + r * walk->y_row + q * walk->y_step;
        float *dw = p->dw + t * p->outer;
        size_t c = 0;
        for (; c + LANES <= p->outer; c += LANES)
          store (dw + c, fused_each (load (dw + c), load (x + c), load (y + c)));
        for (; c < p->outer; c++)
          dw[c] = fmaf (x[c], y[c], dw[c]);
      }
}

/* ---- the same code for processors that fuse ---- */

#if defined(__x86_64__) && defined(__GNUC__)
#define HAS2() (__builtin_cpu_supports ("avx2") && __builtin_cpu_supports ("fma"))
#define HAS3() (HAS2 () && __builtin_cpu_supports ("avx512vl"))

#define FORMS(name)                                                                      \
  static void name##_plain (const struct product *p)                                     \
  {                                                                                      \
    name (p);                                                                            \
  }                                                                                      \
  __attribute__ ((target ("avx2,fma"))) static void name##_wide2 (                       \
      const struct product *p)                                                           \
  {                                                                                      \
    name (p);                                                                            \
  }                                                                                      \
  __attribute__ ((target ("avx2,fma,avx512f,avx512vl"))) static void name##_wide3 (      \
      const struct product *p)                                                           \
  {                                                                                      \
    name (p);                                                                            \
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
    name (p);                                                                            \
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

void
nn_gather_slopes (const struct nn_walk *walk, size_t inner, size_t outer, float *dw)
{
  gather_slopes_best (
      &(struct product){ .walk = walk, .inner = inner, .outer = outer, .dw = dw });
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
