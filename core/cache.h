/* core/cache.h - results already known, by (design, fidelity, evaluation seed).
 *
 * Entries are numbered from 0 in order of insertion and never move or vanish; numbers
 * stay valid, pointers to rows only until the next insertion. One thread. */
#ifndef CORE_CACHE_H
#define CORE_CACHE_H

#include <gym/space.h>

typedef struct gym_cache gym_cache;

/* For designs of p numbers with m metrics. */
gym_cache *gym_cache_new (uint32_t p, uint32_t m, gym_error *err);
void gym_cache_destroy (gym_cache **cache);

/* The entry of a key, whose design hashes to `hash`; made without a result when absent
 * (`*fresh` tells). Negative code on lack of memory. */
int64_t gym_cache_get (gym_cache *cache, uint64_t hash, const double *design,
                       uint32_t fidelity, uint64_t seed, bool *fresh, gym_error *err);

/* Gives an entry its result. `note` may be NULL or "". */
int gym_cache_put (gym_cache *cache, int64_t entry, uint32_t status,
                   const double *metrics, const char *note, gym_error *err);

bool gym_cache_ready (const gym_cache *cache, int64_t entry);
uint32_t gym_cache_status (const gym_cache *cache, int64_t entry);
const double *gym_cache_design (const gym_cache *cache, int64_t entry);
double *gym_cache_metrics (const gym_cache *cache, int64_t entry);
const char *gym_cache_note (const gym_cache *cache, int64_t entry);
size_t gym_cache_count (const gym_cache *cache);

#endif
