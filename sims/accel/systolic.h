/* systolic.h - a systolic array with three SRAM buffers and DRAM, in closed form.
 *
 * The model is that of SCALE-Sim (Samajdar et al., "SCALE-Sim: Systolic CNN Accelerator
 * Simulator", 2018, and "A Systematic Methodology for Characterizing Scalability of DNN
 * Accelerators using SCALE-Sim", ISPASS 2020): a layer becomes a matrix multiplication
 * [M x K] times [K x N], with M = batch * P * Q output positions, N output channels and K
 * = C * R * S, once per group. It is cut into folds that fill the array of R rows and C
 * columns, one after the other:
 *
 *   dataflow             rows hold      columns hold   folds                     T
 *   output stationary    positions      channels       ceil (M/R) ceil (N/C)     K
 *   weight stationary    inner index    channels       ceil (K/R) ceil (N/C)     M
 *   input stationary     inner index    positions      ceil (K/R) ceil (M/C)     N
 *
 * CYCLES. T operands stream through a fold, skewed over rows and columns: T + R + C - 2
 * cycles; with stationary weights or inputs R more to load them. The layer takes folds
 * times that, less 1. Options overlap folds:
 *   LOAD   the next stationary operands load while a fold streams (a second register per
 *          element): only the first load is seen, and a stream is at least R long
 *   FULL   as LOAD, and folds stream back to back, without the skew between them; with
 *          outputs stationary, results leave through shadow registers in R cycles, so
 *          again a stream is at least R long
 *
 * SRAM. Every operand word that enters the array is read once per fold (inputs and
 * weights travel on inside it). With stationary weights or inputs the folds along K add
 * to the same outputs: each writes them, and each but the first reads them.
 *
 * DRAM. Buffers are double: one half works, one half loads. Folds along the columns are
 * the outer loop. An operand is fetched once if it is used in one pass or all of it fits
 * in its half, otherwise once a pass. A pass over the inputs fetches each input once if
 * the half holds what its folds share: the windows of R positions (os) or of C positions
 * (is), all inputs (ws); else every word of the matrix with its repetitions. Partial sums
 * stay on chip if those of one column of folds fit in their half, otherwise they travel
 * with every fold.
 *
 * STALLS. DRAM words over bandwidth, perfectly overlapped with the array, but for the
 * first fold's operands; the slower one decides.
 *
 * ENERGY. Accesses, MACs and leakage times cycles; areas of array and buffers. */
#ifndef SIMS_ACCEL_SYSTOLIC_H
#define SIMS_ACCEL_SYSTOLIC_H

#include <stdbool.h>
#include <stddef.h>

#include "sims/accel/energy.h"
#include "sims/accel/layer.h"

enum accel_dataflow {
  ACCEL_OUTPUT_STATIONARY,
  ACCEL_WEIGHT_STATIONARY,
  ACCEL_INPUT_STATIONARY,
  ACCEL_DATAFLOWS
};
extern const char *const accel_dataflow_names[ACCEL_DATAFLOWS]; /* os, ws, is */

enum accel_overlap { ACCEL_OVERLAP_NONE, ACCEL_OVERLAP_LOAD, ACCEL_OVERLAP_FULL };

/* Buffers, in the order of the tensors: filter, inputs, outputs. */
struct accel_systolic {
  uint32_t rows, cols; /* 1 .. ACCEL_MESH_MAX */
  enum accel_dataflow dataflow;
  enum accel_overlap overlap;
  uint32_t word_bits;
  uint64_t buffer[ACCEL_TENSORS];                 /* words, both halves; 0 is unbounded */
  double dram_bw;                                 /* words per cycle, 0 is unlimited */
  double mac_energy;                              /* pJ */
  double sram_energy[ACCEL_TENSORS], dram_energy; /* pJ per word */
  double leakage;                                 /* pJ per cycle */
  double area;                                    /* um2 */
};

/* A layer as matrix multiplications. */
struct accel_matmul {
  uint64_t m, n, k, groups;
  uint64_t words[ACCEL_TENSORS]; /* of the tensors, each word once, all groups */
};

enum accel_systolic_code {
  ACCEL_SYSTOLIC_VALID,
  ACCEL_SYSTOLIC_BUFFER,      /* half of a buffer holds `have` words, the array takes
                                 `limit` at a time: one per row or column it feeds */
  ACCEL_SYSTOLIC_CONSERVATION /* `have` MACs done of `limit`: a defect of this library */
};

struct accel_systolic_verdict {
  enum accel_systolic_code code;
  enum accel_tensor tensor;
  uint64_t have, limit;
};

struct accel_systolic_result {
  struct accel_systolic_verdict verdict; /* unless valid, the rest is undefined */
  uint64_t macs, folds;
  uint64_t array_cycles; /* without waiting for DRAM */
  uint64_t cycles;
  double utilization; /* MACs done / (elements * cycles) */
  uint64_t sram_reads[ACCEL_TENSORS], sram_writes[ACCEL_TENSORS]; /* words */
  uint64_t dram_reads[ACCEL_TENSORS], dram_writes[ACCEL_TENSORS];
  double energy; /* pJ */
};

/* Elements of 1 x 1, os, no overlap, 16-bit words, unbounded, free. */
struct accel_systolic accel_systolic_unit (void);

/* Fills in energies and area from the sizes; leakage is left alone. DRAM as a buffer
 * without bounds costs nothing for SRAM. */
void accel_systolic_price (struct accel_systolic *s, const struct accel_technology *tech);

/* ACCEL_OK, or ACCEL_INVALID and what is wrong. */
int accel_systolic_check (const struct accel_systolic *s, struct accel_error *err);

/* The matrices of a layer that passes its check. An element-wise layer is one
 * product per output, each a group of its own: a systolic array shares nothing there and
 * uses one element at a time. */
struct accel_matmul accel_matmul_of (const struct accel_layer *layer);

/* Costs of a layer. Does not allocate; any thread; s has passed its check. */
void accel_systolic_evaluate (const struct accel_systolic *s,
                              const struct accel_matmul *a,
                              struct accel_systolic_result *r);

/* A sentence such as "half of the Inputs buffer holds 8 words, 16 are needed". */
void accel_systolic_verdict_text (const struct accel_systolic_verdict *v, char *text,
                                  size_t size);

#endif
