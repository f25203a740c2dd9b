/* Trees in arrays: see flat.h. */
#include "plugins/forest/flat.h"

enum { NARROW = 16, STEP = 8, MOST_TREES = 1 << 20 };

void
flat_init (struct flat *f, const struct bins *bins)
{
  *f = (struct flat){ .bins = bins };
  for (uint32_t i = 0; bins && i < bins->n_columns; i++)
    f->wide = f->wide || bins->columns[i].codes > NARROW;
}

void
flat_free (struct flat *f)
{
  free (f->roots);
  free (f->nodes);
  free (f->means);
  free (f->variances);
  free (f->places);
  free (f->words);
  flat_init (f, f->bins);
}

/* ---- adding ---- */

static int
reserve (void *array, size_t *room, size_t n, size_t size)
{
  void *old, *bigger;
  if (n <= *room)
    return GYM_OK;
  size_t more = n + n / 2 + 64;
  memcpy (&old, array, sizeof old);
  bigger = realloc (old, more * size);
  if (!bigger)
    return GYM_ENOMEM;
  memcpy (array, &bigger, sizeof bigger);
  *room = more;
  return GYM_OK;
}

/* Arrays by node share one room: it counts when all of them have it. */
static int
make_room (struct flat *f, size_t nodes, size_t words)
{
  size_t need = f->n_nodes + nodes, had = f->nodes_room, room[3] = { had, had, had };
  if (reserve (&f->roots, &f->roots_room, f->n_trees + 1u, sizeof *f->roots) < 0
      || reserve (&f->words, &f->words_room, f->n_words + words + 1, sizeof *f->words) < 0
      || reserve (&f->means, &room[0], need, sizeof *f->means) < 0
      || reserve (&f->variances, &room[1], need, sizeof *f->variances) < 0
      || (f->wide && reserve (&f->places, &room[2], need, sizeof *f->places) < 0)
      || reserve (&f->nodes, &f->nodes_room, need, sizeof *f->nodes) < 0)
    return GYM_ENOMEM;
  return GYM_OK;
}

/* Of a set that does not fit into the node itself. */
static uint32_t
words_of (const struct bins *bins, uint32_t column)
{
  uint32_t codes = bins->columns[column].codes;
  return codes > NARROW ? (codes + 63) / 64 : 0;
}

/* Trees say what goes left, nodes here what goes right: a set bit is a step to the right,
 * and a leaf has none and stays where it is. */
static void
put_node (struct flat *f, const struct grow *g, size_t k, size_t base)
{
  const struct grow_node *node = &g->nodes[k];
  const uint64_t *set = g->sets + k * g->words;
  struct flat_node *flat = &f->nodes[base + k];
  if (f->wide)
    f->places[base + k] = 0;
  *flat = (struct flat_node){ .left = (uint32_t)(base + k) };
  if (node->column < 0)
    return;
  uint32_t column = (uint32_t)node->column, words = words_of (f->bins, column);
  flat->left = (uint32_t)base + node->left;
  flat->column = (uint16_t)column;
  if (words == 0) {
    flat->right = (uint16_t)~set[0];
    return;
  }
  f->places[base + k] = 1 + (uint32_t)f->n_words;
  for (uint32_t w = 0; w < words; w++)
    f->words[f->n_words++] = ~set[w];
}

int
flat_add (struct flat *f, const struct grow *g, const double *means,
          const double *variances)
{
  size_t base = f->n_nodes;
  size_t words = f->wide ? g->n_nodes * g->words : 0;
  if (f->n_nodes + g->n_nodes >= UINT32_MAX || f->n_words + words >= UINT32_MAX
      || make_room (f, g->n_nodes, words) < 0)
    return GYM_ENOMEM;
  for (size_t k = 0; k < g->n_nodes; k++) {
    bool leaf = g->nodes[k].column < 0;
    put_node (f, g, k, base);
    f->means[base + k] = leaf ? (float)means[k] : 0;
    f->variances[base + k] = leaf ? (float)variances[k] : 0;
    f->varied = f->varied || f->variances[base + k] > 0;
  }
  f->roots[f->n_trees++] = (uint32_t)base;
  f->n_nodes += g->n_nodes;
  return GYM_OK;
}

/* ---- asking ---- */

#define INLINE static inline __attribute__ ((always_inline))

/* `wide` is a constant where this is inlined: most spaces have no wide column. */
INLINE uint32_t
next_node (const struct flat *f, uint32_t at, const uint16_t *codes, bool wide)
{
  const struct flat_node *node = &f->nodes[at];
  uint32_t code = codes[node->column];
  if (wide && f->places[at] > 0) {
    const uint64_t *set = f->words + f->places[at] - 1;
    return node->left + (set[code / 64] >> (code % 64) & 1);
  }
  return node->left + ((uint32_t)node->right >> (code % 32) & 1);
}

