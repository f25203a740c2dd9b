/* Growing a regression tree: see grow.h.
 *
 * Nodes that may yet be split wait in a list with their histograms and their best cuts.
 * With a limit of leaves the one that gains most is split next, else the last: the
 * smaller child lies on top, so that few histograms are alive. */
#include "plugins/common/grow.h"

#include <gym/rng.h>
#include <math.h>

#define INLINE static inline __attribute__ ((always_inline))

struct waiting {
  uint32_t node;
  int32_t column; /* of its best cut; the set is the node's own */
  double gain;
  int64_t *histogram;
};

/* A cell of a histogram is the weight and the sum of every target. */
struct grow_work {
  size_t stride, size; /* numbers of a cell, of a histogram */
  size_t rows_room, nodes_room, waiting_room, unused_room;
  size_t n_waiting, n_unused;
  struct waiting *waiting;
  int64_t **unused; /* histograms that nobody holds */
  uint32_t *spare, *columns, *order;
  int64_t *all, *left;
  double *favour; /* by column: what its gains count */
  double *nearer; /* by code: how much the left side suits it better */
  double
      *usual; /* by cell, of each target: its mean in the survey; NaN: not seen there */
  gym_rng rng;
};

/* The best cut of a node so far. */
struct best {
  double known;  /* what the node explains without one */
  double favour; /* of the column at hand */
  double value;  /* gain times favour */
  double gain;
  int32_t column;
  uint64_t *set;
};

/* ---- memory ---- */

static uint32_t
most_codes (const struct bins *bins)
{
  uint32_t most = 1;
  for (uint32_t i = 0; i < bins->n_columns; i++)
    most = bins->columns[i].codes > most ? bins->columns[i].codes : most;
  return most;
}

int
grow_init (struct grow *g, const struct bins *bins, uint32_t m)
{
  uint32_t most = most_codes (bins);
  *g = (struct grow){ .bins = bins, .m = m, .least = 1, .words = (most + 63) / 64 };
  struct grow_work *w = g->work = calloc (1, sizeof *w);
  if (!w)
    return GYM_ENOMEM;
  w->stride = m + 1u;
  w->size = w->stride * bins->n_cells;
  w->columns = malloc ((bins->n_columns + 1u) * sizeof *w->columns);
  w->order = malloc (most * sizeof *w->order);
  w->all = malloc (w->stride * sizeof *w->all);
  w->left = malloc (w->stride * sizeof *w->left);
  w->favour = malloc ((bins->n_columns + 1u) * sizeof *w->favour);
  w->nearer = malloc (most * sizeof *w->nearer);
  w->usual = malloc ((w->size + 1) * sizeof *w->usual);
  g->gains = calloc (bins->n_columns + 1u, sizeof *g->gains);
  bool whole = w->columns && w->order && w->all && w->left && w->favour && w->nearer
               && w->usual && g->gains;
  for (size_t i = 0; w->usual && i < w->size; i++)
    w->usual[i] = NAN;
  return whole ? GYM_OK : GYM_ENOMEM;
}

void
grow_free (struct grow *g)
{
  struct grow_work *w = g->work;
  for (size_t i = 0; w && i < w->n_unused; i++)
    free (w->unused[i]);
  for (size_t i = 0; w && i < w->n_waiting; i++)
    free (w->waiting[i].histogram);
  if (w) {
    free (w->unused);
    free (w->waiting);
    free (w->spare);
    free (w->columns);
    free (w->order);
    free (w->all);
    free (w->left);
    free (w->favour);
    free (w->nearer);
    free (w->usual);
  }
  free (w);
  free (g->gains);
  free (g->nodes);
  free (g->sets);
  free (g->rows);
  *g = (struct grow){ 0 };
}

static int
resize (void *array, size_t n, size_t size)
{
  void *old, *bigger;
  memcpy (&old, array, sizeof old);
  bigger = realloc (old, n * size + 1);
  if (!bigger)
    return GYM_ENOMEM;
  memcpy (array, &bigger, sizeof bigger);
  return GYM_OK;
}

int
grow_reserve (struct grow *g, size_t n)
{
  struct grow_work *w = g->work;
  if (n <= w->rows_room && g->rows)
    return GYM_OK;
  if (resize (&g->rows, n, sizeof *g->rows) < 0
      || resize (&w->spare, n, sizeof *w->spare) < 0)
    return GYM_ENOMEM;
  w->rows_room = n;
  return GYM_OK;
}

