/* genes.c - see genes.h. */
#include "envs/accel/genes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The first parameters; behind them, for n dimensions, the digits of two orders and the
 * tiles of two levels. */
enum { CLUSTER_LEVELS, L2_PARALLEL, CLUSTER_SIZE, L1_PARALLEL, ORDERS };

static uint32_t
order_at (const struct genes *g, int level)
{
  return ORDERS + (level == 2 ? 0 : g->n);
}

static uint32_t
tiles_at (const struct genes *g, int level)
{
  return ORDERS + (level == 2 ? 2 : 3) * g->n;
}

/* ---- The space ------------------------------------------------------------------- */

static void
free_divisors (struct divisors *d)
{
  free (d->value);
  free (d->text);
  free (d->storage);
}

static uint32_t
count_divisors (uint32_t n)
{
  uint32_t count = 0;
  for (uint32_t i = 1; i <= n / i; i++)
    count += n % i ? 0 : i == n / i ? 1 : 2;
  return count;
}

static int
make_divisors (struct divisors *d, uint32_t n, gym_error *err)
{
  uint32_t low = 0, high;
  d->count = count_divisors (n);
  d->value = malloc (d->count * sizeof *d->value);
  d->text = malloc (d->count * sizeof *d->text);
  d->storage = malloc (d->count * sizeof *d->storage);
  if (!d->value || !d->text || !d->storage)
    return gym_fail (err, GYM_ENOMEM, "out of memory");
  high = d->count;
  for (uint32_t i = 1; i <= n / i; i++) {
    if (n % i)
      continue;
    d->value[--high] = n / i;
    d->value[low++] = i;
  }
  for (uint32_t i = 0; i < d->count; i++) {
    snprintf (d->storage[i], sizeof d->storage[i], "%u", d->value[i]);
    d->text[i] = d->storage[i];
  }
  return GYM_OK;
}

/* The next parameter, named after what and, where it is one of many, a dimension or a
 * number. */
static struct gym_param *
add (struct genes *g, const char *what, const char *which)
{
  char *name = g->name[g->param_count];
  struct gym_param *p = &g->param[g->param_count++];
  snprintf (name, GENES_NAME, "%s%s", what, which);
  *p = (struct gym_param){ .name = name };
  return p;
}

static void
add_choice (struct genes *g, const char *what, const char *doc)
{
  struct gym_param *p = add (g, what, "");
  p->doc = doc;
  p->kind = GYM_CATEGORICAL;
  p->levels = g->dim_name;
  p->n_levels = g->n;
}

/* Only a second level of parallelism groups the elements. */
static void
depend_on_levels (struct gym_param *p)
{
  static const char *const two[] = { "2", NULL };
  p->parent = "cluster_levels";
  p->when = two;
}

static void
add_parallelism (struct genes *g)
{
  static const char *const levels[] = { "1", "2" };
  struct gym_param *p = add (g, "cluster_levels", "");
  p->doc = "1: all elements share one dimension; 2: they form clusters with another one "
           "inside.";
  p->kind = GYM_CATEGORICAL;
  p->levels = levels;
  p->n_levels = 2;
  p->initial = 1;
  add_choice (g, "l2_parallel", "Dimension spread over clusters, or over all elements.");
  p = add (g, "cluster_size", "");
  p->doc = "Elements of a cluster.";
  p->kind = GYM_ORDINAL;
  p->levels = g->clusters.text;
  p->n_levels = g->clusters.count;
  p->initial = g->clusters.count / 2;
  depend_on_levels (p);
  add_choice (g, "l1_parallel", "Dimension spread over the elements of a cluster.");
  p = &g->param[L1_PARALLEL];
  p->initial = g->n > 1;
  depend_on_levels (p);
}

static void
add_order (struct genes *g, const char *what, const char *group, const char *doc)
{
  for (uint32_t k = 0; k < g->n; k++) {
    char digit[12];
    struct gym_param *p;
    snprintf (digit, sizeof digit, "%u", k);
    p = add (g, what, digit);
    p->doc = doc;
    p->kind = GYM_INTEGER;
    p->high = g->n - 1 - k;
    p->step = 1;
    p->flags = GYM_PARAM_LEHMER;
    p->group = group;
  }
}

/* By default one word of each tensor in L1 and the whole layer outside. */
static void
add_tiles (struct genes *g, const char *what, const char *doc)
{
  for (uint32_t k = 0; k < g->n; k++) {
    struct gym_param *p = add (g, what, g->dim_name[k]);
    p->doc = doc;
    p->kind = GYM_ORDINAL;
    p->levels = g->tiles[k].text;
    p->n_levels = g->tiles[k].count;
  }
}

int
genes_init (struct genes *g, const struct accel_layer *layer,
            const struct genes_hardware *hardware, gym_error *err)
{
  int rc = make_divisors (&g->clusters, hardware->elements, err);
  g->layer = *layer;
  g->hardware = *hardware;
  accel_layer_project (layer, g->projection);
  for (uint32_t d = 0; d < ACCEL_DIMS && rc == GYM_OK; d++) {
    if (layer->size[d] == 1)
      continue;
    g->dim[g->n] = d;
    g->dim_name[g->n] = accel_dim_names[d];
    rc = make_divisors (&g->tiles[g->n++], layer->size[d], err);
  }
  if (rc < 0)
    return rc;
  if (g->n == 0)
    return gym_fail (err, GYM_EINVAL, "layer \"%s\" has one operation: nothing to map",
                     layer->name);
  add_parallelism (g);
  add_order (g, "l2_order", "l2_order",
             "Digit of the order of the loops around L2, outermost first.");
  add_order (g, "l1_order", "l1_order",
             "Digit of the order of the loops around L1, outermost first.");
  add_tiles (g, "l2_tile_", "Extent of the tile in L2.");
  add_tiles (g, "l1_tile_", "Extent of the tile in L1; divides that in L2.");
  return GYM_OK;
}

