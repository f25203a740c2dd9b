/* hardware.c - ArchGym's Timeloop space and the accelerator behind a design.
 *
 * Names and levels are those of ArchGym's parameter file (Krishnan et al., ISCA 2023), a
 * hyphen written as an underscore. The space is flat as it is there: the buffer per
 * column keeps no tensor, so its depth and block cost area and nothing else, and agents
 * are to meet the same plateaus.
 *
 * What the four classes of memory cost, as there is no estimator of circuits here:
 *   SRAM      a macro, energies and areas of sims/accel/energy.h in 45 nm; smaller ones
 *             than 256 bytes cost as much as one of 256 (assumption: compilers of
 * memories offer none) regfile   flip-flops of 5.98 um2 a bit (Shao et al., Aladdin, ISCA
 * 2014, table of registers); half a kilobyte takes the energy of a 16-bit MAC (Chen et
 * al., Eyeriss, ISCA 2016), others that times the square root of the ratio of sizes
 *   smartbuffer_SRAM, smartbuffer_RF
 *             the same with two address generators: an adder as wide as an address works
 *             in every access, and there are two of them */
#include "envs/accel/hardware.h"

#include <math.h>
#include <stdbool.h>

enum {
  NUM_PES,
  MAC_MESH_X,
  IFMAP, /* class, depth, block, read and write bandwidth follow each other */
  PSUM = IFMAP + 5,
  WEIGHTS = PSUM + 5,
  DUMMY = WEIGHTS + 5,
  GLB = DUMMY + 3,
  PARAMS = GLB + 6
};

/* Offsets within a scratch pad; the global buffer has its banks behind the depth. */
enum { CLASS, DEPTH, BLOCK, READ_BW, WRITE_BW };
enum { GLB_BANKS = GLB + 2, GLB_BLOCK, GLB_READ_BW, GLB_WRITE_BW };

enum memory_class { REGFILE, SMARTBUFFER_SRAM, SMARTBUFFER_RF, SRAM };

static const char *const classes[] = { "regfile", "smartbuffer_SRAM", "smartbuffer_RF",
                                       "SRAM" };
static const char *const meshes[] = { "2", "7", "14" };
/* Level i is 2 to the power of i + 1, of i, of i + 1, of i + 10 and of i + 4. */
static const char *const depths[] = { "2",    "4",     "8",     "16",   "32",   "64",
                                      "128",  "256",   "512",   "1024", "2048", "4096",
                                      "8192", "16384", "32768", "65536" };
static const char *const blocks[] = { "1", "2", "4" };
static const char *const bandwidths[] = { "2", "4", "8", "16" };
static const char *const glb_depths[] = { "1024",  "2048",  "4096", "8192",
                                          "16384", "32768", "65536" };
static const char *const banks[] = { "16", "32", "64", "128" };

/* Parameters of a scratch pad, with the level of its depth in Eyeriss. */
#define SCRATCH_PAD(at, prefix, what, level)                                             \
  [at + CLASS] = { .name = prefix "_CLASS",                                              \
                   .doc = "Kind of memory of the " what ".",                             \
                   .kind = GYM_CATEGORICAL,                                              \
                   GYM_LEVELS (classes),                                                 \
                   .initial = SMARTBUFFER_SRAM },                                        \
        [at + DEPTH] = { .name = prefix "_memory_depth",                                 \
                         .doc = "Words of the " what ".",                                \
                         .kind = GYM_ORDINAL,                                            \
                         GYM_LEVELS (depths),                                            \
                         .initial = level },                                             \
        [at + BLOCK] = { .name = prefix "_block_size",                                   \
                         .doc = "Words per access of the " what ".",                     \
                         .kind = GYM_ORDINAL,                                            \
                         GYM_LEVELS (blocks) },                                          \
        [at + READ_BW] = { .name = prefix "_read_bandwidth",                             \
                           .doc = "Words per cycle out of the " what ".",                \
                           .kind = GYM_ORDINAL,                                          \
                           GYM_LEVELS (bandwidths) },                                    \
        [at + WRITE_BW] = { .name = prefix "_write_bandwidth",                           \
                            .doc = "Words per cycle into the " what ".",                 \
                            .kind = GYM_ORDINAL,                                         \
                            GYM_LEVELS (bandwidths) }

/* The default is ArchGym's template, an Eyeriss; its depths of 12 and 192 words are
 * rounded to the levels there are. */
