/* plugins/gp.c - the proxy model gp: a Gaussian process a target (common/gp.h), over the
 * kernel that agent bo uses: effects of single parameters, of pairs, and a product of
 * all.
 *
 * A process of n rows costs n^3 to learn, so of more than `rows` it takes a random part,
 * and the hyperparameters come from a smaller part still ("subset of data": Rasmussen and
 * Williams, "Gaussian Processes for Machine Learning", 2006, section 8.3.3). */
#include "plugins/common/gp.h"
#include "plugins/common/scale.h"

#include <cblas.h>
#include <gym/rng.h>

enum { ATTEMPTS = 12 };

struct output {
  struct scale scale;
  struct gp gp;
};

struct model {
  int64_t rows, fit_rows, calls;

  const struct gym_host *host;
  uint32_t m, opened; /* outputs; those that were made */
  uint32_t width;     /* of a design */
  uint64_t seed;
  struct output *outputs;
  uint16_t *place;
  double *row; /* covariances of a design with the rows learnt, at most `room` */
  size_t room;
};

/* ---- learning ---- */

static int
fail (int code, gym_error *err)
{
  if (code < 0 && code != GYM_ENOMEM && code != GYM_ECANCELLED)
    return gym_fail (err, GYM_EFAILED,
                     "the covariances of the rows are no matrix of a "
                     "Gaussian process: rounding has spoilt them");
  return model_fail (code, err);
}

static int
put_rows (struct model *p, struct output *o, const struct gym_rows *rows, uint32_t t,
          const uint32_t *list, size_t n)
{
  gp_clear (&o->gp);
  for (size_t i = 0; i < n; i++) {
    double target = rows->targets[list[i] * (size_t)p->m + t];
    kernel_place (&o->gp.kernel, rows->designs + list[i] * (size_t)p->width, p->place);
    if (gp_put (&o->gp, p->place, scale_in (&o->scale, target)) < 0)
      return GYM_ENOMEM;
  }
  return GYM_OK;
}

/* Rows that are nearly equal spoil the matrix when there is no noise: more of it, a
 * factor ten at a time, until it is well. */
static int
factorise (struct gp *gp)
{
  int code = gp_factorise (gp);
  for (int k = 0; k < ATTEMPTS && code == GYM_EINVAL; k++) {
    double noise = gp->kernel.theta[KERNEL_NOISE];
    gp->kernel.theta[KERNEL_NOISE] = fmax (noise, log (1e-8)) + log (10);
    code = gp_factorise (gp);
  }
  return code;
}

static int
learn_output (struct model *p, const struct gym_rows *rows, uint32_t t,
              const uint32_t *list, size_t n)
{
  struct output *o = &p->outputs[t];
  size_t few = n < (size_t)p->fit_rows ? n : (size_t)p->fit_rows;
  o->scale = scale_of (rows->targets + t, rows->n, p->m);
  kernel_set (&o->gp.kernel, o->gp.kernel.centre);
  int code = put_rows (p, o, rows, t, list, few);
  if (code == GYM_OK)
    code = gp_fit (&o->gp, (uint32_t)p->calls, NULL);
  if (code == GYM_OK || code == GYM_EINVAL)
    code = put_rows (p, o, rows, t, list, n);
  if (code == GYM_OK && p->host->cancelled (p->host))
    return GYM_ECANCELLED;
  return code == GYM_OK ? factorise (&o->gp) : code;
}

static int
reserve_row (struct model *p, size_t n)
{
  if (n <= p->room)
    return GYM_OK;
  double *row = realloc (p->row, n * sizeof *row);
  if (!row)
    return GYM_ENOMEM;
  p->row = row;
  p->room = n;
  return GYM_OK;
}

/* In random order, so that the first few are a fair part. */
static int
model_fit (void *self, const struct gym_rows *rows, gym_error *err)
{
  struct model *p = self;
  size_t n = rows->n < (size_t)p->rows ? rows->n : (size_t)p->rows;
  gym_rng rng;
  if (rows->n > UINT32_MAX)
    return gym_fail (err, GYM_EINVAL, "%zu rows are too many", rows->n);
  uint32_t *list = malloc (rows->n * sizeof *list);
  int code = list ? reserve_row (p, n) : GYM_ENOMEM;
  for (size_t i = 0; list && i < rows->n; i++)
    list[i] = (uint32_t)i;
  gym_rng_init (&rng, p->seed);
  if (list)
    gym_rng_shuffle (&rng, list, (uint32_t)rows->n);
  for (uint32_t t = 0; t < p->m && code == GYM_OK; t++)
    code = learn_output (p, rows, t, list, n);
  free (list);
  return fail (code, err);
}

