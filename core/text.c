/* Growing a text: see text.h.
 *
 * vsnprintf is used for numbers without a fraction and for strings alone; fractions go
 * through gym_text_number, as printf would follow the locale. */
#include "core/text.h"
#include "core/units.h"

#include <gym/space.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { max_cells = 8 };

int
gym_fail_memory (gym_error *err)
{
  return gym_fail (err, GYM_ENOMEM, "memory ran out");
}

/* Makes room for n more bytes and the final NUL. */
static bool
reserve (struct gym_text *text, size_t n)
{
  size_t need = text->length + n + 1;
  if (text->failed || need <= text->room)
    return !text->failed;
  size_t room = need < 64 ? 64 : need + need / 2;
  char *bytes = realloc (text->bytes, room);
  if (!bytes) {
    text->failed = true;
    return false;
  }
  text->bytes = bytes;
  text->room = room;
  return true;
}

void
gym_text_add (struct gym_text *text, const char *bytes, size_t n)
{
  if (!reserve (text, n))
    return;
  memcpy (text->bytes + text->length, bytes, n);
  text->length += n;
  text->bytes[text->length] = '\0';
}

void
gym_text_puts (struct gym_text *text, const char *string)
{
  gym_text_add (text, string, strlen (string));
}

void
gym_text_printf (struct gym_text *text, const char *format, ...)
{
  va_list args, again;
  va_start (args, format);
  va_copy (again, args);
  int n = vsnprintf (NULL, 0, format, args);
  va_end (args);
  if (n < 0)
    text->failed = true;
  else if (reserve (text, (size_t)n)) {
    vsnprintf (text->bytes + text->length, (size_t)n + 1, format, again);
    text->length += (size_t)n;
  }
  va_end (again);
}

void
gym_text_number (struct gym_text *text, double value)
{
  char digits[GYM_NUMBER_TEXT];
  int n = gym_number_format (value, digits, sizeof digits);
  gym_text_add (text, digits, (size_t)n);
}

static void
json_char (struct gym_text *text, char c)
{
  switch (c) {
  case '"':
    gym_text_add (text, "\\\"", 2);
    break;
  case '\\':
    gym_text_add (text, "\\\\", 2);
    break;
  case '\n':
    gym_text_add (text, "\\n", 2);
    break;
  default:
    if ((unsigned char)c < 0x20)
      gym_text_printf (text, "\\u%04x", (unsigned)c);
    else
      gym_text_add (text, &c, 1);
  }
}

/* Strings are the caller's and may hold anything: what JSON reserves is escaped. */
void
gym_text_json (struct gym_text *text, const char *string)
{
  if (!string) {
    gym_text_add (text, "null", 4);
    return;
  }
  gym_text_add (text, "\"", 1);
  for (; *string; string++)
    json_char (text, *string);
  gym_text_add (text, "\"", 1);
}

/* A text that ran out of memory on the way is reported once, here, so that the calls
 * before need no checks. */
char *
gym_text_take (struct gym_text *text, gym_error *err)
{
  if (!text->bytes)
    gym_text_add (text, "", 0);
  char *bytes = text->bytes;
  if (text->failed) {
    free (bytes);
    bytes = NULL;
    gym_fail_memory (err);
  }
  *text = (struct gym_text){ 0 };
  return bytes;
}

/* Columns a terminal needs: UTF-8 continuation bytes take none. */
static size_t
cell_width (const char *cell, size_t n)
{
  size_t width = 0;
  for (size_t i = 0; i < n; i++)
    width += ((unsigned char)cell[i] & 0xC0) != 0x80;
  return width;
}

size_t
gym_text_width (const char *string)
{
  return cell_width (string, strlen (string));
}

/* Calls for every cell of a tab-separated text: measures into `width` when `out` is NULL,
 * else writes the cell padded to it. */
static void
walk_cells (const char *from, size_t width[max_cells], struct gym_text *out)
{
  for (size_t column = 0; *from; column = from[-1] == '\n' ? 0 : column + 1) {
    size_t n = strcspn (from, "\t\n"), wide = cell_width (from, n);
    bool last = from[n] != '\t';
    size_t *known = &width[column < max_cells ? column : max_cells - 1];
    if (!out && !last && wide > *known)
      *known = wide;
    if (out) {
      gym_text_add (out, from, n);
      gym_text_printf (out, "%*s", last ? 0 : (int)(*known + 2 - wide), "");
      while (last && out->length > 0 && out->bytes[out->length - 1] == ' ')
        out->length--;
      if (last)
        gym_text_add (out, "\n", 1);
    }
    from += n + (from[n] != '\0');
    if (!from[-1])
      return;
  }
}

/* How much of a cell goes on a line of `width` bytes: up to the last blank that fits, or
 * the first one at all. */
