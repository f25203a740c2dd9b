/* gym/rng.h - deterministic counter-based random streams.
 *
 * Philox4x32-10 (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as
 * 1, 2, 3", SC 2011): block i of a stream is a keyed bijection of the counter i, so a
 * stream needs no warm-up, two keys give independent streams, and a position can be
 * saved as one integer. Everything is inline: a plugin uses it without linking.
 *
 * A stream is a plain value: copy it, embed it, one owner at a time, no allocation. The
 * same key gives the same numbers on every machine (real numbers included; gym_rng_normal
 * goes through libm's log and cos and is part of the numeric fingerprint). */
#ifndef GYM_RNG_H
#define GYM_RNG_H

#include <math.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct gym_rng {
  uint64_t key;
  uint64_t counter;  /* next block */
  uint32_t block[4]; /* numbers of the last block */
  uint32_t left;     /* how many of them are unused */
  uint32_t reserved;
} gym_rng;

/* Philox4x32-10 of one 128-bit counter (two halves) under a 64-bit key. */
static inline void
gym_philox (uint64_t key, uint64_t low, uint64_t high, uint32_t out[4])
{
  uint32_t k0 = (uint32_t)key, k1 = (uint32_t)(key >> 32);
  uint32_t c0 = (uint32_t)low, c1 = (uint32_t)(low >> 32);
  uint32_t c2 = (uint32_t)high, c3 = (uint32_t)(high >> 32);
  for (int round = 0; round < 10; round++) {
    uint64_t p0 = (uint64_t)0xD2511F53u * c0, p1 = (uint64_t)0xCD9E8D57u * c2;
    uint32_t n0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0, n2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
    c1 = (uint32_t)p1;
    c3 = (uint32_t)p0;
    c0 = n0;
    c2 = n2;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

/* A key made from a parent key and two indices: how seeds of agents, runs and trials are
 * derived (a distinct half of the counter space keeps it apart from drawn numbers). */
static inline uint64_t
gym_rng_derive (uint64_t key, uint64_t a, uint64_t b)
{
  uint32_t out[4];
  gym_philox (key ^ 0x6A09E667F3BCC908u, a, b, out);
  return (uint64_t)out[1] << 32 | out[0];
}

/* Starts the stream of `key` at its beginning. */
static inline void
gym_rng_init (gym_rng *r, uint64_t key)
{
  r->key = key;
  r->counter = 0;
  r->left = 0;
  r->reserved = 0;
}

/* 32 uniform bits. */
static inline uint32_t
gym_rng_u32 (gym_rng *r)
{
  if (r->left == 0) {
    gym_philox (r->key, r->counter++, 0, r->block);
    r->left = 4;
  }
  return r->block[--r->left];
}

/* 64 uniform bits. */
static inline uint64_t
gym_rng_u64 (gym_rng *r)
{
  uint64_t high = gym_rng_u32 (r);
  return high << 32 | gym_rng_u32 (r);
}

/* Uniform in [0, 1), 53 bits. */
static inline double
gym_rng_real (gym_rng *r)
{
  return (double)(gym_rng_u64 (r) >> 11) * 0x1p-53;
}

/* Uniform integer in [0, n), n >= 1, without bias (Lemire, "Fast random integer
 * generation in an interval", 2019; plain rejection above 2^32). */
static inline uint64_t
gym_rng_below (gym_rng *r, uint64_t n)
{
  if (n > UINT32_MAX) {
    uint64_t limit = UINT64_MAX - UINT64_MAX % n, x;
    do
      x = gym_rng_u64 (r);
    while (x >= limit);
    return x % n;
  }
  uint64_t m = (uint64_t)gym_rng_u32 (r) * n;
  if ((uint32_t)m < n) {
    uint32_t threshold = (uint32_t)(-(uint32_t)n % (uint32_t)n);
    while ((uint32_t)m < threshold)
      m = (uint64_t)gym_rng_u32 (r) * n;
  }
  return m >> 32;
}

/* Standard normal by Box and Muller (1958), one of the pair: no hidden state. */
static inline double
gym_rng_normal (gym_rng *r)
{
  double u = 1.0 - gym_rng_real (r), v = gym_rng_real (r);
  return sqrt (-2.0 * log (u)) * cos (6.283185307179586476925 * v);
}

/* Shuffles n indices in place (Fisher and Yates). */
static inline void
gym_rng_shuffle (gym_rng *r, uint32_t *items, uint32_t n)
{
  for (uint32_t i = n; i > 1; i--) {
    uint32_t j = (uint32_t)gym_rng_below (r, i), kept = items[i - 1];
    items[i - 1] = items[j];
    items[j] = kept;
  }
}

#ifdef __cplusplus
}
#endif
#endif
