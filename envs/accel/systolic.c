/* systolic.c - the environment systolic-v1: a systolic array on a network.
 *
 * The simulator is sims/accel/systolic.c; here a design becomes an array, and what the
 * layers cost becomes metrics. */
#include "envs/accel/envs.h"
#include "envs/accel/network.h"
#include "sims/accel/systolic.h"

#include <stdio.h>
#include <string.h>

enum {
  ARRAY_ROWS,
  ARRAY_COLS,
  DATAFLOW,
  FILTER_BUFFER,
  IFMAP_BUFFER,
  OFMAP_BUFFER,
  BANDWIDTH,
  FREQUENCY,
  PARAMS
};

enum {
  CYCLES,
  STALL_CYCLES,
  LATENCY,
  UTILIZATION,
  SRAM_READS,
  SRAM_WRITES,
  DRAM_READS,
  DRAM_WRITES,
  ENERGY,
  POWER,
  AREA,
  EDP,
  METRICS
};

struct systolic {
  struct network_choice choice;
  int32_t technology, overlap;
  int64_t word_bits;

  struct accel_workload network;
};

/* ---- Tables ---------------------------------------------------------------------- */

/* Names that accel_technology_find knows. */
static const char *const technologies[] = { "45nm", "7nm", NULL };
static const char *const overlaps[] = { "none", "load", "full", NULL };

static const struct gym_option options[] = {
  NETWORK_OPTIONS (struct systolic, choice),
  { .name = "technology",
    .doc = "Where energies and areas come from; see the source.",
    .type = GYM_OPTION_ENUM,
    .offset = offsetof (struct systolic, technology),
    .choices = technologies,
    .initial = "45nm" },
  { .name = "word_bits",
    .unit = "bit",
    .doc =
        "Width of weights, inputs and outputs; sums inside the array are twice as wide.",
    .type = GYM_OPTION_INT,
    .offset = offsetof (struct systolic, word_bits),
    .low = 1,
    .high = 64,
    .initial = "16" },
  { .name = "overlap",
    .doc = "What of successive folds overlaps: nothing, as in SCALE-Sim; loading the "
           "stationary operand (load); that and the skew of the streams (full).",
    .type = GYM_OPTION_ENUM,
    .offset = offsetof (struct systolic, overlap),
    .choices = overlaps,
    .initial = "none" },
};

/* In the order of the simulator's enumerators, so that a level's index is the value. */
static const char *const dataflows[] = { "os", "ws", "is" };
/* Level i is 8 KiB times 2^i, and 2 GB/s times 2^i. */
static const char *const kibibytes[] = { "8",   "16",  "32",   "64",   "128",
                                         "256", "512", "1024", "2048", "4096" };
static const char *const gigabytes[] = { "2", "4", "8", "16", "32", "64", "128", "256" };

/* The default is the array of SCALE-Sim's example configuration, 32 x 32. */
static const struct gym_param params[PARAMS] = {
  [ARRAY_ROWS] = { .name = "array_rows",
                   .doc = "Rows of the array.",
                   .kind = GYM_INTEGER,
                   .low = 2,
                   .high = 256,
                   .step = 2,
                   .initial = 32 },
  [ARRAY_COLS] = { .name = "array_cols",
                   .doc = "Columns of the array.",
                   .kind = GYM_INTEGER,
                   .low = 2,
                   .high = 256,
                   .step = 2,
                   .initial = 32 },
  [DATAFLOW] = { .name = "dataflow",
                 .doc = "What stays in the array: outputs (os), weights (ws) or inputs "
                        "(is).",
                 .kind = GYM_CATEGORICAL,
                 GYM_LEVELS (dataflows),
                 .initial = 1 },
  [FILTER_BUFFER] = { .name = "filter_sram",
                      .unit = "KiB",
                      .doc = "Buffer of the weights, both halves.",
                      .kind = GYM_ORDINAL,
                      GYM_LEVELS (kibibytes),
                      .initial = 5 },
  [IFMAP_BUFFER] = { .name = "ifmap_sram",
                     .unit = "KiB",
                     .doc = "Buffer of the inputs, both halves.",
                     .kind = GYM_ORDINAL,
                     GYM_LEVELS (kibibytes),
                     .initial = 5 },
  [OFMAP_BUFFER] = { .name = "ofmap_sram",
                     .unit = "KiB",
                     .doc = "Buffer of the outputs, both halves.",
                     .kind = GYM_ORDINAL,
                     GYM_LEVELS (kibibytes),
                     .initial = 5 },
  [BANDWIDTH] = { .name = "bandwidth",
                  .unit = "GB/s",
                  .doc = "Of DRAM.",
                  .kind = GYM_ORDINAL,
                  GYM_LEVELS (gigabytes),
                  .initial = 3 },
  [FREQUENCY] = { .name = "frequency",
                  .unit = "MHz",
                  .doc =
                      "Clock of the array; energies per operation do not depend on it.",
                  .kind = GYM_INTEGER,
                  .low = 100,
                  .high = 1600,
                  .step = 100,
                  .initial = 800 },
};

