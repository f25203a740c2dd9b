/* plugins/forest/flat.h - many grown trees in arrays, to be asked fast.
 *
 * Memory decides how fast that is. A node is 8 bytes: where the children are, and the
 * codes of one column that go right, as a set; those of a column with more than 16 codes
 * are apart. A leaf is its own child, so that several rows go down a tree in step until
 * all have arrived, and no step is a guess of the processor.
 * One owner, no globals. */
#ifndef PLUGINS_FOREST_FLAT_H
#define PLUGINS_FOREST_FLAT_H

#include "plugins/common/grow.h"

struct flat_node {
  uint32_t left;  /* the right child follows it; its own number: a leaf */
  uint16_t right; /* a set of codes; 0 in a leaf and for a wide column */
  uint16_t column;
};

struct flat {
  const struct bins *bins;
  uint32_t n_trees;
  size_t n_nodes, n_words;
  uint32_t *roots;
  struct flat_node *nodes;
  float *means, *variances; /* of the rows of each node */
  bool varied;              /* a leaf has a variance */
  bool wide;                /* a column has more than 16 codes; and then: */
  uint32_t *places; /* of each node, 1 + where its set begins in `words`; 0: none */
  uint64_t *words;
  size_t roots_room, nodes_room, words_room;
};

void flat_init (struct flat *flat, const struct bins *bins);
void flat_free (struct flat *flat);

/* Adds a tree; means[k] and variances[k] belong to its node k, and only those of leaves
 * count. GYM_ENOMEM. */
int flat_add (struct flat *flat, const struct grow *grown, const double *means,
              const double *variances);

/* For n rows of codes: the sums over all trees of mean, mean^2 and variance of the leaf
 * that a row falls into, 3 numbers a row. */
void flat_sum (const struct flat *flat, size_t n, const uint16_t *codes, double *sums);

void flat_save (const struct flat *flat, struct pack *out);

/* GYM_EINVAL: no trees of these bins; GYM_ENOMEM. */
int flat_load (struct flat *flat, struct unpack *in);

#endif
