/* Layer tables of SCALE-Sim and MAESTRO. */
#include "tests/sims/accel/read_layers.h"

#define TOPOLOGY                                                                         \
  "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, "       \
  "Num Filter, Strides,\n"

static void
test_topology (void)
{
  struct accel_workload w =
      read_layers ("a/resnet.csv", TOPOLOGY
                   "Conv1,224,112,7,5,3,64,2,\n\nDP1, 9, 9, 3, 3, 32, 1, 1, 1:1\n");
  CU_ASSERT_STRING_EQUAL (w.name, "resnet");
  CU_ASSERT_STRING_EQUAL (w.layers[0].name, "Conv1");
  expect_sizes (&w.layers[0], (const uint32_t[]){ 5, 7, 54, 109, 3, 64, 1, 1 });
  CU_ASSERT (w.layers[0].stride_h == 2 && w.layers[0].stride_w == 2);
  expect_sizes (&w.layers[1], (const uint32_t[]){ 3, 3, 7, 7, 1, 1, 1, 32 });
  accel_workload_free (&w);
}

static void
test_mnk (void)
{
  struct accel_workload w =
      read_layers ("g.csv", "Layer, m, n, k,\nqkv, 197, 768, 64,\n");
  CU_ASSERT_EQUAL (w.layers[0].kind, ACCEL_GEMM);
  expect_sizes (&w.layers[0], (const uint32_t[]){ 1, 1, 197, 1, 64, 768, 1, 1 });
  accel_workload_free (&w);
}

static void
test_maestro (void)
{
  const char *rows = "64,3,224,220,7,5,1\n1,32,112,112,3,3,2";
  struct accel_workload w = read_layers ("m.csv", rows);
  CU_ASSERT_STRING_EQUAL (w.layers[1].name, "line 2");
  expect_sizes (&w.layers[0], (const uint32_t[]){ 5, 7, 216, 218, 3, 64, 1, 1 });
  expect_sizes (&w.layers[1], (const uint32_t[]){ 3, 3, 110, 110, 1, 1, 1, 32 });
  accel_workload_free (&w);
  w = read_layers ("m.csv", "K,C,Y,X,R,S,T\n64,3,224,224,7,7,1\n");
  CU_ASSERT_EQUAL (w.count, 1);
  accel_workload_free (&w);
}

static void
test_errors (void)
{
  expect_error (
      "x.csv", "a,b\n1,2\n",
      "x.csv:1: no table of layers: the first line should name the columns of a "
      "SCALE-Sim topology, or M,N,K, or K,C,Y,X,R,S,T");
  expect_error ("x.csv", TOPOLOGY "c,224,224,7,7,3,64\n",
                "x.csv:2: 7 columns; 8 to 9 were expected");
  expect_error ("x.csv", TOPOLOGY "c,224,224,7,y,3,64,2,\n",
                "x.csv:2: column 5 is \"y\"; a number of 1 to 2147483647 was expected");
  expect_error ("x.csv", TOPOLOGY "c,4,224,7,7,3,64,2,\n",
                "x.csv:2: a filter of 7 x 7 does not fit in 4 x 224");
  expect_error ("x.csv", TOPOLOGY "c,224,224,7,7,3,64,2,2:4,\n",
                "x.csv:2: sparsity \"2:4\"; dense layers (1:1) were expected");
  expect_error ("x.csv", "L,M,N,K\n\nq,1,2,3,,6,\n",
                "x.csv:3: 6 columns; 4 to 5 were expected");
  expect_error ("x.csv", "64,3,224,224,7,7,3\n",
                "x.csv:1: type 3; 1 (convolution) or 2 (depthwise) was expected");
  expect_error ("x.csv", "K,C,Y,X,R,S,Z\n",
                "x.csv:1: the header K,C,Y,X,R,S,T was expected");
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { .name = "topology", .run = test_topology },
    { .name = "M,N,K", .run = test_mnk },
    { .name = "MAESTRO", .run = test_maestro },
    { .name = "errors", .run = test_errors },
    { 0 },
  };
  return tap_run ("accel csv", tests);
}