static const struct gym_param params[PARAMS] = {
  [NUM_PES] = { .name = "NUM_PEs",
                .doc = "Processing elements: a MAC and three scratch pads each.",
                .kind = GYM_INTEGER,
                .low = 14,
                .high = 336,
                .step = 14,
                .initial = 168 },
  [MAC_MESH_X] = { .name = "MAC_MESH_X",
                   .doc = "Columns of their mesh; rows follow.",
                   .kind = GYM_ORDINAL,
                   GYM_LEVELS (meshes),
                   .initial = 2 },
  SCRATCH_PAD (IFMAP, "IFMAP_SPAD", "inputs' scratch pads", 3),
  SCRATCH_PAD (PSUM, "PSUM_SPAD", "partial sums' scratch pads", 3),
  SCRATCH_PAD (WEIGHTS, "WEIGHTS_SPAD", "weights' scratch pads", 7),
  [DUMMY + CLASS] = { .name = "DUMMY_BUFFER_CLASS",
                      .doc = "Kind of memory of the columns' buffers.",
                      .kind = GYM_CATEGORICAL,
                      GYM_LEVELS (classes),
                      .initial = SRAM },
  [DUMMY + DEPTH] = { .name = "DUMMY_BUFFER_depth",
                      .doc = "Words of the columns' buffers, which keep nothing.",
                      .kind = GYM_ORDINAL,
                      GYM_LEVELS (depths),
                      .initial = 3 },
  [DUMMY + BLOCK] = { .name = "DUMMY_BUFFER_block_size",
                      .doc = "Words per access of the columns' buffers.",
                      .kind = GYM_ORDINAL,
                      GYM_LEVELS (blocks) },
  [GLB + CLASS] = { .name = "SHARED_GLB_CLASS",
                    .doc = "Kind of memory of the global buffer.",
                    .kind = GYM_CATEGORICAL,
                    GYM_LEVELS (classes),
                    .initial = SMARTBUFFER_SRAM },
  [GLB + DEPTH] = { .name = "SHARED_GLB_memory_depth",
                    .doc = "Rows of four words of the global buffer.",
                    .kind = GYM_ORDINAL,
                    GYM_LEVELS (glb_depths),
                    .initial = 4 },
  [GLB_BANKS] = { .name = "SHARED_GLB_n_banks",
                  .doc = "Banks of the global buffer; one works in an access.",
                  .kind = GYM_ORDINAL,
                  GYM_LEVELS (banks),
                  .initial = 1 },
  [GLB_BLOCK] = { .name = "SHARED_GLB_block_size",
                  .doc = "Words per access of the global buffer.",
                  .kind = GYM_ORDINAL,
                  GYM_LEVELS (blocks),
                  .initial = 2 },
  [GLB_READ_BW] = { .name = "SHARED_GLB_read_bandwidth",
                    .doc = "Words per cycle out of the global buffer.",
                    .kind = GYM_ORDINAL,
                    GYM_LEVELS (bandwidths),
                    .initial = 3 },
  [GLB_WRITE_BW] = { .name = "SHARED_GLB_write_bandwidth",
                     .doc = "Words per cycle into the global buffer.",
                     .kind = GYM_ORDINAL,
                     GYM_LEVELS (bandwidths),
                     .initial = 3 },
};

struct gym_params
hardware_params (void)
{
  return (struct gym_params)GYM_ARRAY (gym_params, params);
}

/* ---- Prices ---------------------------------------------------------------------- */

#define TECH (&accel_45nm)
enum { WORD_BITS = 16, SMALLEST_SRAM = 128 /* words: 256 bytes */, DRAM_BLOCK = 4 };

static bool has_generators (enum memory_class class)
{
  return class == SMARTBUFFER_SRAM || class == SMARTBUFFER_RF;
}

static bool is_sram (enum memory_class class)
{
  return class == SRAM || class == SMARTBUFFER_SRAM;
}

/* pJ of a word in or out of a memory of `words`. */
static double
word_energy (enum memory_class class, uint64_t words)
{
  uint64_t least = words > SMALLEST_SRAM ? words : SMALLEST_SRAM;
  double kilobytes = (double)words * WORD_BITS / 8192;
  if (is_sram (class))
    return accel_access_energy (TECH, least, WORD_BITS, WORD_BITS);
  return accel_mac_energy (TECH, WORD_BITS) * sqrt (kilobytes / 0.5);
}

