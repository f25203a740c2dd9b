/* SPDX-License-Identifier: MIT */
/* The request buffer: which requests each bank has, found by age, by row and direction,
 * and by address, each in constant time whatever the depth.
 *
 * A request sits in a slot.  Slots of a bank form a list by age per direction.  Slots of
 * the same bank and row form a row group, again with a list per direction; groups are
 * found through a hash table.  With `twins`, requests to the same address in a group form
 * a chain whose oldest is found through another table: a younger one is `shadowed` (it
 * must not overtake).
 *
 * Numbers of slots and groups are indices; DRAM_NONE is no index. */
#ifndef SIMS_DRAM_BUFFER_H
#define SIMS_DRAM_BUFFER_H

#include <stdbool.h>
#include <stdint.h>

#include "sims/dram/dram.h"

#define DRAM_NONE UINT32_MAX

/* Which requests count. */
enum dram_which { DRAM_READS, DRAM_WRITES, DRAM_BOTH };

struct dram_slot {
  uint64_t request;  /* number in the trace, and the age */
  uint64_t block;    /* address / burst bytes */
  uint64_t accepted; /* cycle */
  uint64_t asked;    /* cycle from which `response` counts */
  uint32_t row, column, bank;
  uint32_t group;
  uint32_t older, younger;             /* of the bank and direction */
  uint32_t group_older, group_younger; /* of the group and direction */
  uint32_t twin, last_twin; /* next younger of the address; on the oldest: last */
  uint32_t next_address;    /* chain of the address table, oldest twins only */
  uint8_t write, shadowed;
};

struct dram_row_group {
  uint32_t row, bank, count[2];
  uint32_t oldest[2], youngest[2]; /* by direction: reads, writes */
  uint32_t next;                   /* chain of the row table, or free list */
};

struct dram_buffer_state {
  struct dram_slot *slots;
  struct dram_row_group *groups;
  uint32_t *row_table, *address_table;
  uint32_t capacity; /* slots and groups */
  uint32_t shift;    /* of the hash: the tables use 2^(64 - shift) entries of this run */
  uint32_t free_slot, free_group;
  bool twins;

  uint32_t size; /* request_buffer_size */
  enum dram_buffer kind;
  uint32_t last_bank, stored[2];
  uint32_t oldest[2][DRAM_BANKS_MAX], youngest[2][DRAM_BANKS_MAX];
  uint32_t count[2][DRAM_BANKS_MAX];
};

/* Makes room for `config` and empties the buffer.  Keeps memory of earlier calls.  0, or
 * -1 out of memory.  A zeroed struct is a valid start. */
int dram_buffer_reset (struct dram_buffer_state *buffer,
                       const struct dram_config *config);

/* Releases what reset allocated. */
void dram_buffer_free (struct dram_buffer_state *buffer);

/* Section 5 of dram.h, for a request of the given direction at the door. */
bool dram_buffer_has_space (const struct dram_buffer_state *buffer, bool write);

/* Stores *request (whose links are ignored) as the youngest and returns its slot. */
uint32_t dram_buffer_store (struct dram_buffer_state *buffer,
                            const struct dram_slot *request);

/* Removes a request that is the oldest of its address.  Returns its group, or DRAM_NONE
 * if it was the last of it. */
uint32_t dram_buffer_remove (struct dram_buffer_state *buffer, uint32_t slot);

/* Requests of a bank, of a group. */
uint32_t dram_buffer_count (const struct dram_buffer_state *buffer, uint32_t bank,
                            enum dram_which which);
uint32_t dram_buffer_hits (const struct dram_buffer_state *buffer, uint32_t group,
                           enum dram_which which);

/* The oldest slot of a bank and the one after it, the oldest of a group; or DRAM_NONE. */
uint32_t dram_buffer_oldest (const struct dram_buffer_state *buffer, uint32_t bank,
                             enum dram_which which);
uint32_t dram_buffer_second (const struct dram_buffer_state *buffer, uint32_t bank,
                             enum dram_which which);
uint32_t dram_buffer_oldest_hit (const struct dram_buffer_state *buffer, uint32_t group,
                                 enum dram_which which);

/* The pick of FRFCFSGRP in a group, dram.h section 7. */
uint32_t dram_buffer_grouped_hit (const struct dram_buffer_state *buffer, uint32_t group,
                                  bool write);

#endif
