/* plugins/gbdt/gbdt.c - the proxy model gbdt: gradient-boosted trees, one sequence a
 * target (gbdt/boost.h), over designs as codes (common/bins.h).
 *
 * The spread is learnt as well. The rows are dealt into a few folds, and each is
 * predicted by shorter sequences that have not seen it; what they are wrong by is honest.
 * A small sequence learns the logarithm of the squares of these errors, and is scaled so
 * that they come out right on average (after Nix and Weigend, "Estimating the mean and
 * variance of the target probability distribution", ICNN 1994). The model itself has seen
 * all rows and is better than its folds, so the spread errs on the careful side. */
#include "plugins/common/scale.h"
#include "plugins/gbdt/boost.h"

#include <gym/rng.h>
#include <math.h>

enum { CHUNK = 256 };

struct output {
  struct scale scale;
  struct boost mean, spread;
  double factor; /* of the squares that `spread` tells; 0: no spread at all */
};

struct gbdt {
  int64_t trees, leaves, depth, min_leaf, folds;
  double rate, bag, penalty, columns, relevance;

  const struct gym_host *host;
  uint32_t m;
  uint64_t seed;
  struct bins bins;
  struct joint joint;
  struct output *outputs;
  uint16_t *cells;      /* of one row, by column */
  uint32_t *groups;     /* of CHUNK rows, by group */
  double *mean, *error; /* of CHUNK rows */
};

/* ---- learning ---- */

/* The table that all outputs learn from, and room to work in. */
struct lesson {
  struct gbdt *model;
  size_t n;
  uint16_t *cells;
  uint32_t *groups;
  double *targets, *fitted, *errors;
  uint32_t *all, *list, *fold;
};

static void
lesson_free (struct lesson *l)
{
  free (l->cells);
  free (l->groups);
  free (l->targets);
  free (l->fitted);
  free (l->errors);
  free (l->all);
  free (l->list);
  free (l->fold);
}

/* Folds of equal size, dealt out at random. */
static int
lesson_init (struct lesson *l, const struct gym_rows *rows)
{
  struct gbdt *g = l->model;
  size_t n = l->n = rows->n;
  gym_rng rng;
  l->cells = bins_table (&g->bins, n, rows->designs);
  l->groups = malloc ((n * g->joint.n + 1) * sizeof *l->groups);
  l->targets = malloc (n * sizeof *l->targets);
  l->fitted = malloc (n * sizeof *l->fitted);
  l->errors = malloc (n * sizeof *l->errors);
  l->all = malloc (n * sizeof *l->all);
  l->list = malloc (n * sizeof *l->list);
  l->fold = malloc (n * sizeof *l->fold);
  if (!l->cells || !l->groups || !l->targets || !l->fitted || !l->errors || !l->all
      || !l->list || !l->fold)
    return GYM_ENOMEM;
  for (size_t i = 0; i < n; i++) {
    joint_cells (&g->joint, l->cells + i * g->bins.n_columns, l->groups + i * g->joint.n);
    l->all[i] = (uint32_t)i;
    l->fold[i] = (uint32_t)(i % (size_t)g->folds);
  }
  gym_rng_init (&rng, gym_rng_derive (g->seed, 0, 0));
  gym_rng_shuffle (&rng, l->fold, (uint32_t)n);
  return GYM_OK;
}

/* By default as many leaves as the root of the rows: a tree of few rows that has more
 * only learns them by heart. */
static struct boost_rule
rule_of (const struct gbdt *g, size_t n)
{
  double leaves = g->leaves ? (double)g->leaves : fmax (8, round (sqrt ((double)n)));
  return (struct boost_rule){ .trees = (uint32_t)g->trees,
                              .leaves = (uint32_t)fmin (BOOST_LEAVES, leaves),
                              .depth = (uint32_t)g->depth,
                              .rate = g->rate,
                              .bag = g->bag,
                              .penalty = g->penalty,
                              .tries = g->columns * g->bins.n_columns,
                              .relevance = g->relevance,
                              .min_leaf = (uint64_t)g->min_leaf };
}

static struct boost_rows
all_rows (const struct lesson *l, const double *targets)
{
  return (struct boost_rows){ .host = l->model->host,
                              .bins = &l->model->bins,
                              .n = l->n,
                              .cells = l->cells,
                              .joint = &l->model->joint,
                              .joint_cells = l->groups,
                              .targets = targets,
                              .list = l->all,
                              .n_list = (uint32_t)l->n };
}

/* A third of the trees at twice the rate: nearly as good, at the price of one sequence
 * for all folds together. */
