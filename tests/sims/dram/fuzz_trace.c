/* fuzz_trace.c - a fuzz target for the trace reader (tests/fuzz.h):
 *   clang -g -fsanitize=fuzzer,address,undefined -I. -Icore tests/sims/dram/fuzz_trace.c
 * \ sims/dram/trace.c sims/dram/tracebin.c sims/dram/error.c -lz -o fuzz_trace
 *   ./fuzz_trace CORPUS */
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "sims/dram/trace.h"
#include "sims/dram/tracebin.h"
#include "tests/fuzz.h"

static void
check (bool condition)
{
  if (!condition)
    __builtin_trap ();
}

static void
check_same (const struct dram_request *a, const struct dram_request *b)
{
  check (a->address == b->address && a->cycle == b->cycle && a->write == b->write);
}

/* Writing what was read and reading it again gives the same, request by request. */
static void
check_line (const struct dram_request *request)
{
  char line[DRAM_TRACE_TEXT_MAX];
  struct dram_trace back;
  size_t length = dram_trace_format (line, DRAM_TRACE_DRAMSIM3, request);
  check (dram_trace_parse (&back, "line", line, length, 0, NULL) == 0);
  check (back.count == 1 && back.form == DRAM_TRACE_DRAMSIM3);
  check_same (&back.requests[0], request);
  dram_trace_free (&back);
}

/* The same in the binary form, for as many as fit in a block. */
static void
check_block (const struct dram_trace *trace)
{
  struct dram_tracebin b = { 0 };
  uint32_t n = trace->count < 100 ? (uint32_t)trace->count : 100;
  uint8_t bytes[DRAM_TRACEBIN_HEADER + 12 + 20 * 100];
  struct dram_trace back;
  size_t size = DRAM_TRACEBIN_HEADER;
  dram_tracebin_write_header (bytes, n);
  size += dram_tracebin_write_block (&b, trace->requests, n, bytes + size);
  check (size <= sizeof bytes);
  check (dram_trace_parse (&back, "block", (char *)bytes, size, 0, NULL) == 0);
  check (back.count == n && back.form == DRAM_TRACE_BINARY);
  for (uint32_t i = 0; i < n; i++)
    check_same (&back.requests[i], &trace->requests[i]);
  dram_trace_free (&back);
}

static void
read_bytes (const uint8_t *data, size_t size)
{
  struct dram_trace trace;
  struct dram_error err = { "" };
  if (dram_trace_parse (&trace, "input", (const char *)data, size, 0, &err) == 0) {
    check (err.text[0] == '\0' && trace.count > 0 && trace.requests != NULL);
    for (size_t i = 0; i < trace.count; i++) {
      check (i == 0 || trace.requests[i].cycle >= trace.requests[i - 1].cycle);
      check_line (&trace.requests[i]);
    }
    check_block (&trace);
  } else {
    check (strncmp (err.text, "input:", 6) == 0 && strstr (err.text, "expected") != NULL);
    check (trace.count == 0 && trace.requests == NULL);
  }
  dram_trace_free (&trace);
}

static void
seal (uint8_t *bytes, size_t size)
{
  uint32_t sum = (uint32_t)crc32 (crc32 (0, NULL, 0), bytes, (uInt)size - 4);
  for (int i = 0; i < 4; i++)
    bytes[size - 4 + (size_t)i] = (uint8_t)(sum >> 8 * i);
}

/* Changed binary traces all fail at their checksums: new ones let what is behind be
 * reached. */
static void
read_sealed (const uint8_t *data, size_t size)
{
  uint8_t *copy = malloc (size);
  size_t at = DRAM_TRACEBIN_HEADER, block;
  if (copy == NULL)
    return;
  memcpy (copy, data, size);
  seal (copy, DRAM_TRACEBIN_HEADER);
  while ((block = dram_tracebin_block_size (copy + at, size - at)) > 0
         && block <= size - at) {
    seal (copy + at, block);
    at += block;
  }
  read_bytes (copy, size);
  free (copy);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  read_bytes (data, size);
  if (size >= DRAM_TRACEBIN_HEADER && dram_tracebin_begins (data, size))
    read_sealed (data, size);
  return 0;
}