static const struct gym_metric metrics[METRICS] = {
  [CYCLES] = { .name = "cycles",
               .unit = "1",
               .doc = "Cycles of all layers, one after the other.",
               .sense = GYM_MINIMISE },
  [STALL_CYCLES] = { .name = "stall_cycles",
                     .unit = "1",
                     .doc = "Of them, those in which the array waits for DRAM.",
                     .sense = GYM_MINIMISE },
  [LATENCY] = { .name = "latency",
                .unit = "us",
                .doc = "Cycles over frequency.",
                .sense = GYM_MINIMISE },
  [UTILIZATION] = { .name = "utilization",
                    .unit = "1",
                    .doc = "Multiply-accumulates over array elements and cycles.",
                    .sense = GYM_MAXIMISE },
  [SRAM_READS] = { .name = "sram_reads",
                   .unit = "1",
                   .doc = "Words read from the buffers.",
                   .sense = GYM_MINIMISE },
  [SRAM_WRITES] = { .name = "sram_writes",
                    .unit = "1",
                    .doc = "Words written into the buffers.",
                    .sense = GYM_MINIMISE },
  [DRAM_READS] = { .name = "dram_reads",
                   .unit = "1",
                   .doc = "Words read from DRAM.",
                   .sense = GYM_MINIMISE },
  [DRAM_WRITES] = { .name = "dram_writes",
                    .unit = "1",
                    .doc = "Words written to DRAM.",
                    .sense = GYM_MINIMISE },
  [ENERGY] = { .name = "energy",
               .unit = "uJ",
               .doc = "Of operations, buffers and DRAM.",
               .sense = GYM_MINIMISE },
  [POWER] = { .name = "power",
              .unit = "mW",
              .doc = "Energy over latency.",
              .sense = GYM_MINIMISE },
  [AREA] = { .name = "area",
             .unit = "mm2",
             .doc = "Of array and buffers.",
             .sense = GYM_MINIMISE },
  [EDP] = { .name = "edp",
            .unit = "pJ.s",
            .doc = "Energy times latency.",
            .sense = GYM_MINIMISE },
};

/* ---- Opening --------------------------------------------------------------------- */

/* Reads the network once; a design is then a matter of microseconds. */
static int
systolic_open (void *self, const struct gym_host *host, gym_error *err)
{
  struct systolic *env = self;
  (void)host;
  return network_open_merged (&env->choice, &env->network, err);
}

static void
systolic_close (void *self)
{
  struct systolic *env = self;
  accel_workload_free (&env->network);
}

static int
systolic_space (void *self, struct gym_params *out, gym_error *err)
{
  (void)self;
  (void)err;
  *out = (struct gym_params)GYM_ARRAY (gym_params, params);
  return GYM_OK;
}

static int
systolic_metrics (void *self, struct gym_metrics *out, gym_error *err)
{
  (void)self;
  (void)err;
  *out = (struct gym_metrics)GYM_ARRAY (gym_metrics, metrics);
  return GYM_OK;
}

/* ---- Evaluation ------------------------------------------------------------------ */

/* Sizes are given in bytes, as silicon is bought; the model counts words. */
static uint64_t
buffer_words (const struct systolic *env, double level)
{
  return (UINT64_C (8) << (unsigned)level) * 8192 / (uint64_t)env->word_bits;
}