static int
reserve_nodes (struct grow *g, size_t n)
{
  struct grow_work *w = g->work;
  if (n <= w->nodes_room)
    return GYM_OK;
  size_t room = n + n / 2 + 64;
  if (resize (&g->nodes, room, sizeof *g->nodes) < 0
      || resize (&g->sets, room * g->words, sizeof *g->sets) < 0)
    return GYM_ENOMEM;
  w->nodes_room = room;
  return GYM_OK;
}

static int64_t *
take_histogram (struct grow_work *w)
{
  return w->n_unused > 0 ? w->unused[--w->n_unused]
                         : malloc ((w->size + 1) * sizeof (int64_t));
}

/* Without room for it in the list of the unused there is one fewer. */
static void
drop_histogram (struct grow_work *w, int64_t *histogram)
{
  if (!histogram)
    return;
  if (w->n_unused == w->unused_room) {
    size_t room = w->unused_room * 2 + 16;
    if (resize (&w->unused, room, sizeof *w->unused) < 0) {
      free (histogram);
      return;
    }
    w->unused_room = room;
  }
  w->unused[w->n_unused++] = histogram;
}

/* ---- histograms ---- */

/* `m` and `columns` are constants where this is inlined for few targets. */
INLINE void
add_rows (const struct grow *g, uint32_t from, uint32_t to, int64_t *histogram,
          uint32_t m)
{
  uint32_t columns = g->bins->n_columns;
  for (uint32_t i = from; i < to; i++) {
    uint32_t row = g->rows[i];
    const uint16_t *cells = g->cells + (size_t)row * columns;
    const int64_t *targets = g->targets + (size_t)row * m;
    int64_t weight = g->weights ? g->weights[row] : 1;
    for (uint32_t c = 0; c < columns; c++) {
      int64_t *cell = histogram + cells[c] * (size_t)(m + 1);
      cell[0] += weight;
      for (uint32_t t = 0; t < m; t++)
        cell[1 + t] += weight * targets[t];
    }
  }
}

static void
fill (const struct grow *g, uint32_t from, uint32_t to, int64_t *histogram)
{
  memset (histogram, 0, g->work->size * sizeof *histogram);
  if (g->m == 1)
    add_rows (g, from, to, histogram, 1);
  else if (g->m == 2)
    add_rows (g, from, to, histogram, 2);
  else if (g->m == 3)
    add_rows (g, from, to, histogram, 3);
  else
    add_rows (g, from, to, histogram, g->m);
}

/* ---- cuts ---- */

/* What both sides explain: the larger, the smaller the squared error that is left. */
INLINE double
explained (const int64_t *all, const int64_t *left, uint32_t m)
{
  double n = (double)left[0], rest = (double)(all[0] - left[0]), a = 0, b = 0;
  for (uint32_t t = 1; t <= m; t++) {
    double x = (double)left[t], y = (double)(all[t] - left[t]);
    a += x * x;
    b += y * y;
  }
  return (a * rest + b * n) / (n * rest);
}

INLINE void
add_cell (int64_t *sums, const int64_t *cell, size_t stride)
{
  for (size_t t = 0; t < stride; t++)
    sums[t] += cell[t];
}

/* Takes note of the cut behind the cells that are in `left`, if it is the best so far. */
static bool
improves (const struct grow *g, struct best *best)
{
  const struct grow_work *w = g->work;
  int64_t least = (int64_t)g->least;
  if (w->left[0] < least || w->all[0] - w->left[0] < least)
    return false;
  double gain = explained (w->all, w->left, g->m) - best->known;
  if (!(gain * best->favour > best->value))
    return false;
  best->gain = gain;
  best->value = gain * best->favour;
  return true;
}

