/* mapping-v1 through the public interface: its space, mappings by hand, rules. */
#include "tests/envs/accel_env.h"

/* 8 positions, 6 outputs, 4 inputs of one GEMM on 6 elements. */
static struct accel_env
open_small (char path[256])
{
  char setting[300];
  accel_env_file (path, "own.txt", "gemm small m 8 n 6 k 4\ngemm smaller m 2 n 2 k 2\n");
  snprintf (setting, sizeof setting, "workload=%s", path);
  return accel_env_open ("mapping",
                         (const char *[]){ setting, "elements=6", "l1_words=40",
                                           "l2_words=64", "l2_bandwidth=0",
                                           "dram_bandwidth=0", "frequency=1000", NULL });
}

static void
test_space (void)
{
  static const char *const wanted[] = { "cluster_levels", "l2_parallel", "cluster_size",
                                        "l1_parallel",    "l2_order0",   "l2_order1",
                                        "l2_order2",      "l1_order0",   "l1_order1",
                                        "l1_order2",      "l2_tile_P",   "l2_tile_C",
                                        "l2_tile_K",      "l1_tile_P",   "l1_tile_C",
                                        "l1_tile_K" };
  char path[256];
  struct accel_env e = open_small (path);
  const gym_space *space = gym_env_space (e.env);
  CU_ASSERT_EQUAL_FATAL (gym_space_size (space), 16);
  for (uint32_t i = 0; i < 16; i++)
    CU_ASSERT_STRING_EQUAL (gym_space_param (space, i)->name, wanted[i]);
  CU_ASSERT (gym_space_param (space, 4)->flags & GYM_PARAM_LEHMER);
  CU_ASSERT_STRING_EQUAL (gym_space_param (space, 2)->parent, "cluster_levels");
  /* (1 + 4 clusters * 3) * 3 spread, 3! orders twice, divisors of 8, 4, 6 twice */
  CU_ASSERT_EQUAL (gym_space_cardinality (space), 13 * 3 * 36 * 48 * 48.);
  accel_env_close (&e);
  help_remove (path);
}

/* L1 holds 4 x 4 inputs, 4 weights and 4 outputs, L2 16, 24 and 24 words, as much as it
 * can; 6 elements take the six channels, so the two steps of P are the loop around. */
static void
test_by_hand (void)
{
  static const char design[] = "cluster_levels=1,l2_parallel=K,l2_tile_C=4,l2_tile_K=6,"
                               "l1_tile_P=4,l1_tile_C=4,l2_tile_P=";
  char path[256], text[160];
  struct accel_env e = open_small (path);
  snprintf (text, sizeof text, "%s8", design); /* twice the inputs and outputs */
  accel_env_run (&e, text, 0);
  CU_ASSERT_EQUAL (e.status, GYM_TRIAL_INFEASIBLE);
  snprintf (text, sizeof text, "%s4", design);
  accel_env_run (&e, text, 0);
  CU_ASSERT_EQUAL (e.status, GYM_TRIAL_OK);
  CU_ASSERT_EQUAL (accel_env_value (&e, "cycles"), 8 * 4);
  CU_ASSERT_EQUAL (accel_env_value (&e, "latency"), 0.032);
  CU_ASSERT_EQUAL (accel_env_value (&e, "utilization"), 1);
  /* each word once: weights stay while P goes on */
  CU_ASSERT_EQUAL (accel_env_value (&e, "dram_words"), 32 + 24 + 48);
  accel_env_close (&e);
  help_remove (path);
}

/* The first digit is the outermost loop: with K outside the inputs come again for each of
 * its steps, with P outside the weights do. */
static void
test_order (void)
{
  static const char tiles[] = "cluster_levels=1,l2_tile_C=4,l1_tile_C=4";
  char path[256], design[160];
  struct accel_env e = open_small (path);
  snprintf (design, sizeof design, "%s,l2_order0=2", tiles); /* K, P, C */
  accel_env_run (&e, design, 0);
  CU_ASSERT_EQUAL (e.status, GYM_TRIAL_OK);
  CU_ASSERT_EQUAL (accel_env_value (&e, "dram_words"), 32 * 6 + 24 + 48);
  snprintf (design, sizeof design, "%s,l2_order1=1", tiles); /* P, K, C */
  accel_env_run (&e, design, 0);
  CU_ASSERT_EQUAL (accel_env_value (&e, "dram_words"), 32 + 24 * 8 + 48);
  accel_env_close (&e);
  help_remove (path);
}

