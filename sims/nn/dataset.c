/* dataset.c - the two data sets and their parts: see images.h. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sims/nn/reader.h"
#include "sims/nn/split.h"

enum { PATH_ROOM = 4096, FASHION_CLASSES = 10 };

/* Never a user's: a test image of one seed would be a training image of another. */
#define SEALED_SEED UINT64_C (0x5EA1ED)

static const struct kind {
  const char *name, *source;
  uint32_t sealed; /* of the same file; 0 where the test part is a file of its own */
  uint32_t validation;
  const char *train_files, *test_files; /* how their names begin */
} kinds[] = {
  [NN_DIGITS] = { .name = "digits",
                  .source = "E. Alpaydin and C. Kaynak, Optical Recognition of "
                            "Handwritten Digits, UCI Machine Learning Repository, 1998 "
                            "(CC BY 4.0), its 1,797 test images",
                  .sealed = 400,
                  .validation = 397 },
  [NN_FASHION] = { .name = "fashion-mnist",
                   .source = "H. Xiao, K. Rasul and R. Vollgraf, Fashion-MNIST: a Novel "
                             "Image Dataset for Benchmarking Machine Learning "
                             "Algorithms, 2017 (MIT)",
                   .validation = 10000,
                   .train_files = "train",
                   .test_files = "t10k" },
};

/* ---- Files ----------------------------------------------------------------------- */

/* False: the path does not fit. */
static bool
join (char path[PATH_ROOM], const char *folder, const char *start, const char *end)
{
  int n = snprintf (path, PATH_ROOM, "%s/%s-%s", folder, start, end);
  return n >= 0 && n < PATH_ROOM;
}

static int
read_fashion (struct nn_images *whole, const char *folder, const char *start,
              struct nn_error *err)
{
  char pixels[PATH_ROOM], labels[PATH_ROOM];
  struct nn_error why = { .text = "" };
  int status;
  if (!join (pixels, folder, start, "images-idx3-ubyte")
      || !join (labels, folder, start, "labels-idx1-ubyte"))
    return nn_fail (err, NN_INVALID, "%s: too long a path", nn_shown_path (folder));
  status = nn_idx_read (whole, pixels, labels, FASHION_CLASSES, &why);
  if (status == NN_MISSING)
    return nn_fail (err, status,
                    "%s (nor with .gz): install Debian's package dataset-fashion-mnist, "
                    "or name the folder of its four files",
                    why.text);
  return status == NN_OK ? status : nn_fail (err, status, "%s", why.text);
}

static int
read_digits (struct nn_images *whole, const char *path, struct nn_error *err)
{
  struct nn_error why = { .text = "" };
  int status;
  if (!path)
    return nn_fail (err, NN_INVALID, "the digits need the path of their file");
  status = nn_text_read (whole, path, &why);
  if (status == NN_MISSING)
    return nn_fail (err, status,
                    "%s: name the file digits.txt that comes with this package (it is in "
                    "envs/cell, and installed with the package's data)",
                    why.text);
  return status == NN_OK ? status : nn_fail (err, status, "%s", why.text);
}

/* The file with the training images, or the one with the test images. */
static int
read_whole (struct nn_images *whole, const struct nn_dataset_choice *choice, bool test,
            struct nn_error *err)
{
  const struct kind *kind = &kinds[choice->kind];
  int status;
  *whole = (struct nn_images){ 0 };
  status = choice->kind == NN_DIGITS
               ? read_digits (whole, choice->path, err)
               : read_fashion (whole, choice->path ? choice->path : NN_FASHION_FOLDER,
                               test ? kind->test_files : kind->train_files, err);
  whole->name = kind->name;
  whole->source = kind->source;
  return status;
}

/* ---- Parts ----------------------------------------------------------------------- */

/* The sealed part's images, the same ones for every choice. */
static bool
mark_sealed (const struct nn_images *whole, uint32_t sealed, uint8_t *parts,
             uint32_t *order)
{
  uint32_t count;
  if (!nn_stratify (whole->labels, parts, whole->n, whole->classes, SEALED_SEED, order,
                    &count))
    return false;
  for (uint32_t i = 0; i < sealed && i < count; i++)
    parts[order[i]] = NN_TEST;
  return true;
}

/* Training images from one end of the order and validation images from the other: how
 * many the ones are does not move the others. */
static int
mark_open (const struct nn_images *whole, const struct nn_dataset_choice *choice,
           uint8_t *parts, uint32_t *order, struct nn_error *err)
{
  uint32_t count, train = choice->train,
                  validation = choice->validation ? choice->validation
                                                  : kinds[choice->kind].validation;
  if (!nn_stratify (whole->labels, parts, whole->n, whole->classes, choice->seed, order,
                    &count))
    return nn_no_memory (err);
  if (validation >= count || train > count - validation)
    return nn_fail (err, NN_INVALID,
                    "%s: %u images for training and %u for validation, but there are %u "
                    "beside the sealed ones",
                    whole->name, train ? (unsigned)train : 1, (unsigned)validation,
                    (unsigned)count);
  train = train ? train : count - validation;
  for (uint32_t i = 0; i < train; i++)
    parts[order[i]] = NN_TRAIN;
  for (uint32_t i = 0; i < validation; i++)
    parts[order[count - 1 - i]] = NN_VALIDATION;
  return NN_OK;
}

