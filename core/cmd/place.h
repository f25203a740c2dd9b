/* place.h - where a search evaluates its trials: options and their meaning. */
#ifndef CMD_PLACE_H
#define CMD_PLACE_H

#include "core/cmd/common.h"

/* Keys of the options below, above those of the command that has them. */
enum {
  PLACE_JOBS = CLI_LONG + 100,
  PLACE_WORKERS,
  PLACE_KEYS,
  PLACE_ISOLATE,
  PLACE_TIMEOUT,
  PLACE_MEMORY,
  PLACE_LEASE,
  PLACE_BATCH,
  PLACE_MIXED,
  PLACE_ASYNC
};

#define PLACE_ISOLATE_OPTION                                                             \
  {                                                                                      \
    .key = PLACE_ISOLATE, .name = "isolate", .argument = "limits|strict|none",           \
    .doc = "How the env is kept apart: in a child process under limits (the default), "  \
           "one that may only compute as well, or not at all."                           \
  }

/* For a command's table of options. */
#define PLACE_OPTIONS                                                                    \
  { .key = PLACE_JOBS,                                                                   \
    .name = "jobs",                                                                      \
    .argument = "N",                                                                     \
    .doc = "Evaluate in N worker processes of this machine (1)." },                      \
      { .key = PLACE_WORKERS,                                                            \
        .name = "workers",                                                               \
        .argument = "ENDPOINT",                                                          \
        .doc =                                                                           \
            "Listen for workers (gym worker): tcp://127.0.0.1:5555, or, with --keys, "   \
            "tcp://*:5555 on all interfaces." },                                         \
      { .key = PLACE_KEYS,                                                               \
        .name = "keys",                                                                  \
        .argument = "DIR",                                                               \
        .doc = "Keys of the study and of the workers it serves (gym keys)." },           \
      PLACE_ISOLATE_OPTION,                                                              \
      { .key = PLACE_TIMEOUT,                                                            \
        .name = "timeout",                                                               \
        .argument = "SECONDS",                                                           \
        .doc = "Time a trial may take, of the clock and of a CPU; 0: any (600)." },      \
      { .key = PLACE_MEMORY,                                                             \
        .name = "memory",                                                                \
        .argument = "SIZE",                                                              \
        .doc = "Memory a trial may take, such as 500M or 4G; 0: any (all there is)." },  \
      { .key = PLACE_LEASE,                                                              \
        .name = "lease",                                                                 \
        .argument = "SECONDS",                                                           \
        .doc = "Silence after which a worker's trials go to others (15)." },             \
      { .key = PLACE_BATCH,                                                              \
        .name = "batch",                                                                 \
        .argument = "N",                                                                 \
        .doc = "Trials a message at most (as many as take 5 ms)." },                     \
      { .key = PLACE_MIXED,                                                              \
        .name = "mixed",                                                                 \
        .doc = "Take workers whose results may differ in their last bits (another "      \
               "processor, C library or build)." },                                      \
  {                                                                                      \
    .key = PLACE_ASYNC, .name = "async",                                                 \
    .doc = "Tell agents results as they come: faster where trial times differ, and "     \
           "never the same twice."                                                       \
  }

/* Tells a study where to evaluate. */
int place_apply (const struct cli *cli, gym_study *study, gym_error *err);

/* Reads a number of seconds >= 0; keeps `value` when the option was not given. */
int place_seconds (const struct cli *cli, int key, double *value, gym_error *err);

/* Reads --isolate into enum gym_isolation. */
int place_isolation (const struct cli *cli, uint32_t *isolation, gym_error *err);

#endif
