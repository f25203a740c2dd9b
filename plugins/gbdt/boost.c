/* Gradient boosting for one target: see boost.h. */
#include "plugins/gbdt/boost.h"

#include <gym/rng.h>
#include <math.h>

/* ---- the model ---- */

static size_t
blocks_of (const struct boost *b)
{
  return ((size_t)b->n_trees + BOOST_BLOCK - 1) / BOOST_BLOCK;
}

static size_t
masks_of (const struct boost *b)
{
  return blocks_of (b) * b->n_cells * BOOST_BLOCK;
}

static size_t
values_of (const struct boost *b)
{
  return blocks_of (b) * BOOST_BLOCK * BOOST_LEAVES;
}

void
boost_free (struct boost *b)
{
  free (b->masks);
  free (b->values);
  *b = (struct boost){ 0 };
}

/* Trees that fill the last block up allow every leaf and say 0. */
static int
make_room (struct boost *b, uint32_t n_cells, uint32_t trees)
{
  boost_free (b);
  b->n_cells = n_cells;
  b->n_trees = trees;
  b->masks = malloc (masks_of (b) * sizeof *b->masks + 1);
  b->values = calloc (values_of (b) + 1, sizeof *b->values);
  if (!b->masks || !b->values)
    return GYM_ENOMEM;
  memset (b->masks, 0xFF, masks_of (b) * sizeof *b->masks);
  return GYM_OK;
}

/* The leaves below each node, numbered in order of the nodes; children stand behind their
 * parents. */
static void
number_leaves (const struct grow *g, uint64_t *below, uint32_t *leaf)
{
  uint32_t n = 0;
  for (size_t k = 0; k < g->n_nodes; k++)
    leaf[k] = g->nodes[k].column < 0 ? n++ : 0;
  for (size_t k = g->n_nodes; k-- > 0;) {
    const struct grow_node *node = &g->nodes[k];
    below[k] = node->column < 0 ? (uint64_t)1 << leaf[k]
                                : below[node->left] | below[node->left + 1];
  }
}

/* A cell forbids the leaves on the other side of every node that asks for one of
 * its columns. */
static void
store_tree (struct boost *b, const struct joint *joint, const struct grow *g,
            uint32_t tree, const float *values)
{
  uint64_t below[2 * BOOST_LEAVES];
  uint32_t leaf[2 * BOOST_LEAVES];
  size_t block = tree / BOOST_BLOCK, place = tree % BOOST_BLOCK;
  uint64_t *masks = b->masks + block * b->n_cells * BOOST_BLOCK + place;
  number_leaves (g, below, leaf);
  for (size_t k = 0; k < g->n_nodes; k++) {
    const struct grow_node *node = &g->nodes[k];
    if (node->column < 0) {
      b->values[(size_t)tree * BOOST_LEAVES + leaf[k]] = values[k];
      continue;
    }
    const struct joint_column *column = &joint->columns[node->column];
    const struct joint_group *group = &joint->groups[column->group];
    const uint64_t *set = g->sets + k * g->words;
    for (uint32_t cell = 0; cell < group->size; cell++) {
      uint32_t code = joint_code (column, cell);
      bool left = set[code / 64] >> (code % 64) & 1;
      masks[(size_t)(group->first + cell) * BOOST_BLOCK] &= ~below[node->left + left];
    }
  }
}

/* ---- learning ---- */

struct learner {
  const struct boost_rows *rows;
  const struct boost_rule *rule;
  struct grow grow;
  gym_rng rng;
  int64_t *residuals;
  uint32_t *list;
  float *values; /* by node */
};

static void
learner_free (struct learner *l)
{
  grow_free (&l->grow);
  free (l->residuals);
  free (l->list);
  free (l->values);
}

static int
learner_init (struct learner *l, uint64_t seed)
{
  const struct boost_rows *rows = l->rows;
  const struct boost_rule *rule = l->rule;
  struct grow *g = &l->grow;
  gym_rng_init (&l->rng, seed);
  l->residuals = malloc (rows->n * sizeof *l->residuals + 1);
  l->list = malloc (rows->n_list * sizeof *l->list + 1);
  l->values = malloc (2 * BOOST_LEAVES * sizeof *l->values);
  if (grow_init (g, rows->bins, 1) < 0 || grow_reserve (g, rows->n_list) < 0
      || !l->residuals || !l->list || !l->values)
    return GYM_ENOMEM;
  memcpy (l->list, rows->list, rows->n_list * sizeof *l->list);
  g->n = rows->n;
  g->cells = rows->cells;
  g->targets = l->residuals;
  g->leaves = rule->leaves < BOOST_LEAVES ? rule->leaves : BOOST_LEAVES;
  g->depth = rule->depth;
  g->tries = rule->tries;
  g->least = rule->min_leaf;
  g->relevance = rule->relevance;
  return GYM_OK;
}

