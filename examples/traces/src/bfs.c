/* bfs.c - breadth-first search over a seeded random graph in compressed rows. */
#include <stdint.h>
#include <stdio.h>

enum { nodes = 60000, degree = 8 };

static uint32_t neighbour[nodes][degree];
static uint32_t distance[nodes];
static uint32_t queue[nodes];

/* xorshift64 (Marsaglia 2003). */
static uint32_t next_random (uint64_t *state)
{
  *state ^= *state << 13;
  *state ^= *state >> 7;
  *state ^= *state << 17;
  return (uint32_t) (*state >> 32);
}

static void make_graph (void)
{
  uint64_t state = 88172645463325252;

  for (int i = 0; i < nodes; i++)
    for (int j = 0; j < degree; j++)
      neighbour[i][j] = next_random (&state) % nodes;
}

static uint32_t search (uint32_t start)
{
  uint32_t head = 0;
  uint32_t tail = 1;

  queue[0] = start;
  distance[start] = 1;
  for (; head < tail; head++)
    for (int j = 0; j < degree; j++) {
      uint32_t next = neighbour[queue[head]][j];

      if (distance[next] == 0) {
        distance[next] = distance[queue[head]] + 1;
        queue[tail++] = next;
      }
    }
  return tail;
}

int main (void)
{
  make_graph ();
  return printf ("%u\n", (unsigned) search (0)) < 0;
}
