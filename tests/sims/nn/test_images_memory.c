/* Every allocation of a data set may fail: opening it says so and leaves nothing. */
#include <string.h>

#include "sims/nn/images.h"
#include "tests/sims/nn/image_files.h"
#include "tests/sims/nn/memory.h"

/* Opens and closes all three parts; the status of the first call that failed. */
static int
open_all (const struct nn_dataset_choice *choice, struct nn_error *err)
{
  struct nn_dataset set;
  struct nn_images test = { 0 };
  int status = nn_dataset_open (&set, choice, err);
  if (status == NN_OK)
    status = nn_dataset_open_test (&set, &test, err);
  nn_images_free (&test);
  nn_dataset_close (&set);
  return status;
}

/* Giving back what is too much may fail without harm, so success is allowed too. */
static bool
attempt (const void *context, long from, long to)
{
  const struct nn_dataset_choice *choice = context;
  struct nn_error err = { "" };
  long before = memory_arm (from, to);
  int status = open_all (choice, &err);
  memory_disarm ();
  bool good = memory_live == before
              && (status == NN_OK
                      ? err.text[0] == '\0'
                      : status == NN_NOMEM && strcmp (err.text, "out of memory") == 0);
  if (!good)
    tap_note ("calls %ld..%ld: status %d, \"%s\", %ld blocks more", from, to, status,
              err.text, memory_live - before);
  return good;
}

static void
explore (const struct nn_dataset_choice *choice)
{
  CU_ASSERT_EQUAL_FATAL (open_all (choice, NULL), NN_OK);
  memory_explore (attempt, choice, 16);
}

static void
test_digits (void)
{
  char path[4096];
  struct nn_dataset_choice choice = { .kind = NN_DIGITS, .path = path };
  tap_source ("envs/cell/digits.txt", path, sizeof path);
  explore (&choice);
}

static void
write_part (const char *pixels, const char *labels)
{
  static const uint8_t body[50 * 50 * 50];
  const uint32_t sizes[3] = { 50, 50, 50 };
  size_t size;
  uint8_t *bytes = files_idx (3, sizes, body, sizeof body, &size);
  files_write (pixels, bytes, size, true);
  bytes = files_idx (1, sizes, body, 50, &size);
  files_write (labels, bytes, size, true);
}

static void
test_fashion (void)
{
  struct nn_dataset_choice choice = { .kind = NN_FASHION, .validation = 10 };
  choice.path = files_begin ();
  write_part ("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz");
  write_part ("t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz");
  explore (&choice);
  files_end ();
}

int
main (void)
{
  static const struct tap_test tests[] = { { "digits", test_digits },
                                           { "Fashion-MNIST", test_fashion },
                                           { 0 } };
  return tap_run ("nn images memory", tests);
}
