/* The data sets: their parts, the border of the sealed one, what is said of bad files. */
#include "sims/nn/images.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include <zlib.h>

#include "tests/sims/nn/image_files.h"
#include "tests/tap.h"

static char digits_path[4096];

static struct nn_dataset
open_digits (uint64_t seed, uint32_t train, uint32_t validation)
{
  struct nn_dataset set;
  struct nn_error err = { "" };
  struct nn_dataset_choice choice = { .kind = NN_DIGITS,
                                      .path = digits_path,
                                      .seed = seed,
                                      .train = train,
                                      .validation = validation };
  tap_source ("envs/cell/digits.txt", digits_path, sizeof digits_path);
  CU_ASSERT_EQUAL (nn_dataset_open (&set, &choice, &err), NN_OK);
  CU_ASSERT_STRING_EQUAL (err.text, "");
  return set;
}

/* No two of the 1,797 digits are the same image, so that an image names itself. */
static bool
holds (const struct nn_images *images, const uint8_t *image)
{
  size_t size = nn_images_size (images);
  for (uint32_t i = 0; i < images->n; i++)
    if (memcmp (images->pixels + i * size, image, size) == 0)
      return true;
  return false;
}

/* How many images of `a` are in `b`. */
static uint32_t
common (const struct nn_images *a, const struct nn_images *b)
{
  uint32_t n = 0;
  for (uint32_t i = 0; i < a->n; i++)
    n += holds (b, a->pixels + i * nn_images_size (a));
  return n;
}

static bool
same (const struct nn_images *a, const struct nn_images *b)
{
  return a->n == b->n && memcmp (a->labels, b->labels, a->n) == 0
         && memcmp (a->pixels, b->pixels, a->n * nn_images_size (a)) == 0;
}

static double
unfairness (const struct nn_images *images)
{
  static const int known[10] = { 178, 182, 177, 183, 181, 182, 181, 179, 174, 180 };
  int count[10] = { 0 };
  double worst = 0;
  for (uint32_t i = 0; i < images->n; i++)
    count[images->labels[i]]++;
  for (int c = 0; c < 10; c++)
    worst = fmax (worst, fabs (count[c] - known[c] * (double)images->n / 1797));
  return worst;
}

static void
test_digits (void)
{
  for (uint64_t seed = 0; seed < 8; seed++) {
    struct nn_dataset set = open_digits (seed, 0, 0);
    struct nn_images test;
    CU_ASSERT_EQUAL (nn_dataset_open_test (&set, &test, NULL), NN_OK);
    CU_ASSERT (set.train.n == 1000 && set.validation.n == 397 && test.n == 400);
    CU_ASSERT_EQUAL (common (&set.train, &set.validation), 0);
    CU_ASSERT_EQUAL (common (&test, &set.train), 0);
    CU_ASSERT_EQUAL (common (&test, &set.validation), 0);
    CU_ASSERT (unfairness (&set.train) <= 2 && unfairness (&set.validation) <= 2);
    CU_ASSERT (unfairness (&test) <= 2);
    CU_ASSERT_STRING_EQUAL (set.train.name, "digits");
    CU_ASSERT_PTR_NOT_NULL (strstr (set.train.source, "Alpaydin and C. Kaynak"));
    CU_ASSERT (test.mean == set.train.mean && test.deviation == set.train.deviation);
    nn_images_free (&test);
    nn_dataset_close (&set);
  }
}

/* The sealed part is the same for every seed and every limit. */
static void
test_sealed (void)
{
  struct nn_dataset a = open_digits (1, 0, 0), b = open_digits (2, 640, 100);
  struct nn_images test_a, test_b;
  CU_ASSERT_EQUAL (nn_dataset_open_test (&a, &test_a, NULL), NN_OK);
  CU_ASSERT_EQUAL (nn_dataset_open_test (&b, &test_b, NULL), NN_OK);
  CU_ASSERT (same (&test_a, &test_b));
  CU_ASSERT (!same (&a.validation, &b.validation));
  CU_ASSERT (common (&b.train, &a.train) < 640);
  nn_images_free (&test_a);
  nn_images_free (&test_b);
  nn_dataset_close (&a);
  nn_dataset_close (&b);
}

static uint32_t
checksum (const struct nn_images *images)
{
  return (uint32_t)crc32 (crc32 (0, NULL, 0), images->pixels,
                          (uInt)(images->n * nn_images_size (images)));
}

/* As a program of another language split them, with fractions and a sort. Where these
 * change, accuracies change: the versions of environments must, too. */
