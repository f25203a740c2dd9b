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
 * Optional: stride PAIR, dilation PAIR, pad PAIR (columns and rows on each side) or `pad
 * same` (output = input / stride rounded up, as TensorFlow pads), groups N (conv, gemm:
 * channels and maps are those of all groups of a conv, m n k those of one of a gemm),
 * batch N, times N (how often the network holds this layer).
 *
 * SCALE_SIM, topologies of SCALE-Sim: CSV with a header line, then name, input height and
 * width, filter height and width, channels, filters, stride; an N:M sparsity behind it
 * must be 1:1. Layers with DP in their names are depthwise, as there. No padding.
 *
 * MNK, of the same tool: a header with the columns M, N, K behind the name.
 *
 * MAESTRO: CSV of K, C, Y, X, R, S, T (the header is optional): Y and X are the input, T
 * is 1 for convolutions, 2 for depthwise ones; stride 1, no padding. R and Y go together
 * there, so R is our S.
 *
 * TIMELOOP: YAML with a `problem` mapping: its `instance` mapping, or the sizes in
 * `problem` itself: R S P Q C K (or M) N, Wstride Hstride Wdilation Hdilation; or M N K
 * of a GEMM. Without K and M it is depthwise. A `shape` is looked at for the names of its
 * dimensions only.
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
  ACCEL_FORM_SCALE_SIM,
  ACCEL_FORM_MNK,
  ACCEL_FORM_MAESTRO,
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

/* Reads the file `path`. Endings .yaml and .yml are TIMELOOP; .csv is MNK, SCALE_SIM or
 * MAESTRO by its first line; everything else is TEXT. *w is empty after an error. */
int accel_workload_read (struct accel_workload *w, const char *path,
                         struct accel_error *err);

/* The same for `size` bytes of text; `name` stands for the file. */
int accel_workload_parse (struct accel_workload *w, const char *name, const char *text,
                          size_t size, enum accel_form form, struct accel_error *err);

/* A built-in network if there is one of that name, a file otherwise. */
int accel_workload_open (struct accel_workload *w, const char *what,
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
