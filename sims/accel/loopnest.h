/* loopnest.h - what a mapping of a layer onto an accelerator costs.
 *
 * The model is that of Timeloop (Parashar et al., "Timeloop: A Systematic Approach to DNN
 * Accelerator Evaluation", ISPASS 2019) in closed form: nothing is simulated, so an
 * evaluation costs a few hundred nanoseconds. Dense tensors, perfect factors, no
 * transfers between neighbours. Counts are words per instance of a level.
 *
 * 1. TILES. stride (loop of d) = product of the factors of d inside it; a level's tile of
 * a tensor is the bounding box over all its loops and those inside.
 *
 * 2. DELIVERIES A to one instance, of a tensor: its tile for every iteration of the
 * temporal loops outside, but
 *   - leading loops that do not move the tile cost nothing (stationarity);
 *   - where a step moves the tile by less than its extent, the words it shares with the
 *     tile before stay (halo). How far this goes is `reuse` below.
 *
 * 3. SPATIAL LOOPS. Children at equal offsets use the same words at the same time: one
 * read serves them (multicast), and their partial sums merge before the update
 * (reduction). u = number of distinct offsets. Overlapping, unequal windows share
 * nothing.
 *
 * 4. TRAFFIC between a level and its children: c = u * (A of the next inner level if that
 * keeps the tensor, else its own c); at the MACs c = u * cycles. A kept level has
 *              reads           fills             updates
 *   operands   c               A                 0
 *   outputs    c - partition   A - partition     c
 * where `partition` is the share of the tensor an instance ever handles: the first
 * partial sum of an element finds nothing to read. The outermost level that keeps a
 * tensor has no fills.
 *
 * 5. TIME. cycles of the MACs = product of all temporal factors; a level whose words per
 * cycle exceed a bandwidth is slower by that ratio, rounded up; the slowest decides.
 * Fill and drain are assumed hidden.
 *
 * 6. ENERGY. ceil (words / block) accesses, reads at read_energy, fills and updates at
 * write_energy, times the instances in use; MACs; leakage of all instances (also idle
 * ones) times cycles; network (0 unless a level has hop_energy): a word that goes to g of
 * the level's children, w x h of them in use, makes (w + h) / 2 hops to the first and one
 * to every further one.
 *
 * Every accepted evaluation has done the layer's MACs: cycles times MACs in use is
 * compared with their number each time. */
#ifndef SIMS_ACCEL_LOOPNEST_H
#define SIMS_ACCEL_LOOPNEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sims/accel/mapping.h"

/* When words that two successive tiles share are kept. */
enum accel_reuse {
  /* As Timeloop: only while the tile moves by the same step as the time before; and when
   * an outer loop advances, inner loops are taken to stand at index 1, not at their last,
   * which matters where that makes two different steps look equal. */
  ACCEL_REUSE_TIMELOOP,
  /* The same, with inner loops at their last index. */
  ACCEL_REUSE_SAME_STEP,
  /* Exact: always. A tile fetches what its predecessor did not hold. */
  ACCEL_REUSE_EXACT
};

struct accel_options {
  enum accel_reuse reuse;
  /* Refuse spatial factors beyond the fan-out of their own level; otherwise only the
   * products from the outside in have to fit, as in Timeloop. */
  bool check_fanout;
};

/* Why a mapping does not work. Factors are looked at first, then the instances and meshes
 * of the MACs, then level by level from the inside out capacity, instances and meshes,
 * at last the rest. */
enum accel_verdict_code {
  ACCEL_VALID,
  ACCEL_FACTORS,   /* dim: the factors multiply to `have`, not to `limit` */
  ACCEL_INSTANCES, /* level: `have` instances used of `limit` */
  ACCEL_MESH_X,    /* level: the same along X */
  ACCEL_MESH_Y,
  ACCEL_CAPACITY, /* level: tiles of `have` words in `limit`; tensor: the largest */
  ACCEL_FANOUT_X, /* level: spatial factors of `have` over a fan-out of `limit` */
  ACCEL_FANOUT_Y,
  ACCEL_HOMELESS,     /* tensor: kept nowhere (limit 0), or not whole in the outermost
                         level that keeps it: `have` words of `limit` it would be sent */
  ACCEL_CONSERVATION, /* `have` MACs done of `limit`: a defect of this library */
  ACCEL_VERDICTS
};

enum { ACCEL_AT_MAC = -1 }; /* a verdict's level */

struct accel_verdict {
  enum accel_verdict_code code;
  int level, tensor, dim; /* where the code does not name them: 0 */
  uint64_t have, limit;
};

struct accel_count {
  uint64_t tile, partition, reads, fills, updates;
  double energy; /* pJ, all instances */
};

struct accel_level_result {
  struct accel_count tensor[ACCEL_TENSORS]; /* zero where the tensor bypasses */
  uint64_t moved[ACCEL_TENSORS]; /* words between an instance and its children */
  uint64_t instances;            /* in use */
  uint64_t cycles;
  double slowdown; /* share of full speed this level allows, at most 1 */
  double accesses; /* pJ: the tensors' energies */
  double network;  /* pJ */
  double leakage;  /* pJ */
};

struct accel_result {
  struct accel_verdict verdict; /* unless ACCEL_VALID, the rest is undefined */
  uint64_t macs, mac_cycles, mac_instances; /* instances in use */
  uint64_t cycles;
  double utilization;        /* MACs done / (MACs there * cycles) */
  double mac_energy, energy; /* pJ */
  struct accel_level_result level[ACCEL_LEVELS_MAX];
};

/* One layer on one accelerator, prepared. Made once, read by any number of threads. */
struct accel_loopnest {
  struct accel_options options;
  uint32_t level_count;
  uint64_t macs, size[ACCEL_DIMS];
  uint64_t words[ACCEL_TENSORS];
  uint8_t
      moved_by[ACCEL_TENSORS]; /* bit d: loops of dimension d move the tensor's tile */
  uint64_t capacity[ACCEL_LEVELS_MAX];
  struct accel_projection projection[ACCEL_TENSORS];
  struct accel_arch arch;
};

/* Checks both and prepares. Everything is copied; nothing is to be freed. ACCEL_OK, or
 * ACCEL_INVALID with a message in err (nullable). */
int accel_loopnest_init (struct accel_loopnest *model, const struct accel_arch *arch,
                         const struct accel_layer *layer,
                         const struct accel_options *options, struct accel_error *err);

/* Costs of one mapping of model->level_count splits. Any splits are safe to pass: what
 * is no mapping of this layer gets its verdict. Does not allocate, any thread. */
void accel_loopnest_evaluate (const struct accel_loopnest *model,
                              const struct accel_split *splits,
                              struct accel_result *result);

/* Of `count` mappings: arrays of `count`, each nullable. Invalid mappings have NaN for
 * cycles, energy and utilization. The same bits as one evaluation at a time. */
struct accel_scores {
  double *cycles, *energy, *utilization;
  uint8_t *verdict; /* enum accel_verdict_code */
};
void accel_loopnest_batch (const struct accel_loopnest *model,
                           const struct accel_split *splits, size_t count,
                           const struct accel_scores *scores);

/* A sentence such as "level GLB: tiles of 36864 words in 32768, Inputs the largest". */
void accel_verdict_text (const struct accel_loopnest *model,
                         const struct accel_verdict *verdict, char *text, size_t size);

#endif
