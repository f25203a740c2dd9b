/* matmul.c - product of two square matrices, rows times columns, without blocking. */
#include <stdio.h>

enum { order = 320 };

static double a[order][order], b[order][order], c[order][order];

static void fill (void)
{
  for (int i = 0; i < order; i++)
    for (int j = 0; j < order; j++) {
      a[i][j] = (i * 7 + j) % 11;
      b[i][j] = (i + j * 5) % 13;
    }
}

static double row_times_column (int i, int j)
{
  double sum = 0;

  for (int k = 0; k < order; k++)
    sum += a[i][k] * b[k][j];
  return sum;
}

int main (void)
{
  fill ();
  for (int i = 0; i < order; i++)
    for (int j = 0; j < order; j++)
      c[i][j] = row_times_column (i, j);
  return printf ("%g\n", c[order - 1][order - 1]) < 0;
}
