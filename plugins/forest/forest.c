/* plugins/forest/forest.c - the proxy model forest: trees on random parts of the rows, a
 * forest a target, over designs as codes (common/bins.h).
 *
 * Trees see parts drawn without replacement (Buhlmann and Yu, "Analyzing bagging", Annals
 * of Statistics 30, 2002), larger than a bootstrap's: what simulators tell has little
 * noise, and every row counts.
 *
 * The spread comes from how far the trees differ, by the law of total variance (Hutter,
 * Xu, Hoos, Leyton-Brown, "Algorithm runtime prediction", Artificial Intelligence 206,
 * 2014, section 4.3.2). It is put to scale by the rows that a tree has not seen (Breiman
 * 2001): how errors there grow with what trees differ by, and how large they are where
 * the trees agree. */
#include "plugins/common/scale.h"
#include "plugins/forest/flat.h"

#include <gym/rng.h>
#include <math.h>

enum { CHUNK = 1024 };

/* Means of leaves are kept in single precision: no prediction is surer than that. */
static const double ROUNDING = 1e-6;

struct output {
  struct scale scale;
  struct flat flat;
  double factor, floor; /* spread^2 = factor * variance + floor */
};

struct forest {
  int64_t trees, depth, min_leaf;
  double bag, columns, relevance;

  const struct gym_host *host;
  uint32_t m;
  uint64_t seed;
  struct bins bins;
  struct output *outputs;
  uint16_t *codes; /* of CHUNK rows */
  double *sums;    /* of CHUNK rows */
};

/* ---- learning ---- */

struct lesson {
  struct forest *model;
  size_t n;
  uint16_t *cells;
  int64_t *targets;
  uint32_t *list;
  double *unseen;            /* by row: number, sum, sum of squares of unseen leaves */
  double *means, *variances; /* by node */
  size_t nodes_room;
  struct grow grow;
};

static void
lesson_free (struct lesson *l)
{
  free (l->cells);
  free (l->targets);
  free (l->list);
  free (l->unseen);
  free (l->means);
  free (l->variances);
  grow_free (&l->grow);
}

/* A tree of n rows has at most 2 n - 1 nodes. */
static int
lesson_init (struct lesson *l, const struct gym_rows *rows)
{
  struct forest *f = l->model;
  size_t n = l->n = rows->n;
  l->cells = bins_table (&f->bins, n, rows->designs);
  l->targets = malloc (n * sizeof *l->targets);
  l->list = malloc (n * sizeof *l->list);
  l->unseen = malloc (3 * n * sizeof *l->unseen);
  l->means = malloc (2 * n * sizeof *l->means);
  l->variances = malloc (2 * n * sizeof *l->variances);
  if (!l->cells || !l->targets || !l->list || !l->unseen || !l->means || !l->variances
      || grow_init (&l->grow, &f->bins, 1) < 0 || grow_reserve (&l->grow, n) < 0)
    return GYM_ENOMEM;
  l->grow.n = n;
  l->grow.cells = l->cells;
  l->grow.targets = l->targets;
  l->grow.depth = (uint32_t)f->depth;
  l->grow.tries = f->columns * f->bins.n_columns;
  l->grow.least = (uint64_t)f->min_leaf;
  l->grow.relevance = f->relevance;
  return GYM_OK;
}

/* The part that the tree sees goes to the front of the list. */
static uint32_t
draw_rows (struct lesson *l, gym_rng *rng)
{
  uint32_t n = (uint32_t)l->n, m = (uint32_t)(l->model->bag * n + 0.5);
  m = m < 1 ? 1 : m;
  for (uint32_t i = 0; i < m && m < n; i++) {
    uint32_t j = i + (uint32_t)gym_rng_below (rng, n - i), kept = l->list[i];
    l->list[i] = l->list[j];
    l->list[j] = kept;
  }
  memcpy (l->grow.rows, l->list, m * sizeof *l->list);
  return m;
}

static void
weigh_leaves (struct lesson *l)
{
  const struct grow *g = &l->grow;
  for (size_t k = 0; k < g->n_nodes; k++) {
    const struct grow_node *node = &g->nodes[k];
    double n = node->to - node->from, squares = 0;
    int64_t sum;
    if (node->column >= 0)
      continue;
    grow_sums (g, node, &sum);
    l->means[k] = (double)sum / GROW_ONE / n;
    for (uint32_t i = node->from; i < node->to; i++) {
      double d = (double)l->targets[g->rows[i]] / GROW_ONE - l->means[k];
      squares += d * d;
    }
    l->variances[k] = squares / n;
  }
}

