/* See hardware.h. */
#include "envs/cell/hardware.h"

#include <stdlib.h>
#include <string.h>

#include "sims/accel/mapper.h"

struct cell_shape {
  struct accel_layer layer;
  double cycles, energy;
};

enum { WORD_BITS = 16, MAPPER_BUDGET = 2000, MAPPER_SEED = 1 };

/* ---- Designs --------------------------------------------------------------------- */

const char *const cell_accelerator_names[] = { "edge", "cloud", "eyeriss", NULL };

/* A small array for a battery, a large one with many times the memory, and the chip of
 * Chen et al. (JSSC 2017): 12 x 14 elements, each with scratch pads of 12 inputs, 224
 * weights and 24 partial sums, around 108 KB; DRAM is never too slow for it, as in
 * accel-v1. */
static const struct {
  struct cell_choice choice;
  bool systolic;
  enum accel_dataflow dataflow;
  const struct accel_technology *technology;
} designs[] = {
  [CELL_EDGE] = { .choice = { .rows = 16,
                              .cols = 16,
                              .buffer = 32,
                              .bandwidth = 4,
                              .frequency = 500 },
                  .systolic = true,
                  .dataflow = ACCEL_OUTPUT_STATIONARY,
                  .technology = &accel_45nm },
  [CELL_CLOUD] = { .choice = { .rows = 128,
                               .cols = 128,
                               .buffer = 4096,
                               .bandwidth = 256,
                               .frequency = 1000 },
                   .systolic = true,
                   .dataflow = ACCEL_WEIGHT_STATIONARY,
                   .technology = &accel_7nm },
  [CELL_EYERISS] = { .choice = { .rows = 12,
                                 .cols = 14,
                                 .buffer = 108,
                                 .frequency = 200 },
                     .technology = &accel_45nm },
};

/* The user's numbers over those of the design. */
static struct cell_choice
complete (const struct cell_choice *choice)
{
  struct cell_choice c = designs[choice->accelerator].choice;
  c.accelerator = choice->accelerator;
  c.rows = choice->rows ? choice->rows : c.rows;
  c.cols = choice->cols ? choice->cols : c.cols;
  c.buffer = choice->buffer ? choice->buffer : c.buffer;
  c.bandwidth = choice->bandwidth > 0 ? choice->bandwidth : c.bandwidth;
  c.frequency = choice->frequency > 0 ? choice->frequency : c.frequency;
  return c;
}

/* GB/s over MHz, in words a cycle. */
static double
words_per_cycle (const struct cell_choice *c)
{
  return c->bandwidth * 1e9 * 8 / WORD_BITS / (c->frequency * 1e6);
}

static uint64_t
buffer_words (const struct cell_choice *c)
{
  return UINT64_C (8192) * c->buffer / WORD_BITS;
}

static struct accel_systolic
make_array (const struct cell_choice *c)
{
  struct accel_systolic s = accel_systolic_unit ();
  s.rows = c->rows;
  s.cols = c->cols;
  s.dataflow = designs[c->accelerator].dataflow;
  s.overlap = ACCEL_OVERLAP_LOAD;
  s.word_bits = WORD_BITS;
  for (int t = 0; t < ACCEL_TENSORS; t++)
    s.buffer[t] = buffer_words (c);
  s.dram_bw = words_per_cycle (c);
  accel_systolic_price (&s, designs[c->accelerator].technology);
  return s;
}

static struct accel_level
scratch_pad (const struct accel_arch *a, const char *name, enum accel_tensor tensor,
             uint64_t words)
{
  struct accel_level l = accel_level_unit (name);
  l.entries = words;
  l.word_bits = WORD_BITS;
  l.mesh_x = a->mac.mesh_x;
  l.mesh_y = a->mac.mesh_y;
  l.may_keep = (uint8_t)(1u << tensor);
  return l;
}

