/* sims/nn/random.h - the random numbers of starting weights and of the order of images:
 * splitmix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014)
 * and the method of Box and Muller (1958). */
#ifndef SIMS_NN_RANDOM_H
#define SIMS_NN_RANDOM_H

#include <math.h>
#include <stdint.h>

struct nn_random {
  uint64_t state;
};

static inline uint64_t
nn_random_bits (struct nn_random *random)
{
  uint64_t z = random->state += 0x9E3779B97F4A7C15u;
  z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
  z = (z ^ z >> 27) * 0x94D049BB133111EBu;
  return z ^ z >> 31;
}

/* A stream of its own for each pair of numbers under a seed: what happens at one place
 * does not move what happens at another. */
static inline struct nn_random
nn_random_at (uint64_t seed, uint64_t a, uint64_t b)
{
  struct nn_random random = { .state = seed };
  random.state = nn_random_bits (&random) + a;
  random.state = nn_random_bits (&random) + b;
  random.state = nn_random_bits (&random);
  return random;
}

/* In [0, limit), each alike: the high half of a product, drawn again where the low half
 * shows an overhang (Lemire 2019). limit > 0. */
static inline uint32_t
nn_random_below (struct nn_random *random, uint32_t limit)
{
  uint32_t overhang = (0 - limit) % limit;
  uint64_t product;
  do
    product = (nn_random_bits (random) >> 32) * limit;
  while ((uint32_t)product < overhang);
  return (uint32_t)(product >> 32);
}

/* In [0, 1). */
static inline double
nn_random_real (struct nn_random *random)
{
  return (double)(nn_random_bits (random) >> 11) * 0x1p-53;
}

static inline double
nn_random_normal (struct nn_random *random)
{
  double u = 1 - nn_random_real (random), v = nn_random_real (random);
  return sqrt (-2 * log (u)) * cos (6.283185307179586476925 * v);
}

#endif
