/* layer.c - layers as data: see layer.h. */
#include "sims/accel/layer.h"

#include <stdbool.h>

const char *const accel_dim_names[ACCEL_DIMS] = {
  "R", "S", "P", "Q", "C", "K", "N", "G"
};
const char *const accel_tensor_names[ACCEL_TENSORS] = { "Weights", "Inputs", "Outputs" };
const char *const accel_kind_names[ACCEL_KINDS] = { "conv", "gemm", "elementwise" };

#define BIT(d) (1u << (d))

struct accel_layer
accel_layer_unit (enum accel_kind kind)
{
  return (struct accel_layer){ .kind = kind,
                               .size = { 1, 1, 1, 1, 1, 1, 1, 1 },
                               .stride_w = 1,
                               .stride_h = 1,
                               .dilation_w = 1,
                               .dilation_h = 1,
                               .count = 1 };
}

/* Rows go through P: they reuse weights as the positions of an output row do. */
struct accel_layer
accel_layer_gemm (uint32_t m, uint32_t n, uint32_t k)
{
  struct accel_layer layer = accel_layer_unit (ACCEL_GEMM);
  layer.size[ACCEL_P] = m;
  layer.size[ACCEL_K] = n;
  layer.size[ACCEL_C] = k;
  return layer;
}

/* 64-bit sums: sizes come from files and may be anything. */
uint32_t
accel_output_extent (uint64_t in, uint64_t pad, uint32_t filter, uint32_t stride,
                     uint32_t dilation)
{
  uint64_t window, positions;
  if (filter == 0 || stride == 0 || dilation == 0 || in > UINT32_MAX || pad > UINT32_MAX)
    return 0;
  window = (uint64_t)dilation * (filter - 1) + 1;
  if (window > in + pad)
    return 0;
  positions = (in + pad - window) / stride + 1;
  return positions > UINT32_MAX ? 0 : (uint32_t)positions;
}

/* Sizes, and their product: the bound on MACs includes the steps, so that bounding boxes
 * with holes stay countable too. */
static int
check_sizes (const struct accel_layer *layer, struct accel_error *err)
{
  uint64_t macs = 1;
  for (int d = 0; d < ACCEL_DIMS; d++) {
    if (layer->size[d] == 0)
      return accel_fail (err, "layer \"%s\": size %s is 0; at least 1 was expected",
                         layer->name, accel_dim_names[d]);
    if (layer->size[d] > ACCEL_MACS_MAX / macs)
      return accel_fail (err, "layer \"%s\" has more than 2^48 multiply-accumulates",
                         layer->name);
    macs *= layer->size[d];
  }
  return ACCEL_OK;
}

/* Strides and the like are bounded so that bounding boxes stay countable. */
static int
check_range (const struct accel_layer *layer, const char *what, uint32_t value,
             uint32_t low, uint32_t high, struct accel_error *err)
{
  if (value >= low && value <= high)
    return ACCEL_OK;
  return accel_fail (err, "layer \"%s\": %s is %u; %u to %u were expected", layer->name,
                     what, value, low, high);
}

/* Padding may be 0; a stride or dilation of 0 would put all windows in one place. */
static int
check_steps (const struct accel_layer *layer, struct accel_error *err)
{
  const struct {
    const char *what;
    uint32_t value, low;
  } field[] = {
    { .what = "stride_w", .value = layer->stride_w, .low = 1 },
    { .what = "stride_h", .value = layer->stride_h, .low = 1 },
    { .what = "dilation_w", .value = layer->dilation_w, .low = 1 },
    { .what = "dilation_h", .value = layer->dilation_h, .low = 1 },
    { .what = "pad_left", .value = layer->pad_left },
    { .what = "pad_right", .value = layer->pad_right },
    { .what = "pad_top", .value = layer->pad_top },
    { .what = "pad_bottom", .value = layer->pad_bottom },
  };
  for (unsigned i = 0; i < sizeof field / sizeof *field; i++) {
    if (check_range (layer, field[i].what, field[i].value, field[i].low, ACCEL_STRIDE_MAX,
                     err)
        != ACCEL_OK)
      return ACCEL_INVALID;
  }
  return ACCEL_OK;
}

/* No count of a loop nest exceeds the MACs times the steps of both sliding axes: an input
 * tile of p x r positions spans at most (stride + dilation) * p * r columns. */
static int
check_counts (const struct accel_layer *layer, struct accel_error *err)
{
  double most = (double)accel_layer_macs (layer);
  most *= (double)layer->stride_w + layer->dilation_w;
  most *= (double)layer->stride_h + layer->dilation_h;
  if (most <= 0x1p60)
    return ACCEL_OK;
  return accel_fail (err, "layer \"%s\": MACs times strides and dilations exceed 2^60",
                     layer->name);
}

