/* error.h - how the accelerator library says what went wrong.
 *
 * The library never prints and never exits: a function that can fail takes a struct
 * accel_error that its caller owns (NULL where the text is of no interest), writes one
 * sentence into it and returns ACCEL_INVALID or ACCEL_NOMEM. */
#ifndef SIMS_ACCEL_ERROR_H
#define SIMS_ACCEL_ERROR_H

enum accel_status { ACCEL_OK, ACCEL_INVALID = -1, ACCEL_NOMEM = -2 };

/* One sentence without a newline, always terminated; untouched by calls that succeed. */
struct accel_error {
  char text[256];
};

/* Writes the sentence (cut to fit) and returns ACCEL_INVALID, so that a caller can write
 * `return accel_fail (...)`. err is nullable. Thread: any; one struct is used by one
 * thread at a time. */
int accel_fail (struct accel_error *err, const char *format, ...)
    __attribute__ ((format (printf, 2, 3)));

/* The same for memory that could not be had: returns ACCEL_NOMEM. */
int accel_no_memory (struct accel_error *err);

#endif
