/* core/text.h - growing a text, and the sentences that several parts share.
 *
 * Internal to the library. A struct gym_text is a plain value that starts as { 0 }; a
 * failed allocation sticks, so that a writer may go on and asks once, at the end. */
#ifndef CORE_TEXT_H
#define CORE_TEXT_H

#include <gym/error.h>
#include <stdbool.h>
#include <stddef.h>

struct gym_text {
  char *bytes; /* NUL-terminated once something was added */
  size_t length;
  size_t room;
  bool failed;
};

void gym_text_add (struct gym_text *text, const char *bytes, size_t n);
void gym_text_puts (struct gym_text *text, const char *string);
void gym_text_printf (struct gym_text *text, const char *format, ...) GYM_PRINTF (2, 3);

/* The shortest decimal of a number (core/units.h); the locale plays no part. */
void gym_text_number (struct gym_text *text, double value);

/* A string in JSON's quotes and escapes; NULL becomes null. */
void gym_text_json (struct gym_text *text, const char *string);

/* Hands the text over (free it with gym_free) and empties the struct; NULL with
 * GYM_ENOMEM when an addition failed. */
char *gym_text_take (struct gym_text *text, gym_error *err);

/* The same after lining up cells: lines end in '\n', cells are separated by '\t' (at most
 * 8 a line; the last one is not padded). Cells of more than 44 bytes, and a last one of
 * more than 72, go on in the lines below. */
char *gym_text_take_table (struct gym_text *text, gym_error *err);

/* Columns that a UTF-8 text takes on a terminal, one a character. */
size_t gym_text_width (const char *string);

/* Whether a string is well-formed UTF-8; the second: and has no control characters. */
bool gym_text_is_utf8 (const char *string);
bool gym_text_is_clean (const char *string);

/* "a, b, c" into `list`, cut with "..." where it does not fit. Returns `list`. */
const char *gym_name_list (char *list, size_t size, const char *const *names, unsigned n);

/* Fails with: unknown WHAT "WORD"; did you mean "..."? Valid: a, b, c. */
int gym_fail_unknown (gym_error *err, int code, const char *what, const char *word,
                      const char *const *names, unsigned n);

/* Hands a line to `log`, cut at 1,023 bytes; nothing when there is no log. */
void gym_log_line (void (*log) (void *context, const char *line), void *context,
                   const char *format, va_list args);

/* Fails with GYM_ENOMEM. */
int gym_fail_memory (gym_error *err);

#endif
