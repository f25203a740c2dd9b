/* sims/nn/layer.h - inside of the engine: a layer in its place, and the functions that a
 * kind of layer consists of. A new kind adds a file with such a row, and its name to
 * enum nn_kind and to the table in net.c. */
#ifndef SIMS_NN_LAYER_H
#define SIMS_NN_LAYER_H

#include "sims/nn/nn.h"
#include "sims/nn/random.h"

struct nn_node {
  struct nn_layer layer;
  uint32_t n_inputs;
  uint32_t *inputs; /* 0 the network's input, 1 + i the result of layer i */
  struct nn_shape in, out;
  size_t n_in, n_out;    /* numbers of a sample */
  size_t params, offset; /* of its part of the parameter vector */
  size_t statistics, statistics_offset;
  size_t kept,
      kept_offset; /* numbers that the pass back finds again, whatever the batch */
  size_t scratch;  /* numbers it wants to work in, whatever the batch */
  double macs;
};

/* What a pass hands to a layer. Parameters, gradient, statistics, kept and scratch are
 * its own part. Layers of one input use x, dx and add, which are the first of the lists;
 * in those of a sum NULL stands for what has gone into it already.
 */
struct nn_pass {
  const struct nn_mode *mode;
  const float *params;
  const float *x;
  const float *const *xs;
  float *y;
  bool y_add;        /* norms and sums: y holds a part of a sum, which is added to */
  float *dy;         /* backward only; a layer may spoil it */
  float *dx;         /* backward only; NULL when nobody asks */
  bool add;          /* to dx, which holds slopes from other readers already */
  float *const *dxs; /* backward only, of every input */
  const bool *adds;
  float *gradient; /* backward only; added to */
  float *statistics, *kept, *scratch;
  uint32_t batch;
};

struct nn_op {
  /* Sets out, params and the like from layer and in; false where that makes no sense. */
  bool (*plan) (struct nn_node *node);
  /* NULL: there are no parameters. */
  bool (*start) (const struct nn_node *node, float *params, struct nn_random *random);
  void (*forward) (const struct nn_node *node, const struct nn_pass *pass);
  void (*backward) (const struct nn_node *node, const struct nn_pass *pass);
};

extern const struct nn_op nn_dense, nn_tanh, nn_relu, nn_conv, nn_norm, nn_average,
    nn_maximum, nn_global, nn_sum, nn_mixture;

/* Starting weights of a matrix of rows x columns; false: out of memory. */
bool nn_start_matrix (enum nn_start start, float gain, size_t rows, size_t columns,
                      float *weights, struct nn_random *random);

/* to[i] = max (x[i], 0). */
void nn_rectify (const float *restrict x, size_t n, float *restrict to);

/* Slopes of max (x, 0): to[i] = slopes[i] where gate[i] > 0, else 0; `add`: added. The
 * gate may be x or the maximum. */
void nn_through_relu (const float *restrict gate, const float *restrict slopes, size_t n,
                      bool add, float *restrict to);

/* The gain that a layer asks for. */
static inline float
nn_gain (const struct nn_node *node)
{
  return node->layer.gain != 0 ? node->layer.gain : 1.41421356237f;
}

#endif
