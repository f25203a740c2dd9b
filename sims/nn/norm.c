/* Batch normalisation (Ioffe and Szegedy 2015): the parameters are a scale a channel,
 * then a shift; the statistics a mean, then a variance.
 *
 * Sums run over the pixels of the batch, a vector of channels at a time, in four parts
 * that take turns: an addition need not wait for the one before, and the order is the
 * same for every width of vectors. The variance is taken around the mean in a second
 * pass, since the difference of two large sums would lose it. */
#include "sims/nn/layer.h"

#include <string.h>

enum { LANES = 8, PARTS = 4, BLOCK = 4096 };
typedef float lanes __attribute__ ((vector_size (LANES * sizeof (float))));

#define INLINE static inline __attribute__ ((always_inline))

static const float epsilon = 1e-5f;

INLINE lanes
load (const float *from, size_t n)
{
  lanes v = { 0 };
  memcpy (&v, from, n * sizeof *from);
  return v;
}

INLINE void
store (float *to, lanes v, size_t n)
{
  memcpy (to, &v, n * sizeof *to);
}

/* n <= LANES neighbouring channels, and the `pixels` rows of a block that are at work.
 * What the vectors mean is said where they are used. */
struct columns {
  size_t channels, n, pixels;
  const float *x, *dy;
  float *to;
  bool add;
  lanes a, b, c; /* a number a channel each */
  lanes first[PARTS], second[PARTS];
};

static lanes
total (const lanes *parts)
{
  return (parts[0] + parts[1]) + (parts[2] + parts[3]);
}

/* One pixel of part i. */
INLINE void
add_moments (const struct columns *k, size_t n, size_t p, size_t i, lanes *first,
             lanes *second)
{
  lanes x = load (k->x + p * k->channels, n) - k->a;
  first[i] += x;
  second[i] += x * x;
}

INLINE void
add_slopes (const struct columns *k, size_t n, size_t p, size_t i, lanes *first,
            lanes *second)
{
  lanes dy = load (k->dy + p * k->channels, n);
  first[i] += dy;
  second[i] += dy * (load (k->x + p * k->channels, n) - k->a);
}

/* Parts stay in registers: as memory, each would wait for its last addition. */
INLINE void
add_up (struct columns *k, size_t n,
        void (*add) (const struct columns *, size_t, size_t, size_t, lanes *, lanes *))
{
  lanes first[PARTS], second[PARTS];
  size_t p = 0;
  memcpy (first, k->first, sizeof first);
  memcpy (second, k->second, sizeof second);
  for (; p + PARTS <= k->pixels; p += PARTS)
#pragma GCC unroll 4
    for (size_t i = 0; i < PARTS; i++)
      add (k, n, p + i, i, first, second);
  memcpy (k->first, first, sizeof first);
  memcpy (k->second, second, sizeof second);
  for (; p < k->pixels; p++)
    add (k, n, p, p % PARTS, k->first, k->second);
}

/* Adds up x - a, and its square. */
INLINE void
moments (struct columns *k, size_t n)
{
  add_up (k, n, add_moments);
}

/* Adds up dy, and dy (x - a). */
INLINE void
slopes (struct columns *k, size_t n)
{
  add_up (k, n, add_slopes);
}

INLINE lanes
line_at (const struct columns *k, size_t n, size_t at)
{
  return k->a * load (k->x + at, n) + k->b;
}

INLINE lanes
plane_at (const struct columns *k, size_t n, size_t at)
{
  return k->a * load (k->dy + at, n) + k->b * load (k->x + at, n) + k->c;
}

/* Of a copy of the columns: what is written could be those, which would be read again at
 * every pixel. */
INLINE void
put (struct columns k, size_t n, bool add,
     lanes (*value) (const struct columns *, size_t, size_t))
{
  for (size_t p = 0, at = 0; p < k.pixels; p++, at += k.channels) {
    lanes v = value (&k, n, at);
    store (k.to + at, add ? load (k.to + at, n) + v : v, n);
  }
}

