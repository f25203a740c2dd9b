/* fuzz_images.c - a fuzz target for the readers of images (tests/fuzz.h):
 *   clang -g -D_GNU_SOURCE -fsanitize=fuzzer,address,undefined -I.
 * \ tests/sims/nn/fuzz_images.c sims/nn/{idx,text,reader,images,error}.c -lz -o
 * fuzz_images The same bytes are the pixels' file and the labels' file of idx, beside a
 * good one, and a text. */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "sims/nn/reader.h"
#include "tests/fuzz.h"

static void
check (bool condition)
{
  if (!condition)
    __builtin_trap ();
}

/* Made once; their paths. */
static const char *
good_file (int which)
{
  static const char pixels[] = "\0\0\x08\x03\0\0\0\x02\0\0\0\x02\0\0\0\x03"
                               "abcdefghijkl";
  static const char labels[] = "\0\0\x08\x01\0\0\0\x02\x03\x09";
  static char paths[2][32];
  if (paths[which][0] == '\0') {
    size_t size = (which ? sizeof labels : sizeof pixels) - 1;
    int fd = memfd_create ("good", 0);
    check (fd >= 0 && write (fd, which ? labels : pixels, size) == (ssize_t)size);
    snprintf (paths[which], sizeof paths[which], "/proc/self/fd/%d", fd);
  }
  return paths[which];
}

/* What was read is whole and within its bounds; what was not left nothing but a sentence.
 */
static void
check_result (struct nn_images *images, int status, const struct nn_error *err)
{
  if (status == NN_OK) {
    size_t size = images->n * nn_images_size (images);
    unsigned sum = 0;
    check (err->text[0] == '\0' && images->n > 0 && size > 0);
    for (size_t i = 0; i < size; i++)
      sum += images->pixels[i] > images->most;
    for (uint32_t i = 0; i < images->n; i++)
      sum += images->labels[i] >= images->classes;
    check (sum == 0);
  } else {
    check (status == NN_INVALID && err->text[0] != '\0' && !strchr (err->text, '\n'));
    check (images->n == 0 && !images->pixels && !images->labels);
  }
  nn_images_free (images);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  struct nn_images images;
  struct nn_error err = { "" };
  char path[32];
  int fd = memfd_create ("input", 0);
  check (fd >= 0 && write (fd, data, size) == (ssize_t)size);
  snprintf (path, sizeof path, "/proc/self/fd/%d", fd);
  check_result (&images, nn_idx_read (&images, path, good_file (1), 10, &err), &err);
  err.text[0] = '\0';
  check_result (&images, nn_idx_read (&images, good_file (0), path, 10, &err), &err);
  err.text[0] = '\0';
  check_result (&images, nn_text_read (&images, path, &err), &err);
  close (fd);
  return 0;
}
