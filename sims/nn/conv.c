/* Convolutions, grouped and depthwise ones too. Where max (x, 0) is convolved, a few
 * images at a time, so that they stay in the first-level cache between being written and
 * being read. They are made again in the pass back: that is cheaper than keeping them. */
#include "sims/nn/window.h"

#include <string.h>

enum { FEW = 4 };

/* A convolution at work, with the parts of its scratch. */
struct conv {
  struct nn_window window;
  size_t groups, inner, outer; /* channels of a group */
  size_t weights;
  bool depthwise, relu;
  float *few, *turned; /* max (x, 0) of a few images, then their slopes; weights */
};

/* False: no such convolution. */
static bool
conv_of (const struct nn_node *node, struct conv *c)
{
  const struct nn_layer *layer = &node->layer;
  *c = (struct conv){ .groups = layer->groups ? layer->groups : 1, .relu = layer->relu };
  if (layer->units == 0 || node->in.channels % c->groups || layer->units % c->groups
      || !nn_window_of (layer, node->in, layer->units, &c->window))
    return false;
  c->inner = node->in.channels / c->groups;
  c->outer = layer->units / c->groups;
  c->depthwise = c->inner == 1 && c->outer == 1 && c->groups > 1;
  c->weights = c->window.kernel * c->window.kernel * c->inner * layer->units;
  return true;
}

/* The convolution of a pass, with its scratch cut into parts. */
static struct conv
conv_at_work (const struct nn_node *node, const struct nn_pass *pass)
{
  struct conv c;
  conv_of (node, &c);
  c.turned = pass->scratch;
  c.few = c.turned + 2 * c.weights;
  return c;
}

static bool
conv_plan (struct nn_node *node)
{
  struct conv c;
  if (!conv_of (node, &c))
    return false;
  node->out = c.window.out;
  node->params = c.weights + (node->layer.bias ? node->layer.units : 0);
  node->scratch = 2 * c.weights + (c.relu ? FEW * node->n_in : 0);
  node->macs = (double)c.weights * c.window.out.height * c.window.out.width;
  return true;
}

/* He's variance counts the inputs of an output. Each group is a matrix of its own. */
static bool
conv_start (const struct nn_node *node, float *params, struct nn_random *random)
{
  struct conv c;
  conv_of (node, &c);
  size_t rows = c.window.kernel * c.window.kernel * c.inner;
  for (size_t g = 0; g < c.groups; g++)
    if (!nn_start_matrix (node->layer.start, nn_gain (node), rows, c.outer,
                          params + g * rows * c.outer, random))
      return false;
  if (node->layer.bias)
    memset (params + c.weights, 0, node->layer.units * sizeof *params);
  return true;
}

/* to[t][c] = from[c][t], or back. */
static void
turn (const float *from, size_t rows, size_t columns, float *to)
{
  for (size_t i = 0; i < rows; i++)
    for (size_t j = 0; j < columns; j++)
      to[j * rows + i] = from[i * columns + j];
}

/* How many images are at work at once. */
static uint32_t
few_of (const struct conv *c, const struct nn_pass *pass, uint32_t done)
{
  uint32_t left = pass->batch - done;
  return c->relu && left > FEW ? FEW : left;
}

/* Images as they are convolved. */
static const float *
rectified (const struct conv *c, const float *x, size_t n)
{
  if (c->relu)
    nn_rectify (x, n, c->few);
  return c->relu ? c->few : x;
}

/* ---- forward ---- */

static void
forward_images (const struct conv *c, size_t n, const float *x, const float *w, bool add,
                float *y)
{
  struct nn_tap taps[NN_MOST_TAPS];
  struct nn_walk walk = nn_window_walk (&c->window, n, x, y, taps);
  if (c->depthwise) {
    nn_depthwise (&walk, c->groups, w, add);
    return;
  }
  for (size_t g = 0; g < c->groups; g++, walk.x += c->inner, walk.y += c->outer)
    nn_gather (&walk, c->inner, c->outer, w + g * c->weights / c->groups, add);
}

static void
conv_forward (const struct nn_node *node, const struct nn_pass *pass)
{
  struct conv c = conv_at_work (node, pass);
  const float *w = pass->params, *bias = pass->params + c.weights;
  bool biased = node->layer.bias;
  if (c.depthwise) {
    turn (w, c.groups, c.window.kernel * c.window.kernel, c.turned);
    w = c.turned;
  }
  for (size_t i = 0; biased && i < pass->batch * node->n_out; i += node->layer.units)
    memcpy (pass->y + i, bias, node->layer.units * sizeof *bias);
  for (uint32_t b = 0, n; b < pass->batch; b += n) {
    n = few_of (&c, pass, b);
    forward_images (&c, n, rectified (&c, pass->x + b * node->n_in, n * node->n_in), w,
                    biased, pass->y + b * node->n_out);
  }
}

