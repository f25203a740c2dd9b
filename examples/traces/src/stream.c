/* stream.c - the copy and triad kernels of McCalpin's STREAM over arrays of 1 MiB. */
#include <stdio.h>

enum { length = 131072, rounds = 4 };

static double a[length], b[length], c[length];

int main (void)
{
  for (int i = 0; i < length; i++) {
    b[i] = i % 17;
    c[i] = i % 5;
  }
  for (int round = 0; round < rounds; round++) {
    for (int i = 0; i < length; i++)
      c[i] = b[i];
    for (int i = 0; i < length; i++)
      a[i] = b[i] + 3 * c[i];
  }
  return printf ("%g\n", a[length - 1]) < 0;
}
