/* Slices against an index-by-index reference, as adjoints of one another, and a
 * sub-network against its supernet with the rest of the weights at 0. */
#include "tests/tap.h"

#include "sims/nn/random.h"
#include "sims/nn/slice.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SIDE = 6, COLOURS = 3, CLASSES = 5, MOST = 20000 };

static uint32_t
pick (struct nn_random *random, uint32_t least, uint32_t most)
{
  return least + (uint32_t)(nn_random_bits (random) % (most - least + 1));
}

static void
fill (float *at, size_t n, struct nn_random *random)
{
  for (size_t i = 0; i < n; i++)
    at[i] = (float)nn_random_normal (random);
}

/* What the shapes of one network of the family are. */
struct sizes {
  uint32_t first, second, kernel1, kernel2;
  bool deep; /* has the depthwise layer in the middle */
};

/* Layer numbers of the whole network; a flat one lacks 2 and 3. */
enum { STEM, STEM_NORM, DEEP, DEEP_NORM, POINT, NORM, TANH, HEAD, LAYERS };

static uint32_t
describe (const struct sizes *s, struct nn_layer *layers, uint32_t *layer_of)
{
  const struct nn_layer all[LAYERS] = {
    [STEM] = { .kind = NN_CONV, .units = s->first, .kernel = s->kernel1, .bias = true },
    [STEM_NORM] = { .kind = NN_NORM },
    [DEEP] = { .kind = NN_CONV,
               .units = s->first,
               .kernel = s->kernel2,
               .groups = s->first },
    [DEEP_NORM] = { .kind = NN_NORM },
    [POINT] = { .kind = NN_CONV, .units = s->second, .stride = 2 },
    [NORM] = { .kind = NN_NORM },
    [TANH] = { .kind = NN_TANH },
    [HEAD] = { .kind = NN_DENSE, .units = CLASSES },
  };
  uint32_t n = 0;
  for (uint32_t i = 0; i < LAYERS; i++)
    if (s->deep || (i != DEEP && i != DEEP_NORM)) {
      layers[n] = all[i];
      layer_of[n++] = i;
    }
  return n;
}

static nn_net *
build (const struct sizes *s, uint32_t *layer_of)
{
  struct nn_layer layers[LAYERS];
  uint32_t n = describe (s, layers, layer_of);
  nn_net *net = nn_net_new ((struct nn_shape){ COLOURS, SIDE, SIDE }, layers, n);
  CU_ASSERT_FATAL (net && nn_net_params (net) < MOST);
  return net;
}

static const struct sizes whole = {
  .first = 8, .second = 7, .kernel1 = 5, .kernel2 = 5, .deep = true
};

static struct sizes
some_sizes (struct nn_random *random)
{
  return (struct sizes){ .first = pick (random, 1, whole.first),
                         .second = pick (random, 1, whole.second),
                         .kernel1 = 1 + 2 * pick (random, 0, 2),
                         .kernel2 = 1 + 2 * pick (random, 0, 2),
                         .deep = pick (random, 0, 1) };
}

/* ---- the reference ---- */

/* Where number k of a part lies in the larger part, worked out from its coordinates. */
static size_t
find_conv (const struct nn_part *sub, const struct nn_part *super, size_t k)
{
  size_t few = sub->layer.groups ? sub->layer.groups : 1;
  size_t all = super->layer.groups ? super->layer.groups : 1;
  size_t in = sub->in.channels / few, out = sub->out.channels / few;
  size_t IN = super->in.channels / all, OUT = super->out.channels / all;
  size_t side = sub->layer.kernel ? sub->layer.kernel : 1;
  size_t SIDE_ = super->layer.kernel ? super->layer.kernel : 1;
  size_t weights = few * side * side * in * out;
  if (k >= weights)
    return all * SIDE_ * SIDE_ * IN * OUT + (k - weights);
  size_t o = k % out, i = k / out % in, x = k / (out * in) % side;
  size_t y = k / (out * in * side) % side, g = k / (out * in * side * side);
  size_t edge = (SIDE_ - side) / 2;
  return o + OUT * (i + IN * (x + edge + SIDE_ * (y + edge + SIDE_ * g)));
}

