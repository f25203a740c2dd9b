/* tests/fuzz.h - fuzz targets, and how they are run without a fuzzer.
 *
 * A target is libFuzzer's function: it reads `size` bytes as its reader's input and traps
 * when the reader breaks a promise. Built by clang with -fsanitize=fuzzer it is a fuzzer
 * (tests/sims/dram/fuzz.sh does that in the long tests); linked with fuzz.c it is tested
 * with changes of given inputs, the same ones every time. */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/* An input to start from, and words that belong into inputs. */
struct fuzz_text {
  const char *bytes;
  size_t size; /* 0: as far as the first NUL */
};

/* Runs the target on each of the `n` texts and then on changed and crossed ones: 20,000
 * of them, or with GYM_LONG for a minute of CPU time. Every input lies in a block of its
 * own size, so that a sanitizer sees what is read beside it. `words` ends with NULL. */
void fuzz_run (const struct fuzz_text *texts, size_t n, const char *const *words);

/* The main program of a test that does nothing else: what it has to return. `suite` names
 * it to TAP. */
int fuzz_main (const char *suite, const struct fuzz_text *texts, size_t n,
               const char *const *words);

#endif