/* From the elements outwards; the global buffer may keep everything. */
static struct accel_arch
make_eyeriss (const struct cell_choice *c)
{
  struct accel_arch a = { .name = "eyeriss", .level_count = 5 };
  a.mac.mesh_x = c->cols;
  a.mac.mesh_y = c->rows;
  a.mac.word_bits = WORD_BITS;
  a.level[0] = scratch_pad (&a, "psum_spad", ACCEL_OUTPUTS, 24);
  a.level[1] = scratch_pad (&a, "weights_spad", ACCEL_WEIGHTS, 224);
  a.level[2] = scratch_pad (&a, "ifmap_spad", ACCEL_INPUTS, 12);
  a.level[3] = accel_level_unit ("global_buffer");
  a.level[3].entries = buffer_words (c);
  a.level[3].word_bits = WORD_BITS;
  a.level[4] = accel_level_unit ("DRAM");
  a.level[4].word_bits = WORD_BITS;
  a.level[4].shared_bw = c->bandwidth > 0 ? words_per_cycle (c) : 0;
  accel_arch_price (&a, designs[c->accelerator].technology);
  return a;
}

int
cell_hardware_open (const struct cell_choice *choice, struct cell_hardware *hardware,
                    struct accel_error *err)
{
  struct cell_choice c = complete (choice);
  *hardware = (struct cell_hardware){ .frequency = c.frequency };
  hardware->systolic = designs[c.accelerator].systolic;
  if (hardware->systolic) {
    hardware->array = make_array (&c);
    return accel_systolic_check (&hardware->array, err);
  }
  hardware->arch = make_eyeriss (&c);
  return accel_arch_check (&hardware->arch, err);
}

void
cell_hardware_close (struct cell_hardware *hardware)
{
  free (hardware->shapes);
  *hardware = (struct cell_hardware){ .shapes = NULL };
}

/* ---- Layers ---------------------------------------------------------------------- */

/* A window over an image; of the whole image, when there is one position. */
static struct accel_layer
window_layer (const struct nn_part *part, uint32_t width, uint32_t height)
{
  struct accel_layer l = accel_layer_unit (ACCEL_CONV);
  l.size[ACCEL_R] = width;
  l.size[ACCEL_S] = height;
  l.size[ACCEL_P] = part->out.width;
  l.size[ACCEL_Q] = part->out.height;
  l.stride_w = l.stride_h = part->layer.stride ? part->layer.stride : 1;
  return l;
}

static struct accel_layer
conv_layer (const struct nn_part *part)
{
  uint32_t side = part->layer.kernel ? part->layer.kernel : 1;
  uint32_t groups = part->layer.groups ? part->layer.groups : 1;
  struct accel_layer l = window_layer (part, side, side);
  l.size[ACCEL_G] = groups;
  l.size[ACCEL_C] = part->in.channels / groups;
  l.size[ACCEL_K] = part->out.channels / groups;
  return l;
}

/* A channel is a group of its own, and its weight is counted though it is a constant. */
static struct accel_layer
average_layer (const struct nn_part *part)
{
  bool whole = part->layer.kind == NN_GLOBAL;
  struct accel_layer l = window_layer (part, whole ? part->in.width : part->layer.kernel,
                                       whole ? part->in.height : part->layer.kernel);
  l.size[ACCEL_G] = part->in.channels;
  return l;
}

/* Both operands are read and the sum is written. */
static struct accel_layer
sum_layer (const struct nn_part *part)
{
  struct accel_layer l = accel_layer_unit (ACCEL_ELEMENTWISE);
  l.size[ACCEL_P] = part->out.width;
  l.size[ACCEL_Q] = part->out.height;
  l.size[ACCEL_K] = part->out.channels;
  return l;
}

/* The layer of an accelerator, and how often; 0: it costs nothing. */
static uint32_t
translate (const struct nn_part *part, struct accel_layer *l)
{
  switch (part->layer.kind) {
  case NN_CONV:
    *l = conv_layer (part);
    return 1;
  case NN_DENSE:
    *l = accel_layer_unit (ACCEL_GEMM);
    l->size[ACCEL_K] = part->layer.units;
    l->size[ACCEL_C] = part->in.channels * part->in.height * part->in.width;
    return 1;
  case NN_AVERAGE:
  case NN_GLOBAL:
    *l = average_layer (part);
    return 1;
  case NN_SUM:
    *l = sum_layer (part);
    return part->layer.n_inputs > 1 ? part->layer.n_inputs - 1 : 0;
  default:
    return 0;
  }
}

