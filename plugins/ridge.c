/* plugins/ridge.c - the proxy model ridge: a sum of effects of single parameters and of
 * products of two, drawn towards 0 by a penalty on their squares.
 *
 * Everything is in the Gram matrix of the features and their products with the targets,
 * which are summed up row by row, once for four fifths of the rows and once for the rest.
 * The rest chooses the penalty: its error is a quadratic form of its own Gram matrix, so
 * no row is looked at again.
 *
 * The spread is that of the Bayesian reading (Hoerl and Kennard; Bishop, "Pattern
 * Recognition and Machine Learning", 2006, section 3.3): noise^2 (1 + x' A^-1 x), with
 * the noise that the rest of the rows showed. */
#include "plugins/common/cholesky.h"
#include "plugins/common/features.h"
#include "plugins/common/scale.h"

#include <cblas.h>
#include <gym/rng.h>

enum { MOST = 3000, BLOCK = 64, PARTS = 5, FEWEST = 10 };

/* Steps of the search for a penalty, in powers of 10 from the first. */
enum { STEPS = 10, FIRST = -5 };

struct output {
  struct scale scale;
  double noise;    /* variance */
  double *weights; /* n */
  double *inverse; /* of the matrix A: n x n, lower triangle */
};

struct ridge {
  double penalty;
  int64_t degree, levels;

  const struct gym_host *host;
  uint32_t m, width, n; /* targets, parameters, features with products */
  uint64_t seed;
  struct features features;
  struct output *outputs;
  double *x, *work; /* n each */
};

/* ---- features ---- */

/* What stands for a column in a product: its levels where it has no order, its place. */
static uint32_t
factors (const struct features_column *c, uint32_t *first)
{
  *first = c->ordered ? c->place : c->first;
  return c->ordered ? 1 : c->levels;
}

static uint64_t
count_products (const struct features *f)
{
  uint64_t n = 0;
  uint32_t first;
  for (uint32_t i = 0; i < f->n_columns; i++)
    for (uint32_t j = 0; j < i; j++)
      n += (uint64_t)factors (&f->columns[i], &first) * factors (&f->columns[j], &first);
  return n;
}

/* The constant, the features, the products. */
static void
expand (const struct ridge *r, const double *design, double *x)
{
  const struct features *f = &r->features;
  double *at = x + 1 + f->n;
  x[0] = 1;
  features_of (f, design, x + 1);
  for (uint32_t i = 0; i < f->n_columns && r->degree > 1; i++)
    for (uint32_t j = 0; j < i; j++) {
      uint32_t a, b, n = factors (&f->columns[i], &a), m = factors (&f->columns[j], &b);
      for (uint32_t k = 0; k < n; k++, at += m)
        for (uint32_t l = 0; l < m; l++)
          at[l] = x[1 + a + k] * x[1 + b + l];
    }
}

/* ---- learning ---- */

/* Sums over rows: X'X (lower triangle), X'y a target, y'y a target, how many. */
struct sums {
  double *gram, *products, *squares;
  double n;
};

struct lesson {
  struct ridge *model;
  struct sums most, rest; /* `most` becomes all of them in the end */
  struct cholesky factor;
  double *block, *targets; /* BLOCK rows */
  double *weights, *inverse;
  uint32_t *list;
};

static int
sums_init (struct sums *s, size_t n, uint32_t m)
{
  s->gram = calloc (n * n, sizeof *s->gram);
  s->products = calloc (n * m, sizeof *s->products);
  s->squares = calloc (m, sizeof *s->squares);
  return s->gram && s->products && s->squares ? GYM_OK : GYM_ENOMEM;
}

static void
sums_free (struct sums *s)
{
  free (s->gram);
  free (s->products);
  free (s->squares);
}

static void
lesson_free (struct lesson *l)
{
  sums_free (&l->most);
  sums_free (&l->rest);
  cholesky_free (&l->factor);
  free (l->block);
  free (l->targets);
  free (l->weights);
  free (l->inverse);
  free (l->list);
}

