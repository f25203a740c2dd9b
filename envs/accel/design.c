/* design.c - the environment accel-v1: the hardware of ArchGym's Timeloop space on a
 * network, every layer mapped by the simulator's own mapper. */
#include "envs/accel/envs.h"
#include "envs/accel/hardware.h"
#include "envs/accel/network.h"
#include "sims/accel/mapper.h"

#include <stdio.h>
#include <string.h>

enum { CYCLES, LATENCY, ENERGY, AREA, EDP, UTILIZATION, DRAM_WORDS, METRICS };

enum { SIXTEENTH, QUARTER, WHOLE, FIDELITIES };

struct design {
  struct network_choice choice;
  int64_t budget, mapper_seed;
  int32_t goal, bypass;
  double frequency;

  const struct gym_host *host;
  struct accel_workload network;
};

/* ---- Tables ---------------------------------------------------------------------- */

/* In the order of enum accel_goal. */
static const char *const goals[] = { "edp", "energy", "cycles", NULL };
static const char *const bypasses[] = { "fixed", "free", NULL };

static const struct gym_option options[] = {
  NETWORK_OPTIONS (struct design, choice),
  { .name = "mapper_budget",
    .doc =
        "Mappings that are looked at for each shape of layer, at the highest fidelity.",
    .type = GYM_OPTION_INT,
    .offset = offsetof (struct design, budget),
    .low = 16,
    .high = 1e9,
    .initial = "2000" },
  { .name = "mapper_seed",
    .doc = "Seed of the mapper: results depend on it, but not on the evaluation's seed.",
    .type = GYM_OPTION_INT,
    .offset = offsetof (struct design, mapper_seed),
    .low = 0,
    .high = 1e15,
    .initial = "1" },
  { .name = "mapper_goal",
    .doc = "What the mapper minimises, layer by layer.",
    .type = GYM_OPTION_ENUM,
    .offset = offsetof (struct design, goal),
    .choices = goals,
    .initial = "edp" },
  { .name = "bypass",
    .doc =
        "fixed: every memory keeps what it is made for, the global buffer all tensors; "
        "free: the mapper decides.",
    .type = GYM_OPTION_ENUM,
    .offset = offsetof (struct design, bypass),
    .choices = bypasses,
    .initial = "free" },
  { .name = "frequency",
    .unit = "MHz",
    .doc = "Clock, for latency and edp; 200 is that of the Eyeriss chip.",
    .type = GYM_OPTION_REAL,
    .offset = offsetof (struct design, frequency),
    .low = 1,
    .high = 1e5,
    .initial = "200" },
};

static const struct gym_metric metrics[METRICS] = {
  [CYCLES] = { .name = "cycles",
               .unit = "1",
               .doc = "Cycles of all layers, one after the other.",
               .sense = GYM_MINIMISE },
  [LATENCY] = { .name = "latency",
                .unit = "us",
                .doc = "Cycles over frequency.",
                .sense = GYM_MINIMISE },
  [ENERGY] = { .name = "energy",
               .unit = "uJ",
               .doc = "Of MACs, memories and DRAM.",
               .sense = GYM_MINIMISE },
  [AREA] = { .name = "area",
             .unit = "mm2",
             .doc = "Of MACs and memories.",
             .sense = GYM_MINIMISE },
  [EDP] = { .name = "edp",
            .unit = "pJ.s",
            .doc = "Energy times latency.",
            .sense = GYM_MINIMISE },
  [UTILIZATION] = { .name = "utilization",
                    .unit = "1",
                    .doc = "Multiply-accumulates over processing elements and cycles.",
                    .sense = GYM_MAXIMISE },
  [DRAM_WORDS] = { .name = "dram_words",
                   .unit = "1",
                   .doc = "Words read from and written to DRAM.",
                   .sense = GYM_MINIMISE },
};

/* The mapper's effort is what costs time. */
static const struct gym_fidelity fidelities[FIDELITIES] = {
  [SIXTEENTH] = { .name = "1/16",
                  .doc = "A sixteenth of the mapper's budget.",
                  .cost = 1. / 16 },
  [QUARTER] = { .name = "1/4", .doc = "A quarter.", .cost = 1. / 4 },
  [WHOLE] = { .name = "1", .doc = "All of it.", .cost = 1 },
};

/* ---- Opening --------------------------------------------------------------------- */

/* The network is read once; models of its layers depend on the design. */
static int
design_open (void *self, const struct gym_host *host, gym_error *err)
{
  struct design *env = self;
  env->host = host;
  return network_open_merged (&env->choice, &env->network, err);
}

