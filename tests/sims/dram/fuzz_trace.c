/* fuzz_trace.c - a libFuzzer target for the trace reader:
 *   clang -g -fsanitize=fuzzer,address,undefined -I. tests/sims/dram/fuzz_trace.c \
 *     sims/dram/trace.c sims/dram/error.c -o fuzz_trace && ./fuzz_trace CORPUS
 * tests/sims/dram/test_fuzz_trace.c replays fixed inputs through the same function. */
#include "tests/sims/dram/fuzz_trace.h"

#include <string.h>

#include "sims/dram/trace.h"

static void check (bool condition)
{
  if (!condition)
    __builtin_trap ();
}

/* Writing what was read and reading it again gives the same, request by request. */
static void check_round_trip (const struct dram_request *request)
{
  char line[DRAM_TRACE_TEXT_MAX];
  struct dram_trace back;
  size_t length = dram_trace_format (line, DRAM_TRACE_DRAMSIM3, request);

  check (dram_trace_parse (&back, "line", line, length, 0, NULL) == 0);
  check (back.count == 1 && back.form == DRAM_TRACE_DRAMSIM3);
  check (back.requests[0].address == request->address);
  check (back.requests[0].cycle == request->cycle);
  check (back.requests[0].write == request->write);
  dram_trace_free (&back);
}

static void check_trace (const struct dram_trace *trace)
{
  size_t i;

  check (trace->count > 0 && trace->requests != NULL);
  for (i = 0; i < trace->count; i++) {
    check (i == 0 || trace->requests[i].cycle >= trace->requests[i - 1].cycle);
    check_round_trip (&trace->requests[i]);
  }
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  struct dram_trace trace;
  struct dram_error err = { "" };

  if (dram_trace_parse (&trace, "input", (const char *) data, size, 0, &err) == 0) {
    check (err.text[0] == '\0');
    check_trace (&trace);
  } else {
    check (strncmp (err.text, "input:", 6) == 0 && strstr (err.text, "expected") != NULL);
    check (trace.count == 0 && trace.requests == NULL);
  }
  dram_trace_free (&trace);
  return 0;
}