/* Two clusters of three: K over clusters' elements, P over clusters. */
static void
test_clusters (void)
{
  char path[256];
  struct accel_env e = open_small (path);
  accel_env_run (
      &e,
      "cluster_levels=2,cluster_size=3,l2_parallel=P,l1_parallel=K,l2_tile_P=4,"
      "l2_tile_C=4,l2_tile_K=3,l1_tile_C=4",
      0);
  CU_ASSERT_EQUAL (e.status, GYM_TRIAL_OK);
  CU_ASSERT_EQUAL (accel_env_value (&e, "cycles"), 8 * 6 * 4 / 6);
  accel_env_close (&e);
  help_remove (path);
}

/* Any design is repaired, stays as it then is, and does the layer's work. */
static void
test_repair (void)
{
  static const char *const layers[] = { "layer=conv3_1", "layer=conv5_s", "layer=fc" };
  for (int k = 0; k < 3; k++) {
    struct accel_env e = accel_env_open ("mapping", (const char *[]){ layers[k], NULL });
    const gym_space *space = gym_env_space (e.env);
    uint32_t n = gym_space_size (space);
    int kept = 0;
    gym_rng rng;
    gym_rng_init (&rng, 3);
    for (int i = 0; i < 300; i++) {
      double row[ACCEL_ENV_PARAMS], once[ACCEL_ENV_PARAMS];
      uint32_t fidelity = 0;
      gym_space_sample (space, &rng, row);
      memcpy (once, row, n * sizeof *row);
      CU_ASSERT (gym_env_repair (e.env, row));
      kept += memcmp (once, row, n * sizeof *row) == 0;
      memcpy (once, row, n * sizeof *row);
      CU_ASSERT (gym_env_repair (e.env, row));
      CU_ASSERT (memcmp (once, row, n * sizeof *row) == 0);
      CU_ASSERT_EQUAL (gym_env_evaluate (e.env, 1, row, &fidelity, NULL, e.metrics,
                                         &e.status, e.note, NULL),
                       GYM_OK);
      CU_ASSERT_EQUAL (e.status, GYM_TRIAL_OK);
      CU_ASSERT (accel_env_value (&e, "utilization") <= 1);
    }
    tap_note ("%s: %d of 300 random designs are valid", layers[k], kept);
    accel_env_close (&e);
  }
}

static void
test_layers (void)
{
  struct accel_env e = accel_env_open (
      "mapping", (const char *[]){ "workload=mobilenet_v1", "layer=dw2", NULL });
  CU_ASSERT (gym_space_find (gym_env_space (e.env), "l1_tile_G", NULL) >= 0);
  CU_ASSERT (gym_space_find (gym_env_space (e.env), "l1_tile_K", NULL) < 0);
  accel_env_close (&e);
  accel_env_refuses (
      "mapping", (const char *[]){ "layer=conv9", NULL },
      "network resnet18 has no layer \"conv9\"; its layers are called conv1");
  accel_env_refuses ("mapping", (const char *[]){ "elements=0", NULL }, "elements");
}

struct rows {
  int count;
  double dram_words, energy;
};

static void
add_row (void *sink, const char *label, const double *values)
{
  struct rows *r = sink;
  r->count++;
  if (strncmp (label, "DRAM.", 5) == 0)
    r->dram_words += values[4] * (values[1] + values[2] + values[3]);
  r->energy += values[5];
}

/* Rows of DRAM add up to its words; energies to what is not of MACs and wires. */
static void
test_detail (void)
{
  struct accel_env e = accel_env_open ("mapping", NULL);
  struct rows r = { .count = 0 };
  CU_ASSERT_EQUAL (gym_env_detail_columns (e.env)->n, 6);
  accel_env_detail (&e, "l2_tile_K=64,l2_parallel=K", add_row, &r);
  CU_ASSERT_EQUAL (r.count, 9);
  CU_ASSERT_EQUAL (r.dram_words, accel_env_value (&e, "dram_words"));
  CU_ASSERT (r.energy < accel_env_value (&e, "energy"));
  accel_env_close (&e);
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { .name = "space", .run = test_space },
    { .name = "by hand", .run = test_by_hand },
    { .name = "order", .run = test_order },
    { .name = "clusters", .run = test_clusters },
    { .name = "repair", .run = test_repair },
    { .name = "layers", .run = test_layers },
    { .name = "detail", .run = test_detail },
    { 0 },
  };
  return tap_run ("mapping", tests);
}
