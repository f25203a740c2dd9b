/* The project's own form of layer files. */
#include "tests/sims/accel/read_layers.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

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

/* Left, right, top, bottom; of two numbers the first is for columns. */
static void
test_sides (void)
{
  static const struct {
    const char *text;
    uint32_t left, right, top, bottom;
  } pads[] = {
    { "conv a out 7 channels 1 maps 1 filter 3 pad 2", 2, 2, 2, 2 },
    { "conv a out 7 channels 1 maps 1 filter 3 pad 1x0", 1, 1, 0, 0 },
    { "conv a out 7 channels 1 maps 1 filter 3 pad 1x2x3x4", 1, 2, 3, 4 },
  };
  for (size_t i = 0; i < sizeof pads / sizeof *pads; i++) {
    struct accel_workload w = read_layers ("net.txt", pads[i].text);
    CU_ASSERT_EQUAL (w.layers[0].pad_left, pads[i].left);
    CU_ASSERT_EQUAL (w.layers[0].pad_right, pads[i].right);
    CU_ASSERT_EQUAL (w.layers[0].pad_top, pads[i].top);
    CU_ASSERT_EQUAL (w.layers[0].pad_bottom, pads[i].bottom);
    accel_workload_free (&w);
  }
}

/* Written and read again, a layer is the same to the last field. */
static void
check_round_trip (const struct accel_workload *w)
{
  char line[ACCEL_TEXT_LINE_MAX];
  for (size_t i = 0; i < w->count; i++) {
    struct accel_workload back;
    CU_ASSERT_EQUAL_FATAL (accel_layer_format (line, &w->layers[i], NULL), ACCEL_OK);
    CU_ASSERT_EQUAL (strchr (line, '\n'), line + strlen (line) - 1);
    back = read_layers ("w", line);
    CU_ASSERT_EQUAL_FATAL (back.count, 1);
    CU_ASSERT_EQUAL (memcmp (back.layers, &w->layers[i], sizeof *back.layers), 0);
    accel_workload_free (&back);
  }
}

static void
test_networks_written (void)
{
  for (size_t n = 0; accel_networks[n] != NULL; n++) {
    struct accel_workload w;
    CU_ASSERT_EQUAL_FATAL (accel_workload_network (&w, accel_networks[n], NULL),
                           ACCEL_OK);
    check_round_trip (&w);
    accel_workload_free (&w);
  }
}

/* Every field different from every other, and the limits. */
static void
test_odd_written (void)
{
  struct accel_workload w = read_layers (
      "w", "conv a out 3x4 filter 5x6 stride 7x8 pad 9x10x11x12 dilation 13x14 channels "
           "30 maps 34 groups 2 batch 19 times 20\n"
           "conv b out 3 filter 5 pad 1 dilation 1x2 stride 4096x1 channels 1 maps 1\n"
           "conv c out 1x2147483647 filter 1 channels 1 maps 1 times 2147483647\n"
           "conv d out 1 filter 1 pad 2x3 channels 2147483647 maps 65536\n"
           "conv d out 1 filter 1 channels 4 maps 8 groups 2\n"
           "depthwise e out 2 filter 3 channels 32 maps 2 batch 3\n"
           "depthwise f out 2 filter 3x1 channels 32\n"
           "gemm a/b:c=d m 1 n 2 k 3 groups 4 batch 5 times 6\n"
           "elementwise x out 1x2 channels 6 groups 3 batch 4\n");
  CU_ASSERT_EQUAL (w.count, 9);
  check_round_trip (&w);
  accel_workload_free (&w);
}

static void
test_file_written (void)
{
  struct accel_error err = { .text = "" };
  struct accel_workload w, back;
  char path[] = "/tmp/accel_layersXXXXXX";
  int file = mkstemp (path);
  CU_ASSERT_FATAL (file >= 0);
  close (file);
  CU_ASSERT_EQUAL_FATAL (accel_workload_network (&w, "mobilenet_v2", NULL), ACCEL_OK);
  CU_ASSERT_EQUAL (accel_workload_write (&w, path, &err), ACCEL_OK);
  CU_ASSERT_EQUAL_FATAL (accel_workload_read (&back, path, &err), ACCEL_OK);
  CU_ASSERT_EQUAL_FATAL (back.count, w.count);
  CU_ASSERT_EQUAL (memcmp (back.layers, w.layers, w.count * sizeof *w.layers), 0);
  accel_workload_free (&back);
  accel_workload_free (&w);
  unlink (path);
}

static void
expect_unsayable (const struct accel_layer *layer, const char *why)
{
  struct accel_error err = { .text = "" };
  char line[ACCEL_TEXT_LINE_MAX];
  CU_ASSERT_EQUAL (accel_layer_format (line, layer, &err), ACCEL_INVALID);
  CU_ASSERT_PTR_NOT_NULL (strstr (err.text, why));
}

static void
test_unsayable (void)
{
  struct accel_layer layer = accel_layer_gemm (2, 3, 4);
  expect_unsayable (&layer, "a name without blanks");
  memcpy (layer.name, "a b", 4);
  expect_unsayable (&layer, "a name without blanks");
  memcpy (layer.name, "a", 2);
  layer.size[ACCEL_Q] = 2;
  expect_unsayable (&layer, "Q = 1");
  layer.size[ACCEL_Q] = 1;
  layer.pad_top = 1;
  expect_unsayable (&layer, "conv alone");
  layer.pad_top = 0;
  layer.count = 0;
  expect_unsayable (&layer, "count is 0");
  layer.count = UINT32_MAX;
  expect_unsayable (&layer, "up to 2147483647");
}

