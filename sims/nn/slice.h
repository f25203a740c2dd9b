/* sims/nn/slice.h - weight sharing: the part of a supernet's numbers that a sub-network
 * uses.
 *
 * A sub-network is a network of its own, smaller in channels, kernels or depth, whose
 * parameters are copied out of the supernet's before a pass and whose gradient is added
 * back after it (single-path training: Guo et al. 2020; elastic kernels, widths and
 * depths: Cai et al., "Once-for-all", 2020, without its transformation matrices). Layers
 * take the first channels and the centre of a kernel; layers that the sub-network skips
 * are simply not named. Copying is cheap beside a pass, and kernels stay dense.
 *
 * A slice holds no numbers: it may be read from several threads. */
#ifndef SIMS_NN_SLICE_H
#define SIMS_NN_SLICE_H

#include "sims/nn/nn.h"

typedef struct nn_slice nn_slice;

/* For every layer of `sub` with parameters or statistics, layer_of[i] is the layer of
 * `super` that they come from (entries of other layers are not looked at). Two layers may
 * come from one. Both networks may go once this returns.
 *
 * NULL when memory runs out, or a layer does not fit: another kind, more channels, a
 * dense layer over another height or width, a larger kernel or one of the other parity, a
 * bias in one alone. Where the supernet's convolution has several groups, a sub-network
 * takes the first of them, each whole: so its channels are the first ones here too. */
nn_slice *nn_slice_new (const nn_net *sub, const nn_net *super, const uint32_t *layer_of);
void nn_slice_destroy (nn_slice **slice);

/* Parameters of the supernet into those of the sub-network, all of which are written. */
void nn_slice_gather (const nn_slice *slice, const float *super, float *sub);

/* Adds the sub-network's gradient to the supernet's. */
void nn_slice_scatter (const nn_slice *slice, const float *sub, float *super);

/* Writes parameters back to where they came from; the rest of `super` stays. */
void nn_slice_put (const nn_slice *slice, const float *sub, float *super);

/* The same for running statistics. Those of a supernet are seldom right for one of its
 * sub-networks: see nn_recalibrate. */
void nn_slice_gather_statistics (const nn_slice *slice, const float *super, float *sub);
void nn_slice_put_statistics (const nn_slice *slice, const float *sub, float *super);

#endif
