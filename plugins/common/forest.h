/* plugins/common/forest.h - regression forests that know how sure they are.
 *
 * Breiman, "Random forests" (Machine Learning 45, 2001): trees grown on bootstrap
 * samples, of a random share of the columns at each node, to splits that leave the least
 * squared error. Mean and variance of a prediction are those of the mixture of all the
 * trees' leaves, by the law of total variance (Hutter, Xu, Hoos, Leyton-Brown, "Algorithm
 * runtime prediction: methods and evaluation", Artificial Intelligence 206, 2014,
 * section 4.3.2), and thresholds lie anywhere between the two values they part, as there.
 *
 * Columns are numbers or levels without an order. Levels are split into two sets: the
 * best is found among the cuts of the levels in order of their mean (Fisher 1958;
 * Breiman, Friedman, Olshen, Stone 1984, section 4.2.2). NaN, the value of a parameter
 * that is not active, is below all numbers, and a level of its own.
 *
 * The fitted forest is three flat arrays without pointers in them. One owner, no globals;
 * the same rows and seed give the same forest. */
#ifndef PLUGINS_COMMON_FOREST_H
#define PLUGINS_COMMON_FOREST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct forest_node {
  int32_t column; /* negative: a leaf */
  uint32_t left;  /* the right one follows it */
  double split;   /* numbers: at most this, or NaN, goes left */
  uint64_t mask;  /* levels: the first of its words in `masks`; a set bit goes left */
  double mean, variance;
};

struct forest {
  uint32_t n_columns;
  uint32_t *levels; /* by column: how many; 0: numbers */

  /* To be set between forest_init and forest_fit. */
  uint32_t trees;  /* 10 */
  double share;    /* of the columns that a node looks at, 5/6 */
  double min_leaf; /* rows in a leaf at least, 1 */
  bool bootstrap;  /* true: a tree sees a sample with replacement; false: all rows */

  /* The fitted forest: tree t begins at nodes[roots[t]]. n_trees 0: not fitted. */
  uint32_t n_trees;
  size_t n_nodes, n_words;
  uint32_t *roots;
  struct forest_node *nodes;
  uint64_t *masks;
  size_t roots_room, nodes_room, masks_room;
};

/* `levels`: for each column 0 or the number of levels. GYM_ENOMEM; forest_free is safe
 * after that and on zeroed memory. */
int forest_init (struct forest *f, uint32_t n_columns, const uint32_t *levels);
void forest_free (struct forest *f);

/* Learns n >= 1 rows (n_columns numbers each; levels by their index) with finite targets.
 * GYM_ENOMEM: the forest is not fitted. */
int forest_fit (struct forest *f, size_t n, const double *rows, const double *targets,
                uint64_t seed);

/* Mean and variance for a row; for n rows. `variance` may be NULL. */
void forest_predict (const struct forest *f, const double *row, double *mean,
                     double *variance);
void forest_predict_batch (const struct forest *f, size_t n, const double *rows,
                           double *mean, double *variance);

#endif
