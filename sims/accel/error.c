/* error.c - the one place where the library's messages are put together: see error.h. */
#include "sims/accel/error.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

int
accel_fail (struct accel_error *err, const char *format, ...)
{
  va_list args;
  if (err == NULL)
    return ACCEL_INVALID;
  va_start (args, format);
  if (vsnprintf (err->text, sizeof err->text, format, args) < 0)
    err->text[0] = '\0';
  va_end (args);
  return ACCEL_INVALID;
}

int
accel_no_memory (struct accel_error *err)
{
  accel_fail (err, "out of memory");
  return ACCEL_NOMEM;
}
