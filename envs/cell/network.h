/* network.h - the network around a cell, as a description for sims/nn.
 *
 * The skeleton is that of NAS-Bench-201 (Dong and Yang, ICLR 2020, section 2.1), smaller:
 * a stem (conv3x3, norm), stages of cells, between them a residual block that halves the
 * image and doubles the channels (ReLU-conv3x3 with stride 2-norm, ReLU-conv3x3-norm,
 * beside a 2x2 average and conv1x1), then norm, ReLU, the average over the image and a
 * dense layer. Convolutions of a cell are ReLU-conv-norm, its pool averages what lies
 * inside the image. Cells are spread over the stages as evenly as they can be.
 *
 * A network is built from a form (graph.h) and so does not hold what the cell does not
 * use: two cells of one form are the same layers in the same order.
 *
 * SHARED WEIGHTS. The supernet holds both convolutions of every edge of every cell. It is
 * never run: it is where networks take their weights from, by the key of a layer. */
#ifndef ENVS_CELL_NETWORK_H
#define ENVS_CELL_NETWORK_H

#include "envs/cell/graph.h"
#include "sims/nn/nn.h"

struct cell_plan {
  struct nn_shape input;
  uint32_t classes;
  uint32_t channels;      /* of the first stage */
  uint32_t cells, stages; /* cells of all stages >= stages >= 1 */
};

struct cell_net {
  nn_net *net;
  uint32_t n;     /* layers */
  uint32_t *keys; /* one a layer, the same in every network of a plan for weights of the
                   * same place; 0: the layer has none */
};

/* The network of a form. False: out of memory, and *out is empty. */
bool cell_net_build (const struct cell_plan *plan, const struct cell_form *form,
                     struct cell_net *out);

/* The supernet. */
bool cell_supernet_build (const struct cell_plan *plan, struct cell_net *out);

/* For every layer of `sub` the layer of `super` that holds its weights; 0 for a layer
 * without any. `layer_of` has sub->n numbers. */
void cell_net_layers (const struct cell_net *sub, const struct cell_net *super,
                      uint32_t *layer_of);

/* Harmless on an empty one. */
void cell_net_free (struct cell_net *net);

#endif
