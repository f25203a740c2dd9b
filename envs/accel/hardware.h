/* The hardware of ArchGym's Timeloop space: what a design of 26 parameters is built of.
 *
 * From the inside out: multiply-accumulators, each with scratch pads of its own for
 * partial sums, weights and inputs; a buffer per column that keeps nothing; a banked
 * global buffer; DRAM. */
#ifndef ENVS_ACCEL_HARDWARE_H
#define ENVS_ACCEL_HARDWARE_H

#include <gym/plugin.h>

#include "sims/accel/energy.h"

/* The parameters, constant. */
struct gym_params hardware_params (void);

/* The accelerator that a canonical row of the space describes. */
struct accel_arch hardware_build (const double *row);

#endif