static size_t
find_dense (const struct nn_part *sub, const struct nn_part *super, size_t k)
{
  size_t in = (size_t)sub->in.channels * sub->in.height * sub->in.width;
  size_t IN = (size_t)super->in.channels * super->in.height * super->in.width;
  size_t out = sub->layer.units, OUT = super->layer.units;
  if (k >= in * out)
    return IN * OUT + (k - in * out);
  size_t pixel = k / out / sub->in.channels, channel = k / out % sub->in.channels;
  return (pixel * super->in.channels + channel) * OUT + k % out;
}

static size_t
find (const struct nn_part *sub, const struct nn_part *super, size_t k)
{
  size_t few = sub->in.channels;
  switch (sub->layer.kind) {
  case NN_CONV:
    return find_conv (sub, super, k);
  case NN_DENSE:
    return find_dense (sub, super, k);
  default:
    return k < few ? k : super->in.channels + (k - few);
  }
}

static void
compare (const nn_net *sub, const nn_net *super, const uint32_t *layer_of,
         const float *few, const float *all, bool statistics)
{
  uint32_t wrong = 0;
  for (uint32_t i = 0; i < nn_net_layers (sub); i++) {
    struct nn_part part = nn_net_part (sub, i), from = nn_net_part (super, layer_of[i]);
    size_t n = statistics ? part.statistics : part.params;
    size_t at = statistics ? part.statistics_offset : part.offset;
    size_t place = statistics ? from.statistics_offset : from.offset;
    for (size_t k = 0; k < n; k++)
      wrong += few[at + k] != all[place + find (&part, &from, k)];
  }
  CU_ASSERT_EQUAL (wrong, 0);
}

static void
test_reference (void)
{
  static float all[MOST], few[MOST];
  uint32_t layer_of[LAYERS], unused[LAYERS];
  struct nn_random random = { .state = 3 };
  nn_net *super = build (&whole, unused);
  for (int round = 0; round < 200; round++) {
    struct sizes sizes = some_sizes (&random);
    nn_net *sub = build (&sizes, layer_of);
    nn_slice *slice = nn_slice_new (sub, super, layer_of);
    CU_ASSERT_PTR_NOT_NULL_FATAL (slice);
    fill (all, MOST, &random);
    for (int i = 0; i < MOST; i++)
      few[i] = NAN;
    nn_slice_gather (slice, all, few);
    compare (sub, super, layer_of, few, all, false);
    CU_ASSERT (isnan (few[nn_net_params (sub)]));
    for (int i = 0; i < MOST; i++)
      few[i] = NAN;
    nn_slice_gather_statistics (slice, all, few);
    compare (sub, super, layer_of, few, all, true);
    CU_ASSERT (isnan (few[nn_net_statistics (sub)]));
    nn_slice_destroy (&slice);
    nn_net_destroy (&sub);
  }
  nn_net_destroy (&super);
}

/* What was put is gathered again, what was not put stays, and adding twice doubles. */
static void
test_inverse (void)
{
  static float all[MOST], few[MOST], back[MOST], twice[MOST];
  uint32_t layer_of[LAYERS], unused[LAYERS];
  struct nn_random random = { .state = 4 };
  nn_net *super = build (&whole, unused);
  for (int round = 0; round < 50; round++) {
    struct sizes sizes = some_sizes (&random);
    nn_net *sub = build (&sizes, layer_of);
    nn_slice *slice = nn_slice_new (sub, super, layer_of);
    size_t n = nn_net_params (sub), s = nn_net_statistics (sub), put = 0;
    for (int i = 0; i < MOST; i++) {
      few[i] = (float)pick (&random, 1, 1000);
      all[i] = twice[i] = 0;
    }
    nn_slice_put (slice, few, all);
    nn_slice_gather (slice, all, back);
    CU_ASSERT_EQUAL (memcmp (few, back, n * sizeof *few), 0);
    nn_slice_scatter (slice, few, twice);
    nn_slice_scatter (slice, few, twice);
    for (int i = 0; i < MOST; i++) {
      put += all[i] != 0;
      CU_ASSERT_EQUAL_FATAL (twice[i], 2 * all[i]);
    }
    CU_ASSERT_EQUAL (put, n);
    memset (all, 0, sizeof all);
    nn_slice_put_statistics (slice, few, all);
    nn_slice_gather_statistics (slice, all, back);
    CU_ASSERT_EQUAL (memcmp (few, back, s * sizeof *few), 0);
    nn_slice_destroy (&slice);
    CU_ASSERT_PTR_NULL (slice);
    nn_slice_destroy (&slice);
    nn_net_destroy (&sub);
  }
  nn_net_destroy (&super);
}

