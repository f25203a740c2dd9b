/* env.c - the environment cell-v1: a cell of NAS-Bench-201 as a design.
 *
 * A design becomes a form (graph.c), the form a network (network.c), which is trained and
 * judged (trial.c), judged with shared weights (shared.c) or only scored, and priced on
 * an accelerator (hardware.c). */
#include "envs/cell/envs.h"
#include "envs/cell/hardware.h"
#include "envs/cell/shared.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
  ACCURACY,
  NLL,
  ECE,
  BRIER,
  PARAMETERS,
  MACS,
  LATENCY,
  ENERGY,
  CONNECTED,
  FORM,
  TRAIN_SECONDS,
  GRAD_NORM,
  SNIP,
  SYNFLOW,
  JACOB_COV,
  GRAD_SIGN,
  TEST_ACCURACY,
  METRICS
};

/* Cheapest first, as the core wants them. */
enum { SCORE, SHARED, SHORT, FULL, FIDELITIES };

/* Results of this instance, by what they depend on: cells of one form are one. */
enum { MEMORIES = 256 };
struct memory {
  bool used;
  uint16_t form;
  uint32_t fidelity;
  uint64_t seed;
  bool sealed; /* the sealed part was looked at, too */
  double metrics[METRICS];
};

struct cell {
  struct cell_data_choice data_choice;
  int64_t channels, cells, stages, images;
  struct cell_recipe recipe;
  int64_t supernet_epochs, supernet_seed;
  bool merge;
  int32_t accelerator;
  int64_t rows, cols, buffer;
  double bandwidth, frequency;

  /* Made by open; the supernet by the first evaluation that asks for it. */
  const struct gym_host *host;
  struct cell_plan plan;
  struct cell_data data;
  struct cell_hardware hardware;
  struct cell_shared shared;
  struct gym_fidelity fidelities[FIDELITIES];
  uint16_t *first; /* of every cell the least of its form */
  struct memory *memories;
};

/* ---- Tables ---------------------------------------------------------------------- */

/* In the order of enum nn_dataset_kind. */
static const char *const datas[] = { "digits", "fashion-mnist", NULL };

#define NUMBER(name_, field_, low_, high_, initial_, doc_)                               \
  {                                                                                      \
    .name = name_, .doc = doc_, .type = GYM_OPTION_INT,                                  \
    .offset = offsetof (struct cell, field_), .low = low_, .high = high_,                \
    .initial = initial_                                                                  \
  }
/* From 0 on. */
#define REAL(name_, field_, high_, initial_, unit_, doc_)                                \
  {                                                                                      \
    .name = name_, .unit = unit_, .doc = doc_, .type = GYM_OPTION_REAL,                  \
    .offset = offsetof (struct cell, field_), .low = 0, .high = high_,                   \
    .initial = initial_                                                                  \
  }

