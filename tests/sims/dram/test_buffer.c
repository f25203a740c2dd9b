/* Tests of sims/dram/buffer.c, most of them against a plain list. */
#include "sims/dram/buffer.h"

#include <stdlib.h>
#include <string.h>

#include "tests/tap.h"

static struct dram_config
config (enum dram_buffer kind, uint32_t size)
{
  struct dram_config c;
  dram_config_default (&c, NULL);
  c.scheduler = DRAM_SCHEDULER_FRFCFSGRP;
  c.scheduler_buffer = kind;
  c.request_buffer_size = size;
  return c;
}

static struct dram_slot
request (uint64_t number, uint32_t bank, uint32_t row, uint64_t block, bool write)
{
  struct dram_slot s;
  memset (&s, 0, sizeof s);
  s.request = number;
  s.bank = bank;
  s.row = row;
  s.block = block;
  s.write = write;
  return s;
}

static uint32_t
store (struct dram_buffer_state *b, uint64_t number, uint32_t bank, bool write)
{
  struct dram_slot s = request (number, bank, 7, number, write);
  return dram_buffer_store (b, &s);
}

static void
test_bankwise (void)
{
  struct dram_buffer_state b = { 0 };
  struct dram_config c = config (DRAM_BUFFER_BANKWISE, 2);
  uint32_t first;
  CU_ASSERT_EQUAL_FATAL (dram_buffer_reset (&b, &c), 0);
  CU_ASSERT (dram_buffer_has_space (&b, false));
  first = store (&b, 0, 3, false);
  store (&b, 1, 3, true);
  CU_ASSERT (!dram_buffer_has_space (&b, false));
  dram_buffer_remove (&b, first);
  CU_ASSERT (dram_buffer_has_space (&b, false));
  store (&b, 2, 3, false);
  CU_ASSERT (!dram_buffer_has_space (&b, false));
  b.last_bank = 5; /* the last stored one decides, not where the next one goes */
  CU_ASSERT (dram_buffer_has_space (&b, false));
  store (&b, 3, 3, false);
  CU_ASSERT_EQUAL (b.count[0][3] + b.count[1][3], 3);
  dram_buffer_free (&b);
}

static void
test_read_write_and_shared (void)
{
  struct dram_buffer_state b = { 0 };
  struct dram_config c = config (DRAM_BUFFER_READWRITE, 2);
  CU_ASSERT_EQUAL_FATAL (dram_buffer_reset (&b, &c), 0);
  store (&b, 0, 0, false);
  store (&b, 1, 1, true);
  CU_ASSERT (dram_buffer_has_space (&b, false));
  store (&b, 2, 2, true);
  CU_ASSERT (!dram_buffer_has_space (&b, false));
  c = config (DRAM_BUFFER_SHARED, 2);
  CU_ASSERT_EQUAL_FATAL (dram_buffer_reset (&b, &c), 0);
  store (&b, 0, 0, false);
  CU_ASSERT (dram_buffer_has_space (&b, false));
  store (&b, 1, 1, true);
  CU_ASSERT (!dram_buffer_has_space (&b, false));
  dram_buffer_free (&b);
}

static uint64_t
draw (uint64_t *state, uint64_t below)
{
  *state = *state * UINT64_C (6364136223846793005) + 1442695040888963407;
  return (*state >> 33) % below;
}

/* The plain list: slots in the order of their ages. */
struct list {
  uint32_t slot[512];
  size_t count;
};

static bool
matches (const struct dram_slot *s, enum dram_which which)
{
  return which == DRAM_BOTH || s->write == which;
}

/* The n-th oldest that `which` counts, of a bank or (bank DRAM_NONE) of a group. */
static uint32_t
plain (const struct dram_buffer_state *b, const struct list *l, uint32_t bank,
       uint32_t group, enum dram_which which, size_t n)
{
  for (size_t i = 0; i < l->count; i++) {
    const struct dram_slot *s = &b->slots[l->slot[i]];
    bool mine = bank != DRAM_NONE ? s->bank == bank : s->group == group;
    if (mine && matches (s, which) && n-- == 0)
      return l->slot[i];
  }
  return DRAM_NONE;
}

/* The oldest of a direction without an older twin, else the oldest of the group. */
static uint32_t
plain_grouped (const struct dram_buffer_state *b, const struct list *l, uint32_t group,
               bool write)
{
  for (size_t i = 0; i < l->count; i++) {
    const struct dram_slot *s = &b->slots[l->slot[i]];
    bool older = false;
    for (size_t j = 0; j < i; j++) {
      const struct dram_slot *o = &b->slots[l->slot[j]];
      older |= o->group == s->group && o->block == s->block;
    }
    if (s->group == group && s->write == write && !older)
      return l->slot[i];
  }
  return plain (b, l, DRAM_NONE, group, DRAM_BOTH, 0);
}

static void
compare_counts (const struct dram_buffer_state *b, const struct list *l, uint32_t bank,
                uint32_t group, enum dram_which which)
{
  uint32_t held = 0, hits = 0;
  for (size_t i = 0; i < l->count; i++) {
    const struct dram_slot *s = &b->slots[l->slot[i]];
    held += s->bank == bank && matches (s, which);
    hits += s->group == group && matches (s, which);
  }
  CU_ASSERT_EQUAL (dram_buffer_count (b, bank, which), held);
  CU_ASSERT_EQUAL (dram_buffer_hits (b, group, which), hits);
}

