/* What the tests of the readers share. */
#ifndef TESTS_SIMS_ACCEL_READ_LAYERS_H
#define TESTS_SIMS_ACCEL_READ_LAYERS_H

#include <stdbool.h>
#include <string.h>

#include "sims/accel/workload.h"
#include "tests/tap.h"

static inline struct accel_workload
read_layers (const char *name, const char *text)
{
  struct accel_workload w;
  struct accel_error err = { .text = "" };
  CU_ASSERT_EQUAL (
      accel_workload_parse (&w, name, text, strlen (text), ACCEL_FORM_GUESS, &err),
      ACCEL_OK);
  if (*err.text)
    tap_note ("%s", err.text);
  return w;
}

/* The sizes in the order R S P Q C K N G. */
static inline void
expect_sizes (const struct accel_layer *l, const uint32_t size[ACCEL_DIMS])
{
  bool same = memcmp (l->size, size, sizeof l->size) == 0;
  CU_ASSERT (same);
  if (!same)
    tap_note ("%s: R %u S %u P %u Q %u C %u K %u N %u G %u", l->name, l->size[0],
              l->size[1], l->size[2], l->size[3], l->size[4], l->size[5], l->size[6],
              l->size[7]);
}

static inline void
expect_error (const char *name, const char *text, const char *sentence)
{
  struct accel_workload w;
  struct accel_error err = { .text = "" };
  CU_ASSERT_EQUAL (
      accel_workload_parse (&w, name, text, strlen (text), ACCEL_FORM_GUESS, &err),
      ACCEL_INVALID);
  CU_ASSERT_STRING_EQUAL (err.text, sentence);
  if (strcmp (err.text, sentence) != 0)
    tap_note ("%s", err.text);
}

#endif