static int
lesson_init (struct lesson *l, size_t rows)
{
  const struct ridge *r = l->model;
  size_t n = r->n;
  cholesky_init (&l->factor);
  l->block = malloc (BLOCK * n * sizeof *l->block);
  l->targets = malloc ((size_t)BLOCK * r->m * sizeof *l->targets);
  l->weights = malloc (n * sizeof *l->weights);
  l->inverse = malloc (n * n * sizeof *l->inverse);
  l->list = malloc (rows * sizeof *l->list);
  if (!l->block || !l->targets || !l->weights || !l->inverse || !l->list
      || sums_init (&l->most, n, r->m) < 0 || sums_init (&l->rest, n, r->m) < 0)
    return GYM_ENOMEM;
  return cholesky_reserve (&l->factor, n);
}

/* Adds listed rows, a block at a time: one product of matrices instead of many. */
static int
add_rows (struct lesson *l, struct sums *s, const struct gym_rows *rows, size_t from,
          size_t to)
{
  const struct ridge *r = l->model;
  int n = (int)r->n, m = (int)r->m;
  for (size_t at = from; at < to; at += BLOCK) {
    int k = (int)(to - at < BLOCK ? to - at : BLOCK);
    for (int i = 0; i < k; i++) {
      size_t row = l->list[at + (size_t)i];
      expand (r, rows->designs + row * r->width, l->block + (size_t)i * r->n);
      for (uint32_t t = 0; t < r->m; t++) {
        double z = scale_in (&r->outputs[t].scale, rows->targets[row * r->m + t]);
        l->targets[(size_t)i * r->m + t] = z;
        s->squares[t] += z * z;
      }
    }
    cblas_dsyrk (CblasRowMajor, CblasLower, CblasTrans, n, k, 1, l->block, n, 1, s->gram,
                 n);
    cblas_dgemm (CblasRowMajor, CblasTrans, CblasNoTrans, n, m, k, 1, l->block, n,
                 l->targets, m, 1, s->products, m);
    s->n += k;
    if (r->host->cancelled (r->host))
      return GYM_ECANCELLED;
  }
  return GYM_OK;
}

/* Weights of a target by the rows of `s`. The constant is hardly held back. */
static int
solve (struct lesson *l, const struct sums *s, uint32_t t, double penalty)
{
  size_t n = l->model->n;
  for (size_t i = 0; i < n; i++) {
    memcpy (l->factor.factor + i * l->factor.room, s->gram + i * n,
            (i + 1) * sizeof *s->gram);
    l->factor.factor[i * l->factor.room + i] += i == 0 ? 1e-3 * penalty : penalty;
    l->weights[i] = s->products[i * l->model->m + t];
  }
  int code = cholesky_factorise (&l->factor, n);
  if (code == GYM_OK)
    cholesky_solve (&l->factor, l->weights);
  return code;
}

/* Mean squared error of the weights on the rows of `s`: y'y - 2 w'X'y + w'X'X w. */
static double
error_on (struct lesson *l, const struct sums *s, uint32_t t)
{
  int n = (int)l->model->n, m = (int)l->model->m;
  double *work = l->model->work;
  cblas_dsymv (CblasRowMajor, CblasLower, n, 1, s->gram, n, l->weights, 1, 0, work, 1);
  double error = s->squares[t] + cblas_ddot (n, work, 1, l->weights, 1)
                 - 2 * cblas_ddot (n, l->weights, 1, s->products + t, m);
  return fmax (0, error) / s->n;
}

/* The mean of x' A^-1 x over the rows of `s`, A being the matrix last solved. */
static int
leverage_on (struct lesson *l, const struct sums *s, double *mean)
{
  size_t n = l->model->n;
  double sum = 0;
  int code = cholesky_inverse (&l->factor, l->inverse, n);
  for (size_t i = 0; i < n && code == GYM_OK; i++)
    sum += s->gram[i * n + i] * l->inverse[i * n + i]
           + 2 * cblas_ddot ((int)i, s->gram + i * n, 1, l->inverse + i * n, 1);
  *mean = sum / s->n;
  return code;
}

