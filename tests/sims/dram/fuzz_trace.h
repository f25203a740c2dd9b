/* fuzz_trace.h - the entry point that libFuzzer and the replay test share. */
#ifndef TESTS_SIMS_DRAM_FUZZ_TRACE_H
#define TESTS_SIMS_DRAM_FUZZ_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Reads `size` bytes as a trace; traps when the reader breaks one of its promises. */
int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

#endif
