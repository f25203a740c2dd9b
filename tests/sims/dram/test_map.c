/* Tests of sims/dram/map.c. */
#include "sims/dram/map.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "tests/tap.h"

static struct dram_map
parsed (const char *text, const char *part, uint32_t ranks)
{
  struct dram_map map;
  struct dram_error err = { "" };
  CU_ASSERT_EQUAL (dram_map_parse (&map, text, dram_part_find (part), ranks, &err), 0);
  if (err.text[0] != '\0')
    tap_note ("%s", err.text);
  return map;
}

static uint32_t
field (const struct dram_map *map, int which, uint64_t address)
{
  return dram_map_field (&map->field[which], address);
}

static void
test_letters (void)
{
  struct dram_map map = parsed (NULL, "DDR4-2400", 2);
  uint64_t address =
      UINT64_C (0xbeef) << 18 | 1 << 17 | 2 << 15 | 3 << 13 | 0x2a5 << 3 | 7;
  CU_ASSERT_EQUAL (field (&map, DRAM_MAP_ROW, address), 0xbeef);
  CU_ASSERT_EQUAL (field (&map, DRAM_MAP_RANK, address), 1);
  CU_ASSERT_EQUAL (field (&map, DRAM_MAP_BANK, address), 2);
  CU_ASSERT_EQUAL (field (&map, DRAM_MAP_GROUP, address), 3);
  CU_ASSERT_EQUAL (field (&map, DRAM_MAP_COLUMN, address), 0x2a5);
  map = parsed ("rbgc", "DDR4-2400", 2);
  CU_ASSERT_EQUAL (field (&map, DRAM_MAP_ROW, UINT64_C (1) << 17), 1);
  CU_ASSERT_EQUAL (field (&map, DRAM_MAP_RANK, UINT64_C (1) << 33), 1);
  map = parsed ("rkbgc", "DDR4-2400", 2);
  CU_ASSERT_EQUAL (field (&map, DRAM_MAP_RANK, UINT64_C (1) << 17), 1);
  CU_ASSERT_EQUAL (dram_map_bank (&map, UINT64_C (1) << 17 | 1 << 15 | 2 << 13),
                   16 + 8 + 1);
  map = parsed ("rcbg", "DDR4-2400", 1);
  CU_ASSERT_EQUAL (field (&map, DRAM_MAP_GROUP, 3 << 3), 3);
  CU_ASSERT_EQUAL (field (&map, DRAM_MAP_COLUMN, 1 << 7), 1);
}

/* The bit lists of a public mapping file say the same as the letters. */
static void
test_lists (void)
{
  struct dram_map lists = parsed ("r=16-29,b=13-15,c=3-12", "DDR3-1600", 1);
  struct dram_map letters = parsed ("rbc", "DDR3-1600", 1);
  uint64_t address = 1;
  for (int i = 0; i < 1000; i++) {
    address = address * UINT64_C (6364136223846793005) + 1442695040888963407;
    CU_ASSERT_EQUAL (field (&lists, DRAM_MAP_ROW, address),
                     field (&letters, DRAM_MAP_ROW, address));
    CU_ASSERT_EQUAL (field (&lists, DRAM_MAP_COLUMN, address),
                     field (&letters, DRAM_MAP_COLUMN, address));
    CU_ASSERT_EQUAL (dram_map_bank (&lists, address), dram_map_bank (&letters, address));
  }
}

static void
test_joined_and_exclusive (void)
{
  struct dram_map map = parsed ("r=16-29,c=3-9+13-15,b=10^16+11^17+12", "DDR3-1600", 1);
  CU_ASSERT_EQUAL (field (&map, DRAM_MAP_COLUMN, 1 << 13), 1 << 7);
  CU_ASSERT_EQUAL (field (&map, DRAM_MAP_BANK, 1 << 10), 1);
  CU_ASSERT_EQUAL (field (&map, DRAM_MAP_BANK, 1 << 16), 1);
  CU_ASSERT_EQUAL (field (&map, DRAM_MAP_BANK, 1 << 16 | 1 << 10), 0);
  CU_ASSERT_EQUAL (field (&map, DRAM_MAP_BANK, 1 << 17 | 1 << 12), 6);
  map = parsed ("r=16-29,c=3-12,b=13^17^13+14+15", "DDR3-1600", 1);
  CU_ASSERT_EQUAL (field (&map, DRAM_MAP_BANK, 1 << 13), 0);
  CU_ASSERT_EQUAL (field (&map, DRAM_MAP_BANK, 1 << 17), 1);
}

static struct dram_map
compiled (const char *text, uint32_t channels)
{
  struct dram_map map;
  struct dram_error err = { "" };
  int status =
      dram_map_compile (&map, text, dram_part_find ("DDR4-2400"), 1, channels, &err);
  CU_ASSERT_EQUAL (status, 0);
  if (status != 0)
    tap_note ("%s", err.text);
  return map;
}