/* A part of the list, without replacement. */
static uint32_t
draw_rows (struct learner *l)
{
  uint32_t n = l->rows->n_list, m = (uint32_t)(l->rule->bag * n + 0.5);
  m = m < 1 ? 1 : m;
  for (uint32_t i = 0; i < m && m < n; i++) {
    uint32_t j = i + (uint32_t)gym_rng_below (&l->rng, n - i), kept = l->list[i];
    l->list[i] = l->list[j];
    l->list[j] = kept;
  }
  memcpy (l->grow.rows, l->list, m * sizeof *l->list);
  return m;
}

/* The mean of the residuals, drawn towards 0 by the penalty, and a share of that. */
static void
weigh_leaves (struct learner *l)
{
  const struct grow *g = &l->grow;
  for (size_t k = 0; k < g->n_nodes; k++) {
    int64_t sum;
    if (g->nodes[k].column >= 0)
      continue;
    uint64_t weight = grow_sums (g, &g->nodes[k], &sum);
    double mean = (double)sum / GROW_ONE / ((double)weight + l->rule->penalty);
    l->values[k] = (float)(l->rule->rate * mean);
  }
}

/* A target of about unit variance that leaves the fixed point's range is cut off. */
static int64_t
fixed (double value)
{
  double x = value * GROW_ONE, most = 0x1p60;
  x = x > most ? most : x < -most ? -most : x;
  return (int64_t)(x < 0 ? x - 0.5 : x + 0.5);
}

/* Rows that the tree was grown on lie in its leaves; those after them in the list fall
 * into one. */
static void
move_fitted (struct learner *l, uint32_t drawn, double *fitted)
{
  const struct grow *g = &l->grow;
  for (size_t k = 0; k < g->n_nodes; k++) {
    const struct grow_node *node = &g->nodes[k];
    for (uint32_t i = node->from; i < node->to && node->column < 0; i++)
      fitted[g->rows[i]] += (double)l->values[k];
  }
  for (uint32_t i = drawn; i < l->rows->n_list; i++) {
    const uint16_t *cells =
        l->rows->cells + (size_t)l->list[i] * l->rows->bins->n_columns;
    fitted[l->list[i]] += (double)l->values[grow_leaf (g, cells)];
  }
}

static void
find_residuals (struct learner *l, const double *fitted)
{
  const struct boost_rows *rows = l->rows;
  for (uint32_t i = 0; i < rows->n_list; i++)
    l->residuals[rows->list[i]] =
        fixed (rows->targets[rows->list[i]] - fitted[rows->list[i]]);
}

/* What levels are like is seen in the targets: of residuals little is left of it. */
static int
survey (struct learner *l, const double *fitted)
{
  find_residuals (l, fitted);
  memcpy (l->grow.rows, l->rows->list, l->rows->n_list * sizeof *l->rows->list);
  return grow_survey (&l->grow, l->rows->n_list);
}

/* Rows that the tree has not seen tell what its splits are worth; without any, those that
 * it has. */
static int
credit (struct learner *l, uint32_t drawn)
{
  uint32_t n = l->rows->n_list;
  return drawn < n ? grow_credit (&l->grow, n - drawn, l->list + drawn)
                   : grow_credit (&l->grow, n, l->list);
}

static int
add_tree (struct learner *l, struct boost *b, uint32_t tree, double *fitted)
{
  const struct boost_rows *rows = l->rows;
  struct grow *g = &l->grow;
  find_residuals (l, fitted);
  uint32_t drawn = draw_rows (l);
  if (grow_tree (g, drawn, gym_rng_u64 (&l->rng)) < 0 || credit (l, drawn) < 0)
    return GYM_ENOMEM;
  weigh_leaves (l);
  store_tree (b, rows->joint, g, tree, l->values);
  move_fitted (l, drawn, fitted);
  return rows->host->cancelled (rows->host) ? GYM_ECANCELLED : GYM_OK;
}

