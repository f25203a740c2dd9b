/* SPDX-License-Identifier: MIT */
/* Lists threaded through the slots, and two hash tables with chains.  All of a run's
 * requests leave the buffer, but a cancelled run leaves some behind: reset clears it. */
#include "sims/dram/buffer.h"

#include <stdlib.h>
#include <string.h>

/* Requests that can be stored at once: with BANKWISE the check looks at another bank than
 * the request's, so each bank may hold one more than its size. */
static uint32_t
capacity_of (const struct dram_config *config)
{
  uint32_t n = config->request_buffer_size;
  if (config->scheduler_buffer == DRAM_BUFFER_BANKWISE)
    return (n + 1) * dram_part_banks (&config->part) * config->ranks;
  return config->scheduler_buffer == DRAM_BUFFER_SHARED ? n : 2 * n;
}

/* Twice as many entries as there can be keys keeps the chains at about one. */
static uint32_t
table_size (uint32_t capacity)
{
  uint32_t size = 64;
  while (size < 2 * capacity)
    size *= 2;
  return size;
}

/* Contents are not kept: a buffer only grows between runs. */
static int
grow (struct dram_buffer_state *b, uint32_t capacity)
{
  size_t table = table_size (capacity) * sizeof (uint32_t);
  dram_buffer_free (b);
  b->slots = malloc (capacity * sizeof *b->slots);
  b->groups = malloc (capacity * sizeof *b->groups);
  b->row_table = malloc (table);
  b->address_table = malloc (table);
  if (b->slots == NULL || b->groups == NULL || b->row_table == NULL
      || b->address_table == NULL) {
    dram_buffer_free (b);
    return -1;
  }
  b->capacity = capacity;
  return 0;
}

/* Links all slots and all groups into their free lists. */
static void
clear (struct dram_buffer_state *b, uint32_t capacity)
{
  uint32_t size = table_size (capacity);
  b->shift = 64 - (uint32_t)__builtin_ctz (size);
  memset (b->row_table, 0xff, size * sizeof (uint32_t));
  memset (b->address_table, 0xff, size * sizeof (uint32_t));
  for (uint32_t i = 0; i < capacity; i++) {
    b->slots[i].younger = i + 1 < capacity ? i + 1 : DRAM_NONE;
    b->groups[i].next = i + 1 < capacity ? i + 1 : DRAM_NONE;
  }
  b->free_slot = b->free_group = 0;
  b->last_bank = b->stored[0] = b->stored[1] = 0;
  memset (b->oldest, 0xff, sizeof b->oldest);
  memset (b->youngest, 0xff, sizeof b->youngest);
  memset (b->count, 0, sizeof b->count);
}

int
dram_buffer_reset (struct dram_buffer_state *b, const struct dram_config *config)
{
  uint32_t capacity = capacity_of (config);
  if (capacity > b->capacity && grow (b, capacity) != 0)
    return -1;
  b->size = config->request_buffer_size;
  b->kind = config->scheduler_buffer;
  b->twins = config->scheduler == DRAM_SCHEDULER_FRFCFSGRP && config->drain_high == 0;
  clear (b, capacity);
  return 0;
}

void
dram_buffer_free (struct dram_buffer_state *b)
{
  free (b->slots);
  free (b->groups);
  free (b->row_table);
  free (b->address_table);
  memset (b, 0, sizeof *b);
}

bool
dram_buffer_has_space (const struct dram_buffer_state *b, bool write)
{
  switch (b->kind) {
  case DRAM_BUFFER_BANKWISE:
    return b->count[0][b->last_bank] + b->count[1][b->last_bank] < b->size;
  case DRAM_BUFFER_READWRITE:
    return b->stored[0] < b->size && b->stored[1] < b->size;
  case DRAM_BUFFER_SHARED:
    return b->stored[0] + b->stored[1] < b->size;
  default:
    return b->stored[write] < b->size;
  }
}

/* Fibonacci hashing: the high bits of a product with 2^64 over the golden ratio. */
static uint32_t
hash (const struct dram_buffer_state *b, uint64_t key)
{
  return (uint32_t)((key * UINT64_C (0x9E3779B97F4A7C15)) >> b->shift);
}

static uint32_t
row_entry (const struct dram_buffer_state *b, uint32_t bank, uint32_t row)
{
  return hash (b, (uint64_t)bank << 32 | row);
}

