/* sims/nn/layer.h - inside of the engine: a layer in its place, and the functions that a
 * kind of layer consists of. A new kind adds a file with such a row, and its name to
 * enum nn_kind and to the table in net.c. */
#ifndef SIMS_NN_LAYER_H
#define SIMS_NN_LAYER_H

#include "sims/nn/nn.h"
#include "sims/nn/random.h"

struct nn_node {
  struct nn_layer layer;
  struct nn_shape in, out;
  size_t n_in, n_out;    /* numbers of a sample */
  size_t params, offset; /* of its part of the parameter vector */
  size_t scratch;        /* numbers it wants to work in, whatever the batch */
};

/* What a pass hands to a layer. Parameters, gradient and scratch are its own part. */
struct nn_pass {
  const float *params;
  const float *x;
  float *y;
  float *dy;       /* backward only; a layer may spoil it */
  float *dx;       /* backward only; NULL when nobody asks */
  float *gradient; /* backward only; added to */
  float *scratch;
  uint32_t batch;
};

struct nn_op {
  /* Sets out, params and scratch from layer and in; false where that makes no sense. */
  bool (*plan) (struct nn_node *node);
  bool (*start) (const struct nn_node *node, float *params, struct nn_random *random);
  void (*forward) (const struct nn_node *node, const struct nn_pass *pass);
  void (*backward) (const struct nn_node *node, const struct nn_pass *pass);
};

extern const struct nn_op nn_dense, nn_tanh, nn_relu;

/* Starting weights of a matrix of rows x columns; false: out of memory. */
bool nn_start_matrix (enum nn_start start, float gain, size_t rows, size_t columns,
                      float *weights, struct nn_random *random);

#endif
