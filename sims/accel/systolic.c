/* systolic.c - the closed form of systolic.h. */
#include "sims/accel/systolic.h"

#include <math.h>
#include <stdio.h>

const char *const accel_dataflow_names[ACCEL_DATAFLOWS] = { "os", "ws", "is" };

/* What lies along the array's rows and columns and what streams through it. */
struct folding {
  uint64_t rows, cols, stream;       /* sizes */
  uint64_t row_folds, col_folds;     /* how often the array is filled along each */
  enum accel_tensor streamed_by_row; /* enters at the rows: inputs or weights */
  bool loads;                        /* holds an operand, not the outputs */
};

struct accel_systolic
accel_systolic_unit (void)
{
  return (struct accel_systolic){ .rows = 1, .cols = 1, .word_bits = 16 };
}

void
accel_systolic_price (struct accel_systolic *s, const struct accel_technology *tech)
{
  s->mac_energy = accel_mac_energy (tech, s->word_bits);
  s->dram_energy = accel_access_energy (tech, 0, s->word_bits, s->word_bits);
  s->area = accel_mac_area (tech, s->word_bits) * s->rows * s->cols;
  for (int t = 0; t < ACCEL_TENSORS; t++) {
    s->sram_energy[t] =
        s->buffer[t] == 0
            ? 0
            : accel_access_energy (tech, s->buffer[t], s->word_bits, s->word_bits);
    s->area += accel_memory_area (tech, s->buffer[t], s->word_bits);
  }
}

int
accel_systolic_check (const struct accel_systolic *s, struct accel_error *err)
{
  if (s->rows < 1 || s->rows > ACCEL_MESH_MAX || s->cols < 1 || s->cols > ACCEL_MESH_MAX)
    return accel_fail (err, "an array of %u x %u; 1 to %d rows and columns expected",
                       s->rows, s->cols, ACCEL_MESH_MAX);
  if (s->dataflow >= ACCEL_DATAFLOWS || s->overlap > ACCEL_OVERLAP_FULL)
    return accel_fail (err, "unknown dataflow %d or overlap %d", (int)s->dataflow,
                       (int)s->overlap);
  if (!(s->dram_bw >= 0) || !isfinite (s->dram_bw))
    return accel_fail (err, "a DRAM bandwidth of %g words per cycle", s->dram_bw);
  return ACCEL_OK;
}

/* No two outputs of an element-wise layer share an operand: each is a group. */
struct accel_matmul
accel_matmul_of (const struct accel_layer *l)
{
  const uint32_t *n = l->size;
  struct accel_matmul a = { .m = (uint64_t)n[ACCEL_N] * n[ACCEL_P] * n[ACCEL_Q],
                            .n = n[ACCEL_K],
                            .k = (uint64_t)n[ACCEL_C] * n[ACCEL_R] * n[ACCEL_S],
                            .groups = n[ACCEL_G] };
  if (l->kind == ACCEL_ELEMENTWISE) {
    a.groups *= a.m * a.n;
    a.m = a.n = 1;
  }
  for (int t = 0; t < ACCEL_TENSORS; t++)
    a.words[t] = accel_layer_words (l, (enum accel_tensor)t);
  return a;
}

static uint64_t
folds_of (uint64_t size, uint64_t side)
{
  return (size + side - 1) / side;
}

static struct folding
fold (const struct accel_systolic *s, const struct accel_matmul *a)
{
  struct folding f = { .rows = a->k, .loads = true };
  if (s->dataflow == ACCEL_OUTPUT_STATIONARY) {
    f = (struct folding){ .rows = a->m, .cols = a->n, .stream = a->k };
  } else if (s->dataflow == ACCEL_WEIGHT_STATIONARY) {
    f.cols = a->n;
    f.stream = a->m;
  } else {
    f.cols = a->m;
    f.stream = a->n;
  }
  f.streamed_by_row =
      s->dataflow == ACCEL_INPUT_STATIONARY ? ACCEL_WEIGHTS : ACCEL_INPUTS;
  f.row_folds = folds_of (f.rows, s->rows);
  f.col_folds = folds_of (f.cols, s->cols);
  return f;
}

/* The array's cycles over all folds. */
static uint64_t
array_cycles (const struct accel_systolic *s, const struct folding *f, uint64_t folds)
{
  uint64_t skew = (uint64_t)s->rows + s->cols - 2, load = f->loads ? s->rows : 0;
  uint64_t stream = f->stream + (s->overlap == ACCEL_OVERLAP_FULL ? 0 : skew);
  uint64_t least = stream > s->rows ? stream : s->rows;
  if (s->overlap == ACCEL_OVERLAP_NONE || (!f->loads && s->overlap == ACCEL_OVERLAP_LOAD))
    return folds * (f->stream + skew + load) - 1;
  return load + (folds - 1) * least + f->stream + skew - 1;
}

