/* plugins/common/grow.h - one regression tree, for forests and for boosting.
 *
 * Breiman, Friedman, Olshen, Stone, "Classification and Regression Trees" (1984): every
 * node is split into the two sets of codes that leave the least squared error, summed
 * over the targets, which share the tree. Levels without order are split among the cuts
 * of their order by mean, which holds the best split of all (Fisher, "On grouping for
 * maximum homogeneity", 1958); with several targets, by the mean of each in turn.
 *
 * Where few rows are left, columns that do nothing part them by chance as well as those
 * that matter. So gains count by the share that their column had in the gains of earlier
 * trees, to a small power (`relevance`; cf. the guided regularised forests of Deng and
 * Runger, Pattern Recognition 46, 2013), and of cuts that gain the same the first of the
 * columns in random order is taken, not always the same one. What a column has gained is
 * judged by rows that the tree has not seen (grow_credit): there chance gains nothing.
 *
 * A node of few rows has not met every level. Which side suits one of those best is known
 * from all rows: the one whose levels it is more like by the mean of its rows
 * (grow_survey), not the one that most rows of the node happen to lie on.
 *
 * Sums are taken once a node over a histogram by code, and the larger child's is the
 * parent's less the smaller's (Ke et al., "LightGBM", NIPS 2017). Targets are whole
 * numbers (fixed point), so these differences are exact and the order of the rows does
 * not matter: the same rows give the same tree, bit for bit.
 *
 * One owner, no globals. */
#ifndef PLUGINS_COMMON_GROW_H
#define PLUGINS_COMMON_GROW_H

#include "plugins/common/bins.h"

/* The fixed point: targets of about unit variance times 2^36. Sums of the targets of 2^26
 * rows stay within 63 bits. */
#define GROW_ONE 0x1p36

struct grow_node {
  int32_t column;    /* negative: a leaf */
  uint32_t left;     /* the right child follows it */
  uint32_t from, to; /* its rows */
  uint32_t depth;
};

struct grow {
  const struct bins *bins;
  uint32_t m; /* targets */

  /* To be set before grow_tree. */
  size_t n;                /* rows there are */
  const uint16_t *cells;   /* of each row (bins_table) */
  const int64_t *targets;  /* m of each row */
  const uint32_t *weights; /* by row: how often it counts; NULL: once */
  uint32_t leaves;         /* at most, the best splits first; 0: any number */
  uint32_t depth;          /* of a leaf at most; 0: any */
  double tries;            /* columns that a node looks at on average; 0: all */
  uint64_t least;          /* weight of a leaf, 1 or more */
  double relevance;        /* the power; 0: all columns count the same */
  double *gains;           /* of each column in all trees that were credited */

  /* The tree. Node 0 is the root; `sets` holds `words` words a node: the codes that go
   * left. Rows of node k are rows[from] to rows[to - 1]. */
  size_t n_nodes;
  struct grow_node *nodes;
  uint64_t *sets;
  uint32_t words;
  uint32_t *rows;

  struct grow_work *work;
};

/* GYM_ENOMEM; grow_free is safe after that and on zeroed memory. */
int grow_init (struct grow *g, const struct bins *bins, uint32_t m);
void grow_free (struct grow *g);

/* Grows a tree on the n_rows >= 1 rows whose numbers the caller has written to g->rows
 * (room for n after grow_reserve); they are put into another order. `seed` decides which
 * columns a node looks at, and in which order. GYM_ENOMEM. */
int grow_reserve (struct grow *g, size_t n);
int grow_tree (struct grow *g, uint32_t n_rows, uint64_t seed);

/* Takes down what the targets come to on average at each level, over the n_rows rows in
 * g->rows, for the trees from now on. Without it, or for a level that none of these rows
 * has, a level that a node has not met goes where most rows go. GYM_ENOMEM. */
int grow_survey (struct grow *g, uint32_t n_rows);

/* Adds to `gains` by how much the splits of the tree lessen the squared error on n rows,
 * best of all rows that it was not grown on. GYM_ENOMEM. */
int grow_credit (struct grow *g, uint32_t n, const uint32_t *rows);

/* Sum of the weights, and of weight times target, over the rows of a node. */
uint64_t grow_sums (const struct grow *g, const struct grow_node *node, int64_t *sums);

/* The leaf that a design's cells fall into. */
uint32_t grow_leaf (const struct grow *g, const uint16_t *cells);

#endif