static void
test_exact (void)
{
  struct nn_dataset set = open_digits (1, 640, 0);
  struct nn_images test;
  CU_ASSERT_EQUAL (nn_dataset_open_test (&set, &test, NULL), NN_OK);
  CU_ASSERT_EQUAL (checksum (&test), 0x4dd4c1b3);
  CU_ASSERT_EQUAL (checksum (&set.train), 0x82f87c00);
  CU_ASSERT_EQUAL (checksum (&set.validation), 0x9e8d0737);
  nn_images_free (&test);
  nn_dataset_close (&set);
}

static void
test_limits (void)
{
  struct nn_dataset all = open_digits (7, 0, 0), again = open_digits (7, 1000, 397),
                    less = open_digits (7, 640, 0), least = open_digits (7, 10, 50),
                    more = open_digits (7, 1396, 1);
  CU_ASSERT (same (&all.train, &again.train));
  CU_ASSERT (same (&all.validation, &again.validation));
  CU_ASSERT (same (&all.validation, &less.validation));
  CU_ASSERT (less.train.n == 640 && unfairness (&less.train) <= 2);
  CU_ASSERT_EQUAL (common (&less.train, &all.train), 640);
  CU_ASSERT_EQUAL (common (&least.train, &less.train), 10);
  CU_ASSERT_EQUAL (common (&least.validation, &all.validation), 50);
  CU_ASSERT (unfairness (&least.train) < 1.1 && unfairness (&least.validation) <= 2);
  CU_ASSERT (more.train.n == 1396 && more.validation.n == 1);
  nn_dataset_close (&all);
  nn_dataset_close (&again);
  nn_dataset_close (&less);
  nn_dataset_close (&least);
  nn_dataset_close (&more);
  CU_ASSERT (!all.train.pixels && !all.choice.path);
}

/* Mean 0 and deviation 1 over the training images, with the constants that say so. */
static void
test_normalised (void)
{
  struct nn_dataset set = open_digits (3, 640, 0);
  static float pixels[640 * 64];
  double sum = 0, squares = 0;
  nn_images_batch (&set.train, NULL, 640, NULL, pixels, NULL);
  for (int i = 0; i < 640 * 64; i++) {
    sum += pixels[i];
    squares += (double)pixels[i] * pixels[i];
  }
  CU_ASSERT_DOUBLE_EQUAL (sum / (640 * 64), 0, 1e-6);
  CU_ASSERT_DOUBLE_EQUAL (squares / (640 * 64), 1, 1e-6);
  CU_ASSERT_EQUAL (set.validation.mean, set.train.mean);
  CU_ASSERT_EQUAL (set.validation.deviation, set.train.deviation);
  nn_dataset_close (&set);
}

static void
refuses (const struct nn_dataset_choice *choice, int status, const char *sentence)
{
  struct nn_dataset set;
  struct nn_error err = { "" };
  CU_ASSERT_EQUAL (nn_dataset_open (&set, choice, &err), status);
  CU_ASSERT_STRING_EQUAL (err.text, sentence);
  if (strcmp (err.text, sentence) != 0)
    tap_note ("%s", err.text);
  CU_ASSERT (!set.train.pixels && !set.validation.pixels && !set.choice.path);
  CU_ASSERT_EQUAL (nn_dataset_open (&set, choice, NULL), status);
}

static void
test_too_many (void)
{
  struct nn_dataset_choice choice = { .kind = NN_DIGITS, .path = digits_path };
  tap_source ("envs/cell/digits.txt", digits_path, sizeof digits_path);
  choice.train = 1001;
  refuses (&choice, NN_INVALID,
           "digits: 1001 images for training and 397 for validation, but there are 1397 "
           "beside the sealed ones");
  choice.train = UINT32_MAX;
  choice.validation = UINT32_MAX;
  refuses (&choice, NN_INVALID,
           "digits: 4294967295 images for training and 4294967295 for validation, but "
           "there are 1397 beside the sealed ones");
  choice.train = 0;
  choice.validation = 1397;
  refuses (&choice, NN_INVALID,
           "digits: 1 images for training and 1397 for validation, but there are 1397 "
           "beside the sealed ones");
}

static void
test_missing (void)
{
  struct nn_dataset_choice choice = { .kind = NN_FASHION, .path = "/nowhere/at/all" };
  refuses (&choice, NN_MISSING,
           "/nowhere/at/all/train-labels-idx1-ubyte: No such file or directory (nor with "
           ".gz): install Debian's package dataset-fashion-mnist, or name the folder of "
           "its four files");
  choice.kind = NN_DIGITS;
  refuses (
      &choice, NN_MISSING,
      "/nowhere/at/all: No such file or directory: name the file digits.txt that "
      "comes with this package (it is in envs/cell, and installed with the package's "
      "data)");
  choice.path = NULL;
  refuses (&choice, NN_INVALID, "the digits need the path of their file");
  choice = (struct nn_dataset_choice){ .kind = NN_FASHION, .path = digits_path };
  memset (digits_path, 'x', sizeof digits_path - 1);
  struct nn_dataset set;
  struct nn_error err;
  CU_ASSERT_EQUAL (nn_dataset_open (&set, &choice, &err), NN_INVALID);
  CU_ASSERT_PTR_NOT_NULL (strstr (err.text, "xxx: too long a path"));
}