/* Codes that the node has not met lie on the side of the nearer one that it has. */
static void
cut_ordered (struct grow *g, const int64_t *cells, uint32_t column, struct best *best)
{
  struct grow_work *w = g->work;
  uint32_t codes = g->bins->columns[column].codes, last = 0;
  int64_t at = -1;
  memset (w->left, 0, w->stride * sizeof *w->left);
  for (uint32_t k = 0; k < codes; k++) {
    const int64_t *cell = cells + k * w->stride;
    if (cell[0] == 0)
      continue;
    if (w->left[0] > 0 && improves (g, best))
      at = (last + k - 1) / 2;
    add_cell (w->left, cell, w->stride);
    last = k;
  }
  if (at < 0)
    return;
  best->column = (int32_t)column;
  memset (best->set, 0, g->words * sizeof *best->set);
  for (uint32_t k = 0; k <= at; k++)
    best->set[k / 64] |= (uint64_t)1 << (k % 64);
}

static double
mean_of (const int64_t *cell, uint32_t target)
{
  return (double)cell[1 + target] / (double)cell[0];
}

/* By the mean of a target, equal ones by code: few as a rule. */
static void
order_codes (struct grow_work *w, const int64_t *cells, uint32_t met, uint32_t target)
{
  for (uint32_t i = 1; i < met; i++) {
    uint32_t k = w->order[i], j = i;
    double mean = mean_of (cells + k * w->stride, target);
    for (; j > 0; j--) {
      double before = mean_of (cells + w->order[j - 1] * w->stride, target);
      if (before < mean || (before == mean && w->order[j - 1] < k))
        break;
      w->order[j] = w->order[j - 1];
    }
    w->order[j] = k;
  }
}

static void
put (uint64_t *set, uint32_t code, bool left)
{
  uint64_t bit = (uint64_t)1 << (code % 64);
  set[code / 64] = left ? set[code / 64] | bit : set[code / 64] & ~bit;
}

/* Adds up by how much a code is nearer to the left side in what is usual for a target. A
 * side is where the middle of its codes is: how many rows the node has of each is chance.
 * NaN where one of them was not seen in the survey. */
static void
compare_sides (struct grow *g, uint32_t column, uint32_t met, uint32_t n_left,
               uint32_t target, double *nearer)
{
  const struct bins_column *c = &g->bins->columns[column];
  const struct grow_work *w = g->work;
  const double *usual = w->usual + c->first * (size_t)g->m + target;
  double left = 0, right = 0;
  for (uint32_t i = 0; i < met; i++)
    *(i < n_left ? &left : &right) += usual[w->order[i] * (size_t)g->m];
  left /= n_left;
  right /= met - n_left;
  for (uint32_t k = 0; k < c->codes; k++) {
    double x = usual[k * (size_t)g->m];
    nearer[k] += (x - right) * (x - right) - (x - left) * (x - left);
  }
}

/* Codes that the node has not met go to the side that they are more like. */
static void
keep_codes (struct grow *g, uint32_t column, uint32_t met, uint32_t n_left, bool rest,
            uint64_t *set)
{
  const struct grow_work *w = g->work;
  uint32_t codes = g->bins->columns[column].codes;
  memset (set, 0, g->words * sizeof *set);
  memset (w->nearer, 0, codes * sizeof *w->nearer);
  for (uint32_t t = 0; t < g->m; t++)
    compare_sides (g, column, met, n_left, t, w->nearer);
  for (uint32_t k = 0; k < codes; k++)
    put (set, k, isnan (w->nearer[k]) || w->nearer[k] == 0 ? rest : w->nearer[k] > 0);
  for (uint32_t i = 0; i < met; i++)
    put (set, w->order[i], i < n_left);
}

static void
cut_order (struct grow *g, const int64_t *cells, uint32_t column, uint32_t met,
           struct best *best)
{
  struct grow_work *w = g->work;
  uint32_t n_left = 0;
  bool rest = false;
  memset (w->left, 0, w->stride * sizeof *w->left);
  for (uint32_t i = 0; i + 1 < met; i++) {
    add_cell (w->left, cells + w->order[i] * w->stride, w->stride);
    if (improves (g, best)) {
      n_left = i + 1;
      rest = 2 * w->left[0] > w->all[0];
    }
  }
  if (n_left == 0)
    return;
  best->column = (int32_t)column;
  keep_codes (g, column, met, n_left, rest, best->set);
}

