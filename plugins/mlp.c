/* plugins/mlp.c - the proxy model mlp: a few small networks over designs as numbers
 * (common/features.h), each from another start and without another part of the rows; all
 * targets are outputs of the same network.
 *
 * Their mean predicts; how far they differ is doubt (Lakshminarayanan, Pritzel, Blundell,
 * "Simple and scalable predictive uncertainty estimation using deep ensembles", NIPS
 * 2017). What they have in common wrong is told by the rows that one of them has not
 * seen, and added to it. */
#include "plugins/common/features.h"
#include "plugins/common/scale.h"
#include "sims/nn/nn.h"

#include <gym/rng.h>
#include <math.h>

enum { BATCH = 32, PASS = 256, FEW_LEVELS = 8 };

struct output {
  struct scale scale;
  bool constant; /* nothing to learn */
  double noise;  /* variance that is added to the networks' own */
  double share;  /* of both, that is left of it in the mean of the networks */
};

struct mlp {
  int64_t members, layers, width, epochs;
  double rate, decay;

  const struct gym_host *host;
  uint32_t m, n_params; /* targets; of a design */
  uint64_t seed;
  struct features features;
  nn_net *net;
  nn_tape *tape;
  size_t n_weights; /* of a network */
  float *weights;   /* of all networks */
  float *bodies;    /* the same, pretrained; NULL: they are not */
  struct output *outputs;
  double *design;  /* features of one */
  float *inputs;   /* PASS rows */
  double *answers; /* PASS rows of members x m numbers */
};

/* ---- learning ---- */

struct lesson {
  struct mlp *model;
  size_t n;
  float *inputs, *targets; /* of all rows */
  float *batch, *slopes, *gradient;
  uint32_t *list;
  nn_adam *adam;
};

static void
lesson_free (struct lesson *l)
{
  free (l->inputs);
  free (l->targets);
  free (l->batch);
  free (l->slopes);
  free (l->gradient);
  free (l->list);
  nn_adam_destroy (&l->adam);
}

static void
put_inputs (struct mlp *p, const double *design, float *out)
{
  features_of (&p->features, design, p->design);
  for (uint32_t i = 0; i < p->features.n; i++)
    out[i] = (float)p->design[i];
}

static int
lesson_init (struct lesson *l, const struct gym_rows *rows)
{
  struct mlp *p = l->model;
  size_t n = l->n = rows->n, width = p->features.n;
  l->inputs = malloc (n * (width + 1) * sizeof *l->inputs);
  l->targets = malloc (n * p->m * sizeof *l->targets);
  l->batch = calloc (BATCH * (width + 1), sizeof *l->batch); /* no features: one of 0 */
  l->slopes = malloc ((size_t)BATCH * p->m * sizeof *l->slopes);
  l->gradient = malloc (p->n_weights * sizeof *l->gradient);
  l->list = malloc (n * sizeof *l->list);
  if (!l->inputs || !l->targets || !l->batch || !l->slopes || !l->gradient || !l->list)
    return GYM_ENOMEM;
  for (size_t i = 0; i < n; i++) {
    put_inputs (p, rows->designs + i * p->n_params, l->inputs + i * width);
    for (uint32_t t = 0; t < p->m; t++)
      l->targets[i * p->m + t] =
          (float)scale_in (&p->outputs[t].scale, rows->targets[i * p->m + t]);
  }
  return GYM_OK;
}

/* One step of Adam on the mean square error of a few listed rows. */
static void
step (struct lesson *l, float *weights, const uint32_t *list, uint32_t n, float rate)
{
  struct mlp *p = l->model;
  struct nn_adam_settings adam = { .rate = rate,
                                   .beta1 = 0.9F,
                                   .beta2 = 0.999F,
                                   .epsilon = 1e-8F,
                                   .decay = (float)p->decay };
  size_t width = p->features.n;
  for (uint32_t i = 0; i < n; i++)
    memcpy (l->batch + i * width, l->inputs + list[i] * width, width * sizeof *l->batch);
  const float *outputs = nn_forward (p->tape, weights, l->batch, n);
  for (uint32_t i = 0; i < n; i++)
    for (uint32_t t = 0; t < p->m; t++)
      l->slopes[i * p->m + t] =
          (outputs[i * p->m + t] - l->targets[list[i] * (size_t)p->m + t]) * 2
          / (float)(n * p->m);
  memset (l->gradient, 0, p->n_weights * sizeof *l->gradient);
  nn_backward (p->tape, weights, l->slopes, l->gradient, NULL);
  nn_clip_norm (l->gradient, p->n_weights, 10);
  nn_adam_step (l->adam, &adam, weights, l->gradient);
}

