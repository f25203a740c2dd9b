/* spmv.c - sparse matrix times vector, compressed rows, seeded places of the entries. */
#include <stdint.h>
#include <stdio.h>

enum { rows = 40000, per_row = 8 };

static double value[rows][per_row], x[rows], y[rows];
static uint32_t column[rows][per_row];

int main (void)
{
  uint32_t state = 2463534242u;

  for (int i = 0; i < rows; i++) {
    x[i] = i % 7;
    for (int k = 0; k < per_row; k++) {
      state ^= state << 13; /* xorshift32 (Marsaglia 2003) */
      state ^= state >> 17;
      state ^= state << 5;
      column[i][k] = state % rows;
      value[i][k] = k + 1;
    }
  }
  for (int i = 0; i < rows; i++)
    for (int k = 0; k < per_row; k++)
      y[i] += value[i][k] * x[column[i][k]];
  return printf ("%g\n", y[rows - 1]) < 0;
}