static const struct gym_option options[] = {
  { .name = "data",
    .doc = "Images: 8x8 digits, which come with the package, or Fashion-MNIST, 28x28 (of "
           "Debian's package dataset-fashion-mnist).",
    .type = GYM_OPTION_ENUM,
    .offset = offsetof (struct cell, data_choice.kind),
    .choices = datas,
    .initial = "digits" },
  { .name = "path",
    .doc = "The file of the digits or the folder of Fashion-MNIST; not given: where they "
           "are installed.",
    .type = GYM_OPTION_TEXT,
    .offset = offsetof (struct cell, data_choice.path) },
  NUMBER ("split_seed", data_choice.seed, 0, 1e15, "0",
          "Which images train and which validate; none of those that test."),
  NUMBER ("train", data_choice.train, 0, 1e6, "640",
          "Training images; 0: all there are."),
  NUMBER ("validation", data_choice.validation, 0, 1e6, "0",
          "Validation images; 0: all there are."),
  NUMBER ("channels", channels, 1, 256, "8", "Channels of the first stage."),
  NUMBER ("cells", cells, 1, 64, "2", "Cells, spread over the stages."),
  NUMBER ("stages", stages, 1, 4, "1",
          "Stages, each with half the side and twice the channels of the one before. The "
          "layers between them learn whatever the cells are: the more of them, the less "
          "cells differ."),
  NUMBER ("epochs", recipe.epochs, 2, 1000, "12",
          "Passes over the training images at fidelity full, a quarter of them at short; "
          "the rate falls from `rate` to 0 along half a cosine in either."),
  NUMBER ("batch", recipe.batch, 2, 4096, "32", "Images a step."),
  REAL ("rate", recipe.rate, 1e6, "0.1", NULL, "Learning rate at the start."),
  REAL ("momentum", recipe.momentum, 0.9999, "0.9", NULL, "Of Nesterov's; 0: none."),
  REAL ("decay", recipe.decay, 1, "0.0005", NULL, "Weight decay."),
  REAL ("smoothing", recipe.smoothing, 0.99, "0", NULL, "Of the labels in training."),
  NUMBER ("shift", recipe.shift, 0, 8, "0",
          "Training images move by up to so many pixels each way."),
  { .name = "flip",
    .doc = "Training images are mirrored every other time; no good for digits.",
    .type = GYM_OPTION_BOOL,
    .offset = offsetof (struct cell, recipe.flip),
    .initial = "false" },
  NUMBER ("score_images", images, 2, 256, "32",
          "Training images that zero-cost scores are taken on."),
  NUMBER ("supernet_epochs", supernet_epochs, 1, 100000, "60",
          "Passes of the training of shared weights."),
  NUMBER ("supernet_seed", supernet_seed, 0, 1e15, "0", "Seed of shared weights."),
  { .name = "merge",
    .doc = "Every cell is repaired to the first of the same form, so that a study sees "
           "each of the 5,260 networks once.",
    .type = GYM_OPTION_BOOL,
    .offset = offsetof (struct cell, merge),
    .initial = "false" },
  { .name = "accelerator",
    .doc = "What latency and energy are of: a 16x16 array with 3 x 32 KiB in 45 nm "
           "(edge), one of 128x128 with 3 x 4 MiB in 7 nm (cloud), or Eyeriss.",
    .type = GYM_OPTION_ENUM,
    .offset = offsetof (struct cell, accelerator),
    .choices = cell_accelerator_names,
    .initial = "edge" },
  NUMBER ("rows", rows, 0, 65535, "0", "Rows of elements; 0: the accelerator's own."),
  NUMBER ("cols", cols, 0, 65535, "0", "Columns of elements; 0: its own."),
  NUMBER ("buffer", buffer, 0, 1 << 20, "0",
          "KiB of each of an array's three buffers, or of Eyeriss's one; 0: its own."),
  REAL ("bandwidth", bandwidth, 1e6, "0", "GB/s", "Of DRAM; 0: its own."),
  REAL ("frequency", frequency, 1e6, "0", "MHz", "Clock; 0: its own."),
};

/* One an edge, in the order of graph.h. */
#define EDGE(name_)                                                                      \
  {                                                                                      \
    .name = name_, .doc = "Operator between these two nodes.", .kind = GYM_CATEGORICAL,  \
    .levels = cell_op_names, .n_levels = CELL_OPS, .initial = CELL_CONV3                 \
  }

static const struct gym_param params[CELL_EDGES] = {
  EDGE ("edge_0_1"), EDGE ("edge_0_2"), EDGE ("edge_1_2"),
  EDGE ("edge_0_3"), EDGE ("edge_1_3"), EDGE ("edge_2_3"),
};

/* One that is neither measured nor sealed. */
#define METRIC(name_, unit_, sense_, doc_)                                               \
  {                                                                                      \
    .name = name_, .unit = unit_, .doc = doc_, .sense = sense_                           \
  }

