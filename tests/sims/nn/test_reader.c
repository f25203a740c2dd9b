/* Bytes of files, whole, cut and damaged. */
#include "sims/nn/reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sims/nn/random.h"
#include "tests/sims/nn/image_files.h"
#include "tests/tap.h"

enum { SIZE = 300001 };

static uint8_t content[SIZE];
static struct nn_error err;

/* Half of it noise, so that it does not shrink to nothing. */
static void
fill (void)
{
  struct nn_random random = { .state = 1 };
  for (int i = 0; i < SIZE; i++)
    content[i] = (uint8_t)(i % 2 ? 7 : nn_random_bits (&random));
  err.text[0] = '\0';
}

static int
take (const char *path, size_t n, uint8_t **bytes, size_t *got)
{
  struct nn_reader r;
  int status = nn_reader_open (&r, path, &err);
  *bytes = NULL;
  if (status == NN_OK)
    status = nn_reader_take_block (&r, n, bytes, got);
  nn_reader_close (&r);
  return status;
}

static void
check_take (const char *path)
{
  static const size_t sizes[] = {
    1, 65535, 65536, 65537, 131072, SIZE, SIZE + 1, SIZE * 9
  };
  uint8_t *bytes;
  size_t got;
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    CU_ASSERT_EQUAL_FATAL (take (path, sizes[i], &bytes, &got), NN_OK);
    CU_ASSERT_EQUAL (got, sizes[i] < SIZE ? sizes[i] : SIZE);
    CU_ASSERT_EQUAL (memcmp (bytes, content, got), 0);
    free (bytes);
  }
  CU_ASSERT_STRING_EQUAL (err.text, "");
}

static void
test_whole (void)
{
  fill ();
  files_begin ();
  check_take (files_write ("plain", content, SIZE, false));
  check_take (files_write ("packed.gz", content, SIZE, true));
  files_end ();
}

static void
test_cut_and_damaged (void)
{
  static uint8_t packed[2 * SIZE];
  uint8_t *bytes;
  size_t got, n, quiet = 0;
  fill ();
  files_begin ();
  FILE *f = fopen (files_write ("a.gz", content, SIZE, true), "rb");
  n = fread (packed, 1, sizeof packed, f);
  fclose (f);
  for (size_t cut = 1; cut < n; cut += cut < 20 || n - cut < 20 ? 1 : n / 9 - 3) {
    files_write ("a.gz", packed, n - cut, false);
    /* less than its two magic bytes is a plain file of one */
    if (take (files_path ("a.gz"), SIZE * 2, &bytes, &got) == NN_OK) {
      CU_ASSERT (n - cut < 2);
      free (bytes);
    } else {
      CU_ASSERT_PTR_NOT_NULL (strstr (err.text, "a.gz: is cut short: "));
      CU_ASSERT_PTR_NULL (bytes);
    }
    unlink (files_path ("a.gz"));
  }
  files_end ();
  files_begin ();
  for (size_t at = 12; at < n; at += n / 11) {
    packed[at] ^= 0x10;
    files_write ("b.gz", packed, n, false);
    packed[at] ^= 0x10;
    if (take (files_path ("b.gz"), SIZE * 2, &bytes, &got) == NN_OK)
      quiet++;
    else
      CU_ASSERT (strstr (err.text, "b.gz: its compressed data are damaged (")
                 || strstr (err.text, "b.gz: is cut short"));
    free (bytes);
  }
  CU_ASSERT_EQUAL (quiet, 0);
  files_end ();
}

static void
test_no_file (void)
{
  char expected[5000];
  uint8_t *bytes;
  size_t got;
  const char *folder = files_begin ();
  snprintf (expected, sizeof expected, "%s/none: No such file or directory", folder);
  CU_ASSERT_EQUAL (take (files_path ("none"), 1, &bytes, &got), NN_MISSING);
  CU_ASSERT_STRING_EQUAL (err.text, expected);
  snprintf (expected, sizeof expected, "%s: Is a directory", folder);
  CU_ASSERT_EQUAL (take (folder, 1, &bytes, &got), NN_INVALID);
  CU_ASSERT_STRING_EQUAL (err.text, expected);
  files_write ("empty", "", 0, false);
  CU_ASSERT_EQUAL (take (files_path ("empty"), 9, &bytes, &got), NN_OK);
  CU_ASSERT_EQUAL (got, 0);
  free (bytes);
  CU_ASSERT_EQUAL (take (files_path ("empty/x"), 9, &bytes, &got), NN_MISSING);
  files_end ();
}

int
main (void)
{
  static const struct tap_test tests[] = { { "whole files", test_whole },
                                           { "cut and damaged", test_cut_and_damaged },
                                           { "no file", test_no_file },
                                           { 0 } };
  return tap_run ("nn reader", tests);
}
