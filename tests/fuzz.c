/* See fuzz.h. */
#include "tests/fuzz.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/tap.h"

enum { ROOM = 1 << 16, ROUNDS = 20000, LONG_SECONDS = 60 };

static uint8_t input[ROOM];
static size_t size;
static uint64_t state = 1;

/* SplitMix64 (Steele, Lea, Flood, OOPSLA 2014). */
static size_t
below (size_t limit)
{
  uint64_t z = (state += UINT64_C (0x9e3779b97f4a7c15));
  z = (z ^ (z >> 30)) * UINT64_C (0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C (0x94d049bb133111eb);
  return (size_t)((z ^ (z >> 31)) % limit);
}

static size_t
size_of (const struct fuzz_text *text)
{
  return text->size > 0 ? text->size : strlen (text->bytes);
}

/* `n` bytes take the place of `gone` bytes from `at` on. */
static void
replace (size_t at, size_t gone, const void *bytes, size_t n)
{
  if (size - gone + n > ROOM)
    return;
  memmove (input + at + n, input + at + gone, size - at - gone);
  memcpy (input + at, bytes, n);
  size = size - gone + n;
}

static size_t
span (size_t at)
{
  size_t most = size - at < 40 ? size - at : 40;
  return most > 0 ? below (most + 1) : 0;
}

/* A piece of another text at its own place or elsewhere. */
static void
cross (const struct fuzz_text *text, size_t at)
{
  size_t n = size_of (text), from = n > 0 ? below (n) : 0;
  size_t length = n - from < 200 ? n - from : 200;
  replace (at, span (at), text->bytes + from, length > 0 ? below (length + 1) : 0);
}

static void
change (const struct fuzz_text *texts, size_t n, const char *const *words, size_t n_words)
{
  size_t at = below (size + 1), length;
  uint8_t copy[40], byte = (uint8_t)below (256);
  const char *word = words[below (n_words)];
  switch (below (7)) {
  case 0:
    if (at < size)
      input[at] ^= (uint8_t)(1 << below (8));
    break;
  case 1:
    replace (at, at < size && below (2), &byte, 1);
    break;
  case 2:
    replace (at, span (at), "", 0);
    break;
  case 3:
    length = span (at);
    memcpy (copy, input + at, length);
    replace (below (size + 1), 0, copy, length);
    break;
  case 4:
  case 5:
    replace (at, below (2) * span (at), word, strlen (word));
    break;
  default:
    cross (&texts[below (n)], at);
  }
}

static void
run_input (void)
{
  uint8_t *block = malloc (size + (size == 0));
  CU_ASSERT_PTR_NOT_NULL_FATAL (block);
  memcpy (block, input, size);
  if (LLVMFuzzerTestOneInput (block, size) != 0)
    CU_FAIL ("a target returns 0");
  free (block);
}

static void
take (const struct fuzz_text *text)
{
  size = size_of (text);
  CU_ASSERT_FATAL (size <= ROOM);
  memcpy (input, text->bytes, size);
}

/* CPU time: on a busy machine a minute of the clock may be little work. */
static int
goes_on (uint64_t round)
{
  if (getenv ("GYM_LONG") == NULL)
    return round < ROUNDS;
  return round % 1000 != 0 || clock () < (clock_t)LONG_SECONDS * CLOCKS_PER_SEC;
}

void
fuzz_run (const struct fuzz_text *texts, size_t n, const char *const *words)
{
  size_t n_words = 0;
  uint64_t round = 0;
  while (words[n_words] != NULL)
    n_words++;
  for (size_t i = 0; i < n; i++) {
    take (&texts[i]);
    run_input ();
  }
  for (; goes_on (round); round++) {
    take (&texts[below (n)]);
    for (size_t k = 1 + below (6); k > 0; k--)
      change (texts, n, words, n_words);
    run_input ();
  }
  tap_note ("%llu inputs", (unsigned long long)round);
}

/* A test takes no arguments: what it runs on lies here. */
static const struct fuzz_text *main_texts;
static size_t main_n;
static const char *const *main_words;

static void
test_changed (void)
{
  fuzz_run (main_texts, main_n, main_words);
}

int
fuzz_main (const char *suite, const struct fuzz_text *texts, size_t n,
           const char *const *words)
{
  static const struct tap_test tests[] = {
    { .name = "changed files", .run = test_changed }, { 0 }
  };
  main_texts = texts;
  main_n = n;
  main_words = words;
  return tap_run (suite, tests);
}
