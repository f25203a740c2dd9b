/* The fuzz target of part files on changed parts, and on what the form allows least. */
#include "sims/dram/parts.h"
#include "tests/fuzz.h"
#include "tests/tap.h"

static const char *const words[] = { "none",
                                     "max(",
                                     "max(4 nCK, 7.5 ns)",
                                     "nCK",
                                     " ns",
                                     "us",
                                     "mA",
                                     "V",
                                     "bit",
                                     "= ",
                                     "[jesd79-4]",
                                     "[",
                                     "]",
                                     "#",
                                     "\n",
                                     "\r\n",
                                     "0",
                                     "00000",
                                     "99999999999",
                                     "1.5",
                                     ".",
                                     "0.1",
                                     "1048576",
                                     "65536",
                                     "tRCD",
                                     "tREFI",
                                     "IDD0.VDD1",
                                     "VDD1",
                                     "VDDQ",
                                     "VPP",
                                     "name",
                                     "source",
                                     "columns",
                                     "tCK",
                                     "burst = 16 [a]\n",
                                     "\t",
                                     "\xff\x01",
                                     ",",
                                     "(",
                                     NULL };

static void
test_fuzz (void)
{
  struct fuzz_text texts[16] = { { .bytes = "" }, { .bytes = "name = x\n[a] = b\n" } };
  size_t n = 2;
  for (size_t i = 0; dram_part_texts[i].name != NULL && n < 16; i++)
    texts[n++].bytes = dram_part_texts[i].text;
  fuzz_run (texts, n, words);
}

int
main (void)
{
  static const struct tap_test tests[] = { { .name = "changed parts", .run = test_fuzz },
                                           { 0 } };
  return tap_run ("dram part fuzz", tests);
}
