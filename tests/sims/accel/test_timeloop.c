/* Problem files of Timeloop: what is read, and every way to get it wrong. */
#include "tests/tap.h"

#include <stdio.h>
#include <string.h>

#include "sims/accel/workload.h"

/* A shape's description from its dimensions and the projections of its data spaces. */
#define SHAPE(dimensions, weights, inputs, outputs)                                      \
  "  shape:\n"                                                                           \
  "    name: own\n"                                                                      \
  "    dimensions: [" dimensions "]\n"                                                   \
  "    coefficients:\n"                                                                  \
  "    - { name: Wstride, default: 1 }\n"                                                \
  "    - { name: Hdilation, default: 2 }\n"                                              \
  "    data_spaces:\n"                                                                   \
  "    - { name: Weights, projection: " weights " }\n"                                   \
  "    - { name: Inputs, projection: " inputs " }\n"                                     \
  "    - { name: Outputs, projection: " outputs ", read_write: True }\n"
#define WIDE "[[R, Wdilation], [P, Wstride]]"
#define HIGH "[[S, Hdilation], [Q, Hstride]]"
#define CONV                                                                             \
  SHAPE ("R, S, P, Q, C, M, N", "[[[C]], [[M]], [[R]], [[S]]]",                          \
         "[[[N]], [[C]], " WIDE ", " HIGH "]", "[[[N]], [[M]], [[Q]], [[P]]]")

static int
parse (struct accel_workload *w, const char *text, struct accel_error *err)
{
  return accel_workload_parse (w, "dir/own_layer.yaml", text, strlen (text),
                               ACCEL_FORM_GUESS, err);
}

static struct accel_layer
read_one (const char *text)
{
  struct accel_error err = { "" };
  struct accel_workload w;
  struct accel_layer layer;
  if (parse (&w, text, &err) != ACCEL_OK)
    tap_note ("%s", err.text);
  CU_ASSERT_EQUAL_FATAL (w.count, 1);
  CU_ASSERT_STRING_EQUAL (w.name, "own_layer");
  CU_ASSERT_STRING_EQUAL (w.layers[0].name, "own_layer");
  layer = w.layers[0];
  accel_workload_free (&w);
  return layer;
}

/* P, Q, R, S, C, K, N, G. */
static void
check_sizes (struct accel_layer layer, const uint32_t wanted[8])
{
  static const enum accel_dim order[8] = { ACCEL_P, ACCEL_Q, ACCEL_R, ACCEL_S,
                                           ACCEL_C, ACCEL_K, ACCEL_N, ACCEL_G };
  for (int d = 0; d < 8; d++)
    CU_ASSERT_EQUAL (layer.size[order[d]], wanted[d]);
}

/* Strides and dilations as digits: width before height. */
static void
check_steps (struct accel_layer layer, uint32_t wanted)
{
  CU_ASSERT_EQUAL (layer.stride_w * 1000 + layer.stride_h * 100 + layer.dilation_w * 10
                       + layer.dilation_h,
                   wanted);
}

/* As Timeloop's own tutorials write it. */
static void
test_described (void)
{
  struct accel_layer layer = read_one (
      "problem:\n  version: 0.4\n"
      "  instance: {C: 3, M: 96, N: 2, P: 55, Q: 54, R: 11, S: 10, Wstride: 4}\n" CONV);
  CU_ASSERT_EQUAL (layer.kind, ACCEL_CONV);
  check_sizes (layer, (uint32_t[]){ 55, 54, 11, 10, 3, 96, 2, 1 });
  check_steps (layer, 4112);
  layer = read_one ("problem:\n" CONV "  instance: {C: 3, M: 96, N: 2, P: 55, Q: 54, "
                    "R: 11, S: 10, Hdilation: 3}\n");
  check_steps (layer, 1113);
}

static void
test_named (void)
{
  struct accel_layer layer = read_one (
      "arch:\n  storage: [a, b]\n\nproblem:\n  shape: cnn_layer\n  R: 3\n  S: 2\n  P: 7\n"
      "  Q: 8\n  C: 4\n  K: 5\n  N: 6\n  Hstride: 2\n  WStride: 3\n  Wdilation: 4\n");
  check_sizes (layer, (uint32_t[]){ 7, 8, 3, 2, 4, 5, 6, 1 });
  check_steps (layer, 3241);
  layer = read_one ("problem: { shape: gemm_ABZ, instance: { M: 2, N: 3, K: 4 } }");
  CU_ASSERT_EQUAL (layer.kind, ACCEL_GEMM);
  check_sizes (layer, (uint32_t[]){ 2, 1, 1, 1, 4, 3, 1, 1 });
  /* Without a shape the bounds tell. */
  layer = read_one ("problem: { M: 2, N: 3, K: 4 }");
  CU_ASSERT_EQUAL (layer.kind, ACCEL_GEMM);
  layer = read_one ("problem: {R: 3, S: 3, P: 7, Q: 7, C: 1, M: 1, N: 1, G: 32}");
  CU_ASSERT_EQUAL (layer.size[ACCEL_G], 32);
}