/* Row i of the list in random order is unseen by network i modulo the number of them. */
static bool
sees (const struct mlp *p, size_t n, uint32_t member, size_t i)
{
  return p->members < 2 || n < 2 * (size_t)p->members || i % (size_t)p->members != member;
}

/* All but the last layer, whose weights come last. */
static size_t
body_size (const struct mlp *p)
{
  return p->n_weights - ((size_t)p->width + 1) * p->m;
}

/* Another start for each network: drawn, and what pretraining has taught it. */
static bool
begin (struct mlp *p, uint32_t member, uint64_t seed)
{
  float *weights = p->weights + member * p->n_weights;
  size_t n = body_size (p);
  if (!nn_net_start (p->net, weights, seed))
    return false;
  if (p->bodies)
    memcpy (weights, p->bodies + member * n, n * sizeof *weights);
  return true;
}

/* Passes over the rows that the network sees, in another order each time, with steps
 * that grow shorter. */
static int
train (struct lesson *l, uint32_t member, const uint32_t *order)
{
  struct mlp *p = l->model;
  float *weights = p->weights + member * p->n_weights;
  uint64_t seed = gym_rng_derive (p->seed, 1, member);
  uint32_t seen = 0;
  gym_rng rng;
  nn_adam_destroy (&l->adam);
  l->adam = nn_adam_new (p->n_weights);
  if (!l->adam || !begin (p, member, seed))
    return GYM_ENOMEM;
  for (size_t i = 0; i < l->n; i++)
    if (sees (p, l->n, member, i))
      l->list[seen++] = order[i];
  size_t steps = (seen + BATCH - 1) / BATCH, total = steps * (size_t)p->epochs, at = 0;
  gym_rng_init (&rng, seed);
  for (int64_t e = 0; e < p->epochs; e++) {
    gym_rng_shuffle (&rng, l->list, seen);
    for (uint32_t from = 0; from < seen; from += BATCH, at++)
      step (l, weights, l->list + from, seen - from < BATCH ? seen - from : BATCH,
            (float)(p->rate * nn_cosine (at, total, total / 20)));
    if (p->host->cancelled (p->host))
      return GYM_ECANCELLED;
  }
  return GYM_OK;
}

/* ---- predicting ---- */

/* Answers of all networks to n <= PASS rows of inputs: by row, network, target. */
static void
ask (struct mlp *p, const float *inputs, uint32_t n)
{
  uint32_t k = (uint32_t)p->members, m = p->m;
  for (uint32_t g = 0; g < k; g++) {
    const float *outputs = nn_forward (p->tape, p->weights + g * p->n_weights, inputs, n);
    for (uint32_t i = 0; i < n; i++)
      for (uint32_t t = 0; t < m; t++)
        p->answers[((size_t)i * k + g) * m + t] = (double)outputs[i * m + t];
  }
}

/* Mean and variance of the networks' answers for target t. */
static double
gather (const struct mlp *p, const double *answers, uint32_t t, double *variance)
{
  double sum = 0, squares = 0, k = (double)p->members;
  for (int64_t g = 0; g < p->members; g++)
    sum += answers[g * p->m + t];
  for (int64_t g = 0; g < p->members; g++) {
    double d = answers[g * p->m + t] - sum / k;
    squares += d * d;
  }
  *variance = p->members > 1 ? squares / (k - 1) : 0;
  return sum / k;
}

/* What the network that has not seen a row is wrong by there, beyond what the networks
 * differ by. */
static void
add_errors (struct lesson *l, size_t from, uint32_t n, const uint32_t *order)
{
  struct mlp *p = l->model;
  for (uint32_t i = 0; i < n; i++)
    for (uint32_t t = 0; t < p->m; t++) {
      const double *answers = p->answers + (size_t)i * (size_t)p->members * p->m;
      size_t unseen = (from + i) % (size_t)p->members;
      double variance, target = (double)l->targets[order[from + i] * (size_t)p->m + t];
      gather (p, answers, t, &variance);
      double error = answers[unseen * p->m + t] - target;
      p->outputs[t].noise += (error * error - variance) / (double)l->n;
      p->outputs[t].share += variance / (double)l->n;
    }
}