static const struct gym_metric metrics[METRICS] = {
  [ACCURACY] = METRIC ("accuracy", "1", GYM_MAXIMISE, "On the validation images."),
  [NLL] = METRIC ("nll", "nat", GYM_MINIMISE, "Their mean negative log-likelihood."),
  [ECE] = METRIC ("ece", "1", GYM_MINIMISE,
                  "Their expected calibration error, 15 bins of equal width."),
  [BRIER] = METRIC ("brier", "1", GYM_MINIMISE, "Their Brier score, 0 to 2."),
  [PARAMETERS] =
      METRIC ("params", "1", GYM_MINIMISE, "Parameters that the output depends on."),
  [MACS] = METRIC ("macs", "1", GYM_MINIMISE,
                   "Multiply-accumulates of convolutions and the dense layer, an image."),
  [LATENCY] = METRIC ("latency", "us", GYM_MINIMISE, "Of an image on the accelerator."),
  [ENERGY] = METRIC ("energy", "uJ", GYM_MINIMISE, "Of an image on the accelerator."),
  [CONNECTED] = METRIC ("connected", "1", GYM_NEUTRAL,
                        "1: the cell's output depends on its input; 0: it is zero."),
  [FORM] = METRIC ("form", "1", GYM_NEUTRAL,
                   "The same number for cells that are the same network: the least of "
                   "their indices, where the last edge counts ones."),
  [TRAIN_SECONDS] = { .name = "train_seconds",
                      .unit = "s",
                      .doc = "CPU time of the training.",
                      .sense = GYM_MINIMISE,
                      .flags = GYM_METRIC_MEASURED },
  [GRAD_NORM] =
      METRIC ("grad_norm", "1", GYM_MAXIMISE,
              "Untrained: norms of the weights' gradients, summed over layers."),
  [SNIP] =
      METRIC ("snip", "1", GYM_MAXIMISE, "Untrained: sum of |weight times gradient|."),
  [SYNFLOW] = METRIC ("synflow", "1", GYM_MAXIMISE,
                      "Untrained: log (1 + sum of |weight| times the gradient of the "
                      "outputs for an input of ones, all weights positive)."),
  [JACOB_COV] = METRIC ("jacob_cov", "1", GYM_MAXIMISE,
                        "Untrained: how little the images' Jacobians correlate."),
  [GRAD_SIGN] = METRIC ("grad_sign", "1", GYM_MAXIMISE,
                        "Untrained: how far the images' gradients agree in sign."),
  [TEST_ACCURACY] = { .name = "test_accuracy",
                      .unit = "1",
                      .doc = "On images that nothing else sees.",
                      .sense = GYM_MAXIMISE,
                      .flags = GYM_METRIC_SEALED },
};

/* Scores take passes of their own, so that only `score` pays for them. What follows from
 * the network alone costs nothing and is always there, the parameter count beside every
 * score before all. */
#define STATIC                                                                           \
  [PARAMETERS] = 1, [MACS] = 1, [LATENCY] = 1, [ENERGY] = 1, [CONNECTED] = 1, [FORM] = 1
#define JUDGED [ACCURACY] = 1, [NLL] = 1, [ECE] = 1, [BRIER] = 1

static const uint8_t yields[FIDELITIES][METRICS] = {
  [SCORE] = { STATIC, [GRAD_NORM] = 1, [SNIP] = 1, [SYNFLOW] = 1, [JACOB_COV] = 1,
              [GRAD_SIGN] = 1 },
  [SHARED] = { STATIC, JUDGED },
  [SHORT] = { STATIC, JUDGED, [TRAIN_SECONDS] = 1 },
  [FULL] = { STATIC, JUDGED, [TRAIN_SECONDS] = 1, [TEST_ACCURACY] = 1 },
};

/* Costs depend on the options: price_fidelities. */
static const struct gym_fidelity fidelities[FIDELITIES] = {
  [SCORE] = { .name = "score",
              .doc = "Zero-cost scores of the network as it starts.",
              .yields = yields[SCORE] },
  [SHARED] = { .name = "shared",
               .doc = "Judged with the weights of a supernet, which is trained once.",
               .yields = yields[SHARED] },
  [SHORT] = { .name = "short",
              .doc = "Trained for a quarter of the epochs.",
              .yields = yields[SHORT] },
  [FULL] = { .name = "full", .doc = "Trained.", .yields = yields[FULL] },
};

/* ---- Opening --------------------------------------------------------------------- */