/* ---- a slice computes what the supernet would with its other weights at 0 ---- */

static void
compare_results (const nn_net *sub, const nn_net *super, const uint32_t *layer_of,
                 struct nn_random *random)
{
  enum { BATCH = 3 };
  static float all[MOST], few[MOST], bare[MOST], means[MOST], ours[MOST];
  float x[BATCH * COLOURS * SIDE * SIDE];
  nn_slice *slice = nn_slice_new (sub, super, layer_of);
  nn_tape *small = nn_tape_new (sub, BATCH), *large = nn_tape_new (super, BATCH);
  CU_ASSERT_FATAL (slice && small && large);
  fill (all, nn_net_params (super), random);
  fill (x, BATCH * nn_net_inputs (super), random);
  memset (bare, 0, sizeof bare);
  nn_slice_gather (slice, all, few);
  nn_slice_put (slice, few, bare);
  nn_net_clear (super, means);
  nn_slice_gather_statistics (slice, means, ours);
  nn_tape_mode (small, &(struct nn_mode){ .statistics = ours });
  nn_tape_mode (large, &(struct nn_mode){ .statistics = means });
  const float *y = nn_forward (small, few, x, BATCH);
  const float *want = nn_forward (large, bare, x, BATCH);
  for (size_t i = 0; i < BATCH * nn_net_outputs (sub); i++)
    CU_ASSERT_DOUBLE_EQUAL (y[i], want[i], 1e-4 * (1 + fabsf (want[i])));
  nn_tape_destroy (&small);
  nn_tape_destroy (&large);
  nn_slice_destroy (&slice);
}

static void
test_results (void)
{
  uint32_t layer_of[LAYERS], unused[LAYERS];
  struct nn_random random = { .state = 5 };
  nn_net *super = build (&whole, unused);
  for (int round = 0; round < 30; round++) {
    struct sizes sizes = some_sizes (&random);
    sizes.deep = true;
    nn_net *sub = build (&sizes, layer_of);
    compare_results (sub, super, layer_of, &random);
    nn_net_destroy (&sub);
  }
  nn_net_destroy (&super);
}

/* The same for a perceptron, whose layers map with a gap. */
static void
test_perceptron (void)
{
  struct nn_random random = { .state = 6 };
  enum { INPUTS = COLOURS * SIDE * SIDE };
  static const uint32_t layer_of[] = { 0, 1, 2, 3, 4 };
  nn_net *super = nn_mlp_new (INPUTS, 2, 24, NN_TANH, CLASSES, 1);
  for (uint32_t width = 1; width <= 24; width += 5) {
    nn_net *sub = nn_mlp_new (INPUTS, 2, width, NN_TANH, CLASSES, 1);
    compare_results (sub, super, layer_of, &random);
    nn_net_destroy (&sub);
  }
  nn_net *shallow = nn_mlp_new (INPUTS, 1, 9, NN_TANH, CLASSES, 1);
  static const uint32_t skipped[] = { 0, UINT32_MAX, 4 };
  static float all[MOST], few[MOST];
  nn_slice *slice = nn_slice_new (shallow, super, skipped);
  CU_ASSERT_PTR_NOT_NULL_FATAL (slice);
  fill (all, MOST, &random);
  nn_slice_gather (slice, all, few);
  struct nn_part head = nn_net_part (super, 4);
  CU_ASSERT_EQUAL (
      memcmp (few + INPUTS * 9 + 9, all + head.offset, 9 * CLASSES * sizeof *few), 0);
  nn_slice_destroy (&slice);
  nn_net_destroy (&shallow);
  nn_net_destroy (&super);
}

/* ---- what does not fit ---- */

