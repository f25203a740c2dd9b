/* core/npz.c - .npz files: see npz.h.
 *
 * The ZIP records are those of PKWARE's APPNOTE 6.3.10, sections 4.3 and 4.5.3, with the
 * date that NumPy writes itself (1980-01-01), so that equal arrays give equal files. */
#include <config.h>

#include "core/npz.h"

#include "core/memory.h"
#include "core/text.h"

#include <gym/space.h>

#include <errno.h>
#include <unistd.h>
#include <zlib.h>

enum { BUFFER = 1 << 16, LOCAL = 30, EXTRA = 20, DATE = 0x21 };

struct array {
  char *name;   /* "energy.npy" */
  char *header; /* of the .npy file */
  size_t n_header;
  uint64_t place; /* of the local header in the file */
  uint64_t size;  /* of the .npy file */
  uint64_t done;  /* bytes of it written or in the buffer, header included */
  uint32_t crc;
  size_t width; /* of a text */
  char *buffer;
  size_t n;
};

struct npz {
  int file;
  struct array *arrays;
  size_t n, room;
  uint64_t end, limit;
};

struct npz *
gym_npz_new (int fd)
{
  struct npz *npz = calloc (1, sizeof *npz);
  if (npz) {
    npz->file = fd;
    npz->limit = UINT32_MAX;
  }
  return npz;
}

void
gym_npz_destroy (struct npz **handle)
{
  struct npz *npz = handle ? *handle : NULL;
  if (!npz)
    return;
  for (size_t i = 0; i < npz->n; i++) {
    gym_free (npz->arrays[i].name);
    gym_free (npz->arrays[i].header);
    free (npz->arrays[i].buffer);
  }
  free (npz->arrays);
  free (npz);
  *handle = NULL;
}

void
gym_npz_set_limit (struct npz *npz, uint64_t limit)
{
  npz->limit = limit;
}

/* ---- arrays ---- */

static const struct {
  const char *name;
  size_t size;
} types[] = {
  [NPZ_F8] = { "f8", 8 }, [NPZ_I4] = { "i4", 4 },   [NPZ_I8] = { "i8", 8 },
  [NPZ_U8] = { "u8", 8 }, [NPZ_BOOL] = { "b1", 1 }, [NPZ_TEXT] = { "U", 4 },
};

/* The dictionary as Python writes it, filled up so that the data begin at a multiple of
 * 64 bytes. */
static char *
make_header (enum npz_type type, size_t width, int dimensions, size_t rows,
             size_t columns, size_t *n)
{
  const uint16_t one = 1;
  char order = *(const char *)&one ? '<' : '>';
  struct gym_text text = { .bytes = NULL };
  gym_text_add (&text, "\x93NUMPY\x01\x00??", 10);
  gym_text_printf (&text, "{'descr': '%c%s", order, types[type].name);
  if (type == NPZ_TEXT)
    gym_text_printf (&text, "%zu", width);
  gym_text_puts (&text, "', 'fortran_order': False, 'shape': (");
  if (dimensions > 0)
    gym_text_printf (&text, dimensions > 1 ? "%zu, %zu" : "%zu,", rows, columns);
  gym_text_puts (&text, "), }");
  while ((text.length + 1) % 64 && !text.failed)
    gym_text_add (&text, " ", 1);
  gym_text_add (&text, "\n", 1);
  *n = text.length;
  char *bytes = gym_text_take (&text, NULL);
  if (bytes) {
    bytes[8] = (char)((*n - 10) & 0xff);
    bytes[9] = (char)((*n - 10) >> 8);
  }
  return bytes;
}