/* One by one: 641 x 6700417 is 2^32 + 1, so a product in 32 bits would pass for 1. */
static bool
are_unit (const uint32_t *size, unsigned dims)
{
  for (int d = 0; d < ACCEL_DIMS; d++) {
    if ((dims >> d & 1) && size[d] != 1)
      return false;
  }
  return true;
}

/* What a kind does not use has to be 1: a filter in a GEMM would be work that nobody
 * meant. */
int
accel_layer_check (const struct accel_layer *layer, struct accel_error *err)
{
  const unsigned filter = BIT (ACCEL_R) | BIT (ACCEL_S);
  if (layer->kind >= ACCEL_KINDS)
    return accel_fail (err, "layer \"%s\": unknown kind %d", layer->name,
                       (int)layer->kind);
  if (layer->count == 0)
    return accel_fail (err, "layer \"%s\": count is 0", layer->name);
  if (check_sizes (layer, err) != ACCEL_OK || check_steps (layer, err) != ACCEL_OK)
    return ACCEL_INVALID;
  if (layer->kind == ACCEL_ELEMENTWISE && !are_unit (layer->size, filter | BIT (ACCEL_C)))
    return accel_fail (err, "layer \"%s\": an element-wise layer has R = S = C = 1",
                       layer->name);
  if (layer->kind == ACCEL_GEMM && !are_unit (layer->size, filter))
    return accel_fail (err, "layer \"%s\": a GEMM has R = S = 1", layer->name);
  return check_counts (layer, err);
}

uint64_t
accel_layer_macs (const struct accel_layer *layer)
{
  uint64_t macs = 1;
  for (int d = 0; d < ACCEL_DIMS; d++)
    macs *= layer->size[d];
  return macs;
}

/* For a look at a layer; models project once and keep it. */
uint64_t
accel_layer_words (const struct accel_layer *layer, enum accel_tensor tensor)
{
  struct accel_projection projection[ACCEL_TENSORS];
  uint64_t extent[ACCEL_DIMS];
  accel_layer_project (layer, projection);
  for (int d = 0; d < ACCEL_DIMS; d++)
    extent[d] = layer->size[d];
  return accel_box_words (&projection[tensor], extent);
}

/* A tensor that is indexed by these dimensions themselves. */
static struct accel_projection
plain (unsigned dims)
{
  struct accel_projection p = { .single_count = 0 };
  for (uint8_t d = 0; d < ACCEL_DIMS; d++) {
    bool relevant = dims >> d & 1;
    p.axis_of[d] = relevant ? d : ACCEL_NO_AXIS;
    p.step_of[d] = relevant;
    if (relevant)
      p.single[p.single_count++] = d;
  }
  return p;
}

/* Adds the axis along which a filter slides over an input. */
static void
slide (struct accel_projection *p, enum accel_dim output, uint32_t stride,
       enum accel_dim filter, uint32_t dilation)
{
  p->axis_of[output] = p->axis_of[filter] = (uint8_t)(ACCEL_DIMS + p->axis_count);
  p->step_of[output] = stride;
  p->step_of[filter] = dilation;
  p->axis[p->axis_count++] =
      (struct accel_axis){ .dim = { (uint8_t)output, (uint8_t)filter },
                           .step = { stride, dilation } };
}

/* The three index expressions of layer.h. Element-wise layers have one for all. */
void
accel_layer_project (const struct accel_layer *layer,
                     struct accel_projection projection[ACCEL_TENSORS])
{
  const unsigned maps = BIT (ACCEL_N) | BIT (ACCEL_G);
  struct accel_projection *inputs = &projection[ACCEL_INPUTS];
  bool flat_w, flat_h; /* nothing slides: each output has its own input column or row */
  projection[ACCEL_OUTPUTS] =
      plain (maps | BIT (ACCEL_K) | BIT (ACCEL_Q) | BIT (ACCEL_P));
  if (layer->kind == ACCEL_ELEMENTWISE) {
    projection[ACCEL_WEIGHTS] = *inputs = projection[ACCEL_OUTPUTS];
    return;
  }
  projection[ACCEL_WEIGHTS] = plain (BIT (ACCEL_G) | BIT (ACCEL_K) | BIT (ACCEL_C)
                                     | BIT (ACCEL_S) | BIT (ACCEL_R));
  flat_w = layer->size[ACCEL_R] == 1 && layer->stride_w == 1;
  flat_h = layer->size[ACCEL_S] == 1 && layer->stride_h == 1;
  *inputs = plain (maps | BIT (ACCEL_C) | (flat_w ? BIT (ACCEL_P) : 0)
                   | (flat_h ? BIT (ACCEL_Q) : 0));
  if (!flat_w)
    slide (inputs, ACCEL_P, layer->stride_w, ACCEL_R, layer->dilation_w);
  if (!flat_h)
    slide (inputs, ACCEL_Q, layer->stride_h, ACCEL_S, layer->dilation_h);
}
