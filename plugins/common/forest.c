/* Regression forests: see forest.h.
 *
 * Rows are sorted by every numeric column once for all trees. A tree holds these lists,
 * and one of rows in any order, in segments, one a node; a split parts each segment and
 * keeps its order. So a level of a tree costs rows times columns, without sorting. A
 * bootstrap sample is a weight for every row. */
#include "plugins/common/forest.h"

#include <gym/error.h>
#include <gym/rng.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct sums {
  double weight, sum;
};

struct cut {
  double gain, split;
  int32_t column; /* negative: none */
};

struct task {
  uint32_t node, from, to;
};

struct grower {
  struct forest *f;
  size_t n;
  const double *rows, *targets;
  double middle; /* taken off the targets, so that squares of large ones lose nothing */
  gym_rng rng;
  uint32_t n_lists, m; /* lists of rows: one a numeric column, one more; their length */
  uint32_t *sorted;    /* n_lists times n: of all rows */
  uint32_t *lists;     /* of the tree's rows */
  uint32_t *list_of;   /* by column */
  uint32_t *spare, *columns, *order;
  uint8_t *left; /* by row: goes left */
  double *weights;
  struct sums *level; /* by level */
  struct task *tasks; /* nodes that are to be split */
  size_t n_tasks;
  uint64_t *best; /* levels of the best cut so far that go left */
};

/* ---- memory ---- */

int
forest_init (struct forest *f, uint32_t n_columns, const uint32_t *levels)
{
  *f = (struct forest){
    .n_columns = n_columns, .trees = 10, .share = 5. / 6, .min_leaf = 1, .bootstrap = true
  };
  f->levels = malloc ((n_columns + 1u) * sizeof *f->levels);
  if (!f->levels)
    return GYM_ENOMEM;
  if (n_columns > 0)
    memcpy (f->levels, levels, n_columns * sizeof *levels);
  return GYM_OK;
}

void
forest_free (struct forest *f)
{
  free (f->levels);
  free (f->roots);
  free (f->nodes);
  free (f->masks);
  *f = (struct forest){ 0 };
}

/* NaN is a level more. */
static uint32_t
words_of (uint32_t levels)
{
  return (levels + 1u + 63) / 64;
}

static uint32_t
most_levels (const struct forest *f)
{
  uint32_t most = 1;
  for (uint32_t i = 0; i < f->n_columns; i++)
    most = f->levels[i] + 1 > most ? f->levels[i] + 1 : most;
  return most;
}

static void
grower_free (struct grower *g)
{
  free (g->sorted);
  free (g->lists);
  free (g->list_of);
  free (g->spare);
  free (g->columns);
  free (g->order);
  free (g->left);
  free (g->weights);
  free (g->level);
  free (g->tasks);
  free (g->best);
}

static int
grower_init (struct grower *g)
{
  const struct forest *f = g->f;
  size_t n = g->n, columns = f->n_columns + 1u, levels = most_levels (f);
  g->list_of = malloc (columns * sizeof *g->list_of);
  g->columns = malloc (columns * sizeof *g->columns);
  g->sorted = malloc (columns * n * sizeof *g->sorted);
  g->lists = malloc (columns * n * sizeof *g->lists);
  g->spare = malloc (n * sizeof *g->spare);
  g->left = malloc (n * sizeof *g->left);
  g->weights = malloc (n * sizeof *g->weights);
  g->tasks = malloc ((n + 1) * sizeof *g->tasks);
  g->order = malloc (levels * sizeof *g->order);
  g->level = malloc (levels * sizeof *g->level);
  g->best = malloc (words_of ((uint32_t)levels) * sizeof *g->best);
  return g->list_of && g->columns && g->sorted && g->lists && g->spare && g->left
                 && g->weights && g->tasks && g->order && g->level && g->best
             ? GYM_OK
             : GYM_ENOMEM;
}

static int
reserve (void **array, size_t *room, size_t n, size_t size)
{
  if (n <= *room)
    return GYM_OK;
  size_t more = n + n / 2 + 64;
  void *new = realloc (*array, more * size);
  if (!new)
    return GYM_ENOMEM;
  *array = new;
  *room = more;
  return GYM_OK;
}

/* ---- order ---- */

static double
value (const struct grower *g, uint32_t row, uint32_t column)
{
  return g->rows[row * (size_t)g->f->n_columns + column];
}

/* Bottom-up merge sort: stable, so that equal values leave nothing to chance; NaN first.
 */
