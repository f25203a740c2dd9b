/* text.c - small images as text that an eye can check: see reader.h. */
#include "sims/nn/reader.h"

#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX = 1 << 26, VALUES = 36 };

static const char digits[VALUES + 1] = "0123456789abcdefghijklmnopqrstuvwxyz";

/* The line being read, and where in it. */
struct cursor {
  const char *name;
  const char *next, *end; /* of the text behind this line */
  const char *start, *at, *stop;
  size_t line; /* from 1 on */
  uint32_t crc;
  struct nn_error *err;
};

/* The next line that is no comment; false behind the last. */
static bool
next_line (struct cursor *c)
{
  do {
    if (c->next == c->end)
      return false;
    c->start = c->at = c->next;
    c->stop = memchr (c->at, '\n', (size_t)(c->end - c->at));
    c->next = c->stop ? c->stop + 1 : c->end;
    c->stop = c->stop ? c->stop : c->end;
    c->line++;
  } while (c->at < c->stop && *c->at == '#');
  return true;
}

/* The digit of `most` ends the sentence, unless there is none. */
static int
unexpected (const struct cursor *c, const char *expected, uint32_t most)
{
  size_t column = (size_t)(c->at - c->start) + 1;
  int digit = most < VALUES;
  const char *last = digits + (digit ? most : 0);
  if (c->at == c->stop)
    return nn_fail (c->err, NN_INVALID, "%s:%zu: ends after column %zu, expected %s%.*s",
                    c->name, c->line, column - 1, expected, digit, last);
  return nn_fail (c->err, NN_INVALID, "%s:%zu: column %zu: byte 0x%02x, expected %s%.*s",
                  c->name, c->line, column, (unsigned)(uint8_t)*c->at, expected, digit,
                  last);
}

static bool
take_word (struct cursor *c, const char *word)
{
  size_t n = strlen (word);
  if ((size_t)(c->stop - c->at) < n || memcmp (c->at, word, n) != 0)
    return false;
  c->at += n;
  return true;
}

/* The value of the next character; false when that is not below `limit`. */
static bool
take_digit (struct cursor *c, uint32_t limit, uint8_t *value)
{
  const char *found = c->at < c->stop ? memchr (digits, *c->at, limit) : NULL;
  if (!found)
    return false;
  *value = (uint8_t)(found - digits);
  c->at++;
  return true;
}

static bool
take_number (struct cursor *c, uint32_t base, uint32_t low, uint32_t high, uint32_t *n)
{
  uint64_t value = 0;
  uint8_t digit;
  const char *first = c->at;
  while (value <= high && take_digit (c, base, &digit))
    value = value * base + digit;
  *n = (uint32_t)value;
  return c->at > first && value >= low && value <= high;
}

static int
take_header (struct cursor *c, struct nn_images *images)
{
  struct nn_shape *shape = &images->shape;
  uint32_t levels;
  shape->channels = 1;
  if (!next_line (c))
    return nn_fail (c->err, NN_INVALID, "%s: is empty", c->name);
  if (take_word (c, "images ") && take_number (c, 10, 1, NN_IMAGES_COUNT_MAX, &images->n)
      && take_word (c, " ") && take_number (c, 10, 1, NN_IMAGES_SIDE_MAX, &shape->height)
      && take_word (c, "x") && take_number (c, 10, 1, NN_IMAGES_SIDE_MAX, &shape->width)
      && take_word (c, " levels ") && take_number (c, 10, 2, VALUES, &levels)
      && take_word (c, " classes ") && take_number (c, 10, 1, VALUES, &images->classes)
      && take_word (c, " crc32 ") && take_number (c, 16, 0, UINT32_MAX, &c->crc)
      && c->at == c->stop) {
    images->most = levels - 1;
    return NN_OK;
  }
  return nn_fail (c->err, NN_INVALID,
                  "%s:%zu: column %zu: expected \"images COUNT HEIGHTxWIDTH levels 2..%d "
                  "classes 1..%d crc32 HEX\"",
                  c->name, c->line, (size_t)(c->at - c->start) + 1, VALUES, VALUES);
}