static int
judge_fold (struct lesson *l, uint32_t fold, uint64_t seed)
{
  struct boost_rows rows = all_rows (l, l->targets);
  struct boost boost = { 0 };
  rows.list = l->list;
  rows.n_list = 0;
  for (size_t i = 0; i < l->n; i++)
    if (l->fold[i] != fold)
      l->list[rows.n_list++] = (uint32_t)i;
  struct boost_rule rule = rule_of (l->model, rows.n_list);
  rule.trees = rule.trees / 5 + 1;
  rule.rate = fmin (1, 3 * rule.rate);
  int code = boost_fit (&boost, &rows, &rule, seed, l->fitted);
  for (size_t i = 0; code == GYM_OK && i < l->n; i++)
    if (l->fold[i] == fold)
      l->errors[i] = l->targets[i] - l->fitted[i];
  boost_free (&boost);
  return code;
}

/* Errors much smaller than the typical one are all alike: their logarithms would outweigh
 * everything else. Leaves are large, as a variance is not known from a few errors. */
static int
learn_spread (struct lesson *l, struct output *o, double square, uint64_t seed)
{
  struct boost_rows rows = all_rows (l, l->errors);
  struct boost_rule rule = rule_of (l->model, l->n);
  rule.trees = 48;
  rule.leaves = 16;
  rule.rate = 0.15;
  rule.min_leaf = 20;
  for (size_t i = 0; i < l->n; i++) {
    l->targets[i] = l->errors[i] * l->errors[i];
    l->errors[i] = log (l->targets[i] / square + 0.01);
  }
  int code = boost_fit (&o->spread, &rows, &rule, seed, l->fitted);
  o->factor = 0;
  for (size_t i = 0; code == GYM_OK && i < l->n; i++)
    o->factor += l->targets[i] / exp (l->fitted[i]) / (double)l->n;
  return code;
}

/* One row, or targets that are all told exactly, leave no error to learn from. */
static int
judge (struct lesson *l, struct output *o, uint64_t seed)
{
  uint32_t folds = (uint32_t)l->model->folds;
  double square = 0;
  int code = GYM_OK;
  o->factor = 0;
  boost_free (&o->spread);
  if (l->n < 2 || folds < 2)
    return GYM_OK;
  for (uint32_t f = 0; f < folds && f < l->n && code == GYM_OK; f++)
    code = judge_fold (l, f, gym_rng_derive (seed, 1, f));
  for (size_t i = 0; i < l->n; i++)
    square += l->errors[i] * l->errors[i] / (double)l->n;
  if (code < 0 || !(square > 0))
    return code;
  return learn_spread (l, o, square, gym_rng_derive (seed, 2, 0));
}

static int
learn_output (struct lesson *l, const struct gym_rows *rows, uint32_t t)
{
  struct gbdt *g = l->model;
  struct output *o = &g->outputs[t];
  uint64_t seed = gym_rng_derive (g->seed, 1, t);
  o->scale = scale_of (rows->targets + t, l->n, g->m);
  for (size_t i = 0; i < l->n; i++)
    l->targets[i] = scale_in (&o->scale, rows->targets[i * g->m + t]);
  struct boost_rows all = all_rows (l, l->targets);
  struct boost_rule rule = rule_of (g, l->n);
  int code = boost_fit (&o->mean, &all, &rule, gym_rng_derive (seed, 0, 0), l->fitted);
  return code == GYM_OK ? judge (l, o, seed) : code;
}

static int
gbdt_fit (void *self, const struct gym_rows *rows, gym_error *err)
{
  struct gbdt *g = self;
  struct lesson l = { .model = g };
  if (rows->n >= (size_t)1 << 26)
    return gym_fail (err, GYM_EINVAL, "%zu rows are too many: at most 2^26", rows->n);
  int code = bins_learn (&g->bins, rows->n, rows->designs);
  if (code == GYM_OK)
    code = lesson_init (&l, rows);
  for (uint32_t t = 0; t < g->m && code == GYM_OK; t++)
    code = learn_output (&l, rows, t);
  lesson_free (&l);
  return model_fail (code, err);
}

/* ---- predicting ---- */

static void
predict_spread (struct gbdt *g, const struct output *o, size_t n, double *spread)
{
  if (o->factor > 0)
    boost_predict (&o->spread, g->joint.n, n, g->groups, g->error);
  for (size_t i = 0; i < n; i++)
    spread[i * g->m] =
        o->factor > 0 ? scale_spread (&o->scale, sqrt (o->factor * exp (g->error[i])))
                      : 0;
}

