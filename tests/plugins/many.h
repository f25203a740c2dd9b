/* tests/plugins/many.h - the laws of agents once more, with several objectives. */
#ifndef TESTS_PLUGINS_MANY_H
#define TESTS_PLUGINS_MANY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Equal seeds, equal trials; canonical designs, none twice; failed and infeasible ones,
 * constraints, numbers near overflow; 1 to 16 objectives, one and several in flight; a
 * small space to its end. */
void many_laws (const char *agent, const char *settings);

/* The median over 20 seeds of the share of the front's hypervolume (two goals, reference
 * 1.1, 1.1) that is missing after `budget` trials on an instance of motab5: a seed's, or
 * a file's. */
double many_missing (const char *agent, const char *settings, const char *path,
                     uint64_t instance, size_t budget);

#endif
