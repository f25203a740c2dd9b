/* workload.h - networks as lists of layers: built in, or read from files.
 *
 * Forms of files; how one is recognised is said at accel_workload_read:
 *
 * TEXT, our own: a layer a line, `KIND NAME` and then pairs `key value` in any order.
 * Blank lines and what follows a # are passed over. A PAIR is `7` or `7x5` (width x
 * height).
 *   conv NAME       channels N, maps N, filter PAIR, and one of
 *                   in PAIR (input without padding) or out PAIR
 *   depthwise NAME  channels N, filter PAIR, and in or out; maps N (per channel) if not 1
 *   gemm NAME       m N, n N, k N: [m x k] times [k x n]
 *   elementwise NAME  channels N, and in or out: two operands of that size
 * Optional: stride PAIR, dilation PAIR, pad PAIR (columns and rows on each side), pad of
 * four sides as in 0x1x0x1 (left, right, top, bottom) or `pad same` (output = input /
 * stride rounded up, as TensorFlow pads), groups N (channels and maps of conv and
 * elementwise are those of all groups, m n k those of one of a gemm), batch N, times N
 * (how often the network holds this layer).
 *
 * CSV, layer lists of other simulators, told by their header; in it upper and lower case,
 * blanks and a byte order mark do not matter:
 *   Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels,
 *     Num Filter, Strides [, Batch Size]                      SCALE-Sim, convolutions
 *   the same with Stride Height, Stride Width for Strides     as SCALE-Sim writes it
 *   Layer, M, N, K                                            SCALE-Sim, products
 *   K,C,Y,X,R,S,T, which may be absent                        MAESTRO (lists of GAMMA)
 *   M,N,K,0,0,0,T                                             the same, T = 3
 *   O,I,0,0,0,0,T                                             the same, T = 0
 * What the numbers mean is what those programs make of them. SCALE-Sim has no padding and
 * rounds positions up, ceil ((input - filter) / stride) + 1, here padding at the right
 * and bottom; a name with DP in it is a depthwise layer, Num Filter outputs of each
 * channel; an N:M sparsity behind the strides must be 1:1; columns count by position.
 * MAESTRO lists have neither names (layer1, layer2, ... here) nor strides nor padding: Y
 * x X is the height and width of the input, R x S those of the filter; T is 0 for a full
 * connection (O outputs, I inputs), 1 for a convolution, 2 for a depthwise one (K outputs
 * a channel), 3 for a product; unused columns hold 1. Lines without anything in a cell
 * are passed over, empty cells at the end of a line do not count.
 *
 * TIMELOOP: YAML with a `problem`; what else the file holds (an architecture, a mapping)
 * is passed over.
 *   problem:
 *     shape: ...                     optional
 *     instance: { C: 3, M: 96, N: 1, P: 55, Q: 55, R: 11, S: 11, Wstride: 4, Hstride: 4 }
 * Sizes may stand in `problem` itself. They are R S P Q C K (or M) N G and Wstride
 * Wdilation (of P and R) Hstride Hdilation (of Q and S; HStride and WStride, as some
 * files have it, mean the same), or M N K of a product [m x k] times [k x n]. `shape` is
 * a name (cnn_layer, gemm_ABZ) or a description, whose dimensions, coefficients and data
 * spaces have to be those of such a layer, or of part of one (a convolution along one
 * axis), or of a depthwise one, where C is in the outputs too. Without one the sizes
 * tell: M, N, K alone are a product. Every dimension of the shape needs its size, absent
 * coefficients are 1 or the shape's default. Templates, as the exercises' layer_shapes
 * are, stand for their base: the line that includes it and the merged *problem_base are
 * passed over, and all sizes are 1 where not given. Densities are an error (layers are
 * dense), and so are more than 256 KiB or brackets more than 64 deep.
 *
 * ONNX is not read: Debian 12's libonnx-dev is a C++ interface over protobuf that leaves
 * operators and most shapes to its caller.
 *
 * Every reader is strict: an unknown word, a missing or repeated one, a number out of
 * range is an error that names file and line and says what was expected. */
#ifndef SIMS_ACCEL_WORKLOAD_H
#define SIMS_ACCEL_WORKLOAD_H

#include <stddef.h>

#include "sims/accel/layer.h"

enum accel_form {
  ACCEL_FORM_GUESS,
  ACCEL_FORM_TEXT,
  ACCEL_FORM_CSV,
  ACCEL_FORM_TIMELOOP,
  ACCEL_FORMS
};

enum { ACCEL_LAYERS_MAX = 65536, ACCEL_FILE_MAX = 16 << 20 };

struct accel_workload {
  char name[ACCEL_NAME_MAX];
  struct accel_layer *layers;
  size_t count;
};

/* Names of the built-in networks: a NULL behind the last. */
extern const char *const accel_networks[];

/* A built-in network. ACCEL_OK and *w to be freed, or ACCEL_INVALID with a message that
 * lists the names, or ACCEL_NOMEM. Pooling, activations and additions of residuals are
 * left out: they multiply nothing. */
int accel_workload_network (struct accel_workload *w, const char *name,
                            struct accel_error *err);

/* Reads the file `path`. Endings .yaml and .yml are TIMELOOP; .csv is CSV; everything
 * else is TEXT. *w is empty after an error. */
int accel_workload_read (struct accel_workload *w, const char *path,
                         struct accel_error *err);

/* The same for `size` bytes of text; `name` stands for the file. */
int accel_workload_parse (struct accel_workload *w, const char *name, const char *text,
                          size_t size, enum accel_form form, struct accel_error *err);

/* A built-in network if there is one of that name, a file otherwise. What is neither and
 * looks like a name is an error that lists the networks and the nearest. */
int accel_workload_open (struct accel_workload *w, const char *what,
                         struct accel_error *err);

enum { ACCEL_TEXT_LINE_MAX = 512 };

/* Writes a layer as a line of the TEXT form with its LF, or says why it cannot: a layer
 * that fails its check, a name with blanks, a product with strides or Q above 1, numbers
 * above 2147483647. Reading it back gives the same layer. */
int accel_layer_format (char line[ACCEL_TEXT_LINE_MAX], const struct accel_layer *layer,
                        struct accel_error *err);

/* Writes all layers to the file `path` in the TEXT form; a file that could not be written
 * in full is removed. */
int accel_workload_write (const struct accel_workload *w, const char *path,
                          struct accel_error *err);

/* Harmless on an empty one. */
void accel_workload_free (struct accel_workload *w);

/* Multiply-accumulates and weights of all layers, each as often as its count says. The
 * second operand of element-wise layers, and of GEMMs in groups (activations of attention
 * heads), is no weight. */
double accel_workload_macs (const struct accel_workload *w);
double accel_workload_weights (const struct accel_workload *w);

/* Joins layers of equal shape into the first of them, adding up their counts; what costs
 * are summed over needs no more. */
void accel_workload_merge (struct accel_workload *w);

#endif
