/* Energy and area tables: the published points, Timeloop's ratios, what must hold. */
#include "sims/accel/energy.h"

#include <math.h>

#include "tests/tap.h"

static void
test_points (void)
{
  const struct accel_technology *t = accel_technology_find ("45nm");
  CU_ASSERT_PTR_EQUAL (t, &accel_45nm);
  CU_ASSERT_PTR_NULL (accel_technology_find ("28nm"));
  CU_ASSERT_DOUBLE_EQUAL (accel_access_energy (t, 8192 / 2, 16, 64), 10, 1e-9);
  CU_ASSERT_DOUBLE_EQUAL (accel_access_energy (t, 32768 / 2, 16, 64), 20, 1e-9);
  CU_ASSERT_DOUBLE_EQUAL (accel_access_energy (t, 1 << 19, 16, 64), 100, 1e-9);
  CU_ASSERT_DOUBLE_EQUAL (accel_access_energy (t, 0, 16, 64), 1300, 1e-9);
  CU_ASSERT_DOUBLE_EQUAL (accel_mac_energy (t, 32), 3.1 + 0.1 * 1.8257, 1e-3);
  CU_ASSERT_DOUBLE_EQUAL (accel_mac_area (t, 8), 282 + 137.0 / 2, 1e-9);
  CU_ASSERT_DOUBLE_EQUAL (accel_memory_area (t, 1024, 16), 16384 * 0.346 / 0.7, 1e-6);
}

/* A larger memory costs more, a newer technology less, DRAM most. */
static void
test_order (void)
{
  const struct accel_technology *const techs[] = { &accel_45nm, &accel_7nm };
  for (int k = 0; k < 2; k++) {
    double last = 0;
    for (uint64_t entries = 16; entries <= 1 << 24; entries *= 2) {
      double energy = accel_access_energy (techs[k], entries, 16, 16);
      CU_ASSERT (energy > last);
      last = energy;
      CU_ASSERT (accel_access_energy (&accel_7nm, entries, 16, 16)
                 < accel_access_energy (&accel_45nm, entries, 16, 16));
    }
    CU_ASSERT (accel_access_energy (techs[k], 1 << 19, 16, 16)
               < accel_access_energy (techs[k], 0, 16, 16));
    CU_ASSERT (accel_mac_energy (techs[k], 16) < accel_mac_energy (techs[k], 32));
  }
  CU_ASSERT (accel_mac_energy (&accel_7nm, 8) < accel_mac_energy (&accel_45nm, 8));
}

/* The ratios that Timeloop's runs show: see the reference's cases. */
static void
test_pat (void)
{
  CU_ASSERT_DOUBLE_EQUAL (accel_pat_sram (65536, 16, 4), 29.628140703517587, 1e-12);
  CU_ASSERT_DOUBLE_EQUAL (accel_pat_sram (24, 16, 1), 0.9772298994974874, 1e-12);
  CU_ASSERT_DOUBLE_EQUAL (accel_pat_sram (0, 16, 1), 0, 0);
  CU_ASSERT_DOUBLE_EQUAL (accel_pat_dram (16, 4), 800, 1e-12);
  CU_ASSERT_DOUBLE_EQUAL (accel_pat_mac (8), 0.25, 1e-12);
}

static void
test_price (void)
{
  struct accel_arch a = { .level_count = 2 };
  a.mac.mesh_x = a.mac.mesh_y = 4;
  a.mac.word_bits = 16;
  a.level[0] = accel_level_unit ("GLB");
  a.level[1] = accel_level_unit ("DRAM");
  a.level[0].entries = 65536;
  a.level[0].block = 4;
  a.level[0].leakage = 7;
  accel_arch_price (&a, NULL);
  CU_ASSERT_EQUAL (a.level[0].write_energy, accel_pat_sram (65536, 16, 4));
  CU_ASSERT_EQUAL (a.level[1].read_energy, 200);
  CU_ASSERT_EQUAL (a.mac.energy, 1);
  CU_ASSERT_EQUAL (accel_arch_area (&a), 0);
  accel_arch_price (&a, &accel_45nm);
  CU_ASSERT_EQUAL (a.level[0].leakage, 7);
  CU_ASSERT_DOUBLE_EQUAL (a.level[0].hop_energy,
                          accel_45nm.wire * 16 * sqrt (a.mac.area) / 1000, 1e-12);
  CU_ASSERT (accel_arch_area (&a) > 16 * a.mac.area);
  CU_ASSERT_EQUAL (accel_arch_check (&a, NULL), ACCEL_OK);
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { .name = "points", .run = test_points },
    { .name = "order", .run = test_order },
    { .name = "Timeloop's table", .run = test_pat },
    { .name = "prices of an accelerator", .run = test_price },
    { 0 },
  };
  return tap_run ("accel energy", tests);
}