static uint32_t
new_group (struct dram_buffer_state *b, uint32_t bank, uint32_t row, uint32_t entry)
{
  uint32_t group = b->free_group;
  struct dram_row_group *g = &b->groups[group];
  b->free_group = g->next;
  *g = (struct dram_row_group){ .row = row,
                                .bank = bank,
                                .oldest = { DRAM_NONE, DRAM_NONE },
                                .youngest = { DRAM_NONE, DRAM_NONE },
                                .next = b->row_table[entry] };
  b->row_table[entry] = group;
  return group;
}

/* The group of a bank and row, made when the request is its first. */
static uint32_t
group_for (struct dram_buffer_state *b, uint32_t bank, uint32_t row)
{
  uint32_t entry = row_entry (b, bank, row);
  for (uint32_t i = b->row_table[entry]; i != DRAM_NONE; i = b->groups[i].next) {
    if (b->groups[i].row == row && b->groups[i].bank == bank)
      return i;
  }
  return new_group (b, bank, row, entry);
}

/* Takes an empty group out of its chain; chains are too short for back links. */
static void
drop_group (struct dram_buffer_state *b, uint32_t group)
{
  struct dram_row_group *g = &b->groups[group];
  uint32_t *link = &b->row_table[row_entry (b, g->bank, g->row)];
  while (*link != group)
    link = &b->groups[*link].next;
  *link = g->next;
  g->next = b->free_group;
  b->free_group = group;
}

/* Requests arrive in the order of their age, so the youngest goes to the end. */
static void
join_group (struct dram_buffer_state *b, uint32_t slot)
{
  struct dram_slot *s = &b->slots[slot];
  struct dram_row_group *g = &b->groups[s->group];
  s->group_younger = DRAM_NONE;
  s->group_older = g->youngest[s->write];
  if (s->group_older == DRAM_NONE)
    g->oldest[s->write] = slot;
  else
    b->slots[s->group_older].group_younger = slot;
  g->youngest[s->write] = slot;
  g->count[s->write]++;
}

static void
leave_group (struct dram_buffer_state *b, const struct dram_slot *s)
{
  struct dram_row_group *g = &b->groups[s->group];
  if (s->group_older == DRAM_NONE)
    g->oldest[s->write] = s->group_younger;
  else
    b->slots[s->group_older].group_younger = s->group_younger;
  if (s->group_younger == DRAM_NONE)
    g->youngest[s->write] = s->group_older;
  else
    b->slots[s->group_younger].group_older = s->group_older;
  g->count[s->write]--;
}

/* A list per direction, so that a draining channel finds its oldest as fast as others. */
static void
join_bank (struct dram_buffer_state *b, uint32_t slot)
{
  struct dram_slot *s = &b->slots[slot];
  uint32_t *youngest = &b->youngest[s->write][s->bank];
  s->younger = DRAM_NONE;
  s->older = *youngest;
  if (s->older == DRAM_NONE)
    b->oldest[s->write][s->bank] = slot;
  else
    b->slots[s->older].younger = slot;
  *youngest = slot;
  b->count[s->write][s->bank]++;
}

static void
leave_bank (struct dram_buffer_state *b, const struct dram_slot *s)
{
  if (s->older == DRAM_NONE)
    b->oldest[s->write][s->bank] = s->younger;
  else
    b->slots[s->older].younger = s->younger;
  if (s->younger == DRAM_NONE)
    b->youngest[s->write][s->bank] = s->older;
  else
    b->slots[s->younger].older = s->older;
  b->count[s->write][s->bank]--;
}

/* Mappings may read bits within a burst: only twins of one row are in each other's way.
 */
static uint32_t
address_entry (const struct dram_buffer_state *b, const struct dram_slot *s)
{
  return hash (b, s->block + ((uint64_t)s->group << 32));
}

/* Becomes the last twin of an older request to the address, or a new entry. */
static void
join_address (struct dram_buffer_state *b, uint32_t slot)
{
  struct dram_slot *s = &b->slots[slot];
  uint32_t *entry = &b->address_table[address_entry (b, s)];
  uint32_t first = *entry;
  while (first != DRAM_NONE
         && (b->slots[first].block != s->block || b->slots[first].group != s->group))
    first = b->slots[first].next_address;
  s->twin = DRAM_NONE;
  s->last_twin = slot;
  s->shadowed = first != DRAM_NONE;
  if (s->shadowed) {
    b->slots[b->slots[first].last_twin].twin = slot;
    b->slots[first].last_twin = slot;
  } else {
    s->next_address = *entry;
    *entry = slot;
  }
}

