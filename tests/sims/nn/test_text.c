/* The text form of images, and the digits that come in it. */
#include "sims/nn/reader.h"

#include <stdio.h>
#include <string.h>

#include "tests/sims/nn/image_files.h"
#include "tests/tap.h"

/* Two images of 2x3; the checksum is that of python3's zlib.crc32. */
static const char whole[] = "images 2 2x3 levels 17 classes 3 crc32 fd08db86\n"
                            "# a remark\n"
                            "2 01g 3a5\n"
                            "0 000 00f\n";

static void
test_whole (void)
{
  static const uint8_t pixels[] = { 0, 1, 16, 3, 10, 5, 0, 0, 0, 0, 0, 15 };
  struct nn_images images;
  struct nn_error err = { "" };
  CU_ASSERT_EQUAL (nn_text_parse (&images, "x", whole, strlen (whole), &err), NN_OK);
  CU_ASSERT_STRING_EQUAL (err.text, "");
  CU_ASSERT_FATAL (images.n == 2);
  CU_ASSERT (images.most == 16 && images.classes == 3 && images.shape.channels == 1);
  CU_ASSERT (images.shape.height == 2 && images.shape.width == 3);
  CU_ASSERT_EQUAL (memcmp (images.pixels, pixels, sizeof pixels), 0);
  CU_ASSERT (images.labels[0] == 2 && images.labels[1] == 0);
  nn_images_free (&images);
  /* the last newline may be missing */
  CU_ASSERT_EQUAL (nn_text_parse (&images, "x", whole, strlen (whole) - 1, NULL), NN_OK);
  nn_images_free (&images);
}

/* The text with the first `from` replaced is refused with exactly this. */
static void
refuses (const char *from, const char *to, const char *sentence)
{
  char text[400];
  struct nn_images images;
  struct nn_error err = { "" };
  const char *at = strstr (whole, from);
  CU_ASSERT_PTR_NOT_NULL_FATAL (at);
  int n = snprintf (text, sizeof text, "%.*s%s%s", (int)(at - whole), whole, to,
                    at + strlen (from));
  CU_ASSERT_EQUAL (nn_text_parse (&images, "x", text, (size_t)n, &err), NN_INVALID);
  CU_ASSERT_STRING_EQUAL (err.text, sentence);
  if (strcmp (err.text, sentence) != 0)
    tap_note ("%s", err.text);
  CU_ASSERT (images.n == 0 && !images.pixels && !images.labels);
}

#define HEADER                                                                           \
  "expected \"images COUNT HEIGHTxWIDTH levels 2..36 classes 1..36 crc32 HEX\""

static void
test_headers (void)
{
  refuses (whole, "", "x: is empty");
  refuses (whole, "# only\n#remarks", "x: is empty");
  refuses ("images", "image", "x:1: column 1: " HEADER);
  refuses ("images 2", "images 0", "x:1: column 9: " HEADER);
  refuses ("images 2", "images -1", "x:1: column 8: " HEADER);
  refuses ("images 2", "images 16777217", "x:1: column 16: " HEADER);
  refuses ("2x3", "2x257", "x:1: column 15: " HEADER);
  refuses ("2x3", "2", "x:1: column 11: " HEADER);
  refuses ("levels 17", "levels 37", "x:1: column 23: " HEADER);
  refuses ("levels 17", "levels 1", "x:1: column 22: " HEADER);
  refuses ("classes 3", "classes 99999999999999999999", "x:1: column 34: " HEADER);
  refuses ("fd08db86", "fd08db861", "x:1: column 49: " HEADER);
  refuses ("fd08db86", "", "x:1: column 40: " HEADER);
  refuses ("fd08db86", "fd08db86 ", "x:1: column 48: " HEADER);
}

static void
test_lines (void)
{
  refuses ("2 01g", "3 01g", "x:3: column 1: byte 0x33, expected a label of 0 to 2");
  refuses ("2 01g", "201g", "x:3: column 2: byte 0x30, expected a blank between rows");
  refuses ("01g", "01h", "x:3: column 5: byte 0x68, expected a pixel of 0 to g");
  refuses ("01g", "01", "x:3: column 5: byte 0x20, expected a pixel of 0 to g");
  refuses ("3a5", "3a", "x:3: ends after column 8, expected a pixel of 0 to g");
  refuses ("3a5", "3a55", "x:3: column 10: byte 0x35, expected the end of the line");
  refuses ("3a5\n", "3a5\r\n", "x:3: column 10: byte 0x0d, expected the end of the line");
  refuses ("2 01g", "\n2 01g", "x:3: ends after column 0, expected a label of 0 to 2");
  refuses ("0 000 00f\n", "", "x: announces 2 images, but ends after 1");
  refuses ("0 000 00f\n", "0 000 00f\n\n", "x:5: announces 2 images, but goes on");
  refuses ("images 2", "images 7", "x: announces 7 images, but is too short");
  refuses ("images 2", "images 16777216",
           "x: announces 16777216 images, but is too short");
}

static void
test_checksum (void)
{
  refuses ("3a5", "3a6",
           "x: the checksum of its images is c485e743, but it says fd08db86: damaged");
  refuses ("crc32 fd08db86", "crc32 0",
           "x: the checksum of its images is fd08db86, but it says 00000000: damaged");
}

/* What the data set's page says of it, and scikit-learn's mean of all numbers. */
static void
test_digits (void)
{
  static const int known[10] = { 178, 182, 177, 183, 181, 182, 181, 179, 174, 180 };
  int count[10] = { 0 };
  char path[4096];
  double sum = 0;
  struct nn_images images;
  struct nn_error err = { "" };
  tap_source ("envs/cell/digits.txt", path, sizeof path);
  CU_ASSERT_EQUAL (nn_text_read (&images, path, &err), NN_OK);
  CU_ASSERT_STRING_EQUAL (err.text, "");
  CU_ASSERT_FATAL (images.n == 1797 && images.classes == 10 && images.most == 16);
  CU_ASSERT_EQUAL (nn_images_size (&images), 64);
  for (uint32_t i = 0; i < images.n; i++)
    count[images.labels[i]]++;
  CU_ASSERT_EQUAL (memcmp (count, known, sizeof known), 0);
  for (uint32_t i = 0; i < images.n * 64; i++)
    sum += images.pixels[i];
  CU_ASSERT_DOUBLE_EQUAL (sum / (1797 * 64), 4.884164579855314, 1e-14);
  nn_images_free (&images);
}

static void
test_files (void)
{
  struct nn_images images;
  struct nn_error err = { "" };
  files_begin ();
  files_write ("a.gz", whole, strlen (whole), true);
  CU_ASSERT_EQUAL (nn_text_read (&images, files_path ("a.gz"), &err), NN_OK);
  CU_ASSERT_EQUAL (images.n, 2);
  nn_images_free (&images);
  CU_ASSERT_EQUAL (nn_text_read (&images, files_path ("b"), &err), NN_MISSING);
  CU_ASSERT (images.n == 0 && !images.pixels);
  files_end ();
}

int
main (void)
{
  static const struct tap_test tests[] = { { "whole", test_whole },
                                           { "headers", test_headers },
                                           { "lines", test_lines },
                                           { "checksum", test_checksum },
                                           { "digits", test_digits },
                                           { "files", test_files },
                                           { 0 } };
  return tap_run ("nn text", tests);
}
