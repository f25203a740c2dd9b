/* The systolic array: SCALE-Sim's rows, an array that is walked, what must hold. */
#include "sims/accel/systolic.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sims/accel/workload.h"
#include "tests/sims/accel/random_case.h"
#include "tests/tap.h"

static enum accel_dataflow
dataflow_of (const char *name)
{
  int d = 0;
  while (d < ACCEL_DATAFLOWS && strcmp (accel_dataflow_names[d], name) != 0)
    d++;
  return (enum accel_dataflow)d;
}

/* ---- Recorded rows --------------------------------------------------------------- */

static bool
same_row (const char *line)
{
  struct accel_layer l = accel_layer_unit (ACCEL_CONV);
  struct accel_systolic s = accel_systolic_unit ();
  struct accel_systolic_result r;
  struct accel_matmul a;
  unsigned h, w, m, n, k;
  unsigned long long macs, cycles, inputs, weights;
  double utilization;
  char flow[3];
  uint32_t *z = l.size;
  if (sscanf (line,
              "%*[^,],%*[^,],%u,%u,%u,%u,%u,%u,%u,%u,%u,%u,%llu,%2[^,],%u,%u,%llu,%lf,"
              "%llu,%llu",
              &h, &w, &z[ACCEL_S], &z[ACCEL_R], &z[ACCEL_C], &z[ACCEL_K], &l.stride_w, &m,
              &n, &k, &macs, flow, &s.rows, &s.cols, &cycles, &utilization, &inputs,
              &weights)
      != 18)
    return false;
  l.stride_h = l.stride_w;
  z[ACCEL_P] = accel_output_extent (w, 0, z[ACCEL_R], l.stride_w, 1);
  z[ACCEL_Q] = accel_output_extent (h, 0, z[ACCEL_S], l.stride_h, 1);
  s.dataflow = dataflow_of (flow);
  a = accel_matmul_of (&l);
  accel_systolic_evaluate (&s, &a, &r);
  return r.verdict.code == ACCEL_SYSTOLIC_VALID && a.m == m && a.n == n && a.k == k
         && r.macs == macs && r.cycles == cycles && r.sram_reads[ACCEL_INPUTS] == inputs
         && r.sram_reads[ACCEL_WEIGHTS] == weights
         && fabs (100 * r.utilization / utilization - 1) < 1e-12;
}

static void
test_reference (void)
{
  char path[1024], line[512];
  const char *name = tap_reference ("accel/systolic.csv", path, sizeof path);
  FILE *file = name ? fopen (name, "r") : NULL;
  int rows = 0, equal = 0;
  if (file == NULL) {
    tap_skip ("the reference data is not beside the checkout");
    return;
  }
  CU_ASSERT_PTR_NOT_NULL (fgets (line, sizeof line, file));
  while (fgets (line, sizeof line, file) != NULL) {
    bool same = same_row (line);
    rows++;
    equal += same;
    if (!same)
      tap_note ("unequal: %s", line);
  }
  fclose (file);
  CU_ASSERT (rows > 0 && equal == rows);
  tap_note ("%d rows, %d equal", rows, equal);
}

/* ---- Walked ---------------------------------------------------------------------- */

/* Counts cycle by cycle when elements work: element (r, c) takes operand t in cycle t + r
 * + c of its fold, behind what it takes to load. */
struct walked {
  uint64_t cycles, macs, entered_rows, entered_cols;
};

static void
walk_fold (uint64_t rows, uint64_t cols, uint64_t stream, const struct accel_systolic *s,
           struct walked *w)
{
  uint64_t last = stream + s->rows + s->cols - 2;
  for (uint64_t cycle = 0; cycle < last; cycle++) {
    for (uint64_t r = 0; r < rows; r++) {
      for (uint64_t c = 0; c < cols; c++) {
        bool works = cycle >= r + c && cycle - r - c < stream;
        w->macs += works;
        w->entered_rows += works && c == 0;
        w->entered_cols += works && r == 0;
      }
    }
  }
  w->cycles += last + (s->dataflow == ACCEL_OUTPUT_STATIONARY ? 0 : s->rows);
}