static void
note_unseen (struct lesson *l, uint32_t seen)
{
  for (size_t i = seen; i < l->n; i++) {
    const uint16_t *cells = l->cells + (size_t)l->list[i] * l->model->bins.n_columns;
    double mean = l->means[grow_leaf (&l->grow, cells)];
    double *unseen = l->unseen + 3 * (size_t)l->list[i];
    unseen[0]++;
    unseen[1] += mean;
    unseen[2] += mean * mean;
  }
}

/* Rows that the tree has not seen tell what its splits are worth; without any, those that
 * it has. */
static int
credit (struct lesson *l, uint32_t seen)
{
  uint32_t n = (uint32_t)l->n;
  return seen < n ? grow_credit (&l->grow, n - seen, l->list + seen)
                  : grow_credit (&l->grow, n, l->list);
}

static int
add_tree (struct lesson *l, struct output *o, gym_rng *rng)
{
  const struct gym_host *host = l->model->host;
  uint32_t seen = draw_rows (l, rng);
  if (grow_tree (&l->grow, seen, gym_rng_u64 (rng)) < 0 || credit (l, seen) < 0)
    return GYM_ENOMEM;
  weigh_leaves (l);
  note_unseen (l, seen);
  if (flat_add (&o->flat, &l->grow, l->means, l->variances) < 0)
    return GYM_ENOMEM;
  return host->cancelled (host) ? GYM_ECANCELLED : GYM_OK;
}

/* How far the unseen trees differ on a row, and how wrong they are together. */
struct doubt {
  double variance, square;
};

static int
ascending (const void *a, const void *b)
{
  const struct doubt *x = a, *y = b;
  if (x->variance != y->variance)
    return x->variance < y->variance ? -1 : 1;
  return (x->square > y->square) - (x->square < y->square);
}

/* The mean of k unseen trees errs by what the whole forest errs by, and by the variance v
 * of a tree over k instead of over all trees. Written over the sums that it comes from.
 */
static size_t
list_doubts (const struct lesson *l, double trees, struct doubt *doubts)
{
  size_t n = 0;
  for (size_t i = 0; i < l->n; i++) {
    double k = l->unseen[3 * i], sum = l->unseen[3 * i + 1];
    double squares = l->unseen[3 * i + 2], mean = sum / k;
    if (k < 2)
      continue;
    double v = fmax (0, (squares - k * mean * mean) / (k - 1));
    double e = (double)l->targets[i] / GROW_ONE - mean;
    v = v > 1e-12 ? v : 0; /* less is rounding */
    doubts[n++] = (struct doubt){ v, e * e - v / k + v / trees };
  }
  return n;
}

/* The line through the means of both halves of the rows, by how far the trees differ
 * (Wald, "The fitting of straight lines if both variables are subject to error", 1940);
 * it is right on average. Trees that agree may be wrong together: where they often do,
 * the floor holds that as well. */
static void
judge (struct lesson *l, struct output *o)
{
  struct doubt *doubts = (struct doubt *)l->unseen;
  size_t n = list_doubts (l, o->flat.n_trees, doubts), half = n / 2;
  struct doubt low = { 0 }, high = { 0 };
  double agreed = 0;
  qsort (doubts, n, sizeof *doubts, ascending);
  for (size_t i = 0; i < n; i++) {
    struct doubt *mean = i < half ? &low : &high;
    double count = (double)(i < half ? half : n - half);
    agreed += doubts[i].variance > 0 ? 0 : fmax (0, doubts[i].square) / (double)n;
    mean->variance += doubts[i].variance / count;
    mean->square += doubts[i].square / count;
  }
  double share = n > 0 ? (double)half / (double)n : 0, gap = high.variance - low.variance;
  double variance = share * low.variance + (1 - share) * high.variance;
  double square = fmax (0, share * low.square + (1 - share) * high.square);
  double slope = gap > 0 ? fmax (0, (high.square - low.square) / gap) : 0;
  double least = n < 4 ? 0 : fmax (agreed, square - slope * variance);
  o->floor = fmax (least, ROUNDING * ROUNDING);
  o->factor = variance > 0 ? fmax (0, square - least) / variance : 1;
}