static void
merge (const struct grower *g, uint32_t column, const uint32_t *from, uint32_t *to,
       size_t low, size_t middle, size_t high)
{
  size_t a = low, b = middle;
  for (size_t k = low; k < high; k++) {
    bool second = a == middle;
    if (!second && b < high) {
      double x = value (g, from[a], column), y = value (g, from[b], column);
      second = !isnan (x) && (isnan (y) || y < x);
    }
    to[k] = second ? from[b++] : from[a++];
  }
}

static void
sort_rows (const struct grower *g, uint32_t column, uint32_t *list)
{
  size_t n = g->n;
  for (size_t i = 0; i < n; i++)
    list[i] = (uint32_t)i;
  for (size_t width = 1; width < n; width *= 2) {
    for (size_t low = 0; low < n; low += 2 * width) {
      size_t middle = low + width < n ? low + width : n;
      size_t high = low + 2 * width < n ? low + 2 * width : n;
      merge (g, column, list, g->spare, low, middle, high);
    }
    memcpy (list, g->spare, n * sizeof *list);
  }
}

/* List 0 is in the order of the rows, for the sums of nodes and of levels. */
static void
sort_all (struct grower *g)
{
  g->n_lists = 1;
  for (size_t i = 0; i < g->n; i++)
    g->sorted[i] = (uint32_t)i;
  for (uint32_t c = 0; c < g->f->n_columns; c++) {
    g->columns[c] = c;
    g->list_of[c] = 0;
    if (g->f->levels[c] == 0) {
      g->list_of[c] = g->n_lists;
      sort_rows (g, c, g->sorted + g->n_lists++ * g->n);
    }
  }
}

/* The tree's sample and its lists. */
static void
draw_sample (struct grower *g)
{
  for (size_t i = 0; i < g->n; i++)
    g->weights[i] = !g->f->bootstrap;
  for (size_t i = 0; i < g->n && g->f->bootstrap; i++)
    g->weights[gym_rng_below (&g->rng, g->n)]++;
  for (uint32_t l = 0; l < g->n_lists; l++) {
    const uint32_t *sorted = g->sorted + l * g->n;
    uint32_t *list = g->lists + l * g->n, m = 0;
    for (size_t i = 0; i < g->n; i++)
      if (g->weights[sorted[i]] > 0)
        list[m++] = sorted[i];
    g->m = m;
  }
}

/* ---- splits ---- */

static struct sums
sum_up (const struct grower *g, const struct task *t, double *squares)
{
  struct sums s = { 0 };
  *squares = 0;
  for (uint32_t i = t->from; i < t->to; i++) {
    uint32_t row = g->lists[i];
    double w = g->weights[row], y = g->targets[row] - g->middle;
    s.weight += w;
    s.sum += w * y;
    *squares += w * y * y;
  }
  return s;
}

/* What a cut takes off the squared error, up to a constant of the node. */
static double
gain (struct sums all, struct sums left)
{
  double weight = all.weight - left.weight, sum = all.sum - left.sum;
  return left.sum * left.sum / left.weight + sum * sum / weight;
}

static bool
allowed (const struct grower *g, struct sums all, struct sums left)
{
  double least = g->f->min_leaf;
  return left.weight >= least && all.weight - left.weight >= least;
}

static double
between (struct grower *g, double low, double high)
{
  double u = gym_rng_real (&g->rng), at = low * (1 - u) + high * u;
  if (isnan (low))
    return -INFINITY;
  return at >= low && at < high ? at : low;
}

static void
cut_numbers (struct grower *g, const struct task *t, uint32_t column, struct sums all,
             struct cut *best)
{
  const uint32_t *list = g->lists + g->list_of[column] * g->n;
  struct sums left = { 0 };
  uint32_t at = t->to;
  double x = value (g, list[t->from], column), next;
  for (uint32_t i = t->from; i + 1 < t->to; i++, x = next) {
    double w = g->weights[list[i]];
    left.weight += w;
    left.sum += w * (g->targets[list[i]] - g->middle);
    next = value (g, list[i + 1], column);
    if (!(next > x) && !(isnan (x) && !isnan (next)))
      continue;
    double found = gain (all, left);
    if (found > best->gain && allowed (g, all, left)) {
      best->gain = found;
      at = i;
    }
  }
  if (at == t->to)
    return;
  best->column = (int32_t)column;
  best->split = between (g, value (g, list[at], column), value (g, list[at + 1], column));
}

static uint32_t
level_of (const struct forest *f, uint32_t column, double value)
{
  return value >= 0 && value < f->levels[column] ? (uint32_t)value : f->levels[column];
}

