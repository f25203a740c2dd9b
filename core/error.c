/* What every call reports with: see gym/error.h. */
/* The version is said once, in configure.ac. */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include <gym/error.h>
#include <gym/space.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { max_word = 255 };

/* The end of the old text gives way, not the prefix: the outer context is what a user
 * knows best. */
void
gym_error_prefix (gym_error *err, const char *format, ...)
{
  char head[GYM_ERROR_TEXT - 4];
  va_list args;
  if (!err)
    return;
  va_start (args, format);
  vsnprintf (head, sizeof head, format, args);
  va_end (args);
  size_t n = strlen (head), kept = strnlen (err->text, sizeof err->text - n - 3);
  memmove (err->text + n + 2, err->text, kept);
  memcpy (err->text, head, n);
  memcpy (err->text + n, ": ", 2);
  err->text[n + 2 + kept] = '\0';
}

const char *
gym_error_name (int code)
{
  static const char *const names[] = {
    "success",         "invalid argument",      "out of memory", "input or output error",
    "not found",       "plugin refused",        "wrong state",   "cancelled",
    "store is in use", "replay does not match", "failed",
  };
  int i = -code; /* codes are 0, -1, -2, ... without a hole */
  return i >= 0 && i < (int)(sizeof names / sizeof names[0]) ? names[i] : "unknown error";
}

/* ASCII alone: tolower follows the locale of the host program. */
static int
fold (char c)
{
  return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

static unsigned
smallest (unsigned a, unsigned b, unsigned c)
{
  unsigned least = a < b ? a : b;
  return least < c ? least : c;
}

/* Levenshtein's distance (1966), one row of the table at a time. */
static unsigned
distance_of (const char *a, const char *b, bool fold_case)
{
  unsigned row[max_word + 1];
  size_t n = strnlen (a, max_word), m = strnlen (b, max_word);
  for (size_t j = 0; j <= m; j++)
    row[j] = (unsigned)j;
  for (size_t i = 1; i <= n; i++) {
    unsigned diagonal = row[0];
    row[0] = (unsigned)i;
    for (size_t j = 1; j <= m; j++) {
      char x = a[i - 1], y = b[j - 1];
      bool same = x == y || (fold_case && fold (x) == fold (y));
      unsigned best = smallest (row[j] + 1, row[j - 1] + 1, diagonal + !same);
      diagonal = row[j];
      row[j] = best;
    }
  }
  return row[m];
}

unsigned
gym_edit_distance (const char *a, const char *b)
{
  return distance_of (a, b, false);
}

const char *
gym_nearest (const char *word, const char *const *names, unsigned n)
{
  const char *nearest = NULL;
  size_t length = strlen (word);
  unsigned best = (length / 3 > 2 ? (unsigned)(length / 3) : 2) + 1;
  for (unsigned i = 0; i < n; i++) {
    size_t other = strlen (names[i]), longer = other > length ? other : length;
    /* "FIFO" is a slip for "Fifo", not three of them. */
    unsigned distance = distance_of (word, names[i], true);
    /* A name that shares nothing with the word is not near, however short both are. */
    if (distance < best && distance < longer) {
      nearest = names[i];
      best = distance;
    }
  }
  return nearest;
}

const char *
gym_version (void)
{
  return PACKAGE_VERSION;
}

/* A caller may use another allocator than the library (a binding does). */
void
gym_free (void *text)
{
  free (text);
}
