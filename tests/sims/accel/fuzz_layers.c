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

/* Layers that pass the check, or a sentence that names the file. */
static void
read_form (const char *bytes, size_t size, enum accel_form form)
{
  struct accel_workload w;
  struct accel_error err = { .text = "" };
  int status = accel_workload_parse (&w, "input", bytes, size, form, &err);
  if (status == ACCEL_OK) {
    check (w.count > 0 && err.text[0] == '\0');
    for (size_t i = 0; i < w.count; i++)
      check (accel_layer_check (&w.layers[i], NULL) == ACCEL_OK);
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
