/* sims/nn/window.h - inside of the engine: a square window that slides over an image, as
 * convolutions and average pools see it, and the same window seen from the slopes of the
 * results. */
#ifndef SIMS_NN_WINDOW_H
#define SIMS_NN_WINDOW_H

#include "sims/nn/kernels.h"
#include "sims/nn/layer.h"

struct nn_window {
  struct nn_shape in, out;
  size_t kernel, stride;
  size_t before; /* positions above and left of the image that the first window has */
};

/* The window of a layer over an image; its result has `channels`. False: no such window.
 */
bool nn_window_of (const struct nn_layer *layer, struct nn_shape in, uint32_t channels,
                   struct nn_window *window);

/* The walk over the results of images; taps in the order of rows, then columns. */
struct nn_walk nn_window_walk (const struct nn_window *window, size_t images,
                               const float *x, float *y, struct nn_tap *taps);

/* Every pixel of an image is met by the window at distances that are alike, modulo the
 * stride, in both directions: stride squared classes of pixels with walks of their own
 * over the slopes of results. `positions` receives which position of the window
 * (row * kernel + column) each tap of the class stands for. */
struct nn_walk nn_window_back (const struct nn_window *window, size_t class,
                               size_t images, const float *slopes, float *image_slopes,
                               struct nn_tap *taps, size_t *positions);

#endif
