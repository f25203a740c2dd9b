/* SPDX-License-Identifier: MIT */
/*
 * Address mapping of the cycle-by-cycle simulator: section 2 of dram.h, bit by bit.
 *
 * Written apart from the event-driven simulator's mapping, so that the comparison of the
 * two covers the mapping too.  Pure functions of their arguments, for any thread.
 */
#ifndef SIMS_DRAM_SLOW_ADDRESS_H
#define SIMS_DRAM_SLOW_ADDRESS_H

#include <stdint.h>

#include "sims/dram/dram.h"

enum { SLOW_ADDRESS_BITS = 64, SLOW_FIELDS = 6 };

/* Bit i of a field's value is the exclusive or of the address bits in mask[i]. */
struct slow_field {
  uint32_t width; /* bits */
  uint64_t mask[SLOW_ADDRESS_BITS];
};

/* The fields in the order of the letters "rkgbch". */
struct slow_map {
  struct slow_field field[SLOW_FIELDS];
};

/* `bank` within its group. */
struct slow_place {
  uint32_t row, rank, group, bank, column, channel;
};

/* Reads config->mapping for config's part and ranks into *map.  0, or -1 when the text is
 * none of the two forms, or a field has another width than the part's counts ask for. */
int slow_map_read (struct slow_map *map, const struct dram_config *config);

/* The place of a byte address; bits outside all fields do not matter. */
void slow_map_place (const struct slow_map *map, uint64_t address,
                     struct slow_place *place);

#endif
