/* Linkage trees: see linkage.h. */
#include "plugins/gomea/linkage.h"

#include <gym/plugin.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A set in the making. While it grows, its place in the matrix is that of one of its
 * parameters. */
struct linkage_node {
  uint32_t left, right; /* nodes; a leaf is its own left */
  uint32_t size;
  bool useless; /* says no more than its sibling does */
};

int
linkage_init (struct linkage *l, uint32_t n, uint32_t bins)
{
  size_t nodes = 2 * (size_t)n + 1;
  *l = (struct linkage){ .n = n, .bins = bins };
  l->sets = malloc (nodes * sizeof *l->sets);
  l->leaves = malloc ((n + 1u) * sizeof *l->leaves);
  l->nodes = malloc (nodes * sizeof *l->nodes);
  l->chain = malloc ((n + 1u) * sizeof *l->chain);
  l->active = malloc ((n + 1u) * sizeof *l->active);
  l->order = malloc (nodes * sizeof *l->order);
  l->similarity = malloc (((size_t)n * n + 1) * sizeof *l->similarity);
  l->counts = malloc ((size_t)bins * bins * sizeof *l->counts);
  l->entropies = malloc ((n + 1u) * sizeof *l->entropies);
  bool ok = l->sets && l->leaves && l->nodes && l->chain && l->active && l->order
            && l->similarity && l->counts && l->entropies;
  return ok ? GYM_OK : GYM_ENOMEM;
}

void
linkage_free (struct linkage *l)
{
  free (l->sets);
  free (l->leaves);
  free (l->nodes);
  free (l->chain);
  free (l->active);
  free (l->order);
  free (l->similarity);
  free (l->counts);
  free (l->entropies);
  free (l->logs);
  *l = (struct linkage){ 0 };
}

/* ---- information ---- */

/* A table, for there are n^2 entropies of a few dozen small numbers each. */
static int
extend_logs (struct linkage *l, size_t count)
{
  if (l->n_logs > count)
    return GYM_OK;
  double *logs = realloc (l->logs, 2 * (count + 1) * sizeof *logs);
  if (!logs)
    return GYM_ENOMEM;
  l->logs = logs;
  for (; l->n_logs < 2 * (count + 1); l->n_logs++)
    logs[l->n_logs] = l->n_logs > 0 ? (double)l->n_logs * log ((double)l->n_logs) : 0;
  return GYM_OK;
}

/* Entropy of a pair of parameters over the rows, times their number; of one where a is
 * b. */
static double
entropy (struct linkage *l, const uint8_t *rows, size_t count, uint32_t a, uint32_t b)
{
  size_t cells = (size_t)l->bins * l->bins;
  double sum = l->logs[count];
  memset (l->counts, 0, cells * sizeof *l->counts);
  for (size_t k = 0; k < count; k++, rows += l->n)
    l->counts[rows[a] * l->bins + rows[b]]++;
  for (size_t k = 0; k < cells; k++)
    sum -= l->logs[l->counts[k]];
  return sum;
}

/* A parameter that never varies tells nothing about any other. */
static void
compare_all (struct linkage *l, const uint8_t *rows, size_t count)
{
  for (uint32_t a = 0; a < l->n; a++) {
    l->entropies[a] = entropy (l, rows, count, a, a);
    l->similarity[(size_t)a * l->n + a] = -1;
    for (uint32_t b = 0; b < a; b++) {
      double both = 0, mutual = 0;
      if (l->entropies[a] > 1e-9 && l->entropies[b] > 1e-9) {
        both = entropy (l, rows, count, a, b);
        mutual = l->entropies[a] + l->entropies[b] - both;
      }
      float similarity = both > 1e-9 ? (float)(mutual / both) : 0;
      l->similarity[(size_t)a * l->n + b] = similarity;
      l->similarity[(size_t)b * l->n + a] = similarity;
    }
  }
}

/* ---- the tree ---- */

/* The most similar active place; among equals `before` if it is one, so that a chain
 * ends, else the first in the (random) order. */
static uint32_t
nearest (const struct linkage *l, uint32_t n_active, uint32_t place, uint32_t before)
{
  const float *row = l->similarity + (size_t)place * l->n;
  uint32_t best = before;
  float most = before != place ? row[before] : -2;
  for (uint32_t k = 0; k < n_active; k++)
    if (l->active[k] != place && row[l->active[k]] > most) {
      best = l->active[k];
      most = row[best];
    }
  return best;
}

