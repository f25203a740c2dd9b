/* Tests of sims/dram/part.c. */
#include "sims/dram/part.h"

#include "tests/tap.h"

/* Each of these values alone makes a part that cannot be simulated. */
static void
test_faults (void)
{
  struct dram_part p = *dram_part_find ("DDR4-2400");
  uint32_t *const zero[] = {
    &p.tck_ps,          &p.org.width,     &p.org.devices,   &p.org.bank_groups,
    &p.org.subchannels, &p.org.banks,     &p.org.rows,      &p.org.columns,
    &p.org.burst,       &p.timing.cl,     &p.timing.cwl,    &p.timing.trcd,
    &p.timing.trp,      &p.timing.tras,   &p.timing.trc,    &p.timing.trrd_s,
    &p.timing.tfaw,     &p.timing.trtp,   &p.timing.tccd_s, &p.timing.trfc,
    &p.timing.trefi,    &p.timing.trrd_l, &p.timing.tccd_l, &p.timing.twtr_l,
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
  p.current.idd0 = 33;
  CU_ASSERT_PTR_NOT_NULL (dram_part_fault (&p));
  p.current.idd0 = 48;
  p.current.idd3p = -1;
  CU_ASSERT_PTR_NOT_NULL (dram_part_fault (&p));
  p.current.idd3p = 37;
  p.current.vpp = -1;
  CU_ASSERT_PTR_NOT_NULL (dram_part_fault (&p));
}

static void
test_sizes (void)
{
  CU_ASSERT_EQUAL (dram_part_banks (dram_part_find ("DDR3-1600")), 8);
  CU_ASSERT_EQUAL (dram_part_banks (dram_part_find ("DDR4-2400")), 16);
  CU_ASSERT_EQUAL (dram_part_burst_bytes (dram_part_find ("DDR4-2400")), 64);
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { .name = "sizes", .run = test_sizes },
    { .name = "faults", .run = test_faults },
    { .name = "odd values", .run = test_odd_values },
    { 0 },
  };
  return tap_run ("dram part", tests);
}
