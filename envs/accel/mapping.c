/* mapping.c - the environment mapping-v1: one layer on given hardware, the mapping being
 * the design. */
#include "envs/accel/envs.h"
#include "envs/accel/genes.h"
#include "envs/accel/network.h"
#include "sims/accel/energy.h"

#include <stdio.h>
#include <string.h>

enum { CYCLES, LATENCY, ENERGY, EDP, UTILIZATION, L2_WORDS, DRAM_WORDS, METRICS };

struct mapping {
  struct network_choice choice;
  const char *layer;
  int64_t elements, l1_words, l2_words;
  double l2_bandwidth, dram_bandwidth, frequency;
  int32_t technology, reuse;

  struct accel_workload network;
  struct genes genes;
};

/* ---- Tables ---------------------------------------------------------------------- */

/* Names that accel_technology_find knows, and the order of enum accel_reuse. */
static const char *const technologies[] = { "45nm", "7nm", NULL };
static const char *const reuses[] = { "timeloop", "same_step", "exact", NULL };

/* The defaults are the edge accelerator of GAMMA's examples: 168 elements of 512 words,
 * 108 KB shared. */
static const struct gym_option options[] = {
  NETWORK_OPTIONS (struct mapping, choice),
  { .name = "layer",
    .doc = "Name of the layer; \"largest\": the one with the most multiply-accumulates.",
    .type = GYM_OPTION_TEXT,
    .offset = offsetof (struct mapping, layer),
    .initial = "largest" },
  { .name = "elements",
    .doc = "Processing elements.",
    .type = GYM_OPTION_INT,
    .offset = offsetof (struct mapping, elements),
    .low = 1,
    .high = ACCEL_MESH_MAX,
    .initial = "168" },
  { .name = "l1_words",
    .doc = "Words of the buffer in each element.",
    .type = GYM_OPTION_INT,
    .offset = offsetof (struct mapping, l1_words),
    .low = 3,
    .high = 1e9,
    .initial = "512" },
  { .name = "l2_words",
    .doc = "Words of the shared buffer.",
    .type = GYM_OPTION_INT,
    .offset = offsetof (struct mapping, l2_words),
    .low = 3,
    .high = 1e12,
    .initial = "55296" },
  { .name = "l2_bandwidth",
    .doc = "Words per cycle in and out of the shared buffer; 0: no limit.",
    .type = GYM_OPTION_REAL,
    .offset = offsetof (struct mapping, l2_bandwidth),
    .low = 0,
    .high = 1e9,
    .initial = "32" },
  { .name = "dram_bandwidth",
    .doc = "Words per cycle in and out of DRAM; 0: no limit.",
    .type = GYM_OPTION_REAL,
    .offset = offsetof (struct mapping, dram_bandwidth),
    .low = 0,
    .high = 1e9,
    .initial = "8" },
  { .name = "frequency",
    .unit = "MHz",
    .doc = "Clock, for latency and edp; 200 is that of the Eyeriss chip.",
    .type = GYM_OPTION_REAL,
    .offset = offsetof (struct mapping, frequency),
    .low = 1,
    .high = 1e5,
    .initial = "200" },
  { .name = "technology",
    .doc = "Where energies come from; see the source.",
    .type = GYM_OPTION_ENUM,
    .offset = offsetof (struct mapping, technology),
    .choices = technologies,
    .initial = "45nm" },
  { .name = "reuse",
    .doc = "When words that two successive tiles share stay: while a step repeats, as "
           "Timeloop counts (timeloop), the same with inner loops at their last index "
           "(same_step), or always (exact).",
    .type = GYM_OPTION_ENUM,
    .offset = offsetof (struct mapping, reuse),
    .choices = reuses,
    .initial = "timeloop" },
};

