/* arch.h - an accelerator as data: storage levels around an array of MACs.
 *
 * Levels are numbered from the MACs outwards; the last one is the home of all data
 * (usually DRAM). Each level is a mesh of equal instances; the next inner level's mesh
 * (or that of the MACs, under level 0) is spread evenly under them, so its sides are
 * multiples: the fan-out in X and Y. */
#ifndef SIMS_ACCEL_ARCH_H
#define SIMS_ACCEL_ARCH_H

#include <stdint.h>

#include "sims/accel/layer.h"

enum {
  ACCEL_LEVELS_MAX = 16,
  ACCEL_MESH_MAX = 65535,
  ACCEL_KEEP_ALL = (1 << ACCEL_TENSORS) - 1
};

/* Figures are per instance. A bandwidth of 0 is unlimited, entries of 0 unbounded. */
struct accel_level {
  char name[ACCEL_NAME_MAX];
  uint64_t entries;          /* words */
  double multiple_buffering; /* copies of each tile, at least 1: 2 is double buffering */
  uint32_t word_bits;
  uint32_t block; /* words per access: energy is counted per block */
  uint32_t mesh_x, mesh_y;
  double read_bw, write_bw, shared_bw; /* words per cycle; shared: reads and writes */
  double read_energy, write_energy;    /* pJ per access of a block */
  double leakage;                      /* pJ per cycle */
  double hop_energy; /* pJ per word and hop of the network to the children */
  double area;       /* um2 */
  uint8_t may_keep;  /* bit t: tensor t may be stored here (mappers obey) */
};

struct accel_arch {
  char name[ACCEL_NAME_MAX];
  struct {
    uint32_t mesh_x, mesh_y, word_bits;
    double energy;  /* pJ per operation */
    double leakage; /* pJ per cycle and instance */
    double area;    /* um2 per instance */
  } mac;
  uint32_t level_count; /* 1 .. ACCEL_LEVELS_MAX */
  struct accel_level level[ACCEL_LEVELS_MAX];
};

/* One of each, unbounded, unlimited, free: start from this and fill in. */
struct accel_level accel_level_unit (const char *name);

/* ACCEL_OK, or ACCEL_INVALID and what is wrong with which level. */
int accel_arch_check (const struct accel_arch *arch, struct accel_error *err);

/* Words an instance of the level can hold of one set of tiles: floor (entries /
 * multiple_buffering), UINT64_MAX when unbounded. */
uint64_t accel_level_capacity (const struct accel_level *level);

/* um2 of all instances and the MACs. */
double accel_arch_area (const struct accel_arch *arch);

#endif
