/* Batch normalisation (Ioffe and Szegedy 2015): the parameters are a scale a channel,
 * then a shift; the statistics a mean, then a variance.
 *
 * Sums run over the pixels of the batch, a vector of channels at a time, in four parts
 * that take turns: an addition need not wait for the one before, and the order is the
 * same for every width of vectors. The variance is taken around the mean in a second
 * pass, since the difference of two large sums would lose it. */
#include "sims/nn/layer.h"

#include <string.h>

enum { LANES = 8, PARTS = 4 };
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

/* `pixels` rows of `channels` numbers, of which a column of n <= LANES is at work. What
 * the vectors mean is said where they are used. */
struct columns {
  size_t pixels, channels;
  const float *x, *dy;
  float *to;
  bool add;
  lanes a, b, c; /* a number a channel each */
};

/* a: sum of x. */
INLINE void
sums (struct columns *k, size_t n)
{
  lanes sum[PARTS] = { { 0 } };
  for (size_t p = 0; p < k->pixels; p++)
    sum[p % PARTS] += load (k->x + p * k->channels, n);
  k->a = (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

/* b: sum of (x - a) squared. */
INLINE void
squares (struct columns *k, size_t n)
{
  lanes sum[PARTS] = { { 0 } };
  for (size_t p = 0; p < k->pixels; p++) {
    lanes x = load (k->x + p * k->channels, n) - k->a;
    sum[p % PARTS] += x * x;
  }
  k->b = (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

/* b: sum of dy; c: sum of dy (x - a). */
INLINE void
slopes (struct columns *k, size_t n)
{
  lanes sum[PARTS] = { { 0 } }, product[PARTS] = { { 0 } };
  for (size_t p = 0; p < k->pixels; p++) {
    lanes dy = load (k->dy + p * k->channels, n);
    sum[p % PARTS] += dy;
    product[p % PARTS] += dy * (load (k->x + p * k->channels, n) - k->a);
  }
  k->b = (sum[0] + sum[1]) + (sum[2] + sum[3]);
  k->c = (product[0] + product[1]) + (product[2] + product[3]);
}

/* to = a x + b. */
INLINE void
line (struct columns *k, size_t n)
{
  for (size_t p = 0; p < k->pixels; p++)
    store (k->to + p * k->channels, k->a * load (k->x + p * k->channels, n) + k->b, n);
}

/* to (+)= a dy + b x + c. */
INLINE void
plane (struct columns *k, size_t n)
{
  for (size_t p = 0; p < k->pixels; p++) {
    size_t at = p * k->channels;
    lanes value = k->a * load (k->dy + at, n) + k->b * load (k->x + at, n) + k->c;
    store (k->to + at, k->add ? load (k->to + at, n) + value : value, n);
  }
}

/* Whole vectors of channels take the constant, which makes loads of them. */
#define EITHER(name)                                                                     \
  if (n == LANES)                                                                        \
    name (k, LANES);                                                                     \
  else                                                                                   \
    name (k, n)

#if defined(__x86_64__) && defined(__GNUC__)
#define FORMS(name)                                                                      \
  static void name##_plain (struct columns *k, size_t n)                                 \
  {                                                                                      \
    EITHER (name);                                                                       \
  }                                                                                      \
  __attribute__ ((target ("avx2"))) static void name##_wide (struct columns *k,          \
                                                             size_t n)                   \
  {                                                                                      \
    EITHER (name);                                                                       \
  }                                                                                      \
  static void name##_best (struct columns *k, size_t n)                                  \
  {                                                                                      \
    if (__builtin_cpu_supports ("avx2"))                                                 \
      name##_wide (k, n);                                                                \
    else                                                                                 \
      name##_plain (k, n);                                                               \
  }
#else
#define FORMS(name)                                                                      \
  static void name##_best (struct columns *k, size_t n)                                  \
  {                                                                                      \
    EITHER (name);                                                                       \
  }
#endif

FORMS (sums)
FORMS (squares)
FORMS (slopes)
FORMS (line)
FORMS (plane)

/* ---- the layer ---- */

static bool
norm_plan (struct nn_node *node)
{
  node->out = node->in;
  node->params = node->statistics = node->kept = 2 * (size_t)node->in.channels;
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

/* Moves running statistics towards those of the batch. */
static void
move (const struct nn_pass *pass, size_t at, size_t channels, lanes mean, lanes variance,
      double pixels, size_t n)
{
  float m = pass->mode->momentum, *s = pass->statistics + at;
  float unbiased = pixels > 1 ? (float)(pixels / (pixels - 1)) : 1;
  for (size_t c = 0; c < n; c++) {
    s[c] = (1 - m) * s[c] + m * mean[c];
    s[channels + c] = (1 - m) * s[channels + c] + m * unbiased * variance[c];
  }
}

/* Mean and variance to normalise a column of channels with. */
static void
moments (const struct nn_pass *pass, struct columns *k, size_t at, size_t n,
         lanes *variance)
{
  if (!pass->mode->training) {
    k->a = load (pass->statistics + at, n);
    *variance = load (pass->statistics + k->channels + at, n);
    return;
  }
  float share = 1 / (float)k->pixels;
  sums_best (k, n);
  k->a *= share;
  squares_best (k, n);
  *variance = k->b * share;
  if (pass->statistics)
    move (pass, at, k->channels, k->a, *variance, (double)k->pixels, n);
}

static void
norm_forward (const struct nn_node *node, const struct nn_pass *pass)
{
  size_t channels = node->in.channels;
  for (size_t at = 0; at < channels; at += LANES) {
    size_t n = channels - at < LANES ? channels - at : LANES;
    struct columns k = { .pixels = pass->batch * node->n_in / channels,
                         .channels = channels,
                         .x = pass->x + at,
                         .to = pass->y + at };
    lanes variance, inverse, scale = load (pass->params + at, n);
    moments (pass, &k, at, n, &variance);
    for (size_t c = 0; c < LANES; c++)
      inverse[c] = 1 / sqrtf (variance[c] + epsilon);
    store (pass->kept + at, k.a, n);
    store (pass->kept + channels + at, inverse, n);
    k.b = load (pass->params + channels + at, n) - k.a * inverse * scale;
    k.a = inverse * scale;
    line_best (&k, n);
  }
}

/* dx = scale inverse (dy - mean of dy - xhat * mean of (dy xhat)), with xhat = (x - mean)
 * inverse; without the two means where the batch's own statistics were not used. */
static void
norm_backward (const struct nn_node *node, const struct nn_pass *pass)
{
  size_t channels = node->in.channels;
  for (size_t at = 0; at < channels; at += LANES) {
    size_t n = channels - at < LANES ? channels - at : LANES;
    lanes mean = load (pass->kept + at, n), scale = load (pass->params + at, n);
    lanes inverse = load (pass->kept + channels + at, n);
    struct columns k = { .pixels = pass->batch * node->n_in / channels,
                         .channels = channels,
                         .x = pass->x + at,
                         .dy = pass->dy + at,
                         .a = mean,
                         .add = pass->add };
    slopes_best (&k, n);
    float *gradient = pass->gradient + at, share = 1 / (float)k.pixels;
    store (gradient, load (gradient, n) + k.c * inverse, n);
    gradient += channels;
    store (gradient, load (gradient, n) + k.b, n);
    if (!pass->dx)
      continue;
    bool own = pass->mode->training;
    lanes shift = k.b * share, tilt = k.c * inverse * inverse * share;
    k.to = pass->dx + at;
    k.a = scale * inverse;
    k.b = own ? -k.a * tilt : (lanes){ 0 };
    k.c = own ? k.a * (tilt * mean - shift) : (lanes){ 0 };
    plane_best (&k, n);
  }
}

const struct nn_op nn_norm = { .plan = norm_plan,
                               .start = norm_start,
                               .forward = norm_forward,
                               .backward = norm_backward };