/* What differs between k networks is mostly gone from their mean: v / k is left of a mean
 * variance v. `share` holds v until here. */
static void
settle (struct output *o, double k)
{
  double v = o->share;
  o->noise = fmax (0, o->noise);
  o->share = o->noise + v > 0 ? (o->noise + v / k) / (o->noise + v) : 1;
}

static void
judge (struct lesson *l, const uint32_t *order)
{
  struct mlp *p = l->model;
  size_t width = p->features.n;
  for (uint32_t t = 0; t < p->m; t++)
    p->outputs[t].noise = p->outputs[t].share = 0;
  for (size_t from = 0; from < l->n; from += PASS) {
    uint32_t n = l->n - from < PASS ? (uint32_t)(l->n - from) : PASS;
    for (uint32_t i = 0; i < n; i++)
      memcpy (p->inputs + i * width, l->inputs + order[from + i] * width,
              width * sizeof *p->inputs);
    ask (p, p->inputs, n);
    add_errors (l, from, n, order);
  }
  for (uint32_t t = 0; t < p->m; t++)
    settle (&p->outputs[t], (double)p->members);
}

static int
mlp_predict (void *self, size_t n, const double *designs, double *mean, double *spread,
             gym_error *err)
{
  struct mlp *p = self;
  size_t width = p->features.n, answers = (size_t)p->members * p->m;
  (void)err;
  for (size_t from = 0; from < n; from += PASS) {
    uint32_t rows = n - from < PASS ? (uint32_t)(n - from) : PASS;
    for (uint32_t i = 0; i < rows; i++)
      put_inputs (p, designs + (from + i) * p->n_params, p->inputs + i * width);
    ask (p, p->inputs, rows);
    for (size_t i = 0; i < rows * (size_t)p->m; i++) {
      const struct output *o = &p->outputs[i % p->m];
      double variance, z;
      z = gather (p, p->answers + i / p->m * answers, (uint32_t)(i % p->m), &variance);
      mean[from * p->m + i] = scale_out (&o->scale, o->constant ? 0 : z);
      if (spread)
        spread[from * p->m + i] =
            o->constant
                ? 0
                : scale_spread (&o->scale, sqrt ((variance + o->noise) * o->share));
    }
  }
  return GYM_OK;
}

/* ---- fitting ---- */

static int
fail (int code, gym_error *err)
{
  if (code < 0 && code != GYM_ENOMEM && code != GYM_ECANCELLED)
    return gym_fail (err, code, "the networks ran away: try a smaller rate");
  return model_fail (code, err);
}

/* Targets that are all the same are not learnt but known. */
static void
take_scales (struct mlp *p, const struct gym_rows *rows)
{
  for (uint32_t t = 0; t < p->m; t++) {
    struct output *o = &p->outputs[t];
    o->scale = scale_of (rows->targets + t, rows->n, p->m);
    o->constant = true;
    for (size_t i = 1; i < rows->n && o->constant; i++)
      o->constant = rows->targets[i * p->m + t] == rows->targets[t];
  }
}

static bool
all_finite (const struct mlp *p)
{
  for (size_t i = 0; i < p->n_weights * (size_t)p->members; i++)
    if (!isfinite (p->weights[i]))
      return false;
  return true;
}

static int
learn (struct lesson *l, uint32_t *order)
{
  struct mlp *p = l->model;
  int code = GYM_OK;
  gym_rng rng;
  gym_rng_init (&rng, gym_rng_derive (p->seed, 0, 0));
  for (size_t i = 0; i < l->n; i++)
    order[i] = (uint32_t)i;
  gym_rng_shuffle (&rng, order, (uint32_t)l->n);
  for (uint32_t g = 0; g < (uint32_t)p->members && code == GYM_OK; g++)
    code = train (l, g, order);
  if (code == GYM_OK && !all_finite (p))
    code = GYM_EFAILED;
  if (code == GYM_OK)
    judge (l, order);
  return code;
}

