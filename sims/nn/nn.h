/* sims/nn/nn.h - the neural-network engine: policies of agents and the image networks
 * of supernets.
 *
 * A network is a description: layers over one input shape, each of which reads the result
 * of the one before or of any named earlier one. It holds no numbers. Parameters are one
 * flat vector that the caller owns, so that several networks can lie side by side in one
 * vector under one optimiser, be copied with memcpy, be saved or be mixed (target
 * networks). What a pass leaves behind for the pass back lies in a tape. A kind of layer
 * is a row of functions (layer.h): a new one is another row and a file, nothing else
 * changes. Training (train.h), data (images.h), sub-networks that share weights (slice.h)
 * and scores of untrained networks (zerocost.h) are built on this page alone.
 *
 * Numbers are float: training is bound by memory and by the width of vector units, both
 * twice as good as with double, and noise of the gradients is far above 1e-7. Sums that
 * are taken over whole vectors (norms, losses) are double.
 *
 * Results are the same bits whatever vector units a processor has: products are summed in
 * the order of the inner index, one accumulator an element, without fused operations.
 * That, and matrices too small for a BLAS to pay, is why matmul.c is ours.
 * Convolutions (kernels.h) add fused products in a stated order, so theirs are the same
 * bits everywhere too, and no slower than the libraries that `make bench` sets beside
 * them.
 *
 * Batches are row-major: row b holds the numbers of sample b; an image's are in the order
 * height, width, channel. Nothing here is global;
 * networks and parameters may be read from several threads, a tape by one at a time.
 * Functions that make something return NULL when memory runs out, or the arguments make
 * no sense. */
#ifndef SIMS_NN_H
#define SIMS_NN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- Networks -------------------------------------------------------------------- */

/* Of one sample; a plain vector of n numbers is { n, 1, 1 }. In memory the channel runs
 * fastest: number (y, x, c) is at (y * width + x) * channels + c. */
struct nn_shape {
  uint32_t channels, height, width;
};

enum nn_kind {
  NN_DENSE, /* y = x W + b; W has a row per input */
  NN_TANH,
  NN_RELU,
  NN_CONV,    /* weights [group][row][column][input of the group][output of it]; then,
               * with `bias`, one number an output. Zeros around: (kernel - 1) / 2 */
  NN_NORM,    /* batch normalisation (Ioffe and Szegedy 2015), epsilon 1e-5;
               * scales, then shifts */
  NN_AVERAGE, /* of a window of `kernel` squared, of what lies inside the image */
  NN_MAXIMUM, /* of the same window; the first of equals takes the slope */
  NN_GLOBAL,  /* average over height and width */
  NN_SUM,     /* of all inputs; with none, zeros in the shape of `from` */
  NN_MIX      /* sum of inputs, each times its coefficient (struct nn_mode) */
};

/* How the weights of a layer start; biases and shifts start at 0, scales at 1. */
enum nn_start {
  NN_ORTHOGONAL, /* gain times an orthogonal matrix (Saxe et al. 2014) */
  NN_HE          /* normal, variance gain^2 / inputs (He et al. 2015; gain sqrt 2) */
};

/* What a layer reads: 0 the layer before it (the first: the network's input), 1 + i the
 * result of layer i, NN_INPUT the network's input. */
#define NN_INPUT UINT32_MAX