static void
design_close (void *self)
{
  struct design *env = self;
  accel_workload_free (&env->network);
}

static int
design_space (void *self, struct gym_params *out, gym_error *err)
{
  (void)self;
  (void)err;
  *out = hardware_params ();
  return GYM_OK;
}

static int
design_metrics (void *self, struct gym_metrics *out, gym_error *err)
{
  (void)self;
  (void)err;
  *out = (struct gym_metrics)GYM_ARRAY (gym_metrics, metrics);
  return GYM_OK;
}

static int
design_fidelities (void *self, struct gym_fidelities *out, gym_error *err)
{
  (void)self;
  (void)err;
  *out = (struct gym_fidelities)GYM_ARRAY (gym_fidelities, fidelities);
  return GYM_OK;
}

/* ---- Evaluation ------------------------------------------------------------------ */

/* The best mapping found of one layer. The seed is the same for every layer and design,
 * so that designs differ by what they are and not by luck. */
static int
map_layer (const struct design *env, const struct accel_arch *arch,
           const struct accel_layer *layer, uint32_t fidelity,
           struct accel_mapper_report *report, gym_error *err)
{
  static const uint64_t parts[FIDELITIES] = { 16, 4, 1 };
  struct accel_options strict = { .check_fanout = true };
  struct accel_mapper_options o = { .goal = (enum accel_goal)env->goal,
                                    .budget = (uint64_t)env->budget / parts[fidelity],
                                    .seed = (uint64_t)env->mapper_seed,
                                    .free_bypass = env->bypass };
  struct accel_loopnest model;
  struct accel_error why;
  int status = accel_loopnest_init (&model, arch, layer, &strict, &why);
  if (status != ACCEL_OK)
    return network_fail (status, &why, err);
  accel_mapper_search (&model, &o, report);
  return GYM_OK;
}

/* Fills of the levels inside are what is read here, so they are not counted again. */
static double
dram_words (const struct accel_arch *arch, const struct accel_result *r)
{
  const struct accel_level_result *dram = &r->level[arch->level_count - 1];
  double words = 0;
  for (int t = 0; t < ACCEL_TENSORS; t++)
    words += (double)dram->tensor[t].reads + (double)dram->tensor[t].updates;
  return words;
}

/* Layers run one after the other; each is one shape, as often as the network holds it. */
static void
add_layer (const struct accel_arch *arch, const struct accel_layer *layer,
           const struct accel_result *r, double *sum)
{
  sum[CYCLES] += (double)layer->count * (double)r->cycles;
  sum[ENERGY] += layer->count * r->energy * 1e-6;
  sum[DRAM_WORDS] += layer->count * dram_words (arch, r);
  sum[UTILIZATION] += (double)layer->count * (double)r->macs;
}

/* What follows from the sums; utilization holds the MACs up to here. */
static void
derive (const struct design *env, const struct accel_arch *arch, double *m)
{
  double elements = (double)arch->mac.mesh_x * arch->mac.mesh_y;
  m[LATENCY] = m[CYCLES] / env->frequency;
  m[UTILIZATION] /= elements * m[CYCLES];
  m[AREA] = accel_arch_area (arch) * 1e-6;
  m[EDP] = m[ENERGY] * m[LATENCY];
}

/* Of one layer, as the first without a mapping ends the evaluation. */
static void
note_unmapped (struct gym_batch *batch, size_t i, const struct accel_layer *layer,
               const struct accel_mapper_report *report)
{
  batch->statuses[i] = GYM_TRIAL_INFEASIBLE;
  if (batch->note_size > 0)
    snprintf (batch->notes + i * batch->note_size, batch->note_size,
              "layer %s: none of %llu mappings fits", layer->name,
              (unsigned long long)report->evaluations);
}

/* A search takes milliseconds a layer: the wish to stop is looked at behind each. */
static int
evaluate_row (const struct design *env, struct gym_batch *batch, size_t i, gym_error *err)
{
  double *m = batch->metrics + i * batch->n_metrics;
  struct accel_arch arch = hardware_build (batch->designs + i * batch->n_params);
  for (int k = 0; k < METRICS; k++)
    m[k] = 0;
  for (size_t k = 0; k < env->network.count; k++) {
    const struct accel_layer *layer = &env->network.layers[k];
    struct accel_mapper_report report;
    int rc = map_layer (env, &arch, layer, batch->fidelities[i], &report, err);
    if (rc < 0)
      return rc;
    if (!report.found) {
      note_unmapped (batch, i, layer, &report);
      return GYM_OK;
    }
    add_layer (&arch, layer, &report.result, m);
    if (env->host->cancelled (env->host))
      return gym_fail (err, GYM_ECANCELLED, "stopped behind layer %s", layer->name);
  }
  derive (env, &arch, m);
  return GYM_OK;
}