static struct walked
walk_array (const struct accel_systolic *s, const struct accel_matmul *a)
{
  struct walked w = { .cycles = 0 };
  uint64_t rows = s->dataflow == ACCEL_OUTPUT_STATIONARY ? a->m : a->k;
  uint64_t cols = s->dataflow == ACCEL_INPUT_STATIONARY ? a->m : a->n;
  uint64_t stream = s->dataflow == ACCEL_OUTPUT_STATIONARY   ? a->k
                    : s->dataflow == ACCEL_WEIGHT_STATIONARY ? a->m
                                                             : a->n;
  for (uint64_t g = 0; g < a->groups; g++) {
    for (uint64_t i = 0; i < rows; i += s->rows) {
      for (uint64_t j = 0; j < cols; j += s->cols)
        walk_fold (rows - i < s->rows ? rows - i : s->rows,
                   cols - j < s->cols ? cols - j : s->cols, stream, s, &w);
    }
  }
  w.cycles--;
  return w;
}

static void
test_walk (void)
{
  uint64_t random = 3;
  for (int k = 0; k < 1000; k++) {
    struct random_case c;
    struct accel_systolic s = accel_systolic_unit ();
    struct accel_systolic_result r;
    struct accel_matmul a;
    struct walked w;
    random_case_make (&c, (uint64_t)k);
    s.rows = 1 + random_below (&random, 6);
    s.cols = 1 + random_below (&random, 6);
    s.dataflow = (enum accel_dataflow)random_below (&random, ACCEL_DATAFLOWS);
    a = accel_matmul_of (&c.layer);
    accel_systolic_evaluate (&s, &a, &r);
    w = walk_array (&s, &a);
    CU_ASSERT_EQUAL (r.macs, accel_layer_macs (&c.layer));
    CU_ASSERT (r.macs == w.macs && r.cycles == w.cycles);
    CU_ASSERT_EQUAL (
        r.sram_reads[s.dataflow == ACCEL_INPUT_STATIONARY ? ACCEL_WEIGHTS : ACCEL_INPUTS],
        w.entered_rows);
    if (s.dataflow == ACCEL_OUTPUT_STATIONARY)
      CU_ASSERT_EQUAL (r.sram_reads[ACCEL_WEIGHTS], w.entered_cols);
  }
}

/* ---- By hand --------------------------------------------------------------------- */

/* A product of m positions, n channels and inner index k. */
static struct accel_systolic_result
multiply (const struct accel_systolic *s, uint32_t m, uint32_t n, uint32_t k)
{
  struct accel_layer l = accel_layer_gemm (m, n, k);
  struct accel_matmul a = accel_matmul_of (&l);
  struct accel_systolic_result r;
  accel_systolic_evaluate (s, &a, &r);
  return r;
}

/* 6 positions, 4 channels, inner index 10 on 4 x 3. */
static void
test_by_hand (void)
{
  struct accel_systolic s = accel_systolic_unit ();
  struct accel_systolic_result r;
  s.rows = 4;
  s.cols = 3;
  s.dataflow = ACCEL_WEIGHT_STATIONARY;
  r = multiply (&s, 6, 4, 10);
  CU_ASSERT_EQUAL (r.folds, 3 * 2);
  CU_ASSERT_EQUAL (r.cycles, 6 * (6 + 8 + 3 - 2) - 1);
  CU_ASSERT_EQUAL (r.sram_reads[ACCEL_INPUTS], 60 * 2);
  CU_ASSERT_EQUAL (r.sram_reads[ACCEL_WEIGHTS], 40);
  CU_ASSERT_EQUAL (r.sram_writes[ACCEL_OUTPUTS], 24 * 3);
  CU_ASSERT_EQUAL (r.sram_reads[ACCEL_OUTPUTS], 24 * 2 + 24);
  CU_ASSERT_EQUAL (r.dram_reads[ACCEL_INPUTS], 60);
  s.overlap = ACCEL_OVERLAP_LOAD;
  r = multiply (&s, 6, 4, 10);
  CU_ASSERT_EQUAL (r.cycles, 4 + 6 * (6 + 4 + 3 - 2) - 1);
  s.overlap = ACCEL_OVERLAP_FULL;
  r = multiply (&s, 6, 4, 10);
  CU_ASSERT_EQUAL (r.cycles, 4 + 6 * 6 + 4 + 3 - 2 - 1);
}

