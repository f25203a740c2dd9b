/* hardware.h - what a network costs on an accelerator, layer by layer, from sims/accel.
 *
 * Layers run one after the other, for one image. Convolutions and dense layers are what
 * they are; an average is a depthwise convolution, the one over the whole image too; a
 * sum of n is n - 1 element-wise additions. Normalisations fold into the convolutions
 * before them, ReLU and zeros are free.
 *
 * Only few shapes occur in the networks of one plan: each is looked at once and kept. */
#ifndef ENVS_CELL_HARDWARE_H
#define ENVS_CELL_HARDWARE_H

#include "sims/accel/arch.h"
#include "sims/accel/systolic.h"
#include "sims/nn/nn.h"

/* Designs by name, in the order of the names. */
enum cell_accelerator { CELL_EDGE, CELL_CLOUD, CELL_EYERISS };
extern const char *const cell_accelerator_names[];

/* What the user changes of a design; 0 leaves what it has. */
struct cell_choice {
  enum cell_accelerator accelerator;
  uint32_t rows, cols;
  uint32_t buffer;  /* KiB: of each of the three of an array, or the global one */
  double bandwidth; /* GB/s, of DRAM */
  double frequency; /* MHz */
};

struct cell_shape; /* a layer with its costs */

struct cell_hardware {
  double frequency;
  bool systolic; /* which of the two is meant */
  struct accel_systolic array;
  struct accel_arch arch;
  struct cell_shape *shapes;
  size_t n_shapes, room;
};

/* Makes the design: ACCEL_OK, or ACCEL_INVALID with what is wrong. */
int cell_hardware_open (const struct cell_choice *choice, struct cell_hardware *hardware,
                        struct accel_error *err);

/* Latency in us and energy in uJ of one image. ACCEL_NOMEM, or ACCEL_INVALID where a
 * layer does not work on the design. */
int cell_hardware_cost (struct cell_hardware *hardware, const nn_net *net,
                        double *latency, double *energy, struct accel_error *err);

/* Harmless on an empty one. */
void cell_hardware_close (struct cell_hardware *hardware);

#endif