/* Rows go down side by side, so that one waits for memory while others are at work. */
INLINE void
descend (const struct flat *f, uint32_t root, uint32_t rows, const uint16_t *codes,
         uint32_t *at, bool wide)
{
  uint32_t columns = f->bins->n_columns, moved = 1;
  for (uint32_t r = 0; r < rows; r++)
    at[r] = root;
  while (moved) {
    moved = 0;
    for (uint32_t r = 0; r < rows; r++) {
      uint32_t next = next_node (f, at[r], codes + r * columns, wide);
      moved |= next ^ at[r];
      at[r] = next;
    }
  }
}

static void
add_tree (const struct flat *f, uint32_t root, uint32_t rows, const uint16_t *codes,
          double *sums)
{
  uint32_t at[STEP];
  if (f->wide)
    descend (f, root, rows, codes, at, true);
  else if (rows == STEP)
    descend (f, root, STEP, codes, at, false);
  else
    descend (f, root, rows, codes, at, false);
  for (uint32_t r = 0; r < rows; r++) {
    double mean = (double)f->means[at[r]];
    sums[3 * r] += mean;
    sums[3 * r + 1] += mean * mean;
    if (f->varied)
      sums[3 * r + 2] += (double)f->variances[at[r]];
  }
}

/* Tree by tree, while its nodes are in the cache. */
void
flat_sum (const struct flat *f, size_t n, const uint16_t *codes, double *sums)
{
  memset (sums, 0, 3 * n * sizeof *sums);
  for (uint32_t t = 0; t < f->n_trees; t++)
    for (size_t i = 0; i < n; i += STEP) {
      uint32_t rows = n - i < STEP ? (uint32_t)(n - i) : STEP;
      add_tree (f, f->roots[t], rows, codes + i * f->bins->n_columns, sums + 3 * i);
    }
}

/* ---- saving ---- */

void
flat_save (const struct flat *f, struct pack *out)
{
  pack_u64 (out, f->n_trees);
  pack_u64 (out, f->n_nodes);
  pack_u64 (out, f->n_words);
  pack_bytes (out, f->roots, f->n_trees * sizeof *f->roots);
  pack_bytes (out, f->nodes, f->n_nodes * sizeof *f->nodes);
  pack_bytes (out, f->means, f->n_nodes * sizeof *f->means);
  pack_bytes (out, f->variances, f->n_nodes * sizeof *f->variances);
  if (f->wide)
    pack_bytes (out, f->places, f->n_nodes * sizeof *f->places);
  pack_bytes (out, f->words, f->n_words * sizeof *f->words);
}

/* Children lie behind their parents, so every path ends; and every look-up is inside its
 * array. */
static bool
node_is_good (const struct flat *f, size_t k)
{
  const struct flat_node *node = &f->nodes[k];
  size_t place = f->wide ? f->places[k] : 0;
  if (node->left == k)
    return node->right == 0 && node->column == 0 && place == 0;
  if (node->left < k || node->left + (size_t)1 >= f->n_nodes
      || node->column >= f->bins->n_columns)
    return false;
  uint32_t words = words_of (f->bins, node->column);
  return words == 0 ? place == 0
                    : place > 0 && place - 1 + words <= f->n_words && node->right == 0;
}

static bool
is_good (const struct flat *f)
{
  for (uint32_t t = 0; t < f->n_trees; t++)
    if (f->roots[t] >= f->n_nodes)
      return false;
  for (size_t k = 0; k < f->n_nodes; k++)
    if (!node_is_good (f, k))
      return false;
  return f->n_trees > 0;
}

int
flat_load (struct flat *f, struct unpack *in)
{
  flat_free (f);
  f->n_trees = (uint32_t)unpack_count (in, MOST_TREES);
  f->n_nodes = unpack_count (in, UINT32_MAX - 1u);
  f->n_words = unpack_count (in, UINT32_MAX - 1u);
  f->roots = unpack_array (in, f->n_trees, sizeof *f->roots);
  f->nodes = unpack_array (in, f->n_nodes, sizeof *f->nodes);
  f->means = unpack_array (in, f->n_nodes, sizeof *f->means);
  f->variances = unpack_array (in, f->n_nodes, sizeof *f->variances);
  if (f->wide)
    f->places = unpack_array (in, f->n_nodes, sizeof *f->places);
  f->words = unpack_array (in, f->n_words, sizeof *f->words);
  bool whole = f->roots && f->nodes && f->means && f->variances && f->words
               && (f->places || !f->wide);
  if (whole && is_good (f)) {
    f->roots_room = f->n_trees;
    f->nodes_room = f->n_nodes;
    f->words_room = f->n_words;
    for (size_t k = 0; k < f->n_nodes; k++)
      f->varied = f->varied || f->variances[k] > 0;
    return GYM_OK;
  }
  flat_free (f);
  return whole || in->bad ? GYM_EINVAL : GYM_ENOMEM;
}
