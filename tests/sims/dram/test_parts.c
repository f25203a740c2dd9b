/* Tests of sims/dram/parts.c: the built-in parts. */
#include "sims/dram/parts.h"

#include <string.h>

#include "sims/dram/partfile.h"
#include "tests/tap.h"

/* Each text is a part that can be found under its own name, which is the file's. */
static void
test_table (void)
{
  const struct dram_part *part;
  size_t n = 0;
  for (; dram_part_texts[n].name != NULL; n++) {
    const char *file = dram_part_texts[n].name;
    struct dram_part read;
    struct dram_error err = { "" };
    part = dram_part_at (n);
    CU_ASSERT_EQUAL (dram_part_parse (&read, file, dram_part_texts[n].text,
                                      strlen (dram_part_texts[n].text), &err),
                     0);
    if (err.text[0] != '\0')
      tap_note ("%s", err.text);
    CU_ASSERT_PTR_NOT_NULL_FATAL (part);
    CU_ASSERT (memcmp (&read, part, sizeof read) == 0);
    CU_ASSERT_PTR_EQUAL (dram_part_find (part->name), part);
    CU_ASSERT (strncmp (file, part->name, strlen (part->name)) == 0);
    CU_ASSERT_STRING_EQUAL (file + strlen (part->name), ".part");
    CU_ASSERT (strlen (part->source) > 10);
  }
  CU_ASSERT (n >= 8);
  CU_ASSERT_PTR_NULL (dram_part_at (n));
  CU_ASSERT_PTR_NULL (dram_part_find ("DDR3"));
}

/* Sizes that the standards fix. */
static void
test_geometry (void)
{
  static const struct {
    const char *name;
    uint32_t bytes, banks, subchannels, mbit; /* a device */
  } rows[] = {
    { "DDR3-1600", 64, 8, 1, 1024 },  { "DDR3-1600-4Gb", 64, 8, 1, 4096 },
    { "DDR4-2400", 64, 16, 1, 8192 }, { "DDR4-2400-4Gb", 64, 16, 1, 4096 },
    { "DDR4-3200", 64, 16, 1, 8192 }, { "LPDDR4-3200", 32, 8, 2, 8192 },
    { "HBM2", 32, 16, 2, 4096 },      { "DDR5-4800", 64, 32, 2, 16384 },
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    const struct dram_part *p = dram_part_find (rows[i].name);
    CU_ASSERT_PTR_NOT_NULL_FATAL (p);
    CU_ASSERT_EQUAL (dram_part_burst_bytes (p), rows[i].bytes);
    CU_ASSERT_EQUAL (dram_part_banks (p), rows[i].banks);
    CU_ASSERT_EQUAL (p->org.subchannels, rows[i].subchannels);
    CU_ASSERT_EQUAL ((uint64_t)p->org.width * p->org.columns * p->org.rows * rows[i].banks
                         >> 20,
                     rows[i].mbit);
  }
}

/* A few figures of each form of value, worked out by hand. */
static void
test_figures (void)
{
  const struct dram_part *ddr4 = dram_part_find ("DDR4-3200");
  const struct dram_part *lpddr4 = dram_part_find ("LPDDR4-3200");
  CU_ASSERT_EQUAL (ddr4->timing.trrd_l, 8);
  CU_ASSERT_EQUAL (ddr4->timing.trfc, 560);
  CU_ASSERT_EQUAL (ddr4->timing.trefi, 12480);
  CU_ASSERT_EQUAL (ddr4->timing.trfc4, 256);
  CU_ASSERT_EQUAL (lpddr4->timing.cl, 34);
  CU_ASSERT_EQUAL (lpddr4->timing.trfc4, 0);
  CU_ASSERT_DOUBLE_EQUAL (lpddr4->current.idd0 * 1.1, 45 * 1.1 + 3.5 * 1.8 + 0.75 * 1.1,
                          1e-12);
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { .name = "table", .run = test_table },
    { .name = "geometry", .run = test_geometry },
    { .name = "figures", .run = test_figures },
    { 0 },
  };
  return tap_run ("dram parts", tests);
}
