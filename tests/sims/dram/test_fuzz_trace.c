/* The fuzz target of the trace reader: fixed inputs, streams of tokens, changed traces.
 */
#include <stdlib.h>
#include <string.h>

#include "sims/dram/tracebin.h"
#include "tests/fuzz.h"
#include "tests/tap.h"

/* A block of the exact size, so that the sanitizers see a read behind its end. */
static void
replay (const char *bytes, size_t size)
{
  uint8_t *block = malloc (size + (size == 0));
  CU_ASSERT_PTR_NOT_NULL_FATAL (block);
  memcpy (block, bytes, size);
  CU_ASSERT_EQUAL (LLVMFuzzerTestOneInput (block, size), 0);
  free (block);
}

static void
test_fixed_inputs (void)
{
  static const char *const inputs[] = { "",
                                        "\n",
                                        "0",
                                        "0x",
                                        "0x0",
                                        "0x0 ",
                                        "0x0 READ",
                                        "0x0 READ 0",
                                        "0:",
                                        "0: ",
                                        "0: read",
                                        "0: read 0x",
                                        "0: read 0x0",
                                        "L",
                                        "LD",
                                        "LD ",
                                        "LD 0x0",
                                        "ST 0xffffffffffffffff",
                                        "9223372036854775807: write 0xffffffffffffffff",
                                        "9223372036854775808: write 0x0",
                                        "18446744073709551616: read 0x0",
                                        "#",
                                        "#\n#",
                                        "\r",
                                        "\r\n\r",
                                        "0x0 READ 5\n0x0 READ 4",
                                        "\x89",
                                        "\x89"
                                        "DRT\r\n\x1a\n" };
  for (size_t i = 0; i < sizeof inputs / sizeof inputs[0]; i++)
    replay (inputs[i], strlen (inputs[i]));
  replay ("\0", 1);
  replay ("LD 0x0\n\0", 8);
}

/* Sequences of tokens reach deeper than random bytes do. */
static void
test_token_streams (void)
{
  static const char *const tokens[] = { "0x0",  "0xFf",  "0x10000000000000000",
                                        "0",    "7",     "12:",
                                        ":",    "read",  "write",
                                        "READ", "WRITE", "LD",
                                        "ST",   " ",     " ",
                                        " ",    "\t",    "\n",
                                        "\n",   "\r\n",  "#",
                                        "\xff", "-" };
  uint32_t state = 1;
  for (int round = 0; round < 50000; round++) {
    char text[256] = "";
    for (int count = 1 + round % 24; count > 0; count--) {
      state = state * 1664525 + 1013904223;
      memcpy (text + strlen (text), tokens[(state >> 16) % 23],
              strlen (tokens[(state >> 16) % 23]) + 1);
    }
    replay (text, strlen (text));
  }
}

/* Two blocks: a full one is the shortest that may be followed. */
static size_t
make_binary (uint8_t *bytes, uint32_t count)
{
  static struct dram_request requests[DRAM_TRACEBIN_BLOCK];
  struct dram_tracebin b = { 0 };
  size_t size = DRAM_TRACEBIN_HEADER;
  for (uint32_t i = 0; i < DRAM_TRACEBIN_BLOCK; i++)
    requests[i] = (struct dram_request){ .address = 64 * i, .cycle = i, .write = i % 2 };
  dram_tracebin_write_header (bytes, count);
  for (uint32_t n; b.done < count; b.cycle = 0) {
    n = count - (uint32_t)b.done < DRAM_TRACEBIN_BLOCK ? count - (uint32_t)b.done
                                                       : DRAM_TRACEBIN_BLOCK;
    size += dram_tracebin_write_block (&b, requests, n, bytes + size);
  }
  return size;
}

static void
test_changed_traces (void)
{
  static const char *const words[] = { "0x",
                                       "0xfFfFfFfFfFfFfFfF",
                                       "9223372036854775807",
                                       "0",
                                       "read",
                                       "write",
                                       "READ",
                                       "WRITE",
                                       "LD ",
                                       "ST ",
                                       ":",
                                       " ",
                                       "\t",
                                       "\n",
                                       "\r\n",
                                       "#",
                                       "\x89"
                                       "DRT\r\n\x1a\n",
                                       "\xff\xff\xff\xff",
                                       "\x80",
                                       "\x01",
                                       NULL };
  static uint8_t small[512], large[40000];
  struct fuzz_text texts[] = {
    { .bytes = "# three\n0:\tread\t0x0\n7: write 0xFfA0\n7:read 0x40 \t\n" },
    { .bytes = "0x40 READ 0\r\n0x80 WRITE 12\n\n0xC0 READ 9223372036854775807" },
    { .bytes = "LD 0x0\nST 0x40\n# end\nLD 0xffffffffffffffff\n" },
    { .bytes = (char *)small },
    { .bytes = (char *)large },
  };
  texts[3].size = make_binary (small, 20);
  texts[4].size = make_binary (large, DRAM_TRACEBIN_BLOCK + 5);
  CU_ASSERT_FATAL (texts[4].size <= sizeof large);
  fuzz_run (texts, sizeof texts / sizeof texts[0], words);
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { .name = "fixed inputs", .run = test_fixed_inputs },
    { .name = "token streams", .run = test_token_streams },
    { .name = "changed traces", .run = test_changed_traces },
    { 0 },
  };
  return tap_run ("dram trace fuzz", tests);
}