static void
cut_levels (struct grow *g, const int64_t *cells, uint32_t column, struct best *best)
{
  struct grow_work *w = g->work;
  uint32_t codes = g->bins->columns[column].codes, met = 0;
  for (uint32_t k = 0; k < codes; k++)
    if (cells[k * w->stride] > 0)
      w->order[met++] = k;
  /* Two levels can be parted in one way only. */
  for (uint32_t t = 0; t < (met > 2 ? g->m : 1) && met > 1; t++) {
    order_codes (w, cells, met, t);
    cut_order (g, cells, column, met, best);
  }
}

static void
cut_column (struct grow *g, const int64_t *histogram, uint32_t column, struct best *best)
{
  const struct bins_column *c = &g->bins->columns[column];
  const int64_t *cells = histogram + c->first * g->work->stride;
  if (c->ordered)
    cut_ordered (g, cells, column, best);
  else
    cut_levels (g, cells, column, best);
}

/* Whole columns: the part beyond is the chance of one more. */
static uint32_t
columns_wanted (struct grow *g)
{
  uint32_t columns = g->bins->n_columns, whole = (uint32_t)g->tries;
  if (!(g->tries > 0) || g->tries >= columns)
    return columns;
  return whole + (gym_rng_real (&g->work->rng) < g->tries - whole);
}

/* The next of the columns in random order. */
static uint32_t
draw_column (struct grow *g, uint32_t k)
{
  uint32_t *columns = g->work->columns;
  uint32_t j = k + (uint32_t)gym_rng_below (&g->work->rng, g->bins->n_columns - k);
  uint32_t drawn = columns[j];
  columns[j] = columns[k];
  columns[k] = drawn;
  return drawn;
}

/* Of a few columns drawn anew, and of the others in turn while none of them can be cut,
 * so that a node of different rows is always split. The set goes to the node's own. */
static struct best
find_cut (struct grow *g, const int64_t *histogram, uint32_t node)
{
  struct grow_work *w = g->work;
  uint32_t columns = g->bins->n_columns, wanted = columns_wanted (g);
  struct best best = { .column = -1, .set = g->sets + (size_t)node * g->words };
  memset (w->all, 0, w->stride * sizeof *w->all);
  for (uint32_t k = 0; k < g->bins->columns[0].codes; k++)
    add_cell (w->all, histogram + k * w->stride, w->stride);
  for (uint32_t t = 1; t <= g->m; t++)
    best.known += (double)w->all[t] * (double)w->all[t] / (double)w->all[0];
  best.value = 1e-12 * best.known; /* less is rounding */
  for (uint32_t k = 0; k < columns && (k < wanted || best.column < 0); k++) {
    uint32_t column = draw_column (g, k);
    best.favour = w->favour[column];
    cut_column (g, histogram, column, &best);
  }
  return best;
}

/* ---- nodes ---- */

/* A node is worth a histogram when its rows differ and there is room below it. */
static bool
divisible (const struct grow *g, const struct grow_node *node)
{
  uint64_t weight = 0;
  bool differ = false;
  const int64_t *first = g->targets + (size_t)g->rows[node->from] * g->m;
  if (g->bins->n_columns == 0 || (g->depth > 0 && node->depth >= g->depth))
    return false;
  for (uint32_t i = node->from; i < node->to; i++) {
    weight += g->weights ? g->weights[g->rows[i]] : 1;
    const int64_t *targets = g->targets + (size_t)g->rows[i] * g->m;
    for (uint32_t t = 0; t < g->m && !differ; t++)
      differ = targets[t] != first[t];
  }
  return differ && weight >= 2 * g->least;
}

/* Takes the histogram over. */
static int
wait_for_split (struct grow *g, uint32_t node, int64_t *histogram)
{
  struct grow_work *w = g->work;
  struct best best = find_cut (g, histogram, node);
  bool room = w->n_waiting < w->waiting_room
              || resize (&w->waiting, w->waiting_room * 2 + 64, sizeof *w->waiting) == 0;
  if (w->n_waiting == w->waiting_room && room)
    w->waiting_room = w->waiting_room * 2 + 64;
  if (best.column < 0 || !room) {
    drop_histogram (w, histogram);
    return room ? GYM_OK : GYM_ENOMEM;
  }
  w->waiting[w->n_waiting++] = (struct waiting){
    .node = node, .column = best.column, .gain = best.gain, .histogram = histogram
  };
  return GYM_OK;
}

static bool
in_set (const uint64_t *set, uint32_t code)
{
  return set[code / 64] >> (code % 64) & 1;
}

