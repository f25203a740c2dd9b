/* The project's own form of layer files. */
#include "tests/sims/accel/read_layers.h"

static void
test_kinds (void)
{
  struct accel_workload w = read_layers (
      "net.txt", "conv a in 8x6 channels 3 maps 4 filter 3x2 stride 2x1 pad 1 # comment\n"
                 "\n  depthwise b channels 12 filter 3 in 7 pad 0x1 times 3\n"
                 "conv c channels 6 maps 4 groups 2 filter 1 out 5 batch 9 dilation 2\n"
                 "gemm d k 3 m 1 n 2 groups 8\n"
                 "elementwise e in 4x3 channels 5");
  CU_ASSERT_EQUAL (w.count, 5);
  CU_ASSERT_STRING_EQUAL (w.name, "net");
  expect_sizes (&w.layers[0], (const uint32_t[]){ 3, 2, 4, 7, 3, 4, 1, 1 });
  CU_ASSERT (w.layers[0].stride_w == 2 && w.layers[0].stride_h == 1);
  expect_sizes (&w.layers[1], (const uint32_t[]){ 3, 3, 5, 7, 1, 1, 1, 12 });
  CU_ASSERT_EQUAL (w.layers[1].count, 3);
  expect_sizes (&w.layers[2], (const uint32_t[]){ 1, 1, 5, 5, 3, 2, 9, 2 });
  expect_sizes (&w.layers[3], (const uint32_t[]){ 1, 1, 1, 1, 3, 2, 1, 8 });
  expect_sizes (&w.layers[4], (const uint32_t[]){ 1, 1, 4, 3, 1, 5, 1, 1 });
  CU_ASSERT_EQUAL (w.layers[4].kind, ACCEL_ELEMENTWISE);
  accel_workload_free (&w);
}

/* TensorFlow's padding: outputs are inputs over stride, the odd column is behind. */
static void
test_pad_same (void)
{
  struct accel_workload w = read_layers (
      "net.txt", "conv a in 224 channels 3 maps 4 filter 3 stride 2 pad same\n"
                 "conv b in 7x9 channels 3 maps 4 filter 5 pad same\n");
  CU_ASSERT (w.layers[0].size[ACCEL_P] == 112 && w.layers[0].pad_left == 0
             && w.layers[0].pad_right == 1);
  CU_ASSERT (w.layers[1].size[ACCEL_P] == 7 && w.layers[1].size[ACCEL_Q] == 9
             && w.layers[1].pad_top == 2);
  accel_workload_free (&w);
}

static void
test_errors (void)
{
  expect_error (
      "n.txt", "conw a in 3",
      "n.txt:1: \"conw\" is no kind of layer; valid ones are conv, depthwise, gemm, "
      "elementwise");
  expect_error ("n.txt", "\ngemm",
                "n.txt:2: a name of 1 to 47 characters was expected behind \"gemm\"");
  expect_error ("n.txt", "gemm a m 1 n 2 filter 3",
                "n.txt:1: \"filter\" is no key of a gemm layer");
  expect_error ("n.txt", "gemm a m 1 n 2 m 3", "n.txt:1: \"m\" is given twice");
  expect_error ("n.txt", "gemm a m 1 n", "n.txt:1: \"n\" lacks its value");
  expect_error ("n.txt", "gemm a m 1 n 2", "n.txt:1: a gemm layer needs \"k\"");
  expect_error ("n.txt", "gemm a m 1 n 0 k 2",
                "n.txt:1: \"n 0\": expected a number of 1 to 2147483647");
  expect_error (
      "n.txt", "conv a filter 3x3x3",
      "n.txt:1: \"filter 3x3x3\": expected a number of 1 to 2147483647, or two as "
      "in 3x2");
  expect_error ("n.txt", "conv a pad sme",
                "n.txt:1: \"pad sme\": expected a number, two as in 3x2, or same");
  expect_error ("n.txt", "conv a channels 3 maps 2 filter 3",
                "n.txt:1: a conv layer needs one of \"in\" and \"out\"");
  expect_error ("n.txt", "conv a channels 3 maps 2 filter 3 in 2",
                "n.txt:1: the filter does not fit in the padded input");
  expect_error ("n.txt", "conv a channels 3 maps 2 filter 3 in 9 groups 2",
                "n.txt:1: 2 groups divide 3 channels or 2 maps unevenly");
  expect_error ("n.txt", "# nothing\n", "n.txt: no layer in it");
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { .name = "kinds", .run = test_kinds },
    { .name = "pad same", .run = test_pad_same },
    { .name = "errors", .run = test_errors },
    { 0 },
  };
  return tap_run ("accel text", tests);
}