/* A small one in Fashion-MNIST's files: image i has label i mod 10 and i in each pixel.
 */
static void
write_small (const char *start, uint32_t n, uint32_t side, bool gzip)
{
  static uint8_t body[1 << 16];
  const uint32_t sizes[3] = { n, side, side };
  char name[64];
  size_t size;
  uint8_t *bytes;
  for (uint32_t i = 0; i < n * side * side; i++)
    body[i] = (uint8_t)(i / (side * side));
  bytes = files_idx (3, sizes, body, n * side * side, &size);
  snprintf (name, sizeof name, "%s-images-idx3-ubyte%s", start, gzip ? ".gz" : "");
  files_write (name, bytes, size, gzip);
  for (uint32_t i = 0; i < n; i++)
    body[i] = (uint8_t)(i % 10);
  bytes = files_idx (1, sizes, body, n, &size);
  snprintf (name, sizeof name, "%s-labels-idx1-ubyte%s", start, gzip ? ".gz" : "");
  files_write (name, bytes, size, gzip);
}

static void
test_small (void)
{
  struct nn_dataset_choice choice = { .kind = NN_FASHION, .validation = 30 };
  struct nn_dataset set;
  struct nn_images test;
  choice.path = files_begin ();
  write_small ("train", 200, 3, true);
  write_small ("t10k", 50, 3, false);
  CU_ASSERT_EQUAL_FATAL (nn_dataset_open (&set, &choice, NULL), NN_OK);
  CU_ASSERT (set.train.n == 170 && set.validation.n == 30);
  for (uint32_t i = 0; i < 30; i++) { /* labels and pixels stay together */
    CU_ASSERT_EQUAL (set.validation.labels[i], set.validation.pixels[i * 9] % 10);
    CU_ASSERT_EQUAL (set.validation.pixels[i * 9], set.validation.pixels[i * 9 + 8]);
  }
  CU_ASSERT_EQUAL (nn_dataset_open_test (&set, &test, NULL), NN_OK);
  CU_ASSERT_EQUAL_FATAL (test.n, 50);
  for (uint32_t i = 0; i < 50; i++)
    CU_ASSERT (test.pixels[i * 9] == i && test.labels[i] == i % 10);
  CU_ASSERT (test.mean == set.train.mean && test.deviation == set.train.deviation);
  nn_images_free (&test);
  nn_dataset_close (&set);
  files_end ();
}

/* Training does not touch the test files: they may be absent or damaged. */
static void
test_small_test_part (void)
{
  struct nn_dataset_choice choice = { .kind = NN_FASHION, .validation = 30 };
  struct nn_dataset set;
  struct nn_images test;
  struct nn_error err;
  choice.path = files_begin ();
  write_small ("train", 200, 3, false);
  CU_ASSERT_EQUAL_FATAL (nn_dataset_open (&set, &choice, NULL), NN_OK);
  CU_ASSERT_EQUAL (nn_dataset_open_test (&set, &test, &err), NN_MISSING);
  CU_ASSERT_PTR_NOT_NULL (strstr (err.text, "t10k-labels-idx1-ubyte: No such file"));
  CU_ASSERT (test.n == 0 && !test.pixels);
  write_small ("t10k", 50, 4, false);
  CU_ASSERT_EQUAL (nn_dataset_open_test (&set, &test, &err), NN_INVALID);
  CU_ASSERT_STRING_EQUAL (
      err.text, "fashion-mnist: test images of 4x4 pixels, but training images of 3x3");
  CU_ASSERT (test.n == 0 && !test.pixels);
  nn_dataset_close (&set);
  files_end ();
}

/* Images of one grey can be normalised, too. */
static void
test_one_grey (void)
{
  struct nn_dataset_choice choice = { .kind = NN_FASHION, .train = 1, .validation = 1 };
  struct nn_dataset set;
  float pixel;
  choice.path = files_begin ();
  write_small ("train", 2, 1, false);
  CU_ASSERT_EQUAL_FATAL (nn_dataset_open (&set, &choice, NULL), NN_OK);
  CU_ASSERT_EQUAL (set.train.deviation, 1);
  nn_images_batch (&set.train, NULL, 1, NULL, &pixel, NULL);
  CU_ASSERT_DOUBLE_EQUAL (pixel, 0, 1e-6);
  nn_dataset_close (&set);
  files_end ();
}

