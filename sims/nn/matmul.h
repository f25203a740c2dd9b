/* sims/nn/matmul.h - the one matrix product of the engine. */
#ifndef SIMS_NN_MATMUL_H
#define SIMS_NN_MATMUL_H

#include <stdbool.h>
#include <stddef.h>

/* A matrix that is read: element (i, k) is at[i * row + k * column]. */
struct nn_matrix {
  const float *at;
  size_t row, column;
};

/* C = A B, or C += A B when `add`: A is m x k, B is k x n with rows of n consecutive
 * numbers, and so is C, which must not overlap them. Every element is the sum over k in
 * rising order, rounded after each operation. */
void nn_matmul (size_t m, size_t n, size_t k, struct nn_matrix a, const float *b,
                float *c, bool add);

/* to (n x m) becomes the transpose of from (m x n). */
void nn_transpose (size_t m, size_t n, const float *from, float *to);

#endif