static int
fit (struct mlp *p, const struct gym_rows *rows, gym_error *err)
{
  struct lesson l = { .model = p };
  if (rows->n > UINT32_MAX)
    return gym_fail (err, GYM_EINVAL, "%zu rows are too many", rows->n);
  uint32_t *order = malloc (rows->n * sizeof *order);
  take_scales (p, rows);
  int code = order ? lesson_init (&l, rows) : GYM_ENOMEM;
  if (code == GYM_OK)
    code = learn (&l, order);
  lesson_free (&l);
  free (order);
  return fail (code, err);
}

static int
mlp_fit (void *self, const struct gym_rows *rows, gym_error *err)
{
  return fit (self, rows, err);
}

/* ---- opening and saving ---- */

/* A space of one design has no features; a network has an input all the same. */
static int
make_network (struct mlp *p)
{
  uint32_t inputs = p->features.n ? p->features.n : 1;
  p->net = nn_mlp_new (inputs, (uint32_t)p->layers, (uint32_t)p->width, NN_RELU, p->m, 1);
  if (!p->net)
    return GYM_ENOMEM;
  p->n_weights = nn_net_params (p->net);
  p->tape = nn_tape_new (p->net, PASS);
  p->weights = calloc (p->n_weights * (size_t)p->members, sizeof *p->weights);
  p->inputs = calloc ((size_t)PASS * inputs, sizeof *p->inputs);
  p->design = malloc (inputs * sizeof *p->design);
  p->answers = malloc ((size_t)PASS * (size_t)p->members * p->m * sizeof *p->answers);
  return p->tape && p->weights && p->inputs && p->design && p->answers ? GYM_OK
                                                                       : GYM_ENOMEM;
}

static void
free_network (struct mlp *p)
{
  nn_tape_destroy (&p->tape);
  nn_net_destroy (&p->net);
  free (p->outputs);
  free (p->weights);
  free (p->inputs);
  free (p->design);
  free (p->answers);
}

/* Bodies learn under other heads, of as many outputs as there are hints. */
static int
mlp_pretrain (void *self, const struct gym_rows *rows, gym_error *err)
{
  struct mlp *p = self, other = *p;
  size_t n = body_size (p), all = n * (size_t)p->members;
  other.m = rows->n_targets;
  other.seed = gym_rng_derive (p->seed, 2, 0);
  other.net = NULL;
  other.tape = NULL;
  other.weights = other.bodies = other.inputs = NULL;
  other.design = other.answers = NULL;
  other.outputs = calloc (other.m, sizeof *other.outputs);
  float *bodies = malloc (all * sizeof *bodies);
  int code = other.outputs && bodies ? make_network (&other) : GYM_ENOMEM;
  code = code == GYM_OK ? fit (&other, rows, err) : fail (code, err);
  for (size_t g = 0; code == GYM_OK && g < (size_t)p->members; g++)
    memcpy (bodies + g * n, other.weights + g * other.n_weights, n * sizeof *bodies);
  free_network (&other);
  free (p->bodies);
  p->bodies = code == GYM_OK ? bodies : NULL;
  if (code != GYM_OK)
    free (bodies);
  return code;
}

static int
mlp_open (void *self, const struct gym_host *host, const struct gym_space *space,
          uint32_t n_targets, uint64_t seed, gym_error *err)
{
  struct mlp *p = self;
  p->host = host;
  p->seed = seed;
  p->m = n_targets;
  p->n_params = host->space_size (space);
  int code = features_init (&p->features, host, space, FEW_LEVELS, err);
  if (code < 0)
    return code;
  p->outputs = calloc (n_targets, sizeof *p->outputs);
  return fail (p->outputs ? make_network (p) : GYM_ENOMEM, err);
}

static void
mlp_close (void *self)
{
  struct mlp *p = self;
  free_network (p);
  features_free (&p->features);
  free (p->bodies);
}

static int
mlp_save (void *self, int (*put) (void *sink, const void *bytes, size_t n), void *sink,
          gym_error *err)
{
  const struct mlp *p = self;
  struct pack out = { .put = put, .sink = sink };
  for (uint32_t t = 0; t < p->m; t++) {
    scale_save (&p->outputs[t].scale, &out);
    pack_u64 (&out, p->outputs[t].constant);
    pack_real (&out, p->outputs[t].noise);
    pack_real (&out, p->outputs[t].share);
  }
  pack_bytes (&out, p->weights, p->n_weights * (size_t)p->members * sizeof *p->weights);
  return out.code < 0 ? gym_fail (err, out.code, "the model cannot be written") : GYM_OK;
}