/* Nothing is kept between rows, so a batch is no more than its rows. */
static int
design_evaluate (void *self, struct gym_batch *batch, gym_error *err)
{
  int rc = GYM_OK;
  for (size_t i = 0; i < batch->n && rc == GYM_OK; i++)
    rc = evaluate_row (self, batch, i, err);
  return rc;
}

/* ---- Extension detail/1: a row per layer ------------------------------------------ */

static const struct gym_metric columns[LAYER_COLUMNS] = { NETWORK_COLUMNS };

static int
detail_columns (void *self, struct gym_metrics *out, gym_error *err)
{
  (void)self;
  (void)err;
  *out = (struct gym_metrics)GYM_ARRAY (gym_metrics, columns);
  return GYM_OK;
}

/* The same search again: it is deterministic, so the rows are those of the evaluation. */
static int
detail_rows (void *self, const double *row, uint32_t fidelity, uint64_t seed,
             void (*emit) (void *sink, const char *label, const double *values),
             void *sink, gym_error *err)
{
  struct design *env = self;
  struct accel_arch arch = hardware_build (row);
  (void)seed;
  for (size_t k = 0; k < env->network.count; k++) {
    const struct accel_layer *layer = &env->network.layers[k];
    struct accel_mapper_report report;
    double values[LAYER_COLUMNS];
    int rc = map_layer (env, &arch, layer, fidelity, &report, err);
    if (rc < 0)
      return rc;
    if (!report.found)
      return gym_fail (err, GYM_EFAILED, "layer %s: no mapping fits", layer->name);
    values[LAYER_TIMES] = layer->count;
    values[LAYER_MACS] = (double)report.result.macs;
    values[LAYER_CYCLES] = (double)report.result.cycles;
    values[LAYER_UTILIZATION] = report.result.utilization;
    values[LAYER_DRAM] = dram_words (&arch, &report.result);
    values[LAYER_ENERGY] = report.result.energy * 1e-6;
    emit (sink, layer->name, values);
  }
  return GYM_OK;
}

static const struct gym_detail_1 detail = { .struct_size = sizeof detail,
                                            .columns = detail_columns,
                                            .rows = detail_rows };

static const void *
design_extension (const char *name)
{
  return strcmp (name, "detail/1") == 0 ? &detail : NULL;
}

/* ---- The class ------------------------------------------------------------------- */

const struct gym_env_class design_env = {
  .struct_size = sizeof (struct gym_env_class),
  .id = "accel-v1",
  .summary = "an Eyeriss-like accelerator on a neural network, mapped layer by layer",
  .doc =
      "The 26 parameters of ArchGym's Timeloop space, 2.15e18 designs: processing "
      "elements "
      "and their mesh, kind, depth, block and bandwidths of three scratch pads in each, "
      "a "
      "buffer per column that keeps nothing, a banked global buffer; DRAM is not part of "
      "the design and never too slow. Every shape of layer is mapped by a bounded, "
      "seeded "
      "search, and counted by a loop-nest model whose counts are those of Timeloop. A "
      "design "
      "for which no mapping fits is infeasible. Fidelities are shares of the search's "
      "budget: less of it finds worse mappings and so reads worse, never better, on one "
      "layer. Energies and areas are of 45 nm; those of register files, SRAM and smart "
      "buffers are said in the source's hardware.c, so figures are not ArchGym's, whose "
      "estimator is another. Extension detail/1 has a row per shape of layer.",
  .source =
      "Space: Krishnan et al., ArchGym: An Open-Source Gymnasium for Machine Learning "
      "Assisted Architecture Design, ISCA 2023. Counts: Parashar et al., Timeloop: A "
      "Systematic Approach to DNN Accelerator Evaluation, ISPASS 2019. Energies and "
      "areas: "
      "Horowitz, ISSCC 2014; Chen et al., Eyeriss, ISCA 2016; Shao et al., Aladdin, ISCA "
      "2014; Mistry et al., IEDM 2007.",
  .options = GYM_ARRAY (gym_options, options),
  .place = { .space = "shape and sizes of a DNN accelerator",
             .cost = "loop-nest model, with a mapper" },
  .instance_size = sizeof (struct design),
  .open = design_open,
  .close = design_close,
  .space = design_space,
  .metrics = design_metrics,
  .fidelities = design_fidelities,
  .evaluate = design_evaluate,
  .extension = design_extension,
};
