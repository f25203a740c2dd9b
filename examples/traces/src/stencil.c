/* stencil.c - Jacobi iteration with the five-point stencil on a square grid. */
#include <stdio.h>

enum { side = 360, rounds = 4 };

static double now[side][side], next[side][side];

static void relax (double from[side][side], double to[side][side])
{
  for (int i = 1; i < side - 1; i++)
    for (int j = 1; j < side - 1; j++)
      to[i][j] = 0.25 * (from[i - 1][j] + from[i + 1][j] + from[i][j - 1] + from[i][j + 1]);
}

int main (void)
{
  for (int i = 0; i < side; i++)
    now[0][i] = now[i][0] = 1;
  for (int round = 0; round < rounds; round++) {
    relax (now, next);
    relax (next, now);
  }
  return printf ("%g\n", now[side / 2][side / 2]) < 0;
}
