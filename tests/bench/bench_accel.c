/* What the accelerator models cost: mappings, layers and searches. */
#include "sims/accel/energy.h"
#include "sims/accel/mapper.h"
#include "sims/accel/systolic.h"
#include "sims/accel/workload.h"
#include "tests/bench/bench.h"

#include <stdlib.h>

enum { MAPPINGS = 4096, ROUNDS = 20 };

/* 256 MACs, each with a register file, around a buffer, and DRAM: three levels. */
static struct accel_arch
three_levels (void)
{
  struct accel_arch a = { .name = "three levels", .level_count = 3 };
  a.mac.mesh_x = a.mac.mesh_y = 16;
  a.mac.word_bits = 16;
  a.level[0] = accel_level_unit ("Register");
  a.level[0].mesh_x = a.level[0].mesh_y = 16;
  a.level[0].entries = 512;
  a.level[0].read_bw = a.level[0].write_bw = 2;
  a.level[1] = accel_level_unit ("Buffer");
  a.level[1].entries = 131072;
  a.level[1].read_bw = a.level[1].write_bw = 16;
  a.level[1].block = 4;
  a.level[2] = accel_level_unit ("DRAM");
  a.level[2].read_bw = a.level[2].write_bw = 4;
  accel_arch_price (&a, &accel_45nm);
  return a;
}

static struct accel_layer
conv (uint32_t out, uint32_t channels, uint32_t maps)
{
  struct accel_layer l = accel_layer_unit (ACCEL_CONV);
  l.size[ACCEL_R] = l.size[ACCEL_S] = 3;
  l.size[ACCEL_P] = l.size[ACCEL_Q] = out;
  l.size[ACCEL_C] = channels;
  l.size[ACCEL_K] = maps;
  return l;
}

static struct accel_loopnest
prepare (const struct accel_arch *arch, const struct accel_layer *layer)
{
  struct accel_options strict = { .check_fanout = true };
  struct accel_loopnest model;
  if (accel_loopnest_init (&model, arch, layer, &strict, NULL) != ACCEL_OK)
    exit (1);
  return model;
}

/* Random mappings that fit, so that every one is counted to the end. */
static struct accel_split *
valid_mappings (const struct accel_loopnest *model)
{
  struct accel_split *s = malloc (MAPPINGS * model->level_count * sizeof *s);
  uint8_t verdict;
  struct accel_scores scores = { .verdict = &verdict };
  uint64_t seed = 0;
  if (s == NULL)
    exit (1);
  for (size_t k = 0; k < MAPPINGS;) {
    struct accel_split *one = s + k * model->level_count;
    accel_mapper_random (model, false, seed++, one, 1);
    accel_loopnest_batch (model, one, 1, &scores);
    k += verdict == ACCEL_VALID;
  }
  return s;
}

/* The best of some rounds: noise only ever takes away. */
static double
mappings_per_second (const struct accel_loopnest *model, const struct accel_split *s)
{
  static double cycles[MAPPINGS], energy[MAPPINGS];
  static uint8_t verdict[MAPPINGS];
  struct accel_scores scores = { .cycles = cycles, .energy = energy, .verdict = verdict };
  double best = 0;
  for (int round = 0; round < ROUNDS; round++) {
    double from = bench_cpu (), rate;
    for (int k = 0; k < 10; k++)
      accel_loopnest_batch (model, s, MAPPINGS, &scores);
    rate = 10 * MAPPINGS / (bench_cpu () - from);
    best = rate > best ? rate : best;
  }
  return best;
}

static void
bench_loopnest (const struct accel_arch *arch)
{
  struct accel_layer layer = conv (56, 64, 64);
  struct accel_loopnest model = prepare (arch, &layer);
  struct accel_split *s = valid_mappings (&model);
  bench_at_least ("accel, loop nest, three levels", mappings_per_second (&model, s), 5e5,
                  "mappings/CPU-s");
  model.options.reuse = ACCEL_REUSE_EXACT;
  bench_at_least ("accel, loop nest, exact reuse", mappings_per_second (&model, s), 5e5,
                  "mappings/CPU-s");
  free (s);
}