/* Keeps the order of the rows on both sides. Returns where the right one begins. */
static uint32_t
part (struct grow *g, const struct grow_node *node, const uint64_t *set)
{
  const struct bins_column *column = &g->bins->columns[node->column];
  uint32_t middle = node->from, n_right = 0, columns = g->bins->n_columns;
  for (uint32_t i = node->from; i < node->to; i++) {
    uint32_t row = g->rows[i];
    uint32_t code =
        g->cells[(size_t)row * columns + (uint32_t)node->column] - column->first;
    bool left = in_set (set, code);
    g->rows[middle] = row;
    g->work->spare[n_right] = row;
    middle += left;
    n_right += !left;
  }
  memcpy (g->rows + middle, g->work->spare, n_right * sizeof *g->rows);
  return middle;
}

/* The smaller child is counted, the larger is what is left of the parent. */
static int
open_children (struct grow *g, uint32_t left, int64_t *histogram)
{
  struct grow_work *w = g->work;
  const struct grow_node *a = &g->nodes[left], *b = a + 1;
  uint32_t small = left + (b->to - b->from < a->to - a->from),
           large = 2 * left + 1 - small;
  bool open_small = divisible (g, &g->nodes[small]);
  bool open_large = divisible (g, &g->nodes[large]);
  int64_t *counted = open_small || open_large ? take_histogram (w) : NULL;
  if ((open_small || open_large) && !counted) {
    drop_histogram (w, histogram);
    return GYM_ENOMEM;
  }
  if (counted)
    fill (g, g->nodes[small].from, g->nodes[small].to, counted);
  if (open_large)
    for (size_t i = 0; i < w->size; i++)
      histogram[i] -= counted[i];
  int code = GYM_OK;
  if (open_large)
    code = wait_for_split (g, large, histogram);
  else
    drop_histogram (w, histogram);
  if (open_small && code == GYM_OK)
    return wait_for_split (g, small, counted);
  drop_histogram (w, counted);
  return code;
}

static int
split (struct grow *g, const struct waiting *waiting)
{
  uint32_t left = (uint32_t)g->n_nodes;
  if (reserve_nodes (g, g->n_nodes + 2) < 0) {
    drop_histogram (g->work, waiting->histogram);
    return GYM_ENOMEM;
  }
  struct grow_node *node = &g->nodes[waiting->node];
  node->column = waiting->column;
  node->left = left;
  uint32_t middle = part (g, node, g->sets + (size_t)waiting->node * g->words);
  g->nodes[left] = (struct grow_node){
    .column = -1, .from = node->from, .to = middle, .depth = node->depth + 1
  };
  g->nodes[left + 1] = (struct grow_node){
    .column = -1, .from = middle, .to = node->to, .depth = node->depth + 1
  };
  g->n_nodes += 2;
  return open_children (g, left, waiting->histogram);
}

static struct waiting
next_waiting (struct grow *g)
{
  struct grow_work *w = g->work;
  size_t at = w->n_waiting - 1;
  for (size_t i = 0; g->leaves > 0 && i < w->n_waiting; i++)
    if (w->waiting[i].gain > w->waiting[at].gain)
      at = i;
  struct waiting next = w->waiting[at];
  w->waiting[at] = w->waiting[--w->n_waiting];
  return next;
}

/* A column without any gain so far counts little, and not nothing. */
static void
set_favours (struct grow *g)
{
  double most = 0;
  for (uint32_t i = 0; i < g->bins->n_columns; i++) {
    g->work->columns[i] = i;
    most = g->gains[i] > most ? g->gains[i] : most;
  }
  for (uint32_t i = 0; i < g->bins->n_columns; i++)
    g->work->favour[i] =
        most > 0 ? pow (fmax (0, g->gains[i]) / most + 1e-6, g->relevance) : 1;
}