static void
compare (const struct dram_buffer_state *b, const struct list *l)
{
  for (size_t i = 0; i < l->count; i++) {
    const struct dram_slot *s = &b->slots[l->slot[i]];
    for (enum dram_which w = DRAM_READS; w <= DRAM_BOTH; w++) {
      CU_ASSERT_EQUAL (dram_buffer_oldest_hit (b, s->group, w),
                       plain (b, l, DRAM_NONE, s->group, w, 0));
      CU_ASSERT_EQUAL (dram_buffer_oldest (b, s->bank, w),
                       plain (b, l, s->bank, 0, w, 0));
      CU_ASSERT_EQUAL (dram_buffer_second (b, s->bank, w),
                       plain (b, l, s->bank, 0, w, 1));
      compare_counts (b, l, s->bank, s->group, w);
    }
    CU_ASSERT_EQUAL (dram_buffer_grouped_hit (b, s->group, false),
                     plain_grouped (b, l, s->group, false));
    CU_ASSERT_EQUAL (dram_buffer_grouped_hit (b, s->group, true),
                     plain_grouped (b, l, s->group, true));
  }
}

/* Removes the request that one of the pick rules would take. */
static void
take (struct dram_buffer_state *b, struct list *l, uint64_t *state)
{
  uint32_t slot = l->slot[draw (state, l->count)], group = b->slots[slot].group;
  uint32_t last = 1;
  size_t i = 0;
  switch (draw (state, 3)) {
  case 0:
    slot = dram_buffer_oldest (b, b->slots[slot].bank, DRAM_BOTH);
    break;
  case 1:
    slot = dram_buffer_oldest_hit (b, group, DRAM_BOTH);
    break;
  default:
    slot = dram_buffer_grouped_hit (b, group, draw (state, 2) != 0);
  }
  group = b->slots[slot].group;
  while (l->slot[i] != slot)
    i++;
  memmove (&l->slot[i], &l->slot[i + 1], (l->count - i - 1) * sizeof l->slot[0]);
  l->count--;
  for (i = 0; i < l->count; i++)
    last &= b->slots[l->slot[i]].group != group;
  CU_ASSERT_EQUAL (dram_buffer_remove (b, slot), last ? DRAM_NONE : group);
}

static void
test_against_a_list (void)
{
  struct dram_buffer_state b = { 0 };
  struct dram_config c = config (DRAM_BUFFER_SHARED, 64);
  struct list l = { .count = 0 };
  uint64_t state = 1;
  CU_ASSERT_EQUAL_FATAL (dram_buffer_reset (&b, &c), 0);
  for (uint64_t n = 0; n < 20000; n++) {
    if (l.count < 64 && draw (&state, 100) < (n / 1000 % 2 == 0 ? 70 : 40)) {
      uint32_t bank = (uint32_t)draw (&state, 3), row = (uint32_t)draw (&state, 3);
      struct dram_slot s =
          request (n, bank, row, draw (&state, 12), draw (&state, 2) != 0);
      l.slot[l.count++] = dram_buffer_store (&b, &s);
    } else if (l.count > 0) {
      take (&b, &l, &state);
    }
    if (n % 7 == 0)
      compare (&b, &l);
  }
  dram_buffer_free (&b);
}

/* The direction of the request at the door decides, and only with SEPARATE. */
static void
test_separate (void)
{
  struct dram_buffer_state b = { 0 };
  struct dram_config c = config (DRAM_BUFFER_SEPARATE, 2);
  CU_ASSERT_EQUAL_FATAL (dram_buffer_reset (&b, &c), 0);
  store (&b, 0, 0, true);
  store (&b, 1, 1, true);
  CU_ASSERT (dram_buffer_has_space (&b, false));
  CU_ASSERT (!dram_buffer_has_space (&b, true));
  store (&b, 2, 0, false);
  store (&b, 3, 1, false);
  CU_ASSERT (!dram_buffer_has_space (&b, false));
  dram_buffer_free (&b);
}

/* A smaller buffer after a larger one, and the other way round. */
static void
test_reset (void)
{
  static const uint32_t sizes[] = { 4, 1024, 1, 128 };
  struct dram_buffer_state b = { 0 };
  for (size_t i = 0; i < 4; i++) {
    struct dram_config c = config (DRAM_BUFFER_BANKWISE, sizes[i]);
    CU_ASSERT_EQUAL_FATAL (dram_buffer_reset (&b, &c), 0);
    CU_ASSERT_EQUAL (b.count[0][0], 0);
    for (uint32_t n = 0; n <= sizes[i]; n++)
      store (&b, n, 0, n % 2 != 0);
    CU_ASSERT_EQUAL (dram_buffer_count (&b, 0, DRAM_BOTH), sizes[i] + 1);
  }
  dram_buffer_free (&b);
  CU_ASSERT_PTR_NULL (b.slots);
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { .name = "bankwise", .run = test_bankwise },
    { .name = "read-write and shared", .run = test_read_write_and_shared },
    { .name = "separate", .run = test_separate },
    { .name = "against a list", .run = test_against_a_list },
    { .name = "reset", .run = test_reset },
    { 0 },
  };
  return tap_run ("dram buffer", tests);
}
