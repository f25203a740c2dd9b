/* Scrambled Sobol points: see sobol.h. */
#include "plugins/common/sobol.h"

#include <gym/rng.h>
#include <string.h>

/* Degree and inner coefficients of a primitive polynomial over GF(2), and the first
 * direction numbers, for dimensions 2 to 64 (Joe and Kuo 2008, criterion D(6)). */
static const struct {
  uint8_t degree;
  uint8_t inner;
  uint16_t first[9];
} table[SOBOL_DIMENSIONS - 1] = {
  { 1, 0, { 1 } },
  { 2, 1, { 1, 3 } },
  { 3, 1, { 1, 3, 1 } },
  { 3, 2, { 1, 1, 1 } },
  { 4, 1, { 1, 1, 3, 3 } },
  { 4, 4, { 1, 3, 5, 13 } },
  { 5, 2, { 1, 1, 5, 5, 17 } },
  { 5, 4, { 1, 1, 5, 5, 5 } },
  { 5, 7, { 1, 1, 7, 11, 19 } },
  { 5, 11, { 1, 1, 5, 1, 1 } },
  { 5, 13, { 1, 1, 1, 3, 11 } },
  { 5, 14, { 1, 3, 5, 5, 31 } },
  { 6, 1, { 1, 3, 3, 9, 7, 49 } },
  { 6, 13, { 1, 1, 1, 15, 21, 21 } },
  { 6, 16, { 1, 3, 1, 13, 27, 49 } },
  { 6, 19, { 1, 1, 1, 15, 7, 5 } },
  { 6, 22, { 1, 3, 1, 15, 13, 25 } },
  { 6, 25, { 1, 1, 5, 5, 19, 61 } },
  { 7, 1, { 1, 3, 7, 11, 23, 15, 103 } },
  { 7, 4, { 1, 3, 7, 13, 13, 15, 69 } },
  { 7, 7, { 1, 1, 3, 13, 7, 35, 63 } },
  { 7, 8, { 1, 3, 5, 9, 1, 25, 53 } },
  { 7, 14, { 1, 3, 1, 13, 9, 35, 107 } },
  { 7, 19, { 1, 3, 1, 5, 27, 61, 31 } },
  { 7, 21, { 1, 1, 5, 11, 19, 41, 61 } },
  { 7, 28, { 1, 3, 5, 3, 3, 13, 69 } },
  { 7, 31, { 1, 1, 7, 13, 1, 19, 1 } },
  { 7, 32, { 1, 3, 7, 5, 13, 19, 59 } },
  { 7, 37, { 1, 1, 3, 9, 25, 29, 41 } },
  { 7, 41, { 1, 3, 5, 13, 23, 1, 55 } },
  { 7, 42, { 1, 3, 7, 3, 13, 59, 17 } },
  { 7, 50, { 1, 3, 1, 3, 5, 53, 69 } },
  { 7, 55, { 1, 1, 5, 5, 23, 33, 13 } },
  { 7, 56, { 1, 1, 7, 7, 1, 61, 123 } },
  { 7, 59, { 1, 1, 7, 9, 13, 61, 49 } },
  { 7, 62, { 1, 3, 3, 5, 3, 55, 33 } },
  { 8, 14, { 1, 3, 1, 15, 31, 13, 49, 245 } },
  { 8, 21, { 1, 3, 5, 15, 31, 59, 63, 97 } },
  { 8, 22, { 1, 3, 1, 11, 11, 11, 77, 249 } },
  { 8, 38, { 1, 3, 1, 11, 27, 43, 71, 9 } },
  { 8, 47, { 1, 1, 7, 15, 21, 11, 81, 45 } },
  { 8, 49, { 1, 3, 7, 3, 25, 31, 65, 79 } },
  { 8, 50, { 1, 3, 1, 1, 19, 11, 3, 205 } },
  { 8, 52, { 1, 1, 5, 9, 19, 21, 29, 157 } },
  { 8, 56, { 1, 3, 7, 11, 1, 33, 89, 185 } },
  { 8, 67, { 1, 3, 3, 3, 15, 9, 79, 71 } },
  { 8, 70, { 1, 3, 7, 11, 15, 39, 119, 27 } },
  { 8, 84, { 1, 1, 3, 1, 11, 31, 97, 225 } },
  { 8, 97, { 1, 1, 1, 3, 23, 43, 57, 177 } },
  { 8, 103, { 1, 3, 7, 7, 17, 17, 37, 71 } },
  { 8, 115, { 1, 3, 1, 5, 27, 63, 123, 213 } },
  { 8, 122, { 1, 1, 3, 5, 11, 43, 53, 133 } },
  { 9, 8, { 1, 3, 5, 5, 29, 17, 47, 173, 479 } },
  { 9, 13, { 1, 3, 3, 11, 3, 1, 109, 9, 69 } },
  { 9, 16, { 1, 1, 1, 5, 17, 39, 23, 5, 343 } },
  { 9, 22, { 1, 3, 1, 5, 25, 15, 31, 103, 499 } },
  { 9, 25, { 1, 1, 1, 11, 11, 17, 63, 105, 183 } },
  { 9, 44, { 1, 1, 5, 11, 9, 29, 97, 231, 363 } },
  { 9, 47, { 1, 1, 5, 15, 19, 45, 41, 7, 383 } },
  { 9, 52, { 1, 3, 7, 7, 31, 19, 83, 137, 221 } },
  { 9, 55, { 1, 1, 1, 3, 23, 15, 111, 223, 83 } },
  { 9, 59, { 1, 1, 5, 13, 31, 15, 55, 25, 161 } },
  { 9, 62, { 1, 1, 3, 13, 25, 47, 39, 87, 257 } },
};