static int
learn_output (struct lesson *l, const struct gym_rows *rows, uint32_t t)
{
  struct forest *f = l->model;
  struct output *o = &f->outputs[t];
  int code = GYM_OK;
  gym_rng rng;
  gym_rng_init (&rng, gym_rng_derive (f->seed, 0, t));
  flat_free (&o->flat);
  o->scale = scale_of (rows->targets + t, l->n, f->m);
  for (size_t i = 0; i < l->n; i++) {
    double z = scale_in (&o->scale, rows->targets[i * f->m + t]);
    l->targets[i] = llrint (z * GROW_ONE);
    l->list[i] = (uint32_t)i;
  }
  memset (l->unseen, 0, 3 * l->n * sizeof *l->unseen);
  memset (l->grow.gains, 0, f->bins.n_columns * sizeof *l->grow.gains);
  memcpy (l->grow.rows, l->list, l->n * sizeof *l->list);
  code = grow_survey (&l->grow, (uint32_t)l->n);
  for (int64_t k = 0; k < f->trees && code == GYM_OK; k++)
    code = add_tree (l, o, &rng);
  if (code == GYM_OK)
    judge (l, o);
  return code;
}

static int
forest_fit (void *self, const struct gym_rows *rows, gym_error *err)
{
  struct forest *f = self;
  struct lesson l = { .model = f };
  if (rows->n >= (size_t)1 << 26)
    return gym_fail (err, GYM_EINVAL, "%zu rows are too many: at most 2^26", rows->n);
  int code = bins_learn (&f->bins, rows->n, rows->designs);
  if (code == GYM_OK)
    code = lesson_init (&l, rows);
  for (uint32_t t = 0; t < f->m && code == GYM_OK; t++)
    code = learn_output (&l, rows, t);
  lesson_free (&l);
  return model_fail (code, err);
}

/* ---- predicting ---- */

static void
predict_output (struct forest *f, const struct output *o, size_t n, double *mean,
                double *spread)
{
  double trees = o->flat.n_trees;
  flat_sum (&o->flat, n, f->codes, f->sums);
  for (size_t i = 0; i < n; i++) {
    const double *sum = f->sums + 3 * i;
    double z = sum[0] / trees;
    mean[i * f->m] = scale_out (&o->scale, z);
    if (spread) {
      double variance = fmax (0, (sum[1] + sum[2]) / trees - z * z);
      spread[i * f->m] = scale_spread (&o->scale, sqrt (o->factor * variance + o->floor));
    }
  }
}

static int
forest_predict (void *self, size_t n, const double *designs, double *mean, double *spread,
                gym_error *err)
{
  struct forest *f = self;
  (void)err;
  for (size_t from = 0; from < n; from += CHUNK) {
    size_t rows = n - from < CHUNK ? n - from : CHUNK;
    for (size_t i = 0; i < rows; i++)
      bins_codes (&f->bins, designs + (from + i) * f->bins.n_params,
                  f->codes + i * f->bins.n_columns);
    for (uint32_t t = 0; t < f->m; t++)
      predict_output (f, &f->outputs[t], rows, mean + from * f->m + t,
                      spread ? spread + from * f->m + t : NULL);
  }
  return GYM_OK;
}

/* ---- opening and saving ---- */

static int
forest_open (void *self, const struct gym_host *host, const struct gym_space *space,
             uint32_t n_targets, uint64_t seed, gym_error *err)
{
  struct forest *f = self;
  f->host = host;
  f->seed = seed;
  int code = bins_init (&f->bins, host, space, err);
  if (code < 0)
    return code;
  f->outputs = calloc (n_targets, sizeof *f->outputs);
  f->codes = malloc ((size_t)CHUNK * (f->bins.n_columns + 1u) * sizeof *f->codes);
  f->sums = malloc (3 * CHUNK * sizeof *f->sums);
  if (!f->outputs || !f->codes || !f->sums)
    return model_fail (GYM_ENOMEM, err);
  f->m = n_targets;
  for (uint32_t t = 0; t < n_targets; t++)
    flat_init (&f->outputs[t].flat, &f->bins);
  return GYM_OK;
}

static void
forest_close (void *self)
{
  struct forest *f = self;
  for (uint32_t t = 0; t < f->m; t++)
    flat_free (&f->outputs[t].flat);
  bins_free (&f->bins);
  free (f->outputs);
  free (f->codes);
  free (f->sums);
}

static int
forest_save (void *self, int (*put) (void *sink, const void *bytes, size_t n), void *sink,
             gym_error *err)
{
  const struct forest *f = self;
  struct pack out = { .put = put, .sink = sink };
  bins_save (&f->bins, &out);
  for (uint32_t t = 0; t < f->m; t++) {
    const struct output *o = &f->outputs[t];
    scale_save (&o->scale, &out);
    pack_real (&out, o->factor);
    pack_real (&out, o->floor);
    flat_save (&o->flat, &out);
  }
  return out.code < 0 ? gym_fail (err, out.code, "the model cannot be written") : GYM_OK;
}

