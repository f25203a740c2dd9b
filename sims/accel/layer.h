/* layer.h - a layer of a network as data: what is to be computed, not how.
 *
 * A layer is a loop nest over eight dimensions around one multiply-accumulate (or one
 * operation, for element-wise layers):
 *
 *   R, S   filter width and height          P, Q   output width and height
 *   C, K   input and output channels of one group
 *   N      batch                            G      groups (depthwise: one channel each)
 *
 * R goes with P and S with Q: input column = P * stride_w + R * dilation_w - pad_left.
 * The kinds:
 *   conv          Weights[G,K,C,S,R]  Inputs[N,G,C,h,w]  Outputs[N,G,K,Q,P]
 *   GEMM          M,N,K of matrix multiplication are P, K and C here; a batch of
 *                 multiplications with different operands (attention heads) uses G
 *   element-wise  both operands and the result are [N,G,K,Q,P]; "Weights" is the second
 *                 operand; R = S = C = 1
 * Padded input is counted like real input (a bounding box), as Timeloop does: the
 * extent of the input is (P - 1) * stride + (R - 1) * dilation + 1. */
#ifndef SIMS_ACCEL_LAYER_H
#define SIMS_ACCEL_LAYER_H

#include <stdint.h>

#include "sims/accel/error.h"

enum accel_dim {
  ACCEL_R,
  ACCEL_S,
  ACCEL_P,
  ACCEL_Q,
  ACCEL_C,
  ACCEL_K,
  ACCEL_N,
  ACCEL_G,
  ACCEL_DIMS
};

enum accel_tensor { ACCEL_WEIGHTS, ACCEL_INPUTS, ACCEL_OUTPUTS, ACCEL_TENSORS };

enum accel_kind { ACCEL_CONV, ACCEL_GEMM, ACCEL_ELEMENTWISE, ACCEL_KINDS };

/* "R", "S", ...; "Weights", ...; "conv", ... */
extern const char *const accel_dim_names[ACCEL_DIMS];
extern const char *const accel_tensor_names[ACCEL_TENSORS];
extern const char *const accel_kind_names[ACCEL_KINDS];

enum {
  ACCEL_NAME_MAX = 48,     /* bytes of a name with its NUL */
  ACCEL_STRIDE_MAX = 4096, /* strides and dilations; zero pixels around an input */
  ACCEL_AXES = 2           /* sliding axes of a tensor: width and height */
};

/* Multiply-accumulates of one layer: counts stay exact in a double and far below 2^64. */
#define ACCEL_MACS_MAX (UINT64_C (1) << 48)

struct accel_layer {
  char name[ACCEL_NAME_MAX];
  enum accel_kind kind;
  uint32_t size[ACCEL_DIMS];                           /* all at least 1 */
  uint32_t stride_w, stride_h, dilation_w, dilation_h; /* at least 1 */
  uint32_t pad_left, pad_right, pad_top, pad_bottom;   /* zero pixels around the input */
  uint32_t count; /* how often a network holds this layer, at least 1 */
};

/* How a tensor's coordinates follow from the loop indices. Every dimension either does
 * not matter, or is an axis by itself (the axis has its number), or belongs to a sliding
 * axis (number ACCEL_DIMS + a): coordinate = step[0] * index[dim[0]] + step[1] *
 * index[dim[1]]. */
struct accel_axis {
  uint8_t dim[2];
  uint32_t step[2];
};
struct accel_projection {
  uint8_t single_count; /* dimensions that are an axis by themselves, in single[] */
  uint8_t single[ACCEL_DIMS];
  uint8_t axis_count; /* sliding axes */
  struct accel_axis axis[ACCEL_AXES];
  uint8_t axis_of[ACCEL_DIMS];  /* per dimension: its axis or ACCEL_NO_AXIS */
  uint32_t step_of[ACCEL_DIMS]; /* per dimension: its step along that axis */
};
enum { ACCEL_NO_AXIS = 255 };

/* A convolution of an in_w x in_h input (of which P and Q follow), or of given P and Q
 * when the caller fills `size` by hand: start from this and change what differs. All
 * sizes and steps 1, no padding, count 1, no name. */
struct accel_layer accel_layer_unit (enum accel_kind kind);

/* Fills `layer`: [m x k] times [k x n]. */
struct accel_layer accel_layer_gemm (uint32_t m, uint32_t n, uint32_t k);

/* Output positions along one axis: floor ((in + pad - dilation * (filter - 1) - 1) /
 * stride) + 1, 0 when the filter does not fit or an argument makes no sense. */
uint32_t accel_output_extent (uint64_t in, uint64_t pad, uint32_t filter, uint32_t stride,
                              uint32_t dilation);

/* ACCEL_OK, or ACCEL_INVALID and which field is out of range. */
int accel_layer_check (const struct accel_layer *layer, struct accel_error *err);

/* Of a layer that passes the check. MACs count operations, padded ones too (the product
 * of the sizes); words count a tensor's bounding box. */
uint64_t accel_layer_macs (const struct accel_layer *layer);
uint64_t accel_layer_words (const struct accel_layer *layer, enum accel_tensor tensor);

/* The projections of all three tensors. */
void accel_layer_project (const struct accel_layer *layer,
                          struct accel_projection projection[ACCEL_TENSORS]);

/* Coordinates that a box of `extent` spans along a sliding axis. */
static inline uint64_t
accel_axis_extent (const struct accel_axis *axis, const uint64_t extent[ACCEL_DIMS])
{
  return axis->step[0] * (extent[axis->dim[0]] - 1)
         + axis->step[1] * (extent[axis->dim[1]] - 1) + 1;
}

/* Words of a box that spans `extent` of each dimension. */
static inline uint64_t
accel_box_words (const struct accel_projection *p, const uint64_t extent[ACCEL_DIMS])
{
  uint64_t words = 1;
  for (int s = 0; s < p->single_count; s++)
    words *= extent[p->single[s]];
  for (int a = 0; a < p->axis_count; a++)
    words *= accel_axis_extent (&p->axis[a], extent);
  return words;
}

#endif