/* The penalty that errs least on the rest. A matrix that rounding spoils has too little
 * of one. */
static double
choose_penalty (struct lesson *l, uint32_t t)
{
  double best = 1, least = INFINITY;
  if (l->model->penalty > 0)
    return l->model->penalty;
  for (int k = 0; k < STEPS && l->rest.n > 0; k++) {
    double penalty = pow (10, FIRST + k);
    double error =
        solve (l, &l->most, t, penalty) == GYM_OK ? error_on (l, &l->rest, t) : INFINITY;
    if (error < least) {
      least = error;
      best = penalty;
    }
  }
  return best;
}

/* A penalty that is lost in rounding is raised, a factor ten at a time. */
static int
solve_somehow (struct lesson *l, const struct sums *s, uint32_t t, double penalty)
{
  int code = solve (l, s, t, penalty);
  for (int k = 0; code == GYM_EINVAL && k < STEPS; k++) {
    penalty = 10 * fmax (penalty, 1e-8);
    code = solve (l, s, t, penalty);
  }
  return code;
}

/* Without a rest there is nothing to tell noise by but the targets' own size. */
static int
learn_noise (struct lesson *l, struct output *o, uint32_t t, double penalty)
{
  double leverage = 0;
  o->noise = l->most.squares[t] / l->most.n;
  if (l->rest.n == 0)
    return GYM_OK;
  int code = solve_somehow (l, &l->most, t, penalty);
  if (code == GYM_OK)
    code = leverage_on (l, &l->rest, &leverage);
  if (code == GYM_OK)
    o->noise = error_on (l, &l->rest, t) / (1 + leverage);
  return code;
}

static void
join (struct lesson *l)
{
  size_t n = l->model->n, m = l->model->m;
  for (size_t i = 0; i < n * n; i++)
    l->most.gram[i] += l->rest.gram[i];
  for (size_t i = 0; i < n * m; i++)
    l->most.products[i] += l->rest.products[i];
  l->most.n += l->rest.n;
}

static int
make_room (struct output *o, size_t n)
{
  free (o->weights);
  free (o->inverse);
  o->weights = malloc (n * sizeof *o->weights);
  o->inverse = malloc (n * n * sizeof *o->inverse);
  return o->weights && o->inverse ? GYM_OK : GYM_ENOMEM;
}

static int
learn_output (struct lesson *l, uint32_t t, double penalty)
{
  struct ridge *r = l->model;
  struct output *o = &r->outputs[t];
  size_t n = r->n;
  if (make_room (o, n) < 0)
    return GYM_ENOMEM;
  int code = solve_somehow (l, &l->most, t, penalty);
  if (code == GYM_OK)
    code = cholesky_inverse (&l->factor, o->inverse, n);
  if (code == GYM_OK)
    memcpy (o->weights, l->weights, n * sizeof *o->weights);
  for (size_t i = 0; i < n && code == GYM_OK; i++)
    memset (o->inverse + i * n + i + 1, 0, (n - i - 1) * sizeof *o->inverse);
  return code;
}

static int
fail (int code, gym_error *err)
{
  if (code < 0 && code != GYM_ENOMEM && code != GYM_ECANCELLED)
    return gym_fail (err, GYM_EFAILED,
                     "the equations cannot be solved, whatever the penalty");
  return model_fail (code, err);
}

static int
learn (struct lesson *l, const struct gym_rows *rows)
{
  struct ridge *r = l->model;
  double *penalties = malloc (r->m * sizeof *penalties);
  size_t part = rows->n < FEWEST ? rows->n : rows->n - rows->n / PARTS;
  gym_rng rng;
  gym_rng_init (&rng, r->seed);
  for (size_t i = 0; i < rows->n; i++)
    l->list[i] = (uint32_t)i;
  gym_rng_shuffle (&rng, l->list, (uint32_t)rows->n);
  int code = penalties ? add_rows (l, &l->most, rows, 0, part) : GYM_ENOMEM;
  if (code == GYM_OK)
    code = add_rows (l, &l->rest, rows, part, rows->n);
  for (uint32_t t = 0; t < r->m && code == GYM_OK; t++) {
    penalties[t] = choose_penalty (l, t);
    code = learn_noise (l, &r->outputs[t], t, penalties[t]);
  }
  if (code == GYM_OK)
    join (l);
  for (uint32_t t = 0; t < r->m && code == GYM_OK; t++)
    code =
        r->host->cancelled (r->host) ? GYM_ECANCELLED : learn_output (l, t, penalties[t]);
  free (penalties);
  return code;
}