/* Words into and out of the array. */
static void
count_sram (const struct accel_systolic *s, const struct accel_matmul *a,
            const struct folding *f, struct accel_systolic_result *r)
{
  uint64_t outputs = a->m * a->n * a->groups, sums = f->loads ? f->row_folds : 1;
  uint64_t inputs = a->m * a->k * a->groups, weights = a->n * a->k * a->groups;
  bool os = s->dataflow == ACCEL_OUTPUT_STATIONARY;
  bool input_held = s->dataflow == ACCEL_INPUT_STATIONARY;
  bool weight_held = s->dataflow == ACCEL_WEIGHT_STATIONARY;
  r->sram_reads[ACCEL_INPUTS] = inputs * (input_held ? 1 : f->col_folds);
  r->sram_reads[ACCEL_WEIGHTS] = weights
                                 * (weight_held ? 1
                                    : os        ? f->row_folds
                                                : f->col_folds);
  r->sram_writes[ACCEL_OUTPUTS] = outputs * sums;
  r->sram_reads[ACCEL_OUTPUTS] = outputs * (sums - 1);
}

static uint64_t
half (uint64_t words)
{
  return words == 0 ? UINT64_MAX : words / 2;
}

static uint64_t
least_of (uint64_t a, uint64_t b)
{
  return a < b ? a : b;
}

/* Words that have to stay so that a pass over the inputs brings each of them once. */
static uint64_t
input_window (const struct accel_systolic *s, const struct accel_matmul *a,
              uint64_t group)
{
  uint64_t side = s->dataflow == ACCEL_OUTPUT_STATIONARY ? s->rows : s->cols;
  if (s->dataflow == ACCEL_WEIGHT_STATIONARY)
    return group;
  return least_of (group, least_of (side, a->m) * a->k);
}

/* Inputs fetched from DRAM: passes over them, and what a pass brings. */
static uint64_t
fetched_inputs (const struct accel_systolic *s, const struct accel_matmul *a,
                const struct folding *f)
{
  uint64_t matrix = a->m * a->k * a->groups;
  uint64_t all = least_of (a->words[ACCEL_INPUTS], matrix), group = all / a->groups;
  uint64_t room = half (s->buffer[ACCEL_INPUTS]);
  uint64_t passes = s->dataflow == ACCEL_INPUT_STATIONARY ? 1 : f->col_folds;
  if (room >= group)
    return all;
  return passes * (room >= input_window (s, a, group) ? all : matrix);
}

/* Weights are used in one pass where they or the columns of outputs they belong to stay.
 * With inputs stationary each column of folds streams all of them. */
static uint64_t
fetched_weights (const struct accel_systolic *s, const struct accel_matmul *a,
                 const struct folding *f)
{
  uint64_t room = half (s->buffer[ACCEL_WEIGHTS]), all = a->n * a->k * a->groups;
  uint64_t column = least_of (s->cols, a->n) * a->k;
  if (s->dataflow == ACCEL_WEIGHT_STATIONARY || room >= a->n * a->k)
    return all;
  if (s->dataflow == ACCEL_INPUT_STATIONARY)
    return all * f->col_folds;
  return room >= column ? all : all * f->row_folds;
}

static void
count_dram (const struct accel_systolic *s, const struct accel_matmul *a,
            const struct folding *f, struct accel_systolic_result *r)
{
  uint64_t outputs = a->m * a->n * a->groups;
  uint64_t column = least_of (s->cols, f->cols) * f->stream;
  bool travels = f->loads && half (s->buffer[ACCEL_OUTPUTS]) < column;
  uint64_t times = travels ? f->row_folds : 1;
  r->dram_reads[ACCEL_INPUTS] = fetched_inputs (s, a, f);
  r->dram_reads[ACCEL_WEIGHTS] = fetched_weights (s, a, f);
  r->dram_reads[ACCEL_OUTPUTS] = outputs * (times - 1);
  r->dram_writes[ACCEL_OUTPUTS] = outputs * times;
  /* what comes from DRAM is written into the buffers, what goes there is read */
  r->sram_writes[ACCEL_INPUTS] = r->dram_reads[ACCEL_INPUTS];
  r->sram_writes[ACCEL_WEIGHTS] = r->dram_reads[ACCEL_WEIGHTS];
  r->sram_reads[ACCEL_OUTPUTS] += r->dram_writes[ACCEL_OUTPUTS];
  r->sram_writes[ACCEL_OUTPUTS] += r->dram_reads[ACCEL_OUTPUTS];
}

/* The first fold's operands, for which the array has to wait. */
static uint64_t
first_words (const struct accel_systolic *s, const struct folding *f)
{
  uint64_t rows = least_of (s->rows, f->rows), cols = least_of (s->cols, f->cols);
  return rows * f->stream + (f->loads ? rows * cols : cols * f->stream);
}

