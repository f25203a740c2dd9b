/* accel-v1 through the public interface: its space, areas by hand, budgets, layers. */
#include "tests/envs/accel_env.h"

#include "sims/accel/energy.h"

static void
test_space (void)
{
  struct accel_env e = accel_env_open ("accel", NULL);
  const gym_space *space = gym_env_space (e.env);
  CU_ASSERT_EQUAL (gym_space_size (space), 26);
  CU_ASSERT_DOUBLE_EQUAL (gym_space_cardinality (space) / 1e18, 2.15, 0.01);
  CU_ASSERT (gym_space_find (space, "NUM_PEs", NULL) == 0);
  CU_ASSERT (gym_space_find (space, "SHARED_GLB_n_banks", NULL) > 0);
  CU_ASSERT_EQUAL (gym_env_fidelities (e.env)->n, 3);
  CU_ASSERT_EQUAL (gym_env_entry (e.env)->env->flags & GYM_ENV_NOISY, 0);
  accel_env_close (&e);
}

#define PADS(class)                                                                      \
  "IFMAP_SPAD_CLASS=" class ",PSUM_SPAD_CLASS=" class ",WEIGHTS_SPAD_CLASS=" class       \
      ",DUMMY_BUFFER_CLASS=" class ",SHARED_GLB_CLASS=" class

/* 28 elements with pads of 16, 16 and 256 words, 14 columns' buffers of 16, 16384 x 4
 * words in 32 banks. */
static void
test_area (void)
{
  const struct accel_technology *t = &accel_45nm;
  struct accel_env e = accel_env_open ("accel", (const char *[]){ "workload=mlp", NULL });
  double macs = 28 * accel_mac_area (t, 16), adders, area;
  double least = accel_memory_area (t, 128, 16), glb = accel_memory_area (t, 2048, 16);
  accel_env_run (&e, "NUM_PEs=28," PADS ("SRAM"), 2);
  area = macs + 28 * (2 * least + accel_memory_area (t, 256, 16)) + 14 * least + 32 * glb;
  CU_ASSERT_DOUBLE_EQUAL (accel_env_value (&e, "area"), area * 1e-6, 1e-9);
  accel_env_run (&e, "NUM_PEs=28," PADS ("smartbuffer_SRAM"), 2);
  adders = 2 * t->add32_area / 32 * (28 * (4 + 4 + 8) + 14 * 4 + 16);
  CU_ASSERT_DOUBLE_EQUAL (accel_env_value (&e, "area"), (area + adders) * 1e-6, 1e-9);
  accel_env_run (&e, "NUM_PEs=28," PADS ("regfile"), 2);
  area = macs + 5.98 * 16 * (28 * (16 + 16 + 256) + 14 * 16 + 65536);
  CU_ASSERT_DOUBLE_EQUAL (accel_env_value (&e, "area"), area * 1e-6, 1e-9);
  accel_env_close (&e);
}

/* What the columns' buffers are changes the area and nothing else. */
static void
test_dummy (void)
{
  struct accel_env e = accel_env_open ("accel", (const char *[]){ "workload=mlp", NULL });
  double energy, cycles, area;
  accel_env_run (&e, "DUMMY_BUFFER_depth=2", 2);
  energy = accel_env_value (&e, "energy");
  cycles = accel_env_value (&e, "cycles");
  area = accel_env_value (&e, "area");
  accel_env_run (&e, "DUMMY_BUFFER_depth=65536,DUMMY_BUFFER_block_size=4", 2);
  CU_ASSERT (energy == accel_env_value (&e, "energy"));
  CU_ASSERT (cycles == accel_env_value (&e, "cycles"));
  CU_ASSERT (area < accel_env_value (&e, "area"));
  accel_env_close (&e);
}

/* On one layer a larger share of the budget finds no worse product of energy and time. */
static void
test_fidelities (void)
{
  char path[256], setting[300];
  struct accel_env e;
  accel_env_file (path, "own.txt", "conv a in 28 channels 64 maps 96 filter 3 pad 1\n");
  snprintf (setting, sizeof setting, "workload=%s", path);
  e = accel_env_open ("accel", (const char *[]){ setting, NULL });
  for (int k = 0; k < 30; k++) {
    static const int depths[] = { 2, 16, 256 };
    char design[128];
    double last = INFINITY;
    snprintf (design, sizeof design,
              "NUM_PEs=%d,WEIGHTS_SPAD_memory_depth=%d,"
              "PSUM_SPAD_memory_depth=%d",
              14 * (1 + k % 24), depths[k % 3], depths[k / 3 % 3]);
    for (uint32_t f = 0; f < 3; f++) {
      accel_env_run (&e, design, f);
      CU_ASSERT_EQUAL (e.status, GYM_TRIAL_OK);
      CU_ASSERT (accel_env_value (&e, "edp") <= last);
      CU_ASSERT (accel_env_value (&e, "utilization") <= 1);
      /* inputs, weights and outputs move at least once */
      CU_ASSERT (accel_env_value (&e, "dram_words")
                 >= 30 * 30 * 64 + 9 * 64 * 96 + 28 * 28 * 96);
      last = accel_env_value (&e, "edp");
    }
  }
  accel_env_close (&e);
  help_remove (path);
}

/* The goal is what the mapper minimises. */
static void
test_goals (void)
{
  static const char *const goals[] = { "energy", "cycles", "edp" };
  double value[3][3];
  for (int i = 0; i < 3; i++) {
    char setting[40];
    struct accel_env e;
    snprintf (setting, sizeof setting, "mapper_goal=%s", goals[i]);
    e = accel_env_open ("accel", (const char *[]){ setting, "workload=alexnet", NULL });
    accel_env_run (&e, "", 2);
    for (int k = 0; k < 3; k++)
      value[i][k] = accel_env_value (&e, goals[k]);
    accel_env_close (&e);
  }
  CU_ASSERT (value[0][0] < value[1][0]);
  CU_ASSERT (value[1][1] < value[0][1]);
}

static void
test_detail (void)
{
  accel_env_check_layers ("accel", "NUM_PEs=98", 12, LAYER_COLUMNS);
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { .name = "space", .run = test_space },
    { .name = "area", .run = test_area },
    { .name = "columns' buffers", .run = test_dummy },
    { .name = "fidelities", .run = test_fidelities },
    { .name = "goals", .run = test_goals },
    { .name = "detail", .run = test_detail },
    { 0 },
  };
  return tap_run ("accel-v1", tests);
}
