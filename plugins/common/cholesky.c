/* A growing Cholesky factor: see cholesky.h. */
#include "plugins/common/cholesky.h"

#include <gym/error.h>

#include <cblas.h>
#include <lapacke.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Row-major lower is column-major upper: LAPACK works in place on our factor, without
 * the transposed copies that LAPACKE makes of row-major matrices. */
#define FACTOR_AS_LAPACK LAPACK_COL_MAJOR, 'U'

void
numeric_one_thread (void)
{
  if (openblas_get_num_threads () != 1)
    openblas_set_num_threads (1);
}

void
cholesky_init (struct cholesky *c)
{
  *c = (struct cholesky){ 0 };
}

void
cholesky_free (struct cholesky *c)
{
  free (c->factor);
  *c = (struct cholesky){ 0 };
}

/* A quarter more than asked for: the stride changes with the room, so every growth copies
 * the whole triangle. */
int
cholesky_reserve (struct cholesky *c, size_t n)
{
  if (n <= c->room)
    return GYM_OK;
  size_t room = n + n / 4 + 16;
  double *factor = calloc (room * room, sizeof *factor);
  if (!factor)
    return GYM_ENOMEM;
  for (size_t i = 0; i < c->n; i++)
    memcpy (factor + i * room, c->factor + i * c->room, (i + 1) * sizeof *factor);
  free (c->factor);
  c->factor = factor;
  c->room = room;
  return GYM_OK;
}

int
cholesky_factorise (struct cholesky *c, size_t n)
{
  lapack_int info = LAPACKE_dpotrf_work (FACTOR_AS_LAPACK, (lapack_int)n, c->factor,
                                         (lapack_int)c->room);
  c->n = info == 0 ? n : 0;
  return info == 0 ? GYM_OK : GYM_EINVAL;
}

/* A = L L' grows by a row l with L l = a and the root of what l leaves of the diagonal.
 */
int
cholesky_append (struct cholesky *c, const double *row, double diagonal, double least)
{
  if (cholesky_reserve (c, c->n + 1) < 0)
    return GYM_ENOMEM;
  double *new = c->factor + c->n * c->room;
  /* The first row has nothing to the left of its diagonal, and maybe no `row`. */
  if (c->n > 0)
    memcpy (new, row, c->n * sizeof *new);
  cholesky_half_solve (c, new, 1, c->room);
  for (size_t i = 0; i < c->n; i++)
    diagonal -= new[i] * new[i];
  new[c->n] = diagonal > least *least ? sqrt (diagonal) : least;
  c->n++;
  return GYM_OK;
}

void
cholesky_truncate (struct cholesky *c, size_t n)
{
  c->n = n < c->n ? n : c->n;
}

/* One right-hand side is a vector for BLAS, several are a matrix: rows L^-1 r for each
 * row r of R are R L^-T. */
void
cholesky_half_solve (const struct cholesky *c, double *rows, size_t m, size_t stride)
{
  int n = (int)c->n;
  if (n == 0 || m == 0)
    return;
  if (m == 1)
    cblas_dtrsv (CblasRowMajor, CblasLower, CblasNoTrans, CblasNonUnit, n, c->factor,
                 (int)c->room, rows, 1);
  else
    cblas_dtrsm (CblasRowMajor, CblasRight, CblasLower, CblasTrans, CblasNonUnit, (int)m,
                 n, 1, c->factor, (int)c->room, rows, (int)stride);
}

/* Forth with L, back with its transpose. */
void
cholesky_solve (const struct cholesky *c, double *b)
{
  cholesky_half_solve (c, b, 1, c->n);
  if (c->n > 0)
    cblas_dtrsv (CblasRowMajor, CblasLower, CblasTrans, CblasNonUnit, (int)c->n,
                 c->factor, (int)c->room, b, 1);
}

int
cholesky_inverse (const struct cholesky *c, double *out, size_t stride)
{
  for (size_t i = 0; i < c->n; i++)
    memcpy (out + i * stride, c->factor + i * c->room, (i + 1) * sizeof *out);
  if (c->n == 0)
    return GYM_OK;
  lapack_int info =
      LAPACKE_dpotri_work (FACTOR_AS_LAPACK, (lapack_int)c->n, out, (lapack_int)stride);
  return info == 0 ? GYM_OK : GYM_EINVAL;
}

double
cholesky_log_determinant (const struct cholesky *c)
{
  double sum = 0;
  for (size_t i = 0; i < c->n; i++)
    sum += log (c->factor[i * c->room + i]);
  return 2 * sum;
}