static void
take_time (const struct accel_systolic *s, const struct accel_matmul *a,
           const struct folding *f, struct accel_systolic_result *r)
{
  double elements = (double)s->rows * s->cols, words = 0, first;
  r->folds = f->row_folds * f->col_folds * a->groups;
  r->array_cycles = r->cycles = array_cycles (s, f, r->folds);
  if (s->dram_bw > 0) {
    for (int t = 0; t < ACCEL_TENSORS; t++)
      words += (double)r->dram_reads[t] + (double)r->dram_writes[t];
    first = (double)first_words (s, f);
    first = first < words ? first : words;
    words = ceil (words / s->dram_bw);
    r->cycles = (uint64_t)words > r->cycles ? (uint64_t)words : r->cycles;
    r->cycles += (uint64_t)ceil (first / s->dram_bw);
  }
  r->utilization = (double)r->macs / (elements * (double)r->cycles);
}

static void
take_energy (const struct accel_systolic *s, struct accel_systolic_result *r)
{
  double dram = 0;
  r->energy = (double)r->macs * s->mac_energy + s->leakage * (double)r->cycles;
  for (int t = 0; t < ACCEL_TENSORS; t++) {
    r->energy +=
        s->sram_energy[t] * ((double)r->sram_reads[t] + (double)r->sram_writes[t]);
    dram += (double)r->dram_reads[t] + (double)r->dram_writes[t];
  }
  r->energy += dram * s->dram_energy;
}

/* Each half feeds its side of the array with a word a cycle per row or column. */
static bool
fits (const struct accel_systolic *s, const struct folding *f,
      struct accel_systolic_result *r)
{
  uint64_t rows = least_of (s->rows, f->rows), cols = least_of (s->cols, f->cols);
  uint64_t need[ACCEL_TENSORS] = { [ACCEL_OUTPUTS] = cols };
  need[ACCEL_INPUTS] = f->streamed_by_row == ACCEL_INPUTS ? rows : cols;
  need[ACCEL_WEIGHTS] = f->streamed_by_row == ACCEL_INPUTS ? cols : rows;
  for (int t = 0; t < ACCEL_TENSORS; t++) {
    uint64_t have = half (s->buffer[t]);
    if (have >= need[t])
      continue;
    r->verdict = (struct accel_systolic_verdict){ .code = ACCEL_SYSTOLIC_BUFFER,
                                                  .tensor = (enum accel_tensor)t,
                                                  .have = have,
                                                  .limit = need[t] };
    return false;
  }
  return true;
}

/* MACs fold by fold: full ones and what the last ones along each side leave. */
static bool
conserves (const struct accel_systolic *s, const struct accel_matmul *a,
           const struct folding *f, struct accel_systolic_result *r)
{
  uint64_t last_rows = f->rows - (f->row_folds - 1) * s->rows;
  uint64_t last_cols = f->cols - (f->col_folds - 1) * s->cols;
  uint64_t rows = (f->row_folds - 1) * s->rows + last_rows;
  uint64_t cols = (f->col_folds - 1) * s->cols + last_cols;
  uint64_t layer = a->m * a->n * a->k * a->groups;
  r->macs = rows * cols * f->stream * a->groups;
  if (r->macs == layer && last_rows <= s->rows && last_cols <= s->cols)
    return true;
  r->verdict = (struct accel_systolic_verdict){ .code = ACCEL_SYSTOLIC_CONSERVATION,
                                                .have = r->macs,
                                                .limit = layer };
  return false;
}

void
accel_systolic_evaluate (const struct accel_systolic *s, const struct accel_matmul *a,
                         struct accel_systolic_result *r)
{
  struct folding f = fold (s, a);
  r->verdict = (struct accel_systolic_verdict){ .code = ACCEL_SYSTOLIC_VALID };
  if (!fits (s, &f, r) || !conserves (s, a, &f, r))
    return;
  for (int t = 0; t < ACCEL_TENSORS; t++)
    r->sram_writes[t] = r->dram_writes[t] = 0;
  count_sram (s, a, &f, r);
  count_dram (s, a, &f, r);
  take_time (s, a, &f, r);
  take_energy (s, r);
}

void
accel_systolic_verdict_text (const struct accel_systolic_verdict *v, char *text,
                             size_t size)
{
  unsigned long long have = v->have, limit = v->limit;
  if (v->code == ACCEL_SYSTOLIC_VALID)
    snprintf (text, size, "valid");
  else if (v->code == ACCEL_SYSTOLIC_BUFFER)
    snprintf (text, size, "half of the %s buffer holds %llu words, %llu are needed",
              accel_tensor_names[v->tensor], have, limit);
  else
    snprintf (text, size, "%llu MACs done of %llu", have, limit);
}
