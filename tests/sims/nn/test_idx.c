/* idx files: what is read, and every sentence about what is not. */
#include "sims/nn/reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "tests/sims/nn/image_files.h"
#include "tests/tap.h"

enum { N = 6, HEIGHT = 3, WIDTH = 4, SIZE = N * HEIGHT * WIDTH };

static const uint32_t sizes[3] = { N, HEIGHT, WIDTH };
static const uint8_t labels[N] = { 0, 9, 3, 3, 1, 0 };
static uint8_t pixels[SIZE];

static void
write_pixels (const uint32_t announced[3], size_t n, bool gzip)
{
  size_t size;
  for (int i = 0; i < SIZE; i++)
    pixels[i] = (uint8_t)(3 * i);
  uint8_t *bytes = files_idx (3, announced, pixels, n, &size);
  files_write (gzip ? "pixels.gz" : "pixels", bytes, size, gzip);
}

static void
write_labels (uint32_t announced, const uint8_t *body, size_t n, bool gzip)
{
  size_t size;
  uint8_t *bytes = files_idx (1, &announced, body, n, &size);
  files_write (gzip ? "labels.gz" : "labels", bytes, size, gzip);
}

static int
read_both (struct nn_images *images, struct nn_error *err)
{
  return nn_idx_read (images, files_path ("pixels"), files_path ("labels"), 10, err);
}

/* Refused with the path and exactly this behind it. */
static void
refuses (const char *file, const char *sentence)
{
  struct nn_images images;
  struct nn_error err = { "" };
  char expected[600];
  snprintf (expected, sizeof expected, "%s%s", files_path (file), sentence);
  CU_ASSERT_EQUAL (read_both (&images, &err), NN_INVALID);
  CU_ASSERT_STRING_EQUAL (err.text, expected);
  if (strcmp (err.text, expected) != 0)
    tap_note ("%s", err.text);
  CU_ASSERT (images.n == 0 && !images.pixels && !images.labels);
  CU_ASSERT_EQUAL (read_both (&images, NULL), NN_INVALID);
}

static void
test_whole (void)
{
  for (int gzip = 0; gzip < 4; gzip++) {
    struct nn_images images;
    struct nn_error err = { "" };
    files_begin ();
    write_pixels (sizes, SIZE, gzip & 1);
    write_labels (N, labels, N, gzip & 2);
    CU_ASSERT_EQUAL_FATAL (read_both (&images, &err), NN_OK);
    CU_ASSERT_STRING_EQUAL (err.text, "");
    CU_ASSERT (images.n == N && images.classes == 10 && images.most == 255);
    CU_ASSERT (images.shape.height == HEIGHT && images.shape.width == WIDTH);
    CU_ASSERT_EQUAL (images.shape.channels, 1);
    CU_ASSERT_EQUAL (memcmp (images.pixels, pixels, SIZE), 0);
    CU_ASSERT_EQUAL (memcmp (images.labels, labels, N), 0);
    nn_images_free (&images);
    files_end ();
  }
}

static void
test_headers (void)
{
  uint8_t bytes[20] = { 0, 0, 8, 3, 0, 0 };
  files_begin ();
  files_write ("labels", bytes, 6, false);
  refuses ("labels", ": ends after 6 bytes, within its header");
  files_write ("labels", bytes, 0, false);
  refuses ("labels", ": ends after 0 bytes, within its header");
  files_write ("labels", bytes, 20, false);
  refuses ("labels", ": begins with the number 0x00000803, expected 0x00000801 (idx, "
                     "bytes in 1 dimension)");
  write_labels (N, labels, N, false);
  files_write ("pixels", "P5 28 28 255 and so on", 22, false);
  refuses ("pixels", ": begins with the number 0x50352032, expected 0x00000803 (idx, "
                     "bytes in 3 dimensions)");
  files_end ();
}