static int
gbdt_predict (void *self, size_t n, const double *designs, double *mean, double *spread,
              gym_error *err)
{
  struct gbdt *g = self;
  (void)err;
  for (size_t from = 0; from < n; from += CHUNK) {
    size_t rows = n - from < CHUNK ? n - from : CHUNK;
    for (size_t i = 0; i < rows; i++) {
      bins_cells (&g->bins, designs + (from + i) * g->bins.n_params, g->cells);
      joint_cells (&g->joint, g->cells, g->groups + i * g->joint.n);
    }
    for (uint32_t t = 0; t < g->m; t++) {
      const struct output *o = &g->outputs[t];
      boost_predict (&o->mean, g->joint.n, rows, g->groups, g->mean);
      for (size_t i = 0; i < rows; i++)
        mean[(from + i) * g->m + t] = scale_out (&o->scale, g->mean[i]);
      if (spread)
        predict_spread (g, o, rows, spread + from * g->m + t);
    }
  }
  return GYM_OK;
}

/* ---- opening and saving ---- */

static int
gbdt_open (void *self, const struct gym_host *host, const struct gym_space *space,
           uint32_t n_targets, uint64_t seed, gym_error *err)
{
  struct gbdt *g = self;
  g->host = host;
  g->m = n_targets;
  g->seed = seed;
  int code = bins_init (&g->bins, host, space, err);
  if (code < 0)
    return code;
  if (joint_init (&g->joint, &g->bins) < 0)
    return model_fail (GYM_ENOMEM, err);
  g->outputs = calloc (n_targets, sizeof *g->outputs);
  g->cells = malloc ((g->bins.n_columns + 1u) * sizeof *g->cells);
  g->groups = malloc ((size_t)CHUNK * (g->joint.n + 1u) * sizeof *g->groups);
  g->mean = malloc (CHUNK * sizeof *g->mean);
  g->error = malloc (CHUNK * sizeof *g->error);
  bool whole = g->outputs && g->cells && g->groups && g->mean && g->error;
  return whole ? GYM_OK : model_fail (GYM_ENOMEM, err);
}

static void
gbdt_close (void *self)
{
  struct gbdt *g = self;
  for (uint32_t t = 0; g->outputs && t < g->m; t++) {
    boost_free (&g->outputs[t].mean);
    boost_free (&g->outputs[t].spread);
  }
  joint_free (&g->joint);
  bins_free (&g->bins);
  free (g->outputs);
  free (g->cells);
  free (g->groups);
  free (g->mean);
  free (g->error);
}

static int
gbdt_save (void *self, int (*put) (void *sink, const void *bytes, size_t n), void *sink,
           gym_error *err)
{
  const struct gbdt *g = self;
  struct pack out = { .put = put, .sink = sink };
  bins_save (&g->bins, &out);
  for (uint32_t t = 0; t < g->m; t++) {
    const struct output *o = &g->outputs[t];
    scale_save (&o->scale, &out);
    boost_save (&o->mean, &out);
    pack_real (&out, o->factor);
    if (o->factor > 0)
      boost_save (&o->spread, &out);
  }
  return out.code < 0 ? gym_fail (err, out.code, "the model cannot be written") : GYM_OK;
}

static int
load_output (struct gbdt *g, struct output *o, struct unpack *in)
{
  o->scale = scale_load (in);
  int code = boost_load (&o->mean, &g->joint, in);
  if (code == GYM_OK)
    o->factor = unpack_real (in);
  if (code == GYM_OK && o->factor > 0)
    code = boost_load (&o->spread, &g->joint, in);
  return code;
}

static int
gbdt_load (void *self, const void *bytes, size_t n, gym_error *err)
{
  struct gbdt *g = self;
  struct unpack in = { .at = bytes, .left = n };
  int code = bins_load (&g->bins, &in);
  for (uint32_t t = 0; t < g->m && code == GYM_OK; t++)
    code = load_output (g, &g->outputs[t], &in);
  if (code == GYM_ENOMEM)
    return model_fail (code, err);
  if (code < 0 || in.bad || in.left > 0)
    return gym_fail (err, GYM_EINVAL, "these bytes are no gbdt model of this space");
  return GYM_OK;
}

/* ---- the class ---- */