int
gym_npz_array (struct npz *npz, const char *name, enum npz_type type, size_t width,
               int dimensions, size_t rows, size_t columns)
{
  if (gym_grow (&npz->arrays, npz->n, &npz->room, sizeof *npz->arrays) < 0)
    return GYM_ENOMEM;
  struct array *a = &npz->arrays[npz->n++];
  struct gym_text text = { .bytes = NULL };
  size_t items = dimensions == 0 ? 1 : dimensions == 1 ? rows : rows * columns;
  width = width ? width : 1; /* NumPy has no text of no width in files */
  gym_text_puts (&text, name);
  gym_text_puts (&text, ".npy");
  *a = (struct array){ .width = width, .place = npz->end };
  a->name = gym_text_take (&text, NULL);
  a->header = make_header (type, width, dimensions, rows, columns, &a->n_header);
  a->buffer = malloc (BUFFER);
  if (!a->name || !a->header || !a->buffer)
    return GYM_ENOMEM;
  a->size =
      a->n_header + (uint64_t)items * types[type].size * (type == NPZ_TEXT ? width : 1);
  a->crc = (uint32_t)crc32_z (0, (const Bytef *)a->header, a->n_header);
  a->done = a->n_header;
  npz->end += LOCAL + strlen (a->name) + EXTRA + a->size;
  return (int)npz->n - 1;
}

/* ---- writing ---- */

static int
write_at (const struct npz *npz, const char *bytes, size_t n, uint64_t at)
{
  while (n > 0) {
    ssize_t written = pwrite (npz->file, bytes, n, (off_t)at);
    if (written < 0 && errno == EINTR)
      continue;
    if (written < 0)
      return GYM_EIO;
    bytes += written;
    n -= (size_t)written;
    at += (uint64_t)written;
  }
  return GYM_OK;
}

static int
flush (const struct npz *npz, struct array *a)
{
  uint64_t data = a->place + LOCAL + strlen (a->name) + EXTRA;
  int code = write_at (npz, a->buffer, a->n, data + a->done - a->n);
  a->crc = (uint32_t)crc32_z (a->crc, (const Bytef *)a->buffer, a->n);
  a->n = 0;
  return code;
}

int
gym_npz_add (struct npz *npz, int array, const void *bytes, size_t n)
{
  struct array *a = &npz->arrays[array];
  const char *from = bytes;
  int code = GYM_OK;
  while (code == GYM_OK && n > 0) {
    size_t part = n < BUFFER - a->n ? n : BUFFER - a->n;
    memcpy (a->buffer + a->n, from, part);
    a->n += part;
    a->done += part;
    from += part;
    n -= part;
    if (a->n == BUFFER)
      code = flush (npz, a);
  }
  return code;
}

/* The next character of valid UTF-8, which moves on. */
static uint32_t
decode (const char **text)
{
  const unsigned char *c = (const unsigned char *)*text;
  int more = *c >= 0xf0 ? 3 : *c >= 0xe0 ? 2 : *c >= 0xc0 ? 1 : 0;
  uint32_t code = *c & (more == 3 ? 0x07 : more == 2 ? 0x0f : more == 1 ? 0x1f : 0x7f);
  c++;
  while (more-- > 0 && *c)
    code = code << 6 | (*c++ & 0x3f);
  *text = (const char *)c;
  return code;
}

int
gym_npz_add_text (struct npz *npz, int array, const char *text)
{
  size_t width = npz->arrays[array].width;
  int code = GYM_OK;
  for (size_t i = 0; code == GYM_OK && i < width; i++) {
    uint32_t character = *text ? decode (&text) : 0;
    code = gym_npz_add (npz, array, &character, sizeof character);
  }
  return code;
}

/* ---- the ZIP around them ---- */

/* Numbers of a record, least byte first. */
static void
add (struct gym_text *text, uint64_t value, int bytes)
{
  for (int i = 0; i < bytes; i++) {
    char byte = (char)(value >> 8 * i);
    gym_text_add (text, &byte, 1);
  }
}

/* What a 32-bit field holds when the value is in the ZIP64 field instead. */
static uint64_t
narrow (const struct npz *npz, uint64_t value)
{
  return value >= npz->limit ? UINT32_MAX : value;
}

/* Version, flags (the name is UTF-8), method, time, date, digest. */
static void
add_about (struct gym_text *text, const struct array *a)
{
  add (text, 45, 2);
  add (text, 0x800, 2);
  add (text, 0, 2);
  add (text, 0, 2);
  add (text, DATE, 2);
  add (text, a->crc, 4);
}

