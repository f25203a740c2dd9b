/* reader.h - what the readers of image files share; nobody else includes this. */
#ifndef SIMS_NN_READER_H
#define SIMS_NN_READER_H

#include <zlib.h>

#include "sims/nn/images.h"

/* A file, compressed by gzip or not. */
struct nn_reader {
  gzFile file;
  const char *name; /* for messages: the path, or its end */
  struct nn_error *err;
};

/* NN_MISSING where there is no such file. `path` is kept. */
int nn_reader_open (struct nn_reader *r, const char *path, struct nn_error *err);
void nn_reader_close (struct nn_reader *r);

/* Up to `n` bytes: fewer where the file ends, which is then known to be undamaged. */
int nn_reader_take (struct nn_reader *r, void *bytes, size_t n, size_t *got);

/* The same into a block that the caller frees, and that grows with what is there: what a
 * header announces need not be true. */
int nn_reader_take_block (struct nn_reader *r, size_t n, uint8_t **bytes, size_t *got);

/* The two files of idx, a form made for MNIST by LeCun, Cortes and Burges: big-endian
 * numbers 0x0803 (bytes in three dimensions), count, height, width, then pixels; 0x0801
 * (one dimension), count, then labels. Each path is tried with .gz behind it first. Fills
 * n, classes, shape, most, pixels and labels; all 0 when it fails. */
int nn_idx_read (struct nn_images *images, const char *pixels_path,
                 const char *labels_path, uint32_t classes, struct nn_error *err);

/* One file of our own text form, for small images: see envs/cell/README.md. Fills the
 * same. */
int nn_text_read (struct nn_images *images, const char *path, struct nn_error *err);

/* The same from memory; `name` is for messages. */
int nn_text_parse (struct nn_images *images, const char *name, const char *text,
                   size_t size, struct nn_error *err);

#endif