static const struct gym_metric metrics[METRICS] = {
  [CYCLES] = { .name = "cycles",
               .unit = "1",
               .doc = "Cycles of the layer.",
               .sense = GYM_MINIMISE },
  [LATENCY] = { .name = "latency",
                .unit = "us",
                .doc = "Cycles over frequency.",
                .sense = GYM_MINIMISE },
  [ENERGY] = { .name = "energy",
               .unit = "uJ",
               .doc = "Of MACs, buffers, wires and DRAM.",
               .sense = GYM_MINIMISE },
  [EDP] = { .name = "edp",
            .unit = "pJ.s",
            .doc = "Energy times latency.",
            .sense = GYM_MINIMISE },
  [UTILIZATION] = { .name = "utilization",
                    .unit = "1",
                    .doc = "Multiply-accumulates over elements and cycles.",
                    .sense = GYM_MAXIMISE },
  [L2_WORDS] = { .name = "l2_words",
                 .unit = "1",
                 .doc = "Words read and written in the shared buffer.",
                 .sense = GYM_MINIMISE },
  [DRAM_WORDS] = { .name = "dram_words",
                   .unit = "1",
                   .doc = "Words read and written in DRAM.",
                   .sense = GYM_MINIMISE },
};

/* ---- Opening --------------------------------------------------------------------- */

/* Mapping matters most there. */
static const struct accel_layer *
largest_layer (const struct accel_workload *w)
{
  const struct accel_layer *best = &w->layers[0];
  for (size_t i = 1; i < w->count; i++) {
    if (accel_layer_macs (&w->layers[i]) > accel_layer_macs (best))
      best = &w->layers[i];
  }
  return best;
}

/* Layers are called as in the network's table or file; of equal names the first. */
static const struct accel_layer *
find_layer (const struct accel_workload *w, const char *name, gym_error *err)
{
  if (strcmp (name, "largest") == 0)
    return largest_layer (w);
  for (size_t i = 0; i < w->count; i++) {
    if (strcmp (w->layers[i].name, name) == 0)
      return &w->layers[i];
  }
  gym_fail (err, GYM_EINVAL,
            "option \"layer\": network %s has no layer \"%s\"; its layers are called %s, "
            "..., %s",
            w->name, name, w->layers[0].name, w->layers[w->count - 1].name);
  return NULL;
}

/* The layer decides the space, so it has to be known before anything else. */
static int
mapping_open (void *self, const struct gym_host *host, gym_error *err)
{
  struct mapping *env = self;
  struct genes_hardware hardware = { .elements = (uint32_t)env->elements,
                                     .l1_words = (uint64_t)env->l1_words,
                                     .l2_words = (uint64_t)env->l2_words };
  const struct accel_layer *layer;
  int rc = network_open (&env->choice, &env->network, err);
  (void)host;
  if (rc < 0)
    return rc;
  layer = find_layer (&env->network, env->layer, err);
  return layer ? genes_init (&env->genes, layer, &hardware, err) : GYM_EINVAL;
}

static void
mapping_close (void *self)
{
  struct mapping *env = self;
  accel_workload_free (&env->network);
  genes_free (&env->genes);
}

static int
mapping_space (void *self, struct gym_params *out, gym_error *err)
{
  struct mapping *env = self;
  (void)err;
  *out = (struct gym_params){ .struct_size = sizeof *out,
                              .n = env->genes.param_count,
                              .stride = sizeof env->genes.param[0],
                              .items = env->genes.param };
  return GYM_OK;
}

static int
mapping_metrics (void *self, struct gym_metrics *out, gym_error *err)
{
  (void)self;
  (void)err;
  *out = (struct gym_metrics)GYM_ARRAY (gym_metrics, metrics);
  return GYM_OK;
}

/* ---- Evaluation ------------------------------------------------------------------ */

/* Elements in rows of clusters; what a cluster is depends on the design, so the mesh
 * does. Every buffer keeps all three tensors, as in GAMMA. Words have 16 bits. */
static struct accel_arch
build (const struct mapping *env, uint32_t cols, uint32_t rows)
{
  struct accel_arch a = { .name = "array", .level_count = GENES_LEVELS };
  a.mac.mesh_x = cols;
  a.mac.mesh_y = rows;
  a.mac.word_bits = 16;
  a.level[0] = accel_level_unit ("L1");
  a.level[0].mesh_x = cols;
  a.level[0].mesh_y = rows;
  a.level[0].entries = (uint64_t)env->l1_words;
  a.level[1] = accel_level_unit ("L2");
  a.level[1].entries = (uint64_t)env->l2_words;
  a.level[1].read_bw = a.level[1].write_bw = env->l2_bandwidth;
  a.level[2] = accel_level_unit ("DRAM");
  a.level[2].read_bw = a.level[2].write_bw = env->dram_bandwidth;
  accel_arch_price (&a, accel_technology_find (technologies[env->technology]));
  return a;
}

