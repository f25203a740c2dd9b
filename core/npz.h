/* core/npz.h - writing several NumPy arrays side by side into one .npz file. Internal.
 *
 * An .npz is a ZIP of .npy files (numpy.org, "NEP 1: a simple file format for NumPy
 * arrays"), here stored and not compressed. Shapes are known beforehand, so every array
 * has its place in the file from the start and all of them may grow at the same time, in
 * one walk over the rows. */
#ifndef CORE_NPZ_H
#define CORE_NPZ_H

#include <gym/error.h>
#include <stddef.h>
#include <stdint.h>

/* What an array is made of; text is UTF-32 of a fixed width. */
enum npz_type { NPZ_F8, NPZ_I4, NPZ_I8, NPZ_U8, NPZ_BOOL, NPZ_TEXT };

struct npz;

/* A new file on `fd`, which stays the caller's and must be seekable. NULL: out of
 * memory. */
struct npz *gym_npz_new (int fd);
void gym_npz_destroy (struct npz **npz);

/* Declares an array of 0 dimensions (a single value), 1 (`rows`) or 2 (`rows` x
 * `columns`), of which a text takes `width` characters. Before the first gym_npz_add.
 * Returns its number, or GYM_ENOMEM. */
int gym_npz_array (struct npz *npz, const char *name, enum npz_type type, size_t width,
                   int dimensions, size_t rows, size_t columns);

/* Appends `n` bytes to an array. GYM_EIO: see errno. */
int gym_npz_add (struct npz *npz, int array, const void *bytes, size_t n);

/* Appends a UTF-8 text, filled up to the array's width. */
int gym_npz_add_text (struct npz *npz, int array, const char *text);

/* Writes what is left, the headers and the directory. Every array must be full. */
int gym_npz_end (struct npz *npz);

/* For tests: sizes and offsets from `limit` on are written as ZIP64. */
void gym_npz_set_limit (struct npz *npz, uint64_t limit);

#endif