static double
memory_area (enum memory_class class, uint64_t words)
{
  uint64_t least = words > SMALLEST_SRAM ? words : SMALLEST_SRAM;
  if (is_sram (class))
    return accel_memory_area (TECH, least, WORD_BITS);
  return (double)words * WORD_BITS * 5.98;
}

/* Energies and area of a level of `count` banks in which one works at a time. */
static void
price (struct accel_level *l, enum memory_class class, uint32_t count)
{
  double address = log2 ((double)l->entries);
  l->read_energy = l->block * word_energy (class, l->entries / count);
  l->area = count * memory_area (class, l->entries / count);
  if (has_generators (class)) {
    l->read_energy += TECH->add32 * address / 32;
    l->area += 2 * TECH->add32_area * address / 32;
  }
  l->write_energy = l->read_energy;
}

/* ---- Building -------------------------------------------------------------------- */

static uint64_t
power (const double *row, int at, unsigned of_level_0)
{
  return UINT64_C (1) << ((unsigned)row[at] + of_level_0);
}

static struct accel_level
scratch_pad (const double *row, int at, const char *name, enum accel_tensor tensor,
             const struct accel_arch *a)
{
  struct accel_level l = accel_level_unit (name);
  l.entries = power (row, at + DEPTH, 1);
  l.block = (uint32_t)power (row, at + BLOCK, 0);
  l.mesh_x = a->mac.mesh_x;
  l.mesh_y = a->mac.mesh_y;
  l.read_bw = (double)power (row, at + READ_BW, 1);
  l.write_bw = (double)power (row, at + WRITE_BW, 1);
  l.may_keep = (uint8_t)(1u << tensor);
  price (&l, (enum memory_class)row[at + CLASS], 1);
  return l;
}

static struct accel_level
dummy_buffer (const double *row, const struct accel_arch *a)
{
  struct accel_level l = accel_level_unit ("DummyBuffer");
  l.entries = power (row, DUMMY + DEPTH, 1);
  l.block = (uint32_t)power (row, DUMMY + BLOCK, 0);
  l.mesh_x = a->mac.mesh_x;
  l.may_keep = 0;
  price (&l, (enum memory_class)row[DUMMY + CLASS], 1);
  return l;
}

static struct accel_level
global_buffer (const double *row)
{
  struct accel_level l = accel_level_unit ("shared_glb");
  l.entries = 4 * power (row, GLB + DEPTH, 10);
  l.block = (uint32_t)power (row, GLB_BLOCK, 0);
  l.read_bw = (double)power (row, GLB_READ_BW, 1);
  l.write_bw = (double)power (row, GLB_WRITE_BW, 1);
  price (&l, (enum memory_class)row[GLB + CLASS], (uint32_t)power (row, GLB_BANKS, 4));
  return l;
}

/* Timeloop leaves DRAM without a bandwidth unless one is given; so does ArchGym. */
static struct accel_level
dram (void)
{
  struct accel_level l = accel_level_unit ("DRAM");
  l.block = DRAM_BLOCK;
  l.read_energy = accel_access_energy (TECH, 0, WORD_BITS, DRAM_BLOCK * WORD_BITS);
  l.write_energy = l.read_energy;
  return l;
}

struct accel_arch
hardware_build (const double *row)
{
  static const uint32_t columns[] = { 2, 7, 14 };
  struct accel_arch a = { .name = "eyeriss", .level_count = 6 };
  a.mac.mesh_x = columns[(int)row[MAC_MESH_X]];
  a.mac.mesh_y = (uint32_t)row[NUM_PES] / a.mac.mesh_x;
  a.mac.word_bits = WORD_BITS;
  a.mac.energy = accel_mac_energy (TECH, WORD_BITS);
  a.mac.area = accel_mac_area (TECH, WORD_BITS);
  a.level[0] = scratch_pad (row, PSUM, "psum_spad", ACCEL_OUTPUTS, &a);
  a.level[1] = scratch_pad (row, WEIGHTS, "weights_spad", ACCEL_WEIGHTS, &a);
  a.level[2] = scratch_pad (row, IFMAP, "ifmap_spad", ACCEL_INPUTS, &a);
  a.level[3] = dummy_buffer (row, &a);
  a.level[4] = global_buffer (row);
  a.level[5] = dram ();
  return a;
}