/* Short training is a whole schedule in less time, not the beginning of a long one: the
 * rate has to fall for an accuracy to mean anything. */
static uint32_t
epochs_of (const struct cell *env, uint32_t fidelity)
{
  uint32_t epochs = (uint32_t)env->recipe.epochs;
  return fidelity == FULL ? epochs : epochs < 4 ? 1 : epochs / 4;
}

/* In passes forward of one image; one forward and back is three. An image alone, as
 * scores take them, costs SCORE_PASSES (measured on digits). */
static void
price_fidelities (struct cell *env)
{
  enum { SCORE_PASSES = 12 };
  double train = env->data.set.train.n, judged = env->data.set.validation.n;
  double full = 3 * train * epochs_of (env, FULL) + judged, shared;
  memcpy (env->fidelities, fidelities, sizeof fidelities);
  shared = (train + judged) / full;
  env->fidelities[FULL].cost = 1;
  env->fidelities[SHORT].cost = (3 * train * epochs_of (env, SHORT) + judged) / full;
  env->fidelities[SHARED].cost = shared;
  env->fidelities[SCORE].cost =
      fmin (SCORE_PASSES * (3 + (double)env->images) / full, shared / 2);
}

/* Prices the shapes that cells can have, so that a design that one of them does not work
 * on is refused now. */
static int
open_hardware (struct cell *env, gym_error *err)
{
  static const enum cell_op all[CELL_EDGES] = { CELL_CONV1, CELL_CONV3, CELL_SKIP,
                                                CELL_SKIP,  CELL_POOL,  CELL_CONV3 };
  struct cell_choice choice = { .accelerator = (enum cell_accelerator)env->accelerator,
                                .rows = (uint32_t)env->rows,
                                .cols = (uint32_t)env->cols,
                                .buffer = (uint32_t)env->buffer,
                                .bandwidth = env->bandwidth,
                                .frequency = env->frequency };
  struct cell_form form = cell_form_of (all);
  struct accel_error why;
  struct cell_net net;
  double latency, energy;
  int status = cell_hardware_open (&choice, &env->hardware, &why);
  if (status == ACCEL_OK) {
    if (!cell_net_build (&env->plan, &form, &net))
      return gym_fail (err, GYM_ENOMEM, "out of memory for a network");
    status = cell_hardware_cost (&env->hardware, net.net, &latency, &energy, &why);
    cell_net_free (&net);
  }
  if (status == ACCEL_OK)
    return GYM_OK;
  return gym_fail (err, status == ACCEL_NOMEM ? GYM_ENOMEM : GYM_EINVAL,
                   "option \"accelerator\": %s", why.text);
}

/* Whatever can be wrong about options shows here, before a study begins. */
static int
cell_open (void *self, const struct gym_host *host, gym_error *err)
{
  struct cell *env = self;
  int rc;
  env->host = host;
  if (env->cells < env->stages)
    return gym_fail (err, GYM_EINVAL,
                     "option \"cells\": %lld for %lld stages, each needs at least one",
                     (long long)env->cells, (long long)env->stages);
  rc = cell_data_open (&env->data, &env->data_choice, host, err);
  if (rc != GYM_OK)
    return rc;
  env->plan = (struct cell_plan){ .input = env->data.set.train.shape,
                                  .classes = env->data.set.train.classes,
                                  .channels = (uint32_t)env->channels,
                                  .cells = (uint32_t)env->cells,
                                  .stages = (uint32_t)env->stages };
  price_fidelities (env);
  env->first = calloc (CELL_CELLS, sizeof *env->first);
  env->memories = calloc (MEMORIES, sizeof *env->memories);
  if (!env->first || !env->memories || cell_classes (env->first) == 0)
    return gym_fail (err, GYM_ENOMEM, "out of memory for the table of cells");
  return open_hardware (env, err);
}

/* Each part may be as empty as the instance was made. */
static void
cell_close (void *self)
{
  struct cell *env = self;
  free (env->first);
  free (env->memories);
  cell_shared_free (&env->shared);
  cell_hardware_close (&env->hardware);
  cell_data_close (&env->data);
}

