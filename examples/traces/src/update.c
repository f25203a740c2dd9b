/* update.c - random updates of a table, as in RandomAccess of the HPC Challenge. */
#include <stdint.h>
#include <stdio.h>

enum { words = 262144, updates = 400000 };

static uint64_t table[words];

int main (void)
{
  uint64_t x = 1;

  for (int i = 0; i < words; i++)
    table[i] = (uint64_t) i;
  for (int i = 0; i < updates; i++) {
    x ^= x << 13; /* xorshift64 (Marsaglia 2003) */
    x ^= x >> 7;
    x ^= x << 17;
    table[x % words] ^= x;
  }
  return printf ("%llu\n", (unsigned long long) table[1]) < 0;
}