static int
mlp_load (void *self, const void *bytes, size_t n, gym_error *err)
{
  struct mlp *p = self;
  struct unpack in = { .at = bytes, .left = n };
  size_t size = p->n_weights * (size_t)p->members * sizeof *p->weights;
  for (uint32_t t = 0; t < p->m; t++) {
    p->outputs[t].scale = scale_load (&in);
    p->outputs[t].constant = unpack_count (&in, 1);
    p->outputs[t].noise = unpack_real (&in);
    p->outputs[t].share = unpack_real (&in);
  }
  const void *weights = unpack_bytes (&in, size);
  if (!weights || in.left > 0)
    return gym_fail (err, GYM_EINVAL, "these bytes are no mlp model of this space");
  memcpy (p->weights, weights, size);
  return GYM_OK;
}

/* ---- the class ---- */

static const struct gym_option options[] = {
  { .name = "members",
    .doc = "Networks; 1: the spread knows only its errors on rows that it has seen.",
    .type = GYM_OPTION_INT,
    .offset = offsetof (struct mlp, members),
    .low = 1,
    .high = 8,
    .initial = "4" },
  { .name = "layers",
    .doc = "Hidden layers.",
    .type = GYM_OPTION_INT,
    .offset = offsetof (struct mlp, layers),
    .low = 1,
    .high = 4,
    .initial = "2" },
  { .name = "width",
    .doc = "Units of a hidden layer.",
    .type = GYM_OPTION_INT,
    .flags = GYM_OPTION_LOG,
    .offset = offsetof (struct mlp, width),
    .low = 4,
    .high = 256,
    .initial = "64" },
  { .name = "epochs",
    .doc = "Passes over the rows.",
    .type = GYM_OPTION_INT,
    .flags = GYM_OPTION_LOG,
    .offset = offsetof (struct mlp, epochs),
    .low = 1,
    .high = 300,
    .initial = "100" },
  { .name = "rate",
    .doc = "The longest step of Adam; it grows over the first twentieth and then falls "
           "to 0 along a cosine.",
    .type = GYM_OPTION_REAL,
    .flags = GYM_OPTION_LOG,
    .offset = offsetof (struct mlp, rate),
    .low = 1e-4,
    .high = 0.03,
    .initial = "0.005" },
  { .name = "decay",
    .doc = "Share of every weight that is lost a step, times the rate.",
    .type = GYM_OPTION_REAL,
    .offset = offsetof (struct mlp, decay),
    .low = 0,
    .high = 0.1,
    .initial = "0.001" },
};

static const struct gym_proxy_class mlp = {
  .struct_size = sizeof (struct gym_proxy_class),
  .id = "mlp-v1",
  .summary = "small neural networks",
  .doc = "The mean of a few multilayer perceptrons that share no start and not all rows; "
         "levels without order are inputs of their own. All targets come from one "
         "network and help each other. Good where the response is smooth and rows are "
         "many; the slowest to learn. Can be pretrained on metrics that cost nothing, "
         "which helps where few rows are known. The spread is how far the networks "
         "differ, and what each is wrong by on rows that it has not seen.",
  .source = "Ensembles: Lakshminarayanan, Pritzel, Blundell, \"Simple and scalable "
            "predictive uncertainty estimation using deep ensembles\", NIPS 2017. Adam: "
            "Kingma and Ba, ICLR 2015; decay and cosine: Loshchilov and Hutter, ICLR "
            "2017 and 2019. Pretraining: Dai et al., \"FBNetV3\", CVPR 2021.",
  .options = GYM_ARRAY (gym_options, options),
  .instance_size = sizeof (struct mlp),
  .open = mlp_open,
  .close = mlp_close,
  .fit = mlp_fit,
  .predict = mlp_predict,
  .save = mlp_save,
  .load = mlp_load,
  .pretrain = mlp_pretrain,
  .place = { .acceleration = "proxy model: neural networks", .cost = "learnt model" },
};

static const struct gym_proxy_class *const proxies[] = { &mlp, NULL };

GYM_EXPORT const struct gym_plugin gym_plugin_entry = {
  GYM_PLUGIN_ABI,
  .name = "mlp",
  .version = "0.1.0",
  .licence = "MIT",
  .doc = "Neural networks as a proxy model.",
  .proxies = proxies,
};
