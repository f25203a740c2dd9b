/* sims/nn/nn.h - the neural-network engine: policies of agents now, convolutional
 * training later.
 *
 * A network is a description: a sequence of layers over one input shape. It holds no
 * numbers. Parameters are one flat vector that the caller owns, so that several networks
 * can lie side by side in one vector under one optimiser, be copied with memcpy, be saved
 * or be mixed (target networks). What a pass leaves behind for the pass back lies in a
 * tape. A kind of layer is a row of functions (layer.h): a convolution is another row and
 * a file, nothing else changes; shapes have channels, height and width for that reason.
 *
 * Numbers are float: training is bound by memory and by the width of vector units, both
 * twice as good as with double, and noise of the gradients is far above 1e-7. Sums that
 * are taken over whole vectors (norms, losses) are double.
 *
 * Results are the same bits whatever vector units a processor has: products are summed in
 * the order of the inner index, one accumulator an element, without fused operations.
 * That, and matrices too small for a BLAS to pay, is why matmul.c is ours.
 *
 * Batches are row-major: row b holds the numbers of sample b. Nothing here is global;
 * networks and parameters may be read from several threads, a tape by one at a time.
 * Functions that make something return NULL when memory runs out, or the arguments make
 * no sense. */
#ifndef SIMS_NN_H
#define SIMS_NN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- Networks -------------------------------------------------------------------- */

/* Of one sample; a plain vector of n numbers is { n, 1, 1 }. */
struct nn_shape {
  uint32_t channels, height, width;
};

enum nn_kind {
  NN_DENSE, /* y = x W + b; W has a row per input */
  NN_TANH,
  NN_RELU
};

/* How the weights of a layer start; biases start at 0. */
enum nn_start {
  NN_ORTHOGONAL, /* gain times an orthogonal matrix (Saxe et al. 2014) */
  NN_HE          /* normal, variance gain^2 / inputs (He et al. 2015; gain sqrt 2) */
};

struct nn_layer {
  enum nn_kind kind;
  uint32_t units;      /* dense: outputs */
  enum nn_start start; /* dense */
  float gain;          /* dense; 0 means sqrt 2 */
};

typedef struct nn_net nn_net;

/* A network of n >= 1 layers, which are copied. */
nn_net *nn_net_new (struct nn_shape input, const struct nn_layer *layers, uint32_t n);
void nn_net_destroy (nn_net **net);

/* A multilayer perceptron: `hidden` dense layers of `width` units with an activation,
 * then a dense layer of `outputs` with its own gain, as policies and critics want it
 * (Andrychowicz et al., "What matters in on-policy reinforcement learning", 2021: a last
 * layer that starts small keeps the first policy close to uniform). */
nn_net *nn_mlp_new (uint32_t inputs, uint32_t hidden, uint32_t width,
                    enum nn_kind activation, uint32_t outputs, float last_gain);

/* Lengths: of the parameter vector, of a sample, of a result. */
size_t nn_net_params (const nn_net *net);
size_t nn_net_inputs (const nn_net *net);
size_t nn_net_outputs (const nn_net *net);

/* Writes starting values, the same for the same seed. False: out of memory. */
bool nn_net_start (const nn_net *net, float *params, uint64_t seed);

/* ---- Passes ---------------------------------------------------------------------- */

typedef struct nn_tape nn_tape;

/* Room for batches of up to `most` samples of one network, which must outlive it. */
nn_tape *nn_tape_new (const nn_net *net, uint32_t most);
void nn_tape_destroy (nn_tape **tape);

/* Results of a batch, valid until the tape is used again. `inputs` is borrowed until the
 * pass back. 1 <= batch <= most. */
const float *nn_forward (nn_tape *tape, const float *params, const float *inputs,
                         uint32_t batch);

/* The pass back of the last nn_forward: `slopes` are the derivatives of a loss by the
 * results, which are overwritten. Adds the loss's derivatives by the parameters to
 * `gradient`; writes those by the inputs to `input_slopes` unless it is NULL. */
void nn_backward (nn_tape *tape, const float *params, float *slopes, float *gradient,
                  float *input_slopes);

/* ---- Heads and losses ------------------------------------------------------------ */

/* log softmax of n logits; in place when both are the same. */
void nn_log_softmax (const float *logits, uint32_t n, float *logs);

/* Entropy in nats of a distribution given by its logarithms. */
float nn_entropy (const float *logs, uint32_t n);

/* Adds weight times the derivative, by the logits, of log p[chosen] and of the entropy.
 */
void nn_log_slope (const float *logs, uint32_t n, uint32_t chosen, float weight,
                   float *slopes);
void nn_entropy_slope (const float *logs, uint32_t n, float weight, float *slopes);

/* The clipped surrogate of PPO (Schulman et al. 2017, eq. 7), to be minimised:
 * -min (r A, clip (r, 1-c, 1+c) A) with r = exp (log_new - log_old). `slope` receives
 * its derivative by log_new. */
float nn_clipped_surrogate (float log_new, float log_old, float advantage, float clip,
                            float *slope);

/* Huber's loss of a difference (1964): its square / 2 up to `knee`, a line beyond;
 * INFINITY: the square alone. `slope` receives its derivative. */
float nn_huber (float difference, float knee, float *slope);

/* ---- Optimiser ------------------------------------------------------------------- */

/* Adam (Kingma and Ba 2015) with weight decay apart from the gradient (Loshchilov and
 * Hutter 2019). */
struct nn_adam_settings {
  float rate, beta1, beta2, epsilon;
  float decay; /* share of a parameter lost a step, times rate; 0: none */
};

typedef struct nn_adam nn_adam;

/* The moments of n parameters, all 0. */
nn_adam *nn_adam_new (size_t n);
void nn_adam_destroy (nn_adam **adam);

/* One step downhill. */
void nn_adam_step (nn_adam *adam, const struct nn_adam_settings *settings, float *params,
                   const float *gradient);

/* Scales a gradient down to the Euclidean norm `most` where it is longer, and sets it to
 * 0 where it is not finite. Returns the norm before. */
double nn_clip_norm (float *gradient, size_t n, double most);

/* params = (1 - share) params + share source: target networks. */
void nn_mix (float *params, const float *source, size_t n, float share);

#endif