/* Place b joins place a; `order` says which node is at a place. */
static void
merge (struct linkage *l, uint32_t *n_active, uint32_t a, uint32_t b, uint32_t node)
{
  uint32_t left = l->order[a], right = l->order[b], kept = 0;
  double p = l->nodes[left].size, q = l->nodes[right].size;
  bool same = l->similarity[(size_t)a * l->n + b] > 1 - 1e-6f;
  l->nodes[left].useless = l->nodes[right].useless = same;
  l->nodes[node] = (struct linkage_node){
    .left = left, .right = right, .size = l->nodes[left].size + l->nodes[right].size
  };
  for (uint32_t k = 0; k < *n_active; k++) {
    uint32_t c = l->active[k];
    float *ac = l->similarity + (size_t)a * l->n + c;
    if (c == b)
      continue;
    l->active[kept++] = c;
    *ac = (float)((p * *ac + q * l->similarity[(size_t)b * l->n + c]) / (p + q));
    l->similarity[(size_t)c * l->n + a] = *ac;
  }
  *n_active = kept;
  l->order[a] = node;
}

static void
start (struct linkage *l, gym_rng *rng)
{
  for (uint32_t i = 0; i < l->n; i++) {
    l->active[i] = l->order[i] = i;
    l->nodes[i] = (struct linkage_node){ .left = i, .right = i, .size = 1 };
  }
  gym_rng_shuffle (rng, l->active, l->n);
}

/* Follows nearest neighbours until two are each other's: those merge. */
static uint32_t
grow (struct linkage *l)
{
  uint32_t n_active = l->n, length = 0, node = l->n;
  while (n_active > 1) {
    if (length == 0)
      l->chain[length++] = l->active[0];
    uint32_t top = l->chain[length - 1];
    uint32_t before = length > 1 ? l->chain[length - 2] : top;
    uint32_t next = nearest (l, n_active, top, before);
    if (length > 1 && next == before) {
      merge (l, &n_active, before, top, node++);
      length -= 2;
    } else
      l->chain[length++] = next;
  }
  return node;
}

/* ---- the sets ---- */

/* Parents come after their children: from the root down, each passes its interval of
 * leaves on. */
static void
lay_out (struct linkage *l, uint32_t n_nodes)
{
  for (uint32_t k = n_nodes; k-- > 0;) {
    const struct linkage_node *node = &l->nodes[k];
    if (k == n_nodes - 1)
      l->sets[k].from = 0;
    l->sets[k].size = node->size;
    if (node->size == 1)
      l->leaves[l->sets[k].from] = k;
    else {
      l->sets[node->left].from = l->sets[k].from;
      l->sets[node->right].from = l->sets[k].from + l->nodes[node->left].size;
    }
  }
}

static int
by_size (const void *a, const void *b)
{
  const struct linkage_set *x = a, *y = b;
  return x->size != y->size ? (x->size > y->size) - (x->size < y->size)
                            : (x->from > y->from) - (x->from < y->from);
}

/* Equal sizes in random order: those used first have an advantage. `from` decides no tie
 * that was shuffled, but keeps qsort's result the same everywhere. */
static void
sort_sets (struct linkage *l, gym_rng *rng, uint32_t n_nodes)
{
  l->n_sets = 0;
  for (uint32_t k = 0; k + 1 < n_nodes; k++)
    if (!l->nodes[k].useless)
      l->sets[l->n_sets++] = l->sets[k];
  qsort (l->sets, l->n_sets, sizeof *l->sets, by_size);
  for (uint32_t from = 0, to; from < l->n_sets; from = to) {
    for (to = from + 1; to < l->n_sets && l->sets[to].size == l->sets[from].size;)
      to++;
    for (uint32_t i = to - from; i > 1; i--) {
      struct linkage_set *a = &l->sets[from + gym_rng_below (rng, i)];
      struct linkage_set *b = &l->sets[from + i - 1], kept = *b;
      *b = *a;
      *a = kept;
    }
  }
}

int
linkage_learn (struct linkage *l, gym_rng *rng, const uint8_t *rows, size_t count)
{
  if (extend_logs (l, count) < 0)
    return GYM_ENOMEM;
  compare_all (l, rows, count);
  start (l, rng);
  uint32_t n_nodes = grow (l);
  lay_out (l, n_nodes);
  sort_sets (l, rng, n_nodes);
  return GYM_OK;
}