static const struct gym_option options[] = {
  { .name = "trees",
    .doc = "Trees of a target.",
    .type = GYM_OPTION_INT,
    .flags = GYM_OPTION_LOG,
    .offset = offsetof (struct gbdt, trees),
    .low = 1,
    .high = BOOST_TREES,
    .initial = "200" },
  { .name = "rate",
    .doc = "Share of what a tree has found that is kept: the smaller, the more trees are "
           "needed and the better they are together.",
    .type = GYM_OPTION_REAL,
    .flags = GYM_OPTION_LOG,
    .offset = offsetof (struct gbdt, rate),
    .low = 0.01,
    .high = 1,
    .initial = "0.15" },
  { .name = "leaves",
    .doc = "Leaves of a tree at most; 0: the square root of the rows, 8 to 64.",
    .type = GYM_OPTION_INT,
    .offset = offsetof (struct gbdt, leaves),
    .low = 0,
    .high = BOOST_LEAVES,
    .initial = "0" },
  { .name = "depth",
    .doc = "Splits between root and leaf at most; 0: any number.",
    .type = GYM_OPTION_INT,
    .offset = offsetof (struct gbdt, depth),
    .low = 0,
    .high = BOOST_LEAVES,
    .initial = "0" },
  { .name = "min_leaf",
    .doc = "Rows of a leaf at least.",
    .type = GYM_OPTION_INT,
    .flags = GYM_OPTION_LOG,
    .offset = offsetof (struct gbdt, min_leaf),
    .low = 1,
    .high = 100,
    .initial = "1" },
  { .name = "bag",
    .doc = "Share of the rows that a tree is grown on, drawn without replacement.",
    .type = GYM_OPTION_REAL,
    .offset = offsetof (struct gbdt, bag),
    .low = 0.3,
    .high = 1,
    .initial = "0.9" },
  { .name = "columns",
    .doc = "Share of the parameters that a node looks at.",
    .type = GYM_OPTION_REAL,
    .offset = offsetof (struct gbdt, columns),
    .low = 0.1,
    .high = 1,
    .initial = "1" },
  { .name = "penalty",
    .doc = "Rows of a mean of 0 that every leaf is thought to have besides its own (L2).",
    .type = GYM_OPTION_REAL,
    .offset = offsetof (struct gbdt, penalty),
    .low = 0,
    .high = 10,
    .initial = "0.1" },
  { .name = "relevance",
    .doc = "How much parameters that have explained little so far are held back: gains "
           "count by their parameter's share in all gains on rows not seen, to this "
           "power.",
    .type = GYM_OPTION_REAL,
    .offset = offsetof (struct gbdt, relevance),
    .low = 0,
    .high = 1,
    .initial = "0.15" },
  { .name = "folds",
    .doc = "Parts of the rows that are predicted without having been seen, for the "
           "spread; 1: the spread is 0, and learning takes half the time.",
    .type = GYM_OPTION_INT,
    .flags = GYM_OPTION_FIXED,
    .offset = offsetof (struct gbdt, folds),
    .low = 1,
    .high = 20,
    .initial = "3" },
};

static const struct gym_proxy_class gbdt = {
  .struct_size = sizeof (struct gym_proxy_class),
  .id = "gbdt-v1",
  .summary = "gradient-boosted trees",
  .doc = "Small regression trees, each grown on what those before it left over. Levels "
         "without order are split into the two sets that differ most, whatever their "
         "order in the space; an inactive parameter is a level of its own. The most "
         "accurate of the models on simulators whose parameters are mostly levels, and "
         "the fastest to ask. The spread is learnt from errors on rows left out.",
  .source = "Friedman, \"Greedy function approximation: a gradient boosting machine\", "
            "Annals of Statistics 29, 2001; \"Stochastic gradient boosting\", 2002. "
            "Histograms: Ke et al., \"LightGBM\", NIPS 2017. Levels: Fisher, \"On "
            "grouping for maximum homogeneity\", 1958. Evaluation: Lucchese et al., "
            "\"QuickScorer\", SIGIR 2015. Spread: after Nix and Weigend, ICNN 1994.",
  .options = GYM_ARRAY (gym_options, options),
  .instance_size = sizeof (struct gbdt),
  .open = gbdt_open,
  .close = gbdt_close,
  .fit = gbdt_fit,
  .predict = gbdt_predict,
  .save = gbdt_save,
  .load = gbdt_load,
  .place = { .acceleration = "proxy model: boosted trees", .cost = "learnt model" },
};

static const struct gym_proxy_class *const proxies[] = { &gbdt, NULL };

GYM_EXPORT const struct gym_plugin gym_plugin_entry = {
  GYM_PLUGIN_ABI,
  .name = "gbdt",
  .version = "0.1.0",
  .licence = "MIT",
  .doc = "Gradient-boosted trees as a proxy model.",
  .proxies = proxies,
};
