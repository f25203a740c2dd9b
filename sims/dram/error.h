/* error.h - how the DRAM library says what went wrong.
 *
 * The library never prints and never exits: a function that can fail takes a struct
 * dram_error that its caller owns (NULL where the text is of no interest), writes one
 * sentence into it and returns -1.
 */
#ifndef SIMS_DRAM_ERROR_H
#define SIMS_DRAM_ERROR_H

/* One sentence without a newline, always terminated; untouched by calls that succeed. */
struct dram_error {
  char text[256];
};

/* Writes the sentence (cut to fit) and returns -1, so that a caller can write
 * `return dram_fail (...)`. err is nullable. Errors: none. Thread: any; one struct is
 * used by one thread at a time. errno is preserved. */
int dram_fail (struct dram_error *err, const char *fmt, ...)
  __attribute__ ((format (printf, 2, 3)));

/* Bytes of a quoted word, with the NUL. */
enum { DRAM_QUOTE_MAX = 32 };

/* What stands at `at`, before `end`, up to the next blank and at most 24 bytes of it, in
 * quotes and with unprintable bytes as \xNN; "a blank" or "the end" where that is what
 * stands there. */
void dram_quote (char text[DRAM_QUOTE_MAX], const char *at, const char *end);

/* The file name of a message: the end of a long path, which tells more than its start,
 * so that what follows it still fits. */
const char *dram_shown_name (const char *path);

#endif
