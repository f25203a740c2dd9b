/* Workloads: files, names, joining equal shapes. */
#include "sims/accel/workload.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/tap.h"

static void
test_merge (void)
{
  const char text[] = "conv a in 9 channels 3 maps 4 filter 3 times 2\n"
                      "gemm b m 1 n 2 k 3\n"
                      "conv c in 7 channels 3 maps 4 filter 3 pad 1\n"
                      "conv d in 9 channels 3 maps 4 filter 3 stride 2\n"
                      "gemm e m 1 n 2 k 3 groups 4\nelementwise f in 2 channels 8\n";
  struct accel_workload w;
  double macs, weights;
  CU_ASSERT_EQUAL (
      accel_workload_parse (&w, "net", text, strlen (text), ACCEL_FORM_TEXT, NULL),
      ACCEL_OK);
  macs = accel_workload_macs (&w);
  weights = accel_workload_weights (&w);
  CU_ASSERT_EQUAL (macs, 3 * 49 * 108 + 6 + 16 * 108 + 24);
  CU_ASSERT_EQUAL (weights, 4 * 108 + 6);
  accel_workload_merge (&w);
  CU_ASSERT_EQUAL (w.count, 5);
  CU_ASSERT_EQUAL (w.layers[0].count, 3);
  CU_ASSERT_EQUAL (accel_workload_macs (&w), macs);
  CU_ASSERT_EQUAL (accel_workload_weights (&w), weights);
  accel_workload_free (&w);
  accel_workload_free (&w);
}

/* Three of these are more than a count can be. */
static void
test_merge_counts (void)
{
  const char text[] = "gemm a m 1 n 2 k 3 times 2147483647\n"
                      "gemm b m 1 n 2 k 3 times 2147483647\n"
                      "gemm c m 1 n 2 k 3 times 2147483647\n";
  struct accel_workload w;
  CU_ASSERT_EQUAL (
      accel_workload_parse (&w, "net", text, strlen (text), ACCEL_FORM_TEXT, NULL),
      ACCEL_OK);
  accel_workload_merge (&w);
  CU_ASSERT_EQUAL (w.count, 2);
  CU_ASSERT_EQUAL (accel_workload_macs (&w), 6 * 3. * INT32_MAX);
  accel_workload_free (&w);
}

static void
test_open (void)
{
  struct accel_workload w;
  struct accel_error err = { .text = "" };
  char path[] = "/tmp/accel_XXXXXX";
  int fd = mkstemp (path);
  CU_ASSERT (fd >= 0 && write (fd, "gemm a m 1 n 2 k 3\n", 19) == 19);
  close (fd);
  CU_ASSERT_EQUAL (accel_workload_open (&w, path, &err), ACCEL_OK);
  CU_ASSERT_EQUAL (w.count, 1);
  accel_workload_free (&w);
  remove (path);
  CU_ASSERT_EQUAL (accel_workload_open (&w, path, &err), ACCEL_INVALID);
  CU_ASSERT (strstr (err.text, path) && strstr (err.text, "No such file"));
  CU_ASSERT_EQUAL (accel_workload_open (&w, "/tmp", &err), ACCEL_INVALID);
  CU_ASSERT_EQUAL (accel_workload_open (&w, "mlp", &err), ACCEL_OK);
  accel_workload_free (&w);
  CU_ASSERT_EQUAL (accel_workload_open (&w, "resnet81", &err), ACCEL_INVALID);
  CU_ASSERT (strstr (err.text, "no network \"resnet81\"; there are alexnet") != NULL);
  CU_ASSERT (strstr (err.text, "mlp; nearest is resnet18") != NULL);
  CU_ASSERT_EQUAL (accel_workload_open (&w, "net.txt", &err), ACCEL_INVALID);
  CU_ASSERT (strstr (err.text, "net.txt: No such file") != NULL);
  CU_ASSERT_EQUAL (accel_workload_network (&w, "lenet", &err), ACCEL_INVALID);
  CU_ASSERT (strstr (err.text, "no network \"lenet\"; there are alexnet, vgg16") != NULL);
}

static void
test_binary (void)
{
  struct accel_workload w;
  struct accel_error err;
  CU_ASSERT_EQUAL (accel_workload_parse (&w, "x", "ge\0mm", 5, ACCEL_FORM_GUESS, &err),
                   ACCEL_INVALID);
  CU_ASSERT_STRING_EQUAL (err.text, "x: not a text file");
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { .name = "merge", .run = test_merge },
    { .name = "merge of large counts", .run = test_merge_counts },
    { .name = "open", .run = test_open },
    { .name = "binary", .run = test_binary },
    { 0 },
  };
  return tap_run ("accel workload", tests);
}
