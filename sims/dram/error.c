/* error.c - the one place where the library's messages are put together: see error.h. */
#include "sims/dram/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Shares of the 256 bytes of a message: line, column and what was expected come last and
 * must not be cut off. */
enum { FOUND_MAX = 24, NAME_SHOWN_MAX = 72 };

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

void dram_quote (char text[DRAM_QUOTE_MAX], const char *at, const char *end)
{
  size_t used = 1;

  text[0] = '"';
  for (const char *p = at; p < end && *p != ' ' && *p != '\t' && used < FOUND_MAX; p++) {
    unsigned char byte = (unsigned char) *p;

    if (byte >= 0x20 && byte < 0x7f)
      text[used++] = (char) byte;
    else
      used += (size_t) snprintf (text + used, 5, "\\x%02X", byte);
  }
  memcpy (text + used, "\"", 2);
  if (at == end)
    memcpy (text, "the end", sizeof "the end");
  else if (*at == ' ' || *at == '\t')
    memcpy (text, "a blank", sizeof "a blank");
}

const char *dram_shown_name (const char *path)
{
  size_t length = strlen (path);

  return length > NAME_SHOWN_MAX ? path + length - NAME_SHOWN_MAX : path;
}
