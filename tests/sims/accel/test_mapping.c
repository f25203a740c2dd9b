/* Mappings as data and as text. */
#include "sims/accel/mapping.h"

#include <string.h>

#include "tests/tap.h"

static void
test_text (void)
{
  struct accel_arch a = { .level_count = 2 };
  struct accel_split s[2] = { accel_split_unit (), accel_split_unit () };
  char text[256], part[10];
  size_t length;
  a.level[0] = accel_level_unit ("GLB");
  a.level[1] = accel_level_unit ("DRAM");
  s[1].temporal[ACCEL_P] = 8, s[1].temporal[ACCEL_C] = 4;
  s[0].keep = 1 << ACCEL_INPUTS;
  s[0].x[ACCEL_K] = 2, s[0].y[ACCEL_K] = 3;
  length = accel_mapping_text (text, sizeof text, s, &a);
  CU_ASSERT_STRING_EQUAL (text, "DRAM         [Weights Inputs Outputs]  for C 4, P 8\n"
                                "GLB          [Inputs]  across y K 3  across x K 2\n");
  CU_ASSERT_EQUAL (length, strlen (text));
  CU_ASSERT_EQUAL (accel_mapping_text (part, sizeof part, s, &a), length);
  CU_ASSERT_STRING_EQUAL (part, "DRAM     ");
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { .name = "text", .run = test_text },
    { 0 },
  };
  return tap_run ("accel mapping", tests);
}
