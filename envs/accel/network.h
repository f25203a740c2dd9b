/* What the accelerator environments run: a built-in network or a file of layers. */
#ifndef ENVS_ACCEL_NETWORK_H
#define ENVS_ACCEL_NETWORK_H

#include <gym/plugin.h>

#include "sims/accel/workload.h"

/* What the user chose, as the options deliver it. */
struct network_choice {
  const char *workload; /* one of accel_networks, or a file */
  int64_t batch;
};

/* The entries of an option table; `member` is a struct network_choice of `env_type`. */
#define NETWORK_OPTIONS(env_type, member)                                                \
  { .name = "workload",                                                                  \
    .doc =                                                                               \
        "A network by its name, or a file of layers: lines such as \"conv NAME in 56 "   \
        "channels 64 maps 64 filter 3 pad 1\" or \"gemm NAME m 1 n 1000 k 512\", a "     \
        "topology or M,N,K table of SCALE-Sim, a layer table of MAESTRO (both .csv), "   \
        "a layer of Timeloop (.yaml).",                                                  \
    .type = GYM_OPTION_FILE,                                                             \
    .offset = offsetof (env_type, member.workload),                                      \
    .choices = accel_networks,                                                           \
    .initial = "resnet18" },                                                             \
  {                                                                                      \
    .name = "batch", .doc = "Inputs at a time: multiplies the batch of every layer.",    \
    .type = GYM_OPTION_INT, .offset = offsetof (env_type, member.batch), .low = 1,       \
    .high = 4096, .initial = "1"                                                         \
  }

/* Columns of detail/1, a row per shape of layer; environments have more behind them. */
enum {
  LAYER_TIMES,
  LAYER_MACS,
  LAYER_CYCLES,
  LAYER_UTILIZATION,
  LAYER_DRAM,
  LAYER_ENERGY,
  LAYER_COLUMNS
};

/* The first entries of their table. */
#define NETWORK_COLUMNS                                                                  \
  [LAYER_TIMES] = { .name = "times",                                                     \
                    .unit = "1",                                                         \
                    .doc = "How often the network holds this shape; the other columns "  \
                           "are of one of them." },                                      \
  [LAYER_MACS] = { .name = "macs", .unit = "1", .doc = "Multiply-accumulates." },        \
  [LAYER_CYCLES] = { .name = "cycles", .unit = "1", .doc = "Cycles." },                  \
  [LAYER_UTILIZATION] = { .name = "utilization", .unit = "1", .doc = "Of the MACs." },   \
  [LAYER_DRAM] = { .name = "dram_words", .unit = "1", .doc = "Read and written." },      \
  [LAYER_ENERGY] = { .name = "energy", .unit = "uJ", .doc = "Energy." }

/* Reads the network. *w is to be freed by accel_workload_free, also after an error. */
int network_open (const struct network_choice *choice, struct accel_workload *w,
                  gym_error *err);

/* The same with layers of equal shape joined. */
int network_open_merged (const struct network_choice *choice, struct accel_workload *w,
                         gym_error *err);

/* The text of an error of sims/accel as one of the gym. */
int network_fail (int status, const struct accel_error *why, gym_error *err);

#endif