/* The next twin takes the place of the oldest. */
static void
leave_address (struct dram_buffer_state *b, uint32_t slot)
{
  const struct dram_slot *s = &b->slots[slot];
  uint32_t *link = &b->address_table[address_entry (b, s)];
  while (*link != slot)
    link = &b->slots[*link].next_address;
  if (s->twin == DRAM_NONE) {
    *link = s->next_address;
    return;
  }
  b->slots[s->twin].shadowed = 0;
  b->slots[s->twin].last_twin = s->last_twin;
  b->slots[s->twin].next_address = s->next_address;
  *link = s->twin;
}

uint32_t
dram_buffer_store (struct dram_buffer_state *b, const struct dram_slot *request)
{
  uint32_t slot = b->free_slot;
  struct dram_slot *s = &b->slots[slot];
  b->free_slot = s->younger;
  *s = *request;
  s->group = group_for (b, s->bank, s->row);
  join_bank (b, slot);
  join_group (b, slot);
  if (b->twins)
    join_address (b, slot);
  b->stored[s->write]++;
  b->last_bank = s->bank;
  return slot;
}

/* The caller learns whether the open row has more requests without looking it up. */
uint32_t
dram_buffer_remove (struct dram_buffer_state *b, uint32_t slot)
{
  struct dram_slot *s = &b->slots[slot];
  uint32_t group = s->group;
  leave_bank (b, s);
  leave_group (b, s);
  if (b->twins)
    leave_address (b, slot);
  b->stored[s->write]--;
  s->younger = b->free_slot;
  b->free_slot = slot;
  if (b->groups[group].count[0] + b->groups[group].count[1] > 0)
    return group;
  drop_group (b, group);
  return DRAM_NONE;
}

uint32_t
dram_buffer_count (const struct dram_buffer_state *b, uint32_t bank,
                   enum dram_which which)
{
  return which == DRAM_BOTH ? b->count[0][bank] + b->count[1][bank]
                            : b->count[which][bank];
}

uint32_t
dram_buffer_hits (const struct dram_buffer_state *b, uint32_t group,
                  enum dram_which which)
{
  const uint32_t *count = b->groups[group].count;
  return which == DRAM_BOTH ? count[0] + count[1] : count[which];
}

/* Of the heads of two lists by age, each possibly empty. */
static uint32_t
older_of (const struct dram_buffer_state *b, uint32_t x, uint32_t y)
{
  if (x == DRAM_NONE || y == DRAM_NONE)
    return x == DRAM_NONE ? y : x;
  return b->slots[x].request < b->slots[y].request ? x : y;
}

uint32_t
dram_buffer_oldest (const struct dram_buffer_state *b, uint32_t bank,
                    enum dram_which which)
{
  return which == DRAM_BOTH ? older_of (b, b->oldest[0][bank], b->oldest[1][bank])
                            : b->oldest[which][bank];
}

uint32_t
dram_buffer_second (const struct dram_buffer_state *b, uint32_t bank,
                    enum dram_which which)
{
  uint32_t first = dram_buffer_oldest (b, bank, which);
  if (first == DRAM_NONE || which != DRAM_BOTH)
    return first == DRAM_NONE ? first : b->slots[first].younger;
  return older_of (b, b->slots[first].younger, b->oldest[!b->slots[first].write][bank]);
}

uint32_t
dram_buffer_oldest_hit (const struct dram_buffer_state *b, uint32_t group,
                        enum dram_which which)
{
  const uint32_t *oldest = b->groups[group].oldest;
  return which == DRAM_BOTH ? older_of (b, oldest[0], oldest[1]) : oldest[which];
}

/* Past the shadowed ones, which wait for an older twin of the other direction. */
uint32_t
dram_buffer_grouped_hit (const struct dram_buffer_state *b, uint32_t group, bool write)
{
  uint32_t slot = b->groups[group].oldest[write];
  while (slot != DRAM_NONE && b->slots[slot].shadowed)
    slot = b->slots[slot].group_younger;
  return slot != DRAM_NONE ? slot : dram_buffer_oldest_hit (b, group, DRAM_BOTH);
}