/* ---- predicting ---- */

/* A mean is a sum over the rows; a variance takes a triangular solve. One design at a
 * time: how a BLAS rounds one of several may depend on how many there are. */
static void
predict_output (struct model *p, const struct output *o, const double *design,
                double *mean, double *spread)
{
  const struct gp *gp = &o->gp;
  kernel_place (&gp->kernel, design, p->place);
  kernel_row (&gp->kernel, &gp->points, gp->points.n, p->place, p->row);
  double z = cblas_ddot ((int)gp->points.n, p->row, 1, gp->alpha, 1), variance;
  *mean = scale_out (&o->scale, z);
  if (!spread)
    return;
  double self = kernel_self (&gp->kernel, p->place);
  gp_predict (gp, 1, p->row, gp->points.n, &self, &z, &variance);
  *spread = scale_spread (&o->scale, sqrt (variance + kernel_noise (&gp->kernel)));
}

static int
model_predict (void *self, size_t n, const double *designs, double *mean, double *spread,
               gym_error *err)
{
  struct model *p = self;
  (void)err;
  for (size_t i = 0; i < n; i++)
    for (uint32_t t = 0; t < p->m; t++)
      predict_output (p, &p->outputs[t], designs + i * p->width, mean + i * p->m + t,
                      spread ? spread + i * p->m + t : NULL);
  return GYM_OK;
}

/* ---- opening and saving ---- */

static int
model_open (void *self, const struct gym_host *host, const struct gym_space *space,
            uint32_t n_targets, uint64_t seed, gym_error *err)
{
  struct model *p = self;
  p->host = host;
  p->m = n_targets;
  p->seed = seed;
  p->width = host->space_size (space);
  p->outputs = calloc (n_targets, sizeof *p->outputs);
  p->place = malloc ((p->width + 1u) * sizeof *p->place);
  int code = p->outputs && p->place ? GYM_OK : GYM_ENOMEM;
  for (uint32_t t = 0; t < n_targets && code == GYM_OK; t++) {
    p->opened = t + 1;
    code = gp_init (&p->outputs[t].gp, host, space);
  }
  return fail (code, err);
}

static void
model_close (void *self)
{
  struct model *p = self;
  for (uint32_t t = 0; t < p->opened; t++)
    gp_free (&p->outputs[t].gp);
  free (p->outputs);
  free (p->place);
  free (p->row);
}

static void
save_output (const struct output *o, struct pack *out)
{
  const struct gp *gp = &o->gp;
  size_t n = gp->points.n;
  scale_save (&o->scale, out);
  pack_bytes (out, gp->kernel.theta, gp->kernel.n_theta * sizeof *gp->kernel.theta);
  pack_u64 (out, n);
  for (uint32_t i = 0; i < gp->kernel.n_axes; i++)
    pack_bytes (out, gp->points.place + i * gp->points.room, n * sizeof (uint16_t));
  pack_bytes (out, gp->targets, n * sizeof *gp->targets);
  pack_bytes (out, gp->alpha, n * sizeof *gp->alpha);
}

static int
model_save (void *self, int (*put) (void *sink, const void *bytes, size_t n), void *sink,
            gym_error *err)
{
  const struct model *p = self;
  struct pack out = { .put = put, .sink = sink };
  for (uint32_t t = 0; t < p->m; t++)
    save_output (&p->outputs[t], &out);
  return out.code < 0 ? gym_fail (err, out.code, "the model cannot be written") : GYM_OK;
}

/* A place is an index into the kernel's tables. */
static bool
place_is_good (const struct kernel_axis *axis, uint16_t place)
{
  return place == KERNEL_OFF ? axis->conditional : place < axis->cells;
}

static int
load_points (struct model *p, struct gp *gp, size_t n, struct unpack *in)
{
  uint32_t axes = gp->kernel.n_axes;
  const char *places = unpack_bytes (in, axes * n * sizeof (uint16_t));
  const char *targets = unpack_bytes (in, n * sizeof (double));
  gp_clear (gp);
  for (size_t j = 0; j < n && !in->bad; j++) {
    double target;
    memcpy (&target, targets + j * sizeof target, sizeof target);
    for (uint32_t i = 0; i < axes; i++) {
      memcpy (&p->place[i], places + (i * n + j) * sizeof (uint16_t), sizeof (uint16_t));
      in->bad = in->bad || !place_is_good (&gp->kernel.axes[i], p->place[i]);
    }
    if (!in->bad && gp_put (gp, p->place, target) < 0)
      return GYM_ENOMEM;
  }
  return in->bad ? GYM_EINVAL : GYM_OK;
}