/* The array that a row of the space describes. */
static struct accel_systolic
configure (const struct systolic *env, const double *row)
{
  struct accel_systolic s = accel_systolic_unit ();
  double bytes = (double)(2u << (unsigned)row[BANDWIDTH]) * 1e9; /* a second */
  s.rows = (uint32_t)row[ARRAY_ROWS];
  s.cols = (uint32_t)row[ARRAY_COLS];
  s.dataflow = (enum accel_dataflow)row[DATAFLOW];
  s.overlap = (enum accel_overlap)env->overlap;
  s.word_bits = (uint32_t)env->word_bits;
  s.buffer[ACCEL_WEIGHTS] = buffer_words (env, row[FILTER_BUFFER]);
  s.buffer[ACCEL_INPUTS] = buffer_words (env, row[IFMAP_BUFFER]);
  s.buffer[ACCEL_OUTPUTS] = buffer_words (env, row[OFMAP_BUFFER]);
  s.dram_bw = bytes * 8 / (double)env->word_bits / (row[FREQUENCY] * 1e6);
  accel_systolic_price (&s, accel_technology_find (technologies[env->technology]));
  return s;
}

/* Adds what one layer costs, as often as the network holds it. */
static void
add_layer (const struct accel_systolic_result *r, double count, double *sum)
{
  sum[CYCLES] += count * (double)r->cycles;
  sum[STALL_CYCLES] += count * (double)(r->cycles - r->array_cycles);
  sum[ENERGY] += count * r->energy * 1e-6;
  for (int t = 0; t < ACCEL_TENSORS; t++) {
    sum[SRAM_READS] += count * (double)r->sram_reads[t];
    sum[SRAM_WRITES] += count * (double)r->sram_writes[t];
    sum[DRAM_READS] += count * (double)r->dram_reads[t];
    sum[DRAM_WRITES] += count * (double)r->dram_writes[t];
  }
}

/* What follows from the sums. MHz are cycles a microsecond, uJ/us are W. */
static void
derive (const struct accel_systolic *s, const double *row, double macs, double *m)
{
  m[LATENCY] = m[CYCLES] / row[FREQUENCY];
  m[UTILIZATION] = macs / ((double)s->rows * s->cols * m[CYCLES]);
  m[POWER] = m[ENERGY] / m[LATENCY] * 1e3;
  m[AREA] = s->area * 1e-6;
  m[EDP] = m[ENERGY] * m[LATENCY];
}

/* The first layer that does not fit decides; the note says which and why. */
static void
name_reason (struct gym_batch *batch, size_t i, const struct accel_layer *layer,
             const struct accel_systolic_verdict *verdict)
{
  char text[128];
  batch->statuses[i] = GYM_TRIAL_INFEASIBLE;
  accel_systolic_verdict_text (verdict, text, sizeof text);
  if (batch->note_size > 0)
    snprintf (batch->notes + i * batch->note_size, batch->note_size, "layer %s: %s",
              layer->name, text);
}

/* Layers run one after the other, so everything adds up. */
static void
evaluate_row (const struct systolic *env, struct gym_batch *batch, size_t i)
{
  const double *row = batch->designs + i * batch->n_params;
  double *m = batch->metrics + i * batch->n_metrics, macs = 0;
  struct accel_systolic s = configure (env, row);
  for (int k = 0; k < METRICS; k++)
    m[k] = 0;
  for (size_t k = 0; k < env->network.count; k++) {
    const struct accel_layer *layer = &env->network.layers[k];
    struct accel_matmul a = accel_matmul_of (layer);
    struct accel_systolic_result r;
    accel_systolic_evaluate (&s, &a, &r);
    if (r.verdict.code != ACCEL_SYSTOLIC_VALID) {
      name_reason (batch, i, layer, &r.verdict);
      return;
    }
    add_layer (&r, layer->count, m);
    macs += (double)r.macs * layer->count;
  }
  derive (&s, row, macs, m);
}

/* Nothing is kept between rows, so a batch is no more than its rows. */
static int
systolic_evaluate (void *self, struct gym_batch *batch, gym_error *err)
{
  (void)err;
  for (size_t i = 0; i < batch->n; i++)
    evaluate_row (self, batch, i);
  return GYM_OK;
}

/* ---- Extension detail/1: a row per layer ------------------------------------------ */