static int
cell_space (void *self, struct gym_params *out, gym_error *err)
{
  (void)self;
  (void)err;
  *out = (struct gym_params)GYM_ARRAY (gym_params, params);
  return GYM_OK;
}

static int
cell_metrics (void *self, struct gym_metrics *out, gym_error *err)
{
  (void)self;
  (void)err;
  *out = (struct gym_metrics)GYM_ARRAY (gym_metrics, metrics);
  return GYM_OK;
}

static int
cell_fidelities (void *self, struct gym_fidelities *out, gym_error *err)
{
  struct cell *env = self;
  (void)err;
  *out = (struct gym_fidelities)GYM_ARRAY (gym_fidelities, env->fidelities);
  return GYM_OK;
}

/* ---- Evaluation ------------------------------------------------------------------ */

/* What is asked of a row: a form, by its least cell. */
struct question {
  uint16_t form;
  uint32_t fidelity;
  uint64_t seed;
  bool sealed;
};

/* What is known of a network without running it. */
static int
describe (struct cell *env, const struct cell_trial *trial, double *m, gym_error *err)
{
  const nn_net *net = trial->net.net;
  struct accel_error why;
  int status;
  m[PARAMETERS] = (double)nn_net_params (net);
  m[MACS] = 0;
  for (uint32_t i = 0; i < nn_net_layers (net); i++)
    m[MACS] += nn_net_part (net, i).macs;
  status = cell_hardware_cost (&env->hardware, net, &m[LATENCY], &m[ENERGY], &why);
  if (status == ACCEL_OK)
    return GYM_OK;
  return gym_fail (err, status == ACCEL_NOMEM ? GYM_ENOMEM : GYM_EFAILED, "%s", why.text);
}

/* A training may end with finite losses and weights that are useless all the same: batch
 * normalisation hides much until its running statistics are used. */
static int
judge (struct cell *env, const struct cell_trial *trial, double *m, gym_error *err)
{
  struct nn_assessment a;
  int rc = cell_trial_judge (trial, &env->data, &env->data.set.validation, &a, err);
  if (rc != GYM_OK)
    return rc;
  if (!isfinite (a.loss))
    return gym_fail (err, GYM_EFAILED,
                     "the training diverged: a result on the validation images is not "
                     "finite");
  m[ACCURACY] = a.accuracy;
  m[NLL] = a.loss;
  m[ECE] = a.ece;
  m[BRIER] = a.brier;
  return GYM_OK;
}

/* For final reports alone: a search never reads these images. */
static int
judge_sealed (struct cell *env, const struct cell_trial *trial, double *m, gym_error *err)
{
  struct nn_assessment a;
  int rc = cell_data_open_test (&env->data, err);
  if (rc == GYM_OK)
    rc = cell_trial_judge (trial, &env->data, &env->data.test, &a, err);
  if (rc == GYM_OK)
    m[TEST_ACCURACY] = a.accuracy;
  return rc;
}

/* One batch, drawn by the seed as the starting weights are. */
static int
score (struct cell *env, struct cell_trial *trial, uint64_t seed, double *m,
       gym_error *err)
{
  struct nn_scores s;
  int rc = cell_trial_score (trial, &env->data, (uint32_t)env->images, seed, &s, err);
  if (rc != GYM_OK)
    return rc;
  m[GRAD_NORM] = s.grad_norm;
  m[SNIP] = s.snip;
  m[SYNFLOW] = s.synflow;
  m[JACOB_COV] = s.jacob_cov;
  m[GRAD_SIGN] = s.grad_sign;
  return GYM_OK;
}

/* The supernet does not depend on the evaluation's seed: all cells of a study have to be
 * compared under the same weights. */
static int
share (struct cell *env, struct cell_trial *trial, double *m, gym_error *err)
{
  struct cell_shared_choice choice = { .epochs = (uint32_t)env->supernet_epochs,
                                       .seed = (uint64_t)env->supernet_seed };
  int rc = cell_shared_prepare (&env->shared, &env->plan, &env->data, &env->recipe,
                                &choice, err);
  if (rc == GYM_OK)
    rc = cell_shared_take (&env->shared, trial, &env->data, (uint32_t)env->recipe.batch,
                           err);
  return rc == GYM_OK ? judge (env, trial, m, err) : rc;
}

