/* sims/nn/kernels.h - the inner loops of convolutions: sums of products gathered through
 * taps.
 *
 * A tap is the place, relative to a pixel, of numbers that one position of the window
 * reads, and the pixels from which that place is inside the image. So no matrix of
 * windows is ever written (as im2col does), nor an image with zeros around; strides are
 * the steps between pixels, and the derivative by the input is a gather too, of the
 * result's slopes through the taps turned round.
 *
 * Every element is summed in the order that is stated, each product fused into the sum
 * (fmaf): the same bits on every processor, however wide its vectors. */
#ifndef SIMS_NN_KERNELS_H
#define SIMS_NN_KERNELS_H

#include <stdbool.h>
#include <stddef.h>

enum { NN_MOST_KERNEL = 11, NN_MOST_TAPS = NN_MOST_KERNEL * NN_MOST_KERNEL };

/* Meets the pixels of rows `top` to `bottom` - 1, columns `left` to `right` - 1; from
 * others it adds nothing and reads nothing. */
struct nn_tap {
  ptrdiff_t at;
  size_t top, bottom, left, right;
};

/* The pixels of images that a kernel walks over, and what it reads and writes there.
 * Steps are in numbers. */
struct nn_walk {
  size_t images, rows, columns;
  const float *x;
  size_t x_image, x_row, x_step;
  float *y; /* read only by the nn_..._slopes */
  size_t y_image, y_row, y_step;
  size_t taps; /* at most NN_MOST_TAPS */
  const struct nn_tap *tap;
};

/* y[p][o] = sum over the t that meet p, then i < inner, of x[p + tap[t] + i] w[t][i][o],
 * for o < outer; sums go on from y where `add`. */
void nn_gather (const struct nn_walk *walk, size_t inner, size_t outer, const float *w,
                bool add);

/* dw[t][i][o] += sum over the p that t meets, image by image, row by row, of
 * x[p + tap[t] + i] y[p][o]. */
void nn_gather_slopes (const struct nn_walk *walk, size_t inner, size_t outer, float *dw);

/* One number in, one out, `channels` times: y[p][c] = sum over t of
 * x[p + tap[t] + c] w[t][c], and dw[t][c] += sum over p of x[p + tap[t] + c] y[p][c],
 * both where t meets p. */
void nn_depthwise (const struct nn_walk *walk, size_t channels, const float *w, bool add);
void nn_depthwise_slopes (const struct nn_walk *walk, size_t channels, float *dw);

#endif
