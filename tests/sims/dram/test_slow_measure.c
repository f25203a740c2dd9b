/* The slow model's end of a run: owed refreshes and energies by hand. */
#include "sims/dram/slow.h"
#include "tests/tap.h"

/* A read of a closed row in a run of 38 cycles, the row open to its end. */
static void
test_energies (void)
{
  struct dram_config config;
  struct dram_result r;
  struct dram_request read = { .address = 0 };
  double scale = 1.2 * 8 * 0.833 / 1000;
  dram_config_default (&config, NULL);
  CU_ASSERT_EQUAL (dram_slow_run (&config, &read, 1, NULL, NULL, &r, NULL), DRAM_OK);
  CU_ASSERT_DOUBLE_EQUAL (r.energy[DRAM_ENERGY_ACT], scale * (48 - 43) * 39, 1e-12);
  CU_ASSERT_DOUBLE_EQUAL (r.energy[DRAM_ENERGY_RD], scale * (135 - 43) * 4, 1e-12);
  CU_ASSERT_DOUBLE_EQUAL (r.energy[DRAM_ENERGY_OPEN], scale * 43 * 38, 1e-12);
  CU_ASSERT_DOUBLE_EQUAL (r.energy[DRAM_ENERGY_CLOSED], 0, 1e-12);
  CU_ASSERT_EQUAL (r.rank[0].active_cycles, 38);
}

/* Busy when the refresh is due: postponed, and charged if so configured. */
static void
test_owed (void)
{
  struct dram_config config;
  struct dram_request reads[2] = { { .cycle = 0 },
                                   { .cycle = 9355, .address = 1 << 20 } };
  struct dram_result without, charged;
  dram_config_default (&config, NULL);
  config.charge_owed_refresh = false;
  CU_ASSERT_EQUAL (dram_slow_run (&config, reads, 2, NULL, NULL, &without, NULL),
                   DRAM_OK);
  config.charge_owed_refresh = true;
  CU_ASSERT_EQUAL (dram_slow_run (&config, reads, 2, NULL, NULL, &charged, NULL),
                   DRAM_OK);
  CU_ASSERT_EQUAL (without.refreshes_owed, 0);
  CU_ASSERT_EQUAL (charged.refreshes_owed, 1);
  CU_ASSERT_EQUAL (without.cycles, 9355 + 55);
  CU_ASSERT_EQUAL (charged.cycles, without.cycles + 420);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "energies", test_energies },
                                           { "owed refreshes", test_owed },
                                           { 0 } };
  return tap_run ("dram-slow-measure", tests);
}
