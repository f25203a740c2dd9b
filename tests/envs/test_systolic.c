/* systolic-v1 through the public interface. */
#include "tests/envs/accel_env.h"

#include "sims/accel/systolic.h"

/* One GEMM of 6 x 10 by 10 x 4 on 4 x 4: os, 2 folds, each 10 + 4 + 4 - 2 cycles, and
 * DRAM of 16 GB/s at 800 MHz: 10 words a cycle for 60 + 40 + 24 words. */
static void
test_by_hand (void)
{
  char path[256], setting[300];
  struct accel_env e;
  double words = 124, energy;
  accel_env_file (path, "own.txt", "gemm a m 6 n 4 k 10 times 3\n");
  snprintf (setting, sizeof setting, "workload=%s", path);
  e = accel_env_open ("systolic", (const char *[]){ setting, NULL });
  accel_env_run (&e, "array_rows=4,array_cols=4,dataflow=os", 0);
  CU_ASSERT_EQUAL (e.status, GYM_TRIAL_OK);
  /* behind the first fold's 4 x 10 inputs and 4 x 10 weights */
  CU_ASSERT_EQUAL (accel_env_value (&e, "cycles"), 3 * (2 * 16 - 1 + 8));
  CU_ASSERT_EQUAL (accel_env_value (&e, "stall_cycles"), 3 * 8);
  CU_ASSERT_DOUBLE_EQUAL (accel_env_value (&e, "latency"), 3 * 39 / 800., 1e-12);
  CU_ASSERT_DOUBLE_EQUAL (accel_env_value (&e, "utilization"), 240 / (16 * 39.), 1e-12);
  CU_ASSERT_EQUAL (accel_env_value (&e, "dram_reads"), 3 * 100);
  CU_ASSERT_EQUAL (accel_env_value (&e, "dram_writes"), 3 * 24);
  CU_ASSERT_EQUAL (accel_env_value (&e, "sram_reads"), 3 * (60 + 40 * 2 + 24));
  CU_ASSERT_EQUAL (accel_env_value (&e, "sram_writes"), 3 * (100 + 24));
  energy = 240 * accel_mac_energy (&accel_45nm, 16)
           + (164 + 124) * accel_access_energy (&accel_45nm, 131072, 16, 16)
           + words * accel_access_energy (&accel_45nm, 0, 16, 16);
  CU_ASSERT_DOUBLE_EQUAL (accel_env_value (&e, "energy"), 3 * energy * 1e-6, 1e-12);
  CU_ASSERT_DOUBLE_EQUAL (
      accel_env_value (&e, "edp"),
      accel_env_value (&e, "energy") * accel_env_value (&e, "latency"), 1e-12);
  CU_ASSERT_DOUBLE_EQUAL (
      accel_env_value (&e, "power"),
      1e3 * accel_env_value (&e, "energy") / accel_env_value (&e, "latency"), 1e-9);
  accel_env_close (&e);
  help_remove (path);
}

/* More bandwidth, larger buffers: never slower, never more traffic. */
static void
test_monotone (void)
{
  struct accel_env e =
      accel_env_open ("systolic", (const char *[]){ "workload=vgg16", NULL });
  double cycles = INFINITY, words = INFINITY;
  static const char *const levels[] = { "8", "64", "512", "4096" };
  for (int i = 0; i < 4; i++) {
    char design[160];
    double now;
    snprintf (design, sizeof design, "ifmap_sram=%s,filter_sram=%s,ofmap_sram=%s",
              levels[i], levels[i], levels[i]);
    accel_env_run (&e, design, 0);
    now = accel_env_value (&e, "dram_reads") + accel_env_value (&e, "dram_writes");
    CU_ASSERT (accel_env_value (&e, "cycles") <= cycles && now <= words);
    cycles = accel_env_value (&e, "cycles");
    words = now;
  }
  accel_env_run (&e, "bandwidth=256", 0);
  cycles = accel_env_value (&e, "cycles");
  accel_env_run (&e, "bandwidth=2", 0);
  CU_ASSERT (accel_env_value (&e, "cycles") > cycles);
  accel_env_close (&e);
}

/* ---- Rows per layer -------------------------------------------------------------- */

static void
test_detail (void)
{
  accel_env_check_layers ("systolic", "dataflow=ws", 12, LAYER_COLUMNS + 1);
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { .name = "by hand", .run = test_by_hand },
    { .name = "monotone", .run = test_monotone },
    { .name = "detail", .run = test_detail },
    { 0 },
  };
  return tap_run ("systolic", tests);
}
