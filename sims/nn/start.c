/* Starting weights: see nn_start in nn.h. */
#include "sims/nn/layer.h"

#include <stdlib.h>

static void
start_normal (double deviation, size_t n, float *weights, struct nn_random *random)
{
  for (size_t i = 0; i < n; i++)
    weights[i] = (float)(deviation * nn_random_normal (random));
}

static double
dot (const double *a, const double *b, size_t n)
{
  double sum = 0;
  for (size_t i = 0; i < n; i++)
    sum += a[i] * b[i];
  return sum;
}

/* One row of a growing orthonormal set: what is left of a normal vector, a second pass
 * for what rounding left of the first (Giraud et al. 2005), scaled to length 1. */
static void
add_orthogonal (double *set, size_t have, size_t n, struct nn_random *random)
{
  double *new = set + have *n;
  for (size_t i = 0; i < n; i++)
    new[i] = nn_random_normal (random);
  for (int pass = 0; pass < 2; pass++)
    for (size_t r = 0; r < have; r++) {
      double share = dot (new, set + r * n, n);
      for (size_t i = 0; i < n; i++)
        new[i] -= share *set[r * n + i];
    }
  double length = sqrt (dot (new, new, n));
  for (size_t i = 0; i < n; i++)
    new[i] /= length;
}

/* The shorter side's vectors are orthonormal. */
static bool
start_orthogonal (double gain, size_t rows, size_t columns, float *weights,
                  struct nn_random *random)
{
  bool flat = rows <= columns;
  size_t few = flat ? rows : columns, many = flat ? columns : rows;
  double *set = malloc (few * many * sizeof *set);
  if (!set)
    return false;
  for (size_t r = 0; r < few; r++)
    add_orthogonal (set, r, many, random);
  for (size_t i = 0; i < rows; i++)
    for (size_t j = 0; j < columns; j++)
      weights[i * columns + j] =
          (float)(gain * (flat ? set[i * many + j] : set[j * many + i]));
  free (set);
  return true;
}

bool
nn_start_matrix (enum nn_start start, float gain, size_t rows, size_t columns,
                 float *weights, struct nn_random *random)
{
  if (start == NN_ORTHOGONAL)
    return start_orthogonal (gain, rows, columns, weights, random);
  start_normal (gain / sqrt ((double)rows), rows * columns, weights, random);
  return true;
}
