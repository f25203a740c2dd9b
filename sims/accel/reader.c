/* reader.c - lines, words and numbers of the readers: see reader.h. */
#include "sims/accel/reader.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Not isblank: that depends on the locale. */
static bool
is_blank (char c)
{
  return c == ' ' || c == '\t' || c == '\r';
}

/* A carriage return counts as a blank, so files of either kind of line end are read. */
static struct accel_word
trim (struct accel_word w)
{
  while (w.length > 0 && is_blank (w.at[0]))
    w.at++, w.length--;
  while (w.length > 0 && is_blank (w.at[w.length - 1]))
    w.length--;
  return w;
}

bool
accel_next_line (struct accel_reader *r, struct accel_word *line)
{
  const char *end;
  if (r->at == r->end)
    return false;
  end = memchr (r->at, '\n', (size_t)(r->end - r->at));
  end = end == NULL ? r->end : end;
  *line = trim ((struct accel_word){ .at = r->at, .length = (size_t)(end - r->at) });
  r->at = end == r->end ? end : end + 1;
  r->line++;
  return true;
}

/* With commas an empty cell is a word too, but not one behind the last comma. */
bool
accel_next_word (struct accel_word *line, char separator, struct accel_word *word)
{
  size_t n = 0;
  if (separator == ' ')
    *line = trim (*line);
  if (line->length == 0)
    return false;
  while (n < line->length && line->at[n] != separator
         && !(separator == ' ' && is_blank (line->at[n])))
    n++;
  *word = trim ((struct accel_word){ .at = line->at, .length = n });
  n += n < line->length;
  line->at += n;
  line->length -= n;
  return true;
}

bool
accel_word_is (struct accel_word word, const char *text)
{
  return word.length == strlen (text) && memcmp (word.at, text, word.length) == 0;
}