/* The result of a row, with the model that speaks of it. */
static int
run (const struct mapping *env, const double *row, struct accel_loopnest *model,
     struct accel_result *result, gym_error *err)
{
  struct accel_options o = { .reuse = (enum accel_reuse)env->reuse,
                             .check_fanout = true };
  struct accel_split splits[GENES_LEVELS];
  struct accel_arch arch;
  struct accel_error why;
  uint32_t cols, rows;
  int status;
  genes_express (&env->genes, row, splits, &cols, &rows);
  arch = build (env, cols, rows);
  status = accel_loopnest_init (model, &arch, &env->genes.layer, &o, &why);
  if (status != ACCEL_OK)
    return network_fail (status, &why, err);
  accel_loopnest_evaluate (model, splits, result);
  return GYM_OK;
}

/* Every word that passes a port of any instance. */
static double
level_words (const struct accel_level_result *level)
{
  double words = 0;
  for (int t = 0; t < ACCEL_TENSORS; t++) {
    const struct accel_count *c = &level->tensor[t];
    words += (double)c->reads + (double)c->fills + (double)c->updates;
  }
  return words * (double)level->instances;
}

/* In the units of the metric table. */
static void
report (const struct mapping *env, const struct accel_result *r, double *m)
{
  m[CYCLES] = (double)r->cycles;
  m[LATENCY] = m[CYCLES] / env->frequency;
  m[ENERGY] = r->energy * 1e-6;
  m[EDP] = m[ENERGY] * m[LATENCY];
  m[UTILIZATION] = r->utilization;
  m[L2_WORDS] = level_words (&r->level[1]);
  m[DRAM_WORDS] = level_words (&r->level[2]);
}

/* Rows that break the rules do not come here, so a verdict would be a slip of ours. */
static int
mapping_evaluate (void *self, struct gym_batch *batch, gym_error *err)
{
  struct mapping *env = self;
  for (size_t i = 0; i < batch->n; i++) {
    struct accel_loopnest model;
    struct accel_result r;
    char *note = batch->notes + i * batch->note_size;
    int rc = run (env, batch->designs + i * batch->n_params, &model, &r, err);
    if (rc < 0)
      return rc;
    if (r.verdict.code == ACCEL_VALID) {
      report (env, &r, batch->metrics + i * batch->n_metrics);
      continue;
    }
    batch->statuses[i] = GYM_TRIAL_INFEASIBLE;
    if (batch->note_size > 0)
      accel_verdict_text (&model, &r.verdict, note, batch->note_size);
  }
  return GYM_OK;
}

/* ---- Extension constraint/1 ------------------------------------------------------- */

/* Both are about tiles alone; orders and spreading cannot be wrong. */
static bool
mapping_valid (void *self, const double *row)
{
  struct mapping *env = self;
  return genes_valid (&env->genes, row);
}

static void
mapping_repair (void *self, double *row)
{
  struct mapping *env = self;
  genes_repair (&env->genes, row);
}

static const struct gym_constraint_1 constraint = { .struct_size = sizeof constraint,
                                                    .valid = mapping_valid,
                                                    .repair = mapping_repair };

/* ---- Extension detail/1: a row per level and tensor ------------------------------- */

enum { TILE, READS, FILLS, UPDATES, INSTANCES, PART_ENERGY, COLUMNS };

static const struct gym_metric columns[COLUMNS] = {
  [TILE] = { .name = "tile", .unit = "1", .doc = "Words an instance holds." },
  [READS] = { .name = "reads", .unit = "1", .doc = "Words read, per instance." },
  [FILLS] = { .name = "fills", .unit = "1", .doc = "Words that come from outside." },
  [UPDATES] = { .name = "updates", .unit = "1", .doc = "Words that come from inside." },
  [INSTANCES] = { .name = "instances", .unit = "1", .doc = "Instances in use." },
  [PART_ENERGY] = { .name = "energy", .unit = "uJ", .doc = "Of all instances." },
};