static int
ridge_fit (void *self, const struct gym_rows *rows, gym_error *err)
{
  struct ridge *r = self;
  struct lesson l = { .model = r };
  if (rows->n > UINT32_MAX)
    return gym_fail (err, GYM_EINVAL, "%zu rows are too many", rows->n);
  numeric_one_thread ();
  for (uint32_t t = 0; t < r->m; t++)
    r->outputs[t].scale = scale_of (rows->targets + t, rows->n, r->m);
  int code = lesson_init (&l, rows->n);
  if (code == GYM_OK)
    code = learn (&l, rows);
  lesson_free (&l);
  return fail (code, err);
}

/* ---- predicting ---- */

static int
ridge_predict (void *self, size_t n, const double *designs, double *mean, double *spread,
               gym_error *err)
{
  struct ridge *r = self;
  int size = (int)r->n;
  (void)err;
  for (size_t i = 0; i < n; i++) {
    expand (r, designs + i * r->width, r->x);
    for (uint32_t t = 0; t < r->m; t++) {
      const struct output *o = &r->outputs[t];
      size_t at = i * r->m + t;
      mean[at] = scale_out (&o->scale, cblas_ddot (size, r->x, 1, o->weights, 1));
      if (!spread)
        continue;
      cblas_dsymv (CblasRowMajor, CblasLower, size, 1, o->inverse, size, r->x, 1, 0,
                   r->work, 1);
      double leverage = fmax (0, cblas_ddot (size, r->x, 1, r->work, 1));
      spread[at] = scale_spread (&o->scale, sqrt (o->noise * (1 + leverage)));
    }
  }
  return GYM_OK;
}

/* ---- opening and saving ---- */

static int
ridge_open (void *self, const struct gym_host *host, const struct gym_space *space,
            uint32_t n_targets, uint64_t seed, gym_error *err)
{
  struct ridge *r = self;
  r->host = host;
  r->seed = seed;
  r->width = host->space_size (space);
  int code = features_init (&r->features, host, space, (uint32_t)r->levels, err);
  if (code < 0)
    return code;
  uint64_t n = 1 + (uint64_t)r->features.n;
  n += r->degree > 1 ? count_products (&r->features) : 0;
  if (n > MOST)
    return gym_fail (err, GYM_EINVAL,
                     "%llu effects are too many, at most %d: degree=1 leaves the "
                     "products of parameters out, a smaller levels the single values",
                     (unsigned long long)n, MOST);
  r->n = (uint32_t)n;
  r->outputs = calloc (n_targets, sizeof *r->outputs);
  r->x = malloc (n * sizeof *r->x);
  r->work = malloc (n * sizeof *r->work);
  r->m = r->outputs ? n_targets : 0;
  return r->outputs && r->x && r->work ? GYM_OK : fail (GYM_ENOMEM, err);
}

static void
ridge_close (void *self)
{
  struct ridge *r = self;
  for (uint32_t t = 0; t < r->m; t++) {
    free (r->outputs[t].weights);
    free (r->outputs[t].inverse);
  }
  features_free (&r->features);
  free (r->outputs);
  free (r->x);
  free (r->work);
}

static int
ridge_save (void *self, int (*put) (void *sink, const void *bytes, size_t n), void *sink,
            gym_error *err)
{
  const struct ridge *r = self;
  struct pack out = { .put = put, .sink = sink };
  for (uint32_t t = 0; t < r->m; t++) {
    const struct output *o = &r->outputs[t];
    scale_save (&o->scale, &out);
    pack_real (&out, o->noise);
    pack_bytes (&out, o->weights, r->n * sizeof *o->weights);
    for (size_t i = 0; i < r->n; i++)
      pack_bytes (&out, o->inverse + i * r->n, (i + 1) * sizeof *o->inverse);
  }
  return out.code < 0 ? gym_fail (err, out.code, "the model cannot be written") : GYM_OK;
}

