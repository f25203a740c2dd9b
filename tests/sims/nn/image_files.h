/* image_files.h - files of images, whole and damaged, in a folder that goes away. */
#ifndef TESTS_SIMS_NN_IMAGE_FILES_H
#define TESTS_SIMS_NN_IMAGE_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Makes the folder; its path. */
const char *files_begin (void);
void files_end (void);

/* Path of a file in it; the same block again after four calls. */
const char *files_path (const char *name);

/* Writes a file, by gzip where so asked; its path. */
const char *files_write (const char *name, const void *bytes, size_t size, bool gzip);

/* idx of `dimensions` sizes and then pixels or labels; the bytes are in a static block
 * that the next call overwrites. */
uint8_t *files_idx (unsigned dimensions, const uint32_t *sizes, const uint8_t *body,
                    size_t n, size_t *size);

#endif
