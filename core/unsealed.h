/* core/unsealed.h - which sealed metrics this process has read, and whom that concerns.
 *
 * One list belongs to a registry, so that all envs and studies opened from it share it;
 * any thread may use it. An entry is an env's identity with the number of reads, and the
 * stores of the studies on that env that this process has run: a read is put down in
 * them at once, unless their study is running, which then does it itself. */
#ifndef CORE_UNSEALED_H
#define CORE_UNSEALED_H

#include <gym/env.h>

struct gym_unsealed;

struct gym_unsealed *gym_unsealed_new (void);
void gym_unsealed_destroy (struct gym_unsealed **list);

/* The list of a registry. */
struct gym_unsealed *gym_registry_unsealed (const gym_registry *registry);

/* Counts a read of this env, after putting it down in all its stores that are at rest but
 * `known` (NULL: none), which has it already. An error: not counted, not to be made. */
int gym_unsealed_read (struct gym_unsealed *list, const char *identity, const char *known,
                       gym_error *err);

/* Reads of this env so far. */
uint64_t gym_unsealed_count (struct gym_unsealed *list, const char *identity);

/* A study on this env begins to write to its store, or has closed it. */
int gym_unsealed_watch (struct gym_unsealed *list, const char *identity, const char *path,
                        gym_error *err);
void gym_unsealed_rest (struct gym_unsealed *list, const char *identity,
                        const char *path);

/* As gym_env_evaluate_sealed, by a report that has put its read down in store `known`. */
int gym_env_evaluate_final (gym_env *env, const char *known, size_t n,
                            const double *designs, const uint32_t *fidelities,
                            const uint64_t *seeds, double *metrics, uint32_t *statuses,
                            char *notes, gym_error *err);

#endif