int
grow_tree (struct grow *g, uint32_t n_rows, uint64_t seed)
{
  struct grow_work *w = g->work;
  if (reserve_nodes (g, 1) < 0)
    return GYM_ENOMEM;
  gym_rng_init (&w->rng, seed);
  set_favours (g);
  g->nodes[0] = (struct grow_node){ .column = -1, .to = n_rows };
  g->n_nodes = 1;
  int code = GYM_OK;
  if (divisible (g, &g->nodes[0])) {
    int64_t *histogram = take_histogram (w);
    if (!histogram)
      return GYM_ENOMEM;
    fill (g, 0, n_rows, histogram);
    code = wait_for_split (g, 0, histogram);
  }
  while (code == GYM_OK && w->n_waiting > 0
         && (g->leaves == 0 || g->n_nodes < 2 * (size_t)g->leaves - 1)) {
    struct waiting next = next_waiting (g);
    code = split (g, &next);
  }
  while (w->n_waiting > 0)
    drop_histogram (w, w->waiting[--w->n_waiting].histogram);
  return code;
}

int
grow_survey (struct grow *g, uint32_t n_rows)
{
  struct grow_work *w = g->work;
  int64_t *histogram = take_histogram (w);
  if (!histogram)
    return GYM_ENOMEM;
  fill (g, 0, n_rows, histogram);
  for (size_t k = 0; k < g->bins->n_cells; k++)
    for (uint32_t t = 0; t < g->m; t++) {
      const int64_t *cell = histogram + k * w->stride;
      w->usual[k * g->m + t] = cell[0] > 0 ? mean_of (cell, t) : NAN;
    }
  drop_histogram (w, histogram);
  return GYM_OK;
}

static uint32_t
child_of (const struct grow *g, uint32_t k, const uint16_t *cells)
{
  const struct grow_node *node = &g->nodes[k];
  uint32_t code = cells[node->column] - g->bins->columns[node->column].first;
  return node->left + !in_set (g->sets + (size_t)k * g->words, code);
}

/* The means of the targets in all nodes, of m numbers each; children stand behind their
 * parents. */
static void
find_means (const struct grow *g, double *means, double *weights)
{
  int64_t *sums = g->work->left;
  for (size_t k = g->n_nodes; k-- > 0;) {
    const struct grow_node *node = &g->nodes[k];
    const double *a = means + node->left * (size_t)g->m, *b = a + g->m;
    bool leaf = node->column < 0;
    weights[k] = leaf ? (double)grow_sums (g, node, sums)
                      : weights[node->left] + weights[node->left + 1];
    for (uint32_t t = 0; t < g->m; t++)
      means[k * g->m + t] =
          leaf ? (double)sums[t] / GROW_ONE / weights[k]
               : (a[t] * weights[node->left] + b[t] * weights[node->left + 1])
                     / weights[k];
  }
}

static void
credit_row (struct grow *g, uint32_t row, const double *means)
{
  const uint16_t *cells = g->cells + (size_t)row * g->bins->n_columns;
  uint32_t k = 0;
  while (g->nodes[k].column >= 0) {
    uint32_t next = child_of (g, k, cells);
    double *gain = &g->gains[g->nodes[k].column];
    for (uint32_t t = 0; t < g->m; t++) {
      double y = (double)g->targets[(size_t)row * g->m + t] / GROW_ONE;
      double before = means[k * (size_t)g->m + t], after = means[next * (size_t)g->m + t];
      *gain += (after - before) * (2 * y - before - after);
    }
    k = next;
  }
}

int
grow_credit (struct grow *g, uint32_t n, const uint32_t *rows)
{
  double *means = malloc ((g->m + 1u) * g->n_nodes * sizeof *means);
  if (!means)
    return GYM_ENOMEM;
  find_means (g, means, means + g->m * g->n_nodes);
  for (uint32_t i = 0; i < n; i++)
    credit_row (g, rows[i], means);
  free (means);
  return GYM_OK;
}

uint64_t
grow_sums (const struct grow *g, const struct grow_node *node, int64_t *sums)
{
  uint64_t weight = 0;
  memset (sums, 0, g->m * sizeof *sums);
  for (uint32_t i = node->from; i < node->to; i++) {
    uint32_t row = g->rows[i], times = g->weights ? g->weights[row] : 1;
    for (uint32_t t = 0; t < g->m; t++)
      sums[t] += (int64_t)times * g->targets[(size_t)row * g->m + t];
    weight += times;
  }
  return weight;
}

uint32_t
grow_leaf (const struct grow *g, const uint16_t *cells)
{
  uint32_t k = 0;
  while (g->nodes[k].column >= 0)
    k = child_of (g, k, cells);
  return k;
}
