/* error.c - the one place where the library's messages are put together: see error.h. */
#include "sims/dram/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

int dram_fail (struct dram_error *err, const char *fmt, ...)
{
  int saved = errno; /* a caller may still want to look at it after reporting */
  va_list args;

  if (err == NULL)
    return -1;
  va_start (args, fmt);
  if (vsnprintf (err->text, sizeof err->text, fmt, args) < 0)
    err->text[0] = '\0';
  va_end (args);
  errno = saved;
  return -1;
}
