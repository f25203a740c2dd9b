/* sims/nn/images.h - labelled images to train networks on, and how a training reads them.
 *
 * Two data sets: Fashion-MNIST (Xiao, Rasul, Vollgraf 2017: 28x28, ten kinds of clothes)
 * from the idx files of Debian's package dataset-fashion-mnist, and the handwritten
 * digits of the UCI repository (Alpaydin and Kaynak 1998: 8x8), whose text file comes
 * with this package, so that everything works on a bare machine.
 *
 * Each has three parts. Training and validation images are what nn_dataset_open gives.
 * The test part is sealed: no seed moves an image across its border, and it is read by
 * nn_dataset_open_test alone, which only a final report may call.
 *
 * Pixels stay bytes and become normalised numbers a batch at a time: as floats the 60,000
 * images of Fashion-MNIST would be 188 MB. Batches are as nn.h wants its inputs.
 *
 * Everything is a function of its arguments and of the files: same seed, same parts, same
 * order, same changes to images, on every machine. Nothing is global. What is opened may
 * be read from several threads at once. */
#ifndef SIMS_NN_IMAGES_H
#define SIMS_NN_IMAGES_H

#include "sims/nn/error.h"
#include "sims/nn/nn.h"

/* Where Debian's dataset-fashion-mnist puts its files. */
#define NN_FASHION_FOLDER "/usr/share/datasets/fashion-mnist"

enum {
  NN_IMAGES_SIDE_MAX = 256,     /* height and width */
  NN_IMAGES_COUNT_MAX = 1 << 24 /* images of a file; its pixels are at most 2^30 */
};

/* ---- One part of a data set ------------------------------------------------------ */

struct nn_images {
  const char *name, *source; /* of the data set: a word; authors, title, year, licence */
  struct nn_shape shape;
  uint32_t n, classes;
  uint32_t most;          /* the value of a white pixel; black is 0 */
  double mean, deviation; /* of pixel / most over the training images in use */
  uint8_t *pixels;        /* image i from i * height * width * channels on */
  uint8_t *labels;        /* each below `classes` */
};

/* Frees what it holds and clears it. A cleared one may be freed again. */
void nn_images_free (struct nn_images *images);

/* Numbers of one image. */
size_t nn_images_size (const struct nn_images *images);

/* ---- Data sets ------------------------------------------------------------------- */

enum nn_dataset_kind {
  NN_DIGITS, /* 1,797 images: 400 sealed, 397 validation, up to 1,000 training */
  NN_FASHION /* 60,000: 10,000 validation, up to 50,000 training; 10,000 more sealed */
};

struct nn_dataset_choice {
  enum nn_dataset_kind kind;
  const char *path; /* digits: the file; Fashion-MNIST: the folder of the four idx files,
                     * each with .gz or without; NULL: NN_FASHION_FOLDER */
  uint64_t seed;    /* which images validate and which train */
  uint32_t train;   /* images to train on; 0: all that are left */
  uint32_t validation; /* 0: as above */
};

/* Under one seed a smaller `train` is a subset of a larger one and does not change the
 * validation images, nor the other way round; with no limit they are all images but the
 * sealed ones. Each class has its share of each part, give or take two images. */
struct nn_dataset {
  struct nn_images train, validation;
  struct nn_dataset_choice choice; /* its path is a copy */
};

/* Reads the files and makes the two parts; to be closed when it succeeds, all 0 when not.
 * NN_MISSING: no such files, and the text says what to install. NN_INVALID: a damaged
 * file, or more images asked for than there are. No file makes it crash, or take much
 * more memory than the file holds. `choice` is not kept. */
int nn_dataset_open (struct nn_dataset *set, const struct nn_dataset_choice *choice,
                     struct nn_error *err);
void nn_dataset_close (struct nn_dataset *set);

/* The sealed test part, normalised as the training part is: 400 digits, or the 10,000 of
 * Fashion-MNIST's own test files. ONLY A FINAL REPORT MAY CALL THIS. An accuracy on these
 * images that is read any earlier, and be it to stop a training or to choose between two
 * designs, is no longer one on unseen images, and whoever reads it must mark the run as
 * tainted. Errors as above; to be freed when it succeeds. */
int nn_dataset_open_test (const struct nn_dataset *set, struct nn_images *test,
                          struct nn_error *err);

/* ---- Batches --------------------------------------------------------------------- */

/* The order of an epoch: a permutation of 0 .. n-1 (Fisher and Yates 1938; Durstenfeld
 * 1964), one for each seed and epoch. */
void nn_images_order (uint64_t seed, uint32_t epoch, uint32_t n, uint32_t *order);

/* Changes to training images (as in He et al. 2016): moved by up to `shift` pixels each
 * way, black where nothing comes from, and mirrored left to right every other time. Each
 * image's are drawn from (seed, epoch, its place in the epoch's order): a batch of
 * another size, or one made alone, has the same images. */
struct nn_augment {
  uint32_t shift; /* up to NN_IMAGES_SIDE_MAX */
  bool flip;
  uint64_t seed;
  uint32_t epoch;
  uint32_t place; /* of the batch's first image in the epoch's order */
};

/* A batch: images indices[0 .. n-1], or 0 .. n-1 where `indices` is NULL, as rows of
 * (pixel / most - mean) / deviation in `pixels` (n times nn_images_size numbers), and
 * their labels. Either may be NULL, and so may `augment` for images as they are. Indices
 * are below images->n. */
void nn_images_batch (const struct nn_images *images, const uint32_t *indices, uint32_t n,
                      const struct nn_augment *augment, float *pixels, uint8_t *labels);

#endif