/* Small buffers: inputs come once a pass, partial sums travel. */
static void
test_traffic_by_hand (void)
{
  struct accel_systolic s = accel_systolic_unit ();
  struct accel_systolic_result r;
  s.rows = 4;
  s.cols = 3;
  s.dataflow = ACCEL_WEIGHT_STATIONARY;
  s.dram_energy = 1;
  s.dram_bw = 2;
  s.buffer[ACCEL_INPUTS] = 100;
  s.buffer[ACCEL_WEIGHTS] = 8;
  s.buffer[ACCEL_OUTPUTS] = 34; /* a half lacks one word of 6 x 3 sums */
  r = multiply (&s, 6, 4, 10);
  CU_ASSERT_EQUAL (r.dram_reads[ACCEL_INPUTS], 60 * 2);
  CU_ASSERT_EQUAL (r.dram_reads[ACCEL_WEIGHTS], 40);
  CU_ASSERT_EQUAL (r.dram_reads[ACCEL_OUTPUTS], 24 * 2);
  CU_ASSERT_EQUAL (r.dram_writes[ACCEL_OUTPUTS], 24 * 3);
  CU_ASSERT_EQUAL (r.array_cycles, 89);
  /* 280 words at 2 a cycle, behind a first fold of 4 x 6 inputs and 4 x 3 weights */
  CU_ASSERT_EQUAL (r.cycles, 140 + 18);
  CU_ASSERT_DOUBLE_EQUAL (r.energy, 280, 1e-9);
  s.buffer[ACCEL_OUTPUTS] = 36;
  s.buffer[ACCEL_INPUTS] = 120;
  r = multiply (&s, 6, 4, 10);
  CU_ASSERT_EQUAL (r.dram_reads[ACCEL_INPUTS], 60);
  CU_ASSERT_EQUAL (r.dram_writes[ACCEL_OUTPUTS], 24);
}

/* Weights: with outputs stationary once where a column of them stays, else once a fold
 * of rows; with inputs stationary once a fold of columns, from DRAM and from SRAM. */
static void
test_weights_by_hand (void)
{
  struct accel_systolic s = accel_systolic_unit ();
  struct accel_systolic_result r;
  s.rows = s.cols = 3;
  s.buffer[ACCEL_WEIGHTS] = 60; /* a half holds 3 channels of 10 words */
  r = multiply (&s, 6, 4, 10);
  CU_ASSERT_EQUAL (r.dram_reads[ACCEL_WEIGHTS], 40);
  CU_ASSERT_EQUAL (r.sram_reads[ACCEL_WEIGHTS], 40 * 2);
  s.buffer[ACCEL_WEIGHTS] = 58;
  r = multiply (&s, 6, 4, 10);
  CU_ASSERT_EQUAL (r.dram_reads[ACCEL_WEIGHTS], 40 * 2);
  s.dataflow = ACCEL_INPUT_STATIONARY;
  r = multiply (&s, 7, 4, 10); /* three folds of columns, four of rows */
  CU_ASSERT_EQUAL (r.dram_reads[ACCEL_WEIGHTS], 40 * 3);
  CU_ASSERT_EQUAL (r.sram_reads[ACCEL_WEIGHTS], 40 * 3);
  CU_ASSERT_EQUAL (r.dram_reads[ACCEL_INPUTS], 70);
}

/* ---- What must hold -------------------------------------------------------------- */

static double
traffic (const struct accel_systolic_result *r)
{
  double words = 0;
  for (int t = 0; t < ACCEL_TENSORS; t++)
    words += (double)r->dram_reads[t] + (double)r->dram_writes[t];
  return words;
}

static struct accel_systolic
random_array (uint64_t *random)
{
  struct accel_systolic s = accel_systolic_unit ();
  s.rows = 1 + random_below (random, 8);
  s.cols = 1 + random_below (random, 8);
  s.dataflow = (enum accel_dataflow)random_below (random, ACCEL_DATAFLOWS);
  s.overlap = (enum accel_overlap)random_below (random, 3);
  s.dram_bw = 0.25 * (1 + random_below (random, 20));
  for (int t = 0; t < ACCEL_TENSORS; t++)
    s.buffer[t] = 16 + random_below (random, 300);
  return s;
}

