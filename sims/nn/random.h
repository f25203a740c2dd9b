/* sims/nn/random.h - the random numbers of starting weights: splitmix64 (Steele, Lea,
 * Flood, "Fast splittable pseudorandom number generators", 2014) and the method of Box
 * and Muller (1958). */
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