static int
load_output (const struct ridge *r, struct output *o, struct unpack *in)
{
  size_t n = r->n;
  if (make_room (o, n) < 0)
    return GYM_ENOMEM;
  o->scale = scale_load (in);
  o->noise = unpack_real (in);
  const void *weights = unpack_bytes (in, n * sizeof *o->weights);
  if (weights)
    memcpy (o->weights, weights, n * sizeof *o->weights);
  memset (o->inverse, 0, n * n * sizeof *o->inverse);
  for (size_t i = 0; i < n; i++) {
    const void *row = unpack_bytes (in, (i + 1) * sizeof *o->inverse);
    if (row)
      memcpy (o->inverse + i * n, row, (i + 1) * sizeof *o->inverse);
  }
  return in->bad ? GYM_EINVAL : GYM_OK;
}

static int
ridge_load (void *self, const void *bytes, size_t n, gym_error *err)
{
  struct ridge *r = self;
  struct unpack in = { .at = bytes, .left = n };
  int code = GYM_OK;
  numeric_one_thread ();
  for (uint32_t t = 0; t < r->m && code == GYM_OK; t++)
    code = load_output (r, &r->outputs[t], &in);
  if (code == GYM_ENOMEM)
    return fail (code, err);
  if (code < 0 || in.left > 0)
    return gym_fail (err, GYM_EINVAL, "these bytes are no ridge model of this space");
  return GYM_OK;
}

/* ---- the class ---- */

static const struct gym_option options[] = {
  { .name = "penalty",
    .doc = "On the squares of all effects but the mean; 0: the power of 10 that errs "
           "least on a fifth of the rows.",
    .type = GYM_OPTION_REAL,
    .flags = GYM_OPTION_FIXED,
    .offset = offsetof (struct ridge, penalty),
    .low = 0,
    .high = 1e6,
    .initial = "0" },
  { .name = "degree",
    .doc = "1: effects of single parameters; 2: products of two as well.",
    .type = GYM_OPTION_INT,
    .offset = offsetof (struct ridge, degree),
    .low = 1,
    .high = 2,
    .initial = "2" },
  { .name = "levels",
    .doc = "Ordered parameters with up to so many values have an effect for each value, "
           "besides their line and parabola.",
    .type = GYM_OPTION_INT,
    .offset = offsetof (struct ridge, levels),
    .low = 0,
    .high = 64,
    .initial = "16" },
};

static const struct gym_proxy_class ridge = {
  .struct_size = sizeof (struct gym_proxy_class),
  .id = "ridge-v1",
  .summary = "ridge regression",
  .doc = "A sum of effects: of each level or value of each parameter, and of products of "
         "two parameters, levels without order being apart from each other. Learnt in a "
         "moment, good with few rows, and the yardstick for what the other models add. "
         "The spread grows away from the rows.",
  .source = "Hoerl and Kennard, \"Ridge regression: biased estimation for nonorthogonal "
            "problems\", Technometrics 12, 1970. Spread: Bishop, \"Pattern Recognition "
            "and Machine Learning\", 2006, section 3.3.",
  .options = GYM_ARRAY (gym_options, options),
  .instance_size = sizeof (struct ridge),
  .open = ridge_open,
  .close = ridge_close,
  .fit = ridge_fit,
  .predict = ridge_predict,
  .save = ridge_save,
  .load = ridge_load,
  .place = { .acceleration = "proxy model: linear", .cost = "learnt model" },
};

static const struct gym_proxy_class *const proxies[] = { &ridge, NULL };

GYM_EXPORT const struct gym_plugin gym_plugin_entry = {
  GYM_PLUGIN_ABI,
  .name = "ridge",
  .version = "0.1.0",
  .licence = "MIT",
  .doc = "Ridge regression as a proxy model.",
  .proxies = proxies,
};