/* Larger buffers, more bandwidth and more overlap are never worse; every word moves. */
static void
test_monotone (void)
{
  uint64_t random = 5;
  for (int k = 0; k < 20000; k++) {
    struct accel_systolic s = random_array (&random), more = s;
    struct accel_systolic_result before, after;
    struct random_case c;
    struct accel_matmul a;
    int what = k % 5;
    random_case_make (&c, (uint64_t)(k % 500));
    a = accel_matmul_of (&c.layer);
    if (what < 3)
      more.buffer[what] += random_below (&random, 300);
    else if (what == 3)
      more.dram_bw *= 1.5;
    else
      more.overlap = more.overlap < ACCEL_OVERLAP_FULL ? more.overlap + 1 : more.overlap;
    accel_systolic_evaluate (&s, &a, &before);
    accel_systolic_evaluate (&more, &a, &after);
    CU_ASSERT (before.verdict.code == ACCEL_SYSTOLIC_VALID);
    CU_ASSERT (traffic (&after) <= traffic (&before) && after.cycles <= before.cycles);
    CU_ASSERT (after.cycles >= after.array_cycles);
    CU_ASSERT (before.dram_writes[ACCEL_OUTPUTS] >= a.m * a.n * a.groups
               && before.dram_reads[ACCEL_WEIGHTS] >= a.n * a.k * a.groups);
  }
}

/* Weight stationary and input stationary are each other's transpose. */
static void
test_transposed (void)
{
  for (uint32_t k = 1; k < 400; k++) {
    struct accel_systolic s = accel_systolic_unit ();
    struct accel_systolic_result r, q;
    s.rows = 1 + k % 5, s.cols = 1 + k % 3;
    s.dataflow = ACCEL_WEIGHT_STATIONARY;
    r = multiply (&s, 1 + k % 13, 1 + k % 17, 1 + k % 11);
    s.dataflow = ACCEL_INPUT_STATIONARY;
    q = multiply (&s, 1 + k % 17, 1 + k % 13, 1 + k % 11);
    CU_ASSERT_EQUAL (r.cycles, q.cycles);
    CU_ASSERT_EQUAL (r.sram_reads[ACCEL_INPUTS], q.sram_reads[ACCEL_WEIGHTS]);
    CU_ASSERT_EQUAL (r.sram_reads[ACCEL_WEIGHTS], q.sram_reads[ACCEL_INPUTS]);
  }
}

static void
test_verdicts (void)
{
  struct accel_systolic s = accel_systolic_unit ();
  struct accel_systolic_result r;
  struct accel_error err;
  char text[128];
  s.rows = s.cols = 16;
  s.buffer[ACCEL_INPUTS] = 31;
  r = multiply (&s, 64, 64, 64);
  accel_systolic_verdict_text (&r.verdict, text, sizeof text);
  CU_ASSERT_STRING_EQUAL (text,
                          "half of the Inputs buffer holds 15 words, 16 are needed");
  s.buffer[ACCEL_INPUTS] = 32;
  r = multiply (&s, 64, 64, 64);
  accel_systolic_verdict_text (&r.verdict, text, sizeof text);
  CU_ASSERT_STRING_EQUAL (text, "valid");
  CU_ASSERT_EQUAL (accel_systolic_check (&s, &err), ACCEL_OK);
  s.rows = 0;
  CU_ASSERT_EQUAL (accel_systolic_check (&s, &err), ACCEL_INVALID);
  CU_ASSERT_STRING_EQUAL (err.text,
                          "an array of 0 x 16; 1 to 65535 rows and columns expected");
  s.rows = 1;
  s.dram_bw = NAN;
  CU_ASSERT_EQUAL (accel_systolic_check (&s, NULL), ACCEL_INVALID);
}

static void
test_price (void)
{
  struct accel_systolic s = accel_systolic_unit ();
  s.rows = s.cols = 8;
  s.buffer[ACCEL_INPUTS] = 4096;
  accel_systolic_price (&s, &accel_45nm);
  CU_ASSERT_EQUAL (s.sram_energy[ACCEL_WEIGHTS], 0);
  CU_ASSERT_DOUBLE_EQUAL (s.sram_energy[ACCEL_INPUTS], 2.5, 1e-9);
  CU_ASSERT_DOUBLE_EQUAL (s.area,
                          64 * accel_mac_area (&accel_45nm, 16)
                              + accel_memory_area (&accel_45nm, 4096, 16),
                          1e-6);
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { .name = "reference", .run = test_reference },
    { .name = "walk", .run = test_walk },
    { .name = "by hand", .run = test_by_hand },
    { .name = "traffic by hand", .run = test_traffic_by_hand },
    { .name = "weights by hand", .run = test_weights_by_hand },
    { .name = "monotone", .run = test_monotone },
    { .name = "transposed", .run = test_transposed },
    { .name = "verdicts", .run = test_verdicts },
    { .name = "price", .run = test_price },
    { 0 },
  };
  return tap_run ("accel systolic", tests);
}