static size_t
line_of (const char *cell, size_t n, size_t width)
{
  size_t at = width;
  if (n <= width)
    return n;
  while (at > 0 && cell[at] != ' ')
    at--;
  for (at = at > 0 ? at : width; at < n && cell[at] != ' ';)
    at++;
  return at;
}

/* A line of the table as the lines of a screen: what does not fit in a cell goes on below
 * it. */
static void
wrap_line (struct gym_text *out, const char *line, size_t n)
{
  struct {
    const char *at;
    size_t n;
  } cells[max_cells] = { { line, 0 } };
  size_t count = 1, left;
  for (size_t i = 0; i < n; i++)
    if (line[i] == '\t' && count < max_cells)
      cells[count++].at = line + i + 1;
    else
      cells[count - 1].n++;
  do {
    left = 0;
    for (size_t c = 0; c < count; c++) {
      size_t part = line_of (cells[c].at, cells[c].n, c + 1 < count ? 44 : 72);
      gym_text_add (out, cells[c].at, part);
      part += part < cells[c].n;
      cells[c].at += part;
      cells[c].n -= part;
      left += cells[c].n;
      gym_text_add (out, c + 1 < count ? "\t" : "\n", 1);
    }
  } while (left > 0);
}

static char *
wrap (const char *raw, gym_error *err)
{
  struct gym_text out = { 0 };
  gym_text_puts (&out, "");
  while (*raw) {
    size_t n = strcspn (raw, "\n");
    wrap_line (&out, raw, n);
    raw += n + (raw[n] == '\n');
  }
  return gym_text_take (&out, err);
}

char *
gym_text_take_table (struct gym_text *text, gym_error *err)
{
  size_t width[max_cells] = { 0 };
  struct gym_text lined = { 0 };
  char *given = gym_text_take (text, err), *raw = given ? wrap (given, err) : NULL;
  free (given);
  if (!raw)
    return NULL;
  walk_cells (raw, width, NULL);
  walk_cells (raw, width, &lined);
  free (raw);
  return gym_text_take (&lined, err);
}

/* Length of the UTF-8 sequence at s, 0 when it is malformed: no overlong forms, no
 * surrogates, nothing above U+10FFFF (RFC 3629). */
static size_t
utf8_length (const unsigned char *s)
{
  if (s[0] < 0x80)
    return 1;
  size_t n = s[0] >= 0xF0 ? 4 : s[0] >= 0xE0 ? 3 : 2;
  if (s[0] < 0xC2 || s[0] > 0xF4)
    return 0;
  for (size_t i = 1; i < n; i++)
    if ((s[i] & 0xC0) != 0x80)
      return 0;
  if ((s[0] == 0xE0 && s[1] < 0xA0) || (s[0] == 0xED && s[1] > 0x9F)
      || (s[0] == 0xF0 && s[1] < 0x90) || (s[0] == 0xF4 && s[1] > 0x8F))
    return 0;
  return n;
}

bool
gym_text_is_utf8 (const char *string)
{
  const unsigned char *s = (const unsigned char *)string;
  for (size_t n; *s; s += n)
    if ((n = utf8_length (s)) == 0)
      return false;
  return true;
}

bool
gym_text_is_clean (const char *string)
{
  for (const char *s = string; *s; s++)
    if ((unsigned char)*s < 0x20 || *s == 0x7F)
      return false;
  return gym_text_is_utf8 (string);
}

const char *
gym_name_list (char *list, size_t size, const char *const *names, unsigned n)
{
  size_t used = 0;
  list[0] = '\0';
  for (unsigned i = 0; i < n; i++) {
    size_t need = strlen (names[i]) + 2;
    if (used + need + 5 > size) {
      snprintf (list + used, size - used, "%s...", i ? ", " : "");
      break;
    }
    snprintf (list + used, size - used, "%s%s", i ? ", " : "", names[i]);
    used += need - (i == 0 ? 2 : 0);
  }
  return list;
}

/* The suggestion stands before the list, which may be cut. */
int
gym_fail_unknown (gym_error *err, int code, const char *what, const char *word,
                  const char *const *names, unsigned n)
{
  char list[600];
  const char *near = gym_nearest (word, names, n);
  if (n == 0)
    return gym_fail (err, code, "unknown %s \"%s\": there is none", what, word);
  gym_name_list (list, sizeof list, names, n);
  if (!near)
    return gym_fail (err, code, "unknown %s \"%s\"; valid: %s", what, word, list);
  return gym_fail (err, code, "unknown %s \"%s\"; did you mean \"%s\"? Valid: %s", what,
                   word, near, list);
}

void
gym_log_line (void (*log) (void *context, const char *line), void *context,
              const char *format, va_list args)
{
  char line[1024];
  if (!log)
    return;
  vsnprintf (line, sizeof line, format, args);
  log (context, line);
}