/* A part of each image, to be freed; NULL when it fails, with the reason in *status. */
static uint8_t *
mark_parts (const struct nn_images *whole, const struct nn_dataset_choice *choice,
            int *status, struct nn_error *err)
{
  uint8_t *parts = calloc (whole->n, 1);
  uint32_t *order = malloc (whole->n * sizeof *order);
  if (parts && order && mark_sealed (whole, kinds[choice->kind].sealed, parts, order))
    *status = mark_open (whole, choice, parts, order, err);
  else
    *status = nn_no_memory (err);
  free (order);
  if (*status == NN_OK)
    return parts;
  free (parts);
  return NULL;
}

/* The images of a part move to the front of `to`, in their order. `to` may be `whole`. */
static void
gather (struct nn_images *to, const struct nn_images *whole, const uint8_t *parts,
        uint8_t part)
{
  size_t size = nn_images_size (whole);
  uint32_t n = 0;
  for (uint32_t i = 0; i < whole->n; i++)
    if (parts[i] == part) {
      memmove (to->pixels + n * size, whole->pixels + i * size, size);
      to->labels[n++] = whole->labels[i];
    }
  to->n = n;
}

static bool
copy_part (struct nn_images *to, const struct nn_images *whole, const uint8_t *parts,
           uint8_t part)
{
  size_t n = 0;
  for (uint32_t i = 0; i < whole->n; i++)
    n += parts[i] == part;
  *to = *whole;
  to->pixels = malloc (n * nn_images_size (whole));
  to->labels = malloc (n);
  if (to->pixels && to->labels)
    gather (to, whole, parts, part);
  else
    nn_images_free (to);
  return to->pixels != NULL;
}

/* In place, then what is left over is given back: the peak is one file and no copy. */
static void
keep_part (struct nn_images *whole, const uint8_t *parts, uint8_t part)
{
  uint8_t *less;
  gather (whole, whole, parts, part);
  less = realloc (whole->pixels, whole->n * nn_images_size (whole));
  whole->pixels = less ? less : whole->pixels;
  less = realloc (whole->labels, whole->n);
  whole->labels = less ? less : whole->labels;
}

/* Sums of whole numbers, so in any order the same. Images of one grey have deviation 0:
 * 1 lets them be. */
static void
measure (struct nn_images *images)
{
  size_t n = images->n * nn_images_size (images);
  uint64_t sum = 0, squares = 0;
  for (size_t i = 0; i < n; i++) {
    sum += images->pixels[i];
    squares += (uint32_t)images->pixels[i] * images->pixels[i];
  }
  double mean = (double)sum / (double)n, square = (double)squares / (double)n;
  double variance = square - mean * mean;
  images->mean = mean / images->most;
  images->deviation = variance > 1e-9 ? sqrt (variance) / images->most : 1;
}

/* ---- Data sets ------------------------------------------------------------------- */

static bool
copy_choice (struct nn_dataset_choice *to, const struct nn_dataset_choice *choice)
{
  *to = *choice;
  to->path = choice->path ? strdup (choice->path) : NULL;
  return to->path || !choice->path;
}

void
nn_dataset_close (struct nn_dataset *set)
{
  nn_images_free (&set->train);
  nn_images_free (&set->validation);
  free ((char *)set->choice.path);
  *set = (struct nn_dataset){ 0 };
}

int
nn_dataset_open (struct nn_dataset *set, const struct nn_dataset_choice *choice,
                 struct nn_error *err)
{
  uint8_t *parts = NULL;
  int status;
  *set = (struct nn_dataset){ 0 };
  status = read_whole (&set->train, choice, false, err);
  if (status == NN_OK)
    parts = mark_parts (&set->train, choice, &status, err);
  if (parts
      && (!copy_choice (&set->choice, choice)
          || !copy_part (&set->validation, &set->train, parts, NN_VALIDATION)))
    status = nn_no_memory (err);
  if (status == NN_OK) {
    keep_part (&set->train, parts, NN_TRAIN);
    measure (&set->train);
    set->validation.mean = set->train.mean;
    set->validation.deviation = set->train.deviation;
  } else
    nn_dataset_close (set);
  free (parts);
  return status;
}

/* Nothing to do where the test part is a file of its own. */
static int
keep_sealed (struct nn_images *whole, uint32_t sealed, struct nn_error *err)
{
  uint8_t *parts;
  uint32_t *order;
  bool good;
  if (sealed == 0)
    return NN_OK;
  parts = calloc (whole->n, 1);
  order = malloc (whole->n * sizeof *order);
  good = parts && order && mark_sealed (whole, sealed, parts, order);
  if (good)
    keep_part (whole, parts, NN_TEST);
  free (parts);
  free (order);
  return good ? NN_OK : nn_no_memory (err);
}

int
nn_dataset_open_test (const struct nn_dataset *set, struct nn_images *test,
                      struct nn_error *err)
{
  const struct nn_shape *shape = &set->train.shape;
  int status = read_whole (test, &set->choice, true, err);
  if (status == NN_OK
      && (test->shape.height != shape->height || test->shape.width != shape->width))
    status = nn_fail (
        err, NN_INVALID, "%s: test images of %ux%u pixels, but training images of %ux%u",
        test->name, (unsigned)test->shape.height, (unsigned)test->shape.width,
        (unsigned)shape->height, (unsigned)shape->width);
  if (status == NN_OK)
    status = keep_sealed (test, kinds[set->choice.kind].sealed, err);
  test->mean = set->train.mean;
  test->deviation = set->train.deviation;
  if (status != NN_OK)
    nn_images_free (test);
  return status;
}