static bool
have_fashion (void)
{
  if (access (NN_FASHION_FOLDER "/train-images-idx3-ubyte.gz", R_OK) == 0)
    return true;
  tap_skip ("no Debian package dataset-fashion-mnist");
  return false;
}

/* Balanced classes; the mean and deviation that everybody uses for all 60,000. */
static void
test_fashion (void)
{
  struct nn_dataset_choice choice = { .kind = NN_FASHION, .seed = 1, .validation = 1 };
  struct nn_dataset set;
  struct nn_images test;
  uint32_t count[10] = { 0 };
  if (!have_fashion ())
    return;
  CU_ASSERT_EQUAL_FATAL (nn_dataset_open (&set, &choice, NULL), NN_OK);
  CU_ASSERT_EQUAL (set.train.n, 59999);
  CU_ASSERT_DOUBLE_EQUAL (set.train.mean, 0.2860, 5e-5);
  CU_ASSERT_DOUBLE_EQUAL (set.train.deviation, 0.3530, 5e-5);
  CU_ASSERT_EQUAL (nn_dataset_open_test (&set, &test, NULL), NN_OK);
  CU_ASSERT_EQUAL_FATAL (test.n, 10000);
  for (uint32_t i = 0; i < test.n; i++)
    count[test.labels[i]]++;
  for (int c = 0; c < 10; c++)
    CU_ASSERT_EQUAL (count[c], 1000);
  CU_ASSERT_STRING_EQUAL (test.name, "fashion-mnist");
  nn_images_free (&test);
  nn_dataset_close (&set);
}

static void
test_fashion_parts (void)
{
  struct nn_dataset_choice choice = { .kind = NN_FASHION, .seed = 4 };
  struct nn_dataset set, less;
  uint32_t count[10] = { 0 };
  if (!have_fashion ())
    return;
  CU_ASSERT_EQUAL_FATAL (nn_dataset_open (&set, &choice, NULL), NN_OK);
  CU_ASSERT (set.train.n == 50000 && set.validation.n == 10000);
  for (uint32_t i = 0; i < set.validation.n; i++)
    count[set.validation.labels[i]]++;
  for (int c = 0; c < 10; c++)
    CU_ASSERT_EQUAL (count[c], 1000);
  choice.train = 640;
  CU_ASSERT_EQUAL_FATAL (nn_dataset_open (&less, &choice, NULL), NN_OK);
  CU_ASSERT (same (&less.validation, &set.validation));
  memset (count, 0, sizeof count);
  for (uint32_t i = 0; i < less.train.n; i++)
    count[less.train.labels[i]]++;
  for (int c = 0; c < 10; c++)
    CU_ASSERT_EQUAL (count[c], 64);
  nn_dataset_close (&less);
  nn_dataset_close (&set);
}

/* Of the 200 MB that a training may take, the images leave most: no copy as floats, and
 * none on the way. */
static void
test_fashion_memory (void)
{
  struct nn_dataset_choice choice = { .kind = NN_FASHION };
  struct rlimit limit = { .rlim_cur = 90 << 20, .rlim_max = RLIM_INFINITY };
  struct nn_dataset set;
  if (getenv ("GYM_PRELOAD") || getenv ("LD_PRELOAD")) {
    tap_skip ("a sanitizer or valgrind owns memory");
    return;
  }
  if (!have_fashion ())
    return;
  CU_ASSERT_EQUAL (setrlimit (RLIMIT_AS, &limit), 0);
  CU_ASSERT_EQUAL (nn_dataset_open (&set, &choice, NULL), NN_OK);
  nn_dataset_close (&set);
  limit.rlim_cur = 24 << 20; /* and where there is too little, it says so */
  CU_ASSERT_EQUAL (setrlimit (RLIMIT_AS, &limit), 0);
  CU_ASSERT_EQUAL (nn_dataset_open (&set, &choice, NULL), NN_NOMEM);
  CU_ASSERT (!set.train.pixels && !set.train.labels);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "digits", test_digits },
                                           { "sealed", test_sealed },
                                           { "exactly", test_exact },
    { "limits", test_limits },
                                           { "normalised", test_normalised },
                                           { "too many", test_too_many },
                                           { "missing", test_missing },
                                           { "small", test_small },
                                           { "small test part", test_small_test_part },
                                           { "one grey", test_one_grey },
                                           { "Fashion-MNIST", test_fashion },
                                           { "Fashion-MNIST parts", test_fashion_parts },
                                           { "Fashion-MNIST memory",
                                             test_fashion_memory },
                                           { 0 } };
  return tap_run ("nn dataset", tests);
}
