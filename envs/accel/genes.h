/* The genes of a mapping: how a layer's loops are laid out on an array with a buffer in
 * every element (L1), a shared one (L2), and DRAM.
 *
 * Those of GAMMA (Kao and Krishna, ICCAD 2020): for each of two levels an order of the
 * loops, a tile size per dimension and a dimension that is spread over the hardware, and
 * the size of the clusters that the elements are grouped in. Dimensions of size 1 have no
 * genes; tile sizes are divisors. */
#ifndef ENVS_ACCEL_GENES_H
#define ENVS_ACCEL_GENES_H

#include <gym/plugin.h>

#include "sims/accel/loopnest.h"

enum { GENES_MAX = 4 + 4 * ACCEL_DIMS, GENES_NAME = 24, GENES_LEVELS = 3 };

struct genes_hardware {
  uint32_t elements;
  uint64_t l1_words, l2_words;
};

/* Divisors of a number in rising order, also as text. */
struct divisors {
  uint32_t count;
  uint32_t *value;
  const char **text;
  char (*storage)[12];
};

struct genes {
  struct accel_layer layer;
  struct genes_hardware hardware;
  struct accel_projection projection[ACCEL_TENSORS];

  uint32_t n, dim[ACCEL_DIMS]; /* dimensions that are longer than 1 */
  const char *dim_name[ACCEL_DIMS];
  struct divisors tiles[ACCEL_DIMS]; /* of dim[k]'s size */
  struct divisors clusters;          /* of the elements */

  uint32_t param_count;
  struct gym_param param[GENES_MAX];
  char name[GENES_MAX][GENES_NAME];
};

/* Builds the space of a layer that passes its check. genes_free in any case. */
int genes_init (struct genes *g, const struct accel_layer *layer,
                const struct genes_hardware *hardware, gym_error *err);
void genes_free (struct genes *g);

/* The mapping of a canonical row, from L1 outwards, and the elements' columns (those of a
 * cluster) and rows (clusters). */
void genes_express (const struct genes *g, const double *row,
                    struct accel_split splits[GENES_LEVELS], uint32_t *cols,
                    uint32_t *rows);

/* Tiles of L1 divide those of L2, and all tensors' tiles fit in both. */
bool genes_valid (const struct genes *g, const double *row);

/* Makes a row valid: the tiles of L1 shrink to divisors of those of L2, then, while a
 * level overflows, its longest tile shrinks to the next divisor. */
void genes_repair (const struct genes *g, double *row);

#endif
