/* plugins/gbdt/boost.h - gradient boosting of small trees for one target.
 *
 * Friedman, "Greedy function approximation: a gradient boosting machine" (Annals of
 * Statistics 29, 2001) with squared error, each tree on a random part of the rows
 * ("Stochastic gradient boosting", 2002).
 *
 * A tree has at most 64 leaves and is stored as QuickScorer does (Lucchese et al., SIGIR
 * 2015), made simple by columns that have few values: for every cell of every group of
 * columns (joint.h) there is the set of leaves that it allows, and the one leaf that all
 * cells of a design allow is where it falls. No comparison, no branch: 64 bits a group
 * and tree. One owner, no globals. */
#ifndef PLUGINS_GBDT_BOOST_H
#define PLUGINS_GBDT_BOOST_H

#include "plugins/common/grow.h"
#include "plugins/gbdt/joint.h"

enum { BOOST_TREES = 2000, BOOST_LEAVES = 64, BOOST_BLOCK = 32 };

struct boost_rule {
  uint32_t trees, leaves, depth;
  double rate, bag, penalty, tries, relevance;
  uint64_t min_leaf;
};

struct boost {
  uint32_t n_trees, n_cells;
  uint64_t *masks; /* by block, cell, tree of the block */
  float *values;   /* by block, tree, leaf */
  double base;     /* what is predicted without any tree */
};

/* What is learnt: a target of about unit variance for each row of a table of cells. */
struct boost_rows {
  const struct gym_host *host; /* asked whether to stop */
  const struct bins *bins;
  size_t n;
  const uint16_t *cells; /* by column, to learn */
  const struct joint *joint;
  const uint32_t *joint_cells; /* by group, to predict */
  const double *targets;
  const uint32_t *list; /* the rows to learn from */
  uint32_t n_list;
};

/* Learns the rows of the list, n_list >= 1, and writes to fitted[n] what the model says
 * of all rows. GYM_ENOMEM, GYM_ECANCELLED. boost_free is safe after a failure and on
 * zeroed memory. */
int boost_fit (struct boost *boost, const struct boost_rows *rows,
               const struct boost_rule *rule, uint64_t seed, double *fitted);
void boost_free (struct boost *boost);

/* Predicts n rows of cells by group, `groups` a row. */
void boost_predict (const struct boost *boost, uint32_t groups, size_t n,
                    const uint32_t *cells, double *out);

void boost_save (const struct boost *boost, struct pack *out);

/* GYM_EINVAL, GYM_ENOMEM. */
int boost_load (struct boost *boost, const struct joint *joint, struct unpack *in);

#endif