/* Three bits of the bus, three of a burst, then what stands left of the c. */
static void
test_channels_and_split_columns (void)
{
  struct dram_map map = compiled ("rkbgChc", 4);
  CU_ASSERT_EQUAL (dram_map_channel (&map, 3 << 6), 3);
  CU_ASSERT_EQUAL (field (&map, DRAM_MAP_COLUMN, 7 << 3), 7);
  CU_ASSERT_EQUAL (field (&map, DRAM_MAP_COLUMN, 1 << 8), 8);
  CU_ASSERT_EQUAL (field (&map, DRAM_MAP_GROUP, 1 << 15), 1);
  map = compiled ("rbgc", 2); /* above everything: 16 + 4 + 10 + 3 bits */
  CU_ASSERT_EQUAL (dram_map_channel (&map, UINT64_C (1) << 33), 1);
  map = compiled ("rCbghc", 1);
  CU_ASSERT_EQUAL (dram_map_channel (&map, UINT64_MAX), 0);
  CU_ASSERT_EQUAL (field (&map, DRAM_MAP_GROUP, 2 << 6), 2);
  map = compiled ("r=18-33,b=16-17,g=14-15,c=3-12,h=13^20", 2);
  CU_ASSERT_EQUAL (dram_map_channel (&map, 1 << 13), 1);
  CU_ASSERT_EQUAL (dram_map_channel (&map, 1 << 13 | 1 << 20), 0);
}

/* From the right: g takes row bits 0 and 1, b the next two. */
static void
test_hashed_letters (void)
{
  struct dram_map map = compiled ("rb^rg^rc", 1);
  uint32_t row = 17;
  CU_ASSERT_EQUAL (field (&map, DRAM_MAP_ROW, 5 << row), 5);
  CU_ASSERT_EQUAL (field (&map, DRAM_MAP_GROUP, 1 << row), 1);
  CU_ASSERT_EQUAL (field (&map, DRAM_MAP_GROUP, 1 << row | 1 << 13), 0);
  CU_ASSERT_EQUAL (field (&map, DRAM_MAP_BANK, 8 << row | 1 << 15), 3);
  map = compiled ("rb^rc", 1); /* g goes behind b^r and is not hashed */
  CU_ASSERT_EQUAL (field (&map, DRAM_MAP_GROUP, 3 << 13 | 3 << row), 3);
  CU_ASSERT_EQUAL (field (&map, DRAM_MAP_BANK, 2 << row), 2);
}

/* Every burst of the memory has a place of its own. */
static void
test_one_to_one (void)
{
  struct dram_map map = parsed ("r=16-29,b=13^16+14^17+15^18,c=3-12", "DDR3-1600", 1);
  size_t blocks = 1 << 16;
  bool *seen = calloc (blocks, sizeof *seen);
  CU_ASSERT_PTR_NOT_NULL_FATAL (seen);
  for (uint64_t address = 0; address < (uint64_t)blocks * 64; address += 64) {
    uint32_t row = field (&map, DRAM_MAP_ROW, address);
    uint32_t column = field (&map, DRAM_MAP_COLUMN, address);
    size_t place = (row * 8 + dram_map_bank (&map, address)) * 128 + column / 8;
    CU_ASSERT_FATAL (place < blocks && !seen[place]);
    seen[place] = true;
  }
  free (seen);
}

static void
test_errors (void)
{
  static const struct {
    const char *text, *says;
  } bad[] = {
    { "", "must all occur" },
    { "rbx", "'x' is no field" },
    { "rbbc", "occurs twice" },
    { "rb", "must all occur" },
    { "rbC", "must all occur" },
    { "rbcCC", "occurs twice" },
    { "rbc^r", "can be hashed" },
    { "rb^gc", "can be hashed" },
    { "rb^", "can be hashed" },
    { "r=16-29,b=13-15", "column has 0 bits and needs 10" },
    { "r=16-29,b=13-14,c=3-12", "bank has 2 bits and needs 3" },
    { "r=16-29,b=13-15,c=3-12,k=30", "rank has 1 bits and needs 0" },
    { "r=16-29,b=13-15,r=3-12", "every field once" },
    { "r=16-64,b=13-15,c=3-12", "an address bit" },
    { "r=29-16,b=13-15,c=3-12", "ascending" },
    { "r=16-29+15-14,b=13-15,c=3-12", "ascending" },
    { "r=16-29,b=13^,c=3-12", "an address bit" },
    { "r=16-29;b=13-15,c=3-12", "',' or '+'" },
    { "r=16-29,b=13-15,c=3-12,", "one of r=" },
    { "q=16-29,b=13-15,c=3-12", "one of r=" },
    { "r=,b=13-15,c=3-12", "an address bit" },
    { "r=1-30+1-30,b=13-15,c=3-12", "at most 32 bits" },
  };
  const struct dram_part *part = dram_part_find ("DDR3-1600");
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    struct dram_map map;
    struct dram_error err = { "" };
    CU_ASSERT_EQUAL (dram_map_parse (&map, bad[i].text, part, 1, &err), -1);
    CU_ASSERT_PTR_NOT_NULL (strstr (err.text, bad[i].says));
    if (strstr (err.text, bad[i].says) == NULL)
      tap_note ("%s: %s", bad[i].text, err.text);
    CU_ASSERT_EQUAL (dram_map_parse (&map, bad[i].text, part, 1, NULL), -1);
  }
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { .name = "letters", .run = test_letters },
    { .name = "lists", .run = test_lists },
    { .name = "joined and exclusive", .run = test_joined_and_exclusive },
    { .name = "channels and split columns", .run = test_channels_and_split_columns },
    { .name = "hashed letters", .run = test_hashed_letters },
    { .name = "one to one", .run = test_one_to_one },
    { .name = "errors", .run = test_errors },
    { 0 },
  };
  return tap_run ("dram map", tests);
}