/* Shapes with fewer dimensions, with groups, and a product. */
static void
test_shapes (void)
{
  struct accel_layer layer = read_one ("problem:\n  instance: {R: 3, P: 16}\n" SHAPE (
      "R, P", "[[[R]]]", "[[[R], [P]]]", "[[[P]]]"));
  check_sizes (layer, (uint32_t[]){ 16, 1, 3, 1, 1, 1, 1, 1 });
  layer =
      read_one ("problem:\n  instance: {C: 8, N: 2, R: 3, S: 5, P: 16, Q: 17}\n" SHAPE (
          "C, N, R, S, P, Q", "[[[C]], [[R]], [[S]]]",
          "[[[N]], [[C]], " WIDE ", " HIGH "]", "[[[C]], [[N]], [[P]], [[Q]]]"));
  check_sizes (layer, (uint32_t[]){ 16, 17, 3, 5, 1, 1, 2, 8 });
  layer = read_one ("problem:\n  instance: {C: 8, G: 4, M: 2, R: 3, P: 16}\n" SHAPE (
      "C, G, M, R, P", "[[[C]], [[R]], [[M]], [[G]]]", "[[[C]], " WIDE ", [[G]]]",
      "[[[M]], [[P]], [[G]]]"));
  check_sizes (layer, (uint32_t[]){ 16, 1, 3, 1, 8, 2, 1, 4 });
  layer = read_one ("problem:\n  instance: {M: 5, N: 6, K: 7}\n" SHAPE (
      "M, N, K", "[[[M]], [[K]]]", "[[[N]], [[K]]]", "[[[M]], [[N]]]"));
  check_sizes (layer, (uint32_t[]){ 5, 1, 1, 1, 7, 6, 1, 1 });
}

static void
test_template (void)
{
  struct accel_layer layer = read_one (
      "{{include_text('../problem_base.yaml')}}\nproblem:\n  <<<: *problem_base\n"
      "  instance: {G: 16, P: 112, R: 3, HStride: 2}\n\n  ");
  check_sizes (layer, (uint32_t[]){ 112, 1, 3, 1, 1, 1, 1, 16 });
  check_steps (layer, 1211);
}

#define BOUNDS "C: 1, M: 1, N: 1, P: 1, Q: 1, R: 1, S: 1"

/* Above the limits nothing is handed to libyaml. */
static void
test_limits (void)
{
  static char text[300 * 1024];
  struct accel_error err = { "" };
  struct accel_workload w;
  memset (text, ' ', sizeof text - 1);
  CU_ASSERT_EQUAL (parse (&w, text, &err), ACCEL_INVALID);
  CU_ASSERT_PTR_NOT_NULL (strstr (err.text, ":1: found more than 262144 bytes"));
  memcpy (text, "a:\n", 3);
  memset (text + 3, '[', 65);
  text[68] = '\0';
  CU_ASSERT_EQUAL (parse (&w, text, &err), ACCEL_INVALID);
  CU_ASSERT_PTR_NOT_NULL (strstr (err.text, ":2: found more than 64 brackets"));
  text[67] = '\0';
  CU_ASSERT_EQUAL (parse (&w, text, &err), ACCEL_INVALID);
  CU_ASSERT_PTR_NOT_NULL (strstr (err.text, "found no YAML"));
}

