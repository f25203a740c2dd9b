/* The slow model's address mapping against values worked out by hand. */
#include "sims/dram/slow_address.h"
#include "tests/tap.h"

static bool
reads (struct slow_map *map, const char *part, uint32_t ranks, const char *mapping)
{
  struct dram_config config;
  dram_config_default (&config, dram_part_find (part));
  config.ranks = ranks;
  config.mapping = mapping;
  return slow_map_read (map, &config) == 0;
}

static void
assert_place (const struct slow_map *map, uint64_t address, struct slow_place expected)
{
  struct slow_place place;
  slow_map_place (map, address, &place);
  CU_ASSERT_EQUAL (place.row, expected.row);
  CU_ASSERT_EQUAL (place.rank, expected.rank);
  CU_ASSERT_EQUAL (place.group, expected.group);
  CU_ASSERT_EQUAL (place.bank, expected.bank);
  CU_ASSERT_EQUAL (place.column, expected.column);
  CU_ASSERT_EQUAL (place.channel, expected.channel);
}

/* DDR4-2400: 16 row, 2 bank, 2 group and 10 column bits above 3 bits of the bus. */
static void
test_letters (void)
{
  struct slow_map map;
  uint64_t address = UINT64_C (5) << 3 | UINT64_C (2) << 13 | UINT64_C (1) << 15
                     | UINT64_C (1) << 17 | UINT64_C (77) << 18;
  CU_ASSERT (reads (&map, "DDR4-2400", 2, "rkbgc"));
  assert_place (&map, address, (struct slow_place){ 77, 1, 2, 1, 5 });
  assert_place (&map, address | 7 | UINT64_C (3) << 34,
                (struct slow_place){ 77, 1, 2, 1, 5 });
  CU_ASSERT (reads (&map, "DDR4-2400", 1, "crgb"));
  assert_place (&map,
                UINT64_C (1) << 3 | UINT64_C (3) << 5 | UINT64_C (9) << 7
                    | UINT64_C (513) << 23,
                (struct slow_place){ 9, 0, 3, 1, 513 });
}

static void
test_letters_left_out (void)
{
  struct slow_map map, full;
  CU_ASSERT (reads (&map, "DDR4-2400", 2, "rbc"));
  CU_ASSERT (reads (&full, "DDR4-2400", 2, "krbgc"));
  CU_ASSERT_EQUAL (map.field[1].mask[0], UINT64_C (1) << 33);
  for (int i = 0; i < SLOW_FIELDS; i++)
    CU_ASSERT_EQUAL (map.field[i].mask[0], full.field[i].mask[0]);
  CU_ASSERT (reads (&map, "DDR4-2400", 1, NULL));
  assert_place (&map, UINT64_C (1) << 13, (struct slow_place){ 0, 0, 1, 0, 0 });
}

static void
test_bit_lists (void)
{
  struct slow_map map;
  CU_ASSERT (reads (&map, "DDR3-1600", 1, "r=16-29,b=13^17+14^18+15,c=3-12"));
  assert_place (&map, UINT64_C (1) << 13, (struct slow_place){ 0, 0, 0, 1, 0 });
  assert_place (&map, UINT64_C (2) << 16, (struct slow_place){ 2, 0, 0, 1, 0 });
  assert_place (&map, UINT64_C (1) << 13 | UINT64_C (6) << 16 | 8,
                (struct slow_place){ 6, 0, 0, 2, 1 });
}

/* Above the bus and the burst; the row's bits hash from the right. */
static void
test_channels_and_hashes (void)
{
  struct dram_config config;
  struct slow_map map;
  dram_config_default (&config, dram_part_find ("DDR4-2400"));
  config.channels = 4;
  config.mapping = "rb^rg^rChc";
  CU_ASSERT_EQUAL_FATAL (slow_map_read (&map, &config), 0);
  assert_place (&map, 3 << 6 | 5 << 3, (struct slow_place){ 0, 0, 0, 0, 5, 3 });
  assert_place (&map, 1 << 8 | 1 << 15, (struct slow_place){ 0, 0, 1, 0, 8, 0 });
  assert_place (&map, UINT64_C (9) << 19, (struct slow_place){ 9, 0, 1, 2, 0, 0 });
  config.mapping = "rbc";
  CU_ASSERT_EQUAL_FATAL (slow_map_read (&map, &config), 0);
  assert_place (&map, UINT64_C (2) << 33, (struct slow_place){ 0, 0, 0, 0, 0, 2 });
}

static void
test_refused (void)
{
  static const char *const wrong[] = { "",
                                       "rb",
                                       "rbcx",
                                       "rbcc",
                                       "rbC",
                                       "rbc^r",
                                       "rb^gc",
                                       "^rbc",
                                       "r=16-29",
                                       "r=16-29,b=13-15,c=3-11",
                                       "r=16-29,b=13-15,c=",
                                       "r=16-29,b=13-15,c=3-12,",
                                       "r=16-29;b=13-15,c=3-12",
                                       "r=16-29,b=13-15,c=3-64",
                                       "r=16-29,b=15-13,c=3-12",
                                       "r=16-29,b=13-15,c=3-12,c=3-12",
                                       "r=16-29,b=13-15,c=3-12x" };
  struct slow_map map;
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
    CU_ASSERT_FALSE (reads (&map, "DDR3-1600", 1, wrong[i]));
  CU_ASSERT (reads (&map, "DDR3-1600", 1, "r=16-29,b=13-15,c=3-12"));
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { "letters", test_letters },     { "letters left out", test_letters_left_out },
    { "bit lists", test_bit_lists }, { "channels and hashes", test_channels_and_hashes },
    { "refused", test_refused },     { 0 }
  };
  return tap_run ("dram-slow-address", tests);
}
