/* Random (part, configuration, trace) triples for the DRAM tests: legal, small, and made
 * so that rows are hit and missed, buffers fill and refreshes come often. */
#ifndef TESTS_SIMS_DRAM_RANDOM_CASE_H
#define TESTS_SIMS_DRAM_RANDOM_CASE_H

#include <stddef.h>
#include <stdint.h>

#include "sims/dram/dram.h"

enum { RANDOM_CASE_REQUESTS = 400, RANDOM_CASE_MAPPING = 512 };

struct random_case {
  struct dram_config config; /* its mapping points into this struct: see _copy */
  char mapping[RANDOM_CASE_MAPPING];
  struct dram_request requests[RANDOM_CASE_REQUESTS];
  size_t count;
};

/* Numbers that depend on *state alone, which they advance. */
uint64_t random_bits (uint64_t *state);
uint32_t random_below (uint64_t *state, uint32_t limit);

/* The case of a seed: always the same, always accepted by dram_config_check. */
void random_case_make (struct random_case *c, uint64_t seed);

void random_case_copy (struct random_case *to, const struct random_case *from);

/* The log of a run; `commands` grows as needed and belongs to the log. */
struct command_log {
  struct dram_command *commands;
  size_t count, room;
};
void command_log_append (void *log, const struct dram_command *command);
void command_log_free (struct command_log *log);

/* The whole case as TAP diagnostics: what differs from the defaults, then the trace. */
void random_case_print (const struct random_case *c);

#endif