static int
load_output (struct output *o, struct unpack *in)
{
  o->scale = scale_load (in);
  o->factor = unpack_real (in);
  o->floor = unpack_real (in);
  return flat_load (&o->flat, in);
}

static int
forest_load (void *self, const void *bytes, size_t n, gym_error *err)
{
  struct forest *f = self;
  struct unpack in = { .at = bytes, .left = n };
  int code = bins_load (&f->bins, &in);
  for (uint32_t t = 0; t < f->m && code == GYM_OK; t++)
    code = load_output (&f->outputs[t], &in);
  if (code == GYM_ENOMEM)
    return model_fail (code, err);
  if (code < 0 || in.bad || in.left > 0)
    return gym_fail (err, GYM_EINVAL, "these bytes are no forest of this space");
  return GYM_OK;
}

/* ---- the class ---- */

static const struct gym_option options[] = {
  { .name = "trees",
    .doc = "Trees of a target.",
    .type = GYM_OPTION_INT,
    .flags = GYM_OPTION_LOG,
    .offset = offsetof (struct forest, trees),
    .low = 1,
    .high = 1000,
    .initial = "32" },
  { .name = "bag",
    .doc =
        "Share of the rows that a tree is grown on, drawn without replacement; 1: all, "
        "and the spread has no unseen rows to be put to scale by.",
    .type = GYM_OPTION_REAL,
    .offset = offsetof (struct forest, bag),
    .low = 0.3,
    .high = 1,
    .initial = "0.8" },
  { .name = "columns",
    .doc = "Share of the parameters that a node looks at; what is no whole number is a "
           "chance.",
    .type = GYM_OPTION_REAL,
    .offset = offsetof (struct forest, columns),
    .low = 0.1,
    .high = 1,
    .initial = "0.95" },
  { .name = "depth",
    .doc = "Splits between root and leaf at most; 0: any number.",
    .type = GYM_OPTION_INT,
    .offset = offsetof (struct forest, depth),
    .low = 0,
    .high = 64,
    .initial = "0" },
  { .name = "min_leaf",
    .doc = "Rows of a leaf at least.",
    .type = GYM_OPTION_INT,
    .flags = GYM_OPTION_LOG,
    .offset = offsetof (struct forest, min_leaf),
    .low = 1,
    .high = 100,
    .initial = "1" },
  { .name = "relevance",
    .doc = "How much parameters that have explained little so far are held back: gains "
           "count by their parameter's share in all gains on rows not seen, to this "
           "power.",
    .type = GYM_OPTION_REAL,
    .offset = offsetof (struct forest, relevance),
    .low = 0,
    .high = 1,
    .initial = "0.1" },
};

static const struct gym_proxy_class forest = {
  .struct_size = sizeof (struct gym_proxy_class),
  .id = "forest-v1",
  .summary = "random forest",
  .doc = "The mean of many regression trees, each grown to the end on a random part of "
         "the rows. Levels without order are split into the two sets that differ most, "
         "whatever their order in the space; an inactive parameter is a level of its "
         "own. Needs no settings, and never predicts beyond what it has seen. The spread "
         "is how far the trees differ, put to scale by rows that they have not seen.",
  .source = "Breiman, \"Random forests\", Machine Learning 45, 2001. Parts without "
            "replacement: Buhlmann and Yu, \"Analyzing bagging\", Annals of Statistics "
            "30, 2002. Levels: Fisher, \"On grouping for maximum homogeneity\", 1958. "
            "Spread: Hutter et al., \"Algorithm runtime prediction\", Artificial "
            "Intelligence 206, 2014. Relevance: after Deng and Runger, Pattern "
            "Recognition 46, 2013.",
  .options = GYM_ARRAY (gym_options, options),
  .instance_size = sizeof (struct forest),
  .open = forest_open,
  .close = forest_close,
  .fit = forest_fit,
  .predict = forest_predict,
  .save = forest_save,
  .load = forest_load,
  .place = { .acceleration = "proxy model: random forest", .cost = "learnt model" },
};

static const struct gym_proxy_class *const proxies[] = { &forest, NULL };

GYM_EXPORT const struct gym_plugin gym_plugin_entry = {
  GYM_PLUGIN_ABI,
  .name = "forest",
  .version = "0.1.0",
  .licence = "MIT",
  .doc = "Random forests as a proxy model.",
  .proxies = proxies,
};