static uint32_t
sum_levels (struct grower *g, const struct task *t, uint32_t column)
{
  uint32_t levels = g->f->levels[column] + 1, met = 0;
  memset (g->level, 0, levels * sizeof *g->level);
  for (uint32_t i = t->from; i < t->to; i++) {
    uint32_t row = g->lists[i];
    struct sums *s = &g->level[level_of (g->f, column, value (g, row, column))];
    s->weight += g->weights[row];
    s->sum += g->weights[row] * (g->targets[row] - g->middle);
  }
  for (uint32_t k = 0; k < levels; k++)
    if (g->level[k].weight > 0)
      g->order[met++] = k;
  return met;
}

/* By mean; few as a rule. */
static void
order_levels (struct grower *g, uint32_t met)
{
  for (uint32_t i = 1; i < met; i++) {
    uint32_t k = g->order[i], j = i;
    double mean = g->level[k].sum / g->level[k].weight;
    for (; j > 0; j--) {
      const struct sums *before = &g->level[g->order[j - 1]];
      if (before->sum / before->weight <= mean)
        break;
      g->order[j] = g->order[j - 1];
    }
    g->order[j] = k;
  }
}

/* Levels that the node does not know go either way by a coin: trees differ there. */
static void
keep_levels (struct grower *g, uint32_t column, uint32_t met, uint32_t n_left)
{
  uint32_t levels = g->f->levels[column] + 1;
  for (uint32_t w = 0; w < words_of (levels - 1); w++)
    g->best[w] = gym_rng_u64 (&g->rng);
  for (uint32_t i = 0; i < met; i++) {
    uint64_t bit = (uint64_t)1 << (g->order[i] % 64);
    if (i < n_left)
      g->best[g->order[i] / 64] |= bit;
    else
      g->best[g->order[i] / 64] &= ~bit;
  }
}

static void
cut_levels (struct grower *g, const struct task *t, uint32_t column, struct sums all,
            struct cut *best)
{
  uint32_t met = sum_levels (g, t, column), n_left = 0;
  struct sums left = { 0 };
  order_levels (g, met);
  for (uint32_t i = 0; i + 1 < met; i++) {
    left.weight += g->level[g->order[i]].weight;
    left.sum += g->level[g->order[i]].sum;
    double found = gain (all, left);
    if (found > best->gain && allowed (g, all, left)) {
      best->gain = found;
      n_left = i + 1;
    }
  }
  if (n_left == 0)
    return;
  best->column = (int32_t)column;
  keep_levels (g, column, met, n_left);
}

/* Of a random share of the columns; of all the others in turn while none of them can be
 * cut, so that a node of different rows is always split. */
static struct cut
find_cut (struct grower *g, const struct task *t, struct sums all)
{
  const struct forest *f = g->f;
  struct cut best = { .gain = all.sum * all.sum / all.weight, .column = -1 };
  uint32_t wanted = (uint32_t)ceil (f->share * f->n_columns);
  best.gain += 1e-12 * fabs (best.gain);
  for (uint32_t k = 0; k < f->n_columns && (k < wanted || best.column < 0); k++) {
    uint32_t j = k + (uint32_t)gym_rng_below (&g->rng, f->n_columns - k);
    uint32_t column = g->columns[j];
    g->columns[j] = g->columns[k];
    g->columns[k] = column;
    if (f->levels[column])
      cut_levels (g, t, column, all, &best);
    else
      cut_numbers (g, t, column, all, &best);
  }
  return best;
}

/* ---- growing ---- */

static bool
goes_left (const struct forest *f, const struct forest_node *node, double x)
{
  uint32_t column = (uint32_t)node->column;
  if (f->levels[column] == 0)
    return !(x > node->split);
  uint32_t level = level_of (f, column, x);
  return f->masks[node->mask + level / 64] >> (level % 64) & 1;
}

/* Parts the segment of every list. Returns where the right part begins. */
static uint32_t
part (struct grower *g, const struct task *t, const struct forest_node *node)
{
  uint32_t middle = t->from;
  for (uint32_t i = t->from; i < t->to; i++) {
    uint32_t row = g->lists[i];
    g->left[row] = goes_left (g->f, node, value (g, row, (uint32_t)node->column));
  }
  for (uint32_t l = 0; l < g->n_lists; l++) {
    uint32_t *list = g->lists + l * g->n, n_right = 0;
    middle = t->from;
    for (uint32_t i = t->from; i < t->to; i++) {
      uint32_t row = list[i];
      if (g->left[row])
        list[middle++] = row;
      else
        g->spare[n_right++] = row;
    }
    memcpy (list + middle, g->spare, n_right * sizeof *list);
  }
  return middle;
}

