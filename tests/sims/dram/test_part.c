/* Tests of sims/dram/part.c. */
#include "sims/dram/part.h"

#include <string.h>

#include "tests/tap.h"

static void
test_table (void)
{
  const struct dram_part *part;
  size_t n = 0;
  for (; (part = dram_part_at (n)) != NULL; n++) {
    CU_ASSERT_PTR_NULL (dram_part_fault (part));
    CU_ASSERT_PTR_EQUAL (dram_part_find (part->name), part);
    CU_ASSERT (strlen (part->source) > 10);
    CU_ASSERT_EQUAL (dram_part_burst_bytes (part), 64);
  }
  CU_ASSERT (n >= 2);
  CU_ASSERT_PTR_NOT_NULL (dram_part_find ("DDR3-1600"));
  CU_ASSERT_PTR_NULL (dram_part_find ("DDR3"));
  CU_ASSERT_EQUAL (dram_part_banks (dram_part_find ("DDR3-1600")), 8);
  CU_ASSERT_EQUAL (dram_part_banks (dram_part_find ("DDR4-2400")), 16);
}

/* Each of these values alone makes a part that cannot be simulated. */
static void
test_faults (void)
{
  struct dram_part p = *dram_part_find ("DDR4-2400");
  uint32_t *const zero[] = {
    &p.tck_ps,        &p.org.width,     &p.org.devices,   &p.org.bank_groups,
    &p.org.banks,     &p.org.rows,      &p.org.columns,   &p.org.burst,
    &p.timing.cl,     &p.timing.cwl,    &p.timing.trcd,   &p.timing.trp,
    &p.timing.tras,   &p.timing.trc,    &p.timing.trrd_s, &p.timing.tfaw,
    &p.timing.trtp,   &p.timing.tccd_s, &p.timing.trfc,   &p.timing.trefi,
    &p.timing.trrd_l, &p.timing.tccd_l, &p.timing.twtr_l,
  };
  for (size_t i = 0; i < sizeof zero / sizeof zero[0]; i++) {
    uint32_t kept = *zero[i];
    *zero[i] = 0;
    CU_ASSERT_PTR_NOT_NULL (dram_part_fault (&p));
    *zero[i] = kept;
    CU_ASSERT_PTR_NULL (dram_part_fault (&p));
  }
}

static void
test_odd_values (void)
{
  struct dram_part p = *dram_part_find ("DDR4-2400");
  p.org.rows = 65535;
  CU_ASSERT_PTR_NOT_NULL (dram_part_fault (&p));
  p.org.rows = 65536;
  p.org.bank_groups = 32;
  CU_ASSERT_PTR_NOT_NULL (dram_part_fault (&p));
  p.org.bank_groups = 4;
  p.timing.tccd_s = 3;
  CU_ASSERT_PTR_NOT_NULL (dram_part_fault (&p));
  p.timing.tccd_s = 4;
  p.timing.trefi = p.timing.trfc + 100;
  CU_ASSERT_PTR_NOT_NULL (dram_part_fault (&p));
  p.timing.trefi = 9360;
  p.current.idd4r = 42;
  CU_ASSERT_PTR_NOT_NULL (dram_part_fault (&p));
  p.current.idd4r = 135;
  p.current.vpp = -1;
  CU_ASSERT_PTR_NOT_NULL (dram_part_fault (&p));
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { .name = "table", .run = test_table },
    { .name = "faults", .run = test_faults },
    { .name = "odd values", .run = test_odd_values },
    { 0 },
  };
  return tap_run ("dram part", tests);
}