/* Built from the least cell of the form, so that shared weights are read from the same
 * edges whichever cell of the form was asked for. */
static int
answer (struct cell *env, const struct question *q, double *m, gym_error *err)
{
  enum cell_op ops[CELL_EDGES];
  struct cell_form form;
  struct cell_trial trial;
  int rc;
  cell_ops (q->form, ops);
  form = cell_form_of (ops);
  m[FORM] = q->form;
  m[CONNECTED] = form.out.n > 0;
  rc = cell_trial_new (&trial, &env->plan, &form, err);
  if (rc == GYM_OK)
    rc = describe (env, &trial, m, err);
  if (rc == GYM_OK && q->fidelity == SCORE)
    rc = score (env, &trial, q->seed, m, err);
  else if (rc == GYM_OK && q->fidelity == SHARED)
    rc = share (env, &trial, m, err);
  else if (rc == GYM_OK) {
    rc = cell_trial_train (&trial, &env->data, &env->recipe, epochs_of (env, q->fidelity),
                           q->seed, &m[TRAIN_SECONDS], err);
    if (rc == GYM_OK)
      rc = judge (env, &trial, m, err);
    if (rc == GYM_OK && q->fidelity == FULL && q->sealed)
      rc = judge_sealed (env, &trial, m, err);
  }
  cell_trial_free (&trial);
  return rc;
}

/* A place that depends on all of the question; a newer one pushes an older one out. */
static struct memory *
remember (const struct cell *env, const struct question *q)
{
  uint64_t place = gym_rng_derive (q->seed, q->form, q->fidelity);
  return &env->memories[place % MEMORIES];
}

/* The cell that a design describes. */
static uint32_t
cell_of (const double *row)
{
  enum cell_op ops[CELL_EDGES];
  for (int e = 0; e < CELL_EDGES; e++)
    ops[e] = (enum cell_op)row[e];
  return cell_index (ops);
}

/* A failure is the row's own; only what is no fault of the design ends the batch. */
static int
evaluate_row (struct cell *env, struct gym_batch *batch, size_t i, gym_error *err)
{
  const double *row = batch->designs + i * batch->n_params;
  double *m = batch->metrics + i * batch->n_metrics;
  struct question q = { .form = env->first[cell_of (row)],
                        .fidelity = batch->fidelities[i],
                        .seed = batch->seeds[i],
                        .sealed = gym_batch_sealed (batch) };
  struct memory *memory;
  gym_error why = { 0 };
  int rc;
  memory = remember (env, &q);
  if (memory->used && memory->form == q.form && memory->fidelity == q.fidelity
      && memory->seed == q.seed && memory->sealed == q.sealed) {
    memcpy (m, memory->metrics, sizeof memory->metrics);
    return GYM_OK;
  }
  rc = answer (env, &q, m, &why);
  if (rc == GYM_EFAILED) {
    batch->statuses[i] = GYM_TRIAL_FAILED;
    if (batch->note_size > 0)
      snprintf (batch->notes + i * batch->note_size, batch->note_size, "%s", why.text);
    return GYM_OK;
  }
  if (rc != GYM_OK)
    return gym_fail (err, rc, "%s", why.text);
  *memory = (struct memory){ .used = true,
                             .form = q.form,
                             .fidelity = q.fidelity,
                             .seed = q.seed,
                             .sealed = q.sealed };
  memcpy (memory->metrics, m, sizeof memory->metrics);
  return GYM_OK;
}

/* Rows share nothing but results that would be the same bits anyway. */
static int
cell_evaluate (void *self, struct gym_batch *batch, gym_error *err)
{
  struct cell *env = self;
  int rc = GYM_OK;
  for (size_t i = 0; i < batch->n && rc == GYM_OK; i++) {
    rc = evaluate_row (env, batch, i, err);
    if (rc == GYM_OK && i + 1 < batch->n && cell_data_stopped (&env->data))
      rc = gym_fail (err, GYM_ECANCELLED, "stopped after %zu of %zu cells", i + 1,
                     batch->n);
  }
  return rc;
}

