/* The fuzz target of layer files: every reader on the same bytes. */
#include "tests/fuzz.h"

#include <stdbool.h>
#include <string.h>

#include "sims/accel/workload.h"

static void
check (bool condition)
{
  if (!condition)
    __builtin_trap ();
}

/* Of any form, now in our own; what it has no numbers for is above 2^31. */
static void
check_round_trip (const struct accel_layer *l)
{
  char line[ACCEL_TEXT_LINE_MAX];
  struct accel_workload back;
  struct accel_error err;
  if (accel_layer_format (line, l, &err) != ACCEL_OK) {
    check (strstr (err.text, "numbers up to") != NULL);
    return;
  }
  check (accel_workload_parse (&back, "back", line, strlen (line), ACCEL_FORM_TEXT, NULL)
         == ACCEL_OK);
  check (back.count == 1 && memcmp (back.layers, l, sizeof *l) == 0);
  accel_workload_free (&back);
}

/* Layers that pass the check, or a sentence that names the file. */
static void
read_form (const char *bytes, size_t size, enum accel_form form)
{
  struct accel_workload w;
  struct accel_error err = { .text = "" };
  int status = accel_workload_parse (&w, "input", bytes, size, form, &err);
  if (status == ACCEL_OK) {
    check (w.count > 0 && err.text[0] == '\0');
    for (size_t i = 0; i < w.count; i++) {
      check (accel_layer_check (&w.layers[i], NULL) == ACCEL_OK);
      check_round_trip (&w.layers[i]);
    }
  } else {
    check (status == ACCEL_INVALID && w.count == 0 && w.layers == NULL);
    check (strncmp (err.text, "input:", 6) == 0 && strchr (err.text, '\n') == NULL);
  }
  accel_workload_free (&w);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  for (enum accel_form form = ACCEL_FORM_TEXT; form < ACCEL_FORMS; form++)
    read_form ((const char *)data, size, form);
  return 0;
}