/* A label, then a blank and pixels for each row. */
static int
take_image (struct cursor *c, const struct nn_images *images, uint8_t *pixels,
            uint8_t *label)
{
  uint32_t levels = images->most + 1, width = images->shape.width;
  if (!take_digit (c, images->classes, label))
    return unexpected (c, "a label of 0 to ", images->classes - 1);
  for (uint32_t y = 0; y < images->shape.height; y++) {
    if (!take_word (c, " "))
      return unexpected (c, "a blank between rows", VALUES);
    for (uint32_t x = 0; x < width; x++)
      if (!take_digit (c, levels, &pixels[y * width + x]))
        return unexpected (c, "a pixel of 0 to ", images->most);
  }
  return c->at == c->stop ? NN_OK : unexpected (c, "the end of the line", VALUES);
}

static int
take_images (struct cursor *c, struct nn_images *images)
{
  size_t size = nn_images_size (images);
  int status = NN_OK;
  for (uint32_t i = 0; i < images->n && status == NN_OK; i++) {
    if (!next_line (c))
      return nn_fail (c->err, NN_INVALID, "%s: announces %u images, but ends after %u",
                      c->name, (unsigned)images->n, (unsigned)i);
    status = take_image (c, images, images->pixels + i * size, images->labels + i);
  }
  if (status == NN_OK && next_line (c))
    status = nn_fail (c->err, NN_INVALID, "%s:%zu: announces %u images, but goes on",
                      c->name, c->line, (unsigned)images->n);
  return status;
}

/* A flipped pixel would be as good a pixel. */
static int
check_sum (const struct cursor *c, const struct nn_images *images)
{
  size_t size = images->n * nn_images_size (images);
  uLong crc = crc32 (crc32 (0, NULL, 0), images->pixels, (uInt)size);
  crc = crc32 (crc, images->labels, images->n);
  if (crc == c->crc)
    return NN_OK;
  return nn_fail (c->err, NN_INVALID,
                  "%s: the checksum of its images is %08x, but it says %08x: damaged",
                  c->name, (unsigned)crc, (unsigned)c->crc);
}

/* Every pixel is a byte of text, so a text that is too short for what it announces is
 * known before memory is asked for. */
static int
take_all (struct cursor *c, struct nn_images *images)
{
  size_t size = nn_images_size (images);
  int status;
  if ((size_t)(c->end - c->next) / size < images->n)
    return nn_fail (c->err, NN_INVALID, "%s: announces %u images, but is too short",
                    c->name, (unsigned)images->n);
  images->pixels = malloc (images->n * size);
  images->labels = malloc (images->n);
  if (!images->pixels || !images->labels)
    return nn_no_memory (c->err);
  status = take_images (c, images);
  return status == NN_OK ? check_sum (c, images) : status;
}

int
nn_text_parse (struct nn_images *images, const char *name, const char *text, size_t size,
               struct nn_error *err)
{
  struct cursor c = { .name = name, .next = text, .end = text + size, .err = err };
  *images = (struct nn_images){ 0 };
  int status = take_header (&c, images);
  if (status == NN_OK)
    status = take_all (&c, images);
  if (status != NN_OK)
    nn_images_free (images);
  return status;
}

int
nn_text_read (struct nn_images *images, const char *path, struct nn_error *err)
{
  struct nn_reader r;
  uint8_t *text = NULL;
  size_t size;
  int status = nn_reader_open (&r, path, err);
  *images = (struct nn_images){ 0 };
  if (status == NN_OK)
    status = nn_reader_take_block (&r, TEXT_MAX, &text, &size);
  nn_reader_close (&r);
  if (status == NN_OK && size == TEXT_MAX)
    status = nn_fail (err, NN_INVALID, "%s: longer than %d bytes", r.name, TEXT_MAX);
  if (status == NN_OK)
    status = nn_text_parse (images, r.name, (char *)text, size, err);
  free (text);
  return status;
}
