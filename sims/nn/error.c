/* error.c - the one place where the readers' messages are put together: see error.h. */
#include "sims/nn/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { PATH_SHOWN = 160 };

int
nn_fail (struct nn_error *err, enum nn_status status, const char *format, ...)
{
  va_list args;
  if (err == NULL)
    return status;
  va_start (args, format);
  if (vsnprintf (err->text, sizeof err->text, format, args) < 0)
    err->text[0] = '\0';
  va_end (args);
  return status;
}

int
nn_no_memory (struct nn_error *err)
{
  return nn_fail (err, NN_NOMEM, "out of memory");
}

const char *
nn_shown_path (const char *path)
{
  size_t length = strlen (path);
  return length > PATH_SHOWN ? path + length - PATH_SHOWN : path;
}