/* ---- backward ---- */

/* The weights as the pass back reads them: group by group, class by class, its taps, then
 * outputs by inputs (depthwise: all groups at once). */
static void
turn_weights (const struct conv *c, const float *w)
{
  struct nn_tap taps[NN_MOST_TAPS];
  size_t positions[NN_MOST_TAPS], classes = c->window.stride * c->window.stride;
  size_t all = c->window.kernel * c->window.kernel, matrix = c->inner * c->outer;
  float *to = c->turned;
  for (size_t g = 0; g < (c->depthwise ? 1 : c->groups); g++)
    for (size_t class = 0; class < classes; class ++) {
      struct nn_walk walk =
          nn_window_back (&c->window, class, 1, c->few, c->few, taps, positions);
      for (size_t t = 0; t < walk.taps; t++) {
        if (c->depthwise)
          for (size_t i = 0; i < c->groups; i++)
            *to++ = w[i * all + positions[t]];
        else {
          turn (w + (g * all + positions[t]) * matrix, c->inner, c->outer, to);
          to += matrix;
        }
      }
    }
}

/* Slopes of images' pixels, from those of the results. */
static void
images_back (const struct conv *c, size_t n, const float *dy, float *dx, bool add)
{
  struct nn_tap taps[NN_MOST_TAPS];
  size_t positions[NN_MOST_TAPS], classes = c->window.stride * c->window.stride;
  const float *w = c->turned;
  for (size_t g = 0; g < (c->depthwise ? 1 : c->groups); g++)
    for (size_t class = 0; class < classes; class ++) {
      struct nn_walk walk = nn_window_back (&c->window, class, n, dy + g * c->outer,
                                            dx + g * c->inner, taps, positions);
      if (c->depthwise)
        nn_depthwise (&walk, c->groups, w, add);
      else
        nn_gather (&walk, c->outer, c->inner, w, add);
      w += walk.taps * (c->depthwise ? c->groups : c->inner * c->outer);
    }
}

static void
weights_back (const struct conv *c, size_t n, const float *x, float *dy, float *dw)
{
  struct nn_tap taps[NN_MOST_TAPS];
  struct nn_walk walk = nn_window_walk (&c->window, n, x, dy, taps);
  if (c->depthwise) {
    nn_depthwise_slopes (&walk, c->groups, dw);
    return;
  }
  for (size_t g = 0; g < c->groups; g++, walk.x += c->inner, walk.y += c->outer)
    nn_gather_slopes (&walk, c->inner, c->outer, dw + g * c->weights / c->groups);
}

static void
bias_back (const struct nn_node *node, const struct nn_pass *pass, float *bias)
{
  size_t units = node->layer.units;
  for (size_t i = 0; i < pass->batch * node->n_out; i += units)
    for (size_t j = 0; j < units; j++)
      bias[j] += pass->dy[i + j];
}

static void
conv_backward (const struct nn_node *node, const struct nn_pass *pass)
{
  struct conv c = conv_at_work (node, pass);
  float *dw = pass->gradient, *apart = c.turned + c.weights;
  if (c.depthwise)
    dw = memset (apart, 0, c.weights * sizeof *apart);
  if (pass->dx)
    turn_weights (&c, pass->params);
  for (uint32_t b = 0, n; b < pass->batch; b += n) {
    const float *x = pass->x + b * node->n_in;
    float *dy = pass->dy + b * node->n_out, *dx = pass->dx;
    n = few_of (&c, pass, b);
    weights_back (&c, n, rectified (&c, x, n * node->n_in), dy, dw);
    if (!dx)
      continue;
    dx += b * node->n_in;
    images_back (&c, n, dy, c.relu ? c.few : dx, !c.relu && pass->add);
    if (c.relu)
      nn_through_relu (x, c.few, n * node->n_in, pass->add, dx);
  }
  size_t all = c.window.kernel * c.window.kernel;
  for (size_t i = 0; c.depthwise && i < c.weights; i++)
    pass->gradient[i] += apart[i % all * c.groups + i / all];
  if (node->layer.bias)
    bias_back (node, pass, pass->gradient + c.weights);
}

const struct nn_op nn_conv = { .plan = conv_plan,
                               .start = conv_start,
                               .forward = conv_forward,
                               .backward = conv_backward };