/* The factor is made again; what the means come from is taken as it was saved, so that
 * they have the same bits whatever BLAS is at work. */
static int
load_output (struct model *p, struct output *o, struct unpack *in)
{
  struct gp *gp = &o->gp;
  size_t bytes = gp->kernel.n_theta * sizeof *gp->kernel.theta;
  o->scale = scale_load (in);
  const void *theta = unpack_bytes (in, bytes);
  size_t n = unpack_count (in, (uint64_t)p->rows);
  if (in->bad || n == 0)
    return GYM_EINVAL;
  memcpy (gp->kernel.theta, theta, bytes);
  kernel_set (&gp->kernel, gp->kernel.theta);
  int code = load_points (p, gp, n, in);
  const void *alpha = unpack_bytes (in, n * sizeof *gp->alpha);
  if (code == GYM_OK && in->bad)
    code = GYM_EINVAL;
  if (code == GYM_OK)
    code = reserve_row (p, n);
  if (code == GYM_OK)
    code = gp_factorise (gp);
  if (code == GYM_OK)
    memcpy (gp->alpha, alpha, n * sizeof *gp->alpha);
  return code;
}

static int
model_load (void *self, const void *bytes, size_t n, gym_error *err)
{
  struct model *p = self;
  struct unpack in = { .at = bytes, .left = n };
  int code = GYM_OK;
  for (uint32_t t = 0; t < p->m && code == GYM_OK; t++)
    code = load_output (p, &p->outputs[t], &in);
  if (code == GYM_ENOMEM)
    return fail (code, err);
  if (code < 0 || in.bad || in.left > 0)
    return gym_fail (err, GYM_EINVAL, "these bytes are no gp model of this space");
  return GYM_OK;
}

/* ---- the class ---- */

static const struct gym_option options[] = {
  { .name = "rows",
    .doc = "Rows of the process at most, a random part of them where there are more; "
           "learning takes their number to the third power.",
    .type = GYM_OPTION_INT,
    .flags = GYM_OPTION_LOG | GYM_OPTION_FIXED,
    .offset = offsetof (struct model, rows),
    .low = 1,
    .high = 20000,
    .initial = "2000" },
  { .name = "fit_rows",
    .doc = "Rows that the hyperparameters come from at most.",
    .type = GYM_OPTION_INT,
    .flags = GYM_OPTION_LOG,
    .offset = offsetof (struct model, fit_rows),
    .low = 1,
    .high = 1000,
    .initial = "400" },
  { .name = "calls",
    .doc = "Evaluations of the likelihood in the search for hyperparameters.",
    .type = GYM_OPTION_INT,
    .flags = GYM_OPTION_LOG,
    .offset = offsetof (struct model, calls),
    .low = 1,
    .high = 200,
    .initial = "60" },
};

static const struct gym_proxy_class gp_class = {
  .struct_size = sizeof (struct gym_proxy_class),
  .id = "gp-v1",
  .summary = "Gaussian process",
  .doc = "Interpolates between rows that are alike; how much each parameter counts for "
         "that is learnt. Effects of single parameters, of pairs, and of all together; "
         "levels without order are equal or not. Good with few rows and smooth "
         "responses, and the one whose spread is largest where no row is near. Learning "
         "costs seconds, a prediction with spread some hundred microseconds.",
  .source = "Rasmussen and Williams, \"Gaussian Processes for Machine Learning\", 2006. "
            "Kernel: Duvenaud, Nickisch, Rasmussen, \"Additive Gaussian processes\", "
            "NIPS 2011; Ru et al., \"Bayesian optimisation over multiple continuous and "
            "categorical inputs\", ICML 2020.",
  .options = GYM_ARRAY (gym_options, options),
  .instance_size = sizeof (struct model),
  .open = model_open,
  .close = model_close,
  .fit = model_fit,
  .predict = model_predict,
  .save = model_save,
  .load = model_load,
  .place = { .acceleration = "proxy model: Gaussian process", .cost = "learnt model" },
};

static const struct gym_proxy_class *const proxies[] = { &gp_class, NULL };

GYM_EXPORT const struct gym_plugin gym_plugin_entry = {
  GYM_PLUGIN_ABI,
  .name = "gp",
  .version = "0.1.0",
  .licence = "MIT",
  .doc = "Gaussian processes as a proxy model.",
  .proxies = proxies,
};
