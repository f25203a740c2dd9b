/* chase.c - follows a linked list whose nodes lie in shuffled order, a line each. */
#include <stdint.h>
#include <stdio.h>

enum { nodes = 16384, steps = 60000 };

static struct node {
  uint32_t next, payload[15];
} list[nodes];

/* One cycle through all nodes (Sattolo 1986). */
static void shuffle (void)
{
  uint32_t state = 12345;

  for (uint32_t i = 0; i < nodes; i++)
    list[i].next = i;
  for (uint32_t i = nodes - 1; i > 0; i--) {
    state = state * 1664525 + 1013904223;
    uint32_t j = (state >> 8) % i, kept = list[i].next;

    list[i].next = list[j].next;
    list[j].next = kept;
  }
}

int main (void)
{
  uint32_t at = 0, sum = 0;

  shuffle ();
  for (int i = 0; i < steps; i++) {
    at = list[at].next;
    sum += list[at].payload[i % 15];
  }
  return printf ("%u\n", sum + at) < 0;
}
