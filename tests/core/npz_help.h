/* tests/core/npz_help.h - reading .npz files by the book: directory first, digests
 * checked.
 */
#ifndef TESTS_CORE_NPZ_HELP_H
#define TESTS_CORE_NPZ_HELP_H

#include "tests/tap.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#pragma GCC diagnostic ignored "-Wunused-function"

struct npz_array {
  char name[64];
  char descr[16];
  size_t dims, rows, columns;
  const unsigned char *data;
};

struct npz_file {
  unsigned char *bytes;
  size_t size;
  struct npz_array arrays[64];
  size_t n;
};

static uint64_t
npz_get (const unsigned char *at, int bytes)
{
  uint64_t value = 0;
  for (int i = bytes; i-- > 0;)
    value = value << 8 | at[i];
  return value;
}

static unsigned char *
npz_slurp (const char *path, size_t *size)
{
  FILE *f = fopen (path, "rb");
  CU_ASSERT_PTR_NOT_NULL_FATAL (f);
  fseek (f, 0, SEEK_END);
  *size = (size_t)ftell (f);
  rewind (f);
  unsigned char *bytes = malloc (*size + 1);
  CU_ASSERT_EQUAL (fread (bytes, 1, *size, f), *size);
  bytes[*size] = 0;
  fclose (f);
  return bytes;
}

/* The .npy file at `from`: magic, version 1.0, a dictionary, data at a multiple of 64. */
static void
npz_header (struct npz_array *a, const unsigned char *from, uint64_t size)
{
  CU_ASSERT_EQUAL_FATAL (memcmp (from, "\x93NUMPY\x01\x00", 8), 0);
  size_t length = npz_get (from + 8, 2);
  char text[512];
  CU_ASSERT_FATAL (length < sizeof text && (length + 10) % 64 == 0);
  memcpy (text, from + 10, length);
  text[length] = 0;
  CU_ASSERT_EQUAL (text[length - 1], '\n');
  const char *shape = strstr (text, "'shape': (");
  CU_ASSERT_PTR_NOT_NULL_FATAL (shape);
  CU_ASSERT_PTR_NOT_NULL (strstr (text, "'fortran_order': False"));
  CU_ASSERT_EQUAL (sscanf (text, "{'descr': '%15[^']'", a->descr), 1);
  int n = sscanf (shape + 10, "%zu, %zu", &a->rows, &a->columns);
  a->dims = n > 0 ? (size_t)n : 0;
  a->data = from + 10 + length;
  size_t items = a->dims == 0 ? 1 : a->rows * (a->dims == 2 ? a->columns : 1);
  size_t item =
      a->descr[1] == 'U' ? 4 * (size_t)atoi (a->descr + 2) : (size_t)atoi (a->descr + 2);
  CU_ASSERT_EQUAL (10 + length + items * item, size);
}

/* An entry of the directory; returns the next. */
static const unsigned char *
npz_entry (struct npz_file *f, const unsigned char *at)
{
  struct npz_array *a = &f->arrays[f->n++];
  CU_ASSERT_EQUAL_FATAL (npz_get (at, 4), 0x02014b50);
  CU_ASSERT_EQUAL (npz_get (at + 10, 2), 0); /* stored */
  size_t n = npz_get (at + 28, 2), extra = npz_get (at + 30, 2), fields = 0;
  uint64_t size = npz_get (at + 24, 4), place = npz_get (at + 42, 4);
  const unsigned char *more = at + 46 + n + 4;
  if (size == UINT32_MAX) {
    size = npz_get (more, 8);
    more += 16;
    fields += 16;
  }
  if (place == UINT32_MAX) {
    place = npz_get (more, 8);
    fields += 8;
  }
  CU_ASSERT_EQUAL (extra, fields ? fields + 4 : 0);
  CU_ASSERT (!fields || npz_get (at + 46 + n + 2, 2) == fields);
  CU_ASSERT_FATAL (n > 4 && n < sizeof a->name && place + 30 + n < f->size);
  memcpy (a->name, at + 46, n - 4);
  CU_ASSERT_EQUAL (memcmp (at + 46 + n - 4, ".npy", 4), 0);
  const unsigned char *local = f->bytes + place;
  CU_ASSERT_EQUAL (npz_get (local, 4), 0x04034b50);
  CU_ASSERT_EQUAL (memcmp (local + 30, at + 46, n), 0);
  CU_ASSERT_EQUAL (npz_get (local + 14, 4), npz_get (at + 16, 4));
  const unsigned char *data = local + 30 + n + npz_get (local + 28, 2);
  CU_ASSERT_EQUAL (npz_get (local + 30 + n + 4, 8), size);
  CU_ASSERT_EQUAL (crc32_z (0, data, size), npz_get (at + 16, 4));
  npz_header (a, data, size);
  return at + 46 + n + extra;
}

static void
npz_read (struct npz_file *f, const char *path)
{
  memset (f, 0, sizeof *f);
  f->bytes = npz_slurp (path, &f->size);
  CU_ASSERT_FATAL (f->size >= 22);
  const unsigned char *end = f->bytes + f->size - 22;
  CU_ASSERT_EQUAL_FATAL (npz_get (end, 4), 0x06054b50);
  uint64_t n = npz_get (end + 10, 2), place = npz_get (end + 16, 4);
  if (place == UINT32_MAX) {
    CU_ASSERT_EQUAL_FATAL (npz_get (end - 20, 4), 0x07064b50);
    const unsigned char *end64 = f->bytes + npz_get (end - 20 + 8, 8);
    CU_ASSERT_EQUAL_FATAL (npz_get (end64, 4), 0x06064b50);
    n = npz_get (end64 + 32, 8);
    place = npz_get (end64 + 48, 8);
  }
  const unsigned char *at = f->bytes + place;
  CU_ASSERT_FATAL (n <= 64);
  for (uint64_t i = 0; i < n; i++)
    at = npz_entry (f, at);
}

static void
npz_free (struct npz_file *f)
{
  free (f->bytes);
}

/* The array of a name and kind, which must be there. */
static const struct npz_array *
npz_find (const struct npz_file *f, const char *name, const char *descr)
{
  for (size_t i = 0; i < f->n; i++)
    if (strcmp (f->arrays[i].name, name) == 0) {
      if (descr)
        CU_ASSERT_STRING_EQUAL (f->arrays[i].descr, descr);
      return &f->arrays[i];
    }
  tap_note ("no array \"%s\"", name);
  CU_ASSERT_FATAL (false);
  return NULL;
}

static double
npz_real (const struct npz_array *a, size_t i)
{
  double value;
  memcpy (&value, a->data + 8 * i, sizeof value);
  return value;
}

static int64_t
npz_whole (const struct npz_array *a, size_t i)
{
  int size = atoi (a->descr + 2);
  int64_t value = (int64_t)npz_get (a->data + (size_t)size * i, size);
  return size == 4 ? (int32_t)value : value;
}

/* Text i, of ASCII. */
static const char *
npz_text (const struct npz_array *a, size_t i, char text[128])
{
  size_t width = (size_t)atoi (a->descr + 2), n = 0;
  for (size_t k = 0; k < width && n < 127; k++) {
    uint32_t c = (uint32_t)npz_get (a->data + 4 * (i * width + k), 4);
    if (c)
      text[n++] = (char)(c < 128 ? c : '?');
  }
  text[n] = 0;
  return text;
}

#endif
