/* Layers as data: counts, checks, extents. */
#include "sims/accel/layer.h"

#include <string.h>

#include "tests/tap.h"

/* ResNet's first layer: 224 x 224 in, 7 x 7, stride 2, padding 3. */
static struct accel_layer
first_layer (void)
{
  struct accel_layer l = accel_layer_unit (ACCEL_CONV);
  l.size[ACCEL_R] = l.size[ACCEL_S] = 7;
  l.size[ACCEL_P] = l.size[ACCEL_Q] = accel_output_extent (224, 6, 7, 2, 1);
  l.size[ACCEL_C] = 3;
  l.size[ACCEL_K] = 64;
  l.stride_w = l.stride_h = 2;
  return l;
}

static void
test_counts (void)
{
  struct accel_layer l = first_layer ();
  CU_ASSERT_EQUAL (l.size[ACCEL_P], 112);
  CU_ASSERT_EQUAL (accel_layer_check (&l, NULL), ACCEL_OK);
  CU_ASSERT_EQUAL (accel_layer_macs (&l), UINT64_C (118013952));
  CU_ASSERT_EQUAL (accel_layer_words (&l, ACCEL_WEIGHTS), 64 * 3 * 49);
  CU_ASSERT_EQUAL (accel_layer_words (&l, ACCEL_INPUTS), 229 * 229 * 3);
  CU_ASSERT_EQUAL (accel_layer_words (&l, ACCEL_OUTPUTS), 112 * 112 * 64);
  l.dilation_h = 3;
  CU_ASSERT_EQUAL (accel_layer_words (&l, ACCEL_INPUTS), 229 * (111 * 2 + 6 * 3 + 1) * 3);
}

static void
test_kinds (void)
{
  struct accel_layer l = accel_layer_gemm (5, 7, 11);
  CU_ASSERT_EQUAL (accel_layer_words (&l, ACCEL_WEIGHTS), 77);
  CU_ASSERT_EQUAL (accel_layer_words (&l, ACCEL_INPUTS), 55);
  CU_ASSERT_EQUAL (accel_layer_words (&l, ACCEL_OUTPUTS), 35);
  l = accel_layer_unit (ACCEL_ELEMENTWISE);
  l.size[ACCEL_P] = 4, l.size[ACCEL_K] = 3;
  for (int t = 0; t < ACCEL_TENSORS; t++)
    CU_ASSERT_EQUAL (accel_layer_words (&l, (enum accel_tensor)t), 12);
}

static void
test_extents (void)
{
  CU_ASSERT_EQUAL (accel_output_extent (5, 0, 3, 1, 1), 3);
  CU_ASSERT_EQUAL (accel_output_extent (5, 0, 3, 2, 1), 2);
  CU_ASSERT_EQUAL (accel_output_extent (5, 0, 3, 1, 2), 1);
  CU_ASSERT_EQUAL (accel_output_extent (4, 0, 3, 1, 2), 0);
  CU_ASSERT_EQUAL (accel_output_extent (4, 2, 3, 1, 1), 4);
  CU_ASSERT_EQUAL (accel_output_extent (4, 0, 3, 0, 1), 0);
}

static void
expect_refusal (const struct accel_layer *l, const char *word)
{
  struct accel_error err = { .text = "" };
  CU_ASSERT_EQUAL (accel_layer_check (l, &err), ACCEL_INVALID);
  if (strstr (err.text, word) == NULL)
    tap_note ("\"%s\" not in: %s", word, err.text);
  CU_ASSERT (strstr (err.text, word) != NULL);
}

static void
test_checks (void)
{
  struct accel_layer l = first_layer ();
  l.size[ACCEL_C] = 0;
  expect_refusal (&l, "size C is 0");
  l = first_layer ();
  l.stride_h = 0;
  expect_refusal (&l, "stride_h is 0; 1 to 4096");
  l = first_layer ();
  l.size[ACCEL_N] = l.size[ACCEL_G] = 1u << 20;
  expect_refusal (&l, "2^48");
  l = first_layer ();
  l.size[ACCEL_N] = 1u << 20;
  l.stride_h = l.stride_w = 4096;
  expect_refusal (&l, "2^60");
  l = first_layer ();
  l.count = 0;
  expect_refusal (&l, "count");
  l = first_layer ();
  l.kind = ACCEL_GEMM;
  expect_refusal (&l, "GEMM");
  l.kind = ACCEL_ELEMENTWISE;
  expect_refusal (&l, "element-wise");
}

/* 641 x 6700417 is 2^32 + 1, 5 x 137 x 25080101 is 2^34 + 1: no 1, if 32 bits say so. */
static void
test_wrapped_products (void)
{
  struct accel_layer l = accel_layer_gemm (2, 3, 4);
  l.size[ACCEL_R] = 641, l.size[ACCEL_S] = 6700417;
  expect_refusal (&l, "a GEMM has R = S = 1");
  l = accel_layer_unit (ACCEL_ELEMENTWISE);
  l.size[ACCEL_S] = 641, l.size[ACCEL_C] = 6700417;
  expect_refusal (&l, "an element-wise layer has R = S = C = 1");
  l.size[ACCEL_R] = 5, l.size[ACCEL_S] = 137, l.size[ACCEL_C] = 25080101;
  expect_refusal (&l, "an element-wise layer has R = S = C = 1");
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { .name = "counts", .run = test_counts },
    { .name = "kinds", .run = test_kinds },
    { .name = "extents", .run = test_extents },
    { .name = "checks", .run = test_checks },
    { .name = "wrapped products", .run = test_wrapped_products },
    { 0 },
  };
  return tap_run ("accel layer", tests);
}
