/* cachefilter.h - turns a program's memory accesses into the requests its DRAM would see.
 *
 * The accesses come as the event lines of valgrind's lackey tool (--trace-mem=yes); what
 * misses two levels of cache, and what they write back, comes out as trace requests.
 *
 * The machine: one core with an instruction and a data cache of the same shape (L1) and a
 * cache behind both (L2). All are set-associative with true LRU, write-back and
 * write-allocate. L2 neither includes L1 nor excludes it. An access that misses L1
 *   1. is looked up in L2; a miss there is a DRAM read of the line, and if the line that
 *      makes room is dirty, a DRAM write of that one, in this order;
 *   2. then, if L1 gave up a dirty line, this one is stored whole in L2: without a read,
 *      and again with a DRAM write if a dirty line has to make room.
 * An access over several lines counts as one access to each, from the lowest. A modify is
 * a store. There is no prefetching, and nothing is written back when the program ends.
 *
 * Addresses: pages of 4096 bytes get frames 0, 1, 2, ... in the order of their first
 * touch (a freshly started machine), so that all requests lie below the program's
 * footprint and say nothing about its address space. Caches are indexed by the resulting
 * address. The program's own addresses can be kept instead.
 *
 * Time: request cycles count DRAM clocks, at a fixed number of core clocks an
 * instruction: instruction i (from 0, after the warm-up) is at
 * floor (i * CPI * dram_mhz / core_mhz).
 * The core does not wait for its misses: the trace says how much traffic the program asks
 * for, and a memory that cannot deliver it shows that by queueing.
 */
#ifndef SIMS_DRAM_CACHEFILTER_H
#define SIMS_DRAM_CACHEFILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sims/dram/error.h"
#include "sims/dram/trace.h"

#define DRAM_CACHEFILTER_PAGE 4096

/* Size in bytes; size / (ways * line) has to be a power of two. 1 to 64 ways. */
struct dram_cache_shape {
  uint64_t size;
  uint32_t ways;
};

struct dram_cachefilter_options {
  struct dram_cache_shape l1; /* of either L1 cache */
  struct dram_cache_shape l2;
  uint32_t line;              /* bytes, a power of two from 8 to DRAM_CACHEFILTER_PAGE */
  uint32_t cpi_milli;         /* core clocks an instruction, in 1/1000: 1 to 100000 */
  uint32_t core_mhz;          /* 1 to 100000 */
  uint32_t dram_mhz;          /* 1 to 100000: the clock, half the data rate */
  uint64_t skip;              /* instructions that warm the caches and write nothing */
  bool keep_addresses;        /* no frames: the program's own addresses */
};

/* Takes one request; returns false to say that no more are wanted. */
typedef bool dram_cachefilter_sink (void *context, const struct dram_request *request);

struct dram_cachefilter_counts {
  uint64_t instructions; /* those of the warm-up included, as in the others */
  uint64_t accesses;     /* to L1, line by line, fetches included */
  uint64_t l1_misses;
  uint64_t requests;     /* given to the sink */
};

struct dram_cachefilter;

/* Two L1 of 32 KiB, 8 ways; L2 of 256 KiB, 8 ways; lines of 64 bytes; CPI 1; a core of
 * 3000 MHz at DDR4-2400 (1200 MHz); no warm-up. */
struct dram_cachefilter_options dram_cachefilter_defaults (void);

/* Makes a filter with empty caches that gives its requests to `sink` with `context`.
 * Returns NULL with a message in err (nullable) when an option is out of range or memory
 * is short. The caller frees it with dram_cachefilter_free. Thread: one at a time. */
struct dram_cachefilter *
dram_cachefilter_new (const struct dram_cachefilter_options *options,
                      dram_cachefilter_sink *sink, void *context, struct dram_error *err);

/* Frees the filter; NULL is allowed. */
void dram_cachefilter_free (struct dram_cachefilter *filter);

/* What the filter counted so far. */
struct dram_cachefilter_counts
dram_cachefilter_counts (const struct dram_cachefilter *filter);

/* Takes one line of lackey's output, without its LF. Valgrind's own lines (that start
 * with ==, -- or **) and empty lines are passed over. Returns 0; 1 when the sink wants no
 * more (now or at an earlier call: nothing is done then); or -1 with a message in err
 * (nullable) that names the line, when it is none of lackey's or memory is short. */
int dram_cachefilter_line (struct dram_cachefilter *filter, const char *line,
                           size_t length, struct dram_error *err);

#endif