static int
detail_columns (void *self, struct gym_metrics *out, gym_error *err)
{
  (void)self;
  (void)err;
  *out = (struct gym_metrics)GYM_ARRAY (gym_metrics, columns);
  return GYM_OK;
}

static int
detail_rows (void *self, const double *design, uint32_t fidelity, uint64_t seed,
             void (*emit) (void *sink, const char *label, const double *values),
             void *sink, gym_error *err)
{
  struct accel_loopnest model;
  struct accel_result r;
  int rc = run (self, design, &model, &r, err);
  (void)fidelity;
  (void)seed;
  if (rc < 0 || r.verdict.code != ACCEL_VALID)
    return rc < 0 ? rc : gym_fail (err, GYM_EFAILED, "the mapping does not fit");
  for (uint32_t i = 0; i < GENES_LEVELS; i++) {
    for (int t = 0; t < ACCEL_TENSORS; t++) {
      const struct accel_count *c = &r.level[i].tensor[t];
      double values[COLUMNS] = { (double)c->tile,
                                 (double)c->reads,
                                 (double)c->fills,
                                 (double)c->updates,
                                 (double)r.level[i].instances,
                                 c->energy * 1e-6 };
      char label[2 * ACCEL_NAME_MAX];
      snprintf (label, sizeof label, "%s.%s", model.arch.level[i].name,
                accel_tensor_names[t]);
      emit (sink, label, values);
    }
  }
  return GYM_OK;
}

static const struct gym_detail_1 detail = { .struct_size = sizeof detail,
                                            .columns = detail_columns,
                                            .rows = detail_rows };

static const void *
mapping_extension (const char *name)
{
  if (strcmp (name, "constraint/1") == 0)
    return &constraint;
  return strcmp (name, "detail/1") == 0 ? &detail : NULL;
}

/* ---- The class ------------------------------------------------------------------- */

/* The loop nests of accel-v1's mapper, with the mapping itself as the design: what a
 * mapper that searches this space could find. */
const struct gym_env_class mapping_env = {
  .struct_size = sizeof (struct gym_env_class),
  .id = "mapping-v1",
  .summary = "the mapping of one layer onto an array of processing elements",
  .doc =
      "Hardware and layer are options; a design is how the layer's loops are laid out on "
      "them: for the shared buffer and for the elements' own an order of the loops "
      "(Lehmer "
      "digits, outermost loop first) and a tile per dimension, which dimension is spread "
      "over the elements, and whether they form clusters with a second dimension inside. "
      "These are GAMMA's genes; dimensions of size 1 have none, tiles are divisors. As "
      "many "
      "clusters and elements are used as divide the steps around the inner tile. Designs "
      "whose inner tiles do not divide the outer ones, or do not fit, break the rules; "
      "the "
      "repair shrinks tiles. Counts are those of a loop-nest model like Timeloop. "
      "Extension "
      "detail/1 has a row per buffer and tensor.",
  .source = "Genes: Kao and Krishna, GAMMA: Automating the HW Mapping of DNN Models on "
            "Accelerators via Genetic Algorithm, ICCAD 2020. Counts: Parashar et al., "
            "Timeloop: A "
            "Systematic Approach to DNN Accelerator Evaluation, ISPASS 2019. Energies: "
            "Horowitz, "
            "ISSCC 2014 (45 nm); Jouppi et al., ISCA 2021 (7 nm); Keckler et al., IEEE "
            "Micro 2011 "
            "(wires).",
  .options = GYM_ARRAY (gym_options, options),
  .place = { .space = "mappings of a layer to an accelerator",
             .cost = "loop-nest model" },
  .instance_size = sizeof (struct mapping),
  .open = mapping_open,
  .close = mapping_close,
  .space = mapping_space,
  .metrics = mapping_metrics,
  .evaluate = mapping_evaluate,
  .extension = mapping_extension,
};
