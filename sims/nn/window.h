/* sims/nn/window.h - inside of the engine: a square window that slides over an image, as
 * convolutions and average pools see it, and the same window seen from the slopes of the
 * results. */
#ifndef SIMS_NN_WINDOW_H
#define SIMS_NN_WINDOW_H

#include "sims/nn/kernels.h"
#include "sims/nn/layer.h"

enum { NN_MOST_KERNEL = 11 };

struct nn_window {
  struct nn_shape in, out;
  size_t kernel, stride;
  size_t before;        /* zeros above and left of the image */
  size_t height, width; /* of the image with all its zeros */
  size_t slopes_before, slopes_height, slopes_width; /* the same of the results' slopes */
};

/* The window of a layer over an image; its result has `channels`. False: no such window.
 */
bool nn_window_of (const struct nn_layer *layer, struct nn_shape in, uint32_t channels,
                   struct nn_window *window);

/* Numbers of an image, and of a result, with its zeros. */
size_t nn_window_padded (const struct nn_window *window);
size_t nn_window_padded_slopes (const struct nn_window *window);

/* Copies an image of any channels into its zeros; negative numbers become 0 with `relu`.
 */
void nn_window_pad (const struct nn_window *window, const float *image, bool relu,
                    float *padded);
void nn_window_pad_slopes (const struct nn_window *window, const float *slopes,
                           float *padded);

/* The walk over the results of a padded image; taps in the order of rows, then columns.
 */
struct nn_walk nn_window_walk (const struct nn_window *window, const float *padded,
                               float *result, ptrdiff_t *taps);

/* Every pixel of the image is met by the window at distances that are alike, modulo the
 * stride, in both directions: stride squared classes of pixels with walks of their own
 * over the padded slopes. `positions` receives which position of the window
 * (row * kernel + column) each tap of the class stands for. */
struct nn_walk nn_window_back (const struct nn_window *window, size_t class,
                               const float *padded_slopes, float *image_slopes,
                               ptrdiff_t *taps, size_t *positions);

#endif
