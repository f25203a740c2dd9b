/* fuzz_part.c - a fuzz target for the reader of part files (tests/fuzz.h):
 *   clang -g -fsanitize=fuzzer,address,undefined -I. -Icore tests/sims/dram/fuzz_part.c \
 *     sims/dram/partfile.c sims/dram/part.c sims/dram/error.c -o fuzz_part
 *   ./fuzz_part sims/dram/parts */
#include <stdbool.h>
#include <string.h>

#include "sims/dram/partfile.h"
#include "tests/fuzz.h"

static void
check (bool condition)
{
  if (!condition)
    __builtin_trap ();
}

static bool
is_zero (const void *bytes, size_t size)
{
  const char *p = bytes;
  for (size_t i = 0; i < size; i++) {
    if (p[i] != 0)
      return false;
  }
  return true;
}

/* A part that was read can be simulated and has names that end; one that was not is all
 * zero and comes with a sentence that names the file. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  struct dram_part part;
  struct dram_error err = { "" };
  int status = dram_part_parse (&part, "input", (const char *)data, size, &err);
  if (status == 0) {
    check (err.text[0] == '\0' && dram_part_fault (&part) == NULL);
    check (part.name[0] != '\0' && memchr (part.name, '\0', sizeof part.name) != NULL);
    check (memchr (part.source, '\0', sizeof part.source) != NULL);
    check (dram_part_burst_bytes (&part) > 0);
  } else {
    check (status == -1 && strncmp (err.text, "input:", 6) == 0);
    check (is_zero (&part, sizeof part));
  }
  return 0;
}