/* Sizes are always in the ZIP64 field, as NumPy does it: how long the header is must not
 * depend on them. */
static int
write_local (const struct npz *npz, const struct array *a)
{
  struct gym_text text = { .bytes = NULL };
  add (&text, 0x04034b50, 4);
  add_about (&text, a);
  add (&text, UINT32_MAX, 4);
  add (&text, UINT32_MAX, 4);
  add (&text, strlen (a->name), 2);
  add (&text, EXTRA, 2);
  gym_text_puts (&text, a->name);
  add (&text, 1, 2);
  add (&text, 16, 2);
  add (&text, a->size, 8);
  add (&text, a->size, 8);
  gym_text_add (&text, a->header, a->n_header);
  int code = text.failed ? GYM_ENOMEM : write_at (npz, text.bytes, text.length, a->place);
  gym_free (text.bytes);
  return code;
}

static void
add_central (const struct npz *npz, struct gym_text *text, const struct array *a)
{
  bool large = a->size >= npz->limit, far = a->place >= npz->limit;
  add (text, 0x02014b50, 4);
  add (text, 3 << 8 | 45, 2); /* made on Unix */
  add_about (text, a);
  add (text, narrow (npz, a->size), 4);
  add (text, narrow (npz, a->size), 4);
  add (text, strlen (a->name), 2);
  add (text, large || far ? 4u + 16u * large + 8u * far : 0, 2);
  add (text, 0, 2);
  add (text, 0, 2);
  add (text, 0, 2);
  add (text, 0600u << 16, 4);
  add (text, narrow (npz, a->place), 4);
  gym_text_puts (text, a->name);
  if (large || far) {
    add (text, 1, 2);
    add (text, 16u * large + 8u * far, 2);
    add (text, a->size, large ? 8 : 0);
    add (text, a->size, large ? 8 : 0);
    add (text, a->place, far ? 8 : 0);
  }
}

static void
add_end64 (const struct npz *npz, struct gym_text *text, uint64_t size)
{
  add (text, 0x06064b50, 4);
  add (text, 44, 8);
  add (text, 3 << 8 | 45, 2);
  add (text, 45, 2);
  add (text, 0, 8); /* this disk, and that of the directory */
  add (text, npz->n, 8);
  add (text, npz->n, 8);
  add (text, size, 8);
  add (text, npz->end, 8);
  add (text, 0x07064b50, 4);
  add (text, 0, 4);
  add (text, npz->end + size, 8);
  add (text, 1, 4);
}

static int
write_directory (const struct npz *npz)
{
  struct gym_text text = { .bytes = NULL };
  for (size_t i = 0; i < npz->n; i++)
    add_central (npz, &text, &npz->arrays[i]);
  uint64_t size = text.length;
  if (npz->end >= npz->limit || npz->n >= UINT16_MAX)
    add_end64 (npz, &text, size);
  add (&text, 0x06054b50, 4);
  add (&text, 0, 4);
  add (&text, npz->n < UINT16_MAX ? npz->n : UINT16_MAX, 2);
  add (&text, npz->n < UINT16_MAX ? npz->n : UINT16_MAX, 2);
  add (&text, narrow (npz, size), 4);
  add (&text, narrow (npz, npz->end), 4);
  add (&text, 0, 2);
  int code = text.failed ? GYM_ENOMEM : write_at (npz, text.bytes, text.length, npz->end);
  gym_free (text.bytes);
  return code;
}

int
gym_npz_end (struct npz *npz)
{
  int code = GYM_OK;
  for (size_t i = 0; code == GYM_OK && i < npz->n; i++) {
    struct array *a = &npz->arrays[i];
    code = a->done == a->size ? flush (npz, a) : GYM_ESTATE;
    if (code == GYM_OK)
      code = write_local (npz, a);
  }
  return code == GYM_OK ? write_directory (npz) : code;
}