static void
test_announced (void)
{
  files_begin ();
  write_labels (0, labels, 0, false);
  refuses ("labels", ": announces 0 images, expected 1 to 16777216");
  write_labels (UINT32_MAX, labels, N, false);
  refuses ("labels", ": announces 4294967295 images, expected 1 to 16777216");
  write_labels (N, labels, N, false);
  write_pixels ((uint32_t[]){ N, 0, WIDTH }, SIZE, false);
  refuses ("pixels", ": announces images of 0x4 pixels, expected 1 to 256 each way");
  write_pixels ((uint32_t[]){ N, HEIGHT, 257 }, SIZE, false);
  refuses ("pixels", ": announces images of 3x257 pixels, expected 1 to 256 each way");
  write_pixels ((uint32_t[]){ N, UINT32_MAX, UINT32_MAX }, SIZE, false);
  refuses ("pixels", ": announces images of 4294967295x4294967295 pixels, expected 1 to "
                     "256 each way");
  write_pixels ((uint32_t[]){ 1 << 24, 256, 256 }, SIZE, false);
  refuses ("pixels",
           ": announces 16777216 images of 256x256 pixels, more than 1073741824 "
           "pixels");
  files_end ();
}

static void
test_lengths (void)
{
  files_begin ();
  write_labels (N, labels, N - 1, false);
  refuses ("labels", ": announces 6 bytes, but ends after 5");
  write_labels (N - 1, labels, N, false);
  refuses ("labels", ": announces 5 bytes, but goes on behind");
  write_labels (N, labels, N, false);
  write_pixels (sizes, SIZE - 1, false);
  refuses ("pixels", ": announces 72 bytes, but ends after 71");
  write_pixels ((uint32_t[]){ N - 1, HEIGHT, WIDTH }, SIZE, false);
  refuses ("pixels", ": announces 60 bytes, but goes on behind");
  write_pixels ((uint32_t[]){ N - 1, HEIGHT, WIDTH }, SIZE - HEIGHT * WIDTH, false);
  refuses ("pixels", ": 5 images, but 6 labels");
  files_end ();
}

static void
test_labels (void)
{
  static const uint8_t wrong[N] = { 0, 9, 3, 3, 10, 0 };
  files_begin ();
  write_pixels (sizes, SIZE, false);
  write_labels (N, wrong, N, false);
  refuses ("labels", ": label 10 of image 4, expected 0 to 9");
  files_end ();
}

/* A header that announces a gigabyte is refused within a few megabytes, whether little or
 * much stands behind it. */
static void
test_memory (void)
{
  static const uint8_t much[300000];
  static const uint32_t gigabyte[3] = { 1 << 20, 32, 32 };
  struct rlimit limit = { .rlim_cur = 256 << 20, .rlim_max = RLIM_INFINITY };
  size_t size;
  if (getenv ("GYM_PRELOAD") || getenv ("LD_PRELOAD")) {
    tap_skip ("a sanitizer or valgrind owns memory");
    return;
  }
  files_begin ();
  CU_ASSERT_EQUAL (setrlimit (RLIMIT_AS, &limit), 0);
  write_labels (1 << 24, labels, N, false);
  refuses ("labels", ": announces 16777216 bytes, but ends after 6");
  write_labels (N, labels, N, false);
  write_pixels (gigabyte, SIZE, false);
  refuses ("pixels", ": announces 1073741824 bytes, but ends after 72");
  uint8_t *bytes = files_idx (3, gigabyte, much, sizeof much, &size);
  files_write ("pixels.gz", bytes, size, true);
  refuses ("pixels.gz", ": announces 1073741824 bytes, but ends after 300000");
  files_end ();
}

static void
test_missing (void)
{
  struct nn_images images;
  struct nn_error err;
  files_begin ();
  write_labels (N, labels, N, true);
  CU_ASSERT_EQUAL (read_both (&images, &err), NN_MISSING);
  CU_ASSERT_PTR_NOT_NULL (strstr (err.text, "/pixels: No such file"));
  CU_ASSERT (!images.labels && !images.pixels);
  files_end ();
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { "whole files", test_whole },   { "headers", test_headers },
    { "announced", test_announced }, { "lengths", test_lengths },
    { "labels", test_labels },       { "memory", test_memory },
    { "missing", test_missing },     { 0 }
  };
  return tap_run ("nn idx", tests);
}