/* Evaluations of a search with everything around them, and what it finds. */
static void
bench_mapper (const struct accel_arch *arch)
{
  struct accel_layer layer = conv (14, 256, 256);
  struct accel_loopnest model = prepare (arch, &layer);
  struct accel_mapper_options o = { .budget = 200000, .seed = 1, .free_bypass = true };
  struct accel_mapper_report climb, random;
  double from = bench_cpu ();
  accel_mapper_search (&model, &o, &climb);
  bench_at_least ("accel, mapper, hill climbing",
                  (double)o.budget / (bench_cpu () - from), 5e5, "evaluations/CPU-s");
  o.search = ACCEL_SEARCH_RANDOM;
  accel_mapper_search (&model, &o, &random);
  bench_at_most ("accel, mapper, EDP of climbing over random", climb.score / random.score,
                 1, "ratio");
}

/* A network on mappings that are given, shape by shape: what a search over hardware with
 * fixed mappings pays for a design. */
static void
bench_network (const struct accel_arch *arch)
{
  enum { SHAPES = 64, RUNS = 2000 };
  static struct accel_loopnest model[SHAPES];
  static struct accel_mapper_report best[SHAPES];
  struct accel_workload w;
  double fastest = 1, cycles = 0;
  if (accel_workload_network (&w, "resnet18", NULL) != ACCEL_OK)
    exit (1);
  accel_workload_merge (&w);
  for (size_t i = 0; i < w.count; i++) {
    struct accel_mapper_options o = { .budget = 2000, .seed = 1 };
    model[i] = prepare (arch, &w.layers[i]);
    accel_mapper_search (&model[i], &o, &best[i]);
  }
  for (int round = 0; round < ROUNDS; round++) {
    double from = bench_cpu (), each;
    for (int run = 0; run < RUNS; run++) {
      for (size_t i = 0; i < w.count; i++) {
        struct accel_result r;
        accel_loopnest_evaluate (&model[i], best[i].splits, &r);
        cycles += (double)r.cycles * w.layers[i].count;
      }
    }
    each = (bench_cpu () - from) / RUNS;
    fastest = each < fastest ? each : fastest;
  }
  bench_at_most ("accel, ResNet-18 on fixed mappings", cycles > 0 ? fastest * 1e6 : 1e9,
                 20, "CPU-us");
  accel_workload_free (&w);
}

/* Every layer of three networks on arrays of all dataflows. */
static void
bench_systolic (void)
{
  enum { LAYERS = 128, RUNS = 2000 };
  static const char *const names[] = { "resnet50", "mobilenet_v2", "bert_base" };
  static struct accel_matmul shape[LAYERS];
  struct accel_systolic s = accel_systolic_unit ();
  double fastest = 1, cycles = 0;
  size_t count = 0;
  for (int k = 0; k < 3; k++) {
    struct accel_workload w;
    if (accel_workload_network (&w, names[k], NULL) != ACCEL_OK)
      exit (1);
    for (size_t i = 0; i < w.count && count < LAYERS; i++)
      shape[count++] = accel_matmul_of (&w.layers[i]);
    accel_workload_free (&w);
  }
  s.rows = s.cols = 32;
  s.dram_bw = 8;
  s.buffer[0] = s.buffer[1] = s.buffer[2] = 65536;
  accel_systolic_price (&s, &accel_45nm);
  for (int round = 0; round < ROUNDS; round++) {
    double from = bench_cpu (), each;
    for (int run = 0; run < RUNS; run++) {
      struct accel_systolic_result r;
      s.dataflow = (enum accel_dataflow) (run % ACCEL_DATAFLOWS);
      for (size_t i = 0; i < count; i++) {
        accel_systolic_evaluate (&s, &shape[i], &r);
        cycles += (double)r.cycles;
      }
    }
    each = (bench_cpu () - from) / RUNS / (double)count;
    fastest = each < fastest ? each : fastest;
  }
  bench_at_most ("accel, systolic array, a layer", cycles > 0 ? fastest * 1e6 : 1e9, 0.2,
                 "CPU-us");
}

int
main (void)
{
  struct accel_arch arch = three_levels ();
  bench_loopnest (&arch);
  bench_mapper (&arch);
  bench_network (&arch);
  bench_systolic ();
  return 0;
}
