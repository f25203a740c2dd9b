/* Accelerators as data: what is refused, capacity, area. */
#include "sims/accel/arch.h"

#include <math.h>
#include <string.h>

#include "tests/tap.h"

static struct accel_arch
example (void)
{
  struct accel_arch a = { .level_count = 2 };
  a.mac.mesh_x = 14;
  a.mac.mesh_y = 12;
  a.mac.word_bits = 16;
  a.mac.area = 10;
  a.level[0] = accel_level_unit ("Spad");
  a.level[0].mesh_x = 14;
  a.level[0].mesh_y = 12;
  a.level[0].area = 100;
  a.level[1] = accel_level_unit ("DRAM");
  return a;
}

static void
expect_refusal (const struct accel_arch *a, const char *word)
{
  struct accel_error err = { .text = "" };
  CU_ASSERT_EQUAL (accel_arch_check (a, &err), ACCEL_INVALID);
  CU_ASSERT (strstr (err.text, word) != NULL);
  if (strstr (err.text, word) == NULL)
    tap_note ("\"%s\" not in: %s", word, err.text);
}

static void
test_checks (void)
{
  struct accel_arch a = example ();
  CU_ASSERT_EQUAL (accel_arch_check (&a, NULL), ACCEL_OK);
  a.level[0].mesh_x = 4;
  expect_refusal (&a, "\"Spad\": its mesh of 4 x 12 does not divide the 14 x 12");
  a = example ();
  a.level[1].mesh_y = 5;
  expect_refusal (&a, "\"DRAM\"");
  a = example ();
  a.level_count = 17;
  expect_refusal (&a, "17 storage levels; 1 to 16");
  a = example ();
  a.level[1].multiple_buffering = 0.5;
  expect_refusal (&a, "multiple_buffering");
  a = example ();
  a.level[1].read_bw = NAN;
  expect_refusal (&a, "bandwidth");
  a = example ();
  a.level[0].block = 0;
  expect_refusal (&a, "blocks of 0");
  a = example ();
  a.level[0].leakage = -1;
  expect_refusal (&a, "energy");
  a = example ();
  a.mac.mesh_x = 0;
  expect_refusal (&a, "MACs");
}

static void
test_figures (void)
{
  struct accel_arch a = example ();
  CU_ASSERT_EQUAL (accel_level_capacity (&a.level[0]), UINT64_MAX);
  a.level[0].entries = 25;
  a.level[0].multiple_buffering = 2;
  CU_ASSERT_EQUAL (accel_level_capacity (&a.level[0]), 12);
  CU_ASSERT_EQUAL (accel_arch_area (&a), 168 * 110);
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { .name = "checks", .run = test_checks },
    { .name = "figures", .run = test_figures },
    { 0 },
  };
  return tap_run ("accel arch", tests);
}