/* The first dimension is van der Corput's. The others follow the recurrence of their
 * polynomial (Bratley and Fox, "Algorithm 659", 1988). */
static void
fill (uint32_t d, uint32_t v[32])
{
  if (d == 0) {
    for (int k = 0; k < 32; k++)
      v[k] = UINT32_C (1) << (31 - k);
    return;
  }
  int s = table[d - 1].degree, inner = table[d - 1].inner;
  for (int k = 0; k < s; k++)
    v[k] = (uint32_t)table[d - 1].first[k] << (31 - k);
  for (int k = s; k < 32; k++) {
    v[k] = v[k - s] ^ v[k - s] >> s;
    for (int j = 1; j < s; j++)
      if (inner >> (s - 1 - j) & 1)
        v[k] ^= v[k - j];
  }
}

void
sobol_init (struct sobol *sobol, uint32_t n, uint64_t seed)
{
  memset (sobol, 0, sizeof *sobol);
  sobol->n = n;
  sobol->seed = seed;
  for (uint32_t d = 0; d < SOBOL_DIMENSIONS; d++)
    fill (d, sobol->directions[d]);
}

/* A coin for each node of the binary tree of prefixes: the finaliser of SplitMix64
 * (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014). */
static uint32_t
coin (uint64_t key, uint64_t node)
{
  uint64_t z = key ^ node * UINT64_C (0x9E3779B97F4A7C15);
  z = (z ^ z >> 30) * UINT64_C (0xBF58476D1CE4E5B9);
  z = (z ^ z >> 27) * UINT64_C (0x94D049BB133111EB);
  return (uint32_t)(z >> 63);
}

/* The prefix with a one before it numbers the node. */
static uint32_t
scramble (uint64_t key, uint32_t x)
{
  uint32_t out = 0;
  uint64_t node = 1;
  for (int b = 31; b >= 0; b--) {
    uint32_t bit = x >> b & 1;
    out |= (bit ^ coin (key, node)) << b;
    node = node << 1 | bit;
  }
  return out;
}

void
sobol_next (struct sobol *sobol, double *unit)
{
  uint64_t round = sobol->index >> 32, index = sobol->index & UINT32_MAX;
  for (uint32_t d = 0; d < sobol->n; d++) {
    uint64_t key = gym_rng_derive (sobol->seed, d, round);
    if (d < SOBOL_DIMENSIONS)
      unit[d] = (scramble (key, sobol->state[d]) + 0.5) * 0x1p-32;
    else
      unit[d] = ((double)(gym_rng_derive (key, sobol->index, 1) >> 12) + 0.5) * 0x1p-52;
  }
  int zeros = 0; /* of the next index, from below: the bit that changes in Gray's code */
  while (zeros < 31 && !((index + 1) >> zeros & 1))
    zeros++;
  for (uint32_t d = 0; d < SOBOL_DIMENSIONS && d < sobol->n; d++)
    sobol->state[d] ^= sobol->directions[d][zeros];
  if (++sobol->index << 32 == 0)
    memset (sobol->state, 0, sizeof sobol->state);
}