/* ---- Costs ----------------------------------------------------------------------- */

static int
price_on_array (const struct accel_systolic *array, struct cell_shape *shape,
                struct accel_error *err)
{
  struct accel_matmul a = accel_matmul_of (&shape->layer);
  struct accel_systolic_result r;
  char text[128];
  accel_systolic_evaluate (array, &a, &r);
  if (r.verdict.code != ACCEL_SYSTOLIC_VALID) {
    accel_systolic_verdict_text (&r.verdict, text, sizeof text);
    return accel_fail (err, "%s", text);
  }
  shape->cycles = (double)r.cycles;
  shape->energy = r.energy;
  return ACCEL_OK;
}

/* The mapper's seed is always the same, so a shape has one price. */
static int
price_by_mapper (const struct accel_arch *arch, struct cell_shape *shape,
                 struct accel_error *err)
{
  struct accel_options strict = { .check_fanout = true };
  struct accel_mapper_options o = { .goal = ACCEL_GOAL_EDP,
                                    .budget = MAPPER_BUDGET,
                                    .seed = MAPPER_SEED,
                                    .free_bypass = true };
  struct accel_mapper_report report;
  struct accel_loopnest model;
  int status = accel_loopnest_init (&model, arch, &shape->layer, &strict, err);
  if (status != ACCEL_OK)
    return status;
  accel_mapper_search (&model, &o, &report);
  if (!report.found)
    return accel_fail (err, "none of %d mappings of a layer fits", MAPPER_BUDGET);
  shape->cycles = (double)report.result.cycles;
  shape->energy = report.result.energy;
  return ACCEL_OK;
}

/* Shapes differ in nothing but these. */
static bool
same_shape (const struct accel_layer *a, const struct accel_layer *b)
{
  return a->kind == b->kind && a->stride_w == b->stride_w
         && memcmp (a->size, b->size, sizeof a->size) == 0;
}

/* Kept only when it could be priced. */
static int
add_shape (struct cell_hardware *h, const struct accel_layer *layer,
           struct accel_error *err)
{
  struct cell_shape shape = { .layer = *layer };
  int status = h->systolic ? price_on_array (&h->array, &shape, err)
                           : price_by_mapper (&h->arch, &shape, err);
  if (status != ACCEL_OK)
    return status;
  if (h->n_shapes == h->room) {
    size_t room = h->room > 0 ? 2 * h->room : 16;
    struct cell_shape *shapes = realloc (h->shapes, room * sizeof *shapes);
    if (!shapes)
      return accel_no_memory (err);
    h->shapes = shapes;
    h->room = room;
  }
  h->shapes[h->n_shapes++] = shape;
  return ACCEL_OK;
}

int
cell_hardware_cost (struct cell_hardware *hardware, const nn_net *net, double *latency,
                    double *energy, struct accel_error *err)
{
  double cycles = 0, picojoules = 0;
  for (uint32_t i = 0; i < nn_net_layers (net); i++) {
    struct nn_part part = nn_net_part (net, i);
    struct accel_layer layer;
    uint32_t times = translate (&part, &layer);
    size_t k = 0;
    if (times == 0)
      continue;
    while (k < hardware->n_shapes && !same_shape (&hardware->shapes[k].layer, &layer))
      k++;
    if (k == hardware->n_shapes) {
      int status = add_shape (hardware, &layer, err);
      if (status != ACCEL_OK)
        return status;
    }
    cycles += times * hardware->shapes[k].cycles;
    picojoules += times * hardware->shapes[k].energy;
  }
  *latency = cycles / hardware->frequency;
  *energy = picojoules * 1e-6;
  return ACCEL_OK;
}