enum { LAYER_STALLS = LAYER_COLUMNS, COLUMNS };

static const struct gym_metric columns[COLUMNS] = {
  NETWORK_COLUMNS,
  [LAYER_STALLS] = { .name = "stall_cycles", .unit = "1", .doc = "Waiting for DRAM." },
};

static int
detail_columns (void *self, struct gym_metrics *out, gym_error *err)
{
  (void)self;
  (void)err;
  *out = (struct gym_metrics)GYM_ARRAY (gym_metrics, columns);
  return GYM_OK;
}

/* The same sums layer by layer; the evaluation is cheap enough to be done again. */
static int
detail_rows (void *self, const double *design, uint32_t fidelity, uint64_t seed,
             void (*emit) (void *sink, const char *label, const double *values),
             void *sink, gym_error *err)
{
  struct systolic *env = self;
  struct accel_systolic s = configure (env, design);
  (void)fidelity;
  (void)seed;
  for (size_t k = 0; k < env->network.count; k++) {
    const struct accel_layer *layer = &env->network.layers[k];
    struct accel_matmul a = accel_matmul_of (layer);
    struct accel_systolic_result r;
    double sum[METRICS] = { 0 }, values[COLUMNS];
    accel_systolic_evaluate (&s, &a, &r);
    if (r.verdict.code != ACCEL_SYSTOLIC_VALID)
      return gym_fail (err, GYM_EFAILED, "layer %s does not work in this design",
                       layer->name);
    add_layer (&r, 1, sum);
    values[LAYER_TIMES] = layer->count;
    values[LAYER_MACS] = (double)r.macs;
    values[LAYER_CYCLES] = sum[CYCLES];
    values[LAYER_STALLS] = sum[STALL_CYCLES];
    values[LAYER_UTILIZATION] = r.utilization;
    values[LAYER_DRAM] = sum[DRAM_READS] + sum[DRAM_WRITES];
    values[LAYER_ENERGY] = sum[ENERGY];
    emit (sink, layer->name, values);
  }
  return GYM_OK;
}

static const struct gym_detail_1 detail = { .struct_size = sizeof detail,
                                            .columns = detail_columns,
                                            .rows = detail_rows };

static const void *
systolic_extension (const char *name)
{
  return strcmp (name, "detail/1") == 0 ? &detail : NULL;
}

/* ---- The class ------------------------------------------------------------------- */

const struct gym_env_class systolic_env = {
  .struct_size = sizeof (struct gym_env_class),
  .id = "systolic-v1",
  .summary = "a systolic array with three buffers on a neural network",
  .doc =
      "A network's layers, one after the other, on an array of multiply-accumulators "
      "that "
      "hand operands to their neighbours, between three double-buffered SRAMs and DRAM. "
      "A "
      "layer becomes a matrix multiplication that is cut into folds as large as the "
      "array; "
      "cycles and SRAM reads are those of SCALE-Sim's compute phase. DRAM traffic "
      "follows "
      "from what fits in half a buffer; the array waits where that exceeds the "
      "bandwidth. "
      "Energies are per word and operation, areas of array and buffers; voltage and so "
      "energy do not follow the frequency, and nothing leaks: look at power or bound the "
      "area, or the largest design wins. Element-wise layers use one element at a time. "
      "Extension detail/1 has a row per shape of layer.",
  .source =
      "Samajdar et al., A Systematic Methodology for Characterizing Scalability of DNN "
      "Accelerators using SCALE-Sim, ISPASS 2020. Energies and areas: Horowitz, ISSCC "
      "2014 "
      "(45 nm); Jouppi et al., Ten Lessons From Three Generations Shaped Google's "
      "TPUv4i, "
      "ISCA 2021 (7 nm); SRAM cells of Mistry et al., IEDM 2007, and Wu et al., IEDM "
      "2016.",
  .options = GYM_ARRAY (gym_options, options),
  .place = { .space = "shape and sizes of a systolic array",
             .cost = "cycle model of systolic arrays" },
  .instance_size = sizeof (struct systolic),
  .open = systolic_open,
  .close = systolic_close,
  .space = systolic_space,
  .metrics = systolic_metrics,
  .evaluate = systolic_evaluate,
  .extension = systolic_extension,
};