/* Not tolower, for the same reason. */
static char
lower (char c)
{
  return (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

/* No sign, no fraction, no other base: what a person writes as a count. Cut short before
 * the sum can overflow. */
bool
accel_word_number (struct accel_word word, bool zero, uint32_t *number)
{
  uint64_t value = 0;
  if (word.length == 0)
    return false;
  for (size_t i = 0; i < word.length; i++) {
    if (word.at[i] < '0' || word.at[i] > '9')
      return false;
    value = value * 10 + (uint64_t)(word.at[i] - '0');
    if (value > INT32_MAX)
      return false;
  }
  *number = (uint32_t)value;
  return value > 0 || zero;
}

/* Tested before it happens: value * 10 + digit > high, without overflow. */
static bool
parse_number (struct accel_word word, uint64_t high, uint64_t *value)
{
  *value = 0;
  for (size_t i = 0; i < word.length; i++) {
    unsigned digit = (unsigned)(word.at[i] - '0');
    if (digit > 9 || digit > high || *value > (high - digit) / 10)
      return false;
    *value = *value * 10 + digit;
  }
  return word.length > 0;
}

int
accel_reader_number (struct accel_reader *r, struct accel_word word, const char *what,
                     uint64_t low, uint64_t high, uint64_t *number)
{
  char shown[ACCEL_SHOWN_MAX];
  if (parse_number (word, high, number) && *number >= low)
    return ACCEL_OK;
  return accel_reader_fail (
      r, "%s: found %s, expected a whole number from %" PRIu64 " to %" PRIu64, what,
      accel_shown (word, shown), low, high);
}

/* Six bytes are kept free: the longest piece, the quote and the NUL. */
const char *
accel_shown (struct accel_word word, char shown[ACCEL_SHOWN_MAX])
{
  size_t used = 0;
  if (word.length == 0)
    return "nothing";
  shown[used++] = '"';
  for (size_t i = 0; i < word.length && used < ACCEL_SHOWN_MAX - 6; i++) {
    unsigned char byte = (unsigned char)word.at[i];
    if (byte >= 0x20 && byte < 0x7f)
      shown[used++] = (char)byte;
    else
      used += (size_t)snprintf (shown + used, 5, "\\x%02X", byte);
  }
  memcpy (shown + used, "\"", 2);
  return shown;
}

enum { WORD_MAX = 32 }; /* longer words are no misspelt keys */

/* Levenshtein 1966, one row at a time. Names are ours, and short. */
static unsigned
distance (struct accel_word word, const char *name)
{
  unsigned row[WORD_MAX + 1];
  for (unsigned i = 0; i <= word.length; i++)
    row[i] = i;
  for (unsigned n = 0; name[n] != '\0'; n++) {
    unsigned diagonal = row[0];
    row[0] = n + 1;
    for (unsigned i = 1; i <= word.length; i++) {
      unsigned change = diagonal + (lower (word.at[i - 1]) != lower (name[n]));
      diagonal = row[i];
      row[i] = row[i] < row[i - 1] ? row[i] + 1 : row[i - 1] + 1;
      row[i] = row[i] < change ? row[i] : change;
    }
  }
  return row[word.length];
}

const char *
accel_nearest (struct accel_word word, const char *const *names)
{
  const char *nearest = NULL;
  unsigned best = 3 + (unsigned)(word.length / 6);
  if (word.length > WORD_MAX)
    return NULL;
  for (; *names != NULL; names++) {
    size_t longer = strlen (*names) > word.length ? strlen (*names) : word.length;
    unsigned steps = distance (word, *names);
    /* A name that shares nothing with the word is not near, however short both are. */
    if (steps < best && steps < longer) {
      nearest = *names;
      best = steps;
    }
  }
  return nearest;
}

/* Cleared to the end: equal names are equal bytes. */
void
accel_word_copy (struct accel_word word, char name[ACCEL_NAME_MAX])
{
  size_t n = word.length < ACCEL_NAME_MAX ? word.length : ACCEL_NAME_MAX - 1;
  for (size_t i = 0; i < n; i++)
    name[i] =
        word.at[i] > ' ' && word.at[i] < 0x7f && word.at[i] != '#' ? word.at[i] : '_';
  memset (name + n, 0, ACCEL_NAME_MAX - n);
  if (n == 0)
    name[0] = '_';
}

/* Of a path the end tells most; cut, so that line and sentence are not. */
int
accel_reader_fail (struct accel_reader *r, const char *format, ...)
{
  enum { SHOWN = 72 };
  char sentence[sizeof r->err->text];
  size_t length = strlen (r->name);
  va_list args;
  va_start (args, format);
  if (vsnprintf (sentence, sizeof sentence, format, args) < 0)
    sentence[0] = '\0';
  va_end (args);
  return accel_fail (r->err, "%s:%zu: %s",
                     r->name + (length > SHOWN ? length - SHOWN : 0), r->line, sentence);
}

/* Doubles the room, so that long files cost what they are long. */
static bool
make_room (struct accel_reader *r)
{
  size_t room = r->room ? 2 * r->room : 16;
  struct accel_layer *layers;
  if (r->workload->count < r->room)
    return true;
  layers = realloc (r->workload->layers, room * sizeof *layers);
  if (layers == NULL)
    return false;
  r->workload->layers = layers;
  r->room = room;
  return true;
}

/* Sizes that are fine one by one can be too many together; the layer's own check knows.
 */
int
accel_reader_append (struct accel_reader *r, const struct accel_layer *layer)
{
  struct accel_error why = { .text = "" };
  if (accel_layer_check (layer, &why) != ACCEL_OK)
    return accel_reader_fail (r, "%s", why.text);
  if (r->workload->count == ACCEL_LAYERS_MAX)
    return accel_reader_fail (r, "more than %d layers", ACCEL_LAYERS_MAX);
  if (!make_room (r))
    return accel_no_memory (r->err);
  r->workload->layers[r->workload->count++] = *layer;
  return ACCEL_OK;
}
