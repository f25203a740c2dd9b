/* plugins/common/cholesky.h - the factor A = L L' of a symmetric positive definite
 * matrix that grows row by row.
 *
 * A new row costs O(n^2) instead of O(n^3), and the last rows can be dropped for nothing:
 * what Gaussian-process models of growing data, and of fantasies on top of them, need.
 *
 * Over CBLAS and LAPACKE (OpenBLAS). OpenBLAS keeps one thread count for the process;
 * `numeric_one_thread` sets it to 1, which is all that is ever set: threads cost more
 * than they bring at these sizes, and with several of them sums change with the load. */
#ifndef PLUGINS_COMMON_CHOLESKY_H
#define PLUGINS_COMMON_CHOLESKY_H

#include <stddef.h>
#include <stdint.h>

struct cholesky {
  size_t n;       /* rows in use */
  size_t room;    /* of `factor`, which has room rows of room numbers */
  double *factor; /* row-major, lower triangle; what is above the diagonal is undefined */
};

/* Makes OpenBLAS work in the calling thread alone, once per process and call. */
void numeric_one_thread (void);

void cholesky_init (struct cholesky *c);
void cholesky_free (struct cholesky *c);

/* Makes room for n rows; keeps the rows in use. GYM_ENOMEM. */
int cholesky_reserve (struct cholesky *c, size_t n);

/* Factorises in place: the caller has reserved n rows and filled the lower triangle of
 * `factor`. Negative GYM_EINVAL when the matrix is not positive definite; the factor is
 * then undefined and n is 0. */
int cholesky_factorise (struct cholesky *c, size_t n);

/* Adds a row: row[n] against the rows before it, and its diagonal element. A diagonal
 * that rounding would leave at `least` squared or less becomes `least`. GYM_ENOMEM. */
int cholesky_append (struct cholesky *c, const double *row, double diagonal,
                     double least);

/* Keeps the first n rows. */
void cholesky_truncate (struct cholesky *c, size_t n);

/* b := A^-1 b for b[n]. */
void cholesky_solve (const struct cholesky *c, double *b);

/* Each of m rows of n numbers (the next one `stride` later) becomes L^-1 row. */
void cholesky_half_solve (const struct cholesky *c, double *rows, size_t m,
                          size_t stride);

/* The lower triangle of A^-1 into out, n rows of `stride` numbers. GYM_EINVAL. */
int cholesky_inverse (const struct cholesky *c, double *out, size_t stride);

/* log det A */
double cholesky_log_determinant (const struct cholesky *c);

#endif