int
boost_fit (struct boost *b, const struct boost_rows *rows, const struct boost_rule *rule,
           uint64_t seed, double *fitted)
{
  struct learner l = { .rows = rows, .rule = rule };
  int code = make_room (b, rows->joint->n_cells, rule->trees);
  if (code == GYM_OK)
    code = learner_init (&l, seed);
  for (uint32_t i = 0; code == GYM_OK && i < rows->n_list; i++)
    b->base += rows->targets[rows->list[i]];
  b->base /= rows->n_list;
  for (size_t i = 0; code == GYM_OK && i < rows->n; i++)
    fitted[i] = b->base;
  if (code == GYM_OK)
    code = survey (&l, fitted);
  for (uint32_t t = 0; code == GYM_OK && t < rule->trees; t++)
    code = add_tree (&l, b, t, fitted);
  if (code == GYM_OK)
    boost_predict (b, rows->joint->n, rows->n, rows->joint_cells, fitted);
  learner_free (&l);
  if (code < 0)
    boost_free (b);
  return code;
}

/* ---- predicting ---- */

/* Groups of trees whose sets of leaves stay in registers over all groups of columns.
 * Vectors of 16 bytes are those that every x86-64 and ARM processor has. */
enum { GROUP = 8, PAIRS = GROUP / 2 };
typedef uint64_t pair __attribute__ ((vector_size (16)));

/* One leaf is left of a tree; the top bit keeps a file that says otherwise from harm. */
static inline double
leaf_value (const float *values, uint64_t leaves)
{
  return (double)values[(unsigned)__builtin_ctzll (leaves | (uint64_t)1 << 63)];
}

static inline __attribute__ ((always_inline)) double
add_group (const uint64_t *masks, const float *values, const uint32_t *cells,
           uint32_t groups)
{
  pair leaves[PAIRS];
#pragma GCC unroll 4
  for (uint32_t v = 0; v < PAIRS; v++)
    leaves[v] = ~(pair){ 0 };
  for (uint32_t c = 0; c < groups; c++) {
    const pair *part = (const void *)(masks + (size_t)cells[c] * BOOST_BLOCK);
#pragma GCC unroll 4
    for (uint32_t v = 0; v < PAIRS; v++)
      leaves[v] &= part[v];
  }
  double sum[2] = { 0 };
#pragma GCC unroll 4
  for (uint32_t v = 0; v < PAIRS; v++) {
    sum[0] += leaf_value (values + (size_t)(2 * v) * BOOST_LEAVES, leaves[v][0]);
    sum[1] += leaf_value (values + (size_t)(2 * v + 1) * BOOST_LEAVES, leaves[v][1]);
  }
  return sum[0] + sum[1];
}

/* Block by block: its tables stay in the first-level cache while the rows pass. */
void
boost_predict (const struct boost *b, uint32_t groups, size_t n, const uint32_t *cells,
               double *out)
{
  for (size_t i = 0; i < n; i++)
    out[i] = b->base;
  for (size_t k = 0; k < blocks_of (b); k++) {
    size_t left = b->n_trees - k * BOOST_BLOCK;
    uint32_t trees = left < BOOST_BLOCK ? (uint32_t)left : BOOST_BLOCK;
    const uint64_t *masks = b->masks + k * b->n_cells * BOOST_BLOCK;
    const float *values = b->values + k * BOOST_BLOCK * BOOST_LEAVES;
    for (size_t i = 0; i < n; i++)
      for (uint32_t t = 0; t < trees; t += GROUP)
        out[i] +=
            add_group (masks + t, values + t * BOOST_LEAVES, cells + i * groups, groups);
  }
}

/* ---- saving ---- */

void
boost_save (const struct boost *b, struct pack *out)
{
  pack_u64 (out, b->n_trees);
  pack_real (out, b->base);
  pack_bytes (out, b->masks, masks_of (b) * sizeof *b->masks);
  pack_bytes (out, b->values, values_of (b) * sizeof *b->values);
}

int
boost_load (struct boost *b, const struct joint *joint, struct unpack *in)
{
  boost_free (b);
  b->n_cells = joint->n_cells;
  b->n_trees = (uint32_t)unpack_count (in, BOOST_TREES);
  b->base = unpack_real (in);
  b->masks = unpack_array (in, masks_of (b), sizeof *b->masks);
  b->values = unpack_array (in, values_of (b), sizeof *b->values);
  if (b->masks && b->values)
    return GYM_OK;
  boost_free (b);
  return in->bad ? GYM_EINVAL : GYM_ENOMEM;
}