/* A full disk is an error, and what is no file of ours stays. */
static void
test_write_errors (void)
{
  struct accel_error err = { .text = "" };
  struct accel_workload w, empty = { .name = "w" };
  CU_ASSERT_EQUAL_FATAL (accel_workload_network (&w, "mlp", NULL), ACCEL_OK);
  CU_ASSERT_EQUAL (accel_workload_write (&w, "/dev/full", &err), ACCEL_INVALID);
  CU_ASSERT_PTR_NOT_NULL (strstr (err.text, "/dev/full: cannot be written: "));
  CU_ASSERT_EQUAL (access ("/dev/full", F_OK), 0);
  CU_ASSERT_EQUAL (accel_workload_write (&w, "/no/such/folder", &err), ACCEL_INVALID);
  CU_ASSERT_PTR_NOT_NULL (strstr (err.text, "/no/such/folder: No such file"));
  CU_ASSERT_EQUAL (accel_workload_write (&empty, "/dev/null", &err), ACCEL_INVALID);
  accel_workload_free (&w);
}

static void
test_example (void)
{
  struct accel_error err = { .text = "" };
  struct accel_workload w;
  char path[512];
  tap_source ("examples/workloads/tiny.txt", path, sizeof path);
  CU_ASSERT_EQUAL_FATAL (accel_workload_read (&w, path, &err), ACCEL_OK);
  CU_ASSERT_STRING_EQUAL (w.name, "tiny");
  CU_ASSERT_EQUAL (w.count, 7);
  CU_ASSERT_EQUAL (w.layers[0].size[ACCEL_P], w.layers[1].size[ACCEL_P]);
  check_round_trip (&w);
  accel_workload_free (&w);
}

static void
test_errors (void)
{
  expect_error (
      "n.txt", "conw a in 3",
      "n.txt:1: \"conw\" is no kind of layer; valid ones are conv, depthwise, gemm, "
      "elementwise; nearest is conv");
  expect_error ("n.txt", "conv a chanels 3",
                "n.txt:1: \"chanels\" is no key of a conv layer; nearest is channels");
  expect_error (
      "n.txt", "conv a pad 1x2x3",
      "n.txt:1: pad: found \"1x2x3\", expected a number, two as in 3x2, four as "
      "in 0x1x0x1, or same");
  expect_error ("n.txt", "elementwise a out 3 channels 5 groups 2",
                "n.txt:1: 2 groups divide 5 channels or 5 maps unevenly");
  expect_error ("n.txt", "\ngemm",
                "n.txt:2: a name of 1 to 47 characters was expected behind \"gemm\"");
  expect_error ("n.txt", "gemm a m 1 n 2 filter 3",
                "n.txt:1: \"filter\" is no key of a gemm layer");
  expect_error ("n.txt", "gemm a m 1 n 2 m 3", "n.txt:1: \"m\" is given twice");
  expect_error ("n.txt", "gemm a m 1 n", "n.txt:1: \"n\" lacks its value");
  expect_error ("n.txt", "gemm a m 1 n 2", "n.txt:1: a gemm layer needs \"k\"");
  expect_error ("n.txt", "gemm a m 1 n 0 k 2",
                "n.txt:1: n: found \"0\", expected a number of 1 to 2147483647");
  expect_error (
      "n.txt", "conv a filter 3x3x3",
      "n.txt:1: filter: found \"3x3x3\", expected a number of 1 to 2147483647, or two as "
      "in 3x2");
  expect_error (
      "n.txt", "conv a pad sme",
      "n.txt:1: pad: found \"sme\", expected a number, two as in 3x2, four as in "
      "0x1x0x1, or same");
  expect_error ("n.txt", "conv a channels 3 maps 2 filter 3",
                "n.txt:1: a conv layer needs one of \"in\" and \"out\"");
  expect_error ("n.txt", "conv a channels 3 maps 2 filter 3 in 2",
                "n.txt:1: the filter does not fit in the padded input");
  expect_error ("n.txt", "conv a channels 3 maps 2 filter 3 in 9 groups 2",
                "n.txt:1: 2 groups divide 3 channels or 2 maps unevenly");
  expect_error ("n.txt", "# nothing\n", "n.txt: no layer in it");
}

/* However long a value and its file's name are, the sentence is whole. */
static void
test_long_values (void)
{
  char text[700], name[301], sentence[256], digits[600];
  memset (digits, '9', sizeof digits - 1);
  memset (name, 'd', sizeof name - 1);
  digits[sizeof digits - 1] = name[sizeof name - 1] = '\0';
  snprintf (text, sizeof text, "conv a pad %s", digits);
  snprintf (sentence, sizeof sentence,
            "%.72s:1: pad: found \"%.33s\", expected a number, two as in 3x2, four as in "
            "0x1x0x1, or same",
            name, digits);
  expect_error (name, text, sentence);
  snprintf (text, sizeof text, "conv a filter 3x%s", digits);
  snprintf (
      sentence, sizeof sentence,
      "%.72s:1: filter: found \"3x%.31s\", expected a number of 1 to 2147483647, or "
      "two as in 3x2",
      name, digits);
  expect_error (name, text, sentence);
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { .name = "kinds", .run = test_kinds },
    { .name = "pad same", .run = test_pad_same },
    { .name = "padding of four sides", .run = test_sides },
    { .name = "errors", .run = test_errors },
    { .name = "long values", .run = test_long_values },
    { .name = "networks written and read", .run = test_networks_written },
    { .name = "odd layers written and read", .run = test_odd_written },
    { .name = "files written and read", .run = test_file_written },
    { .name = "what the form cannot say", .run = test_unsayable },
    { .name = "failures to write", .run = test_write_errors },
    { .name = "the example file", .run = test_example },
    { 0 },
  };
  return tap_run ("accel text", tests);
}
