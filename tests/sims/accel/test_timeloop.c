/* Layers out of Timeloop's YAML. */
#include "tests/sims/accel/read_layers.h"

static void
test_instance (void)
{
  struct accel_workload w =
      read_layers ("shapes/alex_1.yaml",
                   "problem:\n"
                   "  instance:\n    C: 3\n    Hdilation: 2\n    Hstride: 4\n    M: 96\n"
                   "    N: 2\n    P: 55\n    Q: 54\n    R: 11\n    S: 10\n"
                   "    Wdilation: 1\n    Wstride: 3\n"
                   "  shape:\n    name: CNN-Layer\n    dimensions: [C, M]\n");
  CU_ASSERT_STRING_EQUAL (w.layers[0].name, "alex_1");
  expect_sizes (&w.layers[0], (const uint32_t[]){ 11, 10, 55, 54, 3, 96, 2, 1 });
  CU_ASSERT (w.layers[0].stride_w == 3 && w.layers[0].stride_h == 4);
  CU_ASSERT (w.layers[0].dilation_w == 1 && w.layers[0].dilation_h == 2);
  accel_workload_free (&w);
}

static void
test_others (void)
{
  struct accel_workload w = read_layers (
      "a.yml", "arch: {x: 1}\nproblem: {Q: 56, P: 56, S: 3, R: 3, K: 8, C: 4}");
  expect_sizes (&w.layers[0], (const uint32_t[]){ 3, 3, 56, 56, 4, 8, 1, 1 });
  accel_workload_free (&w);
  w = read_layers ("a.yaml",
                   "problem: {shape: depthwise, C: 32, R: 3, S: 3, P: 5, Q: 5}");
  expect_sizes (&w.layers[0], (const uint32_t[]){ 3, 3, 5, 5, 1, 1, 1, 32 });
  accel_workload_free (&w);
  w = read_layers ("a.yaml", "problem: {version: 0.4, instance: {M: 3, N: 4, K: 5}}");
  CU_ASSERT_EQUAL (w.layers[0].kind, ACCEL_GEMM);
  expect_sizes (&w.layers[0], (const uint32_t[]){ 1, 1, 3, 1, 5, 4, 1, 1 });
  accel_workload_free (&w);
}

static void
test_errors (void)
{
  expect_error ("a.yaml", "problm: 3\n", "a.yaml:1: a mapping \"problem\" was expected");
  expect_error (
      "a.yaml", "problem:\n  C: 3\n  X: 4\n",
      "a.yaml:3: \"X\" is no size of a layer: R S P Q C K M N G, Wstride Hstride "
      "Wdilation Hdilation are");
  expect_error ("a.yaml", "problem:\n  C: 3\n  P: zero\n",
                "a.yaml:3: P: a number of 1 to 2147483647 was expected");
  expect_error ("a.yaml", "problem:\n  C: 3\n  C: 3\n", "a.yaml:3: C is given twice");
  expect_error ("a.yaml", "problem:\n  C: 3\n  P: 3\n",
                "a.yaml:2: a convolution needs C, P and Q, a GEMM M, N and K");
  expect_error ("a.yaml", "problem: {C: 1, P: 1, Q: 1, K: 2, M: 2}\n",
                "a.yaml:1: both K and M; a convolution has one of them");
  expect_error ("a.yaml", "problem: [3]\n", "a.yaml:1: a mapping of sizes was expected");
  expect_error ("a.yaml", "", "a.yaml:1: a mapping \"problem\" was expected");
  expect_error ("a.yaml", "problem: {\n",
                "a.yaml:2: no YAML: did not find expected node content");
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { .name = "instance", .run = test_instance },
    { .name = "others", .run = test_others },
    { .name = "errors", .run = test_errors },
    { 0 },
  };
  return tap_run ("accel timeloop", tests);
}