INLINE void
put_or_add (const struct columns *k, size_t n,
            lanes (*value) (const struct columns *, size_t, size_t))
{
  if (k->add)
    put (*k, n, true, value);
  else
    put (*k, n, false, value);
}

/* to (+)= a x + b. */
INLINE void
line (struct columns *k, size_t n)
{
  put_or_add (k, n, line_at);
}

/* to (+)= a dy + b x + c. */
INLINE void
plane (struct columns *k, size_t n)
{
  put_or_add (k, n, plane_at);
}

/* Whole vectors of channels take the constant, which makes loads of them. */
#define EITHER(name)                                                                     \
  if (k->n == LANES)                                                                     \
    name (k, LANES);                                                                     \
  else                                                                                   \
    name (k, k->n)

#if defined(__x86_64__) && defined(__GNUC__)
#define FORMS(name)                                                                      \
  static void name##_plain (struct columns *k)                                           \
  {                                                                                      \
    EITHER (name);                                                                       \
  }                                                                                      \
  __attribute__ ((target ("avx2"))) static void name##_wide (struct columns *k)          \
  {                                                                                      \
    EITHER (name);                                                                       \
  }                                                                                      \
  static void name##_best (struct columns *k)                                            \
  {                                                                                      \
    if (__builtin_cpu_supports ("avx2"))                                                 \
      name##_wide (k);                                                                   \
    else                                                                                 \
      name##_plain (k);                                                                  \
  }
#else
#define FORMS(name)                                                                      \
  static void name##_best (struct columns *k)                                            \
  {                                                                                      \
    EITHER (name);                                                                       \
  }
#endif

FORMS (moments)
FORMS (slopes)
FORMS (line)
FORMS (plane)

/* Block after block through all columns, which share lines of the cache: blocks are as
 * long as stay near, and whole turns of the parts. */
static void
run (void (*work) (struct columns *), struct columns *all, size_t n, size_t pixels)
{
  size_t block = BLOCK / all->channels / PARTS * PARTS;
  block = block > 0 ? block : PARTS;
  for (size_t first = 0; first < pixels; first += block)
    for (struct columns *k = all; k < all + n; k++) {
      struct columns part = *k;
      size_t skip = first * k->channels;
      part.pixels = pixels - first < block ? pixels - first : block;
      part.x = k->x + skip;
      part.dy = k->dy ? k->dy + skip : NULL;
      part.to = k->to ? k->to + skip : NULL;
      work (&part);
      memcpy (k->first, part.first, sizeof k->first);
      memcpy (k->second, part.second, sizeof k->second);
    }
}

/* ---- the layer ---- */

static bool
norm_plan (struct nn_node *node)
{
  node->out = node->in;
  node->params = node->statistics = node->kept = 2 * (size_t)node->in.channels;
  node->scratch = ((size_t)node->in.channels + LANES - 1) / LANES
                  * (sizeof (struct columns) / sizeof (float));
  return true;
}

static bool
norm_start (const struct nn_node *node, float *params, struct nn_random *random)
{
  (void)random;
  for (uint32_t c = 0; c < node->in.channels; c++) {
    params[c] = 1;
    params[node->in.channels + c] = 0;
  }
  return true;
}

/* The columns of a pass, in its scratch. */
static size_t
columns_of (const struct nn_node *node, const struct nn_pass *pass, struct columns **all)
{
  size_t channels = node->in.channels, n = 0;
  *all = (struct columns *)(void *)pass->scratch;
  for (size_t at = 0; at < channels; at += LANES, n++)
    (*all)[n] = (struct columns){ .channels = channels,
                                  .n = channels - at < LANES ? channels - at : LANES,
                                  .x = pass->x + at };
  return n;
}

/* Moves running statistics towards those of the batch. */
static void
move (const struct nn_pass *pass, const struct columns *k, size_t at, lanes variance,
      double pixels)
{
  float m = pass->mode->momentum, *s = pass->statistics + at;
  float unbiased = pixels > 1 ? (float)(pixels / (pixels - 1)) : 1;
  for (size_t c = 0; c < k->n; c++) {
    s[c] = (1 - m) * s[c] + m * k->a[c];
    s[k->channels + c] = (1 - m) * s[k->channels + c] + m * unbiased * variance[c];
  }
}

