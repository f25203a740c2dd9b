/* plugins/gomea/linkage.h - which parameters belong together, learnt from good designs.
 *
 * The linkage tree of Thierens, "The Linkage Tree Genetic Algorithm" (PPSN 2010): every
 * parameter is a leaf; the two sets that tell most about each other merge, again and
 * again, until one set holds all. How much two parameters tell about each other is their
 * mutual information over the designs, divided by their joint entropy; two sets, the mean
 * over all pairs (UPGMA), found by nearest-neighbour chains in O(n^2). */
#ifndef PLUGINS_COMMON_LINKAGE_H
#define PLUGINS_COMMON_LINKAGE_H

#include <gym/rng.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A set: `size` entries of `leaves` from `from` on. */
struct linkage_set {
  uint32_t from, size;
};

struct linkage {
  uint32_t n, bins;
  uint32_t n_sets;          /* of the last tree; 0 before it */
  struct linkage_set *sets; /* small ones first, those of equal size in random order */
  uint32_t *leaves;         /* parameters in the order of the tree */

  /* Room to work in. */
  struct linkage_node *nodes;
  uint32_t *chain, *active, *order;
  float *similarity; /* n x n */
  uint32_t *counts;  /* bins x bins */
  double *entropies; /* of each parameter, times the number of rows */
  double *logs;      /* k log k, of the first n_logs k */
  size_t n_logs;
};

/* Room for trees of n parameters, each of values below `bins`. GYM_ENOMEM; linkage_free
 * is safe after that and on zeroed memory. */
int linkage_init (struct linkage *linkage, uint32_t n, uint32_t bins);
void linkage_free (struct linkage *linkage);

/* Learns a tree from `count` rows of n values. Sets that always go together with their
 * sibling are left out, as is the set of all parameters. GYM_ENOMEM. */
int linkage_learn (struct linkage *linkage, gym_rng *rng, const uint8_t *rows,
                   size_t count);

#endif
