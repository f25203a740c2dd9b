/* split.c - a stratified order: see split.h.
 *
 * Each class is shuffled, and image j of the m of a class stands at (j + 1/2) / m of the
 * way: the classes' images, spread evenly, are merged. What is taken from either end is
 * stratified, however much it is, and of two such parts one is within the other. */
#include "sims/nn/split.h"

#include <stdlib.h>

#include "sims/nn/random.h"

enum { CLASSES = 256 };

struct classes {
  uint32_t start[CLASSES + 1]; /* in `images`, and the end of all */
  uint32_t done[CLASSES];
  uint32_t rank[CLASSES]; /* the classes, in the order that decides between equals */
  uint32_t n;
  uint32_t *images;
};

static void
shuffle (struct nn_random random, uint32_t *numbers, uint32_t n)
{
  for (uint32_t i = n; i > 1; i--) {
    uint32_t j = nn_random_below (&random, i), last = numbers[i - 1];
    numbers[i - 1] = numbers[j];
    numbers[j] = last;
  }
}

/* Counts, then places: the images of each class side by side. */
static void
sort_by_class (struct classes *classes, const uint8_t *labels, const uint8_t *parts,
               uint32_t n)
{
  for (uint32_t i = 0; i < n; i++)
    classes->start[labels[i] + 1] += parts[i] == NN_UNUSED;
  for (uint32_t c = 0; c < CLASSES; c++)
    classes->start[c + 1] += classes->start[c];
  for (uint32_t i = 0; i < n; i++)
    if (parts[i] == NN_UNUSED) {
      uint32_t c = labels[i];
      classes->images[classes->start[c] + classes->done[c]++] = i;
    }
}

static uint64_t
size_of (const struct classes *classes, uint32_t c)
{
  return classes->start[c + 1] - classes->start[c];
}

/* Whether class a's next image stands before b's: fractions, compared without rounding.
 */
static bool
before (const struct classes *classes, uint32_t a, uint32_t b)
{
  return (2 * (uint64_t)classes->done[a] + 1) * size_of (classes, b)
         < (2 * (uint64_t)classes->done[b] + 1) * size_of (classes, a);
}

static uint32_t
take_next (struct classes *classes)
{
  uint32_t best = CLASSES;
  for (uint32_t i = 0; i < classes->n; i++) {
    uint32_t c = classes->rank[i];
    if (classes->done[c] < size_of (classes, c)
        && (best == CLASSES || before (classes, c, best)))
      best = c;
  }
  return classes->images[classes->start[best] + classes->done[best]++];
}

bool
nn_stratify (const uint8_t *labels, const uint8_t *parts, uint32_t n, uint32_t n_classes,
             uint64_t seed, uint32_t *order, uint32_t *count)
{
  struct classes classes = { .n = n_classes, .images = malloc (n * sizeof *order + 1) };
  if (!classes.images)
    return false;
  sort_by_class (&classes, labels, parts, n);
  for (uint32_t c = 0; c < n_classes; c++) {
    classes.rank[c] = c;
    classes.done[c] = 0;
    shuffle (nn_random_at (seed, 1, c), classes.images + classes.start[c],
             (uint32_t)size_of (&classes, c));
  }
  shuffle (nn_random_at (seed, 2, 0), classes.rank, n_classes);
  *count = classes.start[n_classes];
  for (uint32_t i = 0; i < *count; i++)
    order[i] = take_next (&classes);
  free (classes.images);
  return true;
}