void
genes_free (struct genes *g)
{
  free_divisors (&g->clusters);
  for (int k = 0; k < ACCEL_DIMS; k++)
    free_divisors (&g->tiles[k]);
}

/* ---- Expression ------------------------------------------------------------------ */

static uint32_t
tile (const struct genes *g, const double *row, int level, uint32_t k)
{
  return g->tiles[k].value[(uint32_t)row[tiles_at (g, level) + k]];
}

/* Digit i picks one of the dimensions that are left, outermost first; the model wants
 * them innermost first. Dimensions of size 1 go behind. */
static void
express_order (const struct genes *g, const double *row, int level,
               uint8_t order[ACCEL_DIMS])
{
  uint32_t left[ACCEL_DIMS], rest = g->n;
  bool placed[ACCEL_DIMS] = { false };
  memcpy (left, g->dim, sizeof left);
  for (uint32_t i = 0; i < g->n; i++) {
    uint32_t pick = (uint32_t)row[order_at (g, level) + i];
    order[g->n - 1 - i] = (uint8_t)left[pick];
    placed[left[pick]] = true;
    rest--;
    memmove (left + pick, left + pick + 1, (rest - pick) * sizeof *left);
  }
  for (uint8_t d = 0, at = (uint8_t)g->n; d < ACCEL_DIMS; d++) {
    if (!placed[d])
      order[at++] = d;
  }
}

/* The largest divisor of `n`, itself a divisor of dimension k's size, up to `most`. */
static uint32_t
spread (const struct genes *g, uint32_t k, uint32_t n, uint32_t most)
{
  uint32_t best = 1;
  most = most < UINT16_MAX ? most : UINT16_MAX;
  for (uint32_t i = 0; i < g->tiles[k].count && g->tiles[k].value[i] <= most; i++) {
    if (n % g->tiles[k].value[i] == 0)
      best = g->tiles[k].value[i];
  }
  return best;
}

/* What a level of parallelism takes of the steps around L1, as many as there are units
 * for; the rest of them stays a loop. */
static void
express_parallel (const struct genes *g, const double *row, struct accel_split *l2,
                  uint32_t cols, uint32_t rows)
{
  uint32_t k = (uint32_t)row[L2_PARALLEL], d = g->dim[k];
  l2->y[d] = (uint16_t)spread (g, k, l2->temporal[d], rows);
  l2->temporal[d] /= l2->y[d];
  if (cols == 1)
    return;
  k = (uint32_t)row[L1_PARALLEL];
  d = g->dim[k];
  l2->x[d] = (uint16_t)spread (g, k, l2->temporal[d], cols);
  l2->temporal[d] /= l2->x[d];
}

void
genes_express (const struct genes *g, const double *row,
               struct accel_split splits[GENES_LEVELS], uint32_t *cols, uint32_t *rows)
{
  bool clusters = row[CLUSTER_LEVELS] == 1;
  *cols = clusters ? g->clusters.value[(uint32_t)row[CLUSTER_SIZE]] : 1;
  *rows = g->hardware.elements / *cols;
  for (int i = 0; i < GENES_LEVELS; i++)
    splits[i] = accel_split_unit ();
  for (uint32_t k = 0; k < g->n; k++) {
    uint32_t l1 = tile (g, row, 1, k), l2 = tile (g, row, 2, k), d = g->dim[k];
    splits[0].temporal[d] = l1;
    splits[1].temporal[d] = l2 / l1;
    splits[2].temporal[d] = g->layer.size[d] / l2;
  }
  express_order (g, row, 1, splits[1].order);
  express_order (g, row, 2, splits[2].order);
  express_parallel (g, row, &splits[1], *cols, *rows);
}

/* ---- Rules ----------------------------------------------------------------------- */

static bool
fits (const struct genes *g, const double *row, int level)
{
  uint64_t extent[ACCEL_DIMS] = { 1, 1, 1, 1, 1, 1, 1, 1 }, words = 0;
  for (uint32_t k = 0; k < g->n; k++)
    extent[g->dim[k]] = tile (g, row, level, k);
  for (int t = 0; t < ACCEL_TENSORS; t++)
    words += accel_box_words (&g->projection[t], extent);
  return words <= (level == 1 ? g->hardware.l1_words : g->hardware.l2_words);
}

bool
genes_valid (const struct genes *g, const double *row)
{
  for (uint32_t k = 0; k < g->n; k++) {
    if (tile (g, row, 2, k) % tile (g, row, 1, k) != 0)
      return false;
  }
  return fits (g, row, 1) && fits (g, row, 2);
}

/* Down to a divisor of the tile in L2; 1 is one. */
static void
divide (const struct genes *g, double *row, uint32_t k)
{
  while (tile (g, row, 2, k) % tile (g, row, 1, k) != 0)
    row[tiles_at (g, 1) + k]--;
}

/* Shortens the longest tile of a level; false where all are 1. */
static bool
shorten (const struct genes *g, double *row, int level)
{
  uint32_t longest = 0;
  for (uint32_t k = 1; k < g->n; k++) {
    if (tile (g, row, level, k) > tile (g, row, level, longest))
      longest = k;
  }
  if (tile (g, row, level, longest) == 1)
    return false;
  row[tiles_at (g, level) + longest]--;
  divide (g, row, longest);
  return true;
}

void
genes_repair (const struct genes *g, double *row)
{
  for (uint32_t k = 0; k < g->n; k++)
    divide (g, row, k);
  while (!fits (g, row, 2) && shorten (g, row, 2))
    ;
  while (!fits (g, row, 1) && shorten (g, row, 1))
    ;
}
