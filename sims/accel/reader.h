/* reader.h - what the readers of workload files share; nobody else includes this. */
#ifndef SIMS_ACCEL_READER_H
#define SIMS_ACCEL_READER_H

#include <stdbool.h>

#include "sims/accel/workload.h"

/* A stretch of text, not terminated. */
struct accel_word {
  const char *at;
  size_t length;
};

/* A file being read line by line, and the workload it becomes. */
struct accel_reader {
  const char *name;
  const char *at, *end;
  size_t line; /* number of the last line taken, from 1 on */
  struct accel_workload *workload;
  size_t room;
  struct accel_error *err;
};

/* The next line without its end and without blanks around it; false behind the last. */
bool accel_next_line (struct accel_reader *r, struct accel_word *line);

/* The text up to `separator` (' ' stands for any run of blanks), without blanks around
 * it; *line becomes the rest. False when nothing is left. */
bool accel_next_word (struct accel_word *line, char separator, struct accel_word *word);

bool accel_word_is (struct accel_word word, const char *text);

/* A decimal number of 1 to 2^31 - 1, or of 0 where `zero` allows it. */
bool accel_word_number (struct accel_word word, bool zero, uint32_t *number);

/* The same from `low` to `high`; an error that names `what` where it is something else.
 */
int accel_reader_number (struct accel_reader *r, struct accel_word word, const char *what,
                         uint64_t low, uint64_t high, uint64_t *number);

enum { ACCEL_SHOWN_MAX = 40 }; /* bytes of a quotation with its NUL */

/* The word in quotes, cut to fit, unprintable bytes as \xNN; "nothing" when empty. */
const char *accel_shown (struct accel_word word, char shown[ACCEL_SHOWN_MAX]);

/* The nearest of the names (a NULL behind the last) by edit distance, upper and lower
 * case alike; NULL when none is near. */
const char *accel_nearest (struct accel_word word, const char *const *names);

/* Copies what fits into a name, terminated: blanks, '#' and unprintable bytes as '_', so
 * that the TEXT form can say any name; "_" for an empty word. */
void accel_word_copy (struct accel_word word, char name[ACCEL_NAME_MAX]);

/* Returns ACCEL_INVALID with "NAME:LINE: " before the sentence; a long path keeps its
 * end. */
int accel_reader_fail (struct accel_reader *r, const char *format, ...)
    __attribute__ ((format (printf, 2, 3)));

/* Checks the layer and appends it. */
int accel_reader_append (struct accel_reader *r, const struct accel_layer *layer);

/* The forms. Each reads all of the text; ACCEL_OK or what went wrong. */
int accel_read_text (struct accel_reader *r);
int accel_read_csv (struct accel_reader *r);
int accel_read_timeloop (struct accel_reader *r);

/* Text of the built-in network number i, in the TEXT form. */
extern const char *const accel_network_texts[];

#endif
