/* The plugin of the accelerator environments: networks and files as options. */
#include "tests/envs/accel_env.h"

/* A file of layers counts like the built-in network of the same layers. */
static void
test_file (void)
{
  char path[256], setting[300];
  struct accel_env built_in =
      accel_env_open ("systolic", (const char *[]){ "workload=mlp", NULL });
  struct accel_env own;
  accel_env_file (path, "own.csv",
                  "Layer,M,N,K,\nfc1,1,300,784,\nfc2,1,100,300,\n"
                  "fc3,1,10,100,\n");
  snprintf (setting, sizeof setting, "workload=%s", path);
  own = accel_env_open ("systolic", (const char *[]){ setting, NULL });
  accel_env_run (&built_in, "", 0);
  accel_env_run (&own, "", 0);
  CU_ASSERT_EQUAL (own.status, GYM_TRIAL_OK);
  CU_ASSERT (accel_env_value (&own, "cycles") > 0);
  CU_ASSERT (memcmp (own.metrics, built_in.metrics,
                     gym_env_metrics (own.env)->n * sizeof *own.metrics)
             == 0);
  accel_env_close (&own);
  accel_env_close (&built_in);
  help_remove (path);
}

static void
test_bad_file (void)
{
  char path[256], setting[300];
  accel_env_file (path, "own.txt", "gemm a m 1 n 2 k 3\ngemm b m 1 n 0 k 3\n");
  snprintf (setting, sizeof setting, "workload=%s", path);
  accel_env_refuses ("systolic", (const char *[]){ setting, NULL },
                     "own.txt:2: n: found \"0\", expected a number");
  help_remove (path);
}

/* A layer of 2^47 and some multiplications for each input. */
static void
test_batch (void)
{
  char path[256], setting[300];
  accel_env_file (path, "own.txt", "gemm a m 65536 n 65536 k 65535\n");
  snprintf (setting, sizeof setting, "workload=%s", path);
  accel_env_refuses ("systolic", (const char *[]){ setting, "batch=2", NULL },
                     "option \"batch\": layer \"a\" has more than 2^48 "
                     "multiply-accumulates; less than 2 was expected");
  help_remove (path);
}

/* What is no size is refused by every env, and told what is one. */
static void
test_no_size (void)
{
  static const char *const ids[] = { "systolic", "accel", "mapping" };
  static const char *const texts[] = { "nan",  "inf",  "-1",   "0",
                                       "2.5",  "4097", "1e30", "1e999",
                                       "many", "",     "0x10", "18446744073709551617" };
  for (size_t i = 0; i < 3; i++)
    for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) {
      char setting[64];
      snprintf (setting, sizeof setting, "batch=%s", texts[k]);
      accel_env_refuses (ids[i], (const char *[]){ setting, NULL }, " 1 .. 4096");
    }
}

/* Cost of a file of layers on the default design: cycles and energy. */
static void
cost (const char *id, const char *text, double *cycles, double *energy)
{
  char path[256], setting[300];
  struct accel_env e;
  accel_env_file (path, "own.txt", text);
  snprintf (setting, sizeof setting, "workload=%s", path);
  e = accel_env_open (id, (const char *[]){ setting, NULL });
  accel_env_run (&e, "", 0);
  CU_ASSERT_EQUAL (e.status, GYM_TRIAL_OK);
  *cycles = accel_env_value (&e, "cycles");
  *energy = accel_env_value (&e, "energy");
  accel_env_close (&e);
  help_remove (path);
}

/* The order of layers does not matter, nor whether one line says twice what two say. */
static void
test_order (void)
{
  static const char *const ids[] = { "systolic", "accel" };
  static const char *const files[] = {
    "conv a in 14 channels 32 maps 48 filter 3 pad 1\ngemm b m 4 n 100 k 30\n"
    "depthwise c in 28 channels 24 filter 5 pad same\ngemm d m 4 n 100 k 30\n",
    "gemm b m 4 n 100 k 30 times 2\ndepthwise c in 28 channels 24 filter 5 pad same\n"
    "conv a in 14 channels 32 maps 48 filter 3 pad 1\n"
  };
  for (int k = 0; k < 2; k++) {
    double cycles[2], energy[2];
    for (int i = 0; i < 2; i++)
      cost (ids[k], files[i], &cycles[i], &energy[i]);
    CU_ASSERT_EQUAL (cycles[0], cycles[1]);
    CU_ASSERT_DOUBLE_EQUAL (energy[0] / energy[1], 1, 1e-12);
  }
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { .name = "file", .run = test_file },   { .name = "bad file", .run = test_bad_file },
    { .name = "batch", .run = test_batch }, { .name = "no size", .run = test_no_size },
    { .name = "order", .run = test_order }, { 0 },
  };
  return tap_run ("accel", tests);
}