static int
store_cut (struct grower *g, const struct cut *cut, uint32_t index)
{
  struct forest *f = g->f;
  uint32_t levels = f->levels[cut->column], words = levels ? words_of (levels) : 0;
  if (reserve ((void **)&f->nodes, &f->nodes_room, f->n_nodes + 2, sizeof *f->nodes) < 0
      || reserve ((void **)&f->masks, &f->masks_room, f->n_words + words,
                  sizeof *f->masks)
             < 0)
    return GYM_ENOMEM;
  struct forest_node *node = &f->nodes[index];
  node->column = cut->column;
  node->split = cut->split;
  node->mask = f->n_words;
  node->left = (uint32_t)f->n_nodes;
  for (uint32_t w = 0; w < words; w++)
    f->masks[f->n_words++] = g->best[w];
  f->n_nodes += 2;
  return GYM_OK;
}

/* Fills in a node, and splits it where that helps. */
static int
grow_node (struct grower *g, struct task t)
{
  double squares;
  struct sums all = sum_up (g, &t, &squares);
  double mean = all.sum / all.weight, variance = squares / all.weight - mean * mean;
  g->f->nodes[t.node] = (struct forest_node){ .column = -1,
                                              .mean = g->middle + mean,
                                              .variance = fmax (0, variance) };
  if (all.weight < 2 * g->f->min_leaf || variance <= 1e-12 * mean * mean)
    return GYM_OK;
  struct cut cut = find_cut (g, &t, all);
  if (cut.column < 0)
    return GYM_OK;
  if (store_cut (g, &cut, t.node) < 0)
    return GYM_ENOMEM;
  const struct forest_node *node = &g->f->nodes[t.node];
  uint32_t middle = part (g, &t, node);
  g->tasks[g->n_tasks++] = (struct task){ node->left, t.from, middle };
  g->tasks[g->n_tasks++] = (struct task){ node->left + 1, middle, t.to };
  return GYM_OK;
}

static int
grow_tree (struct grower *g)
{
  struct forest *f = g->f;
  if (reserve ((void **)&f->nodes, &f->nodes_room, f->n_nodes + 1, sizeof *f->nodes) < 0)
    return GYM_ENOMEM;
  draw_sample (g);
  f->roots[f->n_trees] = (uint32_t)f->n_nodes;
  g->tasks[0] = (struct task){ (uint32_t)f->n_nodes++, 0, g->m };
  g->n_tasks = 1;
  while (g->n_tasks > 0)
    if (grow_node (g, g->tasks[--g->n_tasks]) < 0)
      return GYM_ENOMEM;
  f->n_trees++;
  return GYM_OK;
}

int
forest_fit (struct forest *f, size_t n, const double *rows, const double *targets,
            uint64_t seed)
{
  struct grower g = { .f = f, .n = n, .rows = rows, .targets = targets };
  f->n_trees = 0;
  f->n_nodes = f->n_words = 0;
  for (size_t i = 0; i < n; i++)
    g.middle += targets[i] / (double)n;
  int code = grower_init (&g);
  if (code == 0)
    code = reserve ((void **)&f->roots, &f->roots_room, f->trees, sizeof *f->roots);
  if (code == 0)
    sort_all (&g);
  for (uint32_t t = 0; t < f->trees && code == 0; t++) {
    gym_rng_init (&g.rng, gym_rng_derive (seed, t, n));
    code = grow_tree (&g);
  }
  if (code < 0)
    f->n_trees = 0;
  grower_free (&g);
  return code;
}

/* ---- prediction ---- */

void
forest_predict (const struct forest *f, const double *row, double *mean, double *variance)
{
  double sum = 0, squares = 0, inside = 0;
  for (uint32_t t = 0; t < f->n_trees; t++) {
    const struct forest_node *node = &f->nodes[f->roots[t]];
    while (node->column >= 0)
      node = &f->nodes[node->left + !goes_left (f, node, row[node->column])];
    sum += node->mean;
    squares += node->mean * node->mean;
    inside += node->variance;
  }
  double n = f->n_trees ? f->n_trees : 1;
  *mean = sum / n;
  if (variance)
    *variance = fmax (0, squares / n - *mean * *mean) + inside / n;
}

void
forest_predict_batch (const struct forest *f, size_t n, const double *rows, double *mean,
                      double *variance)
{
  for (size_t i = 0; i < n; i++)
    forest_predict (f, rows + i * f->n_columns, mean + i, variance ? variance + i : NULL);
}