/* ---- Extension constraint/1: one cell a form --------------------------------------- */

/* Without `merge` every cell stands for itself, and the rules are always met. */
static uint16_t
first_of (const struct cell *env, const double *row)
{
  uint32_t cell = cell_of (row);
  return env->merge ? env->first[cell] : (uint16_t)cell;
}

static void
repair (void *self, double *row)
{
  enum cell_op ops[CELL_EDGES];
  cell_ops (first_of (self, row), ops);
  for (int e = 0; e < CELL_EDGES; e++)
    row[e] = (double)ops[e];
}

static bool
valid (void *self, const double *row)
{
  enum cell_op ops[CELL_EDGES];
  bool same = true;
  cell_ops (first_of (self, row), ops);
  for (int e = 0; e < CELL_EDGES; e++)
    same = same && (double)ops[e] == row[e];
  return same;
}

static const struct gym_constraint_1 constraint = { .struct_size = sizeof constraint,
                                                    .valid = valid,
                                                    .repair = repair };

static const void *
cell_extension (const char *name)
{
  return strcmp (name, "constraint/1") == 0 ? &constraint : NULL;
}

/* ---- The class ------------------------------------------------------------------- */

const struct gym_env_class cell_env = {
  .struct_size = sizeof (struct gym_env_class),
  .flags = GYM_ENV_NOISY,
  .id = "cell-v1",
  .summary = "a cell of NAS-Bench-201, trained on images and priced on an accelerator",
  .doc =
      "The 15,625 cells of NAS-Bench-201: four nodes, an operator (none, skip, conv1x1, "
      "conv3x3, avgpool3x3) on each of six edges. The network around them is the "
      "paper's, "
      "smaller: a stem, stages of cells with residual reductions between them, norm, "
      "ReLU, average, a dense layer. Designs are really trained, on one thread, by SGD "
      "with Nesterov momentum and a cosine schedule; start, order of the images and what "
      "is drawn for scores follow from the evaluation's seed.\n\n"
      "Cells that are the same network (5,260 differ) have one `form` and the same "
      "result "
      "for the same seed; the network holds nothing that its output does not depend on, "
      "and a convolution of nothing is nothing. A cell without a path to its output is "
      "no error: its network knows the frequencies of the classes.\n\n"
      "Fidelities: score (no training: parameters, MACs and zero-cost scores), shared "
      "(weights of a supernet that is trained once for the options and supernet_seed and "
      "kept in the cache folder; not by the evaluation's seed), short, full. A training "
      "that diverges is a failed trial. test_accuracy is sealed. Latency and energy are "
      "those of one image, layer after layer, at 16 bits; pools are depthwise "
      "convolutions, additions element-wise layers, normalisations cost nothing.",
  .source =
      "Dong and Yang, NAS-Bench-201: Extending the Scope of Reproducible Neural "
      "Architecture Search, ICLR 2020. Scores: Abdelfattah et al., Zero-Cost Proxies for "
      "Lightweight NAS, ICLR 2021; Zhang and Jia, GradSign, ICLR 2022. Shared weights: "
      "Guo et al., Single Path One-Shot NAS with Uniform Sampling, ECCV 2020. Digits: "
      "Alpaydin and Kaynak 1998; Fashion-MNIST: Xiao, Rasul, Vollgraf 2017.",
  .options = GYM_ARRAY (gym_options, options),
  .place = { .space = "cell of a convolutional network",
             .acceleration = "weight sharing; zero-cost scores; short training",
             .cost = "training on images; models of accelerators" },
  .instance_size = sizeof (struct cell),
  .open = cell_open,
  .close = cell_close,
  .space = cell_space,
  .metrics = cell_metrics,
  .fidelities = cell_fidelities,
  .evaluate = cell_evaluate,
  .extension = cell_extension,
};
