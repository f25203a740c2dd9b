/* SPDX-License-Identifier: MIT */
/* Address mapping: from a byte address to rank, group, bank, row and column.  The text
 * forms are described in dram.h, section 2. */
#ifndef SIMS_DRAM_MAP_H
#define SIMS_DRAM_MAP_H

#include <stdint.h>

#include "sims/dram/error.h"
#include "sims/dram/part.h"

enum {
  DRAM_MAP_ROW,
  DRAM_MAP_RANK,
  DRAM_MAP_BANK,
  DRAM_MAP_GROUP,
  DRAM_MAP_COLUMN,
  DRAM_MAP_CHANNEL,
  DRAM_MAP_FIELDS
};

/* One field as a sum of terms.  A run of plain bits is one term: ((address >> shift) &
 * mask) << at.  A bit made by exclusive or is a parity: the parity of address & parity[i]
 * goes to bit parity_at[i]. */
struct dram_map_field {
  uint32_t runs, parities;
  uint8_t shift[32], at[32], parity_at[32];
  uint32_t mask[32];
  uint64_t parity[32];
};

struct dram_map {
  struct dram_map_field field[DRAM_MAP_FIELDS];
  uint32_t block_shift;             /* log2 of the bytes of a burst */
  uint32_t rank_banks, group_banks; /* banks of a rank, of a group */
};

/* Compiles `text` (NULL: "rkbgc") for a part, a number of ranks in a channel and one of
 * channels.  0, or -1 and err (nullable) says what was wrong in the text.  Thread: any.
 */
int dram_map_compile (struct dram_map *map, const char *text,
                      const struct dram_part *part, uint32_t ranks, uint32_t channels,
                      struct dram_error *err);

/* The same for one channel. */
int dram_map_parse (struct dram_map *map, const char *text, const struct dram_part *part,
                    uint32_t ranks, struct dram_error *err);

/* The value of one field of an address. */
static inline uint32_t
dram_map_field (const struct dram_map_field *f, uint64_t address)
{
  uint32_t value = 0;
  if (f->runs <= 1 && f->parities == 0) /* an empty field has mask 0 */
    return ((uint32_t)(address >> f->shift[0]) & f->mask[0]) << f->at[0];
  for (uint32_t i = 0; i < f->runs; i++)
    value |= ((uint32_t)(address >> f->shift[i]) & f->mask[i]) << f->at[i];
  for (uint32_t i = 0; i < f->parities; i++)
    value |= (uint32_t)__builtin_parityll (address & f->parity[i]) << f->parity_at[i];
  return value;
}

static inline uint32_t
dram_map_channel (const struct dram_map *map, uint64_t address)
{
  return dram_map_field (&map->field[DRAM_MAP_CHANNEL], address);
}

/* The channel-wide bank number of an address, dram.h section 1. */
static inline uint32_t
dram_map_bank (const struct dram_map *map, uint64_t address)
{
  return dram_map_field (&map->field[DRAM_MAP_RANK], address) * map->rank_banks
         + dram_map_field (&map->field[DRAM_MAP_GROUP], address) * map->group_banks
         + dram_map_field (&map->field[DRAM_MAP_BANK], address);
}

#endif