static const struct {
  const char *text, *message;
} wrong[] = {
  { "", "own_layer.yaml:1: found no key problem, expected a problem of Timeloop" },
  { "problem: {", ":2: found no YAML (did not find expected node content" },
  { "a: b\nc", "found no YAML (could not find expected ':')" },
  { "\001", "found no YAML (control characters are not allowed)" },
  { "problem: *base\n", "found no YAML (found undefined alias)" },
  { "[problem]", "found no key problem" },
  { "problem: 3", "own_layer.yaml:1: problem: found a word, expected keys with values" },
  { "problem: { M: 1, N: 1, K: 1 }\nproblem: 3", ":2: found problem a second time" },
  { "problem: { M: 1, N: 1, K: 1 }\n---\na: 3", ":2: found a second document" },
  { "problem:\n  instanse: 3", "own_layer.yaml:2: problem has no key \"instanse\", "
                               "expected version, shape, instance, name; nearest is "
                               "instance" },
  { "problem:\n  instance: 3", ":2: instance: found a word, expected keys with values" },
  { "problem:\n  instance: {}\n  instance: {}",
    ":3: found instance a second time in problem" },
  { "problem:\n  instance:\n    Wstrid: 3",
    ":3: instance has no key \"Wstrid\", expected R, S, P, Q, C, K, N, G, M, Wstride, "
    "Hstride, Wdilation, Hdilation; nearest is Wstride" },
  { "problem:\n  instance:\n    densities:\n      A: 1",
    ":3: dense layers have no key \"densities\"" },
  { "problem: { C: 1, C: 2 }", "found C a second time, expected it once" },
  { "problem: { C: 0 }", "C: found \"0\", expected a whole number from 1 to 4294967295" },
  { "problem: { C: [1] }", "C: found nothing, expected a whole number" },
  { "problem: { Wstride: 4097 }", "Wstride: found \"4097\"" },
  { "\nproblem:\n  {C: 1, M: 1, N: 1, P: 1, Q: 1, R: 1}",
    ":2: problem without S, expected every dimension of its shape" },
  { "problem: { " BOUNDS ", K: 1 }", "found K and M, expected one name" },
  { "problem: { shape: cnn_layer, " BOUNDS " }",
    "problem without K, expected every dimension of its shape" },
  { "problem: { shape: cnn_layer, K: 1, G: 2, " BOUNDS " }",
    "found G, expected dimensions of the shape alone" },
  { "problem: { shape: cnn_later }",
    "shape: found \"cnn_later\", expected cnn_layer, gemm_ABZ or a description; nearest "
    "is cnn_layer" },
  { "problem:\n  shape:\n    dimensions: R",
    ":3: dimensions: found a word, expected a list" },
  { "problem:\n  shape:\n    dimensions: [R, X]",
    ":3: found dimension \"X\", expected R, S, P, Q, C, K, N, G or M" },
  { "problem:\n  shape:\n    dimensions: [R, R]", "found dimension R a second time" },
  { "problem:\n  shape: { dimension: [R] }",
    "shape has no key \"dimension\", expected name, dimensions, coefficients, "
    "data_spaces; nearest is dimensions" },
  { "problem: { shape: { coefficients: [ 3 ] } }", "coefficients: found a word" },
  { "problem: { shape: { coefficients: [ { name: stride } ] } }",
    "found coefficient \"stride\", expected Wstride, Hstride, Wdilation or Hdilation; "
    "nearest is Wstride" },
  { "problem: { shape: { coefficients: [ { default: 1 } ] } }",
    "coefficient without a name" },
  { "problem: { shape: { coefficients: [ { name: Wstride, default: 0 } ] } }",
    "default: found \"0\"" },
  { "problem: { shape: { data_spaces: [ { name: A, project: 1 } ] } }",
    "data space has no key \"project\", expected name, projection, read_write; nearest "
    "is projection" },
  { "problem: { shape: { dimensions: [R] } }",
    "shape: expected dimensions, and three data_spaces of which one has read_write" },
  { "problem:\n" SHAPE ("R, P", "[[[R]]]", "[R, P]", "[[[P]]]"),
    ":10: projection: found a word, expected a list" },
  { "problem:\n" SHAPE ("R, P", "[[[R]]]", "[[[R, Wstride], [P]]]", "[[[P]]]"),
    "found another product, expected one dimension, or [P, Wstride], [R, Wdilation]" },
  { "problem:\n" SHAPE ("R, P", "[[[R]]]", "[[[R], [C]]]", "[[[P]]]"),
    "found another axis, expected one dimension, or P with R" },
  { "problem:\n" SHAPE ("R, P", "[[[R]]]", "[[[R]], [[P]]]", "[[[P]]]"),
    "found P beside R, or Q beside S, expected them summed on one axis" },
  { "problem:\n" SHAPE ("R, P", "[[[R]]]", "[[[r], [P]]]", "[[[P]]]"),
    "projection has \"r\"" },
  { "problem:\n" SHAPE ("R, P, C", "[[[R]]]", "[[[R], [P]]]", "[[[P]]]"),
    ":3: shape: found other projections, expected those of a convolution" },
  { "problem:\n" SHAPE ("M, N, K", "[[[M]], [[K]]]", "[[[N]]]", "[[[M]], [[N]]]"),
    ":3: shape: found other projections" },
  { "problem:\n  shape: { data_spaces: [{}, {}, {}] }", "found too many data spaces" },
  { "problem: { M: 4000000000, N: 4000000000, K: 1 }", "more than 2^48" },
};

static void
test_wrong (void)
{
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    struct accel_error err = { "" };
    struct accel_workload w;
    CU_ASSERT_EQUAL (parse (&w, wrong[i].text, &err), ACCEL_INVALID);
    CU_ASSERT (w.count == 0 && w.layers == NULL);
    if (strstr (err.text, wrong[i].message) == NULL) {
      tap_note ("\"%s\" instead of \"%s\"", err.text, wrong[i].message);
      CU_FAIL ("another message");
    }
    CU_ASSERT_EQUAL (parse (&w, wrong[i].text, NULL), ACCEL_INVALID);
  }
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { .name = "a described shape", .run = test_described },
    { .name = "named shapes and none", .run = test_named },
    { .name = "parts of a convolution, groups, a product", .run = test_shapes },
    { .name = "templates of the exercises", .run = test_template },
    { .name = "every error names place and expectation", .run = test_wrong },
    { .name = "limits", .run = test_limits },
    { .name = NULL },
  };
  return tap_run ("accel timeloop", tests);
}