/* From the sums around the first pixel: the mean (a) and the variance of a column. */
static lanes
finish_moments (struct columns *k, size_t pixels)
{
  float share = 1 / (float)pixels;
  lanes off = total (k->first) * share;
  k->a += off;
  lanes variance = total (k->second) * share - off * off;
  for (size_t c = 0; c < LANES; c++)
    variance[c] = variance[c] > 0 ? variance[c] : 0;
  return variance;
}

static void
norm_forward (const struct nn_node *node, const struct nn_pass *pass)
{
  struct columns *all;
  size_t channels = node->in.channels, n = columns_of (node, pass, &all);
  size_t pixels = pass->batch * node->n_in / channels;
  if (pass->mode->training) {
    for (size_t i = 0; i < n; i++)
      all[i].a = load (all[i].x, all[i].n);
    run (moments_best, all, n, pixels);
  }
  for (size_t i = 0, at = 0; i < n; i++, at += LANES) {
    struct columns *k = all + i;
    lanes variance, inverse, scale = load (pass->params + at, k->n);
    if (pass->mode->training) {
      variance = finish_moments (k, pixels);
      if (pass->statistics)
        move (pass, k, at, variance, (double)pixels);
    } else {
      k->a = load (pass->statistics + at, k->n);
      variance = load (pass->statistics + channels + at, k->n);
    }
    for (size_t c = 0; c < LANES; c++)
      inverse[c] = 1 / sqrtf (variance[c] + epsilon);
    store (pass->kept + at, k->a, k->n);
    store (pass->kept + channels + at, inverse, k->n);
    k->b = load (pass->params + channels + at, k->n) - k->a * inverse * scale;
    k->a = inverse * scale;
    k->to = pass->y + at;
    k->add = pass->y_add;
  }
  run (line_best, all, n, pixels);
}

/* dx = scale inverse (dy - mean of dy - xhat * mean of (dy xhat)), with xhat = (x - mean)
 * inverse; without the two means where the batch's own statistics were not used. Writes
 * the slopes of scale and shift, and the plane that dx lies on. */
static void
finish_slopes (const struct nn_pass *pass, struct columns *k, size_t at, size_t pixels)
{
  lanes mean = k->a, scale = load (pass->params + at, k->n);
  lanes inverse = load (pass->kept + k->channels + at, k->n);
  float *gradient = pass->gradient + at, share = 1 / (float)pixels;
  lanes sum = total (k->first), product = total (k->second);
  store (gradient, load (gradient, k->n) + product * inverse, k->n);
  gradient += k->channels;
  store (gradient, load (gradient, k->n) + sum, k->n);
  bool own = pass->mode->training;
  lanes shift = sum * share, tilt = product * inverse * inverse * share;
  k->a = scale * inverse;
  k->b = own ? -k->a * tilt : (lanes){ 0 };
  k->c = own ? k->a * (tilt * mean - shift) : (lanes){ 0 };
}

static void
norm_backward (const struct nn_node *node, const struct nn_pass *pass)
{
  struct columns *all;
  size_t channels = node->in.channels, n = columns_of (node, pass, &all);
  size_t pixels = pass->batch * node->n_in / channels;
  for (size_t i = 0; i < n; i++) {
    all[i].dy = pass->dy + i * LANES;
    all[i].a = load (pass->kept + i * LANES, all[i].n);
  }
  run (slopes_best, all, n, pixels);
  for (size_t i = 0; i < n; i++) {
    finish_slopes (pass, all + i, i * LANES, pixels);
    all[i].to = pass->dx ? pass->dx + i * LANES : NULL;
    all[i].add = pass->add;
  }
  if (pass->dx)
    run (plane_best, all, n, pixels);
}

const struct nn_op nn_norm = { .plan = norm_plan,
                               .start = norm_start,
                               .forward = norm_forward,
                               .backward = norm_backward };
