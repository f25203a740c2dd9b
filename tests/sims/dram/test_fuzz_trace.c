/* Replays fixed and seeded inputs through the fuzz target of the trace reader. */
#include "tests/tap.h"

#include <stdlib.h>
#include <string.h>

#include "tests/sims/dram/fuzz_trace.h"

/* A block of the exact size, so that the sanitizers see a read behind its end. */
static void replay (const char *bytes, size_t size)
{
  uint8_t *block = malloc (size + (size == 0));

  CU_ASSERT_PTR_NOT_NULL_FATAL (block);
  memcpy (block, bytes, size);
  CU_ASSERT_EQUAL (LLVMFuzzerTestOneInput (block, size), 0);
  free (block);
}

static void test_fixed_inputs (void)
{
  static const char *const inputs[] = {
    "", "\n", "0", "0x", "0x0", "0x0 ", "0x0 READ", "0x0 READ 0", "0:", "0: ", "0: read",
    "0: read 0x", "0: read 0x0", "L", "LD", "LD ", "LD 0x0", "ST 0xffffffffffffffff",
    "9223372036854775807: write 0xffffffffffffffff", "9223372036854775808: write 0x0",
    "18446744073709551616: read 0x0", "#", "#\n#", "\r", "\r\n\r",
    "0x0 READ 5\n0x0 READ 4"
  };
  size_t i;

  for (i = 0; i < sizeof inputs / sizeof inputs[0]; i++)
    replay (inputs[i], strlen (inputs[i]));
  replay ("\0", 1);
  replay ("LD 0x0\n\0", 8);
}

/* Sequences of tokens reach deeper than random bytes do. */
static void test_token_streams (void)
{
  static const char *const tokens[] = {
    "0x0", "0xFf", "0x10000000000000000", "0", "7", "12:", ":", "read", "write", "READ",
    "WRITE", "LD", "ST", " ", " ", " ", "\t", "\n", "\n", "\r\n", "#", "\xff", "-"
  };
  uint32_t state = 1;
  int round;

  for (round = 0; round < 50000; round++) {
    char text[256] = "";
    int count = 1 + round % 24;

    while (count-- > 0) {
      state = state * 1664525 + 1013904223;
      memcpy (text + strlen (text), tokens[(state >> 16) % 23],
              strlen (tokens[(state >> 16) % 23]) + 1);
    }
    replay (text, strlen (text));
  }
}

int main (void)
{
  static const struct tap_test tests[] = {
    { .name = "fixed inputs", .run = test_fixed_inputs },
    { .name = "token streams", .run = test_token_streams },
    { 0 }
  };

  return tap_run ("dram trace fuzz replay", tests);
}