struct nn_layer {
  enum nn_kind kind;
  uint32_t units;      /* dense, convolution: outputs */
  enum nn_start start; /* dense, convolution */
  float gain;          /* dense, convolution; 0 means sqrt 2 */
  uint32_t from;       /* see NN_INPUT; sums and mixes read `inputs` */
  uint32_t kernel;     /* convolution, pools: side of the window; 0 means 1 */
  uint32_t stride;     /* convolution, pools: the result is ceil (side / stride); 0: 1 */
  uint32_t groups;     /* convolution: 0 means 1; as many as channels: depthwise */
  bool relu;           /* convolution: of max (x, 0), which costs nothing more */
  bool bias;           /* convolution */
  uint32_t n_inputs;   /* sums and mixes: how many, each in the same shape */
  const uint32_t *inputs; /* their numbers as `from` has them; copied */
  uint32_t first;         /* mix: the place of its first coefficient */
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

/* Lengths: of the parameter vector, of a sample, of a result; of the running statistics
 * of its normalisations (a mean and a variance a channel); of the coefficients that its
 * mixes read. */
size_t nn_net_params (const nn_net *net);
size_t nn_net_statistics (const nn_net *net);
size_t nn_net_coefficients (const nn_net *net);
size_t nn_net_inputs (const nn_net *net);
size_t nn_net_outputs (const nn_net *net);

/* Writes starting values, the same for the same seed. False: out of memory. */
bool nn_net_start (const nn_net *net, float *params, uint64_t seed);

/* Statistics before any training: means 0, variances 1. */
void nn_net_clear (const nn_net *net, float *statistics);

/* What layer i of n became: its shapes, where its parameters and statistics lie, and the
 * multiplications of a sample that go into it (0 but for dense layers and convolutions).
 */
struct nn_part {
  struct nn_layer layer; /* `inputs` is the network's own copy */
  struct nn_shape in, out;
  size_t params, offset;
  size_t statistics, statistics_offset;
  double macs;
};
uint32_t nn_net_layers (const nn_net *net);
struct nn_part nn_net_part (const nn_net *net, uint32_t i);

/* ---- Passes ---------------------------------------------------------------------- */

typedef struct nn_tape nn_tape;

/* Room for batches of up to `most` samples of one network, which must outlive it. */
nn_tape *nn_tape_new (const nn_net *net, uint32_t most);
void nn_tape_destroy (nn_tape **tape);

/* The same room for another network, larger where it must be. False: out of memory, and
 * the tape serves its old network. */
bool nn_tape_turn (nn_tape *tape, const nn_net *net);

/* How passes through a tape go until it is told otherwise; all 0 for networks without
 * normalisation and mixes. The vectors are borrowed. */
struct nn_mode {
  bool training;     /* normalise with the batch's own mean and variance */
  float *statistics; /* running ones: read when not training, moved by training unless
                      * NULL */
  float momentum;    /* how far: s = (1 - momentum) s + momentum * batch's (variance of
                      * n - 1, as is usual) */
  const float *coefficients;   /* of mixes */
  float *coefficient_gradient; /* added to by the pass back, unless NULL */
};
void nn_tape_mode (nn_tape *tape, const struct nn_mode *mode);

/* The result of layer i in the last nn_forward; of all samples of the batch. That of a
 * norm which only one sum reads is never there by itself: the sum's is returned. */
const float *nn_tape_result (const nn_tape *tape, uint32_t i);

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

/* The place of the largest of n >= 1 logits; the first of equals. */
uint32_t nn_top (const float *logits, uint32_t n);

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

/* Cross-entropy of a batch of logits (batch rows of n) with labels < n, in nats, as the
 * batch's mean. `smoothing` of the target is spread evenly over all classes (Szegedy et
 * al. 2016). `slopes` (may be NULL) receives the derivatives by the logits. */
double nn_cross_entropy (const float *logits, const uint8_t *labels, uint32_t batch,
                         uint32_t n, float smoothing, float *slopes);

/* Distillation (Hinton et al. 2015): temperature^2 times the cross-entropy between
 * softmax (teacher / temperature) and softmax (logits / temperature), less the teacher's
 * entropy, as the batch's mean. Adds weight times the derivatives to `slopes`. */
double nn_distillation (const float *logits, const float *teacher, uint32_t batch,
                        uint32_t n, float temperature, float weight, float *slopes);

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

/* Stochastic gradient descent with momentum: v = momentum v + (gradient + decay params),
 * params -= rate (v, or with nesterov: gradient + decay params + momentum v). `velocity`
 * has n numbers, 0 at the start. */
struct nn_sgd_settings {
  float rate, momentum, decay;
  bool nesterov;
};
void nn_sgd_step (const struct nn_sgd_settings *settings, size_t n, float *params,
                  const float *gradient, float *velocity);

/* Half a cosine from 1 at step 0 to 0 at step `total` (Loshchilov and Hutter 2017), after
 * a line from 0 over the first `warm` steps. */
double nn_cosine (size_t step, size_t total, size_t warm);

/* Scales a gradient down to the Euclidean norm `most` where it is longer, and sets it to
 * 0 where it is not finite. Returns the norm before. */
double nn_clip_norm (float *gradient, size_t n, double most);

/* params = (1 - share) params + share source: target networks. */
void nn_mix (float *params, const float *source, size_t n, float share);

#endif