static bool
fits (struct nn_shape input, struct nn_layer sub, struct nn_shape whole_input,
      struct nn_layer super)
{
  static const uint32_t layer_of[] = { 0 };
  nn_net *few = nn_net_new (input, &sub, 1), *all = nn_net_new (whole_input, &super, 1);
  CU_ASSERT_FATAL (few && all);
  nn_slice *slice = nn_slice_new (few, all, layer_of);
  bool fit = slice != NULL;
  nn_slice_destroy (&slice);
  nn_net_destroy (&few);
  nn_net_destroy (&all);
  return fit;
}

static void
test_dense_fits (void)
{
  struct nn_shape in = { 4, 2, 3 }, more = { 5, 2, 3 };
  struct nn_shape higher = { 4, 3, 3 }, wider = { 4, 2, 4 };
  struct nn_layer dense = { .kind = NN_DENSE, .units = 3 };
  struct nn_layer large = { .kind = NN_DENSE, .units = 4 };
  CU_ASSERT (fits (in, dense, in, dense));
  CU_ASSERT (fits (in, dense, more, large));
  CU_ASSERT (!fits (more, dense, in, large));
  CU_ASSERT (!fits (in, large, in, dense));
  CU_ASSERT (!fits (in, dense, higher, dense));
  CU_ASSERT (!fits (in, dense, wider, dense));
  CU_ASSERT (!fits (in, dense, in, (struct nn_layer){ .kind = NN_TANH }));
  CU_ASSERT (fits (in, (struct nn_layer){ .kind = NN_TANH }, in, dense));
}

static void
test_conv_fits (void)
{
  struct nn_shape in = { 4, 6, 6 }, more = { 8, 6, 6 };
  struct nn_layer conv = { .kind = NN_CONV, .units = 4, .kernel = 3 };
  struct nn_layer wide = { .kind = NN_CONV, .units = 8, .kernel = 5 };
  struct nn_layer even = { .kind = NN_CONV, .units = 8, .kernel = 4 };
  struct nn_layer bias = { .kind = NN_CONV, .units = 8, .kernel = 5, .bias = true };
  struct nn_layer two = { .kind = NN_CONV, .units = 8, .kernel = 3, .groups = 2 };
  struct nn_layer four = { .kind = NN_CONV, .units = 8, .kernel = 3, .groups = 4 };
  struct nn_layer none = { .kind = NN_RELU };
  CU_ASSERT (fits (in, conv, more, wide));
  CU_ASSERT (!fits (in, wide, in, conv));
  CU_ASSERT (!fits (in, conv, more, even));
  CU_ASSERT (!fits (in, conv, more, bias));
  CU_ASSERT (!fits (in, bias, more, wide));
  CU_ASSERT (!fits (more, conv, in, wide));
  CU_ASSERT (!fits (in, conv, more, none));
  /* Groups are taken whole: the first of two is 4 channels to 4. */
  CU_ASSERT (fits (in, conv, more, two));
  CU_ASSERT (fits (more, two, more, two));
  CU_ASSERT (!fits (in, two, more, two));
  CU_ASSERT (!fits (more, four, more, two));
  CU_ASSERT (!fits (more, two, more, wide));
}

static void
test_norm_fits (void)
{
  struct nn_shape in = { 4, 2, 3 }, more = { 5, 2, 3 }, other = { 5, 9, 9 };
  struct nn_layer norm = { .kind = NN_NORM };
  CU_ASSERT (fits (in, norm, in, norm));
  CU_ASSERT (fits (in, norm, more, norm));
  CU_ASSERT (fits (in, norm, other, norm));
  CU_ASSERT (!fits (more, norm, in, norm));
}

static void
test_layer_numbers (void)
{
  static const uint32_t beyond[] = { 1u << 30 };
  struct nn_layer dense = { .kind = NN_DENSE, .units = 3 };
  nn_net *net = nn_net_new ((struct nn_shape){ 2, 1, 1 }, &dense, 1);
  CU_ASSERT_PTR_NULL (nn_slice_new (net, net, beyond));
  nn_net_destroy (&net);
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { "a perceptron in a wider one", test_perceptron },
    { "dense layers that fit", test_dense_fits },
    { "normalisations that fit", test_norm_fits },
    { "layer numbers", test_layer_numbers },
    { "convolutions that fit", test_conv_fits },
    { "index by index", test_reference },
    { "put and gather, scatter adds", test_inverse },
    { "results of the supernet", test_results },
    { 0 }
  };
  return tap_run ("nn slice", tests);
}
