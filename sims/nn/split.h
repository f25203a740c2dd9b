/* split.h - which images train, validate and test; only dataset.c includes this. */
#ifndef SIMS_NN_SPLIT_H
#define SIMS_NN_SPLIT_H

#include <stdbool.h>
#include <stdint.h>

/* Where an image goes. */
enum { NN_UNUSED, NN_TRAIN, NN_VALIDATION, NN_TEST };

/* A stratified order of the images whose part is still NN_UNUSED, of `n` with labels
 * below `classes` (at most 256). Where classes are about alike in size, any stretch of
 * this order has each class's share, give or take two. Writes the images' numbers to
 * `order` (room for n) and how many they are to `*count`. False: out of memory. */
bool nn_stratify (const uint8_t *labels, const uint8_t *parts, uint32_t n,
                  uint32_t classes, uint64_t seed, uint32_t *order, uint32_t *count);

#endif
