/* error.h - how the readers of images say what went wrong.
 *
 * The library never prints and never exits: a function that can fail takes a struct
 * nn_error that its caller owns (NULL where the text is of no interest), writes one
 * sentence into it and returns a status that is not NN_OK. */
#ifndef SIMS_NN_ERROR_H
#define SIMS_NN_ERROR_H

enum nn_status {
  NN_OK,
  NN_INVALID = -1, /* a damaged file or a request that cannot be met */
  NN_NOMEM = -2,
  NN_MISSING = -3 /* data that are not installed; the text says how to get them */
};

/* One sentence without a newline, always terminated; untouched by calls that succeed. */
struct nn_error {
  char text[512];
};

/* Writes the sentence (cut to fit) and returns the status, so that a caller can write
 * `return nn_fail (...)`. err is nullable. Thread: any; one struct is used by one thread
 * at a time. */
int nn_fail (struct nn_error *err, enum nn_status status, const char *format, ...)
    __attribute__ ((format (printf, 3, 4)));

/* The same for memory that could not be had: returns NN_NOMEM. */
int nn_no_memory (struct nn_error *err);

/* A path as a message shows it: of a long one the end, which tells most, so that what
 * follows still fits. Points into `path`. */
const char *nn_shown_path (const char *path);

#endif
